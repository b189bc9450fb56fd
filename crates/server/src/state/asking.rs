//! Clients that ask for authorizations, with all that was registered. They are decided on as they are now: what was read
//! before counts only where the storage says that nothing has changed since.

use std::sync::Arc;

use writ_core::authenticate::ClientFacts;
use writ_core::client::{ClientName, RegisteredClient, SecretKept};
use writ_core::tenant::Tenant;
use writ_store::ClientVersions;

use crate::state::app::App;
use crate::state::fault::Fault;

/// A client that asks for an authorization.
pub struct RequestingClient {
    /// With all that was registered; of its secrets it has those that verify what it signs.
    pub registered: RegisteredClient,
    /// What is decided on.
    pub facts: ClientFacts,
}

impl RequestingClient {
    fn versions(&self) -> ClientVersions {
        ClientVersions {
            client: self.facts.client.id,
            version: self.facts.client.version,
            tenant_version: self.facts.tenant.version,
        }
    }

    /// Not with secrets: those are read afresh by whoever needs them.
    fn can_be_kept(&self) -> bool {
        self.facts.client.auth_method.secret() != SecretKept::Sealed
    }
}

impl App {
    /// The client that a public id names, in whatever tenant, of which `tenant` may be the one.
    pub(crate) async fn asking_client(
        &self,
        client_id: &str,
        tenant: &Arc<Tenant>,
    ) -> Result<Option<Arc<RequestingClient>>, Fault> {
        let name = ClientName::within(client_id, tenant.id);
        let key = name.key();
        if let Some(known) = self.asking.get(&*key) {
            if self.store.client_versions(name).await? == Some(known.versions()) {
                return Ok(Some(known));
            }
            self.asking.invalidate(&*key);
        }
        let Some((registered, of)) = self.store.asking_client(name, tenant).await? else {
            return Ok(None);
        };
        let facts = self.facts_of(&registered, of);
        let read = Arc::new(RequestingClient { registered, facts });
        if read.can_be_kept() {
            self.asking.insert((&*key).into(), Arc::clone(&read));
        }
        Ok(Some(read))
    }

    /// A client and its tenant, as it is decided on.
    pub(crate) fn facts_of(&self, found: &RegisteredClient, tenant: Arc<Tenant>) -> ClientFacts {
        ClientFacts {
            issuer: self.issuer(&tenant),
            tenant,
            permissions: found.client.own_permissions(),
            client: Arc::new(found.client.clone()),
        }
    }
}

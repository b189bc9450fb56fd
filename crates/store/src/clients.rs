//! Reads of clients with all that was registered, and of the registry of scopes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use writ_core::authority::{Permission, Permissions};
use writ_core::client::{
    ClientJwks, ClientName, ClientSecret, Metadata, RegisteredClient, SecretKept, WebOrigin, WebUri,
};
use writ_core::ids::{ClientId, ScopeId, SecretId, TenantId};
use writ_core::manage::scopes::ScopeUses;
use writ_core::scope::Scope;
use writ_core::scope_registry::{RegisteredScope, built_in, built_in_by_id};
use writ_core::tenant::Tenant;
use writ_core::time::Micros;

use crate::error::ReadError;
use crate::manage::After;
use crate::people::pattern;
use crate::reads;
use crate::statements as sql;
use crate::store::Store;
use crate::value::Value;
use crate::writes::between_spaces;

/// A secret of a client as its owner sees it.
#[derive(Debug, Clone)]
pub struct ShownSecret {
    /// The secret.
    pub secret: ClientSecret,
    /// When it was last used, to some seconds.
    pub last_used_at: Option<Micros>,
}

/// A client, and how often it and its tenant were changed: whoever has read it needs no more, where these are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientVersions {
    /// Row id.
    pub client: ClientId,
    /// Of the client's row and of what was registered.
    pub version: i64,
    /// Of its tenant's row.
    pub tenant_version: i64,
}

/// The public keys of a client.
#[derive(Debug, Clone, Default)]
pub struct ClientKeys {
    /// As they were sent.
    pub jwks: Option<ClientJwks>,
    /// Or where they are.
    pub jwks_uri: Option<WebUri>,
}

/// What a client is found by.
pub(crate) fn named(name: ClientName<'_>) -> [Value; 2] {
    [Value::Owned(name.id().into()), name.taken_by().into()]
}

impl Store {
    /// A client of a tenant, with all that was registered and its secrets.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn registered_client(
        &self,
        id: ClientId,
        tenant: TenantId,
    ) -> Result<Option<RegisteredClient>, ReadError> {
        let values = [id.into(), tenant.into()];
        match self.read_one(&sql::REGISTERED_BY_ID, &values, &mut reads::registered_client).await? {
            Some(found) => Ok(Some(self.with_secrets(found).await?)),
            None => Ok(None),
        }
    }

    /// A client by its public id, with all that was registered, its secrets and its tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn registered_by_client_id(
        &self,
        name: impl Into<ClientName<'_>>,
    ) -> Result<Option<(RegisteredClient, Tenant)>, ReadError> {
        let values = named(name.into());
        let found = self
            .read_one(&sql::REGISTERED_BY_CLIENT_ID, &values, &mut |row| {
                Ok((reads::registered_client(row)?, reads::tenant(row)?))
            })
            .await?;
        match found {
            Some((found, tenant)) => Ok(Some((self.with_secrets(found).await?, tenant))),
            None => Ok(None),
        }
    }

    /// Which client a public id names, and how often it and its tenant were changed.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_versions(
        &self,
        name: impl Into<ClientName<'_>>,
    ) -> Result<Option<ClientVersions>, ReadError> {
        let values = named(name.into());
        self.read_one(&sql::CLIENT_VERSIONS, &values, &mut |row| {
            Ok(ClientVersions {
                client: ClientId::from_bytes(row.id()?),
                version: row.int()?,
                tenant_version: row.int()?,
            })
        })
        .await
    }

    /// A client that asks for an authorization, and its tenant, of which `known` has some version. Its secrets are read
    /// only where they are kept to verify what it signs: nothing else of a request is proved with them.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn asking_client(
        &self,
        name: impl Into<ClientName<'_>>,
        known: &Arc<Tenant>,
    ) -> Result<Option<(RegisteredClient, Arc<Tenant>)>, ReadError> {
        let values = named(name.into());
        let found = self
            .read_one(&sql::REGISTERED_BY_CLIENT_ID, &values, &mut |row| {
                Ok((reads::registered_client(row)?, reads::tenant_since(row, Some(known))?))
            })
            .await?;
        let Some((found, tenant)) = found else { return Ok(None) };
        let signs = found.client.auth_method.secret() == SecretKept::Sealed;
        Ok(Some((if signs { self.with_secrets(found).await? } else { found }, tenant)))
    }

    /// Read after the client's row, the secrets are as new or newer than its version; where they are newer,
    /// the guard of what is decided on them fails.
    async fn with_secrets(&self, mut found: RegisteredClient) -> Result<RegisteredClient, ReadError> {
        let id = found.client.id;
        found.client.secrets =
            self.read(&sql::CLIENT_SECRETS, &[id.into()], &mut reads::client_secret).await?;
        Ok(found)
    }

    /// A page of a tenant's clients, newest first, and how many there are in all: that is counted as they come
    /// and go.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn clients_page(
        &self,
        tenant: TenantId,
        after: After,
        most: i64,
    ) -> Result<(Vec<RegisteredClient>, i64), ReadError> {
        let values = [tenant.into(), after.at.into(), Value::Id(after.id), most.into()];
        let mut page = self.read(&sql::CLIENTS_PAGE, &values, &mut reads::registered_client).await?;
        self.add_secrets(tenant, &mut page).await?;
        Ok((page, self.count(&sql::CLIENTS_COUNT, &[tenant.into()]).await?))
    }

    /// A page of those of a tenant's clients in whose name or public id there is `text`, whatever the case, newest first.
    /// It looks at all of the tenant's clients: for administrators. How many there are is not counted.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn clients_search(
        &self,
        (tenant, text): (TenantId, &str),
        after: After,
        most: i64,
    ) -> Result<Vec<RegisteredClient>, ReadError> {
        let (folded, written) = (pattern(&text.to_lowercase()), pattern(text));
        let (folded, written) = (Value::Owned(folded.into()), Value::Owned(written.into()));
        let values = [tenant.into(), after.at.into(), Value::Id(after.id), folded, written, most.into()];
        let found = self.read(&sql::CLIENTS_SEARCH, &values, &mut reads::registered_client).await?;
        let mut page = Vec::with_capacity(found.len());
        for found in found {
            page.push(self.with_secrets(found).await?);
        }
        Ok(page)
    }

    /// All secrets of a page without a gap, in one read.
    async fn add_secrets(&self, tenant: TenantId, page: &mut [RegisteredClient]) -> Result<(), ReadError> {
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(()) };
        let place = |found: &RegisteredClient| -> [Value; 2] {
            [found.registration.created_at.into(), found.client.id.into()]
        };
        let [first_at, first_id] = place(first);
        let [last_at, last_id] = place(last);
        let values = [tenant.into(), first_at, first_id, last_at, last_id];
        let read = self
            .read(&sql::CLIENTS_PAGE_SECRETS, &values, &mut |row| {
                let secret = reads::client_secret(row)?;
                Ok((ClientId::from_bytes(row.id()?), secret))
            })
            .await?;
        let mut secrets: HashMap<ClientId, Vec<ClientSecret>> = HashMap::new();
        for (client, secret) in read {
            secrets.entry(client).or_default().push(secret);
        }
        for found in page {
            found.client.secrets = secrets.remove(&found.client.id).unwrap_or_default();
        }
        Ok(())
    }

    /// A page of the clients that were there at `since` and got no token from then on, newest first, and
    /// how many of them there are.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn clients_unused_page(
        &self,
        tenant: TenantId,
        since: Micros,
        (after, most): (After, i64),
    ) -> Result<(Vec<RegisteredClient>, i64), ReadError> {
        let values = [tenant.into(), after.at.into(), Value::Id(after.id), most.into(), since.into()];
        let found = self.read(&sql::CLIENTS_UNUSED_PAGE, &values, &mut reads::registered_client).await?;
        let mut page = Vec::with_capacity(found.len());
        for found in found {
            page.push(self.with_secrets(found).await?);
        }
        Ok((page, self.count(&sql::CLIENTS_UNUSED_COUNT, &[tenant.into(), since.into()]).await?))
    }

    /// The keys that were registered of a client, or where they are; none: the client is gone. Read after the client's
    /// row, they are as new or newer than its version; where they are newer, the guard of what is decided on them fails.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn client_keys(&self, client: ClientId) -> Result<Option<ClientKeys>, ReadError> {
        self.read_one(&sql::CLIENT_KEYS, &[client.into()], &mut |row| {
            let jwks = row.maybe_text()?.map(ClientJwks::from_stored);
            let metadata = row.maybe_text()?.map(Metadata::from_stored).unwrap_or_default();
            Ok(ClientKeys { jwks, jwks_uri: metadata.jwks_uri })
        })
        .await
    }

    /// The secrets of clients that sign with them, sealed.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sealed_secrets(&self) -> Result<Vec<(SecretId, Vec<u8>)>, ReadError> {
        self.read(&sql::SEALED_SECRETS, &[], &mut |row| {
            Ok((SecretId::from_bytes(row.id()?), row.bytes()?.to_vec()))
        })
        .await
    }

    /// The secrets of a client with their last use, oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn shown_secrets(&self, client: ClientId) -> Result<Vec<ShownSecret>, ReadError> {
        self.read(&sql::CLIENT_SECRETS_SHOWN, &[client.into()], &mut |row| {
            Ok(ShownSecret { secret: reads::client_secret(row)?, last_used_at: row.maybe_time()? })
        })
        .await
    }

    /// Whether any enabled client of a tenant may be called from an origin: what a preflight is answered from.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn origin_is_known(&self, tenant: TenantId, origin: &WebOrigin) -> Result<bool, ReadError> {
        let values = [tenant.into(), Value::Owned(origin.as_str().into())];
        Ok(self.read_one(&sql::ORIGIN_IN_TENANT, &values, &mut |row| row.int()).await?.is_some())
    }

    /// Whether a client may be called from an origin.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn origin_is_of(
        &self,
        client: ClientId,
        tenant: TenantId,
        origin: &WebOrigin,
    ) -> Result<bool, ReadError> {
        let values = [tenant.into(), Value::Owned(origin.as_str().into()), client.into()];
        Ok(self.read_one(&sql::ORIGIN_OF_CLIENT, &values, &mut |row| row.int()).await?.is_some())
    }

    /// A scope of a tenant; a built-in one is always there.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn scope(&self, id: ScopeId, tenant: TenantId) -> Result<Option<RegisteredScope>, ReadError> {
        let found = self.read_one(&sql::SCOPE_BY_ID, &[tenant.into(), id.into()], &mut reads::scope).await?;
        Ok(found.or_else(|| built_in_by_id(id).map(|known| known.of(tenant))))
    }

    /// A scope of a tenant by name; a built-in one is always there.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn scope_named(
        &self,
        name: &str,
        tenant: TenantId,
    ) -> Result<Option<RegisteredScope>, ReadError> {
        let values = [tenant.into(), Value::Owned(name.into())];
        let found = self.read_one(&sql::SCOPE_BY_NAME, &values, &mut reads::scope).await?;
        Ok(found.or_else(|| built_in(name).map(|known| known.of(tenant))))
    }

    /// Those of some scopes that a tenant knows, in their order: what a consent screen says of them.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn scopes_of(
        &self,
        scope: &Scope,
        tenant: TenantId,
    ) -> Result<Vec<RegisteredScope>, ReadError> {
        let mut known = Vec::new();
        for name in scope.iter() {
            known.extend(self.scope_named(name, tenant).await?);
        }
        Ok(known)
    }

    /// A page of the scopes that a tenant added, newest first, and how many there are in all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn scopes_page(
        &self,
        tenant: TenantId,
        after: After,
        most: i64,
    ) -> Result<(Vec<RegisteredScope>, i64), ReadError> {
        let values = [tenant.into(), after.at.into(), Value::Id(after.id), most.into()];
        let page = self.read(&sql::SCOPES_PAGE, &values, &mut reads::scope).await?;
        Ok((page, self.count(&sql::SCOPES_COUNT, &[tenant.into()]).await?))
    }

    /// The built-in scopes that a tenant put in other words.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn scopes_reworded(&self, tenant: TenantId) -> Result<Vec<RegisteredScope>, ReadError> {
        self.read(&sql::SCOPES_REWORDED, &[tenant.into()], &mut reads::scope).await
    }

    /// The names of all scopes that a tenant added.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn scope_names(&self, tenant: TenantId) -> Result<BTreeSet<Box<str>>, ReadError> {
        let names = self
            .read(&sql::SCOPE_NAMES, &[tenant.into()], &mut |row| Ok(Box::<str>::from(row.text()?)))
            .await?;
        Ok(names.into_iter().collect())
    }

    /// How far a scope is in use; beside first-party clients, these are trusted.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn scope_uses(
        &self,
        scope: &RegisteredScope,
        interaction_clients: &[Box<str>],
    ) -> Result<ScopeUses, ReadError> {
        let values = [scope.tenant.into(), scope.name.clone().into()];
        let clients = self.count(&sql::SCOPE_USES, &values).await?;
        let found = self
            .read(&sql::SCOPE_NEIGHBOURS, &values, &mut |row| Ok(Permission::by_name(row.text()?)))
            .await?;
        let listed = between_spaces(interaction_clients);
        let values = [scope.tenant.into(), scope.name.clone().into(), listed.into()];
        let trusted = self.count(&sql::SCOPE_TRUSTED, &values).await? > 0;
        let trust = trusted.then_some(Permission::ClientsTrust);
        Ok(ScopeUses {
            clients,
            authority: found.into_iter().flatten().chain(trust).collect::<Permissions>(),
        })
    }
}

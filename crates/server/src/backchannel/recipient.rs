//! Who is told, and how: the logout token, signed and encrypted as the client's ID tokens are, in a form.

use std::sync::Arc;
use std::time::Duration;

use writ_core::backchannel::{DeliveryProblem, TOKEN_LIFETIME, WaitingDelivery};
use writ_core::client::Recipient;
use writ_core::draft::Unsigned;
use writ_core::form::write_pair;
use writ_core::ids::{ClientId, TenantId};
use writ_core::subject::Sector;
use writ_jose::jwe::EncryptionKey;
use writ_jose::{Algorithm, SigningKey};

use super::shown;
use crate::call::fault::Fault;
use crate::outbound::{Ask, Bounds};
use crate::state::app::App;
use crate::state::keyring::WantedKey;

/// Looks at most for a key that was just made.
const LOOKS: u8 = 4;
/// What a call may cost.
const BOUNDS: Bounds = Bounds { time: Duration::from_secs(8), bytes: 4096 };

/// A client that wants to be told.
pub(super) struct LogoutRecipient {
    tenant: TenantId,
    issuer: Arc<str>,
    client_id: Arc<str>,
    sector: Option<Sector>,
    uri: String,
    signer: Arc<SigningKey>,
    encryption: Option<Box<Recipient>>,
}

impl LogoutRecipient {
    /// `None`: the client is gone, or wants to hear nothing.
    pub(super) async fn load(app: &App, client: ClientId, tenant: TenantId) -> Result<Option<Self>, Fault> {
        let Some(found) = app.store.registered_client(client, tenant).await? else { return Ok(None) };
        let Some(uri) = &found.registration.metadata.logout.backchannel else { return Ok(None) };
        let tokens = &found.client.tokens;
        let Some(tenant) = app.store.tenant_by_id(tenant).await? else { return Ok(None) };
        let algorithm = tokens.id_token_alg.unwrap_or_else(|| app.id_token_alg(&tenant));
        let signer = signer(app, tenant.id, algorithm).await?;
        Ok(Some(Self {
            tenant: tenant.id,
            issuer: app.issuer(&tenant),
            client_id: Arc::clone(&found.client.client_id),
            sector: found.client.tokens.sector.clone(),
            uri: uri.to_string(),
            signer,
            encryption: tokens.id_token_recipient.clone(),
        }))
    }

    /// Tells it (§2.5). That it answers with 200, or with 204, means that the person is signed out there.
    pub(super) async fn tell(&self, app: &App, waiting: &WaitingDelivery) -> Result<(), DeliveryProblem> {
        let claims = waiting.claims(
            (&self.issuer, &self.client_id),
            (self.sector.as_ref(), &app.hash_key),
            &app.moment(),
        );
        let encryption = match self.encryption.as_deref() {
            Some(recipient) => Some(self.key(app, recipient).await?),
            None => None,
        };
        let token = Unsigned::LogoutToken { payload: &claims }.seal(&self.signer, encryption.as_ref());
        let token = token.map_err(|error| {
            tracing::error!("a logout token could not be made: {error}");
            DeliveryProblem::Internal
        })?;
        let mut form = String::with_capacity(token.len() + 16);
        write_pair("logout_token", &token, &mut form);
        let ask = Ask { uri: &self.uri, accept: "*/*", tenant: self.tenant, bounds: BOUNDS };
        app.outbound.post(ask, form).await.map_err(|error| {
            let tries = waiting.tries;
            tracing::warn!(
                client = &*self.client_id,
                tries,
                "a client could not be told of a sign-out: {error}"
            );
            shown(&error)
        })
    }

    /// The key that its tokens are encrypted to. Where it lies at an address that does not answer, neither is told what was
    /// to be said: it is tried again as a whole.
    async fn key(&self, app: &App, recipient: &Recipient) -> Result<EncryptionKey, DeliveryProblem> {
        app.encryption_key(recipient, self.tenant).await.map_err(|fault| {
            let client = &*self.client_id;
            tracing::warn!(client, "a logout token could not be encrypted: {}", fault.line());
            DeliveryProblem::NoAnswer
        })
    }
}

/// The tenant's key of an algorithm, made where there is none yet.
async fn signer(app: &App, tenant: TenantId, algorithm: Algorithm) -> Result<Arc<SigningKey>, Fault> {
    for _ in 0..LOOKS {
        let Some(fresh) = app.store.tenant_by_id(tenant).await? else { break };
        let wanted = WantedKey { algorithm, lifetime: TOKEN_LIFETIME };
        if let Some(key) = app.signing_key((tenant, fresh.version), wanted).await? {
            return Ok(key);
        }
    }
    Err(Fault::internal("there is no key to sign a logout token"))
}

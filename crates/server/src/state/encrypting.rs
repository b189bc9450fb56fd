//! The keys of clients that tokens and answers are encrypted to: those that were settled when the client was changed, and
//! those that lie at its `jwks_uri`, fetched when they are needed (OpenID Connect Core §10.2.1).

use writ_core::client::{Recipient, RecipientPlace, TokenPolicy};
use writ_core::ids::TenantId;
use writ_core::shell_reason::ShellReason;
use writ_jose::JwkError;
use writ_jose::jwe::{EncryptionJwk, EncryptionKey};

use crate::reasons;
use crate::state::app::App;
use crate::state::client_keys::ClientKeySet;
use crate::state::fault::Fault;

/// After how many seconds a key may be there that could not be had.
const AGAIN: u32 = 10;

/// The keys that a client's tokens are encrypted to; most have none.
#[derive(Debug, Default)]
pub struct Recipients {
    /// Of access tokens.
    pub access: Option<EncryptionKey>,
    /// Of ID tokens.
    pub id: Option<EncryptionKey>,
    /// Whether there are more: where the client has its keys, each time that a token is issued.
    pub elsewhere: bool,
}

impl Recipients {
    /// Those that are settled.
    ///
    /// # Errors
    /// Those of a key that is none; one that was settled is.
    pub fn settled(tokens: &TokenPolicy) -> Result<Self, JwkError> {
        let both = [&tokens.access_token_recipient, &tokens.id_token_recipient].map(Option::as_deref);
        let parsed = |to: Option<&Recipient>| match to.map(|to| (&to.key, to.encryption)) {
            Some((RecipientPlace::Settled(key), encryption)) => {
                EncryptionKey::from_jwk(key, encryption).map(Some)
            }
            Some((RecipientPlace::At { .. }, _)) | None => Ok(None),
        };
        let [access, id] = both.map(parsed);
        let elsewhere = both.into_iter().flatten().any(|to| matches!(to.key, RecipientPlace::At { .. }));
        Ok(Self { access: access?, id: id?, elsewhere })
    }
}

impl App {
    /// The key to encrypt to, parsed and ready.
    ///
    /// # Errors
    /// `temporarily_unavailable` where it lies at an address that does not give it.
    pub(crate) async fn encryption_key(
        &self,
        recipient: &Recipient,
        tenant: TenantId,
    ) -> Result<EncryptionKey, Fault> {
        match &recipient.key {
            RecipientPlace::Settled(key) => {
                EncryptionKey::from_jwk(key, recipient.encryption).map_err(Fault::internal)
            }
            // Rare, and large: in a future of its own.
            RecipientPlace::At { .. } => {
                let key = Box::pin(self.fetched_recipient(recipient, tenant)).await;
                key.map_err(|why| Fault::unavailable(ShellReason::ClientKeyAway, why, AGAIN))
            }
        }
    }

    async fn fetched_recipient(
        &self,
        recipient: &Recipient,
        tenant: TenantId,
    ) -> Result<EncryptionKey, Box<str>> {
        let RecipientPlace::At { uri, management } = &recipient.key else {
            return Err("it is settled".into());
        };
        let of = |set: &ClientKeySet| -> Result<EncryptionJwk, Box<str>> {
            set.jwks.recipient(*management).map_err(|why| reasons::reason(&why.into()).into())
        };
        let entry = self.client_keys.of(tenant, uri);
        let known = self.fetched(&entry).await?;
        let jwk = match of(&known) {
            Ok(jwk) => jwk,
            // As for signatures: a key that is not there is looked for at once.
            Err(why) => match self.fetched_since(&entry, &known).await {
                Some(newer) => of(&newer)?,
                None => return Err(why),
            },
        };
        EncryptionKey::from_jwk(&jwk, recipient.encryption).map_err(|why| why.to_string().into())
    }

    /// What `wanted` of these tokens are encrypted to, wherever the keys are.
    ///
    /// # Errors
    /// Those of [`Self::encryption_key`].
    pub(crate) async fn recipients(
        &self,
        tokens: &TokenPolicy,
        wanted: WantedRecipients,
        tenant: TenantId,
    ) -> Result<Recipients, Fault> {
        let mut found = Recipients::default();
        if let Some(to) = tokens.access_token_recipient.as_deref().filter(|_| wanted.access) {
            found.access = Some(self.encryption_key(to, tenant).await?);
        }
        if let Some(to) = tokens.id_token_recipient.as_deref().filter(|_| wanted.id) {
            found.id = Some(self.encryption_key(to, tenant).await?);
        }
        Ok(found)
    }
}

/// The sorts of tokens that are about to be issued.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WantedRecipients {
    /// JWT access tokens.
    pub access: bool,
    /// ID tokens.
    pub id: bool,
}

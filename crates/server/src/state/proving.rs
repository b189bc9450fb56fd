//! What verifies what a client has signed, an assertion or a request: its keys or secrets, and whether one does.

use writ_core::assertion::{Assertion, AssertionFault};
use writ_core::change::Note;
use writ_core::client::{AuthAlg, AuthMethod, Client, RegisteredClient, SecretHash, WebUri};
use writ_core::ids::{SecretId, TenantId};
use writ_core::secret::Presented;
use writ_core::time::Micros;
use writ_jose::{Algorithm, JoseError, MacKey, VerifyingKey, verify_compact};

use crate::state::app::App;
use crate::state::facts::CachedClient;
use crate::state::fault::Fault;

/// What verifies the assertions of a client; kept with its facts, so that it goes when the client changes.
#[derive(Debug)]
pub enum Proving {
    /// Nothing: it signs none.
    Nothing,
    /// Its secrets, each until it ends.
    Secrets(Vec<(SecretId, Option<Micros>, MacKey)>),
    /// Its keys, as they were registered.
    Keys(Vec<VerifyingKey>),
    /// Its keys, where it has them.
    At(WebUri),
}

impl Proving {
    /// Of a client as it was just read.
    pub(crate) async fn of(app: &App, client: &Client) -> Result<Self, Fault> {
        match client.auth_method {
            AuthMethod::SecretBasic | AuthMethod::SecretPost | AuthMethod::AnySecret | AuthMethod::None => {
                Ok(Self::Nothing)
            }
            AuthMethod::SecretJwt => Self::secrets(app, client),
            AuthMethod::PrivateKeyJwt => {
                let keys = app.store.client_keys(client.id).await?.unwrap_or_default();
                Ok(match (keys.jwks, keys.jwks_uri) {
                    (Some(jwks), _) => Self::Keys(jwks.verifying(None)),
                    (None, Some(uri)) => Self::At(uri),
                    (None, None) => Self::Nothing,
                })
            }
        }
    }

    /// Of the requests of a client, signed with this.
    pub(crate) fn of_requests(app: &App, client: &RegisteredClient, alg: AuthAlg) -> Result<Self, Fault> {
        let registration = &client.registration;
        match (alg, &registration.jwks, &registration.metadata.jwks_uri) {
            (AuthAlg::Secret, _, _) => Self::secrets(app, &client.client),
            (AuthAlg::Key(_), Some(jwks), _) => Ok(Self::Keys(jwks.verifying(Some(alg)))),
            (AuthAlg::Key(_), None, Some(uri)) => Ok(Self::At(uri.clone())),
            (AuthAlg::Key(_), None, None) => Ok(Self::Nothing),
        }
    }

    fn secrets(app: &App, client: &Client) -> Result<Self, Fault> {
        let mut secrets = Vec::with_capacity(client.secrets.len());
        for secret in &client.secrets {
            // One of before the client signed: of that there is only a hash.
            let SecretHash::Sealed(sealed) = &secret.hash else { continue };
            let opened = app.master_key.open(&secret.id.to_bytes(), sealed).map_err(Fault::internal)?;
            secrets.extend(MacKey::new(&opened).map(|key| (secret.id, secret.expires_at, key)));
        }
        Ok(Self::Secrets(secrets))
    }
}

/// Why a signature proves nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unproved {
    /// The client has no key, or no secret, to verify it with.
    #[error("{0}")]
    Keyless(&'static str),
    /// No key of the client has signed it.
    #[error("{0}")]
    Signature(JoseError),
    /// The client's keys could not be fetched.
    #[error("the keys at jwks_uri cannot be had: {0}")]
    Unfetched(Box<str>),
}

impl From<Unproved> for AssertionFault {
    fn from(why: Unproved) -> Self {
        match why {
            Unproved::Keyless(why) => Self::Keyless(why),
            Unproved::Signature(why) => Self::Signature(why),
            Unproved::Unfetched(why) => Self::Unfetched(why),
        }
    }
}

impl App {
    /// Whether the client has signed the assertion. What can be refused without its keys is refused before anything is
    /// fetched or computed.
    pub(crate) async fn signature(
        &self,
        assertion: &Assertion,
        client: Option<&CachedClient>,
    ) -> Result<(), AssertionFault> {
        let Some(client) = client else { return Err(AssertionFault::Keyless("unknown client")) };
        assertion.suits(&client.facts, self.clock.now())?;
        let by = (&client.proving, client.facts.tenant.id);
        self.signed(assertion.token(), by).await.map_err(AssertionFault::from)
    }

    /// Whether one of these keys or secrets has signed a token.
    pub(crate) async fn signed(&self, token: &Presented, by: (&Proving, TenantId)) -> Result<(), Unproved> {
        let (proving, tenant) = by;
        match proving {
            Proving::Nothing => Err(Unproved::Keyless("the client has no key registered")),
            Proving::Secrets(secrets) => self.by_secret(token, secrets),
            Proving::Keys(keys) => by_key(token, keys).map_err(Unproved::Signature),
            Proving::At(uri) => self.by_fetched(token, (uri, tenant)).await,
        }
    }

    /// Tries every secret that has not ended; that one of them was used is noted.
    fn by_secret(
        &self,
        token: &Presented,
        secrets: &[(SecretId, Option<Micros>, MacKey)],
    ) -> Result<(), Unproved> {
        let now = self.clock.now();
        let mut why =
            Unproved::Keyless("the client has no secret that signs: give it one with rotate-secret");
        for (secret, ends, key) in secrets {
            if ends.is_some_and(|end| end <= now) {
                continue;
            }
            match key.verify_compact(token.expose()) {
                Ok(()) => {
                    self.store.note(Note::SecretUsed { secret: *secret, at: now });
                    return Ok(());
                }
                Err(error) => why = Unproved::Signature(error),
            }
        }
        Err(why)
    }

    /// By the keys that are fetched; where none of those that are known will do, by those that are there now.
    async fn by_fetched(&self, token: &Presented, at: (&WebUri, TenantId)) -> Result<(), Unproved> {
        let (uri, tenant) = at;
        let entry = self.client_keys.of(tenant, uri);
        let known = self.fetched(&entry).await.map_err(Unproved::Unfetched)?;
        let Err(error) = by_key(token, &known.keys) else { return Ok(()) };
        match self.fetched_since(&entry, &known).await {
            Some(newer) => by_key(token, &newer.keys).map_err(Unproved::Signature),
            None => Err(Unproved::Signature(error)),
        }
    }
}

fn by_key(token: &Presented, keys: &[VerifyingKey]) -> Result<(), JoseError> {
    verify_compact(token.expose(), keys, &Algorithm::ALL).map(drop)
}

//! What a client proves itself with where it signs an assertion: the keys or secrets that verify it, and whether one does.

use writ_core::assertion::{Assertion, WhyNot};
use writ_core::change::Note;
use writ_core::client::{AuthMethod, Client, SecretHash, WebUri};
use writ_core::ids::SecretId;
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
            AuthMethod::SecretJwt => {
                let mut secrets = Vec::with_capacity(client.secrets.len());
                for secret in &client.secrets {
                    // One of before the client signed: of that there is only a hash.
                    let SecretHash::Sealed(sealed) = &secret.hash else { continue };
                    let opened =
                        app.master_key.open(&secret.id.to_bytes(), sealed).map_err(Fault::internal)?;
                    secrets.extend(MacKey::new(&opened).map(|key| (secret.id, secret.expires_at, key)));
                }
                Ok(Self::Secrets(secrets))
            }
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
}

impl App {
    /// Whether the client has signed the assertion. What can be refused without its keys is refused before anything is
    /// fetched or computed.
    pub(crate) async fn signature(
        &self,
        assertion: &Assertion,
        client: Option<&CachedClient>,
    ) -> Result<(), WhyNot> {
        let Some(client) = client else { return Err(WhyNot::Keyless("unknown client")) };
        let now = self.clock.now();
        assertion.suits(&client.facts, now)?;
        match &client.proving {
            Proving::Nothing => Err(WhyNot::Keyless("the client has no key registered")),
            Proving::Secrets(secrets) => self.by_secret(assertion, secrets, now),
            Proving::Keys(keys) => by_key(assertion, keys).map_err(WhyNot::Signature),
            Proving::At(uri) => self.by_fetched(assertion, (uri, client)).await,
        }
    }

    /// Tries every secret that has not ended; that one of them was used is noted.
    fn by_secret(
        &self,
        assertion: &Assertion,
        secrets: &[(SecretId, Option<Micros>, MacKey)],
        now: Micros,
    ) -> Result<(), WhyNot> {
        let mut why = WhyNot::Keyless("the client has no secret that signs: give it one with rotate-secret");
        for (secret, ends, key) in secrets {
            if ends.is_some_and(|end| end <= now) {
                continue;
            }
            match key.verify_compact(assertion.token().expose()) {
                Ok(()) => {
                    self.store.note(Note::SecretUsed { secret: *secret, at: now });
                    return Ok(());
                }
                Err(error) => why = WhyNot::Signature(error),
            }
        }
        Err(why)
    }

    /// By the keys that are fetched; where none of those that are known will do, by those that are there now.
    async fn by_fetched(&self, assertion: &Assertion, of: (&WebUri, &CachedClient)) -> Result<(), WhyNot> {
        let (uri, client) = of;
        let entry = self.client_keys.of(client.facts.tenant.id, uri);
        let known = self.fresh_keys(&entry).await.map_err(WhyNot::Unfetched)?;
        let Err(error) = by_key(assertion, &known.keys) else { return Ok(()) };
        match self.newer_keys(&entry, &known).await {
            Some(newer) => by_key(assertion, &newer.keys).map_err(WhyNot::Signature),
            None => Err(WhyNot::Signature(error)),
        }
    }
}

fn by_key(assertion: &Assertion, keys: &[VerifyingKey]) -> Result<(), JoseError> {
    verify_compact(assertion.token().expose(), keys, &Algorithm::ALL).map(drop)
}

//! A tenant's signing keys, parsed and kept in memory, and the JWKS made of them.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use writ_core::authenticate::ClientFacts;
use writ_core::change::{Act, Action, Change, Changes, Target};
use writ_core::encryption_key::StoredEncryptionKey;
use writ_core::ids::{KeyId, TenantId};
use writ_core::issuing::IdTokenPolicy;
use writ_core::key::{self, KeyState, StoredKey};
use writ_core::rotation::{self, MadeKey};
use writ_core::scene::Scene;
use writ_core::tenant::{DEFAULT_SLUG, Tenant};
use writ_core::time::{Micros, Seconds};
use writ_jose::{Algorithm, MasterKey, SigningKey};

use super::encryption_keys::EncryptionRing;
use crate::reasons;
use crate::state::app::App;
use crate::state::fault::Fault;
use crate::state::rounds::{Freshness, Held};

/// Tenants looked at together for keys that are due.
const PAGE: i64 = 100;

/// The keys of a tenant as of one version of its row.
pub struct Keyring {
    /// The tenant's version when the keys were read.
    pub version: i64,
    stored: Vec<StoredKey>,
    /// Those that clients encrypt to; most tenants have none.
    pub(super) encryption: EncryptionRing,
    /// The private halves of those that sign or may sign.
    parsed: Vec<(KeyId, Arc<SigningKey>)>,
    /// The JWK set as it was last asked for, and the second in which it was.
    rendered: ArcSwapOption<(i64, Bytes)>,
}

/// A tenant's keys as stored: those that sign, and those that clients encrypt to.
type Stored = (Vec<StoredKey>, Vec<StoredEncryptionKey>);

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("version", &self.version)
            .field("keys", &self.stored)
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// Opens the stored keys of a tenant; of those that are retired at `now` the public half is enough.
    fn open(version: i64, stored: Stored, master: &MasterKey, now: Micros) -> Result<Self, Fault> {
        let (stored, encryption) = stored;
        let mut parsed = Vec::with_capacity(2);
        for key in &stored {
            match key.state(now) {
                KeyState::Next | KeyState::Active => parsed.push((key.id, Arc::new(parse(key, master)?))),
                KeyState::Retired | KeyState::Gone | KeyState::Compromised => {}
            }
        }
        let encryption = EncryptionRing::new(encryption);
        Ok(Self { version, stored, encryption, parsed, rendered: ArcSwapOption::empty() })
    }

    /// The key that signs with `algorithm` at `now`.
    pub fn signing(&self, algorithm: Algorithm, now: Micros) -> Option<&Arc<SigningKey>> {
        let id = key::signing(&self.stored, algorithm, now)?.id;
        self.parsed.iter().find(|(parsed, _)| *parsed == id).map(|(_, key)| key)
    }

    /// The public JWK (RFC 7517) of a key that this tenant's tokens may have been signed with: also of
    /// one that is no longer published, for an `id_token_hint` may have expired. Never of a compromised one.
    pub fn public_jwk(&self, kid: &str, now: Micros) -> Option<&str> {
        let key = self.stored.iter().find(|key| &*key.kid == kid)?;
        (key.state(now) != KeyState::Compromised).then_some(&key.public_jwk)
    }

    /// The JWK set as it was given within the same second.
    pub fn rendered(&self, now: Micros) -> Option<Bytes> {
        let rendered = self.rendered.load();
        rendered.as_ref().filter(|rendered| rendered.0 == second(now)).map(|rendered| rendered.1.clone())
    }

    /// The JWK set (RFC 7517 §5) at `now`.
    pub fn jwks(&self, now: Micros) -> Bytes {
        let signing = self.stored.iter().filter(|key| key.published(now)).map(|key| &*key.public_jwk);
        let published: Vec<&str> = signing.chain(self.encryption.published()).collect();
        let rendered = Bytes::from(format!("{{\"keys\":[{}]}}", published.join(",")));
        self.rendered.store(Some(Arc::new((second(now), rendered.clone()))));
        rendered
    }
}

/// What the log is told of a failure.
fn detail(fault: &Fault) -> String {
    fault.error.internal().map_or_else(|| reasons::error(&fault.error), str::to_owned)
}

fn second(now: Micros) -> i64 {
    now.0.div_euclid(1_000_000)
}

fn parse(stored: &StoredKey, master: &MasterKey) -> Result<SigningKey, Fault> {
    let pkcs8 = master.open(&stored.id.to_bytes(), &stored.sealed).map_err(|error| {
        Fault::internal(format!(
            "signing key {} cannot be opened: {error}. Is it the right master key?",
            stored.kid
        ))
    })?;
    SigningKey::from_pkcs8(stored.algorithm, &pkcs8)
        .map_err(|error| Fault::internal(format!("signing key {} is damaged: {error}", stored.kid)))
}

/// What a token needs of its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WantedKey {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// How long the token lives.
    pub lifetime: Seconds,
}

impl App {
    /// What a tenant's access tokens are signed with where their client does not say.
    pub(crate) fn access_token_alg(&self, tenant: &Tenant) -> Algorithm {
        tenant.settings.access_token_alg.unwrap_or(self.access_token_alg)
    }

    /// What a tenant's ID tokens are signed with where their client does not say.
    pub(crate) fn id_token_alg(&self, tenant: &Tenant) -> Algorithm {
        tenant.settings.id_token_alg.unwrap_or(self.id_token_alg)
    }

    /// How this client's ID tokens are made: as it wants it, else its tenant, else the server.
    pub(crate) fn id_token_policy(&self, facts: &ClientFacts) -> IdTokenPolicy {
        let (tokens, tenant) = (&facts.client.tokens, &facts.tenant);
        let claims = tokens.choices.id_token_claims.or(tenant.settings.id_token_claims);
        IdTokenPolicy {
            algorithm: tokens.id_token_alg.unwrap_or_else(|| self.id_token_alg(tenant)),
            claims: claims.unwrap_or(self.id_token_claims),
        }
    }

    /// Why nothing could be signed for the first tenant; none: its keys can be opened, or it has none yet.
    pub(crate) async fn cannot_sign(&self) -> Option<String> {
        let tenant = match self.tenant(DEFAULT_SLUG, Freshness::Cached).await {
            Ok(found) => found?,
            Err(fault) => return Some(detail(&fault)),
        };
        self.keyring(tenant.id, tenant.version).await.err().as_ref().map(detail)
    }

    /// The keys of a tenant as of `version`; read where the cached ones are of another version.
    pub(crate) async fn keyring(&self, tenant: TenantId, version: i64) -> Result<Arc<Keyring>, Fault> {
        if let Some(known) = self.keyrings.get(&tenant).filter(|known| known.version == version) {
            return Ok(known);
        }
        let stored = (self.store.signing_keys(tenant).await?, self.store.encryption_keys(tenant).await?);
        let keyring = Arc::new(Keyring::open(version, stored, &self.master_key, self.clock.now())?);
        self.keyrings.insert(tenant, Arc::clone(&keyring));
        Ok(keyring)
    }

    /// The key that signs a token. `None`: there was none, or it was not published for as long as the
    /// token lives; that has been seen to, and a look at fresh facts finds it.
    pub(crate) async fn signing_key(
        &self,
        tenant: (TenantId, i64),
        wanted: WantedKey,
    ) -> Result<Option<Arc<SigningKey>>, Fault> {
        let (tenant, version) = tenant;
        let keyring = self.keyring(tenant, version).await?;
        let now = self.clock.now();
        match key::signing(&keyring.stored, wanted.algorithm, now) {
            Some(stored) if stored.longest_lifetime >= wanted.lifetime => {
                Ok(keyring.signing(wanted.algorithm, now).cloned())
            }
            // In boxes: once in the life of a key, and no request need carry room for it.
            Some(stored) => {
                Box::pin(self.raise_lifetime(tenant, stored.id, wanted.lifetime)).await.map(|()| None)
            }
            None => Box::pin(self.make_signing_key(tenant, wanted.algorithm)).await.map(|()| None),
        }
    }

    /// Lets a key sign tokens that live for `longest`: it is then published for as long after its end.
    async fn raise_lifetime(&self, tenant: TenantId, key: KeyId, longest: Seconds) -> Result<(), Fault> {
        let act = self.own_act(tenant, (Action::SigningKeyLifetimeRaised, Target::SigningKey(key)));
        self.unless_done(Changes::new(act).with(Change::RaiseKeyLifetime { key, tenant, longest })).await
    }

    /// Makes the first signing key of an algorithm for a tenant. Where another request or node was
    /// faster, its key is found at the next look. Requests that want one of a tenant at the same time
    /// wait for the first of them: an RSA key keeps a processor busy for a tenth of a second.
    pub(crate) async fn make_signing_key(&self, tenant: TenantId, algorithm: Algorithm) -> Result<(), Fault> {
        let making = self.making_keys.get_with(tenant, Arc::default);
        let _turn = making.lock().await;
        let stored = self.store.signing_keys(tenant).await?;
        if key::signing(&stored, algorithm, self.clock.now()).is_some() {
            return Ok(());
        }
        let made = self.make_key_pair(algorithm).await?;
        let act = self.own_act(tenant, (Action::SigningKeyCreated, Target::SigningKey(made.id)));
        let now = act.at;
        let change = Change::CreateSigningKey(Box::new(made.dated(tenant, now, now)));
        self.unless_done(Changes::new(act).with(change)).await?;
        self.keys_changed(tenant);
        Ok(())
    }

    /// Makes and publishes the keys of algorithms that a tenant or one of its clients is about to sign with: verifiers
    /// keep a JWK set for minutes, and the first token should not be signed with a key that none of them can have.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) async fn publish_keys(
        &self,
        tenant: TenantId,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> Result<(), Fault> {
        for algorithm in algorithms {
            self.make_signing_key(tenant, algorithm).await?;
        }
        Ok(())
    }

    /// Publishes, in every tenant that has signed anything, the keys of what it would sign with by default: the
    /// server's choice may be another one since it was started. Answers how many keys were made.
    ///
    /// # Errors
    /// Those of the storage; the next start looks at all of them again.
    pub async fn publish_default_keys(&self) -> Result<u64, Fault> {
        let mut after = TenantId::from_bytes([0; 16]);
        let mut made = 0;
        loop {
            let page = self.store.tenants_with_keys_due(after, Micros(i64::MAX), PAGE).await?;
            let Some(last) = page.last() else { return Ok(made) };
            after = *last;
            for tenant in page {
                let Some(found) = self.store.tenant_by_id(tenant).await? else { continue };
                let stored = self.store.signing_keys(tenant).await?;
                for algorithm in [self.access_token_alg(&found), self.id_token_alg(&found)] {
                    if key::signing(&stored, algorithm, self.clock.now()).is_none() {
                        self.make_signing_key(tenant, algorithm).await?;
                        made += 1;
                    }
                }
            }
        }
    }

    /// Makes a key pair and seals it; nothing is stored yet.
    pub(crate) async fn make_key_pair(&self, algorithm: Algorithm) -> Result<MadeKey, Fault> {
        // RSA takes about 90 ms: not in the thread that answers requests.
        let key = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm))
            .await
            .map_err(Fault::internal)?
            .map_err(Fault::internal)?;
        let pkcs8 = key.to_pkcs8().map_err(Fault::internal)?;
        let id = KeyId::v7(self.clock.now(), self.random.bits());
        let sealed = self.master_key.seal(&id.to_bytes(), &pkcs8).map_err(Fault::internal)?;
        let public_jwk = key.public_jwk().to_json().into();
        Ok(MadeKey { id, algorithm, kid: key.kid().into(), public_jwk, sealed })
    }

    /// Makes the successors of keys that near their greatest age, in every tenant. Answers how many.
    ///
    /// # Errors
    /// Those of the storage; the next call looks at all of them again.
    pub async fn rotate_due_keys(&self) -> Result<u64, Fault> {
        let max_age = self.live.load().key_max_age;
        let Some(since) = max_age.due_since(self.clock.now()) else { return Ok(0) };
        let mut after = TenantId::from_bytes([0; 16]);
        let mut made = 0;
        loop {
            let page = self.store.tenants_with_keys_due(after, since, PAGE).await?;
            let Some(last) = page.last() else { return Ok(made) };
            after = *last;
            for tenant in page {
                for algorithm in Algorithm::ALL {
                    made += u64::from(self.rotate_due_key(tenant, algorithm).await?);
                }
            }
        }
    }

    async fn rotate_due_key(&self, tenant: TenantId, algorithm: Algorithm) -> Result<bool, Fault> {
        let Some(facts) = self.store.tenant_keys(tenant).await? else { return Ok(false) };
        let max_age = self.live.load().key_max_age;
        let due = |now| rotation::due(&facts.keys, algorithm, max_age, now);
        if due(self.clock.now()).is_none() {
            return Ok(false);
        }
        let made = self.make_key_pair(algorithm).await?;
        let act = self.own_act(tenant, (Action::SigningKeyRotated, Target::SigningKey(made.id)));
        let Some(plan) = due(act.at) else { return Ok(false) };
        let kid = made.kid.clone();
        let Some(changes) = rotation::changes(&facts, &plan, Some(made), act) else { return Ok(false) };
        match self.once(changes).await? {
            Held::Yes => {
                tracing::info!(tenant = %tenant, kid = %kid, alg = %algorithm, "a signing key was made to follow one that nears its end");
                self.keys_changed(facts.tenant);
                Ok(true)
            }
            // The tenant changed meanwhile; the next look decides afresh.
            Held::No => Ok(false),
        }
    }

    /// Lets the next JWKS of this node have what was just committed.
    pub(crate) fn keys_changed(&self, tenant: TenantId) {
        self.keyrings.invalidate(&tenant);
        let stale = self.tenants.iter().find(|(_, known)| known.tenant.id == tenant);
        if let Some((slug, _)) = stale {
            self.tenants.invalidate(&*slug);
        }
    }

    pub(super) fn own_act(&self, tenant: TenantId, what: (Action, Target)) -> Act {
        let (action, target) = what;
        Scene::of_system(tenant, self.moment()).act(action, target)
    }

    /// Commits; where the guard fails, somebody else did the same.
    pub(super) async fn unless_done(&self, changes: Changes) -> Result<(), Fault> {
        match self.once(changes).await? {
            Held::Yes | Held::No => Ok(()),
        }
    }
}

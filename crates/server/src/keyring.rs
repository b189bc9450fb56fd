//! A tenant's signing keys, parsed and kept in memory, and the JWKS made of them.

use std::sync::Arc;

use bytes::Bytes;
use writ_core::change::{Act, Action, Actor, Change, Changes, Origin, Target};
use writ_core::ids::{AuditId, KeyId, TenantId};
use writ_core::jose::{Algorithm, MasterKey, SigningKey};
use writ_core::key::{KeyState, NewSigningKey, StoredKey};
use writ_core::time::Micros;

use crate::app::App;
use crate::fault::Fault;

/// The keys of a tenant as of one version of its row.
pub struct Keyring {
    /// The tenant's version when the keys were read.
    pub version: i64,
    keys: Vec<Entry>,
    jwks: Bytes,
}

struct Entry {
    stored: StoredKey,
    key: Arc<SigningKey>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("version", &self.version).field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

impl Keyring {
    /// Opens the stored keys of a tenant.
    fn open(version: i64, stored: Vec<StoredKey>, master: &MasterKey) -> Result<Self, Fault> {
        let mut jwks = String::from("{\"keys\":[");
        let mut keys = Vec::with_capacity(stored.len());
        for stored in stored {
            let pkcs8 = master.open(&stored.id.to_bytes(), &stored.sealed).map_err(|error| {
                Fault::internal(format!("signing key {} cannot be opened: {error}. Is it the right master key?", stored.kid))
            })?;
            let key = SigningKey::from_pkcs8(stored.algorithm, &pkcs8)
                .map_err(|error| Fault::internal(format!("signing key {} is damaged: {error}", stored.kid)))?;
            if !keys.is_empty() {
                jwks.push(',');
            }
            jwks.push_str(&stored.public_jwk);
            keys.push(Entry { stored, key: Arc::new(key) });
        }
        jwks.push_str("]}");
        Ok(Self { version, keys, jwks: Bytes::from(jwks) })
    }

    /// The key that signs with `algorithm` at `now`: the youngest active one.
    pub fn signing(&self, algorithm: Algorithm, now: Micros) -> Option<&Arc<SigningKey>> {
        self.keys
            .iter()
            .rev()
            .find(|entry| entry.stored.algorithm == algorithm && entry.stored.state(now) == KeyState::Active)
            .map(|entry| &entry.key)
    }

    /// The JWK set (RFC 7517 §5), ready to be sent.
    pub fn jwks(&self) -> Bytes {
        self.jwks.clone()
    }
}

impl App {
    /// The keys of a tenant as of `version`; read where the cached ones are of another version.
    pub(crate) async fn keyring(&self, tenant: TenantId, version: i64) -> Result<Arc<Keyring>, Fault> {
        if let Some(known) = self.keyrings.get(&tenant).filter(|known| known.version == version) {
            return Ok(known);
        }
        let stored = self.store.signing_keys(tenant).await?;
        let keyring = Arc::new(Keyring::open(version, stored, &self.master_key)?);
        self.keyrings.insert(tenant, Arc::clone(&keyring));
        Ok(keyring)
    }

    /// Makes the first signing key of an algorithm for a tenant. Where another request or node was
    /// faster, its key is found at the next look.
    pub(crate) async fn make_signing_key(&self, tenant: TenantId, algorithm: Algorithm) -> Result<(), Fault> {
        // RSA takes about 90 ms: not in the thread that answers requests.
        let key = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm))
            .await
            .map_err(Fault::internal)?
            .map_err(Fault::internal)?;
        let pkcs8 = key.to_pkcs8().map_err(Fault::internal)?;
        let now = self.clock.now();
        let id = KeyId::v7(now, self.random.bits());
        let sealed = self.master_key.seal(&id.to_bytes(), &pkcs8).map_err(Fault::internal)?;
        let act = Act {
            id: AuditId::v7(now, self.random.bits()),
            at: now,
            tenant,
            actor: Actor::System,
            action: Action::SigningKeyCreated,
            target: Target::SigningKey(id),
            origin: Origin::default(),
        };
        let change = Change::CreateSigningKey(Box::new(NewSigningKey {
            id,
            tenant,
            algorithm,
            kid: key.kid().into(),
            public_jwk: key.public_jwk().to_json().into(),
            sealed,
            created_at: now,
            active_from: now,
        }));
        match self.store.commit(Changes::new(act).with(change)).await {
            Ok(_) | Err(writ_store::CommitError::Guard) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

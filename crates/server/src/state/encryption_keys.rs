//! The keys that clients encrypt their requests to: made when a client is registered for one, replaced when they are old,
//! and opened when the first encrypted request comes.

use std::sync::{Arc, OnceLock};

use writ_core::change::{Action, Change, Changes, Target};
use writ_core::encryption_key::{NewEncryptionKey, OPENS_AFTER, OldKey, Replacement, StoredEncryptionKey};
use writ_core::ids::{KeyId, TenantId};
use writ_core::tenant::Tenant;
use writ_core::time::Micros;
use writ_jose::MasterKey;
use writ_jose::jwe::{ContentEncryption, Curve, DecryptionKey, JweError, KeyManagement, decrypt_compact};

use crate::state::app::App;
use crate::state::fault::Fault;
use crate::state::rounds::{Freshness, Held};

/// Tenants looked at together.
const PAGE: i64 = 100;
/// The cipher that a key is made with: it serves every other as well.
const ANY: ContentEncryption = ContentEncryption::A256Gcm;

/// The keys of a tenant. Their private halves lie sealed until something comes that is encrypted to one.
pub(super) struct EncryptionRing {
    stored: Vec<StoredEncryptionKey>,
    opened: OnceLock<Vec<DecryptionKey>>,
}

impl EncryptionRing {
    pub(super) fn new(stored: Vec<StoredEncryptionKey>) -> Self {
        Self { stored, opened: OnceLock::new() }
    }

    /// The public halves that clients shall use.
    pub(super) fn published(&self) -> impl Iterator<Item = &str> {
        self.stored.iter().filter(|key| key.is_published()).map(|key| &*key.public_jwk)
    }

    fn keys(&self, master: &MasterKey) -> Result<&[DecryptionKey], Fault> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let pairs = self.stored.iter().flat_map(|key| ContentEncryption::ALL.map(|cipher| (key, cipher)));
        let opened = pairs.map(|(key, cipher)| parse(key, cipher, master)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.opened.get_or_init(|| opened))
    }

    /// What is encrypted to one of the keys; none of those that open nothing any more.
    fn open(
        &self,
        jwe: &str,
        (master, now): (&MasterKey, Micros),
    ) -> Result<Result<String, JweError>, Fault> {
        let decrypted = match decrypt_compact(jwe, self.keys(master)?) {
            Ok(decrypted) => decrypted,
            Err(why) => return Ok(Err(why)),
        };
        let opens = self.stored.iter().any(|key| *key.kid == *decrypted.kid && key.opens(now));
        let text = std::str::from_utf8(&decrypted.plain).ok().filter(|_| opens);
        Ok(text.map(str::to_owned).ok_or(JweError::Decryption))
    }
}

fn parse(
    stored: &StoredEncryptionKey,
    cipher: ContentEncryption,
    master: &MasterKey,
) -> Result<DecryptionKey, Fault> {
    let pkcs8 = master.open(&stored.id.to_bytes(), &stored.sealed).map_err(|error| {
        Fault::internal(format!(
            "encryption key {} cannot be opened: {error}. Is it the right master key?",
            stored.kid
        ))
    })?;
    DecryptionKey::from_pkcs8(stored.management, cipher, &pkcs8)
        .map_err(|error| Fault::internal(format!("encryption key {} is damaged: {error}", stored.kid)))
}

impl App {
    /// What a client has encrypted to a key of its tenant's, or why it cannot be read: for the log.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) async fn decrypted(
        &self,
        tenant: &Tenant,
        jwe: &str,
    ) -> Result<Result<String, String>, Fault> {
        let keyring = self.keyring(tenant.id, tenant.version).await?;
        let now = self.clock.now();
        match keyring.encryption.open(jwe, (&self.master_key, now))? {
            Ok(text) => return Ok(Ok(text)),
            // Another node may have made it a moment ago.
            Err(JweError::UnknownKey { .. } | JweError::AmbiguousKey) => {}
            Err(why) => return Ok(Err(why.to_string())),
        }
        let fresh = self.tenant(&tenant.slug, Freshness::Fresh).await?;
        let version = fresh.map_or(tenant.version, |tenant| tenant.version);
        let keyring = self.keyring(tenant.id, version).await?;
        Ok(keyring.encryption.open(jwe, (&self.master_key, now))?.map_err(|why| why.to_string()))
    }

    /// Makes and publishes a key for clients that encrypt so, where the tenant has none.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) async fn publish_encryption_key(
        &self,
        tenant: TenantId,
        management: KeyManagement,
    ) -> Result<(), Fault> {
        let making = self.making_keys.get_with(tenant, Arc::default);
        let _turn = making.lock().await;
        let stored = self.store.encryption_keys(tenant).await?;
        if stored.iter().any(|key| key.management == management && key.is_published()) {
            return Ok(());
        }
        let new = self.make_encryption_key(tenant, management).await?;
        let act = self.own_act(tenant, (Action::EncryptionKeyCreated, Target::EncryptionKey(new.id)));
        self.unless_done(Changes::new(act).with(Change::CreateEncryptionKey(Box::new(new)))).await?;
        self.keys_changed(tenant);
        Ok(())
    }

    /// Makes a key pair and seals it; nothing is stored yet.
    pub(crate) async fn make_encryption_key(
        &self,
        tenant: TenantId,
        management: KeyManagement,
    ) -> Result<NewEncryptionKey, Fault> {
        let generate = move || match management {
            KeyManagement::RsaOaep256 => DecryptionKey::generate_rsa(ANY),
            KeyManagement::EcdhEs => DecryptionKey::generate_on(Curve::P256, ANY),
        };
        // RSA takes about 90 ms: not in the thread that answers requests.
        let key =
            tokio::task::spawn_blocking(generate).await.map_err(Fault::internal)?.map_err(Fault::internal)?;
        let pkcs8 = key.to_pkcs8().map_err(Fault::internal)?;
        let created_at = self.clock.now();
        let id = KeyId::v7(created_at, self.random.bits());
        let sealed = self.master_key.seal(&id.to_bytes(), &pkcs8).map_err(Fault::internal)?;
        let public_jwk = key.public_jwk().to_json().into();
        Ok(NewEncryptionKey { id, tenant, management, kid: key.kid().into(), public_jwk, sealed, created_at })
    }

    /// Puts another key in the place of each that has reached its greatest age, in every tenant, and erases those that open
    /// nothing any more. Answers how many were made.
    ///
    /// # Errors
    /// Those of the storage; the next call looks at all of them again.
    pub async fn rotate_due_encryption_keys(&self) -> Result<u64, Fault> {
        let now = self.clock.now();
        let since = self.live.load().key_max_age.due_since(now).unwrap_or(Micros(i64::MIN));
        let over = now.minus(OPENS_AFTER);
        let (mut after, mut made) = (TenantId::from_bytes([0; 16]), 0);
        loop {
            let page = self.store.encryption_keys_due((after, PAGE), since, over).await?;
            let Some(last) = page.last() else { return Ok(made) };
            after = *last;
            for tenant in page {
                made += self.rotate_encryption_keys(tenant, over).await?;
            }
        }
    }

    async fn rotate_encryption_keys(&self, tenant: TenantId, over: Micros) -> Result<u64, Fault> {
        let (stored, now) = (self.store.encryption_keys(tenant).await?, self.clock.now());
        let (max_age, mut made) = (self.live.load().key_max_age, 0);
        if let Some(erased) = stored.iter().find(|key| key.replaced_at.is_some_and(|at| at <= over)) {
            let act = self.own_act(tenant, (Action::EncryptionKeyErased, Target::EncryptionKey(erased.id)));
            let change = Change::EraseEncryptionKeys { tenant, until: over };
            self.unless_done(Changes::new(act).with(change)).await?;
        }
        for key in stored.iter().filter(|key| key.is_due(max_age, now)) {
            let new = self.make_encryption_key(tenant, key.management).await?;
            let act = self.own_act(tenant, (Action::EncryptionKeyRotated, Target::EncryptionKey(new.id)));
            let replacement = Replacement { old: key.id, before: OldKey::Opens, new };
            let change = Change::ReplaceEncryptionKey(Box::new(replacement));
            match self.once(Changes::new(act).with(change)).await? {
                Held::Yes => made += 1,
                // Another node was faster.
                Held::No => {}
            }
        }
        self.keys_changed(tenant);
        Ok(made)
    }
}

//! Loading the facts of a decision, from caches that never decide alone.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use writ_core::authenticate::{Attempt, ClientFacts, Proof, Shown};
use writ_core::basic::CLIENT_ID_LIMIT;
use writ_core::change::Note;
use writ_core::client::{ClientName, DocumentId, SecretHash, SecretProof};
use writ_core::ids::SecretId;
use writ_core::key::JWKS_AGE;
use writ_core::secret::{Digest32, Presented};
use writ_core::tenant::{Tenant, issuer, slug_is_valid};
use writ_core::time::Micros;

use crate::edge::limits::Policy;
use crate::passwords::Lane;
use crate::state::app::App;
use crate::state::encrypting::Recipients;
use crate::state::fault::Fault;
use crate::state::proving::Proving;
use crate::state::rounds::{Freshness, Source};

/// A client as cached, with what was learnt about its slow secrets in this process.
#[derive(Debug)]
pub struct CachedClient {
    /// The client and its tenant.
    pub facts: ClientFacts,
    /// Its keys, parsed, for tokens that it wants encrypted.
    pub recipients: Recipients,
    /// How fast it may get tokens; none: as the server has it.
    pub tokens: Option<Arc<Policy>>,
    /// What verifies its assertions.
    pub proving: Proving,
    /// What slow hashes said last. Kept with these facts only, so it goes when the client changes.
    tried: Mutex<Tried>,
}

/// What slow hashes said, by the keyed hash of what was presented: the same secret again costs no
/// argon2, neither at its next use nor when a refusal is decided again on fresh facts.
#[derive(Debug, Default, Clone, Copy)]
struct Tried {
    accepted: Option<(Digest32, SecretId)>,
    refused: Option<Digest32>,
}

/// Facts and where they came from.
#[derive(Debug)]
pub struct Loaded<T> {
    /// The facts; none: there are none.
    pub facts: Option<Arc<T>>,
    /// Where they came from.
    pub source: Source,
}

/// A tenant as its metadata and JWKS show it: some seconds old at the most.
#[derive(Clone)]
pub struct PublishedTenant {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// Its metadata, ready to be sent, once it was asked for.
    metadata: Arc<OnceLock<Bytes>>,
    read_at: Micros,
}

impl PublishedTenant {
    /// Its metadata, made when it is first asked for.
    pub fn metadata(&self, make: impl FnOnce(&Tenant) -> String) -> Bytes {
        self.metadata.get_or_init(|| make(&self.tenant).into()).clone()
    }

    /// By the same clock that says when a key signs: where that one is moved, this moves with it.
    fn is_young(&self, now: Micros) -> bool {
        (self.read_at..self.read_at.plus(JWKS_AGE)).contains(&now)
    }
}

impl App {
    /// The client with a name.
    pub(crate) async fn client(
        &self,
        name: ClientName<'_>,
        freshness: Freshness,
    ) -> Result<Loaded<CachedClient>, Fault> {
        if freshness == Freshness::Cached
            && let Some(known) = self.clients.get(&*name.key())
        {
            return Ok(Loaded { facts: Some(known), source: Source::Cache });
        }
        // What cannot be a client_id is not asked for.
        if name.id().len() > CLIENT_ID_LIMIT {
            return Ok(Loaded { facts: None, source: Source::Storage });
        }
        // Rare, and large: in a future of its own.
        Box::pin(self.load_client(name)).await
    }

    async fn load_client(&self, name: ClientName<'_>) -> Result<Loaded<CachedClient>, Fault> {
        let key = name.key();
        let Some((client, tenant)) = self.store.client_by_client_id(name).await? else {
            // No negative caching, and a client that is gone is gone from the cache.
            self.clients.invalidate(&*key);
            return Ok(Loaded { facts: None, source: Source::Storage });
        };
        if let Some(known) = self.clients.get(&*key).filter(|known| {
            (known.facts.client.version, known.facts.tenant.version) == (client.version, tenant.version)
        }) {
            // Nothing has changed: what its slow hashes said still holds.
            return Ok(Loaded { facts: Some(known), source: Source::Storage });
        }
        let issuer = self.issuer(&tenant);
        let permissions = client.own_permissions();
        let facts = ClientFacts { tenant: Arc::new(tenant), issuer, client: Arc::new(client), permissions };
        let recipients = Recipients::settled(&facts.client.tokens).map_err(Fault::internal)?;
        let rate = facts.client.tokens.choices.rate.or_else(|| facts.tenant.settings.rate());
        let tokens = rate.map(|rate| Arc::new(Policy::tokens(rate)));
        let proving = Proving::of(self, &facts.client).await?;
        let cached = Arc::new(CachedClient { facts, recipients, tokens, proving, tried: Mutex::default() });
        let key = match key {
            Cow::Borrowed(_) => Arc::clone(&cached.facts.client.client_id),
            Cow::Owned(key) => key.into(),
        };
        self.clients.insert(key, Arc::clone(&cached));
        Ok(Loaded { facts: Some(cached), source: Source::Storage })
    }

    /// What the proof that came is worth against what is kept of the client; that one of its secrets was used is noted.
    pub(crate) async fn prove(
        &self,
        attempt: &Attempt,
        client: Option<&CachedClient>,
    ) -> Result<Shown, Fault> {
        let secret = match &attempt.proof {
            Proof::Basic(secret) | Proof::Post(secret) => secret,
            Proof::Assertion(assertion) => {
                // Rare, and large: in a future of its own.
                return Ok(Shown::Signature(Box::pin(self.signature(assertion, client)).await));
            }
            Proof::None => return Ok(Shown::Nothing),
        };
        let proof = self.look(secret, client).await?;
        let at = self.clock.now();
        if let Some(secret) = client.and_then(|client| client.facts.client.proving(&proof, at)) {
            self.store.note(Note::SecretUsed { secret, at });
        }
        Ok(Shown::Secret(proof))
    }

    async fn look(&self, secret: &Presented, client: Option<&CachedClient>) -> Result<SecretProof, Fault> {
        // Also for an unknown client, so that it costs what a wrong secret costs.
        let keyed = self.hash_key.hash(secret.expose());
        let mut proof = SecretProof { keyed: Some(keyed), slow: None };
        let Some(client) = client else { return Ok(proof) };
        let slow = client.facts.client.secrets.iter().filter_map(|stored| match &stored.hash {
            SecretHash::Slow(phc) => Some((stored.id, phc)),
            SecretHash::Keyed(_) | SecretHash::Sealed(_) => None,
        });
        let tried = *client.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, id)) = tried.accepted.filter(|(accepted, _)| accepted.ct_eq(&keyed)) {
            proof.slow = Some(id);
            return Ok(proof);
        }
        if tried.refused.is_some_and(|refused| refused.ct_eq(&keyed)) {
            return Ok(proof);
        }
        for (id, phc) in slow {
            if self.passwords.verify(Lane::HOUSE, secret.clone(), Arc::clone(phc)).await? {
                proof.slow = Some(id);
                break;
            }
        }
        let mut tried = client.tried.lock().unwrap_or_else(PoisonError::into_inner);
        match proof.slow {
            Some(id) => tried.accepted = Some((keyed, id)),
            None => tried.refused = Some(keyed),
        }
        Ok(proof)
    }

    /// By what the client is found that a request names at a path: the address of a document is a client of the tenant that
    /// the path is of.
    pub(crate) async fn name_at<'c>(
        &self,
        client_id: &'c str,
        slug: Option<&str>,
    ) -> Result<ClientName<'c>, Fault> {
        if !DocumentId::is_meant(client_id) {
            return Ok(ClientName::from(client_id));
        }
        let tenant = match slug {
            None => Some(self.default_tenant),
            // Rare, and large: in a future of its own.
            Some(slug) => Box::pin(self.tenant(slug, Freshness::Cached)).await?.map(|tenant| tenant.id),
        };
        Ok(tenant.map_or(ClientName::from(client_id), |tenant| ClientName::within(client_id, tenant)))
    }

    /// The tenant with a slug; cached for what may be some seconds old (metadata, JWKS) only.
    pub(crate) async fn tenant(
        &self,
        slug: &str,
        freshness: Freshness,
    ) -> Result<Option<Arc<Tenant>>, Fault> {
        Ok(self.published(slug, freshness).await?.map(|published| published.tenant))
    }

    /// The same, with what is published of it.
    pub(crate) async fn published(
        &self,
        slug: &str,
        freshness: Freshness,
    ) -> Result<Option<PublishedTenant>, Fault> {
        if freshness == Freshness::Cached
            && let Some(known) = self.tenants.get(slug)
            && known.is_young(self.clock.now())
        {
            return Ok(Some(known));
        }
        // What cannot be a slug is not asked for: PostgreSQL, for one, refuses a NUL as an error.
        if !slug_is_valid(slug) {
            return Ok(None);
        }
        let read_at = self.clock.now();
        let known = self.tenants.get(slug);
        let found = self.store.tenant_since(slug, known.as_ref().map(|known| &known.tenant)).await?;
        let Some(tenant) = found else { return Ok(None) };
        // Where it is as it was, what was made of it holds for as long as it would have.
        if let Some(known) =
            known.filter(|known| Arc::ptr_eq(&known.tenant, &tenant) && known.is_young(read_at))
        {
            return Ok(Some(known));
        }
        let published = PublishedTenant { tenant, metadata: Arc::default(), read_at };
        self.tenants.insert(published.tenant.slug.clone(), published.clone());
        Ok(Some(published))
    }

    /// The issuer of a tenant.
    pub(crate) fn issuer(&self, tenant: &Tenant) -> Arc<str> {
        if &*tenant.slug == writ_core::tenant::DEFAULT_SLUG {
            return Arc::clone(&self.base);
        }
        issuer(&self.base, &tenant.slug).into()
    }
}

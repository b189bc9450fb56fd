//! Loading the facts of a decision, from caches that never decide alone.

use std::sync::{Arc, Mutex, PoisonError};

use writ_core::authenticate::{Attempt, ClientFacts};
use writ_core::client::{SecretHash, SecretProof};
use writ_core::ids::SecretId;
use writ_core::secret::Digest32;
use writ_core::tenant::{Tenant, issuer};

use crate::app::App;
use crate::fault::Fault;
use crate::rounds::{Freshness, Source};

/// A client as cached, with what was learnt about its slow secrets in this process.
#[derive(Debug)]
pub struct CachedClient {
    /// The client and its tenant.
    pub facts: ClientFacts,
    /// The last presented secret that a slow hash accepted, as a keyed hash: its next use costs no
    /// argon2. Kept with these facts only, so it goes when the client changes.
    accepted: Mutex<Option<(Digest32, SecretId)>>,
}

/// Facts and where they came from.
#[derive(Debug)]
pub struct Loaded<T> {
    /// The facts; none: there are none.
    pub facts: Option<Arc<T>>,
    /// Where they came from.
    pub source: Source,
}

impl App {
    /// The client with a public id.
    pub(crate) async fn client(&self, client_id: &str, freshness: Freshness) -> Result<Loaded<CachedClient>, Fault> {
        if freshness == Freshness::Cached
            && let Some(known) = self.clients.get(client_id)
        {
            return Ok(Loaded { facts: Some(known), source: Source::Cache });
        }
        let Some((client, tenant)) = self.store.client_by_client_id(client_id).await? else {
            // No negative caching, and a client that is gone is gone from the cache.
            self.clients.invalidate(client_id);
            return Ok(Loaded { facts: None, source: Source::Storage });
        };
        let issuer = self.issuer(&tenant);
        let permissions = client.permissions();
        let facts = ClientFacts { tenant: Arc::new(tenant), issuer, client: Arc::new(client), permissions };
        let cached = Arc::new(CachedClient { facts, accepted: Mutex::new(None) });
        self.clients.insert(cached.facts.client.client_id.clone(), Arc::clone(&cached));
        Ok(Loaded { facts: Some(cached), source: Source::Storage })
    }

    /// What a presented secret proves against a client's stored hashes.
    pub(crate) async fn prove(&self, attempt: &Attempt, client: Option<&CachedClient>) -> Result<SecretProof, Fault> {
        let Some(secret) = attempt.secret() else { return Ok(SecretProof::default()) };
        // Also for an unknown client, so that it costs what a wrong secret costs.
        let keyed = self.hash_key.hash(secret.expose());
        let mut proof = SecretProof { keyed: Some(keyed), slow: None };
        let Some(client) = client else { return Ok(proof) };
        let remembered = *client.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, id)) = remembered.filter(|(accepted, _)| accepted.ct_eq(&keyed)) {
            proof.slow = Some(id);
            return Ok(proof);
        }
        for stored in &client.facts.client.secrets {
            let SecretHash::Slow(phc) = &stored.hash else { continue };
            if self.passwords.verify(secret.clone(), Arc::clone(phc)).await? {
                proof.slow = Some(stored.id);
                *client.accepted.lock().unwrap_or_else(PoisonError::into_inner) = Some((keyed, stored.id));
                break;
            }
        }
        Ok(proof)
    }

    /// The tenant with a slug; cached for what may be some seconds old (metadata, JWKS) only.
    pub(crate) async fn tenant(&self, slug: &str, freshness: Freshness) -> Result<Option<Arc<Tenant>>, Fault> {
        if freshness == Freshness::Cached
            && let Some(known) = self.tenants.get(slug)
        {
            return Ok(Some(known));
        }
        let Some(tenant) = self.store.tenant_by_slug(slug).await? else { return Ok(None) };
        let tenant = Arc::new(tenant);
        self.tenants.insert(tenant.slug.clone(), Arc::clone(&tenant));
        Ok(Some(tenant))
    }

    /// The issuer of a tenant.
    pub(crate) fn issuer(&self, tenant: &Tenant) -> Arc<str> {
        if &*tenant.slug == writ_core::tenant::DEFAULT_SLUG {
            return Arc::clone(&self.base);
        }
        issuer(&self.base, &tenant.slug).into()
    }
}

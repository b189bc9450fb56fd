//! What every request shares.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use moka::sync::Cache;
use writ_core::client::{IdTokenClaims, Naming, TokenRate};
use writ_core::decision::{Moment, Random};
use writ_core::ids::{DeviceRequestId, TenantId};
use writ_core::key::JWKS_AGE;
use writ_core::networks::AllowList;
use writ_core::rotation::MaxAge;
use writ_core::secret::HashKey;
use writ_core::time::Seconds;
use writ_jose::{Algorithm, MasterKey};
use writ_store::Store;

use crate::config::Config;
use crate::edge::access_log::AccessLog;
use crate::edge::buckets::Buckets;
use crate::edge::limits::{NodeLimits, Policy, RateLimits};
use crate::edge::metrics::Meters;
use crate::edge::proxies::TrustedProxies;
use crate::edge::shares::{PerNetwork, Shares};
use crate::outbound::{MailMeters, Outbound, Post};
use crate::passwords::{BreachedPasswords, PasswordPool};
use crate::serve::{Bodies, ConnectionMeters};
use crate::state::asking::RequestingClient;
use crate::state::client_keys::ClientKeySet;
use crate::state::clock::Clock;
use crate::state::documents::{ClientDocument, DocumentWords};
use crate::state::facts::{CachedClient, PublishedTenant};
use crate::state::fetched::FetchedDocuments;
use crate::state::keyring::Keyring;
use crate::state::logos::MissedLogos;
use crate::state::outage::Outage;
use crate::state::resources::KeptResources;
use crate::state::upstream_metadata::UpstreamMetadata;

/// Clients kept in memory at the most.
const CLIENTS: u64 = 10_000;
/// Clients with all that was registered, kept in memory at the most.
const ASKING: u64 = 2_000;
/// Tenants kept in memory at the most.
const TENANTS: u64 = 5_000;
/// Request objects kept in memory at the most, each of 24 KiB or less.
const REQUEST_OBJECTS: u64 = 500;
/// How old metadata and JWKS may be.
const PUBLISHED: Duration = Duration::from_secs(JWKS_AGE.0.unsigned_abs());

/// What every request shares: the parts that the server was started with, and what it gathers while
/// it runs. Fields of [`Parts`] are read as if they were its own.
pub struct App {
    parts: Parts,
    /// Slow hashes.
    pub passwords: PasswordPool,
    /// Counters of mail.
    pub mails: MailMeters,
    /// Counters of clients that were told of sign-outs.
    pub logouts: MailMeters,
    /// Counters of requests.
    pub meters: Meters,
    /// What is away at the moment.
    pub outage: Outage,
    /// Counters of connections.
    pub connections: Arc<ConnectionMeters>,
    pub(crate) clients: Cache<Arc<str>, Arc<CachedClient>>,
    /// Clients that asked for an authorization, as they were read last.
    pub(crate) asking: Cache<Arc<str>, Arc<RequestingClient>>,
    pub(crate) tenants: Cache<Arc<str>, PublishedTenant>,
    /// Keys of clients that lie where the clients have them.
    pub(crate) client_keys: FetchedDocuments<ClientKeySet>,
    /// Documents of clients.
    pub(crate) documents: FetchedDocuments<ClientDocument>,
    /// Metadata of other identity providers.
    pub(crate) upstream_metadata: FetchedDocuments<UpstreamMetadata>,
    /// Request objects of clients whose addresses bear the hash of them.
    pub(crate) request_objects: Cache<(TenantId, Box<str>), Arc<str>>,
    /// Clients whose logos were shown after their time.
    pub(crate) missed_logos: MissedLogos,
    pub(crate) keyrings: Cache<TenantId, Arc<Keyring>>,
    /// Resources of tenants.
    pub(crate) resources: Cache<TenantId, Arc<KeptResources>>,
    /// Whose turn it is to make a tenant's first key of an algorithm.
    pub(crate) making_keys: Cache<TenantId, Arc<tokio::sync::Mutex<()>>>,
    /// How often who may still do what.
    pub limits: NodeLimits,
    /// What networks have taken of what they may have.
    pub shares: Shares,
    /// Devices that asked a moment ago.
    pub polls: Buckets<DeviceRequestId>,
    /// Bytes of request bodies on their way.
    pub bodies: Arc<Bodies>,
    pub(crate) origins: Cache<(TenantId, Arc<str>), bool>,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// Settings that a hang-up can change (SIGHUP). Whoever uses one reads it at each use.
#[derive(Debug, Clone)]
pub struct Live {
    /// How old signing keys become.
    pub key_max_age: MaxAge,
    /// How long audit records are kept; none: for good.
    pub audit_retention: Option<Seconds>,
    /// Whose word on the client's address counts.
    pub proxies: TrustedProxies,
    /// From where the server may be used at all.
    pub allowed_networks: AllowList,
    /// Whether calls are limited.
    pub rate_limits: RateLimits,
    /// How fast a client may get tokens where neither it nor its tenant says.
    pub token_rate: TokenRate,
    /// The same, as its bucket has it.
    pub tokens: Arc<Policy>,
    /// Which requests are logged.
    pub access_log: AccessLog,
    /// What one network may have.
    pub per_network: PerNetwork,
}

impl Live {
    /// With another choice of how fast a client may get tokens.
    pub fn choose_token_rate(&mut self, rate: TokenRate) {
        (self.token_rate, self.tokens) = (rate, Arc::new(Policy::tokens(rate)));
    }

    /// As the settings say.
    pub fn of(config: &Config) -> Self {
        Self {
            key_max_age: config.key_max_age,
            audit_retention: config.audit_retention,
            proxies: config.front.proxies.clone(),
            allowed_networks: config.allowed_networks.clone(),
            rate_limits: config.rate_limits,
            token_rate: config.token_rate,
            tokens: Arc::new(Policy::tokens(config.token_rate)),
            access_log: config.access_log,
            per_network: config.per_network,
        }
    }
}

/// The server's parts, made once at the start.
pub struct Parts {
    /// The storage.
    pub store: Store,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// The source of ids and secrets.
    pub random: Box<dyn Random>,
    /// The base URL, without trailing slash: the issuer of the first tenant.
    pub base: Arc<str>,
    /// The first tenant.
    pub default_tenant: TenantId,
    /// What access tokens are signed with where neither client nor tenant says.
    pub access_token_alg: Algorithm,
    /// What ID tokens are signed with where neither client nor tenant says.
    pub id_token_alg: Algorithm,
    /// What ID tokens tell of a person where neither client nor tenant says.
    pub id_token_claims: IdTokenClaims,
    /// What new clients and their secrets are called.
    pub naming: Naming,
    /// What a hang-up can change.
    pub live: ArcSwap<Live>,
    /// The key of the keyed hashes.
    pub hash_key: HashKey,
    /// The key that private keys are sealed under.
    pub master_key: MasterKey,
    /// What happens to mail.
    pub post: Post,
    /// How others are called.
    pub outbound: Outbound,
    /// How documents of clients are read.
    pub document_words: DocumentWords,
    /// Passwords that attackers know.
    pub breached: Option<BreachedPasswords>,
}

impl App {
    /// Puts the parts together.
    pub fn new(mut parts: Parts) -> Self {
        let passwords = PasswordPool::new().knowing(parts.breached.take());
        let bodies = Bodies::default();
        bodies.set_most(parts.live.load().per_network.body_bytes);
        Self {
            parts,
            passwords,
            mails: MailMeters::default(),
            logouts: MailMeters::default(),
            meters: Meters::new(),
            outage: Outage::default(),
            connections: Arc::new(ConnectionMeters::default()),
            clients: Cache::new(CLIENTS),
            asking: Cache::new(ASKING),
            tenants: Cache::builder().max_capacity(TENANTS).time_to_live(PUBLISHED).build(),
            client_keys: FetchedDocuments::new(),
            documents: FetchedDocuments::new(),
            upstream_metadata: FetchedDocuments::new(),
            request_objects: Cache::builder().max_capacity(REQUEST_OBJECTS).time_to_idle(PUBLISHED).build(),
            missed_logos: MissedLogos::default(),
            keyrings: Cache::new(TENANTS),
            resources: Cache::new(TENANTS),
            making_keys: Cache::new(TENANTS),
            limits: NodeLimits::default(),
            shares: Shares::default(),
            polls: Buckets::default(),
            bodies: Arc::new(bodies),
            origins: Cache::builder().max_capacity(TENANTS).time_to_live(PUBLISHED).build(),
        }
    }

    /// The moment of a decision.
    pub fn moment(&self) -> Moment<'_> {
        Moment { now: self.clock.now(), random: &*self.random }
    }

    /// The address of the page that explains an error.
    pub fn error_uri(&self, page: &str) -> String {
        format!("{}/errors/{page}", self.base)
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("base", &self.base).finish_non_exhaustive()
    }
}

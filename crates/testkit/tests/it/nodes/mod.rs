//! Several server processes on one PostgreSQL: what only two nodes, a killed database or a deaf
//! connection can show.

mod first_start;
mod flow;
mod frozen;
mod guesses;
mod kills;
mod outage;
mod people;
mod races;
mod refusals;
mod rotation;

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use writ_core::base62;
use writ_core::change::{Act, Action, Actor, Change, Changes, Enabled, Origin, Target};
use writ_core::client::{
    AuthMethod, Client, ClientKind, ClientSecret, GrantType, GrantTypes, NewClient, Party, Registration,
    SecretHash, TokenFormat, TokenPolicy,
};
use writ_core::decision::Random as _;
use writ_core::grant::{NewGrant, Terms};
use writ_core::ids::{AuditId, ClientId, GrantId, SecretId, TenantId, TokenId, UserId};
use writ_core::scope::Scope;
use writ_core::secret::{HashKey, sha256};
use writ_core::tenant::DEFAULT_SLUG;
use writ_core::time::{Micros, Seconds};
use writ_core::token::{Audience, Basis, NewAccessToken, OPAQUE_PREFIX};
use writ_core::user::NewUser;
use writ_server::boot::bootstrap::HASH_KEY_CONTEXT;
use writ_server::state::clock::{Clock as _, SystemClock, SystemSource};
use writ_server::state::master_key;
use writ_store::{PostgresOptions, Store};
use writ_testkit::postgres::Cluster;
use writ_testkit::process::{Answer, Http, Request, Writ};

use crate::process::Credential;

/// What clients call the server, whichever node answers.
const ISSUER: &str = "http://localhost:9000";

/// A database, and the data folder that its nodes share.
struct Site {
    url: String,
    folder: tempfile::TempDir,
}

impl Site {
    /// An empty database in the cluster of all tests.
    fn new() -> Self {
        Self::on(Cluster::shared().unwrap())
    }

    fn on(cluster: &Cluster) -> Self {
        Self { url: cluster.database().unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn database(&self) -> &str {
        Cluster::database_of(&self.url)
    }

    /// A node that has not been started.
    fn node(&self) -> Writ {
        let mut writ = Writ::new().unwrap();
        writ.arguments(["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--issuer", ISSUER]);
        writ.keep_in(self.folder().join("data")).database(&self.url);
        writ
    }

    fn started(&self) -> Writ {
        let mut writ = self.node();
        writ.start().unwrap();
        writ
    }

    /// One value that the shared cluster's superuser reads.
    fn query(&self, sql: &str) -> String {
        Cluster::shared().unwrap().query(self.database(), sql).unwrap()
    }
}

/// A third party at the same database: what it writes, it writes as a further node would.
struct Outside {
    runtime: Runtime,
    store: Store,
    tenant: TenantId,
    key: HashKey,
    clock: SystemClock,
    random: SystemSource,
}

/// A client with an opaque or a JWT token.
#[derive(Debug, Clone)]
struct Made {
    id: ClientId,
    name: String,
    secret: SecretId,
    credential: Credential,
}

impl Outside {
    fn open(site: &Site) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (store, tenant, sealed) = runtime.block_on(async {
            let store = Store::open_postgres(&PostgresOptions::new(site.url.clone())).await.unwrap();
            let tenant = store.tenant_by_slug(DEFAULT_SLUG).await.unwrap().unwrap().id;
            let sealed = store.sealed_hash_key().await.unwrap().unwrap();
            (store, tenant, sealed)
        });
        let master = master_key::load_or_make(&site.folder().join("data"), true).unwrap();
        let opened = master.open(HASH_KEY_CONTEXT, &sealed).unwrap();
        let key = HashKey::new(<[u8; 32]>::try_from(opened.as_slice()).unwrap().into());
        Self { runtime, store, tenant, key, clock: SystemClock::default(), random: SystemSource::default() }
    }

    fn now(&self) -> Micros {
        self.clock.now()
    }

    /// Commits one unit, and gives the time that it took.
    fn commit(&self, what: (Action, Target), changes: impl IntoIterator<Item = Change>) -> Duration {
        let (action, target) = what;
        let (id, at) = (AuditId::v7(self.now(), self.random.bits()), self.now());
        let origin = Origin::default();
        let act = Act { id, at, tenant: self.tenant, actor: Actor::System, action, target, origin };
        let unit = changes.into_iter().fold(Changes::new(act), Changes::with);
        let begun = Instant::now();
        self.runtime.block_on(self.store.commit(unit)).unwrap();
        begun.elapsed()
    }

    /// A new secret, and its text.
    fn secret(&self) -> (ClientSecret, String) {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        let text = format!("csec_{}", base62::random_text(&bytes));
        let secret = ClientSecret {
            id: SecretId::v7(self.now(), self.random.bits()),
            hash: SecretHash::Keyed(self.key.hash(&text)),
            prefix: "csec_".into(),
            last_four: "test".into(),
            created_at: self.now(),
            expires_at: None,
        };
        (secret, text)
    }

    /// A new client of the first tenant.
    fn client(&self, format: TokenFormat) -> Made {
        let id = ClientId::v7(self.now(), self.random.bits());
        let (secret, text) = self.secret();
        let (name, secret_id) = (id.prefixed(), secret.id);
        let client = Client {
            id,
            tenant: self.tenant,
            client_id: name.as_str().into(),
            name: "Made by another node".into(),
            kind: ClientKind::Machine,
            auth_method: AuthMethod::AnySecret,
            grant_types: GrantTypes::new([GrantType::ClientCredentials]),
            scope: Scope::parse("read").unwrap(),
            tokens: TokenPolicy { format, ..TokenPolicy::default() },
            secrets: vec![secret],
            party: Party::Third,
            enabled: Enabled::Yes,
            version: 1,
        };
        let new = NewClient { client, registration: Registration::at(self.now()) };
        self.commit((Action::ClientCreated, Target::Client(id)), [Change::CreateClient(Box::new(new))]);
        Made { id, credential: credential(&name, &text), name, secret: secret_id }
    }

    fn user(&self) -> UserId {
        let id = UserId::v7(self.now(), self.random.bits());
        let new = NewUser {
            id,
            tenant: self.tenant,
            username: id.to_string().into(),
            email: None,
            name: None,
            email_verified_at: None,
            password_hash: None,
            roles: vec!["user".into()],
            created_at: self.now(),
        };
        self.commit((Action::UserCreated, Target::User(id)), [Change::CreateUser(Box::new(new))]);
        id
    }

    fn grant(&self, client: &Made, user: UserId) -> GrantId {
        let (id, created_at) = (GrantId::v7(self.now(), self.random.bits()), self.now());
        let new = NewGrant {
            id,
            tenant: self.tenant,
            client: client.id,
            user,
            scope: Scope::default(),
            authentication: writ_core::session::Authentication::by_password(created_at),
            terms: Terms::default(),
            created_at,
            expires_at: created_at.plus(Seconds(86_400)),
        };
        self.commit((Action::GrantCreated, Target::Grant(id)), [Change::CreateGrant(Box::new(new))]);
        id
    }

    /// A token that nobody asked for, of a person where one is named.
    fn plant(&self, client: &Made, user: Option<UserId>, expires_at: Micros) -> String {
        self.plant_under(client, (user, None), expires_at)
    }

    fn plant_under(
        &self,
        client: &Made,
        (user, grant): (Option<UserId>, Option<GrantId>),
        expires_at: Micros,
    ) -> String {
        let found = self.runtime.block_on(self.store.client_by_client_id(&client.name)).unwrap();
        let (row, tenant) = found.unwrap();
        let id = TokenId::v7(self.now(), self.random.bits());
        let mut bytes = [0; 48];
        self.random.fill(&mut bytes);
        bytes[..16].copy_from_slice(&id.to_bytes());
        let token = format!("{OPAQUE_PREFIX}{}", base62::random_text(&bytes));
        let new = NewAccessToken {
            id,
            tenant: tenant.id,
            client: client.id,
            user,
            grant,
            hash: sha256(token.as_bytes()),
            scope: Scope::parse("read").unwrap(),
            audience: Audience::new([ISSUER]),
            cnf: None,
            issued_at: self.now(),
            expires_at,
            basis: Basis { client_version: row.version, tenant_version: tenant.version },
        };
        let change = Change::IssueAccessToken(Box::new(new));
        self.commit((Action::AccessTokenIssued, Target::AccessToken(id)), [change]);
        token
    }

    fn in_an_hour(&self) -> Micros {
        self.now().plus(Seconds(3600))
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.store.close();
    }
}

fn credential(name: &str, secret: &str) -> Credential {
    Credential(format!("client_id={name}&client_secret={secret}"))
}

/// The credential that the first start made.
fn operator(writ: &Writ) -> Credential {
    Credential(writ.client_form().unwrap())
}

fn api_key(writ: &Writ) -> String {
    writ.bootstrap().unwrap()["api_key"].as_str().unwrap().to_owned()
}

/// Asks the management API with a bearer.
fn manage(http: &mut Http, bearer: &str, (method, path): (&str, &str), body: &str) -> Answer {
    let bearer = format!("Bearer {bearer}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    http.send(&Request { method, path, headers: &headers, form: body }).unwrap()
}

/// A number of `/metrics`.
fn metric(writ: &Writ, name: &str) -> u64 {
    let body = Http::new(writ.metrics()[0]).get("/metrics").unwrap().body;
    let line = body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {body}"))
}

/// Waits until something holds, and gives how long that took.
fn until(patience: Duration, what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < patience, "not within {patience:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed()
}

/// A 503 that says when to ask again.
fn is_unavailable(answer: &Answer) -> bool {
    let after = answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    answer.status == 503 && answer.text("error") == "temporarily_unavailable" && after.is_some()
}

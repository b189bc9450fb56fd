//! A whole server in this process: real storage in a folder of its own, the router, a clock that stands.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use tempfile::TempDir;
use writ_core::client::{IdTokenClaims, Naming};
use writ_core::rotation::MaxAge;
use writ_jose::Algorithm;
use writ_server::boot::bootstrap::BootstrapValues;
use writ_server::boot::start::{self, Sources};
use writ_server::config::{Config, InsecureIssuer, KEY_ROTATION_DAYS, LogFormat, MetricsAddress};
use writ_server::edge::access_log::AccessLog;
use writ_server::edge::limits::RateLimits;
use writ_server::outbound::{OutboundSettings, SmtpSettings, SmtpTls};
use writ_server::router;
use writ_server::state::app::App;
use writ_store::{PostgresOptions, SqliteOptions, Store};

use crate::ask::{Answer, Credential, form};
use crate::clock::TestClock;
use crate::conform::{self, Answered, Asked};
use crate::given::{TestClient, TestTenant};
use crate::random::Seeded;

/// The base URL where a test does not choose one.
pub const BASE: &str = "https://id.example";

/// The peer that requests without a socket come from.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), 40_000);

/// What a server keeps everything in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in the data folder.
    Sqlite,
    /// A PostgreSQL database of the test's own.
    Postgres,
}

/// What a test may choose of a server.
#[derive(Debug, Clone)]
pub struct TestServerBuilder {
    base: String,
    access_token_alg: Algorithm,
    id_token_alg: Algorithm,
    id_token_claims: IdTokenClaims,
    naming: Naming,
    key_max_age: MaxAge,
    smtp: Option<SmtpSettings>,
    outbound: OutboundSettings,
    has_mail: bool,
    seed: u64,
    rate_limits: RateLimits,
    database: Option<String>,
    breached: Option<std::path::PathBuf>,
    shared: Option<(TestClock, Arc<TempDir>)>,
}

impl TestServerBuilder {
    /// The base URL, without trailing slash.
    #[must_use]
    pub fn base(mut self, base: &str) -> Self {
        base.clone_into(&mut self.base);
        self
    }

    /// What access tokens are signed with where neither client nor tenant says.
    #[must_use]
    pub fn access_token_alg(mut self, algorithm: Algorithm) -> Self {
        self.access_token_alg = algorithm;
        self
    }

    /// What ID tokens are signed with where neither client nor tenant says.
    #[must_use]
    pub fn id_token_alg(mut self, algorithm: Algorithm) -> Self {
        self.id_token_alg = algorithm;
        self
    }

    /// What ID tokens tell of a person where neither client nor tenant says.
    #[must_use]
    pub fn id_token_claims(mut self, claims: IdTokenClaims) -> Self {
        self.id_token_claims = claims;
        self
    }

    /// What new clients and their secrets are called.
    #[must_use]
    pub fn naming(mut self, naming: Naming) -> Self {
        self.naming = naming;
        self
    }

    /// How old signing keys become.
    #[must_use]
    pub fn key_max_age(mut self, max_age: MaxAge) -> Self {
        self.key_max_age = max_age;
        self
    }

    /// Where mail is sent through.
    #[must_use]
    pub fn smtp(mut self, settings: SmtpSettings) -> Self {
        self.smtp = Some(settings);
        self
    }

    /// What holds for calls to others.
    #[must_use]
    pub fn outbound(mut self, settings: OutboundSettings) -> Self {
        self.outbound = settings;
        self
    }

    /// Nobody takes letters, unless the base URL is this machine's own.
    #[must_use]
    pub fn without_mail(mut self) -> Self {
        self.has_mail = false;
        self
    }

    /// Calls are limited, as they are for an operator who says nothing.
    #[must_use]
    pub fn rate_limits(mut self) -> Self {
        self.rate_limits = RateLimits::On;
        self
    }

    /// The seed of ids and secrets.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Refuses new passwords that are in this file.
    #[must_use]
    pub fn breached_passwords(mut self, file: &std::path::Path) -> Self {
        self.breached = Some(file.to_owned());
        self
    }

    /// Keeps everything in a PostgreSQL database.
    #[must_use]
    pub fn database(mut self, url: &str) -> Self {
        self.database = Some(url.to_owned());
        self
    }

    /// Has the clock and the data folder, with the master key in it, of another server: a further node of the same
    /// database. It must have a [`seed`](Self::seed) of its own, for ids are drawn from it.
    #[must_use]
    pub fn beside(mut self, first: &TestServer) -> Self {
        self.shared = Some((first.clock.clone(), Arc::clone(&first.folder)));
        self
    }

    /// Starts the server on an empty folder; the first start makes the first rows.
    pub async fn start(self) -> TestServer {
        let (clock, folder) = self.shared.unwrap_or_else(|| (TestClock::new(), Arc::new(new_folder())));
        let config = Config {
            breached_passwords: self.breached,
            listen: Vec::new(),
            issuer: Some(self.base.clone()),
            data_dir: folder.path().to_owned(),
            database: None,
            metrics: MetricsAddress::Off,
            log_format: LogFormat::Auto,
            log_filter: String::new(),
            access_token_alg: self.access_token_alg,
            id_token_alg: self.id_token_alg,
            id_token_claims: self.id_token_claims,
            naming: self.naming,
            key_max_age: self.key_max_age,
            audit_retention: None,
            master_key: writ_server::config::MasterKeySource::DataFolder,
            insecure_issuer: InsecureIssuer::Refused,
            rate_limits: self.rate_limits,
            token_rate: writ_core::client::TokenRate::DEFAULT,
            allowed_networks: writ_core::networks::AllowList::default(),
            max_connections: 64,
            per_network: writ_server::edge::shares::PerNetwork::default(),
            front: writ_server::config::Front::default(),
            smtp: self.smtp.or_else(|| self.has_mail.then(|| nobody_listens(&self.base)).flatten()),
            outbound: self.outbound,
            access_log: AccessLog::Off,
            fsync_delay: Duration::ZERO,
        };
        let random = Seeded::new(self.seed);
        let store = match &self.database {
            None => Store::open_sqlite(&SqliteOptions::new(folder.path())).expect("a database"),
            Some(url) => Store::open_postgres(&PostgresOptions::new(url.clone())).await.expect("a database"),
        };
        let started = start::start_with(
            store,
            &config,
            &self.base,
            Sources {
                clock: Box::new(clock.clone()),
                random: Box::new(random),
                values: || Ok(BootstrapValues::default()),
            },
        )
        .await
        .expect("a server");
        let text = std::fs::read_to_string(folder.path().join("bootstrap.json")).expect("bootstrap.json");
        TestServer {
            router: router::router(Arc::clone(&started.app)),
            metrics: router::metrics_router(Arc::clone(&started.app)),
            app: started.app,
            clock,
            base: self.base,
            bootstrap: serde_json::from_str(&text).expect("bootstrap.json is JSON"),
            folder,
        }
    }
}

/// A mail server that letters wait for: tests read them before anybody sends them.
fn nobody_listens(base: &str) -> Option<SmtpSettings> {
    let is_here = base.starts_with("http://localhost") || base.starts_with("http://127.");
    (!is_here).then(|| SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: 9,
        tls: SmtpTls::Off,
        credentials: None,
        ca: None,
        from: "Writ <no-reply@id.example>".parse().expect("an address"),
        hello: None,
        sender_domains: Vec::new(),
    })
}

/// In memory where the machine has such a place: no test of this kit is about the disk.
fn new_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

/// A server in this process.
#[derive(Debug)]
pub struct TestServer {
    /// What every request shares.
    pub app: Arc<App>,
    /// The time.
    pub clock: TestClock,
    /// The base URL.
    pub base: String,
    /// What the first start wrote for its operator.
    pub bootstrap: Value,
    pub(crate) router: Router,
    metrics: Router,
    folder: Arc<TempDir>,
}

impl TestServer {
    /// A server with nothing chosen.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A server with nothing chosen but what it keeps everything in.
    pub async fn on(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::start().await,
            Engine::Postgres => {
                let url = crate::postgres::fresh_database().await.expect("a database");
                Self::builder().database(&url).start().await
            }
        }
    }

    /// A server with something chosen.
    pub fn builder() -> TestServerBuilder {
        TestServerBuilder {
            base: BASE.to_owned(),
            access_token_alg: Algorithm::Es256,
            id_token_alg: Algorithm::Rs256,
            id_token_claims: IdTokenClaims::default(),
            naming: Naming::default(),
            key_max_age: MaxAge::days(KEY_ROTATION_DAYS),
            smtp: None,
            outbound: OutboundSettings::default(),
            has_mail: true,
            seed: 1,
            rate_limits: RateLimits::Off,
            database: None,
            breached: None,
            shared: None,
        }
    }

    /// Ends the server and starts another one on its folder, at the same time of the same clock.
    pub async fn restarted(self) -> Self {
        let builder = Self::builder().base(&self.base).seed(2).beside(&self);
        self.app.store.close();
        drop(self);
        builder.start().await
    }

    /// The data folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The first tenant.
    pub fn default_tenant(&self) -> TestTenant {
        TestTenant { id: self.app.default_tenant, slug: "default".to_owned(), issuer: self.base.clone() }
    }

    /// The management client of the first start, an operator.
    pub async fn management_client(&self) -> TestClient {
        let read = |name: &str| {
            let found = self.bootstrap.pointer(&format!("/client/{name}")).and_then(Value::as_str);
            found.expect("bootstrap.json names the client").to_owned()
        };
        let client_id = read("client_id");
        let found = self.app.store.client_by_client_id(&client_id).await.expect("storage");
        let (client, _) = found.expect("the management client");
        TestClient { id: client.id, tenant: client.tenant, client_id, secret: read("client_secret") }
    }

    /// The API key of the first start, an operator's.
    pub fn management_key(&self) -> String {
        self.bootstrap.get("api_key").and_then(Value::as_str).expect("bootstrap.json has a key").to_owned()
    }

    /// Asks straight through the router's outermost layer, without a socket. A `Host` is added where there is none.
    pub async fn request(&self, request: Request<impl Into<Bytes>>) -> Answer {
        self.through(self.router.clone(), request).await
    }

    /// Asks the operator's address.
    pub async fn metrics(&self, path: &str) -> Answer {
        let request = Request::get(path).body("").expect("a request");
        self.through(self.metrics.clone(), request).await
    }

    /// As [`TestServer::request`], from another peer.
    pub async fn request_from(&self, peer: &str, request: Request<impl Into<Bytes>>) -> Answer {
        self.answer(self.router.clone(), request, peer.parse().expect("an address")).await
    }

    async fn through(&self, router: Router, request: Request<impl Into<Bytes>>) -> Answer {
        self.answer(router, request, PEER.ip()).await
    }

    async fn answer(
        &self,
        router: Router,
        request: Request<impl Into<Bytes>>,
        peer: std::net::IpAddr,
    ) -> Answer {
        let mut request = request.map(Into::into);
        let (method, target) = (request.method().clone(), request.uri().to_string());
        let sent: Bytes = request.body().clone();
        request.headers_mut().entry(header::HOST).or_insert(HeaderValue::from_static("id.example"));
        let request = request.map(Full::new);
        let (parts, body) = router::answer(&self.app, router, request, Some(peer)).await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body };
        let headers: Vec<_> = answer.headers.keys().map(http::HeaderName::as_str).collect();
        conform::check(
            Asked { method: method.as_str(), target: &target, body: &sent },
            Answered {
                status: answer.status,
                content_type: answer.header("content-type"),
                headers: &headers,
                body: &answer.body,
            },
        );
        answer
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).await
    }

    /// Any method, without a body.
    pub async fn ask(&self, method: Method, path: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).body("").expect("a request");
        self.request(request).await
    }

    /// `POST` of a form.
    pub async fn post(&self, path: &str, by: impl Into<Credential>, pairs: &[(&str, &str)]) -> Answer {
        let by = by.into();
        let mut all = pairs.to_vec();
        all.extend(by.parameters());
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(value) = by.header() {
            request = request.header(header::AUTHORIZATION, value);
        }
        self.request(request.body(form(&all)).expect("a request")).await
    }

    /// Asks for a token by `client_credentials`, at the root.
    pub async fn token(&self, by: impl Into<Credential>, more: &[(&str, &str)]) -> Answer {
        let mut pairs = vec![("grant_type", "client_credentials")];
        pairs.extend(more);
        self.post("/oauth2/token", by, &pairs).await
    }

    /// A token by `client_credentials`.
    pub async fn access_token(&self, by: impl Into<Credential>) -> String {
        crate::ask::token_of(&self.token(by, &[]).await)
    }

    /// Introspects, at the root.
    pub async fn introspect(&self, by: impl Into<Credential>, token: &str) -> Answer {
        self.post("/oauth2/introspect", by, &[("token", token)]).await
    }

    /// Whether introspection calls a token active. Inactive is exactly `{"active":false}`.
    pub async fn is_active(&self, by: impl Into<Credential>, token: &str) -> bool {
        let answer = self.introspect(by, token).await.expect(200);
        let active = answer.json().get("active").and_then(Value::as_bool).expect("active");
        assert!(active || answer.text() == "{\"active\":false}", "{}", answer.text());
        active
    }

    /// Revokes, at the root.
    pub async fn revoke(&self, by: impl Into<Credential>, token: &str) -> Answer {
        self.post("/oauth2/revoke", by, &[("token", token)]).await
    }
}

//! Configuration: flags before environment before file before defaults. This is the outermost
//! layer: nothing further in reads the environment.
//!
//! `settings` is the table of all of them; `given` gathers what flags, environment and `file` say; [`Config`] is
//! what that means; `reference` is the table as a page.

mod file;
mod front;
mod given;
mod master_key;
mod outbound;
mod problem;
mod reference;
pub mod settings;
mod smtp;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use writ_core::client::{IdTokenClaims, Naming, Prefix, TokenRate, within};
use writ_core::networks::AllowList;
use writ_core::reason::Reason;
use writ_core::rotation::MaxAge;
use writ_core::time::Seconds;
use writ_jose::Algorithm;
use writ_store::{Plaintext, PostgresOptions};

pub use front::{Front, TlsMode};
pub use given::{Environment, Every, Flags, FoundValue, Raw, Selection, Settings, StoragePlaces};
pub use master_key::MasterKeySource;
pub use problem::{ConfigError, ConfigProblem, ValueOrigin, nearest};
pub use reference::reference;

use crate::edge::access_log::AccessLog;
use crate::edge::limits::RateLimits;
use crate::edge::proxies::{ProxyHeaders, TrustedProxies};
use crate::edge::shares::PerNetwork;
use crate::outbound::{OutboundSettings, SmtpSettings};
use crate::reasons;
use crate::serve::{ListenAddress, TlsFiles};
use given::SecretSource;

/// How old a signing key becomes where nothing else is said.
pub const KEY_ROTATION_DAYS: u32 = 90;

/// The settings of a server, complete.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: Vec<ListenAddress>,
    /// The base URL; none: made from the address.
    pub issuer: Option<String>,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The PostgreSQL database; none: SQLite in the data folder.
    pub database: Option<Database>,
    /// Where `/metrics` is.
    pub metrics: MetricsAddress,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines there are, in `tracing`'s filter syntax.
    pub log_filter: String,
    /// What access tokens are signed with where neither client nor tenant says.
    pub access_token_alg: Algorithm,
    /// What ID tokens are signed with where neither client nor tenant says.
    pub id_token_alg: Algorithm,
    /// What ID tokens tell of a person where neither client nor tenant says.
    pub id_token_claims: IdTokenClaims,
    /// What new clients and their secrets are called.
    pub naming: Naming,
    /// How old a signing key becomes before another one signs.
    pub key_max_age: MaxAge,
    /// The file of passwords that attackers know.
    pub breached_passwords: Option<PathBuf>,
    /// How long audit records are kept; none: for good.
    pub audit_retention: Option<Seconds>,
    /// Where the master key is.
    pub master_key: MasterKeySource,
    /// Whether an issuer may be plain http on a host that is not loopback.
    pub insecure_issuer: InsecureIssuer,
    /// Which requests are logged.
    pub access_log: AccessLog,
    /// Whether calls are limited.
    pub rate_limits: RateLimits,
    /// How fast a client may get tokens where neither it nor its tenant says.
    pub token_rate: TokenRate,
    /// From where the server may be used at all.
    pub allowed_networks: AllowList,
    /// Connections at the most.
    pub max_connections: usize,
    /// What one network may have.
    pub per_network: PerNetwork,
    /// TLS and proxies.
    pub front: Front,
    /// Where mail is sent through; none: nowhere.
    pub smtp: Option<SmtpSettings>,
    /// What holds for calls to others.
    pub outbound: OutboundSettings,
    /// Test only: added to each commit.
    pub fsync_delay: Duration,
}

/// A PostgreSQL database.
#[derive(Clone)]
pub struct Database {
    /// Its address; may carry a password.
    pub url: String,
    /// A file of CA certificates (PEM) that vouch for it.
    pub ca_file: Option<PathBuf>,
    /// What may cross the network unencrypted.
    pub plaintext: Plaintext,
}

impl Database {
    /// How it is opened.
    pub fn options(&self) -> PostgresOptions {
        PostgresOptions {
            ca_file: self.ca_file.clone(),
            plaintext: self.plaintext,
            ..PostgresOptions::new(self.url.clone())
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("ca_file", &self.ca_file)
            .field("plaintext", &self.plaintext)
            .finish_non_exhaustive()
    }
}

/// Where `/metrics` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetricsAddress {
    /// On the usual address; where that is taken, nowhere.
    Usual(ListenAddress),
    /// Exactly here.
    At(ListenAddress),
    /// Nowhere.
    Off,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people on a terminal, else JSON.
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Whether an issuer may be plain http on a host that is not loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsecureIssuer {
    /// It may not.
    Refused,
    /// The operator asked for it.
    Allowed,
}

impl Config {
    /// Reads flags, the environment of this process, and the file that one of them names.
    ///
    /// # Errors
    /// [`ConfigError`]: all that is wrong.
    pub fn load<S: Selection>(flags: &Flags<S>) -> Result<Self, ConfigError> {
        Self::of(&Settings::gather(flags, &Environment::of_process()))
    }

    /// The issuer of the first tenant, of a server that listens on this port.
    pub fn base(&self, port: u16) -> String {
        self.issuer.clone().unwrap_or_else(|| format!("{}://localhost:{port}", self.front.tls.scheme()))
    }

    /// How a server that listens on this port is asked on its own machine: by the issuer's name, past any proxy.
    pub fn here(&self, port: u16) -> String {
        let base = self.base(port).parse::<http::Uri>().ok();
        let host = base.as_ref().and_then(http::Uri::host).unwrap_or("localhost");
        format!("{}://{host}:{port}", self.front.tls.scheme())
    }

    /// Makes sense of what was given.
    ///
    /// # Errors
    /// [`ConfigError`]: all that is wrong.
    pub fn of(settings: &Settings) -> Result<Self, ConfigError> {
        let mut read = ConfigReader { settings, problems: settings.problems.clone() };
        let config = read.config();
        if read.problems.is_empty() { Ok(config) } else { Err(ConfigError { problems: read.problems }) }
    }
}

/// Takes values out of what was given. What is wrong is kept, and a stand-in goes on, so that all of it is said
/// at once.
struct ConfigReader<'a> {
    settings: &'a Settings,
    problems: Vec<ConfigProblem>,
}

impl ConfigReader<'_> {
    fn config(&mut self) -> Config {
        let listen = self.list("listen");
        let listen: Vec<_> =
            listen.iter().filter_map(|text| self.check("listen", text.parse::<ListenAddress>())).collect();
        let insecure = self.switch("allow_insecure_issuer");
        let insecure_issuer = if insecure { InsecureIssuer::Allowed } else { InsecureIssuer::Refused };
        let issuer = self.text("issuer");
        let issuer = issuer.and_then(|issuer| self.check("issuer", checked_issuer(&issuer, insecure_issuer)));
        let front = self.front(issuer.as_deref(), &listen);
        let log_filter = self.text("log_filter").unwrap_or_default();
        self.check("log_filter", EnvFilter::try_new(&log_filter));
        Config {
            listen,
            issuer,
            data_dir: self.path("data_dir").unwrap_or_default(),
            database: self.database(),
            metrics: self.metrics(),
            log_format: match self.text("log_format").as_deref() {
                Some("human") => LogFormat::Human,
                Some("json") => LogFormat::Json,
                Some(_) | None => LogFormat::Auto,
            },
            log_filter,
            access_log: AccessLog::by_name(&self.text("access_log").unwrap_or_default()),
            access_token_alg: self.algorithm("access_token_alg").unwrap_or(Algorithm::Es256),
            id_token_alg: self.algorithm("id_token_alg").unwrap_or(Algorithm::Rs256),
            id_token_claims: self
                .text("id_token_claims")
                .and_then(|name| IdTokenClaims::by_name(&name))
                .unwrap_or_default(),
            naming: self.naming(),
            breached_passwords: self.path("breached_passwords"),
            audit_retention: retention(self.whole("audit_retention_days")),
            key_max_age: MaxAge::days(u32::try_from(self.whole("key_rotation_days")).unwrap_or(u32::MAX)),
            master_key: self.master_key(),
            insecure_issuer,
            rate_limits: match self.text("rate_limits").as_deref() {
                Some("off") => RateLimits::Off,
                Some(_) | None => RateLimits::On,
            },
            token_rate: self.token_rate(),
            allowed_networks: self.allowed_networks(),
            max_connections: usize::try_from(self.whole("max_connections")).unwrap_or(usize::MAX),
            per_network: self.per_network(),
            front,
            smtp: self.smtp(),
            outbound: self.outbound(),
            fsync_delay: Duration::ZERO,
        }
    }

    fn token_rate(&mut self) -> TokenRate {
        let mut number = |key, bounds| {
            self.found(key).and_then(|_| {
                let sent = i64::try_from(self.whole(key)).unwrap_or(i64::MAX);
                self.check(key, worded(within(sent, bounds)))
            })
        };
        let burst = number("token_burst", &TokenRate::BURSTS);
        number("token_rate", &TokenRate::RATES).map_or(TokenRate::DEFAULT, |rate| TokenRate::new(rate, burst))
    }

    fn per_network(&self) -> PerNetwork {
        let many = |key| u32::try_from(self.whole(key)).unwrap_or(u32::MAX);
        PerNetwork {
            authorizations: many("per_network.authorizations"),
            sign_ins: many("per_network.sign_ins"),
            registrations: many("per_network.registrations"),
            clients: many("per_network.clients"),
            links: many("per_network.links"),
            refusals: many("per_network.refusals"),
            connections: usize::try_from(self.whole("per_network.connections")).unwrap_or(usize::MAX),
            body_bytes: usize::try_from(self.whole("per_network.body_bytes")).unwrap_or(usize::MAX),
        }
    }

    fn front(&mut self, issuer: Option<&str>, listen: &[ListenAddress]) -> Front {
        let proxies = self.list("trusted_proxies");
        let proxies = self.check("trusted_proxies", TrustedProxies::parse(&proxies));
        let headers = self.text("proxy_headers").and_then(|name| ProxyHeaders::by_name(&name));
        let is_development = self.switch("dev_tls");
        let without = if is_development { TlsMode::Development } else { TlsMode::Off };
        let mode = tls_mode(self.path("tls_cert"), self.path("tls_key"), without);
        let redirect = self.text("redirect_listen");
        let front = Front {
            tls: self.keep(mode).unwrap_or_default(),
            redirect: redirect.and_then(|text| self.check("redirect_listen", text.parse())),
            proxies: proxies.unwrap_or_default().saying(headers.unwrap_or_default()),
        };
        self.keep(checked_front(&front, issuer));
        self.keep(checked_development(&front, listen));
        front
    }

    fn allowed_networks(&mut self) -> AllowList {
        let sent = self.list("allowed_networks");
        let entries = sent.iter().flat_map(|item| item.split(',')).map(str::trim);
        let entries: Vec<_> = entries.filter(|item| !item.is_empty()).collect();
        let read = AllowList::read(&entries)
            .map_err(|wrong| wrong.iter().map(reasons::reason).collect::<Vec<_>>().join("; "));
        self.check("allowed_networks", read).unwrap_or_default()
    }

    fn naming(&mut self) -> Naming {
        let mut prefix = |key| self.text(key).and_then(|text| self.check(key, worded(Prefix::parse(&text))));
        let (id_prefix, secret_prefix) = (prefix("clients.id_prefix"), prefix("clients.secret_prefix"));
        Naming { id_prefix: id_prefix.unwrap_or(Naming::default().id_prefix), secret_prefix }
    }

    fn database(&mut self) -> Option<Database> {
        let plaintext = self.switch("allow_plaintext_database");
        let ca_file = self.path("database_ca_file");
        let url = self.settings.revealed("database_url");
        let url = self.keep(url).flatten()?;
        let database = Database {
            url: url.to_string(),
            ca_file,
            plaintext: if plaintext { Plaintext::Anywhere } else { Plaintext::LoopbackOnly },
        };
        self.check("database_url", database.options().check());
        Some(database)
    }

    /// One place at the most: two could disagree, and which of them counts would show on the day one is lost.
    fn master_key(&mut self) -> MasterKeySource {
        let secret = self.settings.secret("master_key");
        let secret = self.keep(secret).flatten().map(|(given, _)| given);
        match (secret, self.text("master_key_command")) {
            (None, None) => MasterKeySource::DataFolder,
            (Some(SecretSource::Here(digits)), None) => {
                self.check("master_key", master_key::check_digits(&digits));
                MasterKeySource::Digits(digits)
            }
            (Some(SecretSource::In(path)), None) => MasterKeySource::File(path),
            (None, Some(command)) => MasterKeySource::Command(command),
            (Some(_), Some(_)) => {
                let why = "take one of master_key_file, master_key_command and WRIT_MASTER_KEY, not more";
                self.problems.push(ConfigProblem::new("master_key", why));
                MasterKeySource::DataFolder
            }
        }
    }

    fn metrics(&mut self) -> MetricsAddress {
        let found = self.found("metrics_listen");
        let Some(FoundValue { raw, origin }) = found else { return MetricsAddress::Off };
        let text = raw.to_string();
        if text == "off" {
            return MetricsAddress::Off;
        }
        match self.check("metrics_listen", text.parse()) {
            None => MetricsAddress::Off,
            Some(address) if origin == ValueOrigin::Default => MetricsAddress::Usual(address),
            Some(address) => MetricsAddress::At(address),
        }
    }

    fn found(&self, key: &str) -> Option<FoundValue> {
        self.settings.effective(settings::slot(key)?)
    }

    fn text(&self, key: &str) -> Option<String> {
        self.found(key).map(|found| found.raw.to_string())
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        self.text(key).map(PathBuf::from)
    }

    fn list(&self, key: &str) -> Vec<String> {
        match self.found(key).map(|found| found.raw) {
            Some(Raw::List(items)) => items,
            Some(Raw::Text(_) | Raw::Whole(_) | Raw::Switch(_)) | None => Vec::new(),
        }
    }

    fn algorithm(&self, key: &str) -> Option<Algorithm> {
        self.text(key).and_then(|name| Algorithm::parse(&name))
    }

    fn whole(&self, key: &str) -> u64 {
        match self.found(key).map(|found| found.raw) {
            Some(Raw::Whole(number)) => number,
            Some(Raw::Text(_) | Raw::List(_) | Raw::Switch(_)) | None => 0,
        }
    }

    fn switch(&self, key: &str) -> bool {
        self.found(key).is_some_and(|found| found.raw == Raw::Switch(true))
    }

    /// A value of a setting; where it is wrong, that is kept, with where it was given.
    fn check<T, E: std::fmt::Display>(&mut self, key: &'static str, value: Result<T, E>) -> Option<T> {
        self.keep(value.map_err(|why| ConfigProblem::new(key, why.to_string())))
    }

    fn keep<T>(&mut self, value: Result<T, ConfigProblem>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(mut problem) => {
                let origin = || self.settings.find(&problem.name).map(|found| found.origin.clone());
                problem.origin = problem.origin.take().or_else(origin);
                self.problems.push(problem);
                None
            }
        }
    }
}

/// Days as a span; 0: for good.
fn retention(days: u64) -> Option<Seconds> {
    match i64::try_from(days) {
        Ok(0) | Err(_) => None,
        Ok(days) => Some(Seconds(days.saturating_mul(86_400))),
    }
}

fn tls_mode(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    otherwise: TlsMode,
) -> Result<TlsMode, ConfigProblem> {
    let wrong = |name: &str, why: &str| Err(ConfigProblem::new(name, why));
    match (certificate, key) {
        (None, None) => Ok(otherwise),
        (Some(_), _) | (_, Some(_)) if otherwise == TlsMode::Development => {
            wrong("dev_tls", "makes a certificate of its own; leave out either it or tls_cert and tls_key")
        }
        (Some(certificate), Some(key)) => Ok(TlsMode::Files(TlsFiles { certificate, key })),
        (Some(_), None) => wrong("tls_key", "is missing; a certificate needs its key"),
        (None, Some(_)) => wrong("tls_cert", "is missing; a key needs its certificate"),
    }
}

/// What core found wrong, in words.
fn worded<T, E: Into<Reason>>(read: Result<T, E>) -> Result<T, String> {
    read.map_err(|why| reasons::reason(&why.into()))
}

/// The issuer is what clients are told: it must be what the server, or a proxy before it, speaks.
fn checked_front(front: &Front, issuer: Option<&str>) -> Result<(), ConfigProblem> {
    let is_https = issuer.map_or(front.tls != TlsMode::Off, |issuer| issuer.starts_with("https:"));
    if front.tls != TlsMode::Off && !is_https {
        let why = "begins with http://, but the server speaks TLS; write https://, or leave out TLS";
        return Err(ConfigProblem::new("issuer", why));
    }
    if front.redirect.is_some() && !is_https {
        let why = "there is no https to send anybody to; set tls_cert and tls_key, or an https issuer";
        return Err(ConfigProblem::new("redirect_listen", why));
    }
    Ok(())
}

/// The certificate of `dev_tls` is for this machine alone.
fn checked_development(front: &Front, listen: &[ListenAddress]) -> Result<(), ConfigProblem> {
    let is_beyond = |address: &ListenAddress| match address {
        ListenAddress::Every { .. } => true,
        ListenAddress::Socket(at) => !at.ip().is_loopback(),
        ListenAddress::Loopback { .. } | ListenAddress::Name { .. } => false,
    };
    if front.tls == TlsMode::Development && listen.iter().any(is_beyond) {
        let why =
            "its certificate is for this machine alone; listen on localhost, or set tls_cert and tls_key";
        return Err(ConfigProblem::new("dev_tls", why));
    }
    Ok(())
}

/// An issuer is a URL without query and fragment (RFC 8414 §2); https, or http on loopback.
pub(crate) fn checked_issuer(text: &str, insecure: InsecureIssuer) -> Result<String, String> {
    let wrong = |why: &str| format!("{text} {why}");
    let uri: http::Uri = text.parse().map_err(|_| wrong("is not a URL"))?;
    let host = uri.host().ok_or_else(|| wrong("has no host; it looks like https://id.example.com"))?;
    if text.contains('#') || uri.query().is_some() {
        return Err(wrong("must have neither query nor fragment"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(wrong("must not carry a user name"));
    }
    let port = uri.authority().and_then(|authority| authority.as_str().strip_prefix(host)?.strip_prefix(':'));
    if port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return Err(wrong("has a port that is none; ports are 1 to 65535"));
    }
    if uri.path() != "/" && !uri.path().is_empty() {
        return Err(wrong("must not have a path; every tenant's path is added to it"));
    }
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if is_loopback(host) => {}
        Some("http") if insecure == InsecureIssuer::Allowed => {}
        Some("http") => {
            return Err(wrong(
                "is plain http on a host that is not loopback: tokens would cross the network in the clear. \
                 Use https (a proxy before the server may end TLS), or say --allow-insecure-issuer",
            ));
        }
        Some(_) | None => return Err(wrong("must begin with https://")),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

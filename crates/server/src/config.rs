//! Configuration: flags before environment before file before defaults. This is the outermost
//! layer: nothing further in reads the environment.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use writ_core::jose::Algorithm;
use writ_core::rotation::MaxAge;
use writ_core::time::Seconds;
use writ_store::Plaintext;
use zeroize::Zeroizing;

use crate::cli::ServeArgs;
use crate::front::{Front, TlsMode};
use crate::master_key;
use crate::proxies::TrustedProxies;
use crate::serve::{ListenAddress, TlsFiles};

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
    /// How old a signing key becomes before another one signs.
    pub key_max_age: MaxAge,
    /// How long audit records are kept; none: for good.
    pub audit_retention: Option<Seconds>,
    /// Where the master key is.
    pub master_key: master_key::Source,
    /// Whether an issuer may be plain http on a host that is not loopback.
    pub insecure_issuer: InsecureIssuer,
    /// Connections at the most.
    pub max_connections: usize,
    /// TLS and proxies.
    pub front: Front,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
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

/// Days that audit records are kept where nothing else is said.
const AUDIT_RETENTION_DAYS: u32 = 365;

/// The file. Unknown keys are refused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the keys of the file, as operators write them")]
struct File {
    listen: Option<OneOrMany>,
    issuer: Option<String>,
    data_dir: Option<PathBuf>,
    database_url: Option<String>,
    database_ca_file: Option<PathBuf>,
    allow_plaintext_database: Option<bool>,
    metrics_listen: Option<String>,
    log_format: Option<LogFormat>,
    log_filter: Option<String>,
    access_token_alg: Option<String>,
    key_rotation_days: Option<u32>,
    audit_retention_days: Option<u32>,
    master_key_file: Option<PathBuf>,
    master_key_command: Option<String>,
    allow_insecure_issuer: Option<bool>,
    max_connections: Option<usize>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    dev_tls: Option<bool>,
    redirect_listen: Option<String>,
    trusted_proxies: Option<OneOrMany>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_list(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// What is wrong with the configuration; every text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read: {why}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        why: std::io::Error,
    },
    /// The file cannot be understood.
    #[error("the configuration file {path} is not right:\n{why}")]
    Malformed {
        /// Which file.
        path: String,
        /// Where and why.
        why: toml::de::Error,
    },
    /// A value is not right.
    #[error("{name}: {why}")]
    Value {
        /// Which setting.
        name: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

fn value_error(name: &'static str) -> impl Fn(String) -> ConfigError {
    move |why| ConfigError::Value { name, why }
}

impl Config {
    /// Reads the file, where one is named, and puts flags and environment before it.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(args: &ServeArgs) -> Result<Self, ConfigError> {
        let file = match &args.config {
            Some(path) => read(path)?,
            None => File::default(),
        };
        let listen = if args.listen.is_empty() {
            file.listen.map_or_else(|| vec!["localhost:8080".to_owned()], OneOrMany::into_list)
        } else {
            args.listen.clone()
        };
        let listen = listen
            .iter()
            .map(|text| text.trim().parse::<ListenAddress>().map_err(|error| error.to_string()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(value_error("listen"))?;
        let plaintext = args.allow_plaintext_database || file.allow_plaintext_database.unwrap_or(false);
        let ca_file = args.database_ca_file.clone().or(file.database_ca_file);
        let database = args.database_url.clone().or(file.database_url).map(|url| Database {
            url,
            ca_file,
            plaintext: if plaintext { Plaintext::Anywhere } else { Plaintext::LoopbackOnly },
        });
        let metrics = metrics(args.metrics_listen.as_deref().or(file.metrics_listen.as_deref()))?;
        let algorithm = args.access_token_alg.clone().or(file.access_token_alg);
        let insecure = args.allow_insecure_issuer || file.allow_insecure_issuer.unwrap_or(false);
        let insecure_issuer = if insecure { InsecureIssuer::Allowed } else { InsecureIssuer::Refused };
        let issuer = args.issuer.clone().or(file.issuer);
        let issuer = issuer.map(|issuer| checked_issuer(&issuer, insecure_issuer)).transpose()?;
        let proxies = if args.trusted_proxies.is_empty() {
            file.trusted_proxies.map(OneOrMany::into_list).unwrap_or_default()
        } else {
            args.trusted_proxies.clone()
        };
        let certificate = args.tls_cert.clone().or(file.tls_cert);
        let key = args.tls_key.clone().or(file.tls_key);
        let is_development = args.dev_tls || file.dev_tls.unwrap_or(false);
        let without = if is_development { TlsMode::Development } else { TlsMode::Off };
        let redirect = args.redirect_listen.clone().or(file.redirect_listen);
        let front = Front {
            tls: tls_mode(certificate, key, without)?,
            redirect: redirect
                .map(|text| text.trim().parse::<ListenAddress>().map_err(|error| error.to_string()))
                .transpose()
                .map_err(value_error("redirect_listen"))?,
            proxies: TrustedProxies::parse(&proxies)
                .map_err(|error| value_error("trusted_proxies")(error.to_string()))?,
        };
        checked_front(&front, issuer.as_deref())?;
        Ok(Self {
            listen,
            issuer,
            data_dir: args.data_dir.clone().or(file.data_dir).unwrap_or_else(|| PathBuf::from("writ-data")),
            database,
            metrics,
            log_format: args.log_format.or(file.log_format).unwrap_or(LogFormat::Auto),
            log_filter: args.log_filter.clone().or(file.log_filter).unwrap_or_else(|| "info".to_owned()),
            access_token_alg: algorithm
                .map(|name| access_token_alg(&name))
                .transpose()?
                .unwrap_or(Algorithm::Es256),
            audit_retention: retention(args.audit_retention_days.or(file.audit_retention_days)),
            key_max_age: MaxAge::days(
                args.key_rotation_days.or(file.key_rotation_days).unwrap_or(KEY_ROTATION_DAYS),
            ),
            master_key: master_key_source(
                args.master_key_file.clone().or(file.master_key_file),
                args.master_key_command.clone().or(file.master_key_command),
            )?,
            insecure_issuer,
            max_connections: args.max_connections.or(file.max_connections).unwrap_or(10_000),
            front,
            fsync_delay: Duration::from_millis(args.test_fsync_delay_ms),
        })
    }
}

/// One place at the most: two could disagree, and which of them counts would show on the day one is lost.
#[expect(clippy::disallowed_methods, reason = "the outermost layer reads the environment")]
fn master_key_source(
    file: Option<PathBuf>,
    command: Option<String>,
) -> Result<master_key::Source, ConfigError> {
    // Not a flag: everybody on the machine could read it in the list of processes.
    let digits =
        std::env::var("WRIT_MASTER_KEY").ok().filter(|digits| !digits.is_empty()).map(Zeroizing::new);
    match (file, digits, command) {
        (None, None, None) => Ok(master_key::Source::DataFolder),
        (Some(path), None, None) => Ok(master_key::Source::File(path)),
        (None, Some(digits), None) => Ok(master_key::Source::Digits(digits)),
        (None, None, Some(command)) => Ok(master_key::Source::Command(command)),
        (Some(_) | None, Some(_) | None, Some(_) | None) => Err(value_error("master_key")(
            "take one of master_key_file, master_key_command and WRIT_MASTER_KEY, not more".to_owned(),
        )),
    }
}

fn read(path: &std::path::Path) -> Result<File, ConfigError> {
    let shown = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|why| ConfigError::Unreadable { path: shown.clone(), why })?;
    toml::from_str(&text).map_err(|why| ConfigError::Malformed { path: shown, why })
}

/// Days as a span; 0: for good.
fn retention(days: Option<u32>) -> Option<Seconds> {
    match days.unwrap_or(AUDIT_RETENTION_DAYS) {
        0 => None,
        days => Some(Seconds(i64::from(days) * 86_400)),
    }
}

fn metrics(text: Option<&str>) -> Result<MetricsAddress, ConfigError> {
    let parse = |text: &str| {
        text.parse::<ListenAddress>().map_err(|error| value_error("metrics_listen")(error.to_string()))
    };
    match text.map(str::trim) {
        None => Ok(MetricsAddress::Usual(parse("127.0.0.1:9464")?)),
        Some("off") => Ok(MetricsAddress::Off),
        Some(text) => Ok(MetricsAddress::At(parse(text)?)),
    }
}

fn tls_mode(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    otherwise: TlsMode,
) -> Result<TlsMode, ConfigError> {
    let wrong = |name, why: &str| Err(value_error(name)(why.to_owned()));
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

/// The issuer is what clients are told: it must be what the server, or a proxy before it, speaks.
fn checked_front(front: &Front, issuer: Option<&str>) -> Result<(), ConfigError> {
    let is_https = issuer.map_or(front.tls != TlsMode::Off, |issuer| issuer.starts_with("https:"));
    if front.tls != TlsMode::Off && !is_https {
        let why = "begins with http://, but the server speaks TLS; write https://, or leave out TLS";
        return Err(value_error("issuer")(why.to_owned()));
    }
    if front.redirect.is_some() && !is_https {
        let why = "there is no https to send anybody to; set tls_cert and tls_key, or an https issuer";
        return Err(value_error("redirect_listen")(why.to_owned()));
    }
    Ok(())
}

fn access_token_alg(name: &str) -> Result<Algorithm, ConfigError> {
    Algorithm::parse(name).ok_or_else(|| {
        value_error("access_token_alg")(format!("{name} is not known; take ES256, EdDSA, RS256 or PS256"))
    })
}

/// An issuer is a URL without query and fragment (RFC 8414 §2); https, or http on loopback.
pub(crate) fn checked_issuer(text: &str, insecure: InsecureIssuer) -> Result<String, ConfigError> {
    let wrong = |why: &str| value_error("issuer")(format!("{text} {why}"));
    let uri: http::Uri = text.parse().map_err(|_| wrong("is not a URL"))?;
    let host = uri.host().ok_or_else(|| wrong("has no host; it looks like https://id.example.com"))?;
    if text.contains('#') || uri.query().is_some() {
        return Err(wrong("must have neither query nor fragment"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(wrong("must not carry a user name"));
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

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://id.example.com", Some("https://id.example.com"))]
    #[case("https://id.example.com/", Some("https://id.example.com"))]
    #[case("http://localhost:8080", Some("http://localhost:8080"))]
    #[case("http://127.0.0.1:1", Some("http://127.0.0.1:1"))]
    #[case("http://[::1]:8080", Some("http://[::1]:8080"))]
    #[case("http://id.example.com", None)]
    #[case("http://localhost.example.com", None)]
    #[case("https://id.example.com/path", None)]
    #[case("https://id.example.com?x=1", None)]
    #[case("https://id.example.com#f", None)]
    #[case("https://u:p@id.example.com", None)]
    #[case("ftp://id.example.com", None)]
    #[case("id.example.com", None)]
    #[case("", None)]
    fn issuers(#[case] text: &str, #[case] good: Option<&str>) {
        assert_eq!(checked_issuer(text, InsecureIssuer::Refused).ok().as_deref(), good, "{text}");
    }

    #[test]
    fn plain_http_takes_an_explicit_flag() {
        assert!(checked_issuer("http://id.example.com", InsecureIssuer::Allowed).is_ok());
    }

    #[rstest]
    #[case(None, None, TlsMode::Off, Ok("http"))]
    #[case(Some("c"), Some("k"), TlsMode::Off, Ok("https"))]
    #[case(None, None, TlsMode::Development, Ok("https"))]
    #[case(Some("c"), None, TlsMode::Off, Err("tls_key"))]
    #[case(None, Some("k"), TlsMode::Off, Err("tls_cert"))]
    #[case(Some("c"), Some("k"), TlsMode::Development, Err("dev_tls"))]
    #[case(Some("c"), None, TlsMode::Development, Err("dev_tls"))]
    fn tls_modes(
        #[case] certificate: Option<&str>,
        #[case] key: Option<&str>,
        #[case] otherwise: TlsMode,
        #[case] expected: Result<&str, &str>,
    ) {
        match (tls_mode(certificate.map(Into::into), key.map(Into::into), otherwise), expected) {
            (Ok(mode), Ok(scheme)) => assert_eq!(mode.scheme(), scheme),
            (Err(error), Err(name)) => assert!(error.to_string().starts_with(name), "{error}"),
            (result, expected) => panic!("{result:?}, not {expected:?}"),
        }
    }

    #[rstest]
    #[case(TlsMode::Off, Some("http://localhost:1"), false, true)]
    #[case(TlsMode::Development, None, true, true)]
    #[case(TlsMode::Development, Some("http://localhost:1"), false, false)]
    #[case(TlsMode::Off, None, true, false)]
    #[case(TlsMode::Off, Some("http://localhost:1"), true, false)]
    #[case(TlsMode::Off, Some("https://id.example.com"), true, true)]
    fn fronts(
        #[case] tls: TlsMode,
        #[case] issuer: Option<&str>,
        #[case] redirects: bool,
        #[case] good: bool,
    ) {
        let redirect = redirects.then_some(ListenAddress::Every { port: 80 });
        let front = Front { tls, redirect, ..Front::default() };
        assert_eq!(checked_front(&front, issuer).is_ok(), good);
    }

    #[test]
    fn an_unknown_key_is_refused_and_named() {
        let error = toml::from_str::<File>("isuer = \"https://id.example\"").unwrap_err().to_string();
        assert!(error.contains("isuer"), "{error}");
    }
}

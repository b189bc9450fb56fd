//! The database's address, and the rule for its encryption: off this machine, TLS with a verified
//! certificate and name, unless the operator says otherwise in so many words.

use std::fs::File;
use std::io::BufReader;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::OpenError;

/// What may cross the network unencrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Plaintext {
    /// Nothing: `sslmode=disable` is for a loopback address or a unix socket.
    #[default]
    LoopbackOnly,
    /// Everything, where the address says `sslmode=disable`: the network itself is trusted.
    Anywhere,
}

/// What the address asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WantedTls {
    /// Nothing was said.
    Unsaid,
    /// `sslmode=disable`.
    Disable,
    /// `require`, `verify-ca` and `verify-full` alike: a certificate that is not verified, or whose
    /// name is not, protects against nobody who can answer in the server's place.
    Verify,
}

/// Where the database is and how it is reached.
#[derive(Clone)]
pub(super) struct DatabaseAddress {
    pub config: Config,
    pub tls: MakeRustlsConnect,
    /// For messages: hosts and database, never the password.
    pub shown: String,
}

fn refused(why: impl Into<String>) -> OpenError {
    OpenError::Address { why: why.into() }
}

impl DatabaseAddress {
    pub fn parse(url: &str, ca_file: Option<&Path>, plaintext: Plaintext) -> Result<Self, OpenError> {
        let Split { url, wanted, root } = split(url)?;
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let why =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            // Other texts quote from the address, and what stands in the wrong place may be a password.
            let why = if why.starts_with("invalid value for option") { why } else { "not understood".into() };
            refused(format!("it cannot be read ({why}); {SHAPE}"))
        })?;
        let near = is_loopback(&config);
        let verify = match (wanted, near) {
            (WantedTls::Verify, _) | (WantedTls::Unsaid, false) => true,
            (WantedTls::Unsaid | WantedTls::Disable, true) => false,
            (WantedTls::Disable, false) if plaintext == Plaintext::Anywhere => false,
            (WantedTls::Disable, false) => {
                return Err(refused(
                    "sslmode=disable would send passwords and token hashes unencrypted to another machine. \
                     Leave it out for TLS with a verified certificate, or allow it with --allow-plaintext-database",
                ));
            }
        };
        config.ssl_mode(if verify { SslMode::Require } else { SslMode::Disable });
        let ca_file = ca_file.map(Path::to_path_buf).or(root);
        let tls = MakeRustlsConnect::new(client_config(verify, ca_file.as_deref())?);
        let shown = shown(&config);
        Ok(Self { config, tls, shown })
    }
}

const SHAPE: &str = "it looks like postgres://user:password@host:5432/database, \
    with special characters of the password percent-encoded (@ as %40, ? as %3F, / as %2F)";

struct Split {
    url: String,
    wanted: WantedTls,
    root: Option<PathBuf>,
}

/// Takes out the parameters that the driver does not know.
fn split(url: &str) -> Result<Split, OpenError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        let is_url = url.contains("://") || url.contains('=');
        let other = if is_url {
            "Writ keeps its data in PostgreSQL or, without a database address, in SQLite"
        } else {
            SHAPE
        };
        return Err(refused(format!("it does not begin with postgres://; {other}")));
    }
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    // A password with one of these, as it is, would be taken for the host, and shown as such.
    let ats = base.matches('@').count();
    if ats > 1 || (ats == 0 && query.contains('@')) {
        return Err(refused(format!("it cannot be read (@ stands where it has no meaning); {SHAPE}")));
    }
    let mut wanted = WantedTls::Unsaid;
    let mut root = None;
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => {
                wanted = match mode {
                    "disable" => WantedTls::Disable,
                    "require" | "verify-ca" | "verify-full" => WantedTls::Verify,
                    other => {
                        let known = ["prefer", "allow"].contains(&other);
                        let other = if known { other } else { "…" };
                        return Err(refused(format!(
                            "sslmode={other} is not offered: choose verify-full or disable"
                        )));
                    }
                }
            }
            Some(("sslrootcert", path)) => root = Some(PathBuf::from(path)),
            Some(_) | None => kept.push(pair),
        }
    }
    let url = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
    Ok(Split { url, wanted, root })
}

/// Whether every address stays on this machine. A name other than `localhost` never counts: what it
/// means is for the resolver to say, each time anew.
fn is_loopback(config: &Config) -> bool {
    let named = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    });
    let numbered = config.get_hostaddrs();
    if numbered.is_empty() { named } else { numbered.iter().all(IpAddr::is_loopback) }
}

fn shown(config: &Config) -> String {
    let hosts: Vec<_> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    format!(
        "postgres://{}/{}",
        hosts.join(","),
        config.get_dbname().or(config.get_user()).unwrap_or_default()
    )
}

fn client_config(verify: bool, ca_file: Option<&Path>) -> Result<rustls::ClientConfig, OpenError> {
    let mut roots = rustls::RootCertStore::empty();
    match ca_file {
        Some(path) => {
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|error| unusable(path, &error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(unusable(path, "it has no certificate in PEM form"));
            }
        }
        None if verify => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                return Err(refused(
                    "its certificate cannot be verified: this machine has no list of certificate authorities. \
                     Install one (Debian: apt-get install ca-certificates) or name a file with --database-ca-file",
                ));
            }
        }
        None => {}
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn unusable(path: &Path, why: &str) -> OpenError {
    refused(format!("the CA file {} cannot be used: {why}", path.display()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, OpenError> {
    let file = File::open(path).map_err(|error| unusable(path, &error.to_string()))?;
    CertificateDer::pem_reader_iter(BufReader::new(file))
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(path, &error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str, plaintext: Plaintext) -> Result<SslMode, String> {
        DatabaseAddress::parse(url, None, plaintext)
            .map(|address| address.config.get_ssl_mode())
            .map_err(|e| e.to_string())
    }

    #[test]
    fn plaintext_stays_on_this_machine_unless_the_operator_says_otherwise() {
        for near in ["127.0.0.1", "[::1]", "localhost", "%2Frun%2Fpostgresql", "127.9.9.9"] {
            let url = format!("postgres://writ@{near}/writ");
            assert_eq!(mode(&url, Plaintext::LoopbackOnly).unwrap(), SslMode::Disable, "{near}");
            let url = format!("{url}?sslmode=disable");
            assert_eq!(mode(&url, Plaintext::LoopbackOnly).unwrap(), SslMode::Disable, "{near}");
        }
        for far in ["db.example", "10.0.0.1", "localhost.example", "127.0.0.1,db.example", "[2001:db8::1]"] {
            let url = format!("postgres://writ@{far}/writ?sslmode=disable");
            assert!(mode(&url, Plaintext::LoopbackOnly).unwrap_err().contains("unencrypted"), "{far}");
            assert_eq!(mode(&url, Plaintext::Anywhere).unwrap(), SslMode::Disable, "{far}");
        }
        let pretended = "postgres://writ@localhost/writ?hostaddr=10.0.0.1&sslmode=disable";
        assert!(mode(pretended, Plaintext::LoopbackOnly).is_err(), "hostaddr is where it goes");
    }

    #[test]
    fn off_this_machine_tls_is_the_default_and_cannot_be_weakened() {
        for query in ["", "?sslmode=require", "?sslmode=verify-ca", "?sslmode=verify-full&connect_timeout=3"]
        {
            let url = format!("postgres://writ@db.example/writ{query}");
            assert_eq!(mode(&url, Plaintext::Anywhere).unwrap(), SslMode::Require, "{query}");
        }
        assert_eq!(
            mode("postgres://w@localhost/w?sslmode=verify-full", Plaintext::LoopbackOnly).unwrap(),
            SslMode::Require
        );
        for weak in ["prefer", "allow", "", "Disable"] {
            let url = format!("postgres://writ@db.example/writ?sslmode={weak}");
            assert!(mode(&url, Plaintext::Anywhere).unwrap_err().contains("not offered"), "{weak}");
        }
    }

    #[test]
    fn a_message_never_shows_the_password() {
        let address =
            DatabaseAddress::parse("postgres://writ:hunter2@localhost:1/db", None, Plaintext::LoopbackOnly)
                .unwrap();
        assert_eq!(address.shown, "postgres://localhost/db");
        for wrong in [
            "postgres://writ:hunter2@localhost:port/db",
            "writ:hunter2@localhost",
            "postgres://writ:hunter2@h/d?sslmode=x",
        ] {
            let error = DatabaseAddress::parse(wrong, None, Plaintext::LoopbackOnly).map(|_| ()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn a_ca_file_without_a_certificate_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        for content in [None, Some("no certificate here")] {
            if let Some(content) = content {
                std::fs::write(&path, content).unwrap();
            }
            let error =
                DatabaseAddress::parse("postgres://w@db.example/w", Some(&path), Plaintext::LoopbackOnly)
                    .map(|_| ())
                    .unwrap_err();
            assert!(error.to_string().contains("ca.pem"), "{error}");
        }
    }
}

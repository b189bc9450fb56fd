//! Looks at files, database, sockets and the running server. Changes nothing, but for a file in the data folder
//! that is gone before it returns.

use std::fs::OpenOptions;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::Uri;
use writ_core::time::Micros;
use writ_store::{DatabasePlace, Inspection, PostgresOptions, inspect};

use super::certificate;
use super::probe::{Probe, ProbeAnswer, ProbeError, on_this_machine};
use super::seen::{
    BreachedFacts, DatabaseFacts, Facts, FolderFacts, Heard, IssuerFacts, MailFacts, MasterKeyFacts,
    PortFacts, PortState, ProxyFacts, SecretFile, Shielding,
};
use crate::boot::bootstrap::HASH_KEY_CONTEXT;
use crate::boot::local::SOCKET_FILE;
use crate::boot::start::is_a_developers;
use crate::config::{Config, Database, MasterKeySource, MetricsAddress, Settings, TlsMode, ValueOrigin};
use crate::passwords::BreachedPasswords;
use crate::serve::{ListenAddress, TlsFiles, bind};
use crate::state::master_key;

const METADATA: &str = "/.well-known/openid-configuration";

/// Everything that `judge` looks at.
///
/// # Errors
/// TLS cannot be had at all.
pub async fn collect(config: &Config, settings: &Settings, now: Micros) -> anyhow::Result<Facts> {
    let port = config.listen.first().map_or(0, port_of);
    let base = config.base(port);
    let host = base.parse::<Uri>().ok().and_then(|base| base.host().map(str::to_owned)).unwrap_or_default();
    let probe = Probe::new(own_certificates(config), Duration::from_secs(5))?;
    let server = match config.listen.first() {
        Some(address) => match on_this_machine(address).await {
            Some(at) => heard(probe.get(&format!("{}{METADATA}", config.here(port)), Some(at)).await),
            None => Heard::Silence("its listen address has no address".to_owned()),
        },
        None => Heard::Silence("it listens nowhere".to_owned()),
    };
    let issuer = heard(probe.get(&format!("{base}{METADATA}"), None).await);
    let (database, inspection) = database(config).await;
    Ok(Facts {
        now,
        server,
        socket: socket(config, &probe).await,
        ports: ports(config, &probe).await,
        folder: folder(&config.data_dir),
        files: secret_files(config, settings),
        master_key: master_key(config, &database, inspection.as_ref()),
        database,
        // That of `dev_tls` is made anew by itself.
        certificate: match &config.front.tls {
            TlsMode::Files(files) => Some(certificate::look(files, &host)),
            TlsMode::Off | TlsMode::Development => None,
        },
        mail: match &config.smtp {
            Some(smtp) => MailFacts::Server(smtp.host.clone()),
            None if is_a_developers(config, &base) => MailFacts::Mailbox,
            None => MailFacts::Nowhere,
        },
        issuer: IssuerFacts { base, heard: issuer },
        proxies: proxies(config, settings),
        breached: match config.breached_passwords.as_deref().map(BreachedPasswords::open) {
            None => BreachedFacts::None,
            Some(Ok(list)) => BreachedFacts::List(list.about()),
            Some(Err(error)) => BreachedFacts::Unusable(error.to_string()),
        },
    })
}

/// What the server that runs on the data folder says of itself, whatever it was started with.
async fn socket(config: &Config, probe: &Probe) -> Option<Heard> {
    let answer = probe.get_at_socket(&config.data_dir.join(SOCKET_FILE), METADATA).await;
    answer.map(heard)
}

fn proxies(config: &Config, settings: &Settings) -> ProxyFacts {
    let proxies = &config.front.proxies;
    match settings.find("proxy_headers") {
        _ if !proxies.is_empty() => ProxyFacts::Trusted(proxies.headers()),
        Some(_) => ProxyFacts::HeaderOfNobody(proxies.headers()),
        None => ProxyFacts::None,
    }
}

/// The certificate that the server shows.
fn tls_files(config: &Config) -> Option<TlsFiles> {
    match &config.front.tls {
        TlsMode::Off => None,
        TlsMode::Files(files) => Some(files.clone()),
        TlsMode::Development => Some(TlsFiles {
            certificate: config.data_dir.join("dev-tls.crt"),
            key: config.data_dir.join("dev-tls.key"),
        }),
    }
}

/// The certificates of the server, to be believed as they are.
pub(crate) fn own_certificates(config: &Config) -> Vec<rustls::pki_types::CertificateDer<'static>> {
    tls_files(config).as_ref().map(certificate::chain).unwrap_or_default()
}

pub(crate) fn port_of(address: &ListenAddress) -> u16 {
    match address {
        ListenAddress::Loopback { port }
        | ListenAddress::Every { port }
        | ListenAddress::Name { port, .. } => *port,
        ListenAddress::Socket(address) => address.port(),
    }
}

fn heard(answer: Result<ProbeAnswer, ProbeError>) -> Heard {
    let ProbeAnswer { status, date, body } = match answer {
        Ok(answer) => answer,
        Err(ProbeError::Unresolved(why)) => return Heard::Unresolved(why),
        Err(ProbeError::Silent(why)) => return Heard::Silence(why),
    };
    let metadata: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    match metadata.get("issuer").and_then(|issuer| issuer.as_str()) {
        Some(issuer) if status == 200 => Heard::Metadata { issuer: issuer.to_owned(), date },
        Some(_) | None => Heard::Other { status },
    }
}

async fn ports(config: &Config, probe: &Probe) -> Vec<PortFacts> {
    let scheme = config.front.tls.scheme();
    let mut asked: Vec<(&'static str, &ListenAddress, &str)> =
        config.listen.iter().map(|address| ("listen", address, scheme)).collect();
    match &config.metrics {
        MetricsAddress::At(address) => asked.push(("metrics_listen", address, "http")),
        // Left out by the server where it is taken.
        MetricsAddress::Usual(_) | MetricsAddress::Off => {}
    }
    asked.extend(config.front.redirect.iter().map(|address| ("redirect_listen", address, "http")));
    let mut ports = Vec::new();
    for (setting, address, scheme) in asked {
        let state = port(address, scheme, probe).await;
        ports.push(PortFacts { setting, address: address.to_string(), state });
    }
    ports
}

async fn port(address: &ListenAddress, scheme: &str, probe: &Probe) -> PortState {
    let Err(error) = bind(std::slice::from_ref(address)).await else { return PortState::Free };
    if let Some(at) = on_this_machine(address).await {
        let alive = probe.get(&format!("{scheme}://localhost:{}/health/live", at.port()), Some(at)).await;
        if alive.is_ok_and(|answer| answer.status == 200 && answer.body.starts_with(b"{\"status\":\"ok\"")) {
            return PortState::Ours;
        }
    }
    PortState::Refused(error.to_string())
}

fn folder(folder: &Path) -> FolderFacts {
    let unwritable =
        |path: &Path, error: std::io::Error| FolderFacts::Unwritable(format!("{}: {error}", path.display()));
    if folder.exists() {
        for name in ["writ.db", "writ.lock"] {
            let path = folder.join(name);
            if path.exists()
                && let Err(error) = OpenOptions::new().write(true).open(&path)
            {
                return unwritable(&path, error);
            }
        }
        return match try_to_write(folder) {
            Ok(()) => FolderFacts::Writable,
            Err(error) => unwritable(folder, error),
        };
    }
    // The nearest folder there is: the rest would be made in it.
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    match absolute.ancestors().skip(1).find(|above| above.exists()) {
        Some(above) => match try_to_write(above) {
            Ok(()) => FolderFacts::Missing,
            Err(error) => unwritable(above, error),
        },
        None => FolderFacts::Missing,
    }
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".writ-doctor-{}", std::process::id()));
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(path)
}

fn secret_files(config: &Config, settings: &Settings) -> Vec<SecretFile> {
    let mut asked: Vec<(PathBuf, &'static str, Shielding)> = ["bootstrap.json", "bootstrap.json.tmp"]
        .map(|name| (config.data_dir.join(name), "the first credentials", Shielding::Owner))
        .to_vec();
    asked.push((config.data_dir.join("writ.db"), "the database", Shielding::Owner));
    asked.push((config.data_dir.join("master.key"), "the master key", Shielding::Owner));
    if let MasterKeySource::File(path) = &config.master_key {
        asked.push((path.clone(), "the master key", Shielding::Group));
    }
    if let Some(files) = tls_files(config) {
        asked.push((files.key, "the key of the certificate", Shielding::Group));
    }
    if let Some(found) = settings.find("database_url_file") {
        asked.push((found.raw.to_string().into(), "the address of the database", Shielding::Group));
    }
    for key in ["database_url", "master_key_command"] {
        if let Some(ValueOrigin::File { path, .. }) = settings.find(key).map(|found| &found.origin) {
            asked.push((path.into(), "a secret setting", Shielding::Group));
        }
    }
    let there = asked.into_iter().filter_map(|(path, holds, shielding)| {
        let mode = std::fs::metadata(&path).ok()?.permissions().mode();
        Some(SecretFile { path: path.display().to_string(), holds, mode, shielding })
    });
    there.collect()
}

async fn database(config: &Config) -> (DatabaseFacts, Option<Inspection>) {
    let options: Option<PostgresOptions> = config.database.as_ref().map(Database::options);
    let place = match &options {
        Some(options) => DatabasePlace::Postgres(options),
        None if !config.data_dir.join("writ.db").exists() => return (DatabaseFacts::NotYet, None),
        None => DatabasePlace::Sqlite(&config.data_dir),
    };
    match inspect(place).await {
        Err(error) => (DatabaseFacts::Unreachable(error.to_string()), None),
        Ok(seen) if seen.sealed_hash_key.is_none() && seen.newest.is_none() => {
            (DatabaseFacts::NotYet, Some(seen))
        }
        Ok(seen) => {
            let pending =
                seen.pending.iter().map(|migration| (migration.version, migration.name.to_owned())).collect();
            (DatabaseFacts::Read { pending, newest: seen.newest }, Some(seen))
        }
    }
}

fn master_key(config: &Config, database: &DatabaseFacts, seen: Option<&Inspection>) -> MasterKeyFacts {
    if let DatabaseFacts::Unreachable(_) = database {
        return MasterKeyFacts::Unknown;
    }
    let sealed = seen.and_then(|seen| seen.sealed_hash_key.as_ref());
    // As if the database were in use: nothing is made.
    let loaded = master_key::load(&config.master_key, &config.data_dir, true);
    match (loaded, sealed) {
        (Err(_), None) if matches!(config.master_key, MasterKeySource::DataFolder) => MasterKeyFacts::NotYet,
        (Err(error), _) => MasterKeyFacts::Missing(format!("{error:#}")),
        (Ok(_), None) => MasterKeyFacts::NotYet,
        (Ok(key), Some(sealed)) => match key.open(HASH_KEY_CONTEXT, sealed) {
            Ok(_) => MasterKeyFacts::Opens,
            Err(_) => MasterKeyFacts::Wrong,
        },
    }
}

//! From what was seen to what is wrong: no clock, no files, no network.

use http::Uri;
use writ_core::time::Seconds;

use super::seen::{
    BreachedFacts, CertificateFacts, DatabaseFacts, Facts, FolderFacts, Heard, MailFacts, MasterKeyFacts,
    PortFacts, PortState, ProxyFacts, Shielding,
};
use crate::config::is_loopback;

/// Clocks may differ by this much.
const SKEW: Seconds = Seconds(30);
/// A certificate that ends within this time is due.
const DUE: Seconds = Seconds(21 * 86_400);

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// File, environment and flags.
    Configuration,
    /// Addresses to listen on.
    Ports,
    /// The issuer.
    Issuer,
    /// The clock.
    Clock,
    /// The data folder.
    DataFolder,
    /// Who may read secrets.
    SecretFiles,
    /// The database.
    Database,
    /// Its migrations.
    Migrations,
    /// The master key.
    MasterKey,
    /// The certificate.
    Certificate,
    /// The proxies before the server.
    Proxies,
    /// Mail.
    Mail,
    /// The file of passwords that attackers know.
    BreachedPasswords,
}

impl Check {
    /// Its name on a terminal and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Ports => "ports",
            Self::Issuer => "issuer",
            Self::Clock => "clock",
            Self::DataFolder => "data_folder",
            Self::SecretFiles => "secret_files",
            Self::Database => "database",
            Self::Migrations => "migrations",
            Self::MasterKey => "master_key",
            Self::Certificate => "certificate",
            Self::Proxies => "proxies",
            Self::Mail => "mail",
            Self::BreachedPasswords => "breached_passwords",
        }
    }
}

/// What a check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckState {
    /// Nothing is wrong.
    Fine(String),
    /// It could not be looked at, and that is no fault.
    Skipped(String),
    /// Something is wrong.
    Wrong {
        /// What.
        what: String,
        /// What to do about it.
        remedy: String,
    },
}

/// A line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// What was looked at.
    pub check: Check,
    /// What it says.
    pub state: CheckState,
}

impl ReportLine {
    fn fine(check: Check, text: impl Into<String>) -> Self {
        Self { check, state: CheckState::Fine(text.into()) }
    }

    fn skipped(check: Check, why: impl Into<String>) -> Self {
        Self { check, state: CheckState::Skipped(why.into()) }
    }

    /// Something is wrong.
    pub fn wrong(check: Check, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, state: CheckState::Wrong { what: what.into(), remedy: remedy.into() } }
    }

    /// Whether something is wrong.
    pub fn is_wrong(&self) -> bool {
        matches!(self.state, CheckState::Wrong { .. })
    }
}

/// All that is wrong, and what is fine.
pub fn judge(facts: &Facts) -> Vec<ReportLine> {
    let checks = [
        ports(facts),
        issuer(facts),
        clock(facts),
        folder(facts),
        files(facts),
        database(facts),
        master_key(facts),
        certificate(facts),
        vec![proxies(facts)],
        mail(facts),
        breached(facts),
    ];
    checks.into_iter().flatten().collect()
}

/// Behind a proxy that is not trusted every client has the proxy's address: limits and allow lists see one client.
fn proxies(facts: &Facts) -> ReportLine {
    match facts.proxies {
        ProxyFacts::None => ReportLine::fine(Check::Proxies, "none is trusted: a client is whoever connects"),
        ProxyFacts::Trusted(headers) => ReportLine::fine(
            Check::Proxies,
            format!("{} is read; it must be the header that they set", headers.name()),
        ),
        ProxyFacts::HeaderOfNobody(headers) => ReportLine::wrong(
            Check::Proxies,
            format!("proxy_headers says {}, and no proxy is trusted: the header is not read", headers.name()),
            "set trusted_proxies to the addresses of your proxies, or leave out proxy_headers",
        ),
    }
}

/// The rows of a check that looks for several things: those that are wrong, or one that says that all is well.
fn or_fine(check: Check, wrong: Vec<ReportLine>, fine: impl FnOnce() -> String) -> Vec<ReportLine> {
    if wrong.is_empty() { vec![ReportLine::fine(check, fine())] } else { wrong }
}

fn ports(facts: &Facts) -> Vec<ReportLine> {
    let wrong = facts.ports.iter().filter_map(|port| match &port.state {
        PortState::Free | PortState::Ours => None,
        PortState::Refused(why) => Some(ReportLine::wrong(
            Check::Ports,
            format!("{} {}: {why}", port.setting, port.address),
            format!("stop what is there, or set {} to another address", port.setting),
        )),
    });
    or_fine(Check::Ports, wrong.collect(), || {
        let of = |port: &PortFacts| {
            let state = if port.state == PortState::Ours { "a Writ answers" } else { "free" };
            format!("{} {} ({state})", port.setting, port.address)
        };
        facts.ports.iter().map(of).collect::<Vec<_>>().join(", ")
    })
}

fn mail(facts: &Facts) -> Vec<ReportLine> {
    vec![match &facts.mail {
        MailFacts::Server(host) => ReportLine::fine(Check::Mail, format!("letters go to {host}")),
        MailFacts::Mailbox => {
            ReportLine::fine(Check::Mail, "letters are shown at /dev/mailbox, on this machine only")
        }
        MailFacts::Nowhere => ReportLine::wrong(
            Check::Mail,
            format!("no letter is sent to anybody, and {} is not this machine's alone", facts.issuer.base),
            "set smtp.host and smtp.from: without them nobody gets a new password or confirms an address by themselves",
        ),
    }]
}

fn breached(facts: &Facts) -> Vec<ReportLine> {
    vec![match &facts.breached {
        BreachedFacts::None => {
            ReportLine::fine(Check::BreachedPasswords, "no file is named: new passwords are only measured")
        }
        BreachedFacts::List(about) => ReportLine::fine(
            Check::BreachedPasswords,
            format!("new passwords are looked for among about {about} that attackers know"),
        ),
        BreachedFacts::Unusable(why) => ReportLine::wrong(
            Check::BreachedPasswords,
            why.clone(),
            "write the file anew with the downloader of Pwned Passwords, as one file ordered by hash, and let the server read it",
        ),
    }]
}

/// Whether a server runs here, as far as its address tells.
fn runs_here(facts: &Facts) -> bool {
    matches!(facts.server, Heard::Metadata { .. })
}

fn issuer(facts: &Facts) -> Vec<ReportLine> {
    let base = &facts.issuer.base;
    let mut wrong = Vec::new();
    let is_public_http = base.parse::<Uri>().is_ok_and(|base| {
        base.scheme_str() == Some("http") && base.host().is_some_and(|host| !is_loopback(host))
    });
    if is_public_http {
        wrong.push(ReportLine::wrong(
            Check::Issuer,
            format!("{base} is plain http: tokens and passwords cross the network in the clear"),
            "set issuer to an https URL, and tls_cert and tls_key, or end TLS in a proxy before the server",
        ));
    }
    if let Heard::Metadata { issuer, .. } = &facts.server
        && issuer != base
    {
        wrong.push(ReportLine::wrong(
                Check::Issuer,
                format!("the server that runs here calls itself {issuer}, and the settings say {base}"),
                "restart it if the settings are newer than its start, or run doctor with the settings that it has",
            ));
    }
    match &facts.socket {
        // Where it listens, it has been heard already.
        Some(_) if runs_here(facts) => {}
        Some(Heard::Metadata { issuer, .. }) if issuer != base => wrong.push(ReportLine::wrong(
            Check::Issuer,
            format!("a server runs on this data folder and calls itself {issuer}; the settings say {base}"),
            "run doctor with the settings that it was started with, or restart it with these",
        )),
        Some(_) if wrong.is_empty() => {
            return vec![ReportLine::skipped(
                Check::Issuer,
                "a server runs on this data folder, but not where these settings listen: it was not looked at. \
                 Run doctor with the settings that it was started with",
            )];
        }
        Some(_) | None => {}
    }
    match &facts.issuer.heard {
        Heard::Unresolved(why) => wrong.push(ReportLine::wrong(
            Check::Issuer,
            format!("{base} has no address: {why}"),
            "make its name known (DNS), or correct issuer",
        )),
        Heard::Silence(why) if runs_here(facts) => wrong.push(ReportLine::wrong(
            Check::Issuer,
            format!("{base} cannot be reached from here, although a server runs: {why}"),
            "check the proxy, the firewall and the name; clients fetch metadata and keys there",
        )),
        Heard::Silence(_) if wrong.is_empty() => {
            return vec![ReportLine::skipped(Check::Issuer, format!("{base} was not checked: no server runs here"))];
        }
        Heard::Other { status } => wrong.push(ReportLine::wrong(
            Check::Issuer,
            format!("what answers at {base} is no Writ: {status} for its metadata"),
            "let the proxy pass /.well-known/, /oauth2/ and the rest to this server, or correct issuer",
        )),
        Heard::Metadata { issuer, .. } if issuer != base => wrong.push(ReportLine::wrong(
            Check::Issuer,
            format!("what answers at {base} calls itself {issuer}"),
            "clients refuse that (OpenID Connect Discovery, section 4.3): set issuer to the URL that they use",
        )),
        Heard::Silence(_) | Heard::Metadata { .. } => {}
    }
    or_fine(Check::Issuer, wrong, || format!("{base} answers and names itself"))
}

fn clock(facts: &Facts) -> Vec<ReportLine> {
    let mut wrong = Vec::new();
    let remedy = "set this machine's clock, and keep it set (chrony, systemd-timesyncd)";
    // The issuer's own word first: it may be another machine's.
    let dates = [&facts.issuer.heard, &facts.server].into_iter().filter_map(|heard| match heard {
        Heard::Metadata { date, .. } => *date,
        Heard::Unresolved(_) | Heard::Silence(_) | Heard::Other { .. } => None,
    });
    let date = dates.into_iter().next();
    if let Some(date) = date {
        let off = facts.now.as_secs() - date.as_secs();
        if off.abs() > SKEW.0 {
            let way = if off > 0 { "ahead of" } else { "behind" };
            let what = format!("this clock is {} {way} the one of {}", span(off.abs()), facts.issuer.base);
            wrong.push(ReportLine::wrong(Check::Clock, what, remedy));
        }
    }
    let newest = match &facts.database {
        DatabaseFacts::Read { newest, .. } => *newest,
        DatabaseFacts::NotYet | DatabaseFacts::Unreachable(_) => None,
    };
    if let Some(newest) = newest {
        let ahead = newest.as_secs() - facts.now.as_secs();
        if ahead > SKEW.0 {
            let what = format!("the newest record of the database is {} in the future", span(ahead));
            wrong.push(ReportLine::wrong(Check::Clock, what, remedy));
        }
    }
    let agrees = match (date, newest) {
        (None, None) if wrong.is_empty() => {
            return vec![ReportLine::skipped(Check::Clock, "there is nothing to compare it with")];
        }
        (Some(_), _) => format!("agrees with that of {}", facts.issuer.base),
        (None, _) => "is not behind the newest record of the database".to_owned(),
    };
    or_fine(Check::Clock, wrong, || agrees)
}

/// Seconds for people.
fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        172_800.. => format!("{} days", seconds / 86_400),
    }
}

fn folder(facts: &Facts) -> Vec<ReportLine> {
    vec![match &facts.folder {
        FolderFacts::Writable => ReportLine::fine(Check::DataFolder, "can be written"),
        FolderFacts::Missing => {
            ReportLine::skipped(Check::DataFolder, "is missing; the first start makes it")
        }
        FolderFacts::Unwritable(why) => ReportLine::wrong(
            Check::DataFolder,
            format!("cannot be written: {why}"),
            "give the user that runs Writ the right to write there (chown, mount), or set data_dir to another folder",
        ),
    }]
}

fn files(facts: &Facts) -> Vec<ReportLine> {
    let wrong = facts.files.iter().filter_map(|file| {
        let (bits, chmod) = match file.shielding {
            Shielding::Owner => (0o077, "600"),
            Shielding::Group => (0o007, "o="),
        };
        (file.mode & bits != 0).then(|| {
            let what = format!(
                "{} ({}) may be read by others: mode {:03o}",
                file.path,
                file.holds,
                file.mode & 0o777
            );
            ReportLine::wrong(Check::SecretFiles, what, format!("chmod {chmod} {}", file.path))
        })
    });
    or_fine(Check::SecretFiles, wrong.collect(), || match facts.files.as_slice() {
        [] => "there are none yet".to_owned(),
        files => {
            let held: Vec<_> = files.iter().map(|file| file.holds).collect();
            format!("not open to others: {}", held.join(", "))
        }
    })
}

fn database(facts: &Facts) -> Vec<ReportLine> {
    match &facts.database {
        DatabaseFacts::NotYet => {
            vec![ReportLine::skipped(Check::Database, "there is none yet; the first start makes it")]
        }
        DatabaseFacts::Unreachable(why) => {
            vec![ReportLine::wrong(
                Check::Database,
                why.clone(),
                "see the message; nothing is served without the database",
            )]
        }
        DatabaseFacts::Read { pending, .. } if pending.is_empty() => {
            vec![
                ReportLine::fine(Check::Database, "answers"),
                ReportLine::fine(Check::Migrations, "none is pending"),
            ]
        }
        DatabaseFacts::Read { pending, .. } => {
            let names: Vec<_> = pending.iter().map(|(version, name)| format!("{version} ({name})")).collect();
            let what = format!("the database is behind this program; pending: {}", names.join(", "));
            let remedy = "writ migrate applies them; so does the next start. Make a backup first";
            vec![
                ReportLine::fine(Check::Database, "answers"),
                ReportLine::wrong(Check::Migrations, what, remedy),
            ]
        }
    }
}

fn master_key(facts: &Facts) -> Vec<ReportLine> {
    let row = |what: String, remedy: &str| ReportLine::wrong(Check::MasterKey, what, remedy);
    vec![match &facts.master_key {
        MasterKeyFacts::Opens => ReportLine::fine(Check::MasterKey, "opens the database"),
        MasterKeyFacts::NotYet => {
            ReportLine::skipped(Check::MasterKey, "there is none yet; the first start makes it")
        }
        MasterKeyFacts::Unknown => ReportLine::skipped(Check::MasterKey, "the database could not be asked"),
        MasterKeyFacts::Missing(why) => row(
            format!("this database needs its master key: {why}"),
            "restore it from its backup, or set master_key_file; without it nothing opens what is sealed under it",
        ),
        MasterKeyFacts::Wrong => row(
            "it is not the one that this database was made with".to_owned(),
            "put back the key of this database (after `writ key rewrap`: the new one)",
        ),
    }]
}

fn certificate(facts: &Facts) -> Vec<ReportLine> {
    let Some(certificate) = &facts.certificate else {
        return vec![ReportLine::skipped(Check::Certificate, "the settings name none")];
    };
    let (path, not_before, not_after, covers_issuer) = match certificate {
        CertificateFacts::Unusable(why) => {
            let remedy = "put certificate and key of one pair into tls_cert and tls_key";
            return vec![ReportLine::wrong(Check::Certificate, why.clone(), remedy)];
        }
        CertificateFacts::Usable { path, not_before, not_after, covers_issuer } => {
            (path, not_before, not_after, *covers_issuer)
        }
    };
    let mut wrong = Vec::new();
    let renew = "renew it; the server takes the new one without a restart";
    let left = not_after.as_secs() - facts.now.as_secs();
    if left <= 0 {
        wrong.push(ReportLine::wrong(
            Check::Certificate,
            format!("{path} expired {} ago", span(-left)),
            renew,
        ));
    } else if left < DUE.0 {
        wrong.push(ReportLine::wrong(Check::Certificate, format!("{path} expires in {}", span(left)), renew));
    }
    let early = not_before.as_secs() - facts.now.as_secs();
    if early > 0 {
        let what = format!("{path} is good only in {}", span(early));
        wrong.push(ReportLine::wrong(
            Check::Certificate,
            what,
            "take the one from before, or check the clock",
        ));
    }
    if !covers_issuer {
        let what = format!("{path} does not cover the host of {}", facts.issuer.base);
        let remedy = "get one whose subject alternative names have that host, or correct issuer";
        wrong.push(ReportLine::wrong(Check::Certificate, what, remedy));
    }
    or_fine(Check::Certificate, wrong, || format!("{path} is good for {}", span(left)))
}

#[cfg(test)]
mod tests;

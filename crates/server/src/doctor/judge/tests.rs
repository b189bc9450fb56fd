//! What is found, and what is not.

use super::*;
use crate::doctor::{IssuerFacts, SecretFile};
use crate::edge::proxies::ProxyHeaders;
use rstest::rstest;
use writ_core::time::Micros;

const NOW: Micros = Micros::from_secs(1_800_000_000);
const BASE: &str = "https://id.example.com";

fn after(seconds: i64) -> Micros {
    NOW.plus(Seconds(seconds))
}

fn metadata(issuer: &str, date: Micros) -> Heard {
    Heard::Metadata { issuer: issuer.to_owned(), date: Some(date) }
}

fn certificate(not_before: i64, not_after: i64, covers_issuer: bool) -> CertificateFacts {
    let (not_before, not_after) = (after(not_before), after(not_after));
    CertificateFacts::Usable { path: "id.crt".to_owned(), not_before, not_after, covers_issuer }
}

fn port(state: PortState) -> PortFacts {
    PortFacts { setting: "listen", address: "localhost:8080".to_owned(), state }
}

fn secret(mode: u32, shielding: Shielding) -> Vec<SecretFile> {
    vec![SecretFile {
        path: "/var/lib/writ/bootstrap.json".to_owned(),
        holds: "the first credentials",
        mode,
        shielding,
    }]
}

fn read(pending: &[(i64, &str)], newest: Option<Micros>) -> DatabaseFacts {
    let pending = pending.iter().map(|(version, name)| (*version, (*name).to_owned())).collect();
    DatabaseFacts::Read { pending, newest }
}

/// A server that runs and is well.
fn well() -> Facts {
    Facts {
        now: NOW,
        issuer: IssuerFacts { base: BASE.to_owned(), heard: metadata(BASE, NOW) },
        server: metadata(BASE, NOW),
        socket: Some(metadata(BASE, NOW)),
        ports: vec![port(PortState::Ours)],
        folder: FolderFacts::Writable,
        files: secret(0o100_600, Shielding::Owner),
        master_key: MasterKeyFacts::Opens,
        database: read(&[], Some(after(-5))),
        certificate: Some(certificate(-86_400, 60 * 86_400, true)),
        proxies: ProxyFacts::Trusted(ProxyHeaders::XForwardedFor),
        mail: MailFacts::Server("mail.example.com".to_owned()),
        breached: BreachedFacts::None,
    }
}

#[rstest]
#[case(ProxyFacts::None, false)]
#[case(ProxyFacts::Trusted(ProxyHeaders::Forwarded), false)]
#[case(ProxyFacts::HeaderOfNobody(ProxyHeaders::Forwarded), true)]
fn a_header_that_nobody_is_trusted_to_set_is_a_finding(#[case] proxies: ProxyFacts, #[case] is_wrong: bool) {
    let rows = judge(&Facts { proxies, ..well() });
    let row = rows.iter().find(|row| row.check == Check::Proxies).unwrap();
    assert_eq!(row.is_wrong(), is_wrong);
}

fn silence() -> Heard {
    Heard::Silence("connection refused".to_owned())
}

#[test]
fn a_server_that_is_well_has_no_finding() {
    let rows = judge(&well());
    assert!(rows.iter().all(|row| matches!(row.state, CheckState::Fine(_))), "{rows:?}");
}

#[test]
fn a_public_server_without_mail_is_found() {
    for (mail, is_found) in [(MailFacts::Nowhere, true), (MailFacts::Mailbox, false)] {
        let rows = judge(&Facts { mail, ..well() });
        let wrong: Vec<_> = rows.iter().filter(|row| matches!(row.state, CheckState::Wrong { .. })).collect();
        assert_eq!(
            wrong.iter().map(|row| row.check).collect::<Vec<_>>(),
            [Check::Mail][..usize::from(is_found)]
        );
    }
}

#[test]
fn a_set_up_that_was_never_started_has_no_finding() {
    let facts = Facts {
        issuer: IssuerFacts { base: "http://localhost:8080".to_owned(), heard: silence() },
        server: silence(),
        socket: None,
        ports: vec![port(PortState::Free)],
        folder: FolderFacts::Missing,
        files: Vec::new(),
        master_key: MasterKeyFacts::NotYet,
        database: DatabaseFacts::NotYet,
        certificate: None,
        ..well()
    };
    let rows = judge(&facts);
    assert!(!rows.iter().any(ReportLine::is_wrong), "{rows:?}");
}

/// Each case changes one thing of a server that is well, and exactly that is found.
#[rstest]
#[case::public_http(
    |f: &mut Facts| f.issuer = IssuerFacts { base: "http://id.example.com".to_owned(), heard: metadata("http://id.example.com", NOW) },
    Check::Issuer, "in the clear")]
#[case::silent_issuer(|f: &mut Facts| f.issuer.heard = silence(), Check::Issuer, "cannot be reached from here")]
#[case::unresolved(|f: &mut Facts| f.issuer.heard = Heard::Unresolved("no such host".to_owned()), Check::Issuer, "has no address")]
#[case::another_site(|f: &mut Facts| f.issuer.heard = Heard::Other { status: 404 }, Check::Issuer, "is no Writ: 404")]
#[case::another_issuer(
    |f: &mut Facts| f.issuer.heard = metadata("https://old.example.com", NOW),
    Check::Issuer, "answers at https://id.example.com calls itself https://old.example.com")]
#[case::another_server(
    |f: &mut Facts| f.server = metadata("https://old.example.com", NOW),
    Check::Issuer, "runs here calls itself https://old.example.com")]
#[case::another_server_on_the_folder(
    |f: &mut Facts| { f.server = silence(); f.socket = Some(metadata("https://old.example.com", NOW)); },
    Check::Issuer, "on this data folder and calls itself https://old.example.com")]
#[case::clock_behind(|f: &mut Facts| f.issuer.heard = metadata(BASE, after(31)), Check::Clock, "31 s behind")]
#[case::clock_ahead(|f: &mut Facts| f.issuer.heard = metadata(BASE, after(-90_000)), Check::Clock, "25 h ahead of")]
#[case::record_of_the_future(|f: &mut Facts| f.database = read(&[], Some(after(600))), Check::Clock, "10 min in the future")]
#[case::folder(
    |f: &mut Facts| f.folder = FolderFacts::Unwritable("Permission denied".to_owned()),
    Check::DataFolder, "Permission denied")]
#[case::open_to_the_group(|f: &mut Facts| f.files = secret(0o100_640, Shielding::Owner), Check::SecretFiles, "mode 640")]
#[case::open_to_all(|f: &mut Facts| f.files = secret(0o100_644, Shielding::Group), Check::SecretFiles, "mode 644")]
#[case::no_key(
    |f: &mut Facts| f.master_key = MasterKeyFacts::Missing("master.key is missing".to_owned()),
    Check::MasterKey, "master.key is missing")]
#[case::another_key(|f: &mut Facts| f.master_key = MasterKeyFacts::Wrong, Check::MasterKey, "not the one")]
#[case::database(
    |f: &mut Facts| { f.database = DatabaseFacts::Unreachable("connection refused".to_owned()); f.master_key = MasterKeyFacts::Unknown; },
    Check::Database, "connection refused")]
#[case::pending(|f: &mut Facts| f.database = read(&[(4, "settings"), (5, "clients")], None), Check::Migrations, "4 (settings), 5 (clients)")]
#[case::expired(|f: &mut Facts| f.certificate = Some(certificate(-9, -86_400, true)), Check::Certificate, "expired 24 h ago")]
#[case::expiring(|f: &mut Facts| f.certificate = Some(certificate(-9, 20 * 86_400, true)), Check::Certificate, "expires in 20 days")]
#[case::too_early(|f: &mut Facts| f.certificate = Some(certificate(600, 90 * 86_400, true)), Check::Certificate, "only in 10 min")]
#[case::another_host(|f: &mut Facts| f.certificate = Some(certificate(-9, 90 * 86_400, false)), Check::Certificate, "does not cover")]
#[case::another_pair(
    |f: &mut Facts| f.certificate = Some(CertificateFacts::Unusable("they do not go together".to_owned())),
    Check::Certificate, "do not go together")]
#[case::taken(|f: &mut Facts| f.ports = vec![port(PortState::Refused("already in use".to_owned()))], Check::Ports, "already in use")]
fn what_is_wrong_is_found(#[case] change: fn(&mut Facts), #[case] check: Check, #[case] says: &str) {
    let mut facts = well();
    change(&mut facts);
    let wrong: Vec<_> = judge(&facts).into_iter().filter(ReportLine::is_wrong).collect();
    // An issuer that is http where the server that runs is https is wrong in both ways.
    assert!(wrong.iter().all(|row| row.check == check), "{wrong:?}");
    let found = wrong.iter().any(|row| matches!(&row.state, CheckState::Wrong { what, remedy } if what.contains(says) && !remedy.is_empty()));
    assert!(found, "{wrong:?}");
}

/// A row says what it was compared with, and what it looked at.
#[test]
fn what_is_fine_says_why() {
    let says = |facts: &Facts, check: Check| {
        let row = judge(facts).into_iter().find(|row| row.check == check).unwrap();
        match row.state {
            CheckState::Fine(text) | CheckState::Skipped(text) => text,
            CheckState::Wrong { what, .. } => panic!("{what}"),
        }
    };
    assert_eq!(says(&well(), Check::Clock), "agrees with that of https://id.example.com");
    assert_eq!(says(&well(), Check::SecretFiles), "not open to others: the first credentials");
    let alone =
        Facts { issuer: IssuerFacts { heard: silence(), ..well().issuer }, server: silence(), ..well() };
    assert_eq!(says(&alone, Check::Clock), "is not behind the newest record of the database");
    assert!(says(&alone, Check::Issuer).starts_with("a server runs on this data folder, but not where"));
}

#[rstest]
#[case::a_little_ahead(|f: &mut Facts| f.issuer.heard = metadata(BASE, after(-30)))]
#[case::just_renewed(|f: &mut Facts| f.certificate = Some(certificate(0, 21 * 86_400, true)))]
#[case::shared_with_its_group(|f: &mut Facts| f.files = secret(0o100_640, Shielding::Group))]
#[case::unreachable_while_nothing_runs(|f: &mut Facts| { f.issuer.heard = silence(); f.server = silence(); f.socket = None; })]
#[case::one_that_listens_elsewhere(|f: &mut Facts| { f.issuer.heard = silence(); f.server = silence(); })]
fn what_is_no_fault_is_not_found(#[case] change: fn(&mut Facts)) {
    let mut facts = well();
    change(&mut facts);
    let rows = judge(&facts);
    assert!(!rows.iter().any(ReportLine::is_wrong), "{rows:?}");
}

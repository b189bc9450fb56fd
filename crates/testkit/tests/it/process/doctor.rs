//! `writ doctor`, `writ healthcheck` and `writ migrate`, with the real binary on set-ups that are wrong.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::Value;
use writ_server::state::clock::{Clock as _, SystemClock};
use writ_testkit::postgres::Cluster;
use writ_testkit::process::Writ;

use super::configuration::run;
use super::{arguments, database};

/// What doctor says of a folder that a server may have used, with more arguments.
fn doctor(data_dir: &Path, arguments: &[&str]) -> (i32, Value) {
    let mut writ = Writ::new().unwrap();
    examine(writ.keep_in(data_dir), arguments)
}

fn examine(writ: &mut Writ, arguments: &[&str]) -> (i32, Value) {
    writ.arguments(["doctor", "--json"].iter().chain(arguments));
    let (code, out, err) = run(writ);
    (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")))
}

/// Asserts that these checks and no others found something, and gives what they say.
#[track_caller]
fn found(answer: &(i32, Value), checks: &[&str]) -> String {
    let (code, json) = answer;
    let all = json["checks"].as_array().unwrap();
    let wrong: Vec<&Value> = all.iter().filter(|one| one["state"] == "problem").collect();
    let mut names: Vec<&str> = wrong.iter().map(|one| one["check"].as_str().unwrap()).collect();
    names.dedup();
    assert_eq!(names, checks, "{json:#}");
    assert_eq!((*code, &json["ok"]), (i32::from(!checks.is_empty()), &Value::Bool(checks.is_empty())));
    assert!(wrong.iter().all(|one| !one["remedy"].as_str().unwrap().is_empty()), "{json:#}");
    wrong.iter().map(|one| one["message"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Nothing listens there.
const NOWHERE: [&str; 4] = ["--listen", "localhost:0", "--metrics-listen", "off"];

fn stopped() -> Writ {
    let mut writ = Writ::started().unwrap();
    assert!(writ.terminate().unwrap().success());
    writ
}

#[test]
fn a_set_up_before_its_first_start_and_a_running_server_are_well() {
    let mut writ = Writ::new().unwrap();
    found(&doctor(writ.data_dir(), &NOWHERE), &[]);
    assert!(!writ.data_dir().exists());
    writ.start().unwrap();
    let listen = format!("localhost:{}", writ.listen()[0].port());
    let before: Vec<_> =
        std::fs::read_dir(writ.data_dir()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let answer = doctor(writ.data_dir(), &["--listen", &listen, "--metrics-listen", "off"]);
    found(&answer, &[]);
    assert!(answer.1.to_string().contains("answers and names itself"), "{}", answer.1);
    let after: Vec<_> =
        std::fs::read_dir(writ.data_dir()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(before.len(), after.len());

    let mut terminal = Writ::new().unwrap();
    terminal.keep_in(writ.data_dir()).arguments([
        "doctor",
        "--listen",
        &listen,
        "--issuer",
        "https://x.invalid",
    ]);
    let (code, out, _) = run(&terminal);
    assert!(code == 1 && out.contains("PROBLEM  issuer") && out.contains("→ "), "{out}");
}

#[test]
fn a_wrong_issuer_is_found() {
    let mut writ = Writ::started().unwrap();
    let port = writ.listen()[0].port();
    let listen = format!("localhost:{port}");
    let with = |issuer: &str, more: &[&str]| {
        let arguments =
            [&["--listen", &listen, "--metrics-listen", "off", "--issuer", issuer], more].concat();
        // Nobody but this machine reaches a loopback issuer; elsewhere a server without mail is a finding of its own.
        let checks: &[&str] = if issuer.contains("127.0.0.1") { &["issuer"] } else { &["issuer", "mail"] };
        found(&doctor(writ.data_dir(), &arguments), checks)
    };
    let says = with("https://id.invalid", &[]);
    assert!(says.contains("runs here calls itself") && says.contains("has no address"), "{says}");
    let says = with(&format!("http://127.0.0.1:{port}"), &[]);
    assert!(says.contains(&format!("calls itself http://localhost:{port}")), "{says}");
    let says = with("http://id.invalid", &["--allow-insecure-issuer"]);
    assert!(says.contains("in the clear"), "{says}");
    assert!(writ.terminate().unwrap().success());
}

/// A site that gives one answer, with a date of its own.
fn site(date: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let body = format!("{{\"issuer\":\"{base}\"}}");
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 200 OK\r\ndate: {date}\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    base
}

#[test]
fn a_clock_that_is_off_is_found() {
    let base = site("Sun, 06 Nov 1994 08:49:37 GMT");
    let writ = Writ::new().unwrap();
    let says = found(&doctor(writ.data_dir(), &[&NOWHERE[..], &["--issuer", &base]].concat()), &["clock"]);
    assert!(says.contains("days ahead of"), "{says}");

    let writ = stopped();
    let now = SystemClock::default().now().0;
    database(writ.data_dir()).execute("UPDATE audit_logs SET at = ?1", [now + 86_400_000_000]).unwrap();
    let says = found(&doctor(writ.data_dir(), &NOWHERE), &["clock"]);
    assert!(says.contains("in the future"), "{says}");
}

#[test]
fn an_unwritable_folder_is_found() {
    let mut writ = Writ::new().unwrap();
    let home = writ.home().to_owned();
    arguments::without_override(&mut writ, &home);
    std::fs::create_dir(writ.data_dir()).unwrap();
    std::fs::set_permissions(writ.data_dir(), std::fs::Permissions::from_mode(0o555)).unwrap();
    let says = found(&examine(&mut writ, &NOWHERE), &["data_folder"]);
    assert!(says.contains("Permission denied"), "{says}");
    std::fs::write(home.join("file"), "").unwrap();
    writ.keep_in(home.join("file/data"));
    found(&examine(&mut writ, &NOWHERE), &["data_folder"]);
}

#[test]
fn secrets_that_others_may_read_are_found() {
    let writ = stopped();
    for name in ["bootstrap.json", "master.key"] {
        let path = writ.data_dir().join(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let says = found(&doctor(writ.data_dir(), &NOWHERE), &["secret_files"]);
        assert!(says.contains(name) && says.contains("644"), "{says}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let file = writ.home().join("writ.toml");
    std::fs::write(&file, "master_key_command = \"cat x\"\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let arguments = [&NOWHERE[..], &["--config", file.to_str().unwrap()]].concat();
    let says = found(&doctor(writ.data_dir(), &arguments), &["secret_files", "master_key"]);
    assert!(says.contains("writ.toml"), "{says}");
}

#[test]
fn a_missing_or_another_master_key_is_found_and_none_is_made() {
    let writ = stopped();
    let key = writ.data_dir().join("master.key");
    std::fs::remove_file(&key).unwrap();
    let says = found(&doctor(writ.data_dir(), &NOWHERE), &["master_key"]);
    assert!(says.contains("needs its master key"), "{says}");
    assert!(!key.exists());
    std::fs::write(&key, "00".repeat(32)).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let says = found(&doctor(writ.data_dir(), &NOWHERE), &["master_key"]);
    assert!(says.contains("not the one"), "{says}");
}

#[test]
fn an_unreachable_postgresql_is_found_and_its_password_is_not_shown() {
    let mut writ = Writ::new().unwrap();
    let answer = examine(writ.database("postgres://writ:hunter2@127.0.0.1:1/writ"), &NOWHERE);
    let says = found(&answer, &["database"]);
    assert!(says.contains("cannot be opened") && !answer.1.to_string().contains("hunter2"), "{says}");
}

/// A database that has not heard of the newest migration.
fn one_behind(folder: &Path) -> i64 {
    let database = database(folder);
    let newest =
        database.query_row("SELECT MAX(version) FROM schema_migrations", [], |row| row.get(0)).unwrap();
    database.execute("DELETE FROM schema_migrations WHERE version = ?1", [newest]).unwrap();
    newest
}

#[test]
fn a_pending_migration_is_found() {
    let writ = stopped();
    let newest = one_behind(writ.data_dir());
    let says = found(&doctor(writ.data_dir(), &NOWHERE), &["migrations"]);
    assert!(says.contains(&format!("pending: {newest} (")), "{says}");
    let mut migrate = Writ::new().unwrap();
    migrate.keep_in(writ.data_dir()).arguments(["migrate", "--check"]);
    let (code, out, _) = run(&migrate);
    assert!(code == 3 && out.starts_with("pending") && out.contains(&newest.to_string()), "{code} {out}");
}

/// Makes a certificate for a host that ends in some days; gives the arguments that name it.
fn certificate(folder: &Path, host: &str, days: u64) -> [String; 4] {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([host.to_owned()]).unwrap();
    let now = date_time_ymd(1970, 1, 1)
        + std::time::Duration::from_secs(SystemClock::default().now().as_secs().unsigned_abs());
    params.not_before = now - std::time::Duration::from_hours(1);
    params.not_after = now + std::time::Duration::from_hours(24 * days + 1);
    let [crt, pem] = ["id.crt", "id.key"].map(|name| folder.join(name));
    std::fs::write(&crt, params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(&pem, key.serialize_pem()).unwrap();
    std::fs::set_permissions(&pem, std::fs::Permissions::from_mode(0o600)).unwrap();
    ["--tls-cert".to_owned(), crt.display().to_string(), "--tls-key".to_owned(), pem.display().to_string()]
}

#[test]
fn a_certificate_that_expires_or_covers_another_host_or_has_another_key_is_found() {
    let writ = Writ::new().unwrap();
    let with = |tls: &[String; 4]| {
        let tls: Vec<&str> = tls.iter().map(String::as_str).collect();
        doctor(writ.data_dir(), &[&NOWHERE[..], &tls].concat())
    };
    found(&with(&certificate(writ.home(), "localhost", 30)), &[]);
    let says = found(&with(&certificate(writ.home(), "localhost", 10)), &["certificate"]);
    assert!(says.contains("expires in 10 days"), "{says}");
    let says = found(&with(&certificate(writ.home(), "id.example.com", 30)), &["certificate"]);
    assert!(says.contains("does not cover"), "{says}");
    let other = tempfile::tempdir().unwrap();
    let mut tls = certificate(writ.home(), "localhost", 30);
    tls[3].clone_from(&certificate(other.path(), "localhost", 30)[3]);
    let says = found(&with(&tls), &["certificate"]);
    assert!(says.contains("do not go together"), "{says}");
}

#[test]
fn a_taken_port_is_found() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    // It takes connections and says nothing.
    let writ = Writ::new().unwrap();
    for setting in ["--listen", "--metrics-listen"] {
        let mut arguments = NOWHERE;
        let at = arguments.iter().position(|word| *word == setting).unwrap();
        arguments[at + 1] = &address;
        let says = found(&doctor(writ.data_dir(), &arguments), &["ports"]);
        assert!(says.contains(&address) && says.contains("in use"), "{says}");
    }
    drop(taken);
}

#[test]
fn a_configuration_that_is_not_right_is_found() {
    let writ = Writ::new().unwrap();
    let says = found(&doctor(writ.data_dir(), &["--listen", "here"]), &["configuration"]);
    assert!(says.contains("listen (--listen)"), "{says}");
}

#[test]
fn healthcheck_asks_the_server_that_the_settings_mean() {
    for tls in [false, true] {
        let mut writ = Writ::new().unwrap();
        if tls {
            writ.argument("--dev-tls");
        }
        writ.start().unwrap();
        let listen = writ.listen()[0].to_string();
        let mut check = Writ::new().unwrap();
        check.keep_in(writ.data_dir()).arguments(["healthcheck", "--listen", &listen]);
        if tls {
            check.argument("--dev-tls");
        }
        assert_eq!(run(&check), (0, "ready\n".to_owned(), String::new()));
        assert!(writ.terminate().unwrap().success());
        let (code, out, _) = run(&check);
        assert!(code == 1 && out.contains("no answer at"), "{out}");
    }
}

#[test]
fn migrate_says_what_it_applied_on_both_engines() {
    let mut sqlite = Writ::new().unwrap();
    let mut postgres = Writ::new().unwrap();
    postgres.database(&Cluster::shared().unwrap().database().unwrap());
    for writ in [&mut sqlite, &mut postgres] {
        let mut with = |arguments: &[&str]| run(writ.arguments(arguments));
        let (code, pending, _) = with(&["migrate", "--check", "--json"]);
        let pending: Value = serde_json::from_str(&pending).unwrap();
        assert_eq!((code, &pending["pending"][0]["name"]), (3, &"ground".into()), "{pending}");
        let (code, out, err) = with(&["migrate"]);
        assert_eq!(code, 0, "{err}");
        assert_eq!(out.lines().count(), pending["pending"].as_array().unwrap().len());
        assert!(out.contains("applied     1  ground"), "{out}");
        assert_eq!(with(&["migrate"]).1, "The database is up to date already.\n");
        assert_eq!(with(&["migrate", "--check"]), (0, "Nothing is pending.\n".to_owned(), String::new()));
        writ.arguments(NOWHERE).start().unwrap();
        assert!(writ.terminate().unwrap().success());
    }
    let mut held = Writ::started().unwrap();
    let mut second = Writ::new().unwrap();
    let (code, _, err) = run(second.keep_in(held.data_dir()).arguments(["migrate"]));
    assert!(code == 1 && err.contains("in use by another writ process"), "{err}");
    assert!(held.terminate().unwrap().success());
}

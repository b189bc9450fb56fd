//! Arguments, environment and file; and every start that has to be refused, with its text.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use writ_testkit::process::{Refusal, Writ};

use super::database;

fn issuer(writ: &Writ) -> String {
    writ.http().unwrap().get("/.well-known/openid-configuration").unwrap().text("issuer")
}

/// Asserts that the refusal is a text for an operator, and says all of `texts`.
#[track_caller]
fn says(refusal: &Refusal, texts: &[&str]) {
    let Refusal { status, text } = refusal;
    assert_eq!(status.code(), Some(1), "{text}");
    assert!(text.lines().any(|line| line.starts_with("writ: ")), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    for wanted in texts {
        assert!(text.contains(wanted), "{wanted:?} is missing in: {text}");
    }
}

/// A server that has been started once and stopped.
fn stopped() -> Writ {
    let mut writ = Writ::started().unwrap();
    assert!(writ.terminate().unwrap().success());
    writ
}

#[test]
fn a_plain_http_issuer_that_is_not_loopback_takes_a_flag() {
    let mut writ = Writ::new().unwrap();
    let refusal = writ.argument("--issuer").argument("http://id.example.com").refusal().unwrap();
    says(&refusal, &["--allow-insecure-issuer", "http://id.example.com", "https"]);
    assert!(!writ.data_dir().exists());
    writ.argument("--allow-insecure-issuer").start().unwrap();
    assert_eq!(issuer(&writ), "http://id.example.com");
    assert_eq!(writ.bootstrap().unwrap()["issuer"], "http://id.example.com");
}

#[test]
fn an_unknown_key_of_the_file_is_refused_and_named() {
    let mut writ = Writ::new().unwrap();
    let file = writ.home().join("writ.toml");
    std::fs::write(&file, "isuer = \"https://id.example\"\n").unwrap();
    let refusal = writ.argument("--config").argument(&file).refusal().unwrap();
    says(&refusal, &["isuer", "writ.toml"]);
    assert!(!writ.data_dir().exists());
    std::fs::remove_file(&file).unwrap();
    says(&writ.refusal().unwrap(), &["writ.toml"]);
}

#[test]
fn flags_come_before_the_environment_and_that_before_the_file() {
    let mut writ = Writ::new().unwrap();
    let file = writ.home().join("writ.toml");
    let text = "listen = [\"127.0.0.1:0\"]\nissuer = \"https://file.example\"\nmetrics_listen = \"off\"\nlog_format = \"human\"\n";
    std::fs::write(&file, text).unwrap();
    writ.arguments(["--config".as_ref(), file.as_os_str()]).start().unwrap();
    assert_eq!(issuer(&writ), "https://file.example");
    assert_eq!(writ.listen().len(), 1);
    assert!(!writ.log().contains("{\"timestamp\""), "log_format of the file: {}", writ.log());
    writ.environment("WRIT_ISSUER", "https://environment.example").restart().unwrap();
    assert_eq!(issuer(&writ), "https://environment.example");
    writ.argument("--issuer").argument("https://flag.example").restart().unwrap();
    assert_eq!(issuer(&writ), "https://flag.example");
}

#[test]
fn a_taken_port_is_said_and_nothing_is_made() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (flag, arguments) in [
        ("--listen", ["--listen", &address, "--metrics-listen", "off"]),
        ("--metrics-listen", ["--listen", "localhost:0", "--metrics-listen", &address]),
    ] {
        let mut writ = Writ::new().unwrap();
        says(&writ.arguments(arguments).refusal().unwrap(), &[&address, "in use", flag]);
        assert!(!writ.data_dir().exists(), "{arguments:?}");
    }
}

#[test]
fn a_second_process_on_a_folder_is_refused_with_the_first_ones_number() {
    let first = Writ::started().unwrap();
    let mut second = Writ::new().unwrap();
    let refusal = second.keep_in(first.data_dir()).refusal().unwrap();
    says(&refusal, &["in use", &format!("process {}", first.pid().unwrap()), "--data-dir"]);
    assert_eq!(first.http().unwrap().get("/health/ready").unwrap().status, 200);
}

#[test]
fn a_folder_below_a_file_cannot_be() {
    let mut writ = Writ::new().unwrap();
    let file = writ.home().join("file");
    std::fs::write(&file, "").unwrap();
    says(&writ.keep_in(file.join("data")).refusal().unwrap(), &["file/data", "--data-dir"]);
}

/// Takes from root what lets it write where nobody may.
pub(crate) fn without_override(writ: &mut Writ, home: &Path) {
    let probe = home.join("probe");
    std::fs::create_dir(&probe).unwrap();
    std::fs::set_permissions(&probe, std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(probe.join("file"), "").is_ok() {
        writ.through(["setpriv", "--bounding-set=-dac_override", "--"]);
    }
}

#[test]
fn a_read_only_folder_is_said() {
    let set =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let mut writ = Writ::new().unwrap();
    let home = writ.home().to_owned();
    without_override(&mut writ, &home);
    std::fs::create_dir(writ.data_dir()).unwrap();
    set(writ.data_dir(), 0o555);
    says(&writ.refusal().unwrap(), &["data", "Permission denied", "--data-dir"]);
    assert_eq!(std::fs::read_dir(writ.data_dir()).unwrap().count(), 0);

    set(writ.data_dir(), 0o755);
    writ.restart().unwrap();
    assert!(writ.terminate().unwrap().success());
    for name in ["writ.db", "writ.lock"] {
        set(&writ.data_dir().join(name), 0o444);
    }
    set(writ.data_dir(), 0o555);
    says(&writ.refusal().unwrap(), &["data", "Permission denied", "--data-dir"]);
    set(&writ.data_dir().join("writ.lock"), 0o644);
    says(&writ.refusal().unwrap(), &["data", "Permission denied", "right to write"]);
    set(writ.data_dir(), 0o755);
    set(&writ.data_dir().join("writ.db"), 0o600);
    writ.start().unwrap();
}

#[test]
fn a_lost_damaged_or_foreign_master_key_is_said() {
    let mut writ = stopped();
    let key = writ.data_dir().join("master.key");
    let right = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    says(&writ.refusal().unwrap(), &["master.key", "missing", "backup"]);
    assert!(!key.exists(), "a lost key is never replaced");
    std::fs::write(&key, "not a key").unwrap();
    says(&writ.refusal().unwrap(), &["master.key", "damaged", "backup"]);
    std::fs::write(&key, "00".repeat(32)).unwrap();
    says(&writ.refusal().unwrap(), &["master key", "does not open this database", "Put back"]);
    std::fs::write(&key, right).unwrap();
    writ.start().unwrap();
}

#[test]
fn a_damaged_database_is_said() {
    let mut writ = stopped();
    let file = writ.data_dir().join("writ.db");
    let right = std::fs::read(&file).unwrap();
    // Its header, its first page, all but its first page.
    for range in [0..100, 100..4096, 4096..right.len()] {
        let mut bytes = right.clone();
        bytes[range.clone()].fill(0x5A);
        std::fs::write(&file, &bytes).unwrap();
        says(&writ.refusal().unwrap(), &["damaged", "restore a backup"]);
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "{range:?}: a damaged database is left as it is");
    }
    std::fs::write(&file, right).unwrap();
    writ.start().unwrap();
}

#[test]
fn a_newer_or_different_database_is_said() {
    let mut writ = stopped();
    database(writ.data_dir())
        .execute("INSERT INTO schema_migrations (version, name, checksum) VALUES (99, 'later', '')", [])
        .unwrap();
    says(&writ.refusal().unwrap(), &["newer version of writ", "99"]);
    database(writ.data_dir()).execute("DELETE FROM schema_migrations WHERE version = 99", []).unwrap();
    writ.restart().unwrap();
    assert!(writ.terminate().unwrap().success());
    database(writ.data_dir())
        .execute("UPDATE schema_migrations SET checksum = 'x' WHERE version = 1", [])
        .unwrap();
    says(&writ.refusal().unwrap(), &["migration 1", "checksum", "backup"]);
}

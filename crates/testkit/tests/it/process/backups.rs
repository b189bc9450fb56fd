//! A copy while the server works, the way back, and the move to PostgreSQL.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};

use writ_testkit::postgres;
use writ_testkit::process::{Writ, binary};

use super::Credential;

fn writ(arguments: &[&str], data_dir: &Path) -> Output {
    let mut command = Command::new(binary().unwrap());
    command.args(arguments).arg("--data-dir").arg(data_dir).env_clear().current_dir(data_dir);
    command.output().unwrap()
}

/// What a command said, where it did what it was asked to.
fn done(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a command said, where it refused.
fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "it did it: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with the master key of another.
fn with_key_of(other: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(other.join("master.key"), folder.path().join("master.key")).unwrap();
    folder
}

/// A server on a folder that is there.
fn on(folder: &Path) -> Writ {
    let mut writ = Writ::new().unwrap();
    writ.keep_in(folder).start().unwrap();
    writ
}

#[test]
fn nothing_acknowledged_before_a_backup_under_load_is_missing_from_it() {
    let mut server = Writ::started().unwrap();
    let credential = Credential(server.client_form().unwrap());
    let copy = server.home().join("copy.db");
    let (is_over, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let before = std::thread::scope(|threads| {
        let load: Vec<_> = (0..4)
            .map(|_| {
                threads.spawn(|| {
                    let mut http = server.http().unwrap();
                    let (mut before, mut later) = (Vec::new(), 0);
                    while !stop.load(Ordering::SeqCst) {
                        let token = credential.token(&mut http);
                        // Acknowledged before the copy began, for certain.
                        if is_over.load(Ordering::SeqCst) { later += 1 } else { before.push(token) }
                    }
                    (before, later)
                })
            })
            .collect();
        while before_has_some(&server) {}
        is_over.store(true, Ordering::SeqCst);
        let said = done(&writ(&["backup", copy.to_str().unwrap()], server.data_dir()));
        assert!(said.contains("master.key"), "{said}");
        stop.store(true, Ordering::SeqCst);
        let all: Vec<_> = load.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(all.iter().all(|(_, later)| *later > 0), "it went on meanwhile");
        all.into_iter().flat_map(|(before, _)| before).collect::<Vec<_>>()
    });
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    server.kill9().unwrap();

    let folder = with_key_of(server.data_dir());
    let said = done(&writ(&["restore", copy.to_str().unwrap()], folder.path()));
    assert!(said.contains("Start the server"), "{said}");
    let restored = on(folder.path());
    let mut http = restored.http().unwrap();
    assert!(before.len() > 100, "{}", before.len());
    assert_eq!(before.iter().filter(|token| !credential.active(&mut http, token)).count(), 0);
    assert!(credential.ask(&mut http).unwrap().status == 200);
}

/// Whether there is too little in the database for a backup that takes a while.
fn before_has_some(server: &Writ) -> bool {
    let size = |name: &str| std::fs::metadata(server.data_dir().join(name)).map_or(0, |file| file.len());
    size("writ.db") + size("writ.db-wal") < 6 * 1024 * 1024
}

#[test]
fn a_backup_takes_nothing_from_anybody() {
    let mut server = Writ::started().unwrap();
    let copy = server.home().join("copy.db");
    let path = copy.to_str().unwrap();
    done(&writ(&["backup", path], server.data_dir()));
    let kept = std::fs::read(&copy).unwrap();
    assert!(refused(&writ(&["backup", path], server.data_dir())).contains("exists already"));
    assert_eq!(std::fs::read(&copy).unwrap(), kept);
    assert!(refused(&writ(&["restore", path], server.data_dir())).contains("in use by another writ process"));
    assert!(server.terminate().unwrap().success());
    assert!(refused(&writ(&["restore", path], server.data_dir())).contains("writ.db exists already"));

    let empty = tempfile::tempdir().unwrap();
    assert!(refused(&writ(&["backup", path], empty.path())).contains("no SQLite database"));
    let other_key = tempfile::tempdir().unwrap();
    std::fs::write(other_key.path().join("master.key"), "00".repeat(32)).unwrap();
    for (folder, why) in [(&empty, "master.key is missing"), (&other_key, "does not open it")] {
        let said = refused(&writ(&["restore", path], folder.path()));
        assert!(said.contains(why), "{said}");
        assert!(!folder.path().join("writ.db").exists());
    }
    let folder = with_key_of(server.data_dir());
    let said = done(&writ(&["restore", path, "--check", "--json"], folder.path()));
    let told: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(told["master_key_opens_it"], true);
    assert!(!folder.path().join("writ.db").exists());
    // What a database left in its log would become a part of the new one.
    std::fs::write(folder.path().join("writ.db-wal"), "old").unwrap();
    assert!(refused(&writ(&["restore", path], folder.path())).contains("writ.db-wal exists already"));
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let server = Writ::started().unwrap();
    let copy = server.home().join("copy.db");
    done(&writ(&["backup", copy.to_str().unwrap()], server.data_dir()));
    let whole = std::fs::read(&copy).unwrap();
    let mut spoilt = whole.clone();
    let middle = spoilt.len() / 2;
    for byte in &mut spoilt[middle..middle + 4096] {
        *byte = !*byte;
    }
    let folder = with_key_of(server.data_dir());
    for bytes in [&whole[..middle], &spoilt, b"not a database of anybody's", b""] {
        std::fs::write(&copy, bytes).unwrap();
        let said = refused(&writ(&["restore", copy.to_str().unwrap()], folder.path()));
        assert!(said.contains("cannot be restored"), "{said}");
        let left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("writ.db")), "{left:?}");
    }
}

#[test]
fn a_move_to_postgres_keeps_ids_secrets_and_tokens() {
    let mut server = Writ::started().unwrap();
    let credential = Credential(server.client_form().unwrap());
    let mut http = server.http().unwrap();
    let [kept, ended] = [credential.token(&mut http), credential.token(&mut http)];
    assert_eq!(credential.revoke(&mut http, &ended).unwrap().status, 200);
    let keys = http.get("/.well-known/jwks.json").unwrap().body;
    let url = postgres::Cluster::shared().unwrap().database().unwrap();
    let to = ["move", "--to", url.as_str()];
    assert!(refused(&writ(&to, server.data_dir())).contains("in use by another writ process"));
    assert!(server.terminate().unwrap().success());
    let said = done(&writ(&to, server.data_dir()));
    assert!(said.contains("Start the server with --database-url") && !said.contains("throw-away"), "{said}");

    assert!(server.refusal().unwrap().text.contains("was moved to"));
    let mut moved = Writ::new().unwrap();
    moved.keep_in(server.data_dir()).database(&url).start().unwrap();
    let mut http = moved.http().unwrap();
    assert!(credential.active(&mut http, &kept));
    assert!(!credential.active(&mut http, &ended));
    assert_eq!(http.get("/.well-known/jwks.json").unwrap().body, keys);
    assert!(credential.active(&mut http, &credential.token(&mut moved.http().unwrap())));
    assert!(moved.terminate().unwrap().success());

    assert!(refused(&writ(&to, server.data_dir())).contains("was moved to"));
    done(&writ(&["move", "--take-back"], server.data_dir()));
    assert!(refused(&writ(&to, server.data_dir())).contains("has a database of Writ in it already"));
    let again = on(server.data_dir());
    assert!(credential.active(&mut again.http().unwrap(), &kept));
}

//! Starts that must be refused: the reason in plain words, and never a password.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use writ_testkit::postgres::Cluster;
use writ_testkit::process::{Refusal, Writ};

use super::Site;
use crate::process::aloud;

const PASSWORD: &str = "pa55-that-nobody-may-see";

fn refusal(url: &str, arguments: &[&str]) -> (Refusal, String, Duration) {
    let mut writ = Writ::new().unwrap();
    for argument in ["--log-filter", "trace"].iter().chain(arguments) {
        writ.argument(argument);
    }
    let begun = Instant::now();
    let refusal = writ.database(url).refusal().unwrap();
    let said = writ.stdout() + &refusal.text;
    assert!(!refusal.status.success(), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    // Nothing was begun that a later start would find.
    for file in ["bootstrap.json", "bootstrap.json.tmp", "master.key"] {
        assert!(!writ.data_dir().join(file).exists(), "{file}");
    }
    (refusal, said, begun.elapsed())
}

#[test]
fn a_database_that_cannot_be_had_is_named_and_its_password_is_not() {
    let site = Site::new();
    let port = Cluster::shared().unwrap().port();
    let closed = {
        // Closed again at once: nobody listens there.
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let name = site.database();
    let off = "sslmode=disable would send passwords and token hashes unencrypted";
    // The address, further arguments, and what the text must contain.
    let cases: Vec<(String, &[&str], Vec<&str>)> = vec![
        (
            format!("postgres://writ:{PASSWORD}@127.0.0.1:{port}/{name}"),
            &[],
            vec!["password", "check the address"],
        ),
        (
            format!("postgres://nobody:{PASSWORD}@127.0.0.1:{port}/{name}"),
            &[],
            vec!["nobody", "check the address"],
        ),
        (
            format!("postgres://writ:{PASSWORD}@127.0.0.1:{closed}/{name}"),
            &[],
            vec!["127.0.0.1", "check that the database runs"],
        ),
        (
            format!("postgres://writ:{PASSWORD}@127.0.0.1:{silent_port}/{name}"),
            &[],
            vec!["127.0.0.1", "took longer than"],
        ),
        (format!("postgres://writ:{PASSWORD}@database.invalid/{name}"), &[], vec!["database.invalid"]),
        (format!("postgres://writ:{PASSWORD}@database.example/{name}?sslmode=disable"), &[], vec![off]),
        (format!("postgres://writ:{PASSWORD}@192.0.2.1/{name}?sslmode=disable"), &[], vec![off]),
        (format!("postgres://writ:{PASSWORD}@127.0.0.1,192.0.2.1/{name}?sslmode=disable"), &[], vec![off]),
        (
            format!("postgres://writ:{PASSWORD}@localhost/{name}?hostaddr=192.0.2.1&sslmode=disable"),
            &[],
            vec![off],
        ),
        (
            format!("postgres://writ:{PASSWORD}@127.0.0.1:{port}/{name}?sslmode=prefer"),
            &[],
            vec!["sslmode=prefer", "verify-full"],
        ),
        (
            format!("postgres://writ:{PASSWORD}@127.0.0.1:{port}/{name}?sslmode=verify-full"),
            &[],
            vec!["127.0.0.1", "TLS"],
        ),
        (
            format!("postgres://writ:{PASSWORD}@database.invalid/{name}?sslmode=disable"),
            &["--allow-plaintext-database"],
            vec!["database.invalid"],
        ),
        (
            format!("postgres://writ:{PASSWORD}@127.0.0.1:{port}/{name}"),
            &["--database-ca-file", "/nowhere/ca.pem"],
            vec!["/nowhere/ca.pem"],
        ),
        (format!("mysql://writ:{PASSWORD}@127.0.0.1/{name}"), &[], vec!["postgres://"]),
        (
            format!("postgres://writ:{PASSWORD}@127.0.0.1:port/{name}"),
            &[],
            vec!["postgres://user:password@host:5432/database"],
        ),
        (
            format!("postgres://writ:{PASSWORD}@127.0.0.1/{name}?{PASSWORD}=1"),
            &[],
            vec!["postgres://user:password@host:5432/database"],
        ),
        (format!("postgres://writ:1{PASSWORD}@{PASSWORD}@127.0.0.1/{name}"), &[], vec!["percent-encoded"]),
        (format!("postgres://writ:{PASSWORD}?{PASSWORD}@127.0.0.1/{name}"), &[], vec!["percent-encoded"]),
        (format!("postgres://writ:{PASSWORD}?{PASSWORD}=x@127.0.0.1/{name}"), &[], vec!["percent-encoded"]),
        (format!("postgres://writ:{PASSWORD}/{PASSWORD}#@127.0.0.1:{port}/{name}"), &[], vec!["password"]),
        (format!("postgres://writ:{PASSWORD}"), &[], vec!["percent-encoded"]),
        (format!("postgres://writ:%ZZ{PASSWORD}@127.0.0.1/{name}"), &[], vec![]),
        (format!("host=127.0.0.1 user=writ password={PASSWORD}"), &[], vec!["postgres://"]),
    ];
    let (count, mut slowest) = (cases.len(), Duration::ZERO);
    for (url, arguments, wanted) in cases {
        let (refusal, said, took) = refusal(&url, arguments);
        assert!(!said.contains(PASSWORD), "{url}: {said}");
        let last = refusal.text.lines().rev().take(4).collect::<Vec<_>>().join(" ");
        for text in wanted {
            assert!(refusal.text.contains(text), "{url}: no {text:?} in {}", refusal.text);
        }
        assert!(last.contains("writ: "), "{url}: {}", refusal.text);
        assert!(took < Duration::from_secs(15), "{url}: {took:?}");
        slowest = slowest.max(took);
    }
    let missing = site.url.replace(name, "missing");
    let (refusal, _, _) = refusal(&missing, &[]);
    assert!(refusal.text.contains("CREATE DATABASE"), "{}", refusal.text);
    assert!(!refusal.text.contains("throw-away"), "{}", refusal.text);
    aloud(&format!(
        "nodes: {} refused starts, no password in any text; the slowest took {slowest:.1?}",
        count + 1
    ));
}

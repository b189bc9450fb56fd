//! The whole program posts letters: over TLS as its settings say, across restarts, and killed in the midst.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rstest::rstest;
use writ_server::outbound::SmtpTls;
use writ_testkit::process::{Request, Writ};
use writ_testkit::{Manners, Mechanism, SmtpAccount, SmtpSink, SmtpSinkBuilder};

use crate::process::database;

const MAIL_PASSWORD: &str = "a password of the mail server";
/// A hash that no password here has: nothing has to be hashed for an account.
const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$hTsnKkTbFCHAKWJmmlXrCZTzyrOF7RxMeSU+7hm6tJ4";

/// A server that has not been started, with this one for its mail.
fn posting(sink: &SmtpSink, tls: &str) -> Writ {
    let mut writ = Writ::new().unwrap();
    let port = sink.port().to_string();
    for argument in ["--smtp-host", "127.0.0.1", "--smtp-port", &*port, "--smtp-tls", tls] {
        writ.argument(argument);
    }
    writ.argument("--smtp-from").argument("no-reply@id.example");
    writ
}

/// Asks for a link for somebody.
fn ask_for_a_link(writ: &Writ, username: &str) {
    let body = format!("{{\"username\":\"{username}\"}}");
    let headers = [("content-type", "application/json")];
    let path = "/api/v1/users/reset-password";
    let request = Request { method: "POST", path, headers: &headers, form: &body };
    assert_eq!(writ.http().unwrap().send(&request).unwrap().status, 202);
}

/// Makes somebody whose name is their address.
fn person(writ: &Writ, username: &str) {
    let key = format!("Bearer {}", writ.bootstrap().unwrap()["api_key"].as_str().unwrap());
    let body = format!("{{\"username\":\"{username}\",\"password_hash\":\"{HASH}\"}}");
    let headers = [("content-type", "application/json"), ("authorization", key.as_str())];
    let request = Request { method: "POST", path: "/api/v1/users", headers: &headers, form: &body };
    assert_eq!(writ.http().unwrap().send(&request).unwrap().status, 201);
}

/// Waits until something has happened; pauses between tries are seconds.
fn wait_for(what: &str, has_happened: impl Fn() -> bool) {
    let begun = Instant::now();
    while !has_happened() {
        assert!(begun.elapsed() < Duration::from_mins(1), "not yet: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Letters that wait in the database of a server.
fn waiting(writ: &Writ) -> i64 {
    let count = "SELECT count(*) FROM mail_queue";
    database(writ.data_dir()).query_row(count, [], |row| row.get(0)).unwrap()
}

/// A mail server, on a runtime of its own.
fn mail_server(builder: SmtpSinkBuilder) -> (tokio::runtime::Runtime, SmtpSink) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sink = runtime.block_on(builder.start());
    (runtime, sink)
}

/// The log says which setting is missing; once it is there, the letter of before goes out.
#[rstest]
fn a_letter_waits_for_a_ca_that_is_trusted(
    #[values(("implicit", SmtpTls::Implicit), ("starttls", SmtpTls::StartTls))] tls: (&str, SmtpTls),
) {
    let account =
        SmtpAccount { name: "writ".into(), password: MAIL_PASSWORD.into(), mechanism: Mechanism::Plain };
    let (_runtime, sink) = mail_server(SmtpSink::builder().tls(tls.1).account(account));
    let mut writ = posting(&sink, tls.0);
    writ.argument("--smtp-user").argument("writ").environment("WRIT_SMTP_PASSWORD", MAIL_PASSWORD);
    writ.start().unwrap();
    ask_for_a_link(&writ, "admin@localhost");
    let line = writ.log_line("mail was not sent").unwrap();
    assert!(line.contains("smtp.ca_file"), "{line}");
    assert_eq!((sink.tries(), waiting(&writ)), (0, 1));

    let ca = writ.home().join("mail-ca.pem");
    std::fs::write(&ca, sink.ca()).unwrap();
    writ.argument("--smtp-ca-file").argument(&ca);
    writ.restart().unwrap();
    wait_for("the letter is sent", || waiting(&writ) == 0);
    assert_eq!((sink.letters().len(), sink.tries()), (1, 1));
    assert!(sink.letters()[0].contains("To: admin@localhost"), "{:?}", sink.letters());
    assert!(!writ.log().contains(MAIL_PASSWORD), "{}", writ.log());
}

#[test]
fn a_password_for_a_server_elsewhere_is_not_sent_in_the_clear() {
    let mut writ = Writ::new().unwrap();
    for argument in ["--smtp-host", "mail.example", "--smtp-tls", "off", "--smtp-user", "writ"] {
        writ.argument(argument);
    }
    writ.argument("--smtp-from").argument("no-reply@id.example");
    let refusal = writ.environment("WRIT_SMTP_PASSWORD", MAIL_PASSWORD).refusal().unwrap();
    assert!(refusal.text.contains("smtp.tls") && refusal.text.contains("in the clear"), "{}", refusal.text);
    assert!(!refusal.text.contains(MAIL_PASSWORD), "{}", refusal.text);
}

#[test]
fn a_letter_that_nobody_took_survives_a_kill() {
    let (_runtime, sink) = mail_server(SmtpSink::builder());
    sink.be(Manners::HangsUp);
    let mut writ = posting(&sink, "off");
    writ.start().unwrap();
    ask_for_a_link(&writ, "admin@localhost");
    wait_for("a try", || sink.tries() > 0);
    writ.kill9().unwrap();
    sink.be(Manners::Takes);
    writ.start().unwrap();
    wait_for("the letter is sent", || waiting(&writ) == 0);
    let letters = sink.letters();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].contains("To: admin@localhost"), "{}", letters[0]);
}

/// Killed when so many letters are out and one more is with the mail server, which has not yet said so: none is lost,
/// and that one at the most comes twice.
#[rstest]
fn killed_while_it_posts_the_server_loses_no_letter(#[values(0, 1, 6, 11)] sent: usize) {
    const LETTERS: usize = 12;
    let (_runtime, sink) = mail_server(SmtpSink::builder());
    sink.be(Manners::FallsSilentAfter(sent));
    let mut writ = posting(&sink, "off");
    writ.start().unwrap();
    let names: Vec<_> = (0..LETTERS).map(|number| format!("person-{number}@example.org")).collect();
    for name in &names {
        person(&writ, name);
        ask_for_a_link(&writ, name);
    }
    wait_for("the mail server falls silent", || sink.letters().len() == sent + 1);
    writ.kill9().unwrap();
    sink.be(Manners::Takes);
    writ.start().unwrap();
    wait_for("all letters are sent", || waiting(&writ) == 0);

    let mut copies: BTreeMap<&str, usize> = names.iter().map(|name| (name.as_str(), 0)).collect();
    let letters = sink.letters();
    for letter in &letters {
        let to = letter.lines().find_map(|line| line.strip_prefix("To: ")).unwrap();
        *copies.get_mut(to).unwrap() += 1;
    }
    assert!(copies.values().all(|&count| count > 0), "lost: {copies:?}");
    assert_eq!(letters.len(), LETTERS + 1, "the one that was with the mail server comes again: {copies:?}");
}

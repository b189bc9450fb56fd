//! Mail over TLS and with a password: what a mail server has to show before a letter is sent, and what it never sees
//! in the clear.

use rstest::rstest;
use writ_core::ids::MailId;
use writ_server::mail::{Mail, deliver};
use writ_server::outbound::{Smtp, SmtpSettings, SmtpTls};
use writ_testkit::{Mechanism, START, SmtpAccount, SmtpSink, TestServer};

const PASSWORD: &str = "a password of the mail server";

fn account(mechanism: Mechanism) -> SmtpAccount {
    SmtpAccount { name: "writ".to_owned(), password: PASSWORD.to_owned(), mechanism }
}

/// A server with a letter to alice that waits.
async fn with_a_letter(settings: SmtpSettings) -> TestServer {
    let server = TestServer::builder().smtp(settings).start().await;
    server.user(&server.default_tenant(), "alice@example.com", "a long enough password").await;
    server.sql("UPDATE users SET email = username", []);
    let body = "{\"username\":\"alice@example.com\"}";
    let request =
        http::Request::post("/api/v1/users/reset-password").header("content-type", "application/json");
    let _ = server.request(request.body(body).unwrap()).await.expect(202);
    server
}

/// RFC 3207 and RFC 8314 §3.3; RFC 4954 for the password.
#[rstest]
#[tokio::test]
async fn a_letter_goes_out_over_tls(
    #[values(SmtpTls::Implicit, SmtpTls::StartTls)] tls: SmtpTls,
    #[values(None, Some(Mechanism::Plain), Some(Mechanism::Login))] mechanism: Option<Mechanism>,
) {
    let mut sink = SmtpSink::builder().tls(tls);
    if let Some(mechanism) = mechanism {
        sink = sink.account(account(mechanism));
    }
    let sink = sink.start().await;
    let server = with_a_letter(sink.settings()).await;
    assert_eq!(deliver(&server.app).await.unwrap(), 1);
    assert_eq!((sink.letters().len(), server.letters_waiting().await), (1, 0));
    assert!(sink.letters()[0].contains("To: alice@example.com"), "{:?}", sink.letters());
    let open = sink.in_the_clear();
    match tls {
        SmtpTls::StartTls => {
            assert_eq!(open.len(), 2, "{open:?}");
            assert!(open[0].starts_with("EHLO ") && open[1] == "STARTTLS", "{open:?}");
        }
        SmtpTls::Implicit | SmtpTls::Off => assert!(open.is_empty(), "{open:?}"),
    }
}

/// Why a letter did not go out, as the log says it; it waits on, and the server saw nothing of it.
async fn refused(sink: &SmtpSink, settings: SmtpSettings) -> String {
    let server = with_a_letter(settings.clone()).await;
    assert_eq!(deliver(&server.app).await.unwrap(), 0);
    assert_eq!((sink.letters().len(), sink.tries(), server.letters_waiting().await), (0, 0, 1));
    let mail = Mail {
        to: None,
        from: None,
        subject: "A subject".to_owned(),
        text: "A text".to_owned(),
        html: "<p>A text</p>".to_owned(),
        link: None,
    };
    let letter = (MailId::from_bytes([7; 16]), START);
    let error = Smtp::new(&settings).unwrap().send(letter, "alice@example.com", &mail).await.unwrap_err();
    let open = sink.in_the_clear();
    let harmless = |line: &String| line.starts_with("EHLO ") || line == "STARTTLS" || line == "QUIT";
    assert!(open.iter().all(harmless), "{open:?}");
    let why = error.to_string();
    assert!(!why.contains(PASSWORD), "{why}");
    why
}

#[rstest]
#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_no_letter(
    #[values(SmtpTls::Implicit, SmtpTls::StartTls)] tls: SmtpTls,
) {
    let sink = SmtpSink::builder().tls(tls).account(account(Mechanism::Plain)).start().await;
    let why = refused(&sink, SmtpSettings { ca: None, ..sink.settings() }).await;
    assert!(why.contains("smtp.ca_file"), "{why}");
    // Another CA does not vouch for it either.
    let other = SmtpSink::builder().tls(tls).start().await;
    let why = refused(&sink, SmtpSettings { ca: other.settings().ca, ..sink.settings() }).await;
    assert!(why.contains("smtp.ca_file"), "{why}");
}

#[rstest]
#[tokio::test]
async fn a_certificate_of_another_host_gets_no_letter(
    #[values(SmtpTls::Implicit, SmtpTls::StartTls)] tls: SmtpTls,
) {
    let sink = SmtpSink::builder().tls(tls).certified_for("mail.example").start().await;
    let why = refused(&sink, sink.settings()).await;
    assert!(why.contains("smtp.host"), "{why}");
}

/// Somebody on the way may have taken the offer out: a downgrade.
#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let sink = SmtpSink::builder().account(account(Mechanism::Plain)).start().await;
    let why = refused(&sink, SmtpSettings { tls: SmtpTls::StartTls, ..sink.settings() }).await;
    assert!(why.contains("STARTTLS") && why.contains("smtp.tls"), "{why}");
}

#[rstest]
#[tokio::test]
async fn a_wrong_password_is_said(#[values(Mechanism::Plain, Mechanism::Login)] mechanism: Mechanism) {
    let sink = SmtpSink::builder().tls(SmtpTls::Implicit).account(account(mechanism)).start().await;
    let credentials = Some(("writ".to_owned(), "another password".to_owned().into()));
    let why = refused(&sink, SmtpSettings { credentials, ..sink.settings() }).await;
    assert!(why.contains("smtp.user") && why.contains("smtp.password"), "{why}");
    let why = refused(&sink, SmtpSettings { credentials: None, ..sink.settings() }).await;
    assert!(why.contains("smtp.user") && why.contains("smtp.password"), "{why}");
}

/// Whoever has a password for a server that wants none is told, and the password stays here.
#[tokio::test]
async fn a_password_that_nobody_asked_for_is_not_sent() {
    let sink = SmtpSink::builder().tls(SmtpTls::Implicit).start().await;
    let credentials = Some(("writ".to_owned(), PASSWORD.to_owned().into()));
    let why = refused(&sink, SmtpSettings { credentials, ..sink.settings() }).await;
    assert!(why.contains("smtp.user"), "{why}");
}

/// A tenant has a sender of its own, for domains that the operator sends mail for. Where one is not any more, the letter comes
/// from the server's own address, under the name that people know; and nobody without the setting hears of another tenant.
#[tokio::test]
async fn letters_come_from_the_sender_of_their_tenant() {
    let sink = SmtpSink::builder().tls(SmtpTls::Off).start().await;
    let settings = SmtpSettings { sender_domains: vec!["Acme.example".to_owned()], ..sink.settings() };
    let server = TestServer::builder().smtp(settings.clone()).start().await;
    let set = async |sender: serde_json::Value| {
        let body = serde_json::json!({ "settings": { "mail_sender": sender } }).to_string();
        let request = http::Request::put("/api/v1/tenants/acme")
            .header("authorization", format!("Bearer {}", server.management_key()))
            .header("content-type", "application/json");
        server.request(request.body(body).unwrap()).await
    };
    let acme = server.tenant("acme").await;
    for (wrong, part) in [
        ("nobody", "must be an email address"),
        ("Acme\r\nBcc: <a@acme.example>", "must be an email address"),
        ("Acme <a@other.example>", "sends for id.example acme.example"),
        ("a@sub.acme.example", "sends for id.example acme.example"),
    ] {
        let told = set(wrong.into()).await.refused(400, "invalid_request").member("error_description");
        assert!(told.starts_with("settings.mail_sender: ") && told.contains(part), "{told}");
    }
    server.user(&acme, "ada@example.com", "a long enough password").await;
    server.sql("UPDATE users SET email = username", []);
    let letter = async || {
        let body = "{\"username\":\"ada@example.com\"}";
        let path = acme.path("/api/v1/users/reset-password");
        let request = http::Request::post(path).header("content-type", "application/json");
        let _ = server.request(request.body(body).unwrap()).await.expect(202);
        assert_eq!(deliver(&server.app).await.unwrap(), 1);
        let letters = sink.letters();
        let letter = letters.last().unwrap();
        letter.lines().find(|line| line.starts_with("From: ")).unwrap().to_owned()
    };
    assert_eq!(letter().await, "From: Writ <no-reply@id.example>");
    let shown = set("Acme Support <help@ACME.example>".into()).await.expect(200).json();
    assert_eq!(shown["settings"]["mail_sender"], "Acme Support <help@ACME.example>");
    assert_eq!(letter().await, "From: \"Acme Support\" <help@acme.example>");
    let _ = set("help@acme.example".into()).await.expect(200);
    assert_eq!(letter().await, format!("From: {} <help@acme.example>", acme.slug));
    // Stored before the operator's list was what it is now.
    let mail = Mail {
        to: None,
        from: Some("Acme <help@gone.example>".to_owned()),
        subject: "A subject".to_owned(),
        text: "A text".to_owned(),
        html: "<p>A text</p>".to_owned(),
        link: None,
    };
    let id = (MailId::from_bytes([7; 16]), START);
    Smtp::new(&settings).unwrap().send(id, "ada@example.com", &mail).await.unwrap();
    assert!(
        sink.letters().last().unwrap().contains("From: Acme <no-reply@id.example>"),
        "{:?}",
        sink.letters().last()
    );
}

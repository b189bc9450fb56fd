//! Mail: sent over SMTP by a real client, tried again, given up, and never lost by a restart.

use http::Request;
use writ_core::time::Seconds;
use writ_server::mail::deliver;
use writ_testkit::{Answer, Manners, SmtpSink, TestServer};

async fn given() -> (SmtpSink, TestServer) {
    let sink = SmtpSink::start().await;
    let server = TestServer::builder().smtp(sink.settings()).start().await;
    let tenant = server.default_tenant();
    server.user(&tenant, "alice", "a long enough password").await;
    server.sql("UPDATE users SET email = 'alice@example.com' WHERE username = ?1", ["alice"]);
    (sink, server)
}

async fn ask_for_a_link(server: &TestServer, username: &str) -> Answer {
    let body = serde_json::json!({ "username": username }).to_string();
    let request = Request::post("/api/v1/users/reset-password").header("content-type", "application/json");
    server.request(request.body(body).unwrap()).await.expect(202)
}

#[tokio::test]
async fn a_letter_is_sent_as_text_and_html_and_only_once() {
    let (sink, server) = given().await;
    ask_for_a_link(&server, "alice").await;
    ask_for_a_link(&server, "nobody").await;
    let token = server.newest_token().await;
    assert_eq!(server.letters_waiting().await, 2);
    assert_eq!(deliver(&server.app).await.unwrap(), 1);
    assert_eq!(deliver(&server.app).await.unwrap(), 0);
    assert_eq!(server.letters_waiting().await, 0);
    let letters = sink.letters();
    assert_eq!(letters.len(), 1);
    let letter = letters[0].replace("=\r\n", "");
    for part in [
        "From: Writ <no-reply@id.example>",
        "To: alice@example.com",
        "Subject: Set a new password for ",
        "multipart/alternative",
        "text/plain",
        "text/html",
        &token,
    ] {
        assert!(letter.contains(part), "{part} in {letter}");
    }
}

#[tokio::test]
async fn a_letter_that_was_not_taken_is_tried_again_later_and_later() {
    let (sink, server) = given().await;
    ask_for_a_link(&server, "alice").await;
    for manners in [Manners::Busy, Manners::HangsUp, Manners::Busy] {
        sink.be(manners);
        let before = sink.tries();
        assert_eq!(deliver(&server.app).await.unwrap(), 0);
        assert_eq!(deliver(&server.app).await.unwrap(), 0);
        assert_eq!(sink.tries(), before + 1, "{manners:?}: not before the pause is over");
        server.clock.advance(Seconds(60));
    }
    sink.be(Manners::Takes);
    assert_eq!(deliver(&server.app).await.unwrap(), 1);
    assert_eq!(sink.letters().len(), 1);
    let metrics = server.metrics("/metrics").await;
    for line in ["writ_mail_sent_total 1", "writ_mail_failed_total 3", "writ_mail_given_up_total 0"] {
        assert!(metrics.text().contains(line), "{line} in {}", metrics.text());
    }
}

#[tokio::test]
async fn a_letter_whose_link_is_over_is_given_up() {
    let (sink, server) = given().await;
    sink.be(Manners::Busy);
    ask_for_a_link(&server, "alice").await;
    for _ in 0..60 {
        deliver(&server.app).await.unwrap();
        server.clock.advance(Seconds(60));
    }
    assert_eq!(server.letters_waiting().await, 0);
    assert!((4..=7).contains(&sink.tries()), "{}", sink.tries());
    assert!(server.metrics("/metrics").await.text().contains("writ_mail_given_up_total 1"));
}

/// RFC 5321 §4.2.1: what is refused for good is not sent again; administrators see it in the audit log.
#[tokio::test]
async fn a_letter_that_is_refused_for_good_is_given_up_at_once() {
    let (sink, server) = given().await;
    sink.be(Manners::Refuses);
    ask_for_a_link(&server, "alice").await;
    assert_eq!(deliver(&server.app).await.unwrap(), 0);
    assert_eq!((sink.tries(), server.letters_waiting().await), (1, 0));
    assert!(server.metrics("/metrics").await.text().contains("writ_mail_given_up_total 1"));
    let by = format!("Bearer {}", server.management_key());
    let request = Request::get("/api/v1/audit-logs?action=mail.given_up").header("authorization", by);
    let record = server.request(request.body("").unwrap()).await.expect(200).json()["audit_logs"][0].clone();
    assert_eq!(
        (&record["actor"]["type"], &record["details"]["to"]),
        (&"system".into(), &"alice@example.com".into())
    );
    assert!(record["details"]["reason"].as_str().unwrap().contains("did not take it"), "{record}");
}

/// RFC 5322 §3.6, RFC 3834 §5, RFC 5321 §4.1.1.1; and a letter that is tried again is the same letter.
#[tokio::test]
async fn a_letter_says_what_it_is_and_the_server_who_it_is() {
    let (sink, server) = given().await;
    server.sql("UPDATE users SET email = ?1 WHERE username = 'alice'", ["jörg@müller.example"]);
    ask_for_a_link(&server, "alice").await;
    assert_eq!(deliver(&server.app).await.unwrap(), 1);
    let letter = sink.letters().remove(0);
    for head in [
        "Message-ID: <",
        "@id.example>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n",
    ] {
        assert!(letter.contains(head), "{head} in {letter}");
    }
    let spoken = sink.in_the_clear();
    assert!(spoken.contains(&"EHLO id.example".to_owned()), "{spoken:?}");
    assert!(spoken.iter().any(|line| line.contains("@xn--mller-kva.example>")), "{spoken:?}");
}

/// What cannot be opened is nobody's letter: it must not stop those behind it.
#[tokio::test]
async fn a_damaged_letter_does_not_stop_the_others() {
    let (sink, server) = given().await;
    ask_for_a_link(&server, "alice").await;
    server.sql("UPDATE mail_queue SET sealed = ?1", [vec![1u8, 2, 3]]);
    ask_for_a_link(&server, "alice").await;
    assert_eq!(deliver(&server.app).await.unwrap(), 1);
    assert_eq!((sink.letters().len(), server.letters_waiting().await), (1, 0));
}

/// Two nodes that both believe to have the right: the letter is taken by one.
#[tokio::test]
async fn a_letter_is_taken_by_one() {
    let (sink, server) = given().await;
    ask_for_a_link(&server, "alice").await;
    let (one, other) = tokio::join!(deliver(&server.app), deliver(&server.app));
    assert_eq!((one.unwrap() + other.unwrap(), sink.letters().len()), (1, 1));
}

//! **oauth2**: a new password by mail, and verified addresses.

use serde_json::{Value, json};
use writ_core::ids::UserId;
use writ_core::time::Seconds;
use writ_testkit::{Answer, Credential, TestServer, TestTenant};

use super::{ask, person};

const RESET: &str = "/api/v1/users/reset-password";
const VERIFY: &str = "/api/v1/users/verify-email";
const BETTER: &str = "another good passphrase";

async fn given() -> (TestServer, TestTenant, UserId) {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let alice = server.user(&tenant, "alice", "a long enough password").await;
    server.user(&tenant, "without", "a long enough password").await;
    server.user(&tenant, "disabled", "a long enough password").await;
    server.sql("UPDATE users SET email = username || '@example.com' WHERE username <> ?1", ["without"]);
    server.sql("UPDATE users SET enabled = 0 WHERE username = ?1", ["disabled"]);
    (server, tenant, alice)
}

async fn post(server: &TestServer, tenant: &TestTenant, path: &str, body: Value) -> Answer {
    ask(server, ("POST", &tenant.path(path)), &Credential::None, &body).await
}

/// `oauth2` `POST /api/v1/users/reset-password`: 202
#[tokio::test]
async fn asking_for_a_link_tells_nothing() {
    let (server, tenant, _) = given().await;
    let mut told = Vec::new();
    for (n, name) in ["alice", "nobody", "without", "disabled", "", "no\0body"].iter().enumerate() {
        let answer = post(&server, &tenant, RESET, json!({ "username": name })).await.expect(202);
        told.push((answer.text().to_owned(), answer.headers.len()));
        assert_eq!(
            server.letters_waiting().await,
            n + 1,
            "{name}: as much is written for nobody as for somebody"
        );
        assert_eq!(server.app.passwords.hashed(), 0);
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    let letters = server.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to.as_deref(), Some("alice@example.com"));
    let link = letters[0].link.as_deref().unwrap();
    assert!(link.starts_with(&format!("{}/reset-password?token=rst_", tenant.issuer)), "{link}");
    assert!(letters[0].text.contains(link) && letters[0].html.contains(link));
    // Neither link nor address can be read in the database.
    let database = std::fs::read(server.folder().join("writ.db-wal")).unwrap();
    let token = server.newest_token().await;
    assert!(!database.windows(token.len()).any(|part| part == token.as_bytes()));
}

/// `oauth2` `POST /api/v1/users/reset-password`: 202 three letters in a row at the most
#[tokio::test]
async fn nobody_is_buried_in_letters() {
    let (server, tenant, _) = given().await;
    for _ in 0..6 {
        let _ = post(&server, &tenant, RESET, json!({ "username": "ALICE" })).await.expect(202);
    }
    assert_eq!(server.letters().await.len(), 3);
    server.clock.advance(Seconds(600));
    let _ = post(&server, &tenant, RESET, json!({ "username": "alice" })).await.expect(202);
    assert_eq!(server.letters().await.len(), 4);
}

/// `oauth2` `POST /api/v1/users/reset-password`: 204
#[tokio::test]
async fn a_link_sets_a_new_password_once_and_ends_everything() {
    let (server, tenant, alice) = given().await;
    let token = person(&server, &tenant, alice).await;
    let _ = post(&server, &tenant, RESET, json!({ "username": "alice" })).await.expect(202);
    let first = server.newest_token().await;
    let _ = post(&server, &tenant, RESET, json!({ "username": "alice" })).await.expect(202);
    let second = server.newest_token().await;
    // A weak password uses no link up.
    let answer = post(&server, &tenant, RESET, json!({ "token": second, "new_password": "12345678" })).await;
    let text = answer.refused(400, "invalid_request").member("error_description");
    assert!(text.starts_with("new_password: is too easy to guess."), "{text}");
    let answer =
        post(&server, &tenant, RESET, json!({ "token": second, "new_password": BETTER })).await.expect(204);
    assert!(answer.body.is_empty());
    let _ = ask(&server, ("PUT", "/api/v1/users/profile"), &token, &json!({}))
        .await
        .refused(401, "invalid_token");
    let found = server.app.store.candidate(tenant.id, "alice").await.unwrap().unwrap();
    assert_eq!((found.account.generation, found.account.email_is_verified()), (1, true));
    // Used up; and the other one ended with the password that it was for.
    for dead in [first, second] {
        let answer = post(&server, &tenant, RESET, json!({ "token": dead, "new_password": BETTER })).await;
        let text = answer.refused(400, "invalid_request").member("error_description");
        assert!(text.starts_with("token: is not valid"), "{text}");
    }
    let letters = server.letters().await;
    assert!(letters.iter().any(|mail| mail.subject == "Your password for acme was changed"));
}

/// `oauth2` `POST /api/v1/users/reset-password`: 204 for one of many at once
#[tokio::test]
async fn of_many_who_follow_a_link_at_once_one_sets_the_password() {
    let (server, tenant, _) = given().await;
    let _ = post(&server, &tenant, RESET, json!({ "username": "alice" })).await.expect(202);
    let body = json!({ "token": server.newest_token().await, "new_password": BETTER });
    let tries = (0..8).map(|_| post(&server, &tenant, RESET, body.clone()));
    let mut crowd = Vec::new();
    for answer in futures(tries).await {
        crowd.push(answer.status);
    }
    crowd.sort_unstable();
    assert_eq!(crowd, [204, 400, 400, 400, 400, 400, 400, 400]);
}

async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pinned: Vec<_> = all.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        let mut done = true;
        for (future, output) in &mut pinned {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => done = false,
                }
            }
        }
        if done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    pinned.into_iter().filter_map(|(_, output)| output).collect()
}

/// `oauth2` `POST /api/v1/users/reset-password`: 400 bogus token
#[tokio::test]
async fn a_bogus_foreign_or_late_link_leads_nowhere() {
    let (server, tenant, _) = given().await;
    let other = server.tenant("other").await;
    let _ = post(&server, &tenant, RESET, json!({ "username": "nobody" })).await.expect(202);
    let _ = post(&server, &tenant, RESET, json!({ "username": "alice" })).await.expect(202);
    let token = server.newest_token().await;
    let mut forged = token.clone();
    forged.replace_range(token.len() - 1.., if token.ends_with('a') { "b" } else { "a" });
    for (at, bogus) in [
        (&tenant, "rst_x".to_owned()),
        (&tenant, String::new()),
        (&tenant, forged),
        (&tenant, token.replace("rst_", "vfy_")),
        (&other, token.clone()),
    ] {
        let answer = post(&server, at, RESET, json!({ "token": bogus, "new_password": BETTER })).await;
        assert!(answer.refused(400, "invalid_request").member("error_description").starts_with("token: "));
    }
    let _ = post(&server, &tenant, VERIFY, json!({ "token": token })).await.refused(400, "invalid_request");
    assert_eq!(server.app.passwords.hashed(), 0, "nothing is hashed for a link that leads nowhere");
    server.clock.advance(Seconds(1800));
    let _ = post(&server, &tenant, RESET, json!({ "token": token, "new_password": BETTER }))
        .await
        .refused(400, "invalid_request");
}

/// `oauth2` `POST /api/v1/users/reset-password`: 400 what is missing
#[tokio::test]
async fn a_reset_names_what_is_missing() {
    let (server, tenant, _) = given().await;
    for (body, said) in [
        (json!({}), "username: missing"),
        (json!({ "username": 5 }), "username: must be a text"),
        (json!({ "token": "rst_x" }), "new_password: missing"),
        (json!({ "token": "rst_x", "username": "alice" }), "token: cannot be sent together"),
    ] {
        let answer = post(&server, &tenant, RESET, body).await.refused(400, "invalid_request");
        assert!(answer.member("error_description").contains(said), "{}", answer.text());
    }
    let request = http::Request::post(RESET).header("content-type", "text/plain").body("x").unwrap();
    let _ = server.request(request).await.refused(415, "invalid_request");
}

/// `oauth2` `POST /api/v1/users/verify-email`: 202 and 204
#[tokio::test]
async fn an_address_is_verified_by_what_was_sent_there() {
    let (server, tenant, alice) = given().await;
    for name in ["alice", "nobody", "disabled"] {
        let answer = post(&server, &tenant, VERIFY, json!({ "username": name })).await.expect(202);
        assert_eq!(answer.text(), "{}");
    }
    let letters = server.letters().await;
    assert_eq!((letters.len(), letters[0].to.as_deref()), (1, Some("alice@example.com")));
    let token = server.newest_token().await;
    let verified =
        async || server.app.store.account(alice, tenant.id).await.unwrap().unwrap().email_is_verified();
    assert!(!verified().await);
    let _ = post(&server, &tenant, VERIFY, json!({ "token": token })).await.expect(204);
    assert!(verified().await);
    let _ = post(&server, &tenant, VERIFY, json!({ "token": token })).await.refused(400, "invalid_request");
    // There is nothing left to verify: nothing is sent.
    let _ = post(&server, &tenant, VERIFY, json!({ "username": "alice" })).await.expect(202);
    assert_eq!(server.letters().await.len(), 1);
}

/// `oauth2` `POST /api/v1/users/verify-email`: 400 bogus token
#[tokio::test]
async fn a_link_for_an_address_that_is_no_longer_asked_for_is_dead() {
    let (server, tenant, _) = given().await;
    let _ = post(&server, &tenant, VERIFY, json!({ "token": "vfy_x" })).await.refused(400, "invalid_request");
    let _ = post(&server, &tenant, VERIFY, json!({})).await.refused(400, "invalid_request");
    let _ = post(&server, &tenant, VERIFY, json!({ "username": "alice" })).await.expect(202);
    let token = server.newest_token().await;
    server.sql("UPDATE users SET email = 'other@example.com' WHERE username = ?1", ["alice"]);
    let _ = post(&server, &tenant, VERIFY, json!({ "token": token })).await.refused(400, "invalid_request");
    server.sql("UPDATE users SET email = 'alice@example.com' WHERE username = ?1", ["alice"]);
    server.clock.advance(Seconds(86_400));
    let _ = post(&server, &tenant, VERIFY, json!({ "token": token })).await.refused(400, "invalid_request");
}

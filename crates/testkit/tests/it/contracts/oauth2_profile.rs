//! **oauth2**: people who change their own account.

use serde_json::json;
use writ_core::ids::UserId;
use writ_core::time::Seconds;
use writ_testkit::{Credential, TestServer, TestTenant};

use super::{ask, person};

const PROFILE: (&str, &str) = ("PUT", "/api/v1/users/profile");
const RIGHT: &str = "a long enough password";

async fn given() -> (TestServer, TestTenant, UserId, Credential) {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let alice = server.user(&tenant, "alice", RIGHT).await;
    server.sql(
        "UPDATE users SET email = 'old@example.com', email_verified_at = 1 WHERE username = ?1",
        ["alice"],
    );
    let token = person(&server, &tenant, alice).await;
    (server, tenant, alice, token)
}

/// `oauth2` `PUT /api/v1/users/profile`: 200
#[tokio::test]
async fn people_change_their_name() {
    let (server, _, alice, token) = given().await;
    let sent = json!({ "name": "Alice", "roles": ["admin"], "enabled": false, "username": "root" });
    let body = ask(&server, PROFILE, &token, &sent).await.expect(200).json();
    assert_eq!(
        (&body["name"], &body["roles"], &body["username"]),
        (&json!("Alice"), &json!(["user"]), &json!("alice"))
    );
    assert_eq!(body["id"], json!(alice.to_string()));
    let _ = ask(&server, PROFILE, &token, &json!({ "name": " " })).await.refused(400, "invalid_request");
    assert!(server.letters().await.is_empty());
}

/// `oauth2` `PUT /api/v1/users/profile`: 200 another address stays a wish until it is verified
#[tokio::test]
async fn another_address_is_verified_first_and_the_old_one_hears_of_it() {
    let (server, tenant, alice, token) = given().await;
    let sent = json!({ "email": "new@example.com", "current_password": RIGHT });
    let body = ask(&server, PROFILE, &token, &sent).await.expect(200).json();
    assert_eq!((&body["email"], &body["email_verified"]), (&json!("old@example.com"), &json!(true)));
    let letters = server.letters().await;
    let link_to =
        |to: &str| letters.iter().find(|mail| mail.to.as_deref() == Some(to)).unwrap().link.is_some();
    assert_eq!((letters.len(), link_to("old@example.com"), link_to("new@example.com")), (2, false, true));
    let verify = ("POST", &*tenant.path("/api/v1/users/verify-email"));
    let link = json!({ "token": server.newest_token().await });
    let _ = ask(&server, verify, &Credential::None, &link).await.expect(204);
    let account = server.app.store.account(alice, tenant.id).await.unwrap().unwrap();
    assert_eq!((account.email.as_deref(), account.new_email), (Some("new@example.com"), None));
    let _ = ask(&server, verify, &Credential::None, &link).await.refused(400, "invalid_request");
    // The token still works: an address is no credential.
    let _ = ask(&server, PROFILE, &token, &json!({})).await.expect(200);
}

/// `oauth2` `PUT /api/v1/users/profile`: 503 when an address was sent letters enough
#[tokio::test]
async fn nobody_is_buried_in_letters_by_somebody_elses_profile() {
    let (server, _, _, token) = given().await;
    let sent = json!({ "email": "victim@example.com", "current_password": RIGHT });
    for _ in 0..3 {
        let _ = ask(&server, PROFILE, &token, &sent).await.expect(200);
    }
    let answer = ask(&server, PROFILE, &token, &sent).await.refused(503, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "600");
    let letters = server.letters().await;
    assert_eq!(letters.iter().filter(|mail| mail.to.as_deref() == Some("victim@example.com")).count(), 3);
}

/// `oauth2` `PUT /api/v1/users/profile`: 200 a new password ends all tokens
#[tokio::test]
async fn another_password_ends_every_token() {
    let (server, tenant, _, token) = given().await;
    let sent = json!({ "password": "another good passphrase", "current_password": RIGHT });
    let _ = ask(&server, PROFILE, &token, &sent).await.expect(200);
    let _ = ask(&server, PROFILE, &token, &json!({})).await.refused(401, "invalid_token");
    let found = server.app.store.candidate(tenant.id, "alice").await.unwrap().unwrap();
    assert_eq!(found.account.generation, 1);
    assert_eq!(server.letters().await[0].to.as_deref(), Some("old@example.com"));
}

/// `oauth2` `PUT /api/v1/users/profile`: 400 without the present password
#[tokio::test]
async fn a_new_password_or_address_needs_the_present_password() {
    let (server, _, _, token) = given().await;
    for (body, said) in [
        (json!({ "password": "another good passphrase" }), "current_password: missing"),
        (json!({ "email": "new@example.com" }), "current_password: missing"),
        (
            json!({ "email": "new@example.com", "current_password": "wrong" }),
            "current_password: is not right",
        ),
        (json!({ "password": "12345678", "email": "x", "current_password": RIGHT }), "password: is too easy"),
        (
            json!({ "password": "12345678", "email": "x", "current_password": RIGHT }),
            "email: an email address",
        ),
    ] {
        let answer = ask(&server, PROFILE, &token, &body).await.refused(400, "invalid_request");
        assert!(answer.member("error_description").contains(said), "{}", answer.text());
    }
    // Guessing it this way is guessing.
    for _ in 0..12 {
        let body = json!({ "email": "new@example.com", "current_password": "a guess" });
        let _ = ask(&server, PROFILE, &token, &body).await.refused(400, "invalid_request");
    }
    let right = json!({ "email": "new@example.com", "current_password": RIGHT });
    let _ = ask(&server, PROFILE, &token, &right).await.refused(400, "invalid_request");
    server.clock.advance(Seconds(600));
    let _ = ask(&server, PROFILE, &token, &right).await.expect(200);
    // The address that it is already needs nothing.
    let _ = ask(&server, PROFILE, &token, &json!({ "email": "old@example.com" })).await.expect(200);
}

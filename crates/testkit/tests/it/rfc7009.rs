//! RFC 7009: revocation.

use writ_core::client::ClientKind;
use writ_core::time::Seconds;
use writ_testkit::{Credential, Planted, TestServer};

/// §2.2.
#[tokio::test]
async fn a_client_ends_its_own_token_once_and_again() {
    let server = TestServer::start().await;
    let jwt = server.client("jwt").create().await;
    let opaque = server.client("opaque").opaque().create().await;
    for app in [&jwt, &opaque] {
        for by in [Credential::from(app), app.post()] {
            let token = server.access_token(app).await;
            assert!(server.is_active(app, &token).await);
            for _ in 0..2 {
                let _ = server.revoke(by.clone(), &token).await.expect(200);
                assert!(!server.is_active(app, &token).await);
            }
        }
    }
}

/// §2.2: invalid tokens do not cause an error.
#[tokio::test]
async fn an_unknown_token_is_a_success() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let token = server.access_token(&app).await;
    for unknown in [
        "x",
        "a.b.c",
        "at_x",
        &format!("{token}x"),
        &token[..token.len() - 1],
        &format!("at_{}", "0".repeat(65)),
    ] {
        let _ = server.revoke(&app, unknown).await.expect(200);
    }
    assert!(server.is_active(&app, &token).await);
}

/// §2.1: a token of another client is refused, and lives on.
#[tokio::test]
async fn a_token_of_another_client_is_refused() {
    let server = TestServer::start().await;
    let owner = server.client("owner").audience(&["other"]).create().await;
    let other = server.client("other").scope("oauth:read oauth:write").create().await;
    let token = server.access_token(&owner).await;
    let _ = server.revoke(&other, &token).await.refused(400, "unauthorized_client");
    assert!(server.is_active(&owner, &token).await);
}

/// A foreign row answers exactly as an unknown one.
#[tokio::test]
async fn a_token_of_another_tenant_is_unknown() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").scope("oauth:write").create().await;
    let theirs = server.client("theirs").of(&acme).create().await;
    let token = server.access_token(&theirs).await;
    let foreign = server.revoke(&app, &token).await.expect(200);
    assert_eq!(foreign.body, server.revoke(&app, "unknown").await.expect(200).body);
    assert!(server.is_active(&theirs, &token).await);
}

#[tokio::test]
async fn an_expired_token_is_a_success_whoever_asks() {
    let server = TestServer::start().await;
    let owner = server.client("owner").lifetime(10).create().await;
    let other = server.client("other").create().await;
    let token = server.access_token(&owner).await;
    server.clock.advance(Seconds(10));
    for by in [&owner, &other] {
        let _ = server.revoke(by, &token).await.expect(200);
    }
}

/// §2.1: a public client names itself.
#[tokio::test]
async fn a_public_client_ends_its_own_token() {
    let server = TestServer::start().await;
    let spa = server.client("spa").kind(ClientKind::Spa).create().await;
    let other = server.client("other").kind(ClientKind::Native).create().await;
    let reader = server.client("reader").scope("oauth:read").create().await;
    let token = server.plant(&spa, Planted { user: None, scope: "read", audience: &["api"] }).await;
    let _ = server.revoke(&other, &token).await.refused(400, "unauthorized_client");
    let _ = server.revoke(Credential::basic("spa", "a secret"), &token).await.refused(401, "invalid_client");
    assert!(server.is_active(&reader, &token).await);
    let _ = server.revoke(&spa, &token).await.expect(200);
    assert!(!server.is_active(&reader, &token).await);
    // HTTP Basic with an empty password is naming oneself too.
    let _ = server.revoke(Credential::basic("spa", ""), &token).await.expect(200);
}

#[tokio::test]
async fn nobody_and_bearers_are_refused() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let token = server.access_token(&app).await;
    let bad = [
        Credential::None,
        Credential::bearer(&token),
        Credential::bearer(&server.management_key()),
        Credential::public("app"),
        app.with_secret("wrong"),
    ];
    for by in bad {
        let answer = server.revoke(by, &token).await.refused(401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic "), "{answer:?}");
    }
    assert!(server.is_active(&app, &token).await);
}

#[tokio::test]
async fn the_token_is_needed_and_the_hint_is_not() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    for pairs in [&[][..], &[("token", "")], &[("token_type_hint", "access_token")]] {
        let _ = server.post("/oauth2/revoke", &app, pairs).await.refused(400, "invalid_request");
    }
    for hint in ["access_token", "refresh_token", "nonsense"] {
        let token = server.access_token(&app).await;
        let pairs = [("token", token.as_str()), ("token_type_hint", hint)];
        let _ = server.post("/oauth2/revoke", &app, &pairs).await.expect(200);
        assert!(!server.is_active(&app, &token).await, "{hint}");
    }
}

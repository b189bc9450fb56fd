//! **oauth2**: the token endpoint and introspection, at the paths of this contract.

use serde_json::json;
use writ_core::client::GrantType;
use writ_core::client::PasswordGrant;
use writ_core::tenant::TenantSettings;
use writ_testkit::{Agent, Credential, TestServer};

use crate::flow::{CALLBACK, PASSWORD, VERIFIER, ada, code, website};

const TOKENS: &str = "/api/v1/oauth/tokens";
const INTROSPECT: &str = "/api/v1/oauth/introspect";

/// `oauth2` `POST /api/v1/oauth/tokens`: 200 client credentials
#[tokio::test]
async fn a_machine_gets_a_token() {
    let server = TestServer::start().await;
    let app = server.client("job").scope("read write").create().await;
    let pairs = [("grant_type", "client_credentials"), ("scope", "read")];
    let answer = server.post(TOKENS, &app, &pairs).await.expect(200);
    assert_eq!(
        (answer.header("cache-control"), answer.header("content-type")),
        ("no-store", "application/json")
    );
    let body = answer.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"], &body["scope"]),
        (&json!("Bearer"), &json!(3600), &json!("read"))
    );
}

/// `oauth2` `POST /api/v1/oauth/tokens`: 200 authorization code, then 200 refresh token
#[tokio::test]
async fn a_code_and_then_a_refresh_token() {
    let server = TestServer::start().await;
    ada(&server).await;
    let site = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let given = code(&mut agent, &site, &[]).await.code();
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &*given),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let refresh_token = server.post(TOKENS, &site, &pairs).await.expect(200).member("refresh_token");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token)];
    let again = server.post(TOKENS, &site, &pairs).await.expect(200);
    assert_ne!(again.member("refresh_token"), refresh_token);
}

/// `oauth2` `POST /api/v1/oauth/tokens`: 200 password, where tenant and client have it
#[tokio::test]
async fn a_password_where_it_is_allowed() {
    let server = TestServer::start().await;
    let settings = TenantSettings { password_grant: PasswordGrant::On, ..TenantSettings::default() };
    let tenant = server.tenant_with("acme", settings).await;
    server.user(&tenant, "john.doe@example.com", PASSWORD).await;
    let app = server.client("legacy").of(&tenant).grants(&[GrantType::Password]).scope("read").create().await;
    let pairs = [
        ("grant_type", "password"),
        ("username", "john.doe@example.com"),
        ("password", PASSWORD),
        ("scope", "read"),
    ];
    assert_eq!(server.post(TOKENS, &app, &pairs).await.expect(200).json()["scope"], "read");
    let wrong = [("grant_type", "password"), ("username", "john.doe@example.com"), ("password", "no")];
    let _ = server.post(TOKENS, &app, &wrong).await.refused(400, "invalid_grant");
}

/// `oauth2` `POST /api/v1/oauth/tokens`: 400, 401, 405 and 415
#[tokio::test]
async fn the_token_endpoint_refuses() {
    let server = TestServer::start().await;
    let app = server.client("job").scope("read").create().await;
    for (pairs, error) in [
        (&[][..], "invalid_request"),
        (&[("grant_type", "magic")], "unsupported_grant_type"),
        (&[("grant_type", "client_credentials"), ("scope", "admin")], "invalid_scope"),
        (&[("grant_type", "authorization_code"), ("code", "x")], "unauthorized_client"),
        (&[("grant_type", "client_credentials"), ("grant_type", "client_credentials")], "invalid_request"),
    ] {
        let answer = server.post(TOKENS, &app, pairs).await.refused(400, error);
        let uri = answer.member("error_uri");
        assert!(uri.starts_with("https://id.example/errors/"), "{uri}");
        assert!(!answer.member("error_description").is_empty());
    }
    let pairs = [("grant_type", "client_credentials")];
    let refused =
        server.post(TOKENS, Credential::basic("job", "wrong"), &pairs).await.refused(401, "invalid_client");
    assert!(refused.header("www-authenticate").starts_with("Basic "), "{refused:?}");
}

/// `oauth2` `POST /api/v1/oauth/introspect`: 200 active and not
#[tokio::test]
async fn a_token_is_looked_at() {
    let server = TestServer::start().await;
    let app = server.client("job").scope("read").create().await;
    let token = server.access_token(&app).await;
    let pairs = [("token", &*token), ("token_type_hint", "access_token")];
    let seen = server.post(INTROSPECT, &app, &pairs).await.expect(200).json();
    assert_eq!((&seen["active"], &seen["client_id"]), (&json!(true), &json!("job")));
    let seen = server.post(INTROSPECT, &app, &[("token", "unknown")]).await.expect(200).json();
    assert_eq!(seen, json!({ "active": false }));
}

/// `oauth2` `POST /api/v1/oauth/introspect`: 400 without a token; 401 without credentials
#[tokio::test]
async fn introspection_refuses() {
    let server = TestServer::start().await;
    let app = server.client("job").create().await;
    let _ = server.post(INTROSPECT, &app, &[]).await.refused(400, "invalid_request");
    let _ = server.post(INTROSPECT, Credential::None, &[("token", "x")]).await.expect(401);
}

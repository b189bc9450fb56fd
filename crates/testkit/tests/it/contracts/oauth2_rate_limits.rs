//! **oauth2**: rate limits, as they are shown and as they are met.

use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::time::Seconds;
use writ_testkit::{Credential, Planted, TestServer};

use super::oauth2_tokens::send;

const LIMITS: &str = "/api/v1/oauth/rate-limits";

async fn limited() -> TestServer {
    TestServer::builder().rate_limits().start().await
}

async fn limits(server: &TestServer, by: impl Into<Credential>, query: &str) -> Vec<Value> {
    let body = send(server, ("GET", &format!("{LIMITS}{query}")), by, None).await.expect(200).json();
    body["rate_limits"].as_array().unwrap().clone()
}

/// `oauth2` `GET /api/v1/oauth/rate-limits`: 200
#[tokio::test]
async fn a_client_sees_what_it_has_left() {
    let server = limited().await;
    let app = server.client("app").create().await;
    for _ in 0..3 {
        server.access_token(&app).await;
    }
    let found = limits(&server, &app, "").await;
    assert_eq!(
        found[0],
        json!({ "name": "tokens", "limit": 20000, "remaining": 19997, "reset": "2027-01-15T08:00:00Z", "window": 2 })
    );
    assert_eq!(found[1]["name"], "management");
    assert_eq!(found[1]["remaining"], 1999, "the call itself is one");
    assert_eq!(found[2]["name"], "authentication_failures");
    assert_eq!(found[2]["remaining"], 1000);
    assert_eq!(limits(&server, &app, "?client_id=app").await.len(), 2);
    let key = server.api_key(&server.default_tenant(), &[], None).await;
    assert_eq!(limits(&server, Credential::bearer(&key), "").await[0]["remaining"], 20000, "its own");
}

/// `oauth2` `GET /api/v1/oauth/rate-limits`: 200 of another client
#[tokio::test]
async fn another_clients_limits_need_the_permission() {
    let server = limited().await;
    let (app, other) = (server.client("app").create().await, server.client("other").create().await);
    server.access_token(&app).await;
    let key = server.api_key(&server.default_tenant(), &[Permission::OauthRead], None).await;
    let by = Credential::bearer(&key);
    assert_eq!(limits(&server, by.clone(), "?client_id=app").await[0]["remaining"], 19999);
    for name in ["app", "unknown"] {
        let path = format!("{LIMITS}?client_id={name}");
        let _ = send(&server, ("GET", &path), &other, None).await.refused(403, "insufficient_scope");
    }
    let path = format!("{LIMITS}?client_id=unknown");
    let _ = send(&server, ("GET", &path), by, None).await.refused(404, "not_found");
}

/// `oauth2` `GET /api/v1/oauth/rate-limits`: 403 for a person
#[tokio::test]
async fn people_have_no_limits_of_their_own() {
    let server = limited().await;
    let app = server.client("own").first_party().create().await;
    let user = server.user(&server.default_tenant(), "ann", "correct horse battery").await;
    let planted = Planted { user: Some(user), scope: "oauth:read", audience: &[&server.base] };
    let token = server.plant(&app, planted).await;
    let _ =
        send(&server, ("GET", LIMITS), Credential::bearer(&token), None).await.refused(403, "access_denied");
}

/// `oauth2` `GET /api/v1/oauth/rate-limits`: 200 where limits are off
#[tokio::test]
async fn nothing_is_shown_and_nothing_limited_where_limits_are_off() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    assert!(limits(&server, &app, "").await.is_empty());
    let answer = server.token(&app, &[]).await.expect(200);
    assert!(answer.header("ratelimit").is_empty());
    for _ in 0..40 {
        let _ = server.token(app.with_secret("wrong"), &[]).await.refused(401, "invalid_client");
    }
}

/// Thirty wrong secrets at once, then one every two seconds. A right one that cannot be guessed is never refused.
#[tokio::test]
async fn wrong_secrets_are_limited_and_right_ones_are_not() {
    let server = limited().await;
    let (app, other) = (server.client("app").create().await, server.client("other").create().await);
    for name in ["app", "nobody"] {
        let wrong = || Credential::basic(name, "wrong");
        for _ in 0..30 {
            let _ = server.token(wrong(), &[]).await.refused(401, "invalid_client");
        }
        for answer in [server.token(wrong(), &[]).await, server.introspect(wrong(), "x").await] {
            let answer = answer.refused(429, "too_many_requests");
            assert_eq!(answer.header("retry-after"), "2");
            assert_eq!(answer.header("ratelimit"), "\"client_authentication_failures\";r=0;t=2");
            assert_eq!(answer.header("ratelimit-policy"), "\"client_authentication_failures\";q=30;w=60");
        }
    }
    let answer = server.token(&app, &[]).await.expect(200);
    assert_eq!(answer.header("ratelimit"), "\"tokens\";r=19999;t=1");
    assert_eq!(answer.header("ratelimit-policy"), "\"tokens\";q=20000;w=2");
    let _ = server.token(&other, &[]).await.expect(200);
    let _ = server.token(other.with_secret("wrong"), &[]).await.refused(401, "invalid_client");
    server.clock.advance(Seconds(2));
    let _ = server.token(app.with_secret("wrong"), &[]).await.refused(401, "invalid_client");
    let _ = server.token(app.with_secret("wrong"), &[]).await.refused(429, "too_many_requests");
}

/// A secret that somebody chose can be guessed: past the limit no guess is looked at, not even the right one.
#[tokio::test]
async fn guesses_at_chosen_secrets_end_at_the_limit() {
    let server = limited().await;
    let app = server.client("app").chosen_secret("sesame open").create().await;
    for _ in 0..30 {
        let _ = server.token(app.with_secret("wrong"), &[]).await.refused(401, "invalid_client");
    }
    let _ = server.token(app.with_secret("wrong"), &[]).await.refused(429, "too_many_requests");
    let _ = server.token(app.with_secret("sesame open"), &[]).await.refused(429, "too_many_requests");
    server.clock.advance(Seconds(60));
    let _ = server.token(app.with_secret("sesame open"), &[]).await.expect(200);
}

#[tokio::test]
async fn a_caller_of_the_management_apis_is_limited() {
    let server = limited().await;
    let key = server.api_key(&server.default_tenant(), &[Permission::OauthRead], None).await;
    let by = Credential::bearer(&key);
    for _ in 0..2000 {
        let _ = send(&server, ("GET", LIMITS), by.clone(), None).await.expect(200);
    }
    let answer = send(&server, ("GET", LIMITS), by.clone(), None).await.refused(429, "too_many_requests");
    assert_eq!(answer.header("ratelimit-policy"), "\"management\";q=2000;w=2");
    server.clock.advance(Seconds(2));
    let _ = send(&server, ("GET", LIMITS), by, None).await.expect(200);
}

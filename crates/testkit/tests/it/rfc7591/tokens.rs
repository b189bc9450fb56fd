//! RFC 7591 §1.2 and §3: initial access tokens.

use std::sync::Arc;

use super::*;
use tokio::task::JoinSet;
use writ_core::time::Seconds;
use writ_testkit::Engine;

/// §3: where it takes a token it takes one that is good, of this tenant.
#[tokio::test]
async fn registering_takes_a_token() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let home = server.default_tenant();
    for tenant in [&home, &acme] {
        set(&server, tenant, json!({ "registration": "token" })).await;
    }
    let body = website(&json!({}));
    let missing = register(&server, &body).await.refused(401, "invalid_token");
    assert_eq!(missing.header("www-authenticate"), "Bearer realm=\"https://id.example\"");
    let made = initial(&server, &home, json!({ "name": "one" })).await;
    let token = text(&made, "initial_access_token");
    for wrong in [&token[..token.len() - 1], "iat_x", "x", &server.management_key()] {
        let answer = ask(&server, ("POST", REGISTER), Some(wrong), &body).await.refused(401, "invalid_token");
        assert!(answer.header("www-authenticate").starts_with("Bearer realm="));
    }
    let below = acme.path(REGISTER);
    let _ = ask(&server, ("POST", &below), Some(token), &body).await.refused(401, "invalid_token");
    // What is refused for another reason does not use it up.
    let _ =
        ask(&server, ("POST", REGISTER), Some(token), &json!({})).await.refused(400, "invalid_redirect_uri");
    let client = ask(&server, ("POST", REGISTER), Some(token), &body).await.expect(201).json();
    let _ = ask(&server, ("POST", REGISTER), Some(token), &body).await.refused(401, "invalid_token");
    // It registers, and does nothing else.
    let (path, _) = own(&client);
    let _ = ask(&server, ("GET", &path), Some(token), &Value::Null).await.refused(401, "invalid_token");
    let _ = ask(&server, ("GET", "/api/v1/clients"), Some(token), &Value::Null)
        .await
        .refused(401, "invalid_token");
    // Where everybody may, one that is shown still has to be good.
    set(&server, &home, json!({ "registration": "open" })).await;
    let _ = ask(&server, ("POST", REGISTER), Some(token), &body).await.refused(401, "invalid_token");
}

/// It is shown once, counts down, ends by itself or by its maker; of it there is only a hash.
#[tokio::test]
async fn a_token_is_bounded() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    set(&server, &tenant, json!({ "registration": "token" })).await;
    let made = initial(&server, &tenant, json!({ "name": "two", "uses": 2 })).await;
    let (token, path) =
        (text(&made, "initial_access_token"), format!("/api/v1/registration-tokens/{}", text(&made, "id")));
    let shown = async || {
        ask(&server, ("GET", &path), Some(&server.management_key()), &Value::Null).await.expect(200).json()
    };
    assert_eq!(shown().await.get("initial_access_token"), None);
    for (status, left, uses) in [(201, 1, 1), (201, 0, 2), (401, 0, 2)] {
        let answer = ask(&server, ("POST", REGISTER), Some(token), &website(&json!({}))).await;
        assert_eq!(answer.status, status);
        assert_eq!((&shown().await["uses_left"], &shown().await["uses"]), (&json!(left), &json!(uses)));
    }
    let ends = json!({ "name": "short", "uses": null, "expires_at": "2027-01-15T09:00:00Z" });
    let made = initial(&server, &tenant, ends).await;
    let token = text(&made, "initial_access_token");
    let id = writ_core::ids::RegistrationTokenId::parse_uuid(text(&made, "id")).unwrap();
    let stored = server.app.store.registration_token(id, tenant.id).await.unwrap().unwrap();
    assert!(!format!("{stored:?}").contains(token));
    for _ in 0..3 {
        let _ = ask(&server, ("POST", REGISTER), Some(token), &website(&json!({}))).await.expect(201);
    }
    server.clock.advance(Seconds(3600));
    let _ = ask(&server, ("POST", REGISTER), Some(token), &website(&json!({})))
        .await
        .refused(401, "invalid_token");

    let made = initial(&server, &tenant, json!({ "name": "ended", "uses": null })).await;
    let token = text(&made, "initial_access_token");
    let client = ask(&server, ("POST", REGISTER), Some(token), &website(&json!({}))).await.expect(201).json();
    let path = format!("/api/v1/registration-tokens/{}", text(&made, "id"));
    let _ = ask(&server, ("DELETE", &path), Some(&server.management_key()), &Value::Null).await.expect(204);
    let _ = ask(&server, ("POST", REGISTER), Some(token), &website(&json!({})))
        .await
        .refused(401, "invalid_token");
    let (path, access) = own(&client);
    let _ = ask(&server, ("GET", &path), Some(&access), &Value::Null).await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_with_one_is_named() {
    let server = TestServer::start().await;
    for (body, field) in [
        (json!({}), "name"),
        (json!({ "name": " " }), "name"),
        (json!({ "name": "a", "uses": 0 }), "uses"),
        (json!({ "name": "a", "uses": 1_000_001 }), "uses"),
        (json!({ "name": "a", "expires_at": "2020-01-01T00:00:00Z" }), "expires_at"),
    ] {
        let path = "/api/v1/registration-tokens";
        let answer = ask(&server, ("POST", path), Some(&server.management_key()), &body).await;
        let told = answer.refused(400, "invalid_request").member("error_description");
        assert!(told.starts_with(&format!("{field}: ")), "{told}");
    }
}

/// 64 at once with a token for one: one client.
async fn one_of_many(server: Arc<TestServer>) {
    let tenant = server.default_tenant();
    set(&server, &tenant, json!({ "registration": "token" })).await;
    let made = initial(&server, &tenant, json!({ "name": "one" })).await;
    let token = text(&made, "initial_access_token").to_owned();
    let mut racers = JoinSet::new();
    for _ in 0..64 {
        let (server, token) = (Arc::clone(&server), token.clone());
        racers.spawn(async move {
            ask(&server, ("POST", REGISTER), Some(&token), &website(&json!({}))).await.status
        });
    }
    let mut found = racers.join_all().await;
    found.sort_unstable();
    assert_eq!((found[0], &found[1..]), (201, &[401; 63][..]));
    assert_eq!(server.app.store.registered_count(tenant.id).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_at_once_one_registers_on_sqlite() {
    one_of_many(Arc::new(TestServer::on(Engine::Sqlite).await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_at_once_one_registers_on_postgresql() {
    one_of_many(Arc::new(TestServer::on(Engine::Postgres).await)).await;
}

//! **oauth2**: rate limits, as they are shown and as they are met.

use std::sync::Arc;

use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::client::TokenRate;
use writ_core::time::Seconds;
use writ_testkit::postgres::fresh_database;
use writ_testkit::{Answer, Credential, Engine, Planted, TestClient, TestServer};

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
    let own = limits(&server, Credential::bearer(&key), "").await;
    let names: Vec<_> = own.iter().map(|limit| limit["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["management", "authentication_failures"], "a key gets no tokens");
    assert_eq!(own[0]["remaining"], 1999, "its own");
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

/// Asks for tokens until there are none, and says how many there were, and how the last answer looked.
async fn drain(server: &TestServer, app: &TestClient) -> (usize, Answer) {
    for taken in 0..1000 {
        let answer = server.token(app, &[]).await;
        if answer.status != 200 {
            return (taken, answer.refused(429, "too_many_requests"));
        }
    }
    panic!("there is no end to the tokens of {}", app.client_id)
}

fn tokens(limits: &[Value]) -> (i64, i64, i64) {
    assert_eq!(limits[0]["name"], "tokens");
    let number = |name: &str| limits[0][name].as_i64().unwrap();
    (number("limit"), number("remaining"), number("window"))
}

/// Sets `token_rate` and `token_burst` through an API, as an operator.
async fn choose(server: &TestServer, path: &str, body: Value) {
    let by = Credential::bearer(&server.management_key());
    let _ = send(server, ("PUT", path), by, Some(body)).await.expect(200);
}

/// `oauth2` `GET /api/v1/oauth/rate-limits`: 200 of a client whose limits were chosen
#[tokio::test]
async fn the_choice_that_is_closest_to_the_client_counts() {
    let server = limited().await;
    let app = server.client("app").create().await;
    let tenant = async |settings: Value| {
        let path = format!("/api/v1/tenants/{}", app.tenant);
        choose(&server, &path, json!({ "settings": settings })).await;
    };
    let client = async |body: Value| choose(&server, "/api/v1/clients/app", body).await;
    // The server's, changed as a hang-up changes it.
    let mut live = (**server.app.live.load()).clone();
    live.choose_token_rate(TokenRate::new(50, None));
    server.app.live.store(Arc::new(live));
    assert_eq!(tokens(&limits(&server, &app, "").await), (100, 100, 2));
    assert_eq!(drain(&server, &app).await.0, 100);
    server.clock.advance(Seconds(100));
    tenant(json!({ "token_rate": 20, "token_burst": 30 })).await;
    assert_eq!(tokens(&limits(&server, &app, "").await), (30, 30, 2));
    let answer = server.token(&app, &[]).await.expect(200);
    assert_eq!(answer.header("ratelimit-policy"), "\"tokens\";q=30;w=2");
    assert_eq!(drain(&server, &app).await.0, 29);
    server.clock.advance(Seconds(100));
    client(json!({ "token_rate": 1, "token_burst": 5 })).await;
    assert_eq!(tokens(&limits(&server, &app, "").await), (5, 5, 5));
    let (taken, answer) = drain(&server, &app).await;
    assert_eq!(taken, 5);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.header("ratelimit"), "\"tokens\";r=0;t=1");
    assert_eq!(answer.header("ratelimit-policy"), "\"tokens\";q=5;w=5");
    assert_eq!(tokens(&limits(&server, &app, "").await), (5, 0, 5));
    server.clock.advance(Seconds(2));
    assert_eq!(drain(&server, &app).await.0, 2, "one comes back each second");
    // Taken back, one after the other.
    client(json!({ "token_rate": null })).await;
    assert_eq!(tokens(&limits(&server, &app, "").await).0, 30);
    tenant(json!({ "token_rate": null })).await;
    assert_eq!(tokens(&limits(&server, &app, "").await).0, 100);
}

/// Whoever waits for more need not wait for a restart, nor for what a node remembers of the client.
#[tokio::test]
async fn more_is_given_at_the_next_request() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut builder = TestServer::builder().rate_limits();
        if engine == Engine::Postgres {
            builder = builder.database(&fresh_database().await.unwrap());
        }
        let server = builder.start().await;
        let app = server.client("app").create().await;
        choose(&server, "/api/v1/clients/app", json!({ "token_rate": 1, "token_burst": 2 })).await;
        assert_eq!(drain(&server, &app).await.0, 2, "{engine:?}");
        choose(&server, "/api/v1/clients/app", json!({ "token_rate": 10, "token_burst": 3 })).await;
        assert_eq!(drain(&server, &app).await.0, 0, "what is taken is taken: {engine:?}");
        server.clock.advance(Seconds(1));
        assert_eq!(drain(&server, &app).await.0, 3, "{engine:?}");
    }
}

/// Of one client nothing is taken by another, and a limit is met whichever grant it is for.
#[tokio::test]
async fn each_client_has_a_bucket_of_its_own() {
    let server = limited().await;
    let (app, other) = (server.client("app").create().await, server.client("other").create().await);
    choose(&server, "/api/v1/clients/app", json!({ "token_rate": 1, "token_burst": 1 })).await;
    assert_eq!(drain(&server, &app).await.0, 1);
    for path in ["/oauth2/token", "/api/v1/oauth/tokens"] {
        let grant = [("grant_type", "client_credentials")];
        let _ = server.post(path, &app, &grant).await.refused(429, "too_many_requests");
        let _ = server.post(path, &other, &grant).await.expect(200);
    }
    // What is refused for another reason costs nothing.
    server.clock.advance(Seconds(1));
    for _ in 0..3 {
        let _ = server.token(&app, &[("scope", "unheard:of")]).await.refused(400, "invalid_scope");
    }
    let _ = server.token(&app, &[]).await.expect(200);
}

/// Nobody gives a client more than the tenant's clients have, but an operator.
#[tokio::test]
async fn an_administrator_slows_clients_down_and_an_operator_speeds_them_up() {
    let server = TestServer::start().await;
    let _app = server.client("app").create().await;
    let key = server.api_key(&server.default_tenant(), &[Permission::OauthWrite], None).await;
    let admin = || Credential::bearer(&key);
    let own = "/api/v1/clients/app";
    let change = async |by: Credential, body: Value| send(&server, ("PATCH", own), by, Some(body)).await;
    let slow = change(admin(), json!({ "token_rate": 10 })).await.expect(200).json();
    assert_eq!((&slow["token_rate"], &slow["token_burst"]), (&json!(10), &Value::Null));
    let most =
        change(admin(), json!({ "token_rate": 10_000, "token_burst": 20_000 })).await.expect(200).json();
    assert_eq!((&most["token_rate"], &most["token_burst"]), (&json!(10_000), &json!(20_000)));
    let said = change(admin(), json!({ "token_rate": 10_001, "token_burst": 20_001 })).await;
    let said = said.refused(400, "invalid_request").member("error_description");
    assert!(said.contains("token_rate: is 10001; more than 10000 takes an operator"), "{said}");
    assert!(said.contains("token_burst: is 20001; more than 20000 takes an operator"), "{said}");
    let body = json!({ "client_name": "Job", "kind": "machine", "token_rate": 10_001 });
    let _ =
        send(&server, ("POST", "/api/v1/clients"), admin(), Some(body)).await.refused(400, "invalid_request");
    choose(&server, own, json!({ "token_rate": 50_000, "token_burst": null })).await;
    // What it has it keeps, whoever changes something else; and a tenant's own choice is the measure from then on.
    let kept = change(admin(), json!({ "description": "Words" })).await.expect(200).json();
    assert_eq!(kept["token_rate"], 50_000);
    let tenant = format!("/api/v1/tenants/{}", server.default_tenant().id);
    choose(&server, &tenant, json!({ "settings": { "token_rate": 5 } })).await;
    let _ = change(admin(), json!({ "token_rate": null })).await.expect(200);
    let said = change(admin(), json!({ "token_rate": 6 })).await.refused(400, "invalid_request");
    assert!(said.text().contains("more than 5 takes an operator"), "{}", said.text());
}

#[tokio::test]
async fn what_cannot_be_a_rate_is_refused_by_its_field() {
    let server = TestServer::start().await;
    let _app = server.client("app").create().await;
    let by = || Credential::bearer(&server.management_key());
    let tenant = format!("/api/v1/tenants/{}", server.default_tenant().id);
    for (rate, burst) in
        [(json!(0), json!(0)), (json!(1_000_001), json!(2_000_001)), (json!(1.5), json!("7"))]
    {
        let sent = json!({ "token_rate": rate, "token_burst": burst });
        let said = send(&server, ("PUT", "/api/v1/clients/app"), by(), Some(sent.clone())).await;
        let said = said.refused(400, "invalid_request").member("error_description");
        assert!(said.contains("token_rate: must be a") && said.contains("token_burst: must be a"), "{said}");
        let said = send(&server, ("PUT", &tenant), by(), Some(json!({ "settings": sent }))).await;
        let said = said.refused(400, "invalid_request").member("error_description");
        assert!(said.contains("settings.token_rate: must be a whole number from 1 to 1000000"), "{said}");
        assert!(said.contains("settings.token_burst: must be a whole number from 1 to 2000000"), "{said}");
    }
    let alone = json!({ "token_burst": 7 });
    let said = send(&server, ("PUT", "/api/v1/clients/app"), by(), Some(alone.clone())).await;
    assert!(said.refused(400, "invalid_request").text().contains("token_burst: needs token_rate beside it"));
    let said = send(&server, ("PUT", &tenant), by(), Some(json!({ "settings": alone }))).await;
    assert!(
        said.refused(400, "invalid_request")
            .text()
            .contains("settings.token_burst: needs token_rate beside it")
    );
}

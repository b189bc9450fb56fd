//! **oauth2**: the list of tokens and their end. **clients**: the tokens of a machine client.

use http::{Request, header};
use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::change::{Action, Change, Target};
use writ_core::client::ClientKind;
use writ_core::grant::{NewGrant, Terms};
use writ_core::ids::GrantId;
use writ_core::time::Seconds;
use writ_testkit::{Answer, Credential, Planted, TestClient, TestServer};

const TOKENS: &str = "/api/v1/oauth/tokens";
pub(super) const REVOKE: &str = "/api/v1/oauth/tokens/revoke";
const BULK: &str = "/api/v1/oauth/tokens/bulk-revoke";

/// A request with or without a JSON body.
pub(super) async fn send(
    server: &TestServer,
    (method, path): (&str, &str),
    by: impl Into<Credential>,
    body: Option<Value>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(value) = by.into().header() {
        request = request.header(header::AUTHORIZATION, value);
    }
    if path.starts_with("/v1/clients") {
        request = request.header("x-tenant-id", server.app.default_tenant.prefixed());
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    server.request(request.body(body).expect("a request")).await
}

pub(super) async fn bulk(server: &TestServer, by: impl Into<Credential>, body: Value) -> i64 {
    let answer = send(server, ("POST", BULK), by, Some(body)).await.expect(200);
    assert_eq!(answer.json().as_object().unwrap().len(), 1, "{}", answer.text());
    answer.json()["revoked"].as_i64().unwrap()
}

pub(super) async fn list(server: &TestServer, by: impl Into<Credential>, query: &str) -> Vec<Value> {
    let answer = send(server, ("GET", &format!("{TOKENS}{query}")), by, None).await.expect(200);
    let body = answer.json();
    let tokens = body["tokens"].as_array().unwrap().clone();
    assert_eq!(body["total"], json!(tokens.len()), "{}", answer.text());
    assert!(body.get("next_cursor").is_none(), "{}", answer.text());
    tokens
}

fn ids(tokens: &[Value]) -> Vec<String> {
    tokens.iter().map(|token| token["id"].as_str().unwrap().to_owned()).collect()
}

async fn reader(server: &TestServer) -> String {
    server.api_key(&server.default_tenant(), &[Permission::OauthRead], None).await
}

async fn writer(server: &TestServer) -> String {
    server.api_key(&server.default_tenant(), &[Permission::OauthWrite], None).await
}

/// Both before and after the lists were filled in the background.
pub(super) async fn fill(server: &TestServer) {
    server.clock.advance(Seconds(10));
    while !server.app.store.fill_lists(server.app.default_tenant, server.app.clock.now()).await.unwrap() {}
}

async fn person(server: &TestServer, app: &TestClient, name: &str) -> (String, String) {
    let user = server.user(&server.default_tenant(), name, "correct horse battery").await;
    let planted = Planted { user: Some(user), scope: "openid", audience: &[&server.base] };
    (server.plant(app, planted).await, user.to_string())
}

/// `oauth2` `GET /api/v1/oauth/tokens`: 200
#[tokio::test]
async fn live_tokens_are_listed_newest_first() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read write").create().await;
    let by = Credential::bearer(&reader(&server).await);
    let mut tokens = Vec::new();
    for _ in 0..3 {
        server.clock.advance(Seconds(1));
        tokens.push(server.access_token(&app).await);
    }
    let (_, user) = person(&server, &app, "ann").await;
    for turn in 0..2 {
        let found = list(&server, by.clone(), "").await;
        assert_eq!(found.len(), 4, "{turn}");
        assert_eq!(found[0]["user_id"], json!(user));
        let newest = &found[1];
        let members: Vec<_> = newest.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected =
            ["id", "type", "client_id", "user_id", "scope", "issued_at", "expires_at", "last_used_at"];
        expected.sort_unstable();
        assert_eq!(members, expected);
        assert_eq!(newest["type"], "access_token");
        assert_eq!(newest["client_id"], "app");
        assert_eq!(newest["user_id"], Value::Null);
        assert_eq!(newest["scope"], "read write");
        assert_eq!(newest["issued_at"], "2027-01-15T08:00:03Z");
        assert_eq!(newest["expires_at"], "2027-01-15T09:00:03Z");
        assert_eq!(newest["last_used_at"], Value::Null);
        for token in &tokens {
            assert!(!found.iter().any(|row| row.to_string().contains(token.as_str())), "never the token");
        }
        assert_eq!(list(&server, by.clone(), "?type=access_token").await.len(), 4);
        assert_eq!(list(&server, by.clone(), "?type=refresh_token").await.len(), 0);
        assert_eq!(list(&server, by.clone(), &format!("?client_id={}", app.id)).await.len(), 4);
        assert_eq!(list(&server, by.clone(), &format!("?client_id=app&user_id={user}")).await.len(), 1);
        assert_eq!(list(&server, by.clone(), "?client_id=unknown").await.len(), 0);
        assert_eq!(list(&server, by.clone(), "?user_id=unknown").await.len(), 0);
        fill(&server).await;
    }
    server.clock.advance(Seconds(3600));
    assert_eq!(list(&server, by, "").await.len(), 0, "expired");
}

/// `oauth2` `GET /api/v1/oauth/tokens`: 200 page by page
#[tokio::test]
async fn a_list_is_walked_by_its_cursor() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let by = Credential::bearer(&reader(&server).await);
    for n in 0..7 {
        server.access_token(&app).await;
        if n == 3 {
            fill(&server).await;
        }
    }
    let all = ids(&list(&server, by.clone(), "").await);
    let (mut found, mut query) = (Vec::new(), "?limit=3".to_owned());
    loop {
        let body =
            send(&server, ("GET", &format!("{TOKENS}{query}")), by.clone(), None).await.expect(200).json();
        assert_eq!(body["total"], 7);
        found.extend(ids(body["tokens"].as_array().unwrap()));
        let Some(cursor) = body.get("next_cursor") else { break };
        query = format!("?limit=3&cursor={}", cursor.as_str().unwrap());
    }
    assert_eq!(found, all);
}

/// `oauth2` `GET /api/v1/oauth/tokens`: 200 own tokens without a permission
#[tokio::test]
async fn without_a_permission_everybody_sees_their_own() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let own = server.client("own").first_party().interaction().create().await;
    let third = server.client("third").create().await;
    server.access_token(&app).await;
    let (token, user) = person(&server, &own, "ann").await;
    let (_, other) = person(&server, &own, "bob").await;
    let (through_third, _) = person(&server, &third, "cat").await;
    assert_eq!(list(&server, &app, "").await.len(), 1);
    assert_eq!(list(&server, &app, "?client_id=app").await.len(), 1);
    let ann = Credential::bearer(&token);
    assert_eq!(list(&server, ann.clone(), "").await.len(), 1);
    assert_eq!(list(&server, ann.clone(), &format!("?user_id={user}&client_id=own")).await.len(), 1);
    assert_eq!(list(&server, ann.clone(), "?client_id=app").await.len(), 0);
    for (by, query) in [
        (Credential::from(&app), "?client_id=own".to_owned()),
        (Credential::from(&app), "?client_id=unknown".to_owned()),
        (ann.clone(), format!("?user_id={other}")),
        (ann, "?user_id=unknown".to_owned()),
        (Credential::bearer(&through_third), String::new()),
    ] {
        let answer = send(&server, ("GET", &format!("{TOKENS}{query}")), by, None).await;
        let _ = answer.refused(403, "insufficient_scope");
    }
}

/// `oauth2` `GET /api/v1/oauth/tokens`: 400
#[tokio::test]
async fn a_filter_that_cannot_be_read_is_named() {
    let server = TestServer::start().await;
    let by = Credential::bearer(&reader(&server).await);
    for (query, field) in
        [("?type=id_token", "type"), ("?limit=0", "limit"), ("?limit=201", "limit"), ("?cursor=x", "cursor")]
    {
        let answer = send(&server, ("GET", &format!("{TOKENS}{query}")), by.clone(), None).await;
        let text = answer.refused(400, "invalid_request").member("error_description");
        assert!(text.starts_with(field), "{text}");
    }
}

/// `oauth2` `POST /api/v1/oauth/tokens/revoke`: 200
#[tokio::test]
async fn a_token_is_revoked_by_its_text_or_its_id() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let by_write = Credential::bearer(&writer(&server).await);
    for by in [Credential::from(&app), by_write] {
        for form in [false, true] {
            let token = server.access_token(&app).await;
            let id = list(&server, &app, "").await[0]["id"].as_str().unwrap().to_owned();
            for (name, value) in [("token", &token), ("token_id", &id)] {
                let token = server.access_token(&app).await;
                let id = list(&server, &app, "").await[0]["id"].as_str().unwrap().to_owned();
                let fresh = if name == "token" { &token } else { &id };
                for value in [fresh, value, &"unknown".to_owned()] {
                    let answer = if form {
                        server.post(REVOKE, by.clone(), &[(name, value)]).await
                    } else {
                        send(&server, ("POST", REVOKE), by.clone(), Some(json!({ name: value }))).await
                    };
                    assert_eq!(answer.expect(200).text(), "{}");
                }
                assert!(!server.is_active(&app, &token).await);
            }
            assert!(!server.is_active(&app, &token).await);
        }
    }
    let records = server.app.store.audit_newest(app.tenant, 100).await.unwrap();
    let revoked = records.iter().filter(|(action, _)| action == "access_token.revoked").count();
    assert_eq!(revoked, 12, "what was not live is not recorded");
}

/// `oauth2` `POST /api/v1/oauth/tokens/revoke`: 403 somebody else's
#[tokio::test]
async fn a_token_of_somebody_else_needs_the_permission() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let other = server.client("other").scope("oauth:read").create().await;
    let acme = server.tenant("acme").await;
    let foreign = server.api_key(&acme, &[Permission::OauthWrite], None).await;
    let token = server.access_token(&app).await;
    let body = || Some(json!({ "token": token }));
    let _ = send(&server, ("POST", REVOKE), &other, body()).await.refused(403, "insufficient_scope");
    let _ = send(&server, ("POST", REVOKE), Credential::bearer(&foreign), body()).await.expect(200);
    assert!(server.is_active(&app, &token).await);
}

/// `oauth2` `POST /api/v1/oauth/tokens/revoke`: 400
#[tokio::test]
async fn one_of_token_and_token_id_is_needed() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    for body in [json!({}), json!({ "token": "a", "token_id": "b" }), json!({ "token": 1 }), json!([])] {
        let _ = send(&server, ("POST", REVOKE), &app, Some(body)).await.refused(400, "invalid_request");
    }
}

/// `oauth2` `POST /api/v1/oauth/tokens/bulk-revoke`: 200
#[tokio::test]
async fn many_tokens_are_ended_by_one_act() {
    let server = TestServer::start().await;
    let by = Credential::bearer(&writer(&server).await);
    let (app, other) = (server.client("app").create().await, server.client("other").create().await);
    for filled in [false, true] {
        let mut tokens = Vec::new();
        for _ in 0..3 {
            tokens.push(server.access_token(&app).await);
        }
        let stays = server.access_token(&other).await;
        if filled {
            fill(&server).await;
        }
        let _ = server.revoke(&app, &tokens[0]).await.expect(200);
        assert_eq!(bulk(&server, by.clone(), json!({ "client_id": "app" })).await, 2, "{filled}");
        assert_eq!(bulk(&server, by.clone(), json!({ "client_id": "app" })).await, 0, "{filled}");
        for token in &tokens {
            assert!(!server.is_active(&app, token).await);
        }
        assert!(server.is_active(&other, &stays).await);
        let fresh = server.access_token(&app).await;
        assert!(server.is_active(&app, &fresh).await, "what is issued later lives");
        assert_eq!(bulk(&server, by.clone(), json!({ "client_id": "unknown" })).await, 0);
        assert_eq!(bulk(&server, by.clone(), json!({ "client_id": "app" })).await, 1);
        assert_eq!(bulk(&server, by.clone(), json!({ "client_id": "other" })).await, 1);
    }
}

/// `oauth2` `POST /api/v1/oauth/tokens/bulk-revoke`: 200 every combination
#[tokio::test]
async fn filters_hold_together() {
    let server = TestServer::start().await;
    let by = Credential::bearer(&writer(&server).await);
    let reads = Credential::bearer(&reader(&server).await);
    let (app, other) = (server.client("app").create().await, server.client("other").create().await);
    let ann = server.user(&server.default_tenant(), "ann", "correct horse battery").await;
    for filled in [false, true] {
        let _ = bulk(&server, by.clone(), json!({ "issued_before": now(&server) })).await;
        server.clock.advance(Seconds(1));
        let old = server.access_token(&app).await;
        let grants = [grant(&server, &app, ann).await, grant(&server, &other, ann).await];
        let of_ann = [
            granted(&server, &app, (ann, grants[0])).await,
            granted(&server, &other, (ann, grants[1])).await,
        ];
        server.clock.advance(Seconds(10));
        let mark = now(&server);
        let young = server.access_token(&app).await;
        let young_of_ann = granted(&server, &app, (ann, grants[0])).await;
        if filled {
            fill(&server).await;
        }
        assert_eq!(list(&server, reads.clone(), "").await.len(), 5, "{filled}");
        let asked = json!({ "client_id": "app", "user_id": ann.to_string(), "issued_before": mark });
        assert_eq!(bulk(&server, by.clone(), asked).await, 1, "{filled}");
        assert!(!server.is_active(&app, &of_ann[0]).await);
        assert!(server.is_active(&app, &young_of_ann).await);
        assert_eq!(
            bulk(&server, by.clone(), json!({ "client_id": "app", "user_id": ann.to_string() })).await,
            1
        );
        assert!(!server.is_active(&app, &young_of_ann).await);
        assert!(server.is_active(&other, &of_ann[1]).await);
        assert_eq!(bulk(&server, by.clone(), json!({ "client_id": "app", "issued_before": mark })).await, 1);
        assert!(!server.is_active(&app, &old).await);
        assert!(server.is_active(&app, &young).await);
        assert_eq!(bulk(&server, by.clone(), json!({ "user_id": ann.to_string() })).await, 1);
        assert!(!server.is_active(&other, &of_ann[1]).await);
        server.clock.advance(Seconds(1));
        assert_eq!(bulk(&server, by.clone(), json!({ "issued_before": now(&server) })).await, 1);
        assert!(!server.is_active(&app, &young).await);
    }
}

/// `oauth2` `POST /api/v1/oauth/tokens/bulk-revoke`: 200 named tokens
#[tokio::test]
async fn named_tokens_are_ended_as_far_as_they_match() {
    let server = TestServer::start().await;
    let by = Credential::bearer(&writer(&server).await);
    let (app, other) = (server.client("app").create().await, server.client("other").create().await);
    let mut tokens = Vec::new();
    for client in [&app, &app, &other] {
        server.clock.advance(Seconds(1));
        tokens.push(server.access_token(client).await);
    }
    let all = ids(&list(&server, Credential::bearer(&reader(&server).await), "").await);
    let named = json!({ "token_ids": all, "client_id": "app" });
    assert_eq!(bulk(&server, by.clone(), named.clone()).await, 2);
    assert_eq!(bulk(&server, by.clone(), named).await, 0);
    assert!(server.is_active(&other, &tokens[2]).await);
    assert_eq!(bulk(&server, &app, json!({ "token_ids": all })).await, 0, "an application ends its own only");
    assert_eq!(bulk(&server, by.clone(), json!({ "token_ids": ["nonsense", all[0], all[0]] })).await, 1);
    assert_eq!(bulk(&server, by, json!({ "token_ids": [] })).await, 0);
    assert!(!server.is_active(&other, &tokens[2]).await);
}

/// `oauth2` `POST /api/v1/oauth/tokens/bulk-revoke`: 403 somebody else's
#[tokio::test]
async fn many_tokens_of_somebody_else_need_the_permission() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let other = server.client("other").scope("oauth:read").create().await;
    let tokens = [server.access_token(&app).await, server.access_token(&other).await];
    let refused = json!({ "client_id": "app" });
    let _ = send(&server, ("POST", BULK), &other, Some(refused)).await.refused(403, "insufficient_scope");
    server.clock.advance(Seconds(1));
    assert_eq!(bulk(&server, &other, json!({ "issued_before": now(&server) })).await, 1, "their own");
    assert!(server.is_active(&app, &tokens[0]).await);
    assert!(!server.is_active(&other, &tokens[1]).await);
}

/// `oauth2` `POST /api/v1/oauth/tokens/bulk-revoke`: 400
#[tokio::test]
async fn something_has_to_be_named() {
    let server = TestServer::start().await;
    let by = Credential::bearer(&writer(&server).await);
    let many: Vec<_> = (0..501).map(|n| format!("018bcfe5-6800-7abc-8def-{n:012x}")).collect();
    for (body, says) in [
        (json!({}), "at least one"),
        (json!({ "client_id": null }), "at least one"),
        (json!({ "issued_before": "2099-01-01T00:00:00Z" }), "issued_before: "),
        (json!({ "issued_before": "yesterday", "client_id": 1 }), "issued_before: "),
        (json!({ "issued_before": "yesterday", "client_id": 1 }), "client_id: "),
        (json!({ "token_ids": "x" }), "token_ids: "),
        (json!({ "token_ids": many }), "token_ids: "),
    ] {
        let answer = send(&server, ("POST", BULK), by.clone(), Some(body)).await;
        let text = answer.refused(400, "invalid_request").member("error_description");
        assert!(text.contains(says), "{text}");
    }
}

/// `clients` `GET /v1/clients/:id/tokens`: 200
#[tokio::test]
async fn a_machine_clients_tokens_are_listed() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read").create().await;
    let by = Credential::bearer(&reader(&server).await);
    server.access_token(&app).await;
    server.access_token(&app).await;
    for id in ["app".to_owned(), app.id.prefixed()] {
        let path = format!("/v1/clients/{id}/tokens");
        let answer = send(&server, ("GET", &path), by.clone(), None).await.expect(200);
        let body = answer.json();
        assert_eq!(body.as_object().unwrap().len(), 1, "{}", answer.text());
        let data = body["data"].as_array().unwrap();
        assert_eq!(data.len(), 2);
        let members: Vec<_> = data[0].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["expires_at", "id", "issued_at", "last_used_at", "scope"]);
    }
    let page = send(&server, ("GET", "/v1/clients/app/tokens?limit=1"), by, None).await.expect(200).json();
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    assert!(page["next_cursor"].is_string());
}

/// `clients` `GET /v1/clients/:id/tokens`: 400 and 404
#[tokio::test]
async fn only_machine_clients_of_the_tenant_have_this_list() {
    let server = TestServer::start().await;
    let by = Credential::bearer(&reader(&server).await);
    server.client("web").kind(ClientKind::Web).create().await;
    let acme = server.tenant("acme").await;
    server.client("theirs").of(&acme).create().await;
    let ask = |id: &str| {
        let (path, by, server) = (format!("/v1/clients/{id}/tokens"), by.clone(), &server);
        async move { send(server, ("GET", &path), by, None).await }
    };
    let _ = ask("web").await.refused(400, "invalid_request");
    for id in ["unknown", "theirs", "%00"] {
        let _ = ask(id).await.refused(404, "not_found");
    }
}

fn now(server: &TestServer) -> String {
    let seconds = server.app.clock.now().as_secs();
    jiff::Timestamp::from_second(seconds).unwrap().to_string()
}

async fn grant(server: &TestServer, app: &TestClient, user: writ_core::ids::UserId) -> GrantId {
    let (id, now) = (GrantId::v7(server.app.clock.now(), server.app.random.bits()), server.app.clock.now());
    let new = NewGrant {
        id,
        tenant: app.tenant,
        client: app.id,
        user,
        scope: writ_core::scope::Scope::default(),
        authentication: writ_core::session::Authentication::by_password(now),
        terms: Terms::default(),
        created_at: now,
        expires_at: now.plus(Seconds(86_400)),
    };
    let what = (Action::GrantCreated, Target::Grant(id));
    server.change(app.tenant, what, Change::CreateGrant(Box::new(new))).await;
    id
}

/// A token of a person that came from a grant.
async fn granted(
    server: &TestServer,
    app: &TestClient,
    (user, grant): (writ_core::ids::UserId, GrantId),
) -> String {
    let token = server.plant(app, Planted { user: Some(user), scope: "read", audience: &["api"] }).await;
    let id = writ_core::token::TokenRef::parse(&token).unwrap().id;
    let values = (grant.to_bytes().to_vec(), id.to_bytes().to_vec());
    assert_eq!(server.sql("UPDATE access_tokens SET grant_id = ?1 WHERE id = ?2", values), 1);
    token
}

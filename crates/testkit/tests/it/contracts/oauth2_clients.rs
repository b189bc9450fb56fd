//! **oauth2**: `/api/v1/oauth/clients`.

use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_testkit::Credential;

use super::{EVERYTHING, OAUTH2, Stage, in_oauth2, is_json, is_secret, is_time, like, text};

/// The document's own request.
fn application() -> Value {
    json!({
        "name": "My Application",
        "redirect_uris": ["https://app.example.com/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "read write",
        "confidential": true
    })
}

/// The object as the contract lists its members.
fn sample() -> Value {
    let mut sample = application();
    for name in ["id", "client_id", "created_at", "updated_at"] {
        sample[name] = json!("");
    }
    sample
}

const VOLATILE: &[&str] = &["id", "client_id", "client_secret", "created_at", "updated_at", "next_cursor"];

async fn made(stage: &Stage, body: &Value) -> Value {
    is_json(&stage.post(OAUTH2, body).await, 201)
}

fn at(client: &Value) -> String {
    format!("{OAUTH2}/{}", text(&client["client_id"]))
}

fn job(name: &str) -> Value {
    json!({ "name": name, "grant_types": ["client_credentials"], "scope": "read" })
}

/// `oauth2` `POST /api/v1/oauth/clients`: 201
#[tokio::test]
async fn the_published_registration() {
    let stage = Stage::new().await;
    let call = stage.call("POST", OAUTH2, Some(&application())).without("x-tenant-id");
    let body = is_json(&stage.send(call).await, 201);
    let mut expected = sample();
    expected["client_secret"] = json!("");
    like(&body, &expected, VOLATILE);
    is_secret(&body["client_secret"], "csec_");
    is_time(&body["created_at"]);
}

/// `oauth2` `POST /api/v1/oauth/clients`: 201 defaults, and what is unknown is ignored
#[tokio::test]
async fn defaults_and_unknown_members() {
    let stage = Stage::new().await;
    let body =
        json!({ "name": "App", "redirect_uris": ["https://a.example/"], "colour": "blue", "scope": null });
    let client = made(&stage, &body).await;
    assert_eq!(client["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!((&client["scope"], &client["confidential"]), (&json!("openid"), &json!(true)));
    let public = json!({ "name": "Spa", "redirect_uris": ["http://127.0.0.1/"], "confidential": false });
    let public = made(&stage, &public).await;
    assert_eq!(public["client_secret"], Value::Null);
    let kind = is_json(&stage.get(&format!("/v1/clients/{}", text(&public["client_id"]))).await, 200);
    assert_eq!(kind["type"], "native");
}

/// `oauth2` `POST /api/v1/oauth/clients`: 201 by HTTP Basic, as the document authenticates
#[tokio::test]
async fn an_application_registers_another() {
    let stage = Stage::new().await;
    let app = stage.server.client("manager").of(&stage.tenant).scope("oauth:write oauth:read").create().await;
    let call = || stage.call("POST", OAUTH2, Some(&application())).without("x-tenant-id").by(&app);
    is_json(&stage.send(call()).await, 201);
    let text =
        in_oauth2(&stage.send(call().header("sec-fetch-site", "cross-site")).await, 403, "access_denied");
    assert!(text.contains("another site"), "{text}");
}

/// `oauth2` `POST /api/v1/oauth/clients`: 400 every violation at once
#[tokio::test]
async fn a_registration_says_all_that_is_wrong() {
    let stage = Stage::new().await;
    let body = json!({
        "name": "", "redirect_uris": ["https://*.example.com/cb"], "grant_types": ["implicit"],
        "scope": "a \\b", "confidential": "yes",
    });
    let message = in_oauth2(&stage.post(OAUTH2, &body).await, 400, "invalid_request");
    for field in ["name", "redirect_uris", "grant_types", "scope", "confidential"] {
        assert!(message.contains(&format!("{field}: ")), "{field}: {message}");
    }
    for (grants, public, why) in [
        (json!(["password"]), false, "password_grant is off; its administrators can turn it on"),
        (json!(["client_credentials"]), true, "confidential clients only"),
        (json!([]), false, "at least one"),
        (json!(["refresh_token"]), false, "never gives a token"),
    ] {
        let body = json!({
            "name": "x", "grant_types": grants, "confidential": !public, "redirect_uris": ["https://a.example/"],
        });
        let message = in_oauth2(&stage.post(OAUTH2, &body).await, 400, "invalid_request");
        assert!(message.starts_with("grant_types: ") && message.contains(why), "{message}");
    }
}

/// `oauth2` `POST /api/v1/oauth/clients`: 400 malformed body, 413, 415; 401, 403, 405
#[tokio::test]
async fn a_registration_refuses() {
    let stage = Stage::new().await;
    let call = || stage.call("POST", OAUTH2, Some(&application()));
    stage.refuses(call(), "oauth:write", in_oauth2).await;
    stage.refuses_bodies(call(), in_oauth2).await;
    in_oauth2(&stage.delete(OAUTH2).await, 405, "method_not_allowed");
    let wide = json!({ "name": "x", "grant_types": ["client_credentials"], "scope": "tenants:read" });
    in_oauth2(&stage.post(OAUTH2, &wide).await, 403, "access_denied");
}

/// `oauth2` `GET /api/v1/oauth/clients`: 200
#[tokio::test]
async fn the_list() {
    let stage = Stage::new().await;
    for _ in 0..2 {
        stage.server.clock.advance(Seconds(1));
        made(&stage, &application()).await;
    }
    let body = is_json(&stage.get(OAUTH2).await, 200);
    like(&body, &json!({ "clients": [sample(), sample()], "total": 2 }), VOLATILE);
    let first = is_json(&stage.get(&format!("{OAUTH2}?limit=1")).await, 200);
    like(&first, &json!({ "clients": [sample()], "total": 2, "next_cursor": "" }), VOLATILE);
}

/// `oauth2` `GET /api/v1/oauth/clients`: 200 those that got no token for so many days
#[tokio::test]
async fn unused_clients_are_found() {
    let stage = Stage::new().await;
    let day = Seconds(86_400);
    let never = made(&stage, &job("Never used")).await;
    let used = made(&stage, &job("Used")).await;
    stage.server.clock.advance(day);
    let by = Credential::basic(&text(&used["client_id"]), &text(&used["client_secret"]));
    stage.server.access_token(by).await;
    stage.server.app.store.flush_notes(stage.tenant.id).await.unwrap();
    made(&stage, &job("Young")).await;
    stage.server.clock.advance(day);
    let list = |days: &str| format!("{OAUTH2}?unused_for_days={days}");
    let body = is_json(&stage.get(&list("2")).await, 200);
    assert_eq!((&body["total"], &body["clients"].as_array().unwrap().len()), (&json!(0), &0));
    stage.server.clock.advance(Seconds(1));
    let body = is_json(&stage.get(&list("2")).await, 200);
    assert_eq!((&body["total"], &body["clients"][0]["id"]), (&json!(1), &never["id"]));
    let body = is_json(&stage.get(&list("1")).await, 200);
    assert_eq!(body["total"], 3);
    for bad in ["0", "x", "-1", "36501"] {
        let text = in_oauth2(&stage.get(&list(bad)).await, 400, "invalid_request");
        assert!(text.starts_with("unused_for_days: "), "{text}");
    }
}

/// `oauth2` `GET /api/v1/oauth/clients`: 400 cursor, 401, 403
#[tokio::test]
async fn the_list_refuses() {
    let stage = Stage::new().await;
    in_oauth2(&stage.get(&format!("{OAUTH2}?cursor=x")).await, 400, "invalid_request");
    in_oauth2(&stage.get(&format!("{OAUTH2}?limit=1&limit=2")).await, 400, "invalid_request");
    stage.refuses(stage.call("GET", OAUTH2, None), "oauth:read", in_oauth2).await;
}

/// `oauth2` `GET /api/v1/oauth/clients/{client_id}`: 200 by `client_id` and by row id, 403, 404
#[tokio::test]
async fn one_client() {
    let stage = Stage::new().await;
    let created = made(&stage, &application()).await;
    for name in ["client_id", "id"] {
        let body = is_json(&stage.get(&format!("{OAUTH2}/{}", text(&created[name]))).await, 200);
        like(&body, &sample(), VOLATILE);
        assert_eq!(body["id"], created["id"]);
    }
    in_oauth2(&stage.get(&format!("{OAUTH2}/nobody")).await, 404, "not_found");
    let reader = stage.server.client("reader").of(&stage.tenant).scope("oauth:read").create().await;
    let token =
        stage.server.token(&reader, &[("scope", "oauth:read")]).await.expect(200).member("access_token");
    let call =
        |path: &str| stage.call("GET", path, None).by(Credential::bearer(&token)).without("x-tenant-id");
    is_json(&stage.send(call(&at(&created))).await, 200);
    in_oauth2(&stage.send(call(&format!("{OAUTH2}/nobody"))).await, 404, "not_found");
}

/// `oauth2` `PUT /api/v1/oauth/clients/{client_id}`: 200
#[tokio::test]
async fn an_update_changes_only_what_is_sent() {
    let stage = Stage::new().await;
    let created = made(&stage, &application()).await;
    stage.server.clock.advance(Seconds(1));
    let body = is_json(&stage.put(&at(&created), &json!({ "name": "Other", "colour": 1 })).await, 200);
    let mut expected = sample();
    expected["name"] = json!("Other");
    like(&body, &expected, VOLATILE);
    assert_ne!(body["updated_at"], created["updated_at"]);
    let sent = json!({
        "redirect_uris": ["https://b.example/cb"], "grant_types": ["authorization_code", "client_credentials"],
        "scope": "write", "confidential": true,
    });
    let body = is_json(&stage.put(&at(&created), &sent).await, 200);
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&body[name], value, "{name}");
    }
}

/// `oauth2` `PUT /api/v1/oauth/clients/{client_id}`: 400 every violation at once, 401, 403, 404, 413, 415
#[tokio::test]
async fn an_update_refuses() {
    let stage = Stage::new().await;
    let created = made(&stage, &application()).await;
    let sent = json!({ "name": 1, "confidential": false, "redirect_uris": [], "scope": ["read"] });
    let message = in_oauth2(&stage.put(&at(&created), &sent).await, 400, "invalid_request");
    for field in ["name", "confidential", "redirect_uris", "scope"] {
        assert!(message.contains(&format!("{field}: ")), "{field}: {message}");
    }
    let call = |path: &str| stage.call("PUT", path, Some(&json!({ "name": "New" })));
    stage.refuses(call(&at(&created)), "oauth:write", in_oauth2).await;
    stage.refuses_bodies(call(&at(&created)), in_oauth2).await;
    in_oauth2(&stage.send(call(&format!("{OAUTH2}/nobody"))).await, 404, "not_found");
}

/// `oauth2` `DELETE /api/v1/oauth/clients/{client_id}`: 204, 401, 403, 404
#[tokio::test]
async fn a_deletion() {
    let stage = Stage::new().await;
    let created = made(&stage, &application()).await;
    stage.refuses(stage.call("DELETE", &at(&created), None), "oauth:write", in_oauth2).await;
    assert!(stage.delete(&at(&created)).await.expect(204).body.is_empty());
    in_oauth2(&stage.delete(&at(&created)).await, 404, "not_found");
}

/// `oauth2` `POST /api/v1/oauth/clients/{client_id}/rotate-secret`: 200, 400, 401, 403, 404
#[tokio::test]
async fn a_rotation() {
    let stage = Stage::new().await;
    let created = made(&stage, &job("Job")).await;
    let path = format!("{}/rotate-secret", at(&created));
    let body = is_json(&stage.act(&path).await, 200);
    like(&body, &json!({ "client_id": "", "client_secret": "", "rotated_at": "" }), EVERYTHING);
    let by = |secret: &Value| Credential::basic(&text(&created["client_id"]), &text(secret));
    let _ = stage.server.token(by(&created["client_secret"]), &[]).await.refused(401, "invalid_client");
    let _ = stage.server.token(by(&body["client_secret"]), &[]).await.expect(200);
    stage.refuses(stage.call("POST", &path, None), "oauth:write", in_oauth2).await;
    in_oauth2(&stage.act(&format!("{OAUTH2}/nobody/rotate-secret")).await, 404, "not_found");
    let public = json!({ "name": "Spa", "redirect_uris": ["https://a.example/"], "confidential": false });
    let public = made(&stage, &public).await;
    in_oauth2(&stage.act(&format!("{}/rotate-secret", at(&public))).await, 400, "invalid_request");
}

/// `oauth2` `GET /api/v1/oauth/clients/{client_id}/secrets`: 200 masked, with their last use; 401, 403, 404
#[tokio::test]
async fn the_secrets_of_a_client() {
    let stage = Stage::new().await;
    let created = made(&stage, &job("Job")).await;
    stage.server.clock.advance(Seconds(1));
    let rotated = is_json(&stage.act(&format!("{}/rotate-secret?overlap=60", at(&created))).await, 200);
    let by = |secret: &Value| Credential::basic(&text(&created["client_id"]), &text(secret));
    stage.server.access_token(by(&rotated["client_secret"])).await;
    stage.server.app.store.flush_notes(stage.tenant.id).await.unwrap();
    let path = format!("{}/secrets", at(&created));
    let body = is_json(&stage.get(&path).await, 200);
    let row = |expires: Value, used: Value| json!({ "id": "", "masked": "", "created_at": "", "expires_at": expires, "last_used_at": used });
    let volatile = ["id", "masked", "created_at", "expires_at", "last_used_at"];
    let rows = json!([row(json!(""), Value::Null), row(Value::Null, json!(""))]);
    like(&body, &json!({ "secrets": rows, "total": 2 }), &volatile);
    super::is_mask_of(&body["secrets"][1]["masked"], &rotated["client_secret"], "csec_");
    stage.refuses(stage.call("GET", &path, None), "oauth:read", in_oauth2).await;
    in_oauth2(&stage.get(&format!("{OAUTH2}/nobody/secrets")).await, 404, "not_found");
}

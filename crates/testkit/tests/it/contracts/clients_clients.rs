//! **clients**: `/v1/clients`.

use serde_json::{Value, json};
use writ_core::ids::{ClientId, TenantId};
use writ_core::time::Seconds;

use super::{CLIENTS, EVERYTHING, Stage, in_oauth2, is_json, is_secret, is_time, like, text};

/// The document's own request.
fn react_app() -> Value {
    json!({
        "name": "My React App",
        "type": "spa",
        "redirect_uris": ["https://app.example.com/auth/callback", "http://localhost:3000/auth/callback"],
        "allowed_origins": ["https://app.example.com", "http://localhost:3000"]
    })
}

/// The document's own client.
fn web_app() -> Value {
    json!({
        "id": "cli_01HABCDEF111222",
        "tenant_id": "tnt_01HABCDEF654321",
        "name": "My Web App",
        "type": "web",
        "client_id": "cli_01HABCDEF111222",
        "redirect_uris": ["https://app.example.com/auth/callback"],
        "allowed_origins": ["https://app.example.com"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scopes": ["openid", "email", "profile"],
        "post_logout_redirect_uris": ["https://app.example.com/logout"],
        "created_at": "2024-01-10T09:00:00Z"
    })
}

const VOLATILE: &[&str] = &["id", "tenant_id", "client_id", "client_secret", "created_at", "next_cursor"];

fn web_app_body() -> Value {
    let mut body = web_app();
    body.as_object_mut().unwrap().retain(|name, _| !VOLATILE.contains(&name.as_str()));
    body
}

fn machine() -> Value {
    json!({ "name": "Backend Service", "type": "machine" })
}

async fn made(stage: &Stage, body: &Value) -> Value {
    is_json(&stage.post(CLIENTS, body).await, 201)
}

fn at(client: &Value) -> String {
    format!("{CLIENTS}/{}", text(&client["id"]))
}

/// `clients` `POST /v1/clients`: 201 a public client
#[tokio::test]
async fn the_published_public_client() {
    let stage = Stage::new().await;
    let body = made(&stage, &react_app()).await;
    let sample = json!({
        "id": "cli_01HABCDEF111223",
        "client_id": "cli_01HABCDEF111223",
        "name": "My React App",
        "type": "spa",
        "redirect_uris": ["https://app.example.com/auth/callback", "http://localhost:3000/auth/callback"]
    });
    like(&body, &sample, VOLATILE);
    assert_eq!(body["id"], body["client_id"]);
    assert!(ClientId::parse_prefixed(body["id"].as_str().unwrap()).is_some());
}

/// `clients` `POST /v1/clients`: 201 a machine, with its secret
#[tokio::test]
async fn the_published_machine() {
    let stage = Stage::new().await;
    let body = made(&stage, &machine()).await;
    let sample = json!({
        "id": "cli_01HABCDEF111224",
        "client_id": "cli_01HABCDEF111224",
        "client_secret": "csec_abc123...",
        "name": "Backend Service",
        "type": "machine"
    });
    like(&body, &sample, VOLATILE);
    is_secret(&body["client_secret"], "csec_");
    let shown = is_json(&stage.get(&at(&body)).await, 200);
    assert_eq!(shown["scopes"], json!(["openid", "email", "profile"]));
    assert_eq!(
        (&shown["grant_types"], &shown["redirect_uris"]),
        (&json!(["client_credentials"]), &json!([]))
    );
}

/// `clients` `POST /v1/clients`: 400 every violation at once; what is unknown is ignored
#[tokio::test]
async fn a_creation_says_all_that_is_wrong() {
    let stage = Stage::new().await;
    let body = json!({
        "name": " ", "type": "robot", "redirect_uris": ["//a.example"], "allowed_origins": ["null"],
        "grant_types": "all", "post_logout_redirect_uris": ["data:,x"], "scopes": [1], "colour": "blue",
    });
    let message = in_oauth2(&stage.post(CLIENTS, &body).await, 400, "invalid_request");
    for field in [
        "name",
        "type",
        "redirect_uris",
        "allowed_origins",
        "grant_types",
        "post_logout_redirect_uris",
        "scopes",
    ] {
        assert!(message.contains(&format!("{field}: ")), "{field}: {message}");
    }
    assert!(!message.contains("colour"), "{message}");
    let message = in_oauth2(&stage.post(CLIENTS, &json!({})).await, 400, "invalid_request");
    assert_eq!(message, "name: missing; type: missing");
    for kind in ["web", "spa", "native"] {
        let body = json!({ "name": "x", "type": kind });
        let message = in_oauth2(&stage.post(CLIENTS, &body).await, 400, "invalid_request");
        assert!(message.starts_with("redirect_uris: "), "{message}");
    }
    let body = json!({ "name": "x", "type": "machine", "colour": "blue" });
    made(&stage, &body).await;
}

/// `clients` `POST /v1/clients`: 400 malformed body or missing X-Tenant-ID, 413, 415; 401, 403, 405
#[tokio::test]
async fn a_creation_refuses() {
    let stage = Stage::new().await;
    let call = || stage.call("POST", CLIENTS, Some(&machine()));
    stage.refuses(call(), "oauth:write", in_oauth2).await;
    stage.refuses_bodies(call(), in_oauth2).await;
    let text = in_oauth2(&stage.send(call().without("x-tenant-id")).await, 400, "invalid_request");
    assert!(text.starts_with("X-Tenant-ID: missing"), "{text}");
    in_oauth2(&stage.put(CLIENTS, &machine()).await, 405, "method_not_allowed");
}

/// `clients` `GET /v1/clients`: 200
#[tokio::test]
async fn the_published_list() {
    let stage = Stage::new().await;
    made(&stage, &web_app_body()).await;
    let body = is_json(&stage.get(CLIENTS).await, 200);
    let row = json!({
        "id": "cli_01HABCDEF111222",
        "name": "My Web App",
        "type": "web",
        "redirect_uris": ["https://app.example.com/auth/callback"],
        "created_at": "2024-01-10T09:00:00Z"
    });
    like(&body, &json!({ "data": [row] }), VOLATILE);
    is_time(&body["data"][0]["created_at"]);
    stage.server.clock.advance(Seconds(1));
    made(&stage, &machine()).await;
    let first = is_json(&stage.get(&format!("{CLIENTS}?limit=1")).await, 200);
    assert_eq!(first["data"][0]["redirect_uris"], json!([]));
    let rest = format!("{CLIENTS}?limit=1&cursor={}", text(&first["next_cursor"]));
    like(&is_json(&stage.get(&rest).await, 200), &json!({ "data": [row] }), VOLATILE);
}

/// `clients` `GET /v1/clients`: 400 limit, 401, 403
#[tokio::test]
async fn the_list_refuses() {
    let stage = Stage::new().await;
    in_oauth2(&stage.get(&format!("{CLIENTS}?limit=1000")).await, 400, "invalid_request");
    stage.refuses(stage.call("GET", CLIENTS, None), "oauth:read", in_oauth2).await;
}

/// `clients` `GET /v1/clients/:id`: 200
#[tokio::test]
async fn the_published_client() {
    let stage = Stage::new().await;
    let created = made(&stage, &web_app_body()).await;
    let body = is_json(&stage.get(&at(&created)).await, 200);
    like(&body, &web_app(), VOLATILE);
    assert_eq!(body["tenant_id"], stage.tenant.id.prefixed());
    assert!(TenantId::parse_prefixed(body["tenant_id"].as_str().unwrap()).is_some());
    // A client that bears a name of its own has both.
    let own = stage.server.client("my-own-name").of(&stage.tenant).create().await;
    for name in [own.id.prefixed(), "my-own-name".to_owned()] {
        let body = is_json(&stage.get(&format!("{CLIENTS}/{name}")).await, 200);
        assert_eq!((&body["id"], &body["client_id"]), (&json!(own.id.prefixed()), &json!("my-own-name")));
    }
}

/// `clients` `GET /v1/clients/:id`: 401, 403, 404
#[tokio::test]
async fn a_client_refuses() {
    let stage = Stage::new().await;
    let created = made(&stage, &machine()).await;
    stage.refuses(stage.call("GET", &at(&created), None), "oauth:read", in_oauth2).await;
    for unknown in ["nobody", "cli_01HABCDEF111222", "018bcfe5-6800-7abc-8def-0123456789ab"] {
        in_oauth2(&stage.get(&format!("{CLIENTS}/{unknown}")).await, 404, "not_found");
    }
}

/// `clients` `PATCH /v1/clients/:id`: 200
#[tokio::test]
async fn a_change_replaces_whole_lists() {
    let stage = Stage::new().await;
    let created = made(&stage, &web_app_body()).await;
    let sent = json!({
        "name": "Other", "redirect_uris": ["https://b.example/cb"], "allowed_origins": [],
        "post_logout_redirect_uris": ["https://b.example/bye"], "scopes": ["openid"], "colour": "blue",
    });
    let body = is_json(&stage.patch(&at(&created), &sent).await, 200);
    let mut expected = web_app();
    for (name, value) in sent.as_object().unwrap().iter().filter(|(name, _)| *name != "colour") {
        expected[name] = value.clone();
    }
    like(&body, &expected, VOLATILE);
    assert_eq!(is_json(&stage.get(&at(&created)).await, 200), body);
    assert_eq!(is_json(&stage.patch(&at(&created), &json!({})).await, 200), body);
}

/// `clients` `PATCH /v1/clients/:id`: 400 type, `grant_types` and every violation at once; 401, 403, 404, 413, 415
#[tokio::test]
async fn a_change_refuses() {
    let stage = Stage::new().await;
    let created = made(&stage, &web_app_body()).await;
    let sent = json!({
        "type": "web", "grant_types": ["authorization_code"], "name": null, "redirect_uris": [], "scopes": "x",
    });
    let message = in_oauth2(&stage.patch(&at(&created), &sent).await, 400, "invalid_request");
    for field in ["type", "grant_types", "name", "redirect_uris", "scopes"] {
        assert!(message.contains(&format!("{field}: ")), "{field}: {message}");
    }
    let call = |path: &str| stage.call("PATCH", path, Some(&json!({ "name": "New" })));
    stage.refuses(call(&at(&created)), "oauth:write", in_oauth2).await;
    stage.refuses_bodies(call(&at(&created)), in_oauth2).await;
    in_oauth2(&stage.send(call(&format!("{CLIENTS}/nobody"))).await, 404, "not_found");
}

/// `clients` `DELETE /v1/clients/:id`: 204, 401, 403, 404
#[tokio::test]
async fn a_deletion() {
    let stage = Stage::new().await;
    let created = made(&stage, &machine()).await;
    stage.refuses(stage.call("DELETE", &at(&created), None), "oauth:write", in_oauth2).await;
    assert!(stage.delete(&at(&created)).await.expect(204).body.is_empty());
    in_oauth2(&stage.delete(&at(&created)).await, 404, "not_found");
}

/// `clients` `POST /v1/clients/:id/rotate-secret`: 200, 400 public client, 401, 403, 404
#[tokio::test]
async fn the_published_rotation() {
    let stage = Stage::new().await;
    let created = made(&stage, &machine()).await;
    let path = format!("{}/rotate-secret", at(&created));
    let body = is_json(&stage.act(&path).await, 200);
    let sample = json!({
        "client_id": "cli_01HABCDEF111224",
        "client_secret": "csec_newvalue...",
        "rotated_at": "2024-01-15T10:00:00Z"
    });
    like(&body, &sample, EVERYTHING);
    assert_eq!(body["client_id"], created["client_id"]);
    is_secret(&body["client_secret"], "csec_");
    is_time(&body["rotated_at"]);
    stage.refuses(stage.call("POST", &path, None), "oauth:write", in_oauth2).await;
    in_oauth2(&stage.act(&format!("{CLIENTS}/nobody/rotate-secret")).await, 404, "not_found");
    let public = made(&stage, &react_app()).await;
    in_oauth2(&stage.act(&format!("{}/rotate-secret", at(&public))).await, 400, "invalid_request");
}

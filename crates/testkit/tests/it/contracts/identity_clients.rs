//! **identity**: `/v1/admin/oauth-clients`.

use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::ids::UserId;
use writ_core::time::Seconds;
use writ_testkit::{Credential, Planted};

use super::{EVERYTHING, IDENTITY, OAUTH2, Stage, in_identity, is_json, is_secret, is_time, like, text};

/// A body with every member of the published schema.
fn whole() -> Value {
    json!({
        "client_name": "Loop",
        "client_type": "confidential",
        "redirect_uris": ["https://app.example.com/cb", "https://app.example.com/cb2"],
        "allowed_scopes": ["openid", "health:read"],
        "allowed_origins": ["https://app.example.com"],
        "client_uri": "https://app.example.com",
        "logo_uri": "https://app.example.com/logo.png"
    })
}

/// The published schema of the answer, as an answer that fits it.
fn sample() -> Value {
    json!({
        "id": "", "client_id": "", "client_name": "Loop", "client_uri": "https://app.example.com",
        "logo_uri": "https://app.example.com/logo.png", "client_type": "confidential",
        "redirect_uris": ["https://app.example.com/cb", "https://app.example.com/cb2"],
        "allowed_scopes": ["openid", "health:read"], "allowed_origins": ["https://app.example.com"],
        "owner_id": null, "brand_id": "", "is_first_party": false, "enabled": true,
        "created_at": "", "updated_at": ""
    })
}

const VOLATILE: &[&str] = &["id", "client_id", "client_secret", "brand_id", "created_at", "updated_at"];

async fn made(stage: &Stage) -> Value {
    is_json(&stage.post(IDENTITY, &whole()).await, 201)
}

fn at(created: &Value) -> String {
    format!("{IDENTITY}/{}", text(&created["client"]["id"]))
}

/// `identity` `POST /v1/admin/oauth-clients`: 201
#[tokio::test]
async fn the_published_creation() {
    let stage = Stage::new().await;
    let body = made(&stage).await;
    like(&body, &json!({ "client": sample(), "client_secret": "" }), VOLATILE);
    is_secret(&body["client_secret"], "csec_");
    assert_eq!(body["client"]["brand_id"], stage.tenant.id.to_string());
    is_time(&body["client"]["created_at"]);
}

/// `identity` `POST /v1/admin/oauth-clients`: 201 null for what is unset, and for the secret of a public client
#[tokio::test]
async fn a_public_client_has_no_secret() {
    let stage = Stage::new().await;
    let body = json!({
        "client_name": "Spa", "client_type": "public", "redirect_uris": ["https://a.example/cb"],
        "allowed_scopes": ["openid"],
    });
    let made = is_json(&stage.post(IDENTITY, &body).await, 201);
    assert_eq!(made["client_secret"], Value::Null);
    let client = &made["client"];
    assert_eq!((&client["client_uri"], &client["logo_uri"]), (&Value::Null, &Value::Null));
    assert_eq!((&client["client_type"], &client["allowed_origins"]), (&json!("public"), &json!([])));
    assert_eq!(client["owner_id"], Value::Null);
}

/// `identity` `POST /v1/admin/oauth-clients`: 201 the owner is the person who made it
#[tokio::test]
async fn a_person_owns_what_they_make() {
    let stage = Stage::new().await;
    let (user, _): (UserId, _) = stage.person("openid").await;
    stage.server.sql("UPDATE users SET roles = 'admin' WHERE id = ?1", [user.to_bytes()]);
    let app = stage.server.client("console").of(&stage.tenant).create().await;
    let audience = [&*stage.tenant.issuer];
    let planted = Planted { user: Some(user), scope: "oauth:write", audience: &audience };
    let token = stage.server.plant(&app, planted).await;
    let call = stage.call("POST", IDENTITY, Some(&whole())).by(Credential::bearer(&token));
    let made = is_json(&stage.send(call.without("x-tenant-id")).await, 201);
    assert_eq!(made["client"]["owner_id"], user.to_string());
}

/// `identity` `POST /v1/admin/oauth-clients`: 400 every violation at once, unknown fields too
#[tokio::test]
async fn a_creation_says_all_that_is_wrong() {
    let stage = Stage::new().await;
    let body = json!({
        "client_name": "x".repeat(256),
        "client_type": "secret",
        "redirect_uris": ["javascript:alert(1)"],
        "allowed_scopes": [],
        "allowed_origins": ["https://a.example/path", "*"],
        "client_uri": "ftp://a.example",
        "logo_uri": 5,
        "is_first_party": true,
        "colour": "blue",
    });
    let message = in_identity(&stage.post(IDENTITY, &body).await, 400, "invalid_request");
    for field in [
        "client_name",
        "client_type",
        "redirect_uris",
        "allowed_scopes",
        "allowed_origins",
        "client_uri",
        "logo_uri",
        "is_first_party",
        "colour",
    ] {
        assert!(message.contains(&format!("{field}: ")), "{field}: {message}");
    }
    let message = in_identity(&stage.post(IDENTITY, &json!({})).await, 400, "invalid_request");
    assert_eq!(
        message,
        "client_name: missing; redirect_uris: at least one redirect URI is needed for authorization_code; \
         allowed_scopes: missing"
    );
}

/// `identity` `POST /v1/admin/oauth-clients`: 400 malformed body, 413, 415; 401, 403, 405
#[tokio::test]
async fn a_creation_refuses() {
    let stage = Stage::new().await;
    let call = || stage.call("POST", IDENTITY, Some(&whole()));
    stage.refuses(call(), "oauth:write", in_identity).await;
    stage.refuses_bodies(call(), in_identity).await;
    in_identity(&stage.put(IDENTITY, &whole()).await, 405, "method_not_allowed");
    in_identity(&stage.get("/v1/admin/unknown").await, 404, "not_found");
    let mut wide = whole();
    wide["allowed_scopes"] = json!(["audit:read"]);
    in_identity(&stage.post(IDENTITY, &wide).await, 403, "access_denied");
}

/// `identity` `GET /v1/admin/oauth-clients`: 200
#[tokio::test]
async fn the_list_is_in_the_same_style() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        stage.server.clock.advance(Seconds(1));
        made(&stage).await;
    }
    let first = is_json(&stage.get(&format!("{IDENTITY}?limit=2")).await, 200);
    like(
        &first,
        &json!({ "clients": [sample(), sample()], "total": 3, "next_cursor": "" }),
        &["id", "client_id", "brand_id", "created_at", "updated_at", "next_cursor"],
    );
    let rest = format!("{IDENTITY}?limit=2&cursor={}", text(&first["next_cursor"]));
    let rest = is_json(&stage.get(&rest).await, 200);
    like(&rest, &json!({ "clients": [sample()], "total": 3 }), VOLATILE);
}

/// `identity` `GET /v1/admin/oauth-clients`: 400 limit, 401, 403
#[tokio::test]
async fn the_list_refuses() {
    let stage = Stage::new().await;
    in_identity(&stage.get(&format!("{IDENTITY}?limit=x")).await, 400, "invalid_request");
    stage.refuses(stage.call("GET", IDENTITY, None), "oauth:read", in_identity).await;
}

/// `identity` `GET /v1/admin/oauth-clients/{id}`: 200, 401, 403, 404
#[tokio::test]
async fn one_client() {
    let stage = Stage::new().await;
    let created = made(&stage).await;
    let body = is_json(&stage.get(&at(&created)).await, 200);
    assert_eq!(body, json!({ "client": created["client"] }));
    stage.refuses(stage.call("GET", &at(&created), None), "oauth:read", in_identity).await;
    in_identity(&stage.get(&format!("{IDENTITY}/nobody")).await, 404, "not_found");
}

/// `identity` `PATCH /v1/admin/oauth-clients/{id}`: 200
#[tokio::test]
async fn every_writable_field_can_be_changed() {
    let stage = Stage::new().await;
    let created = made(&stage).await;
    let sent = json!({
        "client_name": "Other", "client_type": "confidential", "redirect_uris": ["https://b.example/cb"],
        "allowed_scopes": ["email"], "allowed_origins": [], "client_uri": null, "logo_uri": null,
        "is_first_party": true, "enabled": false,
    });
    let body = is_json(&stage.patch(&at(&created), &sent).await, 200);
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&body["client"][name], value, "{name}");
    }
    assert_eq!(is_json(&stage.get(&at(&created)).await, 200), body);
    let body = is_json(&stage.patch(&at(&created), &json!({ "enabled": true })).await, 200);
    assert_eq!((&body["client"]["enabled"], &body["client"]["is_first_party"]), (&json!(true), &json!(true)));
}

/// `identity` `PATCH /v1/admin/oauth-clients/{id}`: 400 every violation at once, 401, 403, 404, 413, 415
#[tokio::test]
async fn a_change_refuses() {
    let stage = Stage::new().await;
    let created = made(&stage).await;
    let sent = json!({
        "client_type": "public", "redirect_uris": [], "allowed_scopes": null, "enabled": null, "owner_id": "x",
    });
    let message = in_identity(&stage.patch(&at(&created), &sent).await, 400, "invalid_request");
    for field in ["client_type", "redirect_uris", "allowed_scopes", "enabled", "owner_id"] {
        assert!(message.contains(&format!("{field}: ")), "{field}: {message}");
    }
    let call = |path: &str| stage.call("PATCH", path, Some(&json!({ "enabled": true })));
    stage.refuses(call(&at(&created)), "oauth:write", in_identity).await;
    stage.refuses_bodies(call(&at(&created)), in_identity).await;
    in_identity(&stage.send(call(&format!("{IDENTITY}/nobody"))).await, 404, "not_found");
}

/// `identity` `DELETE /v1/admin/oauth-clients/{id}`: 204, 401, 403, 404
#[tokio::test]
async fn a_deletion() {
    let stage = Stage::new().await;
    let created = made(&stage).await;
    stage.refuses(stage.call("DELETE", &at(&created), None), "oauth:write", in_identity).await;
    let answer = stage.delete(&at(&created)).await.expect(204);
    assert!(answer.body.is_empty());
    in_identity(&stage.delete(&at(&created)).await, 404, "not_found");
}

/// `identity` `POST /v1/admin/oauth-clients/{id}/rotate-secret`: 200, 400 public client or overlap, 401, 403, 404
#[tokio::test]
async fn a_rotation() {
    let stage = Stage::new().await;
    let created = made(&stage).await;
    let path = format!("{}/rotate-secret", at(&created));
    let body = is_json(&stage.act(&path).await, 200);
    like(&body, &json!({ "client_id": "", "client_secret": "", "rotated_at": "" }), EVERYTHING);
    is_secret(&body["client_secret"], "csec_");
    is_time(&body["rotated_at"]);
    let overlap = stage.act(&format!("{path}?overlap=no")).await;
    assert!(in_identity(&overlap, 400, "invalid_request").starts_with("overlap: "));
    stage.refuses(stage.call("POST", &path, None), "oauth:write", in_identity).await;
    in_identity(&stage.act(&format!("{IDENTITY}/nobody/rotate-secret")).await, 404, "not_found");
    let public = json!({ "name": "Spa", "redirect_uris": ["https://a.example/cb"], "confidential": false });
    let public = is_json(&stage.post(OAUTH2, &public).await, 201);
    let path = format!("{IDENTITY}/{}/rotate-secret", text(&public["id"]));
    in_identity(&stage.act(&path).await, 400, "invalid_request");
}

/// `identity` `PATCH /v1/admin/oauth-clients/{id}`: 403 authority wider than the caller's
#[tokio::test]
async fn nobody_edits_a_client_that_may_do_more() {
    let stage = Stage::new().await;
    let wide = stage.server.client("wide").of(&stage.tenant).scope("users:write").create().await;
    let path = format!("{IDENTITY}/{}", wide.id);
    in_identity(&stage.patch(&path, &json!({ "client_name": "x" })).await, 403, "access_denied");
    in_identity(&stage.delete(&path).await, 403, "access_denied");
    in_identity(&stage.act(&format!("{path}/rotate-secret")).await, 403, "access_denied");
    let may = [Permission::OauthWrite, Permission::UsersWrite];
    let key = stage.server.api_key(&stage.tenant, &may, None).await;
    let call = stage.call("DELETE", &path, None).by(Credential::bearer(&key));
    let _ = stage.send(call).await.expect(204);
}

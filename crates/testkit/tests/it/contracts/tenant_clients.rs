//! **tenant**: `/api/v1/oauth/admin/clients`.

use serde_json::{Value, json};
use writ_core::ids::{ClientId, TenantId};
use writ_core::time::Seconds;
use writ_testkit::Credential;

use super::{OAUTH2, Stage, TENANT, in_tenant, is_json, is_mask_of, is_secret, is_time, like, text};

const VOLATILE: &[&str] = &["id", "tenantId", "clientId", "clientSecret", "createdAt", "updatedAt"];

/// The document's own client, as its list shows it.
fn mobile_app() -> Value {
    json!({
        "id": "d4e5f6a7-b8c9-0123-defa-123456789012",
        "tenantId": "3e7a9f12-4b2c-4d8e-a1f0-9c2b3d4e5f6a",
        "clientId": "ithbat_client_9f3a2b1c",
        "clientSecret": "sk_live_••••••••••••••••••••••••3d7f",
        "name": "Mobile App",
        "description": "iOS and Android customer-facing application",
        "grantTypes": ["authorization_code", "refresh_token"],
        "redirectURIs": ["https://app.example.com/callback", "com.example.app://callback"],
        "scopes": ["openid", "profile", "email"],
        "accessTokenTTL": 3600,
        "refreshTokenTTL": 2_592_000,
        "enabled": true,
        "createdAt": "2026-01-20T09:00:00Z",
        "updatedAt": "2026-02-14T15:30:00Z"
    })
}

/// What makes it.
fn mobile_app_body() -> Value {
    let mut body = mobile_app();
    let members = body.as_object_mut().unwrap();
    members.retain(|name, _| !VOLATILE.contains(&name.as_str()));
    body
}

/// The document's own request.
fn dashboard() -> Value {
    json!({
        "name": "Internal Dashboard",
        "description": "Internal analytics dashboard using client credentials",
        "grantTypes": ["client_credentials"],
        "scopes": ["analytics:read", "report:read"],
        "accessTokenTTL": 1800
    })
}

/// The document's own answer to it.
fn dashboard_answer() -> Value {
    json!({ "success": true, "data": { "client": {
        "id": "e5f6a7b8-c9d0-1234-efab-234567890123",
        "tenantId": "3e7a9f12-4b2c-4d8e-a1f0-9c2b3d4e5f6a",
        "clientId": "ithbat_client_7c4e1a9d",
        "clientSecret": "sk_live_nR8tKpLmQv2wXzYj0sBuCdEfGhIo4aP6",
        "name": "Internal Dashboard",
        "description": "Internal analytics dashboard using client credentials",
        "grantTypes": ["client_credentials"],
        "redirectURIs": [],
        "scopes": ["analytics:read", "report:read"],
        "accessTokenTTL": 1800,
        "refreshTokenTTL": 2_592_000,
        "enabled": true,
        "createdAt": "2026-03-19T12:00:00Z",
        "updatedAt": "2026-03-19T12:00:00Z"
    } } })
}

async fn made(stage: &Stage, body: &Value) -> Value {
    is_json(&stage.post(TENANT, body).await, 201)["data"]["client"].clone()
}

fn at(client: &Value) -> String {
    format!("{TENANT}/{}", text(&client["id"]))
}

/// What is wrong with each field.
fn fields(body: &Value) -> Vec<(String, String)> {
    let list = body["error"]["fields"].as_array().unwrap();
    list.iter().map(|one| (text(&one["field"]), text(&one["message"]))).collect()
}

/// `tenant` `GET /api/v1/oauth/admin/clients`: 200
#[tokio::test]
async fn the_published_list() {
    let stage = Stage::new().await;
    let secret = made(&stage, &mobile_app_body()).await["clientSecret"].clone();
    let body = is_json(&stage.get(TENANT).await, 200);
    like(&body, &json!({ "success": true, "data": { "clients": [mobile_app()], "total": 1 } }), VOLATILE);
    let client = &body["data"]["clients"][0];
    is_mask_of(&client["clientSecret"], &secret, "sk_live_");
    assert!(ClientId::parse_uuid(client["id"].as_str().unwrap()).is_some());
    assert_eq!(client["tenantId"], stage.tenant.id.to_string());
    is_time(&client["createdAt"]);
}

/// `tenant` `GET /api/v1/oauth/admin/clients`: 200 pages, newest first
#[tokio::test]
async fn the_list_is_paged() {
    let stage = Stage::new().await;
    for n in 0..5 {
        stage.server.clock.advance(Seconds(1));
        let mut body = dashboard();
        body["name"] = json!(format!("Client {n}"));
        made(&stage, &body).await;
    }
    let (mut names, mut path) = (Vec::new(), format!("{TENANT}?limit=2"));
    loop {
        let data = is_json(&stage.get(&path).await, 200)["data"].clone();
        assert_eq!(data["total"], 5);
        names.extend(data["clients"].as_array().unwrap().iter().map(|client| text(&client["name"])));
        let Some(cursor) = data.get("nextCursor").and_then(Value::as_str) else { break };
        path = format!("{TENANT}?limit=2&cursor={cursor}");
    }
    assert_eq!(names, [4, 3, 2, 1, 0].map(|n| format!("Client {n}")));
}

/// `tenant` `GET /api/v1/oauth/admin/clients`: 400 limit, cursor, missing X-Tenant-ID; 401, 403, 405
#[tokio::test]
async fn the_list_refuses() {
    let stage = Stage::new().await;
    for (query, field) in [("limit=0", "limit"), ("limit=201", "limit"), ("cursor=x", "cursor")] {
        let answer = stage.get(&format!("{TENANT}?{query}")).await;
        in_tenant(&answer, 400, "invalid_request");
        assert_eq!(fields(&answer.json())[0].0, field);
    }
    let unnamed = stage.call("GET", TENANT, None).without("x-tenant-id");
    let text = in_tenant(&stage.send(unnamed).await, 400, "invalid_request");
    assert!(text.starts_with("X-Tenant-ID: missing"), "{text}");
    stage.refuses(stage.call("GET", TENANT, None), "oauth:read", in_tenant).await;
    let answer = stage.send(stage.call("PATCH", TENANT, None)).await;
    in_tenant(&answer, 405, "method_not_allowed");
    assert!(answer.header("allow").contains("POST"), "{}", answer.header("allow"));
    in_tenant(&stage.get("/api/v1/oauth/admin/unknown").await, 404, "not_found");
}

/// `tenant` `GET /api/v1/oauth/admin/clients/{id}`: 200
#[tokio::test]
async fn the_published_client() {
    let stage = Stage::new().await;
    let created = made(&stage, &mobile_app_body()).await;
    let body = is_json(&stage.get(&at(&created)).await, 200);
    like(&body, &json!({ "success": true, "data": { "client": mobile_app() } }), VOLATILE);
    is_mask_of(&body["data"]["client"]["clientSecret"], &created["clientSecret"], "sk_live_");
    // The id in its other form is no id of this contract, and neither is the client_id.
    for other in ["clientId", "name"] {
        in_tenant(
            &stage.get(&format!("{TENANT}/{}", text(&created[other]).replace(' ', "-"))).await,
            404,
            "not_found",
        );
    }
}

/// `tenant` `GET /api/v1/oauth/admin/clients/{id}`: 200 null where nothing is
#[tokio::test]
async fn what_is_unset_is_null() {
    let stage = Stage::new().await;
    let body = json!({ "name": "Bare", "grantTypes": ["client_credentials"] });
    let client = made(&stage, &body).await;
    assert_eq!(client["description"], Value::Null);
    assert_eq!((&client["scopes"], &client["redirectURIs"]), (&json!(["openid"]), &json!([])));
    let public = json!({ "name": "Spa", "redirect_uris": ["https://a.example/cb"], "confidential": false });
    let public = is_json(&stage.post(OAUTH2, &public).await, 201);
    let shown = is_json(&stage.get(&at(&public)).await, 200);
    assert_eq!(shown["data"]["client"]["clientSecret"], Value::Null);
}

/// `tenant` `GET /api/v1/oauth/admin/clients/{id}`: 401, 403, 404
#[tokio::test]
async fn a_client_refuses() {
    let stage = Stage::new().await;
    let created = made(&stage, &dashboard()).await;
    stage.refuses(stage.call("GET", &at(&created), None), "oauth:read", in_tenant).await;
    in_tenant(&stage.get(&format!("{TENANT}/018bcfe5-6800-7abc-8def-0123456789ab")).await, 404, "not_found");
}

/// `tenant` `POST /api/v1/oauth/admin/clients`: 201
#[tokio::test]
async fn the_published_creation() {
    let stage = Stage::new().await;
    let body = is_json(&stage.post(TENANT, &dashboard()).await, 201);
    like(&body, &dashboard_answer(), VOLATILE);
    let client = &body["data"]["client"];
    is_secret(&client["clientSecret"], "sk_live_");
    let id = ClientId::parse_uuid(client["id"].as_str().unwrap()).unwrap();
    assert_eq!(client["clientId"], id.prefixed());
    assert_eq!(TenantId::parse_uuid(client["tenantId"].as_str().unwrap()), Some(stage.tenant.id));
    assert_eq!(client["createdAt"], client["updatedAt"]);
    is_time(&client["createdAt"]);
    // The secret works, and the token lives as long as was asked.
    let by = Credential::basic(&text(&client["clientId"]), &text(&client["clientSecret"]));
    let token = stage.server.token(by, &[]).await.expect(200).json();
    assert_eq!((&token["expires_in"], &token["scope"]), (&json!(1800), &json!("analytics:read report:read")));
}

/// `tenant` `POST /api/v1/oauth/admin/clients`: 400 every violation at once, as this contract spells the fields
#[tokio::test]
async fn a_creation_says_all_that_is_wrong() {
    let stage = Stage::new().await;
    let body = json!({
        "name": "",
        "description": 7,
        "grantTypes": ["authorization_code", "password", "magic"],
        "redirectURIs": ["http://app.example.com/cb", "https://a.example/#x"],
        "scopes": ["a b"],
        "accessTokenTTL": 1,
        "refreshTokenTTL": "long",
        "enabled": "yes",
        "clientId": "mine",
        "clientSecret": "mine",
        "redirectUris": [],
    });
    let answer = stage.post(TENANT, &body).await;
    let message = in_tenant(&answer, 400, "invalid_request");
    let found = fields(&answer.json());
    let mut names: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names,
        [
            "accessTokenTTL",
            "clientId",
            "clientSecret",
            "description",
            "enabled",
            "grantTypes",
            "name",
            "redirectURIs",
            "redirectUris",
            "refreshTokenTTL",
            "scopes",
        ]
    );
    for (field, reason) in found {
        assert!(message.contains(&format!("{field}: {reason}")), "{field}: {message}");
    }
    let missing = stage.post(TENANT, &json!({})).await;
    let wrong = fields(&missing.json());
    assert_eq!(wrong.iter().map(|(field, _)| &**field).collect::<Vec<_>>(), ["name", "grantTypes"]);
    let codes = json!({ "name": "x", "grantTypes": ["authorization_code"] });
    assert_eq!(fields(&stage.post(TENANT, &codes).await.json())[0].0, "redirectURIs");
    assert_eq!(is_json(&stage.get(TENANT).await, 200)["data"]["total"], 0);
}

/// `tenant` `POST /api/v1/oauth/admin/clients`: 400 malformed body, 413, 415; 401, 403
#[tokio::test]
async fn a_creation_refuses() {
    let stage = Stage::new().await;
    let call = || stage.call("POST", TENANT, Some(&dashboard()));
    stage.refuses(call(), "oauth:write", in_tenant).await;
    stage.refuses_bodies(call(), in_tenant).await;
    let wide = json!({ "name": "x", "grantTypes": ["client_credentials"], "scopes": ["users:write"] });
    in_tenant(&stage.post(TENANT, &wide).await, 403, "access_denied");
}

/// `tenant` `POST /api/v1/oauth/admin/clients`: 400 a scope that a strict tenant does not know
#[tokio::test]
async fn a_strict_tenant_adds_no_scopes() {
    let mut stage = Stage::new().await;
    let settings = writ_core::tenant::TenantSettings {
        strict_scopes: writ_core::settings::Switch::On,
        ..writ_core::tenant::TenantSettings::default()
    };
    stage.tenant = stage.server.tenant_with("strict", settings).await;
    stage.key = stage.server.management_key();
    let answer = stage.post(TENANT, &dashboard()).await;
    in_tenant(&answer, 400, "invalid_request");
    assert_eq!(fields(&answer.json()).len(), 2);
    for name in ["analytics:read", "report:read"] {
        is_json(&stage.post(super::SCOPES, &json!({ "name": name })).await, 201);
    }
    made(&stage, &dashboard()).await;
}

/// `tenant` `PUT /api/v1/oauth/admin/clients/{id}`: 200
#[tokio::test]
async fn the_published_update() {
    let stage = Stage::new().await;
    let before = made(&stage, &dashboard()).await;
    stage.server.clock.advance(Seconds(5));
    let sent =
        json!({ "scopes": ["analytics:read", "report:read", "report:export"], "accessTokenTTL": 3600 });
    let body = is_json(&stage.put(&at(&before), &sent).await, 200);
    let mut expected = dashboard_answer();
    expected["data"]["client"]["scopes"] = sent["scopes"].clone();
    expected["data"]["client"]["accessTokenTTL"] = json!(3600);
    like(&body, &expected, VOLATILE);
    let client = &body["data"]["client"];
    is_mask_of(&client["clientSecret"], &before["clientSecret"], "sk_live_");
    assert_eq!((&client["id"], &client["createdAt"]), (&before["id"], &before["createdAt"]));
    assert_ne!(client["updatedAt"], before["updatedAt"]);
    assert_eq!(is_json(&stage.get(&at(&before)).await, 200), body);
    // Only what is sent: null takes away, and nothing changes nothing.
    let none = is_json(&stage.put(&at(&before), &json!({ "description": null })).await, 200);
    assert_eq!(none["data"]["client"]["description"], Value::Null);
    let off = is_json(&stage.put(&at(&before), &json!({ "enabled": false })).await, 200);
    assert_eq!(off["data"]["client"]["enabled"], false);
    let by = Credential::basic(&text(&before["clientId"]), &text(&before["clientSecret"]));
    let _ = stage.server.token(by, &[]).await.refused(401, "invalid_client");
}

/// `tenant` `PUT /api/v1/oauth/admin/clients/{id}`: 400 clientId, clientSecret, unknown fields, kinds that do not fit
#[tokio::test]
async fn an_update_says_all_that_is_wrong() {
    let stage = Stage::new().await;
    let client = made(&stage, &dashboard()).await;
    let sent = json!({
        "clientId": client["clientId"], "clientSecret": "x", "colour": "blue", "name": null,
        "grantTypes": ["authorization_code", "implicit"], "refreshTokenTTL": 0,
    });
    let answer = stage.put(&at(&client), &sent).await;
    in_tenant(&answer, 400, "invalid_request");
    let wrong = fields(&answer.json());
    for field in
        ["clientId", "clientSecret", "colour", "name", "grantTypes", "refreshTokenTTL", "redirectURIs"]
    {
        assert!(wrong.iter().any(|(name, _)| name == field), "{field}: {wrong:?}");
    }
    assert_eq!(is_json(&stage.get(&at(&client)).await, 200)["data"]["client"]["name"], "Internal Dashboard");
}

/// `tenant` `PUT /api/v1/oauth/admin/clients/{id}`: 401, 403, 404, 413, 415
#[tokio::test]
async fn an_update_refuses() {
    let stage = Stage::new().await;
    let client = made(&stage, &dashboard()).await;
    let call = |path: &str| stage.call("PUT", path, Some(&json!({ "name": "New" })));
    stage.refuses(call(&at(&client)), "oauth:write", in_tenant).await;
    stage.refuses_bodies(call(&at(&client)), in_tenant).await;
    let unknown = format!("{TENANT}/018bcfe5-6800-7abc-8def-0123456789ab");
    in_tenant(&stage.send(call(&unknown)).await, 404, "not_found");
}

/// `tenant` `DELETE /api/v1/oauth/admin/clients/{id}`: 200 and every token ends
#[tokio::test]
async fn the_published_deletion() {
    let stage = Stage::new().await;
    let client = made(&stage, &dashboard()).await;
    let by = Credential::basic(&text(&client["clientId"]), &text(&client["clientSecret"]));
    let token = stage.server.access_token(by.clone()).await;
    let reader = Credential::bearer(&stage.key);
    assert!(stage.server.is_active(reader.clone(), &token).await);
    let body = is_json(&stage.delete(&at(&client)).await, 200);
    assert_eq!(body, json!({ "success": true, "data": null }));
    assert!(!stage.server.is_active(reader, &token).await);
    let _ = stage.server.token(by, &[]).await.refused(401, "invalid_client");
    in_tenant(&stage.delete(&at(&client)).await, 404, "not_found");
}

/// `tenant` `DELETE /api/v1/oauth/admin/clients/{id}`: 401, 403, 404
#[tokio::test]
async fn a_deletion_refuses() {
    let stage = Stage::new().await;
    let client = made(&stage, &dashboard()).await;
    stage.refuses(stage.call("DELETE", &at(&client), None), "oauth:write", in_tenant).await;
    in_tenant(&stage.delete(&format!("{TENANT}/x")).await, 404, "not_found");
    is_json(&stage.get(&at(&client)).await, 200);
}

/// `tenant` `POST /api/v1/oauth/admin/clients/{id}/regenerate-secret`: 200, the old secret dies, tokens live on
#[tokio::test]
async fn the_published_regeneration() {
    let stage = Stage::new().await;
    let client = made(&stage, &dashboard()).await;
    let by = |secret: &Value| Credential::basic(&text(&client["clientId"]), &text(secret));
    let token = stage.server.access_token(by(&client["clientSecret"])).await;
    let body = is_json(&stage.act(&format!("{}/regenerate-secret", at(&client))).await, 200);
    let sample = json!({ "success": true, "data": {
        "clientId": "ithbat_client_9f3a2b1c",
        "clientSecret": "sk_live_aZ3bW5xQmR7yTpKsNvUeLoGhJcFi9dE2"
    } });
    like(&body, &sample, VOLATILE);
    assert_eq!(body["data"]["clientId"], client["clientId"]);
    let new = &body["data"]["clientSecret"];
    is_secret(new, "sk_live_");
    let _ = stage.server.token(by(&client["clientSecret"]), &[]).await.refused(401, "invalid_client");
    let _ = stage.server.token(by(new), &[]).await.expect(200);
    assert!(stage.server.is_active(Credential::bearer(&stage.key), &token).await);
    let shown = is_json(&stage.get(&at(&client)).await, 200);
    is_mask_of(&shown["data"]["client"]["clientSecret"], new, "sk_live_");
}

/// `tenant` `POST /api/v1/oauth/admin/clients/{id}/regenerate-secret`: 200 overlap: both secrets work for a while
#[tokio::test]
async fn with_an_overlap_both_secrets_work_for_a_while() {
    let stage = Stage::new().await;
    let client = made(&stage, &dashboard()).await;
    let by = |secret: &Value| Credential::basic(&text(&client["clientId"]), &text(secret));
    let path = format!("{}/regenerate-secret", at(&client));
    let body = is_json(&stage.act(&format!("{path}?overlap=60")).await, 200);
    let _ = stage.server.token(by(&client["clientSecret"]), &[]).await.expect(200);
    let _ = stage.server.token(by(&body["data"]["clientSecret"]), &[]).await.expect(200);
    stage.server.clock.advance(Seconds(61));
    let _ = stage.server.token(by(&client["clientSecret"]), &[]).await.refused(401, "invalid_client");
    let _ = stage.server.token(by(&body["data"]["clientSecret"]), &[]).await.expect(200);
    for bad in ["-1", "x", "2592001"] {
        let answer = stage.act(&format!("{path}?overlap={bad}")).await;
        in_tenant(&answer, 400, "invalid_request");
        assert_eq!(fields(&answer.json())[0].0, "overlap");
    }
}

/// `tenant` `POST /api/v1/oauth/admin/clients/{id}/regenerate-secret`: 400 public client, 401, 403, 404
#[tokio::test]
async fn a_regeneration_refuses() {
    let stage = Stage::new().await;
    let public = json!({ "name": "Spa", "redirect_uris": ["https://a.example/cb"], "confidential": false });
    let public = is_json(&stage.post(OAUTH2, &public).await, 201);
    in_tenant(&stage.act(&format!("{}/regenerate-secret", at(&public))).await, 400, "invalid_request");
    let client = made(&stage, &dashboard()).await;
    let call = stage.call("POST", &format!("{}/regenerate-secret", at(&client)), None);
    stage.refuses(call, "oauth:write", in_tenant).await;
    in_tenant(&stage.act(&format!("{TENANT}/x/regenerate-secret")).await, 404, "not_found");
}

/// `tenant` `PUT /api/v1/oauth/admin/clients/{id}`: 200 from machine to web and back, and 400 for what is neither
#[tokio::test]
async fn a_list_of_grant_types_makes_a_client_a_machine_or_a_website() {
    let stage = Stage::new().await;
    let made = is_json(
        &stage.post(TENANT, &json!({ "name": "Job", "grantTypes": ["client_credentials"] })).await,
        201,
    );
    let made = &made["data"]["client"];
    let (path, secret) = (format!("{TENANT}/{}", text(&made["id"])), text(&made["clientSecret"]));
    let own = format!("{}/{}", super::OWN, text(&made["clientId"]));
    let kind = async || is_json(&stage.get(&own).await, 200)["kind"].clone();
    let token = async || {
        let by = Credential::basic(&text(&made["clientId"]), &secret);
        stage.server.token(by, &[]).await
    };
    assert_eq!(kind().await, "machine");
    // A website wants somewhere to go back to.
    let codes = json!({ "grantTypes": ["authorization_code", "refresh_token"] });
    let told = in_tenant(&stage.put(&path, &codes).await, 400, "invalid_request");
    assert!(told.starts_with("redirectURIs: "), "{told}");
    assert_eq!(kind().await, "machine");
    let website = json!({
        "grantTypes": ["authorization_code", "refresh_token"], "redirectURIs": ["https://a.example/cb"],
    });
    let changed = is_json(&stage.put(&path, &website).await, 200);
    assert_eq!(changed["data"]["client"]["grantTypes"], website["grantTypes"]);
    assert_eq!(kind().await, "web");
    let _ = token().await.refused(400, "unauthorized_client");
    // It keeps what it has: the secret, and what was registered beside it.
    let back = is_json(&stage.put(&path, &json!({ "grantTypes": ["client_credentials"] })).await, 200);
    assert_eq!(back["data"]["client"]["redirectURIs"], json!(["https://a.example/cb"]));
    assert_eq!(kind().await, "machine");
    let _ = token().await.expect(200);
    let both = json!({ "grantTypes": ["client_credentials", "authorization_code"] });
    assert_eq!(stage.put(&path, &both).await.status, 200);
    assert_eq!(kind().await, "web");
    let _ = token().await.expect(200);
    for neither in
        [json!(["refresh_token"]), json!([]), json!(["implicit"]), json!(["client_credentials", "password"])]
    {
        in_tenant(&stage.put(&path, &json!({ "grantTypes": neither })).await, 400, "invalid_request");
    }
    assert_eq!(kind().await, "web");
    // A public client stays one.
    let spa = json!({ "client_name": "Spa", "kind": "spa", "redirect_uris": ["https://s.example/cb"] });
    let spa = is_json(&stage.post(super::OWN, &spa).await, 201);
    let path = format!("{TENANT}/{}", text(&spa["id"]));
    let told = in_tenant(
        &stage.put(&path, &json!({ "grantTypes": ["client_credentials"] })).await,
        400,
        "invalid_request",
    );
    assert!(told.starts_with("grantTypes: client_credentials is for confidential clients only"), "{told}");
}

//! **tenant**: what anybody who signs in may know of a client.

use serde_json::json;
use writ_core::authority::Permission;
use writ_testkit::Credential;

use super::{OAUTH2, Stage, TENANT, in_oauth2, in_tenant, is_json, like, text};

/// `tenant` `GET /api/v1/oauth/clients/{client_id}`: 200
#[tokio::test]
async fn a_person_sees_four_fields() {
    let stage = Stage::new().await;
    let body = json!({
        "name": "Mobile App",
        "description": "iOS and Android customer-facing application",
        "grantTypes": ["authorization_code"],
        "redirectURIs": ["https://app.example.com/callback"],
        "scopes": ["openid", "profile", "email"],
    });
    let client = is_json(&stage.post(TENANT, &body).await, 201)["data"]["client"].clone();
    let (_, token) = stage.person("openid").await;
    let path = format!("{OAUTH2}/{}", text(&client["clientId"]));
    // As published: a bearer token and nothing else.
    let call = stage.call("GET", &path, None).without("x-tenant-id").by(Credential::bearer(&token));
    let shown = is_json(&stage.send(call).await, 200);
    let sample = json!({ "success": true, "data": { "client": {
        "clientId": "ithbat_client_9f3a2b1c",
        "name": "Mobile App",
        "description": "iOS and Android customer-facing application",
        "scopes": ["openid", "profile", "email"]
    } } });
    like(&shown, &sample, &["clientId"]);
    assert_eq!(shown["data"]["client"]["clientId"], client["clientId"]);
}

/// `tenant` `GET /api/v1/oauth/clients/{client_id}`: 401, 403, 404
#[tokio::test]
async fn each_caller_is_refused_in_their_own_shape() {
    let stage = Stage::new().await;
    let (_, token) = stage.person("openid").await;
    let elsewhere = stage.server.tenant("elsewhere").await;
    stage.server.client("foreign").of(&elsewhere).create().await;
    for id in ["nobody", "foreign", "%00", "018bcfe5-6800-7abc-8def-0123456789ab"] {
        let call = || stage.call("GET", &format!("{OAUTH2}/{id}"), None);
        in_tenant(&stage.send(call().by(Credential::bearer(&token))).await, 404, "not_found");
        in_oauth2(&stage.send(call()).await, 404, "not_found");
    }
    let call = || stage.call("GET", &format!("{OAUTH2}/persons-app"), None);
    in_tenant(&stage.send(call().by(Credential::None)).await, 401, "credential_required");
    in_tenant(&stage.send(call().by(Credential::bearer("x"))).await, 401, "invalid_token");
    in_oauth2(&stage.send(call().by(Credential::basic("a", "b"))).await, 401, "invalid_client");
    let weak = stage.server.api_key(&stage.tenant, &[Permission::UsersRead], None).await;
    in_oauth2(&stage.send(call().by(Credential::bearer(&weak))).await, 403, "insufficient_scope");
    let named = call().header("x-tenant-id", &elsewhere.id.to_string()).by(Credential::bearer(&token));
    in_tenant(&stage.send(named).await, 403, "access_denied");
}

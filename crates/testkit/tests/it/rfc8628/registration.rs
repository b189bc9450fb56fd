//! §4 and RFC 7591 §2: which clients are for devices.

use http::{Method, Request, header};
use serde_json::json;

use super::*;

async fn send(server: &TestServer, (method, path): (Method, &str), body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", server.management_key()))
        .header("x-tenant-id", server.default_tenant().id.to_string())
        .header(header::CONTENT_TYPE, "application/json");
    server.request(request.body(body.to_string()).unwrap()).await
}

/// RFC 7591 §2: `/api/v1/clients` takes the grant type, and such a client needs no redirect URI; a machine has no person.
#[tokio::test]
async fn a_client_is_registered_for_devices() {
    let server = TestServer::start().await;
    let body =
        |kind: &str| json!({ "client_name": "TV", "kind": kind, "grant_types": [GRANT, "refresh_token"] });
    let post = (Method::POST, "/api/v1/clients");
    let made = send(&server, post.clone(), &body("native")).await.expect(201).json();
    assert_eq!(made["grant_types"], json!([GRANT, "refresh_token"]));
    assert_eq!(made["response_types"], json!([]));
    let begun = [("client_id", made["client_id"].as_str().unwrap())];
    let _ = server.post(BEGIN, Credential::None, &begun).await.expect(200);
    let _ = send(&server, post, &body("machine")).await.expect(400);
}

/// The published contracts list their grant types: this one is not among them.
#[tokio::test]
async fn the_published_contracts_do_not_know_it() {
    let server = TestServer::start().await;
    let uris = json!(["https://tv.example/cb"]);
    let oauth2 = json!({ "name": "TV", "grant_types": [GRANT], "redirect_uris": uris });
    let tenant = json!({ "name": "TV", "grantTypes": [GRANT], "redirectUris": uris });
    let clients = json!({ "name": "TV", "type": "native", "grant_types": [GRANT], "redirect_uris": uris });
    for (path, body) in
        [("/api/v1/oauth/clients", oauth2), ("/api/v1/oauth/admin/clients", tenant), ("/v1/clients", clients)]
    {
        let answer = send(&server, (Method::POST, path), &body).await;
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
        assert!(answer.text().contains("device_code"), "{path}: {}", answer.text());
    }
}

/// RFC 7591 §2: applications register themselves for it where the tenant's policy has it.
#[tokio::test]
async fn applications_register_themselves_for_devices() {
    let server = TestServer::start().await;
    let policy = |grants: &[&str]| json!({ "settings": { "registration": "open", "registration_policy": { "grant_types": grants } } });
    let tenant = (Method::PUT, "/api/v1/tenants/default");
    let body = json!({ "client_name": "TV", "grant_types": [GRANT], "token_endpoint_auth_method": "none",
        "application_type": "native" });
    let register = async || {
        let request = Request::post("/oauth2/register").header(header::CONTENT_TYPE, "application/json");
        server.request(request.body(body.to_string()).unwrap()).await
    };
    let _ = send(&server, tenant.clone(), &policy(&["authorization_code"])).await.expect(200);
    let _ = register().await.refused(400, "invalid_client_metadata");
    let _ = send(&server, tenant, &policy(&["authorization_code", GRANT])).await.expect(200);
    let made = register().await.expect(201).json();
    assert_eq!(made["grant_types"], json!([GRANT]));
    let begun = [("client_id", made["client_id"].as_str().unwrap())];
    let _ = server.post(BEGIN, Credential::None, &begun).await.expect(200);
}

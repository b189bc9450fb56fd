//! §5.2: `dpop_bound_access_tokens`, registered and changed.

use super::*;
use crate::signing::manage;

/// §5.2: an administrator sets it at `/api/v1/clients`, and it holds at the next request.
#[tokio::test]
async fn a_client_is_registered_for_bound_tokens() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let body = json!({ "client_name": "Job", "grant_types": ["client_credentials"], "scope": "read" });
    let made = manage(&server, &tenant, ("POST", "/api/v1/clients"), &body).await.expect(201).json();
    assert_eq!(made["dpop_bound_access_tokens"], false);
    let client = Credential::basic(text(&made, "client_id"), text(&made, "client_secret"));
    let _ = server.token(client.clone(), &[]).await.expect(200);
    let url = format!("/api/v1/clients/{}", text(&made, "client_id"));
    for (sent, expected, status) in [(json!(true), true, 400), (Value::Null, false, 200)] {
        let change = json!({ "dpop_bound_access_tokens": sent });
        let shown = manage(&server, &tenant, ("PATCH", &url), &change).await.expect(200).json();
        assert_eq!(shown["dpop_bound_access_tokens"], expected);
        let _ = server.token(client.clone(), &[]).await.expect(status);
    }
    let wrong = json!({ "dpop_bound_access_tokens": "yes" });
    let answer = manage(&server, &tenant, ("PATCH", &url), &wrong).await.refused(400, "invalid_request");
    assert!(answer.text().contains("dpop_bound_access_tokens"), "{}", answer.text());
}

/// §5.2: an application registers itself so.
#[tokio::test]
async fn an_application_registers_itself_for_bound_tokens() {
    use writ_core::settings::ClientRegistration;
    let server = TestServer::start().await;
    let settings = TenantSettings { registration: ClientRegistration::Open, ..TenantSettings::default() };
    let tenant = server.tenant_with("acme", settings).await;
    let body = json!({ "redirect_uris": [CALLBACK], "dpop_bound_access_tokens": true });
    let request =
        Request::post(tenant.path("/oauth2/register")).header(header::CONTENT_TYPE, "application/json");
    let made = server.request(request.body(body.to_string()).unwrap()).await.expect(201).json();
    assert_eq!(made["dpop_bound_access_tokens"], true);
}

/// An administrator's choice for the tenant is shown and changed, and goes back to its default.
#[tokio::test]
async fn a_tenant_chooses_for_all_its_clients() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for (sent, expected) in [(json!(true), true), (Value::Null, false)] {
        for name in ["dpop_bound_access_tokens", "require_dpop_nonce"] {
            let change = json!({ "settings": { name: sent } });
            let path = "/api/v1/tenants/acme";
            let request = Request::put(path)
                .header(header::AUTHORIZATION, format!("Bearer {}", server.management_key()))
                .header(header::CONTENT_TYPE, "application/json");
            let shown = server.request(request.body(change.to_string()).unwrap()).await.expect(200).json();
            let found = shown
                .pointer(&format!("/settings/{name}"))
                .or(shown.pointer(&format!("/data/settings/{name}")));
            assert_eq!(found, Some(&json!(expected)), "{shown}");
        }
    }
    drop(acme);
}

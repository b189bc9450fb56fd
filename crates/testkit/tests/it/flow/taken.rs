//! What is taken from a client while its request waits, and addresses that no answer goes to.

use http::Request;
use serde_json::{Value, json};
use writ_core::client::ClientKind;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Answer, Page, TestClient, TestServer, TestTenant};

use super::{request, website};

/// As an operator, in a tenant.
async fn operator(server: &TestServer, tenant: &TestTenant, what: (&str, &str, &Value)) -> Answer {
    let (method, path, body) = what;
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {}", server.management_key()))
        .header("x-tenant-id", tenant.id.to_string())
        .header("content-type", "application/json");
    server.request(request.body(body.to_string()).unwrap()).await
}

async fn patch(server: &TestServer, client: &TestClient, tenant: &TestTenant, body: Value) {
    let (method, path) = if body.get("grant_types").is_some() {
        ("PUT", format!("/api/v1/oauth/clients/{}", client.client_id))
    } else {
        ("PATCH", format!("/v1/admin/oauth-clients/{}", client.id))
    };
    let _ = operator(server, tenant, (method, &path, &body)).await.expect(200);
}

async fn both(server: &TestServer) -> [TestTenant; 2] {
    let tenants = [server.default_tenant(), server.tenant("acme").await];
    for tenant in &tenants {
        server.user(tenant, "ada@example.org", super::PASSWORD).await;
    }
    tenants
}

/// The consent page of a request that waits.
async fn waits(agent: &mut Agent<'_>, tenant: &TestTenant, ask: &str) -> Page {
    let page = agent.open(&super::at(tenant, ask)).await;
    super::sign_in(agent, &page).await
}

/// RFC 6749 §3.1.2: an answer goes to none but registered addresses, also where the request came before that changed.
#[tokio::test]
async fn a_redirect_uri_that_was_taken_away_gets_no_code() {
    let server = TestServer::start().await;
    for tenant in both(&server).await {
        for mode in ["query", "form_post"] {
            let id = format!("{mode}-{}", tenant.slug);
            let client = website(&server, &id).of(&tenant).create().await;
            let mut agent = Agent::new(&server);
            let consent = waits(&mut agent, &tenant, &request(&id, &[("response_mode", mode)])).await;
            patch(&server, &client, &tenant, json!({ "redirect_uris": ["https://app.example/new"] })).await;
            for page in
                [agent.get(&consent.path).await, agent.submit(&consent, &[("decision", "allow")]).await]
            {
                assert_eq!((page.answer.status, page.location()), (400, None), "{}", page.text());
                assert!(page.text().contains("redirect_uri") && !page.text().contains("code_"));
            }
        }
    }
}

/// The same where the yes is said already and waits for the browser.
#[tokio::test]
async fn nor_does_one_whose_answer_waits() {
    let server = TestServer::start().await;
    for tenant in both(&server).await {
        let id = format!("site-{}", tenant.slug);
        let client = website(&server, &id).of(&tenant).create().await;
        let mut agent = Agent::new(&server);
        let consent = waits(&mut agent, &tenant, &request(&id, &[("response_mode", "form_post")])).await;
        let decided = agent.send_form(&consent, &[("decision", "allow")]).await;
        patch(&server, &client, &tenant, json!({ "redirect_uris": ["https://app.example/new"] })).await;
        let page = agent.follow(decided).await;
        assert_eq!(page.answer.status, 400);
        assert!(!page.text().contains("code_"), "{}", page.text());
    }
}

#[tokio::test]
async fn what_else_is_taken_away_is_not_answered_with_a_code() {
    let server = TestServer::start().await;
    for tenant in both(&server).await {
        let ask = async |name: &str, body: Value| {
            let id = format!("{name}-{}", tenant.slug);
            let client = website(&server, &id).of(&tenant).create().await;
            let mut agent = Agent::new(&server);
            let consent = waits(&mut agent, &tenant, &request(&id, &[("scope", "read")])).await;
            patch(&server, &client, &tenant, body).await;
            agent.submit(&consent, &[("decision", "allow")]).await
        };
        let disabled = ask("disabled", json!({ "enabled": false })).await;
        assert_eq!((disabled.answer.status, disabled.location()), (400, None));
        let scopes = ask("scopes", json!({ "allowed_scopes": ["openid"] })).await;
        assert_eq!(scopes.sent()["error"], "invalid_scope");
        let grants = ask("grants", json!({ "grant_types": ["client_credentials"] })).await;
        assert_eq!(grants.sent()["error"], "unauthorized_client");
    }
}

/// RFC 8252 §8.6: a website's client that takes a private-use address gets nothing in silence there.
#[tokio::test]
async fn a_private_use_address_gets_no_code_in_silence() {
    let server = TestServer::start().await;
    super::ada(&server).await;
    let app = "com.example.app:/cb";
    for kind in [ClientKind::Spa, ClientKind::Web] {
        let id = kind.name();
        website(&server, id).kind(kind).first_party().redirect(app).create().await;
        let mut agent = Agent::new(&server);
        let page = agent.open(&request(id, &[])).await;
        assert!(!super::sign_in(&mut agent, &page).await.code().is_empty());
        server.clock.advance(Seconds(1));
        assert!(
            !agent.get(&request(id, &[])).await.code().is_empty(),
            "in silence at the website's own address"
        );
        let page = agent.open(&request(id, &[("redirect_uri", app)])).await;
        assert!(page.path.starts_with("/consent"), "{}", page.path);
        let none = agent.get(&request(id, &[("redirect_uri", app), ("prompt", "none")])).await;
        assert_eq!(none.sent()["error"], "consent_required");
        assert!(!agent.send_form(&page, &[("decision", "allow")]).await.code().is_empty());
    }
}

/// RFC 6749 §3.1: no parameter twice.
#[tokio::test]
async fn an_address_with_a_parameter_of_the_answer_is_not_registered() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    for name in ["code", "state", "iss", "error", "error_description", "id_token", "%63ode"] {
        let uri = format!("https://app.example/cb?{name}=x");
        for (path, body) in [
            (
                "/v1/admin/oauth-clients",
                json!({ "client_name": "App", "redirect_uris": [uri], "allowed_scopes": ["openid"] }),
            ),
            ("/api/v1/oauth/clients", json!({ "name": "App", "redirect_uris": [uri] })),
            ("/v1/clients", json!({ "name": "App", "type": "web", "redirect_uris": [uri] })),
            (
                "/api/v1/oauth/admin/clients",
                json!({ "name": "App", "redirectURIs": [uri], "grantTypes": ["authorization_code"] }),
            ),
        ] {
            let answer = operator(&server, &tenant, ("POST", path, &body)).await;
            assert_eq!(answer.status, 400, "{path} {uri}: {}", answer.text());
            assert!(answer.text().contains("of its own"), "{path}: {}", answer.text());
        }
    }
    let client = website(&server, "site").create().await;
    let path = format!("/v1/admin/oauth-clients/{}", client.id);
    let set = json!({ "redirect_uris": ["https://app.example/cb?state=x"] });
    let _ = operator(&server, &tenant, ("PATCH", &path, &set)).await.expect(400);
}

/// What was registered before is refused where it is used, with a page.
#[tokio::test]
async fn an_older_address_with_a_parameter_of_the_answer_is_not_answered() {
    let server = TestServer::start().await;
    super::ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let uri = "https://app.example/cb?code=x";
    server.sql(
        "UPDATE client_registrations SET redirect_uris = ?2 WHERE client_id = ?1",
        rusqlite::params![client.id.to_bytes().to_vec(), uri],
    );
    let page = Agent::new(&server).open(&request("site", &[("redirect_uri", uri)])).await;
    assert_eq!((page.answer.status, page.location()), (400, None));
    assert!(page.text().contains("the parameter code of its own"), "{}", page.text());
}

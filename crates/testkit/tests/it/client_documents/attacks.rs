//! Client ID Metadata Document §6: what its security considerations warn of.

use super::*;

/// §6.5: no address of a network that is not public is called, whatever it is called, and the page does not say more.
#[tokio::test]
async fn addresses_of_closed_networks_are_not_called() {
    let server = TestServer::start().await;
    set(&server, &server.default_tenant(), json!({ "client_documents": true })).await;
    let mut agent = Agent::new(&server);
    let mut told = Vec::new();
    for id in [
        "https://127.0.0.1/client.json",
        "https://[::1]/client.json",
        "https://10.0.0.1/client.json",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/client.json",
        "https://metadata.google.internal/client.json",
        "https://[::ffff:127.0.0.1]/client.json",
        "https://router/client.json",
    ] {
        let page = agent.open(&request(id, &[])).await;
        assert!(is_refused(&page), "{id}: {}", page.text());
        let host = id.split('/').nth(2).unwrap();
        told.push(page.text().replace(host, "HOST").contains("cannot be read"));
    }
    assert_eq!(told, [true; 8]);
}

/// §3: what is no address of a document is nobody's id.
#[tokio::test]
async fn an_id_that_is_no_address_of_a_document_is_refused() {
    let stage = Stage::new().await;
    let mut agent = Agent::new(&stage.server);
    let bare = stage.id().trim_end_matches("/keys").to_owned();
    for id in [
        bare.clone(),
        format!("{}#x", stage.id()),
        format!("{bare}/a/../keys"),
        stage.id().replace("https://", "https://user@"),
        stage.id().replace("localhost", "LOCALHOST"),
        stage.id().replace("https:", "HTTPS:"),
        stage.id().replace("https:", "http:"),
        format!("{bare}/{}", "x".repeat(300)),
    ] {
        let page = agent.open(&stage.path(&request(&id, &[]))).await;
        assert!(is_refused(&page), "{id}: {}", page.text());
    }
    assert_eq!(stage.host.calls(), 0);
}

/// §6.8: a tenant names the hosts that it trusts, or those that it does not; at once, also for what has begun.
#[tokio::test]
async fn hosts_are_allowed_and_refused() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    for (allowed, refused, good) in [
        (json!([]), json!(["localhost"]), false),
        (json!(["app.example.com"]), json!([]), false),
        (json!(["*.localhost"]), json!([]), false),
        (json!(["localhost"]), json!(["localhost"]), false),
        (json!(["localhost"]), json!(["app.example.com"]), true),
    ] {
        let lists = json!({ "client_document_hosts": allowed, "client_document_hosts_refused": refused });
        stage.set(lists.clone()).await;
        let mut agent = Agent::new(&stage.server);
        let page = stage.begin(&mut agent).await;
        assert_eq!(is_refused(&page), !good, "{lists}: {}", page.text());
        if !good {
            assert!(page.text().contains("not allowed here"), "{}", page.text());
            let _ = stage.refresh(refresh).await.refused(401, "invalid_client");
        }
    }
    let _ = stage.refresh(refresh).await.expect(200);
}

/// §6.1: the tenant's policy says where redirect URIs of documents may lead, and which scopes they have.
#[tokio::test]
async fn the_registration_policy_holds_for_documents() {
    let stage = Stage::new().await;
    stage.set(json!({ "registration_policy": { "redirect_hosts": ["other.example"] } })).await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.begin(&mut agent).await;
    assert!(is_refused(&page) && page.text().contains("redirect_uris"), "{}", page.text());
    stage.set(json!({ "registration_policy": { "scopes": ["openid", "read"] } })).await;
    stage.says(&json!({ "scope": "openid read write oauth:write tenants:write" }));
    stage.server.clock.advance(writ_core::time::Seconds(60));
    let _ = stage.code(&[("scope", "openid read oauth:write")]).await;
    assert_eq!(stage.shown().await["scope"], "openid read");
}

/// Nobody has a registration access token of such a client.
#[tokio::test]
async fn nobody_manages_such_a_client_by_a_token() {
    let stage = Stage::new().await;
    let _ = stage.tokens().await;
    let path = format!("/oauth2/register/{}", stage.id().replace(':', "%3A").replace('/', "%2F"));
    let request = Request::get(path).header(header::AUTHORIZATION, "Bearer rat_x");
    let _ = stage.server.request(request.body(String::new()).unwrap()).await.refused(401, "invalid_token");
}

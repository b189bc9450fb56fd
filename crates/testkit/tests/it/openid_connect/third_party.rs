//! OpenID Connect Core §4: a sign-in that somebody else than the client begins.

use http::{Request, header};
use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_testkit::{Agent, TestServer};

use super::manage;
use crate::flow::{ada, at, code, request, website};

async fn change(server: &TestServer, client_id: &str, body: &Value) -> writ_testkit::Answer {
    manage(server, ("PATCH", &format!("/api/v1/clients/{client_id}")), body).await
}

/// §4: the address is https, is shown as it was sent, and an empty text takes it away.
#[tokio::test]
async fn where_a_sign_in_begins_is_registered() {
    let server = TestServer::start().await;
    let client = website(&server, "site").create().await;
    for bad in ["http://app.example/start", "http://localhost/start", "https://app.example/#x", "/start"] {
        let body = json!({ "initiate_login_uri": bad });
        let told = change(&server, &client.client_id, &body).await.refused(400, "invalid_request");
        assert!(told.member("error_description").starts_with("initiate_login_uri: "), "{}", told.text());
    }
    for (sent, shown) in [
        (json!("https://app.example/start?x=1"), json!("https://app.example/start?x=1")),
        (json!(""), Value::Null),
    ] {
        let answer =
            change(&server, &client.client_id, &json!({ "initiate_login_uri": sent })).await.expect(200);
        assert_eq!(answer.json()["initiate_login_uri"], shown);
    }
}

/// A sign-in that has lost its way begins anew where the client says, and the client is told by whom (§4: `iss`).
#[tokio::test]
async fn a_sign_in_that_is_over_begins_again_at_the_client() {
    let server = TestServer::start().await;
    ada(&server).await;
    let acme = server.tenant("acme").await;
    for (tenant, name) in [(server.default_tenant(), "site"), (acme, "other-site")] {
        let client = website(&server, name).of(&tenant).create().await;
        let start = json!({ "initiate_login_uri": "https://app.example/start?x=1", "client_uri": "https://app.example/" });
        let key = server.management_key();
        let request_of = Request::patch(format!("/api/v1/clients/{}", client.client_id))
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header("x-tenant-id", tenant.id.to_string())
            .header(header::CONTENT_TYPE, "application/json");
        let _ = server.request(request_of.body(start.to_string()).unwrap()).await.expect(200);
        let mut agent = Agent::new(&server);
        let page = agent.open(&at(&tenant, &request(&client.client_id, &[]))).await;
        server.clock.advance(Seconds(601));
        let late = agent.get(&page.path).await;
        assert_eq!(late.answer.status, 400, "{}", late.text());
        let issuer = tenant.issuer.replace(':', "%3A").replace('/', "%2F");
        let expected = format!("https://app.example/start?x=1&amp;iss={issuer}");
        assert!(late.text().replace("&#38;", "&amp;").contains(&expected), "{expected}: {}", late.text());
        assert!(late.text().contains("Sign in again at"), "{}", late.text());
    }
}

/// A request that a client begins because somebody else asked it to is one like all others.
#[tokio::test]
async fn what_then_comes_is_a_request_like_all_others() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = code(&mut agent, &client, &[("login_hint", "ada@example.org")]).await;
    assert!(page.sent().contains_key("code"), "{:?}", page.sent());
}

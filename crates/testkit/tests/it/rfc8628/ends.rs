//! What was agreed to on another device ends with what it rests on, as every agreed request does, also before the device has
//! come for it.

use http::{Method, Request, header};
use rstest::rstest;

use super::*;

async fn manage(stage: &Stage, method: Method, path: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", stage.server.management_key()))
        .header(header::CONTENT_TYPE, "application/json");
    stage.server.request(request.body(body.to_owned()).unwrap()).await
}

/// RFC 8628 §3.5, RFC 6749 §4.1.2: signing out, a consent that is taken back, a person who is locked out, a client that is
/// turned off: the device gets nothing.
#[rstest]
#[tokio::test]
async fn what_ends_a_decision_ends_what_the_device_would_get(
    #[values("sign-out", "consent", "person", "tokens", "client")] ends: &str,
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let stage = Stage::new(engine, "default").await;
    let device = stage.begin().await;
    let mut agent = Agent::new(&stage.server);
    let _ = stage.allow(&mut agent, &device).await;
    let client = stage.client.id.to_string();
    match ends {
        "sign-out" => {
            let page = agent.open("/logout").await;
            let _ = agent.submit(&page, &[("decision", "logout")]).await;
        }
        "consent" => {
            let account = agent.open("/account").await;
            let form = account.text().split("<form ").find(|form| form.contains("/account/applications"));
            let field = |name: &str| {
                let (_, rest) = form.unwrap().split_once(&format!("name=\"{name}\" value=\"")).unwrap();
                rest.split('"').next().unwrap().to_owned()
            };
            let fields = [("csrf", field("csrf")), ("consent", field("consent"))];
            let fields = fields.each_ref().map(|(name, value)| (*name, &**value));
            assert_eq!(agent.post("/account/applications", &fields).await.answer.status, 303);
        }
        "person" => {
            let path = format!("/api/v1/users/{}", stage.person);
            let _ = manage(&stage, Method::PUT, &path, r#"{"enabled":false}"#).await.expect(200);
        }
        "tokens" => {
            let body = format!(r#"{{"client_id":"{}"}}"#, stage.client.client_id);
            let _ = manage(&stage, Method::POST, "/api/v1/oauth/tokens/bulk-revoke", &body).await.expect(200);
        }
        _ => {
            let path = format!("/api/v1/clients/{client}");
            let _ = manage(&stage, Method::PATCH, &path, r#"{"enabled":false}"#).await.expect(200);
        }
    }
    let answer = stage.poll(&device).await;
    assert!(answer.status == 400 || answer.status == 401, "{ends}: {answer:?}");
    let error = answer.json()["error"].clone();
    let expected = if ends == "client" { "invalid_client" } else { "invalid_grant" };
    assert_eq!(error, expected, "{ends}");
}

/// A client that may use devices no more: neither a device that waits, nor one that was agreed to.
#[tokio::test]
async fn a_client_that_lost_the_grant_gets_nothing() {
    let stage = Stage::usual().await;
    let (waits, agreed) = (stage.begin().await, stage.begin().await);
    let mut agent = Agent::new(&stage.server);
    let _ = stage.allow(&mut agent, &agreed).await;
    let page = stage.consent(&mut agent, &waits).await;
    let path = format!("/api/v1/clients/{}", stage.client.id);
    let body = r#"{"grant_types":["authorization_code"],"redirect_uris":["https://tv.example/cb"]}"#;
    let _ = manage(&stage, Method::PATCH, &path, body).await.expect(200);
    let refused = agent.submit(&page, &[("decision", "allow")]).await;
    assert!(refused.text().contains("Request refused"), "{}", refused.text());
    for device in [&waits, &agreed] {
        let _ = stage.poll(device).await.refused(400, "unauthorized_client");
    }
}

/// What is over is removed, and the log says that somebody began and what was decided.
#[tokio::test]
async fn the_audit_log_says_what_was_decided() {
    let stage = Stage::usual().await;
    let device = stage.begin().await;
    let mut agent = Agent::new(&stage.server);
    let _ = stage.allow(&mut agent, &device).await;
    let _ = stage.poll(&device).await.expect(200);
    let logs = manage(&stage, Method::GET, "/api/v1/audit-logs?limit=100", "").await.expect(200);
    for action in ["authorization.approved", "authorization_code.redeemed"] {
        assert!(logs.text().contains(action), "{action}: {}", logs.text());
    }
}

//! Agents: clients that act by themselves for people, who agree to that for a time (RFC 8693 §4.1).

use super::*;
use writ_core::time::Seconds;

/// An agent that Ada is asked about.
async fn agent(stage: &Stage) -> TestClient {
    let grants = [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::TokenExchange];
    let made = website(&stage.server, "helper").grants(&grants).scope("openid orders stock offline_access");
    let made = made.several_resources().create().await;
    stage.change("helper", json!({ "agent": true, "client_name": "Helper" })).await;
    made
}

async fn agreed(stage: &Stage, helper: &TestClient) -> Value {
    let mut browser = Agent::new(&stage.server);
    let page = code(&mut browser, helper, &[("scope", "openid orders offline_access")]).await;
    redeem(&stage.server, helper, &page.code()).await.expect(200).json()
}

/// §4.1: its tokens name it, from the first on, and the log names both.
#[tokio::test]
async fn the_tokens_of_an_agent_name_it() {
    let stage = Stage::new().await;
    let helper = agent(&stage).await;
    let tokens = agreed(&stage, &helper).await;
    let act = json!({ "sub": "helper" });
    assert_eq!(claims(text(&tokens, "access_token"))["act"], act);
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let again = stage.server.post("/oauth2/token", &helper, &pairs).await.expect(200).json();
    assert_eq!(claims(text(&again, "access_token"))["act"], act);
    for token in ["access_token", "refresh_token"] {
        let seen = stage.server.introspect(&helper, text(&again, token)).await.expect(200).json();
        assert_eq!(seen["act"], act, "{token}");
    }
    for action in ["authorization_code.redeemed", "refresh_token.used"] {
        let path = format!("/api/v1/audit-logs?action={action}");
        let found = manage(&stage.server, ("GET", &path), &Value::Null).await.expect(200).json();
        let details = &found["audit_logs"][0]["details"];
        assert_eq!((&details["user"], &details["agent"]), (&json!("ada@example.org"), &json!("helper")));
    }
}

/// It says what it is and until when; it is asked each time; and the account page lists it.
#[tokio::test]
async fn people_are_told_what_an_agent_is_and_until_when() {
    let stage = Stage::new().await;
    let helper = agent(&stage).await;
    let mut browser = Agent::new(&stage.server);
    let asked = crate::flow::request("helper", &[("scope", "openid orders")]);
    for _ in 0..2 {
        let mut page = browser.open(&asked).await;
        if page.path.contains("/login") {
            page = crate::flow::sign_in(&mut browser, &page).await;
        }
        assert!(page.text().contains("is an agent") && page.text().contains("until"), "{}", page.text());
        let page = browser.submit(&page, &[("decision", "allow")]).await;
        let _ = redeem(&stage.server, &helper, &page.code()).await.expect(200);
    }
    let silent =
        browser.open(&crate::flow::request("helper", &[("scope", "openid"), ("prompt", "none")])).await;
    assert_eq!(silent.sent()["error"], "consent_required");
    let page = browser.open("/account").await;
    assert!(page.text().contains("Agent: it may act in your name until"), "{}", page.text());
}

/// What was agreed to is over when people were told, however often it is refreshed.
#[tokio::test]
async fn an_agent_stops_when_its_time_is_over() {
    let stage = Stage::new().await;
    let helper = agent(&stage).await;
    stage.change("helper", json!({ "refresh_token_lifetime": 86_400 })).await;
    let mut refresh = text(&agreed(&stage, &helper).await, "refresh_token").to_owned();
    let mut last = 200;
    let mut times = 0;
    while last == 200 {
        stage.server.clock.advance(Seconds(36_000));
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", &*refresh)];
        let answer = stage.server.post("/oauth2/token", &helper, &pairs).await;
        last = answer.status;
        if last == 200 {
            let told = answer.json();
            refresh = text(&told, "refresh_token").to_owned();
            times += 1;
        }
    }
    assert_eq!((times, last), (2, 400));
}

/// §5: an agent does what its person agreed to for it, with a token that was sent to it; taking that back ends it.
#[tokio::test]
async fn an_agent_exchanges_what_its_person_agreed_to() {
    let stage = Stage::new().await;
    let helper = agent(&stage).await;
    stage.change("helper", json!({ "exchange_subjects": ["shop"] })).await;
    stage.change("shop", json!({ "audience": ["helper"] })).await;
    let mut browser = Agent::new(&stage.server);
    let page = code(&mut browser, &stage.shop, &[("scope", "orders")]).await;
    let sent = redeem(&stage.server, &stage.shop, &page.code()).await.expect(200).json();
    let token = text(&sent, "access_token");
    let _ = stage.exchange(&helper, token, &[]).await.refused(400, "invalid_request");
    let _ = agreed(&stage, &helper).await;
    let told = stage.exchange(&helper, token, &[("resource", ORDERS)]).await.expect(200).json();
    let acts = text(&told, "access_token");
    assert_eq!(claims(acts)["act"], json!({ "sub": "helper" }));
    assert!(stage.is_live(&stage.orders, acts).await);
    let found =
        manage(&stage.server, ("GET", "/api/v1/oauth/consents"), &Value::Null).await.expect(200).json();
    let of_helper =
        found["consents"].as_array().unwrap().iter().find(|one| one["client_id"] == "helper").unwrap();
    let path = format!("/api/v1/oauth/consents/{}", text(of_helper, "id"));
    let _ = manage(&stage.server, ("DELETE", &path), &Value::Null).await.expect(204);
    assert!(!stage.is_live(&stage.orders, acts).await);
    let _ = stage.exchange(&helper, token, &[("resource", ORDERS)]).await.refused(400, "invalid_request");
}

/// One switch ends all of an agent, at once.
#[tokio::test]
async fn switching_an_agent_off_ends_all_of_it() {
    let stage = Stage::new().await;
    let helper = agent(&stage).await;
    let tokens = agreed(&stage, &helper).await;
    let reader = stage.server.client("reader").scope("oauth:read").create().await;
    let token = text(&tokens, "access_token");
    assert!(stage.is_live(&reader, token).await);
    stage.change("helper", json!({ "enabled": false })).await;
    assert!(!stage.is_live(&reader, token).await);
    stage.change("helper", json!({ "enabled": true })).await;
    assert!(!stage.is_live(&reader, token).await, "what ended stays so");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token"))];
    let _ = stage.server.post("/oauth2/token", &helper, &pairs).await.refused(400, "invalid_grant");
}

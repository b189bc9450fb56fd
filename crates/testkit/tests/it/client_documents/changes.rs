//! Client ID Metadata Document §6.3: documents change, and what that does to what there is.

use super::*;
use writ_core::time::Seconds;

const ELSEWHERE: &str = "https://app.example/elsewhere";

/// §6.3: other redirect URIs end no token and no consent. A code on its way is good at the address that it was asked for,
/// as those of all other clients are; new requests go to the new address alone.
#[tokio::test]
async fn other_redirect_uris_end_nothing() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let on_its_way = stage.code(&[]).await;
    stage.says(&json!({ "redirect_uris": [ELSEWHERE], "client_name": "Fieldnotes 2" }));
    stage.server.clock.advance(Seconds(50));
    let _ = stage.redeem(&on_its_way).await.expect(200);
    stage.server.clock.advance(Seconds(600));
    let mut agent = Agent::new(&stage.server);
    assert!(is_refused(&stage.begin(&mut agent).await), "the address is the client's no more");
    let refreshed = stage.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(200).json();
    let shown = stage.shown().await;
    assert_eq!(shown["redirect_uris"], json!([ELSEWHERE]));
    assert_eq!(shown["client_name"], "Fieldnotes 2");
    // The consent lives on: nobody is asked again.
    let page = agent.open(&stage.request(&[("redirect_uri", ELSEWHERE)])).await;
    let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    let _ = stage.redeem_at(ELSEWHERE, &page.code()).await.expect(200);
    let _ = stage.refresh(refreshed["refresh_token"].as_str().unwrap()).await.expect(200);
}

/// A request that waits for its person when its redirect URI goes is answered nowhere.
#[tokio::test]
async fn a_request_that_waits_is_not_answered_at_an_address_that_is_gone() {
    let stage = Stage::new().await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.begin(&mut agent).await;
    let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    stage.says(&json!({ "redirect_uris": [ELSEWHERE] }));
    stage.server.clock.advance(Seconds(600));
    let mut other = Agent::new(&stage.server);
    let _ = other.open(&stage.request(&[("redirect_uri", ELSEWHERE)])).await;
    let page = agent.submit(&page, &[("decision", "allow")]).await;
    assert_eq!(page.location(), None, "{}", page.text());
}

/// A document may say that its client has keys from now on, and that it has none any more.
#[tokio::test]
async fn a_client_becomes_confidential_and_public_again() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let key = writ_jose::SigningKey::generate(writ_jose::Algorithm::Es256).unwrap();
    let jwks = crate::signing::set(&[&key]);
    stage.says(&json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks }));
    stage.server.clock.advance(Seconds(600));
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let _ = stage.refresh(refresh).await.refused(401, "invalid_client");
    assert_eq!(stage.shown().await["kind"], "web");
    stage.says(&json!({}));
    stage.server.clock.advance(Seconds(600));
    let _ = stage.refresh(refresh).await.expect(200);
    assert_eq!(stage.shown().await["kind"], "spa");
}

/// What an administrator has given a client that no document decides about stays; a client that holds authority is not
/// changed by its document any more.
#[tokio::test]
async fn what_administrators_decide_is_not_the_documents() {
    let stage = Stage::new().await;
    let _ = stage.tokens().await;
    let id = stage.shown().await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/clients/{id}");
    let put =
        async |body: Value| manage(&stage.server, &stage.tenant, ("PATCH", &path), &body).await.expect(200);
    let _ = put(json!({ "access_token_lifetime": 120 })).await;
    stage.says(&json!({ "client_name": "Another" }));
    stage.server.clock.advance(Seconds(600));
    let _ = stage.tokens().await;
    let shown = stage.shown().await;
    assert_eq!((&shown["client_name"], &shown["access_token_lifetime"]), (&json!("Another"), &json!(120)));
    let _ = put(json!({ "scope": "openid email oauth:read" })).await;
    stage.says(&json!({ "redirect_uris": [ELSEWHERE], "client_name": "Evil" }));
    stage.server.clock.advance(Seconds(600));
    let _ = stage.code(&[]).await;
    assert_eq!(stage.shown().await["client_name"], "Another");
    // Disabled is disabled.
    let _ = put(json!({ "enabled": false })).await;
    let mut agent = Agent::new(&stage.server);
    assert!(is_refused(&stage.begin(&mut agent).await));
}

/// A document that is away for a while is used as it was; what has begun goes on for as long as it was given.
#[tokio::test]
async fn a_host_that_is_away_ends_nothing() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    stage.host.says("503 Away", "", "");
    stage.server.clock.advance(Seconds(3600));
    let _ = stage.code(&[]).await;
    stage.server.clock.advance(Seconds(86_400));
    let mut agent = Agent::new(&stage.server);
    assert!(is_refused(&stage.begin(&mut agent).await), "nothing new begins after a day");
    let _ = stage.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(200);
}

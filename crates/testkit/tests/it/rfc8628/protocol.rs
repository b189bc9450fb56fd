//! §3: what the device sends, and what it is told.

use http::{Method, Request};
use rstest::rstest;

use super::*;

/// §3.1, §3.2, §3.4, §3.5: from the two codes to the tokens.
#[rstest]
#[tokio::test]
async fn a_device_gets_what_its_person_agrees_to(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let answer = stage.send(&stage.client, &[("scope", "openid read admin")]).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let device = Waiting(answer.json());
    let issuer = if slug == "default" { String::new() } else { format!("/t/{slug}") };
    let uri = format!("https://id.example{issuer}/device");
    assert_eq!(device.text("verification_uri"), uri);
    let complete = format!("{uri}?user_code={}", device.text("user_code"));
    assert_eq!(device.text("verification_uri_complete"), complete);
    assert_eq!((&device.0["expires_in"], &device.0["interval"]), (&600.into(), &5.into()));
    let _ = stage.poll(&device).await.refused(400, "authorization_pending");

    let mut agent = Agent::new(&stage.server);
    let done = stage.allow(&mut agent, &device).await;
    assert!(done.path.contains("/device?done=allowed"), "{}", done.path);
    assert!(done.text().contains("Your device may go on"), "{}", done.text());
    assert!(!done.path.contains("code="), "nobody is shown the code that came of it");

    let tokens = stage.poll(&device).await.expect(200).json();
    assert_eq!((&tokens["token_type"], &tokens["scope"]), (&"Bearer".into(), &"openid read".into()));
    assert!(tokens["refresh_token"].is_string(), "{tokens}");
    let claims = crate::flow::claims(tokens["id_token"].as_str().unwrap());
    assert_eq!(claims["aud"], "tv");
    let by = Credential::bearer(tokens["access_token"].as_str().unwrap());
    let _ = stage.server.post(&stage.at("/oauth2/userinfo"), by, &[]).await.expect(200);
}

/// §3.5: a no is `access_denied`, and stays one.
#[rstest]
#[tokio::test]
async fn a_device_hears_of_a_no(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let stage = Stage::new(engine, "acme").await;
    let device = stage.begin().await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.consent(&mut agent, &device).await;
    let page = agent.submit(&page, &[("decision", "deny")]).await;
    assert!(page.text().contains("Your device gets nothing"), "{}", page.text());
    for _ in 0..2 {
        let _ = stage.poll(&device).await.refused(400, "access_denied");
    }
}

/// §3.5: who asks more often than every five seconds is told to slow down, and each device for itself.
#[tokio::test]
async fn a_device_that_hurries_is_told_to_slow_down() {
    let stage = Stage::usual().await;
    let (device, other) = (stage.begin().await, stage.begin().await);
    let _ = stage.poll(&device).await.refused(400, "authorization_pending");
    let _ = stage.poll(&device).await.refused(400, "slow_down");
    let _ = stage.poll(&other).await.refused(400, "authorization_pending");
    stage.server.clock.advance(Seconds(3));
    let _ = stage.poll(&device).await.refused(400, "slow_down");
    stage.later();
    let _ = stage.poll(&device).await.refused(400, "authorization_pending");
    // Once somebody has answered, nobody has to wait.
    let mut agent = Agent::new(&stage.server);
    let _ = stage.allow(&mut agent, &device).await;
    let _ = stage.poll(&device).await.expect(200);
}

/// §3.2, §3.5: after `expires_in` the code is worth nothing, whether nobody has answered or the device was away.
#[tokio::test]
async fn a_device_code_expires() {
    let stage = Stage::usual().await;
    let (device, agreed) = (stage.begin().await, stage.begin().await);
    let mut agent = Agent::new(&stage.server);
    let _ = stage.allow(&mut agent, &agreed).await;
    stage.server.clock.advance(Seconds(599));
    let _ = stage.poll(&device).await.refused(400, "authorization_pending");
    stage.server.clock.advance(Seconds(1));
    for device in [&device, &agreed] {
        let _ = stage.poll(device).await.refused(400, "expired_token");
    }
}

/// §3.1: clients authenticate as at the token endpoint; a public one says who it is. RFC 6749 §5.2 has the errors.
#[tokio::test]
async fn the_client_is_known_and_may_do_it() {
    let stage = Stage::usual().await;
    let nobody = stage.server.post(BEGIN, Credential::None, &[]).await;
    let _ = nobody.refused(401, "invalid_client");
    let unknown = [("client_id", "nobody")];
    let _ = stage.server.post(BEGIN, Credential::None, &unknown).await.refused(401, "invalid_client");
    let website = crate::flow::website(&stage.server, "site").create().await;
    let _ = stage.send(&website, &[]).await.refused(400, "unauthorized_client");
    let _ = stage.poll_as(&website, "dc_x").await.refused(400, "unauthorized_client");
    let box_ = television(&stage.server, "box").kind(ClientKind::Web).secret("a secret", None).create().await;
    let _ = stage.send(&box_, &[]).await.expect(200);
    let wrong = Credential::Basic { id: "box".into(), secret: "wrong".into() };
    let _ = stage.send(wrong, &[]).await.refused(401, "invalid_client");
    let _ = stage.send(&stage.client, &[("scope", "admin")]).await.refused(400, "invalid_scope");
    let _ = stage.send(&stage.client, &[("scope", "\"")]).await.refused(400, "invalid_scope");
    let twice = [("scope", "read"), ("scope", "openid")];
    let _ = stage.send(&stage.client, &twice).await.refused(400, "invalid_request");
    let pairs = [("grant_type", GRANT)];
    let _ = stage.server.post(TOKEN, &stage.client, &pairs).await.refused(400, "invalid_request");
    assert_eq!(stage.server.ask(Method::GET, BEGIN).await.status, 405);
    let json = Request::post(BEGIN).header("content-type", "application/json").body("{}".to_owned());
    assert_eq!(stage.server.request(json.unwrap()).await.status, 415);
}

/// §4: the metadata.
#[rstest]
#[tokio::test]
async fn the_metadata_says_where_devices_begin(#[values("default", "acme")] slug: &str) {
    let stage = Stage::new(Engine::Sqlite, slug).await;
    let path = stage.at("/.well-known/oauth-authorization-server");
    let metadata = stage.server.ask(Method::GET, &path).await.expect(200).json();
    let issuer = metadata["issuer"].as_str().unwrap();
    assert_eq!(metadata["device_authorization_endpoint"], format!("{issuer}{BEGIN}"));
    assert!(metadata["grant_types_supported"].as_array().unwrap().contains(&GRANT.into()));
}

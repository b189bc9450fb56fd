//! §5: what somebody may try.

use std::sync::Arc;

use rstest::rstest;
use tokio::task::JoinSet;

use super::*;

/// §5.1: a network has so many guesses in ten minutes; whoever types a good code has used up none, and another network
/// is not touched.
#[tokio::test]
async fn guesses_are_bounded_by_network() {
    let server = TestServer::builder().rate_limits().start().await;
    let tenant = server.default_tenant();
    let person = server.user(&tenant, "ada@example.org", PASSWORD).await;
    let client = television(&server, "tv").create().await;
    let stage = Stage { server, tenant, client, person };
    let device = stage.begin().await;
    let good = format!("/device?user_code={}", device.text("user_code"));
    let mut crowd = Agent::new(&stage.server).at("203.0.113.5");
    for _ in 0..150 {
        assert_eq!(crowd.get(&good).await.answer.status, 303);
    }
    let mut tried = 0;
    loop {
        let page = crowd.get("/device?user_code=WDJB-MJHT").await;
        if page.answer.status == 429 {
            assert!(page.answer.header("retry-after").parse::<u32>().unwrap() >= 1);
            break;
        }
        assert_eq!(page.answer.status, 400);
        tried += 1;
        assert!(tried <= 100, "never stopped");
    }
    assert_eq!(tried, 100);
    assert_eq!(crowd.get(&good).await.answer.status, 429, "nobody guesses on, not even rightly");
    let mut elsewhere = Agent::new(&stage.server).at("198.51.100.9");
    assert_eq!(elsewhere.get(&good).await.answer.status, 303);
}

/// §5.1: strangers who make the server keep devices that nobody answers are stopped, as with authorization requests.
#[tokio::test]
async fn devices_that_wait_are_bounded_by_network() {
    let server = TestServer::builder().rate_limits().start().await;
    let tenant = server.default_tenant();
    let person = server.user(&tenant, "ada@example.org", PASSWORD).await;
    let client = television(&server, "tv").create().await;
    let stage = Stage { server, tenant, client, person };
    let mut begun = 0;
    while stage.send(&stage.client, &[]).await.status == 200 {
        begun += 1;
        assert!(begun <= 2000, "never stopped");
    }
    assert!(begun > 0);
}

/// §5.2: a device code is good for its own client and tenant alone, whole.
#[rstest]
#[tokio::test]
async fn a_device_code_is_nobody_elses(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let stage = Stage::new(engine, "acme").await;
    let device = stage.begin().await;
    let mut agent = Agent::new(&stage.server);
    let _ = stage.allow(&mut agent, &device).await;
    let code = device.text("device_code");
    let other = television(&stage.server, "other").of(&stage.tenant).create().await;
    let _ = stage.poll_as(&other, code).await.refused(400, "invalid_grant");
    let root = television(&stage.server, "root").create().await;
    let pairs = [("grant_type", GRANT), ("device_code", code)];
    let _ = stage.server.post(TOKEN, &root, &pairs).await.refused(400, "invalid_grant");
    let mut wrong = code.to_owned();
    let last = wrong.pop().unwrap();
    wrong.push(if last == '0' { '1' } else { '0' });
    for code in [&*wrong, "", "dc_", "dc_x", device.text("user_code"), &code.replace("dc_", "code_")] {
        let answer = stage.poll_as(&stage.client, code).await;
        let _ = answer.refused(400, if code.is_empty() { "invalid_request" } else { "invalid_grant" });
    }
    // A person's code of the same client in another tenant is nobody's here.
    let page =
        Agent::new(&stage.server).open(&format!("/device?user_code={}", device.text("user_code"))).await;
    assert_eq!(page.answer.status, 400);
    let _ = stage.poll(&device).await.expect(200);
}

/// §3.5, §5.2: tokens are given once, however many ask at the same time; a code that comes again ends what it gave.
#[rstest]
#[tokio::test]
async fn of_many_polls_one_gets_tokens(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let stage = Arc::new(Stage::new(engine, "default").await);
    let device = stage.begin().await;
    let mut agent = Agent::new(&stage.server);
    let _ = stage.allow(&mut agent, &device).await;
    let mut crowd = JoinSet::new();
    for _ in 0..32 {
        let (stage, code) = (Arc::clone(&stage), device.text("device_code").to_owned());
        crowd.spawn(async move { stage.poll_as(&stage.client, &code).await });
    }
    let answers = crowd.join_all().await;
    let given: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(given.len(), 1);
    let tokens = given[0].json();
    let by = Credential::bearer(tokens["access_token"].as_str().unwrap());
    let _ = stage.server.post("/oauth2/userinfo", by, &[]).await.refused(401, "invalid_token");
    let refresh =
        [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let _ = stage.server.post(TOKEN, &stage.client, &refresh).await.refused(400, "invalid_grant");
}

/// §5.4: whoever is lured to the page with somebody else's code decides in their own browser alone: another one's form,
/// another site's, and a page of the tenant's own do not.
#[tokio::test]
async fn nobody_agrees_for_somebody_else() {
    let stage = Stage::usual().await;
    let device = stage.begin().await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.consent(&mut agent, &device).await;
    // Another browser does not even see the request.
    let mut other = Agent::new(&stage.server);
    let stolen = other.open(&page.path).await;
    assert!(stolen.text().contains("This sign-in is over"), "{}", stolen.text());
    // A form without what the page was shown with says nothing.
    let forged = agent.post(&page.form().action, &[("decision", "allow")]).await;
    assert_ne!(forged.location().unwrap_or_default(), "https://id.example/device?done=allowed");
    let _ = stage.poll(&device).await.refused(400, "authorization_pending");
}

/// §5.4: a code is answered once; a second browser that had followed it is told so.
#[rstest]
#[tokio::test]
async fn a_code_is_answered_once(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let stage = Stage::new(engine, "acme").await;
    let device = stage.begin().await;
    let (mut first, mut second) = (Agent::new(&stage.server), Agent::new(&stage.server));
    let page = stage.consent(&mut second, &device).await;
    let _ = stage.allow(&mut first, &device).await;
    let late = second.submit(&page, &[("decision", "deny")]).await;
    assert!(late.text().contains("answered already"), "{}", late.text());
    let _ = stage.poll(&device).await.expect(200);
    let again = second.open(&stage.at(&format!("/device?user_code={}", device.text("user_code")))).await;
    assert_eq!(again.answer.status, 400);
}

/// §5.6: a client of which anybody may pretend to be one gets nothing that its person has not been asked for.
#[tokio::test]
async fn a_device_gets_no_more_than_its_client_may_have_at_the_end() {
    let stage = Stage::usual().await;
    let device = stage.begin().await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.consent(&mut agent, &device).await;
    let id = stage.client.id.to_string();
    let path = format!("/api/v1/clients/{id}");
    let narrower = http::Request::patch(&path)
        .header("authorization", format!("Bearer {}", stage.server.management_key()))
        .header("content-type", "application/json")
        .body(r#"{"scope":"openid"}"#.to_owned());
    let _ = stage.server.request(narrower.unwrap()).await.expect(200);
    // What was shown is not what can be given any more: it is shown anew.
    let _ = agent.submit(&page, &[("decision", "allow")]).await;
    let _ = stage.poll(&device).await.refused(400, "authorization_pending");
    let page = agent.open(&page.path).await;
    assert!(!page.form().has("scope.read"), "{}", page.text());
    let _ = agent.submit(&page, &[("decision", "allow")]).await;
    let tokens = stage.poll(&device).await.expect(200).json();
    assert_eq!(tokens["scope"], "openid");
}

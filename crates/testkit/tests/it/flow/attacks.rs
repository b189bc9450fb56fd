//! What somebody tries who should not get anything.

use http::Request;
use serde_json::json;
use writ_core::settings::{ConsentReturn, TenantSettings};
use writ_testkit::{Agent, Answer, TestServer};

use super::{ada, code, redeem, request, website};

async fn approve(server: &TestServer, token: &str, challenge: &str) -> Answer {
    let body = json!({ "loginChallenge": challenge, "approved": true, "remember": true });
    let request = Request::post("/api/v1/oauth/consent")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"));
    server.request(request.body(body.to_string()).unwrap()).await
}

/// The attacker begins an authorization in a browser of their own, and approves it with a token that they have stolen,
/// or were given: nothing comes of it.
#[tokio::test]
async fn a_stolen_token_approves_nothing() {
    let server = TestServer::start().await;
    let resume = TenantSettings { consent_return: ConsentReturn::Resume, ..TenantSettings::default() };
    let tenant = server.tenant_with("acme", resume).await;
    ada(&server).await;
    server.user(&tenant, "ada@example.org", super::PASSWORD).await;
    // The token of an ordinary application: that a person gave it `openid` is no leave to decide for them.
    let third = website(&server, "third").create().await;
    website(&server, "evil").create().await;
    let mut victim = Agent::new(&server);
    let body = redeem(&server, &third, &code(&mut victim, &third, &[]).await.code()).await.json();
    let stolen = body["access_token"].as_str().unwrap();
    let mut attacker = Agent::new(&server);
    let page = attacker.open(&request("evil", &[])).await;
    let _ = approve(&server, stolen, &page.challenge()).await.expect(403);
    // An ID token is no access token.
    let _ = approve(&server, body["id_token"].as_str().unwrap(), &page.challenge()).await.expect(401);
    assert!(page.text().contains("Sign in"), "nobody was signed in by it");
    assert!(attacker.open(&page.path).await.text().contains("Sign in"));

    // The token of the tenant's own application: the yes counts, and the code leaves only to the browser that asked.
    let own = website(&server, "own").of(&tenant).first_party().interaction().create().await;
    website(&server, "evil2").of(&tenant).create().await;
    let own_request = tenant.path(&request("own", &[]));
    let page = victim.open(&own_request).await;
    let back = super::sign_in(&mut victim, &page).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &*back.code()),
        ("redirect_uri", super::CALLBACK),
        ("code_verifier", super::VERIFIER),
    ];
    let body = server.post(&tenant.path("/oauth2/token"), &own, &pairs).await.expect(200).json();
    let token = body["access_token"].as_str().unwrap();
    let begun = victim.get(&tenant.path(&request("evil2", &[]))).await.location().unwrap();
    let challenge = begun.split_once("login_challenge=").unwrap().1;
    let answer = approve(&server, token, challenge).await.expect(200).json();
    let to = answer["data"]["redirectTo"].as_str().unwrap().to_owned();
    let start = format!("https://id.example/t/acme/consent?login_challenge={challenge}&consent_verifier=cv_");
    assert!(to.starts_with(&start), "{to}");
    let here = to.strip_prefix("https://id.example").unwrap();
    let elsewhere = attacker.get(here).await;
    assert_eq!((elsewhere.answer.status, elsewhere.location()), (400, None));
    let (without, _) = here.split_once("&consent_verifier=").unwrap();
    assert_eq!(victim.get(without).await.answer.status, 400, "the cookie alone does not do");
    assert_eq!(victim.get(&format!("{here}0")).await.answer.status, 400, "nor does another secret");
    assert!(!victim.get(here).await.code().is_empty());
    assert_eq!(victim.get(here).await.answer.status, 400, "once");
}

/// A challenge that was begun where somebody was signed in is that person's.
#[tokio::test]
async fn nobody_decides_what_another_person_began() {
    let server = TestServer::start().await;
    ada(&server).await;
    server.user(&server.default_tenant(), "bob", "another long password").await;
    let own = website(&server, "own").first_party().interaction().create().await;
    website(&server, "third").create().await;
    let mut ada = Agent::new(&server);
    code(&mut ada, &own, &[]).await.code();
    let mut bob = Agent::new(&server);
    let page = bob.open(&request("own", &[])).await;
    let back = bob.submit(&page, &[("username", "bob"), ("password", "another long password")]).await;
    let body = redeem(&server, &own, &back.code()).await.json();
    let token = body["access_token"].as_str().unwrap();
    let begun = ada.get(&request("third", &[])).await.location().unwrap();
    let challenge = begun.split_once("login_challenge=").unwrap().1;
    let _ = approve(&server, token, challenge).await.expect(404);
    let mine = bob.get(&request("third", &[])).await.location().unwrap();
    let _ = approve(&server, token, mine.split_once("login_challenge=").unwrap().1).await.expect(200);
}

//! What is picked with an authorization request, narrowed where it is redeemed.

use rstest::rstest;
use serde_json::json;
use writ_core::client::{ClientKind, GrantType};
use writ_testkit::{Agent, Answer, Engine, TestClient};

use super::{FILES, MAIL, Stage, TOKEN, both, given};
use crate::flow::{CALLBACK, VERIFIER, at, request, sign_in, website};

const SCOPE: &str = "openid offline_access read files:read files:write mail:send";

impl Stage {
    async fn website(&self, client_id: &str) -> TestClient {
        website(&self.server, client_id).of(&self.tenant).scope(SCOPE).first_party().create().await
    }

    async fn code(&self, client: &TestClient, scope: &str, resources: &[&str]) -> String {
        let mut asked = at(&self.tenant, &request(&client.client_id, &[("scope", scope)]));
        for resource in resources {
            asked.push('&');
            asked.push_str(&writ_testkit::form(&[("resource", resource)]));
        }
        let mut agent = Agent::new(&self.server);
        let page = agent.open(&asked).await;
        sign_in(&mut agent, &page).await.code()
    }

    async fn redeem(&self, client: &TestClient, code: &str, resources: &[&str]) -> Answer {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        pairs.extend(resources.iter().map(|resource| ("resource", *resource)));
        self.server.post(&at(&self.tenant, TOKEN), client, &pairs).await
    }

    async fn refresh(&self, client: &TestClient, token: &str, resources: &[&str]) -> Answer {
        let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        pairs.extend(resources.iter().map(|resource| ("resource", *resource)));
        self.server.post(&at(&self.tenant, TOKEN), client, &pairs).await
    }
}

/// §2.1, §2.2: several are picked, and each token is for one of them.
#[rstest]
#[tokio::test]
async fn what_was_picked_is_narrowed_at_redemption_and_refresh(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let client = stage.website("own").await;
    let code = stage.code(&client, SCOPE, &[FILES, MAIL]).await;
    let answer = stage.redeem(&client, &code, &[FILES]).await.expect(200);
    assert_eq!(given(&answer), (json!(FILES), "openid offline_access read files:read files:write".into()));
    assert!(answer.json()["id_token"].is_string());
    let refresh = answer.member("refresh_token");
    let answer = stage.refresh(&client, &refresh, &[MAIL]).await.expect(200);
    assert_eq!(given(&answer), (json!(MAIL), "openid offline_access read mail:send".into()));
    let refresh = answer.member("refresh_token");
    // Neither is the one that is meant.
    let _ = stage.refresh(&client, &refresh, &[]).await.refused(400, "invalid_target");
    // A refusal uses nothing up; and the grant is for these two for good.
    for beyond in [stage.tenant.issuer.as_str(), "https://unknown.example"] {
        let _ = stage.refresh(&client, &refresh, &[beyond]).await.refused(400, "invalid_target");
    }
    let _ = stage.refresh(&client, &refresh, &[FILES]).await.expect(200);
}

/// §2.2: a code for one gives nothing else, and names it by itself.
#[tokio::test]
async fn a_code_for_one_resource_is_for_that_one() {
    let stage = Stage::usual().await;
    let client = stage.website("own").await;
    let code = stage.code(&client, "openid files:read mail:send", &[FILES]).await;
    let _ = stage.redeem(&client, &code, &[MAIL]).await.refused(400, "invalid_target");
    let answer = stage.redeem(&client, &code, &[]).await.expect(200);
    assert_eq!(given(&answer), (json!(FILES), "openid files:read".into()));
    let answer = stage.refresh(&client, &answer.member("refresh_token"), &[]).await.expect(200);
    assert_eq!(given(&answer).0, json!(FILES));
}

/// Nothing picked: the scopes say what the token may be for, and nothing beyond.
#[tokio::test]
async fn what_was_not_picked_is_within_the_scopes() {
    let stage = Stage::usual().await;
    let client = stage.website("own").await;
    let code = stage.code(&client, "openid files:read", &[]).await;
    let _ = stage.redeem(&client, &code, &[MAIL]).await.refused(400, "invalid_target");
    let answer = stage.redeem(&client, &code, &[]).await.expect(200);
    assert_eq!(
        given(&answer).0,
        json!([FILES, stage.tenant.issuer]),
        "UserInfo too, for whoever knows no resources"
    );
    let refresh = answer.member("refresh_token");
    let answer = stage.refresh(&client, &refresh, &[FILES]).await.expect(200);
    assert_eq!(given(&answer).0, json!(FILES));
    let _ =
        stage.refresh(&client, &answer.member("refresh_token"), &[MAIL]).await.refused(400, "invalid_target");
}

/// AUTHORITY, Audience: a token for another API is not for Writ's own, whatever its scope says.
#[tokio::test]
async fn a_token_for_an_api_is_no_good_at_userinfo() {
    let stage = Stage::usual().await;
    let client = stage.website("own").await;
    let code = stage.code(&client, "openid files:read", &[FILES, &stage.tenant.issuer]).await;
    let answer = stage.redeem(&client, &code, &[FILES]).await.expect(200);
    let userinfo = |token: String| {
        let request =
            http::Request::get("/oauth2/userinfo").header("authorization", format!("Bearer {token}"));
        stage.server.request(request.body("").unwrap())
    };
    let _ = userinfo(answer.member("access_token")).await.refused(401, "invalid_token");
    let answer =
        stage.refresh(&client, &answer.member("refresh_token"), &[&stage.tenant.issuer]).await.expect(200);
    let _ = userinfo(answer.member("access_token")).await.expect(200);
}

/// §2.1: the client hears of it; §2: also for what is pushed, and for devices.
#[rstest]
#[tokio::test]
async fn a_request_that_names_what_is_not_there_is_refused_wherever_it_begins(
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(Engine::Sqlite, slug).await;
    let client = stage.website("own").await;
    let bad = ("resource", "https://unknown.example");
    let page = Agent::new(&stage.server).open(&at(&stage.tenant, &request("own", &[bad]))).await;
    assert_eq!(page.sent()["error"], "invalid_target");
    let pairs = [("response_type", "code"), ("redirect_uri", CALLBACK), bad];
    let par = at(&stage.tenant, "/oauth2/par");
    let _ = stage.server.post(&par, &client, &pairs).await.refused(400, "invalid_target");
    let grants = [GrantType::DeviceCode];
    let device = stage.server.client("tv").of(&stage.tenant).kind(ClientKind::Native).grants(&grants);
    let device = device.scope("files:read mail:send").create().await;
    let begin = at(&stage.tenant, "/oauth2/device_authorization");
    let _ = stage.server.post(&begin, &device, &[bad]).await.refused(400, "invalid_target");
}

/// RFC 9126: what is pushed keeps all of its resources. RFC 8628: so does what a device asks.
#[rstest]
#[tokio::test]
async fn what_is_pushed_and_what_a_device_asks_keeps_its_resources(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let stage = Stage::new(engine, "default").await;
    let client = stage.website("own").await;
    let pairs = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", crate::flow::CHALLENGE),
        ("code_challenge_method", "S256"),
        ("resource", FILES),
        ("resource", MAIL),
    ];
    let pushed = stage.server.post("/oauth2/par", &client, &pairs).await.expect(201).member("request_uri");
    let mut agent = Agent::new(&stage.server);
    let query = writ_testkit::form(&[("client_id", "own"), ("request_uri", &pushed)]);
    let page = agent.open(&format!("/oauth2/authorize?{query}")).await;
    let code = sign_in(&mut agent, &page).await.code();
    assert_eq!(given(&stage.redeem(&client, &code, &[MAIL]).await.expect(200)).0, json!(MAIL));

    let device = stage.server.client("tv").kind(ClientKind::Native).grants(&[GrantType::DeviceCode]);
    let device = device.scope("files:read mail:send").several_resources().create().await;
    let asked = [("resource", FILES), ("resource", MAIL)];
    let told = stage.server.post("/oauth2/device_authorization", &device, &asked).await.expect(200);
    let page = agent.open(&format!("/device?user_code={}", told.member("user_code"))).await;
    let page = agent.submit(&page, &[("decision", "allow")]).await;
    let page = agent.follow(page).await;
    assert_eq!(page.answer.status, 200, "{}", page.text());
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let pairs = [("grant_type", grant), ("device_code", &*told.member("device_code"))];
    let answer = stage.server.post(TOKEN, &device, &pairs).await.expect(200);
    assert_eq!(given(&answer).0, both());
}

/// What was taken from the client, or is gone, while a grant goes on.
#[tokio::test]
async fn a_grant_gives_no_more_than_there_is_now() {
    let stage = Stage::usual().await;
    let client = stage.website("own").await;
    let code = stage.code(&client, SCOPE, &[FILES, MAIL]).await;
    let answer = stage.redeem(&client, &code, &[FILES]).await.expect(200);
    stage.server.sql("DELETE FROM resources WHERE identifier = ?1", [FILES]);
    stage.server.sql("UPDATE tenants SET version = version + 1", []);
    let refresh = answer.member("refresh_token");
    let _ = stage.refresh(&client, &refresh, &[FILES]).await.refused(400, "invalid_target");
    let answer = stage.refresh(&client, &refresh, &[]).await.expect(200);
    assert_eq!(given(&answer).0, json!(MAIL), "the one that is left");
}

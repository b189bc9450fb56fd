//! OpenID Connect Core §5.5: claims that a request asks for one by one; §3.1.2.1 and §2: what the sign-in has to be, and what
//! the ID token says of it.

use rstest::rstest;
use serde_json::{Value, json};
use writ_core::settings::{Switch, TenantSettings};
use writ_core::time::Seconds;
use writ_testkit::{Agent, Engine, TestClient, TestServer};

use super::{Stage, manage};
use crate::flow::{PASSWORD, claims, request, sign_in, website};

const ASKED: &str = r#"{"userinfo":{"preferred_username":{"essential":true},"name":null,"http://a.example/x":null},
    "id_token":{"preferred_username":null,"auth_time":{"essential":true},"acr":{"essential":true,"values":["1","2"]}}}"#;

fn id_token(tokens: &Value) -> Value {
    claims(tokens["id_token"].as_str().unwrap())
}

impl Stage {
    async fn asking(&self, client: &TestClient, more: &[(&str, &str)]) -> Value {
        let mut agent = Agent::new(&self.server);
        let page = agent.open(&self.at(&request(&client.client_id, more))).await;
        let page = sign_in(&mut agent, &page).await;
        self.redeemed(client, &page.code()).await
    }
}

/// §5.2: `claims_locales` is taken; claims are there in one language, and none is missing for it (§5.2: it is no error).
#[tokio::test]
async fn languages_of_claims_are_a_preference() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let site = stage.site("site", "openid profile").await;
    let plain = stage.asking(&site, &[("scope", "openid profile")]).await;
    let asked = [("scope", "openid profile"), ("claims_locales", "ja-Kana-JP x-klingon de")];
    let preferred = stage.asking(&site, &asked).await;
    assert_eq!(stage.userinfo(&preferred).await, stage.userinfo(&plain).await);
    assert_eq!(id_token(&preferred)["preferred_username"], "ada@example.org");
}

/// §5.5: each claim is told where it was asked for, without the rest of its scope; also after a refresh.
#[rstest]
#[tokio::test]
async fn single_claims_are_told_where_they_were_asked_for(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let site = stage.site("site", "openid email profile offline_access").await;
    let tokens = stage.asking(&site, &[("scope", "openid offline_access"), ("claims", ASKED)]).await;
    let told = stage.userinfo(&tokens).await;
    assert_eq!(told["preferred_username"], "ada@example.org");
    assert!(told.get("updated_at").is_none(), "not the rest of its scope: {told}");
    let after = stage.refreshed(&site, &tokens).await;
    for tokens in [&tokens, &after] {
        let id = id_token(tokens);
        assert_eq!(
            (&id["preferred_username"], &id["acr"], &id["amr"]),
            (&json!("ada@example.org"), &json!("1"), &json!(["pwd"]))
        );
        assert!(id["auth_time"].is_i64() && id.get("updated_at").is_none(), "{id}");
    }
    assert_eq!(stage.userinfo(&after).await["preferred_username"], "ada@example.org");
    let metadata = stage.server.get(&stage.at("/.well-known/openid-configuration")).await.json();
    assert_eq!(
        (&metadata["claims_parameter_supported"], &metadata["acr_values_supported"]),
        (&json!(true), &json!(["1", "2"]))
    );
}

/// A client gets no claim of a scope that it is not registered for.
#[tokio::test]
async fn claims_are_no_way_round_the_scopes_of_a_client() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let site = stage.site("site", "openid email").await;
    let tokens = stage.asking(&site, &[("scope", "openid"), ("claims", ASKED)]).await;
    assert!(stage.userinfo(&tokens).await.get("preferred_username").is_none());
    assert!(id_token(&tokens).get("preferred_username").is_none());
}

/// §5.5, §11: a person sees what is asked for, and agrees to it each time where what is remembered does not have it; who
/// leaves out a scope gives none of its claims.
#[tokio::test]
async fn people_see_and_agree_to_single_claims() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let site = website(&stage.server, "site").scope("openid email profile").create().await;
    let ask = |scope| request("site", &[("scope", scope), ("claims", ASKED)]);
    let mut agent = Agent::new(&stage.server);
    let page = agent.open(&ask("openid")).await;
    let page = sign_in(&mut agent, &page).await;
    assert!(
        page.text().contains("<bdi>Username</bdi>") && page.text().contains("<bdi>Your name</bdi>"),
        "{}",
        page.text()
    );
    let back = agent.submit(&page, &[("decision", "allow")]).await;
    let tokens = stage.redeemed(&site, &back.code()).await;
    assert_eq!(stage.userinfo(&tokens).await["preferred_username"], "ada@example.org");
    assert!(agent.open(&ask("openid")).await.path.contains("/consent"), "nobody has agreed to it for good");
    let silent = format!("{}&prompt=none", ask("openid"));
    assert_eq!(agent.get(&silent).await.sent()["error"], "consent_required");
    // With the scopes that have them it is remembered.
    let page = agent.open(&ask("openid email profile")).await;
    let _ = agent.submit(&page, &[("decision", "allow")]).await;
    assert!(!agent.get(&silent).await.code().is_empty());
}

/// §5.5.1: what is malformed is refused, an essential `acr` that nobody can have too. §3.1.2.2: `sub` says who it has
/// to be.
#[tokio::test]
async fn what_cannot_be_is_refused() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let site = stage.site("site", "openid").await;
    let tokens = stage.asking(&site, &[]).await;
    let mut agent = Agent::new(&stage.server);
    let page = agent.open(&request("site", &[])).await;
    let _ = sign_in(&mut agent, &page).await;
    let sub = |value: &str| json!({ "id_token": { "sub": { "value": value } } }).to_string();
    let other = writ_core::subject::Subject::of(writ_core::ids::UserId::from_bytes([9; 16])).to_string();
    for (asked, error) in [
        ("{", Some("invalid_request")),
        ("[]", Some("invalid_request")),
        (r#"{"userinfo":{"name":"x"}}"#, Some("invalid_request")),
        (
            r#"{"id_token":{"acr":{"essential":true,"values":["3"]}}}"#,
            Some("unmet_authentication_requirements"),
        ),
        (r#"{"id_token":{"acr":{"values":["2"]}}}"#, None),
        (&sub("nobody"), Some("invalid_request")),
        (&sub(&other), Some("login_required")),
        (&sub(id_token(&tokens)["sub"].as_str().unwrap()), None),
    ] {
        let page = agent.get(&request("site", &[("claims", asked), ("prompt", "none")])).await;
        assert_eq!(page.sent().get("error").map(|error| &**error), error, "{asked}");
    }
}

/// OpenID Connect Registration §2: `default_max_age` holds where a request does not say.
#[tokio::test]
async fn a_client_says_how_old_a_sign_in_may_be() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let _ = stage.site("site", "openid").await;
    let path = ("PATCH", "/api/v1/clients/site");
    let _ =
        manage(&stage.server, path, &json!({ "default_max_age": -1 })).await.refused(400, "invalid_request");
    let shown = manage(&stage.server, path, &json!({ "default_max_age": 60 })).await.expect(200).json();
    assert_eq!(shown["default_max_age"], 60);
    let mut agent = Agent::new(&stage.server);
    let page = agent.open(&request("site", &[])).await;
    let _ = sign_in(&mut agent, &page).await;
    let silent = |age: &str| request("site", &[("prompt", "none"), ("max_age", age)]);
    assert!(!agent.get(&silent("")).await.code().is_empty());
    stage.server.clock.advance(Seconds(61));
    assert_eq!(agent.get(&silent("")).await.sent()["error"], "login_required");
    assert!(!agent.get(&silent("62")).await.code().is_empty());
}

/// Initiating User Registration via OpenID Connect 1.0 §4: `prompt=create` begins where people register, where they may.
#[rstest]
#[tokio::test]
async fn a_request_may_begin_with_a_new_account(#[values(true, false)] open: bool) {
    let server = TestServer::start().await;
    let settings = TenantSettings { self_registration: Switch::from(open), ..TenantSettings::default() };
    let tenant = server.tenant_with("acme", settings).await;
    server.user(&tenant, "ada@example.org", PASSWORD).await;
    let _ = website(&server, "site").of(&tenant).create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&crate::flow::at(&tenant, &request("site", &[("prompt", "create")]))).await;
    assert!(page.path.contains(if open { "/t/acme/register" } else { "/t/acme/login" }), "{}", page.path);
    let metadata = server.get("/t/acme/.well-known/openid-configuration").await.json();
    let prompts = metadata["prompt_values_supported"].as_array().unwrap();
    assert_eq!(prompts.contains(&json!("create")), open);
}

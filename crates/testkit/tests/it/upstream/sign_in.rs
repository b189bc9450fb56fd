//! The way there and back: an account is made, found again, and kept as strong and as new as what was proved.

use rstest::rstest;
use serde_json::json;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Engine};

use super::{ADA, Scene, ada};
use crate::flow::{PASSWORD, request};
use crate::leaving::set;

/// OpenID Connect Core §3.1.2.1, §3.1.3.1, RFC 7636 §4.3: the browser is sent with state, nonce and challenge; the code is
/// redeemed with the secret and the verifier; whoever comes for the first time has an account then, and the same the next time.
#[rstest]
#[tokio::test]
async fn whoever_a_provider_knows_has_an_account(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let scene = Scene::new(engine, slug).await;
    let mut agent = Agent::new(&scene.server);
    let away = scene.away(&mut agent, &[("login_hint", ADA)]).await;
    let callback = format!("{}/login/with/up/callback", scene.tenant.issuer);
    for (name, value) in [
        ("client_id", "writ-at-up"),
        ("redirect_uri", callback.as_str()),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
        ("login_hint", ADA),
    ] {
        assert_eq!(away.sent.get(name).map(String::as_str), Some(value), "{name}");
    }
    let page = scene.back(&mut agent, &away, &ada()).await;
    let id = scene.id_token(&page.code()).await;
    assert_eq!(
        (&id["email"], &id["email_verified"], &id["name"], &id["preferred_username"]),
        (&json!(ADA), &json!(true), &json!("Ada Lovelace"), &json!(ADA))
    );
    assert_eq!((&id["amr"], &id["acr"]), (&json!(["fed"]), &json!("1")));
    let [call] = &*scene.host.heard("/token") else { panic!("one") };
    assert!(call.head.to_lowercase().contains("authorization: basic "), "{}", call.head);
    let sent = writ_core::form::Form::parse(call.body.as_bytes()).unwrap();
    assert_eq!(
        (sent.get("grant_type"), sent.get("code")),
        (Some("authorization_code"), Some("upstream-code"))
    );
    assert_eq!(sent.get("redirect_uri"), Some(callback.as_str()));
    assert_eq!(sent.get("code_verifier").unwrap().len(), 43);
    assert_eq!(sent.get("client_secret"), None);

    // The same person, in another browser.
    let again = scene.signs_in(&ada()).await;
    assert_eq!(again["sub"], id["sub"]);
    // They may change their address there: it is they all the same.
    let moved = scene.signs_in(&json!({ "email": "lovelace@example.org", "email_verified": true })).await;
    assert_eq!(moved["sub"], id["sub"]);
    let other = scene.signs_in(&json!({ "sub": "somebody-else" })).await;
    assert_ne!(other["sub"], id["sub"]);
    // Signed in, they go on without the provider.
    let silent = agent.open(&scene.at(&request("site", &[("prompt", "none")]))).await;
    assert!(!silent.code().is_empty());
    let records = ["identity_provider.created", "user.created", "user.signed_in", "session.started"];
    for action in records {
        let path = format!("/api/v1/audit-logs?action={action}");
        let found = scene.manage(("GET", &path), &serde_json::Value::Null).await.expect(200).json();
        assert!(!found["audit_logs"].as_array().unwrap().is_empty(), "{action}");
    }
}

/// On the way to one's own account; and a browser that comes back twice goes on where it was.
#[rstest]
#[tokio::test]
async fn the_way_to_the_account_leads_over_the_provider_too(#[values("default", "acme")] slug: &str) {
    let scene = Scene::new(Engine::Sqlite, slug).await;
    let mut agent = Agent::new(&scene.server);
    let page = agent.open(&scene.at("/account/profile")).await;
    let page = agent.get(&page.link("Continue with Upstream")).await;
    let away = scene.sent_away(page);
    let page = scene.back(&mut agent, &away, &ada()).await;
    assert_eq!(page.path, scene.at("/account/profile"), "{}", page.text());
    let again =
        scene.returned(&mut agent, &[("code", "upstream-code"), ("state", &away.sent["state"])]).await;
    assert_eq!(again.path, scene.at("/account/profile"));
    assert_eq!(scene.host.heard("/token").len(), 1, "a state is used once");
    assert_eq!(scene.server.count("SELECT COUNT(*) FROM sessions"), 1);
}

/// The provider's own page may have the answer sent as a form, without our cookies (OAuth 2.0 Form Post Response Mode).
#[tokio::test]
async fn an_answer_may_come_as_a_form() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    let mut agent = Agent::new(&scene.server);
    let away = scene.away(&mut agent, &[]).await;
    scene.host.knows(("writ-at-up", &away.sent["nonce"], scene.now()), &ada());
    let mut bare = Agent::new(&scene.server);
    let pairs = [("code", "upstream-code"), ("state", away.sent["state"].as_str()), ("user", "{}")];
    let page = bare.post("/login/with/up/callback", &pairs).await;
    let page = agent.open(&page.location().unwrap()).await;
    assert!(!page.code().is_empty());
}

/// RFC 8176, OpenID Connect Core §2: a second factor that was proved there counts where the tenant says so, and is asked for here
/// otherwise; `auth_time` is when they signed in there.
#[tokio::test]
async fn one_policy_judges_every_way_in() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    set(&scene.server, &scene.tenant, json!({ "second_factor": "everyone" })).await;
    let mut agent = Agent::new(&scene.server);
    let both = json!({ "amr": ["pwd", "otp", "mfa"], "email": ADA, "email_verified": true });
    let away = scene.away(&mut agent, &[]).await;
    let page = scene.back(&mut agent, &away, &both).await;
    assert!(page.path.starts_with("/login/factor"), "{}", page.path);
    assert_eq!(scene.server.count("SELECT COUNT(*) FROM sessions"), 0);
    scene.change(&json!({ "trust_second_factor": true })).await;
    let hour_ago = scene.now() - 3600;
    let mut strong = both.clone();
    strong["auth_time"] = json!(hour_ago);
    let id = scene.signs_in(&strong).await;
    assert_eq!((&id["acr"], &id["auth_time"]), (&json!("2"), &json!(hour_ago)));
    assert_eq!(id["amr"], json!(["fed", "mfa", "otp", "pwd"]));
    // What it does not say was not proved.
    let mut agent = Agent::new(&scene.server);
    let away = scene.away(&mut agent, &[]).await;
    let page = scene.back(&mut agent, &away, &json!({ "amr": ["pwd"] })).await;
    assert!(page.path.starts_with("/login/factor"), "{}", page.path);
}

/// OpenID Connect Core §3.1.2.1: who has to sign in anew does so at the provider, and an old sign-in there does not count.
#[tokio::test]
async fn a_new_sign_in_is_asked_for_there() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    let mut agent = Agent::new(&scene.server);
    let away = scene.away(&mut agent, &[("prompt", "login")]).await;
    assert_eq!(away.sent["prompt"], "login");
    scene.server.clock.advance(Seconds(30));
    let mut old = ada();
    old["auth_time"] = json!(scene.now() - 3600);
    let page = scene.back(&mut agent, &away, &old).await;
    assert!(page.location().is_none() && page.path.starts_with("/login?"), "{}", page.path);
    let page = agent.get(&page.link("Continue with Upstream")).await;
    let away = scene.sent_away(page);
    let mut new = ada();
    new["auth_time"] = json!(scene.now());
    let page = scene.back(&mut agent, &away, &new).await;
    assert!(!page.code().is_empty());
}

/// Whoever types an address of the provider's, and no password, is led there; a password that was typed goes nowhere else.
#[rstest]
#[tokio::test]
async fn an_address_leads_to_its_provider(#[values("default", "acme")] slug: &str) {
    let scene = Scene::new(Engine::Sqlite, slug).await;
    scene.change(&json!({ "domains": ["Corp.Example"] })).await;
    let mut agent = Agent::new(&scene.server);
    let page = agent.open(&scene.at(&request("site", &[]))).await;
    let there = agent.send_form(&page, &[("username", "eve@corp.example"), ("password", "")]).await;
    let away = scene.sent_away(there);
    assert_eq!(away.sent["login_hint"], "eve@corp.example");
    let page = scene.back(&mut agent, &away, &json!({ "sub": "eve" })).await;
    assert!(!page.code().is_empty());
    let mut other = Agent::new(&scene.server);
    let page = other.open(&scene.at(&request("site", &[]))).await;
    for typed in [("eve@corp.example", "a password"), ("eve@sub.corp.example", ""), ("eve", "")] {
        let again = other.send_form(&page, &[("username", typed.0), ("password", typed.1)]).await;
        assert_eq!(again.answer.status, 400, "{typed:?}");
    }
    let page = other.open(&scene.at("/account/sign-in")).await;
    let there = other.send_form(&page, &[("username", "eve@corp.example"), ("password", "")]).await;
    let away = scene.sent_away(there);
    assert_eq!(away.sent["login_hint"], "eve@corp.example");
}

/// A provider without metadata: who somebody is, is told at an address (RFC 6749, RFC 6750).
#[tokio::test]
async fn a_provider_may_speak_oauth_alone() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    let at = |path: &str| format!("{}{path}", scene.host.issuer);
    let plain = json!({
        "slug": "plain", "preset": "oauth2", "name": "Plain", "client_id": "writ", "client_secret": "secret",
        "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "userinfo_endpoint": at("/user"),
        "scope": "read:user", "token_endpoint_auth_method": "client_secret_post",
    });
    let _ = scene.manage(("POST", super::PROVIDERS), &plain).await.expect(201);
    scene.host.says("/token", 200, &json!({ "access_token": "opaque", "token_type": "bearer" }));
    scene.host.says("/user", 200, &json!({ "id": 583_231, "login": "octocat", "name": "Mona" }));
    let mut agent = Agent::new(&scene.server);
    let page = agent.open(&request("site", &[("scope", "openid profile")])).await;
    let page = agent.get(&page.link("Continue with Plain")).await;
    let sent = page.sent();
    assert_eq!((sent["scope"].as_str(), sent.get("nonce")), ("read:user", None));
    let page = agent.open(&format!("/login/with/plain/callback?code=c&state={}", sent["state"])).await;
    let id = scene.id_token(&page.code()).await;
    assert_eq!((&id["preferred_username"], &id["name"]), (&json!("octocat"), &json!("Mona")));
    let [call] = &*scene.host.heard("/user") else { panic!("one") };
    assert!(call.head.to_lowercase().contains("authorization: bearer opaque"));
    let [call] = &*scene.host.heard("/token") else { panic!("one") };
    assert!(
        call.body.contains("client_secret=secret") && !call.head.to_lowercase().contains("authorization")
    );
}

/// A provider that is away costs those who want to sign in there a few seconds, and nobody else anything.
#[tokio::test]
async fn a_dead_provider_costs_nobody_else_anything() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    scene.server.user(&scene.tenant, "bob", PASSWORD).await;
    scene.host.hangs("/.well-known/openid-configuration");
    let mut waiting = Agent::new(&scene.server);
    let page = waiting.open(&request("site", &[])).await;
    let begun = std::time::Instant::now();
    let there = page.link("Continue with Upstream");
    let (stopped, bob) = tokio::join!(waiting.open(&there), async {
        let mut bob = Agent::new(&scene.server);
        let page = bob.open(&request("site", &[])).await;
        let back = bob.submit(&page, &[("username", "bob"), ("password", PASSWORD)]).await;
        (back, begun.elapsed())
    });
    assert!(!bob.0.code().is_empty() && bob.1.as_secs() < 4, "{:?}", bob.1);
    assert!(begun.elapsed().as_secs() < 8, "{:?}", begun.elapsed());
    assert!(stopped.path.starts_with("/login?"), "{}", stopped.path);
    assert!(stopped.text().contains("Signing in at Upstream did not work"), "{}", stopped.text());
    // It was asked a moment ago: whoever comes now does not wait.
    let begun = std::time::Instant::now();
    let _ = waiting.open(&stopped.link("Continue with Upstream")).await;
    assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
    scene.host.says("/.well-known/openid-configuration", 200, &scene.host.metadata());
    scene.server.clock.advance(Seconds(10));
    let away = scene.away(&mut Agent::new(&scene.server), &[]).await;
    assert!(away.page.location().is_some());
    // The same where codes are redeemed.
    scene.host.hangs("/token");
    let mut agent = Agent::new(&scene.server);
    let away = scene.away(&mut agent, &[]).await;
    let begun = std::time::Instant::now();
    let page = scene.returned(&mut agent, &[("code", "c"), ("state", &away.sent["state"])]).await;
    assert!(begun.elapsed().as_secs() < 8 && page.text().contains("did not work"), "{}", page.text());
}

//! What an attacker tries: mix-up, injected codes, foreign tokens, addresses of others. Each leaves nobody signed in.

use rstest::rstest;
use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_testkit::{Agent, Engine, Page, UpstreamHost};

use super::{ADA, PROVIDERS, Scene, ada};
use crate::flow::{PASSWORD, request};

fn refused(scene: &Scene, page: &Page) {
    assert!(page.location().is_none(), "{:?}", page.location());
    assert!(page.answer.status == 400 || page.path.contains("/login?"), "{}: {}", page.path, page.text());
    assert_eq!(scene.server.count("SELECT COUNT(*) FROM sessions"), 0);
}

/// RFC 9700 §4.4, RFC 9207 §2.4: an answer that another provider gave is none of this one, whichever says so: the address that it
/// comes to, its `iss`, or a promise to name itself that is not kept.
#[rstest]
#[tokio::test]
async fn an_answer_of_another_provider_is_refused(#[values("default", "acme")] slug: &str) {
    let honest = UpstreamHost::start().await;
    let scene = Scene::new(Engine::Sqlite, slug).await;
    let _ = honest;
    let evil = json!({
        "slug": "evil", "preset": "openid", "name": "Evil", "issuer": scene.host.issuer, "client_id": "x", "client_secret": "y",
    });
    let _ = scene.manage(("POST", PROVIDERS), &evil).await.expect(201);
    let mut agent = Agent::new(&scene.server);
    let away = scene.away(&mut agent, &[]).await;
    scene.host.knows(("writ-at-up", &away.sent["nonce"], scene.now()), &ada());
    let state = away.sent["state"].as_str();
    // The code of one provider comes to the address of another.
    let there = scene.at(&format!("/login/with/evil/callback?code=upstream-code&state={state}"));
    refused(&scene, &agent.open(&there).await);
    for iss in ["https://evil.example", &format!("{}/", scene.host.issuer)] {
        let page =
            scene.returned(&mut agent, &[("code", "upstream-code"), ("state", state), ("iss", iss)]).await;
        refused(&scene, &page);
    }
    assert!(scene.host.heard("/token").is_empty(), "no code goes anywhere");
    // Who promises to name itself does.
    let mut metadata = scene.host.metadata();
    metadata["authorization_response_iss_parameter_supported"] = json!(true);
    scene.host.says("/.well-known/openid-configuration", 200, &metadata);
    scene.server.clock.advance(Seconds(601));
    let mut agent = Agent::new(&scene.server);
    let away = scene.away(&mut agent, &[]).await;
    scene.host.knows(("writ-at-up", &away.sent["nonce"], scene.now()), &ada());
    let state = away.sent["state"].as_str();
    refused(&scene, &scene.returned(&mut agent, &[("code", "c"), ("state", state)]).await);
    let iss = scene.host.issuer.clone();
    let page = scene.returned(&mut agent, &[("code", "c"), ("state", state), ("iss", &iss)]).await;
    assert!(!page.code().is_empty());
}

/// RFC 9700 §4.5, §4.7: a code that somebody else has begun is of no use in another browser, nor is a state that was guessed, or is
/// late; and nobody asks the provider for it.
#[rstest]
#[tokio::test]
async fn a_code_is_for_the_browser_that_began(#[values(Engine::Sqlite)] engine: Engine) {
    let scene = Scene::new(engine, "default").await;
    let mut attacker = Agent::new(&scene.server);
    let away = scene.away(&mut attacker, &[]).await;
    scene.host.knows(("writ-at-up", &away.sent["nonce"], scene.now()), &json!({ "sub": "attacker" }));
    let state = away.sent["state"].clone();
    let mut victim = Agent::new(&scene.server);
    let theirs = scene.away(&mut victim, &[]).await;
    let page = scene.returned(&mut victim, &[("code", "attackers-code"), ("state", &state)]).await;
    assert_eq!(page.answer.status, 400, "{}", page.text());
    assert!(page.text().contains("did not begin here"), "{}", page.text());
    for guessed in ["", "up_x", &format!("{}0", &state[..state.len() - 1]), "../../etc"] {
        let page = scene.returned(&mut victim, &[("code", "c"), ("state", guessed)]).await;
        assert_eq!(page.answer.status, 400, "{guessed}");
    }
    // Injected into the victim's own request: the nonce and the verifier are others.
    let page =
        scene.returned(&mut victim, &[("code", "attackers-code"), ("state", &theirs.sent["state"])]).await;
    assert!(page.path.starts_with("/login?") && page.text().contains("did not work"), "{}", page.text());
    let [call] = &*scene.host.heard("/token") else { panic!("one") };
    let sent = writ_core::form::Form::parse(call.body.as_bytes()).unwrap();
    let challenge = writ_core::secret::sha256(sent.get("code_verifier").unwrap().as_bytes());
    let challenge =
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, challenge.as_bytes());
    assert_eq!(challenge, theirs.sent["code_challenge"], "PKCE binds the code to this browser's request");
    scene.server.clock.advance(Seconds(600));
    let page = scene.returned(&mut attacker, &[("code", "c"), ("state", &state)]).await;
    assert!(page.answer.status == 400 || page.path.starts_with("/login"), "{}", page.path);
    assert_eq!(scene.host.heard("/token").len(), 1);
    assert_eq!(scene.server.count("SELECT COUNT(*) FROM sessions"), 0);
}

/// OpenID Connect Core §3.1.3.7: an ID token of another issuer, for another client, for another request, that is late, or that is
/// signed by somebody else is no proof of anything.
#[tokio::test]
async fn a_foreign_id_token_proves_nothing() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    let stranger = UpstreamHost::start().await;
    let now = scene.now();
    let cases = [
        json!({ "iss": "https://evil.example" }),
        json!({ "aud": "another-client" }),
        json!({ "aud": ["writ-at-up", "another"] }),
        json!({ "azp": "another" }),
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "exp": now - 61 }),
        json!({ "iat": now - 3600 }),
        json!({ "sub": "" }),
        json!({ "sub": null }),
        json!({ "at_hash": "AAAA" }),
    ];
    for wrong in cases {
        let mut agent = Agent::new(&scene.server);
        let away = scene.away(&mut agent, &[]).await;
        let page = scene.back(&mut agent, &away, &wrong).await;
        refused(&scene, &page);
        assert!(page.text().contains("did not work"), "{wrong}: {}", page.text());
    }
    let mut agent = Agent::new(&scene.server);
    let away = scene.away(&mut agent, &[]).await;
    let good = json!({
        "iss": scene.host.issuer, "aud": "writ-at-up", "sub": "x", "exp": now + 300, "iat": now, "nonce": away.sent["nonce"],
    });
    let (forged, parts) = (stranger.signed(&good), scene.host.signed(&good));
    let [header, payload, _] = &*parts.split('.').collect::<Vec<_>>() else { panic!("three") };
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let cut = format!("{header}.{payload}.AAAA");
    for token in [forged, unsigned, cut, "nonsense".to_owned()] {
        scene.host.gives(&token);
        let away = scene.away(&mut agent, &[]).await;
        let page = scene.returned(&mut agent, &[("code", "c"), ("state", &away.sent["state"])]).await;
        refused(&scene, &page);
    }
    for (status, body) in [
        (400, json!({ "error": "invalid_grant" })),
        (200, json!({ "error": "bad_verification_code" })),
        (200, json!({ "access_token": "t" })),
        (500, json!({})),
        (302, json!({})),
    ] {
        scene.host.says("/token", status, &body);
        let away = scene.away(&mut agent, &[]).await;
        let page = scene.returned(&mut agent, &[("code", "c"), ("state", &away.sent["state"])]).await;
        refused(&scene, &page);
    }
    let denied = scene.away(&mut agent, &[]).await;
    let pairs = [("error", "access_denied"), ("state", denied.sent["state"].as_str())];
    let page = scene.returned(&mut agent, &pairs).await;
    refused(&scene, &page);
    assert!(page.text().contains("You did not sign in at Upstream"), "{}", page.text());
}

/// Discovery §4.3: whoever says that it is somebody else is not believed.
#[tokio::test]
async fn metadata_are_of_the_issuer_that_was_asked() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    let mut metadata = scene.host.metadata();
    metadata["issuer"] = json!("https://accounts.google.com");
    scene.host.says("/.well-known/openid-configuration", 200, &metadata);
    let mut agent = Agent::new(&scene.server);
    let page = agent.open(&request("site", &[])).await;
    let page = agent.open(&page.link("Continue with Upstream")).await;
    assert!(page.text().contains("did not work"), "{}", page.text());
}

/// Somebody says at the provider that an address is theirs, which is the victim's: with or without a word that it was verified, no
/// account that has a password is theirs, whatever the tenant allows; and an address that was not verified is nobody's.
#[rstest]
#[tokio::test]
async fn nobody_gets_into_an_account_by_its_address(
    #[values(Engine::Sqlite)] engine: Engine,
    #[values("default", "acme")] slug: &str,
    #[values("never", "verified")] choice: &str,
) {
    let scene = Scene::new(engine, slug).await;
    let victim = scene.server.user(&scene.tenant, ADA, PASSWORD).await;
    let path = format!("/api/v1/users/{victim}");
    let verified = json!({ "email": ADA, "email_verified": true });
    let _ = scene.manage(("PUT", &path), &verified).await.expect(200);
    scene.change(&json!({ "link_by_email": choice })).await;
    let mut agent = Agent::new(&scene.server);
    let away = scene.away(&mut agent, &[]).await;
    let page = scene.back(&mut agent, &away, &ada()).await;
    refused(&scene, &page);
    assert!(page.text().contains("already have an account"), "{}", page.text());
    for claims in [
        json!({ "email": ADA }),
        json!({ "email": ADA, "email_verified": false }),
        json!({ "email": ADA, "email_verified": "yes" }),
        json!({ "email": ADA, "email_verified": 1 }),
    ] {
        let mut claims = claims;
        claims["sub"] = json!(format!("attacker {claims}"));
        let id = scene.signs_in(&claims).await;
        assert_ne!(id["sub"], json!(victim.to_string()));
        assert_eq!(id.get("email"), None, "it is not theirs");
        assert_ne!(id["preferred_username"], ADA);
    }
    // The provider is not trusted with addresses.
    scene.change(&json!({ "trust_email": false })).await;
    let mut claims = ada();
    claims["sub"] = json!("untrusted");
    assert_eq!(scene.signs_in(&claims).await.get("email"), None);
}

/// Only an account without a password and without permissions, whose own address is verified, is found by its address, and only where
/// the tenant says so; its owner is told.
#[rstest]
#[tokio::test]
async fn an_account_without_a_password_is_found_by_its_address_where_the_tenant_says_so(
    #[values("default", "acme")] slug: &str,
) {
    let scene = Scene::new(Engine::Sqlite, slug).await;
    // Made by another provider: there is no password.
    let first = scene.signs_in(&ada()).await;
    let two = json!({
        "slug": "two", "preset": "openid", "name": "Two", "issuer": scene.host.issuer, "client_id": "writ-at-up",
        "client_secret": "x", "link_by_email": "never",
    });
    let _ = scene.manage(("POST", PROVIDERS), &two).await.expect(201);
    let attempt = async |sub: &str| -> Page {
        let mut agent = Agent::new(&scene.server);
        let page = agent.open(&scene.at(&request("site", &[("scope", "openid email")]))).await;
        let page = agent.get(&page.link("Continue with Two")).await;
        let away = scene.sent_away(page);
        let mut person = ada();
        person["sub"] = json!(sub);
        scene.host.knows(("writ-at-up", &away.sent["nonce"], scene.now()), &person);
        let path = format!("/login/with/two/callback?code=c&state={}", away.sent["state"]);
        agent.open(&scene.at(&path)).await
    };
    let page = attempt("ada at two").await;
    assert!(page.text().contains("already have an account"), "{}", page.text());
    let path = format!("{PROVIDERS}/two");
    let _ = scene.manage(("PATCH", &path), &json!({ "link_by_email": "verified" })).await.expect(200);
    // Whoever bears a permission is not found so.
    let roles = format!("/api/v1/users/{}", scene.id_of(&first).await);
    let _ = scene.manage(("PUT", &roles), &json!({ "roles": ["admin"] })).await.expect(200);
    assert!(attempt("ada at two").await.text().contains("already have an account"));
    let _ = scene.manage(("PUT", &roles), &json!({ "roles": ["user"] })).await.expect(200);
    let page = attempt("ada at two").await;
    assert_eq!(scene.id_token(&page.code()).await["sub"], first["sub"]);
    let letters = scene.server.letters().await;
    assert!(letters.iter().any(|letter| letter.subject.contains("Two was connected")), "{letters:?}");
    // And nobody else at the same provider.
    assert!(attempt("somebody else").await.text().contains("already have an account"));
}

/// Who gets in by a provider is who is let in here: nobody who is disabled, and nobody new where the tenant has no room for them.
#[tokio::test]
async fn the_tenant_says_who_gets_in() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    let id = scene.signs_in(&ada()).await;
    let path = format!("/api/v1/users/{}", scene.id_of(&id).await);
    let _ = scene.manage(("PUT", &path), &json!({ "enabled": false })).await.expect(200);
    let stopped = async |person: &Value| -> Page {
        let mut agent = Agent::new(&scene.server);
        let away = scene.away(&mut agent, &[]).await;
        scene.back(&mut agent, &away, person).await
    };
    let page = stopped(&ada()).await;
    assert!(page.location().is_none() && page.path.starts_with("/login?"), "{}", page.path);
    scene.change(&json!({ "create_accounts": false })).await;
    let page = stopped(&json!({ "sub": "new" })).await;
    assert!(page.text().contains("There is no account here for you at Upstream"), "{}", page.text());
    scene.change(&json!({ "create_accounts": true })).await;
    crate::leaving::set(&scene.server, &scene.tenant, json!({ "require_verified_email": true })).await;
    let page = stopped(&json!({ "sub": "new", "email": "new@example.org" })).await;
    assert!(page.text().contains("did not tell an email address"), "{}", page.text());
    scene.change(&json!({ "enabled": false })).await;
    let mut agent = Agent::new(&scene.server);
    let page = agent.open(&request("site", &[])).await;
    assert!(!page.text().contains("Continue with"), "{}", page.text());
    assert_eq!(agent.open("/login/with/up").await.answer.status, 404);
}

//! `/api/v1/identity-providers`: what is sent is kept, the secret is never shown, and what cannot be is named.

use rstest::rstest;
use serde_json::{Value, json};
use writ_testkit::{Agent, Engine};

use super::{PROVIDERS, Scene, ada};
use crate::flow::request;

#[rstest]
#[tokio::test]
async fn a_provider_is_made_shown_changed_and_removed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let scene = Scene::new(engine, slug).await;
    let path = format!("{PROVIDERS}/up");
    let shown = scene.manage(("GET", &path), &Value::Null).await.expect(200);
    assert!(!shown.text().contains("s3cret"), "{}", shown.text());
    let shown = shown.json();
    assert_eq!(
        (&shown["slug"], &shown["has_secret"], &shown["link_by_email"], &shown["create_accounts"]),
        (&json!("up"), &json!(true), &json!("never"), &json!(true))
    );
    assert_eq!(shown["redirect_uri"], format!("{}/login/with/up/callback", scene.tenant.issuer));
    let change = json!({
        "name": "Other", "scope": "openid", "domains": ["corp.example"], "link_by_email": "verified", "trust_email": false,
        "trust_second_factor": true, "create_accounts": false, "token_endpoint_auth_method": "client_secret_post",
    });
    let changed = scene.change(&change).await;
    for (name, value) in change.as_object().unwrap() {
        assert_eq!(&changed[name], value, "{name}");
    }
    assert_eq!((&changed["issuer"], &changed["has_secret"]), (&shown["issuer"], &json!(true)));
    let listed = scene.manage(("GET", PROVIDERS), &Value::Null).await.expect(200).json();
    assert_eq!((&listed["total"], &listed["identity_providers"][0]["name"]), (&json!(1), &json!("Other")));
    let _ = scene.provider(&json!({})).await.refused(409, "conflict");
    let _ = scene.manage(("DELETE", &path), &Value::Null).await.expect(204);
    let _ = scene.manage(("GET", &path), &Value::Null).await.refused(404, "not_found");
    let page = Agent::new(&scene.server).open(&scene.at(&request("site", &[]))).await;
    assert!(!page.text().contains("Continue with"), "{}", page.text());
}

/// Where it is stays, since whoever is connected is known by what this very provider calls them; what cannot be is named, field by
/// field.
#[tokio::test]
async fn what_cannot_be_is_named() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    let path = format!("{PROVIDERS}/up");
    for (body, field) in [
        (json!({ "issuer": "https://evil.example" }), "issuer"),
        (json!({ "slug": "other" }), "slug"),
        (json!({ "preset": "google" }), "preset"),
        (json!({ "scope": "profile" }), "scope"),
        (json!({ "domains": ["localhost"] }), "domains"),
        (json!({ "token_endpoint": "https://a.example/t" }), "token_endpoint"),
        (json!({ "team_id": "TEAM" }), "team_id"),
        (json!({ "client_secret": "" }), "client_secret"),
        (json!({ "link_by_email": "always" }), "link_by_email"),
    ] {
        let told = scene.manage(("PATCH", &path), &body).await.refused(400, "invalid_request");
        let told = told.member("error_description");
        assert!(told.starts_with(&format!("{field}: ")), "{told}");
    }
    for (body, field) in [
        (json!({ "slug": "A" }), "slug"),
        (
            json!({ "slug": "m", "preset": "microsoft", "issuer": "https://login.microsoftonline.com/common/v2.0" }),
            "issuer",
        ),
        (
            json!({ "slug": "a", "preset": "apple", "issuer": null, "team_id": "T", "key_id": "K" }),
            "client_secret",
        ),
        (json!({ "slug": "x", "issuer": "https://169.254.169.254/" }), "issuer"),
        (json!({ "slug": "x", "issuer": "http://up.example" }), "issuer"),
        (json!({ "slug": "x", "preset": "myspace" }), "preset"),
    ] {
        let told = scene.provider(&body).await.refused(400, "invalid_request").member("error_description");
        assert!(told.contains(&format!("{field}: ")), "{body}: {told}");
    }
}

/// Another tenant's provider is out of reach, by the API and by its address; and who is known there is nobody elsewhere.
#[tokio::test]
async fn a_provider_is_its_tenants() {
    let scene = Scene::new(Engine::Sqlite, "acme").await;
    let mut agent = Agent::new(&scene.server);
    assert_eq!(agent.open("/login/with/up").await.answer.status, 404);
    let found =
        crate::openid_connect::manage(&scene.server, ("GET", &format!("{PROVIDERS}/up")), &Value::Null).await;
    let _ = found.refused(404, "not_found");
    let away = scene.away(&mut agent, &[]).await;
    scene.host.knows(("writ-at-up", &away.sent["nonce"], scene.now()), &ada());
    let state = &away.sent["state"];
    let page = agent.open(&format!("/login/with/up/callback?code=c&state={state}")).await;
    assert_eq!(page.answer.status, 404, "{}", page.text());
}

/// RFC 7521, Apple's way: the secret is a JWT that is signed with the key of the developer, made anew for each sign-in.
#[tokio::test]
async fn apple_gets_a_signed_secret() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    let key = writ_jose::SigningKey::generate(writ_jose::Algorithm::Es256).unwrap();
    let der = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key.to_pkcs8().unwrap());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n");
    let body = json!({
        "slug": "apple", "preset": "apple", "name": "Apple", "client_id": "com.example.app", "team_id": "TEAM123456",
        "key_id": "KEY1234567", "client_secret": pem, "issuer": scene.host.issuer,
    });
    let made = scene.manage(("POST", PROVIDERS), &body).await.expect(201).json();
    assert_eq!((&made["token_endpoint_auth_method"], &made["team_id"]), (&Value::Null, &json!("TEAM123456")));
    let mut agent = Agent::new(&scene.server);
    let page = agent.open(&request("site", &[])).await;
    let page = agent.get(&page.link("Continue with Apple")).await;
    let sent = page.sent();
    assert_eq!((sent["response_mode"].as_str(), sent["scope"].as_str()), ("form_post", "openid name email"));
    scene.host.knows(
        ("com.example.app", &sent["nonce"], scene.now()),
        &json!({ "email": "a@b.example", "email_verified": "true" }),
    );
    let page = agent.open(&format!("/login/with/apple/callback?code=c&state={}", sent["state"])).await;
    assert!(!page.code().is_empty());
    let [call] = &*scene.host.heard("/token") else { panic!("one") };
    let form = writ_core::form::Form::parse(call.body.as_bytes()).unwrap();
    let verified = writ_jose::verify_compact(
        form.get("client_secret").unwrap(),
        &[key.verifying_key().unwrap()],
        &[writ_jose::Algorithm::Es256],
    );
    // The key is Apple's, under the name that Apple gave it.
    let claimed = writ_jose::read_unverified(form.get("client_secret").unwrap()).unwrap();
    assert_eq!(claimed.kid.as_deref(), Some("KEY1234567"));
    drop(verified);
    let claims = claimed.claims;
    let text = |name: &str| claims.get(name).and_then(writ_jose::Json::as_str).unwrap().to_owned();
    assert_eq!(
        (text("iss"), text("sub"), text("aud")),
        ("TEAM123456".to_owned(), "com.example.app".to_owned(), scene.host.issuer.clone())
    );
}

//! Client ID Metadata Document §3 to §5: what a document is, and what its client then does.

use super::*;
use rstest::rstest;
use writ_jose::{Algorithm, SigningKey};

/// §4, §4.5: from a client that nobody knows to its tokens, at the root and in a tenant, on both engines.
#[rstest]
#[tokio::test]
async fn a_client_that_nobody_has_registered_gets_its_tokens(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::on(engine, slug).await;
    assert!(stage.shown().await.is_null());
    let tokens = stage.tokens().await;
    let claims = crate::flow::claims(tokens["access_token"].as_str().unwrap());
    assert_eq!(claims["client_id"], stage.id());
    assert_eq!(crate::flow::claims(tokens["id_token"].as_str().unwrap())["aud"], stage.id());
    let refreshed = stage.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(200).json();
    let token = refreshed["refresh_token"].as_str().unwrap();
    let by = Credential::public(stage.id());
    let _ = stage.server.post(&stage.path("/oauth2/revoke"), by, &[("token", token)]).await.expect(200);
    let _ = stage.refresh(token).await.refused(400, "invalid_grant");
    // It is a client like any other.
    let shown = stage.shown().await;
    assert_eq!(shown["client_name"], "Fieldnotes");
    assert_eq!(shown["token_endpoint_auth_method"], "none");
    assert_eq!(shown["first_party"], false);
}

/// §5: the metadata say so, where it is on.
#[tokio::test]
async fn the_metadata_say_whether_documents_are_taken() {
    let stage = Stage::new().await;
    for known in ["openid-configuration", "oauth-authorization-server"] {
        for on in [false, true] {
            stage.set(json!({ "client_documents": on })).await;
            let told = stage.server.get(&format!("/.well-known/{known}")).await.expect(200).json();
            assert_eq!(told["client_id_metadata_document_supported"], on);
        }
    }
}

/// Off where nobody has said otherwise: such a client is unknown, and nobody is called.
#[tokio::test]
async fn documents_are_taken_where_a_tenant_says_so() {
    let stage = Stage::new().await;
    stage.set(json!({ "client_documents": null })).await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.begin(&mut agent).await;
    assert!(is_refused(&page) && page.text().contains("client_documents is off"), "{}", page.text());
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", "rt_x")];
    let by = || Credential::public(stage.id());
    let _ = stage.server.post("/oauth2/token", by(), &pairs).await.refused(401, "invalid_client");
    let _ = stage.server.post("/oauth2/par", by(), &[]).await.refused(401, "invalid_client");
    let _ = stage.server.post("/oauth2/device_authorization", by(), &[]).await.refused(401, "invalid_client");
    assert_eq!(stage.host.calls(), 0);
}

/// §4.1: what is no document, or not the one of its address, is a page that says so, and never a redirect.
#[tokio::test]
async fn a_document_that_is_not_good_is_a_page() {
    let stage = Stage::new().await;
    for (other, why) in [
        (json!({ "client_id": null }), "client_id"),
        (json!({ "client_id": format!("{}/", stage.id()) }), "letter by letter"),
        (json!({ "client_id": 1 }), "client_id"),
        (json!({ "client_secret": "x" }), "client_secret"),
        (json!({ "client_secret_expires_at": 0 }), "client_secret"),
        (json!({ "token_endpoint_auth_method": "client_secret_basic" }), "private_key_jwt"),
        (json!({ "token_endpoint_auth_method": "client_secret_post" }), "private_key_jwt"),
        (json!({ "token_endpoint_auth_method": "client_secret_jwt" }), "private_key_jwt"),
        (json!({ "token_endpoint_auth_method": "private_key_jwt" }), "jwks"),
        (json!({ "redirect_uris": null }), "redirect_uris"),
        (json!({ "redirect_uris": ["javascript:alert(1)"] }), "redirect_uris"),
        (json!({ "redirect_uris": ["http://app.example/cb"] }), "redirect_uris"),
        (json!({ "client_name": 1 }), "client_name"),
        (json!({ "grant_types": ["client_credentials"] }), "grant_types"),
    ] {
        stage.says(&other);
        stage.server.clock.advance(writ_core::time::Seconds(60));
        let mut agent = Agent::new(&stage.server);
        let page = stage.begin(&mut agent).await;
        assert!(is_refused(&page) && page.text().contains(why), "{other}: {}", page.text());
        assert!(stage.shown().await.is_null(), "{other}");
    }
    let good = stage.document(&json!({})).to_string();
    let long = stage.document(&json!({ "x": "x".repeat(20_000) })).to_string();
    for (status, fields, body) in [
        ("404 Not Found", JSON, &*good),
        ("500 No", JSON, &good),
        ("201 Created", JSON, &good),
        ("204 None", JSON, ""),
        ("302 Found", "location: https://app.example/\r\n", &good),
        ("200 OK", "content-type: text/html\r\n", &good),
        ("200 OK", "", &good),
        ("200 OK", JSON, "[]"),
        ("200 OK", JSON, "<html>"),
        ("200 OK", JSON, &long),
    ] {
        stage.host.says(status, fields, body);
        stage.server.clock.advance(writ_core::time::Seconds(60));
        let mut agent = Agent::new(&stage.server);
        let page = stage.begin(&mut agent).await;
        assert!(is_refused(&page) && page.text().contains("cannot be read"), "{status}: {}", page.text());
    }
    // And a good one is taken the next time.
    stage.host.says("200 OK", "content-type: application/client+json\r\n", &good);
    stage.server.clock.advance(writ_core::time::Seconds(60));
    let _ = stage.tokens().await;
}

/// §6.2: a client with keys of its own proves them, wherever it calls.
#[tokio::test]
async fn a_client_with_a_key_proves_it() {
    let stage = Stage::new().await;
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let with_key =
        json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": crate::signing::set(&[&key]) });
    stage.says(&with_key);
    let code = stage.code(&[]).await;
    let _ = stage.redeem(&code).await.refused(401, "invalid_client");
    let now = stage.server.app.clock.now().as_secs();
    let assertion = |jti: &str| {
        let claims = json!({ "iss": stage.id(), "sub": stage.id(), "aud": stage.tenant.issuer, "exp": now + 60, "jti": jti });
        let header = json!({ "alg": "ES256", "kid": key.kid() });
        Credential::Assertion(crate::signing::signed(&key, &header, &claims))
    };
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let told = stage.server.post("/oauth2/token", assertion("one"), &pairs).await.expect(200).json();
    // What it proved itself with lets it look at its tokens.
    let token = told["access_token"].as_str().unwrap();
    let told = stage.server.introspect(assertion("two"), token).await.expect(200).json();
    assert_eq!(told["active"], true);
    assert_eq!(told["client_id"], stage.id());
    let _ = stage.server.introspect(assertion("two"), token).await.refused(401, "invalid_client");
}

/// RFC 9126: a client that nobody has seen yet pushes its request.
#[tokio::test]
async fn a_request_is_pushed_by_whoever_has_a_document() {
    let stage = Stage::new().await;
    let pairs = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("code_challenge", crate::flow::CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let pushed =
        stage.server.post("/oauth2/par", Credential::public(stage.id()), &pairs).await.expect(201).json();
    let uri = pushed["request_uri"].as_str().unwrap();
    let mut agent = Agent::new(&stage.server);
    let asked = writ_testkit::form(&[("client_id", stage.id()), ("request_uri", uri)]);
    let page = agent.open(&format!("/oauth2/authorize?{asked}")).await;
    let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    let page = agent.submit(&page, &[("decision", "allow")]).await;
    let _ = stage.redeem(&page.code()).await.expect(200);
}

/// RFC 8252 §7: clients on a person's device come back to a loopback address with the port that they find, or to a scheme.
#[tokio::test]
async fn clients_on_a_device_come_back_to_it() {
    let stage = Stage::new().await;
    stage.set(json!({ "allow_dotless_schemes": true })).await;
    let uris = [
        "http://localhost/callback",
        "http://127.0.0.1/callback",
        "cursor://anysphere.cursor/cb",
        "com.example.app:/cb",
    ];
    stage.says(&json!({ "redirect_uris": uris }));
    for callback in [
        "http://localhost:33418/callback",
        "http://127.0.0.1:51004/callback",
        "cursor://anysphere.cursor/cb",
        "com.example.app:/cb",
    ] {
        let code = stage.code(&[("redirect_uri", callback)]).await;
        let _ = stage.redeem_at(callback, &code).await.expect(200);
    }
    assert_eq!(stage.shown().await["kind"], "native");
    let mut agent = Agent::new(&stage.server);
    let other = stage.request(&[("redirect_uri", "http://localhost:1/other")]);
    assert!(is_refused(&agent.open(&other).await));
}

/// §6.4: whoever is asked sees the host of the document, and that nobody has checked it.
#[tokio::test]
async fn the_consent_page_shows_the_host() {
    let stage = Stage::new().await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.begin(&mut agent).await;
    let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    let host = stage.id().trim_start_matches("https://").trim_end_matches("/keys");
    assert!(page.text().contains(host), "{}", page.text());
    assert!(page.text().contains("Nobody at"), "{}", page.text());
}

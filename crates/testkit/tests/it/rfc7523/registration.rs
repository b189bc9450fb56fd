//! RFC 7591 §2 and OpenID Connect Core §9: what is registered of a client that signs, how its keys and secrets follow one
//! another, and what the server keeps of them.

use super::*;
use writ_core::time::Seconds;

/// RFC 7591 §2: everything that is wrong with it is said, on its field.
#[tokio::test]
async fn what_does_not_go_together_is_refused() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let es = set(&[&SigningKey::generate(Algorithm::Es256).unwrap()]);
    let uri = "https://keys.example.com/jwks";
    let private = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "d": "AA" }] });
    for (more, field) in [
        (json!({ "token_endpoint_auth_method": "private_key_jwt" }), "token_endpoint_auth_method"),
        (json!({ "token_endpoint_auth_method": "tls_client_auth" }), "token_endpoint_auth_method"),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt", "kind": "spa", "jwks": es }),
            "token_endpoint_auth_method",
        ),
        (json!({ "jwks": es, "jwks_uri": uri }), "jwks_uri"),
        (json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": [] } }), "jwks"),
        (json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": private }), "jwks"),
        (json!({ "token_endpoint_auth_signing_alg": "ES256" }), "token_endpoint_auth_signing_alg"),
        (json!({ "token_endpoint_auth_signing_alg": "none" }), "token_endpoint_auth_signing_alg"),
        (
            json!({ "token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "RS256" }),
            "token_endpoint_auth_signing_alg",
        ),
        (
            json!({
                "token_endpoint_auth_method": "private_key_jwt", "jwks": es, "token_endpoint_auth_signing_alg": "HS256",
            }),
            "token_endpoint_auth_signing_alg",
        ),
        (
            json!({
                "token_endpoint_auth_method": "private_key_jwt", "jwks": es, "token_endpoint_auth_signing_alg": "RS256",
            }),
            "jwks",
        ),
        (json!({ "client_assertion_audience": "anybody" }), "client_assertion_audience"),
        (json!({ "jwks_uri": "http://keys.example.com/jwks" }), "jwks_uri"),
        (json!({ "jwks_uri": "https://keys.example.com/jwks#one" }), "jwks_uri"),
        (json!({ "jwks_uri": "https://127.0.0.1/jwks" }), "jwks_uri"),
        (json!({ "jwks_uri": "https://[::ffff:10.0.0.1]/jwks" }), "jwks_uri"),
        (json!({ "jwks_uri": "https://metadata.google.internal/jwks" }), "jwks_uri"),
    ] {
        let mut body =
            json!({ "client_name": "Job", "grant_types": ["client_credentials"], "scope": "read" });
        if more["kind"] == "spa" {
            body = json!({ "client_name": "Page", "redirect_uris": ["https://a.example/cb"] });
        }
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = manage(&server, &tenant, ("POST", CLIENTS), &body).await.refused(400, "invalid_request");
        let said = answer.member("error_description");
        assert!(said.split("; ").any(|one| one.starts_with(&format!("{field}: "))), "{more}: {said}");
    }
}

/// What is sent is shown, and sent back as it is shown changes nothing.
#[tokio::test]
async fn what_was_registered_is_shown() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let es = set(&[&SigningKey::generate(Algorithm::Es256).unwrap()]);
    for (method, more, has_secret) in [
        ("client_secret_jwt", json!({ "token_endpoint_auth_signing_alg": "HS256" }), true),
        ("private_key_jwt", json!({ "jwks": es, "client_assertion_audience": "token_endpoint" }), false),
        (
            "private_key_jwt",
            json!({ "jwks_uri": "https://keys.example.com/jwks", "token_endpoint_auth_signing_alg": "PS256" }),
            false,
        ),
    ] {
        let made = machine(&server, &tenant, method, &more).await;
        assert_eq!(made["token_endpoint_auth_method"], method);
        for (name, value) in more.as_object().unwrap() {
            assert_eq!(&made[name], value);
        }
        assert_eq!(
            (made["client_secret"].is_string(), made["client_secret_masked"].is_string()),
            (has_secret, has_secret)
        );
        let path = format!("{CLIENTS}/{}", made["client_id"].as_str().unwrap());
        let shown = manage(&server, &tenant, ("GET", &path), &Value::Null).await.expect(200).json();
        let again = manage(&server, &tenant, ("PUT", &path), &shown).await.expect(200).json();
        for (name, value) in more.as_object().unwrap() {
            assert_eq!((&shown[name], &again[name]), (value, value), "{name}");
        }
        let rotated = manage(&server, &tenant, ("POST", &format!("{path}/rotate-secret")), &json!({})).await;
        assert_eq!(rotated.status, if has_secret { 200 } else { 400 }, "{}", rotated.text());
    }
}

/// OpenID Connect Core §10.1.1: a new key beside the old one, then the old one goes, and nobody waits. What went is
/// refused at the very next request.
#[tokio::test]
async fn keys_follow_one_another_without_a_gap() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let [old, new] = [(); 2].map(|()| SigningKey::generate(Algorithm::EdDsa).unwrap());
    let made = machine(&server, &tenant, "private_key_jwt", &json!({ "jwks": set(&[&old]) })).await;
    let url = format!("{CLIENTS}/{}", made["client_id"].as_str().unwrap());
    let (both, last) = (json!({ "jwks": set(&[&old, &new]) }), json!({ "jwks": set(&[&new]) }));
    let of = || Party::of(&server, &tenant, &made);
    let (old, new) = (of().with(By::Key(Box::new(old))), of().with(By::Key(Box::new(new))));
    let _ = old.token(&server).await.expect(200);
    let _ = new.token(&server).await.refused(401, "invalid_client");
    let _ = manage(&server, &tenant, ("PATCH", &url), &both).await.expect(200);
    for party in [&old, &new] {
        let _ = party.token(&server).await.expect(200);
    }
    let _ = manage(&server, &tenant, ("PATCH", &url), &last).await.expect(200);
    let _ = old.token(&server).await.refused(401, "invalid_client");
    let _ = new.token(&server).await.expect(200);
}

/// A secret that signs is sealed, so that it still verifies after a restart; two of them work during an overlap.
#[tokio::test]
async fn secrets_follow_one_another_without_a_gap() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let old = Party::made(&server, None, "client_secret_jwt").await;
    let path = format!("{}/rotate-secret?overlap=60", old.url());
    let rotated = manage(&server, &tenant, ("POST", &path), &json!({})).await.expect(200).json();
    let secret = rotated["client_secret"].as_str().unwrap().to_owned();
    let new = Party {
        client_id: old.client_id.clone(),
        issuer: old.issuer.clone(),
        ..Party::of(&server, &tenant, &json!({ "client_id": old.client_id }))
    };
    let new = new.with(By::Secret(secret));
    let server = server.restarted().await;
    for party in [&old, &new] {
        let _ = party.token(&server).await.expect(200);
    }
    server.clock.advance(Seconds(60));
    let _ = old.token_by(&server, old.but("exp", &json!(old.now + 120))).await.refused(401, "invalid_client");
    let _ = new.token_by(&server, new.but("exp", &json!(new.now + 120))).await.expect(200);
    let found = reasons(&server, &tenant).await;
    assert!(found[0].contains("the signature does not verify"), "{found:?}");
}

/// A secret serves the sort of method that it was made for: of one that is sent there is only a hash, and one that signs
/// is never sent.
#[tokio::test]
async fn a_secret_serves_the_method_that_it_was_made_for() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let made = machine(&server, &tenant, "client_secret_basic", &json!({})).await;
    let id = made["client_id"].as_str().unwrap();
    let url = format!("{CLIENTS}/{id}");
    let becomes = async |method: &str| {
        let body = json!({ "token_endpoint_auth_method": method });
        let _ = manage(&server, &tenant, ("PATCH", &url), &body).await.expect(200);
    };
    let rotate = async || {
        let answer = manage(&server, &tenant, ("POST", &format!("{url}/rotate-secret")), &json!({})).await;
        answer.expect(200).member("client_secret")
    };
    let signing = |secret: &str| Party::of(&server, &tenant, &made).with(By::Secret(secret.to_owned()));
    let secret = made["client_secret"].as_str().unwrap().to_owned();
    becomes("client_secret_jwt").await;
    let _ = signing(&secret).token(&server).await.refused(401, "invalid_client");
    let found = reasons(&server, &tenant).await;
    assert!(found[0].contains("give it one with rotate-secret"), "{found:?}");
    let secret = rotate().await;
    let _ = signing(&secret).token(&server).await.expect(200);
    becomes("client_secret_basic").await;
    let _ = server.token(Credential::basic(id, &secret), &[]).await.refused(401, "invalid_client");
    let secret = rotate().await;
    let _ = server.token(Credential::basic(id, &secret), &[]).await.expect(200);
}

/// Of a secret that signs neither the secret nor a hash of it is in the database.
#[tokio::test]
async fn a_secret_that_signs_lies_sealed() {
    let server = TestServer::start().await;
    let party = Party::made(&server, None, "client_secret_jwt").await;
    let By::Secret(secret) = &party.by else { panic!("it has a secret") };
    let (client, _) = server.app.store.client_by_client_id(&party.client_id).await.unwrap().unwrap();
    let [stored] = &client.secrets[..] else { panic!("one secret") };
    let writ_core::client::SecretHash::Sealed(sealed) = &stored.hash else { panic!("{stored:?}") };
    assert!(!sealed.windows(8).any(|part| secret.as_bytes().windows(8).any(|own| own == part)));
    let opened = server.app.master_key.open(&stored.id.to_bytes(), sealed).unwrap();
    assert_eq!(&*opened, secret.as_bytes());
    assert!(server.app.master_key.open(b"another row", sealed).is_err());
}

//! OpenID Connect Core §5.3.2, Registration §2: UserInfo encrypted to its client; RFC 9701 §6: answers about tokens that are.

use rstest::rstest;
use serde_json::{Value, json};
use writ_jose::jwe::{ContentEncryption, DecryptionKey, KeyManagement};
use writ_testkit::Engine;

use super::Stage;
use super::encryption::{key, opened, set};

const SIGNED: &str = "application/token-introspection+jwt";

/// What a client registers so that an answer is encrypted to its key.
fn encrypted(answer: &str, own: &DecryptionKey) -> Value {
    json!({
        "jwks": set(&[own]),
        format!("{answer}_encrypted_response_alg"): own.management().name(),
        format!("{answer}_encrypted_response_enc"): own.encryption().name(),
    })
}

/// Core §5.3.2: signed and then encrypted where it is registered for both, and JSON within where it is not signed.
#[rstest]
#[tokio::test]
async fn userinfo_is_encrypted_where_its_client_wants_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let site = stage.site("site", "openid profile").await;
    let tokens = stage.tokens(&site, "openid profile").await;
    let plain = stage.userinfo(&tokens).await;
    for (management, encryption) in [
        (KeyManagement::EcdhEs, ContentEncryption::A256Gcm),
        (KeyManagement::RsaOaep256, ContentEncryption::A128CbcHs256),
    ] {
        let own = key(management, encryption, "mine");
        stage.registered(encrypted("userinfo", &own)).await;
        let answer = stage.ask_userinfo(&tokens).await.expect(200);
        let seen = (answer.header("content-type"), answer.header("cache-control"));
        assert_eq!(seen, ("application/jwt", "no-store"));
        let (read, within) = opened(answer.text(), &own);
        assert_eq!((read.header.management, read.header.encryption), (management, encryption));
        // RFC 7516 §4.1.12: what is within is no token.
        assert_eq!(read.header.content_type, None);
        assert_eq!(serde_json::from_str::<Value>(&within).unwrap(), plain);

        stage.registered(json!({ "userinfo_signed_response_alg": "EdDSA" })).await;
        let answer = stage.ask_userinfo(&tokens).await.expect(200);
        let (read, nested) = opened(answer.text(), &own);
        assert_eq!(
            (read.header.content_type.as_deref(), read.header.kid.as_deref()),
            (Some("JWT"), Some("mine"))
        );
        let jwks = stage.at("/.well-known/jwks.json");
        let (header, claims) = crate::rfc9068::verified(&stage.server, &jwks, &nested).await;
        assert_eq!(header.typ.as_deref(), Some("userinfo+jwt"));
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(stage.tenant.issuer), &json!("site")));
        assert_eq!(claims["sub"], plain["sub"]);
        stage.registered(json!({ "userinfo_signed_response_alg": null })).await;
    }
    stage.registered(json!({ "userinfo_encrypted_response_alg": null })).await;
    assert_eq!(stage.userinfo(&tokens).await, plain);
}

/// RFC 9701 §6: an answer about a token is signed, then encrypted; whoever takes JSON gets JSON.
#[rstest]
#[tokio::test]
async fn an_answer_about_a_token_is_encrypted_where_its_client_wants_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let site = stage.site("site", "openid").await;
    let tokens = stage.tokens(&site, "openid").await;
    let token = tokens["access_token"].as_str().unwrap();
    let own = key(KeyManagement::RsaOaep256, ContentEncryption::A256Gcm, "mine");
    stage.registered(encrypted("introspection", &own)).await;
    let plain = stage.introspected(&site, &tokens["access_token"]).await;
    for (presented, expected) in [(token, plain), ("nothing", json!({ "active": false }))] {
        let answer = stage.ask_about(&site, presented, SIGNED).await.expect(200);
        assert_eq!(answer.header("content-type"), SIGNED);
        let (read, nested) = opened(answer.text(), &own);
        assert_eq!(read.header.content_type.as_deref(), Some("JWT"));
        let jwks = stage.at("/.well-known/jwks.json");
        let (header, claims) = crate::rfc9068::verified(&stage.server, &jwks, &nested).await;
        assert_eq!(header.typ.as_deref(), Some("token-introspection+jwt"));
        assert_eq!((&claims["aud"], &claims["token_introspection"]), (&json!("site"), &expected));
    }
}

/// Registration §2: each answer is under the client's new key as soon as it has one, and a set without a fitting key is refused.
#[tokio::test]
async fn answers_follow_the_clients_keys() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let site = stage.site("site", "openid").await;
    let tokens = stage.tokens(&site, "openid").await;
    let [one, two] = ["one", "two"].map(|kid| key(KeyManagement::EcdhEs, ContentEncryption::A256Gcm, kid));
    stage.registered(encrypted("userinfo", &one)).await;
    opened(stage.ask_userinfo(&tokens).await.expect(200).text(), &one);
    stage.registered(json!({ "jwks": set(&[&two]) })).await;
    opened(stage.ask_userinfo(&tokens).await.expect(200).text(), &two);
    for wrong in [
        json!({ "jwks": null }),
        json!({ "jwks": set(&[]) }),
        json!({ "userinfo_encrypted_response_alg": "RSA-OAEP-256" }),
        json!({ "introspection_encrypted_response_enc": "A256GCM" }),
        json!({ "authorization_encrypted_response_alg": "dir" }),
    ] {
        let _ = stage.manage(("PATCH", "/api/v1/clients/site"), &wrong).await.expect(400);
    }
    opened(stage.ask_userinfo(&tokens).await.expect(200).text(), &two);
}

/// Discovery §3, JARM §4, RFC 9701 §7: what can be chosen is advertised, for each answer.
#[tokio::test]
async fn what_answers_can_be_encrypted_with_is_advertised() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let metadata = stage.server.get("/.well-known/openid-configuration").await.expect(200).json();
    for answer in ["userinfo", "authorization", "introspection"] {
        let algs = &metadata[format!("{answer}_encryption_alg_values_supported")];
        let encs = &metadata[format!("{answer}_encryption_enc_values_supported")];
        assert_eq!(*algs, json!(KeyManagement::ALL.map(KeyManagement::name)));
        assert_eq!(*encs, json!(ContentEncryption::ALL.map(ContentEncryption::name)));
    }
}

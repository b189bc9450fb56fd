//! OpenID Connect Core §2, §10.2, §16.14, Dynamic Registration §2; RFC 7519 §11.2: tokens that are signed, then encrypted
//! to their client.

use serde_json::{Value, json};
use writ_core::ids::TokenId;
use writ_core::secret::sha256;
use writ_jose::jwe::{ContentEncryption, Curve, Decrypted, DecryptionKey, KeyManagement, decrypt_compact};
use writ_jose::{Algorithm, JsonObject};
use writ_testkit::{Credential, TestClient, TestServer};

use super::{manage, tokens, verified};
use crate::flow::{ada, refresh, website};

/// A client's own key, called so.
pub(crate) fn key(management: KeyManagement, encryption: ContentEncryption, kid: &str) -> DecryptionKey {
    let made = match management {
        KeyManagement::RsaOaep256 => DecryptionKey::generate_rsa(encryption),
        KeyManagement::EcdhEs => DecryptionKey::generate_on(Curve::P256, encryption),
    };
    made.unwrap().known_as(kid)
}

pub(crate) fn set(keys: &[&DecryptionKey]) -> Value {
    let keys: Vec<Value> =
        keys.iter().map(|key| serde_json::from_str(&key.public_jwk().to_json()).unwrap()).collect();
    json!({ "keys": keys })
}

async fn choose(server: &TestServer, client: &TestClient, settings: Value) {
    let path = format!("/api/v1/clients/{}", client.client_id);
    let _ = manage(server, ("PUT", &path), &settings).await.expect(200);
}

pub(crate) fn opened(token: &str, key: &DecryptionKey) -> (Decrypted, String) {
    let read = decrypt_compact(token, std::slice::from_ref(key)).unwrap();
    let nested = String::from_utf8(read.plain.to_vec()).unwrap();
    (read, nested)
}

#[tokio::test]
async fn an_id_token_is_signed_and_then_encrypted_to_its_client() {
    let server = TestServer::start().await;
    ada(&server).await;
    for management in KeyManagement::ALL {
        for encryption in ContentEncryption::ALL {
            let site = website(&server, &format!("{management}-{encryption}")).first_party().create().await;
            let own = key(management, encryption, "mine");
            let settings = json!({
                "id_token_encrypted_response_alg": management.name(),
                "id_token_encrypted_response_enc": encryption.name(),
                "jwks": set(&[&own]),
            });
            choose(&server, &site, settings).await;
            let first = tokens(&server, &site).await;
            let again =
                refresh(&server, &site, first["refresh_token"].as_str().unwrap()).await.expect(200).json();
            for body in [first, again] {
                let (read, nested) = opened(body["id_token"].as_str().unwrap(), &own);
                assert_eq!(read.header.content_type.as_deref(), Some("JWT"));
                assert_eq!(read.header.kid.as_deref(), Some("mine"));
                assert_eq!((read.header.management, read.header.encryption), (management, encryption));
                let (header, claims) = verified(&server, &nested).await;
                assert_eq!(header.alg, jsonwebtoken::Algorithm::RS256);
                assert_eq!((&claims["aud"], &claims["iss"]), (&json!(site.client_id), &json!(server.base)));
                // The access token was not to be encrypted.
                assert_eq!(body["access_token"].as_str().unwrap().matches('.').count(), 2);
            }
        }
    }
}

/// Whoever holds it shows it as it came: it is found by what its header says, and known by the hash of all of it.
#[tokio::test]
async fn an_encrypted_access_token_is_accepted_found_and_revoked_as_any_other() {
    let server = TestServer::start().await;
    ada(&server).await;
    let site = website(&server, "site").first_party().create().await;
    let own = key(KeyManagement::EcdhEs, ContentEncryption::A256Gcm, "mine");
    let settings = json!({
        "access_token_encrypted_response_alg": "ECDH-ES", "access_token_encrypted_response_enc": "A256GCM",
        "jwks": set(&[&own]),
    });
    choose(&server, &site, settings).await;
    let body = tokens(&server, &site).await;
    let access = body["access_token"].as_str().unwrap();
    assert_eq!(access.matches('.').count(), 4, "{access}");

    let (_, nested) = opened(access, &own);
    let (header, claims) = verified(&server, &nested).await;
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    // Core §3.1.3.6: of the token as it was handed out.
    let (_, id) = verified(&server, body["id_token"].as_str().unwrap()).await;
    let half = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        &sha256(access.as_bytes()).as_bytes()[..16],
    );
    assert_eq!(id["at_hash"], half);

    let seen = server.introspect(&site, access).await.json();
    assert_eq!((&seen["active"], &seen["sub"], &seen["jti"]), (&json!(true), &claims["sub"], &claims["jti"]));
    let userinfo = http::Request::get("/oauth2/userinfo").header("authorization", format!("Bearer {access}"));
    let person = server.request(userinfo.body("").unwrap()).await.expect(200).json();
    assert_eq!(person["sub"], claims["sub"]);
    assert!(!server.is_active(&site, &nested).await, "what stands inside was given to nobody");

    let _ = server.revoke(&site, access).await.expect(200);
    assert!(!server.is_active(&site, access).await);
}

#[tokio::test]
async fn an_encrypted_access_token_opens_the_servers_own_apis() {
    let server = TestServer::start().await;
    let robot = server.client("robot").scope("oauth:read").create().await;
    let own = key(KeyManagement::RsaOaep256, ContentEncryption::A128CbcHs256, "mine");
    // Without an enc it is A128CBC-HS256.
    choose(
        &server,
        &robot,
        json!({ "access_token_encrypted_response_alg": "RSA-OAEP-256", "jwks": set(&[&own]) }),
    )
    .await;
    let token = server.access_token(&robot).await;
    opened(&token, &own);
    let ask = async |token: &str| {
        let request =
            http::Request::get("/api/v1/oauth/clients").header("authorization", format!("Bearer {token}"));
        server.request(request.body("").unwrap()).await
    };
    let _ = ask(&token).await.expect(200);
    let listed = manage(&server, ("GET", "/api/v1/oauth/tokens"), &Value::Null).await.expect(200).json();
    let jti = server.introspect(&robot, &token).await.member("jti");
    assert!(listed["tokens"].as_array().unwrap().iter().any(|one| one["id"] == json!(jti)), "{listed}");
    let _ = server.revoke(&robot, &token).await.expect(200);
    let _ = ask(&token).await.refused(401, "invalid_token");
}

/// Nothing in a header is believed: it leads to a row, and the row knows its token.
#[tokio::test]
async fn a_header_that_names_another_token_gets_nothing() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("oauth:read").create().await;
    let plain = server.access_token(&app).await;
    let own = key(KeyManagement::EcdhEs, ContentEncryption::A256Gcm, "mine");
    let alg = json!({ "access_token_encrypted_response_alg": "ECDH-ES", "access_token_encrypted_response_enc": "A256GCM", "jwks": set(&[&own]) });
    choose(&server, &app, alg).await;
    let (one, two) = (server.access_token(&app).await, server.access_token(&app).await);
    let jti = async |token: &str| server.introspect(&app, token).await.member("jti");
    let (of_plain, of_one) = (jti(&plain).await, jti(&one).await);
    let head = |id: &str, more: &str| {
        let mut header = JsonObject::default();
        header.string("jti", id).string("alg", more).string("enc", "A256GCM");
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header.finish())
    };
    let tail = |token: &str| token.split_once('.').unwrap().1.to_owned();
    let unknown = TokenId::from_bytes([7; 16]).to_string();
    for forged in [
        format!("{}.{}", head(&of_one, "ECDH-ES"), tail(&two)),
        format!("{}.{}", head(&of_plain, "ECDH-ES"), tail(&one)),
        format!("{}.{}", head(&of_one, "none"), tail(&one)),
        format!("{}.{}", head(&unknown, "ECDH-ES"), tail(&one)),
        format!("{}....", head(&of_one, "dir")),
        format!("{one}.x"),
        format!("{}x", &one[..one.len() - 1]),
    ] {
        assert!(!server.is_active(&app, &forged).await, "{forged}");
        let by = Credential::bearer(&forged);
        let _ = server.introspect(by, &one).await.refused(401, "invalid_token");
        // Revoking is a success, and ends nothing.
        let _ = server.revoke(&app, &forged).await.expect(200);
    }
    for token in [&plain, &one, &two] {
        assert!(server.is_active(&app, token).await);
    }
}

/// Core §10.2.1: a client rotates its keys; the next token is under the new one, and what was given lives on.
#[tokio::test]
async fn the_next_token_is_under_the_clients_new_key() {
    let server = TestServer::start().await;
    ada(&server).await;
    let site = website(&server, "site").first_party().create().await;
    let (management, encryption) = (KeyManagement::EcdhEs, ContentEncryption::A256Gcm);
    let [one, two] = ["one", "two"].map(|kid| key(management, encryption, kid));
    let both = json!({
        "id_token_encrypted_response_alg": "ECDH-ES", "id_token_encrypted_response_enc": "A256GCM",
        "access_token_encrypted_response_alg": "ECDH-ES", "access_token_encrypted_response_enc": "A256GCM",
        "jwks": set(&[&one]),
    });
    choose(&server, &site, both).await;
    let before = tokens(&server, &site).await;
    choose(&server, &site, json!({ "jwks": set(&[&two]) })).await;
    let after = tokens(&server, &site).await;
    for (body, key) in [(&before, &one), (&after, &two)] {
        for name in ["id_token", "access_token"] {
            opened(body[name].as_str().unwrap(), key);
        }
        assert!(server.is_active(&site, body["access_token"].as_str().unwrap()).await);
    }
    // And none at all once it wants none.
    let off = json!({ "id_token_encrypted_response_alg": null, "access_token_encrypted_response_alg": null });
    choose(&server, &site, off).await;
    let plain = tokens(&server, &site).await;
    for name in ["id_token", "access_token"] {
        verified(&server, plain[name].as_str().unwrap()).await;
    }
}

/// A key without a `kid` is called nothing, and an opaque token stays one beside an encrypted ID token.
#[tokio::test]
async fn a_nameless_key_stays_nameless() {
    let server = TestServer::builder().id_token_alg(Algorithm::EdDsa).start().await;
    ada(&server).await;
    let site = website(&server, "site").first_party().create().await;
    let own = key(KeyManagement::EcdhEs, ContentEncryption::A256Gcm, "mine");
    let mut keys = set(&[&own]);
    keys["keys"][0].as_object_mut().unwrap().remove("kid");
    let settings = json!({
        "access_token_format": "opaque", "id_token_encrypted_response_alg": "ECDH-ES",
        "id_token_encrypted_response_enc": "A256GCM", "jwks": keys,
    });
    choose(&server, &site, settings).await;
    let body = tokens(&server, &site).await;
    assert!(body["access_token"].as_str().unwrap().starts_with("at_"));
    let (read, nested) = opened(body["id_token"].as_str().unwrap(), &own);
    assert_eq!(read.header.kid, None);
    assert_eq!(verified(&server, &nested).await.0.alg, jsonwebtoken::Algorithm::EdDSA);
}

/// Core §3.1.2.1: whoever gives an encrypted ID token back as a hint decrypts it first.
#[tokio::test]
async fn a_hint_is_the_signed_token_within() {
    let server = TestServer::start().await;
    ada(&server).await;
    let site = website(&server, "site").first_party().create().await;
    let own = key(KeyManagement::EcdhEs, ContentEncryption::A256Gcm, "mine");
    let settings = json!({
        "id_token_encrypted_response_alg": "ECDH-ES", "id_token_encrypted_response_enc": "A256GCM",
        "jwks": set(&[&own]),
    });
    choose(&server, &site, settings).await;
    let body = tokens(&server, &site).await;
    let encrypted = body["id_token"].as_str().unwrap();
    let (_, nested) = opened(encrypted, &own);
    for (hint, status) in [(&*nested, 200), (encrypted, 400)] {
        let answer = server.get(&format!("/oauth2/logout?id_token_hint={hint}")).await;
        let place = answer.header("location").to_owned();
        let answer = if answer.status == 303 { server.get(&place).await } else { answer };
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

/// Discovery §3: what can be chosen is advertised, and all that is advertised can be chosen.
#[tokio::test]
async fn what_is_advertised_can_be_chosen() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let metadata = server.get("/.well-known/openid-configuration").await.expect(200).json();
    let (rsa, ec) = (
        key(KeyManagement::RsaOaep256, ContentEncryption::A256Gcm, "r"),
        key(KeyManagement::EcdhEs, ContentEncryption::A256Gcm, "e"),
    );
    let (algs, encs) = (
        &metadata["id_token_encryption_alg_values_supported"],
        &metadata["id_token_encryption_enc_values_supported"],
    );
    assert_eq!((algs.as_array().unwrap().len(), encs.as_array().unwrap().len()), (2, 2));
    for alg in algs.as_array().unwrap() {
        for enc in encs.as_array().unwrap() {
            let settings = json!({
                "id_token_encrypted_response_alg": alg, "id_token_encrypted_response_enc": enc,
                "jwks": set(&[&rsa, &ec]),
            });
            choose(&server, &app, settings).await;
        }
    }
}

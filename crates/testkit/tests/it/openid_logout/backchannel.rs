//! OpenID Connect Back-Channel Logout 1.0 §2: the metadata, the logout token, and how it is sent.

use serde_json::json;
use writ_core::time::Seconds;
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, Curve, DecryptionKey, decrypt_compact};
use writ_testkit::{Agent, START};

use super::{Stage, id_token};
use crate::flow::refresh;

/// §2.1, Front-Channel Logout §3, Session Management §3.3: what discovery says; each tenant has a page of its own.
#[tokio::test]
async fn discovery_says_that_it_is_supported() {
    for slug in ["default", "acme"] {
        let stage = Stage::new(slug).await;
        let metadata =
            stage.server.get(&stage.at("/.well-known/openid-configuration")).await.expect(200).json();
        for name in [
            "backchannel_logout_supported",
            "backchannel_logout_session_supported",
            "frontchannel_logout_supported",
            "frontchannel_logout_session_supported",
        ] {
            assert_eq!(metadata[name], true, "{name}");
        }
        let issuer = metadata["issuer"].as_str().unwrap();
        assert_eq!(metadata["check_session_iframe"], format!("{issuer}/oauth2/check-session"));
        assert!(metadata["claims_supported"].as_array().unwrap().contains(&"sid".into()));
    }
}

/// §2.4: iss, aud, iat, exp, jti, events, sub and sid as the ID token had them, no nonce; the type is said; signed by a
/// published key, with the algorithm of the client's ID tokens (§2.4 after Core §2). §2.5: in the body of a POST.
#[tokio::test]
async fn a_logout_token_says_whose_sign_in_has_ended_and_which() {
    for (slug, algorithm) in [("default", None), ("acme", Some(Algorithm::EdDsa))] {
        let stage = Stage::new(slug).await;
        let mut site = stage.told("site");
        if let Some(algorithm) = algorithm {
            site = site.id_tokens(algorithm);
        }
        let site = site.create().await;
        let mut agent = Agent::new(&stage.server);
        let signed_in = id_token(&stage.tokens(&mut agent, &site, &[]).await);
        stage.deliver().await;
        assert!(stage.heard("site").is_empty(), "nobody has signed out");

        stage.sign_out(&mut agent).await;
        stage.deliver().await;
        stage.deliver().await;
        let [posted] = stage.rp.posted("/site").try_into().unwrap();
        assert!(posted.head.starts_with("post /site http/1.1\r\n"), "{}", posted.head);
        assert!(posted.head.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"));
        let token = posted.field("logout_token");
        assert_eq!(posted.body, format!("logout_token={token}"), "and nothing else");

        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.typ.as_deref(), Some("logout+jwt"));
        let expected = algorithm.map_or(jsonwebtoken::Algorithm::RS256, |_| jsonwebtoken::Algorithm::EdDSA);
        assert_eq!(header.alg, expected);
        let keys = stage.server.get(&stage.at("/.well-known/jwks.json")).await.json();
        let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys).unwrap();
        let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(header.alg);
        rules.set_audience(&["site"]);
        rules.validate_exp = false;
        let claims = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &rules).unwrap().claims;
        let now = START.as_secs();
        let expected = json!({
            "iss": signed_in["iss"], "sub": signed_in["sub"], "sid": signed_in["sid"], "aud": "site",
            "iat": now, "exp": now + 120, "jti": claims["jti"],
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        assert_eq!(claims, expected);
        assert!(claims["sid"].is_string() && claims["jti"].is_string());
    }
}

/// §2.1, Front-Channel Logout §3: `sid` is in ID tokens; the same for a sign-in however often tokens come of it, another one
/// at each application and in each sign-in, so that nobody can tell by it that two have the same person.
#[tokio::test]
async fn a_sid_is_one_of_a_sign_in_at_an_application() {
    let stage = Stage::new("default").await;
    let (one, two) = (stage.site("one").create().await, stage.site("two").create().await);
    let mut agent = Agent::new(&stage.server);
    let first = stage.tokens(&mut agent, &one, &[]).await;
    let again = stage.tokens(&mut agent, &one, &[]).await;
    let other = stage.tokens(&mut agent, &two, &[]).await;
    let token = first["refresh_token"].as_str().unwrap();
    let refreshed = refresh(&stage.server, &one, token).await.expect(200).json();
    let elsewhere = stage.tokens(&mut Agent::new(&stage.server), &one, &[]).await;
    let sid = |tokens| id_token(tokens)["sid"].as_str().unwrap().to_owned();
    assert_eq!(sid(&first), sid(&again));
    assert_eq!(sid(&first), sid(&refreshed), "Core §12.2");
    assert_ne!(sid(&first), sid(&other));
    assert_ne!(sid(&first), sid(&elsewhere));
    assert_eq!(id_token(&first)["sub"], id_token(&other)["sub"]);
}

/// §2.3: each application of the sign-in is told, with its own `sid`, and no application of another sign-in.
#[tokio::test]
async fn every_application_of_the_sign_in_is_told_and_no_other() {
    let stage = Stage::new("default").await;
    let (one, two) = (stage.told("one").create().await, stage.told("two").create().await);
    let (deaf, idle) = (stage.site("deaf").create().await, stage.told("idle").create().await);
    let mut here = Agent::new(&stage.server);
    let mut sids = Vec::new();
    for client in [&one, &two, &deaf] {
        sids.push(id_token(&stage.tokens(&mut here, client, &[]).await)["sid"].clone());
    }
    let mut there = Agent::new(&stage.server);
    for client in [&one, &idle] {
        stage.tokens(&mut there, client, &[]).await;
    }
    stage.sign_out(&mut here).await;
    stage.deliver().await;
    for (client, sid) in [("one", &sids[0]), ("two", &sids[1])] {
        let [heard] = stage.heard(client).try_into().unwrap();
        assert_eq!(&heard["sid"], sid, "{client}");
    }
    assert!(stage.heard("deaf").is_empty() && stage.heard("idle").is_empty());
}

/// §2.4: a logout token may be encrypted, with the keys that ID tokens are.
#[tokio::test]
async fn a_logout_token_is_encrypted_where_id_tokens_are() {
    let stage = Stage::new("default").await;
    let client = stage.told("site").create().await;
    let key = DecryptionKey::generate_on(Curve::P256, ContentEncryption::A256Gcm).unwrap();
    let jwk: serde_json::Value = serde_json::from_str(&key.public_jwk().to_json()).unwrap();
    let body = json!({
        "jwks": { "keys": [jwk] },
        "id_token_encrypted_response_alg": "ECDH-ES",
        "id_token_encrypted_response_enc": "A256GCM",
    });
    let _ = stage.manage(("PATCH", "/api/v1/clients/site"), &body).await.expect(200);
    let mut agent = Agent::new(&stage.server);
    stage.tokens(&mut agent, &client, &[]).await;
    stage.sign_out(&mut agent).await;
    stage.deliver().await;
    let [posted] = stage.rp.posted("/site").try_into().unwrap();
    let opened = decrypt_compact(&posted.field("logout_token"), std::slice::from_ref(&key)).unwrap();
    let nested = String::from_utf8(opened.plain.to_vec()).unwrap();
    assert_eq!(jsonwebtoken::decode_header(&nested).unwrap().typ.as_deref(), Some("logout+jwt"));
    assert_eq!(crate::flow::claims(&nested)["aud"], "site");
}

/// A logout token is good for two minutes, and each try has another one (§2.4, §2.6 on jti).
#[tokio::test]
async fn each_try_has_a_token_of_its_own() {
    let stage = Stage::new("default").await;
    let client = stage.told("site").create().await;
    let mut agent = Agent::new(&stage.server);
    stage.tokens(&mut agent, &client, &[]).await;
    stage.rp.behave("/site", writ_testkit::Manner::Status(503));
    stage.sign_out(&mut agent).await;
    stage.deliver().await;
    stage.server.clock.advance(Seconds(5));
    stage.deliver().await;
    let [first, second] = stage.heard("site").try_into().unwrap();
    assert_eq!((&first["sid"], &first["sub"]), (&second["sid"], &second["sub"]));
    assert_ne!(first["jti"], second["jti"]);
    assert_eq!(second["iat"].as_i64().unwrap(), first["iat"].as_i64().unwrap() + 5);
}

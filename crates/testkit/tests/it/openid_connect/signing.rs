//! OpenID Connect Core §2, §3.1.3.6, §15.1, Registration §2: what ID tokens are signed with, and by which keys.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use writ_core::secret::sha256;
use writ_core::time::Seconds;
use writ_jose::Algorithm;
use writ_testkit::{START, TestServer};

use super::{JWKS, manage, tokens, verified};
use crate::flow::{ada, refresh, website};

/// Core §15.1: RS256 unless something else was chosen; the client's choice before the tenant's before the server's.
#[tokio::test]
async fn id_tokens_are_rs256_unless_client_tenant_or_server_say_otherwise() {
    let (es, ed, ps) = (Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256);
    for (server_says, tenant_says, client_says, expected) in [
        (None, None, None, Algorithm::Rs256),
        (Some(es), None, None, es),
        (Some(es), Some(ed), None, ed),
        (Some(es), Some(ed), Some(ps), ps),
        (None, None, Some(ed), ed),
    ] {
        let mut builder = TestServer::builder();
        if let Some(algorithm) = server_says {
            builder = builder.id_token_alg(algorithm);
        }
        let server = builder.start().await;
        ada(&server).await;
        let settings = json!({ "settings": { "id_token_alg": tenant_says.map(Algorithm::name) } });
        let _ = manage(&server, ("PUT", "/api/v1/tenants/default"), &settings).await.expect(200);
        let mut site = website(&server, "site").first_party();
        if let Some(algorithm) = client_says {
            site = site.id_tokens(algorithm);
        }
        let body = tokens(&server, &site.create().await).await;
        let (header, claims) = verified(&server, body["id_token"].as_str().unwrap()).await;
        assert_eq!(format!("{:?}", header.alg).to_uppercase(), expected.name().to_uppercase());
        assert_eq!(header.typ.as_deref(), Some("JWT"));
        assert_eq!(claims["aud"], "site");
        // Access tokens are for APIs, and stay as they are.
        let access = body["access_token"].as_str().unwrap();
        assert_eq!(verified(&server, access).await.0.alg, jsonwebtoken::Algorithm::ES256);
    }
}

/// Core §3.1.3.6: half of the hash that belongs to the algorithm of the *ID token*, not of the access token.
#[tokio::test]
async fn at_hash_is_made_with_the_hash_of_the_id_tokens_algorithm() {
    for (id, access, length) in
        [(Algorithm::Rs256, Algorithm::EdDsa, 16), (Algorithm::EdDsa, Algorithm::Es256, 32)]
    {
        let server = TestServer::builder().id_token_alg(id).access_token_alg(access).start().await;
        ada(&server).await;
        let site = website(&server, "site").first_party().create().await;
        let body = tokens(&server, &site).await;
        let (_, claims) = verified(&server, body["id_token"].as_str().unwrap()).await;
        let said = URL_SAFE_NO_PAD.decode(claims["at_hash"].as_str().unwrap()).unwrap();
        assert_eq!(said.len(), length, "{id}");
        if id == Algorithm::Rs256 {
            let whole = sha256(body["access_token"].as_str().unwrap().as_bytes());
            assert_eq!(said, whole.as_bytes()[..16]);
        }
    }
}

/// A verifier keeps the set for minutes: the key of ID tokens is in it before the first of them was signed.
#[tokio::test]
async fn the_key_of_id_tokens_is_published_before_it_signs() {
    let server = TestServer::start().await;
    ada(&server).await;
    let site = website(&server, "site").first_party().create().await;
    let before = server.get(JWKS).await.expect(200).json();
    let kids: Vec<_> = before["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
    let body = tokens(&server, &site).await;
    for name in ["id_token", "access_token"] {
        let header = jsonwebtoken::decode_header(body[name].as_str().unwrap()).unwrap();
        assert!(kids.contains(&json!(header.kid)), "{name}: {before}");
    }
}

/// However long a client's ID tokens live: the key that signed one is published until it has expired.
#[tokio::test]
async fn the_key_of_id_tokens_is_published_for_as_long_as_they_live() {
    const LIFETIME: i64 = 10 * 86_400;
    let server = TestServer::start().await;
    ada(&server).await;
    let site = website(&server, "site").first_party().lifetime(LIFETIME).create().await;
    // The key is there from another client, whose tokens live for an hour.
    tokens(&server, &website(&server, "other").first_party().create().await).await;
    let body = tokens(&server, &site).await;
    let token = body["id_token"].as_str().unwrap();
    let kid = jsonwebtoken::decode_header(token).unwrap().kid;
    assert_eq!(verified(&server, token).await.1["exp"], START.as_secs() + LIFETIME);

    let rotate = ("POST", "/api/v1/keys/rotate");
    let _ = manage(&server, rotate, &json!({ "alg": "RS256" })).await.expect(200);
    server.clock.advance(Seconds(366));
    let body = refresh(&server, &site, body["refresh_token"].as_str().unwrap()).await.expect(200).json();
    let next = jsonwebtoken::decode_header(body["id_token"].as_str().unwrap()).unwrap().kid;
    assert_ne!(next, kid, "another key signs");

    server.clock.advance(Seconds(LIFETIME - 367));
    verified(&server, token).await;
    // It signed for 365 seconds more, and clocks may differ by a minute.
    server.clock.advance(Seconds(1 + 365 + 60));
    let left: Value = server.get(JWKS).await.json();
    assert!(left["keys"].as_array().unwrap().iter().all(|key| key["kid"] != json!(kid)), "{left}");
}

/// Many ask at once in a tenant that never had one: they wait for one key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_all_need_the_first_rsa_key_share_one() {
    let server = Arc::new(TestServer::start().await);
    let mut crowd = JoinSet::new();
    for _ in 0..32 {
        let server = Arc::clone(&server);
        crowd.spawn(async move { server.get(JWKS).await.expect(200).json() });
    }
    let sets = crowd.join_all().await;
    assert_eq!(sets[0]["keys"].as_array().unwrap().len(), 2);
    assert!(sets.iter().all(|set| *set == sets[0]), "{sets:?}");
}

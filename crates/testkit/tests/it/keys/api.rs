//! The key API: its shapes, its bad input, its audit records.

use http::Method;
use serde_json::json;
use writ_core::authority::Permission;
use writ_core::time::Seconds;
use writ_testkit::{Credential, START};

use super::{KEYS, ask, ask_by, compromise, kid, listed, rotate, server};

#[tokio::test]
async fn keys_are_listed_with_their_times_without_a_private_half() {
    let server = server().await;
    assert_eq!(listed(&server).await, Vec::<serde_json::Value>::new());
    let app = server.client("app").create().await;
    let first = kid(&server.access_token(&app).await);
    let next = rotate(&server).await;
    let time = |after: i64| jiff::Timestamp::from_second(START.as_secs() + after).unwrap().to_string();
    assert_eq!(
        listed(&server).await,
        [
            json!({ "kid": next["kid"], "use": "sig", "alg": "ES256", "state": "next", "created_at": time(0),
                    "active_from": time(365), "retired_at": null }),
            json!({ "kid": first, "use": "sig", "alg": "ES256", "state": "active", "created_at": time(0),
                    "active_from": time(0), "retired_at": time(365) }),
        ]
    );
}

/// The keys that clients encrypt their requests to (RFC 9101 §6.1) are listed behind those that sign, until nothing is
/// left of them.
#[tokio::test]
async fn keys_to_encrypt_to_are_listed_too() {
    let server = server().await;
    let body = json!({ "client_name": "App", "redirect_uris": ["https://app.example/cb"], "scope": "openid",
        "request_object_encryption_alg": "ECDH-ES" });
    let _ = ask(&server, Method::POST, "/api/v1/clients", &body.to_string()).await.expect(201);
    let all = listed(&server).await;
    let encrypting: Vec<_> = all.iter().filter(|key| key["use"] == "enc").collect();
    let [first] = encrypting[..] else { panic!("{all:?}") };
    assert_eq!((&first["alg"], &first["state"]), (&json!("ECDH-ES"), &json!("active")));
    assert_eq!(all.last(), Some(first));
    let kid = first["kid"].as_str().unwrap();
    let path = format!("/api/v1/keys/{kid}/compromised");
    let _ = ask(&server, Method::POST, &path, "{}").await.expect(204);
    let after = listed(&server).await;
    assert!(after.iter().all(|key| key["kid"] != *kid), "{after:?}");
    assert!(after.iter().any(|key| key["use"] == "enc" && key["state"] == "active"), "{after:?}");
}

/// The tenant's usual algorithm where none is asked for, and each of them apart.
#[tokio::test]
async fn each_algorithm_rotates_by_itself() {
    let server = server().await;
    let app = server.client("app").create().await;
    let first = server.access_token(&app).await;
    let answer =
        ask(&server, Method::POST, "/api/v1/keys/rotate", r#"{"alg":"RS256"}"#).await.expect(200).json();
    // The first of its algorithm: nothing is gained by waiting.
    assert_eq!((&answer["alg"], &answer["state"]), (&json!("RS256"), &json!("active")));
    assert_eq!(kid(&server.access_token(&app).await), kid(&first));
    for wrong in [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":1}"#, "[]", "{"] {
        let _ =
            ask(&server, Method::POST, "/api/v1/keys/rotate", wrong).await.refused(400, "invalid_request");
    }
    let _ = ask(&server, Method::GET, "/api/v1/keys/rotate", "").await.expect(405);
    assert_eq!(listed(&server).await.len(), 2);
}

#[tokio::test]
async fn reading_is_not_writing_and_a_tenant_sees_its_own_keys() {
    let server = server().await;
    let acme = server.tenant("acme").await;
    server.access_token(&server.client("app").create().await).await;
    let reader = Credential::bearer(&server.api_key(&acme, &[Permission::KeysRead], None).await);
    let seen = ask_by(&server, &reader, (Method::GET, KEYS, "")).await.expect(200).json();
    assert_eq!(seen, json!({ "keys": [], "total": 0 }));
    for path in ["/api/v1/keys/rotate", "/api/v1/keys/x/compromised"] {
        let _ = ask_by(&server, &reader, (Method::POST, path, "{}")).await.refused(403, "insufficient_scope");
    }
}

#[tokio::test]
async fn every_change_of_a_key_is_in_the_audit_log() {
    let server = server().await;
    let long = server.client("long").lifetime(7200).create().await;
    let token = server.access_token(&long).await;
    server.clock.advance(Seconds(1));
    rotate(&server).await;
    server.clock.advance(Seconds(1));
    let _ = compromise(&server, &kid(&token)).await.expect(204);
    let records = server.app.store.audit_newest(server.app.default_tenant, 100).await.unwrap();
    let mut records: Vec<_> = records.iter().map(|(action, actor)| (&**action, &**actor)).collect();
    records.retain(|(action, _)| action.starts_with("signing_key."));
    assert_eq!(records[..2], [("signing_key.compromised", "api_key"), ("signing_key.rotated", "api_key")]);
    // These two happened at the same moment.
    let mut first = records[2..].to_vec();
    first.sort_unstable();
    assert_eq!(first, [("signing_key.created", "system"), ("signing_key.lifetime_raised", "system")]);
}

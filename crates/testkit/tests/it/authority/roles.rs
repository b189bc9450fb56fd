//! `/api/v1/roles`: names for sets of permissions.

use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_testkit::{Answer, TestServer};

use super::{Ask, ROLES, admin, key, person};

async fn operator(server: &TestServer, ask: Ask) -> Answer {
    ask.key(&server.management_key()).send(server).await
}

#[tokio::test]
async fn a_role_is_made_read_changed_and_removed() {
    let server = TestServer::start().await;
    let body = json!({ "name": "auditor", "permissions": ["keys:read", "audit:read"], "unknown": 1 });
    let shown = json!({ "name": "auditor", "permissions": ["audit:read", "keys:read"] });
    let path = format!("{ROLES}/auditor");
    assert_eq!(operator(&server, Ask::post(ROLES, &body)).await.expect(201).json(), shown);
    assert_eq!(operator(&server, Ask::get(&path)).await.expect(200).json(), shown);
    let _ = operator(&server, Ask::post(ROLES, &body)).await.refused(409, "conflict");
    // Its name may be repeated, as whoever reads it and sends it back does, and not be changed.
    let narrow = json!({ "name": "auditor", "permissions": ["audit:read"] });
    assert_eq!(operator(&server, Ask::put(&path, &narrow)).await.expect(200).json(), narrow);
    let moved = json!({ "name": "spy", "permissions": [] });
    let _ = operator(&server, Ask::put(&path, &moved)).await.refused(400, "invalid_request");
    assert_eq!(operator(&server, Ask::get(&path)).await.expect(200).json(), narrow);
    assert!(operator(&server, Ask::delete(&path)).await.expect(204).body.is_empty());
    for ask in [Ask::get(&path), Ask::put(&path, &narrow), Ask::delete(&path)] {
        let _ = operator(&server, ask).await.refused(404, "not_found");
    }
    for name in ["%00", "Auditor", "a%2Fb", "a%20b", "%25"] {
        for ask in [Ask::get(&format!("{ROLES}/{name}")), Ask::delete(&format!("{ROLES}/{name}"))] {
            let _ = operator(&server, ask).await.refused(404, "not_found");
        }
    }
}

/// Two tenants may each have a role of one name.
#[tokio::test]
async fn a_name_is_taken_in_its_tenant_only() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let body = json!({ "name": "auditor", "permissions": [] });
    let _ = operator(&server, Ask::post(ROLES, &body)).await.expect(201);
    let _ = operator(&server, Ask::post(ROLES, &body).tenant(&acme)).await.expect(201);
}

#[tokio::test]
async fn a_role_that_somebody_has_stays() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    for name in ["a_b", "axb"] {
        let body = json!({ "name": name, "permissions": [] });
        let _ = operator(&server, Ask::post(ROLES, &body)).await.expect(201);
    }
    person(&server, &tenant, &["user", "a_b"]).await;
    let _ = operator(&server, Ask::delete(&format!("{ROLES}/a_b"))).await.refused(409, "conflict");
    // `_` is a letter, not a pattern.
    let _ = operator(&server, Ask::delete(&format!("{ROLES}/axb"))).await.expect(204);
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let server = TestServer::start().await;
    let cases: [(Value, &[&str]); 5] = [
        (json!({}), &["name: missing", "permissions: missing"]),
        (
            json!({ "name": "A b", "permissions": ["users:x", "x y"] }),
            &["name: 1 to 63", "permissions: users:x: there is no such", "permissions: x y: 1 to 128"],
        ),
        (json!({ "name": "", "permissions": 5 }), &["name: 1 to 63", "permissions: must be"]),
        (json!({ "name": 1, "permissions": [null] }), &["name: must be a text", "permissions: must be"]),
        (json!({ "name": "x".repeat(64), "permissions": [] }), &["name: 1 to 63"]),
    ];
    for (body, expected) in cases {
        let answer = operator(&server, Ask::post(ROLES, &body)).await.refused(400, "invalid_request");
        for part in expected {
            assert!(answer.member("error_description").contains(part), "{part}: {}", answer.text());
        }
    }
    let path = format!("{ROLES}/auditor");
    let _ = operator(&server, Ask::post(ROLES, &json!({ "name": "auditor", "permissions": [] })))
        .await
        .expect(201);
    let answer =
        operator(&server, Ask::put(&path, &json!({ "name": 5 }))).await.refused(400, "invalid_request");
    assert_eq!(answer.member("error_description"), "name: must be a text; permissions: missing");
}

/// The tenant's own, newest first; then those that every tenant has.
#[tokio::test]
async fn lists_are_newest_first_in_pages() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let reader = key(&server, &tenant, admin()).await;
    for name in ["first", "second", "third"] {
        server.clock.advance(Seconds(1));
        let body = json!({ "name": name, "permissions": [] });
        let _ = Ask::post(ROLES, &body).key(&reader).send(&server).await.expect(201);
    }
    let expected = ["third", "second", "first", "operator", "admin", "user"];
    for limit in 1..=7 {
        let (mut seen, mut query) = (Vec::new(), format!("?limit={limit}"));
        loop {
            let page =
                Ask::get(&format!("{ROLES}{query}")).key(&reader).send(&server).await.expect(200).json();
            assert_eq!(page["total"], 6);
            let rows = page["roles"].as_array().unwrap();
            assert!((1..=limit).contains(&rows.len()));
            seen.extend(rows.iter().map(|role| role["name"].as_str().unwrap().to_owned()));
            let Some(next) = page.get("next_cursor") else { break };
            assert!(seen.len() < 6, "a cursor only where there is more");
            query = format!("?limit={limit}&cursor={}", next.as_str().unwrap());
        }
        assert_eq!(seen, expected, "{limit}");
    }
}

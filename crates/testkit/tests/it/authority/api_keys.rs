//! `/api/v1/api-keys`: shown once, masked afterwards, dead at once when revoked.

use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_testkit::{Answer, TestServer};

use super::{Ask, KEYS, admin, challenged, key};

async fn operator(server: &TestServer, ask: Ask) -> Answer {
    ask.key(&server.management_key()).send(server).await
}

async fn made(server: &TestServer, body: Value) -> Value {
    operator(server, Ask::post(KEYS, &body)).await.expect(201).json()
}

#[tokio::test]
async fn a_key_is_shown_once_and_masked_from_then_on() {
    let server = TestServer::start().await;
    let body =
        json!({ "name": "ci", "permissions": ["keys:write", "keys:read", "keys:read"], "colour": "red" });
    let answer = operator(&server, Ask::post(KEYS, &body)).await.expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = answer.json();
    let secret = made["api_key"].as_str().unwrap();
    let masked = format!("sk_live_{}{}", "\u{2022}".repeat(24), &secret[secret.len() - 4..]);
    let id = made["id"].as_str().unwrap();
    let mut shown = json!({
        "id": id, "name": "ci", "masked": masked, "permissions": ["keys:read", "keys:write"],
        "created_at": "2027-01-15T08:00:00Z", "expires_at": null, "last_used_at": null, "allowed_networks": [],
    });
    assert!(secret.starts_with("sk_live_") && secret.len() >= 8 + 32, "190 bits in base62");
    let path = format!("{KEYS}/{id}");
    let one = operator(&server, Ask::get(&path)).await.expect(200);
    assert_eq!(one.json(), shown);
    let list = operator(&server, Ask::get(KEYS)).await.expect(200);
    let rest = &list.json()["api_keys"];
    assert!(rest.as_array().unwrap().contains(&shown), "{rest}");
    let renamed = operator(&server, Ask::put(&path, &json!({ "name": "cd" }))).await.expect(200);
    shown["name"] = json!("cd");
    assert_eq!(renamed.json(), shown);
    for answer in [one, list, renamed] {
        assert!(
            !answer.text().contains(secret) && !answer.text().contains("api_key\":"),
            "{}",
            answer.text()
        );
    }
    shown["api_key"] = json!(secret);
    shown["name"] = json!("ci");
    assert_eq!(made, shown, "create adds the key");
    // It works at once.
    let _ = Ask::get(KEYS).key(secret).send(&server).await.expect(200);
}

#[tokio::test]
async fn last_use_appears_once_notes_are_written() {
    let server = TestServer::start().await;
    let made = made(&server, json!({ "name": "ci", "permissions": ["keys:read"] })).await;
    let path = format!("{KEYS}/{}", made["id"].as_str().unwrap());
    server.clock.advance(Seconds(90));
    let _ = Ask::get(KEYS).key(made["api_key"].as_str().unwrap()).send(&server).await.expect(200);
    server.app.store.flush_notes(server.app.default_tenant).await.unwrap();
    let seen = operator(&server, Ask::get(&path)).await.expect(200);
    assert_eq!(seen.member("last_used_at"), "2027-01-15T08:01:30Z");
}

#[tokio::test]
async fn a_key_ends_when_it_says_and_when_it_is_revoked() {
    let server = TestServer::start().await;
    let until = "2027-01-15T09:01:00+01:00";
    let body = json!({ "name": "ci", "permissions": ["keys:read"], "expires_at": until });
    let short = made(&server, body).await;
    assert_eq!(short["expires_at"], "2027-01-15T08:01:00Z");
    let (path, secret) =
        (format!("{KEYS}/{}", short["id"].as_str().unwrap()), short["api_key"].as_str().unwrap());
    let works = async || Ask::get(KEYS).key(secret).send(&server).await;
    let _ = works().await.expect(200);
    server.clock.advance(Seconds(60));
    challenged(&works().await, &["Bearer"], "expired");
    // It is still listed, and can be given a longer life.
    let _ = operator(&server, Ask::get(&path)).await.expect(200);
    let longer = json!({ "expires_at": null });
    let shown = operator(&server, Ask::put(&path, &longer)).await.expect(200);
    assert_eq!(shown.json()["expires_at"], Value::Null);
    let _ = works().await.expect(200);
    let answer = operator(&server, Ask::delete(&path)).await.expect(204);
    assert!(answer.body.is_empty());
    challenged(&works().await, &["Bearer"], "revoked");
    for ask in [Ask::get(&path), Ask::put(&path, &longer), Ask::delete(&path)] {
        let _ = operator(&server, ask).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_change_holds_at_the_next_request_and_changes_only_what_is_sent() {
    let server = TestServer::start().await;
    let body = json!({ "name": "ci", "permissions": ["keys:read"], "expires_at": "2028-01-01T00:00:00Z" });
    let made = made(&server, body).await;
    let (path, secret) =
        (format!("{KEYS}/{}", made["id"].as_str().unwrap()), made["api_key"].as_str().unwrap());
    let mut expected = operator(&server, Ask::get(&path)).await.json();
    for (sent, field) in [
        (json!({}), ""),
        (json!({ "unknown": 1, "name": null, "permissions": null }), ""),
        (json!({ "id": "x", "created_at": "x", "masked": "x" }), ""),
        (json!({ "name": "n" }), "name"),
        (json!({ "permissions": ["audit:read"] }), "permissions"),
        (json!({ "expires_at": "2029-01-01T00:00:00Z" }), "expires_at"),
    ] {
        let answer = operator(&server, Ask::put(&path, &sent)).await.expect(200).json();
        if !field.is_empty() {
            expected[field] = sent[field].clone();
        }
        assert_eq!(answer, expected, "{sent}");
        assert_eq!(operator(&server, Ask::get(&path)).await.json(), expected, "{sent}");
    }
    let _ = Ask::get(KEYS).key(secret).send(&server).await.refused(403, "insufficient_scope");
}

/// Newest first, in pages that neither repeat nor leave out.
#[tokio::test]
async fn lists_are_newest_first_in_pages() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let reader = key(&server, &tenant, admin()).await;
    let mut names = vec!["test".to_owned()];
    for n in 0..6 {
        // Two of a time: the id decides.
        server.clock.advance(Seconds(n % 2));
        let name = format!("k{n}");
        let body = json!({ "name": name, "permissions": [] });
        let _ = Ask::post(KEYS, &body).key(&reader).send(&server).await.expect(201);
        names.push(name);
    }
    let page = async |query: &str| {
        let answer = Ask::get(&format!("{KEYS}{query}")).key(&reader).send(&server).await.expect(200).json();
        assert_eq!(answer["total"], 7, "in all, not on the page");
        let rows = answer["api_keys"].as_array().unwrap().clone();
        let times: Vec<_> = rows.iter().map(|row| row["created_at"].as_str().unwrap().to_owned()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
        let rows: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
        (rows, answer.get("next_cursor").map(|cursor| cursor.as_str().unwrap().to_owned()))
    };
    let (all, next) = page("").await;
    assert_eq!((all.len(), next), (7, None));
    let mut sorted = all.clone();
    sorted.sort();
    names.sort();
    assert_eq!(sorted, names);
    for limit in [1, 2, 3, 6, 7, 200] {
        let (mut seen, mut query) = (Vec::new(), format!("?limit={limit}"));
        loop {
            let (rows, next) = page(&query).await;
            assert!(rows.len() <= limit);
            seen.extend(rows);
            let Some(next) = next else { break };
            assert!(seen.len() < 7, "a cursor only where there is more");
            query = format!("?limit={limit}&cursor={next}");
        }
        assert_eq!(seen, all, "{limit}");
    }
}

#[tokio::test]
async fn fifty_rows_unless_the_caller_says() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for _ in 0..51 {
        key(&server, &tenant, admin()).await;
    }
    let reader = key(&server, &tenant, admin()).await;
    let list = Ask::get(KEYS).key(&reader).send(&server).await.expect(200).json();
    assert_eq!((list["api_keys"].as_array().unwrap().len(), &list["total"]), (50, &json!(52)));
    assert!(list["next_cursor"].is_string());
    for path in [KEYS, super::ROLES, super::TENANTS] {
        for query in [
            "limit=0",
            "limit=201",
            "limit=-1",
            "limit=x",
            "limit=1.0",
            "limit=1&limit=2",
            "cursor=x",
            "cursor=AAAA",
        ] {
            let ask = Ask::get(&format!("{path}?{query}")).key(&server.management_key());
            let answer = ask.send(&server).await.refused(400, "invalid_request");
            let name = query.split('=').next().unwrap();
            assert!(answer.member("error_description").contains(name), "{}", answer.text());
        }
        let ask = Ask::get(&format!("{path}?limit=&cursor=")).key(&server.management_key());
        let _ = ask.send(&server).await.expect(200);
        let ask = Ask::get(&format!("{path}?limit=&unknown=1")).key(&server.management_key());
        let answer = ask.send(&server).await.refused(400, "invalid_request");
        assert!(answer.member("error_description").contains("unknown"), "{}", answer.text());
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let server = TestServer::start().await;
    let made = made(&server, json!({ "name": "ci", "permissions": [] })).await;
    let path = format!("{KEYS}/{}", made["id"].as_str().unwrap());
    let long = "x".repeat(256);
    let now = "2027-01-15T08:00:00Z";
    let post: &[(Value, &[&str])] = &[
        (json!({}), &["name: missing", "permissions: missing"]),
        (json!({ "name": null, "permissions": null }), &["name: missing", "permissions: missing"]),
        (
            json!({ "name": "", "permissions": ["keys:raed"], "expires_at": "soon" }),
            &[
                "name: 1 to 255",
                "permissions: unknown: keys:raed; known: oauth:read",
                "expires_at: not a time",
            ],
        ),
        (
            json!({ "name": 5, "permissions": "keys:read", "expires_at": 5 }),
            &["name: must be a text", "permissions: must be a list", "expires_at: must be a text"],
        ),
        (
            json!({ "name": long, "expires_at": now }),
            &["name: 1 to 255", "permissions: missing", "expires_at: must lie"],
        ),
        (json!({ "name": " x", "permissions": [1] }), &["name: 1 to 255", "permissions: must be a list"]),
        (json!({ "name": "a\u{7}", "permissions": [] }), &["name: 1 to 255"]),
    ];
    let put: &[(Value, &[&str])] = &[
        (
            json!({ "name": "\n", "permissions": ["x"], "expires_at": now }),
            &["name: 1 to 255", "permissions: unknown: x", "expires_at: must lie"],
        ),
        (
            json!({ "name": [], "permissions": {}, "expires_at": {} }),
            &["name:", "permissions:", "expires_at:"],
        ),
    ];
    let creations = post.iter().map(|(body, expected)| (Ask::post(KEYS, body), expected));
    let changes = put.iter().map(|(body, expected)| (Ask::put(&path, body), expected));
    for (ask, expected) in creations.chain(changes) {
        let answer = operator(&server, ask.clone()).await.refused(400, "invalid_request");
        let text = answer.member("error_description");
        for part in *expected {
            assert!(text.contains(part), "{part}: {text} {ask:?}");
        }
        let fields = text.matches("name: ").count()
            + text.matches("permissions: ").count()
            + text.matches("expires_at: ").count();
        assert_eq!(fields, expected.len(), "each field once: {text}");
    }
    // The longest and the shortest that are good.
    for name in ["x".to_owned(), "\u{e9}".repeat(255)] {
        let _ =
            operator(&server, Ask::post(KEYS, &json!({ "name": name, "permissions": [] }))).await.expect(201);
    }
}

/// The same for every management API: 400, 415, 413, 404, 405.
#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let server = TestServer::start().await;
    let raw = async |path: &str, content_type: &str, body: &str| {
        let mut ask = Ask::new("POST", path).key(&server.management_key());
        if !content_type.is_empty() {
            ask = ask.header("content-type", content_type);
        }
        ask.body = Some(body.to_owned());
        ask.send(&server).await
    };
    for path in [KEYS, super::ROLES, super::TENANTS] {
        for body in ["", "{", "[]", "null", "\"x\"", "{\"name\":\"a\",\"name\":\"b\"}", "{} {}", "\u{0}"] {
            let _ = raw(path, "application/json", body).await.refused(400, "invalid_request");
        }
        for content_type in ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
            let _ = raw(path, content_type, "{}").await.refused(415, "invalid_request");
        }
        let packed = Ask::post(path, &json!({})).header("content-encoding", "gzip");
        let _ = operator(&server, packed).await.refused(415, "invalid_request");
        let large = format!("{{\"name\":\"{}\"}}", "x".repeat(1024 * 1024));
        let _ = raw(path, "application/json", &large).await.refused(413, "invalid_request");
        let _ = operator(&server, Ask::new("PATCH", path)).await.refused(405, "invalid_request");
    }
    let body = "{\"name\":\"x\",\"permissions\":[]}";
    let _ = raw(KEYS, "Application/JSON; charset=utf-8", body).await.expect(201);
    for id in ["x", "018bcfe5-6800-7abc-8def-0123456789ab", "%00", "018bcfe5%2d6800"] {
        let _ = operator(&server, Ask::get(&format!("{KEYS}/{id}"))).await.refused(404, "not_found");
    }
}

/// Who read a key before somebody else changed it does not undo the change.
#[tokio::test]
async fn changes_at_the_same_time_do_not_undo_one_another() {
    let server = TestServer::start().await;
    let made = made(&server, json!({ "name": "ci", "permissions": ["keys:read", "oauth:write"] })).await;
    let path = format!("{KEYS}/{}", made["id"].as_str().unwrap());
    for round in 0..20 {
        let all = json!({ "permissions": ["keys:read", "oauth:write"], "name": "ci" });
        let _ = operator(&server, Ask::put(&path, &all)).await.expect(200);
        let (narrow, name) = (json!({ "permissions": [] }), json!({ "name": format!("renamed-{round}") }));
        let (one, other) = tokio::join!(
            operator(&server, Ask::put(&path, &narrow)),
            operator(&server, Ask::put(&path, &name)),
        );
        let after = operator(&server, Ask::get(&path)).await.json();
        for answer in [&one, &other] {
            assert!([200, 409].contains(&answer.status), "{}", answer.text());
        }
        assert!(one.status == 200 || other.status == 200, "one of them was first");
        if one.status == 200 {
            assert_eq!(after["permissions"], json!([]), "what was taken stays taken");
        }
        if other.status == 200 {
            assert_eq!(after["name"], name["name"]);
        }
    }
}

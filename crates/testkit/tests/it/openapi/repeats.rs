//! `Idempotency-Key`: the same request again is the same answer and happens once.

use std::sync::Arc;

use http::{HeaderName, Method};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use writ_core::time::Seconds;
use writ_server::openapi;
use writ_server::openapi::operation::Repeatable;
use writ_testkit::{Answer, TestServer};

use crate::authority::Ask;

const KEYS: &str = "/api/v1/api-keys";

fn new_key(name: &str) -> Ask {
    Ask::post(KEYS, &json!({ "name": name, "permissions": [] })).header("idempotency-key", "k-1")
}

/// How many rows a list has, whatever its envelope.
async fn total(server: &TestServer, list: &str) -> usize {
    let ask = Ask::get(list).key(&server.management_key()).tenant(&server.default_tenant());
    let body = ask.send(server).await.expect(200).json();
    let inner = body.get("data").filter(|data| data.is_object()).unwrap_or(&body);
    let rows = inner.as_object().unwrap().values().find_map(Value::as_array);
    rows.unwrap().len()
}

#[track_caller]
fn same(one: &Answer, other: &Answer) {
    assert_eq!((one.status, one.text()), (other.status, other.text()));
    let plain = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove(HeaderName::from_static("x-request-id"));
        headers
    };
    assert_eq!(plain(one), plain(other));
}

/// Every route whose description says that it may be repeated.
#[tokio::test]
async fn the_same_key_and_body_make_one_thing_and_give_one_answer() {
    let server = TestServer::start().await;
    let operator = server.management_key();
    let mut seen = 0;
    for operation in openapi::paths::all() {
        if operation.repeatable == Repeatable::No {
            continue;
        }
        seen += 1;
        let path = operation.path;
        assert_eq!(
            (operation.method, path.contains('{')),
            ("POST", false),
            "{path}: it needs a test of its own"
        );
        let body = &operation.body[0].example;
        let before = total(&server, path).await;
        let home = server.default_tenant();
        let ask = || Ask::post(path, body).key(&operator).tenant(&home).header("idempotency-key", "\"one\"");
        let first = ask().send(&server).await;
        assert_eq!(first.status, 201, "{path}: {}", first.text());
        server.clock.advance(Seconds(3600));
        same(&first, &ask().send(&server).await);
        // The quotes are only how it is written.
        same(
            &first,
            &Ask::post(path, body)
                .key(&operator)
                .tenant(&home)
                .header("idempotency-key", "one")
                .send(&server)
                .await,
        );
        assert_eq!(total(&server, path).await, before + 1, "{path}");
        let other = Ask::post(path, &json!({ "name": "other" }))
            .key(&operator)
            .tenant(&home)
            .header("idempotency-key", "one");
        let refused = other.send(&server).await;
        assert_eq!(refused.status, 409, "{path}: {}", refused.text());
        assert!(refused.text().contains("Idempotency-Key"), "{}", refused.text());
    }
    assert!(seen >= 3, "{seen}");
}

#[tokio::test]
async fn the_secret_of_the_first_answer_is_in_the_second_and_works() {
    let server = TestServer::start().await;
    let operator = server.management_key();
    let first = new_key("ci").key(&operator).send(&server).await.expect(201);
    let again = new_key("ci").key(&operator).send(&server).await.expect(201);
    same(&first, &again);
    let _ =
        Ask::get(KEYS).key(&again.member("api_key")).send(&server).await.refused(403, "insufficient_scope");
}

/// What is kept is sealed: neither the secret nor the key that asks for it can be read from the database.
#[tokio::test]
async fn no_secret_lies_open_in_the_database() {
    let server = TestServer::start().await;
    let made = new_key("ci").key(&server.management_key()).send(&server).await.expect(201);
    let secret = made.member("api_key");
    for file in std::fs::read_dir(server.folder()).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("writ.db")) {
            let bytes = std::fs::read(&path).unwrap();
            let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!has(&secret) && !has("k-1"), "{}", path.display());
        }
    }
}

/// A key is its sender's own, in a tenant and at a route.
#[tokio::test]
async fn another_caller_tenant_or_route_is_another_request() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let operator = server.management_key();
    let first = new_key("ci").key(&operator).send(&server).await.expect(201);
    let by_client = new_key("ci").by(&server.management_client().await).send(&server).await.expect(201);
    let in_acme = new_key("ci").key(&operator).tenant(&acme).send(&server).await.expect(201);
    let role = json!({ "name": "ci", "permissions": [] });
    let elsewhere = Ask::post("/api/v1/roles", &role).key(&operator).header("idempotency-key", "k-1");
    let _ = elsewhere.send(&server).await.expect(201);
    assert!(first.member("id") != by_client.member("id") && first.member("id") != in_acme.member("id"));
    let _ = new_key("ci").send(&server).await.expect(401);
}

/// Nothing was made, so the next try may succeed.
#[tokio::test]
async fn refusals_are_not_remembered() {
    let server = TestServer::start().await;
    let operator = server.management_key();
    let role = json!({ "name": "auditor", "permissions": [] });
    let ask = |key: &str| Ask::post("/api/v1/roles", &role).key(&operator).header("idempotency-key", key);
    let _ = ask("a").send(&server).await.expect(201);
    let _ = ask("b").send(&server).await.refused(409, "conflict");
    let _ = Ask::delete("/api/v1/roles/auditor").key(&operator).send(&server).await.expect(204);
    let _ = ask("b").send(&server).await.expect(201);
    // The first answer is still that of the first key, although what it made is gone.
    let _ = ask("a").send(&server).await.expect(201);
    let _ = new_key("").key(&operator).send(&server).await.refused(400, "invalid_request");
    let _ = new_key("ci").key(&operator).send(&server).await.expect(201);
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused_before_anything_is_made() {
    let server = TestServer::start().await;
    let operator = server.management_key();
    let before = total(&server, KEYS).await;
    for value in ["", "a b", "\"", &"x".repeat(256)] {
        let body = json!({ "name": "ci", "permissions": [] });
        let answer =
            Ask::post(KEYS, &body).key(&operator).header("idempotency-key", value).send(&server).await;
        let answer = answer.refused(400, "invalid_request");
        assert!(answer.member("error_description").starts_with("Idempotency-Key: "), "{}", answer.text());
    }
    let twice = new_key("ci").header("idempotency-key", "k-2").key(&operator).send(&server).await;
    let _ = twice.refused(400, "invalid_request");
    assert_eq!(total(&server, KEYS).await, before);
}

#[tokio::test]
async fn after_a_day_the_key_is_free_again_and_its_answer_is_swept() {
    let server = TestServer::start().await;
    let operator = server.management_key();
    let store = &server.app.store;
    let tenant = server.app.default_tenant;
    let first = new_key("ci").key(&operator).send(&server).await.expect(201);
    server.clock.advance(Seconds(24 * 3600 - 1));
    same(&first, &new_key("ci").key(&operator).send(&server).await);
    assert_eq!(
        store.sweep_table(writ_store::ExpiringTable::Remembered, tenant, server.app.clock.now()).await,
        Ok(0)
    );
    server.clock.advance(Seconds(1));
    // Over, although nobody has swept yet: also another body may have it.
    let second = new_key("other").key(&operator).send(&server).await.expect(201);
    assert_ne!(second.member("id"), first.member("id"));
    server.clock.advance(Seconds(24 * 3600 + 60));
    assert_eq!(
        store.sweep_table(writ_store::ExpiringTable::Remembered, tenant, server.app.clock.now()).await,
        Ok(1)
    );
    assert_eq!(
        store.sweep_table(writ_store::ExpiringTable::Remembered, tenant, server.app.clock.now()).await,
        Ok(0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_same_request_sent_many_times_at_once_one_happens() {
    let server = Arc::new(TestServer::start().await);
    let operator = server.management_key();
    for round in 0..10 {
        let before = total(&server, KEYS).await;
        let mut racers = JoinSet::new();
        for racer in 0..8 {
            let (server, operator) = (server.clone(), operator.clone());
            let name = if racer == 7 { "other" } else { "ci" };
            let body = json!({ "name": name, "permissions": [] });
            let ask = Ask::post(KEYS, &body).key(&operator).header("idempotency-key", &format!("r-{round}"));
            racers.spawn(async move { (racer == 7, ask.send(&server).await) });
        }
        let answers = racers.join_all().await;
        let made: Vec<_> = answers.iter().filter(|(_, answer)| answer.status == 201).collect();
        // Whoever was first decides which body it is; the others' is refused.
        assert!(!made.is_empty() && made.iter().all(|(other, _)| *other == made[0].0), "round {round}");
        assert!(made.iter().all(|(_, answer)| answer.text() == made[0].1.text()), "round {round}");
        assert!(answers.iter().all(|(_, answer)| matches!(answer.status, 201 | 409)), "round {round}");
        assert_eq!(made.len(), if made[0].0 { 1 } else { 7 }, "round {round}");
        assert_eq!(total(&server, KEYS).await, before + 1, "round {round}");
    }
}

/// A GET with a key is a GET.
#[tokio::test]
async fn other_methods_take_no_notice_of_a_key() {
    let server = TestServer::start().await;
    let operator = server.management_key();
    let ask = |method: &Method| Ask::new(method.as_str(), KEYS).key(&operator).header("idempotency-key", "");
    let _ = ask(&Method::GET).send(&server).await.expect(200);
}

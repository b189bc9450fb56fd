//! `ETag`, `If-Match` and `If-None-Match` on every object that has a version (RFC 9110 §8.8.3, §13.1).

use serde_json::{Value, json};
use tokio::task::JoinSet;
use writ_testkit::TestServer;

use crate::authority::Ask;

/// How each object is made, changed, and found again.
fn things() -> [(&'static str, Value, &'static str, Value); 3] {
    [
        ("/api/v1/api-keys", json!({ "name": "ci", "permissions": [] }), "id", json!({ "name": "other" })),
        (
            "/api/v1/roles",
            json!({ "name": "auditor", "permissions": [] }),
            "name",
            json!({ "permissions": ["audit:read"] }),
        ),
        ("/api/v1/tenants", json!({ "slug": "acme" }), "id", json!({ "name": "Acme" })),
    ]
}

#[tokio::test]
async fn a_change_happens_only_to_the_version_that_was_read() {
    let server = TestServer::start().await;
    let key = server.management_key();
    for (list, body, member, change) in things() {
        let made = Ask::post(list, &body).key(&key).send(&server).await.expect(201);
        let first = made.header("etag").to_owned();
        let path = format!("{list}/{}", made.member(member));
        let read = Ask::get(&path).key(&key).send(&server).await.expect(200);
        assert_eq!(read.header("etag"), first, "{path}: made and read are one version");

        let put = |tag: &str| Ask::put(&path, &change).key(&key).header("if-match", tag);
        let _ = put("\"x\"").send(&server).await.refused(412, "precondition_failed");
        let changed = put(&first).send(&server).await.expect(200);
        let second = changed.header("etag").to_owned();
        assert_ne!(second, first, "{path}");
        let read = Ask::get(&path).key(&key).send(&server).await.expect(200);
        assert_eq!((read.header("etag"), read.json()), (&*second, changed.json()));

        // The old version is nobody's any more; the present one, and any, are.
        let _ = put(&first).send(&server).await.refused(412, "precondition_failed");
        let delete = |tag: &str| Ask::delete(&path).key(&key).header("if-match", tag);
        let _ = delete(&first).send(&server).await.refused(412, "precondition_failed");
        let third = put(&format!("{first}, {second}")).send(&server).await.expect(200);
        let _ = put("*").send(&server).await.expect(200);
        let _ = delete(third.header("etag")).send(&server).await.refused(412, "precondition_failed");
        let _ = put("5").send(&server).await.refused(400, "invalid_request");
        let last = Ask::get(&path).key(&key).send(&server).await.expect(200).header("etag").to_owned();
        let _ = delete(&last).send(&server).await.expect(204);
        // What is not there is 404, whatever version was named (RFC 9110 §13.2.1).
        let _ = put(&last).send(&server).await.refused(404, "not_found");
        let _ = delete("*").send(&server).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn who_has_the_version_is_told_so() {
    let server = TestServer::start().await;
    let key = server.management_key();
    for (list, body, member, change) in things() {
        let made = Ask::post(list, &body).key(&key).send(&server).await.expect(201);
        let (tag, path) = (made.header("etag").to_owned(), format!("{list}/{}", made.member(member)));
        let read = |tag: &str| Ask::get(&path).key(&key).header("if-none-match", tag);
        for known in [tag.clone(), format!("W/{tag}"), format!("\"a\", {tag}"), "*".to_owned()] {
            let answer = read(&known).send(&server).await.expect(304);
            assert!(answer.body.is_empty() && answer.header("etag") == tag, "{path}");
        }
        let _ = read("\"a\"").send(&server).await.expect(200);
        let _ = Ask::put(&path, &change).key(&key).send(&server).await.expect(200);
        let _ = read(&tag).send(&server).await.expect(200);
        // Who may not read is told nothing of versions.
        let _ = Ask::get(&path).header("if-none-match", &tag).send(&server).await.expect(401);
    }
    let _ = Ask::get("/api/v1/roles/admin")
        .key(&key)
        .header("if-none-match", "*")
        .send(&server)
        .await
        .expect(304);
}

/// A name that was given away and taken again is not the old version.
#[tokio::test]
async fn what_was_made_anew_has_another_version() {
    let server = TestServer::start().await;
    let key = server.management_key();
    let body = json!({ "name": "auditor", "permissions": [] });
    let make = || Ask::post("/api/v1/roles", &body).key(&key);
    let first = make().send(&server).await.expect(201).header("etag").to_owned();
    let _ = Ask::delete("/api/v1/roles/auditor").key(&key).send(&server).await.expect(204);
    let _ = make().send(&server).await.expect(201);
    let put = Ask::put("/api/v1/roles/auditor", &json!({ "permissions": [] })).key(&key);
    let _ = put.header("if-match", &first).send(&server).await.refused(412, "precondition_failed");
}

/// A use is no change: it is seen by readers, and stops nobody who holds the version from before it.
#[tokio::test]
async fn a_keys_use_shows_and_does_not_stop_its_change() {
    let server = TestServer::start().await;
    let key = server.management_key();
    let body = json!({ "name": "ci", "permissions": [] });
    let made = Ask::post("/api/v1/api-keys", &body).key(&key).send(&server).await.expect(201);
    let (tag, path) = (made.header("etag").to_owned(), format!("/api/v1/api-keys/{}", made.member("id")));
    let _ = Ask::get("/api/v1/roles").key(&made.member("api_key")).send(&server).await.expect(403);
    server.app.store.flush_notes(server.app.default_tenant).await.unwrap();
    let read = Ask::get(&path).key(&key).header("if-none-match", &tag).send(&server).await.expect(200);
    assert!(read.json()["last_used_at"].is_string() && read.header("etag") != tag);
    let put = Ask::put(&path, &json!({ "name": "other" })).key(&key).header("if-match", &tag);
    let _ = put.send(&server).await.expect(200);
}

/// Of changes to one version at the same time exactly one happens, and no answer mixes their fields.
#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_changes_of_one_version_never_mix() {
    let server = std::sync::Arc::new(TestServer::start().await);
    let key = server.management_key();
    let body = json!({ "name": "start", "permissions": [] });
    let made = Ask::post("/api/v1/api-keys", &body).key(&key).send(&server).await.expect(201);
    let (mut tag, path) = (made.header("etag").to_owned(), format!("/api/v1/api-keys/{}", made.member("id")));
    for round in 0..10 {
        let mut racers = JoinSet::new();
        for racer in 0..8 {
            let (server, key, path, tag) = (server.clone(), key.clone(), path.clone(), tag.clone());
            let expires_at = format!("2030-01-0{}T00:00:0{round}Z", racer + 1);
            let change = json!({ "name": format!("{round}-{racer}"), "expires_at": expires_at });
            racers.spawn(async move {
                let answer = Ask::put(&path, &change).key(&key).header("if-match", &tag).send(&server).await;
                (change, answer)
            });
        }
        let (won, lost): (Vec<_>, Vec<_>) =
            racers.join_all().await.into_iter().partition(|(_, answer)| answer.status == 200);
        assert!(lost.iter().all(|(_, answer)| answer.status == 412), "round {round}");
        let [(change, answer)] = &won[..] else { panic!("round {round}: {} won", won.len()) };
        answer.header("etag").clone_into(&mut tag);
        let now = Ask::get(&path).key(&key).send(&server).await.expect(200);
        assert_eq!(now.header("etag"), tag);
        for member in ["name", "expires_at"] {
            assert_eq!(now.json()[member], change[member], "round {round}");
        }
    }
}

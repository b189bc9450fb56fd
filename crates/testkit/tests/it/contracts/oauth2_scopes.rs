//! **oauth2**: `/api/v1/oauth/scopes`.

use serde_json::{Value, json};
use writ_core::time::Seconds;

use super::{OAUTH2, SCOPES, Stage, in_oauth2, is_json, is_time, like, text};

/// The document's own request.
fn read_profile() -> Value {
    json!({ "name": "read_profile", "description": "Read user profile information" })
}

fn sample() -> Value {
    json!({
        "id": "", "name": "read_profile", "description": "Read user profile information", "created_at": ""
    })
}

const VOLATILE: &[&str] = &["id", "created_at"];

async fn made(stage: &Stage, body: &Value) -> Value {
    is_json(&stage.post(SCOPES, body).await, 201)
}

fn at(scope: &Value) -> String {
    format!("{SCOPES}/{}", text(&scope["id"]))
}

async fn all(stage: &Stage) -> Vec<Value> {
    let (mut found, mut path) = (Vec::new(), format!("{SCOPES}?limit=5"));
    loop {
        let body = is_json(&stage.get(&path).await, 200);
        found.extend(body["scopes"].as_array().unwrap().iter().cloned());
        let Some(cursor) = body.get("next_cursor").and_then(Value::as_str) else {
            assert_eq!(body["total"], found.len());
            return found;
        };
        path = format!("{SCOPES}?limit=5&cursor={cursor}");
    }
}

/// `oauth2` `POST /api/v1/oauth/scopes`: 201
#[tokio::test]
async fn the_published_creation() {
    let stage = Stage::new().await;
    let body = made(&stage, &read_profile()).await;
    like(&body, &sample(), VOLATILE);
    is_time(&body["created_at"]);
    let bare = made(&stage, &json!({ "name": "bare", "colour": "blue" })).await;
    assert_eq!(bare["description"], Value::Null);
}

/// `oauth2` `POST /api/v1/oauth/scopes`: 409 a name that is taken or built in
#[tokio::test]
async fn a_name_is_taken_once() {
    let stage = Stage::new().await;
    made(&stage, &read_profile()).await;
    let text = in_oauth2(&stage.post(SCOPES, &read_profile()).await, 409, "conflict");
    assert_eq!(text, "this scope name is taken");
    for name in ["openid", "offline_access", "oauth:write"] {
        in_oauth2(&stage.post(SCOPES, &json!({ "name": name })).await, 409, "conflict");
    }
}

/// `oauth2` `POST /api/v1/oauth/scopes`: 400 names that are no scope token; 401, 403, 413, 415
#[tokio::test]
async fn a_creation_refuses() {
    let stage = Stage::new().await;
    for name in [json!(null), json!(""), json!("a b"), json!("a\"b"), json!("ä"), json!(7)] {
        let body = json!({ "name": name, "description": ["x"] });
        let message = in_oauth2(&stage.post(SCOPES, &body).await, 400, "invalid_request");
        assert!(message.contains("name: ") && message.contains("description: "), "{message}");
    }
    let call = || stage.call("POST", SCOPES, Some(&read_profile()));
    stage.refuses(call(), "oauth:write", in_oauth2).await;
    stage.refuses_bodies(call(), in_oauth2).await;
}

/// `oauth2` `GET /api/v1/oauth/scopes`: 200 the tenant's own, newest first, then the built-in ones
#[tokio::test]
async fn the_list() {
    let stage = Stage::new().await;
    made(&stage, &read_profile()).await;
    stage.server.clock.advance(Seconds(1));
    // Registering a client adds what it names.
    let client =
        json!({ "name": "Job", "grant_types": ["client_credentials"], "scope": "read_profile news" });
    is_json(&stage.post(OAUTH2, &client).await, 201);
    let found = all(&stage).await;
    let names: Vec<_> = found.iter().map(|scope| text(&scope["name"])).collect();
    assert_eq!(names[..2], ["news", "read_profile"]);
    like(&found[1], &sample(), VOLATILE);
    for name in ["openid", "profile", "email", "address", "phone", "offline_access"] {
        assert_eq!(names.iter().filter(|one| *one == name).count(), 1, "{names:?}");
    }
    for scope in &found[2..] {
        assert!(!text(&scope["description"]).is_empty(), "{scope}");
        is_time(&scope["created_at"]);
    }
}

/// `oauth2` `GET /api/v1/oauth/scopes`: 400 limit, 401, 403
#[tokio::test]
async fn the_list_refuses() {
    let stage = Stage::new().await;
    in_oauth2(&stage.get(&format!("{SCOPES}?limit=x")).await, 400, "invalid_request");
    stage.refuses(stage.call("GET", SCOPES, None), "oauth:read", in_oauth2).await;
}

/// `oauth2` `GET /api/v1/oauth/scopes/{scope_id}`: 200 by id and by name, 401, 403, 404
#[tokio::test]
async fn one_scope() {
    let stage = Stage::new().await;
    let created = made(&stage, &read_profile()).await;
    assert_eq!(is_json(&stage.get(&at(&created)).await, 200), created);
    assert_eq!(is_json(&stage.get(&format!("{SCOPES}/read_profile")).await, 200), created);
    stage.refuses(stage.call("GET", &at(&created), None), "oauth:read", in_oauth2).await;
    for unknown in ["nothing", "018bcfe5-6800-7abc-8def-0123456789ab", "a%20b", "%00"] {
        in_oauth2(&stage.get(&format!("{SCOPES}/{unknown}")).await, 404, "not_found");
    }
}

/// `oauth2` `PUT /api/v1/oauth/scopes/{scope_id}`: 200
#[tokio::test]
async fn an_update_changes_only_what_is_sent() {
    let stage = Stage::new().await;
    let created = made(&stage, &read_profile()).await;
    let body = is_json(&stage.put(&at(&created), &json!({ "description": "Other" })).await, 200);
    assert_eq!((&body["name"], &body["description"]), (&json!("read_profile"), &json!("Other")));
    let body = is_json(&stage.put(&at(&created), &json!({ "name": "profile:read" })).await, 200);
    assert_eq!((&body["name"], &body["description"]), (&json!("profile:read"), &json!("Other")));
    let body = is_json(&stage.put(&at(&created), &json!({ "description": null })).await, 200);
    assert_eq!(body["description"], Value::Null);
    // A built-in one may be put in other words, in this tenant.
    let openid = is_json(&stage.get(&format!("{SCOPES}/openid")).await, 200);
    let body = is_json(&stage.put(&at(&openid), &json!({ "description": "Anmelden" })).await, 200);
    assert_eq!((&body["id"], &body["description"]), (&openid["id"], &json!("Anmelden")));
    let listed = all(&stage).await;
    assert!(listed.iter().any(|scope| scope == &body), "{listed:?}");
}

/// `oauth2` `PUT /api/v1/oauth/scopes/{scope_id}`: 409 a name that is built in, in use or taken
#[tokio::test]
async fn some_names_stay() {
    let stage = Stage::new().await;
    let created = made(&stage, &read_profile()).await;
    made(&stage, &json!({ "name": "taken" })).await;
    let rename = json!({ "name": "other" });
    in_oauth2(&stage.put(&at(&created), &json!({ "name": "taken" })).await, 409, "conflict");
    in_oauth2(&stage.put(&at(&created), &json!({ "name": "openid" })).await, 409, "conflict");
    in_oauth2(&stage.put(&format!("{SCOPES}/openid"), &rename).await, 409, "conflict");
    let client = json!({ "name": "Job", "grant_types": ["client_credentials"], "scope": "read_profile" });
    is_json(&stage.post(OAUTH2, &client).await, 201);
    in_oauth2(&stage.put(&at(&created), &rename).await, 409, "conflict");
}

/// `oauth2` `PUT /api/v1/oauth/scopes/{scope_id}`: 400, 401, 403, 404, 413, 415
#[tokio::test]
async fn an_update_refuses() {
    let stage = Stage::new().await;
    let created = made(&stage, &read_profile()).await;
    in_oauth2(&stage.put(&at(&created), &json!({ "name": "a b" })).await, 400, "invalid_request");
    let call = |path: &str| stage.call("PUT", path, Some(&json!({ "description": "x" })));
    stage.refuses(call(&at(&created)), "oauth:write", in_oauth2).await;
    stage.refuses_bodies(call(&at(&created)), in_oauth2).await;
    in_oauth2(&stage.send(call(&format!("{SCOPES}/nothing"))).await, 404, "not_found");
}

/// `oauth2` `DELETE /api/v1/oauth/scopes/{scope_id}`: 204, 401, 403, 404
#[tokio::test]
async fn a_deletion() {
    let stage = Stage::new().await;
    let created = made(&stage, &read_profile()).await;
    stage.refuses(stage.call("DELETE", &at(&created), None), "oauth:write", in_oauth2).await;
    assert!(stage.delete(&at(&created)).await.expect(204).body.is_empty());
    in_oauth2(&stage.delete(&at(&created)).await, 404, "not_found");
}

/// `oauth2` `DELETE /api/v1/oauth/scopes/{scope_id}`: 409 in use, 204 with force
#[tokio::test]
async fn a_scope_in_use_has_to_be_taken() {
    let stage = Stage::new().await;
    let created = made(&stage, &read_profile()).await;
    let client = json!({ "name": "Job", "grant_types": ["client_credentials"], "scope": "a read_profile b" });
    let client = is_json(&stage.post(OAUTH2, &client).await, 201);
    let text_of = in_oauth2(&stage.delete(&at(&created)).await, 409, "conflict");
    assert!(text_of.contains("?force=true"), "{text_of}");
    in_oauth2(&stage.delete(&format!("{}?force=false", at(&created))).await, 409, "conflict");
    in_oauth2(&stage.delete(&format!("{}?force=1", at(&created))).await, 400, "invalid_request");
    let _ = stage.delete(&format!("{}?force=true", at(&created))).await.expect(204);
    let left = is_json(&stage.get(&format!("{OAUTH2}/{}", text(&client["id"]))).await, 200);
    assert_eq!(left["scope"], "a b");
    for name in ["openid", "oauth:read"] {
        in_oauth2(&stage.delete(&format!("{SCOPES}/{name}?force=true")).await, 409, "conflict");
    }
}

/// `oauth2` `DELETE /api/v1/oauth/scopes/{scope_id}`: 403 taking it from a client that may do more
#[tokio::test]
async fn nobody_takes_a_scope_from_a_client_that_may_do_more() {
    let stage = Stage::new().await;
    let created = made(&stage, &read_profile()).await;
    stage.server.client("wide").of(&stage.tenant).scope("read_profile users:write").create().await;
    in_oauth2(&stage.delete(&format!("{}?force=true", at(&created))).await, 403, "access_denied");
}

/// `oauth2` `DELETE /api/v1/oauth/scopes/{scope_id}`: 412 for another version
#[tokio::test]
async fn only_the_version_that_was_read_goes() {
    let stage = Stage::new().await;
    let answer = stage.post(SCOPES, &read_profile()).await;
    let (created, first) = (is_json(&answer, 201), answer.header("etag").to_owned());
    let change = stage.put(&at(&created), &json!({ "description": "Other" })).await;
    let delete = |tag: &str| stage.call("DELETE", &at(&created), None).header("if-match", tag);
    in_oauth2(&stage.send(delete(&first)).await, 412, "precondition_failed");
    let _ = stage.send(delete(change.header("etag"))).await.expect(204);
}

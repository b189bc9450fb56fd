//! **oauth2**: the audit log.

use http::{Request, header};
use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::time::Seconds;
use writ_testkit::{Credential, TestServer};

use super::oauth2_tokens::send;

const LOGS: &str = "/api/v1/audit-logs";

async fn key(server: &TestServer) -> Credential {
    Credential::bearer(&server.api_key(&server.default_tenant(), &[Permission::AuditRead], None).await)
}

async fn logs(server: &TestServer, by: &Credential, query: &str) -> Vec<Value> {
    let body = send(server, ("GET", &format!("{LOGS}{query}")), by.clone(), None).await.expect(200).json();
    let found = body["audit_logs"].as_array().unwrap().clone();
    assert_eq!(body["total"], json!(found.len()), "{body}");
    found
}

/// `oauth2` `GET /api/v1/audit-logs`: 200
#[tokio::test]
async fn every_act_is_listed_newest_first() {
    let server = TestServer::start().await;
    let by = key(&server).await;
    let app = server.client("app").create().await;
    // The first token of a tenant makes its key.
    server.access_token(&app).await;
    server.clock.advance(Seconds(5));
    let request = Request::post("/oauth2/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, Credential::from(&app).header().unwrap())
        .header(header::USER_AGENT, "a test")
        .header("x-request-id", "r-1");
    let token = server.request(request.body("grant_type=client_credentials").unwrap()).await.expect(200);
    let found = logs(&server, &by, "").await;
    let newest = &found[0];
    let id = newest["target"]["id"].as_str().unwrap();
    assert_eq!(
        newest,
        &json!({
            "id": newest["id"], "at": "2027-01-15T08:00:05Z",
            "actor": { "type": "client", "id": app.id.to_string(), "name": "app" },
            "action": "access_token.issued",
            "target": { "type": "access_token", "id": id },
            "outcome": "success", "ip_address": "192.0.2.7", "user_agent": "a test", "request_id": "r-1",
            "details": null,
        })
    );
    let made = found.iter().find(|row| row["target"]["id"] == app.id.to_string()).unwrap();
    assert_eq!(made["action"], "client.created");
    assert_eq!(made["actor"], json!({ "type": "system", "id": null, "name": null }));
    assert!(found.iter().any(|row| row["action"] == "server.initialised"));
    let text = json!(found).to_string();
    assert!(!text.contains(&token.member("access_token")) && !text.contains(&app.secret), "no secret ever");
}

/// `oauth2` `GET /api/v1/audit-logs`: 200 filters
#[tokio::test]
async fn filters_narrow_the_log() {
    let server = TestServer::start().await;
    let by = key(&server).await;
    let (app, other) = (server.client("app").create().await, server.client("other").create().await);
    for filled in [false, true] {
        server.access_token(&app).await;
        server.access_token(&other).await;
        if filled {
            server.clock.advance(Seconds(60));
            let now = server.app.clock.now();
            while !server.app.store.fill_lists(server.app.default_tenant, now).await.unwrap() {}
        }
    }
    let all = logs(&server, &by, "").await.len();
    for (query, expected) in [
        ("?actor=app".to_owned(), 2),
        (format!("?actor={}", app.id), 2),
        (format!("?actor={}&action=access_token.issued", app.id), 2),
        (format!("?actor={}&action=client.created", app.id), 0),
        ("?action=access_token.issued".to_owned(), 4),
        ("?action=client.created".to_owned(), 2),
        (format!("?target={}", app.id), 1),
        (format!("?target={}", app.id.prefixed()), 1),
        ("?target=access_token".to_owned(), 4),
        ("?from=2027-01-15T08:00:01Z".to_owned(), 0),
        ("?to=2027-01-15T08:00:00Z".to_owned(), 0),
        ("?from=2027-01-15T08:00:00Z&to=2027-01-15T08:00:01Z".to_owned(), all),
        ("?actor=nobody".to_owned(), 0),
    ] {
        assert_eq!(logs(&server, &by, &query).await.len(), expected, "{query}");
    }
    let mut query = format!("{LOGS}?limit=2");
    let mut found = 0;
    loop {
        let body = send(&server, ("GET", &query), by.clone(), None).await.expect(200).json();
        found += body["audit_logs"].as_array().unwrap().len();
        let Some(cursor) = body.get("next_cursor") else { break };
        query = format!("{LOGS}?limit=2&cursor={}", cursor.as_str().unwrap());
    }
    assert_eq!(found, all);
}

/// `oauth2` `GET /api/v1/audit-logs`: 200 as JSON lines
#[tokio::test]
async fn the_log_is_exported_as_json_lines() {
    let server = TestServer::start().await;
    let by = key(&server).await;
    let app = server.client("app").create().await;
    for _ in 0..1200 {
        server.access_token(&app).await;
    }
    let request = Request::get(LOGS).header(header::AUTHORIZATION, by.header().unwrap());
    let accepting = request.header(header::ACCEPT, "application/x-ndjson").body("").unwrap();
    let one = server.request(accepting).await.expect(200);
    let other = send(&server, ("GET", &format!("{LOGS}?format=jsonl")), by.clone(), None).await.expect(200);
    assert_eq!(one.header("content-type"), "application/x-ndjson");
    assert_eq!(one.text(), other.text());
    let lines: Vec<Value> = one.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 1200, "{}", lines.len());
    assert!(
        lines.windows(2).all(|pair| pair[0]["id"].as_str() > pair[1]["id"].as_str()),
        "newest first, once"
    );
    let page = send(&server, ("GET", LOGS), by.clone(), None).await.expect(200).json();
    assert_eq!(lines[..50], page["audit_logs"].as_array().unwrap()[..]);
    let issued = format!("{LOGS}?format=jsonl&action=access_token.issued");
    let some = send(&server, ("GET", &issued), by, None).await.expect(200);
    assert_eq!(some.text().lines().count(), 1200);
}

/// `oauth2` `GET /api/v1/audit-logs`: 400
#[tokio::test]
async fn a_filter_that_cannot_be_read_is_named() {
    let server = TestServer::start().await;
    let by = key(&server).await;
    for (query, field) in
        [("?from=yesterday", "from"), ("?to=1", "to"), ("?format=xml", "format"), ("?limit=x", "limit")]
    {
        let answer = send(&server, ("GET", &format!("{LOGS}{query}")), by.clone(), None).await;
        let text = answer.refused(400, "invalid_request").member("error_description");
        assert!(text.starts_with(field), "{text}");
    }
}

/// `oauth2` `GET /api/v1/audit-logs`: 200 refusals, counted
#[tokio::test]
async fn refusals_are_recorded_once_with_a_count() {
    let server = TestServer::start().await;
    let by = key(&server).await;
    let (app, acme) = (server.client("app").create().await, server.tenant("acme").await);
    let theirs = server.client("theirs").of(&acme).create().await;
    for _ in 0..3 {
        let _ = server.token(app.with_secret("made up 4711"), &[]).await.refused(401, "invalid_client");
        let _ = server.token(Credential::basic("nobody", "x"), &[]).await.refused(401, "invalid_client");
        let _ = send(&server, ("GET", LOGS), &app, None).await.refused(403, "insufficient_scope");
        let _ = send(&server, ("GET", LOGS), &theirs, None).await.refused(403, "insufficient_scope");
        let _ = send(&server, ("GET", LOGS), Credential::None, None).await.expect(401);
    }
    let written = server.app.store.audit_newest(server.app.default_tenant, 1000).await.unwrap();
    assert!(!written.iter().any(|(action, _)| action == "authentication.refused"), "no commit for a refusal");
    // Whoever reads the log finds it all the same.
    let mut failed = logs(&server, &by, "?action=authentication.refused").await;
    failed.sort_by_key(|row| row["details"]["client_id"].to_string());
    assert_eq!(failed.len(), 2, "{failed:?}");
    for (row, name) in failed.iter().zip(["app", "nobody"]) {
        assert!(row["details"]["reason"].as_str().is_some_and(|why| !why.is_empty()), "{row}");
        assert_eq!(row["outcome"], "refused");
        assert_eq!(row["actor"]["type"], "anonymous");
        assert_eq!(row["ip_address"], "192.0.2.7");
        for (member, value) in
            [("error", "invalid_client"), ("path", "/oauth2/token"), ("count", "3"), ("client_id", name)]
        {
            assert_eq!(row["details"][member], value, "{row}");
        }
    }
    assert!(!json!(failed).to_string().contains("4711"), "no secret ever");
    let denied = logs(&server, &by, "?action=access.refused").await;
    assert_eq!(denied.len(), 1, "{denied:?}");
    assert_eq!(denied[0]["actor"], json!({ "type": "client", "id": app.id.to_string(), "name": "app" }));
    assert_eq!(denied[0]["details"]["count"], "3");
    let own = Credential::bearer(&server.api_key(&acme, &[Permission::AuditRead], None).await);
    assert_eq!(logs(&server, &own, "?action=access.refused").await.len(), 1);
}

/// `oauth2` `GET /api/v1/audit-logs`: 200 of one tenant
#[tokio::test]
async fn the_log_is_of_one_tenant() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let theirs = server.client("theirs").of(&acme).create().await;
    server.access_token(&theirs).await;
    let by = key(&server).await;
    assert!(!json!(logs(&server, &by, "").await).to_string().contains("theirs"));
    let own = Credential::bearer(&server.api_key(&acme, &[Permission::AuditRead], None).await);
    let found = logs(&server, &own, "?action=access_token.issued").await;
    assert_eq!(found.len(), 1);
}

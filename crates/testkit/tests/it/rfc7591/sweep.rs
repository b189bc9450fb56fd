//! Clients that registered themselves and were never used do not fill the disk.

use super::*;
use writ_core::time::Seconds;
use writ_server::state::sweeper::Sweeper;

/// As many turns as every chore needs to have had its own.
async fn sweep(server: &TestServer) {
    let mut sweeper = Sweeper::default();
    for _ in 0..40 {
        sweeper.turn(&server.app).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_is_never_used_goes() {
    let server = open().await;
    let policy =
        json!({ "grant_types": ["client_credentials"], "scopes": ["read"], "unused_lifetime": 86_400 });
    set(&server, &server.default_tenant(), json!({ "registration_policy": policy })).await;
    let sent = website(&json!({ "grant_types": ["client_credentials"], "redirect_uris": null }));
    let made = async || register(&server, &sent).await.expect(201).json();
    let (used, unused) = (made().await, made().await);
    let managed = server.client("managed").create().await;
    let _ = server.access_token(credential(&used)).await;
    server.app.store.flush_last_notes(server.app.default_tenant).await.unwrap();
    server.clock.advance(Seconds(86_399));
    sweep(&server).await;
    let is_there = async |made: &Value| {
        let (path, token) = own(made);
        ask(&server, ("GET", &path), Some(&token), &Value::Null).await.status == 200
    };
    assert!(is_there(&used).await && is_there(&unused).await);
    server.clock.advance(Seconds(1));
    sweep(&server).await;
    assert!(is_there(&used).await && !is_there(&unused).await);
    let _ = server.token(credential(&unused), &[]).await.refused(401, "invalid_client");
    let path = "/api/v1/audit-logs?action=client.deleted";
    let found = ask(&server, ("GET", path), Some(&server.management_key()), &Value::Null).await.json();
    assert_eq!(found["audit_logs"][0]["details"], json!({ "reason": "never_used" }));
    assert_eq!(found["audit_logs"][0]["actor"]["type"], "system");
    // Whoever has been used once, or came another way, stays for good.
    server.clock.advance(Seconds(400 * 86_400));
    sweep(&server).await;
    assert!(is_there(&used).await);
    assert!(server.app.store.client_by_client_id(&managed.client_id).await.unwrap().is_some());
    assert_eq!(server.app.store.registered_count(server.app.default_tenant).await.unwrap(), 1);
}

#[tokio::test]
async fn a_policy_may_keep_everybody() {
    let server = open().await;
    set(&server, &server.default_tenant(), json!({ "registration_policy": { "unused_lifetime": null } }))
        .await;
    let made = registered(&server).await;
    server.clock.advance(Seconds(400 * 86_400));
    sweep(&server).await;
    let (path, token) = own(&made);
    let _ = ask(&server, ("GET", &path), Some(&token), &Value::Null).await.expect(200);
}

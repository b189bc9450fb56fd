//! What a tenant lets clients have that register themselves (RFC 7591 §3.2.1: rejected, or replaced and told).

use super::*;

async fn with(policy: Value) -> TestServer {
    let server = open().await;
    set(&server, &server.default_tenant(), json!({ "registration_policy": policy })).await;
    server
}

#[tokio::test]
async fn scopes_and_grants_are_what_is_allowed_of_what_is_asked() {
    let server =
        with(json!({ "grant_types": ["authorization_code"], "scopes": ["openid", "books:read"] })).await;
    for (sent, scope) in [
        (json!({}), "openid books:read"),
        (json!({ "scope": "books:read openid email" }), "books:read openid"),
        (json!({ "scope": "openid oauth:write users:read" }), "openid"),
        (json!({ "scope": "" }), "openid books:read"),
    ] {
        let made = register(&server, &website(&sent)).await.expect(201).json();
        assert_eq!((&made["scope"], &made["grant_types"]), (&json!(scope), &json!(["authorization_code"])));
    }
    let _ = register(&server, &website(&json!({ "scope": "email" })))
        .await
        .refused(400, "invalid_client_metadata");
    let sent = website(&json!({ "grant_types": ["client_credentials"] }));
    let _ = register(&server, &sent).await.refused(400, "invalid_client_metadata");
}

#[tokio::test]
async fn redirect_uris_lead_where_it_is_allowed() {
    let server =
        with(json!({ "redirect_hosts": ["app.example", "*.apps.example", "com.example.app:"] })).await;
    for (uri, good) in [
        (CALLBACK, true),
        ("https://one.apps.example/cb", true),
        ("com.example.app:/cb", true),
        ("https://apps.example/cb", false),
        ("https://app.example.evil.example/cb", false),
        ("http://localhost/cb", false),
        ("com.example.other:/cb", false),
    ] {
        let answer = register(&server, &website(&json!({ "redirect_uris": [uri] }))).await;
        if good {
            let _ = answer.expect(201);
            continue;
        }
        let told = answer.refused(400, "invalid_redirect_uri").member("error_description");
        assert!(told.starts_with("redirect_uris: entry 1 leads where"), "{told}");
    }
    let sent = website(&json!({ "post_logout_redirect_uris": ["https://evil.example/"] }));
    let _ = register(&server, &sent).await.refused(400, "invalid_client_metadata");
}

/// What an administrator gave a client beyond the policy it keeps, unless it does not ask for it any more.
#[tokio::test]
async fn what_an_administrator_gave_is_kept() {
    let server = open().await;
    let made = registered(&server).await;
    let (path, token) = own(&made);
    let managed = format!("/api/v1/clients/{}", text(&made, "client_id"));
    let given = json!({ "scope": "openid books:read", "access_token_lifetime": 120, "description": "Known" });
    let _ = ask(&server, ("PATCH", &managed), Some(&server.management_key()), &given).await.expect(200);
    let sent = website(&json!({ "client_id": made["client_id"], "scope": "openid books:read books:write" }));
    let updated = ask(&server, ("PUT", &path), Some(&token), &sent).await.expect(200).json();
    assert_eq!(updated["scope"], "openid books:read");
    let whole = ask(&server, ("GET", &managed), Some(&server.management_key()), &Value::Null).await.json();
    assert_eq!((&whole["access_token_lifetime"], &whole["description"]), (&json!(120), &json!("Known")));
}

/// There are never more than there may be, however many come at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_as_many_as_there_may_be() {
    let server = std::sync::Arc::new(with(json!({ "clients_max": 5 })).await);
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let server = std::sync::Arc::clone(&server);
        racers.spawn(async move { register(&server, &website(&json!({}))).await });
    }
    let answers = racers.join_all().await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 5);
    let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
    assert_eq!((refused.status, refused.error().as_str()), (503, "temporarily_unavailable"));
    // Whoever goes makes room, by whichever way.
    let (path, token) = own(&made[0].json());
    let _ = ask(&server, ("DELETE", &path), Some(&token), &Value::Null).await.expect(204);
    let next = registered(&server).await;
    let _ = register(&server, &website(&json!({}))).await.expect(503);
    let managed = format!("/api/v1/clients/{}", text(&next, "client_id"));
    let _ =
        ask(&server, ("DELETE", &managed), Some(&server.management_key()), &Value::Null).await.expect(204);
    let _ = registered(&server).await;
}

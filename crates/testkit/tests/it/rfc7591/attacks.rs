//! What attackers do with open registration (RFC 7591 §5): each of them gets nothing.

use super::*;

/// §5: nobody gives themselves authority, by whichever member.
#[tokio::test]
async fn a_client_holds_no_authority() {
    let server = open().await;
    let permissions = "oauth:read oauth:write clients:trust users:write tenants:write openid";
    let sent = website(&json!({ "scope": permissions, "first_party": true, "client_name": "Admin" }));
    let made = register(&server, &sent).await.expect(201).json();
    assert_eq!(made["scope"], "openid");
    for path in ["/api/v1/clients", "/api/v1/users", "/api/v1/tenants"] {
        let request = Request::get(path).header(header::AUTHORIZATION, credential(&made).header().unwrap());
        let answer = server.request(request.body(String::new()).unwrap()).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text());
    }
    // Not even where the policy could be read so: such a policy is refused.
    let body = json!({ "settings": { "registration_policy": { "scopes": ["oauth:write"] } } });
    let answer =
        ask(&server, ("PUT", "/api/v1/tenants/default"), Some(&server.management_key()), &body).await;
    let told = answer.refused(400, "invalid_request").member("error_description");
    assert!(told.starts_with("settings.registration_policy.scopes: "), "{told}");
}

/// A client that was given trust is not led astray by whoever holds its registration access token.
#[tokio::test]
async fn whoever_was_given_trust_changes_nothing_by_itself() {
    let server = open().await;
    let key = server.management_key();
    for given in [json!({ "first_party": true }), json!({ "scope": "openid users:read" })] {
        let made = registered(&server).await;
        let ((path, token), managed) = (own(&made), format!("/api/v1/clients/{}", text(&made, "client_id")));
        let _ = ask(&server, ("PATCH", &managed), Some(&key), &given).await.expect(200);
        let sent =
            website(&json!({ "client_id": made["client_id"], "redirect_uris": ["https://evil.example/cb"] }));
        let _ = ask(&server, ("PUT", &path), Some(&token), &sent).await.refused(403, "access_denied");
        let read = ask(&server, ("GET", &path), Some(&token), &Value::Null).await.expect(200).json();
        assert_eq!(read["redirect_uris"], json!([CALLBACK]));
    }
    // One that people act through, too.
    let made = registered(&server).await;
    let (path, token) = own(&made);
    set(&server, &server.default_tenant(), json!({ "interaction_clients": [made["client_id"]] })).await;
    let sent = website(&json!({ "client_id": made["client_id"] }));
    let _ = ask(&server, ("PUT", &path), Some(&token), &sent).await.refused(403, "access_denied");
}

/// A client that was disabled stays so.
#[tokio::test]
async fn a_disabled_client_does_not_enable_itself() {
    let server = open().await;
    let made = registered(&server).await;
    let managed = format!("/api/v1/clients/{}", text(&made, "client_id"));
    let off = json!({ "enabled": false });
    let _ = ask(&server, ("PATCH", &managed), Some(&server.management_key()), &off).await.expect(200);
    let (path, token) = own(&made);
    let sent = website(&json!({ "client_id": made["client_id"], "enabled": true }));
    let _ = ask(&server, ("PUT", &path), Some(&token), &sent).await.expect(200);
    assert!(!is_let_in(&server, credential(&made)).await);
}

/// Nothing of this machine, or of its network, is ever fetched.
#[tokio::test]
async fn addresses_of_this_machine_are_refused() {
    let server = open().await;
    for uri in [
        "https://127.0.0.1/jwks",
        "https://[::1]/jwks",
        "https://10.0.0.1/jwks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/jwks",
        "https://metadata.google.internal/jwks",
        "http://keys.example.com/jwks",
    ] {
        let sent = website(&json!({ "jwks_uri": uri }));
        let told = register(&server, &sent)
            .await
            .refused(400, "invalid_client_metadata")
            .member("error_description");
        assert!(told.starts_with("jwks_uri: "), "{told}");
    }
}

/// RFC 9700 §4.1, RFC 8252: schemes that run code, or that anybody has, are no redirect URIs.
#[tokio::test]
async fn odd_schemes_are_refused() {
    let server = open().await;
    for uri in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "app:/cb",
        "https://a@b.example/",
    ] {
        let sent = website(&json!({ "redirect_uris": [uri] }));
        let _ = register(&server, &sent).await.refused(400, "invalid_redirect_uri");
    }
}

/// Bodies of nobody in particular are small, and of them there are few.
#[tokio::test]
async fn strangers_are_bounded() {
    let server = TestServer::builder().rate_limits().start().await;
    set(&server, &server.default_tenant(), json!({ "registration": "open" })).await;
    let large = website(&json!({ "contacts": vec!["x".repeat(200); 100] }));
    let _ = register(&server, &large).await.expect(413);
    let from = async |peer: &str| {
        let request = Request::post(REGISTER).header(header::CONTENT_TYPE, "application/json");
        server.request_from(peer, request.body(website(&json!({})).to_string()).unwrap()).await
    };
    for _ in 0..50 {
        let _ = from("198.51.100.1").await.expect(201);
    }
    let refused = from("198.51.100.1").await.refused(429, "too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
    let _ = from("203.0.113.1").await.expect(201);
    // Whoever was let in by an administrator is no stranger.
    let token = initial(&server, &server.default_tenant(), json!({ "name": "many", "uses": null })).await;
    let request = Request::post(REGISTER)
        .header(header::AUTHORIZATION, format!("Bearer {}", text(&token, "initial_access_token")))
        .header(header::CONTENT_TYPE, "application/json");
    let answer =
        server.request_from("198.51.100.1", request.body(website(&json!({})).to_string()).unwrap()).await;
    assert_eq!(answer.status, 201);
}

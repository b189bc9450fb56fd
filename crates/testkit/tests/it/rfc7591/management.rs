//! RFC 7592: a client reads, changes and removes what it has registered.

use super::*;

/// §2.1, OpenID Connect Registration §4: the information again, with the token that was shown.
#[tokio::test]
async fn a_client_reads_what_it_registered() {
    let server = open().await;
    let made = registered(&server).await;
    let (path, token) = own(&made);
    let read = ask(&server, ("GET", &path), Some(&token), &Value::Null).await.expect(200).json();
    assert_eq!(read["registration_access_token"], made["registration_access_token"]);
    assert_eq!(read["client_name"], "Shop");
    assert_eq!(read.get("client_secret"), None, "there is only a hash of it");
}

/// §2: without the client's own token nothing is told, and nobody learns what there is.
#[tokio::test]
async fn nobody_else_gets_in() {
    let server = open().await;
    let acme = server.tenant("acme").await;
    set(&server, &acme, json!({ "registration": "open" })).await;
    let (made, other) = (registered(&server).await, registered(&server).await);
    let below =
        ask(&server, ("POST", &acme.path(REGISTER)), None, &website(&json!({}))).await.expect(201).json();
    let ((path, token), (_, others), (below_path, below_token)) = (own(&made), own(&other), own(&below));
    let unknown = format!("{REGISTER}/cli_nobody");
    let managed = server.client("managed").create().await;
    let managed = format!("{REGISTER}/{}", managed.client_id);
    let elsewhere = acme.path(&path);
    let key = server.management_key();
    let cut = &token[..token.len() - 1];
    for method in ["GET", "PUT", "DELETE"] {
        for (path, by) in [
            (&path, others.as_str()),
            (&path, cut),
            (&path, "rat_x"),
            (&path, &below_token),
            (&path, &key),
            (&unknown, &token),
            (&managed, &token),
            (&elsewhere, &token),
            (&below_path, &token),
        ] {
            let body = if method == "PUT" { website(&json!({ "client_id": "x" })) } else { Value::Null };
            let answer = ask(&server, (method, path), Some(by), &body).await.refused(401, "invalid_token");
            assert!(
                answer.header("www-authenticate").starts_with("Bearer "),
                "{}",
                answer.header("www-authenticate")
            );
        }
        let answer = ask(&server, (method, &path), None, &Value::Null).await.expect(401);
        assert!(answer.header("www-authenticate").starts_with("Bearer realm="));
    }
    let _ = ask(&server, ("GET", &below_path), Some(&below_token), &Value::Null).await.expect(200);
}

/// §2.2: what is sent replaces all; what is absent becomes its default; §3: another token from then on.
#[tokio::test]
async fn an_update_replaces_all() {
    let server = open().await;
    let before = website(
        &json!({ "contacts": ["a"], "tos_uri": "https://app.example/tos", "default_max_age": 5, "scope": "openid email" }),
    );
    let made = register(&server, &before).await.expect(201).json();
    let (path, token) = own(&made);
    let sent = json!({
        "client_id": made["client_id"], "client_secret": made["client_secret"], "client_name": "Other",
        "redirect_uris": ["https://app.example/new"], "policy_uri": "https://app.example/privacy",
    });
    let updated = ask(&server, ("PUT", &path), Some(&token), &sent).await.expect(200).json();
    for (name, expected) in [
        ("client_name", json!("Other")),
        ("redirect_uris", json!(["https://app.example/new"])),
        ("policy_uri", json!("https://app.example/privacy")),
        ("grant_types", json!(["authorization_code"])),
        ("scope", json!("openid profile email address phone offline_access")),
        ("client_id_issued_at", made["client_id_issued_at"].clone()),
    ] {
        assert_eq!(updated[name], expected, "{name}");
    }
    for name in ["contacts", "tos_uri", "default_max_age", "client_secret"] {
        assert_eq!(updated.get(name), None, "{name}");
    }
    assert!(is_let_in(&server, credential(&made)).await, "its secret is what it was");
    let (_, next) = own(&updated);
    assert_ne!(next, token);
    let _ = ask(&server, ("GET", &path), Some(&token), &Value::Null).await.refused(401, "invalid_token");
    let read = ask(&server, ("GET", &path), Some(&next), &Value::Null).await.expect(200).json();
    assert_eq!(read, updated);
}

/// §2.2: what an update has to say, and must not.
#[tokio::test]
async fn an_update_says_who_it_is_about() {
    let server = open().await;
    let made = registered(&server).await;
    let (path, token) = own(&made);
    let id = &made["client_id"];
    for (other, error, field) in [
        (json!({}), "invalid_client_metadata", "client_id"),
        (json!({ "client_id": "another" }), "invalid_client_metadata", "client_id"),
        (json!({ "client_id": id, "client_secret": "chosen" }), "invalid_client_metadata", "client_secret"),
        (
            json!({ "client_id": id, "registration_access_token": token }),
            "invalid_client_metadata",
            "registration_access_token",
        ),
        (
            json!({ "client_id": id, "registration_client_uri": "x" }),
            "invalid_client_metadata",
            "registration_client_uri",
        ),
        (
            json!({ "client_id": id, "client_secret_expires_at": 0 }),
            "invalid_client_metadata",
            "client_secret_expires_at",
        ),
        (
            json!({ "client_id": id, "client_id_issued_at": 0 }),
            "invalid_client_metadata",
            "client_id_issued_at",
        ),
        (json!({ "client_id": id, "redirect_uris": null }), "invalid_redirect_uri", "redirect_uris"),
        (
            json!({ "client_id": id, "token_endpoint_auth_method": "none" }),
            "invalid_client_metadata",
            "token_endpoint_auth_method",
        ),
    ] {
        let answer = ask(&server, ("PUT", &path), Some(&token), &website(&other)).await.refused(400, error);
        let told = answer.member("error_description");
        assert!(told.split("; ").any(|one| one.starts_with(&format!("{field}: "))), "{other}: {told}");
    }
    // Nothing was changed, and the token is still good.
    let read = ask(&server, ("GET", &path), Some(&token), &Value::Null).await.expect(200).json();
    assert_eq!(read["redirect_uris"], made["redirect_uris"]);
}

/// A method that signs needs another sort of secret: there is a new one, and the one before is worth nothing.
#[tokio::test]
async fn another_method_brings_another_secret() {
    let server = open().await;
    let made = registered(&server).await;
    let ((path, token), id) = (own(&made), &made["client_id"]);
    let sent = website(&json!({ "client_id": id, "token_endpoint_auth_method": "client_secret_jwt" }));
    let signing = ask(&server, ("PUT", &path), Some(&token), &sent).await.expect(200).json();
    assert_ne!(signing["client_secret"], made["client_secret"]);
    assert_eq!(signing["client_secret_expires_at"], 0);
    let (_, token) = own(&signing);
    // The one that signs is told from others too.
    let wrong = website(&json!({ "client_id": id, "client_secret": made["client_secret"] }));
    let _ = ask(&server, ("PUT", &path), Some(&token), &wrong).await.refused(400, "invalid_client_metadata");
    let back = website(&json!({ "client_id": id, "client_secret": signing["client_secret"] }));
    let back = ask(&server, ("PUT", &path), Some(&token), &back).await.expect(200).json();
    assert!(is_let_in(&server, credential(&back)).await);
    assert!(!is_let_in(&server, credential(&made)).await);
    assert!(!is_let_in(&server, credential(&signing)).await);
}

/// §2.3: everything of the client ends, and its requests are `invalid_client`.
#[tokio::test]
async fn a_client_removes_itself() {
    let server = open().await;
    let policy =
        json!({ "registration_policy": { "grant_types": ["client_credentials"], "scopes": ["read"] } });
    set(&server, &server.default_tenant(), policy).await;
    let sent = website(&json!({ "grant_types": ["client_credentials"], "redirect_uris": null }));
    let made = register(&server, &sent).await.expect(201).json();
    let token = server.access_token(credential(&made)).await;
    let (path, access) = own(&made);
    let gone = ask(&server, ("DELETE", &path), Some(&access), &Value::Null).await.expect(204);
    assert_eq!((gone.text(), gone.header("cache-control")), ("", "no-store"));
    for method in ["GET", "PUT", "DELETE"] {
        let body = if method == "PUT" { sent.clone() } else { Value::Null };
        let answer = ask(&server, (method, &path), Some(&access), &body).await.refused(401, "invalid_token");
        assert!(answer.header("www-authenticate").starts_with("Bearer "));
    }
    let _ = server.token(credential(&made), &[]).await.refused(401, "invalid_client");
    let page = server.get(&crate::flow::request(text(&made, "client_id"), &[])).await;
    assert_eq!(page.status, 400, "an unknown client gets a page");
    let other = server.client("other").create().await;
    assert!(!server.is_active(&other, &token).await);
    // It was counted, and is not any more.
    assert_eq!(server.app.store.registered_count(server.app.default_tenant).await.unwrap(), 0);
    let path = "/api/v1/audit-logs?action=client.deleted";
    let found = ask(&server, ("GET", path), Some(&server.management_key()), &Value::Null).await.json();
    assert_eq!(found["audit_logs"][0]["actor"]["name"], made["client_id"]);
    assert_eq!(found["audit_logs"][0]["details"]["by"], "registration_access_token");
}

/// Where nobody registers any more, what is registered can still be read and removed.
#[tokio::test]
async fn what_is_registered_outlives_the_setting() {
    let server = open().await;
    let made = registered(&server).await;
    let (path, token) = own(&made);
    set(&server, &server.default_tenant(), json!({ "registration": "off" })).await;
    let sent = website(&json!({ "client_id": made["client_id"] }));
    let _ = ask(&server, ("PUT", &path), Some(&token), &sent).await.refused(403, "access_denied");
    let _ = ask(&server, ("GET", &path), Some(&token), &Value::Null).await.expect(200);
    let _ = ask(&server, ("DELETE", &path), Some(&token), &Value::Null).await.expect(204);
}

/// Of many updates at once with one token, one happens: the token is worth something once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_used_up_by_one_update() {
    let server = std::sync::Arc::new(open().await);
    let made = registered(&server).await;
    let (path, token) = own(&made);
    let mut racers = tokio::task::JoinSet::new();
    for n in 0..16 {
        let (server, path, token) = (std::sync::Arc::clone(&server), path.clone(), token.clone());
        let sent = website(&json!({ "client_id": made["client_id"], "client_name": format!("Name {n}") }));
        racers.spawn(async move { ask(&server, ("PUT", &path), Some(&token), &sent).await.status });
    }
    let mut found = racers.join_all().await;
    found.sort_unstable();
    assert_eq!((found[0], &found[1..]), (200, &[401; 15][..]));
}

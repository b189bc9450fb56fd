//! RFC 7591 §3: the request, the answer, and what a client that came so then does.

use super::*;
use writ_testkit::{Agent, Engine, TestClient, token_of};

/// §3: off where nobody has said otherwise, and then it is in no metadata (RFC 8414 §2).
#[tokio::test]
async fn nobody_registers_where_it_is_off() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for (tenant, place) in [(server.default_tenant(), String::new()), (acme.clone(), acme.path(""))] {
        let path = format!("{place}{REGISTER}");
        let told =
            ask(&server, ("POST", &path), None, &website(&json!({}))).await.refused(403, "access_denied");
        assert!(told.member("error_description").starts_with("the tenant's setting registration is off"));
        for known in ["openid-configuration", "oauth-authorization-server"] {
            let path = format!("{place}/.well-known/{known}");
            let metadata = || server.get(&path);
            assert_eq!(metadata().await.expect(200).json().get("registration_endpoint"), None);
            for on in ["token", "open"] {
                set(&server, &tenant, json!({ "registration": on })).await;
                let expected = format!("{}{REGISTER}", tenant.issuer);
                assert_eq!(metadata().await.expect(200).json()["registration_endpoint"], expected);
            }
            set(&server, &tenant, json!({ "registration": null })).await;
        }
    }
}

/// §3.2.1, OpenID Connect Registration §3: 201, not to be stored, with what the client needs.
#[tokio::test]
async fn the_answer_has_what_the_client_needs() {
    let server = open().await;
    let answer = register(&server, &website(&json!({}))).await.expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    let made = answer.json();
    assert!(text(&made, "client_secret").len() > 40);
    assert_eq!(made["client_secret_expires_at"], 0);
    assert_eq!(made["client_id_issued_at"], server.app.clock.now().as_secs());
    let uri = format!("https://id.example{REGISTER}/{}", text(&made, "client_id"));
    assert_eq!(made["registration_client_uri"], uri);
    assert!(text(&made, "registration_access_token").starts_with("rat_"));
    // No two clients are the same, however they came.
    let again = registered(&server).await;
    for name in ["client_id", "client_secret", "registration_access_token"] {
        assert_ne!(made[name], again[name], "{name}");
    }
}

/// §2: what is not said has its default, and is told.
#[tokio::test]
async fn what_is_not_said_has_its_default() {
    let server = open().await;
    let made = register(&server, &json!({ "redirect_uris": [CALLBACK] })).await.expect(201).json();
    for (name, expected) in [
        ("client_name", json!("app.example")),
        ("grant_types", json!(["authorization_code"])),
        ("response_types", json!(["code"])),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("application_type", json!("web")),
        ("scope", json!("openid profile email address phone offline_access")),
    ] {
        assert_eq!(made[name], expected, "{name}");
    }
}

/// §2: members that are not known are passed over; null and empty ones are as good as absent.
#[tokio::test]
async fn what_is_unknown_is_passed_over() {
    let server = open().await;
    let odd = json!({
        "first_party": true, "kind": "machine", "enabled": false, "allowed_networks": ["10.0.0.0/8"], "token_rate": 1_000_000,
        "access_token_lifetime": 999_999_999, "client_id": "mine", "client_secret": "mine", "id": "x",
        "from_tomorrow": { "a": [1] }, "contacts": [], "tos_uri": "",
    });
    let made = register(&server, &website(&odd)).await.expect(201).json();
    assert_ne!(made["client_id"], "mine");
    for name in ["first_party", "kind", "from_tomorrow", "allowed_networks", "contacts", "tos_uri"] {
        assert_eq!(made.get(name), None, "{name}");
    }
    let path = format!("/api/v1/clients/{}", text(&made, "client_id"));
    let whole = ask(&server, ("GET", &path), Some(&server.management_key()), &Value::Null).await.json();
    assert_eq!((&whole["first_party"], &whole["enabled"]), (&json!(false), &json!(true)));
    assert_eq!((&whole["token_rate"], &whole["access_token_lifetime"]), (&Value::Null, &json!(3600)));
}

/// The whole way: somebody registers, sends a person, gets what it asks for, refreshes.
async fn whole_way(server: &TestServer) {
    set(server, &server.default_tenant(), json!({ "registration": "open" })).await;
    crate::flow::ada(server).await;
    let metadata = server.get("/.well-known/openid-configuration").await.expect(200).json();
    assert_eq!(metadata["registration_endpoint"], format!("{}{REGISTER}", server.base));
    let made = registered(server).await;
    let client = TestClient {
        id: writ_core::ids::ClientId::from_bytes([0; 16]),
        tenant: server.default_tenant().id,
        client_id: text(&made, "client_id").to_owned(),
        secret: text(&made, "client_secret").to_owned(),
    };
    let mut agent = Agent::new(server);
    let asked = [("scope", "openid profile email offline_access"), ("prompt", "consent")];
    let page = crate::flow::code(&mut agent, &client, &asked).await;
    let got = crate::flow::redeem(server, &client, &page.code()).await.expect(200);
    assert_eq!(got.json()["scope"], "openid profile email offline_access");
    let claims = crate::flow::claims(&got.member("id_token"));
    assert_eq!(claims["aud"], made["client_id"]);
    let refreshed = crate::flow::refresh(server, &client, &got.member("refresh_token")).await.expect(200);
    assert!(server.is_active(&client, &token_of(&refreshed)).await);
}

/// OpenID Connect Core §15.2: a client that nobody has told anything finds the endpoints, registers itself, and gets
/// what it then asks for.
#[tokio::test]
async fn a_client_gets_what_it_then_asks_for() {
    whole_way(&TestServer::on(Engine::Sqlite).await).await;
    whole_way(&TestServer::on(Engine::Postgres).await).await;
}

/// §3.2.2: what is wrong is said with its field, under the names of RFC 7591.
#[tokio::test]
async fn what_is_wrong_is_named() {
    let server = open().await;
    for (other, error, field) in [
        (json!({ "redirect_uris": null }), "invalid_redirect_uri", "redirect_uris"),
        (json!({ "redirect_uris": [] }), "invalid_redirect_uri", "redirect_uris"),
        (json!({ "redirect_uris": "https://a.example/" }), "invalid_redirect_uri", "redirect_uris"),
        (json!({ "redirect_uris": ["https://a.example/#x"] }), "invalid_redirect_uri", "redirect_uris"),
        (json!({ "redirect_uris": ["http://a.example/"] }), "invalid_redirect_uri", "redirect_uris"),
        (json!({ "redirect_uris": ["/relative"] }), "invalid_redirect_uri", "redirect_uris"),
        (json!({ "redirect_uris": ["https://a.example/*"] }), "invalid_redirect_uri", "redirect_uris"),
        (json!({ "grant_types": ["password"] }), "invalid_client_metadata", "grant_types"),
        (json!({ "grant_types": ["implicit"] }), "invalid_client_metadata", "grant_types"),
        (json!({ "grant_types": "authorization_code" }), "invalid_client_metadata", "grant_types"),
        (json!({ "response_types": ["token"] }), "invalid_client_metadata", "response_types"),
        (
            json!({ "token_endpoint_auth_method": "tls_client_auth" }),
            "invalid_client_metadata",
            "token_endpoint_auth_method",
        ),
        (
            json!({ "token_endpoint_auth_method": "client_secret" }),
            "invalid_client_metadata",
            "token_endpoint_auth_method",
        ),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt" }),
            "invalid_client_metadata",
            "token_endpoint_auth_method",
        ),
        (json!({ "client_name": " " }), "invalid_client_metadata", "client_name"),
        (json!({ "client_name": "a\u{202e}b" }), "invalid_client_metadata", "client_name"),
        (json!({ "client_uri": "javascript:alert(1)" }), "invalid_client_metadata", "client_uri"),
        (json!({ "contacts": "ann@example.com" }), "invalid_client_metadata", "contacts"),
        (json!({ "jwks": { "keys": [{ "kty": "oct", "k": "AA" }] } }), "invalid_client_metadata", "jwks"),
        (
            json!({ "jwks": { "keys": [] }, "jwks_uri": "https://a.example/jwks" }),
            "invalid_client_metadata",
            "jwks_uri",
        ),
        (json!({ "scope": ["openid"] }), "invalid_client_metadata", "scope"),
        (json!({ "scope": "oauth:write" }), "invalid_client_metadata", "scope"),
        (json!({ "application_type": "desktop" }), "invalid_client_metadata", "application_type"),
        (
            json!({ "initiate_login_uri": "http://a.example/" }),
            "invalid_client_metadata",
            "initiate_login_uri",
        ),
        (json!({ "default_max_age": -1 }), "invalid_client_metadata", "default_max_age"),
        (
            json!({ "id_token_signed_response_alg": "none" }),
            "invalid_client_metadata",
            "id_token_signed_response_alg",
        ),
    ] {
        let told = register(&server, &website(&other)).await.refused(400, error);
        let text = told.member("error_description");
        assert!(text.split("; ").any(|one| one.starts_with(&format!("{field}: "))), "{other}: {text}");
    }
    for body in [json!([]), json!("x"), json!(1)] {
        let _ = register(&server, &body).await.refused(400, "invalid_request");
    }
}

/// §3: a client without a secret has none; a machine has no person's scopes.
#[tokio::test]
async fn clients_of_every_sort_register() {
    let server = open().await;
    let policy = json!({ "registration_policy": {
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"], "scopes": ["openid", "reports:read"],
    } });
    set(&server, &server.default_tenant(), policy).await;
    let es = writ_jose::SigningKey::generate(writ_jose::Algorithm::Es256).unwrap();
    let jwks: Value = serde_json::from_str(&writ_jose::jwks_json([es.public_jwk()])).unwrap();
    for (other, kind, has_secret) in [
        (json!({ "token_endpoint_auth_method": "none" }), "spa", false),
        (json!({ "token_endpoint_auth_method": "none", "application_type": "native" }), "native", false),
        (
            json!({ "token_endpoint_auth_method": "none", "redirect_uris": ["com.example.app:/cb"] }),
            "native",
            false,
        ),
        (json!({ "token_endpoint_auth_method": "client_secret_post" }), "web", true),
        (json!({ "token_endpoint_auth_method": "client_secret_jwt" }), "web", true),
        (json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks }), "web", false),
        (
            json!({ "application_type": "native", "redirect_uris": ["http://localhost:4242", "com.example.app:/cb"] }),
            "web",
            true,
        ),
        (json!({ "grant_types": ["client_credentials"], "redirect_uris": null }), "machine", true),
    ] {
        let made = register(&server, &website(&other)).await.expect(201).json();
        assert_eq!(made.get("client_secret").is_some(), has_secret, "{other}");
        assert_eq!(made.get("client_secret_expires_at").is_some(), has_secret, "{other}");
        let path = format!("/api/v1/clients/{}", text(&made, "client_id"));
        let whole = ask(&server, ("GET", &path), Some(&server.management_key()), &Value::Null).await.json();
        assert_eq!(whole["kind"], kind, "{other}");
        let machine = kind == "machine";
        assert_eq!(made["scope"], if machine { "reports:read" } else { "openid reports:read" }, "{other}");
        if machine {
            let answer = server.token(credential(&made), &[]).await.expect(200);
            assert_eq!(answer.json()["scope"], "reports:read");
            assert_eq!(made["response_types"], json!([]));
        }
    }
}

/// The audit log says how a client came.
#[tokio::test]
async fn the_log_says_how_it_came() {
    let server = open().await;
    let tenant = server.default_tenant();
    let made = registered(&server).await;
    server.clock.advance(writ_core::time::Seconds(1));
    let token = initial(&server, &tenant, json!({ "name": "Partner" })).await;
    let by = Some(text(&token, "initial_access_token"));
    let other = ask(&server, ("POST", REGISTER), by, &website(&json!({}))).await.expect(201).json();
    let path = "/api/v1/audit-logs?action=client.created&limit=2";
    let found =
        ask(&server, ("GET", path), Some(&server.management_key()), &Value::Null).await.expect(200).json();
    let rows = found["audit_logs"].as_array().unwrap();
    assert_eq!(rows[0]["details"], json!({ "registered": "token", "token": "Partner" }));
    assert_eq!(rows[1]["details"], json!({ "registered": "open" }));
    for row in rows {
        assert_eq!(row["actor"]["type"], "anonymous");
    }
    assert_ne!(made["client_id"], other["client_id"]);
}

/// Whoever decides is told that nobody has vouched for it.
#[tokio::test]
async fn the_consent_page_says_that_it_registered_itself() {
    let server = open().await;
    crate::flow::ada(&server).await;
    let made = registered(&server).await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&crate::flow::request(made["client_id"].as_str().unwrap(), &[])).await;
    let page = crate::flow::sign_in(&mut agent, &page).await;
    assert!(page.text().contains("This application registered itself. Nobody at <bdi>"), "{}", page.text());
    assert!(!page.text().contains("Added by"), "{}", page.text());
}

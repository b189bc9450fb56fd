//! Whose an address is: a wish for another one ends with every recovery, a username that is one is its owner's email,
//! and what is shown of texts that others wrote. On both engines, at the root and in a tenant.

use http::Request;
use rstest::rstest;
use serde_json::{Value, json};
use writ_core::settings::{Switch, TenantSettings};
use writ_core::time::Seconds;
use writ_testkit::{Answer, Engine, TestServer, TestTenant, form};

const RIGHT: &str = "a long enough password";
const BETTER: &str = "another good passphrase";

/// A path of a tenant; the first one is at the root.
fn place(tenant: &TestTenant, path: &str) -> String {
    if tenant.slug == "default" { path.to_owned() } else { tenant.path(path) }
}

async fn api(
    server: &TestServer,
    tenant: &TestTenant,
    route: (&str, &str),
    key: Option<&str>,
    body: &Value,
) -> Answer {
    let mut request = Request::builder()
        .method(route.0)
        .uri(place(tenant, route.1))
        .header("content-type", "application/json");
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.request(request.body(body).unwrap()).await
}

struct Place {
    server: TestServer,
    tenant: TestTenant,
    key: String,
}

impl Place {
    async fn on(engine: Engine) -> Self {
        let server = TestServer::on(engine).await;
        let settings = TenantSettings { self_registration: Switch::On, ..TenantSettings::default() };
        let tenant = server.tenant_with("acme", settings).await;
        let key = server.api_key(&tenant, writ_core::authority::Permission::ALL, None).await;
        Self { server, tenant, key }
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        api(&self.server, &self.tenant, (method, path), Some(&self.key), &body).await
    }

    async fn visit(&self, path: &str, body: Value) -> Answer {
        api(&self.server, &self.tenant, ("POST", path), None, &body).await
    }

    async fn user(&self, body: Value) -> String {
        self.ask("POST", "/api/v1/users", body).await.expect(201).member("id")
    }

    async fn shown(&self, id: &str) -> Value {
        self.ask("GET", &format!("/api/v1/users/{id}"), Value::Null).await.expect(200).json()
    }

    /// A person with a wish for another address, and the link that would make it theirs.
    async fn wishing(&self, username: &str) -> (String, String) {
        let id = self
            .user(json!({ "username": username, "email": format!("{username}@example.com"), "password": RIGHT, "email_verified": true }))
            .await;
        self.server.clock.advance(Seconds(1));
        let sql = "UPDATE users SET new_email = 'new@example.com' WHERE id = ?1";
        let user = writ_core::ids::UserId::parse_uuid(&id).unwrap();
        assert_eq!(self.server.sql(sql, [user.to_bytes().to_vec()]), 1);
        let _ = self.visit("/api/v1/users/verify-email", json!({ "username": username })).await.expect(202);
        assert_eq!(self.shown(&id).await["pending_email"], "new@example.com");
        (id, self.server.newest_token().await)
    }
}

/// AUTHORITY, "Acting for a person": a pending email change ends with everything else when an account recovers.
#[tokio::test]
async fn a_wish_for_another_address_ends_with_every_recovery() {
    let place = Place::on(Engine::Sqlite).await;
    for (n, how) in ["mail", "password", "disabled", "revoked", "revoked before", "forgotten", "deleted"]
        .iter()
        .enumerate()
    {
        let name = format!("ada{n}");
        let (id, link) = place.wishing(&name).await;
        let path = format!("/api/v1/users/{id}");
        let revoke = "/api/v1/oauth/tokens/bulk-revoke";
        match *how {
            "mail" => {
                let _ = place
                    .visit("/api/v1/users/reset-password", json!({ "username": name }))
                    .await
                    .expect(202);
                let token = place.server.newest_token().await;
                let body = json!({ "token": token, "new_password": BETTER });
                let _ = place.visit("/api/v1/users/reset-password", body).await.expect(204);
            }
            "password" => drop(place.ask("PUT", &path, json!({ "password": BETTER })).await.expect(200)),
            "disabled" => drop(place.ask("PUT", &path, json!({ "enabled": false })).await.expect(200)),
            "revoked" => drop(place.ask("POST", revoke, json!({ "user_id": id })).await.expect(200)),
            "revoked before" => {
                let body = json!({ "user_id": id, "issued_before": "2027-01-15T08:00:00Z" });
                let _ = place.ask("POST", revoke, body).await.expect(200);
            }
            "forgotten" => drop(place.ask("PUT", &path, json!({ "pending_email": null })).await.expect(200)),
            _ => drop(place.ask("DELETE", &path, Value::Null).await.expect(204)),
        }
        if *how != "deleted" {
            assert!(place.shown(&id).await.get("pending_email").is_none(), "{how}");
        }
        let _ = place
            .visit("/api/v1/users/verify-email", json!({ "token": link }))
            .await
            .refused(400, "invalid_request");
        // Nor does anybody get another one.
        let before = place.server.letters_waiting().await;
        let _ = place.visit("/api/v1/users/verify-email", json!({ "username": name })).await.expect(202);
        let letters = place.server.letters().await;
        let late = letters.iter().filter(|mail| mail.to.as_deref() == Some("new@example.com")).count();
        assert_eq!(late, n + 1, "{how}, {before}");
        place.server.clock.advance(Seconds(86_400));
    }
}

/// A username that is an email address is that person's email.
#[rstest]
#[tokio::test]
async fn a_username_that_is_an_address_is_the_email(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let place = Place::on(engine).await;
    let users = "/api/v1/users";
    let lying = json!({ "username": "ada@example.com", "email": "eve@example.com", "password": RIGHT });
    for answer in [place.visit(users, lying.clone()).await, place.ask("POST", users, lying).await] {
        let text = answer.refused(400, "invalid_request").member("error_description");
        assert!(text.starts_with("email: must be the username"), "{text}");
    }
    let id = place
        .user(json!({ "username": " ada@example.com ", "password": RIGHT, "email_verified": true }))
        .await;
    let ada = place.shown(&id).await;
    assert_eq!((&ada["username"], &ada["email"]), (&json!("ada@example.com"), &json!("ada@example.com")));
    // It follows, and the name is free again.
    let path = format!("{users}/{id}");
    let moved = place
        .ask("PUT", &path, json!({ "email": "ada@new.example", "email_verified": true }))
        .await
        .expect(200)
        .json();
    assert_eq!((&moved["username"], &moved["email"]), (&json!("ada@new.example"), &json!("ada@new.example")));
    let other = place.user(json!({ "username": "ada@example.com", "password": RIGHT })).await;
    let _ = place
        .ask("PUT", &format!("{users}/{other}"), json!({ "email": "ada@new.example" }))
        .await
        .refused(409, "conflict");
    // An address leads to one account: by name or verified.
    let bob = place.user(json!({ "username": "bob", "email": "ada@new.example", "password": RIGHT })).await;
    let verified = json!({ "email_verified": true });
    let _ = place.ask("PUT", &format!("{users}/{bob}"), verified.clone()).await.refused(409, "conflict");
    let _ =
        place.ask("PUT", &format!("{users}/{bob}"), json!({ "email": "bob@example.com" })).await.expect(200);
    let found = async |name: &str| {
        let path = format!("{users}?username={}", name.replace('@', "%40"));
        place.ask("GET", &path, Value::Null).await.expect(200).json()["users"][0]["id"].clone()
    };
    assert_eq!(found("bob@example.com").await, Value::Null, "an address that nobody proved leads to nobody");
    let _ = place.ask("PUT", &format!("{users}/{bob}"), verified).await.expect(200);
    assert_eq!(found("BOB@example.com").await, json!(bob));
    assert_eq!(found("bob").await, json!(bob));
}

/// One rule for every text that people read, whoever sends it.
#[tokio::test]
async fn what_cannot_be_seen_or_turns_the_text_is_refused_by_every_contract() {
    let place = Place::on(Engine::Sqlite).await;
    for c in [
        "\u{202e}",
        "\u{200b}",
        "\u{2066}",
        "\u{3164}",
        "\u{2800}",
        "\u{115f}",
        "\u{2028}",
        "\u{e0041}",
        "\u{7}",
    ] {
        let name = format!("Acme{c}");
        for (method, path, body) in [
            ("POST", "/api/v1/users", json!({ "username": "a", "password": RIGHT, "name": name })),
            ("POST", "/api/v1/users", json!({ "username": name, "password": RIGHT })),
            (
                "POST",
                "/api/v1/oauth/clients",
                json!({ "name": name, "redirect_uris": ["https://a.example/cb"] }),
            ),
            (
                "POST",
                "/v1/admin/oauth-clients",
                json!({ "client_name": name, "redirect_uris": ["https://a.example/cb"], "allowed_scopes": ["openid"] }),
            ),
            ("POST", "/api/v1/oauth/scopes", json!({ "name": "x", "description": name })),
            ("POST", "/api/v1/api-keys", json!({ "name": name, "permissions": ["keys:read"] })),
        ] {
            let answer = place.ask(method, path, body).await;
            assert_eq!(answer.status, 400, "{path} {c:?} {}", answer.text());
        }
    }
    let _ = place
        .visit("/api/v1/users", json!({ "username": "eve", "password": RIGHT, "name": "\u{2800}" }))
        .await
        .expect(400);
}

/// Without a mail server nothing is offered that needs one.
#[tokio::test]
async fn without_mail_nothing_is_offered_that_needs_it() {
    let server = TestServer::builder().without_mail().start().await;
    let settings = TenantSettings {
        self_registration: Switch::On,
        require_verified_email: Switch::On,
        ..TenantSettings::default()
    };
    let acme = server.tenant_with("acme", settings).await;
    for tenant in [&server.default_tenant(), &acme] {
        for path in ["/api/v1/users/reset-password", "/api/v1/users/verify-email"] {
            let answer = api(&server, tenant, ("POST", path), None, &json!({ "username": "ada" })).await;
            let text = answer.refused(400, "invalid_request").member("error_description");
            assert!(text.contains("sends no mail"), "{text}");
        }
        for path in ["/reset-password", "/verify-email"] {
            let page = server.get(&place(tenant, path)).await.expect(200);
            assert!(
                page.text().contains("sends no mail") && !page.text().contains("<form"),
                "{}",
                page.text()
            );
        }
    }
    let _ = server.get(&acme.path("/register")).await.expect(404);
    let body = json!({ "username": "ada@example.com", "password": RIGHT });
    let _ = api(&server, &acme, ("POST", "/api/v1/users"), None, &body).await.refused(400, "invalid_request");
}

/// A link whose time is over offers another one, to where it went.
#[tokio::test]
async fn a_late_link_offers_another_one() {
    let place = Place::on(Engine::Sqlite).await;
    let id = place.user(json!({ "username": "ada@example.com", "password": RIGHT })).await;
    let _ =
        place.visit("/api/v1/users/verify-email", json!({ "username": "ada@example.com" })).await.expect(202);
    let token = place.server.newest_token().await;
    place.server.clock.advance(Seconds(86_400));
    let path = place.tenant.path("/verify-email");
    let page = place.server.get(&format!("{path}?token={token}")).await.expect(400);
    assert!(page.text().contains("Send another link"), "{}", page.text());
    let request = Request::post(&path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    let sent = place
        .server
        .request(request.body(form(&[("token", &token), ("again", "1")])).unwrap())
        .await
        .expect(303);
    assert_eq!(sent.header("location"), format!("{path}?sent=1"));
    let fresh = place.server.newest_token().await;
    assert_ne!(fresh, token);
    let _ = place.visit("/api/v1/users/verify-email", json!({ "token": fresh })).await.expect(204);
    assert_eq!(place.shown(&id).await["email_verified"], true);
}

/// A link is opened after somebody else got the address: the page says so, in whichever language.
#[tokio::test]
async fn an_address_that_another_account_has_by_now_is_taken() {
    let place = Place::on(Engine::Sqlite).await;
    let (_, token) = place.wishing("ada").await;
    let _ = place
        .user(json!({ "username": "grace", "email": "new@example.com", "password": RIGHT, "email_verified": true }))
        .await;
    for (tag, title) in
        [("en", "This address is taken"), ("de", "Diese Adresse ist vergeben"), ("ar", "هذا العنوان مستخدم")]
    {
        let request = Request::post(place.tenant.path("/verify-email"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("accept-language", tag);
        let page = place.server.request(request.body(format!("token={token}")).unwrap()).await.expect(400);
        assert!(page.text().contains(title), "{tag}: {}", page.text());
    }
}

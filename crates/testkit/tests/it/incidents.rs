//! What whoever runs the server finds in an incident: who was refused what, and why; who did what; where somebody is
//! signed in.

use http::Request;
use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Answer, Credential, Planted, TestServer, TestTenant};

use crate::flow::{PASSWORD, VERIFIER, ada, code, request, website};

const LOGS: &str = "/api/v1/audit-logs";

async fn ask(server: &TestServer, by: &str, path: &str) -> Answer {
    let request = Request::get(path).header("authorization", format!("Bearer {by}"));
    server.request(request.body("").unwrap()).await
}

/// The audit log of a tenant as an operator reads it: what has just happened is there.
async fn logs(server: &TestServer, tenant: &TestTenant, query: &str) -> Vec<Value> {
    let key = server.api_key(tenant, &[Permission::AuditRead], None).await;
    let found = ask(server, &key, &at(tenant, &format!("{LOGS}?{query}"))).await.expect(200).json();
    found["audit_logs"].as_array().unwrap().clone()
}

/// A path at the root for the first tenant, below `/t/{slug}` for every other.
fn at(tenant: &TestTenant, path: &str) -> String {
    if tenant.slug == "default" { path.to_owned() } else { tenant.path(path) }
}

async fn places(server: &TestServer) -> [TestTenant; 2] {
    [server.default_tenant(), server.tenant("acme").await]
}

/// A refused authorization request is found by its client, with the reason, and by the id that the page shows.
#[tokio::test]
async fn a_refused_authorization_is_found_by_its_client() {
    let server = TestServer::start().await;
    for tenant in places(&server).await {
        let app = website(&server, &format!("app-{}", tenant.slug)).of(&tenant).create().await;
        let mut agent = Agent::new(&server);
        let ask = |more: &[(&str, &str)]| at(&tenant, &request(&app.client_id, more));
        let page = agent.get(&ask(&[("redirect_uri", "https://elsewhere.example/cb")])).await;
        let answer = page.answer.expect(400);
        let id = answer.header("x-request-id").to_owned();
        assert!(answer.text().contains(&format!(">{id}</code>")), "{}", answer.text());
        let sent = agent.get(&ask(&[("scope", "nothing-of-this")])).await.sent();
        assert_eq!(sent["error"], "invalid_scope");
        // Who has to sign in is asked to: nothing was refused.
        assert_eq!(agent.get(&ask(&[("prompt", "none")])).await.sent()["error"], "login_required");
        let unknown = at(&tenant, &request("nobody", &[]));
        assert_eq!(agent.get(&unknown).await.answer.status, 400);

        for by in [format!("target={}", app.id), format!("target={}", app.client_id)] {
            let found = logs(&server, &tenant, &format!("action=authorization.refused&{by}")).await;
            assert_eq!(found.len(), 2, "{found:?}");
            assert!(found.iter().all(|row| row["outcome"] == "refused"), "{found:?}");
            let row = found.iter().find(|row| row["details"]["error"] == "invalid_request").unwrap();
            assert_eq!(row["target"], json!({ "type": "client", "id": app.id.to_string() }));
            assert_eq!(row["request_id"], *id);
            let reason = row["details"]["reason"].as_str().unwrap();
            assert!(reason.starts_with("redirect_uri: "), "{reason}");
            assert!(
                reason.ends_with(": https://elsewhere.example/cb"),
                "what came, letter by letter: {reason}"
            );
            assert!(
                !answer.text().contains("elsewhere.example"),
                "the page says nothing that a stranger wrote"
            );
            assert!(found.iter().any(|row| row["details"]["error"] == "invalid_scope"), "{found:?}");
        }
        // A client that nobody has is in the log of the tenant whose address it was.
        let found = logs(&server, &tenant, "action=authorization.refused&target=server").await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["details"]["client_id"], "nobody");
    }
}

/// A refused token request is found by its client, with the reason and without the secret.
#[tokio::test]
async fn a_refused_token_request_is_found_by_its_client() {
    let server = TestServer::start().await;
    for tenant in places(&server).await {
        let app = website(&server, &format!("app-{}", tenant.slug)).of(&tenant).create().await;
        let path = at(&tenant, "/oauth2/token");
        for (by, pairs, error) in [
            (
                Credential::from(&app),
                &[("grant_type", "authorization_code"), ("code", "ac_secret"), ("code_verifier", VERIFIER)][..],
                "invalid_grant",
            ),
            (Credential::from(&app), &[("grant_type", "client_credentials")], "unauthorized_client"),
            (Credential::from(&app), &[("grant_type", "nothing")], "unsupported_grant_type"),
            (app.with_secret("a wrong secret"), &[("grant_type", "client_credentials")], "invalid_client"),
        ] {
            assert_eq!(server.post(&path, by, pairs).await.error(), error);
        }
        let found = logs(&server, &tenant, &format!("outcome=refused&target={}", app.client_id)).await;
        let mut errors: Vec<_> =
            found.iter().map(|row| (row["action"].as_str(), row["details"]["error"].as_str())).collect();
        errors.sort_unstable();
        assert_eq!(
            errors,
            [
                (Some("authentication.refused"), Some("invalid_client")),
                (Some("token.refused"), Some("invalid_grant")),
                (Some("token.refused"), Some("unauthorized_client")),
                (Some("token.refused"), Some("unsupported_grant_type")),
            ]
        );
        assert!(found.iter().all(|row| row["details"]["reason"].is_string()), "{found:?}");
        let text = json!(found).to_string();
        assert!(!text.contains("ac_secret") && !text.contains("a wrong secret") && !text.contains(VERIFIER));
    }
}

/// A credential that is known and no good any more is named in the record of its refusal.
#[tokio::test]
async fn a_refused_credential_is_named_with_the_reason() {
    let server = TestServer::start().await;
    for tenant in places(&server).await {
        let name = format!("app-{}", tenant.slug);
        let app = server.client(&name).of(&tenant).scope("audit:read").create().await;
        let audience = [&*tenant.issuer];
        let token =
            server.plant(&app, Planted { user: None, scope: "audit:read", audience: &audience }).await;
        let end = server.app.clock.now().plus(Seconds(5));
        let key = server.api_key(&tenant, &[Permission::AuditRead], Some(end)).await;
        server.clock.advance(Seconds(6));
        server.app.store.flush_last_notes(tenant.id).await.unwrap();
        let changed =
            server.sql("UPDATE access_tokens SET revoked_at = 1 WHERE client_id = ?1", [app.id.to_bytes()]);
        assert_eq!(changed, 1);
        for credential in [&key, &token, &"sk_live_nobodys".to_owned()] {
            let _ = ask(&server, credential, &at(&tenant, LOGS)).await.expect(401);
        }
        let found = logs(&server, &tenant, "action=authentication.refused").await;
        let mut about: Vec<_> = found
            .iter()
            .map(|row| (row["target"]["type"].as_str().unwrap(), row["details"]["reason"].as_str().unwrap()))
            .collect();
        about.sort_unstable();
        assert_eq!(
            about,
            [
                ("api_key", "the API key has expired"),
                ("client", "the token was revoked"),
                ("server", "unknown or revoked API key"),
            ]
        );
        assert!(!json!(found).to_string().contains(&key));
    }
}

/// Whatever somebody asks for, refusals of one network are few records.
#[tokio::test]
async fn a_flood_of_refused_requests_is_few_records() {
    let server = TestServer::start().await;
    let app = website(&server, "app").create().await;
    let mut agent = Agent::new(&server);
    for n in 0..100 {
        let uri = format!("https://elsewhere.example/{n}");
        let _ = agent.get(&request("app", &[("redirect_uri", &uri)])).await.answer.expect(400);
        let _ = agent.get(&request(&format!("nobody-{n}"), &[])).await.answer.expect(400);
        let code = format!("ac_{n}");
        let pairs = [("grant_type", "authorization_code"), ("code", &*code)];
        let _ = server.post("/oauth2/token", &app, &pairs).await.expect(400);
    }
    // With what waits for its minute.
    server.app.store.flush_last_notes(server.default_tenant().id).await.unwrap();
    let found = logs(&server, &server.default_tenant(), "outcome=refused&limit=200").await;
    assert!(found.len() <= 20, "{}", found.len());
    let count = |row: &Value| row["details"]["count"].as_str().unwrap().parse::<u32>().unwrap();
    assert_eq!(found.iter().map(count).sum::<u32>(), 300, "{found:?}");
}

/// The log is narrowed to a person, an address, an outcome.
#[tokio::test]
async fn the_log_is_asked_by_person_address_and_outcome() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let user = ada(&server).await;
    let app = website(&server, "app").create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("app", &[])).await;
    let wrong = [("username", "ada@example.org"), ("password", "a guess")];
    let _ = agent.send_form(&page, &wrong).await.answer.expect(400);
    let mut agent = Agent::new(&server);
    let _ = code(&mut agent, &app, &[]).await.code();
    for who in [user.to_string(), "ADA@example.org".to_owned()] {
        let all = logs(&server, &tenant, &format!("user={who}")).await;
        let actions: Vec<_> = all.iter().map(|row| row["action"].as_str().unwrap()).collect();
        for action in ["user.sign_in_failed", "user.signed_in", "user.created"] {
            assert!(actions.contains(&action), "{who}: {actions:?}");
        }
        assert!(all.iter().all(|row| row["action"] != "client.created"), "{actions:?}");
        let failed = logs(&server, &tenant, &format!("user={who}&outcome=failure")).await;
        assert_eq!(failed.len(), 1, "{failed:?}");
        assert_eq!(failed[0]["details"]["reason"], "wrong");
        let actor = logs(&server, &tenant, &format!("actor={who}&action=user.signed_in")).await;
        assert_eq!(actor.len(), 1, "{who}");
        let target = logs(&server, &tenant, &format!("target={who}&action=user.created")).await;
        assert_eq!(target.len(), 1, "{who}");
    }
    let near = logs(&server, &tenant, "ip_address=192.0.2.0/24&action=user.signed_in").await;
    assert_eq!((near.len(), near[0]["ip_address"].as_str()), (1, Some("192.0.2.7")));
    assert!(logs(&server, &tenant, "ip_address=198.51.100.1").await.is_empty());
    let key = server.api_key(&tenant, &[Permission::AuditRead], None).await;
    for (query, field) in [("outcome=good", "outcome: "), ("ip_address=here", "ip_address: ")] {
        let answer = ask(&server, &key, &format!("{LOGS}?{query}")).await.refused(400, "invalid_request");
        assert!(answer.member("error_description").starts_with(field), "{}", answer.text());
    }
}

/// People are found by a part of any of their names; wildcards are nothing special.
#[tokio::test]
async fn people_are_searched_by_a_part_of_their_names() {
    for engine in [writ_testkit::Engine::Sqlite, writ_testkit::Engine::Postgres] {
        let server = TestServer::on(engine).await;
        for tenant in places(&server).await {
            let key = server.api_key(&tenant, &[Permission::UsersRead, Permission::UsersWrite], None).await;
            for (username, name, email) in [
                ("ada@example.org", "Ada Lovelace", None),
                ("grace", "Grace 100% Hopper", Some("g.hopper@navy.example")),
                ("Über", "Ünal", None),
            ] {
                let body =
                    json!({ "username": username, "name": name, "email": email, "password": PASSWORD });
                let request = Request::post(at(&tenant, "/api/v1/users"))
                    .header("authorization", format!("Bearer {key}"))
                    .header("content-type", "application/json");
                let _ = server.request(request.body(body.to_string()).unwrap()).await.expect(201);
            }
            for (text, expected) in [
                ("love", &["ada@example.org"][..]),
                ("EXAMPLE", &["ada@example.org", "grace"]),
                ("NAVY", &["grace"]),
                ("100%25", &["grace"]),
                ("_", &[]),
                ("%25%25", &[]),
                ("%C3%BCber", &["Über"]),
                ("%C3%9Cnal", &["Über"]),
                ("nobody", &[]),
            ] {
                let path = at(&tenant, &format!("/api/v1/users?search={text}"));
                let found = ask(&server, &key, &path).await.expect(200).json();
                let mut names: Vec<_> = found["users"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|user| user["username"].as_str().unwrap())
                    .collect();
                // They were made in the same moment.
                names.sort_unstable();
                assert_eq!(names, expected, "{text} of {}", tenant.slug);
                assert_eq!(found["total"], expected.len());
            }
            let page =
                ask(&server, &key, &at(&tenant, "/api/v1/users?search=e&limit=1")).await.expect(200).json();
            assert!(
                page["next_cursor"].is_string() && page["users"].as_array().unwrap().len() == 1,
                "{page}"
            );
            // A parameter without a value is as good as none (RFC 6749 §3.1).
            for text in ["+", "%00", &"x".repeat(256)] {
                let path = at(&tenant, &format!("/api/v1/users?search={text}"));
                let answer = ask(&server, &key, &path).await.refused(400, "invalid_request");
                assert!(answer.member("error_description").contains("search"), "{}", answer.text());
            }
        }
    }
}

/// Lists are narrowed to a person by any name they sign in with, and somebody else's stay theirs.
#[tokio::test]
async fn lists_take_a_name_or_an_id() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let user = ada(&server).await;
    let app = website(&server, "app").create().await;
    let mut agent = Agent::new(&server);
    let code = code(&mut agent, &app, &[]).await.code();
    let _ = crate::flow::redeem(&server, &app, &code).await.expect(200);
    let may = [Permission::OauthRead, Permission::SessionsRead];
    let key = server.api_key(&tenant, &may, None).await;
    for (path, member) in [
        ("/api/v1/oauth/tokens", "tokens"),
        ("/api/v1/oauth/sessions", "sessions"),
        ("/api/v1/oauth/consents", "consents"),
        ("/api/v1/oauth/consents/history", "history"),
    ] {
        for who in [user.to_string(), "Ada@example.org".to_owned()] {
            let found = ask(&server, &key, &format!("{path}?user_id={who}")).await.expect(200).json();
            assert!(!found[member].as_array().unwrap().is_empty(), "{path} {who}: {found}");
        }
        for who in ["nobody", "00000000-0000-7000-8000-000000000000"] {
            let found = ask(&server, &key, &format!("{path}?user_id={who}")).await.expect(200).json();
            assert_eq!((&found[member], &found["total"]), (&json!([]), &json!(0)), "{path} {who}");
        }
    }
}

/// Whoever has used up their attempts gets in with the password that an administrator gave them, and at once.
#[tokio::test]
async fn an_administrator_lets_somebody_in_who_guessed_too_often() {
    let server = TestServer::start().await;
    for tenant in places(&server).await {
        let user = server.user(&tenant, "ada@example.org", PASSWORD).await;
        let key = server.api_key(&tenant, &[Permission::UsersWrite], None).await;
        let mut agent = Agent::new(&server).at("192.0.2.44");
        let page = agent.open(&at(&tenant, "/account")).await;
        let enter = |password: &'static str| [("username", "ada@example.org"), ("password", password)];
        // From a network that the person is known in, as most are.
        let known = agent.submit(&page, &enter(PASSWORD)).await;
        assert_eq!(known.answer.status, 200, "{}", known.text());
        let mut agent = Agent::new(&server).at("192.0.2.44");
        let page = agent.open(&at(&tenant, "/account")).await;
        for _ in 0..12 {
            assert_eq!(agent.submit(&page, &enter("wrong")).await.answer.status, 400);
        }
        assert_eq!(agent.submit(&page, &enter(PASSWORD)).await.answer.status, 400, "no attempt is left");
        let body = json!({ "password": "seven green umbrellas at noon" }).to_string();
        let put = Request::put(at(&tenant, &format!("/api/v1/users/{user}")))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json");
        let _ = server.request(put.body(body).unwrap()).await.expect(200);
        let page = agent.open(&at(&tenant, "/account")).await;
        let back = agent.submit(&page, &enter("seven green umbrellas at noon")).await;
        assert_eq!((back.answer.status, &*back.path), (200, &*at(&tenant, "/account")), "{}", back.text());
    }
}

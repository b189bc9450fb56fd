//! Lengths are looked at before anything is computed from a value: a name that would be normalised to eighteen times
//! its length, a password that would be measured for seconds, lists without end.

use std::time::{Duration, Instant};

use http::{Request, header};
use rstest::rstest;
use serde_json::{Value, json};
use writ_core::settings::{Switch, TenantSettings};
use writ_testkit::TestServer;

/// What one of these may take at the most, in a debug build on a busy machine. Unbounded, each takes far longer.
const GENEROUS: Duration = Duration::from_secs(10);

/// U+FDFA is one character that is eighteen in NFKC.
fn long() -> String {
    "\u{fdfa}".repeat(300_000)
}

/// Read as letters in more than five hundred ways.
const MADE_TO_BE_MEASURED: &str = "4@8({[<369&#!1|0$5+7%24@8({[<369&#!1|0$5+7%24@8({[<369&#!1|0$5+7%2";

async fn send(server: &TestServer, path: &str, key: Option<&str>, body: &Value) -> u16 {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(key) = key {
        request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
    }
    let began = Instant::now();
    let answer = server.request(request.body(body.to_string()).unwrap()).await;
    let took = began.elapsed();
    assert!(took < GENEROUS, "{path} took {took:?}");
    assert!(answer.status < 500, "{path}: {}", answer.status);
    assert!(answer.body.len() < 8 * 1024, "{path}: nothing of that length is quoted");
    answer.status
}

#[rstest]
#[case::a_name(json!({ "username": long(), "password": "correct horse battery staple" }), 400)]
#[case::an_address(json!({ "username": "ada", "email": format!("{}@example.com", long()), "password": "correct horse battery staple" }), 400)]
#[case::a_display_name(json!({ "username": "ada", "name": long(), "password": "correct horse battery staple" }), 400)]
#[case::a_password(json!({ "username": "ada", "password": long() }), 400)]
#[case::a_costly_password(json!({ "username": "ada", "password": MADE_TO_BE_MEASURED }), 201)]
#[case::roles(json!({ "username": "ada", "password": "correct horse battery staple", "roles": vec!["x"; 200_000] }), 400)]
#[case::a_text_instead(json!(long()), 400)]
#[tokio::test]
async fn an_account_is_refused_by_its_lengths_first(#[case] body: Value, #[case] expected: u16) {
    let server = TestServer::start().await;
    let settings = || TenantSettings { self_registration: Switch::On, ..TenantSettings::default() };
    let acme = server.tenant_with("acme", settings()).await;
    let key = server.management_key();
    assert_eq!(send(&server, "/api/v1/users", Some(&key), &body).await, expected);
    let anonymous = send(&server, &acme.path("/api/v1/users"), None, &body).await;
    // Smaller bounds of an anonymous body come first.
    assert!(anonymous == expected || anonymous == 413 || body.get("roles").is_some(), "{anonymous}");
}

#[tokio::test]
async fn a_link_is_asked_for_with_a_name_that_can_be_one() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for path in ["/api/v1/users/reset-password", "/api/v1/users/verify-email"] {
        for path in [path.to_owned(), acme.path(path)] {
            let status = send(&server, &path, None, &json!({ "username": long() })).await;
            assert!(matches!(status, 202 | 400 | 413), "{path}: {status}");
        }
    }
}

#[tokio::test]
async fn a_client_is_named_by_what_can_be_a_client_id() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let long = "x".repeat(50_000);
    for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
        for path in [path.to_owned(), acme.path(path)] {
            let pairs = [
                ("client_id", long.as_str()),
                ("client_secret", "x"),
                ("token", "x"),
                ("grant_type", "client_credentials"),
            ];
            let answer = server.post(&path, writ_testkit::Credential::None, &pairs).await;
            let answer = answer.refused(401, "invalid_client");
            assert!(answer.body.len() < 8 * 1024);
        }
    }
}

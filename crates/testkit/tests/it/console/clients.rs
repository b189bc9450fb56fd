//! Clients on the console: the list, a new one, why one fails, another secret, the end of one. No script runs here.

use serde_json::Value;
use writ_core::client::{ClientKind, GrantType};
use writ_testkit::{Agent, Credential, TestServer, TestTenant};

use super::{administrator, csrf, hidden, shown};
use crate::flow::{at, request, website};
use crate::openid_connect::manage_in;

/// The records of an action, as the API has them.
async fn records(server: &TestServer, tenant: &TestTenant, action: &str) -> Vec<Value> {
    let path = format!("/api/v1/audit-logs?action={action}");
    let answer = manage_in(server, tenant, ("GET", &path), &Value::Null).await.expect(200);
    answer.json()["audit_logs"].as_array().cloned().unwrap_or_default()
}

/// From what is built to the first token: the settings fit, the secret is shown once, and the person is in the log.
#[tokio::test]
async fn an_application_is_onboarded() {
    let server = TestServer::start().await;
    for slug in ["default", "acme"] {
        let tenant = super::tenant(&server, slug).await;
        let mut agent = administrator(&server, &tenant).await;
        let page = agent.get(&at(&tenant, "/admin/clients/new")).await;
        for build in ["web", "spa", "app", "svc", "tv"] {
            assert!(page.text().contains(&format!("name=\"build\" value=\"{build}\"")), "{build}");
        }
        let page = agent.get(&at(&tenant, "/admin/clients/new?build=svc")).await;
        let fields = [
            ("csrf", hidden(&page, "csrf")),
            ("key", hidden(&page, "key")),
            ("build", "svc".to_owned()),
            ("client_name", "Nightly reports".to_owned()),
            ("scope", "reports:write".to_owned()),
        ];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let made = agent.post(&at(&tenant, "/admin/clients/new"), &fields).await;
        assert_eq!(made.answer.status, 200, "{}", made.text());
        assert_eq!(made.answer.header("cache-control"), "no-store");
        let (id, secret) = (shown(&made, "client-id"), shown(&made, "secret"));
        let pairs = [("grant_type", "client_credentials")];
        let token = server.post(&at(&tenant, "/oauth2/token"), Credential::basic(&id, &secret), &pairs).await;
        assert_eq!(token.expect(200).json()["scope"], "reports:write");
        // The button was pressed twice, or the answer was lost: the same client, and the same secret.
        let again = agent.post(&at(&tenant, "/admin/clients/new"), &fields).await;
        assert_eq!((shown(&again, "client-id"), shown(&again, "secret")), (id.clone(), secret.clone()));
        let list = agent.get(&at(&tenant, "/admin/clients")).await;
        assert_eq!(list.text().matches("Nightly reports").count(), 1);
        assert!(list.text().contains(&id) && !list.text().contains(&secret));
        let one = agent.get(&at(&tenant, &format!("/admin/clients/{id}"))).await;
        assert_eq!(one.answer.status, 200);
        assert!(!one.text().contains(&secret), "a secret is shown once");
        let record = records(&server, &tenant, "client.created").await.remove(0);
        assert_eq!(record["actor"]["type"], "user");
        assert_eq!(record["actor"]["name"], super::ADA);
        assert_eq!(record["details"]["through"], "console");
    }
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let mut agent = administrator(&server, &tenant).await;
    let csrf = csrf(&mut agent, &tenant).await;
    let bad = [
        ("build", "web"),
        ("client_name", "Shop"),
        ("redirect_uris", "http://shop.example/cb\r\nhttps://shop.example/cb"),
        ("scope", "openid"),
        ("csrf", &csrf),
    ];
    let page = agent.post(&at(&tenant, "/admin/clients/new"), &bad).await;
    assert_eq!(page.answer.status, 400);
    assert!(page.text().contains("id=\"redirect_uris_problem\""), "{}", page.text());
    assert!(page.text().contains("value=\"Shop\"") && page.text().contains("http://shop.example/cb"));
    let list = agent.get(&at(&tenant, "/admin/clients")).await;
    assert!(list.text().contains("No clients yet"), "{}", list.text());
}

/// The settings of a client, form by form; each changes what it is about and nothing else.
#[tokio::test]
async fn settings_are_saved_part_by_part() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let client = website(&server, "shop").of(&tenant).create().await;
    let mut agent = administrator(&server, &tenant).await;
    let csrf = csrf(&mut agent, &tenant).await;
    let path = at(&tenant, &format!("/admin/clients/{}", client.id));
    let api = "/api/v1/clients/shop";
    let before = manage_in(&server, &tenant, ("GET", api), &Value::Null).await.json();
    let post = [
        ("csrf", &*csrf),
        ("part", "addresses"),
        ("redirect_uris", "https://shop.example/a\r\n\r\n https://shop.example/b "),
        ("post_logout_redirect_uris", "https://shop.example/bye"),
    ];
    let page = agent.post(&path, &post).await;
    assert_eq!(page.location(), Some(format!("{path}?done=saved")));
    let page = agent.open(&format!("{path}?done=saved")).await;
    assert!(page.text().contains("Saved."), "{}", page.text());
    let access =
        [("csrf", &*csrf), ("part", "access"), ("grant", "authorization_code"), ("scope", "openid email")];
    assert_eq!(agent.post(&path, &access).await.answer.status, 303);
    let lifetimes =
        [("csrf", &*csrf), ("part", "lifetimes"), ("access_lifetime", "600"), ("refresh_lifetime", "86400")];
    assert_eq!(agent.post(&path, &lifetimes).await.answer.status, 303);
    let after = manage_in(&server, &tenant, ("GET", api), &Value::Null).await.json();
    assert_eq!(
        after["redirect_uris"],
        serde_json::json!(["https://shop.example/a", "https://shop.example/b"])
    );
    assert_eq!(after["grant_types"], serde_json::json!(["authorization_code"]));
    assert_eq!(after["scope"], "openid email");
    assert_eq!(after["client_name"], before["client_name"]);
    let bad =
        [("csrf", &*csrf), ("part", "lifetimes"), ("access_lifetime", "soon"), ("refresh_lifetime", "86400")];
    let page = agent.post(&path, &bad).await;
    assert_eq!(page.answer.status, 400);
    assert!(page.text().contains("id=\"access_lifetime_problem\"") && page.text().contains("value=\"soon\""));
    let off = agent.post(&format!("{path}/state"), &[("csrf", &*csrf), ("to", "off")]).await;
    assert_eq!(off.location(), Some(format!("{path}?done=off")));
    let page = agent.get(&at(&tenant, &request("shop", &[]))).await;
    assert_eq!(page.answer.status, 400, "it is off");
}

/// "Why does this client fail?": what was sent against what is registered, and a button that takes it over, where it lies
/// on the same origin. What lies elsewhere, anybody may have sent.
#[tokio::test]
async fn a_client_says_why_it_fails_and_is_mended() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let client = website(&server, "shop").of(&tenant).create().await;
    let mut agent = administrator(&server, &tenant).await;
    let path = at(&tenant, &format!("/admin/clients/{}", client.id));
    let quiet = agent.get(&path).await;
    assert!(quiet.text().contains("Nothing was refused"), "{}", quiet.text());
    let mut somebody = Agent::new(&server);
    for uri in ["https://app.example/cb", "https://evil.example/cb"] {
        let asked = at(&tenant, &request("shop", &[("redirect_uri", uri)]));
        assert_eq!(somebody.get(&asked).await.answer.status, 400);
    }
    let wrong = Credential::basic("shop", "wrong");
    let _ = server
        .post(&at(&tenant, "/oauth2/token"), wrong, &[("grant_type", "client_credentials")])
        .await
        .expect(401);
    let page = agent.get(&path).await;
    for words in [
        "Why does this client fail?",
        "The redirect address is not registered",
        "The credential is not the right one",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(page.text().contains("<mark>?from=writ</mark>"), "{}", page.text());
    assert_eq!(page.text().matches("Add this address").count(), 1);
    assert!(page.text().contains("name=\"redirect_uri\" value=\"https://app.example/cb\""));
    assert!(!page.text().contains("value=\"https://evil.example/cb\""), "{}", page.text());
    let list = agent.get(&at(&tenant, "/admin/clients")).await;
    assert!(list.text().contains("Failing"), "{}", list.text());
    let csrf = csrf(&mut agent, &tenant).await;
    let fields = [("csrf", &*csrf), ("part", "address"), ("redirect_uri", "https://app.example/cb")];
    assert_eq!(agent.post(&path, &fields).await.answer.status, 303);
    let asked = at(&tenant, &request("shop", &[("redirect_uri", "https://app.example/cb")]));
    assert_eq!(somebody.get(&asked).await.answer.status, 303, "it works now");
}

#[tokio::test]
async fn a_secret_is_changed_without_downtime() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let client = server.client("reports").of(&tenant).create().await;
    let mut agent = administrator(&server, &tenant).await;
    let path = at(&tenant, &format!("/admin/clients/{}/secret", client.id));
    let page = agent.get(&path).await;
    assert!(page.text().contains("How long does the old secret work on?"));
    let fields = [("csrf", hidden(&page, "csrf")), ("overlap", "3600".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let changed = agent.post(&path, &fields).await;
    assert_eq!(changed.answer.status, 200, "{}", changed.text());
    let new = shown(&changed, "secret");
    assert!(!server.access_token(&client).await.is_empty(), "the old one works on");
    assert!(!server.access_token(client.with_secret(&new)).await.is_empty());
    server.clock.advance(writ_core::time::Seconds(3601));
    let old = server.post("/oauth2/token", &client, &[("grant_type", "client_credentials")]).await;
    assert_eq!(old.status, 401);
    assert!(!server.access_token(client.with_secret(&new)).await.is_empty());
}

/// It says what ends, and wants the name: without it nothing is deleted.
#[tokio::test]
async fn a_client_is_deleted_by_its_name() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let client = server.client("reports").of(&tenant).create().await;
    let mut agent = administrator(&server, &tenant).await;
    let path = at(&tenant, &format!("/admin/clients/{}/delete", client.id));
    let page = agent.get(&path).await;
    assert!(page.text().contains("tokens stop working at once"), "{}", page.text());
    let csrf = hidden(&page, "csrf");
    let page = agent.post(&path, &[("csrf", &csrf), ("confirm", "report")]).await;
    assert_eq!(page.answer.status, 400);
    assert!(!server.access_token(&client).await.is_empty());
    let page = agent.post(&path, &[("csrf", &csrf), ("confirm", "reports")]).await;
    assert_eq!(page.location(), Some(at(&tenant, "/admin/clients?done=deleted")));
    let gone = server.post("/oauth2/token", &client, &[("grant_type", "client_credentials")]).await;
    assert_eq!(gone.status, 401);
    assert_eq!(records(&server, &tenant, "client.deleted").await.len(), 1);
}

/// A page of a list is a page: the rest is behind it, and what was searched for stays.
#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for number in 0..53 {
        let client = server.client(&format!("app-{number:02}")).of(&tenant).kind(ClientKind::Web);
        let _ =
            client.grants(&[GrantType::AuthorizationCode]).redirect("https://app.example/").create().await;
        server.clock.advance(writ_core::time::Seconds(1));
    }
    let mut agent = administrator(&server, &tenant).await;
    for (query, most) in [("", 50), ("?q=APP-", 50)] {
        let first = agent.get(&at(&tenant, &format!("/admin/clients{query}"))).await;
        assert_eq!(first.text().matches("<tr><th scope=\"row\">").count(), most, "{query}");
        let next = first.link("Next").replace("&#38;", "&");
        let second = agent.get(&next).await;
        assert_eq!(second.text().matches("<tr><th scope=\"row\">").count(), 3, "{next}");
        assert!(second.text().contains("app-00") && !second.text().contains("app-52"));
    }
    let one = agent.get(&at(&tenant, "/admin/clients?q=app-17")).await;
    assert_eq!(one.text().matches("<tr><th scope=\"row\">").count(), 1);
    let none = agent.get(&at(&tenant, "/admin/clients?q=%25")).await;
    assert!(none.text().contains("No client matches"), "a percent sign is a letter");
    // What can only be one thing leads there at once.
    let found = agent.open(&at(&tenant, "/admin/search?q=app-17")).await;
    assert!(found.path.contains("/admin/clients/"), "{}", found.path);
}

//! People on the console: what happened to one, and what is done about it. No script runs here.

use serde_json::json;
use writ_testkit::{Agent, TestServer};

use super::{administrator, csrf, person};
use crate::flow::{PASSWORD, at};
use crate::openid_connect::manage_in;

/// Somebody signs in, and gets it wrong once: both are in their timeline, and where they are signed in can be ended.
#[tokio::test]
async fn what_happened_to_somebody_is_seen_and_ended() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let bo = person(&server, &tenant, "bo", &[]).await;
    let mut theirs = Agent::new(&server);
    let page = theirs.open(&at(&tenant, "/account")).await;
    let page = theirs.submit(&page, &[("username", "bo"), ("password", "wrong")]).await;
    let page = theirs.submit(&page, &[("username", "bo"), ("password", PASSWORD)]).await;
    assert_eq!(page.answer.status, 200);
    let mut agent = administrator(&server, &tenant).await;
    let list = agent.get(&at(&tenant, "/admin/people?q=bo")).await;
    assert!(list.text().contains(&format!("/admin/people/{bo}")), "{}", list.text());
    let path = at(&tenant, &format!("/admin/people/{bo}"));
    let page = agent.get(&path).await;
    for words in ["Signed in", "A sign-in failed", "Signed in on"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let (_, rest) = page.text().split_once(&format!("action=\"{path}/sessions/")).expect("a session");
    let session = rest.split('"').next().unwrap_or_default().to_owned();
    let csrf = csrf(&mut agent, &tenant).await;
    let ended = agent.post(&format!("{path}/sessions/{session}"), &[("csrf", &csrf)]).await;
    assert_eq!(ended.location(), Some(format!("{path}?done=ended")));
    assert_eq!(theirs.get(&at(&tenant, "/account")).await.answer.status, 303, "they are signed out");
    let failures = agent.get(&format!("{path}?show=failures")).await;
    assert!(!failures.text().contains(">Signed in<"), "{}", failures.text());
}

#[tokio::test]
async fn somebody_is_locked_out_let_in_and_signed_out_everywhere() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let bo = person(&server, &tenant, "bo", &[]).await;
    let mut agent = administrator(&server, &tenant).await;
    let csrf = csrf(&mut agent, &tenant).await;
    let path = at(&tenant, &format!("/admin/people/{bo}"));
    for (rest, to, expected) in
        [("/state", "off", "locked"), ("/state", "on", "unlocked"), ("/everywhere", "", "everywhere")]
    {
        let mut theirs = Agent::new(&server);
        let page = theirs.open(&at(&tenant, "/account")).await;
        let page = theirs.submit(&page, &[("username", "bo"), ("password", PASSWORD)]).await;
        assert_eq!(page.answer.status, if to == "on" { 400 } else { 200 }, "{rest} {to}");
        let done = agent.post(&format!("{path}{rest}"), &[("csrf", &csrf), ("to", to)]).await;
        assert_eq!(done.location(), Some(format!("{path}?done={expected}")), "{}", done.text());
        assert_eq!(theirs.get(&at(&tenant, "/account")).await.answer.status, 303, "{expected}");
    }
    let log = format!("/api/v1/audit-logs?target={bo}");
    let log = manage_in(&server, &tenant, ("GET", &log), &json!(null)).await.expect(200).json();
    let by_console = |record: &&serde_json::Value| {
        record["details"]["through"] == "console" && record["actor"]["name"] == super::ADA
    };
    let records = log["audit_logs"].as_array().unwrap();
    assert!(records.iter().filter(by_console).count() >= 3, "{log}");
}

/// Whoever may change people is no match for somebody who may more.
#[tokio::test]
async fn nobody_touches_somebody_who_may_more() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let boss = person(&server, &tenant, "boss", &["admin"]).await;
    person(&server, &tenant, "help", &["users:read", "users:write"]).await;
    let mut agent = Agent::new(&server);
    let _ = super::enter(&mut agent, &tenant, ("help", "/admin")).await;
    let csrf = csrf(&mut agent, &tenant).await;
    for rest in ["/state", "/factors"] {
        let path = at(&tenant, &format!("/admin/people/{boss}{rest}"));
        let page = agent.post(&path, &[("csrf", &csrf), ("to", "off")]).await;
        assert_eq!(page.answer.status, 403, "{rest}: {}", page.text());
    }
}

/// The log: by person, by outcome, by what was done; and what another tenant did is not in it.
#[tokio::test]
async fn the_log_is_looked_through() {
    let server = TestServer::start().await;
    let (tenant, other) = (server.tenant("acme").await, server.tenant("other").await);
    person(&server, &tenant, "bo", &[]).await;
    person(&server, &other, "zoe", &[]).await;
    let mut agent = administrator(&server, &tenant).await;
    let all = agent.get(&at(&tenant, "/admin/activity")).await;
    assert!(all.text().contains("user.created") && !all.text().contains("zoe"), "{}", all.text());
    let one =
        agent.get(&at(&tenant, "/admin/activity?q=ada%40northlight.example&action=session.started")).await;
    assert!(one.text().contains("session.started") && !one.text().contains("user.created"), "{}", one.text());
    let none = agent.get(&at(&tenant, "/admin/activity?outcome=failure")).await;
    assert!(none.text().contains("Nothing in the log matches"), "{}", none.text());
}

//! The consent page: what a person leaves ticked is what the application gets, and no more.

use writ_testkit::{Agent, Page, TestServer};

use super::{PASSWORD, ada, redeem, request, sign_in, website};

const ALLOW: (&str, &str) = ("decision", "allow");

/// The consent page for a request of these scopes.
async fn asked(agent: &mut Agent<'_>, more: &[(&str, &str)]) -> Page {
    let page = agent.open(&request("site", more)).await;
    let page = if page.path.starts_with("/login") { sign_in(agent, &page).await } else { page };
    assert!(page.path.starts_with("/consent?") && page.answer.status == 200, "{}", page.text());
    page
}

async fn granted(server: &TestServer, client: &writ_testkit::TestClient, back: &Page) -> String {
    let body = redeem(server, client, &back.code()).await.expect(200).json();
    body["scope"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_left_ticked_is_what_is_given() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let scope = ("scope", "openid profile email read");
    let page = asked(&mut agent, &[scope]).await;
    for name in ["scope.profile", "scope.email", "scope.read"] {
        assert!(page.form().has(name), "{name}: {}", page.text());
    }
    assert!(!page.form().has("scope.openid"), "it cannot be left out");
    assert!(page.text().contains("Sign you in and know who you are"), "but it is shown");
    let back = agent.untick(&page, &["scope.email"], ALLOW).await;
    assert_eq!(granted(&server, &client, &back).await, "openid profile read");

    // What was left out is asked for again; the rest is not.
    let again = asked(&mut agent, &[scope]).await;
    assert!(again.form().has("scope.email"));
    let silent = agent.get(&request("site", &[("scope", "openid profile read"), ("prompt", "none")])).await;
    assert_eq!(granted(&server, &client, &silent).await, "openid profile read");
    let none = agent.get(&request("site", &[scope, ("prompt", "none")])).await;
    assert_eq!(none.sent()["error"], "consent_required");
    // Untouched, the form agrees to all.
    let back = agent.send_form(&again, &[ALLOW]).await;
    assert_eq!(granted(&server, &client, &back).await, "openid profile email read");
    assert!(agent.get(&request("site", &[scope, ("prompt", "none")])).await.sent().contains_key("code"));
}

/// The answer that waits for the browser is no wider than what was ticked, either.
#[tokio::test]
async fn a_posted_answer_has_what_was_ticked() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = asked(&mut agent, &[("scope", "openid read write"), ("response_mode", "form_post")]).await;
    let decided = agent.untick(&page, &["scope.write"], ALLOW).await;
    let form = agent.follow(decided).await.form();
    let (_, code) = form.fields.iter().find(|(name, _)| name == "code").unwrap();
    let body = redeem(&server, &client, code).await.expect(200).json();
    assert_eq!(body["scope"], "openid read");
}

/// A form without boxes says yes to all; one whose boxes are all empty does not.
#[tokio::test]
async fn no_box_is_not_an_empty_box() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let scope = ("scope", "openid read write");
    let page = asked(&mut agent, &[scope]).await;
    let boxes: Vec<_> = page.form().fields.into_iter().map(|(name, _)| name).collect();
    let boxes: Vec<_> = boxes.iter().map(String::as_str).filter(|name| *name != "csrf").collect();
    assert_eq!(boxes, ["boxes", "scope.read", "scope.write"]);
    let back = agent.untick(&page, &boxes, ALLOW).await;
    assert_eq!(granted(&server, &client, &back).await, "openid read write");

    let page = asked(&mut agent, &[scope, ("prompt", "consent")]).await;
    let back = agent.untick(&page, &["scope.read", "scope.write"], ALLOW).await;
    assert_eq!(granted(&server, &client, &back).await, "openid", "that is left where it was asked for");
}

#[tokio::test]
async fn a_yes_to_nothing_is_asked_again_and_loses_nothing() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = asked(&mut agent, &[("scope", "read write"), ("nonce", "")]).await;
    let again = agent.untick(&page, &["scope.read", "scope.write"], ALLOW).await;
    assert_eq!(again.answer.status, 400);
    assert!(again.text().contains("Nothing is ticked."), "{}", again.text());
    assert!(again.text().contains("role=\"alert\"") && again.text().contains("aria-describedby=\"problem\""));
    let form = again.form();
    assert!(!form.has("scope.read") && !form.has("scope.write"), "{:?}", form.fields);
    let back = agent.send_form(&again, &[ALLOW, ("scope.read", "yes")]).await;
    assert_eq!(granted(&server, &client, &back).await, "read");
    // To say no, nothing has to be ticked.
    let page = asked(&mut agent, &[("scope", "read write"), ("nonce", "")]).await;
    let back = agent.untick(&page, &["scope.read", "scope.write"], ("decision", "deny")).await;
    assert_eq!(back.sent()["error"], "access_denied");
}

#[tokio::test]
async fn what_was_not_asked_for_cannot_be_ticked() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = asked(&mut agent, &[("scope", "openid read")]).await;
    for more in ["scope.write", "scope.", "scope.read write", "scope.READ"] {
        let refused = agent.send_form(&page, &[ALLOW, (more, "yes")]).await;
        assert_eq!((refused.answer.status, refused.location()), (400, None), "{more}");
        assert!(refused.text().contains("Request refused"), "{more}: {}", refused.text());
    }
    let back = agent.send_form(&page, &[ALLOW]).await;
    assert_eq!(granted(&server, &client, &back).await, "openid read", "and nothing was decided by it");
}

/// The form is good as long as the same person is signed in. That of somebody else does nothing, and its ticks are where
/// they were.
#[tokio::test]
async fn a_form_that_is_too_old_keeps_its_ticks() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = asked(&mut agent, &[("scope", "openid read write")]).await;
    let login = agent.open(&request("site", &[("prompt", "login")])).await;
    sign_in(&mut agent, &login).await;
    server.user(&server.default_tenant(), "bob", PASSWORD).await;
    let login = agent.open(&request("site", &[("prompt", "login")])).await;
    agent.submit(&login, &[("username", "bob"), ("password", PASSWORD)]).await;
    let again = agent.untick(&page, &["scope.write"], ALLOW).await;
    assert_eq!(again.answer.status, 400);
    assert!(again.text().contains("Please try again."), "{}", again.text());
    assert!(again.text().contains("<bdi>bob</bdi>"), "{}", again.text());
    assert!(again.form().has("scope.read") && !again.form().has("scope.write"));
    let back = agent.send_form(&again, &[ALLOW]).await;
    assert_eq!(granted(&server, &client, &back).await, "openid read");
}

/// A request may have a hundred scopes, and each has its box.
#[tokio::test]
async fn a_hundred_scopes_have_a_hundred_boxes() {
    let server = TestServer::start().await;
    ada(&server).await;
    let names: Vec<_> = (1..=100).map(|number| format!("scope-{number}:{}", "x".repeat(100))).collect();
    let scope = names.join(" ");
    let client = website(&server, "site").scope(&scope).create().await;
    let mut agent = Agent::new(&server);
    // Asked for by asking for nothing.
    let page = asked(&mut agent, &[("scope", ""), ("nonce", "")]).await;
    let last = format!("scope.{}", names[99]);
    let back = agent.untick(&page, &[&last], ALLOW).await;
    assert_eq!(granted(&server, &client, &back).await, names[..99].join(" "));
}

/// Whoever signs in once more in another window is the same person: the form that they were shown stays good.
#[tokio::test]
async fn a_form_outlives_another_sign_in_of_its_person() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = asked(&mut agent, &[("scope", "openid read write")]).await;
    let login = agent.open(&request("site", &[("prompt", "login")])).await;
    sign_in(&mut agent, &login).await;
    let back = agent.untick(&page, &["scope.write"], ALLOW).await;
    assert_eq!(granted(&server, &client, &back).await, "openid read");
}

/// Nobody reads a code: what is asked for stands there in words, with what would be told today; what is long is folded,
/// and agreed to with the rest.
#[tokio::test]
async fn people_read_words_and_what_will_be_told() {
    let server = TestServer::start().await;
    ada(&server).await;
    server.sql(
        "UPDATE users SET name = 'Ada <b>', claims = '{\"birthdate\":\"1815-12-10\",\"address\":{\"locality\":\"London\",\"country\":\"UK\"}}' \
         WHERE username = 'ada@example.org'",
        [],
    );
    let more = ["orders:list", "orders:write", "orders.notes", "https://api.example/auth/drive.readonly"];
    let all = format!("openid profile email address phone users:read {}", more.join(" "));
    let client = website(&server, "site").scope(&all).create().await;
    let mut agent = Agent::new(&server);
    let page = asked(&mut agent, &[("scope", &all)]).await;
    let text = page.text();
    for words in [
        "<bdi>Ada &#60;b&#62;</bdi> · <bdi>ada@example.org</bdi> · <bdi>1815-12-10</bdi>",
        "<bdi>London, UK</bdi>",
        "Not in your account yet",
        "<bdi>Orders notes</bdi>",
        "<bdi>Drive readonly</bdi>",
        "4 more permissions",
        "You will return to <strong class=\"any\"><bdi dir=\"ltr\">app.example</bdi></strong>",
        "Added by <bdi>",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let seen = text
        .split("scope.")
        .fold(String::new(), |seen, part| seen + part.split_once('"').map_or(part, |(_, rest)| rest));
    for code in ["users:read", "orders:write", "api.example", "app.example/cb"] {
        assert!(!seen.contains(code), "{code}: {seen}");
    }
    // What Writ itself would be asked for comes first, and is never folded.
    let at = |text: &str| page.text().find(text).unwrap();
    assert!(at("Read users and roles") < at("See your email address"));
    let back = agent.untick(&page, &["scope.orders.notes"], ALLOW).await;
    let given = granted(&server, &client, &back).await;
    assert!(!given.contains("orders.notes") && given.contains("orders:list"), "{given}");
}

/// A page says who has registered an application, and leads to its own pages.
#[tokio::test]
async fn it_says_where_an_application_comes_from() {
    let server = TestServer::start().await;
    ada(&server).await;
    let _ = website(&server, "site").create().await;
    server.sql(
        "UPDATE client_registrations SET client_uri = 'https://fieldnotes.example/about', \
         metadata = '{\"policy_uri\":\"https://fieldnotes.example/privacy\"}' WHERE client_id = (SELECT id FROM clients WHERE client_id = 'site')",
        [],
    );
    let mut agent = Agent::new(&server);
    let page = asked(&mut agent, &[("scope", "openid email")]).await;
    for words in [
        "href=\"https://fieldnotes.example/about\" target=\"_blank\" rel=\"noopener noreferrer\"><bdi dir=\"ltr\">fieldnotes.example</bdi>",
        "href=\"https://fieldnotes.example/privacy\"",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(!page.text().contains("registered itself"));
}

/// However much is asked for beside it, a permission of Writ's own stands where it is read, and never below the fold.
#[tokio::test]
async fn a_permission_is_never_folded() {
    let server = TestServer::start().await;
    ada(&server).await;
    website(&server, "site").scope("openid profile users:read users:write orders:read").create().await;
    let mut agent = Agent::new(&server);
    let single =
        ["given_name", "family_name", "nickname", "website", "gender", "birthdate", "zoneinfo", "locale"];
    let claims: serde_json::Value =
        single.iter().map(|name| ((*name).to_owned(), serde_json::Value::Null)).collect();
    let claims = serde_json::json!({ "userinfo": claims }).to_string();
    let page = asked(
        &mut agent,
        &[("scope", "openid users:read users:write orders:read"), ("claims", &claims), ("prompt", "consent")],
    )
    .await;
    let text = page.text();
    let (open, folded) =
        text.split_once("<details class=\"more\"").expect("much is asked for, and some is folded");
    for name in ["scope.users:read", "scope.users:write"] {
        assert!(open.contains(name) && !folded.contains(name), "{name}: {text}");
    }
    assert!(folded.contains("scope.orders:read"), "{text}");
}

//! The sign-in and consent pages: whom they are for, and what they let happen once.

use http::Request;
use writ_core::client::WebUri;
use writ_core::settings::TenantSettings;
use writ_core::time::Seconds;
use writ_testkit::{Agent, TestServer, form};

use super::{PASSWORD, Pairs, ada, code, request, sign_in, website};

#[tokio::test]
async fn unknown_and_wrong_look_the_same() {
    let server = TestServer::start().await;
    ada(&server).await;
    website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("site", &[])).await;
    let mut texts = Vec::new();
    for (name, password) in
        [("ada@example.org", "wrong"), ("nobody@example.org", "wrong"), ("ada@example.org", "")]
    {
        let again = agent.send_form(&page, &[("username", name), ("password", password)]).await;
        assert_eq!(again.answer.status, 400);
        assert!(again.text().contains("Sign in") && again.location().is_none());
        // What a passkey would sign is another one on each page, whoever it is shown to.
        let (before, rest) = again.text().split_once(" data-options=\"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        texts.push(format!("{before}{after}").replace(name, ""));
    }
    assert!(texts.iter().all(|text| *text == texts[0]));
    let consent = sign_in(&mut agent, &page).await;
    assert!(consent.path.starts_with("/consent"), "the challenge is still open");
}

/// Session fixation: whoever knew the cookie before is not signed in afterwards.
#[tokio::test]
async fn the_cookie_changes_with_the_sign_in() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "own").first_party().create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("own", &[])).await;
    let set = page.answer.all("set-cookie");
    assert!(set.is_empty(), "it was set with the redirect");
    let mut thief = agent.copy();
    let before = agent.cookies();
    assert!(before.starts_with("__Host-writ=wb_"), "{before}");
    sign_in(&mut agent, &page).await;
    assert_ne!(agent.cookies(), before);
    let page = thief.open(&request("own", &[])).await;
    assert!(page.path.starts_with("/login"), "{}", page.path);
    // And again when somebody signs in anew.
    let before = agent.cookies();
    code(&mut agent, &client, &[("prompt", "login")]).await.code();
    assert_ne!(agent.cookies(), before);
}

#[tokio::test]
async fn the_cookie_is_for_this_host_alone() {
    let server = TestServer::start().await;
    website(&server, "site").create().await;
    let answer = server.get(&request("site", &[])).await.expect(303);
    let cookie = answer.header("set-cookie");
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let local = TestServer::builder().base("http://127.0.0.1:8080").start().await;
    website(&local, "site").create().await;
    let answer = local.get(&request("site", &[])).await.expect(303);
    assert!(answer.header("set-cookie").starts_with("writ=wb_"), "{}", answer.header("set-cookie"));
    assert!(!answer.header("set-cookie").contains("Secure"));
}

/// A form counts only from the page that this browser was shown.
#[tokio::test]
async fn forms_of_others_do_nothing() {
    let server = TestServer::start().await;
    ada(&server).await;
    website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("site", &[])).await;
    let shown = page.form();
    let csrf = shown.fields.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
    let post = async |cookie: &str, csrf: &str, headers: &[(&str, &str)]| {
        let fields = [("username", "ada@example.org"), ("password", PASSWORD), ("csrf", csrf)];
        let mut request = Request::post(&shown.action)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        server.request(request.body(form(&fields)).unwrap()).await
    };
    let cookie = agent.cookies();
    let mut other = Agent::new(&server);
    let theirs = other.open(&request("site", &[])).await.form().fields[0].1.clone();
    let cases: [(&str, &str, Pairs<'_>); 6] = [
        ("no token", "", &[]),
        ("another browser's token", &theirs, &[]),
        ("from another site", &csrf, &[("sec-fetch-site", "cross-site")]),
        ("from a neighbour", &csrf, &[("sec-fetch-site", "same-site")]),
        ("another origin", &csrf, &[("origin", "https://evil.example")]),
        ("no origin that could be told", &csrf, &[("origin", "null")]),
    ];
    for (name, token, headers) in cases {
        let answer = post(&cookie, token, headers).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (400, ""), "{name}: {}", answer.text());
    }
    let answer = post(&other.cookies(), &theirs, &[]).await;
    assert_eq!(answer.status, 400, "a challenge belongs to one browser");
    assert!(answer.text().contains("Request refused"));
    assert_eq!(
        post(&cookie, &csrf, &[]).await.status,
        303,
        "old browsers say nothing of where they come from"
    );
}

#[tokio::test]
async fn a_challenge_is_decided_once_and_for_ten_minutes() {
    let server = TestServer::start().await;
    ada(&server).await;
    website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("site", &[])).await;
    let consent = sign_in(&mut agent, &page).await;
    let mut second = agent.copy();
    agent.send_form(&consent, &[("decision", "maybe")]).await;
    let back = agent.send_form(&consent, &[("decision", "deny")]).await;
    let sent = back.sent();
    assert_eq!(
        (&*sent["error"], &*sent["state"], &*sent["iss"]),
        ("access_denied", "a state+&=", "https://id.example")
    );
    // The same form again has the same outcome for a moment; another one has none.
    let twice = second.send_form(&consent, &[("decision", "deny")]).await;
    assert_eq!(twice.location(), back.location());
    let other = second.send_form(&consent, &[("decision", "allow")]).await;
    assert_eq!(other.answer.status, 400, "{}", other.text());
    server.clock.advance(Seconds(10));
    for decision in ["allow", "deny"] {
        let again = second.send_form(&consent, &[("decision", decision)]).await;
        assert_eq!(again.answer.status, 400, "{}", again.text());
        assert!(again.text().contains("Request refused"));
    }
    let page = agent.open(&request("site", &[("prompt", "login")])).await;
    server.clock.advance(Seconds(600));
    let late = agent.send_form(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
    assert_eq!(late.answer.status, 400);
    for text in ["ch_0000000000000000000000", "ch_", "x", ""] {
        assert_eq!(agent.get(&format!("/login?login_challenge={text}")).await.answer.status, 400);
        assert_eq!(agent.get(&format!("/consent?login_challenge={text}")).await.answer.status, 400);
    }
}

#[tokio::test]
async fn a_sign_in_ends_by_itself() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "own").first_party().create().await;
    let mut agent = Agent::new(&server);
    code(&mut agent, &client, &[]).await.code();
    let is_signed_in = async |agent: &mut Agent<'_>| {
        agent.get(&request("own", &[("prompt", "none")])).await.sent().contains_key("code")
    };
    let idle = TenantSettings::default().session_idle;
    server.clock.advance(Seconds(idle.0 - 1));
    assert!(is_signed_in(&mut agent).await);
    server.clock.advance(Seconds(1));
    assert!(!is_signed_in(&mut agent).await, "that it was looked at is written some seconds later");
}

/// A tenant's own pages get the same challenge.
#[tokio::test]
async fn a_tenant_may_have_pages_of_its_own() {
    let server = TestServer::start().await;
    let settings = TenantSettings {
        login_url: Some(WebUri::parse("https://login.example/in?theme=dark").unwrap()),
        consent_url: Some(WebUri::parse("https://login.example/agree").unwrap()),
        ..TenantSettings::default()
    };
    let tenant = server.tenant_with("own", settings).await;
    website(&server, "site").of(&tenant).create().await;
    let answer = server.get(&tenant.path(&request("site", &[]))).await.expect(303);
    let location = answer.header("location");
    assert!(location.starts_with("https://login.example/in?theme=dark&login_challenge=ch_"), "{location}");
}

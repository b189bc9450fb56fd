//! The ways that people really take: a wrong password, a second window, the back button, a page left open, an account
//! that has to be made first. Each page says how to go on.

use http::Request;
use writ_core::settings::{Switch, TenantSettings};
use writ_core::time::Seconds;
use writ_testkit::{Agent, Page, TestServer, TestTenant};

use super::{PASSWORD, ada, code, redeem, request, sign_in, website};

#[tokio::test]
async fn a_wrong_password_says_what_to_do() {
    let server = TestServer::start().await;
    ada(&server).await;
    website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("site", &[])).await;
    assert!(!page.text().contains("id=\"problem\"") && !page.text().contains("aria-describedby"));
    let again = agent.send_form(&page, &[("username", "ada@example.org"), ("password", "wrong")]).await;
    for part in [
        "class=\"note is-bad sm\" role=\"alert\" id=\"problem\"",
        "Check both, or set a new password.",
        "Forgot",
    ] {
        assert!(again.text().contains(part), "{part} in {}", again.text());
    }
    assert_eq!(again.text().matches("aria-describedby=\"problem\"").count(), 2);
    assert!(again.form().fields.contains(&("username".into(), "ada@example.org".into())), "the name stays");
    assert!(sign_in(&mut agent, &again).await.path.starts_with("/consent"));
}

/// Two windows wait for the same person.
#[tokio::test]
async fn a_second_window_goes_on_with_the_sign_in_of_the_first() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").first_party().create().await;
    let mut agent = Agent::new(&server);
    let first = agent.open(&request("site", &[("state", "first")])).await;
    let second = agent.open(&request("site", &[("state", "second")])).await;
    assert!(!second.text().contains("You are signed in"));
    assert_eq!(sign_in(&mut agent, &first).await.sent()["state"], "first");
    let reloaded = agent.get(&second.path).await;
    let back = agent.open(&reloaded.link("Continue as ada@example.org")).await;
    assert_eq!(back.sent()["state"], "second");
    let _ = redeem(&server, &client, &back.code()).await.expect(200);
    server.clock.advance(Seconds(1));
    // Whoever has to sign in once more is not offered to go on without.
    let login = agent.open(&request("site", &[("prompt", "login")])).await;
    assert!(login.path.starts_with("/login") && !login.text().contains("You are signed in"));
}

#[tokio::test]
async fn somebody_else_may_sign_in_at_the_consent_page() {
    let server = TestServer::start().await;
    ada(&server).await;
    server.user(&server.default_tenant(), "bob", "another long password").await;
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&request("site", &[("scope", "openid profile")])).await;
    let consent = sign_in(&mut agent, &page).await;
    let login = agent.open(&consent.link("Use another account")).await;
    let consent = agent.submit(&login, &[("username", "bob"), ("password", "another long password")]).await;
    assert!(consent.text().contains("signed in as <strong><bdi>bob</bdi></strong>"), "{}", consent.text());
    let back = agent.send_form(&consent, &[("decision", "allow")]).await;
    let token = redeem(&server, &client, &back.code()).await.expect(200).json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let ask = Request::get("/oauth2/userinfo").header("authorization", bearer).body("").unwrap();
    assert_eq!(server.request(ask).await.expect(200).json()["preferred_username"], "bob");
}

/// The back button after the answer has left.
#[tokio::test]
async fn what_was_answered_says_where_to_go_on() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "site").create().await;
    server.sql(
        "UPDATE client_registrations SET client_uri = 'https://app.example/' WHERE client_id = ?1",
        [client.id.to_bytes().to_vec()],
    );
    let mut agent = Agent::new(&server);
    let login = agent.open(&request("site", &[])).await;
    let consent = sign_in(&mut agent, &login).await;
    let back = agent.send_form(&consent, &[("decision", "allow")]).await;
    assert!(!back.code().is_empty());
    for path in [&consent.path, &login.path] {
        let page = agent.open(path).await;
        assert_eq!(page.answer.status, 400);
        is_over(&page, "You have answered site already");
        assert_eq!(page.link("To site"), "https://app.example/");
    }
    // The same form again, at once: a double click, or the answer was lost.
    let again = agent.send_form(&consent, &[("decision", "allow")]).await;
    assert_eq!(again.location(), back.location());
    let _ = redeem(&server, &client, &back.code()).await.expect(200);
    for (page, fields) in [
        (&consent, [("decision", "allow"), ("x", "")]),
        (&login, [("username", "ada@example.org"), ("password", PASSWORD)]),
    ] {
        let again = agent.submit(page, &fields).await;
        assert_eq!(again.answer.status, 400);
        is_over(&again, "You have answered site already");
    }
    // Nobody else hears of it.
    let elsewhere = Agent::new(&server).open(&consent.path).await;
    assert!(
        elsewhere.text().contains("it was begun in another browser") && !elsewhere.text().contains("site")
    );
}

#[tokio::test]
async fn what_took_too_long_says_so() {
    let server = TestServer::start().await;
    ada(&server).await;
    website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let login = agent.open(&request("site", &[])).await;
    let consent = sign_in(&mut agent, &login).await;
    server.clock.advance(Seconds(600));
    for page in [&login, &consent] {
        is_over(&agent.open(&page.path).await, "within 10 minutes");
    }
    let late = agent.send_form(&consent, &[("decision", "allow")]).await;
    assert_eq!(late.answer.status, 400);
    is_over(&late, "within 10 minutes");
}

#[track_caller]
fn is_over(page: &Page, why: &str) {
    let text = page.text();
    for part in ["<h1>Request refused</h1>", why, "<h2>What to do</h2>", "sign in there again"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

/// A tenant where people register themselves.
async fn open_tenant(server: &TestServer) -> TestTenant {
    let settings = TenantSettings { self_registration: Switch::On, ..TenantSettings::default() };
    server.tenant_with("acme", settings).await
}

#[tokio::test]
async fn whoever_registers_comes_back_to_the_application() {
    let server = TestServer::start().await;
    let tenant = open_tenant(&server).await;
    website(&server, "site").of(&tenant).create().await;
    website(&server, "closed").create().await;
    let mut agent = Agent::new(&server);
    let closed = agent.open(&request("closed", &[])).await;
    assert!(!closed.text().contains("Register"), "only where people may");
    let login = agent.open(&tenant.path(&request("site", &[]))).await;
    let register = agent.open(&login.link("Register")).await;
    assert_eq!(register.challenge(), login.challenge());
    assert_eq!(register.link("Sign in"), login.path);
    let fill = [("username", "eve@example.com"), ("password", "abc")];
    let again = agent.submit(&register, &fill).await;
    assert_eq!((again.answer.status, again.link("Sign in")), (400, login.path.clone()));
    let done = agent.submit(&again, &[("username", "eve@example.com"), ("password", PASSWORD)]).await;
    assert!(done.text().contains("Welcome"), "{}", done.text());
    assert_eq!(done.link("Go on to site"), login.path);
    let page = agent.open(&login.path).await;
    let consent = agent.submit(&page, &[("username", "eve@example.com"), ("password", PASSWORD)]).await;
    let back = agent.send_form(&consent, &[("decision", "allow")]).await;
    assert!(!back.code().is_empty());
    assert_eq!(back.sent()["iss"], tenant.issuer);

    // The letter's link leads on as long as the request waits, and in no other browser.
    let page = agent.open(&tenant.path(&request("site", &[("prompt", "login")]))).await;
    let register = agent.open(&page.link("Register")).await;
    agent.submit(&register, &[("username", "joe@example.com"), ("password", PASSWORD)]).await;
    let letters = server.letters().await;
    let letter = letters.iter().find(|letter| letter.to.as_deref() == Some("joe@example.com"));
    let link = letter.and_then(|letter| letter.link.clone()).unwrap();
    let link = link.strip_prefix(&server.base).unwrap();
    let verify = agent.open(link).await;
    let done = agent.submit(&verify, &[]).await;
    assert!(done.text().contains("is confirmed"), "{}", done.text());
    assert_eq!(done.link("Go on to site"), page.path);
    let elsewhere = Agent::new(&server).open(&done.path).await;
    assert!(elsewhere.text().contains("is confirmed") && !elsewhere.text().contains("Go on to"));
    server.clock.advance(Seconds(600));
    assert!(!agent.open(&done.path).await.text().contains("Go on to"));
}

#[tokio::test]
async fn whoever_forgot_their_password_comes_back_to_the_application() {
    let server = TestServer::start().await;
    ada(&server).await;
    server.sql("UPDATE users SET email = username WHERE username = ?1", ["ada@example.org"]);
    let client = website(&server, "site").create().await;
    let mut agent = Agent::new(&server);
    let login = agent.open(&request("site", &[])).await;
    let reset = agent.open(&login.link("Forgot your password?")).await;
    assert_eq!(reset.link("Back to signing in"), login.path);
    let sent = agent.submit(&reset, &[("username", "ada@example.org")]).await;
    assert!(sent.text().contains("Check your email"), "{}", sent.text());
    let link = server.letters().await[0].link.clone().unwrap();
    let form = agent.open(link.strip_prefix(&server.base).unwrap()).await;
    let weak = agent.submit(&form, &[("new_password", "12345678")]).await;
    assert!(weak.text().contains("This password is too easy to guess."), "{}", weak.text());
    let done = agent.submit(&weak, &[("new_password", "another good passphrase")]).await;
    assert!(done.text().contains("Your new password is set"), "{}", done.text());
    let page = agent.open(&done.link("Go on to site")).await;
    let fill = [("username", "ada@example.org"), ("password", "another good passphrase")];
    let consent = agent.submit(&page, &fill).await;
    let back = agent.send_form(&consent, &[("decision", "allow")]).await;
    let _ = redeem(&server, &client, &back.code()).await.expect(200);
    assert_eq!(page.challenge(), login.challenge());
}

/// Nothing gets into a letter that is not a challenge.
#[tokio::test]
async fn letters_carry_no_text_of_strangers() {
    let server = TestServer::start().await;
    let tenant = open_tenant(&server).await;
    let mut agent = Agent::new(&server);
    for text in ["ch_https://evil.example", "ch_<b>", "https://evil.example", "ch_0000000000000000000000%26x"]
    {
        let path =
            tenant.path(&format!("/register?login_challenge={}", writ_core::form::encode_component(text)));
        let page = agent.open(&path).await;
        assert!(page.form().action.ends_with("/register"), "{}", page.form().action);
        let name = format!("{}@example.com", text.len());
        agent.post(&path, &[("username", &name), ("password", PASSWORD)]).await;
    }
    let letters = server.letters().await;
    assert_eq!(letters.len(), 4);
    for letter in letters {
        let all = format!("{:?}", letter.link) + &letter.text + &letter.html;
        assert!(!all.contains("evil") && !all.contains("login_challenge"), "{all}");
    }
    let client = website(&server, "site").first_party().create().await;
    ada(&server).await;
    assert!(!code(&mut agent, &client, &[]).await.code().is_empty());
}

//! The pages of people without a session, and the mailbox of whoever develops.

use http::Request;
use writ_core::settings::{Switch, TenantSettings};
use writ_core::time::Seconds;
use writ_server::edge::shares::Share;
use writ_testkit::{Answer, TestServer, TestTenant, form};

async fn post(server: &TestServer, path: &str, pairs: &[(&str, &str)]) -> Answer {
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    server.request(request.body(form(pairs)).unwrap()).await
}

/// What every page with a form keeps.
#[track_caller]
fn is_a_safe_form(answer: &Answer) {
    let policy = answer.header("content-security-policy");
    for directive in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"]
    {
        assert!(policy.contains(directive), "{policy}");
    }
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    let body = answer.without_scripts();
    assert!(policy.contains("style-src 'self';"), "{policy}");
    for forbidden in ["<script", "javascript:", " onclick", " style=\"", "<style", "<iframe"] {
        assert!(!body.contains(forbidden), "{forbidden}");
    }
    for input in body.split("<input ").skip(1) {
        let input = input.split('>').next().unwrap_or_default();
        assert!(input.contains("type=\"hidden\"") || input.contains("autocomplete="), "{input}");
        if let Some(id) = input.strip_prefix("id=\"").and_then(|rest| rest.split('"').next()) {
            assert!(body.contains(&format!("<label for=\"{id}\">")), "{id}");
        }
    }
}

async fn given() -> (TestServer, TestTenant) {
    let server = TestServer::start().await;
    let settings = TenantSettings { self_registration: Switch::On, ..TenantSettings::default() };
    let tenant = server.tenant_with("acme", settings).await;
    server.user(&tenant, "alice", "a long enough password").await;
    server.sql("UPDATE users SET email = 'alice@example.com' WHERE username = ?1", ["alice"]);
    (server, tenant)
}

#[tokio::test]
async fn a_new_password_is_set_by_hand() {
    let (server, tenant) = given().await;
    let path = tenant.path("/reset-password");
    is_a_safe_form(&server.get(&path).await.expect(200));
    for name in ["alice", "nobody"] {
        let answer = post(&server, &path, &[("username", name)]).await.expect(303);
        assert_eq!(answer.header("location"), format!("{path}?sent=1"));
    }
    assert!(server.get(&format!("{path}?sent=1")).await.expect(200).text().contains("Check your email"));
    let link = server.letters().await[0].link.clone().unwrap();
    let link = link.strip_prefix(&server.base).unwrap();
    let token = server.newest_token().await;
    // Looking at a link, as mail scanners do, uses nothing up.
    for _ in 0..3 {
        let page = server.get(link).await.expect(200);
        is_a_safe_form(&page);
        assert!(page.text().contains("autocomplete=\"new-password\"") && page.text().contains(&token));
    }
    let weak = post(&server, &path, &[("token", &token), ("new_password", "12345678")]).await.expect(400);
    is_a_safe_form(&weak);
    assert!(weak.text().contains("This password is too easy to guess."), "{}", weak.text());
    let better = [("token", &*token), ("new_password", "another good passphrase")];
    let done = post(&server, &path, &better).await.expect(303);
    assert_eq!(done.header("location"), format!("{path}?done=1"));
    assert!(
        server.get(&format!("{path}?done=1")).await.expect(200).text().contains("Your new password is set")
    );
    // The form is sent twice, by a double click or because the first answer was lost: the same outcome, for a moment.
    let again = post(&server, &path, &better).await.expect(303);
    assert_eq!(again.header("location"), done.header("location"));
    let other = [("token", &*token), ("new_password", "yet another passphrase")];
    let refused = post(&server, &path, &other).await.expect(400);
    assert!(refused.text().contains("does not work any more"), "the same form, no other");
    server.clock.advance(Seconds(10));
    for dead in [server.get(link).await, post(&server, &path, &better).await] {
        assert!(dead.expect(400).text().contains("does not work any more"));
    }
}

#[tokio::test]
async fn an_address_is_verified_by_hand() {
    let (server, tenant) = given().await;
    let path = tenant.path("/register");
    let page = server.get(&path).await.expect(200);
    is_a_safe_form(&page);
    for name in ["username", "name", "password"] {
        assert!(page.text().contains(&format!("name=\"{name}\"")));
    }
    let bad = [("username", "a b"), ("name", "<b>"), ("password", "password")];
    let again = post(&server, &path, &bad).await.expect(400);
    is_a_safe_form(&again);
    for part in
        ["value=\"a b\"", "&#60;b&#62;", "An email address, or a name", "This password is too easy to guess."]
    {
        assert!(again.text().contains(part), "{part} in {}", again.text());
    }
    let good = [("username", "eve@example.com"), ("password", "correct horse battery staple")];
    for _ in 0..2 {
        let answer = post(&server, &path, &good).await.expect(303);
        assert_eq!(answer.header("location"), format!("{path}?done=1"));
    }
    let link = server.letters().await[0].link.clone().unwrap();
    let link = link.strip_prefix(&server.base).unwrap();
    is_a_safe_form(&server.get(link).await.expect(200));
    let token = link.split_once("?token=").unwrap().1;
    let verify = tenant.path("/verify-email");
    assert_eq!(
        post(&server, &verify, &[("token", token)]).await.expect(303).header("location"),
        format!("{verify}?done=1")
    );
    let again = post(&server, &verify, &[("token", token)]).await.expect(303);
    assert_eq!(again.header("location"), format!("{verify}?done=1"), "sent twice");
    server.clock.advance(Seconds(10));
    assert!(post(&server, &verify, &[("token", token)]).await.expect(400).text().contains("does not work"));
    assert!(server.get(&format!("{verify}?token=vfy_x")).await.expect(400).text().contains("does not work"));
    is_a_safe_form(&server.get(&verify).await.expect(200));
}

#[tokio::test]
async fn forms_of_other_sites_are_refused_and_closed_tenants_have_no_register_page() {
    let (server, tenant) = given().await;
    for page in ["/reset-password", "/verify-email", "/register"] {
        let request = Request::post(tenant.path(page))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "https://evil.example");
        let answer = server.request(request.body("username=alice".to_owned()).unwrap()).await.expect(403);
        assert!(answer.text().contains("another site"), "{}", answer.text());
    }
    assert!(server.letters().await.is_empty());
    let _ = server.get("/register").await.expect(404);
    let _ = post(&server, "/register", &[("username", "eve"), ("password", "x")]).await.expect(404);
    let _ = server.get("/t/nowhere/reset-password").await.expect(404);
    server.clock.advance(Seconds(1));
}

#[tokio::test]
async fn nobody_else_sees_the_mailbox() {
    let (server, _) = given().await;
    let _ = server.get("/dev/mailbox").await.expect(404);
    let server = TestServer::builder().base("http://localhost:8080").start().await;
    // The test's own peer is not this machine.
    let request = || Request::get("/dev/mailbox").header("host", "localhost:8080");
    let _ = server.request(request().body("").unwrap()).await.expect(404);
    let tenant = server.default_tenant();
    server.user(&tenant, "alice", "a long enough password").await;
    server.sql("UPDATE users SET email = 'alice@example.com' WHERE username = ?1", ["alice"]);
    let body = "{\"username\":\"alice\"}";
    let ask = Request::post("/api/v1/users/reset-password").header("content-type", "application/json");
    let _ = server.request(ask.body(body).unwrap()).await.expect(202);
    let here = |more: &[(&str, &str)]| {
        let mut request = request();
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        request.body("").unwrap()
    };
    let from_here = async |request| server.request_from("127.0.0.1", request).await;
    let list = from_here(here(&[])).await.expect(200);
    is_a_safe_form(&list);
    assert!(list.text().contains("alice@example.com"), "{}", list.text());
    let id = list.text().split("/dev/mailbox/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let letter =
        Request::get(format!("/dev/mailbox/{id}")).header("host", "127.0.0.1:8080").body("").unwrap();
    let letter = from_here(letter).await.expect(200);
    assert!(letter.text().contains(&server.newest_token().await), "{}", letter.text());
    for header in [
        ("x-forwarded-for", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1"),
        ("x-forwarded-host", "id.example"),
        ("via", "1.1 proxy"),
    ] {
        let _ = from_here(here(&[header])).await.expect(404);
    }
    let elsewhere = Request::get("/dev/mailbox").header("host", "id.example").body("").unwrap();
    let _ = from_here(elsewhere).await.expect(404);
}

/// Whoever has to wait finds the form as it was filled in, but for the password.
#[tokio::test]
async fn a_form_that_comes_too_often_keeps_what_was_typed() {
    let server = TestServer::builder().rate_limits().start().await;
    let settings = TenantSettings { self_registration: Switch::On, ..TenantSettings::default() };
    let open = server.tenant_with("acme", settings).await;
    server.user(&open, "alice", "a long enough password").await;
    server.sql("UPDATE users SET email = 'alice@example.com' WHERE username = ?1", ["alice"]);
    let _ = post(&server, &open.path("/reset-password"), &[("username", "alice")]).await.expect(303);
    let token = server.newest_token().await;
    let network = writ_core::network::Network::of("192.0.2.7".parse().unwrap());
    for (share, most) in [(Share::Registrations, 200), (Share::Links, 100)] {
        while server.app.shares.take(share, network, (1, most), writ_testkit::START).is_ok() {}
    }
    let secret = "something typed 4711";
    for (path, typed, kept) in [
        (
            "/register",
            &[("username", "eve@example.com"), ("name", "Eve <3"), ("password", secret)][..],
            &["value=\"eve@example.com\"", "value=\"Eve &#60;3\""][..],
        ),
        ("/reset-password", &[("username", "alice")], &["value=\"alice\""]),
        ("/verify-email", &[("username", "alice")], &["value=\"alice\""]),
        (
            "/reset-password",
            &[("token", &*token), ("new_password", secret)],
            &[&*format!("value=\"{token}\"")],
        ),
    ] {
        let again = post(&server, &open.path(path), typed).await.expect(429);
        assert!(!again.header("retry-after").is_empty(), "{path}");
        is_a_safe_form(&again);
        for part in kept {
            assert!(again.text().contains(part), "{path}: {part} in {}", again.text());
        }
        assert!(again.text().contains("from your network; wait a few minutes"), "{}", again.text());
        assert!(!again.text().contains(secret), "{path}: never the password");
    }
}

/// The page of the parts is there where the mailbox is. It has every part, in whatever look the address names, and takes
/// nothing from the address but a look.
#[tokio::test]
async fn developers_see_what_pages_are_made_of() {
    let (server, _) = given().await;
    let _ = server.get("/dev/components").await.expect(404);
    let server = TestServer::builder().base("http://localhost:8080").start().await;
    let at = |query: &str| {
        Request::get(format!("/dev/components{query}")).header("host", "localhost:8080").body("").unwrap()
    };
    let _ = server.request(at("")).await.expect(404);
    let plain = server.request_from("127.0.0.1", at("")).await.expect(200);
    for part in [
        "class=\"btn pri",
        "class=\"field\"",
        "class=\"sw\"",
        "class=\"note",
        "role-brand-ink",
        "data-level=\"4\"",
    ] {
        assert!(plain.without_scripts().contains(part), "{part}");
    }
    assert!(!plain.text().contains("<style"));
    let drawn =
        server.request_from("127.0.0.1", at("?brand_color=%230e4a3c&corners=3&hue=999&font=%3Cb%3E")).await;
    let drawn = drawn.expect(200);
    assert!(drawn.text().contains("<style>:root{--r:3px;--brand:#0e4a3c;"), "{}", drawn.text());
    assert!(!drawn.text().contains("999") && !drawn.text().contains("--font"), "{}", drawn.text());
}

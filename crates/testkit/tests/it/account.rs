//! `/account`: what people see and change of their own, in the first tenant and in another, and what nobody else can.

use http::Request;
use rstest::rstest;
use serde_json::Value;
use writ_testkit::{Agent, Answer, Page, TestClient, TestServer, TestTenant, form};

use super::flow::{CALLBACK, PASSWORD, VERIFIER, at, request, website};
use super::leaving::set;

const ADA: &str = "ada@example.org";
const ANOTHER: &str = "seven green umbrellas at noon";

async fn tenant(server: &TestServer, slug: &str) -> TestTenant {
    let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
    server.user(&tenant, ADA, PASSWORD).await;
    server.user(&tenant, "bob", PASSWORD).await;
    tenant
}

/// Signs somebody in to their account, by the page that the account leads to.
async fn enter(agent: &mut Agent<'_>, tenant: &TestTenant, name: &str) -> Page {
    let page = agent.open(&at(tenant, "/account")).await;
    assert!(page.path.starts_with(&at(tenant, "/account/sign-in")), "{}", page.path);
    let page = agent.submit(&page, &[("username", name), ("password", PASSWORD)]).await;
    assert_eq!((page.answer.status, &*page.path), (200, &*at(tenant, "/account")), "{}", page.text());
    page
}

/// What the forms of an account send back, as they were shown in this browser.
async fn csrf(agent: &mut Agent<'_>, tenant: &TestTenant) -> String {
    let page = agent.open(&at(tenant, "/account/profile")).await;
    button(&page, "csrf")
}

/// The value of a button with this name, the first on the page.
#[track_caller]
fn button(page: &Page, name: &str) -> String {
    let (_, rest) = page.text().split_once(&format!("name=\"{name}\" value=\"")).expect("a button");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Tokens of somebody who is signed in in this browser, for an application that they agree to.
async fn tokens(server: &TestServer, agent: &mut Agent<'_>, of: (&TestTenant, &TestClient)) -> Value {
    let (tenant, client) = of;
    let path = at(tenant, &request(&client.client_id, &[("scope", "openid profile offline_access")]));
    let page = agent.open(&path).await;
    let page = if page.path.contains("/consent") && page.location().is_none() {
        agent.submit(&page, &[("decision", "allow")]).await
    } else {
        page
    };
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &*page.code()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    server.post(&at(tenant, "/oauth2/token"), client, &pairs).await.expect(200).json()
}

async fn userinfo(server: &TestServer, tenant: &TestTenant, tokens: &Value) -> u16 {
    let token = tokens["access_token"].as_str().unwrap();
    let request =
        Request::get(at(tenant, "/oauth2/userinfo")).header("authorization", format!("Bearer {token}"));
    server.request(request.body(String::new()).unwrap()).await.status
}

#[track_caller]
fn is_a_safe_page(answer: &Answer) {
    let policy = answer.header("content-security-policy");
    for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action '"] {
        assert!(policy.contains(directive), "{policy}");
    }
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.without_scripts();
    for forbidden in ["<script", "javascript:", " onclick", " style=\"", "<style", "<iframe", "{ $", "code_"]
    {
        assert!(!body.contains(forbidden), "{forbidden}");
    }
    assert_eq!(body.matches("<h1").count(), 1);
}

#[rstest]
#[tokio::test]
async fn somebody_signs_in_to_their_account(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = tenant(&server, slug).await;
    let mut agent = Agent::new(&server);
    let page = agent.open(&at(&tenant, "/account/password")).await;
    assert_eq!(page.path, at(&tenant, "/account/sign-in?to=password"));
    let wrong = agent.submit(&page, &[("username", ADA), ("password", "no")]).await;
    assert_eq!(wrong.answer.status, 400);
    is_a_safe_page(&wrong.answer);
    assert!(wrong.text().contains(&format!("value=\"{ADA}\"")), "what was typed is kept");
    assert!(wrong.text().contains("The username or password is incorrect"), "{}", wrong.text());
    let page = agent.submit(&wrong, &[("username", ADA), ("password", PASSWORD)]).await;
    assert_eq!((page.answer.status, &*page.path), (200, &*at(&tenant, "/account/password")));
    for leaf in ["", "/profile", "/email", "/password", "/activity"] {
        let page = agent.open(&at(&tenant, &format!("/account{leaf}"))).await;
        assert_eq!(page.answer.status, 200, "{leaf}");
        is_a_safe_page(&page.answer);
    }
    let home = agent.open(&at(&tenant, "/account")).await;
    assert!(home.text().contains(ADA) && home.text().contains("This device"), "{}", home.text());
    // Whoever is signed in is not asked again, and the address leads to pages of the account alone.
    for to in ["//evil.example", "https://evil.example", "../x", "nothing"] {
        let page = agent.get(&at(&tenant, &format!("/account/sign-in?to={to}"))).await;
        assert_eq!(page.location(), Some(at(&tenant, "/account")), "{to}");
    }
}

/// The button of a slow form is pressed twice: the same sign-in.
#[tokio::test]
async fn a_form_that_comes_twice_signs_in_once() {
    let server = TestServer::start().await;
    let tenant = tenant(&server, "acme").await;
    let mut agent = Agent::new(&server);
    // A browser that has a cookie, as it has after any sign-in.
    enter(&mut agent, &tenant, "bob").await;
    let out = agent.open(&at(&tenant, "/logout")).await;
    agent.submit(&out, &[("decision", "logout")]).await;
    let page = agent.open(&at(&tenant, "/account")).await;
    let mut other = agent.copy();
    let fields = [("username", ADA), ("password", PASSWORD)];
    assert_eq!(agent.send_form(&page, &fields).await.location(), Some(at(&tenant, "/account")));
    assert_eq!(other.send_form(&page, &fields).await.location(), Some(at(&tenant, "/account")));
    assert_eq!(agent.cookie("__Host-writ"), other.cookie("__Host-writ"));
    assert_eq!(other.open(&at(&tenant, "/account")).await.answer.status, 200);
}

#[rstest]
#[tokio::test]
async fn a_new_password_needs_the_present_one_and_signs_out_everywhere_else(
    #[values("default", "acme")] slug: &str,
) {
    let server = TestServer::start().await;
    let tenant = tenant(&server, slug).await;
    let client = website(&server, "site").of(&tenant).create().await;
    let (mut here, mut there) = (Agent::new(&server), Agent::new(&server));
    enter(&mut here, &tenant, ADA).await;
    enter(&mut there, &tenant, ADA).await;
    let given = tokens(&server, &mut there, (&tenant, &client)).await;
    assert_eq!(userinfo(&server, &tenant, &given).await, 200);

    let page = here.open(&at(&tenant, "/account/password")).await;
    assert!(page.text().contains(&format!("value=\"{ADA}\" autocomplete=\"username\"")), "{}", page.text());
    for (current, new, said) in [
        ("wrong", ANOTHER, "This is not your current password."),
        ("", ANOTHER, "This is not your current password."),
        (PASSWORD, "12345678", "This password is too easy to guess. "),
    ] {
        let page = here.submit(&page, &[("current_password", current), ("password", new)]).await;
        assert_eq!(page.answer.status, 400, "{current} {new}");
        assert!(page.text().contains(said), "{}", page.text());
        assert!(!page.text().contains(new) && page.text().contains("aria-invalid=\"true\""));
    }
    assert_eq!(there.open(&at(&tenant, "/account")).await.path, at(&tenant, "/account"));
    let done = here.submit(&page, &[("current_password", PASSWORD), ("password", ANOTHER)]).await;
    assert_eq!(done.path, at(&tenant, "/account?done=password"), "{}", done.text());
    assert!(done.text().contains("Your password is changed."));
    assert_eq!(userinfo(&server, &tenant, &given).await, 401);
    assert!(there.open(&at(&tenant, "/account")).await.path.contains("/sign-in"));
    let page = there.open(&at(&tenant, "/account")).await;
    let old = there.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert_eq!(old.answer.status, 400);
    let new = there.submit(&page, &[("username", ADA), ("password", ANOTHER)]).await;
    assert_eq!(new.path, at(&tenant, "/account"));
}

#[rstest]
#[tokio::test]
async fn an_address_is_wished_for_and_the_wish_forgotten(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = tenant(&server, slug).await;
    let mut agent = Agent::new(&server);
    enter(&mut agent, &tenant, ADA).await;
    let page = agent.open(&at(&tenant, "/account/email")).await;
    let wrong = agent.submit(&page, &[("email", "not an address"), ("current_password", PASSWORD)]).await;
    assert_eq!(wrong.answer.status, 400);
    assert!(wrong.text().contains("value=\"not an address\""), "{}", wrong.text());
    let unproved = agent.submit(&page, &[("email", "new@example.org"), ("current_password", "no")]).await;
    assert!(unproved.text().contains("This is not your current password."), "{}", unproved.text());
    let sent = agent.submit(&page, &[("email", "new@example.org"), ("current_password", PASSWORD)]).await;
    assert_eq!(sent.path, at(&tenant, "/account?done=email"), "{}", sent.text());
    assert!(sent.text().contains("new@example.org") && sent.text().contains("Waits for you"));
    let letters = server.letters().await;
    assert!(letters.iter().any(|letter| letter.to.as_deref() == Some("new@example.org")), "{letters:?}");
    let page = agent.open(&at(&tenant, "/account/email")).await;
    let action = at(&tenant, "/account/email");
    let kept = agent.post(&action, &[("csrf", &button(&page, "csrf")), ("forget", "yes")]).await;
    assert_eq!(kept.location(), Some(at(&tenant, "/account?done=email-kept")));
    let home = agent.open(&at(&tenant, "/account")).await;
    assert!(!home.text().contains("new@example.org"), "{}", home.text());
}

#[rstest]
#[tokio::test]
async fn what_somebody_is_called_is_kept(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = tenant(&server, slug).await;
    let mut agent = Agent::new(&server);
    enter(&mut agent, &tenant, ADA).await;
    let page = agent.open(&at(&tenant, "/account/profile")).await;
    let wrong = agent.submit(&page, &[("name", "a\u{202e}b")]).await;
    assert_eq!(wrong.answer.status, 400, "{}", wrong.text());
    let done = agent.submit(&page, &[("name", "Ada <b>&amp;")]).await;
    assert_eq!(done.path, at(&tenant, "/account?done=name"));
    assert!(
        done.text().contains("Ada &#60;b&#62;&#38;amp;") && done.text().contains("Your profile is saved.")
    );
    let none = agent.submit(&page, &[("name", " ")]).await;
    assert_eq!(none.path, at(&tenant, "/account?done=name"));
    assert!(!none.text().contains("Ada &#60;b"));
    // Nothing is said there but what is known.
    let other = agent.open(&at(&tenant, "/account?done=Send%20money")).await;
    assert!(!other.text().contains("Send") && !other.text().contains("role=\"status\""));
}

/// A tenant says which claims its people fill in; UserInfo tells them, and the form takes no others.
#[rstest]
#[tokio::test]
async fn people_fill_in_what_their_tenant_wants(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = tenant(&server, slug).await;
    let mut agent = Agent::new(&server);
    enter(&mut agent, &tenant, ADA).await;
    let form = at(&tenant, "/account/profile");
    let page = agent.open(&form).await;
    for name in ["name", "given_name", "family_name"] {
        assert!(page.form().has(name), "{name}: {}", page.text());
    }
    assert!(!page.form().has("birthdate"), "{}", page.text());
    let wanted = ["given_name", "birthdate", "phone_number", "address.street_address", "address.locality"];
    set(&server, &tenant, serde_json::json!({ "profile_claims": wanted })).await;
    let claims = r#"{"nickname":"Countess","phone_number":"+44 1","phone_number_verified":true}"#;
    server.sql("UPDATE users SET claims = ?2 WHERE username = ?1", [ADA, claims]);
    let page = agent.open(&form).await;
    assert!(
        page.text().contains("value=\"+44 1\"")
            && page.text().contains("<textarea id=\"address.street_address\"")
    );
    // Everything that is wrong is said at once, where it is; and nothing that was typed is lost.
    let sent = [
        ("name", "Ada"),
        ("given_name", "Augusta"),
        ("birthdate", "10.12.1815"),
        ("phone_number", "call me"),
    ];
    let wrong = agent.submit(&page, &sent).await;
    assert_eq!(wrong.answer.status, 400, "{}", wrong.text());
    for part in [
        "value=\"Augusta\"",
        "value=\"10.12.1815\"",
        "id=\"birthdate_problem\"",
        "id=\"phone_number_problem\"",
    ] {
        assert!(wrong.text().contains(part), "{part}: {}", wrong.text());
    }
    let csrf = button(&wrong, "csrf");
    let answer = agent
        .post(
            &form,
            &[
                ("csrf", &*csrf),
                ("name", "Ada"),
                ("given_name", " Augusta "),
                ("birthdate", "1815-12-10"),
                ("phone_number", "+44 2"),
                ("address.street_address", "12 St James's Square\r\nThe attic"),
                ("address.locality", ""),
                ("family_name", "not asked for"),
                ("phone_number_verified", "true"),
            ],
        )
        .await;
    assert_eq!(answer.location(), Some(at(&tenant, "/account?done=name")), "{}", answer.text());
    let kept = "SELECT COUNT(*) FROM users WHERE json_extract(claims, '$.given_name') = 'Augusta' \
        AND json_extract(claims, '$.nickname') = 'Countess' AND json_extract(claims, '$.birthdate') = '1815-12-10' \
        AND json_extract(claims, '$.phone_number') = '+44 2' \
        AND json_extract(claims, '$.address') = json('{\"street_address\":\"12 St James''s Square\\nThe attic\"}')
        AND json_extract(claims, '$.phone_number_verified') IS NULL AND json_extract(claims, '$.family_name') IS NULL";
    assert_eq!(
        server.count(kept),
        1,
        "another number is not confirmed, and what was not asked for stays as it was"
    );
    // Once more as it is: nothing is lost by it.
    let page = agent.open(&form).await;
    let again = agent.submit(&page, &[]).await;
    assert_eq!(again.path, at(&tenant, "/account?done=name"), "{}", again.text());
    assert!(again.text().contains("Augusta") && again.text().contains("1815-12-10"), "{}", again.text());
}

#[rstest]
#[tokio::test]
async fn devices_are_signed_out_and_nobody_elses(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = tenant(&server, slug).await;
    let (mut here, mut there, mut third) = (Agent::new(&server), Agent::new(&server), Agent::new(&server));
    let mut bobs = Agent::new(&server);
    enter(&mut there, &tenant, ADA).await;
    enter(&mut third, &tenant, ADA).await;
    enter(&mut bobs, &tenant, "bob").await;
    let page = enter(&mut here, &tenant, ADA).await;
    let form = at(&tenant, "/account/devices");
    let others = page.text().matches("name=\"session\"").count();
    assert_eq!(others, 2, "{}", page.text());

    // Of somebody else: nothing happens, and nobody learns whether there is one.
    let (hers, his) = (button(&page, "session"), csrf(&mut bobs, &tenant).await);
    for id in [hers.as_str(), "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071", "x"] {
        let answer = bobs.post(&form, &[("csrf", &*his), ("session", id)]).await;
        assert_eq!(answer.location(), Some(at(&tenant, "/account?done=device")), "{id}");
    }
    let page = here.open(&at(&tenant, "/account")).await;
    assert_eq!(page.text().matches("name=\"session\"").count(), 2);

    let answer = here.post(&form, &[("csrf", &button(&page, "csrf")), ("session", &hers)]).await;
    assert_eq!(answer.location(), Some(at(&tenant, "/account?done=device")));
    let page = here.open(&at(&tenant, "/account")).await;
    assert_eq!(page.text().matches("name=\"session\"").count(), 1, "{}", page.text());
    let answer = here.post(&form, &[("csrf", &button(&page, "csrf")), ("which", "others")]).await;
    assert_eq!(answer.location(), Some(at(&tenant, "/account?done=devices")));
    for other in [&mut there, &mut third] {
        assert!(other.open(&at(&tenant, "/account")).await.path.contains("/sign-in"));
    }
    for still in [&mut here, &mut bobs] {
        assert_eq!(still.open(&at(&tenant, "/account")).await.path, at(&tenant, "/account"));
    }
}

#[rstest]
#[tokio::test]
async fn an_application_loses_its_access(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = tenant(&server, slug).await;
    let client = website(&server, "site").of(&tenant).create().await;
    server.sql("UPDATE clients SET name = ?1 WHERE client_id = 'site'", ["Field & Notes"]);
    let (mut agent, mut bobs) = (Agent::new(&server), Agent::new(&server));
    enter(&mut agent, &tenant, ADA).await;
    let given = tokens(&server, &mut agent, (&tenant, &client)).await;
    enter(&mut bobs, &tenant, "bob").await;
    let page = agent.open(&at(&tenant, "/account")).await;
    assert!(page.text().contains("<bdi>Field &#38; Notes</bdi>"), "{}", page.text());
    assert!(page.text().contains("See your name"), "scopes in words: {}", page.text());
    let (form, consent) = (at(&tenant, "/account/applications"), button(&page, "consent"));
    let his = csrf(&mut bobs, &tenant).await;
    let answer = bobs.post(&form, &[("csrf", &*his), ("consent", &*consent)]).await;
    assert_eq!(answer.location(), Some(at(&tenant, "/account?done=application")));
    assert_eq!(userinfo(&server, &tenant, &given).await, 200, "of somebody else nothing is taken");
    let fields = [("csrf", &*button(&page, "csrf")), ("consent", &*consent)];
    for _ in 0..2 {
        let answer = agent.post(&form, &fields).await;
        assert_eq!(answer.location(), Some(at(&tenant, "/account?done=application")));
    }
    assert_eq!(userinfo(&server, &tenant, &given).await, 401);
    let home = agent.open(&at(&tenant, "/account")).await;
    assert!(home.text().contains("No application has asked for your consent yet."));
    let activity = agent.open(&at(&tenant, "/account/activity")).await;
    for said in ["Field &#38; Notes was allowed", "The access of an application was removed", "Signed in"] {
        assert!(activity.text().contains(said), "{said}: {}", activity.text());
    }
    let bobs = bobs.open(&at(&tenant, "/account/activity")).await;
    assert!(!bobs.text().contains("Field"), "{}", bobs.text());
}

/// Each form is taken from the page that was shown in this browser since somebody signed in, and from nowhere else.
#[rstest]
#[tokio::test]
async fn no_other_page_acts_for_whoever_is_signed_in(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = tenant(&server, slug).await;
    let (mut agent, mut other) = (Agent::new(&server), Agent::new(&server));
    enter(&mut agent, &tenant, ADA).await;
    enter(&mut other, &tenant, ADA).await;
    let foreign = csrf(&mut other, &tenant).await;
    let forms: [(&str, &[(&str, &str)]); 5] = [
        ("profile", &[("name", "Mallory")]),
        ("email", &[("email", "m@example.org"), ("current_password", PASSWORD)]),
        ("password", &[("password", ANOTHER), ("current_password", PASSWORD)]),
        ("devices", &[("which", "others")]),
        ("applications", &[("consent", "x")]),
    ];
    for (leaf, fields) in forms {
        let path = at(&tenant, &format!("/account/{leaf}"));
        for token in ["", &*foreign, "AAAA"] {
            let fields: Vec<_> = fields.iter().copied().chain([("csrf", token)]).collect();
            let page = agent.post(&path, &fields).await;
            assert_eq!(page.answer.status, 400, "{leaf} {token}");
            assert!(page.text().contains("This page was open for too long"), "{}", page.text());
        }
        let crossing = Request::post(&path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", agent.cookies())
            .header("sec-fetch-site", "cross-site");
        let refused = server.request(crossing.body(form(fields)).unwrap()).await;
        assert_eq!(refused.status, 403, "{leaf}: {}", refused.text());
    }
    let home = agent.open(&at(&tenant, "/account")).await;
    assert!(!home.text().contains("Mallory") && !home.text().contains("m@example.org"));
    assert_eq!(other.open(&at(&tenant, "/account")).await.path, at(&tenant, "/account"));
}

/// A sign-in is one of its tenant: at another one's account, it is nobody.
#[tokio::test]
async fn another_tenants_account_is_another_one() {
    let server = TestServer::start().await;
    let (first, acme) = (tenant(&server, "default").await, tenant(&server, "acme").await);
    let mut agent = Agent::new(&server);
    enter(&mut agent, &first, ADA).await;
    for leaf in ["", "/profile", "/email", "/password", "/activity", "/data"] {
        let page = agent.open(&at(&acme, &format!("/account{leaf}"))).await;
        assert!(page.path.starts_with(&at(&acme, "/account/sign-in")), "{leaf}: {}", page.path);
    }
    let page = agent.post(&at(&acme, "/account/devices"), &[("which", "others")]).await;
    assert_eq!(page.location(), Some(at(&acme, "/account/sign-in")));
    assert_eq!(server.get("/t/nobody/account").await.status, 404);
}

#[rstest]
#[tokio::test]
async fn somebody_takes_their_data_along(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = tenant(&server, slug).await;
    let client = website(&server, "site").of(&tenant).create().await;
    let mut agent = Agent::new(&server);
    enter(&mut agent, &tenant, ADA).await;
    tokens(&server, &mut agent, (&tenant, &client)).await;
    let file = agent.open(&at(&tenant, "/account/data")).await.answer;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"account.json\"");
    assert_eq!(file.header("cache-control"), "no-store");
    let data = file.json();
    assert_eq!(data["account"]["username"], ADA);
    assert_eq!(data["consents"][0]["client_id"], "site");
    assert_eq!(data["consent_history"][0]["event"], "granted");
    assert_eq!(data["sign_ins"].as_array().unwrap().len(), 1);
    assert!(data["activity"].as_array().unwrap().iter().any(|act| act["action"] == "user.signed_in"));
    assert!(!file.text().contains("argon2") && !file.text().contains("bob"), "{}", file.text());
}

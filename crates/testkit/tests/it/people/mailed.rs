//! Signing in by a link or a code that is mailed, and codes by mail as the second factor.

use rstest::rstest;
use serde_json::json;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Engine, Page};

use super::scenery::{ADA, BOB, ESSENTIAL, Scenery, code_in, key_on};
use crate::flow::PASSWORD;
use crate::leaving::set;

const WAY: &str = "Email me a sign-in link";

/// A tenant whose people sign in by mail.
async fn with_mail(engine: Engine, slug: &str) -> Scenery {
    let scenery = Scenery::with_mail(engine, slug).await;
    set(&scenery.server, &scenery.tenant, json!({ "mailed_sign_in": true })).await;
    scenery
}

/// Somebody asks for a letter on the way to the application.
async fn asked(scenery: &Scenery, agent: &mut Agent<'_>, who: &str) -> Page {
    // So that the newest letter is the newest.
    scenery.server.clock.advance(Seconds(1));
    let page = agent.open(&scenery.asking(&[])).await;
    let page = agent.open(&page.link(WAY)).await;
    let page = agent.submit(&page, &[("username", who)]).await;
    assert!(page.path.contains("asked=") && page.text().contains("Check your email"), "{}", page.text());
    page
}

/// The path of the link in the newest letter.
async fn link(scenery: &Scenery) -> String {
    let link = scenery.newest_letter().await.link.expect("a link");
    link.strip_prefix(&scenery.server.base).expect("here").to_owned()
}

/// RFC 8176 §2: one factor, by another channel. The link works in the browser that asked, once, and asks before it acts.
#[rstest]
#[tokio::test]
async fn a_link_signs_in_the_browser_that_asked(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let scenery = with_mail(engine, slug).await;
    let mut agent = Agent::new(&scenery.server);
    let _ = asked(&scenery, &mut agent, ADA).await;
    let (sessions, link) = (scenery.sessions(), link(&scenery).await);
    let letter = scenery.newest_letter().await;
    assert_eq!(letter.to.as_deref(), Some(ADA));
    assert!(letter.html.contains(&code_in(&letter)), "{}", letter.html);
    // Whoever opens it elsewhere: a scanner of the mail server, another device, somebody who was sent it.
    for mut other in [Agent::new(&scenery.server), Agent::new(&scenery.server)] {
        let _ = asked(&scenery, &mut other, "nobody-at-all@example.org").await;
        let page = other.open(&link).await;
        assert_eq!(page.answer.status, 400);
        assert!(page.text().contains("not the browser where you began"), "{}", page.text());
    }
    let page = agent.open(&link).await;
    assert!(page.text().contains("Sign in to") && page.text().contains(ADA), "{}", page.text());
    assert_eq!(scenery.sessions(), sessions, "looking changes nothing");
    let mut twin = agent.copy();
    let there = agent.submit(&page, &[]).await;
    let id = scenery.id_token(&there.code()).await;
    assert_eq!((&id["acr"], &id["amr"]), (&json!("1"), &json!(["otp", "mca"])));
    // The same form again is the same sign-in.
    let again = twin.send_form(&page, &[]).await;
    assert_eq!(again.answer.status, 303, "{}", again.text());
    assert_eq!(scenery.sessions(), sessions.map(|before| before + 1));
    let page = agent.open(&scenery.at("/account")).await;
    assert!(page.text().contains(ADA), "{}", page.text());
    // Once, also in the same browser.
    scenery.server.clock.advance(Seconds(11));
    let mut late = agent.copy();
    late.forget("__Host-writ");
    let dead = late.open(&link.replace("login_challenge=", "x=")).await;
    assert!(dead.text().contains("does not work") || dead.answer.status == 400, "{}", dead.text());
}

/// The code does the same, on the page that waits; and no link is needed.
#[rstest]
#[tokio::test]
async fn a_code_signs_in_where_it_was_asked_for(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let scenery = with_mail(engine, slug).await;
    let mut agent = Agent::new(&scenery.server);
    let page = asked(&scenery, &mut agent, ADA).await;
    let code = code_in(&scenery.newest_letter().await);
    let wrong = agent.submit(&page, &[("code", "0000 0000")]).await;
    assert_eq!(wrong.answer.status, 400);
    assert!(
        wrong.text().contains("does not work") && wrong.text().contains("aria-invalid"),
        "{}",
        wrong.text()
    );
    // Not in another browser, nor for another request of this one's.
    let mut other = Agent::new(&scenery.server);
    let theirs = asked(&scenery, &mut other, BOB).await;
    let refused = other.submit(&theirs, &[("code", &code)]).await;
    assert_eq!(refused.answer.status, 400, "{}", refused.text());
    let there = agent.submit(&wrong, &[("code", &code.replace(' ', ""))]).await;
    assert_eq!(scenery.id_token(&there.code()).await["amr"], json!(["otp", "mca"]));
    // To the account, too.
    scenery.server.clock.advance(Seconds(1));
    let mut own = Agent::new(&scenery.server);
    let page = own.open(&scenery.at("/account/sign-in?to=profile")).await;
    let page = own.open(&page.link(WAY)).await;
    let page = own.submit(&page, &[("username", ADA)]).await;
    let code = code_in(&scenery.newest_letter().await);
    let page = own.submit(&page, &[("code", &code)]).await;
    assert_eq!(page.path, scenery.at("/account/profile"));
    // Ten minutes.
    scenery.server.clock.advance(Seconds(1));
    let mut late = Agent::new(&scenery.server);
    let page = late.open(&scenery.at("/login/mail")).await;
    let page = late.submit(&page, &[("username", ADA)]).await;
    let code = code_in(&scenery.newest_letter().await);
    scenery.server.clock.advance(Seconds(600));
    assert_eq!(late.submit(&page, &[("code", &code)]).await.answer.status, 400);
}

/// Off where nobody has turned it on; and a letter of one tenant is none of another.
#[tokio::test]
async fn a_tenant_turns_it_on_for_itself() {
    let scenery = Scenery::with_mail(Engine::Sqlite, "acme").await;
    let mut agent = Agent::new(&scenery.server);
    let page = agent.open(&scenery.asking(&[])).await;
    assert!(!page.text().contains(WAY), "{}", page.text());
    let page = agent.open(&scenery.at("/login/mail")).await;
    assert!(page.path.starts_with(&scenery.at("/account/sign-in")), "{}", page.path);
    let sent = agent.post(&scenery.at("/login/mail"), &[("username", ADA)]).await;
    assert_eq!((sent.answer.status, scenery.server.letters_waiting().await), (303, 0));
    for tenant in [&scenery.tenant, &scenery.server.default_tenant()] {
        set(&scenery.server, tenant, json!({ "mailed_sign_in": true })).await;
    }
    let page = agent.open(&scenery.at("/login/mail")).await;
    let page = agent.submit(&page, &[("username", ADA)]).await;
    let (link, code) = (link(&scenery).await, code_in(&scenery.newest_letter().await));
    let elsewhere = agent.open(&link.replace("/t/acme", "")).await;
    assert_eq!(elsewhere.answer.status, 400, "{}", elsewhere.text());
    assert!(elsewhere.text().contains("does not work"), "{}", elsewhere.text());
    let foreign = page.path.replace("/t/acme", "");
    assert_eq!(agent.post(&foreign, &[("code", &code)]).await.answer.status, 400);
    // What it leads to is nothing else.
    let token = link.split("token=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    for path in ["/reset-password", "/verify-email"] {
        let other = token.replace("sgn_", if path == "/reset-password" { "rst_" } else { "vfy_" });
        for token in [&token, &other] {
            let page = agent.open(&scenery.at(&format!("{path}?token={token}"))).await;
            assert_eq!(page.answer.status, 400, "{path}: {}", page.text());
        }
    }
}

/// Guesses are few, whatever is asked for anew; and a mailbox is not buried.
#[tokio::test]
async fn codes_are_guessed_and_sent_a_few_times() {
    let scenery = with_mail(Engine::Sqlite, "default").await;
    let mut thief = Agent::new(&scenery.server).at("203.0.113.9");
    let mut page = asked(&scenery, &mut thief, ADA).await;
    for guess in 0..10 {
        if guess == 5 {
            page = asked(&scenery, &mut thief, ADA).await;
        }
        let wrong = thief.submit(&page, &[("code", "0000 0000")]).await;
        assert!(wrong.text().contains("does not work"), "{guess}: {}", wrong.text());
    }
    let code = code_in(&scenery.newest_letter().await);
    let page = thief.submit(&page, &[("code", &code)]).await;
    assert!(page.text().contains("too many wrong codes"), "{}", page.text());
    for _ in 0..5 {
        let _ = asked(&scenery, &mut thief, ADA).await;
    }
    assert_eq!(scenery.server.letters().await.len(), 3);
}

/// Whoever has a second factor proves it after a sign-in by mail, and never by mail again.
#[rstest]
#[tokio::test]
async fn a_mailbox_is_one_factor(#[values("default", "acme")] slug: &str) {
    let scenery = with_mail(Engine::Sqlite, slug).await;
    set(&scenery.server, &scenery.tenant, json!({ "mailed_codes": true })).await;
    let mut agent = Agent::new(&scenery.server);
    let page = agent.open(&scenery.asking(&[("claims", ESSENTIAL)])).await;
    let page = agent.open(&page.link(WAY)).await;
    let page = agent.submit(&page, &[("username", ADA)]).await;
    let page = agent.submit(&page, &[("code", &code_in(&scenery.newest_letter().await))]).await;
    assert!(page.path.starts_with(&scenery.at("/login/factor")), "{}", page.path);
    assert!(page.text().contains("Set up an authenticator app"), "{}", page.text());
    let secret = key_on(&page);
    let done = agent.submit(&page, &[("code", &scenery.code(&secret))]).await;
    let there = agent.open(&done.link("I have kept them")).await;
    let id = scenery.id_token(&there.code()).await;
    assert_eq!((&id["acr"], &id["amr"]), (&json!("2"), &json!(["otp", "mca", "mfa"])));
    scenery.next_step();
    let mut other = Agent::new(&scenery.server);
    let page = asked(&scenery, &mut other, ADA).await;
    let page = other.submit(&page, &[("code", &code_in(&scenery.newest_letter().await))]).await;
    assert!(page.text().contains("authenticator app shows"), "{}: {}", page.path, page.text());
    let there = other.submit(&page, &[("code", &scenery.code(&secret))]).await;
    assert_eq!(scenery.id_token(&there.code()).await["acr"], "2");
    assert_eq!(scenery.recorded("user.sign_in_mail_accepted"), 2);
}

/// A code by mail stands in for a second factor where one is wanted, and the ID token says how (RFC 8176 §2).
#[rstest]
#[tokio::test]
async fn a_mailed_code_is_a_second_factor(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let scenery = Scenery::with_mail(engine, slug).await;
    set(&scenery.server, &scenery.tenant, json!({ "mailed_codes": true })).await;
    let mut agent = Agent::new(&scenery.server);
    let page = agent.open(&scenery.asking(&[])).await;
    let there = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert_eq!(scenery.id_token(&there.code()).await["acr"], "1", "nobody wants more");
    let letters = scenery.server.letters_waiting().await;
    // Whoever is signed in only adds what is missing.
    let page = agent.open(&scenery.asking(&[("acr_values", "2")])).await;
    assert!(page.text().contains("a…@example.org"), "{}", page.text());
    let page = agent.open(&page.path).await;
    assert_eq!(scenery.server.letters_waiting().await, letters, "looking sends nothing");
    let page = agent.submit(&page, &[]).await;
    let code = code_in(&scenery.newest_letter().await);
    assert!(scenery.newest_letter().await.link.is_none());
    let wrong = agent.submit(&page, &[("code", "000 000")]).await;
    assert_eq!(wrong.answer.status, 400, "{}", wrong.text());
    let there = agent.submit(&wrong, &[("code", &code)]).await;
    let id = scenery.id_token(&there.code()).await;
    assert_eq!((&id["acr"], &id["amr"]), (&json!("2"), &json!(["pwd", "otp", "mca", "mfa"])));
    // It does not do for whoever has something better, nor for whom no mail reaches.
    set(&scenery.server, &scenery.tenant, json!({ "second_factor": "everyone" })).await;
    let mut bob = Agent::new(&scenery.server);
    let page = bob.open(&scenery.asking(&[])).await;
    let page = bob.submit(&page, &[("username", BOB), ("password", PASSWORD)]).await;
    assert!(page.text().contains("Set up an authenticator app"), "{}", page.text());
    let mut fresh = Agent::new(&scenery.server);
    let page = fresh.open(&scenery.asking(&[])).await;
    let page = fresh.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    let page = fresh.open(&page.link("Set up an app or a passkey instead")).await;
    let secret = key_on(&page);
    let done = fresh.submit(&page, &[("code", &scenery.code(&secret))]).await;
    let there = fresh.open(&done.link("I have kept them")).await;
    assert_eq!(scenery.id_token(&there.code()).await["amr"], json!(["pwd", "otp", "mfa"]));
    let mut again = Agent::new(&scenery.server);
    let page = again.open(&scenery.asking(&[])).await;
    let page = again.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert!(page.text().contains("authenticator app shows"), "{}", page.text());
}

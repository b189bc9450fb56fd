//! Passkeys (Web Authentication Level 3): the first way in, the second factor, and what is refused.

use rstest::rstest;
use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_testkit::{Agent, Engine, Page, SoftKeyring};

use super::scenery::{ADA, BOB, Scenery};
use crate::flow::{PASSWORD, at};
use crate::leaving::set;

impl Scenery {
    /// Somebody signs in with their password and makes a passkey. Gives the page that comes of it.
    async fn with_passkey(&self, agent: &mut Agent<'_>, who: &str, keys: &mut SoftKeyring) -> Page {
        let _ = self.signed_in(agent, who).await;
        self.made(agent, keys).await
    }

    async fn made(&self, agent: &mut Agent<'_>, keys: &mut SoftKeyring) -> Page {
        let page = agent.open(&self.at("/account/passkey")).await;
        let answer = keys.make(&page.passkey("create").unwrap_or_else(|| panic!("{}", page.text())));
        agent.submit(&page, &[("passkey", &answer), ("name", "Laptop")]).await
    }

    /// Signs in by a passkey alone, for the application.
    async fn by_passkey(&self, agent: &mut Agent<'_>, keys: &mut SoftKeyring, which: usize) -> Page {
        let page = agent.open(&self.asking(&[])).await;
        let answer = keys.answer(&asked(&page), which);
        agent.submit(&page, &[("passkey", &answer)]).await
    }
}

#[track_caller]
fn asked(page: &Page) -> Value {
    page.passkey("get").unwrap_or_else(|| panic!("{}: {}", page.path, page.text()))
}

#[track_caller]
fn refused(page: &Page) {
    assert_eq!(page.answer.status, 400, "{}", page.text());
    assert!(page.text().contains("This passkey was not accepted."), "{}", page.text());
}

/// §7.1, §7.2, RFC 8176 §2: nobody types a name or a password, two factors are proved, and the ID token says so.
#[rstest]
#[tokio::test]
async fn a_passkey_signs_its_owner_in(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let scenery = Scenery::with_mail(engine, slug).await;
    let (mut own, mut keys) = (Agent::new(&scenery.server), SoftKeyring::default());
    let page = scenery.with_passkey(&mut own, ADA, &mut keys).await;
    assert_eq!(page.text().matches("<li><code>").count(), 10, "{}", page.text());
    let home = own.open(&scenery.at("/account")).await;
    assert!(home.text().contains("Laptop") && home.text().contains("10 codes left"), "{}", home.text());
    let mut fresh = Agent::new(&scenery.server);
    let page = fresh.open(&scenery.asking(&[])).await;
    let options = asked(&page);
    assert!(page.text().contains("autocomplete=\"username webauthn\""), "{}", page.text());
    assert_eq!((&options["rpId"], &options["allowCredentials"]), (&json!("id.example"), &json!([])));
    assert_eq!(options["userVerification"], "required");
    let answer = keys.answer(&options, 0);
    let there = fresh.submit(&page, &[("passkey", &answer)]).await;
    let id = scenery.id_token(&there.code()).await;
    assert_eq!((&id["acr"], &id["amr"]), (&json!("2"), &json!(["hwk", "user", "mfa"])));
    // To the account, too.
    let mut other = Agent::new(&scenery.server);
    let page = other.open(&scenery.at("/account/sign-in?to=profile")).await;
    let answer = keys.answer(&asked(&page), 0);
    let page = other.submit(&page, &[("passkey", &answer)]).await;
    assert_eq!(page.path, scenery.at("/account/profile"));
    assert!(scenery.subjects().await[0].contains("A passkey was created"));
    let shown = scenery.managed("GET").await.expect(200).json();
    assert_eq!(
        (&shown["factors"][0]["type"], &shown["factors"][0]["name"]),
        (&json!("passkey"), &json!("Laptop"))
    );
    assert!(
        shown["factors"][0]["last_used_at"].is_string() && shown["factors"].as_array().unwrap().len() == 1
    );
    let file = own.open(&scenery.at("/account/data")).await.answer.json();
    assert_eq!(file["second_factors"]["factors"][0]["type"], "passkey");
    assert_eq!(file["second_factors"]["factors"][0].as_object().unwrap().len(), 4);
    // A key that can be copied says so.
    let (mut bob, mut synced) =
        (Agent::new(&scenery.server), SoftKeyring { copies: true, ..SoftKeyring::default() });
    let _ = scenery.with_passkey(&mut bob, BOB, &mut synced).await;
    let there = scenery.by_passkey(&mut Agent::new(&scenery.server), &mut synced, 0).await;
    assert_eq!(scenery.id_token(&there.code()).await["amr"], json!(["swk", "user", "mfa"]));
}

/// Whoever has a passkey is asked for it after the password; without one there, a recovery code does.
#[rstest]
#[tokio::test]
async fn a_passkey_is_a_second_factor(#[values("default", "acme")] slug: &str) {
    let scenery = Scenery::with_mail(Engine::Sqlite, slug).await;
    let mut keys = SoftKeyring { counts: true, ..SoftKeyring::default() };
    let page = scenery.with_passkey(&mut Agent::new(&scenery.server), ADA, &mut keys).await;
    let codes = page.text().split("<li><code>").skip(1);
    let codes: Vec<_> = codes.map(|code| code.split('<').next().unwrap().to_owned()).collect();
    let mut agent = Agent::new(&scenery.server);
    let page = agent.open(&scenery.asking(&[])).await;
    let page = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert!(page.path.starts_with(&scenery.at("/login/factor")), "{}", page.path);
    let options = asked(&page);
    assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1);
    // A touch is enough now.
    keys.verifies = false;
    let answer = keys.answer(&options, 0);
    let mut twin = agent.copy();
    let there = agent.submit(&page, &[("passkey", &answer)]).await;
    let id = scenery.id_token(&there.code()).await;
    assert_eq!((&id["acr"], &id["amr"]), (&json!("2"), &json!(["pwd", "hwk", "user", "mfa"])));
    // The same form again is the same sign-in; nobody is told of a copy.
    let again = twin.send_form(&page, &[("passkey", &answer)]).await;
    assert_eq!(again.answer.status, 303, "{}", again.text());
    let mut other = Agent::new(&scenery.server);
    let page = other.open(&scenery.asking(&[])).await;
    let page = other.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    let page = other.open(&page.link("Use a recovery code instead")).await;
    let there = other.submit(&page, &[("code", &codes[0])]).await;
    assert!(!there.code().is_empty());
    assert_eq!(scenery.recorded("user.passkey_copied"), 0);
}

/// One that has not verified who used it is one factor: the password is asked for besides.
#[rstest]
#[tokio::test]
async fn a_touch_alone_signs_nobody_in(#[values("default", "acme")] slug: &str) {
    let scenery = Scenery::with_mail(Engine::Sqlite, slug).await;
    let mut keys = SoftKeyring { verifies: false, ..SoftKeyring::default() };
    let _ = scenery.with_passkey(&mut Agent::new(&scenery.server), ADA, &mut keys).await;
    let sessions = scenery.sessions();
    let mut agent = Agent::new(&scenery.server);
    let page = scenery.by_passkey(&mut agent, &mut keys, 0).await;
    assert!(page.path.starts_with(&scenery.at("/login/factor")), "{}: {}", page.path, page.text());
    assert!(page.text().contains("Type your password, too"), "{}", page.text());
    assert_eq!(scenery.sessions(), sessions);
    // Another touch is none; nor is a code of an app or a recovery code.
    let touched = page.passkey("get");
    assert!(touched.is_none(), "{touched:?}");
    let page = agent.submit(&page, &[("password", "something else")]).await;
    assert_eq!(page.answer.status, 400, "{}", page.text());
    let there = agent.submit(&page, &[("password", PASSWORD)]).await;
    assert_eq!(scenery.id_token(&there.code()).await["amr"], json!(["hwk", "user", "pwd", "mfa"]));
}

/// §7.2: another page, another tenant, another person, another time, another purpose, a copy.
#[rstest]
#[tokio::test]
async fn what_is_not_right_is_refused(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let scenery = Scenery::with_mail(engine, "acme").await;
    let mut keys = SoftKeyring { counts: true, ..SoftKeyring::default() };
    let _ = scenery.with_passkey(&mut Agent::new(&scenery.server), ADA, &mut keys).await;
    let _ = scenery.with_passkey(&mut Agent::new(&scenery.server), BOB, &mut keys).await;
    let sessions = scenery.sessions();
    let mut agent = Agent::new(&scenery.server);
    // Another origin.
    let mut page = agent.open(&scenery.asking(&[])).await;
    for origin in ["https://evil.example", "https://id.example.evil", "http://id.example"] {
        keys.origin = origin.to_owned();
        let answer = keys.answer(&asked(&page), 0);
        page = agent.submit(&page, &[("passkey", &answer)]).await;
        refused(&page);
    }
    keys.origin = writ_testkit::BASE.to_owned();
    // Another tenant of the same host: the passkey is there, and nobody's.
    let other = scenery.server.default_tenant();
    let elsewhere = agent.open(&at(&other, "/account/sign-in")).await;
    let answer = keys.answer(&asked(&elsewhere), 0);
    refused(&agent.submit(&elsewhere, &[("passkey", &answer)]).await);
    // What was asked there answers nothing here; nor what was asked for another request, or made up.
    let answer = keys.answer(&asked(&elsewhere), 0);
    refused(&agent.submit(&page, &[("passkey", &answer)]).await);
    let another = agent.open(&scenery.asking(&[("state", "another")])).await;
    let answer = keys.answer(&asked(&another), 0);
    refused(&agent.submit(&page, &[("passkey", &answer)]).await);
    let answer = keys.answer(&json!({ "challenge": "AAAAAAAAAAAAAAAAAAAAAA" }), 0);
    refused(&agent.submit(&page, &[("passkey", &answer)]).await);
    refused(&agent.submit(&page, &[("passkey", "nonsense")]).await);
    // Ada's key under Bob's name.
    let answer = keys.answer(&asked(&page), 0);
    let mut told: Value = serde_json::from_str(&answer).unwrap();
    told["response"]["userHandle"] = json!(keys.keys[1].handle);
    refused(&agent.submit(&page, &[("passkey", &told.to_string())]).await);
    told["response"]["userHandle"] = Value::Null;
    refused(&agent.submit(&page, &[("passkey", &told.to_string())]).await);
    // Bob's key as Ada's second factor.
    let half = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    let answer = keys.answer(&asked(&half), 1);
    refused(&agent.submit(&half, &[("passkey", &answer)]).await);
    // Too late.
    let late = agent.open(&scenery.at("/account/sign-in")).await;
    let answer = keys.answer(&asked(&late), 0);
    scenery.server.clock.advance(Seconds(600));
    refused(&agent.submit(&late, &[("passkey", &answer)]).await);
    assert_eq!(scenery.sessions(), sessions);
}

/// What was sent once is of no use to whoever has copied it: from another browser, at once or later, on any node.
#[rstest]
#[tokio::test]
async fn an_answer_is_good_once(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let scenery = Scenery::with_mail(engine, "default").await;
    let mut keys = SoftKeyring::default();
    let _ = scenery.with_passkey(&mut Agent::new(&scenery.server), ADA, &mut keys).await;
    let mut agent = Agent::new(&scenery.server);
    let page = agent.open(&scenery.at("/account/sign-in")).await;
    let answer = keys.answer(&asked(&page), 0);
    let mut twin = agent.copy();
    let home = agent.submit(&page, &[("passkey", &answer)]).await;
    assert_eq!(home.path, scenery.at("/account"));
    // This one counts nothing: the challenge alone tells that it comes again.
    refused(&twin.submit(&page, &[("passkey", &answer)]).await);
    let mut thief = Agent::new(&scenery.server).at("203.0.113.9");
    refused(&thief.submit(&page, &[("passkey", &answer)]).await);
    // Of many at once, one.
    let page = thief.open(&scenery.at("/account/sign-in")).await;
    let answer = keys.answer(&asked(&page), 0);
    let mut crowd: Vec<_> = (0..4).map(|n| Agent::new(&scenery.server).at(&format!("192.0.2.{n}"))).collect();
    let action = page.form().action;
    let mut sent = crowd.iter_mut().map(|agent| {
        let (action, answer) = (action.clone(), answer.clone());
        async move { agent.post(&action, &[("passkey", &answer)]).await.answer.status }
    });
    let mut next = || sent.next().unwrap();
    let (a, b, c, d) = tokio::join!(next(), next(), next(), next());
    let mut statuses = [a, b, c, d];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400, 400, 400]);
}

/// §6.1.1: a count that goes back shows a copy. It is refused, written down, and its owner is told.
#[tokio::test]
async fn a_copied_key_is_told() {
    let scenery = Scenery::with_mail(Engine::Sqlite, "default").await;
    let mut keys = SoftKeyring { counts: true, ..SoftKeyring::default() };
    let _ = scenery.with_passkey(&mut Agent::new(&scenery.server), ADA, &mut keys).await;
    for _ in 0..2 {
        let there = scenery.by_passkey(&mut Agent::new(&scenery.server), &mut keys, 0).await;
        assert!(!there.code().is_empty());
    }
    keys.keys[0].count = Some(0);
    let mut thief = Agent::new(&scenery.server);
    let page = thief.open(&scenery.asking(&[])).await;
    let answer = keys.answer(&asked(&page), 0);
    refused(&thief.submit(&page, &[("passkey", &answer)]).await);
    refused(&thief.submit(&page, &[("passkey", &answer)]).await);
    assert_eq!(scenery.recorded("user.passkey_copied"), 1);
    let told = scenery.subjects().await;
    assert_eq!(
        told.iter().filter(|subject| subject.contains("A passkey was refused")).count(),
        1,
        "{told:?}"
    );
}

/// Two people on one authenticator, two passkeys of one person, and each is who they are.
#[tokio::test]
async fn one_authenticator_keeps_apart_whose_passkeys_it_has() {
    let scenery = Scenery::with_mail(Engine::Sqlite, "acme").await;
    let (mut keys, mut phone) = (SoftKeyring::default(), SoftKeyring::default());
    let mut own = Agent::new(&scenery.server);
    let _ = scenery.with_passkey(&mut own, ADA, &mut keys).await;
    let _ = scenery.with_passkey(&mut Agent::new(&scenery.server), BOB, &mut keys).await;
    let second = scenery.made(&mut own, &mut phone).await;
    assert!(second.text().contains("The passkey is created."), "no codes again: {}", second.text());
    assert_eq!(keys.keys.len(), 2, "one has not replaced the other");
    let mut seen = Vec::new();
    for which in [0, 1] {
        let there = scenery.by_passkey(&mut Agent::new(&scenery.server), &mut keys, which).await;
        seen.push(scenery.id_token(&there.code()).await["sub"].clone());
    }
    let there = scenery.by_passkey(&mut Agent::new(&scenery.server), &mut phone, 0).await;
    assert_eq!(scenery.id_token(&there.code()).await["sub"], seen[0]);
    assert_ne!(seen[0], seen[1]);
    // The browser knows which are there already, and somebody else's cannot be registered.
    let page = own.open(&scenery.at("/account/passkey")).await;
    let options = page.passkey("create").unwrap();
    assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 2);
    assert_eq!(options["attestation"], "none");
}

/// A change of factors needs a fresh proof: the password, or a passkey that verifies its owner.
#[rstest]
#[tokio::test]
async fn a_passkey_is_removed_by_its_owner_or_an_administrator(#[values("default", "acme")] slug: &str) {
    let scenery = Scenery::with_mail(Engine::Sqlite, slug).await;
    let (mut agent, mut keys) = (Agent::new(&scenery.server), SoftKeyring::default());
    let _ = scenery.with_passkey(&mut agent, ADA, &mut keys).await;
    let home = agent.open(&scenery.at("/account")).await;
    let (_, rest) = home.text().split_once("/account/factor?id=").expect("a link");
    let address = scenery.at(&format!("/account/factor?id={}", rest.split('"').next().unwrap()));
    let page = agent.open(&address).await;
    assert!(page.text().contains("Remove this passkey?"), "{}", page.text());
    let wrong = agent.submit(&page, &[("current_password", "something else")]).await;
    assert_eq!(wrong.answer.status, 400);
    // A touch shows nobody.
    keys.verifies = false;
    let answer = keys.answer(&asked(&page), 0);
    refused(&agent.submit(&page, &[("proof", &answer)]).await);
    keys.verifies = true;
    let answer = keys.answer(&asked(&page), 0);
    let home = agent.submit(&page, &[("proof", &answer)]).await;
    assert!(home.text().contains("The passkey is removed."), "{}", home.text());
    let mut fresh = Agent::new(&scenery.server);
    let page = fresh.open(&scenery.asking(&[])).await;
    let answer = keys.answer(&asked(&page), 0);
    refused(&fresh.submit(&page, &[("passkey", &answer)]).await);
    let page = fresh.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert_eq!(scenery.id_token(&page.code()).await["acr"], "1");
    // Once more, and an administrator resets all of it.
    let _ = scenery.made(&mut agent, &mut keys).await;
    assert_eq!(scenery.managed("DELETE").await.status, 204);
    assert_eq!(scenery.managed("GET").await.json()["factors"], json!([]));
    assert!(scenery.subjects().await.iter().any(|subject| subject.contains("was reset")));
    // Five minutes after the sign-in the password is needed to make one.
    scenery.server.clock.advance(Seconds(300));
    let page = agent.open(&scenery.at("/account/passkey")).await;
    let answer = keys.make(&page.passkey("create").unwrap());
    let refused = agent.submit(&page, &[("passkey", &answer)]).await;
    assert_eq!(refused.answer.status, 400, "{}", refused.text());
    let answer = keys.make(&refused.passkey("create").unwrap());
    let done = agent.submit(&refused, &[("passkey", &answer), ("current_password", PASSWORD)]).await;
    assert_eq!(done.answer.status, 200, "{}", done.text());
}

/// A tenant that wants no passkeys has none; one that wants certain makers takes no others.
#[tokio::test]
async fn a_tenant_says_which_passkeys_it_takes() {
    let scenery = Scenery::with_mail(Engine::Sqlite, "acme").await;
    let (mut agent, mut keys) = (Agent::new(&scenery.server), SoftKeyring::default());
    let root = crate::authority::ATTESTATION_ROOT;
    set(&scenery.server, &scenery.tenant, json!({ "passkey_attestation_roots": root })).await;
    let page = scenery.with_passkey(&mut agent, ADA, &mut keys).await;
    assert_eq!(page.answer.status, 400);
    assert!(page.text().contains("certain makers"), "{}", page.text());
    assert_eq!(page.passkey("create").unwrap()["attestation"], "direct");
    set(&scenery.server, &scenery.tenant, json!({ "passkey_attestation_roots": null })).await;
    let _ = scenery.made(&mut agent, &mut keys).await;
    let mut fresh = Agent::new(&scenery.server);
    let page = fresh.open(&scenery.asking(&[])).await;
    let answer = keys.answer(&asked(&page), 0);
    set(&scenery.server, &scenery.tenant, json!({ "passkeys": "off" })).await;
    refused(&fresh.submit(&page, &[("passkey", &answer)]).await);
    let page = fresh.open(&scenery.asking(&[])).await;
    assert!(page.passkey("get").is_none());
    let page = agent.open(&scenery.at("/account/passkey")).await;
    assert_eq!(page.path, scenery.at("/account"));
    assert!(!page.text().contains("Create a passkey"), "{}", page.text());
}

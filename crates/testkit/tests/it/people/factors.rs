//! Signing in with two factors: an authenticator app (RFC 6238) and recovery codes, by every way in; and nothing for
//! somebody who has proved one of two.

use rstest::rstest;
use serde_json::json;
use writ_core::client::GrantType;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Engine};

use super::scenery::{ADA, ESSENTIAL, Scenery, codes_on, key_on};
use crate::flow::{PASSWORD, website};
use crate::leaving::set;

/// RFC 6238 §5.2, RFC 8176 §2, OpenID Connect Core §2: who has an app is asked for a code; the ID token says so; a code works
/// once.
#[rstest]
#[tokio::test]
async fn whoever_has_an_app_proves_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let scenery = Scenery::new(engine, slug).await;
    let (secret, _) = scenery.enrolled(&mut Agent::new(&scenery.server)).await;
    let mut agent = Agent::new(&scenery.server);
    let page = scenery.half_way(&mut agent, &[]).await;
    assert!(page.text().contains("autocomplete=\"one-time-code\""), "{}", page.text());
    let wrong = agent.submit(&page, &[("code", "000000")]).await;
    assert_eq!((wrong.answer.status, wrong.path.as_str()), (400, page.form().action.as_str()));
    assert!(wrong.text().contains("aria-invalid"), "{}", wrong.text());
    let typed = scenery.code(&secret);
    let there = agent.submit(&wrong, &[("code", &typed)]).await;
    let id = scenery.id_token(&there.code()).await;
    assert_eq!((&id["acr"], &id["amr"]), (&json!("2"), &json!(["pwd", "otp", "mfa"])));
    // Twice is once: not in another browser.
    let mut other = Agent::new(&scenery.server);
    let page = scenery.half_way(&mut other, &[]).await;
    let again = other.submit(&page, &[("code", &typed)]).await;
    assert_eq!(again.answer.status, 400, "{}", again.text());
    scenery.next_step();
    let there = other.submit(&page, &[("code", &scenery.code(&secret))]).await;
    assert_eq!(scenery.id_token(&there.code()).await["acr"], "2");
    // The account too.
    scenery.next_step();
    let mut own = Agent::new(&scenery.server);
    let page = own.open(&scenery.at("/account/sign-in?to=profile")).await;
    let page = own.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert!(page.path.starts_with(&scenery.at("/login/factor")), "{}", page.path);
    let page = own.submit(&page, &[("code", &scenery.code(&secret))]).await;
    assert_eq!(page.path, scenery.at("/account/profile"));
    let names: Vec<_> = scenery.server.letters().await.iter().map(|letter| letter.subject.clone()).collect();
    assert!(names.is_empty(), "she has no address: {names:?}");
}

/// The same form twice (double click, lost answer) is the same sign-in.
#[tokio::test]
async fn a_form_that_comes_twice_signs_in_once() {
    let scenery = Scenery::new(Engine::Sqlite, "default").await;
    let (secret, _) = scenery.enrolled(&mut Agent::new(&scenery.server)).await;
    let mut agent = Agent::new(&scenery.server);
    let page = scenery.half_way(&mut agent, &[]).await;
    let mut twin = agent.copy();
    let typed = scenery.code(&secret);
    let first = agent.send_form(&page, &[("code", &typed)]).await;
    let second = twin.send_form(&page, &[("code", &typed)]).await;
    for answer in [&first, &second] {
        assert_eq!(answer.answer.status, 303, "{}", answer.text());
    }
    let there = twin.follow(second).await;
    assert!(!there.code().is_empty());
    assert_eq!(scenery.server.count("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL"), 2);
}

/// Of many browsers that show the same code at once, one is let in.
#[rstest]
#[tokio::test]
async fn a_code_lets_one_browser_in(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let scenery = Scenery::new(engine, "default").await;
    let (secret, codes) = scenery.enrolled(&mut Agent::new(&scenery.server)).await;
    for (typed, by) in [(scenery.code(&secret), ""), (codes[0].clone(), "&by=recovery")] {
        let mut waiting = Vec::new();
        for n in 0..4 {
            let mut agent = Agent::new(&scenery.server).at(&format!("192.0.2.{n}"));
            let page = scenery.half_way(&mut agent, &[]).await;
            waiting.push((agent, page));
        }
        let mut sent = waiting.iter_mut().map(|(agent, page)| {
            let action = format!("{}{by}", page.form().action);
            let csrf = page.form().fields.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
            let typed = typed.clone();
            async move { agent.post(&action, &[("csrf", &csrf), ("code", &typed)]).await.answer.status }
        });
        let mut next = || sent.next().unwrap();
        let (a, b, c, d) = tokio::join!(next(), next(), next(), next());
        let mut statuses = [a, b, c, d];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 400, 400, 400]);
    }
}

#[rstest]
#[tokio::test]
async fn a_recovery_code_stands_in_for_the_app_once(#[values("default", "acme")] slug: &str) {
    let scenery = Scenery::new(Engine::Sqlite, slug).await;
    scenery.server.sql("UPDATE users SET email = ?1 WHERE username = ?1", [ADA]);
    let (_, codes) = scenery.enrolled(&mut Agent::new(&scenery.server)).await;
    let mut agent = Agent::new(&scenery.server);
    let page = scenery.half_way(&mut agent, &[]).await;
    let page = agent.open(&page.link("Use a recovery code instead")).await;
    let typed = codes[3].to_uppercase().replace('-', " ");
    let there = agent.submit(&page, &[("code", &typed)]).await;
    let id = scenery.id_token(&there.code()).await;
    assert_eq!((&id["acr"], &id["amr"]), (&json!("2"), &json!(["pwd", "otp", "mfa"])));
    let mut other = Agent::new(&scenery.server);
    let page = scenery.half_way(&mut other, &[]).await;
    let page = other.open(&page.link("Use a recovery code instead")).await;
    let again = other.submit(&page, &[("code", &typed)]).await;
    assert_eq!(again.answer.status, 400);
    let letters = scenery.server.letters().await;
    let subjects: Vec<_> = letters.iter().map(|letter| letter.subject.as_str()).collect();
    assert!(subjects[0].contains("authenticator app was set up"), "{subjects:?}");
    assert!(
        subjects[1].contains("recovery code was used") && letters[1].text.contains("Codes left: 9"),
        "{subjects:?}"
    );
    // It is in what she can download, without what is shared.
    let file = agent.open(&scenery.at("/account/data")).await.answer.json();
    let told = &file["second_factors"];
    assert_eq!((&told["recovery_codes_left"], &told["factors"][0]["name"]), (&json!(9), &json!("Phone")));
    assert_eq!(told["factors"][0].as_object().unwrap().len(), 4, "{told}");
    let shown = scenery.managed("GET").await.expect(200).json();
    assert_eq!((&shown["recovery_codes_left"], &shown["factors"][0]["name"]), (&json!(9), &json!("Phone")));
    // New ones end the old ones.
    let page = agent.open(&scenery.at("/account/codes")).await;
    let refused = agent.submit(&page, &[("current_password", "something else")]).await;
    assert_eq!(refused.answer.status, 400);
    let page = agent.submit(&refused, &[("current_password", PASSWORD)]).await;
    let new = codes_on(&page);
    assert!(new.len() == 10 && new.iter().all(|code| !codes.contains(code)), "{new:?}");
    let page = scenery.half_way(&mut other, &[]).await;
    let page = other.open(&page.link("Use a recovery code instead")).await;
    assert_eq!(other.submit(&page, &[("code", &codes[4])]).await.answer.status, 400);
    let there = other.submit(&page, &[("code", &new[0])]).await;
    assert!(!there.code().is_empty());
}

/// Somebody who knows the password alone gets nothing: no page, no code, no token, whatever they ask with what they have.
#[rstest]
#[tokio::test]
async fn half_a_sign_in_is_none(#[values("default", "acme")] slug: &str) {
    let scenery = Scenery::new(Engine::Sqlite, slug).await;
    let (secret, _) = scenery.enrolled(&mut Agent::new(&scenery.server)).await;
    set(&scenery.server, &scenery.tenant, json!({ "password_grant": true })).await;
    let sessions = scenery.server.count("SELECT COUNT(*) FROM sessions");
    let mut agent = Agent::new(&scenery.server);
    let page = scenery.half_way(&mut agent, &[]).await;
    let challenge = page.path.split("login_challenge=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    for leaf in [
        "",
        "/profile",
        "/email",
        "/password",
        "/activity",
        "/data",
        "/delete",
        "/app",
        "/factor",
        "/codes",
        "/passkey",
    ] {
        let page = agent.open(&scenery.at(&format!("/account{leaf}"))).await;
        assert!(page.path.starts_with(&scenery.at("/account/sign-in")), "{leaf}: {}", page.path);
    }
    let consent = agent.open(&scenery.at(&format!("/consent?login_challenge={challenge}"))).await;
    assert!(consent.path.starts_with(&scenery.at("/login?")), "{}", consent.path);
    let silent = agent.open(&scenery.asking(&[("prompt", "none")])).await;
    assert_eq!(silent.sent()["error"], "login_required");
    // What shows that the password was right is good for this request alone, in this browser, and not for long.
    let proved = page.path.split("proved=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let typed = scenery.code(&secret);
    let another = agent.open(&scenery.asking(&[("state", "another")])).await;
    let elsewhere = format!("{}&proved={proved}", another.path.replace("/login?", "/login/factor?"));
    let account = scenery.at(&format!("/login/factor?to=&proved={proved}"));
    for path in [&elsewhere, &account] {
        let page = agent.get(path).await;
        assert!(
            page.location().is_some_and(|to| to.contains("/login?") || to.contains("/sign-in")),
            "{path}"
        );
        let page = agent.post(path, &[("code", &typed)]).await;
        assert!(
            page.location().is_some_and(|to| to.contains("/login?") || to.contains("/sign-in")),
            "{path}"
        );
    }
    let stranger = Agent::new(&scenery.server).get(&page.path).await;
    assert_eq!(stranger.answer.status, 400, "another browser");
    scenery.server.clock.advance(Seconds(600));
    let late = agent.get(&page.path).await;
    assert!(late.answer.status == 400 || late.location().is_some(), "{}", late.text());
    assert_eq!(scenery.server.count("SELECT COUNT(*) FROM sessions"), sessions);
    let names = "SELECT COUNT(*) FROM audit_logs WHERE action = 'user.password_accepted'";
    assert!(scenery.server.count(names) > 0);
}

/// RFC 6749 §4.3: there is no page on which to prove more. Who does not know the password hears what they always hear.
#[tokio::test]
async fn the_password_grant_gives_nothing_to_who_has_to_prove_more() {
    let scenery = Scenery::new(Engine::Sqlite, "default").await;
    let _ = scenery.enrolled(&mut Agent::new(&scenery.server)).await;
    set(&scenery.server, &scenery.tenant, json!({ "password_grant": true })).await;
    let client = website(&scenery.server, "legacy")
        .grants(&[GrantType::AuthorizationCode, GrantType::Password])
        .create()
        .await;
    let ask = async |name: &str, password: &str| {
        let pairs = [("grant_type", "password"), ("username", name), ("password", password)];
        scenery.server.post("/oauth2/token", &client, &pairs).await
    };
    let refused = ask(ADA, PASSWORD).await.expect(400).json();
    assert_eq!(refused["error"], "invalid_grant");
    assert!(refused["error_description"].as_str().unwrap().contains("second factor"), "{refused}");
    let wrong = ask(ADA, "something else").await.expect(400).json();
    assert!(!wrong["error_description"].as_str().unwrap().contains("second factor"), "{wrong}");
    let _ = ask("bob@example.org", PASSWORD).await.expect(200);
    set(&scenery.server, &scenery.tenant, json!({ "second_factor": "everyone" })).await;
    let _ = ask("bob@example.org", PASSWORD).await.expect(400);
}

/// A tenant that wants two factors of everybody, or of those who bear a permission: they set one up before they are in.
#[rstest]
#[case("everyone", "user", true)]
#[case("administrators", "user", false)]
#[case("administrators", "admin", true)]
#[case("if_enrolled", "admin", false)]
#[tokio::test]
async fn who_lacks_a_second_factor_sets_one_up_first(
    #[case] setting: &str,
    #[case] role: &str,
    #[case] wanted: bool,
    #[values("default", "acme")] slug: &str,
) {
    let scenery = Scenery::new(Engine::Sqlite, slug).await;
    set(&scenery.server, &scenery.tenant, json!({ "second_factor": setting })).await;
    scenery.server.sql("UPDATE users SET roles = ?1 WHERE username = ?2", [role, ADA]);
    let mut agent = Agent::new(&scenery.server);
    let page = agent.open(&scenery.asking(&[])).await;
    let page = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    if !wanted {
        assert_eq!(scenery.id_token(&page.code()).await["acr"], "1");
        return;
    }
    assert!(page.text().contains("Set up an authenticator app"), "{}: {}", page.path, page.text());
    let secret = key_on(&page);
    let wrong = agent.submit(&page, &[("code", "000000")]).await;
    assert_eq!(
        (wrong.answer.status, key_on(&wrong).expose()),
        (400, secret.expose()),
        "the same key is offered"
    );
    let typed = scenery.code(&secret);
    let mut twin = agent.copy();
    let done = agent.submit(&wrong, &[("code", &typed)]).await;
    let codes = codes_on(&done);
    assert_eq!((done.answer.status, codes.len()), (200, 10), "{}", done.text());
    // The same form again shows the same codes.
    let again = twin.submit(&wrong, &[("code", &typed)]).await;
    assert_eq!(codes_on(&again), codes, "{}", again.text());
    let there = agent.open(&done.link("I have kept them")).await;
    assert_eq!(scenery.id_token(&there.code()).await["amr"], json!(["pwd", "otp", "mfa"]));
}

/// OpenID Connect Core §5.5.1.1, §3.1.2.1: a request that requires two factors gets them, and whoever is signed in only adds
/// what is missing. RFC 9470 §4: `acr_values` is a wish.
#[rstest]
#[tokio::test]
async fn a_request_that_requires_two_factors_gets_them(#[values("default", "acme")] slug: &str) {
    let scenery = Scenery::new(Engine::Sqlite, slug).await;
    let mut agent = Agent::new(&scenery.server);
    // Signed in with one factor, and the application is content.
    let page = agent.open(&scenery.asking(&[])).await;
    let page = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert_eq!(scenery.id_token(&page.code()).await["acr"], "1");
    let wished = agent.open(&scenery.asking(&[("acr_values", "2 1")])).await;
    assert_eq!(
        scenery.id_token(&wished.code()).await["acr"],
        "1",
        "a wish of somebody who has no second factor"
    );
    let silent = agent.open(&scenery.asking(&[("claims", ESSENTIAL), ("prompt", "none")])).await;
    assert_eq!(silent.sent()["error"], "login_required");
    // No password again: only what is missing.
    let page = agent.open(&scenery.asking(&[("claims", ESSENTIAL)])).await;
    assert!(page.text().contains("Set up an authenticator app"), "{}: {}", page.path, page.text());
    let secret = key_on(&page);
    let done = agent.submit(&page, &[("code", &scenery.code(&secret))]).await;
    let there = agent.open(&done.link("I have kept them")).await;
    assert_eq!(scenery.id_token(&there.code()).await["acr"], "2");
    let silent = agent.open(&scenery.asking(&[("claims", ESSENTIAL), ("prompt", "none")])).await;
    assert_eq!(scenery.id_token(&silent.code()).await["acr"], "2");
}

/// RFC 9470 §4, OpenID Connect Core §3.1.2.1: whoever is signed in with one factor and has a second is asked for it where an
/// application wishes for two, and nobody is kept out by a wish.
#[rstest]
#[tokio::test]
async fn a_wish_is_met_by_who_can(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let scenery = Scenery::new(engine, slug).await;
    let mut agent = Agent::new(&scenery.server);
    let page = agent.open(&scenery.asking(&[])).await;
    let _ = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    let (secret, _) = scenery.enrolled(&mut Agent::new(&scenery.server)).await;
    let silent = agent.open(&scenery.asking(&[("acr_values", "2"), ("prompt", "none")])).await;
    assert_eq!(scenery.id_token(&silent.code()).await["acr"], "1");
    for other in [&[("acr_values", "1")][..], &[]] {
        let there = agent.open(&scenery.asking(other)).await;
        assert_eq!(scenery.id_token(&there.code()).await["acr"], "1");
    }
    let page = agent.open(&scenery.asking(&[("acr_values", "2")])).await;
    assert!(page.path.starts_with(&scenery.at("/login/factor")), "{}: {}", page.path, page.text());
    let challenge = page.path.split("login_challenge=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let around = agent.open(&scenery.at(&format!("/consent?login_challenge={challenge}"))).await;
    assert!(around.path.starts_with(&scenery.at("/login/factor")), "{}", around.path);
    let there = agent.submit(&around, &[("code", &scenery.code(&secret))]).await;
    assert_eq!(scenery.id_token(&there.code()).await["acr"], "2");
    let silent = agent.open(&scenery.asking(&[("acr_values", "2"), ("prompt", "none")])).await;
    assert_eq!(scenery.id_token(&silent.code()).await["acr"], "2");
}

#[rstest]
#[tokio::test]
async fn a_lost_app_is_taken_away_by_its_owner_or_an_administrator(#[values("default", "acme")] slug: &str) {
    let scenery = Scenery::new(Engine::Sqlite, slug).await;
    let mut agent = Agent::new(&scenery.server);
    let _ = scenery.enrolled(&mut agent).await;
    let home = agent.open(&scenery.at("/account")).await;
    assert!(home.text().contains("10 codes left"), "{}", home.text());
    let (_, rest) = home.text().split_once("/account/factor?id=").expect("a link");
    let id = rest.split('"').next().unwrap();
    let page = agent.open(&scenery.at(&format!("/account/factor?id={id}"))).await;
    let refused = agent.submit(&page, &[("current_password", "something else")]).await;
    assert_eq!(refused.answer.status, 400);
    let home = agent.submit(&refused, &[("current_password", PASSWORD)]).await;
    assert!(
        home.text().contains("The app is removed") && !home.text().contains("codes left"),
        "{}",
        home.text()
    );
    let shown = scenery.managed("GET").await.expect(200).json();
    assert_eq!(shown, json!({ "factors": [], "recovery_codes_left": 0 }));
    let _ = scenery.enrolled(&mut Agent::new(&scenery.server)).await;
    assert_eq!(scenery.managed("DELETE").await.status, 204);
    let mut fresh = Agent::new(&scenery.server);
    let page = fresh.open(&scenery.asking(&[])).await;
    let page = fresh.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert_eq!(scenery.id_token(&page.code()).await["acr"], "1");
    let added = "SELECT COUNT(*) FROM audit_logs WHERE action = 'user.factor_removed'";
    assert_eq!(scenery.server.count(added), 2);
}

/// RFC 6238 §5.2 and NIST SP 800-63B §5.2.2: guesses are few, and are not those of the password.
#[tokio::test]
async fn codes_are_guessed_ten_times_and_no_more() {
    let scenery = Scenery::new(Engine::Sqlite, "default").await;
    let (secret, _) = scenery.enrolled(&mut Agent::new(&scenery.server).at("198.51.100.7")).await;
    let mut thief = Agent::new(&scenery.server).at("203.0.113.9");
    let page = scenery.half_way(&mut thief, &[]).await;
    for _ in 0..10 {
        let wrong = thief.submit(&page, &[("code", "000000")]).await;
        assert!(wrong.text().contains("This code is not right"), "{}", wrong.text());
    }
    let right = thief.submit(&page, &[("code", &scenery.code(&secret))]).await;
    assert!(right.text().contains("too many wrong codes"), "{}", right.text());
    // Not who is where they have signed in before.
    let mut own = Agent::new(&scenery.server).at("198.51.100.7");
    let page = scenery.half_way(&mut own, &[]).await;
    let there = own.submit(&page, &[("code", &scenery.code(&secret))]).await;
    assert!(there.location().is_none_or(|to| to.contains("code=")) || there.answer.status == 400);
}

//! Devices on which people are not asked for the second factor each time: who is, how long, and what ends it.

use rstest::rstest;
use serde_json::json;
use writ_core::people::factors::totp::TotpSecret;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Engine, Page};

use super::scenery::{ADA, BOB, ESSENTIAL, Scenery};
use crate::flow::PASSWORD;
use crate::leaving::set;
use crate::openid_connect::manage_in;

const DAY: i64 = 86_400;

struct Stage {
    scenery: Scenery,
    secret: TotpSecret,
}

impl Stage {
    async fn new(engine: Engine, slug: &str) -> Self {
        let scenery = Scenery::new(engine, slug).await;
        set(&scenery.server, &scenery.tenant, json!({ "remembered_devices": 30 * DAY })).await;
        let (secret, _) = scenery.enrolled(&mut Agent::new(&scenery.server)).await;
        Self { scenery, secret }
    }

    /// Ada types her password for the application, in a browser in which nobody is signed in.
    async fn typed(&self, agent: &mut Agent<'_>, more: &[(&str, &str)]) -> Page {
        let state = agent.cookies_named("__Host-writ").to_string();
        let more: Vec<_> = more.iter().copied().chain([("prompt", "login"), ("state", &state)]).collect();
        let page = agent.open(&self.scenery.asking(&more)).await;
        agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await
    }

    /// She proves the second factor, and wishes not to be asked there again.
    async fn remembered(&self, agent: &mut Agent<'_>) {
        let page = self.typed(agent, &[]).await;
        assert!(page.text().contains("again on this device for 30 days"), "{}", page.text());
        assert!(!page.form().has("remember"), "nobody chooses it by pressing the button");
        let there =
            agent.submit(&page, &[("code", &self.scenery.code(&self.secret)), ("remember", "yes")]).await;
        assert_eq!(self.scenery.id_token(&there.code()).await["acr"], "2");
        self.scenery.next_step();
    }

    async fn is_asked(&self, agent: &mut Agent<'_>) -> bool {
        let page = self.typed(agent, &[]).await;
        if page.path.starts_with(&self.scenery.at("/login/factor")) {
            return true;
        }
        let id = self.scenery.id_token(&page.code()).await;
        assert_eq!((&id["acr"], &id["amr"]), (&json!("1"), &json!(["pwd"])), "it proves nothing");
        false
    }
}

/// Whoever wishes so is not asked again there: nobody else, nowhere else, and not where two factors are demanded or wished for.
#[rstest]
#[tokio::test]
async fn a_device_is_not_asked_again_for_a_while(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let scenery = &stage.scenery;
    let mut agent = Agent::new(&scenery.server);
    stage.remembered(&mut agent).await;
    assert!(!stage.is_asked(&mut agent).await);
    assert!(stage.is_asked(&mut Agent::new(&scenery.server)).await, "another browser");
    for more in [("claims", ESSENTIAL), ("acr_values", "2")] {
        let page = stage.typed(&mut agent, &[more]).await;
        assert!(page.path.starts_with(&scenery.at("/login/factor")), "{more:?}: {}", page.path);
    }
    // Somebody else in the same browser.
    let mut other = agent.copy();
    let _ = scenery.enrolled_as(&mut Agent::new(&scenery.server), BOB).await;
    let page = other.open(&scenery.asking(&[("prompt", "login")])).await;
    let page = other.submit(&page, &[("username", BOB), ("password", PASSWORD)]).await;
    assert!(page.path.starts_with(&scenery.at("/login/factor")), "{}", page.path);
    // The account is entered in the same way.
    let mut own = agent.copy();
    let _ = own.open(&scenery.at("/logout")).await;
    own.forget("__Host-writ");
    let page = own.open(&scenery.at("/account/sign-in")).await;
    let page = own.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert_eq!(page.path, scenery.at("/account"));
    assert!(page.text().contains("Second step not asked for since"), "{}", page.text());
    let file = own.open(&scenery.at("/account/data")).await.answer.json();
    assert_eq!(file["second_factors"]["remembered_devices"].as_array().unwrap().len(), 1);
    scenery.server.clock.advance(Seconds(30 * DAY));
    assert!(stage.is_asked(&mut agent).await, "its time is over");
}

/// What ends it: its owner, another password, a change of factors, an administrator, and the tenant.
#[rstest]
#[case("owner")]
#[case("others")]
#[case("password")]
#[case("factor")]
#[case("administrator")]
#[case("tokens")]
#[case("tenant")]
#[tokio::test]
async fn a_remembered_device_ends(#[case] by: &str, #[values("default", "acme")] slug: &str) {
    let stage = Stage::new(Engine::Sqlite, slug).await;
    let scenery = &stage.scenery;
    let mut agent = Agent::new(&scenery.server);
    stage.remembered(&mut agent).await;
    assert!(!stage.is_asked(&mut agent).await);
    let mut own = agent.copy();
    let home = own.open(&scenery.at("/account")).await;
    let (csrf, devices) = (home.form().fields[0].1.clone(), scenery.at("/account/devices"));
    let manage = async |ask: (&str, &str), body: serde_json::Value| {
        let done = manage_in(&scenery.server, &scenery.tenant, ask, &body).await;
        assert!(done.status < 300, "{}", done.text());
    };
    let user = format!("/api/v1/users/{}", scenery.ada);
    match by {
        "owner" => {
            let (_, rest) = home.text().split_once("name=\"remembered\" value=\"").expect("a button");
            let id = rest.split('"').next().unwrap();
            let refused = own.post(&devices, &[("csrf", "x"), ("remembered", id)]).await;
            assert_eq!(refused.answer.status, 400);
            assert_eq!(scenery.server.count("SELECT COUNT(*) FROM remembered_devices"), 1);
            let page = own.post(&devices, &[("csrf", &csrf), ("remembered", id)]).await;
            let page = own.follow(page).await;
            assert!(page.text().contains("asked for there again"), "{}", page.text());
        }
        "others" => {
            let _ = own.post(&devices, &[("csrf", &csrf), ("which", "others")]).await;
        }
        "password" => manage(("PUT", &user), json!({ "password": PASSWORD })).await,
        "factor" => {
            let page = own.open(&scenery.at("/account/codes")).await;
            let _ = own.submit(&page, &[("current_password", PASSWORD)]).await;
        }
        "administrator" => {
            manage(("DELETE", &format!("{user}/factors")), json!(null)).await;
            let count = scenery.server.count("SELECT COUNT(*) FROM remembered_devices");
            assert_eq!(count, 0);
            return;
        }
        "tokens" => {
            manage(("PUT", &user), json!({ "enabled": false })).await;
            manage(("PUT", &user), json!({ "enabled": true })).await;
        }
        "tenant" => set(&scenery.server, &scenery.tenant, json!({ "remembered_devices": null })).await,
        other => panic!("{other}"),
    }
    assert!(stage.is_asked(&mut agent).await, "{by}");
}

/// Off where the tenant has not turned it on, whatever is sent.
#[tokio::test]
async fn a_tenant_turns_it_on() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let scenery = &stage.scenery;
    set(&scenery.server, &scenery.tenant, json!({ "remembered_devices": null })).await;
    let mut agent = Agent::new(&scenery.server);
    let page = stage.typed(&mut agent, &[]).await;
    assert!(!page.text().contains("again on this device"), "{}", page.text());
    let there = agent.submit(&page, &[("code", &scenery.code(&stage.secret)), ("remember", "yes")]).await;
    assert!(!there.code().is_empty());
    assert_eq!(agent.cookies_named("__Host-writ_device"), 0);
    assert_eq!(scenery.server.count("SELECT COUNT(*) FROM remembered_devices"), 0);
}

//! People connect their own account with who they are at a provider, and take that back.

use rstest::rstest;
use serde_json::json;
use writ_core::time::Seconds;
use writ_testkit::{Agent, Engine, Page};

use super::{ADA, Scene, ada};
use crate::flow::{PASSWORD, request};

async fn signed_in(scene: &Scene, agent: &mut Agent<'_>) -> Page {
    let page = agent.open(&scene.at("/account/sign-in")).await;
    agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await
}

/// With the password, by a sign-in there; then there are two ways in, and the owner hears of it. Taken back, there is one again.
#[rstest]
#[tokio::test]
async fn an_account_is_connected_by_its_owner(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let scene = Scene::new(engine, slug).await;
    let ada_here = scene.server.user(&scene.tenant, ADA, PASSWORD).await;
    let mut agent = Agent::new(&scene.server);
    let home = signed_in(&scene, &mut agent).await;
    let page = agent.open(&home.link("Connect Upstream")).await;
    let wrong = agent.send_form(&page, &[("current_password", "wrong")]).await;
    assert_eq!(wrong.answer.status, 400, "{}", wrong.text());
    let there = agent.send_form(&page, &[("current_password", PASSWORD)]).await;
    let away = scene.sent_away(there);
    let page = scene.back(&mut agent, &away, &ada()).await;
    assert!(page.text().contains("Your account is connected"), "{}: {}", page.path, page.text());
    assert!(page.text().contains("Upstream"), "{}", page.text());
    let file = agent.get(&scene.at("/account/data")).await.answer.json();
    assert_eq!(file["connections"][0]["identity_provider"], json!("Upstream"));
    let id = scene.signs_in(&ada()).await;
    assert_eq!(scene.id_of(&id).await, ada_here.to_string());
    // Removed, the provider's word is nothing again.
    let link = page
        .text()
        .split("/account/connection?remove=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let page = agent.open(&scene.at(&format!("/account/connection?remove={link}"))).await;
    let wrong = agent.submit(&page, &[("current_password", "wrong")]).await;
    assert_eq!(wrong.answer.status, 400);
    let page = agent.submit(&page, &[("current_password", PASSWORD)]).await;
    assert!(page.text().contains("The connection is removed"), "{}", page.text());
    let mut other = Agent::new(&scene.server);
    let away = scene.away(&mut other, &[]).await;
    let page = scene.back(&mut other, &away, &ada()).await;
    assert!(page.text().contains("already have an account"), "{}", page.text());
    for action in ["user.linked", "user.unlinked"] {
        let path = format!("/api/v1/audit-logs?action={action}");
        let found = scene.manage(("GET", &path), &serde_json::Value::Null).await.expect(200).json();
        assert_eq!(found["audit_logs"].as_array().unwrap().len(), 1, "{action}");
    }
}

/// Who somebody is at a provider is one account here: neither is it taken from another one, nor does one have two of them.
#[tokio::test]
async fn what_is_somebodys_is_not_connected_again() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    let mut person = ada();
    person["email"] = json!("taken@example.org");
    let _ = scene.signs_in(&person).await;
    scene.server.user(&scene.tenant, ADA, PASSWORD).await;
    let mut agent = Agent::new(&scene.server);
    let home = signed_in(&scene, &mut agent).await;
    let page = agent.open(&home.link("Connect Upstream")).await;
    let there = agent.send_form(&page, &[("current_password", PASSWORD)]).await;
    let away = scene.sent_away(there);
    let page = scene.back(&mut agent, &away, &person).await;
    assert!(page.text().contains("connected with another account here"), "{}", page.text());
    assert_eq!(page.answer.status, 400);
    // A stranger who leads the victim's browser to a sign-in of their own connects nothing.
    let mut attacker = Agent::new(&scene.server);
    scene.server.user(&scene.tenant, "mallory", PASSWORD).await;
    let page = attacker.open("/account/sign-in").await;
    let home = attacker.submit(&page, &[("username", "mallory"), ("password", PASSWORD)]).await;
    let page = attacker.open(&home.link("Connect Upstream")).await;
    let there = attacker.send_form(&page, &[("current_password", PASSWORD)]).await;
    let away = scene.sent_away(there);
    scene.host.knows(("writ-at-up", &away.sent["nonce"], scene.now()), &json!({ "sub": "mallory" }));
    let page = scene.returned(&mut agent, &[("code", "c"), ("state", &away.sent["state"])]).await;
    assert_eq!(page.answer.status, 400, "{}", page.text());
    assert_eq!(scene.server.count("SELECT COUNT(*) FROM upstream_links"), 1);
    // Nor does it within one browser, once somebody else is signed in there.
    let mut shared = attacker.copy();
    let page = shared.open(&request("site", &[("prompt", "login")])).await;
    let _ = shared.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    let page = scene.returned(&mut shared, &[("code", "c"), ("state", &away.sent["state"])]).await;
    assert_eq!(page.answer.status, 400, "{}", page.text());
    assert_eq!(scene.server.count("SELECT COUNT(*) FROM upstream_links"), 1);
}

/// Whoever has no password shows that it is them by signing in once more; and the last way in stays.
#[tokio::test]
async fn without_a_password_a_new_sign_in_is_the_proof() {
    let scene = Scene::new(Engine::Sqlite, "default").await;
    let mut agent = Agent::new(&scene.server);
    let page = agent.open("/account").await;
    let page = agent.get(&page.link("Continue with Upstream")).await;
    let away = scene.sent_away(page);
    let home = scene.back(&mut agent, &away, &ada()).await;
    let link = home
        .text()
        .split("/account/connection?remove=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let path = format!("/account/connection?remove={link}");
    let page = agent.open(&path).await;
    let page = agent.submit(&page, &[]).await;
    assert!(page.text().contains("your only way to sign in"), "{}", page.text());
    scene.server.clock.advance(Seconds(301));
    let page = agent.open(&path).await;
    assert!(page.text().contains("sign in once more"), "{}", page.text());
    let page = agent.get(&page.link("Continue with Upstream")).await;
    let away = scene.sent_away(page);
    assert_eq!(away.sent["prompt"], "login");
    let _ = scene.back(&mut agent, &away, &ada()).await;
    let page = agent.open(&path).await;
    let page = agent.submit(&page, &[]).await;
    assert!(page.text().contains("your only way to sign in"), "{}", page.text());
}

//! What a person is shown of the APIs that an application asks for, and what is remembered.

use writ_testkit::{Agent, Page};

use super::{FILES, MAIL, Stage};
use crate::flow::{request, sign_in, website};

const SCOPE: &str = "openid read files:read mail:send";

async fn asked(agent: &mut Agent<'_>, scope: &str, resources: &[&str]) -> Page {
    let mut asked = request("theirs", &[("scope", scope)]);
    for resource in resources {
        asked.push('&');
        asked.push_str(&writ_testkit::form(&[("resource", resource)]));
    }
    let page = agent.open(&asked).await;
    if page.path.contains("/login") { sign_in(agent, &page).await } else { page }
}

/// The scopes stand below the API that they belong to; an API without one is named all the same.
#[tokio::test]
async fn scopes_are_grouped_by_resource() {
    let stage = Stage::usual().await;
    stage
        .server
        .resource(&stage.tenant, ("https://bare.example/x", ""), |bare| bare.name = "Bare".into())
        .await;
    website(&stage.server, "theirs").scope(SCOPE).create().await;
    let mut agent = Agent::new(&stage.server);
    let page = asked(&mut agent, SCOPE, &[FILES, "https://bare.example/x"]).await;
    let text = page.text();
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
    let general = place("name=\"scope.read\"");
    let files = place("files.example</span>");
    assert!(general < files && files < place("name=\"scope.files:read\""), "{text}");
    assert!(place("bare.example</span>") < place("Use this service in your name"));
    assert!(!text.contains("mail:send"), "it belongs to what is not asked for");
    // Without a resource, the scopes say where they belong.
    let page = asked(&mut agent, SCOPE, &[]).await;
    let place = |what: &str| page.text().find(what).unwrap_or_else(|| panic!("{what} in {}", page.text()));
    assert!(place("mail.example</span>") < place("name=\"scope.mail:send\""));
}

/// A consent that is remembered is for the APIs that it was given for.
#[tokio::test]
async fn another_api_is_asked_about_again() {
    let stage = Stage::usual().await;
    stage.server.resource(&stage.tenant, ("https://bare.example", ""), |_| {}).await;
    website(&stage.server, "theirs").scope(SCOPE).create().await;
    let mut agent = Agent::new(&stage.server);
    let page = asked(&mut agent, "openid files:read", &[FILES]).await;
    let page = agent.submit(&page, &[("decision", "allow")]).await;
    assert!(page.sent().contains_key("code"));
    let page = asked(&mut agent, "openid files:read", &[FILES]).await;
    assert!(page.sent().contains_key("code"), "remembered");
    for more in [&[FILES, "https://bare.example"][..], &["https://bare.example"], &[MAIL]] {
        let page = asked(&mut agent, "openid", more).await;
        assert!(page.path.contains("/consent"), "{more:?}: {}", page.path);
    }
    let page = asked(&mut agent, "openid", &["https://bare.example"]).await;
    let page = agent.submit(&page, &[("decision", "allow")]).await;
    assert!(page.sent().contains_key("code"));
    for known in [&[FILES][..], &["https://bare.example"], &[FILES, "https://bare.example"]] {
        let page = asked(&mut agent, "openid files:read", known).await;
        assert!(page.location().is_some() && page.sent().contains_key("code"), "{known:?}");
    }
}

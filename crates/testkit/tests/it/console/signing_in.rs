//! How somebody gets into the console: by signing in in the browser, with as much as the tenant demands, and freshly for
//! what cannot be taken back; and back to where they were.

use rstest::rstest;
use serde_json::json;
use writ_core::console::GRAVE_MAX_AGE;
use writ_core::time::Seconds;
use writ_testkit::{Agent, TestServer};

use super::{ADA, administrator, enter, person};
use crate::flow::{PASSWORD, at};
use crate::leaving::set;

/// A link to a page leads there, past signing in.
#[rstest]
#[tokio::test]
async fn a_deep_link_survives_signing_in(#[values("default", "acme")] slug: &str) {
    let server = TestServer::start().await;
    let tenant = super::tenant(&server, slug).await;
    person(&server, &tenant, ADA, &["admin"]).await;
    let mut agent = Agent::new(&server);
    let page = enter(&mut agent, &tenant, (ADA, "/admin/clients?q=shop")).await;
    assert_eq!((page.answer.status, &*page.path), (200, &*at(&tenant, "/admin/clients?q=shop")));
    // It is used once: the next sign-in leads to the beginning.
    let page = agent.open(&at(&tenant, "/admin/enter")).await;
    assert_eq!(page.path, at(&tenant, "/admin"));
}

/// Whatever a browser remembers, whoever told it so: it leads to pages of this console alone.
#[tokio::test]
async fn what_a_browser_remembers_leads_nowhere_else() {
    use base64::Engine as _;
    let server = TestServer::start().await;
    for way in [
        "https://evil.example/",
        "//evil.example",
        "/adminx",
        "/account",
        "/admin/../account",
        "/admin\\x",
        "",
    ] {
        let kept = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(way);
        let request = http::Request::get("/admin/enter").header("cookie", format!("writ_way={kept}"));
        let answer = server.request(request.body(String::new()).unwrap()).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/admin"), "{way}");
    }
}

/// What cannot be taken back wants a fresh sign-in, whatever the tenant has chosen; and then one is where one was.
#[tokio::test]
async fn a_grave_act_wants_a_fresh_sign_in() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let client = server.client("reports").of(&tenant).create().await;
    let mut agent = administrator(&server, &tenant).await;
    let csrf = super::csrf(&mut agent, &tenant).await;
    let one = at(&tenant, &format!("/admin/clients/{}", client.id));
    for rest in ["/secret", "/delete"] {
        assert_eq!(agent.get(&format!("{one}{rest}")).await.answer.status, 200, "{rest}");
    }
    server.clock.advance(Seconds(GRAVE_MAX_AGE.0 + 1));
    assert_eq!(agent.get(&one).await.answer.status, 200, "looking takes no more");
    for (rest, field) in [("/secret", ("overlap", "0")), ("/delete", ("confirm", "reports"))] {
        let path = format!("{one}{rest}");
        let page = agent.get(&path).await;
        assert_eq!(page.answer.status, 403);
        assert!(page.text().contains("Sign in again") && !page.text().contains("reports"), "{}", page.text());
        let page = agent.post(&path, &[field, ("csrf", &csrf)]).await;
        assert_eq!(page.answer.status, 403, "{rest}");
    }
    assert!(!server.access_token(&client).await.is_empty(), "nothing was done");
    let page = agent.get(&format!("{one}/delete")).await;
    let page = agent.open(&page.link("Sign in and go on").replace("&#38;", "&")).await;
    let page = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert_eq!((page.answer.status, &*page.path), (200, &*format!("{one}/delete")), "{}", page.text());
}

/// The tenant's own demand counts for every page, as at the APIs.
#[tokio::test]
async fn the_demand_of_the_tenant_counts_here_too() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let mut agent = administrator(&server, &tenant).await;
    set(&server, &tenant, json!({ "management_acr": "2" })).await;
    let page = agent.get(&at(&tenant, "/admin")).await;
    assert_eq!(page.answer.status, 403);
    assert!(page.text().contains("This needs two steps"), "{}", page.text());
    let page = agent.open(&page.link("Sign in and go on").replace("&#38;", "&")).await;
    let page = agent.submit(&page, &[("username", ADA), ("password", PASSWORD)]).await;
    assert!(
        page.path.starts_with(&at(&tenant, "/login/factor")),
        "a second factor is set up first: {}",
        page.path
    );
    set(&server, &tenant, json!({ "management_acr": null, "management_max_age": 300 })).await;
    let mut agent = Agent::new(&server);
    let page = enter(&mut agent, &tenant, (ADA, "/admin")).await;
    assert_eq!(page.answer.status, 200);
    server.clock.advance(Seconds(301));
    assert_eq!(agent.get(&at(&tenant, "/admin")).await.answer.status, 403);
}

/// Whoever may manage from some networks alone may use the console from these alone.
#[tokio::test]
async fn the_allow_list_of_the_tenant_counts_here_too() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    person(&server, &tenant, ADA, &["admin"]).await;
    set(&server, &tenant, json!({ "management_networks": ["192.0.2.0/24"] })).await;
    for (address, status) in [("192.0.2.7", 200), ("198.51.100.7", 403)] {
        let mut agent = Agent::new(&server).at(address);
        let page = enter(&mut agent, &tenant, (ADA, "/admin")).await;
        assert_eq!(page.answer.status, status, "{address}");
    }
}

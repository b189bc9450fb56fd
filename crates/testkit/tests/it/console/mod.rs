//! The console: who may do what on its pages, what other tenants see, and whether its forms do what they say without scripts.

mod attacks;
mod authority;
mod clients;
mod people;
mod signing_in;

use serde_json::json;
use writ_core::ids::UserId;
use writ_testkit::{Agent, Page, TestServer, TestTenant};

use crate::flow::{PASSWORD, at};
use crate::openid_connect::manage_in;

const ADA: &str = "ada@northlight.example";

/// A number that no other call in this test run gives.
fn number() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

async fn tenant(server: &TestServer, slug: &str) -> TestTenant {
    if slug == "default" { server.default_tenant() } else { server.tenant(slug).await }
}

/// Somebody with a role that has these permissions; a built-in role by its name.
async fn person(server: &TestServer, tenant: &TestTenant, name: &str, may: &[&str]) -> UserId {
    let id = server.user(tenant, name, PASSWORD).await;
    let role = match may {
        ["admin"] => "admin".to_owned(),
        [] => "user".to_owned(),
        may => {
            let role = format!("role-{}", number());
            let body = json!({ "name": role, "permissions": may });
            let _ = manage_in(server, tenant, ("POST", "/api/v1/roles"), &body).await.expect(201);
            role
        }
    };
    let path = format!("/api/v1/users/{id}");
    let _ = manage_in(server, tenant, ("PUT", &path), &json!({ "roles": [role] })).await.expect(200);
    id
}

/// Signs somebody in by the page that the console leads to; gives the page that they wanted.
async fn enter(agent: &mut Agent<'_>, tenant: &TestTenant, (name, path): (&str, &str)) -> Page {
    let page = agent.open(&at(tenant, path)).await;
    assert!(page.path.starts_with(&at(tenant, "/account/sign-in?to=console")), "{}", page.path);
    agent.submit(&page, &[("username", name), ("password", PASSWORD)]).await
}

/// An administrator of a tenant, signed in.
async fn administrator<'s>(server: &'s TestServer, tenant: &TestTenant) -> Agent<'s> {
    person(server, tenant, ADA, &["admin"]).await;
    let mut agent = Agent::new(server);
    let page = enter(&mut agent, tenant, (ADA, "/admin")).await;
    assert_eq!((page.answer.status, &*page.path), (200, &*at(tenant, "/admin")), "{}", page.text());
    agent
}

/// What forms of the console send back in this browser.
async fn csrf(agent: &mut Agent<'_>, tenant: &TestTenant) -> String {
    let page = agent.get(&at(tenant, "/account/profile")).await;
    hidden(&page, "csrf")
}

/// The value of a hidden field, the first on the page.
#[track_caller]
fn hidden(page: &Page, name: &str) -> String {
    let (_, rest) = page
        .text()
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} on {}: {}", page.path, page.text()));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// What stands in an element with this id.
#[track_caller]
fn shown(page: &Page, id: &str) -> String {
    let (_, rest) =
        page.text().split_once(&format!("id=\"{id}\">")).unwrap_or_else(|| panic!("{}", page.text()));
    rest.split('<').next().unwrap_or_default().to_owned()
}

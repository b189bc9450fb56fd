//! Each page and act of the console against the permissions that the authority page has for it, written down by hand and
//! not read from the routes; and what one tenant's administrator sees of another: nothing.

use std::collections::BTreeSet;

use writ_core::authority::Permission;
use writ_core::client::{ClientKind, GrantType};
use writ_testkit::{Agent, TestServer, TestTenant};

use super::{administrator, csrf, enter, person};
use crate::flow::{CALLBACK, at};

/// Whoever may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    /// Whoever has the permission.
    Has(&'static str),
    /// Whoever has both permissions.
    HasBoth(&'static str, &'static str),
    /// Whoever has any.
    Any,
}

/// What a form sends.
type Fields = &'static [(&'static str, &'static str)];

/// Every page and form: method, path, who may, and what a form sends.
const TABLE: &[(&str, &str, May, Fields)] = &[
    ("GET", "/admin", May::Any, &[]),
    ("GET", "/admin/search", May::Any, &[]),
    ("GET", "/admin/clients", May::Has("oauth:read"), &[]),
    ("GET", "/admin/clients/new", May::Has("oauth:write"), &[]),
    ("POST", "/admin/clients/new", May::Has("oauth:write"), &[("build", "svc"), ("client_name", "New")]),
    ("GET", "/admin/clients/{client_id}", May::Has("oauth:read"), &[]),
    (
        "POST",
        "/admin/clients/{client_id}",
        May::Has("oauth:write"),
        &[("part", "general"), ("client_name", "Other")],
    ),
    ("POST", "/admin/clients/{client_id}/state", May::Has("oauth:write"), &[("to", "off")]),
    ("GET", "/admin/clients/{client_id}/secret", May::Has("oauth:write"), &[]),
    ("POST", "/admin/clients/{client_id}/secret", May::Has("oauth:write"), &[("overlap", "0")]),
    ("GET", "/admin/clients/{client_id}/delete", May::Has("oauth:write"), &[]),
    ("GET", "/admin/activity", May::Has("audit:read"), &[]),
    ("GET", "/admin/people", May::Has("users:read"), &[]),
    ("GET", "/admin/people/{user_id}", May::Has("users:read"), &[]),
    ("POST", "/admin/people/{user_id}/state", May::Has("users:write"), &[("to", "off")]),
    ("POST", "/admin/people/{user_id}/reset", May::Has("users:write"), &[]),
    ("POST", "/admin/people/{user_id}/sessions/{session_id}", May::Has("sessions:write"), &[]),
    ("GET", "/admin/people/{user_id}/everywhere", May::HasBoth("sessions:write", "oauth:write"), &[]),
    ("POST", "/admin/people/{user_id}/everywhere", May::HasBoth("sessions:write", "oauth:write"), &[]),
    ("GET", "/admin/people/{user_id}/factors", May::Has("users:write"), &[]),
    ("POST", "/admin/people/{user_id}/factors", May::Has("users:write"), &[]),
    ("POST", "/admin/clients/{client_id}/delete", May::Has("oauth:write"), &[("confirm", "Doomed")]),
];

#[test]
fn every_route_of_the_console_has_its_row() {
    let registered = writ_server::console::routes().registered();
    let routes: BTreeSet<_> = registered.iter().map(|route| (route.method, route.path)).collect();
    let rows: BTreeSet<_> = TABLE.iter().map(|(method, path, ..)| (*method, *path)).collect();
    assert_eq!(routes, rows);
    assert_eq!(rows.len(), TABLE.len());
}

/// A client of the tenant that nothing else uses.
async fn client(server: &TestServer, tenant: &TestTenant) -> String {
    let name = format!("Doomed-{}", super::number());
    let client = server.client(&name).of(tenant).kind(ClientKind::Web);
    let client = client.grants(&[GrantType::AuthorizationCode]).redirect(CALLBACK).create().await;
    server.sql("UPDATE clients SET name = ?1 WHERE client_id = ?2", ["Doomed", &client.client_id]);
    client.id.to_string()
}

struct Stage<'s> {
    server: &'s TestServer,
    tenant: TestTenant,
}

impl Stage<'_> {
    /// What somebody is answered who holds these permissions.
    async fn answer(&self, agent: &mut Agent<'_>, row: &(&str, &str, May, Fields)) -> u16 {
        let (method, path, _, fields) = row;
        let mut path = (*path).to_owned();
        if path.contains("{client_id}") {
            path = path.replace("{client_id}", &client(self.server, &self.tenant).await);
        }
        if path.contains("{user_id}") {
            let name = format!("somebody-{}", super::number());
            let user = person(self.server, &self.tenant, &name, &[]).await;
            let mut theirs = Agent::new(self.server);
            let page = theirs.open(&at(&self.tenant, "/account")).await;
            let _ = theirs.submit(&page, &[("username", &name), ("password", crate::flow::PASSWORD)]).await;
            let sessions = self.server.app.store.sessions_page(
                writ_store::Of::User(user),
                (writ_store::After::START, 1),
                (
                    writ_core::session::Lifetimes {
                        idle: writ_core::time::Seconds(3600),
                        absolute: writ_core::time::Seconds(3600),
                    },
                    self.server.app.clock.now(),
                ),
            );
            let session = sessions.await.unwrap().0.remove(0).id;
            path = path.replace("{user_id}", &user.to_string()).replace("{session_id}", &session.to_string());
        }
        let path = at(&self.tenant, &path);
        if *method == "GET" {
            return agent.get(&path).await.answer.status;
        }
        let csrf = csrf(agent, &self.tenant).await;
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", &*csrf)]).collect();
        agent.post(&path, &fields).await.answer.status
    }

    async fn signed_in(&self, may: &[&str]) -> Agent<'_> {
        let name = format!("person-{}", super::number());
        person(self.server, &self.tenant, &name, may).await;
        let mut agent = Agent::new(self.server);
        let _ = enter(&mut agent, &self.tenant, (&name, "/admin")).await;
        agent
    }
}

/// Whoever has the permission alone gets in; whoever has all others does not, and hears which one is missing.
#[tokio::test]
async fn each_page_and_act_takes_whoever_has_its_permission() {
    let server = TestServer::start().await;
    for slug in ["default", "acme"] {
        let stage = Stage { server: &server, tenant: super::tenant(&server, slug).await };
        let needed: BTreeSet<_> = TABLE
            .iter()
            .filter_map(|row| match row.2 {
                May::Has(permission) => Some(vec![permission]),
                May::HasBoth(one, other) => Some(vec![one, other]),
                May::Any => None,
            })
            .collect();
        for permissions in needed {
            let of = |row: &(&str, &str, May, Fields)| match row.2 {
                May::Has(permission) => permissions == [permission],
                May::HasBoth(one, other) => permissions == [one, other],
                May::Any => false,
            };
            let mut has = stage.signed_in(&permissions).await;
            for row in TABLE.iter().filter(|row| of(row)) {
                let what = format!("{slug}: {} {} with {permissions:?}", row.0, row.1);
                let status = stage.answer(&mut has, row).await;
                assert!(matches!(status, 200 | 303), "{what}: {status}");
            }
            for lacking in &permissions {
                let others: Vec<_> =
                    Permission::ALL.iter().map(|one| one.name()).filter(|name| name != lacking).collect();
                let mut has_not = stage.signed_in(&others).await;
                for row in TABLE.iter().filter(|row| of(row)) {
                    let what = format!("{slug}: {} {} without {lacking}", row.0, row.1);
                    assert_eq!(stage.answer(&mut has_not, row).await, 403, "{what}");
                }
            }
        }
        for permission in Permission::ALL {
            let mut agent = stage.signed_in(&[permission.name()]).await;
            for row in TABLE.iter().filter(|row| row.2 == May::Any) {
                assert_eq!(stage.answer(&mut agent, row).await, 200, "{} with {}", row.1, permission.name());
            }
        }
        let mut nobody = stage.signed_in(&[]).await;
        for row in TABLE {
            assert_eq!(stage.answer(&mut nobody, row).await, 403, "{} {} with no permission", row.0, row.1);
        }
    }
}

/// Whoever is not signed in is sent to where that is done, by every page and form.
#[tokio::test]
async fn nobody_enters_without_a_sign_in() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    for (method, path, ..) in TABLE {
        let mut agent = Agent::new(&server);
        let path = at(
            &tenant,
            &path.replace("{client_id}", "x").replace("{user_id}", "x").replace("{session_id}", "x"),
        );
        let page = if *method == "GET" { agent.get(&path).await } else { agent.post(&path, &[]).await };
        assert_eq!(page.location(), Some(at(&tenant, "/account/sign-in?to=console")), "{method} {path}");
    }
}

/// A role that is taken away counts from the next request on, and so does a person who is locked out.
#[tokio::test]
async fn what_is_taken_away_counts_at_once() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let id = person(&server, &tenant, "bo", &["oauth:read"]).await;
    let mut agent = Agent::new(&server);
    let _ = enter(&mut agent, &tenant, ("bo", "/admin")).await;
    let clients = at(&tenant, "/admin/clients");
    assert_eq!(agent.get(&clients).await.answer.status, 200);
    let path = format!("/api/v1/users/{id}");
    let change = async |body: serde_json::Value| {
        let _ = crate::openid_connect::manage_in(&server, &tenant, ("PUT", &path), &body).await.expect(200);
    };
    change(serde_json::json!({ "roles": ["user"] })).await;
    assert_eq!(agent.get(&clients).await.answer.status, 403);
    change(serde_json::json!({ "enabled": false })).await;
    assert_eq!(agent.get(&clients).await.answer.status, 303);
}

/// An administrator of one tenant sees nothing of another: not in lists, not by id, not by search.
#[tokio::test]
async fn another_tenant_is_not_there() {
    let server = TestServer::start().await;
    let (acme, other) = (server.tenant("acme").await, server.tenant("other").await);
    let theirs = server.client("their-secret-project").of(&other).create().await;
    person(&server, &other, "zoe@other.example", &["admin"]).await;
    let mut agent = administrator(&server, &acme).await;
    let csrf = csrf(&mut agent, &acme).await;
    for id in [theirs.client_id.clone(), theirs.id.to_string()] {
        for rest in ["", "/secret", "/delete"] {
            let page = agent.get(&at(&acme, &format!("/admin/clients/{id}{rest}"))).await;
            assert_eq!(page.answer.status, 404, "{rest}");
            assert!(!page.text().contains("their-secret-project</"), "{}", page.text());
        }
        for (rest, field) in
            [("", ("part", "general")), ("/state", ("to", "off")), ("/delete", ("confirm", "x"))]
        {
            let path = at(&acme, &format!("/admin/clients/{id}{rest}"));
            let page = agent.post(&path, &[field, ("csrf", &csrf)]).await;
            assert_eq!(page.answer.status, 404, "{rest}: {}", page.text());
        }
        let found = agent.open(&at(&acme, &format!("/admin/search?q={id}"))).await;
        assert!(found.path.contains("/admin/search"), "{}", found.path);
    }
    let list = agent.get(&at(&acme, "/admin/clients")).await;
    assert!(!list.text().contains("their-secret-project"));
    for search in ["zoe", "project"] {
        let found = agent.get(&at(&acme, &format!("/admin/search?q={search}"))).await;
        assert!(found.text().contains("Nothing matches"), "{}", found.text());
    }
    // Their sign-in is good for their own tenant alone.
    for elsewhere in ["/admin", "/t/other/admin"] {
        assert_eq!(agent.get(elsewhere).await.answer.status, 303, "{elsewhere}");
    }
}

/// Nobody gives a client more than they hold, and nobody touches one that holds more.
#[tokio::test]
async fn nobody_gives_away_more_than_they_hold() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let strong = server.client("strong").of(&tenant).scope("users:write").create().await;
    person(&server, &tenant, "bo", &["oauth:read", "oauth:write"]).await;
    let mut agent = Agent::new(&server);
    let _ = enter(&mut agent, &tenant, ("bo", "/admin")).await;
    let csrf = csrf(&mut agent, &tenant).await;
    let new = [("build", "svc"), ("client_name", "Mine"), ("scope", "users:write"), ("csrf", &csrf)];
    let page = agent.post(&at(&tenant, "/admin/clients/new"), &new).await;
    assert_eq!(page.answer.status, 403, "{}", page.text());
    for (rest, field) in [
        ("", ("part", "general")),
        ("/state", ("to", "off")),
        ("/secret", ("overlap", "0")),
        ("/delete", ("confirm", "strong")),
    ] {
        let path = at(&tenant, &format!("/admin/clients/{}{rest}", strong.id));
        let page = agent.post(&path, &[field, ("client_name", "x"), ("csrf", &csrf)]).await;
        assert_eq!(page.answer.status, 403, "{rest}: {}", page.text());
    }
    assert!(!server.access_token(&strong).await.is_empty(), "it works on");
}

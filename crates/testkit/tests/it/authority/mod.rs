//! Who may do what, in which tenant: the authority page, line by line, as far as there is something to call.

mod acts;
mod allow_lists;
mod api_keys;
mod attacks;
mod callers;
mod escalation;
mod newcomers;
mod open;
mod own_tenant;
mod people;
mod roles;
mod routes;
mod story;
mod table;
mod tenants;
mod tenants_api;

pub(crate) use tenants_api::ROOT as ATTESTATION_ROOT;

use http::{Method, Request, header};
use serde_json::Value;
use writ_core::authority::{Permission, Permissions};
use writ_core::change::{Action, Change, Target};
use writ_core::ids::{RoleId, UserId};
use writ_core::role::NewRole;
use writ_core::user::NewUser;
use writ_testkit::{Answer, Credential, Planted, TestClient, TestServer, TestTenant};

const KEYS: &str = "/api/v1/api-keys";
const ROLES: &str = "/api/v1/roles";
const GROUPS: &str = "/api/v1/groups";
const TENANTS: &str = "/api/v1/tenants";
const CLIENTS: &str = "/api/v1/oauth/clients";
const SCOPES: &str = "/api/v1/oauth/scopes";

/// A request to a management API.
#[derive(Debug, Clone)]
pub struct Ask {
    method: Method,
    path: String,
    by: Credential,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Ask {
    pub fn new(method: &str, path: &str) -> Self {
        let method = method.parse().expect("a method");
        Self { method, path: path.to_owned(), by: Credential::None, headers: Vec::new(), body: None }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str, body: &Value) -> Self {
        Self::new("POST", path).json(body)
    }

    pub fn put(path: &str, body: &Value) -> Self {
        Self::new("PUT", path).json(body)
    }

    pub fn delete(path: &str) -> Self {
        Self::new("DELETE", path)
    }

    pub fn by(mut self, by: impl Into<Credential>) -> Self {
        self.by = by.into();
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.by(Credential::bearer(key))
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn tenant(self, tenant: &TestTenant) -> Self {
        self.header("x-tenant-id", &tenant.id.to_string())
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string());
        self.header("content-type", "application/json")
    }

    pub async fn send(self, server: &TestServer) -> Answer {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        if let Some(value) = self.by.header() {
            request = request.header(header::AUTHORIZATION, value);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        server.request(request.body(self.body.unwrap_or_default()).expect("a request")).await
    }
}

fn set(list: &[Permission]) -> Permissions {
    list.iter().copied().collect()
}

fn without(permission: Permission) -> Permissions {
    Permissions::all().without(set(&[permission]))
}

/// What a tenant's administrators have.
fn admin() -> Permissions {
    writ_core::role::built_in("admin").expect("a built-in role")
}

fn names(permissions: Permissions) -> Vec<&'static str> {
    permissions.names().collect()
}

fn scope(permissions: Permissions) -> String {
    names(permissions).join(" ")
}

/// A number that no other call in this test run gives.
fn number() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An application with these permissions.
async fn application(server: &TestServer, tenant: &TestTenant, may: Permissions) -> TestClient {
    server.client(&format!("app-{}", number())).of(tenant).scope(&scope(may)).create().await
}

/// An API key with these permissions.
async fn key(server: &TestServer, tenant: &TestTenant, may: Permissions) -> String {
    server.api_key(tenant, &may.iter().collect::<Vec<_>>(), None).await
}

/// A role with these permissions, written past every rule.
async fn role(server: &TestServer, tenant: &TestTenant, may: Permissions) -> String {
    let name = format!("role-{}", number());
    let now = writ_testkit::START;
    let id = RoleId::v7(now, server.app.random.bits());
    let new = NewRole {
        id,
        tenant: tenant.id,
        name: name.as_str().into(),
        permissions: may,
        entitlements: Vec::new(),
        created_at: now,
    };
    let change = Change::CreateRole(Box::new(new));
    server.change(tenant.id, (Action::RoleCreated, Target::Role(id)), change).await;
    name
}

/// A person with these roles, who never signs in with a password.
async fn person(server: &TestServer, tenant: &TestTenant, roles: &[&str]) -> UserId {
    let now = writ_testkit::START;
    let id = UserId::v7(now, server.app.random.bits());
    let new = NewUser {
        id,
        tenant: tenant.id,
        username: format!("person-{}", number()).into(),
        email: None,
        name: None,
        email_verified_at: None,
        password_hash: None,
        roles: roles.iter().map(|role| (*role).into()).collect(),
        created_at: now,
    };
    let change = Change::CreateUser(Box::new(new));
    server.change(tenant.id, (Action::UserCreated, Target::User(id)), change).await;
    id
}

/// A token of a person with a scope, for Writ itself.
async fn token_for(server: &TestServer, app: &TestClient, user: UserId, scope: &str) -> String {
    let (_, tenant) = server.app.store.client_by_client_id(&app.client_id).await.unwrap().unwrap();
    let issuer = writ_core::tenant::issuer(&server.base, &tenant.slug);
    let planted = Planted { user: Some(user), scope, audience: &[&issuer] };
    server.plant(app, planted).await
}

/// Callers of every kind whose authority is exactly this.
async fn callers(
    server: &TestServer,
    tenant: &TestTenant,
    may: Permissions,
) -> Vec<(&'static str, Credential)> {
    let app = application(server, tenant, may).await;
    let opaque = server.client(&format!("opaque-{}", number())).of(tenant).scope(&scope(may)).opaque();
    let opaque = opaque.create().await;
    let own =
        server.client(&format!("own-{}", number())).of(tenant).first_party().interaction().create().await;
    let third = server.client(&format!("third-{}", number())).of(tenant).create().await;
    let bearer = |token: &str| Credential::bearer(token);
    // Either the role or the scope is what narrows a person.
    let by_role = person(server, tenant, &[&role(server, tenant, may).await]).await;
    let by_scope = person(server, tenant, &["operator"]).await;
    let all = scope(Permissions::all());
    let mut found = vec![
        ("application by Basic", Credential::from(&app)),
        ("API key", bearer(&key(server, tenant, may).await)),
        ("person narrowed by role", bearer(&token_for(server, &own, by_role, &all).await)),
        ("person narrowed by scope", bearer(&token_for(server, &own, by_scope, &scope(may)).await)),
        ("person through a third party", bearer(&token_for(server, &third, by_role, &all).await)),
    ];
    // Without a scope a client's token has none, but it still is one for Writ.
    found.push(("application by token", bearer(&server.access_token(&app).await)));
    found.push(("application by opaque token", bearer(&server.access_token(&opaque).await)));
    found
}

/// A 401 whose challenge names exactly these schemes.
#[track_caller]
fn challenged(answer: &Answer, schemes: &[&str], what: &str) {
    assert_eq!(answer.status, 401, "{what}: {}", answer.text());
    let challenges = answer.all("www-authenticate");
    let named: Vec<_> = challenges.iter().filter_map(|text| text.split(' ').next()).collect();
    assert_eq!(named, schemes, "{what}");
}

//! A walk of every management route that the server registers.

use serde_json::{Value, json};
use writ_core::authority::{Permission, Permissions};
use writ_core::caller::{Needs, TenantHeader};
use writ_core::ids::ClientId;
use writ_server::call::routes::RegisteredRoute;
use writ_server::{openapi, router};
use writ_testkit::{Answer, Credential, TestServer, TestTenant};

use super::{
    Ask, CLIENTS, GROUPS, KEYS, ROLES, SCOPES, TENANTS, admin, callers, challenged, key, number, without,
};

const TOKENS: &str = "/api/v1/oauth/tokens";
const AUDIT: &str = "/api/v1/audit-logs";
const LIMITS: &str = "/api/v1/oauth/rate-limits";
const SIGNING_KEYS: &str = "/api/v1/keys";
const REGISTRATION_TOKENS: &str = "/api/v1/registration-tokens";
const RESOURCES: &str = "/api/v1/resources";
const USERS: &str = "/api/v1/users";
const PROVIDERS: &str = "/api/v1/identity-providers";

/// A hash from elsewhere: nothing has to be hashed for such an account.
const IMPORTED: &str = "$2b$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS";

/// How a route is called so that it succeeds for whoever has the one permission that it needs.
struct Sample {
    /// What its parameter names.
    thing: Thing,
    body: Option<Value>,
    status: u16,
}

/// What a path's parameter names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    None,
    ApiKey,
    Client,
    RegistrationToken,
    Resource,
    Scope,
    Role,
    Group,
    SigningKey,
    Tenant,
    User,
    Provider,
}

/// The sample of every route. A new route without one fails every test here.
fn sample(route: &RegisteredRoute) -> Sample {
    let new_name = format!("new-{}", number());
    let (thing, body, status) = match (route.method, route.path) {
        ("GET", TOKENS | AUDIT | LIMITS) => (Thing::None, None, 200),
        ("POST", "/api/v1/oauth/tokens/revoke") => (Thing::None, Some(json!({ "token": "unknown" })), 200),
        ("POST", "/api/v1/oauth/tokens/bulk-revoke") => {
            (Thing::None, Some(json!({ "token_ids": ["018bcfe5-6800-7abc-8def-0123456789ab"] })), 200)
        }
        ("GET", "/v1/clients/{id}/tokens") => (Thing::Client, None, 200),
        ("GET", KEYS | SIGNING_KEYS | ROLES | TENANTS) => (Thing::None, None, 200),
        ("POST", KEYS) => (Thing::None, Some(json!({ "name": "ci", "permissions": [] })), 201),
        ("GET", "/api/v1/api-keys/{id}") => (Thing::ApiKey, None, 200),
        ("PUT", "/api/v1/api-keys/{id}") => (Thing::ApiKey, Some(json!({ "name": "renamed" })), 200),
        ("DELETE", "/api/v1/api-keys/{id}") => (Thing::ApiKey, None, 204),
        ("POST", "/api/v1/keys/rotate") => (Thing::None, Some(json!({})), 200),
        ("POST", "/api/v1/keys/{kid}/compromised") => (Thing::SigningKey, None, 204),
        ("POST", ROLES) => (Thing::None, Some(json!({ "name": new_name, "permissions": [] })), 201),
        ("GET", "/api/v1/roles/{name}") => (Thing::Role, None, 200),
        ("PUT", "/api/v1/roles/{name}") => (Thing::Role, Some(json!({ "permissions": [] })), 200),
        ("DELETE", "/api/v1/roles/{name}") => (Thing::Role, None, 204),
        ("GET", GROUPS) => (Thing::None, None, 200),
        ("POST", GROUPS) => (Thing::None, Some(json!({ "name": new_name })), 201),
        ("GET", "/api/v1/groups/{group_id}" | "/api/v1/groups/{group_id}/members") => {
            (Thing::Group, None, 200)
        }
        ("PATCH", "/api/v1/groups/{group_id}") => {
            (Thing::Group, Some(json!({ "description": "Other words" })), 200)
        }
        ("DELETE", "/api/v1/groups/{group_id}") => (Thing::Group, None, 204),
        ("POST", "/api/v1/groups/{group_id}/members") => (Thing::Group, Some(json!({ "add": [] })), 204),
        ("GET", "/api/v1/users/{user_id}/groups") => (Thing::User, None, 200),
        ("POST", TENANTS) => (Thing::None, Some(json!({ "slug": new_name })), 201),
        ("GET", "/api/v1/tenants/{id}") => (Thing::Tenant, None, 200),
        ("PUT", "/api/v1/tenants/{id}") => (Thing::Tenant, Some(json!({ "name": "Renamed" })), 200),
        ("DELETE", "/api/v1/tenants/{id}") => (Thing::Tenant, None, 204),
        ("GET", USERS | "/api/v1/logouts") => (Thing::None, None, 200),
        (
            "GET",
            "/api/v1/users/{user_id}" | "/api/v1/users/{user_id}/claims" | "/api/v1/users/{user_id}/factors",
        ) => (Thing::User, None, 200),
        ("PUT", "/api/v1/users/{user_id}") => (Thing::User, Some(json!({ "name": "Renamed" })), 200),
        ("DELETE", "/api/v1/users/{user_id}" | "/api/v1/users/{user_id}/factors") => (Thing::User, None, 204),
        ("PUT", "/api/v1/users/{user_id}/claims") => (Thing::User, Some(json!({ "locale": "en" })), 200),
        _ => return registration_sample(route),
    };
    assert_eq!(thing == Thing::None, !route.path.contains('{'), "{route:?}");
    Sample { thing, body, status }
}

const TENANT_CLIENTS: &str = "/api/v1/oauth/admin/clients";
const IDENTITY_CLIENTS: &str = "/v1/admin/oauth-clients";
const V1_CLIENTS: &str = "/v1/clients";
const OWN_CLIENTS: &str = "/api/v1/clients";

/// The samples of clients and scopes, through each contract.
fn registration_sample(route: &RegisteredRoute) -> Sample {
    let machine = json!({ "name": "Job", "grant_types": ["client_credentials"], "scope": "read" });
    let (thing, body, status) = match (route.method, route.path) {
        ("GET", TENANT_CLIENTS | IDENTITY_CLIENTS | CLIENTS | OWN_CLIENTS | SCOPES | V1_CLIENTS) => {
            (Thing::None, None, 200)
        }
        ("POST", TENANT_CLIENTS) => {
            let body = json!({ "name": "Job", "grantTypes": ["client_credentials"], "scopes": ["read"] });
            (Thing::None, Some(body), 201)
        }
        ("POST", IDENTITY_CLIENTS) => {
            let uris = ["https://app.example.com/cb"];
            let body = json!({ "client_name": "App", "redirect_uris": uris, "allowed_scopes": ["openid"] });
            (Thing::None, Some(body), 201)
        }
        ("POST", CLIENTS) => (Thing::None, Some(machine), 201),
        ("POST", V1_CLIENTS) => (Thing::None, Some(json!({ "name": "Job", "type": "machine" })), 201),
        ("POST", SCOPES) => (Thing::None, Some(json!({ "name": format!("scope-{}", number()) })), 201),
        (
            "GET",
            "/api/v1/oauth/admin/clients/{id}"
            | "/v1/admin/oauth-clients/{id}"
            | "/api/v1/oauth/clients/{client_id}"
            | "/api/v1/oauth/clients/{client_id}/secrets"
            | "/api/v1/clients/{client_id}"
            | "/api/v1/clients/{client_id}/logo"
            | "/v1/clients/{id}",
        )
        | (
            "POST",
            "/api/v1/oauth/admin/clients/{id}/regenerate-secret"
            | "/v1/admin/oauth-clients/{id}/rotate-secret"
            | "/api/v1/oauth/clients/{client_id}/rotate-secret"
            | "/api/v1/clients/{client_id}/rotate-secret"
            | "/v1/clients/{id}/rotate-secret",
        )
        | ("DELETE", "/api/v1/oauth/admin/clients/{id}") => (Thing::Client, None, 200),
        ("PUT", "/api/v1/oauth/admin/clients/{id}" | "/api/v1/oauth/clients/{client_id}")
        | ("PATCH", "/v1/clients/{id}") => (Thing::Client, Some(json!({ "name": "Renamed" })), 200),
        ("PUT" | "PATCH", "/api/v1/clients/{client_id}") => {
            (Thing::Client, Some(json!({ "audience": ["https://api.example.com"] })), 200)
        }
        ("PUT", "/api/v1/clients/{client_id}/logo") => (Thing::Client, Some(json!({ "logo": null })), 200),
        ("POST", OWN_CLIENTS) => (Thing::None, Some(json!({ "client_name": "Job", "kind": "machine" })), 201),
        ("PATCH", "/v1/admin/oauth-clients/{id}") => (Thing::Client, Some(json!({ "enabled": false })), 200),
        (
            "DELETE",
            "/v1/admin/oauth-clients/{id}"
            | "/api/v1/oauth/clients/{client_id}"
            | "/api/v1/clients/{client_id}"
            | "/v1/clients/{id}",
        ) => (Thing::Client, None, 204),
        ("GET", PROVIDERS) => (Thing::None, None, 200),
        ("POST", PROVIDERS) => {
            let body = json!({ "slug": format!("p-{}", number()), "preset": "google", "client_id": "x", "client_secret": "y" });
            (Thing::None, Some(body), 201)
        }
        ("GET", "/api/v1/identity-providers/{provider}") => (Thing::Provider, None, 200),
        ("PUT" | "PATCH", "/api/v1/identity-providers/{provider}") => {
            (Thing::Provider, Some(json!({ "name": "Renamed" })), 200)
        }
        ("DELETE", "/api/v1/identity-providers/{provider}") => (Thing::Provider, None, 204),
        ("GET", REGISTRATION_TOKENS) => (Thing::None, None, 200),
        ("POST", REGISTRATION_TOKENS) => (Thing::None, Some(json!({ "name": "partner" })), 201),
        ("GET", "/api/v1/registration-tokens/{id}") => (Thing::RegistrationToken, None, 200),
        ("DELETE", "/api/v1/registration-tokens/{id}") => (Thing::RegistrationToken, None, 204),
        ("GET", "/api/v1/oauth/scopes/{scope_id}") => (Thing::Scope, None, 200),
        ("PUT", "/api/v1/oauth/scopes/{scope_id}") => {
            (Thing::Scope, Some(json!({ "description": "Other words" })), 200)
        }
        ("DELETE", "/api/v1/oauth/scopes/{scope_id}") => (Thing::Scope, None, 204),
        ("GET", RESOURCES) => (Thing::None, None, 200),
        ("POST", RESOURCES) => (
            Thing::None,
            Some(json!({ "identifier": format!("urn:example:{}", number()), "name": "API" })),
            201,
        ),
        ("GET", "/api/v1/resources/{resource_id}") => (Thing::Resource, None, 200),
        ("PATCH", "/api/v1/resources/{resource_id}") => {
            (Thing::Resource, Some(json!({ "name": "Renamed" })), 200)
        }
        ("DELETE", "/api/v1/resources/{resource_id}") => (Thing::Resource, None, 204),
        other => panic!("{other:?} has no sample here: what does it need, and what does it answer?"),
    };
    assert_eq!(thing == Thing::None, !route.path.contains('{'), "{route:?}");
    Sample { thing, body, status }
}

fn needed(route: &RegisteredRoute) -> Permission {
    match route.needs {
        Needs::Permission(permission) | Needs::OwnOr(permission) | Needs::AnyPersonOr(permission) => {
            permission
        }
        Needs::NotAPerson => panic!("{route:?}: it needs no permission"),
        Needs::PersonThroughInteraction
        | Needs::InteractionOr(_)
        | Needs::PersonOr(_)
        | Needs::Every(_)
        | Needs::Anybody => {
            panic!("{route:?}: walked in its contract's test")
        }
    }
}

/// Whether a caller of this kind is enough, whatever it may do.
fn is_enough(route: &RegisteredRoute, kind: &str) -> bool {
    matches!(route.needs, Needs::AnyPersonOr(_)) && kind.starts_with("person")
}

/// Makes what a path names, in a tenant, and gives its name.
async fn make(server: &TestServer, tenant: &TestTenant, thing: Thing) -> String {
    let name = format!("thing-{}", number());
    let (path, body, member) = match thing {
        Thing::None => return String::new(),
        Thing::ApiKey => (KEYS, json!({ "name": name, "permissions": [] }), "id"),
        Thing::Client => {
            (CLIENTS, json!({ "name": name, "grant_types": ["client_credentials"], "scope": "read" }), "id")
        }
        Thing::RegistrationToken => (REGISTRATION_TOKENS, json!({ "name": name }), "id"),
        Thing::Resource => {
            (RESOURCES, json!({ "identifier": format!("urn:example:{name}"), "name": name }), "id")
        }
        Thing::Scope => (SCOPES, json!({ "name": name }), "id"),
        Thing::Provider => (
            PROVIDERS,
            json!({ "slug": name, "preset": "google", "client_id": "x", "client_secret": "y" }),
            "slug",
        ),
        Thing::Role => (ROLES, json!({ "name": name, "permissions": [] }), "name"),
        Thing::Group => (GROUPS, json!({ "name": name }), "id"),
        Thing::Tenant => (TENANTS, json!({ "slug": name }), "id"),
        Thing::User => (USERS, json!({ "username": name, "password_hash": IMPORTED }), "id"),
        Thing::SigningKey => ("/api/v1/keys/rotate", json!({}), "kid"),
    };
    let answer = Ask::post(path, &body).key(&server.management_key()).tenant(tenant).send(server).await;
    let made = answer.member(member);
    assert!(!made.is_empty(), "{}", answer.text());
    made
}

fn filled(route: &RegisteredRoute, with: &str) -> String {
    // The one contract that writes ids its own way.
    let with = match ClientId::parse_uuid(with) {
        Some(id) if route.path.starts_with(V1_CLIENTS) => id.prefixed(),
        Some(_) | None => with.to_owned(),
    };
    let path = route.path.replace("{id}", &with).replace("{name}", &with).replace("{kid}", &with);
    let path = path.replace("{resource_id}", &with).replace("{group_id}", &with);
    path.replace("{client_id}", &with)
        .replace("{scope_id}", &with)
        .replace("{user_id}", &with)
        .replace("{provider}", &with)
}

/// Where what a path names can be read.
fn reading(thing: Thing, name: &str) -> String {
    match thing {
        Thing::None => panic!("nothing to read"),
        Thing::ApiKey => format!("{KEYS}/{name}"),
        Thing::Client => format!("{IDENTITY_CLIENTS}/{name}"),
        Thing::Provider => format!("{PROVIDERS}/{name}"),
        Thing::RegistrationToken => format!("{REGISTRATION_TOKENS}/{name}"),
        Thing::Resource => format!("{RESOURCES}/{name}"),
        Thing::Scope => format!("{SCOPES}/{name}"),
        Thing::Role => format!("{ROLES}/{name}"),
        Thing::Group => format!("{GROUPS}/{name}"),
        Thing::SigningKey => SIGNING_KEYS.to_owned(),
        Thing::Tenant => format!("{TENANTS}/{name}"),
        Thing::User => format!("{USERS}/{name}"),
    }
}

/// The code and the text of a refusal, in whichever contract's shape.
fn refusal(answer: &Answer) -> (String, String) {
    let body = answer.json();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let code = text("/error/code").or_else(|| text("/error")).unwrap_or_default();
    let message = text("/error/message").or_else(|| text("/message")).or_else(|| text("/error_description"));
    (code, message.unwrap_or_default())
}

/// What a route answers to a call in a tenant.
async fn call(
    server: &TestServer,
    (route, tenant): (&RegisteredRoute, &TestTenant),
    path: &str,
    by: &Credential,
) -> Answer {
    let mut ask = Ask::new(route.method, path).by(by.clone());
    if route.tenant == TenantHeader::Required {
        ask = ask.tenant(tenant);
    }
    if let Some(body) = sample(route).body {
        ask = ask.json(&body);
    }
    ask.send(server).await
}

/// The routes of the API description that need a permission; `open.rs` walks those that are not managed.
fn routes() -> Vec<RegisteredRoute> {
    let registered = router::managed().finish().1;
    let described = openapi::paths::all();
    let mut routes: Vec<_> = described
        .iter()
        .filter_map(|one| {
            registered.iter().find(|route| (route.method, route.path) == (one.method, one.path)).copied()
        })
        .collect();
    assert_eq!(routes.len(), registered.len(), "{routes:?}");
    // What people do about their own things is walked in `contracts::own`.
    routes.retain(|route| matches!(route.needs, Needs::Permission(_) | Needs::OwnOr(_)));
    assert!(routes.len() >= 15, "{routes:?}");
    routes
}

/// What is done for a person is done by that person, through an application of the tenant's own, and
/// whatever else somebody may do does not help.
#[tokio::test]
async fn what_people_do_for_themselves_nobody_else_does_for_them() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let mut routes = router::managed().finish().1;
    routes.retain(|route| route.needs == Needs::PersonThroughInteraction && !route.path.contains("/consent"));
    assert!(!routes.is_empty());
    for route in routes {
        for (kind, by) in callers(&server, &tenant, Permissions::all()).await {
            let path = filled(&route, "x");
            let answer = Ask::new(route.method, &path).by(by).json(&json!({})).send(&server).await;
            match kind {
                "person narrowed by role" | "person narrowed by scope" => {
                    assert!(answer.status < 500 && answer.status != 403, "{route:?}: {}", answer.text());
                }
                _ => drop(answer.refused(403, "access_denied")),
            }
        }
        challenged(
            &Ask::new(route.method, &filled(&route, "x")).send(&server).await,
            &["Basic", "Bearer", "DPoP"],
            route.path,
        );
    }
}

/// Those that need a permission; the other ones have tests of their own.
fn with_permission() -> Vec<RegisteredRoute> {
    routes().into_iter().filter(|route| route.needs != Needs::NotAPerson).collect()
}

#[tokio::test]
async fn each_route_takes_its_permission_from_every_kind_of_caller_and_no_other() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    for held in Permission::ALL {
        for (kind, by) in callers(&server, &tenant, [*held].into_iter().collect()).await {
            for route in with_permission() {
                let what = format!("{kind} with {} at {} {}", held.name(), route.method, route.path);
                let (permission, sample) = (needed(&route), sample(&route));
                if permission == *held || has_own(&route, kind) || is_enough(&route, kind) {
                    let thing = make(&server, &tenant, sample.thing).await;
                    let answer = call(&server, (&route, &tenant), &filled(&route, &thing), &by).await;
                    assert_eq!(answer.status, sample.status, "{what}: {}", answer.text());
                } else {
                    // Also for what is not there: authority comes first.
                    let answer = call(&server, (&route, &tenant), &filled(&route, "nothing"), &by).await;
                    lacks(&answer, permission, &what);
                }
            }
        }
    }
}

#[tokio::test]
async fn everything_but_the_needed_permission_is_not_enough() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    for route in with_permission() {
        let permission = needed(&route);
        let path = filled(&route, &make(&server, &tenant, sample(&route).thing).await);
        for may in [without(permission), Permissions::NONE] {
            for (kind, by) in callers(&server, &tenant, may).await {
                let answer = call(&server, (&route, &tenant), &path, &by).await;
                if has_own(&route, kind) || is_enough(&route, kind) {
                    assert_eq!(answer.status, sample(&route).status, "{kind}: {}", answer.text());
                    continue;
                }
                lacks(&answer, permission, &format!("{kind} with {may:?} at {route:?}"));
            }
        }
    }
}

/// Whether a caller without the permission has something of their own at a route.
fn has_own(route: &RegisteredRoute, kind: &str) -> bool {
    matches!(route.needs, Needs::OwnOr(_))
        && (kind.starts_with("application") || kind.starts_with("person narrowed"))
}

#[track_caller]
fn lacks(answer: &Answer, permission: Permission, what: &str) {
    let (code, text) = refusal(answer);
    assert_eq!((answer.status, &*code), (403, "insufficient_scope"), "{what}: {}", answer.text());
    // To a person, what is missing for their own is said behind it.
    let needed = format!("this needs the permission {}", permission.name());
    let own = text.strip_prefix(&needed).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(
        own.is_empty() || (own.contains("interaction_clients") && what.contains("person")),
        "{what}: {text}"
    );
}

#[tokio::test]
async fn no_route_answers_without_a_good_credential() {
    let server = TestServer::start().await;
    let (home, acme) = (server.default_tenant(), server.tenant("acme").await);
    for route in routes() {
        for (path, tenant) in [(filled(&route, "x"), &home), (acme.path(&filled(&route, "x")), &acme)] {
            let what = format!("{} {path}", route.method);
            for (by, schemes) in [
                (Credential::None, &["Basic", "Bearer", "DPoP"][..]),
                (Credential::Header("Negotiate abc".to_owned()), &["Basic", "Bearer", "DPoP"]),
                (Credential::Header("Basic !!!".to_owned()), &["Basic"]),
                (Credential::basic("nobody", "nothing"), &["Basic"]),
                (Credential::bearer("x"), &["Bearer"]),
                (Credential::bearer("sk_live_x"), &["Bearer"]),
            ] {
                challenged(&call(&server, (&route, tenant), &path, &by).await, schemes, &what);
            }
        }
    }
}

/// A foreign row id answers exactly as an unknown one.
#[tokio::test]
async fn what_is_another_tenants_is_not_there() {
    let server = TestServer::start().await;
    let (ours, theirs) = (server.tenant("ours").await, server.tenant("theirs").await);
    let unknown = "018bcfe5-6800-7abc-8def-0123456789ab";
    // Someone who may do everything in their own tenant, and an operator who acts in it by name.
    let admin_key = key(&server, &theirs, admin()).await;
    for route in routes() {
        let thing = sample(&route).thing;
        if thing == Thing::None {
            continue;
        }
        let made = make(&server, &ours, thing).await;
        let foreign = filled(&route, &made);
        let unknown = filled(&route, if thing == Thing::Role { "role-of-nobody" } else { unknown });
        for below in [false, true] {
            let at = |path: &str| if below { theirs.path(path) } else { path.to_owned() };
            let by = Credential::bearer(&admin_key);
            let one = call(&server, (&route, &theirs), &at(&foreign), &by).await;
            let other = call(&server, (&route, &theirs), &at(&unknown), &by).await;
            assert_eq!((one.status, one.text()), (other.status, other.text()), "{route:?}");
            assert_eq!(one.status, if thing == Thing::Tenant { 403 } else { 404 }, "{route:?}");
        }
        if thing != Thing::Tenant {
            let operator = |path: &str| {
                let ask = Ask::new(route.method, path).key(&server.management_key()).tenant(&theirs);
                sample(&route).body.map_or(ask.clone(), |body| ask.json(&body))
            };
            let one = operator(&foreign).send(&server).await.expect(404);
            assert_eq!(refusal(&one).0, "not_found");
            let other = operator(&unknown).send(&server).await;
            assert_eq!((one.status, one.text()), (other.status, other.text()), "{route:?}");
        }
        // Nothing of it was touched: in its own tenant it is still there, and can be read as before.
        let reading = Ask::get(&reading(thing, &made)).key(&server.management_key()).tenant(&ours);
        assert!(reading.send(&server).await.expect(200).text().contains(&made), "{route:?}");
    }
}

/// A list shows the tenant's own rows and no others.
#[tokio::test]
async fn lists_are_of_one_tenant() {
    let server = TestServer::start().await;
    let (ours, theirs) = (server.tenant("ours").await, server.tenant("theirs").await);
    for (path, thing) in [
        (KEYS, Thing::ApiKey),
        (ROLES, Thing::Role),
        (GROUPS, Thing::Group),
        (USERS, Thing::User),
        (SCOPES, Thing::Scope),
        (CLIENTS, Thing::Client),
        (IDENTITY_CLIENTS, Thing::Client),
    ] {
        let mine = make(&server, &ours, thing).await;
        let foreign = make(&server, &theirs, thing).await;
        let by = key(&server, &ours, admin()).await;
        let text = Ask::get(path).key(&by).send(&server).await.expect(200).text().to_owned();
        assert!(text.contains(&mine) && !text.contains(&foreign), "{text}");
    }
}

/// **tenant**'s admin routes and **clients** are never called without saying for which tenant.
#[tokio::test]
async fn some_routes_have_to_be_told_their_tenant() {
    let server = TestServer::start().await;
    let by = Credential::bearer(&server.management_key());
    for route in routes() {
        let named = route.path.starts_with(TENANT_CLIENTS) || route.path.starts_with(V1_CLIENTS);
        assert_eq!(route.tenant == TenantHeader::Required, named, "{route:?}");
        if named {
            let answer = Ask::new(route.method, &filled(&route, "x")).by(by.clone()).send(&server).await;
            let (code, text) = refusal(&answer.expect(400));
            assert_eq!(code, "invalid_request");
            assert!(text.starts_with("X-Tenant-ID: missing"), "{text}");
        }
    }
}

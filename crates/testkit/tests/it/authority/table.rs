//! The permissions of every management route as the authority page has them ("By endpoint"), written down by hand and
//! not read from the router; each route is held against its row with real credentials.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use writ_core::authority::{Permission, Permissions};
use writ_server::router;
use writ_testkit::{Credential, Engine, TestServer, TestTenant};

use super::{Ask, application, key, person, role, set, token_for};

/// Whose call gets past the door of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    /// Whoever has the permission, of whichever kind.
    Has(&'static str),
    /// Whoever has both permissions, of whichever kind.
    HasBoth(&'static str, &'static str),
    /// A person through an interaction client; applications and API keys with the permission.
    InteractionOr(&'static str),
    /// A person through an interaction client about what is theirs; else the permission.
    OwnPersonOr(&'static str),
    /// A person through an interaction client and an application about what is theirs; else the permission.
    OwnOr(&'static str),
    /// A person through an interaction client, and nobody else.
    Interaction,
    /// Any person; applications and API keys with the permission.
    PersonOr(&'static str),
    /// Applications and API keys.
    NoPerson,
    /// Any credential.
    Any,
}

const OR: &str = "oauth:read";
const OW: &str = "oauth:write";

/// Every management route: method, path, who may.
const TABLE: &[(&str, &str, May)] = &[
    // tenant: admin clients
    ("GET", "/api/v1/oauth/admin/clients", May::Has(OR)),
    ("POST", "/api/v1/oauth/admin/clients", May::Has(OW)),
    ("GET", "/api/v1/oauth/admin/clients/{id}", May::Has(OR)),
    ("PUT", "/api/v1/oauth/admin/clients/{id}", May::Has(OW)),
    ("DELETE", "/api/v1/oauth/admin/clients/{id}", May::Has(OW)),
    ("POST", "/api/v1/oauth/admin/clients/{id}/regenerate-secret", May::Has(OW)),
    // tenant: consent, consents
    ("POST", "/api/v1/oauth/consent", May::Interaction),
    ("GET", "/api/v1/oauth/consent/{loginChallenge}", May::Interaction),
    ("GET", "/api/v1/oauth/consents", May::InteractionOr(OR)),
    ("POST", "/api/v1/oauth/consents", May::Interaction),
    ("GET", "/api/v1/oauth/consents/history", May::InteractionOr(OR)),
    ("DELETE", "/api/v1/oauth/consents/{consent_id}", May::InteractionOr(OW)),
    // identity
    ("GET", "/v1/admin/oauth-clients", May::Has(OR)),
    ("POST", "/v1/admin/oauth-clients", May::Has(OW)),
    ("GET", "/v1/admin/oauth-clients/{id}", May::Has(OR)),
    ("PATCH", "/v1/admin/oauth-clients/{id}", May::Has(OW)),
    ("DELETE", "/v1/admin/oauth-clients/{id}", May::Has(OW)),
    ("POST", "/v1/admin/oauth-clients/{id}/rotate-secret", May::Has(OW)),
    // oauth2: clients, scopes
    ("GET", "/api/v1/oauth/clients", May::Has(OR)),
    ("POST", "/api/v1/oauth/clients", May::Has(OW)),
    ("GET", "/api/v1/oauth/clients/{client_id}", May::PersonOr(OR)),
    ("PUT", "/api/v1/oauth/clients/{client_id}", May::Has(OW)),
    ("DELETE", "/api/v1/oauth/clients/{client_id}", May::Has(OW)),
    ("GET", "/api/v1/oauth/clients/{client_id}/secrets", May::Has(OR)),
    ("POST", "/api/v1/oauth/clients/{client_id}/rotate-secret", May::Has(OW)),
    ("GET", "/api/v1/oauth/scopes", May::Has(OR)),
    ("POST", "/api/v1/oauth/scopes", May::Has(OW)),
    ("GET", "/api/v1/oauth/scopes/{scope_id}", May::Has(OR)),
    ("PUT", "/api/v1/oauth/scopes/{scope_id}", May::Has(OW)),
    ("DELETE", "/api/v1/oauth/scopes/{scope_id}", May::Has(OW)),
    // oauth2: users, profile; registering one is open and has tests of its own
    ("GET", "/api/v1/users", May::Has("users:read")),
    ("GET", "/api/v1/users/{user_id}", May::Has("users:read")),
    ("PUT", "/api/v1/users/{user_id}", May::Has("users:write")),
    ("DELETE", "/api/v1/users/{user_id}", May::Has("users:write")),
    // Writ's own: what else applications are told of a person
    ("GET", "/api/v1/users/{user_id}/claims", May::Has("users:read")),
    ("PUT", "/api/v1/users/{user_id}/claims", May::Has("users:write")),
    ("GET", "/api/v1/users/{user_id}/factors", May::Has("users:read")),
    ("DELETE", "/api/v1/users/{user_id}/factors", May::Has("users:write")),
    ("PUT", "/api/v1/users/profile", May::Interaction),
    // oauth2: tokens, sessions, audit log, rate limits
    ("GET", "/api/v1/oauth/tokens", May::OwnOr(OR)),
    ("POST", "/api/v1/oauth/tokens/revoke", May::OwnOr(OW)),
    ("POST", "/api/v1/oauth/tokens/bulk-revoke", May::OwnOr(OW)),
    ("GET", "/api/v1/oauth/sessions", May::OwnPersonOr("sessions:read")),
    ("DELETE", "/api/v1/oauth/sessions/{session_id}", May::OwnPersonOr("sessions:write")),
    ("GET", "/api/v1/audit-logs", May::Has("audit:read")),
    // Writ's own: who could not be told of a sign-out
    ("GET", "/api/v1/logouts", May::Has("sessions:read")),
    ("GET", "/api/v1/oauth/rate-limits", May::NoPerson),
    // clients
    ("GET", "/v1/clients", May::Has(OR)),
    ("POST", "/v1/clients", May::Has(OW)),
    ("GET", "/v1/clients/{id}", May::Has(OR)),
    ("PATCH", "/v1/clients/{id}", May::Has(OW)),
    ("DELETE", "/v1/clients/{id}", May::Has(OW)),
    ("POST", "/v1/clients/{id}/rotate-secret", May::Has(OW)),
    ("GET", "/v1/clients/{id}/tokens", May::Has(OR)),
    // clients, all of a client
    ("GET", "/api/v1/clients", May::Has(OR)),
    ("POST", "/api/v1/clients", May::Has(OW)),
    ("GET", "/api/v1/clients/{client_id}", May::Has(OR)),
    ("PUT", "/api/v1/clients/{client_id}", May::Has(OW)),
    ("PATCH", "/api/v1/clients/{client_id}", May::Has(OW)),
    ("DELETE", "/api/v1/clients/{client_id}", May::Has(OW)),
    ("POST", "/api/v1/clients/{client_id}/rotate-secret", May::Has(OW)),
    ("GET", "/api/v1/clients/{client_id}/logo", May::Has(OR)),
    ("PUT", "/api/v1/clients/{client_id}/logo", May::Has(OW)),
    // initial access tokens
    ("GET", "/api/v1/registration-tokens", May::Has(OR)),
    ("POST", "/api/v1/registration-tokens", May::Has(OW)),
    ("GET", "/api/v1/registration-tokens/{id}", May::Has(OR)),
    ("DELETE", "/api/v1/registration-tokens/{id}", May::Has(OW)),
    ("GET", "/api/v1/resources", May::Has(OR)),
    ("POST", "/api/v1/resources", May::Has(OW)),
    ("GET", "/api/v1/resources/{resource_id}", May::Has(OR)),
    ("PATCH", "/api/v1/resources/{resource_id}", May::Has(OW)),
    ("DELETE", "/api/v1/resources/{resource_id}", May::Has(OW)),
    // other identity providers
    ("GET", "/api/v1/identity-providers", May::Has(OR)),
    ("POST", "/api/v1/identity-providers", May::HasBoth(OW, "users:write")),
    ("GET", "/api/v1/identity-providers/{provider}", May::Has(OR)),
    ("PUT", "/api/v1/identity-providers/{provider}", May::HasBoth(OW, "users:write")),
    ("PATCH", "/api/v1/identity-providers/{provider}", May::HasBoth(OW, "users:write")),
    ("DELETE", "/api/v1/identity-providers/{provider}", May::HasBoth(OW, "users:write")),
    // API keys, signing keys, roles, tenants
    ("GET", "/api/v1/api-keys", May::Has("keys:read")),
    ("POST", "/api/v1/api-keys", May::Has("keys:write")),
    ("GET", "/api/v1/api-keys/{id}", May::Has("keys:read")),
    ("PUT", "/api/v1/api-keys/{id}", May::Has("keys:write")),
    ("DELETE", "/api/v1/api-keys/{id}", May::Has("keys:write")),
    ("GET", "/api/v1/keys", May::Has("keys:read")),
    ("POST", "/api/v1/keys/rotate", May::Has("keys:write")),
    ("POST", "/api/v1/keys/{kid}/compromised", May::Has("keys:write")),
    ("GET", "/api/v1/roles", May::Has("users:read")),
    ("POST", "/api/v1/roles", May::Has("users:write")),
    ("GET", "/api/v1/roles/{name}", May::Has("users:read")),
    ("PUT", "/api/v1/roles/{name}", May::Has("users:write")),
    ("DELETE", "/api/v1/roles/{name}", May::Has("users:write")),
    ("GET", "/api/v1/groups", May::Has("users:read")),
    ("POST", "/api/v1/groups", May::Has("users:write")),
    ("GET", "/api/v1/groups/{group_id}", May::Has("users:read")),
    ("PATCH", "/api/v1/groups/{group_id}", May::Has("users:write")),
    ("DELETE", "/api/v1/groups/{group_id}", May::Has("users:write")),
    ("GET", "/api/v1/groups/{group_id}/members", May::Has("users:read")),
    ("POST", "/api/v1/groups/{group_id}/members", May::Has("users:write")),
    ("GET", "/api/v1/users/{user_id}/groups", May::Has("users:read")),
    ("GET", "/api/v1/tenants", May::Has("tenants:read")),
    ("POST", "/api/v1/tenants", May::Has("tenants:write")),
    ("GET", "/api/v1/tenants/{id}", May::Has("tenants:read")),
    ("PUT", "/api/v1/tenants/{id}", May::Has("tenants:write")),
    ("DELETE", "/api/v1/tenants/{id}", May::Has("tenants:write")),
    // one's own tenant
    ("GET", "/api/v1/tenant", May::Any),
    ("PUT", "/api/v1/tenant", May::HasBoth(OW, "users:write")),
    ("PATCH", "/api/v1/tenant", May::HasBoth(OW, "users:write")),
    ("POST", "/api/v1/tenant/preview", May::HasBoth(OW, "users:write")),
];

/// The kinds of callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A person through an interaction client.
    Acting,
    /// A person through a first-party client that the tenant does not name.
    FirstParty,
    /// A person through a third party's client.
    Third,
    /// An application.
    Application,
    /// An API key.
    Key,
}

impl May {
    /// Whether a caller of a kind with these permissions is let in.
    fn lets_in(self, kind: Kind, held: Permissions) -> bool {
        let has = |name| held.contains(Permission::by_name(name).expect("a permission"));
        let is_person = matches!(kind, Kind::Acting | Kind::FirstParty | Kind::Third);
        match self {
            Self::Has(name) => has(name),
            Self::HasBoth(one, other) => has(one) && has(other),
            Self::InteractionOr(name) => kind == Kind::Acting || (!is_person && has(name)),
            Self::OwnPersonOr(name) => kind == Kind::Acting || has(name),
            Self::OwnOr(name) => matches!(kind, Kind::Acting | Kind::Application) || has(name),
            Self::Interaction => kind == Kind::Acting,
            Self::PersonOr(name) => is_person || has(name),
            Self::NoPerson => !is_person,
            Self::Any => true,
        }
    }
}

/// A caller of each kind with exactly these permissions.
async fn everyone(server: &TestServer, tenant: &TestTenant, may: Permissions) -> Vec<(Kind, Credential)> {
    let number = super::number();
    let client = |name: &str| server.client(&format!("{name}-{number}")).of(tenant);
    let acting = client("acting").interaction().create().await;
    let first = client("first").first_party().create().await;
    let third = client("third").create().await;
    let user = person(server, tenant, &[&role(server, tenant, may).await]).await;
    let all = super::scope(Permissions::all());
    let mut found = Vec::new();
    for (kind, app) in [(Kind::Acting, &acting), (Kind::FirstParty, &first), (Kind::Third, &third)] {
        found.push((kind, Credential::bearer(&token_for(server, app, user, &all).await)));
    }
    let app = application(server, tenant, may).await;
    found.push((Kind::Application, Credential::from(&app)));
    found.push((Kind::Application, Credential::bearer(&server.access_token(&app).await)));
    found.push((Kind::Key, Credential::bearer(&key(server, tenant, may).await)));
    found
}

/// Calls a route about what is not there, with a body that changes nothing: only the door is looked at.
async fn status(server: &TestServer, (method, path): (&str, String), by: (&Credential, &TestTenant)) -> u16 {
    let ask = Ask::new(method, &path).by(by.0.clone()).tenant(by.1);
    let ask = if method == "GET" { ask } else { ask.json(&Value::Null) };
    let answer = ask.send(server).await;
    assert!(answer.status < 500, "{method} {path}: {}", answer.text());
    answer.status
}

/// A path with something in the place of its parameter that is nobody's.
fn filled(path: &str) -> String {
    let (mut filled, mut within) = (String::new(), false);
    for letter in path.chars() {
        match letter {
            '{' => within = true,
            '}' => {
                within = false;
                filled.push_str("nothing");
            }
            other if !within => filled.push(other),
            _ => {}
        }
    }
    filled
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let rows: BTreeSet<_> = TABLE.iter().map(|(method, path, _)| (*method, *path)).collect();
    assert_eq!(rows.len(), TABLE.len(), "a row twice");
    let routes: BTreeSet<_> =
        router::managed().finish().1.iter().map(|route| (route.method, route.path)).collect();
    assert_eq!(
        rows.difference(&routes).collect::<Vec<_>>(),
        Vec::<&(&str, &str)>::new(),
        "rows without a route"
    );
    assert_eq!(
        routes.difference(&rows).collect::<Vec<_>>(),
        Vec::<&(&str, &str)>::new(),
        "routes without a row"
    );
}

async fn walk(engine: Engine) {
    let server = TestServer::on(engine).await;
    let (home, acme) = (server.default_tenant(), server.tenant("acme").await);
    // Each permission alone, each missing once, none and all.
    let alone = Permission::ALL.iter().map(|one| set(&[*one]));
    let missing = Permission::ALL.iter().map(|one| super::without(*one)).chain([Permissions::NONE]);
    let (alone, missing): (Vec<_>, Vec<_>) = (alone.chain([Permissions::all()]).collect(), missing.collect());
    let every: Vec<_> = alone.iter().chain(&missing).copied().collect();
    for (tenant, below, sets) in [(&home, false, &every), (&acme, true, &missing)] {
        for held in sets {
            for (kind, by) in everyone(&server, tenant, *held).await {
                for (method, path, may) in TABLE {
                    let at = if below { tenant.path(&filled(path)) } else { filled(path) };
                    let found = status(&server, (method, at), (&by, tenant)).await;
                    let expected = may.lets_in(kind, *held);
                    let what =
                        format!("{method} {path} in {} by {kind:?} with {held:?}: {found}", tenant.slug);
                    assert_eq!(!matches!(found, 401 | 403), expected, "{what}");
                }
            }
        }
        for (method, path, _) in TABLE {
            let at = if below { tenant.path(&filled(path)) } else { filled(path) };
            assert_eq!(
                status(&server, (method, at), (&Credential::None, tenant)).await,
                401,
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn each_route_takes_whom_its_row_names_on_sqlite() {
    walk(Engine::Sqlite).await;
}

#[tokio::test]
async fn each_route_takes_whom_its_row_names_on_postgres() {
    walk(Engine::Postgres).await;
}

/// Beside `oauth:write`, whatever touches a trusted client needs `clients:trust`: through every contract.
async fn trusted(engine: Engine) {
    let server = TestServer::on(engine).await;
    let (home, acme) = (server.default_tenant(), server.tenant("acme").await);
    for tenant in [&home, &acme] {
        let writer = key(&server, tenant, set(&[Permission::OauthWrite, Permission::OauthRead])).await;
        let trusting = set(&[Permission::OauthWrite, Permission::OauthRead, Permission::ClientsTrust]);
        let trusting = key(&server, tenant, trusting).await;
        let n = super::number();
        let first = server.client(&format!("own-{n}")).of(tenant).first_party().create().await;
        let named = server.client(&format!("named-{n}")).of(tenant).interaction().create().await;
        let plain = server.client(&format!("plain-{n}")).of(tenant).create().await;
        let promote = json!({ "is_first_party": true });
        let path = format!("/v1/admin/oauth-clients/{}", plain.id);
        let own = format!("/api/v1/clients/{}", plain.client_id);
        let first_party = json!({ "first_party": true });
        let _ = Ask::new("PATCH", &own).json(&first_party).key(&writer).send(&server).await.expect(403);
        let new = json!({
            "client_name": "New", "kind": "web", "redirect_uris": ["https://a.example/cb"], "first_party": true,
        });
        let _ = Ask::post("/api/v1/clients", &new).key(&writer).send(&server).await.expect(403);
        let _ = Ask::new("PATCH", &path).json(&promote).key(&writer).send(&server).await.expect(403);
        for client in [&first, &named] {
            let (id, prefixed, client_id) = (client.id, client.id.prefixed(), &client.client_id);
            let rename = json!({ "name": "Renamed" });
            let asks = [
                Ask::put(&format!("/api/v1/oauth/admin/clients/{id}"), &rename),
                Ask::post(&format!("/api/v1/oauth/admin/clients/{id}/regenerate-secret"), &json!({})),
                Ask::new("PATCH", &format!("/v1/admin/oauth-clients/{id}"))
                    .json(&json!({ "redirect_uris": ["https://evil.example/"] })),
                Ask::new("PATCH", &format!("/v1/admin/oauth-clients/{id}"))
                    .json(&json!({ "enabled": false })),
                Ask::post(&format!("/v1/admin/oauth-clients/{id}/rotate-secret"), &json!({})),
                Ask::put(&format!("/api/v1/oauth/clients/{client_id}"), &rename),
                Ask::post(&format!("/api/v1/oauth/clients/{client_id}/rotate-secret"), &json!({})),
                Ask::put(&format!("/api/v1/clients/{client_id}"), &json!({ "require_pkce": true })),
                Ask::new("PATCH", &format!("/api/v1/clients/{client_id}"))
                    .json(&json!({ "redirect_uris": ["https://evil.example/"] })),
                Ask::post(&format!("/api/v1/clients/{client_id}/rotate-secret"), &json!({})),
                Ask::put(&format!("/api/v1/clients/{client_id}/logo"), &json!({ "logo": null })),
                Ask::delete(&format!("/api/v1/clients/{client_id}")),
                Ask::new("PATCH", &format!("/v1/clients/{prefixed}")).json(&rename),
                Ask::post(&format!("/v1/clients/{prefixed}/rotate-secret"), &json!({})),
                Ask::delete(&format!("/api/v1/oauth/admin/clients/{id}")),
                Ask::delete(&format!("/v1/admin/oauth-clients/{id}")),
                Ask::delete(&format!("/api/v1/oauth/clients/{client_id}")),
                Ask::delete(&format!("/v1/clients/{prefixed}")),
            ];
            for ask in asks {
                let answer = ask.clone().key(&writer).tenant(tenant).send(&server).await;
                assert_eq!(answer.status, 403, "{ask:?}: {}", answer.text());
                assert!(answer.text().contains("clients:trust"), "{}", answer.text());
            }
            let path = format!("/v1/clients/{prefixed}");
            let _ = Ask::new("PATCH", &path)
                .json(&rename)
                .key(&trusting)
                .tenant(tenant)
                .send(&server)
                .await
                .expect(200);
        }
    }
}

#[tokio::test]
async fn a_trusted_client_needs_clients_trust_on_sqlite() {
    trusted(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_trusted_client_needs_clients_trust_on_postgres() {
    trusted(Engine::Postgres).await;
}

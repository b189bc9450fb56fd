//! The ways in which somebody became somebody else, or more than they were; each on both engines, at the root and in a
//! tenant.

use serde_json::json;
use writ_core::authority::{Permission, Permissions};
use writ_core::client::GrantType;
use writ_testkit::{Credential, Engine, Planted, TestServer, TestTenant};

use super::{Ask, CLIENTS, KEYS, TENANTS, admin, application, key, number, person, set, token_for};

const CONSENTS: &str = "/api/v1/oauth/consents";
const SESSIONS: &str = "/api/v1/oauth/sessions";

/// A path at the root for the first tenant, below `/t/{slug}` for the other.
fn at(server: &TestServer, tenant: &TestTenant, path: &str) -> String {
    if tenant.id == server.default_tenant().id { path.to_owned() } else { tenant.path(path) }
}

macro_rules! on_both {
    ($($(#[doc = $doc:literal])* $name:ident / $sqlite:ident / $postgres:ident;)*) => {$(
        $(#[doc = $doc])*
        #[tokio::test]
        async fn $sqlite() {
            walk(Engine::Sqlite, $name).await;
        }

        $(#[doc = $doc])*
        #[tokio::test]
        async fn $postgres() {
            walk(Engine::Postgres, $name).await;
        }
    )*};
}

async fn walk(engine: Engine, story: impl AsyncFn(&TestServer, &TestTenant)) {
    let server = TestServer::on(engine).await;
    for tenant in [server.default_tenant(), server.tenant("acme").await] {
        story(&server, &tenant).await;
    }
}

on_both! {
    /// First party alone is not enough, and a token for other APIs too is not either.
    nobody_acts_through_others / nobody_acts_through_others_on_sqlite / nobody_acts_through_others_on_postgres;
    /// Writ's permissions are approved on Writ's own page.
    permissions_are_not_recorded / permissions_are_not_recorded_on_sqlite / permissions_are_not_recorded_on_postgres;
    /// A client's own authority needs `client_credentials`, for Basic and for tokens from before.
    a_code_client_is_nobody / a_code_client_is_nobody_on_sqlite / a_code_client_is_nobody_on_postgres;
    /// `keys:write` takes no wider key away, and an `Idempotency-Key` shows no secret to who lost the right.
    keys_stay_their_owners / keys_stay_their_owners_on_sqlite / keys_stay_their_owners_on_postgres;
    /// Who acts for people is said with `clients:trust`.
    interaction_clients_need_trust / interaction_clients_need_trust_on_sqlite / interaction_clients_need_trust_on_postgres;
    /// `tenants:read` alone only reads elsewhere; any credential hears of its own tenant.
    reading_tenants_only_reads / reading_tenants_only_reads_on_sqlite / reading_tenants_only_reads_on_postgres;
}

async fn nobody_acts_through_others(server: &TestServer, tenant: &TestTenant) {
    let n = number();
    let user = person(server, tenant, &["operator"]).await;
    let first = server.client(&format!("first-{n}")).of(tenant).first_party().create().await;
    let acting = server.client(&format!("acting-{n}")).of(tenant).interaction().create().await;
    let all = super::scope(Permissions::all());
    let by_first = token_for(server, &first, user, &format!("openid {all}")).await;
    let audience = [&*tenant.issuer, "https://api.example"];
    let shared =
        server.plant(&acting, Planted { user: Some(user), scope: "openid", audience: &audience }).await;
    for (token, said) in [(&by_first, "interaction_clients"), (&shared, "aud")] {
        for ask in [
            Ask::post("/api/v1/oauth/consent", &json!({ "loginChallenge": "ch_x", "approved": true })),
            Ask::get("/api/v1/oauth/consent/ch_x"),
            Ask::get(CONSENTS),
            Ask::post(CONSENTS, &json!({ "client_id": first.client_id, "scopes": ["openid"] })),
            Ask::get("/api/v1/oauth/consents/history"),
            Ask::delete("/api/v1/oauth/consents/x"),
            Ask::put("/api/v1/users/profile", &json!({ "name": "Mallory" })),
        ] {
            let below = Ask { path: at(server, tenant, &ask.path), ..ask };
            let answer = below.clone().key(token).send(server).await;
            assert_eq!(answer.status, 403, "{below:?}: {}", answer.text());
            assert!(answer.text().contains(said), "{below:?}: {}", answer.text());
        }
    }
    // Without the permission, one's own sign-ins are not told through it either.
    let plain = token_for(server, &first, user, "openid").await;
    let answer = Ask::get(&at(server, tenant, SESSIONS)).key(&plain).send(server).await.expect(403);
    assert!(answer.text().contains("interaction_clients"), "{}", answer.text());
    let own = token_for(server, &acting, user, "openid").await;
    let _ = Ask::get(&at(server, tenant, SESSIONS)).key(&own).send(server).await.expect(200);
    let _ = Ask::get(&at(server, tenant, CONSENTS)).key(&own).send(server).await.expect(200);
}

async fn permissions_are_not_recorded(server: &TestServer, tenant: &TestTenant) {
    let n = number();
    let user = person(server, tenant, &["admin"]).await;
    let acting = server.client(&format!("acting-{n}")).of(tenant).interaction().create().await;
    let third = server.client(&format!("third-{n}")).of(tenant).scope("read oauth:write").create().await;
    let path = at(server, tenant, CONSENTS);
    let ask = |scopes: &[&str]| Ask::post(&path, &json!({ "client_id": third.client_id, "scopes": scopes }));
    let weak = token_for(server, &acting, user, "openid oauth:read").await;
    let answer = ask(&["read", "oauth:write"]).key(&weak).send(server).await.expect(403);
    assert!(answer.text().contains("oauth:write"), "{}", answer.text());
    let _ = ask(&["read"]).key(&weak).send(server).await.expect(201);
    let strong = token_for(server, &acting, user, "openid oauth:write").await;
    let _ = ask(&["read", "oauth:write"]).key(&strong).send(server).await.expect(201);
    // The record names the client through which it was done.
    let reader = key(server, tenant, set(&[Permission::AuditRead])).await;
    let path = at(server, tenant, "/api/v1/audit-logs?action=consent.recorded");
    let records = Ask::get(&path).key(&reader).send(server).await.expect(200);
    assert_eq!(records.json()["audit_logs"][0]["details"]["through"], json!(acting.client_id));
}

async fn a_code_client_is_nobody(server: &TestServer, tenant: &TestTenant) {
    let n = number();
    let all = super::scope(Permissions::all());
    let site = server.client(&format!("site-{n}")).of(tenant).scope(&all).redirect("https://a.example/cb");
    let site = site.grants(&[GrantType::AuthorizationCode]).create().await;
    let planted = Planted { user: None, scope: &all, audience: &[&tenant.issuer] };
    let token = Credential::bearer(&server.plant(&site, planted).await);
    for by in [Credential::from(&site), token] {
        for (ask, needed) in [
            (Ask::get("/api/v1/users"), "users:read"),
            (Ask::post(KEYS, &json!({ "name": "mine", "permissions": [] })), "keys:write"),
            (Ask::get(CLIENTS), "oauth:read"),
        ] {
            let ask = Ask { path: at(server, tenant, &ask.path), ..ask };
            let answer = ask.by(by.clone()).send(server).await.refused(403, "insufficient_scope");
            assert!(answer.text().contains(needed), "{}", answer.text());
        }
        let own = Ask::get(&at(server, tenant, "/api/v1/oauth/tokens")).by(by).send(server).await;
        let _ = own.expect(200);
    }
}

async fn keys_stay_their_owners(server: &TestServer, tenant: &TestTenant) {
    let clerk = key(server, tenant, set(&[Permission::KeysRead, Permission::KeysWrite])).await;
    let boss = key(server, tenant, Permissions::all()).await;
    let wide = json!({ "name": "wide", "permissions": ["tenants:write"] });
    let made = Ask::post(KEYS, &wide).key(&boss).send(server).await.expect(201);
    let path = format!("{KEYS}/{}", made.member("id"));
    let _ = Ask::delete(&path).key(&clerk).send(server).await.refused(403, "access_denied");
    let _ = Ask::get(&path).key(&boss).send(server).await.expect(200);
    // What it made once is shown again only while it is within the caller's authority, and there.
    let narrow = json!({ "name": "narrow", "permissions": ["keys:read"] });
    let ask = || Ask::post(KEYS, &narrow).header("idempotency-key", "one").key(&clerk);
    let first = ask().send(server).await.expect(201);
    let (secret, path) = (first.member("api_key"), format!("{KEYS}/{}", first.member("id")));
    assert_eq!(ask().send(server).await.expect(201).member("api_key"), secret);
    let grown = json!({ "permissions": ["keys:read", "oauth:write"] });
    let _ = Ask::put(&path, &grown).key(&boss).send(server).await.expect(200);
    let refused = ask().send(server).await.refused(403, "access_denied");
    assert!(!refused.text().contains(&secret));
    let _ = Ask::put(&path, &narrow).key(&boss).send(server).await.expect(200);
    let _ = Ask::delete(&path).key(&clerk).send(server).await.expect(204);
    let gone = ask().send(server).await.expect(409);
    assert!(!gone.text().contains(&secret));
}

async fn interaction_clients_need_trust(server: &TestServer, tenant: &TestTenant) {
    let app = application(server, tenant, set(&[Permission::OauthWrite])).await;
    let path = format!("{TENANTS}/{}", tenant.id);
    let body = json!({ "settings": { "interaction_clients": [app.client_id] } });
    let held =
        |more: &[Permission]| set(&[&[Permission::TenantsRead, Permission::TenantsWrite], more].concat());
    for more in [&[][..], &[Permission::OauthWrite], &[Permission::ClientsTrust]] {
        let by = key(server, tenant, held(more)).await;
        let _ = Ask::put(&path, &body).key(&by).send(server).await.refused(403, "access_denied");
        let new =
            json!({ "slug": format!("new-{}", number()), "settings": { "interaction_clients": ["x"] } });
        let expected = if more == [Permission::ClientsTrust] { 201 } else { 403 };
        let _ = Ask::post(TENANTS, &new).key(&by).send(server).await.expect(expected);
    }
    // Its own permissions are needed too: whoever decides who acts through it decides about them.
    let by = key(server, tenant, held(&[Permission::ClientsTrust, Permission::OauthWrite])).await;
    let _ = Ask::put(&path, &body).key(&by).send(server).await.expect(200);
    // What is named already may be said again; taking it away is a change.
    let plain = key(server, tenant, held(&[])).await;
    let _ = Ask::put(&path, &body).key(&plain).send(server).await.expect(200);
    let none = json!({ "settings": { "interaction_clients": null } });
    let _ = Ask::put(&path, &none).key(&plain).send(server).await.refused(403, "access_denied");
    let _ = Ask::put(&path, &none).key(&by).send(server).await.expect(200);
}

async fn reading_tenants_only_reads(server: &TestServer, tenant: &TestTenant) {
    let elsewhere = server.tenant(&format!("elsewhere-{}", number())).await;
    let reads: Permissions = admin().iter().chain([Permission::TenantsRead]).collect();
    let reader = key(server, tenant, reads).await;
    let _ = Ask::get(KEYS).key(&reader).tenant(&elsewhere).send(server).await.expect(200);
    let _ = Ask::get(KEYS).key(&reader).header("x-tenant-id", &elsewhere.slug).send(server).await.expect(200);
    let new = json!({ "name": "x", "permissions": [] });
    let ask = Ask::post(KEYS, &new).key(&reader).tenant(&elsewhere);
    let _ = ask.send(server).await.refused(403, "access_denied");
    let user = json!({ "username": "eve", "password": "a long enough passphrase" });
    let ask = Ask::post("/api/v1/users", &user).key(&reader).tenant(&elsewhere);
    let _ = ask.send(server).await.refused(403, "access_denied");
    // Any credential hears of its own tenant.
    let plain = key(server, tenant, Permissions::NONE).await;
    let third = server.client(&format!("third-{}", number())).of(tenant).create().await;
    let user = person(server, tenant, &["user"]).await;
    let token = token_for(server, &third, user, "openid").await;
    for by in [Credential::bearer(&plain), Credential::from(&third), Credential::bearer(&token)] {
        let own = Ask::get(&at(server, tenant, "/api/v1/tenant")).by(by).send(server).await.expect(200);
        assert_eq!(own.member("id"), tenant.id.to_string());
        assert_eq!((own.member("slug"), own.member("issuer")), (tenant.slug.clone(), tenant.issuer.clone()));
    }
}

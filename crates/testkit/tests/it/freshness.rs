//! A cached fact never decides alone: what another node writes holds at the very next request here.
//!
//! Every test first warms the caches, then writes past them, and asks once.

use writ_core::authority::Permission;
use writ_core::change::{Action, Change, Enabled, Target};
use writ_jose::Algorithm;
use writ_testkit::{Credential, START, TestClient, TestServer, TestTenant};

/// Another node rotates a secret: the row and the version in one unit.
fn replace_secret(server: &TestServer, app: &TestClient, secret: &str) {
    let hash = server.app.hash_key.hash(secret);
    let id = app.id.to_bytes();
    let changed = server.sql(
        "UPDATE client_secrets SET keyed_hash = ?1, slow_hash = NULL WHERE client_id = ?2",
        (hash.as_bytes().as_slice(), id.as_slice()),
    );
    assert_eq!(changed, 1);
    touch(server, app);
}

fn touch(server: &TestServer, app: &TestClient) {
    let id = app.id.to_bytes();
    assert_eq!(server.sql("UPDATE clients SET version = version + 1 WHERE id = ?1", [id.as_slice()]), 1);
}

fn set_tenant(server: &TestServer, tenant: &TestTenant, enabled: Enabled) {
    let id = tenant.id.to_bytes();
    let text = "UPDATE tenants SET enabled = ?1, version = version + 1 WHERE id = ?2";
    assert_eq!(server.sql(text, (enabled.is_yes(), id.as_slice())), 1);
}

async fn set_client(server: &TestServer, app: &TestClient, enabled: Enabled) {
    let change = Change::SetClientEnabled { client: app.id, tenant: app.tenant, enabled, at: START };
    server.change(app.tenant, (Action::ClientDisabled, Target::Client(app.id)), change).await;
}

/// Asks each endpoint once with the client's own credential; each has to give its status.
async fn each_endpoint(server: &TestServer, by: impl Into<Credential>, status: u16) {
    let by = by.into();
    let _ = server.introspect(by.clone(), "not a token").await.expect(status);
    let _ = server.revoke(by.clone(), "not a token").await.expect(status);
    let _ = server.token(by, &[]).await.expect(status);
}

#[tokio::test]
async fn the_old_secret_fails_and_the_new_one_works_at_the_next_request() {
    let server = TestServer::start().await;
    for endpoint in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
        let app = server.client(&format!("app{endpoint}")).create().await;
        let token = server.access_token(&app).await;
        let pairs = [("grant_type", "client_credentials"), ("token", token.as_str())];
        let _ = server.introspect(&app, &token).await.expect(200);
        replace_secret(&server, &app, "the new one");
        // The very next request, with the old one; then with the new one.
        let _ = server.post(endpoint, &app, &pairs).await.refused(401, "invalid_client");
        let _ = server.post(endpoint, app.with_secret("the new one"), &pairs).await.expect(200);
        replace_secret(&server, &app, "a third one");
        // The refusal would rest on the cached second one.
        let _ = server.post(endpoint, app.with_secret("a third one"), &pairs).await.expect(200);
    }
}

#[tokio::test]
async fn a_remembered_slow_secret_goes_with_its_hash() {
    let server = TestServer::start().await;
    let app = server.client("app").chosen_secret("chosen by a person").create().await;
    each_endpoint(&server, &app, 200).await;
    replace_secret(&server, &app, "made by the server");
    each_endpoint(&server, &app, 401).await;
    each_endpoint(&server, app.with_secret("made by the server"), 200).await;
}

#[tokio::test]
async fn a_client_that_is_disabled_elsewhere_is_disabled_here() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("oauth:read").create().await;
    let token = server.access_token(&app).await;
    for (enabled, status) in [(Enabled::No, 401), (Enabled::Yes, 200), (Enabled::No, 401)] {
        for path in ["/oauth2/introspect", "/oauth2/revoke"] {
            set_client(&server, &app, enabled).await;
            let _ = server.post(path, &app, &[("token", "x")]).await.expect(status);
        }
        set_client(&server, &app, enabled).await;
        let _ = server.introspect(&app, &token).await.expect(status);
        set_client(&server, &app, enabled).await;
        let _ = server.token(&app, &[]).await.expect(status);
    }
    // Disabling stops new tokens; those that are out live on.
    let reader = server.client("reader").scope("oauth:read").create().await;
    assert!(server.is_active(&reader, &token).await);
}

/// A request that is malformed in another way hears first that its credential is not good any more.
#[tokio::test]
async fn also_a_request_without_a_token_is_judged_on_fresh_facts() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    for path in ["/oauth2/introspect", "/oauth2/revoke", "/oauth2/token"] {
        set_client(&server, &app, Enabled::Yes).await;
        let _ = server.post(path, &app, &[]).await.refused(400, "invalid_request");
        set_client(&server, &app, Enabled::No).await;
        let _ = server.post(path, &app, &[]).await.refused(401, "invalid_client");
    }
}

#[tokio::test]
async fn a_client_that_is_deleted_elsewhere_is_gone_here_with_its_tokens() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("oauth:read").create().await;
    let reader = server.client("reader").scope("oauth:read").create().await;
    let token = server.access_token(&app).await;
    assert!(server.is_active(&reader, &token).await);
    let delete = Change::DeleteClient { client: app.id, tenant: app.tenant, only: None };
    server.change(app.tenant, (Action::ClientDeleted, Target::Client(app.id)), delete).await;
    let _ = server.introspect(Credential::bearer(&token), &token).await.refused(401, "invalid_token");
    assert!(!server.is_active(&reader, &token).await);
    each_endpoint(&server, &app, 401).await;
    // A new client of the same name is another client.
    let again = server.client("app").create().await;
    each_endpoint(&server, &app, 401).await;
    each_endpoint(&server, &again, 200).await;
    assert!(!server.is_active(&reader, &token).await);
}

/// No negative caching.
#[tokio::test]
async fn a_client_that_was_unknown_works_once_it_is_made() {
    let server = TestServer::start().await;
    each_endpoint(&server, Credential::basic("app", "to be made"), 401).await;
    let app = server.client("app").secret("to be made", None).create().await;
    each_endpoint(&server, &app, 200).await;
}

#[tokio::test]
async fn tokens_that_are_ended_elsewhere_are_dead_here() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("oauth:read").create().await;
    let token = server.access_token(&app).await;
    assert!(server.is_active(&app, &token).await);
    let end = Change::EndClientTokens { client: app.id, tenant: app.tenant };
    server.change(app.tenant, (Action::ClientTokensEnded, Target::Client(app.id)), end).await;
    assert!(!server.is_active(&app, &token).await);
    let _ = server.introspect(Credential::bearer(&token), &token).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn a_tenant_that_is_disabled_elsewhere_is_disabled_here() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").of(&acme).scope("oauth:read").create().await;
    let key = server.api_key(&acme, &[Permission::OauthRead], None).await;
    let token = server.access_token(&app).await;
    let below = acme.path("/oauth2/introspect");
    let _ = server.post(&below, &app, &[("token", &token)]).await.expect(200);
    set_tenant(&server, &acme, Enabled::No);
    let _ = server.introspect(&app, &token).await.refused(401, "invalid_client");
    let refused = server.post(&below, &app, &[("token", &token)]).await;
    assert!([401, 404].contains(&refused.status), "{refused:?}");
    each_endpoint(&server, &app, 401).await;
    for by in [&key, &token] {
        let _ = server.introspect(Credential::bearer(by), &token).await.refused(401, "invalid_token");
    }
    set_tenant(&server, &acme, Enabled::Yes);
    // Not 404 from a remembered tenant that was disabled.
    let _ = server.post(&below, &app, &[("token", &token)]).await.expect(200);
    each_endpoint(&server, &app, 200).await;
}

#[tokio::test]
async fn a_refused_tenant_path_is_looked_at_again() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").of(&acme).create().await;
    let path = acme.path("/oauth2/token");
    let grant = [("grant_type", "client_credentials")];
    set_tenant(&server, &acme, Enabled::No);
    let _ = server.post(&path, &app, &grant).await.refused(404, "not_found");
    set_tenant(&server, &acme, Enabled::Yes);
    let _ = server.post(&path, &app, &grant).await.expect(200);
}

/// A signing key made elsewhere is published and used here; none is made twice.
#[tokio::test]
async fn a_key_that_is_made_elsewhere_is_used_here() {
    let server = TestServer::builder().id_token_alg(Algorithm::Es256).start().await;
    let app = server.client("app").create().await;
    let _ = server.get("/.well-known/jwks.json").await.expect(200);
    let token = server.access_token(&app).await;
    let keys = server.get("/.well-known/jwks.json").await.json();
    let kid = keys["keys"][0]["kid"].as_str().expect("the key is published as soon as it has signed");
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.kid.as_deref(), Some(kid));
    // As another node would see it: retired, the next token has a new key.
    let id = app.tenant.to_bytes();
    let now = START.0;
    server.sql("UPDATE signing_keys SET retired_at = ?1 WHERE tenant_id = ?2", (now, id.as_slice()));
    server.sql("UPDATE tenants SET version = version + 1 WHERE id = ?1", [id.as_slice()]);
    let next = jsonwebtoken::decode_header(&server.access_token(&app).await).unwrap();
    assert_ne!(next.kid.as_deref(), Some(kid));
    let keys = server.get("/.well-known/jwks.json").await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "the retired one is still published");
}

#[tokio::test]
async fn an_api_key_made_or_removed_elsewhere_holds_at_once() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let key = server.api_key(&tenant, &[Permission::OauthRead], None).await;
    let _ = server.introspect(Credential::bearer(&key), "x").await.expect(200);
    let hash = server.app.hash_key.hash(&key);
    assert_eq!(server.sql("DELETE FROM api_keys WHERE hash = ?1", [hash.as_bytes().as_slice()]), 1);
    let _ = server.introspect(Credential::bearer(&key), "x").await.refused(401, "invalid_token");
}

/// Narrowed scopes hold for the next token and the next look.
#[tokio::test]
async fn a_permission_that_is_taken_away_elsewhere_is_gone_here() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("oauth:read read").create().await;
    let other = server.client("other").create().await;
    let token = server.access_token(&other).await;
    assert!(server.is_active(&app, &token).await);
    let id = app.id.to_bytes();
    server.sql("UPDATE clients SET scope = 'read', version = version + 1 WHERE id = ?1", [id.as_slice()]);
    assert!(!server.is_active(&app, &token).await);
    assert_eq!(server.token(&app, &[]).await.member("scope"), "read");
}

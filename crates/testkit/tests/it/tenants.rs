//! Tenants: whose issuer, whose keys, whose tokens.

use writ_core::authority::Permission;
use writ_core::change::{Action, Change, Target};
use writ_testkit::{Credential, TestServer, token_of};

const GRANT: &[(&str, &str)] = &[("grant_type", "client_credentials")];

/// At the root, the tenant is the credential's.
#[tokio::test]
async fn at_the_root_the_credential_names_the_tenant() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").of(&acme).create().await;
    for path in ["/oauth2/token".to_owned(), acme.path("/oauth2/token")] {
        let token = token_of(&server.post(&path, &app, GRANT).await);
        let seen = server.introspect(&app, &token).await.json();
        assert_eq!(seen["iss"], "https://id.example/t/acme");
        assert_eq!(seen["aud"], "https://id.example/t/acme");
    }
}

/// Under `/t/{slug}` a credential of another tenant is 401.
#[tokio::test]
async fn under_a_tenants_path_other_credentials_are_401() {
    let server = TestServer::start().await;
    let (a, b) = (server.tenant("a").await, server.tenant("b").await);
    let client_a = server.client("client-a").of(&a).scope("oauth:read").create().await;
    let client_b = server.client("client-b").of(&b).scope("oauth:read").create().await;
    let operator = server.management_client().await;
    let key_b = server.api_key(&b, &[Permission::OauthRead], None).await;
    let token_a = server.access_token(&client_a).await;
    let token_b = server.access_token(&client_b).await;
    for by in [&client_b, &operator] {
        let _ = server.post("/t/a/oauth2/token", by, GRANT).await.refused(401, "invalid_client");
        let _ = server
            .post("/t/a/oauth2/introspect", by, &[("token", &token_a)])
            .await
            .refused(401, "invalid_client");
        let _ = server
            .post("/t/a/oauth2/revoke", by, &[("token", &token_a)])
            .await
            .refused(401, "invalid_client");
    }
    for by in [&key_b, &token_b, &server.management_key()] {
        let by = Credential::bearer(by);
        let _ = server
            .post("/t/a/oauth2/introspect", by, &[("token", &token_a)])
            .await
            .refused(401, "invalid_token");
    }
    let seen = server.post("/t/a/oauth2/introspect", &client_a, &[("token", &token_a)]).await;
    assert_eq!(seen.json()["active"], true);
    let _ = server.post("/t/a/oauth2/revoke", &client_a, &[("token", &token_a)]).await.expect(200);
    assert!(!server.is_active(&client_a, &token_a).await);
}

/// A credential of the first tenant is as foreign under another's path as any other.
#[tokio::test]
async fn unknown_tenants_are_404_before_anything_else() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    for path in
        ["/t/nobody/oauth2/token", "/t/%FF/oauth2/token", "/t/%2e%2e/oauth2/token", "/t/Default/oauth2/token"]
    {
        let _ = server.post(path, &app, GRANT).await.refused(404, "not_found");
        let _ = server.post(path, Credential::None, &[]).await.refused(404, "not_found");
    }
    for path in ["/t/%FF/oauth2/introspect", "/t/%FF/oauth2/revoke", "/t/nobody/oauth2/introspect"] {
        let _ = server.post(path, &app, &[("token", "x")]).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn every_tenant_has_keys_of_its_own() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").create().await;
    let theirs = server.client("theirs").of(&acme).create().await;
    server.access_token(&app).await;
    server.access_token(&theirs).await;
    let kids = async |path: &str| {
        let keys = server.get(path).await.expect(200).json();
        let keys = keys["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let ours = kids("/.well-known/jwks.json").await;
    let other = kids("/t/acme/.well-known/jwks.json").await;
    assert_eq!((ours.len(), other.len()), (2, 2));
    assert!(ours.iter().all(|kid| !other.contains(kid)), "{ours:?} {other:?}");
}

#[tokio::test]
async fn nobody_sees_tokens_of_another_tenant() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").scope("oauth:read").create().await;
    // Even where `aud` names a client of another tenant.
    let theirs = server.client("theirs").of(&acme).scope("oauth:read").audience(&["app"]).create().await;
    let (mine, foreign) = (server.access_token(&app).await, server.access_token(&theirs).await);
    assert!(!server.is_active(&app, &foreign).await);
    assert!(!server.is_active(&theirs, &mine).await);
    // The operator at the root is of the first tenant, and introspection is of one tenant.
    assert!(!server.is_active(Credential::bearer(&server.management_key()), &foreign).await);
    assert!(server.is_active(Credential::bearer(&server.management_key()), &mine).await);
    assert!(!server.is_active(Credential::bearer(&foreign), &mine).await);
}

#[tokio::test]
async fn ending_the_tokens_of_a_tenant_ends_those_and_no_others() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").create().await;
    let theirs = server.client("theirs").of(&acme).create().await;
    let (mine, foreign) = (server.access_token(&app).await, server.access_token(&theirs).await);
    let end = Change::EndTenantTokens { tenant: acme.id };
    server.change(acme.id, (Action::TenantTokensEnded, Target::Tenant(acme.id)), end).await;
    assert!(server.is_active(&app, &mine).await);
    assert!(!server.is_active(&theirs, &foreign).await);
    let _ = server.introspect(Credential::bearer(&foreign), &foreign).await.refused(401, "invalid_token");
    let again = server.access_token(&theirs).await;
    assert!(server.is_active(&theirs, &again).await);
}

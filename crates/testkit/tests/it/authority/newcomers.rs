//! How a new tenant comes to its first credential.

use serde_json::json;
use writ_testkit::{Credential, TestServer, TestTenant, token_of};

use super::{Ask, KEYS, ROLES, TENANTS, admin, names};

/// An operator makes the tenant, then a key in it by naming it in `X-Tenant-ID`; from there on its own
/// administrators do without operators.
#[tokio::test]
async fn an_operator_makes_the_first_key_and_the_tenant_goes_on_alone() {
    let server = TestServer::start().await;
    let operator = server.management_key();
    let ask = Ask::post(TENANTS, &json!({ "slug": "acme", "name": "Acme" })).key(&operator);
    let id = ask.send(&server).await.expect(201).member("id");
    let acme = TestTenant {
        id: writ_core::ids::TenantId::parse_uuid(&id).unwrap(),
        slug: "acme".to_owned(),
        issuer: format!("{}/t/acme", server.base),
    };

    // It is an issuer at once.
    for path in [
        acme.path("/.well-known/openid-configuration"),
        acme.path("/.well-known/oauth-authorization-server"),
        "/.well-known/oauth-authorization-server/t/acme".to_owned(),
    ] {
        let metadata = server.get(&path).await.expect(200);
        assert_eq!(metadata.member("issuer"), acme.issuer);
        assert_eq!(metadata.member("token_endpoint"), format!("{}/oauth2/token", acme.issuer));
    }
    let keys = server.get(&acme.path("/.well-known/jwks.json")).await.expect(200).json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "one for access tokens, one for ID tokens");

    // Its first credential.
    let body = json!({ "name": "first", "permissions": names(admin()) });
    let first =
        Ask::post(KEYS, &body).key(&operator).header("x-tenant-id", &id).send(&server).await.expect(201);
    let first = first.member("api_key");
    // The operator's key cannot be used below the tenant's path, this one can.
    let _ = Ask::get(&acme.path(KEYS)).key(&operator).send(&server).await.refused(401, "invalid_token");
    for path in [KEYS.to_owned(), acme.path(KEYS)] {
        let list = Ask::get(&path).key(&first).send(&server).await.expect(200).json();
        assert_eq!((&list["total"], &list["api_keys"][0]["name"]), (&json!(1), &json!("first")));
    }
    let _ = Ask::get(TENANTS).key(&first).send(&server).await.refused(403, "insufficient_scope");

    // And its next ones, without the operator.
    let body = json!({ "name": "second", "permissions": ["users:read"] });
    let second =
        Ask::post(&acme.path(KEYS), &body).key(&first).send(&server).await.expect(201).member("api_key");
    let role = json!({ "name": "auditor", "permissions": ["audit:read"] });
    let _ = Ask::post(ROLES, &role).key(&first).send(&server).await.expect(201);
    let seen = Ask::get(&format!("{ROLES}/auditor")).key(&second).send(&server).await.expect(200);
    assert_eq!(seen.json(), role);
    let _ =
        Ask::get(&format!("{ROLES}/auditor")).key(&operator).send(&server).await.refused(404, "not_found");

    // A client of it gets tokens of its issuer.
    let app = server.client("app").of(&acme).scope("keys:read").create().await;
    let token = server.post(&acme.path("/oauth2/token"), &app, &[("grant_type", "client_credentials")]).await;
    let token = token_of(&token);
    let seen = server.introspect(&app, &token).await;
    assert_eq!(seen.member("iss"), acme.issuer);
    let _ = Ask::get(&acme.path(KEYS)).by(Credential::bearer(&token)).send(&server).await.expect(200);
}

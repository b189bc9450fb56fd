//! Roles as applications see them: `roles` and `entitlements` (RFC 9068 §2.2.3.1), and a scope that says no more than the
//! person may.

use rstest::rstest;
use serde_json::{Value, json};
use writ_testkit::Engine;

use super::Stage;
use crate::flow::claims;

const SCOPE: &str = "openid roles read users:read users:write offline_access";

impl Stage {
    async fn role(&self, name: &str, permissions: &Value) -> Value {
        let body = json!({ "name": name, "permissions": permissions });
        self.manage(("POST", "/api/v1/roles"), &body).await.expect(201).json()
    }

    async fn bears(&self, roles: &Value) {
        let path = format!("/api/v1/users/{}", self.ada);
        let _ = self.manage(("PUT", &path), &json!({ "roles": roles })).await.expect(200);
    }
}

/// The names of a person's roles, and the tenant's own names in them, in all four places; and only with the scope.
#[rstest]
#[tokio::test]
async fn roles_reach_applications(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let made = stage.role("editor", &json!(["users:read", "articles:publish", "articles:edit"])).await;
    assert_eq!(made["permissions"], json!(["users:read", "articles:publish", "articles:edit"]));
    stage.role("reviewer", &json!(["articles:edit", "articles:review"])).await;
    stage.bears(&json!(["user", "editor", "reviewer"])).await;
    let site = stage.site("site", SCOPE).await;
    let tokens = stage.tokens(&site, "openid roles read").await;
    let access = &tokens["access_token"];
    let places = [
        claims(tokens["id_token"].as_str().unwrap()),
        claims(access.as_str().unwrap()),
        stage.userinfo(&tokens).await,
        stage.introspected(&site, access).await,
    ];
    for told in &places {
        assert_eq!(told["roles"], json!(["user", "editor", "reviewer"]), "{told}");
        assert_eq!(
            told["entitlements"],
            json!(["articles:publish", "articles:edit", "articles:review"]),
            "each once, and nothing of Writ's: {told}"
        );
    }
    let without = stage.tokens(&site, "openid read").await;
    for told in [
        claims(without["id_token"].as_str().unwrap()),
        claims(without["access_token"].as_str().unwrap()),
        stage.userinfo(&without).await,
        stage.introspected(&site, &without["access_token"]).await,
    ] {
        assert!(told.get("roles").is_none() && told.get("entitlements").is_none(), "{told}");
    }

    // What is told is what is now.
    stage.bears(&json!(["user"])).await;
    let after = stage.introspected(&site, access).await;
    assert_eq!((&after["roles"], after.get("entitlements")), (&json!(["user"]), None));
    let again = stage.refreshed(&site, &tokens).await;
    assert_eq!(claims(again["access_token"].as_str().unwrap())["roles"], json!(["user"]));
}

/// A token's scope lists no permission that the person's roles lack, whichever grant it comes from; the other scopes
/// stay.
#[rstest]
#[tokio::test]
async fn a_tokens_scope_lists_no_permission_that_the_roles_lack(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    stage.role("clerk", &json!(["users:read"])).await;
    let site = stage.site("site", SCOPE).await;
    let scope = async |roles: Value| {
        stage.bears(&roles).await;
        let tokens = stage.tokens(&site, SCOPE).await;
        let seen = stage.introspected(&site, &tokens["access_token"]).await;
        assert_eq!(seen["scope"], tokens["scope"]);
        assert_eq!(claims(tokens["access_token"].as_str().unwrap())["scope"], tokens["scope"]);
        tokens
    };
    let nobody = scope(json!(["user"])).await;
    assert_eq!(nobody["scope"], "openid roles read offline_access");
    let clerk = scope(json!(["clerk"])).await;
    assert_eq!(clerk["scope"], "openid roles read users:read offline_access");
    let admin = scope(json!(["admin"])).await;
    assert_eq!(admin["scope"], SCOPE);

    // A role that goes takes the permission from what lives, at the next look and at the next refresh.
    stage.bears(&json!(["user"])).await;
    let seen = stage.introspected(&site, &admin["access_token"]).await;
    assert_eq!(seen["scope"], "openid roles read offline_access");
    let refreshed = stage.introspected(&site, &admin["refresh_token"]).await;
    assert_eq!(refreshed["scope"], "openid roles read offline_access");
    let again = stage.refreshed(&site, &admin).await;
    assert_eq!(again["scope"], "openid roles read offline_access");
    // What was agreed to is there again with the role.
    stage.bears(&json!(["admin"])).await;
    assert_eq!(stage.refreshed(&site, &again).await["scope"], SCOPE);
}

/// A mistyped permission is not taken for a name of the tenant's own.
#[tokio::test]
async fn what_begins_as_a_permission_and_is_none_is_refused() {
    let stage = Stage::new(Engine::Sqlite, "acme").await;
    for bad in ["users:raed", "oauth:everything", "Tenants:write", "two words", "", "quo\"te"] {
        let body = json!({ "name": "x", "permissions": ["read", bad] });
        let answer = stage.manage(("POST", "/api/v1/roles"), &body).await.refused(400, "invalid_request");
        assert!(answer.member("error_description").contains("permissions: "), "{}", answer.text());
    }
    // Nobody gives more of Writ's permissions than they have; names of the tenant's own are no authority here.
    stage.role("x", &json!(["read", "articles:publish"])).await;
    let changed = json!({ "permissions": ["articles:publish", "audit:read"] });
    let shown = stage.manage(("PUT", "/api/v1/roles/x"), &changed).await.expect(200).json();
    assert_eq!(shown["permissions"], json!(["audit:read", "articles:publish"]));
    assert_eq!(stage.manage(("GET", "/api/v1/roles/x"), &Value::Null).await.expect(200).json(), shown);
}

//! Nobody grants, edits, rotates or impersonates authority wider than their own.

use serde_json::{Value, json};
use writ_core::authority::{Permission, Permissions};
use writ_testkit::{Credential, TestServer};

use super::{
    Ask, KEYS, ROLES, TENANTS, admin, callers, key, names, number, person, role, set, token_for, without,
};

/// What somebody may do who may do everything around keys and users, and nothing else.
fn clerk() -> Permissions {
    use Permission::{KeysRead, KeysWrite, UsersRead, UsersWrite};
    set(&[KeysRead, KeysWrite, UsersRead, UsersWrite])
}

fn clerk_and(one: Permission) -> Permissions {
    clerk().iter().chain([one]).collect()
}

async fn make_key(server: &TestServer, may: Permissions) -> String {
    let body = json!({ "name": "made", "permissions": names(may) });
    let answer = Ask::post(KEYS, &body).key(&server.management_key()).send(server).await.expect(201);
    format!("{KEYS}/{}", answer.member("id"))
}

async fn state(server: &TestServer, path: &str) -> Value {
    Ask::get(path).key(&server.management_key()).send(server).await.expect(200).json()
}

#[track_caller]
fn denied(answer: writ_testkit::Answer, lacking: Permission) {
    let answer = answer.refused(403, "access_denied");
    assert!(
        answer.member("error_description").ends_with(&format!(": {}", lacking.name())),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn keys_and_roles_are_not_made_wider_than_their_maker() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let everyone = callers(&server, &tenant, clerk()).await;
    let before = state(&server, KEYS).await["total"].clone();
    for permission in Permission::ALL.iter().filter(|permission| !clerk().contains(**permission)) {
        for (_, by) in &everyone {
            for path in [KEYS, ROLES] {
                let body = json!({ "name": format!("wide-{}", number()), "permissions": names(clerk_and(*permission)) });
                denied(Ask::post(path, &body).by(by.clone()).send(&server).await, *permission);
            }
        }
    }
    assert_eq!(state(&server, KEYS).await["total"], before, "nothing was made");
    for (kind, by) in everyone {
        for path in [KEYS, ROLES] {
            let body = json!({ "name": format!("as-wide-{}", number()), "permissions": names(clerk()) });
            let answer = Ask::post(path, &body).by(by.clone()).send(&server).await;
            assert_eq!(answer.status, 201, "{kind}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn keys_and_roles_are_not_widened_beyond_their_editor() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    for (kind, by) in callers(&server, &tenant, clerk()).await {
        let narrow_key = make_key(&server, set(&[Permission::KeysRead])).await;
        let narrow_role = format!("{ROLES}/{}", role(&server, &tenant, set(&[Permission::UsersRead])).await);
        for path in [&narrow_key, &narrow_role] {
            let before = state(&server, path).await;
            let wider = json!({ "permissions": names(clerk_and(Permission::AuditRead)) });
            denied(Ask::put(path, &wider).by(by.clone()).send(&server).await, Permission::AuditRead);
            assert_eq!(state(&server, path).await, before, "{kind}");
            let as_wide = json!({ "permissions": names(clerk()) });
            let _ = Ask::put(path, &as_wide).by(by.clone()).send(&server).await.expect(200);
            assert_eq!(state(&server, path).await["permissions"], json!(names(clerk())), "{kind}");
        }
    }
}

/// Not its name, not its end, not even to make it narrower: whoever holds it decided on what it is.
#[tokio::test]
async fn what_is_wider_than_oneself_is_not_edited_at_all() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let wide = clerk_and(Permission::SessionsWrite);
    for (kind, by) in callers(&server, &tenant, clerk()).await {
        let wide_key = make_key(&server, wide).await;
        let before = state(&server, &wide_key).await;
        for body in [
            json!({ "name": "renamed" }),
            json!({ "expires_at": "2030-01-01T00:00:00Z" }),
            json!({ "expires_at": null }),
            json!({ "permissions": [] }),
            json!({ "permissions": names(wide) }),
            json!({}),
        ] {
            denied(Ask::put(&wide_key, &body).by(by.clone()).send(&server).await, Permission::SessionsWrite);
        }
        assert_eq!(state(&server, &wide_key).await, before, "{kind}");
        let wide_role = format!("{ROLES}/{}", role(&server, &tenant, wide).await);
        for body in [json!({ "permissions": [] }), json!({ "permissions": names(wide) })] {
            denied(Ask::put(&wide_role, &body).by(by.clone()).send(&server).await, Permission::SessionsWrite);
        }
        denied(Ask::delete(&wide_role).by(by.clone()).send(&server).await, Permission::SessionsWrite);
        assert_eq!(state(&server, &wide_role).await["permissions"], json!(names(wide)));
        denied(Ask::delete(&wide_key).by(by).send(&server).await, Permission::SessionsWrite);
        assert_eq!(state(&server, &wide_key).await, before, "{kind}");
    }
}

/// `tenants:*` come from operators only, and only the one that an operator has.
#[tokio::test]
async fn operators_are_made_by_operators() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let give = async |by: &Credential, path: &str, permission: Permission| {
        let body = json!({ "name": format!("op-{}", number()), "permissions": [permission.name()] });
        Ask::post(path, &body).by(by.clone()).send(&server).await
    };
    let (reading, writing) = (Permission::TenantsRead, Permission::TenantsWrite);
    for (_, by) in callers(&server, &acme, admin()).await {
        for path in [KEYS, ROLES] {
            denied(give(&by, path, reading).await, reading);
            denied(give(&by, path, writing).await, writing);
        }
        let _ = Ask::get(TENANTS).by(by).send(&server).await.refused(403, "insufficient_scope");
    }
    for (_, by) in callers(&server, &acme, without(writing)).await {
        for path in [KEYS, ROLES] {
            let _ = give(&by, path, reading).await.expect(201);
            denied(give(&by, path, writing).await, writing);
        }
        let _ = Ask::post(TENANTS, &json!({ "slug": "mine" })).by(by).send(&server).await.expect(403);
    }
    // An operator who may do little may do little in every tenant.
    let narrow = key(&server, &acme, set(&[writing, Permission::KeysWrite])).await;
    let body = json!({ "name": "x", "permissions": ["oauth:write"] });
    for tenant in [&acme, &server.default_tenant()] {
        denied(
            Ask::post(KEYS, &body).key(&narrow).tenant(tenant).send(&server).await,
            Permission::OauthWrite,
        );
    }
}

/// The built-in roles stay what they are, for everybody.
#[tokio::test]
async fn built_in_roles_are_nobodys_to_edit() {
    let server = TestServer::start().await;
    for name in ["admin", "operator", "user"] {
        let path = format!("{ROLES}/{name}");
        for ask in [
            Ask::put(&path, &json!({ "permissions": ["keys:read"] })),
            Ask::delete(&path),
            Ask::post(ROLES, &json!({ "name": name, "permissions": ["keys:read"] })),
        ] {
            let _ = ask.key(&server.management_key()).send(&server).await.refused(409, "conflict");
        }
    }
    assert_eq!(state(&server, &format!("{ROLES}/user")).await["permissions"], json!([]));
    assert_eq!(state(&server, &format!("{ROLES}/admin")).await["permissions"], json!(names(admin())));
}

/// Widening the role that one bears is giving to oneself.
#[tokio::test]
async fn nobody_widens_their_own_role_or_key() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let own = server.client("own").first_party().create().await;
    let mine = role(&server, &tenant, clerk()).await;
    let user = person(&server, &tenant, &[&mine]).await;
    let everything = names(Permissions::all()).join(" ");
    let token = token_for(&server, &own, user, &everything).await;
    let wider = json!({ "permissions": names(clerk_and(Permission::OauthRead)) });
    denied(
        Ask::put(&format!("{ROLES}/{mine}"), &wider).key(&token).send(&server).await,
        Permission::OauthRead,
    );

    let body = json!({ "name": "self", "permissions": names(clerk()) });
    let made = Ask::post(KEYS, &body).key(&server.management_key()).send(&server).await.expect(201);
    let (path, secret) = (format!("{KEYS}/{}", made.member("id")), made.member("api_key"));
    denied(Ask::put(&path, &wider).key(&secret).send(&server).await, Permission::OauthRead);
    // Narrower it may become, and then it cannot take back what it gave up.
    let narrow = json!({ "permissions": ["keys:write"] });
    let _ = Ask::put(&path, &narrow).key(&secret).send(&server).await.expect(200);
    let back = json!({ "permissions": ["keys:read", "keys:write"] });
    denied(Ask::put(&path, &back).key(&secret).send(&server).await, Permission::KeysRead);
}

/// A role that grew after it was given: its bearer has more, an editor with less is shut out from then on.
#[tokio::test]
async fn a_role_that_grew_is_out_of_a_narrower_editors_hands() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let editor = key(&server, &tenant, clerk()).await;
    let name = role(&server, &tenant, set(&[Permission::UsersRead])).await;
    let path = format!("{ROLES}/{name}");
    let _ = Ask::put(&path, &json!({ "permissions": [] })).key(&editor).send(&server).await.expect(200);
    let grown = json!({ "permissions": ["audit:read"] });
    let _ = Ask::put(&path, &grown).key(&server.management_key()).send(&server).await.expect(200);
    denied(
        Ask::put(&path, &json!({ "permissions": [] })).key(&editor).send(&server).await,
        Permission::AuditRead,
    );
}

/// A third party's application mints a key only with what its token *and* the person's roles say.
#[tokio::test]
async fn a_persons_token_mints_no_more_than_scope_and_role() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let third = server.client("third").create().await;
    let boss = person(&server, &tenant, &["operator"]).await;
    let mint = async |scope: &str, wanted: &[&str]| {
        let token = token_for(&server, &third, boss, scope).await;
        let body = json!({ "name": "minted", "permissions": wanted });
        Ask::post(KEYS, &body).key(&token).send(&server).await
    };
    // The person may; what the application was given may not.
    let _ = mint("openid", &[]).await.refused(403, "insufficient_scope");
    let _ = mint("keys:read oauth:write", &[]).await.refused(403, "insufficient_scope");
    denied(mint("keys:write", &["oauth:write"]).await, Permission::OauthWrite);
    denied(mint("keys:write keys:read", &["keys:read", "tenants:read"]).await, Permission::TenantsRead);
    let made = mint("keys:write keys:read", &["keys:read"]).await.expect(201);
    let minted = made.member("api_key");
    let _ = Ask::get(KEYS).key(&minted).send(&server).await.expect(200);
    let _ = Ask::get(ROLES).key(&minted).send(&server).await.refused(403, "insufficient_scope");
    // The application was given everything; the person has little.
    let clerk = person(&server, &tenant, &[&role(&server, &tenant, clerk()).await]).await;
    let token = token_for(&server, &third, clerk, &names(Permissions::all()).join(" ")).await;
    let body = json!({ "name": "minted", "permissions": ["keys:write", "audit:read"] });
    denied(Ask::post(KEYS, &body).key(&token).send(&server).await, Permission::AuditRead);
}

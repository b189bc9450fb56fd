//! A person's authority: the token's scopes and the roles' permissions, both.

use writ_core::authority::{Permission, Permissions};
use writ_core::ids::UserId;
use writ_testkit::{Credential, TestServer};

use super::{Ask, KEYS, ROLES, TENANTS, person, role, scope, set, token_for};

/// Whether each of the three lists can be read: keys, roles, tenants.
async fn reads(server: &TestServer, token: &str) -> [bool; 3] {
    let mut may = [false; 3];
    for (place, path) in may.iter_mut().zip([KEYS, ROLES, TENANTS]) {
        let answer = Ask::get(path).key(token).send(server).await;
        assert!([200, 403].contains(&answer.status), "{}", answer.text());
        *place = answer.status == 200;
    }
    may
}

#[tokio::test]
async fn scopes_and_roles_have_to_agree() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let own = server.client("own").first_party().interaction().create().await;
    let third = server.client("third").create().await;
    let keys = role(&server, &tenant, set(&[Permission::KeysRead])).await;
    let users = role(&server, &tenant, set(&[Permission::UsersRead])).await;
    let all = scope(Permissions::all());
    let all = all.as_str();
    let cases: [(&[&str], &str, [bool; 3]); 15] = [
        (&["admin"], all, [true, true, false]),
        (&["admin"], "keys:read", [true, false, false]),
        (&["admin"], "openid profile", [false, false, false]),
        (&["admin"], "", [false, false, false]),
        // A scope does not give what no role has.
        (&["admin"], "tenants:read tenants:write", [false, false, false]),
        (&["operator"], all, [true, true, true]),
        (&["operator"], "tenants:read", [false, false, true]),
        (&["user"], all, [false, false, false]),
        (&[], all, [false, false, false]),
        // One that nobody defined gives nothing.
        (&["ghost"], all, [false, false, false]),
        (&[&keys], all, [true, false, false]),
        (&[&keys, &users], all, [true, true, false]),
        (&[&keys, &users], "users:read", [false, true, false]),
        (&["user", &users], all, [false, true, false]),
        (&["user", "admin"], "users:write keys:write", [false, false, false]),
    ];
    for (roles, scope, expected) in cases {
        let user = person(&server, &tenant, roles).await;
        // For the permissions it makes no difference whose application holds the token.
        for app in [&own, &third] {
            let token = token_for(&server, app, user, scope).await;
            assert_eq!(reads(&server, &token).await, expected, "{roles:?} {scope:?} {}", app.client_id);
        }
    }
}

/// A role holds for a person as it is now, not as it was when they got it.
#[tokio::test]
async fn a_role_that_is_edited_holds_at_the_next_request() {
    let server = TestServer::start().await;
    let tenant = server.default_tenant();
    let own = server.client("own").first_party().interaction().create().await;
    let name = role(&server, &tenant, Permissions::NONE).await;
    let user = person(&server, &tenant, &[&name]).await;
    let token = token_for(&server, &own, user, "keys:read users:read").await;
    let edit = async |permissions: &[&str]| {
        let body = serde_json::json!({ "permissions": permissions });
        let ask = Ask::put(&format!("{ROLES}/{name}"), &body).key(&server.management_key());
        let _ = ask.send(&server).await.expect(200);
    };
    assert_eq!(reads(&server, &token).await, [false, false, false]);
    edit(&["keys:read"]).await;
    assert_eq!(reads(&server, &token).await, [true, false, false]);
    edit(&["users:read"]).await;
    assert_eq!(reads(&server, &token).await, [false, true, false]);
    edit(&[]).await;
    assert_eq!(reads(&server, &token).await, [false, false, false]);
}

/// Another tenant's role of the same name is another role.
#[tokio::test]
async fn roles_are_those_of_the_persons_own_tenant() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let name = role(&server, &server.default_tenant(), set(&[Permission::KeysRead])).await;
    let own = server.client("own").of(&acme).first_party().interaction().create().await;
    let user = person(&server, &acme, &[&name]).await;
    let token = token_for(&server, &own, user, "keys:read").await;
    assert_eq!(reads(&server, &token).await, [false, false, false]);
}

/// Introspection: a client sees its own tokens and those whose `aud` names it; a person sees what
/// `oauth:read` lets them, and nothing for being the one the token speaks for.
#[tokio::test]
async fn what_people_see_of_tokens() {
    let server = TestServer::start().await;
    let (tenant, acme) = (server.default_tenant(), server.tenant("acme").await);
    let own = server.client("own").first_party().interaction().create().await;
    let theirs = server.client("theirs").of(&acme).first_party().interaction().create().await;
    let machine = server.client("machine").create().await;
    let target = server.access_token(&machine).await;
    let sees = async |user: UserId, app, scope: &str| {
        let token = token_for(&server, app, user, scope).await;
        server.is_active(Credential::bearer(&token), &target).await
    };
    let (admin, plain) =
        (person(&server, &tenant, &["admin"]).await, person(&server, &tenant, &["user"]).await);
    let elsewhere = person(&server, &acme, &["admin"]).await;
    assert!(sees(admin, &own, "oauth:read").await);
    assert!(!sees(admin, &own, "oauth:write users:read").await);
    assert!(!sees(plain, &own, "oauth:read").await);
    assert!(!sees(elsewhere, &theirs, "oauth:read").await);
    let hers = token_for(&server, &own, plain, "openid").await;
    assert!(!server.is_active(Credential::bearer(&hers), &hers).await, "being its subject is not enough");
    assert!(server.is_active(&own, &hers).await, "its client sees it");
    // Only the client that a token was issued to revokes it.
    let _ = server.revoke(&machine, &hers).await.refused(400, "unauthorized_client");
    assert!(server.is_active(&own, &hers).await);
    let _ = server.revoke(&own, &hers).await.expect(200);
    assert!(!server.is_active(&own, &hers).await);
}

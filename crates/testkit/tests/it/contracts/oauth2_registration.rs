//! **oauth2**: people who register themselves.

use serde_json::json;
use writ_core::authority::Permission;
use writ_core::settings::{Switch, TenantSettings};
use writ_testkit::{Credential, TestServer, TestTenant};

use super::{ask, key};

const PASSWORD: &str = "correct horse battery staple";

async fn given() -> (TestServer, TestTenant, String) {
    let server = TestServer::start().await;
    let settings = TenantSettings { self_registration: Switch::On, ..TenantSettings::default() };
    let tenant = server.tenant_with("acme", settings).await;
    let users = tenant.path("/api/v1/users");
    (server, tenant, users)
}

/// `oauth2` `POST /api/v1/users`: 201 where people may register
#[tokio::test]
async fn whoever_registers_is_a_user_whatever_they_say() {
    let (server, tenant, users) = given().await;
    let sent = json!({
        "username": "eve@example.com", "password": PASSWORD, "roles": ["admin"], "enabled": false,
        "email_verified": true, "password_hash": "$1$x",
    });
    let body = ask(&server, ("POST", &users), &Credential::None, &sent).await.expect(201).json();
    assert_eq!(
        (&body["roles"], &body["enabled"], &body["email_verified"]),
        (&json!(["user"]), &json!(true), &json!(false))
    );
    let letters = server.letters().await;
    assert_eq!(letters[0].to.as_deref(), Some("eve@example.com"));
    assert!(
        letters[0]
            .link
            .as_deref()
            .unwrap()
            .starts_with(&format!("{}/verify-email?token=vfy_", tenant.issuer))
    );
    // With a credential that does not carry users:write, it is the same.
    let plain = key(&server, &tenant, &[Permission::UsersRead]).await;
    let sent = json!({ "username": "adam", "password": PASSWORD, "roles": ["admin"] });
    let body = ask(&server, ("POST", &users), &plain, &sent).await.expect(201).json();
    assert_eq!((&body["roles"], &body["email"]), (&json!(["user"]), &json!(null)));
}

/// `oauth2` `POST /api/v1/users`: 201 the same for a taken name
#[tokio::test]
async fn a_taken_name_is_answered_like_a_free_one_and_its_owner_hears_of_it() {
    let (server, tenant, users) = given().await;
    let sent = json!({ "username": "Ada@example.com", "password": PASSWORD, "name": "Ada" });
    let first = ask(&server, ("POST", &users), &Credential::None, &sent).await.expect(201);
    let hashed = server.app.passwords.hashed();
    let second = ask(&server, ("POST", &users), &Credential::None, &sent).await.expect(201);
    assert_eq!(server.app.passwords.hashed() - hashed, 1);
    let (mut one, mut other) = (first.json(), second.json());
    assert_ne!(one["id"], other["id"]);
    (one["id"], other["id"]) = (json!(null), json!(null));
    assert_eq!(one, other);
    let heads = |answer: &writ_testkit::Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(heads(&first), heads(&second));
    let letters = server.letters().await;
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[1].to.as_deref(), Some("Ada@example.com"));
    assert!(letters[1].subject.contains("You have an account"), "{}", letters[1].subject);
    let (_, total) = server.app.store.accounts_page(tenant.id, writ_store::After::START, 9).await.unwrap();
    assert_eq!(total, 1);
    // Nobody is buried in letters: after three there are no more, and the answer is the same.
    for _ in 0..5 {
        let _ = ask(&server, ("POST", &users), &Credential::None, &sent).await.expect(201);
    }
    assert_eq!(server.letters().await.len(), 3);
    // Nor by other accounts that are given the same address; they are made all the same.
    let other = json!({ "username": "eve", "email": "ada@EXAMPLE.com", "password": PASSWORD });
    let _ = ask(&server, ("POST", &users), &Credential::None, &other).await.expect(201);
    assert_eq!(server.letters().await.len(), 3);
    assert!(server.app.store.candidate(tenant.id, "eve").await.unwrap().is_some());
    // Who may change users is told.
    let admin = key(&server, &tenant, &[Permission::UsersWrite]).await;
    let _ = ask(&server, ("POST", &users), &admin, &sent).await.refused(409, "conflict");
}

/// `oauth2` `POST /api/v1/users`: 400 for whoever registers
#[tokio::test]
async fn a_registration_names_what_is_wrong() {
    let (server, _, users) = given().await;
    for (body, said) in [
        (json!({ "username": "ada", "password": "password" }), "password: is too easy"),
        (json!({ "username": "ada" }), "password: missing"),
        (json!({ "password": PASSWORD }), "username: missing"),
        (
            json!({ "username": "ada", "password_hash": "$2b$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS" }),
            "password: missing",
        ),
    ] {
        let answer =
            ask(&server, ("POST", &users), &Credential::None, &body).await.refused(400, "invalid_request");
        assert!(answer.member("error_description").contains(said), "{}", answer.text());
    }
    assert_eq!(server.app.passwords.hashed(), 0);
}

/// `oauth2` `POST /api/v1/users`: 401 and 403 where people may not register
#[tokio::test]
async fn nobody_registers_where_it_is_off() {
    let server = TestServer::start().await;
    let tenant = server.tenant("closed").await;
    let users = tenant.path("/api/v1/users");
    let sent = json!({ "username": "eve", "password": PASSWORD });
    for path in [&*users, "/api/v1/users"] {
        let answer =
            ask(&server, ("POST", path), &Credential::None, &sent).await.refused(401, "invalid_token");
        assert_eq!(answer.all("www-authenticate").len(), 3);
    }
    let plain = key(&server, &tenant, &[Permission::UsersRead]).await;
    let _ = ask(&server, ("POST", &users), &plain, &sent).await.refused(403, "insufficient_scope");
    let _ = ask(&server, ("POST", &users), &Credential::bearer("sk_live_x"), &sent)
        .await
        .refused(401, "invalid_token");
    let _ = ask(&server, ("POST", "/t/nowhere/api/v1/users"), &Credential::None, &sent)
        .await
        .refused(404, "not_found");
}

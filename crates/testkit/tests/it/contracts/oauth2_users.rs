//! **oauth2**: users as administrators make, list, change and delete them.

use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::subject::Subject;
use writ_testkit::{Credential, TestServer, TestTenant};

use super::{ask, key, person};

const USERS: &str = "/api/v1/users";
const PASSWORD: &str = "correct horse battery staple";

async fn given() -> (TestServer, TestTenant, Credential) {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let admin = key(&server, &tenant, &[Permission::UsersRead, Permission::UsersWrite]).await;
    (server, tenant, admin)
}

async fn made(server: &TestServer, admin: &Credential, body: Value) -> String {
    ask(server, ("POST", USERS), admin, &body).await.expect(201).member("id")
}

/// `oauth2` `POST /api/v1/users`: 201
#[tokio::test]
async fn an_administrator_makes_a_user() {
    let (server, tenant, admin) = given().await;
    let sent = json!({
        "username": "john.doe@example.com", "password": "secure_password", "name": "John Doe",
        "roles": ["user"], "unknown": "ignored",
    });
    let answer = ask(&server, ("POST", USERS), &admin, &sent).await.expect(201);
    let body = answer.json();
    let id = answer.member("id");
    assert_eq!(
        body,
        json!({
            "id": id, "username": "john.doe@example.com", "email": "john.doe@example.com", "email_verified": false,
            "name": "John Doe", "roles": ["user"], "enabled": true, "created_at": "2027-01-15T08:00:00Z",
            "updated_at": "2027-01-15T08:00:00Z", "last_login_at": null,
        })
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let found = server.app.store.candidate(tenant.id, "john.doe@example.com").await.unwrap().unwrap();
    assert!(found.password_hash.unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(server.letters().await.is_empty());
    // The whole of it, where it is said.
    let sent = json!({
        "username": "Ada", "password": PASSWORD, "email": "ada@example.com", "email_verified": true,
        "roles": [], "enabled": false,
    });
    let body = ask(&server, ("POST", USERS), &admin, &sent).await.expect(201).json();
    assert_eq!(
        (&body["email_verified"], &body["enabled"], &body["roles"]),
        (&json!(true), &json!(false), &json!([]))
    );
    let path = format!("{USERS}/{}", body["id"].as_str().unwrap());
    assert_eq!(ask(&server, ("GET", &path), &admin, &Value::Null).await.expect(200).json(), body);
}

/// `oauth2` `POST /api/v1/users`: 201 with the hash of a password from elsewhere
#[tokio::test]
async fn a_password_hash_is_imported() {
    let (server, tenant, admin) = given().await;
    let hash = "$2b$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS";
    made(&server, &admin, json!({ "username": "ada", "password_hash": hash })).await;
    let found = server.app.store.candidate(tenant.id, "ada").await.unwrap().unwrap();
    assert_eq!(found.password_hash.as_deref(), Some(hash));
    for (body, said) in [
        (json!({ "username": "b", "password_hash": "$1$md5" }), "password_hash: must be a hash"),
        (
            json!({ "username": "b", "password_hash": hash, "password": PASSWORD }),
            "password_hash: cannot be sent",
        ),
        (json!({ "username": "b" }), "password: missing"),
    ] {
        let answer = ask(&server, ("POST", USERS), &admin, &body).await.refused(400, "invalid_request");
        assert!(answer.member("error_description").contains(said), "{}", answer.text());
    }
}

/// `oauth2` `POST /api/v1/users`: 400 naming every field that is wrong
#[tokio::test]
async fn all_that_is_wrong_is_said_at_once() {
    let (server, _, admin) = given().await;
    let body = json!({
        "username": "a b", "password": "password", "name": "", "email": "nowhere", "roles": ["ghost"], "enabled": "yes",
    });
    let answer = ask(&server, ("POST", USERS), &admin, &body).await.refused(400, "invalid_request");
    let text = answer.member("error_description");
    for part in [
        "username: an email address, or a name",
        "password: is too easy to guess. This is a top-10 common password.",
        "name: 1 to 255 characters",
        "email: an email address of",
        "roles: there is no such role: ghost",
        "enabled: must be true or false",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(server.app.passwords.hashed(), 0, "nothing is hashed for what is refused");
}

/// `oauth2` `POST /api/v1/users`: 400 weak password
#[tokio::test]
async fn weak_passwords_are_refused_with_advice() {
    let (server, _, admin) = given().await;
    let long = "x7".repeat(129);
    for (password, said) in [
        ("short1!", "password: must have 8 characters or more"),
        (&*long, "password: must have 256 characters at the most"),
        ("12345678", "password: is too easy to guess."),
        ("ada.lovelace", "password: is too easy to guess."),
        ("Lovelace1", "password: is too easy to guess."),
    ] {
        let body =
            json!({ "username": "ada.lovelace@example.com", "name": "Ada Lovelace", "password": password });
        let answer = ask(&server, ("POST", USERS), &admin, &body).await.refused(400, "invalid_request");
        assert!(answer.member("error_description").starts_with(said), "{}", answer.text());
    }
}

/// `oauth2` `POST /api/v1/users`: 409 taken name
#[tokio::test]
async fn a_name_is_taken_whatever_its_case() {
    let (server, _, admin) = given().await;
    made(&server, &admin, json!({ "username": "Straße", "password": PASSWORD })).await;
    for name in ["Straße", "STRASSE", "ｓｔｒａｓｓｅ"] {
        let body = json!({ "username": name, "password": PASSWORD });
        let _ = ask(&server, ("POST", USERS), &admin, &body).await.refused(409, "conflict");
    }
    let elsewhere = server.tenant("other").await;
    let other = key(&server, &elsewhere, &[Permission::UsersWrite]).await;
    made(&server, &other, json!({ "username": "strasse", "password": PASSWORD })).await;
}

/// `oauth2` `POST /api/v1/users`: 403 roles wider than the caller
#[tokio::test]
async fn nobody_makes_a_user_wider_than_themselves() {
    let (server, _, admin) = given().await;
    for role in ["admin", "operator"] {
        let body = json!({ "username": "ada", "password": PASSWORD, "roles": [role] });
        let _ = ask(&server, ("POST", USERS), &admin, &body).await.refused(403, "access_denied");
    }
    assert_eq!(server.app.passwords.hashed(), 0);
}

/// `oauth2` `GET /api/v1/users`: 200; 400 limit
#[tokio::test]
async fn users_are_listed_newest_first() {
    let (server, _, admin) = given().await;
    for n in 0..3 {
        server.clock.advance(writ_core::time::Seconds(1));
        made(&server, &admin, json!({ "username": format!("user-{n}"), "password": PASSWORD })).await;
    }
    let page = ask(&server, ("GET", "/api/v1/users?limit=2"), &admin, &Value::Null).await.expect(200).json();
    let names = |page: &Value| -> Vec<String> {
        page["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!((names(&page), &page["total"]), (vec!["user-2".to_owned(), "user-1".to_owned()], &json!(3)));
    let next = format!("/api/v1/users?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    let page = ask(&server, ("GET", &next), &admin, &Value::Null).await.expect(200).json();
    assert_eq!((names(&page), page.get("next_cursor")), (vec!["user-0".to_owned()], None));
    assert!(!page.to_string().contains("argon2"), "{page}");
    let _ = ask(&server, ("GET", "/api/v1/users?limit=0"), &admin, &Value::Null)
        .await
        .refused(400, "invalid_request");
}

/// `oauth2` `PUT /api/v1/users/{user_id}`: 200
#[tokio::test]
async fn an_administrator_changes_what_is_sent() {
    let (server, tenant, admin) = given().await;
    let id =
        made(&server, &admin, json!({ "username": "ada@example.com", "password": PASSWORD, "name": "Ada" }))
            .await;
    let path = format!("{USERS}/{id}");
    server.clock.advance(writ_core::time::Seconds(60));
    let body = ask(&server, ("PUT", &path), &admin, &json!({ "name": null })).await.expect(200).json();
    assert_eq!((&body["name"], &body["email"]), (&Value::Null, &json!("ada@example.com")));
    assert_eq!(
        (&body["created_at"], &body["updated_at"]),
        (&json!("2027-01-15T08:00:00Z"), &json!("2027-01-15T08:01:00Z"))
    );
    let body =
        ask(&server, ("PUT", &path), &admin, &json!({ "email": "a@b.example", "email_verified": true }))
            .await
            .json();
    assert_eq!((&body["email"], &body["email_verified"]), (&json!("a@b.example"), &json!(true)));
    let letters = server.letters().await;
    assert_eq!(letters[0].to.as_deref(), Some("ada@example.com"), "the old address hears of it");
    // What was read can be sent back.
    let all = ask(&server, ("GET", &path), &admin, &Value::Null).await.expect(200).json();
    assert_eq!(ask(&server, ("PUT", &path), &admin, &all).await.expect(200).json(), all);
    let roles = json!({ "roles": ["user", "user"] });
    let _ = ask(&server, ("PUT", &path), &admin, &roles).await.refused(400, "invalid_request");
    let _ = ask(&server, ("PUT", &path), &admin, &json!({ "username": "eve" }))
        .await
        .refused(400, "invalid_request");
    let _ = ask(&server, ("PUT", &path), &admin, &json!({ "roles": ["admin"] }))
        .await
        .refused(403, "access_denied");
    let nobody = format!("{USERS}/018bcfe5-6800-7abc-8def-0123456789ab");
    let _ = ask(&server, ("PUT", &nobody), &admin, &json!({})).await.refused(404, "not_found");
    let _ =
        ask(&server, ("PUT", &format!("{USERS}/%00")), &admin, &json!({})).await.refused(404, "not_found");
    // Disabling, and a password that somebody else set, end all tokens.
    let user = writ_core::ids::UserId::parse_uuid(&id).unwrap();
    for body in
        [json!({ "enabled": false }), json!({ "enabled": true, "password": "another good passphrase" })]
    {
        let token = person(&server, &tenant, user).await;
        let nothing = json!({});
        let ask_profile = || ask(&server, ("PUT", "/api/v1/users/profile"), &token, &nothing);
        if body["enabled"] == json!(false) {
            let _ = ask_profile().await.expect(200);
        }
        let _ = ask(&server, ("PUT", &path), &admin, &body).await.expect(200);
        let _ = ask_profile().await.refused(401, "invalid_token");
        let _ = ask(&server, ("PUT", &path), &admin, &json!({ "enabled": true })).await.expect(200);
    }
}

/// `oauth2` `PUT /api/v1/users/{user_id}`: 403 a user wider than the caller
#[tokio::test]
async fn nobody_changes_or_deletes_somebody_wider_than_themselves() {
    let (server, tenant, admin) = given().await;
    let operator = Credential::bearer(&server.management_key());
    let body = json!({ "username": "root", "password": PASSWORD, "roles": ["admin"] });
    let mut request = http::Request::post(USERS).header("content-type", "application/json");
    request = request
        .header("authorization", operator.header().unwrap())
        .header("x-tenant-id", tenant.id.to_string());
    let id = server.request(request.body(body.to_string()).unwrap()).await.expect(201).member("id");
    let path = format!("{USERS}/{id}");
    for (method, body) in
        [("PUT", json!({ "name": "Eve" })), ("PUT", json!({ "password": PASSWORD })), ("DELETE", Value::Null)]
    {
        let _ = ask(&server, (method, &path), &admin, &body).await.refused(403, "access_denied");
    }
}

/// `oauth2` `DELETE /api/v1/users/{user_id}`: 204, then 404
#[tokio::test]
async fn a_deleted_user_is_gone_with_all_tokens() {
    let (server, tenant, admin) = given().await;
    let id = made(&server, &admin, json!({ "username": "ada", "password": PASSWORD })).await;
    let token = person(&server, &tenant, writ_core::ids::UserId::parse_uuid(&id).unwrap()).await;
    let path = format!("{USERS}/{id}");
    let answer = ask(&server, ("DELETE", &path), &admin, &Value::Null).await.expect(204);
    assert!(answer.body.is_empty());
    let _ = ask(&server, ("DELETE", &path), &admin, &Value::Null).await.refused(404, "not_found");
    let _ = ask(&server, ("GET", &path), &admin, &Value::Null).await.refused(404, "not_found");
    let _ = ask(&server, ("PUT", "/api/v1/users/profile"), &token, &json!({}))
        .await
        .refused(401, "invalid_token");
    made(&server, &admin, json!({ "username": "ada", "password": PASSWORD })).await;
}

/// `oauth2` `GET /api/v1/users`: 200 with the one whom tokens call so
#[tokio::test]
async fn a_user_is_found_by_what_tokens_call_them() {
    let (server, tenant, admin) = given().await;
    let other = server.tenant("other").await;
    let (ada, eve) =
        (server.user(&tenant, "ada", PASSWORD).await, server.user(&other, "eve", PASSWORD).await);
    // As accounts were kept before: it is written down when somebody is first looked for.
    server.sql("UPDATE users SET subject = NULL WHERE username <> ?1", ["nobody"]);
    let find =
        async |sub: &str| ask(&server, ("GET", &format!("{USERS}?sub={sub}")), &admin, &Value::Null).await;
    for _ in 0..2 {
        let found = find(&Subject::of(ada).to_string()).await.expect(200).json();
        assert_eq!((&found["users"][0]["id"], &found["total"]), (&json!(ada.to_string()), &json!(1)));
    }
    // Somebody of another tenant is nobody, and so is whoever's row has that id.
    for sub in [Subject::of(eve).to_string(), ada.to_string()] {
        assert_eq!(find(&sub).await.expect(200).json(), json!({ "users": [], "total": 0 }), "{sub}");
    }
    let refused = find("ada").await.refused(400, "invalid_request");
    assert!(refused.member("error_description").starts_with("sub: "), "{}", refused.text());
}

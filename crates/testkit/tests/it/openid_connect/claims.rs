//! OpenID Connect Core §5.1 and §5.4: what applications are told of a person, in UserInfo and in the ID token.

use rstest::rstest;
use serde_json::{Value, json};
use writ_core::client::IdTokenClaims;
use writ_testkit::{Engine, TestServer};

use super::{Stage, manage};
use crate::flow::{ada, claims, website};

const EVERY: &str = "openid profile email address phone read offline_access";

fn id_token(tokens: &Value) -> Value {
    claims(tokens["id_token"].as_str().unwrap())
}

/// §5.4: whatever UserInfo says of a scope stands in the ID token too, also after a refresh, and is what it is now.
#[rstest]
#[tokio::test]
async fn an_id_token_tells_what_userinfo_tells(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let site = stage.site("site", EVERY).await;
    let path = format!("/api/v1/users/{}/claims", stage.ada);
    let sent = json!({
        "given_name": "Ada", "family_name": "Lovelace", "birthdate": "1815-12-10", "locale": "en-GB",
        "picture": "https://ada.example/p.png", "address": { "locality": "London", "country": "UK" },
        "phone_number": "+44 20 7946 0000", "phone_number_verified": true,
    });
    assert_eq!(stage.manage(("GET", &path), &Value::Null).await.expect(200).json(), json!({}));
    assert_eq!(stage.manage(("PUT", &path), &sent).await.expect(200).json(), sent);
    assert_eq!(stage.manage(("GET", &path), &Value::Null).await.expect(200).json(), sent);

    let tokens = stage.tokens(&site, EVERY).await;
    let told = stage.userinfo(&tokens).await;
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&told[name], value, "{name}");
    }
    assert_eq!(told["preferred_username"], "ada@example.org");
    let id = id_token(&tokens);
    for (name, value) in told.as_object().unwrap() {
        assert_eq!(&id[name], value, "{name}");
    }
    // Only what is sent changes, and null removes.
    let change = json!({ "family_name": "King", "birthdate": null, "address": { "locality": null } });
    let after = stage.manage(("PUT", &path), &change).await.expect(200).json();
    assert_eq!((&after["family_name"], &after["address"]), (&json!("King"), &json!({ "country": "UK" })));
    let id = id_token(&stage.refreshed(&site, &tokens).await);
    assert_eq!((&id["family_name"], id.get("birthdate")), (&json!("King"), None));
    assert_eq!(
        stage.manage(("PUT", &path), &json!({ "address": null })).await.expect(200).json().get("address"),
        None
    );

    // No scope, no claim.
    let bare = stage.tokens(&stage.site("bare", "openid").await, "openid").await;
    let id = id_token(&bare);
    for name in ["preferred_username", "given_name", "address", "phone_number", "email", "updated_at"] {
        assert!(id.get(name).is_none(), "{name}: {id}");
    }
}

/// `id_token_claims`: the client's choice before the tenant's before the server's.
#[tokio::test]
async fn an_id_token_says_only_who_it_is_where_client_tenant_or_server_want_it_so() {
    let minimal = Some(IdTokenClaims::Minimal);
    let scopes = Some(IdTokenClaims::Scopes);
    for (server_says, tenant_says, client_says, told) in [
        (None, None, None, true),
        (minimal, None, None, false),
        (minimal, scopes, None, true),
        (None, minimal, None, false),
        (None, minimal, scopes, true),
        (None, None, minimal, false),
    ] {
        let mut builder = TestServer::builder();
        if let Some(choice) = server_says {
            builder = builder.id_token_claims(choice);
        }
        let server = builder.start().await;
        ada(&server).await;
        let settings = json!({ "settings": { "id_token_claims": tenant_says.map(IdTokenClaims::name) } });
        let _ = manage(&server, ("PUT", "/api/v1/tenants/default"), &settings).await.expect(200);
        let site = website(&server, "site").scope("openid profile").first_party().create().await;
        let choice = json!({ "id_token_claims": client_says.map(IdTokenClaims::name) });
        let shown = manage(&server, ("PATCH", "/api/v1/clients/site"), &choice).await.expect(200).json();
        assert_eq!(shown["id_token_claims"], choice["id_token_claims"]);
        let mut agent = writ_testkit::Agent::new(&server);
        let code = crate::flow::code(&mut agent, &site, &[("scope", "openid profile")]).await.code();
        let tokens = crate::flow::redeem(&server, &site, &code).await.expect(200).json();
        let id = id_token(&tokens);
        assert_eq!(
            id.get("preferred_username").is_some(),
            told,
            "{server_says:?} {tenant_says:?} {client_says:?}"
        );
        assert!(id["sub"].is_string() && id["nonce"] == "a nonce");
    }
}

/// What is wrong is named, all of it together, and changes nothing.
#[tokio::test]
async fn claims_that_are_not_fit_are_named() {
    let stage = Stage::new(Engine::Sqlite, "acme").await;
    let path = format!("/api/v1/users/{}/claims", stage.ada);
    let bad = json!({
        "birthdate": "tomorrow", "picture": "javascript:alert(1)", "address": { "country": 5 },
        "phone_number_verified": "yes", "given_nmae": "Ada",
    });
    let answer = stage.manage(("PUT", &path), &bad).await.refused(400, "invalid_request");
    let why = answer.member("error_description");
    for field in ["birthdate: ", "picture: ", "address.country: ", "phone_number_verified: ", "given_nmae"] {
        assert!(why.contains(field), "{field}: {why}");
    }
    assert_eq!(stage.manage(("GET", &path), &Value::Null).await.expect(200).json(), json!({}));
    let nobody = "/api/v1/users/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/claims";
    let _ = stage.manage(("GET", nobody), &Value::Null).await.refused(404, "not_found");
    let _ = stage.manage(("PUT", nobody), &json!({})).await.refused(404, "not_found");
}

/// RFC 9068 §2.1 has `at+jwt`; a client whose resource servers refuse that may have `JWT`. Such a token is no ID token
/// for all that.
#[rstest]
#[tokio::test]
async fn the_type_of_an_access_token_is_its_clients_choice(#[values("default", "acme")] slug: &str) {
    let stage = Stage::new(Engine::Sqlite, slug).await;
    let site = stage.site("site", "openid read").await;
    let typ = |tokens: &Value| {
        jsonwebtoken::decode_header(tokens["access_token"].as_str().unwrap()).unwrap().typ.unwrap()
    };
    let tokens = stage.tokens(&site, "openid read").await;
    assert_eq!(typ(&tokens), "at+jwt");
    let choice = json!({ "access_token_typ": "JWT" });
    let shown = stage.manage(("PATCH", "/api/v1/clients/site"), &choice).await.expect(200).json();
    assert_eq!(shown["access_token_typ"], "JWT");
    let tokens = stage.refreshed(&site, &tokens).await;
    assert_eq!(typ(&tokens), "JWT");
    assert_eq!(stage.introspected(&site, &tokens["access_token"]).await["active"], true);
    assert!(stage.userinfo(&tokens).await["sub"].is_string());

    let access = tokens["access_token"].as_str().unwrap();
    let hinted = crate::flow::request("site", &[("id_token_hint", access), ("prompt", "none")]);
    let page = writ_testkit::Agent::new(&stage.server).get(&stage.at(&hinted)).await;
    assert_eq!(page.sent()["error"], "invalid_request", "an access token hints at nobody");

    let bad = json!({ "access_token_typ": "jwt" });
    let answer = stage.manage(("PATCH", "/api/v1/clients/site"), &bad).await.refused(400, "invalid_request");
    assert!(answer.member("error_description").contains("access_token_typ"), "{}", answer.text());
    let opaque = json!({ "access_token_format": "opaque", "access_token_typ": "JWT" });
    let _ = stage.manage(("PATCH", "/api/v1/clients/site"), &opaque).await.refused(400, "invalid_request");
}

/// RFC 7662 §2.2: `username` of a person's token, access or refresh, and of no other.
#[rstest]
#[tokio::test]
async fn introspection_says_whose_token_it_is(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let site = stage.site("site", "openid read").await;
    let tokens = stage.tokens(&site, "openid read").await;
    for name in ["access_token", "refresh_token"] {
        assert_eq!(stage.introspected(&site, &tokens[name]).await["username"], "ada@example.org", "{name}");
    }
    let machine = stage.server.client("machine").of(&stage.tenant).scope("read").create().await;
    let token = stage.server.access_token(&machine).await;
    let told = stage.introspected(&machine, &token.into()).await;
    assert_eq!((&told["active"], told.get("username")), (&json!(true), None));
}

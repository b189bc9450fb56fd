//! UserInfo (OpenID Connect Core §5.3; RFC 6750).

use std::collections::BTreeSet;

use http::Request;
use serde_json::json;
use writ_core::subject::Subject;
use writ_testkit::{Agent, Answer, Credential, TestClient, TestServer, basic, form};

use super::{ada, code, redeem, website};

async fn by_header(server: &TestServer, method: &str, token: &str) -> Answer {
    let request = Request::builder().method(method).uri("/oauth2/userinfo");
    server.request(request.header("authorization", format!("Bearer {token}")).body("").unwrap()).await
}

/// What Ada's own application gets for each of these scopes.
async fn tokens_for(server: &TestServer, client: &TestClient, scopes: &[&str]) -> Vec<String> {
    let mut agent = Agent::new(server);
    let mut tokens = Vec::new();
    for scope in scopes {
        let code = code(&mut agent, client, &[("scope", scope)]).await.code();
        let body = redeem(server, client, &code).await.expect(200).json();
        tokens.push(body["access_token"].as_str().unwrap().to_owned());
    }
    tokens
}

/// OpenID Connect Core §5.3.1, §5.4: by GET and by POST, the token in the header or in the form; what is told follows its
/// scope.
#[tokio::test]
async fn the_claims_follow_the_scope() {
    let server = TestServer::start().await;
    let user = Subject::of(ada(&server).await).to_string();
    let client = website(&server, "own").first_party().create().await;
    let tokens = tokens_for(&server, &client, &["openid", "openid profile email"]).await;
    for method in ["GET", "POST"] {
        assert_eq!(by_header(&server, method, &tokens[0]).await.expect(200).json(), json!({ "sub": user }));
    }
    let all = by_header(&server, "GET", &tokens[1]).await.expect(200).json();
    assert_eq!((&all["sub"], &all["preferred_username"]), (&json!(user), &json!("ada@example.org")));
    let body = [("access_token", &*tokens[1])];
    assert_eq!(server.post("/oauth2/userinfo", Credential::None, &body).await.expect(200).json(), all);
    let in_query =
        server.request(Request::get(format!("/oauth2/userinfo?{}", form(&body))).body("").unwrap()).await;
    assert_eq!(in_query.status, 401, "never in the address");
}

/// OpenID Connect Core §5.3.3, RFC 6750 §3, §3.1: what a token is refused for stands in the challenge; where none was sent
/// there is no error in it.
#[tokio::test]
async fn a_token_is_refused_as_bearer_tokens_are() {
    let server = TestServer::start().await;
    ada(&server).await;
    let client = website(&server, "own").first_party().create().await;
    let tokens = tokens_for(&server, &client, &["openid", "read"]).await;
    // Without openid it is for its own audience, or not for this.
    let answer = by_header(&server, "GET", &tokens[1]).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.header("www-authenticate").contains("insufficient_scope"));
    let twice = [("access_token", &*tokens[0])];
    let both = server.post("/oauth2/userinfo", Credential::bearer(&tokens[0]), &twice).await;
    assert_eq!(both.status, 400);
    let machine = server.client("machine").create().await;
    let machine = server.access_token(&machine).await;
    assert_eq!(by_header(&server, "GET", &machine).await.status, 403);
    for bad in ["x", &tokens[0][1..]] {
        let answer = by_header(&server, "GET", bad).await.refused(401, "invalid_token");
        assert!(answer.header("www-authenticate").starts_with("Bearer "));
    }
    let with_secret = Request::get("/oauth2/userinfo").header("authorization", basic("own", "x"));
    for nothing in [Request::get("/oauth2/userinfo"), with_secret] {
        let answer = server.request(nothing.body("").unwrap()).await.expect(401);
        let challenges = answer.all("www-authenticate");
        let place = "https://id.example/.well-known/oauth-protected-resource";
        let told = format!("Bearer realm=\"https://id.example\", resource_metadata=\"{place}\"");
        assert_eq!(challenges[0], told, "RFC 6750, 3.1: no error");
        assert!(challenges.len() == 2 && challenges[1].starts_with("DPoP realm="), "{challenges:?}");
    }
    let _ = server.revoke(&client, &tokens[0]).await.expect(200);
    assert_eq!(by_header(&server, "GET", &tokens[0]).await.status, 401);
}

/// Every standard claim that an account has no field for.
const EVERY_CLAIM: &str = r#"{"given_name":"Ada","family_name":"Lovelace","middle_name":"King","nickname":"A",
    "profile":"https://ada.example/","picture":"https://ada.example/p","website":"https://ada.example/w","gender":"female",
    "birthdate":"1815-12-10","zoneinfo":"Europe/London","locale":"en-GB","address":{"country":"UK"},
    "phone_number":"+44 1","phone_number_verified":true}"#;

/// OpenID Connect Discovery §3: what is advertised is what there is, with every scope that a person can be asked for.
#[tokio::test]
async fn every_claim_that_there_is_is_advertised_and_no_other() {
    let server = TestServer::start().await;
    ada(&server).await;
    server.sql(
        "UPDATE users SET name = 'Ada', email = username, roles = 'user editor', claims = ?2 WHERE username = ?1",
        ["ada@example.org", EVERY_CLAIM],
    );
    let role = json!({ "name": "editor", "permissions": ["articles:publish"] });
    let _ = crate::openid_connect::manage(&server, ("POST", "/api/v1/roles"), &role).await.expect(201);
    let every = "openid profile email address phone offline_access roles groups";
    let client = website(&server, "own").scope(every).first_party().create().await;
    let mut agent = Agent::new(&server);
    let code = code(&mut agent, &client, &[("scope", every)]).await.code();
    let body = redeem(&server, &client, &code).await.expect(200).json();
    let info = by_header(&server, "GET", body["access_token"].as_str().unwrap()).await.expect(200).json();
    let id_token = super::claims(body["id_token"].as_str().unwrap());
    let names = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let there_are: BTreeSet<_> = names(&info).into_iter().chain(names(&id_token)).collect();
    let metadata = server.get("/.well-known/openid-configuration").await.expect(200).json();
    let listed =
        |member: &str| -> BTreeSet<String> { serde_json::from_value(metadata[member].clone()).unwrap() };
    assert_eq!(listed("claims_supported"), there_are);
    let scopes = every.split(' ').map(str::to_owned).collect();
    assert_eq!(listed("scopes_supported"), scopes);
}

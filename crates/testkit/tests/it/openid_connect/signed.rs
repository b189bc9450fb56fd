//! OpenID Connect Core §5.3.2: UserInfo that is signed; RFC 9701: answers about tokens that are. Neither is ever taken for an
//! ID token.

use http::Request;
use http::header::{ACCEPT, AUTHORIZATION};
use rstest::rstest;
use serde_json::{Value, json};
use writ_testkit::{Agent, Answer, Engine, TestClient};

use super::Stage;
use crate::flow::{request, sign_in};

impl Stage {
    pub(super) async fn ask_userinfo(&self, tokens: &Value) -> Answer {
        let token = tokens["access_token"].as_str().unwrap();
        let request =
            Request::get(self.at("/oauth2/userinfo")).header(AUTHORIZATION, format!("Bearer {token}"));
        self.server.request(request.body("").unwrap()).await
    }

    pub(super) async fn ask_about(&self, client: &TestClient, token: &str, accept: &str) -> Answer {
        let request = Request::post(self.at("/oauth2/introspect"))
            .header(AUTHORIZATION, writ_testkit::Credential::from(client).header().unwrap())
            .header(ACCEPT, accept)
            .header("content-type", "application/x-www-form-urlencoded");
        self.server.request(request.body(writ_testkit::form(&[("token", token)])).unwrap()).await
    }

    pub(super) async fn registered(&self, body: Value) {
        let _ = self.manage(("PATCH", "/api/v1/clients/site"), &body).await.expect(200);
    }
}

/// §5.3.2: signed as the client is registered, with `iss` and `aud`; JSON where it is not.
#[rstest]
#[tokio::test]
async fn userinfo_is_signed_where_its_client_wants_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let site = stage.site("site", "openid profile").await;
    let tokens = stage.tokens(&site, "openid profile").await;
    let plain = stage.ask_userinfo(&tokens).await.expect(200);
    assert_eq!(plain.header("content-type"), "application/json");
    for alg in ["EdDSA", "RS256"] {
        stage.registered(json!({ "userinfo_signed_response_alg": alg })).await;
        let answer = stage.ask_userinfo(&tokens).await.expect(200);
        assert_eq!(
            (answer.header("content-type"), answer.header("cache-control")),
            ("application/jwt", "no-store")
        );
        let jwks = stage.at("/.well-known/jwks.json");
        let (header, claims) = crate::rfc9068::verified(&stage.server, &jwks, answer.text()).await;
        assert_eq!(
            (header.typ.as_deref(), format!("{:?}", header.alg)),
            (Some("userinfo+jwt"), alg.to_owned())
        );
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(stage.tenant.issuer), &json!("site")));
        assert_eq!(
            (&claims["sub"], &claims["preferred_username"]),
            (&plain.json()["sub"], &json!("ada@example.org"))
        );
        // RFC 8725 §3.11
        let hint = request("site", &[("prompt", "none"), ("id_token_hint", answer.text())]);
        let page = Agent::new(&stage.server).get(&stage.at(&hint)).await;
        assert_eq!(page.sent()["error"], "invalid_request", "it is no ID token");
    }
    stage.registered(json!({ "userinfo_signed_response_alg": null })).await;
    assert_eq!(stage.ask_userinfo(&tokens).await.header("content-type"), "application/json");
}

/// RFC 9701 §4, §5: for a client that accepts it, also of a token that is none; what is said of the token stands below one
/// claim.
#[rstest]
#[tokio::test]
async fn an_answer_about_a_token_is_signed_where_that_is_accepted(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    const SIGNED: &str = "application/token-introspection+jwt";
    let stage = Stage::new(engine, slug).await;
    let site = stage.site("site", "openid").await;
    let mut agent = Agent::new(&stage.server);
    let page = agent.open(&stage.at(&request("site", &[("scope", "openid")]))).await;
    let page = sign_in(&mut agent, &page).await;
    let tokens = stage.redeemed(&site, &page.code()).await;
    let token = tokens["access_token"].as_str().unwrap();
    let plain = stage.ask_about(&site, token, "application/json").await.expect(200);
    assert_eq!(plain.header("content-type"), "application/json");
    let jwks = stage.at("/.well-known/jwks.json");
    for alg in ["RS256", "ES256"] {
        stage.registered(json!({ "introspection_signed_response_alg": alg })).await;
        let answer = stage.ask_about(&site, token, SIGNED).await.expect(200);
        assert_eq!(answer.header("content-type"), SIGNED);
        let (header, claims) = crate::rfc9068::verified(&stage.server, &jwks, answer.text()).await;
        assert_eq!(
            (header.typ.as_deref(), format!("{:?}", header.alg)),
            (Some("token-introspection+jwt"), alg.to_owned())
        );
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(stage.tenant.issuer), &json!("site")));
        assert!(
            claims["iat"].is_i64() && claims.get("sub").is_none() && claims.get("exp").is_none(),
            "{claims}"
        );
        assert_eq!(claims["token_introspection"], plain.json());
        let inactive = stage.ask_about(&site, "nothing", SIGNED).await.expect(200);
        let (_, claims) = crate::rfc9068::verified(&stage.server, &jwks, inactive.text()).await;
        assert_eq!(claims["token_introspection"], json!({ "active": false }));
    }
}

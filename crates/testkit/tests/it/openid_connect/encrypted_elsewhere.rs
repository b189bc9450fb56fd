//! OpenID Connect Core §10.2.1, Registration §2: tokens and answers encrypted to a key that the client publishes at its
//! `jwks_uri`, fetched when it is needed.

use rstest::rstest;
use serde_json::{Value, json};
use writ_core::time::Seconds;
use writ_jose::jwe::{ContentEncryption, DecryptionKey, KeyManagement};
use writ_testkit::{Agent, Engine, KeysHost, TestClient, TestServer};

use super::Stage;
use super::encryption::{key, opened, set};
use crate::flow::{PASSWORD, request, sign_in};

const SIGNED: &str = "application/token-introspection+jwt";

/// A client that has everything encrypted to what lies at its address.
struct Elsewhere {
    stage: Stage,
    host: KeysHost,
    site: TestClient,
    keys: [DecryptionKey; 2],
}

impl Elsewhere {
    async fn new(engine: Engine, slug: &str) -> Self {
        let keys = ["one", "two"].map(|kid| key(KeyManagement::EcdhEs, ContentEncryption::A256Gcm, kid));
        let host = KeysHost::with(&set(&[&keys[0]]).to_string()).await;
        let builder = TestServer::builder().outbound(host.settings());
        let builder = match engine {
            Engine::Sqlite => builder,
            Engine::Postgres => builder.database(&writ_testkit::postgres::fresh_database().await.unwrap()),
        };
        let server = builder.start().await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        let ada = server.user(&tenant, "ada@example.org", PASSWORD).await;
        let stage = Stage { server, tenant, ada };
        let site = stage.site("site", "openid profile").await;
        let mut wanted = json!({ "jwks_uri": host.uri });
        for sort in ["id_token", "userinfo", "authorization", "introspection"] {
            wanted[format!("{sort}_encrypted_response_alg")] = json!("ECDH-ES");
            wanted[format!("{sort}_encrypted_response_enc")] = json!("A256GCM");
        }
        stage.registered(wanted).await;
        Self { stage, host, site, keys }
    }

    /// All four, each opened with this key.
    async fn all(&self, with: usize) {
        let (stage, key) = (&self.stage, &self.keys[with]);
        let tokens = stage.tokens(&self.site, "openid profile").await;
        for token in [&tokens["id_token"], &stage.refreshed(&self.site, &tokens).await["id_token"]] {
            assert!(opened(token.as_str().unwrap(), key).1.starts_with("ey"));
        }
        let answer = stage.ask_userinfo(&tokens).await.expect(200);
        let told: Value = serde_json::from_str(&opened(answer.text(), key).1).unwrap();
        assert_eq!(told["preferred_username"], "ada@example.org");
        let token = tokens["access_token"].as_str().unwrap();
        opened(stage.ask_about(&self.site, token, SIGNED).await.expect(200).text(), key);
        opened(&self.answered().await, key);
    }

    /// The answer to an authorization request, encrypted (JARM §2.2).
    async fn answered(&self) -> String {
        let mut agent = Agent::new(&self.stage.server);
        let page = agent.open(&self.stage.at(&request("site", &[("response_mode", "jwt")]))).await;
        sign_in(&mut agent, &page).await.sent()["response"].clone()
    }
}

/// §10.2.1: the key is fetched once and kept; once its time is over, the new one is used.
#[rstest]
#[tokio::test]
async fn everything_is_encrypted_to_the_key_that_lies_there(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let there = Elsewhere::new(engine, slug).await;
    there.all(0).await;
    assert_eq!(there.host.calls(), 1, "it is kept");
    there.host.has(&set(&[&there.keys[1]]).to_string());
    there.all(0).await;
    there.stage.server.clock.advance(Seconds(600));
    there.all(1).await;
    assert_eq!(there.host.calls(), 2);
    // A server that starts anew knows of it from storage.
    let shown = there.stage.manage(("GET", "/api/v1/clients/site"), &Value::Null).await.expect(200).json();
    assert_eq!(
        (&shown["id_token_encrypted_response_alg"], &shown["userinfo_encrypted_response_enc"]),
        (&json!("ECDH-ES"), &json!("A256GCM"))
    );
}

/// A set without a fitting key is looked at again, as for signatures; nothing is ever sent open instead, and a code is not
/// used up by an answer that could not be given.
#[tokio::test]
async fn a_missing_key_is_looked_for_and_nothing_goes_out_open() {
    let there = Elsewhere::new(Engine::Sqlite, "default").await;
    let stage = &there.stage;
    there.host.has(&set(&[]).to_string());
    stage.registered(json!({ "authorization_encrypted_response_alg": null })).await;
    let mut agent = Agent::new(&stage.server);
    let page = agent.open(&stage.at(&request("site", &[]))).await;
    let code = sign_in(&mut agent, &page).await.code();
    let ask = || crate::flow::redeem(&stage.server, &there.site, &code);
    let refused = ask().await.refused(503, "temporarily_unavailable");
    assert_eq!(refused.header("retry-after"), "10");
    assert!(refused.text().contains("jwks_uri"), "{}", refused.text());
    there.host.has(&set(&[&there.keys[0]]).to_string());
    let _ = ask().await.refused(503, "temporarily_unavailable");
    assert_eq!(there.host.calls(), 1, "it was asked a moment ago");
    stage.server.clock.advance(Seconds(10));
    let tokens = ask().await.expect(200).json();
    opened(tokens["id_token"].as_str().unwrap(), &there.keys[0]);
    assert_eq!(there.host.calls(), 2);
}

/// Where the keys are is part of what is registered: another address, or a set instead, is used at once.
#[tokio::test]
async fn answers_follow_the_address() {
    let there = Elsewhere::new(Engine::Sqlite, "default").await;
    there.all(0).await;
    let stage = &there.stage;
    let moved = there.host.uri.replace("/keys", "/elsewhere");
    there.host.has(&set(&[&there.keys[1]]).to_string());
    stage.registered(json!({ "jwks_uri": moved })).await;
    there.all(1).await;
    stage.registered(json!({ "jwks_uri": null, "jwks": set(&[&there.keys[0]]) })).await;
    there.all(0).await;
    let refused = stage.manage(("PATCH", "/api/v1/clients/site"), &json!({ "jwks": null })).await.expect(400);
    assert!(refused.text().contains("there is no key for it"), "{}", refused.text());
}

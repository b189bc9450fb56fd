//! RFC 9101 §6.1, OpenID Connect Core §6.1 and §10.2: request objects that are encrypted to a key of the tenant's.

use rstest::rstest;
use serde_json::{Value, json};
use writ_core::encryption_key::OPENS_AFTER;
use writ_core::time::Seconds;
use writ_jose::jwe::{Content, ContentEncryption, EncryptionJwk, EncryptionKey, KeyManagement};
use writ_testkit::{Agent, Engine};

use super::{Stage, manage, sign_in, unsigned};
use crate::flow::at;

impl Stage {
    /// The keys that the tenant's JWK set has for encryption.
    async fn published(&self) -> Vec<EncryptionJwk> {
        let path = at(&self.tenant, "/.well-known/jwks.json");
        let set = self.server.get(&path).await.expect(200).json();
        let keys = set["keys"].as_array().unwrap();
        let own = keys.iter().filter(|key| key["use"] == "enc");
        own.map(|key| EncryptionJwk::from_json(&key.to_string()).unwrap()).collect()
    }

    async fn key_for(&self, management: KeyManagement) -> EncryptionJwk {
        let published = self.published().await;
        published.into_iter().find(|key| key.management() == management).expect("a published key")
    }

    /// The answer to an object, to nobody who is signed in.
    async fn error(&self, object: &str) -> Value {
        let page =
            self.ask(object, &[("redirect_uri", crate::flow::CALLBACK), ("response_type", "code")]).await;
        page.location().map_or(json!(page.answer.status), |_| json!(page.sent()["error"]))
    }
}

fn sealed(key: &EncryptionJwk, cipher: ContentEncryption, object: &str) -> String {
    let key = EncryptionKey::from_jwk(key, cipher).unwrap();
    key.encrypt_compact(Content::Jwt, object.as_bytes()).unwrap()
}

/// §6.1: signed, then encrypted; with each way and cipher that the metadata has, at the authorization endpoint and pushed.
#[rstest]
#[tokio::test]
async fn an_object_is_opened_and_then_judged_like_any(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    assert!(stage.published().await.is_empty(), "there is none until a client wants one");
    let path = format!("{}/{}", super::CLIENTS, stage.id());
    for management in KeyManagement::ALL {
        let chosen = json!({ "request_object_encryption_alg": management.name() });
        let client = manage(&stage.server, &stage.tenant, ("PATCH", &path), &chosen).await.expect(200).json();
        assert_eq!(client["request_object_encryption_enc"], "A128CBC-HS256", "Registration §2");
        let key = stage.key_for(management).await;
        for cipher in ContentEncryption::ALL {
            let object = sealed(&key, cipher, &stage.object(&stage.claims()));
            let mut agent = Agent::new(&stage.server);
            let page = agent.open(&stage.address(&object, &[])).await;
            let page = sign_in(&mut agent, &page).await;
            assert_eq!(page.sent()["state"], "a state+&=");
            let _ = stage.redeem(&page.code()).await.expect(200);
            let pairs = [("client_id", stage.id()), ("request", &*object)];
            let pushed =
                stage.server.post(&at(&stage.tenant, "/oauth2/par"), stage.credential(), &pairs).await;
            let _ = pushed.expect(201);
        }
    }
    assert_eq!(stage.published().await.len(), 2);
    // The set has them beside the keys that sign, and each says which it is.
    let set = stage.server.get(&at(&stage.tenant, "/.well-known/jwks.json")).await.expect(200).json();
    let uses: Vec<_> = set["keys"].as_array().unwrap().iter().map(|key| key["use"].clone()).collect();
    assert!(uses.contains(&json!("sig")) && uses.iter().all(|one| one == "sig" || one == "enc"), "{uses:?}");
    assert!(!set.to_string().contains("\"d\":"), "no private half");
}

/// Who encrypts is nobody in particular: what is within has to be signed by the client, and everything else is as if it were
/// sent bare.
#[tokio::test]
async fn encryption_proves_nothing() {
    let stage = Stage::simple(&json!({ "request_object_encryption_alg": "ECDH-ES" })).await;
    let key = stage.key_for(KeyManagement::EcdhEs).await;
    let within = |object: &str| sealed(&key, ContentEncryption::A256Gcm, object);
    let good = stage.object(&stage.claims());
    let expired = stage.object(&stage.but(&json!({ "exp": stage.now() - 600 })));
    let claims = stage.claims().to_string();
    let own = EncryptionKey::from_jwk(&key, ContentEncryption::A256Gcm).unwrap();
    let forged = format!("{}x.y", &good[..good.rfind('.').unwrap()]);
    for bad in [
        within(&unsigned(&stage.claims())),
        within(&expired),
        within(&claims),
        within(&within(&good)),
        within(&forged),
        own.encrypt_compact(Content::Octets, &[0xff, 0xfe]).unwrap(),
    ] {
        assert_eq!(stage.error(&bad).await, "invalid_request_object", "{bad}");
    }
    // Altered, to another's key, to no key at all: nothing tells which.
    let stranger =
        writ_jose::jwe::DecryptionKey::generate_on(writ_jose::jwe::Curve::P256, ContentEncryption::A256Gcm);
    let stranger = stranger.unwrap().public_jwk().clone();
    let whole = within(&good);
    let (head, tag) = whole.rsplit_once('.').unwrap();
    for bad in [
        sealed(&stranger, ContentEncryption::A256Gcm, &good),
        format!("{head}.{}", tag.chars().rev().collect::<String>()),
        "a.b.c.d.e".to_owned(),
        "....".to_owned(),
    ] {
        assert_eq!(stage.error(&bad).await, "invalid_request_object", "{bad}");
    }
}

/// Core §10.2.1: keys follow one another; what was encrypted to the one before is opened for a day, and then nothing is left
/// of it.
#[rstest]
#[tokio::test]
async fn keys_follow_one_another(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let server = writ_testkit::TestServer::on(engine).await;
    let stage = Stage::with(server, "acme", &json!({ "request_object_encryption_alg": "ECDH-ES" })).await;
    let app = &stage.server.app;
    let first = stage.key_for(KeyManagement::EcdhEs).await;
    let rotate = async || app.rotate_due_encryption_keys().await.map_err(|fault| fault.error).unwrap();
    assert_eq!(rotate().await, 0);
    stage.server.clock.advance(Seconds(91 * 86_400));
    assert_eq!((rotate().await, rotate().await), (1, 0));
    let second = stage.key_for(KeyManagement::EcdhEs).await;
    assert_ne!(first.kid(), second.kid());
    assert_eq!(stage.published().await.len(), 1, "nobody shall encrypt to the first any more");
    let asks = async |key: &EncryptionJwk| {
        let object = sealed(key, ContentEncryption::A128CbcHs256, &stage.object(&stage.claims()));
        let page = stage.ask(&object, &[("prompt", "none")]).await;
        page.location().is_some_and(|place| place.contains("login_challenge"))
            || page.answer.status == 303 && !page.location().unwrap().contains("invalid_request_object")
    };
    assert!(asks(&first).await && asks(&second).await);
    stage.server.clock.advance(OPENS_AFTER);
    assert!(!asks(&first).await && asks(&second).await, "its day is over, though it is not erased yet");
    let stored = async || app.store.encryption_keys(stage.tenant.id).await.unwrap();
    assert_eq!(stored().await.len(), 2);
    assert_eq!(rotate().await, 0);
    let kept = stored().await;
    assert_eq!((kept.len(), &*kept[0].kid), (1, second.kid()));
}

/// A key that somebody else may have is erased at once, and another one is in its place.
#[tokio::test]
async fn a_compromised_key_is_erased_at_once() {
    let stage = Stage::simple(&json!({ "request_object_encryption_alg": "ECDH-ES" })).await;
    let first = stage.key_for(KeyManagement::EcdhEs).await;
    let path = format!("/api/v1/keys/{}/compromised", first.kid());
    let _ = manage(&stage.server, &stage.tenant, ("POST", &path), &Value::Null).await.expect(204);
    let second = stage.key_for(KeyManagement::EcdhEs).await;
    assert_ne!(first.kid(), second.kid());
    let object = sealed(&first, ContentEncryption::A256Gcm, &stage.object(&stage.claims()));
    assert_eq!(stage.error(&object).await, "invalid_request_object");
    let _ = manage(&stage.server, &stage.tenant, ("POST", &path), &Value::Null).await.expect(404);
}

/// A key of one tenant opens nothing in another.
#[tokio::test]
async fn a_tenants_key_is_its_own() {
    let stage = Stage::with(
        writ_testkit::TestServer::start().await,
        "acme",
        &json!({ "request_object_encryption_alg": "ECDH-ES" }),
    )
    .await;
    let key = stage.key_for(KeyManagement::EcdhEs).await;
    let path = "/.well-known/jwks.json";
    assert!(!stage.server.get(path).await.expect(200).text().contains("\"enc\""), "none in the first tenant");
    let object = sealed(&key, ContentEncryption::A256Gcm, &stage.object(&stage.claims()));
    let beside = format!(
        "/oauth2/authorize?{}",
        writ_testkit::form(&[("client_id", stage.id()), ("request", &object)])
    );
    let page = Agent::new(&stage.server).get(&beside).await;
    assert_eq!(page.answer.status, 400, "the client is of another tenant");
}

//! JWT Secured Authorization Response Mode for OAuth 2.0 (JARM), section by section, at the root and in a tenant.

use http::{Request, header};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use rstest::rstest;
use serde_json::{Value, json};
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, KeyManagement};
use writ_testkit::{Agent, Engine, Page, START, TestClient, TestServer, TestTenant};

use crate::flow::{CALLBACK, PASSWORD, VERIFIER, at, request, website};
use crate::openid_connect::encryption::{key, opened, set};

struct Stage {
    server: TestServer,
    tenant: TestTenant,
    client: TestClient,
}

impl Stage {
    async fn new(engine: Engine, slug: &str) -> Self {
        let server = TestServer::on(engine).await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        server.user(&tenant, "ada@example.org", PASSWORD).await;
        let client = website(&server, "site").of(&tenant).create().await;
        Self { server, tenant, client }
    }

    /// From the request to the answer, with what is pressed on the consent page.
    async fn answered(&self, mode: &str, decision: &str) -> Page {
        let mut agent = Agent::new(&self.server);
        let page = agent.open(&at(&self.tenant, &request("site", &[("response_mode", mode)]))).await;
        let page = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
        // What was allowed before is not asked again.
        if page.location().is_some() { page } else { agent.submit(&page, &[("decision", decision)]).await }
    }

    /// The claims of an answer, verified with the published keys.
    async fn read(&self, jwt: &str, algorithm: Algorithm) -> Value {
        let head = decode_header(jwt).unwrap();
        assert_eq!(format!("{:?}", head.alg).to_uppercase(), algorithm.name().to_uppercase());
        let keys = self.server.get(&at(&self.tenant, "/.well-known/jwks.json")).await.expect(200);
        let keys: JwkSet = serde_json::from_slice(&keys.body).unwrap();
        let mut rules = Validation::new(head.alg);
        // The clock of the tests is not that of the library.
        rules.validate_exp = false;
        rules.set_audience(&["site"]);
        rules.set_issuer(&[self.issuer()]);
        let key = DecodingKey::from_jwk(keys.find(&head.kid.unwrap()).unwrap()).unwrap();
        decode::<Value>(jwt, &key, &rules).expect("a good answer").claims
    }

    async fn registered(&self, body: &Value) {
        let path = "/api/v1/clients/site";
        let _ = crate::openid_connect::manage_in(&self.server, &self.tenant, ("PATCH", path), body)
            .await
            .expect(200);
    }

    fn issuer(&self) -> String {
        format!("{}{}", self.server.base, at(&self.tenant, ""))
    }
}

fn response(location: &str, separator: char) -> String {
    let (to, parameters) = location.split_once(separator).unwrap();
    assert!(CALLBACK.starts_with(to), "{location}");
    let mut named = parameters.split('&').filter_map(|pair| pair.split_once('='));
    let (_, jwt) = named.find(|(name, _)| *name == "response").unwrap();
    assert!(!location.contains("code=") && !location.contains("state="), "{location}");
    jwt.to_owned()
}

/// §2.1, §2.3.1, §2.3.2, §2.3.4: the parameters of the answer are the claims of one JWT, for this client, for ten minutes.
#[rstest]
#[case("jwt", '?')]
#[case("query.jwt", '?')]
#[case("fragment.jwt", '#')]
#[tokio::test]
async fn an_answer_is_one_signed_parameter(
    #[values("default", "acme")] slug: &str,
    #[case] mode: &str,
    #[case] separator: char,
) {
    let stage = Stage::new(Engine::Sqlite, slug).await;
    let page = stage.answered(mode, "allow").await;
    let claims = stage.read(&response(&page.location().unwrap(), separator), Algorithm::Rs256).await;
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(stage.issuer()), &json!("site")));
    assert_eq!((&claims["state"], &claims["exp"]), (&json!("a state+&="), &json!(START.as_secs() + 600)));
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", claims["code"].as_str().unwrap()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let _ = stage.server.post(&at(&stage.tenant, "/oauth2/token"), &stage.client, &pairs).await.expect(200);
}

/// §2.1: an error is signed too, whether a person said no, nobody may be asked, or the request is bad.
#[rstest]
#[tokio::test]
async fn an_error_is_signed_too(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let stage = Stage::new(engine, "acme").await;
    let page = stage.answered("query.jwt", "deny").await;
    let claims = stage.read(&response(&page.location().unwrap(), '?'), Algorithm::Rs256).await;
    assert_eq!((&claims["error"], &claims["state"]), (&json!("access_denied"), &json!("a state+&=")));
    for (more, error) in [
        (("prompt", "none"), "login_required"),
        (("scope", "nothing"), "invalid_scope"),
        (("prompt", "never"), "invalid_request"),
    ] {
        let target = request("site", &[("response_mode", "jwt"), more]);
        let page = Agent::new(&stage.server).get(&at(&stage.tenant, &target)).await;
        let claims = stage.read(&response(&page.location().unwrap(), '?'), Algorithm::Rs256).await;
        assert_eq!(claims["error"], error);
    }
}

/// §2.3.3.
#[tokio::test]
async fn a_form_carries_the_signed_answer() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let page = stage.answered("form_post.jwt", "allow").await;
    let form = page.form();
    assert_eq!(form.action, CALLBACK);
    let [(name, jwt)] = form.fields.as_slice() else { panic!("{form:?}") };
    assert_eq!(name, "response");
    assert!(stage.read(jwt, Algorithm::Rs256).await["code"].is_string());
}

/// §3, §4: a client says with what its answers are signed, the metadata says what can be had.
#[tokio::test]
async fn a_client_chooses_the_algorithm() {
    let stage = Stage::new(Engine::Sqlite, "acme").await;
    let body = json!({ "authorization_signed_response_alg": "ES256" });
    let patch = Request::patch("/api/v1/clients/site")
        .header(header::AUTHORIZATION, format!("Bearer {}", stage.server.management_key()))
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-tenant-id", stage.tenant.id.to_string());
    let shown = stage.server.request(patch.body(body.to_string()).unwrap()).await.expect(200).json();
    assert_eq!(shown["authorization_signed_response_alg"], "ES256");
    let page = stage.answered("jwt", "allow").await;
    stage.read(&response(&page.location().unwrap(), '?'), Algorithm::Es256).await;
    let metadata = stage.server.get("/t/acme/.well-known/openid-configuration").await.json();
    let modes: Vec<_> = metadata["response_modes_supported"].as_array().unwrap().iter().collect();
    for mode in ["query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"] {
        assert!(modes.contains(&&json!(mode)), "{mode}");
    }
    let algorithms = &metadata["authorization_signing_alg_values_supported"];
    assert!(algorithms.as_array().unwrap().contains(&json!("ES256")), "{algorithms}");
}

/// OAuth 2.0 Multiple Response Type Encoding Practices §2.1: the plain parameters in the fragment.
#[tokio::test]
async fn a_code_may_come_in_the_fragment() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let location = stage.answered("fragment", "allow").await.location().unwrap();
    assert!(location.starts_with(&format!("{CALLBACK}#code=code_")), "{location}");
}

/// §2.2, §3: an answer is signed, then encrypted to the client, an error too; the code within is as good as any.
#[rstest]
#[tokio::test]
async fn an_answer_is_encrypted_to_a_client_that_wants_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let own = key(KeyManagement::EcdhEs, ContentEncryption::A256Gcm, "mine");
    let sent = json!({
        "jwks": set(&[&own]), "authorization_signed_response_alg": "ES256",
        "authorization_encrypted_response_alg": "ECDH-ES", "authorization_encrypted_response_enc": "A256GCM",
    });
    stage.registered(&sent).await;
    for (decision, parameter) in [("deny", "error"), ("allow", "code")] {
        let page = stage.answered("jwt", decision).await;
        let (read, nested) = opened(&response(&page.location().unwrap(), '?'), &own);
        assert_eq!(
            (read.header.content_type.as_deref(), read.header.kid.as_deref()),
            (Some("JWT"), Some("mine"))
        );
        let claims = stage.read(&nested, Algorithm::Es256).await;
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(stage.issuer()), &json!("site")));
        assert!(claims[parameter].is_string(), "{claims}");
        if parameter == "code" {
            let pairs = [
                ("grant_type", "authorization_code"),
                ("code", claims["code"].as_str().unwrap()),
                ("redirect_uri", CALLBACK),
                ("code_verifier", VERIFIER),
            ];
            let _ = stage
                .server
                .post(&at(&stage.tenant, "/oauth2/token"), &stage.client, &pairs)
                .await
                .expect(200);
        }
    }
    // A plain answer stays plain, and without the choice the next one is signed alone.
    assert!(stage.answered("query", "allow").await.location().unwrap().contains("code="));
    stage.registered(&json!({ "authorization_encrypted_response_alg": null })).await;
    let page = stage.answered("jwt", "allow").await;
    stage.read(&response(&page.location().unwrap(), '?'), Algorithm::Es256).await;
}

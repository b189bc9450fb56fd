//! RFC 9101, JWT-Secured Authorization Request, and OpenID Connect Core §6: requests that come in an object of their
//! client's; on both engines, at the root and in a tenant.

mod by_reference;
mod encrypted;
mod registration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use rstest::rstest;
use serde_json::{Value, json};
use writ_core::settings::{Switch, TenantSettings};
use writ_core::time::Seconds;
use writ_jose::{Algorithm, SigningKey};
use writ_testkit::{Agent, Answer, Engine, Page, TestServer, TestTenant, form};

use crate::flow::{CALLBACK, CHALLENGE, PASSWORD, VERIFIER, at, claims};
use crate::signing::{manage, set, signed};

const CLIENTS: &str = "/api/v1/clients";

/// A server with a tenant, its person, and a client that signs its requests.
struct Stage {
    server: TestServer,
    tenant: TestTenant,
    client: Value,
    key: SigningKey,
}

impl Stage {
    async fn new(engine: Engine, slug: &str) -> Self {
        Self::with(TestServer::on(engine).await, slug, &json!({})).await
    }

    async fn simple(more: &Value) -> Self {
        Self::with(TestServer::start().await, "default", more).await
    }

    async fn with(server: TestServer, slug: &str, more: &Value) -> Self {
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        Self::of(server, tenant, more).await
    }

    async fn of(server: TestServer, tenant: TestTenant, more: &Value) -> Self {
        server.user(&tenant, "ada@example.org", PASSWORD).await;
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let mut body = json!({
            "client_name": "Site", "kind": "web", "first_party": true, "redirect_uris": [CALLBACK],
            "scope": "openid read write", "jwks": set(&[&key]),
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let client = manage(&server, &tenant, ("POST", CLIENTS), &body).await.expect(201).json();
        Self { server, tenant, client, key }
    }

    fn id(&self) -> &str {
        self.client["client_id"].as_str().unwrap()
    }

    fn now(&self) -> i64 {
        self.server.app.clock.now().as_secs()
    }

    /// What a good object says.
    fn claims(&self) -> Value {
        json!({
            "iss": self.id(), "aud": self.tenant.issuer, "exp": self.now() + 300, "client_id": self.id(),
            "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid read", "state": "a state+&=",
            "nonce": "a nonce", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        })
    }

    /// A good object, but for this; null: is missing.
    fn but(&self, more: &Value) -> Value {
        let mut claims = self.claims();
        for (name, value) in more.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        claims
    }

    fn object(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.key.kid(), "typ": "oauth-authz-req+jwt" });
        signed(&self.key, &header, claims)
    }

    fn address(&self, object: &str, beside: &[(&str, &str)]) -> String {
        let pairs: Vec<_> = [("client_id", self.id()), ("request", object)]
            .into_iter()
            .chain(beside.iter().copied())
            .collect();
        at(&self.tenant, &format!("/oauth2/authorize?{}", form(&pairs)))
    }

    async fn ask(&self, object: &str, beside: &[(&str, &str)]) -> Page {
        Agent::new(&self.server).get(&self.address(object, beside)).await
    }

    async fn redeem(&self, code: &str) -> Answer {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.server.post(&at(&self.tenant, "/oauth2/token"), self.credential(), &pairs).await
    }

    fn credential(&self) -> writ_testkit::Credential {
        let secret = self.client["client_secret"].as_str().unwrap_or_default();
        writ_testkit::Credential::Basic { id: self.id().to_owned(), secret: secret.to_owned() }
    }
}

fn unsigned(claims: &Value) -> String {
    let [header, claims] =
        [&json!({ "alg": "none" }), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{claims}.")
}

fn by_secret(secret: &[u8], claims: &Value) -> String {
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

async fn sign_in(agent: &mut Agent<'_>, page: &Page) -> Page {
    agent.submit(page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await
}

/// §4, §5.1, §6.3: what is in the object is the request, and what stands beside it does not count.
#[rstest]
#[tokio::test]
async fn what_is_in_the_object_is_the_request(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let beside = [
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "another"),
        ("nonce", "another"),
        ("redirect_uri", "https://evil.example/cb"),
        ("response_mode", "fragment"),
        ("prompt", "none"),
    ];
    let mut agent = Agent::new(&stage.server);
    let page = agent.open(&stage.address(&stage.object(&stage.claims()), &beside)).await;
    let back = sign_in(&mut agent, &page).await;
    assert!(back.location().unwrap().starts_with(CALLBACK), "{back:?}");
    assert_eq!(back.sent()["state"], "a state+&=");
    let tokens = stage.redeem(&back.code()).await.expect(200).json();
    assert_eq!(tokens["scope"], "openid read");
    assert_eq!(claims(tokens["id_token"].as_str().unwrap())["nonce"], "a nonce");
    let metadata = stage.server.get(&at(&stage.tenant, "/.well-known/openid-configuration")).await.json();
    assert_eq!(metadata["request_parameter_supported"], true);
    assert_eq!(
        metadata["request_object_signing_alg_values_supported"],
        json!(["ES256", "RS256", "PS256", "EdDSA", "HS256"]),
        "Discovery §3, Registration §2: a client that has registered nothing may use each of them"
    );
}

/// §6.3, §7: what is missing in the object is missing, although it stands beside it. The answer goes where the object
/// says, in the way that it says (OAuth 2.0 Form Post Response Mode).
#[tokio::test]
async fn errors_go_where_and_how_the_object_says() {
    let stage = Stage::simple(&json!({})).await;
    let object =
        stage.object(&stage.but(&json!({ "code_challenge": null, "code_challenge_method": "plain" })));
    let page = stage.ask(&object, &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]).await;
    assert_eq!((&*page.sent()["error"], &*page.sent()["state"]), ("invalid_request", "a state+&="));
    let form_post = json!({ "response_mode": "form_post", "prompt": "none" });
    let page = stage.ask(&stage.object(&stage.but(&form_post)), &[]).await;
    assert_eq!((page.answer.status, page.location()), (200, None));
    assert!(page.text().contains("login_required") && page.text().contains(CALLBACK), "{}", page.text());
    let foreign = stage.object(&stage.but(&json!({ "redirect_uri": "https://evil.example/cb" })));
    let page = stage.ask(&foreign, &[("redirect_uri", CALLBACK)]).await;
    assert_eq!((page.answer.status, page.location()), (400, None));
}

/// §4, §6.1, §6.2, §7, §10, OpenID Connect Core §6.3: one that is not the client's, not for this server, or not for now
/// is refused, and the client hears of it where that is registered.
#[tokio::test]
async fn an_object_that_is_not_good_is_refused() {
    let stage = Stage::simple(&json!({})).await;
    let (now, good) = (stage.now(), stage.object(&stage.claims()));
    let another = SigningKey::generate(Algorithm::Es256).unwrap();
    let header = json!({ "alg": "ES256", "kid": stage.key.kid() });
    let typed = |typ: &str| {
        let header = json!({ "alg": "ES256", "kid": stage.key.kid(), "typ": typ });
        signed(&stage.key, &header, &stage.claims())
    };
    let but = |more: Value| stage.object(&stage.but(&more));
    let public = stage.client["jwks"]["keys"][0].to_string();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let altered = stage.object(&stage.but(&json!({ "scope": "openid write" })));
    let spliced = format!("{}.{signature}", altered.rsplit_once('.').unwrap().0);
    let cases = [
        signed(&another, &header, &stage.claims()),
        spliced,
        format!("{input}."),
        unsigned(&stage.claims()),
        by_secret(public.as_bytes(), &stage.claims()),
        by_secret(stage.client["client_secret"].as_str().unwrap().as_bytes(), &stage.claims()),
        typed("at+jwt"),
        typed("client-authentication+jwt"),
        but(json!({ "iss": "another" })),
        but(json!({ "client_id": "another" })),
        but(json!({ "aud": "https://other.example" })),
        but(json!({ "exp": now - 60 })),
        but(json!({ "nbf": now + 120 })),
        but(json!({ "sub": stage.id() })),
        but(json!({ "max_age": [5] })),
        but(json!({ "request": "e30.e30." })),
        but(json!({ "request_uri": "https://app.example/r" })),
        "x".to_owned(),
        "e30.e30.".to_owned(),
    ];
    for object in cases {
        let beside = [("redirect_uri", CALLBACK), ("state", "a state+&="), ("response_type", "code")];
        let page = stage.ask(&object, &beside).await;
        let sent = page.sent();
        assert!(page.location().unwrap().starts_with(CALLBACK), "{object}");
        assert_eq!((&*sent["error"], &*sent["state"]), ("invalid_request_object", "a state+&="), "{object}");
        // Nowhere where the client has not registered it.
        let page = stage
            .ask(&object, &[("redirect_uri", "https://evil.example/cb"), ("response_type", "code")])
            .await;
        assert!(page.location().is_none_or(|to| to.starts_with(CALLBACK)), "{object}");
    }
    assert!(stage.ask(&good, &[]).await.location().unwrap().contains("/login"));
    let page = stage.ask(&good, &[("response_type", "token")]).await;
    assert_eq!(page.sent()["error"], "invalid_request_object", "what stands beside it contradicts it");
    let page =
        stage.ask(&good, &[("request_uri", "https://app.example/r"), ("redirect_uri", CALLBACK)]).await;
    assert_eq!(page.sent()["error"], "invalid_request", "§5: one of them");
}

/// §10.8, mix-up of clients: an object of one client is none of another's, also where both have the same key.
#[tokio::test]
async fn an_object_is_of_one_client() {
    let stage = Stage::simple(&json!({})).await;
    let body = json!({
        "client_name": "Other", "kind": "web", "redirect_uris": [CALLBACK], "scope": "openid read", "jwks": set(&[&stage.key]),
    });
    let other = manage(&stage.server, &stage.tenant, ("POST", CLIENTS), &body).await.expect(201).json();
    let object = stage.object(&stage.claims());
    let pairs = [("client_id", other["client_id"].as_str().unwrap()), ("request", &object)];
    let page = Agent::new(&stage.server).get(&format!("/oauth2/authorize?{}", form(&pairs))).await;
    assert_eq!(page.sent()["error"], "invalid_request_object");
    let page =
        Agent::new(&stage.server).get(&format!("/oauth2/authorize?{}", form(&[("request", &object)]))).await;
    assert_eq!((page.answer.status, page.location()), (400, None), "§5: the client_id stands beside it");
}

/// OpenID Connect Core §6.1: HS256 under the secret of a client that signs with it, `none` for a client that is registered
/// so, and for no other.
#[tokio::test]
async fn secrets_sign_and_nothing_does_where_it_is_registered() {
    let by =
        json!({ "token_endpoint_auth_method": "client_secret_jwt", "request_object_signing_alg": "HS256" });
    let stage = Stage::simple(&by).await;
    let secret = stage.client["client_secret"].as_str().unwrap().as_bytes();
    let page = stage.ask(&by_secret(secret, &stage.claims()), &[]).await;
    assert!(page.location().unwrap().contains("/login"), "{page:?}");
    for bad in
        [by_secret(b"another", &stage.claims()), stage.object(&stage.claims()), unsigned(&stage.claims())]
    {
        assert_eq!(stage.ask(&bad, &[]).await.sent()["error"], "invalid_request_object", "{bad}");
    }
    let stage = Stage::simple(&json!({ "request_object_signing_alg": "none" })).await;
    let page = stage.ask(&unsigned(&stage.claims()), &[]).await;
    assert!(page.location().unwrap().contains("/login"), "{page:?}");
    assert_eq!(
        stage.ask(&stage.object(&stage.claims()), &[]).await.sent()["error"],
        "invalid_request_object"
    );
}

/// §10.5: a tenant, or a client for itself, takes nothing but signed objects; then each says for whom and until when.
#[rstest]
#[tokio::test]
async fn signed_objects_can_be_demanded(#[values("tenant", "client")] who: &str) {
    let server = TestServer::start().await;
    let require_signed_request_object = Switch::from(who == "tenant");
    let settings = TenantSettings { require_signed_request_object, ..TenantSettings::default() };
    let tenant = server.tenant_with("acme", settings).await;
    let stage = Stage::of(server, tenant, &json!({ "require_signed_request_object": who == "client" })).await;
    let metadata = stage.server.get("/t/acme/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["require_signed_request_object"], who == "tenant");
    let mut agent = Agent::new(&stage.server);
    let plain = at(&stage.tenant, &crate::flow::request(stage.id(), &[]));
    assert_eq!(agent.get(&plain).await.sent()["error"], "invalid_request");
    let pairs = [("response_type", "code"), ("redirect_uri", CALLBACK), ("code_challenge", CHALLENGE)];
    let pushed = stage.server.post("/t/acme/oauth2/par", stage.credential(), &pairs).await;
    let _ = pushed.refused(400, "invalid_request");
    for name in ["iss", "aud", "exp"] {
        let page = stage.ask(&stage.object(&stage.but(&json!({ name: null }))), &[]).await;
        assert_eq!(page.sent()["error"], "invalid_request_object", "{name}");
    }
    let page = stage.ask(&stage.object(&stage.claims()), &[]).await;
    assert!(page.location().unwrap().contains("/login"));
}

/// RFC 9126 §3: an object that is pushed is looked at then; what is kept is what is in it, good for as long as the
/// reference is.
#[rstest]
#[tokio::test]
async fn an_object_is_pushed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let more = json!({ "require_signed_request_object": true });
    let stage = Stage::with(TestServer::on(engine).await, slug, &more).await;
    let path = at(&stage.tenant, "/oauth2/par");
    let push = async |object: &str| {
        stage.server.post(&path, stage.credential(), &[("request", object), ("state", "another")]).await
    };
    let _ = push(&unsigned(&stage.claims())).await.refused(400, "invalid_request_object");
    let short = stage.but(&json!({ "exp": stage.now() + 1 }));
    let reference = push(&stage.object(&short)).await.expect(201).member("request_uri");
    stage.server.clock.advance(Seconds(30));
    let query = form(&[("client_id", stage.id()), ("request_uri", &reference)]);
    let mut agent = Agent::new(&stage.server);
    let both = agent.get(&at(&stage.tenant, &format!("/oauth2/authorize?{query}&request=x"))).await;
    assert_eq!((both.answer.status, both.location()), (400, None), "RFC 9101 §5: one of them");
    let page = agent.open(&at(&stage.tenant, &format!("/oauth2/authorize?{query}"))).await;
    let back = sign_in(&mut agent, &page).await;
    assert_eq!(back.sent()["state"], "a state+&=");
    let _ = stage.redeem(&back.code()).await.expect(200);
}

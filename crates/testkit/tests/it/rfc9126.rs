//! RFC 9126, Pushed Authorization Requests, section by section; on both engines, at the root and in a tenant.

use http::{Method, Request, header};
use rstest::rstest;
use serde_json::json;
use writ_core::client::{ClientKind, GrantType};
use writ_core::settings::{Switch, TenantSettings};
use writ_core::time::Seconds;
use writ_testkit::{Agent, Answer, Credential, Engine, Page, TestClient, TestServer, TestTenant, form};

use crate::flow::{CALLBACK, CHALLENGE, PASSWORD, Pairs, VERIFIER, ada, at, redeem, website};

const USUAL: Pairs<'static> = &[
    ("response_type", "code"),
    ("redirect_uri", CALLBACK),
    ("scope", "openid read"),
    ("state", "a state+&="),
    ("nonce", "a nonce"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

/// A server with a tenant, its person and its client.
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
        let client = website(&server, "site").of(&tenant).first_party().create().await;
        Self { server, tenant, client }
    }

    async fn push(&self, by: impl Into<Credential>, pairs: Pairs<'_>) -> Answer {
        self.server.post(&at(&self.tenant, "/oauth2/par"), by, pairs).await
    }

    async fn reference(&self) -> String {
        self.push(&self.client, USUAL).await.expect(201).member("request_uri")
    }

    fn address(&self, client: &str, reference: &str) -> String {
        let pairs = [("client_id", client), ("request_uri", reference)];
        at(&self.tenant, &format!("/oauth2/authorize?{}", form(&pairs)))
    }

    async fn open(&self, agent: &mut Agent<'_>, reference: &str) -> Page {
        agent.open(&self.address(&self.client.client_id, reference)).await
    }
}

async fn sign_in(agent: &mut Agent<'_>, page: &Page) -> Page {
    agent.submit(page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await
}

/// §2.2: 201, a reference that cannot be guessed, and how long it lasts. §4: the browser brings the reference and the
/// client alone; what is answered is what was pushed.
#[rstest]
#[tokio::test]
async fn a_request_is_pushed_and_its_reference_leads_to_a_code(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let answer = stage.push(&stage.client, USUAL).await.expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json()["expires_in"], 60);
    let reference = answer.member("request_uri");
    assert!(reference.starts_with("urn:ietf:params:oauth:request_uri:par_"), "{reference}");
    assert_ne!(stage.reference().await, reference);

    let mut agent = Agent::new(&stage.server);
    let page = stage.open(&mut agent, &reference).await;
    let back = sign_in(&mut agent, &page).await;
    let sent = back.sent();
    assert_eq!(sent["state"], "a state+&=");
    assert!(back.location().unwrap().starts_with(CALLBACK));
    let tokens = redeem_at(&stage, &sent["code"]).await.expect(200).json();
    assert_eq!(tokens["scope"], "openid read");
    assert_eq!(crate::flow::claims(tokens["id_token"].as_str().unwrap())["nonce"], "a nonce");
}

async fn redeem_at(stage: &Stage, code: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    stage.server.post(&at(&stage.tenant, "/oauth2/token"), &stage.client, &pairs).await
}

/// §7.3: one code for a reference, also where it was opened in two windows before anybody decided; to load it again first
/// is no harm.
#[rstest]
#[tokio::test]
async fn a_reference_gives_one_code(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let reference = stage.reference().await;
    let mut agent = Agent::new(&stage.server);
    let first = stage.open(&mut agent, &reference).await;
    let mut window = agent.copy();
    let second = stage.open(&mut window, &reference).await;
    let back = sign_in(&mut agent, &first).await;
    assert!(redeem_at(&stage, &back.code()).await.status == 200);

    let late = sign_in(&mut window, &second).await;
    assert_eq!(late.sent()["error"], "invalid_request_uri", "{late:?}");
    let again = stage.open(&mut agent, &reference).await;
    assert_eq!(again.answer.status, 400);
    assert!(again.text().contains("start again from the application"), "{}", again.text());
}

/// §7.3 with what holds for every form: where it comes again from the same window, its answer was lost, and it gets the same
/// one; at the sign-in, where no consent is asked for, and at the consent.
#[rstest]
#[tokio::test]
async fn forms_after_a_pushed_request_may_come_twice(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    let mut agent = Agent::new(&stage.server);
    let page = stage.open(&mut agent, &stage.reference().await).await;
    let mut lost = agent.copy();
    let back = sign_in(&mut agent, &page).await;
    let again = sign_in(&mut lost, &page).await;
    assert_eq!(again.code(), back.code());
    assert!(redeem_at(&stage, &back.code()).await.status == 200);

    let theirs = website(&stage.server, "theirs").of(&stage.tenant).create().await;
    for decision in ["deny", "allow"] {
        let reference = stage.push(&theirs, USUAL).await.expect(201).member("request_uri");
        let mut agent = Agent::new(&stage.server);
        let page = agent.open(&stage.address("theirs", &reference)).await;
        let consent = agent.submit(&page, &[("username", "ada@example.org"), ("password", PASSWORD)]).await;
        let mut lost = agent.copy();
        let back = agent.send_form(&consent, &[("decision", decision)]).await;
        let again = lost.send_form(&consent, &[("decision", decision)]).await;
        assert_eq!(again.location(), back.location(), "{}", again.text());
        assert_eq!(again.sent().contains_key("code"), decision == "allow");
    }
}

/// §4, §7.2: another client's reference, a guessed, a changed and an expired one look the same, and nobody is sent anywhere.
#[rstest]
#[tokio::test]
async fn a_reference_is_of_its_client_and_its_minute(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values("default", "acme")] slug: &str,
) {
    let stage = Stage::new(engine, slug).await;
    website(&stage.server, "other").of(&stage.tenant).create().await;
    let reference = stage.reference().await;
    let mut agent = Agent::new(&stage.server);
    let changed = format!("{}0", &reference[..reference.len() - 1]);
    let bad = [
        stage.address("other", &reference),
        stage.address("nobody", &reference),
        stage.address("site", &changed),
        stage.address("site", "urn:ietf:params:oauth:request_uri:x"),
        at(&stage.tenant, &format!("/oauth2/authorize?{}", form(&[("request_uri", &reference)]))),
    ];
    for address in &bad {
        let page = agent.get(address).await;
        assert_eq!((page.answer.status, page.location()), (400, None), "{address}");
    }
    stage.server.clock.advance(Seconds(59));
    assert!(stage.open(&mut agent, &reference).await.path.contains("/login"));
    stage.server.clock.advance(Seconds(1));
    let page = stage.open(&mut agent, &reference).await;
    assert!(
        page.answer.status == 400 && page.text().contains("start again from the application"),
        "{}",
        page.text()
    );
}

/// A reference of one tenant leads nowhere in another.
#[tokio::test]
async fn a_reference_is_of_its_tenant() {
    let stage = Stage::new(Engine::Sqlite, "acme").await;
    let other = stage.server.tenant("other").await;
    let reference = stage.reference().await;
    for tenant in [stage.server.default_tenant(), other] {
        let query = form(&[("client_id", "site"), ("request_uri", &reference)]);
        let page = Agent::new(&stage.server).get(&at(&tenant, &format!("/oauth2/authorize?{query}"))).await;
        assert_eq!((page.answer.status, page.location()), (400, None));
    }
    let foreign = stage.server.post("/t/other/oauth2/par", &stage.client, USUAL).await;
    assert_eq!(foreign.status, 401, "{}", foreign.text());
}

/// §2.1, §2.3: the client authenticates as at the token endpoint; what is wrong with the request is said at once, in JSON;
/// a reference in it is refused.
#[rstest]
#[case::no_client(None, &[], 401, "invalid_client")]
#[case::wrong_secret(Some("wrong"), &[], 401, "invalid_client")]
#[case::redirect_uri(Some(""), &[("redirect_uri", "https://evil.example/cb")], 400, "invalid_request")]
#[case::response_type(Some(""), &[("response_type", "token")], 400, "unsupported_response_type")]
#[case::scope(Some(""), &[("scope", "nothing")], 400, "invalid_scope")]
#[case::challenge(Some(""), &[("code_challenge_method", "plain")], 400, "invalid_request")]
#[case::reference(Some(""), &[("request_uri", "urn:ietf:params:oauth:request_uri:x")], 400, "invalid_request")]
#[case::hint(Some(""), &[("id_token_hint", "x")], 400, "invalid_request")]
#[tokio::test]
async fn what_is_wrong_is_said_when_it_is_pushed(
    #[case] secret: Option<&str>,
    #[case] more: Pairs<'static>,
    #[case] status: u16,
    #[case] error: &str,
) {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let usual = USUAL.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    let pairs: Vec<_> = usual.chain(more).copied().collect();
    let answer = match secret {
        None => stage.push(Credential::None, &pairs).await,
        Some("") => stage.push(&stage.client, &pairs).await,
        Some(wrong) => stage.push(stage.client.with_secret(wrong), &pairs).await,
    };
    let _ = answer.refused(status, error);
    // §2: POST alone.
    assert_eq!(stage.server.ask(Method::GET, "/oauth2/par").await.status, 405);
}

/// §2: a public client names itself, and its pages may push from their own origin.
#[tokio::test]
async fn a_public_client_pushes_too() {
    let server = TestServer::start().await;
    ada(&server).await;
    let spa = server
        .client("spa")
        .kind(ClientKind::Spa)
        .grants(&[GrantType::AuthorizationCode])
        .scope("openid read")
        .redirect(CALLBACK)
        .create()
        .await;
    let answer = server.post("/oauth2/par", &spa, USUAL).await.expect(201);
    let request = Request::builder()
        .method(Method::OPTIONS)
        .uri("/oauth2/par")
        .header(header::ORIGIN, "https://app.example")
        .header("access-control-request-method", "POST");
    let preflight = server.request(request.body("").unwrap()).await;
    assert_eq!(preflight.header("access-control-allow-origin"), "https://app.example");
    let query = form(&[("client_id", "spa"), ("request_uri", &answer.member("request_uri"))]);
    let mut agent = Agent::new(&server);
    let mut page = agent.open(&format!("/oauth2/authorize?{query}")).await;
    page = sign_in(&mut agent, &page).await;
    page = agent.submit(&page, &[("decision", "allow")]).await;
    let _ = redeem(&server, &spa, &page.code()).await.expect(200);
}

/// RFC 9101 §5: what stands beside the reference does not count.
#[tokio::test]
async fn what_stands_beside_a_reference_does_not_count() {
    let stage = Stage::new(Engine::Sqlite, "default").await;
    let reference = stage.reference().await;
    let beside =
        [("redirect_uri", "https://evil.example/cb"), ("state", "another"), ("scope", "openid write")];
    let address = format!("{}&{}", stage.address("site", &reference), form(&beside));
    let mut agent = Agent::new(&stage.server);
    let page = agent.open(&address).await;
    let back = sign_in(&mut agent, &page).await;
    assert!(back.location().unwrap().starts_with(CALLBACK));
    assert_eq!(back.sent()["state"], "a state+&=");
    let tokens = redeem_at(&stage, &back.code()).await.expect(200).json();
    assert_eq!(tokens["scope"], "openid read");
}

/// §5, §6: a tenant, and a client for itself, can do without anything else; the metadata says so.
#[rstest]
#[tokio::test]
async fn pushing_can_be_demanded(#[values("tenant", "client")] who: &str) {
    let server = TestServer::start().await;
    let settings = TenantSettings {
        require_pushed_authorization_requests: Switch::from(who == "tenant"),
        ..TenantSettings::default()
    };
    let tenant = server.tenant_with("acme", settings).await;
    server.user(&tenant, "ada@example.org", PASSWORD).await;
    let client = website(&server, "site").of(&tenant).first_party().create().await;
    let key = server.management_key();
    let body = json!({ "require_pushed_authorization_requests": who == "client" });
    let patch = Request::patch("/api/v1/clients/site")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-tenant-id", tenant.id.to_string());
    let shown = server.request(patch.body(body.to_string()).unwrap()).await.expect(200).json();
    assert_eq!(shown["require_pushed_authorization_requests"], who == "client");
    let metadata = server.get("/t/acme/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata["require_pushed_authorization_requests"], who == "tenant");
    assert_eq!(
        metadata["pushed_authorization_request_endpoint"],
        format!("{}/t/acme/oauth2/par", server.base)
    );
    let stage = Stage { server, tenant, client };
    let mut agent = Agent::new(&stage.server);
    let open = at(&stage.tenant, &crate::flow::request("site", &[]));
    let page = agent.get(&open).await;
    assert_eq!(page.sent()["error"], "invalid_request", "{page:?}");
    let reference = stage.reference().await;
    assert!(stage.open(&mut agent, &reference).await.path.contains("/login"));
}

/// What strangers push is out of their network's share; a client with a secret has its own bucket.
#[tokio::test]
async fn strangers_cannot_fill_the_database_with_references() {
    let server = TestServer::builder().rate_limits().start().await;
    let spa = server
        .client("spa")
        .kind(ClientKind::Spa)
        .grants(&[GrantType::AuthorizationCode])
        .scope("openid")
        .redirect(CALLBACK)
        .create()
        .await;
    let large = "n".repeat(4000);
    let mut pairs = USUAL.to_vec();
    pairs.retain(|(name, _)| *name != "nonce" && *name != "scope");
    pairs.push(("nonce", &large));
    let mut refused = false;
    for _ in 0..1000 {
        let answer = server.post("/oauth2/par", &spa, &pairs).await;
        refused = answer.status == 429;
        if refused {
            break;
        }
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    assert!(refused);
}

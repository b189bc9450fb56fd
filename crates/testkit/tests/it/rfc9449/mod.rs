//! RFC 9449, OAuth 2.0 Demonstrating Proof of Possession (DPoP), section by section; on both engines, at the root and in a
//! tenant.

mod attacks;
mod authorization;
mod calls;
mod nonces;
mod once;
mod proofs;
mod registration;
mod tokens;

use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, header};
use serde_json::{Value, json};
use writ_core::client::{ClientKind, GrantType};
use writ_core::secret::sha256;
use writ_core::settings::TenantSettings;
use writ_jose::{Algorithm, SigningKey};
use writ_testkit::{Agent, Answer, Credential, Engine, TestClient, TestServer, TestTenant, form};

use crate::flow::{CALLBACK, PASSWORD, Pairs, VERIFIER, at, code, website};
use crate::signing::signed;

const TOKEN: &str = "/oauth2/token";
const USERINFO: &str = "/oauth2/userinfo";

/// A key, and whoever holds it.
struct Holder {
    key: SigningKey,
}

impl Holder {
    fn new() -> Self {
        Self::of(Algorithm::Es256)
    }

    fn of(algorithm: Algorithm) -> Self {
        Self { key: SigningKey::generate(algorithm).unwrap() }
    }

    fn thumbprint(&self) -> String {
        self.key.public_jwk().thumbprint()
    }

    /// §4.2: what the header of a proof says.
    fn head(&self) -> Value {
        let jwk: Value = serde_json::from_str(&self.key.public_jwk().to_json()).unwrap();
        json!({ "typ": "dpop+jwt", "alg": self.key.algorithm().name(), "jwk": jwk })
    }

    fn saying(&self, claims: &Value) -> String {
        signed(&self.key, &self.head(), claims)
    }
}

/// What a request says of itself, in the header `DPoP` and beside it.
#[derive(Default)]
struct Sent<'a> {
    by: Option<Credential>,
    proofs: Vec<String>,
    pairs: Pairs<'a>,
}

/// A server with a tenant, its person and two clients: one with a secret, and one without.
struct Stage {
    server: TestServer,
    tenant: TestTenant,
    website: TestClient,
    app: TestClient,
    machine: TestClient,
}

impl Stage {
    async fn new(engine: Engine, slug: &str) -> Self {
        let server = TestServer::on(engine).await;
        let tenant = if slug == "default" { server.default_tenant() } else { server.tenant(slug).await };
        Self::in_tenant(server, tenant).await
    }

    /// In a tenant of its own, which has chosen these.
    async fn with(settings: TenantSettings) -> Self {
        let server = TestServer::start().await;
        let tenant = server.tenant_with("acme", settings).await;
        Self::in_tenant(server, tenant).await
    }

    async fn usual() -> Self {
        Self::new(Engine::Sqlite, "default").await
    }

    async fn in_tenant(server: TestServer, tenant: TestTenant) -> Self {
        server.user(&tenant, "ada@example.org", PASSWORD).await;
        let grants = [GrantType::AuthorizationCode, GrantType::RefreshToken];
        let website = website(&server, "site").of(&tenant).first_party().create().await;
        let app = server.client("app").kind(ClientKind::Spa).grants(&grants).scope("openid profile read");
        let app = app.redirect(CALLBACK).of(&tenant).first_party().create().await;
        let machine = server.client("machine").of(&tenant).scope("read users:read").create().await;
        Self { server, tenant, website, app, machine }
    }

    fn path(&self, path: &str) -> String {
        at(&self.tenant, path)
    }

    fn now(&self) -> i64 {
        self.server.app.clock.now().as_secs()
    }

    /// What a good proof for a request says, with a `jti` of its own; with the access token that it comes with.
    fn claims(&self, (method, path): (&str, &str), token: Option<&str>) -> Value {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let htu = format!("{}{}", self.server.base, self.path(path));
        let jti = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let mut claims = json!({ "jti": jti, "htm": method, "htu": htu, "iat": self.now() });
        if let Some(token) = token {
            claims["ath"] = URL_SAFE_NO_PAD.encode(sha256(token.as_bytes()).as_bytes()).into();
        }
        claims
    }

    /// A good proof for a token request.
    fn proof(&self, holder: &Holder) -> String {
        holder.saying(&self.claims(("POST", TOKEN), None))
    }

    async fn post(&self, path: &str, sent: Sent<'_>) -> Answer {
        let by = sent.by.unwrap_or(Credential::None);
        let mut pairs = sent.pairs.to_vec();
        pairs.extend(by.parameters());
        let mut request =
            Request::post(self.path(path)).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(value) = by.header() {
            request = request.header(header::AUTHORIZATION, value);
        }
        for proof in sent.proofs {
            request = request.header("dpop", proof);
        }
        self.server.request(request.body(form(&pairs)).unwrap()).await
    }

    /// A machine asks for a token with these proofs.
    async fn ask(&self, proofs: impl IntoIterator<Item = String>) -> Answer {
        let (by, proofs) = (Some(Credential::from(&self.machine)), proofs.into_iter().collect());
        let pairs: Pairs<'_> = &[("grant_type", "client_credentials")];
        self.post(TOKEN, Sent { by, proofs, pairs }).await
    }

    /// Ada's code for a client.
    async fn code(&self, client: &TestClient, more: Pairs<'_>) -> String {
        let mut agent = Agent::new(&self.server);
        if self.tenant.slug == "default" {
            return code(&mut agent, client, more).await.code();
        }
        let page = agent.open(&self.path(&crate::flow::request(&client.client_id, more))).await;
        crate::flow::sign_in(&mut agent, &page).await.code()
    }

    async fn redeem(&self, by: &TestClient, code: &str, proof: Option<String>) -> Answer {
        let pairs: Pairs<'_> = &[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.post(TOKEN, Sent { by: Some(by.into()), proofs: proof.into_iter().collect(), pairs }).await
    }

    async fn refresh(&self, by: &TestClient, token: &str, proof: Option<String>) -> Answer {
        let pairs: Pairs<'_> = &[("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post(TOKEN, Sent { by: Some(by.into()), proofs: proof.into_iter().collect(), pairs }).await
    }

    /// Ada's tokens for a client, bound to a key.
    async fn tokens(&self, client: &TestClient, holder: &Holder) -> Value {
        let code = self.code(client, &[]).await;
        self.redeem(client, &code, Some(self.proof(holder))).await.expect(200).json()
    }

    /// A call with an access token, by this scheme, with a proof where one is given.
    async fn call(
        &self,
        (method, path): (&str, &str),
        (scheme, token): (&str, &str),
        proof: Option<String>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(self.path(path))
            .header(header::AUTHORIZATION, format!("{scheme} {token}"));
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        self.server.request(request.body("").unwrap()).await
    }

    /// A call of UserInfo with a good proof of this key.
    async fn userinfo(&self, token: &str, holder: &Holder) -> Answer {
        let proof = holder.saying(&self.claims(("GET", USERINFO), Some(token)));
        self.call(("GET", USERINFO), ("DPoP", token), Some(proof)).await
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

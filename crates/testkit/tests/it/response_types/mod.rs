//! OAuth 2.0 Multiple Response Type Encoding Practices, and the implicit and hybrid flows of OpenID Connect Core §3.2, §3.3.

mod answers;
mod registration;

use http::{Request, header};
use serde_json::Value;
use writ_core::client::ResponseType;
use writ_core::ids::UserId;
use writ_core::settings::{Switch, TenantSettings};
use writ_testkit::{
    Agent, Answer, Credential, Engine, GivenClient, Page, TestClient, TestServer, TestTenant,
};

use crate::flow::{CALLBACK, PASSWORD, VERIFIER, request, sign_in, website};

const HYBRID: [ResponseType; 3] = [ResponseType::Code, ResponseType::IdToken, ResponseType::CodeIdToken];

struct Stage {
    server: TestServer,
    tenant: TestTenant,
    ada: UserId,
}

impl Stage {
    /// A tenant that lets access tokens leave with the browser, or not.
    async fn new(engine: Engine, slug: &str, legacy: Switch) -> Self {
        let server = TestServer::on(engine).await;
        let settings = TenantSettings { legacy_implicit_grant: legacy, ..TenantSettings::default() };
        let tenant = if slug == "default" {
            server.default_tenant()
        } else {
            server.tenant_with(slug, settings).await
        };
        if slug == "default" {
            assert_eq!(legacy, Switch::Off, "the first tenant has its own settings");
        }
        let ada = server.user(&tenant, "ada@example.org", PASSWORD).await;
        Self { server, tenant, ada }
    }

    fn site(&self, types: &[ResponseType]) -> GivenClient<'_> {
        website(&self.server, "site").of(&self.tenant).answers(types).first_party()
    }

    fn at(&self, path: &str) -> String {
        crate::flow::at(&self.tenant, path)
    }

    /// From the request to the answer.
    async fn answered(&self, agent: &mut Agent<'_>, wanted: ResponseType, more: &[(&str, &str)]) -> Page {
        let mut all = vec![("response_type", wanted.name())];
        all.extend(more);
        let page = agent.open(&self.at(&request("site", &all))).await;
        if page.path.contains("/login") { sign_in(agent, &page).await } else { page }
    }

    async fn redeem(&self, client: &TestClient, code: &str) -> Answer {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.server.post(&self.at("/oauth2/token"), client, &pairs).await
    }

    async fn userinfo(&self, token: &str) -> Answer {
        let request = Request::get(self.at("/oauth2/userinfo"));
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.server.request(request.body("").unwrap()).await
    }

    async fn verified(&self, token: &str) -> Value {
        let keys = self.at("/.well-known/jwks.json");
        crate::rfc9068::verified(&self.server, &keys, token).await.1
    }

    async fn manage(&self, (method, path): (&str, &str), body: &Value) -> Answer {
        let by = Credential::bearer(&self.server.management_key());
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-tenant-id", self.tenant.id.to_string())
            .header(header::AUTHORIZATION, by.header().unwrap())
            .header(header::CONTENT_TYPE, "application/json");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.server.request(request.body(body).unwrap()).await
    }
}

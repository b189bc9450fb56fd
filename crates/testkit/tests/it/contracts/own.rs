//! What the tests of consents and sessions begin with: people, the applications that they use, and who else asks.

use http::Request;
use serde_json::Value;
use writ_core::authority::Permission;
use writ_core::ids::UserId;
use writ_testkit::{Agent, Answer, Credential, Planted, TestClient, TestServer};

use crate::flow::{ada, code, redeem, request, website};

/// A person, the tenant's own application with a token of theirs, and a third party's.
pub(super) struct Stage {
    pub server: TestServer,
    pub user: UserId,
    pub third: TestClient,
    /// Through the tenant's own application.
    pub own_token: String,
    /// Through the third party's.
    pub third_token: String,
}

impl Stage {
    pub async fn new() -> Self {
        let server = TestServer::start().await;
        let user = ada(&server).await;
        let own = website(&server, "own").first_party().interaction().create().await;
        let third = website(&server, "third").create().await;
        let own_token = token(&server, &own, user).await;
        let third_token = token(&server, &third, user).await;
        Self { server, user, third, own_token, third_token }
    }

    /// Somebody else, through the tenant's own application.
    pub async fn another(&self) -> (UserId, String) {
        let user = self.server.user(&self.server.default_tenant(), "bob", "another long password").await;
        let own = website(&self.server, "own2").first_party().interaction().create().await;
        (user, token(&self.server, &own, user).await)
    }

    /// An API key with these permissions.
    pub async fn key(&self, may: &[Permission]) -> Credential {
        Credential::bearer(&self.server.api_key(&self.server.default_tenant(), may, None).await)
    }

    pub async fn ask(&self, method: &str, path: &str, by: impl Into<Credential>) -> Answer {
        self.send(method, path, (by.into(), None)).await
    }

    pub async fn send(&self, method: &str, path: &str, with: (Credential, Option<Value>)) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(value) = with.0.header() {
            request = request.header("authorization", value);
        }
        if with.1.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = with.1.map(|body| body.to_string()).unwrap_or_default();
        self.server.request(request.body(body).unwrap()).await
    }

    /// As the person, through the tenant's own application.
    pub async fn mine(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(method, path, (Credential::bearer(&self.own_token), body)).await
    }

    /// A challenge of the third party, begun in a browser in which nobody is signed in.
    pub async fn challenge(&self, more: &[(&str, &str)]) -> String {
        let mut agent = Agent::new(&self.server);
        agent.open(&request("third", more)).await.challenge()
    }

    /// Tokens of the third party, for which the person agreed on the built-in page.
    pub async fn agreed(&self) -> Value {
        let mut agent = Agent::new(&self.server);
        let code = code(&mut agent, &self.third, &[]).await.code();
        redeem(&self.server, &self.third, &code).await.expect(200).json()
    }
}

async fn token(server: &TestServer, app: &TestClient, user: UserId) -> String {
    let audience = [server.base.as_str()];
    server.plant(app, Planted { user: Some(user), scope: "openid", audience: &audience }).await
}

/// The parameters of an address.
pub(super) fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let read = writ_core::form::Form::parse(query.as_bytes()).ok()?;
    read.get(name).map(str::to_owned)
}

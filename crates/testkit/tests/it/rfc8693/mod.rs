//! RFC 8693, OAuth 2.0 Token Exchange, and agents: who acts for whom, and what ends it.

mod agents;
mod exchange;
mod lineage;

use http::{Request, header};
use serde_json::{Value, json};
use writ_core::client::{ClientKind, GrantType};
use writ_core::ids::UserId;
use writ_testkit::{Agent, Answer, Engine, TestClient, TestServer, TestTenant};

use crate::flow::{CALLBACK, at, claims, code, redeem, website};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const ORDERS: &str = "https://orders.example";
const STOCK: &str = "https://stock.example";

/// A shop where Ada signs in; its API of orders, which asks the API of the stock for her.
struct Stage {
    server: TestServer,
    shop: TestClient,
    orders: TestClient,
    stock: TestClient,
    ada: UserId,
}

impl Stage {
    async fn new() -> Self {
        Self::on(Engine::Sqlite).await
    }

    async fn on(engine: Engine) -> Self {
        let server = TestServer::on(engine).await;
        let tenant = server.default_tenant();
        let ada = crate::flow::ada(&server).await;
        let shop = website(&server, "shop").scope("openid orders stock read offline_access");
        let shop = shop.several_resources().create().await;
        let grants = [GrantType::TokenExchange, GrantType::ClientCredentials];
        let api =
            |name: &str| server.client(name).kind(ClientKind::Web).grants(&grants).scope("orders stock read");
        let (orders, stock) = (api("orders-api").create().await, api("stock-api").create().await);
        for (identifier, scope, introspector) in
            [(ORDERS, "orders stock", "orders-api"), (STOCK, "stock", "stock-api")]
        {
            let _ = server
                .resource(&tenant, (identifier, scope), |made| made.introspectors = vec![introspector.into()])
                .await;
        }
        let stage = Self { server, shop, orders, stock, ada };
        stage.change("orders-api", json!({ "exchange_subjects": ["shop"] })).await;
        stage
    }

    /// Changes a client, as the operator.
    async fn change(&self, client_id: &str, change: Value) {
        let path = format!("/api/v1/clients/{client_id}");
        let _ = manage(&self.server, ("PATCH", &path), &change).await.expect(200);
    }

    /// What Ada lets the shop have, for the API of orders.
    async fn sent(&self) -> Value {
        let mut agent = Agent::new(&self.server);
        let more = [("scope", "openid orders stock read offline_access")];
        let page = code(&mut agent, &self.shop, &more).await;
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", &*page.code()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", crate::flow::VERIFIER),
            ("resource", ORDERS),
        ];
        self.server.post("/oauth2/token", &self.shop, &pairs).await.expect(200).json()
    }

    async fn exchange(&self, by: &TestClient, token: &str, more: &[(&str, &str)]) -> Answer {
        let usual = [("grant_type", GRANT), ("subject_token", token), ("subject_token_type", ACCESS)];
        let usual = usual.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        let pairs: Vec<_> =
            usual.chain(more.iter().copied()).filter(|(_, value)| !value.is_empty()).collect();
        self.server.post("/oauth2/token", by, &pairs).await
    }

    async fn is_live(&self, by: &TestClient, token: &str) -> bool {
        self.server.is_active(by, token).await
    }
}

async fn manage(server: &TestServer, (method, path): (&str, &str), body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", server.management_key()));
    if body.is_null() {
        return server.request(request.body(String::new()).unwrap()).await;
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    server.request(request.body(body.to_string()).unwrap()).await
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name}: {value}"))
}

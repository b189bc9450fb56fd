//! OpenID Connect Core 1.0: ID tokens as a client gets them.

mod encryption;
mod signing;

use http::{Request, header};
use jsonwebtoken::Header;
use serde_json::Value;
use writ_testkit::{Agent, Answer, Credential, TestClient, TestServer};

use crate::flow::{code, redeem};

const JWKS: &str = "/.well-known/jwks.json";

/// A request to the management API, as the operator.
async fn manage(server: &TestServer, (method, path): (&str, &str), body: &Value) -> Answer {
    let by = Credential::bearer(&server.management_key());
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, by.header().unwrap())
        .header(header::CONTENT_TYPE, "application/json");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.request(request.body(body).unwrap()).await
}

/// What somebody who signs in here brings the client.
async fn tokens(server: &TestServer, client: &TestClient) -> Value {
    let mut agent = Agent::new(server);
    let code = code(&mut agent, client, &[]).await.code();
    redeem(server, client, &code).await.expect(200).json()
}

/// Verifies a token with the published keys, by another implementation; gives its header and claims.
async fn verified(server: &TestServer, token: &str) -> (Header, Value) {
    crate::rfc9068::verified(server, JWKS, token).await
}

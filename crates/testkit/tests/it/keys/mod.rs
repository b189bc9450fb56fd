//! The life of signing keys: published before they sign, and until all that they signed has expired.

mod api;
mod compromise;
mod lazy;
mod rotation;

use std::collections::BTreeSet;

use http::{Method, Request, header};
use serde_json::Value;
use writ_jose::Algorithm;
use writ_testkit::{Answer, Credential, TestServer, TestServerBuilder};

const KEYS: &str = "/api/v1/keys";
const JWKS: &str = "/.well-known/jwks.json";

/// A server whose ID tokens are signed with what access tokens are, so that a tenant has one key at a time.
fn builder() -> TestServerBuilder {
    TestServer::builder().id_token_alg(Algorithm::Es256)
}

async fn server() -> TestServer {
    builder().start().await
}

/// A call of the key API by the operator's API key.
async fn ask(server: &TestServer, method: Method, path: &str, body: &str) -> Answer {
    ask_by(server, &Credential::bearer(&server.management_key()), (method, path, body)).await
}

async fn ask_by(server: &TestServer, by: &Credential, what: (Method, &str, &str)) -> Answer {
    let (method, path, body) = what;
    let mut request = Request::builder().method(method).uri(path);
    if let Some(credential) = by.header() {
        request = request.header(header::AUTHORIZATION, credential);
    }
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    server.request(request.body(body.to_owned()).expect("a request")).await
}

async fn rotate(server: &TestServer) -> Value {
    ask(server, Method::POST, "/api/v1/keys/rotate", "{}").await.expect(200).json()
}

async fn compromise(server: &TestServer, kid: &str) -> Answer {
    ask(server, Method::POST, &format!("/api/v1/keys/{kid}/compromised"), "").await
}

/// The keys as the API lists them: the one that signs last comes first.
async fn listed(server: &TestServer) -> Vec<Value> {
    let answer = ask(server, Method::GET, KEYS, "").await.expect(200).json();
    let keys = answer["keys"].as_array().expect("keys").clone();
    assert_eq!(answer["total"], keys.len());
    keys
}

/// The state of each key, as listed.
async fn states(server: &TestServer) -> Vec<String> {
    listed(server).await.iter().map(|key| key["state"].as_str().expect("a state").to_owned()).collect()
}

/// The `kid`s in the JWK set.
async fn published(server: &TestServer) -> BTreeSet<String> {
    let keys = server.get(JWKS).await.expect(200).json();
    let kids = keys["keys"].as_array().expect("keys").iter();
    kids.map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}

/// The key that a token says it was signed with.
fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).expect("a header").kid.expect("a kid")
}

fn seconds(time: &Value) -> i64 {
    time.as_str().expect("a time").parse::<jiff::Timestamp>().expect("RFC 3339").as_second()
}

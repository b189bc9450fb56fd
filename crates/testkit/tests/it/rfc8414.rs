//! RFC 8414 and OpenID Connect Discovery: what the server says of itself is so.

use crate::rfc7523::Party;
use http::Method;
use writ_testkit::{Credential, TestServer};

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// §3, §3.1, §3.3, OpenID Connect Discovery §4: the document of each issuer stands where either specification looks,
/// and names the issuer that was asked for.
#[tokio::test]
async fn every_tenant_has_its_document_at_each_of_its_addresses() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let app = server.client("app").create().await;
    let theirs = server.client("theirs").of(&acme).create().await;
    let places = [
        (&app, server.base.clone(), vec![OPENID.to_owned(), OAUTH.to_owned()]),
        (
            &theirs,
            acme.issuer.clone(),
            // §3.1: inserted after the host, and where Discovery looks, behind the path.
            vec![acme.path(OPENID), acme.path(OAUTH), format!("{OAUTH}/t/acme"), format!("{OPENID}/t/acme")],
        ),
    ];
    for (client, issuer, paths) in places {
        for path in paths {
            let answer = server.get(&path).await.expect(200);
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            assert_eq!(answer.member("issuer"), issuer, "{path}");
        }
        let token = server.access_token(client).await;
        assert_eq!(server.introspect(client, &token).await.member("iss"), issuer);
    }
}

/// §3.1: where there is no issuer there is no document.
#[tokio::test]
async fn a_tenant_that_is_not_there_has_no_document() {
    let server = TestServer::start().await;
    for path in [
        "/t/nobody/.well-known/openid-configuration",
        "/t/nobody/.well-known/oauth-authorization-server",
        "/t/nobody/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server/t/nobody",
        "/.well-known/openid-configuration/t/nobody",
        "/t//.well-known/openid-configuration",
        "/t/DEFAULT/.well-known/openid-configuration",
        "/t/%FF/.well-known/openid-configuration",
        "/t/%FF/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server/t/%FF",
        "/.well-known/oauth-authorization-server/t/default/x",
    ] {
        let _ = server.get(path).await.refused(404, "not_found");
    }
}

/// §2, RFC 9207 §3: only what works is advertised: every endpoint answers, to its method, something other than 404 and
/// 405.
#[tokio::test]
async fn what_is_advertised_works() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for path in [OPENID.to_owned(), acme.path(OPENID)] {
        let document = server.get(&path).await.expect(200).json();
        let mut endpoints = 0;
        for (name, value) in document.as_object().unwrap() {
            let method = match name.as_str() {
                "jwks_uri" | "authorization_endpoint" | "end_session_endpoint" => Method::GET,
                name if name.ends_with("_endpoint") => Method::POST,
                _ => continue,
            };
            let address = value.as_str().unwrap();
            let path = address.strip_prefix(&server.base).unwrap_or_else(|| panic!("{address}"));
            let answer = server.ask(method, path).await;
            assert!(![404, 405].contains(&answer.status), "{name} {address}: {}", answer.status);
            endpoints += 1;
        }
        assert!(endpoints >= 4, "{document}");
        assert_eq!(
            document["response_types_supported"],
            serde_json::json!(["code", "id_token", "code id_token"])
        );
        assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert_eq!(document["authorization_response_iss_parameter_supported"], true);
        // OpenID Connect Discovery 1.0 §3.
        let algorithms = document["id_token_signing_alg_values_supported"].as_array().unwrap();
        assert!(algorithms.contains(&serde_json::json!("RS256")), "{algorithms:?}");
    }
}

/// Each advertised grant and authentication method gets through.
#[tokio::test]
async fn advertised_methods_get_through() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let document = server.get(OAUTH).await.json();
    for (list, path) in [
        ("token_endpoint_auth_methods_supported", "/oauth2/token"),
        ("introspection_endpoint_auth_methods_supported", "/oauth2/introspect"),
        ("revocation_endpoint_auth_methods_supported", "/oauth2/revoke"),
    ] {
        for method in document[list].as_array().unwrap() {
            let by = match method.as_str().unwrap() {
                "client_secret_basic" => Credential::from(&app),
                "client_secret_post" => app.post(),
                "none" => {
                    let name = format!("public{}", path.len());
                    let public = server.client(&name).kind(writ_core::client::ClientKind::Spa).create().await;
                    Credential::from(&public)
                }
                jwt @ ("client_secret_jwt" | "private_key_jwt") => {
                    Credential::Assertion(Party::made(&server, None, jwt).await.assertion())
                }
                other => panic!("{other}"),
            };
            let pairs = [("grant_type", "client_credentials"), ("token", "x")];
            let answer = server.post(path, by, &pairs).await;
            if path == "/oauth2/token" && method == "none" {
                // A public client gets through, and then has no use for this grant.
                let _ = answer.refused(400, "unauthorized_client");
            } else {
                let _ = answer.expect(200);
            }
        }
    }
    for grant in document["grant_types_supported"].as_array().unwrap() {
        let pairs = [("grant_type", grant.as_str().unwrap())];
        let error = server.post("/oauth2/token", &app, &pairs).await.error();
        assert!(["", "invalid_request"].contains(&&*error), "{grant}: {error}");
    }
}

#[tokio::test]
async fn the_base_url_is_configurable() {
    let server = TestServer::builder().base("http://localhost:8080").start().await;
    let document = server.get(OPENID).await.json();
    assert_eq!(document["token_endpoint"], "http://localhost:8080/oauth2/token");
    assert_eq!(server.bootstrap["issuer"], "http://localhost:8080");
}

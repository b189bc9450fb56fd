//! RFC 9728, OAuth 2.0 Protected Resource Metadata: Writ's own APIs.

use http::Request;
use writ_testkit::{Credential, TestServer};

const PATH: &str = "/.well-known/oauth-protected-resource";

/// §2, §3.1, §3.3: the document names the resource that it was asked for, and its authorization server, which names the
/// same issuer.
#[tokio::test]
async fn every_issuer_has_its_document() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    for (path, issuer) in [
        (PATH.to_owned(), server.base.clone()),
        (format!("{PATH}/t/acme"), acme.issuer.clone()),
        (acme.path(PATH), acme.issuer.clone()),
    ] {
        let answer = server.get(&path).await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let told = answer.json();
        assert_eq!(
            (&told["resource"], &told["authorization_servers"][0]),
            (&(&*issuer).into(), &(&*issuer).into())
        );
        for scope in ["openid", "oauth:read", "clients:trust"] {
            assert!(told["scopes_supported"].as_array().unwrap().contains(&scope.into()), "{scope}");
        }
    }
    for path in [format!("{PATH}/t/nobody"), "/t/nobody/.well-known/oauth-protected-resource".to_owned()] {
        let _ = server.get(&path).await.refused(404, "not_found");
    }
}

/// §5.1: every challenge for a token says where the document is; RFC 6750 §3: and which scope is lacking.
#[tokio::test]
async fn challenges_say_where_the_document_is() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await;
    let document = |below: &str| format!("resource_metadata=\"{}{PATH}{below}\"", server.base);
    for (path, below) in [
        ("/api/v1/clients".to_owned(), ""),
        ("/oauth2/userinfo".to_owned(), ""),
        (acme.path("/api/v1/clients"), "/t/acme"),
        (acme.path("/oauth2/userinfo"), "/t/acme"),
    ] {
        let answer = server.get(&path).await;
        assert_eq!(answer.status, 401);
        let bearer =
            answer.all("www-authenticate").into_iter().find(|value| value.starts_with("Bearer ")).unwrap();
        assert!(bearer.ends_with(&document(below)), "{path}: {bearer}");
        assert!(
            !answer
                .all("www-authenticate")
                .iter()
                .any(|value| { value.starts_with("Basic ") && value.contains("resource_metadata") })
        );
    }
    let reader = server.client("reader").scope("oauth:read").create().await;
    let token = Credential::bearer(&server.access_token(&reader).await);
    let request = Request::get("/api/v1/audit-logs").header("authorization", token.header().unwrap());
    let answer = server.request(request.body("").unwrap()).await.refused(403, "insufficient_scope");
    let bearer = answer.header("www-authenticate");
    assert!(bearer.contains("scope=\"audit:read\"") && bearer.ends_with(&document("")), "{bearer}");
}

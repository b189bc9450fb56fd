//! §3.2: the shape of a token request.

use http::Request;
use writ_testkit::{Answer, Credential, TestClient, TestServer, form};

const FORM: &str = "application/x-www-form-urlencoded";
const BODY: &str = "grant_type=client_credentials";

async fn send(server: &TestServer, app: &TestClient, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request =
        Request::post("/oauth2/token").header("authorization", Credential::from(app).header().unwrap());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.request(request.body(body.to_owned()).unwrap()).await
}

/// §3.2: no parameter more than once, known or not.
#[tokio::test]
async fn repeated_parameters_are_refused() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read").create().await;
    for body in [
        "grant_type=client_credentials&grant_type=client_credentials",
        "grant_type=client_credentials&scope=read&scope=read",
        "grant_type=client_credentials&scope=read&%73cope=read",
        "grant_type=client_credentials&x=1&x=1",
        "grant_type=client_credentials&scope=read&scope=",
        "grant_type=client_credentials&=1&=2",
    ] {
        let _ = send(&server, &app, &[("content-type", FORM)], body).await.refused(400, "invalid_request");
    }
}

/// §3.1 and §3.2: without a value is omitted, unknown is ignored.
#[tokio::test]
async fn empty_and_unknown_parameters_change_nothing() {
    let server = TestServer::start().await;
    let app = server.client("app").scope("read").create().await;
    let pairs = [
        ("grant_type", "client_credentials"),
        ("scope", ""),
        ("code", ""),
        ("client_assertion", ""),
        ("whatever", "x"),
        ("RESOURCE", "y"),
    ];
    let answer = send(&server, &app, &[("content-type", FORM)], &form(&pairs)).await.expect(200);
    assert_eq!(answer.member("scope"), "read");
    for body in [
        "&&grant_type=client_credentials&&",
        "grant_type=client_credentials&x",
        "=&grant_type=client_credentials",
    ] {
        let _ = send(&server, &app, &[("content-type", FORM)], body).await.expect(200);
    }
}

#[tokio::test]
async fn only_forms_without_compression_are_read() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    let good = [
        FORM,
        "Application/X-WWW-Form-URLencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "application/x-www-form-urlencoded;charset=\"utf-8\"",
        "application/x-www-form-urlencoded ; boundary=x",
        // The type has no such parameter: a form is UTF-8 whatever is written there.
        "application/x-www-form-urlencoded; charset=iso-8859-1",
        "application/x-www-form-urlencoded; charset",
    ];
    for value in good {
        let _ = send(&server, &app, &[("content-type", value)], BODY).await.expect(200);
    }
    let bad = [
        "",
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/x-www-form-urlencoded, application/json",
        "application/x-www-form-urlencodedx",
    ];
    for value in bad {
        let _ = send(&server, &app, &[("content-type", value)], BODY).await.refused(415, "invalid_request");
    }
    let _ = send(&server, &app, &[], BODY).await.refused(415, "invalid_request");
    let twice = [("content-type", FORM), ("content-type", FORM)];
    let _ = send(&server, &app, &twice, BODY).await.refused(400, "invalid_request");
    for coding in ["gzip", "br", "identity, gzip", "x"] {
        let headers = [("content-type", FORM), ("content-encoding", coding)];
        let _ = send(&server, &app, &headers, BODY).await.refused(415, "invalid_request");
    }
    let headers = [("content-type", FORM), ("content-encoding", "Identity")];
    let _ = send(&server, &app, &headers, BODY).await.expect(200);
    let hidden = [("content-type", FORM), ("content-encoding", "identity"), ("content-encoding", "gzip")];
    let _ = send(&server, &app, &hidden, BODY).await.refused(415, "invalid_request");
}

/// §2.3.1 and §3.2: nothing in the address, where logs and histories keep it.
#[tokio::test]
async fn parameters_in_the_query_are_refused() {
    let server = TestServer::start().await;
    let app = server.client("app").create().await;
    for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
        for query in ["grant_type=client_credentials", "x", "client_secret=y"] {
            let pairs = [("grant_type", "client_credentials"), ("token", "x")];
            let answer = server.post(&format!("{path}?{query}"), &app, &pairs).await;
            let _ = answer.refused(400, "invalid_request");
        }
    }
    let _ = server.post("/oauth2/token?", &app, &[("grant_type", "client_credentials")]).await.expect(200);
}

/// §3.2: POST.
#[tokio::test]
async fn other_methods_are_405_and_name_post() {
    let server = TestServer::start().await;
    for path in [
        "/oauth2/token",
        "/oauth2/introspect",
        "/oauth2/revoke",
        "/api/v1/oauth/introspect",
        "/t/default/oauth2/token",
    ] {
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            let answer = server.ask(method.parse().unwrap(), path).await.expect(405);
            assert_eq!(answer.header("allow"), "POST", "{method} {path}");
            assert!(method == "HEAD" || answer.error() == "invalid_request", "{method} {path}: {answer:?}");
        }
    }
}

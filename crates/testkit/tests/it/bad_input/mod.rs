//! Malformed requests as bytes on a socket: each has its one right answer, and every one has an answer.

mod credentials;
mod framing;
mod lengths;
mod parameters;
mod shape;

use writ_testkit::{Listening, TestServer};

/// The client of the table is `app` with the secret `secret`.
const BASIC: &str = "authorization: Basic YXBwOnNlY3JldA==\r\n";
const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";
const HOST: &str = "host: id.example\r\n";
/// What a good request to each of the three endpoints has as its body.
const GOOD: [(&str, &str); 3] = [
    ("/oauth2/token", "grant_type=client_credentials"),
    ("/oauth2/introspect", "token=x"),
    ("/oauth2/revoke", "token=x"),
];

/// A row of the table.
struct Case {
    what: String,
    bytes: Vec<u8>,
    status: u16,
    /// The word in `error`; empty where the answer comes from below the endpoints and has no body.
    error: &'static str,
}

/// A row.
fn case(what: impl Into<String>, bytes: impl Into<Vec<u8>>, expected: (u16, &'static str)) -> Case {
    let (status, error) = expected;
    Case { what: what.into(), bytes: bytes.into(), status, error }
}

/// A `POST` with these header lines and a true `Content-Length`.
fn post(path: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let mut bytes =
        format!("POST {path} HTTP/1.1\r\n{HOST}{headers}content-length: {length}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A `POST` of a form by the client of the table.
fn form(path: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    post(path, &format!("{BASIC}{FORM}"), body)
}

fn table() -> Vec<Case> {
    let mut table = shape::cases();
    table.extend(parameters::cases());
    table.extend(credentials::cases());
    table.extend(framing::cases());
    table
}

/// What is wrong with the answer to a row.
async fn fault(server: &Listening, case: &Case) -> Option<String> {
    let answer = match server.exchange(&case.bytes).await {
        Ok(answer) => answer,
        Err(why) => return Some(why),
    };
    let error = answer.error();
    if answer.status >= 500 {
        return Some(format!("a {}: {}", answer.status, String::from_utf8_lossy(&answer.body)));
    }
    if (answer.status, error.as_str()) != (case.status, case.error) {
        return Some(format!("{} {error:?} instead of {} {:?}", answer.status, case.status, case.error));
    }
    if case.error.is_empty() {
        return None;
    }
    let complete = !answer.member("error_description").is_empty()
        && answer.member("error_uri").contains("/errors/")
        && answer.header("content-type") == "application/json"
        && answer.header("cache-control") == "no-store";
    let challenged = answer.status != 401 || !answer.header("www-authenticate").is_empty();
    (!complete || !challenged).then(|| format!("not complete: {answer:?}"))
}

/// The requirement: at least 150 rows, no 5xx, no connection without an answer.
#[tokio::test]
async fn every_malformed_request_has_its_answer() {
    let kit = TestServer::start().await;
    kit.client("app").secret("secret", None).scope("read").create().await;
    let server = kit.listen().await;
    for (path, body) in GOOD {
        let answer = server.exchange(&form(path, body)).await.expect("an answer");
        assert_eq!(answer.status, 200, "the good request that the table departs from: {path}");
    }
    let table = table();
    let mut names = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for case in &table {
        assert!((400..500).contains(&case.status), "{}", case.what);
        assert!(names.insert(case.what.as_str()), "two rows are called {}", case.what);
        if let Some(fault) = fault(&server, case).await {
            wrong.push(format!("{}: {fault}", case.what));
        }
    }
    println!("{} malformed requests", table.len());
    assert!(table.len() >= 150, "{} rows", table.len());
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), table.len(), wrong.join("\n"));
    // After all of it the server is as it was.
    for (path, body) in GOOD {
        assert_eq!(server.exchange(&form(path, body)).await.expect("an answer").status, 200);
    }
    let summary = server.stop().await;
    assert_eq!(summary.drained, writ_server::serve::Drained::Clean);
}

/// A request that breaks off after any of its bytes, our side ended: an answer, never a success.
#[tokio::test]
async fn a_request_cut_anywhere_is_answered_and_never_taken_for_whole() {
    let kit = TestServer::start().await;
    kit.client("app").secret("secret", None).create().await;
    let server = kit.listen().await;
    let whole = form("/oauth2/token", "grant_type=client_credentials");
    for end in 1..whole.len() {
        let answer =
            server.exchange(&whole[..end]).await.unwrap_or_else(|why| panic!("cut after {end}: {why}"));
        assert_eq!(answer.status, 400, "cut after {end}");
    }
    assert_eq!(server.exchange(&whole).await.expect("an answer").status, 200);
    assert_eq!(server.exchange_raw(b"").await.expect("an end"), b"", "who says nothing hears nothing");
}

/// Two requests in one write: the second is not swallowed by the first, nor answered for it.
#[tokio::test]
async fn requests_in_a_row_are_answered_in_their_order() {
    let kit = TestServer::start().await;
    kit.client("app").secret("secret", None).create().await;
    let server = kit.listen().await;
    let mut both = form("/oauth2/token", "grant_type=nonsense");
    both.extend(form("/oauth2/introspect", "token=x"));
    let raw = String::from_utf8(server.exchange_raw(&both).await.expect("answers")).expect("text");
    let first = raw.find("unsupported_grant_type").expect("the first answer");
    let second = raw.find("{\"active\":false}").expect("the second answer");
    assert!(first < second, "{raw}");
}

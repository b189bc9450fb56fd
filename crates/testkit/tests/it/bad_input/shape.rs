//! Method, path, content type and content coding.

use super::{BASIC, Case, FORM, GOOD, HOST, case, form, post};

const NOT_ALLOWED: (u16, &str) = (405, "invalid_request");
const NOT_FOUND: (u16, &str) = (404, "not_found");
const UNSUPPORTED: (u16, &str) = (415, "invalid_request");

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    methods(&mut table);
    paths(&mut table);
    types(&mut table);
    table
}

fn methods(table: &mut Vec<Case>) {
    for (path, body) in GOOD {
        let length = body.len();
        for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post", "POSTS", "QUERY"] {
            let bytes = format!(
                "{method} {path} HTTP/1.1\r\n{HOST}{BASIC}{FORM}content-length: {length}\r\n\r\n{body}"
            );
            table.push(case(format!("{method} {path}"), bytes, NOT_ALLOWED));
        }
        // RFC 9110 §9.3.2: an answer to HEAD has no body.
        table.push(case(
            format!("HEAD {path}"),
            format!("HEAD {path} HTTP/1.1\r\n{HOST}{BASIC}\r\n"),
            (405, ""),
        ));
    }
    for path in ["/.well-known/jwks.json", "/.well-known/openid-configuration", "/errors", "/health/live"] {
        table.push(case(format!("POST {path}"), form(path, "a=b"), NOT_ALLOWED));
    }
}

fn paths(table: &mut Vec<Case>) {
    for path in [
        "/oauth2/token/",
        "//oauth2/token",
        "/oauth2//token",
        "/OAUTH2/TOKEN",
        "/oauth2/token;v=1",
        "/oauth2/token%00",
        "/oauth2/%74oken",
        "/oauth2%2ftoken",
        "/oauth2/../oauth2/token",
        "/./oauth2/token",
        "/%FF",
        "/%",
        "/%zz",
        "/t/nobody/oauth2/token",
        "/t/%FF/oauth2/token",
        "/t/%00/oauth2/token",
        "/t//oauth2/token",
        "/t/../oauth2/token",
        "/t/default%20/oauth2/token",
        "/metrics",
        "/bench/ceiling",
        "/.env",
        "*",
    ] {
        table.push(case(format!("POST to {path}"), form(path, "grant_type=client_credentials"), NOT_FOUND));
    }
    for query in ["?grant_type=client_credentials", "?x", "?%FF", "??", "?client_secret=secret"] {
        let bytes = form(&format!("/oauth2/token{query}"), "grant_type=client_credentials");
        table.push(case(format!("query {query}"), bytes, (400, "invalid_request")));
    }
}

fn types(table: &mut Vec<Case>) {
    for (path, body) in GOOD {
        for value in [
            "application/json",
            "multipart/form-data; boundary=x",
            "text/plain",
            "application/x-www-form-urlencoded, text/plain",
            "*/*",
            "",
        ] {
            let headers = format!("{BASIC}content-type: {value}\r\n");
            table.push(case(format!("{path} as {value:?}"), post(path, &headers, body), UNSUPPORTED));
        }
        table.push(case(format!("{path} without a type"), post(path, BASIC, body), UNSUPPORTED));
        let twice = format!("{BASIC}{FORM}{FORM}");
        table.push(case(
            format!("{path} with two types"),
            post(path, &twice, body),
            (400, "invalid_request"),
        ));
        for coding in ["gzip", "identity, gzip", "unknown", ""] {
            let headers = format!("{BASIC}{FORM}content-encoding: {coding}\r\n");
            table.push(case(format!("{path} coded {coding:?}"), post(path, &headers, body), UNSUPPORTED));
        }
    }
    let mut unreadable = format!("POST /oauth2/token HTTP/1.1\r\n{HOST}{BASIC}content-type: ").into_bytes();
    unreadable.extend_from_slice(b"\xff\xfe\r\ncontent-length: 0\r\n\r\n");
    table.push(case("a type that is not text", unreadable, UNSUPPORTED));
    let hidden = format!("{BASIC}{FORM}content-encoding: identity\r\ncontent-encoding: gzip\r\n");
    table.push(case("a coding behind identity", post("/oauth2/token", &hidden, "grant_type=x"), UNSUPPORTED));
}

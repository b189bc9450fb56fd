//! What is wrong with who asks.

use base64::Engine as _;

use super::{BASIC, Case, FORM, GOOD, case, post};

const UNAUTHENTICATED: (u16, &str) = (401, "invalid_client");
const INVALID: (u16, &str) = (400, "invalid_request");

fn basic(plain: impl AsRef<[u8]>) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(plain))
}

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    headers(&mut table);
    bodies(&mut table);
    introspection(&mut table);
    table
}

fn headers(table: &mut Vec<Case>) {
    let faults = [
        ("a wrong secret", basic("app:wrong")),
        ("an unknown client", basic("nobody:secret")),
        ("an id in another case", basic("APP:secret")),
        ("no secret", basic("app:")),
        ("no id", basic(":secret")),
        ("no colon", basic("app")),
        ("nothing in it", basic("")),
        ("only a colon", basic(":")),
        ("a bad percent in the id", basic("a%pp:secret")),
        ("a bad percent in the secret", basic("app:secret%")),
        ("an id that is not UTF-8", basic(b"\xff:secret")),
        ("a secret that is not UTF-8", basic(b"app:\xc3\x28")),
        ("escapes that are not UTF-8", basic("app:%ff")),
        ("NUL in the id", basic("app\0:secret")),
        ("a line feed in the secret", basic("app:sec%0Aret")),
        ("an id too long", basic(format!("{}:secret", "a".repeat(256)))),
        ("a secret too long", basic(format!("app:{}", "a".repeat(1025)))),
        ("far too long", basic("a".repeat(8000))),
        ("bytes that are not base64", "Basic !!!!".to_owned()),
        ("base64url", "Basic YXBwOnNlY3JldA_-".to_owned()),
        ("half the padding", "Basic YXBwOnNlY3JldA=".to_owned()),
        ("padding in the middle", "Basic YXBw=OnNlY3JldA==".to_owned()),
        ("unused bits", "Basic YXBwOnNlY3JldB==".to_owned()),
        ("two credentials in one header", "Basic YXBwOnNlY3JldA==, Basic YXBwOnNlY3JldA==".to_owned()),
        ("words after the credentials", "Basic YXBwOnNlY3JldA== x".to_owned()),
        ("no credentials after the scheme", "Basic".to_owned()),
        ("a tab after the scheme", "Basic\tYXBwOnNlY3JldA==".to_owned()),
        ("no scheme", "YXBwOnNlY3JldA==".to_owned()),
        ("an empty header", String::new()),
        ("another scheme", "Digest username=\"app\"".to_owned()),
        ("a scheme that is none", "B@sic YXBwOnNlY3JldA==".to_owned()),
        ("a bearer where a client is needed", "Bearer at_x".to_owned()),
        ("an API key where a client is needed", "Bearer sk_live_x".to_owned()),
    ];
    for (what, value) in faults {
        for (path, body) in GOOD.into_iter().filter(|(path, _)| *path != "/oauth2/introspect") {
            let headers = format!("authorization: {value}\r\n{FORM}");
            table.push(case(
                format!("{path}, Authorization with {what}"),
                post(path, &headers, body),
                UNAUTHENTICATED,
            ));
        }
    }
    for (path, body) in GOOD {
        let twice = format!("{BASIC}{BASIC}{FORM}");
        table.push(case(format!("{path}: Authorization twice"), post(path, &twice, body), INVALID));
        let other = format!("{BASIC}authorization: Bearer x\r\n{FORM}");
        table.push(case(format!("{path}: two schemes"), post(path, &other, body), INVALID));
    }
    let mut bytes =
        b"POST /oauth2/token HTTP/1.1\r\nhost: id.example\r\nauthorization: Basic \xff\xfe\r\n".to_vec();
    bytes.extend_from_slice(FORM.as_bytes());
    bytes.extend_from_slice(b"content-length: 0\r\n\r\n");
    table.push(case("an Authorization that is not text", bytes, UNAUTHENTICATED));
}

fn bodies(table: &mut Vec<Case>) {
    let token = |more: &str| post("/oauth2/token", FORM, format!("grant_type=client_credentials{more}"));
    table.extend([
        case("no credential", token(""), UNAUTHENTICATED),
        case("a client that only names itself", token("&client_id=app"), UNAUTHENTICATED),
        case("a secret without an id", token("&client_secret=secret"), INVALID),
        case("a wrong secret in the body", token("&client_id=app&client_secret=wrong"), UNAUTHENTICATED),
        case("an empty secret in the body", token("&client_id=app&client_secret="), UNAUTHENTICATED),
        case("a client id twice", token("&client_id=app&client_id=app&client_secret=secret"), INVALID),
        case("an assertion", token("&client_id=app&client_assertion=x"), UNAUTHENTICATED),
        case("NUL in the client id", token("&client_id=app%00&client_secret=secret"), INVALID),
        case(
            "SQL for a client id",
            token("&client_id=%27+OR+1%3D1+--&client_secret=secret"),
            UNAUTHENTICATED,
        ),
        case(
            "a huge client id",
            token(&format!("&client_id={}&client_secret=x", "a".repeat(60_000))),
            UNAUTHENTICATED,
        ),
    ]);
    let both = |more: &str| {
        let body = format!("grant_type=client_credentials{more}");
        post("/oauth2/token", &format!("{BASIC}{FORM}"), body)
    };
    table.extend([
        case("Basic and a secret in the body", both("&client_id=app&client_secret=secret"), INVALID),
        case("Basic and only a secret in the body", both("&client_secret=secret"), INVALID),
        case("Basic and another client id", both("&client_id=other"), INVALID),
        case("Basic and an assertion", both("&client_assertion=x&client_assertion_type=y"), UNAUTHENTICATED),
    ]);
}

/// Introspection takes two schemes: each answers with its own word.
fn introspection(table: &mut Vec<Case>) {
    let ask =
        |value: &str| post("/oauth2/introspect", &format!("authorization: {value}\r\n{FORM}"), "token=x");
    for (value, error) in [
        ("Bearer x", "invalid_token"),
        ("Bearer at_x", "invalid_token"),
        ("Bearer sk_live_x", "invalid_token"),
        ("Bearer sk_live_", "invalid_token"),
        ("Bearer a.b.c", "invalid_token"),
        ("Bearer ..", "invalid_token"),
        ("Bearer a b", "invalid_token"),
        ("Bearer a,b", "invalid_token"),
        ("Bearer =", "invalid_token"),
        ("Bearer a=b", "invalid_token"),
        ("Bearer \"x\"", "invalid_token"),
        ("Bearer", "invalid_token"),
        ("Bearer\tx", "invalid_token"),
        ("x", "invalid_token"),
        ("", "invalid_token"),
        ("Negotiate YII=", "invalid_token"),
        ("Basic !!!", "invalid_client"),
        ("Basic YXBw", "invalid_client"),
        ("Basic YXBwOndyb25n", "invalid_client"),
    ] {
        table.push(case(format!("introspection by {value:?}"), ask(value), (401, error)));
    }
    let long = format!("Bearer {}", "a".repeat(8193));
    table.push(case("introspection by a bearer too long", ask(&long), (401, "invalid_token")));
    let nobody = post("/oauth2/introspect", FORM, "token=x");
    table.push(case("introspection by nobody", nobody, (401, "invalid_token")));
    let public = post("/oauth2/introspect", FORM, "token=x&client_id=app");
    table.push(case("introspection by a name", public, UNAUTHENTICATED));
    let both = post(
        "/oauth2/introspect",
        &format!("authorization: Bearer x\r\n{FORM}"),
        "token=x&client_id=app&client_secret=secret",
    );
    table.push(case("introspection by a bearer and a secret", both, INVALID));
}

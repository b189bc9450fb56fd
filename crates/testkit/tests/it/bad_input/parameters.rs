//! What is wrong inside a form.

use super::{Case, GOOD, case, form};

const INVALID: (u16, &str) = (400, "invalid_request");

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    for (path, good) in GOOD {
        let faults: [(&str, Vec<u8>); 15] = [
            ("percent at the end", b"x=%".to_vec()),
            ("percent and one digit", b"x=%4".to_vec()),
            ("percent and no hex", b"x=%zz".to_vec()),
            ("percent in a name", b"%g0=x".to_vec()),
            ("unicode escape", b"x=%u0041".to_vec()),
            ("bytes that are not UTF-8", b"x=\xff\xfe".to_vec()),
            ("escapes that are not UTF-8", b"x=%C3%28".to_vec()),
            ("overlong UTF-8", b"x=%C0%80".to_vec()),
            ("a surrogate", b"x=%ED%A0%80".to_vec()),
            ("a name that is not UTF-8", b"\x80=x".to_vec()),
            ("NUL in a value", b"x=a%00b".to_vec()),
            ("a raw NUL", b"x=a\0b".to_vec()),
            ("escape in a value", b"x=%1B".to_vec()),
            ("line feed in a name", b"a%0Ab=x".to_vec()),
            ("repeated parameter", b"x=1&x=2".to_vec()),
        ];
        for (what, fault) in faults {
            let body = [good.as_bytes(), b"&", &fault].concat();
            table.push(case(format!("{path}: {what}"), form(path, body), INVALID));
        }
        let twice = format!("{good}&{good}");
        table.push(case(format!("{path}: everything twice"), form(path, twice), INVALID));
        let many: Vec<_> = (0..65).map(|number| format!("x{number}=1")).collect();
        table.push(case(format!("{path}: 65 parameters"), form(path, many.join("&")), INVALID));
        table.push(case(format!("{path}: empty body"), form(path, ""), INVALID));
        table.push(case(format!("{path}: only separators"), form(path, "&&&=&"), INVALID));
        table.push(case(
            format!("{path}: JSON in a form"),
            form(path, "{\"grant_type\":\"client_credentials\"}"),
            INVALID,
        ));
        let oversize = vec![b'x'; 64 * 1024 + 1];
        table.push(case(format!("{path}: a body too large"), form(path, oversize), (413, "invalid_request")));
    }
    let token = |body: &str, what: &str, expected| case(what, form("/oauth2/token", body), expected);
    let unsupported = (400, "unsupported_grant_type");
    let scope = (400, "invalid_scope");
    table.extend([
        token("grant_type=", "an empty grant", INVALID),
        token("grant_type", "a grant without a value", INVALID),
        token("Grant_Type=client_credentials", "a name in another case", INVALID),
        token("grant_type=CLIENT_CREDENTIALS", "a grant in another case", unsupported),
        token("grant_type=client_credentials%20", "a grant with a space", unsupported),
        token("grant_type=client_credentials%0A", "a grant with a line feed", unsupported),
        token("grant_type=implicit&code=x", "a grant that is none", unsupported),
        token(
            "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer",
            "a grant of another specification",
            unsupported,
        ),
        token("grant_type=client_credentials&scope=admin", "a scope that is not the client's", scope),
        token("grant_type=client_credentials&scope=re%22ad", "a quote in a scope", scope),
        token("grant_type=client_credentials&scope=re%5Cad", "a backslash in a scope", scope),
        token("grant_type=client_credentials&scope=read%09write", "a tab in a scope", scope),
        token("grant_type=client_credentials&scope=r%C3%A9ad", "a scope beyond ASCII", scope),
        token("grant_type=client_credentials&scope=+", "a scope of one space", scope),
        token(
            &format!("grant_type=client_credentials&scope={}", "x".repeat(129)),
            "a scope token of 129 characters",
            scope,
        ),
        token(
            &format!("grant_type=client_credentials&scope={}", vec!["x"; 101].join("+")),
            "a scope of 101 tokens",
            scope,
        ),
    ]);
    table
}

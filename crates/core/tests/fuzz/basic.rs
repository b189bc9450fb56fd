//! Basic credentials: what is read is what another reader reads, and is read back when written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use url::form_urlencoded;
use writ_core::basic::BasicCredentials;
use writ_core::form::encode_component;

use crate::engine::Target;

pub fn target() -> impl Target {
    Basic
}

struct Basic;

/// Inputs are base64 or, behind this byte, what is encoded before it is read.
const PLAIN: u8 = b'!';

impl Target for Basic {
    fn name(&self) -> &'static str {
        "basic"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        [
            &b""[..],
            b"Y2xpZW50OnNlY3JldA==",
            b"Y2xpZW50OnNlY3JldA",
            b"!client:secret",
            b"!cli_01:csec_%2B%3A:x",
            b"!a%3Ab:%c3%a4+b",
            b"!:secret",
            b"!client",
            b"!a%00:b",
            b"!a%:b",
            b"!\xff:b",
            b"!a%3A(b:%c2%9a4++b",
        ]
        .map(<[u8]>::to_vec)
        .to_vec()
    }

    fn words(&self) -> &[&str] {
        &[":", "%", "%3A", "%00", "%ff", "+", "=", "==", "!", "%C3%A4", "\u{e4}", "csec_"]
    }

    fn run(&self, input: &[u8]) -> String {
        let text = match input.split_first() {
            Some((&PLAIN, plain)) => STANDARD.encode(plain).into_bytes(),
            Some(_) | None => input.to_vec(),
        };
        let read = match BasicCredentials::parse(&text) {
            Ok(read) => read,
            Err(error) => return format!("{error:?}"),
        };
        let (id, secret) = (read.client_id.as_str(), read.secret.expose());
        // RFC 7617 §2: the control characters are those of ASCII (RFC 5234 appendix B.1).
        assert!(!id.is_empty() && !id.bytes().chain(secret.bytes()).any(|byte| byte.is_ascii_control()));

        let plain = STANDARD.decode(&text).or_else(|_| STANDARD_NO_PAD.decode(&text)).expect("base64");
        let colon = plain.iter().position(|byte| *byte == b':').expect("a colon");
        // A form of one value each; what would separate pairs there is data here.
        let theirs = |half: &[u8]| {
            let field: Vec<u8> = half
                .iter()
                .flat_map(|byte| if *byte == b'&' { b"%26".to_vec() } else { vec![*byte] })
                .collect();
            let form = [b"x=", &field[..]].concat();
            let (_, value) = form_urlencoded::parse(&form).next().expect("a pair");
            value.into_owned()
        };
        assert_eq!((id, secret), (&*theirs(&plain[..colon]), &*theirs(&plain[colon + 1..])));

        let written = STANDARD.encode(format!("{}:{}", encode_component(id), encode_component(secret)));
        let again = BasicCredentials::parse(written.as_bytes()).expect("what was written is read");
        assert_eq!((again.client_id.as_str(), again.secret.expose()), (id, secret));
        format!("read {} {} {}", secret.is_empty(), plain.contains(&b'%'), text.ends_with(b"="))
    }
}

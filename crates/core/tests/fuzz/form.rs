//! Forms: unique names, and what is read is what another reader reads.

use std::collections::BTreeSet;

use url::form_urlencoded;
use writ_core::form::{Form, encode_component};

use crate::engine::Target;

pub fn target() -> impl Target {
    Forms
}

struct Forms;

impl Target for Forms {
    fn name(&self) -> &'static str {
        "form"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        [
            &b""[..],
            b"grant_type=client_credentials&scope=read+write",
            b"grant_type=authorization_code&code=a%2Fb&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code_verifier=x",
            b"a=1&&b=&=c&d",
            b"resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb",
            b"a=%c3%a4%F0%9F%A6%80&b=%00&c=%zz&d=%",
            b"a=1&a=2",
            b"a=\xff",
        ]
        .map(<[u8]>::to_vec)
        .to_vec()
    }

    fn words(&self) -> &[&str] {
        &[
            "&",
            "=",
            "+",
            "%",
            "%00",
            "%25",
            "%26",
            "%3D",
            "%0A",
            "%c3%a4",
            "%C0%80",
            "%ed%a0%80",
            "resource=",
            "&a=1",
        ]
    }

    fn run(&self, input: &[u8]) -> String {
        let form = match Form::parse(input) {
            Ok(form) => form,
            Err(error) => {
                // What is refused for a repeated name may be repeated where that is allowed, and nothing else changes.
                let allowed = Form::parse_allowing(input, &["resource"]).map(|form| form.iter().count());
                return format!("{error:?} {}", allowed.is_ok());
            }
        };
        let pairs: Vec<(String, String)> =
            form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for (index, (name, value)) in pairs.iter().enumerate() {
            assert!(pairs[..index].iter().all(|(earlier, _)| earlier != name), "a name stands twice");
            assert_eq!(form.get(name), Some(value.as_str()).filter(|value| !value.is_empty()));
            assert!(!name.chars().any(|c| c < ' '), "a control character in a name");
        }
        let theirs: Vec<(String, String)> = form_urlencoded::parse(input).into_owned().collect();
        assert_eq!(pairs, theirs, "another reader reads something else");

        let fields: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", encode_component(name), encode_component(value)))
            .collect();
        let rendered = fields.join("&");
        let again = Form::parse(rendered.as_bytes()).expect("what was rendered is read");
        assert!(again.iter().eq(form.iter()), "rendered and read again, it differs");
        let lengths = pairs.iter().map(|(name, value)| (name.is_empty(), value.is_empty()));
        format!("read {:?} {}", lengths.collect::<BTreeSet<_>>(), input.contains(&b'%'))
    }
}

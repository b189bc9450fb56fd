//! Signed tokens: whoever cannot sign makes none, and a signer's header decides nothing that is not its own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use writ_jose::{Algorithm, JoseError, JwtType, SigningKey, VerifyingKey, verify_compact};

use crate::engine::Target;

pub fn target() -> impl Target {
    let keys = Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap());
    let verifying = keys.iter().map(|key| key.verifying_key().unwrap()).collect();
    let tokens =
        keys.iter().map(|key| key.sign_compact(JwtType::AccessToken, br#"{"sub":"alice"}"#).unwrap());
    Jws { tokens: tokens.collect(), keys, verifying }
}

struct Jws {
    keys: [SigningKey; 4],
    verifying: Vec<VerifyingKey>,
    tokens: Vec<String>,
}

/// Inputs are tokens or, behind this byte, headers: those are signed by the quick keys before they are looked at.
const HEADER: u8 = b'!';

impl Target for Jws {
    fn name(&self) -> &'static str {
        "jws"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let headers = self.keys.iter().flat_map(|key| {
            let (alg, kid) = (key.algorithm(), key.kid());
            [
                format!(r#"!{{"alg":"{alg}","kid":"{kid}","typ":"at+jwt"}}"#),
                format!(r#"!{{"alg":"{alg}"}}"#),
                format!(r#"!{{"alg":"none","kid":"{kid}"}}"#),
                format!(r#"!{{"alg":"{alg}","crit":["exp"],"jwk":{}}}"#, key.public_jwk().to_json()),
            ]
        });
        self.tokens.iter().cloned().chain(headers).map(String::into_bytes).collect()
    }

    fn words(&self) -> &[&str] {
        &[
            ".",
            "..",
            "=",
            "-",
            "_",
            "A",
            "\"",
            "{",
            "}",
            ",",
            ":",
            "null",
            r#""alg":"ES256","#,
            r#""alg":"EdDSA","#,
            r#""alg":"RS256","#,
            r#""alg":"PS256","#,
            r#""alg":"HS256","#,
            r#""alg":"none","#,
            r#""crit":[],"#,
            r#""b64":false,"#,
            r#""jwk":{},"#,
            r#""jku":"","#,
            r#""x5c":[],"#,
            r#""x5u":"","#,
            r#""kid":"x","#,
            r#""typ":"JWT","#,
            r"\u0061lg",
            "!",
            " ",
            "\n",
        ]
    }

    fn run(&self, input: &[u8]) -> String {
        match input.split_first() {
            Some((&HEADER, header)) => self.run_header(header),
            Some(_) | None => match str::from_utf8(input) {
                Ok(token) => self.run_token(token),
                Err(_) => "not text".to_owned(),
            },
        }
    }
}

impl Jws {
    fn run_token(&self, token: &str) -> String {
        let read = match verify_compact(token, &self.verifying, &Algorithm::ALL) {
            Ok(read) => read,
            Err(error) => return format!("{error:?}"),
        };
        let signed = |token: &str| token.rsplit_once('.').map(|(signed, _)| signed.to_owned());
        assert!(self.tokens.iter().any(|own| signed(own) == signed(token)), "a forgery");
        let segments = token.split('.').map(|segment| URL_SAFE_NO_PAD.decode(segment).expect("base64url"));
        let spelled = segments.map(|octets| URL_SAFE_NO_PAD.encode(octets)).collect::<Vec<_>>().join(".");
        assert_eq!(spelled, token, "a second spelling");
        format!("verified {:?}", read.header.algorithm)
    }

    fn run_header(&self, header: &[u8]) -> String {
        // EdDSA and ES256: RSA would take a hundred times as long.
        let mut behaviour = Vec::new();
        for key in [&self.keys[3], &self.keys[0]] {
            let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
            let signature = key.sign(input.as_bytes()).unwrap();
            let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
            match verify_compact(&token, &self.verifying, &Algorithm::ALL) {
                Ok(read) => {
                    self.holds(&token, key);
                    let theirs: Value =
                        serde_json::from_slice(header).expect("another reader takes it for JSON");
                    assert_eq!(theirs["alg"], key.algorithm().name());
                    assert!(theirs.get("kid").is_none_or(|kid| kid == key.kid()));
                    for name in ["crit", "b64", "jwk", "jku", "x5u", "x5c"] {
                        assert!(theirs.get(name).is_none(), "{name} was let through");
                    }
                    assert_eq!(theirs.get("typ").and_then(Value::as_str), read.header.typ.as_deref());
                    let named = (read.header.kid.is_some(), read.header.typ.is_some());
                    behaviour.push(format!("verified {named:?}"));
                }
                Err(error) => behaviour.push(format!("{error:?}")),
            }
        }
        behaviour.join(" ")
    }

    /// What verifies under one key and algorithm does under no other, whatever else the caller allows.
    fn holds(&self, token: &str, key: &SigningKey) {
        let (own, others): (Vec<_>, Vec<_>) =
            self.verifying.iter().cloned().partition(|other| other.algorithm() == key.algorithm());
        assert!(verify_compact(token, &own, &[key.algorithm()]).is_ok());
        assert!(verify_compact(token, &others, &Algorithm::ALL).is_err(), "another key took it");
        let allowed: Vec<_> = Algorithm::ALL.into_iter().filter(|other| *other != key.algorithm()).collect();
        let refused = verify_compact(token, &self.verifying, &allowed);
        assert_eq!(refused, Err(JoseError::AlgorithmNotAllowed(key.algorithm())));
    }
}

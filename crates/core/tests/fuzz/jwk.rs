//! Public keys: one purpose, nothing private, and written as they are read.

use serde_json::Value;
use writ_core::client::{ClientJwks, Recipient};
use writ_jose::jwe::{ContentEncryption, Curve, DecryptionKey, EncryptionJwk, EncryptionKey, KeyManagement};
use writ_jose::{Algorithm, PublicJwk, SigningKey, VerifyingKey};

use crate::engine::Target;

pub fn target() -> impl Target {
    let signing =
        Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap().public_jwk().to_json());
    let encrypting = Curve::ALL.map(|curve| {
        DecryptionKey::generate_on(curve, ContentEncryption::A256Gcm).unwrap().public_jwk().to_json()
    });
    let rsa = DecryptionKey::generate_rsa(ContentEncryption::A256Gcm).unwrap().public_jwk().to_json();
    Jwks { seeds: signing.into_iter().chain(encrypting).chain([rsa, "{}".to_owned()]).collect() }
}

struct Jwks {
    seeds: Vec<String>,
}

/// What becomes of the key as the only one of a client's set: nothing private gets into a set, and what is chosen from it
/// is the key, if it can be encrypted to at all.
fn in_a_set(text: &str) -> String {
    let set = match ClientJwks::parse(&format!(r#"{{"keys":[{text}]}}"#)) {
        Ok(set) => set,
        Err(error) => return format!("{error:?}"),
    };
    let theirs: Value = serde_json::from_str(set.as_str()).expect("another reader takes it for JSON");
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert!(theirs["keys"].as_array().unwrap().iter().all(|key| key.get(private).is_none()));
    }
    let chosen = KeyManagement::ALL.map(|management| set.recipient(management));
    for (management, chosen) in KeyManagement::ALL.into_iter().zip(&chosen) {
        if let Ok(jwk) = chosen {
            assert_eq!(jwk.management(), management);
            let recipient =
                Recipient { key: jwk.clone().into(), encryption: ContentEncryption::A128CbcHs256 };
            assert_eq!(Recipient::from_stored(&recipient.to_stored()), Some(recipient.clone()));
            EncryptionKey::from_jwk(jwk, recipient.encryption).expect("what was chosen can be encrypted to");
        }
    }
    format!("{:?}", chosen.map(|chosen| chosen.map(|_| ())))
}

impl Target for Jwks {
    fn name(&self) -> &'static str {
        "jwk"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let bare =
            self.seeds.iter().map(|text| text.replace(r#""use":"sig","#, "").replace(r#""use":"enc","#, ""));
        let silent = self.seeds.iter().map(|text| {
            let mut key: Value = serde_json::from_str(text).unwrap();
            let members = key.as_object_mut().unwrap();
            members.remove("alg");
            members.remove("use");
            key.to_string()
        });
        self.seeds.iter().cloned().chain(bare).chain(silent).map(String::into_bytes).collect()
    }

    fn words(&self) -> &[&str] {
        &[
            r#""use":"sig","#,
            r#""use":"enc","#,
            r#""key_ops":["verify"],"#,
            r#""key_ops":["deriveKey"],"#,
            r#""key_ops":[],"#,
            r#""key_ops":["wrapKey"],"#,
            r#""d":"AA","#,
            r#""k":"AA","#,
            r#""alg":"ES256","#,
            r#""alg":"PS256","#,
            r#""alg":"ECDH-ES","#,
            r#""alg":"RSA-OAEP-256","#,
            r#""alg":"none","#,
            r#""kid":"x","#,
            r#""kty":"EC""#,
            r#""kty":"OKP""#,
            r#""kty":"RSA""#,
            r#""crv":"P-384""#,
            r#""crv":"X25519""#,
            "\"",
            "AQAB",
            "\\u0061",
            "{",
            "}",
            ",",
            "null",
            "[",
            "]",
            "=",
            "A",
            "_",
            "-",
        ]
    }

    fn run(&self, input: &[u8]) -> String {
        let Ok(text) = str::from_utf8(input) else { return "not text".to_owned() };
        let (verify, encrypt) = (PublicJwk::from_json(text), EncryptionJwk::from_json(text));
        if verify.is_ok() || encrypt.is_ok() {
            let theirs: Value = serde_json::from_str(text).expect("another reader takes it for JSON");
            for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
                assert!(theirs.get(private).is_none(), "{private} was let through");
            }
            let purpose = theirs.get("use").map(|purpose| purpose.as_str().expect("a text"));
            assert!(verify.is_err() || matches!(purpose, None | Some("sig")));
            assert!(encrypt.is_err() || matches!(purpose, None | Some("enc")));
            if verify.is_ok() && encrypt.is_ok() {
                // Only a key that says neither purpose nor algorithm could serve both.
                assert!(purpose.is_none() && theirs.get("alg").is_none(), "one key, two purposes");
            }
        }
        let verify = match verify {
            Ok(jwk) => {
                let again = PublicJwk::from_json(&jwk.to_json()).expect("what was written is read");
                assert_eq!(again, jwk);
                assert_eq!(again.thumbprint(), jwk.thumbprint());
                let parsed = VerifyingKey::from_jwk(&jwk);
                if let Ok(key) = &parsed {
                    assert_eq!((key.algorithm(), key.kid()), (jwk.algorithm(), jwk.kid()));
                    assert!(key.verify(b"message", &[0; 64]).is_err());
                }
                format!("{:?} {:?}", jwk.algorithm(), parsed.map(|_| ()))
            }
            Err(error) => format!("{error:?}"),
        };
        let encrypt = match encrypt {
            Ok(jwk) => {
                let again = EncryptionJwk::from_json(&jwk.to_json()).expect("what was written is read");
                assert_eq!(again, jwk);
                assert_eq!(again.thumbprint(), jwk.thumbprint());
                let parsed = EncryptionKey::from_jwk(&jwk, ContentEncryption::A256Gcm);
                format!("{:?} {:?}", jwk.management(), parsed.map(|_| ()))
            }
            Err(error) => format!("{error:?}"),
        };
        format!("{verify} {encrypt} {}", in_a_set(text))
    }
}

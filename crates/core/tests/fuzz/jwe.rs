//! Encrypted tokens: only what was sealed opens, and what fails under the key fails in one way.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use writ_jose::jwe::{
    Content, ContentEncryption, Curve, DecryptionKey, EncryptionKey, JweError, decrypt_compact,
};

use crate::engine::Target;

const CONTENT_KEY: [u8; 32] = [7; 32];
const PLAIN: &[u8] = b"sealed";

pub fn target() -> impl Target {
    let rsa = DecryptionKey::generate_rsa(ContentEncryption::A256Gcm).unwrap();
    let curves =
        Curve::ALL.map(|curve| DecryptionKey::generate_on(curve, ContentEncryption::A256Gcm).unwrap());
    let wrapped = wrap(&rsa);
    let other = DecryptionKey::generate_on(Curve::P256, ContentEncryption::A128CbcHs256).unwrap();
    let keys: Vec<DecryptionKey> = [rsa].into_iter().chain(curves).chain([other]).collect();
    let tokens = keys.iter().map(|key| {
        let public = EncryptionKey::from_jwk(key.public_jwk(), key.encryption()).unwrap();
        public.encrypt_compact(Content::Jwt, PLAIN).unwrap()
    });
    Jwe { tokens: tokens.collect(), wrapped, keys }
}

/// The content key under RSA, once: making it anew for every input would show nothing more.
fn wrap(rsa: &DecryptionKey) -> String {
    let private = PrivateDecryptingKey::from_pkcs8(&rsa.to_pkcs8().unwrap()).unwrap();
    let der: PublicKeyX509Der<'_> = private.public_key().as_der().unwrap();
    let key = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(der.as_ref()).unwrap()).unwrap();
    let mut room = vec![0; key.ciphertext_size()];
    key.encrypt(&OAEP_SHA256_MGF1SHA256, &CONTENT_KEY, &mut room, None).unwrap();
    URL_SAFE_NO_PAD.encode(room)
}

struct Jwe {
    keys: Vec<DecryptionKey>,
    tokens: Vec<String>,
    wrapped: String,
}

/// Inputs are tokens or, behind this byte, headers: content is then sealed under them for the RSA key, as a sender
/// could do.
const HEADER: u8 = b'!';

impl Target for Jwe {
    fn name(&self) -> &'static str {
        "jwe"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let kid = self.keys[0].kid();
        let headers = [
            r#"!{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#.to_owned(),
            format!(r#"!{{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{kid}","cty":"JWT"}}"#),
            r#"!{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}"#.to_owned(),
            r#"!{"alg":"ECDH-ES","enc":"A256GCM","apu":"QQ","apv":"Qg","epk":{"kty":"EC","crv":"P-256"}}"#
                .to_owned(),
        ];
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
            "null",
            r#""alg":"RSA-OAEP-256","#,
            r#""alg":"ECDH-ES","#,
            r#""alg":"dir","#,
            r#""alg":"RSA1_5","#,
            r#""enc":"A256GCM","#,
            r#""enc":"A128GCM","#,
            r#""zip":"DEF","#,
            r#""crit":[],"#,
            r#""jwk":{},"#,
            r#""x5c":[],"#,
            r#""epk":{},"#,
            r#""apu":"QQ","#,
            r#""apv":"=","#,
            r#""kid":"x","#,
            r#""cty":"JWT","#,
            "!",
            "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9.",
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

impl Jwe {
    fn run_token(&self, token: &str) -> String {
        match decrypt_compact(token, &self.keys) {
            Ok(read) => {
                assert!(self.tokens.iter().any(|own| own == token), "something else opened");
                assert_eq!(*read.plain, PLAIN);
                format!("opened {:?}", read.header.management)
            }
            Err(error) => format!("{error:?}"),
        }
    }

    fn run_header(&self, header: &[u8]) -> String {
        let head = URL_SAFE_NO_PAD.encode(header);
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &CONTENT_KEY).unwrap());
        let mut sealed = PLAIN.to_vec();
        let nonce = Nonce::assume_unique_for_key([1; 12]);
        let tag = cipher.seal_in_place_separate_tag(nonce, Aad::from(head.as_bytes()), &mut sealed).unwrap();
        let token = format!(
            "{head}.{}.{}.{}.{}",
            self.wrapped,
            URL_SAFE_NO_PAD.encode([1; 12]),
            URL_SAFE_NO_PAD.encode(&sealed),
            URL_SAFE_NO_PAD.encode(tag.as_ref())
        );
        let read = match decrypt_compact(&token, &self.keys) {
            Ok(read) => read,
            Err(error) => return format!("{error:?}"),
        };
        assert_eq!(*read.plain, PLAIN);
        let theirs: Value = serde_json::from_slice(header).expect("another reader takes it for JSON");
        assert_eq!((&theirs["alg"], &theirs["enc"]), (&"RSA-OAEP-256".into(), &"A256GCM".into()));
        assert!(theirs.get("kid").is_none_or(|kid| kid == self.keys[0].kid()));
        for name in ["crit", "zip", "jwk", "jku", "x5u", "x5c"] {
            assert!(theirs.get(name).is_none(), "{name} was let through");
        }
        // A segment that is cut has one answer, whichever it is.
        let cut = &token[..token.len() - 1];
        assert_eq!(decrypt_compact(cut, &self.keys), Err(JweError::Decryption));
        format!("opened {} {}", read.header.kid.is_some(), read.header.content_type.is_some())
    }
}

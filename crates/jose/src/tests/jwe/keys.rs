//! Keys to encrypt to: what is read, what is refused, what is written.

use super::given::BENCHES;
use crate::base64url::encode;
use crate::jwe::{ContentEncryption, DecryptionKey, EncryptionJwk, EncryptionKey, JweError, KeyManagement};
use crate::{JsonError, JwkError, KeyType};

/// RFC 7517 appendix A.1, the first key.
const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}"#;

fn with(more: &str) -> String {
    EC.replace(r#""use":"enc""#, more)
}

fn rsa(bytes: usize, more: &str) -> String {
    let mut n = vec![0xff; bytes];
    n[0] = 0x80;
    format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"{more}}}"#, encode(&n))
}

#[test]
fn purposes_that_are_enough() {
    for more in [
        r#""use":"enc""#,
        r#""x5t":"unknown members are passed over""#,
        r#""key_ops":["deriveKey"]"#,
        r#""key_ops":["deriveBits","other"]"#,
        r#""key_ops":[]"#,
        r#""use":"enc","alg":"ECDH-ES""#,
    ] {
        let key = EncryptionJwk::from_json(&with(more)).unwrap();
        assert_eq!((key.management(), key.kid()), (KeyManagement::EcdhEs, "1"));
        EncryptionKey::from_jwk(&key, ContentEncryption::A256Gcm).unwrap();
    }
    for more in ["", r#","use":"enc""#, r#","key_ops":["wrapKey"]"#, r#","key_ops":["encrypt"]"#] {
        let key = EncryptionJwk::from_json(&rsa(256, &format!(r#"{more},"alg":"RSA-OAEP-256""#))).unwrap();
        assert_eq!(key.management(), KeyManagement::RsaOaep256);
        assert_eq!(key.kid(), key.thumbprint(), "without a kid the thumbprint serves");
    }
}

#[test]
fn refused_keys() {
    let mismatch = |management, key_type| JwkError::ManagementMismatch { management, key_type };
    let (oaep, ecdh) = (KeyManagement::RsaOaep256, KeyManagement::EcdhEs);
    let cases = [
        (with(r#""use":"sig""#), JwkError::NotForEncryption),
        (with(r#""use":"ENC""#), JwkError::NotForEncryption),
        (with(r#""use":["enc"]"#), JwkError::Member("use")),
        (with(r#""key_ops":["verify"]"#), JwkError::NotForEncryption),
        (with(r#""key_ops":["wrapKey"]"#), JwkError::NotForEncryption),
        (with(r#""key_ops":"deriveKey""#), JwkError::Member("key_ops")),
        (with(r#""use":"sig","key_ops":["deriveKey"]"#), JwkError::NotForEncryption),
        (with(r#""d":"AA""#), JwkError::Private("d")),
        (with(r#""alg":"ECDH-ES+A256KW""#), JwkError::AlgorithmUnsupported),
        (with(r#""alg":"ES256""#), JwkError::AlgorithmUnsupported),
        (with(r#""alg":"dir""#), JwkError::AlgorithmUnsupported),
        (with(r#""alg":"RSA-OAEP-256""#), mismatch(oaep, KeyType::Ec)),
        (with(r#""kid":"2""#), JwkError::Json(JsonError::DuplicateMember { name: "kid".to_owned() })),
        (EC.replace("P-256", "P-384"), JwkError::Encoding("x")),
        (EC.replace("P-256", "P-192"), JwkError::Curve),
        (EC.replace("P-256", "X25519"), JwkError::Curve),
        (EC.replace(r#""EC""#, r#""OKP""#), JwkError::Curve),
        (EC.replace(r#""EC""#, r#""oct""#), JwkError::KeyType),
        (EC.replace("IFyM", "IFyN"), JwkError::Encoding("y")),
        (EC.replace("IFyM", "IFyM="), JwkError::Encoding("y")),
        (rsa(256, r#","alg":"RSA1_5""#), JwkError::AlgorithmUnsupported),
        (rsa(256, r#","alg":"RSA-OAEP""#), JwkError::AlgorithmUnsupported),
        (rsa(256, r#","alg":"RS256""#), JwkError::AlgorithmUnsupported),
        (rsa(256, r#","alg":"ECDH-ES""#), mismatch(ecdh, KeyType::Rsa)),
        (rsa(256, r#","use":"sig""#), JwkError::NotForEncryption),
        (rsa(256, r#","key_ops":[]"#), JwkError::NotForEncryption),
        (rsa(256, r#","p":"AA""#), JwkError::Private("p")),
        (rsa(255, ""), JwkError::RsaSize { bits: 2040 }),
        (rsa(1025, ""), JwkError::RsaSize { bits: 8200 }),
        (rsa(256, "").replace("AQAB", "Aw"), JwkError::RsaNumbers),
        ("[]".to_owned(), JwkError::NotAnObject),
        (" ".repeat(16_385), JwkError::Oversize { bytes: 16_385 }),
    ];
    for (text, expected) in cases {
        assert_eq!(EncryptionJwk::from_json(&text), Err(expected), "{text}");
    }
}

/// RFC 7518 §6.2.1.2: coordinates off the curve, though of the right width.
#[test]
fn a_point_off_the_curve_is_refused() {
    let zeros = |bytes: usize| encode(&vec![0; bytes]);
    let origin = |curve: &str, bytes: usize| {
        format!(r#"{{"kty":"EC","crv":"{curve}","x":"{0}","y":"{0}"}}"#, zeros(bytes))
    };
    for text in [EC.replace("MKBC", "MKBD"), origin("P-256", 32), origin("P-384", 48), origin("P-521", 66)] {
        let jwk = EncryptionJwk::from_json(&text).unwrap();
        let refused = EncryptionKey::from_jwk(&jwk, ContentEncryption::A256Gcm).unwrap_err();
        assert_eq!(refused, JwkError::Point, "{text}");
    }
}

#[test]
fn a_private_key_survives_storage_and_is_read_for_nothing_else() {
    for bench in BENCHES.iter() {
        let (key, written) = (&bench.private, bench.private.to_pkcs8().unwrap());
        let read = DecryptionKey::from_pkcs8(key.management(), key.encryption(), &written).unwrap();
        assert_eq!(read.public_jwk(), key.public_jwk());
        assert_eq!(read.kid(), read.public_jwk().thumbprint());
        let other = match key.management() {
            KeyManagement::RsaOaep256 => KeyManagement::EcdhEs,
            KeyManagement::EcdhEs => KeyManagement::RsaOaep256,
        };
        for (management, der) in
            [(other, &written[..]), (key.management(), &written[..written.len() - 1]), (other, b"")]
        {
            let refused = DecryptionKey::from_pkcs8(management, key.encryption(), der).unwrap_err();
            assert_eq!(refused, JweError::PrivateKey(management));
        }
    }
}

#[test]
fn nothing_private_is_printed() {
    let key = &BENCHES[4].private;
    let expected = format!(
        "DecryptionKey {{ management: EcdhEs, encryption: A256Gcm, kid: {:?}, private: [redacted], .. }}",
        key.kid()
    );
    assert_eq!(format!("{key:?}"), expected);
}

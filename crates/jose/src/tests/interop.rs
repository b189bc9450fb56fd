//! Both ways with another implementation (the jsonwebtoken crate).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken as other;

use crate::{Algorithm, JwtType, PublicJwk, SigningKey, VerifyingKey, jwks_json, verify_compact};

fn theirs(algorithm: Algorithm) -> other::Algorithm {
    match algorithm {
        Algorithm::Es256 => other::Algorithm::ES256,
        Algorithm::Rs256 => other::Algorithm::RS256,
        Algorithm::Ps256 => other::Algorithm::PS256,
        Algorithm::EdDsa => other::Algorithm::EdDSA,
    }
}

fn encoding_key(key: &SigningKey) -> other::EncodingKey {
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(key.to_pkcs8().unwrap())
    );
    match key.algorithm() {
        Algorithm::Es256 => other::EncodingKey::from_ec_pem(pem.as_bytes()),
        Algorithm::Rs256 | Algorithm::Ps256 => other::EncodingKey::from_rsa_pem(pem.as_bytes()),
        Algorithm::EdDsa => other::EncodingKey::from_ed_pem(pem.as_bytes()),
    }
    .unwrap()
}

#[test]
fn our_tokens_verify_there_with_our_published_keys() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let set: other::jwk::JwkSet = serde_json::from_str(&jwks_json([key.public_jwk()])).unwrap();
        let published = set.find(key.kid()).unwrap();
        assert_eq!(published.common.public_key_use, Some(other::jwk::PublicKeyUse::Signature));
        assert_eq!(published.thumbprint(other::jwk::ThumbprintHash::SHA256).unwrap(), key.kid());

        let token =
            key.sign_compact(JwtType::AccessToken, br#"{"sub":"ab\u2028c","exp":4102444800}"#).unwrap();
        let mut rules = other::Validation::new(theirs(algorithm));
        rules.validate_aud = false;
        let read = other::decode::<serde_json::Value>(
            &token,
            &other::DecodingKey::from_jwk(published).unwrap(),
            &rules,
        )
        .unwrap();
        assert_eq!(read.claims, serde_json::json!({ "sub": "ab\u{2028}c", "exp": 4_102_444_800_i64 }));
        assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(read.header.kid.as_deref(), Some(key.kid()));
    }
}

#[test]
fn their_tokens_verify_here() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let published = PublicJwk::from_json(&key.public_jwk().to_json()).unwrap();
        let verifying = [VerifyingKey::from_jwk(&published).unwrap()];
        let mut header = other::Header::new(theirs(algorithm));
        header.kid = Some(key.kid().to_owned());
        let claims = serde_json::json!({ "sub": "x", "exp": 4_102_444_800_i64 });
        let token = other::encode(&header, &claims, &encoding_key(&key)).unwrap();
        let verified = verify_compact(&token, &verifying, &Algorithm::ALL).unwrap();
        assert_eq!(verified.header.algorithm, algorithm);
        let read = verified.claims().unwrap();
        assert_eq!(read.get("sub").unwrap().as_str(), Some("x"));
        assert_eq!(read.get("exp").unwrap().as_i64(), Some(4_102_444_800));
    }
}

//! Tokens that bring the key which verifies them (`jwk`, RFC 7515 §4.1.3). Such a signature proves that whoever made it
//! holds that key, and nothing else: who they are follows from what the key is known for. DPoP proofs are of this kind
//! (RFC 9449 §4.2).

use std::fmt;

use super::algorithm::Algorithm;
use super::base64url;
use super::error::{JoseError, Segment, clipped};
use super::json::Json;
use super::jwk::PublicJwk;
use super::jws::{CompactJws, VerifyingKey, header, object, parameter};

/// A token with its own key, read and not yet verified.
pub struct KeyBearing<'t> {
    compact: CompactJws<'t>,
    signature: Vec<u8>,
    key: PublicJwk,
    typ: Option<String>,
    claims: Json,
}

impl fmt::Debug for KeyBearing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBearing").field("key", &self.key).field("typ", &self.typ).finish_non_exhaustive()
    }
}

impl<'t> KeyBearing<'t> {
    /// Reads a token with `jwk` in its header. Refused is what [`super::verify_compact`] refuses of a token's form, every
    /// other parameter that brings or points to a key, and a key that is private, symmetric, weak, or not for `alg`.
    ///
    /// # Errors
    /// [`JoseError`].
    pub fn read(token: &'t str) -> Result<Self, JoseError> {
        let compact = CompactJws::split(token)?;
        let json = header(compact.header, Some("jwk"))?;
        let name = parameter(&json, "alg")?.ok_or(JoseError::HeaderParameter("alg"))?;
        let algorithm = Algorithm::parse(name)
            .ok_or_else(|| JoseError::AlgorithmUnsupported { name: clipped(name, 32) })?;
        let jwk = json.get("jwk").ok_or(JoseError::KeyMissing)?;
        let key = PublicJwk::from_members_for(algorithm, jwk)?;
        let typ = parameter(&json, "typ")?.map(str::to_owned);
        let signature =
            base64url::decode(compact.signature).ok_or(JoseError::Encoding(Segment::Signature))?;
        let payload = base64url::decode(compact.payload).ok_or(JoseError::Encoding(Segment::Payload))?;
        let claims = object(&payload, Segment::Payload)?;
        Ok(Self { compact, signature, key, typ, claims })
    }

    /// Whether the key that it brings has signed it.
    ///
    /// # Errors
    /// [`JoseError::Signature`]; [`JoseError::Jwk`] for octets that are no point on their curve.
    pub fn verify(&self) -> Result<(), JoseError> {
        let key = VerifyingKey::from_jwk(&self.key)?;
        key.verify(self.compact.signing_input.as_bytes(), &self.signature)
    }

    /// The key that it brings.
    pub fn key(&self) -> &PublicJwk {
        &self.key
    }

    /// `typ`
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The claims.
    pub fn claims(&self) -> &Json {
        &self.claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JwkError, SigningKey};

    fn token(key: &SigningKey, head: &str, claims: &str) -> String {
        let input =
            format!("{}.{}", base64url::encode(head.as_bytes()), base64url::encode(claims.as_bytes()));
        let signature = key.sign(input.as_bytes()).unwrap();
        format!("{input}.{}", base64url::encode(signature.as_ref()))
    }

    fn head(key: &SigningKey, more: &str) -> String {
        let (alg, jwk) = (key.algorithm(), key.public_jwk().to_json());
        format!(r#"{{"typ":"dpop+jwt","alg":"{alg}","jwk":{jwk}{more}}}"#)
    }

    #[test]
    fn a_token_is_verified_with_the_key_that_it_brings() {
        for algorithm in Algorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let text = token(&key, &head(&key, ""), r#"{"jti":"1"}"#);
            let read = KeyBearing::read(&text).unwrap();
            assert_eq!(read.verify(), Ok(()), "{algorithm}");
            assert_eq!(read.key().thumbprint(), key.public_jwk().thumbprint());
            assert_eq!(
                (read.typ(), read.claims().get("jti").and_then(Json::as_str)),
                (Some("dpop+jwt"), Some("1"))
            );

            let other = SigningKey::generate(algorithm).unwrap();
            let foreign = token(&other, &head(&key, ""), "{}");
            assert_eq!(KeyBearing::read(&foreign).unwrap().verify(), Err(JoseError::Signature));
        }
    }

    /// RFC 9449 §4.3, items 5 and 7; RFC 8725 §3.1, §3.10.
    #[test]
    fn what_brings_no_good_key_is_refused() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let refused = |head: &str| KeyBearing::read(&token(&key, head, "{}")).unwrap_err();
        let jwk = key.public_jwk().to_json();
        let with = |jwk: &str| format!(r#"{{"alg":"ES256","jwk":{jwk}}}"#);
        let private = jwk.replace("{\"kty", "{\"d\":\"AA\",\"kty");
        let symmetric = r#"{"kty":"oct","k":"AAAA"}"#;
        assert_eq!(refused(r#"{"alg":"ES256"}"#), JoseError::KeyMissing);
        assert_eq!(refused(&with(&private)), JoseError::Jwk(JwkError::Private("d")));
        assert_eq!(refused(&with(symmetric)), JoseError::Jwk(JwkError::KeyType));
        assert_eq!(refused(&with("1")), JoseError::Jwk(JwkError::NotAnObject));
        for (name, value) in [("jku", "\"https://evil.example\""), ("x5u", "\"u\""), ("x5c", "[]")] {
            let more = head(&key, &format!(",\"{name}\":{value}"));
            assert!(matches!(refused(&more), JoseError::EmbeddedKey(found) if found == name), "{name}");
        }
        assert_eq!(refused(&head(&key, r#","crit":["x"]"#)), JoseError::Critical);
        for alg in ["none", "HS256", "ES512", ""] {
            let text = head(&key, "").replacen("ES256", alg, 1);
            assert!(matches!(refused(&text), JoseError::AlgorithmUnsupported { .. }), "{alg}");
        }
        let other = head(&key, "").replacen("ES256", "RS256", 1);
        assert!(matches!(refused(&other), JoseError::Jwk(JwkError::AlgorithmMismatch { .. })));
    }
}

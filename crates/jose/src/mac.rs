//! HS256 (RFC 7518 §3.2), for the one purpose that OpenID Connect has for it: a client that proves itself with its secret
//! (`client_secret_jwt`). Apart from all other verification, and with keys of a type of their own, so that no public key
//! is ever taken for a secret (RFC 8725 §3.1, §2.1).

use std::fmt;

use aws_lc_rs::hmac;

use super::base64url;
use super::error::{JoseError, Segment};
use super::jws::{CompactJws, read_unverified};

/// The registered name.
pub const HS256: &str = "HS256";

/// Octets of a secret at the least: as many as the hash has (RFC 7518 §3.2).
const SHORTEST: usize = 32;

/// A secret that verifies; the library wipes what it keeps of it.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey([redacted])")
    }
}

impl MacKey {
    /// From the octets of a secret. None: there are too few of them.
    pub fn new(secret: &[u8]) -> Option<Self> {
        (secret.len() >= SHORTEST).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// Verifies a token whose `alg` is HS256, in constant time.
    ///
    /// # Errors
    /// As [`super::verify_compact`]: any other algorithm, and what that refuses of a token's form.
    pub fn verify_compact(&self, token: &str) -> Result<(), JoseError> {
        let said = read_unverified(token)?;
        if said.alg != HS256 {
            return Err(JoseError::AlgorithmUnsupported { name: super::error::clipped(&said.alg, 32) });
        }
        let compact = CompactJws::split(token)?;
        let signature =
            base64url::decode(compact.signature).ok_or(JoseError::Encoding(Segment::Signature))?;
        hmac::verify(&self.0, compact.signing_input.as_bytes(), &signature).map_err(|_| JoseError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Algorithm, JwtType, SigningKey, verify_compact};

    /// RFC 7515 appendix A.1: key and token.
    const KEY: &str =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    const TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn key() -> MacKey {
        MacKey::new(&base64url::decode(KEY).unwrap()).unwrap()
    }

    /// RFC 7515 appendix A.1
    #[test]
    fn the_example_verifies_and_nothing_near_it() {
        assert_eq!(key().verify_compact(TOKEN), Ok(()));
        let said = read_unverified(TOKEN).unwrap();
        assert_eq!((&*said.alg, said.typ.as_deref(), said.kid), (HS256, Some("JWT"), None));
        assert_eq!(said.claims.get("iss").unwrap().as_str(), Some("joe"));
        let other = MacKey::new(&[7; 32]).unwrap();
        assert_eq!(other.verify_compact(TOKEN), Err(JoseError::Signature));
        let (signed, signature) = TOKEN.rsplit_once('.').unwrap();
        for changed in
            [format!("{signed}."), format!("{signed}.{}", &signature[..42]), format!("{signed}x.{signature}")]
        {
            assert!(key().verify_compact(&changed).is_err(), "{changed}");
        }
    }

    /// RFC 7518 §3.2
    #[test]
    fn a_short_secret_is_no_key() {
        assert!(MacKey::new(&[1; 31]).is_none());
        assert!(MacKey::new(&[1; 32]).is_some());
    }

    /// RFC 8725 §2.1: the well-known confusion, both ways round.
    #[test]
    fn no_algorithm_is_taken_for_another() {
        for algorithm in Algorithm::ALL {
            let signing = SigningKey::generate(algorithm).unwrap();
            let token = signing.sign_compact(JwtType::IdToken, b"{}").unwrap();
            let refused = JoseError::AlgorithmUnsupported { name: algorithm.name().to_owned() };
            assert_eq!(key().verify_compact(&token), Err(refused));
            let verifying = [signing.verifying_key().unwrap()];
            let refused = JoseError::AlgorithmUnsupported { name: HS256.to_owned() };
            assert_eq!(verify_compact(TOKEN, &verifying, &Algorithm::ALL), Err(refused));
        }
        let none = format!("{}.e30.", base64url::encode(br#"{"alg":"none"}"#));
        assert!(key().verify_compact(&none).is_err());
    }

    #[test]
    fn nothing_of_a_secret_is_printed() {
        assert_eq!(format!("{:?}", key()), "MacKey([redacted])");
    }
}

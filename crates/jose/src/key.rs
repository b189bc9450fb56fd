//! Private keys, parsed once and kept ready to sign.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use zeroize::Zeroizing;

use super::algorithm::{Algorithm, JwtType};
use super::base64url;
use super::claims::JsonObject;
use super::error::JoseError;
use super::jwk::{Numbers, PublicJwk};
use super::jws::VerifyingKey;

/// A private key for exactly one algorithm, with its public half and the headers of its tokens made beforehand.
///
/// Shared between threads behind an `Arc`. The library that signs draws its own randomness (ECDSA, PSS).
pub struct SigningKey {
    pair: Pair,
    public: PublicJwk,
    headers: Headers,
}

enum Pair {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
    Ps256(RsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

/// Protected headers in base64url, each with the full stop that follows it.
struct Headers {
    access_token: String,
    id_token: String,
    logout_token: String,
    userinfo: String,
    introspection: String,
}

impl Headers {
    fn new(public: &PublicJwk) -> Self {
        let header = |typ: JwtType| {
            let mut object = JsonObject::with_capacity(128);
            object
                .string("alg", public.algorithm().name())
                .string("typ", typ.typ())
                .string("kid", public.kid());
            let mut text = base64url::encode(object.finish().as_bytes());
            text.push('.');
            text
        };
        Self {
            access_token: header(JwtType::AccessToken),
            id_token: header(JwtType::IdToken),
            logout_token: header(JwtType::LogoutToken),
            userinfo: header(JwtType::UserInfo),
            introspection: header(JwtType::Introspection),
        }
    }

    fn of(&self, typ: JwtType) -> &str {
        match typ {
            JwtType::AccessToken => &self.access_token,
            JwtType::IdToken => &self.id_token,
            JwtType::LogoutToken => &self.logout_token,
            JwtType::UserInfo => &self.userinfo,
            JwtType::Introspection => &self.introspection,
        }
    }
}

impl SigningKey {
    /// A new key: microseconds for ES256 and `EdDSA`, about a tenth of a second for RSA (2048 bits).
    pub fn generate(algorithm: Algorithm) -> Result<Self, JoseError> {
        let pair = match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::Es256),
            Algorithm::Rs256 => RsaKeyPair::generate(KeySize::Rsa2048).map(Pair::Rs256),
            Algorithm::Ps256 => RsaKeyPair::generate(KeySize::Rsa2048).map(Pair::Ps256),
            Algorithm::EdDsa => Ed25519KeyPair::generate().map(Pair::EdDsa),
        };
        Self::new(pair.map_err(|_| JoseError::Generation { algorithm })?)
    }

    /// Reads an unencrypted PKCS#8 private key (RFC 5208, RFC 5958) for the algorithm; RSA of 2048 to 8192 bits.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, JoseError> {
        let pair = match algorithm {
            Algorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(Pair::Es256)
            }
            Algorithm::Rs256 => RsaKeyPair::from_pkcs8(der).map(Pair::Rs256),
            Algorithm::Ps256 => RsaKeyPair::from_pkcs8(der).map(Pair::Ps256),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(der).map(Pair::EdDsa),
        };
        Self::new(pair.map_err(|_| JoseError::PrivateKey { algorithm })?)
    }

    fn new(pair: Pair) -> Result<Self, JoseError> {
        let algorithm = pair.algorithm();
        let numbers = pair.numbers().ok_or(JoseError::PrivateKey { algorithm })?;
        let public = PublicJwk::new(algorithm, numbers)?;
        let headers = Headers::new(&public);
        Ok(Self { pair, public, headers })
    }

    /// The key in unencrypted PKCS#8 form, wiped when dropped; only to be sealed (see [`super::MasterKey`]).
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        let bytes = |document: &[u8]| Zeroizing::new(document.to_vec());
        let written = match &self.pair {
            Pair::Es256(pair) => pair.to_pkcs8v1().map(|document| bytes(document.as_ref())),
            Pair::Rs256(pair) | Pair::Ps256(pair) => {
                AsDer::<Pkcs8V1Der<'_>>::as_der(pair).map(|document| bytes(document.as_ref()))
            }
            Pair::EdDsa(pair) => pair.to_pkcs8v1().map(|document| bytes(document.as_ref())),
        };
        written.map_err(|_| JoseError::Export { algorithm: self.algorithm() })
    }

    /// The one algorithm that the key is for.
    pub fn algorithm(&self) -> Algorithm {
        self.pair.algorithm()
    }

    /// The key id: the RFC 7638 SHA-256 thumbprint in base64url, 43 characters.
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// The public half.
    pub fn public_jwk(&self) -> &PublicJwk {
        &self.public
    }

    /// The public half, ready to verify.
    pub fn verifying_key(&self) -> Result<VerifyingKey, JoseError> {
        Ok(VerifyingKey::from_jwk(&self.public)?)
    }

    /// Signs the message; the signature has the form that JWS wants (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1).
    pub fn sign(&self, message: &[u8]) -> Result<Signature, JoseError> {
        // Taken for the interface's sake: the library ignores it and draws from its own generator.
        let random = SystemRandom::new();
        let failed = JoseError::Signing { algorithm: self.algorithm() };
        let signature = match &self.pair {
            Pair::Es256(pair) => {
                let signature = pair.sign(&random, message).map_err(|_| failed.clone())?;
                KeyForm::Short(signature.as_ref().try_into().map_err(|_| failed)?)
            }
            Pair::EdDsa(pair) => {
                let signature = pair.try_sign(message).map_err(|_| failed.clone())?;
                KeyForm::Short(signature.as_ref().try_into().map_err(|_| failed)?)
            }
            Pair::Rs256(pair) => {
                let mut bytes = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut bytes).map_err(|_| failed)?;
                KeyForm::Rsa(bytes)
            }
            Pair::Ps256(pair) => {
                let mut bytes = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &random, message, &mut bytes).map_err(|_| failed)?;
                KeyForm::Rsa(bytes)
            }
        };
        Ok(Signature(signature))
    }

    /// A token in compact form (RFC 7515 §3.1) with the header `{"alg":…,"typ":…,"kid":…}`, built in one buffer of
    /// its final size.
    pub fn sign_compact(&self, typ: JwtType, payload_json: &[u8]) -> Result<String, JoseError> {
        let header = self.headers.of(typ);
        let signature_text = base64url::encoded_len(self.pair.signature_len());
        let size = header.len() + base64url::encoded_len(payload_json.len()) + 1 + signature_text;
        let mut token = String::with_capacity(size);
        token.push_str(header);
        base64url::encode_onto(payload_json, &mut token);
        let signature = self.sign(token.as_bytes())?;
        token.push('.');
        base64url::encode_onto(signature.as_ref(), &mut token);
        Ok(token)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .field("kid", &self.kid())
            .field("private", &format_args!("[redacted]"))
            .finish_non_exhaustive()
    }
}

impl Pair {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::Es256,
            Self::Rs256(_) => Algorithm::Rs256,
            Self::Ps256(_) => Algorithm::Ps256,
            Self::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    fn signature_len(&self) -> usize {
        match self {
            Self::Es256(_) | Self::EdDsa(_) => 64,
            Self::Rs256(pair) | Self::Ps256(pair) => pair.public_modulus_len(),
        }
    }

    /// The public numbers, read from the forms in which the library gives them.
    fn numbers(&self) -> Option<Numbers> {
        match self {
            Self::Es256(pair) => {
                // SEC 1 §2.3.3: an uncompressed point is 0x04, x, y.
                let (form, point) = pair.public_key().as_ref().split_first()?;
                let (x, y) = point.split_at_checked(32)?;
                if *form != 4 {
                    return None;
                }
                Some(Numbers::P256 { x: x.try_into().ok()?, y: y.try_into().ok()? })
            }
            Self::Rs256(pair) | Self::Ps256(pair) => {
                rsa_numbers(pair.public_key().as_ref()).map(|(n, e)| Numbers::Rsa { n, e })
            }
            Self::EdDsa(pair) => Some(Numbers::Ed25519 { x: pair.public_key().as_ref().try_into().ok()? }),
        }
    }
}

/// RFC 8017 appendix A.1.1: `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }`, in DER.
/// Gives modulus and exponent without leading zeros.
pub(super) fn rsa_numbers(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (sequence, rest) = der_value(der, 0x30)?;
    let (n, more) = der_value(sequence, 0x02)?;
    let (e, end) = der_value(more, 0x02)?;
    if !rest.is_empty() || !end.is_empty() {
        return None;
    }
    // A DER integer has a zero octet in front where its first bit would else make it negative.
    let unsigned = |integer: &[u8]| integer.strip_prefix(&[0]).unwrap_or(integer).to_vec();
    Some((unsigned(n), unsigned(e)))
}

/// The contents of the DER value in front, and what follows it. ITU-T X.690 §8.1.3; lengths up to 65,535.
pub(super) fn der_value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match der {
        [first, length @ 0..=0x7f, rest @ ..] if *first == tag => (usize::from(*length), rest),
        [first, 0x81, length, rest @ ..] if *first == tag => (usize::from(*length), rest),
        [first, 0x82, high, low, rest @ ..] if *first == tag => {
            (usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// A signature in the form that JWS wants: 64 octets (ES256 `r ‖ s`, Ed25519) or as many as the RSA modulus has.
pub struct Signature(KeyForm);

enum KeyForm {
    Short([u8; 64]),
    Rsa(Vec<u8>),
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            KeyForm::Short(bytes) => bytes,
            KeyForm::Rsa(bytes) => bytes,
        }
    }
}

/// Redacted: a signature makes a token out of claims that a log may well show.
impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JwkError, verify_compact};

    #[test]
    fn each_algorithm_signs_what_it_verifies_and_survives_storage() {
        for algorithm in Algorithm::ALL {
            let made = SigningKey::generate(algorithm).unwrap();
            let read = SigningKey::from_pkcs8(algorithm, &made.to_pkcs8().unwrap()).unwrap();
            assert_eq!(read.public_jwk(), made.public_jwk());
            assert_eq!(read.algorithm(), algorithm);
            for payload in [&b""[..], b"{}", br#"{"sub":"x"}"#, &[0xff; 1000]] {
                let token = read.sign_compact(JwtType::AccessToken, payload).unwrap();
                let verified =
                    verify_compact(&token, &[made.verifying_key().unwrap()], &[algorithm]).unwrap();
                assert_eq!(verified.payload, payload);
                assert_eq!(verified.kid, made.kid());
            }
        }
    }

    #[test]
    fn a_token_is_built_in_one_buffer_of_its_size() {
        for algorithm in Algorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let token = key.sign_compact(JwtType::IdToken, &[b'x'; 321]).unwrap();
            assert_eq!(token.capacity(), token.len());
        }
    }

    #[test]
    fn headers_say_algorithm_type_and_key() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        for typ in [
            JwtType::AccessToken,
            JwtType::IdToken,
            JwtType::LogoutToken,
            JwtType::UserInfo,
            JwtType::Introspection,
        ] {
            let token = key.sign_compact(typ, b"{}").unwrap();
            let header = base64url::decode(token.split('.').next().unwrap()).unwrap();
            let expected = format!(r#"{{"alg":"ES256","typ":"{}","kid":"{}"}}"#, typ.typ(), key.kid());
            assert_eq!(String::from_utf8(header).unwrap(), expected);
        }
    }

    #[test]
    fn a_key_is_not_read_for_another_algorithm() {
        let ec = SigningKey::generate(Algorithm::Es256).unwrap().to_pkcs8().unwrap();
        let ed = SigningKey::generate(Algorithm::EdDsa).unwrap().to_pkcs8().unwrap();
        for (algorithm, der) in [
            (Algorithm::Rs256, &ec[..]),
            (Algorithm::EdDsa, &ec),
            (Algorithm::Es256, &ed),
            (Algorithm::Ps256, &ed),
            (Algorithm::Es256, b""),
            (Algorithm::Es256, &ec[..ec.len() - 1]),
        ] {
            assert_eq!(
                SigningKey::from_pkcs8(algorithm, der).unwrap_err(),
                JoseError::PrivateKey { algorithm },
                "{algorithm}"
            );
        }
    }

    #[test]
    fn nothing_private_is_printed() {
        let key = SigningKey::generate(Algorithm::EdDsa).unwrap();
        let printed = format!("{key:?} {:?}", key.sign(b"x").unwrap());
        assert!(printed.contains("[redacted]"), "{printed}");
        assert_eq!(
            printed,
            format!(
                "SigningKey {{ algorithm: EdDsa, kid: {:?}, private: [redacted], .. }} Signature([redacted])",
                key.kid()
            )
        );
    }

    #[test]
    fn malformed_rsa_public_keys_give_no_numbers() {
        let good = [0x30, 0x08, 0x02, 0x02, 0x00, 0xff, 0x02, 0x02, 0x01, 0x01];
        assert_eq!(rsa_numbers(&good), Some((vec![0xff], vec![1, 1])));
        for length in 0..good.len() {
            assert_eq!(rsa_numbers(&good[..length]), None);
        }
        let (n, e) = rsa_numbers(&good).unwrap();
        assert_eq!(
            PublicJwk::new(Algorithm::Rs256, Numbers::Rsa { n, e }),
            Err(JwkError::RsaSize { bits: 8 })
        );
    }
}

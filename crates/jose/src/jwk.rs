//! Public keys as JWK (RFC 7517), with the members of RFC 7518 §6 and RFC 8037 §2, and their thumbprints.

use aws_lc_rs::digest;

use super::algorithm::{Algorithm, KeyType};
use super::base64url;
use super::claims::JsonObject;
use super::error::JwkError;
use super::json::Json;
use super::roca::is_roca;

/// Longest JWK that is read, in bytes.
const MAX_JWK_BYTES: usize = 16 * 1024;

/// Members that only a private or symmetric key has. RFC 7518 §6.2.2, §6.3.2, §6.4; the last is that
/// of the key type `AKP`.
pub const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// A public key for exactly one algorithm, known by its key id. Its numbers have been checked for size and form;
/// that the octets are a point on the curve is found out by [`super::VerifyingKey::from_jwk`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicJwk {
    algorithm: Algorithm,
    kid: String,
    numbers: Numbers,
}

/// The numbers of a public key, big-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Numbers {
    /// A point on P-256. RFC 7518 §6.2.1.
    P256 { x: [u8; 32], y: [u8; 32] },
    /// Modulus and exponent, without leading zeros. RFC 7518 §6.3.1.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// An encoded Ed25519 public key. RFC 8037 §2.
    Ed25519 { x: [u8; 32] },
}

impl Numbers {
    fn key_type(&self) -> KeyType {
        match self {
            Self::P256 { .. } => KeyType::Ec,
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Ed25519 { .. } => KeyType::Okp,
        }
    }

    fn check(&self) -> Result<(), JwkError> {
        match self {
            Self::P256 { .. } | Self::Ed25519 { .. } => Ok(()),
            Self::Rsa { n, e } => check_rsa(n, e),
        }
    }

    /// RFC 7638 §3: the required members alone, in the order of their names, without whitespace.
    fn thumbprint(&self) -> String {
        let mut canonical = JsonObject::with_capacity(512);
        match self {
            Self::P256 { x, y } => canonical
                .string("crv", "P-256")
                .string("kty", "EC")
                .string("x", &base64url::encode(x))
                .string("y", &base64url::encode(y)),
            Self::Rsa { n, e } => canonical
                .string("e", &base64url::encode(e))
                .string("kty", "RSA")
                .string("n", &base64url::encode(n)),
            Self::Ed25519 { x } => {
                canonical.string("crv", "Ed25519").string("kty", "OKP").string("x", &base64url::encode(x))
            }
        };
        base64url::encode(digest::digest(&digest::SHA256, canonical.finish().as_bytes()).as_ref())
    }
}

impl PublicJwk {
    /// A key known by its thumbprint.
    pub(super) fn new(algorithm: Algorithm, numbers: Numbers) -> Result<Self, JwkError> {
        if algorithm.key_type() != numbers.key_type() {
            return Err(JwkError::AlgorithmMismatch { algorithm, key_type: numbers.key_type() });
        }
        numbers.check()?;
        Ok(Self { algorithm, kid: numbers.thumbprint(), numbers })
    }

    /// Reads a public key that says its own algorithm, or whose type leaves only one (EC and OKP).
    ///
    /// Refused: repeated members, private members, `use` other than `sig`, `key_ops` without `verify`, numbers
    /// that are not canonical. Unknown members are passed over (RFC 7517 §4). Without `kid` the thumbprint serves.
    pub fn from_json(text: &str) -> Result<Self, JwkError> {
        Self::read(text, None)
    }

    /// Reads a public key for an algorithm that the caller knows; a key that says another is refused.
    pub fn from_json_for(algorithm: Algorithm, text: &str) -> Result<Self, JwkError> {
        Self::read(text, Some(algorithm))
    }

    /// Reads a key of a set for an algorithm that the caller knows. Its length is the caller's to bound.
    pub fn from_members_for(algorithm: Algorithm, json: &Json) -> Result<Self, JwkError> {
        Self::of_members(json, public_key_type(json)?, Some(algorithm))
    }

    fn read(text: &str, asked: Option<Algorithm>) -> Result<Self, JwkError> {
        let (json, key_type) = public_members(text)?;
        Self::of_members(&json, key_type, asked)
    }

    fn of_members(json: &Json, key_type: KeyType, asked: Option<Algorithm>) -> Result<Self, JwkError> {
        meant_for_signatures(json)?;
        let algorithm = algorithm_of(json, key_type, asked)?;
        let kid = optional(json, "kid")?.map(str::to_owned);
        let numbers = match key_type {
            KeyType::Ec => {
                on_curve(json, "P-256")?;
                Numbers::P256 { x: octets(json, "x")?, y: octets(json, "y")? }
            }
            KeyType::Rsa => Numbers::Rsa { n: integer(json, "n")?, e: integer(json, "e")? },
            KeyType::Okp => {
                on_curve(json, "Ed25519")?;
                Numbers::Ed25519 { x: octets(json, "x")? }
            }
        };
        let mut key = Self::new(algorithm, numbers)?;
        if let Some(kid) = kid {
            key.kid = kid;
        }
        Ok(key)
    }

    /// The one algorithm that the key is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The SHA-256 thumbprint in base64url, 43 characters. RFC 7638 §3.
    pub fn thumbprint(&self) -> String {
        self.numbers.thumbprint()
    }

    /// The key as JSON: `kty`, `use`, `alg`, `kid`, then `crv`, `x`, `y` or `n`, `e`.
    pub fn to_json(&self) -> String {
        let mut object = JsonObject::with_capacity(512);
        object
            .string("kty", self.numbers.key_type().name())
            .string("use", "sig")
            .string("alg", self.algorithm.name())
            .string("kid", &self.kid);
        match &self.numbers {
            Numbers::P256 { x, y } => object
                .string("crv", "P-256")
                .string("x", &base64url::encode(x))
                .string("y", &base64url::encode(y)),
            Numbers::Rsa { n, e } => {
                object.string("n", &base64url::encode(n)).string("e", &base64url::encode(e))
            }
            Numbers::Ed25519 { x } => object.string("crv", "Ed25519").string("x", &base64url::encode(x)),
        };
        object.finish()
    }

    pub(super) fn numbers(&self) -> &Numbers {
        &self.numbers
    }
}

/// A JWK Set, `{"keys":[…]}`, in the order given. RFC 7517 §5.
pub fn jwks_json<'a>(keys: impl IntoIterator<Item = &'a PublicJwk>) -> String {
    let members: Vec<String> = keys.into_iter().map(PublicJwk::to_json).collect();
    let mut object = JsonObject::with_capacity(512);
    object.raw("keys", &format!("[{}]", members.join(",")));
    object.finish()
}

/// The members of a public key and its type: a JSON object of bounded length without anything private.
pub(super) fn public_members(text: &str) -> Result<(Json, KeyType), JwkError> {
    if text.len() > MAX_JWK_BYTES {
        return Err(JwkError::Oversize { bytes: text.len() });
    }
    let json = Json::parse(text.as_bytes())?;
    let key_type = public_key_type(&json)?;
    Ok((json, key_type))
}

/// The type of a public key: a JSON object without anything private.
pub(super) fn public_key_type(json: &Json) -> Result<KeyType, JwkError> {
    if json.as_object().is_none() {
        return Err(JwkError::NotAnObject);
    }
    let key_type = KeyType::parse(required(json, "kty")?).ok_or(JwkError::KeyType)?;
    match PRIVATE_MEMBERS.into_iter().find(|name| json.get(name).is_some()) {
        Some(name) => Err(JwkError::Private(name)),
        None => Ok(key_type),
    }
}

pub(super) fn optional<'a>(json: &'a Json, name: &'static str) -> Result<Option<&'a str>, JwkError> {
    json.get(name).map(|value| value.as_str().ok_or(JwkError::Member(name))).transpose()
}

pub(super) fn required<'a>(json: &'a Json, name: &'static str) -> Result<&'a str, JwkError> {
    optional(json, name)?.ok_or(JwkError::Member(name))
}

/// RFC 7517 §4.2, §4.3
fn meant_for_signatures(json: &Json) -> Result<(), JwkError> {
    if optional(json, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(JwkError::NotForSignatures);
    }
    let Some(operations) = json.get("key_ops") else { return Ok(()) };
    let operations = operations.as_array().ok_or(JwkError::Member("key_ops"))?;
    if operations.iter().any(|operation| operation.as_str() == Some("verify")) {
        Ok(())
    } else {
        Err(JwkError::NotForSignatures)
    }
}

/// RFC 7517 §4.4: what the key says, held against what the caller asks and what the key type can do.
fn algorithm_of(json: &Json, key_type: KeyType, asked: Option<Algorithm>) -> Result<Algorithm, JwkError> {
    let said = match optional(json, "alg")? {
        Some(name) => Some(Algorithm::parse(name).ok_or(JwkError::AlgorithmUnsupported)?),
        None => None,
    };
    let algorithm = match (said, asked, key_type) {
        (Some(said), Some(asked), _) if said != asked => {
            return Err(JwkError::AlgorithmMismatch { algorithm: said, key_type });
        }
        (Some(algorithm), _, _) | (None, Some(algorithm), _) => algorithm,
        (None, None, KeyType::Ec) => Algorithm::Es256,
        (None, None, KeyType::Okp) => Algorithm::EdDsa,
        (None, None, KeyType::Rsa) => return Err(JwkError::AlgorithmMissing),
    };
    if algorithm.key_type() == key_type {
        Ok(algorithm)
    } else {
        Err(JwkError::AlgorithmMismatch { algorithm, key_type })
    }
}

fn on_curve(json: &Json, curve: &str) -> Result<(), JwkError> {
    if required(json, "crv")? == curve { Ok(()) } else { Err(JwkError::Curve) }
}

/// A number of fixed width. RFC 7518 §6.2.1.2: the width of the curve, leading zeros included.
pub(super) fn octets_of(json: &Json, name: &'static str, width: usize) -> Result<Vec<u8>, JwkError> {
    base64url::decode(required(json, name)?)
        .filter(|bytes| bytes.len() == width)
        .ok_or(JwkError::Encoding(name))
}

fn octets(json: &Json, name: &'static str) -> Result<[u8; 32], JwkError> {
    octets_of(json, name, 32)?.try_into().map_err(|_| JwkError::Encoding(name))
}

/// A number in the fewest octets. RFC 7518 §2, `Base64urlUInt`.
pub(super) fn integer(json: &Json, name: &'static str) -> Result<Vec<u8>, JwkError> {
    base64url::decode(required(json, name)?)
        .filter(|bytes| bytes.first().is_some_and(|first| *first != 0))
        .ok_or(JwkError::Encoding(name))
}

/// RFC 7518 §3.3: at least 2048 bits; beyond 8192 a verification would cost too much. The exponent is odd and
/// from 65537 (the least that NIST SP 800-89 §5.3.3 lets through) to what 32 bits hold.
pub(super) fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), JwkError> {
    let zeros = n.first().map_or(0, |first| first.leading_zeros() as usize);
    let bits = n.len() * 8 - zeros;
    if !(2048..=8192).contains(&bits) {
        return Err(JwkError::RsaSize { bits });
    }
    let exponent = match e {
        [_, ..] if e.len() <= 4 => e.iter().fold(0_u32, |value, byte| (value << 8) | u32::from(*byte)),
        _ => return Err(JwkError::RsaNumbers),
    };
    let odd = n.last().is_some_and(|last| last & 1 == 1) && exponent & 1 == 1;
    if !odd || exponent < 65_537 {
        return Err(JwkError::RsaNumbers);
    }
    if is_roca(n) { Err(JwkError::RsaWeak) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JsonError, SigningKey, VerifyingKey};
    use proptest::prelude::*;

    const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

    fn rsa(n: &[u8], e: &[u8], more: &str) -> String {
        format!(r#"{{"kty":"RSA","n":"{}","e":"{}"{more}}}"#, base64url::encode(n), base64url::encode(e))
    }

    #[test]
    fn a_key_reads_back_as_itself() {
        for algorithm in Algorithm::ALL {
            let jwk = SigningKey::generate(algorithm).unwrap().public_jwk().clone();
            assert_eq!(PublicJwk::from_json(&jwk.to_json()), Ok(jwk.clone()));
            assert_eq!(jwk.kid(), jwk.thumbprint());
            assert_eq!(jwk.kid().len(), 43);
        }
    }

    #[test]
    fn members_stand_in_a_fixed_order() {
        let jwk = PublicJwk::from_json(&EC.replace("{\"kty", "{\"kid\":\"a\\\"b\",\"kty")).unwrap();
        assert_eq!(
            jwk.to_json(),
            EC.replace("\"EC\",", "\"EC\",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"a\\\"b\",")
        );
        assert_eq!(jwks_json([&jwk, &jwk]), format!("{{\"keys\":[{0},{0}]}}", jwk.to_json()));
        assert_eq!(jwks_json([]), "{\"keys\":[]}");
    }

    #[test]
    fn refused_keys() {
        let with = |more: &str| EC.replace("{\"kty", &format!("{{{more},\"kty"));
        let cases = [
            (with("\"d\":\"AA\""), JwkError::Private("d")),
            (with("\"k\":\"AA\""), JwkError::Private("k")),
            (with("\"use\":\"enc\""), JwkError::NotForSignatures),
            (with("\"use\":1"), JwkError::Member("use")),
            (with("\"key_ops\":[\"sign\"]"), JwkError::NotForSignatures),
            (with("\"key_ops\":\"verify\""), JwkError::Member("key_ops")),
            (with("\"alg\":\"HS256\""), JwkError::AlgorithmUnsupported),
            (with("\"alg\":\"none\""), JwkError::AlgorithmUnsupported),
            (
                with("\"alg\":\"RS256\""),
                JwkError::AlgorithmMismatch { algorithm: Algorithm::Rs256, key_type: KeyType::Ec },
            ),
            (with("\"kid\":7"), JwkError::Member("kid")),
            (with("\"x\":\"AA\""), JwkError::Json(JsonError::DuplicateMember { name: "x".to_owned() })),
            (EC.replace("P-256", "P-384"), JwkError::Curve),
            (EC.replace("\"EC\"", "\"oct\""), JwkError::KeyType),
            (EC.replace("\"EC\"", "\"OKP\""), JwkError::Curve),
            (EC.replace("5a0\"", "5a1\""), JwkError::Encoding("y")),
            (EC.replace("5a0\"", "5a0=\""), JwkError::Encoding("y")),
            (EC.replace("5a0\"", "5a0A\""), JwkError::Encoding("y")),
            ("[]".to_owned(), JwkError::NotAnObject),
            ("{}".to_owned(), JwkError::Member("kty")),
            (" ".repeat(16_385), JwkError::Oversize { bytes: 16_385 }),
        ];
        for (text, expected) in cases {
            assert_eq!(PublicJwk::from_json(&text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_point_off_the_curve_is_refused() {
        let off = PublicJwk::from_json(&EC.replace("f83O", "f83P")).unwrap();
        assert_eq!(VerifyingKey::from_jwk(&off).unwrap_err(), JwkError::Point);
        let zero = base64url::encode(&[0; 32]);
        let origin = format!(r#"{{"kty":"EC","crv":"P-256","x":"{zero}","y":"{zero}"}}"#);
        assert!(VerifyingKey::from_jwk(&PublicJwk::from_json(&origin).unwrap()).is_err());
    }

    #[test]
    fn rsa_sizes_and_exponents() {
        let modulus = |bytes: usize| {
            let mut n = vec![0xff; bytes];
            n[0] = 0x80;
            n
        };
        let read = |n: &[u8], e: &[u8]| PublicJwk::from_json(&rsa(n, e, r#","alg":"RS256""#)).map(|_| ());
        for bytes in [256, 384, 512, 1024] {
            assert_eq!(read(&modulus(bytes), &[1, 0, 1]), Ok(()));
        }
        let mut short = modulus(256);
        short[0] = 0x7f;
        assert_eq!(read(&short, &[1, 0, 1]), Err(JwkError::RsaSize { bits: 2047 }));
        assert_eq!(read(&modulus(128), &[1, 0, 1]), Err(JwkError::RsaSize { bits: 1024 }));
        assert_eq!(read(&modulus(1025), &[1, 0, 1]), Err(JwkError::RsaSize { bits: 8200 }));
        for exponent in [&[1][..], &[3], &[1, 0, 0], &[1, 0, 2], &[0xff, 0xff], &[1, 0, 0, 0, 1]] {
            assert_eq!(read(&modulus(256), exponent), Err(JwkError::RsaNumbers), "{exponent:?}");
        }
        assert_eq!(read(&modulus(256), &[0xff, 0xff, 0xff, 0xff]), Ok(()));
        assert_eq!(read(&modulus(256), &[0, 1, 0, 1]), Err(JwkError::Encoding("e")));
        let mut padded = vec![0];
        padded.extend(modulus(256));
        assert_eq!(read(&padded, &[1, 0, 1]), Err(JwkError::Encoding("n")));
        let mut even = modulus(256);
        even[255] = 0xfe;
        assert_eq!(read(&even, &[1, 0, 1]), Err(JwkError::RsaNumbers));
    }

    #[test]
    fn an_rsa_key_without_algorithm_needs_the_callers() {
        let mut n = vec![0xff; 256];
        n[0] = 0x80;
        let text = rsa(&n, &[1, 0, 1], "");
        assert_eq!(PublicJwk::from_json(&text), Err(JwkError::AlgorithmMissing));
        for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
            assert_eq!(PublicJwk::from_json_for(algorithm, &text).unwrap().algorithm(), algorithm);
        }
        let said = rsa(&n, &[1, 0, 1], r#","alg":"PS256""#);
        assert_eq!(
            PublicJwk::from_json_for(Algorithm::Rs256, &said),
            Err(JwkError::AlgorithmMismatch { algorithm: Algorithm::Ps256, key_type: KeyType::Rsa })
        );
        assert_eq!(
            PublicJwk::from_json_for(Algorithm::Rs256, EC),
            Err(JwkError::AlgorithmMismatch { algorithm: Algorithm::Rs256, key_type: KeyType::Ec })
        );
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in any::<String>()) {
            let _ = PublicJwk::from_json(&text);
        }

        #[test]
        fn arbitrary_members_never_panic(kty in "(EC|RSA|OKP)", crv in "(P-256|Ed25519)", x in "[A-Za-z0-9_-]{0,48}",
                                         y in "[A-Za-z0-9_-]{43}") {
            let text = format!(
                r#"{{"kty":"{kty}","alg":"RS256","crv":"{crv}","x":"{x}","y":"{y}","n":"{x}","e":"{x}"}}"#
            );
            for text in [text.replace(r#""alg":"RS256","#, ""), text] {
                if let Ok(jwk) = PublicJwk::from_json(&text) {
                    let _ = VerifyingKey::from_jwk(&jwk);
                }
            }
        }
    }
}

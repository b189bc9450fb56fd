//! Public keys to encrypt to, as JWK (RFC 7517), with the members of RFC 7518 §6 and RFC 8037 §2.

use aws_lc_rs::digest;

use super::agreement::Point;
use super::algorithm::{Curve, KeyManagement};
use crate::algorithm::KeyType;
use crate::base64url;
use crate::claims::JsonObject;
use crate::error::JwkError;
use crate::json::Json;
use crate::jwk::{check_rsa, integer, optional, public_key_type, public_members, required};

/// A public key for exactly one [`KeyManagement`], known by its key id. Its numbers have been checked for size and
/// form; that a point is on its curve is found out by [`super::EncryptionKey::from_jwk`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionJwk {
    kid: String,
    naming: KeyNaming,
    numbers: PublicNumbers,
}

/// Where a key's id comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyNaming {
    /// Whoever has the private half knows it by this id.
    Said,
    /// The key came without one; its thumbprint stands in.
    Thumbprint,
}

/// The numbers of a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PublicNumbers {
    /// Modulus and exponent, big-endian, without leading zeros. RFC 7518 §6.3.1.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// A point. RFC 7518 §6.2.1, RFC 8037 §2.
    Point(Point),
}

impl PublicNumbers {
    fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Point(point) => point.curve().key_type(),
        }
    }

    /// RFC 7638 §3: the required members alone, in the order of their names, without whitespace.
    fn thumbprint(&self) -> String {
        let mut canonical = JsonObject::with_capacity(512);
        let key_type = self.key_type().name();
        match self {
            Self::Rsa { n, e } => {
                canonical
                    .string("e", &base64url::encode(e))
                    .string("kty", key_type)
                    .string("n", &base64url::encode(n));
            }
            Self::Point(point) => {
                canonical.string("crv", point.curve().name()).string("kty", key_type);
                point.write_coordinates(&mut canonical);
            }
        }
        base64url::encode(digest::digest(&digest::SHA256, canonical.finish().as_bytes()).as_ref())
    }
}

impl EncryptionJwk {
    /// A key known by its thumbprint.
    pub(super) fn new(numbers: PublicNumbers) -> Result<Self, JwkError> {
        if let PublicNumbers::Rsa { n, e } = &numbers {
            check_rsa(n, e)?;
        }
        Ok(Self { kid: numbers.thumbprint(), naming: KeyNaming::Said, numbers })
    }

    /// Reads a public key to encrypt to: RSA of 2048 to 8192 bits, EC on P-256, P-384 or P-521, OKP on X25519.
    ///
    /// Refused: repeated members, private members, `use` other than `enc`, `key_ops` that leave out what the
    /// algorithm does (`wrapKey` or `encrypt` for RSA; `deriveKey` or `deriveBits` for the others, whose public
    /// halves may also have an empty list), an `alg` that is none of ours or not the key type's, numbers that are
    /// not canonical. Unknown members are passed over (RFC 7517 §4). Without `kid` the thumbprint serves.
    pub fn from_json(text: &str) -> Result<Self, JwkError> {
        let (json, key_type) = public_members(text)?;
        Self::read(&json, key_type)
    }

    /// The same of a key that was read as JSON, as one of a set.
    pub fn from_members(json: &Json) -> Result<Self, JwkError> {
        Self::read(json, public_key_type(json)?)
    }

    fn read(json: &Json, key_type: KeyType) -> Result<Self, JwkError> {
        meant_for_encryption(json, key_type)?;
        check_algorithm(json, key_type)?;
        let kid = optional(json, "kid")?;
        let numbers = match key_type {
            KeyType::Rsa => PublicNumbers::Rsa { n: integer(json, "n")?, e: integer(json, "e")? },
            KeyType::Ec | KeyType::Okp => {
                let curve = Curve::parse(key_type, required(json, "crv")?).ok_or(JwkError::Curve)?;
                PublicNumbers::Point(Point::read(curve, json)?)
            }
        };
        let key = Self::new(numbers)?;
        Ok(match kid {
            Some(kid) => key.known_as(kid),
            None => Self { naming: KeyNaming::Thumbprint, ..key },
        })
    }

    pub(super) fn known_as(self, kid: &str) -> Self {
        Self { kid: kid.to_owned(), naming: KeyNaming::Said, ..self }
    }

    /// The one algorithm that the key is for.
    pub fn management(&self) -> KeyManagement {
        KeyManagement::of(self.numbers.key_type())
    }

    /// The key id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Where the key id comes from.
    pub fn naming(&self) -> KeyNaming {
        self.naming
    }

    /// The SHA-256 thumbprint in base64url, 43 characters. RFC 7638 §3.
    pub fn thumbprint(&self) -> String {
        self.numbers.thumbprint()
    }

    /// The key as JSON: `kty`, `use`, `alg`, `kid` where it came with one, then `crv`, `x`, `y` or `n`, `e`.
    pub fn to_json(&self) -> String {
        let mut object = JsonObject::with_capacity(512);
        object
            .string("kty", self.numbers.key_type().name())
            .string("use", "enc")
            .string("alg", self.management().name());
        match self.naming {
            KeyNaming::Said => drop(object.string("kid", &self.kid)),
            KeyNaming::Thumbprint => {}
        }
        match &self.numbers {
            PublicNumbers::Rsa { n, e } => {
                object.string("n", &base64url::encode(n)).string("e", &base64url::encode(e));
            }
            PublicNumbers::Point(point) => point.write(&mut object),
        }
        object.finish()
    }

    pub(super) fn numbers(&self) -> &PublicNumbers {
        &self.numbers
    }
}

/// RFC 7517 §4.2, §4.3
fn meant_for_encryption(json: &Json, key_type: KeyType) -> Result<(), JwkError> {
    if optional(json, "use")?.is_some_and(|purpose| purpose != "enc") {
        return Err(JwkError::NotForEncryption);
    }
    let Some(operations) = json.get("key_ops") else { return Ok(()) };
    let operations = operations.as_array().ok_or(JwkError::Member("key_ops"))?;
    let wanted = match key_type {
        KeyType::Rsa => ["wrapKey", "encrypt"],
        KeyType::Ec | KeyType::Okp => ["deriveKey", "deriveBits"],
    };
    let named =
        operations.iter().any(|operation| operation.as_str().is_some_and(|name| wanted.contains(&name)));
    // The Web Cryptography API exports the public half of an agreement key with no operation at all.
    if named || (operations.is_empty() && key_type != KeyType::Rsa) {
        Ok(())
    } else {
        Err(JwkError::NotForEncryption)
    }
}

/// RFC 7517 §4.4: what the key says, where it says something, held against what its type can do.
fn check_algorithm(json: &Json, key_type: KeyType) -> Result<(), JwkError> {
    let Some(name) = optional(json, "alg")? else { return Ok(()) };
    let management = KeyManagement::parse(name).ok_or(JwkError::AlgorithmUnsupported)?;
    if management == KeyManagement::of(key_type) {
        Ok(())
    } else {
        Err(JwkError::ManagementMismatch { management, key_type })
    }
}

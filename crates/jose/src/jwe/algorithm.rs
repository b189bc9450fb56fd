//! The closed sets of key management algorithms, content ciphers and curves.

use std::fmt;

use aws_lc_rs::agreement;

use crate::algorithm::KeyType;

/// How the two sides come to a content key: the `alg` of a JWE. RFC 7518 §4.1.
///
/// `RSA1_5` is no member (RFC 8725 §3.2), nor is anything with a shared secret or a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyManagement {
    /// RSAES OAEP with SHA-256 and MGF1 with SHA-256. RFC 7518 §4.3.
    RsaOaep256,
    /// Elliptic curve Diffie-Hellman, ephemeral on the sender's side, whose outcome is the content key. RFC 7518
    /// §4.6, RFC 8037 §3.2.
    EcdhEs,
}

impl KeyManagement {
    /// Every member, in the order in which metadata lists them.
    pub const ALL: [Self; 2] = [Self::RsaOaep256, Self::EcdhEs];

    /// The registered name, as in the `alg` header parameter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
        }
    }

    /// The member with this registered name; names are case-sensitive (RFC 7516 §4.1.1).
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|management| management.name() == name)
    }

    /// The algorithm that a key of this type is for.
    pub const fn of(key_type: KeyType) -> Self {
        match key_type {
            KeyType::Rsa => Self::RsaOaep256,
            KeyType::Ec | KeyType::Okp => Self::EcdhEs,
        }
    }
}

impl fmt::Display for KeyManagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The cipher of the content: the `enc` of a JWE. RFC 7518 §5.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentEncryption {
    /// AES-GCM under a key of 256 bits; 96-bit IV, 128-bit tag. RFC 7518 §5.3.
    A256Gcm,
    /// AES-CBC under one half of a key of 256 bits, HMAC-SHA-256 under the other; 128-bit IV and tag. RFC 7518 §5.2.3.
    /// What OpenID Connect takes where a client names no cipher.
    A128CbcHs256,
}

impl ContentEncryption {
    /// Every member, in the order in which metadata lists them.
    pub const ALL: [Self; 2] = [Self::A256Gcm, Self::A128CbcHs256];

    /// The registered name, as in the `enc` header parameter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A256Gcm => "A256GCM",
            Self::A128CbcHs256 => "A128CBC-HS256",
        }
    }

    /// Bits of its key.
    pub(super) const fn key_bits(self) -> u32 {
        match self {
            Self::A256Gcm | Self::A128CbcHs256 => 256,
        }
    }

    /// The member with this registered name; names are case-sensitive (RFC 7516 §4.1.2).
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encryption| encryption.name() == name)
    }
}

impl fmt::Display for ContentEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A curve on which ECDH-ES is done: the `crv` of a key. RFC 7518 §6.2.1.1, RFC 8037 §2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    /// P-256
    P256,
    /// P-384
    P384,
    /// P-521
    P521,
    /// X25519
    X25519,
}

impl Curve {
    /// Every member.
    pub const ALL: [Self; 4] = [Self::P256, Self::P384, Self::P521, Self::X25519];

    /// The registered name, as in the `crv` member.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::X25519 => "X25519",
        }
    }

    /// The member with this registered name, if keys of this type lie on it.
    pub(super) fn parse(key_type: KeyType, name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.key_type() == key_type && curve.name() == name)
    }

    /// `EC`, or `OKP` for X25519.
    pub const fn key_type(self) -> KeyType {
        match self {
            Self::P256 | Self::P384 | Self::P521 => KeyType::Ec,
            Self::X25519 => KeyType::Okp,
        }
    }

    /// Octets of a coordinate, leading zeros included. RFC 7518 §6.2.1.2.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::P256 | Self::X25519 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(super) fn agreement(self) -> &'static agreement::Algorithm {
        match self {
            Self::P256 => &agreement::ECDH_P256,
            Self::P384 => &agreement::ECDH_P384,
            Self::P521 => &agreement::ECDH_P521,
            Self::X25519 => &agreement::X25519,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_only_exactly() {
        for management in KeyManagement::ALL {
            assert_eq!(KeyManagement::parse(&management.to_string()), Some(management));
        }
        for refused in ["RSA1_5", "RSA-OAEP", "dir", "ECDH-ES+A256KW", "A256KW", "ecdh-es", "none", ""] {
            assert_eq!(KeyManagement::parse(refused), None, "{refused}");
        }
        for encryption in ContentEncryption::ALL {
            assert_eq!(ContentEncryption::parse(&encryption.to_string()), Some(encryption));
        }
        for refused in ["A128GCM", "A256CBC-HS512", "a256gcm", ""] {
            assert_eq!(ContentEncryption::parse(refused), None, "{refused}");
        }
        assert_eq!(Curve::parse(KeyType::Okp, "X25519"), Some(Curve::X25519));
        for (key_type, refused) in [
            (KeyType::Ec, "X25519"),
            (KeyType::Okp, "P-256"),
            (KeyType::Okp, "Ed25519"),
            (KeyType::Rsa, "P-256"),
        ] {
            assert_eq!(Curve::parse(key_type, refused), None, "{refused}");
        }
    }
}

//! Encrypting to a client's public key.

use std::fmt;

use aws_lc_rs::agreement::PrivateKey;
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use super::agreement::{Parties, Point, agreed_key};
use super::algorithm::{ContentEncryption, KeyManagement};
use super::content::{ContentKey, seal_onto};
use super::error::JweError;
use super::jwk::{EncryptionJwk, KeyNaming, PublicNumbers};
use crate::base64url;
use crate::claims::JsonObject;
use crate::error::JwkError;

/// What is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// A signed token in compact form: the header says `"cty":"JWT"`. RFC 7519 §5.2.
    Jwt,
    /// The same, with a copy of its `jti` at the beginning of the header (RFC 7519 §5.3), so that whoever cannot open
    /// the token can still look for what it is about. Anybody can write such a header: it leads somewhere, and proves
    /// nothing.
    JwtCalled(&'a str),
    /// Octets that the header says nothing about.
    Octets,
}

/// A client's public key for exactly one `alg` and `enc`, parsed and ready.
///
/// Shared between threads behind an `Arc`. The library draws content keys, IVs and ephemeral keys from its own
/// generator, as it does for signatures.
pub struct EncryptionKey {
    management: KeyManagement,
    encryption: ContentEncryption,
    kid: String,
    naming: KeyNaming,
    recipient: RecipientKey,
}

enum RecipientKey {
    Rsa(OaepPublicEncryptingKey),
    Point(Point),
}

impl EncryptionKey {
    /// Parses the key; refuses octets that are no point on their curve.
    pub fn from_jwk(jwk: &EncryptionJwk, encryption: ContentEncryption) -> Result<Self, JwkError> {
        let recipient = match jwk.numbers() {
            PublicNumbers::Rsa { n, e } => RecipientKey::Rsa(rsa_key(n, e).ok_or(JwkError::RsaNumbers)?),
            PublicNumbers::Point(point) => {
                point.check()?;
                RecipientKey::Point(point.clone())
            }
        };
        Ok(Self {
            management: jwk.management(),
            encryption,
            kid: jwk.kid().to_owned(),
            naming: jwk.naming(),
            recipient,
        })
    }

    /// The one `alg` that the key is for.
    pub fn management(&self) -> KeyManagement {
        self.management
    }

    /// The one `enc` that the key is for.
    pub fn encryption(&self) -> ContentEncryption {
        self.encryption
    }

    /// The key id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// A token in compact form (RFC 7516 §3.1) with the header `{"alg":…,"enc":…}`, then `kid` where the key came with
    /// one, `cty` where the content is a token and `epk` where the key is agreed on. No two have a content key or IV
    /// in common.
    pub fn encrypt_compact(&self, content: Content<'_>, plain: &[u8]) -> Result<String, JweError> {
        self.build(content, plain).ok_or(JweError::Encryption(self.management))
    }

    fn build(&self, content: Content<'_>, plain: &[u8]) -> Option<String> {
        let mut header = JsonObject::with_capacity(256);
        if let Content::JwtCalled(jti) = content {
            header.string("jti", jti);
        }
        header.string("alg", self.management.name()).string("enc", self.encryption.name());
        match self.naming {
            KeyNaming::Said => drop(header.string("kid", &self.kid)),
            // Its owner knows it by no name.
            KeyNaming::Thumbprint => {}
        }
        match content {
            Content::Jwt | Content::JwtCalled(_) => drop(header.string("cty", "JWT")),
            Content::Octets => {}
        }
        let (key, encrypted_key) = match &self.recipient {
            RecipientKey::Rsa(recipient) => {
                let key = ContentKey::random(self.encryption)?;
                let encrypted = wrapped(recipient, &key)?;
                (key, encrypted)
            }
            RecipientKey::Point(point) => {
                let curve = point.curve();
                let ephemeral = PrivateKey::generate(curve.agreement()).ok()?;
                let mut epk = JsonObject::with_capacity(256);
                epk.string("kty", curve.key_type().name());
                Point::of(curve, &ephemeral)?.write(&mut epk);
                header.raw("epk", &epk.finish());
                (agreed_key(&ephemeral, point, &Parties::default(), self.encryption)?, Vec::new())
            }
        };
        let header = header.finish();
        // Three full stops, IV, padding and tag: 96 characters leave room.
        let size = [header.len(), encrypted_key.len(), plain.len()].map(base64url::encoded_len);
        let mut token = String::with_capacity(size.iter().sum::<usize>() + 96);
        base64url::encode_onto(header.as_bytes(), &mut token);
        let header = token.len();
        token.push('.');
        base64url::encode_onto(&encrypted_key, &mut token);
        token.push('.');
        seal_onto(&mut token, header, (&key, plain))?;
        Some(token)
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("management", &self.management)
            .field("encryption", &self.encryption)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The content key under RSA. RFC 7518 §4.3.
fn wrapped(recipient: &OaepPublicEncryptingKey, key: &ContentKey) -> Option<Vec<u8>> {
    let mut room = vec![0; recipient.ciphertext_size()];
    let length = recipient.encrypt(&OAEP_SHA256_MGF1SHA256, key.octets(), &mut room, None).ok()?.len();
    room.truncate(length);
    Some(room)
}

/// The library reads encrypting keys only as X.509's `SubjectPublicKeyInfo`, which it writes itself from the numbers
/// of a verifying key.
fn rsa_key(n: &[u8], e: &[u8]) -> Option<OaepPublicEncryptingKey> {
    let parsed = RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok()?;
    let der: PublicKeyX509Der<'_> = parsed.as_der().ok()?;
    OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(der.as_ref()).ok()?).ok()
}

//! Decrypting what somebody encrypted to us, strict where the specification leaves room.

use std::fmt;

use aws_lc_rs::agreement::PrivateKey;
use aws_lc_rs::encoding::{AsBigEndian as _, AsDer as _, Curve25519SeedBin, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use zeroize::Zeroizing;

use super::MAX_JWE_BYTES;
use super::agreement::{Parties, Point, agreed_key, ephemeral};
use super::algorithm::{ContentEncryption, Curve, KeyManagement};
use super::content::{ContentKey, Sealed, open};
use super::error::JweError;
use super::jwk::{EncryptionJwk, PublicNumbers};
use crate::base64url;
use crate::error::clipped;
use crate::json::Json;
use crate::jws::KEY_PARAMETERS;
use crate::key::{der_value, rsa_numbers};

/// RFC 8410 §7: what stands in front of an X25519 private key in PKCS#8. The library reads and writes the bare key.
const X25519_FRAME: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20];

/// A private key for exactly one `alg` and `enc`, with its public half.
pub struct DecryptionKey {
    private: Private,
    public: EncryptionJwk,
    encryption: ContentEncryption,
}

enum Private {
    Rsa { key: PrivateDecryptingKey, oaep: OaepPrivateDecryptingKey },
    Agreement { key: PrivateKey, curve: Curve },
}

impl DecryptionKey {
    /// A new RSA key of 2048 bits: about a tenth of a second.
    pub fn generate_rsa(encryption: ContentEncryption) -> Result<Self, JweError> {
        let failed = JweError::Generation(KeyManagement::RsaOaep256);
        let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(|_| failed.clone())?;
        Self::rsa(key, encryption).ok_or(failed)
    }

    /// A new key on a curve.
    pub fn generate_on(curve: Curve, encryption: ContentEncryption) -> Result<Self, JweError> {
        let failed = JweError::Generation(KeyManagement::EcdhEs);
        let key = PrivateKey::generate(curve.agreement()).map_err(|_| failed.clone())?;
        Self::agreement(key, curve, encryption).ok_or(failed)
    }

    /// Reads an unencrypted PKCS#8 private key (RFC 5208, RFC 8410); RSA of 2048 to 8192 bits.
    pub fn from_pkcs8(
        management: KeyManagement,
        encryption: ContentEncryption,
        der: &[u8],
    ) -> Result<Self, JweError> {
        let key = match management {
            KeyManagement::RsaOaep256 => {
                PrivateDecryptingKey::from_pkcs8(der).ok().and_then(|key| Self::rsa(key, encryption))
            }
            KeyManagement::EcdhEs => Curve::ALL.into_iter().find_map(|curve| {
                let key = match curve {
                    Curve::P256 | Curve::P384 | Curve::P521 => {
                        PrivateKey::from_private_key_der(curve.agreement(), der)
                    }
                    Curve::X25519 => {
                        PrivateKey::from_private_key(curve.agreement(), der.strip_prefix(&X25519_FRAME)?)
                    }
                };
                Self::agreement(key.ok()?, curve, encryption)
            }),
        };
        key.ok_or(JweError::PrivateKey(management))
    }

    fn rsa(key: PrivateDecryptingKey, encryption: ContentEncryption) -> Option<Self> {
        let der: PublicKeyX509Der<'_> = key.public_key().as_der().ok()?;
        // RFC 5280 §4.1: SEQUENCE { algorithm, BIT STRING }, where the bits begin with how many of them are unused.
        let (info, _) = der_value(der.as_ref(), 0x30)?;
        let (_, bits) = der_value(info, 0x30)?;
        let (n, e) = rsa_numbers(der_value(bits, 0x03)?.0.strip_prefix(&[0])?)?;
        let public = EncryptionJwk::new(PublicNumbers::Rsa { n, e }).ok()?;
        let oaep = OaepPrivateDecryptingKey::new(key.clone()).ok()?;
        Some(Self { private: Private::Rsa { key, oaep }, public, encryption })
    }

    fn agreement(key: PrivateKey, curve: Curve, encryption: ContentEncryption) -> Option<Self> {
        let public = EncryptionJwk::new(PublicNumbers::Point(Point::of(curve, &key)?)).ok()?;
        Some(Self { private: Private::Agreement { key, curve }, public, encryption })
    }

    /// The same key under another id, as keys that were made elsewhere have one.
    #[must_use]
    pub fn known_as(mut self, kid: &str) -> Self {
        self.public = self.public.known_as(kid);
        self
    }

    /// The key in unencrypted PKCS#8 form, wiped when dropped; only to be sealed (see [`crate::MasterKey`]).
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, JweError> {
        let written = match &self.private {
            Private::Rsa { key, .. } => pkcs8(key.as_der().ok()),
            Private::Agreement { key, curve: Curve::P256 | Curve::P384 | Curve::P521 } => {
                pkcs8(key.as_der().ok())
            }
            Private::Agreement { key, curve: Curve::X25519 } => {
                let bare: Option<Curve25519SeedBin<'_>> = key.as_be_bytes().ok();
                bare.map(|bare| Zeroizing::new([&X25519_FRAME, bare.as_ref()].concat()))
            }
        };
        written.ok_or(JweError::Export(self.management()))
    }

    /// The one `alg` that the key is for.
    pub fn management(&self) -> KeyManagement {
        self.public.management()
    }

    /// The one `enc` that the key is for.
    pub fn encryption(&self) -> ContentEncryption {
        self.encryption
    }

    /// The key id: the RFC 7638 SHA-256 thumbprint in base64url, 43 characters, unless it was given another.
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// The public half.
    pub fn public_jwk(&self) -> &EncryptionJwk {
        &self.public
    }

    /// The content; `None` for whatever reason.
    fn open(&self, header: &JweHeader, compact: &CompactJwe<'_>) -> Option<Zeroizing<Vec<u8>>> {
        let encrypted_key = base64url::decode(compact.encrypted_key)?;
        let key = match &self.private {
            Private::Rsa { oaep, .. } => ContentKey::new(self.encryption, unwrapped(oaep, &encrypted_key)?),
            Private::Agreement { key, curve } => {
                // RFC 7516 §5.2 step 10: a key that is agreed on is not sent.
                if !encrypted_key.is_empty() {
                    return None;
                }
                let point = ephemeral(header.epk.as_ref()?, *curve)?;
                agreed_key(key, &point, &header.parties()?, self.encryption)?
            }
        };
        open(&key, &compact.sealed)
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey")
            .field("management", &self.management())
            .field("encryption", &self.encryption)
            .field("kid", &self.kid())
            .field("private", &format_args!("[redacted]"))
            .finish_non_exhaustive()
    }
}

fn pkcs8(document: Option<Pkcs8V1Der<'_>>) -> Option<Zeroizing<Vec<u8>>> {
    document.map(|document| Zeroizing::new(document.as_ref().to_vec()))
}

/// The content key from under RSA, or a random one where that holds none: what follows fails then at the tag, as it
/// does for a key that is merely wrong. RFC 7516 §11.5. `None` only where the system gives no randomness.
fn unwrapped(oaep: &OaepPrivateDecryptingKey, encrypted: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    rand::fill(key.as_mut()).ok()?;
    let mut room = Zeroizing::new(vec![0; oaep.min_output_size()]);
    if let Ok(plain) = oaep.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted, &mut room, None)
        && plain.len() == key.len()
    {
        key.copy_from_slice(plain);
    }
    Some(key)
}

/// What Writ heeds of a protected header. RFC 7516 §4.1.
#[derive(Debug, Clone, PartialEq)]
pub struct JweHeader {
    /// `alg`
    pub management: KeyManagement,
    /// `enc`
    pub encryption: ContentEncryption,
    /// `kid`
    pub kid: Option<String>,
    /// `typ`
    pub typ: Option<String>,
    /// `cty`: `JWT`, in any case of letters, where the content is a token (RFC 7519 §5.2).
    pub content_type: Option<String>,
    epk: Option<Json>,
    apu: Option<String>,
    apv: Option<String>,
}

/// A token that has been decrypted. Whoever has the public key may have made it; a nested token is still to be
/// verified.
#[derive(Clone, PartialEq)]
pub struct Decrypted {
    /// The protected header.
    pub header: JweHeader,
    /// The content's octets, wiped when dropped.
    pub plain: Zeroizing<Vec<u8>>,
    /// The id of the key that opened it.
    pub kid: String,
}

/// Without the content, which was encrypted for a reason.
impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted")
            .field("header", &self.header)
            .field("kid", &self.kid)
            .field("plain", &format_args!("[{} bytes]", self.plain.len()))
            .finish()
    }
}

/// Decrypts a token with one of `keys`.
///
/// A `kid` in the header picks the key; without one there must be exactly one key for the token's `alg` and `enc`.
/// Either way they must be the key's own (RFC 8725 §3.1). Refused besides: more than [`MAX_JWE_BYTES`], other than
/// five segments, base64url that is not canonical, a header that is not a JSON object or has a member twice, `crit`,
/// `zip`, and keys brought along in the header. `apu` and `apv` go into the agreement (RFC 7518 §4.6.1).
pub fn decrypt_compact(token: &str, keys: &[DecryptionKey]) -> Result<Decrypted, JweError> {
    let compact = CompactJwe::split(token)?;
    let header = JweHeader::parse(compact.sealed.header)?;
    let key = header.choose(keys)?;
    let plain = key.open(&header, &compact).ok_or(JweError::Decryption)?;
    Ok(Decrypted { header, plain, kid: key.kid().to_owned() })
}

/// RFC 7516 §7.1: `header.encrypted key.iv.ciphertext.tag`
struct CompactJwe<'a> {
    encrypted_key: &'a str,
    sealed: Sealed<'a>,
}

impl<'a> CompactJwe<'a> {
    fn split(token: &'a str) -> Result<Self, JweError> {
        if token.len() > MAX_JWE_BYTES {
            return Err(JweError::Oversize { bytes: token.len() });
        }
        let mut segments = token.split('.');
        let mut next = || segments.next();
        match (next(), next(), next(), next(), next(), next()) {
            (Some(header), Some(encrypted_key), Some(iv), Some(ciphertext), Some(tag), None) => {
                Ok(Self { encrypted_key, sealed: Sealed { header, iv, ciphertext, tag } })
            }
            _ => Err(JweError::Segments { found: token.split('.').count() }),
        }
    }
}

impl JweHeader {
    fn parse(segment: &str) -> Result<Self, JweError> {
        let json = Json::parse(&base64url::decode(segment).ok_or(JweError::Encoding)?)?;
        if json.as_object().is_none() {
            return Err(JweError::NotAnObject);
        }
        // First what tells an attack, so that the log names it; no order here changes what is refused.
        if json.get("crit").is_some() {
            return Err(JweError::Critical);
        }
        if json.get("zip").is_some() {
            return Err(JweError::Compressed);
        }
        if let Some(name) = KEY_PARAMETERS.into_iter().find(|name| json.get(name).is_some()) {
            return Err(JweError::EmbeddedKey(name));
        }
        let name = parameter(&json, "alg")?.ok_or(JweError::HeaderParameter("alg"))?;
        let management = KeyManagement::parse(&name)
            .ok_or_else(|| JweError::ManagementUnsupported { name: clipped(&name, 32) })?;
        let name = parameter(&json, "enc")?.ok_or(JweError::HeaderParameter("enc"))?;
        let encryption = ContentEncryption::parse(&name)
            .ok_or_else(|| JweError::EncryptionUnsupported { name: clipped(&name, 32) })?;
        let epk = json.get("epk").cloned();
        if epk.as_ref().is_some_and(|epk| epk.as_object().is_none()) {
            return Err(JweError::HeaderParameter("epk"));
        }
        Ok(Self {
            management,
            encryption,
            kid: parameter(&json, "kid")?,
            typ: parameter(&json, "typ")?,
            content_type: parameter(&json, "cty")?,
            epk,
            apu: parameter(&json, "apu")?,
            apv: parameter(&json, "apv")?,
        })
    }

    /// RFC 7518 §4.6.1.2, §4.6.1.3
    fn parties(&self) -> Option<Parties> {
        let octets = |text: &Option<String>| base64url::decode(text.as_deref().unwrap_or_default());
        Some(Parties { sender: octets(&self.apu)?, recipient: octets(&self.apv)? })
    }

    fn choose<'k>(&self, keys: &'k [DecryptionKey]) -> Result<&'k DecryptionKey, JweError> {
        let unknown = || JweError::UnknownKey { kid: self.kid.as_deref().map(|kid| clipped(kid, 64)) };
        let wanted = (self.management, self.encryption);
        let fits = |key: &&DecryptionKey| (key.management(), key.encryption) == wanted;
        if let Some(kid) = &self.kid {
            let mut named = keys.iter().filter(|key| key.kid() == kid).peekable();
            let first = *named.peek().ok_or_else(unknown)?;
            let own = (first.management(), first.encryption);
            // One key may be there for both ciphers.
            return named.find(fits).ok_or(JweError::AlgorithmMismatch { token: wanted, key: own });
        }
        let mut fitting = keys.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(unknown()),
            (Some(_), Some(_)) => Err(JweError::AmbiguousKey),
        }
    }
}

fn parameter(json: &Json, name: &'static str) -> Result<Option<String>, JweError> {
    let text = json.get(name).map(|value| value.as_str().ok_or(JweError::HeaderParameter(name)));
    Ok(text.transpose()?.map(str::to_owned))
}

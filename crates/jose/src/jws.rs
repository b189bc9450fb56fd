//! Verification of tokens in JWS compact form (RFC 7515 §7.1), strict where the specification leaves room.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents,
};

use super::algorithm::Algorithm;
use super::base64url;
use super::error::{JoseError, JwkError, Segment, clipped};
use super::json::Json;
use super::jwk::{Numbers, PublicJwk};

/// Longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Header parameters that bring or point to a key. RFC 7515 §4.1.2, §4.1.3, §4.1.5, §4.1.6. Keys come from
/// configuration alone, so a token that offers its own is not from anybody we know.
pub(super) const KEY_PARAMETERS: [&str; 4] = ["jwk", "jku", "x5u", "x5c"];

/// A public key for exactly one algorithm, parsed and ready.
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    kid: String,
    key: ParsedPublicKey,
}

impl VerifyingKey {
    /// Parses the key; refuses octets that are no point on their curve.
    pub fn from_jwk(jwk: &PublicJwk) -> Result<Self, JwkError> {
        let key = match jwk.numbers() {
            Numbers::P256 { x, y } => {
                // SEC 1 §2.3.3: an uncompressed point is 0x04, x, y.
                let point = [&[4][..], x, y].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| JwkError::Point)
            }
            Numbers::Rsa { n, e } => {
                let scheme = match jwk.algorithm() {
                    Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
                    Algorithm::Rs256 | Algorithm::Es256 | Algorithm::EdDsa => &RSA_PKCS1_2048_8192_SHA256,
                };
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(scheme).map_err(|_| JwkError::RsaNumbers)
            }
            Numbers::Ed25519 { x } => ParsedPublicKey::new(&ED25519, x).map_err(|_| JwkError::Point),
        };
        Ok(Self { algorithm: jwk.algorithm(), kid: jwk.kid().to_owned(), key: key? })
    }

    /// The one algorithm that the key is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Whether `signature`, in the form that JWS wants, belongs to the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JoseError> {
        self.key.verify_sig(message, signature).map_err(|_| JoseError::Signature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// What Writ heeds of a protected header. RFC 7515 §4.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `alg`
    pub algorithm: Algorithm,
    /// `kid`
    pub kid: Option<String>,
    /// `typ`; compare with [`super::JwtType::is_named_by`].
    pub typ: Option<String>,
}

/// A token whose signature has been verified. Its claims have not been looked at.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    /// The protected header.
    pub header: Header,
    /// The payload's octets.
    pub payload: Vec<u8>,
    /// The id of the key that verified it.
    pub kid: String,
}

impl Verified {
    /// The payload as a JSON object whose names are unique. RFC 7519 §4, §7.2.
    pub fn claims(&self) -> Result<Json, JoseError> {
        object(&self.payload, Segment::Payload)
    }
}

/// Without the payload, which may be about a person.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("header", &self.header)
            .field("kid", &self.kid)
            .field("payload", &format_args!("[{} bytes]", self.payload.len()))
            .finish()
    }
}

/// Verifies a token with one of `keys`, if its algorithm is among `allowed`.
///
/// A `kid` in the header picks the key; without one there must be exactly one key of the token's algorithm. The
/// key's own algorithm must be the token's (RFC 8725 §3.1). Refused besides: more than [`MAX_TOKEN_BYTES`], other
/// than three segments, base64url that is not canonical, a header that is not a JSON object or has a member twice,
/// `none` and HMACs, `crit`, `b64`, and keys brought along in the header.
pub fn verify_compact(
    token: &str,
    keys: &[VerifyingKey],
    allowed: &[Algorithm],
) -> Result<Verified, JoseError> {
    let compact = CompactJws::split(token)?;
    let header = Header::parse(compact.header)?;
    if !allowed.contains(&header.algorithm) {
        return Err(JoseError::AlgorithmNotAllowed(header.algorithm));
    }
    let key = header.choose(keys)?;
    let signature = base64url::decode(compact.signature).ok_or(JoseError::Encoding(Segment::Signature))?;
    key.verify(compact.signing_input.as_bytes(), &signature)?;
    let payload = base64url::decode(compact.payload).ok_or(JoseError::Encoding(Segment::Payload))?;
    Ok(Verified { header, payload, kid: key.kid.clone() })
}

/// What a token says of itself, before anything of it is believed: enough to find out whose key would have to verify it.
#[derive(Clone, PartialEq)]
pub struct Claimed {
    /// `alg`, whatever it is.
    pub alg: String,
    /// `kid`
    pub kid: Option<String>,
    /// `typ`
    pub typ: Option<String>,
    /// The payload.
    pub claims: Json,
}

/// Without the payload, which may be about a person.
impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claimed").field("alg", &self.alg).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Reads what a token says of itself; nothing is verified. Refused is what [`verify_compact`] refuses of its form.
pub fn read_unverified(token: &str) -> Result<Claimed, JoseError> {
    let compact = CompactJws::split(token)?;
    let (alg, kid, typ) = parameters(compact.header)?;
    let payload = base64url::decode(compact.payload).ok_or(JoseError::Encoding(Segment::Payload))?;
    Ok(Claimed { alg, kid, typ, claims: object(&payload, Segment::Payload)? })
}

/// RFC 7515 §7.1: `header.payload.signature`; the signature is over `header.payload` as it was received.
pub(super) struct CompactJws<'a> {
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
    pub(super) signing_input: &'a str,
}

impl<'a> CompactJws<'a> {
    pub(super) fn split(token: &'a str) -> Result<Self, JoseError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(JoseError::Oversize { bytes: token.len() });
        }
        let segments = || JoseError::Segments { found: token.split('.').count() };
        let (signing_input, signature) = token.rsplit_once('.').ok_or_else(segments)?;
        let (header, payload) = signing_input.split_once('.').ok_or_else(segments)?;
        if payload.contains('.') {
            return Err(segments());
        }
        Ok(Self { header, payload, signature, signing_input })
    }
}

impl Header {
    fn parse(segment: &str) -> Result<Self, JoseError> {
        let (name, kid, typ) = parameters(segment)?;
        let algorithm = Algorithm::parse(&name)
            .ok_or_else(|| JoseError::AlgorithmUnsupported { name: clipped(&name, 32) })?;
        Ok(Self { algorithm, kid, typ })
    }

    fn choose<'k>(&self, keys: &'k [VerifyingKey]) -> Result<&'k VerifyingKey, JoseError> {
        let unknown = || JoseError::UnknownKey { kid: self.kid.as_deref().map(|kid| clipped(kid, 64)) };
        let fits = |key: &&VerifyingKey| key.algorithm == self.algorithm;
        if let Some(kid) = &self.kid {
            let mut named = keys.iter().filter(|key| key.kid == *kid).peekable();
            let first = *named.peek().ok_or_else(unknown)?;
            // Two keys may bear one id: an RSA key published for RS256 and for PS256 has one thumbprint.
            return named
                .find(fits)
                .ok_or(JoseError::AlgorithmMismatch { token: self.algorithm, key: first.algorithm });
        }
        let mut fitting = keys.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(unknown()),
            (Some(_), Some(_)) => Err(JoseError::AmbiguousKey),
        }
    }
}

/// `alg`, `kid` and `typ` of a header that has nothing in it which no token for us has.
fn parameters(segment: &str) -> Result<(String, Option<String>, Option<String>), JoseError> {
    let json = header(segment, None)?;
    let name = parameter(&json, "alg")?.ok_or(JoseError::HeaderParameter("alg"))?.to_owned();
    let kid = parameter(&json, "kid")?.map(str::to_owned);
    let typ = parameter(&json, "typ")?.map(str::to_owned);
    Ok((name, kid, typ))
}

/// A header without extensions, and without a key; `taken` names the one parameter that may bring one.
pub(super) fn header(segment: &str, taken: Option<&str>) -> Result<Json, JoseError> {
    let text = base64url::decode(segment).ok_or(JoseError::Encoding(Segment::Header))?;
    let json = object(&text, Segment::Header)?;
    // First what tells an attack, so that the log names it; no order here changes what is refused.
    if json.get("crit").is_some() {
        return Err(JoseError::Critical);
    }
    if json.get("b64").is_some() {
        return Err(JoseError::UnencodedPayload);
    }
    let is_refused = |name: &&str| json.get(name).is_some() && Some(*name) != taken;
    match KEY_PARAMETERS.into_iter().find(is_refused) {
        Some(name) => Err(JoseError::EmbeddedKey(name)),
        None => Ok(json),
    }
}

pub(super) fn object(text: &[u8], part: Segment) -> Result<Json, JoseError> {
    let json = Json::parse(text).map_err(|fault| JoseError::Json { part, fault })?;
    if json.as_object().is_some() { Ok(json) } else { Err(JoseError::NotAnObject(part)) }
}

pub(super) fn parameter<'a>(json: &'a Json, name: &'static str) -> Result<Option<&'a str>, JoseError> {
    json.get(name).map(|value| value.as_str().ok_or(JoseError::HeaderParameter(name))).transpose()
}

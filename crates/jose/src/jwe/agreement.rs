//! ECDH-ES: points as they stand in keys and headers, the agreement, and the content key that comes of it.

use aws_lc_rs::agreement::{ParsedPublicKey, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::digest;
use zeroize::Zeroizing;

use super::algorithm::{ContentEncryption, Curve};
use super::content::ContentKey;
use crate::base64url;
use crate::claims::JsonObject;
use crate::error::JwkError;
use crate::json::Json;
use crate::jwk::{octets_of, required};

/// A public point in the form in which the library reads it: `4 ‖ x ‖ y` (SEC 1 §2.3.3), or the 32 octets of X25519.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    curve: Curve,
    octets: Vec<u8>,
}

impl Point {
    /// Reads `x`, and `y` where the curve has one; says nothing about whether the point is on the curve.
    pub(super) fn read(curve: Curve, json: &Json) -> Result<Self, JwkError> {
        let x = octets_of(json, "x", curve.width())?;
        let octets = match curve {
            Curve::P256 | Curve::P384 | Curve::P521 => {
                [&[4][..], &x, &octets_of(json, "y", curve.width())?].concat()
            }
            Curve::X25519 => x,
        };
        Ok(Self { curve, octets })
    }

    /// The public half of a private key; `None` where the library gives no such form.
    pub(super) fn of(curve: Curve, private: &PrivateKey) -> Option<Self> {
        let octets = private.compute_public_key().ok()?.as_ref().to_vec();
        let expected = match curve {
            Curve::P256 | Curve::P384 | Curve::P521 => 1 + 2 * curve.width(),
            Curve::X25519 => curve.width(),
        };
        (octets.len() == expected).then_some(Self { curve, octets })
    }

    pub(super) fn curve(&self) -> Curve {
        self.curve
    }

    /// Whether the octets are a point on the curve. RFC 7518 §4.6.2 and RFC 8725 §3.4 want it looked at.
    pub(super) fn check(&self) -> Result<(), JwkError> {
        self.parse().map(|_| ()).ok_or(JwkError::Point)
    }

    fn parse(&self) -> Option<ParsedPublicKey> {
        ParsedPublicKey::try_from(UnparsedPublicKey::new(self.curve.agreement(), &self.octets)).ok()
    }

    /// `crv`, `x` and, where the curve has one, `y`. With `kty` between `crv` and `x` this is what a thumbprint is
    /// made of (RFC 7638 §3.2); an `epk` begins with it.
    pub(super) fn write(&self, object: &mut JsonObject) {
        object.string("crv", self.curve.name());
        self.write_coordinates(object);
    }

    pub(super) fn write_coordinates(&self, object: &mut JsonObject) {
        let coordinates = match self.curve {
            Curve::P256 | Curve::P384 | Curve::P521 => self.octets.get(1..).unwrap_or_default(),
            Curve::X25519 => &self.octets,
        };
        let (x, y) = coordinates.split_at_checked(self.curve.width()).unwrap_or_default();
        object.string("x", &base64url::encode(x));
        if !y.is_empty() {
            object.string("y", &base64url::encode(y));
        }
    }
}

/// What both sides put into the derivation beside their secret. RFC 7518 §4.6.1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parties {
    /// `apu`, decoded; empty where there is none.
    pub(crate) sender: Vec<u8>,
    /// `apv`, decoded; empty where there is none.
    pub(crate) recipient: Vec<u8>,
}

/// The content key that a private key and the other side's point agree on; `None` where the point is on another
/// curve, on none, or one of those that agree on nothing.
pub(super) fn agreed_key(
    private: &PrivateKey,
    point: &Point,
    parties: &Parties,
    encryption: ContentEncryption,
) -> Option<ContentKey> {
    let other = point.parse()?;
    let cipher = (encryption.name(), encryption.key_bits());
    let octets = agree(private, other, (), |secret| Ok(content_key(secret, parties, cipher))).ok()?;
    Some(ContentKey::new(encryption, octets))
}

/// The Concat KDF with SHA-256 (NIST SP 800-56A §5.8.1 as RFC 7518 §4.6.2 fills it in), its first round: as much as
/// each of our ciphers needs. The algorithm is named by `enc`, since the agreement is direct, and `bits` are those of its key.
pub(crate) fn content_key(secret: &[u8], parties: &Parties, (enc, bits): (&str, u32)) -> Zeroizing<[u8; 32]> {
    const ROUND: u32 = 1;
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(&ROUND.to_be_bytes());
    hash.update(secret);
    for part in [enc.as_bytes(), &parties.sender, &parties.recipient] {
        // Parts come from a header of at most 24 KiB.
        hash.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.update(&bits.to_be_bytes());
    let mut key = Zeroizing::new([0; 32]);
    key.copy_from_slice(hash.finish().as_ref());
    key
}

/// Reads an `epk` (RFC 7518 §4.6.1.1) that must be on the recipient's own curve and carry nothing private.
pub(super) fn ephemeral(epk: &Json, curve: Curve) -> Option<Point> {
    let said = |name: &'static str| required(epk, name).ok();
    if said("kty")? != curve.key_type().name() || said("crv")? != curve.name() || epk.get("d").is_some() {
        return None;
    }
    Point::read(curve, epk).ok()
}

//! Public keys of passkeys (RFC 9052 §7, RFC 9053, RFC 8230): the three kinds that are asked for.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::WebauthnFault;
use super::cbor::Cbor;

const EDDSA: i64 = -8;
const ES256: i64 = -7;
const RS256: i64 = -257;

/// The algorithms that a new passkey may have, the most wanted first (COSE numbers, RFC 8152 §8 and RFC 8812 §2).
pub const ALGORITHMS: [i64; 3] = [EDDSA, ES256, RS256];

/// The longest key that is read, bytes: RSA with 8192 bits.
const LONGEST: usize = 1200;

/// A public key, with the one algorithm that it is for.
#[derive(Debug, Clone)]
pub enum CoseKey<'a> {
    /// Ed25519: the point.
    EdDsa(&'a [u8]),
    /// P-256: the point, uncompressed.
    Es256(Box<[u8; 65]>),
    /// RSA: modulus and exponent.
    Rs256(&'a [u8], &'a [u8]),
}

impl<'a> CoseKey<'a> {
    /// Reads a `COSE_Key`.
    ///
    /// # Errors
    /// Where it is of no kind that is asked for.
    pub fn read(bytes: &'a [u8]) -> Result<Self, WebauthnFault> {
        if bytes.len() > LONGEST {
            return Err(WebauthnFault::Key);
        }
        let map = Cbor::read_all(bytes)?;
        Self::of(&map).ok_or(WebauthnFault::Key)
    }

    fn of(map: &Cbor<'a>) -> Option<Self> {
        let number = |label| map.at(label).and_then(Cbor::integer);
        let bytes = |label| map.at(label).and_then(Cbor::bytes);
        match (number(1)?, number(3)?) {
            // OKP, Ed25519.
            (1, EDDSA) if number(-1)? == 6 => {
                let point = bytes(-2)?;
                (point.len() == 32).then_some(Self::EdDsa(point))
            }
            // EC2, P-256. A compressed point has no bytes at -3 (§5.8.5).
            (2, ES256) if number(-1)? == 1 => {
                let (x, y): (&[u8; 32], &[u8; 32]) =
                    (bytes(-2)?.try_into().ok()?, bytes(-3)?.try_into().ok()?);
                let mut point = Box::new([4; 65]);
                let (_, coordinates) = point.split_first_mut()?;
                let (to_x, to_y) = coordinates.split_at_mut(32);
                to_x.copy_from_slice(x);
                to_y.copy_from_slice(y);
                Some(Self::Es256(point))
            }
            (3, RS256) => Some(Self::Rs256(bytes(-1)?, bytes(-2)?)),
            _ => None,
        }
    }

    /// The algorithm, as COSE numbers it.
    pub const fn algorithm(&self) -> i64 {
        match self {
            Self::EdDsa(_) => EDDSA,
            Self::Es256(_) => ES256,
            Self::Rs256(..) => RS256,
        }
    }

    /// Checks a signature (§6.5.5: ECDSA in DER).
    ///
    /// # Errors
    /// Where it is wrong.
    pub fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), WebauthnFault> {
        let checked = match self {
            Self::EdDsa(point) => UnparsedPublicKey::new(&ED25519, point).verify(signed, signature),
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &**point).verify(signed, signature)
            }
            Self::Rs256(n, e) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            }
        };
        checked.map_err(|_| WebauthnFault::Signature)
    }
}

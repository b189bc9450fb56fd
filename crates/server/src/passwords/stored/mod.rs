//! Stored password hashes: our own, and those that were imported from elsewhere.
//!
//! PHC strings of argon2, scrypt and PBKDF2, bcrypt's own form, PBKDF2 as passlib writes it, what Django keeps, and
//! Firebase's scrypt with the key of its project.

mod django;
mod firebase;

use argon2::Params;
use argon2::password_hash::phc::PasswordHash;
use aws_lc_rs::{constant_time, pbkdf2};
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use std::num::NonZeroU32;

use super::argon2id::{self, Memory};
use firebase::FirebaseHash;

/// Bytes of bcrypt's input at the most; what is behind them does not count.
const BCRYPT_CUT: usize = 72;
/// Memory of an imported hash at the most, KiB: as many as there are cores may be needed at once.
const MEMORY_MOST: u32 = 256 * 1024;
/// Iterations of PBKDF2 at the most: about a second.
const ITERATIONS_MOST: u32 = 2_000_000;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A stored hash, as far as it is understood.
pub(super) enum StoredHash<'a> {
    /// argon2 of any kind.
    Argon2(Box<PasswordHash>),
    /// bcrypt.
    Bcrypt(&'a str),
    /// bcrypt of SHA-256 in hexadecimal, as Django has it.
    BcryptOfSha256(&'a str),
    /// Firebase's scrypt.
    Firebase(Box<FirebaseHash>),
    /// scrypt (RFC 7914).
    Scrypt { params: scrypt::Params, salt: Vec<u8>, hash: Vec<u8> },
    /// PBKDF2 (RFC 8018 §5.2).
    Pbkdf2 { algorithm: pbkdf2::Algorithm, iterations: NonZeroU32, salt: Vec<u8>, hash: Vec<u8> },
}

/// Whether a hash may replace the one that a password was checked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replaceable {
    Yes,
    /// The check did not look at all of the password: what lies behind may be mistyped.
    No,
}

impl<'a> StoredHash<'a> {
    /// Reads a stored hash. `None`: it is of no known form, or checking it would cost too much.
    pub fn parse(text: &'a str) -> Option<Self> {
        let Some(rest) = text.strip_prefix('$') else { return django::parse(text) };
        let mut parts = rest.split('$');
        match parts.next()? {
            "argon2id" | "argon2i" | "argon2d" => argon2(text),
            "2a" | "2b" | "2y" => is_bcrypt(text).then_some(Self::Bcrypt(text)),
            "scrypt" => {
                let [parameters, salt, hash] = three(parts)?;
                let number = |name: &str| parameter(parameters, name);
                let params = scrypt_params(number("ln")?, number("r")?, number("p")?)?;
                Some(Self::Scrypt { params, salt: decoded(salt)?, hash: digest(hash)? })
            }
            name @ ("pbkdf2" | "pbkdf2-sha1" | "pbkdf2-sha256" | "pbkdf2-sha512") => {
                let [parameters, salt, hash] = three(parts)?;
                let iterations = parameters.parse().ok().or_else(|| parameter(parameters, "i"))?;
                let algorithm = match name {
                    "pbkdf2-sha512" => pbkdf2::PBKDF2_HMAC_SHA512,
                    "pbkdf2-sha256" => pbkdf2::PBKDF2_HMAC_SHA256,
                    _ => pbkdf2::PBKDF2_HMAC_SHA1,
                };
                pbkdf2(algorithm, iterations, (decoded(salt)?, digest(hash)?))
            }
            "firebase-scrypt" => FirebaseHash::parse(parts).map(|hash| Self::Firebase(Box::new(hash))),
            _ => None,
        }
    }

    /// Whether this is the hash of a password. `raw` is as it was presented, `prepared` as we hash it.
    pub fn verify(&self, raw: &str, prepared: &str, memory: &mut Memory) -> bool {
        match self {
            Self::Argon2(hash) => {
                // One made elsewhere may be of the password as it came.
                argon2id::verify(hash, prepared, memory)
                    || (raw != prepared && argon2id::verify(hash, raw, memory))
            }
            Self::Bcrypt(text) => bcrypt::verify(raw, text).unwrap_or(false),
            Self::BcryptOfSha256(text) => bcrypt::verify(django::sha256_hex(raw), text).unwrap_or(false),
            Self::Firebase(hash) => hash.verify(raw),
            Self::Scrypt { params, salt, hash } => {
                let mut found = vec![0; hash.len()];
                scrypt::scrypt(raw.as_bytes(), salt, params, &mut found).is_ok()
                    && constant_time::verify_slices_are_equal(&found, hash).is_ok()
            }
            Self::Pbkdf2 { algorithm, iterations, salt, hash } => {
                pbkdf2::verify(*algorithm, *iterations, salt, raw.as_bytes(), hash).is_ok()
            }
        }
    }

    /// Whether the password that was found right may be hashed anew.
    pub fn replaceable(&self, raw: &str) -> Replaceable {
        match self {
            Self::Bcrypt(_) if raw.len() > BCRYPT_CUT => Replaceable::No,
            Self::Bcrypt(_)
            | Self::BcryptOfSha256(_)
            | Self::Firebase(_)
            | Self::Argon2(_)
            | Self::Scrypt { .. }
            | Self::Pbkdf2 { .. } => Replaceable::Yes,
        }
    }
}

/// A PHC string of argon2.
fn argon2(text: &str) -> Option<StoredHash<'static>> {
    let hash = PasswordHash::new(text).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let fits = params.m_cost() <= MEMORY_MOST && params.t_cost() <= 20 && params.p_cost() <= 16;
    (fits && hash.salt.is_some() && hash.hash.is_some()).then(|| StoredHash::Argon2(Box::new(hash)))
}

/// Whether a text is a hash of bcrypt that does not cost too much.
fn is_bcrypt(text: &str) -> bool {
    let mut parts = text.split('$').skip(2);
    let cost = parts.next().and_then(|cost| cost.parse::<u32>().ok());
    let is_whole =
        text.len() == 60 && parts.next().is_some_and(|rest| rest.len() == 53) && parts.next().is_none();
    is_whole && cost.is_some_and(|cost| (4..=14).contains(&cost))
}

fn scrypt_params(log_n: u32, r: u32, p: u32) -> Option<scrypt::Params> {
    let memory = 1_u64.checked_shl(log_n)?.checked_mul(u64::from(r))? / 8;
    if log_n == 0 || log_n > 20 || p > 16 || memory > u64::from(MEMORY_MOST) {
        return None;
    }
    scrypt::Params::new(u8::try_from(log_n).ok()?, r, p).ok()
}

fn pbkdf2(
    algorithm: pbkdf2::Algorithm,
    iterations: u32,
    (salt, hash): (Vec<u8>, Vec<u8>),
) -> Option<StoredHash<'static>> {
    let iterations = NonZeroU32::new(iterations).filter(|n| n.get() <= ITERATIONS_MOST)?;
    Some(StoredHash::Pbkdf2 { algorithm, iterations, salt, hash })
}

fn three<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<[&'a str; 3]> {
    let found = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(found)
}

/// A number among `name=number,…`.
fn parameter(list: &str, name: &str) -> Option<u32> {
    let mut pairs = list.split(',').filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| *known == name)?.1.parse().ok()
}

/// Base64 with or without padding; passlib writes `.` for `+`.
fn decoded(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('.', "+")).ok().filter(|bytes| bytes.len() <= 128)
}

/// A hash that is long enough to mean something.
fn digest(text: &str) -> Option<Vec<u8>> {
    decoded(text).filter(|bytes| (16..=64).contains(&bytes.len()))
}

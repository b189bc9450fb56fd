//! Types for secrets: none has a `Display`, `Debug` shows `[redacted]`, comparison takes constant time.

use std::fmt;

use aws_lc_rs::{constant_time, digest, hmac};
use zeroize::Zeroizing;

const REDACTED: &str = "[redacted]";

/// A secret as somebody presented it: a client secret, a token, a password. Wiped from memory when dropped.
///
/// It cannot be compared; hash it and compare the hashes with [`Digest32::ct_eq`].
#[derive(Clone)]
pub struct Presented(Zeroizing<String>);

impl Presented {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for hashing and verifying.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing was presented.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// SHA-256 of the text: what is stored of secrets that are random to begin with.
    pub fn sha256(&self) -> Digest32 {
        sha256(self.0.as_bytes())
    }
}

impl From<Zeroizing<String>> for Presented {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Presented").field(&format_args!("{REDACTED}")).finish()
    }
}

/// 32 bytes of SHA-256 or HMAC-SHA-256: what is stored in place of a secret.
#[derive(Clone, Copy)]
pub struct Digest32([u8; 32]);

impl Digest32 {
    /// A digest as it was stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A digest as it was stored; `None` unless there are exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, for storing.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are the same, in time that does not depend on where they differ.
    pub fn ct_eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl fmt::Debug for Digest32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Digest32").field(&format_args!("{REDACTED}")).finish()
    }
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> Digest32 {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    Digest32(hash)
}

/// A server-side key under which secrets are hashed with HMAC-SHA-256 (RFC 2104), so that a copy of the database
/// alone does not allow guessing them.
///
/// Only the prepared key state is kept; the library wipes it when the key is dropped.
pub struct HashKey(hmac::Key);

impl HashKey {
    /// Prepares the key; the raw bytes are wiped.
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, bytes.as_slice());
        drop(bytes);
        Self(key)
    }

    /// HMAC-SHA-256 of the UTF-8 bytes of `text`.
    pub fn hash(&self, text: &str) -> Digest32 {
        self.hash_bytes(text.as_bytes())
    }

    /// HMAC-SHA-256.
    pub fn hash_bytes(&self, bytes: &[u8]) -> Digest32 {
        let mut hash = [0; 32];
        hash.copy_from_slice(hmac::sign(&self.0, bytes).as_ref());
        Digest32(hash)
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HashKey").field(&format_args!("{REDACTED}")).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digest: Digest32) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
        digest.as_bytes().iter().flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }

    #[test]
    fn debug_shows_no_secret() {
        let presented = Presented::new("correct horse".to_owned());
        assert_eq!(format!("{presented:?}"), "Presented([redacted])");
        assert_eq!(format!("{:?}", presented.sha256()), "Digest32([redacted])");
        assert_eq!(format!("{:?}", HashKey::new(Zeroizing::new([7; 32]))), "HashKey([redacted])");
    }

    /// FIPS 180-4, the example "abc".
    #[test]
    fn sha256_of_abc() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(sha256(b"abc")), expected);
        assert_eq!(hex(Presented::new("abc".to_owned()).sha256()), expected);
    }

    #[test]
    fn hmac_sha256_under_a_known_key() {
        let key = HashKey::new(Zeroizing::new([0x0B; 32]));
        let expected = "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7";
        assert_eq!(hex(key.hash("Hi There")), expected);
        assert!(!key.hash("Hi There").ct_eq(&key.hash("Hi there")));
    }

    #[test]
    fn digests_are_equal_only_if_every_byte_is() {
        let one = sha256(b"one");
        for place in 0..32 {
            let mut bytes = *one.as_bytes();
            bytes[place] ^= 1;
            assert!(!one.ct_eq(&Digest32::from_bytes(bytes)), "byte {place}");
        }
        assert!(one.ct_eq(&Digest32::from_slice(one.as_bytes()).unwrap()));
        assert!(Digest32::from_slice(&[0; 31]).is_none());
        assert!(Digest32::from_slice(&[0; 33]).is_none());
    }
}

//! Sealing of private keys for storage: AES-256-GCM (NIST SP 800-38D) under a master key.
//!
//! A sealed value is `version (1) ‖ master key id (8) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. Version, id and the
//! caller's context are authenticated with it, so a value cannot be moved to another row; the id tells which
//! master key opens it, so that a store can be rewrapped while both are known.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, rand};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const KEY_BYTES: usize = 32;
const ID_BYTES: usize = 8;
const TAG_BYTES: usize = 16;

/// What is hashed in front of a master key to give its id; the hash of the bare key would serve no other purpose,
/// but might be asked to one day.
const ID_LABEL: &[u8] = b"writ master key id v1\0";

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A master key that has not 32 bytes.
    #[error("a master key has 32 bytes, this one {bytes}")]
    KeyLength {
        /// How many it has.
        bytes: usize,
    },
    /// The value was sealed under another master key.
    #[error("sealed under master key {sealed}, but {given} was given")]
    WrongMasterKey {
        /// The id of the master key that would open it.
        sealed: MasterKeyId,
        /// The id of the one at hand.
        given: MasterKeyId,
    },
    /// The value was written in a form that this program does not know.
    #[error("sealed in the unknown form {version}")]
    UnknownVersion {
        /// The first byte.
        version: u8,
    },
    /// The right master key, but the value or its context has been changed or cut.
    #[error("the sealed value is damaged or belongs elsewhere")]
    Damaged,
    /// The cryptographic library or the system's random generator failed.
    #[error("the cryptographic library failed")]
    Library,
}

/// The public name of a master key: 8 bytes of a hash of it, shown as 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MasterKeyId([u8; ID_BYTES]);

impl fmt::Display for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The 32-byte key that all private keys are sealed under; wiped when dropped.
pub struct MasterKey {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    id: MasterKeyId,
}

impl MasterKey {
    /// A new random key.
    pub fn generate() -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(bytes.as_mut()).map_err(|_| SealError::Library)?;
        Ok(Self::new(bytes))
    }

    /// A key from its 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let mut own = Zeroizing::new([0; KEY_BYTES]);
        if bytes.len() != KEY_BYTES {
            return Err(SealError::KeyLength { bytes: bytes.len() });
        }
        own.copy_from_slice(bytes);
        Ok(Self::new(own))
    }

    fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(ID_LABEL);
        context.update(bytes.as_ref());
        let mut id = [0; ID_BYTES];
        for (to, from) in id.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        Self { bytes, id: MasterKeyId(id) }
    }

    /// The key's 32 bytes, only to be written to its own file.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }

    /// The key's public name.
    pub fn id(&self) -> MasterKeyId {
        self.id
    }

    /// Seals `plain`; only the same `context` (such as a key id) opens it again.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| SealError::Library)?;
        // Sized once, so that growing leaves no copy of the plain text behind.
        let mut ciphertext = Zeroizing::new(Vec::with_capacity(plain.len() + TAG_BYTES));
        ciphertext.extend_from_slice(plain);
        let associated = Aad::from(associated_data(self.id, context));
        self.cipher()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), associated, &mut *ciphertext)
            .map_err(|_| SealError::Library)?;
        Ok([&[VERSION][..], &self.id.0, &nonce, &ciphertext].concat())
    }

    /// Opens what [`Self::seal`] made with the same context.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let envelope = SealedEnvelope::read(sealed)?;
        if envelope.master != self.id {
            return Err(SealError::WrongMasterKey { sealed: envelope.master, given: self.id });
        }
        let mut plain = Zeroizing::new(envelope.ciphertext.to_vec());
        let associated = Aad::from(associated_data(self.id, context));
        let length = self
            .cipher()?
            .open_in_place(Nonce::assume_unique_for_key(envelope.nonce), associated, &mut plain)
            .map_err(|_| SealError::Damaged)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    fn cipher(&self) -> Result<LessSafeKey, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, self.bytes.as_ref()).map_err(|_| SealError::Library)?;
        Ok(LessSafeKey::new(key))
    }
}

impl MasterKeyId {
    /// The master key that a sealed value needs, read without opening it.
    pub fn of_sealed(sealed: &[u8]) -> Result<Self, SealError> {
        SealedEnvelope::read(sealed).map(|envelope| envelope.master)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, [redacted])", self.id)
    }
}

struct SealedEnvelope<'a> {
    master: MasterKeyId,
    nonce: [u8; NONCE_LEN],
    ciphertext: &'a [u8],
}

impl<'a> SealedEnvelope<'a> {
    fn read(sealed: &'a [u8]) -> Result<Self, SealError> {
        let (version, rest) = sealed.split_first().ok_or(SealError::Damaged)?;
        if *version != VERSION {
            return Err(SealError::UnknownVersion { version: *version });
        }
        let (master, rest) = rest.split_first_chunk().ok_or(SealError::Damaged)?;
        let (nonce, ciphertext) = rest.split_first_chunk().ok_or(SealError::Damaged)?;
        Ok(Self { master: MasterKeyId(*master), nonce: *nonce, ciphertext })
    }
}

/// Version and id have fixed lengths, so the context needs no length of its own.
fn associated_data(master: MasterKeyId, context: &[u8]) -> Vec<u8> {
    [&[VERSION][..], &master.0, context].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_sealed_opens_under_its_key_and_context_alone() {
        let key = MasterKey::generate().unwrap();
        let other = MasterKey::generate().unwrap();
        let sealed = key.seal(b"key-1", b"secret").unwrap();
        assert_eq!(sealed.len(), 1 + 8 + 12 + 6 + 16);
        assert_eq!(*key.open(b"key-1", &sealed).unwrap(), b"secret");
        assert_eq!(key.open(b"key-2", &sealed), Err(SealError::Damaged));
        assert_eq!(
            other.open(b"key-1", &sealed),
            Err(SealError::WrongMasterKey { sealed: key.id(), given: other.id() })
        );
        assert_eq!(MasterKeyId::of_sealed(&sealed), Ok(key.id()));
        let again = MasterKey::from_bytes(key.expose()).unwrap();
        assert_eq!(again.id(), key.id());
        assert_eq!(*again.open(b"key-1", &sealed).unwrap(), b"secret");
    }

    /// The sealed value was made with another implementation of AES-GCM.
    #[test]
    fn the_form_does_not_change_unseen() {
        let key = MasterKey::from_bytes(&[7; 32]).unwrap();
        assert_eq!(key.id().to_string(), "126ac459a90203ae");
        let sealed = "01126ac459a90203ae000102030405060708090a0b68ed881973cf78ad654b7fceaef1f6710ed5eb5cf5";
        let bytes: Vec<u8> = sealed
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        assert_eq!(*key.open(b"context", &bytes).unwrap(), b"plain");
    }

    #[test]
    fn nonces_differ() {
        let key = MasterKey::generate().unwrap();
        assert_ne!(key.seal(b"", b"x").unwrap(), key.seal(b"", b"x").unwrap());
    }

    #[test]
    fn each_flipped_bit_and_each_cut_is_noticed() {
        let key = MasterKey::from_bytes(&[7; 32]).unwrap();
        let sealed = key.seal(b"c", b"plain").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let error = key.open(b"c", &changed).unwrap_err();
            match bit / 8 {
                0 => assert!(matches!(error, SealError::UnknownVersion { .. })),
                1..=8 => assert!(matches!(error, SealError::WrongMasterKey { .. })),
                _ => assert_eq!(error, SealError::Damaged),
            }
        }
        for length in 0..sealed.len() {
            let error = key.open(b"c", &sealed[..length]).unwrap_err();
            assert_eq!(error, SealError::Damaged, "cut to {length}");
        }
    }

    #[test]
    fn a_master_key_has_32_bytes_and_is_not_printed() {
        for bytes in [0, 16, 31, 33, 64] {
            assert_eq!(MasterKey::from_bytes(&vec![1; bytes]).unwrap_err(), SealError::KeyLength { bytes });
        }
        let key = MasterKey::from_bytes(&[0xab; 32]).unwrap();
        assert_eq!(format!("{key:?}"), format!("MasterKey({}, [redacted])", key.id()));
    }

    proptest! {
        #[test]
        fn anything_can_be_sealed(context in prop::collection::vec(any::<u8>(), 0..64),
                                  plain in prop::collection::vec(any::<u8>(), 0..2000)) {
            let key = MasterKey::from_bytes(&[9; 32]).unwrap();
            let sealed = key.seal(&context, &plain).unwrap();
            prop_assert_eq!(&*key.open(&context, &sealed).unwrap(), &plain);
        }

        #[test]
        fn arbitrary_bytes_never_panic(sealed in prop::collection::vec(any::<u8>(), 0..100)) {
            let key = MasterKey::from_bytes(&[9; 32]).unwrap();
            prop_assert!(key.open(b"", &sealed).is_err());
        }
    }
}

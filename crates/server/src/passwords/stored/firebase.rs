//! Firebase's scrypt: what scrypt gives is the key under which the key of the project is encrypted; the outcome is the
//! hash. Kept as `$firebase-scrypt$ln=14,r=8$SALT$HASH$SEPARATOR$KEY`, all in Base64, as each is exported.

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time;
use aws_lc_rs::iv::FixedLength;

use super::{decoded, parameter, scrypt_params};

/// Bytes that scrypt gives, of which the first 32 are used.
const DERIVED: usize = 64;

/// A hash, with what it needs of its project.
pub(in crate::passwords) struct FirebaseHash {
    params: scrypt::Params,
    /// With the project's separator behind it.
    salt: Vec<u8>,
    hash: Vec<u8>,
    /// The key of the project.
    signer: Vec<u8>,
}

impl FirebaseHash {
    pub(super) fn parse<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut next = || parts.next();
        let (parameters, salt, hash) = (next()?, next()?, next()?);
        let (separator, signer) = (next()?, next()?);
        if next().is_some() {
            return None;
        }
        let params = scrypt_params(parameter(parameters, "ln")?, parameter(parameters, "r")?, 1)?;
        let salt = [decoded(salt)?, decoded(separator)?].concat();
        let (hash, signer) = (decoded(hash)?, decoded(signer)?);
        let is_whole = signer.len() >= 32 && hash.len() == signer.len();
        is_whole.then_some(Self { params, salt, hash, signer })
    }

    /// Whether this is the hash of a password.
    pub(super) fn verify(&self, password: &str) -> bool {
        let mut derived = [0; DERIVED];
        if scrypt::scrypt(password.as_bytes(), &self.salt, &self.params, &mut derived).is_err() {
            return false;
        }
        let Some(key) = derived.get(..32) else { return false };
        let mut found = self.signer.clone();
        let encrypted = UnboundCipherKey::new(&AES_256, key).and_then(EncryptingKey::ctr).and_then(|key| {
            let counter = EncryptionContext::Iv128(FixedLength::from([0; 16]));
            key.less_safe_encrypt(&mut found, counter).map(drop)
        });
        encrypted.is_ok() && constant_time::verify_slices_are_equal(&found, &self.hash).is_ok()
    }
}

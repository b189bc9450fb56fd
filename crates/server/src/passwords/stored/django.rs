//! Hashes as Django keeps them: the name of the algorithm first, and salts as the text that they are.

use std::fmt::Write as _;

use aws_lc_rs::pbkdf2 as kdf;
use writ_core::secret::sha256;

use super::{StoredHash, argon2, digest, is_bcrypt, pbkdf2, scrypt_params};

/// Characters of a salt at the most.
const SALT_MOST: usize = 128;

/// Reads one. `None`: it is of no known form, or checking it would cost too much.
pub(super) fn parse(text: &str) -> Option<StoredHash<'_>> {
    let (name, rest) = text.split_once('$')?;
    match name {
        "argon2" => argon2(text.get(name.len()..)?),
        "bcrypt" => is_bcrypt(rest).then_some(StoredHash::Bcrypt(rest)),
        "bcrypt_sha256" => is_bcrypt(rest).then_some(StoredHash::BcryptOfSha256(rest)),
        "pbkdf2_sha256" => of_pbkdf2(kdf::PBKDF2_HMAC_SHA256, rest),
        "pbkdf2_sha1" => of_pbkdf2(kdf::PBKDF2_HMAC_SHA1, rest),
        "scrypt" => {
            let parts: Vec<_> = rest.split('$').collect();
            let [n, salt, r, p, hash] = parts.as_slice() else { return None };
            let n: u64 = n.parse().ok().filter(|n: &u64| n.is_power_of_two())?;
            let params = scrypt_params(n.ilog2(), r.parse().ok()?, p.parse().ok()?)?;
            Some(StoredHash::Scrypt { params, salt: as_it_is(salt)?, hash: digest(hash)? })
        }
        _ => None,
    }
}

fn of_pbkdf2(algorithm: kdf::Algorithm, rest: &str) -> Option<StoredHash<'static>> {
    let [iterations, salt, hash] = super::three(rest.split('$'))?;
    pbkdf2(algorithm, iterations.parse().ok()?, (as_it_is(salt)?, digest(hash)?))
}

fn as_it_is(salt: &str) -> Option<Vec<u8>> {
    (1..=SALT_MOST).contains(&salt.len()).then(|| salt.as_bytes().to_vec())
}

/// What is put into bcrypt where passwords may be longer than it looks at.
pub(super) fn sha256_hex(password: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in sha256(password.as_bytes()).as_bytes() {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

//! argon2 in memory that is kept from one hash to the next. The library by itself asks for 19 MiB each time and
//! clears them before it fills them, which costs a twentieth of the hash.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt as PhcSalt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time;

use super::{PoolError, Salt};

/// 19 MiB, two passes, one lane: OWASP's first choice for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// What a hash with these parameters begins with; any other one is out of date.
pub(super) const CURRENT: &str = "$argon2id$v=19$m=19456,t=2,p=1$";
/// Blocks that are kept: those of a hash with these parameters.
const BLOCKS: usize = MEMORY_KIB as usize;
/// Blocks that room is asked for. What is larger than 32 MiB, glibc gives back to the system when it is freed, and
/// anything smaller it may keep; what is never touched costs nothing.
const ROOM: usize = 33 * 1024;

/// Working memory of argon2. It is written before it is read, so that what a hash left behind does not matter to the
/// next one. What is left behind tells no more of a password than its hash does, and at the same price.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// Whether nothing is kept.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives everything back to the system.
    pub fn give_back(&mut self) {
        self.0 = Vec::new();
    }

    /// Hashes in this memory, or in other where parameters from elsewhere want more.
    fn hash(&mut self, argon2: &Argon2<'_>, input: (&[u8], &[u8]), output: &mut [u8]) -> argon2::Result<()> {
        let (password, salt) = input;
        if argon2.params().block_count() > BLOCKS {
            return argon2.hash_password_into(password, salt, output);
        }
        if self.0.is_empty() {
            self.0.reserve_exact(ROOM);
            self.0.resize(BLOCKS, Block::new());
        }
        argon2.hash_password_into_with_memory(password, salt, output, &mut self.0)
    }
}

/// argon2id with today's parameters, as the library has it.
pub(super) fn argon2() -> Result<Argon2<'static>, PoolError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_| PoolError::Hash)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a password, as a PHC string.
pub(super) fn hash(password: &str, salt: &Salt, memory: &mut Memory) -> Result<String, PoolError> {
    let argon2 = argon2()?;
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    memory.hash(&argon2, (password.as_bytes(), salt), &mut output).map_err(|_| PoolError::Hash)?;
    let made = || {
        Some(PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(argon2.params()).ok()?,
            salt: Some(PhcSalt::new(salt).ok()?),
            hash: Some(Output::new(&output).ok()?),
        })
    };
    Ok(made().ok_or(PoolError::Hash)?.to_string())
}

/// Whether this is the hash of a password: argon2 of any kind, with its own parameters.
pub(super) fn verify(hash: &PasswordHash, password: &str, memory: &mut Memory) -> bool {
    let known = hash.hash.as_ref().map(Output::as_bytes);
    let found = again(hash, password, memory);
    known
        .zip(found)
        .is_some_and(|(known, found)| constant_time::verify_slices_are_equal(known, &found).is_ok())
}

/// What a password comes to in the way that this hash was made.
fn again(hash: &PasswordHash, password: &str, memory: &mut Memory) -> Option<Vec<u8>> {
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash).ok()?);
    let mut output = vec![0; hash.hash.as_ref()?.len()];
    memory.hash(&argon2, (password.as_bytes(), hash.salt.as_ref()?), &mut output).ok()?;
    Some(output)
}

//! argon2id on a bounded pool: hashing costs 20 ms and 19 MiB, so no more of it runs at once than
//! there are cores, and no more waits than can be answered soon.

mod stored;
mod strength;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use writ_core::decision::Random;
use writ_core::people::password::prepared;
use writ_core::people::sign_in::{LONGEST_PASSWORD, PasswordProof};
use writ_core::secret::Presented;

use stored::{Replaceable, Stored};

/// 19 MiB, two passes, one lane: OWASP's first choice for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// What a hash with these parameters begins with; any other one is out of date.
const CURRENT: &str = "$argon2id$v=19$m=19456,t=2,p=1$";
/// Requests that may wait for a place.
const QUEUE: usize = 64;

/// The random part of a new hash.
pub type Salt = [u8; 16];

/// A salt that nobody has used.
pub fn salt(random: &dyn Random) -> Salt {
    let mut salt = Salt::default();
    random.fill(&mut salt);
    salt
}

/// The pool.
#[derive(Debug)]
pub struct PasswordPool {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    hashed: Arc<AtomicU64>,
    refused: AtomicU64,
}

/// A place in the queue, given back when it is dropped: whoever has one will be served.
#[derive(Debug)]
pub struct Ticket(Arc<AtomicUsize>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why nothing was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// Too many wait already.
    #[error("too many password checks wait already")]
    Full,
    /// The hash could not be made.
    #[error("the password hash could not be made")]
    Hash,
}

impl PasswordPool {
    /// A pool with as many places as there are cores.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            places: Arc::new(Semaphore::new(cores)),
            waiting: Arc::default(),
            hashed: Arc::default(),
            refused: AtomicU64::new(0),
        }
    }

    /// A place in the queue, to be had before anything is written that only a check makes good.
    ///
    /// # Errors
    /// [`PoolError::Full`] at once, where too many wait.
    pub fn ticket(&self) -> Result<Ticket, PoolError> {
        let ticket = Ticket(Arc::clone(&self.waiting));
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(PoolError::Full);
        }
        Ok(ticket)
    }

    /// Whether `presented` is the secret behind `phc`.
    ///
    /// # Errors
    /// [`PoolError::Full`] at once, where too many wait.
    pub async fn verify(&self, presented: Presented, phc: Arc<str>) -> Result<bool, PoolError> {
        let text = move || Stored::parse(&phc).is_some_and(|stored| verify(&stored, &presented));
        self.run(self.ticket()?, text).await
    }

    /// What a person's password proves against what is stored of theirs. Where nothing is stored, or
    /// nothing that is understood, the work is done all the same.
    ///
    /// # Errors
    /// [`PoolError::Hash`].
    pub async fn check(
        &self,
        ticket: Ticket,
        presented: Presented,
        stored: Option<Arc<str>>,
        salt: Salt,
    ) -> Result<PasswordProof, PoolError> {
        let hashed = Arc::clone(&self.hashed);
        self.run(ticket, move || check(&presented, stored.as_deref(), salt, &hashed)).await?
    }

    /// Hashes a person's new password.
    ///
    /// # Errors
    /// [`PoolError`].
    pub async fn hash(&self, password: Presented, salt: Salt) -> Result<Arc<str>, PoolError> {
        let hashed = Arc::clone(&self.hashed);
        let hash =
            self.run(self.ticket()?, move || hash_counted(&prepared(password.expose()), salt, &hashed));
        Ok(hash.await??.into())
    }

    /// Runs something that takes as long as a hash.
    ///
    /// # Errors
    /// [`PoolError`].
    pub async fn run<T: Send + 'static>(
        &self,
        ticket: Ticket,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        drop(ticket);
        let place = place.map_err(|_closed| PoolError::Full)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        })
        .await
        .map_err(|_panicked| PoolError::Hash)
    }

    /// How often a person's password was hashed with argon2id, since the start.
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    /// How often the queue was full, since the start.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Default for PasswordPool {
    fn default() -> Self {
        Self::new()
    }
}

/// Why a hash from elsewhere is not taken; `None`: it can be verified.
pub fn import_problem(hash: &str) -> Option<&'static str> {
    let understood = hash.len() <= 512 && Stored::parse(hash).is_some();
    (!understood).then_some(
        "must be a hash of argon2, scrypt or PBKDF2 as a PHC string, or of bcrypt ($2a$, $2b$ or $2y$), \
         with parameters that can be checked in about a second",
    )
}

fn argon2() -> Result<Argon2<'static>, PoolError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_| PoolError::Hash)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a secret in this thread: for start-up and the pool.
///
/// # Errors
/// [`PoolError::Hash`].
pub fn hash(secret: &str, random: &dyn Random) -> Result<String, PoolError> {
    hash_with(secret, salt(random))
}

fn hash_with(secret: &str, salt: Salt) -> Result<String, PoolError> {
    let hash: PasswordHash =
        argon2()?.hash_password_with_salt(secret.as_bytes(), &salt).map_err(|_| PoolError::Hash)?;
    Ok(hash.to_string())
}

fn hash_counted(password: &str, salt: Salt, hashed: &AtomicU64) -> Result<String, PoolError> {
    hashed.fetch_add(1, Ordering::Relaxed);
    hash_with(password, salt)
}

fn verify(stored: &Stored<'_>, presented: &Presented) -> bool {
    stored.verify(presented.expose(), presented.expose())
}

/// One argon2id of today's cost, whatever comes of it: for nobody's name, for a wrong password, for a
/// hash of another kind. The last one costs its own check beside, until its owner signs in.
fn check(
    presented: &Presented,
    stored: Option<&str>,
    salt: Salt,
    hashed: &AtomicU64,
) -> Result<PasswordProof, PoolError> {
    let raw = presented.expose();
    let prepared = prepared(raw);
    let stored = stored.filter(|_| raw.len() <= LONGEST_PASSWORD);
    let is_current = stored.is_some_and(|stored| stored.starts_with(CURRENT));
    if let Some(ours) = stored.filter(|_| is_current).and_then(Stored::parse) {
        hashed.fetch_add(1, Ordering::Relaxed);
        let is_right = ours.verify(&prepared, &prepared);
        return Ok(if is_right { PasswordProof::Right } else { PasswordProof::Nothing });
    }
    let other = stored.and_then(Stored::parse).filter(|other| other.verify(raw, &prepared));
    let new = hash_counted(if raw.len() <= LONGEST_PASSWORD { &prepared } else { "" }, salt, hashed)?;
    Ok(match other.map(|other| other.replaceable(raw)) {
        None => PasswordProof::Nothing,
        Some(Replaceable::No) => PasswordProof::Right,
        Some(Replaceable::Yes) => PasswordProof::Outdated(new.into()),
    })
}

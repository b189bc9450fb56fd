//! argon2id on a bounded pool: hashing costs 20 ms and 19 MiB, so no more of it runs at once than
//! there are cores, and no more waits than can be answered soon.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use writ_core::decision::Random;
use writ_core::secret::Presented;

/// 19 MiB, two passes, one lane: OWASP's first choice for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Requests that may wait for a place.
const QUEUE: usize = 64;

/// The pool.
#[derive(Debug)]
pub struct PasswordPool {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
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
        Self { places: Arc::new(Semaphore::new(cores)), waiting: AtomicUsize::new(0) }
    }

    /// Whether `presented` is the secret behind `phc`.
    ///
    /// # Errors
    /// [`PoolError::Full`] at once, where too many wait.
    pub async fn verify(&self, presented: Presented, phc: Arc<str>) -> Result<bool, PoolError> {
        self.run(move || verify(&presented, &phc)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(PoolError::Full);
        }
        let place = Arc::clone(&self.places).acquire_owned().await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let place = place.map_err(|_closed| PoolError::Full)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        })
        .await
        .map_err(|_panicked| PoolError::Hash)
    }
}

impl Default for PasswordPool {
    fn default() -> Self {
        Self::new()
    }
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
    let mut salt = [0u8; 16];
    random.fill(&mut salt);
    let hash: PasswordHash =
        argon2()?.hash_password_with_salt(secret.as_bytes(), &salt).map_err(|_| PoolError::Hash)?;
    Ok(hash.to_string())
}

fn verify(presented: &Presented, phc: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(phc) else { return false };
    argon2().is_ok_and(|argon2| argon2.verify_password(presented.expose().as_bytes(), &parsed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemSource;

    #[tokio::test]
    async fn a_hash_recognises_its_secret_and_no_other() {
        let phc: Arc<str> = hash("correct horse", &SystemSource::default()).unwrap().into();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let pool = PasswordPool::new();
        assert!(pool.verify(Presented::new("correct horse".into()), Arc::clone(&phc)).await.unwrap());
        assert!(!pool.verify(Presented::new("wrong horse".into()), phc).await.unwrap());
    }

    #[tokio::test]
    async fn a_full_queue_answers_at_once() {
        let pool = PasswordPool::new();
        pool.waiting.store(QUEUE, Ordering::Relaxed);
        assert_eq!(pool.verify(Presented::new(String::new()), "".into()).await, Err(PoolError::Full));
    }
}

//! argon2id on a bounded pool: hashing costs 20 ms and 19 MiB, so no more of it runs at once than
//! there are cores, and no more waits than can be answered soon. Each network has its turn: one that floods keeps
//! itself waiting, and nobody else.

mod argon2id;
mod breached;
mod stored;
mod strength;
#[cfg(test)]
mod tests;
mod threads;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use tokio::sync::oneshot;
use writ_core::decision::Random;
use writ_core::network::Network;
use writ_core::people::password::prepared;
use writ_core::people::sign_in::{LONGEST_PASSWORD, PasswordProof};
use writ_core::secret::Presented;
use writ_core::shell_reason::ShellReason;

use argon2id::{CURRENT, Memory};
pub use breached::{BreachedFileError, BreachedPasswords};
use stored::{Replaceable, StoredHash};
use threads::Threads;

/// Requests of one lane that may wait for a place.
const QUEUE: usize = 128;
/// Requests that may wait in all; beyond that, whoever has none waiting may still have one, up to twice as many.
const QUEUES: usize = 2048;

/// For whom something is hashed, and how fast: each lane has its turn, whatever waits in others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    owner: LaneOwner,
    pace: Pace,
}

/// Whose lane it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum LaneOwner {
    /// Whoever calls from this network.
    Network(Network),
    /// Whoever calls with a credential, or from nowhere that is known.
    House,
}

/// How much of the threads' time a lane may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All that nobody else has a turn for.
    Steady,
    /// One thread, and that for a third of the time: for a network of which much has failed.
    Slow,
}

impl Lane {
    /// That of whoever calls with a credential.
    pub const HOUSE: Self = Self { owner: LaneOwner::House, pace: Pace::Steady };

    /// That of an address.
    pub fn of(ip: Option<IpAddr>) -> Self {
        let owner = ip.map_or(LaneOwner::House, |ip| LaneOwner::Network(Network::of(ip)));
        Self { owner, pace: Pace::Steady }
    }

    /// The same lane at another pace.
    #[must_use]
    pub const fn at(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }
}

/// Bytes of a client's secret at the most that are hashed.
const LONGEST_SECRET: usize = 4096;

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
    threads: Threads,
    waiting: Arc<Mutex<Tickets>>,
    hashed: Arc<AtomicU64>,
    refused: AtomicU64,
    /// Passwords that attackers know.
    breached: Option<Arc<BreachedPasswords>>,
}

/// How many have a place.
#[derive(Debug, Default)]
struct Tickets {
    of: HashMap<LaneOwner, usize>,
    all: usize,
}

/// A place in the queue of a lane, given back when it is dropped: whoever has one will be served.
#[derive(Debug)]
pub struct Ticket {
    lane: Lane,
    waiting: Arc<Mutex<Tickets>>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut tickets = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.all -= 1;
        if let Entry::Occupied(mut of) = tickets.of.entry(self.lane.owner) {
            *of.get_mut() -= 1;
            if *of.get() == 0 {
                of.remove();
            }
        }
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
    /// The list of passwords that attackers know could not be read.
    #[error("the file of breached_passwords cannot be read: see the log, or take the setting away")]
    List,
}

impl PasswordPool {
    /// A pool with as many threads as there are cores; none runs yet.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            threads: Threads::new(cores),
            waiting: Arc::default(),
            hashed: Arc::default(),
            refused: AtomicU64::new(0),
            breached: None,
        }
    }

    /// The same, where new passwords are looked for in this list.
    #[must_use]
    pub fn knowing(self, breached: Option<BreachedPasswords>) -> Self {
        Self { breached: breached.map(Arc::new), ..self }
    }

    /// A place in the queue, to be had before anything is written that only a check makes good.
    ///
    /// # Errors
    /// [`PoolError::Full`] at once, where too many wait in this lane.
    pub fn ticket(&self, lane: Lane) -> Result<Ticket, PoolError> {
        let mut tickets = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_lane = tickets.of.get(&lane.owner).copied().unwrap_or_default();
        let most = if of_lane == 0 { 2 * QUEUES } else { QUEUES };
        if of_lane >= QUEUE || tickets.all >= most {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(PoolError::Full);
        }
        *tickets.of.entry(lane.owner).or_default() += 1;
        tickets.all += 1;
        Ok(Ticket { lane, waiting: Arc::clone(&self.waiting) })
    }

    /// Whether `presented` is the secret behind `phc`.
    ///
    /// # Errors
    /// [`PoolError::Full`] at once, where too many wait.
    pub async fn verify(&self, lane: Lane, presented: Presented, phc: Arc<str>) -> Result<bool, PoolError> {
        let work = move |memory: &mut Memory| {
            let raw = presented.expose();
            raw.len() <= LONGEST_SECRET
                && StoredHash::parse(&phc).is_some_and(|stored| stored.verify(raw, raw, memory))
        };
        self.run(self.ticket(lane)?, work).await
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
        let work = move |memory: &mut Memory| {
            check(&presented, stored.as_deref(), Hasher { salt, hashed: &hashed, memory })
        };
        self.run(ticket, work).await?
    }

    /// Hashes a person's new password.
    ///
    /// # Errors
    /// [`PoolError`].
    pub async fn hash(&self, lane: Lane, password: Presented, salt: Salt) -> Result<Arc<str>, PoolError> {
        let hashed = Arc::clone(&self.hashed);
        let work = move |memory: &mut Memory| {
            Hasher { salt, hashed: &hashed, memory }.hash(&prepared(password.expose()))
        };
        Ok(self.run(self.ticket(lane)?, work).await??.into())
    }

    /// Runs something that takes as long as a hash.
    async fn run<T: Send + 'static>(
        &self,
        ticket: Ticket,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let (sender, receiver) = oneshot::channel();
        let lane = ticket.lane;
        let job = move |memory: &mut Memory| {
            drop(ticket);
            // Nobody's time is spent on what nobody waits for any more.
            if !sender.is_closed() {
                // Nor does it matter if they have gone since.
                let _ = sender.send(work(memory));
            }
        };
        self.threads.submit(lane, Box::new(job)).map_err(|_no_thread| PoolError::Hash)?;
        receiver.await.map_err(|_panicked| PoolError::Hash)
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
pub fn import_problem(hash: &str) -> Option<ShellReason> {
    let understood = hash.len() <= 512 && StoredHash::parse(hash).is_some();
    (!understood).then_some(ShellReason::PasswordHashBad)
}

/// Hashes a secret in this thread, as the library does it by itself: for start-up, and as the measure of the pool.
///
/// # Errors
/// [`PoolError::Hash`].
pub fn hash(secret: &str, random: &dyn Random) -> Result<String, PoolError> {
    let hash: PasswordHash = argon2id::argon2()?
        .hash_password_with_salt(secret.as_bytes(), &salt(random))
        .map_err(|_| PoolError::Hash)?;
    Ok(hash.to_string())
}

/// What a hash of a person's password needs, and where it is counted.
struct Hasher<'a> {
    salt: Salt,
    hashed: &'a AtomicU64,
    memory: &'a mut Memory,
}

impl Hasher<'_> {
    fn hash(&mut self, password: &str) -> Result<String, PoolError> {
        self.hashed.fetch_add(1, Ordering::Relaxed);
        argon2id::hash(password, &self.salt, self.memory)
    }
}

/// One argon2id of today's cost, whatever comes of it: for nobody's name, for a wrong password, for a
/// hash of another kind. The last one costs its own check beside, until its owner signs in.
fn check(
    presented: &Presented,
    stored: Option<&str>,
    mut hasher: Hasher<'_>,
) -> Result<PasswordProof, PoolError> {
    // Nothing is computed from a longer one, and it is nobody's.
    let is_bounded = presented.expose().len() <= LONGEST_PASSWORD;
    let raw = if is_bounded { presented.expose() } else { "" };
    let prepared = prepared(raw);
    let stored = stored.filter(|_| is_bounded);
    let is_current = stored.is_some_and(|stored| stored.starts_with(CURRENT));
    if let Some(ours) = stored.filter(|_| is_current).and_then(StoredHash::parse) {
        hasher.hashed.fetch_add(1, Ordering::Relaxed);
        let is_right = ours.verify(&prepared, &prepared, hasher.memory);
        return Ok(if is_right { PasswordProof::Right } else { PasswordProof::Nothing });
    }
    let other = stored.and_then(StoredHash::parse);
    let other = other.filter(|other| other.verify(raw, &prepared, hasher.memory));
    let new = hasher.hash(&prepared)?;
    Ok(match other.map(|other| other.replaceable(raw)) {
        None => PasswordProof::Nothing,
        Some(Replaceable::No) => PasswordProof::Right,
        Some(Replaceable::Yes) => PasswordProof::Outdated(new.into()),
    })
}

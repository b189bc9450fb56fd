//! Everybody behind one address comes to work, while somebody there guesses.

use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::floods::{self, Answers, Sort, Target};
use super::honest::{self, Honest};

/// Browsers that are open at once.
const AT_ONCE: usize = 32;
/// Connections of whoever guesses.
const GUESSERS: u64 = 4;
/// Somebody who is refused tries again after this, and gives up in the end.
const AGAIN: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_mins(3);

/// How it went.
#[derive(Debug)]
pub struct Crowd {
    pub people: usize,
    /// Until the last of them was in.
    pub took: Duration,
    /// Tries that were refused.
    pub refused: usize,
    pub why: Option<String>,
    /// People who never got in.
    pub left_out: usize,
    pub guesses: u64,
}

/// Lets so many people sign in from one address, each in a new browser.
pub fn come(honest: &Honest, target: &Target, people: usize) -> Crowd {
    let office = IpAddr::from([127, 0, 3, 1]);
    let crowd = honest.people.get(..people).unwrap_or(&honest.people);
    let (stop, answers) = (AtomicBool::new(false), Answers::default());
    let tries = Tries { next: AtomicUsize::new(0), began: Instant::now(), seen: Mutex::new((0, None, 0)) };
    let took = std::thread::scope(|scope| {
        for number in 0..GUESSERS {
            let (stop, answers) = (&stop, &answers);
            scope.spawn(move || {
                floods::one(Sort::ManyNames, (target, office), (stop, answers), 1000 + number);
            });
        }
        let browser = || {
            while let Some(person) = crowd.get(tries.next.fetch_add(1, Ordering::Relaxed)) {
                tries.until_in(|| honest::sign_in(honest, office, person));
            }
        };
        let browsers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(browser)).collect();
        for browser in browsers {
            // One that panics has said so, and its person counts as left out below.
            let _ = browser.join();
        }
        stop.store(true, Ordering::Relaxed);
        tries.began.elapsed()
    });
    let (refused, why, left_out) = tries.seen.into_inner().unwrap_or((0, None, crowd.len()));
    let guesses = answers.served.into_inner() + answers.refused.into_inner();
    Crowd { people: crowd.len(), took, refused, why, left_out, guesses }
}

/// What the browsers share: whose turn it is; refused tries, one of the reasons, people who gave up.
struct Tries {
    next: AtomicUsize,
    began: Instant,
    seen: Mutex<(usize, Option<String>, usize)>,
}

impl Tries {
    fn until_in(&self, sign_in: impl Fn() -> Result<()>) {
        while let Err(error) = sign_in() {
            let has_patience = self.began.elapsed() < PATIENCE;
            if let Ok(mut seen) = self.seen.lock() {
                seen.0 += 1;
                seen.1.get_or_insert_with(|| format!("{error:#}"));
                seen.2 += usize::from(!has_patience);
            }
            if !has_patience {
                return;
            }
            std::thread::sleep(AGAIN);
        }
    }
}

//! `writ bench-hash`: what one thread that does nothing else makes of argon2id, for `cargo xtask bench`.

use std::time::{Duration, Instant};

use crate::passwords;
use crate::state::clock::SystemSource;

/// Hashes for that long and prints the rate.
pub fn run(length: Duration) -> anyhow::Result<()> {
    let random = SystemSource::default();
    let started = Instant::now();
    let mut hashes = 0_u32;
    while started.elapsed() < length {
        passwords::hash("a password of ordinary length", &random)?;
        hashes += 1;
    }
    println!("{:.3}", f64::from(hashes) / started.elapsed().as_secs_f64());
    Ok(())
}

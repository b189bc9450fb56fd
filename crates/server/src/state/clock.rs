//! Clock and randomness: the only place that asks the system for either.

use std::sync::atomic::{AtomicI64, Ordering};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use writ_core::decision::Random;
use writ_core::time::{Micros, Seconds};

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Microseconds since the epoch.
    fn now(&self) -> Micros;
}

/// How far back a clock may step before Writ follows it. Small steps (a time daemon's correction)
/// are waited out: no token is then older than one issued before it.
const PATIENCE: Seconds = Seconds(10);

/// The system's clock, never going back by less than ten seconds.
///
/// A small step back holds the time still until the clock has caught up. A large one means that the
/// clock was wrong before: it is followed at once, with an error in the log, and ids drawn from then
/// on are still unique (they carry random bits), only not in order.
#[derive(Debug, Default)]
pub struct SystemClock {
    latest: AtomicI64,
}

impl SystemClock {
    fn settle(&self, wall: Micros) -> Micros {
        let latest = Micros(self.latest.fetch_max(wall.0, Ordering::Relaxed));
        if wall >= latest {
            return wall;
        }
        if wall >= latest.minus(PATIENCE) {
            return latest;
        }
        if self.latest.compare_exchange(latest.0, wall.0, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            tracing::error!(
                seconds = latest.since(wall).0,
                "the system clock stepped back; expiry times follow it. Check the time service of this machine"
            );
        }
        wall
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the outermost layer's clock")]
    fn now(&self) -> Micros {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        // Before 1970, or past the year 294,000: neither clock is worth more than a constant.
        let wall = since.map_or(0, |span| i64::try_from(span.as_micros()).unwrap_or(i64::MAX));
        self.settle(Micros(wall))
    }
}

/// The system's generator.
#[derive(Debug, Default)]
pub struct SystemSource(SystemRandom);

impl Random for SystemSource {
    fn fill(&self, bytes: &mut [u8]) {
        // aws-lc's generator is seeded once by the kernel; without randomness nothing may go on.
        if self.0.fill(bytes).is_err() {
            tracing::error!("the system gives no randomness; stopping");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_step_back_holds_still_and_a_large_one_is_followed() {
        let clock = SystemClock::default();
        let start = Micros::from_secs(1_000_000);
        assert_eq!(clock.settle(start), start);
        assert_eq!(clock.settle(start.minus(Seconds(3))), start, "a correction is waited out");
        assert_eq!(clock.settle(start.plus(Seconds(1))), start.plus(Seconds(1)));
        let corrected = start.minus(Seconds(3600));
        assert_eq!(clock.settle(corrected), corrected, "a clock that was wrong is followed");
        assert_eq!(clock.settle(corrected.plus(Seconds(1))), corrected.plus(Seconds(1)));
    }
}

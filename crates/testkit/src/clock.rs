//! A clock that stands until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use writ_core::time::{Micros, Seconds};
use writ_server::state::clock::Clock;

/// Where every test begins: 2027-01-15T08:00:00Z.
pub const START: Micros = Micros::from_secs(1_800_000_000);

/// A clock that stands until it is moved. Clones share the time.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that shows [`START`].
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START.0)))
    }

    /// Moves the clock on; a negative span moves it back.
    pub fn advance(&self, span: Seconds) {
        self.0.fetch_add(span.as_micros(), Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}

//! Counters of the storage, for `/metrics` and readiness.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::error::Unavailable;

/// Counters since the start.
#[derive(Debug, Default)]
pub struct StoreMeters {
    /// Units taken by the writer.
    pub units: AtomicU64,
    /// Transactions begun.
    pub batches: AtomicU64,
    /// Transactions that failed.
    pub failed_batches: AtomicU64,
    /// Transactions that the database undid for another's sake (a deadlock), and that were run again.
    pub retries: AtomicU64,
    /// Commits whose answer was lost, and whose outcome was looked up.
    pub lost_answers: AtomicU64,
    /// Checkpoints tried.
    pub checkpoints: AtomicU64,
    /// Expired rows removed.
    pub swept: AtomicU64,
    /// Notes that were dropped because too many waited.
    pub dropped_notes: AtomicU64,
    /// The last transaction failed.
    pub failing: AtomicBool,
}

impl StoreMeters {
    /// A transaction was committed. The first one after a failure is told.
    pub(crate) fn succeeded(&self) {
        // Looking costs less than writing, and it is nearly always so.
        if self.failing.load(Ordering::Relaxed) && self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!("commits succeed again");
        }
    }

    /// A transaction failed. Of several in a row the first is told.
    pub(crate) fn failed(&self, why: &Unavailable, units: usize) {
        self.failed_batches.fetch_add(1, Ordering::Relaxed);
        if self.failing.swap(true, Ordering::Relaxed) {
            tracing::debug!(units, "nothing was committed: {why}");
        } else {
            tracing::error!(units, "nothing is committed until this is over: {why}");
        }
    }
}

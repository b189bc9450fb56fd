//! Counters of the accept loop, for whoever exports them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that the accept loop keeps and others read. All are plain counts; `*_total` only grow.
#[derive(Debug, Default)]
pub struct ConnectionMeters {
    /// Connections open now.
    pub open: AtomicU64,
    /// Connections accepted since the start.
    pub accepted_total: AtomicU64,
    /// Times that accepting paused because every connection slot was taken.
    pub refused_at_bound_total: AtomicU64,
    /// Connections closed at once because their network had as many as it may.
    pub refused_of_network_total: AtomicU64,
    /// Connections cut because a request head did not arrive in time.
    pub header_timeouts_total: AtomicU64,
    /// TLS handshakes that failed or were not complete in time.
    pub handshake_failures_total: AtomicU64,
    /// Connections cut because the peer did not read its answer.
    pub write_stalls_total: AtomicU64,
}

/// Adds one. Relaxed: the counters order nothing.
pub(super) fn count(meter: &AtomicU64) {
    meter.fetch_add(1, Ordering::Relaxed);
}

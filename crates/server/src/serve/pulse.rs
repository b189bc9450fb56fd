//! What a connection is doing, seen from its bytes and its handler.
//!
//! hyper can time a request head by itself, but its clock starts when the previous answer ends (so a header
//! timeout is a keep-alive timeout too), it allocates and arms a timer for every request, it cannot answer 408,
//! and it does not see a peer that stops reading. The byte stream and the handler's beginning and end say all of
//! that for a few relaxed stores per request.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::Wire;
use super::drain::{Shutdown, Stage};

/// Where a connection is between two requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Accepted, and nothing has arrived.
    Fresh,
    /// The first head has begun.
    FirstHead,
    /// A later head has begun.
    Head,
    /// A handler works on a request.
    Busy,
    /// The last request has its answer (perhaps still on its way out) and the next has not begun.
    Idle,
    /// hyper answered a head by itself (400, 414, 431).
    Refused,
}

/// The state of one connection. Only its own task writes and reads it, so relaxed order is enough; atomics make it
/// shareable between the stream, the service and the driver without a lock.
#[derive(Debug)]
pub(super) struct Pulse {
    phase: AtomicU8,
    /// Counts transitions and writes: "nothing has happened since" is one comparison.
    beats: AtomicU32,
    /// The last write found the peer's window full.
    write_blocked: AtomicBool,
    /// While draining: the kernel has bytes that hyper has not read.
    unread: AtomicBool,
    /// The peer has ended its side.
    ended: AtomicBool,
    /// Nothing more is read after the last answer.
    curt: AtomicBool,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self {
            phase: AtomicU8::new(Phase::Fresh as u8),
            beats: AtomicU32::new(0),
            write_blocked: AtomicBool::new(false),
            unread: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            curt: AtomicBool::new(false),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Relaxed) {
            0 => Phase::Fresh,
            1 => Phase::FirstHead,
            2 => Phase::Head,
            3 => Phase::Busy,
            4 => Phase::Idle,
            5.. => Phase::Refused,
        }
    }

    pub(super) fn beats(&self) -> u32 {
        self.beats.load(Relaxed)
    }

    pub(super) fn is_write_blocked(&self) -> bool {
        self.write_blocked.load(Relaxed)
    }

    pub(super) fn has_unread(&self) -> bool {
        self.unread.load(Relaxed)
    }

    pub(super) fn peer_has_ended(&self) -> bool {
        self.ended.load(Relaxed)
    }

    pub(super) fn is_curt(&self) -> bool {
        self.curt.load(Relaxed)
    }

    /// Nothing more is read after this answer.
    pub(super) fn be_curt(&self) {
        self.curt.store(true, Relaxed);
    }

    /// A handler begins.
    pub(super) fn begin(&self) {
        self.enter(Phase::Busy);
    }

    /// A handler has answered.
    pub(super) fn answered(&self) {
        self.enter(Phase::Idle);
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
        self.beat();
    }

    fn beat(&self) {
        // Not an atomic addition: there is one writer.
        self.beats.store(self.beats.load(Relaxed).wrapping_add(1), Relaxed);
    }

    fn received(&self) {
        match self.phase() {
            Phase::Fresh => self.enter(Phase::FirstHead),
            Phase::Idle => self.enter(Phase::Head),
            // More of a head does not renew its deadline; body bytes are the handler's affair.
            Phase::FirstHead | Phase::Head | Phase::Busy | Phase::Refused => {}
        }
    }

    /// TCP has nothing to flush; TLS has the records that the peer's window had no room for.
    fn flushed(&self, outcome: &Poll<io::Result<()>>) {
        match outcome {
            Poll::Pending => self.write_blocked.store(true, Relaxed),
            Poll::Ready(_) if self.is_write_blocked() => {
                self.write_blocked.store(false, Relaxed);
                self.beat();
            }
            Poll::Ready(_) => {}
        }
    }

    fn wrote(&self, outcome: &Poll<io::Result<usize>>) {
        match outcome {
            Poll::Pending => self.write_blocked.store(true, Relaxed),
            Poll::Ready(_) => {
                self.write_blocked.store(false, Relaxed);
                match self.phase() {
                    Phase::FirstHead | Phase::Head => self.enter(Phase::Refused),
                    Phase::Fresh | Phase::Busy | Phase::Idle | Phase::Refused => self.beat(),
                }
            }
        }
    }
}

/// A stream that keeps the [`Pulse`].
#[derive(Debug)]
pub(super) struct Watched<IO> {
    pub(super) io: IO,
    pub(super) pulse: Arc<Pulse>,
    pub(super) stage: Arc<Stage>,
}

impl<IO: Wire> AsyncRead for Watched<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let outcome = Pin::new(&mut self.io).poll_read(cx, buf);
        match &outcome {
            Poll::Ready(Ok(())) if buf.filled().len() > before => self.pulse.received(),
            Poll::Ready(Ok(())) => self.pulse.ended.store(true, Relaxed),
            // The runtime may not have heard yet of bytes that the kernel has. They count as received.
            Poll::Pending if self.stage.get() != Shutdown::NotAsked => {
                self.pulse.unread.store(self.io.has_unread(), Relaxed);
            }
            Poll::Ready(Err(_)) | Poll::Pending => {}
        }
        outcome
    }
}

impl<IO: Wire> AsyncWrite for Watched<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write(cx, buf);
        self.pulse.wrote(&outcome);
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.pulse.wrote(&outcome);
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.io).poll_flush(cx);
        self.pulse.flushed(&outcome);
        outcome
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

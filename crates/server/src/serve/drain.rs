//! The stages of a server's life and what moves it from one to the next.

use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::{Notify, watch};

/// How far the operator has asked the server to stop. It only goes down the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shutdown {
    /// Serve.
    #[default]
    NotAsked,
    /// Accept nothing new, answer what has arrived, then end.
    Drain,
    /// End at once.
    Now,
}

/// How the last connections ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every connection ended by itself: all that had arrived was answered.
    Clean,
    /// This many connections were cut, by the drain timeout or by a second signal.
    Cut(usize),
}

/// What [`serve`](super::serve) says when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServeSummary {
    /// Connections accepted over its life.
    pub accepted: u64,
    /// How the last ones ended.
    pub drained: Drained,
}

/// The stage as connections see it: one relaxed load where nothing has changed, a wake-up where something has.
/// A watch channel per connection would take a lock on every poll of every connection.
#[derive(Debug, Default)]
pub(super) struct Stage {
    level: AtomicU8,
    changed: Notify,
}

impl Stage {
    pub(super) fn get(&self) -> Shutdown {
        match self.level.load(Ordering::Acquire) {
            0 => Shutdown::NotAsked,
            1 => Shutdown::Drain,
            2.. => Shutdown::Now,
        }
    }

    /// Moves to `stage` and wakes every connection. Moving back is not possible.
    pub(super) fn advance(&self, stage: Shutdown) {
        self.level.fetch_max(stage as u8, Ordering::AcqRel);
        self.changed.notify_waiters();
    }

    /// Waits until the server's life has come to `stage`.
    pub(super) async fn reached(&self, stage: Shutdown) {
        let mut changed = pin!(self.changed());
        loop {
            changed.as_mut().enable();
            if self.get() >= stage {
                return;
            }
            changed.as_mut().await;
            changed.set(self.changed());
        }
    }

    pub(super) fn changed(&self) -> tokio::sync::futures::Notified<'_> {
        self.changed.notified()
    }
}

/// Follows the process signals: the first SIGTERM or SIGINT asks for [`Shutdown::Drain`], the second for
/// [`Shutdown::Now`]. Must be called inside a tokio runtime; from then on neither signal ends the process by
/// itself.
///
/// # Errors
/// The operating system's error if a signal handler cannot be installed.
pub fn shutdown_signal() -> io::Result<watch::Receiver<Shutdown>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (stage, receiver) = watch::channel(Shutdown::NotAsked);
    tokio::spawn(async move {
        for next in [Shutdown::Drain, Shutdown::Now] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            stage.send_replace(next);
        }
        // Kept until every receiver is gone, so that nobody takes a dropped sender for an answer.
        stage.closed().await;
    });
    Ok(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_never_goes_back() {
        let stage = Stage::default();
        assert_eq!(stage.get(), Shutdown::NotAsked);
        stage.advance(Shutdown::Now);
        stage.advance(Shutdown::Drain);
        assert_eq!(stage.get(), Shutdown::Now);
    }
}

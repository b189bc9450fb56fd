//! The bounded queue before the writer, with a share per tenant.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use writ_core::change::Receipt;
use writ_core::ids::TenantId;

use crate::error::CommitError;
use crate::line::{Line, NotTaken};
use crate::value::Step;

/// A unit that waits.
pub(super) struct SqliteQueued {
    pub steps: Vec<Step>,
    pub reply: oneshot::Sender<Result<Receipt, CommitError>>,
}

/// What the writer finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SqliteTurn {
    /// There are units.
    Work,
    /// Nothing came for a while.
    Idle,
    /// Nothing will come any more.
    Closed,
}

pub(super) struct SqliteQueue {
    state: Mutex<SqliteQueueState>,
    ready: Condvar,
}

struct SqliteQueueState {
    line: Line<SqliteQueued>,
    /// The writer sleeps and must be woken; while it works, a push costs no system call.
    sleeping: bool,
}

impl SqliteQueue {
    pub fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(SqliteQueueState { line: Line::new(capacity), sleeping: false }),
            ready: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, SqliteQueueState> {
        // Nothing between lock and unlock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, tenant: TenantId, unit: SqliteQueued) -> Result<(), NotTaken> {
        let wake = {
            let mut state = self.state();
            state.line.push(tenant, unit)?;
            std::mem::take(&mut state.sleeping)
        };
        if wake {
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Moves up to `most` units into `batch`; sleeps up to `patience` where there is none.
    pub fn take(&self, batch: &mut Vec<SqliteQueued>, most: usize, patience: Duration) -> SqliteTurn {
        let mut state = self.state();
        while state.line.is_empty() {
            if state.line.is_closed() {
                return SqliteTurn::Closed;
            }
            state.sleeping = true;
            let (woken, timeout) =
                self.ready.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.sleeping = false;
            if timeout.timed_out() && state.line.is_empty() && !state.line.is_closed() {
                return SqliteTurn::Idle;
            }
        }
        if state.line.len() < most {
            // On a core shared with the threads that answer requests, the writer is woken at the first
            // unit of many. Letting them go on once gathers a group: 18 units became 60, measured.
            drop(state);
            std::thread::yield_now();
            state = self.state();
        }
        state.line.take(batch, most);
        SqliteTurn::Work
    }

    pub fn len(&self) -> usize {
        self.state().line.len()
    }

    pub fn close(&self) {
        self.state().line.close();
        self.ready.notify_one();
    }

    /// Takes nothing more, and lets go of those that wait: they hear that the writer has stopped.
    pub fn abandon(&self) {
        let waiting = {
            let mut state = self.state();
            state.line.close();
            state.line.drain()
        };
        drop(waiting);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit() -> SqliteQueued {
        SqliteQueued { steps: Vec::new(), reply: oneshot::channel().0 }
    }

    fn tenant(n: u8) -> TenantId {
        TenantId::from_bytes([n; 16])
    }

    #[test]
    fn one_tenant_cannot_fill_the_queue_for_the_others() {
        let queue = SqliteQueue::new(8);
        for _ in 0..6 {
            queue.push(tenant(1), unit()).unwrap();
        }
        assert_eq!(queue.push(tenant(1), unit()), Err(NotTaken::Full));
        queue.push(tenant(2), unit()).unwrap();
        queue.push(tenant(2), unit()).unwrap();
        assert_eq!(queue.push(tenant(3), unit()), Err(NotTaken::Full));

        let mut batch = Vec::new();
        assert_eq!(queue.take(&mut batch, 3, Duration::ZERO), SqliteTurn::Work);
        assert_eq!(batch.len(), 3);
        queue.push(tenant(1), unit()).unwrap();
    }

    #[test]
    fn a_closed_queue_gives_out_what_it_has_and_takes_nothing() {
        let queue = SqliteQueue::new(8);
        queue.push(tenant(1), unit()).unwrap();
        queue.close();
        assert_eq!(queue.push(tenant(1), unit()), Err(NotTaken::Closed));
        let mut batch = Vec::new();
        assert_eq!(queue.take(&mut batch, 9, Duration::ZERO), SqliteTurn::Work);
        assert_eq!(queue.take(&mut batch, 9, Duration::ZERO), SqliteTurn::Closed);
    }

    #[test]
    fn an_abandoned_queue_keeps_nobody_waiting() {
        let queue = SqliteQueue::new(8);
        let (reply, mut answer) = oneshot::channel();
        queue.push(tenant(1), SqliteQueued { steps: Vec::new(), reply }).unwrap();
        queue.abandon();
        assert_eq!(answer.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        assert_eq!(queue.push(tenant(1), unit()), Err(NotTaken::Closed));
    }

    #[test]
    fn an_empty_queue_says_idle() {
        assert_eq!(SqliteQueue::new(8).take(&mut Vec::new(), 9, Duration::ZERO), SqliteTurn::Idle);
    }
}

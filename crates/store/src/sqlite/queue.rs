//! The bounded queue before the writer, with a share per tenant.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use writ_core::change::Receipt;
use writ_core::ids::TenantId;

use crate::error::CommitError;
use crate::value::Step;

/// A unit that waits.
pub(super) struct Queued {
    pub steps: Vec<Step>,
    pub reply: oneshot::Sender<Result<Receipt, CommitError>>,
}

/// The queue is full, the tenant's share of it is, or it is closed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// What the writer finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// There are units.
    Work,
    /// Nothing came for a while.
    Idle,
    /// Nothing will come any more.
    Closed,
}

pub(super) struct Queue {
    capacity: usize,
    share: usize,
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Default)]
struct State {
    units: VecDeque<(TenantId, Queued)>,
    per_tenant: HashMap<TenantId, usize>,
    /// The writer sleeps and must be woken; while it works, a push costs no system call.
    sleeping: bool,
    closed: bool,
}

impl Queue {
    pub fn new(capacity: usize) -> Self {
        Self { capacity, share: (capacity / 4 * 3).max(1), state: Mutex::default(), ready: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing between lock and unlock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, tenant: TenantId, unit: Queued) -> Result<(), Full> {
        let wake = {
            let mut state = self.state();
            if state.closed || state.units.len() >= self.capacity {
                return Err(Full);
            }
            let held = state.per_tenant.entry(tenant).or_default();
            if *held >= self.share {
                return Err(Full);
            }
            *held += 1;
            state.units.push_back((tenant, unit));
            std::mem::take(&mut state.sleeping)
        };
        if wake {
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Moves up to `most` units into `batch`; sleeps up to `patience` where there is none.
    pub fn take(&self, batch: &mut Vec<Queued>, most: usize, patience: Duration) -> Turn {
        let mut state = self.state();
        while state.units.is_empty() {
            if state.closed {
                return Turn::Closed;
            }
            state.sleeping = true;
            let (woken, timeout) =
                self.ready.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.sleeping = false;
            if timeout.timed_out() && state.units.is_empty() && !state.closed {
                return Turn::Idle;
            }
        }
        let count = state.units.len().min(most);
        for _ in 0..count {
            let Some((tenant, unit)) = state.units.pop_front() else { break };
            if let Some(held) = state.per_tenant.get_mut(&tenant) {
                *held -= 1;
                if *held == 0 {
                    state.per_tenant.remove(&tenant);
                }
            }
            batch.push(unit);
        }
        Turn::Work
    }

    pub fn len(&self) -> usize {
        self.state().units.len()
    }

    pub fn close(&self) {
        self.state().closed = true;
        self.ready.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit() -> Queued {
        Queued { steps: Vec::new(), reply: oneshot::channel().0 }
    }

    fn tenant(n: u8) -> TenantId {
        TenantId::from_bytes([n; 16])
    }

    #[test]
    fn one_tenant_cannot_fill_the_queue_for_the_others() {
        let queue = Queue::new(8);
        for _ in 0..6 {
            queue.push(tenant(1), unit()).unwrap();
        }
        assert_eq!(queue.push(tenant(1), unit()), Err(Full));
        queue.push(tenant(2), unit()).unwrap();
        queue.push(tenant(2), unit()).unwrap();
        assert_eq!(queue.push(tenant(3), unit()), Err(Full));

        let mut batch = Vec::new();
        assert_eq!(queue.take(&mut batch, 3, Duration::ZERO), Turn::Work);
        assert_eq!(batch.len(), 3);
        queue.push(tenant(1), unit()).unwrap();
    }

    #[test]
    fn a_closed_queue_gives_out_what_it_has_and_takes_nothing() {
        let queue = Queue::new(8);
        queue.push(tenant(1), unit()).unwrap();
        queue.close();
        assert_eq!(queue.push(tenant(1), unit()), Err(Full));
        let mut batch = Vec::new();
        assert_eq!(queue.take(&mut batch, 9, Duration::ZERO), Turn::Work);
        assert_eq!(queue.take(&mut batch, 9, Duration::ZERO), Turn::Closed);
    }

    #[test]
    fn an_empty_queue_says_idle() {
        assert_eq!(Queue::new(8).take(&mut Vec::new(), 9, Duration::ZERO), Turn::Idle);
    }
}

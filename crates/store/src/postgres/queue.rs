//! The line before the writers, which sleep as tasks.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};
use writ_core::change::Receipt;
use writ_core::ids::TenantId;

use crate::error::CommitError;
use crate::invalidation::Invalidation;
use crate::line::{Line, NotTaken};
use crate::value::Step;

/// A unit that waits.
pub(super) struct PostgresQueued {
    pub steps: Vec<Step>,
    pub stale: Vec<Invalidation>,
    pub reply: oneshot::Sender<Result<Receipt, CommitError>>,
}

impl PostgresQueued {
    pub fn answer(self, outcome: Result<Receipt, CommitError>) {
        // A caller that has gone away does not hear its answer; what it asked for stands.
        let _ = self.reply.send(outcome);
    }
}

/// What a writer finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PostgresTurn {
    /// There are units.
    Work,
    /// Nothing will come any more.
    Closed,
}

pub(super) struct PostgresQueue {
    line: Mutex<Line<PostgresQueued>>,
    ready: Notify,
}

impl PostgresQueue {
    pub fn new(capacity: usize) -> Self {
        Self { line: Mutex::new(Line::new(capacity)), ready: Notify::new() }
    }

    fn line(&self) -> MutexGuard<'_, Line<PostgresQueued>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, tenant: TenantId, unit: PostgresQueued) -> Result<(), NotTaken> {
        self.line().push(tenant, unit)?;
        self.ready.notify_one();
        Ok(())
    }

    /// Moves up to `most` units into `batch`; waits where there is none.
    pub async fn take(&self, batch: &mut Vec<PostgresQueued>, most: usize) -> PostgresTurn {
        loop {
            if let Some(turn) = self.try_take(batch, most) {
                return turn;
            }
            // A push between the look and the wait has left its permit.
            self.ready.notified().await;
        }
    }

    fn try_take(&self, batch: &mut Vec<PostgresQueued>, most: usize) -> Option<PostgresTurn> {
        let mut line = self.line();
        if line.is_empty() {
            if !line.is_closed() {
                return None;
            }
            drop(line);
            // The next writer has to hear it too.
            self.ready.notify_one();
            return Some(PostgresTurn::Closed);
        }
        line.take(batch, most);
        let more = !line.is_empty();
        drop(line);
        if more {
            self.ready.notify_one();
        }
        Some(PostgresTurn::Work)
    }

    /// Takes out all that waits.
    pub fn drain(&self) -> Vec<PostgresQueued> {
        self.line().drain()
    }

    pub fn len(&self) -> usize {
        self.line().len()
    }

    pub fn close(&self) {
        self.line().close();
        self.ready.notify_one();
    }
}

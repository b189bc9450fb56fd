//! The writer thread: takes what waits, one transaction, one fsync, then answers all.
//!
//! There is no timer: while one group is on its way to the disk, the next one gathers.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode};
use writ_core::change::Receipt;

use super::queue::{SqliteQueue, SqliteQueued, SqliteTurn};
use super::{SqliteOptions, unavailable};
use crate::error::{CommitError, Constraint};
use crate::meters::StoreMeters;
use crate::value::{Expect, Part, Step};

/// Frames in the log (pages of 4 kB) between two checkpoints: 12 MB. Counted in frames and not in
/// batches, for the size of a batch is its callers' choice.
const CHECKPOINT_EVERY: u32 = 3000;
/// How long the queue must be empty before the writer tidies up.
const IDLE: Duration = Duration::from_secs(1);

pub(super) struct SqliteWriter {
    connection: Connection,
    batch: usize,
    fsync_delay: Duration,
    /// Frames in the log, as the last commit left it.
    frames: Arc<AtomicU32>,
    /// How many of them the last checkpoint saw.
    checkpointed: u32,
    meters: Arc<StoreMeters>,
}

/// Why a unit stopped half-way.
enum Stop {
    /// A guard did not hold, or a constraint stands against it: the unit's own matter.
    Unit(CommitError),
    /// The engine failed: the whole batch's matter.
    Engine(rusqlite::Error),
}

/// Which units run in a savepoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Savepoints {
    /// Those that a failed guard could leave half done.
    WhereNeeded,
    /// All.
    Everywhere,
}

/// What became of a unit within the transaction.
enum Ran {
    /// It is done, or nothing of it is left.
    Whole(Result<Receipt, CommitError>),
    /// It failed behind its guard without a savepoint, and something of it is left.
    Leftover,
}

/// Closes the queue when the writer's thread ends, however it ends.
struct Abandon(Arc<SqliteQueue>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl SqliteWriter {
    pub fn new(
        mut connection: Connection,
        options: &SqliteOptions,
        meters: Arc<StoreMeters>,
    ) -> rusqlite::Result<Self> {
        let frames = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&frames);
        connection.wal_hook(Some(move |_: &mut Wal, count: c_int| {
            seen.store(count.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self {
            connection,
            batch: options.batch.max(1),
            fsync_delay: options.fsync_delay,
            frames,
            checkpointed: 0,
            meters,
        })
    }

    pub fn start(self, queue: Arc<SqliteQueue>) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("writ-writer".to_owned()).spawn(move || {
            // Also where the thread panics: whoever waits must hear of it, and nobody may begin to.
            let queue = Abandon(queue);
            self.run(&queue.0);
        })
    }

    fn run(mut self, queue: &SqliteQueue) {
        let mut batch = Vec::with_capacity(self.batch);
        loop {
            match queue.take(&mut batch, self.batch, IDLE) {
                SqliteTurn::Work => {
                    self.write(&mut batch);
                    if self.since_checkpoint() >= CHECKPOINT_EVERY {
                        self.checkpoint("PASSIVE");
                    }
                }
                SqliteTurn::Idle if self.since_checkpoint() > 0 => self.checkpoint("PASSIVE"),
                SqliteTurn::Idle => {}
                SqliteTurn::Closed => break,
            }
        }
        self.checkpoint("TRUNCATE");
    }

    /// One transaction for all of `batch`, and one answer each.
    fn write(&mut self, batch: &mut Vec<SqliteQueued>) {
        self.meters.batches.fetch_add(1, Ordering::Relaxed);
        self.meters.units.fetch_add(batch.len() as u64, Ordering::Relaxed);
        let before = self.connection.total_changes();
        match self.transaction(batch) {
            Ok(outcomes) => {
                // A batch that wrote nothing (its guards had failed) does not show that one can write.
                if self.connection.total_changes() != before {
                    self.meters.succeeded();
                }
                for (unit, outcome) in batch.drain(..).zip(outcomes) {
                    // A caller that has gone away does not hear its answer; what it asked for stands.
                    let _ = unit.reply.send(outcome);
                }
            }
            Err(error) => {
                self.roll_back();
                let why = unavailable(&error);
                self.meters.failed(&why, batch.len());
                // Also those whose guard had failed: what they saw was never committed.
                for unit in batch.drain(..) {
                    let _ = unit.reply.send(Err(CommitError::Unavailable(why.clone())));
                }
            }
        }
    }

    fn transaction(&self, batch: &[SqliteQueued]) -> rusqlite::Result<Vec<Result<Receipt, CommitError>>> {
        self.execute("BEGIN IMMEDIATE")?;
        let mut outcomes = self.units(batch, Savepoints::WhereNeeded)?;
        if outcomes.is_none() {
            self.execute("ROLLBACK")?;
            self.execute("BEGIN IMMEDIATE")?;
            outcomes = self.units(batch, Savepoints::Everywhere)?;
        }
        self.execute("COMMIT")?;
        if !self.fsync_delay.is_zero() {
            std::thread::sleep(self.fsync_delay);
        }
        Ok(outcomes.unwrap_or_default())
    }

    /// Runs all units; `None`: one left something behind, and the transaction has to begin again.
    fn units(
        &self,
        batch: &[SqliteQueued],
        savepoints: Savepoints,
    ) -> rusqlite::Result<Option<Vec<Result<Receipt, CommitError>>>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for unit in batch {
            match self.unit(&unit.steps, savepoints)? {
                Ran::Whole(outcome) => outcomes.push(outcome),
                Ran::Leftover => return Ok(None),
            }
        }
        Ok(Some(outcomes))
    }

    /// Runs one unit. Where only the first step has a guard, its failure leaves nothing behind and no
    /// savepoint is needed; other units run in one.
    fn unit(&self, steps: &[Step], savepoints: Savepoints) -> rusqlite::Result<Ran> {
        let Some((first, rest)) = steps.split_first() else { return Ok(Ran::Whole(Ok(Receipt::default()))) };
        let merged = savepoints == Savepoints::WhereNeeded
            && first.expect == Expect::One
            && rest.iter().all(|step| step.part == Part::Detail && step.expect == Expect::Any);
        if !merged {
            return self.in_savepoint(steps).map(Ran::Whole);
        }
        match self.steps(steps) {
            Ok(receipt) => Ok(Ran::Whole(Ok(receipt))),
            // Rare (a row id drawn twice): a constraint may have failed behind the guard's own write.
            Err(Stop::Unit(CommitError::Conflict(_))) => Ok(Ran::Leftover),
            Err(Stop::Unit(error)) => Ok(Ran::Whole(Err(error))),
            Err(Stop::Engine(error)) => Err(error),
        }
    }

    fn in_savepoint(&self, steps: &[Step]) -> rusqlite::Result<Result<Receipt, CommitError>> {
        self.execute("SAVEPOINT unit")?;
        match self.steps(steps) {
            Ok(receipt) => {
                self.execute("RELEASE unit")?;
                Ok(Ok(receipt))
            }
            Err(Stop::Unit(error)) => {
                self.execute("ROLLBACK TO unit")?;
                self.execute("RELEASE unit")?;
                Ok(Err(error))
            }
            Err(Stop::Engine(error)) => Err(error),
        }
    }

    fn steps(&self, steps: &[Step]) -> Result<Receipt, Stop> {
        let mut receipt = Receipt::default();
        for step in steps {
            let rows = self.step(step)?;
            if step.expect == Expect::One && rows != 1 {
                return Err(Stop::Unit(CommitError::Guard));
            }
            if step.part == Part::Change {
                receipt.affected.push(rows);
            }
        }
        Ok(receipt)
    }

    fn step(&self, step: &Step) -> Result<u64, Stop> {
        let run = || -> rusqlite::Result<usize> {
            let mut statement = self.connection.prepare_cached(step.sql.sqlite())?;
            for (at, value) in step.values.iter().enumerate() {
                statement.raw_bind_parameter(at + 1, value)?;
            }
            statement.raw_execute()
        };
        match run() {
            Ok(rows) => Ok(rows as u64),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Err(Stop::Unit(CommitError::Conflict(Constraint::named_in(&error.to_string()))))
            }
            Err(error) => Err(Stop::Engine(error)),
        }
    }

    fn execute(&self, text: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(text)?.raw_execute().map(drop)
    }

    fn roll_back(&self) {
        if self.connection.is_autocommit() {
            return;
        }
        if let Err(error) = self.execute("ROLLBACK") {
            tracing::error!("a failed transaction could not be rolled back: {}", unavailable(&error));
        }
    }

    /// Frames written since the last checkpoint.
    fn since_checkpoint(&mut self) -> u32 {
        let frames = self.frames.load(Ordering::Relaxed);
        if frames < self.checkpointed {
            // The log has started over.
            self.checkpointed = 0;
        }
        frames - self.checkpointed
    }

    /// Moves the WAL's content into the database, from this thread: between two batches there is no
    /// writer to race with, so a passive checkpoint gets through and the WAL starts over.
    fn checkpoint(&mut self, mode: &str) {
        self.checkpointed = self.frames.load(Ordering::Relaxed);
        self.meters.checkpoints.fetch_add(1, Ordering::Relaxed);
        let text = format!("PRAGMA wal_checkpoint({mode})");
        let run = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(&text)?;
            let mut rows = statement.raw_query();
            while rows.next()?.is_some() {}
            Ok(())
        };
        if let Err(error) = run() {
            tracing::warn!(
                "checkpoint failed, the WAL keeps growing until one succeeds: {}",
                unavailable(&error)
            );
        }
        if !self.fsync_delay.is_zero() {
            std::thread::sleep(self.fsync_delay);
        }
    }
}

#[cfg(test)]
mod tests;

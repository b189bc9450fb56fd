//! The writer thread: takes what waits, one transaction, one fsync, then answers all.
//!
//! There is no timer: while one group is on its way to the disk, the next one gathers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use writ_core::change::Receipt;

use super::queue::{Queue, Queued, Turn};
use super::{SqliteOptions, unavailable};
use crate::error::{CommitError, Constraint};
use crate::meters::StoreMeters;
use crate::value::{Expect, Part, Step};

/// Batches between two checkpoints.
const CHECKPOINT_EVERY: u32 = 200;
/// How long the queue must be empty before the writer tidies up.
const IDLE: Duration = Duration::from_secs(1);

pub(super) struct Writer {
    connection: Connection,
    batch: usize,
    fsync_delay: Duration,
    since_checkpoint: u32,
    meters: Arc<StoreMeters>,
}

/// Why a unit stopped half-way.
enum Stop {
    /// A guard did not hold, or a constraint stands against it: the unit's own matter.
    Unit(CommitError),
    /// The engine failed: the whole batch's matter.
    Engine(rusqlite::Error),
}

impl Writer {
    pub fn new(connection: Connection, options: &SqliteOptions, meters: Arc<StoreMeters>) -> Self {
        Self {
            connection,
            batch: options.batch.max(1),
            fsync_delay: options.fsync_delay,
            since_checkpoint: 0,
            meters,
        }
    }

    pub fn start(self, queue: Arc<Queue>) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("writ-writer".to_owned()).spawn(move || self.run(&queue))
    }

    fn run(mut self, queue: &Queue) {
        let mut batch = Vec::with_capacity(self.batch);
        loop {
            match queue.take(&mut batch, self.batch, IDLE) {
                Turn::Work => {
                    self.write(&mut batch);
                    self.since_checkpoint += 1;
                    if self.since_checkpoint >= CHECKPOINT_EVERY {
                        self.checkpoint("PASSIVE");
                    }
                }
                Turn::Idle if self.since_checkpoint > 0 => self.checkpoint("PASSIVE"),
                Turn::Idle => {}
                Turn::Closed => break,
            }
        }
        self.checkpoint("TRUNCATE");
    }

    /// One transaction for all of `batch`, and one answer each.
    fn write(&mut self, batch: &mut Vec<Queued>) {
        self.meters.batches.fetch_add(1, Ordering::Relaxed);
        self.meters.units.fetch_add(batch.len() as u64, Ordering::Relaxed);
        match self.transaction(batch) {
            Ok(outcomes) => {
                self.meters.failing.store(false, Ordering::Relaxed);
                for (unit, outcome) in batch.drain(..).zip(outcomes) {
                    // A caller that has gone away does not hear its answer; what it asked for stands.
                    let _ = unit.reply.send(outcome);
                }
            }
            Err(error) => {
                self.roll_back();
                self.meters.failed_batches.fetch_add(1, Ordering::Relaxed);
                self.meters.failing.store(true, Ordering::Relaxed);
                let why = unavailable(&error);
                tracing::error!(units = batch.len(), "nothing was committed: {why}");
                // Also those whose guard had failed: what they saw was never committed.
                for unit in batch.drain(..) {
                    let _ = unit.reply.send(Err(CommitError::Unavailable(why.clone())));
                }
            }
        }
    }

    fn transaction(&mut self, batch: &[Queued]) -> rusqlite::Result<Vec<Result<Receipt, CommitError>>> {
        self.execute("BEGIN IMMEDIATE")?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for unit in batch {
            outcomes.push(self.unit(&unit.steps)?);
        }
        self.execute("COMMIT")?;
        if !self.fsync_delay.is_zero() {
            std::thread::sleep(self.fsync_delay);
        }
        Ok(outcomes)
    }

    /// Runs one unit. Where only the first step can fail, a failure leaves nothing behind and no
    /// savepoint is needed; longer units run in one.
    fn unit(&self, steps: &[Step]) -> rusqlite::Result<Result<Receipt, CommitError>> {
        let (Some(first), rest) = (steps.first(), steps.get(1..).unwrap_or_default()) else {
            return Ok(Ok(Receipt::default()));
        };
        let merged = first.expect == Expect::One && rest.iter().all(|step| step.part == Part::Detail && step.expect == Expect::Any);
        if merged {
            return match self.steps(steps) {
                Ok(receipt) => Ok(Ok(receipt)),
                Err(Stop::Unit(CommitError::Guard)) => Ok(Err(CommitError::Guard)),
                // A constraint behind a guard that held: rare (a row id drawn twice), and the only
                // case that leaves something behind. Undone by running the unit in a savepoint.
                Err(Stop::Unit(CommitError::Conflict(_))) => self.in_savepoint(steps),
                Err(Stop::Unit(other)) => Ok(Err(other)),
                Err(Stop::Engine(error)) => Err(error),
            };
        }
        self.in_savepoint(steps)
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

    /// Moves the WAL's content into the database, from this thread: between two batches there is no
    /// writer to race with, so a passive checkpoint gets through and the WAL starts over.
    fn checkpoint(&mut self, mode: &str) {
        self.since_checkpoint = 0;
        self.meters.checkpoints.fetch_add(1, Ordering::Relaxed);
        let text = format!("PRAGMA wal_checkpoint({mode})");
        let run = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(&text)?;
            let mut rows = statement.raw_query();
            while rows.next()?.is_some() {}
            Ok(())
        };
        if let Err(error) = run() {
            tracing::warn!("checkpoint failed, the WAL keeps growing until one succeeds: {}", unavailable(&error));
        }
        if !self.fsync_delay.is_zero() {
            std::thread::sleep(self.fsync_delay);
        }
    }
}

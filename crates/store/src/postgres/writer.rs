//! The writers: each takes what waits, writes it over its own connection, and answers.
//!
//! There is no timer: while one batch is on its way, the next one gathers. Whatever goes wrong, a
//! unit is answered once, and "not written" is said only where that is known or where the database
//! stayed away for longer than anyone should wait.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use writ_core::change::Receipt;

use super::hot::{Columns, Hot, ISSUE, REVOKE};
use super::queue::{PostgresQueue, PostgresQueued, PostgresTurn};
use super::session::{Backend, Connector, Session};
use super::trouble::Trouble;
use super::unit::{self, Reached};
use crate::error::{CommitError, Unavailable};
use crate::meters::StoreMeters;
use crate::sql::SqlKind;
use crate::value::{Step, Value};

/// How often a unit is run again when the server undoes it for another's sake.
const ROUNDS: u32 = 8;
/// How many units share a transaction at most.
const SHARE: usize = 16;
/// Between two tries to reach a database that is away.
const PAUSE: Duration = Duration::from_millis(50);

/// Which units of the batch committed: the number of each, from 1.
type CommittedUnits = HashSet<i64>;

/// What the writers have in common.
pub(super) struct SharedByWriters {
    pub queue: Arc<PostgresQueue>,
    pub meters: Arc<StoreMeters>,
    /// How many units a writer takes at once at most.
    pub batch: usize,
}

pub(super) struct PostgresWriter {
    connector: Connector,
    queue: Arc<PostgresQueue>,
    meters: Arc<StoreMeters>,
    batch: usize,
    session: Option<Session>,
    /// How many of the writers have a connection; shared by them all.
    connected: Arc<AtomicUsize>,
}

/// Whether work that a lost connection certainly did not do was tried again already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retried {
    First,
    Last,
}

/// Why a unit that goes alone was not written.
enum AloneFailure {
    /// The database cannot be reached.
    Away(Unavailable),
    /// For a reason of its own.
    Unit(CommitError),
}

impl AloneFailure {
    fn into_error(self) -> CommitError {
        match self {
            Self::Away(why) => CommitError::Unavailable(why),
            Self::Unit(error) => error,
        }
    }
}

/// What the only unit of a transaction did.
fn only(receipts: Vec<Receipt>) -> Receipt {
    receipts.into_iter().next().unwrap_or_default()
}

impl PostgresWriter {
    /// As many writers as there are sessions.
    pub fn all(sessions: Vec<Session>, connector: &Connector, shared: &SharedByWriters) -> Vec<Self> {
        let connected = Arc::new(AtomicUsize::new(sessions.len()));
        let writer = |session| Self {
            connector: connector.clone(),
            queue: Arc::clone(&shared.queue),
            meters: Arc::clone(&shared.meters),
            batch: shared.batch.max(1),
            session: Some(session),
            connected: Arc::clone(&connected),
        };
        sessions.into_iter().map(writer).collect()
    }

    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(self.batch);
        while self.queue.take(&mut batch, self.batch).await == PostgresTurn::Work {
            self.meters.batches.fetch_add(1, Ordering::Relaxed);
            self.meters.units.fetch_add(batch.len() as u64, Ordering::Relaxed);
            self.write(&mut batch).await;
        }
    }

    async fn write(&mut self, batch: &mut Vec<PostgresQueued>) {
        let (mut issues, mut revocations, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for unit in batch.drain(..) {
            match Hot::of(&unit.steps) {
                Some(hot) if hot.kind() == SqlKind::Issue => issues.push(unit),
                Some(_) => revocations.push(unit),
                None => others.push(unit),
            }
        }
        for (hot, units) in [(&ISSUE, issues), (&REVOKE, revocations)] {
            if !units.is_empty() {
                self.together(hot, units).await;
            }
        }
        while !others.is_empty() {
            let few = others.drain(..others.len().min(SHARE)).collect();
            self.shared(few).await;
        }
    }

    /// The connection; a new one where there is none or the old one has ended.
    async fn session(&mut self) -> Result<&mut Session, Unavailable> {
        if self.session.as_ref().is_some_and(Session::is_closed) {
            self.lose();
        }
        let session = if let Some(session) = self.session.take() {
            session
        } else {
            let session = self.connector.session().await?;
            self.connected.fetch_add(1, Ordering::Relaxed);
            session
        };
        Ok(self.session.insert(session))
    }

    fn succeeded(&self) {
        self.meters.succeeded();
    }

    fn failed(&self, why: &Unavailable, units: usize) {
        self.meters.failed(why, units);
    }

    /// There is no connection to be had. Where no other writer has one, the database is away, and
    /// whoever waits need not wait for it to be found away once more.
    fn away(&self, why: &Unavailable, mut units: Vec<PostgresQueued>) {
        if self.connected.load(Ordering::Relaxed) == 0 {
            units.extend(self.queue.drain());
        }
        self.failed(why, units.len());
        for unit in units {
            unit.answer(Err(CommitError::Unavailable(why.clone())));
        }
    }

    /// Many units of one kind as one statement.
    async fn together(&mut self, hot: &'static Hot, units: Vec<PostgresQueued>) {
        let (mut round, mut turn) = (0, Retried::First);
        let why = loop {
            let session = match self.session().await {
                Ok(session) => session,
                Err(why) => return self.away(&why, units),
            };
            match statement(session, hot, &units).await {
                Ok(held) => {
                    self.succeeded();
                    return answer(units, &held);
                }
                Err(Trouble::Again(_)) if round < ROUNDS => {
                    round += 1;
                    self.again(round).await;
                }
                // One unit stands in the way of all: each alone, so that only that one hears of it.
                Err(Trouble::Unit(_)) => {
                    for unit in units {
                        self.alone(unit).await;
                    }
                    return;
                }
                Err(Trouble::Again(why) | Trouble::Refused(why)) => break why,
                Err(Trouble::Lost(why)) => match self.landed(&units).await {
                    Ok(held) if !held.is_empty() => return answer(units, &held),
                    Ok(_) if turn == Retried::First => turn = Retried::Last,
                    Ok(_) => break why,
                    Err(why) => return self.away(&why, units),
                },
            }
        };
        self.failed(&why, units.len());
        for unit in units {
            unit.answer(Err(CommitError::Unavailable(why.clone())));
        }
    }

    /// Units in one transaction: one wait for the disk, and for the answers to all of them. Where anything stands in the
    /// way of one, nothing of any is written, and each has a transaction of its own.
    async fn shared(&mut self, units: Vec<PostgresQueued>) {
        if units.len() > 1 {
            let session = match self.session().await {
                Ok(session) => session,
                Err(why) => return self.away(&why, units),
            };
            match unit::run(session, &units).await {
                Ok(receipts) => return self.written(units, receipts),
                Err((Trouble::Lost(_), Reached::Steps)) => drop(self.lose()),
                Err((Trouble::Lost(why), Reached::Commit(receipts))) => match self.landed(&units).await {
                    Ok(held) if !held.is_empty() => return self.written(units, receipts),
                    // Whether those were kept that have no record of their own cannot be told.
                    Ok(_) if units.iter().any(|unit| audit_id(&unit.steps).is_none()) => {
                        return self.refuse(units, &why);
                    }
                    Ok(_) => {}
                    Err(why) => return self.away(&why, units),
                },
                Err((Trouble::Unit(_) | Trouble::Again(_) | Trouble::Refused(_), _)) => {}
            }
        }
        for unit in units {
            self.alone(unit).await;
        }
    }

    fn written(&self, units: Vec<PostgresQueued>, receipts: Vec<Receipt>) {
        self.succeeded();
        for (unit, receipt) in units.into_iter().zip(receipts) {
            unit.answer(Ok(receipt));
        }
    }

    fn refuse(&self, units: Vec<PostgresQueued>, why: &Unavailable) {
        self.failed(why, units.len());
        for unit in units {
            unit.answer(Err(CommitError::Unavailable(why.clone())));
        }
    }

    /// One unit in its own transaction.
    async fn alone(&mut self, unit: PostgresQueued) {
        let unit = [unit];
        let outcome = self.outcome(&unit).await;
        let [unit] = unit;
        match &outcome {
            Err(AloneFailure::Away(why)) => return self.away(why, vec![unit]),
            Err(AloneFailure::Unit(CommitError::Unavailable(why))) => self.failed(why, 1),
            Ok(_)
            | Err(AloneFailure::Unit(CommitError::Guard | CommitError::Conflict(_) | CommitError::Busy)) => {
                self.succeeded();
            }
        }
        unit.answer(outcome.map_err(AloneFailure::into_error));
    }

    async fn outcome(&mut self, unit: &[PostgresQueued; 1]) -> Result<Receipt, AloneFailure> {
        let (mut round, mut turn) = (0, Retried::First);
        loop {
            let session = self.session().await.map_err(AloneFailure::Away)?;
            match unit::run(session, unit).await {
                Ok(receipts) => return Ok(only(receipts)),
                Err((Trouble::Unit(error), _)) => return Err(AloneFailure::Unit(error)),
                Err((Trouble::Again(_), _)) if round < ROUNDS => {
                    round += 1;
                    self.again(round).await;
                }
                Err((Trouble::Again(why) | Trouble::Refused(why), _)) => {
                    return Err(AloneFailure::Unit(CommitError::Unavailable(why)));
                }
                Err((Trouble::Lost(why), Reached::Steps)) => {
                    self.lose();
                    if turn == Retried::Last {
                        return Err(AloneFailure::Unit(CommitError::Unavailable(why)));
                    }
                    turn = Retried::Last;
                }
                Err((Trouble::Lost(why), Reached::Commit(receipts))) => {
                    let held = self.landed(unit).await.map_err(AloneFailure::Away)?;
                    if !held.is_empty() {
                        return Ok(only(receipts));
                    }
                    let has_record = unit.iter().any(|unit| audit_id(&unit.steps).is_some());
                    if turn == Retried::Last || !has_record {
                        return Err(AloneFailure::Unit(CommitError::Unavailable(why)));
                    }
                    turn = Retried::Last;
                }
            }
        }
    }

    /// Waits longer with each round, so that those who undid one another meet no more.
    async fn again(&self, round: u32) {
        self.meters.retries.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(1 << round.min(6))).await;
    }

    fn lose(&mut self) -> Option<Backend> {
        let session = self.session.take()?;
        self.connected.fetch_sub(1, Ordering::Relaxed);
        let backend = session.backend;
        session.abandon();
        Some(backend)
    }

    /// What became of units whose commit was sent and never answered: their audit records are there,
    /// or they are not and never will be.
    async fn landed(&mut self, units: &[PostgresQueued]) -> Result<CommittedUnits, Unavailable> {
        self.meters.lost_answers.fetch_add(1, Ordering::Relaxed);
        let backend = self.lose();
        let ids: Vec<&Value> = units.iter().filter_map(|unit| audit_id(&unit.steps)).collect();
        let deadline = Instant::now() + self.connector.patience.outcome;
        loop {
            let looked = match self.session().await {
                Ok(session) => look(session, backend, &ids).await,
                Err(why) => Err(Trouble::Lost(why)),
            };
            let why = match looked {
                Ok(found) => {
                    let numbered = (1..).zip(units);
                    let there = |unit: &PostgresQueued| matches!(audit_id(&unit.steps), Some(Value::Id(id)) if found.contains(id.as_slice()));
                    return Ok(numbered.filter(|(_, unit)| there(unit)).map(|(n, _)| n).collect());
                }
                Err(Trouble::Again(why) | Trouble::Refused(why)) => why,
                Err(Trouble::Lost(why)) => {
                    self.lose();
                    why
                }
                Err(Trouble::Unit(error)) => Unavailable { what: error.to_string(), remedy: "report it" },
            };
            if Instant::now() >= deadline {
                return Err(Unavailable {
                    what: format!("whether the last writes were kept could not be found out: {}", why.what),
                    remedy: why.remedy,
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn answer(units: Vec<PostgresQueued>, held: &CommittedUnits) {
    for (n, unit) in (1..).zip(units) {
        let done = || Receipt { affected: vec![1] };
        let outcome = if held.contains(&n) { Ok(done()) } else { Err(CommitError::Guard) };
        unit.answer(outcome);
    }
}

/// The id of the unit's audit record, which no other unit bears.
fn audit_id(steps: &[Step]) -> Option<&Value> {
    steps.iter().rev().find(|step| step.sql.kind == SqlKind::Audit)?.values.first()
}

async fn statement(
    session: &mut Session,
    hot: &'static Hot,
    units: &[PostgresQueued],
) -> Result<CommittedUnits, Trouble> {
    let columns = Columns::of(units.iter().map(|unit| unit.steps.as_slice()));
    let statement = session.statement(hot.name, hot.text).await?;
    let parameters = columns.parameters();
    let rows = session.within(async { Ok(session.client.query(&statement, &parameters).await?) }).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

const END_BACKEND: (&str, &str) = (
    "END_BACKEND",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE pid = $1 AND CAST(extract(epoch FROM backend_start) * 1000000 AS BIGINT) = $2",
);
const AUDIT_THERE: (&str, &str) = ("AUDIT_THERE", "SELECT id FROM audit_logs WHERE id = ANY($1)");

/// Ends the server's process behind the lost connection, waits until it is gone (from then on its
/// transaction is committed or undone for good), and looks which of the records are there.
async fn look(
    session: &mut Session,
    backend: Option<Backend>,
    ids: &[&Value],
) -> Result<HashSet<Vec<u8>>, Trouble> {
    if let Some(backend) = backend {
        let end = session.statement(END_BACKEND.0, END_BACKEND.1).await?;
        let asked = session
            .within(async { Ok(session.client.query(&end, &[&backend.pid, &backend.started]).await?) });
        if !asked.await?.is_empty() {
            return Err(Trouble::Refused(Unavailable {
                what: "the server's process behind a lost connection has not ended yet".to_owned(),
                remedy: "see the database's log; the server goes on by itself",
            }));
        }
    }
    let there = session.statement(AUDIT_THERE.0, AUDIT_THERE.1).await?;
    let rows = session.within(async { Ok(session.client.query(&there, &[&ids]).await?) }).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

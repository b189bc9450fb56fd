//! Units that are written step by step: one, or those that have come together, in one transaction.
//!
//! BEGIN and all steps go out together, and COMMIT or ROLLBACK when their answers are here: two
//! round trips, however many steps. A step behind a failed guard has run by then; the rollback
//! undoes it with all the rest, and with the other units of the transaction.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;
use writ_core::change::Receipt;

use super::notify::{CHANNEL, payload};
use super::queue::PostgresQueued;
use super::session::Session;
use super::trouble::Trouble;
use crate::error::CommitError;
use crate::sql::SqlKind;
use crate::value::{Expect, Part, Step, Value};

/// How far units came when they failed.
#[derive(Debug)]
pub(super) enum Reached {
    /// COMMIT was not sent: nothing of it can ever be written.
    Steps,
    /// COMMIT was sent; if it succeeded, this is what each unit did.
    Commit(Vec<Receipt>),
}

const NOTIFY: (&str, &str) = ("NOTIFY", "SELECT pg_notify($1, $2)");
const LOCK_TENANT: (&str, &str) = ("LOCK_TENANT", "SELECT 1 FROM tenants WHERE id = $1 FOR NO KEY UPDATE");

/// Statements whose guard looks at rows that do not exist yet: two of them would both find none.
/// What they look under is locked first, by a statement before them, so that the second one's
/// snapshot is taken when the first has committed.
fn lock_before(step: &Step) -> Option<&Value> {
    if step.sql.kind == SqlKind::UnderTenant { step.values.get(1) } else { None }
}

/// Notes and removals of expired rows: no step depends on another, so they go in the order of
/// their keys, and two units that touch the same rows never wait for one another.
fn ordered(steps: &[Step]) -> Vec<&Step> {
    let mut ordered: Vec<&Step> = steps.iter().collect();
    if steps.iter().all(|step| step.sql.kind == SqlKind::Independent) {
        let key = |step: &&Step| match step.values.first() {
            Some(Value::Id(id)) => (step.sql.name, *id),
            _ => (step.sql.name, [0; 16]),
        };
        ordered.sort_by_key(key);
    }
    ordered
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<u64, Trouble>> + Send + 'a>>;

/// Runs futures together, first polled (which is when each sends) in their order.
async fn pipelined(mut running: Vec<Running<'_>>) -> Vec<Result<u64, Trouble>> {
    let mut done: Vec<Option<Result<u64, Trouble>>> = running.iter().map(|_| None).collect();
    poll_fn(move |cx| {
        let mut waiting = false;
        for (future, slot) in running.iter_mut().zip(&mut done) {
            if slot.is_none() {
                match future.as_mut().poll(cx) {
                    Poll::Ready(result) => *slot = Some(result),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(done.drain(..).flatten().collect()) }
    })
    .await
}

/// How long units that share a transaction wait for a lock: then each has one of its own.
const BEGIN_SHARED: &str = "BEGIN; SET LOCAL lock_timeout = 100";

/// Runs units in one transaction, in their order; it is all of them or none. What each did, in the same order.
pub(super) async fn run(
    session: &mut Session,
    units: &[PostgresQueued],
) -> Result<Vec<Receipt>, (Trouble, Reached)> {
    let before = |trouble| (trouble, Reached::Steps);
    let receipts = match attempt(session, units).await {
        Ok(receipts) => receipts,
        Err(lost @ Trouble::Lost(_)) => return Err(before(lost)),
        Err(trouble) => {
            let undone = session.within(async { Ok(session.client.batch_execute("ROLLBACK").await?) }).await;
            // A connection that cannot roll back is of no further use; the server does it for us.
            undone.map_err(before)?;
            return Err(before(trouble));
        }
    };
    match session.within(async { Ok(session.client.batch_execute("COMMIT").await?) }).await {
        Ok(()) => Ok(receipts),
        Err(trouble) => Err((trouble, Reached::Commit(receipts))),
    }
}

/// A statement that is sent.
struct SentStatement<'a> {
    statement: Statement,
    values: Vec<&'a (dyn ToSql + Sync)>,
    /// Which step of which unit; none: it stands before a step, or tells others.
    step: Option<(usize, &'a Step)>,
}

/// BEGIN and the steps; the transaction is left open.
async fn attempt(session: &mut Session, units: &[PostgresQueued]) -> Result<Vec<Receipt>, Trouble> {
    let mut sent: Vec<SentStatement<'_>> = Vec::new();
    let payloads: Vec<String> =
        units.iter().flat_map(|unit| unit.stale.iter().copied()).map(payload).collect();
    for (at, unit) in units.iter().enumerate() {
        for step in ordered(&unit.steps) {
            if let Some(tenant) = lock_before(step) {
                let statement = session.statement(LOCK_TENANT.0, LOCK_TENANT.1).await?;
                sent.push(SentStatement { statement, values: vec![tenant], step: None });
            }
            let statement = session.statement(step.sql.name, step.sql.text).await?;
            let values = step.values.iter().map(|value| -> &(dyn ToSql + Sync) { value }).collect();
            sent.push(SentStatement { statement, values, step: Some((at, step)) });
        }
    }
    for payload in &payloads {
        let statement = session.statement(NOTIFY.0, NOTIFY.1).await?;
        sent.push(SentStatement { statement, values: vec![&CHANNEL, payload], step: None });
    }

    let client = &session.client;
    let begin = if units.len() == 1 { "BEGIN" } else { BEGIN_SHARED };
    let mut running: Vec<Running<'_>> = Vec::with_capacity(sent.len() + 1);
    running.push(Box::pin(async { Ok(client.batch_execute(begin).await.map(|()| 0)?) }));
    for SentStatement { statement, values, .. } in &sent {
        running.push(Box::pin(async move { Ok(client.execute(statement, values).await?) }));
    }
    let mut results = session.within(async { Ok(pipelined(running).await) }).await?.into_iter();
    results.next().transpose()?;
    let mut receipts = vec![Receipt::default(); units.len()];
    for (result, sent) in results.zip(&sent) {
        let rows = result?;
        let Some((at, step)) = sent.step else { continue };
        if step.expect == Expect::One && rows != 1 {
            return Err(Trouble::Unit(CommitError::Guard));
        }
        if step.part == Part::Change
            && let Some(receipt) = receipts.get_mut(at)
        {
            receipt.affected.push(rows);
        }
    }
    Ok(receipts)
}

//! A unit with a transaction of its own.
//!
//! BEGIN and all steps go out together, and COMMIT or ROLLBACK when their answers are here: two
//! round trips, however many steps. A step behind a failed guard has run by then; the rollback
//! undoes it with all the rest.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;
use writ_core::change::Receipt;

use super::notify::{CHANNEL, payload};
use super::session::Session;
use super::trouble::Trouble;
use crate::error::CommitError;
use crate::invalidation::Invalidation;
use crate::sql::SqlKind;
use crate::value::{Expect, Part, Step, Value};

/// How far a unit came when it failed.
#[derive(Debug)]
pub(super) enum Reached {
    /// COMMIT was not sent: nothing of it can ever be written.
    Steps,
    /// COMMIT was sent; if it succeeded, this is what it did.
    Commit(Receipt),
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

/// Runs a unit.
pub(super) async fn run(
    session: &mut Session,
    steps: &[Step],
    stale: &[Invalidation],
) -> Result<Receipt, (Trouble, Reached)> {
    let before = |trouble| (trouble, Reached::Steps);
    let receipt = match attempt(session, steps, stale).await {
        Ok(receipt) => receipt,
        Err(lost @ Trouble::Lost(_)) => return Err(before(lost)),
        Err(trouble) => {
            let undone = session.within(async { Ok(session.client.batch_execute("ROLLBACK").await?) }).await;
            // A connection that cannot roll back is of no further use; the server does it for us.
            undone.map_err(before)?;
            return Err(before(trouble));
        }
    };
    match session.within(async { Ok(session.client.batch_execute("COMMIT").await?) }).await {
        Ok(()) => Ok(receipt),
        Err(trouble) => Err((trouble, Reached::Commit(receipt))),
    }
}

/// BEGIN and the steps; the transaction is left open.
async fn attempt(session: &mut Session, steps: &[Step], stale: &[Invalidation]) -> Result<Receipt, Trouble> {
    let ordered = ordered(steps);
    let mut prepared: Vec<(Statement, Option<&Step>, Vec<&(dyn ToSql + Sync)>)> =
        Vec::with_capacity(steps.len() + 1);
    for step in &ordered {
        if let Some(tenant) = lock_before(step) {
            prepared.push((session.statement(LOCK_TENANT.0, LOCK_TENANT.1).await?, None, vec![tenant]));
        }
        let statement = session.statement(step.sql.name, step.sql.text).await?;
        let values = step.values.iter().map(|value| -> &(dyn ToSql + Sync) { value }).collect();
        prepared.push((statement, Some(step), values));
    }
    let payloads: Vec<String> = stale.iter().copied().map(payload).collect();
    for payload in &payloads {
        prepared.push((session.statement(NOTIFY.0, NOTIFY.1).await?, None, vec![&CHANNEL, payload]));
    }

    let client = &session.client;
    let mut running: Vec<Running<'_>> = Vec::with_capacity(prepared.len() + 1);
    running.push(Box::pin(async { Ok(client.batch_execute("BEGIN").await.map(|()| 0)?) }));
    for (statement, _, values) in &prepared {
        running.push(Box::pin(async move { Ok(client.execute(statement, values).await?) }));
    }
    let mut results = session.within(async { Ok(pipelined(running).await) }).await?.into_iter();
    results.next().transpose()?;
    let mut receipt = Receipt::default();
    for (result, (_, step, _)) in results.zip(&prepared) {
        let rows = result?;
        let Some(step) = step else { continue };
        if step.expect == Expect::One && rows != 1 {
            return Err(Trouble::Unit(CommitError::Guard));
        }
        if step.part == Part::Change {
            receipt.affected.push(rows);
        }
    }
    Ok(receipt)
}

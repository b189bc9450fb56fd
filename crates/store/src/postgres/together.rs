//! Reads that go to the database together: while one statement is out, others of the same that come wait, and go as one over
//! an array of their values. Nobody waits for company: who comes alone goes at once. What is read is never older than who
//! asked: a statement takes along only those that had come before it went.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::reader::{ReadFailure, SharedByReaders};
use crate::sql::Sql;
use crate::value::Value;

/// Reads that go together at the most.
const MOST: usize = 64;
/// How long one that is slow holds up those that came after it.
const PATIENCE: Duration = Duration::from_millis(5);

/// What a read finds.
pub(super) type FoundRows = Result<Vec<Row>, ReadFailure>;

/// Reads by their statement's name.
#[derive(Default)]
pub(super) struct Lanes(Mutex<HashMap<&'static str, ReadLane>>);

/// The reads of one statement.
#[derive(Default)]
struct ReadLane {
    is_out: bool,
    waiting: Vec<WaitingRead>,
}

struct WaitingRead {
    values: Vec<Value>,
    reply: oneshot::Sender<FoundRows>,
}

/// What becomes of a read that comes.
enum ReadArrived {
    /// It goes at once, and holds the turn meanwhile.
    Goes(ReadTurn),
    /// Another one is out: this one goes with those that have come, when that is back.
    Waits(oneshot::Receiver<FoundRows>),
}

/// The right to be out with one statement. When it is given back, those that have come go.
struct ReadTurn {
    readers: Arc<SharedByReaders>,
    sql: &'static Sql,
}

impl Drop for ReadTurn {
    fn drop(&mut self) {
        let waiting = self.readers.lanes.next(self.sql);
        if waiting.is_empty() {
            return;
        }
        let turn = ReadTurn { readers: Arc::clone(&self.readers), sql: self.sql };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(answer(turn, waiting))),
            // There is nobody left who would run it; those who wait hear that nothing comes.
            Err(_) => self.readers.lanes.close(self.sql),
        }
    }
}

impl Lanes {
    fn arrive(&self, readers: &Arc<SharedByReaders>, sql: &'static Sql, values: &[Value]) -> ReadArrived {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(sql.name).or_default();
        if !lane.is_out {
            lane.is_out = true;
            return ReadArrived::Goes(ReadTurn { readers: Arc::clone(readers), sql });
        }
        let (reply, answer) = oneshot::channel();
        lane.waiting.push(WaitingRead { values: values.to_vec(), reply });
        ReadArrived::Waits(answer)
    }

    /// Those that go next, first come first; where there are none, the turn is free.
    fn next(&self, sql: &'static Sql) -> Vec<WaitingRead> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lane) = lanes.get_mut(sql.name) else { return Vec::new() };
        lane.waiting.retain(|read| !read.reply.is_closed());
        let count = lane.waiting.len().min(MOST);
        lane.is_out = count > 0;
        lane.waiting.drain(..count).collect()
    }

    fn close(&self, sql: &'static Sql) {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.remove(sql.name);
    }
}

/// Reads alone or in company.
pub(super) async fn read(readers: &Arc<SharedByReaders>, sql: &'static Sql, values: &[Value]) -> FoundRows {
    match readers.lanes.arrive(readers, sql, values) {
        ReadArrived::Goes(turn) => patiently(turn, readers.alone(sql, values)).await,
        ReadArrived::Waits(answer) => answer.await.unwrap_or_else(|_gone| Err(ReadFailure::closed())),
    }
}

/// Waits for an answer; the turn is given back when it is there, or takes too long.
async fn patiently<T>(turn: ReadTurn, answer: impl Future<Output = T>) -> T {
    let mut answer = std::pin::pin!(answer);
    let early = tokio::time::timeout(PATIENCE, &mut answer).await;
    drop(turn);
    match early {
        Ok(found) => found,
        Err(_slow) => answer.await,
    }
}

/// Reads for all of them. Where the server refuses that, each is asked by itself: what is wrong with one is not wrong with
/// the others. Where it is too slow, or away, all hear so at once: nobody waits in line behind the time of another.
async fn answer(turn: ReadTurn, waiting: Vec<WaitingRead>) {
    let (readers, sql) = (Arc::clone(&turn.readers), turn.sql);
    let found = match waiting.as_slice() {
        [one] => patiently(turn, readers.alone(sql, &one.values)).await.map(|rows| vec![rows]),
        _ => patiently(turn, all(&readers, sql, &waiting)).await,
    };
    match found {
        Ok(found) => {
            for (read, rows) in waiting.into_iter().zip(found) {
                // Who does not wait any more needs no answer.
                let _ = read.reply.send(Ok(rows));
            }
        }
        Err(ReadFailure::Refused(_)) if waiting.len() > 1 => {
            for read in waiting {
                let _ = read.reply.send(readers.alone(sql, &read.values).await);
            }
        }
        Err(failure) => {
            for read in waiting {
                let _ = read.reply.send(Err(failure.clone()));
            }
        }
    }
}

/// What each of them finds.
async fn all(
    readers: &SharedByReaders,
    sql: &'static Sql,
    waiting: &[WaitingRead],
) -> Result<Vec<Vec<Row>>, ReadFailure> {
    match ask(readers, sql, waiting).await {
        // A connection that had died while it rested: reading again harms nobody.
        Err(ReadFailure::Connection(_)) => ask(readers, sql, waiting).await,
        other => other,
    }
}

async fn ask(
    readers: &SharedByReaders,
    sql: &'static Sql,
    waiting: &[WaitingRead],
) -> Result<Vec<Vec<Row>>, ReadFailure> {
    let rows = readers
        .within(async |connection| {
            let alone = connection.prepare_cached(sql.text).await?;
            let together = connection.prepare_cached(&text(sql, alone.params())).await?;
            let columns: Vec<Vec<&Value>> = (0..alone.params().len())
                .map(|at| waiting.iter().filter_map(|read| read.values.get(at)).collect())
                .collect();
            let parameters: Vec<&(dyn ToSql + Sync)> =
                columns.iter().map(|column| -> &(dyn ToSql + Sync) { column }).collect();
            connection.query(&together, &parameters).await
        })
        .await?;
    let mut found: Vec<Vec<Row>> = waiting.iter().map(|_| Vec::new()).collect();
    for row in rows {
        let whose = row.len().checked_sub(1).and_then(|last| row.try_get::<_, i64>(last).ok());
        let place = whose.and_then(|n| usize::try_from(n - 1).ok()).and_then(|at| found.get_mut(at));
        if let Some(place) = place {
            place.push(row);
        }
    }
    Ok(found)
}

/// The statement over arrays: what it finds for each place of them, and in a last column the place. `OFFSET 0` keeps the
/// plan of the statement as it is alone: it is run once for each place.
pub(super) fn text(sql: &Sql, parameters: &[Type]) -> String {
    let arrays: Vec<_> =
        parameters.iter().enumerate().map(|(at, ty)| format!("${}::{}[]", at + 1, ty.name())).collect();
    let names: Vec<_> = (1..=parameters.len()).map(|at| format!("v{at}")).collect();
    format!(
        "SELECT found.*, asked.n FROM UNNEST({}) WITH ORDINALITY AS asked({}, n) \
         CROSS JOIN LATERAL ({} OFFSET 0) AS found",
        arrays.join(", "),
        names.join(", "),
        sql.text.replace('$', "asked.v")
    )
}

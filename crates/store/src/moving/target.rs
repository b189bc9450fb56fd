//! The PostgreSQL database that everything is moved to.

use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row, Statement};

use super::source::{MoveMark, MoveSource, MovedTable};
use super::{META, MOVING, MoveError, MoveStep, OWN, Tally};
use crate::postgres::{self, PostgresOptions, RawTarget};
use crate::statements as sql;
use crate::value::Value;
use crate::writes::HASH_KEY;

/// Rows that are read back at a time.
const FETCHED: &str = "FETCH 5000 FROM everything";
/// What of `meta` is moved: all but what says something of the database that it is in.
pub(super) const NOT_OWN: &str = " WHERE name NOT IN ('moving', 'moved_to', 'heartbeat')";

/// What is there.
pub(super) enum TargetState {
    /// Nothing of Writ's, or what a move left that nobody goes on with.
    Empty,
    /// A part of this move.
    Begun,
    /// All of it.
    Finished,
    /// Another database of Writ's.
    Taken,
}

/// Where everything goes.
pub(super) struct MoveTarget {
    raw: RawTarget,
}

impl MoveTarget {
    /// Connects, brings the database up to date, and sees to it that nobody else moves anything there.
    pub async fn open(options: &PostgresOptions) -> Result<Self, MoveError> {
        let Some(raw) = postgres::raw_target(options).await? else {
            let place = postgres::shown(options)?;
            return Err(MoveError::UnderWay { place });
        };
        Ok(Self { raw })
    }

    /// Where it is, without a password.
    pub fn shown(&self) -> String {
        self.raw.shown.clone()
    }

    fn client(&self) -> &Client {
        &self.raw.client
    }

    async fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, MoveError> {
        let row = self.client().query_opt(sql::META_GET.text, &[&name]).await;
        let row = row.map_err(MoveError::postgres(META))?;
        row.map(|row| row.try_get(0)).transpose().map_err(MoveError::postgres(META))
    }

    /// What is there, beside what is moved.
    pub async fn state(&self, hash_key: &[u8], mark: &MoveMark) -> Result<TargetState, MoveError> {
        let key = self.meta(HASH_KEY).await?;
        let moving = self.meta(MOVING).await?;
        Ok(match (key, moving) {
            (_, Some(moving)) if moving == mark.id => TargetState::Begun,
            (Some(key), None) if mark.was_there && key == hash_key => TargetState::Finished,
            (Some(_), None) => TargetState::Taken,
            (_, Some(_)) | (None, None) => TargetState::Empty,
        })
    }

    /// Marks it, and takes out what the migrations, or a move that nobody goes on with, have put in.
    pub async fn begin(&mut self, source: &MoveSource, id: &[u8]) -> Result<(), MoveError> {
        let tables = source.tables().map_err(MoveError::sqlite(META))?;
        let names: Vec<_> = tables.iter().map(|table| format!("\"{}\"", table.name)).collect();
        let work = async {
            let transaction = self.raw.client.transaction().await?;
            transaction.batch_execute(&format!("TRUNCATE {}", names.join(", "))).await?;
            transaction.execute("INSERT INTO meta (name, value) VALUES ($1, $2)", &[&MOVING, &id]).await?;
            transaction.commit().await
        };
        work.await.map_err(MoveError::postgres(META))
    }

    /// Puts in what is missing, compares everything, and takes the mark off.
    pub async fn fill(
        &mut self,
        source: &MoveSource,
        see: &mut dyn FnMut(MoveStep<'_>),
    ) -> Result<(), MoveError> {
        let tables = source.tables().map_err(MoveError::sqlite(META))?;
        let (last, tables) = tables
            .split_last()
            .ok_or_else(|| MoveError::Row { table: META.to_owned(), what: "there is no table".to_owned() })?;
        for table in tables {
            self.put(source, table, see).await?;
        }
        for table in tables {
            let (left, arrived) = (source.tally(table)?, self.tally(table).await?);
            if left != arrived {
                return Err(MoveError::Differs {
                    table: table.name.clone(),
                    left: left.rows,
                    arrived: arrived.rows,
                });
            }
            see(MoveStep::Compared { table: &table.name, rows: arrived.rows });
        }
        self.finish(source, last).await
    }

    /// The rows of a table that are not there yet: they are put in in order, so those are the last.
    async fn put(
        &mut self,
        source: &MoveSource,
        table: &MovedTable,
        see: &mut dyn FnMut(MoveStep<'_>),
    ) -> Result<(), MoveError> {
        let failed = |error| MoveError::postgres(&table.name)(error);
        let all = source.count(table)?;
        let count = format!("SELECT COUNT(*) FROM \"{}\"", table.name);
        let row = self.client().query_one(&count, &[]).await.map_err(failed)?;
        let mut done = row.try_get::<_, i64>(0).map_err(failed)?.unsigned_abs();
        let as_taken = self.prepare(table).await.map_err(failed)?;
        let types: Vec<_> = as_taken.columns().iter().map(|column| column.type_().clone()).collect();
        let copy = format!("COPY \"{}\" ({}) FROM STDIN (FORMAT binary)", table.name, table.list());
        see(MoveStep::Rows { table: &table.name, done, all });
        let (client, past) = (self.client(), done);
        let mut give = async |rows: Vec<Vec<Value>>| {
            copied(client, (&copy, &types), &rows).await.map_err(failed)?;
            done += rows.len() as u64;
            see(MoveStep::Rows { table: &table.name, done, all });
            Ok(())
        };
        source.pieces(table, past, &mut give).await
    }

    async fn prepare(&self, table: &MovedTable) -> Result<Statement, tokio_postgres::Error> {
        self.client().prepare(&format!("SELECT {} FROM \"{}\"", table.list(), table.name)).await
    }

    /// What a table has, read back.
    async fn tally(&mut self, table: &MovedTable) -> Result<Tally, MoveError> {
        let failed = |error| MoveError::postgres(&table.name)(error);
        let declare = format!(
            "DECLARE everything NO SCROLL CURSOR FOR SELECT {} FROM \"{}\"",
            table.list(),
            table.name
        );
        let transaction = self.raw.client.transaction().await.map_err(failed)?;
        transaction.batch_execute(&declare).await.map_err(failed)?;
        let mut tally = Tally::default();
        loop {
            let rows = transaction.query(FETCHED, &[]).await.map_err(failed)?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                tally.add(&values(row).map_err(failed)?);
            }
        }
        transaction.rollback().await.map_err(failed)?;
        Ok(tally)
    }

    /// The last table and the end of the mark are one: until then no server starts here.
    async fn finish(&mut self, source: &MoveSource, meta: &MovedTable) -> Result<(), MoveError> {
        let mut last = Vec::new();
        let mut keep = async |rows: Vec<Vec<Value>>| {
            last.extend(rows);
            Ok(())
        };
        source.pieces(meta, 0, &mut keep).await?;
        let text = format!("INSERT INTO meta ({}) VALUES ($1, $2)", meta.list());
        let work = async {
            let transaction = self.raw.client.transaction().await?;
            transaction.execute("DELETE FROM meta WHERE name = ANY($1)", &[&OWN.as_slice()]).await?;
            for row in &last {
                let values: Vec<_> = row.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
                transaction.execute(&text, &values).await?;
            }
            transaction.commit().await
        };
        work.await.map_err(MoveError::postgres(META))
    }
}

/// Rows in one statement: all of them, or none.
async fn copied(
    client: &Client,
    (copy, types): (&str, &[Type]),
    rows: &[Vec<Value>],
) -> Result<(), tokio_postgres::Error> {
    let sink = client.copy_in(copy).await?;
    let writer = BinaryCopyInWriter::new(sink, types);
    tokio::pin!(writer);
    for row in rows {
        let values: Vec<_> = row.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        writer.as_mut().write(&values).await?;
    }
    writer.finish().await.map(drop)
}

fn values(row: &Row) -> Result<Vec<Value>, tokio_postgres::Error> {
    let value = |(place, column): (usize, &tokio_postgres::Column)| {
        let found = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(place)?.map(Value::Int),
            Type::BYTEA => row.try_get::<_, Option<&[u8]>>(place)?.map(|bytes| Value::Bytes(bytes.into())),
            _ => row.try_get::<_, Option<&str>>(place)?.map(|text| Value::Owned(text.into())),
        };
        Ok(found.unwrap_or(Value::Null))
    };
    row.columns().iter().enumerate().map(value).collect()
}

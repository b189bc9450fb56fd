//! Reads: a pool of connections with prepared statements.

use std::sync::Arc;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType, Timeouts,
};
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::session::{ConnectionRole, Connector};
use super::together::{self, Lanes};
use super::trouble::{overdue, unavailable};
use crate::error::{OpenError, ReadError, Unavailable};
use crate::row::See;
use crate::sql::{Sql, SqlKind};
use crate::value::Value;

pub(super) struct PostgresReaders(Arc<SharedByReaders>);

/// What those who read share.
pub(super) struct SharedByReaders {
    pool: Pool,
    connector: Connector,
    /// Reads that go together.
    pub lanes: Lanes,
}

/// Why rows did not come.
#[derive(Debug, Clone)]
pub(super) enum ReadFailure {
    /// The connection is gone: another may do.
    Connection(Unavailable),
    /// The server refused.
    Refused(Unavailable),
    /// It was too slow, or there is nobody who could be asked.
    Overdue(Unavailable),
}

impl ReadFailure {
    /// Nobody reads any more.
    pub fn closed() -> Self {
        Self::Overdue(Unavailable {
            what: "the storage is closed".to_owned(),
            remedy: "the server is shutting down; ask again after its restart",
        })
    }
}

impl PostgresReaders {
    pub fn new(connector: &Connector, count: usize) -> Result<Self, OpenError> {
        let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(
            connector.config(ConnectionRole::Reader),
            connector.address.tls.clone(),
            config,
        );
        let patience = connector.patience;
        let timeouts = Timeouts {
            wait: Some(patience.statement),
            create: Some(patience.connect),
            recycle: Some(patience.connect),
        };
        let pool = Pool::builder(manager)
            .max_size(count.max(1))
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| OpenError::Address { why: error.to_string() })?;
        let (connector, lanes) = (connector.clone(), Lanes::default());
        Ok(Self(Arc::new(SharedByReaders { pool, connector, lanes })))
    }

    /// Shows the rows that a statement finds, one after the other.
    pub async fn read(
        &self,
        sql: &'static Sql,
        values: &[Value],
        see: &mut See<'_>,
    ) -> Result<(), ReadError> {
        // A text with U+0000 cannot be stored, so nothing is found by one.
        if values.iter().any(has_nul) {
            return Ok(());
        }
        let rows = if sql.kind == SqlKind::Together {
            together::read(&self.0, sql, values).await
        } else {
            self.0.alone(sql, values).await
        };
        let rows = rows.map_err(|failed| match failed {
            ReadFailure::Connection(why) | ReadFailure::Refused(why) | ReadFailure::Overdue(why) => {
                ReadError::Unavailable(why)
            }
        })?;
        rows.iter().try_for_each(|row| {
            see(&crate::row::Row::postgres(row))
                .map_err(|what| ReadError::Damaged { statement: sql.name, what })
        })
    }

    pub fn close(&self) {
        self.0.pool.close();
    }
}

impl SharedByReaders {
    /// What a statement finds that goes by itself.
    pub async fn alone(&self, sql: &'static Sql, values: &[Value]) -> Result<Vec<Row>, ReadFailure> {
        match self.rows(sql, values).await {
            // A connection that had died while it rested: reading again harms nobody.
            Err(ReadFailure::Connection(_)) => self.rows(sql, values).await,
            other => other,
        }
    }

    async fn rows(&self, sql: &'static Sql, values: &[Value]) -> Result<Vec<Row>, ReadFailure> {
        self.within(async |connection| {
            let statement = connection.prepare_cached(sql.text).await?;
            let parameters: Vec<&(dyn ToSql + Sync)> =
                values.iter().map(|value| -> &(dyn ToSql + Sync) { value }).collect();
            connection.query(&statement, &parameters).await
        })
        .await
    }

    /// Asks something on a connection, and waits no longer than a statement may take and a little more.
    pub async fn within(
        &self,
        ask: impl AsyncFnOnce(&Object) -> Result<Vec<Row>, tokio_postgres::Error>,
    ) -> Result<Vec<Row>, ReadFailure> {
        let connection = self.connection().await?;
        let patience = self.connector.patience.statement + std::time::Duration::from_millis(500);
        let answer = tokio::time::timeout(patience, ask(&connection)).await;
        match answer {
            Ok(Ok(rows)) => Ok(rows),
            Ok(Err(error)) => {
                let why = unavailable(&error);
                if connection.is_closed() || error.as_db_error().is_none() {
                    drop(Object::take(connection));
                    return Err(ReadFailure::Connection(why));
                }
                // A session that ends says so before its connection does.
                if error.as_db_error().is_some_and(|error| error.severity() != "ERROR") {
                    drop(Object::take(connection));
                    return Err(ReadFailure::Connection(why));
                }
                let is_late = error.code() == Some(&SqlState::QUERY_CANCELED);
                Err(if is_late { ReadFailure::Overdue(why) } else { ReadFailure::Refused(why) })
            }
            Err(_elapsed) => {
                drop(Object::take(connection));
                Err(ReadFailure::Overdue(overdue("a read", patience)))
            }
        }
    }

    async fn connection(&self) -> Result<Object, ReadFailure> {
        self.pool.get().await.map_err(|error| {
            ReadFailure::Overdue(match error {
                PoolError::Backend(error) => unavailable(&error),
                PoolError::Timeout(TimeoutType::Wait) => {
                    overdue("waiting for a free connection", self.connector.patience.statement)
                }
                PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
                    overdue("connecting", self.connector.patience.connect)
                }
                PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                    return ReadFailure::closed();
                }
            })
        })
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains('\0'),
        Value::Owned(text) => text.contains('\0'),
        Value::Static(_) | Value::Null | Value::Int(_) | Value::Id(_) | Value::Hash(_) | Value::Bytes(_) => {
            false
        }
    }
}

//! Reads: a pool of connections with prepared statements.

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType, Timeouts,
};
use tokio_postgres::types::ToSql;

use super::session::{ConnectionRole, Connector};
use super::trouble::{overdue, unavailable};
use crate::error::{OpenError, ReadError, Unavailable};
use crate::row::{Row, See};
use crate::sql::Sql;
use crate::value::Value;

pub(super) struct PostgresReaders {
    pool: Pool,
    connector: Connector,
}

/// Why rows did not come.
enum ReadFailure {
    /// The connection is gone: another may do.
    Connection(Unavailable),
    /// The server refused, or was too slow.
    Server(Unavailable),
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
        Ok(Self { pool, connector: connector.clone() })
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
        let rows = match self.rows(sql, values).await {
            // A connection that had died while it rested: reading again harms nobody.
            Err(ReadFailure::Connection(_)) => self.rows(sql, values).await,
            other => other,
        };
        let rows = rows.map_err(|failed| match failed {
            ReadFailure::Connection(why) | ReadFailure::Server(why) => ReadError::Unavailable(why),
        })?;
        rows.iter().try_for_each(|row| {
            see(&Row::postgres(row)).map_err(|what| ReadError::Damaged { statement: sql.name, what })
        })
    }

    async fn rows(
        &self,
        sql: &'static Sql,
        values: &[Value],
    ) -> Result<Vec<tokio_postgres::Row>, ReadFailure> {
        let connection = self.connection().await?;
        let patience = self.connector.patience.statement + std::time::Duration::from_millis(500);
        let answer = tokio::time::timeout(patience, async {
            let statement = connection.prepare_cached(sql.text).await?;
            let parameters: Vec<&(dyn ToSql + Sync)> =
                values.iter().map(|value| -> &(dyn ToSql + Sync) { value }).collect();
            connection.query(&statement, &parameters).await
        });
        match answer.await {
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
                Err(ReadFailure::Server(why))
            }
            Err(_elapsed) => {
                drop(Object::take(connection));
                Err(ReadFailure::Server(overdue("a read", patience)))
            }
        }
    }

    async fn connection(&self) -> Result<Object, ReadFailure> {
        self.pool.get().await.map_err(|error| {
            ReadFailure::Server(match error {
                PoolError::Backend(error) => unavailable(&error),
                PoolError::Timeout(TimeoutType::Wait) => {
                    overdue("waiting for a free connection", self.connector.patience.statement)
                }
                PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
                    overdue("connecting", self.connector.patience.connect)
                }
                PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                    Unavailable {
                        what: "the storage is closed".to_owned(),
                        remedy: "the server is shutting down; ask again after its restart",
                    }
                }
            })
        })
    }

    pub fn close(&self) {
        self.pool.close();
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

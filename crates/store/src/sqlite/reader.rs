//! Reader connections, used in the thread that asks.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;

use super::{open, unavailable};
use crate::error::{OpenError, ReadError};
use crate::row::{Row, See};
use crate::sql::Sql;
use crate::value::Value;

pub(super) struct SqliteReaders {
    connections: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl SqliteReaders {
    pub fn open(folder: &Path, count: usize) -> Result<Self, OpenError> {
        let connections =
            (0..count.max(1)).map(|_| open::reader(folder).map(Mutex::new)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { connections, next: AtomicUsize::new(0) })
    }

    /// The first free connection; where none is, waits for one of them in turn.
    fn connection(&self) -> Option<MutexGuard<'_, Connection>> {
        for connection in &self.connections {
            match connection.try_lock() {
                Ok(guard) => return Some(guard),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len().max(1);
        self.connections.get(turn).map(|one| one.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shows the rows that a statement finds, one after the other.
    pub fn read(&self, sql: &'static Sql, values: &[Value], see: &mut See<'_>) -> Result<(), ReadError> {
        let failed = |error: &rusqlite::Error| ReadError::Unavailable(unavailable(error));
        let Some(connection) = self.connection() else { return Ok(()) };
        let mut statement = connection.prepare_cached(sql.sqlite()).map_err(|error| failed(&error))?;
        for (at, value) in values.iter().enumerate() {
            statement.raw_bind_parameter(at + 1, value).map_err(|error| failed(&error))?;
        }
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|error| failed(&error))? {
            see(&Row::sqlite(row)).map_err(|what| ReadError::Damaged { statement: sql.name, what })?;
        }
        Ok(())
    }
}

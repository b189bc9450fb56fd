//! The SQLite engine: one writer thread that commits in groups, and a few reader connections.

pub(crate) mod backup;
pub(crate) mod open;
mod queue;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio::sync::oneshot;
use writ_core::change::Receipt;
use writ_core::ids::TenantId;

use crate::error::{CommitError, OpenError, ReadError, Unavailable};
use crate::line::NotTaken;
use crate::meters::StoreMeters;
use crate::row::See;
use crate::sql::Sql;
use crate::value::{Step, Value};
use queue::{SqliteQueue, SqliteQueued};

/// How a SQLite database is opened.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The folder; made where it is missing. The database is `writ.db` in it.
    pub folder: PathBuf,
    /// How many units may wait for the writer; a tenant may have three quarters of them.
    pub queue: usize,
    /// How many units one transaction takes at most.
    pub batch: usize,
    /// How many reader connections there are.
    pub readers: usize,
    /// Test only: added to each commit, as a slow disk would.
    pub fsync_delay: Duration,
}

impl SqliteOptions {
    /// The usual options for a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            queue: 8192,
            batch: 128,
            readers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(2, 8),
            fsync_delay: Duration::ZERO,
        }
    }
}

/// An open SQLite database.
pub(crate) struct Sqlite {
    folder: PathBuf,
    queue: Arc<SqliteQueue>,
    readers: reader::SqliteReaders,
    writer: std::sync::Mutex<Option<std::thread::JoinHandle<()>>>,
    /// Held as long as the database is open: a second process is refused.
    _lock: open::FolderLock,
}

impl Sqlite {
    pub fn open(options: &SqliteOptions, meters: &Arc<StoreMeters>) -> Result<Self, OpenError> {
        let lock = open::lock(&options.folder)?;
        let mut connection = open::writer(&options.folder)?;
        crate::migrations::run_sqlite(&mut connection)?;
        crate::moving::refuse_moved(&connection, &options.folder)?;
        let readers = reader::SqliteReaders::open(&options.folder, options.readers)?;
        let queue = Arc::new(SqliteQueue::new(options.queue));
        let writer = writer::SqliteWriter::new(connection, options, Arc::clone(meters))
            .map_err(|error| open::database_error(&options.folder, &error))?;
        let handle = writer
            .start(Arc::clone(&queue))
            .map_err(|why| OpenError::Folder { path: options.folder.display().to_string(), why })?;
        Ok(Self {
            folder: options.folder.clone(),
            queue,
            readers,
            writer: std::sync::Mutex::new(Some(handle)),
            _lock: lock,
        })
    }

    pub async fn commit(&self, tenant: TenantId, steps: Vec<Step>) -> Result<Receipt, CommitError> {
        let (reply, answer) = oneshot::channel();
        self.queue.push(tenant, SqliteQueued { steps, reply }).map_err(|refused| match refused {
            NotTaken::Full => CommitError::Busy,
            NotTaken::Closed => stopped(),
        })?;
        answer.await.unwrap_or_else(|_closed| Err(stopped()))
    }

    /// Runs a statement that reads, in this thread: a point read takes 2 to 4 µs, less than handing
    /// it to another thread would.
    pub fn read(&self, sql: &'static Sql, values: &[Value], see: &mut See<'_>) -> Result<(), ReadError> {
        self.readers.read(sql, values, see)
    }

    pub fn wal_bytes(&self) -> u64 {
        std::fs::metadata(self.folder.join(open::WAL_FILE)).map_or(0, |file| file.len())
    }

    pub fn database_bytes(&self) -> u64 {
        std::fs::metadata(self.folder.join(open::DATABASE_FILE)).map_or(0, |file| file.len())
    }

    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Refuses new units, commits those that wait, checkpoints and closes.
    pub fn close(&self) {
        self.queue.close();
        let handle = self.writer.lock().map_or(None, |mut writer| writer.take());
        if let Some(handle) = handle {
            // The writer never panics on purpose; if it did, the process is ending anyway.
            drop(handle.join());
        }
    }
}

fn stopped() -> CommitError {
    CommitError::Unavailable(Unavailable {
        what: "the writer has stopped".to_owned(),
        remedy: "the server is shutting down; ask again after its restart",
    })
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.close();
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(int) => ValueRef::Integer(*int),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Owned(text) => ValueRef::Text(text.as_bytes()),
            Self::Static(text) => ValueRef::Text(text.as_bytes()),
            Self::Id(id) => ValueRef::Blob(id),
            Self::Hash(hash) => ValueRef::Blob(hash),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What an engine's error means for the operator.
pub(crate) fn unavailable(error: &rusqlite::Error) -> Unavailable {
    use rusqlite::ErrorCode;
    let remedy = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full: free some space; the server goes on by itself",
        Some(ErrorCode::ReadOnly) => {
            "the data folder cannot be written: mount it writable, or give this user the right"
        }
        Some(ErrorCode::CannotOpen) => "the database file cannot be opened: check the folder and its rights",
        Some(ErrorCode::SystemIoFailure) => {
            "the disk reports an error: check the file system and the kernel's log"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the database file is damaged: stop the server and restore a backup"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds the database: close it (sqlite3 shells and backup tools count)"
        }
        _ => "see the message; if it stays, restore a backup or report it",
    };
    Unavailable { what: format!("SQLite: {error}"), remedy }
}

//! Opening: the lock against a second process, and the settings of each connection.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::unavailable;
use crate::error::OpenError;

pub(crate) const DATABASE_FILE: &str = "writ.db";
pub(super) const WAL_FILE: &str = "writ.db-wal";
const LOCK_FILE: &str = "writ.lock";

fn folder_error(folder: &Path) -> impl FnOnce(std::io::Error) -> OpenError + '_ {
    move |why| OpenError::Folder { path: folder.display().to_string(), why }
}

/// The lock on a folder, for as long as this lives.
pub(crate) struct FolderLock(File);

/// Closing the file would not do: the lock belongs to the open file, which a child process that is just
/// being started still shares.
impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing it is the second try.
        let _ = self.0.unlock();
    }
}

/// Takes the lock file of a folder, which is never deleted: deleting it would let a third process
/// lock a new file of the same name.
pub(crate) fn lock(folder: &Path) -> Result<FolderLock, OpenError> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(folder_error(folder))?;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(folder.join(LOCK_FILE))
        .map_err(folder_error(folder))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Only a courtesy: an unreadable number does not change the answer.
            let _ = (&file).take(20).read_to_string(&mut holder);
            let holder = holder.trim();
            let holder = if holder.is_empty() { String::new() } else { format!(" (process {holder})") };
            return Err(OpenError::Locked { path: folder.display().to_string(), holder });
        }
        Err(TryLockError::Error(why)) => return Err(folder_error(folder)(why)),
    }
    file.set_len(0).map_err(folder_error(folder))?;
    file.rewind().map_err(folder_error(folder))?;
    writeln!(file, "{}", std::process::id()).map_err(folder_error(folder))?;
    Ok(FolderLock(file))
}

pub(crate) fn database_error(folder: &Path, error: &rusqlite::Error) -> OpenError {
    OpenError::Database { path: folder.join(DATABASE_FILE).display().to_string(), why: unavailable(error) }
}

/// The writer's connection: WAL, nothing acknowledged before it is on the disk, checkpoints by hand.
pub(crate) fn writer(folder: &Path) -> Result<Connection, OpenError> {
    let path = folder.join(DATABASE_FILE);
    restrict(&path).map_err(folder_error(folder))?;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        stable_plans(&connection)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA wal_autocheckpoint = 0;
             PRAGMA journal_size_limit = 16777216;
             PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF;",
        )?;
        connection.set_prepared_statement_cache_capacity(128);
        Ok(connection)
    };
    open().map_err(|error| database_error(folder, &error))
}

/// Without this, SQLite plans every joined statement anew whenever its parameters change: four times
/// the cost of the statement itself (`docs/adr/0001-…`). All our plans are primary-key reads.
fn stable_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// The database holds hashes and sealed keys: for its owner alone.
fn restrict(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

/// A reader's connection: it cannot write, whatever it is asked.
pub(crate) fn reader(folder: &Path) -> Result<Connection, OpenError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(
            folder.join(DATABASE_FILE),
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(std::time::Duration::from_secs(1))?;
        stable_plans(&connection)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;")?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    };
    open().map_err(|error| database_error(folder, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A child between fork and exec holds a copy of every open file.
    #[test]
    fn a_lock_ends_with_its_holder_although_a_starting_child_shares_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let held = lock(folder.path()).unwrap();
        let childs = held.0.try_clone().unwrap();
        drop(held);
        assert!(lock(folder.path()).is_ok());
        drop(childs);
    }
}

//! A copy of a SQLite database while a server works on it, and the way back.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use writ_core::time::Micros;

use super::open::{self, DATABASE_FILE};
use super::unavailable;
use crate::error::OpenError;
use crate::inspect::NEWEST;
use crate::migrations::{MIGRATIONS, pending, stored};
use crate::{statements as sql, writes};

/// Pages that are copied at a time: 4 MiB of them.
const PAGES: i32 = 1024;
/// Whether every page is what it should be.
const QUICKLY: &str = "PRAGMA quick_check(1)";
/// The same, and whether every index has what its table has.
const WHOLLY: &str = "PRAGMA integrity_check(1)";

/// Why a database was not copied. Nothing was left where the copy was to be.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database itself.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no database.
    #[error(
        "there is no SQLite database in {folder}. Name its folder with --data-dir; a PostgreSQL database is backed up with PostgreSQL's own tools"
    )]
    Nothing {
        /// The folder.
        folder: String,
    },
    /// The copy's file exists.
    #[error("{path} exists already and was not touched. Choose another name, or move it away")]
    Exists {
        /// Which file.
        path: String,
    },
    /// A file cannot be used.
    #[error("{path} cannot be used: {why}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        why: std::io::Error,
    },
    /// SQLite could not copy.
    #[error("the copy failed: {0}")]
    Copy(crate::error::Unavailable),
    /// The backup is not a database of Writ, or is damaged.
    #[error("{path} cannot be restored: {what}. Nothing was changed; take another backup")]
    Damaged {
        /// Which file.
        path: String,
        /// What is wrong with it.
        what: String,
    },
}

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyProgress {
    /// Bytes that are copied.
    pub done: u64,
    /// Bytes in all.
    pub all: u64,
}

/// What a backup has in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupFacts {
    /// Size of its file.
    pub bytes: u64,
    /// When the newest audit record in it was written: its moment, as far as anything was done.
    pub newest: Option<Micros>,
    /// The sealed key of the keyed hashes; the master key that opens it opens everything.
    pub sealed_hash_key: Vec<u8>,
    /// Migrations of this version that it does not have yet.
    pub pending: usize,
}

/// Copies the database of a folder, as it is at the moment of the call, into a new file that only its owner may read.
/// A server may go on working on it: nothing that was acknowledged before the call is missing, and nothing that
/// comes later is in it.
///
/// # Errors
/// [`BackupError`]; then there is no new file.
pub fn backup(
    folder: &Path,
    to: &Path,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<BackupFacts, BackupError> {
    if !folder.join(DATABASE_FILE).exists() {
        return Err(BackupError::Nothing { folder: folder.display().to_string() });
    }
    refuse_existing(to)?;
    let source = open::reader(folder)?;
    let unfinished = Unfinished::new(to)?;
    copy(&source, &unfinished.path, progress).map_err(|error| BackupError::Copy(unavailable(&error)))?;
    let facts = look_into(&unfinished.path, QUICKLY)?;
    unfinished.finish(to)?;
    Ok(facts)
}

/// Looks at a backup: whether it is whole, and what is in it.
///
/// # Errors
/// [`BackupError::Damaged`], [`OpenError::Newer`].
pub fn examine(path: &Path) -> Result<BackupFacts, BackupError> {
    look_into(path, WHOLLY)
}

fn look_into(path: &Path, check: &str) -> Result<BackupFacts, BackupError> {
    let damaged = |what: String| BackupError::Damaged { path: path.display().to_string(), what };
    let bytes = std::fs::metadata(path).map_err(file_error(path))?.len();
    // Nothing may be written beside it: the folder of a backup need not be ours.
    let immutable = format!("file:{}?immutable=1", escaped(path));
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let look = || -> rusqlite::Result<_> {
        let connection = Connection::open_with_flags(immutable, flags)?;
        connection.execute_batch("PRAGMA trusted_schema = OFF;")?;
        let found: String = connection.query_row(check, [], |row| row.get(0))?;
        let stored = stored(&connection)?;
        let key: Option<Vec<u8>> =
            connection.query_row(sql::META_GET.sqlite(), [writes::HASH_KEY], |row| row.get(0)).optional()?;
        let newest: Option<i64> = connection.query_row(NEWEST, [], |row| row.get(0)).optional()?;
        Ok((found, stored, key, newest))
    };
    let (found, stored, key, newest) = look().map_err(|error| damaged(error.to_string()))?;
    if found != "ok" {
        return Err(damaged(found));
    }
    let pending = pending(MIGRATIONS, &stored)?.len();
    let sealed_hash_key = key.ok_or_else(|| damaged("no server was ever started on it".to_owned()))?;
    Ok(BackupFacts { bytes, newest: newest.map(Micros), sealed_hash_key, pending })
}

/// Puts a backup into a folder that has no database, as the database that a server will start with.
///
/// # Errors
/// [`BackupError`]; then the folder has no database, as before.
pub fn restore(
    from: &Path,
    folder: &Path,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<(), BackupError> {
    let lock = open::lock(folder)?;
    let to = folder.join(DATABASE_FILE);
    // What a database left in its log would be taken for changes of the new one.
    for beside in ["", "-wal", "-shm", "-journal"] {
        refuse_existing(&folder.join(format!("{DATABASE_FILE}{beside}")))?;
    }
    let all = std::fs::metadata(from).map_err(file_error(from))?.len();
    let mut unfinished = Unfinished::new(&to)?;
    let mut source = File::open(from).map_err(file_error(from))?;
    let mut done = 0;
    while done < all {
        let mut piece = std::io::Read::take(&mut source, 4 * 1024 * 1024);
        match std::io::copy(&mut piece, &mut unfinished.file).map_err(file_error(&to))? {
            // It has become shorter: the check below says so.
            0 => break,
            copied => done += copied,
        }
        progress(CopyProgress { done, all });
    }
    examine(&unfinished.path)?;
    unfinished.finish(&to)?;
    drop(lock);
    Ok(())
}

/// All pages as they were when the first was read. The server's writer goes on meanwhile; only its log is not shortened.
fn copy(source: &Connection, to: &Path, progress: &mut dyn FnMut(CopyProgress)) -> rusqlite::Result<()> {
    let mut target =
        Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    target.execute_batch("PRAGMA synchronous = OFF;")?;
    let page: u32 = source.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    // A snapshot that stays: without it, each change of the server would make the copy begin anew.
    source.execute_batch("BEGIN")?;
    source.query_row("SELECT COUNT(*) FROM sqlite_master", [], |_| Ok(()))?;
    let done = {
        let backup = Backup::new(source, &mut target)?;
        loop {
            let step = backup.step(PAGES)?;
            let seen = backup.progress();
            let [all, left] = [seen.pagecount, seen.remaining].map(|pages| u64::from(pages.unsigned_abs()));
            let page = u64::from(page);
            progress(CopyProgress { done: (all - left) * page, all: all * page });
            match step {
                StepResult::Done => break Ok(()),
                StepResult::More => {}
                // Nobody else has the copy, and a snapshot locks out nobody: a moment later it goes on.
                _ => std::thread::sleep(std::time::Duration::from_millis(20)),
            }
        }
    };
    source.execute_batch("COMMIT")?;
    // In one file: what a log beside it would have is in it.
    target.execute_batch("PRAGMA journal_mode = DELETE;")?;
    done
}

/// A file that is not finished: it goes when nobody finishes it.
struct Unfinished {
    path: PathBuf,
    /// Locked, as long as somebody works on it: what a killed process left is taken over.
    file: File,
}

impl Unfinished {
    fn new(to: &Path) -> Result<Self, BackupError> {
        let mut name = to.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let make = || -> std::io::Result<File> {
            let mut options = OpenOptions::new();
            let file = options.append(true).create(true).mode(0o600).open(&path)?;
            file.try_lock()?;
            file.set_len(0)?;
            Ok(file)
        };
        let file = make().map_err(file_error(&path))?;
        Ok(Self { path, file })
    }

    /// On the disk, under its name.
    fn finish(self, to: &Path) -> Result<(), BackupError> {
        refuse_existing(to)?;
        let on_disk = || -> std::io::Result<()> {
            self.file.sync_all()?;
            std::fs::rename(&self.path, to)?;
            let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        on_disk().map_err(file_error(to))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        for beside in ["", "-journal", "-wal", "-shm"] {
            let mut name = self.path.as_os_str().to_owned();
            name.push(beside);
            // Where it is finished, there is none.
            let _ = std::fs::remove_file(name);
        }
    }
}

fn refuse_existing(path: &Path) -> Result<(), BackupError> {
    if path.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { path: path.display().to_string() });
    }
    Ok(())
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError + '_ {
    move |why| BackupError::File { path: path.display().to_string(), why }
}

/// A path as the URI of a file has it.
fn escaped(path: &Path) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().iter().fold(String::new(), |mut text, &byte| {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

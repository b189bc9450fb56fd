//! Everything of a SQLite database, put into an empty PostgreSQL one, counted and compared.
//!
//! A move that breaks off is begun again and goes on where it was. While it lasts both databases bear a mark, so that no
//! server starts on either half; afterwards the old one bears another, so that none starts on what is out of date.

mod source;
mod tally;
mod target;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};

use crate::error::{OpenError, Unavailable};
use crate::migrations::run_sqlite;
use crate::postgres::{PostgresOptions, unavailable as postgres_unavailable};
use crate::sqlite::{open, unavailable as sqlite_unavailable};
use crate::statements as sql;
use source::MoveSource;
use tally::Tally;
use target::{MoveTarget, TargetState};

/// In `meta` of both databases, while rows are on their way: which move it is.
pub(crate) const MOVING: &str = "moving";
/// In `meta` of the old database, when all are there: where they are.
pub(crate) const MOVED_TO: &str = "moved_to";
/// The table of marks and of the key that makes a database one of Writ's: moved last.
const META: &str = "meta";
/// Rows of `meta` that belong to the database that they are in.
const OWN: [&str; 3] = [MOVING, MOVED_TO, "heartbeat"];

/// Why a database was not moved, or not all of it. The old one stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// One of the two cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is nothing to move.
    #[error(
        "there is no SQLite database in {folder} that a server was ever started on. Name its folder with --data-dir"
    )]
    Nothing {
        /// The folder.
        folder: String,
    },
    /// The other database has something in it.
    #[error("{place} has a database of Writ in it already. Nothing was changed; name an empty database")]
    Taken {
        /// Where.
        place: String,
    },
    /// Somebody else is moving something there.
    #[error("another move to {place} is under way. Wait for it to end")]
    UnderWay {
        /// Where.
        place: String,
    },
    /// A database failed.
    #[error("{table}: {why}. Run the same command again: it goes on where it was")]
    Failed {
        /// Which table was on its way.
        table: String,
        /// Why.
        why: Unavailable,
    },
    /// A value that the other database does not take.
    #[error("a row of {table} cannot be moved: {what}. Nothing is lost; report it")]
    Row {
        /// Which table.
        table: String,
        /// What is wrong.
        what: String,
    },
    /// What arrived is not what left.
    #[error(
        "{table} differs: {left} rows left, {arrived} arrived, or not the same ones. The move was not finished. Empty the new database and run the command again"
    )]
    Differs {
        /// Which table.
        table: String,
        /// Rows of the old database.
        left: u64,
        /// Rows of the new one.
        arrived: u64,
    },
}

impl MoveError {
    fn sqlite(table: &str) -> impl FnOnce(rusqlite::Error) -> Self + '_ {
        move |error| Self::Failed { table: table.to_owned(), why: sqlite_unavailable(&error) }
    }

    fn postgres(table: &str) -> impl FnOnce(tokio_postgres::Error) -> Self + '_ {
        move |error| Self::Failed { table: table.to_owned(), why: postgres_unavailable(&error) }
    }
}

/// What a move is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveStep<'a> {
    /// So many rows of a table are there, of so many.
    Rows {
        /// Which table.
        table: &'a str,
        /// Rows that are there.
        done: u64,
        /// Rows in all.
        all: u64,
    },
    /// A table is read back and compared.
    Compared {
        /// Which table.
        table: &'a str,
        /// Its rows.
        rows: u64,
    },
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedRows {
    /// Where everything is now; without a password.
    pub to: String,
    /// Tables and their rows.
    pub tables: Vec<(String, u64)>,
}

/// Moves everything from the SQLite database of a folder, which no server may have open, to a PostgreSQL database that
/// has nothing of Writ's in it yet. `id` is a random number, by which a move that broke off is known again.
///
/// Not to be awaited by several threads: one connection of SQLite is held throughout.
///
/// # Errors
/// [`MoveError`]: the old database is as it was, and no server starts on the new one.
pub async fn move_to_postgres(
    folder: &Path,
    to: &PostgresOptions,
    id: [u8; 16],
    see: &mut dyn FnMut(MoveStep<'_>),
) -> Result<MovedRows, MoveError> {
    let nothing = || MoveError::Nothing { folder: folder.display().to_string() };
    if !folder.join(open::DATABASE_FILE).exists() {
        return Err(nothing());
    }
    let lock = open::lock(folder)?;
    let mut connection = open::writer(folder)?;
    run_sqlite(&mut connection)?;
    match refuse_moved(&connection, folder) {
        Ok(()) | Err(OpenError::Moving { .. }) => {}
        Err(moved) => return Err(moved.into()),
    }
    let source = MoveSource { connection };
    let hash_key = source.hash_key().map_err(MoveError::sqlite(META))?.ok_or_else(nothing)?;
    let mut target = MoveTarget::open(to).await?;
    let mark = source.mark(id).map_err(MoveError::sqlite(META))?;
    match target.state(&hash_key, &mark).await? {
        TargetState::Taken => {
            // The mark of a move that broke off is about another place: that one stays half moved.
            if !mark.was_there {
                source.unmark().map_err(MoveError::sqlite(META))?;
            }
            return Err(MoveError::Taken { place: target.shown() });
        }
        // It broke off between its last two steps.
        TargetState::Finished => {}
        TargetState::Begun => target.fill(&source, see).await?,
        TargetState::Empty => {
            target.begin(&source, &mark.id).await?;
            target.fill(&source, see).await?;
        }
    }
    let shown = target.shown();
    source.moved(&shown).map_err(MoveError::sqlite(META))?;
    let tables = source.counts()?;
    drop((source, lock));
    Ok(MovedRows { to: shown, tables })
}

/// Refuses a SQLite database that was moved, or is on its way.
pub(crate) fn refuse_moved(connection: &Connection, folder: &Path) -> Result<(), OpenError> {
    let path = || folder.join(open::DATABASE_FILE).display().to_string();
    let mark = |name: &str| {
        let found: Result<Option<Vec<u8>>, _> =
            connection.query_row(sql::META_GET.sqlite(), [name], |row| row.get(0)).optional();
        found.map_err(|error| open::database_error(folder, &error))
    };
    if let Some(to) = mark(MOVED_TO)? {
        return Err(OpenError::Moved { path: path(), to: String::from_utf8_lossy(&to).into_owned() });
    }
    if mark(MOVING)?.is_some() { Err(OpenError::Moving { path: path() }) } else { Ok(()) }
}

/// Takes the mark off a SQLite database that was moved, or half moved: a server may start on it again. Says whether it
/// had one.
///
/// # Errors
/// [`MoveError`].
pub fn take_back(folder: &Path) -> Result<bool, MoveError> {
    if !folder.join(open::DATABASE_FILE).exists() {
        return Err(MoveError::Nothing { folder: folder.display().to_string() });
    }
    let lock = open::lock(folder)?;
    let source = MoveSource { connection: open::writer(folder)? };
    let taken = source.unmark().map_err(MoveError::sqlite(META))?;
    drop((source, lock));
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::Future as _;
    use std::task::Poll;

    use writ_core::change::Change;

    use super::*;
    use crate::SqliteOptions;
    use crate::cluster::fresh_database;
    use crate::store::Store;
    use crate::suite::{NOW, client, hash, tenant, unit};

    const ID: [u8; 16] = [7; 16];

    /// A folder whose database has been in use, and is closed.
    async fn used(tenants: usize) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(&SqliteOptions::new(folder.path())).unwrap();
        let first = tenant(&store).await.id;
        let start = Change::Initialise { at: NOW, sealed_hash_key: hash().as_bytes().to_vec() };
        store.commit(unit(first, start)).await.unwrap();
        for _ in 0..tenants {
            let tenant = tenant(&store).await;
            client(&store, tenant.id).await;
        }
        store.close();
        folder
    }

    async fn options() -> PostgresOptions {
        PostgresOptions::new(fresh_database().await.unwrap())
    }

    async fn opened(options: &PostgresOptions) -> Result<(), OpenError> {
        Store::open_postgres(options).await.map(|store| store.close())
    }

    fn opened_here(folder: &Path) -> Result<(), OpenError> {
        Store::open_sqlite(&SqliteOptions::new(folder)).map(|store| store.close())
    }

    #[tokio::test]
    async fn everything_arrives_and_no_server_starts_on_the_old_one() {
        let (folder, options) = (used(3).await, options().await);
        let mut compared = 0;
        let mut see = |step: MoveStep<'_>| {
            compared += usize::from(matches!(step, MoveStep::Compared { .. }));
        };
        let moved = move_to_postgres(folder.path(), &options, ID, &mut see).await.unwrap();
        let rows = |name: &str| moved.tables.iter().find(|(table, _)| table == name).unwrap().1;
        assert_eq!((rows("tenants"), rows("clients"), rows("meta")), (4, 3, 1));
        assert!(!moved.to.contains("throw-away"), "{}", moved.to);
        assert_eq!(compared + 1, moved.tables.len(), "meta alone is not compared");
        opened(&options).await.unwrap();
        let refused = opened_here(folder.path()).unwrap_err();
        assert!(refused.to_string().contains("was moved to"), "{refused}");
        let looked = crate::inspect(crate::DatabasePlace::Sqlite(folder.path())).await.unwrap_err();
        assert_eq!(looked.to_string(), refused.to_string());
        let other = self::options().await;
        let again = move_to_postgres(folder.path(), &other, ID, &mut |_| {}).await;
        assert!(matches!(again, Err(MoveError::Open(OpenError::Moved { .. }))), "{again:?}");
        assert!(take_back(folder.path()).unwrap());
        opened_here(folder.path()).unwrap();
        assert!(!take_back(folder.path()).unwrap());
    }

    /// A move that breaks off after so many steps; none: it did.
    async fn broken_off(
        folder: &Path,
        options: &PostgresOptions,
        steps: u8,
    ) -> Option<Result<MovedRows, MoveError>> {
        let seen = Cell::new(0);
        let mut see = |_: MoveStep<'_>| seen.set(seen.get() + 1);
        let moving = move_to_postgres(folder, options, [steps; 16], &mut see);
        tokio::pin!(moving);
        let done = std::future::poll_fn(|cx| match moving.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if seen.get() >= steps => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        done.await
    }

    /// Breaks off after each of the first steps in turn, each time with another number, and goes on.
    #[tokio::test]
    async fn a_move_that_breaks_off_goes_on_where_it_was() {
        let (folder, options) = (used(2).await, options().await);
        let mut steps = 1;
        let moved = loop {
            match broken_off(folder.path(), &options, steps).await {
                Some(Err(MoveError::UnderWay { .. })) => tokio::task::yield_now().await,
                Some(moved) => break moved.unwrap(),
                None => {
                    let half = opened(&options).await.unwrap_err();
                    assert!(matches!(half, OpenError::HalfMoved { .. }), "{half}");
                    let old = opened_here(folder.path()).unwrap_err();
                    assert!(matches!(old, OpenError::Moving { .. }), "{old}");
                    steps += 9;
                }
            }
        };
        assert!(steps > 30, "it broke off a few times: {steps}");
        let rows = |name: &str| moved.tables.iter().find(|(table, _)| table == name).unwrap().1;
        assert_eq!((rows("tenants"), rows("clients")), (3, 2));
        opened(&options).await.unwrap();
    }

    #[tokio::test]
    async fn a_database_that_is_in_use_is_not_touched() {
        let (folder, options) = (used(1).await, options().await);
        let store = Store::open_postgres(&options).await.unwrap();
        let theirs = tenant(&store).await;
        let start = Change::Initialise { at: NOW, sealed_hash_key: hash().as_bytes().to_vec() };
        store.commit(unit(theirs.id, start)).await.unwrap();
        let refused = move_to_postgres(folder.path(), &options, ID, &mut |_| {}).await;
        assert!(matches!(refused, Err(MoveError::Taken { .. })), "{refused:?}");
        assert!(store.tenant_by_id(theirs.id).await.unwrap().is_some());
        store.close();
        opened_here(folder.path()).unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rows_that_are_not_the_same_end_the_move() {
        let (folder, options) = (used(2).await, options().await);
        let spoilt = Cell::new(false);
        let address: tokio_postgres::Config = options.url.parse().unwrap();
        let (client, connection) = address.connect(tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        // The name of a tenant changes between its arrival and the comparison.
        let mut see = |step: MoveStep<'_>| {
            if matches!(step, MoveStep::Rows { table: "users", .. }) && !spoilt.replace(true) {
                let change = client.batch_execute("UPDATE tenants SET name = 'another'");
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(change)).unwrap();
            }
        };
        let differs = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(move_to_postgres(
                folder.path(),
                &options,
                ID,
                &mut see,
            ))
        });
        let differs = differs.unwrap_err();
        assert!(matches!(&differs, MoveError::Differs { table, .. } if table == "tenants"), "{differs}");
        assert!(opened(&options).await.is_err() && opened_here(folder.path()).is_err());
    }

    #[tokio::test]
    async fn without_a_database_there_is_nothing_to_move() {
        let folder = tempfile::tempdir().unwrap();
        let refused = move_to_postgres(folder.path(), &options().await, ID, &mut |_| {}).await.unwrap_err();
        assert!(matches!(refused, MoveError::Nothing { .. }), "{refused}");
        let store = Store::open_sqlite(&SqliteOptions::new(folder.path())).unwrap();
        let busy = move_to_postgres(folder.path(), &options().await, ID, &mut |_| {}).await.unwrap_err();
        assert!(matches!(busy, MoveError::Open(OpenError::Locked { .. })), "{busy}");
        store.close();
        assert!(take_back(Path::new("/nowhere")).is_err());
    }
}

//! Looking at a database without opening it for work, and bringing it up to date without serving.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};
use writ_core::time::Micros;

use crate::error::OpenError;
use crate::migrations::{MIGRATIONS, pending, run_sqlite};
use crate::moving::refuse_moved;
use crate::postgres::{self, PostgresOptions};
use crate::sqlite::open;
use crate::{statements as sql, writes};

/// Where a database is.
#[derive(Debug, Clone, Copy)]
pub enum DatabasePlace<'a> {
    /// SQLite in this folder.
    Sqlite(&'a Path),
    /// PostgreSQL at this address.
    Postgres(&'a PostgresOptions),
}

/// A migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationName {
    /// Its number; they run in this order.
    pub version: i64,
    /// Its name.
    pub name: &'static str,
}

/// What a look at a database finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Migrations that have not run; all of them where there is no database yet.
    pub pending: Vec<MigrationName>,
    /// The sealed key of the keyed hashes; none: the database was never started.
    pub sealed_hash_key: Option<Vec<u8>>,
    /// When the newest audit record was written.
    pub newest: Option<Micros>,
}

impl Inspection {
    fn empty() -> Self {
        let pending = MIGRATIONS.iter().map(super::migrations::Migration::id).collect();
        Self { pending, sealed_hash_key: None, newest: None }
    }
}

/// The newest record: ids begin with the time.
pub(crate) const NEWEST: &str = "SELECT at FROM audit_logs ORDER BY id DESC LIMIT 1";

/// Looks at a database, also while a server has it. Makes nothing and migrates nothing.
///
/// # Errors
/// [`OpenError`], whose text tells the operator what to do.
pub async fn inspect(place: DatabasePlace<'_>) -> Result<Inspection, OpenError> {
    match place {
        DatabasePlace::Sqlite(folder) => inspect_sqlite(folder),
        DatabasePlace::Postgres(options) => postgres::inspect(options).await,
    }
}

/// Brings a database up to date, and makes it where it is missing. Says which migrations ran.
///
/// # Errors
/// [`OpenError`]; SQLite of a folder that another process has is refused.
pub async fn migrate(place: DatabasePlace<'_>) -> Result<Vec<MigrationName>, OpenError> {
    match place {
        DatabasePlace::Sqlite(folder) => {
            let lock = open::lock(folder)?;
            let mut connection = open::writer(folder)?;
            let ran = run_sqlite(&mut connection)?;
            drop((connection, lock));
            Ok(ran)
        }
        DatabasePlace::Postgres(options) => postgres::bring_up_to_date(options).await,
    }
}

fn inspect_sqlite(folder: &Path) -> Result<Inspection, OpenError> {
    if !folder.join(open::DATABASE_FILE).exists() {
        return Ok(Inspection::empty());
    }
    let connection = open::reader(folder)?;
    let look = || -> rusqlite::Result<_> {
        let stored = stored(&connection)?;
        let is_ground = !stored.is_empty();
        let key = if is_ground {
            let get = connection.query_row(sql::META_GET.sqlite(), [writes::HASH_KEY], |row| row.get(0));
            get.optional()?
        } else {
            None
        };
        let newest: Option<i64> =
            if is_ground { connection.query_row(NEWEST, [], |row| row.get(0)).optional()? } else { None };
        Ok((stored, key, newest))
    };
    let (stored, sealed_hash_key, newest) = look().map_err(|error| open::database_error(folder, &error))?;
    if sealed_hash_key.is_some() {
        refuse_moved(&connection, folder)?;
    }
    let pending = pending(MIGRATIONS, &stored)?.into_iter().map(super::migrations::Migration::id).collect();
    Ok(Inspection { pending, sealed_hash_key, newest: newest.map(Micros) })
}

fn stored(connection: &Connection) -> rusqlite::Result<Vec<(i64, String, String)>> {
    let table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'";
    if connection.query_row(table, [], |_| Ok(())).optional()?.is_none() {
        return Ok(Vec::new());
    }
    crate::migrations::stored(connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::suite::{NOW, tenant, unit};
    use writ_core::change::Change;

    async fn life(place: DatabasePlace<'_>, open: impl AsyncFnOnce() -> Store) {
        let before = inspect(place).await.unwrap();
        assert_eq!(before.pending.len(), MIGRATIONS.len());
        assert_eq!((before.sealed_hash_key, before.newest), (None, None));
        assert_eq!(migrate(place).await.unwrap(), before.pending);
        assert_eq!(migrate(place).await.unwrap(), Vec::new());
        let migrated = inspect(place).await.unwrap();
        assert_eq!(migrated, Inspection { pending: Vec::new(), sealed_hash_key: None, newest: None });

        let store = open().await;
        let start = Change::Initialise { at: NOW, sealed_hash_key: vec![7] };
        store.commit(unit(tenant(&store).await.id, start)).await.unwrap();
        let seen = inspect(place).await.unwrap();
        assert!(seen.sealed_hash_key == Some(vec![7]) && seen.newest.is_some(), "{seen:?}");
        store.close();
    }

    #[tokio::test]
    async fn sqlite_is_looked_at_before_and_while_a_server_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert_eq!(inspect(DatabasePlace::Sqlite(path)).await.unwrap(), Inspection::empty());
        assert_eq!(std::fs::read_dir(path).unwrap().count(), 0, "a look makes nothing");
        let options = crate::SqliteOptions::new(path);
        life(DatabasePlace::Sqlite(path), async || Store::open_sqlite(&options).unwrap()).await;
    }

    #[tokio::test]
    async fn postgres_is_looked_at_before_and_while_a_server_has_it() {
        let options = PostgresOptions::new(crate::cluster::fresh_database().await.unwrap());
        life(DatabasePlace::Postgres(&options), async || Store::open_postgres(&options).await.unwrap()).await;
    }

    #[tokio::test]
    async fn a_database_that_a_server_has_is_not_migrated_under_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(&crate::SqliteOptions::new(folder.path())).unwrap();
        let refused = migrate(DatabasePlace::Sqlite(folder.path())).await;
        assert!(matches!(refused, Err(OpenError::Locked { .. })), "{refused:?}");
        store.close();
    }
}

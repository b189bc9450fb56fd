//! The migrations on PostgreSQL: one node at a time, the same files, the same list.

use tokio_postgres::Client;

use super::job::lock_key;
use super::session::{Connector, Role};
use super::trouble::unavailable;
use crate::error::{OpenError, Unavailable};
use crate::migrations::{MIGRATIONS, Migration, Todo, check_newest, checksum, todo};

const LOCK: &str = "writ migrations";

/// The text as PostgreSQL takes it.
pub(super) fn translated(text: &str) -> String {
    text.replace(" BLOB", " BYTEA").replace(" WITHOUT ROWID", "")
}

/// Brings a database up to date.
pub(super) async fn run(connector: &Connector) -> Result<(), OpenError> {
    let opening = |why: Unavailable| OpenError::Database { path: connector.address.shown.clone(), why };
    let (mut client, _driver) = connector.client(Role::Migrator).await.map_err(opening)?;
    lock(&client).await.map_err(|error| opening(unavailable(&error)))?;
    // The lock ends with the connection.
    run_list(&mut client, MIGRATIONS).await
}

async fn lock(client: &Client) -> Result<(), tokio_postgres::Error> {
    let key = lock_key(LOCK);
    let row = client.query_one("SELECT pg_try_advisory_lock($1)", &[&key]).await?;
    if !row.try_get::<_, bool>(0)? {
        tracing::info!("another node brings the database up to date; waiting for it");
        client.query_one("SELECT pg_advisory_lock($1)", &[&key]).await?;
    }
    Ok(())
}

pub(super) async fn run_list(client: &mut Client, migrations: &[Migration]) -> Result<(), OpenError> {
    let table_failed = |error: tokio_postgres::Error| OpenError::Migration {
        version: 0,
        name: "the list of migrations",
        why: unavailable(&error),
    };
    client
        .batch_execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations \
             (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)",
        )
        .await
        .map_err(table_failed)?;
    let rows = client
        .query("SELECT version, name, checksum FROM schema_migrations", &[])
        .await
        .map_err(table_failed)?;
    let mut stored = Vec::with_capacity(rows.len());
    for row in rows {
        let read = || Ok((row.try_get::<_, i64>(0)?, row.try_get(1)?, row.try_get(2)?));
        stored.push(read().map_err(table_failed)?);
    }
    check_newest(stored.iter().map(|(version, _, _)| *version).max(), migrations)?;
    for migration in migrations {
        let row = stored.iter().find(|(version, _, _)| *version == migration.version);
        match todo(migration, row.map(|(_, name, sum): &(i64, String, String)| (name.clone(), sum.clone())))?
        {
            Todo::Nothing => {}
            Todo::Apply => apply(client, migration).await.map_err(|error| OpenError::Migration {
                version: migration.version,
                name: migration.name,
                why: unavailable(&error),
            })?,
        }
    }
    Ok(())
}

async fn apply(client: &mut Client, migration: &Migration) -> Result<(), tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(&translated(migration.text)).await?;
    transaction
        .execute(
            "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
            &[&migration.version, &migration.name, &checksum(migration.text)],
        )
        .await?;
    transaction.commit().await
}

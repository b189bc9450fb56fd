//! The migrations on PostgreSQL: one node at a time, the same files, the same list.

use tokio_postgres::Client;
use writ_core::time::Micros;

use super::job::lock_key;
use super::session::{ConnectionRole, Connector};
use super::trouble::unavailable;
use crate::error::{OpenError, Unavailable};
use crate::inspect::{Inspection, MigrationName, NEWEST};
use crate::migrations::{MIGRATIONS, Migration, checksum, pending};
use crate::{statements as sql, writes};

const LOCK: &str = "writ migrations";

/// The text as PostgreSQL takes it.
pub(super) fn translated(text: &str) -> String {
    text.replace(" BLOB", " BYTEA").replace(" WITHOUT ROWID", "")
}

/// Brings a database up to date. Says which migrations ran.
pub(super) async fn run(connector: &Connector) -> Result<Vec<MigrationName>, OpenError> {
    let opening = |why: Unavailable| OpenError::Database { path: connector.address.shown.clone(), why };
    let (mut client, _driver) = connector.client(ConnectionRole::Migrator).await.map_err(opening)?;
    lock(&client).await.map_err(|error| opening(unavailable(&error)))?;
    // The lock ends with the connection.
    run_list(&mut client, MIGRATIONS).await
}

/// Looks at a database and changes nothing.
pub(super) async fn inspect(connector: &Connector) -> Result<Inspection, OpenError> {
    let opening = |why: Unavailable| OpenError::Database { path: connector.address.shown.clone(), why };
    let (client, _driver) = connector.client(ConnectionRole::Reader).await.map_err(opening)?;
    let (stored, sealed_hash_key, newest) =
        look(&client).await.map_err(|error| opening(unavailable(&error)))?;
    let pending = pending(MIGRATIONS, &stored)?.into_iter().map(Migration::id).collect();
    Ok(Inspection { pending, sealed_hash_key, newest: newest.map(Micros) })
}

type LookPast = (Vec<(i64, String, String)>, Option<Vec<u8>>, Option<i64>);

async fn look(client: &Client) -> Result<LookPast, tokio_postgres::Error> {
    let table = client.query_one("SELECT to_regclass('schema_migrations') IS NOT NULL", &[]).await?;
    if !table.try_get::<_, bool>(0)? {
        return Ok((Vec::new(), None, None));
    }
    let stored = stored(client).await?;
    if stored.is_empty() {
        return Ok((stored, None, None));
    }
    let key = client.query_opt(sql::META_GET.text, &[&writes::HASH_KEY]).await?;
    let newest = client.query_opt(NEWEST, &[]).await?;
    Ok((stored, key.map(|row| row.try_get(0)).transpose()?, newest.map(|row| row.try_get(0)).transpose()?))
}

async fn stored(client: &Client) -> Result<Vec<(i64, String, String)>, tokio_postgres::Error> {
    let rows = client.query("SELECT version, name, checksum FROM schema_migrations", &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
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

pub(super) async fn run_list(
    client: &mut Client,
    migrations: &[Migration],
) -> Result<Vec<MigrationName>, OpenError> {
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
    let stored = stored(client).await.map_err(table_failed)?;
    let mut ran = Vec::new();
    for migration in pending(migrations, &stored)? {
        apply(client, migration).await.map_err(|error| OpenError::Migration {
            version: migration.version,
            name: migration.name,
            why: unavailable(&error),
        })?;
        ran.push(migration.id());
    }
    Ok(ran)
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

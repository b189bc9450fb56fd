//! Work that one node does at a time: a lock that lives as long as a connection.

use tokio_postgres::Client;

use super::session::{ConnectionRole, Connector};
use super::trouble::{overdue, unavailable};
use crate::error::Unavailable;

/// Sets our locks apart from those of other programs on the same database.
const NAMESPACE: &str = "writ job ";

/// A key of an advisory lock, from a name.
pub(super) fn lock_key(name: &str) -> i64 {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, name.as_bytes());
    digest.as_ref().first_chunk().map_or(0, |head| i64::from_be_bytes(*head))
}

/// The session that holds the lock; ended with it, the lock is free.
pub(crate) struct HeldLock {
    client: Client,
}

impl HeldLock {
    pub fn is_held(&self) -> bool {
        !self.client.is_closed()
    }
}

/// What tells the locks of issuers from all others: they have two numbers, and this is the first.
const ISSUERS: i32 = 0x5752_4954;

/// Takes the lock that all nodes of an issuer share; `None`: a node of another issuer has its own.
///
/// Both look after they have taken theirs, so that of two that start at the same time at least one sees the other.
pub(super) async fn claim(connector: &Connector, issuer: &str) -> Result<Option<HeldLock>, Unavailable> {
    const OTHERS: &str = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
        AND classid = CAST($1 AS BIGINT)::oid AND objid <> CAST($2 AS BIGINT)::oid";
    let (client, _driver) = connector.client(ConnectionRole::Job).await?;
    let patience = connector.patience.statement;
    // Not negative: PostgreSQL shows the halves as numbers without a sign.
    let own =
        i32::try_from(lock_key(&format!("writ issuer {issuer}")) >> 33 & 0x7fff_ffff).unwrap_or_default();
    let asked = tokio::time::timeout(patience, async {
        client.execute("SELECT pg_advisory_lock_shared($1, $2)", &[&ISSUERS, &own]).await?;
        client.query_one(OTHERS, &[&i64::from(ISSUERS), &i64::from(own)]).await
    });
    let row = asked
        .await
        .map_err(|_elapsed| overdue("asking which issuers are served", patience))?
        .map_err(|error| unavailable(&error))?;
    let others: i64 = row.try_get(0).map_err(|error| unavailable(&error))?;
    Ok((others == 0).then_some(HeldLock { client }))
}

/// Takes the lock of a job; `None`: another node has it.
pub(super) async fn take(connector: &Connector, name: &str) -> Result<Option<HeldLock>, Unavailable> {
    let client = take_as(connector, ConnectionRole::Job, name).await?;
    Ok(client.map(|client| HeldLock { client }))
}

/// Takes the lock of whoever moves something into the database, with a connection whose statements may take long.
pub(super) async fn take_for_move(connector: &Connector) -> Result<Option<Client>, Unavailable> {
    take_as(connector, ConnectionRole::Migrator, "move").await
}

async fn take_as(
    connector: &Connector,
    role: ConnectionRole,
    name: &str,
) -> Result<Option<Client>, Unavailable> {
    let (client, _driver) = connector.client(role).await?;
    let patience = connector.patience.statement;
    let key = lock_key(&format!("{NAMESPACE}{name}"));
    let asked =
        tokio::time::timeout(patience, client.query_one("SELECT pg_try_advisory_lock($1)", &[&key])).await;
    let row = asked
        .map_err(|_elapsed| overdue("taking a job's lock", patience))?
        .map_err(|error| unavailable(&error))?;
    let granted: bool = row.try_get(0).map_err(|error| unavailable(&error))?;
    Ok(granted.then_some(client))
}

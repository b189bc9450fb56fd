//! Work that one node does at a time: a lock that lives as long as a connection.

use tokio_postgres::Client;

use super::session::{Connector, Role};
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
pub(crate) struct Held {
    client: Client,
}

impl Held {
    pub fn is_held(&self) -> bool {
        !self.client.is_closed()
    }
}

/// Takes the lock of a job; `None`: another node has it.
pub(super) async fn take(connector: &Connector, name: &str) -> Result<Option<Held>, Unavailable> {
    let (client, _driver) = connector.client(Role::Job).await?;
    let patience = connector.patience.statement;
    let key = lock_key(&format!("{NAMESPACE}{name}"));
    let asked =
        tokio::time::timeout(patience, client.query_one("SELECT pg_try_advisory_lock($1)", &[&key])).await;
    let row = asked
        .map_err(|_elapsed| overdue("taking a job's lock", patience))?
        .map_err(|error| unavailable(&error))?;
    let granted: bool = row.try_get(0).map_err(|error| unavailable(&error))?;
    Ok(granted.then_some(Held { client }))
}

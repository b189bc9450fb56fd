//! What only PostgreSQL can get wrong: races under READ COMMITTED, outages, unknown outcomes.

mod batches;
mod nodes;
mod outages;
mod outcomes;
mod proxy;
mod races;
mod statements;
mod tls;
mod together;

use std::sync::Arc;
use std::time::Duration;

use crate::cluster;
use crate::store::Store;
use crate::suite::Rig;

use super::PostgresOptions;

/// Options for tests: what takes seconds in earnest takes less here.
fn options(url: &str) -> PostgresOptions {
    PostgresOptions { heartbeat: Duration::from_millis(200), ..PostgresOptions::new(url) }
}

async fn fresh() -> PostgresOptions {
    options(&cluster::fresh_database().await.unwrap())
}

async fn open(options: &PostgresOptions) -> Arc<Store> {
    Arc::new(Store::open_postgres(options).await.unwrap())
}

/// An empty database, for the suite that both engines pass.
pub(crate) async fn rig() -> Rig {
    Rig { store: open(&fresh().await).await, keep: Box::new(()) }
}

//! The database goes away and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use writ_core::ids::{ClientId, TenantId, TokenId};

use super::{open, options};
use crate::cluster::{Cluster, Fsync};
use crate::error::{CommitError, ReadError};
use crate::postgres::PostgresOptions;
use crate::store::Store;
use crate::suite::{self, NOW, issue, new_token};

const KILLS: usize = 5;
/// More than a unit may take: a connection, a statement, the wait for its outcome, once more.
const BOUND: Duration = Duration::from_secs(12);

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn own_cluster() -> (Arc<Cluster>, PostgresOptions) {
    let cluster = blocking(|| Arc::new(Cluster::start(Fsync::Off).unwrap())).await;
    let own = Arc::clone(&cluster);
    let url = blocking(move || own.database().unwrap()).await;
    (cluster, options(&url))
}

#[derive(Default)]
struct Tally {
    acknowledged: Vec<TokenId>,
    refused: usize,
    slowest: Duration,
}

async fn load(store: Arc<Store>, tenant: TenantId, client: ClientId, stop: Arc<AtomicBool>) -> Tally {
    let mut tally = Tally::default();
    while !stop.load(Ordering::Relaxed) {
        let new = new_token(tenant, client);
        let id = new.id;
        let begun = Instant::now();
        match store.commit(issue(new)).await {
            Ok(_) => tally.acknowledged.push(id),
            Err(CommitError::Unavailable(_)) => {
                tally.refused += 1;
                // As a client would after a 503.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => panic!("{error}"),
        }
        tally.slowest = tally.slowest.max(begun.elapsed());
    }
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_nothing_acknowledged_is_lost_and_work_goes_on_by_itself() {
    let (cluster, options) = own_cluster().await;
    let store = open(&options).await;
    let tenant = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await.id;
    let stop = Arc::new(AtomicBool::new(false));
    let mut crowd = JoinSet::new();
    for _ in 0..16 {
        crowd.spawn(load(Arc::clone(&store), tenant, client, Arc::clone(&stop)));
    }
    for round in 0..KILLS {
        let units = store.meters().units.load(Ordering::Relaxed);
        while store.meters().units.load(Ordering::Relaxed) < units + 200 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let own = Arc::clone(&cluster);
        blocking(move || {
            own.kill().unwrap();
            own.run().unwrap();
        })
        .await;
        let back = Instant::now();
        loop {
            let written = store.ping_writer(tenant, NOW).await;
            let read = store.tenant_by_id(tenant).await;
            if written.is_ok() && read.is_ok() {
                break;
            }
            assert!(back.elapsed() < Duration::from_secs(5), "round {round}: {written:?} {read:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    let tallies = crowd.join_all().await;
    let acknowledged: Vec<_> = tallies.iter().flat_map(|tally| tally.acknowledged.iter().copied()).collect();
    assert!(acknowledged.len() >= KILLS * 100, "{}", acknowledged.len());
    for token in &acknowledged {
        assert!(store.token_anywhere(*token).await.unwrap().is_some(), "an acknowledged token is lost");
    }
    // One audit record for each token, whatever was tried again.
    let rows = cluster.query("t0", "SELECT COUNT(*) FROM access_tokens").unwrap();
    let records = cluster.query("t0", "SELECT COUNT(*) - 2 FROM audit_logs").unwrap();
    assert_eq!(rows, records);
    let slowest = tallies.iter().map(|tally| tally.slowest).max().unwrap();
    assert!(slowest < BOUND, "{slowest:?}");
}

#[tokio::test]
async fn while_it_is_away_the_answer_is_quick() {
    let (cluster, options) = own_cluster().await;
    let store = open(&options).await;
    let tenant = suite::tenant(&store).await.id;
    cluster.kill().unwrap();
    for _ in 0..20 {
        let begun = Instant::now();
        let read = store.tenant_by_id(tenant).await;
        let written = store.ping_writer(tenant, NOW).await;
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        // The last processes of the server may still answer at first.
        let away = matches!(read, Err(ReadError::Unavailable(_)))
            && matches!(written, Err(CommitError::Unavailable(_)));
        if away {
            let own = Arc::clone(&cluster);
            blocking(move || own.run().unwrap()).await;
            store.ping_writer(tenant, NOW).await.unwrap();
            assert!(store.tenant_by_id(tenant).await.unwrap().is_some());
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the database never was away");
}

/// An operator's restart ends every connection with a word; one that rested in the pool is found
/// dead at its next use, and that use goes on over another.
#[tokio::test]
async fn ended_sessions_are_replaced_without_an_error() {
    let options = super::fresh().await;
    let store = open(&options).await;
    let tenant = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await.id;
    let cluster = Cluster::shared().unwrap();
    for _ in 0..10 {
        suite::token(&store, tenant, client).await;
        assert!(store.tenant_by_id(tenant).await.unwrap().is_some());
        let ended = cluster
            .query(
                options.url.rsplit('/').next().unwrap(),
                "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .unwrap();
        assert!(ended.parse::<u32>().unwrap() >= 2, "the writer and the reader just used: {ended}");
    }
}

//! Commits whose answer is lost: each unit is answered once, and rightly.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use writ_core::change::Change;

use super::open;
use super::proxy::{Proxy, Weather};
use crate::cluster::{self, Cluster};
use crate::error::{CommitError, ReadError};
use crate::postgres::PostgresOptions;
use crate::store::Store;
use crate::suite::{self, NOW, issue, new_token, unit};

const COMMIT: &[u8] = b"COMMIT\0";
/// In the parameters of a token's audit record.
const ISSUED: &[u8] = b"server.initialised";

struct Scene {
    store: Arc<Store>,
    proxy: Proxy,
    /// Of the database, past the proxy.
    name: String,
}

async fn scene() -> Scene {
    let url = cluster::fresh_database().await.unwrap();
    let port = Cluster::shared().unwrap().port();
    let proxy = Proxy::to(port).await;
    let options = PostgresOptions {
        writers: 1,
        connect_timeout: Duration::from_millis(500),
        statement_timeout: Duration::from_millis(800),
        outcome_timeout: Duration::from_millis(1500),
        ..PostgresOptions::new(url.replace(&format!(":{port}/"), &format!(":{}/", proxy.address.port())))
    };
    let name = url.rsplit('/').next().unwrap().to_owned();
    Scene { store: open(&options).await, proxy, name }
}

fn lost(store: &Store) -> u64 {
    store.meters().lost_answers.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_unit_whose_commit_arrived_is_answered_as_done_and_done_once() {
    let Scene { store, proxy, .. } = scene().await;
    let tenant = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await;
    proxy.set(Weather::CutAfter(COMMIT));
    let end = Change::EndClientTokens { client: client.id, tenant };
    let receipt = store.commit(unit(tenant, end)).await.unwrap();
    assert_eq!(receipt.affected, [1]);
    assert_eq!((lost(&store), proxy.weather()), (1, Weather::Fair));
    let (now, _) = store.client_by_client_id(&client.client_id).await.unwrap().unwrap();
    assert_eq!(now.version, 2, "once");
}

#[tokio::test]
async fn a_unit_whose_commit_did_not_arrive_is_run_again_and_done_once() {
    let Scene { store, proxy, .. } = scene().await;
    let tenant = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await;
    proxy.set(Weather::CutBefore(COMMIT));
    let end = Change::EndClientTokens { client: client.id, tenant };
    assert_eq!(store.commit(unit(tenant, end)).await.unwrap().affected, [1]);
    assert_eq!((lost(&store), proxy.weather()), (1, Weather::Fair));
    let (now, _) = store.client_by_client_id(&client.client_id).await.unwrap().unwrap();
    assert_eq!(now.version, 2, "once");
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_is_answered_unit_by_unit() {
    for weather in [Weather::CutAfter(ISSUED), Weather::CutBefore(ISSUED)] {
        let Scene { store, proxy, .. } = scene().await;
        let tenant = suite::tenant(&store).await.id;
        let client = suite::client(&store, tenant).await.id;
        let records = suite::records(&store, tenant).await;
        proxy.set(weather);
        let mut tokens: Vec<_> = (0..9).map(|_| new_token(tenant, client)).collect();
        for token in tokens.iter_mut().skip(6) {
            token.basis.client_version = 9;
        }
        let mut crowd = tokio::task::JoinSet::new();
        for (n, token) in tokens.iter().cloned().enumerate() {
            let store = Arc::clone(&store);
            crowd.spawn(async move { (n, store.commit(issue(token)).await) });
        }
        for (n, outcome) in crowd.join_all().await {
            match outcome {
                Ok(receipt) => assert!(n < 6 && receipt.affected == [1], "{n}"),
                Err(error) => assert!(n >= 6 && error == CommitError::Guard, "{n}: {error}"),
            }
            assert_eq!(store.token_anywhere(tokens[n].id).await.unwrap().is_some(), n < 6);
        }
        assert_eq!((lost(&store), proxy.weather()), (1, Weather::Fair), "{weather:?}");
        assert_eq!(suite::records(&store, tenant).await, records + 6);
    }
}

/// Units that share a transaction are all written or none: each is answered as what it is, and done once.
#[tokio::test]
async fn units_whose_shared_commit_is_lost_are_done_once() {
    for weather in [Weather::CutAfter(COMMIT), Weather::CutBefore(COMMIT)] {
        let Scene { store, proxy, .. } = scene().await;
        let tenant = suite::tenant(&store).await.id;
        let mut clients = Vec::new();
        for _ in 0..9 {
            clients.push(suite::client(&store, tenant).await);
        }
        let records = suite::records(&store, tenant).await;
        proxy.set(weather);
        let mut crowd = tokio::task::JoinSet::new();
        for client in &clients {
            let (store, end) = (Arc::clone(&store), Change::EndClientTokens { client: client.id, tenant });
            crowd.spawn(async move { store.commit(unit(tenant, end)).await });
        }
        for outcome in crowd.join_all().await {
            assert_eq!(outcome.unwrap().affected, [1], "{weather:?}");
        }
        assert_eq!((lost(&store), proxy.weather()), (1, Weather::Fair), "{weather:?}");
        for client in clients {
            let (now, _) = store.client_by_client_id(&client.client_id).await.unwrap().unwrap();
            assert_eq!(now.version, 2, "once");
        }
        assert_eq!(suite::records(&store, tenant).await, records + 9);
    }
}

/// The server still works on the statement when its connection is lost: looking for the rows too
/// early would find none, and they would come later.
#[tokio::test]
async fn a_statement_that_is_still_running_is_ended_before_anything_is_said_of_it() {
    let Scene { store, proxy, name } = scene().await;
    let tenant = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await.id;
    let records = suite::records(&store, tenant).await;
    // A lock that the insert waits for, and the look does not.
    let shared = Cluster::shared().unwrap();
    let holder = tokio::task::spawn_blocking({
        let name = name.clone();
        move || {
            shared.query(&name, "BEGIN; LOCK TABLE audit_logs IN SHARE MODE; SELECT pg_sleep(0.4); COMMIT")
        }
    });
    let waits = "SELECT COUNT(*) FROM pg_locks WHERE mode = 'ShareLock' AND granted AND relation = 'audit_logs'::regclass";
    while shared.query(&name, waits).unwrap() != "1" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    proxy.set(Weather::CutDuring(ISSUED));
    let new = new_token(tenant, client);
    let id = new.id;
    let outcome = store.commit(issue(new)).await;
    holder.await.unwrap().unwrap();
    outcome.unwrap();
    assert_eq!((lost(&store), proxy.weather()), (1, Weather::Fair));
    assert!(store.token_anywhere(id).await.unwrap().is_some());
    assert_eq!(suite::records(&store, tenant).await, records + 1);
}

#[tokio::test]
async fn where_the_database_stays_away_the_answer_is_unavailable_in_bounded_time() {
    let Scene { store, proxy, .. } = scene().await;
    let tenant = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await;
    proxy.set(Weather::CutAfterThenVoid(COMMIT));
    let begun = Instant::now();
    let end = Change::EndClientTokens { client: client.id, tenant };
    let outcome = store.commit(unit(tenant, end)).await;
    assert!(matches!(outcome, Err(CommitError::Unavailable(_))), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());

    // A network that swallows everything: reads and writes alike.
    let begun = Instant::now();
    let read = store.tenant_by_id(tenant).await;
    assert!(matches!(read, Err(ReadError::Unavailable(_))), "{read:?}");
    let written = store.ping_writer(tenant, NOW).await;
    assert!(matches!(written, Err(CommitError::Unavailable(_))), "{written:?}");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert!(store.meters().failing.load(Ordering::Relaxed));

    proxy.set(Weather::Fair);
    store.ping_writer(tenant, NOW).await.unwrap();
    assert!(!store.meters().failing.load(Ordering::Relaxed));
    let (now, _) = store.client_by_client_id(&client.client_id).await.unwrap().unwrap();
    assert_eq!(now.version, 2, "the commit had arrived");
}

//! Several nodes on one database.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use writ_core::change::Change;

use super::{fresh, open, options};
use crate::cluster::Cluster;
use crate::invalidation::{Invalidation, Invalidations};
use crate::postgres::Listening;
use crate::suite::{self, NOW, unit};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Many heartbeats.
const LONG: Duration = Duration::from_millis(1500);

async fn hears(invalidations: &mut Invalidations, wanted: Invalidation) {
    let found = timeout(PATIENCE, async { while invalidations.next().await.unwrap() != wanted {} }).await;
    assert!(found.is_ok(), "{wanted:?} was never heard");
}

fn database(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

fn listeners(name: &str) -> Vec<String> {
    let sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'writ-listener' ORDER BY backend_start";
    Cluster::shared().unwrap().query(name, sql).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn what_one_node_changes_the_others_hear() {
    let options = fresh().await;
    let (one, two) = (open(&options).await, open(&options).await);
    let (mut at_one, mut at_two) = (one.invalidations(), two.invalidations());
    hears(&mut at_two, Invalidation::All).await;
    let tenant = suite::tenant(&one).await.id;
    let client = suite::client(&one, tenant).await.id;
    one.commit(unit(tenant, Change::EndClientTokens { client, tenant })).await.unwrap();
    hears(&mut at_one, Invalidation::Client(client)).await;
    hears(&mut at_two, Invalidation::Client(client)).await;
    let key = suite::new_signing_key(tenant, writ_jose::Algorithm::Es256);
    one.commit(unit(tenant, Change::CreateSigningKey(Box::new(key)))).await.unwrap();
    hears(&mut at_two, Invalidation::Tenant(tenant)).await;
    one.commit(unit(tenant, Change::DeleteClient { client, tenant, only: None })).await.unwrap();
    hears(&mut at_two, Invalidation::Client(client)).await;

    // A unit that is not committed says nothing; the one after it does.
    let undone =
        unit(tenant, Change::EndTenantTokens { tenant }).with(Change::EndClientTokens { client, tenant });
    one.commit(undone).await.unwrap_err();
    one.commit(unit(tenant, Change::EndTenantTokens { tenant })).await.unwrap();
    assert_eq!(timeout(PATIENCE, at_two.next()).await.unwrap(), Some(Invalidation::Tenant(tenant)));
    one.close();
    assert!(timeout(LONG, at_two.next()).await.is_err(), "said twice, or for nothing");
}

#[tokio::test]
async fn a_frozen_listener_is_silent_and_flushes_all_when_it_wakes() {
    let options = fresh().await;
    let (one, two) = (open(&options).await, open(&options).await);
    let mut heard = two.invalidations();
    hears(&mut heard, Invalidation::All).await;
    let tenant = suite::tenant(&one).await.id;
    two.set_listening(Listening::Frozen);
    one.commit(unit(tenant, Change::EndTenantTokens { tenant })).await.unwrap();
    assert!(timeout(LONG, heard.next()).await.is_err(), "frozen");
    two.set_listening(Listening::Awake);
    hears(&mut heard, Invalidation::All).await;
}

#[tokio::test]
async fn a_listener_whose_connection_dies_or_hangs_begins_anew_and_flushes_all() {
    let options = fresh().await;
    let name = database(&options.url);
    let store = open(&options).await;
    let mut heard = store.invalidations();
    hears(&mut heard, Invalidation::All).await;

    let [ended] = &listeners(name)[..] else { panic!("one listener") };
    Cluster::shared().unwrap().query(name, &format!("SELECT pg_terminate_backend({ended})")).unwrap();
    hears(&mut heard, Invalidation::All).await;

    // A server process that neither answers nor ends: only the heartbeat can tell.
    let hanging = listeners(name).pop().unwrap();
    assert_ne!(*ended, hanging);
    Cluster::signal("STOP", &hanging).unwrap();
    hears(&mut heard, Invalidation::All).await;
    assert_ne!(listeners(name).pop().unwrap(), hanging);
    Cluster::signal("CONT", &hanging).unwrap();

    // And it hears again.
    let tenant = suite::tenant(&store).await.id;
    store.commit(unit(tenant, Change::EndTenantTokens { tenant })).await.unwrap();
    hears(&mut heard, Invalidation::Tenant(tenant)).await;
}

#[tokio::test]
async fn a_job_is_one_nodes_at_a_time() {
    let options = fresh().await;
    let (one, two) = (open(&options).await, open(&options).await);
    let guard = one.try_job("sweep").await.unwrap().unwrap();
    assert!(two.try_job("sweep").await.unwrap().is_none());
    assert!(one.try_job("sweep").await.unwrap().is_none(), "nor twice at the same node");
    assert!(two.try_job("another").await.unwrap().is_some());
    assert!(guard.is_held());

    drop(guard);
    let taken = timeout(PATIENCE, async {
        loop {
            match two.try_job("sweep").await.unwrap() {
                Some(guard) => return guard,
                None => sleep(Duration::from_millis(10)).await,
            }
        }
    });
    let guard = taken.await.unwrap();

    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'writ-job'";
    Cluster::shared().unwrap().query(database(&options.url), end).unwrap();
    let ended = timeout(PATIENCE, async {
        while guard.is_held() {
            sleep(Duration::from_millis(10)).await;
        }
    });
    ended.await.expect("a guard whose connection has ended says so");
}

#[tokio::test]
async fn a_closed_store_leaves_no_connection_behind() {
    let options = options(&crate::cluster::fresh_database().await.unwrap());
    let store = open(&options).await;
    let tenant = suite::tenant(&store).await.id;
    store.close();
    let outcome = store.ping_writer(tenant, NOW).await.unwrap_err();
    assert!(outcome.to_string().contains("stopped"), "{outcome}");
    drop(store);
    let open = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let gone = timeout(PATIENCE, async {
        while Cluster::shared().unwrap().query(database(&options.url), open).unwrap() != "0" {
            sleep(Duration::from_millis(20)).await;
        }
    });
    gone.await.expect("connections are left");
}

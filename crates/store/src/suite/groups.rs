//! Units that are committed together stand and fall each for itself.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::Change;

use super::given::{self, issue, new_client, new_token, records, unit};
use crate::error::{CommitError, Constraint};
use crate::store::Store;

pub(crate) async fn every_unit_of_a_crowd_is_answered_and_readable(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await.id;
    let before = records(store, tenant).await;
    let mut crowd = JoinSet::new();
    for _ in 0..512 {
        let store = Arc::clone(store);
        let new = new_token(tenant, client);
        crowd.spawn(async move {
            let id = new.id;
            store.commit(issue(new)).await.unwrap();
            // Acknowledged is readable at once, also by others.
            store.token_anywhere(id).await.unwrap().unwrap()
        });
    }
    let read = crowd.join_all().await;
    assert_eq!(read.len(), 512);
    assert!(read.iter().all(|token| token.1.client == client));
    assert_eq!(records(store, tenant).await, before + 512);
}

pub(crate) async fn a_failed_unit_leaves_its_neighbours_alone(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await;
    let before = records(store, tenant).await;
    let mut crowd = JoinSet::new();
    for n in 0..90 {
        let changes = match n % 3 {
            0 => issue(new_token(tenant, client.id)),
            1 => {
                let mut stale = new_token(tenant, client.id);
                stale.basis.client_version = 2;
                issue(stale)
            }
            _ => {
                let mut taken = new_client(tenant);
                taken.client.client_id = client.client_id.clone();
                unit(tenant, Change::CreateClient(Box::new(taken)))
            }
        };
        let store = Arc::clone(store);
        crowd.spawn(async move { (n % 3, store.commit(changes).await) });
    }
    for (kind, answer) in crowd.join_all().await {
        match kind {
            0 => assert_eq!(answer.unwrap().affected, [1]),
            1 => assert_eq!(answer, Err(CommitError::Guard)),
            _ => assert_eq!(answer, Err(CommitError::Conflict(Constraint::ClientId))),
        }
    }
    assert_eq!(records(store, tenant).await, before + 30);
}

pub(crate) async fn the_writer_answers_a_ping(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let before = records(store, tenant).await;
    store.ping_writer(tenant, given::NOW).await.unwrap();
    assert_eq!(records(store, tenant).await, before);
}

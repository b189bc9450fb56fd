//! Races that a single writer never shows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::task::JoinSet;
use tokio_postgres::types::ToSql;
use writ_core::authority::Permissions;
use writ_core::change::{Change, Note};
use writ_core::ids::{ClientId, ScopeId, TenantId, TokenId};
use writ_core::scope_registry::{InUse, NewScope, ScopeRemoval};
use writ_core::token::{Basis, TokenFacts};
use writ_jose::Algorithm;

use super::{fresh, open};
use crate::error::CommitError;
use crate::store::Store;
use crate::suite::{self, NOW, issue, new_signing_key, new_token, unit};

#[derive(Default)]
struct Race {
    issued: AtomicUsize,
    over: AtomicBool,
}

/// Issues under a client until told to stop, taking the client's version afresh wherever a guard
/// fails; gives all tokens that were acknowledged.
async fn issuing(store: Arc<Store>, tenant: TenantId, client: ClientId, race: Arc<Race>) -> Vec<TokenId> {
    let name = store
        .read(&crate::statements::META_GET, &["client".into()], &mut |row| Ok(row.bytes()?.to_vec()))
        .await
        .unwrap();
    let name = String::from_utf8(name.into_iter().next().unwrap()).unwrap();
    let mut issued = Vec::new();
    let mut version = 1;
    while !race.over.load(Ordering::Relaxed) {
        let mut new = new_token(tenant, client);
        new.basis.client_version = version;
        let id = new.id;
        match store.commit(issue(new)).await {
            Ok(_) => {
                issued.push(id);
                race.issued.fetch_add(1, Ordering::Relaxed);
            }
            Err(CommitError::Guard) => match store.client_by_client_id(&name).await.unwrap() {
                Some((client, _)) => version = client.version,
                None => break,
            },
            Err(error) => panic!("{error}"),
        }
    }
    issued
}

async fn set_up(store: &Store) -> (TenantId, ClientId) {
    let tenant = suite::tenant(store).await.id;
    let client = suite::client(store, tenant).await;
    let name = client.client_id.as_bytes().to_vec();
    let step = crate::value::Step::new(&crate::statements::META_PUT_ONCE, ["client".into(), name.into()]);
    store.commit_steps(tenant, vec![step]).await.unwrap();
    (tenant, client.id)
}

fn is_live(token: &TokenFacts) -> bool {
    token.live(NOW).is_ok()
}

/// Two nodes, 64 tasks that issue, and the client's tokens ended again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_a_clients_tokens_while_64_issue_leaves_only_younger_ones() {
    let options = fresh().await;
    let nodes = [open(&options).await, open(&options).await];
    let (tenant, client) = set_up(&nodes[0]).await;
    let mut old: Vec<TokenId> = Vec::new();
    for round in 0..8 {
        let race = Arc::new(Race::default());
        let mut crowd = JoinSet::new();
        for n in 0..64 {
            crowd.spawn(issuing(Arc::clone(&nodes[n % 2]), tenant, client, Arc::clone(&race)));
        }
        for n in 0..6 {
            while race.issued.load(Ordering::Relaxed) < n * 40 {
                tokio::task::yield_now().await;
            }
            nodes[n % 2].commit(unit(tenant, Change::EndClientTokens { client, tenant })).await.unwrap();
        }
        race.over.store(true, Ordering::Relaxed);
        // What the last tasks issue after the last end may live; after one more, nothing may.
        old.extend(crowd.join_all().await.into_iter().flatten());
        nodes[round % 2].commit(unit(tenant, Change::EndClientTokens { client, tenant })).await.unwrap();
        for token in &old {
            let facts = nodes[(round + 1) % 2].token_anywhere(*token).await.unwrap().unwrap().1;
            assert!(!is_live(&facts), "a token lives on under an ended generation");
        }
    }
    assert!(old.len() > 8 * 200, "{} tokens: the race was not run", old.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_a_client_while_64_issue_leaves_nothing_alive() {
    let options = fresh().await;
    let nodes = [open(&options).await, open(&options).await];
    for round in 0..4 {
        let tenant = suite::tenant(&nodes[0]).await.id;
        let client = suite::client(&nodes[0], tenant).await.id;
        let mut crowd = JoinSet::new();
        for n in 0..64 {
            let store = Arc::clone(&nodes[n % 2]);
            crowd.spawn(async move {
                let mut issued = Vec::new();
                loop {
                    let new = new_token(tenant, client);
                    let id = new.id;
                    match store.commit(issue(new)).await {
                        Ok(_) => issued.push(id),
                        Err(CommitError::Guard) => return issued,
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
        // Some are on their way on either node.
        suite::token(&nodes[0], tenant, client).await;
        suite::token(&nodes[1], tenant, client).await;
        nodes[round % 2]
            .commit(unit(tenant, Change::DeleteClient { client, tenant, only: None }))
            .await
            .unwrap();
        let issued: Vec<_> = crowd.join_all().await.into_iter().flatten().collect();
        assert!(issued.len() > 20, "{} tokens: the race was not run", issued.len());
        for token in issued {
            let facts = nodes[(round + 1) % 2].token_anywhere(token).await.unwrap().unwrap().1;
            assert!(!is_live(&facts), "a token lives on under a deleted client");
        }
    }
}

/// The guard looks for a row that is not there yet: without a lock both would find none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_make_one_signing_key() {
    let options = fresh().await;
    let nodes = [open(&options).await, open(&options).await];
    for _ in 0..20 {
        let tenant = suite::tenant(&nodes[0]).await.id;
        let mut crowd = JoinSet::new();
        for n in 0..8 {
            let store = Arc::clone(&nodes[n % 2]);
            let key = new_signing_key(tenant, Algorithm::Es256);
            crowd.spawn(
                async move { store.commit(unit(tenant, Change::CreateSigningKey(Box::new(key)))).await },
            );
        }
        let made = crowd.join_all().await;
        assert_eq!(made.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert!(made.iter().all(|outcome| matches!(outcome, Ok(_) | Err(CommitError::Guard))));
        assert_eq!(nodes[0].signing_keys(tenant).await.unwrap().len(), 1);
    }
}

/// A unit and another transaction lock the same rows in opposite orders: the server undoes the
/// unit, and it is run again.
#[tokio::test]
async fn a_unit_that_is_undone_by_a_deadlock_is_run_again_and_done_once() {
    let options = fresh().await;
    let store = open(&options).await;
    let tenant = suite::tenant(&store).await.id;
    let (one, two) = (suite::client(&store, tenant).await, suite::client(&store, tenant).await);
    let (other, observer) = (observer(&options.url).await, observer(&options.url).await);
    // It waits longer than the unit before it looks for a deadlock, so the unit is the one undone.
    other.batch_execute("SET deadlock_timeout = '20s'; BEGIN").await.unwrap();
    let touch = "UPDATE clients SET updated_at = 7 WHERE id = $1";
    other.execute(touch, &[&two.id.to_bytes().as_slice()]).await.unwrap();
    let unit = unit(tenant, Change::EndClientTokens { client: one.id, tenant })
        .with(Change::EndClientTokens { client: two.id, tenant });
    let waiting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.commit(unit).await }
    });
    until_blocked(&observer).await;
    other.execute(touch, &[&one.id.to_bytes().as_slice()]).await.unwrap();
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().affected, [1, 1]);
    assert_ne!(
        store.meters().retries.load(Ordering::Relaxed),
        0,
        "no deadlock came about: the test shows nothing"
    );
    for client in [one, two] {
        let (now, _) = store.client_by_client_id(&client.client_id).await.unwrap().unwrap();
        assert_eq!(now.version, 2, "once");
    }
}

/// The removal of a scope was decided while a client had no permission, and comes to the database while another
/// unit, not committed yet, gives it one. The removal waits, and then sees what the client may do.
#[tokio::test]
async fn a_scope_is_not_taken_from_a_client_that_is_just_getting_a_permission() {
    let options = fresh().await;
    let store = open(&options).await;
    let tenant = suite::tenant(&store).await.id;
    // It is registered for "read" and "write".
    let client = suite::client(&store, tenant).await.id;
    let scope = NewScope {
        id: ScopeId::from_bytes(suite::id()),
        tenant,
        name: "read".into(),
        description: None,
        created_at: NOW,
    };
    store.commit(unit(tenant, Change::CreateScope(Box::new(scope.clone())))).await.unwrap();

    let (mut other, observer) = (observer(&options.url).await, observer(&options.url).await);
    let giving = other.transaction().await.unwrap();
    let (tenant_id, client_id) = (tenant.to_bytes().to_vec(), client.to_bytes().to_vec());
    let register = crate::statements::SCOPE_REGISTER.text;
    let values: [&(dyn ToSql + Sync); 5] =
        [&tenant_id, &suite::id().to_vec(), &"read", &None::<String>, &NOW.0];
    giving.execute(register, &values).await.unwrap();
    let change = "UPDATE clients SET scope = 'read users:write', version = version + 1 WHERE id = $1";
    giving.execute(change, &[&client_id]).await.unwrap();
    let add = crate::statements::CLIENT_SCOPE_INSERT.text;
    giving.execute(add, &[&client_id, &"users:write", &tenant_id]).await.unwrap();

    let removal = ScopeRemoval {
        interaction_clients: Vec::new(),
        scope: scope.id,
        tenant,
        name: scope.name,
        only: None,
        in_use: InUse::IsTaken,
        within: Permissions::NONE,
        at: NOW,
    };
    let waiting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.commit(unit(tenant, Change::DeleteScope(Box::new(removal)))).await }
    });
    until_blocked(&observer).await;
    giving.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap(), Err(CommitError::Guard));
    let found = store.registered_client(client, tenant).await.unwrap().unwrap();
    assert_eq!(found.client.scope.as_str(), "read users:write");
}

/// Somebody who looks on from outside.
async fn observer(url: &str) -> tokio_postgres::Client {
    let (observer, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    observer
}

/// Waits until somebody in the database waits for a lock.
async fn until_blocked(observer: &tokio_postgres::Client) {
    let blocked = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while observer.query_one(blocked, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::task::yield_now().await;
    }
}

/// Two nodes that note and revoke the same rows at the same time, in whatever order they were asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_touch_the_same_rows_do_not_harm_each_other() {
    let options = fresh().await;
    let nodes = [open(&options).await, open(&options).await];
    let tenant = suite::tenant(&nodes[0]).await.id;
    let client = suite::client(&nodes[0], tenant).await.id;
    let mut tokens = Vec::new();
    for _ in 0..60 {
        tokens.push(suite::token(&nodes[0], tenant, client).await);
    }
    let mut crowd = JoinSet::new();
    for (n, store) in nodes.iter().enumerate() {
        for at in 0..tokens.len() {
            let token = if n == 0 { tokens[at] } else { tokens[tokens.len() - 1 - at] };
            let basis = Basis { client_version: 1, tenant_version: 1 };
            let unit = unit(tenant, Change::RevokeAccessToken { token, tenant, client, at: NOW, basis });
            store.note(Note::TokenUsed { token, at: NOW });
            let store = Arc::clone(store);
            crowd.spawn(async move { store.commit(unit).await.map(drop) });
        }
        let store = Arc::clone(store);
        crowd.spawn(async move { store.flush_notes(tenant).await });
    }
    let outcomes = crowd.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 60 + 2);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(CommitError::Guard)).count(), 60);
}

//! Many units as one statement: each stands and falls for itself, and what is written is what a
//! unit of its own would have written.

use tokio::sync::oneshot;
use tokio_postgres::NoTls;
use writ_core::change::{Act, Action, Actor, Change, Changes, Origin, Outcome, Receipt, Target};
use writ_core::ids::{AuditId, ClientId, TenantId, TokenId};
use writ_core::token::{Basis, NewAccessToken};

use super::super::hot::{Hot, ISSUE, REVOKE};
use super::super::queue::{PostgresQueue, PostgresQueued, PostgresTurn};
use super::{fresh, open};
use crate::error::CommitError;
use crate::line::NotTaken;
use crate::store::Store;
use crate::suite::{self, NOW, act, issue, new_token, unit};
use crate::writes;

/// One reader of the queue at a time, so that all that is asked at once is one batch.
async fn one_writer() -> (std::sync::Arc<Store>, String) {
    let mut options = fresh().await;
    options.writers = 1;
    (open(&options).await, options.url)
}

fn revoke(token: TokenId, tenant: TenantId, client: ClientId, version: i64) -> Changes {
    let basis = Basis { client_version: version, tenant_version: 1 };
    unit(tenant, Change::RevokeAccessToken { token, tenant, client, at: NOW, basis })
}

async fn all(store: &Store, units: Vec<Changes>) -> Vec<Result<Receipt, CommitError>> {
    let mut running: Vec<_> = units.into_iter().map(|unit| Box::pin(store.commit(unit))).collect();
    let mut outcomes: Vec<_> = running.iter().map(|_| None).collect();
    // Polled one after the other, so all are queued before the writer has its turn.
    std::future::poll_fn(|cx| {
        for (unit, outcome) in running.iter_mut().zip(&mut outcomes) {
            if outcome.is_none()
                && let std::task::Poll::Ready(answer) = unit.as_mut().poll(cx)
            {
                *outcome = Some(answer);
            }
        }
        if outcomes.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outcomes.into_iter().flatten().collect()
}

#[tokio::test]
async fn each_guard_of_a_batch_counts_for_its_own_unit() {
    let (store, _) = one_writer().await;
    let tenant = suite::tenant(&store).await.id;
    let other = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await.id;
    let batches = store.meters().batches.load(std::sync::atomic::Ordering::Relaxed);
    let records = suite::records(&store, tenant).await + suite::records(&store, other).await;

    let broken: [fn(&mut NewAccessToken, TenantId); 4] = [
        |_, _| {},
        |new, _| new.basis.client_version = 2,
        |new, _| new.basis.tenant_version = 0,
        |new, other| new.tenant = other,
    ];
    let tokens: Vec<_> = (0..100)
        .map(|n| {
            let mut new = new_token(tenant, client);
            broken[n % 4](&mut new, other);
            new
        })
        .collect();
    let outcomes = all(&store, tokens.iter().cloned().map(issue).collect()).await;
    for (n, (outcome, token)) in outcomes.into_iter().zip(&tokens).enumerate() {
        let found = store.token_anywhere(token.id).await.unwrap();
        if n % 4 == 0 {
            assert_eq!(outcome.unwrap().affected, [1]);
            assert!(found.unwrap().1.hash.ct_eq(&token.hash));
        } else {
            assert_eq!(outcome.unwrap_err(), CommitError::Guard, "{n}");
            assert!(found.is_none(), "{n}");
        }
    }
    let after = suite::records(&store, tenant).await + suite::records(&store, other).await;
    assert_eq!(after, records + 25, "a record for each that was written, none for the others");
    assert_eq!(store.meters().batches.load(std::sync::atomic::Ordering::Relaxed), batches + 1);
}

#[tokio::test]
async fn a_token_is_revoked_for_one_of_those_who_ask_at_once() {
    let (store, _) = one_writer().await;
    let tenant = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await.id;
    let mut tokens = Vec::new();
    for _ in 0..20 {
        tokens.push(suite::token(&store, tenant, client).await);
    }
    let records = suite::records(&store, tenant).await;
    // Each token twice in order and once in reverse, and one with stale facts.
    let mut asked: Vec<_> = tokens.iter().map(|token| revoke(*token, tenant, client, 1)).collect();
    asked.extend(tokens.iter().rev().map(|token| revoke(*token, tenant, client, 1)));
    asked.extend(tokens.iter().map(|token| revoke(*token, tenant, client, 7)));
    let outcomes = all(&store, asked).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 20);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(CommitError::Guard)).count(), 40);
    assert_eq!(suite::records(&store, tenant).await, records + 20);
    for token in tokens {
        assert_eq!(store.token_anywhere(token).await.unwrap().unwrap().1.revoked_at, Some(NOW));
    }
}

#[tokio::test]
async fn one_unit_with_a_taken_id_does_not_harm_the_others_of_its_batch() {
    let (store, _) = one_writer().await;
    let tenant = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await.id;
    let taken = suite::token(&store, tenant, client).await;
    let mut tokens: Vec<_> = (0..9).map(|_| new_token(tenant, client)).collect();
    tokens[4].id = taken;
    let outcomes = all(&store, tokens.iter().cloned().map(issue).collect()).await;
    for (n, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(receipt) => assert!(n != 4 && receipt.affected == [1]),
            Err(error) => assert!(n == 4 && matches!(error, CommitError::Conflict(_)), "{n}: {error}"),
        }
    }
}

/// PostgreSQL's TEXT has no U+0000: what bears one is refused for itself, and nothing is found by one.
#[tokio::test]
async fn a_text_that_cannot_be_stored_harms_nobody_else() {
    let (store, _) = one_writer().await;
    let tenant = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await.id;
    let units = (0..5)
        .map(|n| {
            let mut act = act(tenant);
            act.origin.user_agent = Some(if n == 2 { "a\0b".into() } else { "ab".into() });
            Changes::new(act).with(Change::IssueAccessToken(Box::new(new_token(tenant, client))))
        })
        .collect();
    for (n, outcome) in all(&store, units).await.into_iter().enumerate() {
        assert_eq!(outcome.is_ok(), n != 2, "{outcome:?}");
        assert!(!matches!(outcome, Err(CommitError::Unavailable(_))));
    }
    assert!(store.client_by_client_id("a\0b").await.unwrap().is_none());
    assert!(store.tenant_by_slug("\0").await.unwrap().is_none());
}

/// Units of several steps share a transaction; what is wrong with one of them is its own matter.
#[tokio::test]
async fn units_that_share_a_transaction_stand_and_fall_alone() {
    let (store, _) = one_writer().await;
    let tenant = suite::tenant(&store).await.id;
    let taken = suite::client(&store, tenant).await;
    let records = suite::records(&store, tenant).await;
    let fine: Vec<_> = (0..40).map(|_| suite::new_client(tenant)).collect();
    let create =
        |new: &writ_core::client::NewClient| unit(tenant, Change::CreateClient(Box::new(new.clone())));
    // All of them at once, and nothing stands in the way.
    let (first, rest) = fine.split_at(20);
    for outcome in all(&store, first.iter().map(create).collect()).await {
        assert_eq!(outcome.unwrap().affected, [1]);
    }
    // One has a name that is taken, and of two that are the same one comes too late.
    let mut again = suite::new_client(tenant);
    again.client.client_id = taken.client_id.clone();
    let mut units: Vec<_> = rest.iter().map(create).collect();
    units.insert(3, create(&again));
    units.insert(9, create(&rest[0]));
    for (n, outcome) in all(&store, units).await.into_iter().enumerate() {
        match outcome {
            Ok(receipt) => assert!(![3, 9].contains(&n) && receipt.affected == [1], "{n}: {receipt:?}"),
            Err(error) => {
                assert!([3, 9].contains(&n) && matches!(error, CommitError::Conflict(_)), "{n}: {error}");
            }
        }
    }
    for new in &fine {
        assert!(store.client_by_client_id(&new.client.client_id).await.unwrap().is_some());
    }
    assert_eq!(suite::records(&store, tenant).await, records + 40, "a record for each that was written");
}

/// The batch's statement lists the columns once more than `statements.rs` does: both must write
/// the same row.
#[tokio::test]
async fn a_batch_writes_what_a_unit_of_its_own_writes() {
    let (store, url) = one_writer().await;
    let tenant = suite::tenant(&store).await.id;
    let client = suite::client(&store, tenant).await.id;
    // A generation that is neither 0 nor the version.
    for _ in 0..3 {
        store.commit(unit(tenant, Change::EndClientTokens { client, tenant })).await.unwrap();
    }
    let full = |new: &NewAccessToken| Act {
        id: AuditId::from_bytes(suite::id()),
        at: NOW,
        tenant,
        actor: Actor::Client { id: client, name: "the client".into() },
        action: Action::AccessTokenIssued,
        target: Target::AccessToken(new.id),
        origin: Origin {
            ip: Some([192, 0, 2, 7].into()),
            user_agent: Some("agent/1.0".into()),
            request_id: Some("request".into()),
            browser: None,
        },
    };
    let mut twins = Vec::new();
    for _ in 0..2 {
        let mut new = new_token(tenant, client);
        new.basis.client_version = 4;
        twins.push(new);
    }
    twins[1].hash = twins[0].hash;
    let [together, alone] = [&twins[0], &twins[1]]
        .map(|new| Changes::new(full(new)).with(Change::IssueAccessToken(Box::new(new.clone()))));
    let (act_together, act_alone) = (together.act().id, alone.act().id);
    store.commit(together).await.unwrap();
    let (act, list, _) = alone.into_parts();
    let mut steps = writes::steps(list, act.at, Some(writes::audit(*act, Outcome::Success, None)));
    assert!(std::ptr::eq(Hot::of(&steps).unwrap(), &raw const ISSUE));
    // A further step makes it a unit with its own transaction.
    steps.push(crate::value::Step::new(&crate::statements::TENANT_TOUCH, [tenant.into()]).detail());
    assert!(Hot::of(&steps).is_none());
    store.commit_steps(tenant, steps).await.unwrap();

    let (reader, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    for (table, ids, apart) in [
        ("access_tokens", [twins[0].id.to_bytes(), twins[1].id.to_bytes()], vec!["id"]),
        ("audit_logs", [act_together.to_bytes(), act_alone.to_bytes()], vec!["id", "target_id"]),
    ] {
        let sql =
            format!("SELECT CAST(to_jsonb(t) - CAST($2 AS TEXT[]) AS TEXT) FROM {table} t WHERE id = $1");
        let [one, two] = ids;
        let one: String = reader.query_one(&sql, &[&one.as_slice(), &apart]).await.unwrap().get(0);
        let two: String = reader.query_one(&sql, &[&two.as_slice(), &apart]).await.unwrap().get(0);
        assert_eq!(one, two);
        assert!(table != "access_tokens" || one.contains("\"client_generation\": 3"), "{one}");
    }
}

#[test]
fn the_kinds_are_told_by_their_statements() {
    let (tenant, client) = (TenantId::from_bytes([1; 16]), ClientId::from_bytes([2; 16]));
    let of = |changes: Changes| {
        let (act, list, _) = changes.into_parts();
        Hot::of(&writes::steps(list, act.at, Some(writes::audit(*act, Outcome::Success, None))))
            .map(|hot| hot.name)
    };
    assert_eq!(of(issue(new_token(tenant, client))), Some(ISSUE.name));
    assert_eq!(of(revoke(TokenId::from_bytes([3; 16]), tenant, client, 1)), Some(REVOKE.name));
    assert_eq!(of(unit(tenant, Change::EndTenantTokens { tenant })), None);
    assert_eq!(of(Changes::new(act(tenant))), None);
    let two = issue(new_token(tenant, client)).with(Change::EndTenantTokens { tenant });
    assert_eq!(of(two), None);
}

#[tokio::test]
async fn the_queue_is_bounded_and_a_tenant_has_a_share_of_it() {
    let queue = PostgresQueue::new(8);
    let tenant = |n| TenantId::from_bytes([n; 16]);
    let queued = || PostgresQueued { steps: Vec::new(), stale: Vec::new(), reply: oneshot::channel().0 };
    for _ in 0..6 {
        queue.push(tenant(1), queued()).unwrap();
    }
    assert_eq!(queue.push(tenant(1), queued()), Err(NotTaken::Full));
    queue.push(tenant(2), queued()).unwrap();
    queue.push(tenant(2), queued()).unwrap();
    assert_eq!(queue.push(tenant(3), queued()), Err(NotTaken::Full));
    let mut batch = Vec::new();
    assert_eq!(queue.take(&mut batch, 5).await, PostgresTurn::Work);
    assert_eq!((batch.len(), queue.len()), (5, 3));
    queue.push(tenant(1), queued()).unwrap();
    queue.close();
    assert_eq!(queue.push(tenant(1), queued()), Err(NotTaken::Closed));
    assert_eq!(queue.take(&mut batch, 99).await, PostgresTurn::Work);
    // Every writer hears the end.
    assert_eq!(queue.take(&mut batch, 99).await, PostgresTurn::Closed);
    assert_eq!(queue.take(&mut batch, 99).await, PostgresTurn::Closed);
}

//! Expired rows go away by themselves.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::Changes;
use writ_core::ids::AuditId;
use writ_core::time::Seconds;
use writ_core::token::TokenType;

use super::given::{self, NOW, issue, new_token};
use crate::store::Store;
use crate::sweep::SweepCursor;

/// More than one window, so that the walk has to go on and to come round.
const TOKENS: usize = 1500;

pub(crate) async fn expired_tokens_go_and_live_ones_stay(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await.id;
    let mut crowd = JoinSet::new();
    for n in 0..TOKENS {
        let store = Arc::clone(store);
        let mut new = new_token(tenant, client);
        let expired = n % 3 == 0;
        // What has expired is kept for a minute: clocks of nodes differ.
        new.expires_at = if expired { NOW.minus(Seconds(60)) } else { NOW.minus(Seconds(59)) };
        crowd.spawn(async move {
            let id = new.id;
            store.commit(issue(new)).await.unwrap();
            (id, expired)
        });
    }
    let tokens = crowd.join_all().await;

    let mut cursor = SweepCursor::over(TokenType::Access);
    let (first, wrapped) = store.sweep(&mut cursor, tenant, NOW).await.unwrap();
    assert!(!wrapped, "there are more rows than one window has");
    let (second, wrapped) = store.sweep(&mut cursor, tenant, NOW).await.unwrap();
    assert!(wrapped);
    assert_eq!(first + second, TOKENS / 3);
    for (id, expired) in tokens {
        assert_eq!(store.token_anywhere(id).await.unwrap().is_none(), expired);
    }

    assert_eq!(store.sweep(&mut cursor, tenant, NOW).await.unwrap(), (0, false), "from the start again");
    assert_eq!(store.sweep(&mut cursor, tenant, NOW).await.unwrap(), (0, true));
    let (last, _) = store.sweep(&mut cursor, tenant, NOW.plus(Seconds(1))).await.unwrap();
    let (rest, _) = store.sweep(&mut cursor, tenant, NOW.plus(Seconds(1))).await.unwrap();
    assert_eq!((last, rest), (TOKENS - TOKENS / 3, 0));
}

pub(crate) async fn audit_records_go_in_batches_when_they_are_old(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await.id;
    let mut crowd = JoinSet::new();
    for n in 0..TOKENS {
        let store = Arc::clone(store);
        let mut changes = issue(new_token(tenant, client)).into_parts();
        let at = if n % 3 == 0 { NOW } else { NOW.minus(Seconds(10)) };
        let bits = given::number().to_be_bytes();
        changes.0.id = AuditId::v7(at, bits);
        crowd.spawn(async move {
            let (act, list, _) = changes;
            let unit = list.into_iter().fold(Changes::new(*act), Changes::with);
            store.commit(unit).await.unwrap();
        });
    }
    crowd.join_all().await;
    let all = given::records(store, tenant).await;
    let before = NOW.minus(Seconds(5));
    assert_eq!(store.sweep_audit(tenant, before).await.unwrap(), 1000);
    assert_eq!(store.sweep_audit(tenant, before).await.unwrap(), 0);
    assert_eq!(given::records(store, tenant).await, all - 1000, "the younger ones stay");
}

//! Expired rows go away by themselves.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::time::Seconds;

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

    let mut cursor = SweepCursor::default();
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

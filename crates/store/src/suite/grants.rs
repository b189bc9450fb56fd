//! Grants: one row ended, and everything that came from it is dead.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::Change;
use writ_core::confirmation::Confirmation;
use writ_core::grant::{NewGrant, Terms};
use writ_core::ids::{GrantId, TokenId};
use writ_core::scope::Scope;
use writ_core::session::Authentication;
use writ_core::time::Seconds;

use super::{NOW, client, id, new_token, tenant, unit, user};
use crate::error::CommitError;
use crate::store::Store;

const CROWD: usize = 64;
const EACH: usize = 8;

/// Tokens that are recorded before, during and after the end: none is alive afterwards.
pub(super) async fn nothing_of_a_grant_outlives_its_end(store: &Arc<Store>) {
    let tenant = tenant(store).await.id;
    let client = client(store, tenant).await.id;
    let user = user(store, tenant).await;
    let grant = GrantId::from_bytes(id());
    let cnf = Confirmation::Key("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".into());
    let new = NewGrant {
        id: grant,
        tenant,
        client,
        user,
        scope: Scope::parse("read").unwrap(),
        authentication: Authentication::by_password(NOW),
        terms: Terms { cnf: Some(cnf.clone()), ..Terms::default() },
        created_at: NOW,
        expires_at: NOW.plus(Seconds(3600)),
    };
    store.commit(unit(tenant, Change::CreateGrant(Box::new(new)))).await.unwrap();

    let token = || {
        let mut new = new_token(tenant, client);
        (new.user, new.grant) = (Some(user), Some(grant));
        new
    };
    let mut first = token();
    first.cnf = Some(cnf.clone());
    let first_id = first.id;
    store.commit(super::issue(first)).await.unwrap();
    assert!(is_live(store, first_id).await, "the grant goes on");
    let (_, read) = store.token_anywhere(first_id).await.unwrap().unwrap();
    assert_eq!(read.cnf, Some(cnf), "what binds the token");
    assert!(read.username.is_some() && !read.roles.is_empty(), "whose it is");

    let mut crowd = JoinSet::new();
    for n in 0..CROWD {
        let tokens: Vec<_> = (0..EACH).map(|_| token()).collect();
        let store = Arc::clone(store);
        crowd.spawn(async move {
            if n == CROWD / 2 {
                let end = Change::EndGrant { grant, tenant, at: NOW };
                store.commit(unit(tenant, end)).await.unwrap();
            }
            let mut issued = vec![first_id];
            for new in tokens {
                issued.push(new.id);
                store.commit(super::issue(new)).await.unwrap();
            }
            issued
        });
    }
    for issued in crowd.join_all().await {
        for id in issued {
            assert!(!is_live(store, id).await, "{id} outlives its grant");
        }
    }
    let again = Change::EndGrant { grant, tenant, at: NOW };
    assert_eq!(store.commit(unit(tenant, again)).await, Err(CommitError::Guard), "a grant ends once");
}

async fn is_live(store: &Store, token: TokenId) -> bool {
    let (_, found) = store.token_anywhere(token).await.unwrap().unwrap();
    found.live(NOW).is_ok()
}

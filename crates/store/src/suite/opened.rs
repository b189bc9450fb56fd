//! Codes whose grant is made with them, because an access token leaves at the same time: one grant for both, and what ends
//! it ends both.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::authorization_code::{CodeStanding, CodeState, NewCode};
use writ_core::change::Change;
use writ_core::flow::{FlowChange, GrantMade};
use writ_core::ids::{CodeId, GrantId, TokenId};
use writ_core::token::NewAccessToken;

use super::flow::{Stage, code, end, flow, is_live, new_code, redeemed, redemption, stage};
use super::given::{self, NOW, id, new_token};
use crate::error::CommitError;
use crate::store::Store;

const CROWD: usize = 32;

/// A code, its grant and the token that left with it.
async fn open(store: &Store, stage: &Stage) -> Result<(CodeId, GrantId, TokenId), CommitError> {
    let grant = GrantId::from_bytes(id());
    let new = NewCode { grant: Some(grant), ..new_code(stage, "openid read") };
    let opened = redemption(stage, new.id, (grant, GrantMade::Now));
    let token = NewAccessToken {
        user: Some(stage.user),
        grant: Some(grant),
        ..new_token(stage.tenant, stage.client.id)
    };
    let (code, access) = (new.id, token.id);
    let unit = flow(stage.tenant, FlowChange::IssueCode(Box::new(new)))
        .with(FlowChange::OpenGrant(Box::new(opened)).into())
        .with(Change::IssueAccessToken(Box::new(token)));
    store.commit(unit).await.map(|_| (code, grant, access))
}

async fn lives(store: &Store, token: TokenId) -> bool {
    store.token_anywhere(token).await.unwrap().unwrap().1.live(NOW).is_ok()
}

/// The code is redeemed into the grant that is there, once; the end of that grant is the end of all tokens.
pub(crate) async fn a_code_and_the_token_beside_it_have_one_grant(store: &Arc<Store>) {
    let stage = Arc::new(stage(store).await);
    let (code_id, grant, access) = open(store, &stage).await.unwrap();
    let read = store.code(code_id, stage.tenant).await.unwrap().unwrap();
    assert_eq!((read.state, read.standing), (CodeState::Opened { grant }, CodeStanding::Good));
    assert!(lives(store, access).await);
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (store, stage) = (Arc::clone(store), Arc::clone(&stage));
        crowd.spawn(async move {
            let (changes, _, access, refresh) =
                redeemed(&stage, redemption(&stage, code_id, (grant, GrantMade::Before)));
            store.commit(changes).await.map(|_| (access, refresh))
        });
    }
    let (won, lost): (Vec<_>, Vec<_>) = crowd.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|answer| *answer == Err(CommitError::Guard)), "{lost:?}");
    let later = won[0].clone().unwrap();
    assert!(is_live(store, &stage, later).await && lives(store, access).await);
    let read = store.code(code_id, stage.tenant).await.unwrap().unwrap();
    assert_eq!(read.state, CodeState::Redeemed { grant, ended_at: None });
    let over = Change::EndGrant { grant, tenant: stage.tenant, at: NOW };
    store.commit(given::unit(stage.tenant, over)).await.unwrap();
    assert!(!is_live(store, &stage, later).await && !lives(store, access).await);
}

/// A grant that has ended takes its code with it, and a sign-in that has ended gives neither.
pub(crate) async fn a_code_is_worth_nothing_once_its_grant_has_ended(store: &Arc<Store>) {
    let stage = stage(store).await;
    let (code_id, grant, _) = open(store, &stage).await.unwrap();
    let over = Change::EndGrant { grant, tenant: stage.tenant, at: NOW };
    store.commit(given::unit(stage.tenant, over)).await.unwrap();
    let read = store.code(code_id, stage.tenant).await.unwrap().unwrap();
    assert_eq!((read.state, read.standing), (CodeState::Opened { grant }, CodeStanding::Ended));
    let (changes, ..) = redeemed(&stage, redemption(&stage, code_id, (grant, GrantMade::Before)));
    assert_eq!(store.commit(changes).await.map(|_| ()), Err(CommitError::Guard));
    let plain = code(store, &stage, new_code(&stage, "read")).await;
    assert_eq!(store.code(plain, stage.tenant).await.unwrap().unwrap().state, CodeState::Live);
    let (_, _, access) = open(store, &stage).await.unwrap();
    assert!(lives(store, access).await);
    store.commit(end(&stage)).await.unwrap();
    assert!(!lives(store, access).await, "it was made in that sign-in");
    assert_eq!(open(store, &stage).await.map(|_| ()), Err(CommitError::Guard));
}

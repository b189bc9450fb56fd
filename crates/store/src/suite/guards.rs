//! A write whose facts have changed is refused whole.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::{Change, Changes, Enabled};
use writ_core::ids::{ClientId, TenantId, TokenId, UserId};
use writ_core::jose::Algorithm;
use writ_core::token::{Basis, Dead, NewAccessToken};

use super::given::{self, NOW, issue, new_signing_key, new_token, records, unit};
use crate::error::{CommitError, Constraint};
use crate::store::Store;

fn revoke(tenant: TenantId, client: ClientId, token: TokenId) -> Change {
    let basis = Basis { client_version: 1, tenant_version: 1 };
    Change::RevokeAccessToken { token, tenant, client, at: NOW, basis }
}

/// The unit fails its guard; neither a row of it nor a record is left.
async fn refused(store: &Store, changes: Changes) {
    let tenant = changes.act().tenant;
    let before = records(store, tenant).await;
    assert_eq!(store.commit(changes).await, Err(CommitError::Guard));
    assert_eq!(records(store, tenant).await, before);
}

pub(crate) async fn a_stale_client_version(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await.id;
    let user = given::user(store, tenant).await;
    let disable = Change::SetClientEnabled { client, tenant, enabled: Enabled::No, at: NOW };
    for change in
        [disable, Change::EndClientTokens { client, tenant }, Change::DeleteClient { client, tenant }]
    {
        assert_eq!(store.commit(unit(tenant, change)).await.unwrap().affected[0], 1);
        stale(store, new_token(tenant, client), user).await;
    }
}

/// Neither a machine's token nor a person's is recorded.
async fn stale(store: &Store, new: NewAccessToken, user: UserId) {
    let person = NewAccessToken { id: TokenId::from_bytes(given::id()), user: Some(user), ..new.clone() };
    for new in [new, person] {
        let id = new.id;
        refused(store, issue(new)).await;
        assert!(store.token_anywhere(id).await.unwrap().is_none());
    }
}

pub(crate) async fn a_stale_tenant_version(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await.id;
    let user = given::user(store, tenant).await;
    let key = new_signing_key(tenant, Algorithm::EdDsa);
    for change in [Change::CreateSigningKey(Box::new(key)), Change::EndTenantTokens { tenant }] {
        store.commit(unit(tenant, change)).await.unwrap();
        stale(store, new_token(tenant, client), user).await;
    }
    let mut new = new_token(tenant, client);
    new.basis.tenant_version = 3;
    store.commit(issue(new)).await.unwrap();
}

pub(crate) async fn a_token_is_revoked_once(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await.id;
    let token = given::token(store, tenant, client).await;
    assert_eq!(store.commit(unit(tenant, revoke(tenant, client, token))).await.unwrap().rows(0), 1);
    let read = store.token_in_tenant(token, tenant).await.unwrap().unwrap();
    assert_eq!((read.revoked_at, read.live(NOW)), (Some(NOW), Err(Dead::Revoked)));
    refused(store, unit(tenant, revoke(tenant, client, token))).await;
    refused(store, unit(tenant, revoke(tenant, client, TokenId::from_bytes(given::id())))).await;
}

pub(crate) async fn a_revocation_decided_on_stale_facts(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await.id;
    let token = given::token(store, tenant, client).await;
    let disable = Change::SetClientEnabled { client, tenant, enabled: Enabled::No, at: NOW };
    store.commit(unit(tenant, disable)).await.unwrap();
    refused(store, unit(tenant, revoke(tenant, client, token))).await;
    let read = store.token_in_tenant(token, tenant).await.unwrap().unwrap();
    assert_eq!(read.live(NOW), Ok(()), "a disabled client's tokens live on");
}

pub(crate) async fn rows_of_another_tenant_are_out_of_reach(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await;
    let user = given::user(store, tenant).await;
    let token = given::token(store, tenant, client.id).await;
    let foreign = given::tenant(store).await.id;
    let stranger = given::client(store, foreign).await;
    let changes = [
        Change::SetClientEnabled { client: client.id, tenant: foreign, enabled: Enabled::No, at: NOW },
        Change::DeleteClient { client: client.id, tenant: foreign },
        Change::EndClientTokens { client: client.id, tenant: foreign },
        Change::SetUserEnabled { user, tenant: foreign, enabled: Enabled::No, at: NOW },
        Change::DeleteUser { user, tenant: foreign },
        revoke(foreign, stranger.id, token),
        Change::IssueAccessToken(Box::new(new_token(foreign, client.id))),
    ];
    for change in changes {
        refused(store, unit(foreign, change)).await;
    }
    let mut with_a_foreign_user = new_token(foreign, stranger.id);
    with_a_foreign_user.user = Some(user);
    refused(store, issue(with_a_foreign_user)).await;

    assert!(store.token_in_tenant(token, foreign).await.unwrap().is_none());
    assert!(store.token_for_client(token, stranger.id).await.unwrap().unwrap().token.is_none());
    let read = store.token_for_client(token, client.id).await.unwrap().unwrap();
    assert_eq!(read.token.unwrap().live(NOW), Ok(()));
}

pub(crate) async fn a_disabled_user_gets_no_token(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await.id;
    let user = given::user(store, tenant).await;
    let token = || {
        let mut new = new_token(tenant, client);
        new.user = Some(user);
        issue(new)
    };
    let set = |enabled| unit(tenant, Change::SetUserEnabled { user, tenant, enabled, at: NOW });
    store.commit(token()).await.unwrap();
    store.commit(set(Enabled::No)).await.unwrap();
    refused(store, token()).await;
    store.commit(set(Enabled::Yes)).await.unwrap();
    store.commit(token()).await.unwrap();
    store.commit(unit(tenant, Change::DeleteUser { user, tenant })).await.unwrap();
    refused(store, token()).await;
}

pub(crate) async fn one_signing_key_of_an_algorithm(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let mut racers = JoinSet::new();
    for _ in 0..16 {
        let store = Arc::clone(store);
        let key = new_signing_key(tenant, Algorithm::Es256);
        racers
            .spawn(async move { store.commit(unit(tenant, Change::CreateSigningKey(Box::new(key)))).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|answer| *answer == Err(CommitError::Guard)), "{lost:?}");
    assert_eq!(store.signing_keys(tenant).await.unwrap().len(), 1);
    assert_eq!(
        store.tenant_by_id(tenant).await.unwrap().unwrap().version,
        2,
        "only the winner touches the tenant"
    );
}

/// The guard held and its write was made; then the record could not be written.
pub(crate) async fn an_audit_record_that_exists_undoes_its_unit(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let client = given::client(store, tenant).await.id;
    let token = given::token(store, tenant, client).await;
    let act = given::act(tenant);
    store.commit(Changes::new(act.clone())).await.unwrap();
    let before = records(store, tenant).await;

    let new = new_token(tenant, client);
    let id = new.id;
    let conflict = Err(CommitError::Conflict(Constraint::Other));
    let changes = [Change::IssueAccessToken(Box::new(new)), revoke(tenant, client, token)];
    for change in changes.into_iter().chain([Change::EndClientTokens { client, tenant }]) {
        assert_eq!(store.commit(Changes::new(act.clone()).with(change)).await, conflict);
    }
    assert!(store.token_anywhere(id).await.unwrap().is_none());
    assert_eq!(store.token_in_tenant(token, tenant).await.unwrap().unwrap().live(NOW), Ok(()));
    assert_eq!(records(store, tenant).await, before);
}

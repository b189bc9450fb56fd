//! A write whose facts have changed is refused whole.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::{Change, Changes, Enabled};
use writ_core::client::{Client, ClientSecret, SecretHash};
use writ_core::ids::{ClientId, SecretId, TenantId, TokenId, UserId};
use writ_core::time::Seconds;
use writ_core::token::{Basis, Dead, NewAccessToken};
use writ_jose::Algorithm;

use super::given::{self, NOW, issue, new_signing_key, new_token, records, unit};
use crate::error::{CommitError, Constraint};
use crate::statements as sql;
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
    for change in [
        disable,
        Change::EndClientTokens { client, tenant },
        Change::DeleteClient { client, tenant, only: None },
    ] {
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
        Change::DeleteClient { client: client.id, tenant: foreign, only: None },
        Change::EndClientTokens { client: client.id, tenant: foreign },
        Change::SetUserEnabled { user, tenant: foreign, enabled: Enabled::No, at: NOW },
        Change::DeleteUser { user, tenant: foreign, only: None },
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
    store.commit(unit(tenant, Change::DeleteUser { user, tenant, only: None })).await.unwrap();
    refused(store, token()).await;
}

pub(crate) async fn a_user_goes_only_as_decided_on(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let user = given::user(store, tenant).await;
    let disable = Change::SetUserEnabled { user, tenant, enabled: Enabled::No, at: NOW };
    store.commit(unit(tenant, disable)).await.unwrap();
    let delete = |only| unit(tenant, Change::DeleteUser { user, tenant, only });
    refused(store, delete(Some(1))).await;
    assert!(store.user(user, tenant).await.unwrap().is_some());
    store.commit(delete(Some(2))).await.unwrap();
    assert!(store.user(user, tenant).await.unwrap().is_none());
    refused(store, delete(None)).await;
}

pub(crate) async fn a_users_roles_change_only_from_those_decided_on(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let user = given::user(store, tenant).await;
    let names = |list: &[&str]| list.iter().map(|name| Box::from(*name)).collect::<Vec<Box<str>>>();
    let set = |from: &[&str], to: &[&str]| {
        let change = Change::SetUserRoles { user, tenant, from: names(from), to: names(to), at: NOW };
        unit(tenant, change)
    };
    store.commit(set(&["admin", "user"], &["user"])).await.unwrap();
    refused(store, set(&["admin", "user"], &["operator"])).await;
    assert_eq!(store.user(user, tenant).await.unwrap().unwrap().roles, names(&["user"]));
}

fn new_secret() -> ClientSecret {
    ClientSecret {
        id: SecretId::from_bytes(given::id()),
        hash: SecretHash::Keyed(given::hash()),
        prefix: "csec_".into(),
        last_four: "wxyz".into(),
        created_at: NOW,
        expires_at: None,
    }
}

/// The client as it is stored now.
async fn now_stored(store: &Store, client: &Client) -> Client {
    store.client_by_client_id(&client.client_id).await.unwrap().unwrap().0
}

pub(crate) async fn secrets_come_and_go_with_their_clients_version(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let given = given::client(store, tenant).await;
    let before = given.secrets.len();
    let client = given.id;
    let (first, second) = (new_secret(), new_secret());
    for (version, secret) in (given.version..).zip([&first, &second]) {
        let add = || Change::AddClientSecret { client, tenant, version, secret: Box::new(secret.clone()) };
        assert_eq!(store.commit(unit(tenant, add())).await.unwrap().affected, [1]);
        // Somebody else decided on the same version.
        refused(store, unit(tenant, add())).await;
    }
    let stored = now_stored(store, &given).await;
    assert_eq!((stored.version, stored.secrets.len()), (given.version + 2, before + 2));

    let end = |secret, end| Change::EndClientSecret { secret, client, tenant, end, at: NOW };
    let overlap = NOW.plus(Seconds(60));
    assert_eq!(store.commit(unit(tenant, end(first.id, overlap))).await.unwrap().affected, [1]);
    let stored = now_stored(store, &given).await;
    let found = |id| stored.secrets.iter().find(|secret| secret.id == id).unwrap();
    assert_eq!((found(first.id).expires_at, found(second.id).expires_at), (Some(overlap), None));
    assert_eq!(stored.version, given.version + 3);
    // An end only comes nearer.
    refused(store, unit(tenant, end(first.id, overlap))).await;
    refused(store, unit(tenant, end(first.id, NOW.plus(Seconds(61))))).await;
    store.commit(unit(tenant, end(first.id, NOW))).await.unwrap();

    let remove = |secret| Change::RemoveClientSecret { secret, client, tenant, at: NOW };
    assert_eq!(store.commit(unit(tenant, remove(first.id))).await.unwrap().affected, [1]);
    refused(store, unit(tenant, remove(first.id))).await;
    refused(store, unit(tenant, end(first.id, NOW))).await;
    let stored = now_stored(store, &given).await;
    assert_eq!((stored.version, stored.secrets.len()), (given.version + 5, before + 1));

    // Neither another tenant nor another client reaches it.
    let foreign = given::tenant(store).await.id;
    let stranger = given::client(store, tenant).await.id;
    let (secret, at) = (second.id, NOW);
    for change in [
        Change::AddClientSecret {
            client,
            tenant: foreign,
            version: stored.version,
            secret: Box::new(new_secret()),
        },
        Change::EndClientSecret { secret, client, tenant: foreign, end: at, at },
        Change::RemoveClientSecret { secret, client, tenant: foreign, at },
    ] {
        refused(store, unit(foreign, change)).await;
    }
    refused(store, unit(tenant, Change::EndClientSecret { secret, client: stranger, tenant, end: at, at }))
        .await;
    refused(store, unit(tenant, Change::RemoveClientSecret { secret, client: stranger, tenant, at })).await;
    assert_eq!(now_stored(store, &given).await.version, stored.version);

    store.commit(unit(tenant, Change::DeleteClient { client, tenant, only: None })).await.unwrap();
    let version = stored.version;
    let add = Change::AddClientSecret { client, tenant, version, secret: Box::new(new_secret()) };
    refused(store, unit(tenant, add)).await;
}

pub(crate) async fn secrets_added_while_their_client_is_removed_go_with_it(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let mut added = 0;
    for round in 0..20 {
        let client = given::client(store, tenant).await.id;
        let mut racers = JoinSet::new();
        for racer in 0..8 {
            let store = Arc::clone(store);
            let secret = Box::new(new_secret());
            let change = match racer {
                4 => Change::DeleteClient { client, tenant, only: None },
                _ => Change::AddClientSecret { client, tenant, version: 1, secret },
            };
            racers.spawn(async move { store.commit(unit(tenant, change)).await });
        }
        let answers = racers.join_all().await;
        added += answers.iter().filter(|answer| answer.is_ok()).count() - 1;
        assert!(
            answers.iter().all(|answer| matches!(answer, Ok(_) | Err(CommitError::Guard))),
            "round {round}: {answers:?}"
        );
        let left = store.read(&sql::CLIENT_SECRETS, &[client.into()], &mut |row| row.id()).await.unwrap();
        assert!(left.is_empty(), "round {round}: a secret without a client");
    }
    assert!(added > 0, "nobody was faster than the removal");
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

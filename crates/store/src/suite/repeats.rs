//! What happens once: remembered answers, and assertions of clients.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::{Action, Change, Changes, Recorded, Remembered, Target};
use writ_core::ids::{RoleId, TenantId};
use writ_core::role::NewRole;
use writ_core::secret::Digest32;
use writ_core::time::{Micros, Seconds};
use writ_core::used_once::UsedOnce;

use super::given::{self, NOW};
use crate::error::{CommitError, Constraint};
use crate::store::Store;
use crate::sweep::ExpiringTable;

fn remembered(tenant: TenantId, name: Digest32, at: Micros) -> Change {
    let (request, sealed) = (given::hash(), given::id().to_vec());
    Change::Remember(Box::new(Remembered {
        name,
        tenant,
        request,
        sealed,
        at,
        expires_at: at.plus(Seconds(60)),
    }))
}

/// A unit that makes a role and remembers its answer.
fn making(tenant: TenantId, role: &str, remember: Change) -> Changes {
    let id = RoleId::from_bytes(given::id());
    let new = NewRole {
        id,
        tenant,
        name: role.into(),
        permissions: writ_core::authority::Permissions::NONE,
        entitlements: vec!["articles:publish".into(), "b".into()],
        created_at: NOW,
    };
    let mut act = given::act(tenant);
    (act.action, act.target) = (Action::RoleCreated, Target::Role(id));
    Changes::new(act).with(Change::CreateRole(Box::new(new))).first(remember)
}

pub(crate) async fn an_answer_is_remembered_until_its_end_and_under_one_name_once(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let name = given::hash();
    let receipt = store.commit(making(tenant, "a", remembered(tenant, name, NOW))).await.unwrap();
    assert_eq!(receipt.affected, [1], "what is remembered is not counted among the changes");
    let (request, sealed) = store.remembered(name, NOW).await.unwrap().unwrap();
    assert!(store.remembered(given::hash(), NOW).await.unwrap().is_none());

    // Nothing of the second unit happens, also where its own write could not have.
    for role in ["b", "a"] {
        let again = making(tenant, role, remembered(tenant, name, NOW.plus(Seconds(59))));
        assert_eq!(store.commit(again).await, Err(CommitError::Guard));
    }
    assert_eq!(store.roles(tenant).await.unwrap().len(), 1);
    let kept = store.remembered(name, NOW.plus(Seconds(59))).await.unwrap().unwrap();
    assert!(kept.0.ct_eq(&request) && kept.1 == sealed);

    // Another name does not save a unit whose own write fails, and is not remembered either.
    let other = given::hash();
    let taken = making(tenant, "a", remembered(tenant, other, NOW));
    assert_eq!(store.commit(taken).await, Err(CommitError::Conflict(Constraint::RoleName)));
    assert!(store.remembered(other, NOW).await.unwrap().is_none());

    // Over, and free for another.
    let end = NOW.plus(Seconds(60));
    assert!(store.remembered(name, end).await.unwrap().is_none());
    store.commit(making(tenant, "b", remembered(tenant, name, end))).await.unwrap();
    let (next, _) = store.remembered(name, end).await.unwrap().unwrap();
    assert!(!next.ct_eq(&request));
    // What is swept had its end a minute ago.
    assert_eq!(store.sweep_table(ExpiringTable::Remembered, tenant, end.plus(Seconds(119))).await, Ok(0));
    assert_eq!(store.sweep_table(ExpiringTable::Remembered, tenant, end.plus(Seconds(120))).await, Ok(1));
    assert!(store.remembered(name, NOW).await.unwrap().is_none());
}

pub(crate) async fn of_one_request_on_its_way_many_times_one_is_written(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    for round in 0..20 {
        let name = given::hash();
        let mut racers = JoinSet::new();
        for racer in 0..8 {
            let store = Arc::clone(store);
            let unit = making(tenant, &format!("{round}-{racer}"), remembered(tenant, name, NOW));
            racers.spawn(async move { store.commit(unit).await });
        }
        let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "round {round}");
        assert!(lost.iter().all(|answer| *answer == Err(CommitError::Guard)), "round {round}: {lost:?}");
        assert_eq!(store.roles(tenant).await.unwrap().len(), round + 1);
    }
}

pub(crate) async fn what_is_managed_changes_only_from_the_version_decided_on(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let new = given::new_api_key(tenant);
    let key = new.key.clone();
    store.commit(given::unit(tenant, Change::CreateApiKey(Box::new(new)))).await.unwrap();
    let update = |version| Change::UpdateApiKey { to: Box::new(key.clone()), version };
    let remove = |only| Change::DeleteApiKey { key: key.id, tenant, only };
    store.commit(given::unit(tenant, update(1))).await.unwrap();
    for stale in [update(1), update(3), remove(Some(1)), remove(Some(3))] {
        assert_eq!(store.commit(given::unit(tenant, stale)).await, Err(CommitError::Guard));
    }
    assert_eq!(store.shown_api_key(key.id, tenant).await.unwrap().unwrap().version, 2);
    store.commit(given::unit(tenant, remove(Some(2)))).await.unwrap();
    assert_eq!(store.commit(given::unit(tenant, remove(None))).await, Err(CommitError::Guard));

    let role = making(tenant, "a", remembered(tenant, given::hash(), NOW));
    store.commit(role).await.unwrap();
    let role = store.role(tenant, "a").await.unwrap().unwrap();
    assert_eq!(role.version, 1);
    assert_eq!(role.entitlements, ["articles:publish".into(), Box::<str>::from("b")]);
    let update = |version| Change::UpdateRole {
        role: role.id,
        tenant,
        permissions: role.permissions,
        entitlements: vec!["c".into()],
        version,
        at: NOW,
    };
    let remove = |version| Change::DeleteRole { role: role.id, tenant, name: role.name.clone(), version };
    store.commit(given::unit(tenant, update(1))).await.unwrap();
    assert_eq!(store.role(tenant, "a").await.unwrap().unwrap().entitlements, [Box::<str>::from("c")]);
    for stale in [update(1), remove(1)] {
        assert_eq!(store.commit(given::unit(tenant, stale)).await, Err(CommitError::Guard));
    }
    store.commit(given::unit(tenant, remove(2))).await.unwrap();

    let other = given::tenant(store).await.id;
    let remove = |only| Change::DeleteTenant { tenant: other, only };
    assert_eq!(store.commit(given::unit(tenant, remove(Some(2)))).await, Err(CommitError::Guard));
    store.commit(given::unit(tenant, remove(Some(1)))).await.unwrap();
}

/// A unit that uses an assertion, as the server's door has it: no record of its own.
fn using(tenant: TenantId, name: Digest32, at: Micros) -> Changes {
    let mut act = given::act(tenant);
    act.action = Action::AssertionUsed;
    let used = UsedOnce { name, expires_at: at.plus(Seconds(60)), at };
    Changes::new(act).with(Change::UseOnce(used)).recorded(Recorded::Later)
}

/// RFC 7523 §3, rule 7: an assertion is used once while anybody takes it.
pub(crate) async fn an_assertion_is_used_once_until_its_end(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let (name, end) = (given::hash(), NOW.plus(Seconds(60)));
    assert_eq!(store.commit(using(tenant, name, NOW)).await.unwrap().affected, [1]);
    for at in [NOW, NOW.plus(Seconds(59))] {
        assert_eq!(store.commit(using(tenant, name, at)).await, Err(CommitError::Guard));
    }
    assert!(store.commit(using(tenant, given::hash(), NOW)).await.is_ok(), "another one");
    assert!(store.commit(using(tenant, name, end)).await.is_ok(), "nobody takes the first one any more");
    assert_eq!(store.commit(using(tenant, name, end)).await, Err(CommitError::Guard));
    // A minute of grace, for clocks that differ: first the other one goes.
    let end = end.plus(Seconds(60));
    assert_eq!(store.sweep_table(ExpiringTable::Assertions, tenant, end.minus(Seconds(1))).await, Ok(0));
    assert_eq!(store.sweep_table(ExpiringTable::Assertions, tenant, end).await, Ok(1));
    assert_eq!(store.sweep_table(ExpiringTable::Assertions, tenant, end.plus(Seconds(60))).await, Ok(1));
    assert!(store.commit(using(tenant, name, NOW)).await.is_ok());
}

pub(crate) async fn of_one_assertion_sent_many_times_at_once_one_is_taken(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    for _ in 0..8 {
        let name = given::hash();
        let mut racers = JoinSet::new();
        for _ in 0..64 {
            let store = Arc::clone(store);
            racers.spawn(async move { store.commit(using(tenant, name, NOW)).await });
        }
        let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 63));
        assert!(lost.into_iter().all(|lost| lost == Err(CommitError::Guard)));
    }
}

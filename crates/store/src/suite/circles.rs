//! Groups of people: joined once, left, gone with their people and their tenant.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::{Change, Changes};
use writ_core::group::{Group, GroupChange, MembershipBy};
use writ_core::ids::{GroupId, TenantId};

use super::given::{self, NOW, id, name, unit};
use crate::error::{CommitError, Constraint};
use crate::store::Store;

fn new_group(tenant: TenantId) -> Group {
    Group {
        id: GroupId::from_bytes(id()),
        tenant,
        name: name("group").into(),
        description: None,
        within: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

fn change(tenant: TenantId, change: GroupChange) -> Changes {
    unit(tenant, Change::Group(change))
}

pub(crate) async fn of_many_who_join_at_once_each_is_in_once(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let user = given::user(store, tenant).await;
    let (outer, inner) = (new_group(tenant), new_group(tenant));
    store.commit(change(tenant, GroupChange::Create(Box::new(outer.clone()), vec![]))).await.unwrap();
    let within = GroupChange::Create(Box::new(inner.clone()), vec![outer.id]);
    store.commit(change(tenant, within)).await.unwrap();
    let taken = Group { name: outer.name.clone(), ..new_group(tenant) };
    let taken = store.commit(change(tenant, GroupChange::Create(Box::new(taken), vec![]))).await;
    assert_eq!(taken, Err(CommitError::Conflict(Constraint::GroupName)));
    let mut joining = JoinSet::new();
    for _ in 0..16 {
        let store = Arc::clone(store);
        let join = GroupChange::Join(inner.id, user, tenant, NOW);
        joining.spawn(async move { store.commit(change(tenant, join)).await.is_ok() });
    }
    assert_eq!(joining.join_all().await.into_iter().filter(|joined| *joined).count(), 1);
    let found = store.groups_of(user, tenant).await.unwrap();
    let mut told: Vec<_> = found.iter().map(|found| (found.group, found.by)).collect();
    told.sort_by_key(|(group, _)| *group);
    assert_eq!(told, [(outer.id, MembershipBy::GroupWithin), (inner.id, MembershipBy::Itself)]);
    // A circle, which two updates at once can make, ends nothing.
    let circle = Group { version: 2, ..outer.clone() };
    let circle = GroupChange::Update(Box::new(circle), vec![inner.id]);
    store.commit(change(tenant, circle)).await.unwrap();
    assert_eq!(store.groups_of(user, tenant).await.unwrap().len(), 2);
}

pub(crate) async fn nothing_of_a_group_outlives_it_its_people_or_its_tenant(store: &Arc<Store>) {
    let [tenant, other] = [given::tenant(store).await, given::tenant(store).await];
    let (here, there) = (tenant.id, other.id);
    let user = given::user(store, here).await;
    let [one, two, foreign] = [new_group(here), new_group(here), new_group(there)];
    for group in [&one, &two, &foreign] {
        let create = GroupChange::Create(Box::new(group.clone()), vec![]);
        store.commit(change(group.tenant, create)).await.unwrap();
    }
    let join = async |group: &Group, tenant: TenantId| {
        store.commit(change(tenant, GroupChange::Join(group.id, user, tenant, NOW))).await
    };
    join(&one, here).await.unwrap();
    join(&two, here).await.unwrap();
    // Nobody is in another tenant's group, and no group within one.
    assert_eq!(join(&foreign, there).await, Err(CommitError::Guard));
    assert_eq!(join(&foreign, here).await, Err(CommitError::Guard));
    let within = Group { version: 2, ..one.clone() };
    let within = change(here, GroupChange::Update(Box::new(within), vec![foreign.id]));
    assert_eq!(store.commit(within).await, Err(CommitError::Guard));
    let stale = change(here, GroupChange::Delete(one.id, here, 7));
    assert_eq!(store.commit(stale).await, Err(CommitError::Guard));
    store.commit(change(here, GroupChange::Delete(one.id, here, 1))).await.unwrap();
    let left: Vec<_> =
        store.groups_of(user, here).await.unwrap().into_iter().map(|found| found.group).collect();
    assert_eq!(left, [two.id]);
    store.commit(unit(here, Change::DeleteUser { user, tenant: here, only: None })).await.unwrap();
    let after = crate::After::START;
    assert_eq!(store.group_members(two.id, after, 9).await.unwrap(), (Vec::new(), 0));
    store.commit(unit(here, Change::DeleteTenant { tenant: here, only: None })).await.unwrap();
    assert!(store.group(two.id, here).await.unwrap().is_none());
    assert!(store.group(foreign.id, there).await.unwrap().is_some());
}

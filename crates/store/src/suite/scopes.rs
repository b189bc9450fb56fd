//! The registry of scopes: written, changed, taken from clients, gone.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::authority::{Permission, Permissions};
use writ_core::change::{Change, Changes};
use writ_core::client::RegisteredClient;
use writ_core::ids::{ScopeId, TenantId};
use writ_core::scope::Scope;
use writ_core::scope_registry::{InUse, NewScope, RegisteredScope, ScopeRemoval, ScopeUpdate, built_in};

use super::clients::{create, read, update};
use super::given::{self, NOW, id, new_client, unit};
use crate::After;
use crate::error::{CommitError, Constraint};
use crate::store::Store;

pub(super) fn new_scope(tenant: TenantId, name: &str) -> NewScope {
    NewScope {
        id: ScopeId::from_bytes(id()),
        tenant,
        name: name.into(),
        description: Some(format!("May {name}").into()),
        created_at: NOW,
    }
}

fn change(before: &RegisteredScope, change: impl FnOnce(&mut RegisteredScope)) -> Changes {
    let mut after = before.clone();
    after.version += 1;
    change(&mut after);
    let update = ScopeUpdate { before: before.clone(), after };
    unit(before.tenant, Change::UpdateScope(Box::new(update)))
}

fn removal(scope: &RegisteredScope, in_use: InUse) -> ScopeRemoval {
    ScopeRemoval {
        interaction_clients: Vec::new(),
        scope: scope.id,
        tenant: scope.tenant,
        name: scope.name.clone(),
        only: None,
        in_use,
        within: Permissions::all(),
        at: NOW,
    }
}

fn removed(removal: ScopeRemoval) -> Changes {
    unit(removal.tenant, Change::DeleteScope(Box::new(removal)))
}

fn remove(scope: &RegisteredScope, in_use: InUse) -> Changes {
    removed(removal(scope, in_use))
}

pub(crate) async fn scopes_are_made_once_a_name_and_changed_as_decided_on(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let new = new_scope(tenant, "read");
    store.commit(unit(tenant, Change::CreateScope(Box::new(new.clone())))).await.unwrap();
    let taken = Change::CreateScope(Box::new(new_scope(tenant, "read")));
    let conflict = Err(CommitError::Conflict(Constraint::ScopeName));
    assert_eq!(store.commit(unit(tenant, taken)).await, conflict);
    let same = Change::RegisterScopes(vec![new_scope(tenant, "read"), new_scope(tenant, "write")]);
    store.commit(unit(tenant, same)).await.unwrap();
    let scope = store.scope(new.id, tenant).await.unwrap().unwrap();
    assert_eq!((&*scope.name, scope.description.as_deref(), scope.version), ("read", Some("May read"), 1));
    assert_eq!(store.scope_named("read", tenant).await.unwrap(), Some(scope.clone()));
    let (page, total) = store.scopes_page(tenant, After::START, 10).await.unwrap();
    assert_eq!((page.iter().map(|s| &*s.name).collect::<Vec<_>>(), total), (vec!["write", "read"], 2));
    let other = given::tenant(store).await.id;
    assert_eq!(store.scope(new.id, other).await.unwrap(), None);
    store.commit(unit(other, Change::CreateScope(Box::new(new_scope(other, "read"))))).await.unwrap();

    let rename = |name: &'static str| move |after: &mut RegisteredScope| after.name = name.into();
    store.commit(change(&scope, rename("reading"))).await.unwrap();
    assert_eq!(store.commit(change(&scope, rename("stale"))).await, Err(CommitError::Guard));
    let scope = store.scope(new.id, tenant).await.unwrap().unwrap();
    assert_eq!((&*scope.name, scope.version), ("reading", 2));
    assert_eq!(store.commit(change(&scope, rename("write"))).await, conflict);
    let mut client = new_client(tenant);
    client.client.scope = Scope::parse("reading openid").unwrap();
    create(store, &client).await;
    assert_eq!(store.commit(change(&scope, rename("in-use"))).await, Err(CommitError::Guard));
    let words = change(&scope, |after| after.description = None);
    store.commit(words).await.unwrap();
}

pub(crate) async fn a_scope_in_use_goes_only_when_it_is_taken(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    for name in ["a", "aa"] {
        store.commit(unit(tenant, Change::CreateScope(Box::new(new_scope(tenant, name))))).await.unwrap();
    }
    let mut holders = Vec::new();
    for scope in ["a aa b", "aa a", "aa b a", "a", "aa oauth:read"] {
        let mut new = new_client(tenant);
        new.client.scope = Scope::parse(scope).unwrap();
        create(store, &new).await;
        holders.push(new.client);
    }
    let scope = store.scope_named("a", tenant).await.unwrap().unwrap();
    let uses = store.scope_uses(&scope, &[]).await.unwrap();
    assert_eq!((uses.clients, uses.authority.names().count()), (4, 0));
    let wide = store.scope_named("aa", tenant).await.unwrap().unwrap();
    let uses = store.scope_uses(&wide, &[]).await.unwrap();
    assert_eq!((uses.clients, uses.authority.names().collect::<Vec<_>>()), (4, vec!["oauth:read"]));
    assert_eq!(store.commit(remove(&scope, InUse::Stays)).await, Err(CommitError::Guard));
    store.commit(remove(&scope, InUse::IsTaken)).await.unwrap();
    let mut found = Vec::new();
    for client in &holders {
        let client = read(store, client).await.client;
        found.push((client.scope.to_string(), client.version));
    }
    let expected = [("aa b", 2), ("aa", 2), ("aa b", 2), ("", 2), ("aa oauth:read", 1)];
    assert_eq!(found, expected.map(|(scope, version)| (scope.to_owned(), version)));
    assert_eq!(store.scope(scope.id, tenant).await.unwrap(), None);
    assert_eq!(store.scope_uses(&scope, &[]).await.unwrap().clients, 0);
    assert_eq!(store.commit(remove(&scope, InUse::IsTaken)).await, Err(CommitError::Guard));
}

/// Decided on what the clients may do, or on a version, and written when it is something else.
pub(crate) async fn a_scope_goes_only_as_decided_on(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    store.commit(unit(tenant, Change::CreateScope(Box::new(new_scope(tenant, "read"))))).await.unwrap();
    let scope = store.scope_named("read", tenant).await.unwrap().unwrap();
    let mut named = Vec::new();
    for held in ["read users:writ oauth:read", "users:writer read"] {
        let mut new = new_client(tenant);
        new.client.scope = Scope::parse(held).unwrap();
        create(store, &new).await;
        named.push(Box::<str>::from(&*new.client.client_id));
    }
    let within = |may: &[Permission]| ScopeRemoval {
        within: may.iter().copied().collect(),
        ..removal(&scope, InUse::IsTaken)
    };
    for too_little in [&[][..], &[Permission::UsersWrite, Permission::OauthWrite]] {
        assert_eq!(store.commit(removed(within(too_little))).await, Err(CommitError::Guard));
    }
    let words = change(&scope, |after| after.description = None);
    store.commit(words).await.unwrap();
    let enough = within(&[Permission::OauthRead]);
    let first = ScopeRemoval { only: Some(1), ..enough.clone() };
    assert_eq!(store.commit(removed(first)).await, Err(CommitError::Guard));
    // A client that people act through is trusted, as a first-party one is.
    let trusting = ScopeRemoval { interaction_clients: named.clone(), only: Some(2), ..enough.clone() };
    assert_eq!(store.commit(removed(trusting)).await, Err(CommitError::Guard));
    let trust = store.scope_uses(&scope, &named).await.unwrap().authority;
    assert!(trust.contains(Permission::ClientsTrust));
    let uses = store.scope_uses(&scope, &[]).await.unwrap();
    assert!(uses.clients == 2 && !uses.authority.contains(Permission::ClientsTrust));
    store.commit(removed(ScopeRemoval { only: Some(2), ..enough })).await.unwrap();
    assert_eq!(store.scope_uses(&scope, &[]).await.unwrap().clients, 0);
}

/// While a scope is taken, a client that has it gets a permission, and another client gets the scope. Whoever
/// is first is so as a whole.
pub(crate) async fn a_scope_is_taken_from_all_that_have_it_and_from_nobody_who_may_do_more(
    store: &Arc<Store>,
) {
    let mut taken = 0;
    for round in 0..24 {
        let tenant = given::tenant(store).await.id;
        store.commit(unit(tenant, Change::CreateScope(Box::new(new_scope(tenant, "read"))))).await.unwrap();
        let scope = store.scope_named("read", tenant).await.unwrap().unwrap();
        let mut clients = Vec::new();
        for held in ["read", "write"] {
            let mut new = new_client(tenant);
            new.client.scope = Scope::parse(held).unwrap();
            create(store, &new).await;
            clients.push(read(store, &new.client).await);
        }
        let given = |client: &RegisteredClient, scopes: &str| {
            let known = Change::RegisterScopes(vec![new_scope(tenant, "read")]);
            update(client, |after| after.client.scope = Scope::parse(scopes).unwrap()).first(known)
        };
        let removal = ScopeRemoval { within: Permissions::NONE, ..removal(&scope, InUse::IsTaken) };
        let units =
            [given(&clients[0], "read users:write"), removed(removal), given(&clients[1], "write read")];
        let mut racers = JoinSet::new();
        for turn in 0..3 {
            let racer = (round + turn) % 3;
            let (store, unit) = (Arc::clone(store), units[racer].clone());
            racers.spawn(async move { (racer, store.commit(unit).await) });
        }
        let mut answers = racers.join_all().await;
        answers.sort_by_key(|(racer, _)| *racer);
        let written: Vec<bool> = answers.iter().map(|(_, answer)| answer.is_ok()).collect();
        assert!(
            answers.iter().all(|(_, answer)| matches!(answer, Ok(_) | Err(CommitError::Guard))),
            "{answers:?}"
        );
        taken += usize::from(written[1]);
        // The permission came first, or the scope was gone from the client by then; never both.
        assert_ne!(written[0], written[1], "round {round}: {answers:?}");
        let mut holders = 0;
        for (client, lost) in clients.iter().zip([written[1], false]) {
            let now = read(store, &client.client).await.client;
            let holds = now.scope.contains("read");
            assert!(!(lost && holds), "round {round}: {} {answers:?}", now.scope);
            holders += i64::from(holds);
        }
        assert_eq!(store.scope_uses(&scope, &[]).await.unwrap().clients, holders, "round {round}");
        if holders > 0 {
            let known = store.scope_named("read", tenant).await.unwrap();
            assert!(known.is_some(), "round {round}: a client has a scope that the tenant does not know");
        }
    }
    assert!(taken > 0, "the removal was never first");
}

pub(crate) async fn built_in_scopes_are_everywhere_and_may_be_put_in_other_words(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let openid = store.scope_named("openid", tenant).await.unwrap().unwrap();
    assert_eq!(openid, built_in("openid").unwrap().of(tenant));
    let words = |text: &'static str| move |after: &mut RegisteredScope| after.description = Some(text.into());
    store.commit(change(&openid, words("Anmelden"))).await.unwrap();
    let second = store.scope(openid.id, tenant).await.unwrap().unwrap();
    assert_eq!((second.description.as_deref(), second.version), (Some("Anmelden"), 1));
    assert_eq!(store.commit(change(&openid, words("stale"))).await, Err(CommitError::Guard));
    store.commit(change(&second, words("Dich kennen"))).await.unwrap();
    assert_eq!(store.scopes_reworded(tenant).await.unwrap().len(), 1);
    assert_eq!(store.scopes_page(tenant, After::START, 10).await.unwrap(), (Vec::new(), 0));
    let known = store.scopes_of(&Scope::parse("nothing openid email").unwrap(), tenant).await.unwrap();
    let texts: Vec<_> = known.iter().map(|scope| (&*scope.name, scope.description.as_deref())).collect();
    assert_eq!(texts, [("openid", Some("Dich kennen")), ("email", Some("See your email address"))]);
    let other = given::tenant(store).await.id;
    assert_eq!(store.scope(openid.id, other).await.unwrap(), built_in("openid").map(|known| known.of(other)));
}

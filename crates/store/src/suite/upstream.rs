//! Other identity providers: changed as decided on; who somebody is there is one person here, whatever happens at once.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::{Change, Changes, Enabled};
use writ_core::client::WebUri;
use writ_core::ids::{IdentityProviderId, TenantId, UpstreamRequestId, UserId};
use writ_core::settings::Switch;
use writ_core::time::Seconds;
use writ_core::upstream::ask::NewUpstreamRequest;
use writ_core::upstream::preset::Preset;
use writ_core::upstream::provider::{LinkByEmail, ProviderSettings, Spoken, UpstreamAuth};
use writ_core::upstream::{IdentityProvider, LinkKey, NewProvider, NewUpstreamLink, UpstreamChange};

use super::given::{self, NOW, hash, unit};
use crate::error::CommitError;
use crate::store::Store;

fn provider(tenant: TenantId, byte: u8) -> IdentityProvider {
    let settings = ProviderSettings {
        preset: Preset::OpenId,
        spoken: Spoken::OpenId(WebUri::from_stored("https://up.example")),
        client_id: "writ".into(),
        auth: UpstreamAuth::Basic,
        signer: None,
        scopes: "openid".into(),
        domains: vec!["corp.example".into()],
        link_by_email: LinkByEmail::Never,
        create_accounts: Switch::On,
        trust_email: Switch::On,
        trust_second_factor: Switch::Off,
    };
    IdentityProvider {
        id: IdentityProviderId::from_bytes([byte; 16]),
        tenant,
        slug: format!("up-{byte}").into(),
        name: "Upstream".into(),
        enabled: Enabled::Yes,
        settings: Arc::new(settings),
        secret: Some(Arc::from(&[0, 1, 255][..])),
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

async fn commit(store: &Store, tenant: TenantId, changes: Vec<UpstreamChange>) -> Result<(), CommitError> {
    let mut changes = changes.into_iter().map(Change::from);
    let first = unit(tenant, changes.next().unwrap());
    store.commit(changes.fold(first, Changes::with)).await.map(drop)
}

async fn made(store: &Store, tenant: TenantId, byte: u8) -> IdentityProvider {
    let provider = provider(tenant, byte);
    let new = UpstreamChange::CreateProvider(Box::new(NewProvider { provider: provider.clone() }));
    commit(store, tenant, vec![new]).await.unwrap();
    provider
}

fn link(of: &IdentityProvider, subject: &str, user: UserId) -> UpstreamChange {
    let key = LinkKey { provider: of.id, tenant: of.tenant, subject: subject.into() };
    UpstreamChange::Link(Box::new(NewUpstreamLink { key, user, label: "ada@example.org".into(), at: NOW }))
}

pub(crate) async fn a_provider_is_read_back_and_changes_as_decided_on(store: &Arc<Store>) {
    let (tenant, other) = (given::tenant(store).await.id, given::tenant(store).await.id);
    let first = made(store, tenant, 1).await;
    let read = store.identity_provider(tenant, "up-1").await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{first:?}"));
    assert!(store.identity_provider(other, "up-1").await.unwrap().is_none());
    assert!(store.identity_provider_by_id(first.id, other).await.unwrap().is_none());
    let same = IdentityProvider { id: IdentityProviderId::from_bytes([9; 16]), ..first.clone() };
    let same = UpstreamChange::CreateProvider(Box::new(NewProvider { provider: same }));
    let taken = commit(store, tenant, vec![same]).await;
    assert!(matches!(taken, Err(CommitError::Conflict(_))), "{taken:?}");
    let changed = IdentityProvider {
        name: "Other".into(),
        enabled: Enabled::No,
        secret: None,
        updated_at: NOW.plus(Seconds(5)),
        version: 2,
        ..first.clone()
    };
    let update = || UpstreamChange::UpdateProvider(Box::new(NewProvider { provider: changed.clone() }));
    commit(store, tenant, vec![update()]).await.unwrap();
    assert!(matches!(commit(store, tenant, vec![update()]).await, Err(CommitError::Guard)));
    let read = store.identity_provider_by_id(first.id, tenant).await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{changed:?}"));
    made(store, tenant, 2).await;
    let slugs: Vec<_> =
        store.identity_providers(tenant).await.unwrap().into_iter().map(|one| one.slug).collect();
    assert_eq!(slugs, [Box::<str>::from("up-1"), "up-2".into()]);
    let delete = |version| UpstreamChange::DeleteProvider { provider: first.id, tenant, version };
    assert!(matches!(commit(store, tenant, vec![delete(1)]).await, Err(CommitError::Guard)));
    commit(store, tenant, vec![delete(2)]).await.unwrap();
    assert!(store.identity_provider(tenant, "up-1").await.unwrap().is_none());
}

/// Of many that connect the same at once, one does; and nobody is connected twice with a provider.
pub(crate) async fn somebody_at_a_provider_is_one_person_here(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let of = made(store, tenant, 1).await;
    let mut people = Vec::new();
    for _ in 0..8 {
        people.push(given::user(store, tenant).await);
    }
    let mut crowd = JoinSet::new();
    for user in people.clone() {
        let (store, change) = (Arc::clone(store), link(&of, "ada", user));
        crowd.spawn(async move { commit(&store, tenant, vec![change]).await.is_ok() });
    }
    let got = crowd.join_all().await.into_iter().filter(|got| *got).count();
    assert_eq!(got, 1);
    let key = LinkKey { provider: of.id, tenant, subject: "ada".into() };
    let owner = store.upstream_owner(&key).await.unwrap().unwrap();
    let again = commit(store, tenant, vec![link(&of, "bob", owner)]).await;
    assert!(matches!(again, Err(CommitError::Conflict(_))), "{again:?}");
    let at = NOW.plus(Seconds(9));
    let sign_in = |user| UpstreamChange::SignIn { link: key.clone(), user, at };
    commit(store, tenant, vec![sign_in(owner)]).await.unwrap();
    let other = people.into_iter().find(|user| *user != owner).unwrap();
    assert!(matches!(commit(store, tenant, vec![sign_in(other)]).await, Err(CommitError::Guard)));
    let [found] = &*store.upstream_links(owner, tenant).await.unwrap() else { panic!("one") };
    assert_eq!(
        (found.provider, found.name.as_deref(), &*found.subject, found.used_at),
        (of.id, Some("Upstream"), "ada", Some(at))
    );
    assert_eq!(store.account(owner, tenant).await.unwrap().unwrap().last_login_at, Some(at));
    // Neither a provider of another tenant nor an account there.
    let elsewhere = given::tenant(store).await.id;
    let foreign = made(store, elsewhere, 2).await;
    let across = IdentityProvider { tenant, ..foreign };
    assert!(matches!(commit(store, tenant, vec![link(&across, "x", other)]).await, Err(CommitError::Guard)));
}

pub(crate) async fn what_a_browser_brings_back_is_used_once(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let of = made(store, tenant, 1).await;
    let id = UpstreamRequestId::v7(NOW, [7; 8]);
    let new = NewUpstreamRequest {
        id,
        hash: hash(),
        tenant,
        provider: of.id,
        sealed: vec![1, 0, 255],
        expires_at: NOW.plus(Seconds(600)),
    };
    commit(store, tenant, vec![UpstreamChange::Begin(Box::new(new.clone()))]).await.unwrap();
    let read = store.upstream_request(id, tenant).await.unwrap().unwrap();
    assert!(read.hash.ct_eq(&new.hash) && read.used_at.is_none());
    assert_eq!((&*read.sealed, read.expires_at, read.provider), (&[1, 0, 255][..], new.expires_at, of.id));
    let mut crowd = JoinSet::new();
    for _ in 0..16 {
        let (store, change) = (Arc::clone(store), UpstreamChange::Use { request: id, tenant, at: NOW });
        crowd.spawn(async move { commit(&store, tenant, vec![change]).await.is_ok() });
    }
    assert_eq!(crowd.join_all().await.into_iter().filter(|got| *got).count(), 1);
    assert_eq!(store.upstream_request(id, tenant).await.unwrap().unwrap().used_at, Some(NOW));
    let later = NOW.plus(Seconds(3 * 3600));
    store.sweep_table(crate::ExpiringTable::SentAway, tenant, later).await.unwrap();
    assert!(store.upstream_request(id, tenant).await.unwrap().is_none());
}

pub(crate) async fn links_go_with_what_they_are_of(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let (one, two) = (made(store, tenant, 1).await, made(store, tenant, 2).await);
    let (ada, bob) = (given::user(store, tenant).await, given::user(store, tenant).await);
    for (of, subject, user) in [(&one, "a", ada), (&two, "a", ada), (&one, "b", bob), (&two, "b", bob)] {
        commit(store, tenant, vec![link(of, subject, user)]).await.unwrap();
    }
    let unlink = UpstreamChange::Unlink { provider: one.id, tenant, user: ada };
    commit(store, tenant, vec![unlink.clone()]).await.unwrap();
    assert!(matches!(commit(store, tenant, vec![unlink]).await, Err(CommitError::Guard)));
    let count = async |user| store.upstream_links(user, tenant).await.unwrap().len();
    assert_eq!((count(ada).await, count(bob).await), (1, 2));
    let delete = UpstreamChange::DeleteProvider { provider: two.id, tenant, version: 1 };
    commit(store, tenant, vec![delete]).await.unwrap();
    assert_eq!((count(ada).await, count(bob).await), (0, 1));
    store.commit(unit(tenant, Change::DeleteUser { user: bob, tenant, only: None })).await.unwrap();
    assert_eq!(count(bob).await, 0);
    commit(store, tenant, vec![link(&one, "a", ada)]).await.unwrap();
    store.commit(unit(tenant, Change::DeleteTenant { tenant, only: None })).await.unwrap();
    assert_eq!(count(ada).await, 0);
    assert!(store.identity_providers(tenant).await.unwrap().is_empty());
}

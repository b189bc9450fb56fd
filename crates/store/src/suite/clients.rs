//! Clients with all that was registered, and the registry of scopes: written, read, changed, gone.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::authority::{Permission, Permissions};
use writ_core::change::{Change, Changes, Enabled, Note};
use writ_core::client::{
    ApplicationType, AuthMethod, Client, ClientJwks, ClientSecret, ClientUpdate, LogoutUris, Metadata,
    NewClient, ObjectAlg, Party, Pkce, RedirectUri, RegisteredClient, Registration, Requesting, ResponseType,
    ResponseTypes, SecretHash, SignInChoices, Software, TokenFormat, WebOrigin, WebUri,
};
use writ_core::ids::{ClientId, ScopeId, SecretId, TenantId, UserId};
use writ_core::scope::Scope;
use writ_core::scope_registry::{InUse, NewScope, RegisteredScope, ScopeRemoval, ScopeUpdate, built_in};
use writ_core::settings::Switch;
use writ_core::time::{Micros, Seconds};
use writ_jose::Algorithm;
use writ_jose::jwe::ContentEncryption;

use super::given::{self, NOW, id, new_client, records, unit};
use crate::After;
use crate::error::{CommitError, Constraint};
use crate::sql::Sql;
use crate::store::Store;

fn secret(hash: SecretHash) -> ClientSecret {
    ClientSecret {
        id: SecretId::from_bytes(id()),
        hash,
        prefix: "csec_".into(),
        last_four: "wxyz".into(),
        created_at: NOW,
        expires_at: None,
    }
}

/// A client with something in every field.
fn full(tenant: TenantId, at: Micros) -> NewClient {
    let mut new = new_client(tenant);
    new.client.secrets =
        vec![secret(SecretHash::Keyed(given::hash())), secret(SecretHash::Slow("$argon2id$v=19$x".into()))];
    new.registration = Registration {
        description: Some("Zwei\nZeilen, \"so\"".into()),
        redirect_uris: ["https://b.example/cb?x=1", "com.example.app://callback", "http://127.0.0.1/a"]
            .map(RedirectUri::from_stored)
            .to_vec(),
        post_logout_redirect_uris: vec![RedirectUri::from_stored("https://b.example/bye")],
        allowed_origins: ["https://z.example", "https://a.example"].map(WebOrigin::from_stored).to_vec(),
        client_uri: Some(WebUri::from_stored("https://b.example/#home")),
        logo_uri: Some(WebUri::from_stored("https://b.example/logo.png")),
        owner: Some(UserId::from_bytes(id())),
        pkce: Pkce::Required,
        jwks: Some(ClientJwks::from_stored(r#"{"keys":[{"kty":"EC","x":"a b"}]}"#)),
        metadata: Metadata {
            tos_uri: Some(WebUri::from_stored("https://b.example/tos")),
            policy_uri: None,
            contacts: vec!["ada@b.example".into(), "O\"Brien".into()],
            pushed_only: Switch::On,
            logout: LogoutUris {
                backchannel: Some(WebUri::parse("https://a.example/logout?a=b").unwrap()),
                backchannel_session: Switch::On,
                frontchannel: Some(WebUri::parse("https://a.example/front").unwrap()),
                frontchannel_session: Switch::On,
            },
            jwks_uri: Some(WebUri::from_stored("https://b.example/keys")),
            request: Requesting {
                alg: Some(ObjectAlg::None),
                signed_only: Switch::On,
                uris: vec![WebUri::from_stored("https://b.example/r#")],
            },
            sector_identifier_uri: Some(WebUri::from_stored("https://b.example/sector")),
            response_types: ResponseTypes::new([ResponseType::CodeIdToken, ResponseType::Token]),
            software: Software {
                application_type: Some(ApplicationType::Native),
                id: Some("4NRB1".into()),
                version: Some("2.2".into()),
                statement: Some("e30.e30.AA".into()),
            },
            signing_in: SignInChoices {
                initiate_login_uri: Some(WebUri::from_stored("https://b.example/start")),
                default_max_age: Some(Seconds(60)),
                require_auth_time: Switch::On,
            },
        },
        ..Registration::at(at)
    };
    new
}

async fn create(store: &Store, new: &NewClient) {
    let change = Change::CreateClient(Box::new(new.clone()));
    store.commit(unit(new.client.tenant, change)).await.unwrap();
}

async fn read(store: &Store, client: &Client) -> RegisteredClient {
    store.registered_client(client.id, client.tenant).await.unwrap().unwrap()
}

fn shown(client: &Client, registration: &Registration) -> String {
    format!("{client:?} {registration:?}")
}

fn update(before: &RegisteredClient, change: impl FnOnce(&mut RegisteredClient)) -> Changes {
    let mut after = before.clone();
    after.client.version = before.client.version + 1;
    change(&mut after);
    let update = ClientUpdate { before: before.clone(), after };
    unit(before.client.tenant, Change::UpdateClient(Box::new(update)))
}

pub(crate) async fn a_registration_is_read_as_it_was_written(store: &Arc<Store>) {
    let tenant = given::tenant(store).await;
    for mut new in [full(tenant.id, NOW), new_client(tenant.id)] {
        create(store, &new).await;
        new.client.version = 1;
        let written = shown(&new.client, &new.registration);
        let found = read(store, &new.client).await;
        assert_eq!(shown(&found.client, &found.registration), written);
        let (found, of) = store.registered_by_client_id(&new.client.client_id).await.unwrap().unwrap();
        assert_eq!((shown(&found.client, &found.registration), of.id), (written, tenant.id));
    }
    let foreign = given::tenant(store).await.id;
    let new = full(tenant.id, NOW);
    create(store, &new).await;
    assert!(store.registered_client(new.client.id, foreign).await.unwrap().is_none());
    assert!(store.registered_by_client_id("nobody").await.unwrap().is_none());
}

pub(crate) async fn an_update_writes_every_field_and_nothing_of_a_stale_one(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let new = full(tenant, NOW);
    create(store, &new).await;
    let before = read(store, &new.client).await;
    let later = NOW.plus(Seconds(5));
    let recipients = ContentEncryption::ALL.map(|encryption| Some(given::recipient(encryption).into()));
    let everything = |after: &mut RegisteredClient| {
        after.client.name = "Other".into();
        after.client.scope = Scope::parse("write openid").unwrap();
        after.client.tokens.access_lifetime = Seconds(61);
        after.client.tokens.refresh_lifetime = Seconds(62);
        after.client.tokens.format = TokenFormat::Jwt(Some(Algorithm::EdDsa));
        after.client.tokens.audience = vec!["https://api.example".into(), "x".into()];
        after.client.tokens.rotation = Switch::Off;
        after.client.tokens.id_token_alg = Some(Algorithm::Es256);
        [after.client.tokens.id_token_recipient, after.client.tokens.access_token_recipient] =
            recipients.clone();
        after.client.enabled = Enabled::No;
        after.client.party = Party::First;
        after.client.auth_method = AuthMethod::SecretPost;
        after.registration = Registration {
            owner: before.registration.owner,
            created_at: before.registration.created_at,
            updated_at: later,
            redirect_uris: vec![RedirectUri::from_stored("https://c.example/cb")],
            allowed_origins: vec![WebOrigin::from_stored("https://c.example")],
            ..Registration::default()
        };
    };
    let mut expected = before.clone();
    everything(&mut expected);
    expected.client.version = 2;
    store.commit(update(&before, everything)).await.unwrap();
    let after = read(store, &new.client).await;
    assert_eq!(shown(&after.client, &after.registration), shown(&expected.client, &expected.registration));

    let records_before = records(store, tenant).await;
    let stale = update(&before, |after| after.registration.description = Some("lost".into()));
    assert_eq!(store.commit(stale).await, Err(CommitError::Guard));
    let mut foreign = after.clone();
    foreign.client.tenant = given::tenant(store).await.id;
    assert_eq!(store.commit(update(&foreign, |_| ())).await, Err(CommitError::Guard));
    let again = read(store, &new.client).await;
    assert_eq!(shown(&again.client, &again.registration), shown(&after.client, &after.registration));
    assert_eq!(records(store, tenant).await, records_before);
}

/// Whoever comes second decides afresh: no field of one is ever mixed with one of the other.
pub(crate) async fn of_simultaneous_updates_one_is_written_whole(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let new = full(tenant, NOW);
    create(store, &new).await;
    let before = read(store, &new.client).await;
    let mut racers = JoinSet::new();
    for racer in 0..8 {
        let store = Arc::clone(store);
        let change = update(&before, |after| {
            after.client.name = format!("racer {racer}").into();
            after.registration.description = Some(format!("racer {racer}").into());
            let origin = WebOrigin::from_stored(&format!("https://racer{racer}.example"));
            after.registration.allowed_origins = vec![origin];
            after.client.scope = Scope::parse(&format!("racer{racer}")).unwrap();
        });
        racers.spawn(async move { store.commit(change).await });
    }
    let answers = racers.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(CommitError::Guard))), "{answers:?}");
    let after = read(store, &new.client).await;
    let winner = after.client.name.strip_prefix("racer ").unwrap();
    assert_eq!(after.registration.description.as_deref(), Some(&*after.client.name));
    assert_eq!(after.client.scope.as_str(), format!("racer{winner}"));
    let origin = WebOrigin::from_stored(&format!("https://racer{winner}.example"));
    assert_eq!(after.registration.allowed_origins, std::slice::from_ref(&origin));
    assert!(store.origin_is_known(tenant, &origin).await.unwrap());
}

pub(crate) async fn pages_are_newest_first_without_gaps(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let mut expected = Vec::new();
    for n in 0..7 {
        // Two of each time: the id decides.
        let new = full(tenant, NOW.plus(Seconds(n / 2)));
        create(store, &new).await;
        expected.push(new.client.id);
    }
    expected.reverse();
    let elsewhere = given::tenant(store).await.id;
    create(store, &full(elsewhere, NOW)).await;
    let (mut seen, mut after) = (Vec::new(), After::START);
    loop {
        let (page, total) = store.clients_page(tenant, after, 3).await.unwrap();
        assert_eq!(total, 7);
        let Some(last) = page.last() else { break };
        after = After { at: last.registration.created_at, id: last.client.id.to_bytes() };
        for found in &page {
            let alone = read(store, &found.client).await;
            assert_eq!(shown(&found.client, &found.registration), shown(&alone.client, &alone.registration));
            assert_eq!(found.client.secrets.len(), 2);
            seen.push(found.client.id);
        }
    }
    assert_eq!(seen, expected);
}

pub(crate) async fn clients_without_a_token_for_long_are_found(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let at = |seconds| NOW.plus(Seconds(seconds));
    let [never, used, lately, young] = [(); 4].map(|()| full(tenant, NOW));
    for new in [&never, &used, &lately] {
        create(store, new).await;
    }
    let young = NewClient { registration: Registration::at(at(100)), ..young };
    create(store, &young).await;
    store.note(Note::ClientUsed { client: used.client.id, at: at(10) });
    store.note(Note::ClientUsed { client: lately.client.id, at: at(60) });
    store.flush_notes(tenant).await.unwrap();
    let (page, total) = store.clients_unused_page(tenant, at(50), (After::START, 10)).await.unwrap();
    let found: Vec<_> = page.iter().map(|found| found.client.id).collect();
    assert_eq!((found, total), (vec![used.client.id, never.client.id], 2));
    assert_eq!(page[0].client.secrets.len(), 2);
    let behind = After { at: NOW, id: used.client.id.to_bytes() };
    let (page, _) = store.clients_unused_page(tenant, at(50), (behind, 10)).await.unwrap();
    assert_eq!(page.len(), 1);
}

pub(crate) async fn a_secret_remembers_its_last_use(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let new = full(tenant, NOW);
    create(store, &new).await;
    let used = new.client.secrets[1].id;
    store.note(Note::SecretUsed { secret: used, at: NOW.plus(Seconds(1)) });
    store.note(Note::SecretUsed { secret: used, at: NOW.plus(Seconds(2)) });
    store.note(Note::SecretUsed { secret: SecretId::from_bytes(id()), at: NOW });
    store.flush_notes(tenant).await.unwrap();
    let secrets = store.shown_secrets(new.client.id).await.unwrap();
    let last: Vec<_> = secrets.iter().map(|shown| (shown.secret.id, shown.last_used_at)).collect();
    assert_eq!(last, [(new.client.secrets[0].id, None), (used, Some(NOW.plus(Seconds(2))))]);
    assert_eq!(read(store, &new.client).await.client.version, 1, "notes never make cached facts stale");
}

pub(crate) async fn origins_are_those_of_enabled_clients(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let other = given::tenant(store).await.id;
    let [one, two] = [(); 2].map(|()| full(tenant, NOW));
    create(store, &one).await;
    create(store, &two).await;
    let origin = WebOrigin::from_stored("https://a.example");
    let known = |tenant| store.origin_is_known(tenant, &origin);
    assert!(known(tenant).await.unwrap() && !known(other).await.unwrap());
    assert!(store.origin_is_of(one.client.id, tenant, &origin).await.unwrap());
    assert!(!store.origin_is_of(one.client.id, other, &origin).await.unwrap());
    let unknown = WebOrigin::from_stored("https://b.example");
    assert!(!store.origin_is_known(tenant, &unknown).await.unwrap());

    let before = read(store, &one.client).await;
    store.commit(update(&before, |after| after.registration.allowed_origins.clear())).await.unwrap();
    assert!(!store.origin_is_of(one.client.id, tenant, &origin).await.unwrap());
    assert!(known(tenant).await.unwrap(), "the other client has it still");
    let disable = Change::SetClientEnabled { client: two.client.id, tenant, enabled: Enabled::No, at: NOW };
    store.commit(unit(tenant, disable)).await.unwrap();
    assert!(!known(tenant).await.unwrap());
}

static LEFT: Sql = Sql::new(
    "LEFT",
    "SELECT (SELECT COUNT(*) FROM client_registrations WHERE client_id = $1) + \
     (SELECT COUNT(*) FROM client_origins WHERE client_id = $1) + \
     (SELECT COUNT(*) FROM client_scopes WHERE client_id = $1) + \
     (SELECT COUNT(*) FROM client_secrets WHERE client_id = $1)",
);

async fn left(store: &Store, client: ClientId) -> i64 {
    given::number_of(store, &LEFT, client).await.unwrap()
}

pub(crate) async fn nothing_of_a_client_outlives_it_or_its_tenant(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let [one, two] = [(); 2].map(|()| full(tenant, NOW));
    create(store, &one).await;
    create(store, &two).await;
    assert_eq!(left(store, one.client.id).await, 1 + 2 + 2 + 2);
    let delete = Change::DeleteClient { client: one.client.id, tenant, only: None };
    store.commit(unit(tenant, delete)).await.unwrap();
    assert_eq!(left(store, one.client.id).await, 0);
    assert_eq!(left(store, two.client.id).await, 7);
    store.commit(unit(tenant, Change::RegisterScopes(vec![new_scope(tenant, "read")]))).await.unwrap();
    store.commit(unit(tenant, Change::DeleteTenant { tenant, only: None })).await.unwrap();
    assert_eq!(left(store, two.client.id).await, 0);
    assert!(store.scope_names(tenant).await.unwrap().is_empty());
}

static COUNT: Sql = Sql::new("COUNT", "SELECT CAST(COUNT(*) AS BIGINT) FROM clients WHERE tenant_id = $1");

/// Clients come and go at the same time, some of them in vain; a list says how many there are.
pub(crate) async fn the_number_of_clients_is_right_whatever_becomes_of_them(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let total = || async { store.clients_page(tenant, After::START, 1).await.unwrap().1 };
    let old: Vec<_> = (0..12).map(|_| new_client(tenant)).collect();
    for new in &old {
        create(store, new).await;
    }
    let mut crowd = JoinSet::new();
    for (n, taken) in old.iter().enumerate() {
        let mut twin = new_client(tenant);
        twin.client.client_id = taken.client.client_id.clone();
        let stale = Change::DeleteClient { client: taken.client.id, tenant, only: Some(7) };
        let gone = Change::DeleteClient { client: taken.client.id, tenant, only: None };
        let units = [
            Change::CreateClient(Box::new(new_client(tenant))),
            if n % 2 == 0 { Change::CreateClient(Box::new(twin)) } else { stale },
            if n % 3 == 0 { gone.clone() } else { Change::CreateClient(Box::new(new_client(tenant))) },
            gone,
        ];
        for change in units {
            let store = Arc::clone(store);
            crowd.spawn(async move { store.commit(unit(tenant, change)).await });
        }
    }
    let answers = crowd.join_all().await;
    assert!(answers.contains(&Err(CommitError::Guard)), "{answers:?}");
    assert_eq!(Some(total().await), given::number_of(store, &COUNT, tenant).await);
    // 12 and 8 came, the 12 of before went; and the twins came of those that had gone by then.
    assert!((20..=26).contains(&total().await), "{}", total().await);
    let nowhere = new_client(TenantId::from_bytes(id()));
    let change = Change::CreateClient(Box::new(nowhere.clone()));
    assert_eq!(store.commit(unit(tenant, change)).await, Err(CommitError::Guard), "there is no such tenant");
    assert_eq!(left(store, nowhere.client.id).await, 0);
}

/// Of a change and a removal that were decided on the same version, one is written.
pub(crate) async fn a_client_goes_only_as_decided_on(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    for round in 0..16 {
        let new = new_client(tenant);
        create(store, &new).await;
        let before = read(store, &new.client).await;
        let (client, only) = (before.client.id, Some(before.client.version));
        let units = [
            unit(tenant, Change::DeleteClient { client, tenant, only }),
            update(&before, |after| after.client.name = "Changed".into()),
        ];
        let mut racers = JoinSet::new();
        for turn in 0..2 {
            let (store, unit) = (Arc::clone(store), units[(round + turn) % 2].clone());
            racers.spawn(async move { store.commit(unit).await });
        }
        let answers = racers.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        assert!(answers.contains(&Err(CommitError::Guard)), "{answers:?}");
        // All of it is there, or nothing.
        let left = left(store, client).await;
        assert!(matches!(left, 0 | 3), "round {round}: {left}");
        assert_eq!(store.registered_client(client, tenant).await.unwrap().is_some(), left > 0);
    }
}

/// Each adds a secret and lets the old one live on for a while.
pub(crate) async fn of_simultaneous_rotations_one_is_written(store: &Arc<Store>) {
    let tenant = given::tenant(store).await.id;
    let mut new = full(tenant, NOW);
    new.client.secrets.truncate(1);
    create(store, &new).await;
    let (client, old) = (new.client.id, new.client.secrets[0].id);
    let mut racers = JoinSet::new();
    for racer in 0..8 {
        let store = Arc::clone(store);
        let secret = Box::new(secret(SecretHash::Keyed(given::hash())));
        // Ever shorter overlaps: the old secret's own end would let each of them pass.
        let end = NOW.plus(Seconds(100 - racer));
        let changes = Changes::new(given::act(tenant))
            .with(Change::AddClientSecret { client, tenant, version: 1, secret })
            .with(Change::EndClientSecret { secret: old, client, tenant, end, at: NOW });
        racers.spawn(async move { store.commit(changes).await });
    }
    let answers = racers.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(CommitError::Guard))), "{answers:?}");
    let found = read(store, &new.client).await;
    assert_eq!((found.client.secrets.len(), found.client.version), (2, 3));
}

fn new_scope(tenant: TenantId, name: &str) -> NewScope {
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

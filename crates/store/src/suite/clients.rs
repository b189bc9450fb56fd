//! Clients with all that was registered: written, read, changed, gone.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_core::change::{Change, Changes, Enabled, Note};
use writ_core::client::{
    ApplicationType, AuthMethod, Client, ClientJwks, ClientSecret, ClientUpdate, LogoutUris, Metadata,
    NewClient, ObjectAlg, ObjectEncryption, Party, Pkce, RedirectUri, RegisteredClient, Registration,
    Requesting, ResponseType, ResponseTypes, SecretHash, SignInChoices, Software, TokenFormat, WebOrigin,
    WebUri,
};
use writ_core::ids::{ClientId, SecretId, TenantId, UserId};
use writ_core::scope::Scope;
use writ_core::settings::Switch;
use writ_core::time::{Micros, Seconds};
use writ_jose::Algorithm;
use writ_jose::jwe::{ContentEncryption, KeyManagement};

use super::given::{self, NOW, id, new_client, records, unit};
use super::scopes::new_scope;
use crate::After;
use crate::error::CommitError;
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
            translations: Metadata::from_stored(
                r#"{"client_name#ja":"請求","tos_uri#de":"https://b.example/agb"}"#,
            )
            .translations,
            contacts: vec!["ada@b.example".into(), "O\"Brien".into()],
            look: Metadata::from_stored(r##"{"look.brand_color":"#336699"}"##).look,
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
                encryption: Some(ObjectEncryption {
                    management: KeyManagement::EcdhEs,
                    cipher: ContentEncryption::A256Gcm,
                }),
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
                default_acr_values: vec!["2".into(), "1".into()],
            },
        },
        ..Registration::at(at)
    };
    new
}

pub(super) async fn create(store: &Store, new: &NewClient) {
    let change = Change::CreateClient(Box::new(new.clone()));
    store.commit(unit(new.client.tenant, change)).await.unwrap();
}

pub(super) async fn read(store: &Store, client: &Client) -> RegisteredClient {
    store.registered_client(client.id, client.tenant).await.unwrap().unwrap()
}

fn shown(client: &Client, registration: &Registration) -> String {
    format!("{client:?} {registration:?}")
}

pub(super) fn update(before: &RegisteredClient, change: impl FnOnce(&mut RegisteredClient)) -> Changes {
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

//! Who may do what to which client, and what secrets do.

use super::*;
use crate::authority::{Permission, Permissions};
use crate::caller::{Acting, Caller, Needs, Scheme};
use crate::change::Origin;
use crate::client::{ClientSettingsPatch, Field, Profile, SentKind, Update};
use crate::decision::{Moment, Random, Refusal};
use crate::given::{self, NOW};
use crate::ids::{ApiKeyId, TenantId};
use crate::secret::sha256;
use crate::time::Seconds;
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};
use writ_jose::SealError;
use zeroize::Zeroizing;

/// Randomness that never comes again.
struct Fresh;

impl Random for Fresh {
    fn fill(&self, bytes: &mut [u8]) {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let seed = sha256(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes.copy_from_slice(&seed.as_bytes()[..bytes.len()]);
    }
}

const TENANT: TenantId = TenantId::from_bytes([1; 16]);

fn acting(permissions: &[Permission], identity: Identity) -> Acting {
    let held: Permissions = permissions.iter().copied().chain([Permission::OauthWrite]).collect();
    let caller = Caller { identity, home: TENANT, permissions: held, scheme: Scheme::Bearer };
    given::acting(caller, Needs::Permission(Permission::OauthWrite))
}

fn key() -> Identity {
    Identity::ApiKey { key: ApiKeyId::from_bytes([6; 16]), name: "ci".into() }
}

fn hash_key() -> HashKey {
    HashKey::new(Zeroizing::new([7; 32]))
}

/// Stands for what the shell seals with.
#[expect(clippy::unnecessary_wraps, reason = "what seals in earnest can fail")]
fn marked(context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
    Ok([b"sealed", context, plain].concat())
}

fn draft(scopes: &[&str]) -> ClientDraft {
    ClientDraft {
        kind: Some(SentKind::Confidential),
        name: Some("Job".to_owned()),
        grant_types: Some(vec!["client_credentials".to_owned()]),
        scopes: Some(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        ..ClientDraft::default()
    }
}

/// Does something as a caller with these permissions, at `now`.
fn as_caller<T>(permissions: &[Permission], now: Micros, what: impl FnOnce(Making<'_>, &Deed<'_>) -> T) -> T {
    let (acting, key) = (acting(permissions, key()), hash_key());
    let (rules, origin) = (Rules::of(Profile::OAUTH2), Origin::default());
    let deed = Deed { acting: &acting, origin: &origin, moment: Moment { now, random: &Fresh } };
    what(Making { rules: &rules, hash_key: &key, sealer: Sealer::new(&marked) }, &deed)
}

fn made(scopes: &[&str]) -> RegisteredClient {
    as_caller(Permission::ALL, NOW, |making, deed| create(&draft(scopes), making, deed)).unwrap().0.registered
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where map_err takes a function")]
fn code(refusal: Box<Refusal>) -> ErrorCode {
    refusal.error.code()
}

fn renamed() -> ClientPatch {
    ClientPatch { name: Update::Set("New".to_owned()), ..ClientPatch::default() }
}

#[test]
fn a_new_client_is_named_after_its_row_and_shows_its_secret_once() {
    let (made, changes) =
        as_caller(&[], NOW, |making, deed| create(&draft(&["read"]), making, deed)).unwrap();
    let client = &made.registered.client;
    assert_eq!(*client.client_id, client.id.prefixed());
    let secret = made.secret.unwrap();
    assert!(secret.text.starts_with("csec_") && secret.text.len() == 48);
    assert_eq!(made.registered.masked_secret(), Some(secret.stored.masked()));
    let [Change::RegisterScopes(scopes), Change::CreateClient(new)] = changes.list() else {
        panic!("{changes:?}")
    };
    assert_eq!(scopes.iter().map(|scope| &*scope.name).collect::<Vec<_>>(), ["read"]);
    assert_eq!(format!("{:?}", new.client), format!("{client:?}"));
    assert_eq!(new.registration, made.registered.registration);
    assert_eq!(
        (changes.act().action, changes.act().target),
        (Action::ClientCreated, Target::Client(client.id))
    );
    assert!(!format!("{changes:?}").contains(&*secret.text));
}

#[test]
fn prefixes_are_the_contracts_or_the_settings() {
    for (profile, setting, expected) in [
        (Profile::TENANT, None, "sk_live_"),
        (Profile::IDENTITY, None, "csec_"),
        (Profile::OAUTH2, None, "csec_"),
        (Profile::CLIENTS, None, "csec_"),
        (Profile::TENANT, Some("s_"), "s_"),
    ] {
        let rules = Rules { secret_prefix: setting, id_prefix: "app-", ..Rules::of(profile) };
        let kind = Some(SentKind::Exactly(crate::client::ClientKind::Machine));
        let uris = Some(vec!["https://a.example/".to_owned()]);
        let draft = ClientDraft { kind, redirect_uris: uris, ..draft(&["read"]) };
        let made =
            as_caller(&[], NOW, |making, deed| create(&draft, Making { rules: &rules, ..making }, deed));
        let made = made.unwrap().0;
        assert!(made.secret.unwrap().text.starts_with(expected), "{profile:?}");
        assert!(made.registered.client.client_id.starts_with("app-"));
    }
}

#[test]
fn public_clients_have_no_secret_and_none_to_rotate() {
    let mut draft = draft(&["read"]);
    draft.kind = Some(SentKind::Public);
    draft.grant_types = None;
    draft.redirect_uris = Some(vec!["https://a.example/".to_owned()]);
    let made = as_caller(&[], NOW, |making, deed| create(&draft, making, deed)).unwrap().0;
    assert!(made.secret.is_none() && made.registered.masked_secret().is_none());
    let rotated = as_caller(&[], NOW, |making, deed| {
        rotate_secret(Overlap::NONE, Some(&made.registered), making, deed)
    });
    assert_eq!(rotated.unwrap_err().error.code(), ErrorCode::InvalidRequest);
}

#[test]
fn only_a_person_owns_a_client() {
    let user = UserId::from_bytes([4; 16]);
    let person = Identity::Person {
        user,
        username: "alice".into(),
        client: ClientId::from_bytes([5; 16]),
        client_id: "app".into(),
        through: crate::caller::Through::Interaction,
    };
    for (identity, owner) in [(person, Some(user)), (key(), None)] {
        let (acting, key) = (acting(&[], identity), hash_key());
        let (rules, origin) = (Rules::of(Profile::OAUTH2), Origin::default());
        let deed = Deed { acting: &acting, origin: &origin, moment: Moment { now: NOW, random: &Fresh } };
        let making = Making { rules: &rules, hash_key: &key, sealer: Sealer::new(&marked) };
        let made = create(&draft(&["read"]), making, &deed).unwrap().0;
        assert_eq!(made.registered.registration.owner, owner);
    }
}

/// Making, widening, changing, rotating and removing, with each single permission.
#[test]
fn nobody_touches_authority_wider_than_their_own() {
    for permission in Permission::ALL.iter().copied().filter(|p| *p != Permission::OauthWrite) {
        let scopes = ["read", permission.name()];
        let (wide, narrow) = (made(&scopes), made(&["read"]));
        let widening =
            ClientPatch { scopes: Update::Set(scopes.map(str::to_owned).to_vec()), ..ClientPatch::default() };
        let narrowing =
            ClientPatch { scopes: Update::Set(vec!["read".to_owned()]), ..ClientPatch::default() };
        for (held, expected) in [(vec![], Err(ErrorCode::AccessDenied)), (vec![permission], Ok(()))] {
            as_caller(&held, NOW, |making, deed| {
                let rules = making.rules;
                let outcomes = [
                    create(&draft(&scopes), making, deed).map(drop).map_err(code),
                    update(&widening, Some(&narrow), rules, deed).map(drop).map_err(code),
                    update(&narrowing, Some(&wide), rules, deed).map(drop).map_err(code),
                    update(&renamed(), Some(&wide), rules, deed).map(drop).map_err(code),
                    rotate_secret(Overlap::NONE, Some(&wide), making, deed)
                        .map(drop)
                        .map_err(|r| r.error.code()),
                    delete(Some(&wide), rules, deed).map(drop).map_err(|refusal| refusal.error.code()),
                ];
                assert_eq!(outcomes, [expected; 6], "{permission:?} {held:?}");
            });
        }
    }
}

/// A client that is trusted is changed by who may say which clients are: first party or named by the tenant, before the
/// change or after it, whatever is changed.
#[test]
fn a_trusted_client_is_touched_with_clients_trust_alone() {
    let plain = made(&["read"]);
    let mut first = plain.clone();
    first.client.party = crate::client::Party::First;
    let named = [Box::from(&*plain.client.client_id)];
    let to_first = ClientPatch { party: Update::Set(crate::client::Party::First), ..ClientPatch::default() };
    let to_third = ClientPatch { party: Update::Set(crate::client::Party::Third), ..ClientPatch::default() };
    let settings =
        ClientSettingsPatch { audience: Update::Set(Vec::new()), ..ClientSettingsPatch::default() };
    let settings = ClientPatch { settings, ..ClientPatch::default() };
    let first_draft = ClientDraft { party: Some(crate::client::Party::First), ..draft(&["read"]) };
    for (held, expected) in [(vec![], Err(ErrorCode::AccessDenied)), (vec![Permission::ClientsTrust], Ok(()))]
    {
        as_caller(&held, NOW, |making, deed| {
            let refused = |refusal: Box<Refusal>| refusal.error.code();
            let rules = Rules { interaction_clients: &named, ..making.rules.clone() };
            let making = Making { rules: &rules, ..making };
            for client in [&first, &plain] {
                let outcomes = [
                    update(&renamed(), Some(client), &rules, deed).map(drop).map_err(code),
                    update(&ClientPatch::default(), Some(client), &rules, deed).map(drop).map_err(code),
                    update(&to_third, Some(client), &rules, deed).map(drop).map_err(code),
                    update(&settings, Some(client), &rules, deed).map(drop).map_err(code),
                    rotate_secret(Overlap::NONE, Some(client), making, deed).map(drop).map_err(refused),
                    delete(Some(client), &rules, deed).map(drop).map_err(refused),
                ];
                assert_eq!(outcomes, [expected; 6], "{held:?}");
            }
            let nobody = Rules { interaction_clients: &[], ..rules.clone() };
            let outcomes = [
                update(&to_first, Some(&plain), &nobody, deed).map(drop).map_err(code),
                create(&first_draft, making, deed).map(drop).map_err(code),
            ];
            assert_eq!(outcomes, [expected; 2], "{held:?}");
            assert!(update(&renamed(), Some(&plain), &nobody, deed).is_ok());
        });
    }
}

#[test]
fn unknown_and_foreign_clients_look_the_same() {
    let mut foreign = made(&["read"]);
    foreign.client.tenant = TenantId::from_bytes([2; 16]);
    for found in [None, Some(&foreign)] {
        as_caller(Permission::ALL, NOW, |making, deed| {
            let outcomes = [
                update(&renamed(), found, making.rules, deed).map(drop).map_err(code),
                delete(found, making.rules, deed).map(drop).map_err(|refusal| refusal.error.code()),
                rotate_secret(Overlap::NONE, found, making, deed).map(drop).map_err(|r| r.error.code()),
            ];
            assert_eq!(outcomes, [Err(ErrorCode::NotFound); 3]);
        });
    }
}

#[test]
fn a_change_says_what_it_was_decided_on() {
    let before = made(&["read"]);
    let later = NOW.plus(Seconds(5));
    let (after, changes) =
        as_caller(&[], later, |making, deed| update(&renamed(), Some(&before), making.rules, deed)).unwrap();
    let [Change::UpdateClient(written)] = changes.list() else { panic!("{changes:?}") };
    assert_eq!(written.before.client.version, before.client.version);
    assert_eq!(format!("{:?}", written.after), format!("{after:?}"));
    assert_eq!(after.client.version, before.client.version + 1);
    assert_eq!((&*after.client.name, after.registration.updated_at), ("New", later));
    assert_eq!(after.registration.created_at, NOW);
    let wrong = ClientPatch { name: Update::Set(String::new()), ..ClientPatch::default() };
    let denied = as_caller(&[], later, |making, deed| update(&wrong, Some(&before), making.rules, deed));
    let refusal = denied.unwrap_err();
    let fields: Vec<_> = refusal.error.wrong().unwrap().iter().map(|wrong| &wrong.field).collect();
    assert_eq!(fields, [&Field::Name]);
    assert!(refusal.error.public().starts_with("client_name: "), "{}", refusal.error.public());
}

#[test]
fn deleting_is_one_row() {
    let found = made(&["read"]);
    let ((), changes) = as_caller(&[], NOW, |making, deed| delete(Some(&found), making.rules, deed)).unwrap();
    let [Change::DeleteClient { client, tenant, only }] = changes.list() else { panic!("{changes:?}") };
    assert_eq!((*client, *tenant, *only), (found.client.id, TENANT, Some(found.client.version)));
}

/// Rotates at `now` and carries out what the unit says, as the store would.
fn rotate(found: &mut RegisteredClient, overlap: i64, now: Micros) -> String {
    let overlap = Overlap::of_seconds(overlap).unwrap();
    let (rotated, changes) =
        as_caller(&[], now, |making, deed| rotate_secret(overlap, Some(found), making, deed)).unwrap();
    let secrets = &mut found.client.secrets;
    for change in changes.list() {
        match change {
            Change::RemoveClientSecret { secret, .. } => {
                let count = secrets.len();
                secrets.retain(|old| old.id != *secret);
                assert_eq!(secrets.len(), count - 1);
            }
            Change::EndClientSecret { secret, end, .. } => {
                let old = secrets.iter_mut().find(|old| old.id == *secret).unwrap();
                assert!(old.expires_at.is_none_or(|own| *end < own));
                old.expires_at = Some(*end);
            }
            Change::AddClientSecret { secret, .. } => secrets.push((**secret).clone()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(format!("{:?}", rotated.client.secrets), format!("{secrets:?}"));
    rotated.secret.text.to_string()
}

fn live(found: &RegisteredClient, text: &str, now: Micros) -> bool {
    let proof = crate::client::SecretProof { keyed: Some(hash_key().hash(text)), slow: None };
    found.client.proved_by(&proof, now)
}

#[test]
fn the_old_secret_dies_at_once_or_after_the_overlap() {
    let at = |seconds| NOW.plus(Seconds(seconds));
    let mut client = made(&["read"]);
    let first = rotate(&mut client, 0, at(1));
    assert_eq!(client.client.secrets.len(), 1);
    let second = rotate(&mut client, 60, at(2));
    assert!(live(&client, &first, at(61)) && live(&client, &second, at(61)));
    assert!(!live(&client, &first, at(62)) && live(&client, &second, at(62)));
    // A longer overlap gives a secret that is ending no longer life: it is no longer the newest.
    let third = rotate(&mut client, 600, at(3));
    assert!(!live(&client, &first, at(3)));
    assert!(live(&client, &second, at(602)) && !live(&client, &second, at(603)));
    let fourth = rotate(&mut client, 0, at(4));
    assert!(!live(&client, &second, at(4)) && !live(&client, &third, at(4)) && live(&client, &fourth, at(4)));
}

#[test]
fn a_rotation_keeps_the_prefix() {
    let mut client = made(&["read"]);
    client.client.secrets[0].prefix = "sk_live_".into();
    assert!(rotate(&mut client, 0, NOW).starts_with("sk_live_"));
    // One that somebody chose has none to keep.
    client.client.secrets[0].prefix = "".into();
    assert!(rotate(&mut client, 0, NOW).starts_with("csec_"));
    client.client.secrets.clear();
    assert!(rotate(&mut client, 5, NOW).starts_with("csec_"));
}

proptest! {
    #[test]
    fn there_are_never_more_than_two_live_secrets(steps in prop::collection::vec((0..100_i64, 1..50_i64), 1..12)) {
        let (mut client, mut now) = (made(&["read"]), NOW);
        for (overlap, wait) in steps {
            now = now.plus(Seconds(wait));
            let newest = rotate(&mut client, overlap, now);
            prop_assert!(client.client.secrets.len() <= 2);
            prop_assert!(live(&client, &newest, now));
            prop_assert_eq!(client.masked_secret().unwrap().chars().last(), newest.chars().last());
        }
    }
}

/// OpenID Connect Core §9: who signs with the secret needs the secret itself to be kept; who signs with a key has none.
#[test]
fn a_secret_is_kept_as_its_method_needs_it() {
    use crate::client::{AuthMethod, MetadataPatch, SecretHash};
    let with = |method| ClientDraft {
        auth_method: Some(method),
        metadata: MetadataPatch {
            jwks_uri: Update::Set("https://a.example/keys".to_owned()),
            ..MetadataPatch::default()
        },
        ..draft(&["read"])
    };
    for method in [AuthMethod::AnySecret, AuthMethod::SecretJwt, AuthMethod::PrivateKeyJwt] {
        let (made, _) = as_caller(&[], NOW, |making, deed| create(&with(method), making, deed)).unwrap();
        let rotated = as_caller(&[], NOW, |making, deed| {
            rotate_secret(Overlap::NONE, Some(&made.registered), making, deed)
        });
        let rotated = rotated.map(|(rotated, _)| rotated.secret).map_err(code);
        let Some(secret) = made.secret else {
            assert_eq!(method, AuthMethod::PrivateKeyJwt);
            assert!(made.registered.client.secrets.is_empty());
            assert_eq!(rotated.err(), Some(ErrorCode::InvalidRequest));
            continue;
        };
        for secret in [secret, rotated.unwrap()] {
            let expected = marked(&secret.stored.id.to_bytes(), secret.text.as_bytes()).unwrap();
            match &secret.stored.hash {
                SecretHash::Sealed(sealed) => {
                    assert_eq!((method, &**sealed), (AuthMethod::SecretJwt, &*expected));
                }
                SecretHash::Keyed(_) => assert_eq!(method, AuthMethod::AnySecret),
                SecretHash::Slow(_) => panic!("nobody chose it"),
            }
        }
    }
}

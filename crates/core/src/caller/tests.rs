//! Who may act, where, and what nobody may give.

use super::*;
use proptest::prelude::*;

const HOME: TenantId = TenantId::from_bytes([1; 16]);
const OTHER: TenantId = TenantId::from_bytes([2; 16]);
const THIRD: TenantId = TenantId::from_bytes([3; 16]);

fn person(through: Through) -> Identity {
    Identity::Person {
        user: UserId::from_bytes([4; 16]),
        username: "alice".into(),
        client: ClientId::from_bytes([5; 16]),
        client_id: "app".into(),
        through,
    }
}

fn application() -> Identity {
    Identity::Application { client: ClientId::from_bytes([5; 16]), client_id: "app".into() }
}

fn key() -> Identity {
    Identity::ApiKey { key: ApiKeyId::from_bytes([6; 16]), name: "ci".into() }
}

fn caller(identity: Identity, permissions: Permissions) -> Caller {
    Caller { identity, home: HOME, permissions, scheme: Scheme::Bearer }
}

fn only(permission: Permission) -> Permissions {
    [permission].into_iter().collect()
}

/// As a request that changes something.
fn at(path: Option<TenantId>, header: Option<TenantId>) -> Addressed {
    let named = |tenant| NamedTenant { tenant: Some(tenant), effect: Effect::Writes };
    Addressed { path, header: header.map(named) }
}

fn code(judgement: Judgement<Permit>) -> Result<TenantId, ErrorCode> {
    judgement.map(|acting| acting.tenant()).map_err(|refusal| refusal.error.code())
}

#[test]
fn the_tenant_is_the_credentials_unless_an_operator_names_another() {
    use ErrorCode::{AccessDenied, InvalidRequest, InvalidToken};
    use TenantHeader::{Optional, Required};
    let plain = only(Permission::KeysRead);
    let operator: Permissions = [Permission::KeysRead, Permission::TenantsWrite].into_iter().collect();
    let cases = [
        // (path, header, whether required, plain caller, operator)
        (None, None, Optional, Ok(HOME), Ok(HOME)),
        (None, None, Required, Err(InvalidRequest), Err(InvalidRequest)),
        (None, Some(HOME), Optional, Ok(HOME), Ok(HOME)),
        (None, Some(HOME), Required, Ok(HOME), Ok(HOME)),
        (None, Some(OTHER), Optional, Err(AccessDenied), Ok(OTHER)),
        (None, Some(OTHER), Required, Err(AccessDenied), Ok(OTHER)),
        (Some(HOME), None, Optional, Ok(HOME), Ok(HOME)),
        (Some(HOME), None, Required, Err(InvalidRequest), Err(InvalidRequest)),
        (Some(HOME), Some(HOME), Required, Ok(HOME), Ok(HOME)),
        (Some(HOME), Some(OTHER), Optional, Err(InvalidRequest), Err(InvalidRequest)),
        (Some(HOME), Some(OTHER), Required, Err(InvalidRequest), Err(InvalidRequest)),
        // A foreign credential is 401 whatever the header says, an operator's too.
        (Some(OTHER), None, Optional, Err(InvalidToken), Err(InvalidToken)),
        (Some(OTHER), Some(OTHER), Optional, Err(InvalidToken), Err(InvalidToken)),
        (Some(OTHER), Some(HOME), Required, Err(InvalidToken), Err(InvalidToken)),
        (Some(OTHER), Some(THIRD), Optional, Err(InvalidToken), Err(InvalidToken)),
    ];
    let needs = Needs::Permission(Permission::KeysRead);
    for (path, header, required, for_plain, for_operator) in cases {
        for (permissions, expected) in [(plain, for_plain), (operator, for_operator)] {
            for identity in [application(), key(), person(Through::Interaction), person(Through::Unnamed)] {
                let found = act(caller(identity, permissions), needs, at(path, header), required);
                assert_eq!(code(found), expected, "{path:?} {header:?} {required:?} {permissions:?}");
            }
        }
    }
}

/// With `tenants:read` alone one reads in another tenant; to change something there needs `tenants:write`.
#[test]
fn who_only_reads_tenants_only_reads_in_them() {
    use ErrorCode::{AccessDenied, NotFound};
    let cases = [
        // (held, effect, named, expected)
        (Permission::TenantsRead, Effect::Reads, Some(OTHER), Ok(OTHER)),
        (Permission::TenantsRead, Effect::Writes, Some(OTHER), Err(AccessDenied)),
        (Permission::TenantsRead, Effect::Writes, Some(HOME), Ok(HOME)),
        (Permission::TenantsRead, Effect::Reads, None, Err(NotFound)),
        (Permission::TenantsRead, Effect::Writes, None, Err(AccessDenied)),
        (Permission::TenantsWrite, Effect::Reads, Some(OTHER), Ok(OTHER)),
        (Permission::TenantsWrite, Effect::Writes, Some(OTHER), Ok(OTHER)),
        (Permission::TenantsWrite, Effect::Writes, None, Err(NotFound)),
        // Unknown and foreign look the same.
        (Permission::KeysWrite, Effect::Reads, Some(OTHER), Err(AccessDenied)),
        (Permission::KeysWrite, Effect::Reads, None, Err(AccessDenied)),
        (Permission::KeysWrite, Effect::Writes, Some(HOME), Ok(HOME)),
    ];
    for (held, effect, tenant, expected) in cases {
        let header = Some(NamedTenant { tenant, effect });
        let acted = act(
            caller(key(), only(held)),
            Needs::Anybody,
            Addressed { path: None, header },
            TenantHeader::Optional,
        );
        assert_eq!(code(acted), expected, "{held:?} {effect:?} {tenant:?}");
    }
}

#[test]
fn nobody_acts_in_a_tenant_that_is_not_there() {
    let permit =
        || act(caller(key(), Permissions::NONE), Needs::Anybody, at(None, None), TenantHeader::Optional);
    let tenant = |id| Tenant { id, ..Tenant::clone(&crate::given::facts(|_, _| {}).tenant) };
    let within = |found| permit().unwrap().within(found).map_err(|refusal| refusal.error.code());
    assert_eq!(within(Some(tenant(HOME))).unwrap().tenant(), HOME);
    assert_eq!(within(None).unwrap_err(), ErrorCode::NotFound);
    assert_eq!(within(Some(tenant(OTHER))).unwrap_err(), ErrorCode::NotFound);
}

#[test]
fn a_foreign_credential_is_answered_with_its_own_scheme() {
    for (scheme, error, challenge) in [
        (Scheme::Basic, ErrorCode::InvalidClient, Challenge::Basic),
        (Scheme::Bearer, ErrorCode::InvalidToken, Challenge::Bearer),
        (Scheme::Dpop, ErrorCode::InvalidToken, Challenge::Dpop),
    ] {
        let caller = Caller { scheme, ..caller(application(), Permissions::all()) };
        let needs = Needs::Permission(Permission::KeysRead);
        let refusal = act(caller, needs, at(Some(OTHER), None), TenantHeader::Optional).unwrap_err();
        assert_eq!((refusal.error.code(), refusal.error.challenge()), (error, Some(challenge)));
    }
}

#[test]
fn the_operator_of_the_machine_names_any_tenant_and_is_nobody_elses_person() {
    let local = || Caller::local("root".into(), HOME);
    let needs = Needs::Permission(Permission::TenantsWrite);
    let optional = TenantHeader::Optional;
    assert_eq!(code(act(local(), needs, at(None, None), optional)), Ok(HOME));
    assert_eq!(code(act(local(), needs, at(None, Some(OTHER)), optional)), Ok(OTHER));
    assert_eq!(code(act(local(), needs, at(Some(OTHER), None), optional)), Err(ErrorCode::InvalidRequest));
    let person = Needs::PersonThroughInteraction;
    assert_eq!(code(act(local(), person, at(None, None), optional)), Err(ErrorCode::AccessDenied));
    assert_eq!(local().actor(), Actor::Local { name: "root".into() });
}

#[test]
fn one_permission_is_not_another() {
    for needed in Permission::ALL {
        for held in Permission::ALL {
            let needs = Needs::Permission(*needed);
            let found = act(caller(key(), only(*held)), needs, at(None, None), TenantHeader::Optional);
            if needed == held {
                assert_eq!(code(found), Ok(HOME));
            } else {
                let refusal = found.unwrap_err();
                assert_eq!(refusal.error.code(), ErrorCode::InsufficientScope);
                assert!(refusal.error.public().ends_with(needed.name()), "{}", refusal.error.public());
            }
        }
    }
}

/// Whatever permissions somebody has: only a person, through an application of the tenant's own,
/// and only where that person is at home.
#[test]
fn only_people_act_for_people_and_only_through_the_tenants_own_applications() {
    let cases = [
        (person(Through::Interaction), None, Ok(HOME)),
        (person(Through::Interaction), Some(HOME), Ok(HOME)),
        (person(Through::Interaction), Some(OTHER), Err(ErrorCode::AccessDenied)),
        (person(Through::Unnamed), None, Err(ErrorCode::AccessDenied)),
        (person(Through::Shared), None, Err(ErrorCode::AccessDenied)),
        (application(), None, Err(ErrorCode::AccessDenied)),
        (key(), None, Err(ErrorCode::AccessDenied)),
    ];
    for (identity, header, expected) in cases {
        for permissions in [Permissions::NONE, Permissions::all()] {
            let caller = caller(identity.clone(), permissions);
            let needs = Needs::PersonThroughInteraction;
            let found = act(caller, needs, at(None, header), TenantHeader::Optional);
            assert_eq!(code(found), expected, "{identity:?} {header:?}");
        }
    }
}

/// Own things without a permission, others' with it; a key has nothing of its own.
#[test]
fn what_is_ones_own_needs_no_permission() {
    let needed = Permission::OauthRead;
    let cases = [
        (application(), None, Ok(HOME)),
        (person(Through::Interaction), None, Ok(HOME)),
        (person(Through::Unnamed), None, Err(ErrorCode::InsufficientScope)),
        (key(), None, Err(ErrorCode::InsufficientScope)),
        // An operator of tenants alone has nothing of their own in another one.
        (application(), Some(OTHER), Err(ErrorCode::InsufficientScope)),
        (person(Through::Interaction), Some(OTHER), Err(ErrorCode::InsufficientScope)),
    ];
    for (identity, header, expected) in cases {
        let needs = Needs::OwnOr(needed);
        let bare = caller(identity.clone(), only(Permission::TenantsWrite));
        assert_eq!(
            code(act(bare, needs, at(None, header), TenantHeader::Optional)),
            expected,
            "{identity:?}"
        );
        let able: Permissions = [Permission::TenantsWrite, needed].into_iter().collect();
        let found = act(caller(identity, able), needs, at(None, header), TenantHeader::Optional);
        assert_eq!(code(found), Ok(header.unwrap_or(HOME)));
    }
}

#[test]
fn any_person_is_enough_at_home_and_others_need_the_permission() {
    let needs = Needs::AnyPersonOr(Permission::OauthRead);
    let with = |identity, permissions, header| {
        code(act(caller(identity, permissions), needs, at(None, header), TenantHeader::Optional))
    };
    for through in [Through::Interaction, Through::Unnamed, Through::Shared] {
        assert_eq!(with(person(through), Permissions::NONE, None), Ok(HOME));
        assert_eq!(with(person(through), Permissions::all(), Some(OTHER)), Err(ErrorCode::AccessDenied));
    }
    for identity in [application(), key()] {
        assert_eq!(with(identity.clone(), only(Permission::OauthRead), None), Ok(HOME));
        let others = Permissions::all().without(only(Permission::OauthRead));
        assert_eq!(with(identity, others, None), Err(ErrorCode::InsufficientScope));
    }
}

fn permissions() -> impl Strategy<Value = Permissions> {
    any::<i64>().prop_map(Permissions::from_bits)
}

fn tenant() -> impl Strategy<Value = TenantId> {
    prop_oneof![Just(HOME), Just(OTHER), Just(THIRD)]
}

fn identity() -> impl Strategy<Value = Identity> {
    prop_oneof![
        Just(application()),
        Just(key()),
        Just(person(Through::Interaction)),
        Just(person(Through::Unnamed))
    ]
}

proptest! {
    #[test]
    fn nobody_gives_what_they_lack(has in permissions(), wanted in permissions(), who in identity()) {
        let lacking: Vec<_> = Permission::ALL.iter().filter(|p| wanted.contains(**p) && !has.contains(**p)).collect();
        match caller(who, has).may_grant(wanted) {
            Ok(()) => prop_assert!(lacking.is_empty()),
            Err(refusal) => {
                prop_assert_eq!(refusal.error.code(), ErrorCode::AccessDenied);
                let told = refusal.error.public();
                let names = told.split(": ").nth(1).unwrap().split(' ').collect::<Vec<_>>();
                prop_assert_eq!(names, lacking.iter().map(|p| p.name()).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn giving_and_giving_on_never_widens(has in permissions(), first in permissions(), second in permissions()) {
        if caller(key(), has).may_grant(first).is_ok() && caller(key(), first).may_grant(second).is_ok() {
            prop_assert!(has.covers(second));
        }
    }

    #[test]
    fn nobody_acts_in_a_tenant_that_is_neither_home_nor_named_by_an_operator(
        has in permissions(), who in identity(), needed in prop::sample::select(Permission::ALL),
        kind in 0..4_u8, path in prop::option::of(tenant()), header in prop::option::of(tenant()),
        required: bool,
    ) {
        let needs = match kind {
            0 => Needs::PersonThroughInteraction,
            1 => Needs::AnyPersonOr(needed),
            2 => Needs::Every(&[Permission::OauthWrite, Permission::UsersWrite]),
            _ => Needs::Permission(needed),
        };
        let required = if required { TenantHeader::Required } else { TenantHeader::Optional };
        if let Ok(acting) = act(caller(who, has), needs, at(path, header), required) {
            let tenant = acting.tenant();
            prop_assert!(tenant == HOME || (has.contains(Permission::TenantsWrite) && header == Some(tenant)));
            prop_assert!(path.is_none_or(|path| path == HOME && tenant == HOME));
            prop_assert!(header.is_none_or(|header| header == tenant));
            prop_assert!(header.is_some() || required == TenantHeader::Optional);
            match needs {
                Needs::Permission(needed) => prop_assert!(has.contains(needed)),
                Needs::Every(needed) => prop_assert!(needed.iter().all(|one| has.contains(*one))),
                Needs::OwnOr(_) | Needs::InteractionOr(_) | Needs::Anybody | Needs::NotAPerson => {}
                Needs::PersonThroughInteraction => {
                    let through_own =
                        matches!(acting.caller().identity, Identity::Person { through: Through::Interaction, .. });
                    prop_assert!(through_own && tenant == HOME);
                }
                Needs::PersonOr(needed) => {
                    let through_own =
                        matches!(acting.caller().identity, Identity::Person { through: Through::Interaction, .. });
                    prop_assert!(has.contains(needed) || (through_own && tenant == HOME));
                }
                Needs::AnyPersonOr(needed) => match acting.caller().identity {
                    Identity::Person { .. } => prop_assert!(tenant == HOME),
                    Identity::Application { .. }
                    | Identity::ApiKey { .. }
                    | Identity::AtConsole { .. }
                    | Identity::Local { .. } => prop_assert!(has.contains(needed)),
                },
            }
        }
    }
}

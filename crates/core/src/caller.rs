//! Who calls Writ's own APIs, in which tenant, and whether they may.
//!
//! A handler gets an [`Acting`], and there is no way to one but [`act`]: a route that has a caller
//! has said what it needs of them.

use std::sync::Arc;

use crate::authority::{Permission, Permissions};
use crate::change::Actor;
use crate::client::Party;
use crate::decision::{Judgement, Refusal};
use crate::error::{Challenge, ErrorCode, OAuthError};
use crate::ids::{ApiKeyId, ClientId, TenantId, UserId};

/// What a credential turned out to be.
#[derive(Debug, Clone)]
pub enum Identity {
    /// A client by HTTP Basic, or by a token of its own.
    Application {
        /// Row id.
        client: ClientId,
        /// Public id.
        client_id: Arc<str>,
    },
    /// A person, by a token that a client holds.
    Person {
        /// Row id.
        user: UserId,
        /// Username.
        username: Arc<str>,
        /// The client that holds the token.
        client: ClientId,
        /// Whether that client is one through which people may act.
        through: Party,
    },
    /// An API key.
    ApiKey {
        /// Row id.
        key: ApiKeyId,
        /// Display name.
        name: Arc<str>,
    },
    /// The operator of the machine: whoever may open the server's data folder, at its socket or while
    /// no server runs. No request that came over the network is ever this.
    Local {
        /// The operating system's name of the user.
        name: Arc<str>,
    },
}

/// The scheme a credential came by; a 401 names it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP Basic.
    Basic,
    /// Bearer.
    Bearer,
    /// None: the connection itself says who it is.
    Local,
}

/// A caller whose credential is good.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is.
    pub identity: Identity,
    /// The credential's own tenant.
    pub home: TenantId,
    /// What it may do.
    pub permissions: Permissions,
    /// How it came.
    pub scheme: Scheme,
}

impl Caller {
    /// The operator of the machine, who may do everything everywhere and is at home in the first tenant.
    pub fn local(name: Arc<str>, first_tenant: TenantId) -> Self {
        Self {
            identity: Identity::Local { name },
            home: first_tenant,
            permissions: Permissions::all(),
            scheme: Scheme::Local,
        }
    }

    /// The caller as the audit log names it.
    pub fn actor(&self) -> Actor {
        match &self.identity {
            Identity::Application { client, client_id } => {
                Actor::Client { id: *client, name: client_id.clone() }
            }
            Identity::Person { user, username, .. } => Actor::User { id: *user, name: username.clone() },
            Identity::ApiKey { key, name } => Actor::ApiKey { id: *key, name: name.clone() },
            Identity::Local { name } => Actor::Local { name: name.clone() },
        }
    }

    /// Whether a call manages a tenant, so that the tenant's allow list is asked: whoever holds a permission manages
    /// with it, except where people act for themselves.
    pub fn manages(&self, needs: Needs) -> bool {
        match needs {
            Needs::PersonThroughFirstParty => false,
            Needs::Permission(_)
            | Needs::PersonOr(_)
            | Needs::NotAPerson
            | Needs::OwnOr(_)
            | Needs::Anybody
            | Needs::AnyPersonOr(_) => !self.permissions.is_empty(),
        }
    }

    /// Refuses to give away more than the caller has.
    ///
    /// # Errors
    /// `access_denied`, naming what the caller lacks.
    pub fn may_grant(&self, wanted: Permissions) -> Judgement<()> {
        let lacking = wanted.without(self.permissions);
        if lacking.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = lacking.names().collect();
        Err(denied(format!(
            "this would give away authority that the caller does not have: {}",
            names.join(" ")
        )))
    }
}

/// What a route needs of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A permission; any kind of caller may have it.
    Permission(Permission),
    /// A person, through an application of the tenant's own.
    PersonThroughFirstParty,
    /// A person about what is theirs, through an application of the tenant's own; of all other callers, and of a
    /// person through a third party's application, a permission.
    PersonOr(Permission),
    /// An application or an API key, for what is their own; no permission.
    NotAPerson,
    /// For what is one's own: an application, or a person through an application of the tenant's own.
    /// For what is others': the permission; any kind of caller may have it.
    OwnOr(Permission),
    /// Anybody's good credential: what it allows is for the use case to say.
    Anybody,
    /// Any person of the tenant, through whichever application; of all other callers, a permission.
    AnyPersonOr(Permission),
}

/// Whether a route has to be told its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantHeader {
    /// `X-Tenant-ID` must be there.
    Required,
    /// It may be; only operators may name another tenant than their own.
    Optional,
}

/// What a request says of the tenant it is about.
#[derive(Debug, Clone, Copy)]
pub struct Addressed {
    /// The tenant of the path; none at the root.
    pub path: Option<TenantId>,
    /// The tenant of `X-Tenant-ID`, as far as it could be read as an id.
    pub header: Option<TenantId>,
}

/// A caller who may do what the route is for, and the tenant it is done in.
#[derive(Debug, Clone)]
pub struct Acting {
    caller: Caller,
    tenant: TenantId,
}

impl Acting {
    /// Who acts.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// In which tenant.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }
}

/// Lets a caller act, or not: tenant first, then authority.
///
/// # Errors
/// 401 for a credential of another tenant than the path's; 400 where path and header disagree or a
/// required header is missing; 403 for a tenant that is not the caller's, and for lacking authority.
pub fn act(caller: Caller, needs: Needs, addressed: Addressed, header: TenantHeader) -> Judgement<Acting> {
    if addressed.path.is_some_and(|path| path != caller.home) {
        let (code, challenge) = match caller.scheme {
            Scheme::Basic => (ErrorCode::InvalidClient, Challenge::Basic),
            Scheme::Bearer => (ErrorCode::InvalidToken, Challenge::Bearer),
            Scheme::Local => {
                return Err(invalid(
                    "the operator of the machine names a tenant by X-Tenant-ID, not by the path",
                ));
            }
        };
        let error = OAuthError::new(code, "the credential is not one of this tenant").challenged(challenge);
        return Err(error.into());
    }
    let tenant = match (addressed.path, addressed.header) {
        (Some(path), Some(header)) if path != header => {
            return Err(invalid("X-Tenant-ID: names another tenant than the path"));
        }
        (_, None) if header == TenantHeader::Required => {
            return Err(invalid("X-Tenant-ID: missing; this endpoint needs the tenant's id"));
        }
        (_, Some(named)) if named == caller.home || caller.permissions.is_operator() => named,
        // Unknown and foreign look the same.
        (_, Some(_)) => return Err(denied("X-Tenant-ID: not a tenant of this credential")),
        (_, None) => caller.home,
    };
    match needs {
        Needs::Anybody => {}
        Needs::AnyPersonOr(_) if matches!(caller.identity, Identity::Person { .. }) => {
            if tenant != caller.home {
                return Err(denied("X-Tenant-ID: a person is known in their own tenant only"));
            }
        }
        Needs::Permission(permission) | Needs::AnyPersonOr(permission)
            if caller.permissions.contains(permission) => {}
        Needs::Permission(permission) | Needs::AnyPersonOr(permission) => {
            let text = format!("this needs the permission {}", permission.name());
            return Err(OAuthError::new(ErrorCode::InsufficientScope, text).into());
        }
        Needs::NotAPerson => {
            if matches!(caller.identity, Identity::Person { .. }) {
                return Err(denied("this is for applications and API keys"));
            }
        }
        Needs::OwnOr(permission) if caller.permissions.contains(permission) => {}
        Needs::OwnOr(permission) => own(&caller, tenant, permission)?,
        Needs::PersonOr(permission) => {
            let own = matches!(caller.identity, Identity::Person { through: Party::First, .. });
            if !(caller.permissions.contains(permission) || (own && tenant == caller.home)) {
                let text = format!("this needs the permission {}", permission.name());
                return Err(OAuthError::new(ErrorCode::InsufficientScope, text).into());
            }
        }
        Needs::PersonThroughFirstParty => match caller.identity {
            Identity::Person { through: Party::First, .. } if tenant == caller.home => {}
            // Being an operator is for managing: as a person, one is in one's own tenant.
            Identity::Person { through: Party::First, .. } => {
                return Err(denied("X-Tenant-ID: a person acts for themselves in their own tenant only"));
            }
            Identity::Person { through: Party::Third, .. } => {
                return Err(denied("a third party's application may not act for a person here"));
            }
            Identity::Application { .. } | Identity::ApiKey { .. } | Identity::Local { .. } => {
                return Err(denied("this is done by a person, with a token of their own"));
            }
        },
    }
    Ok(Acting { caller, tenant })
}

/// Whether a caller without the permission has anything of their own here.
fn own(caller: &Caller, tenant: TenantId, permission: Permission) -> Judgement<()> {
    match caller.identity {
        Identity::Application { .. } | Identity::Person { through: Party::First, .. }
            if tenant == caller.home =>
        {
            Ok(())
        }
        Identity::Application { .. }
        | Identity::Person { .. }
        | Identity::ApiKey { .. }
        | Identity::Local { .. } => {
            let text = format!("this needs the permission {}", permission.name());
            Err(OAuthError::new(ErrorCode::InsufficientScope, text).into())
        }
    }
}

fn denied(text: impl Into<std::borrow::Cow<'static, str>>) -> Box<Refusal> {
    OAuthError::new(ErrorCode::AccessDenied, text).into()
}

fn invalid(text: &'static str) -> Box<Refusal> {
    OAuthError::new(ErrorCode::InvalidRequest, text).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOME: TenantId = TenantId::from_bytes([1; 16]);
    const OTHER: TenantId = TenantId::from_bytes([2; 16]);
    const THIRD: TenantId = TenantId::from_bytes([3; 16]);

    fn person(through: Party) -> Identity {
        Identity::Person {
            user: UserId::from_bytes([4; 16]),
            username: "alice".into(),
            client: ClientId::from_bytes([5; 16]),
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

    fn at(path: Option<TenantId>, header: Option<TenantId>) -> Addressed {
        Addressed { path, header }
    }

    fn code(judgement: Judgement<Acting>) -> Result<TenantId, ErrorCode> {
        judgement.map(|acting| acting.tenant()).map_err(|refusal| refusal.error.code())
    }

    #[test]
    fn the_tenant_is_the_credentials_unless_an_operator_names_another() {
        use ErrorCode::{AccessDenied, InvalidRequest, InvalidToken};
        use TenantHeader::{Optional, Required};
        let plain = only(Permission::KeysRead);
        let operator: Permissions = [Permission::KeysRead, Permission::TenantsRead].into_iter().collect();
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
                for identity in [application(), key(), person(Party::First), person(Party::Third)] {
                    let found = act(caller(identity, permissions), needs, at(path, header), required);
                    assert_eq!(code(found), expected, "{path:?} {header:?} {required:?} {permissions:?}");
                }
            }
        }
    }

    #[test]
    fn a_foreign_credential_is_answered_with_its_own_scheme() {
        for (scheme, error, challenge) in [
            (Scheme::Basic, ErrorCode::InvalidClient, Challenge::Basic),
            (Scheme::Bearer, ErrorCode::InvalidToken, Challenge::Bearer),
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
        assert_eq!(
            code(act(local(), needs, at(Some(OTHER), None), optional)),
            Err(ErrorCode::InvalidRequest)
        );
        let person = Needs::PersonThroughFirstParty;
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
            (person(Party::First), None, Ok(HOME)),
            (person(Party::First), Some(HOME), Ok(HOME)),
            (person(Party::First), Some(OTHER), Err(ErrorCode::AccessDenied)),
            (person(Party::Third), None, Err(ErrorCode::AccessDenied)),
            (application(), None, Err(ErrorCode::AccessDenied)),
            (key(), None, Err(ErrorCode::AccessDenied)),
        ];
        for (identity, header, expected) in cases {
            for permissions in [Permissions::NONE, Permissions::all()] {
                let caller = caller(identity.clone(), permissions);
                let needs = Needs::PersonThroughFirstParty;
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
            (person(Party::First), None, Ok(HOME)),
            (person(Party::Third), None, Err(ErrorCode::InsufficientScope)),
            (key(), None, Err(ErrorCode::InsufficientScope)),
            // An operator of tenants alone has nothing of their own in another one.
            (application(), Some(OTHER), Err(ErrorCode::InsufficientScope)),
            (person(Party::First), Some(OTHER), Err(ErrorCode::InsufficientScope)),
        ];
        for (identity, header, expected) in cases {
            let needs = Needs::OwnOr(needed);
            let bare = caller(identity.clone(), only(Permission::TenantsRead));
            assert_eq!(
                code(act(bare, needs, at(None, header), TenantHeader::Optional)),
                expected,
                "{identity:?}"
            );
            let able: Permissions = [Permission::TenantsRead, needed].into_iter().collect();
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
        for through in [Party::First, Party::Third] {
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
        prop_oneof![Just(application()), Just(key()), Just(person(Party::First)), Just(person(Party::Third))]
    }

    proptest! {
        #[test]
        fn nobody_gives_what_they_lack(has in permissions(), wanted in permissions(), who in identity()) {
            let lacking: Vec<_> = Permission::ALL.iter().filter(|p| wanted.contains(**p) && !has.contains(**p)).collect();
            match caller(who, has).may_grant(wanted) {
                Ok(()) => prop_assert!(lacking.is_empty()),
                Err(refusal) => {
                    prop_assert_eq!(refusal.error.code(), ErrorCode::AccessDenied);
                    let names = refusal.error.public().split(": ").nth(1).unwrap().split(' ').collect::<Vec<_>>();
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
            kind in 0..3_u8, path in prop::option::of(tenant()), header in prop::option::of(tenant()),
            required: bool,
        ) {
            let needs = match kind {
                0 => Needs::PersonThroughFirstParty,
                1 => Needs::AnyPersonOr(needed),
                _ => Needs::Permission(needed),
            };
            let required = if required { TenantHeader::Required } else { TenantHeader::Optional };
            if let Ok(acting) = act(caller(who, has), needs, at(path, header), required) {
                let tenant = acting.tenant();
                prop_assert!(tenant == HOME || (has.is_operator() && header == Some(tenant)));
                prop_assert!(path.is_none_or(|path| path == HOME && tenant == HOME));
                prop_assert!(header.is_none_or(|header| header == tenant));
                prop_assert!(header.is_some() || required == TenantHeader::Optional);
                match needs {
                    Needs::Permission(needed) => prop_assert!(has.contains(needed)),
                    Needs::OwnOr(_) | Needs::Anybody | Needs::NotAPerson => {}
                    Needs::PersonThroughFirstParty => {
                        let through_own =
                            matches!(acting.caller().identity, Identity::Person { through: Party::First, .. });
                        prop_assert!(through_own && tenant == HOME);
                    }
                    Needs::PersonOr(needed) => {
                        let through_own =
                            matches!(acting.caller().identity, Identity::Person { through: Party::First, .. });
                        prop_assert!(has.contains(needed) || (through_own && tenant == HOME));
                    }
                    Needs::AnyPersonOr(needed) => match acting.caller().identity {
                        Identity::Person { .. } => prop_assert!(tenant == HOME),
                        Identity::Application { .. } | Identity::ApiKey { .. } | Identity::Local { .. } => {
                            prop_assert!(has.contains(needed));
                        }
                    },
                }
            }
        }
    }
}

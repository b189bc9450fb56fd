//! People's authority: which roles a user bears.

use super::{Deed, Violations, Wrong, no_such};
use crate::change::{Action, Change, Target};
use crate::decision::Decision;
use crate::reason::Reason;
use crate::role::{Role, built_in, permissions_of};
use crate::user::User;

/// Gives a user these roles instead of the present ones.
///
/// # Errors
/// `not_found`; `invalid_request` naming roles that do not exist; `access_denied` where the user
/// has, or would get, authority that the caller lacks: nobody edits or makes somebody wider than
/// themselves, so `operator` comes from operators only.
pub fn assign_roles(
    roles: &[Box<str>],
    found: Option<&User>,
    defined: &[Role],
    deed: &Deed<'_>,
) -> Decision<User> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchUser))?;
    let exists = |name: &str| built_in(name).is_some() || defined.iter().any(|role| &*role.name == name);
    let unknown: Vec<_> = roles.iter().filter(|name| !exists(name)).map(AsRef::as_ref).collect();
    let mut violations = Violations::default();
    violations.when(
        Wrong(!unknown.is_empty()),
        "roles",
        Reason::RolesUnknown { names: unknown.join(" ").into() },
    );
    violations.settle()?;
    let of = |names: &[Box<str>]| permissions_of(names.iter().map(AsRef::as_ref), defined);
    deed.acting.caller().may_grant(of(&found.roles))?;
    deed.acting.caller().may_grant(of(roles))?;

    let user = User { roles: roles.to_vec(), ..found.clone() };
    let change = Change::SetUserRoles {
        user: user.id,
        tenant: deed.acting.tenant(),
        from: found.roles.clone(),
        to: user.roles.clone(),
        at: deed.moment.now,
    };
    let changes = deed.unit(Action::UserRolesChanged, Target::User(user.id)).with(change);
    Ok((user, changes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::{Permission, Permissions};
    use crate::caller::{Caller, Identity, Needs, Scheme};
    use crate::change::{Enabled, Origin};
    use crate::decision::{Moment, Random};
    use crate::error::ErrorCode;
    use crate::given::{self, NOW};
    use crate::ids::{ApiKeyId, RoleId, TenantId, UserId};

    struct Zeros;

    impl Random for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    const TENANT: TenantId = TenantId::from_bytes([1; 16]);

    fn defined() -> Vec<Role> {
        let role = |name: &str, permission| Role {
            version: 1,
            id: RoleId::from_bytes([4; 16]),
            tenant: TENANT,
            name: name.into(),
            permissions: [permission].into_iter().collect(),
            entitlements: Vec::new(),
            created_at: NOW,
            updated_at: NOW,
        };
        vec![role("auditor", Permission::AuditRead), role("clerk", Permission::UsersRead)]
    }

    /// As a caller with `users:write` and these permissions.
    fn assign(may: &[Permission], from: &[&str], to: &[&str]) -> Result<Vec<Box<str>>, ErrorCode> {
        let permissions: Permissions = may.iter().copied().chain([Permission::UsersWrite]).collect();
        let identity = Identity::ApiKey { key: ApiKeyId::from_bytes([6; 16]), name: "ci".into() };
        let caller = Caller { identity, home: TENANT, permissions, scheme: Scheme::Bearer };
        let needs = Needs::Permission(Permission::UsersWrite);
        let acting = given::acting(caller, needs);
        let names = |list: &[&str]| list.iter().map(|name| Box::from(*name)).collect::<Vec<Box<str>>>();
        let user = User {
            id: UserId::from_bytes([5; 16]),
            tenant: TENANT,
            username: "ada".into(),
            roles: names(from),
            enabled: Enabled::Yes,
        };
        let origin = Origin::default();
        let deed = Deed { acting: &acting, origin: &origin, moment: Moment { now: NOW, random: &Zeros } };
        assign_roles(&names(to), Some(&user), &defined(), &deed)
            .map(|(user, _)| user.roles)
            .map_err(|refusal| refusal.error.code())
    }

    #[test]
    fn roles_within_the_callers_own_authority_are_given_and_taken() {
        assert_eq!(assign(&[], &["user"], &[]), Ok(vec![]));
        assert_eq!(assign(&[Permission::UsersRead], &["user"], &["clerk"]), Ok(vec!["clerk".into()]));
        assert_eq!(assign(Permission::ALL, &["admin"], &["operator"]), Ok(vec!["operator".into()]));
    }

    #[test]
    fn nobody_makes_somebody_wider_than_themselves_nor_edits_somebody_wider() {
        let denied = Err(ErrorCode::AccessDenied);
        assert_eq!(assign(&[], &[], &["auditor"]), denied, "a role wider than the caller");
        assert_eq!(assign(&[], &["auditor"], &["user"]), denied, "a user wider than the caller");
        let admin: Vec<_> = built_in("admin").unwrap().iter().collect();
        assert_eq!(assign(&admin, &["user"], &["admin"]), Ok(vec!["admin".into()]));
        assert_eq!(assign(&admin, &["user"], &["operator"]), denied, "operators come from operators only");
        assert_eq!(assign(&admin, &["operator"], &["user"]), denied);
    }

    #[test]
    fn a_role_that_does_not_exist_is_named() {
        assert_eq!(assign(Permission::ALL, &["user"], &["ghost"]), Err(ErrorCode::InvalidRequest));
    }
}

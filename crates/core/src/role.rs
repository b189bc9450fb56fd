//! Roles: names for sets of permissions that people bear.

use crate::authority::{Permission, Permissions};
use crate::ids::{RoleId, TenantId};
use crate::scope::SCOPE_TOKEN_LIMIT;
use crate::time::Micros;

/// The role of a tenant's administrators: everything in their tenant.
pub const ADMIN: &str = "admin";
/// The role of everybody else: nothing.
pub const USER: &str = "user";
/// The role of operators: everything, in every tenant.
pub const OPERATOR: &str = "operator";

/// A role that a tenant defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Row id.
    pub id: RoleId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Its name, unique in the tenant.
    pub name: Box<str>,
    /// What it may do.
    pub permissions: Permissions,
    /// The tenant's own names, which reach its applications.
    pub entitlements: Vec<Box<str>>,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
    /// Goes up with every change.
    pub version: i64,
}

/// A role to be made.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// Row id.
    pub id: RoleId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Its name.
    pub name: Box<str>,
    /// What it may do.
    pub permissions: Permissions,
    /// The tenant's own names, which reach its applications.
    pub entitlements: Vec<Box<str>>,
    /// When.
    pub created_at: Micros,
}

/// The permissions of a role that every tenant has without a row; none: it is not built in.
pub fn built_in(name: &str) -> Option<Permissions> {
    match name {
        ADMIN => Some(
            Permission::ALL
                .iter()
                .copied()
                .filter(|p| !matches!(p, Permission::TenantsRead | Permission::TenantsWrite))
                .collect(),
        ),
        USER => Some(Permissions::NONE),
        OPERATOR => Some(Permissions::all()),
        _ => None,
    }
}

/// What the bearer of these roles may do, given the roles that the tenant defined. A name that is
/// neither built in nor defined gives nothing.
pub fn permissions_of<'a>(names: impl IntoIterator<Item = &'a str>, defined: &[Role]) -> Permissions {
    names
        .into_iter()
        .flat_map(|name| {
            built_in(name)
                .or_else(|| defined.iter().find(|role| &*role.name == name).map(|role| role.permissions))
                .unwrap_or_default()
                .iter()
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The tenant's own names that the bearer of these roles has, each once.
pub fn entitlements_of<'a>(names: impl IntoIterator<Item = &'a str>, defined: &[Role]) -> Vec<Box<str>> {
    let mut found: Vec<Box<str>> = Vec::new();
    let borne = names.into_iter().filter_map(|name| defined.iter().find(|role| &*role.name == name));
    for own in borne.flat_map(|role| &role.entitlements) {
        if !found.contains(own) {
            found.push(own.clone());
        }
    }
    found
}

/// Names of the tenant's own in one role at the most.
pub const ENTITLEMENTS_MOST: usize = 100;

/// A name of the tenant's own: a scope token (RFC 6749 §3.3), for roles are kept with spaces between them.
pub fn entitlement_is_valid(name: &str) -> bool {
    (1..=SCOPE_TOKEN_LIMIT).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

/// Whether a name looks like a permission of Writ's and is none: mistyped, or one that a later version may have.
pub fn is_reserved(name: &str) -> bool {
    let family = |name: &str| name.split_once(':').map(|(family, _)| family.to_ascii_lowercase());
    Permission::by_name(name).is_none()
        && family(name)
            .is_some_and(|asked| Permission::ALL.iter().any(|p| family(p.name()).as_ref() == Some(&asked)))
}

/// A role's name: 1 to 63 of `a-z`, `0-9`, `_` and `-`. Users bear it in a list separated by spaces.
pub fn name_is_valid(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_has_everything_but_tenants() {
        let admin = built_in(ADMIN).unwrap();
        assert!(!admin.is_operator());
        assert!(built_in(OPERATOR).unwrap().covers(admin));
        assert_eq!(Permission::ALL.iter().filter(|p| !admin.contains(**p)).count(), 2);
    }

    #[test]
    fn names_of_the_tenants_own_are_told_from_writs() {
        for good in ["articles:publish", "read", "a/b", "Editor"] {
            assert!(entitlement_is_valid(good) && !is_reserved(good), "{good}");
        }
        for bad in ["", "two words", "quo\"te", "back\\slash", "é", &"x".repeat(129)] {
            assert!(!entitlement_is_valid(bad), "{bad}");
        }
        for reserved in ["users:raed", "USERS:read", "tenants:", "clients:own"] {
            assert!(is_reserved(reserved), "{reserved}");
        }
        assert!(!is_reserved("users:read"), "that one is a permission");
    }

    #[test]
    fn roles_add_up_and_unknown_ones_give_nothing() {
        assert_eq!(permissions_of([USER, "ghost"], &[]), Permissions::NONE);
        assert_eq!(permissions_of([USER, ADMIN], &[]), built_in(ADMIN).unwrap());
    }
}

//! Roles: names for sets of permissions that people bear.

use crate::authority::{Permission, Permissions};
use crate::ids::{RoleId, TenantId};
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
    fn roles_add_up_and_unknown_ones_give_nothing() {
        assert_eq!(permissions_of([USER, "ghost"], &[]), Permissions::NONE);
        assert_eq!(permissions_of([USER, ADMIN], &[]), built_in(ADMIN).unwrap());
    }
}

//! The scopes that a tenant knows, with what a consent screen says of them.

use crate::authority::{Permission, Permissions};
use crate::ids::{ScopeId, TenantId};
use crate::scope::{GROUPS, ROLES};
use crate::time::Micros;

/// The most characters of a description.
pub const DESCRIPTION_LIMIT: usize = 2000;

/// A scope in a tenant's registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredScope {
    /// Row id; of a built-in one the same in every tenant.
    pub id: ScopeId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Its name: a scope token, unique in the tenant.
    pub name: Box<str>,
    /// What it allows, for people.
    pub description: Option<Box<str>>,
    /// Goes up with every change; 0 for a built-in one that nobody has changed.
    pub version: i64,
    /// When it was added; the epoch for a built-in one.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
}

impl RegisteredScope {
    /// Whether every tenant has it and cannot be without it.
    pub fn is_built_in(&self) -> bool {
        built_in(&self.name).is_some()
    }
}

/// A scope to be added to a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewScope {
    /// Row id.
    pub id: ScopeId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Its name.
    pub name: Box<str>,
    /// What it allows, for people.
    pub description: Option<Box<str>>,
    /// When.
    pub created_at: Micros,
}

/// A change of a scope.
#[derive(Debug, Clone)]
pub struct ScopeUpdate {
    /// As it was: its version is the guard.
    pub before: RegisteredScope,
    /// As it shall be, with the version that it then has.
    pub after: RegisteredScope,
}

/// What becomes of a scope that clients are registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InUse {
    /// It stays.
    Stays,
    /// It is taken from them.
    IsTaken,
}

/// A scope to be removed.
#[derive(Debug, Clone)]
pub struct ScopeRemoval {
    /// Which scope.
    pub scope: ScopeId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Its name, as clients bear it.
    pub name: Box<str>,
    /// Only while it has this version.
    pub only: Option<i64>,
    /// Where clients have it.
    pub in_use: InUse,
    /// It is taken from clients that may do no more than this, and from trusted ones only with `clients:trust`.
    pub within: Permissions,
    /// The clients through which people act: they are trusted, as first-party ones are.
    pub interaction_clients: Vec<Box<str>>,
    /// When.
    pub at: Micros,
}

/// A scope that every tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// What it allows, unless the tenant has put it in words of its own.
    pub description: &'static str,
    number: u8,
}

impl BuiltIn {
    /// Its id, in every tenant.
    pub const fn id(&self) -> ScopeId {
        let mut bytes = [0; 16];
        // A UUID of version 7, made at the epoch.
        bytes[6] = 0x70;
        bytes[8] = 0x80;
        bytes[15] = self.number;
        ScopeId::from_bytes(bytes)
    }

    /// As a tenant has it that has changed nothing of it.
    pub fn of(&self, tenant: TenantId) -> RegisteredScope {
        RegisteredScope {
            id: self.id(),
            tenant,
            name: self.name.into(),
            description: Some(self.description.into()),
            version: 0,
            created_at: Micros(0),
            updated_at: Micros(0),
        }
    }
}

const fn entry(number: u8, name: &'static str, description: &'static str) -> BuiltIn {
    BuiltIn { name, description, number }
}

/// The scopes that every tenant has: those of OpenID Connect and the permissions of Writ's own APIs.
pub const BUILT_IN: &[BuiltIn] = &[
    entry(1, "openid", "Sign you in and know who you are"),
    entry(2, "profile", "See your name and the rest of your profile"),
    entry(3, "email", "See your email address"),
    entry(4, "address", "See your postal address"),
    entry(5, "phone", "See your telephone number"),
    entry(6, "offline_access", "Keep its access while you are away"),
    entry(7, Permission::OauthRead.name(), "Read clients, scopes, consents and tokens"),
    entry(8, Permission::OauthWrite.name(), "Change clients, scopes, consents and tokens"),
    entry(9, Permission::UsersRead.name(), "Read users and roles"),
    entry(10, Permission::UsersWrite.name(), "Change users and roles"),
    entry(11, Permission::SessionsRead.name(), "Read sign-in sessions"),
    entry(12, Permission::SessionsWrite.name(), "End sign-in sessions"),
    entry(13, Permission::AuditRead.name(), "Read the audit log"),
    entry(14, Permission::KeysRead.name(), "Read API keys"),
    entry(15, Permission::KeysWrite.name(), "Change API keys"),
    entry(16, Permission::TenantsRead.name(), "Read every tenant"),
    entry(17, Permission::TenantsWrite.name(), "Change every tenant"),
    entry(18, Permission::ClientsTrust.name(), "Say which applications are trusted, and change those"),
    entry(19, ROLES, "See which roles you have"),
    entry(20, GROUPS, "See which groups you are in"),
];

/// A built-in scope by name.
pub fn built_in(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|scope| scope.name == name)
}

/// A built-in scope by id.
pub fn built_in_by_id(id: ScopeId) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|scope| scope.id() == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::PERSON_SCOPES;

    #[test]
    fn every_person_scope_and_every_permission_is_built_in_under_an_id_of_its_own() {
        let names: Vec<_> =
            PERSON_SCOPES.into_iter().chain(Permission::ALL.iter().map(|p| p.name())).collect();
        assert_eq!(BUILT_IN.len(), names.len());
        for (number, scope) in (1..).zip(BUILT_IN) {
            assert!(names.contains(&scope.name));
            assert_eq!(scope.number, number);
            assert_eq!(built_in_by_id(scope.id()), Some(scope));
            assert_eq!(built_in(scope.name), Some(scope));
        }
        assert_eq!(BUILT_IN[0].id().to_string(), "00000000-0000-7000-8000-000000000001");
    }
}

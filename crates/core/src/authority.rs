//! Permissions: who may do what. The rules are those of the authority page; this is their vocabulary.

use std::fmt;

use crate::scope::Scope;

macro_rules! permissions {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal,)*) => {
        /// One thing that a caller may be allowed to do at Writ's own APIs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Permission { $($(#[doc = $doc])* $name,)* }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name, which is also the scope that carries it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Finds a permission by name.
            pub fn by_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

permissions! {
    /// Read clients, scopes, consents and tokens.
    OauthRead = "oauth:read",
    /// Change clients, scopes, consents and tokens.
    OauthWrite = "oauth:write",
    /// Read users and roles.
    UsersRead = "users:read",
    /// Change users and roles.
    UsersWrite = "users:write",
    /// Read sign-in sessions.
    SessionsRead = "sessions:read",
    /// End sign-in sessions.
    SessionsWrite = "sessions:write",
    /// Read the audit log.
    AuditRead = "audit:read",
    /// Read API keys.
    KeysRead = "keys:read",
    /// Change API keys.
    KeysWrite = "keys:write",
    /// Read tenants: an operator's permission.
    TenantsRead = "tenants:read",
    /// Change tenants: an operator's permission.
    TenantsWrite = "tenants:write",
    /// Say which clients are trusted, and change those: first party, or people act through them. Sets are stored
    /// as bits in the order of this table, so that what is new comes last.
    ClientsTrust = "clients:trust",
}

impl Permission {
    const fn bit(self) -> u32 {
        1 << (self as u8)
    }
}

/// A set of permissions.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u32);

impl Permissions {
    /// No permission.
    pub const NONE: Self = Self(0);

    /// Every permission: an operator's.
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// The permissions among the tokens of a scope.
    pub fn of_scope(scope: &Scope) -> Self {
        scope.iter().filter_map(Permission::by_name).collect()
    }

    /// Whether the permission is among them.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every permission of `other` is among these.
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// An operator holds a permission on tenants.
    pub const fn is_operator(self) -> bool {
        self.contains(Permission::TenantsRead) || self.contains(Permission::TenantsWrite)
    }

    /// Those among them, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }

    /// Their names, in the order of the table.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(Permission::name)
    }

    /// Those that are among `other` too.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are not among `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The bits as stored.
    pub const fn to_bits(self) -> i64 {
        self.0 as i64
    }

    /// From the bits as stored; unknown bits are dropped.
    pub fn from_bits(bits: i64) -> Self {
        Permission::ALL.iter().copied().filter(|p| bits & i64::from(p.bit()) != 0).collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_bits_lead_back() {
        for permission in Permission::ALL {
            assert_eq!(Permission::by_name(permission.name()), Some(*permission));
            let one: Permissions = [*permission].into_iter().collect();
            assert_eq!(Permissions::from_bits(one.to_bits()), one);
        }
        assert_eq!(Permissions::from_bits(-1), Permissions::all());
    }

    #[test]
    fn only_tenant_permissions_make_an_operator() {
        for permission in Permission::ALL {
            let one: Permissions = [*permission].into_iter().collect();
            assert_eq!(one.is_operator(), permission.name().starts_with("tenants:"));
        }
    }
}

//! The tenant: users, clients, scopes, keys and settings of its own, and an issuer of its own.

use std::sync::Arc;

use crate::change::Enabled;
use crate::ids::TenantId;
use crate::time::Micros;

/// The slug of the first tenant, whose issuer is the base URL itself.
pub const DEFAULT_SLUG: &str = "default";

pub use crate::settings::TenantSettings;

/// A tenant, as read from storage.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Row id.
    pub id: TenantId,
    /// Its place in URLs: `/t/{slug}`.
    pub slug: Arc<str>,
    /// Display name.
    pub name: Box<str>,
    /// Whether it works at all.
    pub enabled: Enabled,
    /// Its choices.
    pub settings: TenantSettings,
    /// Goes up with every change of the tenant or its keys: the guard of decisions that used them.
    pub version: i64,
}

/// A tenant as an operator sees it.
#[derive(Debug, Clone)]
pub struct ShownTenant {
    /// The tenant.
    pub tenant: Tenant,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
}

/// A tenant to be made.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Row id.
    pub id: TenantId,
    /// Its place in URLs.
    pub slug: Arc<str>,
    /// Display name.
    pub name: Box<str>,
    /// Its choices.
    pub settings: TenantSettings,
    /// When.
    pub created_at: Micros,
}

/// A slug: 1 to 63 of `a-z`, `0-9` and `-`, not at either end. It stands in URLs, hence so narrow.
pub fn slug_is_valid(slug: &str) -> bool {
    (1..=63).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
}

/// The issuer of a tenant below a base URL without trailing slash.
pub fn issuer(base: &str, slug: &str) -> String {
    if slug == DEFAULT_SLUG { base.to_owned() } else { format!("{base}/t/{slug}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tenant_has_the_base_url_as_issuer_and_others_a_path() {
        assert_eq!(issuer("https://id.example", "default"), "https://id.example");
        assert_eq!(issuer("https://id.example", "acme"), "https://id.example/t/acme");
    }

    #[test]
    fn slugs_are_narrow() {
        for good in ["a", "acme", "acme-2", "0"] {
            assert!(slug_is_valid(good), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a/b", "a.b", "ä", &"a".repeat(64)] {
            assert!(!slug_is_valid(bad), "{bad}");
        }
    }
}

//! The keys of a tenant that clients encrypt their requests to (OpenID Connect Core §10.2, RFC 9101 §6.1). They are kept
//! apart from those that sign, in a type of their own: none of them can ever sign anything.
//!
//! There is none until a client is registered for one. One of each way to encrypt is published; when another has taken its
//! place, it opens what was still encrypted to it for a day, and is then erased.

use std::fmt;

use writ_jose::jwe::KeyManagement;

use crate::ids::{KeyId, TenantId};
use crate::rotation::MaxAge;
use crate::time::{Micros, Seconds};

/// How long a key that has been replaced opens what is encrypted to it: clients keep a JWK set for longer than they are told.
pub const OPENS_AFTER: Seconds = Seconds(86_400);

/// A key to be made.
#[derive(Clone)]
pub struct NewEncryptionKey {
    /// Row id, under which it was sealed.
    pub id: KeyId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// What is done with it.
    pub management: KeyManagement,
    /// Key id in headers: RFC 7638 thumbprint.
    pub kid: Box<str>,
    /// The public JWK, as published.
    pub public_jwk: Box<str>,
    /// The private key (PKCS#8), sealed under the master key.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Micros,
}

impl fmt::Debug for NewEncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewEncryptionKey")
            .field("id", &self.id)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// A key as stored; the private half still sealed.
#[derive(Clone)]
pub struct StoredEncryptionKey {
    /// Row id.
    pub id: KeyId,
    /// What is done with it.
    pub management: KeyManagement,
    /// Key id in headers.
    pub kid: Box<str>,
    /// The public JWK, as published.
    pub public_jwk: Box<str>,
    /// The private key, sealed.
    pub sealed: Vec<u8>,
    /// When it was made, and published from.
    pub created_at: Micros,
    /// Since when another one is in its place.
    pub replaced_at: Option<Micros>,
}

impl fmt::Debug for StoredEncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredEncryptionKey")
            .field("id", &self.id)
            .field("kid", &self.kid)
            .field("replaced_at", &self.replaced_at)
            .finish_non_exhaustive()
    }
}

impl StoredEncryptionKey {
    /// Whether it is in the JWK set.
    pub fn is_published(&self) -> bool {
        self.replaced_at.is_none()
    }

    /// Whether it opens what is encrypted to it.
    pub fn opens(&self, now: Micros) -> bool {
        self.replaced_at.is_none_or(|at| now < at.plus(OPENS_AFTER))
    }

    /// Whether it has been published for so long that another one is due.
    pub fn is_due(&self, max_age: MaxAge, now: Micros) -> bool {
        match max_age {
            MaxAge::Never => false,
            MaxAge::After(age) => self.is_published() && self.created_at.plus(age) <= now,
        }
    }
}

/// What becomes of a key when another one takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldKey {
    /// It opens what is still encrypted to it.
    Opens,
    /// It is erased: somebody else may have it.
    Erased,
}

/// A key in the place of another one.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Which one. It has to be the one that is published.
    pub old: KeyId,
    /// What becomes of it.
    pub before: OldKey,
    /// The new one, of the same tenant and for the same.
    pub new: NewEncryptionKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(1_700_000_000_000_000);

    fn key(replaced_at: Option<Micros>) -> StoredEncryptionKey {
        StoredEncryptionKey {
            id: KeyId::from_bytes([1; 16]),
            management: KeyManagement::EcdhEs,
            kid: "k".into(),
            public_jwk: "{}".into(),
            sealed: Vec::new(),
            created_at: NOW,
            replaced_at,
        }
    }

    #[test]
    fn a_key_opens_for_a_day_after_it_was_replaced() {
        let published = key(None);
        assert!(published.is_published() && published.opens(NOW.plus(Seconds(i64::from(u32::MAX)))));
        let replaced = key(Some(NOW));
        assert!(!replaced.is_published());
        assert!(replaced.opens(NOW.plus(Seconds(OPENS_AFTER.0 - 1))));
        assert!(!replaced.opens(NOW.plus(OPENS_AFTER)));
    }

    #[test]
    fn a_key_is_due_at_its_greatest_age_and_a_replaced_one_never() {
        let (age, later) = (MaxAge::days(90), NOW.plus(Seconds(90 * 86_400)));
        assert!(!key(None).is_due(age, later.minus(Seconds(1))) && key(None).is_due(age, later));
        assert!(!key(None).is_due(MaxAge::Never, later) && !key(Some(NOW)).is_due(age, later));
    }
}

//! Signing keys of a tenant. What a key is good for follows from stored times, never from messages.

use std::fmt;

use crate::ids::{KeyId, TenantId};
use crate::jose::Algorithm;
use crate::time::Micros;

/// A signing key to be made.
#[derive(Clone)]
pub struct NewSigningKey {
    /// Row id.
    pub id: KeyId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Key id in headers: RFC 7638 thumbprint.
    pub kid: Box<str>,
    /// The public JWK, as published.
    pub public_jwk: Box<str>,
    /// The private key (PKCS#8), sealed under the master key.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Micros,
    /// From when on it signs.
    pub active_from: Micros,
}

impl fmt::Debug for NewSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSigningKey").field("id", &self.id).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A signing key as stored; the private half still sealed.
#[derive(Clone)]
pub struct StoredKey {
    /// Row id.
    pub id: KeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Key id in headers.
    pub kid: Box<str>,
    /// The public JWK, as published.
    pub public_jwk: Box<str>,
    /// The private key, sealed.
    pub sealed: Vec<u8>,
    /// From when on it signs.
    pub active_from: Micros,
    /// From when on it signs no more.
    pub retired_at: Option<Micros>,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey").field("id", &self.id).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// What a key is good for at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, not yet signing.
    Next,
    /// Published and signing.
    Active,
    /// Published, so that what it signed can be verified.
    Retired,
}

impl StoredKey {
    /// The state at `now`.
    pub fn state(&self, now: Micros) -> KeyState {
        match self.retired_at {
            Some(end) if end <= now => KeyState::Retired,
            Some(_) | None if self.active_from <= now => KeyState::Active,
            Some(_) | None => KeyState::Next,
        }
    }
}

//! Signing keys of a tenant. What a key is good for follows from stored times, never from messages.
//!
//! A key is published before it signs, signs until its successor does, is published until the last
//! token that it signed has expired, and is kept after that, so that an expired `id_token_hint` can
//! still be verified. How keys follow one another is in [`crate::rotation`].

use std::fmt;

use crate::ids::{KeyId, TenantId};
use crate::time::{Micros, Seconds};
use writ_jose::Algorithm;

/// How long a verifier may keep a JWK set: the `max-age` of the answer.
pub const JWKS_MAX_AGE: Seconds = Seconds(300);
/// How old a JWK set may be when it is sent.
pub const JWKS_AGE: Seconds = Seconds(5);
/// How far the clocks of nodes may lie apart.
pub const CLOCK_SKEW: Seconds = Seconds(60);
/// How long a key is published before it signs: then no verifier that keeps to `max-age` has a set
/// without it.
pub const PUBLISHED_BEFORE: Seconds = Seconds(JWKS_MAX_AGE.0 + JWKS_AGE.0 + CLOCK_SKEW.0);
/// The longest lifetime of a token that a new key signs without a word in the storage.
pub const USUAL_LIFETIME: Seconds = Seconds(3600);

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
    /// The longest lifetime of a token that it may sign.
    pub longest_lifetime: Seconds,
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
    /// When it was made, and published from.
    pub created_at: Micros,
    /// From when on it signs.
    pub active_from: Micros,
    /// From when on it signs no more.
    pub retired_at: Option<Micros>,
    /// When it was found to be in other hands: it is worth nothing from then on.
    pub compromised_at: Option<Micros>,
    /// The longest lifetime of a token that it may sign; raised before such a token is signed.
    pub longest_lifetime: Seconds,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("id", &self.id)
            .field("kid", &self.kid)
            .field("times", &self.times())
            .finish_non_exhaustive()
    }
}

impl From<NewSigningKey> for StoredKey {
    fn from(new: NewSigningKey) -> Self {
        Self {
            id: new.id,
            algorithm: new.algorithm,
            kid: new.kid,
            public_jwk: new.public_jwk,
            sealed: new.sealed,
            created_at: new.created_at,
            active_from: new.active_from,
            retired_at: None,
            compromised_at: None,
            longest_lifetime: new.longest_lifetime,
        }
    }
}

/// The times of a key that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyTimes {
    /// Which key.
    pub id: KeyId,
    /// From when on it signs.
    pub active_from: Micros,
    /// From when on it signs no more.
    pub retired_at: Option<Micros>,
    /// When it was found to be in other hands.
    pub compromised_at: Option<Micros>,
}

/// A change of a tenant's keys, all of it together or nothing. Guarded by the tenant's version: of
/// two nodes that decide at once, one finds the other's work.
#[derive(Debug, Clone)]
pub struct KeySchedule {
    /// Whose keys.
    pub tenant: TenantId,
    /// The version of the tenant that this was decided on.
    pub version: i64,
    /// A key to be added.
    pub new: Option<NewSigningKey>,
    /// The new times of keys that are there.
    pub times: Vec<KeyTimes>,
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
    /// No longer published: all that it signed has expired.
    Gone,
    /// Neither published nor believed: somebody else may have it.
    Compromised,
}

impl KeyState {
    /// The name in the management API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Gone => "gone",
            Self::Compromised => "compromised",
        }
    }
}

impl StoredKey {
    /// The state at `now`.
    pub fn state(&self, now: Micros) -> KeyState {
        match (self.compromised_at, self.retired_at) {
            (Some(_), _) => KeyState::Compromised,
            (None, Some(end)) if self.last_expiry(end) <= now => KeyState::Gone,
            (None, Some(end)) if end <= now => KeyState::Retired,
            (None, Some(_) | None) if self.active_from <= now => KeyState::Active,
            (None, Some(_) | None) => KeyState::Next,
        }
    }

    /// When the last token that it signed has expired, where it signs until `end`; the clock of
    /// another node may be behind.
    fn last_expiry(&self, end: Micros) -> Micros {
        end.plus(self.longest_lifetime).plus(CLOCK_SKEW)
    }

    /// Whether the key is in the JWK set at `now`.
    pub fn published(&self, now: Micros) -> bool {
        match self.state(now) {
            KeyState::Next | KeyState::Active | KeyState::Retired => true,
            KeyState::Gone | KeyState::Compromised => false,
        }
    }

    /// The times that can change, as they are.
    pub const fn times(&self) -> KeyTimes {
        KeyTimes {
            id: self.id,
            active_from: self.active_from,
            retired_at: self.retired_at,
            compromised_at: self.compromised_at,
        }
    }
}

/// The key that signs with `algorithm` at `now`: the youngest active one. Where there is none, the one that
/// comes next: the clock that dated it is ahead of ours, or was put right since, and there is nothing else to sign
/// with.
pub fn signing(keys: &[StoredKey], algorithm: Algorithm, now: Micros) -> Option<&StoredKey> {
    active(keys, algorithm, now).or_else(|| next(keys, algorithm, now))
}

/// The youngest active key of `algorithm` at `now`.
pub fn active(keys: &[StoredKey], algorithm: Algorithm, now: Micros) -> Option<&StoredKey> {
    in_state(keys, algorithm, (KeyState::Active, now))
}

/// The key that will sign with `algorithm` next.
pub fn next(keys: &[StoredKey], algorithm: Algorithm, now: Micros) -> Option<&StoredKey> {
    in_state(keys, algorithm, (KeyState::Next, now))
}

fn in_state(keys: &[StoredKey], algorithm: Algorithm, is: (KeyState, Micros)) -> Option<&StoredKey> {
    let (state, now) = is;
    keys.iter()
        .filter(|key| key.algorithm == algorithm && key.state(now) == state)
        .max_by_key(|key| (key.active_from, key.id.to_bytes()))
}

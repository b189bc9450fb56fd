//! How signing keys follow one another. Every function here goes from stored keys and a time to a
//! [`Plan`]; what the plan changes is committed under the tenant's version.
//!
//! What holds at every moment: of each algorithm that has signed, exactly one key signs; and no key
//! signs before it has been published for [`PUBLISHED_BEFORE`], except the first of its algorithm
//! (there is nothing else to sign with) and the one that follows a compromised key.

use crate::change::{Act, Change, Changes};
use crate::ids::{KeyId, TenantId};
use crate::key::{
    KeySchedule, KeyState, KeyTimes, NewSigningKey, PUBLISHED_BEFORE, StoredKey, USUAL_LIFETIME, active, next,
};
use crate::time::{Micros, Seconds};
use writ_jose::Algorithm;

/// How long before the active key's end its successor is made, where there is so much time: long
/// enough for verifiers that keep a JWK set for longer than they were told.
const LEAD: Seconds = Seconds(86_400);

/// What is to be done about the keys of one algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The key that signs from [`Self::signs_from`] on.
    pub signer: Signer,
    /// From when on it signs.
    pub signs_from: Micros,
    /// The new times of keys that are there.
    pub times: Vec<KeyTimes>,
}

/// Which key is to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// One that is there.
    Stored {
        /// Row id.
        id: KeyId,
        /// Key id in headers.
        kid: Box<str>,
    },
    /// One that has to be made.
    ToBeMade,
    /// None: nothing about who signs changes.
    AsBefore,
}

impl Plan {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty() && self.signer != Signer::ToBeMade
    }
}

/// A key pair that was made and sealed, and has not been given its times.
#[derive(Clone)]
pub struct MadeKey {
    /// Row id, under which it was sealed.
    pub id: KeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// RFC 7638 thumbprint.
    pub kid: Box<str>,
    /// The public JWK.
    pub public_jwk: Box<str>,
    /// The private key, sealed.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for MadeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl MadeKey {
    /// The key of a tenant, made at `now`, signing from `active_from` on.
    pub fn dated(self, tenant: TenantId, now: Micros, active_from: Micros) -> NewSigningKey {
        NewSigningKey {
            id: self.id,
            tenant,
            algorithm: self.algorithm,
            kid: self.kid,
            public_jwk: self.public_jwk,
            sealed: self.sealed,
            created_at: now,
            active_from,
            longest_lifetime: USUAL_LIFETIME,
        }
    }
}

/// How old a key may become before its successor signs; `Never`: keys change when somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxAge {
    /// Keys change by themselves at this age.
    After(Seconds),
    /// They do not.
    Never,
}

impl MaxAge {
    /// From whole days; 0 is never.
    pub const fn days(days: u32) -> Self {
        if days == 0 { Self::Never } else { Self::After(Seconds(days as i64 * 86_400)) }
    }

    /// The keys that are due at `now` are those that have signed since this time or longer.
    pub const fn due_since(self, now: Micros) -> Option<Micros> {
        match self {
            Self::Never => None,
            Self::After(age) => Some(now.minus(Seconds(age.0 - Self::lead(age).0))),
        }
    }

    const fn lead(age: Seconds) -> Seconds {
        let half = Seconds(age.0 / 2);
        if half.0 < LEAD.0 { half } else { LEAD }
    }
}

/// Lets another key sign as soon as it may: one that is published already, or a new one.
pub fn rotate(keys: &[StoredKey], algorithm: Algorithm, now: Micros) -> Plan {
    let Some(active) = active(keys, algorithm, now) else {
        // Nothing signs: nothing is gained by waiting.
        return match next(keys, algorithm, now) {
            Some(key) => bring_forward(keys, key, now),
            None => Plan { signer: Signer::ToBeMade, signs_from: now, times: Vec::new() },
        };
    };
    match next(keys, algorithm, now) {
        Some(key) => bring_forward(keys, key, key.created_at.plus(PUBLISHED_BEFORE).max(now)),
        None => succeed(active, now.plus(PUBLISHED_BEFORE)),
    }
}

/// The successor of a key that nears its greatest age.
pub fn due(keys: &[StoredKey], algorithm: Algorithm, max_age: MaxAge, now: Micros) -> Option<Plan> {
    let MaxAge::After(age) = max_age else { return None };
    let active = active(keys, algorithm, now)?;
    let since = max_age.due_since(now)?;
    if active.active_from > since || next(keys, algorithm, now).is_some() {
        return None;
    }
    Some(succeed(active, active.active_from.plus(age).max(now.plus(PUBLISHED_BEFORE))))
}

/// A new key takes over from `active` at `at`.
fn succeed(active: &StoredKey, at: Micros) -> Plan {
    let times = vec![KeyTimes { retired_at: Some(at), ..active.times() }];
    Plan { signer: Signer::ToBeMade, signs_from: at, times }
}

/// A key that is there signs from `at` on, or from earlier where that is its time already; whatever
/// signs before it stops then.
fn bring_forward(keys: &[StoredKey], key: &StoredKey, at: Micros) -> Plan {
    let at = at.min(key.active_from);
    let times = if at == key.active_from {
        Vec::new()
    } else {
        keys.iter()
            .filter(|other| other.algorithm == key.algorithm && other.compromised_at.is_none())
            .filter_map(|other| {
                if other.id == key.id {
                    Some(KeyTimes { active_from: at, ..other.times() })
                } else if other.retired_at.is_none_or(|end| end > at) {
                    Some(KeyTimes { retired_at: Some(at), ..other.times() })
                } else {
                    None
                }
            })
            .collect()
    };
    Plan { signer: Signer::Stored { id: key.id, kid: key.kid.clone() }, signs_from: at, times }
}

/// What becomes of the tokens of a tenant when one of its keys is in other hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantTokens {
    /// All that were issued so far end.
    End,
    /// The key has signed nothing that still counts.
    Stay,
}

/// Why a key cannot be called compromised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCompromised {
    /// There is no such key.
    Unknown,
    /// It has been called that before.
    Already,
}

/// A key is in other hands: it is withdrawn at once, and where it signed, another one signs at once.
///
/// # Errors
/// [`NotCompromised`].
pub fn compromise(
    keys: &[StoredKey],
    kid: &str,
    now: Micros,
) -> Result<(KeyId, Plan, TenantTokens), NotCompromised> {
    let key = keys.iter().find(|key| &*key.kid == kid).ok_or(NotCompromised::Unknown)?;
    let retired_at = Some(key.retired_at.map_or(now, |end| end.min(now)));
    let withdrawn = KeyTimes { retired_at, compromised_at: Some(now), ..key.times() };
    let as_before = |times| Plan { signer: Signer::AsBefore, signs_from: now, times };
    let (plan, tokens) = match key.state(now) {
        KeyState::Compromised => return Err(NotCompromised::Already),
        KeyState::Active => {
            let plan = match next(keys, key.algorithm, now) {
                // Some verifiers know it already: better than one that nobody has seen.
                Some(following) => Plan {
                    signer: Signer::Stored { id: following.id, kid: following.kid.clone() },
                    signs_from: now,
                    times: vec![withdrawn, KeyTimes { active_from: now, ..following.times() }],
                },
                None => Plan { signer: Signer::ToBeMade, signs_from: now, times: vec![withdrawn] },
            };
            (plan, TenantTokens::End)
        }
        KeyState::Next => {
            // Whoever was to give way to it goes on.
            let staying = active(keys, key.algorithm, now)
                .map(|active| KeyTimes { retired_at: None, ..active.times() });
            (as_before([withdrawn].into_iter().chain(staying).collect()), TenantTokens::Stay)
        }
        KeyState::Retired => (as_before(vec![withdrawn]), TenantTokens::End),
        KeyState::Gone => (as_before(vec![withdrawn]), TenantTokens::Stay),
    };
    Ok((key.id, plan, tokens))
}

/// A tenant's keys as they were read, and the version of the tenant read before them.
#[derive(Debug, Clone)]
pub struct TenantKeys {
    /// Whose.
    pub tenant: TenantId,
    /// Guards what is decided on them.
    pub version: i64,
    /// The keys, oldest first.
    pub keys: Vec<StoredKey>,
}

/// The unit that a plan becomes. `None`: a key has to be made, and none was.
pub fn changes(facts: &TenantKeys, plan: &Plan, made: Option<MadeKey>, act: Act) -> Option<Changes> {
    let new = match &plan.signer {
        Signer::ToBeMade => Some(made?.dated(facts.tenant, act.at, plan.signs_from)),
        Signer::Stored { .. } | Signer::AsBefore => None,
    };
    let schedule =
        KeySchedule { tenant: facts.tenant, version: facts.version, new, times: plan.times.clone() };
    Some(Changes::new(act).with(Change::ScheduleSigningKeys(Box::new(schedule))))
}

#[cfg(test)]
#[path = "rotation_laws.rs"]
mod laws;

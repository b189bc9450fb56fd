//! Signing keys, as an administrator rotates and withdraws them.

use super::{Deed, no_such};
use crate::change::{Action, Change, Changes, Target};
use crate::decision::{Decision, Refusal};
use crate::encryption_key::{NewEncryptionKey, OldKey, Replacement, StoredEncryptionKey};
use crate::error::{ErrorCode, OAuthError};
use crate::ids::KeyId;
use crate::key::KeyState;
use crate::reason::Reason;
use crate::rotation::{self, MadeKey, NotCompromised, Plan, Signer, TenantKeys, TenantTokens};
use crate::time::Micros;
use writ_jose::Algorithm;

/// Which key signs next, and from when on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// Key id in headers.
    pub kid: Box<str>,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// What it is now: next, or active already.
    pub state: KeyState,
    /// From when on it signs.
    pub signs_from: Micros,
}

/// Whether a rotation or a withdrawal needs a new key to be made first: making one takes a while, so
/// it is done before the decision.
pub fn needs_a_key(plan: &Plan) -> bool {
    plan.signer == Signer::ToBeMade
}

/// Lets another key of `algorithm` sign as soon as it may. Asking again before its time gives the
/// same key and the same time.
///
/// # Errors
/// `conflict` where the keys changed while a new one was being made.
pub fn rotate(
    facts: &TenantKeys,
    algorithm: Algorithm,
    made: Option<MadeKey>,
    deed: &Deed<'_>,
) -> Decision<Rotated> {
    let now = deed.moment.now;
    let plan = rotation::rotate(&facts.keys, algorithm, now);
    let (id, kid) = signer(&plan, made.as_ref()).ok_or_else(meanwhile)?;
    let state = if plan.signs_from <= now { KeyState::Active } else { KeyState::Next };
    let rotated = Rotated { kid, algorithm, state, signs_from: plan.signs_from };
    Ok((rotated, unit(facts, &plan, made, &deed.unit(Action::SigningKeyRotated, Target::SigningKey(id)))?))
}

/// Withdraws a key that somebody else may have. Where it signed, another one signs at once and every
/// access token of the tenant ends.
///
/// # Errors
/// `not_found`; `conflict` where that was done before.
pub fn compromised(facts: &TenantKeys, kid: &str, made: Option<MadeKey>, deed: &Deed<'_>) -> Decision<()> {
    let (id, plan, tokens) =
        rotation::compromise(&facts.keys, kid, deed.moment.now).map_err(not_compromised)?;
    let changes =
        unit(facts, &plan, made, &deed.unit(Action::SigningKeyCompromised, Target::SigningKey(id)))?;
    let changes = match tokens {
        TenantTokens::End => changes.with(Change::EndTenantTokens { tenant: facts.tenant }),
        TenantTokens::Stay => changes,
    };
    Ok(((), changes))
}

/// Withdraws and erases a key that clients encrypt to; another one takes its place.
pub fn replaced(old: &StoredEncryptionKey, new: NewEncryptionKey, deed: &Deed<'_>) -> ((), Changes) {
    let unit = deed.unit(Action::EncryptionKeyCompromised, Target::EncryptionKey(old.id));
    let replacement = Replacement { old: old.id, before: OldKey::Erased, new };
    ((), unit.with(Change::ReplaceEncryptionKey(Box::new(replacement))))
}

/// Why a key cannot be withdrawn, as a refusal.
pub fn not_compromised(why: NotCompromised) -> Box<Refusal> {
    match why {
        NotCompromised::Unknown => no_such(Reason::NoSuchSigningKey),
        NotCompromised::Already => conflict(Reason::KeyWithdrawn),
    }
}

fn signer(plan: &Plan, made: Option<&MadeKey>) -> Option<(KeyId, Box<str>)> {
    match &plan.signer {
        Signer::Stored { id, kid } => Some((*id, kid.clone())),
        Signer::ToBeMade => made.map(|made| (made.id, made.kid.clone())),
        Signer::AsBefore => None,
    }
}

fn unit(
    facts: &TenantKeys,
    plan: &Plan,
    made: Option<MadeKey>,
    unit: &Changes,
) -> Result<Changes, Box<Refusal>> {
    let changes = rotation::changes(facts, plan, made, unit.act().clone()).ok_or_else(meanwhile)?;
    // What the record says besides, such as through which client a person acted.
    Ok(match unit.details() {
        Some(details) => changes.detailed(details.clone()),
        None => changes,
    })
}

fn meanwhile() -> Box<Refusal> {
    conflict(Reason::KeysChanged)
}

fn conflict(text: Reason) -> Box<Refusal> {
    OAuthError::new(ErrorCode::Conflict, text).into()
}

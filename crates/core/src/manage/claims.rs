//! The standard claims of a person that an account has no field of its own for.

use super::{Deed, Violations, no_such};
use crate::change::{Action, Change, Target};
use crate::claims::{ClaimsPatch, StandardClaims};
use crate::decision::Decision;
use crate::people::{Account, PeopleChange};
use crate::reason::Reason;
use crate::role::{Role, permissions_of};

/// Whose claims they are, and what they are.
#[derive(Debug, Clone)]
pub struct ClaimsFacts {
    /// The account.
    pub account: Account,
    /// Its claims.
    pub claims: StandardClaims,
}

/// What was sent.
#[derive(Debug, Clone, Default)]
pub struct ClaimsDraft {
    /// What shall become of the claims.
    pub patch: ClaimsPatch,
    /// What could not be read.
    pub unread: Violations,
}

/// Changes what applications are told of a person.
///
/// # Errors
/// `not_found`; `invalid_request` naming the claims; `access_denied` where the person has authority that the caller lacks.
pub fn update(
    draft: &ClaimsDraft,
    found: Option<&ClaimsFacts>,
    defined: &[Role],
    deed: &Deed<'_>,
) -> Decision<ClaimsFacts> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchUser))?;
    let mut violations = draft.unread.clone();
    let mut after = found.clone();
    if let Err(wrong) = draft.patch.apply_to(&mut after.claims) {
        for (claim, why) in wrong {
            violations.note(claim.path(), why);
        }
    }
    violations.settle()?;
    let roles = found.account.user.roles.iter().map(AsRef::as_ref);
    deed.acting.caller().may_grant(permissions_of(roles, defined))?;
    after.account.version += 1;
    after.account.updated_at = deed.moment.now;
    let change = PeopleChange::SetClaims {
        user: found.account.user.id,
        tenant: deed.acting.tenant(),
        version: found.account.version,
        claims: after.claims.clone(),
        at: deed.moment.now,
    };
    let changes =
        deed.unit(Action::UserUpdated, Target::User(found.account.user.id)).with(Change::People(change));
    Ok((after, changes))
}

//! Leaving: people delete their own account. For a while it is only out of use, for everybody, and they may keep it.

use super::accounts::CurrentPassword;
use super::{Account, Letter, News, PeopleChange};
use crate::change::{Action, Change, Changes, Target};
use crate::decision::Judgement;
use crate::error::{ErrorCode, OAuthError};
use crate::ids::{TenantId, UserId};
use crate::manage::{Violations, no_such};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::settings::{Choice, TenantSettings};
use crate::time::{Micros, Seconds};

/// The longest time in which an account can be kept after all.
pub const LONGEST_GRACE: Seconds = Seconds(90 * 86_400);

/// What has become of an account whose owner leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// It is gone.
    Gone,
    /// It goes then.
    At(Micros),
}

/// An account whose time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverdueAccount {
    /// Whose.
    pub user: UserId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Since when it should be gone.
    pub leaves_at: Micros,
}

/// What somebody brings who leaves.
#[derive(Debug, Clone, Copy)]
pub struct Farewell<'a> {
    /// What their present password proves.
    pub proof: CurrentPassword,
    /// The language that they read (BCP 47): nobody is there to choose one when the account goes.
    pub language: &'a str,
}

/// Somebody leaves: all their sign-ins and tokens end at once, and the account goes now or after the tenant's grace.
///
/// # Errors
/// `access_denied` where the tenant does not let people; `invalid_request` without the present password.
pub fn leave(
    found: &Account,
    farewell: Farewell<'_>,
    settings: &TenantSettings,
    scene: &Scene<'_>,
) -> Judgement<(Departure, Letter, Changes)> {
    if !settings.account_deletion.is_on() {
        let why = settings.left_to_administrators.turned_on_by(Choice::AccountDeletion);
        return Err(OAuthError::new(ErrorCode::AccessDenied, why).into());
    }
    let mut violations = Violations::default();
    match farewell.proof {
        CurrentPassword::Missing => violations.note("current_password", Reason::CurrentPasswordMissing),
        CurrentPassword::Wrong => violations.note("current_password", Reason::CurrentPasswordWrong),
        CurrentPassword::Right => {}
    }
    violations.settle()?;
    if settings.account_deletion_grace.0 == 0 {
        let (letter, changes) = delete(found, scene);
        return Ok((Departure::Gone, letter, changes));
    }
    let now = scene.moment.now;
    let leaves_at = now.plus(settings.account_deletion_grace);
    let (user, tenant, version) = (found.user.id, found.user.tenant, found.version);
    let change =
        PeopleChange::Leave { user, tenant, version, at: now, leaves_at, language: farewell.language.into() };
    let changes = scene.unit(Action::UserDeletionRequested, Target::User(user)).with(Change::People(change));
    let letter = Letter { to: found.email.clone(), what: News::Leaving(leaves_at) };
    Ok((Departure::At(leaves_at), letter, changes))
}

/// An account goes, on condition that it is what was found: whoever kept it meanwhile has kept it.
pub fn delete(found: &Account, scene: &Scene<'_>) -> (Letter, Changes) {
    let (user, tenant) = (found.user.id, found.user.tenant);
    let change = Change::DeleteUser { user, tenant, only: Some(found.version) };
    let changes = scene.unit(Action::UserDeleted, Target::User(user)).with(change);
    (Letter { to: found.email.clone(), what: News::Left }, changes)
}

/// Somebody keeps their account: the account as it is then, and the unit that makes it so. What has ended stays ended.
///
/// # Errors
/// `not_found` where it is not on its way out.
pub fn keep(found: &Account, scene: &Scene<'_>) -> Judgement<(Account, Changes)> {
    if found.leaves_at.is_none() {
        return Err(no_such(Reason::NoSuchUser));
    }
    let (user, tenant, version) = (found.user.id, found.user.tenant, found.version);
    let change = PeopleChange::Keep { user, tenant, version, at: scene.moment.now };
    let changes = scene.unit(Action::UserDeletionCancelled, Target::User(user)).with(Change::People(change));
    Ok((Account { leaves_at: None, leaves_in: None, version: version + 1, ..found.clone() }, changes))
}

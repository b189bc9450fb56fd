//! Signing in with a password: who may try how often, and what a try comes to.
//!
//! Every attempt is taken out of a bucket in the database *before* anything is hashed, so that no
//! number of parallel guesses gets more tries than the bucket holds, on whichever nodes they arrive.
//! A bucket holds [`BURST`] attempts and gets one back every [`REFILL`]; a sign-in that succeeds
//! fills it again. What finds the bucket empty takes nothing out of it: a lock is never made longer by
//! trying, and ends by itself.
//!
//! That alone would let anybody keep a person out for good, by trying again whenever an attempt
//! comes back. So a network that the person has signed in from has a bucket of its own, which
//! strangers cannot empty, and so has a browser that they have signed in with, which not even others in
//! their network can empty; and a new password by mail fills all of them.
//!
//! A name that nobody has is treated like one that somebody has: same reads, same write, same hash.

use std::net::IpAddr;
use std::sync::Arc;

use super::change::{PeopleChange, SignIn};
use super::factors::policy::{Assurance, Sufficiency, judge};
use super::{Account, Candidate, email_is_valid};
use crate::change::{Action, Actor, Change, Changes, Enabled, Origin, Outcome, Recorded, Target};
use crate::decision::{Decision, Moment, Refusal};
use crate::error::{ErrorCode, OAuthError, Why};
use crate::ids::{TenantId, UserId};
use crate::noted::{Noted, Worth};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::secret::{Digest32, HashKey};
use crate::session::Authentication;
use crate::tenant::Tenant;
use crate::time::{Micros, Seconds};
use crate::webauthn::WebauthnFault;

/// Attempts that a full bucket holds.
pub const BURST: i64 = 10;
/// How long it takes until one comes back.
pub const REFILL: Seconds = Seconds(600);
/// How long a place that somebody signed in from has a bucket of its own.
pub const REMEMBERED: Seconds = Seconds(90 * 86_400);
/// Bytes of a password at the most that are looked at: nobody has a longer one.
pub const LONGEST_PASSWORD: usize = 1024;

/// Which attempts are counted together. Both are keyed hashes: what people mistype as a username may
/// be a password, and is not kept.
#[derive(Debug, Clone, Copy)]
pub enum Bucket {
    /// Those from wherever the person has not signed in from before.
    Strangers(Digest32),
    /// Those from a place that they have signed in from.
    Place(Digest32),
    /// Those from a browser that they have signed in with.
    Browser(Digest32),
}

impl Bucket {
    /// Its name in the store.
    pub const fn key(self) -> Digest32 {
        match self {
            Self::Strangers(key) | Self::Place(key) | Self::Browser(key) => key,
        }
    }
}

/// The buckets that an attempt could come from.
#[derive(Debug, Clone, Copy)]
pub struct AttemptBuckets {
    /// That of strangers.
    pub strangers: Digest32,
    /// That of the place where the attempt comes from; none where the place is not known.
    pub place: Option<Digest32>,
    /// That of the browser where the attempt comes from; none where there is none.
    pub browser: Option<Digest32>,
}

impl AttemptBuckets {
    /// The buckets of a name in a tenant, for a request from there. All of one name begin with the same bytes, so that
    /// they lie side by side.
    pub fn of(tenant: TenantId, username_key: &str, origin: &Origin, hash_key: &HashKey) -> Self {
        let account = format!("sign-in\n{tenant}\n{username_key}");
        let strangers = hash_key.hash(&account);
        let beside = |what: String| beside(&strangers, &hash_key.hash(&format!("{account}\n{what}")));
        let place = origin.ip.map(|ip| beside(network(ip)));
        let browser = origin.browser.map(|id| beside(format!("browser {id}")));
        Self { strangers, place, browser }
    }

    /// The first and the last that a name can have, whatever the place and the browser.
    pub fn all(tenant: TenantId, username_key: &str, hash_key: &HashKey) -> (Digest32, Digest32) {
        let strangers = hash_key.hash(&format!("sign-in\n{tenant}\n{username_key}"));
        let at_end = |byte| beside(&strangers, &Digest32::from_bytes([byte; 32]));
        (at_end(0), at_end(0xff))
    }

    /// The one that an attempt comes from.
    pub fn choose(self, known: KnownSource) -> Bucket {
        match (known, self.browser, self.place) {
            (KnownSource::Browser, Some(browser), _) => Bucket::Browser(browser),
            (KnownSource::Browser | KnownSource::Place, _, Some(place)) => Bucket::Place(place),
            (KnownSource::Browser | KnownSource::Place | KnownSource::Nothing, _, _) => {
                Bucket::Strangers(self.strangers)
            }
        }
    }
}

/// A bucket of the name that `first` is one of.
fn beside(first: &Digest32, own: &Digest32) -> Digest32 {
    let mut bytes = *own.as_bytes();
    let (common, _) = bytes.split_at_mut(BESIDE);
    common.copy_from_slice(first.as_bytes().split_at(BESIDE).0);
    Digest32::from_bytes(bytes)
}

/// Bytes that all buckets of a name begin with.
const BESIDE: usize = 16;

/// What is known of where an attempt comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownSource {
    /// The person has signed in with this browser.
    Browser,
    /// They have signed in from this network.
    Place,
    /// Neither, or it was long ago.
    Nothing,
}

/// The network of an address: what a provider gives to one customer, more or less.
fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}", d & 0xff00)
        }
    }
}

/// One attempt, to be taken out of a bucket. A bucket is stored as the time until which its attempts
/// are all used up and have come back one by one ("busy until"): one number, which only moves forward.
#[derive(Debug, Clone, Copy)]
pub struct SignInAttempt {
    /// Out of which bucket.
    pub bucket: Digest32,
    /// When.
    pub at: Micros,
    /// What one attempt adds.
    pub cost: Seconds,
    /// The bucket is empty where it is busy beyond this.
    pub latest: Micros,
    /// The row is worth nothing after this.
    pub kept_until: Micros,
}

/// Somebody's try to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Try<'a> {
    /// In which tenant.
    pub tenant: &'a Tenant,
    /// The name, as it was typed.
    pub username: &'a str,
    /// Whom the name belongs to, if anybody.
    pub candidate: Option<&'a Candidate>,
    /// Which attempts it is counted with.
    pub bucket: Bucket,
    /// From where.
    pub origin: &'a Origin,
    /// What decides whether the password is enough; none: nobody signs in, somebody only shows that it is them.
    pub assurance: Option<Assurance<'a>>,
}

impl<'a> Try<'a> {
    /// Until it is known who it is.
    fn scene(&self, moment: &Moment<'a>) -> Scene<'a> {
        Scene { tenant: self.tenant.id, actor: Actor::Anonymous, origin: self.origin, moment: *moment }
    }
}

/// Takes an attempt out of its bucket, for a name that nobody has like for one that somebody has. Whoever's name it
/// is has a record of it even if nothing else comes of it.
pub fn reserve(try_: &Try<'_>, moment: &Moment<'_>) -> Changes {
    let (target, recorded) = match try_.candidate {
        Some(found) => (Target::User(found.account.user.id), Recorded::Inside(Outcome::Attempted)),
        None => (Target::Tenant(try_.tenant.id), Recorded::Later),
    };
    let attempt = reserved(try_.bucket.key(), moment.now);
    try_.scene(moment)
        .unit(Action::SignInAttempted, target)
        .with(Change::People(PeopleChange::ReserveAttempt(attempt)))
        .recorded(recorded)
}

/// One attempt out of a bucket.
pub fn reserved(bucket: Digest32, at: Micros) -> SignInAttempt {
    let span = Seconds(REFILL.0 * (BURST - 1));
    SignInAttempt {
        bucket,
        at,
        cost: REFILL,
        latest: at.plus(span),
        kept_until: at.plus(Seconds(REFILL.0 * (BURST + 1))),
    }
}

/// What a presented password proved.
#[derive(Debug, Clone)]
pub enum PasswordProof {
    /// Nothing: it is wrong, or nobody was there to check it for.
    Nothing,
    /// Nothing: no attempt was left, and it was not looked at.
    Unseen,
    /// It is right.
    Right,
    /// It is right, and what is stored of it is out of date: this is the new hash.
    Outdated(Arc<str>),
}

/// Why somebody did not get in, for the audit log alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInFailure {
    /// Nobody has the name.
    Unknown,
    /// The password is wrong, or there is none.
    Wrong,
    /// No attempt was left.
    Throttled,
    /// They, or their tenant, are disabled.
    Disabled,
    /// Their address is not verified, and has to be.
    Unverified,
    /// Their account is to go, as they wished.
    Leaving,
    /// The password is right, and what was typed as the second factor is wrong.
    Factor,
    /// A passkey was not taken.
    Passkey(WebauthnFault),
    /// A link or a code that was mailed was not taken.
    Mailed,
}

impl SignInFailure {
    /// The word in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Wrong => "wrong",
            Self::Throttled => "throttled",
            Self::Disabled => "disabled",
            Self::Unverified => "unverified",
            Self::Leaving => "leaving",
            Self::Factor => "second_factor",
            Self::Passkey(WebauthnFault::Counter) => "passkey_copied",
            Self::Passkey(_) => "passkey",
            Self::Mailed => "mailed",
        }
    }

    /// What they are told.
    pub(super) fn answer(self) -> OAuthError {
        match self {
            Self::Unverified => unverified(),
            Self::Leaving => leaving(),
            Self::Factor => super::factors::prove::refused(),
            Self::Passkey(_) => super::factors::passkey::refused(),
            Self::Unknown | Self::Wrong | Self::Throttled | Self::Disabled | Self::Mailed => refused(),
        }
    }

    /// How many there may be: attempts that are taken out of a bucket are few.
    pub(super) const fn worth(self) -> Worth {
        match self {
            Self::Wrong
            | Self::Disabled
            | Self::Unverified
            | Self::Leaving
            | Self::Factor
            | Self::Passkey(WebauthnFault::Counter) => Worth::Each,
            Self::Unknown | Self::Throttled | Self::Passkey(_) | Self::Mailed => Worth::Few,
        }
    }
}

/// A person who has just proved to be themselves, with a password to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInUser {
    /// Row id.
    pub id: UserId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// As they write it.
    pub username: Arc<str>,
    /// The generation of their tokens, as it was when the password was checked.
    pub generation: i64,
    /// The version of the account then.
    pub version: i64,
    /// How they proved it, and when.
    pub proved: Authentication,
    /// Whether that is enough to sign them in; none: nobody asked.
    pub sufficiency: Option<Sufficiency>,
}

impl SignedInUser {
    /// Whoever has an account, and has proved it so.
    pub fn of(account: &Account, proved: Authentication, assurance: Option<&Assurance<'_>>) -> Self {
        let sufficiency = assurance.map(|assurance| judge(&proved, assurance));
        Self {
            id: account.user.id,
            tenant: account.user.tenant,
            username: Arc::clone(&account.user.username),
            generation: account.generation,
            version: account.version,
            proved,
            sufficiency,
        }
    }
}

/// Somebody who has proved to be themselves without a password, with what is written of it beside the sign-in.
#[derive(Debug)]
pub struct EntryProved {
    /// Who, and whether it is enough.
    pub person: SignedInUser,
    /// What is used up.
    pub changes: Vec<Change>,
}

/// What a try came to. Unknown, wrong, locked and disabled are one answer, and the audit log tells them apart; whoever
/// knows the password hears that the address has to be verified first.
///
/// # Errors
/// `invalid_grant`.
pub fn decide(
    try_: &Try<'_>,
    proof: &PasswordProof,
    buckets: &AttemptBuckets,
    moment: &Moment<'_>,
) -> Decision<SignedInUser> {
    let found = let_in(try_, proof);
    let (candidate, checked, kept) =
        found.map_err(|why| Refusal::new(why.answer()).recording(failed(try_, why, moment)))?;
    let account = &candidate.account;
    let (id, username) = (account.user.id, &account.user.username);
    let sign_in = SignIn {
        user: id,
        tenant: try_.tenant.id,
        at: moment.now,
        checked: Arc::clone(checked),
        kept: Arc::clone(kept),
        bucket: try_.bucket,
        places: [buckets.place, buckets.browser],
        remembered: REMEMBERED,
    };
    let signed_in =
        SignedInUser::of(account, Authentication::by_password(moment.now), try_.assurance.as_ref());
    let action = match &signed_in.sufficiency {
        Some(Sufficiency::Lacks(_)) => Action::PasswordAccepted,
        Some(Sufficiency::Enough(_)) | None => Action::UserSignedIn,
    };
    let changes = try_
        .scene(moment)
        .by(id, Arc::clone(username))
        .unit(action, Target::User(id))
        .with(Change::People(PeopleChange::SignIn(Box::new(sign_in))));
    Ok((signed_in, changes))
}

/// Whom a try lets in: with the hash that was checked, and the one that is kept.
fn let_in<'t>(
    try_: &Try<'t>,
    proof: &'t PasswordProof,
) -> Result<(&'t Candidate, &'t Arc<str>, &'t Arc<str>), SignInFailure> {
    let candidate = try_.candidate.ok_or(SignInFailure::Unknown)?;
    let checked = candidate.password_hash.as_ref();
    let (checked, kept) = match (proof, checked) {
        (PasswordProof::Unseen, _) => return Err(SignInFailure::Throttled),
        (PasswordProof::Nothing, _) | (_, None) => return Err(SignInFailure::Wrong),
        (PasswordProof::Right, Some(checked)) => (checked, checked),
        (PasswordProof::Outdated(hash), Some(checked)) => (checked, hash),
    };
    may_enter(&candidate.account, try_.tenant)?;
    Ok((candidate, checked, kept))
}

/// Whether somebody may sign in, however they prove to be themselves.
///
/// # Errors
/// Why not.
pub fn may_enter(account: &Account, tenant: &Tenant) -> Result<(), SignInFailure> {
    if account.user.enabled == Enabled::No || !tenant.enabled.is_yes() {
        return Err(SignInFailure::Disabled);
    }
    if tenant.settings.require_verified_email.is_on() && !account.email_is_verified() {
        return Err(SignInFailure::Unverified);
    }
    if account.leaves_at.is_some() {
        return Err(SignInFailure::Leaving);
    }
    Ok(())
}

/// The record of a try that failed. A name that nobody has is kept if it is an address: anything else may be a
/// password that was typed into the wrong field.
fn failed(try_: &Try<'_>, why: SignInFailure, moment: &Moment<'_>) -> Noted {
    let (target, name) = if let Some(found) = try_.candidate {
        let Account { user, .. } = &found.account;
        (Target::User(user.id), Some(Box::from(&*user.username)))
    } else {
        let address = email_is_valid(try_.username);
        (Target::Tenant(try_.tenant.id), address.then(|| Box::from(try_.username)))
    };
    Noted {
        act: try_.scene(moment).act(Action::SignInFailed, target),
        outcome: Outcome::Failure,
        why: Some(("reason", why.name())),
        reason: None,
        name: name.map(|name| ("username", name)),
        list: None,
        path: None,
        worth: why.worth(),
    }
}

/// The record of a try whose password was not looked at, for its network had failed too often.
pub fn throttled(try_: &Try<'_>, moment: &Moment<'_>) -> Noted {
    failed(try_, SignInFailure::Throttled, moment)
}

/// The one answer to every sign-in that fails.
pub fn refused() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, Reason::SignInFailed)
}

/// The answer to the right password of somebody whose address is not verified, where it has to be.
pub fn unverified() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, Reason::EmailUnverified)
}

/// The answer to the right password of somebody whose account is to go.
pub fn leaving() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, Reason::AccountLeaving)
}

/// The answer to the right password of somebody who has to prove more, where there is no page to do it on.
pub fn wants_more() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, Reason::SecondFactorWanted)
}

/// Whether it was that.
pub fn is_leaving(error: &OAuthError) -> bool {
    *error.why() == Why::Reason(Reason::AccountLeaving)
}

/// Whether it was that the address is not verified.
pub fn is_unverified(error: &OAuthError) -> bool {
    *error.why() == Why::Reason(Reason::EmailUnverified)
}

#[cfg(test)]
mod tests;

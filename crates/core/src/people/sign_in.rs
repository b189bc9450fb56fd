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
//! strangers cannot empty; and a new password by mail fills all of them.
//!
//! A name that nobody has is treated like one that somebody has: same reads, same write, same hash.

use std::net::IpAddr;
use std::sync::Arc;

use super::Candidate;
use super::change::{PeopleChange, SignIn};
use crate::change::{Act, Action, Actor, Change, Changes, Enabled, Origin, Target};
use crate::decision::{Decision, Moment};
use crate::error::{ErrorCode, OAuthError};
use crate::ids::{AuditId, TenantId, UserId};
use crate::secret::{Digest32, HashKey};
use crate::tenant::Tenant;
use crate::time::{Micros, Seconds};

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
}

impl Bucket {
    /// Its name in the store.
    pub const fn key(self) -> Digest32 {
        match self {
            Self::Strangers(key) | Self::Place(key) => key,
        }
    }
}

/// The buckets that an attempt could come from.
#[derive(Debug, Clone, Copy)]
pub struct Buckets {
    /// That of strangers.
    pub strangers: Digest32,
    /// That of the place where the attempt comes from; none where the place is not known.
    pub place: Option<Digest32>,
}

impl Buckets {
    /// The buckets of a name in a tenant, for a request from `ip`.
    pub fn of(tenant: TenantId, username_key: &str, ip: Option<IpAddr>, hash_key: &HashKey) -> Self {
        let account = format!("sign-in\n{tenant}\n{username_key}");
        let place = ip.map(|ip| hash_key.hash(&format!("{account}\n{}", network(ip))));
        Self { strangers: hash_key.hash(&account), place }
    }

    /// The one that an attempt comes from.
    pub fn choose(self, place: KnownPlace) -> Bucket {
        match (place, self.place) {
            (KnownPlace::Yes, Some(place)) => Bucket::Place(place),
            (KnownPlace::Yes | KnownPlace::No, _) => Bucket::Strangers(self.strangers),
        }
    }
}

/// Whether the person has signed in from the place where an attempt comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownPlace {
    /// They have.
    Yes,
    /// They have not, or it was long ago.
    No,
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
pub struct Attempt {
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
    /// Whom the name belongs to, if anybody.
    pub candidate: Option<&'a Candidate>,
    /// Which attempts it is counted with.
    pub bucket: Bucket,
    /// From where.
    pub origin: &'a Origin,
}

/// Takes an attempt out of its bucket, for a name that nobody has like for one that somebody has.
pub fn reserve(try_: &Try<'_>, moment: &Moment<'_>) -> Changes {
    let target = match try_.candidate {
        Some(candidate) => Target::User(candidate.account.user.id),
        None => Target::Tenant(try_.tenant.id),
    };
    let at = moment.now;
    let span = Seconds(REFILL.0 * (BURST - 1));
    let attempt = Attempt {
        bucket: try_.bucket.key(),
        at,
        cost: REFILL,
        latest: at.plus(span),
        kept_until: at.plus(Seconds(REFILL.0 * (BURST + 1))),
    };
    act(try_, Actor::Anonymous, (Action::SignInAttempted, target), moment)
        .with(Change::People(PeopleChange::ReserveAttempt(attempt)))
}

/// What a presented password proved.
#[derive(Debug, Clone)]
pub enum PasswordProof {
    /// Nothing: it is wrong, or nobody was there to check it for, or no attempt was left.
    Nothing,
    /// It is right.
    Right,
    /// It is right, and what is stored of it is out of date: this is the new hash.
    Outdated(Arc<str>),
}

/// A person who has just signed in with a password.
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
    /// When they signed in: `auth_time`.
    pub at: Micros,
}

/// What a try came to. Unknown, wrong, locked and disabled are one answer; whoever knows the password hears that the
/// address has to be verified first.
///
/// # Errors
/// `invalid_grant`.
pub fn decide(
    try_: &Try<'_>,
    proof: &PasswordProof,
    place: Option<Digest32>,
    moment: &Moment<'_>,
) -> Decision<SignedInUser> {
    let candidate = try_.candidate.ok_or_else(refused)?;
    let checked = candidate.password_hash.as_ref().ok_or_else(refused)?;
    let kept = match proof {
        PasswordProof::Nothing => return Err(refused().into()),
        PasswordProof::Right => checked,
        PasswordProof::Outdated(hash) => hash,
    };
    let account = &candidate.account;
    if account.user.enabled == Enabled::No || !try_.tenant.enabled.is_yes() {
        return Err(refused().into());
    }
    if try_.tenant.settings.require_verified_email.is_on() && !account.email_is_verified() {
        return Err(unverified().into());
    }
    let (id, username) = (account.user.id, &account.user.username);
    let sign_in = SignIn {
        user: id,
        tenant: try_.tenant.id,
        at: moment.now,
        checked: Arc::clone(checked),
        kept: Arc::clone(kept),
        bucket: try_.bucket,
        place,
        remembered: REMEMBERED,
    };
    let signed_in = SignedInUser {
        id,
        tenant: try_.tenant.id,
        username: Arc::clone(username),
        generation: account.generation,
        version: account.version,
        at: moment.now,
    };
    let actor = Actor::User { id, name: Arc::clone(username) };
    let changes = act(try_, actor, (Action::UserSignedIn, Target::User(id)), moment)
        .with(Change::People(PeopleChange::SignIn(Box::new(sign_in))));
    Ok((signed_in, changes))
}

/// The one answer to every sign-in that fails.
pub fn refused() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, "the username or the password is not right")
}

const UNVERIFIED: &str = "the email address of this account is not verified yet: follow the link in the letter, or ask for another one";

/// The answer to the right password of somebody whose address is not verified, where it has to be.
pub fn unverified() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, UNVERIFIED)
}

/// Whether it was that.
pub fn is_unverified(error: &OAuthError) -> bool {
    error.public() == UNVERIFIED
}

fn act(try_: &Try<'_>, actor: Actor, what: (Action, Target), moment: &Moment<'_>) -> Changes {
    let (action, target) = what;
    Changes::new(Act {
        id: AuditId::v7(moment.now, moment.random.bits()),
        at: moment.now,
        tenant: try_.tenant.id,
        actor,
        action,
        target,
        origin: try_.origin.clone(),
    })
}

#[cfg(test)]
mod tests;

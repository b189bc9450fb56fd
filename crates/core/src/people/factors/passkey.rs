//! Passkeys of people (Web Authentication Level 3): how they are asked for, registered and used, as the first way in, as the
//! second factor, and to prove that it still is their owner who sits there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::enrol::{FactorAdded, FactorFacts, added, fresh, named};
use super::policy::{Assurance, Sufficiency, judge};
use super::prove::SecondProved;
use super::slip::Slip;
use super::{Factor, FactorChange, FactorKind, FactorMeans, Passkey};
use crate::act::{Action, Target};
use crate::audit::Outcome;
use crate::change::{Change, Changes};
use crate::decision::{Decision, Moment, Refusal};
use crate::details::Details;
use crate::error::{ErrorCode, OAuthError, Why};
use crate::ids::{FactorId, TenantId, UserId};
use crate::manage::Violations;
use crate::noted::Noted;
use crate::people::accounts::CurrentPassword;
use crate::people::change::PeopleChange;
use crate::people::letters::{Letter, News};
use crate::people::sign_in::{
    AttemptBuckets, EntryProved, REMEMBERED, SignInFailure, SignedInUser, may_enter,
};
use crate::people::{Account, username_key};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::secret::{Digest32, HashKey, sha256};
use crate::session::{Authentication, FactorUsed, PasskeyUse};
use crate::tenant::Tenant;
use crate::time::{Micros, Seconds};
use crate::used_once::UsedOnce;
use crate::webauthn::{
    AssertedCredential, AssertionResponse, ClientData, NewCredential, RegisteredCredential, RelyingParty,
    UserVerification, WebauthnFault,
};

/// How long a page may ask for a passkey.
pub const ASKED: Seconds = Seconds(600);
/// Random bytes of a challenge (Web Authentication §13.4.3: at least 16).
const DRAWN: usize = 16;
/// How authenticators can be reached (§5.8.4); other words are left out.
const TRANSPORTS: [&str; 6] = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"];

/// What a passkey is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyPurpose {
    /// To be made.
    Make,
    /// To sign somebody in whom nobody has named.
    SignIn,
    /// To be the second factor of somebody.
    Second,
    /// To show that it still is they who sit there.
    Proof,
}

impl PasskeyPurpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Make => "passkey-make",
            Self::SignIn => "passkey-sign-in",
            Self::Second => "passkey-second",
            Self::Proof => "passkey-proof",
        }
    }
}

/// What a passkey is asked to sign. It is a slip: nobody else can write one, it is good for nothing but what it was asked for,
/// and nothing has to be kept of it until it is answered.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyChallenge<'a> {
    /// What for.
    pub purpose: PasskeyPurpose,
    /// Where: the tenant, and the request or the person.
    pub bound: &'a str,
}

impl PasskeyChallenge<'_> {
    const fn slip(&self) -> Slip<'_> {
        Slip { purpose: self.purpose.name(), bound: self.bound }
    }

    /// A new one, in base64url: the page decodes it, and the browser tells it again in the same letters.
    pub fn draw(&self, moment: &Moment<'_>, hash_key: &HashKey) -> Zeroizing<String> {
        let mut drawn = [0; DRAWN];
        moment.random.fill(&mut drawn);
        self.slip().write(&drawn, moment.now.plus(ASKED), hash_key)
    }

    /// Whether an answer is to one of ours, and in time.
    pub fn is_answered(&self, by: &ClientData, now: Micros, hash_key: &HashKey) -> bool {
        self.slip().read(by.challenge(), now, hash_key).is_some()
    }
}

/// Whether a challenge was answered before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeUse {
    /// This is the first answer.
    First,
    /// It was: the same form came twice, or somebody has copied it.
    Again,
}

/// What makes sure that a challenge is answered once, on whichever nodes.
pub fn once(answer: &ClientData, now: Micros) -> UsedOnce {
    let name = sha256(format!("passkey\n{}", answer.challenge()).as_bytes());
    UsedOnce { name, expires_at: now.plus(ASKED), at: now }
}

/// What an authenticator knows somebody by (§4, "user handle"): it follows from tenant and person under the server's key, so
/// that it tells nothing of them, and is another one in each tenant.
pub fn user_handle(tenant: TenantId, user: UserId, hash_key: &HashKey) -> Digest32 {
    hash_key.hash_bytes(&[&b"passkey-user\n"[..], &tenant.to_bytes(), &user.to_bytes()].concat())
}

/// What a credential is found by.
pub fn credential_hash(id: &[u8]) -> Digest32 {
    sha256(id)
}

/// Somebody wants a passkey that was made to count.
#[derive(Debug)]
pub struct PasskeyWish<'a> {
    /// What they call it.
    pub name: &'a str,
    /// The passkey, or why it is not taken.
    pub made: Result<NewCredential, WebauthnFault>,
    /// How it can be reached, as the browser says.
    pub transports: &'a [Box<str>],
    /// Who has it already.
    pub owner: Option<UserId>,
    /// Whether they have just proved to be themselves.
    pub proof: CurrentPassword,
    /// The challenge, used up.
    pub once: UsedOnce,
}

/// Adds a passkey. `form`: what the recovery codes follow from that come with the first factor.
///
/// # Errors
/// `invalid_request` naming the fields.
pub fn add(
    wish: PasskeyWish<'_>,
    facts: &FactorFacts,
    scene: &Scene<'_>,
    form: (&[u8], &HashKey),
) -> Decision<FactorAdded> {
    let mut violations = Violations::default();
    fresh(wish.proof, &mut violations);
    named(wish.name, (facts, FactorKind::Passkey), &mut violations);
    let made = match wish.made {
        Ok(_) if wish.owner.is_some() => {
            violations.note("passkey", Reason::PasskeyKnown);
            None
        }
        Ok(made) => Some(made),
        Err(WebauthnFault::Attestation) => {
            violations.note("passkey", Reason::PasskeyMaker);
            None
        }
        Err(_) => {
            violations.note("passkey", Reason::PasskeyNotTaken);
            None
        }
    };
    violations.settle()?;
    let made = made.ok_or_else(|| Refusal::new(refused()))?;
    let known = TRANSPORTS.into_iter().filter(|known| wish.transports.iter().any(|sent| &**sent == *known));
    let passkey = Passkey {
        credential: made.id,
        key: made.key,
        count: made.count,
        aaguid: made.aaguid,
        transports: known.map(Box::from).collect(),
        is_copyable: made.is_copyable,
        is_copied: made.is_copied,
    };
    let factor = Factor {
        id: FactorId::v7(scene.moment.now, scene.moment.random.bits()),
        name: wish.name.into(),
        means: FactorMeans::Passkey(Box::new(passkey)),
        created_at: scene.moment.now,
        used_at: None,
    };
    let (done, changes) = added(factor, facts, scene, form);
    Ok((done, changes.with(Change::UseOnce(wish.once))))
}

/// A passkey that was used, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyShown<'a> {
    /// Whose it is.
    pub account: &'a Account,
    /// The passkey.
    pub factor: &'a Factor,
    /// What it has signed.
    pub response: &'a AssertionResponse,
    /// What the browser says of the page.
    pub client_data: &'a ClientData,
    /// Who asked.
    pub party: RelyingParty<'a>,
    /// Whether it has signed that before.
    pub challenge: ChallengeUse,
    /// What people are known by to their authenticators.
    pub hash_key: &'a HashKey,
}

/// Why a passkey was not taken, with what is written and told of it.
#[derive(Debug)]
pub struct PasskeyRefusal {
    /// The refusal.
    pub refusal: Box<Refusal>,
    /// What its owner is told by mail.
    pub letter: Option<Letter>,
}

impl From<Box<Refusal>> for PasskeyRefusal {
    fn from(refusal: Box<Refusal>) -> Self {
        Self { refusal, letter: None }
    }
}

impl PasskeyShown<'_> {
    /// What it has shown. One that has signed this very challenge before has not counted on since.
    fn verified(&self) -> Result<AssertedCredential, WebauthnFault> {
        let user = &self.account.user;
        let passkey = self.factor.passkey().ok_or(WebauthnFault::Owner)?;
        let own = user_handle(user.tenant, user.id, self.hash_key);
        let handle = self.response.user_handle.as_deref();
        if handle.is_some_and(|handle| !Digest32::from_slice(handle).is_some_and(|handle| own.ct_eq(&handle)))
        {
            return Err(WebauthnFault::Owner);
        }
        let count = match self.challenge {
            ChallengeUse::First => passkey.count,
            ChallengeUse::Again => 0,
        };
        let known = RegisteredCredential { key: &passkey.key, count, is_copyable: passkey.is_copyable };
        self.response.verify(self.client_data, known, self.party)
    }

    fn used(&self, asserted: AssertedCredential) -> PasskeyUse {
        let is_copyable = self.factor.passkey().is_some_and(|passkey| passkey.is_copyable);
        PasskeyUse { is_copyable, verification: asserted.verification }
    }

    /// What is used up: the challenge, and the count.
    fn spent(&self, asserted: AssertedCredential, scene: &Scene<'_>) -> Vec<Change> {
        let at = scene.moment.now;
        let used = FactorChange::UsePasskey {
            factor: self.factor.id,
            tenant: scene.tenant,
            count: asserted.count,
            is_copied: asserted.is_copied,
            at,
        };
        vec![Change::UseOnce(once(self.client_data, at)), used.into()]
    }

    /// What somebody has proved who is known to have sent the same before, for the browser that was signed in by it.
    ///
    /// # Errors
    /// `invalid_grant`.
    pub fn again(&self, scene: &Scene<'_>) -> Result<(), PasskeyRefusal> {
        self.verified().map(drop).map_err(|why| self.refusal(why, scene))
    }

    fn is_first(&self, scene: &Scene<'_>) -> Result<(), PasskeyRefusal> {
        match self.challenge {
            ChallengeUse::First => Ok(()),
            ChallengeUse::Again => Err(self.refusal(WebauthnFault::Challenge, scene)),
        }
    }

    /// Signs its owner in whom nobody has named before (§7.2, step 6: the authenticator has to name them).
    ///
    /// # Errors
    /// `invalid_grant`.
    pub fn sign_in(
        &self,
        (tenant, assurance): (&Tenant, &Assurance<'_>),
        scene: &Scene<'_>,
    ) -> Result<EntryProved, PasskeyRefusal> {
        if self.response.user_handle.is_none() {
            return Err(self.refusal(WebauthnFault::Owner, scene));
        }
        self.is_first(scene)?;
        let asserted = self.verified().map_err(|why| self.refusal(why, scene))?;
        may_enter(self.account, tenant)
            .map_err(|why| Refusal::new(why.answer()).recording(failed(self.account, why, scene)))?;
        let (user, at) = (&self.account.user, scene.moment.now);
        let proved = Authentication::by_passkey(at, self.used(asserted));
        let person = SignedInUser::of(self.account, proved, Some(assurance));
        let mut changes = self.spent(asserted, scene);
        changes.push(Change::People(PeopleChange::Enter { user: user.id, tenant: user.tenant, at }));
        let buckets =
            AttemptBuckets::of(scene.tenant, &username_key(&user.username), scene.origin, self.hash_key);
        changes.push(Change::People(PeopleChange::FillBuckets { buckets, at, remembered: REMEMBERED }));
        Ok(EntryProved { person, changes })
    }

    /// Proves the second factor of somebody who has proved another one.
    ///
    /// # Errors
    /// `invalid_grant`.
    pub fn second(
        &self,
        (proved, assurance): (&Authentication, &Assurance<'_>),
        scene: &Scene<'_>,
    ) -> Result<SecondProved, PasskeyRefusal> {
        self.is_first(scene)?;
        let asserted = self.verified().map_err(|why| self.refusal(why, scene))?;
        let used = FactorUsed::Passkey(self.used(asserted));
        let Sufficiency::Enough(admitted) = judge(&proved.and(used), assurance) else {
            return Err(self.refusal(WebauthnFault::Owner, scene));
        };
        Ok(SecondProved { admitted, changes: self.spent(asserted, scene), used, letter: None })
    }

    /// Whether it proves that its owner sits there now: it has verified them. With the unit that uses it up.
    ///
    /// # Errors
    /// `invalid_grant`.
    pub fn proof(&self, scene: &Scene<'_>) -> Result<Changes, PasskeyRefusal> {
        self.is_first(scene)?;
        let asserted = self.verified().map_err(|why| self.refusal(why, scene))?;
        if asserted.verification == UserVerification::NotDone {
            return Err(self.refusal(WebauthnFault::NobodyPresent, scene));
        }
        let unit = scene.unit(Action::PasskeyProved, Target::User(self.account.user.id));
        Ok(self.spent(asserted, scene).into_iter().fold(unit, Changes::with))
    }

    /// One that counts fewer signatures than before exists twice (§6.1.1): that is written down at once, and its owner is
    /// told.
    fn refusal(&self, why: WebauthnFault, scene: &Scene<'_>) -> PasskeyRefusal {
        let mut refusal =
            Refusal::new(refused()).recording(failed(self.account, SignInFailure::Passkey(why), scene));
        if why != WebauthnFault::Counter {
            return refusal.into();
        }
        let name = self.factor.name.to_string();
        let unit = scene
            .unit(Action::PasskeyCopied, Target::User(self.account.user.id))
            .detailed(Details::new([("factor", self.factor.id.to_string()), ("name", name)]));
        refusal.changes = Some(unit.with(Change::UseOnce(once(self.client_data, scene.moment.now))));
        let what = News::PasskeyCopied(self.factor.name.clone());
        PasskeyRefusal { refusal, letter: Some(Letter { to: self.account.email.clone(), what }) }
    }
}

fn failed(account: &Account, why: SignInFailure, scene: &Scene<'_>) -> Noted {
    let user = &account.user;
    let fault = match why {
        SignInFailure::Passkey(fault) => Some(Box::from(fault.name())),
        _ => None,
    };
    Noted {
        act: scene.act(Action::SignInFailed, Target::User(user.id)),
        outcome: Outcome::Failure,
        why: Some(("reason", why.name())),
        reason: fault,
        name: Some(("username", Box::from(&*user.username))),
        list: None,
        path: None,
        worth: why.worth(),
    }
}

/// The record of a passkey that nobody here has, or that answers nothing that was asked.
pub fn unknown(scene: &Scene<'_>, why: WebauthnFault) -> Noted {
    let why = SignInFailure::Passkey(why);
    Noted {
        act: scene.act(Action::SignInFailed, Target::Tenant(scene.tenant)),
        outcome: Outcome::Failure,
        why: Some(("reason", why.name())),
        reason: None,
        name: None,
        list: None,
        path: None,
        worth: why.worth(),
    }
}

/// The one answer to every passkey that is not taken.
pub fn refused() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, Reason::PasskeyNotTaken)
}

/// Whether it was that.
pub fn is_refused(error: &OAuthError) -> bool {
    *error.why() == Why::Reason(Reason::PasskeyNotTaken)
}

/// Bytes as browsers tell them in JSON (§5.1, `Base64URLString`).
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests;

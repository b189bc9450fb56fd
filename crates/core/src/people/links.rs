//! Links by mail: a new password, and proof that an address is somebody's. Each works once, and only
//! by what the form behind it sends: opening a link changes nothing.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::change::{AccountUpdate, PersonTokens};
use super::letters::{Letter, News};
use super::mailbox::LetterBuckets;
use super::password::{Strength, problem};
use super::sign_in::{AttemptBuckets, REMEMBERED};
use super::{Account, Candidate, PeopleChange};
use crate::base62;
use crate::change::{Action, Change, Changes, Enabled, Outcome, Recorded, Target};
use crate::decision::{Decision, Judgement};
use crate::ids::{LinkId, TenantId, UserId};
use crate::manage::Violations;
use crate::reason::Reason;
use crate::scene::Scene;
use crate::secret::{Digest32, Presented, sha256};
use crate::time::{Micros, Seconds};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// A new password.
    Reset,
    /// Proof that an address is somebody's.
    Verify,
}

impl LinkKind {
    /// The name as stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Verify => "verify",
        }
    }

    /// What its tokens begin with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Reset => "rst_",
            Self::Verify => "vfy_",
        }
    }

    /// How long a link works.
    pub const fn lifetime(self) -> Seconds {
        match self {
            Self::Reset => Seconds(1800),
            Self::Verify => Seconds(86_400),
        }
    }

    const fn asked(self) -> Action {
        match self {
            Self::Reset => Action::PasswordResetRequested,
            Self::Verify => Action::VerificationRequested,
        }
    }
}

/// A link to be kept.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// Row id.
    pub id: LinkId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Whose; none: nobody's, and it leads nowhere.
    pub user: Option<UserId>,
    /// What for.
    pub kind: LinkKind,
    /// SHA-256 of the token in it.
    pub hash: Digest32,
    /// The address that it was sent to.
    pub email: Option<Box<str>>,
    /// The generation of the person's tokens: what ends them all, a new password first of all, ends the link.
    pub generation: i64,
    /// When it stops working.
    pub expires_at: Micros,
}

/// A link that was followed, and whose it is.
#[derive(Debug, Clone)]
pub struct FollowedLink {
    /// Row id.
    pub id: LinkId,
    /// What for.
    pub kind: LinkKind,
    /// SHA-256 of the token in it.
    pub hash: Digest32,
    /// The address that it was sent to.
    pub email: Option<Box<str>>,
    /// The generation when it was sent.
    pub generation: i64,
    /// When it stops working.
    pub expires_at: Micros,
    /// When it was used.
    pub used_at: Option<Micros>,
    /// Whose it is.
    pub candidate: Candidate,
}

/// A token as presented, taken apart.
#[derive(Debug, Clone, Copy)]
pub struct LinkRef {
    /// Row id.
    pub id: LinkId,
    /// SHA-256 of the whole presented text.
    pub hash: Digest32,
}

impl LinkRef {
    /// Reads a presented token. `None`: nothing that this server could have sent.
    pub fn parse(kind: LinkKind, presented: &Presented) -> Option<Self> {
        Self::named(kind.prefix(), presented)
    }

    /// Reads one that begins so.
    pub(super) fn named(prefix: &str, presented: &Presented) -> Option<Self> {
        let bytes = base62::decode::<48>(presented.expose().strip_prefix(prefix)?)?;
        let (id, _) = bytes.split_first_chunk::<16>()?;
        Some(Self { id: LinkId::from_bytes(*id), hash: presented.sha256() })
    }
}

/// A new link, and the token that goes into it.
fn link(
    kind: LinkKind,
    whose: Option<&Account>,
    email: Option<&str>,
    scene: &Scene<'_>,
) -> (NewLink, Zeroizing<String>) {
    let (id, token) = drawn(kind.prefix(), scene);
    let new = NewLink {
        id,
        tenant: scene.tenant,
        user: whose.map(|account| account.user.id),
        kind,
        hash: sha256(token.as_bytes()),
        email: email.map(Into::into),
        generation: whose.map_or(0, |account| account.generation),
        expires_at: scene.moment.now.plus(kind.lifetime()),
    };
    (new, token)
}

/// The id of a row to be, and a token that leads to it.
pub(super) fn drawn(prefix: &str, scene: &Scene<'_>) -> (LinkId, Zeroizing<String>) {
    let (now, random) = (scene.moment.now, scene.moment.random);
    let id = LinkId::v7(now, random.bits());
    let mut bytes = Zeroizing::new([0u8; 48]);
    random.fill(&mut *bytes);
    for (place, byte) in bytes.iter_mut().zip(id.to_bytes()) {
        *place = byte;
    }
    (id, Zeroizing::new(format!("{prefix}{}", base62::random_text(&bytes))))
}

/// Adds a link that proves an address to a unit, and gives the letter that carries it.
pub fn with_verification(
    changes: Changes,
    account: &Account,
    to: &str,
    scene: &Scene<'_>,
) -> (Changes, Letter) {
    let (new, token) = link(LinkKind::Verify, Some(account), Some(to), scene);
    let changes = changes.with(Change::People(PeopleChange::CreateLink(Box::new(new))));
    (changes, Letter { to: Some(to.into()), what: News::VerifyEmail(token) })
}

/// Where a link of a kind may be sent to: a new password to an address that is there, a proof to one
/// that lacks it.
pub fn address(kind: LinkKind, account: &Account) -> Option<&str> {
    if account.user.enabled == Enabled::No {
        return None;
    }
    match kind {
        LinkKind::Reset => account.email.as_deref(),
        LinkKind::Verify => match &account.new_email {
            Some(new) => Some(new),
            None => account.email.as_deref().filter(|_| account.email_verified_at.is_none()),
        },
    }
}

/// Somebody asks for a link for a name. Whether anybody has that name makes no difference, neither to
/// what is answered nor to what is written: a link for nobody is written too, and leads nowhere.
/// `letters` bounds how many letters a name is sent.
pub fn request(
    kind: LinkKind,
    candidate: Option<&Candidate>,
    letters: LetterBuckets,
    scene: &Scene<'_>,
) -> (Letter, Changes) {
    let to = candidate.and_then(|found| address(kind, &found.account));
    let whose = candidate.filter(|_| to.is_some()).map(|found| &found.account);
    let (new, token) = link(kind, whose, to, scene);
    let what = match kind {
        LinkKind::Reset => News::ResetPassword(token),
        LinkKind::Verify => News::VerifyEmail(token),
    };
    let target = candidate.map_or(Target::Tenant(scene.tenant), |found| Target::User(found.account.user.id));
    let recorded = match candidate {
        Some(_) => Recorded::Inside(Outcome::Success),
        None => Recorded::Noted,
    };
    let changes = letters
        .take(scene.moment.now)
        .fold(scene.unit(kind.asked(), target), Changes::with)
        .with(Change::People(PeopleChange::CreateLink(Box::new(new))))
        .recorded(recorded);
    (Letter { to: to.map(Into::into), what }, changes)
}

/// Whether a link may be followed: it is there, it is the one that was sent, its time is not over, nothing has ended
/// what was begun for this person since, and what it is for has not been done in another way.
fn follow(
    kind: LinkKind,
    presented: Option<LinkRef>,
    found: Option<&FollowedLink>,
    now: Micros,
) -> Option<&FollowedLink> {
    let (presented, found) = (presented?, found?);
    let holds = found.kind == kind
        && found.hash.ct_eq(&presented.hash)
        && found.used_at.is_none()
        && now < found.expires_at;
    let unchanged = found.generation == found.candidate.account.generation;
    (holds && unchanged && address(kind, &found.candidate.account) == found.email.as_deref()).then_some(found)
}

/// What a followed link leads to, for the page behind it: whether it still works.
pub fn works(kind: LinkKind, presented: Option<LinkRef>, found: Option<&FollowedLink>, now: Micros) -> bool {
    follow(kind, presented, found, now).is_some()
}

/// A link that was used a moment ago, and nothing has happened since to what was done with it: the form behind it comes
/// a second time, because its button was pressed twice or the first answer was lost.
pub fn just_used(
    kind: LinkKind,
    presented: Option<LinkRef>,
    found: Option<&FollowedLink>,
    at: (Micros, Seconds),
) -> Option<&FollowedLink> {
    let ((presented, found), (now, grace)) = ((presented?, found?), at);
    let account = &found.candidate.account;
    let stands = match kind {
        // A new password ends everything that was there, links too: a generation more, and no other.
        LinkKind::Reset => account.generation == found.generation.saturating_add(1),
        LinkKind::Verify => {
            account.generation == found.generation
                && account.email_is_verified()
                && account.email.as_deref() == found.email.as_deref()
        }
    };
    let is_it =
        found.kind == kind && found.hash.ct_eq(&presented.hash) && account.user.enabled == Enabled::Yes;
    let is_recent = found.used_at.is_some_and(|used| now < used.plus(grace));
    (is_it && is_recent && stands).then_some(found)
}

/// A new password by mail that may be set once it is hashed.
#[derive(Debug)]
pub struct PlannedReset<'a> {
    link: &'a FollowedLink,
    verified_at: Option<Micros>,
}

/// Lets somebody set a new password who got the link. All sessions, grants and tokens end.
///
/// # Errors
/// `invalid_request` naming `token` or `new_password`; the link stays good.
pub fn plan_reset<'a>(
    presented: Option<LinkRef>,
    found: Option<&'a FollowedLink>,
    new_password: (&Presented, &Strength),
    now: Micros,
) -> Judgement<PlannedReset<'a>> {
    let mut violations = Violations::default();
    let link = follow(LinkKind::Reset, presented, found, now);
    if link.is_none() {
        violations.note("token", Reason::LinkDead);
    }
    if let Some(why) = problem(new_password.0, new_password.1) {
        violations.note("new_password", why);
    }
    let link = violations.settle_with(link)?;
    let verified_at = link.candidate.account.email_verified_at.or(Some(now));
    Ok(PlannedReset { link, verified_at })
}

impl PlannedReset<'_> {
    /// The same for an account whose address leads to another one, where it was proved before: the password is theirs
    /// to set, the address stays with who has it.
    #[must_use]
    pub fn without_proof(self) -> Self {
        Self { verified_at: self.link.candidate.account.email_verified_at, ..self }
    }

    /// The unit, once the password is hashed. Whoever reads the mail of an address has proved it, and
    /// is not a stranger any more: neither here nor anywhere is an attempt missing.
    pub fn finish(&self, hash: Arc<str>, buckets: AttemptBuckets, scene: &Scene<'_>) -> (Letter, Changes) {
        let Account { user, email, .. } = &self.link.candidate.account;
        let at = scene.moment.now;
        let update = AccountUpdate {
            email_verified_at: self.verified_at,
            password_hash: Some(hash),
            tokens: PersonTokens::End,
            new_email: None,
            ..AccountUpdate::of(&self.link.candidate.account, at)
        };
        let fill = PeopleChange::FillBuckets { buckets, at, remembered: REMEMBERED };
        let changes = scene
            .clone()
            .by(user.id, Arc::clone(&user.username))
            .unit(Action::UserPasswordReset, Target::User(user.id))
            .with(Change::People(PeopleChange::RedeemLink { link: self.link.id, tenant: scene.tenant, at }))
            .with(Change::People(PeopleChange::Update(Box::new(update))))
            .with(Change::People(fill));
        (Letter { to: email.clone(), what: News::PasswordChanged }, changes)
    }

    /// The name whose password it is.
    pub fn username(&self) -> &str {
        &self.link.candidate.account.user.username
    }
}

/// Whether a link that leads nowhere is one that was sent and whose time is over: then another one can be sent to where
/// it went, without asking for a name.
pub fn is_late(
    kind: LinkKind,
    presented: Option<LinkRef>,
    found: Option<&FollowedLink>,
    now: Micros,
) -> bool {
    let (Some(presented), Some(found)) = (presented, found) else { return false };
    let just_before = Micros(found.expires_at.0.saturating_sub(1));
    now >= found.expires_at && follow(kind, Some(presented), Some(found), just_before).is_some()
}

/// Somebody shows that an address is theirs. The address before it, where there was another one, hears of it.
///
/// # Errors
/// `invalid_request` naming `token`.
pub fn verify(
    presented: Option<LinkRef>,
    found: Option<&FollowedLink>,
    scene: &Scene<'_>,
) -> Decision<Option<Letter>> {
    let mut violations = Violations::default();
    let at = scene.moment.now;
    let link = follow(LinkKind::Verify, presented, found, at);
    if link.is_none() {
        violations.note("token", Reason::LinkDead);
    }
    let link = violations.settle_with(link)?;
    let before = &link.candidate.account;
    let user = &before.user;
    let mut account = before.clone();
    match link.email.as_deref() {
        Some(email) if before.new_email.is_some() => account.move_to(email, Some(at)),
        Some(_) | None => account.email_verified_at = Some(at),
    }
    let letter = (account.email != before.email)
        .then(|| Letter { to: before.email.clone(), what: News::EmailChanged });
    let update = AccountUpdate::of(&account, at);
    let changes = scene
        .clone()
        .by(user.id, Arc::clone(&user.username))
        .unit(Action::UserEmailVerified, Target::User(user.id))
        .with(Change::People(PeopleChange::RedeemLink { link: link.id, tenant: scene.tenant, at }))
        .with(Change::People(PeopleChange::Update(Box::new(update))));
    Ok((letter, changes))
}

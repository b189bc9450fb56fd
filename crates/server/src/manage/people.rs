//! What people do without an administrator: register, get a new password by mail, verify an address.
//! For the contract's endpoints and for the pages alike.

use std::sync::Arc;

use writ_core::change::{Actor, Changes, Origin};
use writ_core::error::OAuthError;
use writ_core::ids::TenantId;
use writ_core::people::accounts::{AccountDraft, NewPassword, plan_registration};
use writ_core::people::links::{self, FollowedLink, LinkKind, LinkRef, plan_reset, request, verify, works};
use writ_core::people::mailbox::{LetterAsker, LetterBuckets, MailboxOwner};
use writ_core::people::password::{LEAST_SCORE, Strength};
use writ_core::people::sign_in::{AttemptBuckets, KnownSource};
use writ_core::people::{Account, Candidate, username_is_valid, username_key};
use writ_core::scene::Scene;
use writ_core::secret::Presented;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::edge::shares::Share;
use crate::mail::{Post, Sender};
use crate::passwords::{self, Lane};
use crate::state::app::App;
use crate::state::rounds::{Round, Verdict};

/// Of a password that was not looked at.
fn unmeasured() -> Strength {
    Strength { score: LEAST_SCORE, ..Strength::default() }
}

/// Somebody without a credential, in a tenant.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    /// The tenant.
    pub tenant: &'a Tenant,
    /// From where.
    pub origin: &'a Origin,
    /// The authorization request that they are on their way to, for the links that they are sent.
    pub challenge: Option<&'a str>,
}

/// What a followed link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// To what it is for.
    On,
    /// Nowhere any more, for its time is over; another one can be sent to where it went.
    ToAnother,
    /// Nowhere.
    Nowhere,
}

/// What a link does that was used a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// The same again, to whoever sends the same form: nothing, and the outcome is told once more.
    IsTheSame,
    /// Nothing: it is used up.
    IsRefused,
}

impl<'a> From<Visitor<'a>> for Sender<'a> {
    fn from(visitor: Visitor<'a>) -> Self {
        Self { tenant: visitor.tenant, challenge: visitor.challenge }
    }
}

impl App {
    fn scene<'a>(&'a self, visitor: &Visitor<'a>) -> Scene<'a> {
        self.scene_of(visitor, Actor::Anonymous)
    }

    fn scene_of<'a>(&'a self, visitor: &Visitor<'a>, actor: Actor) -> Scene<'a> {
        Scene { tenant: visitor.tenant.id, actor, origin: visitor.origin, moment: self.moment() }
    }

    /// Whether letters reach people, or whoever develops on this machine.
    pub fn sends_mail(&self) -> bool {
        match self.post {
            Post::Smtp(_) | Post::Mailbox => true,
            Post::Nowhere => false,
        }
    }

    /// Refuses what cannot be done without a letter, where none is sent.
    ///
    /// # Errors
    /// `invalid_request` naming the field.
    pub(crate) fn needs_mail(&self, field: &'static str, instead: ShellReason) -> Result<(), OAuthError> {
        if self.sends_mail() {
            return Ok(());
        }
        Err(OAuthError::of_field(field, ShellReason::NoMail { instead: instead.into() }))
    }

    /// Whether people may register in a tenant, and could use what they get.
    pub fn is_open_to_all(&self, tenant: &Tenant) -> bool {
        let settings = &tenant.settings;
        settings.self_registration.is_on() && (self.sends_mail() || !settings.require_verified_email.is_on())
    }

    /// Whom a username or a verified address belongs to.
    pub(crate) async fn candidate(
        &self,
        tenant: &Tenant,
        username: &str,
    ) -> Result<Option<Candidate>, Fault> {
        self.named(username, tenant.id).await
    }

    async fn named(&self, name: &str, tenant: TenantId) -> Result<Option<Candidate>, Fault> {
        // What cannot be a name is not looked for: not every text can be asked of every engine.
        if !username_is_valid(name.trim()) {
            return Ok(None);
        }
        Ok(self.store.candidate(tenant, &username_key(name)).await?)
    }

    /// The account that somebody signs in to with a username or a verified address.
    ///
    /// # Errors
    /// The storage's.
    pub async fn person_named(&self, name: &str, tenant: TenantId) -> Result<Option<Account>, Fault> {
        Ok(self.named(name, tenant).await?.map(|found| found.account))
    }

    /// A new password, and how hard it is to guess for somebody who knows these things of its owner.
    ///
    /// # Errors
    /// 503 where too many passwords wait.
    pub async fn measured(
        &self,
        lane: Lane,
        password: Presented,
        known: Vec<String>,
    ) -> Result<NewPassword, Fault> {
        let strength = self.passwords.strength(lane, password.clone(), known).await?;
        Ok(NewPassword { text: password, strength })
    }

    /// Sends a link to whoever has a name. Answers the same, and does the same, where nobody has it.
    ///
    /// # Errors
    /// 429 where the network asked for too many; the storage's.
    pub async fn send_link(&self, kind: LinkKind, visitor: Visitor<'_>, username: &str) -> Result<(), Fault> {
        self.send_link_by(Actor::Anonymous, (kind, visitor), username).await
    }

    /// The same, asked for by somebody whose credential is known.
    ///
    /// # Errors
    /// As [`send_link`](Self::send_link).
    pub async fn send_link_by(
        &self,
        actor: Actor,
        asked: (LinkKind, Visitor<'_>),
        username: &str,
    ) -> Result<(), Fault> {
        let (kind, visitor) = asked;
        self.needs_mail("username", ShellReason::AdministratorRecovers)?;
        let _ = self.take_share(Share::Links, visitor.origin.ip, 1)?;
        let candidate = self.candidate(visitor.tenant, username).await?;
        let scene = self.scene_of(&visitor, actor);
        self.send_link_to(kind, (visitor, scene), (candidate, username)).await
    }

    /// Sends another link to where one went whose time is over. Whoever has it need not know a name.
    ///
    /// # Errors
    /// The storage's; `invalid_request` naming `token`, where it is no such link.
    pub async fn send_link_again(
        &self,
        kind: LinkKind,
        visitor: Visitor<'_>,
        token: &Presented,
    ) -> Result<(), Fault> {
        self.needs_mail("token", ShellReason::AdministratorRecovers)?;
        let _ = self.take_share(Share::Links, visitor.origin.ip, 1)?;
        let (presented, found) = self.followed(kind, visitor.tenant, token).await?;
        if !links::is_late(kind, presented, found.as_ref(), self.clock.now()) {
            return Err(Fault::of_field("token", ShellReason::LinkNotOver));
        }
        let candidate = found.map(|found| found.candidate);
        let username = candidate.as_ref().map(|found| found.account.user.username.to_string());
        let scene = self.scene(&visitor);
        self.send_link_to(kind, (visitor, scene), (candidate, &username.unwrap_or_default())).await
    }

    async fn send_link_to(
        &self,
        kind: LinkKind,
        asked: (Visitor<'_>, Scene<'_>),
        whom: (Option<Candidate>, &str),
    ) -> Result<(), Fault> {
        let ((visitor, scene), (candidate, username)) = (asked, whom);
        let (tenant, origin) = (visitor.tenant, visitor.origin);
        let to = candidate.as_ref().and_then(|found| links::address(kind, &found.account));
        let buckets = AttemptBuckets::of(tenant.id, &username_key(username), origin, &self.hash_key);
        let asked = LetterAsker { origin, known: self.known(&buckets).await?, buckets: Some(buckets) };
        let whose = to.map_or(MailboxOwner::Name(tenant.id, username), MailboxOwner::Address);
        let letters = LetterBuckets::of(whose, asked, &self.hash_key);
        let (letter, changes) = request(kind, candidate.as_ref(), letters, &scene);
        // A guard that fails says that this mailbox got letters enough.
        self.once(self.with_letter(visitor, &letter, changes)?).await?;
        Ok(())
    }

    async fn followed(
        &self,
        kind: LinkKind,
        tenant: &Tenant,
        token: &Presented,
    ) -> Result<(Option<LinkRef>, Option<FollowedLink>), Fault> {
        let presented = LinkRef::parse(kind, token);
        let found = match presented {
            Some(presented) => self.store.link(presented.id, tenant.id).await?,
            None => None,
        };
        Ok((presented, found))
    }

    /// The link, where the form behind it may be sent a second time, and is.
    fn just_used<'l>(
        &self,
        kind: LinkKind,
        tenant: &Tenant,
        link: (Option<LinkRef>, Option<&'l FollowedLink>),
        repeated: Repeated,
    ) -> Option<&'l FollowedLink> {
        let at = (self.clock.now(), tenant.settings.refresh_grace);
        match repeated {
            Repeated::IsTheSame => links::just_used(kind, link.0, link.1, at),
            Repeated::IsRefused => None,
        }
    }

    /// What a link leads to. Looking changes nothing.
    ///
    /// # Errors
    /// The storage's.
    pub async fn link_leads(
        &self,
        kind: LinkKind,
        tenant: &Tenant,
        token: &Presented,
    ) -> Result<Leads, Fault> {
        let (presented, found) = self.followed(kind, tenant, token).await?;
        let now = self.clock.now();
        Ok(if works(kind, presented, found.as_ref(), now) {
            Leads::On
        } else if links::is_late(kind, presented, found.as_ref(), now) {
            Leads::ToAnother
        } else {
            Leads::Nowhere
        })
    }

    /// Sets a new password for whoever got the link.
    ///
    /// # Errors
    /// `invalid_request` naming `token` or `new_password`.
    pub async fn reset_password(
        &self,
        visitor: Visitor<'_>,
        token: &Presented,
        new_password: Presented,
        repeated: Repeated,
    ) -> Result<(), Fault> {
        let share = self.take_share(Share::Links, visitor.origin.ip, 1)?;
        let sent = (token, &new_password);
        self.rounds(|round| self.decide_reset(round, visitor, sent, repeated)).await?;
        self.give_back(share);
        Ok(())
    }

    async fn decide_reset(
        &self,
        round: Round,
        visitor: Visitor<'_>,
        sent: (&Presented, &Presented),
        repeated: Repeated,
    ) -> Result<Verdict<()>, Fault> {
        let ((token, new_password), tenant) = (sent, visitor.tenant);
        let lane = self.lane(visitor.origin.ip);
        let (presented, found) = self.followed(LinkKind::Reset, tenant, token).await?;
        let again = self.just_used(LinkKind::Reset, tenant, (presented, found.as_ref()), repeated);
        if let Some(hash) = again.and_then(|link| link.candidate.password_hash.clone())
            && self.passwords.verify(lane, new_password.clone(), hash).await?
        {
            return Ok(Verdict::Answer(()));
        }
        let known = found.as_ref().map(|link| about(&link.candidate.account, tenant)).unwrap_or_default();
        // Nobody's time is spent on a password for a link that leads nowhere.
        let measured = if works(LinkKind::Reset, presented, found.as_ref(), self.clock.now()) {
            self.measured(lane, new_password.clone(), known).await?
        } else {
            NewPassword { text: new_password.clone(), strength: unmeasured() }
        };
        let password = (&measured.text, &measured.strength);
        let plan = plan_reset(presented, found.as_ref(), password, self.clock.now())?;
        // The address may lead to another account by now: then the link proves nothing besides.
        let plan = if round.taken().is_some() { plan.without_proof() } else { plan };
        let salt = passwords::salt(&*self.random);
        let hash = self.passwords.hash(lane, new_password.clone(), salt).await?;
        let key = username_key(plan.username());
        let buckets = AttemptBuckets::of(tenant.id, &key, visitor.origin, &self.hash_key);
        let (letter, changes) = plan.finish(hash, buckets, &self.scene(&visitor));
        Ok(Verdict::Commit((), self.with_letter(visitor, &letter, changes)?))
    }

    /// Takes an address as verified for whoever got the link.
    ///
    /// # Errors
    /// `invalid_request` naming `token`.
    pub async fn verify_email(
        &self,
        visitor: Visitor<'_>,
        token: &Presented,
        repeated: Repeated,
    ) -> Result<(), Fault> {
        let share = self.take_share(Share::Links, visitor.origin.ip, 1)?;
        self.rounds(|round| self.decide_verification(round, visitor, token, repeated)).await?;
        self.give_back(share);
        Ok(())
    }

    async fn decide_verification(
        &self,
        round: Round,
        visitor: Visitor<'_>,
        token: &Presented,
        repeated: Repeated,
    ) -> Result<Verdict<()>, Fault> {
        if round.taken().is_some() {
            // Whoever has the letter has the mailbox: they may know that there is another account.
            let text = ShellReason::AddressOfAnotherAccount;
            return Ok(OAuthError::of_field("token", text).into());
        }
        let (presented, found) = self.followed(LinkKind::Verify, visitor.tenant, token).await?;
        let link = (presented, found.as_ref());
        if self.just_used(LinkKind::Verify, visitor.tenant, link, repeated).is_some() {
            return Ok(Verdict::Answer(()));
        }
        let (letter, changes) = verify(presented, found.as_ref(), &self.scene(&visitor))?;
        let changes = match letter {
            Some(letter) => self.with_letter(visitor, &letter, changes)?,
            None => changes,
        };
        Ok(Verdict::Commit((), changes))
    }

    /// Makes an account for whoever registers. For a name that is taken, what is answered is what a
    /// new account would be; nothing is made, and the owner hears of it.
    ///
    /// # Errors
    /// `invalid_request` naming the fields.
    pub async fn register(&self, visitor: Visitor<'_>, draft: &AccountDraft) -> Result<Account, Fault> {
        // Nothing is hashed for what is refused.
        plan_registration(draft, &self.scene(&visitor))?;
        let password = draft.password.as_ref();
        let password = password.map_or_else(|| Presented::new(String::new()), |new| new.text.clone());
        let (lane, salt) = (self.lane(visitor.origin.ip), passwords::salt(&*self.random));
        let hash: Arc<str> = self.passwords.hash(lane, password, salt).await?;
        self.rounds(|round| self.decide_registration(round, visitor, draft, &hash)).await
    }

    /// What becomes of a registration. Somebody may have taken the name since the round before.
    async fn decide_registration(
        &self,
        round: Round,
        visitor: Visitor<'_>,
        draft: &AccountDraft,
        hash: &Arc<str>,
    ) -> Result<Verdict<Account>, Fault> {
        let tenant = visitor.tenant;
        let scene = self.scene(&visitor);
        let plan = plan_registration(draft, &scene)?;
        let owner = self.candidate(tenant, plan.username()).await?;
        let (account, letter, changes) = match &owner {
            Some(owner) => plan.clone().refuse(&owner.account, &scene),
            None => plan.clone().register(Arc::clone(hash), &scene),
        };
        // Whoever got letters enough gets no more; the account is made all the same.
        if round.has_lost() {
            return Ok(Verdict::Commit(account, changes));
        }
        // A stranger, whoever it is: nobody can show here that the address is theirs.
        let asked = LetterAsker { origin: visitor.origin, known: KnownSource::Nothing, buckets: None };
        let name = MailboxOwner::Name(tenant.id, plan.username());
        let whose = letter.to.as_deref().map_or(name, MailboxOwner::Address);
        let letters = LetterBuckets::of(whose, asked, &self.hash_key);
        let changes = letters.take(scene.moment.now).fold(changes, Changes::with);
        Ok(Verdict::Commit(account, self.with_letter(visitor, &letter, changes)?))
    }
}

/// What somebody who guesses a person's password would try first.
pub(crate) fn about(account: &Account, tenant: &Tenant) -> Vec<String> {
    let mut known = vec![account.user.username.to_string(), tenant.name.to_string()];
    known.extend(account.email.iter().chain(&account.name).map(ToString::to_string));
    known
}

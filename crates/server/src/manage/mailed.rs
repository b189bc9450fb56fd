//! Links and codes by mail that people sign in with: they are sent, and what is brought of them is looked at.

use writ_core::claims::AcrDemand;
use writ_core::error::ErrorCode;
use writ_core::ids::{LinkId, UserId};
use writ_core::people::mailbox::{LetterAsker, LetterBuckets, MailboxOwner};
use writ_core::people::mailed::{
    MailedFacts, MailedKind, MailedProof, Mailing, ShownMailed, address, buckets, guesses, reserve,
};
use writ_core::people::sign_in::{AttemptBuckets, EntryProved, SignInFailure};
use writ_core::people::{Account, username_key};
use writ_core::scene::Scene;
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::edge::shares::Share;
use crate::mail::Sender;
use crate::manage::factors::{SecondAttempt, SecondOutcome, TakenSecond};
use crate::manage::passkeys::{ProofOutcome, as_owner};
use crate::manage::people::Visitor;
use crate::state::app::App;
use crate::state::rounds::{Held, Verdict};

/// Somebody brings what was mailed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MailedAttempt<'a> {
    /// Which letter.
    pub id: LinkId,
    /// What of it.
    pub proof: MailedProof<'a>,
    /// In which tenant, and from where.
    pub visitor: Visitor<'a>,
}

/// What is kept of a letter, and whose it is.
struct FoundMailed {
    kept: Option<MailedFacts>,
    account: Option<Account>,
}

impl FoundMailed {
    fn shown<'a>(&'a self, app: &'a App, kind: MailedKind, proof: MailedProof<'a>) -> ShownMailed<'a> {
        let (found, account) = (self.kept.as_ref(), self.account.as_ref());
        ShownMailed { kind, found, account, proof, hash_key: &app.hash_key }
    }
}

impl App {
    /// Whether people of a tenant sign in by mail.
    pub(crate) fn has_mailed_sign_in(&self, tenant: &Tenant) -> bool {
        tenant.settings.mailed_sign_in.is_on() && self.sends_mail()
    }

    /// Sends a link and a code to whoever has a name. Answers the same, and does the same, where nobody has it, and where
    /// the mailbox got letters enough.
    ///
    /// # Errors
    /// 429 where the network asked for too many; the storage's.
    pub(crate) async fn mail_sign_in(&self, visitor: Visitor<'_>, username: &str) -> Result<LinkId, Fault> {
        let _ = self.take_share(Share::Links, visitor.origin.ip, 1)?;
        let candidate = self.candidate(visitor.tenant, username).await?;
        let account = candidate.as_ref().map(|found| &found.account);
        // Whichever of their names it was.
        let name = account.map_or(username, |account| &account.user.username);
        let scene = self.stranger(visitor.tenant, visitor.origin);
        let (id, _) = self.mail(MailedKind::SignIn, visitor.into(), (account, name), &scene).await?;
        Ok(id)
    }

    /// Sends a code to somebody who has proved one factor; none: their mailbox got letters enough.
    ///
    /// # Errors
    /// 429 where the network asked for too many; the storage's.
    pub(crate) async fn mail_second(&self, attempt: &SecondAttempt<'_>) -> Result<Option<LinkId>, Fault> {
        let _ = self.take_share(Share::Links, attempt.origin.ip, 1)?;
        let (account, scene) = (attempt.account, self.second_scene(attempt));
        let whom = (Some(account), &*account.user.username);
        let (id, held) = self.mail(MailedKind::Second, attempt.tenant.into(), whom, &scene).await?;
        Ok((held == Held::Yes).then_some(id))
    }

    async fn mail(
        &self,
        kind: MailedKind,
        sender: Sender<'_>,
        (account, name): (Option<&Account>, &str),
        scene: &Scene<'_>,
    ) -> Result<(LinkId, Held), Fault> {
        let tenant = sender.tenant.id;
        let places = AttemptBuckets::of(tenant, &username_key(name), scene.origin, &self.hash_key);
        let known = self.known(&places).await?;
        let asked = LetterAsker { origin: scene.origin, known, buckets: Some(places) };
        let whose = account.and_then(address).map_or(MailboxOwner::Name(tenant, name), MailboxOwner::Address);
        let letters = LetterBuckets::of(whose, asked, &self.hash_key);
        let mailing = Mailing { kind, account, guesses: guesses(tenant, name, &self.hash_key), letters };
        let (id, letter, changes) = mailing.send(scene, &self.hash_key);
        // A guard that fails says that this mailbox got letters enough.
        Ok((id, self.once(self.with_letter(sender, &letter, changes)?).await?))
    }

    async fn found_mailed(&self, id: LinkId, tenant: &Tenant) -> Result<FoundMailed, Fault> {
        let kept = self.store.mailed(id, tenant.id).await?;
        // Nobody's costs what somebody's costs.
        let user = kept.as_ref().and_then(|found| found.kept.user).unwrap_or(UserId::from_bytes([0; 16]));
        Ok(FoundMailed { kept, account: self.store.account(user, tenant.id).await? })
    }

    /// Whose a link is, while it works. Looking changes nothing.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn mailed_owner(&self, attempt: &MailedAttempt<'_>) -> Result<Option<Account>, Fault> {
        let found = self.found_mailed(attempt.id, attempt.visitor.tenant).await?;
        let shown = found.shown(self, MailedKind::SignIn, attempt.proof);
        Ok(shown.owner(self.clock.now()).cloned())
    }

    /// An attempt at a code is taken from its network and from its bucket before anything is compared.
    ///
    /// # Errors
    /// 429 where there is none left in the network. None: there is none left in the bucket.
    pub(crate) async fn reserve_mailed(
        &self,
        attempt: &MailedAttempt<'_>,
    ) -> Result<Option<TakenSecond>, Fault> {
        let Visitor { tenant, origin, .. } = attempt.visitor;
        let taken = self.take_share(Share::SignIns, origin.ip, 1)?;
        let found = self.found_mailed(attempt.id, tenant).await?;
        // A link is no guess.
        if let MailedProof::Link(_) = attempt.proof {
            return Ok(Some(TakenSecond::of(taken)));
        }
        // What was not sent, because a mailbox got letters enough, is guessed in vain; and nobody sees that.
        let unsent = || self.hash_key.hash(&format!("unsent {}", attempt.id));
        let guesses = found.kept.as_ref().map_or_else(unsent, |found| found.kept.guesses);
        let scene = self.stranger(tenant, origin);
        let all = buckets(&guesses, &scene, &self.hash_key);
        let bucket = all.choose(self.known(&all).await?);
        if self.once(reserve(found.account.as_ref(), bucket.key(), &scene)).await? == Held::Yes {
            return Ok(Some(TakenSecond::of(taken)));
        }
        self.give_back(taken);
        let shown = found.shown(self, MailedKind::SignIn, attempt.proof);
        self.note_failed(shown.failed(SignInFailure::Throttled, &scene));
        Ok(None)
    }

    /// Whether what was mailed signs somebody in; asked anew in each round.
    ///
    /// # Errors
    /// The storage's. `invalid_grant` is a verdict.
    pub(crate) async fn try_mailed(
        &self,
        attempt: &MailedAttempt<'_>,
        demand: AcrDemand,
    ) -> Result<Verdict<ProofOutcome<EntryProved>>, Fault> {
        let Visitor { tenant, origin, .. } = attempt.visitor;
        let found = self.found_mailed(attempt.id, tenant).await?;
        let shown = found.shown(self, MailedKind::SignIn, attempt.proof);
        let scene = self.stranger(tenant, origin);
        let now = scene.moment.now;
        if let Some(account) = found.account.as_ref().filter(|_| shown.is_again(now)) {
            return Ok(Verdict::Answer(ProofOutcome::Again(Box::new(account.clone()))));
        }
        let Some(account) = shown.owner(now) else {
            self.meters.sign_ins.count(SignInFailure::Mailed.name());
            return Ok(Verdict::Refuse(shown.refusal(SignInFailure::Mailed, &scene)));
        };
        let scene = as_owner(scene, account);
        let known = self.known_factors(account.user.id, tenant.id).await?;
        let assurance = known.assurance(&tenant.settings, demand);
        match shown.sign_in((tenant, &assurance), &scene) {
            Ok(proved) => Ok(Verdict::Answer(ProofOutcome::Proved(Box::new(proved)))),
            Err(refusal) => Ok(Verdict::Refuse(refusal)),
        }
    }

    /// Whether a mailed code is the second factor of somebody; asked anew in each round.
    ///
    /// # Errors
    /// The storage's. `invalid_grant` is a verdict.
    pub(crate) async fn try_mailed_second(
        &self,
        attempt: &SecondAttempt<'_>,
        id: LinkId,
    ) -> Result<Verdict<SecondOutcome>, Fault> {
        let mut found = self.found_mailed(id, attempt.tenant).await?;
        found.account = found.account.filter(|account| account.user.id == attempt.account.user.id);
        let shown = found.shown(self, MailedKind::Second, MailedProof::Code(attempt.typed));
        let scene = self.second_scene(attempt);
        if shown.is_again(scene.moment.now) {
            return Ok(Verdict::Answer(SecondOutcome::Again));
        }
        let known = self.known_factors(attempt.account.user.id, attempt.tenant.id).await?;
        let assurance = known.assurance(&attempt.tenant.settings, attempt.demand);
        match shown.second((attempt.proved, &assurance), &scene) {
            Ok(proved) => Ok(Verdict::Answer(SecondOutcome::Proved(Box::new(proved)))),
            Err(refusal) => {
                self.meters.sign_ins.count(SignInFailure::Mailed.name());
                Ok(Verdict::Refuse(refusal))
            }
        }
    }
}

/// Whether what was mailed was not taken, or whoever brought it does not get in.
pub(crate) fn is_refused(fault: &Fault) -> bool {
    fault.error.code() == ErrorCode::InvalidGrant
}

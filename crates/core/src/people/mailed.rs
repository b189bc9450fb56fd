//! Sign-ins by mail, and codes by mail beside a password. Each works once, for ten minutes, and only by what a form sends:
//! opening a link changes nothing. The browser that asked has to be the one that comes back; the server sees to that.
//!
//! Asking for one is the same whether or not anybody has the name: the same is written, and leads nowhere. A code is not
//! stored: it follows from what is, under the server's key.

use zeroize::Zeroizing;

use super::change::PeopleChange;
use super::factors::policy::{Assurance, Sufficiency, judge};
use super::factors::prove::{self, AGAIN, SecondProved};
use super::letters::{Letter, News};
use super::links::{LinkRef, drawn};
use super::mailbox::LetterBuckets;
use super::sign_in::{
    AttemptBuckets, EntryProved, REMEMBERED, SignInFailure, SignedInUser, may_enter, reserved,
};
use super::{Account, username_key};
use crate::act::{Action, Target};
use crate::audit::Outcome;
use crate::change::{Change, Changes, Enabled, Recorded};
use crate::decision::Refusal;
use crate::ids::{LinkId, TenantId, UserId};
use crate::noted::Noted;
use crate::scene::Scene;
use crate::secret::{Digest32, HashKey, Presented, sha256};
use crate::session::{Authentication, FactorUsed};
use crate::tenant::Tenant;
use crate::time::{Micros, Seconds};

/// How long one works.
pub const LIFETIME: Seconds = Seconds(600);
/// What the tokens in links begin with.
const PREFIX: &str = "sgn_";

/// What a code by mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailedKind {
    /// To sign in with, by itself.
    SignIn,
    /// To prove more than was proved.
    Second,
}

impl MailedKind {
    /// The name as stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Second => "second",
        }
    }

    /// Finds one by name.
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::SignIn, Self::Second].into_iter().find(|kind| kind.name() == name)
    }

    /// Digits of its codes: whoever knows no password guesses at more.
    const fn digits(self) -> usize {
        match self {
            Self::SignIn => 8,
            Self::Second => 6,
        }
    }
}

/// What is kept of a letter with a code.
#[derive(Debug, Clone)]
pub struct NewMailed {
    /// Row id.
    pub id: LinkId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Whose; none: nobody's, and it leads nowhere.
    pub user: Option<UserId>,
    /// What for.
    pub kind: MailedKind,
    /// SHA-256 of the token that goes with it.
    pub hash: Digest32,
    /// The address that it was sent to.
    pub email: Option<Box<str>>,
    /// The generation of the person's tokens.
    pub generation: i64,
    /// What guesses at it are counted under: the same for all codes of one name.
    pub guesses: Digest32,
    /// When it stops working.
    pub expires_at: Micros,
}

/// What is kept, as it is found.
#[derive(Debug, Clone)]
pub struct MailedFacts {
    /// The same.
    pub kept: NewMailed,
    /// When it was used.
    pub used_at: Option<Micros>,
}

/// Where a code may be sent to: to an address that was proved, of somebody who may use their account.
pub fn address(account: &Account) -> Option<&str> {
    let may_use = account.user.enabled == Enabled::Yes && account.leaves_at.is_none();
    account.email.as_deref().filter(|_| may_use && account.email_is_verified())
}

/// What guesses at the codes of a name are counted under.
pub fn guesses(tenant: TenantId, username: &str, hash_key: &HashKey) -> Digest32 {
    hash_key.hash(&format!("mailed\n{tenant}\n{}", username_key(username)))
}

/// The buckets that guesses come out of: they are not those of the password.
pub fn buckets(guesses: &Digest32, scene: &Scene<'_>, hash_key: &HashKey) -> AttemptBuckets {
    AttemptBuckets::of(scene.tenant, &format!("\nmailed\n{:x?}", guesses.as_bytes()), scene.origin, hash_key)
}

/// Takes an attempt out of a bucket before anything is compared, for a code of nobody like for one of somebody.
pub fn reserve(whose: Option<&Account>, bucket: Digest32, scene: &Scene<'_>) -> Changes {
    let (target, recorded) = match whose {
        Some(account) => (Target::User(account.user.id), Recorded::Inside(Outcome::Attempted)),
        None => (Target::Tenant(scene.tenant), Recorded::Later),
    };
    let attempt = PeopleChange::ReserveAttempt(reserved(bucket, scene.moment.now));
    scene.unit(Action::SignInAttempted, target).with(Change::People(attempt)).recorded(recorded)
}

/// Somebody asks for a code.
#[derive(Debug, Clone, Copy)]
pub struct Mailing<'a> {
    /// What for.
    pub kind: MailedKind,
    /// Who has the name that was typed; none: nobody.
    pub account: Option<&'a Account>,
    /// What guesses are counted under.
    pub guesses: Digest32,
    /// How many letters there may be.
    pub letters: LetterBuckets,
}

impl Mailing<'_> {
    /// The letter, and the unit that it belongs to.
    pub fn send(&self, scene: &Scene<'_>, hash_key: &HashKey) -> (LinkId, Letter, Changes) {
        let whose = self.account.filter(|account| address(account).is_some());
        let to = whose.and_then(address);
        let (id, token) = drawn(PREFIX, scene);
        let kept = NewMailed {
            id,
            tenant: scene.tenant,
            user: whose.map(|account| account.user.id),
            kind: self.kind,
            hash: sha256(token.as_bytes()),
            email: to.map(Into::into),
            generation: whose.map_or(0, |account| account.generation),
            guesses: self.guesses,
            expires_at: scene.moment.now.plus(LIFETIME),
        };
        let code = kept.shown_code(hash_key);
        let what = match self.kind {
            MailedKind::SignIn => News::SignIn(token, code),
            MailedKind::Second => News::SignInCode(code),
        };
        let letter = Letter { to: to.map(Into::into), what };
        let (target, recorded) = match self.account {
            Some(account) => (Target::User(account.user.id), Recorded::Inside(Outcome::Success)),
            None => (Target::Tenant(scene.tenant), Recorded::Noted),
        };
        let changes = self
            .letters
            .take(scene.moment.now)
            .fold(scene.unit(Action::SignInMailRequested, target), Changes::with)
            .with(Change::People(PeopleChange::CreateMailed(Box::new(kept))))
            .recorded(recorded);
        (id, letter, changes)
    }
}

impl NewMailed {
    /// The code that goes with it: nobody can work it out without the server's key.
    fn code(&self, hash_key: &HashKey) -> Zeroizing<String> {
        let from = [&b"mailed-code\n"[..], &self.id.to_bytes(), self.hash.as_bytes()].concat();
        let drawn = hash_key.hash_bytes(&from);
        let number = drawn.as_bytes().first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        let digits = self.kind.digits();
        let range = (0..digits).fold(1u64, |range, _| range * 10);
        Zeroizing::new(format!("{:0digits$}", number % range))
    }

    /// The same in two halves, as it stands in the letter.
    fn shown_code(&self, hash_key: &HashKey) -> Zeroizing<String> {
        let code = self.code(hash_key);
        let (first, second) = code.split_at(code.len() / 2);
        Zeroizing::new(format!("{first} {second}"))
    }
}

/// The id of the row that a token of a link leads to, and what it is compared by. `None`: nothing that was sent from here.
pub fn token(presented: &Presented) -> Option<LinkRef> {
    LinkRef::named(PREFIX, presented)
}

/// What somebody brings of a letter.
#[derive(Debug, Clone, Copy)]
pub enum MailedProof<'a> {
    /// The token in its link.
    Link(LinkRef),
    /// The code in it, as it was typed.
    Code(&'a Presented),
}

/// What somebody brings, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct ShownMailed<'a> {
    /// What it has to be for.
    pub kind: MailedKind,
    /// What is kept; none: nothing.
    pub found: Option<&'a MailedFacts>,
    /// Whose it is; none: nobody's.
    pub account: Option<&'a Account>,
    /// What they bring.
    pub proof: MailedProof<'a>,
    /// Codes follow from it.
    pub hash_key: &'a HashKey,
}

impl<'a> ShownMailed<'a> {
    /// What is kept of it, whether or not it still works.
    fn matching(&self) -> Option<(&'a MailedFacts, &'a Account)> {
        let (found, account) = (self.found?, self.account?);
        let kept = &found.kept;
        let is_it = match self.proof {
            MailedProof::Link(link) => link.id == kept.id && link.hash.ct_eq(&kept.hash),
            MailedProof::Code(typed) => {
                let digits = typed.expose().chars().filter(|typed| !typed.is_whitespace() && *typed != '-');
                // One more than there are says enough.
                let digits: Zeroizing<String> = Zeroizing::new(digits.take(self.kind.digits() + 1).collect());
                sha256(digits.as_bytes()).ct_eq(&sha256(kept.code(self.hash_key).as_bytes()))
            }
        };
        let is_theirs = kept.kind == self.kind && kept.user == Some(account.user.id);
        (is_it && is_theirs).then_some((found, account))
    }

    /// What it leads to, while it works: it was not used, its time is not over, and nothing has ended what was begun for
    /// this person since.
    fn standing(&self, now: Micros) -> Option<(&'a MailedFacts, &'a Account)> {
        let (found, account) = self.matching()?;
        let kept = &found.kept;
        let stands = found.used_at.is_none()
            && now < kept.expires_at
            && kept.generation == account.generation
            && address(account) == kept.email.as_deref();
        stands.then_some((found, account))
    }

    /// Whose it is, while it works.
    pub fn owner(&self, now: Micros) -> Option<&'a Account> {
        self.standing(now).map(|(_, account)| account)
    }

    /// Whether it was used a moment ago: the form came twice.
    pub fn is_again(&self, now: Micros) -> bool {
        let used = self.matching().and_then(|(found, _)| found.used_at);
        used.is_some_and(|at| now < at.plus(AGAIN))
    }

    /// Signs its owner in.
    ///
    /// # Errors
    /// `invalid_grant`.
    pub fn sign_in(
        &self,
        (tenant, assurance): (&Tenant, &Assurance<'_>),
        scene: &Scene<'_>,
    ) -> Result<EntryProved, Box<Refusal>> {
        let at = scene.moment.now;
        let (found, account) = self.standing(at).ok_or_else(|| self.refusal(SignInFailure::Mailed, scene))?;
        may_enter(account, tenant).map_err(|why| self.refusal(why, scene))?;
        let person = SignedInUser::of(account, Authentication::by_mail(at), Some(assurance));
        let user = &account.user;
        let name =
            AttemptBuckets::of(scene.tenant, &username_key(&user.username), scene.origin, self.hash_key);
        let guesses = buckets(&found.kept.guesses, scene, self.hash_key);
        let fill =
            |buckets| Change::People(PeopleChange::FillBuckets { buckets, at, remembered: REMEMBERED });
        let changes = vec![
            used_up(found, at),
            Change::People(PeopleChange::Enter { user: user.id, tenant: user.tenant, at }),
            fill(guesses),
            fill(name),
        ];
        Ok(EntryProved { person, changes })
    }

    /// Proves a second factor.
    ///
    /// # Errors
    /// `invalid_grant`.
    pub fn second(
        &self,
        (proved, assurance): (&Authentication, &Assurance<'_>),
        scene: &Scene<'_>,
    ) -> Result<SecondProved, Box<Refusal>> {
        let at = scene.moment.now;
        let refused = || self.refusal(SignInFailure::Mailed, scene);
        let (found, account) = self.standing(at).ok_or_else(refused)?;
        let used = FactorUsed::MailedCode;
        let Sufficiency::Enough(admitted) = judge(&proved.and(used), assurance) else {
            return Err(refused());
        };
        let buckets = prove::buckets(account, scene, self.hash_key);
        let filled = PeopleChange::FillBuckets { buckets, at, remembered: REMEMBERED };
        let changes = vec![used_up(found, at), Change::People(filled)];
        Ok(SecondProved { admitted, changes, used, letter: None })
    }

    /// The refusal of one that was not taken, with its record.
    pub fn refusal(&self, why: SignInFailure, scene: &Scene<'_>) -> Box<Refusal> {
        Refusal::new(why.answer()).recording(self.failed(why, scene))
    }

    /// The record of one that was not taken.
    pub fn failed(&self, why: SignInFailure, scene: &Scene<'_>) -> Noted {
        let user = self.account.map(|account| &account.user);
        Noted {
            act: scene.act(
                Action::SignInFailed,
                user.map_or(Target::Tenant(scene.tenant), |user| Target::User(user.id)),
            ),
            outcome: Outcome::Failure,
            why: Some(("reason", why.name())),
            reason: None,
            name: user.map(|user| ("username", Box::from(&*user.username))),
            list: None,
            path: None,
            worth: why.worth(),
        }
    }
}

fn used_up(found: &MailedFacts, at: Micros) -> Change {
    let (link, tenant) = (found.kept.id, found.kept.tenant);
    Change::People(PeopleChange::RedeemLink { link, tenant, at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Actor, Origin};
    use crate::given::{Counted, NOW, at, hash_key};
    use crate::people::factors::given;
    use crate::people::mailbox::MailboxOwner;

    fn verified() -> Account {
        Account { email_verified_at: Some(NOW), ..given::account() }
    }

    fn scene<'a>(origin: &'a Origin, random: &'a Counted) -> Scene<'a> {
        Scene { tenant: verified().user.tenant, actor: Actor::Anonymous, origin, moment: at(NOW, random) }
    }

    fn sent(kind: MailedKind, account: Option<&Account>) -> (Letter, NewMailed) {
        let (origin, random, key) = (Origin::default(), Counted::default(), hash_key());
        let scene = scene(&origin, &random);
        let mailing = Mailing {
            kind,
            account,
            guesses: guesses(scene.tenant, "ada", &key),
            letters: LetterBuckets::own(MailboxOwner::Address("ada@example.com"), &key),
        };
        let (_, letter, changes) = mailing.send(&scene, &key);
        let kept = changes.list().iter().find_map(|change| match change {
            Change::People(PeopleChange::CreateMailed(kept)) => Some((**kept).clone()),
            _ => None,
        });
        (letter, kept.unwrap())
    }

    fn code(letter: &Letter) -> Presented {
        match &letter.what {
            News::SignIn(_, code) | News::SignInCode(code) => Presented::new(code.to_string()),
            _ => panic!("{letter:?}"),
        }
    }

    fn works(kind: MailedKind, kept: &MailedFacts, account: &Account, (typed, now): (&str, Micros)) -> bool {
        let typed = Presented::new(typed.to_owned());
        let shown = ShownMailed {
            kind,
            found: Some(kept),
            account: Some(account),
            proof: MailedProof::Code(&typed),
            hash_key: &hash_key(),
        };
        shown.owner(now).is_some()
    }

    #[test]
    fn a_code_works_once_in_its_time_for_its_purpose_and_its_person() {
        for (kind, digits) in [(MailedKind::SignIn, 8), (MailedKind::Second, 6)] {
            let account = verified();
            let (letter, kept) = sent(kind, Some(&account));
            let typed = code(&letter).expose().to_owned();
            assert_eq!(typed.len(), digits + 1, "{typed}");
            let facts = MailedFacts { kept, used_at: None };
            let good = |facts: &MailedFacts, account: &Account, typed: &str, now| {
                works(kind, facts, account, (typed, now))
            };
            assert!(good(&facts, &account, &typed, NOW));
            assert!(good(&facts, &account, &typed.replace(' ', "-"), NOW.plus(Seconds(599))));
            assert!(!good(&facts, &account, &typed, NOW.plus(LIFETIME)));
            for wrong in ["", "000000", &typed[1..], &format!("{typed}0")] {
                assert!(!good(&facts, &account, wrong, NOW), "{wrong}");
            }
            let used = MailedFacts { used_at: Some(NOW), ..facts.clone() };
            assert!(!good(&used, &account, &typed, NOW));
            let other = if kind == MailedKind::SignIn { MailedKind::Second } else { MailedKind::SignIn };
            assert!(!works(other, &facts, &account, (&typed, NOW)));
            let mut bob = verified();
            bob.user.id = UserId::from_bytes([9; 16]);
            let leaving = Account { leaves_at: Some(NOW), ..verified() };
            let moved = Account { email: Some("eve@example.com".into()), ..verified() };
            let ended = Account { generation: 3, ..verified() };
            let unproved = Account { email_verified_at: None, ..verified() };
            for account in [bob, leaving, moved, ended, unproved] {
                assert!(!good(&facts, &account, &typed, NOW), "{account:?}");
            }
        }
    }

    #[test]
    fn the_link_is_compared_whole() {
        let account = verified();
        let (letter, kept) = sent(MailedKind::SignIn, Some(&account));
        let News::SignIn(text, _) = &letter.what else { panic!("{letter:?}") };
        let facts = MailedFacts { kept, used_at: None };
        let works = |text: &str| {
            let Some(link) = token(&Presented::new(text.to_owned())) else { return false };
            let proof = MailedProof::Link(link);
            let shown = ShownMailed {
                kind: MailedKind::SignIn,
                found: Some(&facts),
                account: Some(&account),
                proof,
                hash_key: &hash_key(),
            };
            shown.owner(NOW).is_some()
        };
        assert!(works(text));
        assert!(!works(&text.replace("sgn_", "rst_")) && !works(&text[..text.len() - 1]));
        let last = if text.ends_with('a') { 'b' } else { 'a' };
        assert!(!works(&format!("{}{last}", &text[..text.len() - 1])));
    }

    /// Whether anybody has the name makes no difference but the address.
    #[test]
    fn a_letter_for_nobody_is_written_too() {
        let unproved = given::account();
        for account in [None, Some(&unproved)] {
            let (letter, kept) = sent(MailedKind::SignIn, account);
            assert_eq!((letter.to, kept.user, kept.email), (None, None, None));
        }
        let (letter, kept) = sent(MailedKind::SignIn, Some(&verified()));
        assert_eq!(letter.to.as_deref(), Some("ada@example.com"));
        assert_eq!(kept.user, Some(verified().user.id));
    }
}

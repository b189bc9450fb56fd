//! Links and accounts, decision by decision: what ends a link, what ends a wish, whose address it is.

use super::accounts::{
    AccountDraft, AccountPatch, CurrentPassword, NewPassword, PlannedUpdate, ProfilePatch, plan_create,
    plan_profile, plan_registration, plan_update,
};
use super::change::{AccountUpdate, PersonTokens};
use super::links::{
    FollowedLink, LinkKind, LinkRef, NewLink, is_late, just_used, plan_reset, request, verify, works,
};
use super::mailbox::{LetterBuckets, MailboxOwner};
use super::password::Strength;
use super::sign_in::AttemptBuckets;
use super::{Account, Candidate, Letter, News, PeopleChange};
use crate::authority::Permission;
use crate::caller::{Acting, Caller, Identity, Needs, Scheme};
use crate::change::{Actor, Change, Changes, Enabled, Origin};
use crate::decision::Judgement;
use crate::given::{self, Counted, NOW, at};
use crate::ids::{ApiKeyId, TenantId, UserId};
use crate::manage::Deed;
use crate::scene::Scene;
use crate::secret::{HashKey, Presented, sha256};
use crate::time::{Micros, Seconds};
use crate::user::User;

const TENANT: TenantId = TenantId::from_bytes([1; 16]);

fn account(username: &str, email: &str) -> Account {
    Account {
        leaves_at: None,
        leaves_in: None,
        user: User {
            id: UserId::from_bytes([7; 16]),
            tenant: TENANT,
            username: username.into(),
            roles: vec!["user".into()],
            enabled: Enabled::Yes,
        },
        email: Some(email.into()),
        email_verified_at: Some(NOW),
        new_email: None,
        name: None,
        created_at: NOW,
        updated_at: NOW,
        last_login_at: None,
        version: 4,
        generation: 3,
    }
}

fn letters() -> LetterBuckets {
    LetterBuckets::own(
        MailboxOwner::Address("old@example.com"),
        &HashKey::new(zeroize::Zeroizing::new([7; 32])),
    )
}

/// Ada, who wishes for another address.
fn wishing() -> Account {
    Account { new_email: Some("new@example.com".into()), ..account("ada", "old@example.com") }
}

fn scenes<T>(now: Micros, what: impl FnOnce(&Scene<'_>) -> T) -> T {
    let (random, origin) = (Counted::default(), Origin::default());
    what(&Scene { tenant: TENANT, actor: Actor::Anonymous, origin: &origin, moment: at(now, &random) })
}

fn acting() -> Acting {
    let identity = Identity::ApiKey { key: ApiKeyId::from_bytes([6; 16]), name: "ci".into() };
    let permissions = [Permission::UsersWrite].into_iter().collect();
    let caller = Caller { identity, home: TENANT, permissions, scheme: Scheme::Bearer };
    let needs = Needs::Permission(Permission::UsersWrite);
    given::acting(caller, needs)
}

fn deeds<T>(what: impl FnOnce(&Deed<'_>) -> T) -> T {
    let (random, origin, acting) = (Counted::default(), Origin::default(), acting());
    what(&Deed { acting: &acting, origin: &origin, moment: at(NOW, &random) })
}

fn new_link(changes: &Changes) -> NewLink {
    let found = changes.list().iter().find_map(|change| match change {
        Change::People(PeopleChange::CreateLink(new)) => Some((**new).clone()),
        _ => None,
    });
    found.expect("a link")
}

fn updated(changes: &Changes) -> AccountUpdate {
    let found = changes.list().iter().find_map(|change| match change {
        Change::People(PeopleChange::Update(update)) => Some((**update).clone()),
        _ => None,
    });
    found.expect("an update")
}

fn token(letter: &Letter) -> Presented {
    match &letter.what {
        News::ResetPassword(token) | News::VerifyEmail(token) => Presented::new(token.to_string()),
        _ => panic!("no link"),
    }
}

/// A link as it is sent and then followed by somebody whose account is `now`.
fn sent(kind: LinkKind, to: &Account, now: &Account) -> (LinkRef, FollowedLink) {
    let candidate =
        |account: &Account| Candidate { account: account.clone(), password_hash: Some("stored".into()) };
    let (letter, changes) = scenes(NOW, |scene| request(kind, Some(&candidate(to)), letters(), scene));
    let new = new_link(&changes);
    let link = FollowedLink {
        id: new.id,
        kind: new.kind,
        hash: new.hash,
        email: new.email,
        generation: new.generation,
        expires_at: new.expires_at,
        used_at: None,
        candidate: candidate(now),
    };
    (LinkRef::parse(kind, &token(&letter)).expect("a link"), link)
}

fn unverified(username: &str) -> Account {
    Account { email_verified_at: None, ..account(username, "old@example.com") }
}

fn good() -> (Presented, Strength) {
    (Presented::new("another good passphrase".to_owned()), Strength { score: 4, ..Strength::default() })
}

#[test]
fn a_link_works_until_its_time_is_over_and_not_a_moment_longer() {
    for (kind, who, lifetime) in [
        (LinkKind::Reset, account("ada", "old@example.com"), 1800),
        (LinkKind::Verify, unverified("ada"), 86_400),
    ] {
        let (presented, link) = sent(kind, &who, &who);
        let end = NOW.plus(Seconds(lifetime));
        assert!(works(kind, Some(presented), Some(&link), Micros(end.0 - 1)), "{kind:?}");
        assert!(!is_late(kind, Some(presented), Some(&link), Micros(end.0 - 1)));
        assert!(!works(kind, Some(presented), Some(&link), end), "{kind:?}");
        assert!(is_late(kind, Some(presented), Some(&link), end));
        let (password, strength) = good();
        match kind {
            LinkKind::Reset => {
                let late = plan_reset(Some(presented), Some(&link), (&password, &strength), end);
                assert!(late.unwrap_err().error.public().starts_with("token: "));
            }
            LinkKind::Verify => {
                let late = scenes(end, |scene| verify(Some(presented), Some(&link), scene));
                assert!(late.unwrap_err().error.public().starts_with("token: "));
            }
        }
    }
}

/// The form behind a link may be sent twice. It is the same link for a moment, as long as what was done with it stands.
#[test]
fn a_link_that_was_just_used_is_known_again_for_a_moment() {
    let grace = Seconds(10);
    let reset = account("ada", "old@example.com");
    for (kind, who, after) in [
        (LinkKind::Reset, reset.clone(), Account { generation: 4, ..reset }),
        (LinkKind::Verify, unverified("ada"), account("ada", "old@example.com")),
        (LinkKind::Verify, wishing(), account("ada", "new@example.com")),
    ] {
        let (presented, link) = sent(kind, &who, &after);
        let used = FollowedLink { used_at: Some(NOW), ..link.clone() };
        let again =
            |link: &FollowedLink, at| just_used(kind, Some(presented), Some(link), (at, grace)).is_some();
        assert!(again(&used, Micros(NOW.plus(grace).0 - 1)), "{kind:?}");
        assert!(!again(&used, NOW.plus(grace)), "not for longer");
        assert!(!again(&link, NOW), "it was not used");
        assert!(!works(kind, Some(presented), Some(&used), NOW), "it does nothing more");
        assert!(!is_late(kind, Some(presented), Some(&used), NOW.plus(Seconds(1_000_000))));
        let forged = LinkRef { hash: sha256(b"forged"), ..presented };
        assert!(just_used(kind, Some(forged), Some(&used), (NOW, grace)).is_none());
        let other = match kind {
            LinkKind::Reset => LinkKind::Verify,
            LinkKind::Verify => LinkKind::Reset,
        };
        assert!(just_used(other, Some(presented), Some(&used), (NOW, grace)).is_none());
        // Everything of the person was ended since, or they are locked out.
        let ended = Account { generation: after.generation + 1, ..after.clone() };
        let locked = Account { user: User { enabled: Enabled::No, ..after.user.clone() }, ..after };
        for now in [ended, locked] {
            let mut used = used.clone();
            used.candidate.account = now;
            assert!(!again(&used, NOW), "{kind:?}");
        }
    }
}

/// What ends all tokens of a person raises their generation: every link that was sent before is dead with it.
#[test]
fn a_link_of_an_earlier_generation_is_dead_whatever_it_is_for() {
    for (kind, who) in [
        (LinkKind::Reset, account("ada", "old@example.com")),
        (LinkKind::Verify, unverified("ada")),
        (LinkKind::Verify, wishing()),
    ] {
        let after = Account { generation: who.generation + 1, ..who.clone() };
        let (presented, link) = sent(kind, &who, &after);
        assert_eq!(link.generation, 3, "a link bears the generation of when it was sent");
        assert!(!works(kind, Some(presented), Some(&link), NOW), "{kind:?}");
        assert!(
            !is_late(kind, Some(presented), Some(&link), NOW.plus(Seconds(1_000_000))),
            "nor is another one sent"
        );
        let (presented, link) = sent(kind, &who, &who);
        assert!(works(kind, Some(presented), Some(&link), NOW), "{kind:?}");
    }
}

#[test]
fn a_link_is_its_own_kind_and_its_own_text() {
    let ada = account("ada", "old@example.com");
    let (presented, link) = sent(LinkKind::Reset, &ada, &ada);
    assert!(!works(LinkKind::Verify, Some(presented), Some(&link), NOW));
    let forged = LinkRef { hash: sha256(b"forged"), ..presented };
    assert!(!works(LinkKind::Reset, Some(forged), Some(&link), NOW));
    assert!(!is_late(LinkKind::Reset, Some(forged), Some(&link), NOW.plus(Seconds(9999))));
    let moved = Account { email: Some("new@example.com".into()), ..ada.clone() };
    let (presented, link) = sent(LinkKind::Reset, &ada, &moved);
    assert!(
        !works(LinkKind::Reset, Some(presented), Some(&link), NOW),
        "it went to an address that is not theirs now"
    );
    let locked = Account { user: User { enabled: Enabled::No, ..ada.user.clone() }, ..ada.clone() };
    let (presented, link) = sent(LinkKind::Reset, &ada, &locked);
    assert!(!works(LinkKind::Reset, Some(presented), Some(&link), NOW));
}

fn password(text: &str) -> NewPassword {
    NewPassword {
        text: Presented::new(text.to_owned()),
        strength: Strength { score: 4, ..Strength::default() },
    }
}

/// To whom a letter goes, and what it is about.
type Told = (Option<String>, &'static str);

/// The account, its update, its letters, and the unit.
fn finished(plan: PlannedUpdate) -> (Account, AccountUpdate, Vec<Told>, Changes) {
    scenes(NOW, |scene| {
        let (account, letters, changes) = plan.finish(None, scene);
        let kind = |letter: &Letter| match letter.what {
            News::ResetPassword(_) => "reset",
            News::VerifyEmail(_) => "verify",
            News::PasswordChanged => "password changed",
            News::FactorAdded(_) | News::FactorRemoved(_) | News::FactorsRemoved | News::PasskeyCopied(_) => {
                "factor"
            }
            News::RecoveryCodesMade | News::RecoveryCodeUsed(_) => "codes",
            News::IdentityLinked(_) | News::IdentityUnlinked(_) => "identity",
            News::EmailChanging => "email changing",
            News::EmailChanged => "email changed",
            News::Leaving(_) => "leaving",
            News::Kept => "kept",
            News::Left => "left",
            News::AlreadyRegistered => "already registered",
            News::SignIn(..) | News::SignInCode(_) => "sign in by mail",
        };
        let letters =
            letters.iter().map(|letter| (letter.to.as_deref().map(str::to_owned), kind(letter))).collect();
        (account, updated(&changes), letters, changes)
    })
}

fn by_administrator(patch: &AccountPatch, found: &Account) -> Judgement<PlannedUpdate> {
    deeds(|deed| plan_update(patch, Some(found), &[], deed))
}

#[test]
fn a_wish_for_another_address_ends_with_every_recovery() {
    // By mail.
    let (presented, link) = sent(LinkKind::Reset, &wishing(), &wishing());
    let (text, strength) = good();
    let plan = plan_reset(Some(presented), Some(&link), (&text, &strength), NOW).unwrap();
    let buckets = AttemptBuckets { strangers: sha256(b"x"), place: None, browser: None };
    let (_, changes) = scenes(NOW, |scene| plan.finish("hash".into(), buckets, scene));
    assert_eq!((updated(&changes).new_email, updated(&changes).tokens), (None, PersonTokens::End));
    // By an administrator: another password, a lock, another address, a word.
    let lock = AccountPatch { enabled: Some(Enabled::No), ..AccountPatch::default() };
    let set = AccountPatch { password: Some(password("x")), ..AccountPatch::default() };
    for (patch, tokens) in [
        (lock, PersonTokens::End),
        (AccountPatch { password: Some(password("another good passphrase")), ..set }, PersonTokens::End),
        (
            AccountPatch { email: Some(Some("third@example.com".to_owned())), ..AccountPatch::default() },
            PersonTokens::Keep,
        ),
        (AccountPatch { pending_email: Some(None), ..AccountPatch::default() }, PersonTokens::Keep),
    ] {
        let (account, update, ..) = finished(by_administrator(&patch, &wishing()).unwrap());
        assert_eq!((account.new_email, update.new_email, update.tokens), (None, None, tokens), "{patch:?}");
        assert_eq!(account.generation, 3 + i64::from(tokens == PersonTokens::End));
    }
    let name = AccountPatch { name: Some(None), ..AccountPatch::default() };
    let (account, ..) = finished(by_administrator(&name, &wishing()).unwrap());
    assert_eq!(account.new_email.as_deref(), Some("new@example.com"), "a name is no recovery");
    // By themselves.
    for patch in [
        ProfilePatch { password: Some(password("another good passphrase")), ..ProfilePatch::default() },
        ProfilePatch { pending_email: Some(None), ..ProfilePatch::default() },
        ProfilePatch { email: Some("old@example.com".to_owned()), ..ProfilePatch::default() },
    ] {
        let plan = plan_profile(&patch, Some(&wishing()), CurrentPassword::Right).unwrap();
        assert_eq!(finished(plan).1.new_email, None, "{patch:?}");
    }
}

/// AUTHORITY: an email change needs the current password.
#[test]
fn a_new_password_or_address_needs_a_fresh_proof() {
    let email = ProfilePatch { email: Some("new@example.com".to_owned()), ..ProfilePatch::default() };
    let other =
        ProfilePatch { password: Some(password("another good passphrase")), ..ProfilePatch::default() };
    let ada = account("ada", "old@example.com");
    for patch in [&email, &other] {
        for proof in [CurrentPassword::Missing, CurrentPassword::Wrong] {
            let refusal = plan_profile(patch, Some(&ada), proof).unwrap_err();
            assert!(refusal.error.public().starts_with("current_password: "), "{proof:?}");
        }
        assert!(plan_profile(patch, Some(&ada), CurrentPassword::Right).is_ok());
    }
    let cancel = ProfilePatch { pending_email: Some(None), ..ProfilePatch::default() };
    assert!(
        plan_profile(&cancel, Some(&wishing()), CurrentPassword::Missing).is_ok(),
        "who takes back proves nothing"
    );
    let odd =
        ProfilePatch { pending_email: Some(Some("x@example.com".to_owned())), ..ProfilePatch::default() };
    let refusal = plan_profile(&odd, Some(&wishing()), CurrentPassword::Right).unwrap_err();
    assert!(refusal.error.public().starts_with("pending_email: "));
}

#[test]
fn a_wish_bears_the_generation_that_holds_after_it_and_the_old_address_hears_of_it_twice() {
    let patch = ProfilePatch {
        email: Some(" new@example.com ".to_owned()),
        password: Some(password("another good passphrase")),
        ..ProfilePatch::default()
    };
    let plan =
        plan_profile(&patch, Some(&account("ada", "old@example.com")), CurrentPassword::Right).unwrap();
    let (account, update, letters, changes) = finished(plan);
    assert_eq!(
        (account.email.as_deref(), update.new_email.as_deref()),
        (Some("old@example.com"), Some("new@example.com"))
    );
    assert_eq!(new_link(&changes).generation, 4);
    let old = Some("old@example.com".to_owned());
    assert_eq!(
        letters,
        [
            (old.clone(), "email changing"),
            (old.clone(), "password changed"),
            (Some("new@example.com".to_owned()), "verify")
        ]
    );
    let (presented, link) = sent(LinkKind::Verify, &wishing(), &wishing());
    let (letter, changes) = scenes(NOW, |scene| verify(Some(presented), Some(&link), scene)).unwrap();
    assert_eq!(updated(&changes).email.as_deref(), Some("new@example.com"));
    let letter = letter.unwrap();
    assert!(matches!(letter.what, News::EmailChanged));
    assert_eq!(letter.to.map(String::from), old);
    let (presented, link) = sent(LinkKind::Verify, &unverified("ada"), &unverified("ada"));
    let (letter, _) = scenes(NOW, |scene| verify(Some(presented), Some(&link), scene)).unwrap();
    assert!(letter.is_none(), "nothing changed");
}

/// AUTHORITY: a username that is an email address is that person's email.
#[test]
fn a_username_that_is_an_address_is_the_email() {
    let draft = |username: &str, email: Option<&str>| AccountDraft {
        username: Some(username.to_owned()),
        email: email.map(str::to_owned),
        password: Some(password("another good passphrase")),
        ..AccountDraft::default()
    };
    for draft in
        [draft("ada@example.com", Some("eve@example.com")), draft(" ada@example.com", Some("x@example.com"))]
    {
        let own = scenes(NOW, |scene| plan_registration(&draft, scene)).unwrap_err();
        let made = deeds(|deed| plan_create(&draft, &[], deed)).unwrap_err();
        for refusal in [own, made] {
            assert!(refusal.error.public().starts_with("email: "), "{}", refusal.error.public());
        }
    }
    for (username, email, is) in [
        ("ada@example.com", None, Some("ada@example.com")),
        (" ada@example.com\u{a0}", Some("Ada@EXAMPLE.com "), Some("Ada@EXAMPLE.com")),
        ("ada", Some("ada@example.com"), Some("ada@example.com")),
        ("ada", None, None),
    ] {
        let plan = scenes(NOW, |scene| plan_registration(&draft(username, email), scene)).unwrap();
        assert_eq!(plan.username(), username.trim());
        let (account, _) = scenes(NOW, |scene| plan.finish("hash".into(), scene));
        assert_eq!(account.email.as_deref(), is);
    }
}

#[test]
fn a_username_that_is_an_address_follows_the_email() {
    let ada = account("ada@example.com", "ada@example.com");
    let to = |username: Option<&str>, email: Option<&str>| AccountPatch {
        username: username.map(str::to_owned),
        email: Some(email.map(str::to_owned)),
        ..AccountPatch::default()
    };
    for patch in [to(None, Some("new@example.com")), to(Some("new@example.com"), Some("new@example.com"))] {
        let (account, update, letters, _) = finished(by_administrator(&patch, &ada).unwrap());
        assert_eq!((&*account.user.username, &*update.username), ("new@example.com", "new@example.com"));
        assert_eq!(letters, [(Some("ada@example.com".to_owned()), "email changed")]);
    }
    for (patch, field) in [
        (to(Some("ada@example.com"), Some("new@example.com")), "email: "),
        (to(Some("third@example.com"), Some("new@example.com")), "username: "),
        (to(None, None), "email: "),
    ] {
        let refusal = by_administrator(&patch, &ada).unwrap_err();
        assert!(refusal.error.public().starts_with(field), "{}", refusal.error.public());
    }
    let plain = account("ada", "ada@example.com");
    let (account, ..) = finished(by_administrator(&to(None, Some("new@example.com")), &plain).unwrap());
    assert_eq!(&*account.user.username, "ada");
    // By the link to the new address.
    let wishing = Account { new_email: Some("new@example.com".into()), ..ada };
    let (presented, link) = sent(LinkKind::Verify, &wishing, &wishing);
    let (_, changes) = scenes(NOW, |scene| verify(Some(presented), Some(&link), scene)).unwrap();
    assert_eq!(&*updated(&changes).username, "new@example.com");
}

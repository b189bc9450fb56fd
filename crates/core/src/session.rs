//! Browsers and sign-ins. A browser has one cookie for the whole origin; who is signed in there is kept here, by
//! (browser, tenant).

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::act::{Action, Actor, Origin, Target};
use crate::change::{Change, Changes};
use crate::claims::{ONE_FACTOR, TWO_FACTORS};
use crate::decision::{Decision, Moment};
use crate::flow::FlowChange;
use crate::handle::{BROWSER_PREFIX, Drawn, Handle};
use crate::ids::{BrowserId, ChallengeId, ClientId, SessionId, TenantId, UserId};
use crate::manage::no_such;
use crate::people::factors::policy::Admitted;
use crate::reason::Reason;
use crate::scene::Scene;
use crate::secret::{Digest32, HashKey, Presented};
use crate::settings::TenantSettings;
use crate::tenant::Tenant;
use crate::time::{Micros, Seconds};
use crate::token::Parent;
use crate::webauthn::UserVerification;
use writ_jose::JsonObject;

/// How long a browser is remembered in which nobody has signed in: longer than any request waits.
const NEW_BROWSER_LIFETIME: Seconds = Seconds(3600);
/// How long a browser is remembered after the sign-in in it has ended.
const BROWSER_LIFETIME: Seconds = Seconds(86_400);
/// Between two notes of when a sign-in was last used.
const SEEN_EVERY: Seconds = Seconds(60);

/// How a person proved to be themselves, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// When: `auth_time`.
    pub at: Micros,
    /// Methods (RFC 8176), space-separated: `amr`.
    pub methods: Arc<str>,
}

impl Authentication {
    /// By a password, just now.
    pub fn by_password(at: Micros) -> Self {
        Self { at, methods: PASSWORD.into() }
    }

    /// At another identity provider, then; `methods`: what it is trusted to say of how.
    pub fn by_provider(at: Micros, methods: &[&str]) -> Self {
        let words: Vec<_> = [FEDERATED].into_iter().chain(methods.iter().copied()).collect();
        Self { at, methods: words.join(" ").into() }
    }

    /// By a passkey, just now. One that has verified who uses it is two factors: what somebody has, and what they know or
    /// are.
    pub fn by_passkey(at: Micros, used: PasskeyUse) -> Self {
        let none = Self { at, methods: "".into() };
        let multiple = if used.verification == UserVerification::Done { &[MULTIPLE][..] } else { &[] };
        none.with(used.methods().iter().chain(multiple))
    }

    /// By a link or a code that was mailed to them, just now.
    pub fn by_mail(at: Micros) -> Self {
        Self { at, methods: "".into() }.with(FactorUsed::MailedCode.methods().iter())
    }

    /// By this, beside what was proved before. When stays when: what was proved first is as old as it is. Two things of one
    /// kind are one factor; a password and something that somebody has are two.
    #[must_use]
    pub fn and(&self, used: FactorUsed) -> Self {
        let is_multiple = self.kinds().any(|before| before.adds_to(used.kind()));
        let multiple = if is_multiple || used.is_multiple() { &[MULTIPLE][..] } else { &[] };
        self.with(used.methods().iter().chain(multiple))
    }

    /// Of what kinds it is.
    fn kinds(&self) -> impl Iterator<Item = ProofKind> + '_ {
        let words = || self.methods.split(' ');
        let by_mail = words().any(|word| word == CHANNELS);
        words().filter_map(move |word| match word {
            PASSWORD => Some(ProofKind::Known),
            "hwk" | "swk" => Some(ProofKind::Had),
            // Beside that word it may have come by mail.
            ONE_TIME if !by_mail => Some(ProofKind::Had),
            CHANNELS => Some(ProofKind::Mailbox),
            FEDERATED => Some(ProofKind::Elsewhere),
            _ => None,
        })
    }

    fn with<'w>(&self, more: impl Iterator<Item = &'w &'static str>) -> Self {
        let mut words: Vec<&str> = self.methods.split(' ').filter(|word| !word.is_empty()).collect();
        for word in more {
            if !words.contains(word) {
                words.push(word);
            }
        }
        Self { at: self.at, methods: words.join(" ").into() }
    }

    /// Whether a password was among it.
    pub fn is_by_password(&self) -> bool {
        self.methods.split(' ').any(|word| word == PASSWORD)
    }

    /// The same, proved just now.
    #[must_use]
    pub fn anew(&self, at: Micros) -> Self {
        Self { at, methods: Arc::clone(&self.methods) }
    }

    /// Whether two factors were proved.
    pub fn is_two_factor(&self) -> bool {
        self.methods.split(' ').any(|word| word == MULTIPLE)
    }

    /// How much that proves: `acr`; none where nobody knows how it was done.
    pub fn acr(&self) -> Option<&'static str> {
        match (self.methods.is_empty(), self.is_two_factor()) {
            (true, _) => None,
            (false, false) => Some(ONE_FACTOR),
            (false, true) => Some(TWO_FACTORS),
        }
    }

    /// `auth_time`, `amr` and `acr`, as ID tokens (OpenID Connect Core §2) and access tokens (RFC 9068 §2.2.1) have them.
    pub(crate) fn write_to(&self, json: &mut JsonObject) {
        json.number("auth_time", self.at.as_secs());
        let methods: Vec<&str> = self.methods.split(' ').filter(|method| !method.is_empty()).collect();
        if !methods.is_empty() {
            json.strings("amr", &methods);
        }
        if let Some(acr) = self.acr() {
            json.string("acr", acr);
        }
    }
}

/// More than one factor (RFC 8176 §2).
const MULTIPLE: &str = "mfa";
/// At another identity provider: RFC 8176 has no word for that.
const FEDERATED: &str = "fed";
/// A password (RFC 8176 §2).
const PASSWORD: &str = "pwd";
/// A code that works once (RFC 8176 §2).
const ONE_TIME: &str = "otp";
/// By another channel than the browser (RFC 8176 §2): of those there is mail alone here.
const CHANNELS: &str = "mca";

/// What kind of thing somebody proves themselves with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProofKind {
    /// What they know.
    Known,
    /// What they have.
    Had,
    /// That they read their mail.
    Mailbox,
    /// A sign-in at another identity provider.
    Elsewhere,
}

impl ProofKind {
    /// Whether the two are two factors. A mailbox and a provider are not: the one often is kept by the other.
    const fn adds_to(self, other: Self) -> bool {
        use ProofKind::{Elsewhere, Had, Known, Mailbox};
        matches!(
            (self, other),
            (Known, Had | Mailbox)
                | (Had, Known | Mailbox | Elsewhere)
                | (Mailbox, Known | Had)
                | (Elsewhere, Had)
        )
    }
}

/// A passkey that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasskeyUse {
    /// Whether its key can be copied to other devices, or stays on the one that made it.
    pub is_copyable: bool,
    /// Whether it has verified who used it.
    pub verification: UserVerification,
}

impl PasskeyUse {
    /// The words for it (RFC 8176 §2): a key in hardware, or one that software can copy; and that somebody was there.
    const fn methods(self) -> &'static [&'static str] {
        if self.is_copyable { &["swk", "user"] } else { &["hwk", "user"] }
    }
}

/// What was proved besides what was proved first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorUsed {
    /// A code of an authenticator app.
    Totp,
    /// A recovery code.
    RecoveryCode,
    /// A passkey.
    Passkey(PasskeyUse),
    /// The password, after something else.
    Password,
    /// A code that was mailed to them.
    MailedCode,
}

impl FactorUsed {
    /// The words for it (RFC 8176 §2).
    const fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Totp | Self::RecoveryCode => &[ONE_TIME],
            Self::Passkey(used) => used.methods(),
            Self::Password => &[PASSWORD],
            Self::MailedCode => &[ONE_TIME, CHANNELS],
        }
    }

    const fn kind(self) -> ProofKind {
        match self {
            Self::Totp | Self::RecoveryCode | Self::Passkey(_) => ProofKind::Had,
            Self::Password => ProofKind::Known,
            Self::MailedCode => ProofKind::Mailbox,
        }
    }

    /// Whether it is more than one by itself.
    fn is_multiple(self) -> bool {
        matches!(self, Self::Passkey(used) if used.verification == UserVerification::Done)
    }

    /// The word in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Passkey(_) => "passkey",
            Self::Password => "password",
            Self::MailedCode => "mailed_code",
        }
    }
}

/// What a client knows a sign-in by: `sid` (OpenID Connect Front-Channel Logout 1.0 §3). It follows from the sign-in and the
/// client under the server's key: another one for each client, so that no two can tell that they have the same person.
pub fn sid(session: SessionId, client: ClientId, hash_key: &HashKey) -> String {
    let hash = hash_key.hash_bytes(&[&b"sid:"[..], &session.to_bytes(), &client.to_bytes()].concat());
    URL_SAFE_NO_PAD.encode(hash.as_bytes().first_chunk::<16>().copied().unwrap_or_default())
}

/// How long sign-ins last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Without being used.
    pub idle: Seconds,
    /// In all.
    pub absolute: Seconds,
}

impl From<&TenantSettings> for Lifetimes {
    fn from(settings: &TenantSettings) -> Self {
        Self { idle: settings.session_idle, absolute: settings.session_absolute }
    }
}

/// A browser to be remembered.
#[derive(Clone)]
pub struct NewBrowser {
    /// Row id.
    pub id: BrowserId,
    /// SHA-256 of its cookie.
    pub hash: Digest32,
    /// When.
    pub created_at: Micros,
    /// Until when.
    pub expires_at: Micros,
}

impl fmt::Debug for NewBrowser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewBrowser").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A browser as its cookie names it.
#[derive(Debug, Clone, Copy)]
pub struct BrowserFacts {
    /// Row id.
    pub id: BrowserId,
    /// SHA-256 of its cookie.
    pub hash: Digest32,
    /// Until when it is remembered.
    pub expires_at: Micros,
}

impl BrowserFacts {
    /// Whether this is the browser that presented the cookie.
    pub fn presented(&self, cookie: &Handle, now: Micros) -> bool {
        self.hash.ct_eq(&cookie.hash) && now < self.expires_at
    }
}

/// A browser that has not been here before: its cookie, and the row to be.
pub fn new_browser(moment: &Moment<'_>) -> (Drawn, NewBrowser) {
    let id = BrowserId::v7(moment.now, moment.random.bits());
    let cookie = Drawn::new(BROWSER_PREFIX, id.to_bytes(), moment);
    let row = NewBrowser {
        id,
        hash: cookie.hash,
        created_at: moment.now,
        expires_at: moment.now.plus(NEW_BROWSER_LIFETIME),
    };
    (cookie, row)
}

/// Which sign-in a cookie was given with.
#[derive(Debug, Clone, Copy)]
pub struct CookieEntry {
    /// The request that it was for.
    pub challenge: ChallengeId,
    /// Who signed in.
    pub user: UserId,
}

/// A browser in which somebody is about to be signed in, and the cookie that it has from then on.
#[derive(Debug)]
pub struct Seat {
    /// Row id.
    pub browser: BrowserId,
    /// The cookie from then on.
    pub cookie: Drawn,
    before: Before,
}

/// What a browser was known by before.
#[derive(Debug)]
enum Before {
    /// This cookie.
    Cookie(Digest32),
    /// Nothing.
    Nothing(NewBrowser),
}

impl Seat {
    /// In a browser that presented its cookie.
    pub fn of(browser: &BrowserFacts, cookie: &Presented, entry: CookieEntry, hash_key: &HashKey) -> Self {
        let next = following(browser.id, cookie, entry, hash_key);
        Self { browser: browser.id, cookie: next, before: Before::Cookie(browser.hash) }
    }

    /// In one that is not known.
    pub fn unknown(moment: &Moment<'_>) -> Self {
        let (cookie, row) = new_browser(moment);
        Self { browser: row.id, cookie, before: Before::Nothing(row) }
    }
}

/// The cookie that a browser gets with a sign-in. It follows from the one before, from the request and from the
/// person: whoever proves again to be that person, for the same request and with the same cookie, is who signed in,
/// and their first answer was lost. Nobody can work it out without the server's key, and nobody else gets it.
fn following(browser: BrowserId, cookie: &Presented, entry: CookieEntry, hash_key: &HashKey) -> Drawn {
    let CookieEntry { challenge, user } = entry;
    let from = hash_key.hash(&format!("browser of {user} after {challenge} and {}", cookie.expose()));
    Drawn::following(BROWSER_PREFIX, browser.to_bytes(), &from)
}

/// The cookie that this very sign-in gave this browser already, if nothing else has happened in it since.
pub fn given_before(
    browser: &BrowserFacts,
    cookie: &Presented,
    entry: CookieEntry,
    hash_key: &HashKey,
) -> Option<Drawn> {
    let given = following(browser.id, cookie, entry, hash_key);
    browser.hash.ct_eq(&given.hash).then_some(given)
}

/// A sign-in to be recorded.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Row id.
    pub id: SessionId,
    /// In which tenant.
    pub tenant: TenantId,
    /// In which browser.
    pub browser: BrowserId,
    /// Whose.
    pub user: UserId,
    /// The generation of their tokens, as it was when they proved it.
    pub user_generation: i64,
    /// How they proved it.
    pub authentication: Authentication,
    /// Until when at the latest.
    pub expires_at: Micros,
    /// From where.
    pub ip: Option<IpAddr>,
    /// With what.
    pub user_agent: Option<Arc<str>>,
}

/// A sign-in with the present state of what it depends on.
#[derive(Debug, Clone)]
pub struct SessionFacts {
    /// Row id.
    pub id: SessionId,
    /// In which browser.
    pub browser: BrowserId,
    /// Whose.
    pub user: UserId,
    /// Their name; none: they are gone, or locked out.
    pub username: Option<Arc<str>>,
    /// How they proved it.
    pub authentication: Authentication,
    /// When it was last used, at most a minute late.
    pub last_seen_at: Micros,
    /// Until when at the latest.
    pub expires_at: Micros,
    /// When it was ended.
    pub ended_at: Option<Micros>,
    /// The generation of its user.
    pub user_parent: Parent,
    /// The generation of its tenant.
    pub tenant_parent: Parent,
}

impl SessionFacts {
    /// Whether the person is signed in by it.
    pub fn live(&self, lifetimes: Lifetimes, now: Micros) -> bool {
        self.ended_at.is_none()
            && self.username.is_some()
            && now < self.expires_at
            && now < self.last_seen_at.plus(lifetimes.idle)
            && self.user_parent.alive()
            && self.tenant_parent.alive()
    }

    /// Whether it is time to note that it is used.
    pub fn is_worth_noting(&self, now: Micros) -> bool {
        now >= self.last_seen_at.plus(SEEN_EVERY)
    }
}

/// Somebody who has just proved to be themselves in a browser.
#[derive(Debug, Clone, Copy)]
pub struct SigningIn<'a> {
    /// In which tenant.
    pub tenant: &'a Tenant,
    /// In which browser.
    pub seat: &'a Seat,
    /// The sign-in that was not ended there.
    pub present: Option<&'a SessionFacts>,
    /// Who: row id and name.
    pub user: (UserId, &'a Arc<str>),
    /// The generation of their tokens, as it was when they proved it.
    pub user_generation: i64,
    /// How they proved it, and that it is enough.
    pub admitted: &'a Admitted,
    /// From where.
    pub origin: &'a Origin,
}

/// Signs somebody in. The browser gets another cookie: whoever knew the one before is not signed in with them. A
/// person who was signed in already goes on with their sign-in; somebody else's is ended.
pub fn sign_in(signing_in: &SigningIn<'_>, moment: &Moment<'_>) -> (SessionId, Changes) {
    let SigningIn { tenant, seat, present, user: (user, username), .. } = *signing_in;
    let expires_at = moment.now.plus(tenant.settings.session_absolute);
    let goes_on = present.filter(|session| {
        session.user == user && session.user_parent.alive() && session.tenant_parent.alive()
    });
    let (id, action) = match goes_on {
        Some(session) => (session.id, Action::SessionRenewed),
        None => (SessionId::v7(moment.now, moment.random.bits()), Action::SessionStarted),
    };
    let actor = Actor::User { id: user, name: Arc::clone(username) };
    let scene = Scene { tenant: tenant.id, actor, origin: signing_in.origin, moment: *moment };
    let remembered_until = expires_at.plus(BROWSER_LIFETIME);
    let seated = match &seat.before {
        Before::Cookie(from) => FlowChange::RotateBrowser {
            browser: seat.browser,
            from: *from,
            to: seat.cookie.hash,
            expires_at: remembered_until,
        },
        Before::Nothing(new) => {
            FlowChange::CreateBrowser(Box::new(NewBrowser { expires_at: remembered_until, ..new.clone() }))
        }
    };
    let mut changes = scene.unit(action, Target::Session(id)).with(seated.into());
    let authentication = signing_in.admitted.authentication().clone();
    if goes_on.is_some() {
        let renew = FlowChange::RenewSession { session: id, tenant: tenant.id, authentication, expires_at };
        return (id, changes.with(renew.into()));
    }
    if let Some(other) = present {
        let end = FlowChange::EndSession { session: other.id, tenant: tenant.id, at: moment.now };
        changes = changes.with(end.into());
    }
    let new = NewSession {
        id,
        tenant: tenant.id,
        browser: seat.browser,
        user,
        user_generation: signing_in.user_generation,
        authentication,
        expires_at,
        ip: signing_in.origin.ip,
        user_agent: signing_in.origin.user_agent.clone(),
    };
    (id, changes.with(FlowChange::StartSession(Box::new(new)).into()))
}

/// Ends a sign-in, as its own person.
pub fn sign_out(tenant: TenantId, session: &SessionFacts, origin: &Origin, moment: &Moment<'_>) -> Changes {
    let name = session.username.clone().unwrap_or_default();
    let scene = Scene { tenant, actor: Actor::User { id: session.user, name }, origin, moment: *moment };
    let end = FlowChange::EndSession { session: session.id, tenant, at: moment.now };
    scene.unit(Action::SessionEnded, Target::Session(session.id)).with(end.into())
}

/// Ends a sign-in that somebody sees in a list.
///
/// # Errors
/// `not_found`.
pub fn end(found: Option<&ShownSession>, scene: &Scene<'_>) -> Decision<()> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchSession))?;
    let unit = scene.unit(Action::SessionEnded, Target::Session(found.id));
    Ok(((), unit.with(ended(found.id, scene))))
}

/// Ends sign-ins of a person in one unit.
pub fn end_all(user: UserId, sessions: impl IntoIterator<Item = SessionId>, scene: &Scene<'_>) -> Changes {
    let unit = scene.unit(Action::SessionEnded, Target::User(user));
    sessions.into_iter().map(|session| ended(session, scene)).fold(unit, Changes::with)
}

fn ended(session: SessionId, scene: &Scene<'_>) -> Change {
    FlowChange::EndSession { session, tenant: scene.tenant, at: scene.moment.now }.into()
}

/// A sign-in as people and administrators see it.
#[derive(Debug, Clone)]
pub struct ShownSession {
    /// Row id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// Their name.
    pub username: Arc<str>,
    /// When it began.
    pub created_at: Micros,
    /// When it was last used.
    pub last_seen_at: Micros,
    /// Until when at the latest.
    pub expires_at: Micros,
    /// From where.
    pub ip: Option<Box<str>>,
    /// With what.
    pub user_agent: Option<Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{Counted, NOW, at, facts, hash_key, session};

    const LIFETIMES: Lifetimes = Lifetimes { idle: Seconds(86_400), absolute: Seconds(604_800) };

    /// Only who signed in, for the same request and with the same cookie, gets the cookie of that sign-in again.
    #[test]
    fn a_cookie_is_given_again_to_the_same_person_for_the_same_request_alone() {
        let random = Counted::default();
        let key = hash_key();
        let (first, row) = new_browser(&at(NOW, &random));
        let entry = |challenge: u8, user: u8| CookieEntry {
            challenge: ChallengeId::from_bytes([challenge; 16]),
            user: UserId::from_bytes([user; 16]),
        };
        let before = BrowserFacts { id: row.id, hash: row.hash, expires_at: row.expires_at };
        let cookie = Presented::new(first.text);
        let seat = Seat::of(&before, &cookie, entry(1, 1), &key);
        let now = BrowserFacts { hash: seat.cookie.hash, ..before };
        let again = |cookie: &Presented, entry| given_before(&now, cookie, entry, &key).map(|it| it.text);
        assert_eq!(again(&cookie, entry(1, 1)), Some(seat.cookie.text.clone()));
        assert_eq!(again(&cookie, entry(2, 1)), None);
        assert_eq!(again(&cookie, entry(1, 2)), None);
        assert_eq!(again(&Presented::new(seat.cookie.text.clone()), entry(1, 1)), None);
        assert!(given_before(&before, &cookie, entry(1, 1), &key).is_none(), "nobody has signed in yet");
        assert!(
            given_before(&now, &cookie, entry(1, 1), &HashKey::new(zeroize::Zeroizing::new([8; 32])))
                .is_none()
        );
    }

    /// Front-Channel Logout §3: unique for the issuer; and nothing to know a person by at another client.
    #[test]
    fn a_sid_is_another_one_for_each_client_and_sign_in() {
        let sid = |session: u8, client: u8| {
            sid(SessionId::from_bytes([session; 16]), ClientId::from_bytes([client; 16]), &hash_key())
        };
        assert_eq!(sid(1, 1), sid(1, 1));
        assert_eq!(sid(1, 1).len(), 22);
        let all = std::collections::BTreeSet::from([sid(1, 1), sid(1, 2), sid(2, 1), sid(2, 2)]);
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn a_sign_in_lasts_until_anything_it_rests_on_ends() {
        let live = |change: fn(&mut SessionFacts)| {
            let mut session = session();
            change(&mut session);
            session.live(LIFETIMES, NOW)
        };
        assert!(live(|_| {}));
        assert!(!live(|s| s.ended_at = Some(NOW)));
        assert!(!live(|s| s.username = None));
        assert!(!live(|s| s.expires_at = NOW));
        assert!(!live(|s| s.last_seen_at = NOW.minus(Seconds(86_400))));
        assert!(!live(|s| s.user_parent = Parent::Present { stored: 1, current: 2 }));
        assert!(!live(|s| s.tenant_parent = Parent::Gone));
        assert!(!session().is_worth_noting(NOW) && session().is_worth_noting(NOW.plus(Seconds(60))));
    }

    fn signed_in(present: Option<&SessionFacts>) -> Vec<Change> {
        let (facts, random, name) = (facts(|_, _| {}), Counted::default(), "ada".into());
        let seat = Seat::unknown(&at(NOW, &random));
        let signing_in = SigningIn {
            tenant: &facts.tenant,
            seat: &seat,
            present,
            user: (session().user, &name),
            user_generation: 7,
            admitted: &crate::people::factors::given::admitted(&Authentication::by_password(NOW)),
            origin: &Origin::default(),
        };
        sign_in(&signing_in, &at(NOW, &random)).1.list().to_vec()
    }

    /// The sign-in rests on the generation that was read with the password: had the account been locked since, the
    /// sign-in is dead at birth.
    #[test]
    fn a_new_sign_in_bears_the_generation_that_was_proved() {
        let changes = signed_in(None);
        let [Change::Flow(FlowChange::CreateBrowser(_)), Change::Flow(FlowChange::StartSession(new))] =
            &*changes
        else {
            panic!("{changes:?}")
        };
        assert_eq!((new.user, new.user_generation), (session().user, 7));
        assert_eq!(new.authentication, Authentication::by_password(NOW));
    }

    #[test]
    fn the_same_person_goes_on_and_somebody_else_is_signed_out() {
        let same = signed_in(Some(&session()));
        assert!(matches!(&same[1..], [Change::Flow(FlowChange::RenewSession { .. })]), "{same:?}");
        let ended = Parent::Present { stored: 1, current: 2 };
        let dead = [
            SessionFacts { user: UserId::from_bytes([9; 16]), ..session() },
            SessionFacts { user_parent: ended, ..session() },
            SessionFacts { tenant_parent: ended, ..session() },
        ];
        for present in dead {
            let changes = signed_in(Some(&present));
            let [_, Change::Flow(FlowChange::EndSession { .. }), Change::Flow(FlowChange::StartSession(new))] =
                &*changes
            else {
                panic!("{changes:?}")
            };
            assert_eq!(new.user_generation, 7);
        }
    }
}

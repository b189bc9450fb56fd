//! A challenge: an authorization request that waits for a person. It is short, lasts ten minutes, is stored as
//! a hash, belongs to one browser, and is decided once.

use std::fmt;
use std::sync::Arc;

use super::pushed::{Used, spent};
use super::reply::refused;
use super::request::{AuthorizationRequest, RefusedRequest};
use crate::act::{Action, Actor, Origin, Target};
use crate::authenticate::ClientFacts;
use crate::authorization_code::CodeStanding;
use crate::base62;
use crate::change::{Changes, Recorded};
use crate::consent::ConsentFacts;
use crate::decision::Moment;
use crate::error::{ErrorCode, OAuthError};
use crate::flow::FlowChange;
use crate::handle::{CODE_PREFIX, Drawn};
use crate::ids::{BrowserId, ChallengeId, ClientId, CodeId, ConsentId, SessionId, TenantId, UserId};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::scope::Scope;
use crate::secret::{Digest32, HashKey, sha256};
use crate::session::{Authentication, NewBrowser};
use crate::time::{Micros, Seconds};
use crate::token::Parent;

/// How long a request waits for its person.
pub const CHALLENGE_LIFETIME: Seconds = Seconds(600);

/// What a challenge begins with.
const PREFIX: &str = "ch_";
/// What the secret begins with that an answer waits for.
const VERIFIER_PREFIX: &str = "cv_";

/// A presented challenge: SHA-256 of it, by which its row is found.
#[derive(Debug, Clone, Copy)]
pub struct ChallengeRef(pub Digest32);

impl ChallengeRef {
    /// Reads a presented challenge. `None`: nothing that this server could have drawn.
    pub fn parse(presented: &str) -> Option<Self> {
        base62::decode::<16>(presented.strip_prefix(PREFIX)?)?;
        Some(Self(sha256(presented.as_bytes())))
    }
}

/// A challenge to be stored.
#[derive(Debug, Clone)]
pub struct NewChallenge {
    /// Row id.
    pub id: ChallengeId,
    /// SHA-256 of its text.
    pub hash: Digest32,
    /// In which tenant.
    pub tenant: TenantId,
    /// Who asks.
    pub client: ClientId,
    /// The browser that it belongs to.
    pub browser: BrowserId,
    /// Who was signed in there when it began.
    pub signed_in: Option<UserId>,
    /// What is asked.
    pub request: AuthorizationRequest,
    /// When.
    pub created_at: Micros,
    /// Until when.
    pub expires_at: Micros,
}

/// A challenge, as read from storage.
#[derive(Debug, Clone)]
pub struct ChallengeFacts {
    /// Row id.
    pub id: ChallengeId,
    /// In which tenant.
    pub tenant: TenantId,
    /// Who asks.
    pub client: ClientId,
    /// The public id of the client; none: it is gone.
    pub client_id: Option<Arc<str>>,
    /// The browser that it belongs to.
    pub browser: BrowserId,
    /// Who was signed in there when it began.
    pub signed_in: Option<UserId>,
    /// What is asked.
    pub request: AuthorizationRequest,
    /// When it began.
    pub created_at: Micros,
    /// Until when it can be decided.
    pub expires_at: Micros,
    /// How far it is.
    pub state: ChallengeState,
}

/// How far a challenge is.
#[derive(Debug, Clone)]
pub enum ChallengeState {
    /// Nobody has decided.
    Waiting,
    /// It was decided, and the answer waits for the browser to come for it.
    Held(Box<HeldFacts>),
    /// It was answered.
    Answered(AnsweredFacts),
}

/// An answer that has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnsweredFacts {
    /// When it was decided.
    pub at: Micros,
    /// Who decided; none: that was before it was written down.
    pub by: Option<UserId>,
    /// The code that it carried; none: it was a no.
    pub code: Option<CodeId>,
}

/// An answer that waits, with the present state of what it rests on.
#[derive(Debug, Clone)]
pub struct HeldFacts {
    /// Who decided.
    pub by: UserId,
    /// When.
    pub at: Micros,
    /// SHA-256 of what the browser has to bring.
    pub verifier: Digest32,
    /// What they decided.
    pub answer: HeldAnswer,
}

/// What was decided.
#[derive(Debug, Clone)]
pub enum HeldAnswer {
    /// A no.
    No,
    /// A yes.
    Yes {
        /// To what, and how it was proved.
        agreed: Agreed,
        /// Whether its sign-in goes on and its consent stands.
        standing: CodeStanding,
        /// The generations of its client, tenant and user.
        parents: [Parent; 3],
    },
}

/// What somebody said yes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// How they had proved to be themselves.
    pub authentication: Authentication,
    /// To what.
    pub scope: Scope,
    /// The consent behind it.
    pub consent: Option<ConsentId>,
    /// The sign-in that it was decided in.
    pub session: Option<SessionId>,
}

/// A challenge as its text was presented, and what secrets that belong to it follow from.
#[derive(Clone, Copy)]
pub struct PresentedChallenge<'a> {
    /// The challenge.
    pub challenge: &'a ChallengeFacts,
    /// Its text.
    pub text: &'a str,
    /// The server's key.
    pub hash_key: &'a HashKey,
}

impl fmt::Debug for PresentedChallenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("challenge", &self.challenge).finish_non_exhaustive()
    }
}

impl PresentedChallenge<'_> {
    /// What the decider's browser has to bring besides its cookie to get an answer that waits: neither who began the
    /// request nor who decided it can fetch the answer alone.
    pub(super) fn verifier(&self) -> Drawn {
        self.following(VERIFIER_PREFIX, self.challenge.id.to_bytes())
    }

    /// The code of this id: the same again for a form that is sent again.
    pub(super) fn code(&self, id: CodeId) -> Drawn {
        self.following(CODE_PREFIX, id.to_bytes())
    }

    fn following(&self, prefix: &str, id: [u8; 16]) -> Drawn {
        let row = base62::random_text(&id);
        Drawn::following(prefix, id, &self.hash_key.hash(&format!("{prefix}{row} of {}", self.text)))
    }
}

/// What a browser keeps of a challenge that began in it, in a cookie of its own: several may begin at once in a browser
/// that has no other cookie yet. It follows from the challenge, which is known to others, under the server's key, which
/// is not.
pub fn flow_proof(challenge: &str, hash_key: &HashKey) -> Digest32 {
    hash_key.hash(&format!("flow {challenge}"))
}

/// Where a browser shows that a challenge began in it.
#[derive(Debug, Clone, Copy)]
pub struct Shows {
    /// The browser that its cookie leads to.
    pub browser: Option<BrowserId>,
    /// What it keeps of the challenge.
    pub flow: Option<Digest32>,
}

impl PresentedChallenge<'_> {
    /// Whether the challenge began in this browser. Whoever is led somewhere with somebody else's challenge would sign
    /// in for them.
    pub fn began_in(&self, shows: Shows) -> bool {
        shows.browser == Some(self.challenge.browser)
            || shows.flow.is_some_and(|flow| flow.ct_eq(&flow_proof(self.text, self.hash_key)))
    }
}

impl ChallengeFacts {
    /// Whether it can be decided at `now`.
    pub fn is_open(&self, now: Micros) -> bool {
        now < self.expires_at && matches!(self.state, ChallengeState::Waiting)
    }

    /// Why nobody can decide it any more who may have: what it came as was answered through another challenge, the pushed
    /// request in another window (RFC 9126 §7.3), or the device in another browser. What was answered through this one has
    /// its answer, also where it is asked for again.
    pub fn overtaken(&self, issuer: &Arc<str>) -> Option<RefusedRequest> {
        if matches!(self.state, ChallengeState::Answered(_)) {
            return None;
        }
        if self.request.device.as_ref().is_some_and(|device| device.used == Used::Yes) {
            let error = OAuthError::new(ErrorCode::InvalidRequest, Reason::DeviceAnswered);
            return Some(RefusedRequest::Page(error));
        }
        self.request.pushed.filter(|pushed| pushed.used == Used::Yes).map(|_| {
            let error = spent();
            RefusedRequest::Reply(Box::new(refused(&self.request.to, &error, issuer)), error)
        })
    }

    /// Whether `consent` is remembered for all of it.
    pub fn is_covered(&self, consent: Option<&ConsentFacts>) -> bool {
        consent.is_some_and(|consent| self.request.is_covered_by(consent))
    }
}

/// A challenge that has begun.
pub struct StartedChallenge {
    /// Its text, shown once.
    pub challenge: String,
}

impl fmt::Debug for StartedChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Started([redacted])")
    }
}

/// What a challenge begins with.
#[derive(Debug)]
pub struct Starting<'a> {
    /// Who asks.
    pub facts: &'a ClientFacts,
    /// In which browser, and whether it is new.
    pub browser: (BrowserId, Option<NewBrowser>),
    /// Who is signed in there.
    pub signed_in: Option<UserId>,
    /// From where.
    pub origin: Origin,
}

/// Lets a request wait for its person. Anybody can make it wait: the record of it is one with a count.
pub fn start(
    request: AuthorizationRequest,
    starting: Starting<'_>,
    moment: &Moment<'_>,
) -> (StartedChallenge, Changes) {
    let Starting { facts, browser: (browser, new_browser), signed_in, origin } = starting;
    let mut random = [0; 16];
    moment.random.fill(&mut random);
    let challenge = format!("{PREFIX}{}", base62::random_text(&random));
    let latest = moment.now.plus(CHALLENGE_LIFETIME);
    let expires_at = request.device.as_ref().map_or(latest, |device| device.expires_at.min(latest));
    let new = NewChallenge {
        id: ChallengeId::v7(moment.now, moment.random.bits()),
        hash: sha256(challenge.as_bytes()),
        tenant: facts.tenant.id,
        client: facts.client.id,
        browser,
        signed_in,
        request,
        created_at: moment.now,
        expires_at,
    };
    let scene = Scene { tenant: facts.tenant.id, actor: Actor::Anonymous, origin: &origin, moment: *moment };
    let mut changes = scene
        .unit(Action::AuthorizationStarted, Target::Client(facts.client.id))
        .with(FlowChange::StartChallenge(Box::new(new)).into())
        .recorded(Recorded::Noted);
    if let Some(new) = new_browser {
        changes = changes.with(FlowChange::CreateBrowser(Box::new(new)).into());
    }
    (StartedChallenge { challenge }, changes)
}

//! All that signing in, deciding and redeeming may ask to be written: a part of [`Change`] in a file of its own.

use crate::authorization_code::NewCode;
use crate::authorize::{Agreed, NewChallenge, NewPushed};
use crate::change::Change;
use crate::consent::{ConsentRecord, ConsentWrite};
use crate::device_code::NewDeviceRequest;
use crate::grant::Terms;
use crate::ids::{
    BrowserId, ChallengeId, ClientId, CodeId, ConsentId, DeviceRequestId, GrantId, PushedId, SessionId,
    TenantId, TokenId, UserId,
};
use crate::refresh_token::NewRefreshToken;
use crate::secret::Digest32;
use crate::session::{Authentication, NewBrowser, NewSession};
use crate::time::Micros;

/// A write of the sign-in and authorization flows.
#[derive(Debug, Clone)]
pub enum FlowChange {
    /// Remembers a browser.
    CreateBrowser(Box<NewBrowser>),
    /// Gives a browser another cookie: the one before is worth nothing any more. Guarded: it had that one.
    RotateBrowser {
        /// Which browser.
        browser: BrowserId,
        /// The cookie's hash until now.
        from: Digest32,
        /// The cookie's hash from now on.
        to: Digest32,
        /// Until when it is remembered.
        expires_at: Micros,
    },
    /// Records a sign-in. Guarded: the person may sign in.
    StartSession(Box<NewSession>),
    /// A person who is signed in has proved again to be themselves. Guarded: the sign-in goes on.
    RenewSession {
        /// Which sign-in.
        session: SessionId,
        /// Of which tenant.
        tenant: TenantId,
        /// How, and when.
        authentication: Authentication,
        /// Until when at the latest, from now on.
        expires_at: Micros,
    },
    /// Ends a sign-in and the grants made in it, except for offline access. Guarded: it goes on.
    EndSession {
        /// Which sign-in.
        session: SessionId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// Keeps an authorization request that a client has pushed.
    PushRequest(Box<NewPushed>),
    /// A code is given for a pushed request. Guarded: for the first time.
    UsePushed {
        /// Which request.
        pushed: PushedId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
    },
    /// Lets a device wait for its person. Guarded: no other device in the tenant shows the same code.
    StartDevice(Box<NewDeviceRequest>),
    /// A person has answered a device. Guarded: for the first time, and not too late.
    AnswerDevice {
        /// Which device's request.
        device: DeviceRequestId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
        /// The code that came of a yes; none: it is a no.
        code: Option<CodeId>,
    },
    /// Lets an authorization request wait for a person.
    StartChallenge(Box<NewChallenge>),
    /// Decides a challenge. Guarded: nobody has, and it is not too late.
    DecideChallenge {
        /// Which challenge.
        challenge: ChallengeId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
        /// What was decided.
        outcome: Box<ChallengeOutcome>,
    },
    /// A browser comes back for what was decided elsewhere. Guarded: it comes for the first time.
    FetchAnswer {
        /// Which challenge.
        challenge: ChallengeId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
        /// The code that it carries; none: it is a no.
        code: Option<CodeId>,
    },
    /// Records a code. Guarded by the versions of client and tenant; the person may sign in.
    IssueCode(Box<NewCode>),
    /// Redeems a code and makes its grant. Guarded: for the first time, its sign-in goes on, its consent stands.
    RedeemCode(Box<Redemption>),
    /// Makes the grant of a code that has not been redeemed: an access token leaves with it. Guarded: its sign-in goes on, its
    /// consent stands.
    OpenGrant(Box<Redemption>),
    /// Lets a grant go on for longer. Guarded: it has not ended.
    ExtendGrant {
        /// Which grant.
        grant: GrantId,
        /// Of which tenant.
        tenant: TenantId,
        /// Until when its youngest token lives.
        expires_at: Micros,
    },
    /// Records a refresh token.
    IssueRefreshToken(Box<NewRefreshToken>),
    /// Uses up a refresh token. Guarded: for the first time.
    UseRefreshToken {
        /// Which token.
        token: TokenId,
        /// Of which tenant.
        tenant: TenantId,
        /// When.
        at: Micros,
        /// The one that follows it.
        successor: TokenId,
    },
    /// Writes a consent. Guarded: it is as it was decided on.
    WriteConsent(Box<ConsentWrite>),
    /// Adds to the history of consents.
    RecordConsent(Box<ConsentRecord>),
    /// Takes a consent back: its row goes, and the grants behind it end. Guarded: it is there.
    WithdrawConsent {
        /// Which consent.
        consent: ConsentId,
        /// Of which tenant.
        tenant: TenantId,
        /// For which client.
        client: ClientId,
        /// Whose.
        user: UserId,
        /// When.
        at: Micros,
    },
}

impl From<FlowChange> for Change {
    fn from(change: FlowChange) -> Self {
        Self::Flow(change)
    }
}

/// What was decided about a challenge.
#[derive(Debug, Clone)]
pub enum ChallengeOutcome {
    /// It was answered.
    Answered {
        /// Who decided.
        by: UserId,
        /// The code that the answer carries; none: it is a no.
        code: Option<CodeId>,
    },
    /// It was decided; the browser has to come for the answer.
    Held {
        /// Who decided.
        by: UserId,
        /// SHA-256 of what the browser has to bring.
        verifier: Digest32,
        /// What they agreed to, with the generation of their tokens; none: it is a no.
        agreed: Option<(Agreed, i64)>,
    },
}

/// A code to be redeemed, and the grant that comes of it.
#[derive(Debug, Clone)]
pub struct Redemption {
    /// Which code.
    pub code: CodeId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// The grant to be made.
    pub grant: GrantId,
    /// The sign-in that has to go on.
    pub session: Option<SessionId>,
    /// The consent that has to stand.
    pub consent: Option<ConsentId>,
    /// When.
    pub at: Micros,
    /// Until when the youngest token of the grant lives.
    pub expires_at: Micros,
    /// What binds the grant.
    pub terms: Terms,
    /// Whether the grant is there already.
    pub made: GrantMade,
}

/// Whether the grant of a code is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantMade {
    /// It is made now.
    Now,
    /// It was made when the code was given: it only goes on for longer. Guarded: it has not ended.
    Before,
}

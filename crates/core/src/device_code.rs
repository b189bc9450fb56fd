//! The device flow (RFC 8628): a device that has no browser shows a short code, a person types it into the browser of
//! another one and decides there, and the device asks until they have.
//!
//! What the person decides becomes an authorization code that nobody is shown: it bears the sign-in, the consent and the
//! generations that it was decided on, as any other does, and is redeemed by whoever presents the device's own code. So
//! whatever ends an agreed request ends this one too.

use std::fmt;
use std::sync::Arc;

use crate::act::{Action, Actor, Origin, Target};
use crate::authenticate::ClientFacts;
use crate::authorization_code::{CodeFacts, CodeState, redeem_agreed};
use crate::authorize::{AuthorizationRequest, Prompts, ReplyTo, ResponseMode, UriSent, Used};
use crate::change::{Note, Recorded};
use crate::claims::{ClaimsRequest, Person};
use crate::client::{GrantType, ResponseType};
use crate::decision::{Decision, Judgement, Moment, Refusal};
use crate::draft::Draft;
use crate::error::{ErrorCode, OAuthError};
use crate::flow::FlowChange;
use crate::handle::{Drawn, Handle};
use crate::ids::{ClientId, CodeId, DeviceRequestId, TenantId};
use crate::issuing::Issuing;
use crate::reason::Reason;
use crate::resource::{ResourceAsker, Targets};
use crate::scene::Scene;
use crate::scope::Scope;
use crate::secret::Digest32;
use crate::time::{Micros, Seconds};
use crate::token::Audience;

#[cfg(test)]
mod tests;

/// How long a device waits for its person (RFC 8628 §3.2): as long as an authorization request does.
pub const DEVICE_LIFETIME: Seconds = Seconds(600);
/// How often a device may ask (RFC 8628 §3.2): the time between two requests.
pub const DEVICE_INTERVAL: Seconds = Seconds(5);
/// Where people type the code, behind the issuer.
pub const DEVICE_PATH: &str = "/device";
/// What a device code begins with.
pub const DEVICE_PREFIX: &str = "dc_";

/// Letters that are not taken for one another, and spell no words (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Letters of a code: 20⁸, so that a thousand devices that wait and a hundred guesses in ten minutes from a network meet
/// once in a few thousand years (RFC 8628 §5.1).
const LENGTH: usize = 8;
/// Bytes of what somebody types at the most that are looked at.
const TYPED_BYTES: usize = 64;

/// What a person types. It leads to a request that waits, and is worth nothing without a sign-in; it is stored as it is,
/// since the person is shown it again and compares (RFC 8628 §5.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode(Box<str>);

impl UserCode {
    fn draw(moment: &Moment<'_>) -> Self {
        let mut random = [0; 2 * LENGTH];
        moment.random.fill(&mut random);
        // Of 65,536 numbers, 16 letters have one more than the others: nobody guesses better for it.
        let letter = |pair: &[u8]| {
            let number = pair.iter().fold(0, |number, byte| number * 256 + usize::from(*byte));
            LETTERS.get(number % LETTERS.len()).copied().map_or('B', char::from)
        };
        Self(random.chunks(2).map(letter).collect::<String>().into())
    }

    /// Reads what somebody has typed: in capitals or not, with dashes and spaces wherever they like (RFC 8628 §6.1). None:
    /// nothing that this server could have drawn.
    pub fn read(typed: &str) -> Option<Self> {
        if typed.len() > TYPED_BYTES {
            return None;
        }
        let is_between = |c: &char| c.is_whitespace() || matches!(c, '-' | '.' | '_' | '–' | '—');
        let code: String = typed.chars().filter(|c| !is_between(c)).map(|c| c.to_ascii_uppercase()).collect();
        let is_ours = code.len() == LENGTH && code.bytes().all(|byte| LETTERS.contains(&byte));
        is_ours.then(|| Self(code.into()))
    }

    /// From storage.
    pub fn from_stored(text: &str) -> Self {
        Self(text.into())
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people read it: `WDJB-MJHT`.
    pub fn shown(&self) -> String {
        let (first, second) = self.0.split_at_checked(LENGTH / 2).unwrap_or((&self.0, ""));
        format!("{first}-{second}")
    }
}

/// A device's request, to be kept.
#[derive(Clone)]
pub struct NewDeviceRequest {
    /// Row id.
    pub id: DeviceRequestId,
    /// SHA-256 of the device's own code.
    pub hash: Digest32,
    /// In which tenant.
    pub tenant: TenantId,
    /// Of which client.
    pub client: ClientId,
    /// What its person types.
    pub user_code: UserCode,
    /// What it asks for, of what the client may have.
    pub scope: Scope,
    /// The resources that it names; none: it names none.
    pub picked: Option<Audience>,
    /// From which address it came.
    pub ip: Option<Box<str>>,
    /// When.
    pub created_at: Micros,
    /// Until when it can be answered and redeemed.
    pub expires_at: Micros,
}

impl fmt::Debug for NewDeviceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewDeviceRequest").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A device's request, as read from storage.
#[derive(Clone)]
pub struct DeviceFacts {
    /// Row id.
    pub id: DeviceRequestId,
    /// SHA-256 of the device's own code.
    pub hash: Digest32,
    /// Of which client.
    pub client: ClientId,
    /// The public id of the client; none: it is gone.
    pub client_id: Option<Arc<str>>,
    /// What its person types.
    pub user_code: UserCode,
    /// What it asks for.
    pub scope: Scope,
    /// The resources that it names; none: it names none.
    pub picked: Option<Audience>,
    /// From which address it came.
    pub ip: Option<Box<str>>,
    /// When.
    pub created_at: Micros,
    /// Until when it can be answered and redeemed.
    pub expires_at: Micros,
    /// Whether somebody has answered.
    pub state: DeviceState,
}

impl fmt::Debug for DeviceFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceFacts")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Whether somebody has answered a device's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceState {
    /// Nobody has.
    Waiting,
    /// Somebody said no.
    Denied,
    /// Somebody said yes.
    Approved {
        /// The code that came of it.
        code: CodeId,
    },
}

/// The device that an authorization request is for, as its person is shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskingDevice {
    /// Row id.
    pub id: DeviceRequestId,
    /// What the device shows.
    pub user_code: UserCode,
    /// From which address it asked.
    pub ip: Option<Box<str>>,
    /// When.
    pub asked_at: Micros,
    /// Until when it can be answered.
    pub expires_at: Micros,
    /// Whether it was.
    pub used: Used,
}

/// What a device is told: both codes, shown once.
pub struct DeviceAuthorization {
    /// What it asks with.
    pub device_code: String,
    /// What its person types.
    pub user_code: UserCode,
}

impl fmt::Debug for DeviceAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceAuthorization([redacted])")
    }
}

/// Lets a device wait for its person (RFC 8628 §3.1). Anybody can make it wait where the client is public: the record of it
/// is one with a count.
///
/// # Errors
/// `unauthorized_client`, `invalid_scope`, `invalid_target`.
pub fn begin(
    (asked, targets): (Option<&Scope>, Targets<'_>),
    facts: &ClientFacts,
    origin: &Origin,
    moment: &Moment<'_>,
) -> Decision<DeviceAuthorization> {
    allowed(facts)?;
    let who = ResourceAsker { known: targets.known, client: &facts.client, issuer: &facts.issuer };
    let picked = who.picked(targets.wanted)?;
    let scope = granted(asked, facts, (moment.now, |scope| who.fitting(scope, picked.as_ref())))?;
    let id = DeviceRequestId::v7(moment.now, moment.random.bits());
    let drawn = Drawn::new(DEVICE_PREFIX, id.to_bytes(), moment);
    let user_code = UserCode::draw(moment);
    let new = NewDeviceRequest {
        id,
        hash: drawn.hash,
        tenant: facts.tenant.id,
        client: facts.client.id,
        user_code: user_code.clone(),
        scope,
        picked,
        ip: origin.ip.map(|ip| ip.to_string().into()),
        created_at: moment.now,
        expires_at: moment.now.plus(DEVICE_LIFETIME),
    };
    let actor = Actor::Client { id: facts.client.id, name: Arc::clone(&facts.client.client_id) };
    let scene = Scene { tenant: facts.tenant.id, actor, origin, moment: *moment };
    let changes = scene
        .unit(Action::DeviceAuthorizationStarted, Target::Client(facts.client.id))
        .with(FlowChange::StartDevice(Box::new(new)).into())
        .recorded(Recorded::Noted);
    Ok((DeviceAuthorization { device_code: drawn.text, user_code }, changes))
}

fn allowed(facts: &ClientFacts) -> Judgement<()> {
    if facts.client.grant_types.contains(GrantType::DeviceCode) {
        return Ok(());
    }
    Err(Refusal::new(OAuthError::new(ErrorCode::UnauthorizedClient, Reason::NotForDeviceCode)))
}

/// What was asked for, clamped to what the client may have; nothing asked: all of that.
fn granted(
    asked: Option<&Scope>,
    facts: &ClientFacts,
    (now, fitting): (Micros, impl Fn(&Scope) -> Scope),
) -> Judgement<Scope> {
    let refreshing = facts.client.grant_types.contains(GrantType::RefreshToken);
    let allowed = facts.client.scope.without(|token| token == "offline_access" && !refreshing);
    let Some(asked) = asked else { return Ok(fitting(&allowed)) };
    let granted = fitting(&asked.intersection(&allowed));
    if granted.is_empty() && !asked.is_empty() {
        return Err(Refusal::new(OAuthError::new(ErrorCode::InvalidScope, Reason::ScopeNone))
            .noting(Note::ScopeRefused { client: facts.client.id, at: now }));
    }
    Ok(granted)
}

impl DeviceFacts {
    /// Whether a person can still answer it.
    pub fn is_open(&self, now: Micros) -> bool {
        self.state == DeviceState::Waiting && now < self.expires_at
    }

    /// The request that its person decides about. They are always asked, whatever they agreed to before and whose
    /// application it is: only they can tell whether it is their device (RFC 8628 §5.4). The answer leads them to a page of
    /// ours; the device gets it by asking.
    pub fn request(&self, issuer: &str) -> AuthorizationRequest {
        AuthorizationRequest {
            response_type: ResponseType::Code,
            to: ReplyTo {
                redirect_uri: format!("{issuer}{DEVICE_PATH}").into(),
                mode: ResponseMode::default(),
                state: None,
            },
            uri_sent: UriSent::No,
            scope: self.scope.clone(),
            picked: self.picked.clone(),
            claims: ClaimsRequest::default(),
            nonce: None,
            pkce: None,
            cnf: None,
            prompts: Prompts::parse("consent").unwrap_or_default(),
            max_age: None,
            login_hint: None,
            expected: None,
            pushed: None,
            device: Some(Box::new(AskingDevice {
                id: self.id,
                user_code: self.user_code.clone(),
                ip: self.ip.clone(),
                asked_at: self.created_at,
                expires_at: self.expires_at,
                used: if self.state == DeviceState::Waiting { Used::No } else { Used::Yes },
            })),
        }
    }
}

/// A device that asks whether its person has answered (RFC 8628 §3.4).
#[derive(Debug, Clone)]
pub struct DeviceGrant {
    /// Its code; none: nothing that this server could have given.
    pub code: Option<Handle>,
}

/// Whether a device asks as often as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polling {
    /// It does.
    InTime,
    /// It asked a moment ago (RFC 8628 §3.5).
    TooSoon,
}

/// What is known of a device that asks.
#[derive(Debug, Clone, Copy)]
pub struct DeviceAsks<'a> {
    /// Its request.
    pub device: Option<&'a DeviceFacts>,
    /// The code that came of a yes.
    pub code: Option<&'a CodeFacts>,
    /// Whose that is, as they are now.
    pub person: Option<&'a Person>,
    /// How often it asks.
    pub pace: Polling,
}

/// Decides what a device gets (RFC 8628 §3.5).
///
/// # Errors
/// `unauthorized_client`; `authorization_pending` and `slow_down` until somebody has answered; `access_denied`;
/// `expired_token`; `invalid_grant` for everything else that is wrong with the code. A code that comes again once there
/// were tokens for it ends their grant, as every code does.
pub fn redeem(asked: &DeviceGrant, found: DeviceAsks<'_>, issuing: &Issuing<'_>) -> Judgement<Draft> {
    let now = issuing.moment.now;
    allowed(issuing.facts)?;
    let device = known(asked, found.device)?;
    // RFC 8628 §3.4: to the client that it was given to, and no other.
    if device.client != issuing.facts.client.id {
        return Err(bad("it was given to another client"));
    }
    let is_over = device.expires_at <= now;
    match device.state {
        DeviceState::Denied => Err(said(ErrorCode::DeviceDenied, Reason::PersonDisagreed)),
        DeviceState::Waiting if is_over => Err(expired()),
        DeviceState::Waiting => Err(match found.pace {
            Polling::TooSoon => {
                said(ErrorCode::SlowDown, Reason::DeviceTooFast { seconds: DEVICE_INTERVAL.0.into() })
            }
            Polling::InTime => said(ErrorCode::AuthorizationPending, Reason::DevicePending),
        }),
        DeviceState::Approved { code } => {
            let agreed = found.code.filter(|found| found.id == code).ok_or_else(expired)?;
            if is_over && matches!(agreed.state, CodeState::Live | CodeState::Opened { .. }) {
                return Err(expired());
            }
            redeem_agreed(agreed, found.person, issuing)
        }
    }
}

fn known<'d>(asked: &DeviceGrant, found: Option<&'d DeviceFacts>) -> Judgement<&'d DeviceFacts> {
    let Some(presented) = &asked.code else { return Err(bad("it was not given by this server")) };
    found
        .filter(|device| device.hash.ct_eq(&presented.hash))
        .ok_or_else(|| bad("there is no such device code"))
}

fn said(code: ErrorCode, why: Reason) -> Box<Refusal> {
    Refusal::new(OAuthError::new(code, why))
}

fn expired() -> Box<Refusal> {
    said(ErrorCode::ExpiredToken, Reason::DeviceExpired)
}

/// Every reason looks the same to the caller; the log is told which it was.
fn bad(why: &'static str) -> Box<Refusal> {
    Refusal::new(OAuthError::new(ErrorCode::InvalidGrant, Reason::DeviceCodeNotValid).internally(why))
}

//! Pushed authorization requests (RFC 9126): a client leaves its request with the server, and sends the browser with a
//! reference to it. What it asks for is neither seen nor changed on the way.

use std::borrow::Cow;
use std::fmt;

use super::request::REQUEST_LIMIT;
use crate::act::{Action, Actor, Origin, Target};
use crate::authenticate::ClientFacts;
use crate::change::{Changes, Recorded};
use crate::confirmation::Confirmation;
use crate::decision::Moment;
use crate::dpop::ProofFault;
use crate::error::{ErrorCode, OAuthError};
use crate::flow::FlowChange;
use crate::form::{Form, write_pair};
use crate::handle::{Drawn, Handle};
use crate::ids::{ClientId, PushedId, TenantId};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::secret::Digest32;
use crate::time::{Micros, Seconds};

/// How long a reference can be used: a browser is on its way with it at once (RFC 9126 §2.2).
pub const PUSHED_LIFETIME: Seconds = Seconds(60);
/// What every reference begins with (RFC 9126 §2.2).
const URN: &str = "urn:ietf:params:oauth:request_uri:";
/// The parameter that names the key which a code is for (RFC 9449 §10).
pub(super) const THUMBPRINT: &str = "dpop_jkt";
/// What the secret in it begins with.
const PREFIX: &str = "par_";

/// A request to be kept.
#[derive(Clone)]
pub struct NewPushed {
    /// Row id.
    pub id: PushedId,
    /// SHA-256 of the secret in its reference.
    pub hash: Digest32,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Of which client.
    pub client: ClientId,
    /// Its parameters, form-encoded.
    pub form: Box<str>,
    /// Until when it can be used.
    pub expires_at: Micros,
}

impl fmt::Debug for NewPushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPushed").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A request that was pushed, as read from storage.
#[derive(Clone)]
pub struct PushedFacts {
    /// Row id.
    pub id: PushedId,
    /// SHA-256 of the secret in its reference.
    pub hash: Digest32,
    /// Of which client.
    pub client: ClientId,
    /// Its parameters, form-encoded.
    pub form: Box<str>,
    /// Until when it can be used.
    pub expires_at: Micros,
    /// Whether a code was given for it.
    pub used: Used,
}

impl fmt::Debug for PushedFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedFacts").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Whether a code was given for a pushed request. It gives one at the most (RFC 9126 §7.3); to load it again is no harm,
/// people press keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// None was.
    No,
    /// One was.
    Yes,
}

/// The pushed request that an authorization request came as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pushed {
    /// Row id.
    pub id: PushedId,
    /// Whether a code was given for it.
    pub used: Used,
}

/// A reference as it was presented, as far as it can be read without storage.
#[derive(Debug, Clone, Copy)]
pub struct PushedRef(Handle);

impl PushedRef {
    /// Whether a `request_uri` is a reference of this kind, rather than an address.
    pub fn is_urn(request_uri: &str) -> bool {
        request_uri.starts_with(URN)
    }

    /// Reads a presented reference. `None`: nothing that this server could have given.
    pub fn parse(request_uri: &str) -> Option<Self> {
        Handle::parse(PREFIX, request_uri.strip_prefix(URN)?).map(Self)
    }

    /// Where its row would be.
    pub fn id(&self) -> PushedId {
        PushedId::from_bytes(self.0.id)
    }
}

/// What a client is told: the reference, shown once.
pub struct Reference(pub String);

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reference([redacted])")
    }
}

/// The parameters of a pushed request as they are kept: those that say who the client is are not.
///
/// # Errors
/// `invalid_request` for a reference in it (RFC 9126 §2.1).
pub fn kept(form: &Form<'_>, client_id: &str) -> Result<String, OAuthError> {
    if form.raw("request_uri").is_some() {
        let why = Reason::PushedReference;
        return Err(OAuthError::new(ErrorCode::InvalidRequest, why));
    }
    let mut kept = String::with_capacity(512);
    write_pair("client_id", client_id, &mut kept);
    for (name, value) in form.iter() {
        let is_of_the_client = ["client_id", "client_secret", "client_assertion", "client_assertion_type"];
        if !is_of_the_client.contains(&name) {
            kept.push('&');
            write_pair(name, value, &mut kept);
        }
    }
    if kept.len() > REQUEST_LIMIT {
        return Err(OAuthError::new(ErrorCode::InvalidRequest, Reason::RequestTooLong));
    }
    Ok(kept)
}

/// The parameters of a pushed request, as text and as they were read, with the key that it was proved with (RFC 9449 §10.1): as if it had named its thumbprint.
///
/// # Errors
/// `invalid_dpop_proof` where it names another one.
pub fn bound<'t>(
    text: &'t str,
    form: &Form<'_>,
    key: Option<&Confirmation>,
) -> Result<Cow<'t, str>, OAuthError> {
    let Some(Confirmation::Key(thumbprint)) = key else { return Ok(text.into()) };
    match form.get(THUMBPRINT) {
        Some(named) if *named == **thumbprint => Ok(text.into()),
        Some(_) => Err(ProofFault::OtherThumbprint.of_token_request()),
        None => {
            let mut bound = format!("{text}&");
            write_pair(THUMBPRINT, thumbprint, &mut bound);
            Ok(bound.into())
        }
    }
}

/// Keeps a request that was found good.
pub fn push(form: String, facts: &ClientFacts, origin: &Origin, moment: &Moment<'_>) -> (Reference, Changes) {
    let id = PushedId::v7(moment.now, moment.random.bits());
    let drawn = Drawn::new(PREFIX, id.to_bytes(), moment);
    let new = NewPushed {
        id,
        hash: drawn.hash,
        tenant: facts.tenant.id,
        client: facts.client.id,
        form: form.into(),
        expires_at: moment.now.plus(PUSHED_LIFETIME),
    };
    let actor = Actor::Client { id: facts.client.id, name: facts.client.client_id.clone() };
    let scene = Scene { tenant: facts.tenant.id, actor, origin, moment: *moment };
    let changes = scene
        .unit(Action::AuthorizationPushed, Target::Client(facts.client.id))
        .with(FlowChange::PushRequest(Box::new(new)).into())
        .recorded(Recorded::Noted);
    (Reference(format!("{URN}{}", drawn.text)), changes)
}

impl PushedFacts {
    /// What a request that came as this one keeps of it.
    pub const fn reference(&self) -> Pushed {
        Pushed { id: self.id, used: self.used }
    }
}

/// The request behind a reference, for the client that the browser names beside it.
///
/// # Errors
/// `invalid_request_uri`: unknown, expired, used and another client's look the same.
pub fn resolve(
    asked: (Option<PushedRef>, Option<ClientId>),
    found: Option<PushedFacts>,
    now: Micros,
) -> Result<PushedFacts, OAuthError> {
    let (presented, client) = asked;
    let is_good = |found: &PushedFacts| {
        presented.is_some_and(|presented| found.hash.ct_eq(&presented.0.hash))
            && client == Some(found.client)
            && now < found.expires_at
            && found.used == Used::No
    };
    found.filter(is_good).ok_or_else(spent)
}

/// What is said of a reference that leads nowhere.
pub(super) fn spent() -> OAuthError {
    let why = Reason::RequestUriSpent;
    OAuthError::new(ErrorCode::InvalidRequestUri, why)
}

//! What is done with every request and answer that has to do with who the caller turned out to be: limits, records
//! of refusals, and pages of other origins.

use axum::response::Response;
use http::{HeaderName, HeaderValue, Method, Uri};
use writ_core::audit::Outcome;
use writ_core::change::{Action, Actor, Target};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::excerpt::Excerpt;
use writ_core::networks::{ListOf, Whence};
use writ_core::noted::{Noted, Worth};
use writ_core::scene::Scene;
use writ_store::FirstOfItsKind;

use crate::call::answer::{self, Told};
use crate::call::limits::limited;
use crate::call::proofs::{DPOP_NONCE, given_nonce};
use crate::call::request::{Context, origin_of};
use crate::edge::endpoint::Endpoint;
use crate::edge::limits::{FIXED, Key, Level};
use crate::oauth::protected_resource::tell_where;
use crate::reasons;
use crate::state::app::App;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A request as the outermost layer saw it come.
#[derive(Debug)]
pub struct Seen {
    /// Its endpoint.
    pub endpoint: Endpoint,
    /// Its method.
    pub method: Method,
    /// Its target.
    pub target: Uri,
    /// Its `User-Agent`.
    pub user_agent: Option<HeaderValue>,
    /// From where, under which id, and who the caller turned out to be.
    pub context: Context,
}

impl App {
    /// What is left to do once the answer stands.
    pub(crate) fn conclude(&self, seen: &Seen, response: &mut Response) {
        self.count_failure(seen, response);
        tell_where(self, seen.target.path(), response);
        if let Some(level) = seen.context.who.level() {
            attach(response, level, self.clock.now());
        }
        if let Some(nonce) = given_nonce(&seen.context.who) {
            response.headers_mut().insert(DPOP_NONCE, nonce);
        }
        self.record_refusal(seen, response);
    }

    /// A failure to authenticate as a client is counted; past the limit it is answered with 429.
    fn count_failure(&self, seen: &Seen, response: &mut Response) {
        let failed = code(response) == Some(ErrorCode::InvalidClient) && seen.context.who.named().is_some();
        let Some(peer) = seen.context.peer.filter(|_| failed && self.is_limiting()) else { return };
        let now = self.clock.now();
        let named = seen.context.who.named().unwrap_or_default();
        // A network that has none left names no further clients that would have to be kept in mind.
        let address = self.limits.take(&FIXED.address_failures, &Key::address(peer), now);
        let client = match address {
            Ok(_) => self.limits.take(&FIXED.client_failures, &Key::named(named, peer), now),
            Err(level) => Err(level),
        };
        if let Err(level) = client {
            *response = answer::error(self, &limited(&seen.context, level));
        }
    }

    fn record_refusal(&self, seen: &Seen, response: &Response) {
        let Some(error) = response.extensions().get::<Told>().map(|Told(error)| error) else { return };
        let Some(action) = refused_action(error.code(), seen.endpoint) else { return };
        let concerned = seen.context.who.concerned();
        let (tenant, actor) = match (seen.context.who.actor(), concerned) {
            (Some((tenant, actor)), _) => (*tenant, actor.clone()),
            (None, Some((tenant, _))) => (tenant, Actor::Anonymous),
            (None, None) => (seen.context.who.visited().unwrap_or(self.default_tenant), Actor::Anonymous),
        };
        // What somebody may not do is about what they wanted, not about the client they came with.
        let about = concerned.filter(|(of, _)| *of == tenant && action != Action::AccessRefused);
        let target = about.map_or(Target::Server, |(_, target)| target);
        let origin = origin_of(&seen.context, seen.user_agent.as_ref());
        let scene = Scene { tenant, actor, origin: &origin, moment: self.moment() };
        // Kept until it is written: no longer than it is shown.
        let path = Excerpt::of(seen.target.path());
        let named = seen.context.who.named();
        let noted = self.store.record(Noted {
            act: scene.act(action, target),
            outcome: Outcome::Refused,
            why: Some(("error", error.code().wire())),
            reason: Some(reason(error).as_str().into()),
            name: named.map(|named| ("client_id", named.into())),
            list: error.shut_out(),
            path: Some(path.as_str().into()),
            worth: Worth::Few,
        });
        if let (Some(list), FirstOfItsKind::Yes) = (error.shut_out(), noted) {
            say_shut_out(seen, list);
        }
    }
}

/// What the audit log calls a refusal; none: it is not one that an operator looks for.
fn refused_action(code: ErrorCode, endpoint: Endpoint) -> Option<Action> {
    match (code, endpoint) {
        (ErrorCode::InvalidClient | ErrorCode::InvalidToken | ErrorCode::InvalidDpopProofOfCall, _) => {
            Some(Action::AuthenticationRefused)
        }
        (ErrorCode::InsufficientScope | ErrorCode::AccessDenied | ErrorCode::TooManyRequests, _) => {
            Some(Action::AccessRefused)
        }
        // What `prompt=none` asks, and the answer no; a nonce that has to be fetched: nothing was done wrong.
        (
            ErrorCode::LoginRequired
            | ErrorCode::ConsentRequired
            | ErrorCode::UseDpopNonce
            | ErrorCode::UseDpopNonceInCall,
            _,
        ) => None,
        (code, _) if code.status() >= 500 => None,
        (_, Endpoint::Token) => Some(Action::TokenRefused),
        (_, Endpoint::Authorize) => Some(Action::AuthorizationRefused),
        (_, _) => None,
    }
}

/// Why a request was refused, for the operator: more than the caller was told, where there is more. Never a secret.
pub(crate) fn reason(error: &OAuthError) -> Excerpt {
    error.internal().map_or_else(|| Excerpt::of_reason(&reasons::error(error)), Excerpt::of_reason)
}

/// The operator's line: which list, whose, and from where. The caller is told nothing of it.
fn say_shut_out(seen: &Seen, list: ListOf) {
    let Context { peer, whence, request_id: id, who } = &seen.context;
    let address = match (whence, peer) {
        (Whence::Unknown, Some(proxy)) => format!("unknown, behind the proxy {proxy}"),
        (_, Some(address)) => address.to_string(),
        (_, None) => "unknown".to_owned(),
    };
    let of = match (who.actor(), who.named()) {
        (Some((_, actor)), _) => named_actor(actor).to_owned(),
        (None, Some(named)) => Excerpt::of(named).to_string(),
        (None, None) => String::new(),
    };
    let path = Excerpt::of(seen.target.path());
    tracing::warn!(%id, list = list.name(), %address, of, %path, "refused: the address is not on the allow list");
}

/// What an actor is called.
pub(crate) fn named_actor(actor: &Actor) -> &str {
    match actor {
        Actor::Client { name, .. }
        | Actor::User { name, .. }
        | Actor::ApiKey { name, .. }
        | Actor::Local { name } => name,
        Actor::Anonymous | Actor::System => "",
    }
}

fn code(response: &Response) -> Option<ErrorCode> {
    response.extensions().get::<Told>().map(|Told(error): &Told| OAuthError::code(error))
}

/// The headers of a limit that was looked at.
fn attach(response: &mut Response, level: &Level, now: writ_core::time::Micros) {
    let headers = response.headers_mut();
    headers.insert(RATE_LIMIT_POLICY, level.policy_header());
    if let Ok(value) = HeaderValue::try_from(level.header(now)) {
        headers.insert(RATE_LIMIT, value);
    }
}

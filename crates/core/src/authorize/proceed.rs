//! What stands between a good request and its code: somebody who is signed in, and their consent.

use super::prompt::Prompt;
use super::request::AuthorizationRequest;
use crate::claims::AcrDemand;
use crate::client::{Client, ClientKind, Party, RedirectReach, RedirectUri};
use crate::consent::ConsentFacts;
use crate::error::{ErrorCode, OAuthError};
use crate::reason::Reason;
use crate::secret::HashKey;
use crate::session::SessionFacts;
use crate::subject::Subjects;
use crate::time::Micros;

/// What is known when a request goes on.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The request.
    pub request: &'a AuthorizationRequest,
    /// Who asks.
    pub client: &'a Client,
    /// What the client calls people follows from it, where it has names of its own.
    pub hash_key: &'a HashKey,
    /// A live sign-in in this browser.
    pub session: Option<&'a SessionFacts>,
    /// What this person has consented to for this client.
    pub consent: Option<&'a ConsentFacts>,
    /// Since when the request waits for the person; none: it has just come.
    pub waiting_since: Option<Micros>,
    /// Whether the person has chosen the account that they are signed in with.
    pub account: AccountChoice,
    /// Whether they could prove more than they have, where [`is_wished_of`] says that it counts.
    pub further: FurtherFactor,
}

/// Whether somebody who is signed in has a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FurtherFactor {
    /// They have none, or nobody had to ask.
    None,
    /// They have one.
    There,
}

/// Whether a request wishes for more than somebody who is signed in has proved, and may ask them for it (OpenID Connect
/// Core §3.1.2.1): then it counts whether they have a second factor.
pub fn is_wished_of(request: &AuthorizationRequest, session: &SessionFacts) -> bool {
    request.claims.acr() == AcrDemand::Wished
        && !request.prompts.has(Prompt::None)
        && !session.authentication.is_two_factor()
}

/// Whether somebody has said, for this request, that the account they are signed in with is the one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountChoice {
    /// Nobody has.
    Open,
    /// They have.
    Made,
}

/// What the sign-in page can offer to whoever is signed in already.
#[derive(Debug, Clone, Copy)]
pub enum Offer<'a> {
    /// Nothing: nobody is, or it is not who the request is about.
    Nothing,
    /// To go on with their account: they may have signed in in another window.
    GoOn(&'a SessionFacts),
    /// To choose their account, or another one.
    Choose(&'a SessionFacts),
    /// To prove again that it is them.
    ProveAgain(&'a SessionFacts),
    /// To prove one factor more.
    ProveMore(&'a SessionFacts),
}

/// What the sign-in page can offer (OpenID Connect Core §3.1.2.1: `prompt`, `max_age`).
pub fn offer<'a>(standing: &Standing<'a>, now: Micros) -> Offer<'a> {
    let Some(session) = standing.session.filter(|session| is_expected(standing, session)) else {
        return Offer::Nothing;
    };
    let chosen = Standing { account: AccountChoice::Made, ..*standing };
    match (signed_in(standing, now), signed_in(&chosen, now)) {
        (Some(session), _) => Offer::GoOn(session),
        (None, Some(session)) => Offer::Choose(session),
        // They have chosen by going on.
        (None, None) if would_do(&chosen, session, now) => Offer::ProveMore(session),
        (None, None) => Offer::ProveAgain(session),
    }
}

/// What comes next.
#[derive(Debug, Clone, Copy)]
pub enum Next<'a> {
    /// Somebody has to sign in.
    SignIn,
    /// The person who is signed in has to decide.
    Consent(&'a SessionFacts),
    /// The code can be given.
    Give(&'a SessionFacts),
}

/// What comes next.
///
/// # Errors
/// Under `prompt=none`, that something would have to: `login_required`, `consent_required`.
pub fn next<'a>(standing: &Standing<'a>, now: Micros) -> Result<Next<'a>, OAuthError> {
    let next = signed_in(standing, now).map_or(Next::SignIn, |session| {
        if needs_consent(standing, session) { Next::Consent(session) } else { Next::Give(session) }
    });
    if !standing.request.prompts.has(Prompt::None) {
        return Ok(next);
    }
    match next {
        Next::Give(_) => Ok(next),
        Next::SignIn => Err(OAuthError::new(ErrorCode::LoginRequired, Reason::NobodySignedIn)),
        Next::Consent(_) => Err(OAuthError::new(ErrorCode::ConsentRequired, why_asked(standing))),
    }
}

/// The sign-in, if it is the one that the request is about and recent enough.
fn signed_in<'a>(standing: &Standing<'a>, now: Micros) -> Option<&'a SessionFacts> {
    let session = standing.session?;
    let is_enough = match standing.request.claims.acr() {
        AcrDemand::Required => session.authentication.is_two_factor(),
        AcrDemand::Wished | AcrDemand::Nothing => {
            standing.further == FurtherFactor::None || !is_wished_of(standing.request, session)
        }
    };
    (is_enough && would_do(standing, session, now)).then_some(session)
}

/// Whether it is, however they proved it.
fn would_do(standing: &Standing<'_>, session: &SessionFacts, now: Micros) -> bool {
    let request = standing.request;
    let fresh = is_fresh(standing, session);
    let has_to_choose = request.prompts.has(Prompt::SelectAccount) && standing.account == AccountChoice::Open;
    let asked_again =
        [Prompt::Login, Prompt::Create].iter().any(|prompt| request.prompts.has(*prompt)) || has_to_choose;
    let too_old = request.max_age.is_some_and(|age| session.authentication.at.plus(age) < now || age.0 == 0);
    is_expected(standing, session) && (fresh || !(asked_again || too_old))
}

/// Whether it is the person whom the request is about.
fn is_expected(standing: &Standing<'_>, session: &SessionFacts) -> bool {
    let subjects = Subjects::of_client(standing.client, standing.hash_key);
    standing.request.expected.is_none_or(|subject| subject == subjects.name(session.user))
}

/// Whether the person signed in for this very request.
fn is_fresh(standing: &Standing<'_>, session: &SessionFacts) -> bool {
    standing.waiting_since.is_some_and(|since| session.authentication.at >= since)
}

/// The tenant's own applications need none, and a consent that is remembered is enough; but who gets the answer on the
/// person's device may be anybody (RFC 8252 §8.6). That is judged by where the answer of this very request goes: what
/// nothing proves to be the application gets no code in silence.
fn needs_consent(standing: &Standing<'_>, session: &SessionFacts) -> bool {
    let (request, client) = (standing.request, standing.client);
    // What an agent may do is agreed to for a time, which begins anew each time.
    if request.prompts.has(Prompt::Consent) || client.is_agent() {
        return true;
    }
    let silent = !is_fresh(standing, session);
    !has_agreed(standing) || (silent && !is_assured(client, request))
}

/// Whether a screen could show nothing new.
fn has_agreed(standing: &Standing<'_>) -> bool {
    match standing.client.party {
        Party::First => true,
        Party::Third => standing.consent.is_some_and(|consent| standing.request.is_covered_by(consent)),
    }
}

/// Why a request that may not ask would have to.
fn why_asked(standing: &Standing<'_>) -> Reason {
    if has_agreed(standing) { Reason::ConsentEachTime } else { Reason::NotAgreed }
}

/// Whether it is certain who gets the answer: a website at its https address, or one that has to prove itself when it
/// redeems the code, on a loopback address too: but a token needs no redeeming. A private-use scheme proves nothing: any
/// application may claim it.
fn is_assured(client: &Client, request: &AuthorizationRequest) -> bool {
    match RedirectUri::from_stored(&request.to.redirect_uri).reach() {
        RedirectReach::Web => client.kind != ClientKind::Native,
        RedirectReach::Loopback | RedirectReach::Plain => {
            client.kind.is_confidential() && !request.response_type.has_any_token()
        }
        RedirectReach::PrivateUse => false,
    }
}

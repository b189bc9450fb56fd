//! The end of an authorization request: a code, or a no.

use std::sync::Arc;

use super::challenge::{Agreed, ChallengeState, HeldAnswer, HeldFacts, PresentedChallenge};
use super::front::{FRONT_LIFETIME, FrontTokens};
use super::pushed::Pushed;
use super::reply::{Answered, refused};
use super::request::{AuthorizationRequest, UriSent};
use crate::act::{self, Action, Actor, Target};
use crate::authenticate::ClientFacts;
use crate::authorization_code::{CODE_LIFETIME, CodeFacts, CodeStanding, Generations, NewCode};
use crate::browser_state::session_state;
use crate::change::{Change, Changes};
use crate::client::WebOrigin;
use crate::consent::{Agreement, ConsentEvent, ConsentFacts, Remember};
use crate::decision::Moment;
use crate::error::{ErrorCode, OAuthError};
use crate::flow::{ChallengeOutcome, FlowChange, GrantMade, Redemption};
use crate::grant::Terms;
use crate::handle::{CODE_PREFIX, Drawn};
use crate::ids::{CodeId, ConsentId, GrantId, SessionId, UserId};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::scope::Scope;
use crate::secret::{HashKey, Presented};
use crate::session::{Authentication, SessionFacts};
use crate::time::Micros;
use crate::token::Parent;

/// Who decides.
#[derive(Debug, Clone)]
pub struct Decider {
    /// Row id.
    pub user: UserId,
    /// Their name, for the audit log.
    pub username: Arc<str>,
    /// How they proved to be themselves.
    pub authentication: Authentication,
    /// In which sign-in; none where there is none, behind a tenant's own login page.
    pub session: Option<SessionId>,
    /// The generation of their tokens, as it was when they proved it.
    pub generation: i64,
}

impl From<&SessionFacts> for Decider {
    fn from(session: &SessionFacts) -> Self {
        Self {
            user: session.user,
            username: session.username.clone().unwrap_or_else(|| "".into()),
            authentication: session.authentication.clone(),
            session: Some(session.id),
            // One that lives bears the present generation.
            generation: match session.user_parent {
                Parent::Present { stored, .. } => stored,
                Parent::None | Parent::Gone => 0,
            },
        }
    }
}

/// What is decided about.
#[derive(Debug, Clone, Copy)]
pub struct Deciding<'a> {
    /// Who asks.
    pub facts: &'a ClientFacts,
    /// For what.
    pub request: &'a AuthorizationRequest,
    /// Where it waited; none: it did not have to.
    pub challenge: Option<PresentedChallenge<'a>>,
    /// From where the decision comes.
    pub origin: &'a act::Origin,
    /// When.
    pub moment: Moment<'a>,
    /// What clients know sign-ins by follows from it.
    pub hash_key: &'a HashKey,
}

/// How the answer leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// With the decision.
    AtOnce,
    /// When the browser comes for it.
    Later,
}

/// What came of a decision.
#[derive(Debug)]
pub enum Decided {
    /// The answer.
    Now(Box<Answered>),
    /// It waits for the browser that brings this.
    Later(Drawn),
}

/// A yes.
#[derive(Debug, Clone)]
pub struct Approved<'a> {
    /// What this person had consented to before.
    pub known: Option<&'a ConsentFacts>,
    /// To what they say yes.
    pub scope: Scope,
    /// Whether they want to be asked again.
    pub remember: Remember,
}

impl Approved<'_> {
    /// A yes to these scopes of what was asked for. `openid`, where it was asked for, is always included.
    ///
    /// # Errors
    /// `invalid_scope` for scopes that were not asked for, `invalid_request` for none at all.
    pub fn scope(request: &AuthorizationRequest, chosen: Option<&Scope>) -> Result<Scope, OAuthError> {
        let Some(chosen) = chosen else { return Ok(request.scope.clone()) };
        if !chosen.is_subset(&request.scope) {
            return Err(OAuthError::new(ErrorCode::InvalidScope, Reason::ScopesBeyondRequest));
        }
        if chosen.is_empty() {
            return Err(OAuthError::new(ErrorCode::InvalidRequest, Reason::ScopesEmpty));
        }
        Ok(request.scope.without(|token| token != "openid" && !chosen.contains(token)))
    }
}

/// Gives the code without asking: the client is the tenant's own, or the consent is remembered.
pub fn give(deciding: &Deciding<'_>, subject: &Decider, known: Option<&ConsentFacts>) -> (Answered, Changes) {
    let consent = known.filter(|_| third_party(deciding)).map(|known| known.id);
    let code = code(deciding);
    let changes =
        opened(deciding, subject, ChallengeOutcome::Answered { by: subject.user, code: Some(code.0) });
    let granted = Granted::now(deciding, subject, (deciding.request.scope.clone(), consent));
    answer(deciding, code, granted, changes)
}

/// Gives the code that a person has just agreed to, or keeps it until their browser comes for it.
pub fn approve(
    deciding: &Deciding<'_>,
    subject: &Decider,
    yes: &Approved<'_>,
    leaving: Leaving,
) -> (Decided, Changes) {
    let agreement = agreement(deciding, subject.user, &yes.scope);
    let (consent, writes) = agreement.give(yes.known, yes.remember, &deciding.moment);
    let with_writes = |changes| writes.into_iter().fold(changes, Changes::with);
    if let (Leaving::Later, Some(asked)) = (leaving, deciding.challenge) {
        let agreed = Agreed {
            authentication: subject.authentication.clone(),
            scope: yes.scope.clone(),
            consent: Some(consent),
            session: subject.session,
        };
        let (verifier, agreed) = (asked.verifier(), Some((agreed, subject.generation)));
        let outcome = ChallengeOutcome::Held { by: subject.user, verifier: verifier.hash, agreed };
        return (Decided::Later(verifier), with_writes(opened(deciding, subject, outcome)));
    }
    let code = code(deciding);
    let changes =
        opened(deciding, subject, ChallengeOutcome::Answered { by: subject.user, code: Some(code.0) });
    let granted = Granted::now(deciding, subject, (yes.scope.clone(), Some(consent)));
    let (answered, changes) = answer(deciding, code, granted, with_writes(changes));
    (Decided::Now(Box::new(answered)), changes)
}

/// Says no. The record is kept, the challenge is spent.
pub fn deny(deciding: &Deciding<'_>, subject: &Decider, leaving: Leaving) -> (Decided, Changes) {
    let agreement = agreement(deciding, subject.user, &deciding.request.scope);
    let mut changes = unit(deciding, (subject.user, &subject.username), Action::AuthorizationDenied);
    let record = agreement.record(None, ConsentEvent::Denied, &deciding.moment);
    let by = subject.user;
    if let (Leaving::Later, Some(asked)) = (leaving, deciding.challenge) {
        let verifier = asked.verifier();
        let held = ChallengeOutcome::Held { by, verifier: verifier.hash, agreed: None };
        return (Decided::Later(verifier), changes.with(decided(deciding, &asked, held)).with(record));
    }
    if let Some(asked) = &deciding.challenge {
        changes = changes.with(decided(deciding, asked, ChallengeOutcome::Answered { by, code: None }));
    }
    changes = on_the_device(deciding, None, changes);
    (Decided::Now(Box::new(no(deciding))), changes.with(record))
}

/// What a form says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// A browser that comes for an answer.
#[derive(Debug, Clone, Copy)]
pub struct Coming<'a> {
    /// The secret that it brings.
    pub verifier: Option<&'a Presented>,
    /// Who is signed in there.
    pub signed_in: Option<UserId>,
}

/// Why there is nothing to come for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotHeld {
    /// It left before, or the browser does not bring what it waits for.
    Nothing,
    /// Somebody else is signed in there than decided.
    SomebodyElse,
    /// What the decision rests on has ended.
    Ended,
}

/// The answer to what was decided before, for the browser that has come for it.
///
/// # Errors
/// [`NotHeld`].
pub fn fetch(deciding: &Deciding<'_>, coming: Coming<'_>) -> Result<(Answered, Changes), NotHeld> {
    let asked = deciding.challenge.ok_or(NotHeld::Nothing)?;
    let ChallengeState::Held(held) = &asked.challenge.state else { return Err(NotHeld::Nothing) };
    brought(held, coming)?;
    theirs(held, coming)?;
    match &held.answer {
        HeldAnswer::No => {
            let changes = fetched(deciding, (&asked, held), None);
            Ok((no(deciding), on_the_device(deciding, None, changes)))
        }
        HeldAnswer::Yes { agreed, standing, parents } => {
            let generations = on_foot(*standing, *parents)?;
            let code = code(deciding);
            let granted = Granted {
                user: held.by,
                // What the client may no longer have is left out.
                scope: agreed.scope.intersection(&deciding.request.scope),
                consent: agreed.consent,
                session: agreed.session,
                authentication: agreed.authentication.clone(),
                at: held.at,
                generations,
            };
            let changes = fetched(deciding, (&asked, held), Some(code.0));
            Ok(answer(deciding, code, granted, changes))
        }
    }
}

/// The same outcome for a form that comes a second time, shortly after the first: the browser may not have got its answer.
/// None where that was too long ago, where somebody else asks or says something else, or where the code has been used.
pub fn again(deciding: &Deciding<'_>, form: (UserId, Say), code: Option<&CodeFacts>) -> Option<Decided> {
    let (by, say) = form;
    let asked = deciding.challenge?;
    let (now, grace) = (deciding.moment.now, deciding.facts.tenant.settings.refresh_grace);
    let is_again = |decider: Option<UserId>, at: Micros| decider == Some(by) && now < at.plus(grace);
    match &asked.challenge.state {
        ChallengeState::Held(held) => {
            let verifier = asked.verifier();
            let said = match held.answer {
                HeldAnswer::Yes { .. } => Say::Yes,
                HeldAnswer::No => Say::No,
            };
            let is_ours =
                held.verifier.ct_eq(&verifier.hash) && is_again(Some(held.by), held.at) && said == say;
            is_ours.then_some(Decided::Later(verifier))
        }
        ChallengeState::Answered(before) if is_again(before.by, before.at) => {
            let id = match (before.code, say) {
                (Some(id), Say::Yes) => id,
                (None, Say::No) => return Some(Decided::Now(Box::new(no(deciding)))),
                (Some(_), Say::No) | (None, Say::Yes) => return None,
            };
            let drawn = asked.code(id);
            let good = code.is_some_and(|code| code.is_good_as(&drawn.hash, now));
            let session = code.and_then(|code| code.session);
            let answered = good.then(|| yes(deciding, (id, drawn), session))?;
            let front = code.and_then(|code| FrontTokens::again(deciding, code));
            Some(Decided::Now(Box::new(Answered { front, ..answered })))
        }
        ChallengeState::Waiting | ChallengeState::Answered(_) => None,
    }
}

fn brought(held: &HeldFacts, coming: Coming<'_>) -> Result<(), NotHeld> {
    let verifier = coming.verifier.ok_or(NotHeld::Nothing)?;
    if held.verifier.ct_eq(&verifier.sha256()) { Ok(()) } else { Err(NotHeld::Nothing) }
}

/// Behind a tenant's own login page nobody may be signed in: then cookie and secret alone bind the answer.
fn theirs(held: &HeldFacts, coming: Coming<'_>) -> Result<(), NotHeld> {
    if coming.signed_in.is_none_or(|user| user == held.by) { Ok(()) } else { Err(NotHeld::SomebodyElse) }
}

/// The generations of a decision whose parents all are as they were.
fn on_foot(standing: CodeStanding, parents: [Parent; 3]) -> Result<Generations, NotHeld> {
    let [client, tenant, user] = parents.map(|parent| match parent {
        Parent::Present { stored, .. } if parent.alive() => Some(stored),
        Parent::Present { .. } | Parent::None | Parent::Gone => None,
    });
    match (standing, client, tenant, user) {
        (CodeStanding::Good, Some(client), Some(tenant), Some(user)) => {
            Ok(Generations { client: Some(client), tenant: Some(tenant), user })
        }
        (CodeStanding::Good | CodeStanding::Ended, ..) => Err(NotHeld::Ended),
    }
}

fn fetched(
    deciding: &Deciding<'_>,
    of: (&PresentedChallenge<'_>, &HeldFacts),
    code: Option<CodeId>,
) -> Changes {
    let (asked, held) = of;
    let action = if code.is_some() { Action::AuthorizationApproved } else { Action::AuthorizationDenied };
    let changes = unit(deciding, (held.by, &"".into()), action);
    let (challenge, tenant, at) = (asked.challenge.id, asked.challenge.tenant, deciding.moment.now);
    changes.with(FlowChange::FetchAnswer { challenge, tenant, at, code }.into())
}

/// The device that a request is for hears of the answer when it asks next.
fn on_the_device(deciding: &Deciding<'_>, code: Option<CodeId>, changes: Changes) -> Changes {
    let Some(device) = &deciding.request.device else { return changes };
    let (tenant, at) = (deciding.facts.tenant.id, deciding.moment.now);
    changes.with(FlowChange::AnswerDevice { device: device.id, tenant, at, code }.into())
}

/// Whether what is agreed to is kept: what the tenant's own applications have needs no consent, but for agents.
fn third_party(deciding: &Deciding<'_>) -> bool {
    let client = &deciding.facts.client;
    client.party == crate::client::Party::Third || client.is_agent()
}

fn agreement<'a>(deciding: &Deciding<'a>, user: UserId, scope: &'a Scope) -> Agreement<'a> {
    let facts = deciding.facts;
    let (client, picked) = ((facts.client.id, &facts.client.client_id), deciding.request.picked.as_ref());
    Agreement { tenant: facts.tenant.id, client, user, scope, picked }
}

/// The unit of a yes; the challenge, if there is one, is spent by it.
fn opened(deciding: &Deciding<'_>, subject: &Decider, outcome: ChallengeOutcome) -> Changes {
    let changes = unit(deciding, (subject.user, &subject.username), Action::AuthorizationApproved);
    match &deciding.challenge {
        Some(asked) => changes.with(decided(deciding, asked, outcome)),
        None => changes,
    }
}

fn decided(deciding: &Deciding<'_>, asked: &PresentedChallenge<'_>, outcome: ChallengeOutcome) -> Change {
    let (challenge, tenant, at) = (asked.challenge.id, asked.challenge.tenant, deciding.moment.now);
    FlowChange::DecideChallenge { challenge, tenant, at, outcome: Box::new(outcome) }.into()
}

/// What a person decides about a client.
fn unit(deciding: &Deciding<'_>, who: (UserId, &Arc<str>), action: Action) -> Changes {
    let Deciding { facts, origin, moment, .. } = *deciding;
    let actor = Actor::User { id: who.0, name: Arc::clone(who.1) };
    let scene = Scene { tenant: facts.tenant.id, actor, origin, moment };
    scene.unit(action, Target::Client(facts.client.id))
}

/// What a code is given for.
pub(super) struct Granted {
    pub user: UserId,
    pub scope: Scope,
    consent: Option<ConsentId>,
    pub session: Option<SessionId>,
    pub authentication: Authentication,
    /// When it was decided.
    at: Micros,
    generations: Generations,
}

impl Granted {
    fn now(deciding: &Deciding<'_>, subject: &Decider, what: (Scope, Option<ConsentId>)) -> Self {
        let (scope, consent) = what;
        Self {
            user: subject.user,
            scope,
            consent,
            session: subject.session,
            authentication: subject.authentication.clone(),
            at: deciding.moment.now,
            generations: Generations { client: None, tenant: None, user: subject.generation },
        }
    }
}

/// The code to be given: of a request that waited it follows from the challenge.
fn code(deciding: &Deciding<'_>) -> (CodeId, Drawn) {
    let moment = &deciding.moment;
    let id = CodeId::v7(moment.now, moment.random.bits());
    match &deciding.challenge {
        Some(asked) => (id, asked.code(id)),
        None => (id, Drawn::new(CODE_PREFIX, id.to_bytes(), moment)),
    }
}

/// Session Management §2: an application that signs people in learns how to watch whether they still are.
fn yes(deciding: &Deciding<'_>, (id, code): (CodeId, Drawn), session: Option<SessionId>) -> Answered {
    let Deciding { facts, request, hash_key, .. } = deciding;
    if request.device.is_some() {
        return Answered::new(&request.to, vec![("done", "allowed".into())], &facts.issuer);
    }
    let mut parameters = Vec::with_capacity(4);
    if request.response_type.has_code() {
        parameters.push(("code", code.text.into()));
    }
    let origin = WebOrigin::of(&request.to.redirect_uri).filter(|_| request.scope.contains("openid"));
    if let (Some(session), Some(origin)) = (session, origin) {
        let state = session_state(&facts.client.client_id, &origin, (session, id), hash_key);
        parameters.push(("session_state", state.into()));
    }
    Answered::new(&request.to, parameters, &facts.issuer)
}

fn no(deciding: &Deciding<'_>) -> Answered {
    if deciding.request.device.is_some() {
        let Deciding { facts, request, .. } = deciding;
        return Answered::new(&request.to, vec![("done", "denied".into())], &facts.issuer);
    }
    let error = OAuthError::new(ErrorCode::AccessDenied, Reason::PersonDisagreed);
    refused(&deciding.request.to, &error, &deciding.facts.issuer)
}

/// The grant of an answer with an access token in it. The code beside it, if there is one, belongs to the same grant: what
/// ends one ends the other.
fn open_grant(deciding: &Deciding<'_>, code: CodeId, granted: &Granted) -> Option<Redemption> {
    let Deciding { facts, request, moment, .. } = deciding;
    request.response_type.has_token().then(|| Redemption {
        code,
        tenant: facts.tenant.id,
        grant: GrantId::v7(moment.now, moment.random.bits()),
        session: granted.session,
        consent: granted.consent,
        at: moment.now,
        expires_at: moment.now.plus(facts.client.tokens.access_lifetime.min(FRONT_LIFETIME)),
        terms: Terms { audience: request.picked.clone(), cnf: None, actors: facts.client.acting() },
        made: GrantMade::Now,
    })
}

/// The code (RFC 6749 §4.1.2), and the answer that carries it.
fn answer(
    deciding: &Deciding<'_>,
    code: (CodeId, Drawn),
    granted: Granted,
    changes: Changes,
) -> (Answered, Changes) {
    let Deciding { facts, request, moment, .. } = deciding;
    let (id, drawn) = code;
    let opened = open_grant(deciding, id, &granted);
    let grant = opened.as_ref().map(|opened| opened.grant);
    let front = FrontTokens::of(deciding, &granted, grant);
    let expires_at = request.device.as_ref().map(|device| device.expires_at);
    let new = NewCode {
        id,
        hash: drawn.hash,
        tenant: facts.tenant.id,
        client: facts.client.id,
        user: granted.user,
        session: granted.session,
        consent: granted.consent,
        redirect_uri: (request.uri_sent == UriSent::Yes).then(|| request.to.redirect_uri.clone()),
        claims: request.claims.granted(&request.scope, &granted.scope),
        scope: granted.scope,
        nonce: request.nonce.clone(),
        pkce: request.pkce,
        cnf: request.cnf.clone(),
        authentication: granted.authentication,
        created_at: granted.at,
        expires_at: expires_at.unwrap_or_else(|| moment.now.plus(CODE_LIFETIME)),
        basis: facts.basis(),
        generations: granted.generations,
        grant,
        picked: request.picked.clone(),
    };
    let changes = changes.with(FlowChange::IssueCode(Box::new(new)).into());
    let changes = match opened {
        Some(opened) => changes.with(FlowChange::OpenGrant(Box::new(opened)).into()),
        None => changes,
    };
    let changes = match request.pushed {
        Some(Pushed { id: pushed, .. }) => {
            let (tenant, at) = (facts.tenant.id, moment.now);
            changes.with(FlowChange::UsePushed { pushed, tenant, at }.into())
        }
        None => changes,
    };
    let changes = on_the_device(deciding, Some(id), changes);
    (Answered { front, ..yes(deciding, (id, drawn), granted.session) }, changes)
}

//! The end of an authorization request: a code, or a no.

use std::sync::Arc;

use super::challenge::{ChallengeFacts, ChallengeState};
use super::reply::{Answered, refused};
use super::request::{AuthorizationRequest, UriSent};
use crate::act::{Act, Action, Actor, Origin, Target};
use crate::authenticate::ClientFacts;
use crate::authorization_code::{CODE_LIFETIME, NewCode};
use crate::change::{Change, Changes};
use crate::consent::{Agreement, ConsentEvent, ConsentFacts, Remember};
use crate::decision::Moment;
use crate::error::{ErrorCode, OAuthError};
use crate::flow::{FlowChange, Outcome};
use crate::handle::{CODE_PREFIX, Drawn};
use crate::ids::{AuditId, CodeId, ConsentId, SessionId, UserId};
use crate::scope::Scope;
use crate::session::{Authentication, SessionFacts};

/// Who decides.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Row id.
    pub user: UserId,
    /// Their name, for the audit log.
    pub username: Arc<str>,
    /// How they proved to be themselves.
    pub authentication: Authentication,
    /// In which sign-in; none where they decided in the tenant's own application.
    pub session: Option<SessionId>,
}

impl From<&SessionFacts> for Subject {
    fn from(session: &SessionFacts) -> Self {
        Self {
            user: session.user,
            username: session.username.clone().unwrap_or_else(|| "".into()),
            authentication: session.authentication.clone(),
            session: Some(session.id),
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
    pub challenge: Option<&'a ChallengeFacts>,
    /// From where the decision comes.
    pub origin: &'a Origin,
    /// When.
    pub moment: Moment<'a>,
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
            return Err(OAuthError::new(ErrorCode::InvalidScope, "scopes: not a subset of those requested"));
        }
        if chosen.is_empty() {
            return Err(OAuthError::new(
                ErrorCode::InvalidRequest,
                "scopes: empty; send approved: false to deny, or leave scopes out to approve all",
            ));
        }
        Ok(request.scope.without(|token| token != "openid" && !chosen.contains(token)))
    }
}

/// Gives the code without asking: the client is the tenant's own, or the consent is remembered.
pub fn give(deciding: &Deciding<'_>, subject: &Subject, known: Option<&ConsentFacts>) -> (Answered, Changes) {
    let changes = opened(deciding, subject, Outcome::Answered);
    let consent = known.filter(|_| third_party(deciding)).map(|known| known.id);
    answer(deciding, subject, (deciding.request.scope.clone(), consent), changes)
}

/// Gives the code that a person has just agreed to.
pub fn approve(deciding: &Deciding<'_>, subject: &Subject, yes: &Approved<'_>) -> (Answered, Changes) {
    let (consent, changes) = agree(deciding, subject, yes, |_| Outcome::Answered);
    answer(deciding, subject, (yes.scope.clone(), Some(consent)), changes)
}

/// Notes what a person has agreed to elsewhere; the code leaves when their browser comes back for it.
pub fn decide_later(deciding: &Deciding<'_>, subject: &Subject, yes: &Approved<'_>) -> Changes {
    let outcome = |consent| Outcome::Agreed {
        user: subject.user,
        authentication: subject.authentication.clone(),
        scope: yes.scope.clone(),
        consent,
    };
    agree(deciding, subject, yes, outcome).1
}

/// The answer to what was decided elsewhere, for the browser that has come for it; none: there is nothing to come for.
pub fn fetch(deciding: &Deciding<'_>) -> Option<(Answered, Changes)> {
    let challenge = deciding.challenge?;
    let (id, tenant, at) = (challenge.id, challenge.tenant, deciding.moment.now);
    let fetch = Change::from(FlowChange::FetchAnswer { challenge: id, tenant, at });
    let unit = |actor, action| {
        let target = Target::Client(deciding.facts.client.id);
        let id = AuditId::v7(at, deciding.moment.random.bits());
        let act = Act { id, at, tenant, actor, action, target, origin: deciding.origin.clone() };
        Changes::new(act).with(fetch.clone())
    };
    match &challenge.state {
        ChallengeState::Waiting | ChallengeState::Answered => None,
        ChallengeState::Denied => {
            let error = OAuthError::new(ErrorCode::AccessDenied, "the person did not agree");
            let answered = refused(&deciding.request.to, &error, &deciding.facts.issuer);
            Some((answered, unit(Actor::Anonymous, Action::AuthorizationDenied)))
        }
        ChallengeState::Agreed { user, authentication, scope, consent } => {
            let subject = Subject {
                user: *user,
                username: "".into(),
                authentication: authentication.clone(),
                session: None,
            };
            let actor = Actor::User { id: *user, name: Arc::clone(&subject.username) };
            let changes = unit(actor, Action::AuthorizationApproved);
            Some(answer(deciding, &subject, (scope.clone(), *consent), changes))
        }
    }
}

/// Says no. The record is kept, the challenge is spent.
pub fn deny(deciding: &Deciding<'_>, subject: &Subject, outcome: Outcome) -> (Answered, Changes) {
    let facts = deciding.facts;
    let agreement = agreement(deciding, subject.user, &deciding.request.scope);
    let mut changes = Changes::new(act(deciding, subject, Action::AuthorizationDenied));
    if let Some(challenge) = deciding.challenge {
        changes = changes.with(decided(deciding, challenge, outcome));
    }
    changes = changes.with(agreement.record(None, ConsentEvent::Denied, &deciding.moment));
    let error = OAuthError::new(ErrorCode::AccessDenied, "the person did not agree");
    (refused(&deciding.request.to, &error, &facts.issuer), changes)
}

fn third_party(deciding: &Deciding<'_>) -> bool {
    deciding.facts.client.party == crate::client::Party::Third
}

fn agree(
    deciding: &Deciding<'_>,
    subject: &Subject,
    yes: &Approved<'_>,
    outcome: impl FnOnce(Option<ConsentId>) -> Outcome,
) -> (ConsentId, Changes) {
    let agreement = agreement(deciding, subject.user, &yes.scope);
    let (consent, writes) = agreement.give(yes.known, yes.remember, &deciding.moment);
    let changes = opened(deciding, subject, outcome(Some(consent)));
    (consent, writes.into_iter().fold(changes, Changes::with))
}

fn agreement<'a>(deciding: &Deciding<'a>, user: UserId, scope: &'a Scope) -> Agreement<'a> {
    let facts = deciding.facts;
    Agreement { tenant: facts.tenant.id, client: (facts.client.id, &facts.client.client_id), user, scope }
}

/// The unit of a yes; the challenge, if there is one, is spent by it.
fn opened(deciding: &Deciding<'_>, subject: &Subject, outcome: Outcome) -> Changes {
    let changes = Changes::new(act(deciding, subject, Action::AuthorizationApproved));
    match deciding.challenge {
        Some(challenge) => changes.with(decided(deciding, challenge, outcome)),
        None => changes,
    }
}

fn decided(deciding: &Deciding<'_>, challenge: &ChallengeFacts, outcome: Outcome) -> Change {
    let (challenge, tenant, at) = (challenge.id, challenge.tenant, deciding.moment.now);
    FlowChange::DecideChallenge { challenge, tenant, at, outcome: Box::new(outcome) }.into()
}

fn act(deciding: &Deciding<'_>, subject: &Subject, action: Action) -> Act {
    let moment = &deciding.moment;
    Act {
        id: AuditId::v7(moment.now, moment.random.bits()),
        at: moment.now,
        tenant: deciding.facts.tenant.id,
        actor: Actor::User { id: subject.user, name: Arc::clone(&subject.username) },
        action,
        target: Target::Client(deciding.facts.client.id),
        origin: deciding.origin.clone(),
    }
}

/// The code (RFC 6749 §4.1.2), and the answer that carries it.
fn answer(
    deciding: &Deciding<'_>,
    subject: &Subject,
    granted: (Scope, Option<ConsentId>),
    changes: Changes,
) -> (Answered, Changes) {
    let Deciding { facts, request, moment, .. } = deciding;
    let (scope, consent) = granted;
    let id = CodeId::v7(moment.now, moment.random.bits());
    let code = Drawn::new(CODE_PREFIX, id.to_bytes(), moment);
    let new = NewCode {
        id,
        hash: code.hash,
        tenant: facts.tenant.id,
        client: facts.client.id,
        user: subject.user,
        session: subject.session,
        consent,
        redirect_uri: (request.uri_sent == UriSent::Yes).then(|| request.to.redirect_uri.clone()),
        scope,
        nonce: request.nonce.clone(),
        pkce: request.pkce,
        authentication: subject.authentication.clone(),
        created_at: moment.now,
        expires_at: moment.now.plus(CODE_LIFETIME),
        basis: facts.basis(),
    };
    let answered = Answered::new(&request.to, vec![("code", code.text.into())], &facts.issuer);
    (answered, changes.with(FlowChange::IssueCode(Box::new(new)).into()))
}

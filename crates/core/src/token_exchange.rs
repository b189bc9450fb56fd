//! Token exchange (RFC 8693): a client that was sent a token of a person gets one of its own for the next API.
//!
//! What comes of it is less than what was sent, or as much: of scope, of audience, of time. It names the clients that
//! act, unless one may speak as the person. It ends with the grant of the token that was sent, and with every grant and
//! client before that.

use crate::act::{Action, Target};
use crate::actors::ActorChain;
use crate::authority::Permission;
use crate::change::{Change, Changes, Details};
use crate::claims::{ClaimsRequest, Person};
use crate::client::{ExchangePolicy, GrantType};
use crate::decision::{Judgement, Refusal};
use crate::draft::{Bearer, Draft, OnBehalf, Refreshing, TokenPurpose, draft_for};
use crate::error::{ErrorCode, OAuthError};
use crate::form::Form;
use crate::grant::Terms;
use crate::ids::{ClientId, GrantId, TenantId};
use crate::issuing::Issuing;
use crate::reason::Reason;
use crate::scope::Scope;
use crate::session::Authentication;
use crate::settings::Switch;
use crate::time::{Micros, Seconds};
use crate::token::{Audience, TokenFacts, TokenRef};

#[cfg(test)]
mod tests;

/// The type of an access token (RFC 8693 §3).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

/// A request to exchange a token.
#[derive(Debug, Clone)]
pub struct ExchangeGrant {
    /// The token of the person; none: nothing that this server could have issued.
    pub subject: Option<TokenRef>,
    /// The token of who acts; none: there is none.
    pub actor: Option<PresentedActor>,
    /// What is asked for; nothing asked: as much as the token may.
    pub scope: Option<Scope>,
}

/// A token of who acts, as far as it can be read.
#[derive(Debug, Clone, Copy)]
pub struct PresentedActor(pub Option<TokenRef>);

impl ExchangeGrant {
    /// Reads the parameters (RFC 8693 §2.1).
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn read(form: &Form<'_>, scope: Option<Scope>) -> Judgement<Self> {
        let missing = |name: &'static str| bad_request(Reason::ParameterMissing { name: name.into() });
        let subject = form.get("subject_token").ok_or_else(|| missing("subject_token"))?;
        typed(form.get("subject_token_type").ok_or_else(|| missing("subject_token_type"))?)?;
        form.get("requested_token_type").map_or(Ok(()), typed)?;
        let actor = match (form.get("actor_token"), form.get("actor_token_type")) {
            (None, None) => None,
            (Some(actor), Some(named)) => {
                typed(named)?;
                Some(PresentedActor(TokenRef::parse(actor)))
            }
            (Some(_), None) => return Err(missing("actor_token_type")),
            (None, Some(_)) => return Err(missing("actor_token")),
        };
        Ok(Self { subject: TokenRef::parse(subject), actor, scope })
    }
}

fn typed(named: &str) -> Judgement<()> {
    if named == ACCESS_TOKEN_TYPE { Ok(()) } else { Err(bad_request(Reason::ExchangeTokenType)) }
}

/// A token that somebody presents for another one, with what it comes from.
#[derive(Debug, Clone)]
pub struct SubjectToken {
    /// The token.
    pub token: TokenFacts,
    /// Its grant.
    pub grant: GrantId,
    /// What was picked for that.
    pub picked: Option<Audience>,
    /// How its person had proved to be themselves.
    pub authentication: Authentication,
    /// What its client says of who may act with its tokens.
    pub may_act: Option<Box<str>>,
}

/// What an exchange is decided on, beside the client.
#[derive(Debug, Clone, Copy)]
pub struct Exchanging<'a> {
    /// The token of the person, found by its row.
    pub subject: Option<&'a SubjectToken>,
    /// The token of who acts, found by its row.
    pub actor: Option<&'a TokenFacts>,
    /// The person, as they are now.
    pub person: Option<&'a Person>,
    /// What they let the client have, where it is an agent.
    pub consent: Option<&'a AgentConsent>,
}

/// What a person lets an agent have.
#[derive(Debug, Clone)]
pub struct AgentConsent {
    /// All that was agreed to.
    pub scope: Scope,
    /// When it was given, or last extended.
    pub granted_at: Micros,
}

/// A grant that comes of another one. Guarded: that one goes on.
#[derive(Debug, Clone)]
pub struct NewExchange {
    /// Row id.
    pub id: GrantId,
    /// The grant that it comes of.
    pub parent: GrantId,
    /// In which tenant.
    pub tenant: TenantId,
    /// To which client.
    pub client: ClientId,
    /// What it allows.
    pub scope: Scope,
    /// What binds it.
    pub terms: Terms,
    /// When.
    pub created_at: Micros,
    /// Until when its token lives.
    pub expires_at: Micros,
}

/// Decides what a token is exchanged for.
///
/// # Errors
/// `unauthorized_client`; `invalid_request` for a token that is no good or not for this client (RFC 8693 §2.2.2);
/// `invalid_scope`, `invalid_target`.
pub fn exchange(request: &ExchangeGrant, given: Exchanging<'_>, issuing: &Issuing<'_>) -> Judgement<Draft> {
    let client = &issuing.facts.client;
    let none = ExchangePolicy::default();
    let policy = client.tokens.exchange.as_deref().unwrap_or(&none);
    if !client.grant_types.contains(GrantType::TokenExchange) || !client.kind.is_confidential() {
        return Err(Refusal::new(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            Reason::NotForTokenExchange,
        )));
    }
    let subject = live(request, &given, issuing)?;
    let person = given.person.filter(|person| Some(person.id) == subject.token.user);
    let person = person.ok_or_else(|| bad("its person is gone, or disabled"))?;
    for_us(subject, policy, issuing)?;
    let actors = acting(request, (&given, subject, policy), issuing)?;
    let scope = scope(request, (subject, given.consent, policy), issuing)?;
    let target = issuing.target(subject.picked.as_ref().into(), &scope)?;

    let now = issuing.moment.now;
    let ends = given
        .consent
        .map_or(subject.token.expires_at, |consent| subject.token.expires_at.min(until(consent, issuing)));
    let left = Seconds(ends.since(now).0.max(1));
    let lifetime = Seconds(target.lifetime.0.min(left.0));
    let audience = target.audience(&target.scope, issuing.facts);
    let new = NewExchange {
        id: GrantId::v7(now, issuing.moment.random.bits()),
        parent: subject.grant,
        tenant: issuing.facts.tenant.id,
        client: client.id,
        scope: target.scope.clone(),
        terms: Terms { audience: Some(audience), cnf: None, actors: actors.clone() },
        created_at: now,
        expires_at: now.plus(lifetime),
    };
    let grant = new.id;
    let details = Details::new([
        ("user", person.username.to_string()),
        ("actors", actors.to_stored().unwrap_or_default()),
        ("subject_client", subject.token.client_id.as_deref().unwrap_or_default().to_owned()),
        ("subject_token", subject.token.id.to_string()),
    ]);
    let changes = Changes::new(issuing.act(Action::TokenExchanged, Target::Grant(grant)))
        .detailed(details)
        .with(Change::Exchange(Box::new(new)));
    let bearer = OnBehalf {
        grant,
        person,
        authentication: &subject.authentication,
        nonce: None,
        claims: &ClaimsRequest::default(),
        session: None,
        refreshing: Refreshing::None,
        actors: &actors,
        until: None,
    };
    let given = TokenPurpose { id: issuing.token_id(), bearer: Bearer::Person(bearer), target };
    Ok(draft_for(lifetime, issuing, given, changes).exchanged())
}

/// The token, if it is one of a person's and live.
fn live<'s>(
    request: &ExchangeGrant,
    given: &Exchanging<'s>,
    issuing: &Issuing<'_>,
) -> Judgement<&'s SubjectToken> {
    let presented = request.subject.as_ref().ok_or_else(|| bad("it was not issued by this server"))?;
    let found = given.subject.ok_or_else(|| bad("there is no such token of a person"))?;
    found.token.live_as(presented, issuing.moment.now).map_err(|dead| bad(dead.name()))?;
    Ok(found)
}

/// Whether the client is one that the token was sent to, and may take it. A token that got elsewhere by accident is
/// nobody's to exchange (RFC 8693 §5).
fn for_us(subject: &SubjectToken, policy: &ExchangePolicy, issuing: &Issuing<'_>) -> Judgement<()> {
    let (client, token) = (&issuing.facts.client, &subject.token);
    if token.client == client.id {
        return Ok(());
    }
    if !token.client_id.as_deref().is_some_and(|issued_to| policy.takes(issued_to)) {
        return Err(bad("its client is not one whose tokens this client may take"));
    }
    let is_meant = token.audience.names(&client.client_id)
        || issuing.targets.known.answers_for(&client.client_id, &token.audience);
    if is_meant { Ok(()) } else { Err(bad("it is for somebody else")) }
}

/// Who acts from now on. Who acted before is never left away.
fn acting(
    request: &ExchangeGrant,
    (given, subject, policy): (&Exchanging<'_>, &SubjectToken, &ExchangePolicy),
    issuing: &Issuing<'_>,
) -> Judgement<ActorChain> {
    let client = &issuing.facts.client;
    // RFC 8693 §4.4: whoever else presents it may not.
    if subject.may_act.as_deref().is_some_and(|only| only != &*client.client_id) {
        return Err(bad("its may_act names another client"));
    }
    if let Some(PresentedActor(presented)) = &request.actor {
        let wrong = || bad_request(Reason::ActorTokenNotValid);
        let (presented, found) = presented.as_ref().zip(given.actor).ok_or_else(wrong)?;
        found.live_as(presented, issuing.moment.now).map_err(|_| wrong())?;
        // A client acts as itself.
        if found.client != client.id || found.user.is_some() {
            return Err(wrong());
        }
    }
    let speaks_as_them =
        policy.impersonation.is_on() && request.actor.is_none() && policy.agent == Switch::Off;
    if speaks_as_them {
        return Ok(subject.token.actors.clone());
    }
    subject.token.actors.with(&client.client_id).ok_or_else(|| bad_request(Reason::ActorsMost))
}

/// What of the token's scope goes on: never Writ's own permissions, nor what gets more tokens; of an agent what its person
/// agreed to for it.
fn scope(
    request: &ExchangeGrant,
    (subject, consent, policy): (&SubjectToken, Option<&AgentConsent>, &ExchangePolicy),
    issuing: &Issuing<'_>,
) -> Judgement<Scope> {
    let had = &subject.token.scope;
    if request.scope.as_ref().is_some_and(|asked| !asked.is_subset(had)) {
        return Err(Refusal::new(OAuthError::new(ErrorCode::InvalidScope, Reason::ScopeBeyondToken)));
    }
    let asked = request.scope.as_ref().unwrap_or(had);
    let granted = asked
        .intersection(&issuing.facts.client.scope)
        .without(|name| Permission::by_name(name).is_some() || matches!(name, "openid" | "offline_access"));
    let granted = match (policy.agent, consent) {
        (Switch::Off, _) => granted,
        (Switch::On, Some(consent)) if until(consent, issuing) > issuing.moment.now => {
            granted.intersection(&consent.scope)
        }
        (Switch::On, Some(_)) => {
            return Err(bad("what its person agreed to for this agent is over"));
        }
        (Switch::On, None) => return Err(bad("its person has not agreed to this agent")),
    };
    if granted.is_empty() {
        return Err(Refusal::new(OAuthError::new(ErrorCode::InvalidScope, Reason::ScopeNone)));
    }
    Ok(granted)
}

/// When what was agreed to is over: people are told so.
fn until(consent: &AgentConsent, issuing: &Issuing<'_>) -> Micros {
    consent.granted_at.plus(issuing.facts.client.tokens.refresh_lifetime)
}

fn bad_request(why: Reason) -> Box<Refusal> {
    Refusal::new(OAuthError::new(ErrorCode::InvalidRequest, why))
}

fn bad(why: &'static str) -> Box<Refusal> {
    Refusal::new(OAuthError::new(ErrorCode::InvalidRequest, Reason::SubjectTokenNotValid).internally(why))
}

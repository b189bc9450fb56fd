//! Refresh tokens (RFC 6749 §6). They rotate: using one gives the next, and all that came from one grant are a
//! family. One that comes back within a short grace gives the same successor again (the answer was lost, or two windows
//! asked at once); one that comes back later has been stolen, or its successor has: the family ends.

use std::sync::Arc;

use crate::act::{Action, Target};
use crate::authenticate::ClientFacts;
use crate::authorization_code::ended;
use crate::change::{Change, Changes, Origin};
use crate::claims::Person;
use crate::client::GrantType;
use crate::decision::{Judgement, Moment, Refusal};
use crate::draft::{Bearer, Draft, OnBehalf, Refreshing, TokenPurpose, draft};
use crate::error::{ErrorCode, OAuthError};
use crate::flow::FlowChange;
use crate::grant::GrantFacts;
use crate::handle::{Drawn, Handle, REFRESH_PREFIX};
use crate::ids::{ClientId, GrantId, TenantId, TokenId, UserId};
use crate::issuing::Issuing;
use crate::reason::Reason;
use crate::scene::Scene;
use crate::scope::Scope;
use crate::secret::{Digest32, Presented};
use crate::settings::Switch;
use crate::subject::Sector;
use crate::time::Micros;

#[cfg(test)]
mod tests;

/// A refresh token to be recorded.
#[derive(Debug, Clone)]
pub struct NewRefreshToken {
    /// Row id.
    pub id: TokenId,
    /// SHA-256 of the whole token.
    pub hash: Digest32,
    /// In which tenant.
    pub tenant: TenantId,
    /// To which client.
    pub client: ClientId,
    /// Whose grant it is.
    pub user: UserId,
    /// Its family.
    pub grant: GrantId,
    /// From when.
    pub issued_at: Micros,
    /// Until when.
    pub expires_at: Micros,
}

/// A refresh token with the present state of its grant.
#[derive(Debug, Clone)]
pub struct RefreshFacts {
    /// Row id.
    pub id: TokenId,
    /// SHA-256 of the whole token.
    pub hash: Digest32,
    /// To which client.
    pub client: ClientId,
    /// Its public id; empty where it is gone.
    pub client_id: Box<str>,
    /// The username of the person; none: they are gone.
    pub username: Option<Arc<str>>,
    /// The names of the roles that the person bears now.
    pub roles: Vec<Box<str>>,
    /// In which sector its client knows people.
    pub sector: Option<Sector>,
    /// From when.
    pub issued_at: Micros,
    /// Until when.
    pub expires_at: Micros,
    /// Those issued before this were ended, by client, tenant, person or grant.
    pub issued_before: Micros,
    /// Whether it was used.
    pub state: RefreshState,
    /// Its family; none: it is gone.
    pub grant: Option<GrantFacts>,
}

/// Whether a refresh token was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshState {
    /// Not yet.
    Live,
    /// It was.
    Used {
        /// When.
        at: Micros,
        /// The one that followed it; none: that was before it was written down.
        successor: Option<TokenId>,
    },
}

impl RefreshFacts {
    /// Whether the row is that of the presented text, and the token could be used.
    pub fn is_live_as(&self, presented: &Handle, now: Micros) -> bool {
        self.hash.ct_eq(&presented.hash)
            && self.expires_at > now
            && self.issued_at >= self.issued_before
            && self.state == RefreshState::Live
            && self.grant.as_ref().is_some_and(GrantFacts::is_live)
    }
}

/// A request for fresh tokens.
#[derive(Debug, Clone)]
pub struct RefreshGrant {
    /// The token as presented.
    pub presented: Presented,
    /// What it says; none: nothing that this server could have issued.
    pub token: Option<Handle>,
    /// What is asked for; nothing asked: all that was granted.
    pub scope: Option<Scope>,
}

/// Decides what a refresh token is exchanged for.
///
/// # Errors
/// `unauthorized_client`, `invalid_scope`, `invalid_target`, and `invalid_grant` for everything that is wrong with the token. One that
/// was used longer ago than the tenant's grace ends its family (RFC 9700 §4.14.2).
pub fn refresh(
    request: &RefreshGrant,
    found: Option<&RefreshFacts>,
    person: Option<&Person>,
    issuing: &Issuing<'_>,
) -> Judgement<Draft> {
    let now = issuing.moment.now;
    allowed(issuing)?;
    let token = known(request, found)?;
    issued_to(token, issuing)?;
    let grant = live(token, now)?;
    bound(grant, issuing)?;
    let person = whose(grant, person)?;
    let successor = successor(token, grant, issuing)?;
    let scope = scope(request, grant, issuing.facts)?;
    let target = issuing.target(grant.terms.audience.as_ref().into(), &scope)?;

    let tenant = issuing.facts.tenant.id;
    let mut changes = issuing.unit_for(Action::RefreshTokenUsed, Target::Grant(grant.id), person);
    let (refreshing, expires_at) = match successor {
        Successor::Itself => {
            let access = now.plus(target.lifetime);
            (Refreshing::Known(request.presented.expose().to_owned()), access.max(token.expires_at))
        }
        Successor::New => {
            let id = TokenId::v7(now, issuing.moment.random.bits());
            let used = FlowChange::UseRefreshToken { token: token.id, tenant, at: now, successor: id };
            changes = changes.with(used.into());
            (Refreshing::New(id, following(request, id, issuing)), issuing.last_expiry(target.lifetime))
        }
        Successor::Again(id) => {
            (Refreshing::Known(following(request, id, issuing).text), issuing.last_expiry(target.lifetime))
        }
    };
    // The grant's row outlives all that comes of it.
    changes = changes.with(FlowChange::ExtendGrant { grant: grant.id, tenant, expires_at }.into());
    let bearer = OnBehalf {
        grant: grant.id,
        person,
        authentication: &grant.authentication,
        nonce: None,
        claims: &grant.claims,
        session: grant.session,
        refreshing,
        actors: &grant.terms.actors,
        // What people let an agent do is over when they were told.
        until: issuing.facts.client.is_agent().then_some(token.expires_at),
    };
    let given = TokenPurpose { id: issuing.token_id(), bearer: Bearer::Person(bearer), target };
    Ok(draft(issuing, given, changes))
}

/// What follows a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Successor {
    /// It goes on.
    Itself,
    /// One that is made now.
    New,
    /// The one that was made when it was used: there is never a second.
    Again(TokenId),
}

/// The successor with this id. It follows from the token before it, so that whoever comes with that one again gets the
/// same, although neither is stored.
fn following(request: &RefreshGrant, id: TokenId, issuing: &Issuing<'_>) -> Drawn {
    let from = issuing.hash_key.hash(&format!("refresh token after {}", request.presented.expose()));
    Drawn::following(REFRESH_PREFIX, id.to_bytes(), &from)
}

fn allowed(issuing: &Issuing<'_>) -> Judgement<()> {
    if issuing.facts.client.grant_types.contains(GrantType::RefreshToken) {
        return Ok(());
    }
    Err(Refusal::new(OAuthError::new(ErrorCode::UnauthorizedClient, Reason::NotForRefreshToken)))
}

fn known<'t>(request: &RefreshGrant, found: Option<&'t RefreshFacts>) -> Judgement<&'t RefreshFacts> {
    let Some(presented) = &request.token else { return Err(bad("it was not issued by this server")) };
    found.filter(|token| token.hash.ct_eq(&presented.hash)).ok_or_else(|| bad("there is no such token"))
}

fn issued_to(token: &RefreshFacts, issuing: &Issuing<'_>) -> Judgement<()> {
    if token.client == issuing.facts.client.id { Ok(()) } else { Err(bad("it was issued to another client")) }
}

fn live(token: &RefreshFacts, now: Micros) -> Judgement<&GrantFacts> {
    let grant = token.grant.as_ref().filter(|grant| !ended(grant));
    let grant = grant.ok_or_else(|| bad("its grant has ended"))?;
    if token.expires_at <= now {
        return Err(bad("it has expired"));
    }
    if token.issued_at < token.issued_before {
        Err(bad("it was ended with all of its time"))
    } else {
        Ok(grant)
    }
}

/// A grant that is bound to a key gives nothing to who does not hold that one (RFC 9449 §5).
fn bound(grant: &GrantFacts, issuing: &Issuing<'_>) -> Judgement<()> {
    match &grant.terms.cnf {
        Some(cnf) if issuing.confirmation != Some(cnf) => Err(bad("it is bound to another key")),
        Some(_) | None => Ok(()),
    }
}

/// The person whose grant it is, as long as they may sign in.
fn whose<'p>(grant: &GrantFacts, person: Option<&'p Person>) -> Judgement<&'p Person> {
    person.filter(|person| person.id == grant.user).ok_or_else(|| bad("its person is gone, or disabled"))
}

fn successor(token: &RefreshFacts, grant: &GrantFacts, issuing: &Issuing<'_>) -> Judgement<Successor> {
    let (tenant, now) = (&issuing.facts.tenant, issuing.moment.now);
    match token.state {
        RefreshState::Live => Ok(match issuing.facts.client.rotation() {
            Switch::On => Successor::New,
            Switch::Off => Successor::Itself,
        }),
        RefreshState::Used { at, successor } if now < at.plus(tenant.settings.refresh_grace) => {
            successor.map(Successor::Again).ok_or_else(|| bad("it was used, and its successor is not known"))
        }
        RefreshState::Used { .. } => {
            let end = Change::EndGrant { grant: grant.id, tenant: tenant.id, at: now };
            let act = issuing.act(Action::RefreshTokenReplayed, Target::Grant(grant.id));
            let mut refusal = bad("it was used before; its family is ended");
            refusal.changes = Some(Changes::new(act).with(end));
            Err(refusal)
        }
    }
}

/// RFC 6749 §6: no more than was granted. What the client may no longer have is left out.
fn scope(request: &RefreshGrant, grant: &GrantFacts, facts: &ClientFacts) -> Judgement<Scope> {
    let allowed = grant.scope.intersection(&facts.client.scope);
    match &request.scope {
        None => Ok(allowed),
        Some(asked) if asked.is_subset(&grant.scope) => Ok(asked.intersection(&allowed)),
        Some(_) => Err(Refusal::new(OAuthError::new(ErrorCode::InvalidScope, Reason::ScopeBeyondGrant))),
    }
}

fn bad(why: &'static str) -> Box<Refusal> {
    Refusal::new(OAuthError::new(ErrorCode::InvalidGrant, Reason::RefreshTokenNotValid).internally(why))
}

/// Decides the revocation of a refresh token: its whole grant ends (RFC 7009 §2.1). `None`: there is nothing to
/// end, which is a success.
///
/// # Errors
/// `unauthorized_client` for a token that was issued to another client.
pub fn revoke(
    presented: &Handle,
    found: Option<&RefreshFacts>,
    caller: (&ClientFacts, &Origin),
    moment: Moment<'_>,
) -> Judgement<Option<Changes>> {
    let (facts, origin) = caller;
    let token = found.filter(|token| token.hash.ct_eq(&presented.hash));
    // A used one, too: who presents it wants the family to end.
    let grant = token.and_then(|token| token.grant.as_ref()).filter(|grant| grant.is_live());
    let (Some(token), Some(grant)) = (token, grant) else { return Ok(None) };
    if token.client != facts.client.id {
        return Err(Refusal::new(OAuthError::new(ErrorCode::UnauthorizedClient, Reason::TokenOfAnother)));
    }
    let end = Change::EndGrant { grant: grant.id, tenant: facts.tenant.id, at: moment.now };
    let scene = Scene::of_client(facts, origin, moment);
    Ok(Some(scene.unit(Action::RefreshTokenRevoked, Target::Grant(grant.id)).with(end)))
}

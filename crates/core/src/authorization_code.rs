//! The authorization code (RFC 6749 §4.1.3): redeemed once, by the client that it was given to.

use crate::act::{Action, Target};
use crate::change::{Change, Changes};
use crate::claims::{ClaimsRequest, Person};
use crate::client::GrantType;
use crate::confirmation::Confirmation;
use crate::decision::{Judgement, Refusal};
use crate::draft::{Bearer, Draft, OnBehalf, TokenPurpose, draft};
use crate::error::{ErrorCode, OAuthError};
use crate::flow::{FlowChange, GrantMade, Redemption};
use crate::grant::GrantFacts;
use crate::handle::Handle;
use crate::ids::{ClientId, CodeId, ConsentId, GrantId, SessionId, TenantId, UserId};
use crate::issuing::Issuing;
use crate::pkce::CodeChallenge;
use crate::reason::Reason;
use crate::scope::Scope;
use crate::secret::{Digest32, Presented};
use crate::session::Authentication;
use crate::time::{Micros, Seconds};
use crate::token::{Audience, Basis, Parent};

#[cfg(test)]
mod tests;

/// How long a code can be redeemed.
pub const CODE_LIFETIME: Seconds = Seconds(60);

/// A code to be recorded.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// Row id.
    pub id: CodeId,
    /// SHA-256 of the whole code.
    pub hash: Digest32,
    /// In which tenant.
    pub tenant: TenantId,
    /// For which client.
    pub client: ClientId,
    /// Whose.
    pub user: UserId,
    /// The sign-in that it was given in.
    pub session: Option<SessionId>,
    /// The consent behind it; none where none was needed.
    pub consent: Option<ConsentId>,
    /// The redirect URI of the request, where it named one.
    pub redirect_uri: Option<Box<str>>,
    /// What was granted.
    pub scope: Scope,
    /// What was granted beside it, claim by claim.
    pub claims: ClaimsRequest,
    /// Goes into the ID token.
    pub nonce: Option<Box<str>>,
    /// What the exchange has to prove.
    pub pkce: Option<CodeChallenge>,
    /// The key that whoever redeems it has to hold; none: any, or none.
    pub cnf: Option<Confirmation>,
    /// How the person had proved to be themselves.
    pub authentication: Authentication,
    /// When it was decided.
    pub created_at: Micros,
    /// Until when.
    pub expires_at: Micros,
    /// What it was decided on.
    pub basis: Basis,
    /// The generations that it bears.
    pub generations: Generations,
    /// The grant that is made with it; none: it is made when the code is redeemed.
    pub grant: Option<GrantId>,
    /// The resources that were picked for it; none: nothing was.
    pub picked: Option<Audience>,
}

/// The generations of what a decision rests on, as they were when it was made: whatever ends those ends all that comes of
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generations {
    /// Of the client; none: as it is now.
    pub client: Option<i64>,
    /// Of the tenant; none: as it is now.
    pub tenant: Option<i64>,
    /// Of the person.
    pub user: i64,
}

/// A code with the present state of what it depends on.
#[derive(Debug, Clone)]
pub struct CodeFacts {
    /// Row id.
    pub id: CodeId,
    /// SHA-256 of the whole code.
    pub hash: Digest32,
    /// For which client.
    pub client: ClientId,
    /// Whose.
    pub user: UserId,
    /// The sign-in that it was given in.
    pub session: Option<SessionId>,
    /// The consent behind it.
    pub consent: Option<ConsentId>,
    /// The redirect URI of the request, where it named one.
    pub redirect_uri: Option<Box<str>>,
    /// What was granted.
    pub scope: Scope,
    /// What was granted beside it, claim by claim.
    pub claims: ClaimsRequest,
    /// Goes into the ID token.
    pub nonce: Option<Box<str>>,
    /// What the exchange has to prove.
    pub pkce: Option<CodeChallenge>,
    /// The key that whoever redeems it has to hold; none: any, or none.
    pub cnf: Option<Confirmation>,
    /// How the person had proved to be themselves.
    pub authentication: Authentication,
    /// Until when.
    pub expires_at: Micros,
    /// Whether it was redeemed.
    pub state: CodeState,
    /// Whether its sign-in goes on and its consent stands.
    pub standing: CodeStanding,
    /// The generations of its client, tenant and user.
    pub parents: [Parent; 3],
    /// The resources that were picked for it; none: nothing was.
    pub picked: Option<Audience>,
}

/// Whether a code was redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeState {
    /// Not yet.
    Live,
    /// Not yet, but an access token left with it: its grant is there.
    Opened {
        /// The grant.
        grant: GrantId,
    },
    /// It was.
    Redeemed {
        /// The grant that came of it, and whether it goes on.
        grant: GrantId,
        /// When that was ended.
        ended_at: Option<Micros>,
    },
}

/// Whether what a code rests on still is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeStanding {
    /// All of it.
    Good,
    /// The sign-in was ended, or the consent withdrawn.
    Ended,
}

impl CodeFacts {
    /// Whether the row is that of a code with this hash, and it could be redeemed.
    pub(crate) fn is_good_as(&self, hash: &Digest32, now: Micros) -> bool {
        self.hash.ct_eq(hash) && self.state == CodeState::Live && live(self, now).is_ok()
    }
}

/// A request to redeem a code.
#[derive(Debug, Clone)]
pub struct CodeGrant {
    /// The code; none: nothing that this server could have given.
    pub code: Option<Handle>,
    /// The redirect URI, where it was sent.
    pub redirect_uri: Option<Box<str>>,
    /// The PKCE verifier, where it was sent.
    pub verifier: Option<Presented>,
}

/// Decides what a code is exchanged for.
///
/// # Errors
/// `unauthorized_client`; `invalid_target`; `invalid_grant` for everything that is wrong with the code. A code that comes a second
/// time ends the grant that came of it (RFC 6749 §4.1.2).
pub fn redeem(
    request: &CodeGrant,
    found: Option<&CodeFacts>,
    person: Option<&Person>,
    issuing: &Issuing<'_>,
) -> Judgement<Draft> {
    let now = issuing.moment.now;
    allowed(issuing)?;
    let code = known(request, found)?;
    issued_to(code, issuing)?;
    first_time(code, issuing)?;
    live(code, now)?;
    sent_to(code, request)?;
    proved_by(code, request)?;
    held_by(code, issuing)?;
    exchange(code, whose(code, person)?, issuing)
}

/// The same for what somebody has agreed to on another device, where it is not this code that is presented but what leads
/// to it (RFC 8628 §3.4).
///
/// # Errors
/// `invalid_grant`, `invalid_target`.
pub(crate) fn redeem_agreed(
    code: &CodeFacts,
    person: Option<&Person>,
    issuing: &Issuing<'_>,
) -> Judgement<Draft> {
    issued_to(code, issuing)?;
    first_time(code, issuing)?;
    live(code, issuing.moment.now)?;
    exchange(code, whose(code, person)?, issuing)
}

/// The grant that comes of a code, and its first tokens.
fn exchange(code: &CodeFacts, person: &Person, issuing: &Issuing<'_>) -> Judgement<Draft> {
    let now = issuing.moment.now;
    // What the client may no longer have is not given either.
    let scope = code.scope.intersection(&issuing.facts.client.scope);
    let target = issuing.target(code.picked.as_ref().into(), &scope)?;
    let (grant, made) = match code.state {
        CodeState::Opened { grant } => (grant, GrantMade::Before),
        CodeState::Live | CodeState::Redeemed { .. } => {
            (GrantId::v7(now, issuing.moment.random.bits()), GrantMade::Now)
        }
    };
    let terms = issuing.terms(code.picked.clone());
    let actors = terms.actors.clone();
    let redemption = Redemption {
        code: code.id,
        tenant: issuing.facts.tenant.id,
        grant,
        session: code.session,
        consent: code.consent,
        at: now,
        expires_at: issuing.last_expiry(target.lifetime),
        terms,
        made,
    };
    let changes = issuing
        .unit_for(Action::CodeRedeemed, Target::Grant(grant), person)
        .with(FlowChange::RedeemCode(Box::new(redemption)).into());
    let bearer = OnBehalf {
        grant,
        person,
        authentication: &code.authentication,
        nonce: code.nonce.as_deref(),
        claims: &code.claims,
        session: code.session,
        refreshing: issuing.first_refresh(),
        actors: &actors,
        until: None,
    };
    let given = TokenPurpose { id: issuing.token_id(), bearer: Bearer::Person(bearer), target };
    Ok(draft(issuing, given, changes))
}

fn allowed(issuing: &Issuing<'_>) -> Judgement<()> {
    if issuing.facts.client.grant_types.contains(GrantType::AuthorizationCode) {
        return Ok(());
    }
    Err(Refusal::new(OAuthError::new(ErrorCode::UnauthorizedClient, Reason::NotForAuthorizationCode)))
}

fn known<'c>(request: &CodeGrant, found: Option<&'c CodeFacts>) -> Judgement<&'c CodeFacts> {
    let Some(presented) = &request.code else { return Err(bad("it was not given by this server")) };
    found.filter(|code| code.hash.ct_eq(&presented.hash)).ok_or_else(|| bad("there is no such code"))
}

fn issued_to(code: &CodeFacts, issuing: &Issuing<'_>) -> Judgement<()> {
    if code.client == issuing.facts.client.id { Ok(()) } else { Err(bad("it was given to another client")) }
}

fn first_time(code: &CodeFacts, issuing: &Issuing<'_>) -> Judgement<()> {
    match code.state {
        CodeState::Live | CodeState::Opened { .. } => Ok(()),
        CodeState::Redeemed { ended_at: Some(_), .. } => Err(bad("it was redeemed before")),
        CodeState::Redeemed { grant, ended_at: None } => {
            let end = Change::EndGrant { grant, tenant: issuing.facts.tenant.id, at: issuing.moment.now };
            let changes = Changes::new(issuing.act(Action::CodeReplayed, Target::Grant(grant))).with(end);
            let mut refusal = bad("it was redeemed before; its grant is ended");
            refusal.changes = Some(changes);
            Err(refusal)
        }
    }
}

fn live(code: &CodeFacts, now: Micros) -> Judgement<()> {
    if code.expires_at <= now {
        return Err(bad("it has expired"));
    }
    if code.standing == CodeStanding::Ended || !code.parents.iter().all(|parent| parent.alive()) {
        return Err(bad("what it rests on has ended"));
    }
    Ok(())
}

/// The person whose code it is, as long as they may sign in.
fn whose<'p>(code: &CodeFacts, person: Option<&'p Person>) -> Judgement<&'p Person> {
    person.filter(|person| person.id == code.user).ok_or_else(|| bad("its person is gone, or disabled"))
}

/// RFC 6749 §4.1.3: named again where the request named it. With PKCE it may be left out, as OAuth 2.1 does.
fn sent_to(code: &CodeFacts, request: &CodeGrant) -> Judgement<()> {
    match (&code.redirect_uri, &request.redirect_uri) {
        (_, None) if code.pkce.is_some() => Ok(()),
        (Some(then), Some(now)) if then == now => Ok(()),
        // The only registered one is what an unnamed one meant, and where the code went.
        (None, None | Some(_)) => Ok(()),
        (Some(_), Some(_) | None) => Err(mistaken(Reason::RedirectUriDiffers)),
    }
}

/// RFC 7636 §4.6. A verifier without a challenge is refused too: it would be a downgrade (RFC 9700 §2.1.1).
fn proved_by(code: &CodeFacts, request: &CodeGrant) -> Judgement<()> {
    match (&code.pkce, &request.verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if challenge.proved_by(verifier.expose()) => Ok(()),
        (Some(_), Some(_)) => Err(mistaken(Reason::CodeVerifierWrong)),
        (Some(_), None) => Err(mistaken(Reason::CodeVerifierMissing)),
        (None, Some(_)) => Err(mistaken(Reason::CodeVerifierUnasked)),
    }
}

/// RFC 9449 §10: the key that the authorization request named.
fn held_by(code: &CodeFacts, issuing: &Issuing<'_>) -> Judgement<()> {
    match &code.cnf {
        Some(cnf) if issuing.confirmation != Some(cnf) => Err(mistaken(Reason::CodeOfAnotherKey)),
        Some(_) | None => Ok(()),
    }
}

/// Every reason looks the same to the caller; the log is told which it was.
fn bad(why: &'static str) -> Box<Refusal> {
    Refusal::new(OAuthError::new(ErrorCode::InvalidGrant, Reason::CodeNotValid).internally(why))
}

/// What the caller did wrong itself, it is told.
fn mistaken(why: Reason) -> Box<Refusal> {
    Refusal::new(OAuthError::new(ErrorCode::InvalidGrant, why))
}

/// A grant, where one is found that belongs to the client.
pub(crate) fn ended(grant: &GrantFacts) -> bool {
    !grant.is_live()
}

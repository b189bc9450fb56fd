//! Tokens that leave from the authorization endpoint, with the browser: an ID token (OpenID Connect Core §3.2.2.5, §3.3.2.5),
//! and where a tenant still has it so, an access token (RFC 6749 §4.2.2).
//!
//! Every such answer has the row of a code behind it, told or not: it is what binds the answer to the versions and
//! generations that it was decided on, and whoever asks again shortly after finds there what was decided.

use super::decide::{Deciding, Granted};
use super::reply::Answered;
use crate::authorization_code::CodeFacts;
use crate::change::Changes;
use crate::claims::{ClaimsRequest, Person};
use crate::client::{IdTokenClaims, ResponseType, TokenFormat};
use crate::decision::Judgement;
use crate::draft::{Bearer, Draft, OnBehalf, Refreshing, TokenPurpose, Unsigned, draft_for};
use crate::id_token::{Beside, IdToken, IdTokenDraft};
use crate::ids::{GrantId, SessionId, UserId};
use crate::issuing::{IdTokenPolicy, Issuing};
use crate::scope::Scope;
use crate::session::{Authentication, sid};
use crate::time::Seconds;
use crate::token::Audience;

/// How long an access token lives at the most that was given with the browser: it cannot be bound to anything, and whatever
/// runs in the page can read it (RFC 9700 §2.1.2).
pub const FRONT_LIFETIME: Seconds = Seconds(900);

/// What the tokens of an answer will say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontTokens {
    response_type: ResponseType,
    user: UserId,
    scope: Scope,
    claims: ClaimsRequest,
    nonce: Option<Box<str>>,
    authentication: Authentication,
    session: Option<SessionId>,
    grant: Option<GrantId>,
    picked: Option<Audience>,
}

impl FrontTokens {
    /// What was granted just now; none where the answer has no token in it.
    pub(super) fn of(
        deciding: &Deciding<'_>,
        granted: &Granted,
        grant: Option<GrantId>,
    ) -> Option<Box<Self>> {
        let request = deciding.request;
        request.response_type.has_any_token().then(|| {
            Box::new(Self {
                response_type: request.response_type,
                user: granted.user,
                scope: granted.scope.clone(),
                claims: request.claims.granted(&request.scope, &granted.scope),
                nonce: request.nonce.clone(),
                authentication: granted.authentication.clone(),
                session: granted.session,
                grant,
                picked: request.picked.clone(),
            })
        })
    }

    /// The same once more, of what was decided shortly before. Nobody gets a second access token: an answer with one is not
    /// given again.
    pub(super) fn again(deciding: &Deciding<'_>, code: &CodeFacts) -> Option<Box<Self>> {
        let response_type = deciding.request.response_type;
        response_type.has_any_token().then(|| {
            Box::new(Self {
                response_type,
                user: code.user,
                scope: code.scope.clone(),
                claims: code.claims.clone(),
                nonce: code.nonce.clone(),
                authentication: code.authentication.clone(),
                session: code.session,
                grant: None,
                picked: code.picked.clone(),
            })
        })
    }

    /// Whom they are about.
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// Whether an access token is among them.
    pub const fn has_token(&self) -> bool {
        self.grant.is_some()
    }

    /// Whether an ID token is.
    pub const fn has_id_token(&self) -> bool {
        self.response_type.has_id_token()
    }

    /// The tokens, drafted for their person. `changes`: what was decided, to be written with them; none where it was written
    /// before.
    ///
    /// # Errors
    /// `invalid_target`, where what is asked for is for no one resource.
    pub fn draft(
        self,
        person: &Person,
        issuing: &Issuing<'_>,
        changes: Option<Changes>,
    ) -> Judgement<FrontDraft> {
        Ok(match (self.grant, changes) {
            (Some(grant), Some(changes)) => {
                let draft = self.access(grant, (person, issuing), changes)?;
                FrontDraft::Access(Box::new(if self.has_id_token() {
                    draft
                } else {
                    draft.without_id_token()
                }))
            }
            (_, changes) => FrontDraft::IdToken(Box::new((self.id_token(person, issuing), changes))),
        })
    }

    fn access(
        &self,
        grant: GrantId,
        (person, issuing): (&Person, &Issuing<'_>),
        changes: Changes,
    ) -> Judgement<Draft> {
        let target = issuing.target(self.picked.as_ref().into(), &self.scope)?;
        let bearer = OnBehalf {
            grant,
            person,
            authentication: &self.authentication,
            nonce: self.nonce.as_deref(),
            claims: &self.claims,
            session: self.session,
            refreshing: Refreshing::None,
            actors: &issuing.facts.client.acting(),
            until: None,
        };
        let lifetime = target.lifetime.min(FRONT_LIFETIME);
        let given = TokenPurpose { id: issuing.token_id(), bearer: Bearer::Person(bearer), target };
        Ok(draft_for(lifetime, issuing, given, changes))
    }

    /// OpenID Connect Core §5.4: where no access token is ever given, the claims of the scopes are in the ID token, whatever
    /// the client's usual ID tokens tell.
    fn id_token(&self, person: &Person, issuing: &Issuing<'_>) -> IdTokenDraft {
        let (client, now) = (&issuing.facts.client, issuing.moment.now);
        let claims = match self.response_type {
            ResponseType::IdToken => IdTokenClaims::Scopes,
            ResponseType::Code
            | ResponseType::CodeIdToken
            | ResponseType::Token
            | ResponseType::IdTokenToken
            | ResponseType::CodeToken
            | ResponseType::CodeIdTokenToken => issuing.id_tokens.claims,
        };
        let sid = self.session.map(|session| sid(session, client.id, issuing.hash_key));
        let about = IdToken {
            person,
            subject: issuing.subjects().name(person.id),
            authentication: &self.authentication,
            nonce: self.nonce.as_deref(),
            sid: sid.as_deref(),
            scope: &person.may_have(&self.scope),
            claims: &self.claims,
            now,
            expires_at: now.plus(client.tokens.access_lifetime),
            policy: IdTokenPolicy { claims, ..issuing.id_tokens },
        };
        IdTokenDraft::new(issuing.facts, &about)
    }
}

/// Tokens of an answer that nobody has signed yet.
#[derive(Debug)]
pub enum FrontDraft {
    /// An access token, with an ID token where one is due.
    Access(Box<Draft>),
    /// An ID token alone, and what was decided; none: it was written before.
    IdToken(Box<(IdTokenDraft, Option<Changes>)>),
}

impl FrontDraft {
    /// What the access token looks like; none: there is none.
    pub fn access_token(&self) -> Option<TokenFormat> {
        match self {
            Self::Access(draft) => Some(draft.format()),
            Self::IdToken(_) => None,
        }
    }

    /// Has the tokens signed and puts them into the answer. The ID token bears the hashes of what is beside it.
    ///
    /// # Errors
    /// The signer's own.
    pub fn seal<E>(
        self,
        mut answered: Answered,
        mut sign: impl FnMut(Unsigned<'_>) -> Result<String, E>,
    ) -> Result<(Answered, Option<Changes>), E> {
        let code = answered.parameters.iter().find(|(name, _)| *name == "code").map(|(_, code)| code.clone());
        let beside =
            Beside { access_token: None, code: code.as_deref(), state: answered.to.state.as_deref() };
        let (tokens, changes): (Vec<(&'static str, Box<str>)>, _) = match self {
            Self::Access(draft) => {
                let (issued, changes) = draft.seal_beside(beside, sign)?;
                let access: [(_, Box<str>); 4] = [
                    ("access_token", issued.access_token.into()),
                    ("token_type", "Bearer".into()),
                    ("expires_in", issued.expires_in.0.to_string().into()),
                    ("scope", issued.scope.as_str().into()),
                ];
                let id_token = issued.id_token.map(|token| ("id_token", token.into()));
                (access.into_iter().chain(id_token).collect(), Some(changes))
            }
            Self::IdToken(alone) => {
                let (id_token, changes) = *alone;
                let token = sign(Unsigned::IdToken { payload: &id_token.payload(beside) })?;
                (vec![("id_token", token.into())], changes)
            }
        };
        answered.parameters.splice(..0, tokens).for_each(drop);
        Ok((answered, changes))
    }
}

//! The draft of an access token, with what is handed out beside it: one for all grants. A grant decides for whom, for
//! what and on what terms; the rest is the same for all of them.

use std::fmt;

use crate::actors::ActorChain;
use crate::change::{Change, Changes, Note};
use crate::claims::{ClaimsRequest, Person};
use crate::client::{TokenFormat, Typ};
use crate::confirmation::TokenScheme;
use crate::flow::FlowChange;
use crate::handle::Drawn;
use crate::id_token::{Beside, IdToken, IdTokenDraft};
use crate::ids::{GrantId, SessionId, TokenId};
use crate::issuing::Issuing;
use crate::refresh_token::NewRefreshToken;
use crate::resource::TokenTarget;
use crate::scope::Scope;
use crate::secret::sha256;
use crate::session::{Authentication, sid};
use crate::time::{Micros, Seconds};
use crate::token::{NewAccessToken, OPAQUE_PREFIX, opaque};
use crate::token_exchange::ACCESS_TOKEN_TYPE;
use writ_jose::jwe::{Content, EncryptionKey, JweError};
use writ_jose::{Algorithm, JoseError, JsonObject, JwtType, SigningKey};

/// What an access token is given for.
#[derive(Debug)]
pub(crate) struct TokenPurpose<'a> {
    /// Its row, and `jti`.
    pub id: TokenId,
    /// Whom it speaks for.
    pub bearer: Bearer<'a>,
    /// Who it is for, and what was agreed to; of a person's token Writ's permissions are left out that the person does not
    /// have.
    pub target: TokenTarget,
}

/// Whom a token speaks for.
#[derive(Debug)]
pub(crate) enum Bearer<'a> {
    /// Nobody but the client.
    Client,
    /// A person.
    Person(OnBehalf<'a>),
}

/// What a token of a person comes from, and what comes beside it.
#[derive(Debug)]
pub(crate) struct OnBehalf<'a> {
    pub grant: GrantId,
    pub person: &'a Person,
    pub authentication: &'a Authentication,
    pub nonce: Option<&'a str>,
    /// What was asked for beside the scope, claim by claim.
    pub claims: &'a ClaimsRequest,
    /// The sign-in that it comes of.
    pub session: Option<SessionId>,
    pub refreshing: Refreshing,
    /// Who acts with it.
    pub actors: &'a ActorChain,
    /// When what the person agreed to is over, whatever the lifetimes; none: as these have it.
    pub until: Option<Micros>,
}

/// Which refresh token goes with it.
pub(crate) enum Refreshing {
    /// None.
    None,
    /// A new one, to be recorded.
    New(TokenId, Drawn),
    /// One that is recorded already.
    Known(String),
}

impl fmt::Debug for Refreshing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::New(..) => "New([redacted])",
            Self::Known(_) => "Known([redacted])",
        })
    }
}

/// A token that was decided and is not signed yet, with what goes beside it. The only way to its [`Changes`] is
/// [`Draft::seal`], so no unit is queued without the hash of what was really handed out.
pub struct Draft {
    form: DraftForm,
    pub(crate) row: NewAccessToken,
    id_token: Option<IdTokenDraft>,
    refresh: Option<(String, Option<Box<NewRefreshToken>>)>,
    changes: Changes,
    lifetime: Seconds,
    /// Whether it comes of an exchange: then its type is told.
    origin: DraftOrigin,
}

/// What a token comes of, as far as it matters to the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DraftOrigin {
    /// A grant.
    Grant,
    /// Another token.
    Exchange,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("row", &self.row).finish_non_exhaustive()
    }
}

enum DraftForm {
    Jwt { algorithm: Option<Algorithm>, payload: String, typ: Typ },
    Opaque { token: String },
}

/// Drafts the tokens; `changes` has what must hold and be there before they are.
pub(crate) fn draft(issuing: &Issuing<'_>, given: TokenPurpose<'_>, changes: Changes) -> Draft {
    draft_for(given.target.lifetime, issuing, given, changes)
}

/// The same, of an access token that lives for so long.
pub(crate) fn draft_for(
    lifetime: Seconds,
    issuing: &Issuing<'_>,
    given: TokenPurpose<'_>,
    changes: Changes,
) -> Draft {
    let Issuing { facts, moment, .. } = issuing;
    let (client, now) = (&facts.client, moment.now);
    let lifetime = match &given.bearer {
        Bearer::Person(OnBehalf { until: Some(end), .. }) => Seconds(lifetime.0.min(end.since(now).0.max(1))),
        Bearer::Person(_) | Bearer::Client => lifetime,
    };
    let target = given.target;
    let scope = match &given.bearer {
        Bearer::Client => target.scope.clone(),
        Bearer::Person(of) => of.person.may_have(&target.scope),
    };
    let (user, grant) = match &given.bearer {
        Bearer::Client => (None, None),
        Bearer::Person(of) => (Some(of.person.id), Some(of.grant)),
    };
    let row = NewAccessToken {
        id: given.id,
        tenant: facts.tenant.id,
        client: client.id,
        user,
        grant,
        hash: sha256(b""),
        audience: target.audience(&scope, facts),
        cnf: issuing.confirmation.cloned(),
        scope,
        issued_at: now,
        expires_at: now.plus(lifetime),
        basis: facts.basis(),
    };
    let form = match target.format {
        TokenFormat::Jwt(algorithm) => DraftForm::Jwt {
            algorithm,
            payload: payload(issuing, &row, &given.bearer),
            typ: client.tokens.choices.typ,
        },
        TokenFormat::Opaque => {
            let mut random = [0; 32];
            moment.random.fill(&mut random);
            DraftForm::Opaque { token: opaque(OPAQUE_PREFIX, row.id.to_bytes(), random) }
        }
    };
    let (id_token, refresh) = match given.bearer {
        Bearer::Client => (None, None),
        Bearer::Person(of) => (id_token(issuing, &row, &of), refresh(issuing, of)),
    };
    let changes = changes.noting(Note::ClientUsed { client: client.id, at: now });
    Draft { form, row, id_token, refresh, changes, lifetime, origin: DraftOrigin::Grant }
}

fn id_token(issuing: &Issuing<'_>, row: &NewAccessToken, of: &OnBehalf<'_>) -> Option<IdTokenDraft> {
    row.scope.contains("openid").then(|| {
        let sid = of.session.map(|session| sid(session, row.client, issuing.hash_key));
        let about = IdToken {
            person: of.person,
            subject: issuing.subjects().name(of.person.id),
            authentication: of.authentication,
            nonce: of.nonce,
            sid: sid.as_deref(),
            scope: &row.scope,
            claims: of.claims,
            now: row.issued_at,
            expires_at: row.expires_at,
            policy: issuing.id_tokens,
        };
        IdTokenDraft::new(issuing.facts, &about)
    })
}

fn refresh(issuing: &Issuing<'_>, of: OnBehalf<'_>) -> Option<(String, Option<Box<NewRefreshToken>>)> {
    let (client, now) = (&issuing.facts.client, issuing.moment.now);
    match of.refreshing {
        Refreshing::None => None,
        Refreshing::Known(text) => Some((text, None)),
        Refreshing::New(id, drawn) => {
            let new = NewRefreshToken {
                id,
                hash: drawn.hash,
                tenant: issuing.facts.tenant.id,
                client: client.id,
                user: of.person.id,
                grant: of.grant,
                issued_at: now,
                expires_at: of.until.unwrap_or_else(|| now.plus(client.tokens.refresh_lifetime)),
            };
            Some((drawn.text, Some(Box::new(new))))
        }
    }
}

/// The claims of RFC 9068 §2.2; `jti` first, as [`crate::token::TokenRef`] expects.
fn payload(issuing: &Issuing<'_>, row: &NewAccessToken, bearer: &Bearer<'_>) -> String {
    let facts = issuing.facts;
    let client_id = &*facts.client.client_id;
    let mut json = JsonObject::with_capacity(384);
    json.string("jti", &row.id.to_string());
    json.string("iss", &facts.issuer);
    match bearer {
        Bearer::Client => json.string("sub", client_id),
        Bearer::Person(of) => json.string("sub", &issuing.subjects().name(of.person.id).to_string()),
    };
    json.string("client_id", client_id);
    row.audience.write_to(&mut json);
    json.number("iat", row.issued_at.as_secs());
    json.number("exp", row.expires_at.as_secs());
    if !row.scope.is_empty() {
        json.string("scope", row.scope.as_str());
    }
    if let Bearer::Person(of) = bearer {
        of.authentication.write_to(&mut json);
        of.person.write_roles(&row.scope, &mut json);
        of.actors.write_to(&mut json);
        if let Some(only) = facts.client.tokens.exchange.as_ref().and_then(|policy| policy.may_act.as_ref()) {
            let mut may_act = JsonObject::with_capacity(64);
            may_act.string("sub", only);
            json.raw("may_act", &may_act.finish());
        }
    }
    if let Some(cnf) = &row.cnf {
        json.raw("cnf", &cnf.to_json());
    }
    json.finish()
}

impl Draft {
    /// The claims as JSON, where the token is a JWT.
    pub fn payload(&self) -> Option<&str> {
        match &self.form {
            DraftForm::Jwt { payload, .. } => Some(payload),
            DraftForm::Opaque { .. } => None,
        }
    }

    /// What is granted.
    pub fn scope(&self) -> &Scope {
        &self.row.scope
    }

    /// How long the access token lives.
    pub const fn lifetime(&self) -> Seconds {
        self.lifetime
    }

    /// What the access token looks like, and what it is to be signed with; none: what the tenant's are.
    pub const fn format(&self) -> TokenFormat {
        match self.form {
            DraftForm::Jwt { algorithm, .. } => TokenFormat::Jwt(algorithm),
            DraftForm::Opaque { .. } => TokenFormat::Opaque,
        }
    }

    /// Whether an ID token goes with it.
    pub const fn has_id_token(&self) -> bool {
        self.id_token.is_some()
    }

    /// Has the tokens signed, and encrypted where that is wanted, and gives what to hand out and what to write.
    ///
    /// # Errors
    /// The signer's own.
    pub fn seal<E>(
        self,
        sign: impl FnMut(Unsigned<'_>) -> Result<String, E>,
    ) -> Result<(Issued, Changes), E> {
        self.seal_beside(Beside::default(), sign)
    }

    /// The same token, which comes of another one.
    pub(crate) fn exchanged(self) -> Self {
        Self { origin: DraftOrigin::Exchange, id_token: None, ..self }
    }

    /// The same tokens without an ID token.
    pub(crate) fn without_id_token(self) -> Self {
        Self { id_token: None, ..self }
    }

    /// The same as [`Draft::seal`], with what else is handed out.
    pub(crate) fn seal_beside<E>(
        self,
        beside: Beside<'_>,
        mut sign: impl FnMut(Unsigned<'_>) -> Result<String, E>,
    ) -> Result<(Issued, Changes), E> {
        let mut row = self.row;
        let access_token = match self.form {
            DraftForm::Jwt { payload, typ, .. } => {
                sign(Unsigned::AccessToken { payload: &payload, id: row.id, typ })?
            }
            DraftForm::Opaque { token } => token,
        };
        let id_token = match self.id_token {
            Some(draft) => {
                let beside = Beside { access_token: Some(&access_token), ..beside };
                Some(sign(Unsigned::IdToken { payload: &draft.payload(beside) })?)
            }
            None => None,
        };
        row.hash = sha256(access_token.as_bytes());
        let (scope, scheme) = (row.scope.clone(), TokenScheme::of(row.cnf.as_ref()));
        let mut changes = self.changes.with(Change::IssueAccessToken(Box::new(row)));
        let refresh_token = match self.refresh {
            Some((text, Some(new))) => {
                changes = changes.with(FlowChange::IssueRefreshToken(new).into());
                Some(text)
            }
            Some((text, None)) => Some(text),
            None => None,
        };
        let issued_type = match self.origin {
            DraftOrigin::Grant => None,
            DraftOrigin::Exchange => Some(ACCESS_TOKEN_TYPE),
        };
        let expires_in = self.lifetime;
        let issued = Issued { access_token, issued_type, scheme, expires_in, scope, refresh_token, id_token };
        Ok((issued, changes))
    }
}

/// What is to be signed, and then encrypted where its client wants it so.
#[derive(Debug, Clone, Copy)]
pub enum Unsigned<'a> {
    /// An access token's claims, and the row that it must lead to, also where it cannot be read.
    AccessToken {
        /// The claims, as JSON.
        payload: &'a str,
        /// The row.
        id: TokenId,
        /// What its header calls it.
        typ: Typ,
    },
    /// An ID token's claims, as JSON.
    IdToken {
        /// The claims, as JSON.
        payload: &'a str,
    },
    /// A logout token's claims, as JSON.
    LogoutToken {
        /// The claims, as JSON.
        payload: &'a str,
    },
}

/// The cryptographic library failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SigningFailed {
    /// While signing.
    #[error(transparent)]
    Signing(#[from] JoseError),
    /// While encrypting.
    #[error(transparent)]
    Encrypting(#[from] JweError),
}

impl Unsigned<'_> {
    /// The token as its client gets it: signed, then encrypted where there is a key to encrypt to, as a token within a
    /// token (RFC 7519 §11.2, OpenID Connect Core §10.2). The header of an encrypted access token begins with its `jti`.
    ///
    /// # Errors
    /// The library's own.
    pub fn seal(
        self,
        signer: &SigningKey,
        recipient: Option<&EncryptionKey>,
    ) -> Result<String, SigningFailed> {
        let (typ, payload) = match self {
            Self::AccessToken { payload, typ: Typ::AtJwt, .. } => (JwtType::AccessToken, payload),
            // What its client's resource servers take alone; its claims tell it from an ID token all the same.
            Self::AccessToken { payload, typ: Typ::Jwt, .. } | Self::IdToken { payload } => {
                (JwtType::IdToken, payload)
            }
            Self::LogoutToken { payload } => (JwtType::LogoutToken, payload),
        };
        let nested = signer.sign_compact(typ, payload.as_bytes())?;
        let Some(recipient) = recipient else { return Ok(nested) };
        let encrypted = match self {
            Self::AccessToken { id, .. } => {
                recipient.encrypt_compact(Content::JwtCalled(&id.to_string()), nested.as_bytes())
            }
            Self::IdToken { .. } | Self::LogoutToken { .. } => {
                recipient.encrypt_compact(Content::Jwt, nested.as_bytes())
            }
        };
        Ok(encrypted?)
    }
}

/// What a client is given (RFC 6749 §5.1).
pub struct Issued {
    /// The access token.
    pub access_token: String,
    /// What it is, where it comes of an exchange (RFC 8693 §2.2.1).
    pub issued_type: Option<&'static str>,
    /// How it is presented.
    pub scheme: TokenScheme,
    /// Its lifetime, seconds.
    pub expires_in: Seconds,
    /// What was granted.
    pub scope: Scope,
    /// What gets the next one, where there is a person behind it.
    pub refresh_token: Option<String>,
    /// Who the person is (OpenID Connect Core §2).
    pub id_token: Option<String>,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("scope", &self.scope).finish_non_exhaustive()
    }
}

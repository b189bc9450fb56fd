//! Reads of signing in, deciding and redeeming.

use std::sync::Arc;

use writ_core::authorization_code::{CodeFacts, CodeStanding, CodeState};
use writ_core::authorize::{
    Agreed, AnsweredFacts, AuthorizationRequest, BearerFacts, ChallengeFacts, ChallengeRef, ChallengeState,
    HeldAnswer, HeldFacts, Prompts, Pushed, PushedFacts, ReplyTo, ResponseMode, UriSent, Used,
};
use writ_core::claims::ClaimsRequest;
use writ_core::client::{ResponseType, TokenChoices};
use writ_core::consent::{ConsentFacts, ShownConsent};
use writ_core::grant::{GrantFacts, Terms};
use writ_core::ids::{
    BrowserId, ChallengeId, ClientId, CodeId, ConsentEventId, ConsentId, GrantId, PushedId, SessionId,
    TenantId, TokenId, UserId,
};
use writ_core::pkce::CodeChallenge;
use writ_core::refresh_token::{RefreshFacts, RefreshState};
use writ_core::scope::Scope;
use writ_core::session::{Authentication, BrowserFacts, Lifetimes, SessionFacts, ShownSession};
use writ_core::subject::{Sector, Subject};
use writ_core::time::{Micros, Seconds};
use writ_core::token::{Audience, Parent};
use writ_jose::Algorithm;

use crate::error::ReadError;
use crate::manage::After;
use crate::reads::{confirmation, words};
use crate::row::{Column, Row};
use crate::statements::flow as sql;
use crate::store::Store;
use crate::value::Value;

/// Whose rows a list has.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// A tenant's.
    Tenant(TenantId),
    /// A person's.
    User(UserId),
}

impl From<Of> for Value {
    fn from(of: Of) -> Self {
        match of {
            Of::Tenant(id) => id.into(),
            Of::User(id) => id.into(),
        }
    }
}

/// A record in the history of consents, as it is shown.
#[derive(Debug, Clone)]
pub struct ShownConsentEvent {
    /// Row id.
    pub id: ConsentEventId,
    /// Which consent.
    pub consent: Option<ConsentId>,
    /// For which client.
    pub client_id: Box<str>,
    /// Whose.
    pub user: UserId,
    /// What happened.
    pub event: Box<str>,
    /// For what.
    pub scope: Scope,
    /// When.
    pub at: Micros,
}

/// How the bearer of an access token is told of its person.
#[derive(Debug, Clone)]
pub struct ToldTo {
    /// The claims that were asked for one by one.
    pub claims: ClaimsRequest,
    /// The public id of the client.
    pub client_id: Box<str>,
    /// What it wants them signed with.
    pub signed: Option<Algorithm>,
    /// In which sector it knows people.
    pub sector: Option<Sector>,
}

impl Store {
    /// A browser by the row id in its cookie.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn browser(&self, id: BrowserId) -> Result<Option<BrowserFacts>, ReadError> {
        self.read_one(&sql::BROWSER_BY_ID, &[id.into()], &mut |row| {
            Ok(BrowserFacts {
                id: BrowserId::from_bytes(row.id(0)?),
                hash: row.hash(1)?,
                expires_at: row.time(2)?,
            })
        })
        .await
    }

    /// The sign-in of a browser in a tenant, live or not.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn session_of(
        &self,
        browser: BrowserId,
        tenant: TenantId,
    ) -> Result<Option<SessionFacts>, ReadError> {
        self.read_one(&sql::SESSION_OF_BROWSER, &[browser.into(), tenant.into()], &mut session).await
    }

    /// A live sign-in of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn shown_session(
        &self,
        id: SessionId,
        tenant: TenantId,
        at: (Lifetimes, Micros),
    ) -> Result<Option<ShownSession>, ReadError> {
        let (lifetimes, now) = at;
        let values = [id.into(), tenant.into(), now.into(), now.minus(lifetimes.idle).into()];
        self.read_one(&sql::SESSION_SHOWN, &values, &mut shown_session).await
    }

    /// A page of live sign-ins, newest first, and how many there are in all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sessions_page(
        &self,
        of: Of,
        page: (After, i64),
        at: (Lifetimes, Micros),
    ) -> Result<(Vec<ShownSession>, i64), ReadError> {
        let ((after, most), (lifetimes, now)) = (page, at);
        let seen = now.minus(lifetimes.idle);
        let (rows, count) = match of {
            Of::Tenant(_) => (&sql::SESSIONS_PAGE, &sql::SESSIONS_COUNT),
            Of::User(_) => (&sql::SESSIONS_OF_USER, &sql::SESSIONS_OF_USER_COUNT),
        };
        let values = [of.into(), after.at.into(), Value::Id(after.id), now.into(), seen.into(), most.into()];
        let page = self.read(rows, &values, &mut shown_session).await?;
        let values = [of.into(), now.into(), seen.into()];
        let total = self.read_one(count, &values, &mut |row| row.int(0)).await?;
        Ok((page, total.unwrap_or_default()))
    }

    /// An authorization request that was pushed in a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn pushed_request(
        &self,
        id: PushedId,
        tenant: TenantId,
    ) -> Result<Option<PushedFacts>, ReadError> {
        self.read_one(&sql::PUSHED_BY_ID, &[id.into(), tenant.into()], &mut pushed).await
    }

    /// A challenge of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn challenge(
        &self,
        challenge: ChallengeRef,
        tenant: TenantId,
    ) -> Result<Option<ChallengeFacts>, ReadError> {
        let values = [challenge.0.into(), tenant.into()];
        self.read_one(&sql::CHALLENGE_BY_HASH, &values, &mut challenge_facts).await
    }

    /// A code of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn code(&self, id: CodeId, tenant: TenantId) -> Result<Option<CodeFacts>, ReadError> {
        self.read_one(&sql::CODE_BY_ID, &[id.into(), tenant.into()], &mut code).await
    }

    /// A refresh token of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn refresh_token(
        &self,
        id: TokenId,
        tenant: TenantId,
    ) -> Result<Option<RefreshFacts>, ReadError> {
        self.read_one(&sql::REFRESH_BY_ID, &[id.into(), tenant.into()], &mut refresh_token).await
    }

    /// What an access token says of the person behind it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn bearer_of(&self, token: TokenId) -> Result<Option<BearerFacts>, ReadError> {
        self.read_one(&sql::TOKEN_AUTHENTICATION, &[token.into()], &mut |row| {
            Ok(BearerFacts {
                authentication: authentication(row, 0)?,
                session: row.maybe_id(2)?.map(SessionId::from_bytes),
                parent: parent(row, 3)?,
            })
        })
        .await
    }

    /// What the bearer of an access token may be told; none: it is gone.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn told_to(&self, token: TokenId) -> Result<Option<ToldTo>, ReadError> {
        self.read_one(&sql::TOKEN_CLAIMS, &[token.into()], &mut |row| {
            Ok(ToldTo {
                claims: claims(row, 0)?,
                client_id: row.text(1)?.into(),
                signed: row.maybe_text(2)?.map(TokenChoices::from_stored).unwrap_or_default().userinfo_alg,
                sector: row.maybe_text(3)?.map(Sector::from_stored),
            })
        })
        .await
    }

    /// What a person has consented to for a client.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn consent_of(
        &self,
        user: UserId,
        client: ClientId,
    ) -> Result<Option<ConsentFacts>, ReadError> {
        self.read_one(&sql::CONSENT_OF, &[user.into(), client.into()], &mut |row| {
            Ok(ConsentFacts {
                id: ConsentId::from_bytes(row.id(0)?),
                scope: Scope::from_stored(row.text(1)?),
                remembered: Scope::from_stored(row.text(2)?),
            })
        })
        .await
    }

    /// A consent of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn shown_consent(
        &self,
        id: ConsentId,
        tenant: TenantId,
    ) -> Result<Option<ShownConsent>, ReadError> {
        self.read_one(&sql::CONSENT_SHOWN, &[id.into(), tenant.into()], &mut shown_consent).await
    }

    /// A person's consent by the public id of its client.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn consent_for(
        &self,
        user: UserId,
        client_id: &str,
        tenant: TenantId,
    ) -> Result<Option<ShownConsent>, ReadError> {
        let values = [user.into(), Value::Owned(client_id.into()), tenant.into()];
        self.read_one(&sql::CONSENT_BY_CLIENT_ID, &values, &mut shown_consent).await
    }

    /// A page of consents, newest first, and how many there are in all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn consents_page(
        &self,
        of: Of,
        after: After,
        most: i64,
    ) -> Result<(Vec<ShownConsent>, i64), ReadError> {
        let (rows, count) = match of {
            Of::Tenant(_) => (&sql::CONSENTS_PAGE, &sql::CONSENTS_COUNT),
            Of::User(_) => (&sql::CONSENTS_OF_USER, &sql::CONSENTS_OF_USER_COUNT),
        };
        let values = [of.into(), after.at.into(), Value::Id(after.id), most.into()];
        let page = self.read(rows, &values, &mut shown_consent).await?;
        let total = self.read_one(count, &[of.into()], &mut |row| row.int(0)).await?;
        Ok((page, total.unwrap_or_default()))
    }

    /// A page of the history of consents, newest first, and how long it is.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn consent_history(
        &self,
        of: Of,
        after: After,
        most: i64,
    ) -> Result<(Vec<ShownConsentEvent>, i64), ReadError> {
        let (rows, count) = match of {
            Of::Tenant(_) => (&sql::CONSENT_HISTORY, &sql::CONSENT_HISTORY_COUNT),
            Of::User(_) => (&sql::CONSENT_HISTORY_OF_USER, &sql::CONSENT_HISTORY_OF_USER_COUNT),
        };
        let values = [of.into(), after.at.into(), Value::Id(after.id), most.into()];
        let page = self
            .read(rows, &values, &mut |row| {
                Ok(ShownConsentEvent {
                    id: ConsentEventId::from_bytes(row.id(0)?),
                    consent: row.maybe_id(1)?.map(ConsentId::from_bytes),
                    client_id: row.text(2)?.into(),
                    user: UserId::from_bytes(row.id(3)?),
                    event: row.text(4)?.into(),
                    scope: Scope::from_stored(row.text(5)?),
                    at: row.time(6)?,
                })
            })
            .await?;
        let total = self.read_one(count, &[of.into()], &mut |row| row.int(0)).await?;
        Ok((page, total.unwrap_or_default()))
    }
}

fn parent(row: &Row<'_>, stored: usize) -> Column<Parent> {
    generation(row, stored, stored + 1)
}

fn generation(row: &Row<'_>, stored: usize, current: usize) -> Column<Parent> {
    Ok(match (row.maybe_int(stored)?, row.maybe_int(current)?) {
        (Some(stored), Some(current)) => Parent::Present { stored, current },
        (_, None) | (None, _) => Parent::Gone,
    })
}

/// The latest of some times.
fn latest(row: &Row<'_>, columns: std::ops::Range<usize>) -> Column<Micros> {
    let mut latest = Micros(0);
    for column in columns {
        latest = latest.max(row.maybe_time(column)?.unwrap_or_default());
    }
    Ok(latest)
}

fn authentication(row: &Row<'_>, at: usize) -> Column<Authentication> {
    Ok(Authentication { at: row.time(at)?, methods: row.text(at + 1)?.into() })
}

fn session(row: &Row<'_>) -> Column<SessionFacts> {
    Ok(SessionFacts {
        id: SessionId::from_bytes(row.id(0)?),
        browser: BrowserId::from_bytes(row.id(1)?),
        user: UserId::from_bytes(row.id(2)?),
        username: row.maybe_text(3)?.map(Arc::from),
        authentication: authentication(row, 4)?,
        last_seen_at: row.time(6)?,
        expires_at: row.time(7)?,
        ended_at: row.maybe_time(8)?,
        user_parent: parent(row, 9)?,
        tenant_parent: parent(row, 11)?,
    })
}

fn shown_session(row: &Row<'_>) -> Column<ShownSession> {
    Ok(ShownSession {
        id: SessionId::from_bytes(row.id(0)?),
        user: UserId::from_bytes(row.id(1)?),
        username: row.text(2)?.into(),
        created_at: row.time(3)?,
        last_seen_at: row.time(4)?,
        expires_at: row.time(5)?,
        ip: row.maybe_text(6)?.map(Into::into),
        user_agent: row.maybe_text(7)?.map(Into::into),
    })
}

fn shown_consent(row: &Row<'_>) -> Column<ShownConsent> {
    Ok(ShownConsent {
        id: ConsentId::from_bytes(row.id(0)?),
        client: ClientId::from_bytes(row.id(1)?),
        client_id: row.text(2)?.into(),
        client_name: row.text(3)?.into(),
        user: UserId::from_bytes(row.id(4)?),
        scope: Scope::from_stored(row.text(5)?),
        granted_at: row.time(6)?,
    })
}

fn request(row: &Row<'_>) -> Column<AuthorizationRequest> {
    let mode = row.text(7)?;
    let prompt = row.text(12)?;
    Ok(AuthorizationRequest {
        response_type: match row.maybe_text(45)? {
            Some(name) => {
                ResponseType::by_name(name).ok_or_else(|| format!("unknown response type {name}"))?
            }
            None => ResponseType::Code,
        },
        to: ReplyTo {
            redirect_uri: row.text(5)?.into(),
            mode: ResponseMode::by_name(mode).ok_or_else(|| format!("unknown response mode {mode}"))?,
            state: row.maybe_text(8)?.map(Into::into),
        },
        uri_sent: if row.int(6)? == 1 { UriSent::Yes } else { UriSent::No },
        scope: Scope::from_stored(row.text(9)?),
        claims: claims(row, 44)?,
        nonce: row.maybe_text(10)?.map(Into::into),
        pkce: row.maybe_hash(11)?.map(CodeChallenge::from_stored),
        prompts: Prompts::parse(prompt).ok_or_else(|| format!("unknown prompt {prompt}"))?,
        max_age: row.maybe_int(13)?.map(Seconds),
        login_hint: row.maybe_text(14)?.map(Into::into),
        expected: row.maybe_id(15)?.map(Subject::from_bytes),
        pushed: match row.maybe_id(32)? {
            Some(id) => Some(Pushed { id: PushedId::from_bytes(id), used: used(row, 43)? }),
            None => None,
        },
    })
}

fn claims(row: &Row<'_>, at: usize) -> Column<ClaimsRequest> {
    Ok(row.maybe_text(at)?.map(ClaimsRequest::from_stored).unwrap_or_default())
}

fn used(row: &Row<'_>, at: usize) -> Column<Used> {
    Ok(if row.maybe_time(at)?.is_some() { Used::Yes } else { Used::No })
}

fn pushed(row: &Row<'_>) -> Column<PushedFacts> {
    Ok(PushedFacts {
        id: PushedId::from_bytes(row.id(0)?),
        hash: row.hash(1)?,
        client: ClientId::from_bytes(row.id(2)?),
        form: row.text(3)?.into(),
        expires_at: row.time(4)?,
        used: used(row, 5)?,
    })
}

/// How far a challenge is. What was decided before answers bore what they rest on is over.
fn challenge_state(row: &Row<'_>) -> Column<ChallengeState> {
    let Some(outcome) = row.maybe_text(19)? else { return Ok(ChallengeState::Waiting) };
    let (at, by) = (row.time(18)?, row.maybe_id(20)?.map(UserId::from_bytes));
    let fetched = row.maybe_time(25)?;
    let answer = match (outcome, fetched) {
        ("agreed", None) => Some(held_yes(row)?),
        ("denied", None) => Some(HeldAnswer::No),
        (_, Some(_) | None) => None,
    };
    Ok(match (answer, row.maybe_hash(26)?, by) {
        (Some(answer), Some(verifier), Some(by)) => {
            ChallengeState::Held(Box::new(HeldFacts { by, at, verifier, answer }))
        }
        _ => ChallengeState::Answered(AnsweredFacts {
            at: fetched.unwrap_or(at),
            by,
            code: row.maybe_id(31)?.map(CodeId::from_bytes),
        }),
    })
}

fn held_yes(row: &Row<'_>) -> Column<HeldAnswer> {
    let agreed = Agreed {
        scope: Scope::from_stored(row.text(21)?),
        consent: row.maybe_id(22)?.map(ConsentId::from_bytes),
        authentication: authentication(row, 23)?,
        session: row.maybe_id(27)?.map(SessionId::from_bytes),
    };
    let session_ended =
        agreed.session.is_some() && (row.maybe_id(40)?.is_none() || row.maybe_time(41)?.is_some());
    let consent_gone = agreed.consent.is_some() && row.maybe_id(42)?.is_none();
    let ended_before = latest(row, 37..40)? > row.time(18)?;
    let standing =
        if session_ended || consent_gone || ended_before { CodeStanding::Ended } else { CodeStanding::Good };
    let parents = [(28, 34), (29, 35), (30, 36)].map(|(stored, current)| generation(row, stored, current));
    let [client, tenant, user] = parents;
    Ok(HeldAnswer::Yes { agreed, standing, parents: [client?, tenant?, user?] })
}

fn challenge_facts(row: &Row<'_>) -> Column<ChallengeFacts> {
    Ok(ChallengeFacts {
        id: ChallengeId::from_bytes(row.id(0)?),
        tenant: TenantId::from_bytes(row.id(1)?),
        client: ClientId::from_bytes(row.id(2)?),
        client_id: row.maybe_text(33)?.map(Arc::from),
        browser: BrowserId::from_bytes(row.id(3)?),
        signed_in: row.maybe_id(4)?.map(UserId::from_bytes),
        request: request(row)?,
        created_at: row.time(16)?,
        expires_at: row.time(17)?,
        state: challenge_state(row)?,
    })
}

fn code(row: &Row<'_>) -> Column<CodeFacts> {
    let session = row.maybe_id(4)?.map(SessionId::from_bytes);
    let consent = row.maybe_id(5)?.map(ConsentId::from_bytes);
    let session_ended = session.is_some() && (row.maybe_id(16)?.is_none() || row.maybe_time(17)?.is_some());
    let consent_gone = consent.is_some() && row.maybe_id(18)?.is_none();
    // Ended with all that was issued before a time: a code is as old as the decision behind it.
    let ended_before = latest(row, 26..29)? > row.time(25)?;
    let grant_ended = row.maybe_time(15)?.is_some();
    let state = match (row.maybe_time(13)?, row.maybe_id(14)?) {
        (Some(_), Some(grant)) => {
            CodeState::Redeemed { grant: GrantId::from_bytes(grant), ended_at: row.maybe_time(15)? }
        }
        (None, Some(grant)) => CodeState::Opened { grant: GrantId::from_bytes(grant) },
        (None | Some(_), None) => CodeState::Live,
    };
    let is_open = matches!(state, CodeState::Opened { .. });
    Ok(CodeFacts {
        id: CodeId::from_bytes(row.id(0)?),
        hash: row.hash(1)?,
        client: ClientId::from_bytes(row.id(2)?),
        user: UserId::from_bytes(row.id(3)?),
        session,
        consent,
        redirect_uri: row.maybe_text(6)?.map(Into::into),
        scope: Scope::from_stored(row.text(7)?),
        claims: claims(row, 29)?,
        nonce: row.maybe_text(8)?.map(Into::into),
        pkce: row.maybe_hash(9)?.map(CodeChallenge::from_stored),
        authentication: authentication(row, 10)?,
        expires_at: row.time(12)?,
        state,
        standing: if session_ended || consent_gone || ended_before || (is_open && grant_ended) {
            CodeStanding::Ended
        } else {
            CodeStanding::Good
        },
        parents: [parent(row, 19)?, parent(row, 21)?, parent(row, 23)?],
    })
}

fn refresh_token(row: &Row<'_>) -> Column<RefreshFacts> {
    let grant = match row.maybe_id(6)? {
        None => None,
        Some(id) => Some(GrantFacts {
            id: GrantId::from_bytes(id),
            user: UserId::from_bytes(row.id(7)?),
            scope: Scope::from_stored(row.text(8)?),
            claims: claims(row, 29)?,
            authentication: authentication(row, 9)?,
            session: row.maybe_id(28)?.map(SessionId::from_bytes),
            terms: Terms {
                audience: row.maybe_text(24)?.map(Audience::from_stored),
                cnf: confirmation(row.maybe_text(25)?)?,
            },
            ended_at: row.maybe_time(11)?,
            parents: [parent(row, 12)?, parent(row, 14)?, parent(row, 16)?],
        }),
    };
    let successor = row.maybe_id(23)?.map(TokenId::from_bytes);
    Ok(RefreshFacts {
        issued_before: latest(row, 19..23)?,
        id: TokenId::from_bytes(row.id(0)?),
        hash: row.hash(1)?,
        client: ClientId::from_bytes(row.id(2)?),
        client_id: row.maybe_text(18)?.unwrap_or_default().into(),
        username: row.maybe_text(26)?.map(Arc::from),
        roles: row.maybe_text(27)?.map(words).unwrap_or_default(),
        sector: row.maybe_text(30)?.map(Sector::from_stored),
        issued_at: row.time(3)?,
        expires_at: row.time(4)?,
        state: row.maybe_time(5)?.map_or(RefreshState::Live, |at| RefreshState::Used { at, successor }),
        grant,
    })
}

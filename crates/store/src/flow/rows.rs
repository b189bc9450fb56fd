//! Rows of signing in, deciding and redeeming, read.

use std::sync::Arc;

use writ_core::actors::ActorChain;
use writ_core::authorization_code::{CodeFacts, CodeStanding, CodeState};
use writ_core::authorize::{
    Agreed, AnsweredFacts, AuthorizationRequest, ChallengeFacts, ChallengeState, HeldAnswer, HeldFacts,
    Prompts, Pushed, PushedFacts, ReplyTo, ResponseMode, UriSent, Used,
};
use writ_core::claims::ClaimsRequest;
use writ_core::client::{ExchangePolicy, Metadata, ResponseType};
use writ_core::consent::{ConsentFacts, ShownConsent};
use writ_core::device_code::{AskingDevice, DeviceFacts, DeviceState, UserCode};
use writ_core::grant::{GrantFacts, Terms};
use writ_core::ids::{
    BrowserId, ChallengeId, ClientId, CodeId, ConsentId, DeviceRequestId, GrantId, PushedId, SessionId,
    TenantId, TokenId, UserId,
};
use writ_core::look::PictureName;
use writ_core::pkce::CodeChallenge;
use writ_core::refresh_token::{RefreshFacts, RefreshState};
use writ_core::scope::Scope;
use writ_core::secret::Digest32;
use writ_core::session::{Authentication, BrowserFacts, SessionFacts, ShownSession};
use writ_core::subject::{Sector, Subject};
use writ_core::time::{Micros, Seconds};
use writ_core::token::{Audience, Parent};
use writ_core::token_exchange::SubjectToken;

use super::SignedInFacts;
use crate::reads::{confirmation, generation, latest, maybe_authentication, parents, words};
use crate::row::{Column, Row};

/// A generation, and that of now behind it.
pub(super) fn parent(row: &Row<'_>) -> Column<Parent> {
    Ok(generation(row.maybe_int()?, row.maybe_int()?))
}

pub(super) fn authentication(row: &Row<'_>) -> Column<Authentication> {
    Ok(Authentication { at: row.time()?, methods: row.text()?.into() })
}

/// What has to be there where something else is.
fn there<T>(value: Option<T>) -> Column<T> {
    value.ok_or_else(|| "a column is null that goes with another".to_owned())
}

/// Whether what an answer rests on still is there.
struct Rests {
    session: Option<SessionId>,
    session_row: Option<[u8; 16]>,
    session_ended: Option<Micros>,
    consent: Option<ConsentId>,
    consent_row: Option<[u8; 16]>,
    /// The latest time before which all was ended.
    ended_before: Micros,
    decided_at: Micros,
}

impl Rests {
    fn standing(&self) -> CodeStanding {
        let session_ended =
            self.session.is_some() && (self.session_row.is_none() || self.session_ended.is_some());
        let consent_gone = self.consent.is_some() && self.consent_row.is_none();
        // Ended with all that was issued before a time: a code is as old as the decision behind it.
        let ended_before = self.ended_before > self.decided_at;
        if session_ended || consent_gone || ended_before { CodeStanding::Ended } else { CodeStanding::Good }
    }
}

pub(super) fn session(row: &Row<'_>) -> Column<SessionFacts> {
    there(maybe_session(row)?)
}

/// A sign-in; none where the join found none: its columns end the row then.
fn maybe_session(row: &Row<'_>) -> Column<Option<SessionFacts>> {
    let Some(id) = row.maybe_id()? else { return Ok(None) };
    Ok(Some(SessionFacts {
        id: SessionId::from_bytes(id),
        browser: BrowserId::from_bytes(row.id()?),
        user: UserId::from_bytes(row.id()?),
        username: row.maybe_text()?.map(Arc::from),
        authentication: authentication(row)?,
        last_seen_at: row.time()?,
        expires_at: row.time()?,
        ended_at: row.maybe_time()?,
        user_parent: parent(row)?,
        tenant_parent: parent(row)?,
    }))
}

pub(super) fn browser(row: &Row<'_>) -> Column<BrowserFacts> {
    Ok(BrowserFacts { id: BrowserId::from_bytes(row.id()?), hash: row.hash()?, expires_at: row.time()? })
}

/// A browser with who is signed in there, and what they consented to.
pub(super) fn signed_in(row: &Row<'_>) -> Column<SignedInFacts> {
    let browser = browser(row)?;
    let (consent, scope, remembered) = (row.maybe_id()?, row.maybe_text()?, row.maybe_text()?);
    let resources = picked(row)?;
    let consent = match consent {
        None => None,
        Some(id) => Some(ConsentFacts {
            id: ConsentId::from_bytes(id),
            scope: Scope::from_stored(there(scope)?),
            remembered: Scope::from_stored(there(remembered)?),
            resources,
        }),
    };
    Ok(SignedInFacts { browser, session: maybe_session(row)?, consent })
}

pub(super) fn consent(row: &Row<'_>) -> Column<ConsentFacts> {
    Ok(ConsentFacts {
        id: ConsentId::from_bytes(row.id()?),
        scope: Scope::from_stored(row.text()?),
        remembered: Scope::from_stored(row.text()?),
        resources: picked(row)?,
    })
}

pub(super) fn shown_session(row: &Row<'_>) -> Column<ShownSession> {
    Ok(ShownSession {
        id: SessionId::from_bytes(row.id()?),
        user: UserId::from_bytes(row.id()?),
        username: row.text()?.into(),
        created_at: row.time()?,
        last_seen_at: row.time()?,
        expires_at: row.time()?,
        ip: row.maybe_text()?.map(Into::into),
        user_agent: row.maybe_text()?.map(Into::into),
    })
}

pub(super) fn shown_consent(row: &Row<'_>) -> Column<ShownConsent> {
    Ok(ShownConsent {
        id: ConsentId::from_bytes(row.id()?),
        client: ClientId::from_bytes(row.id()?),
        client_id: row.text()?.into(),
        client_name: row.text()?.into(),
        translations: row.maybe_text()?.map(Metadata::from_stored).unwrap_or_default().translations,
        user: UserId::from_bytes(row.id()?),
        scope: Scope::from_stored(row.text()?),
        granted_at: row.time()?,
        logo: row.maybe_text()?.and_then(PictureName::parse),
        agent_lifetime: {
            let policy = row.maybe_text()?.map(ExchangePolicy::from_stored).unwrap_or_default();
            let lifetime = Seconds(row.int()?);
            policy.agent.is_on().then_some(lifetime)
        },
    })
}

/// What was asked; the response type, and what was claimed, bound and pushed, stand further down the row.
pub(super) fn request(row: &Row<'_>) -> Column<AuthorizationRequest> {
    let redirect_uri = row.text()?.into();
    let uri_sent = if row.int()? == 1 { UriSent::Yes } else { UriSent::No };
    let mode = row.text()?;
    Ok(AuthorizationRequest {
        response_type: ResponseType::Code,
        to: ReplyTo {
            redirect_uri,
            mode: ResponseMode::by_name(mode).ok_or_else(|| format!("unknown response mode {mode}"))?,
            state: row.maybe_text()?.map(Into::into),
        },
        uri_sent,
        scope: Scope::from_stored(row.text()?),
        nonce: row.maybe_text()?.map(Into::into),
        pkce: row.maybe_hash()?.map(CodeChallenge::from_stored),
        cnf: None,
        prompts: {
            let prompt = row.text()?;
            Prompts::parse(prompt).ok_or_else(|| format!("unknown prompt {prompt}"))?
        },
        max_age: row.maybe_int()?.map(Seconds),
        login_hint: row.maybe_text()?.map(Into::into),
        expected: row.maybe_id()?.map(Subject::from_bytes),
        picked: None,
        claims: ClaimsRequest::default(),
        pushed: None,
        device: None,
    })
}

/// The resources that were picked.
fn picked(row: &Row<'_>) -> Column<Option<Audience>> {
    Ok(row.maybe_text()?.map(Audience::from_stored))
}

/// None: of a request from before there were others than `code`.
fn response_type(row: &Row<'_>) -> Column<ResponseType> {
    let Some(name) = row.maybe_text()? else { return Ok(ResponseType::Code) };
    ResponseType::by_name(name).ok_or_else(|| format!("unknown response type {name}"))
}

pub(super) fn claims(row: &Row<'_>) -> Column<ClaimsRequest> {
    Ok(row.maybe_text()?.map(ClaimsRequest::from_stored).unwrap_or_default())
}

fn used(row: &Row<'_>) -> Column<Used> {
    Ok(if row.maybe_time()?.is_some() { Used::Yes } else { Used::No })
}

pub(super) fn pushed(row: &Row<'_>) -> Column<PushedFacts> {
    Ok(PushedFacts {
        id: PushedId::from_bytes(row.id()?),
        hash: row.hash()?,
        client: ClientId::from_bytes(row.id()?),
        form: row.text()?.into(),
        expires_at: row.time()?,
        used: used(row)?,
    })
}

/// A device's request.
pub(super) fn device(row: &Row<'_>) -> Column<DeviceFacts> {
    let (id, hash) = (DeviceRequestId::from_bytes(row.id()?), row.hash()?);
    let (client, client_id) = (ClientId::from_bytes(row.id()?), row.maybe_text()?.map(Arc::from));
    Ok(DeviceFacts {
        id,
        hash,
        client,
        client_id,
        user_code: UserCode::from_stored(row.text()?),
        scope: Scope::from_stored(row.text()?),
        ip: row.maybe_text()?.map(Into::into),
        created_at: row.time()?,
        expires_at: row.time()?,
        state: match (row.maybe_time()?, row.maybe_id()?.map(CodeId::from_bytes)) {
            (None, _) => DeviceState::Waiting,
            (Some(_), None) => DeviceState::Denied,
            (Some(_), Some(code)) => DeviceState::Approved { code },
        },
        picked: picked(row)?,
    })
}

/// The device that a challenge is for.
fn asking_device(row: &Row<'_>) -> Column<Option<AskingDevice>> {
    let (id, user_code) = (row.maybe_id()?.map(DeviceRequestId::from_bytes), row.maybe_text()?);
    let ip = row.maybe_text()?.map(Into::into);
    let (asked_at, expires_at) = (row.maybe_time()?, row.maybe_time()?);
    let used = used(row)?;
    let Some(id) = id else { return Ok(None) };
    let user_code = UserCode::from_stored(there(user_code)?);
    let (asked_at, expires_at) = (there(asked_at)?, there(expires_at)?);
    Ok(Some(AskingDevice { id, user_code, ip, asked_at, expires_at, used }))
}

/// What was decided about a challenge.
struct DecidedRow<'a> {
    at: Option<Micros>,
    outcome: Option<&'a str>,
    by: Option<UserId>,
    scope: Option<&'a str>,
    consent: Option<ConsentId>,
    authentication: Option<Authentication>,
    fetched: Option<Micros>,
    verifier: Option<Digest32>,
    session: Option<SessionId>,
    /// The generations of then: client, tenant, user.
    stored: [Option<i64>; 3],
    code: Option<CodeId>,
}

impl<'a> DecidedRow<'a> {
    fn read(row: &'a Row<'_>) -> Column<Self> {
        Ok(Self {
            at: row.maybe_time()?,
            outcome: row.maybe_text()?,
            by: row.maybe_id()?.map(UserId::from_bytes),
            scope: row.maybe_text()?,
            consent: row.maybe_id()?.map(ConsentId::from_bytes),
            authentication: maybe_authentication(row)?,
            fetched: row.maybe_time()?,
            verifier: row.maybe_hash()?,
            session: row.maybe_id()?.map(SessionId::from_bytes),
            stored: [row.maybe_int()?, row.maybe_int()?, row.maybe_int()?],
            code: row.maybe_id()?.map(CodeId::from_bytes),
        })
    }

    /// How far the challenge is. What was decided before answers bore what they rest on is over.
    fn state(self, now: &RestsNow) -> Column<ChallengeState> {
        let Some(outcome) = self.outcome else { return Ok(ChallengeState::Waiting) };
        let (at, by, fetched, code) = (there(self.at)?, self.by, self.fetched, self.code);
        let verifier = self.verifier;
        let answer = match (outcome, fetched) {
            ("agreed", None) => Some(self.yes(now, at)?),
            ("denied", None) => Some(HeldAnswer::No),
            (_, Some(_) | None) => None,
        };
        Ok(match (answer, verifier, by) {
            (Some(answer), Some(verifier), Some(by)) => {
                ChallengeState::Held(Box::new(HeldFacts { by, at, verifier, answer }))
            }
            _ => ChallengeState::Answered(AnsweredFacts { at: fetched.unwrap_or(at), by, code }),
        })
    }

    fn yes(self, now: &RestsNow, decided_at: Micros) -> Column<HeldAnswer> {
        let rests = Rests {
            session: self.session,
            session_row: now.session_row,
            session_ended: now.session_ended,
            consent: self.consent,
            consent_row: now.consent_row,
            ended_before: now.ended_before,
            decided_at,
        };
        let agreed = Agreed {
            scope: Scope::from_stored(there(self.scope)?),
            consent: self.consent,
            authentication: there(self.authentication)?,
            session: self.session,
        };
        let parents = parents(self.stored, now.current);
        Ok(HeldAnswer::Yes { agreed, standing: rests.standing(), parents })
    }
}

/// The present state of what an answer rests on.
struct RestsNow {
    current: [Option<i64>; 3],
    ended_before: Micros,
    session_row: Option<[u8; 16]>,
    session_ended: Option<Micros>,
    consent_row: Option<[u8; 16]>,
}

impl RestsNow {
    fn read(row: &Row<'_>) -> Column<Self> {
        Ok(Self {
            current: [row.maybe_int()?, row.maybe_int()?, row.maybe_int()?],
            ended_before: latest::<3>(row)?,
            session_row: row.maybe_id()?,
            session_ended: row.maybe_time()?,
            consent_row: row.maybe_id()?,
        })
    }
}

pub(super) fn challenge_facts(row: &Row<'_>) -> Column<ChallengeFacts> {
    let (id, tenant) = (ChallengeId::from_bytes(row.id()?), TenantId::from_bytes(row.id()?));
    let (client, browser) = (ClientId::from_bytes(row.id()?), BrowserId::from_bytes(row.id()?));
    let signed_in = row.maybe_id()?.map(UserId::from_bytes);
    let asked = request(row)?;
    let (created_at, expires_at) = (row.time()?, row.time()?);
    let decided = DecidedRow::read(row)?;
    let pushed = row.maybe_id()?.map(PushedId::from_bytes);
    let client_id = row.maybe_text()?.map(Arc::from);
    let now = RestsNow::read(row)?;
    let used = used(row)?;
    let pushed = pushed.map(|id| Pushed { id, used });
    let (claims, response_type) = (claims(row)?, response_type(row)?);
    let cnf = confirmation(row.maybe_text()?)?;
    let device = asking_device(row)?.map(Box::new);
    let picked = picked(row)?;
    let request = AuthorizationRequest { picked, response_type, claims, cnf, pushed, device, ..asked };
    let state = decided.state(&now)?;
    Ok(ChallengeFacts {
        id,
        tenant,
        client,
        client_id,
        browser,
        signed_in,
        request,
        created_at,
        expires_at,
        state,
    })
}

pub(super) fn code(row: &Row<'_>) -> Column<CodeFacts> {
    let (id, hash) = (CodeId::from_bytes(row.id()?), row.hash()?);
    let (client, user) = (ClientId::from_bytes(row.id()?), UserId::from_bytes(row.id()?));
    let session = row.maybe_id()?.map(SessionId::from_bytes);
    let consent = row.maybe_id()?.map(ConsentId::from_bytes);
    let redirect_uri = row.maybe_text()?.map(Into::into);
    let scope = Scope::from_stored(row.text()?);
    let nonce = row.maybe_text()?.map(Into::into);
    let pkce = row.maybe_hash()?.map(CodeChallenge::from_stored);
    let (authentication, expires_at) = (authentication(row)?, row.time()?);
    let (redeemed_at, grant, grant_ended) = (row.maybe_time()?, row.maybe_id()?, row.maybe_time()?);
    let state = match (redeemed_at, grant.map(GrantId::from_bytes)) {
        (Some(_), Some(grant)) => CodeState::Redeemed { grant, ended_at: grant_ended },
        (None, Some(grant)) => CodeState::Opened { grant },
        (None | Some(_), None) => CodeState::Live,
    };
    // The grant of an access token that left with the code: what ended it has ended the code.
    let opened_ended = grant_ended.filter(|_| matches!(state, CodeState::Opened { .. }));
    let (session_row, session_ended, consent_row) = (row.maybe_id()?, row.maybe_time()?, row.maybe_id()?);
    let parents = [parent(row)?, parent(row)?, parent(row)?];
    let (decided_at, ended_before) = (row.time()?, latest::<3>(row)?);
    let rests = Rests { session, session_row, session_ended, consent, consent_row, ended_before, decided_at };
    let standing = if opened_ended.is_some() { CodeStanding::Ended } else { rests.standing() };
    Ok(CodeFacts {
        id,
        hash,
        client,
        user,
        session,
        consent,
        redirect_uri,
        scope,
        claims: claims(row)?,
        picked: picked(row)?,
        nonce,
        pkce,
        cnf: confirmation(row.maybe_text()?)?,
        authentication,
        expires_at,
        state,
        standing,
        parents,
    })
}

pub(super) fn refresh_token(row: &Row<'_>) -> Column<RefreshFacts> {
    let (id, hash, client) = (TokenId::from_bytes(row.id()?), row.hash()?, ClientId::from_bytes(row.id()?));
    let (issued_at, expires_at, used_at) = (row.time()?, row.time()?, row.maybe_time()?);
    let (grant, user, scope) = (row.maybe_id()?, row.maybe_id()?, row.maybe_text()?);
    let (authentication, ended_at) = (maybe_authentication(row)?, row.maybe_time()?);
    let parents = [parent(row)?, parent(row)?, parent(row)?];
    let client_id = row.maybe_text()?.unwrap_or_default().into();
    let issued_before = latest::<4>(row)?;
    let successor = row.maybe_id()?.map(TokenId::from_bytes);
    let terms = Terms {
        audience: row.maybe_text()?.map(Audience::from_stored),
        cnf: confirmation(row.maybe_text()?)?,
        actors: row.maybe_text()?.map(ActorChain::from_stored).unwrap_or_default(),
    };
    let username = row.maybe_text()?.map(Arc::from);
    let roles = row.maybe_text()?.map(words).unwrap_or_default();
    let session = row.maybe_id()?.map(SessionId::from_bytes);
    let (claims, sector) = (claims(row)?, row.maybe_text()?.map(Sector::from_stored));
    let grant = match grant {
        None => None,
        Some(id) => Some(GrantFacts {
            id: GrantId::from_bytes(id),
            user: UserId::from_bytes(there(user)?),
            scope: Scope::from_stored(there(scope)?),
            claims,
            authentication: there(authentication)?,
            session,
            terms,
            ended_at,
            parents,
        }),
    };
    Ok(RefreshFacts {
        issued_before,
        id,
        hash,
        client,
        client_id,
        username,
        roles,
        sector,
        issued_at,
        expires_at,
        state: used_at.map_or(RefreshState::Live, |at| RefreshState::Used { at, successor }),
        grant,
    })
}

pub(super) fn subject_token(row: &Row<'_>) -> Column<Option<SubjectToken>> {
    let Some((token, grant)) = crate::reads::token_of_family(row)? else { return Ok(None) };
    let picked = picked(row)?;
    let policy = row.maybe_text()?.map(ExchangePolicy::from_stored).unwrap_or_default();
    let Some((grant, authentication)) = grant.zip(token.authentication.clone()) else { return Ok(None) };
    Ok(Some(SubjectToken { token, grant, picked, authentication, may_act: policy.may_act }))
}

//! Reads of signing in, deciding and redeeming.

mod rows;

use writ_core::authorization_code::CodeFacts;
use writ_core::authorize::{BearerFacts, ChallengeFacts, ChallengeRef, PushedFacts};
use writ_core::claims::{ClaimsRequest, Person};
use writ_core::client::{Recipient, TokenChoices};
use writ_core::consent::{ConsentFacts, ShownConsent};
use writ_core::device_code::{DeviceFacts, UserCode};
use writ_core::ids::{
    BrowserId, ClientId, CodeId, ConsentEventId, ConsentId, DeviceRequestId, PushedId, SessionId, TenantId,
    TokenId, UserId,
};
use writ_core::refresh_token::RefreshFacts;
use writ_core::scope::Scope;
use writ_core::session::{BrowserFacts, Lifetimes, SessionFacts, ShownSession};
use writ_core::subject::Sector;
use writ_core::time::Micros;
use writ_core::token_exchange::{AgentConsent, SubjectToken};
use writ_jose::Algorithm;

use self::rows::{
    authentication, browser, challenge_facts, claims, code, consent, device, parent, pushed, refresh_token,
    session, shown_consent, shown_session, signed_in,
};
use crate::error::ReadError;
use crate::manage::After;
use crate::people::maybe_person;
use crate::reads::answer_recipients;
use crate::row::Row;
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

/// A browser, as an authorization request of a client finds it.
#[derive(Debug, Clone)]
pub struct SignedInFacts {
    /// The browser.
    pub browser: BrowserFacts,
    /// Its sign-in in the tenant that was not ended; it may have expired.
    pub session: Option<SessionFacts>,
    /// What the person who signed in has consented to for the client.
    pub consent: Option<ConsentFacts>,
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
    /// What it wants them encrypted to.
    pub recipient: Option<Box<Recipient>>,
    /// In which sector it knows people.
    pub sector: Option<Sector>,
}

impl Store {
    /// A browser by the row id in its cookie.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn browser(&self, id: BrowserId) -> Result<Option<BrowserFacts>, ReadError> {
        self.read_one(&sql::BROWSER_BY_ID, &[id.into()], &mut browser).await
    }

    /// A browser with its sign-in in a tenant, live or not, and what its person consented to for a client: all that an
    /// authorization request asks of a browser, in one look.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn signed_in(
        &self,
        browser: BrowserId,
        client: ClientId,
        tenant: TenantId,
    ) -> Result<Option<SignedInFacts>, ReadError> {
        let values = [browser.into(), tenant.into(), client.into()];
        self.read_one(&sql::BROWSER_AND_SESSION, &values, &mut signed_in).await
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
        let total = self.read_one(count, &values, &mut |row| row.int()).await?;
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

    /// A device's request by the id in its own code.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn device(
        &self,
        id: DeviceRequestId,
        tenant: TenantId,
    ) -> Result<Option<DeviceFacts>, ReadError> {
        self.read_one(&sql::DEVICE_BY_ID, &[id.into(), tenant.into()], &mut device).await
    }

    /// A device's request by what its person has typed.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn device_showing(
        &self,
        code: &UserCode,
        tenant: TenantId,
    ) -> Result<Option<DeviceFacts>, ReadError> {
        let values = [tenant.into(), Value::Owned(code.as_str().into())];
        self.read_one(&sql::DEVICE_BY_USER_CODE, &values, &mut device).await
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

    /// A code of a tenant, and whom it speaks for, as they are now; nobody, where they are locked out or gone.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn code_of_person(
        &self,
        id: CodeId,
        tenant: TenantId,
    ) -> Result<Option<(CodeFacts, Option<Person>)>, ReadError> {
        let mut read = |row: &Row<'_>| Ok((code(row)?, maybe_person(row)?));
        match self.read_one(&sql::CODE_OF_PERSON, &[id.into(), tenant.into()], &mut read).await? {
            Some((code, person)) => {
                let person = self.with_given(person, tenant, &code.scope).await?;
                Ok(Some((code, person)))
            }
            None => Ok(None),
        }
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

    /// A refresh token of a tenant, and whom it speaks for, as they are now; nobody, where they are locked out or gone.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn refresh_token_of_person(
        &self,
        id: TokenId,
        tenant: TenantId,
    ) -> Result<Option<(RefreshFacts, Option<Person>)>, ReadError> {
        let mut read = |row: &Row<'_>| Ok((refresh_token(row)?, maybe_person(row)?));
        match self.read_one(&sql::REFRESH_OF_PERSON, &[id.into(), tenant.into()], &mut read).await? {
            Some((token, person)) => {
                let none = Scope::default();
                let scope = token.grant.as_ref().map_or(&none, |grant| &grant.scope);
                let person = self.with_given(person, tenant, scope).await?;
                Ok(Some((token, person)))
            }
            None => Ok(None),
        }
    }

    /// What an access token says of the person behind it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn bearer_of(&self, token: TokenId) -> Result<Option<BearerFacts>, ReadError> {
        self.read_one(&sql::TOKEN_AUTHENTICATION, &[token.into()], &mut |row| {
            Ok(BearerFacts {
                authentication: authentication(row)?,
                session: row.maybe_id()?.map(SessionId::from_bytes),
                parent: parent(row)?,
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
                claims: claims(row)?,
                client_id: row.text()?.into(),
                signed: row.maybe_text()?.map(TokenChoices::from_stored).unwrap_or_default().userinfo_alg,
                sector: row.maybe_text()?.map(Sector::from_stored),
                recipient: row.maybe_text()?.map(answer_recipients).transpose()?.and_then(|to| to.userinfo),
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
        self.read_one(&sql::CONSENT_OF, &[user.into(), client.into()], &mut consent).await
    }

    /// What a person lets an agent have.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn agent_consent(
        &self,
        user: UserId,
        client: ClientId,
    ) -> Result<Option<AgentConsent>, ReadError> {
        self.read_one(&sql::AGENT_CONSENT, &[user.into(), client.into()], &mut |row| {
            Ok(AgentConsent { scope: Scope::from_stored(row.text()?), granted_at: row.time()? })
        })
        .await
    }

    /// A token of a person that somebody presents for another one; none: there is no such token, or it is nobody's.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn subject_token(
        &self,
        token: TokenId,
        tenant: TenantId,
    ) -> Result<Option<SubjectToken>, ReadError> {
        let values = [token.into(), tenant.into()];
        let found =
            self.read_one(&crate::statements::TOKEN_EXCHANGED, &values, &mut rows::subject_token).await?;
        Ok(found.flatten())
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
        let total = self.read_one(count, &[of.into()], &mut |row| row.int()).await?;
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
                    id: ConsentEventId::from_bytes(row.id()?),
                    consent: row.maybe_id()?.map(ConsentId::from_bytes),
                    client_id: row.text()?.into(),
                    user: UserId::from_bytes(row.id()?),
                    event: row.text()?.into(),
                    scope: Scope::from_stored(row.text()?),
                    at: row.time()?,
                })
            })
            .await?;
        let total = self.read_one(count, &[of.into()], &mut |row| row.int()).await?;
        Ok((page, total.unwrap_or_default()))
    }
}

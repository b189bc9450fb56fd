//! What a token request asks for, told apart by its grant, and what has to be loaded to decide it.

use writ_core::authenticate::ClientFacts;
use writ_core::authorization_code::{CodeFacts, CodeGrant};
use writ_core::change::Origin;
use writ_core::claims::{AcrDemand, Person};
use writ_core::client::GrantType;
use writ_core::client_credentials::ClientCredentialsRequest;
use writ_core::decision::{Judgement, Refusal};
use writ_core::device_code::{DEVICE_PREFIX, DeviceFacts, DeviceGrant, DeviceState};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::handle::{CODE_PREFIX, Handle, REFRESH_PREFIX};
use writ_core::ids::{CodeId, DeviceRequestId, TokenId, UserId};
use writ_core::password_grant;
use writ_core::people::factors::policy::Sufficiency;
use writ_core::people::sign_in::wants_more;
use writ_core::reason::Reason;
use writ_core::refresh_token::{RefreshFacts, RefreshGrant};
use writ_core::scope::Scope;
use writ_core::secret::Presented;
use writ_core::shell_reason::ShellReason;
use writ_core::token::TokenFacts;
use writ_core::token_exchange::{AgentConsent, ExchangeGrant, PresentedActor, SubjectToken};

use super::token::Incoming;
use crate::call::fault::Fault;
use crate::manage::sign_in::{PasswordAttempt, PasswordPurpose};
use crate::state::app::App;

/// A person's name and password.
pub(super) struct ByPassword {
    username: Box<str>,
    secret: Presented,
    /// What is asked for.
    pub scope: Option<Scope>,
}

/// What is asked for.
pub(super) enum Grant {
    ClientCredentials(ClientCredentialsRequest),
    Code(CodeGrant),
    Refresh(RefreshGrant),
    Password(ByPassword),
    Device(DeviceGrant),
    Exchange(ExchangeGrant),
}

impl Grant {
    /// Reads the grant and its parameters.
    pub fn read(form: &Form<'_>) -> Judgement<Self> {
        let Some(name) = form.get("grant_type") else { return Err(missing(ShellReason::GrantTypeMissing)) };
        match GrantType::by_name(name) {
            Some(GrantType::ClientCredentials) => {
                Ok(Self::ClientCredentials(ClientCredentialsRequest { scope: scope(form)? }))
            }
            Some(GrantType::AuthorizationCode) => {
                let code = form.get("code").ok_or_else(|| missing(ShellReason::CodeMissing))?;
                Ok(Self::Code(CodeGrant {
                    code: Handle::parse(CODE_PREFIX, code),
                    redirect_uri: form.get("redirect_uri").map(Into::into),
                    verifier: form.get("code_verifier").map(|text| Presented::new(text.to_owned())),
                }))
            }
            Some(GrantType::RefreshToken) => {
                let token =
                    form.get("refresh_token").ok_or_else(|| missing(ShellReason::RefreshTokenMissing))?;
                Ok(Self::Refresh(RefreshGrant {
                    presented: Presented::new(token.to_owned()),
                    token: Handle::parse(REFRESH_PREFIX, token),
                    scope: scope(form)?,
                }))
            }
            Some(GrantType::Password) => {
                let username = form.get("username").ok_or_else(|| missing(ShellReason::UsernameMissing))?;
                let password = form.get("password").ok_or_else(|| missing(ShellReason::PasswordMissing))?;
                Ok(Self::Password(ByPassword {
                    username: username.into(),
                    secret: Presented::new(password.to_owned()),
                    scope: scope(form)?,
                }))
            }
            Some(GrantType::DeviceCode) => {
                let code = form.get("device_code").ok_or_else(|| missing(ShellReason::DeviceCodeMissing))?;
                Ok(Self::Device(DeviceGrant { code: Handle::parse(DEVICE_PREFIX, code) }))
            }
            Some(GrantType::TokenExchange) => ExchangeGrant::read(form, scope(form)?).map(Self::Exchange),
            Some(GrantType::Implicit) | None => Err(Refusal::new(OAuthError::new(
                ErrorCode::UnsupportedGrantType,
                ShellReason::GrantTypeUnsupported,
            ))),
        }
    }
}

/// What is exchanged, and whose it is.
async fn exchanged(
    app: &App,
    asked: &ExchangeGrant,
    facts: &ClientFacts,
) -> Result<(Option<Box<FoundExchange>>, Option<Box<Person>>), Fault> {
    let tenant = facts.tenant.id;
    let subject = match asked.subject {
        Some(presented) => app.store.subject_token(presented.id, tenant).await?,
        None => None,
    };
    let actor = match asked.actor {
        Some(PresentedActor(Some(presented))) => app.store.token_in_tenant(presented.id, tenant).await?,
        Some(PresentedActor(None)) | None => None,
    };
    let (mut person, mut consent) = (None, None);
    if let Some((user, scope)) = subject.as_ref().and_then(|sent| Some((sent.token.user?, &sent.token.scope)))
    {
        person = app.store.person_for(user, tenant, scope).await?.map(Box::new);
        if facts.client.is_agent() {
            consent = app.store.agent_consent(user, facts.client.id).await?;
        }
    }
    Ok((Some(Box::new(FoundExchange { subject, actor, consent })), person))
}

fn missing(public: ShellReason) -> Box<Refusal> {
    Refusal::new(OAuthError::new(ErrorCode::InvalidRequest, public))
}

pub(super) fn scope(form: &Form<'_>) -> Judgement<Option<Scope>> {
    form.get("scope").map(Scope::parse).transpose().map_err(|error| {
        Refusal::new(OAuthError::new(ErrorCode::InvalidScope, Reason::ScopeBad { why: error.into() }))
    })
}

/// Whose name and password were sent: nobody's, where they do not belong together.
pub(super) type Checked = Option<UserId>;

/// What was found of what is presented.
#[derive(Default)]
pub(super) struct Found {
    /// The code: what is presented, or what a device's person has agreed to.
    pub code: Option<Box<CodeFacts>>,
    /// A device's request.
    pub device: Option<Box<DeviceFacts>>,
    /// The refresh token.
    pub refresh: Option<Box<RefreshFacts>>,
    /// Whom the tokens will speak for, as they are now.
    pub person: Option<Box<Person>>,
    /// What is exchanged.
    pub exchanged: Option<Box<FoundExchange>>,
}

/// What was found of what is to be exchanged.
pub(super) struct FoundExchange {
    pub subject: Option<SubjectToken>,
    pub actor: Option<TokenFacts>,
    /// What the person lets the client have, where it is an agent.
    pub consent: Option<AgentConsent>,
}

impl Found {
    /// Loads what the grant is about.
    pub async fn load(
        app: &App,
        grant: &Grant,
        facts: &ClientFacts,
        incoming: &Incoming<'_>,
    ) -> Result<Self, Fault> {
        let Incoming { checked, origin, .. } = incoming;
        let tenant = facts.tenant.id;
        let mut found = Self::default();
        match grant {
            Grant::ClientCredentials(_) => {}
            Grant::Code(asked) => {
                let Some(handle) = asked.code else { return Ok(found) };
                let read = app.store.code_of_person(CodeId::from_bytes(handle.id), tenant).await?;
                if let Some((code, person)) = read {
                    (found.code, found.person) = (Some(Box::new(code)), person.map(Box::new));
                }
            }
            Grant::Device(asked) => {
                let Some(handle) = asked.code else { return Ok(found) };
                let device = app.store.device(DeviceRequestId::from_bytes(handle.id), tenant).await?;
                if let Some(DeviceState::Approved { code }) = device.as_ref().map(|device| device.state)
                    && let Some((code, person)) = app.store.code_of_person(code, tenant).await?
                {
                    (found.code, found.person) = (Some(Box::new(code)), person.map(Box::new));
                }
                found.device = device.map(Box::new);
            }
            Grant::Exchange(asked) => {
                (found.exchanged, found.person) = exchanged(app, asked, facts).await?;
            }
            Grant::Refresh(asked) => {
                let Some(handle) = asked.token else { return Ok(found) };
                let read = app.store.refresh_token_of_person(TokenId::from_bytes(handle.id), tenant).await?;
                if let Some((token, person)) = read {
                    (found.refresh, found.person) = (Some(Box::new(token)), person.map(Box::new));
                }
            }
            Grant::Password(asked) => {
                if checked.get().is_none() && password_grant::allowed(facts).is_ok() {
                    // Large, and slow anyway: in a future of its own.
                    let _ = checked.set(Box::pin(check(app, facts, asked, origin)).await?);
                }
                if let Some(user) = checked.get().copied().flatten() {
                    let scope = asked.scope.as_ref().unwrap_or(&facts.client.scope);
                    found.person = app.store.person_for(user, tenant, scope).await?.map(Box::new);
                }
            }
        }
        Ok(found)
    }
}

async fn check(
    app: &App,
    facts: &ClientFacts,
    asked: &ByPassword,
    origin: &Origin,
) -> Result<Checked, Fault> {
    // What the tenant wants of a sign-in is not told by a copy that may be old.
    let Some(tenant) = app.store.tenant_by_id(facts.tenant.id).await? else { return Ok(None) };
    let attempt = PasswordAttempt {
        tenant: &tenant,
        username: &asked.username,
        password: &asked.secret,
        origin,
        purpose: PasswordPurpose::SignIn(AcrDemand::Nothing),
    };
    match app.check_password(&attempt).await {
        // There is nowhere to prove it.
        Ok(person) if matches!(person.sufficiency, Some(Sufficiency::Lacks(_))) => Err(wants_more().into()),
        Ok(person) => Ok(Some(person.id)),
        Err(fault) if fault.error.code() == ErrorCode::InvalidGrant => Ok(None),
        Err(fault) => Err(fault),
    }
}

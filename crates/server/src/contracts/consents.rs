//! Consents: **tenant** for people (deciding a challenge, their own consents), **oauth2** for applications and API keys.

use http::StatusCode;
use serde::Serialize;
use writ_core::authority::{Permission, Permissions};
use writ_core::authorize::{Approved, Carrier, Decided, Decider, Deciding, Leaving, approve, deny};
use writ_core::caller::Identity;
use writ_core::change::Changes;
use writ_core::consent::{Remember, ShownConsent, record, withdraw};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::ids::{ConsentId, UserId};
use writ_core::manage::no_such;
use writ_core::reason::Reason;
use writ_core::scope::Scope;
use writ_core::session::{Lifetimes, SessionFacts};
use writ_core::settings::ConsentReturn;
use writ_core::shell_reason::ShellReason;
use writ_core::subject::Subjects;
use writ_store::{After, Of, ShownConsentEvent};

use super::fields::Fields;
use super::wire::{Page, json, no_content, time};
use crate::call::caller::invalid_token;
use crate::call::fault::Fault;
use crate::call::front::verdict;
use crate::call::routes::{Answer, Task};
use crate::manage::named::narrowed;
use crate::manage::standing::{WaitingChallenge, registered, waiting, with_verifier};
use crate::state::rounds::Verdict;

#[derive(Serialize)]
struct ConsentEnvelope<T> {
    success: bool,
    data: T,
}

fn enveloped<T: Serialize>(data: T) -> Answer {
    json(StatusCode::OK, &ConsentEnvelope { success: true, data })
}

/// What a person decided.
struct ConsentDecision {
    login_challenge: String,
    approved: bool,
    scopes: Option<Vec<Box<str>>>,
    remember: bool,
}

impl ConsentDecision {
    /// Reads it. A typo would silently change what is agreed to: unknown members are refused.
    fn read(mut body: Fields) -> Result<Self, Fault> {
        let (challenge, approved) = (body.text("loginChallenge"), body.flag("approved"));
        let scopes = body.texts("scopes").flatten();
        let remember = body.flag("remember").unwrap_or_default();
        body.nothing_else();
        let mut wrong = body.unread();
        let challenge = wrong.require("loginChallenge", challenge);
        let approved = wrong.require("approved", approved);
        let (login_challenge, approved) = wrong.settle_with(challenge.zip(approved))?;
        Ok(Self { login_challenge, approved, scopes, remember })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Redirect {
    redirect_to: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AskedFor {
    client: AskedBy,
    scopes: Vec<AskedScope>,
    login_hint: Option<Box<str>>,
    expires_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AskedBy {
    client_id: String,
    name: String,
    description: Option<String>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
}

#[derive(Serialize)]
struct AskedScope {
    name: String,
    description: Option<Box<str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OwnConsent {
    client_id: String,
    client_name: String,
    scopes: Vec<String>,
    granted_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OwnConsents {
    consents: Vec<OwnConsent>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A consent that a person records.
struct NewConsent {
    client_id: String,
    scopes: Vec<Box<str>>,
}

impl NewConsent {
    fn read(mut body: Fields) -> Result<Self, Fault> {
        let (client_id, scopes) = (body.text("client_id"), body.texts("scopes").flatten());
        let mut wrong = body.unread();
        let (client_id, scopes) = (wrong.require("client_id", client_id), wrong.require("scopes", scopes));
        let (client_id, scopes) = wrong.settle_with(client_id.zip(scopes))?;
        Ok(Self { client_id, scopes })
    }
}

#[derive(Serialize)]
struct ConsentRow {
    id: String,
    client_id: String,
    user_id: String,
    scopes: Vec<String>,
    granted_at: String,
}

#[derive(Serialize)]
struct Rows {
    consents: Vec<ConsentRow>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct EventRow {
    id: String,
    consent_id: Option<String>,
    client_id: String,
    user_id: String,
    event: String,
    scopes: Vec<String>,
    at: String,
}

#[derive(Serialize)]
struct Events {
    history: Vec<EventRow>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

fn names(scope: &Scope) -> Vec<String> {
    scope.iter().map(str::to_owned).collect()
}

impl From<&ShownConsent> for OwnConsent {
    fn from(shown: &ShownConsent) -> Self {
        Self {
            client_id: shown.client_id.to_string(),
            client_name: shown.client_name.to_string(),
            scopes: names(&shown.scope),
            granted_at: time(shown.granted_at),
        }
    }
}

impl From<&ShownConsent> for ConsentRow {
    fn from(shown: &ShownConsent) -> Self {
        Self {
            id: shown.id.to_string(),
            client_id: shown.client_id.to_string(),
            user_id: shown.user.to_string(),
            scopes: names(&shown.scope),
            granted_at: time(shown.granted_at),
        }
    }
}

impl From<&ShownConsentEvent> for EventRow {
    fn from(shown: &ShownConsentEvent) -> Self {
        Self {
            id: shown.id.to_string(),
            consent_id: shown.consent.map(|id| id.to_string()),
            client_id: shown.client_id.to_string(),
            user_id: shown.user.to_string(),
            event: shown.event.to_string(),
            scopes: names(&shown.scope),
            at: time(shown.at),
        }
    }
}

/// The person who acts, if a person does. Their own things only go through an interaction client.
fn person(task: &Task) -> Result<Option<(UserId, std::sync::Arc<str>)>, Fault> {
    match &task.acting.caller().identity {
        Identity::Person { user, username, through, client_id, .. } => {
            through.may_act(client_id)?;
            Ok(Some((*user, username.clone())))
        }
        Identity::Application { .. }
        | Identity::ApiKey { .. }
        | Identity::AtConsole { .. }
        | Identity::Local { .. } => Ok(None),
    }
}

/// Writ's own permissions are approved on Writ's own page: here nobody hands on more of them than the token that
/// decides holds itself.
fn may_approve(task: &Task, scope: &Scope) -> Result<(), OAuthError> {
    let lacking = Permissions::of_scope(scope).without(task.acting.caller().permissions);
    if lacking.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = lacking.names().collect();
    let text = ShellReason::OwnPageOnly { names: names.join(" ").into() };
    Err(OAuthError::new(ErrorCode::AccessDenied, text))
}

fn of(task: &Task) -> Result<Of, Fault> {
    Ok(person(task)?.map_or(Of::Tenant(task.acting.tenant()), |(user, _)| Of::User(user)))
}

/// A person, where a route takes nobody else.
fn acting_person(task: &Task) -> Result<(UserId, std::sync::Arc<str>), Fault> {
    person(task)?.ok_or_else(|| Fault::internal("a route for people let somebody else in"))
}

/// The challenge, as long as this person may decide it, and their sign-in in its browser.
async fn open(
    task: &Task,
    text: &str,
    user: UserId,
) -> Result<(WaitingChallenge, Option<SessionFacts>), Fault> {
    let unknown = || no_such(Reason::NoSuchLoginChallenge);
    let found = waiting(&task.app, text, task.acting.tenant()).await?;
    // What a device asks for is answered on Writ's own page, which shows what its person has to compare.
    let found = found.filter(|found| found.barred.is_none() && found.challenge.request.device.is_none());
    let found = found.ok_or_else(unknown)?;
    let (challenge, tenant) = (&found.challenge, &found.facts.tenant);
    let session = task.app.store.session_of(challenge.browser, tenant.id).await?;
    let now = task.app.clock.now();
    let subjects = Subjects::of_client(&found.facts.client, &task.app.hash_key);
    let there = session.filter(|session| session.live(Lifetimes::from(&tenant.settings), now));
    if !challenge.is_decided_by((user, subjects), there.as_ref().map(|session| session.user), now) {
        return Err(unknown().into());
    }
    Ok((found, there))
}

/// `GET /api/v1/oauth/consent/{loginChallenge}`.
pub async fn asked(task: Task) -> Answer {
    let (user, _) = acting_person(&task)?;
    let text = task.call.path("loginChallenge").to_owned();
    let (WaitingChallenge { challenge, facts, .. }, _) = open(&task, &text, user).await?;
    let tenant = task.acting.tenant();
    let known = task.app.store.scopes_of(&challenge.request.scope, tenant).await?;
    let scopes = challenge.request.scope.iter().map(|name| AskedScope {
        name: name.to_owned(),
        description: known
            .iter()
            .find(|scope| &*scope.name == name)
            .and_then(|scope| scope.description.clone()),
    });
    let found = registered(&task.app, &facts.client.client_id, tenant).await?;
    let (client, _) = found.ok_or_else(|| no_such(Reason::NoSuchLoginChallenge))?;
    enveloped(AskedFor {
        client: AskedBy {
            client_id: client.client.client_id.to_string(),
            name: client.client.name.to_string(),
            description: client.registration.description.map(String::from),
            client_uri: client.registration.client_uri.map(|uri| uri.as_str().to_owned()),
            logo_uri: client.registration.logo_uri.map(|uri| uri.as_str().to_owned()),
        },
        scopes: scopes.collect(),
        login_hint: challenge.request.login_hint.clone(),
        expires_at: time(challenge.expires_at),
    })
}

/// `POST /api/v1/oauth/consent`.
pub async fn decide(mut task: Task) -> Answer {
    let decision = ConsentDecision::read(task.call.json().await?)?;
    let redirect_to = task.app.rounds(|_| decided(&task, &decision)).await?;
    enveloped(Redirect { redirect_to })
}

/// Where the browser goes, once what was decided is written.
async fn decided(task: &Task, decision: &ConsentDecision) -> Result<Verdict<String>, Fault> {
    let (user, username) = acting_person(task)?;
    // The person may have been locked out since the round before.
    let bearer = task.app.bearer_facts(&task.call).await?;
    let generation = bearer.generation().ok_or_else(invalid_token)?;
    let (found, there) = open(task, &decision.login_challenge, user).await?;
    found.challenge.is_recent(&bearer.authentication)?;
    let subject = Decider {
        user,
        username,
        authentication: bearer.authentication,
        session: there.map(|session| session.id).or(bearer.session),
        generation,
    };
    let deciding = Deciding {
        facts: &found.facts,
        request: &found.challenge.request,
        challenge: Some(found.asked(&decision.login_challenge, &task.app)),
        origin: task.origin(),
        moment: task.app.moment(),
        hash_key: &task.app.hash_key,
    };
    let (decided, changes) = yes_or_no(task, &deciding, &subject, decision).await?;
    let here = format!("{}/consent", found.facts.issuer);
    let (redirect_to, changes) = match decided {
        Decided::Now(answered) => {
            let (answered, changes) = task.app.complete(&deciding, (*answered, Some(changes))).await?;
            (answered.location(), changes)
        }
        Decided::Later(verifier) => {
            (with_verifier(&here, &decision.login_challenge, &verifier), Some(changes))
        }
    };
    Ok(verdict(redirect_to, changes.map(|changes| task.through(changes))))
}

/// A yes or a no. Where the browser has to come back for the answer, it waits.
async fn yes_or_no(
    task: &Task,
    deciding: &Deciding<'_>,
    subject: &Decider,
    decision: &ConsentDecision,
) -> Result<(Decided, Changes), Fault> {
    let request = deciding.request;
    let leaving = match (deciding.facts.tenant.settings.consent_return, request.to.mode.carrier) {
        // A code can be redeemed by its client alone; what has a token in it is for the browser that began, and nobody else.
        _ if request.response_type.has_any_token() => Leaving::Later,
        (ConsentReturn::Direct, Carrier::Query | Carrier::Fragment) => Leaving::AtOnce,
        (ConsentReturn::Resume, _) | (_, Carrier::FormPost) => Leaving::Later,
    };
    if !decision.approved {
        return Ok(deny(deciding, subject, leaving));
    }
    let chosen = match &decision.scopes {
        None => None,
        Some(names) => Some(scope(names)?),
    };
    let known = task.app.store.consent_of(subject.user, deciding.facts.client.id).await?;
    let agreed = Approved::scope(deciding.request, chosen.as_ref())?;
    may_approve(task, &agreed)?;
    let yes = Approved { known: known.as_ref(), scope: agreed, remember: Remember::from(decision.remember) };
    Ok(approve(deciding, subject, &yes, leaving))
}

fn scope(names: &[Box<str>]) -> Result<Scope, OAuthError> {
    let wrong = || OAuthError::of_field("scopes", ShellReason::EachOneScopeToken);
    if names.iter().any(|name| name.is_empty() || name.contains(' ')) {
        return Err(wrong());
    }
    Scope::parse(&names.join(" ")).map_err(|_| wrong())
}

/// `GET /api/v1/oauth/consents`.
pub async fn list(task: Task) -> Answer {
    let page = Page::of(&task.call)?;
    let of = of(&task)?;
    let Some(narrow) = narrowed(&task, of, Permission::OauthRead).await? else {
        return json(StatusCode::OK, &Rows { consents: Vec::new(), total: 0, next_cursor: None });
    };
    let (mut rows, total) = task.app.store.consents_page(narrow, page.after, page.to_read()).await?;
    let next_cursor = page.cut(&mut rows, |row| After { at: row.granted_at, id: row.id.to_bytes() });
    match of {
        Of::User(_) => enveloped(OwnConsents {
            consents: rows.iter().map(OwnConsent::from).collect(),
            total,
            next_cursor,
        }),
        Of::Tenant(_) => json(
            StatusCode::OK,
            &Rows { consents: rows.iter().map(ConsentRow::from).collect(), total, next_cursor },
        ),
    }
}

/// `POST /api/v1/oauth/consents`: a person records one, through an application of the tenant's own.
pub async fn create(mut task: Task) -> Answer {
    let new = NewConsent::read(task.call.json().await?)?;
    let (user, _) = acting_person(&task)?;
    let scope = scope(&new.scopes)?;
    may_approve(&task, &scope)?;
    let tenant = task.acting.tenant();
    let found = registered(&task.app, &new.client_id, tenant).await?;
    let client = found.map(|(_, facts)| facts.client);
    let known = match &client {
        Some(client) => task.app.store.consent_of(user, client.id).await?,
        None => None,
    };
    // Recording it again is the same consent: there is nothing that a key could keep from happening twice.
    let shown =
        task.commit(|_, deed| record((client.as_deref(), user), &scope, known.as_ref(), deed)).await?;
    json(StatusCode::CREATED, &ConsentRow::from(&shown))
}

/// `DELETE /api/v1/oauth/consents/{consent_id}`. For a person, `{…}` is a `client_id` or a consent's id.
pub async fn delete(task: Task) -> Answer {
    let (text, tenant) = (task.call.path("consent_id").to_owned(), task.acting.tenant());
    let by_id = async {
        match ConsentId::parse_uuid(&text) {
            Some(id) => task.app.store.shown_consent(id, tenant).await,
            None => Ok(None),
        }
    };
    let Some((user, _)) = person(&task)? else {
        let found = by_id.await?;
        task.commit(|_, deed| deed.done(withdraw(found.as_ref(), &deed.scene()))).await?;
        return Ok(no_content());
    };
    let readable = text.len() <= 255 && !text.chars().any(char::is_control);
    let by_client = if readable { task.app.store.consent_for(user, &text, tenant).await? } else { None };
    let found = match by_client {
        Some(found) => Some(found),
        None => by_id.await?.filter(|found| found.user == user),
    };
    task.commit(|_, deed| deed.done(withdraw(found.as_ref(), &deed.scene()))).await?;
    enveloped(())
}

/// `GET /api/v1/oauth/consents/history`.
pub async fn history(task: Task) -> Answer {
    let page = Page::of(&task.call)?;
    let Some(of) = narrowed(&task, of(&task)?, Permission::OauthRead).await? else {
        return json(StatusCode::OK, &Events { history: Vec::new(), total: 0, next_cursor: None });
    };
    let (mut rows, total) = task.app.store.consent_history(of, page.after, page.to_read()).await?;
    let next_cursor = page.cut(&mut rows, |row| After { at: row.at, id: row.id.to_bytes() });
    json(StatusCode::OK, &Events { history: rows.iter().map(EventRow::from).collect(), total, next_cursor })
}

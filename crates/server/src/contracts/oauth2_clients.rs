//! The **oauth2** contract: `/api/v1/oauth/clients`.

use http::StatusCode;
use serde::Serialize;
use writ_core::caller::Identity;
use writ_core::client::{ClientDraft, ClientPatch, Field, Profile, RegisteredClient, SentKind, Update};
use writ_core::error::{ErrorCode, OAuthError};
use writ_store::ShownSecret;

use super::fields::Fields;
use super::sent::{Sent, given};
use super::tenant;
use super::wire::{NewSecret, json, no_content, time};
use crate::call::answer::{self, Shape};
use crate::call::fault::Fault;
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::registrations::{self, Contract, Listed, Named, grant_types, tag, texts};

const CONTRACT: Contract = Contract { profile: Profile::OAUTH2, spelling };
const ID: Named = Named::ClientIdOrUuid("client_id");

fn spelling(field: &Field) -> Option<&'static str> {
    match field {
        Field::Name => Some("name"),
        Field::Kind => Some("confidential"),
        Field::GrantTypes => Some("grant_types"),
        Field::RedirectUris => Some("redirect_uris"),
        Field::Scopes => Some("scope"),
        Field::Description
        | Field::PostLogoutRedirectUris
        | Field::AllowedOrigins
        | Field::AccessLifetime
        | Field::RefreshLifetime
        | Field::Enabled
        | Field::FirstParty
        | Field::ClientUri
        | Field::LogoUri
        | Field::RequirePkce
        | Field::Setting(_)
        | Field::Overlap
        | Field::Other(_) => None,
    }
}

/// What is said of a client's secret.
#[derive(Serialize)]
#[serde(untagged)]
enum Secret<'a> {
    /// Nothing: it is shown where the client is made, and never again.
    Untold,
    /// This is it; `null` for a public client.
    Shown(Option<&'a str>),
}

impl Secret<'_> {
    const fn is_untold(&self) -> bool {
        matches!(self, Self::Untold)
    }
}

#[derive(Serialize)]
struct View<'a> {
    id: String,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Secret::is_untold")]
    client_secret: Secret<'a>,
    name: &'a str,
    redirect_uris: Vec<String>,
    grant_types: Vec<&'static str>,
    scope: &'a str,
    confidential: bool,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct List<'a> {
    clients: Vec<View<'a>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct SecretView {
    id: String,
    masked: String,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
}

#[derive(Serialize)]
struct Secrets {
    secrets: Vec<SecretView>,
    total: usize,
}

impl<'a> From<&'a RegisteredClient> for View<'a> {
    fn from(found: &'a RegisteredClient) -> Self {
        let RegisteredClient { client, registration } = found;
        Self {
            id: client.id.to_string(),
            client_id: &client.client_id,
            client_secret: Secret::Untold,
            name: &client.name,
            redirect_uris: texts(&registration.redirect_uris),
            grant_types: grant_types(found),
            scope: client.scope.as_str(),
            confidential: client.kind.is_confidential(),
            created_at: time(registration.created_at),
            updated_at: time(registration.updated_at),
        }
    }
}

impl From<&ShownSecret> for SecretView {
    fn from(shown: &ShownSecret) -> Self {
        Self {
            id: shown.secret.id.to_string(),
            masked: shown.secret.masked(),
            created_at: time(shown.secret.created_at),
            expires_at: shown.secret.expires_at.map(time),
            last_used_at: shown.last_used_at.map(time),
        }
    }
}

fn kind(sent: &mut Sent) -> Update<SentKind> {
    let kind = |confidential| if confidential { SentKind::Confidential } else { SentKind::Public };
    sent.flag("confidential", Field::Kind).map(kind)
}

fn draft(fields: Fields) -> ClientDraft {
    let mut sent = Sent::from(fields);
    let draft = ClientDraft {
        kind: given(kind(&mut sent)),
        name: given(sent.text("name", Field::Name)),
        grant_types: given(sent.texts("grant_types", Field::GrantTypes)),
        redirect_uris: given(sent.texts("redirect_uris", Field::RedirectUris)),
        scopes: given(sent.words("scope", Field::Scopes)),
        ..ClientDraft::default()
    };
    ClientDraft { unread: sent.wrong(), ..draft }
}

fn patch(fields: Fields) -> ClientPatch {
    let mut sent = Sent::from(fields);
    let patch = ClientPatch {
        kind: kind(&mut sent),
        name: sent.text("name", Field::Name),
        grant_types: sent.texts("grant_types", Field::GrantTypes),
        redirect_uris: sent.texts("redirect_uris", Field::RedirectUris),
        scopes: sent.words("scope", Field::Scopes),
        ..ClientPatch::default()
    };
    ClientPatch { unread: sent.wrong(), ..patch }
}

/// `GET /api/v1/oauth/clients`; with `unused_for_days=N` those that were made longer ago than that and got no
/// token since.
pub async fn list(task: Task) -> Answer {
    let days = unused_for_days(&task)?;
    let Listed { clients, total, next_cursor } = match days {
        Some(days) => registrations::unused_page(&task, days).await?,
        None => registrations::page(&task).await?,
    };
    json(StatusCode::OK, &List { clients: clients.iter().map(View::from).collect(), total, next_cursor })
}

fn unused_for_days(task: &Task) -> Result<Option<i64>, Fault> {
    const MOST: i64 = 36_500;
    let query = task.call.query()?;
    let Some(text) = query.get("unused_for_days") else { return Ok(None) };
    let days = text.parse().ok().filter(|days| (1..=MOST).contains(days));
    let wrong =
        || OAuthError::new(ErrorCode::InvalidRequest, "unused_for_days: a number of days from 1 to 36500");
    Ok(Some(days.ok_or_else(wrong)?))
}

/// `POST /api/v1/oauth/clients`.
pub async fn create(mut task: Task) -> Answer {
    let draft = draft(task.call.json().await?);
    registrations::create(&task, &CONTRACT, &draft, |made| {
        let client_secret = Secret::Shown(made.secret.as_ref().map(|secret| secret.text.as_str()));
        json(StatusCode::CREATED, &View { client_secret, ..View::from(&made.registered) })
    })
    .await
}

/// `GET /api/v1/oauth/clients/{client_id}`: to an application or API key the client, to a person what
/// **tenant** lets everybody know.
pub async fn show(task: Task) -> Answer {
    if let Identity::Person { .. } = task.acting.caller().identity {
        return tenant::public_information(&task).await;
    }
    match registrations::existing(&task, ID).await {
        Ok(found) => task.show(&tag(&found.client), json(StatusCode::OK, &View::from(&found))),
        // By its token alone an application cannot be told from a person: it is told in its own shape here.
        Err(fault) => Ok(answer::error_in(Shape::OAuth, &task.app, &fault)),
    }
}

/// `PUT /api/v1/oauth/clients/{client_id}`: changes only what is sent.
pub async fn update(mut task: Task) -> Answer {
    let patch = patch(task.call.json().await?);
    let after = registrations::update(&task, &CONTRACT, ID, &patch).await?;
    tagged(&tag(&after.client), json(StatusCode::OK, &View::from(&after)))
}

/// `DELETE /api/v1/oauth/clients/{client_id}`.
pub async fn delete(task: Task) -> Answer {
    registrations::delete(&task, &CONTRACT, ID).await?;
    Ok(no_content())
}

/// `GET /api/v1/oauth/clients/{client_id}/secrets`: masked, oldest first, with their ends and their last use.
pub async fn secrets(task: Task) -> Answer {
    let found = registrations::existing(&task, ID).await?;
    let shown = task.app.store.shown_secrets(found.client.id).await?;
    let secrets: Vec<_> = shown.iter().map(SecretView::from).collect();
    json(StatusCode::OK, &Secrets { total: secrets.len(), secrets })
}

/// `POST /api/v1/oauth/clients/{client_id}/rotate-secret`.
pub async fn rotate_secret(task: Task) -> Answer {
    let rotated = registrations::rotate(&task, &CONTRACT, ID).await?;
    json(StatusCode::OK, &NewSecret::from(&rotated))
}

//! The **oauth2** contract: `/api/v1/oauth/clients`.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use writ_core::caller::Identity;
use writ_core::client::{ClientDraft, ClientPatch, Field, Profile, RegisteredClient, SentKind};
use writ_store::ShownSecret;

use super::fields::Fields;
use super::members::{Name, ScopeText, SecretMember, Time, Uris, Uuid, members};
use super::tenant;
use super::wire::{NewSecret, json, no_content};
use crate::call::answer::{self, Shape};
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::call::schema::Schema;
use crate::manage::registrations::{self, ContractRules, PathEnd, grant_types, tag};

const CONTRACT: ContractRules = ContractRules { profile: Profile::OAUTH2, spelling: Members::spelling };
const ID: PathEnd = PathEnd::ClientIdOrUuid("client_id");

members! {
    /// What is sent of a client.
    Members {
        "name" name: Name => Field::Name,
        "redirect_uris" redirect_uris: Uris => Field::RedirectUris,
        "grant_types" grant_types: Vec<String> => Field::GrantTypes,
        "scope" scope: ScopeText => Field::Scopes,
        "confidential" confidential: bool => Field::Kind,
    }
}

/// A client.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OAuth2Client")]
pub struct OAuthClientView<'a> {
    id: Uuid,
    client_id: &'a str,
    /// Shown once, where the client is made; null for a public client.
    #[serde(skip_serializing_if = "SecretMember::is_untold")]
    client_secret: SecretMember<'a>,
    name: &'a str,
    redirect_uris: Uris,
    grant_types: Vec<&'static str>,
    /// With spaces between the scopes.
    scope: &'a str,
    confidential: bool,
    created_at: Time,
    updated_at: Time,
}

/// A page of clients.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OAuth2ClientList")]
pub struct OAuthClientList<'a> {
    clients: Vec<OAuthClientView<'a>>,
    /// How many there are in all.
    total: i64,
    /// What `cursor` takes for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A secret of a client.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClientSecret")]
pub struct SecretView {
    id: Uuid,
    masked: String,
    created_at: Time,
    expires_at: Option<Time>,
    /// Some seconds late.
    last_used_at: Option<Time>,
}

/// The secrets of a client.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClientSecretList")]
pub struct ClientSecrets {
    secrets: Vec<SecretView>,
    total: usize,
}

impl<'a> From<&'a RegisteredClient> for OAuthClientView<'a> {
    fn from(found: &'a RegisteredClient) -> Self {
        let RegisteredClient { client, registration } = found;
        Self {
            id: Uuid::of(client.id),
            client_id: &client.client_id,
            client_secret: SecretMember::Untold,
            name: &client.name,
            redirect_uris: Uris::of(&registration.redirect_uris),
            grant_types: grant_types(found),
            scope: client.scope.as_str(),
            confidential: client.kind.is_confidential(),
            created_at: registration.created_at.into(),
            updated_at: registration.updated_at.into(),
        }
    }
}

impl From<&ShownSecret> for SecretView {
    fn from(shown: &ShownSecret) -> Self {
        Self {
            id: Uuid::of(shown.secret.id),
            masked: shown.secret.masked(),
            created_at: shown.secret.created_at.into(),
            expires_at: shown.secret.expires_at.map(Time::from),
            last_used_at: shown.last_used_at.map(Time::from),
        }
    }
}

/// What is sent, as it is described.
pub fn schema() -> Schema {
    Members::schema()
}

fn patch(fields: Fields) -> ClientPatch {
    let mut sent = fields;
    let kind = |confidential| if confidential { SentKind::Confidential } else { SentKind::Public };
    let members = Members::read(&mut sent);
    ClientPatch {
        kind: members.confidential.map(kind),
        name: members.name.map(|name| name.0),
        grant_types: members.grant_types,
        redirect_uris: members.redirect_uris.map(|uris| uris.0),
        scopes: members.scope.map(|words| words.0),
        unread: sent.unread(),
        ..ClientPatch::default()
    }
}

/// `GET /api/v1/oauth/clients`; with `unused_for_days=N` those that were made longer ago than that and got no
/// token since.
pub async fn list(task: Task) -> Answer {
    let Listed { rows: clients, total, next_cursor } = registrations::asked(&task).await?;
    json(
        StatusCode::OK,
        &OAuthClientList { clients: clients.iter().map(OAuthClientView::from).collect(), total, next_cursor },
    )
}

/// `POST /api/v1/oauth/clients`.
pub async fn create(mut task: Task) -> Answer {
    let draft = ClientDraft::from(patch(task.call.json().await?));
    registrations::create(&task, &CONTRACT, &draft, |made| {
        let client_secret = SecretMember::Shown(made.secret.as_ref().map(|secret| secret.text.as_str()));
        json(
            StatusCode::CREATED,
            &OAuthClientView { client_secret, ..OAuthClientView::from(&made.registered) },
        )
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
        Ok(found) => task.show(&tag(&found.client), json(StatusCode::OK, &OAuthClientView::from(&found))),
        // By its token alone an application cannot be told from a person: it is told in its own shape here.
        Err(fault) => Ok(answer::error_in(Shape::OAuth, &task.app, &fault)),
    }
}

/// `PUT /api/v1/oauth/clients/{client_id}`: changes only what is sent.
pub async fn update(mut task: Task) -> Answer {
    let patch = patch(task.call.json().await?);
    let after = registrations::update(&task, &CONTRACT, ID, &patch).await?;
    tagged(&tag(&after.client), json(StatusCode::OK, &OAuthClientView::from(&after)))
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
    json(StatusCode::OK, &ClientSecrets { total: secrets.len(), secrets })
}

/// `POST /api/v1/oauth/clients/{client_id}/rotate-secret`.
pub async fn rotate_secret(task: Task) -> Answer {
    let rotated = registrations::rotate(&task, &CONTRACT, ID).await?;
    json(StatusCode::OK, &NewSecret::from(&rotated))
}

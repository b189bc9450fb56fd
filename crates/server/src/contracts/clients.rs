//! The **clients** contract: `/v1/clients`.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use writ_core::client::{ClientDraft, ClientKind, ClientPatch, Field, Profile, RegisteredClient, SentKind};
use writ_core::shell_reason::ShellReason;

use super::fields::Fields;
use super::members::{KnownWord, Name, Prefixed, Time, Uris, members};
use super::wire::{NewSecret, json, no_content};
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::call::schema::Schema;
use crate::manage::registrations::{self, ContractRules, PathEnd, grant_types, scopes, tag, texts};

const CONTRACT: ContractRules = ContractRules { profile: Profile::CLIENTS, spelling: Members::spelling };
const ID: PathEnd = PathEnd::PrefixedOrClientId("id");
/// Members that are fixed when a client is made.
const FIXED: [(&str, ShellReason); 2] =
    [("type", ShellReason::FixedWhenMade), ("grant_types", ShellReason::AllFixedWhenMade)];

members! {
    /// What is sent of a client.
    Members {
        "name" name: Name => Field::Name,
        "type" kind: KnownWord<ClientKind> => Field::Kind,
        "redirect_uris" redirect_uris: Uris => Field::RedirectUris,
        "allowed_origins" allowed_origins: Vec<String> => Field::AllowedOrigins,
        /// By default those of the type.
        "grant_types" grant_types: Vec<String> => Field::GrantTypes,
        "post_logout_redirect_uris" post_logout_redirect_uris: Uris => Field::PostLogoutRedirectUris,
        "scopes" scopes: Vec<String> => Field::Scopes,
    }
}

/// The Client Object.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Client")]
pub struct ClientObject<'a> {
    id: Prefixed,
    tenant_id: Prefixed,
    name: &'a str,
    #[serde(rename = "type")]
    kind: KnownWord<ClientKind>,
    client_id: &'a str,
    redirect_uris: Uris,
    allowed_origins: Vec<String>,
    grant_types: Vec<&'static str>,
    scopes: Vec<&'a str>,
    post_logout_redirect_uris: Uris,
    created_at: Time,
}

/// What a list shows.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClientRow")]
pub struct ClientRow<'a> {
    id: Prefixed,
    name: &'a str,
    #[serde(rename = "type")]
    kind: KnownWord<ClientKind>,
    redirect_uris: Uris,
    created_at: Time,
}

/// A client that has just been made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedClient")]
pub struct CreatedClientObject<'a> {
    id: Prefixed,
    client_id: &'a str,
    /// Shown this once; web and machine only.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    name: &'a str,
    #[serde(rename = "type")]
    kind: KnownWord<ClientKind>,
    #[serde(skip_serializing_if = "Uris::is_empty")]
    redirect_uris: Uris,
}

/// A page of clients.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClientList")]
pub struct ClientObjectList<'a> {
    data: Vec<ClientRow<'a>>,
    /// What `cursor` takes for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<'a> From<&'a RegisteredClient> for ClientObject<'a> {
    fn from(found: &'a RegisteredClient) -> Self {
        let RegisteredClient { client, registration } = found;
        Self {
            id: Prefixed(client.id.prefixed()),
            tenant_id: Prefixed(client.tenant.prefixed()),
            name: &client.name,
            kind: KnownWord(client.kind),
            client_id: &client.client_id,
            redirect_uris: Uris::of(&registration.redirect_uris),
            allowed_origins: texts(&registration.allowed_origins),
            grant_types: grant_types(found),
            scopes: scopes(found),
            post_logout_redirect_uris: Uris::of(&registration.post_logout_redirect_uris),
            created_at: registration.created_at.into(),
        }
    }
}

impl<'a> From<&'a RegisteredClient> for ClientRow<'a> {
    fn from(found: &'a RegisteredClient) -> Self {
        Self {
            id: Prefixed(found.client.id.prefixed()),
            name: &found.client.name,
            kind: KnownWord(found.client.kind),
            redirect_uris: Uris::of(&found.registration.redirect_uris),
            created_at: found.registration.created_at.into(),
        }
    }
}

/// A new client, as it is described.
pub fn draft_schema() -> Schema {
    Members::schema().requiring(&["name", "type"])
}

/// A change, as it is described.
pub fn patch_schema() -> Schema {
    Members::schema().without(&FIXED.map(|(name, _)| name))
}

fn patch(sent: &mut Fields) -> ClientPatch {
    let members = Members::read(sent);
    ClientPatch {
        kind: members.kind.map(|kind| SentKind::Exactly(kind.0)),
        name: members.name.map(|name| name.0),
        grant_types: members.grant_types,
        redirect_uris: members.redirect_uris.map(|uris| uris.0),
        allowed_origins: members.allowed_origins,
        post_logout_redirect_uris: members.post_logout_redirect_uris.map(|uris| uris.0),
        scopes: members.scopes,
        ..ClientPatch::default()
    }
}

/// `GET /v1/clients`.
pub async fn list(task: Task) -> Answer {
    let Listed { rows: clients, total: _, next_cursor } = registrations::page(&task).await?;
    json(
        StatusCode::OK,
        &ClientObjectList { data: clients.iter().map(ClientRow::from).collect(), next_cursor },
    )
}

/// `POST /v1/clients`.
pub async fn create(mut task: Task) -> Answer {
    let mut sent: Fields = task.call.json().await?;
    let draft = ClientDraft::from(patch(&mut sent));
    let draft = ClientDraft { unread: sent.unread(), ..draft };
    registrations::create(&task, &CONTRACT, &draft, |made| {
        let RegisteredClient { client, registration } = &made.registered;
        let created = CreatedClientObject {
            id: Prefixed(client.id.prefixed()),
            client_id: &client.client_id,
            client_secret: made.secret.as_ref().map(|secret| secret.text.as_str()),
            name: &client.name,
            kind: KnownWord(client.kind),
            redirect_uris: Uris::of(&registration.redirect_uris),
        };
        json(StatusCode::CREATED, &created)
    })
    .await
}

/// `GET /v1/clients/:id`.
pub async fn show(task: Task) -> Answer {
    let found = registrations::existing(&task, ID).await?;
    task.show(&tag(&found.client), json(StatusCode::OK, &ClientObject::from(&found)))
}

/// `PATCH /v1/clients/:id`.
pub async fn update(mut task: Task) -> Answer {
    let mut sent: Fields = task.call.json().await?;
    for (name, why) in FIXED {
        sent.refuse(name, why);
    }
    let patch = patch(&mut sent);
    let patch = ClientPatch { unread: sent.unread(), ..patch };
    let after = registrations::update(&task, &CONTRACT, ID, &patch).await?;
    tagged(&tag(&after.client), json(StatusCode::OK, &ClientObject::from(&after)))
}

/// `DELETE /v1/clients/:id`.
pub async fn delete(task: Task) -> Answer {
    registrations::delete(&task, &CONTRACT, ID).await?;
    Ok(no_content())
}

/// `POST /v1/clients/:id/rotate-secret`.
pub async fn rotate_secret(task: Task) -> Answer {
    let rotated = registrations::rotate(&task, &CONTRACT, ID).await?;
    json(StatusCode::OK, &NewSecret::from(&rotated))
}

//! The **clients** contract: `/v1/clients`.

use http::StatusCode;
use serde::Serialize;
use writ_core::client::{ClientDraft, ClientKind, ClientPatch, Field, Profile, RegisteredClient, SentKind};

use super::fields::Fields;
use super::sent::{Sent, given};
use super::wire::{NewSecret, json, no_content, time};
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::registrations::{self, Contract, Listed, Named, grant_types, scopes, tag, texts};

const CONTRACT: Contract = Contract { profile: Profile::CLIENTS, spelling };
const ID: Named = Named::PrefixedOrClientId("id");

fn spelling(field: &Field) -> Option<&'static str> {
    match field {
        Field::Name => Some("name"),
        Field::Kind => Some("type"),
        Field::GrantTypes => Some("grant_types"),
        Field::RedirectUris => Some("redirect_uris"),
        Field::PostLogoutRedirectUris => Some("post_logout_redirect_uris"),
        Field::AllowedOrigins => Some("allowed_origins"),
        Field::Scopes => Some("scopes"),
        Field::Description
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

/// The Client Object.
#[derive(Serialize)]
struct View<'a> {
    id: String,
    tenant_id: String,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    client_id: &'a str,
    redirect_uris: Vec<String>,
    allowed_origins: Vec<String>,
    grant_types: Vec<&'static str>,
    scopes: Vec<&'a str>,
    post_logout_redirect_uris: Vec<String>,
    created_at: String,
}

/// What a list shows.
#[derive(Serialize)]
struct Row<'a> {
    id: String,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    redirect_uris: Vec<String>,
    created_at: String,
}

#[derive(Serialize)]
struct Created<'a> {
    id: String,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    redirect_uris: Vec<String>,
}

#[derive(Serialize)]
struct List<'a> {
    data: Vec<Row<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<'a> From<&'a RegisteredClient> for View<'a> {
    fn from(found: &'a RegisteredClient) -> Self {
        let RegisteredClient { client, registration } = found;
        Self {
            id: client.id.prefixed(),
            tenant_id: client.tenant.prefixed(),
            name: &client.name,
            kind: client.kind.name(),
            client_id: &client.client_id,
            redirect_uris: texts(&registration.redirect_uris),
            allowed_origins: texts(&registration.allowed_origins),
            grant_types: grant_types(found),
            scopes: scopes(found),
            post_logout_redirect_uris: texts(&registration.post_logout_redirect_uris),
            created_at: time(registration.created_at),
        }
    }
}

impl<'a> From<&'a RegisteredClient> for Row<'a> {
    fn from(found: &'a RegisteredClient) -> Self {
        Self {
            id: found.client.id.prefixed(),
            name: &found.client.name,
            kind: found.client.kind.name(),
            redirect_uris: texts(&found.registration.redirect_uris),
            created_at: time(found.registration.created_at),
        }
    }
}

fn draft(fields: Fields) -> ClientDraft {
    let mut sent = Sent::from(fields);
    let kind =
        sent.word(("type", Field::Kind), "must be one of web, spa, native, machine", ClientKind::by_name);
    let draft = ClientDraft {
        kind: given(kind).map(SentKind::Exactly),
        name: given(sent.text("name", Field::Name)),
        redirect_uris: given(sent.texts("redirect_uris", Field::RedirectUris)),
        allowed_origins: given(sent.texts("allowed_origins", Field::AllowedOrigins)),
        grant_types: given(sent.texts("grant_types", Field::GrantTypes)),
        post_logout_redirect_uris: given(
            sent.texts("post_logout_redirect_uris", Field::PostLogoutRedirectUris),
        ),
        scopes: given(sent.texts("scopes", Field::Scopes)),
        ..ClientDraft::default()
    };
    ClientDraft { unread: sent.wrong(), ..draft }
}

fn patch(fields: Fields) -> ClientPatch {
    let mut sent = Sent::from(fields);
    sent.refuse("type", "is fixed when the client is made");
    sent.refuse("grant_types", "are fixed when the client is made");
    let patch = ClientPatch {
        name: sent.text("name", Field::Name),
        redirect_uris: sent.texts("redirect_uris", Field::RedirectUris),
        allowed_origins: sent.texts("allowed_origins", Field::AllowedOrigins),
        post_logout_redirect_uris: sent.texts("post_logout_redirect_uris", Field::PostLogoutRedirectUris),
        scopes: sent.texts("scopes", Field::Scopes),
        ..ClientPatch::default()
    };
    ClientPatch { unread: sent.wrong(), ..patch }
}

/// `GET /v1/clients`.
pub async fn list(task: Task) -> Answer {
    let Listed { clients, total: _, next_cursor } = registrations::page(&task).await?;
    json(StatusCode::OK, &List { data: clients.iter().map(Row::from).collect(), next_cursor })
}

/// `POST /v1/clients`.
pub async fn create(mut task: Task) -> Answer {
    let draft = draft(task.call.json().await?);
    registrations::create(&task, &CONTRACT, &draft, |made| {
        let RegisteredClient { client, registration } = &made.registered;
        let created = Created {
            id: client.id.prefixed(),
            client_id: &client.client_id,
            client_secret: made.secret.as_ref().map(|secret| secret.text.as_str()),
            name: &client.name,
            kind: client.kind.name(),
            redirect_uris: texts(&registration.redirect_uris),
        };
        json(StatusCode::CREATED, &created)
    })
    .await
}

/// `GET /v1/clients/:id`.
pub async fn show(task: Task) -> Answer {
    let found = registrations::existing(&task, ID).await?;
    task.show(&tag(&found.client), json(StatusCode::OK, &View::from(&found)))
}

/// `PATCH /v1/clients/:id`.
pub async fn update(mut task: Task) -> Answer {
    let patch = patch(task.call.json().await?);
    let after = registrations::update(&task, &CONTRACT, ID, &patch).await?;
    tagged(&tag(&after.client), json(StatusCode::OK, &View::from(&after)))
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

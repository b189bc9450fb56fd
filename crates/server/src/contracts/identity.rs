//! The **identity** contract: `/v1/admin/oauth-clients`.

use http::StatusCode;
use serde::Serialize;
use writ_core::change::Enabled;
use writ_core::client::{
    ClientDraft, ClientPatch, Field, Party, Profile, RegisteredClient, SentKind, Update,
};

use super::fields::Fields;
use super::sent::{Sent, given};
use super::wire::{NewSecret, json, no_content, time};
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::registrations::{self, Contract, Listed, Named, scopes, tag, texts};

const CONTRACT: Contract = Contract { profile: Profile::IDENTITY, spelling };
const ID: Named = Named::ClientIdOrUuid("id");

fn spelling(field: &Field) -> Option<&'static str> {
    match field {
        Field::Name => Some("client_name"),
        Field::Kind => Some("client_type"),
        Field::RedirectUris => Some("redirect_uris"),
        Field::AllowedOrigins => Some("allowed_origins"),
        Field::Scopes => Some("allowed_scopes"),
        Field::Enabled => Some("enabled"),
        Field::FirstParty => Some("is_first_party"),
        Field::ClientUri => Some("client_uri"),
        Field::LogoUri => Some("logo_uri"),
        Field::Description
        | Field::GrantTypes
        | Field::PostLogoutRedirectUris
        | Field::AccessLifetime
        | Field::RefreshLifetime
        | Field::RequirePkce
        | Field::Setting(_)
        | Field::Overlap
        | Field::Other(_) => None,
    }
}

#[derive(Serialize)]
struct View<'a> {
    id: String,
    client_id: &'a str,
    client_name: &'a str,
    client_uri: Option<&'a str>,
    logo_uri: Option<&'a str>,
    client_type: &'static str,
    redirect_uris: Vec<String>,
    allowed_scopes: Vec<&'a str>,
    allowed_origins: Vec<String>,
    owner_id: Option<String>,
    brand_id: String,
    is_first_party: bool,
    enabled: bool,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct One<'a> {
    client: View<'a>,
}

#[derive(Serialize)]
struct Created<'a> {
    client: View<'a>,
    client_secret: Option<&'a str>,
}

#[derive(Serialize)]
struct List<'a> {
    clients: Vec<View<'a>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<'a> From<&'a RegisteredClient> for View<'a> {
    fn from(found: &'a RegisteredClient) -> Self {
        let RegisteredClient { client, registration } = found;
        Self {
            id: client.id.to_string(),
            client_id: &client.client_id,
            client_name: &client.name,
            client_uri: registration.client_uri.as_ref().map(writ_core::client::WebUri::as_str),
            logo_uri: registration.logo_uri.as_ref().map(writ_core::client::WebUri::as_str),
            client_type: if client.kind.is_confidential() { "confidential" } else { "public" },
            redirect_uris: texts(&registration.redirect_uris),
            allowed_scopes: scopes(found),
            allowed_origins: texts(&registration.allowed_origins),
            owner_id: registration.owner.map(|owner| owner.to_string()),
            brand_id: client.tenant.to_string(),
            is_first_party: client.party == Party::First,
            enabled: client.enabled.is_yes(),
            created_at: time(registration.created_at),
            updated_at: time(registration.updated_at),
        }
    }
}

fn kind(sent: &mut Sent) -> Update<SentKind> {
    sent.word(("client_type", Field::Kind), "must be confidential or public", |word| match word {
        "confidential" => Some(SentKind::Confidential),
        "public" => Some(SentKind::Public),
        _ => None,
    })
}

fn draft(fields: Fields) -> ClientDraft {
    let mut sent = Sent::from(fields);
    let draft = ClientDraft {
        kind: given(kind(&mut sent)),
        name: given(sent.text("client_name", Field::Name)),
        redirect_uris: given(sent.texts("redirect_uris", Field::RedirectUris)),
        allowed_origins: given(sent.texts("allowed_origins", Field::AllowedOrigins)),
        scopes: given(sent.texts("allowed_scopes", Field::Scopes)),
        client_uri: given(sent.text("client_uri", Field::ClientUri)),
        logo_uri: given(sent.text("logo_uri", Field::LogoUri)),
        ..ClientDraft::default()
    };
    sent.nothing_else();
    ClientDraft { unread: sent.wrong(), ..draft }
}

fn patch(fields: Fields) -> ClientPatch {
    let mut sent = Sent::from(fields);
    let party = |first| if first { Party::First } else { Party::Third };
    let patch = ClientPatch {
        kind: kind(&mut sent),
        name: sent.text("client_name", Field::Name),
        redirect_uris: sent.texts("redirect_uris", Field::RedirectUris),
        allowed_origins: sent.texts("allowed_origins", Field::AllowedOrigins),
        scopes: sent.texts("allowed_scopes", Field::Scopes),
        client_uri: sent.text("client_uri", Field::ClientUri),
        logo_uri: sent.text("logo_uri", Field::LogoUri),
        party: sent.flag("is_first_party", Field::FirstParty).map(party),
        enabled: sent.flag("enabled", Field::Enabled).map(Enabled::from),
        ..ClientPatch::default()
    };
    sent.nothing_else();
    ClientPatch { unread: sent.wrong(), ..patch }
}

/// `GET /v1/admin/oauth-clients`.
pub async fn list(task: Task) -> Answer {
    let Listed { clients, total, next_cursor } = registrations::page(&task).await?;
    json(StatusCode::OK, &List { clients: clients.iter().map(View::from).collect(), total, next_cursor })
}

/// `POST /v1/admin/oauth-clients`.
pub async fn create(mut task: Task) -> Answer {
    let draft = draft(task.call.json().await?);
    registrations::create(&task, &CONTRACT, &draft, |made| {
        let client_secret = made.secret.as_ref().map(|secret| secret.text.as_str());
        json(StatusCode::CREATED, &Created { client: View::from(&made.registered), client_secret })
    })
    .await
}

/// `GET /v1/admin/oauth-clients/{id}`.
pub async fn show(task: Task) -> Answer {
    let found = registrations::existing(&task, ID).await?;
    task.show(&tag(&found.client), json(StatusCode::OK, &One { client: View::from(&found) }))
}

/// `PATCH /v1/admin/oauth-clients/{id}`.
pub async fn update(mut task: Task) -> Answer {
    let patch = patch(task.call.json().await?);
    let after = registrations::update(&task, &CONTRACT, ID, &patch).await?;
    tagged(&tag(&after.client), json(StatusCode::OK, &One { client: View::from(&after) }))
}

/// `DELETE /v1/admin/oauth-clients/{id}`.
pub async fn delete(task: Task) -> Answer {
    registrations::delete(&task, &CONTRACT, ID).await?;
    Ok(no_content())
}

/// `POST /v1/admin/oauth-clients/{id}/rotate-secret`.
pub async fn rotate_secret(task: Task) -> Answer {
    let rotated = registrations::rotate(&task, &CONTRACT, ID).await?;
    json(StatusCode::OK, &NewSecret::from(&rotated))
}

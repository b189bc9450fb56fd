//! The **tenant** contract: `/api/v1/oauth/admin/clients`, and what people may know of a client.

use http::StatusCode;
use serde::Serialize;
use writ_core::change::Enabled;
use writ_core::client::{ClientDraft, ClientPatch, Field, Profile, RegisteredClient};

use super::fields::Fields;
use super::sent::{Sent, given};
use super::wire::{json, time};
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::registrations::{self, Contract, Listed, Named, grant_types, scopes, tag, texts};

const CONTRACT: Contract = Contract { profile: Profile::TENANT, spelling };
const ID: Named = Named::Uuid("id");

fn spelling(field: &Field) -> Option<&'static str> {
    match field {
        Field::Name => Some("name"),
        Field::Description => Some("description"),
        Field::GrantTypes => Some("grantTypes"),
        Field::RedirectUris => Some("redirectURIs"),
        Field::Scopes => Some("scopes"),
        Field::AccessLifetime => Some("accessTokenTTL"),
        Field::RefreshLifetime => Some("refreshTokenTTL"),
        Field::Enabled => Some("enabled"),
        Field::Kind
        | Field::PostLogoutRedirectUris
        | Field::AllowedOrigins
        | Field::FirstParty
        | Field::ClientUri
        | Field::LogoUri
        | Field::RequirePkce
        | Field::Setting(_)
        | Field::Overlap
        | Field::Other(_) => None,
    }
}

#[derive(Serialize)]
struct Envelope<T> {
    success: bool,
    data: T,
}

impl<T: Serialize> Envelope<T> {
    fn answer(status: StatusCode, data: T) -> Answer {
        json(status, &Self { success: true, data })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: String,
    tenant_id: String,
    client_id: &'a str,
    client_secret: Option<String>,
    name: &'a str,
    description: Option<&'a str>,
    grant_types: Vec<&'static str>,
    #[serde(rename = "redirectURIs")]
    redirect_uris: Vec<String>,
    scopes: Vec<&'a str>,
    #[serde(rename = "accessTokenTTL")]
    access_lifetime: i64,
    #[serde(rename = "refreshTokenTTL")]
    refresh_lifetime: i64,
    enabled: bool,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct One<T> {
    client: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    clients: Vec<View<'a>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Regenerated<'a> {
    client_id: &'a str,
    client_secret: &'a str,
}

/// What anybody who signs in may know.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublicView<'a> {
    client_id: &'a str,
    name: &'a str,
    description: Option<&'a str>,
    scopes: Vec<&'a str>,
}

impl<'a> View<'a> {
    fn of(found: &'a RegisteredClient, secret: Option<String>) -> Self {
        let RegisteredClient { client, registration } = found;
        Self {
            id: client.id.to_string(),
            tenant_id: client.tenant.to_string(),
            client_id: &client.client_id,
            client_secret: secret,
            name: &client.name,
            description: registration.description.as_deref(),
            grant_types: grant_types(found),
            redirect_uris: texts(&registration.redirect_uris),
            scopes: scopes(found),
            access_lifetime: client.tokens.access_lifetime.0,
            refresh_lifetime: client.tokens.refresh_lifetime.0,
            enabled: client.enabled.is_yes(),
            created_at: time(registration.created_at),
            updated_at: time(registration.updated_at),
        }
    }

    fn masked(found: &'a RegisteredClient) -> Self {
        Self::of(found, found.masked_secret())
    }
}

/// Members of the object that the server alone decides.
fn refuse_the_servers(sent: &mut Sent) {
    sent.refuse("clientId", "is made by the server and never changes");
    sent.refuse("clientSecret", "is made by the server; POST …/regenerate-secret makes another one");
}

fn draft(fields: Fields) -> ClientDraft {
    let mut sent = Sent::from(fields);
    refuse_the_servers(&mut sent);
    let draft = ClientDraft {
        name: given(sent.text("name", Field::Name)),
        description: given(sent.text("description", Field::Description)),
        grant_types: given(sent.texts("grantTypes", Field::GrantTypes)),
        redirect_uris: given(sent.texts("redirectURIs", Field::RedirectUris)),
        scopes: given(sent.texts("scopes", Field::Scopes)),
        access_lifetime: given(sent.number("accessTokenTTL", Field::AccessLifetime)),
        refresh_lifetime: given(sent.number("refreshTokenTTL", Field::RefreshLifetime)),
        enabled: given(sent.flag("enabled", Field::Enabled)).map(Enabled::from),
        ..ClientDraft::default()
    };
    sent.nothing_else();
    ClientDraft { unread: sent.wrong(), ..draft }
}

fn patch(fields: Fields) -> ClientPatch {
    let mut sent = Sent::from(fields);
    refuse_the_servers(&mut sent);
    let patch = ClientPatch {
        name: sent.text("name", Field::Name),
        description: sent.text("description", Field::Description),
        grant_types: sent.texts("grantTypes", Field::GrantTypes),
        redirect_uris: sent.texts("redirectURIs", Field::RedirectUris),
        scopes: sent.texts("scopes", Field::Scopes),
        access_lifetime: sent.number("accessTokenTTL", Field::AccessLifetime),
        refresh_lifetime: sent.number("refreshTokenTTL", Field::RefreshLifetime),
        enabled: sent.flag("enabled", Field::Enabled).map(Enabled::from),
        ..ClientPatch::default()
    };
    sent.nothing_else();
    ClientPatch { unread: sent.wrong(), ..patch }
}

/// `GET /api/v1/oauth/admin/clients`.
pub async fn list(task: Task) -> Answer {
    let Listed { clients, total, next_cursor } = registrations::page(&task).await?;
    let clients = clients.iter().map(View::masked).collect();
    Envelope::answer(StatusCode::OK, List { clients, total, next_cursor })
}

/// `POST /api/v1/oauth/admin/clients`.
pub async fn create(mut task: Task) -> Answer {
    let draft = draft(task.call.json().await?);
    registrations::create(&task, &CONTRACT, &draft, |made| {
        let secret = made.secret.as_ref().map(|secret| secret.text.to_string());
        Envelope::answer(StatusCode::CREATED, One { client: View::of(&made.registered, secret) })
    })
    .await
}

fn one(found: &RegisteredClient) -> Answer {
    Envelope::answer(StatusCode::OK, One { client: View::masked(found) })
}

/// `GET /api/v1/oauth/admin/clients/{id}`.
pub async fn show(task: Task) -> Answer {
    let found = registrations::existing(&task, ID).await?;
    task.show(&tag(&found.client), one(&found))
}

/// `PUT /api/v1/oauth/admin/clients/{id}`: changes only what is sent.
pub async fn update(mut task: Task) -> Answer {
    let patch = patch(task.call.json().await?);
    let after = registrations::update(&task, &CONTRACT, ID, &patch).await?;
    tagged(&tag(&after.client), one(&after))
}

/// `DELETE /api/v1/oauth/admin/clients/{id}`.
pub async fn delete(task: Task) -> Answer {
    registrations::delete(&task, &CONTRACT, ID).await?;
    Envelope::answer(StatusCode::OK, None::<()>)
}

/// `POST /api/v1/oauth/admin/clients/{id}/regenerate-secret`.
pub async fn regenerate_secret(task: Task) -> Answer {
    let rotated = registrations::rotate(&task, &CONTRACT, ID).await?;
    let data =
        Regenerated { client_id: &rotated.client.client_id, client_secret: rotated.secret.text.as_str() };
    Envelope::answer(StatusCode::OK, data)
}

/// `GET /api/v1/oauth/clients/{client_id}` by a person.
pub(super) async fn public_information(task: &Task) -> Answer {
    let found = registrations::existing(task, Named::ClientIdOrUuid("client_id")).await?;
    let client = PublicView {
        client_id: &found.client.client_id,
        name: &found.client.name,
        description: found.registration.description.as_deref(),
        scopes: scopes(&found),
    };
    task.show(&tag(&found.client), Envelope::answer(StatusCode::OK, One { client }))
}

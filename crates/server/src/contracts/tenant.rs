//! The **tenant** contract: `/api/v1/oauth/admin/clients`, and what people may know of a client.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use writ_core::change::Enabled;
use writ_core::client::{ClientDraft, ClientPatch, Field, Profile, RegisteredClient};
use writ_core::shell_reason::ShellReason;

use super::fields::Fields;
use super::members::{Name, Time, Uris, Uuid, members};
use super::wire::json;
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::call::schema::Schema;
use crate::manage::registrations::{self, ContractRules, PathEnd, grant_types, scopes, tag};

const CONTRACT: ContractRules = ContractRules { profile: Profile::TENANT, spelling: Members::spelling };
const ID: PathEnd = PathEnd::Uuid("id");

members! {
    /// What is sent of a client.
    Members {
        "name" name: Name => Field::Name,
        "description" description: String => Field::Description,
        "grantTypes" grant_types: Vec<String> => Field::GrantTypes,
        "redirectURIs" redirect_uris: Uris => Field::RedirectUris,
        "scopes" scopes: Vec<String> => Field::Scopes,
        /// Seconds.
        "accessTokenTTL" access_lifetime: i64 => Field::AccessLifetime,
        /// Seconds.
        "refreshTokenTTL" refresh_lifetime: i64 => Field::RefreshLifetime,
        "enabled" enabled: bool => Field::Enabled,
    }
}

/// Whatever is answered.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Envelope<T> {
    /// true
    success: bool,
    data: T,
}

impl<T: Serialize> Envelope<T> {
    fn answer(status: StatusCode, data: T) -> Answer {
        json(status, &Self { success: true, data })
    }
}

/// A client.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TenantClient")]
pub struct TenantClientView<'a> {
    id: Uuid,
    tenant_id: Uuid,
    client_id: &'a str,
    /// Masked, but where it is made; null: it has none.
    client_secret: Option<String>,
    name: &'a str,
    description: Option<&'a str>,
    grant_types: Vec<&'static str>,
    #[serde(rename = "redirectURIs")]
    redirect_uris: Uris,
    scopes: Vec<&'a str>,
    /// Seconds.
    #[serde(rename = "accessTokenTTL")]
    access_lifetime: i64,
    /// Seconds.
    #[serde(rename = "refreshTokenTTL")]
    refresh_lifetime: i64,
    enabled: bool,
    created_at: Time,
    updated_at: Time,
}

/// One client.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub struct One<T> {
    client: T,
}

/// A page of clients.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TenantClientList")]
pub struct TenantClientList<'a> {
    clients: Vec<TenantClientView<'a>>,
    /// How many there are in all.
    total: i64,
    /// What `cursor` takes for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A new secret.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TenantClientSecret")]
pub struct Regenerated<'a> {
    client_id: &'a str,
    /// Shown this once.
    client_secret: &'a str,
}

/// What anybody who signs in may know.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PublicClient")]
pub struct PublicView<'a> {
    client_id: &'a str,
    name: &'a str,
    description: Option<&'a str>,
    scopes: Vec<&'a str>,
}

impl<'a> TenantClientView<'a> {
    fn of(found: &'a RegisteredClient, secret: Option<String>) -> Self {
        let RegisteredClient { client, registration } = found;
        Self {
            id: Uuid::of(client.id),
            tenant_id: Uuid::of(client.tenant),
            client_id: &client.client_id,
            client_secret: secret,
            name: &client.name,
            description: registration.description.as_deref(),
            grant_types: grant_types(found),
            redirect_uris: Uris::of(&registration.redirect_uris),
            scopes: scopes(found),
            access_lifetime: client.tokens.access_lifetime.0,
            refresh_lifetime: client.tokens.refresh_lifetime.0,
            enabled: client.enabled.is_yes(),
            created_at: registration.created_at.into(),
            updated_at: registration.updated_at.into(),
        }
    }

    fn masked(found: &'a RegisteredClient) -> Self {
        Self::of(found, found.masked_secret())
    }
}

/// Members of the object that the server alone decides.
fn refuse_the_servers(sent: &mut Fields) {
    sent.refuse("clientId", ShellReason::ServerMakesOnce);
    sent.refuse("clientSecret", ShellReason::SecretByRegenerateSecret);
}

/// A new client, as it is described.
pub fn draft_schema() -> Schema {
    Members::schema().requiring(&["name", "grantTypes"]).closed()
}

/// A change, as it is described.
pub fn patch_schema() -> Schema {
    Members::schema().closed()
}

fn patch(fields: Fields) -> ClientPatch {
    let mut sent = fields;
    refuse_the_servers(&mut sent);
    let members = Members::read(&mut sent);
    sent.nothing_else();
    ClientPatch {
        name: members.name.map(|name| name.0),
        description: members.description,
        grant_types: members.grant_types,
        redirect_uris: members.redirect_uris.map(|uris| uris.0),
        scopes: members.scopes,
        access_lifetime: members.access_lifetime,
        refresh_lifetime: members.refresh_lifetime,
        enabled: members.enabled.map(Enabled::from),
        unread: sent.unread(),
        ..ClientPatch::default()
    }
}

/// `GET /api/v1/oauth/admin/clients`.
pub async fn list(task: Task) -> Answer {
    let Listed { rows: clients, total, next_cursor } = registrations::page(&task).await?;
    let clients = clients.iter().map(TenantClientView::masked).collect();
    Envelope::answer(StatusCode::OK, TenantClientList { clients, total, next_cursor })
}

/// `POST /api/v1/oauth/admin/clients`.
pub async fn create(mut task: Task) -> Answer {
    let draft = ClientDraft::from(patch(task.call.json().await?));
    registrations::create(&task, &CONTRACT, &draft, |made| {
        let secret = made.secret.as_ref().map(|secret| secret.text.to_string());
        Envelope::answer(StatusCode::CREATED, One { client: TenantClientView::of(&made.registered, secret) })
    })
    .await
}

fn one(found: &RegisteredClient) -> Answer {
    Envelope::answer(StatusCode::OK, One { client: TenantClientView::masked(found) })
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
    let found = registrations::existing(task, PathEnd::ClientIdOrUuid("client_id")).await?;
    let client = PublicView {
        client_id: &found.client.client_id,
        name: &found.client.name,
        description: found.registration.description.as_deref(),
        scopes: scopes(&found),
    };
    task.show(&tag(&found.client), Envelope::answer(StatusCode::OK, One { client }))
}

//! `/api/v1/resources`: the APIs that access tokens are for (RFC 8707).

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use writ_core::client::{TokenShape, Update};
use writ_core::manage::resources::ResourcePatch;
use writ_core::resource::{Resource, ResourceClients};
use writ_jose::Algorithm;

use super::fields::Fields;
use super::members::{KnownWord, Time, Uuid};
use super::wire::{json, no_content};
use crate::call::fault::Fault;
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::resources;

/// A resource.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Resource")]
pub struct ResourceView<'a> {
    /// The row id.
    id: Uuid,
    /// What `resource` and `aud` call it: an absolute URI.
    identifier: &'a str,
    /// What people read.
    name: &'a str,
    /// The scopes that belong to it.
    scopes: Vec<&'a str>,
    /// null: as the client's are.
    access_token_format: Option<KnownWord<TokenShape>>,
    /// null: what the client's, or the tenant's, are signed with.
    access_token_signed_response_alg: Option<KnownWord<Algorithm>>,
    /// Seconds; null: as long as the client's live.
    access_token_lifetime: Option<i64>,
    /// The clients that may ask for tokens for it; null: every client of the tenant.
    clients: Option<&'a [Box<str>]>,
    /// The clients that may introspect its tokens.
    introspection_clients: &'a [Box<str>],
    created_at: Time,
    updated_at: Time,
}

/// A page of resources.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ResourceList")]
pub struct ResourceList<'a> {
    resources: Vec<ResourceView<'a>>,
    /// How many there are in all.
    total: i64,
    /// What `cursor` takes for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<'a> From<&'a Resource> for ResourceView<'a> {
    fn from(resource: &'a Resource) -> Self {
        let tokens = resource.tokens;
        Self {
            id: Uuid::of(resource.id),
            identifier: resource.identifier.as_str(),
            name: &resource.name,
            scopes: resource.scope.iter().collect(),
            access_token_format: tokens.shape.map(KnownWord),
            access_token_signed_response_alg: tokens.algorithm.map(KnownWord),
            access_token_lifetime: tokens.lifetime.map(|lifetime| lifetime.0),
            clients: match &resource.clients {
                ResourceClients::All => None,
                ResourceClients::Listed(list) => Some(list),
            },
            introspection_clients: &resource.introspectors,
            created_at: resource.created_at.into(),
            updated_at: resource.updated_at.into(),
        }
    }
}

/// The body of a request.
async fn patch(task: &mut Task) -> Result<ResourcePatch, Fault> {
    let mut body: Fields = task.call.json().await?;
    let shapes = "jwt or opaque";
    let algorithms = "one of ES256, EdDSA, RS256 and PS256";
    let lifetime = body.member::<i64>("access_token_lifetime", "access_token_lifetime".into());
    let mut patch = ResourcePatch {
        identifier: body.text("identifier"),
        name: body.text("name"),
        scopes: Update::sent(body.texts("scopes")),
        shape: Update::sent(body.word("access_token_format", shapes, TokenShape::by_name)),
        algorithm: Update::sent(body.word("access_token_signed_response_alg", algorithms, Algorithm::parse)),
        lifetime,
        clients: Update::sent(body.texts("clients")),
        introspectors: Update::sent(body.texts("introspection_clients")),
        ..ResourcePatch::default()
    };
    body.nothing_else();
    patch.unread = body.unread();
    Ok(patch)
}

/// `GET /api/v1/resources`: newest first.
pub async fn list(task: Task) -> Answer {
    let Listed { rows, total, next_cursor } = resources::page(&task).await?;
    let resources = rows.iter().map(ResourceView::from).collect();
    json(StatusCode::OK, &ResourceList { resources, total, next_cursor })
}

/// `POST /api/v1/resources`.
pub async fn create(mut task: Task) -> Answer {
    let patch = patch(&mut task).await?;
    resources::create(&task, &patch, |made| json(StatusCode::CREATED, &ResourceView::from(made))).await
}

/// `GET /api/v1/resources/{resource_id}`.
pub async fn show(task: Task) -> Answer {
    let found = resources::existing(&task).await?;
    task.show(&resources::tag(&found), json(StatusCode::OK, &ResourceView::from(&found)))
}

/// `PATCH /api/v1/resources/{resource_id}`: changes only what is sent.
pub async fn update(mut task: Task) -> Answer {
    let patch = patch(&mut task).await?;
    let resource = resources::update(&task, &patch).await?;
    tagged(&resources::tag(&resource), json(StatusCode::OK, &ResourceView::from(&resource)))
}

/// `DELETE /api/v1/resources/{resource_id}`.
pub async fn delete(task: Task) -> Answer {
    resources::delete(&task).await?;
    Ok(no_content())
}

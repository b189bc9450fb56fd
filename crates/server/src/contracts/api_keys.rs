//! `/api/v1/api-keys`: made, listed, changed and revoked; shown once.

use http::StatusCode;
use serde::Serialize;
use writ_core::manage::api_keys::{ApiKeyDraft, ApiKeyPatch, MadeApiKey};
use writ_core::user::ShownApiKey;

use super::fields::Fields;
use super::wire::{json, no_content, time};
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::api_keys;

#[derive(Serialize)]
struct ApiKeyView {
    id: String,
    name: String,
    masked: String,
    permissions: Vec<&'static str>,
    created_at: String,
    expires_at: Option<String>,
    allowed_networks: Vec<String>,
    last_used_at: Option<String>,
}

#[derive(Serialize)]
struct CreatedApiKey<'a> {
    #[serde(flatten)]
    view: ApiKeyView,
    api_key: &'a str,
}

#[derive(Serialize)]
struct ApiKeyList {
    api_keys: Vec<ApiKeyView>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<&ShownApiKey> for ApiKeyView {
    fn from(shown: &ShownApiKey) -> Self {
        Self {
            id: shown.key.id.to_string(),
            name: shown.key.name.to_string(),
            masked: shown.masked(),
            permissions: shown.key.permissions.names().collect(),
            created_at: time(shown.created_at),
            expires_at: shown.key.expires_at.map(time),
            allowed_networks: shown.key.networks.texts(),
            last_used_at: shown.last_used_at.map(time),
        }
    }
}

/// `GET /api/v1/api-keys`.
pub async fn list(task: Task) -> Answer {
    let Listed { rows, total, next_cursor } = api_keys::page(&task).await?;
    json(
        StatusCode::OK,
        &ApiKeyList { api_keys: rows.iter().map(ApiKeyView::from).collect(), total, next_cursor },
    )
}

/// `POST /api/v1/api-keys`.
pub async fn create(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let draft = ApiKeyDraft {
        name: body.text("name"),
        permissions: body.permissions("permissions"),
        expires_at: body.time("expires_at").flatten(),
        networks: body.networks("allowed_networks"),
        unread: body.unread(),
    };
    let shown = |made: &MadeApiKey| {
        json(
            StatusCode::CREATED,
            &CreatedApiKey { view: ApiKeyView::from(&made.shown), api_key: &made.secret },
        )
    };
    api_keys::create(&task, &draft, shown).await
}

/// `GET /api/v1/api-keys/{id}`.
pub async fn show(task: Task) -> Answer {
    let found = api_keys::existing(&task).await?;
    task.show(&api_keys::tag(&found), json(StatusCode::OK, &ApiKeyView::from(&found)))
}

/// `PUT /api/v1/api-keys/{id}`: changes only what is sent.
pub async fn update(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let patch = ApiKeyPatch {
        name: body.text("name"),
        permissions: body.permissions("permissions"),
        expires_at: body.time("expires_at"),
        networks: body.networks("allowed_networks"),
        lockout: body.lockout(),
        unread: body.unread(),
    };
    let shown = api_keys::update(&task, &patch).await?;
    tagged(&api_keys::tag(&shown), json(StatusCode::OK, &ApiKeyView::from(&shown)))
}

/// `DELETE /api/v1/api-keys/{id}`.
pub async fn delete(task: Task) -> Answer {
    api_keys::revoke(&task).await?;
    Ok(no_content())
}

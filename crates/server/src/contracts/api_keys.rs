//! `/api/v1/api-keys`: made, listed, changed and revoked; shown once.

use http::StatusCode;
use serde::Serialize;
use writ_core::ids::ApiKeyId;
use writ_core::manage::api_keys::{self, ApiKeyDraft, ApiKeyPatch, MadeApiKey};
use writ_core::manage::no_such;
use writ_core::user::ShownApiKey;
use writ_store::After;

use super::fields::Fields;
use super::wire::{Page, json, no_content, time};
use crate::call::fault::Fault;
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;
use crate::state::rounds::Verdict;

#[derive(Serialize)]
struct View {
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
struct Created<'a> {
    #[serde(flatten)]
    view: View,
    api_key: &'a str,
}

#[derive(Serialize)]
struct List {
    api_keys: Vec<View>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<&ShownApiKey> for View {
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
    let page = Page::of(&task.call)?;
    let (mut keys, total) =
        task.app.store.api_keys_page(task.acting.tenant(), page.after, page.to_read()).await?;
    let next_cursor =
        page.cut(&mut keys, |shown| After { at: shown.created_at, id: shown.key.id.to_bytes() });
    json(StatusCode::OK, &List { api_keys: keys.iter().map(View::from).collect(), total, next_cursor })
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
    let answer = |made: MadeApiKey| {
        let body = Created { view: View::from(&made.shown), api_key: &made.secret };
        tagged(&tag(&made.shown), json(StatusCode::CREATED, &body))
    };
    task.create(|app, deed| api_keys::create(&draft, &app.hash_key, deed), answer).await
}

/// `GET /api/v1/api-keys/{id}`.
pub async fn show(task: Task) -> Answer {
    let found = find(&task).await?.ok_or_else(|| no_such("API key"))?;
    task.show(&tag(&found), json(StatusCode::OK, &View::from(&found)))
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
    let found = find(&task).await?;
    let known = found.as_ref().map(tag);
    let shown = task.commit_on(known, |_, deed| api_keys::update(&patch, found.as_ref(), deed)).await?;
    tagged(&tag(&shown), json(StatusCode::OK, &View::from(&shown)))
}

/// `DELETE /api/v1/api-keys/{id}`. Where somebody else changes it at the same time, it is decided anew.
pub async fn delete(task: Task) -> Answer {
    task.rounds(|| decide_delete(&task)).await?;
    Ok(no_content())
}

async fn decide_delete(task: &Task) -> Result<Verdict<()>, Fault> {
    let found = find(task).await?;
    task.on(found.as_ref().map(tag), api_keys::revoke(found.as_ref(), &task.deed()))
}

fn tag(shown: &ShownApiKey) -> Tag {
    Tag::new(shown.key.id.to_bytes(), shown.version).noting(shown.last_used_at)
}

async fn find(task: &Task) -> Result<Option<ShownApiKey>, Fault> {
    let Some(id) = ApiKeyId::parse_uuid(task.call.path("id")) else { return Ok(None) };
    Ok(task.app.store.shown_api_key(id, task.acting.tenant()).await?)
}

//! The **oauth2** contract: `/api/v1/oauth/scopes`, the registry of scopes.

use http::StatusCode;
use serde::Serialize;
use writ_core::client::Update;
use writ_core::manage::scopes::{ScopeDraft, ScopePatch};
use writ_core::scope_registry::{InUse, RegisteredScope};
use writ_core::shell_reason::ShellReason;

use super::fields::Fields;
use super::wire::{json, no_content, time};
use crate::call::fault::Fault;
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::scopes;

#[derive(Serialize)]
struct ScopeView<'a> {
    id: String,
    name: &'a str,
    description: Option<&'a str>,
    created_at: String,
}

#[derive(Serialize)]
struct ScopeList<'a> {
    scopes: Vec<ScopeView<'a>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<'a> From<&'a RegisteredScope> for ScopeView<'a> {
    fn from(scope: &'a RegisteredScope) -> Self {
        Self {
            id: scope.id.to_string(),
            name: &scope.name,
            description: scope.description.as_deref(),
            created_at: time(scope.created_at),
        }
    }
}

/// `GET /api/v1/oauth/scopes`: the tenant's own, newest first, then those that every tenant has.
pub async fn list(task: Task) -> Answer {
    let Listed { rows, total, next_cursor } = scopes::page(&task).await?;
    json(
        StatusCode::OK,
        &ScopeList { scopes: rows.iter().map(ScopeView::from).collect(), total, next_cursor },
    )
}

/// `POST /api/v1/oauth/scopes`.
pub async fn create(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let draft =
        ScopeDraft { name: body.text("name"), description: body.text("description"), unread: body.unread() };
    scopes::create(&task, &draft, |scope| json(StatusCode::CREATED, &ScopeView::from(scope))).await
}

/// `GET /api/v1/oauth/scopes/{scope_id}`.
pub async fn show(task: Task) -> Answer {
    let found = scopes::existing(&task).await?;
    task.show(&scopes::tag(&found), json(StatusCode::OK, &ScopeView::from(&found)))
}

/// `PUT /api/v1/oauth/scopes/{scope_id}`: changes only what is sent.
pub async fn update(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let patch = ScopePatch {
        name: body.text("name"),
        description: Update::sent(body.nullable_text("description")),
        unread: body.unread(),
    };
    let scope = scopes::update(&task, &patch).await?;
    tagged(&scopes::tag(&scope), json(StatusCode::OK, &ScopeView::from(&scope)))
}

/// `DELETE /api/v1/oauth/scopes/{scope_id}`; with `force=true` it is taken from the clients that have it.
pub async fn delete(task: Task) -> Answer {
    let in_use = match task.call.query()?.get("force") {
        None | Some("false") => InUse::Stays,
        Some("true") => InUse::IsTaken,
        Some(_) => return Err(Fault::of_field("force", ShellReason::TrueOrFalse)),
    };
    scopes::delete(&task, in_use).await?;
    Ok(no_content())
}

//! `/api/v1/roles`: names for sets of permissions.

use http::StatusCode;
use serde::Serialize;
use writ_core::manage::roles::RoleDraft;

use super::fields::Fields;
use super::wire::{json, no_content};
use crate::call::fault::Fault;
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::roles::{self, KnownRole};

#[derive(Serialize)]
struct RoleView<'a> {
    name: &'a str,
    /// Writ's, then the tenant's own names.
    permissions: Vec<&'a str>,
}

#[derive(Serialize)]
struct RoleList<'a> {
    roles: Vec<RoleView<'a>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// The body of a request.
async fn draft(task: &mut Task) -> Result<RoleDraft, Fault> {
    let mut body: Fields = task.call.json().await?;
    Ok(RoleDraft {
        name: body.text("name"),
        permissions: body.texts("permissions").flatten(),
        unread: body.unread(),
    })
}

impl<'a> From<&'a KnownRole> for RoleView<'a> {
    fn from(role: &'a KnownRole) -> Self {
        Self { name: role.name(), permissions: role.permissions() }
    }
}

/// `GET /api/v1/roles`: the tenant's own, newest first, then those that every tenant has.
pub async fn list(task: Task) -> Answer {
    let Listed { rows, total, next_cursor } = roles::page(&task).await?;
    json(StatusCode::OK, &RoleList { roles: rows.iter().map(RoleView::from).collect(), total, next_cursor })
}

/// `POST /api/v1/roles`.
pub async fn create(mut task: Task) -> Answer {
    let draft = draft(&mut task).await?;
    roles::create(&task, &draft, |role| json(StatusCode::CREATED, &RoleView::from(role))).await
}

/// `GET /api/v1/roles/{name}`.
pub async fn show(task: Task) -> Answer {
    let role = roles::existing(&task).await?;
    task.show(&role.tag(), json(StatusCode::OK, &RoleView::from(&role)))
}

/// `PUT /api/v1/roles/{name}`.
pub async fn update(mut task: Task) -> Answer {
    let draft = draft(&mut task).await?;
    let role = roles::update(&task, &draft).await?;
    tagged(&role.tag(), json(StatusCode::OK, &RoleView::from(&role)))
}

/// `DELETE /api/v1/roles/{name}`.
pub async fn delete(task: Task) -> Answer {
    roles::delete(&task).await?;
    Ok(no_content())
}

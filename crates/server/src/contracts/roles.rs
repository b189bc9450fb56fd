//! `/api/v1/roles`: names for sets of permissions.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use writ_core::manage::{no_such, roles};
use writ_core::role::{ADMIN, OPERATOR, Role, USER, built_in};

use super::wire::{json, no_content, permissions};
use crate::routes::{Answer, Task};

#[derive(Deserialize)]
struct Create {
    name: String,
    permissions: Vec<String>,
}

#[derive(Deserialize)]
struct Update {
    permissions: Vec<String>,
}

#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    permissions: Vec<&'static str>,
}

#[derive(Serialize)]
struct List<'a> {
    roles: Vec<View<'a>>,
    total: usize,
}

impl<'a> From<&'a Role> for View<'a> {
    fn from(role: &'a Role) -> Self {
        Self { name: &role.name, permissions: role.permissions.names().collect() }
    }
}

fn view_built_in(name: &str) -> Option<View<'_>> {
    built_in(name).map(|permissions| View { name, permissions: permissions.names().collect() })
}

/// `GET /api/v1/roles`: those that every tenant has, then the tenant's own, by name.
pub async fn list(task: Task) -> Answer {
    let defined = task.app.store.roles(task.acting.tenant()).await?;
    let roles: Vec<_> =
        [ADMIN, OPERATOR, USER].into_iter().filter_map(view_built_in).chain(defined.iter().map(View::from)).collect();
    json(StatusCode::OK, &List { total: roles.len(), roles })
}

/// `POST /api/v1/roles`.
pub async fn create(mut task: Task) -> Answer {
    let body: Create = task.call.json().await?;
    let wanted = permissions(&body.permissions)?;
    let role = task.commit(|_, deed| roles::create(&body.name, wanted, deed)).await?;
    json(StatusCode::CREATED, &View::from(&role))
}

/// `GET /api/v1/roles/{name}`.
pub async fn show(task: Task) -> Answer {
    let name = task.call.path("name");
    if let Some(view) = view_built_in(name) {
        return json(StatusCode::OK, &view);
    }
    let role = task.app.store.role(task.acting.tenant(), name).await?.ok_or_else(|| no_such("role"))?;
    json(StatusCode::OK, &View::from(&role))
}

/// `PUT /api/v1/roles/{name}`.
pub async fn update(mut task: Task) -> Answer {
    let body: Update = task.call.json().await?;
    let wanted = permissions(&body.permissions)?;
    let name = task.call.path("name").to_owned();
    let found = task.app.store.role(task.acting.tenant(), &name).await?;
    let role = task.commit(|_, deed| roles::update(&name, wanted, found.as_ref(), deed)).await?;
    json(StatusCode::OK, &View::from(&role))
}

/// `DELETE /api/v1/roles/{name}`.
pub async fn delete(task: Task) -> Answer {
    let name = task.call.path("name").to_owned();
    let found = task.app.store.role(task.acting.tenant(), &name).await?;
    let bearers = task.app.store.role_bearers(task.acting.tenant(), &name).await?;
    task.commit(|_, deed| roles::delete(&name, found.as_ref(), bearers, deed)).await?;
    Ok(no_content())
}

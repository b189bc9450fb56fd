//! `/api/v1/roles`: names for sets of permissions.

use http::StatusCode;
use serde::Serialize;
use writ_core::manage::no_such;
use writ_core::manage::roles::{self, RoleDraft};
use writ_core::role::{ADMIN, OPERATOR, Role, USER, built_in, name_is_valid};
use writ_core::time::Micros;
use writ_store::After;

use super::fields::Fields;
use super::wire::{Page, json, no_content};
use crate::call::fault::Fault;
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;

/// The roles that every tenant has, as the oldest in its list.
const BUILT_IN: [&str; 3] = [USER, ADMIN, OPERATOR];
/// Their version: they only change with the server's.
const BUILT_IN_TAG: Tag = Tag::new([0; 16], 1);

#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    /// Writ's, then the tenant's own names.
    permissions: Vec<&'a str>,
}

#[derive(Serialize)]
struct List<'a> {
    roles: Vec<View<'a>>,
    total: usize,
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

/// A role that the tenant defined.
async fn find(task: &Task, name: &str) -> Result<Option<Role>, Fault> {
    // What cannot be a name is not looked for: not every text can be asked of every engine.
    if !name_is_valid(name) {
        return Ok(None);
    }
    Ok(task.app.store.role(task.acting.tenant(), name).await?)
}

impl<'a> From<&'a Role> for View<'a> {
    fn from(role: &'a Role) -> Self {
        let mut permissions: Vec<&'a str> = role.permissions.names().collect();
        permissions.extend(role.entitlements.iter().map(|name| &**name));
        Self { name: &role.name, permissions }
    }
}

fn view_built_in(name: &str) -> Option<View<'_>> {
    built_in(name).map(|permissions| View { name, permissions: permissions.names().collect() })
}

/// `GET /api/v1/roles`: the tenant's own, newest first, then those that every tenant has.
pub async fn list(task: Task) -> Answer {
    let page = Page::of(&task.call)?;
    let mut defined = task.app.store.roles(task.acting.tenant()).await?;
    defined.sort_by_key(|role| std::cmp::Reverse((role.created_at, role.id)));
    let own = defined.iter().map(|role| (place_of(role), View::from(role)));
    let given = BUILT_IN.iter().enumerate().rev().filter_map(|(n, name)| {
        let id = u128::try_from(n).unwrap_or_default().to_be_bytes();
        Some((After { at: Micros(0), id }, view_built_in(name)?))
    });
    let total = defined.len() + BUILT_IN.len();
    let behind = own.chain(given).filter(|(place, _)| (place.at, place.id) < (page.after.at, page.after.id));
    let most = usize::try_from(page.to_read()).unwrap_or(usize::MAX);
    let mut rows: Vec<_> = behind.take(most).collect();
    let next_cursor = page.cut(&mut rows, |(place, _)| *place);
    json(
        StatusCode::OK,
        &List { roles: rows.into_iter().map(|(_, view)| view).collect(), total, next_cursor },
    )
}

fn tag(role: &Role) -> Tag {
    Tag::new(role.id.to_bytes(), role.version)
}

fn place_of(role: &Role) -> After {
    After { at: role.created_at, id: role.id.to_bytes() }
}

/// `POST /api/v1/roles`.
pub async fn create(mut task: Task) -> Answer {
    let draft = draft(&mut task).await?;
    let answer = |role: Role| tagged(&tag(&role), json(StatusCode::CREATED, &View::from(&role)));
    task.create(|_, deed| roles::create(&draft, deed), answer).await
}

/// `GET /api/v1/roles/{name}`.
pub async fn show(task: Task) -> Answer {
    let name = task.call.path("name");
    if let Some(view) = view_built_in(name) {
        return task.show(&BUILT_IN_TAG, json(StatusCode::OK, &view));
    }
    let role = find(&task, name).await?.ok_or_else(|| no_such("role"))?;
    task.show(&tag(&role), json(StatusCode::OK, &View::from(&role)))
}

/// `PUT /api/v1/roles/{name}`.
pub async fn update(mut task: Task) -> Answer {
    let draft = draft(&mut task).await?;
    let name = task.call.path("name");
    let found = find(&task, name).await?;
    let known = found.as_ref().map(tag);
    let role = task.commit_on(known, |_, deed| roles::update(name, &draft, found.as_ref(), deed)).await?;
    tagged(&tag(&role), json(StatusCode::OK, &View::from(&role)))
}

/// `DELETE /api/v1/roles/{name}`.
pub async fn delete(task: Task) -> Answer {
    let name = task.call.path("name");
    let found = find(&task, name).await?;
    let bearers = match &found {
        Some(role) => task.app.store.role_bearers(task.acting.tenant(), &role.name).await?,
        None => 0,
    };
    let known = found.as_ref().map(tag);
    task.commit_on(known, |_, deed| roles::delete(name, found.as_ref(), bearers, deed)).await?;
    Ok(no_content())
}

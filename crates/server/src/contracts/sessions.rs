//! `/api/v1/oauth/sessions` (**oauth2**): who is signed in, and ending that.

use http::StatusCode;
use serde::Serialize;
use writ_core::authority::Permission;
use writ_core::caller::Identity;
use writ_core::ids::SessionId;
use writ_core::manage::no_such;
use writ_core::session::{Lifetimes, ShownSession, end};
use writ_core::time::Micros;
use writ_store::{After, Of};

use super::named::narrowed;
use super::wire::{Page, json, no_content, time};
use crate::call::fault::Fault;
use crate::call::routes::{Answer, Task};

#[derive(Serialize)]
struct View<'a> {
    id: String,
    user_id: String,
    username: &'a str,
    created_at: String,
    last_seen_at: String,
    expires_at: String,
    ip_address: Option<&'a str>,
    user_agent: Option<&'a str>,
}

#[derive(Serialize)]
struct List<'a> {
    sessions: Vec<View<'a>>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<'a> From<&'a ShownSession> for View<'a> {
    fn from(shown: &'a ShownSession) -> Self {
        Self {
            id: shown.id.to_string(),
            user_id: shown.user.to_string(),
            username: &shown.username,
            created_at: time(shown.created_at),
            last_seen_at: time(shown.last_seen_at),
            expires_at: time(shown.expires_at),
            ip_address: shown.ip.as_deref(),
            user_agent: shown.user_agent.as_deref(),
        }
    }
}

/// All of the tenant by permission; a person without it has their own.
fn of(task: &Task, permission: Permission) -> Of {
    let caller = task.acting.caller();
    match caller.identity {
        Identity::Person { user, .. } if !caller.permissions.contains(permission) => Of::User(user),
        Identity::Person { .. }
        | Identity::Application { .. }
        | Identity::ApiKey { .. }
        | Identity::Local { .. } => Of::Tenant(task.acting.tenant()),
    }
}

async fn lifetimes(task: &Task) -> Result<(Lifetimes, Micros), Fault> {
    let tenant = task.app.store.tenant_by_id(task.acting.tenant()).await?.ok_or_else(|| no_such("tenant"))?;
    Ok((Lifetimes::from(&tenant.settings), task.app.clock.now()))
}

/// `GET /api/v1/oauth/sessions`.
pub async fn list(task: Task) -> Answer {
    let page = Page::of(&task.call)?;
    let of = narrowed(&task, of(&task, Permission::SessionsRead), Permission::SessionsRead).await?;
    let at = lifetimes(&task).await?;
    let Some(of) = of else {
        return json(StatusCode::OK, &List { sessions: Vec::new(), total: 0, next_cursor: None });
    };
    let (mut rows, total) = task.app.store.sessions_page(of, (page.after, page.to_read()), at).await?;
    let next_cursor = page.cut(&mut rows, |row| After { at: row.created_at, id: row.id.to_bytes() });
    json(StatusCode::OK, &List { sessions: rows.iter().map(View::from).collect(), total, next_cursor })
}

/// `DELETE /api/v1/oauth/sessions/{session_id}`.
pub async fn delete(task: Task) -> Answer {
    let (of, at) = (of(&task, Permission::SessionsWrite), lifetimes(&task).await?);
    let found = match SessionId::parse_uuid(task.call.path("session_id")) {
        Some(id) => task.app.store.shown_session(id, task.acting.tenant(), at).await?,
        None => None,
    };
    let found = found.filter(|found| match of {
        Of::Tenant(_) => true,
        Of::User(user) => found.user == user,
    });
    task.commit(|_, deed| end(found.as_ref(), deed)).await?;
    Ok(no_content())
}

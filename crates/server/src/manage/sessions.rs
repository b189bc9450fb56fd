//! Sign-ins: listed and ended.

use writ_core::authority::Permission;
use writ_core::backchannel::WaitingDelivery;
use writ_core::caller::Identity;
use writ_core::ids::{SessionId, UserId};
use writ_core::session::{Lifetimes, ShownSession, end};
use writ_core::time::Micros;
use writ_store::{After, Of};

use super::named::narrowed;
use crate::call::fault::Fault;
use crate::call::page::{Listed, Page};
use crate::call::routes::Task;

/// All of the tenant by permission; a person without it has their own.
fn of(task: &Task, permission: Permission) -> Of {
    let caller = task.acting.caller();
    match caller.identity {
        Identity::Person { user, .. } if !caller.permissions.contains(permission) => Of::User(user),
        Identity::Person { .. }
        | Identity::Application { .. }
        | Identity::ApiKey { .. }
        | Identity::AtConsole { .. }
        | Identity::Local { .. } => Of::Tenant(task.acting.tenant()),
    }
}

fn lifetimes(task: &Task) -> (Lifetimes, Micros) {
    (Lifetimes::from(&task.acting.within().settings), task.app.clock.now())
}

/// The page of sign-ins that the query asks for, of those that the caller may see.
pub async fn page(task: &Task) -> Result<Listed<ShownSession>, Fault> {
    let page = Page::of(&task.call)?;
    let of = narrowed(task, of(task, Permission::SessionsRead), Permission::SessionsRead).await?;
    let at = lifetimes(task);
    let Some(of) = of else { return Ok(Listed { rows: Vec::new(), total: 0, next_cursor: None }) };
    let found = task.app.store.sessions_page(of, (page.after, page.to_read()), at).await?;
    Ok(page.listed(found, |row| After { at: row.created_at, id: row.id.to_bytes() }))
}

/// The page of clients that are yet to be told of a sign-out, or could not be, each with its public id.
pub async fn untold(task: &Task) -> Result<Listed<(WaitingDelivery, Box<str>)>, Fault> {
    let page = Page::of(&task.call)?;
    let found = task.app.store.logouts_page(task.acting.tenant(), page.after, page.to_read()).await?;
    Ok(page.listed(found, |(waiting, _)| After { at: waiting.created_at, id: waiting.id.to_bytes() }))
}

/// Ends the sign-in that the path names.
pub async fn end_one(task: &Task) -> Result<(), Fault> {
    end_among(task, of(task, Permission::SessionsWrite)).await
}

/// Ends the sign-in that the path names, where it is this person's.
pub async fn end_of(task: &Task, user: UserId) -> Result<(), Fault> {
    end_among(task, Of::User(user)).await
}

async fn end_among(task: &Task, of: Of) -> Result<(), Fault> {
    let at = lifetimes(task);
    let found = match SessionId::parse_uuid(task.call.path("session_id")) {
        Some(id) => task.app.store.shown_session(id, task.acting.tenant(), at).await?,
        None => None,
    };
    let found = found.filter(|found| match of {
        Of::Tenant(_) => true,
        Of::User(user) => found.user == user,
    });
    task.commit(|_, deed| deed.done(end(found.as_ref(), &deed.scene()))).await
}

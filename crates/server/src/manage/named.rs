//! Whom and what a request names: by row id, or by the name that people use.

use writ_core::audit::Mentioned;
use writ_core::authority::Permission;
use writ_core::caller::Identity;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::ids::{ClientId, UserId};
use writ_core::manage::tokens::NamedRow;
use writ_core::shell_reason::ShellReason;
use writ_store::Of;

use crate::call::fault::Fault;
use crate::call::routes::Task;

/// Characters of a search at the most.
const SEARCH_MOST: usize = 255;

/// A client, by `client_id` or row id.
pub async fn client(task: &Task, name: Option<&str>) -> Result<NamedRow<ClientId>, Fault> {
    match name {
        None => Ok(NamedRow::Any),
        Some(text) => Ok(NamedRow::found(name, client_named(task, text).await?)),
    }
}

async fn client_named(task: &Task, text: &str) -> Result<Option<ClientId>, Fault> {
    // What a text on the wire cannot be, PostgreSQL would refuse as an error.
    if text.contains('\0') {
        return Ok(None);
    }
    Ok(task.app.store.client_named(text, task.acting.tenant()).await?)
}

/// A person, by row id, username or verified address.
pub async fn user(task: &Task, name: Option<&str>) -> Result<NamedRow<UserId>, Fault> {
    let Some(text) = name else { return Ok(NamedRow::Any) };
    let tenant = task.acting.tenant();
    let Some(id) = UserId::parse_uuid(text) else {
        let found = task.app.person_named(text, tenant).await?;
        return Ok(NamedRow::found(name, found.map(|found| found.user.id)));
    };
    // One's own is known already.
    if matches!(task.acting.caller().identity, Identity::Person { user, .. } if user == id) {
        return Ok(NamedRow::One(id));
    }
    let found = task.app.store.user_generation(id, tenant).await?;
    Ok(NamedRow::found(name, found.map(|_| id)))
}

/// The rows of a list that a caller reaches, narrowed to the person that `user_id` names. None: nobody has that name.
///
/// # Errors
/// `insufficient_scope` where somebody without the permission names anybody else; whether they exist is not said.
pub async fn narrowed(task: &Task, of: Of, permission: Permission) -> Result<Option<Of>, Fault> {
    let named = user(task, task.call.query()?.get("user_id")).await?;
    match (of, named) {
        (of, NamedRow::Any) => Ok(Some(of)),
        (Of::Tenant(_), NamedRow::One(user)) => Ok(Some(Of::User(user))),
        (Of::Tenant(_), NamedRow::Unknown) => Ok(None),
        (Of::User(own), NamedRow::One(user)) if own == user => Ok(Some(of)),
        (Of::User(_), NamedRow::One(_) | NamedRow::Unknown) => {
            let text = ShellReason::OthersNeed { permission: permission.name().into() };
            Err(OAuthError::new(ErrorCode::InsufficientScope, text).into())
        }
    }
}

/// Somebody or something in the audit log: whoever is gone, or never was, is still there by name.
pub async fn mentioned(task: &Task, text: &str) -> Result<Mentioned, Fault> {
    let Mentioned::Text(name) = Mentioned::parse(text) else { return Ok(Mentioned::parse(text)) };
    if let Some(found) = task.app.person_named(text, task.acting.tenant()).await? {
        return Ok(Mentioned::Named(found.user.id.to_bytes(), name));
    }
    Ok(match client_named(task, text).await? {
        Some(client) => Mentioned::Named(client.to_bytes(), name),
        None => Mentioned::Text(name),
    })
}

/// What can be looked for in names and addresses.
pub fn searchable(text: &str) -> Result<&str, OAuthError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > SEARCH_MOST || text.chars().any(char::is_control) {
        let why = ShellReason::SearchText { most: SEARCH_MOST.into() };
        return Err(OAuthError::new(ErrorCode::InvalidRequest, why));
    }
    Ok(text)
}

//! Initial access tokens: listed, made and ended.

use writ_core::ids::RegistrationTokenId;
use writ_core::manage::no_such;
use writ_core::reason::Reason;
use writ_core::registration::{MadeToken, RegistrationToken, TokenDraft, create_token, delete_token};
use writ_store::After;

use crate::call::fault::Fault;
use crate::call::page::{Listed, Page};
use crate::call::routes::{Answer, Task};

/// The page of the tenant's tokens that the query asks for.
///
/// # Errors
/// 400 for a query that cannot be read; the storage's.
pub async fn page(task: &Task) -> Result<Listed<RegistrationToken>, Fault> {
    let page = Page::of(&task.call)?;
    let tenant = task.acting.tenant();
    let found = task.app.store.registration_tokens_page(tenant, page.after, page.to_read()).await?;
    Ok(page.listed(found, |shown| After { at: shown.created_at, id: shown.id.to_bytes() }))
}

/// Makes a token, and the answer that shows it this once.
///
/// # Errors
/// Those of the decision.
pub async fn create(task: &Task, draft: &TokenDraft, render: impl FnOnce(&MadeToken) -> Answer) -> Answer {
    task.create(|_, deed| create_token(draft, deed), |made| render(&made)).await
}

async fn find(task: &Task) -> Result<Option<RegistrationToken>, Fault> {
    let Some(id) = RegistrationTokenId::parse_uuid(task.call.path("id")) else { return Ok(None) };
    Ok(task.app.store.registration_token(id, task.acting.tenant()).await?)
}

/// The token that the path names.
///
/// # Errors
/// 404 for one that is unknown, or another tenant's.
pub async fn existing(task: &Task) -> Result<RegistrationToken, Fault> {
    Ok(find(task).await?.ok_or_else(|| no_such(Reason::NoSuchRegistrationToken))?)
}

/// Ends the token that the path names.
///
/// # Errors
/// 404; the storage's.
pub async fn delete(task: &Task) -> Result<(), Fault> {
    task.rounds(|| async {
        let found = find(task).await?;
        Ok(delete_token(found.as_ref(), &task.deed()).into())
    })
    .await
}

//! API keys: listed, made, changed and revoked.

use writ_core::ids::ApiKeyId;
use writ_core::manage::api_keys::{self, ApiKeyDraft, ApiKeyPatch, MadeApiKey};
use writ_core::manage::no_such;
use writ_core::reason::Reason;
use writ_core::user::ShownApiKey;
use writ_store::After;

use crate::call::fault::Fault;
use crate::call::page::{Listed, Page};
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;
use crate::state::rounds::Verdict;

/// The version of a key. That it was used is no change of it.
pub fn tag(shown: &ShownApiKey) -> Tag {
    Tag::new(shown.key.id.to_bytes(), shown.version).noting(shown.last_used_at)
}

/// The page of the tenant's keys that the query asks for.
pub async fn page(task: &Task) -> Result<Listed<ShownApiKey>, Fault> {
    let page = Page::of(&task.call)?;
    let found = task.app.store.api_keys_page(task.acting.tenant(), page.after, page.to_read()).await?;
    Ok(page.listed(found, |shown| After { at: shown.created_at, id: shown.key.id.to_bytes() }))
}

/// Makes a key, and the answer that shows it this once.
pub async fn create(task: &Task, draft: &ApiKeyDraft, render: impl FnOnce(&MadeApiKey) -> Answer) -> Answer {
    let answer = |made: MadeApiKey| tagged(&tag(&made.shown), render(&made));
    task.create(|app, deed| api_keys::create(draft, &app.hash_key, deed), answer).await
}

async fn find(task: &Task) -> Result<Option<ShownApiKey>, Fault> {
    let Some(id) = ApiKeyId::parse_uuid(task.call.path("id")) else { return Ok(None) };
    Ok(task.app.store.shown_api_key(id, task.acting.tenant()).await?)
}

/// The key that the path names.
///
/// # Errors
/// 404 for one that is unknown, or another tenant's.
pub async fn existing(task: &Task) -> Result<ShownApiKey, Fault> {
    Ok(find(task).await?.ok_or_else(|| no_such(Reason::NoSuchApiKey))?)
}

/// Changes the key that the path names.
pub async fn update(task: &Task, patch: &ApiKeyPatch) -> Result<ShownApiKey, Fault> {
    let found = find(task).await?;
    let known = found.as_ref().map(tag);
    task.commit_on(known, |_, deed| api_keys::update(patch, found.as_ref(), deed)).await
}

/// Revokes the key that the path names. Where somebody else changes it at the same time, it is decided anew.
pub async fn revoke(task: &Task) -> Result<(), Fault> {
    task.rounds(|| decide_revocation(task)).await
}

async fn decide_revocation(task: &Task) -> Result<Verdict<()>, Fault> {
    let found = find(task).await?;
    task.on(found.as_ref().map(tag), api_keys::revoke(found.as_ref(), &task.deed()))
}

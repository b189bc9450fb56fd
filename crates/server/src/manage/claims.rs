//! The standard claims of a person that an account has no field of its own for: shown and changed.

use writ_core::ids::UserId;
use writ_core::manage::claims::{self, ClaimsDraft, ClaimsFacts};
use writ_core::manage::no_such;
use writ_core::reason::Reason;

use crate::call::fault::Fault;
use crate::call::routes::Task;
use crate::call::versions::Tag;

/// The version of the account that the claims are of.
pub fn tag(found: &ClaimsFacts) -> Tag {
    Tag::new(found.account.user.id.to_bytes(), found.account.version)
}

async fn find(task: &Task) -> Result<Option<ClaimsFacts>, Fault> {
    match UserId::parse_uuid(task.call.path("user_id")) {
        Some(id) => Ok(task.app.store.claims(id, task.acting.tenant()).await?),
        None => Ok(None),
    }
}

/// Those of the person that the path names.
///
/// # Errors
/// 404 for somebody who is unknown.
pub async fn existing(task: &Task) -> Result<ClaimsFacts, Fault> {
    Ok(find(task).await?.ok_or_else(|| no_such(Reason::NoSuchUser))?)
}

/// Changes those of the person that the path names.
pub async fn update(task: &Task, draft: &ClaimsDraft) -> Result<ClaimsFacts, Fault> {
    let found = find(task).await?;
    let defined = task.app.store.roles(task.acting.tenant()).await?;
    let known = found.as_ref().map(tag);
    task.commit_on(known, |_, deed| claims::update(draft, found.as_ref(), &defined, deed)).await
}

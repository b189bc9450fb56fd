//! Resources: listed, registered, changed, removed.

use writ_core::ids::ResourceId;
use writ_core::manage::no_such;
use writ_core::manage::resources::{self, ResourcePatch, too_many};
use writ_core::reason::Reason;
use writ_core::resource::{RESOURCES_MOST, Resource, ResourceUri};
use writ_store::After;

use crate::call::fault::Fault;
use crate::call::page::{Listed, Page};
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;

/// The version of a resource.
pub fn tag(resource: &Resource) -> Tag {
    Tag::new(resource.id.to_bytes(), resource.version)
}

fn place_of(resource: &Resource) -> After {
    After { at: resource.created_at, id: resource.id.to_bytes() }
}

async fn all(task: &Task) -> Result<Vec<Resource>, Fault> {
    Ok(task.app.store.resources(task.acting.tenant()).await?)
}

/// The resource that the path names: by its id, or by its identifier.
async fn find(task: &Task) -> Result<Option<Resource>, Fault> {
    let text = task.call.path("resource_id");
    let (id, key) = (ResourceId::parse_uuid(text), ResourceUri::from_stored(text).key());
    let is_it = |resource: &Resource| id == Some(resource.id) || resource.identifier.key() == key;
    Ok(all(task).await?.into_iter().find(is_it))
}

/// The page that the query asks for, newest first.
pub async fn page(task: &Task) -> Result<Listed<Resource>, Fault> {
    let page = Page::of(&task.call)?;
    let mut known = all(task).await?;
    let total = i64::try_from(known.len()).unwrap_or(i64::MAX);
    known.sort_by_key(|resource| std::cmp::Reverse((resource.created_at, resource.id)));
    let after = (page.after.at, page.after.id);
    let behind = known.into_iter().filter(|one| (one.created_at, one.id.to_bytes()) < after);
    let most = usize::try_from(page.to_read()).unwrap_or(usize::MAX);
    Ok(page.listed((behind.take(most).collect(), total), place_of))
}

/// Registers a resource, and the answer that shows it.
pub async fn create(task: &Task, patch: &ResourcePatch, render: impl FnOnce(&Resource) -> Answer) -> Answer {
    if all(task).await?.len() >= RESOURCES_MOST {
        return Err(too_many().into());
    }
    let issuer = task.app.issuer(task.acting.within());
    let answer = |resource: Resource| tagged(&tag(&resource), render(&resource));
    task.create(|_, deed| resources::create(patch, &issuer, deed), answer).await
}

/// The resource that the path names.
///
/// # Errors
/// 404 for one that is unknown, or another tenant's.
pub async fn existing(task: &Task) -> Result<Resource, Fault> {
    Ok(find(task).await?.ok_or_else(|| no_such(Reason::NoSuchResource))?)
}

/// Changes the resource that the path names.
pub async fn update(task: &Task, patch: &ResourcePatch) -> Result<Resource, Fault> {
    let found = find(task).await?;
    let known = found.as_ref().map(tag);
    task.commit_on(known, |_, deed| resources::update(patch, found.as_ref(), deed)).await
}

/// Removes the resource that the path names.
pub async fn delete(task: &Task) -> Result<(), Fault> {
    let found = find(task).await?;
    let known = found.as_ref().map(tag);
    let only = task.only(known);
    task.commit_on(known, |_, deed| resources::delete(found.as_ref(), only, deed)).await
}

//! Tenants: listed, made, changed, removed.

use writ_core::authority::Permissions;
use writ_core::decision::Decision;
use writ_core::ids::TenantId;
use writ_core::manage::tenants::{self, SettingsPatch, TenantDraft, TenantPatch};
use writ_core::manage::{Deed, no_such};
use writ_core::reason::Reason;
use writ_core::tenant::{ShownTenant, slug_is_valid};
use writ_store::After;

use super::registrations;
use crate::call::fault::Fault;
use crate::call::page::{Listed, Page};
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;

/// The version of a tenant.
pub fn tag(shown: &ShownTenant) -> Tag {
    Tag::new(shown.tenant.id.to_bytes(), shown.tenant.version)
}

/// The page of tenants that the query asks for.
pub async fn page(task: &Task) -> Result<Listed<ShownTenant>, Fault> {
    let page = Page::of(&task.call)?;
    let found = task.app.store.tenants_page(page.after, page.to_read()).await?;
    Ok(page.listed(found, |shown| After { at: shown.created_at, id: shown.tenant.id.to_bytes() }))
}

/// Makes a tenant, and the answer that shows it.
pub async fn create(task: &Task, draft: &TenantDraft, render: impl FnOnce(&ShownTenant) -> Answer) -> Answer {
    let answer = |shown: ShownTenant| tagged(&tag(&shown), render(&shown));
    task.create(|_, deed| tenants::create(draft, deed), answer).await
}

/// The tenant that the path names.
///
/// # Errors
/// 404 for one that is unknown.
pub async fn existing(task: &Task) -> Result<ShownTenant, Fault> {
    Ok(find(task).await?.ok_or_else(|| no_such(Reason::NoSuchTenant))?)
}

/// The tenant of the credential, or that which an operator names.
pub async fn own(task: &Task) -> Result<ShownTenant, Fault> {
    let found = task.app.store.shown_tenant(task.acting.tenant()).await?;
    Ok(found.ok_or_else(|| no_such(Reason::NoSuchTenant))?)
}

/// Changes the tenant that the path names.
pub async fn update(task: &Task, patch: &TenantPatch) -> Result<ShownTenant, Fault> {
    change(task, (find(task).await?, patch), tenants::update).await
}

/// Changes what is left to its administrators of the tenant of the credential, or of that which an operator names.
pub async fn update_own(task: &Task, patch: &TenantPatch) -> Result<ShownTenant, Fault> {
    change(task, (Some(own(task).await?), patch), tenants::update_own).await
}

/// As a change of a tenant is decided.
type TenantDecision = fn(&TenantPatch, Option<&ShownTenant>, Permissions, &Deed<'_>) -> Decision<ShownTenant>;

async fn change(
    task: &Task,
    (found, patch): (Option<ShownTenant>, &TenantPatch),
    decide: TenantDecision,
) -> Result<ShownTenant, Fault> {
    let held = held(task, found.as_ref(), patch).await?;
    let known = found.as_ref().map(tag);
    let shown = task.commit_on(known, |_, deed| decide(patch, found.as_ref(), held, deed)).await?;
    task.app.tenants.invalidate(&shown.tenant.slug);
    with_keys(task, &patch.settings, shown).await
}

/// Publishes the keys of the algorithms that were chosen, before anything is answered. A key raises the version of its
/// tenant: what is shown is what there is then.
async fn with_keys(task: &Task, chosen: &SettingsPatch, shown: ShownTenant) -> Result<ShownTenant, Fault> {
    let algorithms: Vec<_> =
        [chosen.access_token_alg, chosen.id_token_alg].into_iter().flatten().flatten().collect();
    if algorithms.is_empty() {
        return Ok(shown);
    }
    task.app.publish_keys(shown.tenant.id, algorithms).await?;
    Ok(task.app.store.shown_tenant(shown.tenant.id).await?.unwrap_or(shown))
}

/// What the clients may do through which people are to act from now on, or no more.
async fn held(task: &Task, found: Option<&ShownTenant>, patch: &TenantPatch) -> Result<Permissions, Fault> {
    let Some(found) = found else { return Ok(Permissions::NONE) };
    let mut held = Vec::new();
    for name in tenants::trust_changes(&found.tenant.settings, &patch.settings) {
        let client = registrations::by_client_id(&task.app, name, found.tenant.id).await?;
        held.extend(client.map(|found| found.client.permissions()));
    }
    Ok(held.into_iter().flat_map(|held| held.iter().collect::<Vec<_>>()).collect())
}

/// Removes the tenant that the path names.
pub async fn delete(task: &Task) -> Result<(), Fault> {
    let found = find(task).await?;
    let known = found.as_ref().map(tag);
    task.commit_on(known, |_, deed| tenants::delete(found.as_ref(), task.only(known), deed)).await?;
    if let Some(shown) = found {
        task.app.tenants.invalidate(&shown.tenant.slug);
    }
    Ok(())
}

/// By row id, or by slug.
async fn find(task: &Task) -> Result<Option<ShownTenant>, Fault> {
    let text = task.call.path("id");
    let id = match TenantId::parse_uuid(text).or_else(|| TenantId::parse_prefixed(text)) {
        Some(id) => Some(id),
        // What cannot be a slug is not looked for: not every text can be asked of every engine.
        None if slug_is_valid(text) => task.app.store.tenant_by_slug(text).await?.map(|tenant| tenant.id),
        None => None,
    };
    match id {
        Some(id) => Ok(task.app.store.shown_tenant(id).await?),
        None => Ok(None),
    }
}

//! The registry of scopes: listed, added to, changed, taken from.

use writ_core::ids::ScopeId;
use writ_core::manage::no_such;
use writ_core::manage::scopes::{self, Removal, ScopeDraft, ScopePatch, ScopeUses};
use writ_core::reason::Reason;
use writ_core::scope::ScopeToken;
use writ_core::scope_registry::{BUILT_IN, InUse, RegisteredScope};
use writ_core::time::Micros;
use writ_store::After;

use crate::call::fault::Fault;
use crate::call::page::{Listed, Page};
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;

/// The version of a scope.
pub fn tag(scope: &RegisteredScope) -> Tag {
    Tag::new(scope.id.to_bytes(), scope.version)
}

/// When the tenant was made: so long it has had its built-in scopes.
async fn beginning(task: &Task) -> Result<Micros, Fault> {
    let tenant = task.app.store.shown_tenant(task.acting.tenant()).await?;
    Ok(tenant.ok_or_else(|| no_such(Reason::NoSuchTenant))?.created_at)
}

/// The same with the time since when the tenant has it.
async fn dated(task: &Task, mut scope: RegisteredScope) -> Result<RegisteredScope, Fault> {
    if scope.is_built_in() {
        scope.created_at = beginning(task).await?;
    }
    Ok(scope)
}

/// The scope that the path names: by its id, or by its name.
async fn find(task: &Task) -> Result<Option<RegisteredScope>, Fault> {
    let (text, tenant) = (task.call.path("scope_id"), task.acting.tenant());
    if let Some(id) = ScopeId::parse_uuid(text)
        && let Some(found) = task.app.store.scope(id, tenant).await?
    {
        return Ok(Some(found));
    }
    // What cannot be a name is not looked for: not every text can be asked of every engine.
    if ScopeToken::parse(text).is_err() {
        return Ok(None);
    }
    Ok(task.app.store.scope_named(text, tenant).await?)
}

/// How far a scope is in use, and the clients through which people act.
async fn uses(task: &Task, found: Option<&RegisteredScope>) -> Result<(ScopeUses, Vec<Box<str>>), Fault> {
    let named = task.acting.within().settings.interaction_clients.clone();
    match found {
        Some(scope) => Ok((task.app.store.scope_uses(scope, &named).await?, named)),
        None => Ok((ScopeUses::default(), named)),
    }
}

/// The page that the query asks for: the tenant's own, newest first, then those that every tenant has.
pub async fn page(task: &Task) -> Result<Listed<RegisteredScope>, Fault> {
    let page = Page::of(&task.call)?;
    let tenant = task.acting.tenant();
    let (mut rows, own) = task.app.store.scopes_page(tenant, page.after, page.to_read()).await?;
    let reworded = task.app.store.scopes_reworded(tenant).await?;
    let built_in = BUILT_IN.iter().rev().map(|known| {
        let changed = reworded.iter().find(|scope| scope.id == known.id());
        changed.cloned().unwrap_or_else(|| known.of(tenant))
    });
    // Made at the epoch, they come behind all others.
    rows.extend(built_in.filter(|scope| (Micros(0), scope.id.to_bytes()) < (page.after.at, page.after.id)));
    let total = own + i64::try_from(BUILT_IN.len()).unwrap_or_default();
    let mut listed =
        page.listed((rows, total), |scope| After { at: scope.created_at, id: scope.id.to_bytes() });
    let beginning = beginning(task).await?;
    for scope in listed.rows.iter_mut().filter(|scope| scope.is_built_in()) {
        scope.created_at = beginning;
    }
    Ok(listed)
}

/// Adds a scope, and the answer that shows it.
pub async fn create(
    task: &Task,
    draft: &ScopeDraft,
    render: impl FnOnce(&RegisteredScope) -> Answer,
) -> Answer {
    let answer = |scope: RegisteredScope| tagged(&tag(&scope), render(&scope));
    task.create(|_, deed| scopes::create(draft, deed), answer).await
}

/// The scope that the path names.
///
/// # Errors
/// 404 for one that is unknown, or another tenant's.
pub async fn existing(task: &Task) -> Result<RegisteredScope, Fault> {
    let found = find(task).await?.ok_or_else(|| no_such(Reason::NoSuchScope))?;
    dated(task, found).await
}

/// Changes the scope that the path names.
pub async fn update(task: &Task, patch: &ScopePatch) -> Result<RegisteredScope, Fault> {
    let found = find(task).await?;
    let (uses, _) = uses(task, found.as_ref()).await?;
    let known = found.as_ref().map(tag);
    let scope = task.commit_on(known, |_, deed| scopes::update(patch, found.as_ref(), uses, deed)).await?;
    dated(task, scope).await
}

/// Removes the scope that the path names.
pub async fn delete(task: &Task, in_use: InUse) -> Result<(), Fault> {
    let found = find(task).await?;
    let (uses, named) = uses(task, found.as_ref()).await?;
    let known = found.as_ref().map(tag);
    let removal = Removal { in_use, only: task.only(known), interaction_clients: &named };
    task.commit_on(known, |_, deed| scopes::delete(found.as_ref(), removal, uses, deed)).await
}

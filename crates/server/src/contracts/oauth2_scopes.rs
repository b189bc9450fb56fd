//! The **oauth2** contract: `/api/v1/oauth/scopes`, the registry of scopes.

use http::StatusCode;
use serde::Serialize;
use writ_core::client::Update;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::ids::ScopeId;
use writ_core::manage::no_such;
use writ_core::manage::scopes::{self, Removal, ScopeDraft, ScopePatch, Uses};
use writ_core::scope::ScopeToken;
use writ_core::scope_registry::{BUILT_IN, InUse, RegisteredScope};
use writ_core::time::Micros;
use writ_store::After;

use super::fields::Fields;
use super::wire::{Page, json, no_content, time};
use crate::call::fault::Fault;
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;

#[derive(Serialize)]
struct View<'a> {
    id: String,
    name: &'a str,
    description: Option<&'a str>,
    created_at: String,
}

#[derive(Serialize)]
struct List<'a> {
    scopes: Vec<View<'a>>,
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// When the tenant was made: so long it has had its built-in scopes.
async fn beginning(task: &Task) -> Result<Micros, Fault> {
    let tenant = task.app.store.shown_tenant(task.acting.tenant()).await?;
    Ok(tenant.ok_or_else(|| no_such("tenant"))?.created_at)
}

impl<'a> View<'a> {
    fn of(scope: &'a RegisteredScope, beginning: Micros) -> Self {
        let created_at = if scope.is_built_in() { beginning } else { scope.created_at };
        Self {
            id: scope.id.to_string(),
            name: &scope.name,
            description: scope.description.as_deref(),
            created_at: time(created_at),
        }
    }
}

async fn shown(task: &Task, scope: &RegisteredScope) -> Answer {
    let beginning = if scope.is_built_in() { beginning(task).await? } else { scope.created_at };
    json(StatusCode::OK, &View::of(scope, beginning))
}

fn tag(scope: &RegisteredScope) -> Tag {
    Tag::new(scope.id.to_bytes(), scope.version)
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
async fn uses(task: &Task, found: Option<&RegisteredScope>) -> Result<(Uses, Vec<Box<str>>), Fault> {
    let named = task.acting.within().settings.interaction_clients.clone();
    match found {
        Some(scope) => Ok((task.app.store.scope_uses(scope, &named).await?, named)),
        None => Ok((Uses::default(), named)),
    }
}

/// `GET /api/v1/oauth/scopes`: the tenant's own, newest first, then those that every tenant has.
pub async fn list(task: Task) -> Answer {
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
    let next_cursor = page.cut(&mut rows, |scope| After { at: scope.created_at, id: scope.id.to_bytes() });
    let beginning = beginning(&task).await?;
    let total = usize::try_from(own).unwrap_or_default() + BUILT_IN.len();
    let scopes = rows.iter().map(|scope| View::of(scope, beginning)).collect();
    json(StatusCode::OK, &List { scopes, total, next_cursor })
}

/// `POST /api/v1/oauth/scopes`.
pub async fn create(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let draft =
        ScopeDraft { name: body.text("name"), description: body.text("description"), unread: body.unread() };
    let made = |scope: RegisteredScope| {
        tagged(&tag(&scope), json(StatusCode::CREATED, &View::of(&scope, scope.created_at)))
    };
    task.create(|_, deed| scopes::create(&draft, deed), made).await
}

/// `GET /api/v1/oauth/scopes/{scope_id}`.
pub async fn show(task: Task) -> Answer {
    let found = find(&task).await?.ok_or_else(|| no_such("scope"))?;
    let answer = shown(&task, &found).await;
    task.show(&tag(&found), answer)
}

/// `PUT /api/v1/oauth/scopes/{scope_id}`: changes only what is sent.
pub async fn update(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let patch = ScopePatch {
        name: body.text("name"),
        description: Update::sent(body.nullable_text("description")),
        unread: body.unread(),
    };
    let found = find(&task).await?;
    let (uses, _) = uses(&task, found.as_ref()).await?;
    let known = found.as_ref().map(tag);
    let scope = task.commit_on(known, |_, deed| scopes::update(&patch, found.as_ref(), uses, deed)).await?;
    tagged(&tag(&scope), shown(&task, &scope).await)
}

/// `DELETE /api/v1/oauth/scopes/{scope_id}`; with `force=true` it is taken from the clients that have it.
pub async fn delete(task: Task) -> Answer {
    let in_use = match task.call.query()?.get("force") {
        None | Some("false") => InUse::Stays,
        Some("true") => InUse::IsTaken,
        Some(_) => return Err(OAuthError::new(ErrorCode::InvalidRequest, "force: true or false").into()),
    };
    let found = find(&task).await?;
    let (uses, named) = uses(&task, found.as_ref()).await?;
    let known = found.as_ref().map(tag);
    let removal = Removal { in_use, only: task.only(known), interaction_clients: &named };
    task.commit_on(known, |_, deed| scopes::delete(found.as_ref(), removal, uses, deed)).await?;
    Ok(no_content())
}

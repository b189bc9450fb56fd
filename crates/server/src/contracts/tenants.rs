//! `/api/v1/tenants`: an operator's matter.

use http::StatusCode;
use serde::Serialize;
use writ_core::authority::Permissions;
use writ_core::change::Enabled;
use writ_core::ids::TenantId;
use writ_core::manage::no_such;
use writ_core::manage::tenants::{self, SettingsPatch, TenantDraft, TenantPatch};
use writ_core::tenant::{ShownTenant, slug_is_valid};
use writ_store::After;

use super::fields::Fields;
use super::settings::{self, Settings};
use super::wire::{Page, json, no_content, time};
use crate::call::fault::Fault;
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;
use crate::manage::registrations;

#[derive(Serialize)]
struct View {
    id: String,
    slug: String,
    name: String,
    enabled: bool,
    settings: Settings,
    created_at: String,
    updated_at: String,
}

/// What everybody may know of their own tenant: not its settings, which are an operator's.
#[derive(Serialize)]
struct Own {
    id: String,
    slug: String,
    name: String,
    issuer: String,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct List {
    tenants: Vec<View>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<&ShownTenant> for View {
    fn from(shown: &ShownTenant) -> Self {
        let tenant = &shown.tenant;
        Self {
            id: tenant.id.to_string(),
            slug: tenant.slug.to_string(),
            name: tenant.name.to_string(),
            enabled: tenant.enabled.is_yes(),
            settings: (&tenant.settings).into(),
            created_at: time(shown.created_at),
            updated_at: time(shown.updated_at),
        }
    }
}

/// `GET /api/v1/tenants`.
pub async fn list(task: Task) -> Answer {
    let page = Page::of(&task.call)?;
    let (mut tenants, total) = task.app.store.tenants_page(page.after, page.to_read()).await?;
    let next_cursor =
        page.cut(&mut tenants, |shown| After { at: shown.created_at, id: shown.tenant.id.to_bytes() });
    json(StatusCode::OK, &List { tenants: tenants.iter().map(View::from).collect(), total, next_cursor })
}

/// `POST /api/v1/tenants`.
pub async fn create(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let draft = TenantDraft {
        slug: body.text("slug"),
        name: body.text("name"),
        settings: settings::read(&mut body),
        unread: body.unread(),
    };
    let answer = |shown: ShownTenant| tagged(&tag(&shown), json(StatusCode::CREATED, &View::from(&shown)));
    task.create(|_, deed| tenants::create(&draft, deed), answer).await
}

/// `GET /api/v1/tenants/{id}`.
pub async fn show(task: Task) -> Answer {
    let found = find(&task).await?.ok_or_else(|| no_such("tenant"))?;
    task.show(&tag(&found), json(StatusCode::OK, &View::from(&found)))
}

/// `PUT /api/v1/tenants/{id}`: changes only what is sent.
pub async fn update(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let patch = TenantPatch {
        slug: body.text("slug"),
        name: body.text("name"),
        enabled: body.flag("enabled").map(Enabled::from),
        settings: settings::read(&mut body),
        lockout: body.lockout(),
        unread: body.unread(),
    };
    let found = find(&task).await?;
    let held = held(&task, found.as_ref(), &patch).await?;
    let known = found.as_ref().map(tag);
    let shown = task.commit_on(known, |_, deed| tenants::update(&patch, found.as_ref(), held, deed)).await?;
    task.app.tenants.invalidate(&shown.tenant.slug);
    let shown = with_keys(&task, &patch.settings, shown).await?;
    tagged(&tag(&shown), json(StatusCode::OK, &View::from(&shown)))
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

/// `GET /api/v1/tenant`: the tenant of the credential, or that which an operator names.
pub async fn own(task: Task) -> Answer {
    let found = task.app.store.shown_tenant(task.acting.tenant()).await?.ok_or_else(|| no_such("tenant"))?;
    let own = Own {
        id: found.tenant.id.to_string(),
        slug: found.tenant.slug.to_string(),
        name: found.tenant.name.to_string(),
        issuer: task.app.issuer(&found.tenant).to_string(),
        created_at: time(found.created_at),
        updated_at: time(found.updated_at),
    };
    task.show(&tag(&found), json(StatusCode::OK, &own))
}

/// `DELETE /api/v1/tenants/{id}`.
pub async fn delete(task: Task) -> Answer {
    let found = find(&task).await?;
    let known = found.as_ref().map(tag);
    task.commit_on(known, |_, deed| tenants::delete(found.as_ref(), task.only(known), deed)).await?;
    if let Some(shown) = found {
        task.app.tenants.invalidate(&shown.tenant.slug);
    }
    Ok(no_content())
}

fn tag(shown: &ShownTenant) -> Tag {
    Tag::new(shown.tenant.id.to_bytes(), shown.tenant.version)
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

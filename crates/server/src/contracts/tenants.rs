//! `/api/v1/tenants`: an operator's matter.

use http::StatusCode;
use serde::Serialize;
use writ_core::change::Enabled;
use writ_core::manage::tenants::{TenantDraft, TenantPatch};
use writ_core::settings::{ADMINISTRATORS, SettingsPatch};
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::ShownTenant;

use super::fields::Fields;
use super::settings::{self, SettingsView};
use super::wire::{json, no_content, time};
use crate::call::page::Listed;
use crate::call::routes::{Answer, Task, tagged};
use crate::manage::tenants;

#[derive(Serialize)]
struct TenantView {
    id: String,
    slug: String,
    name: String,
    enabled: bool,
    settings: SettingsView,
    created_at: String,
    updated_at: String,
}

/// What everybody may know of their own tenant; its settings those who may change some of them.
#[derive(Serialize)]
struct OwnTenant {
    id: String,
    slug: String,
    name: String,
    issuer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<SettingsView>,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct TenantList {
    tenants: Vec<TenantView>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<&ShownTenant> for TenantView {
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
    let Listed { rows, total, next_cursor } = tenants::page(&task).await?;
    json(
        StatusCode::OK,
        &TenantList { tenants: rows.iter().map(TenantView::from).collect(), total, next_cursor },
    )
}

/// The settings that were sent. A sender of letters has to be one that this server may send for: whether mail servers
/// believe it lies with its domain, and with whoever runs this server.
fn settings_of(task: &Task, body: &mut Fields) -> SettingsPatch {
    let sent = settings::read(body);
    if let Some(Some(sender)) = &sent.mail_sender
        && let Some(domains) = task.app.post.other_domains(sender)
    {
        body.wrong("settings.mail_sender", ShellReason::SenderElsewhere { domains: domains.into() });
    }
    sent
}

/// `POST /api/v1/tenants`.
pub async fn create(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let draft = TenantDraft {
        slug: body.text("slug"),
        name: body.text("name"),
        settings: settings_of(&task, &mut body),
        unread: body.unread(),
    };
    tenants::create(&task, &draft, |shown| json(StatusCode::CREATED, &TenantView::from(shown))).await
}

/// `GET /api/v1/tenants/{id}`.
pub async fn show(task: Task) -> Answer {
    let found = tenants::existing(&task).await?;
    task.show(&tenants::tag(&found), json(StatusCode::OK, &TenantView::from(&found)))
}

/// `PUT /api/v1/tenants/{id}`: changes only what is sent.
pub async fn update(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let patch = TenantPatch {
        slug: body.text("slug"),
        name: body.text("name"),
        enabled: body.flag("enabled").map(Enabled::from),
        settings: settings_of(&task, &mut body),
        lockout: body.lockout(),
        unread: body.unread(),
    };
    let shown = tenants::update(&task, &patch).await?;
    tagged(&tenants::tag(&shown), json(StatusCode::OK, &TenantView::from(&shown)))
}

/// `GET /api/v1/tenant`: the tenant of the credential, or that which an operator names.
pub async fn own(task: Task) -> Answer {
    let found = tenants::own(&task).await?;
    task.show(&tenants::tag(&found), json(StatusCode::OK, &OwnTenant::new(&task, &found)))
}

impl OwnTenant {
    fn new(task: &Task, found: &ShownTenant) -> Self {
        let held = task.acting.caller().permissions;
        let administers = ADMINISTRATORS.iter().all(|permission| held.contains(*permission));
        Self {
            id: found.tenant.id.to_string(),
            slug: found.tenant.slug.to_string(),
            name: found.tenant.name.to_string(),
            issuer: task.app.issuer(&found.tenant).to_string(),
            settings: administers.then(|| (&found.tenant.settings).into()),
            created_at: time(found.created_at),
            updated_at: time(found.updated_at),
        }
    }
}

/// `PUT` and `PATCH /api/v1/tenant`: changes those settings that are sent, where they are left to administrators.
pub async fn update_own(mut task: Task) -> Answer {
    let mut body: Fields = task.call.json().await?;
    let (settings, lockout) = (settings_of(&task, &mut body), body.lockout());
    body.nothing_else();
    let patch = TenantPatch { settings, lockout, unread: body.unread(), ..TenantPatch::default() };
    let shown = tenants::update_own(&task, &patch).await?;
    tagged(&tenants::tag(&shown), json(StatusCode::OK, &OwnTenant::new(&task, &shown)))
}

/// `DELETE /api/v1/tenants/{id}`.
pub async fn delete(task: Task) -> Answer {
    tenants::delete(&task).await?;
    Ok(no_content())
}

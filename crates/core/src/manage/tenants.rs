//! Tenants: an operator's matter.

use super::{Deed, NAME_RULE, Violations, Wrong, name_is_valid, no_such};
use crate::change::{Action, Change, Enabled, Target};
use crate::decision::Decision;
use crate::error::{ErrorCode, OAuthError};
use crate::ids::TenantId;
use crate::networks::Lockout;
pub use crate::settings::SettingsPatch;
use crate::tenant::{DEFAULT_SLUG, NewTenant, ShownTenant, Tenant, TenantSettings, slug_is_valid};

/// What a new tenant shall be; the slug has to be there.
#[derive(Debug, Clone, Default)]
pub struct TenantDraft {
    /// Its place in URLs.
    pub slug: Option<String>,
    /// Display name; the slug where there is none.
    pub name: Option<String>,
    /// Its choices.
    pub settings: SettingsPatch,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// What shall be changed of a tenant; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct TenantPatch {
    /// Its place in URLs: only the one that it has.
    pub slug: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// Whether it works at all.
    pub enabled: Option<Enabled>,
    /// Its choices.
    pub settings: SettingsPatch,
    /// What is said to shutting oneself out.
    pub lockout: Lockout,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// A tenant is found by its id or its slug, so that no slug may look like an id.
fn slug_is_free(slug: &str) -> bool {
    slug_is_valid(slug) && TenantId::parse_uuid(slug).is_none()
}

/// Makes a tenant.
///
/// # Errors
/// `invalid_request` naming the fields. A taken slug is the store's to say.
pub fn create(draft: &TenantDraft, deed: &Deed<'_>) -> Decision<ShownTenant> {
    let mut violations = draft.unread.clone();
    let slug = violations.require("slug", draft.slug.as_deref());
    violations.when(
        Wrong(slug.is_some_and(|slug| !slug_is_free(slug))),
        "slug",
        "1 to 63 of a-z, 0-9 and -, not at either end, and not a UUID",
    );
    violations.when(Wrong(draft.name.as_deref().is_some_and(|name| !name_is_valid(name))), "name", NAME_RULE);
    let slug = violations.settle_with(slug)?;
    let settings = draft.settings.applied_to(&TenantSettings::default());
    let id = TenantId::v7(deed.moment.now, deed.moment.random.bits());
    let name = draft.name.as_deref().unwrap_or(slug);
    let new = NewTenant {
        id,
        slug: slug.into(),
        name: name.into(),
        settings: settings.clone(),
        created_at: deed.moment.now,
    };
    let tenant =
        Tenant { id, slug: slug.into(), name: name.into(), enabled: Enabled::Yes, settings, version: 1 };
    let shown = ShownTenant { tenant, created_at: deed.moment.now, updated_at: deed.moment.now };
    let changes =
        deed.changes(Action::TenantCreated, Target::Tenant(id)).with(Change::CreateTenant(Box::new(new)));
    Ok((shown, changes))
}

/// Changes a tenant.
///
/// # Errors
/// `not_found`; `invalid_request`; `conflict` for switching off the first tenant.
pub fn update(patch: &TenantPatch, found: Option<&ShownTenant>, deed: &Deed<'_>) -> Decision<ShownTenant> {
    let found = found.ok_or_else(|| no_such("tenant"))?;
    let mut violations = patch.unread.clone();
    let moved = patch.slug.as_deref().is_some_and(|slug| slug != &*found.tenant.slug);
    violations.when(Wrong(moved), "slug", "cannot be changed: it is part of the issuer");
    violations.when(Wrong(patch.name.as_deref().is_some_and(|name| !name_is_valid(name))), "name", NAME_RULE);
    let is_own = found.tenant.id == deed.acting.caller().home;
    if let Some(Some(list)) = patch.settings.management_networks.as_ref().filter(|_| is_own)
        && let Some(why) = patch.lockout.problem(list, deed.origin.ip)
    {
        violations.note("settings.management_networks", why);
    }
    violations.settle()?;
    if patch.enabled == Some(Enabled::No) {
        keep_the_first(&found.tenant)?;
    }
    let mut shown = found.clone();
    if let Some(name) = &patch.name {
        shown.tenant.name = name.as_str().into();
    }
    if let Some(enabled) = patch.enabled {
        shown.tenant.enabled = enabled;
    }
    shown.tenant.settings = patch.settings.applied_to(&found.tenant.settings);
    shown.updated_at = deed.moment.now;
    shown.tenant.version += 1;
    let change = Change::UpdateTenant {
        tenant: shown.tenant.id,
        name: shown.tenant.name.clone(),
        settings: shown.tenant.settings.clone(),
        enabled: shown.tenant.enabled,
        version: found.tenant.version,
        at: deed.moment.now,
    };
    Ok((shown.clone(), deed.changes(Action::TenantUpdated, Target::Tenant(shown.tenant.id)).with(change)))
}

/// Removes a tenant and all that is in it. With `only`, only while it has that version.
///
/// # Errors
/// `not_found`; `conflict` for the first tenant.
pub fn delete(found: Option<&ShownTenant>, only: Option<i64>, deed: &Deed<'_>) -> Decision<()> {
    let found = found.ok_or_else(|| no_such("tenant"))?;
    keep_the_first(&found.tenant)?;
    let id = found.tenant.id;
    let changes = deed
        .changes(Action::TenantDeleted, Target::Tenant(id))
        .with(Change::DeleteTenant { tenant: id, only });
    Ok(((), changes))
}

fn keep_the_first(tenant: &Tenant) -> Result<(), OAuthError> {
    if &*tenant.slug == DEFAULT_SLUG {
        return Err(OAuthError::new(ErrorCode::Conflict, "the first tenant carries the server: it stays"));
    }
    Ok(())
}

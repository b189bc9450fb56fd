//! Tenants: an operator's matter.

use super::{Deed, Violations, Wrong, name_is_valid, no_such};
use crate::change::{Action, Change, Enabled, Target};
use crate::decision::Decision;
use crate::error::{ErrorCode, OAuthError};
use crate::ids::TenantId;
use crate::tenant::{DEFAULT_SLUG, NewTenant, ShownTenant, Tenant, TenantSettings, slug_is_valid};

/// What a new tenant shall be.
#[derive(Debug, Clone)]
pub struct TenantDraft {
    /// Its place in URLs.
    pub slug: String,
    /// Display name; the slug where there is none.
    pub name: Option<String>,
    /// Its choices.
    pub settings: TenantSettings,
}

/// What shall be changed of a tenant; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct TenantPatch {
    /// Display name.
    pub name: Option<String>,
    /// Whether it works at all.
    pub enabled: Option<Enabled>,
    /// Its choices, all of them.
    pub settings: Option<TenantSettings>,
}

fn check(slug: Option<&str>, name: Option<&str>) -> Violations {
    let mut violations = Violations::default();
    violations.when(
        Wrong(slug.is_some_and(|slug| !slug_is_valid(slug))),
        "slug",
        "1 to 63 of a-z, 0-9 and -, not at either end",
    );
    violations.when(
        Wrong(name.is_some_and(|name| !name_is_valid(name))),
        "name",
        "1 to 255 characters, without control characters or white space at the ends",
    );
    violations
}

/// Makes a tenant.
///
/// # Errors
/// `invalid_request` naming the fields. A taken slug is the store's to say.
pub fn create(draft: &TenantDraft, deed: &Deed<'_>) -> Decision<ShownTenant> {
    check(Some(&draft.slug), draft.name.as_deref()).settle()?;
    let id = TenantId::v7(deed.moment.now, deed.moment.random.bits());
    let name = draft.name.clone().unwrap_or_else(|| draft.slug.clone());
    let new = NewTenant {
        id,
        slug: draft.slug.as_str().into(),
        name: name.as_str().into(),
        settings: draft.settings.clone(),
        created_at: deed.moment.now,
    };
    let tenant = Tenant {
        id,
        slug: draft.slug.as_str().into(),
        name: name.into(),
        enabled: Enabled::Yes,
        settings: draft.settings.clone(),
        version: 1,
    };
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
    check(None, patch.name.as_deref()).settle()?;
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
    if let Some(settings) = &patch.settings {
        shown.tenant.settings = settings.clone();
    }
    shown.updated_at = deed.moment.now;
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

/// Removes a tenant and all that is in it.
///
/// # Errors
/// `not_found`; `conflict` for the first tenant.
pub fn delete(found: Option<&ShownTenant>, deed: &Deed<'_>) -> Decision<()> {
    let found = found.ok_or_else(|| no_such("tenant"))?;
    keep_the_first(&found.tenant)?;
    let id = found.tenant.id;
    let changes =
        deed.changes(Action::TenantDeleted, Target::Tenant(id)).with(Change::DeleteTenant { tenant: id });
    Ok(((), changes))
}

fn keep_the_first(tenant: &Tenant) -> Result<(), OAuthError> {
    if &*tenant.slug == DEFAULT_SLUG {
        return Err(OAuthError::new(ErrorCode::Conflict, "the first tenant carries the server: it stays"));
    }
    Ok(())
}

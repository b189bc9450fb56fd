//! Tenants: an operator's matter.

use std::sync::Arc;

use super::{Deed, Violations, Wrong, name_is_valid, no_such};
use crate::authority::{Permission, Permissions};
use crate::change::{Action, Change, Changes, Enabled, Target};
use crate::decision::{Decision, Judgement};
use crate::error::{ErrorCode, OAuthError};
use crate::ids::TenantId;
use crate::look::{LogoSent, Look, LookPatch, PictureChange};
use crate::networks::Lockout;
use crate::reason::Reason;
pub use crate::settings::SettingsPatch;
use crate::settings::{Choice, Choices};
use crate::tenant::{DEFAULT_SLUG, NewTenant, ShownTenant, Tenant, TenantSettings, slug_is_valid};
use crate::time::Micros;
use crate::violation::Field;

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

/// The longest list of clients through which people act.
const INTERACTION_CLIENTS_MOST: usize = 100;

/// What is wrong with a list of clients through which people act.
fn check_interaction_clients(settings: &SettingsPatch, violations: &mut Violations) {
    const FIELD: &str = "settings.interaction_clients";
    let Some(Some(names)) = &settings.interaction_clients else { return };
    violations.when(
        Wrong(names.len() > INTERACTION_CLIENTS_MOST),
        FIELD,
        Reason::ClientsMost { most: INTERACTION_CLIENTS_MOST.into() },
    );
    let is_client_id =
        |name: &str| (1..=255).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic());
    violations.when(Wrong(names.iter().any(|name| !is_client_id(name))), FIELD, Reason::ClientIdsNeeded);
    let mut sorted: Vec<_> = names.iter().collect();
    sorted.sort();
    sorted.dedup();
    violations.when(Wrong(sorted.len() != names.len()), FIELD, Reason::ClientTwice);
}

/// What is wrong with settings as they would be after a change.
fn check_settings(before: &TenantSettings, patch: &SettingsPatch, violations: &mut Violations) {
    check_interaction_clients(patch, violations);
    check_logos(&before.look, patch, violations);
    let is_alone =
        matches!(patch.token_burst, Some(Some(_))) && patch.applied_to(before).token_rate.is_none();
    violations.when(Wrong(is_alone), "settings.token_burst", Reason::NeedsTokenRate);
}

/// A logo that is only named has to be there.
fn check_logos(before: &Look, patch: &SettingsPatch, violations: &mut Violations) {
    let Some(Some(look)) = &patch.look else { return };
    for (member, logo) in look.logos() {
        let unknown = matches!(logo, LogoSent::Known(name) if !before.has(name));
        let field = Field::Other(format!("settings.look.{member}").into());
        violations.when(Wrong(unknown), field, Reason::LogoUnknown);
    }
}

/// What becomes of the pictures of a tenant.
fn pictures(patch: &SettingsPatch, (tenant, at): (TenantId, Micros), looks: [&Look; 2]) -> Vec<Change> {
    let Some(sent) = &patch.look else { return Vec::new() };
    let new = sent.iter().flat_map(LookPatch::logos).filter_map(|(_, logo)| match logo {
        LogoSent::New(picture) => Some(PictureChange::Keep { tenant, picture: Arc::clone(picture), at }),
        LogoSent::Known(_) => None,
    });
    let [before, after] = looks;
    let of = |look: &Look| [look.logo.clone(), look.logo_dark.clone(), look.icon.clone()];
    let names = [of(before), of(after)];
    let mut changes: Vec<_> = new.map(Change::Picture).collect();
    changes.push(Change::Picture(PictureChange::KeepOnly { tenant, names }));
    changes
}

/// The clients that a change of settings names anew or leaves out: people act through them from then on, or no more.
pub fn trust_changes<'a>(before: &'a TenantSettings, patch: &'a SettingsPatch) -> Vec<&'a str> {
    let Some(after) = &patch.interaction_clients else { return Vec::new() };
    let (old, new) = (&before.interaction_clients, after.as_deref().unwrap_or_default());
    let added = new.iter().filter(|name| !old.contains(name));
    added.chain(old.iter().filter(|name| !new.contains(name))).map(|name| &**name).collect()
}

/// Saying through which clients people act needs `clients:trust`, and what those clients may do.
fn may_trust(
    patch: &SettingsPatch,
    before: &TenantSettings,
    held: Permissions,
    deed: &Deed<'_>,
) -> Judgement<()> {
    if trust_changes(before, patch).is_empty() {
        return Ok(());
    }
    deed.acting.caller().may_grant(held.iter().chain([Permission::ClientsTrust]).collect())
}

/// Makes a tenant.
///
/// # Errors
/// `invalid_request` naming the fields; `access_denied` for `interaction_clients` without `clients:trust`. A taken slug
/// is the store's to say.
pub fn create(draft: &TenantDraft, deed: &Deed<'_>) -> Decision<ShownTenant> {
    let mut violations = draft.unread.clone();
    let slug = violations.require("slug", draft.slug.as_deref());
    violations.when(Wrong(slug.is_some_and(|slug| !slug_is_free(slug))), "slug", Reason::SlugRule);
    violations.when(
        Wrong(draft.name.as_deref().is_some_and(|name| !name_is_valid(name))),
        "name",
        Reason::NameRule,
    );
    check_settings(&TenantSettings::default(), &draft.settings, &mut violations);
    let slug = violations.settle_with(slug)?;
    may_trust(&draft.settings, &TenantSettings::default(), Permissions::NONE, deed)?;
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
    let unit = deed.unit(Action::TenantCreated, Target::Tenant(id)).with(Change::CreateTenant(Box::new(new)));
    let looks = [&Look::default(), &*shown.tenant.settings.look];
    let changes =
        pictures(&draft.settings, (id, deed.moment.now), looks).into_iter().fold(unit, Changes::with);
    Ok((shown, changes))
}

/// Changes a tenant. `held` is what the clients of [`trust_changes`] may do.
///
/// # Errors
/// `not_found`; `invalid_request`; `access_denied` for other `interaction_clients` without `clients:trust` or with less
/// than those clients may do; `conflict` for switching off the first tenant.
pub fn update(
    patch: &TenantPatch,
    found: Option<&ShownTenant>,
    held: Permissions,
    deed: &Deed<'_>,
) -> Decision<ShownTenant> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchTenant))?;
    let mut violations = patch.unread.clone();
    let moved = patch.slug.as_deref().is_some_and(|slug| slug != &*found.tenant.slug);
    violations.when(Wrong(moved), "slug", Reason::SlugFixed);
    violations.when(
        Wrong(patch.name.as_deref().is_some_and(|name| !name_is_valid(name))),
        "name",
        Reason::NameRule,
    );
    check_settings(&found.tenant.settings, &patch.settings, &mut violations);
    let is_own = found.tenant.id == deed.acting.caller().home;
    if let Some(Some(list)) = patch.settings.management_networks.as_ref().filter(|_| is_own)
        && let Some(why) = patch.lockout.problem(list, deed.origin.ip)
    {
        violations.note("settings.management_networks", why);
    }
    violations.settle()?;
    may_trust(&patch.settings, &found.tenant.settings, held, deed)?;
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
    let unit = deed.unit(Action::TenantUpdated, Target::Tenant(shown.tenant.id)).with(change);
    let looks = [&*found.tenant.settings.look, &*shown.tenant.settings.look];
    let at = (shown.tenant.id, deed.moment.now);
    let changes = pictures(&patch.settings, at, looks).into_iter().fold(unit, Changes::with);
    Ok((shown, changes))
}

/// Changes the choices of a tenant for its own administrators: those that an operator has left to them. Whoever is an
/// operator changes all of them.
///
/// # Errors
/// As [`update`]; `access_denied` for a choice that is an operator's and would not stay as it is.
pub fn update_own(
    patch: &TenantPatch,
    found: Option<&ShownTenant>,
    held: Permissions,
    deed: &Deed<'_>,
) -> Decision<ShownTenant> {
    patch.unread.clone().settle()?;
    if let Some(found) = found
        && !deed.acting.caller().permissions.contains(Permission::TenantsWrite)
    {
        let before = &found.tenant.settings;
        left(patch.settings.applied_to(before).differing(before), before.left_to_administrators)?;
    }
    update(patch, found, held, deed)
}

/// Whether all that changes is left to administrators.
fn left(changed: Choices, left: Choices) -> Result<(), OAuthError> {
    let names: Vec<_> = changed.without(left).iter().map(Choice::name).collect();
    if names.is_empty() {
        return Ok(());
    }
    let text = Reason::ChangedByOperator { names: names.join(" ").into() };
    Err(OAuthError::new(ErrorCode::AccessDenied, text))
}

/// Removes a tenant and all that is in it. With `only`, only while it has that version.
///
/// # Errors
/// `not_found`; `conflict` for the first tenant.
pub fn delete(found: Option<&ShownTenant>, only: Option<i64>, deed: &Deed<'_>) -> Decision<()> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchTenant))?;
    keep_the_first(&found.tenant)?;
    let id = found.tenant.id;
    let changes =
        deed.unit(Action::TenantDeleted, Target::Tenant(id)).with(Change::DeleteTenant { tenant: id, only });
    Ok(((), changes))
}

fn keep_the_first(tenant: &Tenant) -> Result<(), OAuthError> {
    if &*tenant.slug == DEFAULT_SLUG {
        return Err(OAuthError::new(ErrorCode::Conflict, Reason::FirstTenantStays));
    }
    Ok(())
}

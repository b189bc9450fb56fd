//! Roles that a tenant defines.

use super::{Deed, Violations, Wrong, no_such};
use crate::authority::{Permission, Permissions};
use crate::change::{Action, Change, Target};
use crate::decision::{Decision, Judgement, Refusal};
use crate::error::{ErrorCode, OAuthError};
use crate::excerpt::Excerpt;
use crate::ids::RoleId;
use crate::reason::Reason;
use crate::role::{
    ENTITLEMENTS_MOST, NewRole, Role, built_in, entitlement_is_valid, is_reserved, name_is_valid,
};

/// What a role shall be; permissions have to be there, for a new one the name too.
#[derive(Debug, Clone, Default)]
pub struct RoleDraft {
    /// Its name, unique in the tenant.
    pub name: Option<String>,
    /// What it may do: permissions of Writ's, and names of the tenant's own.
    pub permissions: Option<Vec<Box<str>>>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// What a role gives.
struct Powers {
    permissions: Permissions,
    entitlements: Vec<Box<str>>,
}

/// Tells Writ's permissions from the tenant's own names. What looks like one of the first and is none was mistyped.
fn powers(draft: &RoleDraft, violations: &mut Violations) -> Option<Powers> {
    const FIELD: &str = "permissions";
    let sent = violations.require(FIELD, draft.permissions.as_deref())?;
    let mut powers = Powers { permissions: Permissions::NONE, entitlements: Vec::new() };
    for name in sent {
        if let Some(permission) = Permission::by_name(name) {
            powers.permissions = powers.permissions.iter().chain([permission]).collect();
        } else if is_reserved(name) {
            let known: Vec<_> = Permissions::all().names().collect();
            let text =
                Reason::PermissionUnknown { name: Excerpt::of(name).into(), known: known.join(" ").into() };
            violations.note(FIELD, text);
        } else if !entitlement_is_valid(name) {
            violations.note(
                FIELD,
                Reason::EntitlementBad {
                    name: Excerpt::of(name).into(),
                    why: Reason::EntitlementRule.into(),
                },
            );
        } else if !powers.entitlements.contains(name) {
            powers.entitlements.push(name.clone());
        }
    }
    violations.when(
        Wrong(powers.entitlements.len() > ENTITLEMENTS_MOST),
        FIELD,
        Reason::EntitlementsMost { most: ENTITLEMENTS_MOST.into() },
    );
    Some(powers)
}

/// Makes a role.
///
/// # Errors
/// `invalid_request`, `conflict` for a built-in name, `access_denied` for permissions that the caller lacks.
pub fn create(draft: &RoleDraft, deed: &Deed<'_>) -> Decision<Role> {
    let mut violations = draft.unread.clone();
    let name = violations.require("name", draft.name.as_deref());
    let powers = powers(draft, &mut violations);
    violations.when(Wrong(name.is_some_and(|name| !name_is_valid(name))), "name", Reason::RoleNameRule);
    let (name, Powers { permissions, entitlements }) = violations.settle_with(name.zip(powers))?;
    refuse_built_in(name)?;
    deed.acting.caller().may_grant(permissions)?;
    let id = RoleId::v7(deed.moment.now, deed.moment.random.bits());
    let (tenant, at) = (deed.acting.tenant(), deed.moment.now);
    let new = NewRole {
        id,
        tenant,
        name: name.into(),
        permissions,
        entitlements: entitlements.clone(),
        created_at: at,
    };
    let role = Role {
        id,
        tenant,
        name: name.into(),
        permissions,
        entitlements,
        created_at: at,
        updated_at: at,
        version: 1,
    };
    let changes = deed.unit(Action::RoleCreated, Target::Role(id)).with(Change::CreateRole(Box::new(new)));
    Ok((role, changes))
}

/// Changes what a role may do.
///
/// # Errors
/// `not_found`, `invalid_request`, `conflict` for a built-in one, `access_denied` where it has, or
/// would get, what the caller lacks.
pub fn update(name: &str, draft: &RoleDraft, found: Option<&Role>, deed: &Deed<'_>) -> Decision<Role> {
    refuse_built_in(name)?;
    let found = found.ok_or_else(|| no_such(Reason::NoSuchRole))?;
    let mut violations = draft.unread.clone();
    // Users bear the name: a new one would take the role from them without a word.
    violations.when(Wrong(draft.name.as_deref().is_some_and(|sent| sent != name)), "name", Reason::Fixed);
    let powers = powers(draft, &mut violations);
    let Powers { permissions, entitlements } = violations.settle_with(powers)?;
    deed.acting.caller().may_grant(found.permissions)?;
    deed.acting.caller().may_grant(permissions)?;
    let role = Role {
        permissions,
        entitlements: entitlements.clone(),
        updated_at: deed.moment.now,
        version: found.version + 1,
        ..found.clone()
    };
    let change = Change::UpdateRole {
        role: role.id,
        tenant: deed.acting.tenant(),
        permissions,
        entitlements,
        version: found.version,
        at: deed.moment.now,
    };
    Ok((role, deed.unit(Action::RoleUpdated, Target::Role(found.id)).with(change)))
}

/// Removes a role that nobody bears.
///
/// # Errors
/// `not_found`, `conflict` for a built-in one or while users bear it, `access_denied` where it has
/// what the caller lacks.
pub fn delete(name: &str, found: Option<&Role>, bearers: i64, deed: &Deed<'_>) -> Decision<()> {
    refuse_built_in(name)?;
    let found = found.ok_or_else(|| no_such(Reason::NoSuchRole))?;
    deed.acting.caller().may_grant(found.permissions)?;
    if bearers > 0 {
        return Err(conflict(Reason::RoleHeld { bearers: bearers.into() }));
    }
    let change = Change::DeleteRole {
        role: found.id,
        tenant: deed.acting.tenant(),
        name: found.name.clone(),
        version: found.version,
    };
    Ok(((), deed.unit(Action::RoleDeleted, Target::Role(found.id)).with(change)))
}

fn refuse_built_in(name: &str) -> Judgement<()> {
    match built_in(name) {
        Some(_) => Err(conflict(Reason::RoleBuiltIn { name: name.into() })),
        None => Ok(()),
    }
}

fn conflict(text: Reason) -> Box<Refusal> {
    OAuthError::new(ErrorCode::Conflict, text).into()
}

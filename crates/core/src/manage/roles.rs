//! Roles that a tenant defines.

use super::{Deed, Violations, Wrong, no_such};
use crate::authority::Permissions;
use crate::change::{Action, Change, Target};
use crate::decision::{Decision, Judgement, Refusal};
use crate::error::{ErrorCode, OAuthError};
use crate::ids::RoleId;
use crate::role::{NewRole, Role, built_in, name_is_valid};

/// What a role shall be; permissions have to be there, for a new one the name too.
#[derive(Debug, Clone, Default)]
pub struct RoleDraft {
    /// Its name, unique in the tenant.
    pub name: Option<String>,
    /// What it may do.
    pub permissions: Option<Permissions>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// Makes a role.
///
/// # Errors
/// `invalid_request`, `conflict` for a built-in name, `access_denied` for permissions that the caller lacks.
pub fn create(draft: &RoleDraft, deed: &Deed<'_>) -> Decision<Role> {
    let mut violations = draft.unread.clone();
    let name = violations.require("name", draft.name.as_deref());
    let permissions = violations.require("permissions", draft.permissions);
    violations.when(
        Wrong(name.is_some_and(|name| !name_is_valid(name))),
        "name",
        "1 to 63 of a-z, 0-9, _ and -",
    );
    let (name, permissions) = violations.settle_with(name.zip(permissions))?;
    refuse_built_in(name)?;
    deed.acting.caller().may_grant(permissions)?;
    let id = RoleId::v7(deed.moment.now, deed.moment.random.bits());
    let (tenant, at) = (deed.acting.tenant(), deed.moment.now);
    let new = NewRole { id, tenant, name: name.into(), permissions, created_at: at };
    let role =
        Role { id, tenant, name: name.into(), permissions, created_at: at, updated_at: at, version: 1 };
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
    let found = found.ok_or_else(|| no_such("role"))?;
    let mut violations = draft.unread.clone();
    // Users bear the name: a new one would take the role from them without a word.
    violations.when(
        Wrong(draft.name.as_deref().is_some_and(|sent| sent != name)),
        "name",
        "cannot be changed",
    );
    let permissions = violations.require("permissions", draft.permissions);
    let permissions = violations.settle_with(permissions)?;
    deed.acting.caller().may_grant(found.permissions)?;
    deed.acting.caller().may_grant(permissions)?;
    let role = Role { permissions, updated_at: deed.moment.now, version: found.version + 1, ..found.clone() };
    let change = Change::UpdateRole {
        role: role.id,
        tenant: deed.acting.tenant(),
        permissions,
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
    let found = found.ok_or_else(|| no_such("role"))?;
    deed.acting.caller().may_grant(found.permissions)?;
    if bearers > 0 {
        return Err(conflict(format!("{bearers} users have this role; take it from them first")));
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
        Some(_) => Err(conflict(format!("name: {name} is built in and stays as it is"))),
        None => Ok(()),
    }
}

fn conflict(text: String) -> Box<Refusal> {
    OAuthError::new(ErrorCode::Conflict, text).into()
}

//! How changes of the registry of scopes become SQL.
//!
//! Whether a client has a scope is read in one table and decides on a row of another. A unit that gives a client
//! scopes therefore locks those scopes, and one that removes or renames a scope locks it in a step of its own:
//! what the next step reads is then all that there will be.

use writ_core::authority::{Permission, Permissions};
use writ_core::ids::{ScopeId, TenantId};
use writ_core::scope_registry::{InUse, NewScope, ScopeRemoval, ScopeUpdate};

use crate::sql::Sql;
use crate::statements as sql;
use crate::value::{Step, Value};

fn new_scope(sql: &'static Sql, new: NewScope) -> Step {
    let values =
        [new.tenant.into(), new.id.into(), new.name.into(), new.description.into(), new.created_at.into()];
    Step::new(sql, values)
}

/// The first stands for the change in the receipt.
pub(super) fn push_registered(scopes: Vec<NewScope>, steps: &mut Vec<Step>) {
    let mut scopes = scopes.into_iter().map(|new| new_scope(&sql::SCOPE_REGISTER, new));
    steps.extend(scopes.next());
    steps.extend(scopes.map(Step::detail));
}

pub(super) fn created(new: NewScope) -> Step {
    new_scope(&sql::SCOPE_INSERT, new)
}

fn locked(scope: ScopeId, tenant: TenantId, only: Option<i64>) -> Step {
    Step::new(&sql::SCOPE_LOCK, [tenant.into(), scope.into(), only.into()]).guarded().detail()
}

pub(super) fn push_update(update: ScopeUpdate, steps: &mut Vec<Step>) {
    let ScopeUpdate { before, after } = update;
    if before.name != after.name {
        steps.push(locked(before.id, before.tenant, Some(before.version)));
    }
    let statement = if before.is_built_in() { &sql::SCOPE_REWORD } else { &sql::SCOPE_UPDATE };
    let values = [
        after.tenant.into(),
        after.id.into(),
        before.version.into(),
        after.name.into(),
        after.description.into(),
        after.updated_at.into(),
    ];
    steps.push(Step::new(statement, values).guarded());
}

/// Names, each between spaces, as `REPLACE` finds them.
pub(crate) fn between_spaces<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().fold(" ".to_owned(), |list, name| list + name.as_ref() + " ")
}

/// The permissions beyond some.
fn beyond(within: Permissions) -> String {
    between_spaces(Permissions::all().without(within).names())
}

pub(super) fn push_removal(removal: ScopeRemoval, steps: &mut Vec<Step>) {
    let ScopeRemoval { scope, tenant, name, only, in_use, within, interaction_clients, at } = removal;
    steps.push(locked(scope, tenant, only));
    let row: [Value; 3] = [tenant.into(), scope.into(), name.clone().into()];
    match in_use {
        InUse::Stays => steps.push(Step::new(&sql::SCOPE_DELETE_UNUSED, row).guarded()),
        InUse::IsTaken => {
            let may_trust = within.contains(Permission::ClientsTrust);
            let trusted = (!may_trust).then(|| between_spaces(&interaction_clients));
            let values: Vec<Value> = row.into_iter().chain([beyond(within).into(), trusted.into()]).collect();
            steps.push(Step::new(&sql::SCOPE_DELETE_USED, values).guarded());
            let values = [tenant.into(), name.clone().into(), at.into()];
            steps.push(Step::new(&sql::CLIENTS_LOSE_SCOPE, values).detail());
            steps.push(Step::new(&sql::SCOPE_FORGET_CLIENTS, [tenant.into(), name.into()]).detail());
        }
    }
}

//! How changes of the registry of scopes become SQL.

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

pub(super) fn updated(update: ScopeUpdate) -> Step {
    let ScopeUpdate { before, after } = update;
    let statement = if before.is_built_in() { &sql::SCOPE_REWORD } else { &sql::SCOPE_UPDATE };
    let values = [
        after.tenant.into(),
        after.id.into(),
        before.version.into(),
        after.name.into(),
        after.description.into(),
        after.updated_at.into(),
    ];
    Step::new(statement, values).guarded()
}

pub(super) fn push_removal(removal: ScopeRemoval, steps: &mut Vec<Step>) {
    let ScopeRemoval { scope, tenant, name, in_use, at } = removal;
    let row: [Value; 3] = [tenant.into(), scope.into(), name.clone().into()];
    match in_use {
        InUse::Stays => steps.push(Step::new(&sql::SCOPE_DELETE_UNUSED, row).guarded()),
        InUse::IsTaken => {
            steps.push(Step::new(&sql::SCOPE_DELETE, row).guarded());
            let values = [tenant.into(), name.clone().into(), at.into()];
            steps.push(Step::new(&sql::CLIENTS_LOSE_SCOPE, values).detail());
            steps.push(Step::new(&sql::SCOPE_FORGET_CLIENTS, [tenant.into(), name.into()]).detail());
        }
    }
}

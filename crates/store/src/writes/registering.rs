//! How changes about clients that register themselves become SQL.

use writ_core::registration::{NewManaged, NewRegistrationToken, RegisteringChange};
use writ_core::time::Micros;

use crate::statements::registering as sql;
use crate::value::Step;

pub(super) fn push(change: RegisteringChange, steps: &mut Vec<Step>) {
    match change {
        RegisteringChange::Add(new) => add(&new, steps),
        RegisteringChange::Rotate { client, from, to } => {
            steps.push(Step::new(&sql::REGISTERED_ROTATE, [client.into(), from.into(), to.into()]).guarded());
        }
        RegisteringChange::CreateToken(new) => steps.push(token(*new)),
        RegisteringChange::UseToken { token, tenant, at } => {
            let values = [token.into(), tenant.into(), at.into()];
            steps.push(Step::new(&sql::REGISTRATION_TOKEN_USE, values).guarded());
        }
        RegisteringChange::DeleteToken { token, tenant } => {
            steps.push(Step::new(&sql::REGISTRATION_TOKEN_DELETE, [token.into(), tenant.into()]).guarded());
        }
    }
}

fn add(new: &NewManaged, steps: &mut Vec<Step>) {
    steps.push(Step::new(&sql::REGISTERED_COUNT_UP, [new.tenant.into(), new.most.into()]).guarded());
    let values = [
        new.client.into(),
        new.tenant.into(),
        new.hash.into(),
        new.token.into(),
        new.unused_until.into(),
        // Beside times, and in their unit.
        new.idle.map(|span| Micros(0).plus(span)).into(),
    ];
    steps.push(Step::new(&sql::REGISTERED_ADD, values).detail());
}

fn token(new: NewRegistrationToken) -> Step {
    let token = new.token;
    let values = [
        token.id.into(),
        token.tenant.into(),
        token.name.into(),
        token.hash.into(),
        token.last_four.into(),
        token.uses_left.into(),
        token.created_at.into(),
        token.expires_at.into(),
    ];
    Step::new(&sql::REGISTRATION_TOKEN_INSERT, values)
}

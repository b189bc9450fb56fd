//! Who is told that a sign-in has ended: decided here, whatever ended it, and queued in the unit that ends it.

use writ_core::authorization_code::NewCode;
use writ_core::ids::{ClientId, SessionId, TenantId, UserId};
use writ_core::time::Micros;

use crate::statements::logouts as sql;
use crate::value::{Step, Value};

/// What has ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ended {
    /// A sign-in: each of its clients is told.
    Session(SessionId),
    /// Every sign-in of a person, the account with it or not.
    User(UserId),
    /// Every sign-in in a tenant.
    Tenant(TenantId),
    /// What a person allowed a client: that client alone is told.
    Between(UserId, ClientId),
}

/// Queues what the clients are told. It stands behind the guard of its change, and before what removes the sign-ins. Each
/// client is told once of a sign-in, unless it has been given another code since.
pub(crate) fn tell(of: Ended, at: Micros, steps: &mut Vec<Step>) {
    let (queue, told, mut values) = match of {
        Ended::Session(id) => (&sql::LOGOUTS_OF_SESSION, &sql::TOLD_OF_SESSION, vec![Value::from(id)]),
        Ended::User(id) => (&sql::LOGOUTS_OF_USER, &sql::TOLD_OF_USER, vec![id.into()]),
        Ended::Tenant(id) => (&sql::LOGOUTS_OF_TENANT, &sql::TOLD_OF_TENANT, vec![id.into()]),
        Ended::Between(user, _) => (&sql::LOGOUTS_BETWEEN, &sql::TOLD_BETWEEN, vec![user.into()]),
    };
    values.push(at.into());
    if let Ended::Between(_, client) = of {
        values.push(client.into());
    }
    steps.push(Step::new(queue, values.clone()).detail());
    steps.push(Step::new(told, values).detail());
}

/// A sign-in gives a client a code, and so one more has to be told of its end.
pub(super) fn given(new: &NewCode) -> Option<Step> {
    let values = [new.session?.into(), new.client.into(), new.id.into(), new.tenant.into(), new.user.into()];
    Some(Step::new(&sql::SESSION_CLIENT_ADD, values).detail())
}

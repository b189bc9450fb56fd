//! How changes about second factors become SQL.

use writ_core::people::factors::FactorChange;

use crate::statements::factors as sql;
use crate::value::Step;

pub(super) fn push(change: FactorChange, steps: &mut Vec<Step>) {
    match change {
        FactorChange::Touch { user, tenant, version } => {
            let values = [user.into(), tenant.into(), version.into()];
            steps.push(Step::new(&sql::FACTORS_TOUCH, values).guarded());
        }
        FactorChange::Add(new) => {
            let factor = new.factor;
            let values = [
                factor.id.into(),
                new.tenant.into(),
                new.user.into(),
                factor.kind.name().into(),
                factor.name.into(),
                factor.sealed.into(),
                factor.last_step.into(),
                factor.created_at.into(),
            ];
            steps.push(Step::new(&sql::FACTOR_INSERT, values));
        }
        FactorChange::Use { factor, tenant, step, at } => {
            let values = [factor.into(), tenant.into(), step.into(), at.into()];
            steps.push(Step::new(&sql::FACTOR_USE, values).guarded());
        }
        FactorChange::Remove { factor, user, tenant } => {
            let values = [factor.into(), user.into(), tenant.into()];
            steps.push(Step::new(&sql::FACTOR_DELETE, values).guarded());
        }
        FactorChange::PutCodes { user, tenant, hashes } => {
            steps.push(Step::new(&sql::USER_DELETE_CODES, [user.into()]).detail());
            for hash in hashes {
                let values = [user.into(), hash.into(), tenant.into()];
                steps.push(Step::new(&sql::RECOVERY_CODE_INSERT, values).detail());
            }
        }
        FactorChange::UseCode { user, tenant, hash, at } => {
            let values = [user.into(), hash.into(), tenant.into(), at.into()];
            steps.push(Step::new(&sql::RECOVERY_CODE_USE, values).guarded());
        }
    }
}

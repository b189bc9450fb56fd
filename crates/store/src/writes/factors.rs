//! How changes about second factors become SQL.

use writ_core::people::factors::passkey::credential_hash;
use writ_core::people::factors::remembered::RememberedDevice;
use writ_core::people::factors::{FactorChange, FactorMeans, NewFactor};

use crate::statements::factors as sql;
use crate::value::{Step, Value};

pub(super) fn push(change: FactorChange, steps: &mut Vec<Step>) {
    match change {
        FactorChange::Touch { user, tenant, version } => {
            let values = [user.into(), tenant.into(), version.into()];
            steps.push(Step::new(&sql::FACTORS_TOUCH, values).guarded());
            steps.push(Step::new(&sql::USER_DELETE_REMEMBERED, [user.into()]).detail());
        }
        FactorChange::Remember(device) => steps.push(remembered(*device)),
        FactorChange::Forget { device, user, tenant } => {
            steps.push(Step::new(&sql::REMEMBERED_FORGET, [device.into(), user.into(), tenant.into()]));
        }
        FactorChange::ForgetAll { user, .. } => {
            steps.push(Step::new(&sql::USER_DELETE_REMEMBERED, [user.into()]));
        }
        FactorChange::Add(new) => {
            steps.push(Step::new(&sql::FACTOR_INSERT, inserted(*new)));
        }
        FactorChange::Use { factor, tenant, step, at } => {
            let values = [factor.into(), tenant.into(), step.into(), at.into()];
            steps.push(Step::new(&sql::FACTOR_USE, values).guarded());
        }
        FactorChange::UsePasskey { factor, tenant, count, is_copied, at } => {
            let values = [factor.into(), tenant.into(), i64::from(count).into(), is_copied.into(), at.into()];
            steps.push(Step::new(&sql::PASSKEY_USE, values).guarded());
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

fn remembered(device: RememberedDevice) -> Step {
    let values: [Value; 9] = [
        device.id.into(),
        device.user.into(),
        device.tenant.into(),
        device.hash.into(),
        device.generation.into(),
        device.created_at.into(),
        device.expires_at.into(),
        device.ip.into(),
        device.user_agent.into(),
    ];
    Step::new(&sql::REMEMBERED_INSERT, values)
}

/// The values of a factor to be kept, in the order of its statement.
fn inserted(new: NewFactor) -> [Value; 15] {
    let NewFactor { factor, user, tenant } = new;
    let kind = factor.kind();
    let (sealed, last_step, passkey) = match factor.means {
        FactorMeans::Totp { sealed, last_step } => (sealed, last_step, None),
        FactorMeans::Passkey(passkey) => (Vec::new(), i64::from(passkey.count), Some(*passkey)),
    };
    let hash = passkey.as_ref().map(|passkey| credential_hash(&passkey.credential));
    let transports = passkey.as_ref().map(|passkey| passkey.transports.join(" "));
    let (copyable, copied) = passkey.as_ref().map(|passkey| (passkey.is_copyable, passkey.is_copied)).unzip();
    let (credential, key, aaguid) = match passkey {
        Some(passkey) => (Some(passkey.credential), Some(passkey.key), Some(passkey.aaguid.to_vec())),
        None => (None, None, None),
    };
    [
        factor.id.into(),
        tenant.into(),
        user.into(),
        kind.name().into(),
        factor.name.into(),
        sealed.into(),
        last_step.into(),
        factor.created_at.into(),
        hash.into(),
        credential.into(),
        key.into(),
        aaguid.into(),
        transports.into(),
        copyable.into(),
        copied.into(),
    ]
}

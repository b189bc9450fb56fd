//! The console: who enters, and how they have to have signed in for what they do there.
//!
//! What somebody may is decided by the same needs as at the APIs ([`crate::caller::act`]). Besides, whoever holds no
//! permission at all has nothing to see; and what cannot be taken back wants a sign-in that is not old: a browser that was
//! left open is not enough.

use crate::authority::Permissions;
use crate::decision::Judgement;
use crate::error::{ErrorCode, OAuthError};
use crate::reason::Reason;
use crate::settings::TenantSettings;
use crate::step_up::StepUp;
use crate::time::Seconds;

/// How old a sign-in may be for what cannot be taken back.
pub const GRAVE_MAX_AGE: Seconds = Seconds(1800);

/// How much an act weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    /// It shows something, or changes what can be changed back.
    Plain,
    /// It ends something for good, gives authority, or shows a secret.
    Grave,
}

/// Lets somebody into the console who holds any permission.
///
/// # Errors
/// `access_denied`.
pub fn enter(permissions: Permissions) -> Judgement<()> {
    if permissions.is_empty() {
        return Err(OAuthError::new(ErrorCode::AccessDenied, Reason::NothingToManage).into());
    }
    Ok(())
}

/// What a tenant demands of the sign-in behind an act: what it demands of whoever manages it, and for a grave one that it
/// is fresh besides.
pub fn demanded(settings: &TenantSettings, gravity: Gravity) -> StepUp {
    let usual = StepUp::of(settings);
    match gravity {
        Gravity::Plain => usual,
        Gravity::Grave => {
            let age = usual.max_age.map_or(GRAVE_MAX_AGE, |own| own.min(GRAVE_MAX_AGE));
            StepUp { max_age: Some(age), ..usual }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Permission;

    #[test]
    fn whoever_manages_nothing_does_not_enter() {
        let refused = enter(Permissions::NONE).unwrap_err();
        assert_eq!(refused.error.code(), ErrorCode::AccessDenied);
        for permission in Permission::ALL {
            assert!(enter([*permission].into_iter().collect()).is_ok(), "{permission:?}");
        }
    }

    /// A grave act never wants less than a plain one, and never takes an old sign-in.
    #[test]
    fn a_grave_act_wants_a_fresh_sign_in() {
        for (own, expected) in [(None, 1800), (Some(60), 60), (Some(86_400), 1800)] {
            let settings =
                TenantSettings { management_max_age: own.map(Seconds), ..TenantSettings::default() };
            assert_eq!(demanded(&settings, Gravity::Plain).max_age, own.map(Seconds));
            assert_eq!(demanded(&settings, Gravity::Grave).max_age, Some(Seconds(expected)));
        }
    }
}

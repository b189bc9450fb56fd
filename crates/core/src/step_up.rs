//! How people have to have signed in who manage a tenant with a token: OAuth 2.0 Step Up Authentication Challenge (RFC 9470).

use crate::claims::{ONE_FACTOR, TWO_FACTORS};
use crate::error::{Challenge, ErrorCode, OAuthError};
use crate::reason::Reason;
use crate::session::Authentication;
use crate::settings::TenantSettings;
use crate::time::{Micros, Seconds};

/// How much somebody has to have proved (`acr`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemandedAcr {
    /// Anything that Writ has seen.
    OneFactor,
    /// Two factors.
    TwoFactors,
}

impl DemandedAcr {
    /// Both.
    pub const ALL: [Self; 2] = [Self::OneFactor, Self::TwoFactors];

    /// The value of `acr`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneFactor => ONE_FACTOR,
            Self::TwoFactors => TWO_FACTORS,
        }
    }

    /// Finds one by its value.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|acr| acr.name() == name)
    }

    fn is_met(self, how: &Authentication) -> bool {
        match self {
            Self::OneFactor => how.acr().is_some(),
            Self::TwoFactors => how.is_two_factor(),
        }
    }
}

/// What is demanded of the sign-in behind a person's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StepUp {
    /// How much was proved; none: nothing is demanded.
    pub acr: Option<DemandedAcr>,
    /// How long ago that may be; none: as long as the token lives.
    pub max_age: Option<Seconds>,
}

impl StepUp {
    /// What a tenant demands of whoever manages it.
    pub const fn of(settings: &TenantSettings) -> Self {
        Self { acr: settings.management_acr, max_age: settings.management_max_age }
    }

    /// Whether anything is demanded.
    pub const fn is_some(self) -> bool {
        self.acr.is_some() || self.max_age.is_some()
    }

    /// Whether somebody has proved enough, and not too long ago.
    ///
    /// # Errors
    /// `insufficient_user_authentication` (RFC 9470 §3), with all that is demanded.
    pub fn met_by(self, how: &Authentication, now: Micros) -> Result<(), OAuthError> {
        let is_enough = self.acr.is_none_or(|acr| acr.is_met(how));
        let is_fresh = self.max_age.is_none_or(|age| now <= how.at.plus(age));
        if is_enough && is_fresh {
            return Ok(());
        }
        let why = if is_enough { Reason::SignInTooOld } else { Reason::SignInTooWeak };
        let error = OAuthError::new(ErrorCode::InsufficientUserAuthentication, why);
        Err(error.challenged(Challenge::StepUp(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::NOW;
    use crate::session::FactorUsed;

    /// RFC 9470 §3: what is demanded is told, whichever part of it is missing.
    #[test]
    fn a_sign_in_is_strong_and_new_enough_or_all_that_is_demanded_is_told() {
        let one = Authentication::by_password(NOW);
        let two = one.and(FactorUsed::Totp);
        let unknown = Authentication { at: NOW, methods: "".into() };
        let later = |seconds| NOW.plus(Seconds(seconds));
        let demand = |acr, age: Option<i64>| StepUp { acr, max_age: age.map(Seconds) };
        let (weak, strong) = (Some(DemandedAcr::OneFactor), Some(DemandedAcr::TwoFactors));
        for (asked, how, at, met) in [
            (demand(None, None), &unknown, later(1_000_000), true),
            (demand(weak, None), &unknown, NOW, false),
            (demand(weak, None), &one, later(1_000_000), true),
            (demand(strong, None), &one, NOW, false),
            (demand(strong, None), &two, later(1_000_000), true),
            (demand(None, Some(60)), &one, later(60), true),
            (demand(None, Some(60)), &two, later(61), false),
            (demand(strong, Some(60)), &two, later(60), true),
            (demand(strong, Some(60)), &one, later(60), false),
        ] {
            let judged = asked.met_by(how, at);
            assert_eq!(judged.is_ok(), met, "{asked:?} {how:?}");
            if let Err(error) = judged {
                assert_eq!(error.code(), ErrorCode::InsufficientUserAuthentication);
                assert_eq!(error.challenge(), Some(Challenge::StepUp(asked)));
            }
        }
    }
}

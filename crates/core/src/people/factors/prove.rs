//! The second step of a sign-in: somebody who has proved one factor proves another.

use super::codes::typed as typed_code;
use super::policy::{Admitted, Assurance, Sufficiency, judge};
use super::totp::TotpSecret;
use super::{FactorChange, FactorMeans, Factors};
use crate::act::{Action, Target};
use crate::audit::Outcome;
use crate::change::Change;
use crate::change::Changes;
use crate::decision::Refusal;
use crate::error::{ErrorCode, OAuthError};
use crate::ids::FactorId;
use crate::noted::{Noted, Worth};
use crate::people::Account;
use crate::people::change::PeopleChange;
use crate::people::letters::{Letter, News};
use crate::people::sign_in::{AttemptBuckets, REMEMBERED, SignInFailure, reserved};
use crate::reason::Reason;
use crate::scene::Scene;
use crate::secret::{HashKey, Presented};
use crate::session::{Authentication, FactorUsed};
use crate::time::Micros;

/// Somebody who has proved one factor and types a code.
#[derive(Debug, Clone, Copy)]
pub struct SecondStep<'a> {
    /// Who.
    pub account: &'a Account,
    /// How they have proved it so far.
    pub proved: &'a Authentication,
    /// What decides whether that will be enough.
    pub assurance: Assurance<'a>,
    /// What their apps share with the server, opened.
    pub secrets: &'a [(FactorId, TotpSecret)],
    /// What they typed.
    pub typed: &'a Presented,
    /// Recovery codes are found by it.
    pub hash_key: &'a HashKey,
}

/// What was typed.
#[derive(Debug, Clone, Copy)]
enum TypedCode {
    /// A code of an app, of a step that was not used.
    Totp(FactorId, i64),
    /// A recovery code that was not used.
    Code(crate::secret::Digest32),
}

/// A second factor that was proved, with what is written of it beside the sign-in.
#[derive(Debug)]
pub struct SecondProved {
    /// They may be signed in.
    pub admitted: Admitted,
    /// What is used up.
    pub changes: Vec<Change>,
    /// Which it was.
    pub used: FactorUsed,
    /// What the person is told by mail.
    pub letter: Option<Letter>,
}

/// The buckets that guesses at somebody's second factor come out of: they are not those of the password.
pub fn buckets(account: &Account, scene: &Scene<'_>, hash_key: &HashKey) -> AttemptBuckets {
    let name = format!("\nsecond-factor\n{}", account.user.id);
    AttemptBuckets::of(scene.tenant, &name, scene.origin, hash_key)
}

/// Takes an attempt out of a bucket, before anything is compared.
pub fn reserve(account: &Account, bucket: crate::secret::Digest32, scene: &Scene<'_>) -> Changes {
    scene
        .unit(Action::SignInAttempted, Target::User(account.user.id))
        .with(Change::People(PeopleChange::ReserveAttempt(reserved(bucket, scene.moment.now))))
        .recorded(crate::change::Recorded::Inside(Outcome::Attempted))
}

impl SecondStep<'_> {
    /// What a code proves. Every code works once, on whichever nodes it comes.
    ///
    /// # Errors
    /// `invalid_grant` where it is wrong or was used.
    pub fn decide(&self, buckets: &AttemptBuckets, scene: &Scene<'_>) -> Result<SecondProved, Box<Refusal>> {
        let typed = self.typed(scene).ok_or_else(|| self.refused(scene))?;
        let (used, change) = match typed {
            TypedCode::Totp(factor, step) => {
                let at = scene.moment.now;
                (FactorUsed::Totp, FactorChange::Use { factor, tenant: scene.tenant, step, at })
            }
            TypedCode::Code(hash) => {
                let (user, tenant, at) = (self.account.user.id, scene.tenant, scene.moment.now);
                (FactorUsed::RecoveryCode, FactorChange::UseCode { user, tenant, hash, at })
            }
        };
        let Sufficiency::Enough(admitted) = judge(&self.proved.and(used), &self.assurance) else {
            return Err(self.refused(scene));
        };
        let filled =
            PeopleChange::FillBuckets { buckets: *buckets, at: scene.moment.now, remembered: REMEMBERED };
        let letter = match used {
            FactorUsed::Totp | FactorUsed::Passkey(_) | FactorUsed::Password | FactorUsed::MailedCode => None,
            FactorUsed::RecoveryCode => {
                let left = self.assurance.factors.codes_left().saturating_sub(1);
                Some(Letter { to: self.account.email.clone(), what: News::RecoveryCodeUsed(left) })
            }
        };
        Ok(SecondProved { admitted, changes: vec![change.into(), Change::People(filled)], used, letter })
    }

    fn typed(&self, scene: &Scene<'_>) -> Option<TypedCode> {
        let (typed, factors) = (self.typed.expose(), self.assurance.factors);
        let step = self.secrets.iter().find_map(|(id, secret)| {
            let (_, last) = used_step(factors, *id)?;
            secret.step_of(typed, scene.moment.now).filter(|step| *step > last).map(|step| (*id, step))
        });
        if let Some((factor, step)) = step {
            return Some(TypedCode::Totp(factor, step));
        }
        let hash = typed_code(self.account.user.id, typed, self.hash_key)?;
        let kept = factors.codes.iter().find(|code| code.hash.ct_eq(&hash))?;
        kept.used_at.is_none().then_some(TypedCode::Code(hash))
    }

    /// Whether this very code was used for the last sign-in, a moment ago: the form came twice.
    pub fn is_again(&self, scene: &Scene<'_>) -> bool {
        let (typed, factors, now) = (self.typed.expose(), self.assurance.factors, scene.moment.now);
        let again = |used_at: Option<Micros>| used_at.is_some_and(|at| now < at.plus(AGAIN));
        let by_app = self.secrets.iter().any(|(id, secret)| {
            let step = secret.step_of(typed, now);
            used_step(factors, *id).is_some_and(|(used_at, last)| Some(last) == step && again(used_at))
        });
        by_app
            || typed_code(self.account.user.id, typed, self.hash_key).is_some_and(|hash| {
                factors.codes.iter().any(|code| code.hash.ct_eq(&hash) && again(code.used_at))
            })
    }

    /// The refusal of a code, with its record.
    pub fn refused(&self, scene: &Scene<'_>) -> Box<Refusal> {
        Refusal::new(refused()).recording(self.failed(SignInFailure::Factor, scene))
    }

    /// The record of a code that was not looked at: no attempt was left.
    pub fn failed(&self, why: SignInFailure, scene: &Scene<'_>) -> Noted {
        let user = &self.account.user;
        Noted {
            act: scene.act(Action::SignInFailed, Target::User(user.id)),
            outcome: Outcome::Failure,
            why: Some(("reason", why.name())),
            reason: None,
            name: Some(("username", Box::from(&*user.username))),
            list: None,
            path: None,
            worth: Worth::Each,
        }
    }
}

/// When an app was last used, and the step of the code.
fn used_step(factors: &Factors, id: FactorId) -> Option<(Option<Micros>, i64)> {
    let factor = factors.list.iter().find(|factor| factor.id == id)?;
    match factor.means {
        FactorMeans::Totp { last_step, .. } => Some((factor.used_at, last_step)),
        FactorMeans::Passkey(_) => None,
    }
}

/// How long the same form may come a second time.
pub(in crate::people) const AGAIN: crate::time::Seconds = crate::time::Seconds(10);

/// The answer to every code that is wrong.
pub fn refused() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, Reason::SecondFactorWrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Permissions;
    use crate::claims::AcrDemand;
    use crate::given::{Counted, NOW, at, hash_key};
    use crate::people::factors::codes::{KeptCode, RecoveryCodes};
    use crate::people::factors::given::{account, totp};
    use crate::people::factors::policy::{DeviceMemory, MailboxFactor, SecondFactor};
    use crate::time::Seconds;

    fn secret() -> TotpSecret {
        TotpSecret::from_slice(b"12345678901234567890").unwrap()
    }

    /// The step of NOW.
    fn present() -> i64 {
        NOW.as_secs() / 30
    }

    fn decided(factors: &Factors, typed: &str) -> Result<SecondProved, Option<&'static str>> {
        with_step(factors, typed, |step, scene| {
            let buckets = buckets(step.account, scene, step.hash_key);
            step.decide(&buckets, scene).map_err(|refusal| {
                assert_eq!(refusal.error.code(), ErrorCode::InvalidGrant);
                refusal.records.first().and_then(|record| record.why).map(|(_, why)| why)
            })
        })
    }

    fn with_step<T>(
        factors: &Factors,
        typed: &str,
        done: impl FnOnce(&SecondStep<'_>, &Scene<'_>) -> T,
    ) -> T {
        let (random, account, proved) = (Counted::default(), account(), Authentication::by_password(NOW));
        let (typed, key, origin) =
            (Presented::new(typed.to_owned()), hash_key(), crate::act::Origin::default());
        let secrets = [(totp(1).id, secret())];
        let assurance = Assurance {
            setting: SecondFactor::IfEnrolled,
            demand: AcrDemand::Nothing,
            factors,
            permissions: Permissions::NONE,
            mailbox: MailboxFactor::None,
            device: DeviceMemory::Nothing,
        };
        let step = SecondStep {
            account: &account,
            proved: &proved,
            assurance,
            secrets: &secrets,
            typed: &typed,
            hash_key: &key,
        };
        let moment = at(NOW, &random);
        let scene = Scene {
            tenant: account.user.tenant,
            actor: crate::act::Actor::Anonymous,
            origin: &origin,
            moment,
        };
        done(&step, &scene)
    }

    fn comes_again(step: &SecondStep<'_>, scene: &Scene<'_>) -> bool {
        step.is_again(scene)
    }

    fn app(last_step: i64, used_at: Option<Micros>) -> Factors {
        let means = FactorMeans::Totp { sealed: vec![1], last_step };
        let factor = crate::people::factors::Factor { means, used_at, ..totp(1) };
        Factors { list: vec![factor], codes: Vec::new() }
    }

    /// RFC 6238 §5.2: once, and none of a step before the last.
    #[test]
    fn a_code_is_good_once() {
        let code = |off: i64| secret().code(present() + off);
        for (off, last, good) in [
            (0, present() - 1, true),
            (-1, present() - 2, true),
            (1, present(), true),
            (0, present(), false),
            (-1, present() - 1, false),
            (-1, present(), false),
            (2, 0, false),
            (-2, 0, false),
        ] {
            let decided = decided(&app(last, None), &code(off));
            assert_eq!(
                decided.as_ref().map(|proved| proved.used),
                if good { Ok(FactorUsed::Totp) } else { Err(&Some("second_factor")) },
                "{off} {last}"
            );
            if let Ok(proved) = decided {
                assert_eq!(&*proved.admitted.authentication().methods, "pwd otp mfa");
                let [Change::Factor(FactorChange::Use { step, .. }), Change::People(_)] = &*proved.changes
                else {
                    panic!("{:?}", proved.changes)
                };
                assert_eq!(*step, present() + off);
            }
        }
    }

    #[test]
    fn a_recovery_code_is_good_once_and_its_owner_hears_of_it() {
        let codes = RecoveryCodes::following(account().user.id, b"form", &hash_key());
        let kept = |used_at| {
            let kept = codes.hashes().iter().map(|hash| KeptCode { hash: *hash, used_at: None });
            let mut kept: Vec<_> = kept.collect();
            kept[2].used_at = used_at;
            Factors { codes: kept, ..app(0, None) }
        };
        let typed = codes.shown()[2].to_string();
        let proved = decided(&kept(None), &typed).unwrap();
        assert_eq!(proved.used, FactorUsed::RecoveryCode);
        assert!(matches!(proved.letter.unwrap().what, News::RecoveryCodeUsed(9)));
        assert!(decided(&kept(Some(NOW)), &typed).is_err());
        assert!(decided(&app(0, None), &typed).is_err());
    }

    /// A form that comes twice is told from a code that somebody else has used, for a moment.
    #[test]
    fn the_code_of_a_moment_ago_is_known_again() {
        let again = |used: i64, ago: i64| {
            let factors = app(present() - used, Some(NOW.minus(Seconds(ago))));
            with_step(&factors, &secret().code(present()), comes_again)
        };
        assert!(again(0, 1) && again(0, 9));
        assert!(!again(0, 10) && !again(1, 1));
        assert!(!with_step(&app(present(), Some(NOW)), "000000", comes_again));
    }
}

//! How much somebody has to prove before they are signed in: one function, asked by every way in.
//!
//! Nothing but [`judge`] makes an [`Admitted`], and no sign-in is recorded without one.

use super::Factors;
use crate::authority::Permissions;
use crate::claims::AcrDemand;
use crate::session::{Authentication, FactorUsed};

/// A tenant's choice: who has to prove a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactor {
    /// Whoever has set one up.
    #[default]
    IfEnrolled,
    /// Whoever bears a permission, too: they set one up before they get in.
    Administrators,
    /// Everybody.
    Everyone,
}

impl SecondFactor {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::IfEnrolled, Self::Administrators, Self::Everyone];

    /// The name as stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IfEnrolled => "if_enrolled",
            Self::Administrators => "administrators",
            Self::Everyone => "everyone",
        }
    }

    /// Finds one by name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// A tenant's choice: whether people have passkeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PasskeyChoice {
    /// Nobody makes one, and none signs anybody in.
    Off,
    /// Whoever wants one makes it on the page of their account.
    #[default]
    On,
}

impl PasskeyChoice {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Off, Self::On];

    /// The name as stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
        }
    }

    /// Finds one by name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// What decides how much somebody has to prove.
#[derive(Debug, Clone, Copy)]
pub struct Assurance<'a> {
    /// What their tenant wants.
    pub setting: SecondFactor,
    /// What the application wants for which they sign in.
    pub demand: AcrDemand,
    /// What they have set up.
    pub factors: &'a Factors,
    /// What their roles give at Writ's own APIs.
    pub permissions: Permissions,
    /// Whether a code can be mailed to them.
    pub mailbox: MailboxFactor,
    /// Whether they have proved a second factor on this device before.
    pub device: DeviceMemory,
}

/// Whether somebody is not to be asked for the second factor on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceMemory {
    /// They are asked.
    Nothing,
    /// They have proved it there, and wish not to be asked each time. It is no proof: where two factors are demanded, or
    /// wished for, they are asked.
    Remembered,
}

/// Whether a code can be mailed to somebody who has set up nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxFactor {
    /// It cannot: the tenant does not want it, no mail is sent, or their address is not verified.
    None,
    /// It can.
    There,
}

/// Somebody who has proved enough, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted(Authentication);

impl Admitted {
    /// How, and when.
    pub const fn authentication(&self) -> &Authentication {
        &self.0
    }
}

/// What is missing before somebody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// They have to prove a second factor, which they have.
    Proof,
    /// They have to type a code that is mailed to them, or to set up something better.
    MailedCode,
    /// They have to set one up first.
    Enrolment,
}

/// Whether somebody has proved enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sufficiency {
    /// They have.
    Enough(Admitted),
    /// They have not.
    Lacks(Missing),
}

/// Whether these proofs are enough. Whoever has a second factor is always asked for it: it would protect nobody if an
/// application could do without. A mailed code stands in where nothing was set up and more is wanted, or wished for; never
/// after a sign-in by mail.
pub fn judge(proved: &Authentication, assurance: &Assurance<'_>) -> Sufficiency {
    if proved.is_two_factor() {
        return Sufficiency::Enough(Admitted(proved.clone()));
    }
    let is_required = match assurance.setting {
        SecondFactor::IfEnrolled => false,
        SecondFactor::Administrators => !assurance.permissions.is_empty(),
        SecondFactor::Everyone => true,
    };
    let is_wanted = is_required || assurance.demand == AcrDemand::Required;
    let is_wished = assurance.demand == AcrDemand::Wished;
    let by_mail =
        assurance.mailbox == MailboxFactor::There && proved.and(FactorUsed::MailedCode).is_two_factor();
    let is_remembered = assurance.device == DeviceMemory::Remembered
        && assurance.demand == AcrDemand::Nothing
        // What it stands for would have been enough.
        && proved.and(FactorUsed::Totp).is_two_factor();
    match (assurance.factors.has_second(), by_mail, is_wanted) {
        (true, ..) if is_remembered => Sufficiency::Enough(Admitted(proved.clone())),
        (true, ..) => Sufficiency::Lacks(Missing::Proof),
        (false, true, _) if is_wanted || is_wished => Sufficiency::Lacks(Missing::MailedCode),
        (false, false, true) => Sufficiency::Lacks(Missing::Enrolment),
        (false, ..) => Sufficiency::Enough(Admitted(proved.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Permission;
    use crate::given::NOW;
    use crate::people::factors::given::{passkey, totp};
    use crate::session::PasskeyUse;
    use crate::webauthn::UserVerification;

    fn used(is_copyable: bool, verification: UserVerification) -> PasskeyUse {
        PasskeyUse { is_copyable, verification }
    }

    /// RFC 8176 §2: what was proved, in which words, and whether it is two factors. Two things that somebody has are one.
    fn proofs() -> Vec<(Authentication, &'static str, bool)> {
        use FactorUsed::{MailedCode, Passkey, Password, RecoveryCode, Totp};
        let password = Authentication::by_password(NOW);
        let [seen, verified] =
            [UserVerification::NotDone, UserVerification::Done].map(|how| used(false, how));
        let (bare, whole) =
            (Authentication::by_passkey(NOW, seen), Authentication::by_passkey(NOW, verified));
        let copied = used(true, UserVerification::Done);
        let (mailed, elsewhere) = (Authentication::by_mail(NOW), Authentication::by_provider(NOW, &[]));
        vec![
            (password.clone(), "pwd", false),
            (password.and(Totp), "pwd otp mfa", true),
            (password.and(RecoveryCode), "pwd otp mfa", true),
            (password.and(Passkey(seen)), "pwd hwk user mfa", true),
            (password.and(Passkey(verified)), "pwd hwk user mfa", true),
            (bare.clone(), "hwk user", false),
            (whole, "hwk user mfa", true),
            (Authentication::by_passkey(NOW, copied), "swk user mfa", true),
            (bare.and(Password), "hwk user pwd mfa", true),
            (bare.and(Totp), "hwk user otp", false),
            (bare.and(RecoveryCode), "hwk user otp", false),
            (bare.and(Passkey(seen)), "hwk user", false),
            (bare.and(Passkey(used(true, UserVerification::NotDone))), "hwk user swk", false),
            (password.and(Password), "pwd", false),
            // By mail, and beside it: never twice by mail.
            (mailed.clone(), "otp mca", false),
            (mailed.and(MailedCode), "otp mca", false),
            (mailed.and(Totp), "otp mca mfa", true),
            (mailed.and(Password), "otp mca pwd mfa", true),
            (mailed.and(Passkey(seen)), "otp mca hwk user mfa", true),
            (password.and(MailedCode), "pwd otp mca mfa", true),
            (bare.and(MailedCode), "hwk user otp mca mfa", true),
            // Elsewhere: a mailbox may be kept by the provider, and a password be no more than another one.
            (elsewhere.clone(), "fed", false),
            (elsewhere.and(Totp), "fed otp mfa", true),
            (elsewhere.and(Passkey(seen)), "fed hwk user mfa", true),
            (elsewhere.and(Password), "fed pwd", false),
            (elsewhere.and(MailedCode), "fed otp mca", false),
            (Authentication { at: NOW, methods: "".into() }, "", false),
        ]
    }

    #[test]
    fn proofs_are_told_in_the_words_of_the_registry() {
        for (proved, words, two) in proofs() {
            assert_eq!((&*proved.methods, proved.is_two_factor()), (words, two));
            let acr = if words.is_empty() { None } else { Some(if two { "2" } else { "1" }) };
            assert_eq!(proved.acr(), acr, "{words}");
        }
    }

    /// The whole table: what the tenant wants × what the application wants × who it is × what they have × what they proved.
    #[test]
    fn nobody_is_signed_in_with_less_than_is_wanted() {
        let having = |list| Factors { list, codes: Vec::new() };
        let all = [
            having(Vec::new()),
            having(vec![totp(1)]),
            having(vec![passkey(2)]),
            having(vec![totp(1), passkey(2)]),
        ];
        let mut seen = 0;
        for setting in SecondFactor::ALL {
            for demand in [AcrDemand::Nothing, AcrDemand::Wished, AcrDemand::Required] {
                for permissions in [Permissions::NONE, Permissions::from_iter([Permission::OauthRead])] {
                    for (factors, (proved, _, two)) in
                        all.iter().flat_map(|factors| proofs().into_iter().map(move |proof| (factors, proof)))
                    {
                        for (mailbox, device) in [
                            (MailboxFactor::None, DeviceMemory::Nothing),
                            (MailboxFactor::There, DeviceMemory::Nothing),
                            (MailboxFactor::None, DeviceMemory::Remembered),
                            (MailboxFactor::There, DeviceMemory::Remembered),
                        ] {
                            let assurance =
                                Assurance { setting, demand, factors, permissions, mailbox, device };
                            let required = setting == SecondFactor::Everyone
                                || demand == AcrDemand::Required
                                || (setting == SecondFactor::Administrators && !permissions.is_empty());
                            let by_mail = mailbox == MailboxFactor::There && adds_mail(&proved);
                            let known = device == DeviceMemory::Remembered
                                && demand == AcrDemand::Nothing
                                && matches!(
                                    &*proved.methods,
                                    "pwd" | "otp mca" | "fed" | "fed pwd" | "fed otp mca"
                                );
                            let expected = match (two, factors.list.is_empty(), required) {
                                (false, false, _) if known => Sufficiency::Enough(Admitted(proved.clone())),
                                (false, false, _) => Sufficiency::Lacks(Missing::Proof),
                                (false, true, _) if by_mail && (required || demand == AcrDemand::Wished) => {
                                    Sufficiency::Lacks(Missing::MailedCode)
                                }
                                (false, true, true) => Sufficiency::Lacks(Missing::Enrolment),
                                (true, _, _) | (false, true, false) => {
                                    Sufficiency::Enough(Admitted(proved.clone()))
                                }
                            };
                            assert_eq!(judge(&proved, &assurance), expected, "{proved:?} {assurance:?}");
                            seen += 1;
                        }
                    }
                }
            }
        }
        assert_eq!(seen, 3 * 3 * 2 * 4 * proofs().len() * 4);
    }

    /// What a mailed code makes two factors of, by hand.
    fn adds_mail(proved: &Authentication) -> bool {
        matches!(&*proved.methods, "pwd" | "hwk user" | "hwk user otp" | "hwk user swk" | "fed pwd")
    }

    /// Recovery codes alone are no factor that anybody has set up: they stand in for one.
    #[test]
    fn recovery_codes_alone_ask_for_nothing() {
        let codes = vec![crate::people::factors::codes::KeptCode {
            hash: crate::secret::sha256(b"code"),
            used_at: None,
        }];
        assert!(!Factors { list: Vec::new(), codes }.has_second());
    }
}

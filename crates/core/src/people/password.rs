//! Passwords: what a new one has to be, and the form in which it is hashed.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::reason::Reason;
use crate::secret::Presented;

/// Characters of a password at the least.
pub const LEAST: usize = 8;
/// Characters of a password at the most.
pub const MOST: usize = 256;
/// The strength that a new password needs, on zxcvbn's scale from 0 to 4: a million guesses or more,
/// where [`sign_in`](super::sign_in) allows some hundred a day.
pub const LEAST_SCORE: u8 = 2;

/// How hard a password is to guess for somebody who knows whose it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strength {
    /// From 0, among the first guesses, to 4.
    pub score: u8,
    /// What would make it better, for the person.
    pub advice: Box<str>,
    /// Whether it is in the operator's list of passwords that attackers know.
    pub is_breached: bool,
}

/// What is wrong with a new password, for the person who chose it.
pub fn problem(password: &Presented, strength: &Strength) -> Option<Reason> {
    let characters = password.expose().chars().count();
    if characters < LEAST {
        return Some(Reason::PasswordShort { least: LEAST.into() });
    }
    if characters > MOST {
        return Some(Reason::PasswordLong { most: MOST.into() });
    }
    if password.expose().chars().any(char::is_control) {
        return Some(Reason::PasswordControl);
    }
    if strength.is_breached {
        return Some(Reason::PasswordBreached);
    }
    if strength.score >= LEAST_SCORE {
        return None;
    }
    Some(match &*strength.advice {
        "" => Reason::PasswordWeak,
        advice => Reason::PasswordWeakBecause { advice: advice.into() },
    })
}

/// The form in which a password is hashed: NFC (RFC 8265 §4.2.2), so that it does not matter whether
/// a keyboard makes `é` of one character or of two.
pub fn prepared(password: &str) -> Zeroizing<String> {
    if password.is_ascii() {
        return Zeroizing::new(password.to_owned());
    }
    Zeroizing::new(password.nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_matter_how_a_keyboard_makes_a_letter() {
        assert_eq!(*prepared("e\u{301}t\u{e9}"), "\u{e9}t\u{e9}");
        assert_ne!(*prepared("Ete"), *prepared("ete"));
        assert_eq!(*prepared("ﬁ"), "ﬁ", "what looks alike is still another password");
    }

    #[test]
    fn a_password_is_long_enough_and_hard_to_guess() {
        let strong = Strength { score: 2, ..Strength::default() };
        let judged = |text: &str, strength: &Strength| problem(&Presented::new(text.to_owned()), strength);
        assert_eq!(judged("äääääääa", &strong), None);
        assert_eq!(judged(&"x".repeat(256), &strong), None);
        assert!(judged("ääääääa", &strong).unwrap().to_string().contains("8 characters or more"));
        assert!(judged(&"x".repeat(257), &strong).unwrap().to_string().contains("256"));
        assert!(judged("long enough\n", &strong).unwrap().to_string().contains("control"));
        let weak = Strength { score: 1, advice: "Add another word or two.".into(), is_breached: false };
        assert_eq!(
            judged("password1", &weak).unwrap().to_string(),
            "is too easy to guess. Add another word or two."
        );
        let breached = Strength { score: 4, is_breached: true, ..Strength::default() };
        assert_eq!(judged("correct horse battery", &breached), Some(Reason::PasswordBreached));
    }
}

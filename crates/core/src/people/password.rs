//! Passwords: the form in which they are hashed.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

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
}

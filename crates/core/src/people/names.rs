//! Usernames and email addresses: what they may be, and when two are the same.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization as _;

/// What a username has to be.
pub const USERNAME_RULE: &str = "an email address, or a name of 1 to 255 characters without white space, \
     control characters, invisible characters or @";

/// What an email address has to be.
pub const EMAIL_RULE: &str = "an email address of 254 characters at the most, such as ada@example.com";

/// Characters of a username at the most.
const NAME_LIMIT: usize = 255;

/// Bytes of a text at the most that could be a username: what is longer is none, whatever it says, and is not
/// normalised. A compatibility form may be eighteen times as long as what was written, so a long text costs seconds.
pub const NAME_BYTES: usize = NAME_LIMIT * 4;

/// Bytes of a username's key at the most: compatibility forms may be many times as long as what was written.
const KEY_LIMIT: usize = 1024;

/// The form in which usernames are compared: NFKC and full case folding, so that `ＡＤＡ`, `Ada` and
/// `ada` are one person (Unicode, section 3.13: `NFKC_Casefold`, but for what it leaves out of a text,
/// which no username has).
///
/// What is too long to be a username has the key that no username has: nothing is computed from it.
pub fn username_key(username: &str) -> String {
    if username.len() > NAME_BYTES {
        return String::new();
    }
    if username.is_ascii() {
        return username.to_ascii_lowercase();
    }
    let folded = |text: &str| UniCase::unicode(text).to_folded_case();
    let decomposed: String = username.nfd().collect();
    let once: String = folded(&decomposed).nfkc().collect();
    folded(&once).nfkc().collect()
}

/// Whether a username is [`USERNAME_RULE`].
pub fn username_is_valid(username: &str) -> bool {
    if username.len() > NAME_BYTES {
        return false;
    }
    let key = username_key(username);
    let plain = (1..=NAME_LIMIT).contains(&username.chars().count())
        && (1..=KEY_LIMIT).contains(&key.len())
        && !username
            .chars()
            .chain(key.chars())
            .any(|c| c.is_whitespace() || c.is_control() || is_invisible(c));
    plain && (!key.contains('@') || email_is_valid(username))
}

/// Characters that show nothing, or change the order in which others show: a name with one looks like
/// another name.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a text is an address that mail can be sent to: the dot-atom form of RFC 5321 §4.1.2, in
/// ASCII (a domain of other letters in its `xn--` form).
pub fn email_is_valid(email: &str) -> bool {
    if email.len() > 254 {
        return false;
    }
    let Some((local, domain)) = email.split_once('@') else { return false };
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    local.len() <= 64 && local.split('.').all(is_atom) && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for (one, other) in [
            ("Ada", "ADA"),
            ("ＡＤＡ", "ada"),
            ("Straße", "STRASSE"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("e\u{301}ve", "\u{e9}ve"),
            ("ﬁona", "fiona"),
            ("Ada@Example.COM", "ada@example.com"),
            ("\u{345}\u{3b1}", "\u{399}\u{3b1}"),
        ] {
            assert_eq!(username_key(one), username_key(other), "{one} {other}");
        }
        assert_ne!(username_key("ada"), username_key("adä"));
    }

    /// A MiB of U+FDFA is normalised to eighteen: nothing of it is.
    #[test]
    fn what_is_too_long_to_be_a_name_is_not_normalised() {
        for unit in ["\u{fdfa}", "x", "\u{345}", "\u{1d15e}", "e\u{301}"] {
            let longest = unit.repeat(NAME_BYTES / unit.len());
            assert!(!username_key(&longest).is_empty());
            let longer = unit.repeat(NAME_BYTES / unit.len() + 1);
            assert_eq!(username_key(&longer), "", "no username has the empty key");
            assert!(!username_is_valid(&longer));
        }
        assert!(!username_is_valid(""));
        let widest = "\u{10400}".repeat(NAME_LIMIT);
        assert_eq!(widest.len(), NAME_BYTES);
        assert!(!username_key(&widest).is_empty(), "a name of the widest characters is still looked at");
    }

    #[test]
    fn usernames_are_addresses_or_plain_names() {
        for good in
            ["a", "ada", "john.doe@example.com", "admin@localhost", "Åsa", "李雷", "a-b_c.d", "O'Neil"]
        {
            assert!(username_is_valid(good), "{good}");
        }
        let long = "x".repeat(256);
        for bad in [
            "",
            " ",
            "a b",
            " a",
            "a\n",
            "a\0",
            "a\u{a0}b",
            "a\u{200b}",
            "\u{202e}a",
            "\u{3164}",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "jörg@example.com",
            "a＠b c",
            &long,
            &"\u{fdfa}".repeat(60),
        ] {
            assert!(!username_is_valid(bad), "{bad:?}");
        }
    }

    #[test]
    fn addresses_are_such_that_mail_can_be_sent_there() {
        for good in ["a@b", "a.b+c@d-e.example", "x@localhost", "o'neil@xn--mller-kva.example"] {
            assert!(email_is_valid(good), "{good}");
        }
        let long = format!("{}@example.com", "x".repeat(65));
        for bad in [
            "",
            "a",
            "a@",
            "@b",
            "a@b@c",
            ".a@b",
            "a.@b",
            "a..b@c",
            "a b@c",
            "a@-b",
            "a@b-",
            "a@b..c",
            "a@b.",
            "\"a b\"@c",
            "a@[127.0.0.1]",
            "a\r\nBcc: x@y",
            "a@b\r\n",
            "ä@b",
            "a@ä.example",
            "a,b@c",
            "<a@b>",
            &long,
        ] {
            assert!(!email_is_valid(bad), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_itself(name in "\\PC{0,20}") {
            let key = username_key(&name);
            prop_assert_eq!(username_key(&key), key);
        }

        #[test]
        fn case_never_tells_two_people_apart(name in "\\PC{1,12}") {
            prop_assert_eq!(username_key(&name.to_lowercase()), username_key(&UniCase::unicode(&*name).to_folded_case().to_lowercase()));
        }
    }
}

//! Usernames and email addresses: what they may be, and when two are the same.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization as _;

use crate::text::is_hidden;

/// Characters of a username at the most.
const NAME_LIMIT: usize = 255;

/// Bytes of a text at the most that could be a username: what is longer is none, whatever it says, and is not
/// normalised. A compatibility form may be eighteen times as long as what was written, so a long text costs seconds.
pub const NAME_BYTES: usize = NAME_LIMIT * 4;

/// Bytes of a username's key at the most: compatibility forms may be many times as long as what was written.
const KEY_LIMIT: usize = 1024;

/// The form in which usernames are compared: NFKC and full case folding, so that `ＡＤＡ`, `Ada` and
/// `ada` are one person (Unicode, section 3.13: `NFKC_Casefold`, but for what it leaves out of a text,
/// which no username has). White space at the ends is no part of a name; the domain of an address is compared as the
/// DNS has it (RFC 5890).
///
/// What is too long to be a username has the key that no username has: nothing is computed from it.
pub fn username_key(username: &str) -> String {
    if username.len() > NAME_BYTES {
        return String::new();
    }
    let username = username.trim();
    if username.is_ascii() {
        return username.to_ascii_lowercase();
    }
    let folded = |text: &str| UniCase::unicode(text).to_folded_case();
    let decomposed: String = username.nfd().collect();
    let once: String = folded(&decomposed).nfkc().collect();
    let key: String = folded(&once).nfkc().collect();
    match key.rsplit_once('@').map(|(local, domain)| (local, idna::domain_to_ascii(domain))) {
        Some((local, Ok(domain))) => format!("{local}@{domain}"),
        Some((_, Err(_))) | None => key,
    }
}

/// Whether a username is what the rule says (`username-rule`).
pub fn username_is_valid(username: &str) -> bool {
    if username.len() > NAME_BYTES || !(1..=NAME_LIMIT).contains(&username.chars().count()) {
        return false;
    }
    let key = username_key(username);
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !is_hidden(c) && c != '\u{fffd}';
    (1..=KEY_LIMIT).contains(&key.len())
        && username.chars().chain(key.chars()).all(is_plain)
        && (!key.contains('@') || email_is_valid(username))
}

/// Whether a username is an email address, and with it that of whoever bears it.
pub fn is_address(username: &str) -> bool {
    username.contains('@') && email_is_valid(username)
}

/// Whether two texts are one address.
pub fn is_same_address(one: &str, other: &str) -> bool {
    username_key(one) == username_key(other)
}

/// Whether a text is an address that mail can be sent to: the dot-atom form of RFC 5321 §4.1.2, also with the letters
/// of other scripts (RFC 6531 §3.3).
pub fn email_is_valid(email: &str) -> bool {
    if email.len() > 254 {
        return false;
    }
    let Some((local, domain)) = email.split_once('@') else { return false };
    let is_letter =
        |c: char| !c.is_ascii() && !c.is_whitespace() && !c.is_control() && !is_hidden(c) && c != '\u{fffd}';
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_letter(c))
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if local.len() > 64 || !local.split('.').all(is_atom) {
        return false;
    }
    domain_of_mail(domain).is_some_and(|domain| domain.split('.').all(is_label))
}

/// The domain of an address as mail servers name it: other letters in their `xn--` form (RFC 5891 §4.4).
pub fn domain_of_mail(domain: &str) -> Option<String> {
    if domain.is_ascii() {
        return Some(domain.to_owned());
    }
    if domain.contains('@') || domain.chars().any(|c| c.is_whitespace() || is_hidden(c)) {
        return None;
    }
    idna::domain_to_ascii_strict(domain).ok()
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
            (" ada\t", "ada"),
            ("Ada@Müller.example", "ada@xn--mller-kva.example"),
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
        for good in [
            "a",
            "ada",
            "john.doe@example.com",
            "admin@localhost",
            "Åsa",
            "李雷",
            "a-b_c.d",
            "O'Neil",
            "jörg@bücher.example",
        ] {
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
            "a＠b",
            "a＠b c",
            "\u{2800}",
            "a\u{e0041}",
            "jörg@exa mple.com",
            &long,
            &"\u{fdfa}".repeat(60),
        ] {
            assert!(!username_is_valid(bad), "{bad:?}");
        }
    }

    #[test]
    fn addresses_are_such_that_mail_can_be_sent_there() {
        for good in [
            "a@b",
            "a.b+c@d-e.example",
            "x@localhost",
            "o'neil@xn--mller-kva.example",
            "jörg@example.com",
            "ada@müller.example",
            "用户@例子.广告",
        ] {
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
            "a\u{200b}@b",
            "a@b\u{202e}.example",
            "a@ä b.example",
            "ä\u{a0}@b",
            "a,b@c",
            "<a@b>",
            &long,
        ] {
            assert!(!email_is_valid(bad), "{bad:?}");
        }
    }

    /// Folding a megabyte of U+FDFA takes seconds; nobody has such a name.
    #[test]
    fn what_is_too_long_to_be_a_name_is_not_folded() {
        let long = "\u{fdfa}".repeat(341);
        assert_eq!(username_key(&long), "");
        assert!(!username_is_valid(&long));
        assert!(username_key(&"\u{fdfa}".repeat(340)).len() > 1020);
    }

    #[test]
    fn a_domain_is_named_to_mail_servers_in_ascii() {
        assert_eq!(domain_of_mail("Müller.example").as_deref(), Some("xn--mller-kva.example"));
        assert_eq!(domain_of_mail("mail.example").as_deref(), Some("mail.example"));
        assert!(is_same_address("Ada@Example.com", "ada@example.COM ") && !is_same_address("a@b.c", "b@b.c"));
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_itself(name in "\\PC{0,20}") {
            let key = username_key(&name);
            // What folds to a space is no name.
            prop_assume!(key.trim() == key);
            prop_assert_eq!(username_key(&key), key);
        }

        #[test]
        fn case_never_tells_two_people_apart(name in "\\PC{1,12}") {
            // Before it is decomposed, folding may move a mark behind the iota that it makes of a subscript
            // (Unicode, section 3.13, D145).
            let decomposed: String = name.nfd().collect();
            let folded = UniCase::unicode(&*decomposed).to_folded_case();
            prop_assert_eq!(username_key(&name.to_lowercase()), username_key(&folded.to_lowercase()));
            prop_assert_eq!(username_key(&name.to_lowercase()), username_key(&name));
        }
    }
}

//! A short, harmless quotation of something a caller sent, for use in error messages.

use std::fmt;

/// At most [`Excerpt::LIMIT`] characters of received text, safe to put into `error_description`, a header or a log.
///
/// Characters outside the set that RFC 6749 §5.2 allows in `error_description`
/// (`%x20-21 / %x23-5B / %x5D-7E`) become `?`; longer text is cut.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Excerpt(Box<str>);

impl Excerpt {
    /// The longest quotation, in characters.
    pub const LIMIT: usize = 40;
    /// The longest reason, in characters.
    pub const REASON_LIMIT: usize = 200;

    /// Quotes text.
    pub fn of(text: &str) -> Self {
        Self(text.chars().take(Self::LIMIT).map(harmless).collect())
    }

    /// Quotes up to so many characters of a text of ours that may have received text in it.
    pub fn of_reason(text: &str) -> Self {
        Self(text.chars().take(Self::REASON_LIMIT).map(harmless).collect())
    }

    /// Quotes bytes that need not be UTF-8: every byte outside the allowed set becomes one `?`.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(bytes.iter().take(Self::LIMIT).map(|&byte| harmless(char::from(byte))).collect())
    }

    /// The quotation.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn harmless(character: char) -> char {
    match character {
        ' ' | '!' | '#'..='[' | ']'..='~' => character,
        _ => '?',
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_backslashes_and_line_breaks_do_not_survive() {
        assert_eq!(Excerpt::of("a\"b\\c\r\nd\u{e9}").as_str(), "a?b?c??d?");
    }

    proptest! {
        #[test]
        fn an_excerpt_fits_error_description(bytes: Vec<u8>, text: String) {
            for excerpt in [Excerpt::of_bytes(&bytes), Excerpt::of(&text)] {
                prop_assert!(excerpt.as_str().len() <= Excerpt::LIMIT);
                prop_assert!(excerpt.as_str().bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)));
            }
        }
    }
}

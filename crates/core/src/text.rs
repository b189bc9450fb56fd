//! Texts that somebody writes and somebody else reads, on a page or in a letter: what they may be at the door, and how
//! those are shown that are kept already.
//!
//! The rule is one for every name and description, whoever sends it through whichever contract. A text shows what it
//! says, in the order in which it was written: no character in it is invisible, turns the order of others round (UTR
//! 36, section 3.3; "Trojan Source"), or ends a line where there is one. Lengths are looked at in bytes first, so that
//! nothing is walked through, let alone normalised, that is too long anyway.

use std::borrow::Cow;
use std::fmt;

use crate::reason::reasons;

/// Bytes of a character at the most, in UTF-8.
const WIDEST: usize = 4;

/// Whether a text stands on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// It does: a name.
    One,
    /// It may have several, and tabs: a description.
    Many,
}

reasons! {
    /// Why a text is refused.
    #[derive(Copy)]
    pub enum TextError {
        /// It is longer than this many characters.
        Long(most: usize) = "text-long";
        /// There is nothing in it that could be seen.
        Blank = "text-blank";
        /// It has a control character, or one that ends a line.
        Control = "text-control";
        /// It has a character that is invisible or changes the order of others.
        Hidden(character: char) = "text-hidden" [code: format!("{:04X}", u32::from(*character))];
    }
}

/// Whether a text may be kept that people will read, of so many characters at the most. An empty one is blank.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(text: &str, most: usize, lines: Lines) -> Result<(), TextError> {
    if text.len() > most.saturating_mul(WIDEST) || text.chars().count() > most {
        return Err(TextError::Long(most));
    }
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if ends_a_line_or_controls(c) && !(lines == Lines::Many && matches!(c, '\n' | '\r' | '\t')) {
            return Err(TextError::Control);
        }
        if is_hidden(c) && !belongs(before, c, letters.peek().copied()) {
            return Err(TextError::Hidden(c));
        }
        before = Some(c);
    }
    if text.chars().any(is_seen) { Ok(()) } else { Err(TextError::Blank) }
}

fn ends_a_line_or_controls(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_seen(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !is_hidden(c)
}

/// Characters that show nothing, or change the order in which others show: default ignorable code points, format
/// characters, blanks that are letters by name, and what is no character at all (Unicode, `DerivedCoreProperties.txt`,
/// `PropList.txt`).
pub const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{70f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffc}' | '\u{fffe}' | '\u{ffff}' | '\u{13430}'..='\u{1343f}' | '\u{16fe4}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a hidden character is part of how the characters beside it are written: the non-joiner of Persian and of
/// Indic scripts (RFC 5892, appendices A.1 and A.2), the form of a symbol, the variant of an ideograph.
fn belongs(before: Option<char>, hidden: char, after: Option<char>) -> bool {
    let (Some(before), after) = (before, after.unwrap_or(' ')) else { return false };
    match hidden {
        '\u{200c}' => (is_arabic(before) && is_arabic(after)) || (is_virama(before) && after.is_alphabetic()),
        '\u{200d}' => is_virama(before) && after.is_alphabetic(),
        '\u{fe0e}' | '\u{fe0f}' => {
            matches!(before, '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}') && !is_hidden(before)
        }
        '\u{e0100}'..='\u{e01ef}' => is_ideograph(before),
        _ => false,
    }
}

fn is_arabic(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8c9}') && c.is_alphabetic()
}

const fn is_virama(c: char) -> bool {
    matches!(
        c,
        '\u{94d}'
            | '\u{9cd}'
            | '\u{a4d}'
            | '\u{acd}'
            | '\u{b4d}'
            | '\u{bcd}'
            | '\u{c4d}'
            | '\u{ccd}'
            | '\u{d4d}'
            | '\u{dca}'
    )
}

const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A text of somebody else as it is shown, also where it was kept before there was a rule, or was never checked: what
/// would not be seen or would turn the text around it stands there as U+FFFD, a line break as a space. In HTML it goes
/// between `<bdi>` and `</bdi>`; where there is no markup, [`Legible::isolated`] is the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Legible<'a>(Cow<'a, str>);

impl<'a> Legible<'a> {
    /// A text on one line.
    pub fn of(text: &'a str) -> Self {
        let is_fine = check(text, usize::MAX, Lines::One).is_ok();
        if is_fine {
            return Self(Cow::Borrowed(text));
        }
        let mut shown = String::with_capacity(text.len());
        let mut before = None;
        let mut letters = text.chars().peekable();
        while let Some(c) = letters.next() {
            match c {
                c if c.is_whitespace() => shown.push(' '),
                c if ends_a_line_or_controls(c) => shown.push('\u{fffd}'),
                c if is_hidden(c) && !belongs(before, c, letters.peek().copied()) => shown.push('\u{fffd}'),
                c => shown.push(c),
            }
            before = Some(c);
        }
        if shown.trim().is_empty() {
            shown.push('\u{fffd}');
        }
        Self(Cow::Owned(shown))
    }

    /// The text alone.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text in an isolate of its own (UAX 9, section 2.7) where letters in it are written from right to left: so
    /// that they do not turn round what stands beside it, as in a title or the subject of a letter.
    pub fn isolated(&self) -> Cow<'_, str> {
        if self.0.chars().any(is_right_to_left) {
            return Cow::Owned(format!("\u{2068}{}\u{2069}", self.0));
        }
        Cow::Borrowed(&self.0)
    }
}

impl fmt::Display for Legible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Characters of every kind that must not get in, each with a letter on both sides too.
    const HIDDEN: &str = "\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{180b}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\
        \u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2063}\u{2066}\u{2067}\u{2068}\u{2069}\u{206a}\u{2800}\u{3164}\
        \u{fe00}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{fffe}\u{1d159}\u{1d173}\u{e0001}\u{e0041}\u{e0100}";

    #[test]
    fn names_of_all_scripts_may_be_kept() {
        for name in [
            "Acme",
            "Müller & Söhne",
            "O'Neil",
            "株式会社 例",
            "شرکت نمونه",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "葛\u{e0100}城",
            "Café ☕\u{fe0f}",
            "דוגמה",
            "e\u{301}ve",
            "<b>",
            "a  b",
        ] {
            assert_eq!(check(name, 255, Lines::One), Ok(()), "{name}");
            assert_eq!(Legible::of(name).as_str(), name);
        }
    }

    #[test]
    fn what_cannot_be_seen_or_turns_the_text_is_refused_wherever_it_stands() {
        for c in HIDDEN.chars() {
            for text in [format!("{c}"), format!("a{c}b"), format!("{c}a"), format!("a{c}")] {
                assert_eq!(check(&text, 255, Lines::One), Err(TextError::Hidden(c)), "{text:?}");
                assert_eq!(check(&text, 255, Lines::Many), Err(TextError::Hidden(c)), "{text:?}");
            }
        }
        for c in ['\0', '\u{7}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{2028}', '\u{2029}'] {
            for lines in [Lines::One, Lines::Many] {
                assert_eq!(check(&format!("a{c}b"), 255, lines), Err(TextError::Control), "{c:?}");
            }
        }
        for c in ['\n', '\r', '\t'] {
            assert_eq!(check(&format!("a{c}b"), 255, Lines::One), Err(TextError::Control));
            assert_eq!(check(&format!("a{c}b"), 255, Lines::Many), Ok(()));
        }
        for blank in ["", " ", "\u{a0}", "\u{3000}\u{2003}"] {
            assert_eq!(check(blank, 255, Lines::One), Err(TextError::Blank), "{blank:?}");
        }
    }

    #[test]
    fn a_text_is_counted_in_characters_once_its_bytes_are_few_enough() {
        assert_eq!(check(&"x".repeat(255), 255, Lines::One), Ok(()));
        assert_eq!(check(&"😀".repeat(255), 255, Lines::One), Ok(()));
        assert_eq!(check(&"x".repeat(256), 255, Lines::One), Err(TextError::Long(255)));
        assert_eq!(check(&"\u{fdfa}".repeat(1 << 20), 255, Lines::One), Err(TextError::Long(255)));
    }

    #[test]
    fn what_is_kept_already_is_shown_without_harm() {
        assert_eq!(Legible::of("Acme\u{202e}gnp").as_str(), "Acme\u{fffd}gnp");
        assert_eq!(Legible::of("Acme\r\nBcc: x@y").as_str(), "Acme  Bcc: x@y");
        assert_eq!(Legible::of("a\u{2028}b\u{1b}c").as_str(), "a b\u{fffd}c");
        for blank in ["", "  ", "\u{2800}", "\u{3164}\u{3164}"] {
            assert!(Legible::of(blank).as_str().contains('\u{fffd}'), "{blank:?}");
        }
        assert_eq!(Legible::of("Acme").isolated(), "Acme");
        assert_eq!(Legible::of("דוגמה").isolated(), "\u{2068}דוגמה\u{2069}");
        assert_eq!(
            Legible::of("\u{2069}דוגמה").isolated(),
            "\u{2068}\u{fffd}דוגמה\u{2069}",
            "nothing gets out of it"
        );
    }

    proptest! {
        #[test]
        fn what_is_shown_could_be_kept(text in any::<String>()) {
            prop_assert_eq!(check(Legible::of(&text).as_str(), usize::MAX, Lines::One), Ok(()));
        }
    }
}

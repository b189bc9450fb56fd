//! Texts that a tenant writes itself, in place of Writ's or beside them. They are few, short and plain: what a page is
//! about, and what somebody agrees to, is always said by Writ.

use std::collections::BTreeMap;

use crate::text::{self, Lines, TextError};

/// A place for a text of a tenant's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnText {
    /// The heading where people sign in.
    SignInTitle,
    /// Below it.
    SignInIntro,
    /// The heading where people register.
    RegistrationTitle,
    /// Below it.
    RegistrationIntro,
    /// Below the heading where people are asked for their consent.
    ConsentIntro,
    /// At the foot of every page.
    Footer,
    /// How letters begin.
    MailGreeting,
}

impl OwnText {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SignInTitle,
        Self::SignInIntro,
        Self::RegistrationTitle,
        Self::RegistrationIntro,
        Self::ConsentIntro,
        Self::Footer,
        Self::MailGreeting,
    ];

    /// The name, on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignInTitle => "sign_in_title",
            Self::SignInIntro => "sign_in_intro",
            Self::RegistrationTitle => "registration_title",
            Self::RegistrationIntro => "registration_intro",
            Self::ConsentIntro => "consent_intro",
            Self::Footer => "footer",
            Self::MailGreeting => "mail_greeting",
        }
    }

    /// Finds one by name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|text| text.name() == name)
    }

    /// Characters that it has at the most.
    pub const fn most(self) -> usize {
        match self {
            Self::SignInTitle | Self::RegistrationTitle => 60,
            Self::SignInIntro | Self::RegistrationIntro | Self::ConsentIntro => 300,
            Self::Footer => 200,
            Self::MailGreeting => 100,
        }
    }

    /// Whether a text may stand there.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(self, text: &str) -> Result<(), TextError> {
        text::check(text, self.most(), Lines::One)
    }
}

/// The texts of a language.
type OfLanguage = BTreeMap<OwnText, Box<str>>;

/// A tenant's own texts, by the tag of their language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnTexts(BTreeMap<Box<str>, OfLanguage>);

impl OwnTexts {
    /// The text in a language; none: Writ's stands there.
    pub fn get(&self, language: &str, text: OwnText) -> Option<&str> {
        self.0.get(language)?.get(&text).map(|text| &**text)
    }

    /// All of them: each language with its texts.
    pub fn languages(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = (OwnText, &str)>)> {
        self.0.iter().map(|(tag, texts)| (&**tag, texts.iter().map(|(text, words)| (*text, &**words))))
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, language: &str, text: OwnText, words: &str) -> Self {
        self.0.entry(language.into()).or_default().insert(text, words.into());
        self
    }
}

/// What shall be changed of them, as it was checked: absent stays, none is taken away.
#[derive(Debug, Clone, Default)]
pub struct TextsPatch {
    /// Languages whose texts all go.
    pub forgotten: Vec<Box<str>>,
    /// Single texts.
    pub texts: Vec<(Box<str>, OwnText, Option<Box<str>>)>,
}

impl TextsPatch {
    /// The texts after it.
    pub fn applied_to(&self, before: &OwnTexts) -> OwnTexts {
        let OwnTexts(mut after) = before.clone();
        for tag in &self.forgotten {
            after.remove(tag);
        }
        for (tag, text, words) in &self.texts {
            let of_language = after.entry(tag.clone()).or_default();
            match words {
                Some(words) => of_language.insert(*text, words.clone()),
                None => of_language.remove(text),
            };
        }
        after.retain(|_, texts| !texts.is_empty());
        OwnTexts(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(tag: &str, text: OwnText, words: Option<&str>) -> (Box<str>, OwnText, Option<Box<str>>) {
        (tag.into(), text, words.map(Into::into))
    }

    #[test]
    fn what_is_not_sent_stays_and_what_is_taken_away_is_writs() {
        let before = OwnTexts::default()
            .with("en", OwnText::SignInTitle, "Welcome back")
            .with("en", OwnText::Footer, "Northlight Ltd")
            .with("de", OwnText::Footer, "Northlight GmbH");
        assert_eq!(TextsPatch::default().applied_to(&before), before);
        let patch = TextsPatch {
            forgotten: vec!["de".into()],
            texts: vec![
                set("en", OwnText::Footer, None),
                set("fr", OwnText::SignInTitle, Some("Bonjour")),
                set("ja", OwnText::Footer, None),
            ],
        };
        let after = patch.applied_to(&before);
        assert_eq!(after.get("en", OwnText::SignInTitle), Some("Welcome back"));
        assert_eq!(after.get("fr", OwnText::SignInTitle), Some("Bonjour"));
        for (tag, text) in [("en", OwnText::Footer), ("de", OwnText::Footer), ("ja", OwnText::Footer)] {
            assert_eq!(after.get(tag, text), None, "{tag}");
        }
        assert_eq!(after.languages().map(|(tag, _)| tag).collect::<Vec<_>>(), ["en", "fr"]);
    }

    #[test]
    fn a_text_is_short_and_shows_what_it_says() {
        for text in OwnText::ALL {
            assert_eq!(OwnText::by_name(text.name()), Some(text));
            assert!(text.check(&"é".repeat(text.most())).is_ok());
            for wrong in [&*"é".repeat(text.most() + 1), "", " ", "a\nb", "a\u{202e}b", "a\u{200b}b"] {
                assert!(text.check(wrong).is_err(), "{wrong:?}");
            }
        }
    }
}

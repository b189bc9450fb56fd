//! What people read of a client, in their languages (RFC 7591 §2.2, OpenID Connect Dynamic Client Registration 1.0 §2.1):
//! `client_name#ja` is its name in Japanese. A part of the rare metadata.

use writ_jose::{Json, JsonObject};

use super::logo::LogoInLanguage;
use super::read::ClientReader;
use super::{Field, Update};
use crate::manage::name_is_valid;
use crate::reason::Reason;

/// Translations of a client at the most, of all its texts together.
const MOST: usize = 100;
/// Bytes of a language tag at the most: what RFC 5646 §4.4.1 says that everybody should take.
const TAG_BYTES: usize = 35;

/// A member that people read, and so may be there in several languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Translatable {
    /// Display name.
    Name,
    /// Homepage.
    ClientUri,
    /// Logo.
    LogoUri,
    /// What becomes of people's data.
    PolicyUri,
    /// The terms of service.
    TosUri,
}

impl Translatable {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Name, Self::ClientUri, Self::LogoUri, Self::PolicyUri, Self::TosUri];

    /// The name of the member without a language.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "client_name",
            Self::ClientUri => "client_uri",
            Self::LogoUri => "logo_uri",
            Self::PolicyUri => "policy_uri",
            Self::TosUri => "tos_uri",
        }
    }

    /// What a member is, and behind the `#` in which language; none for a member that is in none.
    pub fn of_member(member: &str) -> Option<(Self, &str)> {
        let (name, tag) = member.split_once('#')?;
        Self::ALL.into_iter().find(|one| one.name() == name).map(|one| (one, tag))
    }
}

/// One text in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Translation {
    what: Translatable,
    /// As it was sent; compared without case (RFC 5646 §2.1.1).
    tag: Box<str>,
    text: Box<str>,
}

/// All that is registered in languages, in the order of names and tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translations(Vec<Translation>);

/// What shall become of it, as it was sent: members with a language in their name. Nothing in it is checked.
#[derive(Debug, Clone, Default)]
pub struct TranslationsPatch(pub Vec<(String, Update<String>)>);

impl TranslationsPatch {
    /// The patch that says of every translation what it is.
    pub(super) fn restating(held: &Translations) -> Self {
        Self(held.iter().map(|(member, text)| (member, Update::Set(text.to_owned()))).collect())
    }

    pub(super) fn apply_to(&self, held: &mut Translations, reader: &mut ClientReader<'_>) {
        let mut seen: Vec<String> = Vec::new();
        for (member, update) in &self.0 {
            let Some((what, tag)) = Translatable::of_member(member) else { continue };
            let field = Field::Other(member.as_str().into());
            if !is_tag(tag) {
                reader.violations.note(field, Reason::LanguageTagUnreadable);
                continue;
            }
            let folded = member.to_ascii_lowercase();
            if seen.contains(&folded) {
                reader.violations.note(field, Reason::Twice);
                continue;
            }
            seen.push(folded);
            let Some(text) = read(what, update, (field, reader)) else { continue };
            held.put(what, tag, text);
        }
        if let Some((member, _)) = self.0.last()
            && held.0.len() > MOST
        {
            reader
                .violations
                .note(Field::Other(member.as_str().into()), Reason::EntriesMost { most: MOST.into() });
        }
    }
}

/// What a translation becomes: the empty text where it goes; none where it stays as it is.
fn read(
    what: Translatable,
    update: &Update<String>,
    (field, reader): (Field, &mut ClientReader<'_>),
) -> Option<Box<str>> {
    let sent = match update {
        Update::Keep => return None,
        Update::Clear => return Some(Box::default()),
        Update::Set(sent) if sent.is_empty() => return Some(Box::default()),
        Update::Set(sent) => sent,
    };
    match what {
        Translatable::Name if name_is_valid(sent) => Some(sent.as_str().into()),
        Translatable::Name => {
            reader.violations.note(field, Reason::NameRule);
            None
        }
        Translatable::ClientUri | Translatable::LogoUri | Translatable::PolicyUri | Translatable::TosUri => {
            reader.web_uri(field, sent).map(|uri| uri.as_str().into())
        }
    }
}

/// Whether a text has the form of a language tag (RFC 5646 §2.1): subtags of up to eight letters and digits, the first
/// of letters alone. Which languages there are, is not looked up.
fn is_tag(text: &str) -> bool {
    let is_subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let first = primary(text);
    text.len() <= TAG_BYTES
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.split('-').all(is_subtag)
}

/// The language of a tag, without script, region and variant.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

impl Translations {
    fn put(&mut self, what: Translatable, tag: &str, text: Box<str>) {
        let is_this = |one: &Translation| one.what == what && one.tag.eq_ignore_ascii_case(tag);
        if text.is_empty() {
            self.0.retain(|one| !is_this(one));
        } else if let Some(known) = self.0.iter_mut().find(|one| is_this(one)) {
            known.text = text;
        } else {
            self.0.push(Translation { what, tag: tag.into(), text });
            self.0.sort_by(|one, other| (one.what.name(), &one.tag).cmp(&(other.what.name(), &other.tag)));
        }
    }

    /// Each as a member: its name with the language, and its text.
    pub fn iter(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.iter().map(|one| (format!("{}#{}", one.what.name(), one.tag), &*one.text))
    }

    /// What is said in a language: under this very tag, or else under the first with the same language in it, so that
    /// `pt` finds what stands under `pt-BR`. None: what was registered without a language counts.
    pub fn in_language(&self, what: Translatable, tag: &str) -> Option<&str> {
        self.found(what, tag).map(|one| &*one.text)
    }

    /// The logo for a language, found as texts are.
    pub fn logo(&self, tag: &str) -> Option<LogoInLanguage<'_>> {
        self.found(Translatable::LogoUri, tag).map(|one| LogoInLanguage { tag: &one.tag, uri: &one.text })
    }

    /// Whether another has the same logos.
    pub fn has_same_logos(&self, other: &Self) -> bool {
        fn logos(of: &Translations) -> impl Iterator<Item = &Translation> {
            of.0.iter().filter(|one| one.what == Translatable::LogoUri)
        }
        logos(self).eq(logos(other))
    }

    fn found(&self, what: Translatable, tag: &str) -> Option<&Translation> {
        let same = || self.0.iter().filter(|one| one.what == what);
        let exact = same().find(|one| one.tag.eq_ignore_ascii_case(tag));
        let near = || same().find(|one| primary(&one.tag).eq_ignore_ascii_case(primary(tag)));
        exact.or_else(near)
    }

    pub(super) fn write_to(&self, json: &mut JsonObject) {
        for (member, text) in self.iter() {
            json.string(&member, text);
        }
    }

    pub(super) fn from_stored(json: &Json) -> Self {
        let members = json.as_object().into_iter().flatten();
        let known = members.filter_map(|(member, value)| {
            let (what, tag) = Translatable::of_member(member)?;
            Some(Translation { what, tag: tag.into(), text: value.as_str()?.into() })
        });
        Self(known.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fields, web};
    use super::super::{ClientPatch, Metadata, MetadataPatch, Profile, Rules, Violations};
    use super::*;

    fn patched(held: &Translations, sent: &[(&str, &str)]) -> Result<Translations, Violations> {
        let mut before = web();
        before.registration.metadata.translations = held.clone();
        let sent = sent.iter().map(|(member, text)| ((*member).to_owned(), Update::Set((*text).to_owned())));
        let metadata =
            MetadataPatch { translations: TranslationsPatch(sent.collect()), ..MetadataPatch::default() };
        let patch = ClientPatch { metadata, ..ClientPatch::default() };
        let after = patch.apply(&before, &Rules::of(Profile::OWN))?;
        Ok(after.registration.metadata.translations)
    }

    fn some() -> Translations {
        let sent = [
            ("client_name#ja", "請求"),
            ("client_name#pt-BR", "Faturas"),
            ("client_name#pt-PT", "Facturas"),
            ("tos_uri#de", "https://a.example/agb"),
        ];
        patched(&Translations::default(), &sent).unwrap()
    }

    /// RFC 7591 §2.2: the value for a language is used where there is one, and the one without a language otherwise.
    #[test]
    fn a_language_finds_its_text_and_one_without_finds_none() {
        let known = some();
        for (what, tag, expected) in [
            (Translatable::Name, "ja", Some("請求")),
            (Translatable::Name, "JA-jp", Some("請求")),
            (Translatable::Name, "pt", Some("Faturas")),
            (Translatable::Name, "pt-pt", Some("Facturas")),
            (Translatable::Name, "de", None),
            (Translatable::TosUri, "de", Some("https://a.example/agb")),
            (Translatable::PolicyUri, "de", None),
        ] {
            assert_eq!(known.in_language(what, tag), expected, "{what:?} {tag}");
        }
    }

    #[test]
    fn translations_come_back_from_storage() {
        let metadata = Metadata { translations: some(), ..Metadata::default() };
        assert_eq!(Metadata::from_stored(&metadata.to_stored().unwrap()), metadata);
        let TranslationsPatch(again) = TranslationsPatch::restating(&metadata.translations);
        assert_eq!(again.len(), 4);
    }

    /// RFC 5646 §2.1.1: tags are the same whatever their case.
    #[test]
    fn a_translation_is_replaced_or_taken_back_by_its_tag_in_any_case() {
        let after = patched(&some(), &[("client_name#JA", "請求書"), ("client_name#PT-br", "")]).unwrap();
        let names: Vec<_> = after.iter().map(|(member, _)| member).collect();
        assert_eq!(names, ["client_name#ja", "client_name#pt-PT", "tos_uri#de"]);
        assert_eq!(after.in_language(Translatable::Name, "ja"), Some("請求書"));
    }

    #[test]
    fn what_is_wrong_is_named_by_member_and_language() {
        let long = format!("client_name#{}", ["abcdefgh"; 5].join("-"));
        let sent = [
            ("client_name#", "x"),
            ("client_name#de_AT", "x"),
            ("client_name#1a", "x"),
            ("client_name#de-", "x"),
            (long.as_str(), "x"),
            ("client_name#fr", " x"),
            ("logo_uri#fr", "javascript:alert(1)"),
            ("client_name#es", "x"),
            ("client_name#ES", "y"),
        ];
        let wrong = patched(&Translations::default(), &sent).unwrap_err();
        let expected = sent.iter().map(|(member, _)| Field::Other((*member).into()));
        let expected: Vec<_> = expected.filter(|field| field.name() != "client_name#es").collect();
        assert_eq!(fields(&wrong), expected);
    }

    #[test]
    fn there_are_so_many_at_the_most() {
        let many: Vec<_> = (0..=MOST).map(|n| format!("client_name#a{}", n + 100)).collect();
        let sent: Vec<_> = many.iter().map(|member| (member.as_str(), "x")).collect();
        assert!(patched(&Translations::default(), &sent).is_err(), "a digit in a language");
        let many: Vec<_> = (0..=MOST).map(|n| format!("client_name#a-{n}")).collect();
        let sent: Vec<_> = many.iter().map(|member| (member.as_str(), "x")).collect();
        let wrong = patched(&Translations::default(), &sent).unwrap_err();
        assert_eq!(fields(&wrong), [Field::Other(format!("client_name#a-{MOST}").into())]);
        assert!(patched(&Translations::default(), &sent[1..]).is_ok());
    }
}

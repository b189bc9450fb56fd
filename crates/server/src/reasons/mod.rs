//! Core's reasons in words: ids become sentences here (`words/reasons.en.ftl`).

#[cfg(debug_assertions)]
pub(crate) mod pseudo;

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use writ_core::error::{OAuthError, Why};
use writ_core::reason::{Reason, Word};
use writ_core::violation::{Violation, Violations};

/// The sentences, in English.
const ENGLISH: &str = include_str!("../../words/reasons.en.ftl");

/// Sentences, read once.
type Sentences = FluentBundle<FluentResource>;

static SENTENCES: LazyLock<Sentences> = LazyLock::new(|| read("en", ENGLISH));

/// What people meet on pages, in the languages of pages; with its file.
macro_rules! languages {
    ($($tag:literal),+ $(,)?) => {
        static LANGUAGES: [(&str, LazyLock<Sentences>); 6] = [
            $(($tag, LazyLock::new(|| read($tag, include_str!(concat!("../../words/reasons.", $tag, ".ftl"))))),)+
        ];
        #[cfg(test)]
        const FILES: &[(&str, &str)] =
            &[$(($tag, include_str!(concat!("../../words/reasons.", $tag, ".ftl"))),)+];
    };
}

languages!("de", "fr", "es", "pt", "ja", "ar");

/// All of them, in the language that nobody speaks.
#[cfg(debug_assertions)]
static STRANGE: LazyLock<Sentences> = LazyLock::new(|| read(pseudo::TAG, &pseudo::file(ENGLISH)));

/// The sentences of a language of pages; none: English.
fn sentences_in(tag: &str) -> Option<&'static Sentences> {
    #[cfg(debug_assertions)]
    if tag == pseudo::TAG {
        return Some(&STRANGE);
    }
    LANGUAGES.iter().find(|(known, _)| *known == tag).map(|(_, sentences)| &**sentences)
}

fn read(tag: &str, file: &str) -> Sentences {
    let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().unwrap_or_default()]);
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, errors)| {
        tracing::error!("words/reasons.{tag}.ftl: {errors:?}");
        resource
    });
    if let Err(errors) = bundle.add_resource(resource) {
        tracing::error!("words/reasons.{tag}.ftl: {errors:?}");
    }
    bundle
}

fn found(sentences: &Sentences, id: &str, args: &FluentArgs<'_>) -> Option<String> {
    let sentence = sentences.get_message(id)?.value()?;
    let mut errors = Vec::new();
    Some(sentences.format_pattern(sentence, Some(args), &mut errors).into_owned())
}

fn said(id: &str, args: &FluentArgs<'_>) -> String {
    found(&SENTENCES, id, args).unwrap_or_else(|| {
        tracing::error!("there is no sentence for {id}");
        id.to_owned()
    })
}

/// What a reason says.
pub(crate) fn reason(why: &Reason) -> String {
    said(why.id(), &why.words().into_iter().map(|(name, word)| (name, told(word, reason))).collect())
}

/// What a reason says to people who read a page in this language; in English where it is for developers.
pub(crate) fn reason_in(tag: &str, why: &Reason) -> String {
    let args = || {
        let told = |word| told(word, |why| reason_in(tag, why));
        why.words().into_iter().map(|(name, word)| (name, told(word))).collect()
    };
    sentences_in(tag).and_then(|sentences| found(sentences, why.id(), &args())).unwrap_or_else(|| reason(why))
}

/// What an error says to people who read a page in this language.
pub(crate) fn error_in(tag: &str, error: &OAuthError) -> String {
    match error.why() {
        Why::Reason(why) => reason_in(tag, why),
        Why::Fields(wrong) => fields(wrong, |why| reason_in(tag, why)),
    }
}

fn told(word: Word, say: impl Fn(&Reason) -> String) -> String {
    match word {
        Word::Number(number) => number.to_string(),
        Word::Text(text) => text.into(),
        Word::Why(why) => say(&why),
    }
}

/// What an error says to its caller.
pub(crate) fn error(error: &OAuthError) -> String {
    why(error.why())
}

/// One reason, or what is wrong with fields: `field: reason; field: reason`.
pub(crate) fn why(why: &Why) -> String {
    match why {
        Why::Reason(why) => reason(why),
        Why::Fields(wrong) => fields(wrong, reason),
    }
}

fn fields(wrong: &Violations, say: impl Fn(&Reason) -> String) -> String {
    let field = |wrong: &Violation| format!("{}: {}", wrong.field.name(), say(&wrong.reason));
    wrong.iter().map(field).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Every sentence of the English file with its id.
    fn sentences() -> BTreeMap<&'static str, &'static str> {
        of(ENGLISH)
    }

    fn of(file: &'static str) -> BTreeMap<&'static str, &'static str> {
        let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| line.split_once(" = ").unwrap_or_else(|| panic!("{line}"))).collect()
    }

    #[test]
    fn the_file_can_be_read_whole() {
        assert!(FluentResource::try_new(ENGLISH.to_owned()).is_ok());
    }

    #[test]
    fn every_reason_has_a_sentence_and_every_sentence_a_reason() {
        let ids: BTreeSet<_> = Reason::all().into_iter().map(|(id, _)| id).collect();
        assert_eq!(sentences().into_keys().collect::<BTreeSet<_>>(), ids);
    }

    #[test]
    fn a_sentence_tells_what_its_reason_has() {
        for (id, words) in Reason::all() {
            let asked: BTreeSet<_> =
                sentences()[id].split("{ $").skip(1).filter_map(|rest| rest.split(" }").next()).collect();
            let had: BTreeSet<_> = words.iter().copied().collect();
            assert!(asked.is_subset(&had), "{id} asks for {asked:?} and is given {had:?}");
            let with = words.iter().map(|word| (*word, "x")).collect();
            let expected = words
                .iter()
                .fold(sentences()[id].to_owned(), |text, word| text.replace(&format!("{{ ${word} }}"), "x"));
            assert_eq!(said(id, &with), expected, "{id} is read as it is written");
        }
    }

    /// Each language has the same sentences for people, each with what its reason has, and no other.
    #[test]
    fn people_read_the_same_in_every_language() {
        let first: Vec<_> = of(FILES[0].1).into_keys().collect();
        let all = Reason::all();
        for (tag, file) in FILES {
            let own = of(file);
            assert!(FluentResource::try_new((*file).to_owned()).is_ok(), "{tag}");
            assert_eq!(own.keys().copied().collect::<Vec<_>>(), first, "{tag}");
            for (id, sentence) in own {
                let (_, had) =
                    all.iter().find(|(known, _)| *known == id).unwrap_or_else(|| panic!("{tag}: {id}"));
                let asked = sentence.split("{ $").skip(1).filter_map(|rest| rest.split(" }").next());
                asked.for_each(|name| assert!(had.contains(&name), "{tag}: {id} asks for {name}"));
                assert_ne!(sentence, sentences()[id], "{tag}: {id}");
            }
        }
    }

    #[test]
    fn people_read_their_language_and_developers_english() {
        let short = Reason::PasswordShort { least: 8_usize.into() };
        assert_eq!(reason_in("de", &short), "muss mindestens 8 Zeichen haben");
        for tag in ["en", "nl"] {
            assert_eq!(reason_in(tag, &short), reason(&short), "{tag}");
        }
        assert_eq!(reason_in("ja", &Reason::Twice), "is there twice");
        assert_eq!(error_in("fr", &OAuthError::of_field("scope", Reason::Missing)), "scope: est obligatoire");
    }

    #[test]
    fn reasons_come_into_reasons_and_fields_stand_before_them() {
        let at = Reason::Entry { at: 2_usize.into(), entry: "x".into(), why: Reason::Twice.into() };
        let wrong = OAuthError::of_field("scope", at);
        assert_eq!(error(&wrong), "scope: entry 2 (x) is there twice");
    }
}

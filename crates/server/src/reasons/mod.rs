//! Core's reasons in words: ids become sentences here (`words/reasons.en.ftl`).

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use writ_core::error::{OAuthError, Why};
use writ_core::reason::{Reason, Word};
use writ_core::violation::{Violation, Violations};

/// The sentences, in English.
const ENGLISH: &str = include_str!("../../words/reasons.en.ftl");

/// Read once.
static SENTENCES: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| {
    let mut bundle = FluentBundle::new_concurrent(vec!["en".parse().unwrap_or_default()]);
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(ENGLISH.to_owned()).unwrap_or_else(|(resource, errors)| {
        tracing::error!("words/reasons.en.ftl: {errors:?}");
        resource
    });
    if let Err(errors) = bundle.add_resource(resource) {
        tracing::error!("words/reasons.en.ftl: {errors:?}");
    }
    bundle
});

fn said(id: &str, args: &FluentArgs<'_>) -> String {
    let Some(sentence) = SENTENCES.get_message(id).and_then(|message| message.value()) else {
        tracing::error!("there is no sentence for {id}");
        return id.to_owned();
    };
    let mut errors = Vec::new();
    SENTENCES.format_pattern(sentence, Some(args), &mut errors).into_owned()
}

/// What a reason says.
pub(crate) fn reason(why: &Reason) -> String {
    said(why.id(), &why.words().into_iter().map(|(name, word)| (name, told(word))).collect())
}

fn told(word: Word) -> String {
    match word {
        Word::Number(number) => number.to_string(),
        Word::Text(text) => text.into(),
        Word::Why(why) => reason(&why),
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
        Why::Fields(wrong) => fields(wrong),
    }
}

fn fields(wrong: &Violations) -> String {
    let field = |wrong: &Violation| format!("{}: {}", wrong.field.name(), reason(&wrong.reason));
    wrong.iter().map(field).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Every sentence of the file with its id.
    fn sentences() -> BTreeMap<&'static str, &'static str> {
        let lines = ENGLISH.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
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

    #[test]
    fn reasons_come_into_reasons_and_fields_stand_before_them() {
        let at = Reason::Entry { at: 2_usize.into(), entry: "x".into(), why: Reason::Twice.into() };
        let wrong = OAuthError::of_field("scope", at);
        assert_eq!(error(&wrong), "scope: entry 2 (x) is there twice");
    }
}

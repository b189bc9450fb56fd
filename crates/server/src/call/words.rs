//! What people read on pages, by id: one file for each language (`words/`), of which there is one.

use std::fmt;
use std::sync::LazyLock;

use askama::filters::{Escaper as _, Html as HtmlEscaper, HtmlSafe};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

/// English.
const ENGLISH: &str = include_str!("../../words/en.ftl");

/// Read once.
static WORDS: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| {
    let language = "en".parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Names are set apart where they come in: by markup, or by `Legible::isolated`.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(ENGLISH.to_owned()).unwrap_or_else(|(resource, errors)| {
        tracing::error!("words/en.ftl: {errors:?}");
        resource
    });
    if let Err(errors) = bundle.add_resource(resource) {
        tracing::error!("words/en.ftl: {errors:?}");
    }
    bundle
});

/// The words with an id.
pub(crate) fn say(id: &str) -> String {
    say_of(id, &[])
}

/// The words with an id, with what comes into them.
pub(crate) fn say_of(id: &str, with: &[(&str, &str)]) -> String {
    said(id, &with.iter().map(|(name, value)| (*name, *value)).collect())
}

/// The words with an id, for so many: `$count`.
pub(crate) fn say_count(id: &str, count: i64) -> String {
    said(id, &[("count", count)].into_iter().collect())
}

fn said(id: &str, args: &FluentArgs<'_>) -> String {
    let pattern = WORDS.get_message(id).and_then(|message| message.value());
    let Some(pattern) = pattern else {
        tracing::error!("there are no words for {id}");
        return id.to_owned();
    };
    let mut errors = Vec::new();
    WORDS.format_pattern(pattern, Some(args), &mut errors).into_owned()
}

/// A sentence with markup around what comes into it. The sentences themselves have none.
pub(crate) fn say_html(id: &str, with: &[(&str, Html)]) -> Html {
    let with: Vec<_> = with.iter().map(|(name, value)| (*name, value.0.as_str())).collect();
    Html(say_of(id, &with))
}

/// Text that is HTML already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Somebody's text, set apart from the sentence that it stands in.
    pub(crate) fn name(text: &str) -> Self {
        Self(format!("<bdi>{}</bdi>", escaped(text)))
    }

    /// The same, in bold.
    pub(crate) fn strong(text: &str) -> Self {
        Self(format!("<strong><bdi>{}</bdi></strong>", escaped(text)))
    }

    /// An address, which may break anywhere and runs from left to right.
    pub(crate) fn address(text: &str) -> Self {
        Self(format!("<strong class=\"any\"><bdi dir=\"ltr\">{}</bdi></strong>", escaped(text)))
    }

    /// The way to a page of ours.
    pub(crate) fn link(address: &str, words: &str) -> Self {
        Self(format!("<a href=\"{}\">{}</a>", escaped(address), escaped(words)))
    }

    /// Text of ours.
    pub(crate) fn plain(text: &str) -> Self {
        Self(escaped(text))
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing to a string does not fail.
    let _ = HtmlEscaper.write_escaped_str(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn ids() -> BTreeSet<String> {
        let lines = ENGLISH.lines().filter(|line| !line.starts_with(['#', ' ', '}']));
        lines.filter_map(|line| line.split_once(" =")).map(|(id, _)| id.to_owned()).collect()
    }

    /// Every quoted word of the source and the templates.
    fn quoted(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                quoted(&path, found);
            } else if !path.ends_with("words.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(text.split('"').map(str::to_owned));
            }
        }
    }

    #[test]
    fn the_file_can_be_read_whole() {
        let resource = FluentResource::try_new(ENGLISH.to_owned()).map_err(|(_, errors)| errors).unwrap();
        let mut bundle = FluentBundle::new_concurrent(vec!["en".parse().unwrap()]);
        bundle.add_resource(resource).unwrap();
        assert!(ids().len() > 50);
        for id in ids() {
            assert!(bundle.get_message(&id).and_then(|message| message.value()).is_some(), "{id}");
        }
    }

    /// Words that no page shows are not kept.
    #[test]
    fn all_words_are_shown_somewhere() {
        let mut found = BTreeSet::new();
        for folder in ["src", "templates"] {
            quoted(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
        }
        let unused: Vec<_> = ids().difference(&found).cloned().collect();
        assert_eq!(unused, Vec::<String>::new());
    }

    /// What the words are asked for by has words.
    #[test]
    fn all_ids_have_words() {
        let mut missing = Vec::new();
        for folder in ["src", "templates"] {
            asked_for(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut missing);
        }
        assert_eq!(missing, Vec::<String>::new());
    }

    fn asked_for(folder: &Path, missing: &mut Vec<String>) {
        let ids = ids();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                asked_for(&path, missing);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for call in ["say(\"", "say_of(\"", "say_html(\"", "say_count(\""] {
                let asked = text.split(call).skip(1).filter_map(|rest| rest.split('"').next());
                missing.extend(asked.filter(|id| !ids.contains(*id)).map(str::to_owned));
            }
        }
    }

    #[test]
    fn what_comes_in_is_escaped_and_set_apart_and_the_words_have_no_markup() {
        let said = say_html("sign-in-to", &[("client", Html::strong("<b>\u{202e}&"))]);
        assert_eq!(said.to_string(), "to continue to <strong><bdi>&#60;b&#62;\u{202e}&#38;</bdi></strong>");
        assert!(!ENGLISH.contains(['<', '>', '&']), "markup is added where a page is made");
    }
}

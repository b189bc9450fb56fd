//! What people read on pages, by id: one file for each language (`words/`).

use std::fmt;

use askama::filters::{Escaper as _, Html as HtmlEscaper, HtmlSafe};
use fluent_bundle::FluentArgs;
use writ_core::look::{PictureName, PictureSize};
use writ_core::settings::OwnText;
use writ_core::tenant::Tenant;

use super::language;

/// The words with an id.
pub(crate) fn say(id: &str) -> String {
    say_of(id, &[])
}

/// What a tenant says in its own words there, in the language of the reader; none: Writ's words stand there.
pub(crate) fn own_text(tenant: &Tenant, text: OwnText) -> Option<&str> {
    tenant.settings.texts.get(language::present().tag, text)
}

/// The words with an id, unless the tenant has its own.
pub(crate) fn say_for(tenant: &Tenant, text: OwnText, id: &str) -> String {
    own_text(tenant, text).map_or_else(|| say(id), str::to_owned)
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
    language::words(id, args).unwrap_or_else(|| {
        tracing::error!("there are no words for {id}");
        id.to_owned()
    })
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

    /// Somebody's text with the part in the middle marked.
    pub(crate) fn marked(before: &str, marked: &str, after: &str) -> Self {
        let (before, after) = (escaped(before), escaped(after));
        if marked.is_empty() {
            return Self(format!("{before}{after}"));
        }
        Self(format!("{before}<mark>{}</mark>{after}", escaped(marked)))
    }

    /// The way to a page of ours.
    pub(crate) fn link(address: &str, words: &str) -> Self {
        Self(format!("<a href=\"{}\">{}</a>", escaped(address), escaped(words)))
    }

    /// A picture of ours that only decorates, perhaps with another one for dark pages.
    pub(crate) fn picture(light: &PictureName, dark: Option<&PictureName>) -> Self {
        let dark = dark.map(|dark| {
            let (name, sides) = (dark.as_str(), sides(dark));
            format!("<source media=\"(prefers-color-scheme: dark)\" srcset=\"/assets/{name}\"{sides}>")
        });
        let (dark, name, sides) = (dark.unwrap_or_default(), light.as_str(), sides(light));
        Self(format!("<picture>{dark}<img src=\"/assets/{name}\" alt=\"\"{sides}></picture>"))
    }

    /// The picture of a page beside its title, at this address of ours.
    pub(crate) fn icon(address: &str, media_type: &str) -> Self {
        Self(format!("<link rel=\"icon\" href=\"{}\" type=\"{media_type}\">", escaped(address)))
    }

    /// The logo of a client, which was made for a light ground.
    pub(crate) fn logo(name: &PictureName) -> Self {
        Self::picture(name, None)
    }

    /// A picture of a person, at this address of ours.
    pub(crate) fn portrait(address: &str) -> Self {
        let address = escaped(address);
        Self(format!("<img src=\"{address}\" alt=\"\" width=\"56\" height=\"56\">"))
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

/// The room of a logo on a page: one that is wide has some of it.
const LOGO_ROOM: PictureSize = PictureSize { width: 112, height: 36 };

/// The room that a logo takes, before it is there.
fn sides(name: &PictureName) -> String {
    let square = PictureSize { width: LOGO_ROOM.height, height: LOGO_ROOM.height };
    let PictureSize { width, height } = name.size().map_or(square, |size| size.within(LOGO_ROOM));
    format!(" width=\"{width}\" height=\"{height}\"")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing to a string does not fail.
    let _ = HtmlEscaper.write_escaped_str(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use fluent_bundle::FluentResource;

    use super::*;
    use crate::call::language::LANGUAGES;

    /// The messages of a file: of each id its text, over all its lines.
    fn messages(file: &str) -> BTreeMap<String, String> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        let mut last = String::new();
        for line in file.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            if line.starts_with([' ', '}']) {
                found.get_mut(&last).expect("a message before").push_str(line);
            } else {
                let (id, text) = line.split_once(" =").expect("a message");
                last = id.to_owned();
                assert!(found.insert(id.to_owned(), text.to_owned()).is_none(), "{id} is there twice");
            }
        }
        found
    }

    fn english() -> BTreeMap<String, String> {
        messages(LANGUAGES[0].file)
    }

    /// What comes into a text.
    fn names(text: &str) -> BTreeSet<&str> {
        text.split('$').skip(1).map(|rest| rest.split([' ', '}']).next().unwrap_or_default()).collect()
    }

    /// Every quoted word of the source and the templates.
    fn quoted(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                quoted(&path, found);
            } else if !path.ends_with("call/words.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(text.split('"').map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_file_can_be_read_whole() {
        for language in LANGUAGES {
            let read = FluentResource::try_new(language.file.to_owned());
            assert!(read.is_ok(), "{}: {:?}", language.tag, read.err().map(|(_, errors)| errors));
        }
        assert!(english().len() > 200);
    }

    /// Every language says all that English does, with all that comes into it, and nothing else. A time need not be told
    /// with a number where there is one hour, or two.
    #[test]
    fn every_language_is_complete() {
        let english = english();
        for language in LANGUAGES {
            let own = messages(language.file);
            let (known, all): (BTreeSet<_>, BTreeSet<_>) = (own.keys().collect(), english.keys().collect());
            let missing: Vec<_> = all.difference(&known).collect();
            let more: Vec<_> = known.difference(&all).collect();
            assert!(missing.is_empty() && more.is_empty(), "{}: {missing:?} {more:?}", language.tag);
            for (id, text) in &own {
                assert_eq!(names(text), names(&english[id]), "{} {id}", language.tag);
                assert!(!text.contains(['<', '>']) || text.contains("->"), "{} {id}: markup", language.tag);
                assert!(!text.trim().is_empty(), "{} {id}", language.tag);
            }
        }
    }

    /// Words that no page shows are not kept.
    #[test]
    fn all_words_are_shown_somewhere() {
        let mut found = BTreeSet::new();
        for folder in ["src", "templates"] {
            quoted(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
        }
        let unused: Vec<_> = english().into_keys().filter(|id| !found.contains(id)).collect();
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
        let ids = english();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                asked_for(&path, missing);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for call in ["say(\"", "say_of(\"", "say_html(\"", "say_count(\""] {
                let asked = text.split(call).skip(1).filter_map(|rest| rest.split('"').next());
                missing.extend(asked.filter(|id| !ids.contains_key(*id)).map(str::to_owned));
            }
        }
    }

    #[test]
    fn what_comes_in_is_escaped_and_set_apart() {
        let said = say_html("sign-in-to", &[("client", Html::strong("<b>\u{202e}&"))]);
        assert_eq!(said.to_string(), "to continue to <strong><bdi>&#60;b&#62;\u{202e}&#38;</bdi></strong>");
    }
}

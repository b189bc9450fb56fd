//! What the pages of the console are made of besides those of people: fields, states, notes, the way to the next page.

use std::borrow::Cow;
use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

use super::icon::Icon;
use crate::call::words::Html;

/// What something is like, in a word or two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StateTag {
    /// How it looks.
    class: &'static str,
    /// The words.
    words: String,
}

impl StateTag {
    pub(super) fn good(words: String) -> Self {
        Self { class: " is-ok dot", words }
    }

    pub(super) fn bad(words: String) -> Self {
        Self { class: " is-bad dot", words }
    }

    pub(super) fn worth_a_look(words: String) -> Self {
        Self { class: " is-warn dot", words }
    }

    pub(super) fn plain(words: String) -> Self {
        Self { class: " dot", words }
    }
}

impl fmt::Display for StateTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Our own words: nothing in them is markup.
        write!(f, "<span class=\"tag{}\">{}</span>", self.class, Html::plain(&self.words))
    }
}

impl HtmlSafe for StateTag {}

/// A field of a form.
#[derive(Debug, Clone, Template)]
#[template(path = "console/field.html")]
pub(super) struct ConsoleField<'a> {
    /// Its name and id.
    pub name: &'static str,
    /// What stands above it.
    pub label: String,
    /// What is filled in.
    pub value: Cow<'a, str>,
    /// What helps to fill it in.
    pub hint: Option<String>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What sort it is.
    pub kind: FieldKind,
}

/// What goes into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    /// A name that has to be there.
    Needed,
    /// A text of several lines.
    Text,
    /// Addresses, one a line.
    Addresses,
    /// Words of a protocol, with spaces between them.
    Words,
    /// A number.
    Number,
}

impl FieldKind {
    const fn has_lines(self) -> bool {
        matches!(self, Self::Text | Self::Addresses)
    }

    const fn attributes(self) -> &'static str {
        match self {
            Self::Needed => " type=\"text\" maxlength=\"255\" dir=\"auto\" autocomplete=\"off\" required",
            Self::Text => " rows=\"2\" maxlength=\"2000\" dir=\"auto\"",
            Self::Addresses => " rows=\"3\" spellcheck=\"false\" autocapitalize=\"none\" dir=\"ltr\"",
            Self::Words => {
                " type=\"text\" spellcheck=\"false\" autocapitalize=\"none\" autocomplete=\"off\" dir=\"ltr\""
            }
            Self::Number => " type=\"text\" inputmode=\"numeric\" maxlength=\"12\" size=\"12\" dir=\"ltr\"",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Needed | Self::Text | Self::Number => "in",
            Self::Addresses | Self::Words => "in mono",
        }
    }
}

impl HtmlSafe for ConsoleField<'_> {}

impl<'a> ConsoleField<'a> {
    pub(super) fn new(name: &'static str, kind: FieldKind, label: String) -> Self {
        Self { name, label, value: "".into(), hint: None, error: None, kind }
    }

    /// The same, filled in.
    #[must_use]
    pub(super) fn with(self, value: impl Into<Cow<'a, str>>) -> Self {
        Self { value: value.into(), ..self }
    }

    /// The same with a hint.
    #[must_use]
    pub(super) fn hinting(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The same with what is wrong with it.
    #[must_use]
    pub(super) fn wrong(self, error: Option<String>) -> Self {
        Self { error, ..self }
    }

    fn described(&self) -> String {
        let ids = [(self.error.is_some(), "problem"), (self.hint.is_some(), "hint")];
        let ids = ids.into_iter().filter(|(is_there, _)| *is_there);
        ids.map(|(_, part)| format!("{}_{part}", self.name)).collect::<Vec<_>>().join(" ")
    }
}

/// One thing to know now.
#[derive(Debug, Clone, Template)]
#[template(path = "console/note.html")]
pub(super) struct Remark {
    class: &'static str,
    role: &'static str,
    icon: Icon,
    words: String,
}

impl HtmlSafe for Remark {}

impl Remark {
    /// It is done.
    pub(super) fn done(words: String) -> Self {
        Self { class: "is-ok", role: "status", icon: Icon::Tick, words }
    }

    /// It could not be done.
    pub(super) fn wrong(words: String) -> Self {
        Self { class: "is-bad", role: "alert", icon: Icon::Warning, words }
    }
}

/// The way to the next page of a list, and back to the first.
#[derive(Debug, Clone, Template)]
#[template(path = "console/pager.html")]
pub(super) struct Pager {
    /// How many there are, in words; empty: nobody has counted.
    pub count: String,
    /// The first page; none: this is it.
    pub first: Option<String>,
    /// The next one; none: this is the last.
    pub next: Option<String>,
}

impl HtmlSafe for Pager {}

/// Nothing is there.
#[derive(Debug, Clone, Template)]
#[template(path = "console/empty.html")]
pub(super) struct EmptyList {
    /// What is not there.
    pub title: String,
    /// What there could be, and how.
    pub what: String,
    /// A way on.
    pub link: Option<(String, String)>,
    /// Its drawing.
    pub icon: Icon,
}

impl HtmlSafe for EmptyList {}

//! Which sections of which documents a test is about, read from its comment.

use std::fmt;

use super::specs::{OTHERS, SPECS};

/// The number of a section, in its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Section(Vec<u32>);

impl Section {
    /// Reads the number at the beginning of a text.
    pub(super) fn read(text: &str) -> Self {
        let end = text.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(text.len());
        let number = text.get(..end).unwrap_or_default();
        Self(number.split('.').filter_map(|part| part.parse().ok()).collect())
    }

    /// Whether it is the other one, or a part of it.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

/// A test of a section.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cited {
    /// The document, as [`SPECS`] or its own number calls it.
    pub(super) document: String,
    pub(super) section: Section,
    /// What the comment says.
    pub(super) what: String,
    pub(super) file: String,
    pub(super) test: String,
}

/// The tests of a file, once for each section that they cite. `above` is the file of its folder.
pub(super) fn of_file(file: &str, source: &str, above: &str) -> Vec<Cited> {
    let own = document_of(&head(source)).or_else(|| named(file)).or_else(|| document_of(&head(above)));
    let mut found = Vec::new();
    let (mut comment, mut is_test) = (String::new(), false);
    for line in source.lines().map(str::trim) {
        if let Some(said) = line.strip_prefix("///") {
            comment.push_str(said);
        } else if line.starts_with("#[") {
            is_test |= line.contains("test");
        } else if let Some(rest) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
            let test = rest.split(['(', '<']).next().unwrap_or_default();
            if is_test {
                found.extend(citations(comment.trim(), own.as_deref()).into_iter().map(
                    |(document, section)| {
                        let (what, file, test) = (said(&comment), file.to_owned(), test.to_owned());
                        Cited { document, section, what, file, test }
                    },
                ));
            }
            (comment, is_test) = (String::new(), false);
        } else {
            (comment, is_test) = (String::new(), false);
        }
    }
    found
}

/// The comment at the head of a file.
fn head(text: &str) -> String {
    text.lines().map_while(|line| line.strip_prefix("//!")).collect()
}

/// The document that a file or its folder is named after.
fn named(file: &str) -> Option<String> {
    let parts = file.split('/');
    let number = parts.filter_map(|part| part.strip_prefix("rfc")).find(|number| is_number(number))?;
    Some(format!("RFC {number}"))
}

fn is_number(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a comment says, with the sections in front only where nothing else is said.
fn said(comment: &str) -> String {
    let whole = comment.trim();
    let told = whole.trim_end_matches('.');
    match told.split_once(": ") {
        Some((front, rest)) if front.contains('§') && !front.contains(". ") => rest.to_owned(),
        Some(_) | None => told.to_owned(),
    }
}

/// The first document that a text names.
fn document_of(text: &str) -> Option<String> {
    let places = text.char_indices().map(|(at, _)| at);
    places.filter_map(|at| document_at(text, at)).map(|(document, _)| document).next()
}

/// The document that is named at a place, and how long its name is there.
fn document_at(text: &str, at: usize) -> Option<(String, usize)> {
    let (before, rest) = text.split_at_checked(at)?;
    if before.ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    if let Some(number) =
        rest.strip_prefix("RFC ").and_then(|rest| rest.get(..4)).filter(|text| is_number(text))
    {
        return Some((format!("RFC {number}"), 8));
    }
    let known = SPECS.iter().flat_map(|spec| spec.called.iter().map(|called| (*called, spec.name)));
    let (called, name) = known
        .chain(OTHERS)
        .filter(|(called, _)| rest.starts_with(called))
        .max_by_key(|(called, _)| called.len())?;
    Some((name.to_owned(), called.len()))
}

/// The sections that a comment cites, each once.
fn citations(comment: &str, own: Option<&str>) -> Vec<(String, Section)> {
    let (mut document, mut found) = (own.map(str::to_owned), Vec::new());
    let mut skip = 0;
    for (at, c) in comment.char_indices().filter(|(at, _)| comment.is_char_boundary(*at)) {
        if at < skip {
            continue;
        }
        if c == '§' {
            // A sentence that begins with a section is about the test's own document again.
            if comment.get(..at).is_some_and(|before| before.ends_with(". ")) {
                document = own.map(str::to_owned);
            }
            let section = Section::read(comment.get(at + '§'.len_utf8()..).unwrap_or_default());
            if let Some(document) = &document
                && section != Section(Vec::new())
                && !found.contains(&(document.clone(), section.clone()))
            {
                found.push((document.clone(), section));
            }
        } else if let Some((named, length)) = document_at(comment, at) {
            (document, skip) = (Some(named), at + length);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cites(comment: &str, own: &str) -> Vec<(String, String)> {
        let found = citations(comment, Some(own));
        found.into_iter().map(|(document, section)| (document, section.to_string())).collect()
    }

    #[test]
    fn sections_are_of_the_document_named_last() {
        let pair = |document: &str, section: &str| (document.to_owned(), section.to_owned());
        assert_eq!(
            cites("§2.1, Front-Channel Logout §3, RFC 7523 §2.2 and §3.", "Back-Channel Logout"),
            [
                pair("Back-Channel Logout", "2.1"),
                pair("Front-Channel Logout", "3"),
                pair("RFC 7523", "2.2"),
                pair("RFC 7523", "3"),
            ]
        );
        assert_eq!(
            cites("OpenID Connect Dynamic Client Registration 1.0 §5, Core §8.1, §8.1.", "RFC 7591"),
            [pair("Registration", "5"), pair("Core", "8.1")]
        );
    }

    #[test]
    fn tests_are_told_from_what_they_use() {
        let text = "//! RFC 7592: management.\n\n/// §2.1: helps.\nfn helper() {}\n\n/// §2.1: the information again.\n\
            #[tokio::test]\nasync fn it_is_read() {\n    /// §9\n    fn within() {}\n}\n";
        let found = of_file("rfc7591/management", text, "");
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (&*one.document, &*one.what, &*one.test),
            ("RFC 7592", "the information again", "it_is_read")
        );
        let found = of_file("rfc7523/door", "//! What is looked at.\n/// §3.\n#[test]\nfn a() {", "");
        assert_eq!((&*found[0].document, &*found[0].what), ("RFC 7523", "§3"));
    }

    #[test]
    fn sections_are_ordered_by_their_numbers() {
        let [two, ten] = ["3.2", "3.10"].map(Section::read);
        assert!(two < ten && ten.is_within(&Section::read("3")) && !ten.is_within(&Section::read("3.1")));
    }
}

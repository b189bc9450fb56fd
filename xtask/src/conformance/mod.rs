//! `cargo xtask conformance`: writes `docs/conformance.md`, which says for each section of the specifications which tests
//! hold it, which have none, and what is deliberately not there.
//!
//! A test says in its comment which section it is about: `/// §5.3.2: …`, `/// RFC 9701 §4: …`. A section without a
//! document is of the one that the head of the file names first, else of the one that the file or folder is named after.

mod cited;
mod specs;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use self::cited::{Cited, Section, of_file};
use self::specs::{LEFT_OUT, SPECS, Spec};
use crate::sh;

/// Where the tests are: those of the whole server, then those of what is decided and of tokens.
const TESTS: [(&str, &str); 3] =
    [("crates/testkit/tests/it", ""), ("crates/core/src", "core/"), ("crates/jose/src", "jose/")];
/// The page.
const PAGE: &str = "docs/conformance.md";

/// Writes the page.
pub fn run() -> Result<()> {
    let root = sh::workspace_root();
    let page = page(&all(&root)?)?;
    let place = root.join(PAGE);
    std::fs::write(&place, page).with_context(|| format!("writing {}", place.display()))?;
    println!("{} is written", place.display());
    Ok(())
}

/// What all tests are about.
fn all(root: &Path) -> Result<Vec<Cited>> {
    let mut found = Vec::new();
    for (folder, prefix) in TESTS {
        let folder = root.join(folder);
        let mut files = Vec::new();
        sources(&folder, &mut files)?;
        files.sort();
        for path in files {
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let parent = path.with_file_name("mod.rs");
            let above = std::fs::read_to_string(parent).unwrap_or_default();
            let name = path.strip_prefix(&folder)?.with_extension("").to_string_lossy().into_owned();
            found.extend(of_file(&format!("{prefix}{name}"), &text, &above));
        }
    }
    Ok(found)
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The tests of each section of a document.
type Sections<'a> = BTreeMap<Section, Vec<&'a Cited>>;

fn of_document<'a>(cited: &'a [Cited], document: &str) -> Sections<'a> {
    let mut sections = Sections::new();
    for one in cited.iter().filter(|one| one.document == document) {
        sections.entry(one.section.clone()).or_default().push(one);
    }
    sections
}

/// The demands of a document that no test cites, by their section.
fn untested<'s>(spec: &'s Spec, sections: &Sections<'_>) -> Vec<(&'s str, &'s str)> {
    let is_tested = |section: &str| {
        let wanted = Section::read(section);
        sections.keys().any(|known| known.is_within(&wanted))
    };
    spec.demands.iter().copied().filter(|(section, _)| !is_tested(section)).collect()
}

fn page(cited: &[Cited]) -> Result<String> {
    let mut page = String::from(
        "# Conformance\n\n\
         Which tests hold which sections of the specifications. Written by `cargo xtask conformance` from the comments of \
         the tests: in `crates/testkit/tests/it/`, and those that begin with `core/` or `jose/` in these crates.\n\n\
         ## Deliberately not supported\n\n",
    );
    for (what, why) in LEFT_OUT {
        writeln!(page, "- **{what}**: {why}")?;
    }
    for spec in &SPECS {
        let sections = of_document(cited, spec.name);
        write!(page, "\n## {}\n\n<{}>\n", spec.title, spec.address)?;
        let missing = untested(spec, &sections);
        if !missing.is_empty() {
            writeln!(
                page,
                "\nNo test names these sections yet; what they demand may be held under another name:\n"
            )?;
            for (section, demand) in missing {
                writeln!(page, "- §{section}: {demand}")?;
            }
        }
        listed(&mut page, spec, &sections)?;
    }
    others(&mut page, cited)?;
    Ok(page)
}

fn listed(page: &mut String, spec: &Spec, sections: &Sections<'_>) -> Result<()> {
    for (section, tests) in sections {
        let demand = spec.demands.iter().find(|(known, _)| Section::read(known) == *section);
        match demand {
            Some((_, demand)) => write!(page, "\n### §{section}: {demand}\n\n")?,
            None => write!(page, "\n### §{section}\n\n")?,
        }
        for one in tests {
            writeln!(page, "- {} – `{}::{}`", one.what, one.file, one.test)?;
        }
    }
    Ok(())
}

/// Documents that are heeded on the way, each in a line: how many tests of which sections.
fn others(page: &mut String, cited: &[Cited]) -> Result<()> {
    let mut documents: BTreeMap<&str, Sections<'_>> = BTreeMap::new();
    for one in cited.iter().filter(|one| SPECS.iter().all(|spec| spec.name != one.document)) {
        documents.entry(&one.document).or_default().entry(one.section.clone()).or_default().push(one);
    }
    write!(page, "\n## Other documents that tests cite\n\n")?;
    for (document, sections) in documents {
        let names: Vec<String> = sections.keys().map(|section| format!("§{section}")).collect();
        writeln!(page, "- {document}: {}", names.join(", "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many demands may be without a test: lower it as tests come.
    const UNTESTED: usize = 4;

    #[test]
    fn the_page_is_the_one_in_the_docs() {
        let root = sh::workspace_root();
        let kept = std::fs::read_to_string(root.join(PAGE)).unwrap_or_default();
        let made = page(&all(&root).unwrap()).unwrap();
        assert!(kept == made, "{PAGE} is not what the tests say: run `cargo xtask conformance`");
    }

    /// What is said to have no test has none: once there is one, the page says so by itself. It may grow shorter only.
    #[test]
    fn few_demands_are_without_a_test() {
        let cited = all(&sh::workspace_root()).unwrap();
        let missing: usize =
            SPECS.iter().map(|spec| untested(spec, &of_document(&cited, spec.name)).len()).sum();
        assert!(missing <= UNTESTED, "{missing} demands have no test: {UNTESTED} had none");
    }

    #[test]
    fn demands_are_in_the_order_of_their_sections() {
        for spec in &SPECS {
            assert!(spec.demands.is_sorted_by_key(|(section, _)| Section::read(section)), "{}", spec.name);
        }
    }
}

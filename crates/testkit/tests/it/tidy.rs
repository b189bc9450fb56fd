//! The house rules that a machine can hold: arrows between crates, SQL in one place, no secrets of form.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    // Lexically, so that a linked folder stays where it is.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().and_then(Path::parent).expect("the workspace").to_owned()
}

/// Every file below a folder, build results and dot folders left out.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && (!name.starts_with('.') || name == ".ci") {
                found.extend(files(&path));
            }
        } else if name != ".git" {
            // A linked work tree has a file of that name.
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Rust files below a folder, as (path from the workspace, text).
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = root();
    files(&root.join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            let name = path.strip_prefix(&root).ok()?.to_string_lossy().into_owned();
            Some((name, text))
        })
        .collect()
}

/// All Rust files of the workspace.
fn all_sources() -> Vec<(String, String)> {
    let mut all = sources("crates");
    all.extend(sources("xtask"));
    assert!(all.len() > 80, "{}", all.len());
    all
}

/// What a file's own test module leaves.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

fn dependencies(member: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(member).join("Cargo.toml")).expect("a manifest");
    let section = text.split("\n[dependencies]").nth(1).expect("dependencies");
    let section = section.split("\n[").next().unwrap_or_default();
    let names =
        section.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

#[test]
fn arrows_between_crates_point_inwards() {
    let forbidden: [(&str, &[&str]); 3] = [
        (
            "crates/core",
            &[
                "tokio",
                "axum",
                "hyper",
                "http",
                "rusqlite",
                "tokio-postgres",
                "serde",
                "tracing",
                "reqwest",
                "writ-store",
                "writ-server",
                "writ-testkit",
            ],
        ),
        ("crates/store", &["axum", "hyper", "http", "writ-server", "writ-testkit"]),
        ("crates/server", &["rusqlite", "tokio-postgres", "deadpool-postgres", "writ-testkit"]),
    ];
    for (member, names) in forbidden {
        let has = dependencies(member);
        assert!(!has.is_empty(), "{member}");
        for name in names {
            assert!(!has.iter().any(|one| one == name), "{member} must not depend on {name}");
        }
    }
}

/// A room of the server imports rooms of lower floors alone, so no import leads back to where it came from.
#[test]
fn arrows_between_the_rooms_of_the_server_lead_downwards() {
    let rooms = xtask::floors::rooms(&root()).expect("the source");
    assert!(rooms.len() > 12, "{rooms:?}");
    assert_eq!(xtask::floors::faults(&rooms), [""; 0]);
}

/// Nothing is answered before it is on disk: the engine of the rounds keeps the answer, so nobody else commits. The first
/// start and a change of the master key answer no request.
#[test]
fn only_the_rounds_commit() {
    let others = ["state/rounds.rs", "boot/bootstrap.rs", "cli/rewrap.rs", "cli/bench/"];
    let mut commits = 0;
    for (path, text) in sources("crates/server/src") {
        let is_meant = others.iter().any(|other| path.contains(other));
        for place in without_tests(&text).match_indices(".commit(").map(|(at, _)| at) {
            let whose = text.get(..place).unwrap_or_default();
            // `task.commit` is the engine's own.
            if whose.ends_with("task") {
                continue;
            }
            assert!(is_meant, "{path} commits by itself; use `App::rounds` or `App::once`");
            commits += 1;
        }
    }
    assert!(commits > 2, "{commits}");
}

#[test]
fn only_the_store_has_sql() {
    let verbs = ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE "];
    for (path, text) in all_sources() {
        if path.starts_with("crates/store/") || path.contains("/tests/") || path.ends_with("/tests.rs") {
            continue;
        }
        // The kit's own PostgreSQL is a test, and the bench asks its throw-away one how large it is.
        if path.starts_with("crates/testkit/") || path == "xtask/src/bench/postgres.rs" {
            continue;
        }
        let text = without_tests(&text);
        for verb in verbs {
            assert!(!text.contains(verb), "{path} has {verb}");
        }
        for (at, _) in text.match_indices("UPDATE ") {
            let line = text[at..].lines().next().unwrap_or_default();
            assert!(!line.contains(" SET "), "{path} has {line}");
        }
    }
}

/// Wire is not domain.
#[test]
fn nothing_in_core_derives_its_wire_form() {
    for (path, text) in sources("crates/core") {
        for line in without_tests(&text).lines().filter(|line| line.trim_start().starts_with("#[derive(")) {
            assert!(!line.contains("Serialize") && !line.contains("Deserialize"), "{path}: {line}");
        }
    }
}

/// A text that reads like a sentence: two words in lower case with a space between them.
fn is_sentence(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    words.windows(2).any(|pair| {
        pair.iter()
            .all(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase() || "',;:.".contains(c)))
    })
}

/// Reasons are ids in core: the sentences are the server's, in one file for each language. Operators' texts, which no
/// caller reads, go through a function that says so, or stand in one of these files.
#[test]
fn core_has_no_sentences() {
    let places = [
        ("core/src/error.rs", "the table of errors"),
        (
            "core/src/scope_registry.rs",
            "descriptions of scopes, which are rows that an administrator can reword",
        ),
        ("core/src/assertion.rs", "why an assertion is refused, for the log"),
        ("core/src/authenticate.rs", "by which other method a client tried, for the log"),
        ("core/src/token.rs", "why a token is dead, for the log"),
        ("core/src/networks.rs", "that a stored list is damaged, for the log"),
        ("core/src/subject.rs", "what a hash begins with"),
        ("core/src/upstream/ask.rs", "why an answer of a provider is refused, for the log"),
        ("core/src/upstream/told.rs", "why what a provider tells is refused, for the log"),
        ("core/src/upstream/preset.rs", "scopes, which are words with spaces between them"),
        ("core/src/client/response_types.rs", "response types, which are words with spaces between them"),
    ];
    let for_the_log = ["internally", "bad", "failed", "expect"];
    let mut looked_at = 0;
    for file in xtask::source::read(&root(), "crates/core/src").expect("the source") {
        let is_named = places.iter().any(|(place, _)| file.path.ends_with(place));
        for (at, token) in file.tokens.iter().enumerate() {
            let xtask::source::Word::Text(text) = &token.word else { continue };
            looked_at += 1;
            let before = |back: usize| at.checked_sub(back).and_then(|at| file.tokens.get(at));
            let is_attribute = before(2).is_some_and(|name| name.name() == Some("reason"));
            let function = before(2).and_then(|token| token.name()).unwrap_or_default();
            // What a hash is made of is read by nobody.
            let is_hashed = before(6).is_some_and(|token| token.name() == Some("hash"));
            let may = is_named || is_attribute || for_the_log.contains(&function) || is_hashed;
            assert!(may || !is_sentence(text), "{}:{}: {text}", file.path, token.line);
        }
    }
    assert!(looked_at > 500, "{looked_at}");
}

/// Nor has the server sentences for its callers beside that file: no text becomes a reason by itself.
#[test]
fn a_reason_is_never_a_text() {
    let table = std::fs::read_to_string(root().join("crates/core/src/reason.rs")).expect("the table");
    for text in ["&'static str", "&str", "String", "Cow<'static, str>"] {
        assert!(!table.contains(&format!("impl From<{text}> for Reason")), "a reason is made of {text}");
    }
    let words =
        std::fs::read_to_string(root().join("crates/server/words/reasons.en.ftl")).expect("the words");
    // What the header `Authorization` has wrong under Basic is a reason of its own.
    let bare = |line: &&str| {
        line.split_once(" = ").is_some_and(|(id, text)| id != "authorization-basic" && is_only_a_word(text))
    };
    assert_eq!(words.lines().filter(bare).collect::<Vec<_>>(), [""; 0]);
}

/// A sentence that says nothing but what comes into it.
fn is_only_a_word(text: &str) -> bool {
    text.strip_prefix("{ $").and_then(|rest| rest.strip_suffix(" }")).is_some_and(|name| !name.contains(' '))
}

/// Every reason is given somewhere.
#[test]
fn every_reason_is_given() {
    let read =
        |file: &str| std::fs::read_to_string(root().join("crates/core/src").join(file)).expect("a table");
    let tables = read("reason.rs");
    let table = tables.split("pub enum Reason {").nth(1).and_then(|rest| rest.split("} of {").next());
    let tables = [table.expect("the rows").to_owned(), read("shell_reason.rs")].concat();
    let is_row = |line: &&str| line.ends_with(';') && line.contains(" = \"");
    let names: Vec<&str> =
        tables.lines().map(str::trim).filter(is_row).filter_map(|row| row.split(' ').next()).collect();
    assert!(names.len() > 300, "{}", names.len());
    let code: String = ["crates/core/src", "crates/server/src"]
        .iter()
        .flat_map(|folder| sources(folder))
        .map(|(_, text)| without_tests(&text).to_owned())
        .collect();
    let given: std::collections::HashSet<&str> = code
        .split("Reason::")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next())
        .collect();
    let idle: Vec<_> = names.into_iter().filter(|name| !given.contains(name)).collect();
    assert_eq!(idle, [""; 0]);
}

/// An exception says why, and is noticed when it is not needed any more.
#[test]
fn lints_are_expected_with_a_reason_and_never_just_allowed() {
    let (allow, crate_wide) = (concat!("#[", "allow("), concat!("#![", "allow("));
    for (path, text) in all_sources() {
        for (number, line) in text.lines().enumerate() {
            let is_bare = line.trim_start().starts_with(allow) || line.trim_start().starts_with(crate_wide);
            assert!(!is_bare, "{path}:{}: {line}", number + 1);
        }
    }
}

/// Nothing of the machine it was written on.
#[test]
fn no_file_names_this_machine() {
    let root = root();
    let names = [concat!("/ro", "ot/"), concat!("/wo", "rk/")];
    for path in files(&root) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for name in names {
            for (number, line) in text.lines().enumerate() {
                let at = line.match_indices(name).find(|(at, _)| {
                    // A path of its own, not the middle of another one.
                    !line[..*at]
                        .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '}' | '*'))
                });
                assert!(at.is_none(), "{}:{}: {line}", path.display(), number + 1);
            }
        }
    }
}

/// The names of the functions that are tests: those marked so, and the cases that the store's suite runs on each engine.
fn tests() -> std::collections::BTreeSet<String> {
    let mut found = std::collections::BTreeSet::new();
    for (path, text) in all_sources() {
        let is_suite = path.starts_with("crates/store/src/suite/");
        let mut is_marked = false;
        for line in text.lines().map(str::trim) {
            let function = line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
            let function = function.trim_start_matches("pub ").trim_start_matches("async ");
            if line.starts_with("#[test]")
                || line.starts_with("#[tokio::test")
                || line.starts_with("#[rstest")
            {
                is_marked = true;
            } else if let Some((name, _)) =
                line.split_once(" / ").filter(|(_, rest)| rest.contains("_on_sqlite / "))
            {
                // A story that a macro makes a test of for each engine.
                found.insert(name.to_owned());
            } else if let Some(name) = function.strip_prefix("fn ") {
                if is_marked || is_suite {
                    found.insert(name.split(['(', '<']).next().unwrap_or_default().to_owned());
                }
                is_marked = false;
            }
        }
    }
    assert!(found.len() > 1000, "{}", found.len());
    found
}

/// The rows of the security page that name tests: their last cells.
fn named_on_the_security_page() -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/security.md")).expect("the page");
    let (mut found, mut has_tests) = (Vec::new(), false);
    for line in page.lines() {
        if !line.starts_with('|') {
            has_tests = false;
        } else if line.ends_with("| test |") {
            has_tests = true;
        } else if has_tests && !line.starts_with("|--") {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
            assert!((3..=4).contains(&cells.len()), "{line}");
            found.push(cells.last().unwrap_or(&"").trim().to_owned());
        }
    }
    assert!(found.len() > 80, "{}", found.len());
    found
}

/// What the page of security says can rot: each test that it names is there, and nothing waits for one.
#[test]
fn every_test_that_the_security_page_names_exists() {
    let tests = tests();
    let mut wrong = Vec::new();
    for cell in named_on_the_security_page() {
        if cell == "–" {
            continue;
        }
        let mut names: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        names.retain(|name| !tests.contains(*name));
        let is_bare = !cell.starts_with('`') || cell.contains(concat!("TODO", "-TEST"));
        if is_bare || !names.is_empty() {
            wrong.push(format!("{cell}: not there: {names:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A name of a type stands for one thing, in whichever of the server's crates.
#[test]
fn no_type_has_the_name_of_another() {
    let types = xtask::names::types(&root()).expect("the source");
    assert!(types.len() > 800, "{}", types.len());
    let twice: Vec<_> = types.iter().filter(|(_, places)| places.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:#?}");
}

/// The first line of a file says what it is for.
#[test]
fn every_file_begins_with_what_it_is_for() {
    for (path, text) in all_sources() {
        assert!(text.starts_with("//! "), "{path}");
        let first = text.lines().next().unwrap_or_default();
        assert!(first.len() > 12, "{path}: {first}");
    }
}

/// Shows long files; nobody fails for one.
#[test]
fn long_files_are_shown() {
    for (path, text) in all_sources() {
        let lines = text.lines().count();
        if lines > 500 {
            println!("{lines} lines: {path}");
        }
    }
}

/// Where a path as the architecture page writes it may lie: `core/x.rs` stands for `crates/core/src/x.rs`.
fn is_a_place(path: &str) -> bool {
    let root = root();
    let mut tries =
        vec![root.join(path), root.join("crates").join(path), root.join("crates/server/src").join(path)];
    if let Some((name, rest)) = path.split_once('/') {
        tries.push(root.join("crates").join(name).join("src").join(rest));
        tries.push(root.join(name).join("src").join(rest));
    }
    let is_file_name = |file: &PathBuf| file.file_name().is_some_and(|name| name == path);
    tries.iter().any(|place| place.exists()) || files(&root.join("crates")).iter().any(is_file_name)
}

/// What the architecture page and the contributors' page name in the code is there.
#[test]
fn code_names_on_the_pages_about_the_code_exist() {
    let code: String = all_sources().into_iter().map(|(_, text)| text).collect();
    let words: std::collections::HashSet<&str> =
        code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let is_name = |text: &str| {
        text.split("::").all(|part| {
            let part = part.trim_end_matches("()");
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        }) && (text.contains("::") || text.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(page)).expect("a page");
        let mut looked_at = 0;
        // Drawings and samples stand between fences.
        for prose in text.split("```").step_by(2) {
            for name in prose.split('`').skip(1).step_by(2) {
                let name = name.trim();
                // What begins with a slash is a route, and `x.rs` stands for any file.
                let is_path = !name.starts_with(['/', '.', '-'])
                    && !name.ends_with("/x.rs")
                    && !name.contains([' ', '{', '…', '=', ':'])
                    && (Path::new(name).extension().is_some_and(|extension| extension == "rs")
                        || name.ends_with('/'));
                if is_path {
                    assert!(is_a_place(name.trim_end_matches('/')), "{page} names {name}");
                } else if !name.ends_with("/x.rs") && is_name(name) {
                    let missing = name
                        .split("::")
                        .map(|part| part.trim_end_matches("()"))
                        .find(|part| !words.contains(part));
                    assert!(missing.is_none(), "{page} names {name}");
                } else {
                    continue;
                }
                looked_at += 1;
            }
        }
        assert!(looked_at > 10, "{page}: {looked_at}");
    }
}

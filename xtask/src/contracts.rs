//! `cargo xtask contracts`: writes `docs/contracts.md`, which says for every endpoint of the four documents
//! which tests hold it.
//!
//! A test of a contract says in the first line of its comment what it shows:
//! ``/// `tenant` `GET /api/v1/oauth/admin/clients`: 200``.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::sh;

/// Where the tests are.
const TESTS: &str = "crates/testkit/tests/it/contracts";
/// The page.
const PAGE: &str = "docs/contracts.md";

/// The endpoints as the documents publish them.
const PUBLISHED: [(&str, &[&str]); 4] = [
    (
        "tenant",
        &[
            "GET /api/v1/oauth/admin/clients",
            "GET /api/v1/oauth/admin/clients/{id}",
            "POST /api/v1/oauth/admin/clients",
            "PUT /api/v1/oauth/admin/clients/{id}",
            "DELETE /api/v1/oauth/admin/clients/{id}",
            "POST /api/v1/oauth/admin/clients/{id}/regenerate-secret",
            "GET /api/v1/oauth/clients/{client_id}",
            "POST /api/v1/oauth/consent",
            "GET /api/v1/oauth/consents",
            "DELETE /api/v1/oauth/consents/{client_id}",
        ],
    ),
    ("identity", &["POST /v1/admin/oauth-clients"]),
    (
        "oauth2",
        &[
            "POST /api/v1/oauth/tokens",
            "POST /api/v1/oauth/introspect",
            "POST /api/v1/oauth/clients",
            "GET /api/v1/oauth/clients",
            "PUT /api/v1/oauth/clients/{client_id}",
            "DELETE /api/v1/oauth/clients/{client_id}",
            "POST /api/v1/users",
            "PUT /api/v1/users/profile",
            "POST /api/v1/users/reset-password",
            "POST /api/v1/users/verify-email",
            "GET /api/v1/users",
            "PUT /api/v1/users/{user_id}",
            "DELETE /api/v1/users/{user_id}",
            "POST /api/v1/oauth/scopes",
            "GET /api/v1/oauth/scopes",
            "PUT /api/v1/oauth/scopes/{scope_id}",
            "DELETE /api/v1/oauth/scopes/{scope_id}",
            "POST /api/v1/oauth/consents",
            "GET /api/v1/oauth/consents",
            "DELETE /api/v1/oauth/consents/{consent_id}",
            "GET /api/v1/oauth/tokens",
            "POST /api/v1/oauth/tokens/revoke",
            "POST /api/v1/oauth/tokens/bulk-revoke",
            "GET /api/v1/audit-logs",
            "GET /api/v1/oauth/rate-limits",
            "GET /api/v1/oauth/sessions",
            "DELETE /api/v1/oauth/sessions/{session_id}",
        ],
    ),
    (
        "clients",
        &[
            "GET /v1/clients",
            "POST /v1/clients",
            "GET /v1/clients/:id",
            "PATCH /v1/clients/:id",
            "DELETE /v1/clients/:id",
            "POST /v1/clients/:id/rotate-secret",
            "GET /v1/clients/:id/tokens",
        ],
    ),
];

/// A test of a contract.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    contract: String,
    endpoint: String,
    what: String,
    file: String,
    test: String,
}

/// Writes the page.
pub fn run() -> Result<()> {
    let root = sh::workspace_root();
    let page = page(&shown(&root)?)?;
    let place = root.join(PAGE);
    std::fs::write(&place, page).with_context(|| format!("writing {}", place.display()))?;
    println!("{} is written", place.display());
    Ok(())
}

/// What the tests say that they show.
fn shown(root: &Path) -> Result<Vec<Shown>> {
    let mut found = Vec::new();
    let Ok(folder) = std::fs::read_dir(root.join(TESTS)) else { return Ok(found) };
    let mut files: Vec<_> = folder.flatten().map(|entry| entry.path()).collect();
    files.sort();
    for path in files {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        found.extend(of_file(&name, &text)?);
    }
    Ok(found)
}

fn of_file(file: &str, text: &str) -> Result<Vec<Shown>> {
    let (mut found, mut last, mut pending): (_, &str, Option<(&str, &str, &str)>) = (Vec::new(), "", None);
    for line in text.lines().map(str::trim) {
        // Only the first line of a comment.
        if let Some(said) = said(line).filter(|_| !last.starts_with("///")) {
            pending = Some(said);
        } else if let Some((contract, endpoint, what)) = pending
            && let Some(rest) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))
        {
            let function = rest.split(['(', '<']).next().unwrap_or_default();
            ensure!(
                known(contract, endpoint).is_some() || !what.is_empty(),
                "{file}::{function}: shows nothing"
            );
            found.push(Shown {
                contract: contract.to_owned(),
                endpoint: known(contract, endpoint).unwrap_or(endpoint).to_owned(),
                what: what.to_owned(),
                file: file.to_owned(),
                test: function.to_owned(),
            });
            pending = None;
        }
        last = line;
    }
    Ok(found)
}

/// ``/// `contract` `METHOD /path`: what``.
fn said(line: &str) -> Option<(&str, &str, &str)> {
    let (contract, rest) = line.strip_prefix("/// `")?.split_once("` `")?;
    let (endpoint, what) = rest.split_once("`: ")?;
    PUBLISHED.iter().any(|(name, _)| *name == contract).then_some((contract, endpoint, what))
}

/// The endpoint as it is published, however its parameter is written.
fn known(contract: &str, endpoint: &str) -> Option<&'static str> {
    let plain = |text: &str| {
        let parts = text.split('/').map(|part| if part.starts_with([':', '{']) { "*" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let (_, published) = PUBLISHED.iter().find(|(name, _)| *name == contract)?;
    published.iter().copied().find(|one| plain(one) == plain(endpoint))
}

fn page(all: &[Shown]) -> Result<String> {
    let mut page = String::from(
        "# The four contracts and their tests\n\n\
         Written by `cargo xtask contracts` from the comments of the tests in `crates/testkit/tests/it/contracts/`.\n",
    );
    for (contract, published) in PUBLISHED {
        let own = |endpoint: &str| {
            let tests = all.iter().filter(|one| one.contract == contract && one.endpoint == endpoint);
            tests.collect::<Vec<_>>()
        };
        write!(page, "\n## {contract}\n")?;
        for endpoint in published {
            section(&mut page, endpoint, &own(endpoint))?;
        }
        let mut beyond: BTreeMap<&str, Vec<&Shown>> = BTreeMap::new();
        let further =
            all.iter().filter(|one| one.contract == contract && !published.contains(&one.endpoint.as_str()));
        for one in further {
            beyond.entry(&one.endpoint).or_default().push(one);
        }
        if !beyond.is_empty() {
            write!(page, "\n### Beyond the document\n")?;
        }
        for (endpoint, tests) in beyond {
            section(&mut page, endpoint, &tests)?;
        }
    }
    Ok(page)
}

fn section(page: &mut String, endpoint: &str, tests: &[&Shown]) -> Result<()> {
    write!(page, "\n`{endpoint}`\n\n")?;
    if tests.is_empty() {
        writeln!(page, "- no test yet")?;
    }
    for one in tests {
        writeln!(page, "- {} – `{}::{}`", one.what, one.file, one.test)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_the_one_in_the_docs() {
        let root = sh::workspace_root();
        let kept = std::fs::read_to_string(root.join(PAGE)).unwrap_or_default();
        let made = page(&shown(&root).unwrap()).unwrap();
        assert!(kept == made, "{PAGE} is not what the tests say: run `cargo xtask contracts`");
    }

    /// The HTTP statuses that a comment names.
    fn statuses(what: &str) -> impl Iterator<Item = &str> {
        let words = what.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter(|word| word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit()))
    }

    #[test]
    fn every_endpoint_is_shown_in_success_and_in_error() {
        let all = shown(&sh::workspace_root()).unwrap();
        for (contract, published) in PUBLISHED {
            for endpoint in published {
                let name = format!("{contract} {endpoint}");
                let has = |class: char| {
                    let mut own =
                        all.iter().filter(|one| one.contract == contract && one.endpoint == *endpoint);
                    own.any(|one| statuses(&one.what).any(|status| status.starts_with(class)))
                };
                assert!(has('2') && has('4'), "{name}: it needs a test of a success and one of an error");
            }
        }
    }

    #[test]
    fn the_first_line_of_a_comment_says_what_is_shown() {
        let text = "/// `clients` `GET /v1/clients/{id}`: 404 unknown\n/// More.\n#[tokio::test]\nasync fn a_test() {\n\
            /// Other.\n/// `clients` `GET /v1/clients`: 200\nfn not_first() {\n\
            /// `nobody` `GET /x`: 200\nfn no_contract() {\n";
        let found = of_file("clients_read", text).unwrap();
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (&*one.endpoint, &*one.what, &*one.test),
            ("GET /v1/clients/:id", "404 unknown", "a_test")
        );
    }
}

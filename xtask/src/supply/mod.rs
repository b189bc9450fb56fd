//! What the program is made of: licences, sources, versions and advisories of every dependency (cargo-deny by
//! `deny.toml`), and the bill of materials held against a validator and a built program that are not ours to please.

pub mod sbom;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};

use crate::sh;
use crate::test::StepReport;

/// Beside `interop`, which wants the same.
const TOOLS: &[sh::Tool] = &[
    sh::Tool { program: "python3", packages: &["python3", "python3-venv"] },
    sh::Tool { program: "git", packages: &["git"] },
    sh::Tool { program: "timeout", packages: &["coreutils"] },
];

/// The pinned versions: a newer one comes with a change of this line.
const DENY: &str = "0.20.2";
const VALIDATOR: &str = "cyclonedx-python-lib[json-validation]==11.12.0";

/// Where the advisory database is published.
const PUBLISHED: &str = "https://github.com/RustSec/advisory-db";
/// Names the folder of a clone of it that is already here.
const DATABASE: &str = "WRIT_ADVISORY_DB";
/// Seconds that fetching the advisory database may take.
const PATIENCE: &str = "90";

/// The checks of `deny.toml` that need nothing from outside.
const CHECKS: [(&str, &str); 3] = [
    ("licenses", "licences of all dependencies"),
    ("sources", "sources of all dependencies"),
    ("bans", "banned crates and duplicate versions"),
];

/// `cargo xtask supply`.
pub fn alone() -> ExitCode {
    let mut report = StepReport::default();
    report.setup(|| sh::ensure_packages(sh::BUILD_TOOLS));
    if report.is_usable() {
        run(&mut report);
    }
    report.finish()
}

/// Runs all of it as a part of `cargo xtask test`.
pub fn run(report: &mut StepReport) {
    report.setup(|| sh::ensure_packages(TOOLS));
    report.setup(|| sh::ensure_cargo_tool_at("cargo-deny", DENY));
    if !report.is_usable() {
        return;
    }
    for (check, name) in CHECKS {
        report.judged(name, || sh::succeeds(sh::cargo().args(["deny", "--locked", "check", check])));
    }
    advisories(report);
    report.judged("the bill of materials, by CycloneDX's own validator", is_valid);
    report.judged("the bill of materials, against the built program", names_what_is_built);
}

/// Against the database that `WRIT_ADVISORY_DB` names a clone of, else the published one; where neither can be had, it
/// is said.
fn advisories(report: &mut StepReport) {
    let name = "advisories about all dependencies";
    let mut fetch = Command::new("timeout");
    fetch.current_dir(sh::workspace_root()).args([PATIENCE, "cargo", "deny", "fetch", "db"]);
    fetch.env("GIT_TERMINAL_PROMPT", "0");
    if let Some(clone) = sh::environment(DATABASE) {
        // cargo-deny fetches with git and takes no path, so git is told where the published one is.
        fetch.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_VALUE_0", PUBLISHED);
        fetch.env("GIT_CONFIG_KEY_0", format!("url.file://{clone}.insteadOf"));
    }
    match sh::output_of(&mut fetch) {
        Ok(_) => report.judged(name, || {
            sh::succeeds(sh::cargo().args(["deny", "--locked", "--offline", "check", "advisories"]))
        }),
        Err(error) => report.skipped(
            name,
            &format!("the database cannot be fetched, and {DATABASE} names no clone of it: {error:#}"),
        ),
    }
}

/// The specification's own project reads the document strictly by its schema.
fn is_valid() -> Result<bool> {
    let folder = sh::target_directory()?.join("supply");
    std::fs::create_dir_all(&folder)?;
    let document = folder.join("writ.cdx.json");
    std::fs::write(&document, sbom::text(&sbom::host()?)?)?;
    let python = validator(&folder)?;
    let program = "import sys\n\
        from cyclonedx.schema import SchemaVersion\n\
        from cyclonedx.validation.json import JsonStrictValidator\n\
        text = open(sys.argv[1], encoding='utf-8').read()\n\
        found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)\n\
        sys.exit(None if found is None else str(found)[:2000])\n";
    sh::succeeds(Command::new(python).args(["-c", program]).arg(document))
}

/// A Python that has the validator; it stays from one run to the next.
fn validator(folder: &Path) -> Result<PathBuf> {
    let (venv, mark) = (folder.join("venv"), folder.join("validator.txt"));
    let python = venv.join("bin").join("python");
    if python.is_file() && std::fs::read_to_string(&mark).is_ok_and(|has| has == VALIDATOR) {
        return Ok(python);
    }
    println!("==> pip install {VALIDATOR}");
    sh::output_of(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))
        .context("python3 makes no virtual environment: install python3-venv")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", VALIDATOR]);
    ensure!(sh::succeeds(&mut pip)?, "pip install {VALIDATOR} failed");
    std::fs::write(&mark, VALIDATOR)?;
    Ok(python)
}

/// Whatever crate left the path of a source file in the program is in the document: the messages of panics name them.
fn names_what_is_built() -> Result<bool> {
    let built =
        sh::succeeds(sh::cargo().args(["build", "--locked", "--package", "writ-server", "--bin", "writ"]))?;
    ensure!(built, "the server does not build");
    let program = std::fs::read(sh::target_directory()?.join("debug").join("writ"))?;
    let seen = crates_in(&program);
    let shipment = sbom::Shipment::read(&sbom::host()?)?;
    let told: BTreeSet<String> =
        shipment.uses.keys().map(|package| format!("{}-{}", package.name, package.version)).collect();
    let missing: Vec<&String> = seen.iter().filter(|name| !told.contains(*name)).collect();
    println!("    {} crates of {} left their name in the program", seen.len(), told.len());
    if !missing.is_empty() {
        println!("    not in the bill of materials: {missing:?}");
    }
    ensure!(seen.len() > 50, "too few to tell anything: is this the program?");
    Ok(missing.is_empty())
}

/// `…/registry/src/<index>/<name>-<version>/src/…`, as it stands in a program.
fn crates_in(program: &[u8]) -> BTreeSet<String> {
    let mark = b"/registry/src/";
    let mut found = BTreeSet::new();
    let mut rest = program;
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
        rest = rest.get(at + mark.len()..).unwrap_or_default();
        let path: Vec<&[u8]> =
            rest.get(..300.min(rest.len())).unwrap_or_default().split(|b| *b == b'/').collect();
        if let [_, name, _, ..] = path.as_slice()
            && let Ok(name) = std::str::from_utf8(name)
            && name.contains('-')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b))
        {
            found.insert(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_found_by_the_paths_they_leave() {
        let program = b"\0/home/x/.cargo/registry/src/index.crates.io-1/hyper-1.9.0/src/lib.rs\0junk\
            /registry/src/index/zstd-sys-2.0.1+zstd.1.5.7/src/x.rs/registry/src/cut";
        let found: Vec<String> = crates_in(program).into_iter().collect();
        assert_eq!(found, ["hyper-1.9.0", "zstd-sys-2.0.1+zstd.1.5.7"]);
    }

    /// What `deny.toml` must go on saying.
    #[test]
    fn other_tls_and_cryptography_stay_banned() {
        let text = std::fs::read_to_string(sh::workspace_root().join("deny.toml")).unwrap();
        for name in ["openssl", "openssl-sys", "native-tls", "ring"] {
            assert!(text.contains(&format!("{{ name = \"{name}\", reason")), "{name}");
        }
        for rule in [
            "unknown-registry = \"deny\"",
            "unknown-git = \"deny\"",
            "multiple-versions = \"deny\"",
            "ignore = []",
        ] {
            assert!(text.contains(rule), "{rule}");
        }
    }
}

//! Schemathesis (`PyPI`): requests drawn from the API description, sent to a server as an operator starts it.
//! No answer may be a failure of the server's, and each has to be one that the description knows.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};

use crate::interop::{At, Server};
use crate::sh;
use crate::test::StepReport;

/// The version that the settings below were chosen for.
const PINNED: &str = "schemathesis==4.32.5";

const TOOLS: &[sh::Tool] = &[sh::Tool { program: "python3", packages: &["python3", "python3-venv"] }];

/// Checks that cannot know our rules, each with why not.
const OFF: &[(&str, &str)] = &[
    (
        "negative_data_rejection",
        "unknown members and parameters are ignored by most contracts, as RFC 7591 does",
    ),
    ("positive_data_acceptance", "a name may be taken, an id unknown, a grant not given: no schema says so"),
    ("missing_required_header", "without X-Tenant-ID it is 400 or, before that, 401: the check knows one"),
    (
        "ignored_auth",
        "a credential may also stand in the body, and some routes look at one where it is there",
    ),
    (
        "object_level_authorization",
        "one credential is used; the authority walk has two tenants and each permission",
    ),
    ("use_after_free", "an id in a path may also be a name, which may be made again"),
    ("ensure_resource_availability", "what is made by one case may be removed by another at the same time"),
];

/// How much is sent.
#[derive(Debug, Clone, Copy)]
pub enum Extent {
    /// For every test run: under a minute.
    Short,
    /// At least ten thousand requests: some 14,000, in about five minutes.
    Long,
}

impl Extent {
    /// Requests for each operation at the most, and in all at the least.
    const fn cases(self) -> (u32, u64) {
        match self {
            Self::Short => (10, 200),
            Self::Long => (120, 10_000),
        }
    }

    /// Which kinds of requests: the documented examples, each boundary of each member, and drawn ones.
    const fn phases(self) -> &'static str {
        match self {
            Self::Short => "examples,fuzzing",
            Self::Long => "examples,coverage,fuzzing",
        }
    }
}

/// `cargo xtask schemathesis`.
pub fn alone() -> ExitCode {
    let mut report = StepReport::default();
    report.setup(|| sh::ensure_packages(sh::BUILD_TOOLS));
    if report.is_usable() {
        run(&mut report, Extent::Long);
    }
    report.finish()
}

/// Installs it, starts a server and sends requests.
pub fn run(report: &mut StepReport, extent: Extent) {
    report.setup(|| sh::ensure_packages(TOOLS));
    if report.is_usable() {
        report.judged("schemathesis", || sent(extent));
    }
}

fn sent(extent: Extent) -> Result<bool> {
    let target = sh::target_directory()?;
    let folder = target.join("schemathesis");
    std::fs::create_dir_all(&folder)?;
    let program = installed(&folder)?;
    let built =
        sh::succeeds(sh::cargo().args(["build", "--locked", "--package", "writ-server", "--bin", "writ"]))?;
    ensure!(built, "the server does not build");
    let data = folder.join("data");
    let log = folder.join("server.log");
    let server = Server::start(&target.join("debug").join("writ"), &data, &log, At::Loopback)?;
    let bootstrap = std::fs::read_to_string(data.join("bootstrap.json")).context("reading bootstrap.json")?;
    let bootstrap: serde_json::Value = serde_json::from_str(&bootstrap)?;
    let key =
        bootstrap.get("api_key").and_then(serde_json::Value::as_str).context("bootstrap.json has no key")?;
    let (most, least) = extent.cases();
    let off: Vec<_> = OFF.iter().map(|(check, _)| *check).collect();
    let mut command = Command::new(program);
    command.current_dir(&folder).env("PYTHONWARNINGS", "ignore").args([
        "run",
        &format!("{}/openapi.json", server.issuer()),
        "--url",
        server.issuer(),
        "--header",
        &format!("Authorization: Bearer {key}"),
        "--exclude-checks",
        &off.join(","),
        "--phases",
        extent.phases(),
        "--max-examples",
        &most.to_string(),
        "--seed",
        "20261122",
        // More are no faster, and now and then trip the parser of Python 3.11 (gh-106905).
        "--workers",
        "1",
        "--continue-on-failure",
        "--suppress-health-check",
        "all",
        "--warnings",
        "off",
    ]);
    let mut cases = 0;
    let status = sh::tee_lines(&mut command, &mut std::io::stdout(), |line| {
        cases = generated(line).unwrap_or(cases);
    })?;
    if cases < least {
        eprintln!("schemathesis: {cases} cases, {least} were wanted");
    }
    Ok(status.success() && cases >= least)
}

/// The number in `N generated, …` of the summary.
fn generated(line: &str) -> Option<u64> {
    let (before, _) = line.split_once(" generated")?;
    before.rsplit(' ').next()?.replace(',', "").parse().ok()
}

/// The program in a virtual environment of its own, which stays from one run to the next.
fn installed(folder: &Path) -> Result<PathBuf> {
    let (venv, mark) = (folder.join("venv"), folder.join("installed.txt"));
    let program = venv.join("bin").join("schemathesis");
    if std::fs::read_to_string(&mark).is_ok_and(|text| text == PINNED) && program.is_file() {
        return Ok(program);
    }
    println!("==> pip install {PINNED}");
    sh::output_of(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))
        .context("python3 makes no virtual environment: install python3-venv")?;
    let mut pip = Command::new(venv.join("bin").join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PINNED]);
    ensure!(sh::succeeds(&mut pip)?, "pip install failed");
    std::fs::write(&mark, PINNED)?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_says_how_many_cases_there_were() {
        assert_eq!(generated("  12,345 generated, 2 found 1 unique failures"), Some(12_345));
        assert_eq!(generated("  987 generated, 987 passed"), Some(987));
        assert_eq!(generated("schemathesis"), None);
    }
}

//! Running commands: where the workspace is, what a machine needs, and output that is shown while it is read.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// A program that must be on the `PATH`, and the Debian packages that bring it.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    pub program: &'static str,
    pub packages: &'static [&'static str],
}

/// What building and testing the workspace needs beside the Rust toolchain.
pub const BUILD_TOOLS: &[Tool] = &[
    Tool { program: "cc", packages: &["gcc", "libc6-dev"] },
    Tool { program: "cmake", packages: &["cmake"] },
    Tool { program: "curl", packages: &["curl"] },
    // Kept off the PATH by Debian: the tests look where it lies.
    Tool { program: "initdb", packages: &["postgresql"] },
    Tool { program: "script", packages: &["bsdutils"] },
];

/// Where Debian keeps PostgreSQL's programs, a folder a version.
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// The folder of the workspace's `Cargo.toml`.
pub fn workspace_root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// Cargo's target folder, wherever configuration or environment put it.
pub fn target_directory() -> Result<PathBuf> {
    let text = output_of(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text).context("reading cargo metadata")?;
    let folder = metadata.get("target_directory").and_then(serde_json::Value::as_str);
    Ok(PathBuf::from(folder.context("cargo metadata names no target_directory")?))
}

/// `cargo` in the workspace root; without colours where `CI=true`.
pub fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(workspace_root());
    if environment("CI").is_some_and(|value| value == "true") {
        command.env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1");
    }
    command
}

/// A variable of the environment.
#[expect(clippy::disallowed_methods, reason = "xtask is an outermost layer")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn is_installed(program: &str) -> bool {
    let versions = std::fs::read_dir(POSTGRESQL).into_iter().flatten().flatten();
    is_on_path(program)
        || versions.into_iter().any(|version| version.path().join("bin").join(program).is_file())
}

/// The folder of the newest PostgreSQL's programs.
pub fn postgresql_binaries() -> Result<PathBuf> {
    let versions = std::fs::read_dir(POSTGRESQL).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin"))
        .filter(|folder| folder.join("initdb").is_file() && folder.join("psql").is_file())
        .collect();
    found.sort();
    found.pop().with_context(|| format!("no PostgreSQL below {POSTGRESQL}"))
}

#[expect(clippy::disallowed_methods, reason = "xtask is an outermost layer")]
fn is_on_path(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Makes sure that the tools are there. Installs their Debian packages when run as root; fails with the exact
/// command when it cannot.
pub fn ensure_packages(tools: &[Tool]) -> Result<()> {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| !is_installed(tool.program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let programs = missing.iter().map(|tool| tool.program).collect::<Vec<_>>().join(", ");
    let packages: Vec<&str> = missing.iter().flat_map(|tool| tool.packages.iter().copied()).collect();
    if !is_on_path("apt-get") {
        bail!("missing: {programs}. Install what brings these programs (on Debian: {})", packages.join(" "));
    }
    if output_of(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!("missing: {programs}. Run: sudo apt-get install -y {}", packages.join(" "));
    }
    println!("==> apt-get install {}", packages.join(" "));
    // A fresh image has no package lists, an old one has stale ones. When this fails, the install says so.
    apt_get().arg("update").arg("-q").status().context("running apt-get update")?;
    let status = apt_get().args(["install", "-y", "-q", "--no-install-recommends"]).args(&packages).status();
    ensure!(
        status.context("running apt-get install")?.success(),
        "apt-get install {} failed",
        packages.join(" ")
    );
    for tool in missing {
        ensure!(is_installed(tool.program), "{} is still missing after apt-get install", tool.program);
    }
    Ok(())
}

/// Makes sure that a cargo command of that name is there.
pub fn ensure_cargo_tool(name: &str) -> Result<()> {
    let command = name.trim_start_matches("cargo-");
    if output_of(cargo().args([command, "--version"])).is_ok() {
        return Ok(());
    }
    println!("==> cargo install {name}");
    ensure!(succeeds(cargo().args(["install", "--locked", name]))?, "cargo install {name} failed");
    Ok(())
}

/// Makes sure that a cargo command is there in this version. It is built once for a machine, and quickly rather than
/// to be quick: it runs for a second.
pub fn ensure_cargo_tool_at(name: &str, version: &str) -> Result<()> {
    let command = name.trim_start_matches("cargo-");
    let said = output_of(cargo().args([command, "--version"]));
    if said.is_ok_and(|said| said.trim().ends_with(version)) {
        return Ok(());
    }
    println!("==> cargo install {name} {version}");
    let mut install = cargo();
    install.args(["install", "--locked", "--force", name, "--version", version]);
    install.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    ensure!(succeeds(&mut install)?, "cargo install {name} {version} failed");
    Ok(())
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    command
}

/// Runs a command with its output untouched, and says whether it succeeded.
pub fn succeeds(command: &mut Command) -> Result<bool> {
    Ok(command.status().with_context(|| format!("running {}", shown(command)))?.success())
}

/// Runs a command and gives its standard output; a failure carries its standard error.
pub fn output_of(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("running {}", shown(command)))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}: {}", shown(command), output.status, complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command, copies its standard output to `copy` as it comes and shows each line to `on_line`.
/// Standard error goes straight to ours.
pub fn tee_lines(
    command: &mut Command,
    copy: &mut impl Write,
    mut on_line: impl FnMut(&str),
) -> Result<ExitStatus> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("running {}", shown(command)))?;
    let stdout = child.stdout.take().context("the child has no standard output")?;
    let mut reader = BufReader::new(stdout);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        copy.write_all(&line)?;
        copy.flush()?;
        on_line(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']));
        line.clear();
    }
    Ok(child.wait()?)
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_seen_with_the_exit_status() {
        let mut seen = Vec::new();
        let mut command = Command::new("sh");
        command.args(["-c", "printf 'one\\ntwo'; exit 3"]);
        let mut copy = Vec::new();
        let status = tee_lines(&mut command, &mut copy, |line| seen.push(line.to_owned())).unwrap();
        assert_eq!(copy, b"one\ntwo");
        assert_eq!(seen, ["one", "two"]);
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn failure_carries_standard_error() {
        let error = output_of(Command::new("sh").args(["-c", "echo why >&2; exit 1"])).unwrap_err();
        assert!(error.to_string().ends_with("why"), "{error}");
    }

    #[test]
    fn a_present_tool_needs_no_package() {
        ensure_packages(&[Tool { program: "sh", packages: &["no-such-package"] }]).unwrap();
    }

    #[test]
    fn a_tool_that_does_not_exist_is_not_on_the_path() {
        assert!(!is_on_path("no-such-program-of-ours"));
    }
}

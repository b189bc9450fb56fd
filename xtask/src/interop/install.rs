//! What the suites need from registries: packages as they are published, in the versions that the suites name.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::sh;

/// Where a suite's packages come from, and how they get into its folder.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    /// `package.json`.
    Npm,
    /// `requirements.txt`, in a virtual environment.
    PyPi,
    /// A module of its own: `go.mod`.
    Go,
    /// Somebody else's program, by module path and version.
    GoProgram(&'static str),
    /// `pom.xml`.
    Maven,
    /// `Cargo.toml`, outside the workspace.
    Crates,
    /// Packages of the system, which are there already.
    Debian,
}

impl Source {
    /// Installs, and builds what has to be built. What is there from an earlier run stays.
    pub fn install(self, from: &Path, folder: &Path) -> Result<()> {
        let manifest = match self {
            Self::Npm => "package.json",
            Self::PyPi => "requirements.txt",
            Self::Go | Self::GoProgram(_) | Self::Maven | Self::Crates | Self::Debian => "",
        };
        let is_same = !manifest.is_empty() && same_text(&from.join(manifest), &folder.join(manifest));
        copy(from, folder)?;
        let installed = || is_same && folder.join(".installed").is_file();
        match self {
            Self::Npm if !installed() => npm(folder)?,
            Self::PyPi if !installed() => pip(folder)?,
            Self::Npm | Self::PyPi | Self::Debian => return Ok(()),
            Self::Go => finish(folder, "go", &["build", "-o", "bin/", "."])?,
            Self::GoProgram(program) => return go_program(folder, program),
            Self::Maven => {
                finish(folder, "mvn", &["--quiet", "--batch-mode", "--no-transfer-progress", "package"])?;
            }
            Self::Crates => finish(folder, "cargo", &["build", "--locked", "--target-dir", "target"])?,
        }
        std::fs::write(folder.join(".installed"), "")?;
        Ok(())
    }
}

/// Copies files and folders; the tests stand beside their packages, which is where Node looks for them.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if !same_text(&entry.path(), &target) {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn npm(folder: &Path) -> Result<()> {
    finish(folder, "npm", &["install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"])
}

fn pip(folder: &Path) -> Result<()> {
    finish(folder, "python3", &["-m", "venv", "--clear", "venv"])
        .context("python3 makes no virtual environment: install python3-venv")?;
    finish(
        folder,
        "venv/bin/python",
        &[
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
            "requirements.txt",
        ],
    )
}

fn go_program(folder: &Path, program: &str) -> Result<()> {
    let mark = folder.join(".installed");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == program) {
        return Ok(());
    }
    println!("==> go install {program}");
    let mut go = Command::new("go");
    go.current_dir(folder).args(["install", program]).env("GOBIN", folder.join("bin"));
    ensure!(sh::succeeds(&mut go)?, "go install {program} failed");
    std::fs::write(mark, program)?;
    Ok(())
}

fn finish(folder: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    // A path among the suite's own files, or a name to be looked for.
    let found = folder.join(program);
    let mut command = if found.is_file() { Command::new(found) } else { Command::new(program) };
    command.current_dir(folder).args(arguments);
    println!("==> {}", sh::shown(&command));
    ensure!(sh::succeeds(&mut command)?, "{} failed in {}", sh::shown(&command), folder.display());
    Ok(())
}

fn same_text(one: &Path, other: &Path) -> bool {
    matches!((std::fs::read(one), std::fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

//! Clients that are not ours, unmodified, each as a program of its own, against a server as an operator starts it.
//!
//! Each suite prints TAP: a line `ok …` or `not ok …` for each flow.

mod install;
pub mod screenshots;
mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};
use clap::Args;

use self::install::Source;
pub use self::server::{At, Server};
use crate::sh;
use crate::test::StepReport;

const NODE: sh::Tool = sh::Tool { program: "node", packages: &["nodejs"] };
const NPM: sh::Tool = sh::Tool { program: "npm", packages: &["npm"] };
const CHROMIUM: sh::Tool = sh::Tool { program: "chromium", packages: &["chromium"] };
const PYTHON: sh::Tool = sh::Tool { program: "python3", packages: &["python3", "python3-venv"] };
const GO: sh::Tool = sh::Tool { program: "go", packages: &["golang-go"] };
const JAVA: sh::Tool = sh::Tool { program: "javac", packages: &["default-jdk-headless"] };
const MAVEN: sh::Tool = sh::Tool { program: "mvn", packages: &["maven"] };
const APACHE: sh::Tool = sh::Tool { program: "/usr/sbin/apache2", packages: &["apache2-bin"] };
const OIDC_AGENT: sh::Tool = sh::Tool { program: "oidc-agent", packages: &["oidc-agent-cli"] };
/// A module of Apache, not a program.
const MOD_AUTH_OPENIDC: sh::Tool = sh::Tool {
    program: "/usr/lib/apache2/modules/mod_auth_openidc.so",
    packages: &["libapache2-mod-auth-openidc"],
};

/// How many of the suites run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What is installed and over in a minute or two, for every test run.
    Short,
    /// All of them.
    All,
}

/// A folder of `interop/`, and what it takes to run it.
struct Suite {
    folder: &'static str,
    name: &'static str,
    source: Source,
    tools: &'static [sh::Tool],
    at: At,
    extent: Extent,
}

const SUITES: &[Suite] = &[
    Suite {
        folder: "openid-client",
        name: "openid-client (npm)",
        source: Source::Npm,
        tools: &[NODE, NPM],
        at: At::Loopback,
        extent: Extent::Short,
    },
    Suite {
        folder: "oauth4webapi",
        name: "oauth4webapi (npm)",
        source: Source::Npm,
        tools: &[NODE, NPM],
        at: At::Loopback,
        extent: Extent::Short,
    },
    Suite {
        folder: "browser",
        name: "Chromium without JavaScript",
        source: Source::Npm,
        tools: &[NODE, NPM, CHROMIUM],
        at: At::Loopback,
        extent: Extent::Short,
    },
    Suite {
        folder: "passkeys",
        name: "Chromium's virtual authenticator",
        source: Source::Npm,
        tools: &[NODE, NPM, CHROMIUM],
        at: At::Loopback,
        extent: Extent::Short,
    },
    Suite {
        folder: "walk",
        name: "Chromium, from registering to leaving",
        source: Source::Npm,
        tools: &[NODE, NPM, CHROMIUM],
        at: At::LoopbackWithMail,
        extent: Extent::All,
    },
    Suite {
        folder: "authlib",
        name: "Authlib (PyPI)",
        source: Source::PyPi,
        tools: &[PYTHON],
        at: At::Loopback,
        extent: Extent::Short,
    },
    Suite {
        folder: "requests-oauth2client",
        name: "requests_oauth2client (PyPI)",
        source: Source::PyPi,
        tools: &[PYTHON],
        at: At::Loopback,
        extent: Extent::All,
    },
    Suite {
        folder: "oidc-client-ts",
        name: "oidc-client-ts (npm) in Chromium",
        source: Source::Npm,
        tools: &[NODE, NPM, CHROMIUM],
        at: At::Site,
        extent: Extent::Short,
    },
    Suite {
        folder: "mcp",
        name: "Model Context Protocol SDK (npm)",
        source: Source::Npm,
        tools: &[NODE, NPM],
        at: At::Loopback,
        extent: Extent::Short,
    },
    Suite {
        folder: "mcp-python",
        name: "Model Context Protocol SDK (PyPI)",
        source: Source::PyPi,
        tools: &[PYTHON],
        at: At::Loopback,
        extent: Extent::All,
    },
    Suite {
        folder: "express",
        name: "express-openid-connect (npm)",
        source: Source::Npm,
        tools: &[NODE, NPM],
        at: At::Loopback,
        extent: Extent::Short,
    },
    Suite {
        folder: "authjs",
        name: "Auth.js (npm)",
        source: Source::Npm,
        tools: &[NODE, NPM],
        at: At::Loopback,
        extent: Extent::All,
    },
    Suite {
        folder: "go",
        name: "go-oidc (Go)",
        source: Source::Go,
        tools: &[NODE, GO],
        at: At::Loopback,
        extent: Extent::All,
    },
    Suite {
        folder: "oauth2-proxy",
        name: "oauth2-proxy (Go)",
        source: Source::GoProgram("github.com/oauth2-proxy/oauth2-proxy/v7@v7.15.6"),
        tools: &[NODE, GO],
        at: At::Loopback,
        extent: Extent::All,
    },
    Suite {
        folder: "spring",
        name: "Spring Security (Maven)",
        source: Source::Maven,
        tools: &[NODE, JAVA, MAVEN],
        at: At::Loopback,
        extent: Extent::All,
    },
    Suite {
        folder: "apache",
        name: "mod_auth_openidc (Debian)",
        source: Source::Debian,
        tools: &[NODE, APACHE, MOD_AUTH_OPENIDC],
        at: At::Loopback,
        extent: Extent::All,
    },
    Suite {
        folder: "openidconnect",
        name: "openidconnect (crates.io)",
        source: Source::Crates,
        tools: &[NODE],
        at: At::Loopback,
        extent: Extent::All,
    },
    Suite {
        folder: "quickstarts",
        name: "the quick starts",
        source: Source::Npm,
        tools: &[NODE, NPM, CHROMIUM, PYTHON, GO, JAVA, MAVEN],
        at: At::Loopback,
        extent: Extent::All,
    },
    Suite {
        folder: "upstream",
        name: "node-oidc-provider (npm) and Writ, as identity providers",
        source: Source::Npm,
        tools: &[NODE, NPM],
        at: At::Loopback,
        extent: Extent::Short,
    },
    Suite {
        folder: "oidc-agent",
        name: "oidc-agent (Debian)",
        source: Source::Debian,
        tools: &[NODE, OIDC_AGENT],
        at: At::Loopback,
        extent: Extent::All,
    },
];

/// Options of `cargo xtask interop`.
#[derive(Debug, Args)]
pub struct Options {
    /// Only these: names of folders in `interop/`
    suites: Vec<String>,
}

/// `cargo xtask interop`.
pub fn alone(options: &Options) -> ExitCode {
    let only = &options.suites;
    let mut report = StepReport::default();
    report.setup(|| sh::ensure_packages(sh::BUILD_TOOLS));
    let known = |name: &String| SUITES.iter().any(|suite| suite.folder == name);
    report.setup(|| {
        let folders = SUITES.iter().map(|suite| suite.folder).collect::<Vec<_>>().join(", ");
        ensure!(only.iter().all(known), "there is no such suite; there are {folders}");
        Ok(())
    });
    if report.is_usable() {
        let wanted =
            SUITES.iter().filter(|suite| only.is_empty() || only.iter().any(|name| name == suite.folder));
        of(&mut report, wanted);
    }
    report.finish()
}

/// Runs the suites of that extent.
pub fn run(report: &mut StepReport, extent: Extent) {
    of(report, SUITES.iter().filter(|suite| extent == Extent::All || suite.extent == Extent::Short));
}

fn of<'a>(report: &mut StepReport, suites: impl Iterator<Item = &'a Suite>) {
    let mut site = None;
    report.setup(|| {
        site = Some(Site::prepare()?);
        Ok(())
    });
    let Some(site) = site else { return };
    for suite in suites {
        // One that cannot be installed has failed; the others run all the same.
        match site.ready(suite) {
            Ok((mut command, _server)) => report.tap(suite.name, &mut command),
            Err(error) => report.judged(suite.name, || Err(error)),
        }
    }
}

/// Where the suites' packages and the servers' data lie; packages stay from one run to the next.
struct Site {
    folder: PathBuf,
    sources: PathBuf,
    docs: PathBuf,
    binary: PathBuf,
}

impl Site {
    fn prepare() -> Result<Self> {
        let target = sh::target_directory()?;
        println!("==> building the server for client libraries");
        let built = sh::succeeds(sh::cargo().args([
            "build",
            "--locked",
            "--package",
            "writ-server",
            "--bin",
            "writ",
        ]))?;
        ensure!(built, "the server does not build");
        let site = Self {
            folder: target.join("interop"),
            sources: sh::workspace_root().join("interop"),
            docs: sh::workspace_root().join("docs"),
            binary: target.join("debug").join("writ"),
        };
        install::copy(&site.sources.join("kit"), &site.folder.join("kit"))?;
        Ok(site)
    }

    /// Installs what the suite needs and starts a server for it.
    fn ready(&self, suite: &Suite) -> Result<(Command, Server)> {
        sh::ensure_packages(suite.tools)?;
        let folder = self.folder.join(suite.folder);
        suite.source.install(&self.sources.join(suite.folder), &folder)?;
        let (data, log) = (self.folder.join("data"), self.folder.join("server.log"));
        let server = Server::start(&self.binary, &data, &log, suite.at)?;
        let mut command = program(suite.source, &folder);
        command.current_dir(&folder).env("WRIT_PROGRAM", &self.binary).env("WRIT_DOCS", &self.docs);
        server.tell(&mut command);
        Ok((command, server))
    }
}

fn program(source: Source, folder: &Path) -> Command {
    if let Source::PyPi = source {
        let mut python = Command::new(folder.join("venv").join("bin").join("python"));
        python.arg("interop.py");
        return python;
    }
    let mut node = Command::new("node");
    // Without a name, all files of the folder whose names end in `.test.mjs`.
    node.args(["--test", "--test-concurrency=1", "--test-reporter=tap"]);
    node
}

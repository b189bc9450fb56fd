//! Client libraries and a browser that are not ours, unmodified, against a server as an operator starts it.
//!
//! Each suite prints TAP: a line `ok …` or `not ok …` for each flow.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::sh;
use crate::test::StepReport;

/// What the suites need.
const TOOLS: &[sh::Tool] = &[
    sh::Tool { program: "node", packages: &["nodejs"] },
    sh::Tool { program: "npm", packages: &["npm"] },
    sh::Tool { program: "python3", packages: &["python3", "python3-venv"] },
    sh::Tool { program: "chromium", packages: &["chromium"] },
];

/// The suites that Node runs: a folder each.
const NODE: [(&str, &str); 2] =
    [("openid-client", "openid-client (npm)"), ("browser", "Chromium without JavaScript")];

/// `cargo xtask interop`.
pub fn alone() -> ExitCode {
    let mut report = StepReport::default();
    report.setup(|| sh::ensure_packages(sh::BUILD_TOOLS));
    if report.is_usable() {
        run(&mut report);
    }
    report.finish()
}

/// Installs the libraries, starts a server and runs every suite against it.
pub fn run(report: &mut StepReport) {
    report.setup(|| sh::ensure_packages(TOOLS));
    let mut made = None;
    if report.is_usable() {
        report.setup(|| {
            made = Some(prepare()?);
            Ok(())
        });
    }
    let Some((site, server)) = made else { return };
    for (name, mut command) in suites(&site) {
        command.env("WRIT_ISSUER", &server.issuer).env("WRIT_BOOTSTRAP", site.data().join("bootstrap.json"));
        report.tap(name, &mut command);
    }
}

/// Where the libraries and the server's data lie; the libraries stay from one run to the next.
struct Site {
    folder: PathBuf,
    sources: PathBuf,
}

impl Site {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn python(&self) -> PathBuf {
        self.folder.join("venv").join("bin").join("python")
    }
}

fn suites(site: &Site) -> Vec<(&'static str, Command)> {
    let node = |(folder, name)| {
        let mut node = Command::new("node");
        // Without a name, all files of the folder whose names end in `.test.mjs`.
        node.current_dir(site.folder.join(folder)).args([
            "--test",
            "--test-concurrency=1",
            "--test-reporter=tap",
        ]);
        (name, node)
    };
    let mut python = Command::new(site.python());
    python.arg(site.sources.join("authlib").join("interop.py"));
    NODE.into_iter().map(node).chain([("Authlib (PyPI)", python)]).collect()
}

fn prepare() -> Result<(Site, Server)> {
    let target = sh::target_directory()?;
    let site = Site { folder: target.join("interop"), sources: sh::workspace_root().join("interop") };
    if site.data().exists() {
        std::fs::remove_dir_all(site.data()).context("removing the data folder of an earlier run")?;
    }
    std::fs::create_dir_all(&site.folder)?;
    for (folder, _) in NODE {
        node_packages(&site, folder)?;
    }
    python_packages(&site)?;
    println!("==> building the server for client libraries");
    let built =
        sh::succeeds(sh::cargo().args(["build", "--locked", "--package", "writ-server", "--bin", "writ"]))?;
    ensure!(built, "the server does not build");
    let server =
        Server::start(&target.join("debug").join("writ"), &site.data(), &site.folder.join("server.log"))?;
    Ok((site, server))
}

/// The test files stand beside their libraries: that is where Node looks for them.
fn node_packages(site: &Site, folder: &str) -> Result<()> {
    let (from, to) = (site.sources.join(folder), site.folder.join(folder));
    std::fs::create_dir_all(&to)?;
    let is_same = same_text(&from.join("package.json"), &to.join("package.json"));
    for file in std::fs::read_dir(&from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            std::fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    if is_same && to.join("node_modules").is_dir() {
        return Ok(());
    }
    println!("==> npm install for {folder}");
    let mut npm = Command::new("npm");
    npm.current_dir(&to).args(["install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]);
    ensure!(sh::succeeds(&mut npm)?, "npm install failed in {}", to.display());
    Ok(())
}

fn python_packages(site: &Site) -> Result<()> {
    let wanted = site.sources.join("authlib").join("requirements.txt");
    let installed = site.folder.join("requirements.txt");
    if same_text(&wanted, &installed) && site.python().is_file() {
        return Ok(());
    }
    println!("==> pip install");
    sh::output_of(Command::new("python3").args(["-m", "venv", "--clear"]).arg(site.folder.join("venv")))
        .context("python3 makes no virtual environment: install python3-venv")?;
    let mut pip = Command::new(site.python());
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&wanted);
    ensure!(sh::succeeds(&mut pip)?, "pip install failed");
    std::fs::copy(&wanted, &installed)?;
    Ok(())
}

fn same_text(one: &Path, other: &Path) -> bool {
    matches!((std::fs::read(one), std::fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    issuer: String,
}

impl Server {
    /// Where it answers.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Starts a server on a free port and waits until it answers.
    pub fn start(binary: &Path, data: &Path, log: &Path) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let output = File::create(log)?;
        let mut command = Command::new(binary);
        command
            .args([
                "serve",
                "--metrics-listen",
                "off",
                "--listen",
                &format!("localhost:{port}"),
                "--data-dir",
            ])
            .arg(data)
            .env("WRIT_RATE_LIMITS", "off")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let child = command.spawn().context("starting the server")?;
        let mut server = Self { child, issuer: format!("http://localhost:{port}") };
        let started = Instant::now();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        // It listens before it makes the first rows; it answers after.
        while !data.join("bootstrap.json").is_file() || TcpStream::connect(address).is_err() {
            if server.child.try_wait()?.is_some() || started.elapsed() > Duration::from_mins(1) {
                bail!("the server does not answer; its log: {}", std::fs::read_to_string(log)?);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail when it has already ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

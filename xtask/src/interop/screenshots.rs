//! `cargo xtask screenshots`: pictures of every page and state, made by Chromium, for `docs/screenshots/`.

use std::process::{Command, ExitCode};

use super::install::Source;
use super::{At, CHROMIUM, Extent, NODE, NPM, Site, Suite};
use crate::sh;
use crate::test::StepReport;

const SCREENSHOTS: Suite = Suite {
    folder: "screenshots",
    name: "screenshots, and axe-core on each page",
    source: Source::Npm,
    tools: &[NODE, NPM, CHROMIUM],
    at: At::Loopback,
    extent: Extent::All,
};

/// Makes them all anew. What axe-core finds, and what is wider than the screen, fails.
pub fn run() -> ExitCode {
    let mut report = StepReport::default();
    report.setup(|| sh::ensure_packages(sh::BUILD_TOOLS));
    if report.is_usable() {
        report.judged(SCREENSHOTS.name, || {
            let (tests, _server) = Site::prepare()?.ready(&SCREENSHOTS)?;
            let mut shots = Command::new("node");
            shots.arg("shots.mjs").env("WRIT_SCREENSHOTS", sh::workspace_root().join("docs/screenshots"));
            // The same folder and the same server as a suite's tests would get.
            if let Some(folder) = tests.get_current_dir() {
                shots.current_dir(folder);
            }
            shots.envs(tests.get_envs().filter_map(|(name, value)| Some((name, value?))));
            sh::succeeds(&mut shots)
        });
    }
    report.finish()
}

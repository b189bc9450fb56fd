//! `cargo xtask check`: the lints, and with `--long` the tests that take too long for every run.

use std::process::ExitCode;

use clap::Args;

use crate::{interop, schemathesis, sh, test};

/// What reads the examples in `deploy/`.
const DEPLOYING: &[sh::Tool] = &[
    sh::Tool { program: "haproxy", packages: &["haproxy"] },
    sh::Tool { program: "caddy", packages: &["caddy"] },
    sh::Tool { program: "openssl", packages: &["openssl"] },
    sh::Tool { program: "python3", packages: &["python3", "python3-venv"] },
];

/// Options of `cargo xtask check`.
#[derive(Debug, Args)]
pub struct Options {
    /// Also run the ignored tests on a release build, such as the long kill loop and the fuzzers
    #[arg(long)]
    long: bool,
    /// With --long: how many seconds each parser is fuzzed
    #[arg(long, default_value_t = 600, requires = "long")]
    fuzz_seconds: u64,
}

/// Runs the checks and prints what ran; the last line is `N passed, N failed`.
pub fn run(options: &Options) -> ExitCode {
    let mut report = test::StepReport::default();
    report.setup(|| sh::ensure_packages(sh::BUILD_TOOLS));
    if report.is_usable() {
        test::lints(&mut report);
    }
    if report.is_usable() && options.long {
        let arguments = ["test", "--workspace", "--locked", "--release", "--no-fail-fast", "--", "--ignored"];
        report.tests_with(&arguments, &[("WRIT_FUZZ_SECONDS", &options.fuzz_seconds.to_string())]);
        report.setup(|| sh::ensure_cargo_tool("cargo-deb"));
        if report.is_usable() {
            report.script("packaging/test-deb.sh");
        }
        report.setup(|| sh::ensure_packages(DEPLOYING));
        if report.is_usable() {
            report.script("deploy/check.sh");
        }
    }
    if report.is_usable() && options.long {
        schemathesis::run(&mut report, schemathesis::Extent::Long);
        interop::run(&mut report, interop::Extent::All);
    }
    report.finish()
}

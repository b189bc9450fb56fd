//! `cargo xtask docs`: writes the files that are made from the program (its settings, its command line).

use std::process::ExitCode;

use crate::sh;

/// The tests that compare these files write them instead.
pub fn run() -> ExitCode {
    let mut cargo = sh::cargo();
    cargo.args(["test", "--package", "writ-testkit", "--test", "it", "generated"]);
    cargo.env("WRIT_UPDATE_DOCS", "1").env("INSTA_UPDATE", "always");
    match sh::succeeds(&mut cargo) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("docs: {error:#}");
            ExitCode::FAILURE
        }
    }
}

//! What a command asks of whoever runs it: a yes before something is lost, and secrets.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use clap::Args;

use super::place::SecretInput;
use super::usage::Usage;

/// The flag of commands that take something away.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ConfirmFlag {
    /// Do not ask; required without a terminal
    #[arg(long, short)]
    yes: bool,
}

/// Whether somebody is there to be asked.
fn has_somebody() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

impl ConfirmFlag {
    /// Asks, unless the answer was given; `what` is a question without its question mark.
    ///
    /// # Errors
    /// A no; or nobody to ask.
    pub(super) fn to(self, what: &str) -> anyhow::Result<()> {
        if self.yes {
            return Ok(());
        }
        if !has_somebody() {
            return Err(Usage::new(format!("{what}? Nobody is here to ask: repeat it with --yes")).into());
        }
        eprint!("{what}? [y/N] ");
        std::io::stderr().flush()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            bail!("nothing was changed");
        }
        Ok(())
    }
}

/// A secret that is to be kept: on a terminal typed twice, as nobody sees what they type.
///
/// # Errors
/// As [`secret`]; on a terminal, two that differ.
pub(super) fn new_secret(name: &str) -> anyhow::Result<SecretInput> {
    let first = secret(name)?;
    if has_somebody() && secret("The same again")?.expose() != first.expose() {
        bail!("the two differ. Nothing was changed; try again");
    }
    Ok(first)
}

/// A secret, typed unseen on a terminal or read as a line from standard input.
pub(super) fn secret(name: &str) -> anyhow::Result<SecretInput> {
    let text = if has_somebody() {
        eprint!("{name}: ");
        console::Term::stderr().read_secure_line().context("the terminal")?
    } else {
        line()?
    };
    if text.is_empty() {
        return Err(Usage::new(format!("{name}: nothing came on standard input")).into());
    }
    Ok(SecretInput::new(text))
}

/// A line from standard input.
pub(super) fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

//! `cargo xtask openapi`: writes the API description to `docs/openapi.json`.

use anyhow::{Context as _, Result};

use crate::sh;

/// Writes the file. A test says when it has to be written again.
pub fn run() -> Result<()> {
    let text = sh::output_of(sh::cargo().args(["run", "-q", "-p", "writ-server", "--example", "openapi"]))?;
    let place = sh::workspace_root().join("docs/openapi.json");
    std::fs::write(&place, text).with_context(|| format!("writing {}", place.display()))?;
    println!("{} is written", place.display());
    Ok(())
}

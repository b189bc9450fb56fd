//! Prints the API description: what `cargo xtask openapi` writes to `docs/openapi.json`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(writ_server::router::text().as_bytes())
}

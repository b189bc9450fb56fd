//! `cargo xtask rooms`: draws the rooms of the server and their arrows into `ARCHITECTURE.md`, and refuses any arrow
//! that does not lead to a lower floor.

use anyhow::{Context as _, Result, ensure};
use xtask::floors;

use crate::sh;

const BEGIN: &str = "<!-- rooms: written by `cargo xtask rooms` -->\n";
const END: &str = "<!-- rooms end -->";

/// Writes the drawing. Fails where the rooms are not as the floors say.
pub fn run() -> Result<()> {
    let root = sh::workspace_root();
    let rooms = floors::rooms(&root)?;
    let place = root.join("ARCHITECTURE.md");
    let text = std::fs::read_to_string(&place)?;
    std::fs::write(&place, with_drawing(&text, &floors::drawing(&rooms))?)?;
    let faults = floors::faults(&rooms);
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

fn with_drawing(text: &str, drawing: &str) -> Result<String> {
    let (before, rest) = text.split_once(BEGIN).context("ARCHITECTURE.md has no marker of the rooms")?;
    let (_, after) = rest.split_once(END).context("ARCHITECTURE.md has no end of the rooms")?;
    Ok(format!("{before}{BEGIN}{drawing}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_is_up_to_date() {
        let root = sh::workspace_root();
        let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
        let drawn = with_drawing(&text, &floors::drawing(&floors::rooms(&root).unwrap())).unwrap();
        assert!(text == drawn, "run `cargo xtask rooms`");
    }
}

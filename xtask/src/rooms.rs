//! `cargo xtask rooms`: draws the rooms of the server and their arrows into `ARCHITECTURE.md`, and lists circles.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use xtask::imports::{self, Graph};

use crate::sh;

const SERVER: &str = "crates/server/src";
const BEGIN: &str = "<!-- rooms: written by `cargo xtask rooms` -->\n";
const END: &str = "<!-- rooms end -->";

/// Floors from the top to the ground: a room imports rooms of lower floors alone.
const FLOORS: [&[&str]; 11] = [
    &["cli"],
    &["doctor"],
    &["boot"],
    &["router"],
    &["oauth", "contracts", "pages", "console"],
    &["manage", "openapi"],
    &["mail"],
    &["call"],
    &["state"],
    &["config"],
    &["edge", "outbound", "passwords", "serve"],
];

/// Writes the drawing and prints the circles and the arrows that point upwards.
pub fn run() -> Result<()> {
    let rooms = rooms()?;
    let place = sh::workspace_root().join("ARCHITECTURE.md");
    let text = std::fs::read_to_string(&place)?;
    std::fs::write(&place, with_drawing(&text, &drawing(&rooms))?)?;
    for circle in imports::circles(&rooms) {
        println!("circle: {}", circle.into_iter().collect::<Vec<_>>().join(", "));
    }
    for (from, to) in upwards(&rooms) {
        println!("against the floors: {from} -> {to}");
    }
    Ok(())
}

/// The rooms of the server; the router is one, though it is a file.
fn rooms() -> Result<Graph> {
    let mut rooms = imports::rooms(&imports::modules(&sh::workspace_root(), SERVER)?);
    rooms.retain(|room, _| floor(room).is_some());
    for imported in rooms.values_mut() {
        imported.retain(|room| floor(room).is_some());
    }
    Ok(rooms)
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

/// Arrows that do not lead to a lower floor.
fn upwards(rooms: &Graph) -> Vec<(&str, &str)> {
    let arrows = rooms.iter().flat_map(|(from, to)| to.iter().map(move |to| (from.as_str(), to.as_str())));
    arrows.filter(|(from, to)| floor(from) >= floor(to)).collect()
}

/// A line for each room, from the top floor to the ground. An arrow against the floors stands behind `!`.
fn drawing(rooms: &Graph) -> String {
    let mut text = "```\n".to_owned();
    for floor in FLOORS {
        for room in floor {
            let Some(imported) = rooms.get(*room) else { continue };
            let against = upwards(rooms);
            let shown = |to: &String| {
                let mark = if against.contains(&(*room, to.as_str())) { "!" } else { "" };
                format!("{mark}{to}")
            };
            let imported: Vec<String> = imported.iter().map(shown).collect();
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}", format!("{room:<10} ──► {}", imported.join(" ")).trim_end());
        }
    }
    text + "```\n"
}

fn with_drawing(text: &str, drawing: &str) -> Result<String> {
    let (before, rest) = text.split_once(BEGIN).context("ARCHITECTURE.md has no marker of the rooms")?;
    let (_, after) = rest.split_once(END).context("ARCHITECTURE.md has no end of the rooms")?;
    Ok(format!("{before}{BEGIN}{drawing}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Arrows against the floors that are still there. Each must exist: the list can only become shorter.
    const STILL: [(&str, &str); 10] = [
        ("config", "boot"),
        ("config", "mail"),
        ("config", "state"),
        ("edge", "call"),
        ("edge", "state"),
        ("manage", "contracts"),
        ("openapi", "contracts"),
        ("openapi", "router"),
        ("state", "call"),
        ("state", "mail"),
    ];

    #[test]
    fn arrows_lead_to_lower_floors() {
        let rooms = rooms().unwrap();
        assert!(rooms.len() > 12, "{rooms:?}");
        assert_eq!(upwards(&rooms), STILL);
    }

    /// With the arrows that are known to be wrong taken out, nothing leads back.
    #[test]
    fn rooms_form_no_other_circle() {
        let mut rooms = rooms().unwrap();
        for (from, to) in STILL {
            rooms.get_mut(from).unwrap().remove(to);
        }
        assert_eq!(imports::circles(&rooms), Vec::<BTreeSet<String>>::new());
    }

    #[test]
    fn every_folder_of_the_server_has_a_floor() {
        for entry in std::fs::read_dir(sh::workspace_root().join(SERVER)).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(
                !entry.path().is_dir() || floor(&name).is_some(),
                "{name} has no floor in xtask/src/rooms.rs"
            );
        }
    }

    #[test]
    fn the_drawing_is_up_to_date() {
        let text = std::fs::read_to_string(sh::workspace_root().join("ARCHITECTURE.md")).unwrap();
        let drawn = with_drawing(&text, &drawing(&rooms().unwrap())).unwrap();
        assert!(text == drawn, "run `cargo xtask rooms`");
    }
}

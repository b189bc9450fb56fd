//! The rooms of the server and the floors they stand on: a room imports rooms of lower floors, and no other.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use crate::imports::{self, Graph};

/// Where the rooms are.
pub const SERVER: &str = "crates/server/src";

/// Floors from the top to the ground. A room never imports another one of its own floor.
pub const FLOORS: [&[&str]; 11] = [
    &["cli"],
    &["doctor"],
    &["boot"],
    &["router"],
    &["openapi"],
    &["oauth", "contracts", "pages", "console"],
    &["manage"],
    &["mail", "backchannel", "logos"],
    &["call"],
    &["state"],
    &["config"],
];

/// What stands on the ground: these import no room at all.
pub const GROUND: [&str; 6] = ["edge", "outbound", "passwords", "pictures", "reasons", "serve"];

/// The rooms of the server, and what each imports of the others.
///
/// # Errors
/// Where the source cannot be read.
pub fn rooms(root: &Path) -> Result<Graph> {
    Ok(imports::rooms(&imports::modules(root, SERVER)?))
}

/// On which floor a room stands, counted from the top.
fn floor(room: &str) -> Option<usize> {
    let ground = GROUND.contains(&room).then_some(FLOORS.len());
    FLOORS.iter().position(|floor| floor.contains(&room)).or(ground)
}

/// What is wrong with the rooms, a line each: no floor, an arrow that does not lead to a lower floor, a circle.
pub fn faults(rooms: &Graph) -> Vec<String> {
    let homeless = rooms.keys().filter(|room| floor(room).is_none());
    let mut faults: Vec<String> = homeless.map(|room| format!("{room} stands on no floor")).collect();
    for (from, imported) in rooms {
        for to in imported {
            if floor(from) >= floor(to) {
                faults.push(format!("{from} imports {to}, which does not stand on a lower floor"));
            }
        }
    }
    for circle in imports::circles(rooms) {
        let names: Vec<String> = circle.into_iter().collect();
        faults.push(format!("a circle of imports: {}", names.join(", ")));
    }
    faults
}

/// A line for each room, from the top floor to the ground.
pub fn drawing(rooms: &Graph) -> String {
    let mut text = "```\n".to_owned();
    for room in FLOORS.iter().copied().flatten().chain(&GROUND) {
        let Some(imported) = rooms.get(*room) else { continue };
        let imported: Vec<&str> = imported.iter().map(String::as_str).collect();
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", format!("{room:<10} ──► {}", imported.join(" ")).trim_end());
    }
    text + "```\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        edges.iter().map(|(from, to)| ((*from).to_owned(), own(to))).collect()
    }

    #[test]
    fn arrows_lead_to_lower_floors() {
        assert_eq!(
            faults(&graph(&[("cli", &["boot", "serve"]), ("boot", &["serve"]), ("serve", &[])])),
            [""; 0]
        );
        let upwards = faults(&graph(&[("state", &["call"]), ("call", &["edge"]), ("edge", &[])]));
        assert_eq!(upwards, ["state imports call, which does not stand on a lower floor"]);
        let beside = faults(&graph(&[("pages", &["oauth"]), ("oauth", &[])]));
        assert_eq!(beside, ["pages imports oauth, which does not stand on a lower floor"]);
        let below = faults(&graph(&[("edge", &["serve"]), ("serve", &[])]));
        assert_eq!(below, ["edge imports serve, which does not stand on a lower floor"]);
    }

    #[test]
    fn circles_and_rooms_without_a_floor_are_faults() {
        let round = faults(&graph(&[("call", &["state"]), ("state", &["call"])]));
        assert_eq!(round.last().unwrap(), "a circle of imports: call, state");
        assert_eq!(faults(&graph(&[("attic", &[])])), ["attic stands on no floor"]);
    }
}

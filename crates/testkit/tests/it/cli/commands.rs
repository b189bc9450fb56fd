//! Every command, over every way, with its audit record. A command that is not in the table fails.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::table::{Step, When, table};
use super::{Desk, WAYS, Way, user};

/// Commands that manage no server through its API; each has tests of its own. Hidden ones are ours.
const OTHERS: [&str; 12] = [
    "serve",
    "migrate",
    "backup",
    "restore",
    "move",
    "config",
    "doctor",
    "healthcheck",
    "completions",
    "man",
    "help",
    "key rewrap",
];

/// RFC 7517 appendix A.1, its first key.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}]}"#;

/// A PNG of one pixel.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc8\xc1\xc0\xf0\x1f\0\
\x04$\x01\xc8\x06\xa1\xc4x\0\0\0\0IEND\xaeB`\x82";

#[test]
fn every_command_works_offline() {
    walk(Way::Offline);
}

#[test]
fn every_command_works_at_the_socket_of_a_running_server() {
    walk(Way::Socket);
}

#[test]
fn every_command_works_at_a_server_with_an_api_key() {
    walk(Way::Server);
}

fn walk(way: Way) {
    let mut desk = Desk::new(way);
    let client = desk.writ.bootstrap().unwrap()["client"]["client_id"].as_str().unwrap().to_owned();
    let keys = desk.folder().join("keys.json");
    std::fs::write(&keys, KEYS).unwrap();
    let picture = desk.folder().join("logo.png");
    std::fs::write(&picture, PICTURE).unwrap();
    let mut kept = BTreeMap::from([
        ("bootstrap", desk.bootstrap().display().to_string()),
        ("client", client),
        ("keys", keys.display().to_string()),
        ("picture", picture.display().to_string()),
    ]);
    let actor = match way {
        Way::Offline | Way::Socket => ("local".to_owned(), user()),
        Way::Server => ("api_key".to_owned(), "Bootstrap key".to_owned()),
    };
    for step in table() {
        if step.when == When::AnnIsSignedIn {
            desk.sign_in("acme", &kept["shop"], ("ann@example.com", "five other unrelated words here"));
        }
        let before = desk.audit().len();
        let words: Vec<String> = step
            .line
            .split(' ')
            .map(|word| word.strip_prefix('$').map_or_else(|| word.to_owned(), |name| kept[name].clone()))
            .chain(["--json".to_owned()])
            .collect();
        let said = desk.run_with(&words, step.input).good();
        let answer: Value = if said.out.is_empty() { Value::Null } else { said.json() };
        let at = |pointer: &str| match answer.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            other => other.map(Value::to_string).unwrap_or_default(),
        };
        if !step.shows.0.is_empty() {
            let expected = step.shows.1.strip_prefix('$').map_or(step.shows.1, |name| &kept[name]);
            assert_eq!(at(step.shows.0), expected, "{}: {said:?}", step.line);
        }
        if !step.keeps.0.is_empty() {
            kept.insert(step.keeps.0, at(step.keeps.1));
        }
        left(&desk.audit()[before..], &step, &actor);
    }
}

/// The new records are the step's own, by whoever gave the command.
#[track_caller]
fn left(new: &[[String; 4]], step: &Step, actor: &(String, String)) {
    if step.leaves.is_empty() {
        assert_eq!(new, [[""; 4]; 0], "{} changes nothing", step.line);
        return;
    }
    let found = new.iter().find(|record| record[0] == step.leaves);
    // A command is one act: what it leaves, it leaves once.
    assert_eq!(new.iter().filter(|record| record[0] == step.leaves).count(), 1, "{}: {new:?}", step.line);
    let [_, kind, name, target] = found.unwrap_or_else(|| panic!("{}: {new:?}", step.line));
    if step.line.starts_with("token get") {
        assert_eq!(kind, "client", "it is the client that gets it");
    } else if step.line.starts_with("user send-reset") {
        assert_eq!((kind, name, target.as_str()), (&actor.0, &actor.1, "user"));
    } else {
        assert_eq!((kind, name), (&actor.0, &actor.1), "{}", step.line);
    }
}

/// The commands that do something, as `group command`.
fn leaves(command: &mut clap::Command, path: &str, found: &mut BTreeSet<String>) {
    let shown = command.get_subcommands().filter(|one| !one.is_hide_set());
    let names: Vec<_> = shown.map(|one| one.get_name().to_owned()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        let below = command.find_subcommand_mut(&name).unwrap();
        let is_group = below.get_subcommands().next().is_some();
        if OTHERS.contains(&path.as_str()) {
            continue;
        }
        if is_group {
            leaves(below, &path, found);
        } else {
            found.insert(path);
        }
    }
}

#[test]
fn every_command_of_the_command_line_is_in_the_table() {
    let mut found = BTreeSet::new();
    leaves(&mut writ_server::cli::command(), "", &mut found);
    let tested: BTreeSet<String> =
        table().iter().map(|step| step.line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert!(found.len() > 15, "{found:?}");
    assert_eq!(found, tested, "what the command line has, and what is tested");
}

/// Each group's list answers a pipe with tabs and without heads, and secrets are announced.
#[test]
fn a_pipe_gets_tabs_and_a_secret_is_said_to_be_shown_once() {
    for way in WAYS {
        let desk = Desk::new(way);
        let said = desk.run(&["tenant", "list"]).good();
        let line: Vec<_> = said.out.trim_end().split('\t').collect();
        assert_eq!(line[..3], ["default", "Default", "true"], "{said:?}");
        let said = desk.run(&["api-key", "create", "ci"]).good();
        assert!(said.out.starts_with("api_key\tsk_live_"), "{said:?}");
        assert!(said.err.contains("shown only once"), "{said:?}");
        let token =
            desk.run(&["token", "get", "--bootstrap", &desk.bootstrap().display().to_string()]).good();
        assert_eq!((token.out.lines().count(), token.out.matches('.').count()), (1, 2), "{token:?}");
        let said = desk.run(&["token", "inspect", token.out.trim()]).good();
        assert!(said.out.contains("active\ttrue\n") && said.out.contains("header.alg\tES256\n"), "{said:?}");
    }
}

/// A client that cannot be made as it was asked for is not made at all.
#[test]
fn a_file_of_keys_has_to_be_one() {
    let desk = Desk::new(Way::Socket);
    let odd = desk.folder().join("odd.json");
    let [odd, missing] = [&*odd.display().to_string(), "no-such-file.json"];
    let create = ["client", "create", "Sealed", "--type", "machine", "--id-token-encryption", "ECDH-ES"];
    desk.run(&[&create[..], &["--jwks", missing]].concat()).refused(1, &["--jwks: ", "cannot be read"]);
    std::fs::write(odd, "keys").unwrap();
    desk.run(&[&create[..], &["--jwks", odd]].concat()).refused(2, &["--jwks: ", "is no JSON"]);
    std::fs::write(odd, r#"{"keys":[]}"#).unwrap();
    desk.run(&[&create[..], &["--jwks", odd]].concat()).refused(1, &["jwks: has no key to encrypt to"]);
    let listed = desk.run(&["client", "list", "--json"]).good().json();
    assert_eq!(listed["total"], 1, "the bootstrap client alone: {listed}");
}

/// Key ids are base64url, so that one of 64 begins with a hyphen.
#[test]
fn a_key_id_that_looks_like_a_flag_is_a_key_id() {
    let desk = Desk::new(Way::Socket);
    for kid in ["---UfCZN98I8", "-yUfCZN98I8", "--UfCZN98I8"] {
        desk.run(&["key", "compromised", kid, "--yes"]).refused(1, &["signing key"]);
    }
}

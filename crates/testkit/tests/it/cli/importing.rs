//! `writ user import`: people from another system, once, however often it is run.

use serde_json::json;

use super::{Desk, WAYS};

const HASH: &str = "$2b$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS";

fn people(count: usize) -> String {
    let rows = (0..count)
        .map(|n| format!("person{n}@example.com,yes,Person {n},user,staff,Given{n},Ghent,{HASH}\n"));
    let head =
        "username,email_verified,name,roles,groups,given_name,address.locality,password_hash\n".to_owned();
    rows.fold(head, |text, row| text + &row)
}

#[test]
fn people_are_imported_once_however_often_it_is_run() {
    for way in WAYS {
        let desk = Desk::new(way);
        let _ = desk.run(&["group", "create", "staff"]).good();
        let said = desk.run_with(&["user", "import", "-", "--json"], &people(70)).good();
        assert_eq!(said.json(), json!({ "imported": 70, "already_there": 0, "refused": [] }), "{way:?}");
        let shown = desk.run(&["user", "show", "person69@example.com", "--json"]).good().json();
        assert_eq!(shown["name"], "Person 69");
        let members = desk.run(&["group", "members", "staff", "--json"]).good().json();
        assert_eq!(members["total"], 70, "{way:?}");
        // Somebody has changed something since, and the import had broken off before the last ten.
        let _ = desk.run(&["user", "update", "person1@example.com", "--name", "Somebody Else"]).good();
        let said = desk.run_with(&["user", "import", "-"], &people(80)).good();
        assert!(said.err.contains("10 imported, 70 already there, 0 refused"), "{said:?}");
        let shown = desk.run(&["user", "show", "person1@example.com", "--json"]).good().json();
        assert_eq!(shown["name"], "Somebody Else", "whoever is there stays as they are");
    }
}

#[test]
fn whoever_is_refused_is_told_with_line_and_reason_and_harms_nobody_else() {
    let desk = Desk::new(super::Way::Socket);
    let file = desk.folder().join("people.csv");
    let refused = desk.folder().join("refused.jsonl");
    let rows = format!(
        "username,email,roles,password_hash\n\
         ada@example.com,,user,{HASH}\n\
         bob@example.com,,no-such-role,{HASH}\n\
         carl,ada@example.com,user,{HASH}\n\
         dora,,user,$1$md5\n\
         emil,,user,{HASH}\n"
    );
    std::fs::write(&file, rows).unwrap();
    let (file, refused_path) = (file.to_str().unwrap(), refused.to_str().unwrap());
    let said = desk.run(&["user", "import", file, "--refused", refused_path]);
    said.refused(1, &["line 3: ", "no-such-role", "line 5: ", "password_hash"]);
    let kept = std::fs::read_to_string(&refused).unwrap();
    assert!(kept.contains("\"username\":\"dora\"") && !kept.contains("$1$md5"), "{kept}");
    for there in ["ada@example.com", "emil"] {
        let _ = desk.run(&["user", "show", there]).good();
    }
    // What nobody could mean ends it before anybody is made.
    let said = desk.run_with(&["user", "import", "-"], "username,shoe_size\nzoe,39\n");
    said.refused(1, &["line 2: shoe_size is not known"]);
    let said = desk.run(&["user", "show", "zoe"]);
    assert_eq!(said.code, Some(1));
}

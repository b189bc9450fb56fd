//! Keys and key sets: 26 cases, in which it is the key that is wrong.

use serde_json::Value;

use super::{Tally, cases, token, vectors, verified, verifying};

#[test]
fn json_web_key_vectors() {
    let groups = vectors("json_web_key_test.json");
    let mut tally = Tally::default();
    for group in &groups {
        let set = if group["public"].is_null() { &group["private"] } else { &group["public"] };
        let members: Vec<&Value> = set["keys"].as_array().unwrap().iter().collect();
        // Writ takes of a set what it can use; a token that names another member finds no key.
        let (keys, _) = verifying(&members);
        for case in cases(group) {
            tally.add((group, case), verified(&token(case, "jws"), &keys));
        }
    }
    tally.finish("JSON Web Key", [1, 21, 4]);
}

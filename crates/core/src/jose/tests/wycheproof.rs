//! Wycheproof's JSON Web Signature vectors (C2SP/wycheproof, `testvectors_v1`), read from beside the repository.

use std::path::Path;

use serde_json::Value;

use crate::jose::{Algorithm, JwkError, PublicJwk, VerifyingKey, verify_compact};

const VECTORS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/json_web_signature_test.json");

/// Valid tokens that we must refuse all the same: their key says one algorithm, the token another that we lack.
const STRICTER: [(u64, &str); 2] =
    [(346, "the key says PS256, the token PS384"), (350, "the key says PS256, the token PS384")];

#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    left_out: Vec<String>,
}

#[test]
fn json_web_signature_vectors() {
    let path = Path::new(VECTORS);
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("note: no Wycheproof vectors at {VECTORS}; none of them has been run");
        return;
    };
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let mut tally = Tally::default();
    let groups = vectors["testGroups"].as_array().unwrap();
    for group in groups {
        run(group, &mut tally);
    }
    println!(
        "Wycheproof JSON Web Signature: {} cases run ({} valid accepted, {} invalid refused), {} left out",
        tally.accepted + tally.refused,
        tally.accepted,
        tally.refused,
        tally.left_out.len()
    );
    for line in &tally.left_out {
        println!("  left out: {line}");
    }
    let cases: usize = groups.iter().map(|group| group["tests"].as_array().unwrap().len()).sum();
    assert_eq!(tally.accepted + tally.refused + tally.left_out.len(), cases);
    assert!(tally.accepted >= 15, "only {} valid cases ran", tally.accepted);
    assert!(tally.refused >= 290, "only {} invalid cases ran", tally.refused);
}

fn run(group: &Value, tally: &mut Tally) {
    let cases = group["tests"].as_array().unwrap();
    let name = group["comment"].as_str().unwrap();
    let public = &group["public"];
    let key = match PublicJwk::from_json(&public.to_string()) {
        Ok(jwk) => Ok(VerifyingKey::from_jwk(&jwk).unwrap()),
        // The key itself is what these groups are about: refusing it is refusing the token.
        Err(JwkError::NotForSignatures) => Err("the key is not for signatures"),
        Err(_) => {
            let kind = &(if public.is_null() { &group["private"] } else { public });
            let first = &cases[0]["tcId"];
            tally.left_out.extend(cases.iter().map(|case| {
                format!("case {} ({name}, from {first}): key {} {}", case["tcId"], kind["kty"], kind["alg"])
            }));
            return;
        }
    };
    for case in cases {
        let id = case["tcId"].as_u64().unwrap();
        let about = format!("case {id} ({name}, {})", case["comment"]);
        let Some(token) = case["jws"].as_str() else {
            tally.left_out.push(format!("{about}: JSON serialization, not compact"));
            continue;
        };
        let verified =
            key.as_ref().map(|key| verify_compact(token, std::slice::from_ref(key), &Algorithm::ALL));
        let accepted = matches!(verified, Ok(Ok(_)));
        if let Some((_, reason)) = STRICTER.iter().find(|(stricter, _)| *stricter == id) {
            assert!(!accepted, "{about}");
            tally.left_out.push(format!("{about}: refused on purpose, {reason}"));
            continue;
        }
        match case["result"].as_str() {
            Some("valid") => {
                assert!(accepted, "{about}: {verified:?}");
                tally.accepted += 1;
            }
            Some("invalid") => {
                assert!(!accepted, "{about}");
                tally.refused += 1;
            }
            result => panic!("{about}: unknown result {result:?}"),
        }
    }
}

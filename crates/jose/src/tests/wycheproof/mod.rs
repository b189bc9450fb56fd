//! Wycheproof's JSON Web vectors (C2SP/wycheproof, `testvectors_v1`), kept in `tests/vectors`. Every case of
//! every file is run. What is valid there and refused here is named, with the refusal as the reason: an algorithm
//! that Writ leaves out, or base64url in another spelling than the one that Writ reads. The counts are pinned.

mod encrypted;
mod key_sets;
mod signed;

use serde_json::Value;

use crate::jwe::{DecryptionKey, JweError, decrypt_compact};
use crate::{Algorithm, JoseError, JwkError, PublicJwk, VerifyingKey, verify_compact};

/// A file of vectors: they are part of the repository, and a missing one is a failure.
fn vectors(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let groups: Vec<Value> = serde_json::from_value(file["testGroups"].take()).unwrap();
    let cases: usize = groups.iter().map(|group| cases(group).len()).sum();
    assert_eq!(file["numberOfTests"], cases);
    groups
}

fn cases(group: &Value) -> &[Value] {
    group["tests"].as_array().unwrap()
}

/// What came of one case.
enum Outcome {
    Accepted,
    /// Refused, and must be.
    Refused,
    /// Refused because Writ leaves the algorithm out, or reads one spelling only.
    LeftOut(String),
}

/// Counts of a file's cases.
#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    left_out: Vec<String>,
}

impl Tally {
    fn add(&mut self, (group, case): (&Value, &Value), outcome: Outcome) {
        let about = format!("case {} ({}, {})", case["tcId"], group["comment"], case["comment"]);
        match (case["result"].as_str(), outcome) {
            (Some("valid"), Outcome::Accepted) => self.accepted += 1,
            (Some("invalid"), Outcome::Refused | Outcome::LeftOut(_)) => self.refused += 1,
            (Some("valid"), Outcome::LeftOut(reason)) => self.left_out.push(format!("{about}: {reason}")),
            (Some("valid"), Outcome::Refused) => panic!("{about} is valid, but refused"),
            (Some("invalid"), Outcome::Accepted) => panic!("{about} is invalid, but accepted"),
            (result, _) => panic!("{about}: unknown result {result:?}"),
        }
    }

    /// Prints the counts, and holds them against those of the file's present edition.
    fn finish(self, file: &str, expected: [usize; 3]) {
        let Self { accepted, refused, left_out } = self;
        println!(
            "Wycheproof {file}: {accepted} valid accepted, {refused} invalid refused, {} left out",
            left_out.len()
        );
        for line in &left_out {
            println!("  left out: {line}");
        }
        assert_eq!([accepted, refused, left_out.len()], expected, "{file}: {left_out:#?}");
    }
}

/// A token as the files hold it: compact, or JSON serialization, which is then read as if it were compact.
fn token(case: &Value, name: &str) -> String {
    case[name].as_str().map_or_else(|| case[name].to_string(), str::to_owned)
}

/// The keys among `jwks` that Writ takes to verify with, and why it takes none of the others.
fn verifying(jwks: &[&Value]) -> (Vec<VerifyingKey>, Vec<JwkError>) {
    let mut read = (Vec::new(), Vec::new());
    for jwk in jwks {
        let key = PublicJwk::from_json(&jwk.to_string()).and_then(|jwk| VerifyingKey::from_jwk(&jwk));
        match key {
            Ok(key) => read.0.push(key),
            Err(error) => read.1.push(error),
        }
    }
    read
}

fn verified(token: &str, keys: &[VerifyingKey]) -> Outcome {
    match verify_compact(token, keys, &Algorithm::ALL) {
        Ok(_) => Outcome::Accepted,
        Err(error @ (JoseError::AlgorithmUnsupported { .. } | JoseError::Encoding(_))) => {
            Outcome::LeftOut(error.to_string())
        }
        Err(_) => Outcome::Refused,
    }
}

/// The content, where the token opens, and what that comes to.
fn decrypted(token: &str, keys: &[DecryptionKey]) -> (Option<Vec<u8>>, Outcome) {
    match decrypt_compact(token, keys) {
        Ok(read) => (Some(read.plain.to_vec()), Outcome::Accepted),
        Err(error @ (JweError::ManagementUnsupported { .. } | JweError::EncryptionUnsupported { .. })) => {
            (None, Outcome::LeftOut(error.to_string()))
        }
        // RFC 7520 §5.9 alone: its other algorithms are none of ours either.
        Err(error @ JweError::Compressed) => (None, Outcome::LeftOut(error.to_string())),
        Err(_) => (None, Outcome::Refused),
    }
}

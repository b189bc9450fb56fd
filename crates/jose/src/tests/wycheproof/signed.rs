//! Signatures: 401 cases, 46 of them valid.

use serde_json::Value;

use super::{Tally, cases, token, vectors, verified, verifying};
use crate::JwkError;

#[test]
fn json_web_signature_vectors() {
    let groups = vectors("json_web_signature_test.json");
    let mut tally = Tally::default();
    for group in &groups {
        let (keys, refused) = verifying(&[key(group)]);
        if keys.is_empty() {
            expect_reason(group, &refused);
        }
        for case in cases(group) {
            tally.add((group, case), verified(&token(case, "jws"), &keys));
        }
    }
    // What is left out: 10 HMACs (one for its base64url), 8 of RS384 and RS512, 8 of PS384 and PS512, 2 on P-521, and two tokens that say
    // PS384 where their key says PS256.
    tally.finish("JSON Web Signature", [16, 355, 30]);
}

/// The group's key as a verifier has it: the public half, or for an HMAC the secret itself.
fn key(group: &Value) -> &Value {
    if group["public"].is_null() { &group["private"] } else { &group["public"] }
}

/// Keys that are not taken are not taken for this reason.
fn expect_reason(group: &Value, refused: &[JwkError]) {
    let expected = match (key(group)["kty"].as_str(), key(group)["use"].as_str(), key(group)["alg"].as_str())
    {
        (Some("oct"), _, _) => JwkError::KeyType,
        (_, _, Some(_)) => JwkError::AlgorithmUnsupported,
        (_, Some("enc") | None, None) => JwkError::NotForSignatures,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused, [expected], "{}", group["comment"]);
}

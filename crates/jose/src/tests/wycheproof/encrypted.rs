//! Encryption: 139 cases of JWE alone, and 83 that mix both.

use serde_json::Value;

use super::{Tally, cases, decrypted, token, vectors, verified, verifying};
use crate::JwkError;
use crate::jwe::{ContentEncryption, DecryptionKey, EncryptionJwk, KeyManagement};
use crate::tests::jwe::private_key_for;

#[test]
fn json_web_encryption_vectors() {
    let groups = vectors("json_web_encryption_test.json");
    let mut tally = Tally::default();
    for group in &groups {
        let keys = keys(group);
        for case in cases(group) {
            let (plain, outcome) = decrypted(&token(case, "jwe"), &keys);
            if let Some(plain) = plain {
                assert_eq!(hex(&plain), case["pt"].as_str().unwrap(), "{case}");
            }
            tally.add((group, case), outcome);
        }
    }
    tally.finish("JSON Web Encryption", [5, 74, 60]);
}

#[test]
fn json_web_crypto_vectors() {
    let groups = vectors("json_web_crypto_test.json");
    let mut tally = Tally::default();
    for group in &groups {
        let signed = if group["public"].is_null() { &group["private"] } else { &group["public"] };
        let set = signed["keys"].as_array();
        let (verifying, _) = verifying(&set.map_or_else(|| vec![signed], |keys| keys.iter().collect()));
        for case in cases(group) {
            let outcome = if case["jws"].is_null() {
                decrypted(&token(case, "jwe"), &keys(group)).1
            } else {
                verified(&token(case, "jws"), &verifying)
            };
            tally.add((group, case), outcome);
        }
    }
    tally.finish("JSON Web Crypto", [2, 77, 4]);
}

/// The group's private key, if it is for one of our algorithms; its public half is read or refused accordingly.
fn keys(group: &Value) -> Vec<DecryptionKey> {
    let private = &group["private"];
    let mut public = private.clone();
    let members = public.as_object_mut().unwrap();
    members.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
    let read = EncryptionJwk::from_json(&public.to_string());
    let management = private["alg"].as_str().and_then(KeyManagement::parse);
    if management.is_some() {
        let keys = ContentEncryption::ALL.map(|encryption| private_key_for(encryption, private));
        for key in &keys {
            assert_eq!(read.as_ref(), Ok(key.public_jwk()));
        }
        return keys.into();
    }
    let expected = if private["kty"] == "oct" { JwkError::KeyType } else { JwkError::AlgorithmUnsupported };
    assert_eq!(read, Err(expected), "{}", group["comment"]);
    Vec::new()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

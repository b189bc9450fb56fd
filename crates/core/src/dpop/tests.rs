//! Proofs as they are sent: good ones, and what is wrong with all others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};
use writ_jose::{Algorithm, SigningKey};

use super::*;
use crate::given::{NOW, facts, hash_key};

const URL: &str = "https://id.example/oauth2/token";
const TOKEN: &str = "a token";

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

fn head(key: &SigningKey) -> Value {
    let jwk: Value = serde_json::from_str(&key.public_jwk().to_json()).unwrap();
    json!({ "typ": "dpop+jwt", "alg": key.algorithm().name(), "jwk": jwk })
}

fn claims() -> Value {
    json!({
        "jti": "1", "htm": "POST", "htu": URL, "iat": NOW.as_secs(),
        "ath": URL_SAFE_NO_PAD.encode(sha256(TOKEN.as_bytes()).as_bytes()),
    })
}

fn proof(key: &SigningKey, head: &Value, claims: &Value) -> String {
    let [head, claims] = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let input = format!("{head}.{claims}");
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap()))
}

/// Judges a proof at the place that the usual one is for; `change` makes it another place.
fn judged(text: &str, change: impl FnOnce(&mut ProofPlace<'_>)) -> Result<Option<Proved>, ProofFault> {
    let hash_key = hash_key();
    let nonces = Nonces { hash_key: &hash_key, now: NOW };
    let mut place = ProofPlace { method: "POST", url: URL, token: None, nonces, nonce_required: Switch::Off };
    change(&mut place);
    proved(SentProof::One(text.as_bytes()), &place)
}

fn fault(claims: &Value, change: impl FnOnce(&mut ProofPlace<'_>)) -> Option<ProofFault> {
    let key = key();
    judged(&proof(&key, &head(&key), claims), change).err()
}

/// RFC 9449 §4.3, §6.1: a good proof shows the thumbprint of its key, whatever the algorithm.
#[test]
fn a_good_proof_shows_its_key() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let text = proof(&key, &head(&key), &claims());
        let shown = judged(&text, |_| {}).unwrap().unwrap();
        assert_eq!(shown.key, Confirmation::Key(key.public_jwk().thumbprint().into()), "{algorithm}");
        assert!(judged(&text, |place| place.token = Some(TOKEN)).is_ok());
    }
    let place = ProofPlace {
        method: "POST",
        url: URL,
        token: None,
        nonces: Nonces { hash_key: &hash_key(), now: NOW },
        nonce_required: Switch::Off,
    };
    assert!(matches!(proved(SentProof::Nothing, &place), Ok(None)));
    assert_eq!(proved(SentProof::Several, &place).unwrap_err(), ProofFault::Several);
    assert!(matches!(proved(SentProof::One(b"\xff.\xff.\xff"), &place), Err(ProofFault::Form(_))));
    assert_eq!(proved(SentProof::One(&[b'a'; 8193]), &place).unwrap_err(), ProofFault::Long);
}

/// RFC 9449 §4.2, §4.3, item 3.
#[test]
fn every_claim_has_to_be_there_and_of_its_type() {
    for name in ["jti", "htm", "htu", "iat"] {
        for bad in [Value::Null, json!(""), json!([]), json!({}), json!(true)] {
            let mut claims = claims();
            match &bad {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                bad => claims[name] = bad.clone(),
            }
            assert_eq!(fault(&claims, |_| {}), Some(ProofFault::Claim(name)), "{bad}");
        }
    }
    for (name, bad) in [("nonce", json!(1)), ("ath", json!(1)), ("jti", json!(1)), ("iat", json!("1"))] {
        let mut claims = claims();
        claims[name] = bad;
        assert_eq!(fault(&claims, |_| {}), Some(ProofFault::Claim(name)));
    }
}

/// RFC 9449 §4.3, item 4: what was made for another purpose is no proof.
#[test]
fn a_proof_says_that_it_is_one() {
    let key = key();
    for (typ, good) in [
        (json!("dpop+jwt"), true),
        (json!("application/dpop+jwt"), true),
        (json!("JWT"), false),
        (json!("at+jwt"), false),
        (json!(""), false),
        (Value::Null, false),
    ] {
        let mut head = head(&key);
        match &typ {
            Value::Null => drop(head.as_object_mut().unwrap().remove("typ")),
            typ => head["typ"] = typ.clone(),
        }
        let judged = judged(&proof(&key, &head, &claims()), |_| {});
        assert_eq!(judged.err(), (!good).then_some(ProofFault::Type), "{typ}");
    }
}

/// RFC 9449 §4.3, items 5 to 7.
#[test]
fn algorithm_key_and_signature_go_together() {
    let (key, other) = (key(), key());
    let form = |head: &Value, by: &SigningKey| match judged(&proof(by, head, &claims()), |_| {}) {
        Err(ProofFault::Form(why)) => why,
        judged => panic!("{judged:?}"),
    };
    assert_eq!(form(&head(&key), &other), JoseError::Signature);
    for alg in ["none", "HS256", "RS256"] {
        let mut head = head(&key);
        head["alg"] = json!(alg);
        let _ = form(&head, &key);
    }
    let mut private = head(&key);
    private["jwk"]["d"] = json!("AAAA");
    let _ = form(&private, &key);
    let mut without = head(&key);
    without.as_object_mut().unwrap().remove("jwk");
    let _ = form(&without, &key);
    let good = proof(&key, &head(&key), &claims());
    let mut parts: Vec<_> = good.split('.').collect();
    let changed = URL_SAFE_NO_PAD.encode(claims().to_string().replace("\"1\"", "\"2\""));
    parts[1] = &changed;
    assert_eq!(judged(&parts.join("."), |_| {}).unwrap_err(), ProofFault::Form(JoseError::Signature));
}

/// RFC 9449 §4.3, items 8 and 9.
#[test]
fn a_proof_is_for_one_method_and_address() {
    let text = |method: &str| Some(ProofFault::Method(method.into()));
    for method in ["GET", "post", "PUT", ""] {
        assert_eq!(fault(&claims(), |place| place.method = method), text(method));
    }
    let other = "https://id.example/oauth2/userinfo";
    assert_eq!(fault(&claims(), |place| place.url = other), Some(ProofFault::Target(other.into())));
    let mut spelled = claims();
    spelled["htu"] = json!("HTTPS://id.example:443/oauth2/token?x#y");
    assert_eq!(fault(&spelled, |_| {}), None);
}

/// RFC 9449 §4.3, items 10 and 11; §8, §11.1.
#[test]
fn a_proof_is_fresh_by_its_nonce_or_by_its_time() {
    let at = |iat: i64| {
        let mut claims = claims();
        claims["iat"] = json!(NOW.as_secs() + iat);
        claims
    };
    for (iat, expected) in
        [(-120, Some(ProofFault::Old)), (-119, None), (60, None), (61, Some(ProofFault::Early))]
    {
        assert_eq!(fault(&at(iat), |_| {}), expected, "{iat}");
    }
    let hash_key = hash_key();
    let nonce = Nonces { hash_key: &hash_key, now: NOW }.current();
    let with = |nonce: &str, iat: i64| {
        let mut claims = at(iat);
        claims["nonce"] = json!(nonce);
        claims
    };
    for required in [Switch::Off, Switch::On] {
        let demand = |place: &mut ProofPlace<'_>| place.nonce_required = required;
        assert_eq!(fault(&with(&nonce, 0), demand), None);
        // Whose clock is wrong is told the time by the nonce.
        assert_eq!(fault(&with(&nonce, -86_400), demand), None);
        assert_eq!(fault(&with("made up", 0), demand), Some(ProofFault::Nonce));
    }
    assert_eq!(fault(&at(0), |place| place.nonce_required = Switch::On), Some(ProofFault::Nonce));
}

/// RFC 9449 §4.3, item 12, §7: a proof that comes with an access token is for that one.
#[test]
fn a_proof_beside_a_token_is_for_that_token() {
    let of_token = |place: &mut ProofPlace<'_>| place.token = Some(TOKEN);
    assert_eq!(fault(&claims(), of_token), None);
    let mut without = claims();
    without.as_object_mut().unwrap().remove("ath");
    assert_eq!(fault(&without, of_token), Some(ProofFault::Claim("ath")));
    assert_eq!(fault(&claims(), |place| place.token = Some("another")), Some(ProofFault::TokenHash));
}

/// RFC 9449 §11.1: it is remembered for as long as it would be taken, under its key and its `jti`.
#[test]
fn a_proof_is_remembered_for_as_long_as_it_is_good() {
    let (key, other) = (key(), key());
    let of = |key: &SigningKey, claims: &Value| {
        judged(&proof(key, &head(key), claims), |_| {}).unwrap().unwrap().once
    };
    let (first, again) = (of(&key, &claims()), of(&key, &claims()));
    assert!(first.name.ct_eq(&again.name) && !first.name.ct_eq(&of(&other, &claims()).name));
    assert_eq!(first.expires_at, NOW.plus(PROOF_LIFETIME).plus(CLOCK_SKEW));
    let mut next = claims();
    next["jti"] = json!("2");
    assert!(!first.name.ct_eq(&of(&key, &next).name));
}

/// RFC 9449 §5.2.
#[test]
fn where_a_proof_is_demanded_nothing_is_given_without() {
    let hash_key = hash_key();
    let nonces = Nonces { hash_key: &hash_key, now: NOW };
    let place = ProofPlace { method: "POST", url: URL, token: None, nonces, nonce_required: Switch::Off };
    for (own, of_tenant) in [(false, false), (true, false), (false, true)] {
        let facts = facts(|client, tenant| {
            client.tokens.choices.dpop_bound = own.into();
            tenant.settings.dpop_bound_access_tokens = of_tenant.into();
        });
        let judged = binding(SentProof::Nothing, &facts, &place);
        match judged {
            Ok(found) => assert!(found.is_none() && !own && !of_tenant),
            Err(refusal) => {
                assert!(own || of_tenant);
                assert_eq!(refusal.error.code(), ErrorCode::InvalidDpopProof);
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_sent_is_judged(bytes: Vec<u8>, text in "[a-zA-Z0-9_-]{0,40}\\.[a-zA-Z0-9_-]{0,40}\\.[a-zA-Z0-9_-]{0,40}") {
        let hash_key = hash_key();
        let nonces = Nonces { hash_key: &hash_key, now: NOW };
        let place = ProofPlace { method: "POST", url: URL, token: None, nonces, nonce_required: Switch::Off };
        prop_assert!(proved(SentProof::One(&bytes), &place).is_err());
        prop_assert!(proved(SentProof::One(text.as_bytes()), &place).is_err());
    }
}

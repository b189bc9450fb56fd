//! What must not pass: one table of named attacks, then laws over mutations and arbitrary text.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use proptest::prelude::*;

use crate::base64url::{decode, encode};
use crate::{
    Algorithm, JoseError, JsonError, JwtType, MAX_TOKEN_BYTES, Segment, SigningKey, VerifyingKey,
    verify_compact,
};

struct Bench {
    key: SigningKey,
    verifying: VerifyingKey,
    token: String,
}

/// One key and token of each algorithm, made once.
static BENCHES: LazyLock<Vec<Bench>> = LazyLock::new(|| {
    Algorithm::ALL
        .into_iter()
        .map(|algorithm| {
            let key = SigningKey::generate(algorithm).unwrap();
            let token = key.sign_compact(JwtType::AccessToken, br#"{"sub":"alice"}"#).unwrap();
            Bench { verifying: key.verifying_key().unwrap(), key, token }
        })
        .collect()
});

fn es256() -> &'static Bench {
    &BENCHES[0]
}

fn keys() -> Vec<VerifyingKey> {
    BENCHES.iter().map(|bench| bench.verifying.clone()).collect()
}

fn verify(token: &str) -> Result<(), JoseError> {
    verify_compact(token, &keys(), &Algorithm::ALL).map(|_| ())
}

/// A token with this header, properly signed with the ES256 key.
fn signed(header: &str) -> String {
    signed_segments(&encode(header.as_bytes()), &encode(b"{}"))
}

fn signed_segments(header: &str, payload: &str) -> String {
    let input = format!("{header}.{payload}");
    let signature = es256().key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", encode(signature.as_ref()))
}

/// The valid ES256 token with another signature.
fn with_signature(signature: &[u8]) -> String {
    let (input, _) = es256().token.rsplit_once('.').unwrap();
    format!("{input}.{}", encode(signature))
}

fn unsupported(name: &str) -> JoseError {
    JoseError::AlgorithmUnsupported { name: name.to_owned() }
}

/// DESIGN section 6; RFC 8725 §2, §3.
#[test]
fn headers_that_ask_for_too_much_are_refused_though_well_signed() {
    let kid = es256().key.kid();
    let jwk = es256().key.public_jwk().to_json();
    let with = |more: &str| signed(&format!(r#"{{"alg":"ES256","kid":"{kid}"{more}}}"#));
    assert_eq!(verify(&with("")), Ok(()), "the table's frame");
    assert_eq!(
        verify(&with(r#","unknown":{"a":[1]},"cty":"x""#)),
        Ok(()),
        "unknown parameters are passed over"
    );

    let duplicate = |name: &str| JoseError::Json {
        part: Segment::Header,
        fault: JsonError::DuplicateMember { name: name.to_owned() },
    };
    let table = [
        (with(r#","crit":["exp"]"#), JoseError::Critical),
        (with(r#","crit":["b64"],"b64":false"#), JoseError::Critical),
        (with(r#","crit":[]"#), JoseError::Critical),
        (with(r#","b64":false"#), JoseError::UnencodedPayload),
        (with(r#","b64":true"#), JoseError::UnencodedPayload),
        (with(&format!(r#","jwk":{jwk}"#)), JoseError::EmbeddedKey("jwk")),
        (with(r#","jku":"https://attacker.example/jwks""#), JoseError::EmbeddedKey("jku")),
        (with(r#","x5u":"https://attacker.example/x""#), JoseError::EmbeddedKey("x5u")),
        (with(r#","x5c":["AA=="]"#), JoseError::EmbeddedKey("x5c")),
        (with(r#","alg":"ES256""#), duplicate("alg")),
        (with(&format!(r#","kid":"{kid}""#)), duplicate("kid")),
        (with(r#","\u0061lg":"none""#), duplicate("alg")),
        (with(r#","typ":["JWT"]"#), JoseError::HeaderParameter("typ")),
        (signed(r#"{"kid":"x"}"#), JoseError::HeaderParameter("alg")),
        (signed(r#"{"alg":null}"#), JoseError::HeaderParameter("alg")),
        (signed(r#"{"alg":["ES256"]}"#), JoseError::HeaderParameter("alg")),
        (signed(r#"{"alg":"ES256","kid":1}"#), JoseError::HeaderParameter("kid")),
        (signed(r#"{"alg":"ES256","kid":"other"}"#), JoseError::UnknownKey { kid: Some("other".to_owned()) }),
        (signed(&format!(r#"{{"alg":"es256","kid":"{kid}"}}"#)), unsupported("es256")),
        (signed(&format!(r#"{{"alg":"ES384","kid":"{kid}"}}"#)), unsupported("ES384")),
        (
            signed(&format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#)),
            JoseError::AlgorithmMismatch { token: Algorithm::EdDsa, key: Algorithm::Es256 },
        ),
        (signed("[]"), JoseError::NotAnObject(Segment::Header)),
        (signed("\"ES256\""), JoseError::NotAnObject(Segment::Header)),
    ];
    for (token, expected) in table {
        assert_eq!(verify(&token), Err(expected), "{token}");
    }
    for malformed in ["", "{", "{}{}", "{\"alg\":\"ES256\",}", "\u{feff}{\"alg\":\"ES256\"}"] {
        let refused = verify(&signed(malformed));
        assert!(
            matches!(refused, Err(JoseError::Json { part: Segment::Header, .. })),
            "{malformed}: {refused:?}"
        );
    }
}

/// RFC 8725 §2.1
#[test]
fn none_is_refused_in_every_spelling_with_or_without_a_signature() {
    let payload = encode(b"{}");
    for name in ["none", "None", "NONE", "nOnE", ""] {
        for kid in ["", &format!(r#","kid":"{}""#, es256().key.kid())] {
            let header = format!(r#"{{"alg":"{name}"{kid}}}"#);
            assert_eq!(verify(&format!("{}.{payload}.", encode(header.as_bytes()))), Err(unsupported(name)));
            assert_eq!(verify(&signed(&header)), Err(unsupported(name)));
        }
    }
}

/// RFC 8725 §2.1: the public key, in whatever spelling, taken as an HMAC secret.
#[test]
fn hmac_with_a_public_key_is_refused() {
    for bench in BENCHES.iter() {
        let secrets = [bench.key.public_jwk().to_json(), bench.key.kid().to_owned(), String::new()];
        for secret in secrets {
            for name in ["HS256", "HS384", "HS512"] {
                let header = format!(r#"{{"alg":"{name}","kid":"{}"}}"#, bench.key.kid());
                let input = format!("{}.{}", encode(header.as_bytes()), encode(b"{}"));
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), input.as_bytes());
                assert_eq!(verify(&format!("{input}.{}", encode(tag.as_ref()))), Err(unsupported(name)));
            }
        }
    }
}

/// RFC 8725 §3.1: PS256 signatures by an RS256 key and the reverse.
#[test]
fn one_rsa_key_does_not_serve_two_schemes() {
    let rs256 = &BENCHES[1];
    let same = SigningKey::from_pkcs8(Algorithm::Ps256, &rs256.key.to_pkcs8().unwrap()).unwrap();
    assert_eq!(same.kid(), rs256.key.kid());
    let token = same.sign_compact(JwtType::AccessToken, b"{}").unwrap();
    let only = [rs256.verifying.clone()];
    assert_eq!(
        verify_compact(&token, &only, &Algorithm::ALL),
        Err(JoseError::AlgorithmMismatch { token: Algorithm::Ps256, key: Algorithm::Rs256 })
    );
    // Published twice under one id, each finds its own.
    let both = [rs256.verifying.clone(), same.verifying_key().unwrap()];
    assert!(verify_compact(&token, &both, &Algorithm::ALL).is_ok());
    assert!(verify_compact(&rs256.token, &both, &Algorithm::ALL).is_ok());
}

#[test]
fn an_algorithm_outside_the_callers_list_is_refused() {
    for bench in BENCHES.iter() {
        let algorithm = bench.key.algorithm();
        let others: Vec<_> = Algorithm::ALL.into_iter().filter(|other| *other != algorithm).collect();
        for allowed in [&others[..], &[]] {
            assert_eq!(
                verify_compact(&bench.token, &keys(), allowed),
                Err(JoseError::AlgorithmNotAllowed(algorithm))
            );
        }
    }
}

/// OpenID Connect Core 1.0 §10.1
#[test]
fn without_a_key_id_one_key_alone_may_fit() {
    let token = signed(r#"{"alg":"ES256"}"#);
    assert_eq!(verify(&token), Ok(()));
    let second = SigningKey::generate(Algorithm::Es256).unwrap().verifying_key().unwrap();
    let two = [es256().verifying.clone(), second.clone()];
    assert_eq!(verify_compact(&token, &two, &Algorithm::ALL), Err(JoseError::AmbiguousKey));
    assert_eq!(verify_compact(&token, &[second], &Algorithm::ALL), Err(JoseError::Signature));
    assert_eq!(verify_compact(&token, &[], &Algorithm::ALL), Err(JoseError::UnknownKey { kid: None }));
}

/// RFC 7518 §3.4: 64 octets, neither DER nor anything else; r and s are not zero and below the order.
#[test]
fn es256_signatures_have_one_form() {
    let (input, text) = es256().token.rsplit_once('.').unwrap();
    let good = decode(text).unwrap();
    let der = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &es256().key.to_pkcs8().unwrap())
        .unwrap()
        .sign(&aws_lc_rs::rand::SystemRandom::new(), input.as_bytes())
        .unwrap();
    let (r, s) = good.split_at(32);
    let zero = [0; 32];
    // SEC 2 §2.4.2: the order of P-256.
    let order = [
        [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        [0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51],
    ]
    .concat();
    assert_eq!(verify(&with_signature(&good)), Ok(()), "the table's frame");
    for (about, signature) in [
        ("DER", der.as_ref().to_vec()),
        ("r = s = 0", vec![0; 64]),
        ("r = 0", [&zero, s].concat()),
        ("s = 0", [r, &zero].concat()),
        ("r = n", [&order, s].concat()),
        ("s = n", [r, &order].concat()),
        ("swapped", [s, r].concat()),
        ("one short", good[..63].to_vec()),
        ("one long", [&good[..], &[0]].concat()),
        ("zero in front", [&[0], &good[..]].concat()),
        ("twice", [&good[..], &good].concat()),
        ("empty", Vec::new()),
    ] {
        assert_eq!(verify(&with_signature(&signature)), Err(JoseError::Signature), "{about}");
    }
}

#[test]
fn other_spellings_of_a_valid_token_are_refused() {
    for bench in BENCHES.iter() {
        let token = &bench.token;
        let (input, signature) = token.rsplit_once('.').unwrap();
        let (header, payload) = input.split_once('.').unwrap();
        assert_eq!(verify(token), Ok(()));
        for (other, expected) in [
            (format!("{token}="), JoseError::Encoding(Segment::Signature)),
            (format!("{token}=="), JoseError::Encoding(Segment::Signature)),
            (format!("{token}\n"), JoseError::Encoding(Segment::Signature)),
            (format!("{token}A"), JoseError::Encoding(Segment::Signature)),
            (format!(" {token}"), JoseError::Encoding(Segment::Header)),
            (format!("{header}=.{payload}.{signature}"), JoseError::Encoding(Segment::Header)),
            (format!("{header}.{payload}=.{signature}"), JoseError::Signature),
            (format!("{token}."), JoseError::Segments { found: 4 }),
            (format!(".{token}"), JoseError::Segments { found: 4 }),
            (format!("{token}.AA.AA"), JoseError::Segments { found: 5 }),
            (input.to_owned(), JoseError::Segments { found: 2 }),
            (header.to_owned(), JoseError::Segments { found: 1 }),
            (String::new(), JoseError::Segments { found: 1 }),
            (format!("{header}..{signature}"), JoseError::Signature),
            (format!("{input}."), JoseError::Signature),
        ] {
            let refused = verify(&other).unwrap_err();
            // Whether one character more is a wrong encoding or a wrong signature depends on the length.
            let one_more =
                expected == JoseError::Encoding(Segment::Signature) && refused == JoseError::Signature;
            assert!(refused == expected || one_more, "{other}: {refused:?}, not {expected:?}");
        }
    }
}

/// A signer may sign any text; a payload that is not canonical base64url is refused even so.
#[test]
fn a_signed_payload_must_be_canonical_too() {
    let header = encode(br#"{"alg":"ES256"}"#);
    for payload in ["e30=", "e31", "e 30", "e30\n", "+/+/"] {
        assert_eq!(
            verify(&signed_segments(&header, payload)),
            Err(JoseError::Encoding(Segment::Payload)),
            "{payload}"
        );
    }
    assert_eq!(verify(&signed_segments(&header, "")), Ok(()));
}

#[test]
fn claims_are_one_object_without_repeated_members() {
    let read = |payload: &[u8]| {
        let token = es256().key.sign_compact(JwtType::IdToken, payload).unwrap();
        verify_compact(&token, &keys(), &Algorithm::ALL).unwrap().claims()
    };
    assert!(read(br#"{"sub":"a"}"#).is_ok());
    assert_eq!(read(b"[]"), Err(JoseError::NotAnObject(Segment::Payload)));
    assert!(matches!(read(b""), Err(JoseError::Json { part: Segment::Payload, .. })));
    assert!(matches!(
        read(br#"{"sub":"a","sub":"b"}"#),
        Err(JoseError::Json { part: Segment::Payload, fault: JsonError::DuplicateMember { .. } })
    ));
}

#[test]
fn oversize_tokens_are_refused_unread() {
    let sign = |bytes: usize| es256().key.sign_compact(JwtType::AccessToken, &vec![b'x'; bytes]).unwrap();
    let frame = sign(0).len();
    let fitting = sign((MAX_TOKEN_BYTES - frame) / 4 * 3);
    assert!(fitting.len() <= MAX_TOKEN_BYTES && fitting.len() > MAX_TOKEN_BYTES - 4);
    assert_eq!(verify(&fitting), Ok(()));
    let larger = sign((MAX_TOKEN_BYTES - frame) / 4 * 3 + 3);
    assert_eq!(verify(&larger), Err(JoseError::Oversize { bytes: larger.len() }));
}

#[test]
fn each_flipped_bit_of_each_segment_is_noticed() {
    for bench in BENCHES.iter() {
        let segments: Vec<Vec<u8>> = bench.token.split('.').map(|segment| decode(segment).unwrap()).collect();
        for (index, segment) in segments.iter().enumerate() {
            for bit in 0..segment.len() * 8 {
                let mut changed = segments.clone();
                changed[index][bit / 8] ^= 1 << (bit % 8);
                let token = changed.iter().map(|segment| encode(segment)).collect::<Vec<_>>().join(".");
                assert!(verify(&token).is_err(), "{} segment {index} bit {bit}", bench.key.algorithm());
            }
        }
    }
}

#[test]
fn each_truncation_is_noticed() {
    for bench in BENCHES.iter() {
        for length in 0..bench.token.len() {
            assert!(verify(&bench.token[..length]).is_err(), "{} cut to {length}", bench.key.algorithm());
        }
    }
}

#[test]
fn long_names_from_outside_are_clipped_in_errors() {
    let long = "n".repeat(5000);
    assert_eq!(verify(&signed(&format!(r#"{{"alg":"{long}"}}"#))), Err(unsupported(&"n".repeat(32))));
    assert_eq!(
        verify(&signed(&format!(r#"{{"alg":"ES256","kid":"{long}"}}"#))),
        Err(JoseError::UnknownKey { kid: Some("n".repeat(64)) })
    );
}

proptest! {
    #[test]
    fn any_other_character_anywhere_is_refused(bench in 0..4_usize, at in any::<prop::sample::Index>(),
                                               character in "[A-Za-z0-9_.=+/ \\PC-]") {
        let token = &BENCHES[bench].token;
        let at = at.index(token.len());
        let (before, after) = (&token[..at], &token[at + 1..]);
        prop_assume!(token[at..=at] != character);
        let replaced = [before, &character, after].concat();
        let inserted = [before, &character, &token[at..]].concat();
        let deleted = [before, after].concat();
        for changed in [replaced, inserted, deleted] {
            prop_assert!(verify(&changed).is_err(), "{}", changed);
        }
    }

    #[test]
    fn arbitrary_text_never_panics_and_never_passes(token in any::<String>()) {
        prop_assert!(verify(&token).is_err());
    }

    #[test]
    fn arbitrary_segments_never_panic_and_never_pass(header in "\\{(\"(alg|kid|crit|typ)\":(\"ES256\"|1|null|\\[\\]),?){0,3}\\}",
                                                     rest in "[A-Za-z0-9_-]{0,90}\\.?[A-Za-z0-9_-]{0,90}") {
        let token = [&encode(header.as_bytes()), ".", &rest].concat();
        prop_assert!(verify(&token).is_err());
    }
}

//! What must not pass, and what a refusal may tell.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey,
    Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use zeroize::Zeroizing;

use super::given::BENCHES;
use crate::base64url::encode;
use crate::jwe::{
    Content, ContentEncryption, ContentKey, Curve, DecryptionKey, EncryptionJwk, EncryptionKey, JweError,
    KeyManagement, MAX_JWE_BYTES, decrypt_compact, seal_onto,
};
use crate::{Algorithm, JsonError, JwtType, SigningKey};

const RSA: usize = 0;
const P256: usize = 1;
const X25519: usize = 4;

fn key() -> ContentKey {
    ContentKey::new(ContentEncryption::A256Gcm, Zeroizing::new([7; 32]))
}

/// A token with this header and encrypted key, its content properly sealed under [`key`].
fn forged(header: &str, encrypted_key: &[u8]) -> String {
    let mut token = encode(header.as_bytes());
    let length = token.len();
    token.push('.');
    token.push_str(&encode(encrypted_key));
    token.push('.');
    seal_onto(&mut token, length, (&key(), b"forged")).unwrap();
    token
}

fn refused(bench: usize, token: &str) -> JweError {
    decrypt_compact(token, std::slice::from_ref(&BENCHES[bench].private)).expect_err(token)
}

fn public_rsa() -> PublicEncryptingKey {
    let private = PrivateDecryptingKey::from_pkcs8(&BENCHES[RSA].private.to_pkcs8().unwrap()).unwrap();
    let der: PublicKeyX509Der<'_> = private.public_key().as_der().unwrap();
    PublicEncryptingKey::from_der(der.as_ref()).unwrap()
}

fn oaep(algorithm: &'static OaepAlgorithm, (plain, label): (&[u8], Option<&[u8]>)) -> Vec<u8> {
    let key = OaepPublicEncryptingKey::new(public_rsa()).unwrap();
    let mut room = vec![0; key.ciphertext_size()];
    key.encrypt(algorithm, plain, &mut room, label).unwrap();
    room
}

fn pkcs1(plain: &[u8]) -> Vec<u8> {
    let key = Pkcs1PublicEncryptingKey::new(public_rsa()).unwrap();
    let mut room = vec![0; key.ciphertext_size()];
    key.encrypt(plain, &mut room).unwrap();
    room
}

const RSA_HEADER: &str = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#;

#[test]
fn headers_that_ask_for_too_much_are_refused_though_well_encrypted() {
    let wrapped = oaep(&OAEP_SHA256_MGF1SHA256, (key().octets(), None));
    let with = |more: &str| forged(&RSA_HEADER.replace('}', &format!("{more}}}")), &wrapped);
    let opened = |token: &str| {
        decrypt_compact(token, std::slice::from_ref(&BENCHES[RSA].private)).map(|read| read.plain.to_vec())
    };
    assert_eq!(opened(&with("")), Ok(b"forged".to_vec()), "the table's frame");
    assert_eq!(opened(&with(r#","unknown":[1],"apu":"AA""#)), Ok(b"forged".to_vec()), "passed over");

    let duplicate = |name: &str| JweError::Json(JsonError::DuplicateMember { name: name.to_owned() });
    let management = |name: &str| JweError::ManagementUnsupported { name: name.to_owned() };
    let encryption = |name: &str| JweError::EncryptionUnsupported { name: name.to_owned() };
    let renamed = |from: &str, to: &str| forged(&RSA_HEADER.replace(from, to), &wrapped);
    let mine = (KeyManagement::RsaOaep256, ContentEncryption::A256Gcm);
    let kid = BENCHES[RSA].private.kid();
    let table = [
        (with(r#","crit":["exp"]"#), JweError::Critical),
        (with(r#","crit":[]"#), JweError::Critical),
        (with(r#","zip":"DEF""#), JweError::Compressed),
        (with(r#","zip":null"#), JweError::Compressed),
        (with(r#","jwk":{}"#), JweError::EmbeddedKey("jwk")),
        (with(r#","jku":"https://attacker.example/""#), JweError::EmbeddedKey("jku")),
        (with(r#","x5u":"https://attacker.example/""#), JweError::EmbeddedKey("x5u")),
        (with(r#","x5c":["AA=="]"#), JweError::EmbeddedKey("x5c")),
        (with(r#","alg":"RSA-OAEP-256""#), duplicate("alg")),
        (with(r#","\u0065nc":"A256GCM""#), duplicate("enc")),
        (with(r#","kid":1"#), JweError::HeaderParameter("kid")),
        (with(r#","cty":1"#), JweError::HeaderParameter("cty")),
        (with(r#","epk":"x""#), JweError::HeaderParameter("epk")),
        (with(r#","kid":"other""#), JweError::UnknownKey { kid: Some("other".to_owned()) }),
        (renamed("RSA-OAEP-256", "RSA-OAEP"), management("RSA-OAEP")),
        (renamed("RSA-OAEP-256", "RSA1_5"), management("RSA1_5")),
        (renamed("RSA-OAEP-256", "rsa-oaep-256"), management("rsa-oaep-256")),
        (renamed("RSA-OAEP-256", "dir"), management("dir")),
        (renamed("RSA-OAEP-256", "A256KW"), management("A256KW")),
        (renamed("RSA-OAEP-256", "PBES2-HS256+A128KW"), management("PBES2-HS256+A128KW")),
        (renamed("RSA-OAEP-256", "none"), management("none")),
        (renamed("RSA-OAEP-256", "ECDH-ES"), JweError::UnknownKey { kid: None }),
        (
            renamed("RSA-OAEP-256", &format!(r#"ECDH-ES","kid":"{kid}"#)),
            JweError::AlgorithmMismatch { token: (KeyManagement::EcdhEs, mine.1), key: mine },
        ),
        (renamed("A256GCM", "A128GCM"), encryption("A128GCM")),
        (renamed("A256GCM", "A256CBC-HS512"), encryption("A256CBC-HS512")),
        (renamed(r#","enc":"A256GCM""#, ""), JweError::HeaderParameter("enc")),
        (renamed(r#""alg":"RSA-OAEP-256","#, ""), JweError::HeaderParameter("alg")),
        (forged("[]", &wrapped), JweError::NotAnObject),
    ];
    for (token, expected) in table {
        assert_eq!(refused(RSA, &token), expected, "{token}");
    }
    let long = "n".repeat(5000);
    assert_eq!(refused(RSA, &renamed("RSA-OAEP-256", &long)), management(&"n".repeat(32)));
}

/// RFC 7516 §11.5: nothing tells a wrong padding from a wrong tag.
#[test]
fn whatever_is_wrong_under_rsa_is_the_same_error() {
    let wrong: [(&str, Vec<u8>); 9] = [
        ("another key", oaep(&OAEP_SHA256_MGF1SHA256, (&[8; 32], None))),
        ("a key of 16 octets", oaep(&OAEP_SHA256_MGF1SHA256, (&[7; 16], None))),
        ("a key of 33 octets", oaep(&OAEP_SHA256_MGF1SHA256, (&[7; 33], None))),
        ("no octet", oaep(&OAEP_SHA256_MGF1SHA256, (b"", None))),
        ("OAEP with SHA-1", oaep(&OAEP_SHA1_MGF1SHA1, (key().octets(), None))),
        ("OAEP with a label", oaep(&OAEP_SHA256_MGF1SHA256, (key().octets(), Some(b"label")))),
        ("PKCS #1 v1.5", pkcs1(key().octets())),
        ("not below the modulus", vec![0xff; 256]),
        ("too short", vec![1; 255]),
    ];
    for (about, encrypted_key) in &wrong {
        assert_eq!(refused(RSA, &forged(RSA_HEADER, encrypted_key)), JweError::Decryption, "{about}");
    }
    for encrypted_key in [&b""[..], &[0; 256], &[0; 257], &[1; 256]] {
        assert_eq!(refused(RSA, &forged(RSA_HEADER, encrypted_key)), JweError::Decryption);
    }
}

/// RFC 7518 §4.6, RFC 8725 §3.4: points on no curve and on the wrong one, and those that agree on nothing.
#[test]
fn whatever_is_wrong_with_an_agreement_is_the_same_error() {
    let epk = |curve: Curve| {
        let made = DecryptionKey::generate_on(curve, ContentEncryption::A256Gcm).unwrap();
        made.public_jwk().to_json()
    };
    let zeros = encode(&[0; 32]);
    let point = |x: &str, y: &str| format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#);
    let header = |epk: &str| format!(r#"{{"alg":"ECDH-ES","enc":"A256GCM","epk":{epk}}}"#);
    let good = epk(Curve::P256);
    // Wycheproof's invalid point, and small ones that a careless agreement would multiply on another curve.
    let off =
        point("gTli65eTQ7z-Bh147ff8K3m7k2UiDiG2LpYkWAaFJCc", "cLAnjKa4bzjD7DJVPwa9EPrRzMG7rONgsiUD-kf30Fs");
    for (about, bench, header) in [
        ("a point of somebody else's choosing", P256, header(&good)),
        ("off the curve", P256, header(&off)),
        ("the origin", P256, header(&point(&zeros, &zeros))),
        ("one coordinate", P256, header(&point(&zeros, ""))),
        ("compressed", P256, header(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{zeros}"}}"#))),
        ("another curve", P256, header(&epk(Curve::P384))),
        ("another kind of curve", P256, header(&epk(Curve::X25519))),
        ("another kind of curve", X25519, header(&epk(Curve::P256))),
        ("a wrong name", P256, header(&good.replace("P-256", "P-384"))),
        ("a private member", P256, header(&good.replace(r#""x""#, r#""d":"AA","x""#))),
        ("none", P256, r#"{"alg":"ECDH-ES","enc":"A256GCM"}"#.to_owned()),
        ("an empty one", P256, header("{}")),
        ("a malformed apu", P256, header(&good).replace(r#""epk""#, r#""apu":"A","epk""#)),
        ("a malformed apv", P256, header(&good).replace(r#""epk""#, r#""apv":"=","epk""#)),
    ] {
        assert_eq!(refused(bench, &forged(&header, b"")), JweError::Decryption, "{about}");
    }
    // RFC 7748 §6.1: points of small order, whose secret is zero whatever the private key.
    let one = encode(&[&[1][..], &[0; 31]].concat());
    for x in [&zeros, &one, "4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA"] {
        let low = format!(r#"{{"kty":"OKP","crv":"X25519","x":"{x}"}}"#);
        assert_eq!(refused(X25519, &forged(&header(&low), b"")), JweError::Decryption);
        let jwk = EncryptionJwk::from_json(&low).unwrap();
        let key = EncryptionKey::from_jwk(&jwk, ContentEncryption::A256Gcm).unwrap();
        let failed = key.encrypt_compact(Content::Octets, b"").unwrap_err();
        assert_eq!(failed, JweError::Encryption(KeyManagement::EcdhEs));
    }
}

/// RFC 7516 §5.2 step 10: a key beside the agreed one; RFC 7518 §5.3: other lengths of IV and tag.
#[test]
fn segments_have_one_length() {
    for (bench, given) in BENCHES.iter().enumerate() {
        let token = given.public.encrypt_compact(Content::Octets, b"content").unwrap();
        let segments: Vec<&str> = token.split('.').collect();
        let changed = |index: usize, text: &str| {
            let mut changed = segments.clone();
            changed[index] = text;
            changed.join(".")
        };
        for (index, text) in [
            (1, "AA"),
            (1, "="),
            (2, ""),
            (2, "AAAAAAAAAAAAAAAAAAAAAA"),
            (2, &segments[2][..15]),
            (3, ""),
            (3, "*"),
            (4, ""),
            (4, &segments[4][..6]),
            (4, &segments[4][..20]),
            (4, &format!("{}AA", segments[4])),
        ] {
            assert_eq!(refused(bench, &changed(index, text)), JweError::Decryption, "{index}: {text}");
        }
        assert_eq!(
            refused(bench, &changed(0, "")),
            JweError::Json(JsonError::Malformed { line: 1, column: 0 })
        );
        assert_eq!(refused(bench, &format!("{token}.")), JweError::Segments { found: 6 });
        assert_eq!(refused(bench, &segments[..4].join(".")), JweError::Segments { found: 4 });
        assert_eq!(refused(bench, &format!("{}=", changed(0, segments[0]))), JweError::Decryption);
        assert_eq!(refused(bench, &changed(0, &format!("{}=", segments[0]))), JweError::Encoding);
    }
    assert_eq!(refused(RSA, ""), JweError::Segments { found: 1 });
    let long = "A".repeat(MAX_JWE_BYTES + 1);
    assert_eq!(refused(RSA, &long), JweError::Oversize { bytes: MAX_JWE_BYTES + 1 });
}

#[test]
fn a_signed_token_is_no_encrypted_one() {
    let signed =
        SigningKey::generate(Algorithm::Es256).unwrap().sign_compact(JwtType::AccessToken, b"{}").unwrap();
    assert_eq!(refused(P256, &signed), JweError::Segments { found: 3 });
}

#[test]
fn without_a_key_id_one_key_alone_may_fit() {
    let token = forged(RSA_HEADER, &oaep(&OAEP_SHA256_MGF1SHA256, (key().octets(), None)));
    let copy = |kid: &str| {
        let pkcs8 = BENCHES[RSA].private.to_pkcs8().unwrap();
        let read = DecryptionKey::from_pkcs8(KeyManagement::RsaOaep256, ContentEncryption::A256Gcm, &pkcs8);
        read.unwrap().known_as(kid)
    };
    assert!(decrypt_compact(&token, &[copy("one")]).is_ok());
    assert_eq!(decrypt_compact(&token, &[copy("one"), copy("two")]), Err(JweError::AmbiguousKey));
    assert_eq!(decrypt_compact(&token, &[]), Err(JweError::UnknownKey { kid: None }));
}

//! What holds of every token: it opens to what went in, and not at all once anything about it has changed.

use proptest::prelude::*;

use super::given::{BENCH_COUNT, BENCHES};
use crate::base64url::{decode, encode};
use crate::jwe::{
    Content, ContentEncryption, DecryptionKey, EncryptionJwk, EncryptionKey, JweError, KeyManagement,
    MAX_JWE_BYTES, decrypt_compact,
};
use crate::{Algorithm, JwtType, MAX_TOKEN_BYTES, SigningKey, verify_compact};

fn keys(bench: usize) -> &'static [DecryptionKey] {
    std::slice::from_ref(&BENCHES[bench].private)
}

fn opens(bench: usize, token: &str) -> bool {
    decrypt_compact(token, keys(bench)).is_ok()
}

/// RFC 7519 §11.2: signed first, then encrypted.
#[test]
fn a_signed_token_goes_in_and_comes_out_to_be_verified() {
    let signer = SigningKey::generate(Algorithm::Es256).unwrap();
    let token = signer.sign_compact(JwtType::IdToken, br#"{"sub":"alice"}"#).unwrap();
    for bench in 0..BENCHES.len() {
        let encrypted = BENCHES[bench].public.encrypt_compact(Content::Jwt, token.as_bytes()).unwrap();
        assert!(!encrypted.contains(&token[..40]), "{encrypted}");
        let read = decrypt_compact(&encrypted, keys(bench)).unwrap();
        assert_eq!(read.header.content_type.as_deref(), Some("JWT"));
        assert_eq!(read.header.kid.as_deref(), Some(BENCHES[bench].private.kid()));
        assert_eq!((read.header.typ.as_deref(), read.kid.as_str()), (None, BENCHES[bench].private.kid()));
        let nested = str::from_utf8(&read.plain).unwrap();
        let verified = verify_compact(nested, &[signer.verifying_key().unwrap()], &Algorithm::ALL).unwrap();
        assert_eq!(verified.payload, br#"{"sub":"alice"}"#);
    }
}

#[test]
fn the_longest_signed_token_fits() {
    let token = vec![b'x'; MAX_TOKEN_BYTES];
    for (bench, given) in BENCHES.iter().enumerate() {
        let encrypted = given.public.encrypt_compact(Content::Jwt, &token).unwrap();
        assert!(encrypted.len() <= MAX_JWE_BYTES && opens(bench, &encrypted));
    }
    // Longer ones can be made, but are not looked at.
    let longer = BENCHES[1].public.encrypt_compact(Content::Octets, &vec![0; MAX_JWE_BYTES]).unwrap();
    let refused = decrypt_compact(&longer, keys(1)).unwrap_err();
    assert_eq!(refused, JweError::Oversize { bytes: longer.len() });
}

/// NIST SP 800-38D §8.2: no key and IV twice; here not even a key.
#[test]
fn nothing_random_is_used_twice() {
    for given in BENCHES.iter() {
        let tokens = [(); 2].map(|()| given.public.encrypt_compact(Content::Octets, b"same").unwrap());
        let [one, two] = tokens.each_ref().map(|token| token.split('.').collect::<Vec<_>>());
        // A key that is agreed on comes from the header, another one is sent.
        let fresh = if one[1].is_empty() { [0, 2, 3, 4] } else { [1, 2, 3, 4] };
        assert!(fresh.into_iter().all(|segment| one[segment] != two[segment]), "{tokens:?}");
    }
}

#[test]
fn one_flipped_bit_in_any_byte_of_any_segment_is_noticed() {
    for (bench, given) in BENCHES.iter().enumerate() {
        let token = given.public.encrypt_compact(Content::Jwt, b"content").unwrap();
        assert!(opens(bench, &token));
        let segments: Vec<Vec<u8>> = token.split('.').map(|segment| decode(segment).unwrap()).collect();
        for (index, segment) in segments.iter().enumerate() {
            for byte in 0..segment.len() {
                let mut changed = segments.clone();
                changed[index][byte] ^= 1 << (byte % 8);
                let token = changed.iter().map(|segment| encode(segment)).collect::<Vec<_>>().join(".");
                let refused = decrypt_compact(&token, keys(bench)).unwrap_err();
                if index > 0 {
                    assert_eq!(refused, JweError::Decryption, "segment {index} byte {byte}");
                }
            }
        }
    }
}

#[test]
fn each_truncation_is_noticed() {
    for (bench, given) in BENCHES.iter().enumerate() {
        let token = given.public.encrypt_compact(Content::Jwt, b"content").unwrap();
        for length in 0..token.len() {
            assert!(!opens(bench, &token[..length]), "cut to {length}");
        }
    }
}

#[test]
fn nobody_elses_key_opens_it() {
    for (bench, given) in BENCHES.iter().enumerate() {
        let token = given.public.encrypt_compact(Content::Jwt, b"content").unwrap();
        for (other, key) in BENCHES.iter().enumerate() {
            // Under the name that the token calls for.
            let pkcs8 = key.private.to_pkcs8().unwrap();
            let read =
                DecryptionKey::from_pkcs8(key.private.management(), given.private.encryption(), &pkcs8)
                    .unwrap();
            let named = read.known_as(given.private.kid());
            let opened = decrypt_compact(&token, &[named]);
            assert_eq!(opened.is_ok(), bench == other, "{opened:?}");
        }
    }
    let twin = DecryptionKey::generate_rsa(ContentEncryption::A256Gcm).unwrap();
    let token = BENCHES[0].public.encrypt_compact(Content::Jwt, b"content").unwrap();
    let twin = twin.known_as(BENCHES[0].private.kid());
    assert_eq!(decrypt_compact(&token, &[twin]), Err(JweError::Decryption));
}

/// Without a `kid` of its own a key is called nothing: its owner would look for the name in vain (OpenID Connect Core
/// §10.2). A `jti` stands in front, where it can be read without the key.
#[test]
fn a_header_says_what_was_given() {
    let given = &BENCHES[1];
    let own = given.private.public_jwk().to_json();
    let unnamed = own.replace(&format!(r#""kid":"{}","#, given.private.kid()), "");
    assert_ne!(own, unnamed);
    let key =
        EncryptionKey::from_jwk(&EncryptionJwk::from_json(&unnamed).unwrap(), ContentEncryption::A256Gcm);
    let token = key.unwrap().encrypt_compact(Content::JwtCalled("7"), b"content").unwrap();
    let read = decrypt_compact(&token, keys(1)).unwrap();
    assert_eq!((read.header.kid, read.header.content_type.as_deref()), (None, Some("JWT")));
    let header = decode(token.split('.').next().unwrap()).unwrap();
    assert!(header.starts_with(br#"{"jti":"7","alg":"ECDH-ES","enc":"A256GCM","cty":"JWT","epk":{"#));
}

/// One key may serve both ciphers under one id.
#[test]
fn of_two_keys_with_one_id_the_fitting_one_opens() {
    let pkcs8 = BENCHES[1].private.to_pkcs8().unwrap();
    let both = ContentEncryption::ALL
        .map(|encryption| DecryptionKey::from_pkcs8(KeyManagement::EcdhEs, encryption, &pkcs8).unwrap());
    for encryption in ContentEncryption::ALL {
        let key = EncryptionKey::from_jwk(BENCHES[1].private.public_jwk(), encryption).unwrap();
        let token = key.encrypt_compact(Content::Octets, b"content").unwrap();
        assert_eq!(decrypt_compact(&token, &both).unwrap().header.encryption, encryption);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_goes_in_comes_out(bench in 0..BENCH_COUNT, plain in prop::collection::vec(any::<u8>(), 0..2000)) {
        let jwk = EncryptionJwk::from_json(&BENCHES[bench].private.public_jwk().to_json()).unwrap();
        prop_assert_eq!(&jwk, BENCHES[bench].private.public_jwk());
        let key = EncryptionKey::from_jwk(&jwk, BENCHES[bench].private.encryption()).unwrap();
        let token = key.encrypt_compact(Content::Octets, &plain).unwrap();
        let read = decrypt_compact(&token, keys(bench)).unwrap();
        prop_assert_eq!(&*read.plain, &plain);
        prop_assert_eq!(read.header.content_type, None);
    }

    #[test]
    fn any_other_character_anywhere_is_refused(bench in 0..BENCH_COUNT, at in any::<prop::sample::Index>(),
                                               character in "[A-Za-z0-9_.=+/ \\PC-]") {
        let token = BENCHES[bench].public.encrypt_compact(Content::Jwt, b"content").unwrap();
        let at = at.index(token.len());
        let (before, after) = (&token[..at], &token[at + 1..]);
        prop_assume!(token[at..=at] != character);
        let replaced = [before, &character, after].concat();
        let inserted = [before, &character, &token[at..]].concat();
        let deleted = [before, after].concat();
        for changed in [replaced, inserted, deleted] {
            prop_assert!(!opens(bench, &changed), "{}", changed);
        }
    }

    #[test]
    fn arbitrary_segments_never_panic_and_never_pass(
        header in "\\{(\"(alg|enc|kid|crit|zip|epk|apu)\":(\"ECDH-ES\"|\"A256GCM\"|\"A128CBC-HS256\"|1|null|\\{\"kty\":\"EC\"\\}),?){0,4}\\}",
        rest in "(\\.[A-Za-z0-9_-]{0,20}){0,5}",
    ) {
        let token = [&encode(header.as_bytes()), rest.as_str()].concat();
        for bench in 0..BENCHES.len() {
            prop_assert!(!opens(bench, &token));
        }
    }
}

//! The specifications' own examples.

use crate::base64url::decode;
use crate::{Algorithm, JoseError, JwkError, PublicJwk, SigningKey, VerifyingKey, verify_compact};

/// RFC 7515 appendices A.2.1 and A.3.1
const PAYLOAD: &str = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

/// RFC 7515 appendix A.2.1
const RSA_KEY: &str = concat!(
    r#"{"kty":"RSA","n":"#,
    r#""ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx"#,
    "HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs",
    "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSH",
    "SXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV",
    "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8",
    r#"NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#,
);

/// RFC 7515 appendix A.2.1
const RSA_TOKEN: &str = concat!(
    "eyJhbGciOiJSUzI1NiJ9.",
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7",
    "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4",
    "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K",
    "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv",
    "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB",
    "p0igcN_IoypGlUPQGe77Rw",
);

/// RFC 7515 appendix A.3.1
const EC_KEY: &str = concat!(
    r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#,
    r#""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
);

/// RFC 7515 appendix A.3.1
const EC_TOKEN: &str = concat!(
    "eyJhbGciOiJFUzI1NiJ9.",
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA",
    "pmWQxfKTUJqPP3-Kg6NU1Q",
);

/// RFC 8037 appendix A.2
const ED_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// RFC 8037 appendix A.4
const ED_INPUT: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
const ED_SIGNATURE: &str =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn key(algorithm: Algorithm, jwk: &str) -> VerifyingKey {
    VerifyingKey::from_jwk(&PublicJwk::from_json_for(algorithm, jwk).unwrap()).unwrap()
}

#[test]
fn rfc_7515_a_2_rs256() {
    let keys = [key(Algorithm::Rs256, RSA_KEY)];
    let verified = verify_compact(RSA_TOKEN, &keys, &[Algorithm::Rs256]).unwrap();
    assert_eq!(verified.payload, PAYLOAD.as_bytes());
    assert_eq!(verified.claims().unwrap().get("iss").unwrap().as_str(), Some("joe"));
    // The same key held for PS256 must not verify it.
    let other = [key(Algorithm::Ps256, RSA_KEY)];
    assert_eq!(verify_compact(RSA_TOKEN, &other, &Algorithm::ALL), Err(JoseError::UnknownKey { kid: None }));
}

#[test]
fn rfc_7515_a_3_es256() {
    let keys = [key(Algorithm::Es256, EC_KEY)];
    let verified = verify_compact(EC_TOKEN, &keys, &[Algorithm::Es256]).unwrap();
    assert_eq!(verified.payload, PAYLOAD.as_bytes());
    assert_eq!(verified.header.kid, None);
    assert_eq!(verified.kid, keys[0].kid());
}

#[test]
fn rfc_8037_a_4_eddsa() {
    let keys = [key(Algorithm::EdDsa, ED_KEY)];
    let token = format!("{ED_INPUT}.{ED_SIGNATURE}");
    let verified = verify_compact(&token, &keys, &[Algorithm::EdDsa]).unwrap();
    assert_eq!(verified.payload, b"Example of Ed25519 signing");

    // RFC 8410 §7: the PKCS#8 frame around the seed that RFC 8037 appendix A.1 gives as `d`.
    let mut pkcs8 = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    pkcs8.extend(decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap());
    let signing = SigningKey::from_pkcs8(Algorithm::EdDsa, &pkcs8).unwrap();
    assert_eq!(signing.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "appendix A.3");
    assert_eq!(signing.sign(ED_INPUT.as_bytes()).unwrap().as_ref(), decode(ED_SIGNATURE).unwrap());
}

#[test]
fn rfc_7638_3_1_thumbprint() {
    let jwk = PublicJwk::from_json(concat!(
        r#"{"kty":"RSA","n":"#,
        r#""0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4"#,
        "cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhM",
        "stn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F",
        "DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI",
        "SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqb",
        "w0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        r#"","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#,
    ))
    .unwrap();
    assert_eq!(jwk.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(jwk.kid(), "2011-04-29");
}

/// RFC 7520 §4: one payload, signed in four ways.
const COOKBOOK_PAYLOAD: &str = "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0\
    aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91\
    IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";

/// RFC 7520 §3.3, held for RS256.
const COOKBOOK_RSA_KEY: &str = concat!(
    r#"{"kty":"RSA","alg":"RS256","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9Alk"#,
    r#"eQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wq"#,
    r#"VwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLY"#,
    r#"D5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_q"#,
    r#"ixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQAB"}"#,
);

/// RFC 7520 §3.1: P-521, on which Writ verifies nothing.
const COOKBOOK_EC_KEY: &str = concat!(
    r#"{"kty":"EC","alg":"ES512","kid":"bilbo.baggins@hobbiton.example","use":"sig","crv":"P-521","x":""#,
    r#"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt","y":"A"#,
    r#"dymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"}"#,
);

/// RFC 7520 §4.1 to §4.4: header and signature, and the algorithm that they say.
const COOKBOOK: [(&str, &str, &str); 4] = [
    (
        "RS256",
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7P\
        NDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9e\
        Ro4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4\
        uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
    ),
    (
        "PS384",
        "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dD\
        DItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ij\
        Q7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAj\
        VKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw",
    ),
    (
        "ES512",
        "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPB\
        u_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2",
    ),
    (
        "HS256",
        "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9",
        "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
    ),
];

/// RFC 7515 appendix A.1: HS256. Appendix A.4 and RFC 7520 §4.3: ES512.
const HS256_TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
    dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// RFC 7515 appendix A.5, RFC 7519 §6.1: not signed at all.
const UNSECURED_TOKEN: &str = "eyJhbGciOiJub25lIn0.\
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";

fn unsupported(name: &str) -> Result<Vec<u8>, JoseError> {
    Err(JoseError::AlgorithmUnsupported { name: name.to_owned() })
}

/// RFC 7515 appendices A.1 and A.5 (which are RFC 7519 §3.1 and §6.1): a shared secret and none.
#[test]
fn rfc_7515_a_1_and_a_5_are_refused() {
    let keys = [key(Algorithm::Rs256, RSA_KEY), key(Algorithm::Es256, EC_KEY)];
    for (token, name) in [(HS256_TOKEN, "HS256"), (UNSECURED_TOKEN, "none")] {
        assert_eq!(verify_compact(token, &keys, &Algorithm::ALL).map(|read| read.payload), unsupported(name));
    }
}

/// RFC 7520 §4: RS256 verifies; what Writ leaves out is refused by its name.
#[test]
fn rfc_7520_4_signatures() {
    let keys = [key(Algorithm::Rs256, COOKBOOK_RSA_KEY)];
    for (name, header, signature) in COOKBOOK {
        let token = format!("{header}.{COOKBOOK_PAYLOAD}.{signature}");
        let read = verify_compact(&token, &keys, &Algorithm::ALL).map(|read| read.payload);
        if name == "RS256" {
            assert_eq!(read, Ok(decode(COOKBOOK_PAYLOAD).unwrap()));
        } else {
            assert_eq!(read, unsupported(name));
        }
    }
    assert_eq!(PublicJwk::from_json(COOKBOOK_EC_KEY), Err(JwkError::AlgorithmUnsupported));
    let silent = COOKBOOK_EC_KEY.replace(r#""alg":"ES512","#, "");
    assert_eq!(PublicJwk::from_json(&silent), Err(JwkError::Curve));
}

//! The specifications' own examples.

use crate::jose::base64url::decode;
use crate::jose::{Algorithm, JoseError, PublicJwk, SigningKey, VerifyingKey, verify_compact};

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

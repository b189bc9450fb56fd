//! The specifications' own examples. Most are for algorithms that Writ leaves out on purpose: their keys and tokens
//! are refused, and what they have in common with ours is held against the figures they give.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, X25519, agree};
use zeroize::Zeroizing;

use super::{private_key, private_key_for};
use crate::base64url::{decode, encode};
use crate::jwe::{
    ContentEncryption, ContentKey, EncryptionJwk, JweError, KeyManagement, Parties, Sealed, content_key,
    decrypt_compact, open,
};
use crate::{JwkError, PublicJwk};

/// RFC 7516 appendix A.1.7: RSA-OAEP with SHA-1, A256GCM.
const A_1: &str = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJR\
    gckCL9kiMT03JGeipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbSv04uVuxIp5Zms1gN\
    xKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBI\
    O56YJ7eObdv0je81860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iGd\
    XKHzg.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3a\
    jwQzaBtQD_A.XFBoMYUZodetZdvTiFvSkQ";

/// RFC 7516 appendix A.1.2
const A_1_KEY: [u8; 32] = [
    177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112, 46, 34,
    105, 47, 130, 203, 46, 122, 234, 64, 252,
];

/// RFC 7520 §5.2: RSA-OAEP with SHA-1, A256GCM.
const OAEP_TOKEN: &str = "eyJhbGciOiJSU0EtT0FFUCIsImtpZCI6InNhbXdpc2UuZ2FtZ2VlQGhvYmJpdG9uLmV4YW1wbGUiLCJlbmMiOiJBMjU2R0NN\
    In0.rT99rwrBTbTI7IJM8fU3Eli7226HEB7IchCxNuh7lCiud48LxeolRdtFF4nzQibeYOl5S_PJsAXZwSXtDePz9hk-Bbts\
    TBqC2UsPOdwjC9NhNupNNu9uHIVftDyucvI6hvALeZ6OGnhNV4v1zx2k7O1D89mAzfw-_kT3tkuorpDU-CpBENfIHX1Q58-A\
    ad3FzMuo3Fn9buEP2yXakLXYa15BUXQsupM4A1GD4_H4Bd7V3u9h8Gkg8BpxKdUV9ScfJQTcYm6eJEBz3aSwIaK4T3-dwWpu\
    BOhROQXBosJzS1asnuHtVMt2pKIIfux5BC6huIvmY7kzV7W7aIUrpYm_3H4zYvyMeq5pGqFmW2k8zpO878TRlZx7pZfPYDSX\
    ZyS0CfKKkMozT_qiCwZTSz4duYnt8hS4Z9sGthXn9uDqd6wycMagnQfOTs_lycTWmY-aqWVDKhjYNRf03NiwRtb5BE-tOdFw\
    CASQj3uuAgPGrO2AWBe38UjQb0lvXn1SpyvYZ3WFc7WOJYaTa7A8DRn6MC6T-xDmMuxC0G7S2rscw5lQQU06MvZTlFOt0Uvf\
    uKBa03cxA_nIBIhLMjY2kOTxQMmpDPTr6Cbo8aKaOnx6ASE5Jx9paBpnNmOOKH35j_QlrQhDWUN6A2Gg8iFayJ69xDEdHAVC\
    GRzN3woEI2ozDRs.-nBoKLH0YkLZPSI9.o4k2cnGN8rSSw3IDo1YuySkqeS_t2m1GXklSgqBdpACm6UJuJowOHC5ytjqYgRL\
    -I-soPlwqMUf4UgRWWeaOGNw6vGW-xyM01lTYxrXfVzIIaRdhYtEMRBvBWbEwP7ua1DRfvaOjgZv6Ifa3brcAM64d8p5lhhN\
    cizPersuhw5f-pGYzseva-TUaL8iWnctc-sSwy7SQmRkfhDjwbz0fz6kFovEgj64X1I5s7E6GLp5fnbYGLa1QUiML7Cc2Gxg\
    vI7zqWo0YIEc7aCflLG1-8BboVWFdZKLK9vNoycrYHumwzKluLWEbSVmaPpOslY2n525DxDfWaVFUfKQxMF56vn4B9QMpWAb\
    nypNimbM8zVOw.UCGiqJxhBI3IFVdPalHHvA";

/// RFC 7520 §5.4: ECDH-ES+A128KW on P-384, A128GCM.
const WRAPPED_TOKEN: &str = "eyJhbGciOiJFQ0RILUVTK0ExMjhLVyIsImtpZCI6InBlcmVncmluLnRvb2tAdHVja2Jvcm91Z2guZXhhbXBsZSIsImVwayI6\
    eyJrdHkiOiJFQyIsImNydiI6IlAtMzg0IiwieCI6InVCbzRrSFB3Nmtiang1bDB4b3dyZF9vWXpCbWF6LUdLRlp1NHhBRkZr\
    YllpV2d1dEVLNml1RURzUTZ3TmROZzMiLCJ5Ijoic3AzcDVTR2haVkMyZmFYdW1JLWU5SlUyTW84S3BvWXJGRHI1eVBOVnRX\
    NFBnRXdaT3lRVEEtSmRhWTh0YjdFMCJ9LCJlbmMiOiJBMTI4R0NNIn0.0DJjBXri_kBcC46IkU5_Jk9BqaQeHdv2.mH-G2zV\
    qgztUtnW_.tkZuOO9h95OgHJmkkrfLBisku8rGf6nzVxhRM3sVOhXgz5NJ76oID7lpnAi_cPWJRCjSpAaUZ5dOR3Spy7QuEk\
    mKx8-3RCMhSYMzsXaEwDdXta9Mn5B7cCBoJKB0IgEnj_qfo1hIi-uEkUpOZ8aLTZGHfpl05jMwbKkTe2yK3mjF6SBAsgicQD\
    VCkcY9BLluzx1RmC3ORXaM0JaHPB93YcdSDGgpgBWMVrNU1ErkjcMqMoT_wtCex3w03XdLkjXIuEr2hWgeP-nkUZTPU9EoGS\
    Pj6fAS-bSz87RCPrxZdj_iVyC6QWcqAu07WNhjzJEPc4jVntRJ6K53NgPQ5p99l3Z408OUqj4ioYezbS6vTPlQ.WuGzxmcre\
    YjpHGJoa17EBg";

/// RFC 7520 §5.5: ECDH-ES on P-256, A128CBC-HS256.
const AGREED_TOKEN: &str = "eyJhbGciOiJFQ0RILUVTIiwia2lkIjoibWVyaWFkb2MuYnJhbmR5YnVja0BidWNrbGFuZC5leGFtcGxlIiwiZXBrIjp7Imt0\
    eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4IjoibVBVS1RfYkFXR0hJaGcwVHBqanFWc1AxclhXUXVfdndWT0hIdE5rZFlvQSIs\
    InkiOiI4QlFBc0ltR2VBUzQ2ZnlXdzVNaFlmR1RUMElqQnBGdzJTUzM0RHY0SXJzIn0sImVuYyI6IkExMjhDQkMtSFMyNTYi\
    fQ..yc9N8v5sYyv3iGQT926IUg.BoDlwPnTypYq-ivjmQvAYJLb5Q6l-F3LIgQomlz87yW4OPKbWE1zSTEFjDfhU9IPIOSA9\
    Bml4m7iDFwA-1ZXvHteLDtw4R1XRGMEsDIqAYtskTTmzmzNa-_q4F_evAPUmwlO-ZG45Mnq4uhM1fm_D9rBtWolqZSF3xGNN\
    kpOMQKF1Cl8i8wjzRli7-IXgyirlKQsbhhqRzkv8IcY6aHl24j03C-AR2le1r7URUhArM79BY8soZU0lzwI-sD5PZ3l4NDCC\
    ei9XkoIAfsXJWmySPoeRb2Ni5UZL4mYpvKDiwmyzGd65KqVw7MsFfI_K767G9C9Azp73gKZD0DyUn1mn0WW5LmyX_yJ-3ARO\
    q8p1WZBfG-ZyJ6195_JGG2m9Csg.WCCkNa-x4BeB9hIDIfFuhg";

/// RFC 7520 §5.5.1
const AGREED_KEY: &str = concat!(
    r#"{"kty":"EC","alg":"ECDH-ES","kid":"meriadoc.brandybuck@buckland.example","use":"enc","crv":"P-25"#,
    r#"6","x":"Ze2loSV3wrroKUN_4zhwGhCqo3Xhu1td4QjeQ5wIVR0","y":"HlLtdXARY_f55A3fnzQbPcm6hgr34Mp8p-nuzQ"#,
    r#"CE0Zw","d":"r_kHyZ-a06rmxM3yESK84r1otSg-aQcVStkRhA-iCM8"}"#,
);

/// RFC 7520 §5.9: A128KW, A128GCM, compressed.
const COMPRESSED_TOKEN: &str = "eyJhbGciOiJBMTI4S1ciLCJraWQiOiI4MWIyMDk2NS04MzMyLTQzZDktYTQ2OC04MjE2MGFkOTFhYzgiLCJlbmMiOiJBMTI4\
    R0NNIiwiemlwIjoiREVGIn0.5vUT2WOtQxKWcekM_IzVQwkGgzlFDwPi.p9pUq6XHY0jfEZIl.HbDtOsdai1oYziSx25KEeT\
    xmwnh8L8jKMFNc1k3zmMI6VB8hry57tDZ61jXyezSPt0fdLVfe6Jf5y5-JaCap_JQBcb5opbmT60uWGml8blyiMQmOn9J--X\
    hhlYg0m-BHaqfDO5iTOWxPxFMUedx7WCy8mxgDHj0aBMG6152PsM-w5E_o2B3jDbrYBKhpYA7qi3AyijnCJ7BP9rr3U8kxEx\
    CpG3mK420TjOw.VILuUwuIxaLVmh5X-T7kmA";

/// RFC 7516 appendix A.1: the content, by the key that the example names; the token itself, whose key management is
/// not ours, does not open.
#[test]
fn rfc_7516_a_1_content() {
    let segments: Vec<&str> = A_1.split('.').collect();
    let [header, _, iv, ciphertext, tag] = segments[..] else { panic!("five segments") };
    let key = ContentKey::new(ContentEncryption::A256Gcm, Zeroizing::new(A_1_KEY));
    let plain = open(&key, &Sealed { header, iv, ciphertext, tag }).unwrap();
    assert_eq!(*plain, b"The true sign of intelligence is not knowledge but imagination.");
    for (header, tag) in [("eyJ9", tag), (header, iv)] {
        assert_eq!(open(&key, &Sealed { header, iv, ciphertext, tag }), None);
    }
    assert_eq!(refused(A_1), JweError::ManagementUnsupported { name: "RSA-OAEP".to_owned() });
}

fn refused(token: &str) -> JweError {
    decrypt_compact(token, &[private_key(&serde_json::from_str(AGREED_KEY).unwrap())]).unwrap_err()
}

/// RFC 7517 appendix A.1: one key to encrypt to, one to verify with; neither serves the other purpose.
#[test]
fn rfc_7517_a_1_keys_serve_one_purpose() {
    let ec = concat!(
        r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","#,
        r#""y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}"#,
    );
    let read = EncryptionJwk::from_json(ec).unwrap();
    assert_eq!((read.kid(), read.management()), ("1", KeyManagement::EcdhEs));
    assert_eq!(PublicJwk::from_json(ec), Err(JwkError::NotForSignatures));
    let rsa = concat!(
        r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6t"#,
        r#"Soc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY"#,
        r#"368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcR"#,
        r#"wr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#,
    );
    assert_eq!(PublicJwk::from_json(rsa).unwrap().kid(), "2011-04-29");
    assert_eq!(EncryptionJwk::from_json(rsa), Err(JwkError::AlgorithmUnsupported));
}

/// RFC 7518 appendix C: the secret is the same from both sides, and the key is the one given there.
#[test]
fn rfc_7518_c_derives_the_key_of_the_example() {
    let point = |x: &str, y: &str| [&[4][..], &decode(x).unwrap(), &decode(y).unwrap()].concat();
    let (alice, bob) =
        ("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo", "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
    let alices =
        point("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps");
    let bobs =
        point("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
    for (private, public) in [(alice, bobs), (bob, alices)] {
        let private = PrivateKey::from_private_key(&ECDH_P256, &decode(private).unwrap()).unwrap();
        let parties = Parties { sender: b"Alice".to_vec(), recipient: b"Bob".to_vec() };
        let key = agree(&private, UnparsedPublicKey::new(&ECDH_P256, public), (), |secret| {
            assert_eq!(secret[..4], [158, 86, 217, 29]);
            Ok(content_key(secret, &parties, ("A128GCM", 128)))
        });
        assert_eq!(encode(&key.unwrap()[..16]), "VqqN6vgjbSBcIijNcacQGg");
    }
}

/// RFC 8037 appendix A.6: the secret that X25519 gives both sides.
#[test]
fn rfc_8037_a_6_agrees_on_the_secret_of_the_example() {
    let bob = decode("XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os").unwrap();
    let ephemeral = decode("hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo").unwrap();
    let private = PrivateKey::from_private_key(&X25519, &bob).unwrap();
    let secret = agree(&private, UnparsedPublicKey::new(&X25519, ephemeral), (), |secret| Ok(encode(secret)));
    assert_eq!(secret.unwrap(), "Sl2dW6TOLeFyjjv0gDUPJeB-IclH0Z4zdvCbPB4WF0I");
    let public =
        r#"{"kty":"OKP","crv":"X25519","kid":"Bob","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}"#;
    let read = EncryptionJwk::from_json(public).unwrap();
    let own =
        private_key(&serde_json::json!({ "kty": "OKP", "crv": "X25519", "kid": "Bob", "d": encode(&bob) }));
    assert_eq!(own.public_jwk(), &read);
}

/// RFC 7518 appendix B.1: `AES_128_CBC_HMAC_SHA_256`.
#[test]
fn rfc_7518_b_1_content() {
    let ciphertext = "yA7foy3fOdXvAMC0aINCeaLkahuASfeS92v-VLkDqcmpSsm0etJlXF8Q-a73FCfi_G-bPzmaIhSJ8WNixwMjNgnUWsaYZOMyHPgp\
        NaxAlshuEzMUxUAZ6Mp5gN-kuc8bOExIbzpUxRB4FY7l153ln7002Eiz1pVQpnZGNEQnreVLiFH_tZj3-AB0uUc8guLb";
    let octets = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let key = ContentKey::new(ContentEncryption::A128CbcHs256, Zeroizing::new(octets));
    let header = "The second principle of Auguste Kerckhoffs";
    let (iv, tag) = ("GvOMLcK5b_3YZpQJI0G8BA", "ZSw_o2sKfFsyGfqzowvBxA");
    let plain = open(&key, &Sealed { header, iv, ciphertext, tag }).unwrap();
    let expected = "A cipher system must not be required to be secret, and it must be able to fall into the hands of \
                    the enemy without inconvenience";
    assert_eq!(str::from_utf8(&plain).unwrap(), expected);
    for (header, iv, tag) in [("x", iv, tag), (header, tag, tag), (header, iv, iv)] {
        assert_eq!(open(&key, &Sealed { header, iv, ciphertext, tag }), None);
    }
}

/// RFC 7520 §5.5: agreed on with ECDH-ES, under A128CBC-HS256.
#[test]
fn rfc_7520_5_5_opens() {
    let key = serde_json::from_str(AGREED_KEY).unwrap();
    let read =
        decrypt_compact(AGREED_TOKEN, &[private_key_for(ContentEncryption::A128CbcHs256, &key)]).unwrap();
    let expected = "You can trust us to stick with you through thick and thin\u{2013}to the bitter end. And you can \
                    trust us to keep any secret of yours\u{2013}closer than you keep it yourself. But you cannot trust \
                    us to let you face trouble alone, and go off without a word. We are your friends, Frodo.";
    assert_eq!(str::from_utf8(&read.plain).unwrap(), expected);
}

/// RFC 7520 §5: its other tokens are for what we have not; each is refused by what it says of itself.
#[test]
fn rfc_7520_5_tokens_are_refused_by_their_headers() {
    let management = |name: &str| JweError::ManagementUnsupported { name: name.to_owned() };
    for (token, expected) in [
        (OAEP_TOKEN, management("RSA-OAEP")),
        (WRAPPED_TOKEN, management("ECDH-ES+A128KW")),
        (COMPRESSED_TOKEN, JweError::Compressed),
    ] {
        assert_eq!(refused(token), expected);
    }
}

//! Keys that the tests begin with.

use std::sync::LazyLock;

use serde_json::Value;

use crate::base64url::decode;
use crate::jwe::{ContentEncryption, Curve, DecryptionKey, EncryptionKey, KeyManagement};

/// A private key and the public half that a sender has of it.
pub(super) struct Bench {
    pub(super) private: DecryptionKey,
    pub(super) public: EncryptionKey,
}

/// A key of each kind, made once: RSA first, then one for each curve, all for A256GCM; then RSA and a curve for the other
/// cipher.
pub(super) static BENCHES: LazyLock<Vec<Bench>> = LazyLock::new(|| {
    let rsa = DecryptionKey::generate_rsa(ContentEncryption::A256Gcm).unwrap();
    let curves =
        Curve::ALL.map(|curve| DecryptionKey::generate_on(curve, ContentEncryption::A256Gcm).unwrap());
    let others = [
        DecryptionKey::generate_rsa(ContentEncryption::A128CbcHs256).unwrap(),
        DecryptionKey::generate_on(Curve::P256, ContentEncryption::A128CbcHs256).unwrap(),
    ];
    [rsa].into_iter().chain(curves).chain(others).map(Bench::new).collect()
});

/// How many there are.
pub(super) const BENCH_COUNT: usize = 7;

impl Bench {
    fn new(private: DecryptionKey) -> Self {
        let public = EncryptionKey::from_jwk(private.public_jwk(), private.encryption()).unwrap();
        Self { private, public }
    }
}

/// A DER value. ITU-T X.690 §8.1.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let head = match length {
        0..=0x7f => vec![tag, low],
        0x80..=0xff => vec![tag, 0x81, low],
        0x100.. => vec![tag, 0x82, high, low],
    };
    [head, content.to_vec()].concat()
}

/// The private key of a JWK (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2), under its own `kid` where it has one. Writ reads
/// none in this form, but examples come in it.
pub(in crate::tests) fn private_key(jwk: &Value) -> DecryptionKey {
    private_key_for(ContentEncryption::A256Gcm, jwk)
}

/// The same for a cipher.
pub(in crate::tests) fn private_key_for(encryption: ContentEncryption, jwk: &Value) -> DecryptionKey {
    let octets = |name: &str| decode(jwk[name].as_str().unwrap_or_else(|| panic!("no {name}"))).unwrap();
    let (management, pkcs8) = match (jwk["kty"].as_str(), jwk["crv"].as_str()) {
        (Some("RSA"), None) => {
            // RFC 8017 appendix A.1.2, in the frame of RFC 5208 §5.
            // A DER integer has a zero octet in front where its first bit would else make it negative.
            let number = |bytes: Vec<u8>| {
                let sign: &[u8] = if bytes[0] < 0x80 { &[] } else { &[0] };
                der(2, &[sign, &bytes].concat())
            };
            let members = ["n", "e", "d", "p", "q", "dp", "dq", "qi"].map(|name| number(octets(name)));
            let key = der(0x30, &[der(2, &[0]), members.concat()].concat());
            let algorithm = [0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
            let frame = [der(2, &[0]), algorithm.to_vec(), der(4, &key)].concat();
            (KeyManagement::RsaOaep256, der(0x30, &frame))
        }
        (Some("EC"), Some(curve)) => {
            // RFC 5915 §3; SEC 2 §2.
            let name: &[u8] = match curve {
                "P-256" => &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
                "P-384" => &[6, 5, 0x2b, 0x81, 4, 0, 0x22],
                "P-521" => &[6, 5, 0x2b, 0x81, 4, 0, 0x23],
                other => panic!("no curve {other}"),
            };
            let point = [&[0, 4][..], &octets("x"), &octets("y")].concat();
            let key =
                [der(2, &[1]), der(4, &octets("d")), der(0xa0, name), der(0xa1, &der(3, &point))].concat();
            (KeyManagement::EcdhEs, der(0x30, &key))
        }
        (Some("OKP"), Some("X25519")) => {
            // RFC 8410 §7
            let frame = [der(2, &[0]), der(0x30, &[6, 3, 0x2b, 0x65, 0x6e]), der(4, &der(4, &octets("d")))];
            (KeyManagement::EcdhEs, der(0x30, &frame.concat()))
        }
        other => panic!("no such key: {other:?}"),
    };
    let key = DecryptionKey::from_pkcs8(management, encryption, &pkcs8).unwrap();
    match jwk["kid"].as_str() {
        Some(kid) => key.known_as(kid),
        None => key,
    }
}

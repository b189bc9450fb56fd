//! An authenticator in software, as far as Web Authentication Level 3 §6 needs one: it makes ES256 passkeys and signs with them,
//! honestly or, where a test says so, not.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::server::BASE;

/// One passkey.
pub struct SoftKey {
    pair: EcdsaKeyPair,
    /// The credential id.
    pub id: Vec<u8>,
    /// For which host.
    pub party: String,
    /// What its owner is known by, in base64url.
    pub handle: String,
    /// How often it has signed; none: it does not count.
    pub count: Option<u32>,
}

impl std::fmt::Debug for SoftKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoftKey").field("count", &self.count).finish_non_exhaustive()
    }
}

/// An authenticator, and the browser around it.
#[derive(Debug)]
pub struct SoftKeyring {
    /// Its passkeys, in the order in which they were made.
    pub keys: Vec<SoftKey>,
    /// Whether it verifies who uses it.
    pub verifies: bool,
    /// Whether its keys can be copied, and have been.
    pub copies: bool,
    /// Whether new passkeys count their signatures.
    pub counts: bool,
    /// The origin of the page that asks.
    pub origin: String,
}

impl Default for SoftKeyring {
    fn default() -> Self {
        Self { keys: Vec::new(), verifies: true, copies: false, counts: false, origin: BASE.to_owned() }
    }
}

fn text(options: &Value, path: &str) -> String {
    options.pointer(path).and_then(Value::as_str).expect("an option").to_owned()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

impl SoftKeyring {
    fn flags(&self) -> u8 {
        1 | if self.verifies { 1 << 2 } else { 0 } | if self.copies { 3 << 3 } else { 0 }
    }

    fn client_data(&self, ceremony: &str, challenge: &str) -> String {
        json!({ "type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
    }

    /// Makes a passkey as a page asks for it; gives what the page sends.
    ///
    /// # Panics
    /// Where the page asks for nothing that can be made.
    pub fn make(&mut self, options: &Value) -> String {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let mut id = vec![0; 32];
        SystemRandom::new().fill(&mut id).expect("bytes");
        let (x, y) = pair.public_key().as_ref().split_at(1).1.split_at(32);
        // COSE_Key: { 1: 2, 3: -7, -1: 1, -2: x, -3: y }
        let cose = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], x, &[0x22, 0x58, 32], y].concat();
        let party = text(options, "/rp/id");
        let data = [
            &*sha256(party.as_bytes()),
            &[self.flags() | 1 << 6],
            &0u32.to_be_bytes(),
            &[0; 16],
            &[0, 32],
            &id,
            &cose,
        ]
        .concat();
        let length = u8::try_from(data.len()).expect("short");
        // { "fmt": "none", "attStmt": {}, "authData": data }
        let object = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"[..], &[length], &data].concat();
        let client_data = self.client_data("webauthn.create", &text(options, "/challenge"));
        let handle = text(options, "/user/id");
        // §6.3.3: one passkey for an account of a host.
        self.keys.retain(|known| known.party != party || known.handle != handle);
        let key = SoftKey { pair, id, party, handle, count: self.counts.then_some(0) };
        let encoded = URL_SAFE_NO_PAD.encode(&key.id);
        self.keys.push(key);
        json!({
            "id": encoded,
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "attestationObject": URL_SAFE_NO_PAD.encode(object),
                "transports": ["internal", "hybrid"],
            },
        })
        .to_string()
    }

    /// Uses a passkey as a page asks for it; gives what the page sends.
    ///
    /// # Panics
    /// Where there is no such passkey.
    pub fn answer(&mut self, options: &Value, which: usize) -> String {
        let (flags, client_data) =
            (self.flags(), self.client_data("webauthn.get", &text(options, "/challenge")));
        let key = self.keys.get_mut(which).expect("a passkey");
        key.count = key.count.map(|count| count + 1);
        let data =
            [&*sha256(key.party.as_bytes()), &[flags], &key.count.unwrap_or_default().to_be_bytes()].concat();
        let signed = [&*data, &*sha256(client_data.as_bytes())].concat();
        let signature = key.pair.sign(&SystemRandom::new(), &signed).expect("a signature");
        json!({
            "id": URL_SAFE_NO_PAD.encode(&key.id),
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
                "userHandle": key.handle,
            },
        })
        .to_string()
    }
}

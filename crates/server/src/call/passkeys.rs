//! What pages and browsers tell each other of passkeys: JSON as Web Authentication Level 3 has it (§5.1, the dictionaries whose
//! names end in `JSON`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use writ_core::people::factors::Passkey;
use writ_core::people::factors::passkey::{ASKED, base64url};
use writ_core::secret::Digest32;
use writ_core::webauthn::{
    ALGORITHMS, AssertionResponse, ClientData, RegistrationResponse, RelyingParty, WebauthnFault,
};

/// Bytes of an answer at the most: certificates of an authenticator may be in it.
const LONGEST: usize = 32 * 1024;

#[derive(Deserialize)]
struct SentCredential {
    id: String,
    response: SentAnswer,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentAnswer {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: Option<String>,
    #[serde(default)]
    transports: Vec<Box<str>>,
    authenticator_data: Option<String>,
    signature: Option<String>,
    user_handle: Option<String>,
}

/// A passkey that was made.
#[derive(Debug)]
pub(crate) struct MadePasskey {
    pub client_data: ClientData,
    pub response: RegistrationResponse,
}

/// A passkey that was used.
#[derive(Debug)]
pub(crate) struct UsedPasskey {
    /// Its credential id.
    pub credential: Vec<u8>,
    pub client_data: ClientData,
    pub response: AssertionResponse,
}

fn bytes(text: &str) -> Result<Vec<u8>, WebauthnFault> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| WebauthnFault::Malformed)
}

fn needed(text: Option<&String>) -> Result<Vec<u8>, WebauthnFault> {
    bytes(text.ok_or(WebauthnFault::Malformed)?)
}

fn read(text: &str) -> Result<(SentCredential, ClientData), WebauthnFault> {
    if text.len() > LONGEST {
        return Err(WebauthnFault::Malformed);
    }
    let sent: SentCredential = serde_json::from_str(text).map_err(|_| WebauthnFault::Malformed)?;
    let data = ClientData::read(&bytes(&sent.response.client_data)?)?;
    Ok((sent, data))
}

impl MadePasskey {
    /// Reads a `RegistrationResponseJSON`.
    pub(crate) fn read(text: &str) -> Result<Self, WebauthnFault> {
        let (sent, client_data) = read(text)?;
        let attestation_object = needed(sent.response.attestation_object.as_ref())?;
        let transports = sent.response.transports;
        Ok(Self { client_data, response: RegistrationResponse { attestation_object, transports } })
    }
}

impl UsedPasskey {
    /// Reads an `AuthenticationResponseJSON`.
    pub(crate) fn read(text: &str) -> Result<Self, WebauthnFault> {
        let (sent, client_data) = read(text)?;
        let SentAnswer { authenticator_data, signature, user_handle, .. } = &sent.response;
        let user_handle =
            user_handle.as_deref().filter(|handle| !handle.is_empty()).map(bytes).transpose()?;
        Ok(Self {
            credential: bytes(&sent.id)?,
            client_data,
            response: AssertionResponse {
                authenticator_data: needed(authenticator_data.as_ref())?,
                signature: needed(signature.as_ref())?,
                user_handle,
            },
        })
    }
}

/// For whom a passkey is made.
#[derive(Debug)]
pub(crate) struct PasskeyOwner<'a> {
    /// What the authenticator knows them by.
    pub handle: Digest32,
    /// What they choose by, when they have several.
    pub name: &'a str,
    /// The same for people: with whose account it is.
    pub called: &'a str,
    /// What the tenant is called.
    pub tenant: &'a str,
}

/// Whether an authenticator says who made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conveyance {
    /// It need not.
    None,
    /// It has to.
    Direct,
}

fn descriptor(passkey: &Passkey) -> Value {
    let mut known = json!({ "type": "public-key", "id": base64url(&passkey.credential) });
    if let (Some(members), false) = (known.as_object_mut(), passkey.transports.is_empty()) {
        members.insert("transports".to_owned(), json!(passkey.transports));
    }
    known
}

fn milliseconds() -> i64 {
    ASKED.0 * 1000
}

/// `PublicKeyCredentialCreationOptionsJSON`.
pub(crate) fn creation_options<'p>(
    (party, challenge): (RelyingParty<'_>, &str),
    owner: &PasskeyOwner<'_>,
    conveyance: Conveyance,
    known: impl Iterator<Item = &'p Passkey>,
) -> String {
    let algorithms: Vec<_> =
        ALGORITHMS.iter().map(|alg| json!({ "type": "public-key", "alg": alg })).collect();
    json!({
        "rp": { "id": party.id, "name": owner.tenant },
        "user": {
            "id": base64url(owner.handle.as_bytes()),
            "name": owner.name,
            "displayName": owner.called,
        },
        "challenge": challenge,
        "pubKeyCredParams": algorithms,
        "timeout": milliseconds(),
        "excludeCredentials": known.map(descriptor).collect::<Vec<_>>(),
        "authenticatorSelection": { "residentKey": "preferred", "userVerification": "preferred" },
        "attestation": match conveyance { Conveyance::None => "none", Conveyance::Direct => "direct" },
    })
    .to_string()
}

/// How sure an authenticator has to be of who uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verification {
    /// It verifies them.
    Required,
    /// That somebody is there is enough: they have proved something else.
    Discouraged,
}

/// `PublicKeyCredentialRequestOptionsJSON`. Without passkeys that are known: any that the browser finds for this host.
pub(crate) fn request_options<'p>(
    (party, challenge): (RelyingParty<'_>, &str),
    verification: Verification,
    known: impl Iterator<Item = &'p Passkey>,
) -> String {
    json!({
        "challenge": challenge,
        "timeout": milliseconds(),
        "rpId": party.id,
        "allowCredentials": known.map(descriptor).collect::<Vec<_>>(),
        "userVerification": match verification {
            Verification::Required => "required",
            Verification::Discouraged => "discouraged",
        },
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = r#"{"type":"webauthn.get","challenge":"AA","origin":"https://id.example"}"#;

    fn used(more: &Value) -> Result<UsedPasskey, WebauthnFault> {
        let mut response = json!({
            "clientDataJSON": base64url(DATA.as_bytes()), "authenticatorData": "AAEC", "signature": "AwQ",
        });
        response.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        UsedPasskey::read(&json!({ "id": "BQY", "response": response }).to_string())
    }

    #[test]
    fn answers_are_read_as_browsers_write_them() {
        let read = used(&json!({ "userHandle": "Bwg" })).unwrap();
        assert_eq!((&*read.credential, read.client_data.challenge()), (&[5, 6][..], "AA"));
        assert_eq!(read.response.user_handle.as_deref(), Some(&[7, 8][..]));
        for none in [json!({}), json!({ "userHandle": null }), json!({ "userHandle": "" })] {
            assert!(used(&none).unwrap().response.user_handle.is_none(), "{none}");
        }
        for wrong in [
            json!({ "signature": null }),
            json!({ "signature": "A===" }),
            json!({ "clientDataJSON": "AAAA" }),
            json!({ "authenticatorData": 7 }),
        ] {
            assert!(matches!(used(&wrong), Err(WebauthnFault::Malformed)), "{wrong}");
        }
        assert!(matches!(MadePasskey::read("{}"), Err(WebauthnFault::Malformed)));
        assert!(matches!(UsedPasskey::read(&" ".repeat(LONGEST + 1)), Err(WebauthnFault::Malformed)));
    }
}

//! The specification's own test vectors (§16), and what is refused.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::time::Micros;

const PARTY: RelyingParty<'static> = RelyingParty { id: "example.org", origin: "https://example.org" };

fn vector(name: &str, part: &str) -> Vec<u8> {
    let lines = include_str!("vectors.tsv").lines();
    let mut parts = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    let found = parts.find(|parts| parts.len() == 3 && parts[0] == name && parts[1] == part);
    let digits = found.unwrap_or_else(|| panic!("{name} {part}"))[2].to_owned();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn made(name: &str, attestation: &Attestation) -> Result<NewCredential, WebauthnFault> {
    let response = RegistrationResponse {
        attestation_object: vector(name, "reg.attestationObject"),
        transports: Vec::new(),
    };
    let data = ClientData::read(&vector(name, "reg.clientDataJSON"))?;
    response.verify(&data, PARTY, attestation)
}

fn response(name: &str) -> AssertionResponse {
    AssertionResponse {
        authenticator_data: vector(name, "auth.authenticatorData"),
        signature: vector(name, "auth.signature"),
        user_handle: None,
    }
}

fn client_data(name: &str) -> ClientData {
    ClientData::read(&vector(name, "auth.clientDataJSON")).unwrap()
}

fn known(made: &NewCredential) -> RegisteredCredential<'_> {
    RegisteredCredential { key: &made.key, count: made.count, is_copyable: made.is_copyable }
}

fn used(name: &str, made: &NewCredential) -> Result<AssertedCredential, WebauthnFault> {
    response(name).verify(&client_data(name), known(made), PARTY)
}

/// Web Authentication Level 3 §16: what the specification makes and uses is taken, byte for byte.
#[test]
fn the_specification_s_own_passkeys_are_taken() {
    for name in [
        "none-es256",
        "packed-self-es256",
        "none-es256-long-credential-id",
        "packed-es256",
        "packed-rs256",
        "packed-eddsa",
    ] {
        let made = made(name, &Attestation::NotAsked).unwrap_or_else(|why| panic!("{name}: {why:?}"));
        assert_eq!(made.id, vector(name, "reg.credential_id"), "{name}");
        assert_eq!(made.aaguid.to_vec(), vector(name, "reg.aaguid"), "{name}");
        let data = client_data(name);
        let asked = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(vector(name, "auth.challenge"));
        assert_eq!(data.challenge(), asked, "{name}");
        let used = used(name, &made).unwrap_or_else(|why| panic!("{name}: {why:?}"));
        assert_eq!(used.count, 0, "{name}");
    }
}

/// §5.8.1: our pages are in no frame of another site, and no other key is asked for than three kinds.
#[test]
fn what_was_not_asked_for_is_refused() {
    for (name, why) in [
        ("none-es256-crossOrigin", WebauthnFault::Origin),
        ("none-es256-topOrigin", WebauthnFault::Origin),
        ("packed-es384", WebauthnFault::Key),
    ] {
        assert_eq!(made(name, &Attestation::NotAsked), Err(why), "{name}");
    }
    let (name, elsewhere) = ("none-es256", RelyingParty { id: "example.com", origin: "https://example.org" });
    let made = made(name, &Attestation::NotAsked).unwrap();
    let of = |party| response(name).verify(&client_data(name), known(&made), party);
    assert_eq!(of(elsewhere), Err(WebauthnFault::RelyingParty));
    assert_eq!(of(RelyingParty { origin: "https://example.com", ..PARTY }), Err(WebauthnFault::Origin));
}

/// No bit of what was signed, of the signature or of the client data can be another one.
#[test]
fn nothing_that_was_signed_can_be_changed() {
    let name = "none-es256";
    let made = made(name, &Attestation::NotAsked).unwrap();
    let json = vector(name, "auth.clientDataJSON");
    let sent = response(name);
    for at in 0..sent.authenticator_data.len() {
        let mut changed = sent.clone();
        changed.authenticator_data[at] ^= 1;
        assert!(changed.verify(&client_data(name), known(&made), PARTY).is_err(), "{at}");
    }
    for at in 0..sent.signature.len() {
        let mut changed = sent.clone();
        changed.signature[at] ^= 1;
        assert!(changed.verify(&client_data(name), known(&made), PARTY).is_err(), "{at}");
    }
    let spaced = [&json[..json.len() - 1], b" }"].concat();
    let data = ClientData::read(&spaced).unwrap();
    assert_eq!(sent.verify(&data, known(&made), PARTY), Err(WebauthnFault::Signature));
}

/// §6.1.3: what a passkey says of its copies when it is made stays so.
#[test]
fn a_key_that_could_be_copied_always_can_be() {
    let name = "none-es256";
    let made = made(name, &Attestation::NotAsked).unwrap();
    let other = RegisteredCredential { is_copyable: !made.is_copyable, ..known(&made) };
    assert_eq!(response(name).verify(&client_data(name), other, PARTY), Err(WebauthnFault::Backup));
}

/// §6.1.1, §7.2 step 22: one that has counted more before is not the same.
#[test]
fn a_count_that_goes_back_is_a_copy() {
    let name = "none-es256";
    let made = made(name, &Attestation::NotAsked).unwrap();
    let counted = RegisteredCredential { count: 1, ..known(&made) };
    assert_eq!(response(name).verify(&client_data(name), counted, PARTY), Err(WebauthnFault::Counter));
}

fn roots() -> Arc<AttestationRoots> {
    let pem = |der: &[u8]| {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der))
    };
    Arc::new(AttestationRoots::read(&pem(&vector("root", "certificate"))).expect("a certificate"))
}

/// §8.2: packed attestation leads to a root, or it is none.
#[test]
fn whoever_wants_to_know_the_maker_is_told() {
    let now = Micros(1_764_500_000_000_000);
    let attestation = Attestation::From(roots(), now);
    for name in ["packed-es256", "packed-rs256", "packed-eddsa"] {
        assert!(made(name, &attestation).is_ok(), "{name}");
    }
    for name in ["none-es256", "packed-self-es256", "tpm-es256"] {
        assert_eq!(made(name, &attestation), Err(WebauthnFault::Attestation), "{name}");
    }
    // Years before it was made, it vouches for nothing.
    let before = Attestation::From(roots(), Micros(0));
    assert_eq!(made("packed-es256", &before), Err(WebauthnFault::Attestation));
    for pem in ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert_eq!(AttestationRoots::read(pem), None, "{pem}");
    }
}

//! Making a passkey (§7.1), and who vouches for the authenticator (§8.2).

use std::sync::Arc;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::{
    ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs as algorithms,
};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{PrintableStringRef, Utf8StringRef};

use super::authenticator::{AttestedCredential, AuthenticatorData};
use super::cbor::Cbor;
use super::client_data::{Ceremony, ClientData};
use super::{Aaguid, CoseKey, RelyingParty, UserVerification, WebauthnFault};
use crate::time::Micros;

/// Certificates of makers at the most.
const ROOTS: usize = 50;
/// Bytes of all of them at the most.
const ROOTS_LONGEST: usize = 65_536;
/// Certificates between an authenticator's and its maker's at the most.
const CHAIN: usize = 5;
/// What FIDO names the model of an authenticator by in its certificate (id-fido-gen-ce-aaguid, §8.2.1).
const AAGUID: &str = "1.3.6.1.4.1.45724.1.1.4";
const UNIT: &str = "2.5.4.11";
const UNIT_NAME: &str = "Authenticator Attestation";
/// No certificate of an authenticator is for a purpose of TLS; one that names purposes at all names this.
const NO_PURPOSE: KeyUsage =
    KeyUsage::required_if_present(&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01]);

/// The certificates of makers whose authenticators a tenant takes, and no others.
#[derive(Clone, PartialEq, Eq)]
pub struct AttestationRoots {
    pem: Box<str>,
    der: Vec<CertificateDer<'static>>,
}

impl AttestationRoots {
    /// Reads certificates in PEM, one after the other. At least one.
    pub fn read(pem: &str) -> Option<Self> {
        if pem.len() > ROOTS_LONGEST {
            return None;
        }
        let der: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let der = der.ok().filter(|der| (1..=ROOTS).contains(&der.len()))?;
        let are_good = der.iter().all(|root| anchor_from_trusted_cert(root).is_ok());
        are_good.then(|| Self { pem: pem.trim().into(), der })
    }

    /// As it was sent.
    pub fn pem(&self) -> &str {
        &self.pem
    }
}

impl std::fmt::Debug for AttestationRoots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("AttestationRoots").field(&self.der.len()).finish()
    }
}

/// Whether somebody has to vouch for an authenticator.
#[derive(Debug, Clone)]
pub enum Attestation {
    /// Nobody. What an authenticator says of itself unasked proves nothing, and is not looked at.
    NotAsked,
    /// One of these makers, at this time.
    From(Arc<AttestationRoots>, Micros),
}

/// What a browser sends of a passkey that was made (§5.2.1).
#[derive(Debug, Clone)]
pub struct RegistrationResponse {
    /// The attestation object.
    pub attestation_object: Vec<u8>,
    /// How the authenticator can be reached, as the browser says; what is not known is left out.
    pub transports: Vec<Box<str>>,
}

/// A passkey that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredential {
    /// The credential id.
    pub id: Vec<u8>,
    /// Its public key, as a `COSE_Key`.
    pub key: Vec<u8>,
    /// Signatures so far.
    pub count: u32,
    /// The model of the authenticator.
    pub aaguid: Aaguid,
    /// Whether it has verified who made it.
    pub verification: UserVerification,
    /// Whether the key can be copied to other devices.
    pub is_copyable: bool,
    /// Whether it has been.
    pub is_copied: bool,
}

impl RegistrationResponse {
    /// Checks a passkey that was made (§7.1, steps 7 to 24). That its challenge was asked here, and for the first time, is
    /// the caller's to know.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn verify(
        &self,
        client_data: &ClientData,
        party: RelyingParty<'_>,
        attestation: &Attestation,
    ) -> Result<NewCredential, WebauthnFault> {
        client_data.is_for(Ceremony::Create, party)?;
        let object = Cbor::read_all(&self.attestation_object)?;
        let bytes = object.under("authData").and_then(Cbor::bytes).ok_or(WebauthnFault::Malformed)?;
        let data = AuthenticatorData::read(bytes)?;
        data.is_for(party)?;
        let made = data.credential.as_ref().ok_or(WebauthnFault::Malformed)?;
        CoseKey::read(made.key)?;
        if let Attestation::From(roots, now) = attestation {
            let signed = [bytes, client_data.hash().as_bytes()].concat();
            let vouched = is_vouched_for(&object, made, (&signed, roots, *now));
            vouched.ok_or(WebauthnFault::Attestation)?;
        }
        Ok(NewCredential {
            id: made.id.to_vec(),
            key: made.key.to_vec(),
            count: data.count,
            aaguid: made.aaguid,
            verification: data.verification(),
            is_copyable: data.is_copyable(),
            is_copied: data.is_copied(),
        })
    }
}

/// A packed attestation with certificates (§8.2): signed by the first of them, which leads to a root.
fn is_vouched_for(
    object: &Cbor<'_>,
    made: &AttestedCredential<'_>,
    (signed, roots, now): (&[u8], &AttestationRoots, Micros),
) -> Option<()> {
    let statement =
        object.under("attStmt").filter(|_| object.under("fmt").and_then(Cbor::text) == Some("packed"))?;
    let signature = statement.under("sig").and_then(Cbor::bytes)?;
    let algorithm = statement.under("alg").and_then(Cbor::integer)?;
    let chain =
        statement.under("x5c").and_then(Cbor::array).filter(|chain| (1..=CHAIN).contains(&chain.len()))?;
    let chain: Option<Vec<_>> = chain.iter().map(|der| der.bytes().map(CertificateDer::from)).collect();
    let chain = chain?;
    let (first, between) = chain.split_first()?;
    let leaf = EndEntityCert::try_from(first).ok()?;
    leaf.verify_signature(signed_with(algorithm)?, signed, signature).ok()?;
    is_of_authenticator(first, made.aaguid)?;
    let anchors: Result<Vec<_>, _> = roots.der.iter().map(anchor_from_trusted_cert).collect();
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_micros(u64::try_from(now.0).ok()?));
    leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors.ok()?, between, time, NO_PURPOSE, None, None)
        .ok()
        .map(drop)
}

/// How an attestation is signed, by its COSE number.
fn signed_with(algorithm: i64) -> Option<&'static dyn SignatureVerificationAlgorithm> {
    Some(match algorithm {
        -7 => algorithms::ECDSA_P256_SHA256,
        -8 => algorithms::ED25519,
        -35 => algorithms::ECDSA_P384_SHA384,
        -36 => algorithms::ECDSA_P521_SHA512,
        -257 => algorithms::RSA_PKCS1_2048_8192_SHA256,
        _ => return None,
    })
}

/// §8.2.1: a certificate of an authenticator says that it is one, and of which model.
fn is_of_authenticator(der: &CertificateDer<'_>, aaguid: Aaguid) -> Option<()> {
    let certificate = Certificate::from_der(der).ok()?;
    let names = certificate.tbs_certificate.subject.0.iter().flat_map(|name| name.0.iter());
    let mut units = names.filter(|name| name.oid.to_string() == UNIT);
    let is_one = units.any(|name| {
        let said = name.value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str() == UNIT_NAME);
        let printed =
            || name.value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str() == UNIT_NAME);
        said.or_else(|_| printed()).unwrap_or(false)
    });
    let extensions = certificate.tbs_certificate.extensions.iter().flatten();
    let model = extensions.into_iter().find(|extension| extension.extn_id.to_string() == AAGUID);
    let is_it = model.is_none_or(|model| {
        !model.critical && model.extn_value.as_bytes().strip_prefix(&[0x04, 0x10]) == Some(&aaguid[..])
    });
    (is_one && is_it).then_some(())
}

//! What a passkey says, checked as Web Authentication Level 3 asks of a relying party (W3C Recommendation, §7.1 and §7.2): the
//! client data of a browser, the authenticator data of whatever keeps the key, and the signature over both. Nothing here
//! knows of people: who may sign in with a passkey is decided in [`crate::people::factors::passkey`].

mod authenticator;
mod cbor;
mod client_data;
mod cose;
mod registration;
#[cfg(test)]
mod tests;

pub use authenticator::{Aaguid, UserVerification};
pub use client_data::{Ceremony, ClientData};
pub use cose::{ALGORITHMS, CoseKey};
pub use registration::{Attestation, AttestationRoots, NewCredential, RegistrationResponse};

use authenticator::AuthenticatorData;

/// The longest credential id, bytes (§4, "credential ID").
pub const LONGEST_CREDENTIAL: usize = 1023;

/// Who asks for a passkey: the host that it is made for, and the one origin that may ask.
#[derive(Debug, Clone, Copy)]
pub struct RelyingParty<'a> {
    /// The RP ID: a host name.
    pub id: &'a str,
    /// The origin of the pages that ask.
    pub origin: &'a str,
}

/// Why a passkey is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebauthnFault {
    /// What was sent cannot be read.
    Malformed,
    /// It answers something else than was asked.
    Ceremony,
    /// It answers nothing that was asked here.
    Challenge,
    /// It was made on a page of another origin, or in a frame of one.
    Origin,
    /// It was made for another host.
    RelyingParty,
    /// Nobody touched the authenticator.
    NobodyPresent,
    /// What it says of its copies contradicts itself, or what it said before.
    Backup,
    /// Its key is of a kind that was not asked for.
    Key,
    /// Its signature is wrong.
    Signature,
    /// It belongs to somebody else.
    Owner,
    /// It has counted fewer signatures than before: there are two of it.
    Counter,
    /// Nobody whom the tenant trusts vouches for the authenticator.
    Attestation,
}

impl WebauthnFault {
    /// The word in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Ceremony => "ceremony",
            Self::Challenge => "challenge",
            Self::Origin => "origin",
            Self::RelyingParty => "relying_party",
            Self::NobodyPresent => "nobody_present",
            Self::Backup => "backup",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Owner => "owner",
            Self::Counter => "counter",
            Self::Attestation => "attestation",
        }
    }
}

/// What a browser sends of a passkey that was used (§5.2.2).
#[derive(Debug, Clone)]
pub struct AssertionResponse {
    /// The authenticator data.
    pub authenticator_data: Vec<u8>,
    /// The signature over that and the hash of the client data.
    pub signature: Vec<u8>,
    /// What the authenticator knows its owner by.
    pub user_handle: Option<Vec<u8>>,
}

/// A credential as it was registered.
#[derive(Debug, Clone, Copy)]
pub struct RegisteredCredential<'a> {
    /// Its public key, as a `COSE_Key`.
    pub key: &'a [u8],
    /// How many signatures it had counted when it was last used; 0: it does not count.
    pub count: u32,
    /// Whether its key can be copied to other devices.
    pub is_copyable: bool,
}

/// What a passkey that was used has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssertedCredential {
    /// Whether the authenticator has verified who used it.
    pub verification: UserVerification,
    /// How many signatures it has counted.
    pub count: u32,
    /// Whether its key is on more than one device, or in somebody's cloud.
    pub is_copied: bool,
}

impl AssertionResponse {
    /// Checks what a passkey has signed (§7.2, steps 10 to 22). That its challenge was asked here, and for the first time,
    /// is the caller's to know.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn verify(
        &self,
        client_data: &ClientData,
        known: RegisteredCredential<'_>,
        party: RelyingParty<'_>,
    ) -> Result<AssertedCredential, WebauthnFault> {
        client_data.is_for(Ceremony::Get, party)?;
        let data = AuthenticatorData::read(&self.authenticator_data)?;
        data.is_for(party)?;
        if data.is_copyable() != known.is_copyable {
            return Err(WebauthnFault::Backup);
        }
        let key = CoseKey::read(known.key)?;
        let signed = [&*self.authenticator_data, client_data.hash().as_bytes()].concat();
        key.verify(&signed, &self.signature)?;
        let counts = data.count != 0 || known.count != 0;
        if counts && data.count <= known.count {
            return Err(WebauthnFault::Counter);
        }
        Ok(AssertedCredential {
            verification: data.verification(),
            count: data.count,
            is_copied: data.is_copied(),
        })
    }
}

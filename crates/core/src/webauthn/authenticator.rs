//! What an authenticator says (§6.1): for whom it signed, who was there, how often it has signed.

use super::cbor::Cbor;
use super::{LONGEST_CREDENTIAL, RelyingParty, WebauthnFault};
use crate::secret::{Digest32, sha256};

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const COPYABLE: u8 = 1 << 3;
const COPIED: u8 = 1 << 4;
const CREDENTIAL: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;

/// The model of an authenticator (§6.5.1, AAGUID); zeros: it does not say.
pub type Aaguid = [u8; 16];

/// Whether an authenticator has verified who uses it: by a PIN, a finger, a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserVerification {
    /// It has.
    Done,
    /// It has only seen that somebody was there.
    NotDone,
}

/// Authenticator data.
#[derive(Debug, Clone)]
pub(super) struct AuthenticatorData<'a> {
    party: Digest32,
    flags: u8,
    /// Signatures so far.
    pub(super) count: u32,
    /// The credential that was made; none: one was used.
    pub(super) credential: Option<AttestedCredential<'a>>,
}

/// A credential that was made (§6.5.1).
#[derive(Debug, Clone)]
pub(super) struct AttestedCredential<'a> {
    pub(super) aaguid: Aaguid,
    pub(super) id: &'a [u8],
    /// Its public key as a `COSE_Key`.
    pub(super) key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, WebauthnFault> {
        let malformed = WebauthnFault::Malformed;
        let (party, rest) = bytes.split_first_chunk::<32>().ok_or(malformed)?;
        let (flags, rest) = rest.split_first().ok_or(malformed)?;
        let (count, mut rest) = rest.split_first_chunk::<4>().ok_or(malformed)?;
        let credential = if flags & CREDENTIAL == 0 {
            None
        } else {
            let (credential, after) = credential(rest)?;
            rest = after;
            Some(credential)
        };
        if flags & EXTENSIONS != 0 {
            // Nothing that was asked for: they are read to find the end.
            match Cbor::read(rest)? {
                (Cbor::Map(_), after) => rest = after,
                _ => return Err(malformed),
            }
        }
        if !rest.is_empty() {
            return Err(malformed);
        }
        let party = Digest32::from_bytes(*party);
        Ok(Self { party, flags: *flags, count: u32::from_be_bytes(*count), credential })
    }

    /// Whether it was made for us, with somebody there (§7.1 steps 14 to 18, §7.2 steps 16 to 19).
    pub(super) fn is_for(&self, party: RelyingParty<'_>) -> Result<(), WebauthnFault> {
        if !self.party.ct_eq(&sha256(party.id.as_bytes())) {
            return Err(WebauthnFault::RelyingParty);
        }
        if self.flags & PRESENT == 0 {
            return Err(WebauthnFault::NobodyPresent);
        }
        if self.is_copied() && !self.is_copyable() {
            return Err(WebauthnFault::Backup);
        }
        Ok(())
    }

    pub(super) const fn verification(&self) -> UserVerification {
        if self.flags & VERIFIED == 0 { UserVerification::NotDone } else { UserVerification::Done }
    }

    /// Whether the key can be copied to other devices ("backup eligible", §6.1.3).
    pub(super) const fn is_copyable(&self) -> bool {
        self.flags & COPYABLE != 0
    }

    /// Whether it has been ("backup state").
    pub(super) const fn is_copied(&self) -> bool {
        self.flags & COPIED != 0
    }
}

fn credential(bytes: &[u8]) -> Result<(AttestedCredential<'_>, &[u8]), WebauthnFault> {
    let malformed = WebauthnFault::Malformed;
    let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(malformed)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(malformed)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if !(1..=LONGEST_CREDENTIAL).contains(&length) {
        return Err(malformed);
    }
    let (id, rest) = rest.split_at_checked(length).ok_or(malformed)?;
    let (_, after) = Cbor::read(rest)?;
    let key = rest.split_at(rest.len() - after.len()).0;
    Ok((AttestedCredential { aaguid: *aaguid, id, key }, after))
}

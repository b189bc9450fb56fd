//! What tokens call a person: `sub` (OpenID Connect Core §2).

use std::fmt;
use std::sync::Arc;

use crate::client::Client;
use crate::ids::{TenantId, UserId};
use crate::secret::{HashKey, sha256};

/// What the hash of a row id begins with, so that it is no other hash of that id.
const CONTEXT: &[u8] = b"writ subject\0";

/// A person, as applications know them: for good, and the same in every application but those that know people in a sector of
/// their own.
///
/// Not the row id: that one tells when the account was made. The subject follows from it, but not the other way
/// round. It looks like a UUID (RFC 9562 §5.8).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Subject(UserId);

impl Subject {
    /// What tokens call this person.
    pub fn of(user: UserId) -> Self {
        let mut input = [0; 29];
        let (context, id) = input.split_at_mut(CONTEXT.len());
        context.copy_from_slice(CONTEXT);
        id.copy_from_slice(&user.to_bytes());
        Self::marked(u128::from_be_bytes(
            sha256(&input).as_bytes().first_chunk().copied().unwrap_or_default(),
        ))
    }

    /// What tokens call this person in the applications of one sector: it follows from person, tenant and sector under the
    /// server's key, so that nobody without that key can tell which names of two sectors are one person's (OpenID Connect
    /// Core §8.1).
    fn pairwise(user: UserId, (sector, tenant): (&Sector, TenantId), hash_key: &HashKey) -> Self {
        let hash = hash_key.hash(&format!("subject of {user} in {sector} of {tenant}", sector = sector.0));
        Self::marked(u128::from_be_bytes(hash.as_bytes().first_chunk().copied().unwrap_or_default()))
    }

    /// Version 8 and the variant of RFC 9562, each in its place.
    fn marked(hash: u128) -> Self {
        let marked = hash & !(0xf << 76) & !(0b11 << 62) | 0x8 << 76 | 0b10 << 62;
        Self(UserId::from_bytes(marked.to_be_bytes()))
    }

    /// Reads a `sub`; `None` for what no person here is called.
    pub fn parse(text: &str) -> Option<Self> {
        UserId::parse_uuid(text).map(Self)
    }

    /// As stored.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_bytes()
    }

    /// As it was stored.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(UserId::from_bytes(bytes))
    }
}

/// What an application is called that people have one name in with all others of a host, and with no others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sector(Arc<str>);

impl Sector {
    /// The sector of a host.
    pub fn of_host(host: &str) -> Self {
        Self(host.to_ascii_lowercase().into())
    }

    /// As it was stored.
    pub fn from_stored(host: &str) -> Self {
        Self(host.into())
    }

    /// As stored.
    pub fn stored(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

/// How a client knows people.
#[derive(Clone, Copy, Debug)]
pub struct Subjects<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The client's sector; none: people have the name that all clients know.
    pub sector: Option<&'a Sector>,
    /// What the names in a sector follow from.
    pub hash_key: &'a HashKey,
}

impl<'a> Subjects<'a> {
    /// As this client does.
    pub fn of_client(client: &'a Client, hash_key: &'a HashKey) -> Self {
        Self { tenant: client.tenant, sector: client.tokens.sector.as_ref(), hash_key }
    }

    /// What this client calls a person.
    pub fn name(&self, user: UserId) -> Subject {
        match self.sector {
            None => Subject::of(user),
            Some(sector) => Subject::pairwise(user, (sector, self.tenant), self.hash_key),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_the_same_for_good_and_not_the_row_id() {
        let subject = Subject::of(UserId::from_bytes([7; 16]));
        assert_eq!(subject.to_string(), "0bde32da-3bda-8fdc-be5f-40ebb2a14375");
        assert_eq!(Subject::parse(&subject.to_string()), Some(subject));
        assert_eq!(Subject::from_bytes(subject.to_bytes()), subject);
        assert_ne!(subject, Subject::of(UserId::from_bytes([8; 16])));
    }

    /// OpenID Connect Core §8.1: one name in a sector, another one in each other sector and tenant, none of them the public
    /// one or what follows from it, and another server has other names.
    #[test]
    fn a_person_has_a_name_of_their_own_in_each_sector() {
        let (keys, user) =
            ([7, 8].map(|n| HashKey::new(zeroize::Zeroizing::new([n; 32]))), UserId::from_bytes([7; 16]));
        let mut seen = vec![Subject::of(user)];
        for hash_key in &keys {
            for tenant in [1, 2].map(|n| TenantId::from_bytes([n; 16])) {
                for host in ["a.example", "b.example", "a.example.b.example"] {
                    let sector = Sector::of_host(host);
                    let subjects = Subjects { tenant, sector: Some(&sector), hash_key };
                    let name = subjects.name(user);
                    let same = Sector::of_host(&host.to_uppercase());
                    assert_eq!(Subjects { sector: Some(&same), ..subjects }.name(user), name);
                    assert_eq!(Subject::parse(&name.to_string()), Some(name));
                    assert!(!seen.contains(&name), "{host}");
                    seen.push(name);
                    assert_ne!(subjects.name(UserId::from_bytes([9; 16])), name);
                }
                assert_eq!(Subjects { tenant, sector: None, hash_key }.name(user), Subject::of(user));
            }
        }
    }

    #[test]
    fn it_says_that_it_is_a_uuid_of_version_8() {
        for byte in 0..=255 {
            let text = Subject::of(UserId::from_bytes([byte; 16])).to_string();
            assert_eq!(text.as_bytes().get(14), Some(&b'8'), "{text}");
            assert!(matches!(text.as_bytes().get(19), Some(b'8' | b'9' | b'a' | b'b')), "{text}");
        }
    }
}

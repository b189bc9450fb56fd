//! What tokens call a person: `sub` (OpenID Connect Core §2).

use std::fmt;

use crate::ids::UserId;
use crate::secret::sha256;

/// What the hash of a row id begins with, so that it is no other hash of that id.
const CONTEXT: &[u8] = b"writ subject\0";

/// A person, as applications know them: the same in every application and for good.
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
        let hash = u128::from_be_bytes(sha256(&input).as_bytes().first_chunk().copied().unwrap_or_default());
        // Version 8 and the variant of RFC 9562, each in its place.
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

    #[test]
    fn it_says_that_it_is_a_uuid_of_version_8() {
        for byte in 0..=255 {
            let text = Subject::of(UserId::from_bytes([byte; 16])).to_string();
            assert_eq!(text.as_bytes().get(14), Some(&b'8'), "{text}");
            assert!(matches!(text.as_bytes().get(19), Some(b'8' | b'9' | b'a' | b'b')), "{text}");
        }
    }
}

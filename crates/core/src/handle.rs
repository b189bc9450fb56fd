//! Secret texts that lead to their own row: a prefix, then base62 of (row id ‖ 256 random bits).
//!
//! Codes, refresh tokens and browser cookies are of this kind. The row is found by its id, and bears SHA-256 of
//! the whole text; nothing else of the text is stored.

use std::fmt;

use crate::base62;
use crate::decision::Moment;
use crate::secret::{Digest32, sha256};
use crate::token::opaque;

/// What an authorization code begins with.
pub const CODE_PREFIX: &str = "code_";
/// What a refresh token begins with.
pub const REFRESH_PREFIX: &str = "rt_";
/// What an initial access token begins with.
pub const INITIAL_PREFIX: &str = "iat_";
/// What a registration access token begins with.
pub const REGISTRATION_PREFIX: &str = "rat_";
/// What a browser's cookie begins with.
pub const BROWSER_PREFIX: &str = "wb_";

/// A text that was just drawn; shown once, stored as a hash.
pub struct Drawn {
    /// The whole text.
    pub text: String,
    /// SHA-256 of it.
    pub hash: Digest32,
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drawn([redacted])")
    }
}

impl Drawn {
    /// A new text for the row with this id.
    pub fn new(prefix: &str, id: [u8; 16], moment: &Moment<'_>) -> Self {
        let mut random = [0; 32];
        moment.random.fill(&mut random);
        Self::of(opaque(prefix, id, random))
    }

    /// A text for the row with this id that follows from another secret: whoever presents that one again gets the same
    /// text again, and it never has to be stored. Nobody can work it out without the server's key.
    pub fn following(prefix: &str, id: [u8; 16], from: &Digest32) -> Self {
        Self::of(opaque(prefix, id, *from.as_bytes()))
    }

    fn of(text: String) -> Self {
        let hash = sha256(text.as_bytes());
        Self { text, hash }
    }
}

/// A presented text, as far as it can be read without storage.
#[derive(Debug, Clone, Copy)]
pub struct Handle {
    /// Where its row would be.
    pub id: [u8; 16],
    /// The hash that the row must bear.
    pub hash: Digest32,
}

impl Handle {
    /// Reads a presented text. `None`: nothing that this server could have drawn with that prefix.
    pub fn parse(prefix: &str, presented: &str) -> Option<Self> {
        let bytes = base62::decode::<48>(presented.strip_prefix(prefix)?)?;
        let (id, _) = bytes.split_first_chunk::<16>()?;
        Some(Self { id: *id, hash: sha256(presented.as_bytes()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{Counted, NOW, at};

    #[test]
    fn what_was_drawn_leads_to_its_row_and_nothing_else_does() {
        let random = Counted::default();
        let drawn = Drawn::new(CODE_PREFIX, [9; 16], &at(NOW, &random));
        let read = Handle::parse(CODE_PREFIX, &drawn.text).unwrap();
        assert!(read.id == [9; 16] && read.hash.ct_eq(&drawn.hash));
        assert!(Handle::parse(REFRESH_PREFIX, &drawn.text).is_none());
        for text in ["", "code_", "code_x", &drawn.text[..drawn.text.len() - 1], &format!("{}0", drawn.text)]
        {
            assert!(Handle::parse(CODE_PREFIX, text).is_none(), "{text}");
        }
        assert!(!format!("{drawn:?}").contains(&drawn.text));
    }
}

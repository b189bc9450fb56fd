//! What the `client_id`s of new clients, and the secrets that the server makes for them, begin with.

use std::fmt;

use crate::reason::reasons;

/// The beginning of a `client_id` or of a secret. It has letters, digits, `-`, `.` and `_` alone: what neither a
/// path (RFC 3986 §2.3) nor a form, and with it HTTP Basic (RFC 6749 §2.3.1), would have to escape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(Box<str>);

reasons! {
    /// Why a text is no prefix.
    #[derive(Copy)]
    pub enum PrefixError {
        /// Too long.
        Long = "prefix-long" [limit: Prefix::LIMIT];
        /// A character that it may not have.
        Character(character: char) = "prefix-character";
    }
}

impl Prefix {
    /// Characters at the most.
    pub const LIMIT: usize = 32;

    /// Reads a prefix; it may be empty.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PrefixError> {
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if let Some(other) = text.chars().find(|c| !is_plain(c)) {
            return Err(PrefixError::Character(other));
        }
        if text.len() > Self::LIMIT {
            return Err(PrefixError::Long);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an operator chose for all tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// What the `client_id` of a new client begins with; behind it stand 26 characters of its row id.
    pub id_prefix: Prefix,
    /// What new secrets begin with, whichever contract makes them; none: as that contract has it.
    pub secret_prefix: Option<Prefix>,
}

impl Default for Naming {
    fn default() -> Self {
        Self { id_prefix: Prefix("cli_".into()), secret_prefix: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_needs_no_escape_anywhere() {
        for good in ["", "cli_", "app-", "a.b_C-9", &"x".repeat(32)] {
            let prefix = Prefix::parse(good).unwrap();
            assert_eq!(crate::form::encode_component(prefix.as_str()), good);
        }
        for (bad, character) in
            [("a b", ' '), ("a:", ':'), ("ü", 'ü'), ("a%", '%'), ("a/", '/'), ("\0", '\0')]
        {
            assert_eq!(Prefix::parse(bad), Err(PrefixError::Character(character)));
        }
        assert_eq!(Prefix::parse(&"x".repeat(33)), Err(PrefixError::Long));
    }

    #[test]
    fn the_default_is_that_of_the_rules() {
        let rules = crate::client::Rules::of(crate::client::Profile::CLIENTS);
        let naming = Naming::default();
        assert_eq!((naming.id_prefix.as_str(), naming.secret_prefix), (rules.id_prefix, None));
    }
}

//! Scopes (RFC 6749 §3.3).

use std::fmt;
use std::sync::Arc;

use crate::reason::reasons;

/// The most characters in one scope token.
pub const SCOPE_TOKEN_LIMIT: usize = 128;

/// The most tokens in one scope.
pub const SCOPE_LIMIT: usize = 100;

/// The scopes that speak about a person (OpenID Connect Core §5.4 and §11, [`ROLES`] and [`GROUPS`]): a client acting for itself has
/// no use for them.
pub const PERSON_SCOPES: [&str; 8] =
    ["openid", "profile", "email", "address", "phone", "offline_access", ROLES, GROUPS];

/// The scope under which an application is told what roles a person bears.
pub const ROLES: &str = "roles";

/// The scope under which an application is told what groups a person is in.
pub const GROUPS: &str = "groups";

/// Whether `token` is one of [`PERSON_SCOPES`].
pub fn is_person_scope(token: &str) -> bool {
    PERSON_SCOPES.contains(&token)
}

/// One `scope-token`: `1*( %x21 / %x23-5B / %x5D-7E )`, at most [`SCOPE_TOKEN_LIMIT`] characters, case-sensitive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeToken(Box<str>);

/// A set of scope tokens in the order in which they were first named.
///
/// Kept as the one text that goes into answers, tokens and rows, tokens joined with single spaces; cloning shares it.
/// Two scopes are equal if they have the same tokens in the same order.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Scope(Arc<str>);

reasons! {
    /// Why a scope was refused.
    #[derive(Copy)]
    pub enum ScopeError {
        /// A character that no scope token has; whitespace other than a space is one.
        BadCharacter {
            /// Offset in bytes.
            at: usize,
        } = "scope-bad-character";
        /// An empty text where one token is needed.
        EmptyToken = "scope-empty-token";
        /// A token beyond the bound.
        TokenTooLong {
            /// How many characters are allowed.
            limit: usize,
        } = "scope-token-too-long";
        /// More tokens than allowed.
        TooMany {
            /// How many are allowed, repetitions included.
            limit: usize,
        } = "scope-too-many";
    }
}

impl ScopeToken {
    /// Reads one token.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if text.is_empty() {
            return Err(ScopeError::EmptyToken);
        }
        if let Some(at) = text.bytes().position(|byte| !is_scope_character(byte)) {
            return Err(ScopeError::BadCharacter { at });
        }
        if text.len() > SCOPE_TOKEN_LIMIT {
            return Err(ScopeError::TokenTooLong { limit: SCOPE_TOKEN_LIMIT });
        }
        Ok(Self(text.into()))
    }

    /// The token's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScopeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Scope {
    /// Reads the value of a `scope` parameter. The empty text is the empty scope.
    ///
    /// More liberal than RFC 6749 §3.3 in one thing: spaces may be repeated, lead and trail, because clients that
    /// build the text by joining send them and nothing can be misread. Repeated tokens count once.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if let Some(at) = text.bytes().position(|byte| byte != b' ' && !is_scope_character(byte)) {
            return Err(ScopeError::BadCharacter { at });
        }
        let tokens = text.split(' ').filter(|token| !token.is_empty());
        let mut count = 0;
        for token in tokens.clone() {
            if token.len() > SCOPE_TOKEN_LIMIT {
                return Err(ScopeError::TokenTooLong { limit: SCOPE_TOKEN_LIMIT });
            }
            count += 1;
            if count > SCOPE_LIMIT {
                return Err(ScopeError::TooMany { limit: SCOPE_LIMIT });
            }
        }
        Ok(Self::join(tokens))
    }

    /// The scope of these tokens, each once.
    pub fn from_tokens<'t>(tokens: impl IntoIterator<Item = &'t ScopeToken>) -> Result<Self, ScopeError> {
        let tokens: Vec<&str> = tokens.into_iter().take(SCOPE_LIMIT + 1).map(ScopeToken::as_str).collect();
        if tokens.len() > SCOPE_LIMIT {
            return Err(ScopeError::TooMany { limit: SCOPE_LIMIT });
        }
        Ok(Self::join(tokens.iter().copied()))
    }

    /// A scope as this server wrote it down: [`Scope::as_str`] of one that was parsed once. Not
    /// checked again, for it is read with every token.
    pub fn from_stored(joined: &str) -> Self {
        Self(joined.into())
    }

    /// Whether there is no token.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tokens joined with single spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tokens in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.split(' ').filter(|token| !token.is_empty())
    }

    /// Whether `token` is in the scope.
    pub fn contains(&self, token: &str) -> bool {
        contains(&self.0, token)
    }

    /// Whether `allowed` has every token of this scope.
    pub fn is_subset(&self, allowed: &Self) -> bool {
        self.iter().all(|token| allowed.contains(token))
    }

    /// The tokens that `allowed` also has, in the order of this scope.
    #[must_use]
    pub fn intersection(&self, allowed: &Self) -> Self {
        if self.0 == allowed.0 {
            return self.clone();
        }
        self.without(|token| !allowed.contains(token))
    }

    /// The tokens that `unwanted` does not pick, for instance `scope.without(is_person_scope)`.
    #[must_use]
    pub fn without(&self, unwanted: impl Fn(&str) -> bool) -> Self {
        if !self.iter().any(&unwanted) {
            return self.clone();
        }
        Self::join(self.iter().filter(|token| !unwanted(token)))
    }

    /// Joins checked tokens, each once.
    fn join<'t>(tokens: impl Iterator<Item = &'t str> + Clone) -> Self {
        let mut joined = String::with_capacity(tokens.clone().map(|token| token.len() + 1).sum());
        for token in tokens {
            if contains(&joined, token) {
                continue;
            }
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(token);
        }
        Self(joined.into())
    }
}

fn contains(joined: &str, wanted: &str) -> bool {
    // By bytes: a token has few, and to look for the next space is most of the work.
    !wanted.is_empty()
        && joined.as_bytes().split(|byte| *byte == b' ').any(|token| token == wanted.as_bytes())
}

fn is_scope_character(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&self.as_str()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    #[test]
    fn order_stays_and_repetitions_go() {
        assert_eq!(scope("b a b c a").as_str(), "b a c");
        assert_eq!(scope("a A").as_str(), "a A");
        assert_eq!(scope(" b   a ").to_string(), "b a");
        assert!(scope("").is_empty() && scope("  ").is_empty());
        assert_eq!(scope("").iter().count(), 0);
    }

    /// RFC 6749 §3.3.
    #[test]
    fn characters_outside_the_grammar_are_refused() {
        for (text, at) in [
            ("a\tb", 1),
            ("a\nb", 1),
            ("a \"b\"", 2),
            ("a\\", 1),
            ("caf\u{e9}", 3),
            ("\u{a0}", 0),
            ("a\0", 1),
            ("\x7F", 0),
        ] {
            assert_eq!(Scope::parse(text), Err(ScopeError::BadCharacter { at }), "{text:?}");
        }
        assert_eq!(ScopeToken::parse("a b"), Err(ScopeError::BadCharacter { at: 1 }));
        assert_eq!(ScopeToken::parse(""), Err(ScopeError::EmptyToken));
        let all: String = (0x21..=0x7E_u8).map(char::from).filter(|c| !matches!(c, '"' | '\\')).collect();
        assert_eq!(ScopeToken::parse(&all).unwrap().as_str(), all);
        assert_eq!(scope(&all).as_str(), all);
    }

    #[test]
    fn tokens_and_their_number_are_bounded() {
        let (fits, long) = ("a".repeat(128), "a".repeat(129));
        let too_long = ScopeError::TokenTooLong { limit: 128 };
        assert_eq!(scope(&fits).as_str(), fits);
        assert_eq!(Scope::parse(&long), Err(too_long));
        assert_eq!(ScopeToken::parse(&long), Err(too_long));

        let tokens: Vec<_> = (0..101).map(|n| ScopeToken::parse(&format!("s{n}")).unwrap()).collect();
        let hundred = Scope::from_tokens(&tokens[..100]).unwrap();
        assert_eq!(hundred.iter().count(), 100);
        assert_eq!(scope(hundred.as_str()), hundred);
        assert_eq!(Scope::from_tokens(&tokens), Err(ScopeError::TooMany { limit: 100 }));
        assert_eq!(Scope::parse(&format!("{hundred} s100")), Err(ScopeError::TooMany { limit: 100 }));
    }

    #[test]
    fn a_part_of_a_token_is_not_the_token() {
        let scope = scope("read:users write");
        assert!(scope.contains("write"));
        assert!(!scope.contains("read") && !scope.contains("read:users write") && !scope.contains(""));
    }

    #[test]
    fn person_scopes_can_be_left_out() {
        assert_eq!(scope("openid read email").without(is_person_scope).as_str(), "read");
        assert_eq!(scope("openid").without(is_person_scope), Scope::default());
        assert!(!is_person_scope("Openid"));
    }

    fn some_scope() -> impl Strategy<Value = Scope> {
        prop::collection::vec("[a-e][!#\\]x]{0,1}", 0..12).prop_map(|tokens| scope(&tokens.join(" ")))
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            if let Ok(scope) = Scope::parse(&text) {
                prop_assert!(scope.as_str().len() <= text.len());
                prop_assert!(scope.iter().all(|token| ScopeToken::parse(token).is_ok()));
            }
        }

        #[test]
        fn parsing_what_is_displayed_changes_nothing(text in "[a-c !#~\\[]{0,40}") {
            let once = scope(&text);
            prop_assert_eq!(scope(&once.to_string()), once.clone());
            let tokens: Vec<_> = once.iter().map(|token| ScopeToken::parse(token).unwrap()).collect();
            prop_assert_eq!(Scope::from_tokens(&tokens).unwrap(), once);
        }

        #[test]
        fn no_token_appears_twice(scope in some_scope()) {
            let mut tokens: Vec<_> = scope.iter().collect();
            tokens.sort_unstable();
            tokens.dedup();
            prop_assert_eq!(tokens.len(), scope.iter().count());
        }

        #[test]
        fn an_intersection_is_a_subset_of_both_and_leaves_nothing_common_out(asked in some_scope(), allowed in some_scope()) {
            let granted = asked.intersection(&allowed);
            prop_assert!(granted.is_subset(&asked) && granted.is_subset(&allowed));
            prop_assert!(asked.iter().all(|token| granted.contains(token) == allowed.contains(token)));
            let order: Vec<_> = asked.iter().filter(|token| allowed.contains(token)).collect();
            prop_assert_eq!(granted.iter().collect::<Vec<_>>(), order);
        }

        /// RFC 6749 §6: a refresh never widens the scope, however often it is narrowed.
        #[test]
        fn scope_never_grows(first in some_scope(), limits in prop::collection::vec(some_scope(), 0..6)) {
            let mut scope = first.clone();
            for limit in &limits {
                let narrower = scope.intersection(limit).without(|token| token.starts_with('e'));
                prop_assert!(narrower.is_subset(&scope) && narrower.is_subset(&first));
                scope = narrower;
            }
        }
    }
}

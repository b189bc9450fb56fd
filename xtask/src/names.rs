//! Which types a crate defines: a name stands for one thing in all of the server.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::source::{self, Token};

/// The crates that a server is made of.
pub const CRATES: [&str; 4] = ["crates/jose/src", "crates/core/src", "crates/store/src", "crates/server/src"];

/// The types of production code by name, each with the places that define it. Types of a trait are its own matter.
///
/// # Errors
/// Where the source cannot be read.
pub fn types(root: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in CRATES {
        for file in source::read(root, folder)? {
            for (name, line) in defined(&file.tokens) {
                types.entry(name.to_owned()).or_default().push(format!("{}:{line}", file.path));
            }
        }
    }
    Ok(types)
}

/// What `struct`, `enum`, `trait` and `type` define, and the lines.
fn defined(tokens: &[Token]) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    let mut of_traits = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.name() {
            Some("impl" | "trait") => of_traits = of_traits.max(body_end(tokens, at)),
            Some("struct" | "enum" | "type") => {}
            _ => continue,
        }
        let is_own = match token.name() {
            Some("impl") => false,
            Some("type") => at >= of_traits,
            _ => true,
        };
        // A name of types begins with a capital; `type` and `struct` stand in macros too.
        if let (true, Some(Token { line, .. })) = (is_own, tokens.get(at))
            && let Some(name) = tokens.get(at + 1).and_then(Token::name)
            && name.starts_with(|first: char| first.is_uppercase())
        {
            found.push((name, *line));
        }
    }
    found
}

/// Behind the braces of an item; where it has none, behind its keyword (`impl Trait` stands in signatures).
fn body_end(tokens: &[Token], at: usize) -> usize {
    let open = (at..tokens.len()).find(|place| tokens.get(*place).is_some_and(|t| t.is('{') || t.is(';')));
    open.map_or(at, |open| source::closed(tokens, open))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_and_those_of_traits_are_not() {
        let text = "pub struct A<'a>(&'a str);\nenum B { C(D) }\ntrait E { type F; }\nimpl E for A<'_> { type F = u8; }\npub(crate) type G<T> = Result<T, B>;\nfn f() { struct H; }";
        let tokens = source::words(text);
        assert_eq!(defined(&tokens), [("A", 1), ("B", 2), ("E", 3), ("G", 5), ("H", 6)]);
    }
}

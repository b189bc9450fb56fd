//! Recovery codes: what somebody keeps on paper, for the day on which their telephone is lost. Each works once.

use std::fmt;

use zeroize::Zeroizing;

use crate::ids::UserId;
use crate::secret::{Digest32, HashKey};
use crate::time::Micros;

/// How many there are at first.
pub const COUNT: usize = 10;
/// Characters of a code: 50 bits.
const LENGTH: usize = 10;
/// Crockford's base32, in lower case: nothing in it looks like something else.
const ALPHABET: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm',
    'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'y', 'z',
];

/// A set of codes, shown once.
#[derive(Clone)]
pub struct RecoveryCodes {
    codes: Vec<Zeroizing<String>>,
    hashes: Vec<Digest32>,
}

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCodes([redacted])")
    }
}

impl RecoveryCodes {
    /// The codes that follow from a form of ours: the same form gives the same codes, so that whoever sends it twice still
    /// has those that count. Nobody can work them out without the server's key.
    pub fn following(user: UserId, from: &[u8], hash_key: &HashKey) -> Self {
        let seed = hash_key.hash_bytes(&[&b"recovery-codes\n"[..], &user.to_bytes(), from].concat());
        let codes: Vec<_> = (0..COUNT).map(|at| code(&seed, at, hash_key)).collect();
        let hashes = codes.iter().map(|code| hashed(user, code, hash_key)).collect();
        Self { codes, hashes }
    }

    /// As they are shown: in two halves.
    pub fn shown(&self) -> Vec<Zeroizing<String>> {
        let halves = |code: &Zeroizing<String>| {
            let (first, second) = code.split_at(LENGTH / 2);
            Zeroizing::new(format!("{first}-{second}"))
        };
        self.codes.iter().map(halves).collect()
    }

    /// What is stored of them.
    pub fn hashes(&self) -> &[Digest32] {
        &self.hashes
    }
}

fn code(seed: &Digest32, at: usize, hash_key: &HashKey) -> Zeroizing<String> {
    let drawn = hash_key.hash_bytes(&[seed.as_bytes(), &at.to_be_bytes()[..]].concat());
    let letters = drawn.as_bytes().iter().take(LENGTH);
    Zeroizing::new(letters.filter_map(|byte| ALPHABET.get(usize::from(byte & 31))).collect())
}

fn hashed(user: UserId, code: &str, hash_key: &HashKey) -> Digest32 {
    hash_key.hash_bytes(&[&b"recovery-code\n"[..], &user.to_bytes(), code.as_bytes()].concat())
}

/// What a typed code is found by; none: it is none. Letters that look like digits are taken for them.
pub fn typed(user: UserId, typed: &str, hash_key: &HashKey) -> Option<Digest32> {
    let mut code = Zeroizing::new(String::with_capacity(LENGTH));
    for letter in typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
        let letter = match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            letter if ALPHABET.contains(&letter) => letter,
            _ => return None,
        };
        code.push(letter);
        if code.len() > LENGTH {
            return None;
        }
    }
    (code.len() == LENGTH).then(|| hashed(user, &code, hash_key))
}

/// A code as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct KeptCode {
    /// What it is found by.
    pub hash: Digest32,
    /// When it was used.
    pub used_at: Option<Micros>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::given::hash_key;

    #[test]
    fn the_same_form_gives_the_same_codes_and_nobody_elses() {
        let (ada, bob) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let shown = |user, form: &[u8]| -> Vec<String> {
            let codes = RecoveryCodes::following(user, form, &hash_key());
            codes.shown().iter().map(|code| code.to_string()).collect()
        };
        let codes = shown(ada, b"form");
        assert_eq!(codes, shown(ada, b"form"));
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), COUNT);
        for other in [shown(ada, b"another"), shown(bob, b"form")] {
            assert!(other.iter().all(|code| !codes.contains(code)));
        }
        assert!(codes.iter().all(|code| code.len() == 11 && code.as_bytes()[5] == b'-'), "{codes:?}");
    }

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        let ada = UserId::from_bytes([1; 16]);
        let codes = RecoveryCodes::following(ada, b"form", &hash_key());
        let is_first =
            |text: &str| typed(ada, text, &hash_key()).is_some_and(|hash| hash.ct_eq(&codes.hashes()[0]));
        let shown = codes.shown()[0].to_string();
        assert!(is_first(&shown) && is_first(&shown.to_uppercase()) && is_first(&shown.replace('-', " ")));
        assert!(is_first(&shown.replace('0', "o").replace('1', "l")));
        assert!(!is_first(&codes.shown()[1]));
        assert!(
            typed(UserId::from_bytes([2; 16]), &shown, &hash_key())
                .is_some_and(|hash| !hash.ct_eq(&codes.hashes()[0]))
        );
        for text in ["", "abcde", "abcde-fghjkm", "abcde-fghj!", "abcde-fghjü"] {
            assert!(typed(ada, text, &hash_key()).is_none(), "{text}");
        }
    }
}

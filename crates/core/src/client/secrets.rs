//! Client secrets that the server makes.

use std::fmt;

use writ_jose::SealError;
use zeroize::Zeroizing;

use super::{ClientSecret, Field, SecretHash, Violations};
use crate::base62;
use crate::decision::Moment;
use crate::ids::SecretId;
use crate::reason::Reason;
use crate::secret::HashKey;
use crate::time::Seconds;

/// What stands for the middle of a secret: 24 bullets.
pub const MASK: &str = "••••••••••••••••••••••••";

/// A new secret, with the one chance to see it.
pub struct GeneratedSecret {
    /// The whole text.
    pub text: Zeroizing<String>,
    /// What is stored.
    pub stored: ClientSecret,
}

impl fmt::Debug for GeneratedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeneratedSecret").field("stored", &self.stored).finish_non_exhaustive()
    }
}

/// Makes a secret: `prefix` and 43 characters of base62 for 256 random bits. It does not expire.
pub fn generate(prefix: &str, hash_key: &HashKey, moment: Moment<'_>) -> GeneratedSecret {
    let mut random = Zeroizing::new([0u8; 32]);
    moment.random.fill(&mut *random);
    // Large enough from the start: growing would leave a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + base62::width(32)));
    text.push_str(prefix);
    base62::encode(&random, &mut text);
    let stored = ClientSecret {
        id: SecretId::v7(moment.now, moment.random.bits()),
        hash: SecretHash::Keyed(hash_key.hash(&text)),
        prefix: prefix.into(),
        last_four: text.get(text.len().saturating_sub(4)..).unwrap_or_default().into(),
        created_at: moment.now,
        expires_at: None,
    };
    GeneratedSecret { text, stored }
}

/// Seals: a context, then what is sealed. Only the same context opens it.
pub type Seal<'a> = dyn Fn(&[u8], &[u8]) -> Result<Vec<u8>, SealError> + Sync + 'a;

/// What the shell seals with.
#[derive(Clone, Copy)]
pub struct Sealer<'a>(&'a Seal<'a>);

impl<'a> Sealer<'a> {
    /// From what seals.
    pub const fn new(seal: &'a Seal<'a>) -> Self {
        Self(seal)
    }
}

impl fmt::Debug for Sealer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

impl GeneratedSecret {
    /// The same, kept as a secret has to be that signs: sealed, with its row id as context.
    ///
    /// # Errors
    /// Those of whoever seals.
    pub fn sealed(self, by: Sealer<'_>) -> Result<Self, SealError> {
        let kept = (by.0)(&self.stored.id.to_bytes(), self.text.as_bytes())?;
        let stored = ClientSecret { hash: SecretHash::Sealed(kept.into()), ..self.stored };
        Ok(Self { text: self.text, stored })
    }
}

impl ClientSecret {
    /// How it is shown ever after: prefix, 24 × `•`, last four characters.
    pub fn masked(&self) -> String {
        format!("{}{MASK}{}", self.prefix, self.last_four)
    }
}

/// How long the secret before the new one works on, in seconds; 0: it dies at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overlap(Seconds);

impl Overlap {
    /// The old secret dies at once.
    pub const NONE: Self = Self(Seconds(0));
    /// The longest, seconds: 30 days.
    pub const LIMIT: i64 = 2_592_000;

    /// From seconds as they were sent.
    ///
    /// # Errors
    /// Below 0 or beyond [`Overlap::LIMIT`].
    pub fn of_seconds(seconds: i64) -> Result<Self, Violations> {
        if (0..=Self::LIMIT).contains(&seconds) {
            Ok(Self(Seconds(seconds)))
        } else {
            Err(Violations::of(Field::Overlap, Reason::SecondsUpTo { most: Self::LIMIT.into() }))
        }
    }

    /// The span.
    pub const fn span(self) -> Seconds {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{Counted, NOW, at};

    #[test]
    fn a_secret_has_256_bits_and_is_masked_but_for_its_ends() {
        let (key, random) = (HashKey::new(Zeroizing::new([7; 32])), Counted::default());
        for prefix in ["csec_", "sk_live_", ""] {
            let secret = generate(prefix, &key, at(NOW, &random));
            let bits = secret.text.strip_prefix(prefix).unwrap();
            assert!(base62::decode::<32>(bits).is_some(), "{bits}");
            assert_eq!(secret.stored.masked(), format!("{prefix}{}{}", "•".repeat(24), &bits[39..]));
            let SecretHash::Keyed(hash) = secret.stored.hash else { panic!("not keyed") };
            assert!(hash.ct_eq(&key.hash(&secret.text)));
            assert!(!format!("{secret:?}").contains(bits));
        }
        let [a, b] = [(); 2].map(|()| generate("csec_", &key, at(NOW, &random)));
        assert_ne!(*a.text, *b.text);
        assert_ne!(a.stored.id, b.stored.id);
    }

    #[test]
    fn an_overlap_is_bounded() {
        for (seconds, good) in [(0, true), (1, true), (2_592_000, true), (2_592_001, false), (-1, false)] {
            assert_eq!(Overlap::of_seconds(seconds).is_ok(), good, "{seconds}");
        }
    }
}

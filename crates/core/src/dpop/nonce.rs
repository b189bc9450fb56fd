//! Nonces of proofs (RFC 9449 §8, §9). They follow from the time under the server's key: every node knows them, and none has
//! to remember what it gave to whom.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::key::CLOCK_SKEW;
use crate::secret::HashKey;
use crate::time::{Micros, Seconds};

/// How long the same nonce is given. It is good for as long again, so that nobody has one taken away who has just got it.
pub const NONCE_WINDOW: Seconds = Seconds(120);

/// The nonces of a moment.
#[derive(Debug, Clone, Copy)]
pub struct Nonces<'a> {
    /// The server's key.
    pub hash_key: &'a HashKey,
    /// When.
    pub now: Micros,
}

impl Nonces<'_> {
    /// The one that is given now.
    pub fn current(&self) -> String {
        self.of(window(self.now))
    }

    /// Until when a nonce is good; none: it is not, or no more. The clock of the node that gave it may be ahead.
    pub(super) fn good_until(&self, nonce: &str) -> Option<Micros> {
        let (present, latest) = (window(self.now), window(self.now.plus(CLOCK_SKEW)));
        let given = (present.saturating_sub(1)..=latest).find(|window| self.of(*window) == nonce)?;
        let ends = Micros::from_secs(given.saturating_add(2).saturating_mul(NONCE_WINDOW.0));
        Some(ends.plus(CLOCK_SKEW))
    }

    fn of(&self, window: i64) -> String {
        URL_SAFE_NO_PAD.encode(self.hash_key.hash(&format!("dpop nonce {window}")).as_bytes())
    }
}

const fn window(time: Micros) -> i64 {
    time.as_secs().div_euclid(NONCE_WINDOW.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{NOW, hash_key};

    /// RFC 9449 §8: the present and the last, and those of a node whose clock is ahead.
    #[test]
    fn a_nonce_is_good_for_its_window_and_the_next() {
        let key = hash_key();
        let at = |seconds: i64| Nonces { hash_key: &key, now: NOW.plus(Seconds(seconds)) };
        let start = NONCE_WINDOW.0 - NOW.as_secs() % NONCE_WINDOW.0;
        let nonce = at(start).current();
        for (seconds, good) in [
            (-CLOCK_SKEW.0 - 1, false),
            (-CLOCK_SKEW.0, true),
            (0, true),
            (119, true),
            (239, true),
            (240, false),
        ] {
            assert_eq!(at(start + seconds).good_until(&nonce).is_some(), good, "{seconds}");
        }
        assert_ne!(at(start + 120).current(), nonce);
        assert_eq!(at(start).good_until(&nonce), Some(NOW.plus(Seconds(start + 240)).plus(CLOCK_SKEW)));
        let other = HashKey::new(zeroize::Zeroizing::new([8; 32]));
        assert_eq!(Nonces { hash_key: &other, now: NOW.plus(Seconds(start)) }.good_until(&nonce), None);
        assert_eq!(at(start).good_until(""), None);
    }
}

//! Randomness that is the same in every run of a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use writ_core::decision::Random;
use writ_core::secret::sha256;

/// SHA-256 of a seed and a counter. Well mixed and repeatable: for tests only, since whoever knows the
/// seed knows every secret. Clones share the counter.
#[derive(Debug, Clone)]
pub struct Seeded {
    seed: u64,
    drawn: Arc<AtomicU64>,
}

impl Seeded {
    /// The sequence of this seed, from its beginning.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: Arc::default() }
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let number = self.drawn.fetch_add(1, Ordering::Relaxed);
            let mut block = [0; 16];
            for (place, byte) in
                block.iter_mut().zip(self.seed.to_be_bytes().into_iter().chain(number.to_be_bytes()))
            {
                *place = byte;
            }
            for (place, byte) in chunk.iter_mut().zip(sha256(&block).as_bytes()) {
                *place = *byte;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_sequence_and_no_block_twice() {
        let draw = |seed| {
            let source = Seeded::new(seed);
            let mut bytes = [0; 80];
            source.fill(&mut bytes);
            (bytes, source.bits())
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let (bytes, _) = draw(1);
        assert_ne!(bytes[..32], bytes[32..64]);
    }
}

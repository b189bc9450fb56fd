//! Changing an input a little: bits, bytes, ranges, words, and pieces of other inputs.

/// `SplitMix64`: small, good enough, and the same for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 where that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap()
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Bytes that parsers tend to care about.
const TELLING: &[u8] = b"\0\t\n\r \"%&'()*+,-./:;<=>?@[\\]^_`{|}~09AFZaefz\x7f\x80\xc0\xff";

/// Longest input that is made.
const LONGEST: usize = 20_000;

pub struct Mutator<'a> {
    pub kept: &'a [Vec<u8>],
    pub words: &'a [&'a str],
    pub random: &'a mut Random,
}

impl Mutator<'_> {
    /// One to eight changes to an input that was kept: mostly few.
    pub fn next(&mut self) -> Vec<u8> {
        let mut input = self.random.of(self.kept).clone();
        let changes = 1 + self.random.below(8).min(self.random.below(8));
        for _ in 0..changes {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.random.below(input.len());
        let range = self.range(input.len());
        match self.random.below(12) {
            0 if !input.is_empty() => input[at] ^= 1 << self.random.below(8),
            1 if !input.is_empty() => input[at] = self.random.byte(),
            2 if !input.is_empty() => input[at] = *self.random.of(TELLING),
            3 => input.insert(at, *self.random.of(TELLING)),
            4 => drop(input.drain(range)),
            5 => input.truncate(at),
            6 => {
                let piece = input[range].to_vec();
                input.splice(at..at, piece);
            }
            7 => {
                let other = self.random.of(self.kept);
                let range = self.range(other.len());
                let piece =
                    self.kept[self.random.below(self.kept.len())].get(range).unwrap_or_default().to_vec();
                input.splice(at..at, piece);
            }
            8 => {
                let other = self.random.of(self.kept).clone();
                let from = self.random.below(other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from.min(other.len())..]);
            }
            9 => {
                let word = self.random.of(self.words).as_bytes().to_vec();
                input.splice(range, word);
            }
            _ => {
                let word = self.random.of(self.words).as_bytes().to_vec();
                input.splice(at..at, word);
            }
        }
    }

    /// A short range most of the time.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.random.below(length + 1);
        let most = if self.random.below(8) == 0 { length } else { 16 };
        start..(start + self.random.below(most)).min(length)
    }
}

//! Fixed-width canonical base62: what follows the prefix of opaque tokens, codes and session ids.
//!
//! The bytes are read as one big-endian number and written most significant digit first in the alphabet
//! `0-9A-Za-z`, padded with `0` to [`width`]. The alphabet is in ASCII order, so texts sort as their bytes do.
//! Every value has exactly one text: a shorter, longer or overflowing text decodes to nothing.

/// The most bytes that can be encoded.
pub const MAX_BYTES: usize = 64;

const ALPHABET: [u8; 62] = *b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const FOREIGN: u8 = u8::MAX;
const MAX_LIMBS: usize = MAX_BYTES / 4;
const MAX_WIDTH: usize = width(MAX_BYTES);

/// Digits handled by one pass over the number: 62⁵ is the largest power that a 32-bit limb holds, so that each
/// step is a 64-bit division by a constant, which compiles to a multiplication.
const DIGITS_PER_PASS: usize = 5;
const PASS: u64 = 62_u64.pow(5);

/// The characters that `n` bytes take: the smallest `w` with `62^w >= 256^n`. Exact for `n <=` [`MAX_BYTES`].
///
/// 16 bytes take 22, 32 take 43, 48 take 65.
pub const fn width(n: usize) -> usize {
    // n · log₆₂ 256, rounded up; never whole for n > 0, because 62 has the factor 31.
    if n == 0 { 0 } else { n * 13_435_902_316 / 10_000_000_000 + 1 }
}

/// Appends the [`width`]`(N)` characters that stand for `bytes`. `N` beyond [`MAX_BYTES`] does not compile.
pub fn encode<const N: usize>(bytes: &[u8; N], out: &mut String) {
    const { assert!(N <= MAX_BYTES) };
    let mut limbs = [0_u32; MAX_LIMBS];
    // Most significant limb first; a first group of fewer than four bytes is the top limb.
    let mut used = N.div_ceil(4);
    for (limb, group) in limbs.iter_mut().zip(groups(bytes, 4)) {
        *limb = group.iter().fold(0, |value, &byte| value << 8 | u32::from(byte));
    }

    let mut text = [b'0'; MAX_WIDTH];
    let text = text.get_mut(..width(N)).unwrap_or_default();
    let mut skip = 0;
    for digits in text.rchunks_mut(DIGITS_PER_PASS) {
        let mut rest = 0_u64;
        for limb in limbs.iter_mut().skip(skip).take(used) {
            let value = rest << 32 | u64::from(*limb);
            *limb = low(value / PASS);
            rest = value % PASS;
        }
        if limbs.get(skip) == Some(&0) {
            skip += 1;
            used = used.saturating_sub(1);
        }
        let mut rest = low(rest);
        for digit in digits.iter_mut().rev() {
            *digit = ALPHABET.get((rest % 62) as usize).copied().unwrap_or(FOREIGN);
            rest /= 62;
        }
    }
    out.push_str(str::from_utf8(text).unwrap_or_default());
}

/// The bytes that `text` stands for; `None` for a wrong width, a character outside the alphabet or a number too
/// large for `N` bytes.
pub fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    const { assert!(N <= MAX_BYTES) };
    if text.len() != width(N) {
        return None;
    }
    // Least significant limb first.
    let mut limbs = [0_u32; MAX_LIMBS];
    let limbs = limbs.get_mut(..N.div_ceil(4))?;
    let mut used = 0;
    for digits in groups(text.as_bytes(), DIGITS_PER_PASS) {
        let mut carry = 0_u64;
        let mut scale = 1_u64;
        for &digit in digits {
            let value = VALUES.get(usize::from(digit)).copied().filter(|&value| value != FOREIGN)?;
            carry = carry * 62 + u64::from(value);
            scale *= 62;
        }
        for limb in limbs.iter_mut().take(used) {
            let value = u64::from(*limb) * scale + carry;
            *limb = low(value);
            carry = value >> 32;
        }
        if carry != 0 {
            *limbs.get_mut(used)? = low(carry);
            used += 1;
        }
    }
    let mut bytes = [0; N];
    let mut fits = true;
    for (group, limb) in bytes.rchunks_mut(4).zip(limbs.iter()) {
        let limb = limb.to_be_bytes();
        let (beyond, within) = limb.split_at_checked(4 - group.len())?;
        fits &= beyond.iter().all(|&byte| byte == 0);
        group.copy_from_slice(within);
    }
    fits.then_some(bytes)
}

/// The text for random `bytes`: [`encode`] into a new string.
pub fn random_text<const N: usize>(bytes: &[u8; N]) -> String {
    let mut text = String::with_capacity(width(N));
    encode(bytes, &mut text);
    text
}

/// Splits from the front into groups of `size`, of which the *first* may be shorter.
fn groups(bytes: &[u8], size: usize) -> impl Iterator<Item = &[u8]> {
    let (first, rest) = bytes.split_at_checked(bytes.len() % size).unwrap_or_default();
    (!first.is_empty()).then_some(first).into_iter().chain(rest.chunks_exact(size))
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
const fn low(value: u64) -> u32 {
    value as u32
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where a bad index is a compile error"
)]
const VALUES: [u8; 256] = {
    let mut values = [FOREIGN; 256];
    let mut value: u8 = 0;
    while value < 62 {
        values[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths_are_the_smallest_that_hold_every_value() {
        // The digits of 256^n − 1, counted by long division.
        for n in 0..=MAX_BYTES {
            let mut number = vec![0xFF_u16; n];
            let mut digits = 0;
            while number.iter().any(|&byte| byte != 0) {
                let mut rest = 0;
                for byte in &mut number {
                    let value = rest << 8 | *byte;
                    *byte = value / 62;
                    rest = value % 62;
                }
                digits += 1;
            }
            assert_eq!(width(n), digits, "{n} bytes");
        }
        assert_eq!([width(16), width(32), width(48)], [22, 43, 65]);
    }

    #[test]
    fn known_texts() {
        assert_eq!(random_text(&[0; 16]), "0".repeat(22));
        assert_eq!(random_text(&[61]), "0z");
        assert_eq!(random_text(&[62]), "10");
        assert_eq!(random_text(&[255]), "47");
        assert_eq!(random_text(&[0xFF; 16]), "7n42DGM5Tflk9n8mt7Fhc7");
        assert_eq!(random_text::<0>(&[]), "");
    }

    #[test]
    fn one_more_than_the_largest_value_overflows() {
        assert_eq!(decode::<1>("47"), Some([255]));
        assert_eq!(decode::<1>("48"), None);
        assert_eq!(decode::<16>("7n42DGM5Tflk9n8mt7Fhc7"), Some([0xFF; 16]));
        assert_eq!(decode::<16>("7n42DGM5Tflk9n8mt7Fhc8"), None);
        assert_eq!(decode::<16>(&"z".repeat(22)), None);
        assert_eq!(decode::<48>(&"z".repeat(65)), None);
    }

    #[test]
    fn wrong_widths_and_foreign_characters_are_refused() {
        for text in ["", "0", "000", "-1", "0_", "é", "0 "] {
            assert_eq!(decode::<1>(text), None, "{text:?}");
        }
    }

    fn law_round_trip<const N: usize>(bytes: &[u8; N]) -> Result<(), TestCaseError> {
        let text = random_text(bytes);
        prop_assert_eq!(text.len(), width(N));
        prop_assert_eq!(decode::<N>(&text), Some(*bytes));
        Ok(())
    }

    fn law_canonical<const N: usize>(text: &str) -> Result<(), TestCaseError> {
        if let Some(bytes) = decode::<N>(text) {
            prop_assert_eq!(random_text(&bytes), text);
        }
        Ok(())
    }

    /// Arrays in which long runs of zeros and ones are common.
    fn bytes48() -> impl Strategy<Value = [u8; 48]> {
        (any::<[[u8; 16]; 3]>(), 0..=48_usize, prop::sample::select(vec![0x00_u8, 0xFF])).prop_map(
            |(random, upto, fill)| {
                let mut bytes = [0; 48];
                bytes.copy_from_slice(random.as_flattened());
                bytes[..upto].fill(fill);
                bytes
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(a: [u8; 16], b: [u8; 32], c in bytes48(), d: [u8; 7], e: [u8; 1]) {
            law_round_trip(&a)?;
            law_round_trip(&b)?;
            law_round_trip(&c)?;
            law_round_trip(&d)?;
            law_round_trip(&e)?;
        }

        #[test]
        fn order_is_preserved(a in bytes48(), b in bytes48()) {
            prop_assert_eq!(random_text(&a).cmp(&random_text(&b)), a.cmp(&b));
        }

        #[test]
        fn a_value_has_one_text(a in "[0-9][0-9A-Za-z]{21}", b in "[0-9A-Za-z]{65}", c in "[0-9A-Za-z]{10}", d in "\\PC{0,22}") {
            law_canonical::<16>(&a)?;
            law_canonical::<48>(&b)?;
            law_canonical::<7>(&c)?;
            law_canonical::<16>(&d)?;
        }
    }
}

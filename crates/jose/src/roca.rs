//! Recognises RSA moduli that a widespread smart card library made so badly that they can be factored (CVE-2017-15361,
//! Nemec and others, "The Return of Coppersmith's Attack", 2017).

/// What primes of that library are built around: each is `k · M + 65537^a mod M`, `M` a product of small primes.
const GENERATOR: u32 = 65_537;

/// The small primes of the shortest keys; `M` of longer ones has these and more.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether the modulus is a power of 65537 modulo every one of the primes, as a product of two such primes is. Of
/// other moduli fewer than one in 2^100 looks so.
pub(super) fn is_roca(modulus: &[u8]) -> bool {
    PRIMES.into_iter().all(|prime| {
        let rest = modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        powers(prime).any(|power| power == rest)
    })
}

/// The powers of 65537 modulo a prime, each once.
fn powers(prime: u32) -> impl Iterator<Item = u32> {
    let next = move |power: &u32| Some(power * (GENERATOR % prime) % prime).filter(|power| *power != 1);
    std::iter::successors(Some(1), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_end_where_they_come_back_to_one() {
        assert_eq!(powers(3).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(powers(11).collect::<Vec<_>>(), [1, 10]);
        assert!(PRIMES.iter().any(|prime| powers(*prime).count() < *prime as usize - 1));
    }

    #[test]
    fn a_product_of_two_powers_is_recognised_and_its_neighbours_are_not() {
        assert!(is_roca(&[1, 0, 1]));
        // 65537 squared
        assert!(is_roca(&[1, 0, 2, 0, 1]));
        for other in [&[1, 0, 3][..], &[1, 0, 2, 0, 3], &[7], &[]] {
            assert!(!is_roca(other), "{other:?}");
        }
    }
}

//! Slips: what the server said a moment ago, carried by an address or a form until it is needed again. Nobody else can
//! write one, and none is good for anything but what it was written for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::secret::{Digest32, HashKey};
use crate::time::Micros;

/// The longest slip that is read, bytes.
const LONGEST: usize = 512;
/// Bytes of the time in it.
const TIME: usize = 8;
/// Bytes of what proves it.
const PROOF: usize = 32;

/// What a slip is written for: two that differ in any of it are no use for one another.
#[derive(Debug, Clone, Copy)]
pub struct Slip<'a> {
    /// What it says.
    pub purpose: &'static str,
    /// Where: the tenant, and the request or the person.
    pub bound: &'a str,
}

impl Slip<'_> {
    /// Writes one that is good until then.
    pub fn write(&self, content: &[u8], until: Micros, hash_key: &HashKey) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(until.0.to_be_bytes().to_vec());
        bytes.extend(content);
        let proof = self.proof(&bytes, hash_key);
        bytes.extend(proof.as_bytes());
        Zeroizing::new(URL_SAFE_NO_PAD.encode(&*bytes))
    }

    /// What one says; none: it is not ours, not for this, or too old.
    pub fn read(&self, text: &str, now: Micros, hash_key: &HashKey) -> Option<Zeroizing<Vec<u8>>> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let (said, proof) = bytes.split_at_checked(bytes.len().checked_sub(PROOF)?)?;
        let proof = Digest32::from_slice(proof)?;
        let (until, content) = said.split_at_checked(TIME)?;
        let until = Micros(i64::from_be_bytes(until.try_into().ok()?));
        (self.proof(said, hash_key).ct_eq(&proof) && now < until).then(|| Zeroizing::new(content.to_vec()))
    }

    fn proof(&self, said: &[u8], hash_key: &HashKey) -> Digest32 {
        let Self { purpose, bound } = self;
        // What has no newline stands before the first; the length keeps the rest apart.
        let head = format!("slip {purpose}\n{}\n{bound}\n", bound.len());
        hash_key.hash_bytes(&[head.as_bytes(), said].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{NOW, hash_key};
    use crate::time::Seconds;

    const SLIP: Slip<'static> = Slip { purpose: "proved", bound: "here" };

    #[test]
    fn a_slip_says_what_was_written_until_its_time_is_over() {
        let key = hash_key();
        let text = SLIP.write(b"ada", NOW.plus(Seconds(60)), &key);
        assert_eq!(SLIP.read(&text, NOW, &key).as_deref().map(Vec::as_slice), Some(&b"ada"[..]));
        assert!(SLIP.read(&text, NOW.plus(Seconds(60)), &key).is_none());
        assert!(Slip { purpose: "offered", ..SLIP }.read(&text, NOW, &key).is_none());
        assert!(Slip { bound: "there", ..SLIP }.read(&text, NOW, &key).is_none());
        let other = HashKey::new(Zeroizing::new([8; 32]));
        assert!(SLIP.read(&text, NOW, &other).is_none());
    }

    #[test]
    fn nothing_of_a_slip_can_be_changed() {
        let key = hash_key();
        let text = SLIP.write(b"ada", NOW.plus(Seconds(60)), &key);
        let bytes = URL_SAFE_NO_PAD.decode(&*text).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(SLIP.read(&URL_SAFE_NO_PAD.encode(changed), NOW, &key).is_none(), "byte {at}");
        }
        for text in ["", "AAAA", &text[1..], &text[..text.len() - 1], &"A".repeat(600)] {
            assert!(SLIP.read(text, NOW, &key).is_none(), "{text}");
        }
    }
}

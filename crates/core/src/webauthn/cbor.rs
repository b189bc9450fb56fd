//! The part of CBOR (RFC 8949) that authenticators send, read strictly: definite lengths, few levels, nothing after the end.

use super::WebauthnFault;

/// Levels of arrays and maps: an attestation object has four.
const DEPTH: usize = 6;
/// Items of one array or map: nothing that is read here has more.
const ITEMS: u64 = 64;

/// A data item.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cbor<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Cbor<'a>>),
    Map(Vec<(Cbor<'a>, Cbor<'a>)>),
    /// `false`, `true`, `null`: nothing that is asked for.
    Simple,
}

impl<'a> Cbor<'a> {
    /// Reads one item and gives what follows it.
    pub(super) fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), WebauthnFault> {
        item(bytes, DEPTH).ok_or(WebauthnFault::Malformed)
    }

    /// Reads one item, and nothing after it.
    pub(super) fn read_all(bytes: &'a [u8]) -> Result<Self, WebauthnFault> {
        match Self::read(bytes)? {
            (item, []) => Ok(item),
            _ => Err(WebauthnFault::Malformed),
        }
    }

    /// What a map has under a text.
    pub(super) fn under(&self, name: &str) -> Option<&Self> {
        self.entry(|key| *key == Cbor::Text(name))
    }

    /// What a map has under a number.
    pub(super) fn at(&self, label: i64) -> Option<&Self> {
        self.entry(|key| *key == Cbor::Integer(label))
    }

    fn entry(&self, is_it: impl Fn(&Self) -> bool) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value)
    }

    pub(super) fn bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }

    pub(super) fn array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }
}

/// The head of an item (RFC 8949 §3): its major type, and its argument in the shortest form.
fn head(bytes: &[u8]) -> Option<(u8, u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (major, info) = (first >> 5, first & 31);
    let long = |size: usize, least: u64| {
        let (number, rest) = rest.split_at_checked(size)?;
        let number = number.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        (number >= least).then_some((number, rest))
    };
    let (argument, rest) = match info {
        0..=23 => (u64::from(info), rest),
        24 => long(1, 24)?,
        25 => long(2, 1 << 8)?,
        26 => long(4, 1 << 16)?,
        27 => long(8, 1 << 32)?,
        _ => return None,
    };
    Some((major, argument, rest))
}

fn item(bytes: &[u8], depth: usize) -> Option<(Cbor<'_>, &[u8])> {
    let (major, argument, rest) = head(bytes)?;
    let string = || rest.split_at_checked(usize::try_from(argument).ok()?);
    let below = depth.checked_sub(1);
    Some(match major {
        0 => (Cbor::Integer(i64::try_from(argument).ok()?), rest),
        1 => (Cbor::Integer(-1 - i64::try_from(argument).ok()?), rest),
        2 => string().map(|(bytes, rest)| (Cbor::Bytes(bytes), rest))?,
        3 => {
            let (text, rest) = string()?;
            (Cbor::Text(std::str::from_utf8(text).ok()?), rest)
        }
        4 if argument <= ITEMS => {
            let (mut items, mut rest) = (Vec::new(), rest);
            for _ in 0..argument {
                let (found, after) = item(rest, below?)?;
                items.push(found);
                rest = after;
            }
            (Cbor::Array(items), rest)
        }
        5 if argument <= ITEMS => {
            let (mut entries, mut rest) = (Vec::<(Cbor<'_>, Cbor<'_>)>::new(), rest);
            for _ in 0..argument {
                let (key, after) = item(rest, below?)?;
                let (value, after) = item(after, below?)?;
                // Two readings of one map are one too many (RFC 8949 §5.6).
                if entries.iter().any(|(known, _)| *known == key) {
                    return None;
                }
                entries.push((key, value));
                rest = after;
            }
            (Cbor::Map(entries), rest)
        }
        7 if (20..=22).contains(&argument) => (Cbor::Simple, rest),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8949 appendix A.
    #[test]
    fn items_are_read() {
        for (bytes, expected) in [
            (&[0x00][..], Cbor::Integer(0)),
            (&[0x18, 0x64], Cbor::Integer(100)),
            (&[0x19, 0x03, 0xe8], Cbor::Integer(1000)),
            (&[0x1a, 0x00, 0x0f, 0x42, 0x40], Cbor::Integer(1_000_000)),
            (&[0x38, 0x63], Cbor::Integer(-100)),
            (&[0x44, 1, 2, 3, 4], Cbor::Bytes(&[1, 2, 3, 4])),
            (&[0x62, 0xc3, 0xbc], Cbor::Text("\u{fc}")),
            (&[0xf5], Cbor::Simple),
            (&[0x82, 1, 0x41, 2], Cbor::Array(vec![Cbor::Integer(1), Cbor::Bytes(&[2])])),
            (&[0xa1, 0x61, b'a', 1], Cbor::Map(vec![(Cbor::Text("a"), Cbor::Integer(1))])),
        ] {
            assert_eq!(Cbor::read_all(bytes), Ok(expected), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_is_not_strict_is_refused() {
        let deep = [&[0x81; 8][..], &[0]].concat();
        for bytes in [
            &[][..],
            &[0x18, 0x17],                   // not the shortest
            &[0x19, 0x00, 0xff],             // nor this
            &[0x5f, 0x41, 1, 0xff],          // of indefinite length
            &[0x44, 1, 2, 3],                // cut off
            &[0xa2, 1, 2, 1, 3],             // a key that stands twice
            &[0x00, 0x00],                   // something after the end
            &[0x9b, 0, 0, 0, 1, 0, 0, 0, 0], // more than anybody sends
            &[0x62, 0xc3, 0x28],             // not UTF-8
            &[0xc0, 0x60],                   // a tag
            &[0xf9, 0, 0],                   // a fraction
            &deep,
        ] {
            assert_eq!(Cbor::read_all(bytes), Err(WebauthnFault::Malformed), "{bytes:02x?}");
        }
    }
}

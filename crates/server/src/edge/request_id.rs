//! The id that a request and its answer bear, and under which the log speaks of them.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

/// `x-request-id`.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of a caller's id at the most.
const LONGEST: usize = 64;

/// The id of a request: short and printable.
///
/// Kept as the header that the answer will bear: most requests are never spoken of in any other way.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// Stands where there is no request.
    pub const NONE: Self = Self(HeaderValue::from_static("-"));

    /// The caller's `x-request-id` where it is short and plain, else a number of our own.
    pub fn of(headers: &HeaderMap) -> Self {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let given = headers
            .get(&REQUEST_ID)
            .filter(|value| (1..=LONGEST).contains(&value.len()) && value.as_bytes().iter().all(is_plain));
        given.map_or_else(Self::next, |value| Self(value.clone()))
    }

    /// The next number of this process, behind what tells it from the one before.
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        static BOOT: OnceLock<u64> = OnceLock::new();
        let boot = *BOOT.get_or_init(|| RandomState::new().build_hasher().finish() >> 16);
        let mut text = Vec::with_capacity(2 * 16 + 1);
        push_hex(boot, &mut text);
        text.push(b'-');
        push_hex(NEXT.fetch_add(1, Ordering::Relaxed), &mut text);
        // Digits and a hyphen are a header's value.
        Self(HeaderValue::from_maybe_shared(bytes::Bytes::from(text)).unwrap_or(Self::NONE.0))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// As the header of the answer.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// In lower case, without leading zeros.
fn push_hex(value: u64, text: &mut Vec<u8>) {
    let digits = (64 - value.leading_zeros()).div_ceil(4).max(1);
    for digit in (0..digits).rev() {
        let nibble = u8::try_from(value >> (4 * digit) & 0xf).unwrap_or_default();
        text.push(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
    }
}

tokio::task_local! {
    /// The id of the request that this task answers.
    static PRESENT: RequestId;
}

impl RequestId {
    /// Answers a request that bears this id: whoever makes a page for it need not be told the id.
    pub async fn during<F: Future>(&self, answering: F) -> F::Output {
        PRESENT.scope(self.clone(), answering).await
    }

    /// The id of the request that is being answered.
    pub fn present() -> Self {
        PRESENT.try_with(Clone::clone).unwrap_or(Self::NONE)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("a", true)]
    #[case("0123456789abcdef-ABC_x.y", true)]
    #[case("", false)]
    #[case("with space", false)]
    #[case("semi;colon", false)]
    fn a_plain_id_is_kept(#[case] sent: &str, #[case] kept: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_str(sent).unwrap());
        assert_eq!(RequestId::of(&headers).as_str() == sent, kept);
    }

    #[test]
    fn a_long_id_is_not_kept_and_no_two_of_ours_are_the_same() {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_str(&"x".repeat(LONGEST + 1)).unwrap());
        let (one, other) = (RequestId::of(&headers), RequestId::of(&HeaderMap::new()));
        assert!(one.as_str().len() < 40 && one.as_str().contains('-'));
        assert_ne!(one, other);
    }

    #[rstest]
    #[case(0)]
    #[case(0xf)]
    #[case(0x10)]
    #[case(0xabc_def0_1234_5678)]
    #[case(u64::MAX)]
    fn hexadecimal_is_that_of_the_standard_library(#[case] value: u64) {
        let mut text = Vec::new();
        push_hex(value, &mut text);
        assert_eq!(String::from_utf8(text).unwrap(), format!("{value:x}"));
    }
}

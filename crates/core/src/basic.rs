//! HTTP Basic credentials of a client (RFC 7617, RFC 6749 §2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use zeroize::Zeroizing;

use crate::form::{ComponentError, decode_component};
use crate::reason::reasons;
use crate::secret::Presented;

/// The longest client id, in bytes.
pub const CLIENT_ID_LIMIT: usize = 255;

/// The longest client secret, in bytes.
pub const SECRET_LIMIT: usize = 1024;

/// The longest base64 text: both halves at their limits, every byte percent-encoded, and the colon.
const ENCODED_LIMIT: usize = ((CLIENT_ID_LIMIT + SECRET_LIMIT) * 3 + 1).div_ceil(3) * 4;

/// What a client says it is and knows.
#[derive(Clone, Debug)]
pub struct BasicCredentials {
    /// The client id, not empty, without control characters.
    pub client_id: String,
    /// The client secret; empty if the client has none to show.
    pub secret: Presented,
}

reasons! {
    /// The two things that Basic credentials are made of.
    #[derive(Copy)]
    pub enum BasicHalf {
        /// Before the first colon.
        ClientId = "basic-half-client-id";
        /// After it.
        Secret = "basic-half-secret";
    }
}

reasons! {
    /// Why Basic credentials were refused. It quotes nothing.
    #[derive(Copy)]
    pub enum BasicError {
        /// More text than the longest allowed credentials can have.
        TooLong {
            /// How many characters are allowed.
            limit: usize,
        } = "basic-too-long";
        /// Not base64 by RFC 4648 §4, padded fully or not at all, unused bits zero.
        NotBase64 = "basic-not-base64";
        /// Nothing separates the halves.
        NoColon = "basic-no-colon";
        /// A half with a `%` that two hexadecimal digits do not follow (RFC 6749 §2.3.1: halves are form-urlencoded).
        BadPercent {
            /// Which half.
            half: BasicHalf,
        } = "basic-bad-percent";
        /// A half that is not UTF-8.
        NotUtf8 {
            /// Which half.
            half: BasicHalf,
        } = "basic-not-utf8";
        /// A half with a control character (RFC 7617 §2).
        ControlCharacter {
            /// Which half.
            half: BasicHalf,
        } = "basic-control-character";
        /// A half beyond its bound.
        HalfTooLong {
            /// Which half.
            half: BasicHalf,
            /// How many bytes it may have.
            limit: usize,
        } = "basic-half-too-long";
        /// No client id.
        EmptyClientId = "basic-empty-client-id";
    }
}

impl BasicCredentials {
    /// Reads what follows the scheme `Basic` and its spaces.
    pub fn parse(token68: &[u8]) -> Result<Self, BasicError> {
        if token68.len() > ENCODED_LIMIT {
            return Err(BasicError::TooLong { limit: ENCODED_LIMIT });
        }
        let engine = if token68.ends_with(b"=") { &STANDARD } else { &STANDARD_NO_PAD };
        // Room for all from the start: a vector that grows would leave a copy of the secret behind.
        let mut plain = Zeroizing::new(Vec::with_capacity(token68.len()));
        engine.decode_vec(token68, &mut plain).map_err(|_| BasicError::NotBase64)?;
        let colon = plain.iter().position(|&byte| byte == b':').ok_or(BasicError::NoColon)?;
        let (client_id, rest) = plain.split_at_checked(colon).ok_or(BasicError::NoColon)?;
        let secret = rest.get(1..).unwrap_or_default();
        let client_id = decode_half(client_id, BasicHalf::ClientId)?;
        let secret = decode_half(secret, BasicHalf::Secret)?;
        if client_id.is_empty() {
            return Err(BasicError::EmptyClientId);
        }
        Ok(Self { client_id: client_id.to_string(), secret: Presented::from(secret) })
    }
}

fn decode_half(raw: &[u8], half: BasicHalf) -> Result<Zeroizing<String>, BasicError> {
    let limit = match half {
        BasicHalf::ClientId => CLIENT_ID_LIMIT,
        BasicHalf::Secret => SECRET_LIMIT,
    };
    let text = match decode_component(raw) {
        Ok(text) => Zeroizing::new(text.into_owned()),
        Err(ComponentError::BadPercent { .. }) => return Err(BasicError::BadPercent { half }),
        Err(ComponentError::NotUtf8 { .. }) => return Err(BasicError::NotUtf8 { half }),
    };
    if text.len() > limit {
        return Err(BasicError::HalfTooLong { half, limit });
    }
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(BasicError::ControlCharacter { half });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::encode_component;
    use proptest::prelude::*;

    fn parse(plain: &[u8]) -> Result<(String, String), BasicError> {
        both(STANDARD.encode(plain).as_bytes())
    }

    fn both(token68: &[u8]) -> Result<(String, String), BasicError> {
        BasicCredentials::parse(token68).map(|it| (it.client_id, it.secret.expose().to_owned()))
    }

    #[expect(clippy::unnecessary_wraps, reason = "compared with the results of the parser")]
    fn pair(client_id: &str, secret: &str) -> Result<(String, String), BasicError> {
        Ok((client_id.to_owned(), secret.to_owned()))
    }

    /// RFC 6749 §2.3.1, its example.
    #[test]
    fn section_2_3_1_example() {
        assert_eq!(both(b"czZCaGRSa3F0MzpnWDFmQmF0M2JW"), pair("s6BhdRkqt3", "gX1fBat3bV"));
    }

    #[test]
    fn the_first_colon_splits_and_halves_are_form_urldecoded() {
        assert_eq!(parse(b"a:b:c"), pair("a", "b:c"));
        assert_eq!(parse(b"https%3A%2F%2Fx+y:p%25%2B+q"), pair("https://x y", "p%+ q"));
        assert_eq!(parse("é:ü".as_bytes()), pair("é", "ü"));
        assert_eq!(parse(b"public:"), pair("public", ""));
    }

    #[test]
    fn padding_is_there_or_not_but_never_in_part() {
        assert_eq!(both(b"YTpiYw=="), pair("a", "bc"));
        assert_eq!(both(b"YTpiYw"), pair("a", "bc"));
        for text in [
            "YTpiYw=",
            "YTpiYw===",
            "YTpiYx==",
            "YTpiYx",
            "YTpi Yw==",
            "YTpiYw== ",
            "YTpi\nYw==",
            "YTpi-w==",
            "Y",
            "=",
        ] {
            assert_eq!(both(text.as_bytes()), Err(BasicError::NotBase64), "{text:?}");
        }
    }

    #[test]
    fn malformed_halves_are_refused() {
        use BasicHalf::{ClientId, Secret};
        assert_eq!(parse(b"nocolon"), Err(BasicError::NoColon));
        assert_eq!(both(b""), Err(BasicError::NoColon));
        assert_eq!(parse(b":secret"), Err(BasicError::EmptyClientId));
        assert_eq!(parse(b"a%:b"), Err(BasicError::BadPercent { half: ClientId }));
        assert_eq!(parse(b"a:100%"), Err(BasicError::BadPercent { half: Secret }));
        assert_eq!(parse(b"a\xFF:b"), Err(BasicError::NotUtf8 { half: ClientId }));
        assert_eq!(parse(b"a:%FF"), Err(BasicError::NotUtf8 { half: Secret }));
        assert_eq!(parse(b"a\0:b"), Err(BasicError::ControlCharacter { half: ClientId }));
        assert_eq!(parse(b"a:b%0A"), Err(BasicError::ControlCharacter { half: Secret }));
        assert_eq!(parse(b"a:b\x7F"), Err(BasicError::ControlCharacter { half: Secret }));
    }

    #[test]
    fn halves_are_bounded() {
        let with = |id: usize, secret: usize| {
            parse(format!("{}:{}", "%61".repeat(id), "%62".repeat(secret)).as_bytes())
        };
        assert_eq!(with(255, 1024), pair(&"a".repeat(255), &"b".repeat(1024)));
        assert_eq!(with(256, 1), Err(BasicError::HalfTooLong { half: BasicHalf::ClientId, limit: 255 }));
        assert_eq!(with(1, 1025), Err(BasicError::HalfTooLong { half: BasicHalf::Secret, limit: 1024 }));
        assert_eq!(with(256, 1024), Err(BasicError::TooLong { limit: ENCODED_LIMIT }));
    }

    #[test]
    fn debug_shows_no_secret() {
        let credentials = BasicCredentials::parse(STANDARD.encode("app:hunter2").as_bytes()).unwrap();
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok((client_id, _)) = both(&bytes) {
                prop_assert!(!client_id.is_empty());
            }
            if let Ok((client_id, secret)) = parse(&bytes) {
                prop_assert!(!client_id.chars().chain(secret.chars()).any(|c| c.is_ascii_control()));
            }
        }

        #[test]
        fn what_a_client_encodes_is_read(client_id in "\\PC{1,60}", secret in "\\PC{0,100}") {
            let plain = format!("{}:{}", encode_component(&client_id), encode_component(&secret));
            prop_assert_eq!(parse(plain.as_bytes()), pair(&client_id, &secret));
            prop_assert_eq!(both(STANDARD_NO_PAD.encode(plain).as_bytes()), pair(&client_id, &secret));
        }

        #[test]
        fn credentials_have_one_text_apart_from_padding(text in "[A-Za-z0-9+/]{1,24}={0,2}") {
            let mut plain = Vec::new();
            if both(text.as_bytes()).is_ok() {
                STANDARD_NO_PAD.decode_vec(text.trim_end_matches('='), &mut plain).unwrap();
                let canonical = [STANDARD.encode(&plain), STANDARD_NO_PAD.encode(&plain)];
                prop_assert!(canonical.contains(&text));
            }
        }
    }
}

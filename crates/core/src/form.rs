//! `application/x-www-form-urlencoded` (WHATWG URL Standard §5, RFC 6749 Appendix B): bodies and query strings of
//! protocol requests.
//!
//! Stricter than a browser: a bad percent escape, invalid UTF-8, a control character and a repeated parameter are
//! errors, because what one side reads one way and the other side another way is how parameters get smuggled.

use std::borrow::Cow;
use std::fmt;

use crate::excerpt::Excerpt;
use crate::reason::reasons;
use crate::scope::SCOPE_LIMIT;

/// The parameters of one request, in the order sent.
///
/// `Debug` shows the names only: values may be secrets.
#[derive(Default)]
pub struct Form<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

reasons! {
    /// Why a form was refused. It never quotes a value.
    pub enum FormError {
        /// A `%` that two hexadecimal digits do not follow.
        BadPercent {
            /// The parameter, as sent.
            name: Excerpt,
            /// Offset of the `%` in the form, in bytes.
            at: usize,
        } = "form-bad-percent";
        /// A name or value that is not UTF-8 once decoded.
        NotUtf8 {
            /// The parameter, as sent.
            name: Excerpt,
            /// Offset in the form where the malformed sequence starts, in bytes.
            at: usize,
        } = "form-not-utf8";
        /// A parameter sent more than once (RFC 6749 §3.1 and §3.2).
        Repeated {
            /// The parameter.
            name: Excerpt,
        } = "form-repeated";
        /// More parameters than any protocol request has.
        TooMany {
            /// How many are allowed.
            limit: usize,
        } = "form-too-many";
        /// NUL or another C0 control in a name, or one other than tab, line feed and carriage return in a value.
        ControlCharacter {
            /// The parameter.
            name: Excerpt,
        } = "form-control-character";
    }
}

/// Why one encoded component was refused; `at` counts bytes from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ComponentError {
    /// A `%` that two hexadecimal digits do not follow.
    BadPercent { at: usize },
    /// Not UTF-8 once decoded.
    NotUtf8 { at: usize },
}

impl<'a> Form<'a> {
    /// The most parameters in one form: room for a box for each of [`SCOPE_LIMIT`] scopes, and for what goes with them.
    pub const LIMIT: usize = SCOPE_LIMIT + 28;

    /// Reads a form in which no parameter may be repeated.
    pub fn parse(form: &'a [u8]) -> Result<Self, FormError> {
        Self::parse_allowing(form, &[])
    }

    /// Reads a form in which only the `repeatable` parameters may be repeated, such as `resource`
    /// (RFC 8707 §2) and `audience` (RFC 8693 §2.1).
    pub fn parse_allowing(form: &'a [u8], repeatable: &[&str]) -> Result<Self, FormError> {
        let mut pairs: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::with_capacity(8);
        let ends = memchr::memchr_iter(b'&', form).chain(std::iter::once(form.len()));
        let mut next = 0;
        for end in ends {
            let start = next;
            next = end + 1;
            let field = form.get(start..end).unwrap_or_default();
            if field.is_empty() {
                continue;
            }
            if pairs.len() == Self::LIMIT {
                return Err(FormError::TooMany { limit: Self::LIMIT });
            }
            let (name, value) = decode_field(field, start)?;
            if !repeatable.contains(&name.as_ref()) && pairs.iter().any(|(earlier, _)| *earlier == name) {
                return Err(FormError::Repeated { name: Excerpt::of(&name) });
            }
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// The first value of a parameter. One sent without a value counts as omitted (RFC 6749 §3.1 and §3.2).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a parameter that are not empty, in the order sent.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs
            .iter()
            .filter(move |(sent, value)| sent == name && !value.is_empty())
            .map(|(_, value)| &**value)
    }

    /// The first value of a parameter, even if it is empty: for those few where empty and omitted differ.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(sent, _)| sent == name).map(|(_, value)| &**value)
    }

    /// All pairs as sent, empty values included.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl fmt::Debug for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Form ")?;
        f.debug_list().entries(self.pairs.iter().map(|(name, _)| Excerpt::of(name))).finish()
    }
}

/// A pair from a field that starts at byte `start` of the form.
fn decode_field(field: &[u8], start: usize) -> Result<(Cow<'_, str>, Cow<'_, str>), FormError> {
    let split = field.iter().position(|&byte| byte == b'=');
    let (raw_name, rest) = field.split_at_checked(split.unwrap_or(field.len())).unwrap_or_default();
    let raw_value = rest.get(1..).unwrap_or_default();
    let describe = |error: ComponentError, offset: usize| match error {
        ComponentError::BadPercent { at } => {
            FormError::BadPercent { name: Excerpt::of_bytes(raw_name), at: offset + at }
        }
        ComponentError::NotUtf8 { at } => {
            FormError::NotUtf8 { name: Excerpt::of_bytes(raw_name), at: offset + at }
        }
    };
    let name = decode_component(raw_name).map_err(|error| describe(error, start))?;
    let value = decode_component(raw_value).map_err(|error| describe(error, start + raw_name.len() + 1))?;
    // The first look goes over all bytes without a branch, many at a time: a token is long.
    let suspicious = |text: &str| text.bytes().min().is_some_and(|least| least < b' ');
    let control = suspicious(&name)
        || (suspicious(&value)
            && value.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')));
    if control {
        return Err(FormError::ControlCharacter { name: Excerpt::of(&name) });
    }
    Ok((name, value))
}

/// Decodes one name or value: `+` is a space, `%XX` a byte, the bytes are UTF-8. Borrows when nothing is escaped.
pub(crate) fn decode_component(raw: &[u8]) -> Result<Cow<'_, str>, ComponentError> {
    if memchr::memchr2(b'+', b'%', raw).is_none() {
        return match str::from_utf8(raw) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => Err(ComponentError::NotUtf8 { at: error.valid_up_to() }),
        };
    }
    // As long as the input, so that it never grows: a secret leaves no copy behind in a smaller allocation.
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, after)) = rest.split_first() {
        let (byte, after) = match first {
            b'+' => (b' ', after),
            b'%' => escaped(after).ok_or(ComponentError::BadPercent { at: raw.len() - rest.len() })?,
            plain => (plain, after),
        };
        bytes.push(byte);
        rest = after;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Owned(text)),
        Err(error) => {
            let at = raw_offset(raw, error.utf8_error().valid_up_to());
            Err(ComponentError::NotUtf8 { at })
        }
    }
}

/// The byte that the two hexadecimal digits at the front stand for, and what follows them.
fn escaped(digits: &[u8]) -> Option<(u8, &[u8])> {
    let (&[high, low], after) = digits.split_first_chunk::<2>()?;
    Some((hex_value(high)? << 4 | hex_value(low)?, after))
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Where the decoded byte number `decoded` stands in a component whose escapes are all well formed.
fn raw_offset(raw: &[u8], decoded: usize) -> usize {
    let mut at = 0;
    for _ in 0..decoded {
        at += if raw.get(at) == Some(&b'%') { 3 } else { 1 };
    }
    at
}

/// Encodes one name or value as the WHATWG URL Standard's serializer does (§5.2): letters, digits and `*-._` stay,
/// a space becomes `+`, every other byte `%XX`.
pub fn encode_component(text: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or('0');
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'*' | b'-' | b'.' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.extend(['%', digit(byte >> 4), digit(byte & 0x0F)]),
        }
    }
    out
}

/// Appends `name=value`, percent-encoded so that query strings and forms read it alike.
pub fn write_pair(name: &str, value: &str, out: &mut String) {
    write_encoded(name, out);
    out.push('=');
    write_encoded(value, out);
}

fn write_encoded(text: &str, out: &mut String) {
    use fmt::Write as _;
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing to a String cannot fail.
            other => drop(write!(out, "%{other:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(form: &str) -> Vec<(String, String)> {
        let form = Form::parse(form.as_bytes()).unwrap();
        form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn refusal(form: &[u8]) -> FormError {
        Form::parse(form).unwrap_err()
    }

    #[test]
    fn fields_are_split_and_decoded() {
        let expected = [("a", "1 2"), ("b c", "é"), ("d", ""), ("e", "="), ("", "x")];
        let expected: Vec<_> = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(pairs("a=1+2&b%20c=%C3%a9&&d&e==&=x&"), expected);
        assert_eq!(pairs(""), []);
        assert_eq!(pairs("&&"), []);
    }

    /// RFC 6749 Appendix B, its example.
    #[test]
    fn appendix_b_example() {
        let text = " %&+£€";
        assert_eq!(encode_component(text), "+%25%26%2B%C2%A3%E2%82%AC");
        assert_eq!(decode_component(b"+%25%26%2B%C2%A3%E2%82%AC").unwrap(), text);
    }

    #[test]
    fn nothing_is_copied_when_nothing_is_escaped() {
        let form = Form::parse(b"grant_type=client_credentials&scope=a+b").unwrap();
        let borrowed: Vec<_> =
            form.pairs.iter().map(|(_, value)| matches!(value, Cow::Borrowed(_))).collect();
        assert_eq!(borrowed, [true, false]);
    }

    /// RFC 6749 §3.1: parameters sent without a value are treated as omitted.
    #[test]
    fn an_empty_value_counts_as_omitted() {
        let form = Form::parse(b"scope=&state").unwrap();
        assert_eq!((form.get("scope"), form.raw("scope")), (None, Some("")));
        assert_eq!((form.get("state"), form.raw("state")), (None, Some("")));
        assert_eq!(form.raw("nonce"), None);
        assert_eq!(form.all("scope").count(), 0);
    }

    /// RFC 6749 §3.2: parameters must not be included more than once.
    #[test]
    fn repeated_parameters_are_refused() {
        let scope = FormError::Repeated { name: Excerpt::of("scope") };
        assert_eq!(refusal(b"scope=a&x=1&scope=a"), scope);
        assert_eq!(refusal(b"scope=a&sc%6Fpe="), scope);
        assert_eq!(scope.to_string(), "parameter 'scope' is sent more than once");
    }

    #[test]
    fn what_the_caller_lists_may_be_repeated() {
        let form = Form::parse_allowing(b"resource=a&resource=&resource=b", &["resource"]).unwrap();
        assert_eq!(form.all("resource").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(form.get("resource"), Some("a"));
        assert!(Form::parse_allowing(b"audience=a&audience=b", &["resource"]).is_err());
    }

    #[test]
    fn errors_say_where() {
        let name = Excerpt::of("b");
        for (form, at) in
            [("a=1&b=%", 6), ("a=1&b=x%4", 7), ("a=1&b=%4G", 6), ("a=1&b=%%41", 6), ("&b=%+1", 3)]
        {
            assert_eq!(refusal(form.as_bytes()), FormError::BadPercent { name: name.clone(), at }, "{form}");
        }
        assert_eq!(refusal(b"a=1&b=x\xFF"), FormError::NotUtf8 { name: name.clone(), at: 7 });
        assert_eq!(refusal(b"a=1&b=%41%FF"), FormError::NotUtf8 { name, at: 9 });
        assert_eq!(refusal(b"a%=1"), FormError::BadPercent { name: Excerpt::of("a%"), at: 1 });
        assert_eq!(refusal(b"a=%ED%A0%80"), FormError::NotUtf8 { name: Excerpt::of("a"), at: 2 });
        assert_eq!(refusal(b"a=%C0%AF"), FormError::NotUtf8 { name: Excerpt::of("a"), at: 2 });
    }

    #[test]
    fn control_characters_are_refused() {
        for form in ["a=%00", "a=\0", "a=%1F", "a=%1b", "a%0A=1", "a%09=1"] {
            assert!(matches!(refusal(form.as_bytes()), FormError::ControlCharacter { .. }), "{form}");
        }
        assert_eq!(Form::parse(b"a=%09%0D%0A").unwrap().get("a"), Some("\t\r\n"));
    }

    #[test]
    fn parameters_are_counted() {
        let form = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert!(Form::parse(form(128).as_bytes()).is_ok());
        assert_eq!(refusal(form(129).as_bytes()), FormError::TooMany { limit: 128 });
    }

    #[test]
    fn messages_and_debug_show_no_value() {
        let error = refusal(b"client_secret=hunter2%zz").to_string();
        let debug = format!("{:?}", Form::parse(b"client_secret=hunter2").unwrap());
        assert!(error.contains("client_secret") && !error.contains("hunter2"), "{error}");
        assert_eq!(debug, "Form [\"client_secret\"]");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Err(error) = Form::parse(&bytes) {
                prop_assert!(error.to_string().len() <= 120);
            }
        }

        #[test]
        fn anything_that_looks_like_a_form_is_read_or_refused(text in "[a-c&=%+0-9A-F\u{0}\u{e9}]{0,60}") {
            if let Ok(form) = Form::parse(text.as_bytes()) {
                let encoded: Vec<_> =
                    form.iter().map(|(n, v)| format!("{}={}", encode_component(n), encode_component(v))).collect();
                let encoded = encoded.join("&");
                let again = Form::parse(encoded.as_bytes()).unwrap();
                prop_assert_eq!(&again.pairs, &form.pairs);
            }
        }

        #[test]
        fn a_component_round_trips(text: String) {
            let encoded = encode_component(&text);
            prop_assert_eq!(decode_component(encoded.as_bytes()).unwrap(), text);
        }

        #[test]
        fn the_offset_of_an_error_lies_within(raw: Vec<u8>) {
            match decode_component(&raw) {
                Ok(text) => prop_assert!(text.len() <= raw.len()),
                Err(ComponentError::BadPercent { at }) => prop_assert_eq!(raw[at], b'%'),
                Err(ComponentError::NotUtf8 { at }) => prop_assert!(at < raw.len()),
            }
        }
    }
}

//! The `Authorization` request header (RFC 9110 §11.6.2).

use crate::basic::{BasicCredentials, BasicError};
use crate::confirmation::TokenScheme;
use crate::excerpt::Excerpt;
use crate::reason::reasons;
use crate::secret::Presented;

/// What a request brought in its `Authorization` header.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// Scheme `Basic`: a client's id and secret.
    Basic(BasicCredentials),
    /// Scheme `Bearer`: a token.
    Bearer(BearerToken),
    /// Scheme `DPoP`: a token that is bound to a key, whose proof is in another header (RFC 9449 §7.1). Its syntax is the
    /// same.
    Dpop(BearerToken),
    /// A scheme that is not known here.
    Unsupported {
        /// Its name.
        scheme: Excerpt,
    },
}

/// A bearer token as presented: the syntax `b64token` of RFC 6750 §2.1, at most [`BearerToken::LIMIT`] bytes.
#[derive(Clone, Debug)]
pub struct BearerToken(Presented);

reasons! {
    /// Why the header was refused. It never quotes credentials.
    pub enum AuthorizationError {
        /// No text at all, or it starts with something other than a scheme, a `token` of RFC 9110 §5.6.2.
        NoScheme = "authorization-no-scheme";
        /// `Basic`, `Bearer` or `DPoP` with nothing after it.
        NoCredentials = "authorization-no-credentials";
        /// Malformed Basic credentials.
        Basic(why: BasicError) = "authorization-basic";
        /// A bearer token with a character, or padding in a place, that `b64token` does not have.
        BearerSyntax {
            /// Offset in the token, in bytes.
            at: usize,
        } = "authorization-bearer-syntax";
        /// A bearer token beyond the bound.
        BearerTooLong {
            /// How many bytes are allowed.
            limit: usize,
        } = "authorization-bearer-too-long";
    }
}

impl From<BasicError> for AuthorizationError {
    fn from(why: BasicError) -> Self {
        Self::Basic(why)
    }
}

impl Authorization {
    /// Reads the header's value: a scheme in any case, one or more spaces, credentials.
    pub fn parse(header: &[u8]) -> Result<Self, AuthorizationError> {
        let end = header.iter().position(|&byte| byte == b' ').unwrap_or(header.len());
        let (scheme, rest) = header.split_at_checked(end).unwrap_or_default();
        if scheme.is_empty() || !scheme.iter().all(|&byte| is_token_character(byte)) {
            return Err(AuthorizationError::NoScheme);
        }
        let spaces = rest.iter().take_while(|&&byte| byte == b' ').count();
        let credentials = rest.get(spaces..).unwrap_or_default();
        let is = |name: &str| scheme.eq_ignore_ascii_case(name.as_bytes());
        let (is_basic, is_dpop) = (is("Basic"), is(TokenScheme::Dpop.name()));
        if !is_basic && !is_dpop && !is(TokenScheme::Bearer.name()) {
            return Ok(Self::Unsupported { scheme: Excerpt::of_bytes(scheme) });
        }
        if credentials.is_empty() {
            return Err(AuthorizationError::NoCredentials);
        }
        if is_basic {
            Ok(Self::Basic(BasicCredentials::parse(credentials)?))
        } else if is_dpop {
            Ok(Self::Dpop(BearerToken::parse(credentials)?))
        } else {
            Ok(Self::Bearer(BearerToken::parse(credentials)?))
        }
    }
}

impl BearerToken {
    /// The longest token, in bytes.
    pub const LIMIT: usize = 8 * 1024;

    /// Reads what follows the scheme `Bearer` and its spaces.
    pub fn parse(token: &[u8]) -> Result<Self, AuthorizationError> {
        if token.len() > Self::LIMIT {
            return Err(AuthorizationError::BearerTooLong { limit: Self::LIMIT });
        }
        let body = token.iter().take_while(|&&byte| is_b64token_character(byte)).count();
        let padding = token.iter().skip(body).take_while(|&&byte| byte == b'=').count();
        if body == 0 || body + padding < token.len() {
            let at = if body == 0 { 0 } else { body + padding };
            return Err(AuthorizationError::BearerSyntax { at });
        }
        let text = str::from_utf8(token)
            .map_err(|error| AuthorizationError::BearerSyntax { at: error.valid_up_to() })?;
        Ok(Self(Presented::new(text.to_owned())))
    }

    /// The token's text.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The token as a presented secret.
    pub fn into_presented(self) -> Presented {
        self.0
    }
}

/// `tchar` of RFC 9110 §5.6.2.
fn is_token_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// RFC 6750 §2.1, without the padding.
fn is_b64token_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bearer(header: &str) -> String {
        match Authorization::parse(header.as_bytes()) {
            Ok(Authorization::Bearer(token)) => token.expose().to_owned(),
            other => panic!("{header:?}: {other:?}"),
        }
    }

    fn refusal(header: &[u8]) -> AuthorizationError {
        Authorization::parse(header).unwrap_err()
    }

    #[test]
    fn schemes_are_case_insensitive_and_spaces_may_be_several() {
        for header in ["Bearer a.b-c_d~e+f/g==", "bearer a.b-c_d~e+f/g==", "BEARER   a.b-c_d~e+f/g=="] {
            assert_eq!(bearer(header), "a.b-c_d~e+f/g==");
        }
        for header in ["DPoP a.b", "dpop  a.b"] {
            let read = Authorization::parse(header.as_bytes());
            assert!(matches!(&read, Ok(Authorization::Dpop(token)) if token.expose() == "a.b"), "{read:?}");
        }
        for header in ["Basic YTpi", "bAsIc  YTpi"] {
            let Ok(Authorization::Basic(credentials)) = Authorization::parse(header.as_bytes()) else {
                panic!("{header}");
            };
            assert_eq!((credentials.client_id.as_str(), credentials.secret.expose()), ("a", "b"));
        }
    }

    #[test]
    fn other_schemes_are_told_apart_from_malformed_headers() {
        for header in ["Negotiate", "Digest username=\"x\"", "DPoPs abc", "Basics YTpi"] {
            let scheme = header.split(' ').next().unwrap();
            match Authorization::parse(header.as_bytes()) {
                Ok(Authorization::Unsupported { scheme: found }) => assert_eq!(found.as_str(), scheme),
                other => panic!("{header}: {other:?}"),
            }
        }
        for header in [
            &b""[..],
            b" Basic YTpi",
            b"\tBasic YTpi",
            b"Basic\tYTpi",
            b"Basic:YTpi",
            b"B\xE4sic YTpi",
            b"\0 x",
        ] {
            assert_eq!(refusal(header), AuthorizationError::NoScheme, "{header:?}");
        }
        for header in ["Basic", "Basic ", "bearer", "Bearer   "] {
            assert_eq!(refusal(header.as_bytes()), AuthorizationError::NoCredentials, "{header:?}");
        }
    }

    /// RFC 6750 §2.1.
    #[test]
    fn a_bearer_token_is_a_b64token() {
        let cases =
            [("=", 0), ("a b", 1), ("a ", 1), ("a=b", 2), ("a,b", 1), ("\u{e9}", 0), ("ab\t", 2), ("a\"", 1)];
        for (token, at) in cases {
            let error = AuthorizationError::BearerSyntax { at };
            assert_eq!(refusal(format!("Bearer {token}").as_bytes()), error, "{token:?}");
        }
        assert_eq!(bearer(&format!("Bearer {}", "a".repeat(8192))).len(), 8192);
        let long = format!("Bearer {}", "a".repeat(8193));
        assert_eq!(refusal(long.as_bytes()), AuthorizationError::BearerTooLong { limit: 8192 });
    }

    #[test]
    fn basic_errors_come_through() {
        let error = refusal(b"Basic YTpi, Bearer x");
        assert_eq!(error, AuthorizationError::Basic(BasicError::NotBase64));
        assert_eq!(error.to_string(), "Basic credentials are not valid base64");
    }

    #[test]
    fn debug_shows_no_token() {
        assert!(!format!("{:?}", Authorization::parse(b"Bearer hunter2")).contains("hunter2"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, scheme in "(Basic|Bearer|DPoP|[!-~]{1,60}) {0,2}") {
            let mut header = scheme.into_bytes();
            header.extend(&bytes);
            for header in [&header, &bytes] {
                match Authorization::parse(header) {
                    Ok(Authorization::Bearer(token) | Authorization::Dpop(token)) => prop_assert!(header.ends_with(token.expose().as_bytes())),
                    Ok(Authorization::Basic(credentials)) => prop_assert!(!credentials.client_id.is_empty()),
                    Ok(Authorization::Unsupported { scheme }) => prop_assert!(!scheme.as_str().is_empty()),
                    Err(error) => prop_assert!(error.to_string().len() <= 130),
                }
            }
        }

        #[test]
        fn every_b64token_is_read(token in "[A-Za-z0-9._~+/-]{1,80}={0,3}") {
            prop_assert_eq!(bearer(&format!("Bearer {token}")), token);
        }
    }
}

//! Resource indicators (RFC 8707 §2).

use std::fmt;

use super::NAMED_MOST;
use crate::client::{UriError, check_resource_uri};
use crate::error::{ErrorCode, OAuthError};
use crate::excerpt::Excerpt;
use crate::form::Form;
use crate::reason::Reason;

/// The identifier of a resource: an absolute URI without a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceUri(Box<str>);

impl ResourceUri {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        check_resource_uri(text)?;
        Ok(Self(text.into()))
    }

    /// One that was read before.
    pub fn from_stored(text: &str) -> Self {
        Self(text.into())
    }

    /// As it was registered, or sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one identifier have in common (RFC 3986 §6.2.2.1, §6.2.3): the case of scheme and host, the
    /// port that the scheme has anyway, and the slash of an empty path. A library that reads addresses before it sends
    /// them writes `https://api.example/` for `https://api.example`.
    pub fn key(&self) -> Box<str> {
        let Some((scheme, rest)) = self.0.split_once(':') else { return self.0.clone() };
        let scheme = scheme.to_ascii_lowercase();
        let usual = match scheme.as_str() {
            "https" => ":443",
            "http" => ":80",
            _ => return format!("{scheme}:{rest}").into(),
        };
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let authority = authority.to_ascii_lowercase();
        let authority = authority.strip_suffix(usual).unwrap_or(&authority);
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("{scheme}://{authority}{slash}{path}").into()
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The resources that a request names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted(Vec<ResourceUri>);

impl Wanted {
    /// None.
    pub const NONE: &'static Self = &Self(Vec::new());

    /// The values of `resource` (RFC 8707 §2).
    ///
    /// # Errors
    /// `invalid_target` for more than [`NAMED_MOST`], and for what is no absolute URI or has a fragment.
    pub fn read(form: &Form<'_>) -> Result<Self, OAuthError> {
        let mut named = Vec::new();
        for text in form.all("resource") {
            if named.len() == NAMED_MOST {
                let why = Reason::ResourcesMost { most: NAMED_MOST.into() };
                return Err(OAuthError::new(ErrorCode::InvalidTarget, why));
            }
            named.push(ResourceUri::parse(text).map_err(|error| {
                let why = Reason::ResourceBad { name: Excerpt::of(text).into(), why: error.into() };
                OAuthError::new(ErrorCode::InvalidTarget, why)
            })?);
        }
        Ok(Self(named))
    }

    /// The same, with one that another parameter names.
    ///
    /// # Errors
    /// `invalid_target`, as [`Self::read`].
    pub fn read_beside(form: &Form<'_>, name: &str) -> Result<Self, OAuthError> {
        let mut wanted = Self::read(form)?;
        if let Some(text) = form.get(name) {
            // A name of an audience is any text (RFC 8693 §2.1): one that is no URI is known by nobody but its client.
            wanted.0.push(ResourceUri::from_stored(text));
        }
        Ok(wanted)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = &ResourceUri> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Box<str> {
        ResourceUri::parse(text).unwrap().key()
    }

    /// RFC 8707 §2: an absolute URI, without a fragment.
    #[test]
    fn an_indicator_is_an_absolute_uri_without_a_fragment() {
        for good in [
            "https://api.example",
            "https://api.example/v1?x=1",
            "http://localhost:8080/mcp",
            "http://intern/api",
            "urn:example:api",
            "api://billing",
            "spiffe://example.org/billing",
        ] {
            assert_eq!(ResourceUri::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "/mcp",
            "api",
            "api.example/x",
            "https://",
            "https:api",
            "https://api.example/#x",
            "https://api.example#",
            "urn:",
            "https://a@api.example",
            "https://api.example/a b",
            "https://api.example/../x",
            "https://*.example",
            "javascript:alert(1)",
            "1urn:x",
        ] {
            assert!(ResourceUri::parse(bad).is_err(), "{bad}");
        }
    }

    /// RFC 3986 §6.2.2.1, §6.2.3.
    #[test]
    fn spellings_of_one_identifier_are_the_same() {
        for (one, other) in [
            ("https://api.example", "https://api.example/"),
            ("https://API.example/", "HTTPS://api.example:443"),
            ("http://localhost:80/mcp", "http://localhost/mcp"),
            ("https://api.example?x", "https://api.example/?x"),
            ("URN:example:a", "urn:example:a"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        for (one, other) in [
            ("https://api.example/mcp", "https://api.example/mcp/"),
            ("https://api.example/a", "https://api.example/A"),
            ("https://api.example", "http://api.example"),
            ("https://api.example:444", "https://api.example"),
            ("http://api.example:443", "http://api.example"),
            ("urn:example:a", "urn:example:a/"),
        ] {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
    }
}

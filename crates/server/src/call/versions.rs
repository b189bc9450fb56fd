//! Versions on the wire: `ETag`, `If-Match`, `If-None-Match` (RFC 9110 §8.8.3, §13.1).
//!
//! A tag is the row's id and version, and the time of the last use where the answer shows one. The guard of a
//! change is the version in its SQL; `If-Match` says early, and in the answer, what the guard would say late.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{self, HeaderValue};
use http::{HeaderMap, HeaderName};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::shell_reason::ShellReason;
use writ_core::time::Micros;

/// The version of one object, as its `ETag` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    id: [u8; 16],
    version: i64,
    noted: Option<Micros>,
}

impl Tag {
    /// The version of a row.
    pub const fn new(id: [u8; 16], version: i64) -> Self {
        Self { id, version, noted: None }
    }

    /// With what is shown of it and has no version: when it was last used. `If-Match` does not look at it.
    #[must_use]
    pub const fn noting(self, noted: Option<Micros>) -> Self {
        Self { noted, ..self }
    }

    /// The row's version.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// Id and version: what a change may be bound to.
    fn row(&self) -> String {
        format!("{}.{}", URL_SAFE_NO_PAD.encode(self.id), self.version)
    }

    /// All of it, without quotes.
    fn whole(&self) -> String {
        match self.noted {
            None => self.row(),
            Some(at) => format!("{}.{:x}", self.row(), at.0),
        }
    }

    /// The value of `ETag`.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&format!("\"{}\"", self.whole())).unwrap_or(HeaderValue::from_static("\"\""))
    }
}

/// What `If-Match` or `If-None-Match` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Any version.
    Any,
    /// One of these tags, without quotes; a weak one begins with `W/`.
    Tags(Vec<String>),
}

impl Precondition {
    /// `If-Match`, where it was sent.
    ///
    /// # Errors
    /// `invalid_request` for what is no tag.
    pub fn to_match(headers: &HeaderMap) -> Result<Option<Self>, OAuthError> {
        Self::read(headers, &header::IF_MATCH, "If-Match")
    }

    /// `If-None-Match`, where it was sent.
    ///
    /// # Errors
    /// `invalid_request` for what is no tag.
    pub fn not_to_match(headers: &HeaderMap) -> Result<Option<Self>, OAuthError> {
        Self::read(headers, &header::IF_NONE_MATCH, "If-None-Match")
    }

    fn read(headers: &HeaderMap, name: &HeaderName, shown: &'static str) -> Result<Option<Self>, OAuthError> {
        let wrong =
            || OAuthError::new(ErrorCode::InvalidRequest, ShellReason::EtagNeeded { header: shown.into() });
        let mut lines = Vec::new();
        for value in headers.get_all(name) {
            lines.push(value.to_str().map_err(|_| wrong())?);
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let text = lines.join(",");
        if text.trim() == "*" {
            return Ok(Some(Self::Any));
        }
        // No tag of ours has a comma in it, so that a foreign one that has is no loss.
        let tags: Option<Vec<_>> =
            text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(opaque).collect();
        tags.filter(|tags| !tags.is_empty()).map(Self::Tags).map(Some).ok_or_else(wrong)
    }

    /// Whether a change may be made to what has this tag: strong comparison (RFC 9110 §8.8.3.2).
    pub fn allows_change(&self, tag: &Tag) -> bool {
        let row = tag.row();
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|one| {
                one.strip_prefix(row.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }),
        }
    }

    /// Whether the reader has what has this tag: weak comparison.
    pub fn is_known(&self, tag: &Tag) -> bool {
        let whole = tag.whole();
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|one| one.strip_prefix("W/").unwrap_or(one) == whole),
        }
    }
}

/// An entity tag without its quotes.
fn opaque(text: &str) -> Option<String> {
    let (weak, quoted) = match text.strip_prefix("W/") {
        Some(rest) => ("W/", rest),
        None => ("", text),
    };
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('"')).then(|| format!("{weak}{inner}"))
}

/// The answer where the version is another one.
pub fn precondition_failed() -> OAuthError {
    OAuthError::new(ErrorCode::PreconditionFailed, ShellReason::VersionElse)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: [u8; 16] = [7; 16];

    fn asked(text: &str) -> Result<Option<Precondition>, OAuthError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, text.parse().unwrap());
        Precondition::to_match(&headers)
    }

    fn shown(tag: &Tag) -> String {
        tag.header().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_change_is_bound_to_the_row_and_its_version() {
        let tag = Tag::new(ID, 3);
        let others = [
            Tag::new(ID, 2),
            Tag::new(ID, 30),
            Tag::new([8; 16], 3),
            Tag::new(ID, 31).noting(Some(Micros(1))),
        ];
        let sent = asked(&shown(&tag)).unwrap().unwrap();
        assert!(sent.allows_change(&tag) && sent.is_known(&tag));
        for other in others {
            assert!(!sent.allows_change(&other) && !sent.is_known(&other), "{other:?}");
            let either = format!("{}, {}", shown(&other), shown(&tag));
            assert!(asked(&either).unwrap().unwrap().allows_change(&tag));
        }
        assert!(asked("*").unwrap().unwrap().allows_change(&tag));
    }

    /// What is only noted changes what is shown, not what may be done.
    #[test]
    fn a_use_is_seen_by_readers_and_does_not_stop_a_change() {
        let before = Tag::new(ID, 3);
        let after = before.noting(Some(Micros(255)));
        assert_ne!(before.header(), after.header());
        let sent = asked(&shown(&before)).unwrap().unwrap();
        assert!(sent.allows_change(&after) && !sent.is_known(&after));
        let sent = asked(&shown(&after)).unwrap().unwrap();
        assert!(sent.allows_change(&before) && !sent.is_known(&before));
    }

    /// RFC 9110 §13.1.1: strong comparison for a change, weak for a read.
    #[test]
    fn a_weak_tag_allows_no_change() {
        let tag = Tag::new(ID, 1);
        let weak = asked(&format!("W/{}", shown(&tag))).unwrap().unwrap();
        assert!(!weak.allows_change(&tag) && weak.is_known(&tag));
    }

    #[test]
    fn what_is_no_tag_is_said() {
        for text in ["3", "\"", "\"a", "a\"", "", ",", "\"a\"b\"", "* , \"a\"", "w/\"a\""] {
            assert!(asked(text).is_err(), "{text}");
        }
        assert_eq!(Precondition::to_match(&HeaderMap::new()).unwrap(), None);
        assert_eq!(asked("\"a\",,\"b\"").unwrap(), Some(Precondition::Tags(vec!["a".into(), "b".into()])));
    }
}

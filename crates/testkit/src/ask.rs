//! Requests as tests write them, and answers as tests read them.

use std::fmt::Write as _;

use base64::Engine as _;
use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use writ_core::assertion::ASSERTION_TYPE;

/// How a request proves who sends it.
#[derive(Debug, Clone)]
pub enum Credential {
    /// It does not.
    None,
    /// HTTP Basic.
    Basic {
        /// The client's id.
        id: String,
        /// Its secret.
        secret: String,
    },
    /// `client_id` and `client_secret` in the body.
    Post {
        /// The client's id.
        id: String,
        /// Its secret.
        secret: String,
    },
    /// `client_id` alone in the body.
    Public {
        /// The client's id.
        id: String,
    },
    /// `client_assertion` in the body (RFC 7523 §2.2).
    Assertion(String),
    /// `Authorization: Bearer`.
    Bearer(String),
    /// An `Authorization` header, word for word.
    Header(String),
}

impl Credential {
    /// HTTP Basic.
    pub fn basic(id: &str, secret: &str) -> Self {
        Self::Basic { id: id.to_owned(), secret: secret.to_owned() }
    }

    /// `client_id` and `client_secret` in the body.
    pub fn post(id: &str, secret: &str) -> Self {
        Self::Post { id: id.to_owned(), secret: secret.to_owned() }
    }

    /// `client_id` alone in the body.
    pub fn public(id: &str) -> Self {
        Self::Public { id: id.to_owned() }
    }

    /// `Authorization: Bearer`.
    pub fn bearer(token: &str) -> Self {
        Self::Bearer(token.to_owned())
    }

    /// The `Authorization` header that it sends.
    pub fn header(&self) -> Option<String> {
        match self {
            Self::None | Self::Post { .. } | Self::Public { .. } | Self::Assertion(_) => None,
            Self::Basic { id, secret } => Some(basic(id, secret)),
            Self::Bearer(token) => Some(format!("Bearer {token}")),
            Self::Header(text) => Some(text.clone()),
        }
    }

    /// The parameters that it adds to the body.
    pub fn parameters(&self) -> Vec<(&str, &str)> {
        match self {
            Self::None | Self::Basic { .. } | Self::Bearer(_) | Self::Header(_) => Vec::new(),
            Self::Post { id, secret } => vec![("client_id", id), ("client_secret", secret)],
            Self::Public { id } => vec![("client_id", id)],
            Self::Assertion(text) => {
                vec![("client_assertion_type", ASSERTION_TYPE), ("client_assertion", text)]
            }
        }
    }
}

/// The value of an `Authorization` header: HTTP Basic, both halves form-urlencoded (RFC 6749 §2.3.1).
pub fn basic(id: &str, secret: &str) -> String {
    let pair = format!("{}:{}", encoded(id), encoded(secret));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

/// A form-urlencoded body.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let fields: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    fields.join("&")
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            // Writing to a String cannot fail.
            other => drop(write!(out, "%{other:02X}")),
        }
    }
    out
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The first header of a name; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// All headers of a name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// A page without its scripts: each of them is a file of ours, named by its content, with nothing in its element; and
    /// the policy admits such files alone, and no text that becomes markup or code.
    #[track_caller]
    pub fn without_scripts(&self) -> String {
        let (start, end) = ("<script type=\"module\" src=\"/assets/", ".js\"></script>\n");
        let mut parts = self.text().split(start);
        let mut plain = parts.next().unwrap_or_default().to_owned();
        let policy = self.header("content-security-policy");
        for part in parts {
            let (name, rest) = part.split_once(end).expect("an empty element");
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(name.chars().all(is_name), "{name}");
            assert!(policy.contains("; script-src 'self'; "), "{policy}");
            plain.push_str(rest);
        }
        assert!(policy.contains("; require-trusted-types-for 'script'; trusted-types 'none'; "), "{policy}");
        plain
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// A string member of the JSON body; empty where there is none.
    pub fn member(&self, name: &str) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The word in `error`.
    pub fn error(&self) -> String {
        self.member("error")
    }

    /// Holds the answer to a status.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// Holds the answer to a status and a word in `error`.
    #[track_caller]
    #[must_use]
    pub fn refused(self, status: u16, error: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.error(), error, "{}", answer.text());
        answer
    }
}

/// The `access_token` of a successful answer.
#[track_caller]
pub fn token_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.member("access_token");
    assert!(!token.is_empty(), "{}", answer.text());
    token
}

//! What a browser says of the page that asked (§5.8.1).

use writ_jose::Json;

use super::{RelyingParty, WebauthnFault};
use crate::secret::{Digest32, sha256};

/// The longest client data that are read, bytes.
const LONGEST: usize = 8192;

/// What was asked of a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    /// To be made.
    Create,
    /// To be used.
    Get,
}

impl Ceremony {
    const fn word(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// The client data of an answer.
#[derive(Debug, Clone)]
pub struct ClientData {
    ceremony: Box<str>,
    challenge: Box<str>,
    origin: Box<str>,
    is_framed: bool,
    hash: Digest32,
}

impl ClientData {
    /// Reads the JSON that the browser has sent (§5.8.1.1); a member that stands twice is an error.
    ///
    /// # Errors
    /// Where it is not that.
    pub fn read(bytes: &[u8]) -> Result<Self, WebauthnFault> {
        if bytes.len() > LONGEST {
            return Err(WebauthnFault::Malformed);
        }
        let json = Json::parse(bytes).map_err(|_| WebauthnFault::Malformed)?;
        let text = |name| json.get(name).and_then(Json::as_str).map(Box::from);
        let (Some(ceremony), Some(challenge), Some(origin)) =
            (text("type"), text("challenge"), text("origin"))
        else {
            return Err(WebauthnFault::Malformed);
        };
        let is_framed = match json.get("crossOrigin") {
            None | Some(Json::Boolean(false)) => json.get("topOrigin").is_some(),
            Some(_) => true,
        };
        Ok(Self { ceremony, challenge, origin, is_framed, hash: sha256(bytes) })
    }

    /// What the passkey was asked to sign, as the page had it: base64url without padding.
    pub fn challenge(&self) -> &str {
        &self.challenge
    }

    /// SHA-256 of what the browser sent.
    pub(super) const fn hash(&self) -> &Digest32 {
        &self.hash
    }

    /// Whether a page of ours asked for this, by itself (§7.1 steps 7 to 11, §7.2 steps 11 to 15).
    pub(super) fn is_for(&self, ceremony: Ceremony, party: RelyingParty<'_>) -> Result<(), WebauthnFault> {
        if *self.ceremony != *ceremony.word() {
            return Err(WebauthnFault::Ceremony);
        }
        if *self.origin != *party.origin || self.is_framed {
            return Err(WebauthnFault::Origin);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTY: RelyingParty<'static> = RelyingParty { id: "example.org", origin: "https://example.org" };

    fn checked(json: &str) -> Result<(), WebauthnFault> {
        ClientData::read(json.as_bytes())?.is_for(Ceremony::Get, PARTY)
    }

    /// §5.8.1: our own origin, letter by letter, and no frame of anybody else's.
    #[test]
    fn a_page_of_another_origin_is_refused() {
        let of = |origin: &str, more: &str| {
            checked(&format!(r#"{{"type":"webauthn.get","challenge":"AA","origin":"{origin}"{more}}}"#))
        };
        assert_eq!(of("https://example.org", ""), Ok(()));
        assert_eq!(of("https://example.org", r#","crossOrigin":false,"other":[1]"#), Ok(()));
        for origin in [
            "https://example.org:8443",
            "http://example.org",
            "https://www.example.org",
            "https://example.org.evil.example",
            "https://Example.org",
            "android:apk-key-hash:AAAA",
            "null",
            "",
        ] {
            assert_eq!(of(origin, ""), Err(WebauthnFault::Origin), "{origin}");
        }
        for more in
            [r#","crossOrigin":true"#, r#","crossOrigin":1"#, r#","topOrigin":"https://evil.example""#]
        {
            assert_eq!(of("https://example.org", more), Err(WebauthnFault::Origin), "{more}");
        }
    }

    #[test]
    fn what_answers_something_else_is_refused() {
        let other = r#"{"type":"webauthn.create","challenge":"AA","origin":"https://example.org"}"#;
        assert_eq!(checked(other), Err(WebauthnFault::Ceremony));
        for text in [
            "",
            "[]",
            r#"{"type":"webauthn.get","challenge":"AA"}"#,
            r#"{"type":"webauthn.get","challenge":7,"origin":"https://example.org"}"#,
            r#"{"type":"webauthn.get","challenge":"AA","challenge":"BB","origin":"https://example.org"}"#,
        ] {
            assert_eq!(checked(text), Err(WebauthnFault::Malformed), "{text}");
        }
        let long = format!(
            r#"{{"type":"webauthn.get","challenge":"{}","origin":"https://example.org"}}"#,
            "A".repeat(LONGEST)
        );
        assert_eq!(checked(&long), Err(WebauthnFault::Malformed));
    }
}

//! What a token is bound to: whoever presents it has to hold that key too (RFC 7800, RFC 8705 §3, RFC 9449 §6).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_jose::{Json, JsonObject};

/// The key that a token, or a whole grant, is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// `jkt`: the SHA-256 thumbprint of a JWK, base64url (RFC 9449 §6.1).
    Key(Arc<str>),
    /// `x5t#S256`: the SHA-256 thumbprint of a certificate, base64url (RFC 8705 §3.1).
    Certificate(Arc<str>),
}

/// How an access token is presented (`token_type`, RFC 6749 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenScheme {
    /// By whoever has it, or over the connection that it is bound to (RFC 6750; RFC 8705 §3).
    Bearer,
    /// With a proof of the key that it is bound to (RFC 9449 §5).
    Dpop,
}

impl TokenScheme {
    /// How a token is presented that is bound to this.
    pub const fn of(cnf: Option<&Confirmation>) -> Self {
        match cnf {
            Some(Confirmation::Key(_)) => Self::Dpop,
            Some(Confirmation::Certificate(_)) | None => Self::Bearer,
        }
    }

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }
}

impl Confirmation {
    /// The key with this thumbprint, as a client names it (`dpop_jkt`, RFC 9449 §10): base64url of 32 octets. None: it is
    /// nothing of the kind.
    pub fn of_thumbprint(text: &str) -> Option<Self> {
        let octets = URL_SAFE_NO_PAD.decode(text).ok()?;
        (octets.len() == 32).then(|| Self::Key(text.into()))
    }

    const fn member(&self) -> (&'static str, &Arc<str>) {
        match self {
            Self::Key(thumbprint) => ("jkt", thumbprint),
            Self::Certificate(thumbprint) => ("x5t#S256", thumbprint),
        }
    }

    /// The value of `cnf`, which is also what is stored.
    pub fn to_json(&self) -> String {
        let (name, thumbprint) = self.member();
        let mut json = JsonObject::with_capacity(64);
        json.string(name, thumbprint);
        json.finish()
    }

    /// From the stored text; `None` for what was not written here.
    pub fn from_stored(text: &str) -> Option<Self> {
        let json = Json::parse(text.as_bytes()).ok()?;
        let thumbprint = |name: &str| json.get(name).and_then(Json::as_str).map(Arc::from);
        thumbprint("jkt").map(Self::Key).or_else(|| thumbprint("x5t#S256").map(Self::Certificate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back_and_is_the_claim() {
        for (cnf, json) in [
            (Confirmation::Key("abc".into()), r#"{"jkt":"abc"}"#),
            (Confirmation::Certificate("d_-f".into()), r#"{"x5t#S256":"d_-f"}"#),
        ] {
            assert_eq!(cnf.to_json(), json);
            assert_eq!(Confirmation::from_stored(json), Some(cnf));
        }
        for other in ["", "{}", "null", r#"{"jkt":1}"#, r#"{"kid":"x"}"#] {
            assert_eq!(Confirmation::from_stored(other), None, "{other}");
        }
    }
}

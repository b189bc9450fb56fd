//! The ID token (OpenID Connect Core §2): who the person is and how they signed in, for the client alone.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::authenticate::ClientFacts;
use crate::ids::UserId;
use crate::session::Authentication;
use crate::subject::Subject;
use crate::time::Micros;
use writ_jose::{Algorithm, JsonObject};

/// What an ID token says, as yet without the hash of the access token beside it.
#[derive(Debug, Clone)]
pub struct IdTokenDraft {
    json: JsonObject,
    algorithm: Algorithm,
}

/// What an ID token is about.
#[derive(Debug, Clone, Copy)]
pub struct IdToken<'a> {
    /// Who.
    pub user: UserId,
    /// How they proved to be themselves.
    pub authentication: &'a Authentication,
    /// What the authorization request sent.
    pub nonce: Option<&'a str>,
    /// From when.
    pub now: Micros,
    /// Until when.
    pub expires_at: Micros,
    /// What it will be signed with: decides the hash in `at_hash`.
    pub algorithm: Algorithm,
}

impl IdTokenDraft {
    /// For a client.
    pub fn new(facts: &ClientFacts, about: &IdToken<'_>) -> Self {
        let mut json = JsonObject::with_capacity(512);
        json.string("iss", &facts.issuer);
        json.string("sub", &Subject::of(about.user).to_string());
        json.string("aud", &facts.client.client_id);
        json.number("exp", about.expires_at.as_secs());
        json.number("iat", about.now.as_secs());
        json.number("auth_time", about.authentication.at.as_secs());
        if let Some(nonce) = about.nonce {
            json.string("nonce", nonce);
        }
        let methods: Vec<&str> =
            about.authentication.methods.split(' ').filter(|method| !method.is_empty()).collect();
        if !methods.is_empty() {
            json.strings("amr", &methods);
        }
        Self { json, algorithm: about.algorithm }
    }

    /// The claims, with the hash of the access token that is handed out beside it (§3.1.3.6).
    pub fn payload(mut self, access_token: &str) -> String {
        let hash = match self.algorithm {
            Algorithm::Es256 | Algorithm::Rs256 | Algorithm::Ps256 => &digest::SHA256,
            // Ed25519 hashes with SHA-512.
            Algorithm::EdDsa => &digest::SHA512,
        };
        let hash = digest::digest(hash, access_token.as_bytes());
        let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
        self.json.string("at_hash", &URL_SAFE_NO_PAD.encode(left));
        self.json.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{NOW, facts};
    use crate::time::Seconds;

    fn claims(algorithm: Algorithm, nonce: Option<&str>) -> serde_json::Value {
        let about = IdToken {
            user: UserId::from_bytes([7; 16]),
            authentication: &Authentication::by_password(NOW.minus(Seconds(5))),
            nonce,
            now: NOW,
            expires_at: NOW.plus(Seconds(3600)),
            algorithm,
        };
        // OpenID Connect Core, example A.3: the access token and its hash.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        serde_json::from_str(&IdTokenDraft::new(&facts(|_, _| {}), &about).payload(token)).unwrap()
    }

    /// OpenID Connect Core §2 and the example of appendix A.3.
    #[test]
    fn the_claims_of_an_id_token() {
        let expected = serde_json::json!({
            "iss": "https://id.example", "sub": Subject::of(UserId::from_bytes([7; 16])).to_string(), "aud": "app",
            "exp": 1_800_003_600, "iat": 1_800_000_000, "auth_time": 1_799_999_995, "nonce": "n\"1",
            "amr": ["pwd"], "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
        });
        assert_eq!(claims(Algorithm::Rs256, Some("n\"1")), expected);
        let other = claims(Algorithm::EdDsa, None);
        assert!(other.get("nonce").is_none());
        assert_eq!(other["at_hash"], "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM", "half of SHA-512");
    }
}

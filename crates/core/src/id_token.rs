//! The ID token (OpenID Connect Core §2): who the person is and how they signed in, for the client alone.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::authenticate::ClientFacts;
use crate::claims::{ClaimPlace, ClaimsRequest, Person};
use crate::client::IdTokenClaims;
use crate::issuing::IdTokenPolicy;
use crate::scope::Scope;
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

/// What is handed out beside an ID token. It bears a hash of each, so that none of it can be put in another's place.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The access token (OpenID Connect Core §3.1.3.6, §3.2.2.9).
    pub access_token: Option<&'a str>,
    /// The code, where both come with the browser (§3.3.2.11).
    pub code: Option<&'a str>,
    /// The `state` that comes with them (Financial-grade API Security Profile 1.0, Part 2, §5.1.1).
    pub state: Option<&'a str>,
}

/// What an ID token is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdToken<'a> {
    /// Who.
    pub person: &'a Person,
    /// What the client calls them.
    pub subject: Subject,
    /// How they proved to be themselves.
    pub authentication: &'a Authentication,
    /// What the authorization request sent.
    pub nonce: Option<&'a str>,
    /// What the client knows the sign-in by; none: there is none behind it.
    pub sid: Option<&'a str>,
    /// What was granted.
    pub scope: &'a Scope,
    /// What was asked for beside it, claim by claim.
    pub claims: &'a ClaimsRequest,
    /// From when.
    pub now: Micros,
    /// Until when.
    pub expires_at: Micros,
    /// How it is made.
    pub policy: IdTokenPolicy,
}

impl IdTokenDraft {
    /// For a client.
    pub(crate) fn new(facts: &ClientFacts, about: &IdToken<'_>) -> Self {
        let mut json = JsonObject::with_capacity(512);
        json.string("iss", &facts.issuer);
        json.string("sub", &about.subject.to_string());
        json.string("aud", &facts.client.client_id);
        json.number("exp", about.expires_at.as_secs());
        json.number("iat", about.now.as_secs());
        about.authentication.write_to(&mut json);
        if let Some(nonce) = about.nonce {
            json.string("nonce", nonce);
        }
        if let Some(sid) = about.sid {
            json.string("sid", sid);
        }
        let told = match about.policy.claims {
            IdTokenClaims::Minimal => &Scope::default(),
            IdTokenClaims::Scopes => about.scope,
        };
        about.person.write_to(told, &mut json);
        about.person.write_asked((about.claims, ClaimPlace::IdToken), told, &mut json);
        Self { json, algorithm: about.policy.algorithm }
    }

    /// The claims, with the hashes of what is handed out beside it.
    pub fn payload(mut self, beside: Beside<'_>) -> String {
        let hashed = [("at_hash", beside.access_token), ("c_hash", beside.code), ("s_hash", beside.state)];
        for (name, text) in hashed {
            if let Some(text) = text {
                self.json.string(name, &half_hash(self.algorithm, text));
            }
        }
        self.json.finish()
    }
}

/// Half of the hash of what is handed out beside an ID token that is signed so (OpenID Connect Core §3.1.3.6).
pub(crate) fn half_hash(algorithm: Algorithm, text: &str) -> String {
    let hash = match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 | Algorithm::Ps256 => &digest::SHA256,
        // Ed25519 hashes with SHA-512.
        Algorithm::EdDsa => &digest::SHA512,
    };
    let hash = digest::digest(hash, text.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{ID_TOKENS, NOW, facts, person, scope};
    use crate::time::Seconds;

    /// OpenID Connect Core, example A.3: the access token and its hash.
    const TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";

    fn claims(policy: IdTokenPolicy, asked: &str, nonce: Option<&str>) -> serde_json::Value {
        let about = IdToken {
            person: &person(),
            subject: Subject::of(person().id),
            authentication: &Authentication::by_password(NOW.minus(Seconds(5))),
            nonce,
            sid: nonce.map(|_| "sid"),
            scope: &scope(asked),
            claims: &ClaimsRequest::default(),
            now: NOW,
            expires_at: NOW.plus(Seconds(3600)),
            policy,
        };
        serde_json::from_str(
            &IdTokenDraft::new(&facts(|_, _| {}), &about)
                .payload(Beside { access_token: Some(TOKEN), ..Beside::default() }),
        )
        .unwrap()
    }

    /// OpenID Connect Core §2 and the example of appendix A.3.
    #[test]
    fn the_claims_of_an_id_token() {
        let policy = |algorithm| IdTokenPolicy { algorithm, claims: IdTokenClaims::Scopes };
        let expected = serde_json::json!({
            "iss": "https://id.example", "sub": Subject::of(person().id).to_string(), "aud": "app",
            "exp": 1_800_003_600, "iat": 1_800_000_000, "auth_time": 1_799_999_995, "nonce": "n\"1", "sid": "sid",
            "amr": ["pwd"], "acr": "1", "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
        });
        assert_eq!(claims(policy(Algorithm::Rs256), "openid", Some("n\"1")), expected);
        let other = claims(policy(Algorithm::EdDsa), "openid", None);
        assert!(other.get("nonce").is_none() && other.get("sid").is_none());
        assert_eq!(other["at_hash"], "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM", "half of SHA-512");
    }

    /// OpenID Connect Core §5.4: the claims of the scopes, unless the client wants none.
    #[test]
    fn an_id_token_tells_what_the_scopes_say_or_only_who() {
        let of = |choice, asked| claims(IdTokenPolicy { claims: choice, ..ID_TOKENS }, asked, None);
        let told = of(IdTokenClaims::Scopes, "openid profile email roles");
        assert_eq!((&told["preferred_username"], &told["name"]), (&"ada".into(), &"Ada".into()));
        assert_eq!((&told["email"], &told["email_verified"]), (&"ada@example.org".into(), &false.into()));
        assert_eq!(told["roles"], serde_json::json!([]));
        for (choice, asked) in
            [(IdTokenClaims::Scopes, "openid"), (IdTokenClaims::Minimal, "openid profile email roles")]
        {
            let told = of(choice, asked);
            for claim in ["preferred_username", "name", "email", "email_verified", "updated_at", "roles"] {
                assert!(told.get(claim).is_none(), "{choice:?} {asked} {claim}");
            }
        }
    }
}

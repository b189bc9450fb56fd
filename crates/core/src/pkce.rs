//! Proof key for code exchange (RFC 7636), with S256 only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{ErrorCode, OAuthError};
use crate::form::Form;
use crate::reason::Reason;
use crate::secret::{Digest32, sha256};

/// What a code exchange has to know the preimage of.
#[derive(Debug, Clone, Copy)]
pub struct CodeChallenge(Digest32);

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method` (RFC 7636 §4.3).
    ///
    /// # Errors
    /// `invalid_request` for a method other than S256, also where it is left out (it would mean `plain`), for a
    /// method without a challenge, and for a challenge that is not base64url of 32 bytes.
    pub fn read(form: &Form<'_>) -> Result<Option<Self>, OAuthError> {
        let wrong = |why| Err(OAuthError::new(ErrorCode::InvalidRequest, why));
        match (form.get("code_challenge"), form.get("code_challenge_method")) {
            (None, None) => Ok(None),
            (None, Some(_)) => wrong(Reason::CodeChallengeMissing),
            (Some(_), None) => wrong(Reason::CodeChallengeMethodMissing),
            (Some(text), Some("S256")) => match Self::parse(text) {
                Some(challenge) => Ok(Some(challenge)),
                None => wrong(Reason::CodeChallengeBad),
            },
            (Some(_), Some(_)) => wrong(Reason::CodeChallengeMethodUnknown),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Digest32::from_slice(&bytes).map(Self)
    }

    /// As stored.
    pub const fn from_stored(hash: Digest32) -> Self {
        Self(hash)
    }

    /// As stored.
    pub const fn hash(&self) -> Digest32 {
        self.0
    }

    /// Whether the challenge is the hash of the verifier: nothing else is asked of it (RFC 7636 §4.6). How it is made is
    /// its client's matter (§4.1), and who has one that fits had it before the request was made.
    pub fn proved_by(&self, verifier: &str) -> bool {
        self.0.ct_eq(&sha256(verifier.as_bytes()))
    }
}

impl PartialEq for CodeChallenge {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0)
    }
}

impl Eq for CodeChallenge {}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 Appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn read(form: &str) -> Result<Option<CodeChallenge>, String> {
        CodeChallenge::read(&Form::parse(form.as_bytes()).unwrap()).map_err(|error| error.public())
    }

    #[test]
    fn the_example_of_the_rfc() {
        let form = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
        let challenge = read(&form).unwrap().unwrap();
        assert!(challenge.proved_by(VERIFIER));
        for wrong in ["", &VERIFIER[1..], &format!("{VERIFIER} "), CHALLENGE, &VERIFIER.replace('d', "e")] {
            assert!(!challenge.proved_by(wrong), "{wrong}");
        }
    }

    /// RFC 7636 §4.6: the hash decides, whatever the characters and however many.
    #[test]
    fn a_verifier_whose_hash_is_right_is_right() {
        for verifier in ["short", "with+plus/and=padding==", "übergroß", &"x".repeat(129)] {
            let challenge = CodeChallenge::from_stored(sha256(verifier.as_bytes()));
            assert!(challenge.proved_by(verifier), "{verifier}");
            assert!(!challenge.proved_by(&format!("{verifier}.")), "{verifier}");
        }
    }

    /// RFC 9700 §2.1.1: plain would show the verifier to whoever reads the request.
    #[test]
    fn only_s256_is_taken() {
        assert_eq!(read("a=b"), Ok(None));
        for (form, field) in [
            (format!("code_challenge={CHALLENGE}"), "code_challenge_method: missing"),
            (
                format!("code_challenge={CHALLENGE}&code_challenge_method=plain"),
                "code_challenge_method: only",
            ),
            (format!("code_challenge={CHALLENGE}&code_challenge_method=s256"), "code_challenge_method: only"),
            ("code_challenge_method=S256".to_owned(), "code_challenge: missing"),
            ("code_challenge=short&code_challenge_method=S256".to_owned(), "code_challenge: not"),
            (format!("code_challenge={CHALLENGE}=&code_challenge_method=S256"), "code_challenge: not"),
        ] {
            assert!(read(&form).unwrap_err().starts_with(field), "{form}");
        }
    }
}

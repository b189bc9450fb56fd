//! Keys of clients that lie where the client has them (`jwks_uri`).

use writ_core::client::{ClientJwks, MAX_JWKS_BYTES};
use writ_jose::VerifyingKey;

use crate::reasons;
use crate::state::fetched::FetchedDocument;

/// A set of keys, as it was fetched.
#[derive(Debug)]
pub(crate) struct ClientKeySet {
    /// Those that verify.
    pub keys: Vec<VerifyingKey>,
    /// All of them, also those to encrypt to.
    pub jwks: ClientJwks,
}

impl FetchedDocument for ClientKeySet {
    const WHAT: &'static str = "a set of keys";
    const ACCEPT: &'static str = "application/jwk-set+json, application/json";
    const BYTES: usize = MAX_JWKS_BYTES;

    fn read(body: &str) -> Result<Self, String> {
        let jwks = ClientJwks::parse(body);
        let jwks = jwks.map_err(|why| format!("the answer {}", reasons::reason(&why.into())))?;
        Ok(Self { keys: jwks.verifying(None), jwks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_no_set_of_public_keys_is_none() {
        for (body, why) in
            [("<html>", "must be a JWK set"), (r#"{"keys":[{"kty":"oct","k":"AA"}]}"#, "private member")]
        {
            let refused = ClientKeySet::read(body).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
        let set = ClientKeySet::read(r#"{"keys":[{"kty":"XX"}]}"#).unwrap();
        assert_eq!(set.keys.len(), 0, "what is not known is passed over");
    }
}

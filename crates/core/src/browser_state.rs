//! Whether somebody still is signed in in a browser, for applications that watch (OpenID Connect Session Management 1.0):
//! a cookie that scripts of ours read, and what a client is told of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::client::WebOrigin;
use crate::ids::{CodeId, SessionId};
use crate::secret::{HashKey, sha256};

/// What a browser keeps of a sign-in: another text for each, and nothing to sign in with.
pub fn browser_state(session: SessionId, hash_key: &HashKey) -> String {
    let hash = hash_key.hash(&format!("browser state in {session}"));
    URL_SAFE_NO_PAD.encode(hash.as_bytes().first_chunk::<16>().copied().unwrap_or_default())
}

/// What a client is told of it (§2): a hash that its page has our page compute again, from who asks and from what the browser
/// has by then. The salt follows from the code beside it, so that an answer which is sent twice is the same.
pub(crate) fn session_state(
    client_id: &str,
    origin: &WebOrigin,
    (session, code): (SessionId, CodeId),
    hash_key: &HashKey,
) -> String {
    // Its reader has the code.
    let salt = sha256(format!("salt:{code}").as_bytes());
    let salt = URL_SAFE_NO_PAD.encode(salt.as_bytes().first_chunk::<9>().copied().unwrap_or_default());
    hashed(client_id, origin.as_str(), &browser_state(session, hash_key), &salt)
}

/// As the page does it.
fn hashed(client_id: &str, origin: &str, state: &str, salt: &str) -> String {
    let hash = sha256(format!("{client_id} {origin} {state} {salt}").as_bytes());
    format!("{}.{salt}", URL_SAFE_NO_PAD.encode(hash.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::hash_key;

    /// Session Management §2: client, origin, browser state and salt, and the salt itself.
    #[test]
    fn the_state_is_of_a_client_at_an_origin_in_a_sign_in() {
        let state = |client: &str, origin: &str, session: u8, code: u8| {
            let of = (SessionId::from_bytes([session; 16]), CodeId::from_bytes([code; 16]));
            session_state(client, &WebOrigin::parse(origin).unwrap(), of, &hash_key())
        };
        let one = state("app", "https://a.example", 1, 1);
        assert_eq!(one, state("app", "https://a.example", 1, 1), "an answer that is sent twice");
        let salt = one.split_once('.').unwrap().1;
        let browser = browser_state(SessionId::from_bytes([1; 16]), &hash_key());
        assert_eq!(one, hashed("app", "https://a.example", &browser, salt));
        assert!(!one.contains(' '), "it is the last of two words in a message");
        for other in [
            state("other", "https://a.example", 1, 1),
            state("app", "https://b.example", 1, 1),
            state("app", "https://a.example", 2, 1),
            state("app", "https://a.example", 1, 2),
        ] {
            assert_ne!(one, other);
        }
    }

    /// The same as `sha256sum` and `base64` make of it.
    #[test]
    fn what_the_page_computes() {
        assert_eq!(
            hashed("app", "https://a.example", "state", "salt"),
            "_8YZz8cKzDMWalEB2DKCodRSVlH8QHW-VeO1hZSIJIM.salt"
        );
    }
}

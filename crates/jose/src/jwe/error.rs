//! What can be wrong with an encrypted token or its keys. Internal messages, as in [`crate::JoseError`].

use super::algorithm::{ContentEncryption, KeyManagement};
use crate::json::JsonError;

/// Why a token was not encrypted or decrypted.
///
/// All variants but [`Self::Decryption`] follow from what anybody can read in the token, so telling them apart
/// tells nobody more. Whatever needs the private key is that one variant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JweError {
    /// A private key could not be made.
    #[error("no {0} key could be generated")]
    Generation(KeyManagement),
    /// Bytes that are no private key for the algorithm, or one that is too weak.
    #[error("the private key is not an acceptable {0} key in PKCS#8 form")]
    PrivateKey(KeyManagement),
    /// The private key could not be written out.
    #[error("the {0} key could not be written in PKCS#8 form")]
    Export(KeyManagement),
    /// The cryptographic library or the system's random generator failed, or the recipient's X25519 key is one of
    /// the few that agree on nothing (RFC 7748 §6.1).
    #[error("encrypting with {0} failed")]
    Encryption(KeyManagement),
    /// The token is longer than [`super::MAX_JWE_BYTES`].
    #[error("the token has {bytes} bytes")]
    Oversize {
        /// Its length.
        bytes: usize,
    },
    /// The token has not exactly five segments. RFC 7516 §7.1.
    #[error("the token has {found} segments instead of 5")]
    Segments {
        /// How many it has.
        found: usize,
    },
    /// The header is not canonical base64url. RFC 7515 §2.
    #[error("the token's header is not canonical base64url")]
    Encoding,
    /// The header is not JSON, or has a member twice. RFC 7516 §4.
    #[error("the token's header: {0}")]
    Json(#[from] JsonError),
    /// The header is JSON, but not an object.
    #[error("the token's header is not a JSON object")]
    NotAnObject,
    /// A header parameter is missing or of the wrong type.
    #[error("the header parameter {0} is missing or not of its type")]
    HeaderParameter(&'static str),
    /// `alg` names nothing that Writ decrypts with.
    #[error("the key management {name:?} is not supported")]
    ManagementUnsupported {
        /// The name, cut to 32 characters.
        name: String,
    },
    /// `enc` names nothing that Writ decrypts with.
    #[error("the content encryption {name:?} is not supported")]
    EncryptionUnsupported {
        /// The name, cut to 32 characters.
        name: String,
    },
    /// The key that the token names is for another `alg` or `enc`. RFC 8725 §3.1.
    #[error("the token says {token:?}, its key is for {key:?}")]
    AlgorithmMismatch {
        /// What the token says.
        token: (KeyManagement, ContentEncryption),
        /// What the key is for.
        key: (KeyManagement, ContentEncryption),
    },
    /// The header has `crit`, whose extensions Writ knows none of. RFC 7516 §4.1.13.
    #[error("the token has critical header parameters")]
    Critical,
    /// The header has `zip`: compressed content tells of itself by its length and may grow without bound. RFC 8725
    /// §3.6.
    #[error("the token is compressed")]
    Compressed,
    /// The header brings or points to a key of its own. RFC 8725 §3.10.
    #[error("the token carries key material in its header parameter {0}")]
    EmbeddedKey(&'static str),
    /// No key has the `kid` (or, without one, the algorithm) that the token names.
    #[error("no key is known by the token's key id")]
    UnknownKey {
        /// The key id, cut to 64 characters.
        kid: Option<String>,
    },
    /// The token names no key, and more than one would come into question.
    #[error("the token names no key, and several come into question")]
    AmbiguousKey,
    /// The token does not open under its key. It is not said why, and it took the same work to find out.
    #[error("the token could not be decrypted")]
    Decryption,
}

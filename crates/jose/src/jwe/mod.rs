//! Encrypted tokens: JWE in compact form (RFC 7516 §7.1), for clients that want their ID or access tokens so
//! (OpenID Connect Registration 1.0 §2, `id_token_encrypted_response_alg` and its kin) and for what they encrypt
//! to us.
//!
//! Two ways to agree on a content key, RSA-OAEP-256 and ECDH-ES (direct), and two ciphers, A256GCM and A128CBC-HS256.
//! A client's key comes as a JWK ([`EncryptionJwk`]) and becomes an [`EncryptionKey`]; our own is a [`DecryptionKey`]. Both are for
//! exactly one `alg` and one `enc`, and a token that says another is refused before its key is touched.
//!
//! Encryption alone proves nothing about the sender: what goes in is a token that was signed before
//! ([`Content::Jwt`], RFC 7519 §11.2), and what comes out is verified like any other.
//!
//! Decryption answers every failure that has to do with the key with [`JweError::Decryption`] and nothing more: a
//! padding that was wrong, a tag that was wrong and a point that was on no curve look the same (RFC 7516 §11.5). An
//! RSA key that does not open the content key goes on with a random one, so that the time does not tell either.

mod agreement;
mod algorithm;
mod content;
mod decrypt;
mod encrypt;
mod error;
mod jwk;

pub use algorithm::{ContentEncryption, Curve, KeyManagement};
pub use decrypt::{Decrypted, DecryptionKey, JweHeader, decrypt_compact};
pub use encrypt::{Content, EncryptionKey};
pub use error::JweError;
pub use jwk::{EncryptionJwk, KeyNaming};

#[cfg(test)]
pub(super) use agreement::{Parties, content_key};
#[cfg(test)]
pub(super) use content::{ContentKey, Sealed, open, seal_onto};

/// Longest encrypted token that is looked at, in bytes: a nested token of [`super::MAX_TOKEN_BYTES`] fits, with the
/// longest RSA key and a header around it.
pub const MAX_JWE_BYTES: usize = 24 * 1024;

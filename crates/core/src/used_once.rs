//! What may be used once: assertions of clients (RFC 7523 §3) and proofs that somebody holds a key (RFC 9449 §11.1).

use crate::secret::Digest32;
use crate::time::Micros;

/// Something that may be used once, until then.
#[derive(Debug, Clone, Copy)]
pub struct UsedOnce {
    /// Its `jti` and whose that is, hashed.
    pub name: Digest32,
    /// When nobody takes it any more.
    pub expires_at: Micros,
    /// When it was used.
    pub at: Micros,
}

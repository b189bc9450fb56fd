//! What can be wrong with a key or a token. Internal messages: an endpoint answers `invalid_token` or
//! `invalid_client` and logs these.

use super::algorithm::{Algorithm, KeyType};
use super::json::JsonError;
use super::jwe::KeyManagement;

/// The three segments of a token in compact form. RFC 7515 §7.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// The protected header.
    Header,
    /// The payload.
    Payload,
    /// The signature.
    Signature,
}

/// Why a token or key was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    /// A private key could not be made.
    #[error("no {algorithm} key could be generated")]
    Generation {
        /// For which algorithm.
        algorithm: Algorithm,
    },
    /// Bytes that are no private key of the algorithm, or one that is too weak.
    #[error("the private key is not an acceptable {algorithm} key in PKCS#8 form")]
    PrivateKey {
        /// The algorithm that the key was read for.
        algorithm: Algorithm,
    },
    /// The private key could not be written out.
    #[error("the {algorithm} key could not be written in PKCS#8 form")]
    Export {
        /// The key's algorithm.
        algorithm: Algorithm,
    },
    /// The cryptographic library refused to sign.
    #[error("signing with {algorithm} failed")]
    Signing {
        /// The key's algorithm.
        algorithm: Algorithm,
    },
    /// The public key was refused.
    #[error("public key refused: {0}")]
    Jwk(#[from] JwkError),
    /// The token is longer than [`super::MAX_TOKEN_BYTES`].
    #[error("the token has {bytes} bytes")]
    Oversize {
        /// Its length.
        bytes: usize,
    },
    /// The token has not exactly three segments. RFC 7515 §7.1.
    #[error("the token has {found} segments instead of 3")]
    Segments {
        /// How many it has.
        found: usize,
    },
    /// A segment is not canonical base64url. RFC 7515 §2.
    #[error("the token's {0:?} is not canonical base64url")]
    Encoding(Segment),
    /// A segment is not JSON, or has a member twice. RFC 7515 §4.
    #[error("the token's {part:?}: {fault}")]
    Json {
        /// Which segment.
        part: Segment,
        /// What is wrong with it.
        fault: JsonError,
    },
    /// A segment is JSON, but not an object.
    #[error("the token's {0:?} is not a JSON object")]
    NotAnObject(Segment),
    /// A header parameter is missing or not a string.
    #[error("the header parameter {0} is missing or not a string")]
    HeaderParameter(&'static str),
    /// `alg` names nothing that Writ verifies with: `none`, an HMAC, or something unknown.
    #[error("the algorithm {name:?} is not supported")]
    AlgorithmUnsupported {
        /// The name, cut to 32 characters.
        name: String,
    },
    /// `alg` is one that this caller does not accept.
    #[error("the algorithm {0} is not accepted here")]
    AlgorithmNotAllowed(Algorithm),
    /// The key that the token names is of another algorithm. RFC 8725 §3.1.
    #[error("the token says {token}, its key is for {key}")]
    AlgorithmMismatch {
        /// What the token says.
        token: Algorithm,
        /// What the key is for.
        key: Algorithm,
    },
    /// The header has `crit`, whose extensions Writ knows none of. RFC 7515 §4.1.11.
    #[error("the token has critical header parameters")]
    Critical,
    /// The header has `b64`: unencoded payloads (RFC 7797) are not accepted.
    #[error("the token has the header parameter b64")]
    UnencodedPayload,
    /// The header brings or points to a key of its own. RFC 8725 §3.10.
    #[error("the token carries key material in its header parameter {0}")]
    EmbeddedKey(&'static str),
    /// The header has no `jwk`, where the token has to bring its key.
    #[error("the header parameter jwk is missing")]
    KeyMissing,
    /// No key has the `kid` (or, without one, the algorithm) that the token names.
    #[error("no key is known by the token's key id")]
    UnknownKey {
        /// The key id, cut to 64 characters.
        kid: Option<String>,
    },
    /// The token names no key, and more than one would come into question. OpenID Connect Core 1.0 §10.1.
    #[error("the token names no key, and several come into question")]
    AmbiguousKey,
    /// The signature does not belong to these octets and this key.
    #[error("the signature does not verify")]
    Signature,
}

/// Why a public JWK was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// The text is longer than 16 KiB.
    #[error("the JWK has {bytes} bytes")]
    Oversize {
        /// Its length.
        bytes: usize,
    },
    /// The text is not JSON, or has a member twice. RFC 7517 §4.
    #[error("{0}")]
    Json(#[from] JsonError),
    /// The text is JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// A member is missing or of the wrong JSON type.
    #[error("the member {0} is missing or not a string")]
    Member(&'static str),
    /// A coordinate, modulus or exponent is not canonical base64url of the right length.
    #[error("the member {0} is not canonical base64url of the right length")]
    Encoding(&'static str),
    /// A private or symmetric key where a public one is due.
    #[error("the key carries its private member {0}")]
    Private(&'static str),
    /// `kty` is none of `EC`, `RSA`, `OKP`.
    #[error("the key type is not supported")]
    KeyType,
    /// `crv` is none of those that the key type and its use allow: `P-256` or `Ed25519` to verify; `P-256`, `P-384`,
    /// `P-521` or `X25519` to encrypt.
    #[error("the curve is not supported")]
    Curve,
    /// `alg` names nothing that Writ verifies with, or encrypts with where that is asked for.
    #[error("the key's algorithm is not supported")]
    AlgorithmUnsupported,
    /// An RSA key without `alg`, where the caller names none either.
    #[error("the key does not say its algorithm")]
    AlgorithmMissing,
    /// `alg` does not go with `kty`, or with what the caller asked for.
    #[error("the algorithm {algorithm} does not go with this {key_type:?} key")]
    AlgorithmMismatch {
        /// The algorithm named.
        algorithm: Algorithm,
        /// The key's type.
        key_type: KeyType,
    },
    /// `use` or `key_ops` says that the key is not for signatures. RFC 7517 §4.2, §4.3.
    #[error("the key is not meant for signatures")]
    NotForSignatures,
    /// `use` or `key_ops` says that the key is not to be encrypted to. RFC 7517 §4.2, §4.3.
    #[error("the key is not meant for encryption")]
    NotForEncryption,
    /// `alg` does not go with `kty`, in a key to encrypt to.
    #[error("the algorithm {management} does not go with this {key_type:?} key")]
    ManagementMismatch {
        /// The algorithm named.
        management: KeyManagement,
        /// The key's type.
        key_type: KeyType,
    },
    /// RSA of fewer than 2048 or more than 8192 bits. RFC 7518 §3.3.
    #[error("the RSA modulus has {bits} bits")]
    RsaSize {
        /// How many.
        bits: usize,
    },
    /// An RSA modulus that is even, or an exponent that is even, below 65537 or beyond 32 bits.
    #[error("the RSA modulus or exponent is not acceptable")]
    RsaNumbers,
    /// An RSA key that a faulty library made and anybody can factor (CVE-2017-15361).
    #[error("the RSA key was made by a library whose keys are known to be weak")]
    RsaWeak,
    /// The octets are no point on the curve.
    #[error("the key is not a point on its curve")]
    Point,
}

/// What came from outside and goes into an error or a log, bounded.
pub(super) fn clipped(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

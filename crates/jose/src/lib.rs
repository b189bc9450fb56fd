//! JOSE: signed tokens in JWS compact form (RFC 7515), encrypted ones in JWE compact form (RFC 7516, [`jwe`]), public
//! keys as JWK (RFC 7517, 7518, 8037), thumbprints (RFC 7638), the strict JSON that tokens are made of, and sealing of
//! private keys for storage.
//!
//! Keys are parsed once and kept; a signature costs the elliptic curve arithmetic and one allocation, no more.
//! What a key may be used for is a property of the key ([`Algorithm`]), never of the token that asks for it
//! (RFC 8725 §3.1).

mod algorithm;
mod base64url;
mod brought;
mod claims;
mod error;
mod json;
pub mod jwe;
mod jwk;
mod jws;
mod key;
mod mac;
mod roca;
mod seal;

#[cfg(test)]
mod tests;

pub use algorithm::{Algorithm, JwtType, KeyType, typ_is};
pub use brought::KeyBearing;
pub use claims::JsonObject;
pub use error::{JoseError, JwkError, Segment};
pub use json::{Json, JsonError};
pub use jwk::PRIVATE_MEMBERS;
pub use jwk::{PublicJwk, jwks_json};
pub use jws::{Claimed, Header, MAX_TOKEN_BYTES, Verified, VerifyingKey, read_unverified, verify_compact};
pub use key::{Signature, SigningKey};
pub use mac::{HS256, MacKey};
pub use seal::{MasterKey, MasterKeyId, SealError};

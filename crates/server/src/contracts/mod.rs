//! The management APIs: one file a contract, each its wire types and conversions.

pub mod api_keys;
pub mod consents;
mod fields;
pub mod oauth2_audit;
pub mod oauth2_tokens;
pub mod roles;
pub mod sessions;
mod settings;
pub mod signing_keys;
pub mod tenants;
pub mod users;
mod wire;

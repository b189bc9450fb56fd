//! The management APIs: one file a contract, each its wire types and conversions.

pub mod api_keys;
pub mod claims;
pub mod clients;
pub mod consents;
mod fields;
pub mod identity;
pub mod logouts;
mod look;
mod members;
pub mod oauth2_audit;
pub mod oauth2_clients;
pub mod oauth2_rate_limits;
pub mod oauth2_scopes;
pub mod oauth2_tokens;
pub mod own_clients;
pub mod previews;
pub mod registration;
pub mod registration_tokens;
pub mod roles;
pub mod sessions;
mod settings;
pub mod signing_keys;
pub mod tenant;
pub mod tenants;
mod texts;
pub mod users;
pub(crate) mod wire;

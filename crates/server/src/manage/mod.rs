//! Use cases: load, decide, commit. Nothing here knows how a contract, a page or the command line spells a thing.

pub(crate) mod account;
pub mod api_keys;
pub mod claims;
pub(crate) mod documents;
pub mod factors;
pub mod groups;
pub(crate) mod hint;
pub mod leaving;
pub(crate) mod mailed;
pub mod named;
pub mod passkeys;
pub mod people;
pub(crate) mod registering;
pub mod registration_tokens;
pub mod registrations;
pub mod resources;
pub mod roles;
pub mod scopes;
pub mod sessions;
pub mod sign_in;
pub(crate) mod sign_out;
pub mod signing_keys;
pub(crate) mod standing;
pub mod tenants;
pub mod tokens;
pub(crate) mod upstream;

//! The four contracts, endpoint by endpoint: each published sample replayed, each error shown.
//!
//! The first line of a test's description names the contract, the method and path, and what is shown.

mod oauth2_audit;
mod oauth2_consents;
mod oauth2_sessions;
mod oauth2_tokens;
mod own;
mod tenant_consent;

//! The published contracts, endpoint by endpoint.

mod oauth2_audit;
mod oauth2_tokens;

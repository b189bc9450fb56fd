//! The protocol endpoints, one file each.

pub mod authorize;
pub mod check_session;
pub mod introspect;
pub mod logout;
pub mod metadata;
pub mod par;
mod request_object;
pub mod revoke;
pub mod token;
mod token_request;
pub mod userinfo;

use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;

/// Reads a form; a body that cannot be read is `invalid_request`. Several resources may be named (RFC 8707 §2).
fn parse_form(body: &[u8]) -> Result<Form<'_>, OAuthError> {
    Form::parse_allowing(body, &["resource"])
        .map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error))
}

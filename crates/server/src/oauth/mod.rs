//! The protocol endpoints, one file each.

pub mod authorize;
pub mod introspect;
pub mod logout;
pub mod metadata;
pub mod revoke;
pub mod token;
mod token_request;
pub mod userinfo;

use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;

/// Reads a form; a body that cannot be read is `invalid_request`.
fn parse_form(body: &[u8]) -> Result<Form<'_>, OAuthError> {
    Form::parse(body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error.to_string()))
}

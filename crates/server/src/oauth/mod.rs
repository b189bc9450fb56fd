//! The protocol endpoints, one file each.

pub mod authorize;
pub mod check_session;
pub mod device_authorization;
pub mod introspect;
pub mod logout;
pub mod metadata;
pub mod par;
pub mod protected_resource;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::extract::State;

    use super::*;
    use crate::call::request::Call;
    use crate::state::app::App;

    /// Bytes of the future of an endpoint.
    fn room<F>(_: impl FnOnce(State<Arc<App>>, Call) -> F) -> usize {
        size_of::<F>()
    }

    /// A future is moved whole, each time that another one begins to wait for it: what is large in it and hardly ever
    /// needed has a box of its own (docs/adr/0018).
    #[test]
    fn the_busiest_endpoints_have_small_futures() {
        for (name, bytes, most) in [
            ("token", room(token::token), 4864),
            ("introspect", room(introspect::introspect), 3072),
            ("revoke", room(revoke::revoke), 3072),
        ] {
            assert!(bytes <= most, "{name}: {bytes} bytes, and {most} are enough");
        }
    }
}

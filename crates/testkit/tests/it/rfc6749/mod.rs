//! RFC 6749: the token endpoint.

mod authentication;
mod grant;
mod request;

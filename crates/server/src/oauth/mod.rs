//! The protocol endpoints, one file each.

pub mod authorize;
pub mod introspect;
pub mod logout;
pub mod metadata;
pub mod revoke;
pub mod token;
mod token_request;
pub mod userinfo;

use writ_core::authenticate::ClientFacts;
use writ_core::authenticate::{Attempt, Evidence, PublicClients, authenticate};
use writ_core::client::SecretProof;
use writ_core::decision::Judgement;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::networks::Whence;
use writ_core::time::Micros;

use crate::state::facts::CachedClient;

/// Reads a form; a body that cannot be read is `invalid_request`. Several resources may be named (RFC 8707 §2).
fn parse_form(body: &[u8]) -> Result<Form<'_>, OAuthError> {
    Form::parse_allowing(body, &["resource"])
        .map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error.to_string()))
}

/// Authenticates the client that `attempt` names against what was loaded of it.
fn authenticated<'f>(
    attempt: &Attempt,
    loaded: (Option<&'f CachedClient>, &'f SecretProof),
    place: Place<'f>,
    now: Micros,
) -> Judgement<&'f ClientFacts> {
    let (client, proof) = loaded;
    let Place { path_slug, whence, public } = place;
    let evidence = Evidence { facts: client.map(|client| &client.facts), proof, path_slug, whence };
    authenticate(attempt, &evidence, public, now)
}

/// Where a client authenticates, and from where.
#[derive(Debug, Clone, Copy)]
struct Place<'f> {
    /// The slug that the path names.
    path_slug: Option<&'f str>,
    /// Where the request came from.
    whence: Whence,
    /// Whether a public client may go on by naming itself.
    public: PublicClients,
}

//! `id_token_hint`: an ID token of ours that says which person, and which client, is meant. It may have expired.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_core::subject::Subject;
use writ_core::tenant::Tenant;
use writ_jose::{Json, PublicJwk, VerifyingKey, verify_compact};

use crate::call::fault::Fault;
use crate::state::app::App;

/// What an ID token says that came back.
#[derive(Debug, Clone)]
pub(crate) struct Hinted {
    /// Who.
    pub subject: Subject,
    /// The public id of the client that it was for.
    pub client_id: Box<str>,
}

impl App {
    /// Reads an ID token that this issuer has signed, however long ago. None: it is no such token.
    pub(crate) async fn hinted(
        &self,
        token: &str,
        of: (&Tenant, &Arc<str>),
    ) -> Result<Option<Hinted>, Fault> {
        let (tenant, issuer) = of;
        let Some(kid) = kid(token) else { return Ok(None) };
        let keyring = self.keyring(tenant.id, tenant.version).await?;
        let Some(jwk) = keyring.public_jwk(&kid, self.clock.now()) else { return Ok(None) };
        let key = PublicJwk::from_json(jwk)
            .and_then(|jwk| VerifyingKey::from_jwk(&jwk))
            .map_err(Fault::internal)?;
        let algorithm = key.algorithm();
        let Ok(verified) = verify_compact(token, &[key], &[algorithm]) else { return Ok(None) };
        // An access token bears another type (RFC 9068 §2.1).
        if verified.header.typ.as_deref().is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return Ok(None);
        }
        let Ok(claims) = verified.claims() else { return Ok(None) };
        let text = |name: &str| claims.get(name).and_then(Json::as_str);
        if text("iss") != Some(&**issuer) {
            return Ok(None);
        }
        let (Some(subject), Some(client_id)) = (text("sub").and_then(Subject::parse), text("aud")) else {
            return Ok(None);
        };
        Ok(Some(Hinted { subject, client_id: client_id.into() }))
    }
}

/// The key that a token says it was signed with; nothing else of it is believed before that key says so.
fn kid(token: &str) -> Option<String> {
    let (header, _) = token.split_once('.')?;
    let header = URL_SAFE_NO_PAD.decode(header).ok()?;
    Json::parse(&header).ok()?.get("kid")?.as_str().map(str::to_owned)
}

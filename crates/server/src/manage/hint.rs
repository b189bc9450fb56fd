//! `id_token_hint`: finding the key that it says it was signed with. What it then says is for core to read.

use std::sync::Arc;

use writ_core::hint::{self, SentHint};
use writ_core::tenant::Tenant;
use writ_jose::{PublicJwk, VerifyingKey};

use crate::call::fault::Fault;
use crate::state::app::App;

impl App {
    /// Reads a hint: an ID token that this issuer has signed, however long ago.
    pub(crate) async fn hinted(
        &self,
        token: Option<&str>,
        of: (&Tenant, &Arc<str>),
    ) -> Result<SentHint, Fault> {
        let (tenant, issuer) = of;
        let Some(token) = token else { return Ok(SentHint::Nothing) };
        let Some(kid) = hint::kid(token) else { return Ok(SentHint::Bad) };
        let keyring = self.keyring(tenant.id, tenant.version).await?;
        let Some(jwk) = keyring.public_jwk(&kid, self.clock.now()) else { return Ok(SentHint::Bad) };
        let key = PublicJwk::from_json(jwk)
            .and_then(|jwk| VerifyingKey::from_jwk(&jwk))
            .map_err(Fault::internal)?;
        Ok(hint::read(token, key, issuer).map_or(SentHint::Bad, SentHint::Token))
    }
}

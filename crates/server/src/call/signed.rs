//! Answers to authorization requests that their client wants signed (JWT Secured Authorization Response Mode, JARM).

use writ_core::authenticate::ClientFacts;
use writ_core::authorize::{Answered, Wrapping};
use writ_jose::TokenType;

use crate::call::fault::Fault;
use crate::reasons;
use crate::state::app::App;
use crate::state::keyring::Wanted;
use crate::state::rounds::Freshness;

/// How often the tenant is looked at: once before its key is made, and once after.
const LOOKS: usize = 3;

impl App {
    /// An answer as it was asked for: as it is, or as one signed JWT (JARM §2).
    ///
    /// # Errors
    /// Where nothing can be signed.
    pub(crate) async fn as_wanted(&self, answered: Answered, facts: &ClientFacts) -> Result<Answered, Fault> {
        let answered = answered.worded(reasons::why);
        if answered.to.mode.wrapping == Wrapping::None {
            return Ok(answered);
        }
        let own = facts.client.tokens.choices.authorization_alg;
        let algorithm = own.unwrap_or_else(|| self.id_token_alg(&facts.tenant));
        let claims = answered.claims(&facts.client.client_id, self.clock.now());
        let wanted = Wanted { algorithm, lifetime: facts.client.tokens.access_lifetime };
        for _ in 0..LOOKS {
            let tenant = self.tenant(&facts.tenant.slug, Freshness::Fresh).await?;
            let version = tenant.map_or(facts.tenant.version, |tenant| tenant.version);
            if let Some(key) = self.signing_key((facts.tenant.id, version), wanted).await? {
                let jwt = key.sign_compact(TokenType::IdToken, claims.as_bytes()).map_err(Fault::internal)?;
                return Ok(answered.signed(jwt));
            }
        }
        Err(Fault::internal("no key signs answers to authorization requests"))
    }
}

//! Answers of the authorization endpoint with tokens in them (OpenID Connect Core §3.2.2.5, §3.3.2.5): who they are about is
//! loaded, they are signed, and what is written with the decision has the hash of what is handed out.

use std::sync::Arc;

use writ_core::authenticate::ClientFacts;
use writ_core::authorize::{Answered, Deciding, FrontTokens, refused};
use writ_core::change::Changes;
use writ_core::client::TokenFormat;
use writ_core::draft::Unsigned;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::issuing::Issuing;
use writ_core::reason::Reason;
use writ_core::resource::{Targets, Wanted};
use writ_jose::{Algorithm, SigningKey};

use crate::call::fault::Fault;
use crate::state::app::App;
use crate::state::encrypting::{Recipients, WantedRecipients};
use crate::state::keyring::WantedKey;
use crate::state::rounds::Verdict;

/// An answer, and what is to be written with it; nothing, where it was written before.
pub(crate) type AnsweredWith = (Answered, Option<Changes>);

/// What signs the tokens of an answer, and what they are encrypted to.
struct AnswerKeys {
    access: Option<Arc<SigningKey>>,
    id: Option<Arc<SigningKey>>,
    to: Recipients,
}

impl AnswerKeys {
    fn seal(&self, unsigned: Unsigned<'_>) -> Result<String, Fault> {
        let (key, recipient) = match unsigned {
            Unsigned::AccessToken { .. } => (&self.access, &self.to.access),
            Unsigned::IdToken { .. } | Unsigned::LogoutToken { .. } => (&self.id, &self.to.id),
        };
        let key = key.as_deref().ok_or_else(|| Fault::internal("a token was decided on without a key"))?;
        unsigned.seal(key, recipient.as_ref()).map_err(Fault::internal)
    }
}

impl App {
    /// An answer as its client wants it, with the tokens that go with it.
    ///
    /// # Errors
    /// Where nothing can be signed, and the storage's.
    pub(crate) async fn complete(
        &self,
        deciding: &Deciding<'_>,
        (mut answered, changes): AnsweredWith,
    ) -> Result<AnsweredWith, Fault> {
        let (answered, changes) = match answered.front.take() {
            None => (answered, changes),
            // In a box: most answers have no token in them, and need not carry room for one.
            Some(front) => Box::pin(self.with_tokens(deciding, *front, (answered, changes))).await?,
        };
        Ok((self.as_wanted(answered, deciding.facts).await?, changes))
    }

    async fn with_tokens(
        &self,
        deciding: &Deciding<'_>,
        front: FrontTokens,
        (answered, changes): AnsweredWith,
    ) -> Result<AnsweredWith, Fault> {
        let facts = deciding.facts;
        let Some(person) = self.store.person(front.user(), facts.tenant.id).await? else {
            let error = OAuthError::new(ErrorCode::LoginRequired, Reason::NobodySignedIn);
            return Ok((refused(&answered.to, &error, &facts.issuer), None));
        };
        let resources = self.resources(&facts.tenant).await?;
        let issuing = Issuing {
            facts,
            origin: deciding.origin,
            moment: deciding.moment,
            id_tokens: self.id_token_policy(facts),
            hash_key: &self.hash_key,
            targets: Targets { known: &resources, wanted: Wanted::NONE },
            confirmation: None,
        };
        let has_id_token = front.has_id_token();
        let draft = match front.draft(&person, &issuing, changes) {
            Ok(draft) => draft,
            Err(refusal) => return Ok((refused(&answered.to, &refusal.error, &facts.issuer), None)),
        };
        let sealing = self.sealing(facts, draft.access_token(), has_id_token).await?;
        draft.seal(answered, |unsigned| sealing.seal(unsigned))
    }

    /// The keys for what is in the answer.
    async fn sealing(
        &self,
        facts: &ClientFacts,
        access: Option<TokenFormat>,
        has_id_token: bool,
    ) -> Result<AnswerKeys, Fault> {
        let tokens = &facts.client.tokens;
        let access = match access {
            Some(TokenFormat::Jwt(own)) => Some(
                self.front_key(facts, own.unwrap_or_else(|| self.access_token_alg(&facts.tenant))).await?,
            ),
            Some(TokenFormat::Opaque) | None => None,
        };
        let id = if has_id_token {
            Some(self.front_key(facts, self.id_token_policy(facts).algorithm).await?)
        } else {
            None
        };
        let wanted = WantedRecipients { access: access.is_some(), id: id.is_some() };
        let to = self.recipients(tokens, wanted, facts.tenant.id).await?;
        Ok(AnswerKeys { access, id, to })
    }

    async fn front_key(&self, facts: &ClientFacts, algorithm: Algorithm) -> Result<Arc<SigningKey>, Fault> {
        let wanted = WantedKey { algorithm, lifetime: facts.client.tokens.access_lifetime };
        self.key_for_answers(&facts.tenant, wanted).await
    }
}

/// The verdict that gives an answer, once what belongs to it is written.
pub(crate) fn verdict<T>(answer: T, changes: Option<Changes>) -> Verdict<T> {
    match changes {
        Some(changes) => Verdict::Commit(answer, changes),
        None => Verdict::Answer(answer),
    }
}

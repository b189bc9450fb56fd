//! The door for clients that call with a credential of their own (RFC 6749 §2.3): whom they name is loaded, admitted,
//! proved and authenticated here, for every endpoint that has such callers. Another way for a client to prove itself
//! enters here.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OnceCell;
use writ_core::authenticate::{Attempt, ClientFacts, Evidence, PublicClients, authenticate, used_before};
use writ_core::authorization::Authorization;
use writ_core::change::Action;
use writ_core::decision::Judgement;
use writ_core::error::ErrorCode;
use writ_core::form::Form;
use writ_core::used_once::UsedOnce;
use writ_store::CallerVersions;

use crate::call::fault::Fault;
use crate::call::request::{Call, Context};
use crate::state::app::App;
use crate::state::facts::CachedClient;
use crate::state::rounds::{Freshness, Held, Source, Verdict};

/// A client that knocks.
pub(crate) struct Knock<'c> {
    attempt: Attempt,
    context: &'c Context,
    /// The slug that the path names; none at the root, where the tenant is the credential's.
    path_slug: Option<&'c str>,
    public: PublicClients,
    /// Whether what it proves itself with was used here for the first time: asked once, however many rounds there are.
    first_use: OnceCell<Held>,
}

/// The body of a form for an endpoint with calling clients; no answer names a tenant that is not there.
///
/// # Errors
/// 404 for the tenant; 400, 408, 413 or 415 for the body.
pub(crate) async fn form_body(app: &App, call: &mut Call) -> Result<Bytes, Fault> {
    call.path_tenant(app).await?;
    Ok(call.form_body().await?)
}

impl<'c> Knock<'c> {
    /// Reads the one way in which a request authenticates its client.
    ///
    /// # Errors
    /// `invalid_request` for two ways at once, `invalid_client` for none.
    pub fn read(call: &'c Call, form: &Form<'_>, public: PublicClients) -> Result<Self, Fault> {
        let authorization = call.authorization(ErrorCode::InvalidClient)?;
        Self::with(authorization.as_ref(), (call, form), public)
    }

    /// The same, where the header was read already.
    ///
    /// # Errors
    /// `invalid_request` for two ways at once, `invalid_client` for none.
    pub fn with(
        authorization: Option<&Authorization>,
        sent: (&'c Call, &Form<'_>),
        public: PublicClients,
    ) -> Result<Self, Fault> {
        let (call, form) = sent;
        Ok(Self {
            attempt: Attempt::read(authorization, form)?,
            context: &call.context,
            path_slug: call.slug.as_deref(),
            public,
            first_use: OnceCell::new(),
        })
    }

    /// The client that it names, which has proved nothing yet.
    pub fn client_id(&self) -> &str {
        &self.attempt.client_id
    }

    /// The same, where only the header counts, and whichever tenant the credential is of.
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn by_header(authorization: &Authorization, context: &'c Context) -> Result<Self, Fault> {
        let nothing = Form::default();
        let attempt = Attempt::read(Some(authorization), &nothing)?;
        Ok(Self {
            attempt,
            context,
            path_slug: None,
            public: PublicClients::Refused,
            first_use: OnceCell::new(),
        })
    }
}

/// A client that has proved to be itself.
pub(crate) struct Entered {
    client: Arc<CachedClient>,
    source: Source,
}

impl Entered {
    /// The client and its tenant.
    pub fn facts(&self) -> &ClientFacts {
        &self.client.facts
    }

    /// All that is kept in memory of it.
    pub fn cached(&self) -> &CachedClient {
        &self.client
    }

    /// Where its facts came from. What is decided on cached ones alone is decided again.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Whether what was read just now says that it is as it was when it was let in.
    pub fn is_still(&self, seen: &CallerVersions) -> bool {
        let facts = self.facts();
        (seen.client, seen.tenant) == (facts.client.version, facts.tenant.version)
    }
}

impl App {
    /// Decides in rounds what becomes of the request of a client; nothing is decided for whoever has not proved to be it.
    ///
    /// # Errors
    /// `invalid_client`; 429 for whoever guesses; those of the rounds.
    pub(crate) async fn for_client<T, F>(
        &self,
        knock: &Knock<'_>,
        decide: impl Fn(Entered) -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<Verdict<T>, Fault>>,
    {
        let decide = &decide;
        self.rounds(|round| async move {
            let (source, judged) = self.let_in(knock, round.freshness()).await?;
            let verdict = match judged {
                Ok(client) => decide(client).await?,
                Err(refusal) => Verdict::Refuse(refusal),
            };
            Ok(verdict.on(source))
        })
        .await
    }

    /// Loads the client, asks whether it may try, and what its credential proves; and where its facts came from.
    ///
    /// # Errors
    /// 429; the storage's; 503 where too many secrets are being checked.
    pub(crate) async fn let_in(
        &self,
        knock: &Knock<'_>,
        freshness: Freshness,
    ) -> Result<(Source, Judgement<Entered>), Fault> {
        let Knock { attempt, context, path_slug, public, .. } = knock;
        let name = self.name_at(&attempt.client_id, *path_slug).await?;
        let loaded = self.client(name, freshness).await?;
        let client = loaded.facts.as_deref();
        self.admit(context, &attempt.client_id, client)?;
        let shown = self.prove(attempt, client).await?;
        let facts = client.map(|client| &client.facts);
        let evidence = Evidence { facts, shown: &shown, path_slug: *path_slug, whence: context.whence };
        let judged = authenticate(attempt, &evidence, *public, self.clock.now()).map(|proved| proved.once);
        let source = loaded.source;
        let judged = match (judged, loaded.facts) {
            (Ok(once), Some(client)) => match self.is_first_use(knock, once, &client.facts).await? {
                Held::Yes => Ok(Entered { client, source }),
                Held::No => Err(used_before()),
            },
            (Ok(_), None) => return Err(Fault::internal("a client was authenticated that is not there")),
            (Err(refusal), _) => Err(refusal),
        };
        Ok((source, judged))
    }

    /// Uses what may be used once. It is on disk before anything is decided: whoever sends the same to another node, or
    /// here at the same time, comes too late.
    async fn is_first_use(
        &self,
        knock: &Knock<'_>,
        once: Option<UsedOnce>,
        facts: &ClientFacts,
    ) -> Result<Held, Fault> {
        let Some(used) = once else { return Ok(Held::Yes) };
        // Rare, and large: in a future of its own.
        Box::pin(self.use_once(knock, used, facts)).await
    }

    async fn use_once(&self, knock: &Knock<'_>, used: UsedOnce, facts: &ClientFacts) -> Result<Held, Fault> {
        let by = || (facts.tenant.id, facts.client.id, Arc::clone(&facts.client.client_id));
        let use_it = || self.use_up(Action::AssertionUsed, by(), used);
        knock.first_use.get_or_try_init(use_it).await.copied()
    }
}

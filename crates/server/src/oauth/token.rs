//! `POST /oauth2/token`, also `POST /api/v1/oauth/tokens` (RFC 6749 §3.2).
//!
//! The order of checks: method and content type → client authentication → grant known → allowed →
//! parameters → token.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authenticate::{Attempt, ClientFacts, PublicClients};
use writ_core::change::{Changes, Origin};
use writ_core::client::{GrantType, SecretProof, TokenFormat};
use writ_core::decision::{Judgement, Moment};
use writ_core::error::ErrorCode;
use writ_core::networks::Whence;
use writ_core::person_token::{Issuing, PersonDraft};
use writ_core::token::{Draft, Issued, Unsigned};
use writ_core::{authorization_code, client_credentials, password_grant, refresh_token};
use writ_jose::{Algorithm, SigningKey};

use super::token_request::{Found, Grant, Person};
use super::{Place, authenticated, parse_form};
use crate::call::answer;
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::state::app::App;
use crate::state::facts::{CachedClient, Recipients};
use crate::state::keyring::Wanted;
use crate::state::rounds::{Rounds, Settled, Verdict};

/// Answers a token request.
pub async fn token(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let mut grant = None;
    let done = issue(&app, &mut call, &mut grant).await;
    app.meters.tokens.count(grant, done.as_ref().err().map(|fault| fault.error.code()));
    match done {
        Ok(issued) => success(&issued),
        Err(fault) => answer::error(&app, &fault),
    }
}

/// The benchmark's ceiling: parsing, client authentication, decision and signature of a token
/// request, and nothing stored.
#[cfg(feature = "bench")]
pub async fn ceiling(State(app): State<Arc<App>>, mut call: Call) -> Response {
    match draft(&app, &mut call).await {
        Ok(issued) => success(&issued),
        Err(fault) => answer::error(&app, &fault),
    }
}

/// Issues what is asked for, and says by which grant as soon as that is known.
async fn issue(app: &App, call: &mut Call, grant: &mut Option<GrantType>) -> Result<Issued, Fault> {
    let request = Incoming::read(app, call).await?;
    let form = parse_form(&request.body)?;
    *grant = form.get("grant_type").and_then(GrantType::by_name);
    let attempt = Attempt::read(request.authorization.as_ref(), &form)?;
    let mut rounds = Rounds::new();
    let mut person = Person::NotAsked;
    loop {
        let loaded = app.client(&attempt.client_id, rounds.freshness()).await?;
        let client = loaded.facts.as_deref();
        let wanted = Grant::read(&form);
        app.admit(&call.context, &attempt.client_id, client)?;
        let proof = app.prove(&attempt, client).await?;
        let signers = Signers::load(app, (client, &proof), (wanted.as_ref().ok(), request.whence)).await?;
        let found = match (&wanted, proved(app, (client, &proof), request.whence)) {
            (Ok(grant), Some(facts)) => Found::load(app, grant, facts, &mut person, &request).await?,
            (Ok(_) | Err(_), _) => Found::Nothing,
        };
        let moment = app.moment();
        let place = request.place();
        let decided = authenticated(&attempt, (client, &proof), place, moment.now).and_then(|facts| {
            wanted.and_then(|grant| decide(app, &grant, (facts, &found), (&request, moment)))
        });
        let verdict = match decided {
            Ok(_) if signers.just_made() => Verdict::Stale,
            Ok(draft) => {
                if let Some(client) = client {
                    app.may_issue(&call.context, client)?;
                }
                let (issued, changes) = draft.seal(&signers, client)?;
                Verdict::Commit(issued, changes)
            }
            Err(refusal) => Verdict::Refuse(refusal),
        };
        match rounds.settle(app, loaded.source, verdict).await? {
            Settled::Done(issued, _) => return Ok(issued),
            Settled::Again => {}
        }
    }
}

#[cfg(feature = "bench")]
async fn draft(app: &App, call: &mut Call) -> Result<Issued, Fault> {
    let request = Incoming::read(app, call).await?;
    let form = parse_form(&request.body)?;
    let attempt = Attempt::read(request.authorization.as_ref(), &form)?;
    let loaded = app.client(&attempt.client_id, Rounds::new().freshness()).await?;
    let client = loaded.facts.as_deref();
    let grant = Grant::read(&form)?;
    let proof = app.prove(&attempt, client).await?;
    let signers = Signers::load(app, (client, &proof), (Some(&grant), request.whence)).await?;
    let moment = app.moment();
    let place = request.place();
    let facts = authenticated(&attempt, (client, &proof), place, moment.now)?;
    Ok(decide(app, &grant, (facts, &Found::Nothing), (&request, moment))?.seal(&signers, client)?.0)
}

/// The client, once it has proved to be itself; a public one does so by being public.
fn proved<'c>(
    app: &App,
    client: (Option<&'c CachedClient>, &SecretProof),
    whence: Whence,
) -> Option<&'c ClientFacts> {
    let (client, proof) = client;
    let facts = &client?.facts;
    let proved = !facts.client.kind.is_confidential() || facts.client.proved_by(proof, app.clock.now());
    let is_let_in = facts.client.enabled.is_yes() && facts.client.tokens.networks.admits(whence);
    (proved && is_let_in).then_some(facts)
}

/// What stays the same over the rounds of a token request.
pub(super) struct Incoming {
    body: bytes::Bytes,
    authorization: Option<writ_core::authorization::Authorization>,
    slug: Option<Box<str>>,
    whence: Whence,
    pub(super) origin: Origin,
}

impl Incoming {
    async fn read(app: &App, call: &mut Call) -> Result<Self, Fault> {
        call.path_tenant(app).await?;
        let body = call.form_body().await?;
        let authorization = call.authorization(ErrorCode::InvalidClient)?;
        Ok(Self {
            body,
            authorization,
            slug: call.slug.clone(),
            whence: call.context.whence,
            origin: call.origin(),
        })
    }

    fn place(&self) -> Place<'_> {
        Place { path_slug: self.slug.as_deref(), whence: self.whence, public: PublicClients::Identified }
    }
}

/// What will sign a token.
enum Signer {
    /// Nothing: an opaque token, or a client that has not proved to be itself.
    None,
    /// This key.
    Key(Arc<SigningKey>),
    /// The tenant's key was made, or made to do, in this round: the next one finds it.
    JustMade,
}

/// What will sign the tokens of one answer.
struct Signers {
    access: Signer,
    id: Signer,
}

impl Signers {
    /// The keys for this client's tokens, made where the tenant has none of their algorithm yet. No key is made for
    /// somebody who has not proved to be the client.
    async fn load(
        app: &App,
        client: (Option<&CachedClient>, &SecretProof),
        asked: (Option<&Grant>, Whence),
    ) -> Result<Self, Fault> {
        let mut signers = Self { access: Signer::None, id: Signer::None };
        let (grant, whence) = asked;
        let (Some(facts), Some(grant)) = (proved(app, client, whence), grant) else { return Ok(signers) };
        signers.access = match facts.client.tokens.format {
            TokenFormat::Opaque => Signer::None,
            TokenFormat::Jwt(own) => {
                signer(app, facts, own.unwrap_or_else(|| app.access_token_alg(&facts.tenant))).await?
            }
        };
        if grant.is_of_a_person() && facts.client.scope.contains("openid") {
            signers.id = signer(app, facts, id_token_alg(app, facts)).await?;
        }
        Ok(signers)
    }

    fn just_made(&self) -> bool {
        matches!(self.access, Signer::JustMade) || matches!(self.id, Signer::JustMade)
    }

    /// Signs, and encrypts to the client where it wants that.
    fn seal(&self, unsigned: Unsigned<'_>, recipients: Option<&Recipients>) -> Result<String, Fault> {
        let (signer, recipient) = match unsigned {
            Unsigned::AccessToken { .. } => (&self.access, recipients.and_then(|keys| keys.access.as_ref())),
            Unsigned::IdToken { .. } => (&self.id, recipients.and_then(|keys| keys.id.as_ref())),
        };
        match signer {
            Signer::Key(key) => unsigned.seal(key, recipient).map_err(Fault::internal),
            Signer::None | Signer::JustMade => {
                Err(Fault::internal("a JWT was decided on, and there is no key to sign it"))
            }
        }
    }
}

async fn signer(app: &App, facts: &ClientFacts, algorithm: Algorithm) -> Result<Signer, Fault> {
    let wanted = Wanted { algorithm, lifetime: facts.client.tokens.access_lifetime };
    let key = app.signing_key((facts.tenant.id, facts.tenant.version), wanted).await?;
    Ok(key.map_or(Signer::JustMade, Signer::Key))
}

/// What this client's ID tokens are signed with.
pub(super) fn id_token_alg(app: &App, facts: &ClientFacts) -> Algorithm {
    facts.client.tokens.id_token_alg.unwrap_or_else(|| app.id_token_alg(&facts.tenant))
}

/// What was decided, as yet unsigned.
enum Decided {
    Machine(Draft),
    Person(PersonDraft),
}

impl Decided {
    fn seal(self, signers: &Signers, client: Option<&CachedClient>) -> Result<(Issued, Changes), Fault> {
        let seal = |unsigned: Unsigned<'_>| signers.seal(unsigned, client.map(|client| &client.recipients));
        match self {
            Self::Machine(draft) => draft.seal(seal),
            Self::Person(draft) => draft.seal(seal),
        }
    }
}

fn decide(
    app: &App,
    grant: &Grant,
    on: (&ClientFacts, &Found),
    at: (&Incoming, Moment<'_>),
) -> Judgement<Decided> {
    let ((facts, found), (request, moment)) = (on, at);
    let id_token_alg = id_token_alg(app, facts);
    let issuing = Issuing { facts, origin: &request.origin, moment, id_token_alg, hash_key: &app.hash_key };
    match (grant, found) {
        (Grant::ClientCredentials(asked), _) => {
            client_credentials::issue(asked, facts, request.origin.clone(), &moment).map(Decided::Machine)
        }
        (Grant::Code(asked), Found::Code(code)) => {
            authorization_code::redeem(asked, code.as_deref(), &issuing).map(Decided::Person)
        }
        (Grant::Refresh(asked), Found::Refresh(token)) => {
            refresh_token::refresh(asked, token.as_deref(), &issuing).map(Decided::Person)
        }
        (Grant::Password(asked), Found::Person(user)) => {
            password_grant::issue(asked.scope.as_ref(), *user, &issuing).map(Decided::Person)
        }
        // Nothing was loaded for somebody who is not the client.
        (Grant::Code(asked), _) => authorization_code::redeem(asked, None, &issuing).map(Decided::Person),
        (Grant::Refresh(asked), _) => refresh_token::refresh(asked, None, &issuing).map(Decided::Person),
        (Grant::Password(asked), _) => {
            password_grant::issue(asked.scope.as_ref(), None, &issuing).map(Decided::Person)
        }
    }
}

/// RFC 6749 §5.1.
fn success(issued: &Issued) -> Response {
    // A token is base64url, base62 and dots, a scope is printable ASCII without quotes and
    // backslashes: nothing here needs escaping.
    let mut body = String::with_capacity(issued.access_token.len() + issued.scope.as_str().len() + 96);
    body.push_str("{\"access_token\":\"");
    body.push_str(&issued.access_token);
    body.push_str("\",\"token_type\":\"Bearer\",\"expires_in\":");
    body.push_str(&issued.expires_in.0.to_string());
    if !issued.scope.is_empty() {
        body.push_str(",\"scope\":\"");
        body.push_str(issued.scope.as_str());
        body.push('"');
    }
    for (name, token) in [("refresh_token", &issued.refresh_token), ("id_token", &issued.id_token)] {
        if let Some(token) = token {
            body.push_str(",\"");
            body.push_str(name);
            body.push_str("\":\"");
            body.push_str(token);
            body.push('"');
        }
    }
    body.push('}');
    answer::json_no_store(StatusCode::OK, body)
}

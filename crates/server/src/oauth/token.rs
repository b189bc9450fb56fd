//! `POST /oauth2/token`, also `POST /api/v1/oauth/tokens` (RFC 6749 §3.2).
//!
//! The order of checks: method and content type → client authentication → grant known → allowed →
//! parameters → token.

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authenticate::{ClientFacts, PublicClients};
use writ_core::change::Origin;
use writ_core::client::{DocumentId, GrantType, TokenFormat};
use writ_core::decision::Judgement;
use writ_core::device_code::{self, DeviceAsks, DeviceFacts, DeviceState, Polling};
use writ_core::dpop::ProofFault;
use writ_core::draft::{Draft, Issued, Unsigned};
use writ_core::error::OAuthError;
use writ_core::form::Form;
use writ_core::issuing::Issuing;
use writ_core::resource::{Targets, Wanted};
use writ_core::token_exchange::Exchanging;
use writ_core::{authorization_code, client_credentials, password_grant, refresh_token, token_exchange};
use writ_jose::SigningKey;

use super::parse_form;
use super::token_request::{Checked, Found, Grant};
use crate::call::answer;
use crate::call::door::{Entered, Knock, form_body};
use crate::call::fault::Fault;
use crate::call::limits::limited;
use crate::call::proofs::{self, FirstUse};
use crate::call::request::Call;
use crate::manage::documents::{DocumentNeed, keep_caller};
use crate::state::app::App;
use crate::state::encrypting::{Recipients, WantedRecipients};
use crate::state::facts::CachedClient;
use crate::state::keyring::WantedKey;
use crate::state::rounds::{Held, Source, Verdict};

/// Answers a token request.
pub async fn token(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let done = issue(&app, &mut call, std::convert::identity).await;
    let code = done.as_ref().err().map(|fault| fault.error.code());
    app.meters.tokens.count(call.context.who.asked(), code);
    match done {
        Ok(issued) => success(&issued),
        Err(fault) => answer::error(&app, &fault),
    }
}

/// The benchmark's ceiling: parsing, client authentication, decision and signature of a token
/// request, and nothing stored.
#[cfg(feature = "bench")]
pub async fn ceiling(State(app): State<Arc<App>>, mut call: Call) -> Response {
    let unstored = |verdict| match verdict {
        Verdict::Commit(issued, _) => Verdict::Confirmed(issued),
        other => other,
    };
    match issue(&app, &mut call, unstored).await {
        Ok(issued) => success(&issued),
        Err(fault) => answer::error(&app, &fault),
    }
}

async fn issue(
    app: &App,
    call: &mut Call,
    finally: impl Fn(Verdict<Issued>) -> Verdict<Issued>,
) -> Result<Issued, Fault> {
    let body = form_body(app, call).await?;
    let form = parse_form(&body)?;
    if let Some(grant) = form.get("grant_type").and_then(GrantType::by_name) {
        call.context.who.asks(grant);
    }
    let knock = Knock::read(call, &form, PublicClients::Identified)?;
    if DocumentId::is_meant(knock.client_id()) {
        Box::pin(keep_caller(app, call, knock.client_id(), DocumentNeed::GoOn)).await?;
    }
    let incoming = &Incoming::of(call, &form);
    let finally = &finally;
    app.for_client(&knock, |client| async move { decide(app, client, incoming).await.map(finally) }).await
}

/// What a client that has proved to be itself gets.
async fn decide(app: &App, client: Entered, incoming: &Incoming<'_>) -> Result<Verdict<Issued>, Fault> {
    let facts = client.facts();
    let grant = match Grant::read(incoming.form) {
        Ok(grant) => grant,
        Err(refusal) => return Ok(Verdict::Refuse(refusal)),
    };
    let proved = match app.binding(incoming.call, facts) {
        Ok(proved) => proved,
        Err(refusal) => return Ok(Verdict::Refuse(refusal)),
    };
    let wanted = match wanted(&grant, incoming.form) {
        Ok(wanted) => wanted,
        Err(error) => return Ok(error.into()),
    };
    let resources = app.resources(&facts.tenant).await?;
    // A client by itself needs nothing of what is large there.
    let found = match grant {
        Grant::ClientCredentials(_) => Found::default(),
        _ => Box::pin(Found::load(app, &grant, facts, incoming)).await?,
    };
    let issuing = Issuing {
        facts,
        origin: &incoming.origin,
        moment: app.moment(),
        id_tokens: app.id_token_policy(facts),
        hash_key: &app.hash_key,
        targets: Targets { known: &resources, wanted: &wanted },
        confirmation: proofs::key(proved.as_ref()),
    };
    let pace = incoming.pace(app, found.device.as_deref());
    // In a box: it is large, and waits while keys are looked for.
    let draft = match judge(&grant, (&found, pace), &issuing) {
        Ok(draft) => Box::new(draft),
        Err(refusal) => return Ok(Verdict::Refuse(refusal)),
    };
    if let Err(level) = app.may_issue(&incoming.call.context, client.cached()) {
        // A cached choice does not refuse alone.
        return match client.source() {
            Source::Cache => Ok(Verdict::Stale),
            Source::Storage => Err(limited(&incoming.call.context, level)),
        };
    }
    let signers = Signers::load(app, client.cached(), &draft).await?;
    if signers.just_made() {
        // The next round finds the key that was made.
        return Ok(Verdict::Stale);
    }
    // Nobody makes the server write whom it gives nothing. Rare, and large: in a future of its own.
    if let Some(proved) = &proved
        && Box::pin(app.first_use(&incoming.first_use, proved, facts)).await? == Held::No
    {
        return Ok(ProofFault::Used.of_token_request().into());
    }
    let (issued, changes) = draft.seal(|unsigned| signers.seal(unsigned, client.cached()))?;
    Ok(Verdict::Commit(issued, changes))
}

/// What the request names: an exchange may name it as `audience` too (RFC 8693 §2.1).
fn wanted(grant: &Grant, form: &Form<'_>) -> Result<Wanted, OAuthError> {
    match grant {
        Grant::Exchange(_) => Wanted::read_beside(form, "audience"),
        _ => Wanted::read(form),
    }
}

/// What stays the same over the rounds of a token request.
pub(super) struct Incoming<'c> {
    form: &'c Form<'c>,
    call: &'c Call,
    pub(super) origin: Origin,
    /// What came of a password: it is checked once, however many rounds there are.
    pub(super) checked: OnceLock<Checked>,
    /// Whether the proof of a key that came was used here for the first time.
    first_use: FirstUse,
    /// Whether a device asks too often: it has asked once, however many rounds there are.
    pace: OnceLock<Polling>,
}

impl<'c> Incoming<'c> {
    fn of(call: &'c Call, form: &'c Form<'c>) -> Self {
        Self {
            form,
            call,
            origin: call.origin(),
            checked: OnceLock::new(),
            first_use: FirstUse::new(),
            pace: OnceLock::new(),
        }
    }

    /// How often a device asks whose person has not answered.
    fn pace(&self, app: &App, device: Option<&DeviceFacts>) -> Polling {
        match device {
            Some(DeviceFacts { id, state: DeviceState::Waiting, .. }) => {
                *self.pace.get_or_init(|| app.pace_of(*id))
            }
            Some(_) | None => Polling::InTime,
        }
    }
}

/// What will sign a token.
enum TokenSigner {
    /// Nothing: an opaque token.
    None,
    /// This key.
    Key(Arc<SigningKey>),
    /// The tenant's key was made, or made to do, in this round: the next one finds it.
    JustMade,
}

/// What will sign the tokens of one answer.
struct Signers {
    access: TokenSigner,
    id: TokenSigner,
    /// What they are encrypted to, where the client has its keys elsewhere.
    to: Option<Box<Recipients>>,
}

impl Signers {
    /// The keys for these tokens, made where the tenant has none of their algorithm yet.
    async fn load(app: &App, client: &CachedClient, draft: &Draft) -> Result<Self, Fault> {
        let facts = &client.facts;
        let mut signers = Self { access: TokenSigner::None, id: TokenSigner::None, to: None };
        let lifetime = draft.lifetime();
        signers.access = match draft.format() {
            TokenFormat::Opaque => TokenSigner::None,
            TokenFormat::Jwt(own) => {
                let algorithm = own.unwrap_or_else(|| app.access_token_alg(&facts.tenant));
                signer(app, facts, WantedKey { algorithm, lifetime }).await?
            }
        };
        if draft.has_id_token() {
            let algorithm = app.id_token_policy(facts).algorithm;
            signers.id = signer(app, facts, WantedKey { algorithm, lifetime }).await?;
        }
        if client.recipients.elsewhere {
            let is_wanted = |signer: &TokenSigner| !matches!(signer, TokenSigner::None);
            let wanted = WantedRecipients { access: is_wanted(&signers.access), id: is_wanted(&signers.id) };
            let found = Box::pin(app.recipients(&facts.client.tokens, wanted, facts.tenant.id)).await?;
            signers.to = Some(Box::new(found));
        }
        Ok(signers)
    }

    fn just_made(&self) -> bool {
        matches!(self.access, TokenSigner::JustMade) || matches!(self.id, TokenSigner::JustMade)
    }

    /// Signs, and encrypts to the client where it wants that.
    fn seal(&self, unsigned: Unsigned<'_>, client: &CachedClient) -> Result<String, Fault> {
        let recipients = self.to.as_deref().unwrap_or(&client.recipients);
        let (signer, recipient) = match unsigned {
            Unsigned::AccessToken { .. } => (&self.access, recipients.access.as_ref()),
            Unsigned::IdToken { .. } | Unsigned::LogoutToken { .. } => (&self.id, recipients.id.as_ref()),
        };
        match signer {
            TokenSigner::Key(key) => unsigned.seal(key, recipient).map_err(Fault::internal),
            TokenSigner::None | TokenSigner::JustMade => {
                Err(Fault::internal("a JWT was decided on, and there is no key to sign it"))
            }
        }
    }
}

async fn signer(app: &App, facts: &ClientFacts, wanted: WantedKey) -> Result<TokenSigner, Fault> {
    let key = app.signing_key((facts.tenant.id, facts.tenant.version), wanted).await?;
    Ok(key.map_or(TokenSigner::JustMade, TokenSigner::Key))
}

fn judge(grant: &Grant, (found, pace): (&Found, Polling), issuing: &Issuing<'_>) -> Judgement<Draft> {
    let person = found.person.as_deref();
    match grant {
        Grant::ClientCredentials(asked) => client_credentials::issue(asked, issuing),
        Grant::Code(asked) => authorization_code::redeem(asked, found.code.as_deref(), person, issuing),
        Grant::Refresh(asked) => refresh_token::refresh(asked, found.refresh.as_deref(), person, issuing),
        Grant::Device(asked) => {
            let (device, code) = (found.device.as_deref(), found.code.as_deref());
            device_code::redeem(asked, DeviceAsks { device, code, person, pace }, issuing)
        }
        Grant::Exchange(asked) => {
            let sent = found.exchanged.as_deref();
            let given = Exchanging {
                subject: sent.and_then(|sent| sent.subject.as_ref()),
                actor: sent.and_then(|sent| sent.actor.as_ref()),
                person,
                consent: sent.and_then(|sent| sent.consent.as_ref()),
            };
            token_exchange::exchange(asked, given, issuing)
        }
        Grant::Password(asked) => password_grant::issue(asked.scope.as_ref(), person, issuing),
    }
}

/// RFC 6749 §5.1.
fn success(issued: &Issued) -> Response {
    // A token is base64url, base62 and dots, a scope is printable ASCII without quotes and
    // backslashes: nothing here needs escaping.
    let mut body = String::with_capacity(issued.access_token.len() + issued.scope.as_str().len() + 96);
    body.push_str("{\"access_token\":\"");
    body.push_str(&issued.access_token);
    if let Some(issued_type) = issued.issued_type {
        body.push_str("\",\"issued_token_type\":\"");
        body.push_str(issued_type);
    }
    body.push_str("\",\"token_type\":\"");
    body.push_str(issued.scheme.name());
    body.push_str("\",\"expires_in\":");
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

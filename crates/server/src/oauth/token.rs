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
use writ_core::client_credentials::{self, ClientCredentialsRequest};
use writ_core::decision::{Judgement, Moment, Refusal};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::jose::{Algorithm, SigningKey, TokenType};
use writ_core::scope::Scope;
use writ_core::token::{Draft, Issued};

use super::{authenticated, parse_form};
use crate::answer;
use crate::app::App;
use crate::call::{Call, path_tenant};
use crate::facts::CachedClient;
use crate::fault::Fault;
use crate::keyring::Wanted;
use crate::rounds::{Rounds, Settled, Verdict};

/// A token request, told apart by its grant.
enum TokenRequest {
    ClientCredentials(ClientCredentialsRequest),
}

/// Answers a token request.
pub async fn token(State(app): State<Arc<App>>, mut call: Call) -> Response {
    match issue(&app, &mut call).await {
        Ok(issued) => success(&issued),
        Err(fault) => answer::error(&app, &fault),
    }
}

/// The benchmark's ceiling: parsing, client authentication, decision and signature of a token
/// request, and nothing stored.
pub async fn ceiling(State(app): State<Arc<App>>, mut call: Call) -> Response {
    match draft(&app, &mut call).await {
        Ok(issued) => success(&issued),
        Err(fault) => answer::error(&app, &fault),
    }
}

async fn issue(app: &App, call: &mut Call) -> Result<Issued, Fault> {
    let request = Incoming::read(app, call).await?;
    let form = parse_form(&request.body)?;
    let attempt = Attempt::read(request.authorization.as_ref(), &form)?;
    let mut rounds = Rounds::new();
    loop {
        let loaded = app.client(&attempt.client_id, rounds.freshness()).await?;
        let client = loaded.facts.as_deref();
        let (proof, signer) = facts(app, &attempt, client).await?;
        let moment = app.moment();
        let decided = decide(&attempt, (client, &proof), &request, (&form, &moment));
        let verdict = match decided {
            Ok(_) if matches!(signer, Signer::JustMade) => Verdict::Stale,
            Ok(draft) => {
                let (issued, changes) = seal(draft, &signer)?;
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

async fn draft(app: &App, call: &mut Call) -> Result<Issued, Fault> {
    let request = Incoming::read(app, call).await?;
    let form = parse_form(&request.body)?;
    let attempt = Attempt::read(request.authorization.as_ref(), &form)?;
    let loaded = app.client(&attempt.client_id, Rounds::new().freshness()).await?;
    let client = loaded.facts.as_deref();
    let (proof, signer) = facts(app, &attempt, client).await?;
    let draft = decide(&attempt, (client, &proof), &request, (&form, &app.moment()))?;
    Ok(seal(draft, &signer)?.0)
}

/// What stays the same over the rounds of a token request.
struct Incoming {
    body: bytes::Bytes,
    authorization: Option<writ_core::authorization::Authorization>,
    slug: Option<Box<str>>,
    origin: Origin,
}

impl Incoming {
    async fn read(app: &App, call: &mut Call) -> Result<Self, Fault> {
        path_tenant(app, call.slug.as_deref()).await?;
        let body = call.form_body().await?;
        let authorization = call.authorization(ErrorCode::InvalidClient)?;
        Ok(Self { body, authorization, slug: call.slug.clone(), origin: call.origin() })
    }
}

/// What will sign the token.
enum Signer {
    /// Nothing: an opaque token, or a client that has not proved to be itself.
    None,
    /// This key.
    Key(Arc<SigningKey>),
    /// The tenant's key was made, or made to do, in this round: the next one finds it.
    JustMade,
}

/// What has to be known besides the client: what its secret proves, and the key that would sign.
async fn facts(
    app: &App,
    attempt: &Attempt,
    client: Option<&CachedClient>,
) -> Result<(SecretProof, Signer), Fault> {
    let proof = app.prove(attempt, client).await?;
    let signer = match client {
        // No key is made for somebody who has not proved to be the client.
        Some(client) if client.facts.client.proved_by(&proof, app.clock.now()) => {
            signer(app, &client.facts).await?
        }
        Some(_) | None => Signer::None,
    };
    Ok((proof, signer))
}

/// The key that signs this client's JWTs, made where the tenant has none of its algorithm yet.
async fn signer(app: &App, facts: &ClientFacts) -> Result<Signer, Fault> {
    let algorithm: Algorithm = match facts.client.tokens.format {
        TokenFormat::Opaque => return Ok(Signer::None),
        TokenFormat::Jwt(Some(algorithm)) => algorithm,
        TokenFormat::Jwt(None) => facts.tenant.settings.access_token_alg.unwrap_or(app.access_token_alg),
    };
    let wanted = Wanted { algorithm, lifetime: facts.client.tokens.access_lifetime };
    let key = app.signing_key((facts.tenant.id, facts.tenant.version), wanted).await?;
    Ok(key.map_or(Signer::JustMade, Signer::Key))
}

fn decide(
    attempt: &Attempt,
    loaded: (Option<&CachedClient>, &SecretProof),
    request: &Incoming,
    at: (&Form<'_>, &Moment<'_>),
) -> Judgement<Draft> {
    let (form, moment) = at;
    let facts =
        authenticated(attempt, loaded, (request.slug.as_deref(), PublicClients::Identified), moment.now)?;
    match grant(form)? {
        TokenRequest::ClientCredentials(asked) => {
            client_credentials::issue(&asked, facts, request.origin.clone(), moment)
        }
    }
}

/// Reads the grant and its parameters.
fn grant(form: &Form<'_>) -> Judgement<TokenRequest> {
    let Some(name) = form.get("grant_type") else {
        return Err(Refusal::new(OAuthError::new(ErrorCode::InvalidRequest, "grant_type: missing")));
    };
    match GrantType::by_name(name) {
        Some(GrantType::ClientCredentials) => {
            Ok(TokenRequest::ClientCredentials(ClientCredentialsRequest { scope: scope(form)? }))
        }
        Some(GrantType::AuthorizationCode | GrantType::RefreshToken | GrantType::Password) | None => {
            Err(Refusal::new(OAuthError::new(
                ErrorCode::UnsupportedGrantType,
                "grant_type: this server supports client_credentials",
            )))
        }
    }
}

fn scope(form: &Form<'_>) -> Judgement<Option<Scope>> {
    form.get("scope")
        .map(Scope::parse)
        .transpose()
        .map_err(|error| Refusal::new(OAuthError::new(ErrorCode::InvalidScope, format!("scope: {error}"))))
}

fn seal(draft: Draft, signer: &Signer) -> Result<(Issued, Changes), Fault> {
    draft.seal(|payload| match signer {
        Signer::Key(key) => {
            key.sign_compact(TokenType::AccessToken, payload.as_bytes()).map_err(Fault::internal)
        }
        Signer::None | Signer::JustMade => {
            Err(Fault::internal("a JWT was decided on, and there is no key to sign it"))
        }
    })
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
    body.push('}');
    answer::json_no_store(StatusCode::OK, body)
}

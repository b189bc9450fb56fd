//! The client credentials grant (RFC 6749 §4.4; RFC 9068).

use crate::authenticate::ClientFacts;
use crate::authority::Permission;
use crate::change::{Act, Action, Actor, Changes, Note, Origin, Target};
use crate::client::{GrantType, TokenFormat};
use crate::decision::{Judgement, Moment, Refusal};
use crate::error::{ErrorCode, OAuthError};
use crate::ids::{AuditId, TokenId};
use crate::jose::JsonObject;
use crate::scope::{Scope, is_person_scope};
use crate::secret::sha256;
use crate::time::Micros;
use crate::token::{Audience, Draft, DraftForm, NewAccessToken, OPAQUE_PREFIX, opaque};

/// A client's request for a token of its own.
#[derive(Debug, Clone)]
pub struct ClientCredentialsRequest {
    /// What it asks for; nothing asked: all it may have.
    pub scope: Option<Scope>,
}

/// Decides what token an authenticated client gets.
///
/// # Errors
/// `unauthorized_client` where the grant is not among the client's; `invalid_scope` where nothing
/// of what was asked for may be granted.
pub fn issue(
    request: &ClientCredentialsRequest,
    facts: &ClientFacts,
    origin: Origin,
    moment: &Moment<'_>,
) -> Judgement<Draft> {
    let client = &facts.client;
    if !client.grant_types.contains(GrantType::ClientCredentials) || !client.kind.is_confidential() {
        return Err(Refusal::new(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            "grant_type: this client is not registered for client_credentials",
        )));
    }
    let scope = granted_scope(request, facts, moment.now)?;
    let audience = audience(&scope, facts);
    let lifetime = client.tokens.access_lifetime;
    let id = TokenId::v7(moment.now, moment.random.bits());
    let expires_at = moment.now.plus(lifetime);

    let form = match client.tokens.format {
        TokenFormat::Jwt(_) => DraftForm::Jwt {
            payload: payload(facts, &Claims { id, scope: &scope, audience: &audience, now: moment.now, expires_at }),
        },
        TokenFormat::Opaque => {
            let mut random = [0; 32];
            moment.random.fill(&mut random);
            DraftForm::Opaque { token: opaque(OPAQUE_PREFIX, id.to_bytes(), random) }
        }
    };
    let act = Act {
        id: AuditId::v7(moment.now, moment.random.bits()),
        at: moment.now,
        tenant: facts.tenant.id,
        actor: Actor::Client { id: client.id, name: client.client_id.clone() },
        action: Action::AccessTokenIssued,
        target: Target::AccessToken(id),
        origin,
    };
    let row = NewAccessToken {
        id,
        tenant: facts.tenant.id,
        client: client.id,
        user: None,
        grant: None,
        hash: sha256(b""),
        scope,
        audience,
        issued_at: moment.now,
        expires_at,
        basis: facts.basis(),
    };
    let changes = Changes::new(act).noting(Note::ClientUsed { client: client.id, at: moment.now });
    Ok(Draft { form, row, changes, lifetime })
}

/// No scope asked: all the client may have, but for OpenID Connect's scopes, which need a person.
/// Otherwise what was asked is clamped to that; nothing left is an error.
fn granted_scope(request: &ClientCredentialsRequest, facts: &ClientFacts, now: Micros) -> Judgement<Scope> {
    let allowed = facts.client.scope.without(is_person_scope);
    let Some(asked) = &request.scope else { return Ok(allowed) };
    let granted = asked.intersection(&allowed);
    if granted.is_empty() {
        return Err(Refusal::new(OAuthError::new(
            ErrorCode::InvalidScope,
            "scope: none of the scopes asked for may be granted to this client",
        ))
        .noting(Note::ScopeRefused { client: facts.client.id, at: now }));
    }
    Ok(granted)
}

/// The client's configured audience, and the issuer where a Writ permission was granted or nothing
/// else would be in it (RFC 9068 §2.2 requires an `aud`).
fn audience(scope: &Scope, facts: &ClientFacts) -> Audience {
    let configured = &facts.client.tokens.audience;
    let for_writ = configured.is_empty()
        || scope.iter().any(|token| Permission::by_name(token).is_some() || is_person_scope(token));
    let issuer = for_writ.then_some(&*facts.issuer);
    Audience::new(configured.iter().map(|name| &**name).chain(issuer))
}

struct Claims<'a> {
    id: TokenId,
    scope: &'a Scope,
    audience: &'a Audience,
    now: Micros,
    expires_at: Micros,
}

/// The claims of RFC 9068 §2.2; `jti` first, as [`crate::token::TokenRef`] expects.
fn payload(facts: &ClientFacts, claims: &Claims<'_>) -> String {
    let client_id = &*facts.client.client_id;
    let mut json = JsonObject::with_capacity(384);
    json.string("jti", &claims.id.to_string());
    json.string("iss", &facts.issuer);
    json.string("sub", client_id);
    json.string("client_id", client_id);
    let mut names = claims.audience.iter();
    match (names.next(), names.next()) {
        (Some(only), None) => json.string("aud", only),
        _ => json.strings("aud", &claims.audience.iter().collect::<Vec<_>>()),
    };
    json.number("iat", claims.now.as_secs());
    json.number("exp", claims.expires_at.as_secs());
    if !claims.scope.is_empty() {
        json.string("scope", claims.scope.as_str());
    }
    json.finish()
}

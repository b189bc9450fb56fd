//! The password grant (RFC 6749 §4.3). OAuth 2.1 has dropped it: it is off unless a tenant turns it on, and only for
//! confidential clients that are registered for it.

use crate::act::{Action, Target};
use crate::authenticate::ClientFacts;
use crate::change::{Change, Changes};
use crate::claims::{ClaimsRequest, Person};
use crate::client::{GrantType, PasswordGrant};
use crate::decision::{Judgement, Refusal};
use crate::draft::{Bearer, Draft, OnBehalf, TokenPurpose, draft};
use crate::error::{ErrorCode, OAuthError};
use crate::grant::NewGrant;
use crate::ids::GrantId;
use crate::issuing::Issuing;
use crate::reason::Reason;
use crate::resource::Limit;
use crate::scope::Scope;
use crate::session::Authentication;
use crate::settings::Choice;

/// Whether this client may ask for tokens by password: known before anything is hashed.
///
/// # Errors
/// `unauthorized_client`.
pub fn allowed(facts: &ClientFacts) -> Judgement<()> {
    let (client, tenant) = (&facts.client, &facts.tenant);
    if !client.grant_types.contains(GrantType::Password) || !client.kind.is_confidential() {
        let text = Reason::NotForPassword;
        return Err(Refusal::new(OAuthError::new(ErrorCode::UnauthorizedClient, text)));
    }
    match tenant.settings.password_grant {
        PasswordGrant::On => Ok(()),
        PasswordGrant::Off => {
            let text = Reason::GrantTypeOff {
                why: tenant.settings.left_to_administrators.turned_on_by(Choice::PasswordGrant).into(),
            };
            Err(Refusal::new(OAuthError::new(ErrorCode::UnauthorizedClient, text)))
        }
    }
}

/// Decides what a person's password is exchanged for. `person`: whose it is; none: nobody's, for any reason.
///
/// # Errors
/// `invalid_grant`, `invalid_scope`, `invalid_target`, `unauthorized_client`.
pub fn issue(scope: Option<&Scope>, person: Option<&Person>, issuing: &Issuing<'_>) -> Judgement<Draft> {
    allowed(issuing.facts)?;
    let person = person.ok_or_else(|| {
        Refusal::new(OAuthError::new(ErrorCode::InvalidGrant, Reason::UsernameOrPasswordNotValid))
    })?;
    let (facts, now) = (issuing.facts, issuing.moment.now);
    let scope = match scope {
        None => facts.client.scope.clone(),
        Some(asked) => {
            let granted = asked.intersection(&facts.client.scope);
            if granted.is_empty() && !asked.is_empty() {
                return Err(Refusal::new(OAuthError::new(ErrorCode::InvalidScope, Reason::ScopeNone)));
            }
            granted
        }
    };
    let target = issuing.target(Limit::Client, &scope)?;
    let authentication = Authentication::by_password(now);
    let grant = NewGrant {
        id: GrantId::v7(now, issuing.moment.random.bits()),
        tenant: facts.tenant.id,
        client: facts.client.id,
        user: person.id,
        scope,
        authentication: authentication.clone(),
        terms: issuing.terms(target.picked().cloned()),
        created_at: now,
        expires_at: issuing.last_expiry(target.lifetime),
    };
    let (id, actors) = (grant.id, grant.terms.actors.clone());
    let changes = Changes::new(issuing.act(Action::PasswordGrantUsed, Target::User(person.id)))
        .with(Change::CreateGrant(Box::new(grant)));
    let bearer = OnBehalf {
        grant: id,
        person,
        authentication: &authentication,
        nonce: None,
        claims: &ClaimsRequest::default(),
        session: None,
        refreshing: issuing.first_refresh(),
        actors: &actors,
        until: None,
    };
    let given = TokenPurpose { id: issuing.token_id(), bearer: Bearer::Person(bearer), target };
    Ok(draft(issuing, given, changes))
}

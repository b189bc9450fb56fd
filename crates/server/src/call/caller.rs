//! From a request's credential to a caller, read afresh: nothing here decides on a cached fact.

use std::sync::Arc;

use http::HeaderMap;
use writ_core::authority::Permissions;
use writ_core::authorization::{Authorization, BearerToken};
use writ_core::authorize::BearerFacts;
use writ_core::caller::{Acting, Addressed, Caller, Effect, Identity, NamedTenant, Scheme, Through, act};
use writ_core::change::{Note, Target};
use writ_core::client::ClientName;
use writ_core::confirmation::TokenScheme;
use writ_core::dpop::ProofFault;
use writ_core::error::{Challenge, ErrorCode, OAuthError};
use writ_core::ids::TenantId;
use writ_core::networks::{ListOf, Whence};
use writ_core::shell_reason::ShellReason;
use writ_core::step_up::StepUp;
use writ_core::tenant::{Tenant, slug_is_valid};
use writ_core::token::{Dead, TokenFacts, TokenRef};
use writ_core::user::API_KEY_PREFIX;

use crate::call::door::Knock;
use crate::call::fault::Fault;
use crate::call::request::{Call, Context, no_tenant};
use crate::call::routes::RegisteredRoute;
use crate::state::app::App;
use crate::state::rounds::Freshness;

/// Finds out who calls, in which tenant, and whether they may do what the route is for.
///
/// # Errors
/// 401, 400 or 403, as [`act`] says.
pub(crate) async fn acting(app: &App, call: &mut Call, route: &RegisteredRoute) -> Result<Acting, Fault> {
    call.path_tenant(app).await?;
    let path = match call.slug.as_deref() {
        Some(slug) => {
            let tenant = app.tenant(slug, Freshness::Fresh).await?.filter(|tenant| tenant.enabled.is_yes());
            // Never as at the root: a tenant that has just gone has no paths.
            Some(tenant.ok_or_else(no_tenant)?.id)
        }
        None => None,
    };
    let caller = match call.authorization(ErrorCode::CredentialRequired)? {
        Some(Authorization::Basic(credentials)) => {
            refuse_cross_site(&call.headers)?;
            basic(app, &Authorization::Basic(credentials), &call.context).await?
        }
        Some(Authorization::Bearer(token)) => bearer(app, (TokenScheme::Bearer, &token), call).await?,
        Some(Authorization::Dpop(token)) => bearer(app, (TokenScheme::Dpop, &token), call).await?,
        // A credential that was sent counts for more than where it was sent from.
        None if call.local.is_some() => local(app, call).ok_or_else(credential_required)?,
        Some(Authorization::Unsupported { .. }) | None => return Err(credential_required().into()),
    };
    app.recognise(&call.context, &caller)?;
    // Whose credential is no good under this path hears that first.
    let named = if path.is_none_or(|path| path == caller.home) {
        tenant_header(app, &call.headers, route.effect()).await?
    } else {
        None
    };
    let scheme = caller.scheme;
    let permit = act(caller, route.needs, Addressed { path, header: named }, route.tenant)
        .map_err(|refusal| named_again(scheme, refusal.error))?;
    let tenant = app.store.tenant_by_id(permit.tenant()).await?;
    let acting = permit.within(tenant)?;
    if acting.caller().manages(route.needs) {
        may_manage_from(app, call.context.whence, &acting).await?;
        // Rare: in a future of its own.
        Box::pin(has_proved_enough(app, call, &acting)).await?;
    }
    Ok(acting)
}

/// Also whoever may not do something is told by the scheme that they used (RFC 9449 §7.1).
fn named_again(scheme: Scheme, error: OAuthError) -> OAuthError {
    match scheme {
        Scheme::Dpop => error.challenged(Challenge::Dpop),
        Scheme::Basic | Scheme::Bearer | Scheme::Local | Scheme::Cookie => error,
    }
}

/// The allow lists of the tenant that is managed, and of the credential's own: what was stolen from one tenant is no
/// good elsewhere either.
///
/// # Errors
/// `access_denied`.
pub(crate) async fn may_manage_from(app: &App, whence: Whence, acting: &Acting) -> Result<(), Fault> {
    if whence == Whence::Here {
        return Ok(());
    }
    let home = elsewhere(app, acting).await?;
    for tenant in home.iter().chain([acting.within()]) {
        if !tenant.settings.management_networks.admits(whence) {
            return Err(not_from_here(ListOf::Tenant).into());
        }
    }
    Ok(())
}

/// The caller's own tenant, where another one is managed.
///
/// # Errors
/// The storage's.
pub(crate) async fn elsewhere(app: &App, acting: &Acting) -> Result<Option<Tenant>, Fault> {
    let (managed, home) = (acting.within().id, acting.caller().home);
    Ok(if home == managed { None } else { app.store.tenant_by_id(home).await? })
}

/// What both these tenants demand of how people signed in who manage (RFC 9470). Machines and API keys have not signed in.
async fn has_proved_enough(app: &App, call: &Call, acting: &Acting) -> Result<(), Fault> {
    let Identity::Person { .. } = acting.caller().identity else { return Ok(()) };
    let home = elsewhere(app, acting).await?;
    for tenant in home.iter().chain([acting.within()]) {
        let demand = StepUp::of(&tenant.settings);
        if demand.is_some() {
            let behind = app.bearer_facts(call).await?;
            demand.met_by(&behind.authentication, app.clock.now())?;
        }
    }
    Ok(())
}

/// The operator of the machine, where the connection is theirs.
pub(crate) fn local(app: &App, call: &Call) -> Option<Caller> {
    call.local.as_ref().map(|local| Caller::local(Arc::clone(local.name()), app.default_tenant))
}

/// The tenant in which a caller acts where a route needs no permission: named by an operator, else their own.
///
/// # Errors
/// As [`tenant_header`]; 403 for a tenant that is not the caller's.
pub(crate) async fn tenant_named(app: &App, call: &Call, caller: &Caller) -> Result<TenantId, Fault> {
    match tenant_header(app, &call.headers, Effect::Reads).await? {
        None => Ok(caller.home),
        Some(named) if call.slug.is_some() && named.tenant != Some(caller.home) => {
            let text = ShellReason::TenantHeaderOtherThanPath;
            Err(OAuthError::new(ErrorCode::InvalidRequest, text).into())
        }
        Some(named) => Ok(caller.reaches(named)?),
    }
}

/// A browser that was led here by another site must not lend its stored Basic credentials.
fn refuse_cross_site(headers: &HeaderMap) -> Result<(), OAuthError> {
    if headers
        .get_all("sec-fetch-site")
        .iter()
        .any(|site| site.as_bytes().eq_ignore_ascii_case(b"cross-site"))
    {
        return Err(OAuthError::new(ErrorCode::AccessDenied, ShellReason::BasicFromAnotherSite));
    }
    Ok(())
}

/// `X-Tenant-ID`: a UUID, `tnt_…`, or a slug.
async fn tenant_header(app: &App, headers: &HeaderMap, effect: Effect) -> Result<Option<NamedTenant>, Fault> {
    let mut values = headers.get_all("x-tenant-id").iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        let text = ShellReason::TenantHeaderTwice;
        return Err(OAuthError::new(ErrorCode::InvalidRequest, text).into());
    }
    let text = value.to_str().unwrap_or_default();
    let tenant = match TenantId::parse_uuid(text).or_else(|| TenantId::parse_prefixed(text)) {
        Some(id) => Some(id),
        // What cannot be a slug is not looked for: not every text can be asked of every engine.
        None if slug_is_valid(text) => app.store.tenant_by_slug(text).await?.map(|tenant| tenant.id),
        None => {
            let text = ShellReason::TenantHeaderUnreadable;
            return Err(OAuthError::new(ErrorCode::InvalidRequest, text).into());
        }
    };
    Ok(Some(NamedTenant { tenant, effect }))
}

/// A confidential client with its own id and secret.
async fn basic(app: &App, credentials: &Authorization, context: &Context) -> Result<Caller, Fault> {
    let (_, judged) = app.let_in(&Knock::by_header(credentials, context)?, Freshness::Fresh).await?;
    let client = judged?;
    let facts = client.facts();
    Ok(Caller {
        identity: Identity::Application {
            client: facts.client.id,
            client_id: facts.client.client_id.clone(),
        },
        home: facts.tenant.id,
        permissions: facts.permissions,
        scheme: Scheme::Basic,
    })
}

/// The holder of an API key or an access token.
///
/// # Errors
/// `invalid_token` for anything that is not live, or not for this server.
pub(crate) async fn bearer(
    app: &App,
    (scheme, token): (TokenScheme, &BearerToken),
    call: &Call,
) -> Result<Caller, Fault> {
    let is_key = token.expose().starts_with(API_KEY_PREFIX);
    let found = match (is_key, scheme) {
        (true, TokenScheme::Bearer) => api_key(app, token.expose(), &call.context).await?,
        (true, TokenScheme::Dpop) => Err("an API key is bound to no key"),
        (false, _) => access_token(app, (scheme, token.expose()), call).await?,
    };
    found.map_err(|why| invalid_token().internally(why).into())
}

/// Why a bearer credential is no good: for the log and the audit log, never for whoever sent it.
type BearerFault = &'static str;

async fn api_key(
    app: &App,
    presented: &str,
    context: &Context,
) -> Result<Result<Caller, BearerFault>, Fault> {
    let Some((key, tenant)) = app.store.api_key_by_hash(&app.hash_key.hash(presented)).await? else {
        return Ok(Err("unknown or revoked API key"));
    };
    context.who.concerns(tenant.id, Target::ApiKey(key.id));
    let now = app.clock.now();
    if !key.live(now) {
        return Ok(Err("the API key has expired"));
    }
    if !tenant.enabled.is_yes() {
        return Ok(Err("the tenant is disabled"));
    }
    let caller = Caller {
        identity: Identity::ApiKey { key: key.id, name: key.name },
        home: tenant.id,
        permissions: key.permissions,
        scheme: Scheme::Bearer,
    };
    if !key.networks.admits(context.whence) {
        context.who.acts(tenant.id, caller.actor());
        return Err(invalid_token().shut_out_by(ListOf::ApiKey).into());
    }
    app.store.note(Note::ApiKeyUsed { key: key.id, at: now });
    Ok(Ok(caller))
}

/// A live access token that is for this server, read afresh.
#[derive(Debug)]
pub(crate) struct LiveToken {
    /// The token.
    pub token: TokenFacts,
    /// Its tenant, which works.
    pub tenant: Tenant,
}

/// Reads a presented access token: the one way in which the APIs and UserInfo take one. Otherwise why it is none: it is
/// not live, its tenant does not work, or it is meant for somebody else's API.
///
/// # Errors
/// 401 for one that is bound to a key, and whoever presents it does not show that they hold that one.
pub(crate) async fn held(
    app: &App,
    (scheme, text): (TokenScheme, &str),
    call: &Call,
) -> Result<Result<LiveToken, BearerFault>, Fault> {
    let context = &call.context;
    let Some(presented) = TokenRef::parse(text) else { return Ok(Err("not a token of this server")) };
    let Some((tenant, token)) = app.store.token_anywhere(presented.id).await? else {
        return Ok(Err("unknown token"));
    };
    let live = token.live_as(&presented, app.clock.now());
    if live != Err(Dead::OtherToken) {
        context.who.concerns(tenant, Target::Client(token.client));
    }
    if let Err(dead) = live {
        return Ok(Err(dead.name()));
    }
    let Some(tenant) = app.store.tenant_by_id(tenant).await?.filter(|tenant| tenant.enabled.is_yes()) else {
        return Ok(Err("the tenant is disabled"));
    };
    // Writ's own endpoints take only tokens that are meant for it.
    if !token.audience.names(&app.issuer(&tenant)) {
        return Ok(Err("the token is for another audience"));
    }
    match scheme {
        TokenScheme::Bearer if token.cnf.is_none() => {}
        // RFC 9449 §7.2: what is bound to a key is no bearer's.
        TokenScheme::Bearer => return Err(ProofFault::Bound.of_call().into()),
        TokenScheme::Dpop => Box::pin(app.holds_key(call, (text, &token), &tenant)).await?,
    }
    Ok(Ok(LiveToken { token, tenant }))
}

async fn access_token(
    app: &App,
    presented: (TokenScheme, &str),
    call: &Call,
) -> Result<Result<Caller, BearerFault>, Fault> {
    let context = &call.context;
    let LiveToken { token, tenant } = match held(app, presented, call).await? {
        Ok(held) => held,
        Err(why) => return Ok(Err(why)),
    };
    let Some((identity, permissions)) = bearer_identity(app, &tenant, &token).await? else {
        return Ok(Err("the token's client or person is gone or disabled"));
    };
    let scheme = match presented.0 {
        TokenScheme::Bearer => Scheme::Bearer,
        TokenScheme::Dpop => Scheme::Dpop,
    };
    let caller = Caller { identity, home: tenant.id, permissions, scheme };
    // What a client got for itself it uses itself; a person's token is used wherever the person is.
    if let Identity::Application { client_id, .. } = &caller.identity
        && let Some(client) =
            app.client(ClientName::within(client_id, tenant.id), Freshness::Fresh).await?.facts
        && !client.facts.client.tokens.networks.admits(context.whence)
    {
        context.who.acts(tenant.id, caller.actor());
        return Err(invalid_token().shut_out_by(ListOf::Client).into());
    }
    Ok(Ok(caller))
}

/// Whom a live token speaks for, and what they may do: a machine what both its token's scope and its own say, a
/// person what both the scope and their roles say.
async fn bearer_identity(
    app: &App,
    tenant: &Tenant,
    token: &TokenFacts,
) -> Result<Option<(Identity, Permissions)>, Fault> {
    let Some(client_id) = token.client_id.clone() else { return Ok(None) };
    let granted = Permissions::of_scope(&token.scope);
    let name = ClientName::within(&client_id, tenant.id);
    let Some(client) = app.client(name, Freshness::Fresh).await?.facts else { return Ok(None) };
    let Some(user) = token.user else {
        // What the client may not do any more, its tokens may not either.
        let may = granted.and(client.facts.permissions);
        return Ok(Some((Identity::Application { client: token.client, client_id }, may)));
    };
    let Some(user) = app.store.user(user, tenant.id).await?.filter(|user| user.enabled.is_yes()) else {
        return Ok(None);
    };
    let by_role = app.store.given_by_roles(&user.roles, tenant.id).await?.permissions;
    let identity = Identity::Person {
        user: user.id,
        username: Arc::clone(&user.username),
        client: token.client,
        through: through(tenant, &client_id, (token, &app.issuer(tenant))),
        client_id,
    };
    Ok(Some((identity, granted.and(by_role))))
}

/// Whether people may act with a token, which is for `issuer` among others or alone.
fn through(tenant: &Tenant, client_id: &str, held: (&TokenFacts, &str)) -> Through {
    let (token, issuer) = held;
    if !tenant.settings.interaction_clients.iter().any(|named| **named == *client_id) {
        return Through::Unnamed;
    }
    if token.audience.iter().all(|name| name == issuer) { Through::Interaction } else { Through::Shared }
}

/// The error for a caller who may not do this from where they are: nothing in it says that there is a list.
pub(crate) fn not_from_here(list: ListOf) -> OAuthError {
    OAuthError::new(ErrorCode::AccessDenied, ShellReason::NotForThisCaller).shut_out_by(list)
}

/// The error for a bearer credential that is not good, whatever the reason.
pub(crate) fn invalid_token() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidToken, ShellReason::BearerNotValid).challenged(Challenge::Bearer)
}

/// The error for a request without a credential that could be read.
pub(crate) fn credential_required() -> OAuthError {
    OAuthError::new(ErrorCode::CredentialRequired, ShellReason::CredentialNeeded).challenged(Challenge::Both)
}

/// The error for a request without an access token, where nothing else is taken (RFC 6750 §3.1).
pub(crate) fn token_required() -> OAuthError {
    OAuthError::new(ErrorCode::CredentialRequired, ShellReason::AccessTokenNeeded)
        .challenged(Challenge::Token)
}

impl App {
    /// What a request's access token says of the person behind it.
    pub(crate) async fn bearer_facts(&self, call: &Call) -> Result<BearerFacts, Fault> {
        let found = match call.authorization(ErrorCode::CredentialRequired)? {
            Some(Authorization::Bearer(token) | Authorization::Dpop(token)) => {
                match TokenRef::parse(token.expose()) {
                    Some(presented) => self.store.bearer_of(presented.id).await?,
                    None => None,
                }
            }
            Some(Authorization::Basic(_) | Authorization::Unsupported { .. }) | None => None,
        };
        found.ok_or_else(|| invalid_token().into())
    }
}

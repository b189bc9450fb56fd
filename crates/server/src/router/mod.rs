//! Which path leads where, and what every request passes on its way in and out.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use http::header::{self, HeaderValue};
use http::uri::Authority;
use http::{Method, Request, Uri, Version};
use tower::ServiceExt as _;
use writ_core::authority::Permission;
use writ_core::caller::Needs;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::excerpt::Excerpt;
use writ_core::networks::{ListOf, Whence};
use writ_core::settings::ADMINISTRATORS;
use writ_core::shell_reason::ShellReason;

use crate::call::answer::{self, Shape};
use crate::call::caller::not_from_here;
use crate::call::html;
use crate::call::language::{self, Chosen};
use crate::call::local::LocalOperator;
use crate::call::request::{Call, Context, Who};
use crate::call::routes::{ManagedRoutes, Paths, own_or, permission};
use crate::console;
use crate::contracts::{
    api_keys, claims, clients, consents, factors, groups, identity, identity_providers, logouts,
    oauth2_audit, oauth2_clients, oauth2_rate_limits, oauth2_scopes, oauth2_tokens, own_clients,
    registration, registration_tokens, resources, roles, sessions, signing_keys, tenant, tenants, users,
};
use crate::edge::endpoint::Endpoint;
use crate::edge::proxies::Nobody;
use crate::edge::request_id::{REQUEST_ID, RequestId};
use crate::oauth::{
    authorize, check_session, device_authorization, introspect, logout, metadata, par, protected_resource,
    revoke, token, userinfo,
};
use crate::openapi;
use crate::pages::{self, account};
use crate::reasons;
use crate::state::app::App;
use crate::state::outage::{OutageStage, What};

mod access_log;
mod cors;
mod described;
mod health;
mod metrics;
mod outermost;
mod preview;

use outermost::{Seen, reason};

pub use described::{document, text};

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// What a HEAD is told of a page that gives something away or begins something.
async fn looked_at() -> Response {
    std::future::ready(html::looked_at()).await
}

/// The paths of one issuer: at the root for the first tenant, below `/t/{slug}` for every other.
fn protocol() -> Paths {
    Paths::default()
        .route("/.well-known/openid-configuration", get(metadata::metadata))
        .route("/.well-known/oauth-authorization-server", get(metadata::metadata))
        .route("/.well-known/jwks.json", get(metadata::jwks))
        .route("/.well-known/oauth-protected-resource", get(protected_resource::protected_resource))
        .route("/.well-known/change-password", get(metadata::change_password))
        .route("/oauth2/authorize", get(authorize::authorize).post(authorize::authorize).head(looked_at))
        .route("/oauth2/token", post(token::token))
        .route("/oauth2/userinfo", get(userinfo::userinfo).post(userinfo::userinfo))
        .route("/oauth2/logout", get(logout::logout).post(logout::logout).head(looked_at))
        .route("/oauth2/check-session", get(check_session::check_session))
        .route("/login", get(pages::login::show).post(pages::login::submit).head(looked_at))
        .route("/login/mail", get(pages::mailed::show).post(pages::mailed::submit).head(looked_at))
        .route("/login/factor", get(pages::second::show).post(pages::second::submit).head(looked_at))
        .route("/login/with/{provider}", get(pages::upstream::start).head(looked_at))
        .route(
            "/login/with/{provider}/callback",
            get(pages::upstream::come_back).post(pages::upstream::posted).head(looked_at),
        )
        .route("/consent", get(pages::consent::show).post(pages::consent::submit).head(looked_at))
        .route("/logout", get(pages::logout::show).post(pages::logout::submit).head(looked_at))
        .route("/oauth2/introspect", post(introspect::introspect))
        .route("/oauth2/revoke", post(revoke::revoke))
        .route("/oauth2/par", post(par::par))
        .route("/oauth2/device_authorization", post(device_authorization::device_authorization))
        .route("/device", get(pages::device::show).post(pages::device::submit).head(looked_at))
        .route("/oauth2/register", post(registration::register))
        .route(
            "/oauth2/register/{client_id}",
            get(registration::read).put(registration::update).delete(registration::delete),
        )
        .route("/api/v1/oauth/tokens", post(token::token))
        .route("/api/v1/oauth/introspect", post(introspect::introspect))
        .route("/reset-password", get(pages::people::reset_password).post(pages::people::reset_password_form))
        .route("/verify-email", get(pages::people::verify_email).post(pages::people::verify_email_form))
        .route("/account", get(account::home).head(looked_at))
        .route("/account/sign-in", get(account::enter).post(account::sign_in).head(looked_at))
        .route("/account/profile", get(account::show_profile).post(account::save_profile).head(looked_at))
        .route("/account/picture", post(account::save_portrait))
        .route("/pictures/{file}", get(account::show_portrait))
        .route("/account/email", get(account::show_email).post(account::save_email).head(looked_at))
        .route("/account/password", get(account::show_password).post(account::save_password).head(looked_at))
        .route("/account/app", get(account::show_app).post(account::add_app).head(looked_at))
        .route("/account/factor", get(account::show_factor).post(account::remove_factor).head(looked_at))
        .route("/account/passkey", get(account::show_passkey).post(account::add_passkey).head(looked_at))
        .route("/account/codes", get(account::show_codes).post(account::renew_codes).head(looked_at))
        .route(
            "/account/connection",
            get(account::show_connection).post(account::change_connection).head(looked_at),
        )
        .route("/account/delete", get(account::show_leave).post(account::leave).head(looked_at))
        .route("/account/keep", post(account::keep))
        .route("/account/devices", post(account::devices_form))
        .route("/account/applications", post(account::applications_form))
        .route("/account/activity", get(account::activity).head(looked_at))
        .route("/account/data", get(account::download).head(looked_at))
        .route("/register", get(pages::register::show).post(pages::register::submit))
        .route("/api/v1/users", post(users::create))
        .route("/api/v1/users/reset-password", post(users::reset_password))
        .route("/api/v1/users/verify-email", post(users::verify_email))
}

/// The management APIs: at the root, and below `/t/{slug}`.
pub fn managed() -> ManagedRoutes {
    use Permission::{
        AuditRead, KeysRead, KeysWrite, OauthRead, OauthWrite, TenantsRead, TenantsWrite, UsersRead,
        UsersWrite,
    };
    decisions(registrations(ManagedRoutes::taking(openapi::paths::queries())))
        .on(("GET", "/api/v1/api-keys"), permission(KeysRead), api_keys::list)
        .on(("POST", "/api/v1/api-keys"), permission(KeysWrite), api_keys::create)
        .on(("GET", "/api/v1/api-keys/{id}"), permission(KeysRead), api_keys::show)
        .on(("PUT", "/api/v1/api-keys/{id}"), permission(KeysWrite), api_keys::update)
        .on(("DELETE", "/api/v1/api-keys/{id}"), permission(KeysWrite), api_keys::delete)
        .on(("GET", "/api/v1/keys"), permission(KeysRead), signing_keys::list)
        .on(("POST", "/api/v1/keys/rotate"), permission(KeysWrite), signing_keys::rotate)
        .on(("POST", "/api/v1/keys/{kid}/compromised"), permission(KeysWrite), signing_keys::compromised)
        .on(("GET", "/api/v1/oauth/tokens"), own_or(OauthRead), oauth2_tokens::list)
        .on(("POST", "/api/v1/oauth/tokens/revoke"), own_or(OauthWrite), oauth2_tokens::revoke)
        .on(("POST", "/api/v1/oauth/tokens/bulk-revoke"), own_or(OauthWrite), oauth2_tokens::bulk_revoke)
        .on(("GET", "/api/v1/oauth/rate-limits"), Needs::NotAPerson, oauth2_rate_limits::list)
        .on(("GET", "/api/v1/audit-logs"), permission(AuditRead), oauth2_audit::list)
        .on(("GET", "/api/v1/roles"), permission(UsersRead), roles::list)
        .on(("POST", "/api/v1/roles"), permission(UsersWrite), roles::create)
        .on(("GET", "/api/v1/roles/{name}"), permission(UsersRead), roles::show)
        .on(("PUT", "/api/v1/roles/{name}"), permission(UsersWrite), roles::update)
        .on(("DELETE", "/api/v1/roles/{name}"), permission(UsersWrite), roles::delete)
        .on(("GET", "/api/v1/tenant"), Needs::Anybody, tenants::own)
        .on(("PUT", "/api/v1/tenant"), Needs::Every(ADMINISTRATORS), tenants::update_own)
        .on(("PATCH", "/api/v1/tenant"), Needs::Every(ADMINISTRATORS), tenants::update_own)
        .on(("POST", "/api/v1/tenant/preview"), Needs::Every(ADMINISTRATORS), preview::show)
        .on(("GET", "/api/v1/tenants"), permission(TenantsRead), tenants::list)
        .on(("POST", "/api/v1/tenants"), permission(TenantsWrite), tenants::create)
        .on(("GET", "/api/v1/tenants/{id}"), permission(TenantsRead), tenants::show)
        .on(("PUT", "/api/v1/tenants/{id}"), permission(TenantsWrite), tenants::update)
        .on(("DELETE", "/api/v1/tenants/{id}"), permission(TenantsWrite), tenants::delete)
        .on(("GET", "/api/v1/users"), permission(UsersRead), users::list)
        .on(("PUT", "/api/v1/users/profile"), Needs::PersonThroughInteraction, users::profile)
        .on(("GET", "/api/v1/users/{user_id}"), permission(UsersRead), users::show)
        .on(("PUT", "/api/v1/users/{user_id}"), permission(UsersWrite), users::update)
        .on(("DELETE", "/api/v1/users/{user_id}"), permission(UsersWrite), users::delete)
        .on(("GET", "/api/v1/users/{user_id}/claims"), permission(UsersRead), claims::show)
        .on(("PUT", "/api/v1/users/{user_id}/claims"), permission(UsersWrite), claims::update)
        .on(("GET", "/api/v1/users/{user_id}/groups"), permission(UsersRead), groups::of_user)
        .on(("GET", "/api/v1/groups"), permission(UsersRead), groups::list)
        .on(("POST", "/api/v1/groups"), permission(UsersWrite), groups::create)
        .on(("GET", "/api/v1/groups/{group_id}"), permission(UsersRead), groups::show)
        .on(("PATCH", "/api/v1/groups/{group_id}"), permission(UsersWrite), groups::update)
        .on(("DELETE", "/api/v1/groups/{group_id}"), permission(UsersWrite), groups::delete)
        .on(("GET", "/api/v1/groups/{group_id}/members"), permission(UsersRead), groups::members)
        .on(("POST", "/api/v1/groups/{group_id}/members"), permission(UsersWrite), groups::change_members)
        .on(("GET", "/api/v1/users/{user_id}/factors"), permission(UsersRead), factors::list)
        .on(("DELETE", "/api/v1/users/{user_id}/factors"), permission(UsersWrite), factors::delete)
}

/// What people decide, and where they are signed in.
fn decisions(managed: ManagedRoutes) -> ManagedRoutes {
    use Permission::{OauthRead, OauthWrite, SessionsRead, SessionsWrite};
    let person = Needs::PersonThroughInteraction;
    managed
        .on(("POST", "/api/v1/oauth/consent"), person, consents::decide)
        .on(("GET", "/api/v1/oauth/consent/{loginChallenge}"), person, consents::asked)
        .on(("GET", "/api/v1/oauth/consents"), Needs::InteractionOr(OauthRead), consents::list)
        .on(("POST", "/api/v1/oauth/consents"), person, consents::create)
        .on(("GET", "/api/v1/oauth/consents/history"), Needs::InteractionOr(OauthRead), consents::history)
        .on(
            ("DELETE", "/api/v1/oauth/consents/{consent_id}"),
            Needs::InteractionOr(OauthWrite),
            consents::delete,
        )
        .on(("GET", "/api/v1/oauth/sessions"), Needs::PersonOr(SessionsRead), sessions::list)
        .on(("GET", "/api/v1/logouts"), permission(SessionsRead), logouts::list)
        .on(
            ("DELETE", "/api/v1/oauth/sessions/{session_id}"),
            Needs::PersonOr(SessionsWrite),
            sessions::delete,
        )
}

/// Clients and scopes, through each contract.
fn registrations(managed: ManagedRoutes) -> ManagedRoutes {
    use Permission::{OauthRead, OauthWrite};
    let (read, write) = (permission(OauthRead), permission(OauthWrite));
    managed
        .on_named_tenant(("GET", "/api/v1/oauth/admin/clients"), read, tenant::list)
        .on_named_tenant(("POST", "/api/v1/oauth/admin/clients"), write, tenant::create)
        .on_named_tenant(("GET", "/api/v1/oauth/admin/clients/{id}"), read, tenant::show)
        .on_named_tenant(("PUT", "/api/v1/oauth/admin/clients/{id}"), write, tenant::update)
        .on_named_tenant(("DELETE", "/api/v1/oauth/admin/clients/{id}"), write, tenant::delete)
        .on_named_tenant(
            ("POST", "/api/v1/oauth/admin/clients/{id}/regenerate-secret"),
            write,
            tenant::regenerate_secret,
        )
        .on(("GET", "/v1/admin/oauth-clients"), read, identity::list)
        .on(("POST", "/v1/admin/oauth-clients"), write, identity::create)
        .on(("GET", "/v1/admin/oauth-clients/{id}"), read, identity::show)
        .on(("PATCH", "/v1/admin/oauth-clients/{id}"), write, identity::update)
        .on(("DELETE", "/v1/admin/oauth-clients/{id}"), write, identity::delete)
        .on(("POST", "/v1/admin/oauth-clients/{id}/rotate-secret"), write, identity::rotate_secret)
        .on(("GET", "/api/v1/oauth/clients"), read, oauth2_clients::list)
        .on(("POST", "/api/v1/oauth/clients"), write, oauth2_clients::create)
        .on(("GET", "/api/v1/oauth/clients/{client_id}"), Needs::AnyPersonOr(OauthRead), oauth2_clients::show)
        .on(("PUT", "/api/v1/oauth/clients/{client_id}"), write, oauth2_clients::update)
        .on(("DELETE", "/api/v1/oauth/clients/{client_id}"), write, oauth2_clients::delete)
        .on(("GET", "/api/v1/oauth/clients/{client_id}/secrets"), read, oauth2_clients::secrets)
        .on(("POST", "/api/v1/oauth/clients/{client_id}/rotate-secret"), write, oauth2_clients::rotate_secret)
        .on(("GET", "/api/v1/clients"), read, own_clients::list)
        .on(("POST", "/api/v1/clients"), write, own_clients::create)
        .on(("GET", "/api/v1/clients/{client_id}"), read, own_clients::show)
        .on(("PUT", "/api/v1/clients/{client_id}"), write, own_clients::update)
        .on(("PATCH", "/api/v1/clients/{client_id}"), write, own_clients::update)
        .on(("DELETE", "/api/v1/clients/{client_id}"), write, own_clients::delete)
        .on(("POST", "/api/v1/clients/{client_id}/rotate-secret"), write, own_clients::rotate_secret)
        .on(("GET", "/api/v1/clients/{client_id}/logo"), read, own_clients::logo::show)
        .on(("PUT", "/api/v1/clients/{client_id}/logo"), write, own_clients::logo::put)
        .on(("GET", "/api/v1/identity-providers"), read, identity_providers::list)
        .on(("POST", "/api/v1/identity-providers"), Needs::Every(ADMINISTRATORS), identity_providers::create)
        .on(("GET", "/api/v1/identity-providers/{provider}"), read, identity_providers::show)
        .on(
            ("PUT", "/api/v1/identity-providers/{provider}"),
            Needs::Every(ADMINISTRATORS),
            identity_providers::update,
        )
        .on(
            ("PATCH", "/api/v1/identity-providers/{provider}"),
            Needs::Every(ADMINISTRATORS),
            identity_providers::update,
        )
        .on(
            ("DELETE", "/api/v1/identity-providers/{provider}"),
            Needs::Every(ADMINISTRATORS),
            identity_providers::delete,
        )
        .on(("GET", "/api/v1/registration-tokens"), read, registration_tokens::list)
        .on(("POST", "/api/v1/registration-tokens"), write, registration_tokens::create)
        .on(("GET", "/api/v1/registration-tokens/{id}"), read, registration_tokens::show)
        .on(("DELETE", "/api/v1/registration-tokens/{id}"), write, registration_tokens::delete)
        .on(("GET", "/api/v1/oauth/scopes"), read, oauth2_scopes::list)
        .on(("POST", "/api/v1/oauth/scopes"), write, oauth2_scopes::create)
        .on(("GET", "/api/v1/oauth/scopes/{scope_id}"), read, oauth2_scopes::show)
        .on(("PUT", "/api/v1/oauth/scopes/{scope_id}"), write, oauth2_scopes::update)
        .on(("DELETE", "/api/v1/oauth/scopes/{scope_id}"), write, oauth2_scopes::delete)
        .on(("GET", "/api/v1/resources"), read, resources::list)
        .on(("POST", "/api/v1/resources"), write, resources::create)
        .on(("GET", "/api/v1/resources/{resource_id}"), read, resources::show)
        .on(("PATCH", "/api/v1/resources/{resource_id}"), write, resources::update)
        .on(("DELETE", "/api/v1/resources/{resource_id}"), write, resources::delete)
        .on_named_tenant(("GET", "/v1/clients"), read, clients::list)
        .on_named_tenant(("POST", "/v1/clients"), write, clients::create)
        .on_named_tenant(("GET", "/v1/clients/{id}"), read, clients::show)
        .on_named_tenant(("PATCH", "/v1/clients/{id}"), write, clients::update)
        .on_named_tenant(("DELETE", "/v1/clients/{id}"), write, clients::delete)
        .on_named_tenant(("POST", "/v1/clients/{id}/rotate-secret"), write, clients::rotate_secret)
        .on_named_tenant(("GET", "/v1/clients/{id}/tokens"), read, oauth2_tokens::of_client)
}

/// All paths of the server, but the one that only the benchmark has.
pub fn paths() -> Paths {
    protocol()
        .managed(managed())
        .merge(console::paths())
        .nest("/t/{slug}", protocol().managed(managed()).merge(console::paths()))
        // RFC 8414 §3.1: for an issuer with a path, the well-known part goes in between.
        .route("/.well-known/oauth-authorization-server/t/{slug}", get(metadata::metadata))
        .route("/.well-known/openid-configuration/t/{slug}", get(metadata::metadata))
        // RFC 9728 §3.1: the same.
        .route("/.well-known/oauth-protected-resource/t/{slug}", get(protected_resource::protected_resource))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/openapi.json", get(described::serve))
        .route("/docs", get(described::page))
        .route("/", get(pages::home))
        .route("/dev/mailbox", get(pages::mailbox::mailbox))
        .route("/dev/mailbox/{id}", get(pages::mailbox::letter))
        .route("/dev/components", get(pages::components::components))
        .route("/errors", get(pages::error_index))
        .route("/errors/{code}", get(pages::error_page))
        .route("/assets/{file}", get(pages::asset))
}

/// The server's router.
pub fn router(app: Arc<App>) -> Router {
    complete(paths().finish().0, app)
}

/// The same with `/bench/ceiling`, which `cargo xtask bench` compares with.
#[cfg(feature = "bench")]
pub fn router_with_ceiling(app: Arc<App>) -> Router {
    complete(paths().finish().0.route("/bench/ceiling", post(token::ceiling)), app)
}

fn complete(router: Router<Arc<App>>, app: Arc<App>) -> Router {
    router.fallback(not_found).method_not_allowed_fallback(method_not_allowed).with_state(app)
}

/// The paths of the operator's address.
pub fn metrics_router(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(metrics::metrics))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .fallback(not_found)
        .with_state(app)
}

async fn not_found(State(app): State<Arc<App>>, method: Method, uri: Uri, call: Call) -> Response {
    let mut response = if html::wanted(&call.headers) {
        pages::not_found(&app)
    } else {
        let shape = Shape::of(method.as_str(), uri.path()).for_caller(&call.headers);
        let error = OAuthError::new(ErrorCode::NotFound, ShellReason::NothingAtPath);
        answer::error_in(shape, &app, &error.into())
    };
    // A page for one caller must not be kept and given to the other (RFC 9110 §12.5.5), nor at all.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// RFC 9112 §3.2: a request of HTTP/1.1 has exactly one `Host`, and it is one that a URL can have. In HTTP/2 the
/// target's authority stands for it, and a `Host` beside that says the same (RFC 9113 §8.3.1).
fn host_is_valid<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    if let (Version::HTTP_2, Some(authority)) = (request.version(), request.uri().authority()) {
        let is_same =
            |host: &HeaderValue| host.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes());
        return is_host(authority) && hosts.next().is_none_or(is_same) && hosts.next().is_none();
    }
    match (hosts.next(), hosts.next()) {
        // Empty where the target has no authority (RFC 9110 §7.2).
        (Some(host), None) => {
            let sent = host.as_bytes();
            sent.is_empty()
                || is_plain_host(sent)
                || Authority::try_from(sent).is_ok_and(|host| is_host(&host))
        }
        (None, None) => request.version() < Version::HTTP_11,
        (_, Some(_)) => false,
    }
}

/// A name or an IPv4 address, and perhaps a port: what nearly every request has, told without taking it apart.
fn is_plain_host(host: &[u8]) -> bool {
    let is_of_a_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let (name, port) = host.split_at(host.iter().take_while(|byte| is_of_a_name(byte)).count());
    let is_port = |digits: &[u8]| (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    !name.is_empty() && (port.is_empty() || port.strip_prefix(b":").is_some_and(is_port))
}

/// A host and perhaps a port: a user name is no part of it, and a port is a number.
fn is_host(authority: &Authority) -> bool {
    let port = authority.as_str().strip_prefix(authority.host()).and_then(|rest| rest.strip_prefix(':'));
    !authority.as_str().contains('@')
        && port.is_none_or(|port| port.is_empty() || authority.port_u16().is_some())
}

async fn method_not_allowed(State(app): State<Arc<App>>, method: Method, uri: Uri) -> Response {
    // axum adds the Allow header.
    answer::error_in(
        Shape::of(method.as_str(), uri.path()),
        &app,
        &OAuthError::new(ErrorCode::MethodNotAllowed, ShellReason::MethodNotTaken).into(),
    )
}

/// A router as the accept loop's handler.
pub fn handler(app: Arc<App>, router: Router) -> impl crate::serve::Handler {
    move |request: Request<hyper::body::Incoming>, facts: crate::serve::ConnectionFacts| {
        let (app, router) = (Arc::clone(&app), router.clone());
        async move { answer(&app, router, request, Some(facts.peer.ip())).await }
    }
}

/// Where a request comes from, for allow lists.
fn whence<B>(request: &Request<B>, peer: Option<IpAddr>) -> Whence {
    match peer {
        _ if request.extensions().get::<LocalOperator>().is_some() => Whence::Here,
        Some(address) if request.extensions().get::<Nobody>().is_none() => Whence::Address(address),
        Some(_) | None => Whence::Unknown,
    }
}

/// The server's own allow list, before anything is read. Whether it is alive may be asked from everywhere: that tells
/// nothing, and whoever asks is a machine that nobody put on a list.
fn shut_out(app: &App, whence: Whence, path: &str) -> Option<OAuthError> {
    let live = app.live.load();
    let is_open = live.allowed_networks.admits(whence) || matches!(path, "/health/live" | "/health/ready");
    (!is_open).then(|| not_from_here(ListOf::Server))
}

/// The outermost layer: gives a request its id, answers it, and counts the answer.
pub async fn answer<B>(app: &App, router: Router, mut request: Request<B>, peer: Option<IpAddr>) -> Response
where
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let started = Instant::now();
    let endpoint = Endpoint::of(request.method(), request.uri().path());
    let whence = whence(&request, peer);
    let request_id = RequestId::of(request.headers());
    let context = Context { peer, whence, request_id, who: Who::default() };
    let page = cors::CrossOrigin::of(request.method(), request.uri().path(), request.headers());
    let seen = Seen {
        endpoint,
        method: request.method().clone(),
        target: request.uri().clone(),
        user_agent: request.headers().get(header::USER_AGENT).cloned(),
        context: context.clone(),
    };
    request.extensions_mut().insert(context);
    let chosen = endpoint.is_for_people().then(|| Chosen::of(request.headers(), request.uri()));
    let keep = chosen.as_ref().and_then(|chosen| chosen.keep);
    let id = &seen.context.request_id;
    let span = tracing::debug_span!("request", %id, method = %request.method(), path = request.uri().path());
    let mut response = if let Some(error) = shut_out(app, whence, request.uri().path()) {
        let shape = Shape::of(request.method().as_str(), request.uri().path()).for_caller(request.headers());
        answer::error_in(shape, app, &error.into())
    } else if let Some(preflight) = page.preflight(app).await {
        preflight
    } else if host_is_valid(&request) {
        let answered = tracing::Instrument::instrument(router.oneshot(request.map(Body::new)), span);
        let answered = match chosen {
            Some(chosen) => id.during(chosen.during(answered)).await,
            None => id.during(answered).await,
        };
        match answered {
            Ok(response) => response,
            Err(never) => match never {},
        }
    } else {
        let error = OAuthError::new(ErrorCode::InvalidRequest, ShellReason::HostNeeded);
        let shape = Shape::of(request.method().as_str(), request.uri().path()).for_caller(request.headers());
        answer::error_in(shape, app, &error.into())
    };
    app.conclude(&seen, &mut response);
    page.allow(app, &seen.context.who, &mut response).await;
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id.header());
    if let Some(cookie) = keep.and_then(|language| language::kept(language, app.base.starts_with("https://")))
    {
        headers.append(header::SET_COOKIE, cookie);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    let took = started.elapsed();
    app.meters.count(endpoint, response.status(), took);
    access_log::log(app, &seen, &response, took);
    log(app, &seen, &mut response);
    response
}

/// One line for an answer that is an error, with the id that the caller was given. Whoever runs an application asks
/// why its people cannot sign in: what the authorization and the token endpoint refuse is always said.
fn log(app: &App, seen: &Seen, response: &mut Response) {
    let id = &seen.context.request_id;
    let Some(answer::Told(error)) = response.extensions_mut().remove::<answer::Told>() else { return };
    let (status, code) = (response.status().as_u16(), error.code().entry().page);
    let internal = error.internal().unwrap_or_default();
    let is_first = error.code() != ErrorCode::TemporarilyUnavailable
        || app.outage.failed(What::Request) == OutageStage::First;
    if response.status().is_server_error() && !is_first {
        tracing::debug!(%id, status, code, internal, "{}", reasons::error(&error));
    } else if response.status().is_server_error() {
        tracing::error!(%id, status, code, internal, "{}", reasons::error(&error));
    } else if matches!(seen.endpoint, Endpoint::Authorize | Endpoint::Token) {
        let client = Excerpt::of(seen.context.who.named().unwrap_or_default());
        let (endpoint, reason) = (seen.endpoint.name(), reason(&error));
        tracing::info!(%id, client_id = %client, endpoint, error = code, %reason, "refused");
    } else {
        tracing::debug!(%id, status, code, internal, "{}", reasons::error(&error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Version::HTTP_11, "/", &["id.example"], true)]
    #[case(Version::HTTP_11, "/", &[], false)]
    #[case(Version::HTTP_11, "/", &["a", "b"], false)]
    #[case(Version::HTTP_10, "/", &[], true)]
    #[case(Version::HTTP_2, "https://id.example/", &[], true)]
    #[case(Version::HTTP_2, "https://id.example:8443/", &[], true)]
    #[case(Version::HTTP_2, "https://id.example/", &["ID.example"], true)]
    #[case(Version::HTTP_2, "https://id.example/", &["evil.example"], false)]
    #[case(Version::HTTP_2, "https://id.example/", &["id.example", "id.example"], false)]
    #[case(Version::HTTP_2, "https://user@id.example/", &[], false)]
    #[case(Version::HTTP_2, "/", &["id.example"], true)]
    #[case(Version::HTTP_2, "/", &[], false)]
    fn one_host(#[case] version: Version, #[case] target: &str, #[case] hosts: &[&str], #[case] good: bool) {
        let mut request = Request::builder().version(version).uri(target);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        assert_eq!(host_is_valid(&request.body(()).unwrap()), good);
    }
}

//! `GET` and `POST /oauth2/authorize` (RFC 6749 §3.1, OpenID Connect Core §3.1.2).
//!
//! The order of checks: malformed → client → request object → redirect URI → (from here the client hears of it) response
//! type and mode → resources and scope → PKCE → prompt and session.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Method, header};
use writ_core::authenticate::ClientFacts;
use writ_core::authority::Permissions;
use writ_core::authorize::{
    AccountChoice, AuthorizationRequest, Decider, Deciding, Demands, Hint, Next, Prompt, PushedFacts,
    PushedRef, REQUEST_LIMIT, Reading, RefusedRequest, Standing, Way, give, next, read, refused, resolve,
};
use writ_core::change::{Note, Target};
use writ_core::consent::ConsentFacts;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::{Form, write_pair};
use writ_core::session::SessionFacts;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;

use super::parse_form;
use super::request_object::Params;
use crate::call::answer::Told;
use crate::call::browser::Arrival;
use crate::call::fault::Fault;
use crate::call::front::verdict;
use crate::call::html;
use crate::call::language;
use crate::call::request::Call;
use crate::edge::shares::{Share, kibibytes};
use crate::manage::documents;
use crate::manage::standing::{Waits, addressed, asking, let_wait, place, with_cookie};
use crate::state::app::App;
use crate::state::asking::RequestingClient;
use crate::state::rounds::Verdict;

/// Answers an authorization request.
pub async fn authorize(State(app): State<Arc<App>>, method: Method, mut call: Call) -> Response {
    match answer(&app, &method, &mut call).await {
        Ok(response) => response,
        Err(fault) => html::failed(&fault),
    }
}

async fn answer(app: &App, method: &Method, call: &mut Call) -> Result<Response, Fault> {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    call.context.who.visits(tenant.id);
    let body = if *method == Method::POST {
        call.form_body().await?
    } else {
        bytes::Bytes::from(call.query.as_deref().unwrap_or_default().to_owned())
    };
    if body.len() > REQUEST_LIMIT {
        return Err(
            OAuthError::new(ErrorCode::InvalidRequest, ShellReason::AuthorizationRequestTooLong).into()
        );
    }
    // Before anything is looked up; given back where nothing has to wait.
    let taken = app.take_share(Share::Authorizations, call.context.peer, 1)?;
    let form = parse_form(&body)?;
    if *method == Method::POST && was_sent_without_cookies(&call.headers) {
        app.give_back(taken);
        return Ok(html::see_other(&as_get(&tenant, &form)));
    }
    if let Some(client_id) = form.get("client_id")
        && let Err(error) = documents::keep(app, call, (&tenant, client_id)).await?
    {
        return Ok(html::refused(&error.recoded(ErrorCode::InvalidRequest)));
    }
    let asked = (&*call, &form);
    match app.rounds(|_| decide(app, asked, &tenant)).await? {
        AuthorizeOutcome::AtOnce(response) => {
            app.give_back(taken);
            Ok(response)
        }
        AuthorizeOutcome::Otherwise(response) => Ok(response),
    }
}

/// How a request was answered.
enum AuthorizeOutcome {
    /// A good request was answered at once: with a code for somebody who is signed in, or, where nobody may be asked,
    /// with an error. Nothing waits.
    AtOnce(Response),
    /// Everything else.
    Otherwise(Response),
}

/// Our cookie is not sent along with another site's form (`SameSite=Lax`), but it is with the GET that follows it.
fn was_sent_without_cookies(headers: &HeaderMap) -> bool {
    !headers.contains_key(header::COOKIE)
        && headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"cross-site")
}

/// The same request as a GET.
fn as_get(tenant: &Tenant, form: &Form<'_>) -> String {
    let mut address = place(tenant, "/oauth2/authorize");
    for (at, (name, value)) in form.iter().enumerate() {
        address.push(if at == 0 { '?' } else { '&' });
        write_pair(name, value, &mut address);
    }
    address
}

/// Decides on facts read afresh.
async fn decide(
    app: &App,
    asked: (&Call, &Form<'_>),
    tenant: &Arc<Tenant>,
) -> Result<Verdict<AuthorizeOutcome>, Fault> {
    let (call, form) = asked;
    let found = match form.get("client_id") {
        Some(client_id) => {
            call.context.who.names(client_id);
            asking(app, client_id, tenant).await?
        }
        None => None,
    };
    let client = found.as_deref();
    if let Some(client) = client {
        call.context.who.concerns(tenant.id, Target::Client(client.facts.client.id));
    }
    let pushed = match pushed(app, form, (tenant, client.map(|client| &client.facts))).await? {
        Ok(pushed) => pushed,
        Err(error) => return Ok(Verdict::Answer(AuthorizeOutcome::Otherwise(html::refused(&error)))),
    };
    let way = pushed.as_ref().map_or(Way::Open, |pushed| Way::Pushed(pushed.reference()));
    let params = match (&pushed, client) {
        (Some(pushed), _) => Params::pushed(&pushed.form),
        (None, Some(RequestingClient { registered, facts })) => {
            Params::of(app, form, (registered, facts)).await?
        }
        (None, None) => Params::own(),
    };
    let inside = params.form.as_deref().map(|text| parse_form(text.as_bytes())).transpose()?;
    // What stands beside a reference or an object does not count (RFC 9101 §5, §6.3).
    let form = inside.as_ref().unwrap_or(form);
    language::wished(form.get("ui_locales").unwrap_or_default());
    let issuer = app.issuer(tenant);
    // Nothing is verified for nobody.
    let token = form.get("id_token_hint").filter(|_| client.is_some());
    let hint = Hint::from(app.hinted(token, (tenant, &issuer)).await?);
    let demands = Demands::of(&tenant.settings);
    let resources = app.resources(client.map_or(tenant, |client| &client.facts.tenant)).await?;
    let (resources, object) = (&*resources, &params.object);
    let reading = Reading { way, hint, object, demands, resources, issuer: &issuer };
    match (read(form, client.map(|client| &client.registered), &reading), client) {
        (Ok(request), Some(client)) => go_on(app, call, &client.facts, request).await,
        (Err(RefusedRequest::Page(error)), _) => {
            Ok(Verdict::Answer(AuthorizeOutcome::Otherwise(html::refused(&error))))
        }
        (Err(RefusedRequest::Reply(reply, error)), client) => {
            if let Some(client) = client.filter(|_| error.code() == ErrorCode::InvalidScope) {
                let client = client.facts.client.id;
                app.store.note(Note::ScopeRefused { client, at: app.clock.now() });
            }
            let answer = match client {
                Some(client) => html::answered(&app.as_wanted(*reply, &client.facts).await?),
                None => html::refused(&error),
            };
            Ok(Verdict::Answer(AuthorizeOutcome::Otherwise(told_of(answer, error))))
        }
        // No request is good without its client.
        (Ok(_), None) => Err(Fault::internal("a request was found good without a client")),
    }
}

/// The request behind a reference that a client got when it pushed one; none: this is the request itself.
async fn pushed(
    app: &App,
    form: &Form<'_>,
    of: (&Tenant, Option<&ClientFacts>),
) -> Result<Result<Option<PushedFacts>, OAuthError>, Fault> {
    let (tenant, client) = of;
    let Some(request_uri) = form.get("request_uri").filter(|uri| PushedRef::is_urn(uri)) else {
        return Ok(Ok(None));
    };
    if form.get("request").is_some() {
        let why = ShellReason::RequestBesideUri;
        return Ok(Err(OAuthError::new(ErrorCode::InvalidRequest, why)));
    }
    let presented = PushedRef::parse(request_uri);
    let found = match &presented {
        Some(presented) => app.store.pushed_request(presented.id(), tenant.id).await?,
        None => None,
    };
    let client = client.map(|facts| facts.client.id);
    Ok(resolve((presented, client), found, app.clock.now()).map(Some))
}

/// The answer that an application gets, with the error in it for the log and the audit log.
fn told_of(mut answer: Response, error: OAuthError) -> Response {
    answer.extensions_mut().insert(Told(error));
    answer
}

/// Looks who is signed in, and gives the code or lets the request wait.
async fn go_on(
    app: &App,
    call: &Call,
    facts: &ClientFacts,
    request: AuthorizationRequest,
) -> Result<Verdict<AuthorizeOutcome>, Fault> {
    let tenant = &*facts.tenant;
    let Arrival { browser, session, consent } = app.arrival(&call.headers, tenant, facts.client.id).await?;
    let further = app.further_factor(&request, session.as_ref(), tenant).await?;
    let moment = app.moment();
    let standing = Standing {
        request: &request,
        client: &facts.client,
        hash_key: &app.hash_key,
        session: session.as_ref(),
        consent: consent.as_ref(),
        waiting_since: None,
        account: AccountChoice::Open,
        further,
    };
    let (path, own) = match next(&standing, moment.now) {
        Err(error) => {
            let reply = app.as_wanted(refused(&request.to, &error, &facts.issuer), facts).await?;
            let reply = html::answered(&reply);
            return Ok(Verdict::Answer(AuthorizeOutcome::AtOnce(told_of(reply, error))));
        }
        Ok(Next::Give(session)) => {
            return at_once(app, call, (facts, &request), (session, consent.as_ref())).await;
        }
        Ok(Next::SignIn) => (entrance(app, tenant, &request), &tenant.settings.login_url),
        Ok(Next::Consent(_)) => ("/consent", &tenant.settings.consent_url),
    };
    // Writ's own permissions are approved on Writ's own pages, by a person who is signed in here; so are single claims, and
    // APIs that no scope tells of, which no other page shows.
    let resources = app.resources(tenant).await?;
    let is_plain = Permissions::of_scope(&request.scope).is_empty()
        && request.claims.beyond(&request.scope).is_empty()
        && resources.are_told_by(request.picked.as_ref(), &request.scope);
    let own = own.as_ref().filter(|_| is_plain);
    // What is large to keep costs more.
    let _ = match kibibytes(&request) {
        0 => None,
        more => app.take_share(Share::Authorizations, call.context.peer, more)?,
    };
    let signed_in = session.as_ref().map(|session| session.user);
    let address = own.map_or_else(|| place(tenant, path), |own| own.as_str().to_owned());
    let waits = Waits { facts, browser: browser.as_ref(), signed_in, address };
    let (response, changes) = let_wait(app, call, (request, waits), &moment);
    Ok(Verdict::Commit(AuthorizeOutcome::Otherwise(response), changes))
}

/// Where people sign in; who is to have a new account begins where they make one, where they may.
fn entrance(app: &App, tenant: &Tenant, request: &AuthorizationRequest) -> &'static str {
    if request.prompts.has(Prompt::Create) && app.is_open_to_all(tenant) { "/register" } else { "/login" }
}

/// The code for somebody who is signed in and need not be asked. A browser that has lost the state of their sign-in gets it
/// again, or an application that watches it would come for ever.
async fn at_once(
    app: &App,
    call: &Call,
    (facts, request): (&ClientFacts, &AuthorizationRequest),
    (session, consent): (&SessionFacts, Option<&ConsentFacts>),
) -> Result<Verdict<AuthorizeOutcome>, Fault> {
    let (origin, moment) = (call.origin(), app.moment());
    let deciding =
        Deciding { facts, request, challenge: None, origin: &origin, moment, hash_key: &app.hash_key };
    let (answered, changes) = give(&deciding, &Decider::from(session), consent);
    let (answered, changes) = app.complete(&deciding, (answered, Some(changes))).await?;
    let watched = app.browser_state(&call.headers, (&facts.tenant, session.id));
    Ok(verdict(AuthorizeOutcome::AtOnce(with_cookie(html::answered(&answered), watched)), changes))
}

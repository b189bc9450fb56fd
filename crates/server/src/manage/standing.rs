//! What the authorization endpoint, the sign-in pages and the management API share: loading what an authorization
//! request stands on, and the addresses that it leads to.

use std::sync::Arc;

use axum::response::Response;
use http::HeaderValue;
use http::header;
use writ_core::authenticate::ClientFacts;
use writ_core::authorize::{
    AuthorizationRequest, ChallengeFacts, ChallengeRef, Demands, PresentedChallenge, RefusedRequest,
    Starting, start, still_good,
};
use writ_core::change::Changes;
use writ_core::client::{ClientName, RegisteredClient, Registration};
use writ_core::decision::Moment;
use writ_core::handle::Drawn;
use writ_core::ids::{TenantId, UserId};
use writ_core::look::PictureName;
use writ_core::session::new_browser;
use writ_core::tenant::{DEFAULT_SLUG, Tenant};

use crate::call::browser::Browser;
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::language::{called, carried, logo_of};
use crate::call::request::{Call, no_tenant};
use crate::state::app::App;
use crate::state::asking::RequestingClient;
use crate::state::rounds::Freshness;

/// The tenant that a page or the authorization endpoint is asked for, read afresh.
///
/// # Errors
/// `not_found`.
pub(crate) async fn addressed(app: &App, slug: Option<&str>) -> Result<Arc<Tenant>, Fault> {
    // The first tenant's place is the root, and nowhere else.
    if slug == Some(DEFAULT_SLUG) {
        return Err(no_tenant());
    }
    let found = app.tenant(slug.unwrap_or(DEFAULT_SLUG), Freshness::Fresh).await?;
    found.filter(|tenant| tenant.enabled.is_yes()).ok_or_else(no_tenant)
}

/// A client with all that was registered, where it is one of this tenant.
pub(crate) async fn registered(
    app: &App,
    client_id: &str,
    tenant: TenantId,
) -> Result<Option<(RegisteredClient, ClientFacts)>, Fault> {
    if !can_be_id(client_id) {
        return Ok(None);
    }
    let found = app.store.registered_by_client_id(ClientName::within(client_id, tenant)).await?;
    let found = found.filter(|(found, _)| found.client.tenant == tenant);
    Ok(found.map(|(found, tenant)| {
        let facts = app.facts_of(&found, Arc::new(tenant));
        (found, facts)
    }))
}

/// A request that has to wait, but for itself.
pub(crate) struct Waits<'a> {
    /// Who asks.
    pub facts: &'a ClientFacts,
    /// The browser, where it has shown its cookie.
    pub browser: Option<&'a Browser>,
    /// Who is signed in there.
    pub signed_in: Option<UserId>,
    /// The page on which the person goes on.
    pub address: String,
}

/// Lets a request wait for its person: the way to the page, with what the browser is to keep, and what is to be written.
pub(crate) fn let_wait(
    app: &App,
    call: &Call,
    (request, waits): (AuthorizationRequest, Waits<'_>),
    moment: &Moment<'_>,
) -> (Response, Changes) {
    let Waits { facts, browser, signed_in, address } = waits;
    let (cookie, known) = if let Some(browser) = browser {
        (None, (browser.facts.id, None))
    } else {
        let (cookie, new) = new_browser(moment);
        (app.set_cookie(&cookie), (new.id, Some(new)))
    };
    let starting = Starting { facts, browser: known, signed_in, origin: call.origin() };
    let (started, changes) = start(request, starting, moment);
    let response = html::see_other(&with_challenge(&address, &started.challenge));
    let flow = app.remember_flow(&call.headers, &started.challenge);
    (flow.into_iter().map(Some).fold(with_cookie(response, cookie), with_cookie), changes)
}

/// A client of this tenant that asks for an authorization.
pub(crate) async fn asking(
    app: &App,
    client_id: &str,
    tenant: &Arc<Tenant>,
) -> Result<Option<Arc<RequestingClient>>, Fault> {
    if !can_be_id(client_id) {
        return Ok(None);
    }
    let found = app.asking_client(client_id, tenant).await?;
    Ok(found.filter(|found| found.facts.tenant.id == tenant.id))
}

/// What cannot be an id is not asked for: PostgreSQL, for one, refuses a NUL as an error.
fn can_be_id(client_id: &str) -> bool {
    client_id.len() <= 255 && !client_id.chars().any(char::is_control)
}

/// A challenge with the client that waits for its answer.
pub(crate) struct WaitingChallenge {
    pub challenge: ChallengeFacts,
    pub facts: ClientFacts,
    /// What else was registered of the client.
    pub registration: Registration,
    /// Why it can have no answer any more; none: it can.
    pub barred: Option<RefusedRequest>,
}

impl WaitingChallenge {
    /// What the client is called on the page that is being written.
    pub fn client_name(&self) -> &str {
        called(&self.facts.client.name, &self.registration.metadata.translations)
    }

    /// The client's logo on the page that is being written.
    ///
    /// # Errors
    /// The storage's.
    pub async fn client_logo(&self, app: &App, tenant: TenantId) -> Result<Option<PictureName>, Fault> {
        app.client_logo((tenant, self.facts.client.id), logo_of(&self.registration.metadata.translations))
            .await
    }

    /// The challenge as it was presented.
    pub fn asked<'a>(&'a self, text: &'a str, app: &'a App) -> PresentedChallenge<'a> {
        PresentedChallenge { challenge: &self.challenge, text, hash_key: &app.hash_key }
    }
}

/// The challenge that a text names in a tenant, whatever its state; none where it or its client is gone, or its time is
/// over.
pub(crate) async fn waiting(
    app: &App,
    text: &str,
    tenant: TenantId,
) -> Result<Option<WaitingChallenge>, Fault> {
    let found = begun(app, text, tenant).await?;
    Ok(found.filter(|found| app.clock.now() < found.challenge.expires_at))
}

/// The same, also where its time is over and nobody has removed it yet.
pub(crate) async fn begun(
    app: &App,
    text: &str,
    tenant: TenantId,
) -> Result<Option<WaitingChallenge>, Fault> {
    let Some(presented) = ChallengeRef::parse(text) else { return Ok(None) };
    let Some(mut challenge) = app.store.challenge(presented, tenant).await? else { return Ok(None) };
    let Some(client_id) = challenge.client_id.clone() else { return Ok(None) };
    let Some((client, facts)) = registered(app, &client_id, tenant).await? else { return Ok(None) };
    let overtaken = challenge.overtaken(&facts.issuer);
    let resources = app.resources(&facts.tenant).await?;
    let asked = (Demands::of(&facts.tenant.settings), &facts.issuer, &*resources);
    let barred = match still_good(&challenge.request, &client, asked) {
        Ok(request) => {
            challenge.request = request;
            None
        }
        Err(refused) => Some(refused),
    };
    let barred = overtaken.or(barred);
    let RegisteredClient { client, registration } = client;
    Ok(client.enabled.is_yes().then_some(WaitingChallenge { challenge, facts, registration, barred }))
}

/// A path below a tenant's own place.
pub(crate) fn place(tenant: &Tenant, path: &str) -> String {
    if &*tenant.slug == DEFAULT_SLUG { path.to_owned() } else { format!("/t/{}{path}", tenant.slug) }
}

/// An address with a challenge in its query, and the language that the application asked for.
pub(crate) fn with_challenge(address: &str, challenge: &str) -> String {
    let separator = if address.contains('?') { '&' } else { '?' };
    let address = format!("{address}{separator}login_challenge={challenge}");
    match carried() {
        Some(carried) => format!("{address}&{carried}"),
        None => address,
    }
}

/// An address with a challenge in its query, and the secret that its answer waits for.
pub(crate) fn with_verifier(address: &str, challenge: &str, verifier: &Drawn) -> String {
    format!("{}&consent_verifier={}", with_challenge(address, challenge), verifier.text)
}

/// The answer, with a cookie that it sets.
pub(crate) fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

//! What the sign-in and consent pages begin with: a challenge that is open, in the browser that it belongs to; and what
//! a person is told who comes without one.

use std::borrow::Cow;

use axum::response::Response;
use writ_core::authority::Permissions;
use writ_core::authorize::{
    AccountChoice, CHALLENGE_LIFETIME, ChallengeState, FurtherFactor, NotHeld, RefusedRequest,
};
use writ_core::client::Translatable;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::session::SessionFacts;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_store::ReadError;

use crate::call::browser::Browser;
use crate::call::csrf::For;
use crate::call::fault::Fault;
use crate::call::html::{self, Notice};
use crate::call::language::translated;
use crate::call::request::Call;
use crate::call::words::{say, say_of};
use crate::manage::standing::{WaitingChallenge, begun, place, registered, with_challenge};
use crate::state::app::App;

/// A page, or what is shown instead.
pub(super) type FlowPage = Result<Response, Instead>;

/// What is shown instead of the page that was asked for.
pub(super) struct Instead(Box<Response>);

impl From<Fault> for Instead {
    fn from(fault: Fault) -> Self {
        html::failed(&fault).into()
    }
}

impl From<OAuthError> for Instead {
    fn from(error: OAuthError) -> Self {
        Fault::from(error).into()
    }
}

impl From<ReadError> for Instead {
    fn from(error: ReadError) -> Self {
        Fault::from(error).into()
    }
}

impl From<Response> for Instead {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

/// The page, or what is shown instead.
pub(super) fn shown(page: FlowPage) -> Response {
    page.unwrap_or_else(|Instead(response)| *response)
}

/// A challenge, as a page has it.
pub(super) struct ShownChallenge {
    /// The challenge as it stands in the address.
    pub text: Box<str>,
    pub waiting: WaitingChallenge,
    /// The browser, where its cookie is good; that the challenge began in it, it has shown in any case.
    pub browser: Option<Browser>,
}

/// Who is signed in in the browser that a request waits in.
pub(super) struct PresentPerson {
    /// Their sign-in.
    pub session: Option<SessionFacts>,
    /// Whether they could prove more, where the request wishes for it.
    pub further: FurtherFactor,
}

impl PresentPerson {
    pub(super) async fn of(app: &App, tenant: &Tenant, shown: &ShownChallenge) -> Result<Self, Fault> {
        let session = app.session(shown.browser.as_ref(), tenant).await?;
        let request = &shown.waiting.challenge.request;
        let further = app.further_factor(request, session.as_ref(), tenant).await?;
        Ok(Self { session, further })
    }
}

/// The tenant as it looks on pages that people come to from an application: with the look of that, where both want it.
pub(super) fn dressed<'t>(tenant: &'t Tenant, shown: &ShownChallenge) -> Cow<'t, Tenant> {
    let look = &shown.waiting.registration.metadata.look;
    if look.is_plain() || !tenant.settings.application_looks.is_on() {
        return Cow::Borrowed(tenant);
    }
    Cow::Owned(Tenant { settings: look.over(&tenant.settings), ..tenant.clone() })
}

/// Finds the challenge that the address names, in the browser that it belongs to: whoever is led here with somebody
/// else's challenge would sign in for them.
pub(super) async fn load(app: &App, call: &Call, tenant: &Tenant) -> Result<ShownChallenge, Instead> {
    let query = call.query()?;
    let text = query.get("login_challenge").ok_or_else(unknown)?;
    load_named(app, call, (tenant, text)).await
}

/// The same for a challenge that is known without the address.
pub(super) async fn load_named(
    app: &App,
    call: &Call,
    (tenant, text): (&Tenant, &str),
) -> Result<ShownChallenge, Instead> {
    let browser = app.browser(&call.headers).await?;
    let brought = app.shows(&call.headers, browser.as_ref(), text);
    let waiting = begun(app, text, tenant.id).await?;
    let waiting = waiting.filter(|found| found.asked(text, app).began_in(brought)).ok_or_else(unknown)?;
    let shown = ShownChallenge { text: text.into(), waiting, browser };
    if shown.waiting.challenge.expires_at <= app.clock.now() {
        return Err(over(app, &shown, Over::TooLate).await?);
    }
    // What the client was registered with may have been taken from it while its request waited.
    match &shown.waiting.barred {
        None => Ok(shown),
        Some(RefusedRequest::Page(error)) => Err(html::refused(error).into()),
        Some(RefusedRequest::Reply(reply, _)) => {
            let reply = app.as_wanted((**reply).clone(), &shown.waiting.facts).await?;
            Err(html::answered(&reply).into())
        }
    }
}

/// Whether the person has chosen the account that they are signed in with: the address says so in a way that only our own
/// sign-in page, shown to them in this browser, can have told.
pub(super) fn chosen(
    app: &App,
    call: &Call,
    of: (&Tenant, &ShownChallenge, Option<&SessionFacts>),
) -> AccountChoice {
    let (tenant, shown, session) = of;
    let query = call.query().ok();
    let presented = query.as_ref().and_then(|query| query.get("account"));
    match (presented, session) {
        (Some(token), Some(session))
            if app.is_token(token, (tenant.id, For::Account(&shown.text, session.id))) =>
        {
            AccountChoice::Made
        }
        _ => AccountChoice::Open,
    }
}

/// The challenge's own text.
pub(super) fn challenge_of(shown: &ShownChallenge) -> &str {
    &shown.text
}

/// Where somebody signs in for a challenge.
pub(super) fn sign_in_place(tenant: &Tenant, shown: &ShownChallenge) -> String {
    let own = tenant.settings.login_url.as_ref().filter(|_| may_be_elsewhere(shown));
    let address = own.map_or_else(|| place(tenant, "/login"), |own| own.as_str().to_owned());
    with_challenge(&address, &shown.text)
}

/// Whether a tenant's own pages may ask the person: Writ's permissions, and what a device asks for, are approved on Writ's own
/// pages alone.
pub(super) fn may_be_elsewhere(shown: &ShownChallenge) -> bool {
    let request = &shown.waiting.challenge.request;
    Permissions::of_scope(&request.scope).is_empty() && request.device.is_none()
}

/// The way back to the authorization request that an address names: where it goes on, and for which application. None
/// where it does not wait for this browser, or not any more.
pub(super) async fn way_back(app: &App, call: &Call, tenant: &Tenant) -> Option<(String, Box<str>)> {
    let shown = load(app, call, tenant).await.ok()?;
    let waits = matches!(shown.waiting.challenge.state, ChallengeState::Waiting);
    waits.then(|| (sign_in_place(tenant, &shown), shown.waiting.client_name().into()))
}

/// Why a challenge of this browser leads nowhere any more.
#[derive(Debug, Clone, Copy)]
pub(super) enum Over {
    /// It was decided.
    Answered,
    /// Its time is over.
    TooLate,
    /// It was decided, and what was decided has ended since.
    Ended,
    /// It was decided by somebody else than is signed in.
    SomebodyElse,
}

impl From<NotHeld> for Over {
    fn from(why: NotHeld) -> Self {
        match why {
            NotHeld::Nothing => Self::Answered,
            NotHeld::SomebodyElse => Self::SomebodyElse,
            NotHeld::Ended => Self::Ended,
        }
    }
}

/// What a person is told whose challenge is over, with the way to the application: to where a sign-in begins there, or to
/// its homepage, whichever it has registered.
pub(super) async fn over(app: &App, shown: &ShownChallenge, why: Over) -> Result<Instead, Fault> {
    let client = &shown.waiting.facts.client;
    let named = Legible::of(shown.waiting.client_name());
    let name = named.isolated();
    let found = registered(app, &client.client_id, client.tenant).await?;
    let (start, homepage) = found.map_or((None, None), |(found, facts)| {
        let registration = found.registration;
        let known = &registration.metadata.translations;
        let homepage = translated(known, Translatable::ClientUri).map(str::to_owned);
        let homepage = homepage.or_else(|| registration.client_uri.as_ref().map(ToString::to_string));
        (registration.metadata.signing_in.start(&facts.issuer), homepage)
    });
    let (why, remedy) = match why {
        Over::Answered => ("over-answered", "over-answered-remedy"),
        Over::TooLate => ("over-late", "over-late-remedy"),
        Over::Ended => ("over-ended", "over-late-remedy"),
        Over::SomebodyElse => ("over-somebody-else", "over-somebody-else-remedy"),
    };
    let minutes = (CHALLENGE_LIFETIME.0 / 60).to_string();
    let with = [("client", &*name), ("minutes", &minutes)];
    let (why, remedy) = (say_of(why, &with), say_of(remedy, &with));
    let words = say_of(if start.is_some() { "start-again" } else { "to-client" }, &with);
    let address = start.or(homepage);
    let link = address.as_deref().map(|address| (address, words.as_str()));
    let error =
        OAuthError::new(ErrorCode::InvalidRequest, ShellReason::LoginChallenge { why: why.clone().into() });
    Ok(html::told(&error, &Notice { why: &why, remedy: &remedy, link }).into())
}

/// For every reason alike: nobody learns of a sign-in that is not theirs.
pub(super) fn unknown() -> Instead {
    let error = OAuthError::new(ErrorCode::InvalidRequest, ShellReason::LoginChallengeUnknown);
    let (why, remedy) = (say("unknown-challenge"), say("unknown-challenge-remedy"));
    html::told(&error, &Notice { why: &why, remedy: &remedy, link: None }).into()
}

//! `/consent`: where a person says what an application may have, and where every answer leaves from.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authorize::{
    AccountChoice, AnsweredFacts, Approved, Carrier, ChallengeState, Coming, Decided, Decider, Deciding,
    FurtherFactor, Leaving, Next, Say, Standing, again, approve, deny, fetch, give, next,
};
use writ_core::change::Origin;
use writ_core::client::Party;
use writ_core::consent::{ConsentFacts, Remember};
use writ_core::device_code::AskingDevice;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::Form;
use writ_core::handle::Drawn;
use writ_core::secret::Presented;
use writ_core::session::SessionFacts;
use writ_core::settings::OwnText;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::time::Micros;

use super::asked::{AskingClient, goes_to, groups};
use super::boxes::{BoxShown, ScopeBox, ScopeGroup, Ticked};
use super::flow::{
    FlowPage, Instead, Over, PresentPerson, ShownChallenge, challenge_of, chosen, dressed, load,
    may_be_elsewhere, over, shown, sign_in_place,
};
use super::parts::{Problem, in_words};
use crate::call::csrf::For;
use crate::call::frame::{Frame, framed};
use crate::call::front::verdict;
use crate::call::html::{self, Forms};
use crate::call::request::Call;
use crate::call::when::When;
use crate::call::words::{Html, own_text, say, say_html, say_of};
use crate::manage::standing::{WaitingChallenge, addressed, place, with_challenge, with_verifier};
use crate::state::app::App;
use crate::state::rounds::Verdict;

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    frame: Frame<'a>,
    client: Legible<'a>,
    /// What stands for the application.
    logo: Option<Html>,
    heading: Html,
    /// What the tenant says here.
    intro: Option<&'a str>,
    username: Legible<'a>,
    signed_in: Html,
    other: &'a str,
    legend: Html,
    target: Html,
    /// What its person has to know of a device that asks.
    device: Option<Html>,
    /// What they have to know of an agent.
    agent: Option<Html>,
    by: AskingClient<'a>,
    /// What is asked for: what is of no API in particular, then that of each API.
    groups: &'a [ScopeGroup<'a>],
    problem: Option<Problem>,
    action: &'a str,
    csrf: &'a str,
}

framed!(ConsentPage);

/// `GET /consent`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call).await)
}

/// `POST /consent`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(decide(&app, &mut call).await)
}

/// What a person stands before.
struct StandsBefore {
    shown: ShownChallenge,
    session: Option<SessionFacts>,
    consent: Option<ConsentFacts>,
    account: AccountChoice,
    further: FurtherFactor,
}

impl StandsBefore {
    async fn load(app: &App, call: &Call, tenant: &Tenant) -> Result<Self, Instead> {
        let shown = load(app, call, tenant).await?;
        let PresentPerson { session, further } = PresentPerson::of(app, tenant, &shown).await?;
        let consent = match &session {
            Some(session) => app.store.consent_of(session.user, shown.waiting.facts.client.id).await?,
            None => None,
        };
        let account = chosen(app, call, (tenant, &shown, session.as_ref()));
        Ok(Self { shown, session, consent, account, further })
    }

    /// The address of the page, with all that its address says.
    fn here(&self, app: &App, tenant: &Tenant) -> String {
        let here = with_challenge(&place(tenant, "/consent"), challenge_of(&self.shown));
        match (self.account, &self.session) {
            (AccountChoice::Made, Some(session)) => {
                let token = app.csrf_token(tenant.id, For::Account(challenge_of(&self.shown), session.id));
                format!("{here}&account={token}")
            }
            _ => here,
        }
    }

    /// Whether a form was shown to who is signed in, about this request.
    fn is_our_form(&self, app: &App, tenant: &Tenant, sent: (&Call, &Form<'_>)) -> bool {
        let (call, form) = sent;
        let token = form.get("csrf").unwrap_or_default();
        self.session.as_ref().is_some_and(|session| {
            let shown = For::Session(challenge_of(&self.shown), session.id);
            app.is_our_form(&call.headers, token, (tenant.id, shown))
        })
    }

    fn deciding<'a>(&'a self, app: &'a App, origin: &'a Origin) -> Deciding<'a> {
        let waiting = &self.shown.waiting;
        Deciding {
            facts: &waiting.facts,
            request: &waiting.challenge.request,
            challenge: Some(waiting.asked(challenge_of(&self.shown), app)),
            origin,
            moment: app.moment(),
            hash_key: &app.hash_key,
        }
    }

    fn next<'b>(&'b self, app: &'b App) -> Result<Next<'b>, OAuthError> {
        let waiting = &self.shown.waiting;
        let standing = Standing {
            request: &waiting.challenge.request,
            client: &waiting.facts.client,
            hash_key: &app.hash_key,
            session: self.session.as_ref(),
            consent: self.consent.as_ref(),
            waiting_since: Some(waiting.challenge.created_at),
            account: self.account,
            further: self.further,
        };
        next(&standing, app.clock.now())
    }
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    app.rounds(|_| leave(app, call, &tenant)).await
}

/// The answer, where there is one already; else the page, or the way to it.
async fn leave(app: &App, call: &Call, tenant: &Tenant) -> Result<Verdict<Response>, Instead> {
    let origin = call.origin();
    let before = StandsBefore::load(app, call, tenant).await?;
    let text = challenge_of(&before.shown);
    let deciding = before.deciding(app, &origin);
    let (answered, changes) = match &before.shown.waiting.challenge.state {
        ChallengeState::Answered(answered) => {
            return given(app, tenant, (&deciding, &before), answered).await.map(Verdict::Answer);
        }
        ChallengeState::Held(_) => {
            let brought = call.query()?.get("consent_verifier").map(|text| Presented::new(text.to_owned()));
            let signed_in = before.session.as_ref().map(|session| session.user);
            match fetch(&deciding, Coming { verifier: brought.as_ref(), signed_in }) {
                Ok(fetched) => fetched,
                Err(why) => return Err(over(app, &before.shown, Over::from(why)).await?),
            }
        }
        ChallengeState::Waiting => match before.next(app)? {
            Next::SignIn => {
                return Ok(Verdict::Answer(html::see_other(&sign_in_place(tenant, &before.shown))));
            }
            Next::Consent(session) => {
                let own = tenant.settings.consent_url.as_ref();
                let shown = match own.filter(|_| may_be_elsewhere(&before.shown)) {
                    Some(own) => html::see_other(&with_challenge(own.as_str(), text)),
                    None => page(app, tenant, &before, &ConsentView::first(session)).await?,
                };
                return Ok(Verdict::Answer(shown));
            }
            Next::Give(session) => give(&deciding, &Decider::from(session), before.consent.as_ref()),
        },
    };
    let (answered, changes) = app.complete(&deciding, (answered, Some(changes))).await?;
    Ok(verdict(html::answered(&answered), changes))
}

async fn decide(app: &App, call: &mut Call) -> FlowPage {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let body = call.page_form().await?;
    let form = Form::parse(&body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error))?;
    let sent = (&*call, &form);
    app.rounds(|_| settle(app, &tenant, sent)).await
}

/// What the form says, or the page once more.
async fn settle(app: &App, tenant: &Tenant, sent: (&Call, &Form<'_>)) -> Result<Verdict<Response>, Instead> {
    let ((call, form), origin) = (sent, sent.0.origin());
    let before = StandsBefore::load(app, call, tenant).await?;
    let challenge = &before.shown.waiting.challenge;
    if !challenge.is_open(app.clock.now()) {
        return twice(app, tenant, (&before, &origin), sent).await.map(Verdict::Answer);
    }
    // Whoever is not, or no longer, signed in as the request wants it begins there.
    let session = match before.next(app)? {
        Next::SignIn => {
            return Ok(Verdict::Answer(html::see_other(&before.here(app, tenant))));
        }
        Next::Consent(session) | Next::Give(session) => session,
    };
    let ticked = Ticked::read(form, &challenge.request)?;
    if !before.is_our_form(app, tenant, sent) {
        let view = ConsentView { session, problem: Some(say("old-form")), ticked };
        return page(app, tenant, &before, &view).await.map(Verdict::Answer);
    }
    let deciding = before.deciding(app, &origin);
    let subject = Decider::from(session);
    // A form that posts the answer on is shown by a GET: this POST only decides.
    let leaving = match challenge.request.to.mode.carrier {
        Carrier::Query | Carrier::Fragment => Leaving::AtOnce,
        Carrier::FormPost => Leaving::Later,
    };
    let (decided, changes) = match form.get("decision") {
        Some("allow") => {
            let Some(scope) = ticked.approved(&challenge.request)? else {
                let view = ConsentView::nothing(session, before.shown.waiting.client_name());
                return page(app, tenant, &before, &view).await.map(Verdict::Answer);
            };
            let yes = Approved { known: before.consent.as_ref(), scope, remember: Remember::Yes };
            approve(&deciding, &subject, &yes, leaving)
        }
        Some("deny") => deny(&deciding, &subject, leaving),
        Some(_) | None => {
            let error = OAuthError::new(ErrorCode::InvalidRequest, ShellReason::DecisionAllowOrDeny);
            return Err(error.into());
        }
    };
    match decided {
        Decided::Now(answered) => {
            let (answered, changes) = app.complete(&deciding, (*answered, Some(changes))).await?;
            Ok(verdict(html::answered(&answered), changes))
        }
        Decided::Later(verifier) => {
            Ok(Verdict::Commit(html::see_other(&back(tenant, &before, &verifier)), changes))
        }
    }
}

/// An answer that has left already. What was given without asking, because the application is the tenant's own, is given
/// again for a moment: the address was opened twice, or the answer was lost.
async fn given(
    app: &App,
    tenant: &Tenant,
    about: (&Deciding<'_>, &StandsBefore),
    answered: &AnsweredFacts,
) -> FlowPage {
    let (deciding, before) = about;
    if let (Ok(Next::Give(session)), Some(code)) = (before.next(app), answered.code)
        && deciding.facts.client.party == Party::First
    {
        let code = app.store.code(code, tenant.id).await?;
        if let Some(Decided::Now(answered)) = again(deciding, (session.user, Say::Yes), code.as_ref()) {
            return Ok(html::answered(&app.complete(deciding, (*answered, None)).await?.0));
        }
    }
    Err(over(app, &before.shown, Over::Answered).await?)
}

/// Where the browser comes for an answer that waits.
fn back(tenant: &Tenant, before: &StandsBefore, verifier: &Drawn) -> String {
    with_verifier(&place(tenant, "/consent"), challenge_of(&before.shown), verifier)
}

/// The form comes a second time: a double click, or the first answer was lost. The same person in the same browser gets
/// the same outcome for a moment.
async fn twice(
    app: &App,
    tenant: &Tenant,
    about: (&StandsBefore, &Origin),
    sent: (&Call, &Form<'_>),
) -> FlowPage {
    let ((before, origin), (call, form)) = (about, sent);
    let is_ours = before.is_our_form(app, tenant, (call, form));
    let deciding = before.deciding(app, origin);
    let challenge = &before.shown.waiting.challenge;
    if let (Some(session), true) = (&before.session, is_ours) {
        let code = match challenge.state {
            ChallengeState::Answered(AnsweredFacts { code: Some(code), .. }) => {
                app.store.code(code, tenant.id).await?
            }
            ChallengeState::Answered(_) | ChallengeState::Held(_) | ChallengeState::Waiting => None,
        };
        let say = if form.get("decision") == Some("allow") { Say::Yes } else { Say::No };
        match again(&deciding, (session.user, say), code.as_ref()) {
            Some(Decided::Now(answered)) => {
                return Ok(html::answered(&app.complete(&deciding, (*answered, None)).await?.0));
            }
            Some(Decided::Later(verifier)) => return Ok(html::see_other(&back(tenant, before, &verifier))),
            None => {}
        }
    }
    Err(over(app, &before.shown, Over::Answered).await?)
}

/// The page for an application and a person that are made up.
pub(super) fn sample(tenant: &Tenant) -> Response {
    const CLIENT: &str = "Fieldnotes";
    const NAME: &str = "ada@example.com";
    let (named, own) = (|| ("client", Html::name(CLIENT)), Legible::of(&tenant.name));
    let asked =
        |name: &'static str, shown| ScopeBox { name, words: in_words(name, None), values: Vec::new(), shown };
    let title = say_of("consent-title", &[("client", CLIENT), ("tenant", &*own.isolated())]);
    let page = ConsentPage {
        frame: Frame { title, ..Frame::of(tenant, "") }.wide(),
        client: Legible::of(CLIENT),
        logo: None,
        heading: say_html("consent-title", &[named(), ("tenant", Html::name(own.as_str()))]),
        intro: own_text(tenant, OwnText::ConsentIntro),
        username: Legible::of(NAME),
        signed_in: say_html("signed-in-as", &[("name", Html::strong(NAME))]),
        other: "#",
        legend: say_html("consent-legend", &[named()]),
        target: returning(tenant, "https://fieldnotes.example/"),
        by: AskingClient {
            homepage: Some(("#", "fieldnotes.example")),
            registered: say_html("consent-added", &[("tenant", Html::name(own.as_str()))]),
            is_stranger: false,
            links: Vec::new(),
        },
        groups: &[ScopeGroup {
            resource: None,
            open: vec![asked("openid", BoxShown::Always), asked("email", BoxShown::Ticked)],
            folded: Vec::new(),
        }],
        problem: None,
        device: None,
        agent: None,
        action: "#",
        csrf: "",
    };
    html::private(StatusCode::OK, &page, Forms::None)
}

/// What the page is shown with.
struct ConsentView<'a> {
    session: &'a SessionFacts,
    problem: Option<String>,
    ticked: Ticked,
}

impl<'a> ConsentView<'a> {
    fn first(session: &'a SessionFacts) -> Self {
        Self { session, problem: None, ticked: Ticked::All }
    }

    fn nothing(session: &'a SessionFacts, client: &str) -> Self {
        let problem = say_of("nothing-ticked", &[("client", &Legible::of(client).isolated())]);
        Self { session, problem: Some(problem), ticked: Ticked::Nothing }
    }
}

async fn page(app: &App, tenant: &Tenant, before: &StandsBefore, view: &ConsentView<'_>) -> FlowPage {
    let tenant = &*dressed(tenant, &before.shown);
    let waiting = &before.shown.waiting;
    let request = &waiting.challenge.request;
    let known = app.store.scopes_of(&request.scope, tenant.id).await?;
    let person = app.store.person_for(view.session.user, tenant.id, &request.scope).await?;
    let came_by_itself = app.store.registration_hash(waiting.facts.client.id).await?.is_some();
    let logo = waiting.client_logo(app, tenant.id).await?;
    let resources = app.resources(&waiting.facts.tenant).await?;
    let groups = groups(request, (&known, &resources), person.as_ref(), &view.ticked);
    let name = Legible::of(waiting.client_name());
    let username = Legible::of(view.session.username.as_deref().unwrap_or_default());
    let own = Legible::of(&tenant.name);
    let named = || ("client", Html::name(name.as_str()));
    let title = say_of("consent-title", &[("client", &*name.isolated()), ("tenant", &*own.isolated())]);
    let shown = For::Session(challenge_of(&before.shown), view.session.id);
    let page = ConsentPage {
        frame: Frame { title, ..Frame::of(tenant, "") }.wide(),
        logo: logo.as_ref().map(Html::logo),
        heading: say_html("consent-title", &[named(), ("tenant", Html::name(own.as_str()))]),
        intro: own_text(tenant, OwnText::ConsentIntro),
        signed_in: say_html("signed-in-as", &[("name", Html::strong(username.as_str()))]),
        legend: say_html("consent-legend", &[named()]),
        client: name.clone(),
        username,
        other: &sign_in_place(tenant, &before.shown),
        by: AskingClient::of(waiting, tenant, came_by_itself),
        target: match &request.device {
            Some(_) => say_html("consent-return-device", &[to_account(tenant)]),
            None => returning(tenant, &request.to.redirect_uri),
        },
        device: request.device.as_deref().map(of_device),
        agent: of_agent(waiting, app.clock.now()),
        groups: &groups,
        problem: view.problem.clone().map(Problem::new),
        action: &before.here(app, tenant),
        csrf: &app.csrf_token(tenant.id, shown),
    };
    let status = if view.problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(html::private(status, &page, Forms::Leaving))
}

/// What the device shows, and from where it asked: whoever was sent here by somebody else sees that it is not theirs (RFC
/// 8628 §5.4).
fn of_device(device: &AskingDevice) -> Html {
    let code = ("code", Html::strong(&device.user_code.shown()));
    match &device.ip {
        Some(ip) => say_html("consent-device", &[code, ("place", Html::address(ip))]),
        None => say_html("consent-device-somewhere", &[code]),
    }
}

/// What an agent is, and until when it acts: it does so by itself, and nobody is asked again before that.
fn of_agent(waiting: &WaitingChallenge, now: Micros) -> Option<Html> {
    let client = &waiting.facts.client;
    let until = When::on(now.plus(client.tokens.refresh_lifetime));
    let name = Legible::of(waiting.client_name());
    client.is_agent().then(|| {
        say_html(
            "consent-agent",
            &[("client", Html::name(name.as_str())), ("when", Html::strong(until.words()))],
        )
    })
}

fn to_account(tenant: &Tenant) -> (&'static str, Html) {
    ("account", Html::link(&place(tenant, "/account"), &say("your-account")))
}

/// Where somebody goes from here, and where they can take back what they agree to.
fn returning(tenant: &Tenant, redirect_uri: &str) -> Html {
    let account = to_account(tenant);
    match goes_to(redirect_uri) {
        Some(host) => say_html("consent-return", &[("target", Html::address(host)), account]),
        None => say_html("consent-return-app", &[account]),
    }
}

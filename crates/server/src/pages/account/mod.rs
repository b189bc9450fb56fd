//! `/account`: what people see and change of their own account. The browser's sign-in is the credential; a new password,
//! another address and the end of the account need the password besides.

mod activity;
mod connections;
mod data;
mod edit;
mod enter;
mod factors;
pub(super) mod leave;
mod owner;
mod passkeys;
mod portrait;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::change::{Changes, Origin};
use writ_core::claims::{Claim, StandardClaims};
use writ_core::consent::{ShownConsent, withdraw};
use writ_core::device;
use writ_core::ids::{ConsentId, RememberedId, SessionId};
use writ_core::look::PictureName;
use writ_core::manage::claims::ClaimsFacts;
use writ_core::people::factors::Factors;
use writ_core::people::factors::remembered::{RememberedDevice, forget};
use writ_core::scope::Scope;
use writ_core::session::{ShownSession, end, end_all};
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::time::Micros;
use writ_core::upstream::{IdentityProvider, LinkedIdentity};
use writ_store::{After, Of};

pub(super) use self::owner::{Leaf, sign_in_place};
use self::owner::{Owner, Top, sent};
use super::flow::{FlowPage, Instead, shown};
use super::parts::{Problem, WayElsewhere, claim_id, in_words};
use super::people::form;
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed, initial};
use crate::call::html::{self, Forms};
use crate::call::language::{called, logo_of};
use crate::call::page;
use crate::call::request::Call;
use crate::call::when::When;
use crate::call::words::{Html, say, say_of};
use crate::state::app::App;
use crate::state::rounds::Verdict;

pub use activity::show as activity;
pub(super) use connections::connected;
pub use connections::{change_connection, show_connection};
pub use data::download;
pub use edit::{save_email, save_password, save_profile, show_email, show_password, show_profile};
pub(super) use enter::sign_in_page;
pub use enter::{enter, sign_in};
pub use factors::{add_app, remove_factor, renew_codes, show_app, show_codes, show_factor};
pub use leave::{keep, leave, show as show_leave};
pub use passkeys::{add_passkey, show_passkey};
pub use portrait::{save as save_portrait, show as show_portrait};

/// Rows of a list on the page.
const ROWS: i64 = 25;

/// What was done, by the word in the address: nothing else is ever said there.
fn done(word: &str) -> Option<String> {
    Some(match word {
        "name" => say("done-name"),
        "picture" => say("done-picture"),
        "picture-gone" => say("done-picture-gone"),
        "email" => say("done-email"),
        "email-kept" => say("done-email-kept"),
        "password" => say("done-password"),
        "device" => say("done-device"),
        "devices" => say("done-devices"),
        "application" => say("done-application"),
        "kept" => say("done-kept"),
        "forgotten" => say("done-forgotten"),
        "factor" => say("done-factor-added"),
        "passkey" => say("done-passkey-added"),
        "passkey-removed" => say("done-passkey-removed"),
        "factor-removed" => say("done-factor-removed"),
        "connected" => say("done-connected"),
        "connection-removed" => say("done-connection-removed"),
        _ => return None,
    })
}

#[derive(Template)]
#[template(path = "account/home.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct AccountHome<'a> {
    frame: Frame<'a>,
    top: Top,
    csrf: &'a str,
    done: Option<String>,
    problem: Option<Problem>,
    initial: String,
    /// Their picture.
    portrait: Option<Html>,
    called: Legible<'a>,
    username: Legible<'a>,
    email: Option<Legible<'a>>,
    is_confirmed: bool,
    pending: Option<Legible<'a>>,
    claims: &'a [(String, Legible<'a>)],
    since: When,
    last_sign_in: String,
    factors: &'a [factors::ShownFactor<'a>],
    connections: &'a [connections::ShownConnection<'a>],
    /// What else can be connected.
    connectable: Vec<WayElsewhere>,
    /// Whether people have passkeys here.
    has_passkeys: bool,
    /// How many recovery codes are left; none: there are none to be left.
    codes: Option<String>,
    /// Where they are not asked for the second factor.
    remembered: &'a [RememberedShown],
    devices: &'a [Device<'a>],
    has_other_devices: bool,
    more_devices: Option<String>,
    applications: &'a [Application<'a>],
    more_applications: Option<String>,
    may_leave: bool,
}

framed!(AccountHome);

/// Where somebody is signed in.
struct Device<'a> {
    id: String,
    name: String,
    ip: Option<&'a str>,
    seen: When,
    is_this: bool,
    is_handheld: bool,
    sign_out: String,
}

/// A device on which somebody is not asked for the second factor.
struct RememberedShown {
    id: String,
    name: String,
    since: String,
    forget: String,
}

/// What a device is called, by what it says of itself.
fn device_name(agent: &str) -> String {
    match device::named(agent) {
        name if name.is_empty() => say("unknown-device"),
        name => Legible::of(&name).to_string(),
    }
}

fn remembered(devices: &[RememberedDevice], now: Micros) -> Vec<RememberedShown> {
    let shown = |device: &RememberedDevice| {
        let name = device_name(device.user_agent.as_deref().unwrap_or_default());
        let (since, until) = (When::ago(device.created_at, now), When::on(device.expires_at));
        RememberedShown {
            id: device.id.to_string(),
            since: say_of("remembered-since", &[("when", since.words()), ("until", until.words())]),
            forget: say_of("remembered-forget-device", &[("device", &name)]),
            name,
        }
    };
    devices.iter().map(shown).collect()
}

/// An application that somebody has let in.
struct Application<'a> {
    id: String,
    name: Legible<'a>,
    initial: String,
    logo: Option<Html>,
    /// What it may, in words.
    scopes: Vec<&'a str>,
    since: When,
    /// What is said of it where it is an agent.
    agent: Option<String>,
    remove: String,
}

/// `GET /account`.
pub async fn home(State(app): State<Arc<App>>, call: Call) -> Response {
    shown(look(&app, &call, None).await)
}

async fn look(app: &App, call: &Call, problem: Option<Problem>) -> FlowPage {
    let owner = Owner::of(app, call, Leaf::Home).await?;
    let account = owner.account(app).await?;
    let lists = Lists::load(app, call, &owner).await?;
    page(app, call, &OwnHome { owner, found: account, lists }, problem).await
}

/// All that the page of the account shows.
struct OwnHome {
    owner: Owner,
    found: ClaimsFacts,
    lists: Lists,
}

/// The lists on the page, each from where the address says.
struct Lists {
    sessions: (Vec<ShownSession>, i64, Option<String>),
    consents: (Vec<ShownConsent>, Option<String>),
    factors: Factors,
    remembered: Vec<RememberedDevice>,
    links: Vec<LinkedIdentity>,
    providers: Vec<IdentityProvider>,
}

impl Lists {
    async fn load(app: &App, call: &Call, owner: &Owner) -> Result<Self, Instead> {
        let (query, of) = (call.query()?, Of::User(owner.session.user));
        let here = owner.place(Leaf::Home);
        let from = |name: &str| query.get(name).and_then(page::Page::place).unwrap_or(After::START);
        let at = (owner.lifetimes(), app.clock.now());
        let (mut sessions, total) = app.store.sessions_page(of, (from("devices"), ROWS + 1), at).await?;
        let more = page::Page { after: After::START, limit: ROWS }
            .cut(&mut sessions, |row| After { at: row.created_at, id: row.id.to_bytes() });
        let sessions = (sessions, total, more.map(|more| format!("{here}?devices={more}")));
        let (mut consents, _) = app.store.consents_page(of, from("applications"), ROWS + 1).await?;
        let more = page::Page { after: After::START, limit: ROWS }
            .cut(&mut consents, |row| After { at: row.granted_at, id: row.id.to_bytes() });
        for consent in &mut consents {
            // The row tells the logo for all; few have another one for a language.
            if let Some(own) = logo_of(&consent.translations) {
                consent.logo = app.client_logo((owner.tenant.id, consent.client), Some(own)).await?;
            }
        }
        let consents = (consents, more.map(|more| format!("{here}?applications={more}")));
        let factors = app.store.factors(owner.session.user, owner.tenant.id).await?;
        let remembered = app.devices_of(&owner.tenant, owner.session.user).await?;
        let links = app.store.upstream_links(owner.session.user, owner.tenant.id).await?;
        let providers = app.ways_elsewhere(owner.tenant.id).await?;
        Ok(Self { sessions, consents, factors, remembered, links, providers })
    }
}

fn devices<'a>(sessions: &'a [ShownSession], owner: &Owner, app: &App) -> Vec<Device<'a>> {
    let now = app.clock.now();
    let shown = |session: &'a ShownSession| {
        let agent = session.user_agent.as_deref().unwrap_or_default();
        let name = device_name(agent);
        Device {
            id: session.id.to_string(),
            sign_out: say_of("sign-out-device", &[("device", &name)]),
            name,
            ip: session.ip.as_deref(),
            seen: When::ago(session.last_seen_at, now),
            is_this: session.id == owner.session.id,
            is_handheld: ["iPhone", "Android", "iPad"].iter().any(|sign| agent.contains(sign)),
        }
    };
    sessions.iter().map(shown).collect()
}

/// What the scopes of consents are called, for people.
struct Described(Vec<(Box<str>, String)>);

impl Described {
    async fn load(app: &App, tenant: &Tenant, consents: &[ShownConsent]) -> Result<Self, Fault> {
        let names: std::collections::BTreeSet<&str> =
            consents.iter().flat_map(|consent| consent.scope.iter()).collect();
        let mut known = Vec::new();
        // A scope holds so many names at the most as one request may; together there may be more.
        for names in names.into_iter().collect::<Vec<_>>().chunks(20) {
            let Ok(scope) = Scope::parse(&names.join(" ")) else { continue };
            let found = app.store.scopes_of(&scope, tenant.id).await?;
            known.extend(found.into_iter().map(|scope| {
                let words = in_words(&scope.name, scope.description.as_deref());
                (scope.name, words)
            }));
        }
        Ok(Self(known))
    }

    /// A scope in words; one that is there no more gives nothing.
    fn of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| &**known == name).map(|(_, words)| words.as_str())
    }
}

fn applications<'a>(
    consents: &'a [ShownConsent],
    described: &'a Described,
    app: &App,
) -> Vec<Application<'a>> {
    let now = app.clock.now();
    let shown = |consent: &'a ShownConsent| {
        let name = Legible::of(called(&consent.client_name, &consent.translations));
        Application {
            id: consent.id.to_string(),
            initial: initial(name.as_str()),
            logo: consent.logo.as_ref().map(Html::logo),
            remove: say_of("remove-application", &[("client", &*name.isolated())]),
            name,
            scopes: consent.scope.iter().filter_map(|scope| described.of(scope)).collect(),
            since: When::ago(consent.granted_at, now),
            agent: consent.agent_lifetime.map(|span| agent_until(consent.granted_at.plus(span), now)),
        }
    };
    consents.iter().map(shown).collect()
}

/// Until when an agent acts, or that it does no more.
fn agent_until(end: Micros, now: Micros) -> String {
    if end <= now {
        return say("agent-over");
    }
    say_of("agent-until", &[("when", When::on(end).words())])
}

async fn page(app: &App, call: &Call, of: &OwnHome, problem: Option<Problem>) -> FlowPage {
    let OwnHome { owner, found, lists } = of;
    let ClaimsFacts { account, claims } = found;
    let (query, now) = (call.query()?, app.clock.now());
    let described = Described::load(app, &owner.tenant, &lists.consents.0).await?;
    let username = Legible::of(&account.user.username);
    let called = account.name.as_deref().map_or_else(|| username.clone(), Legible::of);
    let last =
        account.last_login_at.map(|at| say_of("last-sign-in", &[("when", When::ago(at, now).words())]));
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let title = say("account-title");
    let portrait = portrait::drawn(owner, found);
    let applications = applications(&lists.consents.0, &described, app);
    let home = AccountHome {
        frame: Frame::of(&owner.tenant, &title),
        top: Top::of(&owner.tenant, Leaf::Home),
        csrf: &owner.csrf(app),
        done: query.get("done").and_then(done).filter(|_| problem.is_none()),
        problem,
        initial: initial(called.as_str()),
        portrait,
        called,
        username,
        email: account.email.as_deref().map(Legible::of),
        is_confirmed: account.email_is_verified(),
        pending: account.new_email.as_deref().map(Legible::of),
        claims: &told(claims),
        since: When::on(account.created_at),
        last_sign_in: last.unwrap_or_default(),
        factors: &factors::shown(&lists.factors, now),
        connections: &connections::shown(&lists.links, now),
        connectable: connections::connectable(owner, &lists.providers, &lists.links),
        has_passkeys: app.passkey_party(&owner.tenant).is_some(),
        codes: lists.factors.has_second().then(|| factors::left(&lists.factors)),
        remembered: &remembered(&lists.remembered, now),
        devices: &devices(&lists.sessions.0, owner, app),
        has_other_devices: lists.sessions.1 > 1,
        more_devices: lists.sessions.2.clone(),
        applications: &applications,
        more_applications: lists.consents.1.clone(),
        may_leave: owner.tenant.settings.account_deletion.is_on(),
    };
    Ok(html::private(status, &home, Forms::Own))
}

/// The claims of a person with what they are called.
fn told(claims: &StandardClaims) -> Vec<(String, Legible<'_>)> {
    let shown = Claim::ALL.iter().filter(|claim| !matches!(claim, Claim::PhoneNumberVerified));
    let told = shown.filter_map(|claim| Some((*claim, claims.get(*claim)?)));
    // A picture that was sent is seen: nobody reads its address.
    let told = told.filter(|(_, value)| PictureName::portrait_at(value).is_none());
    told.map(|(claim, value)| (say(claim_id(claim)), Legible::of(value))).collect()
}

/// The page once more, for a form that was not shown in this browser since somebody signed in.
async fn once_more(app: &App, call: &Call) -> FlowPage {
    look(app, call, Some(Problem::new(say("old-form")))).await
}

/// `POST /account/devices`: ends one sign-in, or all but this.
pub async fn devices_form(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(sign_out_devices(&app, &mut call).await)
}

async fn sign_out_devices(app: &App, call: &mut Call) -> FlowPage {
    let (owner, body) = sent(app, call, Leaf::Home).await?;
    let form = form(&body)?;
    if !owner.is_our_form(app, (call, &form)) {
        return once_more(app, call).await;
    }
    let origin = call.origin();
    if let Some(device) = form.get("remembered") {
        if let Some(id) = RememberedId::parse_uuid(device) {
            app.once(forget(owner.session.user, Some(id), &owner.scene(app, &origin))).await?;
        }
        return Ok(owner.done("forgotten"));
    }
    let Some(session) = form.get("session") else {
        app.rounds(|_| end_others(app, &owner, &origin)).await?;
        return Ok(owner.done("devices"));
    };
    let id = SessionId::parse_uuid(session);
    app.rounds(|_| end_one(app, &owner, (id, &origin))).await?;
    Ok(owner.done("device"))
}

/// Ends a sign-in of theirs. Where it has ended already, there is nothing to do.
async fn end_one(
    app: &App,
    owner: &Owner,
    (id, origin): (Option<SessionId>, &Origin),
) -> Result<Verdict<()>, Fault> {
    let at = (owner.lifetimes(), app.clock.now());
    let found = match id {
        Some(id) => app.store.shown_session(id, owner.tenant.id, at).await?,
        None => None,
    };
    let Some(found) = found.filter(|found| found.user == owner.session.user) else {
        return Ok(Verdict::Answer(()));
    };
    Ok(end(Some(&found), &owner.scene(app, origin)).into())
}

/// Sign-ins that are ended in one unit at the most.
const AT_ONCE: i64 = 200;

/// Ends all sign-ins of theirs but this one: a few in each unit, until there are none. Devices are asked for the second
/// factor again, this one too.
async fn end_others(app: &App, owner: &Owner, origin: &Origin) -> Result<Verdict<()>, Fault> {
    let (of, mut after) = (Of::User(owner.session.user), After::START);
    let mut units: Vec<Changes> = Vec::new();
    loop {
        let at = (owner.lifetimes(), app.clock.now());
        let (found, _) = app.store.sessions_page(of, (after, AT_ONCE), at).await?;
        let others: Vec<_> =
            found.iter().map(|session| session.id).filter(|id| *id != owner.session.id).collect();
        if !others.is_empty() {
            units.push(end_all(owner.session.user, others, &owner.scene(app, origin)));
        }
        match found.last() {
            Some(last) if i64::try_from(found.len()).is_ok_and(|len| len == AT_ONCE) => {
                after = After { at: last.created_at, id: last.id.to_bytes() };
            }
            Some(_) | None => break,
        }
    }
    for unit in units {
        app.once(unit).await?;
    }
    if app.devices_of(&owner.tenant, owner.session.user).await?.is_empty() {
        return Ok(Verdict::Answer(()));
    }
    Ok(Verdict::Commit((), forget(owner.session.user, None, &owner.scene(app, origin))))
}

/// `POST /account/applications`: takes a consent back.
pub async fn applications_form(State(app): State<Arc<App>>, mut call: Call) -> Response {
    shown(remove_application(&app, &mut call).await)
}

async fn remove_application(app: &App, call: &mut Call) -> FlowPage {
    let (owner, body) = sent(app, call, Leaf::Home).await?;
    let form = form(&body)?;
    if !owner.is_our_form(app, (call, &form)) {
        return once_more(app, call).await;
    }
    let (id, origin) = (form.get("consent").and_then(ConsentId::parse_uuid), call.origin());
    app.rounds(|_| withdraw_one(app, &owner, (id, &origin))).await?;
    Ok(owner.done("application"))
}

/// Takes a consent of theirs back. Where it was taken back already, there is nothing to do.
async fn withdraw_one(
    app: &App,
    owner: &Owner,
    (id, origin): (Option<ConsentId>, &Origin),
) -> Result<Verdict<()>, Fault> {
    let found = match id {
        Some(id) => app.store.shown_consent(id, owner.tenant.id).await?,
        None => None,
    };
    let Some(found) = found.filter(|found| found.user == owner.session.user) else {
        return Ok(Verdict::Answer(()));
    };
    Ok(withdraw(Some(&found), &owner.scene(app, origin)).into())
}

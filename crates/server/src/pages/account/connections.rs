//! `/account/connection`: people connect their account with who they are at another identity provider, and take that back.
//! Each needs the password, or, where there is none, that they have signed in a moment ago.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use writ_core::error::ErrorCode;
use writ_core::form::write_pair;
use writ_core::ids::{IdentityProviderId, SessionId};
use writ_core::people::accounts::CurrentPassword;
use writ_core::reason::Reason;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::time::Micros;
use writ_core::upstream::ask::Anew;
use writ_core::upstream::links::is_fresh;
use writ_core::upstream::{IdentityProvider, LinkedIdentity, UpstreamReason};

use super::super::flow::{FlowPage, Instead, shown as page_of};
use super::super::parts::{Button, Focus, FormField, InputKind, Problem, WayElsewhere};
use super::super::people::{FormPage, form, secret};
use super::super::upstream::{self, again_at};
use super::{Leaf, Owner, sent};
use crate::call::fault::Fault;
use crate::call::html::{self, Forms};
use crate::call::request::Call;
use crate::call::when::When;
use crate::call::words::{Html, say, say_html, say_of};
use crate::manage::upstream::own::OwnWays;
use crate::manage::upstream::{CameBack, HaltedReturn, SentFor};
use crate::state::app::App;

/// The field of the password that somebody has.
const CURRENT: &str = "current_password";

/// Somebody at a provider, on the page of the account.
pub(super) struct ShownConnection<'a> {
    pub id: String,
    pub name: Legible<'a>,
    pub label: Legible<'a>,
    pub used: String,
    pub remove: String,
}

/// The connections as the page of the account lists them.
pub(super) fn shown(links: &[LinkedIdentity], now: Micros) -> Vec<ShownConnection<'_>> {
    let shown = |link: &'_ LinkedIdentity| {
        let (words, at) = match link.used_at {
            Some(at) => ("factor-used", at),
            None => ("factor-set-up", link.created_at),
        };
        (say_of(words, &[("when", When::ago(at, now).words())]), link.provider.to_string())
    };
    let listed = links.iter().map(|link| {
        let ((used, id), name) = (shown(link), Legible::of(link.name.as_deref().unwrap_or_default()));
        let remove = say_of("connection-remove", &[("provider", &*name.isolated())]);
        ShownConnection { id, used, remove, name, label: Legible::of(&link.label) }
    });
    listed.collect()
}

/// What can still be connected, with where that begins.
pub(super) fn connectable(
    owner: &Owner,
    providers: &[IdentityProvider],
    links: &[LinkedIdentity],
) -> Vec<WayElsewhere> {
    let is_free = |provider: &&IdentityProvider| links.iter().all(|link| link.provider != provider.id);
    let way = |provider: &IdentityProvider| WayElsewhere {
        address: with(owner, "with", &provider.slug),
        words: say_of("connection-add", &[("provider", &*Legible::of(&provider.name).isolated())]),
    };
    providers.iter().filter(is_free).map(way).collect()
}

fn with(owner: &Owner, name: &str, value: &str) -> String {
    let mut address = owner.place(Leaf::Connections);
    address.push('?');
    write_pair(name, value, &mut address);
    address
}

/// What somebody is about to do.
enum Wish {
    Connect(IdentityProvider),
    Remove(LinkedIdentity),
}

impl Wish {
    /// What the address says; none: there is nothing to be done.
    async fn of(app: &App, call: &Call, (owner, ways): (&Owner, &OwnWays)) -> Result<Option<Self>, Instead> {
        let query = call.query()?;
        if let Some(slug) = query.get("with") {
            let found = app.way_elsewhere(owner.tenant.id, slug).await?;
            return Ok(found.map(Self::Connect));
        }
        let id = query.get("remove").and_then(IdentityProviderId::parse_uuid);
        Ok(ways.links.iter().find(|link| Some(link.provider) == id).cloned().map(Self::Remove))
    }

    fn called(&self) -> Legible<'_> {
        Legible::of(match self {
            Self::Connect(provider) => &provider.name,
            Self::Remove(link) => link.name.as_deref().unwrap_or_default(),
        })
    }

    fn address(&self, owner: &Owner) -> String {
        match self {
            Self::Connect(provider) => with(owner, "with", &provider.slug),
            Self::Remove(link) => with(owner, "remove", &link.provider.to_string()),
        }
    }
}

/// `GET /account/connection`.
pub async fn show_connection(State(app): State<Arc<App>>, call: Call) -> Response {
    page_of(look(&app, &call).await)
}

async fn look(app: &App, call: &Call) -> FlowPage {
    let owner = Owner::of(app, call, Leaf::Connections).await?;
    let origin = call.origin();
    let ways = app.own_ways(&owner.own(app, &origin)).await?;
    let Some(wish) = Wish::of(app, call, (&owner, &ways)).await? else {
        return Ok(html::see_other(&owner.place(Leaf::Home)));
    };
    let problem = upstream::problem(app, &owner.tenant, &call.query()?).await?;
    page(app, (&owner, &ways), &wish, WrongProof { problem, ..WrongProof::default() }).await
}

/// What is wrong with the form.
#[derive(Default)]
struct WrongProof {
    problem: Option<Problem>,
    password: bool,
}

async fn page(app: &App, (owner, ways): (&Owner, &OwnWays), wish: &Wish, wrong: WrongProof) -> FlowPage {
    let is_again = wrong.problem.is_some() || wrong.password;
    let called = wish.called();
    let name = Html::strong(called.as_str());
    let needs_sign_in = !ways.has_password && !is_fresh(&owner.session.authentication, app.clock.now());
    let (title, what, button) = match (wish, needs_sign_in) {
        (Wish::Connect(_), false) => {
            ("connection-add-title", "connection-add-what", Button::main(say("connection-go")))
        }
        (Wish::Remove(_), false) => {
            ("connection-remove-title", "connection-remove-what", Button::risky(say("remove")))
        }
        (Wish::Connect(_), true) => {
            ("connection-add-title", "connection-sign-in", Button::main(say("connection-go")))
        }
        (Wish::Remove(_), true) => {
            ("connection-remove-title", "connection-sign-in", Button::main(say("remove")))
        }
    };
    let (csrf, action) = (owner.csrf(app), wish.address(owner));
    let error = say("current-password-wrong");
    let fields = [FormField {
        focus: Focus::Here,
        error: wrong.password.then_some(error.as_str()),
        ..FormField::new(CURRENT, InputKind::Password, say("current-password-label"))
    }];
    let fields = if ways.has_password { &fields[..] } else { &[] };
    let under = Some((String::new(), owner.place(Leaf::Home), say("back-to-account")));
    if needs_sign_in {
        let providers = app.ways_elsewhere(owner.tenant.id).await?;
        let own = providers.iter().filter(|one| ways.links.iter().any(|link| link.provider == one.id));
        let ways: Vec<_> = own.map(|one| again_at(&owner.tenant, one)).collect();
        return Ok(upstream::only_ways(
            &owner.tenant,
            (title, say_html(what, &[("provider", name)])),
            (ways, under),
        ));
    }
    let page = FormPage {
        what: Some(say_html(what, &[("provider", name)])),
        problem: wrong.problem,
        hidden: &[("csrf", &csrf)],
        account: ways
            .has_password
            .then(|| Legible::of(owner.session.username.as_deref().unwrap_or_default())),
        fields,
        button,
        under,
        ..FormPage::new(&owner.tenant, title, &action, "save")
    };
    Ok(html::private(upstream::status(is_again), &page, Forms::Leaving))
}

/// `POST /account/connection`.
pub async fn change_connection(State(app): State<Arc<App>>, mut call: Call) -> Response {
    page_of(change(&app, &mut call).await)
}

async fn change(app: &App, call: &mut Call) -> FlowPage {
    let (owner, body) = sent(app, call, Leaf::Connections).await?;
    let (form, origin) = (form(&body)?, call.origin());
    let own = owner.own(app, &origin);
    let ways = app.own_ways(&own).await?;
    let Some(wish) = Wish::of(app, call, (&owner, &ways)).await? else {
        return Ok(html::see_other(&owner.place(Leaf::Home)));
    };
    if !owner.is_our_form(app, (call, &form)) {
        let problem = Some(Problem::new(say("old-form")));
        return page(app, (&owner, &ways), &wish, WrongProof { problem, ..WrongProof::default() }).await;
    }
    let proof = if ways.has_password {
        app.fresh_proof(&own, &secret(&form, CURRENT)).await?
    } else if is_fresh(&owner.session.authentication, app.clock.now()) {
        CurrentPassword::Right
    } else {
        CurrentPassword::Missing
    };
    if proof != CurrentPassword::Right {
        return page(app, (&owner, &ways), &wish, WrongProof { password: ways.has_password, problem: None })
            .await;
    }
    match &wish {
        Wish::Connect(provider) => {
            let there = (&SentFor::Link(owner.session.id), None, Anew::No);
            upstream::away(app, call, (&owner.tenant, provider), there).await
        }
        Wish::Remove(link) => {
            let removed: Result<(), Fault> = app
                .rounds(|_| async { app.disconnect_own(&owner.own(app, &origin), Some(link.provider)).await })
                .await;
            match removed {
                Ok(()) => Ok(owner.done("connection-removed")),
                Err(fault) => refused(app, (&owner, &ways), &wish, fault).await,
            }
        }
    }
}

/// The page again, with why it cannot be.
async fn refused(app: &App, at: (&Owner, &OwnWays), wish: &Wish, fault: Fault) -> FlowPage {
    let words = match fault.error.why() {
        writ_core::error::Why::Reason(Reason::Upstream(UpstreamReason::LastWay)) => "connection-last",
        writ_core::error::Why::Reason(Reason::Upstream(UpstreamReason::LinkedElsewhere)) => {
            "connection-elsewhere"
        }
        writ_core::error::Why::Reason(Reason::Upstream(UpstreamReason::LinkedAlready)) => {
            "connection-already"
        }
        _ if fault.error.code() == ErrorCode::NotFound => return Ok(at.0.done("connection-removed")),
        _ => return Err(fault.into()),
    };
    let named = wish.called();
    let said = say_of(words, &[("provider", &*named.isolated())]);
    page(app, at, wish, WrongProof { problem: Some(Problem::new(said)), password: false }).await
}

/// Somebody has come back from a provider to connect their account: in the browser, and by the sign-in, that they were sent
/// away with.
pub(in crate::pages) async fn connected(
    app: &App,
    call: &Call,
    ((_, provider), came): ((&Tenant, &IdentityProvider), &CameBack),
    session: SessionId,
) -> Result<FlowPage, HaltedReturn> {
    let owner = match Owner::of(app, call, Leaf::Connections).await {
        Ok(owner) if owner.session.id == session => owner,
        Ok(_) => return Err(HaltedReturn::Nowhere),
        Err(instead) => return Ok(Err(instead)),
    };
    let origin = call.origin();
    let done: Result<(), Fault> =
        app.rounds(|_| async { app.connect_own(&owner.own(app, &origin), (provider, came)).await }).await;
    Ok(match done {
        Ok(()) => Ok(owner.done("connected")),
        Err(fault) => {
            let ways = app.own_ways(&owner.own(app, &origin)).await?;
            refused(app, (&owner, &ways), &Wish::Connect(provider.clone()), fault).await
        }
    })
}

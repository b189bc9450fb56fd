//! What becomes of a browser in which somebody has just proved to be themselves: they are signed in, or asked for more.

use std::sync::Arc;

use axum::response::Response;
use writ_core::change::{Action, Actor, Changes, Origin, Target};
use writ_core::claims::AcrDemand;
use writ_core::details::Details;
use writ_core::ids::ChallengeId;
use writ_core::people::factors::policy::{Admitted, Sufficiency};
use writ_core::people::sign_in::{EntryProved, SignedInUser};
use writ_core::scene::Scene;
use writ_core::session::{CookieEntry, Seat, SessionFacts, SigningIn, sign_in};
use writ_core::tenant::Tenant;

use super::account::Leaf;
use super::errand::{SlipBound, entry_for};
use super::second;
use crate::call::browser::Seated;
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::manage::factors::beside;
use crate::manage::standing::with_cookie;
use crate::state::app::App;
use crate::state::rounds::Verdict;

use super::flow::{FlowPage, Instead};

/// Somebody who has proved enough to be signed in.
pub(super) struct Newcomer<'a> {
    pub tenant: &'a Tenant,
    pub person: &'a SignedInUser,
    pub admitted: &'a Admitted,
    pub origin: &'a Origin,
    pub seat: Seat,
    /// The sign-in that was not ended in that browser.
    pub present: Option<SessionFacts>,
}

/// The unit of the sign-in, and the way on with the browser's new cookie.
pub(super) fn seated(app: &App, call: &Call, who: &Newcomer<'_>, answer: Response) -> (Response, Changes) {
    let Newcomer { tenant, person, admitted, origin, seat, present } = who;
    let signing_in = SigningIn {
        tenant,
        seat,
        present: present.as_ref(),
        user: (person.id, &person.username),
        user_generation: person.generation,
        admitted,
        origin,
    };
    let (session, changes) = sign_in(&signing_in, &app.moment());
    let response = with_cookie(answer, app.set_cookie(&seat.cookie));
    let watched = app.browser_state(&call.headers, (tenant, session));
    (with_cookie(response, watched), changes)
}

/// Somebody who has just proved to be themselves, on the way to their account.
#[derive(Clone, Copy)]
pub(super) struct ProvedOwner<'a> {
    pub tenant: &'a Tenant,
    pub person: &'a SignedInUser,
    pub origin: &'a Origin,
}

/// The entry of the cookie of a sign-in for no application.
pub(super) fn own_entry(person: &SignedInUser) -> CookieEntry {
    entry_for(None, person.id)
}

/// Where somebody is on the way to whom something else than a password signs in.
pub(super) struct EntryWay<'a> {
    pub tenant: &'a Tenant,
    pub bound: SlipBound<'a>,
    /// The request that waits; none: they are on the way to their account.
    pub request: Option<ChallengeId>,
    /// What the application wants.
    pub demand: AcrDemand,
    pub onward: &'a str,
    pub origin: &'a Origin,
}

/// What somebody has proved without a password.
pub(super) struct Proven {
    pub proved: EntryProved,
    /// What has happened where it is not enough.
    pub accepted: Action,
    /// By what, in the audit log.
    pub by: &'static str,
}

/// Signs somebody in by what is used up with it; where that is not enough, leads them to where they prove more.
pub(super) async fn let_in_by(
    app: &App,
    call: &Call,
    (way, seat): (&EntryWay<'_>, Seat),
    proven: Proven,
) -> Result<Verdict<Response>, Fault> {
    let (EntryProved { person, changes }, tenant, origin) = (proven.proved, way.tenant, way.origin);
    let person = app.on_device(&call.headers, (tenant, way.demand), person).await?;
    let details = Details::new([("factor", proven.by.to_owned())]);
    let Some(Sufficiency::Enough(admitted)) = &person.sufficiency else {
        let actor = Actor::User { id: person.id, name: Arc::clone(&person.username) };
        let scene = Scene { tenant: tenant.id, actor, origin, moment: app.moment() };
        let unit = scene.unit(proven.accepted, Target::User(person.id)).detailed(details);
        let to = second::place_for(app, tenant, &way.bound, &person);
        return Ok(Verdict::Commit(html::see_other(&to), beside(unit, changes)));
    };
    let present = app.store.session_of(seat.browser, tenant.id).await?;
    let newcomer = Newcomer { tenant, person: &person, admitted, origin, seat, present };
    let (response, unit) = seated(app, call, &newcomer, html::see_other(way.onward));
    Ok(Verdict::Commit(response, beside(unit, changes).detailed(details)))
}

/// Signs somebody in for no application and sends the browser on; where they have not proved enough, to where they do.
pub(super) async fn enter_account(
    app: &App,
    call: &Call,
    who: ProvedOwner<'_>,
    onward: (Leaf, &str),
) -> FlowPage {
    let (leaf, address) = onward;
    let demand = AcrDemand::Nothing;
    let person = &app.on_device(&call.headers, (who.tenant, demand), who.person.clone()).await?;
    let who = ProvedOwner { person, ..who };
    match &person.sufficiency {
        Some(Sufficiency::Enough(admitted)) => {
            app.rounds(|_| begin(app, call, who, (admitted, address))).await
        }
        Some(Sufficiency::Lacks(_)) | None => {
            Ok(html::see_other(&second::place_for(app, who.tenant, &SlipBound::Account(leaf), who.person)))
        }
    }
}

async fn begin(
    app: &App,
    call: &Call,
    who: ProvedOwner<'_>,
    (admitted, onward): (&Admitted, &str),
) -> Result<Verdict<Response>, Instead> {
    let ProvedOwner { tenant, person, origin } = who;
    let seat = match app.seat(&call.headers, own_entry(person)).await? {
        Seated::Now(seat) => seat,
        Seated::Already(cookie) => {
            return Ok(Verdict::Answer(with_cookie(html::see_other(onward), app.set_cookie(&cookie))));
        }
    };
    let present = app.store.session_of(seat.browser, tenant.id).await?;
    let newcomer = Newcomer { tenant, person, admitted, origin, seat, present };
    let (response, changes) = seated(app, call, &newcomer, html::see_other(onward));
    Ok(Verdict::Commit(response, changes))
}

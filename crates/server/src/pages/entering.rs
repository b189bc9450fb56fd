//! What becomes of a browser in which somebody has just proved to be themselves.

use axum::response::Response;
use writ_core::change::Origin;
use writ_core::people::sign_in::SignedInUser;
use writ_core::session::{Authentication, Seat, SessionFacts, SigningIn, sign_in};
use writ_core::tenant::Tenant;

use crate::call::html;
use crate::call::request::Call;
use crate::manage::standing::with_cookie;
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// Somebody who has just proved to be themselves.
pub(super) struct Newcomer<'a> {
    pub tenant: &'a Tenant,
    pub person: &'a SignedInUser,
    pub origin: &'a Origin,
    pub seat: Seat,
    /// The sign-in that was not ended in that browser.
    pub present: Option<SessionFacts>,
}

/// Records the sign-in, and sends the browser on with its new cookie.
pub(super) fn seated(app: &App, call: &Call, who: &Newcomer<'_>, onward: &str) -> Verdict<Response> {
    let Newcomer { tenant, person, origin, seat, present } = who;
    let authentication = Authentication::by_password(person.at);
    let signing_in = SigningIn {
        tenant,
        seat,
        present: present.as_ref(),
        user: (person.id, &person.username),
        user_generation: person.generation,
        authentication: &authentication,
        origin,
    };
    let (session, changes) = sign_in(&signing_in, &app.moment());
    let response = with_cookie(html::see_other(onward), app.set_cookie(&seat.cookie));
    let watched = app.browser_state(&call.headers, (tenant, session));
    Verdict::Commit(with_cookie(response, watched), changes)
}

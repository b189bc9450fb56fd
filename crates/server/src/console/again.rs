//! Where somebody has to prove once more who they are, before they go on.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use writ_core::error::{Challenge, OAuthError};
use writ_core::step_up::DemandedAcr;
use writ_core::tenant::Tenant;

use crate::call::answer::Told;
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms};
use crate::call::words::say;
use crate::manage::standing::place;

#[derive(Template)]
#[template(path = "console/again.html")]
struct ProveAgain<'a> {
    frame: Frame<'a>,
    why: String,
    sign_in: String,
    back: String,
}

framed!(ProveAgain);

/// The page that asks somebody to sign in once more; it tells nothing of what lies behind it.
pub(super) fn prove_again(home: &Tenant, error: &OAuthError) -> Response {
    let wants_two = matches!(
        error.challenge(),
        Some(Challenge::StepUp(demand)) if demand.acr == Some(DemandedAcr::TwoFactors)
    );
    let page = ProveAgain {
        frame: Frame::of(home, &say("console-again-title")),
        why: say(if wants_two { "console-again-two" } else { "console-again-fresh" }),
        sign_in: place(home, "/account/sign-in?to=console&anew=1"),
        back: place(home, "/account"),
    };
    let mut response = html::private(StatusCode::FORBIDDEN, &page, Forms::None);
    response.extensions_mut().insert(Told(error.clone()));
    response
}

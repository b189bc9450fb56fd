//! What the sign-in and consent pages begin with: a challenge that is open, in the browser that it belongs to.

use axum::response::Response;
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::tenant::Tenant;

use crate::app::App;
use crate::browser::Browser;
use crate::call::Call;
use crate::fault::Fault;
use crate::standing::{Waiting, waiting};

/// A challenge, as a page has it.
pub(super) struct Shown {
    /// The challenge as it stands in the address.
    pub text: Box<str>,
    pub waiting: Waiting,
    pub browser: Browser,
}

/// Finds the challenge that the address names, in the browser that it belongs to: whoever is led here with somebody
/// else's challenge would sign in for them.
pub(super) async fn load(app: &App, call: &Call, tenant: &Tenant) -> Result<Shown, Fault> {
    let query = call.query()?;
    let text = query.get("login_challenge").ok_or_else(not_open)?;
    let browser = app.browser(&call.headers).await?.ok_or_else(not_open)?;
    let found = waiting(app, text, tenant.id).await?;
    let found = found.filter(|found| found.challenge.browser == browser.facts.id).ok_or_else(not_open)?;
    Ok(Shown { text: text.into(), waiting: found, browser })
}

/// The challenge's own text.
pub(super) fn challenge_of(shown: &Shown) -> &str {
    &shown.text
}

/// For every reason alike.
pub(super) fn not_open() -> OAuthError {
    OAuthError::new(
        ErrorCode::InvalidRequest,
        "login_challenge: this sign-in is over, was begun in another browser, or never was",
    )
}

/// What the person is told whose form did not come from the page that they were shown.
pub(super) const fn foreign_form() -> &'static str {
    "This page was open for too long, or in another window. Please try again."
}

/// Only to name the type once.
pub(super) type Page = Result<Response, Fault>;

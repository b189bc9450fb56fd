//! What a browser loads out of sight once it has signed out, so that applications end their own sign-ins there (OpenID
//! Connect Front-Channel Logout 1.0 §3). It works without a script: the page goes on by itself after a moment.

use askama::Template;
use axum::response::Response;
use writ_core::client::WebOrigin;
use writ_core::session::sid;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;
use writ_core::time::Seconds;

use super::parts::Badge;
use crate::call::browser::Browser;
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed};
use crate::call::html;
use crate::call::words::{Html, say, say_html};
use crate::state::app::App;

/// For how long after a sign-out applications are told: whoever comes back later has been here before.
const AFTERWARDS: Seconds = Seconds(60);
/// How long the browser stays on the page before it goes on, in seconds.
const STAY: u8 = 3;

#[derive(Template)]
#[template(path = "people/frames.html")]
struct Telling<'a> {
    frame: Frame<'a>,
    badge: Badge,
    title: String,
    text: Html,
    frames: &'a [String],
    /// Where it goes on.
    back: Option<&'a str>,
    stay: u8,
}

framed!(Telling);

/// The addresses to be loaded in a browser that has just signed out.
///
/// # Errors
/// The storage's.
pub(super) async fn frames(app: &App, tenant: &Tenant, browser: &Browser) -> Result<Vec<String>, Fault> {
    let since = app.clock.now().minus(AFTERWARDS);
    let Some(session) = app.store.ended_session(browser.facts.id, tenant.id, since).await? else {
        return Ok(Vec::new());
    };
    let issuer = app.issuer(tenant);
    let told = app.store.told_in_browser(session).await?;
    Ok(told
        .iter()
        .filter_map(|(client, uris)| {
            uris.frontchannel_address(&issuer, &sid(session, *client, &app.hash_key))
        })
        .collect())
}

/// The page of whoever has signed out, with the frames; its policy names where they come from.
pub(super) fn telling(tenant: &Tenant, frames: &[String], back: Option<&str>) -> Response {
    let title = say("signed-out-title");
    let name = Html::name(Legible::of(&tenant.name).as_str());
    let page = Telling {
        frame: Frame::of(tenant, &title).still(),
        badge: Badge::DONE,
        title,
        text: say_html("signed-out-done", &[("tenant", name)]),
        frames,
        back,
        stay: STAY,
    };
    let mut origins: Vec<WebOrigin> = frames.iter().filter_map(|address| WebOrigin::of(address)).collect();
    origins.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    origins.dedup();
    html::framing(&page, &origins)
}

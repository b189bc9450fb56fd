//! A line for a request, where the operator wants them (`access_log`). Nothing in it is a secret: no query, no header, and
//! of a path nothing that somebody was sent.

use std::time::Duration;

use axum::response::Response;
use writ_core::excerpt::Excerpt;

use super::outermost::{Seen, named_actor};
use crate::edge::access_log::AccessLog;
use crate::state::app::App;

/// Where a segment of a path is known to whoever was sent it.
const TOLD: [&str; 2] = ["/api/v1/oauth/consent/", "/dev/mailbox/"];

/// A path without what only whoever was sent it knows.
fn shown(path: &str) -> Excerpt {
    let told = TOLD.iter().find_map(|start| path.find(start).map(|at| at + start.len()));
    match told.and_then(|end| path.get(..end)) {
        Some(start) => Excerpt::of_reason(&format!("{start}...")),
        None => Excerpt::of_reason(path),
    }
}

/// Logs a request, where it is to be logged.
pub(super) fn log(app: &App, seen: &Seen, response: &Response, took: Duration) {
    let status = response.status().as_u16();
    match app.live.load().access_log {
        AccessLog::Off => return,
        AccessLog::Errors if status < 400 => return,
        AccessLog::Errors | AccessLog::All => {}
    }
    let who = &seen.context.who;
    let caller = who.actor().map(|(_, actor)| named_actor(actor)).or(who.named());
    // A field without a value is none.
    let caller =
        caller.filter(|name| !name.is_empty()).map(|name| tracing::field::display(Excerpt::of(name)));
    let address = seen.context.peer.map(|address| address.to_string()).unwrap_or_default();
    tracing::info!(
        id = %seen.context.request_id,
        method = %seen.method,
        path = %shown(seen.target.path()),
        endpoint = seen.endpoint.name(),
        status,
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        address,
        caller,
        "request"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_shows_nothing_that_somebody_was_sent() {
        for (path, expected) in [
            ("/oauth2/token", "/oauth2/token"),
            ("/api/v1/oauth/consent/ch_secret", "/api/v1/oauth/consent/..."),
            ("/t/acme/api/v1/oauth/consent/ch_secret", "/t/acme/api/v1/oauth/consent/..."),
            ("/api/v1/oauth/consents/ch_x", "/api/v1/oauth/consents/ch_x"),
            ("/dev/mailbox/1", "/dev/mailbox/..."),
        ] {
            assert_eq!(shown(path).as_str(), expected);
        }
    }
}

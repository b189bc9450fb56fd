//! `/dev/mailbox`: letters that are not sent, for whoever develops on this machine. There only where
//! there is no mail server, listener and issuer are this machine's own, and the request comes from a
//! browser on it, not through a proxy: a letter carries a link that sets a password.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, header};
use writ_core::ids::MailId;
use writ_core::time::Micros;

use super::{form_page, not_found};
use crate::call::frame::{Frame, framed};
use crate::call::request::Call;
use crate::call::words::{say, say_of};
use crate::config::is_loopback;
use crate::mail::{Mail, Post, open};
use crate::state::app::App;

/// Letters shown at the most.
const MOST: i64 = 200;

struct MailboxEntry {
    id: String,
    told: String,
    subject: String,
    at: String,
}

#[derive(Template)]
#[template(path = "people/mailbox.html")]
struct Mailbox<'a> {
    frame: Frame<'a>,
    entries: &'a [MailboxEntry],
}

#[derive(Template)]
#[template(path = "people/letter.html")]
struct LetterPage<'a> {
    frame: Frame<'a>,
    mail: &'a Mail,
    told: String,
}

framed!(Mailbox, LetterPage);

/// Whether this request may see letters, and what else is there for whoever develops.
pub(super) fn is_from_here(app: &App, call: &Call) -> bool {
    let through_a_proxy = |name: &str| {
        matches!(name, "forwarded" | "via" | "x-real-ip" | "true-client-ip" | "cf-connecting-ip")
            || name.starts_with("x-forwarded")
    };
    let host = call.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<http::uri::Authority>().ok());
    matches!(app.post, Post::Mailbox)
        && call.context.peer.is_some_and(|peer| peer.to_canonical().is_loopback())
        && host.is_some_and(|host| is_loopback(host.host()))
        && !call.headers.keys().any(|name| through_a_proxy(name.as_str()))
}

/// `GET /dev/mailbox`.
pub async fn mailbox(State(app): State<Arc<App>>, call: Call) -> Response {
    if !is_from_here(&app, &call) {
        return not_found(&app);
    }
    let Ok(waiting) = app.store.mail_due(Micros(i64::MAX), MOST).await else { return not_found(&app) };
    let now = app.clock.now();
    let entries: Vec<_> = waiting
        .iter()
        .rev()
        .filter(|waiting| now < waiting.expires_at)
        .filter_map(|waiting| {
            let mail = open(&app, waiting.id, &waiting.sealed).ok()?;
            let at = jiff::Timestamp::from_microsecond(waiting.created_at.0).ok()?;
            Some(MailboxEntry {
                id: waiting.id.to_string(),
                told: say_of("mailbox-to", &[("to", &*mail.to?)]),
                subject: mail.subject,
                at: at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
            })
        })
        .collect();
    form_page(StatusCode::OK, &Mailbox { frame: Frame::own(&say("mailbox-title")), entries: &entries })
}

/// `GET /dev/mailbox/{id}`.
pub async fn letter(State(app): State<Arc<App>>, call: Call) -> Response {
    if !is_from_here(&app, &call) {
        return not_found(&app);
    }
    let Some(id) = MailId::parse_uuid(call.path("id")) else { return not_found(&app) };
    let found = app.store.mail(id).await.ok().flatten();
    let mail = found.and_then(|waiting| open(&app, id, &waiting.sealed).ok());
    let Some((mail, to)) = mail.and_then(|mail| mail.to.clone().map(|to| (mail, to))) else {
        return not_found(&app);
    };
    form_page(
        StatusCode::OK,
        &LetterPage {
            frame: Frame::own(&mail.subject),
            mail: &mail,
            told: say_of("mailbox-to", &[("to", &*to)]),
        },
    )
}

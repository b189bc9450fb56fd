//! `/admin/clients/{client_id}/secret`: another secret, with the old one working on for a while.

use std::sync::Arc;

use askama::Template;
use http::StatusCode;
use writ_core::client::Overlap;
use writ_core::text::Legible;
use writ_core::time::Seconds;

use super::super::at_work::AtWork;
use super::super::icon::Icon;
use super::super::shell::{ConsoleShell, Section, frame};
use super::{CONTRACT, ID};
use crate::call::copy::CopyButton;
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms};
use crate::call::routes::Answer;
use crate::call::when::When;
use crate::call::words::{say, say_of};
use crate::manage::registrations;

/// For how long the old secret may work on: seconds, and the words.
const SPANS: [(&str, &str); 4] = [
    ("86400", "console-overlap-day"),
    ("3600", "console-overlap-hour"),
    ("604800", "console-overlap-week"),
    ("0", "console-overlap-none"),
];

#[derive(Template)]
#[template(path = "console/clients/secret.html")]
struct ChangeSecret<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    here: String,
    client: String,
    csrf: String,
    title: String,
    has_two: bool,
    spans: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "console/clients/changed.html")]
struct SecretChanged<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    client: String,
    title: String,
    secret: &'a str,
    until: Option<When>,
}

framed!(ChangeSecret, SecretChanged);

/// `GET /admin/clients/{client_id}/secret`.
pub(in crate::console) async fn show(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let found = registrations::existing(&work.task, ID).await?;
    let client = work.client_place(&found.client);
    let name = Legible::of(&found.client.name);
    let title = say("console-secret-change");
    let live = found.client.secrets.iter().filter(|secret| secret.live(work.now())).count();
    let page = ChangeSecret {
        frame: frame(work.tenant(), &title),
        shell: work
            .shell(Section::Clients)
            .below(work, Section::Clients, title.clone())
            .past(client.clone(), name.as_str().to_owned()),
        here: format!("{client}/secret"),
        client,
        csrf: work.csrf(),
        title: say_of("console-secret-change-of", &[("client", &*name.isolated())]),
        has_two: live > 1,
        spans: SPANS.iter().map(|(seconds, words)| (*seconds, say(words))).collect(),
    };
    Ok(html::private(StatusCode::OK, &page, Forms::Own))
}

/// `POST /admin/clients/{client_id}/secret`: makes it, and shows it this once.
pub(in crate::console) async fn change(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let form = work.form()?;
    let seconds = form.get("overlap").and_then(|text| text.parse().ok()).unwrap_or(-1);
    let overlap = Overlap::of_seconds(seconds)?;
    let rotated = registrations::rotate_after(&work.task, &CONTRACT, ID, overlap).await?;
    let client = work.client_place(&rotated.client);
    let name = Legible::of(&rotated.client.name);
    let title = say_of("console-secret-changed", &[("client", &*name.isolated())]);
    let until = (overlap.span() > Seconds(0)).then(|| When::exactly(rotated.rotated_at.plus(overlap.span())));
    let page = SecretChanged {
        frame: frame(work.tenant(), &title),
        shell: work
            .shell(Section::Clients)
            .below(work, Section::Clients, say("console-secret-change"))
            .past(client.clone(), name.as_str().to_owned()),
        client,
        title,
        secret: rotated.secret.text.as_str(),
        until,
    };
    Ok(html::private(StatusCode::OK, &page, Forms::Own))
}

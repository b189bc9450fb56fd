//! `/admin/clients`: the clients of a tenant, newest first, and those that somebody looks for.

use std::sync::Arc;

use askama::Template;
use http::StatusCode;
use writ_core::authority::Permission;
use writ_core::client::RegisteredClient;
use writ_core::text::Legible;

use super::super::at_work::AtWork;
use super::super::icon::Icon;
use super::super::parts::{EmptyList, Pager, Remark, StateTag};
use super::super::refusals::Failing;
use super::super::shell::{ConsoleShell, Section, frame};
use super::kind_words;
use crate::call::fault::Fault;
use crate::call::frame::{Frame, framed, initial};
use crate::call::html::{self, Forms};
use crate::call::page::Listed;
use crate::call::routes::Answer;
use crate::call::when::When;
use crate::call::words::{say, say_count, say_of};
use crate::manage::registrations;

/// Days after which a client that gets no token counts as unused.
const UNUSED: &str = "90";

#[derive(Template)]
#[template(path = "console/clients/list.html")]
struct ClientsPage<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    intro: String,
    here: String,
    unused: String,
    is_unused: bool,
    asked: &'a str,
    new: Option<String>,
    note: Option<Remark>,
    rows: Vec<ListedClient<'a>>,
    pager: Pager,
    empty: Option<EmptyList>,
}

framed!(ClientsPage);

/// A client in the list.
struct ListedClient<'a> {
    address: String,
    name: Legible<'a>,
    initial: String,
    client_id: &'a str,
    kind: String,
    state: StateTag,
    used: Option<When>,
}

/// `GET /admin/clients`.
pub(in crate::console) async fn show(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let query = work.query()?;
    let asked = query.get("q").map(str::trim).unwrap_or_default();
    let found = match asked {
        "" => registrations::asked(&work.task).await?,
        text => registrations::searched(&work.task, text).await?,
    };
    let Listed { rows, total, next_cursor } = found;
    let failing = Failing::load(work).await?;
    let mut shown = Vec::with_capacity(rows.len());
    for found in &rows {
        shown.push(row(work, found, &failing).await?);
    }
    let is_unused = query.get("unused_for_days").is_some();
    let unused = if is_unused { UNUSED } else { "" };
    let here = work.place("/clients");
    let next = next_cursor.map(|cursor| {
        work.onward("/clients", &[("q", asked), ("unused_for_days", unused), ("cursor", &cursor)])
    });
    let first =
        query.get("cursor").map(|_| work.onward("/clients", &[("q", asked), ("unused_for_days", unused)]));
    let new = work.may(Permission::OauthWrite).then(|| work.place("/clients/new"));
    let empty = shown.is_empty().then(|| empty(work, (asked, is_unused), new.clone()));
    let named = Legible::of(&work.tenant().name);
    let page = ClientsPage {
        frame: frame(work.tenant(), &say("console-clients")),
        shell: work.shell(Section::Clients),
        intro: say_of("console-clients-what", &[("tenant", &*named.isolated())]),
        unused: work.onward("/clients", &[("unused_for_days", UNUSED)]),
        here,
        is_unused,
        asked,
        new,
        note: query
            .get("done")
            .filter(|word| *word == "deleted")
            .map(|_| Remark::done(say("console-done-client-deleted"))),
        rows: shown,
        pager: Pager {
            count: if asked.is_empty() { say_count("console-count", total) } else { String::new() },
            first,
            next,
        },
        empty,
    };
    Ok(html::private(StatusCode::OK, &page, Forms::Own))
}

async fn row<'a>(
    work: &AtWork,
    found: &'a RegisteredClient,
    failing: &Failing,
) -> Result<ListedClient<'a>, Fault> {
    let client = &found.client;
    let notes = work.task.app.store.client_notes(client.id).await?;
    let used = notes.and_then(|notes| notes.last_used_at);
    let state = match (client.enabled.is_yes(), failing.of(client)) {
        (false, _) => StateTag::plain(say("console-state-off")),
        (true, Some(_)) => StateTag::bad(say("console-state-failing")),
        (true, None) if used.is_none() => StateTag::plain(say("console-state-unused")),
        (true, None) => StateTag::good(say("console-state-working")),
    };
    let name = Legible::of(&client.name);
    Ok(ListedClient {
        address: work.client_place(client),
        initial: initial(name.as_str()),
        name,
        client_id: &client.client_id,
        kind: kind_words(client),
        state,
        used: used.map(|at| When::ago(at, work.now())),
    })
}

/// What is said where there are none.
fn empty(work: &AtWork, (asked, is_unused): (&str, bool), new: Option<String>) -> EmptyList {
    let all = (work.place("/clients"), say("console-clients-all"));
    if !asked.is_empty() {
        let shown = Legible::of(asked);
        return EmptyList {
            title: say_of("console-clients-no-match", &[("text", &*shown.isolated())]),
            what: say("console-clients-no-match-what"),
            link: Some(all),
            icon: Icon::Search,
        };
    }
    if is_unused {
        return EmptyList {
            title: say("console-clients-none-unused"),
            what: say("console-clients-none-unused-what"),
            link: Some(all),
            icon: Icon::Tick,
        };
    }
    EmptyList {
        title: say("console-clients-none"),
        what: say("console-clients-none-what"),
        link: new.map(|new| (new, say("console-client-new"))),
        icon: Icon::Window,
    }
}

//! `/admin/people`: the people of a tenant, newest first, and those that somebody looks for.

use std::sync::Arc;

use askama::Template;
use http::StatusCode;
use writ_core::people::Account;
use writ_core::text::Legible;
use writ_store::After;

use super::super::at_work::AtWork;
use super::super::icon::Icon;
use super::super::parts::{EmptyList, Pager, StateTag};
use super::super::shell::{ConsoleShell, Section, frame};
use super::state;
use crate::call::frame::{Frame, framed, initial};
use crate::call::html::{self, Forms};
use crate::call::page::Page;
use crate::call::routes::Answer;
use crate::call::when::When;
use crate::call::words::{say, say_count, say_of};
use crate::manage::named::searchable;

#[derive(Template)]
#[template(path = "console/people/list.html")]
struct PeoplePage<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    intro: String,
    here: String,
    asked: &'a str,
    rows: Vec<ListedPerson<'a>>,
    pager: Pager,
    empty: Option<EmptyList>,
}

framed!(PeoplePage);

/// A person in the list.
struct ListedPerson<'a> {
    address: String,
    name: Legible<'a>,
    username: Legible<'a>,
    initial: String,
    roles: String,
    state: StateTag,
    seen: Option<When>,
}

/// `GET /admin/people`.
pub(in crate::console) async fn show(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let query = work.query()?;
    let asked = query.get("q").map(str::trim).unwrap_or_default();
    let page = Page::of(&work.task.call)?;
    let (tenant, store) = (work.task.acting.tenant(), &work.task.app.store);
    let (mut accounts, total) = if asked.is_empty() {
        store.accounts_page(tenant, page.after, page.to_read()).await?
    } else {
        store.accounts_search((tenant, searchable(asked)?), page.after, page.to_read()).await?
    };
    let place = |account: &Account| After { at: account.created_at, id: account.user.id.to_bytes() };
    let next = page.cut(&mut accounts, place);
    let shown = Legible::of(asked);
    let empty = accounts.is_empty().then(|| {
        if asked.is_empty() {
            let (title, what) = (say("console-people-none"), say("console-people-none-what"));
            return EmptyList { title, what, link: None, icon: Icon::People };
        }
        EmptyList {
            title: say_of("console-people-no-match", &[("text", &*shown.isolated())]),
            what: say("console-people-no-match-what"),
            link: Some((work.place("/people"), say("console-people-all"))),
            icon: Icon::Search,
        }
    });
    let named = Legible::of(&work.tenant().name);
    let page = PeoplePage {
        frame: frame(work.tenant(), &say("console-people")),
        shell: work.shell(Section::People),
        intro: say_of("console-people-what", &[("tenant", &*named.isolated())]),
        here: work.place("/people"),
        asked,
        rows: accounts.iter().map(|account| row(work, account)).collect(),
        pager: Pager {
            count: say_count("console-count", total),
            first: query.get("cursor").map(|_| work.onward("/people", &[("q", asked)])),
            next: next.map(|cursor| work.onward("/people", &[("q", asked), ("cursor", &cursor)])),
        },
        empty,
    };
    Ok(html::private(StatusCode::OK, &page, Forms::Own))
}

fn row<'a>(work: &AtWork, account: &'a Account) -> ListedPerson<'a> {
    let username = Legible::of(&account.user.username);
    let name = account.name.as_deref().map_or_else(|| username.clone(), Legible::of);
    ListedPerson {
        address: work.person_place(account),
        initial: initial(name.as_str()),
        name,
        username,
        roles: account.user.roles.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "),
        state: state(account),
        seen: account.last_login_at.map(|at| When::ago(at, work.now())),
    }
}

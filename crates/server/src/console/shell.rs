//! What stands around every page of the console: where one is, where else one can go, and the search.

use std::borrow::Cow;

use askama::Template;
use askama::filters::HtmlSafe;
use writ_core::authority::Permission;
use writ_core::caller::Identity;
use writ_core::look::Look;
use writ_core::tenant::Tenant;
use writ_core::text::Legible;

use super::at_work::AtWork;
use super::icon::Icon;
use crate::call::assets::{CONSOLE_SCRIPT, SCRIPT};
use crate::call::frame::{Frame, Width, initial};
use crate::call::words::{Html, say, say_of};
use crate::manage::standing::place;

/// Where one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// What is going on.
    Overview,
    /// Applications.
    Clients,
    /// People.
    People,
    /// What happened.
    Audit,
    /// Nowhere in particular.
    Nowhere,
}

impl Section {
    /// Those that have a place of their own, in their order.
    const ALL: [Self; 4] = [Self::Overview, Self::Clients, Self::People, Self::Audit];

    /// What it is called.
    pub(super) fn words(self) -> String {
        match self {
            Self::Overview => say("console-overview"),
            Self::Clients => say("console-clients"),
            Self::People => say("console-people"),
            Self::Audit => say("console-audit"),
            Self::Nowhere => say("console-title"),
        }
    }

    /// Its address below that of the console.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Overview | Self::Nowhere => "",
            Self::Clients => "/clients",
            Self::People => "/people",
            Self::Audit => "/activity",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Overview | Self::Nowhere => Icon::Overview,
            Self::Clients => Icon::Window,
            Self::People => Icon::People,
            Self::Audit => Icon::Pulse,
        }
    }

    /// The key that leads there, after `g`.
    const fn key(self) -> &'static str {
        match self {
            Self::Overview => "o",
            Self::Clients => "c",
            Self::People => "p",
            Self::Audit => "a",
            Self::Nowhere => "",
        }
    }

    /// What shows it.
    const fn needs(self) -> Option<Permission> {
        match self {
            Self::Overview | Self::Nowhere => None,
            Self::Clients => Some(Permission::OauthRead),
            Self::People => Some(Permission::UsersRead),
            Self::Audit => Some(Permission::AuditRead),
        }
    }
}

/// A way to a section.
struct SectionWay {
    address: String,
    words: String,
    icon: Icon,
    key: &'static str,
    is_here: bool,
}

/// The page around a page.
#[derive(Template)]
#[template(path = "console/shell.html")]
pub(super) struct ConsoleShell<'a> {
    tenant: Legible<'a>,
    host: Cow<'a, str>,
    logo: Option<Html>,
    initial: String,
    ways: Vec<SectionWay>,
    home: String,
    docs: String,
    account: String,
    sign_out: String,
    person: Legible<'a>,
    person_initial: String,
    /// Where the page lies: addresses with their words, from the section down.
    trail: Vec<(String, String)>,
    /// What this page is called there.
    here: String,
    search: String,
    asked: String,
    version: &'static str,
}

impl HtmlSafe for ConsoleShell<'_> {}

impl<'a> ConsoleShell<'a> {
    pub(super) fn of(work: &'a AtWork, section: Section) -> Self {
        let tenant = work.tenant();
        let seen = Section::ALL.into_iter().filter(|one| one.needs().is_none_or(|needs| work.may(needs)));
        let ways = seen
            .map(|one| SectionWay {
                address: work.place(one.path()),
                words: one.words(),
                icon: one.icon(),
                key: one.key(),
                is_here: one == section,
            })
            .collect();
        let username = match &work.task.acting.caller().identity {
            Identity::AtConsole { username, .. } => &**username,
            _ => "",
        };
        let issuer = work.task.app.issuer(tenant);
        let host = issuer.split_once("://").map_or(&*issuer, |(_, rest)| rest).to_owned();
        let person = Legible::of(username);
        let look = &*tenant.settings.look;
        Self {
            tenant: Legible::of(&tenant.name),
            host: host.into(),
            logo: logo(look),
            initial: initial(&tenant.name),
            ways,
            home: work.place(""),
            docs: "/docs".to_owned(),
            account: place(&work.signed.home, "/account"),
            sign_out: place(&work.signed.home, "/logout"),
            person_initial: initial(person.as_str()),
            person,
            trail: Vec::new(),
            here: section.words(),
            search: work.place("/search"),
            asked: String::new(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// The same for a page below a section.
    #[must_use]
    pub(super) fn below(mut self, work: &AtWork, section: Section, here: impl Into<String>) -> Self {
        self.trail.push((work.place(section.path()), section.words()));
        self.here = here.into();
        self
    }

    /// The same for a page further down: what lies between.
    #[must_use]
    pub(super) fn past(mut self, address: String, words: String) -> Self {
        self.trail.push((address, words));
        self
    }

    /// The same with what was searched for.
    #[must_use]
    pub(super) fn asked(self, asked: &str) -> Self {
        Self { asked: asked.to_owned(), ..self }
    }
}

impl ConsoleShell<'_> {
    /// The line above the page.
    pub(super) fn top(&self) -> Crumbs<'_> {
        Crumbs { trail: &self.trail, here: &self.here, search: &self.search, asked: &self.asked }
    }
}

/// Where one is, and the search.
#[derive(Template)]
#[template(path = "console/top.html")]
pub(super) struct Crumbs<'s> {
    trail: &'s [(String, String)],
    here: &'s str,
    search: &'s str,
    asked: &'s str,
}

impl HtmlSafe for Crumbs<'_> {}

fn logo(look: &Look) -> Option<Html> {
    look.logo.as_ref().map(|light| Html::picture(light, look.logo_dark.as_ref()))
}

/// What a page of the console stands in. It has Writ's own look: whoever has spoiled that of a tenant mends it here.
pub(super) fn frame<'a>(tenant: &'a Tenant, page: &str) -> Frame<'a> {
    let named = Legible::of(&tenant.name);
    let title = say_of("title", &[("page", page), ("tenant", &named.isolated())]);
    Frame {
        title,
        tenant: Some(named),
        width: Width::Wide,
        look: None,
        drawn: None,
        footer: None,
        scripts: vec![&*SCRIPT, &*CONSOLE_SCRIPT],
    }
}

//! `/admin/clients/new`: an application is onboarded: somebody says what they build, and gets the settings that fit, the
//! secret, and the lines to begin with.

use std::borrow::Cow;
use std::sync::Arc;

use askama::Template;
use http::StatusCode;
use writ_core::client::{ClientDraft, ClientKind, GrantType, RegisteredClient, SentKind};
use writ_core::form::Form;
use writ_core::manage::clients::MadeClient;
use writ_core::text::Legible;
use writ_core::violation::Violations;

use super::super::at_work::{AtWork, Wronged, status};
use super::super::icon::Icon;
use super::super::parts::{ConsoleField, FieldKind, Remark};
use super::super::shell::{ConsoleShell, Section, frame};
use super::super::trouble::said;
use super::snippets::{self, Snippet};
use super::{CONTRACT, lines, words, wrong, wrong_elsewhere, wrong_of};
use crate::call::copy::CopyButton;
use crate::call::frame::{Frame, framed};
use crate::call::html::{self, Forms};
use crate::call::routes::Answer;
use crate::call::words::{say, say_of};
use crate::manage::registrations;

/// What somebody builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Build {
    Web,
    Spa,
    App,
    Service,
    Device,
}

impl Build {
    const ALL: [Self; 5] = [Self::Web, Self::Spa, Self::App, Self::Service, Self::Device];

    const fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Spa => "spa",
            Self::App => "app",
            Self::Service => "svc",
            Self::Device => "tv",
        }
    }

    fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|build| build.name() == name)
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Web => Icon::Server,
            Self::Spa => Icon::Window,
            Self::App => Icon::Phone,
            Self::Service => Icon::Cube,
            Self::Device => Icon::Screen,
        }
    }

    /// What it is called, and what that means.
    fn said(self) -> (String, String) {
        match self {
            Self::Web => (say("console-build-web"), say("console-build-web-what")),
            Self::Spa => (say("console-build-spa"), say("console-build-spa-what")),
            Self::App => (say("console-build-app"), say("console-build-app-what")),
            Self::Service => (say("console-build-svc"), say("console-build-svc-what")),
            Self::Device => (say("console-build-tv"), say("console-build-tv-what")),
        }
    }

    /// What comes with it.
    fn gives(self) -> Vec<String> {
        let code = || say("console-gives-code");
        match self {
            Self::Web => vec![code(), say("console-gives-secret"), say("console-gives-refresh")],
            Self::Spa => vec![code(), say("console-gives-no-secret-browser"), say("console-gives-origins")],
            Self::App => vec![code(), say("console-gives-no-secret"), say("console-gives-refresh")],
            Self::Service => vec![
                say("console-gives-own-tokens"),
                say("console-gives-secret"),
                say("console-gives-no-page"),
            ],
            Self::Device => vec![
                say("console-gives-short-code"),
                say("console-gives-no-secret"),
                say("console-gives-refresh"),
            ],
        }
    }

    const fn kind(self) -> ClientKind {
        match self {
            Self::Web => ClientKind::Web,
            Self::Spa => ClientKind::Spa,
            Self::App | Self::Device => ClientKind::Native,
            Self::Service => ClientKind::Machine,
        }
    }

    fn grants(self) -> Vec<GrantType> {
        match self {
            Self::Web | Self::Spa | Self::App => vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            Self::Service => vec![GrantType::ClientCredentials],
            Self::Device => vec![GrantType::DeviceCode, GrantType::RefreshToken],
        }
    }

    /// Whether people come back to it by an address.
    const fn has_addresses(self) -> bool {
        matches!(self, Self::Web | Self::Spa | Self::App)
    }

    const fn scope(self) -> &'static str {
        match self {
            Self::Web | Self::Spa => "openid profile email",
            Self::App | Self::Device => "openid profile email offline_access",
            Self::Service => "",
        }
    }
}

/// A choice of what is built.
struct Tile {
    name: &'static str,
    icon: Icon,
    title: String,
    what: String,
    gives: Vec<String>,
}

#[derive(Template)]
#[template(path = "console/clients/new.html")]
struct WhatToBuild<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    here: String,
    back: String,
    tiles: Vec<Tile>,
}

#[derive(Template)]
#[template(path = "console/clients/named.html")]
struct NewClientForm<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    here: String,
    back: String,
    csrf: String,
    key: String,
    build: &'static str,
    title: String,
    note: Option<Remark>,
    fields: Vec<ConsoleField<'a>>,
}

#[derive(Template)]
#[template(path = "console/clients/made.html")]
struct ClientMade<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    title: String,
    client: String,
    client_id: &'a str,
    secret: Option<&'a str>,
    snippets: Vec<Snippet>,
}

framed!(WhatToBuild, NewClientForm, ClientMade);

fn shell(work: &AtWork) -> ConsoleShell<'_> {
    work.shell(Section::Clients).below(work, Section::Clients, say("console-client-new"))
}

/// `GET /admin/clients/new`: what is built; then what it is called and where it is.
pub(in crate::console) async fn show(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let query = work.query()?;
    let Some(build) = query.get("build").and_then(Build::by_name) else {
        let tile = |build: Build| {
            let (title, what) = build.said();
            Tile { name: build.name(), icon: build.icon(), title, what, gives: build.gives() }
        };
        let page = WhatToBuild {
            frame: frame(work.tenant(), &say("console-client-new")),
            shell: shell(work),
            here: work.place("/clients/new"),
            back: work.place("/clients"),
            tiles: Build::ALL.into_iter().map(tile).collect(),
        };
        return std::future::ready(Ok(html::private(StatusCode::OK, &page, Forms::Own))).await;
    };
    Ok(form_page(work, build, None))
}

/// What was typed, and what is wrong with it.
struct TypedDraft<'a> {
    form: &'a Form<'a>,
    wrong: Option<Violations>,
    why: String,
}

fn form_page(work: &AtWork, build: Build, typed: Option<&TypedDraft<'_>>) -> axum::response::Response {
    let field = |name: &'static str, kind: FieldKind, label: String, usual: &'static str| {
        let sent = typed.and_then(|typed| typed.form.raw(name)).map(|sent| Cow::Owned(sent.to_owned()));
        let error = typed.and_then(|typed| wrong_of(typed.wrong.as_ref(), name));
        ConsoleField::new(name, kind, label).with(sent.unwrap_or(Cow::Borrowed(usual))).wrong(error)
    };
    let mut fields = vec![
        field("client_name", FieldKind::Needed, say("console-name"), "").hinting(say("console-name-hint")),
    ];
    if build.has_addresses() {
        fields.push(
            field("redirect_uris", FieldKind::Addresses, say("console-redirect-uris"), "")
                .hinting(say("console-redirect-uris-hint")),
        );
    }
    fields.push(
        field("scope", FieldKind::Words, say("console-scopes"), build.scope())
            .hinting(say("console-scopes-hint")),
    );
    let elsewhere = |typed: &TypedDraft<'_>| {
        wrong_elsewhere(typed.wrong.as_ref(), &["client_name", "redirect_uris", "scope"])
            .or_else(|| typed.wrong.is_none().then(|| typed.why.clone()))
    };
    let key = match typed.and_then(|typed| typed.form.get("key")) {
        Some(key) => key.to_owned(),
        None => work.new_key(),
    };
    let page = NewClientForm {
        frame: frame(work.tenant(), &say("console-client-new")),
        shell: shell(work),
        here: work.place("/clients/new"),
        back: work.place("/clients/new"),
        csrf: work.csrf(),
        key,
        build: build.name(),
        title: build.said().0,
        note: typed.and_then(elsewhere).map(Remark::wrong),
        fields,
    };
    html::private(status(if typed.is_some() { Wronged::Yes } else { Wronged::No }), &page, Forms::Own)
}

/// `POST /admin/clients/new`: makes it, and shows its secret this once.
pub(in crate::console) async fn make(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let form = work.form()?;
    let build = form.get("build").and_then(Build::by_name).unwrap_or(Build::Web);
    let draft = draft(build, &form);
    let made = registrations::create(&work.task, &CONTRACT, &draft, |made| Ok(made_page(work, made))).await;
    match made {
        Ok(page) => Ok(page),
        Err(fault) if wrong(&fault).is_some() => {
            let typed = TypedDraft { form: &form, wrong: wrong(&fault), why: said(&fault) };
            Ok(form_page(work, build, Some(&typed)))
        }
        Err(fault) => Err(fault),
    }
}

fn draft(build: Build, form: &Form<'_>) -> ClientDraft {
    let grants = build.grants().iter().map(|grant| grant.name().to_owned()).collect();
    ClientDraft {
        kind: Some(SentKind::Exactly(build.kind())),
        name: form.get("client_name").map(|name| name.trim().to_owned()),
        grant_types: Some(grants),
        redirect_uris: build.has_addresses().then(|| lines(form.get("redirect_uris"))),
        scopes: Some(words(form.get("scope"))),
        ..ClientDraft::default()
    }
}

fn made_page(work: &AtWork, made: &MadeClient) -> axum::response::Response {
    let found: &RegisteredClient = &made.registered;
    let name = Legible::of(&found.client.name);
    let title = say_of("console-client-made", &[("client", &*name.isolated())]);
    let page = ClientMade {
        frame: frame(work.tenant(), &title),
        shell: work.shell(Section::Clients).below(work, Section::Clients, name.as_str().to_owned()),
        title,
        client: work.client_place(&found.client),
        client_id: &found.client.client_id,
        secret: made.secret.as_ref().map(|secret| secret.text.as_str()),
        snippets: snippets::of(found, &work.task.app.issuer(work.tenant())),
    };
    html::private(StatusCode::OK, &page, Forms::Own)
}

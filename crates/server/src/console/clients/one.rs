//! `/admin/clients/{client_id}`: one client: why it fails, what it may, its secrets, and what it is written with.

use std::borrow::Cow;
use std::sync::Arc;

use askama::Template;
use writ_core::authority::Permission;
use writ_core::change::Enabled;
use writ_core::client::{
    ClientKind, ClientPatch, ClientSettingsPatch, GrantType, Party, Pkce, RegisteredClient, Update,
};
use writ_core::form::Form;
use writ_core::text::Legible;
use writ_core::violation::Violations;
use writ_store::ShownSecret;

use super::super::at_work::{AtWork, Wronged, status};
use super::super::icon::Icon;
use super::super::parts::{ConsoleField, FieldKind, Remark, StateTag};
use super::super::refusals::causes;
use super::super::shell::{ConsoleShell, Section, frame};
use super::cases::{Case, cases};
use super::snippets::{self, Snippet};
use super::{CONTRACT, ID, kind_words, lines, words, wrong, wrong_elsewhere, wrong_of};
use crate::call::copy::CopyButton;
use crate::call::frame::{Frame, framed, initial};
use crate::call::html::{self, Forms};
use crate::call::routes::Answer;
use crate::call::when::When;
use crate::call::words::say;
use crate::manage::registrations;

#[derive(Template)]
#[template(path = "console/clients/one.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct ClientPage<'a> {
    frame: Frame<'a>,
    shell: ConsoleShell<'a>,
    here: String,
    csrf: String,
    name: Legible<'a>,
    initial: String,
    client_id: &'a str,
    kind: String,
    state: StateTag,
    is_on: bool,
    may_change: bool,
    has_secrets: bool,
    note: Option<Remark>,
    cases: Vec<Case>,
    may_see_refusals: bool,
    general: [ConsoleField<'a>; 2],
    addresses: Vec<ConsoleField<'a>>,
    scope: ConsoleField<'a>,
    grants: Vec<OfferedGrant>,
    lifetimes: [ConsoleField<'a>; 2],
    is_first_party: bool,
    needs_pkce: bool,
    is_public: bool,
    secrets: Vec<SecretRow>,
    snippets: Vec<Snippet>,
    made: When,
    changed: When,
    used: Option<When>,
}

framed!(ClientPage);

/// A grant type that a client of this kind can have.
struct OfferedGrant {
    name: &'static str,
    words: String,
    is_held: bool,
}

/// A secret as the page shows it.
struct SecretRow {
    mask: String,
    state: StateTag,
    made: When,
    used: Option<When>,
}

/// What a form sent, where the page shows it once more.
struct TypedClient<'a> {
    form: Form<'a>,
    wrong: Option<Violations>,
    why: String,
}

/// `GET /admin/clients/{client_id}`.
pub(in crate::console) async fn show(work: Arc<AtWork>) -> Answer {
    let found = registrations::existing(&work.task, ID).await?;
    page(&work, &found, None).await
}

/// `POST /admin/clients/{client_id}`: changes what one of its forms is about.
pub(in crate::console) async fn save(work: Arc<AtWork>) -> Answer {
    let work = &*work;
    let form = work.form()?;
    let part = form.get("part").unwrap_or_default();
    let made = |found: Option<&RegisteredClient>| Cow::Owned(patch(part, &form, found));
    match registrations::change(&work.task, &CONTRACT, ID, made).await {
        Ok(after) => Ok(work.done(&format!("/clients/{}", after.client.id), "saved")),
        Err(fault) if wrong(&fault).is_some() => {
            let found = registrations::existing(&work.task, ID).await?;
            let (wrong, why) = (wrong(&fault), super::super::trouble::said(&fault));
            page(work, &found, Some(TypedClient { form, wrong, why })).await
        }
        Err(fault) => Err(fault),
    }
}

/// What a form changes: what it has no field for stays.
fn patch(part: &str, form: &Form<'_>, found: Option<&RegisteredClient>) -> ClientPatch {
    let text = |name: &str| form.get(name).map(str::trim).unwrap_or_default().to_owned();
    let list = |name: &str| Update::Set(lines(form.get(name)));
    let seconds = |name: &str| {
        form.get(name).map_or(Update::Keep, |text| Update::Set(text.trim().parse().unwrap_or(-1)))
    };
    match part {
        "general" => ClientPatch {
            name: Update::Set(text("client_name")),
            description: Update::Set(text("description")),
            ..ClientPatch::default()
        },
        "addresses" => ClientPatch {
            redirect_uris: list("redirect_uris"),
            post_logout_redirect_uris: list("post_logout_redirect_uris"),
            allowed_origins: if form.raw("allowed_origins").is_some() {
                list("allowed_origins")
            } else {
                Update::Keep
            },
            ..ClientPatch::default()
        },
        // What an application was refused for, taken over as it was sent.
        "address" => {
            let held = found.map(|found| found.registration.redirect_uris.iter().map(ToString::to_string));
            let held = held.into_iter().flatten().chain(form.get("redirect_uri").map(str::to_owned));
            ClientPatch { redirect_uris: Update::Set(held.collect()), ..ClientPatch::default() }
        }
        "access" => {
            let grants = form.all("grant").map(str::to_owned).collect();
            let pkce = if form.get("pkce").is_some() { Pkce::Required } else { Pkce::WhenSent };
            let is_public = found.is_some_and(|found| !found.client.kind.is_confidential());
            let party = if form.get("first_party").is_some() { Party::First } else { Party::Third };
            let kept = found.is_some_and(|found| found.client.party == party);
            ClientPatch {
                grant_types: Update::Set(grants),
                scopes: Update::Set(words(form.get("scope"))),
                party: if kept { Update::Keep } else { Update::Set(party) },
                settings: ClientSettingsPatch {
                    pkce: if is_public { Update::Keep } else { Update::Set(pkce) },
                    ..ClientSettingsPatch::default()
                },
                ..ClientPatch::default()
            }
        }
        "lifetimes" => ClientPatch {
            access_lifetime: seconds("access_lifetime"),
            refresh_lifetime: seconds("refresh_lifetime"),
            ..ClientPatch::default()
        },
        _ => ClientPatch::default(),
    }
}

/// `POST /admin/clients/{client_id}/state`: switches it off, or on again.
pub(in crate::console) async fn switch(work: Arc<AtWork>) -> Answer {
    let form = work.form()?;
    let (enabled, told) = match form.get("to") {
        Some("on") => (Enabled::Yes, "on"),
        _ => (Enabled::No, "off"),
    };
    let patch = ClientPatch { enabled: Update::Set(enabled), ..ClientPatch::default() };
    let after = registrations::update(&work.task, &CONTRACT, ID, &patch).await?;
    Ok(work.done(&format!("/clients/{}", after.client.id), told))
}

/// What was done, by the word in the address: nothing else is ever said there.
fn done(word: &str) -> Option<Remark> {
    let words = match word {
        "saved" => say("console-done-saved"),
        "on" => say("console-done-client-on"),
        "off" => say("console-done-client-off"),
        _ => return None,
    };
    Some(Remark::done(words))
}

async fn page(work: &AtWork, found: &RegisteredClient, typed: Option<TypedClient<'_>>) -> Answer {
    let RegisteredClient { client, registration } = found;
    let query = work.query()?;
    let store = &work.task.app.store;
    let causes = causes(work, client).await?;
    let secrets = store.shown_secrets(client.id).await?;
    let used = store.client_notes(client.id).await?.and_then(|notes| notes.last_used_at);
    let name = Legible::of(&client.name);
    let typed = typed.as_ref();
    let note = match typed {
        Some(typed) => {
            let elsewhere = wrong_elsewhere(typed.wrong.as_ref(), &SHOWN);
            Some(Remark::wrong(elsewhere.unwrap_or_else(|| typed.why.clone())))
        }
        None => query.get("done").and_then(done),
    };
    let state = match (client.enabled.is_yes(), causes.is_empty(), used) {
        (false, ..) => StateTag::plain(say("console-state-off")),
        (true, false, _) => StateTag::bad(say("console-state-failing")),
        (true, true, None) => StateTag::plain(say("console-state-unused")),
        (true, true, Some(_)) => StateTag::good(say("console-state-working")),
    };
    let title = name.as_str().to_owned();
    let page = ClientPage {
        frame: frame(work.tenant(), &title),
        shell: work.shell(Section::Clients).below(work, Section::Clients, title),
        here: work.client_place(client),
        csrf: work.csrf(),
        initial: initial(name.as_str()),
        name,
        client_id: &client.client_id,
        kind: kind_words(client),
        state,
        is_on: client.enabled.is_yes(),
        may_change: work.may(Permission::OauthWrite),
        has_secrets: client.auth_method.secret() != writ_core::client::SecretKept::Nothing,
        note,
        cases: cases(work, found, &causes),
        may_see_refusals: work.may(Permission::AuditRead),
        general: general(found, typed),
        addresses: addresses(found, typed),
        scope: filled(
            "scope",
            FieldKind::Words,
            (say("console-scopes"), client.scope.as_str().into()),
            typed,
        )
        .hinting(say("console-scopes-hint")),
        grants: grants(found),
        lifetimes: lifetimes(found, typed),
        is_first_party: client.party == Party::First,
        needs_pkce: found.pkce() == Pkce::Required,
        is_public: !client.kind.is_confidential(),
        secrets: secrets.iter().map(|secret| secret_row(work, secret)).collect(),
        snippets: snippets::of(found, &work.task.app.issuer(work.tenant())),
        made: When::on(registration.created_at),
        changed: When::ago(registration.updated_at, work.now()),
        used: used.map(|at| When::ago(at, work.now())),
    };
    let wronged = if typed.is_some() { Wronged::Yes } else { Wronged::No };
    Ok(html::private(status(wronged), &page, Forms::Own))
}

/// The fields that have a place of their own for what is wrong with them.
const SHOWN: [&str; 8] = [
    "client_name",
    "description",
    "redirect_uris",
    "post_logout_redirect_uris",
    "allowed_origins",
    "scope",
    "access_lifetime",
    "refresh_lifetime",
];

/// A field with what it holds, or what was typed into it.
fn filled<'a>(
    name: &'static str,
    kind: FieldKind,
    (label, held): (String, Cow<'a, str>),
    typed: Option<&TypedClient<'_>>,
) -> ConsoleField<'a> {
    let sent = typed.and_then(|typed| typed.form.raw(name)).map(|sent| Cow::Owned(sent.to_owned()));
    let error = typed.and_then(|typed| wrong_of(typed.wrong.as_ref(), name));
    ConsoleField::new(name, kind, label).with(sent.unwrap_or(held)).wrong(error)
}

fn general<'a>(found: &'a RegisteredClient, typed: Option<&TypedClient<'_>>) -> [ConsoleField<'a>; 2] {
    let description = found.registration.description.as_deref().unwrap_or_default();
    [
        filled("client_name", FieldKind::Needed, (say("console-name"), (&*found.client.name).into()), typed),
        filled("description", FieldKind::Text, (say("console-description"), description.into()), typed)
            .hinting(say("console-description-hint")),
    ]
}

fn addresses<'a>(found: &'a RegisteredClient, typed: Option<&TypedClient<'_>>) -> Vec<ConsoleField<'a>> {
    let registration = &found.registration;
    if found.client.kind == ClientKind::Machine {
        return Vec::new();
    }
    let joined = |list: Vec<String>| Cow::Owned(list.join("\n"));
    let redirect = joined(registrations::texts(&registration.redirect_uris));
    let goodbye = joined(registrations::texts(&registration.post_logout_redirect_uris));
    let origins = joined(registrations::texts(&registration.allowed_origins));
    let kind = FieldKind::Addresses;
    let mut fields = vec![
        filled("redirect_uris", kind, (say("console-redirect-uris"), redirect), typed)
            .hinting(say("console-redirect-uris-hint")),
        filled("post_logout_redirect_uris", kind, (say("console-goodbye-uris"), goodbye), typed)
            .hinting(say("console-one-a-line")),
    ];
    if found.client.kind == ClientKind::Spa {
        fields.push(
            filled("allowed_origins", kind, (say("console-origins"), origins), typed)
                .hinting(say("console-origins-hint")),
        );
    }
    fields
}

fn lifetimes<'a>(found: &RegisteredClient, typed: Option<&TypedClient<'_>>) -> [ConsoleField<'a>; 2] {
    let tokens = &found.client.tokens;
    let number = |seconds: i64| Cow::Owned(seconds.to_string());
    let access = (say("console-access-lifetime"), number(tokens.access_lifetime.0));
    let refresh = (say("console-refresh-lifetime"), number(tokens.refresh_lifetime.0));
    [
        filled("access_lifetime", FieldKind::Number, access, typed).hinting(say("console-seconds")),
        filled("refresh_lifetime", FieldKind::Number, refresh, typed).hinting(say("console-seconds")),
    ]
}

/// The grant types that fit the kind of a client, and those that it has.
fn grants(found: &RegisteredClient) -> Vec<OfferedGrant> {
    let client = &found.client;
    let fits: &[GrantType] = match client.kind {
        ClientKind::Machine => &[GrantType::ClientCredentials],
        ClientKind::Spa | ClientKind::Native => {
            &[GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode]
        }
        ClientKind::Web => &[
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::DeviceCode,
        ],
    };
    let held = client.grant_types.iter().filter(|grant| !fits.contains(grant));
    let all = fits.iter().copied().chain(held);
    all.map(|grant| OfferedGrant {
        name: grant.name(),
        words: match grant {
            GrantType::AuthorizationCode => say("console-grant-code"),
            GrantType::RefreshToken => say("console-grant-refresh"),
            GrantType::ClientCredentials => say("console-grant-machine"),
            GrantType::DeviceCode => say("console-grant-device"),
            GrantType::Password => say("console-grant-password"),
            GrantType::Implicit => say("console-grant-implicit"),
            GrantType::TokenExchange => say("console-grant-exchange"),
        },
        is_held: client.grant_types.contains(grant),
    })
    .collect()
}

fn secret_row(work: &AtWork, shown: &ShownSecret) -> SecretRow {
    let (secret, now) = (&shown.secret, work.now());
    let state = match secret.expires_at {
        None => StateTag::good(say("console-secret-active")),
        Some(end) if now < end => {
            let hours = end.since(now).0.saturating_add(3599) / 3600;
            StateTag::worth_a_look(crate::call::words::say_count("console-secret-ends", hours))
        }
        Some(_) => StateTag::plain(say("console-secret-over")),
    };
    SecretRow {
        mask: secret.masked(),
        state,
        made: When::ago(secret.created_at, now),
        used: shown.last_used_at.map(|at| When::ago(at, now)),
    }
}

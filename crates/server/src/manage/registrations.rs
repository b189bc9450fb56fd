//! What the four contracts share: one set of handlers behind their wire types.
//!
//! A contract says how it spells the fields of a client and which rules are its own ([`ContractRules`]), reads a
//! draft or patch, and shows what comes back.

use std::borrow::Cow;
use std::collections::BTreeSet;

use writ_core::authority::Permission;
use writ_core::client::{
    Client, ClientDraft, ClientName, ClientPatch, Field, Naming, Overlap, Prefix, Profile, RegisteredClient,
    Rules, ScopeRegistry, Sealer, TokenRate,
};
use writ_core::error::OAuthError;
use writ_core::ids::{ClientId, TenantId};
use writ_core::manage::clients::{self, LogoDraft, MadeClient, Making, RotatedSecret};
use writ_core::manage::no_such;
use writ_core::reason::Reason;
use writ_core::shell_reason::ShellReason;
use writ_core::tenant::Tenant;
use writ_store::After;

use crate::call::fault::Fault;
use crate::call::page::{Listed, Page};
use crate::call::routes::{Answer, Task, tagged};
use crate::call::versions::Tag;
use crate::manage::named::searchable;
use crate::state::app::App;

/// Bytes of a `client_id` at the most.
const CLIENT_ID_LIMIT: usize = 255;

/// How a contract differs from the others.
pub struct ContractRules {
    /// Its rules.
    pub profile: Profile,
    /// What it calls a field; none: it has no such field.
    pub spelling: fn(&Field) -> Option<&'static str>,
}

impl ContractRules {
    fn spell(&self, field: &Field) -> Cow<'static, str> {
        match field {
            Field::Overlap => "overlap".into(),
            Field::Setting(setting) => setting.name().into(),
            Field::Rare(rare) => rare.name().into(),
            Field::Named(name) => (*name).into(),
            Field::Other(name) => name.to_string().into(),
            known => (self.spelling)(known).unwrap_or("client").into(),
        }
    }

    /// What was wrong, with the fields as the contract has them.
    pub fn spelled(&self, fault: Fault) -> Fault {
        fault.spelled(|field| self.spell(field))
    }
}

/// The settings that a registration is judged by.
pub struct Judge<'a> {
    tenant: &'a Tenant,
    known: Option<BTreeSet<Box<str>>>,
    naming: &'a Naming,
    token_rate_max: Option<TokenRate>,
}

impl<'a> Judge<'a> {
    async fn of(task: &'a Task) -> Result<Self, Fault> {
        let is_bounded = !task.acting.caller().permissions.contains(Permission::TenantsWrite);
        let judge = Self::in_tenant(&task.app, task.acting.within()).await?;
        Ok(Self { token_rate_max: judge.token_rate_max.filter(|_| is_bounded), ..judge })
    }

    /// For whoever is no operator.
    ///
    /// # Errors
    /// The storage's.
    pub async fn in_tenant(app: &'a App, tenant: &'a Tenant) -> Result<Self, Fault> {
        let known = if tenant.settings.strict_scopes.is_on() {
            Some(app.store.scope_names(tenant.id).await?)
        } else {
            None
        };
        Ok(Self { tenant, known, naming: &app.naming, token_rate_max: Some(app.token_rate(tenant)) })
    }

    /// The rules of a contract.
    pub fn rules(&self, contract: &ContractRules) -> Rules<'_> {
        let settings = &self.tenant.settings;
        let plain = Rules::of(contract.profile);
        let bounds = |plain: &std::ops::RangeInclusive<i64>, longest: i64| *plain.start()..=longest;
        Rules {
            password_grant: settings.password_grant,
            legacy_implicit_grant: settings.legacy_implicit_grant,
            left_to_administrators: settings.left_to_administrators,
            scopes: self.known.as_ref().map_or(ScopeRegistry::Open, ScopeRegistry::Strict),
            access_lifetimes: bounds(&plain.access_lifetimes, settings.access_lifetime_max.0),
            refresh_lifetimes: bounds(&plain.refresh_lifetimes, settings.refresh_lifetime_max.0),
            id_prefix: self.naming.id_prefix.as_str(),
            secret_prefix: self.naming.secret_prefix.as_ref().map(Prefix::as_str),
            interaction_clients: &settings.interaction_clients,
            leniency: settings.leniency(),
            token_rate_max: self.token_rate_max,
            ..plain
        }
    }
}

/// The version of a client.
pub fn tag(client: &Client) -> Tag {
    Tag::new(client.id.to_bytes(), client.version)
}

fn known(found: Option<&RegisteredClient>) -> Option<Tag> {
    found.map(|found| tag(&found.client))
}

/// Makes a client, and the answer that shows it.
pub async fn create(
    task: &Task,
    contract: &ContractRules,
    draft: &ClientDraft,
    render: impl FnOnce(&MadeClient) -> Answer,
) -> Answer {
    let judge = Judge::of(task).await?;
    let rules = judge.rules(contract);
    let answer = task
        .create(
            |app, deed| {
                let seal = |context: &[u8], plain: &[u8]| app.master_key.seal(context, plain);
                let making = Making { rules: &rules, hash_key: &app.hash_key, sealer: Sealer::new(&seal) };
                clients::create(draft, making, deed)
            },
            |made| tagged(&tag(&made.registered.client), render(&made)),
        )
        .await;
    answer.map_err(|fault| contract.spelled(fault))
}

/// Changes the client that the path names.
pub async fn update(
    task: &Task,
    contract: &ContractRules,
    named: PathEnd,
    patch: &ClientPatch,
) -> Result<RegisteredClient, Fault> {
    change(task, contract, named, |_| Cow::Borrowed(patch)).await
}

/// Changes the client that the path names, by a patch that may depend on what is found. Where somebody else changes it
/// at the same time, it is decided anew on what they left.
pub async fn change<'p>(
    task: &Task,
    contract: &ContractRules,
    named: PathEnd,
    patch: impl Fn(Option<&RegisteredClient>) -> Cow<'p, ClientPatch>,
) -> Result<RegisteredClient, Fault> {
    let judge = Judge::of(task).await?;
    let rules = judge.rules(contract);
    let round = || async {
        let found = find(task, named).await?;
        let decided = clients::update(&patch(found.as_ref()), found.as_ref(), &rules, &task.deed());
        task.on(known(found.as_ref()), decided)
    };
    let done = task.rounds(round).await;
    done.map_err(|fault| contract.spelled(fault))
}

/// Removes the client that the path names. Where somebody else changes it at the same time, it is decided
/// anew on what they left.
pub async fn delete(task: &Task, contract: &ContractRules, named: PathEnd) -> Result<(), Fault> {
    let judge = Judge::of(task).await?;
    let rules = judge.rules(contract);
    let round = || async {
        let found = find(task, named).await?;
        task.on(known(found.as_ref()), clients::delete(found.as_ref(), &rules, &task.deed()))
    };
    task.rounds(round).await
}

/// Gives the client that the path names a logo, or takes it away.
pub async fn set_logo(
    task: &Task,
    contract: &ContractRules,
    named: PathEnd,
    draft: &LogoDraft,
) -> Result<(), Fault> {
    let judge = Judge::of(task).await?;
    let rules = judge.rules(contract);
    let round = || async {
        let found = find(task, named).await?;
        let others = match &found {
            Some(found) => task.app.store.client_logos_count(found.client.tenant, found.client.id).await?,
            None => 0,
        };
        let draft = LogoDraft { others, ..draft.clone() };
        task.on(known(found.as_ref()), clients::set_logo(&draft, found.as_ref(), &rules, &task.deed()))
    };
    task.rounds(round).await.map_err(|fault| contract.spelled(fault))
}

/// Gives the client that the path names a new secret; `?overlap=SECONDS` lets the old one live on.
pub async fn rotate(task: &Task, contract: &ContractRules, named: PathEnd) -> Result<RotatedSecret, Fault> {
    rotate_after(task, contract, named, overlap(task, contract)?).await
}

/// The same with the overlap as it was read.
pub async fn rotate_after(
    task: &Task,
    contract: &ContractRules,
    named: PathEnd,
    overlap: Overlap,
) -> Result<RotatedSecret, Fault> {
    let judge = Judge::of(task).await?;
    let rules = judge.rules(contract);
    let round = || async {
        let found = find(task, named).await?;
        let seal = |context: &[u8], plain: &[u8]| task.app.master_key.seal(context, plain);
        let making = Making { rules: &rules, hash_key: &task.app.hash_key, sealer: Sealer::new(&seal) };
        Ok(clients::rotate_secret(overlap, found.as_ref(), making, &task.deed()).into())
    };
    task.rounds(round).await
}

fn overlap(task: &Task, contract: &ContractRules) -> Result<Overlap, Fault> {
    let query = task.call.query()?;
    let Some(text) = query.get("overlap") else { return Ok(Overlap::NONE) };
    // A text that is no number is as far out of bounds as one can be.
    Overlap::of_seconds(text.parse().unwrap_or(-1)).map_err(|wrong| contract.spelled(wrong.into()))
}

/// What the last part of a path may be, in the order in which it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathEnd {
    /// A row id as a UUID, in this parameter.
    Uuid(&'static str),
    /// A `client_id`, or a row id as a UUID, in this parameter.
    ClientIdOrUuid(&'static str),
    /// A row id in its `cli_` form, or a `client_id`, in this parameter.
    PrefixedOrClientId(&'static str),
}

/// The client that the path names, where it is one of the tenant.
pub async fn find(task: &Task, named: PathEnd) -> Result<Option<RegisteredClient>, Fault> {
    match named {
        PathEnd::Uuid(parameter) => by_row(task, ClientId::parse_uuid(task.call.path(parameter))).await,
        PathEnd::ClientIdOrUuid(parameter) => {
            let text = task.call.path(parameter);
            match by_client_id(&task.app, text, task.acting.tenant()).await? {
                Some(found) => Ok(Some(found)),
                None => by_row(task, ClientId::parse_uuid(text)).await,
            }
        }
        PathEnd::PrefixedOrClientId(parameter) => {
            let text = task.call.path(parameter);
            match by_row(task, ClientId::parse_prefixed(text)).await? {
                Some(found) => Ok(Some(found)),
                None => by_client_id(&task.app, text, task.acting.tenant()).await,
            }
        }
    }
}

/// The client that the path names.
///
/// # Errors
/// 404 for one that is unknown, or another tenant's.
pub async fn existing(task: &Task, named: PathEnd) -> Result<RegisteredClient, Fault> {
    Ok(find(task, named).await?.ok_or_else(|| no_such(Reason::NoSuchClient))?)
}

async fn by_row(task: &Task, id: Option<ClientId>) -> Result<Option<RegisteredClient>, Fault> {
    match id {
        Some(id) => Ok(task.app.store.registered_client(id, task.acting.tenant()).await?),
        None => Ok(None),
    }
}

/// A tenant's client by its public id.
pub async fn by_client_id(
    app: &App,
    text: &str,
    tenant: TenantId,
) -> Result<Option<RegisteredClient>, Fault> {
    // What cannot be one is not looked for: not every text can be asked of every engine.
    if text.len() > CLIENT_ID_LIMIT || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(None);
    }
    let found = app.store.registered_by_client_id(ClientName::within(text, tenant)).await?;
    let found = found.map(|(found, _)| found);
    Ok(found.filter(|found| found.client.tenant == tenant))
}

/// The page of the tenant's clients that the query asks for, with `unused_for_days=N` only of those that were made
/// longer ago than that and got no token since.
pub async fn asked(task: &Task) -> Result<Listed<RegisteredClient>, Fault> {
    const MOST: i64 = 36_500;
    let days = {
        let query = task.call.query()?;
        let wrong = || OAuthError::of_field("unused_for_days", ShellReason::DaysUnused);
        let read = |text: &str| text.parse().ok().filter(|days| (1..=MOST).contains(days)).ok_or_else(wrong);
        query.get("unused_for_days").map(read).transpose()?
    };
    match days {
        Some(days) => unused_page(task, days).await,
        None => page(task).await,
    }
}

/// The page of those of the tenant's clients that have a text in their name or public id. They are not counted.
pub async fn searched(task: &Task, text: &str) -> Result<Listed<RegisteredClient>, Fault> {
    let (page, text) = (Page::of(&task.call)?, searchable(text)?);
    let of = (task.acting.tenant(), text);
    let rows = task.app.store.clients_search(of, page.after, page.to_read()).await?;
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Ok(page.listed((rows, total), place))
}

/// The page of the tenant's clients that the query asks for.
pub async fn page(task: &Task) -> Result<Listed<RegisteredClient>, Fault> {
    let page = Page::of(&task.call)?;
    let found = task.app.store.clients_page(task.acting.tenant(), page.after, page.to_read()).await?;
    Ok(page.listed(found, place))
}

/// A page of clients that got no token for so many days.
async fn unused_page(task: &Task, days: i64) -> Result<Listed<RegisteredClient>, Fault> {
    const DAY: i64 = 86_400_000_000;
    let page = Page::of(&task.call)?;
    let since = writ_core::time::Micros(task.app.clock.now().0.saturating_sub(days.saturating_mul(DAY)));
    let part = (page.after, page.to_read());
    let found = task.app.store.clients_unused_page(task.acting.tenant(), since, part).await?;
    Ok(page.listed(found, place))
}

fn place(found: &RegisteredClient) -> After {
    After { at: found.registration.created_at, id: found.client.id.to_bytes() }
}

/// URIs and the like as texts.
pub fn texts<T: ToString>(list: &[T]) -> Vec<String> {
    list.iter().map(T::to_string).collect()
}

/// The names of a client's grant types, in the order in which they were sent.
pub fn grant_types(found: &RegisteredClient) -> Vec<&'static str> {
    found.client.grant_types.iter().map(writ_core::client::GrantType::name).collect()
}

/// The scopes of a client, in the order in which they were sent.
pub fn scopes(found: &RegisteredClient) -> Vec<&str> {
    found.client.scope.iter().collect()
}

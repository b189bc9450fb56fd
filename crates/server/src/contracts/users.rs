//! `/api/v1/users`: people, by administrators, by themselves, and by whoever registers.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, header};
use serde::Serialize;
use writ_core::authority::Permission;
use writ_core::caller::{Identity, Needs, TenantHeader};
use writ_core::change::{Actor, Enabled, Origin};
use writ_core::error::{Challenge, ErrorCode, OAuthError};
use writ_core::manage::Violations;
use writ_core::people::Account;
use writ_core::people::accounts::{self, AccountDraft, AccountPatch, NewPassword, ProfilePatch, SentGoing};
use writ_core::people::links::LinkKind;
use writ_core::reason::Reason;
use writ_core::secret::Presented;
use writ_core::settings::Choice;
use writ_core::shell_reason::ShellReason;
use writ_core::subject::Subject;
use writ_core::tenant::Tenant;
use writ_store::After;

use super::fields::Fields;
use super::wire::{Page, json, no_content, time};
use crate::call::answer;
use crate::call::caller::acting;
use crate::call::fault::Fault;
use crate::call::request::Call;
use crate::call::routes::{Answer, RegisteredRoute, Task, repeated, tagged};
use crate::edge::shares::Share;
use crate::manage::account::{AccountWish, OwnAccount};
use crate::manage::accounts::{change, existing, find, hashed, remove, tag};
use crate::manage::named::searchable;
use crate::manage::people::{Repeated, Visitor, about};
use crate::manage::standing::addressed;
use crate::passwords::{self, Lane};
use crate::state::app::App;

#[derive(Serialize)]
struct UserView {
    id: String,
    username: String,
    email: Option<String>,
    email_verified: bool,
    /// There where one waits to be verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_email: Option<String>,
    name: Option<String>,
    roles: Vec<String>,
    enabled: bool,
    /// There where its owner has deleted it, and may still keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    leaves_at: Option<String>,
    created_at: String,
    updated_at: String,
    last_login_at: Option<String>,
}

const USERS: &str = "/api/v1/users";

#[derive(Serialize)]
struct UserList {
    users: Vec<UserView>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Accepted {}

impl From<&Account> for UserView {
    fn from(account: &Account) -> Self {
        Self {
            id: account.user.id.to_string(),
            username: account.user.username.to_string(),
            email: account.email.as_deref().map(str::to_owned),
            email_verified: account.email_is_verified(),
            pending_email: account.new_email.as_deref().map(str::to_owned),
            name: account.name.as_deref().map(str::to_owned),
            roles: account.user.roles.iter().map(ToString::to_string).collect(),
            enabled: account.user.enabled.is_yes(),
            leaves_at: account.leaves_at.map(time),
            created_at: time(account.created_at),
            updated_at: time(account.updated_at),
            last_login_at: account.last_login_at.map(time),
        }
    }
}

fn roles(body: &mut Fields) -> Option<Vec<String>> {
    let sent = body.texts("roles").flatten();
    sent.map(|roles| roles.iter().map(ToString::to_string).collect())
}

/// What was sent of when an account goes: whoever sends back what they have read changes nothing.
fn going(body: &mut Fields, found: Option<&Account>) -> Option<SentGoing> {
    let shown = found.and_then(|found| found.leaves_at).map(time);
    Some(match body.text_or_null("leaves_at")? {
        None => SentGoing::Stays,
        sent if sent == shown => SentGoing::AsShown,
        Some(_) => SentGoing::Else,
    })
}

async fn measured(
    app: &App,
    (lane, password): (Lane, Option<Presented>),
    known: impl FnOnce() -> Vec<String>,
) -> Result<Option<NewPassword>, Fault> {
    match password {
        Some(password) => Ok(Some(app.measured(lane, password, known()).await?)),
        None => Ok(None),
    }
}

/// A new account as it was sent.
async fn draft(app: &App, tenant: &Tenant, (lane, mut body): (Lane, Fields)) -> Result<AccountDraft, Fault> {
    let (username, name, email) = (body.text("username"), body.text("name"), body.text("email"));
    let password = body.secret("password");
    let known = || {
        let sent = [&username, &name, &email].into_iter().flatten().cloned();
        sent.chain([tenant.name.to_string()]).collect()
    };
    let password = measured(app, (lane, password), known).await?;
    Ok(AccountDraft {
        username,
        password,
        password_hash: body.text("password_hash").map(Into::into),
        name,
        email,
        email_verified: body.flag("email_verified"),
        roles: roles(&mut body),
        enabled: body.flag("enabled").map(Enabled::from),
        unread: body.unread(),
    })
}

/// Whoever calls a route that takes calls without a credential, too.
enum By {
    Visitor(Box<Call>, Arc<Tenant>),
    Caller(Box<Task>),
}

async fn by(app: &Arc<App>, mut call: Call) -> Result<By, Fault> {
    if call.local.is_none() && !call.headers.contains_key(header::AUTHORIZATION) {
        let tenant = addressed(app, call.slug.as_deref()).await?;
        return Ok(By::Visitor(Box::new(call), tenant));
    }
    let route = RegisteredRoute {
        method: "POST",
        path: USERS,
        needs: Needs::Anybody,
        tenant: TenantHeader::Optional,
    };
    let acting = acting(app, &mut call, &route).await?;
    Ok(By::Caller(Box::new(Task::by(app, call, acting))))
}

fn answered(app: &App, answer: Answer) -> Response {
    answer.unwrap_or_else(|fault| answer::error(app, &fault))
}

/// `POST /api/v1/users`: by an administrator, or by whoever registers.
pub async fn create(State(app): State<Arc<App>>, call: Call) -> Response {
    let answer = create_by(&app, call).await;
    answered(&app, answer)
}

async fn create_by(app: &Arc<App>, call: Call) -> Answer {
    let (mut call, tenant) = match by(app, call).await? {
        By::Caller(task) => {
            let tenant = task.acting.within().clone();
            if task.acting.caller().permissions.contains(Permission::UsersWrite) {
                return repeated(*task, USERS, |task| create_as_administrator(task, tenant)).await;
            }
            if !tenant.settings.self_registration.is_on() {
                return Err(OAuthError::new(ErrorCode::InsufficientScope, closed(&tenant)).into());
            }
            (Box::new(task.call), Arc::new(tenant))
        }
        By::Visitor(call, tenant) => {
            if !tenant.settings.self_registration.is_on() {
                let error = OAuthError::new(ErrorCode::CredentialRequired, closed(&tenant));
                return Err(error.challenged(Challenge::Both).into());
            }
            (call, tenant)
        }
    };
    if !app.is_open_to_all(&tenant) {
        app.needs_mail("email", ShellReason::AdministratorMakesAccount)?;
    }
    let origin = call.origin();
    // It costs, however it ends: nothing is measured, hashed or sent for whoever has had enough.
    let _ = app.take_share(Share::Registrations, origin.ip, 1)?;
    let body: Fields = call.anonymous_json().await?;
    let draft = draft(app, &tenant, (app.lane(origin.ip), body)).await?;
    let account = app.register(Visitor { tenant: &tenant, origin: &origin, challenge: None }, &draft).await?;
    json(StatusCode::CREATED, &UserView::from(&account))
}

/// Why whoever has not the permission registers nobody, and who can change that.
fn closed(tenant: &Tenant) -> Reason {
    let why = tenant.settings.left_to_administrators.turned_on_by(Choice::SelfRegistration);
    Reason::RegistrationClosed { permission: Permission::UsersWrite.name().into(), why: why.into() }
}

async fn create_as_administrator(mut task: Task, tenant: Tenant) -> Answer {
    let app = Arc::clone(&task.app);
    let body: Fields = task.call.json().await?;
    let mut draft = draft(&app, &tenant, (Lane::HOUSE, body)).await?;
    if let Some(why) = draft.password_hash.as_deref().and_then(passwords::import_problem) {
        draft.unread.note("password_hash", why);
    }
    let defined = app.store.roles(tenant.id).await?;
    let plan = accounts::plan_create(&draft, &defined, &task.deed())?;
    let hash = match (hashed(&app, draft.password.as_ref()).await?, &draft.password_hash) {
        (Some(hash), _) => hash,
        (None, Some(imported)) => Arc::clone(imported),
        (None, None) => return Err(Fault::internal("a plan without a password")),
    };
    let (account, changes) = plan.finish(hash, &task.deed().scene());
    let changes = task.through(changes);
    task.create(|_, _| Ok((account, changes)), |account| json(StatusCode::CREATED, &UserView::from(&account)))
        .await
}

/// `GET /api/v1/users`.
pub async fn list(task: Task) -> Answer {
    let page = Page::of(&task.call)?;
    let query = task.call.query()?;
    if let Some(sub) = query.get("sub") {
        return by_subject(&task, sub).await;
    }
    if let Some(username) = query.get("username") {
        return by_name(&task, username).await;
    }
    let (tenant, store) = (task.acting.tenant(), &task.app.store);
    let (mut users, total) = match query.get("search") {
        Some(text) => {
            let text = searchable(text)?;
            store.accounts_search((tenant, text), page.after, page.to_read()).await?
        }
        None => store.accounts_page(tenant, page.after, page.to_read()).await?,
    };
    let next_cursor =
        page.cut(&mut users, |account| After { at: account.created_at, id: account.user.id.to_bytes() });
    json(StatusCode::OK, &UserList { users: users.iter().map(UserView::from).collect(), total, next_cursor })
}

/// Whoever tokens call so: one, or nobody.
async fn by_subject(task: &Task, sub: &str) -> Answer {
    let subject = Subject::parse(sub)
        .ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest, ShellReason::SubUnreadable))?;
    one_or_none(task.app.store.account_by_subject(subject, task.acting.tenant()).await?.as_ref())
}

/// Whoever signs in with this username, or with this address, which is verified: one, or nobody.
async fn by_name(task: &Task, username: &str) -> Answer {
    let found = task.app.person_named(username, task.acting.tenant()).await?;
    one_or_none(found.as_ref())
}

fn one_or_none(found: Option<&Account>) -> Answer {
    let users: Vec<_> = found.map(UserView::from).into_iter().collect();
    let total = users.len().try_into().unwrap_or_default();
    json(StatusCode::OK, &UserList { users, total, next_cursor: None })
}

/// `GET /api/v1/users/{user_id}`.
pub async fn show(task: Task) -> Answer {
    let found = existing(&task).await?;
    task.show(&tag(&found), json(StatusCode::OK, &UserView::from(&found)))
}

/// `PUT /api/v1/users/{user_id}`: changes only what is sent.
pub async fn update(mut task: Task) -> Answer {
    let app = Arc::clone(&task.app);
    let mut body: Fields = task.call.json().await?;
    let tenant = task.acting.within().clone();
    let found = find(&task).await?;
    let known = || found.as_ref().map(|account| about(account, &tenant)).unwrap_or_default();
    let patch = AccountPatch {
        username: body.text("username"),
        password: measured(&app, (Lane::HOUSE, body.secret("password")), known).await?,
        name: body.text_or_null("name"),
        email: body.text_or_null("email"),
        email_verified: body.flag("email_verified"),
        pending_email: body.text_or_null("pending_email"),
        roles: roles(&mut body),
        enabled: body.flag("enabled").map(Enabled::from),
        going: going(&mut body, found.as_ref()),
        unread: body.unread(),
    };
    let account = change(&task, &patch, found.as_ref()).await?;
    tagged(&tag(&account), json(StatusCode::OK, &UserView::from(&account)))
}

/// `DELETE /api/v1/users/{user_id}`. Where somebody else changes it at the same time, it is decided anew.
pub async fn delete(task: Task) -> Answer {
    remove(&task).await?;
    Ok(no_content())
}

/// `PUT /api/v1/users/profile`: a person changes their own account.
pub async fn profile(mut task: Task) -> Answer {
    let app = Arc::clone(&task.app);
    let mut body: Fields = task.call.json().await?;
    let tenant = task.acting.within().clone();
    let Identity::Person { user, .. } = &task.acting.caller().identity else {
        return Err(Fault::internal("a profile of nobody"));
    };
    let (password, current) = (body.secret("password"), body.secret("current_password"));
    let patch = ProfilePatch {
        name: body.text_or_null("name"),
        email: body.text("email"),
        pending_email: body.text_or_null("pending_email"),
        password: None,
        unread: body.unread(),
    };
    let wish = AccountWish { patch, password, current, ..AccountWish::default() };
    let deed = task.deed();
    let through = task.acting.caller().through();
    let own = OwnAccount { tenant: &tenant, user: *user, scene: deed.scene(), through };
    let (account, changes) = app.change_own(&own, wish).await?;
    let account = task.write(Ok((account, changes))).await?;
    json(StatusCode::OK, &UserView::from(&account))
}

/// What somebody sent about a link: a name to send one to, or one that they got.
enum LinkRequest {
    Name(String),
    Token(Presented),
}

/// Reads `username` or `token`: one of them has to be there.
fn sent(body: &mut Fields) -> Option<LinkRequest> {
    match (body.secret("token"), body.text("username")) {
        (Some(token), None) => Some(LinkRequest::Token(token)),
        (None, Some(username)) => Some(LinkRequest::Name(username)),
        (Some(_), Some(_)) => {
            body.wrong("token", ShellReason::NotBesideUsername);
            None
        }
        (None, None) => {
            body.wrong("username", ShellReason::UsernameOrLink);
            None
        }
    }
}

/// A request that needs no credential.
struct Visit {
    body: Fields,
    tenant: Arc<Tenant>,
    origin: Origin,
    /// Whoever sent one all the same is in the audit log.
    actor: Actor,
}

async fn visit(app: &Arc<App>, call: Call) -> Result<Visit, Fault> {
    let (mut call, tenant, actor) = match by(app, call).await? {
        By::Visitor(call, tenant) => (call, tenant, Actor::Anonymous),
        By::Caller(task) => {
            let tenant = Arc::new(task.acting.within().clone());
            let actor = task.acting.caller().actor();
            (Box::new(task.call), tenant, actor)
        }
    };
    let body: Fields = call.anonymous_json().await?;
    let origin = call.origin();
    Ok(Visit { body, tenant, origin, actor })
}

/// `POST /api/v1/users/reset-password`.
pub async fn reset_password(State(app): State<Arc<App>>, call: Call) -> Response {
    let answer = reset(&app, call).await;
    answered(&app, answer)
}

async fn reset(app: &Arc<App>, call: Call) -> Answer {
    let Visit { mut body, tenant, origin, actor } = visit(app, call).await?;
    let sent = sent(&mut body);
    let new_password = body.secret("new_password");
    let mut violations: Violations = body.unread();
    if matches!(sent, Some(LinkRequest::Token(_))) {
        violations.require("new_password", new_password.as_ref());
    }
    let sent = violations.settle_with(sent)?;
    let visitor = Visitor { tenant: &tenant, origin: &origin, challenge: None };
    match (sent, new_password) {
        (LinkRequest::Token(token), Some(password)) => {
            app.reset_password(visitor, &token, password, Repeated::IsRefused).await?;
            Ok(no_content())
        }
        (LinkRequest::Token(_), None) => Err(Fault::internal("a reset without a password")),
        (LinkRequest::Name(username), _) => {
            app.send_link_by(actor, (LinkKind::Reset, visitor), &username).await?;
            json(StatusCode::ACCEPTED, &Accepted {})
        }
    }
}

/// `POST /api/v1/users/verify-email`.
pub async fn verify_email(State(app): State<Arc<App>>, call: Call) -> Response {
    let answer = verify(&app, call).await;
    answered(&app, answer)
}

async fn verify(app: &Arc<App>, call: Call) -> Answer {
    let Visit { mut body, tenant, origin, actor } = visit(app, call).await?;
    let sent = sent(&mut body);
    let sent = body.unread().settle_with(sent)?;
    let visitor = Visitor { tenant: &tenant, origin: &origin, challenge: None };
    match sent {
        LinkRequest::Token(token) => {
            app.verify_email(visitor, &token, Repeated::IsRefused).await?;
            Ok(no_content())
        }
        LinkRequest::Name(username) => {
            app.send_link_by(actor, (LinkKind::Verify, visitor), &username).await?;
            json(StatusCode::ACCEPTED, &Accepted {})
        }
    }
}

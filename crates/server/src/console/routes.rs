//! How a page of the console is registered: never without saying what it needs of whoever looks at it, and how much it
//! weighs.
//!
//! A handler is given an [`AtWork`], and there is no other way to one than [`enter`], which asks the same [`act`] as the
//! management APIs: a page of the console has no rule of its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use writ_core::caller::{Acting, Addressed, Caller, Identity, Needs, Scheme, TenantHeader, act};
use writ_core::console::{Gravity, demanded, enter as may_enter};
use writ_core::form::{Form, encode_component};
use writ_core::tenant::Tenant;

use super::again::prove_again;
use super::at_work::{AtWork, REPEATABLE, Signed};
use super::trouble;
use crate::call::caller::{elsewhere, may_manage_from};
use crate::call::csrf::{For, from_our_own_page};
use crate::call::fault::Fault;
use crate::call::html;
use crate::call::repeats::Repeat;
use crate::call::request::Call;
use crate::call::routes::{Answer, Paths, Task};
use crate::manage::standing::{addressed, place, with_cookie};
use crate::state::app::App;

/// What a page of the console was registered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsoleRoute {
    /// HTTP method.
    pub method: &'static str,
    /// Path, with its parameters in braces.
    pub path: &'static str,
    /// What it needs of whoever is signed in.
    pub needs: Needs,
    /// How much it weighs.
    pub gravity: Gravity,
}

type AnyPage = dyn Fn(Arc<AtWork>) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync;

struct Registered {
    route: ConsoleRoute,
    page: Box<AnyPage>,
}

/// The pages of the console.
#[derive(Default)]
pub struct ConsoleRoutes(Vec<Registered>);

impl ConsoleRoutes {
    /// Registers a page that shows something, or a form that changes what can be changed back.
    #[must_use]
    pub(super) fn on<H, F>(self, route: (&'static str, &'static str), needs: Needs, page: H) -> Self
    where
        H: Fn(Arc<AtWork>) -> F + Send + Sync + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        self.add(route, (needs, Gravity::Plain), Box::new(move |work| Box::pin(page(work))))
    }

    /// Registers what cannot be taken back, and the page that leads to it.
    #[must_use]
    pub(super) fn grave<H, F>(self, route: (&'static str, &'static str), needs: Needs, page: H) -> Self
    where
        H: Fn(Arc<AtWork>) -> F + Send + Sync + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        self.add(route, (needs, Gravity::Grave), Box::new(move |work| Box::pin(page(work))))
    }

    fn add(mut self, route: (&'static str, &'static str), of: (Needs, Gravity), page: Box<AnyPage>) -> Self {
        let route = ConsoleRoute { method: route.0, path: route.1, needs: of.0, gravity: of.1 };
        self.0.push(Registered { route, page });
        self
    }

    /// What was registered.
    pub fn registered(&self) -> Vec<ConsoleRoute> {
        self.0.iter().map(|one| one.route).collect()
    }

    /// As paths of the server.
    pub fn paths(self) -> Paths {
        let mut by_path: Vec<(&'static str, axum::routing::MethodRouter<Arc<App>>)> = Vec::new();
        for one in self.0 {
            let (path, filter) = (one.route.path, filter(one.route.method));
            let one = Arc::new(one);
            let endpoint = move |State(app): State<Arc<App>>, call: Call| {
                let one = Arc::clone(&one);
                async move { one.answer(app, call).await }
            };
            match by_path.iter_mut().find(|(known, _)| *known == path) {
                Some((_, methods)) => *methods = std::mem::take(methods).on(filter, endpoint),
                None => by_path.push((path, on(filter, endpoint))),
            }
        }
        by_path.into_iter().fold(Paths::default(), |paths, (path, methods)| paths.route(path, methods))
    }
}

fn filter(method: &str) -> MethodFilter {
    if method == "POST" { MethodFilter::POST } else { MethodFilter::GET }
}

impl Registered {
    async fn answer(&self, app: Arc<App>, call: Call) -> Response {
        let work = match Box::pin(enter(&app, call, &self.route)).await {
            Ok(work) => Arc::new(work),
            Err(Stopped(response)) => return *response,
        };
        let answer = match work.task.before().await {
            Ok(Some(before)) => return before,
            Ok(None) => (self.page)(Arc::clone(&work)).await,
            Err(fault) => Err(fault),
        };
        match answer {
            Ok(page) => page,
            // Perhaps the same form was faster.
            Err(fault) => match work.task.before().await {
                Ok(Some(before)) => before,
                Ok(None) | Err(_) => trouble::page(&work, &fault),
            },
        }
    }
}

/// What is answered in place of a page.
struct Stopped(Box<Response>);

impl From<Response> for Stopped {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl<E: Into<Fault>> From<E> for Stopped {
    fn from(error: E) -> Self {
        html::failed(&error.into()).into()
    }
}

/// Whoever is signed in in the browser, at the page that was asked for, if they may be there: everything is read afresh.
async fn enter(app: &Arc<App>, mut call: Call, route: &ConsoleRoute) -> Result<AtWork, Stopped> {
    let is_form = route.method == "POST";
    if is_form {
        from_our_own_page(&call.headers, &app.base).map_err(Fault::from)?;
    }
    let home = addressed(app, call.slug.as_deref()).await?;
    let browser = app.browser(&call.headers).await?;
    let session = app.session(browser.as_ref(), &home).await?;
    let (Some(browser), Some(session)) = (browser, session) else {
        return Err(to_sign_in(app, &home, way(route, &call, &home)).into());
    };
    let found = app.store.user(session.user, home.id).await.map_err(Fault::from)?;
    let Some(user) = found.filter(|user| user.enabled.is_yes()) else {
        return Err(to_sign_in(app, &home, None).into());
    };
    let permissions = app.store.given_by_roles(&user.roles, home.id).await.map_err(Fault::from)?.permissions;
    let identity = Identity::AtConsole { user: user.id, username: Arc::clone(&user.username) };
    let caller = Caller { identity, home: home.id, permissions, scheme: Scheme::Cookie };
    app.recognise(&call.context, &caller)?;
    may_enter(permissions).map_err(Fault::from)?;
    let addressed = Addressed { path: None, header: None };
    let signed = Signed { home: Arc::clone(&home), browser, session };
    let (permit, refused) = match act(caller.clone(), route.needs, addressed, TenantHeader::Optional) {
        Ok(permit) => (permit, None),
        // What somebody may not is said on a page of the console, where they see what they may.
        Err(refusal) => (
            act(caller, Needs::Anybody, addressed, TenantHeader::Optional).map_err(Fault::from)?,
            Some(Fault::from(refusal)),
        ),
    };
    let tenant = app.store.tenant_by_id(permit.tenant()).await.map_err(Fault::from)?;
    let acting = permit.within(tenant).map_err(Fault::from)?;
    may_manage_from(app, call.context.whence, &acting).await?;
    let managed = elsewhere(app, &acting).await?;
    for tenant in managed.iter().chain([acting.within()]) {
        let demand = demanded(&tenant.settings, route.gravity);
        if let Err(error) = demand.met_by(&signed.session.authentication, app.clock.now()) {
            let page = prove_again(&home, &error);
            return Err(with_cookie(page, remembered(app, way(route, &call, &home))).into());
        }
    }
    let body = if is_form && refused.is_none() {
        call.page_form().await.map_err(Fault::from)?
    } else {
        Bytes::new()
    };
    let repeat = repeat(app, &call, (&acting, route), &body);
    let work = AtWork::new(Task::by(app, call, acting).keyed(repeat), signed, body);
    if let Some(fault) = refused {
        return Err(trouble::page(&work, &fault).into());
    }
    if is_form && !work.is_our_form() {
        return Err(trouble::old_form(&work).into());
    }
    Ok(work)
}

/// The key that a form was shown with, where it makes something.
fn repeat(app: &App, call: &Call, (acting, route): (&Acting, &ConsoleRoute), body: &[u8]) -> Option<Repeat> {
    let form = Form::parse_allowing(body, REPEATABLE).ok()?;
    let key = form.get("key")?;
    Repeat::of_form(app, call, (acting, route.path), (key, body))
}

/// The address of a page that was asked for; none for a form.
fn way(route: &ConsoleRoute, call: &Call, home: &Tenant) -> Option<String> {
    if route.method == "POST" {
        return None;
    }
    let mut address = place(home, "");
    for part in route.path.split('/').skip(1) {
        let name = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        address.push('/');
        match name {
            Some(name) => address.push_str(&encode_component(call.path(name))),
            None => address.push_str(part),
        }
    }
    if let Some(query) = &call.query {
        address.extend(["?", query]);
    }
    Some(address)
}

fn remembered(app: &App, way: Option<String>) -> Option<HeaderValue> {
    way.and_then(|way| app.remember_way(&way))
}

/// Where whoever is not signed in signs in, and comes back from.
fn to_sign_in(app: &App, home: &Tenant, way: Option<String>) -> Response {
    let to = place(home, "/account/sign-in?to=console");
    with_cookie(html::see_other(&to), remembered(app, way))
}

/// `GET /admin/enter`: whoever has signed in goes on to where they were.
pub(super) async fn arrive(State(app): State<Arc<App>>, call: Call) -> Response {
    let home = match addressed(&app, call.slug.as_deref()).await {
        Ok(home) => home,
        Err(fault) => return html::failed(&fault),
    };
    let first = place(&home, "/admin");
    let to = came_from(&app, &call.headers, &first).unwrap_or(first);
    with_cookie(html::see_other(&to), app.forget_way())
}

/// The page of this console that a browser remembers: no other address, whoever wrote it down.
fn came_from(app: &App, headers: &HeaderMap, first: &str) -> Option<String> {
    let way = app.way_remembered(headers)?;
    let rest = way.strip_prefix(first)?;
    let is_below = rest.is_empty() || rest.starts_with(['/', '?']);
    let is_plain = rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (is_below && is_plain && !rest.contains("..")).then_some(way)
}

impl AtWork {
    /// Whether the form that was sent is one that this browser was shown.
    fn is_our_form(&self) -> bool {
        let Ok(form) = self.form() else { return false };
        let (app, call) = (&self.task.app, &self.task.call);
        let Signed { home, browser, .. } = &self.signed;
        app.is_our_form(&call.headers, form.get("csrf").unwrap_or_default(), (home.id, For::Browser(browser)))
    }
}

//! How a route of the management APIs is registered: never without saying what it needs.
//!
//! [`ManagedRoutes::on`] takes a [`Needs`] and gives the handler a [`Task`], which holds the
//! [`Acting`] caller. There is no other way to a `Task`, so a handler that has a caller sits
//! behind a route that has said which authority it takes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::StatusCode;
use writ_core::authority::Permission;
use writ_core::caller::{Acting, Effect, Needs, TenantHeader};
use writ_core::change::{Change, Changes, Origin, Receipt};
use writ_core::decision::{Decision, Judgement};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::manage::Deed;
use writ_core::shell_reason::ShellReason;
use writ_store::Constraint;

use crate::call::answer::{self, Shape};
use crate::call::caller::acting;
use crate::call::fault::Fault;
use crate::call::queries::{ListParameters, Queries};
use crate::call::repeats::{Made, Repeat};
use crate::call::request::Call;
use crate::call::versions::{Precondition, Tag, precondition_failed};
use crate::state::app::App;
use crate::state::rounds::{Round, Settled, Unsettled, Verdict};

/// What a handler answers.
pub type Answer = Result<Response, Fault>;

/// A request whose caller may do what its route is for.
pub struct Task {
    /// The server's parts.
    pub app: Arc<App>,
    /// The request.
    pub call: Call,
    /// Who acts, in which tenant.
    pub acting: Acting,
    origin: Origin,
    repeat: Option<Repeat>,
}

impl Task {
    /// Decides on facts that were just read, commits, and gives what was decided.
    ///
    /// # Errors
    /// The refusal; 409 where the facts changed meanwhile or a name is taken; 503.
    pub async fn commit<T>(&self, decide: impl FnOnce(&App, &Deed<'_>) -> Decision<T>) -> Result<T, Fault> {
        self.write(decide(&self.app, &self.deed())).await
    }

    /// As [`commit`](Self::commit), for a change of what has the tag `found`: `If-Match` has to allow it,
    /// both now and, by the version in the statement, when it is written (RFC 9110 §13.1.1). What would be
    /// refused anyway is refused for its own reason (§13.2.1).
    ///
    /// # Errors
    /// As [`commit`](Self::commit); 412 for another version, 400 for an `If-Match` that cannot be read.
    pub async fn commit_on<T>(
        &self,
        found: Option<Tag>,
        decide: impl FnOnce(&App, &Deed<'_>) -> Decision<T>,
    ) -> Result<T, Fault> {
        let verdict = self.on(found, decide(&self.app, &self.deed()))?;
        Ok(done(self.app.settle(verdict).await?)?.0)
    }

    /// Loads, decides and commits; where somebody else changed the same thing at the same time, anew on what they left.
    ///
    /// # Errors
    /// As [`commit`](Self::commit); 409 where it changes in every round.
    pub async fn rounds<T, F>(&self, decide: impl Fn() -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<Verdict<T>, Fault>>,
    {
        let decide = &decide;
        let round = |round: Round| async move {
            match round.taken() {
                Some(constraint) => Ok(taken(constraint).into()),
                None => decide().await,
            }
        };
        Ok(done(self.app.settled(round).await?)?.0)
    }

    /// What was decided about what has the tag `found`, where `If-Match` allows it to be changed.
    ///
    /// # Errors
    /// 412 for another version, 400 for an `If-Match` that cannot be read.
    pub fn on<T>(&self, found: Option<Tag>, decided: Decision<T>) -> Result<Verdict<T>, Fault> {
        let (outcome, changes) = match decided {
            Ok(decided) => decided,
            Err(refusal) => return Ok(Verdict::Refuse(refusal)),
        };
        let Some(asked) = Precondition::to_match(&self.call.headers)? else {
            return Ok(Verdict::Commit(outcome, changes));
        };
        Ok(if found.is_some_and(|tag| asked.allows_change(&tag)) {
            Verdict::Bound(outcome, changes, precondition_failed())
        } else {
            precondition_failed().into()
        })
    }

    /// The version that a removal is bound to: that of `found`, where `If-Match` was sent. Without it, what
    /// is to go goes, whatever was changed meanwhile.
    pub fn only(&self, found: Option<Tag>) -> Option<i64> {
        found.filter(|_| self.call.headers.contains_key(http::header::IF_MATCH)).map(|tag| tag.version())
    }

    /// Decides, makes the answer, and commits both: with an `Idempotency-Key`, the answer is remembered in
    /// the same unit. This is how a route makes something.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub async fn create<T>(
        &self,
        decide: impl FnOnce(&App, &Deed<'_>) -> Decision<T>,
        render: impl FnOnce(T) -> Answer,
    ) -> Answer {
        let (outcome, changes) = match decide(&self.app, &self.deed()) {
            Ok(decided) => decided,
            Err(refusal) => return self.write(Err(refusal)).await,
        };
        let response = render(outcome)?;
        let Some(repeat) = &self.repeat else { return self.write(Ok((response, changes))).await };
        let made = Made::of(changes.act().target);
        let (remembered, response) = repeat.remember(&self.app, response, made).await?;
        self.write(Ok((response, changes.first(Change::Remember(Box::new(remembered)))))).await
    }

    /// Shows one object: 304 to whoever has it already (RFC 9110 §13.1.2).
    ///
    /// # Errors
    /// 400 for an `If-None-Match` that cannot be read.
    pub fn show(&self, tag: &Tag, answer: Answer) -> Answer {
        let known = Precondition::not_to_match(&self.call.headers)?.is_some_and(|asked| asked.is_known(tag));
        let answer =
            if known { Ok(answer::respond(StatusCode::NOT_MODIFIED, &[], Body::empty())) } else { answer };
        tagged(tag, answer)
    }

    /// As [`commit`](Self::commit), where it may turn out that there is nothing to write.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub async fn commit_if(
        &self,
        decide: impl FnOnce(&Deed<'_>) -> Judgement<Option<Changes>>,
    ) -> Result<Option<Receipt>, Fault> {
        match decide(&self.deed()) {
            Ok(None) => Ok(None),
            Ok(Some(changes)) => self.receipt(Ok(((), changes))).await.map(|((), receipt)| Some(receipt)),
            Err(refusal) => self.receipt::<()>(Err(refusal)).await.map(|((), receipt)| Some(receipt)),
        }
    }

    /// Who acts, from where, now.
    pub fn deed(&self) -> Deed<'_> {
        Deed { acting: &self.acting, origin: &self.origin, moment: self.app.moment() }
    }

    /// Names, in the audit record, the client through which a person acts.
    pub fn through(&self, changes: Changes) -> Changes {
        self.deed().through(changes)
    }

    /// Where the request came from.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Commits what was decided, and gives it once it is written.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub async fn write<T>(&self, decided: Decision<T>) -> Result<T, Fault> {
        self.receipt(decided).await.map(|(outcome, _)| outcome)
    }

    async fn receipt<T>(&self, decided: Decision<T>) -> Result<(T, Receipt), Fault> {
        done(self.app.settle(decided.into()).await?)
    }
}

/// What was decided; 409 where it was not written.
fn done<T>(settled: Settled<T>) -> Result<(T, Receipt), Fault> {
    match settled {
        Settled::Done(outcome, receipt) => Ok((outcome, receipt)),
        Settled::Not(Unsettled::Taken(constraint)) => Err(taken(constraint).into()),
        Settled::Not(Unsettled::Lost | Unsettled::Stale) => {
            let text = ShellReason::ChangedMeanwhile;
            Err(OAuthError::new(ErrorCode::Conflict, text).into())
        }
    }
}

/// A name that is taken is the caller's matter.
fn taken(constraint: Constraint) -> OAuthError {
    let why = match constraint {
        Constraint::TenantSlug => ShellReason::TakenSlug,
        Constraint::ClientId => ShellReason::TakenClientId,
        Constraint::Username => ShellReason::TakenUsername,
        Constraint::Address => ShellReason::TakenAddress,
        Constraint::ApiKey => ShellReason::TakenApiKey,
        Constraint::RoleName => ShellReason::TakenRoleName,
        Constraint::ScopeName => ShellReason::TakenScopeName,
        Constraint::ResourceIdentifier => ShellReason::TakenResource,
        Constraint::GroupName => ShellReason::TakenGroupName,
        Constraint::Other => ShellReason::TakenRow,
    };
    OAuthError::new(ErrorCode::Conflict, why)
}

/// An answer that shows one object, with its version.
///
/// # Errors
/// Those of the answer.
pub fn tagged(tag: &Tag, answer: Answer) -> Answer {
    answer.map(|mut response| {
        response.headers_mut().insert(http::header::ETAG, tag.header());
        response
    })
}

/// What a route was registered with: for the documentation, and for the test that walks them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisteredRoute {
    /// HTTP method.
    pub method: &'static str,
    /// Path, with its parameters in braces.
    pub path: &'static str,
    /// What it needs of its caller.
    pub needs: Needs,
    /// Whether it has to be told its tenant.
    pub tenant: TenantHeader,
}

impl RegisteredRoute {
    /// Whether it changes anything: every method but GET is taken to.
    pub fn effect(&self) -> Effect {
        if self.method == "GET" { Effect::Reads } else { Effect::Writes }
    }
}

/// A handler, whichever it is: what stands around all of them is made once, not for each.
type AnyHandler = dyn Fn(Task) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync;

/// A route with what answers it.
struct Managed {
    route: RegisteredRoute,
    shape: Shape,
    takes: Option<ListParameters>,
    handler: Box<AnyHandler>,
}

impl Managed {
    async fn answer(&self, app: &Arc<App>, call: Call) -> Response {
        let (sent, who) = (self.shape.for_caller(&call.headers), call.context.who.clone());
        match self.run(app, call).await {
            Ok(response) => response,
            Err(fault) => {
                let known = who.actor().map_or(sent, |(_, actor)| self.shape.for_actor(actor));
                answer::error_in(known, app, &fault)
            }
        }
    }

    async fn run(&self, app: &Arc<App>, mut call: Call) -> Answer {
        let acting = acting(app, &mut call, &self.route).await?;
        if let Some(takes) = &self.takes {
            takes.nothing_else(&call)?;
        }
        let task = Task::by(app, call, acting);
        match self.route.method {
            "POST" => repeated(task, self.route.path, &self.handler).await,
            _ => (self.handler)(task).await,
        }
    }
}

/// The routes of the management APIs.
#[derive(Default)]
pub struct ManagedRoutes {
    router: Router<Arc<App>>,
    registered: Vec<RegisteredRoute>,
    queries: Option<&'static Queries>,
}

impl ManagedRoutes {
    /// None yet; what lists among them take of a query is said here.
    pub fn taking(queries: &'static Queries) -> Self {
        Self { queries: Some(queries), ..Self::default() }
    }

    /// Registers a route.
    #[must_use]
    pub fn on<H, F>(mut self, route: (&'static str, &'static str), needs: Needs, handler: H) -> Self
    where
        H: Fn(Task) -> F + Send + Sync + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        let route = RegisteredRoute { method: route.0, path: route.1, needs, tenant: TenantHeader::Optional };
        self.add(route, Box::new(move |task| Box::pin(handler(task))));
        self
    }

    /// Registers a route that has to be told its tenant with `X-Tenant-ID`.
    #[must_use]
    pub fn on_named_tenant<H, F>(
        mut self,
        route: (&'static str, &'static str),
        needs: Needs,
        handler: H,
    ) -> Self
    where
        H: Fn(Task) -> F + Send + Sync + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        let route = RegisteredRoute { method: route.0, path: route.1, needs, tenant: TenantHeader::Required };
        self.add(route, Box::new(move |task| Box::pin(handler(task))));
        self
    }

    fn add(&mut self, route: RegisteredRoute, handler: Box<AnyHandler>) {
        let RegisteredRoute { method, path, .. } = route;
        self.registered.push(route);
        let takes = self.queries.and_then(|queries| queries.of(method, path));
        let managed = Arc::new(Managed { route, shape: Shape::of(method, path), takes, handler });
        let endpoint = move |State(app): State<Arc<App>>, call: Call| {
            let managed = Arc::clone(&managed);
            async move { managed.answer(&app, call).await }
        };
        self.router = std::mem::take(&mut self.router).route(path, on(filter(method), endpoint));
    }

    /// The router, and what is in it.
    pub fn finish(self) -> (Router<Arc<App>>, Vec<RegisteredRoute>) {
        (self.router, self.registered)
    }
}

/// Paths as they are registered, remembered: the tests ask each for its methods and look for what the API
/// description says of them.
#[derive(Default)]
pub struct Paths {
    router: Router<Arc<App>>,
    paths: Vec<String>,
}

impl Paths {
    /// Adds a path.
    #[must_use]
    pub fn route(mut self, path: &str, methods: MethodRouter<Arc<App>>) -> Self {
        self.paths.push(path.to_owned());
        self.router = self.router.route(path, methods);
        self
    }

    /// Adds the management routes.
    #[must_use]
    pub fn managed(mut self, managed: ManagedRoutes) -> Self {
        let (router, registered) = managed.finish();
        self.paths.extend(registered.iter().map(|route| route.path.to_owned()));
        self.router = self.router.merge(router);
        self
    }

    /// Adds others.
    #[must_use]
    pub fn merge(mut self, others: Self) -> Self {
        self.paths.extend(others.paths);
        self.router = self.router.merge(others.router);
        self
    }

    /// Adds others below a prefix.
    #[must_use]
    pub fn nest(mut self, prefix: &str, others: Self) -> Self {
        self.paths.extend(others.paths.iter().map(|path| format!("{prefix}{path}")));
        self.router = self.router.nest(prefix, others.router);
        self
    }

    /// The router, and what is in it.
    pub fn finish(self) -> (Router<Arc<App>>, Vec<String>) {
        (self.router, self.paths)
    }
}

impl Task {
    /// A request to a route that also takes calls without a credential, by a caller who has one.
    pub(crate) fn by(app: &Arc<App>, call: Call, acting: Acting) -> Self {
        let origin = call.origin();
        Self { app: Arc::clone(app), call, acting, origin, repeat: None }
    }

    /// The same with the key that a form was shown with: what it makes is made once.
    pub(crate) fn keyed(self, repeat: Option<Repeat>) -> Self {
        Self { repeat, ..self }
    }

    /// What the same request was answered before, if it was.
    ///
    /// # Errors
    /// As [`Repeat::answer`].
    pub(crate) async fn before(&self) -> Result<Option<Response>, Fault> {
        match &self.repeat {
            Some(repeat) => repeat.answer(&self.app, &self.acting).await,
            None => Ok(None),
        }
    }
}

/// Answers a request that makes something; with an `Idempotency-Key`, as the same one was answered before.
pub(crate) async fn repeated<F>(mut task: Task, path: &str, handler: impl FnOnce(Task) -> F) -> Answer
where
    F: Future<Output = Answer>,
{
    let Some(repeat) = Repeat::of(&task.app, &mut task.call, &task.acting, path).await? else {
        return handler(task).await;
    };
    let (app, acting) = (Arc::clone(&task.app), task.acting.clone());
    if let Some(before) = repeat.answer(&app, &acting).await? {
        return Ok(before);
    }
    match handler(Task { repeat: Some(repeat), ..task }).await {
        Ok(response) => Ok(response),
        // Perhaps the same request was faster, here or on another node.
        Err(fault) => repeat.answer(&app, &acting).await?.ok_or(fault),
    }
}

fn filter(method: &str) -> MethodFilter {
    match method {
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "PATCH" => MethodFilter::PATCH,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

/// A permission as a need.
pub const fn permission(permission: Permission) -> Needs {
    Needs::Permission(permission)
}

/// What is one's own, or a permission.
pub const fn own_or(permission: Permission) -> Needs {
    Needs::OwnOr(permission)
}

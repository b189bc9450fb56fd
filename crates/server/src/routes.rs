//! How a route of the management APIs is registered: never without saying what it needs.
//!
//! [`Managed::on`] takes a [`Needs`] and gives the handler a [`Task`], which holds the
//! [`Acting`] caller. There is no other way to a `Task`, so a handler that has a caller sits
//! behind a route that has said which authority it takes.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use writ_core::authority::Permission;
use writ_core::caller::{Acting, Needs, TenantHeader};
use writ_core::change::{Changes, Origin};
use writ_core::decision::{Decision, Refusal};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::manage::Deed;
use writ_store::CommitError;

use crate::answer;
use crate::app::App;
use crate::call::Call;
use crate::caller::acting;
use crate::fault::Fault;

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
}

impl Task {
    /// Decides on facts that were just read, commits, and gives what was decided.
    ///
    /// # Errors
    /// The refusal; 409 where the facts changed meanwhile or a name is taken; 503.
    pub async fn commit<T>(&self, decide: impl FnOnce(&App, &Deed<'_>) -> Decision<T>) -> Result<T, Fault> {
        let deed = Deed { acting: &self.acting, origin: &self.origin, moment: self.app.moment() };
        let (outcome, changes): (T, Changes) =
            decide(&self.app, &deed).map_err(|refusal: Box<Refusal>| Fault::from(refusal))?;
        match self.app.store.commit(changes).await {
            Ok(_) => Ok(outcome),
            Err(CommitError::Conflict(constraint)) => {
                Err(OAuthError::new(ErrorCode::Conflict, constraint.what()).into())
            }
            Err(CommitError::Guard) => Err(OAuthError::new(
                ErrorCode::Conflict,
                "it was changed or removed at the same time; read it again and repeat what still applies",
            )
            .into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a route was registered with: for the documentation, and for the test that walks them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// HTTP method.
    pub method: &'static str,
    /// Path, with its parameters in braces.
    pub path: &'static str,
    /// What it needs of its caller.
    pub needs: Needs,
    /// Whether it has to be told its tenant.
    pub tenant: TenantHeader,
}

/// The routes of the management APIs.
#[derive(Default)]
pub struct Managed {
    router: Router<Arc<App>>,
    registered: Vec<Registered>,
}

impl Managed {
    /// Registers a route.
    #[must_use]
    pub fn on<H, F>(mut self, route: (&'static str, &'static str), needs: Needs, handler: H) -> Self
    where
        H: Fn(Task) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Answer> + Send,
    {
        let (method, path) = route;
        let tenant = TenantHeader::Optional;
        self.registered.push(Registered { method, path, needs, tenant });
        let endpoint = move |State(app): State<Arc<App>>, call: Call| {
            let handler = handler.clone();
            async move {
                match run(&app, call, (needs, tenant), handler).await {
                    Ok(response) => response,
                    Err(fault) => answer::error(&app, &fault),
                }
            }
        };
        self.router = self.router.route(path, on(filter(method), endpoint));
        self
    }

    /// The router, and what is in it.
    pub fn finish(self) -> (Router<Arc<App>>, Vec<Registered>) {
        (self.router, self.registered)
    }
}

async fn run<H, F>(app: &Arc<App>, mut call: Call, needs: (Needs, TenantHeader), handler: H) -> Answer
where
    H: Fn(Task) -> F,
    F: Future<Output = Answer>,
{
    let acting = acting(app, &mut call, needs.0, needs.1).await?;
    let origin = call.origin();
    handler(Task { app: Arc::clone(app), call, acting, origin }).await
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

//! `/consent`: where a person says what an application may have, and where every answer leaves from.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use writ_core::authorize::{
    Approved, ChallengeState, Deciding, Next, ResponseMode, Standing, Subject, approve, decide_later, deny,
    fetch, give, next,
};
use writ_core::change::Origin;
use writ_core::consent::{ConsentFacts, Remember};
use writ_core::error::{ErrorCode, OAuthError};
use writ_core::flow::Outcome;
use writ_core::form::Form;
use writ_core::session::SessionFacts;
use writ_core::tenant::Tenant;

use super::flow::{Page, Shown, challenge_of, foreign_form, load, not_open};
use crate::app::App;
use crate::call::Call;
use crate::fault::Fault;
use crate::html::{self, Forms, STYLE};
use crate::standing::{Committed, ROUNDS, addressed, commit, place, restless, with_challenge};

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    style: &'a str,
    tenant: &'a str,
    client: &'a str,
    username: &'a str,
    target: &'a str,
    scopes: &'a [(&'a str, &'a str)],
    problem: Option<&'a str>,
    action: &'a str,
    csrf: &'a str,
}

/// `GET /consent`.
pub async fn show(State(app): State<Arc<App>>, call: Call) -> Response {
    look(&app, &call).await.unwrap_or_else(|fault| html::failed(&fault))
}

/// `POST /consent`.
pub async fn submit(State(app): State<Arc<App>>, mut call: Call) -> Response {
    decide(&app, &mut call).await.unwrap_or_else(|fault| html::failed(&fault))
}

/// What a person stands before.
struct Before {
    shown: Shown,
    session: Option<SessionFacts>,
    consent: Option<ConsentFacts>,
}

impl Before {
    async fn load(app: &App, call: &Call, tenant: &Tenant) -> Result<Self, Fault> {
        let shown = load(app, call, tenant).await?;
        let session = app.session(Some(&shown.browser), tenant).await?;
        let consent = match &session {
            Some(session) => app.store.consent_of(session.user, shown.waiting.facts.client.id).await?,
            None => None,
        };
        Ok(Self { shown, session, consent })
    }

    fn deciding<'a>(&'a self, app: &'a App, origin: &'a Origin) -> Deciding<'a> {
        let waiting = &self.shown.waiting;
        Deciding {
            facts: &waiting.facts,
            request: &waiting.challenge.request,
            challenge: Some(&waiting.challenge),
            origin,
            moment: app.moment(),
        }
    }

    fn next(&self, app: &App) -> Result<Next<'_>, OAuthError> {
        let waiting = &self.shown.waiting;
        let standing = Standing {
            request: &waiting.challenge.request,
            client: &waiting.facts.client,
            session: self.session.as_ref(),
            consent: self.consent.as_ref(),
            waiting_since: Some(waiting.challenge.created_at),
        };
        next(&standing, app.clock.now())
    }
}

async fn look(app: &App, call: &Call) -> Page {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let origin = call.origin();
    for _ in 0..ROUNDS {
        let before = Before::load(app, call, &tenant).await?;
        let text = challenge_of(&before.shown);
        let deciding = before.deciding(app, &origin);
        let (answered, changes) = match &before.shown.waiting.challenge.state {
            ChallengeState::Answered => return Err(not_open().into()),
            ChallengeState::Agreed { .. } | ChallengeState::Denied => match fetch(&deciding) {
                Some(fetched) => fetched,
                None => return Err(not_open().into()),
            },
            ChallengeState::Waiting => match before.next(app)? {
                Next::SignIn => {
                    let own = tenant.settings.login_url.as_ref();
                    let address = own.map_or_else(|| place(&tenant, "/login"), |own| own.as_str().to_owned());
                    return Ok(html::see_other(&with_challenge(&address, text)));
                }
                Next::Consent(session) => {
                    return match &tenant.settings.consent_url {
                        Some(own) => Ok(html::see_other(&with_challenge(own.as_str(), text))),
                        None => page(app, &tenant, &before, (session, None)).await,
                    };
                }
                Next::Give(session) => give(&deciding, &Subject::from(session), before.consent.as_ref()),
            },
        };
        if let Committed::Done = commit(app, changes).await? {
            return Ok(html::answered(&answered));
        }
    }
    Err(restless())
}

async fn decide(app: &App, call: &mut Call) -> Page {
    let tenant = addressed(app, call.slug.as_deref()).await?;
    let body = call.page_form().await?;
    let form =
        Form::parse(&body).map_err(|error| OAuthError::new(ErrorCode::InvalidRequest, error.to_string()))?;
    let origin = call.origin();
    for _ in 0..ROUNDS {
        let before = Before::load(app, call, &tenant).await?;
        let here = with_challenge(&place(&tenant, "/consent"), challenge_of(&before.shown));
        let challenge = &before.shown.waiting.challenge;
        if !challenge.is_open(app.clock.now()) {
            return Err(not_open().into());
        }
        // Whoever is not, or no longer, signed in as the request wants it begins there.
        let session = match before.next(app)? {
            Next::SignIn => return Ok(html::see_other(&here)),
            Next::Consent(session) | Next::Give(session) => session,
        };
        let token = form.get("csrf").unwrap_or_default();
        if !app.is_our_form(&call.headers, token, (&before.shown.browser, tenant.id)) {
            return page(app, &tenant, &before, (session, Some(foreign_form()))).await;
        }
        let deciding = before.deciding(app, &origin);
        let subject = Subject::from(session);
        // A form that posts the answer on is shown by a GET: this POST only decides.
        let later = challenge.request.to.mode == ResponseMode::FormPost;
        let (answered, changes) = match form.get("decision") {
            Some("allow") => {
                let scope = Approved::scope(&challenge.request, None)?;
                let yes = Approved { known: before.consent.as_ref(), scope, remember: Remember::Yes };
                if later {
                    (None, decide_later(&deciding, &subject, &yes))
                } else {
                    let (answered, changes) = approve(&deciding, &subject, &yes);
                    (Some(answered), changes)
                }
            }
            Some("deny") => {
                let outcome = if later { Outcome::Denied } else { Outcome::Answered };
                let (answered, changes) = deny(&deciding, &subject, outcome);
                (Some(answered).filter(|_| !later), changes)
            }
            Some(_) | None => {
                let error = OAuthError::new(ErrorCode::InvalidRequest, "decision: allow or deny");
                return Err(error.into());
            }
        };
        if let Committed::Done = commit(app, changes).await? {
            return Ok(answered.map_or_else(|| html::see_other(&here), |answered| html::answered(&answered)));
        }
    }
    Err(restless())
}

async fn page(app: &App, tenant: &Tenant, before: &Before, who: (&SessionFacts, Option<&str>)) -> Page {
    let (session, problem) = who;
    let waiting = &before.shown.waiting;
    let request = &waiting.challenge.request;
    let known = app.store.scopes_of(&request.scope, tenant.id).await?;
    let described = |name: &str| known.iter().find(|scope| &*scope.name == name)?.description.as_deref();
    let scopes: Vec<_> =
        request.scope.iter().map(|name| (name, described(name).unwrap_or_default())).collect();
    let page = Consent {
        style: STYLE,
        tenant: &tenant.name,
        client: &waiting.facts.client.name,
        username: session.username.as_deref().unwrap_or_default(),
        target: &request.to.redirect_uri,
        scopes: &scopes,
        problem,
        action: &with_challenge(&place(tenant, "/consent"), challenge_of(&before.shown)),
        csrf: &app.csrf_token(&before.shown.browser, tenant.id),
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(html::private(status, &page, Forms::Own(Some(&request.to.redirect_uri))))
}

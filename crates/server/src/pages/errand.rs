//! What somebody signs in for: a request of an application that waits, or a page of their own account.

use std::borrow::Cow;
use std::sync::Arc;

use axum::response::Response;
use writ_core::authorize::ChallengeState;
use writ_core::claims::AcrDemand;
use writ_core::form::{Form, write_pair};
use writ_core::ids::{ChallengeId, UserId};
use writ_core::session::CookieEntry;
use writ_core::tenant::Tenant;

use super::account::{Leaf, sign_in_place};
use super::flow::{Instead, ShownChallenge, challenge_of, dressed, load};
use super::login::onward;
use crate::call::csrf::For;
use crate::call::html::{self, Forms};
use crate::call::request::Call;
use crate::manage::standing::{addressed, place, with_challenge};
use crate::state::app::App;

/// What somebody is on the way to.
#[derive(Debug, Clone, Copy)]
pub(super) enum SlipBound<'a> {
    /// To the answer of a request that waits.
    Request(&'a str),
    /// To a page of their account.
    Account(Leaf),
}

impl SlipBound<'_> {
    /// What a slip is good for alone.
    pub(super) fn text(&self, tenant: &Tenant) -> String {
        match self {
            Self::Request(challenge) => format!("{}\n{challenge}", tenant.id),
            Self::Account(_) => format!("{}\naccount", tenant.id),
        }
    }

    /// The address of a page on the way.
    pub(super) fn at(&self, tenant: &Tenant, path: &str) -> String {
        let mut address = place(tenant, path);
        let (name, value) = match self {
            Self::Request(challenge) => ("login_challenge", *challenge),
            Self::Account(leaf) => ("to", leaf.name()),
        };
        address.push(if address.contains('?') { '&' } else { '?' });
        write_pair(name, value, &mut address);
        address
    }

    /// Where it begins.
    pub(super) fn beginning(&self, tenant: &Tenant) -> String {
        match self {
            Self::Request(challenge) => with_challenge(&place(tenant, "/login"), challenge),
            Self::Account(leaf) => sign_in_place(tenant, *leaf),
        }
    }
}

/// What somebody signs in for, as the address of a page says.
pub(super) struct Errand {
    pub tenant: Arc<Tenant>,
    /// The request that waits; none: they are on the way to their account.
    pub request: Option<ShownChallenge>,
    pub leaf: Leaf,
}

impl Errand {
    /// What the address says. A request that does not wait any more leads on at once.
    pub(super) async fn of(app: &App, call: &Call) -> Result<Self, Instead> {
        let tenant = addressed(app, call.slug.as_deref()).await?;
        let query = call.query()?;
        let request = match query.get("login_challenge") {
            Some(_) => Some(load(app, call, &tenant).await?),
            None => None,
        };
        if let Some(shown) = &request
            && !matches!(shown.waiting.challenge.state, ChallengeState::Waiting)
        {
            return Err(html::see_other(&onward(&tenant, shown)).into());
        }
        let leaf = query.get("to").map_or(Leaf::Home, Leaf::named);
        Ok(Self { tenant, request, leaf })
    }

    pub(super) fn bound(&self) -> SlipBound<'_> {
        self.request
            .as_ref()
            .map_or(SlipBound::Account(self.leaf), |shown| SlipBound::Request(challenge_of(shown)))
    }

    /// The way to where it begins.
    pub(super) fn again(&self) -> Response {
        html::see_other(&self.bound().beginning(&self.tenant))
    }

    /// How much the application wants to be proved, or the page that somebody is on their way to.
    pub(super) fn demand(&self) -> AcrDemand {
        let own = self.leaf.demand(&self.tenant);
        self.request.as_ref().map_or(own, |shown| shown.waiting.challenge.request.claims.acr())
    }

    /// Where whoever is signed in goes on.
    pub(super) fn onward(&self) -> String {
        match &self.request {
            Some(shown) => onward(&self.tenant, shown),
            None => self.leaf.place(&self.tenant),
        }
    }

    /// The tenant as its pages look on the way there.
    pub(super) fn dressed(&self) -> Cow<'_, Tenant> {
        match &self.request {
            Some(shown) => dressed(&self.tenant, shown),
            None => Cow::Borrowed(&*self.tenant),
        }
    }

    /// What a form of the page is shown for.
    pub(super) fn csrf(&self, app: &App) -> Option<String> {
        let shown = self.request.as_ref()?;
        Some(app.csrf_token(self.tenant.id, For::Challenge(challenge_of(shown))))
    }

    pub(super) fn is_our_form(&self, app: &App, call: &Call, form: &Form<'_>) -> bool {
        let Some(shown) = &self.request else { return true };
        let token = form.get("csrf").unwrap_or_default();
        app.is_our_form(&call.headers, token, (self.tenant.id, For::Challenge(challenge_of(shown))))
    }

    /// Where forms lead in the end: on the way to an application, away from here.
    pub(super) fn forms(&self) -> Forms {
        if self.request.is_some() { Forms::Leaving } else { Forms::Own }
    }

    /// The entry of the cookie that a sign-in for this gives.
    pub(super) fn entry(&self, user: UserId) -> CookieEntry {
        let request = self.request.as_ref().map(|shown| shown.waiting.challenge.id);
        entry_for(request, user)
    }

    /// What the request has cost its network comes back once somebody is signed in for it.
    pub(super) fn arrived(&self, app: &App, call: &Call) {
        if let Some(shown) = &self.request {
            app.give_back_authorization(&shown.waiting.challenge.request, call.origin().ip);
        }
    }
}

/// The entry of the cookie of a sign-in for a request, or for none.
pub(super) fn entry_for(request: Option<ChallengeId>, user: UserId) -> CookieEntry {
    // No request has this id: those are random.
    CookieEntry { challenge: request.unwrap_or(ChallengeId::from_bytes([0; 16])), user }
}

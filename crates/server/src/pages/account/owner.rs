//! Whoever stands before their own account, and where its pages are.

use std::sync::Arc;

use axum::response::Response;
use writ_core::change::{Actor, Origin};
use writ_core::claims::AcrDemand;
use writ_core::form::Form;
use writ_core::manage::claims::ClaimsFacts;
use writ_core::scene::Scene;
use writ_core::session::{Lifetimes, SessionFacts};
use writ_core::step_up::DemandedAcr;
use writ_core::tenant::Tenant;

use super::super::flow::Instead;
use super::super::people::posted;
use crate::call::browser::Browser;
use crate::call::csrf::For;
use crate::call::html;
use crate::call::request::Call;
use crate::manage::account::OwnAccount;
use crate::manage::standing::{addressed, place};
use crate::state::app::App;

/// Where somebody is led who has to sign in first: to these pages of their account, and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pages) enum Leaf {
    Home,
    Profile,
    Email,
    Password,
    Activity,
    Delete,
    App,
    Factor,
    Codes,
    Connections,
    Passkey,
    /// The console, where they were on it.
    Console,
}

impl Leaf {
    const ALL: [Self; 12] = [
        Self::Home,
        Self::Profile,
        Self::Email,
        Self::Password,
        Self::Activity,
        Self::Delete,
        Self::App,
        Self::Factor,
        Self::Codes,
        Self::Connections,
        Self::Passkey,
        Self::Console,
    ];

    pub(in crate::pages) const fn name(self) -> &'static str {
        match self {
            Self::Home => "",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Password => "password",
            Self::Activity => "activity",
            Self::Delete => "delete",
            Self::App => "app",
            Self::Factor => "factor",
            Self::Codes => "codes",
            Self::Connections => "connection",
            Self::Passkey => "passkey",
            Self::Console => "console",
        }
    }

    pub(in crate::pages) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|leaf| leaf.name() == name).unwrap_or(Self::Home)
    }

    /// How much has to be proved on the way there: what the tenant demands of whoever manages it is asked for at once.
    pub(in crate::pages) fn demand(self, tenant: &Tenant) -> AcrDemand {
        match (self, tenant.settings.management_acr) {
            (Self::Console, Some(DemandedAcr::TwoFactors)) => AcrDemand::Required,
            _ => AcrDemand::Nothing,
        }
    }

    /// Its address.
    pub(in crate::pages) fn place(self, tenant: &Tenant) -> String {
        match self {
            Self::Home => place(tenant, "/account"),
            Self::Console => place(tenant, "/admin/enter"),
            leaf => place(tenant, &format!("/account/{}", leaf.name())),
        }
    }
}

/// Somebody who is signed in in a browser, in front of their own account.
pub(in crate::pages) struct Owner {
    pub(super) tenant: Arc<Tenant>,
    pub(super) browser: Browser,
    pub(super) session: SessionFacts,
}

impl Owner {
    /// Whoever is signed in; else the way to sign in, and back to the page.
    pub(super) async fn of(app: &App, call: &Call, leaf: Leaf) -> Result<Self, Instead> {
        let tenant = addressed(app, call.slug.as_deref()).await?;
        let browser = app.browser(&call.headers).await?;
        let session = app.session(browser.as_ref(), &tenant).await?;
        match (browser, session) {
            (Some(browser), Some(session)) => Ok(Self { tenant, browser, session }),
            (Some(_) | None, Some(_) | None) => Err(html::see_other(&sign_in_place(&tenant, leaf)).into()),
        }
    }

    /// The account with its claims. Somebody may have removed it since.
    pub(super) async fn account(&self, app: &App) -> Result<ClaimsFacts, Instead> {
        let found = app.store.claims(self.session.user, self.tenant.id).await?;
        found.ok_or_else(|| html::see_other(&sign_in_place(&self.tenant, Leaf::Home)).into())
    }

    pub(super) fn csrf(&self, app: &App) -> String {
        app.csrf_token(self.tenant.id, For::Browser(&self.browser))
    }

    pub(super) fn is_our_form(&self, app: &App, sent: (&Call, &Form<'_>)) -> bool {
        let (call, form) = sent;
        self.is_ours(app, (call, form.get("csrf").unwrap_or_default()))
    }

    /// The same by what it sends back.
    pub(super) fn is_ours(&self, app: &App, (call, token): (&Call, &str)) -> bool {
        app.is_our_form(&call.headers, token, (self.tenant.id, For::Browser(&self.browser)))
    }

    pub(super) fn scene<'a>(&self, app: &'a App, origin: &'a Origin) -> Scene<'a> {
        let (id, name) = (self.session.user, self.session.username.clone().unwrap_or_default());
        Scene { tenant: self.tenant.id, actor: Actor::User { id, name }, origin, moment: app.moment() }
    }

    pub(super) fn own<'a>(&'a self, app: &'a App, origin: &'a Origin) -> OwnAccount<'a> {
        let (tenant, user) = (&*self.tenant, self.session.user);
        OwnAccount { tenant, user, scene: self.scene(app, origin), through: None }
    }

    pub(super) fn place(&self, leaf: Leaf) -> String {
        leaf.place(&self.tenant)
    }

    /// The page once something was done: it says so.
    pub(super) fn done(&self, what: &str) -> Response {
        html::see_other(&format!("{}?done={what}", self.place(Leaf::Home)))
    }

    pub(super) fn lifetimes(&self) -> Lifetimes {
        Lifetimes::from(&self.tenant.settings)
    }
}

pub(in crate::pages) fn sign_in_place(tenant: &Tenant, leaf: Leaf) -> String {
    let address = place(tenant, "/account/sign-in");
    if leaf == Leaf::Home { address } else { format!("{address}?to={}", leaf.name()) }
}

/// The head of every page of an account.
pub(in crate::pages) struct Top {
    /// The address of the account.
    pub(super) account: String,
    pub(super) sign_out: String,
    leaf: Leaf,
}

impl Top {
    pub(super) fn of(tenant: &Tenant, leaf: Leaf) -> Self {
        Self { account: Leaf::Home.place(tenant), sign_out: place(tenant, "/logout"), leaf }
    }

    pub(super) fn is_home(&self) -> bool {
        self.leaf == Leaf::Home
    }
}

/// A form that was sent from the page of the account.
pub(super) async fn sent(app: &App, call: &mut Call, leaf: Leaf) -> Result<(Owner, bytes::Bytes), Instead> {
    let (_, body) = posted(app, call).await?;
    Ok((Owner::of(app, call, leaf).await?, body))
}

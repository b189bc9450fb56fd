//! Signing out in a browser, asked for by an application or on the page: loading what core decides on, and the way on.

use axum::response::Response;
use writ_core::form::{Form, write_pair};
use writ_core::hint::SentHint;
use writ_core::logout::{LogoutWish, PARAMETERS, asking};
use writ_core::session::{SessionFacts, sign_out};
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::call::html;
use crate::call::request::Call;
use crate::manage::standing::{place, registered, with_cookie};
use crate::state::app::App;
use crate::state::rounds::Verdict;

/// What a browser that has signed out here goes on with: applications have their say on the page that it leads to.
pub(crate) const DONE: &str = "done";

/// A request to sign somebody out, as far as it was read.
#[derive(Clone, Copy)]
pub(crate) struct SignOutRequest<'a> {
    /// Of which tenant.
    pub tenant: &'a Tenant,
    /// The request.
    pub call: &'a Call,
    /// What was sent.
    pub form: &'a Form<'a>,
    /// What an application wishes.
    pub wish: &'a LogoutWish,
}

/// What an application wishes of a sign-out.
///
/// # Errors
/// `invalid_request` for a hint that is not ours, a client that it is not for, and an address that is not registered:
/// none of them may send a person anywhere.
pub(crate) async fn wish(app: &App, tenant: &Tenant, form: &Form<'_>) -> Result<LogoutWish, Fault> {
    let issuer = app.issuer(tenant);
    let hint: SentHint = app.hinted(form.get("id_token_hint"), (tenant, &issuer)).await?;
    let found = match asking(form, &hint)? {
        Some(client_id) => registered(app, client_id, tenant.id).await?,
        None => None,
    };
    Ok(LogoutWish::read(form, &hint, found.as_ref().map(|(client, _)| client))?)
}

impl SignOutRequest<'_> {
    /// The page on which a person signs out, with all that was sent.
    pub(crate) fn page(&self) -> String {
        let mut address = place(self.tenant, "/logout");
        for (at, (name, value)) in self.sent().enumerate() {
            address.push(if at == 0 { '?' } else { '&' });
            write_pair(name, value, &mut address);
        }
        address
    }

    /// The page that a browser sees which has signed out.
    pub(crate) fn page_afterwards(&self) -> String {
        let page = self.page();
        let separator = if page.contains('?') { '&' } else { '?' };
        format!("{page}{separator}{DONE}=1")
    }

    /// What was sent of what the page takes.
    pub(crate) fn sent(&self) -> impl Iterator<Item = (&'static str, &str)> {
        PARAMETERS.into_iter().filter_map(|name| Some((name, self.form.get(name)?)))
    }

    /// Ends a sign-in, and sends the browser on: to where the application wants it, or to our page first where other
    /// applications are told there.
    pub(crate) async fn end(&self, app: &App, session: &SessionFacts) -> Result<Verdict<Response>, Fault> {
        let on = match &self.wish.back {
            Some(back) if app.store.told_in_browser(session.id).await?.is_empty() => back.clone(),
            Some(_) | None => self.page_afterwards(),
        };
        let changes = sign_out(self.tenant.id, session, &self.call.origin(), &app.moment());
        let forgotten = app.forget_browser_state(self.tenant);
        Ok(Verdict::Commit(with_cookie(html::see_other(&on), forgotten), changes))
    }
}

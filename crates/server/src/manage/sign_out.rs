//! What an application may wish of a sign-out: loading what core decides on.

use writ_core::form::Form;
use writ_core::hint::Sent;
use writ_core::logout::{asking, needs_no_asking, way_back};
use writ_core::session::SessionFacts;
use writ_core::subject::Subject;
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::manage::standing::registered;
use crate::state::app::App;

pub(crate) use writ_core::logout::PARAMETERS;

/// Who is meant, and where the browser goes afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// Whom the application means, as it has shown by an ID token of ours.
    pub person: Option<Subject>,
    /// The whole address; none: a page of ours.
    pub back: Option<String>,
}

impl Wish {
    /// Reads what was sent.
    ///
    /// # Errors
    /// `invalid_request` for a hint that is not ours, a client that it is not for, and an address that is not
    /// registered: none of them may send a person anywhere.
    pub(crate) async fn read(app: &App, tenant: &Tenant, form: &Form<'_>) -> Result<Self, Fault> {
        let issuer = app.issuer(tenant);
        let hint = app.hinted(form.get("id_token_hint"), (tenant, &issuer)).await?;
        let found = match asking(form, &hint)? {
            Some(client_id) => registered(app, client_id, tenant.id).await?,
            None => None,
        };
        let person = match &hint {
            Sent::Token(hinted) => Some(hinted.subject),
            Sent::Nothing | Sent::Bad => None,
        };
        Ok(Self { person, back: way_back(form, found.as_ref().map(|(client, _)| client))? })
    }

    /// Whether somebody is signed out without being asked.
    pub(crate) fn needs_no_asking(&self, tenant: &Tenant, session: &SessionFacts) -> bool {
        needs_no_asking(&tenant.settings, (self.person, self.back.as_deref()), session)
    }
}

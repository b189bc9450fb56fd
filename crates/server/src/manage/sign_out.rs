//! What an application may wish of a sign-out: loading what core decides on.

use writ_core::form::Form;
use writ_core::logout::{asking, way_back};
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::manage::standing::registered;
use crate::state::app::App;

pub(crate) use writ_core::logout::PARAMETERS;

/// Where the browser goes afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
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
        Ok(Self { back: way_back(form, found.as_ref().map(|(client, _)| client))? })
    }
}

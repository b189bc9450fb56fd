//! What an application may wish of a sign-out (OpenID Connect RP-Initiated Logout 1.0 §2), checked.

use writ_core::error::{ErrorCode, OAuthError};
use writ_core::form::{Form, write_pair};
use writ_core::session::SessionFacts;
use writ_core::subject::Subject;
use writ_core::tenant::Tenant;

use crate::call::fault::Fault;
use crate::manage::standing::registered;
use crate::state::app::App;

/// The parameters that are carried to the page and back.
pub(crate) const PARAMETERS: [&str; 4] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

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
        let invalid = |why: &'static str| Fault::from(OAuthError::new(ErrorCode::InvalidRequest, why));
        let issuer = app.issuer(tenant);
        let hinted = match form.get("id_token_hint") {
            Some(token) => match app.hinted(token, (tenant, &issuer)).await? {
                Some(hinted) => Some(hinted),
                None => return Err(invalid("id_token_hint: not an ID token of this issuer")),
            },
            None => None,
        };
        let client_id = match (form.get("client_id"), hinted.as_ref().map(|hinted| &*hinted.client_id)) {
            (Some(named), Some(hinted)) if named != hinted => {
                return Err(invalid("client_id: not the one that id_token_hint was issued to"));
            }
            (named, hinted) => named.or(hinted),
        };
        let person = hinted.as_ref().map(|hinted| hinted.subject);
        let Some(uri) = form.get("post_logout_redirect_uri") else { return Ok(Self { person, back: None }) };
        let found = match client_id {
            Some(client_id) => registered(app, client_id, tenant.id).await?,
            None => return Err(invalid("post_logout_redirect_uri: it needs client_id or id_token_hint")),
        };
        let known = found.is_some_and(|(client, _)| {
            client.registration.post_logout_redirect_uris.iter().any(|known| known.matches(uri))
        });
        if !known {
            return Err(invalid("post_logout_redirect_uri: not one that is registered for this application"));
        }
        let mut back = uri.to_owned();
        if let Some(state) = form.get("state") {
            back.push(if uri.contains('?') { '&' } else { '?' });
            write_pair("state", state, &mut back);
        }
        Ok(Self { person, back: Some(back) })
    }

    /// Whether somebody is signed out without being asked (OpenID Connect RP-Initiated Logout 1.0 §2): the application has
    /// shown that it means them, the address is registered, and the tenant does not want them to be asked all the same.
    pub(crate) fn needs_no_asking(&self, tenant: &Tenant, session: &SessionFacts) -> bool {
        !tenant.settings.confirm_sign_out.is_on()
            && self.back.is_some()
            && self.person == Some(Subject::of(session.user))
    }
}

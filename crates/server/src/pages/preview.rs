//! Pages as they would look with settings that are not kept: what is on them is made up, and their forms lead nowhere.

use axum::response::Response;
use writ_core::tenant::Tenant;

use super::account;
use super::consent;
use super::register;
use crate::call::assets::{PASSKEYS, SCRIPT, STYLE};
use crate::call::fault::Fault;
use crate::state::app::App;

/// Bytes of a page at the most.
const MOST: usize = 1024 * 1024;

/// Where people sign in.
pub(crate) fn sign_in(app: &App, tenant: &Tenant) -> Response {
    account::sign_in_page(app, tenant)
}

/// Where people register.
pub(crate) fn registration(tenant: &Tenant) -> Response {
    register::sample(tenant)
}

/// Where people are asked for their consent.
pub(crate) fn consent(tenant: &Tenant) -> Response {
    consent::sample(tenant)
}

/// The text of a page, with its stylesheet in it, and without its scripts: its forms lead nowhere.
///
/// # Errors
/// Ours.
pub(crate) async fn whole(page: Response) -> Result<String, Fault> {
    let body = axum::body::to_bytes(page.into_body(), MOST).await.map_err(Fault::internal)?;
    let text = String::from_utf8(body.into()).map_err(Fault::internal)?;
    let link = format!("<link rel=\"stylesheet\" href=\"{}\">", STYLE.path);
    let text = [&*SCRIPT, &*PASSKEYS].iter().fold(text, |text, script| {
        text.replacen(&format!("<script type=\"module\" src=\"{}\"></script>\n", script.path), "", 1)
    });
    Ok(text.replacen(&link, &format!("<style>{}</style>", STYLE.content()), 1))
}

//! `GET /.well-known/oauth-protected-resource`: what Writ's own APIs say of themselves as a protected resource (RFC 9728).
//! The identifier of a tenant's is its issuer.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;
use serde::Serialize;
use writ_core::registration::REGISTRATION_PATH;
use writ_core::scope_registry::BUILT_IN;
use writ_core::tenant::DEFAULT_SLUG;

use super::metadata::{addressed, public};
use crate::call::answer;
use crate::call::request::Call;
use crate::state::app::App;
use crate::state::rounds::Freshness;

/// Where the document is, before the path of an issuer that has one (RFC 9728 §3.1).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// RFC 9728 §2.
#[derive(Serialize)]
struct ProtectedResource<'a> {
    resource: &'a str,
    authorization_servers: [&'a str; 1],
    scopes_supported: Vec<&'static str>,
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'a str,
    resource_documentation: String,
}

/// Answers with the document of the tenant that the path names.
pub async fn protected_resource(State(app): State<Arc<App>>, call: Call) -> Response {
    let published = match addressed(&app, call.slug.as_deref(), Freshness::Cached).await {
        Ok(published) => published,
        Err(fault) => return answer::error(&app, &fault),
    };
    let issuer = app.issuer(&published.tenant);
    let document = ProtectedResource {
        resource: &issuer,
        authorization_servers: [&issuer],
        scopes_supported: BUILT_IN.iter().map(|scope| scope.name).collect(),
        bearer_methods_supported: ["header"],
        resource_name: &published.tenant.name,
        resource_documentation: format!("{}/docs", app.base),
    };
    public(serde_json::to_string(&document).unwrap_or_default())
}

/// Says in every challenge for a token where the document is (RFC 9728 §5.1); `path`: what was asked for.
pub fn tell_where(app: &App, path: &str, response: &mut Response) {
    let headers = response.headers_mut();
    // Registering takes tokens of another kind.
    if !headers.contains_key(WWW_AUTHENTICATE) || path.contains(REGISTRATION_PATH) {
        return;
    }
    let slug = path.strip_prefix("/t/").and_then(|rest| rest.split('/').next());
    let below =
        slug.filter(|slug| *slug != DEFAULT_SLUG).map(|slug| format!("/t/{slug}")).unwrap_or_default();
    let told = |value: &HeaderValue| {
        let is_for_a_token = |text: &&str| text.starts_with("Bearer ") || text.starts_with("DPoP ");
        let text = value.to_str().ok().filter(is_for_a_token)?;
        HeaderValue::try_from(format!("{text}, resource_metadata=\"{}{WELL_KNOWN}{below}\"", app.base)).ok()
    };
    let values: Vec<_> = headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .map(|value| told(value).unwrap_or_else(|| value.clone()))
        .collect();
    headers.remove(WWW_AUTHENTICATE);
    for value in values {
        headers.append(WWW_AUTHENTICATE, value);
    }
}

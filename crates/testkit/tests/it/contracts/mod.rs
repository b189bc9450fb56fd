//! The four contracts, endpoint by endpoint: each published sample replayed, each error shown.
//!
//! The first line of a test's description names the contract, the method and path, and what is shown.

mod oauth2_audit;
mod oauth2_consents;
mod oauth2_links;
mod oauth2_profile;
mod oauth2_registration;
mod oauth2_sessions;
mod oauth2_tokens;
mod oauth2_users;
mod own;
mod tenant_consent;

use http::{Request, header};
use serde_json::Value;
use writ_core::authority::Permission;
use writ_core::ids::UserId;
use writ_testkit::{Answer, Credential, Planted, TestServer, TestTenant};

/// Asks with JSON, or without a body where it is null.
async fn ask(server: &TestServer, (method, path): (&str, &str), by: &Credential, body: &Value) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(value) = by.header() {
        request = request.header(header::AUTHORIZATION, value);
    }
    if body.is_null() {
        return server.request(request.body(String::new()).unwrap()).await;
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    server.request(request.body(body.to_string()).unwrap()).await
}

/// An API key of a tenant with these permissions.
async fn key(server: &TestServer, tenant: &TestTenant, may: &[Permission]) -> Credential {
    Credential::bearer(&server.api_key(tenant, may, None).await)
}

/// A person's token, through an application of the tenant's own.
async fn person(server: &TestServer, tenant: &TestTenant, user: UserId) -> Credential {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let name = format!("own-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let app = server.client(&name).of(tenant).first_party().create().await;
    let planted = Planted { user: Some(user), scope: "openid", audience: &[&tenant.issuer] };
    Credential::bearer(&server.plant(&app, planted).await)
}

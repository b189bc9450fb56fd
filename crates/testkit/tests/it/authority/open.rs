//! The routes of the API description that are not management routes: who may ask them. With the walk of
//! the management routes, that is every route of the document.

use http::{Method, Request, header};
use serde_json::Value;
use writ_server::openapi::operation::{Access, Media, Operation};
use writ_server::{openapi, router};
use writ_testkit::{Answer, Credential, TestServer, form};

/// What a route answers to nobody, and below another tenant's path to a client of the first. `None`: it is
/// walked with a browser, where its flow is tested. A new route without an entry fails.
#[expect(clippy::too_many_lines, reason = "a table")]
fn expected(operation: &Operation) -> Option<(u16, Option<u16>)> {
    let answers = match (operation.method, operation.path) {
        (
            "POST",
            "/oauth2/token"
            | "/oauth2/introspect"
            | "/oauth2/revoke"
            | "/api/v1/oauth/tokens"
            | "/api/v1/oauth/introspect"
            | "/oauth2/par"
            | "/oauth2/device_authorization",
        )
        | ("GET" | "PUT" | "DELETE", "/oauth2/register/{client_id}") => (401, Some(401)),
        // Off where nobody has said otherwise.
        ("POST", "/oauth2/register") => (403, Some(401)),
        (
            "GET",
            "/.well-known/openid-configuration"
            | "/.well-known/oauth-authorization-server"
            | "/.well-known/jwks.json"
            | "/.well-known/oauth-protected-resource"
            | "/oauth2/check-session",
        ) => (200, Some(200)),
        // Whoever is not signed in is sent to where that is done.
        (
            "GET",
            "/account"
            | "/account/profile"
            | "/account/email"
            | "/account/password"
            | "/account/activity"
            | "/account/data"
            | "/account/delete"
            | "/account/app"
            | "/account/factor"
            | "/account/codes"
            | "/account/passkey"
            | "/account/connection"
            | "/login/factor"
            | "/login/mail"
            | "/admin"
            | "/admin/enter"
            | "/admin/search"
            | "/admin/clients"
            | "/admin/clients/new"
            | "/admin/clients/{client_id}"
            | "/admin/clients/{client_id}/secret"
            | "/admin/clients/{client_id}/delete"
            | "/admin/activity"
            | "/admin/people"
            | "/admin/people/{user_id}"
            | "/admin/people/{user_id}/everywhere"
            | "/admin/people/{user_id}/factors",
        )
        | (
            "POST",
            "/admin/people/{user_id}/state"
            | "/admin/people/{user_id}/reset"
            | "/admin/people/{user_id}/sessions/{session_id}"
            | "/admin/people/{user_id}/everywhere"
            | "/admin/people/{user_id}/factors"
            | "/admin/clients/new"
            | "/admin/clients/{client_id}"
            | "/admin/clients/{client_id}/state"
            | "/admin/clients/{client_id}/secret"
            | "/admin/clients/{client_id}/delete"
            | "/account/profile"
            | "/account/app"
            | "/account/factor"
            | "/account/codes"
            | "/account/passkey"
            | "/login/factor"
            | "/login/mail"
            | "/account/email"
            | "/account/password"
            | "/account/delete"
            | "/account/keep"
            | "/account/picture"
            | "/account/devices"
            | "/account/applications"
            | "/account/connection",
        ) => (303, Some(303)),
        // These are at the root alone.
        (
            "GET",
            "/.well-known/oauth-authorization-server/t/{slug}"
            | "/.well-known/openid-configuration/t/{slug}"
            | "/.well-known/oauth-protected-resource/t/{slug}"
            | "/health/live"
            | "/health/ready"
            | "/openapi.json"
            | "/docs"
            | "/"
            | "/errors"
            | "/errors/{code}",
        ) => (200, None),
        (
            "GET" | "POST",
            "/oauth2/authorize"
            | "/oauth2/userinfo"
            | "/oauth2/logout"
            | "/login"
            | "/login/with/{provider}"
            | "/login/with/{provider}/callback"
            | "/consent"
            | "/logout"
            | "/reset-password"
            | "/verify-email"
            | "/register"
            | "/device"
            | "/account/sign-in"
            | "/.well-known/change-password"
            | "/dev/mailbox"
            | "/dev/mailbox/{id}"
            | "/dev/components"
            | "/assets/{file}"
            | "/pictures/{file}"
            | "/api/v1/users"
            | "/api/v1/users/reset-password"
            | "/api/v1/users/verify-email",
        ) => return None,
        other => panic!("{other:?} has no entry here: what does it answer to nobody?"),
    };
    Some(answers)
}

async fn ask(server: &TestServer, operation: &Operation, below: &str, by: &Credential) -> Answer {
    let mut path = operation.path.replace("{slug}", "acme");
    for parameter in &operation.parameters {
        let example = parameter.example.as_ref().and_then(Value::as_str).unwrap_or_default();
        path = path.replace(&format!("{{{}}}", parameter.name), example);
    }
    let method: Method = operation.method.parse().unwrap();
    let mut request = Request::builder().method(method).uri(format!("{below}{path}"));
    if let Some(value) = by.header() {
        request = request.header(header::AUTHORIZATION, value);
    }
    let body = operation.body.iter().find(|content| content.media == Media::Form).map(|content| {
        let pairs: Vec<_> = content.example.as_object().unwrap().iter().collect();
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        form(&pairs)
    });
    if let Some(body) = body {
        request = request.header(header::CONTENT_TYPE, Media::Form.name());
        return server.request(request.body(body).unwrap()).await;
    }
    server.request(request.body(String::new()).unwrap()).await
}

#[tokio::test]
async fn every_other_route_of_the_document_takes_whom_it_says() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let client = Credential::from(&server.client("ours").create().await);
    let managed = router::managed().finish().1;
    let mut seen = 0;
    for operation in openapi::paths::all() {
        if managed.iter().any(|route| (route.method, route.path) == (operation.method, operation.path)) {
            continue;
        }
        let what = format!("{} {}", operation.method, operation.path);
        let Some((nobody, foreign)) = expected(&operation) else { continue };
        let answer = ask(&server, &operation, "", &Credential::None).await;
        assert_eq!(answer.status, nobody, "{what}: {}", answer.text());
        seen += 1;
        // What the description says of credentials is what happens without one.
        let is_open = matches!(operation.access, Access::Anyone | Access::AnyoneOrBearer);
        assert_eq!(is_open, nobody < 400, "{what}: {:?}", operation.access);
        if let Some(foreign) = foreign {
            let answer = ask(&server, &operation, "/t/acme", &client).await;
            assert_eq!(answer.status, foreign, "{what}: {}", answer.text());
        }
    }
    assert!(seen >= 15, "{seen}");
}

//! `/api/v1/resources`.

use http::{Method, Request};
use serde_json::{Value, json};
use writ_testkit::{Answer, Credential, TestServer};

const PATH: &str = "/api/v1/resources";

async fn send(server: &TestServer, (method, path): (Method, &str), body: &Value) -> Answer {
    let key = Credential::bearer(&server.management_key());
    let request = Request::builder().method(method).uri(path);
    let request =
        request.header("authorization", key.header().unwrap()).header("content-type", "application/json");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.request(request.body(body).unwrap()).await
}

#[tokio::test]
async fn a_resource_is_registered_shown_changed_and_removed() {
    let server = TestServer::start().await;
    let new = json!({
        "identifier": "https://api.example/v1",
        "name": "Invoices",
        "scopes": ["invoices:read", "invoices:write"],
        "access_token_format": "jwt",
        "access_token_signed_response_alg": "EdDSA",
        "access_token_lifetime": 600,
        "clients": ["app"],
        "introspection_clients": ["api"],
    });
    let made = send(&server, (Method::POST, PATH), &new).await.expect(201);
    let (shown, id) = (made.json(), made.member("id"));
    for (name, value) in new.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
    }
    for path in [format!("{PATH}/{id}"), format!("{PATH}/https%3A%2F%2FAPI.example%3A443%2Fv1")] {
        assert_eq!(send(&server, (Method::GET, &path), &Value::Null).await.expect(200).json(), shown);
    }
    let listed = send(&server, (Method::GET, PATH), &Value::Null).await.expect(200).json();
    assert_eq!((&listed["total"], &listed["resources"][0]), (&1.into(), &shown));
    // Its scopes are in the registry.
    let scope = send(&server, (Method::GET, "/api/v1/oauth/scopes/invoices:read"), &Value::Null).await;
    let _ = scope.expect(200);

    let one = format!("{PATH}/{id}");
    let less = json!({ "clients": null, "access_token_signed_response_alg": null, "name": "Bills" });
    let changed = send(&server, (Method::PATCH, &one), &less).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["clients"]), (&"Bills".into(), &Value::Null));
    assert_eq!(changed["scopes"], new["scopes"], "what is not sent stays");
    let _ = send(&server, (Method::DELETE, &one), &Value::Null).await.expect(204);
    let _ = send(&server, (Method::GET, &one), &Value::Null).await.refused(404, "not_found");
}

#[tokio::test]
async fn what_is_wrong_is_named_all_at_once() {
    let server = TestServer::start().await;
    let bad = json!({
        "identifier": "https://api.example/#x",
        "name": " ",
        "scopes": ["openid", "a b"],
        "access_token_format": "opaque",
        "access_token_signed_response_alg": "ES256",
        "access_token_lifetime": 5,
        "clients": ["a b"],
        "colour": "red",
    });
    let told = send(&server, (Method::POST, PATH), &bad).await.refused(400, "invalid_request");
    let text = told.member("error_description");
    for field in bad.as_object().unwrap().keys().filter(|field| *field != "access_token_format") {
        assert!(text.contains(&format!("{field}: ")), "{field} in {text}");
    }
    let told = send(&server, (Method::POST, PATH), &json!({})).await.refused(400, "invalid_request");
    assert!(told.text().contains("identifier: missing") && told.text().contains("name: missing"));
    for own in [server.base.clone(), format!("{}/", server.base)] {
        let body = json!({ "identifier": own, "name": "x" });
        let _ = send(&server, (Method::POST, PATH), &body).await.refused(400, "invalid_request");
    }
}

/// An identifier is there once in a tenant, however it is spelled, and stays as it is.
#[tokio::test]
async fn an_identifier_is_taken_once() {
    let server = TestServer::start().await;
    let body = |identifier: &str| json!({ "identifier": identifier, "name": "x" });
    let made = send(&server, (Method::POST, PATH), &body("https://api.example")).await.expect(201);
    for spelled in ["https://api.example", "https://api.example/", "HTTPS://API.example:443"] {
        let _ = send(&server, (Method::POST, PATH), &body(spelled)).await.refused(409, "conflict");
    }
    let one = format!("{PATH}/{}", made.member("id"));
    let _ = send(&server, (Method::PATCH, &one), &body("https://other.example"))
        .await
        .refused(400, "invalid_request");
    let _ = send(&server, (Method::PATCH, &one), &body("https://api.example")).await.expect(200);
    server.tenant("acme").await;
    let key = Credential::bearer(&server.management_key());
    let request =
        Request::post(PATH).header("authorization", key.header().unwrap()).header("x-tenant-id", "acme");
    let request = request.header("content-type", "application/json");
    let answer = server.request(request.body(body("https://api.example").to_string()).unwrap()).await;
    let _ = answer.expect(201);
    assert_eq!(send(&server, (Method::GET, PATH), &Value::Null).await.json()["total"], 1);
}

//! RFC 9101 §10.5 and OpenID Connect Dynamic Client Registration 1.0 §2: what is registered of a client's requests.

use super::*;

/// What is sent is shown; what does not go together is refused, on its field.
#[tokio::test]
async fn what_is_registered_is_shown_and_goes_together() {
    let more = json!({
        "request_object_signing_alg": "ES256", "require_signed_request_object": true,
        "request_uris": ["https://rp.example.com/request#x"],
    });
    let stage = Stage::simple(&more).await;
    for (name, value) in more.as_object().unwrap() {
        assert_eq!(&stage.client[name], value);
    }
    let url = format!("{CLIENTS}/{}", stage.id());
    let patch = async |body: Value| manage(&stage.server, &stage.tenant, ("PATCH", &url), &body).await;
    for (body, field) in [
        (json!({ "request_object_signing_alg": "none" }), "request_object_signing_alg"),
        (json!({ "request_object_signing_alg": "HS256" }), "request_object_signing_alg"),
        (json!({ "request_object_signing_alg": "RS256" }), "request_object_signing_alg"),
        (json!({ "request_object_signing_alg": "ES512" }), "request_object_signing_alg"),
        (json!({ "jwks": null }), "request_object_signing_alg"),
        (json!({ "request_uris": ["http://rp.example.com/r"] }), "request_uris"),
        (json!({ "request_uris": ["https://127.0.0.1/r"] }), "request_uris"),
        (json!({ "request_uris": ["https://[::ffff:10.0.0.1]/r#x"] }), "request_uris"),
        (json!({ "request_uris": "https://rp.example.com/r" }), "request_uris"),
    ] {
        let answer = patch(body.clone()).await.refused(400, "invalid_request");
        let said = answer.member("error_description");
        assert!(said.split("; ").any(|one| one.starts_with(&format!("{field}: "))), "{body}: {said}");
    }
    let gone = patch(json!({
        "request_object_signing_alg": null, "require_signed_request_object": null, "request_uris": null, "jwks": null,
    }));
    let gone = gone.await.expect(200).json();
    assert_eq!(
        (&gone["request_object_signing_alg"], &gone["require_signed_request_object"], &gone["request_uris"]),
        (&Value::Null, &json!(false), &json!([]))
    );
}

/// A key that is taken away signs no more requests.
#[tokio::test]
async fn a_key_that_is_gone_signs_nothing() {
    let stage = Stage::simple(&json!({})).await;
    let object = stage.object(&stage.claims());
    assert!(stage.ask(&object, &[]).await.location().unwrap().contains("/login"));
    let another = SigningKey::generate(Algorithm::Es256).unwrap();
    let url = format!("{CLIENTS}/{}", stage.id());
    let _ = manage(&stage.server, &stage.tenant, ("PATCH", &url), &json!({ "jwks": set(&[&another]) }))
        .await
        .expect(200);
    assert_eq!(stage.ask(&object, &[]).await.sent()["error"], "invalid_request_object");
}

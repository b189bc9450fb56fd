//! `/api/v1/oauth/clients/{client_id}/settings`: how a client's tokens are made.

use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_jose::jwe::{ContentEncryption, Curve, DecryptionKey};
use writ_testkit::Credential;

use super::{IDENTITY, OAUTH2, Stage, in_oauth2, is_json, text};

fn at(client: &Value) -> String {
    format!("{OAUTH2}/{}/settings", text(&client["client_id"]))
}

/// A web client that nothing was chosen for.
async fn web(stage: &Stage) -> Value {
    let body = json!({ "name": "App", "redirect_uris": ["https://a.example/cb"], "scope": "openid read" });
    is_json(&stage.post(OAUTH2, &body).await, 201)
}

fn defaults() -> Value {
    json!({
        "require_pkce": false, "access_token_format": "jwt", "access_token_signed_response_alg": null,
        "audience": [], "refresh_token_rotation": true, "id_token_signed_response_alg": null,
        "id_token_encrypted_response_alg": null, "id_token_encrypted_response_enc": null,
        "access_token_encrypted_response_alg": null, "access_token_encrypted_response_enc": null, "jwks": null,
    })
}

/// A set with a key on a curve, and one that Writ has no use for.
pub(super) fn keys() -> Value {
    let made = DecryptionKey::generate_on(Curve::P256, ContentEncryption::A256Gcm).unwrap();
    let mut key: Value = serde_json::from_str(&made.public_jwk().to_json()).unwrap();
    key["kid"] = json!("one");
    json!({ "keys": [{ "kty": "AKP", "pub": "AA", "alg": "ML-DSA-44" }, key], "note": "kept as sent" })
}

fn with(other: &Value) -> Value {
    let mut all = defaults();
    for (name, value) in other.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

#[tokio::test]
async fn each_setting_is_kept_and_null_takes_it_back() {
    let stage = Stage::new().await;
    let client = web(&stage).await;
    assert_eq!(is_json(&stage.get(&at(&client)).await, 200), defaults());
    for (name, value) in [
        ("require_pkce", json!(true)),
        ("access_token_format", json!("opaque")),
        ("access_token_signed_response_alg", json!("PS256")),
        ("audience", json!(["https://api.example/v1", "urn:x:y"])),
        ("refresh_token_rotation", json!(false)),
        ("id_token_signed_response_alg", json!("ES256")),
        ("jwks", keys()),
    ] {
        let one = json!({ name: value });
        assert_eq!(is_json(&stage.put(&at(&client), &one).await, 200), with(&one), "{name}");
        assert_eq!(is_json(&stage.get(&at(&client)).await, 200), with(&one), "{name}");
        assert_eq!(
            is_json(&stage.put(&at(&client), &json!({ name: null })).await, 200),
            defaults(),
            "{name}"
        );
    }
    // By the row's id as well, and what is sent back as it was shown changes nothing.
    let by_row = format!("{OAUTH2}/{}/settings", text(&client["id"]));
    assert_eq!(is_json(&stage.put(&by_row, &defaults()).await, 200), defaults());
    assert_eq!(is_json(&stage.put(&by_row, &json!({})).await, 200), defaults());
}

/// OpenID Connect Dynamic Registration §2: without an `enc` it is A128CBC-HS256.
#[tokio::test]
async fn encryption_is_chosen_by_alg_and_enc() {
    let stage = Stage::new().await;
    let client = web(&stage).await;
    for sort in ["id_token", "access_token"] {
        let (alg, enc) = (format!("{sort}_encrypted_response_alg"), format!("{sort}_encrypted_response_enc"));
        let jwks = keys();
        let sent = json!({ &*alg: "ECDH-ES", "jwks": jwks });
        let expected = with(&json!({ &*alg: "ECDH-ES", &*enc: "A128CBC-HS256", "jwks": jwks }));
        assert_eq!(is_json(&stage.put(&at(&client), &sent).await, 200), expected);
        let other = is_json(&stage.put(&at(&client), &json!({ &*enc: "A256GCM" })).await, 200);
        assert_eq!((&other[&*alg], &other[&*enc]), (&json!("ECDH-ES"), &json!("A256GCM")));
        // Every other setting may change beside it.
        let other = is_json(&stage.put(&at(&client), &json!({ "audience": ["x"] })).await, 200);
        assert_eq!((&other[&*alg], &other[&*enc]), (&json!("ECDH-ES"), &json!("A256GCM")));
        let gone = json!({ &*alg: null, "jwks": null, "audience": null });
        assert_eq!(is_json(&stage.put(&at(&client), &gone).await, 200), defaults());
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_and_names_its_field() {
    let stage = Stage::new().await;
    let client = web(&stage).await;
    let private = {
        let mut set = keys();
        set["keys"][1]["d"] = json!("AA");
        set
    };
    let cases: [(Value, &[&str]); 9] = [
        (
            json!({
                "require_pkce": "yes", "access_token_format": "saml", "access_token_signed_response_alg": "none",
                "audience": "x", "refresh_token_rotation": 1, "id_token_signed_response_alg": "HS256",
                "id_token_encrypted_response_alg": "RSA1_5", "id_token_encrypted_response_enc": "A128GCM",
                "access_token_encrypted_response_alg": "dir", "access_token_encrypted_response_enc": 1,
                "jwks": [], "require_pcke": true,
            }),
            &[
                "require_pkce: must be true or false",
                "access_token_format: must be one of jwt and opaque",
                "access_token_signed_response_alg: must be one of ES256, ",
                "audience: must be a list of texts",
                "refresh_token_rotation: must be true or false",
                "id_token_signed_response_alg: must be one of ES256, ",
                "id_token_encrypted_response_alg: must be one of RSA-OAEP-256 and ECDH-ES",
                "id_token_encrypted_response_enc: must be one of A256GCM and A128CBC-HS256",
                "access_token_encrypted_response_alg: must be one of ",
                "access_token_encrypted_response_enc: must be one of ",
                "jwks: must be an object",
                "require_pcke: is not a field of this request",
            ],
        ),
        (
            json!({ "id_token_encrypted_response_alg": "RSA-OAEP-256" }),
            &["jwks: missing: id_token_encrypted_response_alg is RSA-OAEP-256"],
        ),
        (
            json!({ "id_token_encrypted_response_alg": "RSA-OAEP-256", "jwks": keys() }),
            &["jwks: has no key to encrypt to with RSA-OAEP-256"],
        ),
        (
            json!({ "id_token_encrypted_response_enc": "A256GCM", "access_token_encrypted_response_enc": "A256GCM" }),
            &[
                "id_token_encrypted_response_enc: needs id_token_encrypted_response_alg beside it",
                "access_token_encrypted_response_enc: needs access_token_encrypted_response_alg beside it",
            ],
        ),
        (json!({ "jwks": private }), &["jwks: keys[1] has the private member d"]),
        (json!({ "jwks": { "keys": [7] } }), &["jwks: must be a JWK set"]),
        (json!({ "jwks": { "keys": [], "x": "x".repeat(33_000) } }), &["jwks: is longer than 32768 bytes"]),
        (
            json!({ "access_token_format": "opaque", "access_token_signed_response_alg": "ES256" }),
            &["access_token_signed_response_alg: an opaque access token is not signed"],
        ),
        (
            json!({ "audience": ["a b", "x", "x"] }),
            &["audience: a b: a name without white space", "audience: x: is there twice"],
        ),
    ];
    for (body, expected) in cases {
        let said = in_oauth2(&stage.put(&at(&client), &body).await, 400, "invalid_request");
        for text in expected {
            assert!(said.contains(text), "{text:?} is missing: {said}");
        }
        assert_eq!(said.split("; ").count(), expected.len(), "{said}");
    }
    assert_eq!(is_json(&stage.get(&at(&client)).await, 200), defaults(), "none of it was done");
    let public = json!({ "name": "Spa", "redirect_uris": ["https://a.example/cb"], "confidential": false });
    let public = is_json(&stage.post(OAUTH2, &public).await, 201);
    assert_eq!(is_json(&stage.get(&at(&public)).await, 200), with(&json!({ "require_pkce": true })));
    let said =
        in_oauth2(&stage.put(&at(&public), &json!({ "require_pkce": false })).await, 400, "invalid_request");
    assert_eq!(said, "require_pkce: PKCE is always required of a public client");
}

/// Two who change a client at once never mix fields, through whichever contract.
#[tokio::test]
async fn a_client_has_one_version_for_its_settings_and_the_rest() {
    let stage = Stage::new().await;
    let client = web(&stage).await;
    let read = stage.get(&at(&client)).await;
    let whole = stage.get(&format!("{OAUTH2}/{}", text(&client["client_id"]))).await;
    assert_eq!(read.header("etag"), whole.header("etag"));
    let first = read.header("etag").to_owned();
    let put = |tag: &str, body: Value| stage.call("PUT", &at(&client), Some(&body)).header("if-match", tag);
    let changed = stage.send(put(&first, json!({ "require_pkce": true }))).await;
    assert!(changed.status == 200 && changed.header("etag") != first);
    in_oauth2(&stage.send(put(&first, json!({ "require_pkce": false }))).await, 412, "precondition_failed");
    let unchanged = stage.call("GET", &at(&client), None).header("if-none-match", changed.header("etag"));
    assert_eq!(stage.send(unchanged).await.status, 304);
}

#[tokio::test]
async fn it_takes_the_permission_and_authority_as_wide_as_the_clients() {
    let stage = Stage::new().await;
    let client = web(&stage).await;
    let path = at(&client);
    let change = json!({ "require_pkce": true });
    stage.refuses(stage.call("GET", &path, None), "oauth:read", in_oauth2).await;
    stage.refuses(stage.call("PUT", &path, Some(&change)), "oauth:write", in_oauth2).await;
    stage.refuses_bodies(stage.call("PUT", &path, Some(&change)), in_oauth2).await;
    for method in ["GET", "PUT"] {
        let body = (method == "PUT").then_some(&change);
        for id in ["nobody", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071"] {
            let unknown = stage.call(method, &format!("{OAUTH2}/{id}/settings"), body);
            in_oauth2(&stage.send(unknown).await, 404, "not_found");
        }
    }
    // A client that may manage users, in the hands of somebody who may not.
    let strong = stage.server.client("strong").of(&stage.tenant).scope("users:write").create().await;
    let path = format!("{OAUTH2}/{}/settings", strong.client_id);
    in_oauth2(&stage.put(&path, &json!({ "jwks": keys() })).await, 403, "access_denied");
    let may = [Permission::OauthWrite, Permission::UsersWrite];
    let wide = Credential::bearer(&stage.server.api_key(&stage.tenant, &may, None).await);
    is_json(&stage.send(stage.call("PUT", &path, Some(&change)).by(wide)).await, 200);
}

/// What these settings say is what the next token looks like.
#[tokio::test]
async fn what_is_set_holds_for_the_next_token() {
    let stage = Stage::new().await;
    let app = stage.server.client("app").of(&stage.tenant).scope("read").create().await;
    let path = format!("{OAUTH2}/app/settings");
    let set = async |body: Value| is_json(&stage.put(&path, &body).await, 200);
    let token = async || stage.server.access_token(&app).await;
    assert_eq!(jsonwebtoken::decode_header(token().await).unwrap().alg, jsonwebtoken::Algorithm::ES256);
    set(json!({ "access_token_signed_response_alg": "EdDSA", "audience": ["https://api.example"] })).await;
    let signed = token().await;
    assert_eq!(jsonwebtoken::decode_header(&signed).unwrap().alg, jsonwebtoken::Algorithm::EdDSA);
    assert_eq!(crate::flow::claims(&signed)["aud"], "https://api.example");
    set(json!({ "access_token_format": "opaque" })).await;
    let opaque = token().await;
    assert!(opaque.starts_with("at_"));
    assert!(stage.server.is_active(&app, &signed).await && stage.server.is_active(&app, &opaque).await);
    set(json!({ "access_token_format": null })).await;
    assert_eq!(jsonwebtoken::decode_header(token().await).unwrap().alg, jsonwebtoken::Algorithm::ES256);
}

/// A deleted client takes its keys with it; a new one has none.
#[tokio::test]
async fn settings_go_with_their_client() {
    let stage = Stage::new().await;
    let client = web(&stage).await;
    is_json(&stage.put(&at(&client), &json!({ "jwks": keys() })).await, 200);
    let _ = stage.delete(&format!("{IDENTITY}/{}", text(&client["id"]))).await.expect(204);
    in_oauth2(&stage.get(&at(&client)).await, 404, "not_found");
    assert_eq!(is_json(&stage.get(&at(&web(&stage).await)).await, 200), defaults());
}

//! `/api/v1/clients`: the whole client.

use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_jose::jwe::{ContentEncryption, Curve, DecryptionKey};
use writ_testkit::{Answer, Credential};

use super::{IDENTITY, OAUTH2, OWN, Stage, in_oauth2, is_json, is_time, text};

fn at(client: &Value) -> String {
    format!("{OWN}/{}", text(&client["client_id"]))
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
        "userinfo_encrypted_response_alg": null, "userinfo_encrypted_response_enc": null,
        "authorization_encrypted_response_alg": null, "authorization_encrypted_response_enc": null,
        "introspection_encrypted_response_alg": null, "introspection_encrypted_response_enc": null,
        "token_rate": null, "token_burst": null,
    })
}

/// A set with a key on a curve, and one that Writ has no use for.
pub(super) fn keys() -> Value {
    let made = DecryptionKey::generate_on(Curve::P256, ContentEncryption::A256Gcm).unwrap();
    let mut key: Value = serde_json::from_str(&made.public_jwk().to_json()).unwrap();
    key["kid"] = json!("one");
    json!({ "keys": [{ "kty": "AKP", "pub": "AA", "alg": "ML-DSA-44" }, key], "note": "kept as sent" })
}

/// Those members of a whole client that another object has.
pub(super) fn part(whole: &Value, like: &Value) -> Value {
    let names = like.as_object().unwrap().keys();
    Value::Object(names.map(|name| (name.clone(), whole[name].clone())).collect())
}

/// How a client's tokens are made, as an answer shows it.
fn settings(answer: &Answer) -> Value {
    part(&is_json(answer, 200), &defaults())
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
    assert_eq!(settings(&stage.get(&at(&client)).await), defaults());
    for (name, value) in [
        ("require_pkce", json!(true)),
        ("access_token_format", json!("opaque")),
        ("access_token_signed_response_alg", json!("PS256")),
        ("audience", json!(["https://api.example/v1", "urn:x:y"])),
        ("refresh_token_rotation", json!(false)),
        ("id_token_signed_response_alg", json!("ES256")),
        ("token_rate", json!(12)),
        ("jwks", keys()),
    ] {
        let one = json!({ name: value });
        assert_eq!(settings(&stage.put(&at(&client), &one).await), with(&one), "{name}");
        assert_eq!(settings(&stage.get(&at(&client)).await), with(&one), "{name}");
        assert_eq!(settings(&stage.put(&at(&client), &json!({ name: null })).await), defaults(), "{name}");
    }
    // By the row's id as well, and what is sent back as it was shown changes nothing.
    let by_row = format!("{OWN}/{}", text(&client["id"]));
    assert_eq!(settings(&stage.put(&by_row, &defaults()).await), defaults());
    assert_eq!(settings(&stage.put(&by_row, &json!({})).await), defaults());
}

/// OpenID Connect Dynamic Registration §2: without an `enc` it is A128CBC-HS256.
#[tokio::test]
async fn encryption_is_chosen_by_alg_and_enc() {
    let stage = Stage::new().await;
    let client = web(&stage).await;
    for sort in ["id_token", "access_token", "userinfo", "authorization", "introspection"] {
        let (alg, enc) = (format!("{sort}_encrypted_response_alg"), format!("{sort}_encrypted_response_enc"));
        let jwks = keys();
        let sent = json!({ &*alg: "ECDH-ES", "jwks": jwks });
        let expected = with(&json!({ &*alg: "ECDH-ES", &*enc: "A128CBC-HS256", "jwks": jwks }));
        assert_eq!(settings(&stage.put(&at(&client), &sent).await), expected);
        let other = is_json(&stage.put(&at(&client), &json!({ &*enc: "A256GCM" })).await, 200);
        assert_eq!((&other[&*alg], &other[&*enc]), (&json!("ECDH-ES"), &json!("A256GCM")));
        // Every other setting may change beside it.
        let other = is_json(&stage.put(&at(&client), &json!({ "audience": ["x"] })).await, 200);
        assert_eq!((&other[&*alg], &other[&*enc]), (&json!("ECDH-ES"), &json!("A256GCM")));
        let gone = json!({ &*alg: null, "jwks": null, "audience": null });
        assert_eq!(settings(&stage.put(&at(&client), &gone).await), defaults());
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
    assert_eq!(settings(&stage.get(&at(&client)).await), defaults(), "none of it was done");
    let public = json!({ "name": "Spa", "redirect_uris": ["https://a.example/cb"], "confidential": false });
    let public = is_json(&stage.post(OAUTH2, &public).await, 201);
    assert_eq!(settings(&stage.get(&at(&public)).await), with(&json!({ "require_pkce": true })));
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
            let unknown = stage.call(method, &format!("{OWN}/{id}"), body);
            in_oauth2(&stage.send(unknown).await, 404, "not_found");
        }
    }
    // A client that may manage users, in the hands of somebody who may not.
    let strong = stage.server.client("strong").of(&stage.tenant).scope("users:write").create().await;
    let path = format!("{OWN}/{}", strong.client_id);
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
    let path = format!("{OWN}/app");
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
    assert_eq!(settings(&stage.get(&at(&web(&stage).await)).await), defaults());
}

/// Everything that a client has, in one request; and all of it is shown.
#[tokio::test]
async fn a_whole_client_is_made_shown_and_changed_in_one_request() {
    let stage = Stage::new().await;
    let jwks = keys();
    let body = json!({
        "client_name": "Billing", "kind": "web", "first_party": false, "enabled": true, "description": "Invoices",
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "redirect_uris": ["https://b.example/cb"], "post_logout_redirect_uris": ["https://b.example/bye"],
        "allowed_origins": ["https://b.example"], "scope": "openid email",
        "token_endpoint_auth_method": "client_secret_basic", "client_uri": "https://b.example",
        "logo_uri": "https://b.example/l.png", "tos_uri": "https://b.example/tos",
        "policy_uri": "https://b.example/privacy", "contacts": ["ada@b.example", "+44 20 7946 0000"], "jwks": jwks,
        "require_pkce": true, "access_token_lifetime": 600, "refresh_token_lifetime": 7200,
        "refresh_token_rotation": false, "access_token_format": "jwt", "audience": ["https://api.b.example"],
        "access_token_signed_response_alg": "EdDSA", "access_token_encrypted_response_alg": "ECDH-ES",
        "access_token_encrypted_response_enc": "A256GCM", "id_token_signed_response_alg": "PS256",
        "id_token_encrypted_response_alg": "ECDH-ES", "id_token_encrypted_response_enc": "A128CBC-HS256",
        "token_rate": 12, "token_burst": 30,
    });
    let made = is_json(&stage.post(OWN, &body).await, 201);
    assert_eq!(part(&made, &body), body);
    super::is_secret(&made["client_secret"], "csec_");
    super::is_mask_of(&made["client_secret_masked"], &made["client_secret"], "csec_");
    let shown = stage.get(&at(&made)).await;
    let mut expected = made.clone();
    expected.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(is_json(&shown, 200), expected);
    let listed = is_json(&stage.get(OWN).await, 200);
    assert_eq!((&listed["clients"], &listed["total"]), (&json!([expected]), &json!(1)));
    is_time(&made["created_at"]);
    assert_eq!((&made["owner_id"], text(&made["tenant_id"])), (&Value::Null, stage.tenant.id.to_string()));
    // Where several things are wrong, all of them are said, and nothing is changed.
    let wrong = json!({
        "client_name": "Other", "contacts": [], "tos_uri": "ftp://x", "access_token_lifetime": 1,
        "token_endpoint_auth_method": "none", "redirect_uris": [], "scop": "openid", "jwks_uri": "https://169.254.169.254/keys",
        "client_id": "mine", "audience": ["a b"], "kind": "spa",
    });
    let said = in_oauth2(&stage.patch(&at(&made), &wrong).await, 400, "invalid_request");
    for field in [
        "tos_uri: ",
        "access_token_lifetime: ",
        "token_endpoint_auth_method: ",
        "redirect_uris: ",
        "scop: ",
        "jwks_uri: ",
        "client_id: ",
        "audience: ",
        "kind: ",
    ] {
        assert!(said.split("; ").any(|one| one.starts_with(field)), "{field} {said}");
    }
    assert_eq!(is_json(&stage.get(&at(&made)).await, 200), expected);
    // `null` takes each field back to its default.
    let mut gone = body.clone();
    for (name, value) in gone.as_object_mut().unwrap() {
        if !matches!(name.as_str(), "client_name" | "kind" | "first_party" | "enabled" | "redirect_uris") {
            *value = Value::Null;
        }
    }
    let bare = is_json(&stage.patch(&at(&made), &gone).await, 200);
    let plain = json!({ "client_name": "Billing", "kind": "web", "redirect_uris": ["https://b.example/cb"] });
    let plain = is_json(&stage.post(OWN, &plain).await, 201);
    assert_eq!(part(&bare, &body), part(&plain, &body));
}

/// RFC 7591 §2: what is not understood is ignored where a client is made. Where one is changed, a typo would leave a
/// field silently as it is.
#[tokio::test]
async fn unknown_members_are_ignored_in_a_new_client_and_refused_in_a_change() {
    let stage = Stage::new().await;
    let body =
        json!({ "client_name": "Job", "kind": "machine", "software_weight": "x", "from_tomorrow": "web" });
    let made = is_json(&stage.post(OWN, &body).await, 201);
    let said =
        in_oauth2(&stage.put(&at(&made), &json!({ "software_weight": "x" })).await, 400, "invalid_request");
    assert_eq!(said, "software_weight: is not a field of this request");
    for name in ["id", "client_id", "tenant_id", "owner_id", "created_at", "client_secret_masked"] {
        let said = in_oauth2(&stage.patch(&at(&made), &json!({ name: "x" })).await, 400, "invalid_request");
        assert!(said.starts_with(&format!("{name}: is decided by the server")), "{said}");
    }
    let said = in_oauth2(
        &stage.patch(&at(&made), &json!({ "client_secret": "mine" })).await,
        400,
        "invalid_request",
    );
    assert!(said.starts_with("client_secret: "), "{said}");
}

/// RFC 7591 §2: `none` is a public client, whatever else is said; without a kind it is one.
#[tokio::test]
async fn the_kind_and_the_method_of_a_client_fit() {
    let stage = Stage::new().await;
    let uris = json!(["https://a.example/cb"]);
    for (kind, method, made) in [
        (json!(null), "none", "spa"),
        (json!(null), "client_secret_post", "web"),
        (json!("native"), "none", "native"),
        (json!("machine"), "client_secret_basic", "machine"),
        (json!("web"), "none", ""),
        (json!("spa"), "client_secret_basic", ""),
        (json!("native"), "client_secret", ""),
    ] {
        let body = json!({
            "client_name": "App", "kind": kind, "token_endpoint_auth_method": method, "redirect_uris": uris,
        });
        let answer = stage.post(OWN, &body).await;
        if made.is_empty() {
            let said = in_oauth2(&answer, 400, "invalid_request");
            assert!(said.starts_with("token_endpoint_auth_method: must be "), "{said}");
        } else {
            let view = is_json(&answer, 201);
            assert_eq!((&view["kind"], &view["token_endpoint_auth_method"]), (&json!(made), &json!(method)));
            assert_eq!(view["client_secret"].is_null(), method == "none");
        }
    }
}

/// RFC 7591 §2: a client uses the one method that it is registered for, at every endpoint that asks who it is.
#[tokio::test]
async fn a_client_authenticates_by_the_method_that_it_is_registered_for() {
    let stage = Stage::new().await;
    let body = json!({ "client_name": "Job", "kind": "machine", "scope": "read oauth:read" });
    for (method, by_basic, by_post) in [
        ("client_secret_basic", true, false),
        ("client_secret_post", false, true),
        ("client_secret", true, true),
    ] {
        let mut body = body.clone();
        body["scope"] = json!("read");
        body["token_endpoint_auth_method"] = json!(method);
        let made = is_json(&stage.post(OWN, &body).await, 201);
        let (id, secret) = (text(&made["client_id"]), text(&made["client_secret"]));
        let ways = [(Credential::basic(&id, &secret), by_basic), (Credential::post(&id, &secret), by_post)];
        for (by, is_fine) in ways {
            for prefix in ["", "/t/acme"] {
                for (path, form) in [
                    ("/oauth2/token", vec![("grant_type", "client_credentials")]),
                    ("/api/v1/oauth/tokens", vec![("grant_type", "client_credentials")]),
                    ("/oauth2/introspect", vec![("token", "x")]),
                    ("/oauth2/revoke", vec![("token", "x")]),
                ] {
                    let answer = stage.server.post(&format!("{prefix}{path}"), by.clone(), &form).await;
                    let status = if is_fine { 200 } else { 401 };
                    assert_eq!(answer.status, status, "{method} {prefix}{path} {}", answer.text());
                    assert!(is_fine || answer.error() == "invalid_client", "{}", answer.text());
                }
            }
        }
        // The management APIs know Basic alone.
        let tenant = stage.call("GET", "/api/v1/oauth/rate-limits", None).by(Credential::basic(&id, &secret));
        let status = stage.send(tenant).await.status;
        assert_eq!(status, if by_basic { 200 } else { 401 }, "{method}");
    }
    // What a contract makes takes either, as it always did.
    let made = is_json(
        &stage.post(OAUTH2, &json!({ "name": "Job", "grant_types": ["client_credentials"] })).await,
        201,
    );
    assert_eq!(is_json(&stage.get(&at(&made)).await, 200)["token_endpoint_auth_method"], "client_secret");
}

/// A new secret, through Writ's own resource; and a client that is removed there is gone everywhere.
#[tokio::test]
async fn a_secret_is_rotated_and_a_client_removed() {
    let stage = Stage::new().await;
    let made = is_json(&stage.post(OWN, &json!({ "client_name": "Job", "kind": "machine" })).await, 201);
    let rotated = is_json(&stage.act(&format!("{}/rotate-secret", at(&made))).await, 200);
    super::is_secret(&rotated["client_secret"], "csec_");
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    let shown = is_json(&stage.get(&at(&made)).await, 200);
    super::is_mask_of(&shown["client_secret_masked"], &rotated["client_secret"], "csec_");
    let _ = stage.delete(&at(&made)).await.expect(204);
    for path in [at(&made), format!("{OAUTH2}/{}", text(&made["client_id"]))] {
        in_oauth2(&stage.get(&path).await, 404, "not_found");
    }
    // The resource that was there before is gone.
    let old = stage.get(&format!("{OAUTH2}/{}/settings", text(&made["client_id"]))).await;
    assert_eq!(old.status, 404);
}

/// RFC 6749 is silent of it, and clients retry: the same key makes one client.
#[tokio::test]
async fn a_new_client_can_be_asked_for_twice() {
    let stage = Stage::new().await;
    let body = json!({ "client_name": "Job", "kind": "machine" });
    let call = || stage.call("POST", OWN, Some(&body)).header("idempotency-key", "one");
    let (first, again) = (stage.send(call()).await, stage.send(call()).await);
    assert_eq!((first.status, first.text()), (201, again.text()));
    assert_eq!(is_json(&stage.get(OWN).await, 200)["total"], 1);
}

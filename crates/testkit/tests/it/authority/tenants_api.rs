//! `/api/v1/tenants`: an operator's matter.

use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_core::time::Seconds;
use writ_jose::Algorithm;
use writ_testkit::{Answer, Credential, TestServer, TestTenant, token_of};

use super::{Ask, KEYS, ROLES, TENANTS, callers, challenged, set};

const GRANT: &[(&str, &str)] = &[("grant_type", "client_credentials")];
const JWKS: &str = "/.well-known/jwks.json";

async fn operator(server: &TestServer, ask: Ask) -> Answer {
    ask.key(&server.management_key()).send(server).await
}

/// A tenant made through the API.
async fn made(server: &TestServer, slug: &str) -> TestTenant {
    let answer = operator(server, Ask::post(TENANTS, &json!({ "slug": slug }))).await.expect(201);
    let id = writ_core::ids::TenantId::parse_uuid(&answer.member("id")).unwrap();
    TestTenant { id, slug: slug.to_owned(), issuer: format!("{}/t/{slug}", server.base) }
}

fn path(tenant: &TestTenant) -> String {
    format!("{TENANTS}/{}", tenant.id)
}

/// What clients may have that register themselves, with some members that are other.
fn policy(other: &Value) -> Value {
    let mut policy = json!({
        "grant_types": ["authorization_code", "refresh_token"],
        "scopes": ["openid", "profile", "email", "address", "phone", "offline_access"],
        "redirect_hosts": [], "software_statement_required": false, "software_issuers": [],
        "unused_lifetime": 2_592_000, "clients_max": 10_000,
    });
    policy.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    policy
}

/// The root of the test vectors of Web Authentication Level 3 (§16).
pub(crate) const ROOT: &str = "-----BEGIN CERTIFICATE-----\nMIICBzCCAa2gAwIBAgIRAO1/kF2L0LQU0XhJExcKkLYwCgYIKoZIzj0EAwIwYjEe\nMBwGA1UEAwwVV2ViQXV0aG4gdGVzdCB2ZWN0b3JzMQwwCgYDVQQKDANXM0MxJTAj\nBgNVBAsMHEF1dGhlbnRpY2F0b3IgQXR0ZXN0YXRpb24gQ0ExCzAJBgNVBAYTAkFB\nMCAXDTI0MDEwMTAwMDAwMFoYDzMwMjQwMTAxMDAwMDAwWjBiMR4wHAYDVQQDDBVX\nZWJBdXRobiB0ZXN0IHZlY3RvcnMxDDAKBgNVBAoMA1czQzElMCMGA1UECwwcQXV0\naGVudGljYXRvciBBdHRlc3RhdGlvbiBDQTELMAkGA1UEBhMCQUEwWTATBgcqhkjO\nPQIBBggqhkjOPQMBBwNCAAQyaTAOX/e2mQFfcM+AqHY79wW8LirwwbOc/3GLfDWI\nDKMPMZB42RsDOJoAb9/IodzYTt+gfTCqE0dKJIoNq1uqo0IwQDAPBgNVHRMBAf8E\nBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQURa/3FbDdeGdB/umW68Fl\nR6OTGx4wCgYIKoZIzj0EAwIDSAAwRQIgSDBjtrsI3Mg9ozoCwR0vQiAxdok1VNE4\nxhSjaQhyTMgCIQD17yyRLUUAs+L1tZHQYiSR6fIg39H5c07EhLt+kIh2Yw==\n-----END CERTIFICATE-----";

fn look(other: &Value) -> Value {
    let mut look = json!({
        "brand_color": null, "ground_color": null, "hue": null, "corners": null, "font": "sans",
        "logo": null, "logo_dark": null, "icon": null, "tos_uri": null, "policy_uri": null, "help_uri": null,
    });
    look.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    look
}

fn defaults() -> Value {
    json!({
        "access_token_alg": null, "id_token_alg": null, "password_grant": false, "legacy_implicit_grant": false, "strict_scopes": false,
        "consent_return": "direct", "login_url": null, "consent_url": null, "self_registration": false, "require_verified_email": false,
        "second_factor": "if_enrolled", "passkeys": "on", "passkey_attestation_roots": null, "remembered_devices": 0, "mailed_sign_in": false, "mailed_codes": false, "confirm_sign_out": false,
        "require_pushed_authorization_requests": false, "require_signed_request_object": false, "dpop_bound_access_tokens": false, "require_dpop_nonce": false, "client_assertion_audience": null,
        "registration": "off", "registration_policy": policy(&json!({})),
        "client_documents": false, "client_document_hosts": [], "client_document_hosts_refused": [],
        "interaction_clients": [], "management_networks": [], "management_acr": null, "management_max_age": null, "access_token_lifetime_max": 86_400,
        "refresh_token_lifetime_max": 31_536_000, "session_idle": 43_200, "session_absolute": 604_800,
        "refresh_grace": 10, "id_token_claims": null, "allow_dotless_schemes": false,
        "allow_host_underscores": false, "allow_http_callbacks": false, "token_rate": null, "token_burst": null,
        "left_to_administrators": [
            "id_token_claims", "password_grant", "strict_scopes", "self_registration", "require_verified_email",
            "second_factor", "passkeys", "passkey_attestation_roots", "remembered_devices", "mailed_sign_in", "mailed_codes", "confirm_sign_out", "account_deletion", "account_deletion_grace", "profile_claims", "look", "texts",
            "application_looks",
        ],
        "account_deletion": false, "account_deletion_grace": 1_209_600,
        "profile_claims": ["given_name", "family_name"], "look": look(&json!({})), "texts": {},
        "application_looks": false, "mail_sender": null,
    })
}

/// The defaults with some members that are other.
fn with(other: &Value) -> Value {
    let mut settings = defaults();
    for (name, value) in other.as_object().unwrap() {
        settings[name] = value.clone();
    }
    settings
}

#[tokio::test]
async fn each_setting_is_kept_and_null_is_its_default() {
    let server = TestServer::start().await;
    let acme = made(&server, "acme").await;
    let put = async |sent: Value| {
        let body = json!({ "settings": sent });
        operator(&server, Ask::put(&path(&acme), &body)).await.expect(200).json()["settings"].clone()
    };
    let every = json!({
        "access_token_alg": "PS256", "id_token_alg": "EdDSA", "password_grant": true, "legacy_implicit_grant": true, "strict_scopes": true,
        "consent_return": "resume", "login_url": "https://login.example/in", "consent_url": "http://localhost:3000/consent",
        "self_registration": true, "require_verified_email": true, "second_factor": "administrators", "passkeys": "off", "passkey_attestation_roots": ROOT, "remembered_devices": 86400, "mailed_sign_in": true, "mailed_codes": true, "confirm_sign_out": true, "require_pushed_authorization_requests": true, "require_signed_request_object": true, "dpop_bound_access_tokens": true, "require_dpop_nonce": true,
        "client_assertion_audience": "token_endpoint", "interaction_clients": ["portal"], "registration": "open",
        "client_documents": true, "client_document_hosts": ["*.example.com"], "client_document_hosts_refused": ["a.example.com"],
        "registration_policy": policy(&json!({ "scopes": ["read"], "redirect_hosts": ["*.example.com"], "unused_lifetime": null })),
        "management_networks": ["127.0.0.0/8", "203.0.113.0/24"], "management_acr": "1", "management_max_age": 60,
        "access_token_lifetime_max": 60, "refresh_token_lifetime_max": 315_360_000, "session_idle": 60,
        "session_absolute": 61, "refresh_grace": 0, "id_token_claims": "minimal",
        "allow_dotless_schemes": true, "allow_host_underscores": true, "allow_http_callbacks": true,
        "token_rate": 5, "token_burst": 7, "left_to_administrators": ["strict_scopes", "session_idle"],
        "account_deletion": true, "account_deletion_grace": 0,
        "profile_claims": ["nickname", "address.locality"], "look": look(&json!({ "brand_color": "#0e4a3c", "corners": 3, "tos_uri": "https://acme.example/terms" })),
        "texts": { "de": { "footer": "Acme GmbH" }, "en": { "sign_in_title": "Welcome back" } },
        "application_looks": true, "mail_sender": "Acme <a@id.example>",
    });
    assert_eq!(defaults().as_object().unwrap().len(), every.as_object().unwrap().len());
    for (name, value) in every.as_object().unwrap() {
        let one = match name.as_str() {
            // There is one only beside a rate.
            "token_burst" => json!({ name: value, "token_rate": 5 }),
            _ => json!({ name: value }),
        };
        assert_eq!(put(one.clone()).await, with(&one), "{name}");
        let gone = one.as_object().unwrap().keys().map(|name| (name.clone(), Value::Null));
        assert_eq!(put(Value::Object(gone.collect())).await, defaults(), "{name}");
    }
    assert_eq!(put(every.clone()).await, every);
    assert_eq!(operator(&server, Ask::get(&path(&acme))).await.expect(200).json()["settings"], every);
    for (name, wrong) in [
        ("password_grant", json!("yes")),
        ("consent_return", json!("back")),
        ("login_url", json!("http://login.example")),
        ("consent_url", json!("javascript:alert(1)")),
        ("interaction_clients", json!("portal")),
        ("interaction_clients", json!([1])),
        ("client_documents", json!("on")),
        ("client_document_hosts", json!(["https://app.example.com"])),
        ("client_document_hosts_refused", json!(["App.example.com"])),
        ("access_token_lifetime_max", json!(59)),
        ("session_idle", json!(1.5)),
        ("refresh_grace", json!(301)),
        ("registration", json!("on")),
    ] {
        let body = json!({ "settings": { name: wrong } });
        let refused = operator(&server, Ask::put(&path(&acme), &body)).await.refused(400, "invalid_request");
        let text = refused.json()["error_description"].as_str().unwrap().to_owned();
        assert!(text.starts_with(&format!("settings.{name}: must be ")), "{text}");
    }
}

#[tokio::test]
async fn a_tenant_is_made_read_and_changed() {
    let server = TestServer::start().await;
    let body = json!({ "slug": "acme", "unknown": true });
    let made = operator(&server, Ask::post(TENANTS, &body)).await.expect(201).json();
    let mut shown = json!({
        "id": made["id"], "slug": "acme", "name": "acme", "enabled": true,
        "settings": defaults(),
        "created_at": "2027-01-15T08:00:00Z", "updated_at": "2027-01-15T08:00:00Z",
    });
    assert_eq!(made, shown);
    let id = writ_core::ids::TenantId::parse_uuid(made["id"].as_str().unwrap()).unwrap();
    for name in [id.to_string(), id.to_string().to_uppercase(), id.prefixed(), "acme".to_owned()] {
        assert_eq!(operator(&server, Ask::get(&format!("{TENANTS}/{name}"))).await.expect(200).json(), shown);
    }
    let _ = operator(&server, Ask::post(TENANTS, &body)).await.refused(409, "conflict");
    let _ =
        operator(&server, Ask::post(TENANTS, &json!({ "slug": "default" }))).await.refused(409, "conflict");

    server.clock.advance(Seconds(5));
    shown["updated_at"] = json!("2027-01-15T08:00:05Z");
    let path = format!("{TENANTS}/{id}");
    for (sent, field) in [
        (json!({}), ""),
        (json!({ "name": "Acme \u{2014} Ltd" }), "name"),
        (json!({ "enabled": false }), "enabled"),
        (json!({ "enabled": true }), "enabled"),
        (json!({ "slug": "acme", "id": "x" }), ""),
    ] {
        if !field.is_empty() {
            shown[field] = sent[field].clone();
        }
        assert_eq!(operator(&server, Ask::put(&path, &sent)).await.expect(200).json(), shown, "{sent}");
        assert_eq!(operator(&server, Ask::get(&path)).await.expect(200).json(), shown, "{sent}");
    }
    // What a caller read, it may send back.
    assert_eq!(operator(&server, Ask::put(&path, &shown)).await.expect(200).json(), shown);
    for unknown in ["nobody", "%00", "018bcfe5-6800-7abc-8def-0123456789ab", "ACME"] {
        let path = format!("{TENANTS}/{unknown}");
        for ask in [Ask::get(&path), Ask::put(&path, &json!({})), Ask::delete(&path)] {
            let _ = operator(&server, ask).await.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn settings_round_trip_and_hold_for_the_next_token() {
    let server = TestServer::start().await;
    let acme = made(&server, "acme").await;
    let app = server.client("app").of(&acme).create().await;
    for alg in Algorithm::ALL {
        let settings = json!({ "access_token_alg": alg.name() });
        let other = json!({ "slug": format!("with-{}", alg.name().to_lowercase()), "settings": settings });
        let whole = with(&settings);
        assert_eq!(operator(&server, Ask::post(TENANTS, &other)).await.expect(201).json()["settings"], whole);
        let body = json!({ "settings": settings });
        assert_eq!(
            operator(&server, Ask::put(&path(&acme), &body)).await.expect(200).json()["settings"],
            whole
        );
        // What is not sent stays: also a setting.
        for kept in [json!({ "name": "Acme" }), json!({ "settings": {} }), json!({ "settings": null })] {
            let answer = operator(&server, Ask::put(&path(&acme), &kept)).await.expect(200);
            assert_eq!(answer.json()["settings"], whole, "{kept}");
        }
        let header = jsonwebtoken::decode_header(&server.access_token(&app).await).unwrap();
        assert_eq!(format!("{:?}", header.alg).to_uppercase(), alg.name().to_uppercase());
    }
    let cleared = json!({ "settings": { "access_token_alg": null } });
    assert_eq!(
        operator(&server, Ask::put(&path(&acme), &cleared)).await.expect(200).json()["settings"],
        defaults()
    );
    let header = jsonwebtoken::decode_header(&server.access_token(&app).await).unwrap();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::ES256, "the server's own again");
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let server = TestServer::start().await;
    let acme = made(&server, "acme").await;
    let settings = |alg: Value| json!({ "access_token_alg": alg });
    let post: &[(Value, &[&str])] = &[
        (json!({}), &["slug: missing"]),
        (json!({ "name": "" }), &["slug: missing", "name: 1 to 255"]),
        (
            json!({ "slug": "-", "name": " ", "settings": settings(json!("HS256")) }),
            &["slug: 1 to 63", "name: 1 to 255", "settings.access_token_alg: must be one of"],
        ),
        (
            json!({ "slug": 1, "name": 2, "settings": { "acess_token_alg": "ES256" } }),
            &["slug: must be a text", "name: must be a text", "settings: unknown: acess_token_alg"],
        ),
        (json!({ "slug": "ok", "settings": settings(json!("none")) }), &["settings.access_token_alg: "]),
        (json!({ "slug": "ok", "settings": settings(json!("es256")) }), &["settings.access_token_alg: "]),
        (json!({ "slug": "ok", "settings": settings(json!(5)) }), &["settings.access_token_alg: "]),
        (json!({ "slug": "ok", "settings": [] }), &["settings: must be an object"]),
    ];
    let put: &[(Value, &[&str])] = &[(
        json!({ "slug": "other", "name": "\t", "enabled": "yes", "settings": settings(json!("x")) }),
        &[
            "slug: cannot be changed",
            "name: 1 to 255",
            "enabled: must be true",
            "settings.access_token_alg: ",
        ],
    )];
    let asks = post.iter().map(|(body, expected)| (Ask::post(TENANTS, body), expected));
    for (ask, expected) in
        asks.chain(put.iter().map(|(body, expected)| (Ask::put(&path(&acme), body), expected)))
    {
        let answer = operator(&server, ask).await.refused(400, "invalid_request");
        for part in *expected {
            assert!(answer.member("error_description").contains(part), "{part}: {}", answer.text());
        }
    }
    for bad in
        ["", "-a", "a-", "A", "a_b", "a.b", "a/b", "a b", "\u{e4}", &"a".repeat(64), &acme.id.to_string()]
    {
        let ask = Ask::post(TENANTS, &json!({ "slug": bad }));
        let answer = operator(&server, ask).await.refused(400, "invalid_request");
        assert!(answer.member("error_description").starts_with("slug: 1 to 63"), "{bad}: {}", answer.text());
    }
    for good in ["a", "0", "a-b", "xn--bcher-kva", &"a".repeat(63)] {
        made(&server, good).await;
    }
}

#[tokio::test]
async fn lists_are_newest_first_in_pages() {
    let server = TestServer::start().await;
    for slug in ["first", "second", "third"] {
        server.clock.advance(Seconds(1));
        made(&server, slug).await;
    }
    let expected = ["third", "second", "first", "default"];
    for limit in 1..=5 {
        let (mut seen, mut query) = (Vec::new(), format!("?limit={limit}"));
        loop {
            let page = operator(&server, Ask::get(&format!("{TENANTS}{query}"))).await.expect(200).json();
            assert_eq!(page["total"], 4);
            let rows = page["tenants"].as_array().unwrap();
            seen.extend(rows.iter().map(|tenant| tenant["slug"].as_str().unwrap().to_owned()));
            let Some(next) = page.get("next_cursor") else { break };
            assert!(seen.len() < 4, "a cursor only where there is more");
            query = format!("?limit={limit}&cursor={}", next.as_str().unwrap());
        }
        assert_eq!(seen, expected, "{limit}");
    }
}

/// The first tenant carries the server.
#[tokio::test]
async fn the_first_tenant_stays() {
    let server = TestServer::start().await;
    for name in [server.app.default_tenant.to_string(), "default".to_owned()] {
        let path = format!("{TENANTS}/{name}");
        let _ =
            operator(&server, Ask::put(&path, &json!({ "enabled": false }))).await.refused(409, "conflict");
        let _ = operator(&server, Ask::delete(&path)).await.refused(409, "conflict");
        let _ =
            operator(&server, Ask::put(&path, &json!({ "enabled": true, "name": "Home" }))).await.expect(200);
    }
    let _ = server.get(JWKS).await.expect(200);
}

#[tokio::test]
async fn a_disabled_tenants_clients_get_no_tokens() {
    let server = TestServer::start().await;
    let acme = made(&server, "acme").await;
    let app = server.client("app").of(&acme).create().await;
    for enabled in [true, false, true, false] {
        let body = json!({ "enabled": enabled });
        let _ = operator(&server, Ask::put(&path(&acme), &body)).await.expect(200);
        // At the very next request, at the root and below.
        if enabled {
            let _ = token_of(&server.token(&app, &[]).await);
            let _ = token_of(&server.post(&acme.path("/oauth2/token"), &app, GRANT).await);
            let _ = server.get(&acme.path(JWKS)).await.expect(200);
        } else {
            let _ = server.token(&app, &[]).await.refused(401, "invalid_client");
            let below = server.post(&acme.path("/oauth2/token"), &app, GRANT).await;
            assert!([401, 404].contains(&below.status), "{}", below.text());
            let _ = server.get(&acme.path(JWKS)).await.refused(404, "not_found");
            let _ =
                server.get(&acme.path("/.well-known/openid-configuration")).await.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn everything_in_a_deleted_tenant_is_dead_at_once() {
    let server = TestServer::start().await;
    let acme = made(&server, "acme").await;
    let everyone = callers(&server, &acme, set(&[Permission::KeysRead, Permission::UsersRead])).await;
    let app = server.client("app").of(&acme).create().await;
    let token = token_of(&server.token(&app, &[]).await);
    let old_keys = server.get(&acme.path(JWKS)).await.expect(200).text().to_owned();
    for (kind, by) in &everyone {
        let answer = Ask::get(KEYS).by(by.clone()).send(&server).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
    }
    let _ = operator(&server, Ask::delete(&path(&acme))).await.expect(204);
    let gone = async |what: &str| {
        for (kind, by) in &everyone {
            let scheme = if matches!(by, Credential::Basic { .. }) { "Basic" } else { "Bearer" };
            for path in [KEYS, ROLES] {
                challenged(
                    &Ask::get(path).by(by.clone()).send(&server).await,
                    &[scheme],
                    &format!("{kind} {what}"),
                );
            }
            if scheme == "Bearer" {
                let _ = server.introspect(by.clone(), &token).await.refused(401, "invalid_token");
            }
        }
        let _ = server.token(&app, &[]).await.refused(401, "invalid_client");
    };
    gone("after").await;
    for path in [JWKS, "/.well-known/openid-configuration", KEYS] {
        let _ = server.get(&acme.path(path)).await.refused(404, "not_found");
    }
    let _ = server.post(&acme.path("/oauth2/token"), &app, GRANT).await.refused(404, "not_found");
    let naming = Ask::get(KEYS).tenant(&acme);
    let _ = operator(&server, naming).await.refused(404, "not_found");

    // A new tenant of the same slug is another tenant: nothing comes back with it.
    let again = made(&server, "acme").await;
    assert_ne!(again.id, acme.id);
    gone("with a new tenant of the same slug").await;
    let new_keys = server.get(&again.path(JWKS)).await.expect(200);
    assert_ne!(new_keys.text(), old_keys);
    let names = operator(&server, Ask::get(KEYS).tenant(&again)).await.expect(200).json();
    assert_eq!(names["total"], 0);
    let app = server.client("app").of(&again).create().await;
    let _ = token_of(&server.post(&again.path("/oauth2/token"), &app, GRANT).await);
    assert!(!server.is_active(&app, &token).await, "the old token is not the new client's");
}

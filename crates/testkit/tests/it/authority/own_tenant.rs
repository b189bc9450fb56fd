//! `/api/v1/tenant`: what a tenant's administrators choose without an operator, within what the operator leaves to them.

use serde_json::{Value, json};
use writ_core::authority::Permission;
use writ_testkit::{Answer, Credential, TestServer, TestTenant};

use super::{Ask, TENANTS, admin, callers, key, names, set};

const OWN: &str = "/api/v1/tenant";

/// A tenant, and the key of somebody who administers it.
struct Stage {
    server: TestServer,
    acme: TestTenant,
    admin: String,
}

impl Stage {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let acme = server.tenant("acme").await;
        let admin = key(&server, &acme, admin()).await;
        Self { server, acme, admin }
    }

    /// What an administrator changes.
    async fn put(&self, settings: Value) -> Answer {
        Ask::put(OWN, &json!({ "settings": settings })).key(&self.admin).send(&self.server).await
    }

    /// What an operator changes.
    async fn operator(&self, settings: Value) -> Value {
        let path = format!("{TENANTS}/{}", self.acme.id);
        let ask = Ask::put(&path, &json!({ "settings": settings })).key(&self.server.management_key());
        ask.send(&self.server).await.expect(200).json()["settings"].clone()
    }

    async fn register(&self) -> Answer {
        let body = json!({ "username": "ann@example.com", "password": "four unrelated words here" });
        Ask::post(&self.acme.path("/api/v1/users"), &body).send(&self.server).await
    }
}

/// What holds where nothing was said: the switches are there, and hold at the next request.
#[tokio::test]
async fn an_administrator_turns_on_what_is_left_to_administrators() {
    let stage = Stage::new().await;
    let told = stage.register().await.refused(401, "invalid_token").member("error_description");
    let missing = "for registering oneself, the tenant's setting self_registration is off; its administrators can turn \
                   it on (oauth:write and users:write)";
    assert!(told.ends_with(missing), "{told}");
    let changed = stage.put(json!({ "self_registration": true })).await.expect(200);
    assert_eq!(changed.json()["settings"]["self_registration"], true);
    assert_eq!(changed.json()["slug"], "acme");
    let _ = stage.register().await.expect(201);

    let client = json!({
        "client_name": "Old", "kind": "web", "grant_types": ["password"], "redirect_uris": ["https://a.example/cb"],
    });
    let attempt = || Ask::post("/api/v1/clients", &client).key(&stage.admin).send(&stage.server);
    let told = attempt().await.refused(400, "invalid_request").member("error_description");
    let missing = "grant_types: password cannot be used: the tenant's setting password_grant is off; its administrators \
                   can turn it on (oauth:write and users:write)";
    assert_eq!(told, missing);
    let _ = stage.put(json!({ "password_grant": true })).await.expect(200);
    let made = attempt().await.expect(201);
    let by = Credential::basic(&made.member("client_id"), &made.member("client_secret"));
    let form = [("grant_type", "password"), ("username", "nobody"), ("password", "wrong")];
    let ask = || stage.server.post("/oauth2/token", by.clone(), &form);
    let _ = ask().await.refused(400, "invalid_grant");
    let _ = stage.put(json!({ "password_grant": null })).await.expect(200);
    let told = ask().await.refused(400, "unauthorized_client").member("error_description");
    assert!(
        told.starts_with("grant_type: the tenant's setting password_grant is off; its administrators"),
        "{told}"
    );
}

/// Each setting, by its name: left, or an operator's.
#[tokio::test]
async fn the_operator_says_what_is_left() {
    let stage = Stage::new().await;
    let sent = json!({
        "access_token_alg": "EdDSA", "id_token_alg": "ES256", "id_token_claims": "minimal", "password_grant": true,
        "legacy_implicit_grant": true, "strict_scopes": true, "consent_return": "resume", "login_url": "https://login.example/in",
        "consent_url": "https://login.example/ok", "self_registration": true, "require_verified_email": true,
        "second_factor": "everyone", "passkeys": "off", "passkey_attestation_roots": super::tenants_api::ROOT, "remembered_devices": 86400, "mailed_sign_in": true, "mailed_codes": true, "confirm_sign_out": true, "require_pushed_authorization_requests": true, "require_signed_request_object": true, "dpop_bound_access_tokens": true, "require_dpop_nonce": true, "client_assertion_audience": "token_endpoint",
        "registration": "token", "registration_policy": {
            "grant_types": ["authorization_code"], "scopes": [], "redirect_hosts": [], "software_statement_required": false,
            "software_issuers": [], "unused_lifetime": 60, "clients_max": 1,
        },
        "client_documents": true, "client_document_hosts": ["app.example.com"], "client_document_hosts_refused": ["*.example.org"],
        "management_networks": ["192.0.2.0/24", "203.0.113.0/24"], "management_acr": "2", "management_max_age": 600,
        "access_token_lifetime_max": 61, "refresh_token_lifetime_max": 62, "session_idle": 63, "session_absolute": 64,
        "refresh_grace": 0, "allow_dotless_schemes": true, "allow_host_underscores": true, "allow_http_callbacks": true,
        "token_rate": 5, "left_to_administrators": [],
        "account_deletion": true, "account_deletion_grace": 60, "profile_claims": [],
        "look": {
            "brand_color": "#0e4a3c", "ground_color": null, "hue": null, "corners": 3, "font": "serif", "logo": null,
            "logo_dark": null, "icon": null, "tos_uri": null,
            "policy_uri": null, "help_uri": null,
        },
        "texts": { "fr": { "mail_greeting": "Bonjour," } },
        "application_looks": true, "mail_sender": "Acme <a@id.example>",
    });
    let usual = [
        "id_token_claims",
        "password_grant",
        "strict_scopes",
        "self_registration",
        "require_verified_email",
        "second_factor",
        "passkeys",
        "passkey_attestation_roots",
        "remembered_devices",
        "mailed_sign_in",
        "mailed_codes",
        "confirm_sign_out",
        "account_deletion",
        "account_deletion_grace",
        "profile_claims",
        "look",
        "texts",
        "application_looks",
    ];
    let own = Ask::get(OWN).key(&stage.admin).send(&stage.server).await.expect(200).json();
    assert_eq!(own["settings"]["left_to_administrators"], json!(usual));
    for (name, value) in sent.as_object().unwrap() {
        let answer = stage.put(json!({ name: value })).await;
        if usual.contains(&name.as_str()) {
            assert_eq!(answer.expect(200).json()["settings"][name], *value);
            let _ = stage.put(json!({ name: null })).await.expect(200);
            continue;
        }
        let told = answer.refused(403, "access_denied").member("error_description");
        assert!(told.starts_with(&format!("{name}: changed by an operator (tenants:write)")), "{told}");
        let can_be_left = !matches!(name.as_str(), "token_rate" | "left_to_administrators");
        if can_be_left {
            stage.operator(json!({ "left_to_administrators": [name] })).await;
            assert_eq!(stage.put(json!({ name: value })).await.expect(200).json()["settings"][name], *value);
            let _ = stage.put(json!({ name: null })).await.expect(200);
            stage.operator(json!({ "left_to_administrators": null })).await;
        }
    }
    // All or nothing, and what is refused is named; what is sent as it is changes nothing.
    let told = stage.put(json!({ "strict_scopes": true, "session_idle": 60, "token_rate": 1 })).await;
    let told = told.refused(403, "access_denied").member("error_description");
    assert!(told.starts_with("session_idle token_rate: changed by an operator"), "{told}");
    let own = Ask::get(OWN).key(&stage.admin).send(&stage.server).await.expect(200).json();
    assert_eq!(own["settings"]["strict_scopes"], false);
    assert_eq!(stage.put(own["settings"].clone()).await.expect(200).json()["settings"], own["settings"]);
    // An operator who leaves nothing is the one to ask.
    stage.operator(json!({ "left_to_administrators": [] })).await;
    let _ = stage.put(json!({ "self_registration": true })).await.refused(403, "access_denied");
    let told = stage.register().await.refused(401, "invalid_token").member("error_description");
    assert!(told.ends_with("self_registration is off; an operator can turn it on (tenants:write)"), "{told}");
}

#[tokio::test]
async fn what_cannot_be_left_or_is_unknown_is_refused() {
    let stage = Stage::new().await;
    let path = format!("{TENANTS}/{}", stage.acme.id);
    for names in
        [json!(["token_rate"]), json!(["left_to_administrators"]), json!(["enabled", "x"]), json!("all")]
    {
        let body = json!({ "settings": { "left_to_administrators": names } });
        let answer = Ask::put(&path, &body).key(&stage.server.management_key()).send(&stage.server).await;
        let told = answer.refused(400, "invalid_request").member("error_description");
        assert!(told.starts_with("settings.left_to_administrators: "), "{told}");
    }
    for body in
        [json!({ "name": "Mine" }), json!({ "enabled": false }), json!({ "settings": { "stricter": true } })]
    {
        let _ =
            Ask::put(OWN, &body).key(&stage.admin).send(&stage.server).await.refused(400, "invalid_request");
    }
}

/// Through which clients people act is a matter of trust, whoever may change the rest.
#[tokio::test]
async fn what_is_left_takes_no_less_authority() {
    let stage = Stage::new().await;
    stage.operator(json!({ "left_to_administrators": ["interaction_clients", "management_networks"] })).await;
    let trust = json!({ "interaction_clients": ["portal"] });
    let may = admin().without(set(&[Permission::ClientsTrust]));
    let untrusting = key(&stage.server, &stage.acme, may).await;
    let ask = |by: &str| Ask::put(OWN, &json!({ "settings": trust })).key(by).send(&stage.server);
    let _ = ask(&untrusting).await.refused(403, "access_denied");
    let _ = ask(&stage.admin).await.expect(200);
    // Nobody shuts themselves out unawares.
    let away = json!({ "management_networks": ["198.51.100.0/24"] });
    let told = stage.put(away).await.refused(400, "invalid_request").member("error_description");
    assert!(told.starts_with("settings.management_networks: "), "{told}");
}

/// Its settings are shown to whoever administers it, and to nobody else.
#[tokio::test]
async fn the_settings_are_shown_to_administrators() {
    let stage = Stage::new().await;
    let both = set(&[Permission::OauthWrite, Permission::UsersWrite]);
    for may in [both, admin(), both.without(set(&[Permission::UsersWrite])), set(&[Permission::OauthRead])] {
        for (kind, by) in callers(&stage.server, &stage.acme, may).await {
            let own = Ask::get(OWN).by(by.clone()).send(&stage.server).await.expect(200).json();
            let is_administrator = both.without(may).is_empty();
            assert_eq!(own.get("settings").is_some(), is_administrator, "{kind} with {:?}", names(may));
            let change = json!({ "settings": { "strict_scopes": true } });
            for method in ["PUT", "PATCH"] {
                let answer = Ask::new(method, OWN).json(&change).by(by.clone()).send(&stage.server).await;
                let status = if is_administrator { 200 } else { 403 };
                assert_eq!(answer.status, status, "{kind} with {:?}: {}", names(may), answer.text());
            }
        }
    }
}

/// In another tenant only an operator changes anything; there, everything.
#[tokio::test]
async fn it_is_ones_own_tenant() {
    let stage = Stage::new().await;
    let other = stage.server.tenant("other").await;
    let change = json!({ "settings": { "strict_scopes": true, "session_idle": 77 } });
    let ask = || Ask::put(OWN, &change);
    let _ = ask().key(&stage.admin).tenant(&other).send(&stage.server).await.refused(403, "access_denied");
    let below = Ask::put(&other.path(OWN), &change).key(&stage.admin);
    let _ = below.send(&stage.server).await.refused(401, "invalid_token");
    let reader = set(&[Permission::TenantsRead, Permission::OauthWrite, Permission::UsersWrite]);
    let reader = key(&stage.server, &stage.server.default_tenant(), reader).await;
    let _ = ask().key(&reader).tenant(&other).send(&stage.server).await.refused(403, "access_denied");
    let operator = ask().key(&stage.server.management_key()).tenant(&other).send(&stage.server).await;
    let settings = operator.expect(200).json()["settings"].clone();
    assert_eq!((&settings["strict_scopes"], &settings["session_idle"]), (&json!(true), &json!(77)));
    let own = Ask::get(OWN).key(&stage.admin).send(&stage.server).await.expect(200).json();
    assert_eq!(own["settings"]["strict_scopes"], false);
}

/// What an operator changes meanwhile is not overwritten, and what was changed is in the log with who did it.
#[tokio::test]
async fn a_change_is_of_the_version_that_was_read_and_leaves_a_record() {
    let stage = Stage::new().await;
    let read = Ask::get(OWN).key(&stage.admin).send(&stage.server).await.expect(200);
    let tag = read.header("etag").to_owned();
    stage.operator(json!({ "left_to_administrators": [] })).await;
    let late = Ask::put(OWN, &json!({ "settings": { "token_rate": null } })).key(&stage.admin);
    let _ = late.header("if-match", &tag).send(&stage.server).await.refused(412, "precondition_failed");
    stage.operator(json!({ "left_to_administrators": ["strict_scopes"] })).await;
    let _ = stage.put(json!({ "strict_scopes": true })).await.expect(200);
    let log = Ask::get("/api/v1/audit-logs?action=tenant.updated&limit=1").key(&stage.admin);
    let record = log.send(&stage.server).await.expect(200).json()["audit_logs"][0].clone();
    assert_eq!(
        (&record["actor"]["type"], &record["target"]["id"]),
        (&json!("api_key"), &json!(stage.acme.id.to_string()))
    );
}

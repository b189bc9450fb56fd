//! `/api/v1/clients`: the whole client.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation};
use super::{new_secret, overlap};
use crate::call::schema::{Schema, required};
use crate::contracts::own_clients::logo::LogoView;
use crate::contracts::own_clients::{self, ClientList, ClientView};

const ID: (&str, &str, &str) = ("client_id", "The client_id or row id.", "cli_01HABCDEF1G2H3J4K5M6N7P8Q9");
const CLIENTS: &str = "/api/v1/clients";
const CLIENT: &str = "/api/v1/clients/{client_id}";
const ROTATE: &str = "/api/v1/clients/{client_id}/rotate-secret";

const LOGO: &str = "/api/v1/clients/{client_id}/logo";
/// A PNG of one pixel.
const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGM4wcDwHwAEJAHIBqHEeAAAAABJRU5ErkJggg==";

fn logo() -> (Schema, Value) {
    let path = "/assets/app-3f0c1d2e4b5a69788796a5b4c3d2e1f001122334.png";
    (Schema::of::<LogoView>(), json!({ "logo": path, "uploaded": true }))
}

fn jwks() -> Value {
    json!({ "keys": [{
        "kty": "EC",
        "use": "enc",
        "alg": "ECDH-ES",
        "kid": "2026-11",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }] })
}

/// How the tokens of the example are made.
fn tokens() -> Value {
    json!({
        "require_pkce": true,
        "access_token_lifetime": 3600,
        "refresh_token_lifetime": 2_592_000,
        "refresh_token_rotation": true,
        "access_token_format": "jwt",
        "audience": ["https://api.example.com"],
        "access_token_signed_response_alg": null,
        "access_token_encrypted_response_alg": null,
        "access_token_encrypted_response_enc": null,
        "id_token_signed_response_alg": null,
        "authorization_encrypted_response_alg": null,
        "authorization_encrypted_response_enc": null,
        "userinfo_encrypted_response_alg": null,
        "userinfo_encrypted_response_enc": null,
        "introspection_encrypted_response_alg": null,
        "introspection_encrypted_response_enc": null,
        "id_token_encrypted_response_alg": "ECDH-ES",
        "id_token_encrypted_response_enc": "A256GCM",
        "id_token_claims": null,
        "access_token_typ": "at+jwt",
        "authorization_signed_response_alg": null,
        "userinfo_signed_response_alg": null,
        "introspection_signed_response_alg": null,
        "multiple_resources": false,
        "exchange_subjects": [],
        "exchange_impersonation": false,
        "may_act": null,
        "agent": false,
        "token_rate": null,
        "token_burst": null,
    })
}

fn example() -> Value {
    let mut example = json!({
        "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
        "client_id": ID.2,
        "client_secret_masked": "csec_••••••••••••••••••••••••wxyz",
        "client_name": "Billing",
        "kind": "web",
        "first_party": false,
        "enabled": true,
        "description": "Invoices and payments",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "subject_type": "public",
        "sector_identifier_uri": null,
        "redirect_uris": ["https://billing.example.com/callback"],
        "post_logout_redirect_uris": ["https://billing.example.com/"],
        "allowed_origins": ["https://billing.example.com"],
        "scope": "openid email invoices:read",
        "token_endpoint_auth_method": "client_secret_basic",
        "token_endpoint_auth_signing_alg": null,
        "client_assertion_audience": null,
        "client_uri": "https://billing.example.com",
        "logo_uri": null,
        "tos_uri": "https://billing.example.com/terms",
        "policy_uri": "https://billing.example.com/privacy",
        "contacts": ["billing@example.com"],
        "require_pushed_authorization_requests": false,
        "request_object_signing_alg": null,
        "request_object_encryption_alg": null,
        "request_object_encryption_enc": null,
        "require_signed_request_object": false,
        "dpop_bound_access_tokens": false,
        "request_uris": [],
        "jwks": jwks(),
        "jwks_uri": null,
        "look": { "brand_color": "#0e4a3c", "ground_color": null, "hue": null, "corners": 3, "font": null,
                  "texts": { "en": { "sign_in_intro": "Invoices need your company account." } } },
        "allowed_networks": ["10.0.0.0/8", "2001:db8::/32"],
        "owner_id": null,
        "tenant_id": "019ab3c4-0000-7f80-9a1b-2c3d4e5f6071",
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:00:00Z",
    });
    if let (Some(members), Value::Object(tokens)) = (example.as_object_mut(), tokens()) {
        members.extend(tokens);
    }
    let logout = json!({
        "backchannel_logout_uri": "https://billing.example.com/backchannel-logout",
        "backchannel_logout_session_required": true,
        "frontchannel_logout_uri": null,
        "frontchannel_logout_session_required": false,
        "application_type": "web",
        "software_id": null,
        "software_version": null,
        "initiate_login_uri": "https://billing.example.com/start",
        "default_max_age": null,
        "require_auth_time": false,
        "default_acr_values": [],
    });
    if let (Value::Object(example), Value::Object(logout)) = (&mut example, logout) {
        example.extend(logout);
    }
    example
}

fn created() -> Value {
    let mut example = example();
    if let Some(members) = example.as_object_mut() {
        members.insert("client_secret".to_owned(), "csec_4Jq0c1mZr8sXw2Vb7Kd5Tn9Yp3Gh6Lf0Ra1QeUwxyz".into());
    }
    example
}

fn change((method, id): (&'static str, &'static str)) -> Operation {
    Operation::new((method, CLIENT), id, Contract::Ours)
        .path(ID.0, ID.1, ID.2)
        .summary("Change a client")
        .about(
            "Changes only what is sent, all of it or nothing; null takes a field back to its default, and a list \
             replaces the one before. PUT and PATCH do the same. A client as it was shown may be sent back; unknown \
             members are refused.",
        )
        .takes(
            own_clients::patch_schema(),
            json!({ "token_endpoint_auth_method": "client_secret_post", "contacts": ["ops@example.com"] }),
        )
        .answers(200, "The client, changed.", (Schema::of::<ClientView<'_>>(), example()))
        .refuses(&[ErrorCode::Conflict])
        .versioned()
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours);
    let with_id = |operation: Operation| operation.path(ID.0, ID.1, ID.2);
    vec![
        new(("GET", CLIENTS), "listWholeClients")
            .summary("List the clients, whole")
            .paged()
            .query(
                "unused_for_days",
                "Only those that were made longer ago than so many days and got no token since.",
                Schema::integer().within(1, 36_500),
            )
            .answers(
                200,
                "A page of clients, newest first.",
                (Schema::of::<ClientList<'_>>(), json!({ "clients": [example()], "total": 1 })),
            ),
        new(("POST", CLIENTS), "createWholeClient")
            .summary("Register a client with every field that one has")
            .about("Unknown members are ignored, as RFC 7591 has it; so is what the server alone decides.")
            .takes(
                own_clients::draft_schema(),
                json!({
                    "client_name": "Billing",
                    "kind": "web",
                    "redirect_uris": ["https://billing.example.com/callback"],
                    "scope": "openid email invoices:read",
                    "token_endpoint_auth_method": "client_secret_basic",
                    "contacts": ["billing@example.com"],
                    "access_token_lifetime": 3600,
                }),
            )
            .answers(201, "The client, with its secret.", (Schema::of::<ClientView<'_>>(), created()))
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        with_id(new(("GET", CLIENT), "getWholeClient"))
            .summary("Show a client, whole")
            .answers(200, "The client.", (Schema::of::<ClientView<'_>>(), example()))
            .versioned(),
        change(("PUT", "changeWholeClient")),
        change(("PATCH", "updateWholeClient")),
        with_id(new(("DELETE", CLIENT), "deleteWholeClient"))
            .summary("Remove a client")
            .about("All of its tokens end at once.")
            .answers_nothing(204, "It is gone.")
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        overlap(with_id(new(("POST", ROTATE), "rotateWholeClientSecret")))
            .summary("Give a client a new secret")
            .answers(200, "The new secret.", new_secret())
            .refuses(&[ErrorCode::Conflict]),
        with_id(new(("GET", LOGO), "getWholeClientLogo"))
            .summary("Show the logo of a client")
            .about(
                "As people see it: the one that was sent, or the one at the client's logo_uri, once it was fetched and \
                 drawn anew.",
            )
            .answers(200, "The logo.", logo())
            .versioned(),
        with_id(new(("PUT", LOGO), "putWholeClientLogo"))
            .summary("Send a logo for a client")
            .about(
                "PNG, JPEG or WebP as a data: URI, drawn anew in 128 pixels. null takes it away: then people see the one at \
                 the client's logo_uri, if it has one. Another logo_uri takes its place.",
            )
            .takes(
                Schema::object([required("logo", Schema::text().or_null())]).closed(),
                json!({ "logo": PICTURE }),
            )
            .answers(200, "The logo.", logo())
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
    ]
}

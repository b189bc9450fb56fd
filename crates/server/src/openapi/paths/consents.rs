//! Consents, for people and for applications, and sign-ins.

use serde_json::{Value, json};

use super::super::operation::{Contract, ErrorShape, Operation};
use super::{next_cursor, page, total};
use crate::call::schema::{Schema, optional, required};

const CONSENT: &str = "/api/v1/oauth/consent";
const CONSENTS: &str = "/api/v1/oauth/consents";
const SESSIONS: &str = "/api/v1/oauth/sessions";
/// What narrows a list to one person.
const WHOSE: &str = "Only this person's: a row id, a username or a verified address.";

fn scopes() -> Schema {
    Schema::list(Schema::text())
}

fn enveloped(data: Schema) -> Schema {
    Schema::object([required("success", Schema::flag()), required("data", data)])
}

fn success(data: &Value) -> Value {
    json!({ "success": true, "data": data })
}

fn row() -> Schema {
    Schema::object([
        required("id", Schema::uuid()),
        required("client_id", Schema::text()),
        required("user_id", Schema::uuid()),
        required("scopes", scopes()),
        required("granted_at", Schema::time()),
    ])
    .named("Consent")
}

fn row_example() -> Value {
    json!({
        "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
        "client_id": "cli_01KAN3RHBE2VG9M6HR5KX2QW0H",
        "user_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072",
        "scopes": ["openid", "profile"],
        "granted_at": "2026-11-21T12:00:00Z",
    })
}

fn own() -> Schema {
    Schema::object([
        required("clientId", Schema::text()),
        required("clientName", Schema::text()),
        required("scopes", scopes()),
        required("grantedAt", Schema::time()),
    ])
    .named("OwnConsent")
}

fn decide() -> Operation {
    let takes = Schema::object([
        required("loginChallenge", Schema::text().about("As the browser was sent with.")),
        required("approved", Schema::flag()),
        optional(
            "scopes",
            scopes().or_null().about("A subset of those requested; all of them where absent."),
        ),
        optional(
            "remember",
            Schema::flag().about("Whether the next request for no more goes without a screen."),
        ),
    ]);
    let answer = Schema::object([required("redirectTo", Schema::text().about("Where the browser goes on."))]);
    Operation::new(("POST", CONSENT), "decideConsent", PEOPLE)
        .summary("Decide an authorization request")
        .about("For the person whose token it is, through one of the tenant's own applications. A challenge is decided once, and lasts ten minutes.")
        .takes(takes, json!({ "loginChallenge": "ch_7fK2mPqRsT9vWxYzA4bCdE", "approved": true, "remember": true }))
        .answers(200, "Where the browser goes on.", (
            enveloped(answer),
            success(&json!({ "redirectTo": "https://app.example.com/callback?code=code_1&state=xyz&iss=https%3A%2F%2Fid.example.com" })),
        ))
        .refuses(&[writ_core::error::ErrorCode::InvalidScope])
}

fn asked() -> Operation {
    let text = Schema::text;
    let client = Schema::object([
        required("clientId", text()),
        required("name", text()),
        required("description", text().or_null()),
        required("clientUri", text().or_null()),
        required("logoUri", text().or_null()),
    ]);
    let scope = Schema::object([required("name", text()), required("description", text().or_null())]);
    let data = Schema::object([
        required("client", client),
        required("scopes", Schema::list(scope)),
        required("loginHint", text().or_null()),
        required("expiresAt", Schema::time()),
    ])
    .named("AskedFor");
    let example = json!({
        "client": { "clientId": "shop", "name": "Shop", "description": null, "clientUri": null, "logoUri": null },
        "scopes": [{ "name": "openid", "description": "Sign you in" }],
        "loginHint": null,
        "expiresAt": "2026-11-21T12:10:00Z",
    });
    Operation::new(("GET", "/api/v1/oauth/consent/{loginChallenge}"), "showConsentRequest", PEOPLE)
        .summary("Who asks for what")
        .about("What a consent screen shows.")
        .path("loginChallenge", "As the browser was sent with.", "ch_7fK2mPqRsT9vWxYzA4bCdE")
        .answers(200, "The request.", (enveloped(data), success(&example)))
}

fn list() -> Operation {
    let own = enveloped(Schema::object([
        required("consents", Schema::list(own())),
        total(),
        optional("nextCursor", Schema::text().about("What `cursor` takes for the next page.")),
    ]));
    Operation::new(("GET", CONSENTS), "listConsents", Contract::Oauth2)
        .summary("List consents")
        .about("A person sees their own, in the shape of the tenant contract; applications and API keys see all of the tenant.")
        .errs(ErrorShape::ByCredential)
        .paged()
        .query("user_id", WHOSE, Schema::text())
        .answers(200, "A page of consents, newest first.", (
            Schema::either([own, page("consents", row())]),
            json!({ "consents": [row_example()], "total": 1 }),
        ))
}

fn history() -> Operation {
    let event = Schema::object([
        required("id", Schema::uuid()),
        required("consent_id", Schema::uuid().or_null()),
        required("client_id", Schema::text()),
        required("user_id", Schema::uuid()),
        required("event", Schema::word(["granted", "extended", "denied", "withdrawn"])),
        required("scopes", scopes()),
        required("at", Schema::time()),
    ])
    .named("ConsentEvent");
    let example = json!({
        "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6073",
        "consent_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
        "client_id": "cli_01KAN3RHBE2VG9M6HR5KX2QW0H",
        "user_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072",
        "event": "granted",
        "scopes": ["openid", "profile"],
        "at": "2026-11-21T12:00:00Z",
    });
    Operation::new(("GET", "/api/v1/oauth/consents/history"), "listConsentHistory", Contract::Oauth2)
        .summary("What happened to consents")
        .about("Every grant, extension, denial and withdrawal; it outlives the consent.")
        .paged()
        .query("user_id", WHOSE, Schema::text())
        .answers(
            200,
            "A page of the history, newest first.",
            (
                Schema::object([required("history", Schema::list(event)), total(), next_cursor()]),
                json!({ "history": [example], "total": 1 }),
            ),
        )
}

fn sessions() -> Operation {
    let text = Schema::text;
    let session = Schema::object([
        required("id", Schema::uuid()),
        required("user_id", Schema::uuid()),
        required("username", text()),
        required("created_at", Schema::time()),
        required("last_seen_at", Schema::time()),
        required("expires_at", Schema::time()),
        required("ip_address", text().or_null()),
        required("user_agent", text().or_null()),
    ])
    .named("Session");
    let example = json!({
        "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6074",
        "user_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072",
        "username": "ada@example.org",
        "created_at": "2026-11-21T12:00:00Z",
        "last_seen_at": "2026-11-21T12:30:00Z",
        "expires_at": "2026-11-28T12:00:00Z",
        "ip_address": "192.0.2.7",
        "user_agent": null,
    });
    Operation::new(("GET", SESSIONS), "listSessions", Contract::Oauth2)
        .summary("Who is signed in")
        .about("A person sees their own sign-ins; with `sessions:read`, all of the tenant.")
        .paged()
        .query("user_id", WHOSE, Schema::text())
        .answers(
            200,
            "A page of sign-ins, newest first.",
            (page("sessions", session), json!({ "sessions": [example], "total": 1 })),
        )
}

fn logouts() -> Operation {
    let text = Schema::text;
    let logout = Schema::object([
        required("id", Schema::uuid()),
        required("client_id", text()),
        required("session_id", Schema::uuid()),
        required("user_id", Schema::uuid()),
        required("state", Schema::word(["waiting", "given_up"])),
        required("ended_at", Schema::time()),
        required("tries", Schema::integer()),
        required("next_try_at", Schema::time().or_null()),
        required("given_up_at", Schema::time().or_null()),
        required(
            "problem",
            text().or_null().about("`no_answer`, `internal`, or `status_` and the status of its answer."),
        ),
    ])
    .named("Logout");
    let example = json!({
        "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6075",
        "client_id": "cli_01KAN3RHBE2VG9M6HR5KX2QW0H",
        "session_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6074",
        "user_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072",
        "state": "waiting",
        "ended_at": "2026-11-21T12:00:00Z",
        "tries": 2,
        "next_try_at": "2026-11-21T12:00:35Z",
        "given_up_at": null,
        "problem": "status_503",
    });
    Operation::new(("GET", "/api/v1/logouts"), "listLogouts", Contract::Ours)
        .summary("Applications that have not been told of a sign-out")
        .about("By back-channel logout. One that does not answer is tried again for twelve hours; what was given up is kept for thirty days.")
        .paged()
        .answers(
            200,
            "A page of what is to be told or was given up, newest first.",
            (page("logouts", logout), json!({ "logouts": [example], "total": 1 })),
        )
}

/// The contract of what only people do.
const PEOPLE: Contract = Contract::Tenant;

pub(super) fn all() -> Vec<Operation> {
    let new = Schema::object([required("client_id", Schema::text()), required("scopes", scopes())]);
    vec![
        decide(),
        asked(),
        list(),
        Operation::new(("POST", CONSENTS), "createConsent", Contract::Oauth2)
            .summary("Record a consent")
            .about("Of the person whose token it is, through one of the tenant's own applications.")
            .takes(new, json!({ "client_id": "cli_01KAN3RHBE2VG9M6HR5KX2QW0H", "scopes": ["openid"] }))
            .answers(201, "The consent.", (row(), row_example()))
            .refuses(&[writ_core::error::ErrorCode::InvalidScope, writ_core::error::ErrorCode::Conflict]),
        history(),
        Operation::new(("DELETE", "/api/v1/oauth/consents/{consent_id}"), "withdrawConsent", Contract::Oauth2)
            .summary("Withdraw a consent")
            .about("The grants behind it end: refresh and access tokens. For a person, the last part is the client_id or the consent's id.")
            .path("consent_id", "The consent.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071")
            .errs(ErrorShape::ByCredential)
            .answers(200, "For a person: it is withdrawn.", (enveloped(Schema::null()), success(&Value::Null)))
            .answers_nothing(204, "For an application: it is withdrawn.")
            .refuses(&[writ_core::error::ErrorCode::Conflict]),
        sessions(),
        logouts(),
        Operation::new(("DELETE", "/api/v1/oauth/sessions/{session_id}"), "endSession", Contract::Oauth2)
            .summary("End a sign-in")
            .about("The grants made in it end, except for offline access.")
            .path("session_id", "The sign-in.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6074")
            .answers_nothing(204, "It is over.")
            .refuses(&[writ_core::error::ErrorCode::Conflict]),
    ]
}

//! Tokens and the audit log: the oauth2 contract, and the clients contract's list of tokens.

use serde_json::{Value, json};
use writ_core::audit::Outcome;
use writ_core::error::ErrorCode;

use super::super::operation::{BodyContent, Contract, Media, Operation};
use super::next_cursor;
use crate::call::schema::{Schema, SchemaMember, optional, required};

const CLIENT: &str = "cli_01JD8ZV3T5N6P7Q8R9S0T1V2W3";
const TOKEN: &str = "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071";

fn total() -> SchemaMember {
    let about = "How many there are in all; null where more than 5,000 would have to be looked at.";
    required("total", Schema::integer().or_null().about(about))
}

fn token() -> Schema {
    Schema::object([
        required("id", Schema::uuid()),
        required("type", Schema::word(["access_token", "refresh_token"])),
        required("client_id", Schema::text()),
        required("user_id", Schema::uuid().or_null()),
        required("scope", Schema::text()),
        required("issued_at", Schema::time()),
        required("expires_at", Schema::time()),
        required("last_used_at", Schema::time().or_null().about("Some seconds late.")),
    ])
    .named("Token")
}

fn token_example() -> Value {
    json!({
        "id": TOKEN, "type": "access_token", "client_id": CLIENT, "user_id": null, "scope": "read write",
        "issued_at": "2026-11-20T09:00:00Z", "expires_at": "2026-11-20T10:00:00Z", "last_used_at": null,
    })
}

fn machine_token() -> Schema {
    Schema::object([
        required("id", Schema::uuid()),
        required("scope", Schema::text()),
        required("issued_at", Schema::time()),
        required("expires_at", Schema::time()),
        required("last_used_at", Schema::time().or_null()),
    ])
    .named("MachineToken")
}

fn record() -> Schema {
    let text = || Schema::text().or_null();
    let actor = [
        required("type", Schema::text()),
        required("id", Schema::uuid().or_null()),
        required("name", text()),
    ];
    let target = [required("type", Schema::text()), required("id", Schema::uuid().or_null())];
    Schema::object([
        required("id", Schema::uuid()),
        required("at", Schema::time()),
        required("actor", Schema::object(actor)),
        required("action", Schema::text()),
        required("target", Schema::object(target)),
        required("outcome", Schema::word(Outcome::ALL.map(Outcome::name))),
        required("ip_address", text()),
        required("user_agent", text()),
        required("request_id", text()),
        required("details", Schema::any()),
    ])
    .named("AuditRecord")
}

fn record_example() -> Value {
    json!({
        "id": TOKEN, "at": "2026-11-20T09:00:00Z",
        "actor": { "type": "client", "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072", "name": CLIENT },
        "action": "access_token.issued",
        "target": { "type": "access_token", "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6073" },
        "outcome": "success", "ip_address": "192.0.2.7", "user_agent": "curl/8.5.0", "request_id": "1f-2a",
        "details": null,
    })
}

fn rate_limit() -> Schema {
    Schema::object([
        required("name", Schema::text()),
        required("limit", Schema::integer()),
        required("remaining", Schema::integer()),
        required("reset", Schema::time().about("When all of it is there again.")),
        required("window", Schema::integer().about("Seconds in which an empty limit fills up.")),
    ])
    .named("RateLimit")
}

fn named() -> [SchemaMember; 2] {
    [optional("token", Schema::text().or_null()), optional("token_id", Schema::text().or_null())]
}

fn audit_logs() -> Operation {
    let logs = Schema::object([required("audit_logs", Schema::list(record())), total(), next_cursor()]);
    Operation::new(("GET", "/api/v1/audit-logs"), "listAuditLogs", Contract::Oauth2)
        .summary("Read the audit log")
        .about("Newest first. As JSON lines it is all of it, without pages.")
        .paged()
        .query("actor", "Who: a row id, a name, or a kind such as `user`.", Schema::text())
        .query(
            "user",
            "About a person who acted, to whom it was done, or whose name was tried: a row id, a username or a \
             verified address.",
            Schema::text(),
        )
        .query("outcome", "What came of it.", Schema::word(Outcome::ALL.map(Outcome::name)))
        .query("ip_address", "From this address or network (CIDR).", Schema::text())
        .query("action", "What, such as `client.created`.", Schema::text())
        .query("target", "To which thing: a row id, the name of a user or client, or a kind.", Schema::text())
        .query("from", "At this time or later.", Schema::text())
        .query("to", "Before this time.", Schema::text())
        .query("format", "`jsonl`: a record a line.", Schema::word(["json", "jsonl"]))
        .reply(
            200,
            "A page of records, or all of them.",
            vec![
                BodyContent {
                    media: Media::Json,
                    schema: logs,
                    example: json!({ "audit_logs": [record_example()], "total": 1 }),
                },
                BodyContent { media: Media::JsonLines, schema: record(), example: record_example() },
            ],
        )
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Oauth2);
    let nothing = || (Schema::object([]), json!({}));
    vec![
        new(("GET", "/api/v1/oauth/tokens"), "listTokens")
            .summary("List live tokens")
            .about(
                "Access and refresh tokens, newest first; never the token itself. A refresh token is listed until it is \
                 used. A page may be shorter than asked for and still have a next one.",
            )
            .paged()
            .query("client_id", "Issued to this client.", Schema::text())
            .query("user_id", "Speaking for this person: a row id, a username or a verified address.", Schema::text())
            .query("type", "Of this type.", Schema::word(["access_token", "refresh_token"]))
            .answers(
                200,
                "A page of tokens.",
                (
                    Schema::object([required("tokens", Schema::list(token())), total(), next_cursor()]),
                    json!({ "tokens": [token_example()], "total": 1 }),
                ),
            ),
        new(("POST", "/api/v1/oauth/tokens/revoke"), "revokeTokenByName")
            .summary("Revoke a token")
            .about("By its text or its id. A refresh token ends its whole grant. A success whether or not it was known.")
            .takes(Schema::object(named()), json!({ "token_id": TOKEN }))
            .takes_as(Media::Form, Schema::object(named()), json!({ "token_id": TOKEN }))
            .answers(200, "It is not live any more.", nothing())
            .refuses(&[ErrorCode::Conflict]),
        new(("POST", "/api/v1/oauth/tokens/bulk-revoke"), "revokeTokens")
            .summary("Revoke many tokens")
            .about("Everything that is named has to hold. One act, which holds at the next request on every node.")
            .takes(
                Schema::object([
                    optional("client_id", Schema::text().or_null()),
                    optional("user_id", Schema::text().or_null()),
                    optional("token_ids", Schema::list(Schema::text()).or_null()),
                    optional("issued_before", Schema::time().or_null()),
                ]),
                json!({ "client_id": CLIENT }),
            )
            .answers(
                200,
                "How many of them were live, refresh tokens included.",
                (Schema::object([required("revoked", Schema::integer())]), json!({ "revoked": 3 })),
            )
            .refuses(&[ErrorCode::Conflict]),
        new(("GET", "/api/v1/oauth/rate-limits"), "listRateLimits")
            .summary("Show what is left of the limits")
            .about("Of the caller, on the node that answers. Empty where limits are off.")
            .query("client_id", "Of this client.", Schema::text())
            .answers(
                200,
                "Each limit.",
                (
                    Schema::object([required("rate_limits", Schema::list(rate_limit()))]),
                    json!({ "rate_limits": [{
                        "name": "tokens", "limit": 20000, "remaining": 19999,
                        "reset": "2026-11-20T09:00:01Z", "window": 2,
                    }] }),
                ),
            ),
        audit_logs(),
        Operation::new(("GET", "/v1/clients/{id}/tokens"), "listMachineTokens", Contract::Clients)
            .summary("List the live tokens of a machine client")
            .path("id", "The client's id, or its `client_id`.", CLIENT)
            .paged()
            .answers(
                200,
                "A page of tokens.",
                (
                    Schema::object([required("data", Schema::list(machine_token())), next_cursor()]),
                    json!({ "data": [{
                        "id": TOKEN, "scope": "read", "issued_at": "2026-11-20T09:00:00Z",
                        "expires_at": "2026-11-20T10:00:00Z", "last_used_at": null,
                    }] }),
                ),
            ),
    ]
}

//! `/oauth2/register`, and the initial access tokens that it takes.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;
use writ_core::registration::RegistrationToken;

use super::super::operation::{Access, Contract, Operation};
use super::{display_name, page};
use crate::call::schema::{Schema, SchemaMember, optional, required};
use crate::contracts::registration;

const REGISTER: &str = "/oauth2/register";
const CLIENT: &str = "/oauth2/register/{client_id}";
const CLIENT_ID: (&str, &str, &str) = ("client_id", "The client_id.", "cli_01HABCDEF1G2H3J4K5M6N7P8Q9");
const TOKENS: &str = "/api/v1/registration-tokens";
const TOKEN: &str = "/api/v1/registration-tokens/{id}";
const ID: (&str, &str, &str) = ("id", "The token's id.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");

fn metadata() -> Value {
    json!({
        "client_name": "Billing",
        "redirect_uris": ["https://billing.example.com/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "client_secret_basic",
        "contacts": ["billing@example.com"],
    })
}

fn statement() -> SchemaMember {
    let about = "What the publisher of the software has signed of it (RFC 7591, section 2.3).";
    optional("software_statement", Schema::text().or_null().about(about))
}

fn answer() -> Schema {
    let always = [
        required("client_id", Schema::text()),
        required("client_id_issued_at", Schema::integer().about("Seconds since 1970.")),
        optional("client_secret", Schema::text().about("Shown this once.")),
        optional("client_secret_expires_at", Schema::integer().about("0: never.")),
        required("registration_access_token", Schema::text().about("What the client manages itself with.")),
        required("registration_client_uri", Schema::uri().about("Where it does.")),
        optional("software_statement", Schema::text()),
    ];
    registration::schema().with_members(always).requiring(&[
        "client_id",
        "client_id_issued_at",
        "registration_access_token",
        "registration_client_uri",
    ])
}

fn example() -> Value {
    let mut example = json!({
        "client_id": CLIENT_ID.2,
        "client_id_issued_at": 1_795_166_400,
        "client_secret": "csec_4Jq0c1mZr8sXw2Vb7Kd5Tn9Yp3Gh6Lf0Ra1QeUwxyz",
        "client_secret_expires_at": 0,
        "registration_access_token": "rat_2HKzPYRYgNgGh6tqEYjN1Qd5sX0yJxw7mT3v8cLpA4bRkUeWfZiSoDnMtVhBqGra",
        "registration_client_uri": "https://id.example.com/oauth2/register/cli_01HABCDEF1G2H3J4K5M6N7P8Q9",
        "application_type": "web",
        "response_types": ["code"],
        "subject_type": "public",
        "scope": "openid profile email address phone offline_access",
    });
    if let (Value::Object(example), Value::Object(metadata)) = (&mut example, metadata()) {
        example.extend(metadata);
    }
    example
}

fn with_id(mut metadata: Value) -> Value {
    if let Some(members) = metadata.as_object_mut() {
        members.insert("client_id".to_owned(), CLIENT_ID.2.into());
    }
    metadata
}

const REFUSALS: [ErrorCode; 6] = [
    ErrorCode::InvalidRedirectUri,
    ErrorCode::InvalidClientMetadata,
    ErrorCode::InvalidSoftwareStatement,
    ErrorCode::UnapprovedSoftwareStatement,
    ErrorCode::AccessDenied,
    ErrorCode::NotFound,
];

fn protocol() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Protocol).access(Access::Bearer);
    let of_client = |operation: Operation| operation.path(CLIENT_ID.0, CLIENT_ID.1, CLIENT_ID.2);
    let sent = || registration::schema().with_members([statement()]);
    let changed = || {
        let about = "One that it has, or nothing: it is made by the server.";
        sent()
            .with_members([
                required("client_id", Schema::text().about("The client's own.")),
                optional("client_secret", Schema::text().or_null().about(about)),
            ])
            .requiring(&["client_id"])
    };
    vec![
        new(("POST", REGISTER), "createClientRegistration")
            .summary("Register an application")
            .about(
                "RFC 7591, OpenID Connect Dynamic Client Registration 1.0. Where the tenant's setting `registration` is \
                 `token` it takes an initial access token, where it is `open` it takes nothing. What the tenant's \
                 `registration_policy` does not allow of grant types and scopes is left away; unknown members are passed \
                 over.",
            )
            .takes(sent(), metadata())
            .answers(201, "What was registered, with its secret.", (answer(), example()))
            .refuses(&REFUSALS),
        of_client(new(("GET", CLIENT), "getClientRegistration"))
            .summary("Show what an application registered")
            .about("RFC 7592, with the client's registration access token. The secret is shown only where it is made.")
            .answers(200, "What is registered.", (answer(), example()))
            .refuses(&[ErrorCode::NotFound]),
        of_client(new(("PUT", CLIENT), "updateClientRegistration"))
            .summary("Change what an application registered")
            .about(
                "RFC 7592: all of it; what is absent becomes its default. The answer has another registration access \
                 token, and the one before is worth nothing from then on.",
            )
            .takes(changed(), with_id(metadata()))
            .answers(200, "What is registered from now on.", (answer(), example()))
            .refuses(&REFUSALS),
        of_client(new(("DELETE", CLIENT), "deleteClientRegistration"))
            .summary("Remove an application at its own wish")
            .about("RFC 7592. All of its tokens end at once.")
            .answers_nothing(204, "It is gone.")
            .refuses(&[ErrorCode::NotFound]),
    ]
}

fn members() -> [SchemaMember; 8] {
    [
        required("id", Schema::uuid()),
        required("name", display_name()),
        required("masked", Schema::text().about("What the token begins and ends with.")),
        required(
            "uses_left",
            Schema::integer().or_null().about("How many clients may still come with it; null: any number."),
        ),
        required("uses", Schema::integer().about("How many have come with it.")),
        required("created_at", Schema::time()),
        required("expires_at", Schema::time().or_null()),
        required("last_used_at", Schema::time().or_null()),
    ]
}

fn view() -> Schema {
    Schema::object(members()).named("RegistrationToken")
}

fn shown() -> Value {
    json!({
        "id": ID.2,
        "name": "Partner onboarding",
        "masked": "iat_••••••••••••••••••••••••wxyz",
        "uses_left": 1,
        "uses": 0,
        "created_at": "2026-11-20T09:00:00Z",
        "expires_at": "2026-12-20T09:00:00Z",
        "last_used_at": null,
    })
}

fn made() -> (Schema, Value) {
    let token = Schema::text().like("^iat_").about("The token itself: shown this once.");
    let schema = Schema::object(members().into_iter().chain([required("initial_access_token", token)]));
    let mut example = shown();
    if let Some(members) = example.as_object_mut() {
        let text = "iat_2HKzPYRYgNgGh6tqEYjN1Qd5sX0yJxw7mT3v8cLpA4bRkUeWfZiSoDnMtVhBqwxyz";
        members.insert("initial_access_token".to_owned(), text.into());
    }
    (schema.named("CreatedRegistrationToken"), example)
}

fn tokens() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours);
    let uses = Schema::integer().within(1, RegistrationToken::MOST_USES).or_null().default_is(1);
    vec![
        new(("GET", TOKENS), "listRegistrationTokens")
            .summary("List the initial access tokens")
            .paged()
            .answers(
                200,
                "A page of tokens.",
                (
                    page("registration_tokens", view()),
                    json!({ "registration_tokens": [shown()], "total": 1 }),
                ),
            ),
        new(("POST", TOKENS), "createRegistrationToken")
            .summary("Make an initial access token")
            .about("With it, applications register themselves at `/oauth2/register` where that takes one.")
            .takes(
                Schema::object([
                    required("name", display_name()),
                    optional("uses", uses.about("How many clients may come with it; null: any number.")),
                    optional(
                        "expires_at",
                        Schema::time().or_null().about("When it stops working; null: never."),
                    ),
                ]),
                json!({ "name": "Partner onboarding", "uses": 1, "expires_at": "2099-12-20T09:00:00Z" }),
            )
            .answers(201, "The token, with the one chance to see it.", made())
            .repeatable(),
        new(("GET", TOKEN), "getRegistrationToken")
            .summary("Show an initial access token")
            .path(ID.0, ID.1, ID.2)
            .answers(200, "The token, masked.", (view(), shown())),
        new(("DELETE", TOKEN), "deleteRegistrationToken")
            .summary("End an initial access token")
            .about("The clients that came with it stay.")
            .path(ID.0, ID.1, ID.2)
            .answers_nothing(204, "It works no more."),
    ]
}

pub(super) fn all() -> Vec<Operation> {
    [protocol(), tokens()].concat()
}

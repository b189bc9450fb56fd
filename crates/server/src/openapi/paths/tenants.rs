//! `/api/v1/tenants`.

use std::ops::RangeInclusive;

use serde_json::json;
use writ_core::claims::Claim;
use writ_core::client::{AssertionAudience, IdTokenClaims, TokenRate};
use writ_core::error::ErrorCode;
use writ_core::people::factors::remembered::LONGEST as REMEMBERED_LONGEST;
use writ_core::people::leaving;
use writ_core::settings::{
    Choice, Choices, ClientRegistration, LONGEST, LONGEST_GRACE, MOST_CLIENTS, RedirectHost,
    RegistrationPolicy, SHORTEST,
};
use writ_core::step_up::DemandedAcr;

use super::super::operation::{Contract, Operation};
use super::{algorithm, confirm_lockout, display_name, looks, networks, page};
use crate::call::schema::{Schema, optional, required};

const ID: (&str, &str, &str) = ("id", "The tenant's id, or its slug.", "acme");
const TENANTS: &str = "/api/v1/tenants";
const TENANT: &str = "/api/v1/tenants/{id}";

fn slug() -> Schema {
    Schema::text().between(1, 63).about("Its place in URLs: a-z, 0-9 and -.")
}

/// The settings: how each is called, and its values.
#[expect(clippy::too_many_lines, reason = "a table")]
fn settings() -> Vec<(&'static str, Schema)> {
    let (flag, text) = (Schema::flag, Schema::text);
    let lifetime = || Schema::integer().within(SHORTEST.0, LONGEST.0);
    vec![
        (
            "access_token_alg",
            algorithm().or_null().about("What access tokens are signed with; null: the server's default."),
        ),
        (
            "id_token_alg",
            algorithm().or_null().about("What ID tokens are signed with; null: the server's default."),
        ),
        (
            "id_token_claims",
            Schema::word(IdTokenClaims::ALL.map(IdTokenClaims::name)).or_null().about(
                "What ID tokens tell of the person: who it is alone, or the claims of the scopes; null: the server's default.",
            ),
        ),
        (
            "client_assertion_audience",
            Schema::word(AssertionAudience::ALL.map(AssertionAudience::name)).or_null().about(
                "Whom assertions of clients have to be for, where the client does not say: the issuer alone, or the token \
                 endpoint too; null: the issuer.",
            ),
        ),
        ("password_grant", flag().about("Whether the password grant may be used.")),
        (
            "legacy_implicit_grant",
            flag().about(
                "Whether clients may be registered for response types with an access token in them, which OAuth 2.1 has \
                 dropped: whatever runs in the browser can read it.",
            ),
        ),
        ("strict_scopes", flag().about("Whether clients may only be given scopes that are known already.")),
        (
            "consent_return",
            Schema::word(["direct", "resume"])
                .about("Where a decision leads: to the application, or through this server."),
        ),
        ("login_url", Schema::uri().or_null().about("A login page of the tenant's own.")),
        ("consent_url", Schema::uri().or_null().about("A consent page of the tenant's own.")),
        ("self_registration", flag().about("Whether people may register themselves.")),
        ("require_verified_email", flag().about("Whether signing in needs a verified email address.")),
        (
            "second_factor",
            Schema::word(["if_enrolled", "administrators", "everyone"]).about(
                "Who proves a second factor at sign-in: whoever has set one up, also whoever bears a permission, or everybody.",
            ),
        ),
        (
            "passkeys",
            Schema::word(["off", "on"]).about(
                "Whether people make passkeys, and sign in with them.",
            ),
        ),
        (
            "passkey_attestation_roots",
            text().or_null().about(
                "The makers whose authenticators are taken for passkeys, as certificates in PEM. null: all, and nobody is asked who made them.",
            ),
        ),
        ("mailed_codes", flag().about("Whether a code by email stands in for a second factor, for people who have set up none, where one is wanted of them.")),
        ("mailed_sign_in", flag().about("Whether people can sign in with a link or a code that is sent to their verified email address.")),
        ("remembered_devices", Schema::integer().within(0, REMEMBERED_LONGEST.0).about("For how many seconds people may not be asked for the second factor again on a device, if they wish so; 0: never.")),
        (
            "confirm_sign_out",
            flag().about(
                "Whether a person is asked before an application signs them out, even if its `id_token_hint` names them.",
            ),
        ),
        (
            "require_pushed_authorization_requests",
            flag().about("Whether only authorization requests are taken that were pushed (RFC 9126)."),
        ),
        (
            "require_signed_request_object",
            flag().about("Whether authorization requests are taken only as signed request objects (RFC 9101)."),
        ),
        (
            "interaction_clients",
            Schema::list(text()).about(
                "Public ids of the clients through which people act: they decide about requests, change their profile \
                 and end their sign-ins there. First party or not, no other client is enough. To change it needs \
                 `clients:trust`.",
            ),
        ),
        ("access_token_lifetime_max", lifetime().about("Seconds.")),
        ("refresh_token_lifetime_max", lifetime().about("Seconds.")),
        ("session_idle", lifetime().about("Seconds.")),
        ("session_absolute", lifetime().about("Seconds.")),
        (
            "refresh_grace",
            Schema::integer()
                .within(0, LONGEST_GRACE.0)
                .about("Seconds in which a used refresh token is forgiven."),
        ),
    ]
    .into_iter()
    .chain(bound())
    .chain(managing(lifetime()))
    .chain(addresses())
    .chain(registering())
    .chain(account_settings())
    .chain(look_settings())
    .chain(operators())
    .collect()
}

/// Those of tokens that are bound to keys.
fn bound() -> [(&'static str, Schema); 2] {
    let flag = Schema::flag;
    [
        (
            "dpop_bound_access_tokens",
            flag().about("Whether clients get access tokens only with a proof of the key that they are bound to (RFC 9449)."),
        ),
        (
            "require_dpop_nonce",
            flag().about(
                "Whether such proofs have to bear a nonce of the server's, so that nobody can make them long before they are used.",
            ),
        ),
    ]
}

/// Those of who may manage the tenant, and from where.
fn managing(lifetime: Schema) -> [(&'static str, Schema); 3] {
    [
        (
            "management_networks",
            networks().about(
                "From where the tenant is managed, by whoever holds a permission; none: from everywhere.",
            ),
        ),
        (
            "management_acr",
            Schema::word(DemandedAcr::ALL.map(DemandedAcr::name)).or_null().about(
                "How much people have to have proved who manage the tenant with an access token (RFC 9470): 2 is two \
                 factors; null: nothing more than to sign in.",
            ),
        ),
        (
            "management_max_age",
            lifetime.or_null().about(
                "Seconds since people have signed in, at the most, who manage the tenant with an access token (RFC 9470); \
                  null: as long as the token lives.",
            ),
        ),
    ]
}

/// Those of what is allowed of addresses.
fn addresses() -> [(&'static str, Schema); 3] {
    let flag = Schema::flag;
    [
        (
            "allow_dotless_schemes",
            flag().about(
                "Whether redirect URIs may have private-use schemes without a dot, such as `cursor://` (RFC 8252 advises \
                 against them: any application may claim one).",
            ),
        ),
        (
            "allow_host_underscores",
            flag().about("Whether hosts of redirect URIs and origins may have underscores."),
        ),
        (
            "allow_http_callbacks",
            flag().about(
                "Whether redirect URIs and origins may use http on other hosts than loopback: for closed networks, since \
                 whoever is on the way can read the code.",
            ),
        ),
    ]
}

/// Those of clients that register themselves.
fn registering() -> [(&'static str, Schema); 5] {
    let hosts = || Schema::list(Schema::text()).at_most(RedirectHost::MOST);
    [
        (
            "client_documents",
            Schema::flag().about(
                "Whether a `client_id` may be the https address of a document that describes the client \
                 (draft-ietf-oauth-client-id-metadata-document). What such a client may have is in `registration_policy`.",
            ),
        ),
        (
            "client_document_hosts",
            hosts().about("The hosts whose documents are taken: `app.example.com`, or `*.example.com` for all below a name; none: any."),
        ),
        (
            "client_document_hosts_refused",
            hosts().about("Hosts whose documents are not taken. Their clients get no more tokens."),
        ),
        (
            "registration",
            Schema::word(ClientRegistration::ALL.map(ClientRegistration::name)).about(
                "Who may register a client at `/oauth2/register` (RFC 7591): nobody, whoever has an initial access token, or \
                 everybody.",
            ),
        ),
        ("registration_policy", policy()),
    ]
}

/// Those of how its pages and letters look, and whom these come from.
fn look_settings() -> [(&'static str, Schema); 4] {
    [
        ("look", looks::look()),
        ("texts", looks::texts()),
        (
            "application_looks",
            Schema::flag().about(
                "Whether applications have looks and texts of their own (`look` of a client) where people sign in and consent for \
                 them.",
            ),
        ),
        (
            "mail_sender",
            Schema::text().or_null().about(
                "Whom its letters come from: an email address, with a name perhaps; else the name is the tenant's. Its domain is \
                 that of `smtp.from`, or one of `smtp.sender_domains`. null: the server's own sender.",
            ),
        ),
    ]
}

/// Those of what people do with their own account.
fn account_settings() -> [(&'static str, Schema); 3] {
    [
        ("account_deletion", Schema::flag().about("Whether people may delete their own account, on `/account/delete`.")),
        (
            "account_deletion_grace",
            Schema::integer().within(0, leaving::LONGEST_GRACE.0).about(
                "Seconds in which they may keep it after all, while nobody can use it; 0: it is gone at once.",
            ),
        ),
        (
            "profile_claims",
            Schema::list(Schema::word(Claim::own().map(Claim::path))).about(
                "Which standard claims people fill in on `/account/profile`, beside their name; null: given_name and \
                 family_name.",
            ),
        ),
    ]
}

/// What clients may have that register themselves.
fn policy() -> Schema {
    let texts = || Schema::list(Schema::text()).at_most(100);
    let issuer = Schema::object([
        required("issuer", Schema::text().about("`iss` of its statements.")),
        required("jwks", Schema::object([]).open().about("Its public keys.")),
    ]);
    let flag = Schema::flag().about("Whether each has to send a software statement.");
    Schema::object([
        optional("grant_types", texts().about("The grants that they may use.")),
        optional("scopes", texts().about("The scopes that they may have, and have where they name none.")),
        optional(
            "redirect_hosts",
            texts().about(
                "Where their redirect URIs may lead: hosts, `*.example.com` for all below a name, schemes such as \
                 `com.example.app:`; none: anywhere.",
            ),
        ),
        optional("software_statement_required", flag),
        optional(
            "software_issuers",
            Schema::list(issuer).at_most(20).about("Whose software statements are believed (RFC 7591, section 2.3)."),
        ),
        optional(
            "unused_lifetime",
            Schema::integer()
                .within(60, 315_360_000)
                .or_null()
                .about("Seconds after which one is removed that never got a token; null: it stays."),
        ),
        optional("clients_max", Schema::integer().within(0, MOST_CLIENTS).about("How many there may be.")),
    ])
    .about("What they may have; sent whole, with its default for what is absent.")
}

/// What it is where nobody says anything.
fn policy_example() -> serde_json::Value {
    serde_json::from_str(&RegistrationPolicy::default().to_json()).unwrap_or_default()
}

/// Those that are an operator's, whatever is left to administrators.
fn operators() -> Vec<(&'static str, Schema)> {
    let number = |bounds: &RangeInclusive<i64>| Schema::integer().within(*bounds.start(), *bounds.end());
    vec![
        (
            "token_rate",
            number(&TokenRate::RATES).or_null().about(
                "How many tokens a second, from each node, a client may get that has no `token_rate` of its own; null: the \
                 server's default.",
            ),
        ),
        (
            "token_burst",
            number(&TokenRate::BURSTS).or_null().about(
                "How many tokens such a client may get at once; null: as many as it gets in two seconds. Only beside a \
                 `token_rate`.",
            ),
        ),
        (
            "left_to_administrators",
            Schema::list(Schema::word(Choice::leavable().map(Choice::name))).about(
                "Which of these settings the tenant's own administrators change at `/api/v1/tenant`. An operator's own.",
            ),
        ),
    ]
}

/// What is left to administrators where an operator says nothing.
fn left() -> Vec<&'static str> {
    Choices::usual().iter().map(Choice::name).collect()
}

fn shown_settings() -> Schema {
    let settings = settings().into_iter().map(|(name, schema)| required(name, schema));
    Schema::object(settings).named("TenantSettings")
}

fn view() -> Schema {
    Schema::object([
        required("id", Schema::uuid()),
        required("slug", slug()),
        required("name", display_name()),
        required("enabled", Schema::flag()),
        required("settings", shown_settings()),
        required("created_at", Schema::time()),
        required("updated_at", Schema::time()),
    ])
    .named("Tenant")
}

/// The settings as they are sent: what is absent stays, and `null` is the default.
fn sent_settings() -> Schema {
    let sent = settings().into_iter().map(|(name, schema)| optional(name, schema.or_null()));
    Schema::object(sent).closed().named("TenantSettingsChange").or_null()
}

/// The tenant of a credential, as any holder may see it.
fn own() -> (Schema, serde_json::Value) {
    let schema = Schema::object([
        required("id", Schema::uuid()),
        required("slug", slug()),
        required("name", display_name()),
        required("issuer", Schema::uri().about("What `iss` is in its tokens, and where its metadata is.")),
        optional(
            "settings",
            shown_settings().about("For its administrators: `oauth:write` and `users:write`."),
        ),
        required("created_at", Schema::time()),
        required("updated_at", Schema::time()),
    ]);
    let example = json!({
        "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
        "slug": "acme",
        "name": "Acme",
        "issuer": "https://id.example.com/t/acme",
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:00:00Z",
    });
    (schema.named("OwnTenant"), example)
}

/// What a tenant's administrators change.
fn change((method, id): (&'static str, &'static str), answer: (Schema, serde_json::Value)) -> Operation {
    Operation::new((method, "/api/v1/tenant"), id, Contract::Ours)
        .summary("Change the settings of the tenant of the credential")
        .about(
            "Changes only what is sent, all of it or nothing; null is the default. PUT and PATCH do the same. A setting \
             that `left_to_administrators` does not name is an operator's: to change it is 403, to send it as it is \
             changes nothing.",
        )
        .takes(
            Schema::object([optional("settings", sent_settings()), confirm_lockout()]).closed(),
            json!({ "settings": { "self_registration": true } }),
        )
        .answers(200, "The tenant, changed.", answer)
        .refuses(&[ErrorCode::Conflict])
        .versioned()
}

/// A tenant as it is shown.
fn example() -> serde_json::Value {
    json!({
        "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
        "slug": "acme",
        "name": "Acme",
        "enabled": true,
        "settings": {
            "access_token_alg": null,
            "id_token_alg": null,
            "id_token_claims": null,
            "client_assertion_audience": null,
            "password_grant": false,
            "legacy_implicit_grant": false,
            "strict_scopes": false,
            "consent_return": "direct",
            "login_url": null,
            "consent_url": null,
            "self_registration": false,
            "require_verified_email": false,
            "second_factor": "if_enrolled",
            "management_acr": null,
            "management_max_age": null,
            "passkeys": "on",
            "passkey_attestation_roots": null,
            "mailed_codes": false,
            "mailed_sign_in": false,
            "remembered_devices": 0,
            "confirm_sign_out": false,
            "require_pushed_authorization_requests": false,
            "require_signed_request_object": false,
            "dpop_bound_access_tokens": false,
            "require_dpop_nonce": false,
            "registration": "off",
            "registration_policy": policy_example(),
            "client_documents": false,
            "client_document_hosts": [],
            "client_document_hosts_refused": [],
            "interaction_clients": [],
            "access_token_lifetime_max": 86_400,
            "refresh_token_lifetime_max": 31_536_000,
            "session_idle": 86_400,
            "session_absolute": 2_592_000,
            "refresh_grace": 10,
            "management_networks": [],
            "allow_dotless_schemes": false,
            "allow_host_underscores": false,
            "allow_http_callbacks": false,
            "token_rate": null,
            "token_burst": null,
            "account_deletion": true,
            "account_deletion_grace": 1_209_600,
            "profile_claims": ["given_name", "family_name"],
            "look": {
                "brand_color": "#0e4a3c",
                "ground_color": null,
                "hue": null,
                "corners": 3,
                "font": "sans",
                "logo": "/assets/logo-5d41402abc4b2a76b9719d911017c592aabbccdd.png",
                "logo_dark": null,
                "icon": null,
                "tos_uri": "https://acme.example/terms",
                "policy_uri": null,
                "help_uri": null,
            },
            "texts": { "en": { "sign_in_title": "Welcome back" } },
            "application_looks": false,
            "mail_sender": "Acme <no-reply@acme.example>",
            "left_to_administrators": left(),
        },
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:00:00Z",
    })
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours);
    let (own, own_example) = own();
    vec![
        new(("GET", "/api/v1/tenant"), "getOwnTenant")
            .summary("Show the tenant of the credential")
            .about("For any good credential, whatever it may do. An operator may name another tenant.")
            .answers(200, "The tenant.", (own.clone(), own_example.clone()))
            .versioned(),
        change(("PUT", "changeOwnTenant"), (own.clone(), own_example.clone())),
        change(("PATCH", "updateOwnTenant"), (own, own_example)),
        looks::preview(sent_settings()),
        new(("GET", TENANTS), "listTenants").summary("List the tenants").paged().answers(
            200,
            "A page of tenants.",
            (page("tenants", view()), json!({ "tenants": [example()], "total": 1 })),
        ),
        new(("POST", TENANTS), "createTenant")
            .summary("Make a tenant")
            .takes(
                Schema::object([
                    required("slug", slug()),
                    optional("name", display_name().or_null().about("The slug where there is none.")),
                    optional("settings", sent_settings()),
                ]),
                json!({ "slug": "acme", "name": "Acme" }),
            )
            .answers(201, "The tenant.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        new(("GET", TENANT), "getTenant")
            .summary("Show a tenant")
            .path(ID.0, ID.1, ID.2)
            .answers(200, "The tenant.", (view(), example()))
            .versioned(),
        new(("PUT", TENANT), "updateTenant")
            .summary("Change a tenant")
            .about("Changes only what is sent. The slug stays: it is part of the issuer.")
            .path(ID.0, ID.1, ID.2)
            .takes(
                Schema::object([
                    optional("slug", Schema::text().or_null().about("Only the one that it has.")),
                    optional("name", display_name().or_null()),
                    optional("enabled", Schema::flag().or_null()),
                    optional("settings", sent_settings()),
                    confirm_lockout(),
                ]),
                json!({ "name": "Acme Ltd", "settings": { "access_token_alg": "EdDSA" } }),
            )
            .answers(200, "The tenant, changed.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        new(("DELETE", TENANT), "deleteTenant")
            .summary("Remove a tenant and all that is in it")
            .path(ID.0, ID.1, ID.2)
            .answers_nothing(204, "It is gone.")
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
    ]
}

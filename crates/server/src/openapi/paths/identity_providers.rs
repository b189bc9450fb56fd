//! `/api/v1/identity-providers`, and where browsers go from and come back to.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;
use writ_core::upstream::preset::Preset;
use writ_core::upstream::provider::{DOMAINS_MOST, LinkByEmail, UpstreamAuth};

use super::super::operation::{Contract, Media, Operation};
use super::{display_name, page};
use crate::call::schema::{Schema, SchemaMember, optional, required};

const SLUG: (&str, &str, &str) = ("provider", "The provider's slug.", "google");
const PROVIDERS: &str = "/api/v1/identity-providers";
const PROVIDER: &str = "/api/v1/identity-providers/{provider}";
const START: &str = "/login/with/{provider}";
const CALLBACK: &str = "/login/with/{provider}/callback";

fn slug() -> Schema {
    Schema::text()
        .like("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
        .about("Its place in addresses; it stays what it is.")
}

fn preset() -> Schema {
    Schema::word(Preset::ALL.map(Preset::name)).about(
        "Which provider it is: a known one brings what is known of it. openid is any with metadata, oauth2 any without.",
    )
}

fn auth() -> Schema {
    Schema::word(UpstreamAuth::CHOICES.map(UpstreamAuth::name)).about("How Writ proves its client_id there.")
}

fn domains() -> Schema {
    Schema::list(Schema::text().between(1, 253)).at_most(DOMAINS_MOST).about(
        "Email domains: whoever types such an address on the sign-in page, and no password, signs in there.",
    )
}

fn link_by_email() -> Schema {
    Schema::word(LinkByEmail::ALL.map(LinkByEmail::name)).about(
        "What becomes of somebody new there whose verified address an account has. never: they sign in here, and connect it \
         themselves. verified: the account is theirs, if its own address is verified and it has no password and no \
         permissions.",
    )
}

/// The choices, each with what it means.
fn choices() -> [(&'static str, Schema); 4] {
    let flag = Schema::flag;
    [
        ("enabled", flag().about("Whether people can sign in there.")),
        ("create_accounts", flag().about("Whether whoever comes for the first time gets an account.")),
        (
            "trust_email",
            flag()
                .about("Whether an address counts as verified that the provider says is (`email_verified`)."),
        ),
        (
            "trust_second_factor",
            flag().about("Whether a second factor counts that was proved there (`amr` with `mfa`)."),
        ),
    ]
}

/// Where the provider is, as it is shown.
fn places() -> [(&'static str, &'static str); 4] {
    [
        ("issuer", "Its issuer, of one that speaks OpenID Connect."),
        ("authorization_endpoint", "Where browsers are sent, of one without metadata."),
        ("token_endpoint", "Where codes are redeemed, of one without metadata."),
        (
            "userinfo_endpoint",
            "Where it is told who somebody is, of one without metadata: `sub` or `id`, `email`, `email_verified`, `name`.",
        ),
    ]
}

fn view() -> Schema {
    let text = Schema::text;
    let mut members: Vec<SchemaMember> = vec![
        required("id", Schema::uuid()),
        required("slug", slug()),
        required("name", display_name().about("What the button calls it.")),
        required("preset", preset()),
        required("client_id", text()),
        required("has_secret", Schema::flag().about("Whether a client_secret is kept: it is never shown.")),
        required("token_endpoint_auth_method", auth().or_null()),
        required("team_id", text().or_null()),
        required("key_id", text().or_null()),
        required("scope", text()),
        required("domains", domains()),
        required("link_by_email", link_by_email()),
        required("redirect_uri", Schema::uri().about("What is to be registered there.")),
        required("created_at", Schema::time()),
        required("updated_at", Schema::time()),
    ];
    members.extend(places().map(|(name, about)| required(name, Schema::uri().or_null().about(about))));
    members.extend(choices().map(|(name, schema)| required(name, schema)));
    Schema::object(members).named("IdentityProvider")
}

/// What can be sent; `new`: what has to be there then.
fn sent(new: bool) -> Schema {
    let text = Schema::text;
    let needed = |name, schema| if new { required(name, schema) } else { optional(name, schema) };
    let fixed = |schema: Schema| if new { schema } else { schema.or_null() };
    let mut members: Vec<SchemaMember> = vec![
        needed("slug", slug()),
        needed("preset", preset()),
        needed("client_id", text().between(1, 255).about("What Writ is called there.")),
        optional("name", display_name().about("What the button calls it.")),
        optional("client_secret", text().about("Its secret there; of Apple, the private key (PEM).")),
        optional("token_endpoint_auth_method", fixed(auth()).or_null()),
        optional("team_id", text().or_null().about("Of Apple alone.")),
        optional("key_id", text().or_null().about("Of Apple alone.")),
        optional("scope", text().about("What is asked for.")),
        optional("domains", domains().or_null()),
        optional("link_by_email", link_by_email().or_null()),
    ];
    members.extend(places().map(|(name, about)| optional(name, Schema::uri().or_null().about(about))));
    members.extend(choices().map(|(name, schema)| optional(name, schema)));
    Schema::object(members)
}

fn shown() -> Value {
    json!({
        "id": "0197f3a0-7a00-7000-8000-0000000000aa",
        "slug": "google",
        "name": "Google",
        "preset": "google",
        "enabled": true,
        "issuer": "https://accounts.google.com",
        "authorization_endpoint": null,
        "token_endpoint": null,
        "userinfo_endpoint": null,
        "client_id": "1234.apps.googleusercontent.com",
        "has_secret": true,
        "token_endpoint_auth_method": "client_secret_basic",
        "team_id": null,
        "key_id": null,
        "scope": "openid profile email",
        "domains": ["example.com"],
        "link_by_email": "never",
        "create_accounts": true,
        "trust_email": true,
        "trust_second_factor": false,
        "redirect_uri": "https://id.example.com/login/with/google/callback",
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:00:00Z",
    })
}

fn managed() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Ours);
    let update = |method: &'static str, id| {
        new((method, PROVIDER), id)
            .summary("Change an identity provider")
            .about("What is not sent stays. Slug, preset and where it is cannot be changed: people's connections hang on them.")
            .path(SLUG.0, SLUG.1, SLUG.2)
            .takes(sent(false), json!({ "enabled": false }))
            .answers(200, "The provider, changed.", (view(), shown()))
            .versioned()
    };
    vec![
        new(("GET", PROVIDERS), "listIdentityProviders")
            .summary("List the identity providers")
            .paged()
            .answers(
                200,
                "A page of providers, newest first.",
                (page("identity_providers", view()), json!({ "identity_providers": [shown()], "total": 1 })),
            ),
        new(("POST", PROVIDERS), "createIdentityProvider")
            .summary("Add an identity provider")
            .about("People can sign in there at once. Register the `redirect_uri` of the answer there.")
            .takes(
                sent(true),
                json!({ "slug": "google", "preset": "google", "client_id": "1234.apps.googleusercontent.com", "client_secret": "s3cret" }),
            )
            .answers(201, "The provider.", (view(), shown()))
            .refuses(&[ErrorCode::Conflict])
            .versioned()
            .repeatable(),
        new(("GET", PROVIDER), "getIdentityProvider")
            .summary("Show an identity provider")
            .path(SLUG.0, SLUG.1, SLUG.2)
            .answers(200, "The provider, without its secret.", (view(), shown()))
            .versioned(),
        update("PUT", "updateIdentityProvider"),
        update("PATCH", "patchIdentityProvider"),
        new(("DELETE", PROVIDER), "deleteIdentityProvider")
            .summary("Remove an identity provider")
            .about("All connections with it go; the accounts stay.")
            .path(SLUG.0, SLUG.1, SLUG.2)
            .answers_nothing(204, "It is gone.")
            .versioned(),
    ]
}

fn pages() -> Vec<Operation> {
    let people = |route, id| Operation::new(route, id, Contract::People).path(SLUG.0, SLUG.1, SLUG.2);
    let text = |about: &'static str| Schema::text().about(about);
    let answer = [
        ("state", "What the browser was sent with."),
        ("code", "What is redeemed."),
        ("error", "Why there is no code."),
        ("iss", "Who answers (RFC 9207)."),
    ];
    let form = Schema::object(answer.map(|(name, about)| optional(name, text(about))));
    let start = people(("GET", START), "signInElsewhere")
        .summary("Sign in at another identity provider")
        .redirects(303, "To the provider.")
        .refuses(&[ErrorCode::NotFound, ErrorCode::TooManyRequests]);
    let start = [
        ("login_challenge", "The request that it is for."),
        ("to", "Or the page of the account."),
        ("anew", "Whether the provider asks for a new sign-in."),
    ]
    .into_iter()
    .fold(start, |start, (name, about)| start.query(name, about, Schema::text()));
    let back = people(("GET", CALLBACK), "returnFromProvider")
        .summary("Where a browser comes back from an identity provider")
        .redirects(303, "To where it goes on.")
        .refuses(&[ErrorCode::NotFound]);
    let back = answer.into_iter().fold(back, |back, (name, about)| back.query(name, about, Schema::text()));
    vec![
        start,
        back,
        people(("POST", CALLBACK), "returnFromProviderByForm")
            .summary("The same, where the provider has it sent as a form")
            .takes_as(Media::Form, form, json!({}))
            .redirects(303, "To the same address, with the browser's cookies.")
            .refuses(&[ErrorCode::NotFound]),
    ]
}

pub(super) fn all() -> Vec<Operation> {
    [managed(), pages()].concat()
}

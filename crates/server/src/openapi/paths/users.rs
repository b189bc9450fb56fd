//! `/api/v1/users`, and the pages of people without a session.

use serde_json::{Value, json};
use writ_core::claims::{Claim, ClaimGroup};
use writ_core::error::ErrorCode;
use writ_core::people::password::{LEAST, MOST};

use super::super::operation::{Access, Contract, Media, Operation};
use super::{display_name, page};
use crate::call::schema::{Schema, SchemaMember, optional, required};

const USERS: &str = "/api/v1/users";
const USER: &str = "/api/v1/users/{user_id}";
const ID: (&str, &str, &str) = ("user_id", "The user's id.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");

fn view() -> Schema {
    Schema::object([
        required("id", Schema::uuid()),
        required("username", username()),
        required("email", Schema::text().or_null()),
        required("email_verified", Schema::flag()),
        optional("pending_email", email_address().about("There where another address waits to be verified.")),
        required("name", display_name().or_null()),
        required("roles", Schema::list(Schema::text())),
        required("enabled", Schema::flag()),
        optional(
            "leaves_at",
            Schema::time().about(
                "There where its owner has deleted it: it goes then, and nobody can use it until then.",
            ),
        ),
        required("created_at", Schema::time()),
        required("updated_at", Schema::time()),
        required("last_login_at", Schema::time().or_null()),
    ])
    .named("User")
}

fn example() -> Value {
    json!({
        "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
        "username": "john.doe@example.com",
        "email": "john.doe@example.com",
        "email_verified": false,
        "name": "John Doe",
        "roles": ["user"],
        "enabled": true,
        "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:00:00Z",
        "last_login_at": null,
    })
}

fn username() -> Schema {
    Schema::text().between(1, 255).about("An email address or a plain name.")
}

fn password() -> Schema {
    let (least, most) = (u32::try_from(LEAST).unwrap_or(8), u32::try_from(MOST).unwrap_or(256));
    Schema::text().between(least, most).about("Not one that is easy to guess.")
}

fn email_address() -> Schema {
    Schema::text()
}

/// `null` keeps an account that its owner has deleted.
fn going() -> SchemaMember {
    optional(
        "leaves_at",
        Schema::time()
            .or_null()
            .about("`null`: an account that its owner has deleted is kept, while it is still there."),
    )
}

/// `null` forgets the address that waits to be verified.
fn pending() -> SchemaMember {
    optional(
        "pending_email",
        Schema::text().or_null().about("`null`: the address that waits to be verified is forgotten."),
    )
}

fn email() -> SchemaMember {
    optional("email", Schema::text().or_null())
}

fn flag(name: &'static str, about: &'static str) -> SchemaMember {
    optional(name, Schema::flag().or_null().about(about))
}

fn link(path: &'static str, id: &'static str, what: (&'static str, &'static str)) -> Operation {
    let (summary, about) = what;
    let mut members = vec![
        optional("username", Schema::text().or_null().about("Whom to send a link.")),
        optional("token", Schema::text().or_null().about("What the link carries.")),
    ];
    if path.ends_with("reset-password") {
        members.push(optional("new_password", password().or_null()));
    }
    Operation::new(("POST", path), id, Contract::Oauth2)
        .summary(summary)
        .about(about)
        .access(Access::AnyoneOrBearer)
        .takes(Schema::object(members), json!({ "username": "john.doe@example.com" }))
        .answers(202, "A link is on its way, if anybody has that name.", (Schema::object([]), json!({})))
        .answers_nothing(204, "It is done.")
        .refuses(&[ErrorCode::AccessDenied, ErrorCode::NotFound])
}

/// The way back, carried from page to page.
const CHALLENGE: (&str, &str) =
    ("login_challenge", "The request that waits for this person, to go on with afterwards.");

fn form(path: &'static str, id: &'static str, members: Vec<SchemaMember>, example: Value) -> [Operation; 2] {
    let ids = match id {
        "ResetPassword" => ("showResetPassword", "sendResetPassword"),
        "VerifyEmail" => ("showVerifyEmail", "sendVerifyEmail"),
        _ => ("showRegister", "sendRegister"),
    };
    [
        Operation::new(("GET", path), ids.0, Contract::People)
            .summary("The form")
            .query("token", "What a link carries.", Schema::text())
            .query("sent", "After the form.", Schema::text())
            .query("done", "After the form.", Schema::text())
            .query(CHALLENGE.0, CHALLENGE.1, Schema::text())
            .shows(200, "The page.")
            .refuses(&[ErrorCode::InvalidRequest, ErrorCode::NotFound]),
        Operation::new(("POST", path), ids.1, Contract::People)
            .summary("What the form sends")
            .query(CHALLENGE.0, CHALLENGE.1, Schema::text())
            .takes_as(Media::Form, Schema::object(members), example)
            .redirects(303, "Done.")
            .refuses(&[ErrorCode::InvalidRequest, ErrorCode::AccessDenied, ErrorCode::NotFound]),
    ]
}

fn pages() -> Vec<Operation> {
    let text = |name| optional(name, Schema::text());
    let mut all = Vec::new();
    all.extend(form(
        "/reset-password",
        "ResetPassword",
        vec![text("username"), text("token"), text("new_password")],
        json!({ "username": "john.doe@example.com" }),
    ));
    all.extend(form(
        "/verify-email",
        "VerifyEmail",
        vec![text("username"), text("token"), text("again")],
        json!({ "token": "vfy_" }),
    ));
    all.extend(form(
        "/register",
        "Register",
        vec![text("username"), text("name"), text("password")],
        json!({ "username": "john.doe@example.com", "password": "correct horse battery staple" }),
    ));
    let mailbox = |route, id| Operation::new(route, id, Contract::People).refuses(&[ErrorCode::NotFound]);
    all.push(
        mailbox(("GET", "/dev/mailbox"), "showMailbox")
            .summary("Letters that are not sent")
            .about("On a developer's own machine only.")
            .shows(200, "The list."),
    );
    all.push(
        mailbox(("GET", "/dev/mailbox/{id}"), "showLetter")
            .summary("A letter that is not sent")
            .path("id", "The letter's id.", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071")
            .shows(200, "The letter."),
    );
    let member = |name: &'static str, about| (name, about, Schema::text());
    let mut components = mailbox(("GET", "/dev/components"), "showComponents")
        .summary("What pages are made of")
        .about("Each part in each of its states, in the look that the address names. On a developer's own machine only.")
        .shows(200, "The parts.");
    for (name, about, schema) in [
        member("brand_color", "The colour of buttons and links."),
        member("ground_color", "The colour behind the card."),
        member("hue", "The hue of the greys."),
        member("corners", "How round corners are."),
        member("font", "The kind of letters."),
    ] {
        components = components.query(name, about, schema);
    }
    all.push(components);
    all
}

/// The standard claims that a user has no field of its own for, as they are told and as they are sent.
pub(super) fn claims() -> Vec<SchemaMember> {
    let of = |group: ClaimGroup| Claim::ALL.iter().filter(move |claim| claim.group() == group);
    let value = |claim: &Claim| match claim {
        Claim::PhoneNumberVerified => Schema::flag(),
        Claim::Profile | Claim::Picture | Claim::Website => Schema::uri(),
        _ => Schema::text(),
    };
    let member = |claim: &Claim| optional(claim.name(), value(claim));
    let address = Schema::object(of(ClaimGroup::Address).map(member)).about("OpenID Connect Core §5.1.1.");
    let mut members: Vec<SchemaMember> = of(ClaimGroup::Profile).map(member).collect();
    members.push(optional("address", address));
    members.extend(of(ClaimGroup::Phone).map(member));
    members
}

fn sent_claims() -> Vec<SchemaMember> {
    let of = |group: ClaimGroup| Claim::ALL.iter().filter(move |claim| claim.group() == group);
    let member = |claim: &Claim| match claim {
        Claim::PhoneNumberVerified => optional(claim.name(), Schema::flag().or_null()),
        _ => optional(claim.name(), Schema::text().or_null()),
    };
    let address = Schema::object(of(ClaimGroup::Address).map(member)).closed().or_null();
    let mut members: Vec<SchemaMember> = of(ClaimGroup::Profile).map(member).collect();
    members.push(optional("address", address));
    members.extend(of(ClaimGroup::Phone).map(member));
    members
}

fn of_claims() -> [Operation; 2] {
    const CLAIMS: &str = "/api/v1/users/{user_id}/claims";
    let example = || json!({ "given_name": "Ada", "family_name": "Lovelace", "locale": "en-GB", "address": { "country": "UK" } });
    let view = || Schema::object(claims()).named("StandardClaims");
    let new = |route, id| Operation::new(route, id, Contract::Ours).path(ID.0, ID.1, ID.2).versioned();
    [
        new(("GET", CLAIMS), "getClaims")
            .summary("Show what else applications are told of a user")
            .about(
                "The standard claims (OpenID Connect Core §5.1) that the user has no field for. Applications are told them \
                 under the scopes profile, address and phone.",
            )
            .answers(200, "The claims that there are.", (view(), example())),
        new(("PUT", CLAIMS), "updateClaims")
            .summary("Change what else applications are told of a user")
            .about("Changes only what is sent; null removes. A telephone number that is another one counts as not verified.")
            .takes(Schema::object(sent_claims()).closed(), example())
            .answers(200, "The claims, changed.", (view(), example()))
            .refuses(&[ErrorCode::Conflict]),
    ]
}

fn of_factors() -> [Operation; 2] {
    const FACTORS: &str = "/api/v1/users/{user_id}/factors";
    let new = |route, id| Operation::new(route, id, Contract::Ours).path(ID.0, ID.1, ID.2);
    let factor = Schema::object([
        required("id", Schema::uuid()),
        required("type", Schema::word(["totp", "passkey"]).about("totp: an authenticator app.")),
        required("name", Schema::text().about("What its owner calls it.")),
        required("created_at", Schema::time()),
        required("last_used_at", Schema::time().or_null()),
    ])
    .named("Factor");
    let list = Schema::object([
        required("factors", Schema::list(factor)),
        required("recovery_codes_left", Schema::integer()),
    ])
    .named("Factors");
    let example = json!({
        "factors": [{
            "id": "0199aa00-0000-7000-8000-0000000000fa", "type": "totp", "name": "Phone",
            "created_at": "2026-11-30T08:00:00Z", "last_used_at": null,
        }],
        "recovery_codes_left": 10,
    });
    [
        new(("GET", FACTORS), "listFactors")
            .summary("Show what a user proves besides their password")
            .answers(200, "The second factors, and how many recovery codes are left.", (list, example)),
        new(("DELETE", FACTORS), "deleteFactors")
            .summary("Remove all second factors of a user who has lost them")
            .about("The recovery codes go with them, and the person is told by mail. Their password stays.")
            .answers_nothing(204, "They are removed."),
    ]
}

/// What people may change of themselves.
fn profile() -> Schema {
    Schema::object([
        optional("name", display_name().or_null()),
        email(),
        pending(),
        optional("password", password().or_null()),
        optional("current_password", Schema::text().or_null().about("For another address or password.")),
    ])
}

pub(super) fn all() -> Vec<Operation> {
    let new = |route, id| Operation::new(route, id, Contract::Oauth2);
    let draft = Schema::object([
        required("username", username()),
        optional("password", password().or_null()),
        optional(
            "password_hash",
            Schema::text().or_null().about("From elsewhere, instead of `password`; with `users:write`."),
        ),
        optional("name", display_name().or_null()),
        email(),
        flag("email_verified", "With `users:write`."),
        optional(
            "roles",
            Schema::list(Schema::text()).or_null().about("With `users:write`; `user` where absent."),
        ),
        flag("enabled", "With `users:write`."),
    ]);
    let patch = Schema::object([
        optional(
            "username",
            Schema::text()
                .or_null()
                .about("Only the one that it is; one that is an email address changes with `email`."),
        ),
        optional("password", password().or_null()),
        optional("name", display_name().or_null()),
        email(),
        flag("email_verified", "Whether the address is known to be theirs."),
        pending(),
        optional("roles", Schema::list(Schema::text()).or_null()),
        flag("enabled", "Whether they may sign in."),
        going(),
    ]);
    let mut all = vec![
        new(("GET", USERS), "listUsers")
            .summary("List the users")
            .query("username", "Only the one who signs in with this username, or with this verified address: one user, or none.", Schema::text())
            .query(
                "search",
                "Only those whose username, address or name has this text in it, whatever the case.",
                Schema::text(),
            )
            .query("sub", "Only the one whom tokens call so (`sub`): one user, or none.", Schema::uuid())
            .paged()
            .answers(
                200,
                "A page of users.",
                (page("users", view()), json!({ "users": [example()], "total": 1 })),
            ),
        new(("POST", USERS), "createUser")
            .summary("Make a user, or register")
            .about("With `users:write`, or by anybody where the tenant lets people register (`self_registration`); then a taken name is answered like a free one, and `Idempotency-Key` is not looked at.")
            .access(Access::AnyoneOrBearer)
            .takes(draft, json!({ "username": "john.doe@example.com", "password": "correct horse battery staple", "name": "John Doe" }))
            .answers(201, "The user.", (view(), example()))
            .refuses(&[ErrorCode::Conflict, ErrorCode::CredentialRequired, ErrorCode::InsufficientScope, ErrorCode::AccessDenied, ErrorCode::NotFound])
            .repeatable(),
        new(("PUT", "/api/v1/users/profile"), "updateProfile")
            .summary("Change one's own account")
            .about("Another address counts once it is verified; until then it is `pending_email`. Another password ends all sessions and tokens.")
            .takes(profile(), json!({ "name": "John Doe" }))
            .answers(200, "The account, changed.", (view(), example()))
            .refuses(&[ErrorCode::Conflict, ErrorCode::NotFound]),
        new(("GET", USER), "getUser")
            .summary("Show a user")
            .path(ID.0, ID.1, ID.2)
            .answers(200, "The user.", (view(), example()))
            .versioned(),
        new(("PUT", USER), "updateUser")
            .summary("Change a user")
            .about("Changes only what is sent. Disabling, and another password, end all sessions and tokens.")
            .path(ID.0, ID.1, ID.2)
            .takes(patch, json!({ "enabled": false }))
            .answers(200, "The user, changed.", (view(), example()))
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        new(("DELETE", USER), "deleteUser")
            .summary("Remove a user")
            .path(ID.0, ID.1, ID.2)
            .answers_nothing(204, "They are gone, with all their tokens.")
            .refuses(&[ErrorCode::Conflict])
            .versioned(),
        link(
            "/api/v1/users/reset-password",
            "resetPassword",
            ("Set a new password by mail", "With `username`: sends a link. With `token` and `new_password`: sets it, and ends all sessions and tokens."),
        ),
        link(
            "/api/v1/users/verify-email",
            "verifyEmail",
            ("Verify an address", "With `username`: sends a link. With `token`: verifies the address."),
        ),
    ];
    all.extend(of_claims());
    all.extend(of_factors());
    all.extend(pages());
    all
}

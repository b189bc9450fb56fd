//! `/account`: the pages on which people see and change what is theirs.

use serde_json::{Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Media, Operation};
use crate::call::schema::{Schema, optional};

const CSRF: &str = "What the page was shown with.";

/// A page; whoever is not signed in is sent to where that is done.
fn page(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation::new(("GET", path), id, Contract::People)
        .summary(summary)
        .shows(200, "The page.")
        .redirects(303, "Nobody is signed in: to where that is done.")
        .refuses(&[ErrorCode::NotFound])
}

/// A form of a page, with names and a field that it sends.
fn form(path: &'static str, names: (&'static str, &'static str), fields: &[&'static str]) -> Operation {
    let (id, summary) = names;
    let csrf = optional("csrf", Schema::text().about(CSRF));
    let members = fields.iter().map(|name| optional(name, Schema::text())).chain([csrf]);
    let example: serde_json::Map<String, Value> =
        fields.iter().map(|name| ((*name).to_owned(), json!(""))).collect();
    Operation::new(("POST", path), id, Contract::People)
        .summary(summary)
        .takes_as(Media::Form, Schema::object(members), Value::Object(example))
        .redirects(303, "Done, or nobody is signed in.")
        .refuses(&[ErrorCode::InvalidRequest, ErrorCode::AccessDenied, ErrorCode::NotFound])
}

pub(super) fn all() -> Vec<Operation> {
    let mut all = own();
    all.extend(ways_in());
    all
}

/// What somebody proves themselves with.
fn ways_in() -> Vec<Operation> {
    vec![
        page("/account/app", "showAuthenticator", "Set up an authenticator app"),
        form(
            "/account/app",
            ("addAuthenticator", "Let codes of an authenticator app count"),
            &["offer", "code", "name", "current_password"],
        )
        .shows(200, "It is set up: the recovery codes that come with the first one."),
        page("/account/factor", "showFactor", "Whether a second factor is removed").query(
            "id",
            "Which one.",
            Schema::text(),
        ),
        form("/account/factor", ("removeFactor", "Remove a second factor"), &["current_password", "proof"])
            .query("id", "Which one.", Schema::text()),
        page("/account/passkey", "showPasskey", "Make a passkey"),
        form(
            "/account/passkey",
            ("addPasskey", "Let a passkey count that was made"),
            &["passkey", "name", "current_password"],
        )
        .shows(200, "It counts: the recovery codes that come with the first factor."),
        page(
            "/account/connection",
            "showConnection",
            "Whether an identity provider is connected, or disconnected",
        )
        .query("with", "The slug of the provider that is connected.", Schema::text())
        .query("remove", "The id of the provider that is disconnected.", Schema::text()),
        form(
            "/account/connection",
            ("changeConnection", "Connect an identity provider, or disconnect it"),
            &["current_password"],
        )
        .query("with", "The slug of the provider that is connected.", Schema::text())
        .query("remove", "The id of the provider that is disconnected.", Schema::text()),
        page("/account/codes", "showRecoveryCodes", "Whether other recovery codes are made"),
        form(
            "/account/codes",
            ("renewRecoveryCodes", "Make other recovery codes"),
            &["offer", "current_password", "proof"],
        )
        .shows(200, "The new codes, shown this once."),
    ]
}

/// The account itself.
fn own() -> Vec<Operation> {
    vec![
        page("/account", "showAccount", "The account of whoever is signed in")
            .query("done", "After a form: what was done.", Schema::text())
            .query("devices", "From which sign-in on.", Schema::text())
            .query("applications", "From which application on.", Schema::text()),
        page("/account/sign-in", "showAccountSignIn", "Where somebody signs in to their account").query(
            "to",
            "The page that it leads to.",
            Schema::text(),
        ),
        form(
            "/account/sign-in",
            ("accountSignIn", "Sign in to the account"),
            &["username", "password", "passkey"],
        )
        .shows(200, "The account is to be deleted: whether its owner keeps it.")
        .query("to", "The page that it leads to.", Schema::text()),
        page("/account/profile", "showProfile", "What somebody is called"),
        form("/account/profile", ("saveProfile", "Change what somebody is called"), &["name"]),
        form("/account/picture", ("savePicture", "Send another picture, or take it away"), &[])
            .takes_as(
                Media::Multipart,
                Schema::object([
                    optional("csrf", Schema::text().about(CSRF)),
                    optional("picture", Schema::text().about("PNG, JPEG or WebP of 1 MB at the most.")),
                ]),
                json!({ "picture": "" }),
            )
            .refuses(&[ErrorCode::PayloadTooLarge]),
        Operation::new(("GET", "/pictures/{file}"), "getPicture", Contract::People)
            .summary("A picture of a person")
            .about("For whoever was told its address: the claim `picture` of that person.")
            .path("file", "As the claim has it.", "face-3f0c1d2e4b5a69788796a5b4c3d2e1f001122334.png")
            .pictures(200, "PNG.")
            .refuses(&[ErrorCode::NotFound]),
        page("/account/email", "showEmail", "Another email address"),
        form(
            "/account/email",
            ("saveEmail", "Wish for another email address"),
            &["email", "current_password", "forget"],
        ),
        page("/account/password", "showPassword", "Another password"),
        form("/account/password", ("savePassword", "Change the password"), &["password", "current_password"]),
        page("/account/delete", "showDeleteAccount", "What deleting the account means"),
        form("/account/delete", ("deleteAccount", "Delete the account"), &["current_password"])
            .shows(200, "It is deleted, or will be."),
        form("/account/keep", ("keepAccount", "Keep an account that is to go"), &["proof"]),
        form(
            "/account/devices",
            ("signOutDevices", "End a sign-in, or all others, or have a device forgotten"),
            &["session", "which", "remembered"],
        ),
        form("/account/applications", ("removeApplication", "Take a consent back"), &["consent"]),
        page("/account/activity", "showActivity", "What happened to the account lately").query(
            "before",
            "From where on.",
            Schema::text(),
        ),
        Operation::new(("GET", "/account/data"), "downloadAccount", Contract::People)
            .summary("All that is kept of a person, as a file")
            .answers(200, "The file.", (Schema::object([]).open(), json!({})))
            .redirects(303, "Nobody is signed in: to where that is done.")
            .refuses(&[ErrorCode::NotFound]),
    ]
}

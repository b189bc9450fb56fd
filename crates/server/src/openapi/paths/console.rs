//! `/admin`: the pages on which administrators manage. What they do is told in full by the management API; a program
//! uses that.

use serde_json::{Map, Value, json};
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Media, Operation};
use crate::call::schema::{Schema, optional};

const CLIENT: (&str, &str, &str) =
    ("client_id", "The row id of the client, or its public id.", "cli_01HABCDEF1G2H3J4K5M6N7P8Q9");

/// A page; whoever is not signed in is sent to where that is done.
fn page(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation::new(("GET", path), id, Contract::People)
        .summary(summary)
        .shows(200, "The page.")
        .shows(403, "A permission is missing, or a fresh or stronger sign-in.")
        .redirects(303, "Nobody is signed in: to where that is done.")
        .refuses(&[ErrorCode::InvalidRequest, ErrorCode::NotFound, ErrorCode::TooManyRequests])
}

/// A form of a page, with names and the fields that it sends.
fn form(path: &'static str, names: (&'static str, &'static str), fields: &[&'static str]) -> Operation {
    let (id, summary) = names;
    let csrf = optional("csrf", Schema::text().about("What the page was shown with."));
    let members = fields.iter().map(|name| optional(name, Schema::text())).chain([csrf]);
    let example: Map<String, Value> = fields.iter().map(|name| ((*name).to_owned(), json!(""))).collect();
    Operation::new(("POST", path), id, Contract::People)
        .summary(summary)
        .takes_as(Media::Form, Schema::object(members), Value::Object(example))
        .shows(200, "Done; what is shown once.")
        .redirects(303, "Done, or nobody is signed in.")
        .shows(403, "A permission is missing, or a fresh or stronger sign-in.")
        .refuses(&[
            ErrorCode::InvalidRequest,
            ErrorCode::NotFound,
            ErrorCode::Conflict,
            ErrorCode::TooManyRequests,
        ])
}

fn of_client(operation: Operation) -> Operation {
    operation.path(CLIENT.0, CLIENT.1, CLIENT.2)
}

pub(super) fn all() -> Vec<Operation> {
    let mut all = vec![
        page("/admin", "showConsole", "The overview of the console"),
        Operation::new(("GET", "/admin/enter"), "enterConsole", Contract::People)
            .summary("Where somebody goes on who has signed in for the console")
            .redirects(303, "To the page on which they were.")
            .refuses(&[ErrorCode::NotFound]),
        page("/admin/search", "searchConsole", "Clients and people by name, address or id").query(
            "q",
            "What is looked for.",
            Schema::text(),
        ),
    ];
    all.extend(clients());
    all.extend(people());
    all
}

fn of_person(operation: Operation) -> Operation {
    operation.path("user_id", "The row id of the person.", "01936f2e-7c1b-7a3e-9d55-4f6f1d2c3b4a")
}

fn people() -> Vec<Operation> {
    vec![
        page("/admin/activity", "showActivityPage", "What happened in the tenant")
            .query("q", "A person or an application, by name or id.", Schema::text())
            .query("action", "What was done.", Schema::text())
            .query("outcome", "What came of it.", Schema::text())
            .query("before", "From where on.", Schema::text()),
        page("/admin/people", "showPeople", "The people of the tenant")
            .query("q", "A part of a name, username or address.", Schema::text())
            .query("cursor", "From where on.", Schema::text()),
        of_person(page("/admin/people/{user_id}", "showPersonPage", "One person, and what happened to them"))
            .query("show", "Only failures.", Schema::text())
            .query("before", "From where on.", Schema::text())
            .query("done", "After a form: what was done.", Schema::text()),
        of_person(form(
            "/admin/people/{user_id}/state",
            ("lockPerson", "Lock somebody out, or let them in again"),
            &["to"],
        )),
        of_person(form(
            "/admin/people/{user_id}/reset",
            ("sendPersonLink", "Send somebody a link with which they set a new password"),
            &[],
        )),
        of_person(form(
            "/admin/people/{user_id}/sessions/{session_id}",
            ("endPersonSession", "End a sign-in of somebody"),
            &[],
        ))
        .path("session_id", "The row id of the sign-in.", "01936f2e-7c1b-7a3e-9d55-4f6f1d2c3b4b"),
        of_person(page(
            "/admin/people/{user_id}/everywhere",
            "showEndPerson",
            "What ends with every sign-in",
        )),
        of_person(form(
            "/admin/people/{user_id}/everywhere",
            ("endPerson", "Sign somebody out everywhere, and end their tokens"),
            &[],
        )),
        of_person(page("/admin/people/{user_id}/factors", "showPersonFactors", "What is taken away")),
        of_person(form(
            "/admin/people/{user_id}/factors",
            ("removePersonFactors", "Take all second factors of somebody away"),
            &[],
        )),
    ]
}

fn clients() -> Vec<Operation> {
    vec![
        page("/admin/clients", "showClients", "The clients of the tenant")
            .query("q", "A part of a name or of a public id.", Schema::text())
            .query("unused_for_days", "Only those that got no token for so many days.", Schema::text())
            .query("cursor", "From where on.", Schema::text())
            .query("done", "After a form: what was done.", Schema::text()),
        page("/admin/clients/new", "showNewClient", "What is built, and what it is called").query(
            "build",
            "What is built.",
            Schema::text(),
        ),
        form(
            "/admin/clients/new",
            ("makeClientOnPage", "Make a client; its secret is shown this once"),
            &["build", "client_name", "redirect_uris", "scope", "key"],
        ),
        of_client(page("/admin/clients/{client_id}", "showClientPage", "One client, and why it fails"))
            .query("done", "After a form: what was done.", Schema::text()),
        of_client(form(
            "/admin/clients/{client_id}",
            ("saveClientPage", "Change a client"),
            &[
                "part",
                "client_name",
                "description",
                "redirect_uris",
                "post_logout_redirect_uris",
                "allowed_origins",
                "redirect_uri",
                "grant",
                "scope",
                "first_party",
                "pkce",
                "access_lifetime",
                "refresh_lifetime",
            ],
        )),
        of_client(form(
            "/admin/clients/{client_id}/state",
            ("switchClient", "Switch a client off, or on again"),
            &["to"],
        )),
        of_client(page(
            "/admin/clients/{client_id}/secret",
            "showChangeSecret",
            "Whether a secret is changed",
        )),
        of_client(form(
            "/admin/clients/{client_id}/secret",
            ("changeSecret", "Change the secret; the new one is shown this once"),
            &["overlap"],
        )),
        of_client(page("/admin/clients/{client_id}/delete", "showDeleteClient", "What ends with a client")),
        of_client(form(
            "/admin/clients/{client_id}/delete",
            ("deleteClientOnPage", "Delete a client"),
            &["confirm"],
        )),
    ]
}

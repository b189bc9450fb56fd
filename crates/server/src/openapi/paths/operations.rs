//! Health, this document, and the pages that belong to no contract.

use serde_json::json;
use writ_core::error::ErrorCode;

use super::super::operation::{Contract, Operation};
use crate::call::schema::{Schema, required};

pub(super) fn all() -> Vec<Operation> {
    let new = |path, id| Operation::new(("GET", path), id, Contract::Operations);
    let status = |word: &'static str| Schema::object([required("status", Schema::word([word]))]);
    let unavailable = Schema::object([
        required("status", Schema::word(["unavailable"])),
        required("reason", Schema::text()),
    ]);
    let page = |path, id| Operation::new(("GET", path), id, Contract::People);
    vec![
        new("/health/live", "live").summary("Whether the process answers").answers(
            200,
            "It does.",
            (status("ok"), json!({ "status": "ok" })),
        ),
        new("/health/ready", "ready")
            .summary("Whether the server can do its work")
            .answers(200, "It can.", (status("ready"), json!({ "status": "ready" })))
            .answers(
                503,
                "It cannot: the log says why.",
                (unavailable, json!({ "status": "unavailable", "reason": "storage" })),
            ),
        new("/openapi.json", "openapi").summary("This document").answers(
            200,
            "OpenAPI 3.1.",
            (Schema::any(), json!({ "openapi": "3.1.0" })),
        ),
        page("/docs", "docs")
            .summary("This document as a page")
            .query(
                "operation",
                "Only the operation with this id, with calls in several languages.",
                Schema::text(),
            )
            .query("q", "Only operations that have this text in them.", Schema::text())
            .shows(200, "A page."),
        page("/", "home").summary("What this address is").shows(200, "A page."),
        page("/errors", "listErrors").summary("Every error").shows(200, "A page."),
        page("/errors/{code}", "getError")
            .summary("What an error means, and what to do about it")
            .path("code", "The last part of error_uri.", "invalid_request")
            .shows(200, "A page.")
            .refuses(&[ErrorCode::NotFound]),
        page("/assets/{file}", "getAsset")
            .summary("A stylesheet or a script of the pages, an icon, or a logo")
            .about("Its name follows from its content: it never changes, and may be kept for good.")
            .path("file", "As a page names it.", "writ-0123456789abcdef.css")
            .styles(200, "CSS, JavaScript, SVG, or PNG.")
            .refuses(&[ErrorCode::NotFound]),
    ]
}

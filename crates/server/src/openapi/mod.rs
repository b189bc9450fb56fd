//! The API description: one `OpenAPI` 3.1 document of every route, at `/openapi.json`.
//!
//! Each route is described by an [`Operation`](operation::Operation) in [`paths`], a file a contract. What the
//! router knows itself (the permission of a management route) is not said twice: the document takes it from
//! there. Tests hold the rest: every route has its description and every description its route, every example
//! fits its schema, and the test kit compares each answer that any test gets with what is described here.

mod document;
mod errors;
pub mod operation;
pub mod paths;

pub use document::{clashes, document};

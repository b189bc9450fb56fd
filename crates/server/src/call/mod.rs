//! A request taken apart, who calls, and how answers and errors look.

pub mod answer;
pub mod assets;
pub mod browser;
pub mod caller;
pub(crate) mod copy;
pub mod csrf;
pub mod door;
pub mod frame;
pub mod front;
pub(crate) mod happened;
pub mod html;
pub mod json;
pub(crate) mod language;
pub mod limits;
pub mod local;
pub(crate) mod look;
pub mod page;
pub mod passkeys;
pub(crate) mod proofs;
pub mod queries;
pub mod repeats;
pub mod request;
pub mod routes;
pub mod schema;
pub(crate) mod signed;
pub mod versions;
pub(crate) mod when;
pub(crate) mod words;

pub use crate::state::fault;

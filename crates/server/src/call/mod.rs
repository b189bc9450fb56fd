//! A request taken apart, who calls, and how answers and errors look.

pub mod answer;
pub mod browser;
pub mod caller;
pub mod csrf;
pub mod door;
pub mod fault;
pub mod frame;
pub mod html;
pub mod local;
pub mod repeats;
pub mod request;
pub mod routes;
pub mod versions;
pub(crate) mod words;

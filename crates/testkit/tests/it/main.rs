//! The integration tests: one binary, folders and files named after the specs.

#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod account;
mod anonymous;
mod authority;
mod bad_input;
mod cli;
mod client_documents;
mod console;
mod contracts;
mod cors;
mod floods;
mod flow;
mod freshness;
mod generated;
mod incidents;
mod jarm;
mod keys;
mod languages;
mod leaving;
mod logos;
mod looks;
mod nodes;
mod openapi;
mod openid_connect;
mod openid_logout;
mod operations;
mod own_words;
mod pages;
mod people;
mod portraits;
mod process;
mod response_types;
mod rfc6749;
mod rfc7009;
mod rfc7523;
mod rfc7591;
mod rfc7662;
mod rfc8252;
mod rfc8414;
mod rfc8628;
mod rfc8693;
mod rfc8707;
mod rfc9068;
mod rfc9101;
mod rfc9126;
mod rfc9449;
mod rfc9728;
mod signing;
mod tenants;
mod tidy;
mod tls;
mod upstream;

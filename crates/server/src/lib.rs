//! Writ's server: the shell around the core. It loads facts, asks the core, commits what the core
//! decided and answers.

// The examples of the API description are JSON literals, and a whole client has some fifty members.
#![recursion_limit = "256"]

pub mod backchannel;
pub mod boot;
pub mod call;
pub mod cli;
pub mod config;
pub mod console;
pub mod contracts;
pub mod doctor;
pub mod edge;
pub mod logos;
pub mod mail;
pub mod manage;
pub mod oauth;
pub mod openapi;
pub mod outbound;
pub mod pages;
pub mod passwords;
pub(crate) mod pictures;
mod reasons;
pub mod router;
pub mod serve;
pub mod state;

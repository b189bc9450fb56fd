//! Writ's server: the shell around the core. It loads facts, asks the core, commits what the core
//! decided and answers.

pub mod answer;
pub mod app;
pub mod bootstrap;
pub mod call;
pub mod caller;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contracts;
pub mod dev_tls;
pub mod doctor;
pub mod facts;
pub mod fault;
pub mod front;
pub mod jobs;
pub mod keyring;
pub mod local;
pub mod master_key;
pub mod oauth;
pub mod openapi;
pub mod ops;
pub mod pages;
pub mod passwords;
pub mod proxies;
pub mod reload;
pub mod repeats;
pub mod rounds;
pub mod router;
pub mod routes;
pub mod serve;
pub mod sign_in;
pub mod start;
pub mod systemd;
pub mod versions;

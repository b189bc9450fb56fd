//! Writ's test kit: a whole server in the test's own process, with real storage, a clock that stands and
//! randomness that repeats.
//!
//! [`TestServer`] is asked through the router without a socket ([`TestServer::request`]), or listens with the real
//! accept loop ([`TestServer::listen`]) for tests that write bytes. What a test begins with is written by
//! the store's own changes: [`TestServer::client`], [`TestServer::tenant`], [`TestServer::api_key`].

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test kit fails by panicking where the test can see it"
)]

mod agent;
mod ask;
mod clock;
pub mod conform;
mod given;
mod keys_host;
mod listening;
mod mails;
mod random;
mod relying_party;
mod server;
mod smtp;
mod soft_key;
mod upstream_host;

pub use agent::{Agent, Page, PageForm};
pub use ask::{Answer, Credential, basic, form, token_of};
pub use clock::{START, TestClock};
pub use given::{GivenClient, Planted, TestClient, TestTenant};
pub use keys_host::KeysHost;
pub use listening::{Listening, parse};
pub use random::Seeded;
pub use relying_party::{Manner, Posted, RelyingParty};
pub use server::{BASE, Engine, TestServer, TestServerBuilder};
pub use smtp::{Manners, Mechanism, SmtpAccount, SmtpSink, SmtpSinkBuilder};
pub use soft_key::{SoftKey, SoftKeyring};
pub use upstream_host::{HeardCall, UpstreamHost};

pub mod postgres;
pub mod process;

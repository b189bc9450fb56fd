//! What requests share: the parts of the server, caches, keys in memory, the rounds of a decision, how they fail.

pub mod app;
pub mod asking;
pub mod client_keys;
pub mod clock;
pub mod documents;
pub mod encrypting;
mod encryption_keys;
pub mod facts;
pub mod fault;
pub(crate) mod fetched;
pub mod keyring;
pub mod logos;
pub mod master_key;
pub mod outage;
pub mod proving;
pub mod resources;
pub mod rounds;
pub mod sweeper;
pub(crate) mod upstream_metadata;

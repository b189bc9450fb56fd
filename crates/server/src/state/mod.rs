//! What requests share: the parts of the server, caches, keys in memory, the rounds of a decision, jobs.

pub mod app;
pub mod clock;
pub mod facts;
pub mod jobs;
pub mod keyring;
pub mod master_key;
pub mod outage;
pub mod rounds;
pub mod sweeper;

//! Use cases: load, decide, commit. Nothing here knows how a contract, a page or the command line spells a thing.

pub(crate) mod hint;
pub mod people;
pub mod registrations;
pub mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod standing;

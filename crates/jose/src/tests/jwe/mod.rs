//! Encrypted tokens: the specifications' examples, another implementation's tokens, laws, and what must not pass.

mod attacks;
mod given;
mod keys;
mod laws;
mod others;
mod rfc;

pub(super) use given::{private_key, private_key_for};

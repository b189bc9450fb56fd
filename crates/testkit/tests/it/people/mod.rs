//! People and their passwords: signing in, what an attacker learns from it, and how often anybody may try.

mod addresses;
mod breached;
mod enumeration;
mod factors;
mod groups;
mod mail;
mod mailed;
mod pages;
mod passkeys;
mod posting;
mod remembered;
mod scenery;
mod sign_in;
mod smtp;
mod step_up;

//! Tests of the module as a whole: the specifications' examples, attacks, other people's vectors and another
//! implementation.

mod attacks;
mod interop;
mod jwe;
mod rfc;
mod wycheproof;

//! Fuzzing of what reads bytes from outside: JWS, JWE, JWK, forms, Basic credentials, redirect URIs.
//!
//! Each target says what must hold of every input, not only that nothing panics. The ordinary tests run each for some
//! seconds from a fixed seed; `cargo xtask check --long` runs each for ten minutes from a new one. Why there is an
//! engine of our own: `docs/adr/0004-fuzzing-by-behaviour.md`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod basic;
mod engine;
mod form;
mod jwe;
mod jwk;
mod jws;
mod mutate;
mod redirect_uri;

/// The redirect URIs and origins of the unit tests: accepted and hostile ones.
#[path = "../../src/client/corpus.rs"]
#[expect(dead_code, reason = "seeds need the texts alone")]
mod corpus;

use engine::{Target, fuzz};

/// A short run and a long one for each target.
macro_rules! targets {
    ($($name:ident),+ $(,)?) => {
        /// Some seconds each, from the same seed every time.
        mod short {
            $(#[test]
            fn $name() {
                super::fuzz(&super::$name::target(), super::engine::Span::Short);
            })+
        }

        /// Ten minutes each, or as many seconds as `WRIT_FUZZ_SECONDS` says, from a new seed.
        mod long {
            $(#[test]
            #[ignore = "ten minutes: cargo xtask check --long"]
            fn $name() {
                super::fuzz(&super::$name::target(), super::engine::Span::Long);
            })+
        }
    };
}

targets!(basic, form, jwe, jwk, jws, redirect_uri);

/// The engine finds what a target says must not be: else all that is green here means nothing.
#[test]
fn a_fault_three_mutations_away_is_found() {
    struct Faulty;
    impl Target for Faulty {
        fn name(&self) -> &'static str {
            "faulty"
        }
        fn seeds(&self) -> Vec<Vec<u8>> {
            vec![b"harmless".to_vec()]
        }
        fn words(&self) -> &[&str] {
            &["open", "sesame"]
        }
        fn run(&self, input: &[u8]) -> String {
            let has = |word: &[u8]| input.windows(word.len()).any(|part| part == word);
            assert!(!(has(b"open") && has(b"sesame") && input.contains(&0)), "the fault");
            format!("{} {}", has(b"open"), has(b"sesame"))
        }
    }
    let found = std::panic::catch_unwind(|| fuzz(&Faulty, engine::Span::Inputs(200_000)));
    assert!(found.is_err(), "the fault was not found");
}

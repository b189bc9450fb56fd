//! The `writ` binary, built along with the tests so that they can run it as a process: the same
//! one line as `crates/server/src/main.rs`, and no second build of everything below it.

fn main() -> std::process::ExitCode {
    writ_server::cli::main()
}

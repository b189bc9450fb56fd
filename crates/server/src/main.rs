//! The `writ` binary.

fn main() -> std::process::ExitCode {
    writ_server::cli::main()
}

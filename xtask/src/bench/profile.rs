//! `cargo xtask bench --profile`: where the server's time goes while it issues tokens.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};

use super::server::{Credentials, Site, Variant};
use super::wrk::{self, Traffic};
use super::{drive, plan};
use crate::sh::{self, Tool};

const PERF: &[Tool] = &[Tool { program: "perf", packages: &["linux-perf"] }];
const SYMBOLS: usize = 40;

/// Records the server at 64 connections and writes the top symbols by self time to `profile.txt`; the recording
/// itself stays beside it as `perf.data`.
pub fn record(site: &Site, credentials: &Credentials, seconds: u64) -> Result<()> {
    sh::ensure_packages(PERF)?;
    let server = site.start(Variant::Plain)?;
    let traffic = Traffic::Fixed(credentials.token_request(plan::TOKEN_PATH));
    let data = site.folder().join("perf.data");
    let mut perf = Command::new("perf");
    perf.args(["record", "--quiet", "-g", "--pid", &server.pid().to_string(), "--output"]).arg(&data);
    perf.args(["--", "sleep", &seconds.to_string()]);
    println!("==> {seconds} s of token load at 64 connections under perf record");
    let sample = std::thread::scope(|scope| {
        // A second before and after, so that the recording sees nothing but steady load.
        let load = scope.spawn(|| wrk::drive(drive(site, &server, 64, seconds + 2), &traffic));
        std::thread::sleep(Duration::from_secs(1));
        let recorded = sh::succeeds(&mut perf);
        let sample = load.join().map_err(|_| anyhow!("the load ended badly"))??;
        ensure!(recorded?, "perf record failed");
        Ok(sample)
    })?;
    server.stop()?;
    let symbols = top_symbols(&data)?;
    let text = format!(
        "Token endpoint, 64 connections, {:.0} requests/s while recorded; share of samples by symbol\n\n{symbols}\n",
        sample.per_second
    );
    let file = site.folder().join("profile.txt");
    std::fs::write(&file, &text)?;
    println!("{text}\nwritten to {}", file.display());
    Ok(())
}

fn top_symbols(data: &Path) -> Result<String> {
    let mut command = Command::new("perf");
    command.args(["report", "--no-children", "--stdio", "--no-inline", "-g", "none"]);
    command.args(["--sort", "dso,symbol", "--input"]).arg(data);
    Ok(first_symbols(&sh::output_of(&mut command)?))
}

/// The first lines that are neither comments nor empty, without the columns that perf leaves as dashes.
fn first_symbols(report: &str) -> String {
    let symbols = report
        .lines()
        .map(|line| line.trim().trim_end_matches([' ', '-']))
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    symbols.take(SYMBOLS).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_left_out() {
        let report =
            "# Overhead  Symbol\n#\n\n    21.50%  writ  [.] sign\n     3.00%  libc  [.] memcpy   -   -\n\n";
        assert_eq!(first_symbols(report), "21.50%  writ  [.] sign\n3.00%  libc  [.] memcpy");
    }
}

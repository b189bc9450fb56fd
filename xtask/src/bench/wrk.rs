//! Driving the server with wrk, and reading what it saw.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::http::{self, Request};
use super::instructions::Count;
use super::memory;
use crate::sh;

/// The processor that wrk and this program run on; the server has the other one.
pub const LOAD_CPU: &str = "1";

const DONE: &str = include_str!("../../wrk/done.lua");
const FIXED: &str = include_str!("../../wrk/fixed.lua");
const ROTATE: &str = include_str!("../../wrk/rotate.lua");

/// The line of `done.lua` starts with this.
const MARK: &str = "WRIT-BENCH ";

/// What to send: the same request always, or its form bodies in rotation.
#[derive(Debug, Clone)]
pub enum Traffic {
    Fixed(Request),
    Rotating { request: Request, forms: Vec<String> },
}

/// Where and how hard to send it. `scripts` is a folder for the Lua files.
#[derive(Debug, Clone, Copy)]
pub struct Drive<'a> {
    pub scripts: &'a Path,
    pub address: SocketAddr,
    pub server_pid: u32,
    pub connections: u32,
    pub seconds: u64,
}

/// What one run saw. Latencies in microseconds; `server_cpu` is the share of one processor (1.0 = all of it).
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub requests: u64,
    pub per_second: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    pub server_cpu: f64,
    /// Instructions of the server in all; none where they cannot be counted.
    pub instructions: Option<u64>,
}

impl Sample {
    /// Microseconds of the server's processor for a request.
    pub fn micros_each(&self) -> f64 {
        self.server_cpu / self.per_second * 1_000_000.0
    }

    /// Thousands of the server's instructions for a request.
    pub fn thousands_each(&self) -> Option<f64> {
        Some(super::float(self.instructions?) / super::float(self.requests.max(1)) / 1000.0)
    }
}

/// The totals as `done.lua` prints them.
#[derive(Debug, Clone, PartialEq)]
struct Totals {
    requests: u64,
    seconds: f64,
    mean_bytes: f64,
    p50_us: f64,
    p99_us: f64,
    errors: u64,
    error_text: String,
}

/// Sends the traffic for some seconds. Any answer but 2xx, any socket error, and answers much shorter than the one
/// checked before (`{"active":false}` is a 200 too) fail the measurement.
pub fn drive(drive: Drive<'_>, traffic: &Traffic) -> Result<Sample> {
    let expected_bytes = check_answers(drive.address, traffic)?;
    let (sample, mean_bytes) = run(drive, &mut command(drive, traffic)?)?;
    // wrk counts only statuses of 400 and more as errors, and looking at every answer in Lua would make wrk the
    // limit. The size shows redirects and refusals in disguise.
    ensure!(
        mean_bytes > 0.75 * super::float(expected_bytes),
        "answers had {mean_bytes:.0} bytes on average where a good one has {expected_bytes}"
    );
    Ok(sample)
}

/// Sends what a script makes up, which also looks at each answer and ends where one is wrong.
pub fn drive_script(drive: Drive<'_>, script_text: &str, arguments: &[&str]) -> Result<Sample> {
    let mut command = wrk(drive, script_text, "/")?;
    run(drive, command.args(arguments)).map(|(sample, _)| sample)
}

/// Runs wrk: what it saw, and how many bytes an answer had on average.
fn run(drive: Drive<'_>, command: &mut Command) -> Result<(Sample, f64)> {
    let ticks_before = memory::processor_ticks(drive.server_pid)?;
    let count = Count::begin(drive.server_pid);
    let output = sh::output_of(command);
    let instructions = count.end()?;
    let output = output?;
    let ticks = memory::processor_ticks(drive.server_pid)?.saturating_sub(ticks_before);
    let totals = parse_totals(&output)?;
    ensure!(totals.errors == 0, "answers other than 2xx or broken connections: {}", totals.error_text);
    ensure!(totals.requests > 0 && totals.seconds > 0.0, "wrk got no answer at all");
    let sample = Sample {
        requests: totals.requests,
        per_second: super::float(totals.requests) / totals.seconds,
        p50_us: totals.p50_us,
        p99_us: totals.p99_us,
        server_cpu: super::float(ticks) / 100.0 / totals.seconds,
        instructions,
    };
    Ok((sample, totals.mean_bytes))
}

/// Forms that are looked at before they are measured; of more, so many that lie evenly apart.
const CHECKED: usize = 1000;

/// Sends each different request once and looks at the whole answer. Gives the bytes of the smallest good one.
fn check_answers(address: SocketAddr, traffic: &Traffic) -> Result<u64> {
    let check = |request: &Request| {
        let answer =
            http::send(address, request).with_context(|| format!("before measuring {}", request.path))?;
        ensure!(answer.status == 200, "{} answered {}: {}", request.path, answer.status, answer.body);
        if request.path.ends_with("/introspect") {
            ensure!(is_active(&answer.body), "a sample token is not live: {}", answer.body);
        }
        Ok(u64::try_from(answer.bytes)?)
    };
    match traffic {
        Traffic::Fixed(request) => check(request),
        Traffic::Rotating { request, forms } => {
            let mut smallest = u64::MAX;
            for form in forms.iter().step_by(forms.len().div_ceil(CHECKED).max(1)) {
                let request = Request { form: Some(form.clone()), ..request.clone() };
                smallest = smallest.min(check(&request)?);
            }
            Ok(smallest)
        }
    }
}

/// True for an introspection answer of a live token (RFC 7662 section 2.2).
fn is_active(body: &str) -> bool {
    // A chunked body carries its sizes around the object; the server sends these answers whole.
    let answer: Option<Value> = serde_json::from_str(body).ok();
    answer.and_then(|answer| answer.get("active")?.as_bool()).unwrap_or(false)
}

fn command(drive: Drive<'_>, traffic: &Traffic) -> Result<Command> {
    let scripts = drive.scripts;
    let (request, script_text, body) = match traffic {
        Traffic::Fixed(request) => (request, FIXED, request.form.clone().unwrap_or_else(|| "-".to_owned())),
        Traffic::Rotating { request, forms } => {
            let file = scripts.join("forms.txt");
            std::fs::write(&file, forms.join("\n"))?;
            (request, ROTATE, file.to_string_lossy().into_owned())
        }
    };
    let mut command = wrk(drive, script_text, request.path)?;
    command.args([request.method, request.authorization.as_deref().unwrap_or("-"), &body]);
    Ok(command)
}

/// wrk with a script, as yet without the script's arguments.
fn wrk(drive: Drive<'_>, script_text: &str, path: &str) -> Result<Command> {
    let Drive { scripts, address, connections, seconds, server_pid: _ } = drive;
    let script = scripts.join("load.lua");
    std::fs::write(&script, format!("{DONE}\n{script_text}"))?;
    let mut command = Command::new("taskset");
    command.args(["-c", LOAD_CPU, "wrk", "--threads", "1", "--timeout", "10s", "--latency"]);
    command.args([
        "--connections",
        &connections.to_string(),
        "--duration",
        &format!("{seconds}s"),
        "--script",
    ]);
    command.arg(script).arg(format!("http://{address}{path}")).arg("--");
    Ok(command)
}

/// Finds the line of `done.lua` in wrk's output.
fn parse_totals(output: &str) -> Result<Totals> {
    let Some(line) = output.lines().find_map(|line| line.strip_prefix(MARK)) else {
        bail!("wrk did not print its totals: {}", output.trim());
    };
    let value: Value = serde_json::from_str(line).with_context(|| format!("reading {line}"))?;
    let number = |name: &str| {
        value.get(name).and_then(Value::as_f64).with_context(|| format!("no {name} in wrk's totals: {line}"))
    };
    let requests = value.get("requests").and_then(Value::as_u64).context("no requests in wrk's totals")?;
    let errors = value.get("errors").and_then(Value::as_object).context("no errors in wrk's totals")?;
    Ok(Totals {
        requests,
        seconds: number("micros")? / 1_000_000.0,
        mean_bytes: number("bytes")? / super::float(requests.max(1)),
        p50_us: number("p50_us")?,
        p99_us: number("p99_us")?,
        errors: errors.values().filter_map(Value::as_u64).sum(),
        error_text: Value::Object(errors.clone()).to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = concat!(
        "Running 2s test @ http://127.0.0.1:1/\n  1 threads and 64 connections\n",
        r#"WRIT-BENCH {"requests":40000,"micros":2000000,"bytes":8000000,"mean_us":900.5,"p50_us":850,"p90_us":1000,"#,
        r#""p99_us":4100,"max_us":9000,"errors":{"connect":0,"read":1,"write":0,"timeout":0,"status":7}}"#,
        "\n",
    );

    #[test]
    fn totals_are_read_from_wrk_output() {
        let totals = parse_totals(OUTPUT).unwrap();
        assert_eq!((totals.requests, totals.errors), (40_000, 8));
        assert!((totals.seconds - 2.0).abs() < 1e-9 && (totals.mean_bytes - 200.0).abs() < 1e-9);
        assert!((totals.p50_us - 850.0).abs() < 1e-9 && (totals.p99_us - 4100.0).abs() < 1e-9);
        assert!(totals.error_text.contains(r#""status":7"#));
    }

    #[test]
    fn output_without_totals_is_an_error() {
        assert!(parse_totals("unable to connect").is_err());
        assert!(parse_totals("WRIT-BENCH {\"requests\":1}").is_err());
    }

    #[test]
    fn only_a_live_token_is_active() {
        assert!(is_active(r#"{"active":true,"scope":""}"#));
        assert!(!is_active(r#"{"active":false}"#));
        assert!(!is_active(r#"{"active":"true"}"#));
        assert!(!is_active("active"));
    }
}

//! `writ doctor`: what is wrong with a set-up, and what to do. `writ healthcheck`: whether the server is ready.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use crate::config::{Config, Environment, Every, Flags, Settings};
use crate::doctor::probe::{Probe, on_this_machine};
use crate::doctor::{Check, CheckState, ReportLine, collect, judge, own_certificates, port_of};
use crate::state::clock::{Clock as _, SystemClock};

/// What would be given to `serve`.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    settings: Flags<Every>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let environment = Environment::of_process();
    let settings = Settings::gather(&args.settings, &environment);
    let mut rows: Vec<ReportLine> = environment
        .strangers(&super::variables())
        .into_iter()
        .map(|stranger| {
            ReportLine::wrong(Check::Configuration, stranger, "correct its name, or take it away")
        })
        .collect();
    match Config::of(&settings) {
        Err(error) => rows.extend(error.problems.iter().map(|problem| {
            ReportLine::wrong(
                Check::Configuration,
                problem.to_string(),
                "correct it; docs/configuration.md has them all",
            )
        })),
        Ok(config) => {
            let runtime = runtime()?;
            let facts = runtime.block_on(collect(&config, &settings, SystemClock::default().now()))?;
            rows.extend(judge(&facts));
        }
    }
    let found = rows.iter().filter(|row| row.is_wrong()).count();
    if args.json {
        let checks: Vec<_> = rows.iter().map(row_json).collect();
        super::print(&format!("{:#}\n", json!({ "ok": found == 0, "checks": checks })))?;
    } else {
        super::print(&table(&rows, found))?;
    }
    Ok(if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().context("the runtime could not be started")
}

fn row_json(row: &ReportLine) -> serde_json::Value {
    let check = row.check.name();
    match &row.state {
        CheckState::Fine(text) => json!({ "check": check, "state": "ok", "message": text }),
        CheckState::Skipped(text) => json!({ "check": check, "state": "skipped", "message": text }),
        CheckState::Wrong { what, remedy } => {
            json!({ "check": check, "state": "problem", "message": what, "remedy": remedy })
        }
    }
}

fn table(rows: &[ReportLine], found: usize) -> String {
    let mut text = String::new();
    for row in rows {
        let check = row.check.name().replace('_', " ");
        let line = match &row.state {
            CheckState::Fine(says) => format!("ok       {check:13}  {says}\n"),
            CheckState::Skipped(says) => format!("-        {check:13}  {says}\n"),
            CheckState::Wrong { what, remedy } => {
                format!("PROBLEM  {check:13}  {what}\n{:24}→ {remedy}\n", "")
            }
        };
        text.push_str(&line);
    }
    let end = match found {
        0 => "Nothing is wrong.".to_owned(),
        1 => "1 problem.".to_owned(),
        more => format!("{more} problems."),
    };
    format!("{text}\n{end}\n")
}

/// Where the server listens.
#[derive(Debug, Args)]
pub(super) struct HealthcheckArgs {
    #[command(flatten)]
    settings: Flags<Every>,
    /// The URL to ask, instead of the configured address
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn healthcheck(args: &HealthcheckArgs) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.settings)?;
    let outcome = runtime()?.block_on(ask(&config, args.url.as_deref()));
    let is_ready = outcome.is_ok();
    let message = outcome.map_or_else(|error| format!("{error:#}"), |()| "ready".to_owned());
    if args.json {
        super::print(&format!("{}\n", json!({ "ok": is_ready, "message": message })))?;
    } else {
        super::print(&format!("{message}\n"))?;
    }
    Ok(if is_ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn ask(config: &Config, url: Option<&str>) -> anyhow::Result<()> {
    let probe = Probe::new(own_certificates(config), Duration::from_secs(5))?;
    let (url, at) = if let Some(url) = url {
        (format!("{}/health/ready", url.trim_end_matches('/')), None)
    } else {
        let address = config.listen.first().context("the server listens nowhere")?;
        let at = on_this_machine(address).await.context("the listen address has no address")?;
        (format!("{}/health/ready", config.here(port_of(address))), Some(at))
    };
    let answer = probe.get(&url, at).await.map_err(|error| anyhow::anyhow!("no answer at {url}: {error}"))?;
    anyhow::ensure!(answer.status == 200, "{url} answers {}: not ready", answer.status);
    Ok(())
}

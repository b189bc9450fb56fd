//! `cargo xtask bench --postgres`: the same requests against the same server, on SQLite and on PostgreSQL.

use std::fmt::Write as _;

use anyhow::{Context, Result};

use super::plan::{self, Measurement, Plan};
use super::postgres::Cluster;
use super::report::{grouped, median};
use super::server::{Credentials, SampleTokens, Site, Variant};
use super::wrk::{self, Sample, Traffic};
use super::{drive, float, mebibytes};

/// What is compared, in this order.
const NAMES: [&str; 4] = ["token-64", "token-256", "introspect-jwt-64", "introspect-opaque-64"];

/// A prepared database: where, and with what to ask for it.
pub struct Side<'a> {
    pub site: &'a Site,
    pub credentials: &'a Credentials,
    pub samples: &'a SampleTokens,
}

/// What one engine's runs saw of one measurement.
#[derive(Debug, Default)]
struct Seen {
    samples: Vec<Sample>,
    /// Units for each transaction, where any was written.
    batches: Vec<f64>,
}

#[derive(Debug)]
struct Row {
    title: &'static str,
    connections: u32,
    sqlite: Seen,
    postgres: Seen,
}

/// The comparison.
#[derive(Debug)]
pub struct Beside {
    rows: Vec<Row>,
    version: String,
    database_bytes: (u64, u64),
    tokens: u64,
}

/// Prepares PostgreSQL and measures both, interleaved.
pub fn measure(sqlite: &Side<'_>, plan: &Plan, postgres: &Site, cluster: &Cluster) -> Result<Beside> {
    let first = postgres.start(Variant::Plain)?;
    let credentials = postgres.credentials()?;
    first.stop()?;
    println!("==> filling PostgreSQL with {} tokens", plan.tokens);
    let samples = postgres.fill(plan.tokens)?;
    cluster.settle()?;
    let filled = cluster.database_bytes()?;

    let mut rows: Vec<Row> = chosen(sqlite.credentials, sqlite.samples)
        .iter()
        .map(|Measurement { title, connections, .. }| Row {
            title,
            connections: *connections,
            sqlite: Seen::default(),
            postgres: Seen::default(),
        })
        .collect();
    let other = Side { site: postgres, credentials: &credentials, samples: &samples };
    for run in 1..=plan.runs {
        println!("==> run {run} of {}, SQLite", plan.runs);
        live_through(sqlite, plan.seconds, rows.iter_mut().map(|row| &mut row.sqlite))?;
        println!("==> run {run} of {}, PostgreSQL", plan.runs);
        live_through(&other, plan.seconds, rows.iter_mut().map(|row| &mut row.postgres))?;
    }
    let database_bytes = (filled, cluster.database_bytes()?);
    Ok(Beside { rows, version: cluster.version.clone(), database_bytes, tokens: plan.tokens })
}

fn chosen(credentials: &Credentials, samples: &SampleTokens) -> Vec<Measurement> {
    let all = plan::plainly(credentials, samples);
    NAMES.iter().filter_map(|name| all.iter().find(|one| one.name == *name).cloned()).collect()
}

/// One server from start to stop, with all that is compared.
fn live_through<'a>(side: &Side<'_>, seconds: u64, seen: impl Iterator<Item = &'a mut Seen>) -> Result<()> {
    let token = side.credentials.token_request(plan::TOKEN_PATH);
    let mut server = side.site.start(Variant::Plain)?;
    server.wait_for(&token)?;
    wrk::drive(drive(side.site, &server, 64, 1), &Traffic::Fixed(token))?;
    for (Measurement { name, connections, traffic, .. }, seen) in
        chosen(side.credentials, side.samples).iter().zip(seen)
    {
        let before = server.written()?;
        let sample = wrk::drive(drive(side.site, &server, *connections, seconds), traffic)
            .with_context(|| format!("{name}; the end of the server's log:\n{}", server.log_tail()))?;
        let after = server.written()?;
        let batches = after.batches.saturating_sub(before.batches);
        let batch = float(after.units.saturating_sub(before.units)) / float(batches.max(1));
        println!(
            "    {name:<22} {:>9.0}/s  p50 {:>7.2} ms  p99 {:>7.2} ms  server {:>3.0} %  {batch:>5.1} units a transaction",
            sample.per_second,
            sample.p50_us / 1000.0,
            sample.p99_us / 1000.0,
            sample.server_cpu * 100.0,
        );
        if name.starts_with("token") {
            seen.batches.push(batch);
        }
        seen.samples.push(sample);
    }
    server.stop()
}

/// The section of the report.
pub fn render(beside: &Beside) -> String {
    let (filled, at_end) = beside.database_bytes;
    let mut text = format!(
        "### PostgreSQL beside SQLite\n\n\
         PostgreSQL {} with its own defaults (`fsync`, `synchronous_commit` and `full_page_writes` are on), over loopback with a \
         password and without TLS, filled with {} tokens ({:.0} MiB; {:.0} MiB at the end). The server has processor 0 to itself; \
         **PostgreSQL shares processor 1 with `wrk`**, so these rates are a floor: on machines of its own the database is not \
         held up by the load generator. Measured in turn with SQLite, run by run. A batch is what one transaction of the \
         writer commits, on average.\n\n\
         | | connections | SQLite /s | p99 ms | batch | PostgreSQL /s | p99 ms | batch | server's processor |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        beside.version,
        grouped(float(beside.tokens)),
        mebibytes(filled / 1024),
        mebibytes(at_end / 1024),
    );
    for Row { title, connections, sqlite, postgres } in &beside.rows {
        let of = |seen: &Seen, number: fn(&Sample) -> f64| {
            median(seen.samples.iter().map(number)).unwrap_or(f64::NAN)
        };
        let batch = |seen: &Seen| {
            median(seen.batches.iter().copied()).map_or_else(|| "–".to_owned(), |size| format!("{size:.1}"))
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {title} | {connections} | {} | {:.2} | {} | {} | {:.2} | {} | {:.0} % |",
            grouped(of(sqlite, |sample| sample.per_second)),
            of(sqlite, |sample| sample.p99_us) / 1000.0,
            batch(sqlite),
            grouped(of(postgres, |sample| sample.per_second)),
            of(postgres, |sample| sample.p99_us) / 1000.0,
            batch(postgres),
            of(postgres, |sample| sample.server_cpu) * 100.0,
        );
    }
    text.push('\n');
    text
}

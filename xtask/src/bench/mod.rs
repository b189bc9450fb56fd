//! `cargo xtask bench`: what packages ship (the profile `dist`), under load, on one processor, with wrk on the other.

mod api;
mod beside;
mod enumeration;
mod gate;
mod hostile;
mod http;
mod instructions;
mod machine;
mod memory;
mod pages;
mod people;
mod plan;
mod postgres;
mod profile;
mod report;
mod scale;
mod server;
mod tenants;
mod wrk;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;

use beside::{Beside, Side};
use hostile::Hostile;
use memory::{Memory, WalSizes, WalWatch};
use people::People;
use plan::{Measurement, Plan};
use postgres::Cluster;
use scale::Scale;
use server::{Credentials, SampleTokens, Server, Site, Variant};
use tenants::ColdStart;
use wrk::{Drive, Sample, Traffic};

use crate::sh::{self, Tool};

/// The profile that packages are built with: the figures are of what people install.
const PROFILE: &str = "dist";

const LOAD_TOOLS: &[Tool] = &[
    Tool { program: "taskset", packages: &["util-linux"] },
    Tool { program: "chrt", packages: &["util-linux"] },
    Tool { program: "wrk", packages: &["wrk"] },
    Tool { program: "git", packages: &["git"] },
];

/// Options of `cargo xtask bench`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Options {
    /// A look, not a result: few tokens, one short run; no gate fails and nothing is written
    #[arg(long)]
    quick: bool,
    /// Runs of everything, interleaved; results are their medians [default: 3; quick: 1]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    runs: Option<u32>,
    /// Length of one measurement in seconds [default: 8; quick: 2]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,
    /// Tokens in the database before measuring [default: 1000000; quick: 20000]
    #[arg(long)]
    tokens: Option<u64>,
    /// Only measurements whose name starts with this (token, ceiling, introspect, discovery, jwks, health, slow, memory, tenants, beside, code-flow, pushed-flow, refresh, bound-token, sign-in, pages, enumeration, scale, hostile)
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// The slow disk: milliseconds added to each fsync in the second part; 0 leaves that part out
    #[arg(long, value_name = "N", default_value_t = 5)]
    fsync_delay_ms: u64,
    /// Also PostgreSQL beside SQLite: sets up a throw-away cluster and measures both in turn
    #[arg(long)]
    postgres: bool,
    /// Write docs/benchmarks.md also after --quick or --only
    #[arg(long)]
    write: bool,
    /// Instead of measuring, record a profile of the server under token load with perf
    #[arg(long)]
    profile: bool,
    /// Instead of measuring, compare with another build of the server, in turn: whether a request costs more than it did
    #[arg(long, value_name = "FILE")]
    beside: Option<PathBuf>,
    /// Measure this binary instead of building one; its results are never written
    #[arg(long, hide = true, value_name = "FILE")]
    server_binary: Option<PathBuf>,
}

/// How a bench ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    GateFailed,
}

/// One measurement and what its runs saw.
#[derive(Debug)]
struct Measured {
    measurement: Measurement,
    samples: Vec<Sample>,
}

/// One life of a plainly started server.
#[derive(Debug, Clone, Copy)]
struct Life {
    live_after: Duration,
    token_after: Duration,
    idle: Memory,
    after_load: Memory,
    wal: WalSizes,
}

/// A long stretch of issuing in one process: (tokens issued so far, memory), the first before any load.
#[derive(Debug)]
struct LongIssue {
    course: Vec<(u64, Memory)>,
    wal: WalSizes,
}

/// Everything a bench has seen.
#[derive(Debug)]
struct Results {
    plan: Plan,
    sample_tokens: (usize, usize),
    database_bytes: (u64, u64),
    first_start: Duration,
    measured: Vec<Measured>,
    lives: Vec<Life>,
    long_issue: Option<LongIssue>,
    cold_starts: Vec<ColdStart>,
    beside: Option<Beside>,
    people: Option<People>,
    pages: Vec<pages::Page>,
    enumeration: Vec<enumeration::Group>,
    scale: Option<Scale>,
    hostile: Option<Hostile>,
}

/// Runs the bench, or with `--profile` the profile.
pub fn run(options: &Options) -> Result<Verdict> {
    let plan = Plan::new(options)?;
    sh::ensure_packages(sh::BUILD_TOOLS)?;
    sh::ensure_packages(LOAD_TOOLS)?;
    let target = sh::target_directory()?;
    let binary = match &options.server_binary {
        Some(binary) => binary.clone(),
        None => build(&target)?,
    };
    leave_the_server_its_processor()?;
    if let Some(older) = &options.beside {
        return gate::run(older, binary, &target.join("bench-gate"), &plan);
    }
    let site = Site::new(binary, target.join("bench"))?;
    if plan.is_hostile_alone() {
        return strangers(&site, &plan, options);
    }
    if plan.is_pages_alone() {
        return pages_alone(&site, &plan, options);
    }
    let machine = machine::describe(site.folder())?;
    let (first_start, credentials, samples) = prepare(&site, &plan)?;
    if options.profile {
        profile::record(&site, &credentials, plan.seconds)?;
        return Ok(Verdict::Passed);
    }
    let mut results = measure(&site, plan, &credentials, &samples, first_start)?;
    if results.plan.wants_people() {
        results.people = Some(people::measure(&site, &results.plan)?);
    }
    if results.plan.wants("pages") {
        results.pages = pages::measure(&site, &results.plan)?;
    }
    if results.plan.wants("enumeration") {
        results.enumeration = enumeration::measure(&site, &results.plan)?;
    }
    if results.plan.wants("scale") {
        let folder = site.folder().join("scale");
        results.scale = Some(scale::measure(site.binary(), &folder, &results.plan)?);
    }
    if results.plan.wants("hostile") {
        results.hostile =
            Some(hostile::measure(site.binary(), &site.folder().join("hostile"), &results.plan)?);
    }
    if options.postgres && results.plan.wants("beside") {
        let sqlite = Side { site: &site, credentials: &credentials, samples: &samples };
        results.beside = Some(beside_postgres(&sqlite, &results.plan)?);
    }
    let gates = report::gates(&results);
    let text = report::render(&machine, &results, &gates);
    println!("\n{text}");
    let is_full = !options.quick && options.only.is_none();
    if (is_full || options.write) && options.server_binary.is_none() {
        report::write(report::Section::Speed, &text)?;
        if let Some(hostile) = &results.hostile {
            report::write(report::Section::Strangers, &report::strangers(&machine, hostile, &results.plan))?;
        }
        if !results.pages.is_empty() {
            let text = report::pages_section(&machine, &results.pages, &results.plan);
            report::write(report::Section::Pages, &text)?;
        }
        println!("docs/benchmarks.md is written");
    }
    Ok(judged(&gates, options))
}

/// The pages alone: they need no filled database, and have a section of their own.
fn pages_alone(site: &Site, plan: &Plan, options: &Options) -> Result<Verdict> {
    let machine = machine::describe(site.folder())?;
    let seen = pages::measure(site, plan)?;
    let text = report::pages_section(&machine, &seen, plan);
    println!("\n{text}");
    if (!options.quick || options.write) && options.server_binary.is_none() {
        report::write(report::Section::Pages, &text)?;
        println!("docs/benchmarks.md is written");
    }
    Ok(judged(&report::page_gates(&seen), options))
}

/// The floods of strangers alone: they have a database and a section of the page of their own.
fn strangers(site: &Site, plan: &Plan, options: &Options) -> Result<Verdict> {
    let machine = machine::describe(site.folder())?;
    let hostile = hostile::measure(site.binary(), &site.folder().join("hostile"), plan)?;
    let text = report::strangers(&machine, &hostile, plan);
    println!("\n{text}");
    if (!options.quick || options.write) && options.server_binary.is_none() {
        report::write(report::Section::Strangers, &text)?;
        println!("docs/benchmarks.md is written");
    }
    Ok(judged(&report::hostile_gates(Some(&hostile)), options))
}

fn judged(gates: &[report::Gate], options: &Options) -> Verdict {
    let failed = gates.iter().filter(|gate| gate.passed() == Some(false)).count();
    if failed > 0 && !options.quick {
        eprintln!("bench: {failed} gates failed");
        return Verdict::GateFailed;
    }
    Verdict::Passed
}

fn beside_postgres(sqlite: &Side<'_>, plan: &Plan) -> Result<Beside> {
    println!("==> setting up PostgreSQL");
    let cluster = Cluster::start(sqlite.site.folder())?;
    let folder = sqlite.site.folder().join("postgres");
    let postgres = Site::on_postgres(sqlite.site.binary().to_owned(), folder, cluster.url())?;
    beside::measure(sqlite, plan, &postgres, &cluster)
}

fn build(target: &std::path::Path) -> Result<PathBuf> {
    let mut command = sh::cargo();
    command.args(["build", "--profile", PROFILE, "--locked", "--package", "writ-server", "--bin", "writ"]);
    command.args(["--features", "bench"]);
    println!("==> {}", sh::shown(&command));
    ensure!(sh::succeeds(&mut command)?, "the build failed");
    Ok(target.join(PROFILE).join("writ"))
}

/// Moves this program to the processor of wrk.
fn leave_the_server_its_processor() -> Result<()> {
    let own = std::process::id().to_string();
    sh::output_of(Command::new("taskset").args(["-a", "-c", "-p", wrk::LOAD_CPU, &own]))
        .context("the bench needs two processors: one for the server, one for the load")?;
    Ok(())
}

/// A first start makes the database, then it is filled offline.
fn prepare(site: &Site, plan: &Plan) -> Result<(Duration, Credentials, SampleTokens)> {
    let first = site.start(Variant::Plain)?;
    let first_start = first.live_after;
    let credentials = site.credentials()?;
    first.stop()?;
    println!("==> filling the database with {} tokens", plan.tokens);
    Ok((first_start, credentials, site.fill(plan.tokens)?))
}

fn measure(
    site: &Site,
    plan: Plan,
    credentials: &Credentials,
    samples: &SampleTokens,
    first_start: Duration,
) -> Result<Results> {
    let filled_bytes = site.database_bytes();
    let mut measured: Vec<Measured> = plan
        .measurements(credentials, samples)
        .into_iter()
        .map(|measurement| Measured { measurement, samples: Vec::new() })
        .collect();
    let mut lives = Vec::new();
    for run in 1..=plan.runs {
        for variant in plan.variants() {
            if !measured.iter().any(|entry| entry.measurement.variant == variant) {
                continue;
            }
            println!("==> run {run} of {}, {}", plan.runs, plan::described(variant));
            let life = live_through(site, variant, credentials, &mut measured, plan.seconds)?;
            if variant == Variant::Plain {
                lives.push(life);
            }
        }
    }
    let long_issue = plan.wants("memory").then(|| issue_many(site, &plan, credentials)).transpose()?;
    let cold_starts = if plan.wants("tenants") {
        tenants::measure(site.binary().to_owned(), site.folder().join("tenants"), plan.runs)?
    } else {
        Vec::new()
    };
    Ok(Results {
        sample_tokens: (samples.jwt.len(), samples.opaque.len()),
        database_bytes: (filled_bytes, site.database_bytes()),
        first_start,
        measured,
        lives,
        long_issue,
        cold_starts,
        beside: None,
        people: None,
        pages: Vec::new(),
        enumeration: Vec::new(),
        scale: None,
        hostile: None,
        plan,
    })
}

/// One server from start to stop, with every measurement that wants this variant.
fn live_through(
    site: &Site,
    variant: Variant,
    credentials: &Credentials,
    measured: &mut [Measured],
    seconds: u64,
) -> Result<Life> {
    let token = credentials.token_request(plan::TOKEN_PATH);
    let mut server = site.start(variant)?;
    let token_after = server.wait_for(&token)?;
    std::thread::sleep(Duration::from_secs(1));
    let idle = server.memory()?;
    let wal = WalWatch::start(site.wal_file());
    // Warm up: connections, caches, the allocator. Not counted.
    wrk::drive(drive(site, &server, 64, 1), &Traffic::Fixed(token))?;
    for entry in measured.iter_mut().filter(|entry| entry.measurement.variant == variant) {
        let Measurement { name, connections, traffic, .. } = &entry.measurement;
        let sample = wrk::drive(drive(site, &server, *connections, seconds), traffic)
            .with_context(|| format!("{name}; the end of the server's log:\n{}", server.log_tail()))?;
        println!(
            "    {name:<22} {:>9.0}/s  p50 {:>7.2} ms  p99 {:>7.2} ms  server {:>3.0} %",
            sample.per_second,
            sample.p50_us / 1000.0,
            sample.p99_us / 1000.0,
            sample.server_cpu * 100.0
        );
        entry.samples.push(sample);
    }
    let life = Life {
        live_after: server.live_after,
        token_after,
        idle,
        after_load: server.memory()?,
        wal: wal.stop()?,
    };
    server.stop()?;
    Ok(life)
}

/// Issues tokens at 64 connections, in one process, until the planned number has been issued.
fn issue_many(site: &Site, plan: &Plan, credentials: &Credentials) -> Result<LongIssue> {
    println!("==> issuing {} tokens in one process", plan.memory_tokens);
    let server = site.start(Variant::Plain)?;
    std::thread::sleep(Duration::from_secs(1));
    let mut course = vec![(0, server.memory()?)];
    let traffic = Traffic::Fixed(credentials.token_request(plan::TOKEN_PATH));
    let wal = WalWatch::start(site.wal_file());
    let mut issued = 0;
    while issued < plan.memory_tokens {
        issued += wrk::drive(drive(site, &server, 64, plan.seconds), &traffic)?.requests;
        let memory = server.memory()?;
        println!("    {issued:>9} issued, {:>6.1} MiB resident", mebibytes(memory.rss_kib));
        course.push((issued, memory));
    }
    let wal = wal.stop()?;
    server.stop()?;
    Ok(LongIssue { course, wal })
}

fn drive<'a>(site: &'a Site, server: &Server, connections: u32, seconds: u64) -> Drive<'a> {
    Drive { scripts: site.folder(), address: server.address, server_pid: server.pid(), connections, seconds }
}

/// The nearest floating point number; counts here stay far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts and sizes stay far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

fn mebibytes(kib: u64) -> f64 {
    float(kib) / 1024.0
}

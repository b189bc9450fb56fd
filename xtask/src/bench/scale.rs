//! Many clients and tenants: what they cost the token endpoint, and how long a page of the lists takes.
//!
//! Two databases, alike but for the number of clients and tenants, measured in turn within each run. Each client
//! sends its own credentials, in rotation; the same rotation on both is the fair comparison, wider ones show what
//! clients cost that are not in memory.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::api;
use super::http::Request;
use super::memory::{self, Memory};
use super::plan::{Plan, TOKEN_PATH};
use super::report::{grouped, median};
use super::server::{Amount, Server, Site, Variant};
use super::wrk::{self, Sample, Traffic};
use super::{drive, float, mebibytes};

const LIST: &str = include_str!("../../wrk/list.lua");

const CONNECTIONS: u32 = 64;
/// Clients of the small database, and of the narrowest rotation.
const FEW: usize = 10;
/// A rotation that the server's memory holds (10,000 clients).
const IN_MEMORY: usize = 1000;
/// Rows of the pages that are measured.
const PAGE: usize = 50;
/// Rows of the pages by which the deep place is reached.
const STRIDE: usize = 200;
/// Tenants of the large database, beside the first.
const TENANTS: u64 = 5000;

/// The list of clients of each contract, and where its rows and its cursor stand.
const LISTS: [(&str, &str, &str); 4] = [
    ("tenant", "/api/v1/oauth/admin/clients", "/data/clients"),
    ("identity", "/v1/admin/oauth-clients", "/clients"),
    ("oauth2", "/api/v1/oauth/clients", "/clients"),
    ("clients", "/v1/clients", "/data"),
];

/// What was seen.
#[derive(Debug)]
pub struct Scale {
    clients: u64,
    runs: Vec<Run>,
    lists: Vec<Listed>,
}

/// One life of each server.
#[derive(Debug)]
struct Run {
    few: Sample,
    rotations: Vec<(usize, Sample)>,
    live_after: Duration,
    token_after: Duration,
    idle: Memory,
    after_load: Memory,
}

/// A page of a contract's list.
#[derive(Debug)]
struct Listed {
    contract: &'static str,
    first: Sample,
    deep: Sample,
}

impl Scale {
    /// Clients of the large database.
    pub fn clients(&self) -> u64 {
        self.clients
    }

    /// The rate beside that of the small database with the same rotation, per cent: the median of the runs.
    pub fn share(&self) -> Option<f64> {
        median(self.runs.iter().filter_map(|run| Some(share(run.rotations.first()?.1.per_second, run))))
    }

    /// The 99th percentile of the slowest page, milliseconds.
    pub fn slowest_page(&self) -> Option<f64> {
        let pages = self.lists.iter().flat_map(|list| [&list.first, &list.deep]);
        pages.map(|page| page.p99_us / 1000.0).max_by(f64::total_cmp)
    }

    /// From the start of the process to the first token of one of the clients, milliseconds.
    pub fn token_after(&self) -> Option<f64> {
        median(self.runs.iter().map(|run| run.token_after.as_secs_f64() * 1000.0))
    }
}

fn share(per_second: f64, run: &Run) -> f64 {
    100.0 * per_second / run.few.per_second
}

/// A database with clients, each as the form that asks for its token.
struct Filled {
    site: Site,
    forms: Vec<String>,
}

/// Fills both databases and measures.
pub fn measure(binary: &Path, folder: &Path, plan: &Plan) -> Result<Scale> {
    let few =
        filled(binary, folder.join("few"), Amount { clients: FEW as u64, tenants: 0, ..plan.amount() })?;
    let amount = Amount { clients: plan.clients, tenants: TENANTS, ..plan.amount() };
    let many = filled(binary, folder.join("many"), amount)?;
    let mut runs = Vec::new();
    let mut lists = Vec::new();
    for number in 1..=plan.runs {
        println!("==> run {number} of {}, {} clients beside {FEW}", plan.runs, plan.clients);
        runs.push(run(&few, &many, plan)?);
    }
    println!("==> pages of {} clients", plan.clients);
    let server = many.site.start(Variant::Plain)?;
    settle(&server)?;
    let cursor = deep_cursor(&many.site, &server, plan.clients)?;
    for (contract, path, rows) in LISTS {
        let first = page(&many.site, &server, (&format!("{path}?limit={PAGE}"), rows), plan)?;
        let target = format!("{path}?limit={PAGE}&cursor={cursor}");
        let deep = page(&many.site, &server, (&target, rows), plan)?;
        println!(
            "    {contract:<22} p50 {:>6.2} ms  p99 {:>6.2} ms, deep p50 {:>6.2} ms  p99 {:>6.2} ms",
            first.p50_us / 1000.0,
            first.p99_us / 1000.0,
            deep.p50_us / 1000.0,
            deep.p99_us / 1000.0,
        );
        lists.push(Listed { contract, first, deep });
    }
    server.stop()?;
    Ok(Scale { clients: plan.clients, runs, lists })
}

fn filled(binary: &Path, folder: PathBuf, amount: Amount) -> Result<Filled> {
    println!("==> filling a database with {} clients and {} tokens", amount.clients, amount.tokens);
    let site = Site::new(binary.to_owned(), folder)?;
    site.start(Variant::Plain)?.stop()?;
    let forms = site.fill_clients(amount)?;
    ensure!(u64::try_from(forms.len())? == amount.clients, "bench-fill made {} clients", forms.len());
    Ok(Filled { site, forms })
}

/// The rotation over the first so many clients.
fn rotation(filled: &Filled, clients: usize) -> Traffic {
    let request = Request { method: "POST", path: TOKEN_PATH, authorization: None, form: None };
    Traffic::Rotating { request, forms: filled.forms.iter().take(clients).cloned().collect() }
}

fn run(few: &Filled, many: &Filled, plan: &Plan) -> Result<Run> {
    let server = few.site.start(Variant::Plain)?;
    let narrow = rotation(few, FEW);
    wrk::drive(drive(&few.site, &server, CONNECTIONS, 1), &narrow)?;
    let small = wrk::drive(drive(&few.site, &server, CONNECTIONS, plan.seconds), &narrow)?;
    server.stop()?;

    let mut server = many.site.start(Variant::Plain)?;
    let live_after = server.live_after;
    let last = many.forms.last().context("there are no clients")?.clone();
    let first_token = Request { method: "POST", path: TOKEN_PATH, authorization: None, form: Some(last) };
    let token_after = server.wait_for(&first_token)?;
    std::thread::sleep(Duration::from_secs(1));
    let idle = server.memory()?;
    wrk::drive(drive(&many.site, &server, CONNECTIONS, 1), &rotation(many, FEW))?;
    let mut rotations = Vec::new();
    for clients in [FEW, IN_MEMORY, many.forms.len()] {
        let sample =
            wrk::drive(drive(&many.site, &server, CONNECTIONS, plan.seconds), &rotation(many, clients))
                .with_context(|| format!("{clients} clients; the server's log:\n{}", server.log_tail()))?;
        rotations.push((clients, sample));
    }
    let run = Run { few: small, rotations, live_after, token_after, idle, after_load: server.memory()? };
    server.stop()?;
    println!("    {:<22} {:>9.0}/s", format!("{FEW} of {FEW}"), run.few.per_second);
    for (clients, sample) in &run.rotations {
        let title = format!("{clients} of {}", many.forms.len());
        println!("    {title:<22} {:>9.0}/s  {:>5.1} %", sample.per_second, share(sample.per_second, &run));
    }
    Ok(run)
}

/// Waits until the server has caught up with what it does in the background about the tokens of the runs, some minutes at
/// the most.
fn settle(server: &Server) -> Result<()> {
    const SECONDS: u64 = 180;
    /// Of 100 in a second.
    const IDLE_TICKS: u64 = 5;
    for _ in 0..SECONDS {
        let before = memory::processor_ticks(server.pid())?;
        std::thread::sleep(Duration::from_secs(1));
        if memory::processor_ticks(server.pid())?.saturating_sub(before) <= IDLE_TICKS {
            return Ok(());
        }
    }
    println!("    the server is still busy with its lists of tokens");
    Ok(())
}

/// A cursor in the middle of the list, reached page by page. It is one that every contract takes.
fn deep_cursor(site: &Site, server: &Server, clients: u64) -> Result<String> {
    let (_, path, _) = LISTS[2];
    let pages = usize::try_from(clients)? / STRIDE / 2;
    let mut query = format!("limit={STRIDE}");
    let mut cursor = String::new();
    for _ in 0..pages.max(1) {
        let body = api::get(site, server, &format!("{path}?{query}"))?;
        api::text(&body, "next_cursor")?.clone_into(&mut cursor);
        query = format!("limit={STRIDE}&cursor={cursor}");
    }
    Ok(cursor)
}

/// One connection that asks for the same page again and again.
fn page(site: &Site, server: &Server, list: (&str, &str), plan: &Plan) -> Result<Sample> {
    let (path, rows) = list;
    let tenant = format!("X-Tenant-ID: {}", site.tenant()?);
    let authorization = format!("Bearer {}", site.api_key()?);
    let bearer = format!("Authorization: {authorization}");
    let target = api::url(server, path);
    let answer = api::curl(&["--fail-with-body", "--header", &bearer, "--header", &tenant, &target])?;
    let answer: Value = serde_json::from_str(&answer).with_context(|| format!("{path} answered {answer}"))?;
    let found = answer.pointer(rows).and_then(Value::as_array).map_or(0, Vec::len);
    ensure!(found == PAGE, "{path} has {found} rows");
    let tenant = site.tenant()?;
    wrk::drive_script(drive(site, server, 1, plan.seconds), LIST, &[path, &authorization, &tenant])
}

/// The part of the page about scale.
pub fn render(scale: &Scale) -> String {
    let clients = grouped(float(scale.clients));
    let mut text = format!(
        "### {clients} clients, {} tenants\n\n\
         Two databases that differ in nothing else: one with {FEW} clients, one with {clients} in one tenant beside \
         {} other tenants. Every client sends its own secret in the form, in rotation, over {CONNECTIONS} connections; \
         both are measured in turn within each run. The server keeps 10,000 clients in memory: the widest rotation \
         finds few of them there.\n\n\
         | database | rotating over | tokens/s | beside {FEW} of {FEW} | p99 ms | µs each |\n|---|--:|--:|--:|--:|--:|\n",
        grouped(float(TENANTS)),
        grouped(float(TENANTS)),
    );
    let few: Vec<&Sample> = scale.runs.iter().map(|run| &run.few).collect();
    row(&mut text, (&format!("{FEW} clients"), FEW), &few, None);
    let widths =
        scale.runs.first().map(|run| run.rotations.iter().map(|(width, _)| *width)).into_iter().flatten();
    for (at, width) in widths.enumerate() {
        let seen: Vec<(&Sample, f64)> = scale
            .runs
            .iter()
            .filter_map(|run| {
                run.rotations.get(at).map(|(_, sample)| (sample, share(sample.per_second, run)))
            })
            .collect();
        let samples: Vec<&Sample> = seen.iter().map(|(sample, _)| *sample).collect();
        let beside = median(seen.iter().map(|(_, share)| *share));
        row(&mut text, (&format!("{clients} clients"), width), &samples, beside);
    }
    let _ = write!(
        text,
        "\nA page of {PAGE} clients, one connection:\n\n\
         | list | first page, p50 ms | p99 ms | in the middle, p50 ms | p99 ms |\n|---|--:|--:|--:|--:|\n"
    );
    for Listed { contract, first, deep } in &scale.lists {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| **{contract}** | {:.2} | {:.2} | {:.2} | {:.2} |",
            first.p50_us / 1000.0,
            first.p99_us / 1000.0,
            deep.p50_us / 1000.0,
            deep.p99_us / 1000.0,
        );
    }
    text.push_str(
        "\n| start | first 200 ms | first token ms | idle MiB | after load MiB | peak MiB |\n|--:|--:|--:|--:|--:|--:|\n",
    );
    for (index, run) in scale.runs.iter().enumerate() {
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
            index + 1,
            run.live_after.as_secs_f64() * 1000.0,
            run.token_after.as_secs_f64() * 1000.0,
            mebibytes(run.idle.rss_kib),
            mebibytes(run.after_load.rss_kib),
            mebibytes(run.after_load.peak_kib),
        );
    }
    text.push('\n');
    text
}

fn row(text: &mut String, (title, width): (&str, usize), samples: &[&Sample], beside: Option<f64>) {
    let of =
        |number: fn(&Sample) -> f64| median(samples.iter().map(|sample| number(sample))).unwrap_or(f64::NAN);
    let beside = beside.map_or_else(|| "–".to_owned(), |share| format!("{share:.1} %"));
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "| {title} | {} | {} | {beside} | {:.2} | {:.1} |",
        grouped(float(u64::try_from(width).unwrap_or(u64::MAX))),
        grouped(of(|sample| sample.per_second)),
        of(|sample| sample.p99_us) / 1000.0,
        of(Sample::micros_each),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(per_second: f64, p99_us: f64) -> Sample {
        Sample { requests: 1, per_second, p50_us: 1.0, p99_us, server_cpu: 1.0, instructions: None }
    }

    fn seen() -> Scale {
        let memory = Memory { rss_kib: 1024, peak_kib: 2048 };
        let run = |few, narrow| Run {
            few: sample(few, 1.0),
            rotations: vec![(FEW, sample(narrow, 1.0)), (100_000, sample(narrow / 2.0, 1.0))],
            live_after: Duration::from_millis(10),
            token_after: Duration::from_millis(40),
            idle: memory,
            after_load: memory,
        };
        let lists = vec![Listed { contract: "oauth2", first: sample(1.0, 900.0), deep: sample(1.0, 2500.0) }];
        Scale { clients: 100_000, runs: vec![run(100.0, 95.0), run(200.0, 194.0), run(50.0, 46.0)], lists }
    }

    #[test]
    fn shares_are_taken_within_a_run() {
        let scale = seen();
        assert!((scale.share().unwrap() - 95.0).abs() < 1e-9);
        assert!((scale.slowest_page().unwrap() - 2.5).abs() < 1e-9);
        assert!((scale.token_after().unwrap() - 40.0).abs() < 1e-9);
    }

    #[test]
    fn every_rotation_and_list_has_a_row() {
        let text = render(&seen());
        for part in [
            "| 10 clients | 10 | 100 | – |",
            "| 100,000 clients | 10 | 95 | 95.0 % |",
            "| 100,000 clients | 100,000 |",
            "| **oauth2** | 0.00 | 0.90 | 0.00 | 2.50 |",
            "| 3 | 10.0 | 40.0 | 1.0 | 1.0 | 2.0 |",
        ] {
            assert!(text.contains(part), "{part:?} is missing in:\n{text}");
        }
    }
}

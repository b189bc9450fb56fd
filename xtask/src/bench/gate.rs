//! `cargo xtask bench --beside FILE`: whether anything got slower. Another build of the server and this one, in turn,
//! many short runs; the order changes from round to round.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::plan::{self, Measurement, Plan};
use super::report::median;
use super::server::{Credentials, SampleTokens, Site, Variant};
use super::wrk::{self, Sample, Traffic};
use super::{Verdict, drive, people};

/// How much more a request may cost than before.
const MOST: f64 = 1.05;
/// What is compared of the measurements without people.
const PLAIN: [&str; 8] = [
    "token-32",
    "token-64",
    "token-256",
    "introspect-jwt-64",
    "introspect-opaque-64",
    "discovery-64",
    "jwks-64",
    "health-64",
];

/// One build: where it runs, and what each of its runs saw, row by row.
struct Build {
    site: Site,
    credentials: Credentials,
    samples: SampleTokens,
    seen: Vec<(&'static str, Vec<Sample>)>,
}

impl Build {
    fn new(binary: PathBuf, folder: PathBuf, tokens: u64) -> Result<Self> {
        let site = Site::new(binary, folder)?;
        site.start(Variant::Plain)?.stop()?;
        let credentials = site.credentials()?;
        let samples = site.fill(tokens)?;
        Ok(Self { site, credentials, samples, seen: Vec::new() })
    }

    fn live_through(&mut self, plan: &Plan) -> Result<()> {
        let seconds = plan.seconds;
        let mut server = self.site.start(Variant::Plain)?;
        let token = self.credentials.token_request(plan::TOKEN_PATH);
        server.wait_for(&token)?;
        wrk::drive(drive(&self.site, &server, 64, 1), &Traffic::Fixed(token))?;
        let mut found = Vec::new();
        let chosen = plan::plainly(&self.credentials, &self.samples);
        for Measurement { name, connections, traffic, .. } in chosen
            .iter()
            .filter(|measurement| PLAIN.contains(&measurement.name) && plan.wants(measurement.name))
        {
            let sample = wrk::drive(drive(&self.site, &server, *connections, seconds), traffic)
                .with_context(|| format!("{name}; the end of the server's log:\n{}", server.log_tail()))?;
            found.push((*name, sample));
        }
        found.extend(people::flows(&self.site, &server, plan)?);
        server.stop()?;
        for (name, sample) in found {
            match self.seen.iter_mut().find(|(known, _)| *known == name) {
                Some((_, samples)) => samples.push(sample),
                None => self.seen.push((name, vec![sample])),
            }
        }
        Ok(())
    }
}

/// A row: what both builds cost, and each as a share of the one before.
struct Row {
    name: &'static str,
    /// Thousands of instructions for a request: the medians.
    instructions: Option<(f64, f64)>,
    /// Microseconds of the processor for a request: the lowest of all runs, since what else happens on a machine only
    /// ever adds. (Medians of five runs of one and the same program were up to a third apart.)
    micros: (f64, f64),
}

impl Row {
    /// What a request costs beside what it did: in instructions, where they are counted, because the same program can be
    /// a quarter quicker or slower from run to run on a machine that others share.
    fn ratio(&self) -> f64 {
        let (before, now) = self.instructions.unwrap_or(self.micros);
        now / before
    }
}

/// Compares the server with an older build of it.
pub fn run(older: &Path, binary: PathBuf, folder: &Path, plan: &Plan) -> Result<Verdict> {
    let mut before = Build::new(older.to_owned(), folder.join("before"), plan.tokens)?;
    let mut now = Build::new(binary, folder.join("now"), plan.tokens)?;
    for round in 1..=plan.runs {
        println!("==> round {round} of {}", plan.runs);
        let turns = if round % 2 == 1 { [&mut before, &mut now] } else { [&mut now, &mut before] };
        for build in turns {
            build.live_through(plan)?;
        }
    }
    let rows: Vec<Row> = before.seen.iter().filter_map(|seen| row(seen, &now.seen)).collect();
    println!("\n{}", render(&rows, plan));
    let is_slower = rows.iter().any(|row| row.ratio() > MOST);
    Ok(if is_slower { Verdict::GateFailed } else { Verdict::Passed })
}

fn row(before: &(&'static str, Vec<Sample>), now: &[(&'static str, Vec<Sample>)]) -> Option<Row> {
    let (name, before) = before;
    let (_, now) = now.iter().find(|(known, _)| known == name)?;
    let micros = |samples: &[Sample]| samples.iter().map(Sample::micros_each).reduce(f64::min);
    let thousands = |samples: &[Sample]| median(samples.iter().filter_map(Sample::thousands_each));
    Some(Row {
        name,
        instructions: thousands(before).zip(thousands(now)),
        micros: (micros(before)?, micros(now)?),
    })
}

fn render(rows: &[Row], plan: &Plan) -> String {
    let mut text = format!(
        "Of {} runs of {} s, in turn: the median of the instructions, the lowest time; at most {MOST} times what \
         it was.\n\n\
         | | thousand instructions before | now | beside | µs before | now | beside | |\n\
         |---|--:|--:|--:|--:|--:|--:|---|\n",
        plan.runs, plan.seconds
    );
    for row in rows {
        let counted = row.instructions.map_or_else(
            || "– | – | –".to_owned(),
            |(before, now)| format!("{before:.1} | {now:.1} | {:.3}", now / before),
        );
        let (before, now) = row.micros;
        let verdict = if row.ratio() > MOST { "**FAIL**" } else { "pass" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {counted} | {before:.1} | {now:.1} | {:.3} | {verdict} |",
            row.name,
            now / before
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &'static str, cost: f64, instructions: Option<u64>) -> (&'static str, Vec<Sample>) {
        let sample = |factor: f64| Sample {
            requests: 10,
            per_second: 1000.0,
            p50_us: 1.0,
            p99_us: 1.0,
            server_cpu: cost * factor / 1000.0,
            instructions,
        };
        (name, vec![sample(1.0), sample(9.0), sample(1.0)])
    }

    #[test]
    fn instructions_decide_where_they_are_counted_and_the_lowest_time_else() {
        let of = |before, now| row(&before, &[now]).unwrap().ratio();
        assert!((of(seen("a", 1.0, Some(1000)), seen("a", 2.0, Some(1040))) - 1.04).abs() < 1e-9);
        assert!((of(seen("a", 1.0, None), seen("a", 1.5, Some(1))) - 1.5).abs() < 1e-9);
        assert!(row(&seen("a", 1.0, None), &[seen("b", 1.0, None)]).is_none());
    }
}

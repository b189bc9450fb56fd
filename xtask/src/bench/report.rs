//! Results as Markdown: gates, medians, memory, and their place in docs/benchmarks.md.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::hostile::Hostile;
use super::machine::Machine;
use super::memory::WalSizes;
use super::people::People;
use super::plan::Plan;
use super::scale::Scale;
use super::server::Variant;
use super::wrk::Sample;
use super::{
    Life, LongIssue, Measured, Results, beside, enumeration, float, mebibytes, pages, people, scale, tenants,
};
use crate::sh;

/// A part of docs/benchmarks.md that a bench writes.
#[derive(Debug, Clone, Copy)]
pub enum Section {
    /// How fast the server is.
    Speed,
    /// What the pages cost that people see.
    Pages,
    /// What strangers can make it do.
    Strangers,
}

impl Section {
    const fn markers(self) -> (&'static str, &'static str) {
        match self {
            Self::Speed => ("<!-- bench:begin -->", "<!-- bench:end -->"),
            Self::Pages => ("<!-- pages:begin -->", "<!-- pages:end -->"),
            Self::Strangers => ("<!-- hostile:begin -->", "<!-- hostile:end -->"),
        }
    }
}

/// What a gate asks of the number seen.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Bound {
    AtLeast(f64),
    Below(f64),
}

/// A number that must hold; `seen` is `None` where it was not measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    name: String,
    bound: Bound,
    unit: &'static str,
    seen: Option<f64>,
}

impl Gate {
    /// Whether it holds; `None` where it was not measured.
    pub fn passed(&self) -> Option<bool> {
        self.seen.map(|seen| match self.bound {
            Bound::AtLeast(least) => seen >= least,
            Bound::Below(limit) => seen < limit,
        })
    }
}

/// The promises of the project, and what was seen of them.
pub fn gates(results: &Results) -> Vec<Gate> {
    let rate = |name: &str| results.rate(name);
    let least = |name: &str, bound, unit, seen| Gate {
        name: name.to_owned(),
        bound: Bound::AtLeast(bound),
        unit,
        seen,
    };
    let below = |name: String, bound, unit, seen| Gate { name, bound: Bound::Below(bound), unit, seen };
    let share = rate("token-64").zip(rate("ceiling-64")).map(|(token, ceiling)| 100.0 * token / ceiling);
    let of_lives = |number: fn(&Life) -> f64| median(results.lives.iter().map(number));
    let millis = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let people = results.people.as_ref();
    let scale = results.scale.as_ref();
    let many = grouped(float(scale.map_or(results.plan.clients, Scale::clients)));
    let long = results.long_issue.as_ref();
    let after = |issue: &LongIssue| issue.course.last().map(|(_, memory)| mebibytes(memory.peak_kib));
    let apart = |name: &'static str| {
        let seen = enumeration::difference(&results.enumeration, name);
        below(format!("medians of what must look the same: {name}"), 3.0, " %", seen)
    };
    let mut gates = vec![
        least("durable tokens at 32 connections", 10_000.0, "/s", rate("token-32")),
        least("durable tokens at 64 connections", 10_000.0, "/s", rate("token-64")),
        least("durable tokens at 256 connections", 10_000.0, "/s", rate("token-256")),
        least("share of the ceiling at 64 connections", 50.0, " %", share),
        least("introspection of live JWTs", 40_000.0, "/s", rate("introspect-jwt-64")),
        least("introspection of live opaque tokens", 40_000.0, "/s", rate("introspect-opaque-64")),
        least("JWKS", 80_000.0, "/s", rate("jwks-64")),
        least("refreshes", 5_000.0, "/s", people.and_then(People::refreshes)),
        least("sign-ins, share of argon2's own rate", 95.0, " %", people.and_then(People::sign_in_share)),
        least(
            "sign-ins and tokens beside one another, the sum of their shares",
            95.0,
            " %",
            people.and_then(People::beside_share),
        ),
        below(
            "resident memory, idle".to_owned(),
            30.0,
            " MiB",
            of_lives(|life| mebibytes(life.idle.rss_kib)),
        ),
        below(
            format!("peak resident memory, {} tokens issued", grouped(float(results.plan.memory_tokens))),
            100.0,
            " MiB",
            long.and_then(after),
        ),
        below(
            "process start to first 200, `/health/live`".to_owned(),
            150.0,
            " ms",
            median(results.lives.iter().map(|life| millis(life.live_after))),
        ),
        below(
            "process start to first token".to_owned(),
            150.0,
            " ms",
            median(results.lives.iter().map(|life| millis(life.token_after))),
        ),
        below(
            format!("process start to first JWKS of one of {} tenants", grouped(float(tenants::TENANTS))),
            2000.0,
            " ms",
            median(results.cold_starts.iter().map(|start| millis(start.keys_after))),
        ),
        least(
            &format!("tokens with {many} clients, beside those with 10"),
            90.0,
            " %",
            scale.and_then(Scale::share),
        ),
        below(
            format!("a page of 50 of {many} clients, 99th percentile of the slowest"),
            10.0,
            " ms",
            scale.and_then(Scale::slowest_page),
        ),
        below(
            format!("process start to first token, {many} clients"),
            1000.0,
            " ms",
            scale.and_then(Scale::token_after),
        ),
    ];
    gates.extend(enumeration::ALIKE.map(apart));
    gates.extend(page_gates(&results.pages));
    gates.extend(hostile_gates(results.hostile.as_ref()));
    gates
}

/// The promises about pages.
pub fn page_gates(seen: &[pages::Page]) -> Vec<Gate> {
    let cost = |(page, _): (&'static str, _)| Gate {
        name: format!("server's processor for a page: {page}"),
        bound: Bound::Below(1000.0),
        unit: " µs",
        seen: pages::micros(seen, page),
    };
    pages::PAGES.map(cost).into()
}

/// The section about pages.
pub fn pages_section(machine: &Machine, seen: &[pages::Page], plan: &Plan) -> String {
    let gates: String = page_gates(seen).iter().map(gate_row).collect();
    let mut text = facts(machine, plan);
    let _ = writeln!(
        text,
        "\n| promise | required | seen | |\n|---|--:|--:|---|\n{gates}\n{}",
        pages::render(seen)
    );
    text
}

/// On what, and how it was measured.
fn facts(machine: &Machine, plan: &Plan) -> String {
    let mut text = String::from("| | |\n|---|---|\n");
    for (name, fact) in &machine.facts {
        let _ = writeln!(text, "| {name} | {fact} |");
    }
    let _ = writeln!(text, "| command | `{}` |", plan.command_line);
    text
}

/// The promises about floods from one network.
pub fn hostile_gates(hostile: Option<&Hostile>) -> Vec<Gate> {
    let below = |name: &str, limit, unit, seen: fn(&Hostile) -> f64| Gate {
        name: name.to_owned(),
        bound: Bound::Below(limit),
        unit,
        seen: hostile.map(seen),
    };
    vec![
        below("floods: 99th percentile of tokens and sign-ins elsewhere, beside calm", 2.0, " ×", |seen| {
            seen.worst_ratio().unwrap_or(f64::INFINITY)
        }),
        below("floods: honest calls elsewhere that were refused", 1.0, "", Hostile::refused),
        below("floods: peak resident memory", 256.0, " MiB", Hostile::peak),
        below("floods: left on the disk by any", 32.0, " MiB", Hostile::growth),
        below("floods: until everything is as before", 10.0, " s", Hostile::recovery),
        below(
            "500 people sign in behind one address, somebody there guesses",
            60.0,
            " s",
            Hostile::crowd_seconds,
        ),
    ]
}

/// The section about strangers.
pub fn strangers(machine: &Machine, hostile: &Hostile, plan: &Plan) -> String {
    let mut text = facts(machine, plan);
    let gates: String = hostile_gates(Some(hostile)).iter().map(gate_row).collect();
    let _ = writeln!(
        text,
        "\n| promise | required | seen | |\n|---|--:|--:|---|\n{gates}\n{}",
        super::hostile::render(hostile)
    );
    text
}

impl Results {
    /// The median rate of a measurement, per second.
    fn rate(&self, name: &str) -> Option<f64> {
        let found = self.measured.iter().find(|entry| entry.measurement.name == name)?;
        median(found.samples.iter().map(|sample| sample.per_second))
    }
}

/// The whole generated part.
pub fn render(machine: &Machine, results: &Results, gates: &[Gate]) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, so the results of write! carry nothing.
    let _ = writeln!(text, "### Machine\n\n| | |\n|---|---|");
    for (name, fact) in &machine.facts {
        let _ = writeln!(text, "| {name} | {fact} |");
    }
    let _ = writeln!(text, "| command | `{}` |", results.plan.command_line);
    let (before, after) = results.database_bytes;
    let _ = writeln!(
        text,
        "| database | {} tokens, {:.0} MiB; {:.0} MiB at the end of the bench |",
        grouped(float(results.plan.tokens)),
        mebibytes(before / 1024),
        mebibytes(after / 1024)
    );
    let _ = writeln!(
        text,
        "\n### Gates\n\n| promise | required | seen | |\n|---|--:|--:|---|\n{}",
        gates.iter().map(gate_row).collect::<String>()
    );
    let is_slow = |entry: &&Measured| matches!(entry.measurement.variant, Variant::SlowDisk { .. });
    let (slow, plain): (Vec<&Measured>, Vec<&Measured>) = results.measured.iter().partition(is_slow);
    if !plain.is_empty() {
        let _ = writeln!(text, "### Requests\n\n{}{}", shape(results), table(&plain));
    }
    if !slow.is_empty() {
        let delay = results.plan.fsync_delay_ms;
        let _ = writeln!(text, "### A slow disk: {delay} ms added to each fsync\n\n{}", table(&slow));
    }
    if let Some(beside) = &results.beside {
        text.push_str(&beside::render(beside));
    }
    if let Some(people) = &results.people {
        text.push_str(&people::render(people));
    }
    if !results.enumeration.is_empty() {
        text.push_str(&enumeration::render(&results.enumeration));
    }
    if let Some(scale) = &results.scale {
        text.push_str(&scale::render(scale));
    }
    if !results.lives.is_empty() {
        let _ = writeln!(text, "### Start and memory\n\n{}", lives(results));
    }
    if let Some(long) = &results.long_issue {
        let _ =
            writeln!(text, "### Issuing without a pause, 64 connections, one process\n\n{}", course(long));
    }
    text
}

fn shape(results: &Results) -> String {
    let (jwt, opaque) = results.sample_tokens;
    format!(
        "Medians of {} runs of {} s each, after a second of warm-up per process. \
         Introspection rotates over {} JWTs and {} opaque tokens.\n\n",
        results.plan.runs,
        results.plan.seconds,
        grouped(float(u64::try_from(jwt).unwrap_or(u64::MAX))),
        grouped(float(u64::try_from(opaque).unwrap_or(u64::MAX))),
    )
}

fn gate_row(gate: &Gate) -> String {
    let Gate { name, bound, unit, seen } = gate;
    let required = match bound {
        Bound::AtLeast(least) => format!("≥ {}{unit}", grouped(*least)),
        Bound::Below(limit) => format!("< {}{unit}", grouped(*limit)),
    };
    let shown = |value: f64| if value < 1000.0 { format!("{value:.1}") } else { grouped(value) };
    let seen = seen.map_or_else(|| "–".to_owned(), |value| format!("{}{unit}", shown(value)));
    let verdict = match gate.passed() {
        Some(true) => "pass",
        Some(false) => "**FAIL**",
        None => "not measured",
    };
    format!("| {name} | {required} | {seen} | {verdict} |\n")
}

fn table(entries: &[&Measured]) -> String {
    let mut text = String::from(
        "| | connections | requests/s | lowest–highest run | p50 ms | p99 ms | server's processor | µs each | thousand instructions each |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for Measured { measurement, samples } in entries {
        let of = |number: fn(&Sample) -> f64| median(samples.iter().map(number)).unwrap_or(f64::NAN);
        let rates = || samples.iter().map(|sample| sample.per_second);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {}–{} | {:.2} | {:.2} | {:.0} % | {:.1} | {} |",
            measurement.title,
            measurement.connections,
            grouped(of(|sample| sample.per_second)),
            grouped(rates().fold(f64::INFINITY, f64::min)),
            grouped(rates().fold(0.0, f64::max)),
            of(|sample| sample.p50_us) / 1000.0,
            of(|sample| sample.p99_us) / 1000.0,
            of(|sample| sample.server_cpu) * 100.0,
            of(Sample::micros_each),
            median(samples.iter().filter_map(Sample::thousands_each))
                .map_or_else(|| "–".to_owned(), |each| format!("{each:.0}")),
        );
    }
    text
}

fn lives(results: &Results) -> String {
    let mut text = format!(
        "The very first start, on an empty folder, answered after {:.0} ms. Starts on the filled database:\n\n\
         | start | first 200 ms | first token ms | idle MiB | after load MiB | peak MiB | WAL, most in each half, MiB |\n\
         |--:|--:|--:|--:|--:|--:|--:|\n",
        results.first_start.as_secs_f64() * 1000.0
    );
    for (index, life) in results.lives.iter().enumerate() {
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {} |",
            index + 1,
            life.live_after.as_secs_f64() * 1000.0,
            life.token_after.as_secs_f64() * 1000.0,
            mebibytes(life.idle.rss_kib),
            mebibytes(life.after_load.rss_kib),
            mebibytes(life.after_load.peak_kib),
            wal(life.wal),
        );
    }
    text
}

fn course(long: &LongIssue) -> String {
    let mut text = String::from("| tokens issued | resident MiB | peak MiB |\n|--:|--:|--:|\n");
    for (issued, memory) in &long.course {
        let (rss, peak) = (mebibytes(memory.rss_kib), mebibytes(memory.peak_kib));
        let _ = writeln!(text, "| {} | {rss:.1} | {peak:.1} |", grouped(float(*issued)));
    }
    let _ = writeln!(text, "\nLargest WAL in the first and in the second half: {} MiB.", wal(long.wal));
    text
}

fn wal(sizes: WalSizes) -> String {
    let shown = |bytes: u64| mebibytes(bytes / 1024);
    format!("{:.1} / {:.1}", shown(sizes.first_half), shown(sizes.second_half))
}

/// The middle one; of an even number the mean of the middle two.
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// A whole number with a comma at each thousand.
pub fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Puts the text between the markers of its section of docs/benchmarks.md.
pub fn write(section: Section, text: &str) -> Result<()> {
    let file = sh::workspace_root().join("docs").join("benchmarks.md");
    let page = std::fs::read_to_string(&file).context("reading docs/benchmarks.md")?;
    std::fs::write(&file, replace_between_markers(&page, section, text)?)
        .context("writing docs/benchmarks.md")
}

fn replace_between_markers(page: &str, section: Section, text: &str) -> Result<String> {
    let (begin, end) = section.markers();
    let (before, rest) = page.split_once(begin).with_context(|| format!("the page has no {begin}"))?;
    let (_, after) = rest.split_once(end).with_context(|| format!("the page has no {end} after {begin}"))?;
    ensure!(!after.contains(begin) && !after.contains(end), "the page has its markers twice");
    Ok(format!("{before}{begin}\n{}\n{end}{after}", text.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_text_between_the_markers_changes() {
        let page = "# Title\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n";
        let once = replace_between_markers(page, Section::Speed, "new\n\n").unwrap();
        assert_eq!(once, "# Title\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nafter\n");
        assert_eq!(replace_between_markers(&once, Section::Speed, "new").unwrap(), once);
    }

    #[test]
    fn broken_markers_are_refused() {
        for page in [
            "",
            "<!-- bench:begin -->",
            "<!-- bench:end --><!-- bench:begin -->",
            "<!-- bench:begin --><!-- bench:end --><!-- bench:end -->",
            "<!-- hostile:begin --><!-- hostile:end -->",
        ] {
            assert!(replace_between_markers(page, Section::Speed, "new").is_err(), "{page}");
        }
    }

    #[test]
    fn the_page_has_its_markers() {
        let file = sh::workspace_root().join("docs").join("benchmarks.md");
        let page = std::fs::read_to_string(file).unwrap();
        for section in [Section::Speed, Section::Strangers] {
            replace_between_markers(&page, section, "new").unwrap();
        }
    }

    #[test]
    fn median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0].into_iter()), Some(2.5));
        assert_eq!(median([].into_iter()), None);
    }

    #[test]
    fn thousands_are_grouped() {
        for (value, text) in [(0.0, "0"), (999.4, "999"), (1000.0, "1,000"), (1_234_567.0, "1,234,567")] {
            assert_eq!(grouped(value), text);
        }
    }

    #[test]
    fn gates_judge_only_what_was_seen() {
        let gate = |bound, seen| Gate { name: "x".to_owned(), bound, unit: "/s", seen };
        assert_eq!(gate(Bound::AtLeast(10.0), Some(10.0)).passed(), Some(true));
        assert_eq!(gate(Bound::AtLeast(10.0), Some(9.9)).passed(), Some(false));
        assert_eq!(gate(Bound::Below(10.0), Some(10.0)).passed(), Some(false));
        assert_eq!(gate(Bound::Below(10.0), None).passed(), None);
        assert_eq!(
            gate_row(&gate(Bound::AtLeast(10_000.0), Some(9000.0))),
            "| x | ≥ 10,000/s | 9,000/s | **FAIL** |\n"
        );
        assert_eq!(gate_row(&gate(Bound::Below(30.0), None)), "| x | < 30/s | – | not measured |\n");
    }
}

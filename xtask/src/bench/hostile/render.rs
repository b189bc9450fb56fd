//! The section of the page about strangers.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use super::honest::{Seen, Times};
use super::{Flooded, Hostile, ratio};
use crate::bench::float;
use crate::bench::report::grouped;

/// Tables of all that was seen.
pub fn render(hostile: &Hostile) -> String {
    let mut text = format!(
        "A server with default limits, one processor for it and one for everybody who calls it. Each flood comes from \
         one address, as fast as its connections are answered and as honest callers leave the processor that all callers share; four machines and eight people elsewhere take a token \
         every 20 ms and sign in every 800 ms each, on addresses of their own, for {} s. A sign-in is a new browser, \
         the page and its form. Times count from when a call was due. Beside is the 99th percentile beside the calm \
         one.\n\n\
         | | tokens p50 ms | p99 ms | beside | sign-ins p50 ms | p99 ms | beside | honest calls refused |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
        hostile.seconds
    );
    row(&mut text, "calm", (&hostile.calm, &hostile.calm));
    for flooded in &hostile.floods {
        row(&mut text, flooded.flood.name, (&flooded.seen, &hostile.calm));
    }
    text.push_str(
        "\n| flood | connections | answered | refused | closed | peak memory MiB | left on disk MiB | as before after |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for Flooded { flood, answers, peak_mib, grown_mib, recovered, .. } in &hostile.floods {
        let count = |counter: &std::sync::atomic::AtomicU64| grouped(float(counter.load(Ordering::Relaxed)));
        let recovered =
            recovered.map_or_else(|| "never".to_owned(), |took| format!("{:.2} s", took.as_secs_f64()));
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {peak_mib:.1} | {grown_mib:.1} | {recovered} |",
            flood.name,
            flood.connections,
            count(&answers.served),
            count(&answers.refused),
            count(&answers.broken),
        );
    }
    let crowd = &hostile.crowd;
    let _ = writeln!(
        text,
        "\n{} people behind one address, each in a new browser, 32 at once, while somebody there guesses at other names \
         over four connections ({} guesses): all in after {:.1} s, {} tries refused, {} people left out.",
        crowd.people,
        grouped(float(crowd.guesses)),
        crowd.took.as_secs_f64(),
        crowd.refused,
        crowd.left_out
    );
    if let Some(why) = crowd.why.as_ref().and_then(|why| why.lines().next()) {
        let _ = writeln!(text, "The first refusal: {why}.");
    }
    text
}

fn row(text: &mut String, name: &str, (seen, calm): (&Seen, &Seen)) {
    let millis =
        |times: &Times, share| times.quantile(share).map_or_else(|| "–".to_owned(), |ms| format!("{ms:.2}"));
    let beside = |times: &Times, calm: &Times| {
        ratio(times, calm).map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"))
    };
    let (tokens, sign_ins) = (&seen.tokens, &seen.sign_ins);
    let refused = tokens.refused + sign_ins.refused;
    let _ = writeln!(
        text,
        "| {name} | {} | {} | {} | {} | {} | {} | {refused} of {} |",
        millis(tokens, 0.5),
        millis(tokens, 0.99),
        beside(tokens, &calm.tokens),
        millis(sign_ins, 0.5),
        millis(sign_ins, 0.99),
        beside(sign_ins, &calm.sign_ins),
        refused + tokens.len() + sign_ins.len(),
    );
}

//! Counters whose labels are known when the program is written: counting one is an addition, and a scrape makes the
//! text.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};
use writ_core::client::GrantType;
use writ_core::error::ErrorCode;

/// What a sign-in came to that succeeded; those that failed have the words of the audit log.
pub const SUCCESS: &str = "success";

/// A metric with one label.
#[derive(Debug)]
pub struct Labelled<const N: usize> {
    words: [&'static str; N],
    counts: [AtomicU64; N],
}

impl<const N: usize> Labelled<N> {
    const fn new(words: [&'static str; N]) -> Self {
        Self { words, counts: [const { AtomicU64::new(0) }; N] }
    }

    /// Counts one; a word that the metric does not have, under its last.
    pub fn count(&self, word: &str) {
        let at = self.words.iter().position(|known| *known == word).unwrap_or(N.saturating_sub(1));
        if let Some(counter) = self.counts.get(at) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn values(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.words.iter().zip(&self.counts).map(|(word, count)| (*word, count.load(Ordering::Relaxed)))
    }
}

/// Sign-ins with a password, by what they came to.
pub type SignIns = Labelled<12>;

/// What token requests can come to.
type Outcomes = Labelled<12>;

/// Token requests, by grant and by what they came to.
#[derive(Debug)]
pub struct TokenCounters([(&'static str, Outcomes); 7]);

/// All of them, at zero.
#[derive(Debug)]
pub struct Counters {
    /// Sign-ins with a password.
    pub sign_ins: SignIns,
    /// Token requests.
    pub tokens: TokenCounters,
}

/// A token that was issued.
const ISSUED: &str = "issued";
/// A grant that nobody named, or that does not exist.
const OTHER: &str = "other";

const fn outcomes() -> Outcomes {
    Labelled::new([
        ISSUED,
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
        "authorization_pending",
        "slow_down",
        "limited",
        "unavailable",
        "other",
    ])
}

impl TokenCounters {
    /// Counts what a token request came to.
    pub fn count(&self, grant: Option<GrantType>, error: Option<ErrorCode>) {
        let grant = grant.map_or(OTHER, GrantType::name);
        let outcome = match error {
            None => ISSUED,
            Some(ErrorCode::TooManyRequests) => "limited",
            Some(code) if code.status() >= 500 => "unavailable",
            Some(code) => code.wire(),
        };
        let [.., (_, others)] = &self.0;
        let found = self.0.iter().find(|(name, _)| *name == grant).map_or(others, |(_, outcomes)| outcomes);
        found.count(outcome);
    }
}

impl Counters {
    /// All at zero.
    pub const fn new() -> Self {
        Self {
            sign_ins: Labelled::new([
                SUCCESS,
                "wrong",
                "unknown",
                "disabled",
                "unverified",
                "leaving",
                "second_factor",
                "passkey",
                "passkey_copied",
                "mailed",
                "throttled",
                "other",
            ]),
            tokens: TokenCounters([
                ("client_credentials", outcomes()),
                ("authorization_code", outcomes()),
                ("refresh_token", outcomes()),
                ("password", outcomes()),
                (GrantType::DeviceCode.name(), outcomes()),
                (GrantType::TokenExchange.name(), outcomes()),
                (OTHER, outcomes()),
            ]),
        }
    }

    /// As Prometheus takes them.
    pub fn families(&self) -> [MetricFamily; 2] {
        let sign_ins = self.sign_ins.values().map(|(outcome, count)| metric(&[("outcome", outcome)], count));
        let TokenCounters(grants) = &self.tokens;
        let tokens = grants.iter().flat_map(|(grant, outcomes)| {
            outcomes
                .values()
                .map(move |(outcome, count)| metric(&[("grant", *grant), ("outcome", outcome)], count))
        });
        [
            family(
                ("writ_sign_ins_total", "Sign-ins with a password, by what they came to."),
                sign_ins.collect(),
            ),
            family(
                ("writ_token_requests_total", "Token requests, by grant and by what they came to."),
                tokens.collect(),
            ),
        ]
    }
}

impl Default for Counters {
    fn default() -> Self {
        Self::new()
    }
}

/// Values that are read at the scrape, with their labels.
pub fn read_now(kind: MetricType, told: (&str, &str), values: &[(&[(&str, &str)], f64)]) -> MetricFamily {
    let metrics = values.iter().map(|(labels, value)| {
        let mut metric = labelled(labels);
        if kind == MetricType::COUNTER {
            let mut counter = Counter::default();
            counter.set_value(*value);
            metric.set_counter(counter);
        } else {
            let mut gauge = Gauge::default();
            gauge.set_value(*value);
            metric.set_gauge(gauge);
        }
        metric
    });
    let mut family = family(told, metrics.collect());
    family.set_field_type(kind);
    family
}

fn family((name, help): (&str, &str), metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(MetricType::COUNTER);
    family.set_metric(metrics);
    family
}

/// One value of a counter with its labels.
#[expect(clippy::cast_precision_loss, reason = "Prometheus counts in f64")]
fn metric(labels: &[(&str, &str)], count: u64) -> Metric {
    let mut counter = Counter::default();
    counter.set_value(count as f64);
    let mut metric = labelled(labels);
    metric.set_counter(counter);
    metric
}

fn labelled(labels: &[(&str, &str)]) -> Metric {
    let pairs = labels.iter().map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    });
    let mut metric = Metric::default();
    metric.set_label(pairs.collect());
    metric
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus::TextEncoder;
    use writ_core::people::sign_in::SignInFailure;

    fn text(counters: &Counters) -> String {
        TextEncoder::new().encode_to_string(&counters.families()).unwrap()
    }

    #[test]
    fn each_is_counted_under_its_labels() {
        let counters = Counters::new();
        counters.sign_ins.count(SUCCESS);
        counters.sign_ins.count("wrong");
        counters.sign_ins.count("wrong");
        counters.tokens.count(Some(GrantType::RefreshToken), None);
        counters.tokens.count(Some(GrantType::RefreshToken), Some(ErrorCode::InvalidGrant));
        counters.tokens.count(None, Some(ErrorCode::ServerError));
        let text = text(&counters);
        for line in [
            "writ_sign_ins_total{outcome=\"success\"} 1",
            "writ_sign_ins_total{outcome=\"wrong\"} 2",
            "writ_sign_ins_total{outcome=\"throttled\"} 0",
            "writ_token_requests_total{grant=\"refresh_token\",outcome=\"issued\"} 1",
            "writ_token_requests_total{grant=\"refresh_token\",outcome=\"invalid_grant\"} 1",
            "writ_token_requests_total{grant=\"other\",outcome=\"unavailable\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    /// What the audit log calls a failure has a series of its own.
    #[test]
    fn every_way_to_fail_is_told_apart() {
        let all = [
            SignInFailure::Unknown,
            SignInFailure::Wrong,
            SignInFailure::Throttled,
            SignInFailure::Disabled,
            SignInFailure::Unverified,
            SignInFailure::Leaving,
        ];
        for why in all {
            let counters = Counters::new();
            counters.sign_ins.count(why.name());
            assert!(text(&counters).contains(&format!("{{outcome=\"{}\"}} 1", why.name())), "{why:?}");
        }
    }

    #[test]
    fn every_grant_has_a_series() {
        // No token request has that one: its tokens come from the authorization endpoint.
        for grant in GrantType::ALL.into_iter().filter(|grant| *grant != GrantType::Implicit) {
            let counters = Counters::new();
            counters.tokens.count(Some(grant), None);
            let line = format!("{{grant=\"{}\",outcome=\"issued\"}} 1", grant.name());
            assert!(text(&counters).contains(&line), "{grant:?}");
        }
    }
}

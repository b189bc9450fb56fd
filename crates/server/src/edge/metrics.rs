//! Counters in Prometheus' text format, on an address of their own.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderValue};
use prometheus::core::Collector;
use prometheus::proto::{MetricFamily, MetricType};
use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, TextEncoder};

use writ_core::time::Micros;

use crate::call::answer::respond;
use crate::edge::counters::{Counters, read_now};
use crate::edge::endpoint::Endpoint;
use crate::edge::process;
use crate::state::app::App;

struct PerEndpoint {
    /// By the first digit of the status, 1 to 5.
    requests: [IntCounter; 5],
    seconds: Histogram,
}

/// Counters of requests.
pub struct Meters {
    counters: Counters,
    per_endpoint: Vec<PerEndpoint>,
    requests: Option<IntCounterVec>,
}

impl std::ops::Deref for Meters {
    type Target = Counters;

    fn deref(&self) -> &Counters {
        &self.counters
    }
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meters")
    }
}

const BUCKETS: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

impl Meters {
    /// Counters at zero.
    pub fn new() -> Self {
        // The names below are constants that a test has seen accepted; without them there is just
        // nothing to count with.
        let opts = Opts::new("writ_requests_total", "Requests answered, by endpoint and class of status.");
        let requests = IntCounterVec::new(opts, &["endpoint", "status"]).ok();
        let per_endpoint = requests
            .as_ref()
            .map(|requests| Endpoint::ALL.iter().filter_map(|one| per_endpoint(requests, one.name())).collect())
            .unwrap_or_default();
        Self { counters: Counters::new(), per_endpoint, requests }
    }

    /// Counts an answer.
    pub fn count(&self, endpoint: Endpoint, status: StatusCode, took: Duration) {
        let Some(meters) = self.per_endpoint.get(endpoint as usize) else { return };
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = meters.requests.get(class) {
            counter.inc();
        }
        meters.seconds.observe(took.as_secs_f64());
    }

    /// How many requests were answered since the start.
    pub fn answered(&self) -> u64 {
        self.per_endpoint.iter().flat_map(|meters| &meters.requests).map(IntCounter::get).sum()
    }

    fn families(&self) -> Vec<MetricFamily> {
        let mut families = self.requests.as_ref().map(Collector::collect).unwrap_or_default();
        let mut histograms: Option<MetricFamily> = None;
        for family in self.per_endpoint.iter().flat_map(|meters| meters.seconds.collect()) {
            match &mut histograms {
                None => histograms = Some(family),
                Some(all) => all.mut_metric().extend(family.get_metric().iter().cloned()),
            }
        }
        families.extend(histograms);
        families.extend(self.counters.families());
        families
    }
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

fn per_endpoint(requests: &IntCounterVec, name: &str) -> Option<PerEndpoint> {
    let counter = |class: &str| requests.get_metric_with_label_values(&[name, class]).ok();
    let opts =
        HistogramOpts::new("writ_request_seconds", "Time from a request's head to its answer, by endpoint.")
            .const_label("endpoint", name)
            .buckets(BUCKETS.to_vec());
    Some(PerEndpoint {
        requests: [counter("1xx")?, counter("2xx")?, counter("3xx")?, counter("4xx")?, counter("5xx")?],
        seconds: Histogram::with_opts(opts).ok()?,
    })
}

/// How old the keys are that sign; none where the storage cannot say.
async fn key_ages(app: &App) -> Option<MetricFamily> {
    let now = app.clock.now();
    let ages = app.store.oldest_signing_keys(now).await.ok()?;
    let seconds = |since: Micros| Duration::from_micros(now.0.saturating_sub(since.0).unsigned_abs()).as_secs_f64();
    let labels: Vec<_> = ages.iter().map(|(alg, since)| ([("alg", &**alg)], seconds(*since))).collect();
    let values: Vec<_> = labels.iter().map(|(labels, age)| (&labels[..], *age)).collect();
    let told =
        ("writ_signing_key_age_seconds", "How long the oldest key of any tenant that still signs has signed, by algorithm.");
    // A family without a value could not be written at all.
    (!values.is_empty()).then(|| read_now(MetricType::GAUGE, told, &values))
}

/// `GET /metrics`.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let mut families = app.meters.families();
    let store = app.store.meters();
    let connections = &app.connections;
    let read = |value: &std::sync::atomic::AtomicU64| value.load(Ordering::Relaxed);
    let gauges = [
        ("writ_connections_open", "Connections open now.", read(&connections.open)),
        ("writ_store_queue_units", "Units that wait for the writer.", app.store.queued() as u64),
        ("writ_store_wal_bytes", "Size of the write-ahead log.", app.store.wal_bytes()),
        ("writ_store_database_bytes", "Size of the database.", app.store.database_bytes()),
        (
            "writ_store_failing",
            "1 while the last write failed.",
            u64::from(store.failing.load(Ordering::Relaxed)),
        ),
    ];
    let counters = [
        ("writ_connections_accepted_total", "Connections accepted.", read(&connections.accepted_total)),
        (
            "writ_connections_at_bound_total",
            "Times all connection slots were taken.",
            read(&connections.refused_at_bound_total),
        ),
        (
            "writ_connections_of_network_refused_total",
            "Connections closed at once because their network had its share.",
            read(&connections.refused_of_network_total),
        ),
        (
            "writ_connections_header_timeouts_total",
            "Connections cut for a slow request head.",
            read(&connections.header_timeouts_total),
        ),
        (
            "writ_connections_handshake_failures_total",
            "TLS handshakes that failed or were late.",
            read(&connections.handshake_failures_total),
        ),
        (
            "writ_connections_write_stalls_total",
            "Connections cut because the peer did not read.",
            read(&connections.write_stalls_total),
        ),
        ("writ_mail_sent_total", "Letters sent.", read(&app.mails.sent)),
        ("writ_mail_failed_total", "Tries to send a letter that failed.", read(&app.mails.failed)),
        ("writ_mail_given_up_total", "Letters that were never sent.", read(&app.mails.given_up)),
        ("writ_passwords_hashed_total", "Passwords of people hashed or checked.", app.passwords.hashed()),
        (
            "writ_passwords_queue_full_total",
            "Times too many passwords waited to be checked.",
            app.passwords.refused(),
        ),
        ("writ_store_units_total", "Units taken by the writer.", read(&store.units)),
        ("writ_store_batches_total", "Transactions of the writer.", read(&store.batches)),
        ("writ_store_failed_batches_total", "Transactions that failed.", read(&store.failed_batches)),
        ("writ_store_checkpoints_total", "Checkpoints of the write-ahead log.", read(&store.checkpoints)),
        ("writ_store_expired_removed_total", "Expired rows removed.", read(&store.swept)),
        (
            "writ_store_notes_dropped_total",
            "Notes dropped because too many waited.",
            read(&store.dropped_notes),
        ),
    ];
    families.extend(gauges.into_iter().filter_map(|(name, help, value)| {
        let gauge = IntGauge::new(name, help).ok()?;
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        gauge.collect().pop()
    }));
    families.extend(counters.into_iter().filter_map(|(name, help, value)| {
        let counter = IntCounter::new(name, help).ok()?;
        counter.inc_by(value);
        counter.collect().pop()
    }));
    let build = [("version", env!("CARGO_PKG_VERSION"))];
    let told = ("writ_build_info", "1, with the version.");
    families.push(read_now(MetricType::GAUGE, told, &[(&build, 1.0)]));
    families.extend(process::measured().iter().map(|one| {
        let kind = if one.grows { MetricType::COUNTER } else { MetricType::GAUGE };
        read_now(kind, (one.name, one.help), &[(&[], one.value)])
    }));
    families.extend(key_ages(&app).await);
    let body = TextEncoder::new().encode_to_string(&families).unwrap_or_default();
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"))];
    respond(StatusCode::OK, &headers, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_its_counters_in_the_order_of_the_enum() {
        let meters = Meters::new();
        assert_eq!(meters.per_endpoint.len(), Endpoint::ALL.len());
        meters.count(Endpoint::Token, StatusCode::OK, Duration::from_millis(1));
        let text = TextEncoder::new().encode_to_string(&meters.families()).unwrap();
        assert!(text.contains("writ_requests_total{endpoint=\"token\",status=\"2xx\"} 1"), "{text}");
        assert_eq!(text.matches("# TYPE writ_request_seconds").count(), 1, "{text}");
    }
}

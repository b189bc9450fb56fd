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
use prometheus::{IntCounter, IntGauge, TextEncoder};
use writ_core::time::Micros;

use crate::call::answer::respond;
use crate::edge::counters::read_now;
use crate::edge::process;
use crate::state::app::App;

/// How old the keys are that sign; none where the storage cannot say.
async fn key_ages(app: &App) -> Option<MetricFamily> {
    let now = app.clock.now();
    let ages = app.store.oldest_signing_keys(now).await.ok()?;
    let seconds =
        |since: Micros| Duration::from_micros(now.0.saturating_sub(since.0).unsigned_abs()).as_secs_f64();
    let labels: Vec<_> = ages.iter().map(|(alg, since)| ([("alg", &**alg)], seconds(*since))).collect();
    let values: Vec<_> = labels.iter().map(|(labels, age)| (&labels[..], *age)).collect();
    let help = "How long the oldest key of any tenant that still signs has signed, by algorithm.";
    // A family without a value could not be written at all.
    (!values.is_empty()).then(|| read_now(MetricType::GAUGE, ("writ_signing_key_age_seconds", help), &values))
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
        ("writ_logout_sent_total", "Applications told of a sign-out.", read(&app.logouts.sent)),
        (
            "writ_logout_failed_total",
            "Tries to tell an application of a sign-out that failed.",
            read(&app.logouts.failed),
        ),
        (
            "writ_logout_given_up_total",
            "Applications that were never told of a sign-out.",
            read(&app.logouts.given_up),
        ),
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

//! Counters of requests.

use std::time::Duration;

use http::StatusCode;
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, Opts};

/// Which endpoint a request is counted under; few, so that the series stay few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Endpoint {
    /// The token endpoint.
    Token,
    /// Introspection.
    Introspect,
    /// Revocation.
    Revoke,
    /// Metadata and keys.
    Metadata,
    /// Health.
    Health,
    /// Everything else.
    Other,
}

const ENDPOINTS: [(Endpoint, &str); 6] = [
    (Endpoint::Token, "token"),
    (Endpoint::Introspect, "introspect"),
    (Endpoint::Revoke, "revoke"),
    (Endpoint::Metadata, "metadata"),
    (Endpoint::Health, "health"),
    (Endpoint::Other, "other"),
];

impl Endpoint {
    /// From a path, with or without a tenant before it.
    pub fn of(path: &str) -> Self {
        let ends = |tail: &str| path.ends_with(tail);
        if ends("/oauth2/token") || ends("/oauth/tokens") {
            Self::Token
        } else if ends("/introspect") {
            Self::Introspect
        } else if ends("/oauth2/revoke") {
            Self::Revoke
        } else if path.starts_with("/health/") {
            Self::Health
        } else if path.contains("/.well-known/") {
            Self::Metadata
        } else {
            Self::Other
        }
    }
}

struct PerEndpoint {
    /// By the first digit of the status, 1 to 5.
    requests: [IntCounter; 5],
    seconds: Histogram,
}

/// Counters of requests.
pub struct Meters {
    per_endpoint: Vec<PerEndpoint>,
    requests: Option<IntCounterVec>,
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
            .map(|requests| ENDPOINTS.iter().filter_map(|(_, name)| per_endpoint(requests, name)).collect())
            .unwrap_or_default();
        Self { per_endpoint, requests }
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

    /// All of them, as Prometheus knows them.
    pub fn families(&self) -> Vec<MetricFamily> {
        let mut families = self.requests.as_ref().map(Collector::collect).unwrap_or_default();
        let mut histograms: Option<MetricFamily> = None;
        for family in self.per_endpoint.iter().flat_map(|meters| meters.seconds.collect()) {
            match &mut histograms {
                None => histograms = Some(family),
                Some(all) => all.mut_metric().extend(family.get_metric().iter().cloned()),
            }
        }
        families.extend(histograms);
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

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    #[test]
    fn every_endpoint_has_its_counters_in_the_order_of_the_enum() {
        let meters = Meters::new();
        assert_eq!(meters.per_endpoint.len(), ENDPOINTS.len());
        for (index, (endpoint, _)) in ENDPOINTS.iter().enumerate() {
            assert_eq!(*endpoint as usize, index);
        }
        meters.count(Endpoint::Token, StatusCode::OK, Duration::from_millis(1));
        let text = TextEncoder::new().encode_to_string(&meters.families()).unwrap();
        assert!(text.contains("writ_requests_total{endpoint=\"token\",status=\"2xx\"} 1"), "{text}");
        assert_eq!(text.matches("# TYPE writ_request_seconds").count(), 1, "{text}");
    }

    #[test]
    fn paths_are_counted_under_their_endpoint() {
        for (path, endpoint) in [
            ("/oauth2/token", Endpoint::Token),
            ("/t/acme/oauth2/token", Endpoint::Token),
            ("/api/v1/oauth/tokens", Endpoint::Token),
            ("/oauth2/introspect", Endpoint::Introspect),
            ("/api/v1/oauth/introspect", Endpoint::Introspect),
            ("/oauth2/revoke", Endpoint::Revoke),
            ("/.well-known/jwks.json", Endpoint::Metadata),
            ("/health/live", Endpoint::Health),
            ("/", Endpoint::Other),
        ] {
            assert_eq!(Endpoint::of(path), endpoint, "{path}");
        }
    }
}

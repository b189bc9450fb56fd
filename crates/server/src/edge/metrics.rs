//! Counters of requests.

use std::time::Duration;

use http::StatusCode;
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, Opts};

use crate::edge::counters::Counters;
use crate::edge::endpoint::Endpoint;

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
            .map(|requests| {
                Endpoint::ALL.iter().filter_map(|one| per_endpoint(requests, one.name())).collect()
            })
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

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

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

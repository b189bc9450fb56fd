//! What is measured: the list of measurements, and the sizes chosen on the command line.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::http::Request;
use super::server::{Amount, Credentials, SampleTokens, Variant};
use super::wrk::Traffic;

pub const TOKEN_PATH: &str = "/oauth2/token";
const CEILING_PATH: &str = "/bench/ceiling";

/// Every name that `--only` can begin.
const NAMES: &[&str] = &[
    "token-32",
    "token-64",
    "token-256",
    "ceiling-64",
    "introspect-jwt-64",
    "introspect-opaque-64",
    "discovery-64",
    "jwks-64",
    "health-64",
    "slow-token-32",
    "slow-token-64",
    "slow-token-256",
    "memory",
    "tenants",
    "beside",
    "code-flow",
    "pushed-flow",
    "refresh",
    "bound-token",
    "sign-in",
    "pages",
    "enumeration",
    "scale",
    "hostile",
];

/// The sizes of one bench.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub runs: u32,
    pub seconds: u64,
    pub tokens: u64,
    /// Tokens to issue in one process before its memory is read.
    pub memory_tokens: u64,
    /// Answers of each kind whose times are compared; ten times as many of short ones.
    pub rounds: usize,
    /// Clients of the large database.
    pub clients: u64,
    pub fsync_delay_ms: u64,
    pub command_line: String,
    only: Option<String>,
}

/// One measurement: a request, from so many connections, against a server started in one way.
#[derive(Debug, Clone)]
pub struct Measurement {
    pub name: &'static str,
    pub title: &'static str,
    pub variant: Variant,
    pub connections: u32,
    pub traffic: Traffic,
}

impl Plan {
    /// Fills in the defaults.
    pub fn new(options: &super::Options) -> Result<Self> {
        let (runs, seconds, tokens, memory_tokens, rounds) =
            if options.quick { (1, 2, 20_000, 20_000, 90) } else { (3, 8, 1_000_000, 1_000_000, 450) };
        let clients = if options.quick { 20_000 } else { 100_000 };
        let plan = Self {
            runs: options.runs.unwrap_or(runs),
            seconds: options.seconds.unwrap_or(seconds),
            tokens: options.tokens.unwrap_or(tokens),
            memory_tokens,
            rounds,
            clients,
            fsync_delay_ms: options.fsync_delay_ms,
            command_line: command_line(),
            only: options.only.clone(),
        };
        ensure!(
            NAMES.iter().any(|name| plan.wants(name)),
            "no such measurement; there are: {}",
            NAMES.join(", ")
        );
        Ok(plan)
    }

    /// Whether `--only` lets this name through.
    pub fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.starts_with(only.as_str()))
    }

    /// Whether nothing but the floods of strangers is let through.
    pub fn is_hostile_alone(&self) -> bool {
        let wanted: Vec<_> = NAMES.iter().filter(|name| self.wants(name)).collect();
        wanted == [&"hostile"]
    }

    /// Whether nothing but the pages is let through.
    pub fn is_pages_alone(&self) -> bool {
        let wanted: Vec<_> = NAMES.iter().filter(|name| self.wants(name)).collect();
        wanted == [&"pages"]
    }

    /// How long honest clients are watched under each flood.
    pub fn hostile_length(&self) -> Duration {
        Duration::from_secs(self.seconds * 2)
    }

    /// People who come to work behind one address.
    pub fn crowd(&self) -> usize {
        if self.rounds < 100 { 50 } else { 500 }
    }

    /// What every database is filled with.
    pub fn amount(&self) -> Amount {
        Amount { tokens: self.tokens, ..Amount::default() }
    }

    /// Whether anything of people is let through.
    pub fn wants_people(&self) -> bool {
        ["code-flow", "pushed-flow", "refresh", "bound-token", "sign-in"].iter().any(|name| self.wants(name))
    }

    /// The ways of starting the server, in the order of one run.
    pub fn variants(&self) -> Vec<Variant> {
        let mut variants = vec![Variant::Plain, Variant::Ceiling];
        if self.fsync_delay_ms > 0 {
            variants.push(Variant::SlowDisk { delay_ms: self.fsync_delay_ms });
        }
        variants
    }

    /// The measurements of one run, in their order.
    pub fn measurements(&self, credentials: &Credentials, samples: &SampleTokens) -> Vec<Measurement> {
        let token = Traffic::Fixed(credentials.token_request(TOKEN_PATH));
        let ceiling = Traffic::Fixed(credentials.token_request(CEILING_PATH));
        let mut all = plainly(credentials, samples);
        all.push(Measurement {
            variant: Variant::Ceiling,
            ..plain("ceiling-64", "the ceiling: a token request that stores nothing", 64, &ceiling)
        });
        if self.fsync_delay_ms > 0 {
            let variant = Variant::SlowDisk { delay_ms: self.fsync_delay_ms };
            for (name, connections) in [("slow-token-32", 32), ("slow-token-64", 64), ("slow-token-256", 256)]
            {
                let title = "token endpoint, ES256 JWT, recorded";
                all.push(Measurement { variant, ..plain(name, title, connections, &token) });
            }
        }
        all.retain(|measurement| self.wants(measurement.name));
        all
    }
}

/// The measurements of a server that is started as an operator would.
pub fn plainly(credentials: &Credentials, samples: &SampleTokens) -> Vec<Measurement> {
    let token = Traffic::Fixed(credentials.token_request(TOKEN_PATH));
    let jwts = introspection(credentials, &samples.jwt);
    let opaque = introspection(credentials, &samples.opaque);
    vec![
        plain("token-32", "token endpoint, ES256 JWT, recorded", 32, &token),
        plain("token-64", "token endpoint, ES256 JWT, recorded", 64, &token),
        plain("token-256", "token endpoint, ES256 JWT, recorded", 256, &token),
        plain("introspect-jwt-64", "introspection of live JWTs", 64, &jwts),
        plain("introspect-opaque-64", "introspection of live opaque tokens", 64, &opaque),
        plain("discovery-64", "discovery document", 64, &get("/.well-known/openid-configuration")),
        plain("jwks-64", "JWKS", 64, &get("/.well-known/jwks.json")),
        plain("health-64", "`GET /health/live`", 64, &get("/health/live")),
    ]
}

fn plain(name: &'static str, title: &'static str, connections: u32, traffic: &Traffic) -> Measurement {
    Measurement { name, title, variant: Variant::Plain, connections, traffic: traffic.clone() }
}

/// The way of starting the server, in words.
pub fn described(variant: Variant) -> String {
    match variant {
        Variant::Plain => "the server as it is".to_owned(),
        Variant::Limited => "the server with its default limits".to_owned(),
        Variant::Ceiling => "the server with the route that stores nothing".to_owned(),
        Variant::SlowDisk { delay_ms } => format!("the server with {delay_ms} ms added to each fsync"),
    }
}

fn get(path: &'static str) -> Traffic {
    Traffic::Fixed(Request { method: "GET", path, authorization: None, form: None })
}

fn introspection(credentials: &Credentials, tokens: &[String]) -> Traffic {
    let authorization = Some(credentials.authorization.clone());
    let request = Request { method: "POST", path: "/oauth2/introspect", authorization, form: None };
    // The alphabets of both kinds of token need no form encoding.
    Traffic::Rotating { request, forms: tokens.iter().map(|token| format!("token={token}")).collect() }
}

/// As typed. The only argument that could be a path names a binary whose results are not written.
fn command_line() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    format!("cargo xtask {}", arguments.join(" "))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: super::super::Options,
    }

    fn plan(arguments: &[&str]) -> Result<Plan> {
        Plan::new(&Line::parse_from(std::iter::once(&"bench").chain(arguments)).options)
    }

    fn names(plan: &Plan) -> Vec<&'static str> {
        let credentials = Credentials { authorization: "Basic eDp5".to_owned() };
        let measurements = plan.measurements(&credentials, &SampleTokens::default());
        measurements.iter().map(|measurement| measurement.name).collect()
    }

    #[test]
    fn every_measurement_has_a_listed_name() {
        let mut listed = NAMES.to_vec();
        let apart = [
            "memory",
            "tenants",
            "beside",
            "code-flow",
            "pushed-flow",
            "refresh",
            "bound-token",
            "sign-in",
            "pages",
            "enumeration",
            "scale",
            "hostile",
        ];
        listed.retain(|name| !apart.contains(name));
        listed.sort_unstable();
        let mut planned = names(&plan(&[]).unwrap());
        planned.sort_unstable();
        assert_eq!(planned, listed);
    }

    #[test]
    fn only_takes_the_beginning_of_a_name() {
        assert_eq!(names(&plan(&["--only", "token"]).unwrap()), ["token-32", "token-64", "token-256"]);
        assert!(names(&plan(&["--only", "memory"]).unwrap()).is_empty());
        assert!(plan(&["--only", "nothing"]).is_err());
    }

    #[test]
    fn quick_is_small_and_given_sizes_win() {
        let quick = plan(&["--quick", "--runs", "2"]).unwrap();
        assert_eq!((quick.runs, quick.seconds, quick.tokens, quick.clients), (2, 2, 20_000, 20_000));
        let full = plan(&[]).unwrap();
        assert_eq!((full.runs, full.seconds, full.tokens, full.memory_tokens), (3, 8, 1_000_000, 1_000_000));
        assert_eq!(full.clients, 100_000);
    }

    #[test]
    fn no_delay_means_no_slow_part() {
        let plan = plan(&["--fsync-delay-ms", "0"]).unwrap();
        assert_eq!(plan.variants(), [Variant::Plain, Variant::Ceiling]);
        assert!(!names(&plan).iter().any(|name| name.starts_with("slow")));
    }
}

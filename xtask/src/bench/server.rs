//! The server under measurement: preparing its data folder, starting and stopping it.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::http::{self, Request};
use super::memory::{self, Memory};
use crate::sh;

/// The processor that the server runs on, alone.
pub const SERVER_CPU: &str = "0";

/// How to start the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// As an operator would, without limits.
    Plain,
    /// As an operator would, who says nothing of limits.
    Limited,
    /// With the route that does all of a token request except storing it.
    Ceiling,
    /// With a delay added to each fsync.
    SlowDisk { delay_ms: u64 },
}

/// Where everything of one bench lies: the binary, and a folder that is made anew.
#[derive(Debug)]
pub struct Site {
    binary: PathBuf,
    folder: PathBuf,
    /// The address of the PostgreSQL database; none: SQLite in the folder.
    database: Option<String>,
}

/// What the server's first start left in `bootstrap.json`, as an `Authorization` value.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub authorization: String,
}

impl Credentials {
    /// The request that asks for a token with these credentials (RFC 6749 section 4.4.2).
    pub fn token_request(&self, path: &'static str) -> Request {
        Request {
            method: "POST",
            path,
            authorization: Some(self.authorization.clone()),
            form: Some("grant_type=client_credentials".to_owned()),
        }
    }
}

/// What of the filled database is known: live tokens, and the forms that ask for a token of each client.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SampleTokens {
    pub jwt: Vec<String>,
    pub opaque: Vec<String>,
    pub clients: Vec<String>,
}

/// What a database is filled with, in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    pub tokens: u64,
    pub tenants: u64,
    pub clients: u64,
}

impl Site {
    /// An empty folder for a bench of this binary.
    pub fn new(binary: PathBuf, folder: PathBuf) -> Result<Self> {
        ensure!(binary.is_file(), "{} is not there", binary.display());
        let site = Self { binary, folder, database: None };
        if site.data().exists() {
            std::fs::remove_dir_all(site.data()).context("removing the data folder of an earlier bench")?;
        }
        std::fs::create_dir_all(site.data())?;
        Ok(site)
    }

    /// The same, on a PostgreSQL database.
    pub fn on_postgres(binary: PathBuf, folder: PathBuf, url: String) -> Result<Self> {
        Ok(Self { database: Some(url), ..Self::new(binary, folder)? })
    }

    /// The binary of the bench.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    fn choose_database(&self, command: &mut Command) {
        match &self.database {
            Some(url) => command.env("WRIT_DATABASE_URL", url),
            None => command.env_remove("WRIT_DATABASE_URL"),
        };
    }

    /// Scripts, logs and the data folder are in here.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The write-ahead log of the database.
    pub fn wal_file(&self) -> PathBuf {
        self.data().join("writ.db-wal")
    }

    /// Bytes of the database file.
    pub fn database_bytes(&self) -> u64 {
        std::fs::metadata(self.data().join("writ.db")).map_or(0, |metadata| metadata.len())
    }

    /// Reads what the first start wrote.
    pub fn credentials(&self) -> Result<Credentials> {
        let text =
            std::fs::read_to_string(self.data().join("bootstrap.json")).context("reading bootstrap.json")?;
        parse_bootstrap(&text)
    }

    /// The operator's API key of the first start.
    pub fn api_key(&self) -> Result<String> {
        self.bootstrap("api_key")
    }

    /// The first tenant's id.
    pub fn tenant(&self) -> Result<String> {
        self.bootstrap("tenant_id")
    }

    fn bootstrap(&self, name: &str) -> Result<String> {
        let text =
            std::fs::read_to_string(self.data().join("bootstrap.json")).context("reading bootstrap.json")?;
        let bootstrap: Value = serde_json::from_str(&text).context("reading bootstrap.json")?;
        let found = bootstrap.get(name).and_then(Value::as_str);
        Ok(found.with_context(|| format!("bootstrap.json has no {name}"))?.to_owned())
    }

    /// Fills the database offline. The server must not be running.
    pub fn fill(&self, tokens: u64) -> Result<SampleTokens> {
        let samples = self.filled(Amount { tokens, ..Amount::default() })?;
        ensure!(!samples.jwt.is_empty() && !samples.opaque.is_empty(), "bench-fill printed no sample tokens");
        Ok(samples)
    }

    /// Fills the database with tenants, offline. The server must not be running.
    pub fn fill_tenants(&self, tenants: u64) -> Result<()> {
        self.filled(Amount { tenants, ..Amount::default() }).map(drop)
    }

    /// Fills the database offline, and gives each client as the form that asks for its token. The server must not
    /// be running.
    pub fn fill_clients(&self, amount: Amount) -> Result<Vec<String>> {
        Ok(self.filled(amount)?.clients)
    }

    fn filled(&self, amount: Amount) -> Result<SampleTokens> {
        let Amount { tokens, tenants, clients } = amount;
        let mut command = Command::new(&self.binary);
        command.args(["bench-fill", "--tokens", &tokens.to_string(), "--tenants", &tenants.to_string()]);
        command.args(["--clients", &clients.to_string(), "--data-dir"]).arg(self.data());
        self.choose_database(&mut command);
        parse_samples(&sh::output_of(&mut command)?)
    }

    /// Starts the server and waits for its first 200 at `/health/live`.
    pub fn start(&self, variant: Variant) -> Result<Server> {
        let (address, metrics) = (free_address()?, free_address()?);
        let log = self.folder.join("server.log");
        let log_file = File::create(&log)?;
        let mut command = Command::new("taskset");
        command.args(["-c", SERVER_CPU]).arg(&self.binary).arg("serve");
        command.args(["--listen", &address.to_string(), "--metrics-listen", &metrics.to_string()]);
        command.arg("--data-dir").arg(self.data()).env_remove("WRIT_TEST_FSYNC_DELAY_MS");
        // One client alone asks for all it can get.
        command.env("WRIT_RATE_LIMITS", "off");
        self.choose_database(&mut command);
        match variant {
            Variant::Plain => {}
            Variant::Limited => {
                command.env_remove("WRIT_RATE_LIMITS");
            }
            Variant::Ceiling => {
                command.arg("--bench-ceiling");
            }
            Variant::SlowDisk { delay_ms } => {
                command.env("WRIT_TEST_FSYNC_DELAY_MS", delay_ms.to_string());
            }
        }
        command.stdin(Stdio::null()).stdout(log_file.try_clone()?).stderr(log_file);
        let started = Instant::now();
        let child = command.spawn().context("starting the server")?;
        let mut server = Server { child, address, metrics, log, started, live_after: Duration::ZERO };
        let health = Request { method: "GET", path: "/health/live", authorization: None, form: None };
        server.live_after = server.wait_for(&health)?;
        Ok(server)
    }
}

/// Counters of the server's writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub units: u64,
    pub batches: u64,
}

/// A running server; killed when dropped, so that a failed bench leaves nothing behind.
#[derive(Debug)]
pub struct Server {
    child: Child,
    log: PathBuf,
    started: Instant,
    pub address: SocketAddr,
    metrics: SocketAddr,
    /// From the start of the process to the first 200 of `/health/live`.
    pub live_after: Duration,
}

impl Server {
    /// `taskset` becomes the server, so this is the server's own process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written since its start.
    pub fn written(&self) -> Result<Written> {
        let ask = Request { method: "GET", path: "/metrics", authorization: None, form: None };
        let answer = http::send(self.metrics, &ask)?;
        parse_written(&answer.body).with_context(|| format!("/metrics lacks a number:\n{}", answer.body))
    }

    /// The server's memory now.
    pub fn memory(&self) -> Result<Memory> {
        memory::of_process(self.pid())
    }

    /// Tries until the answer is 200, and gives the time since the start of the process.
    pub fn wait_for(&mut self, request: &Request) -> Result<Duration> {
        let patience = Duration::from_secs(30);
        loop {
            let attempt = http::send(self.address, request);
            if attempt.as_ref().is_ok_and(|answer| answer.status == 200) {
                return Ok(self.started.elapsed());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}; the end of its log:\n{}", self.log_tail());
            }
            if self.started.elapsed() > patience {
                let seen =
                    attempt.map_or_else(|error| error.to_string(), |a| format!("{} {}", a.status, a.body));
                bail!("no 200 of {} in {patience:?}, but: {seen}\n{}", request.path, self.log_tail());
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }

    /// The last lines of the server's output.
    pub fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }

    /// Asks the server to end, and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        sh::output_of(Command::new("sh").args(["-c", &format!("kill -TERM {}", self.pid())]))?;
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(30) {
            if let Some(status) = self.child.try_wait()? {
                ensure!(
                    status.success(),
                    "the server ended with {status} after SIGTERM:\n{}",
                    self.log_tail()
                );
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("the server did not end within 30 s of SIGTERM:\n{}", self.log_tail());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail when it has already ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A loopback address whose port was free a moment ago.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn parse_bootstrap(text: &str) -> Result<Credentials> {
    let bootstrap: Value = serde_json::from_str(text).context("reading bootstrap.json")?;
    let field = |pointer: &str| {
        let value = bootstrap.pointer(pointer).and_then(Value::as_str);
        value.with_context(|| format!("bootstrap.json has no {pointer}"))
    };
    Ok(Credentials {
        authorization: http::basic(field("/client/client_id")?, field("/client/client_secret")?),
    })
}

fn parse_written(metrics: &str) -> Option<Written> {
    let number = |name: &str| {
        metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
    };
    Some(Written { units: number("writ_store_units_total")?, batches: number("writ_store_batches_total")? })
}

/// Lines `jwt <token>`, `opaque <token>` and `client <form>`; anything else is an error.
fn parse_samples(text: &str) -> Result<SampleTokens> {
    let mut samples = SampleTokens::default();
    for line in text.lines() {
        match line.split_once(' ') {
            Some(("jwt", token)) => samples.jwt.push(token.to_owned()),
            Some(("opaque", token)) => samples.opaque.push(token.to_owned()),
            Some(("client", form)) => samples.clients.push(form.to_owned()),
            _ => bail!("bench-fill printed an unexpected line: {line}"),
        }
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bootstrap_gives_basic_credentials() {
        let text = r#"{"issuer":"http://localhost","client":{"client_id":"id","client_secret":"secret"}}"#;
        assert_eq!(parse_bootstrap(text).unwrap().authorization, http::basic("id", "secret"));
        assert!(parse_bootstrap(r#"{"client":{"client_id":"id"}}"#).is_err());
    }

    #[test]
    fn the_writers_counters_are_found() {
        let text =
            "# TYPE writ_store_units_total counter\nwrit_store_units_total 12\nwrit_store_batches_total 5\n";
        assert_eq!(parse_written(text), Some(Written { units: 12, batches: 5 }));
        assert_eq!(parse_written("writ_store_units_total 12\n"), None);
    }

    #[test]
    fn samples_are_told_apart() {
        let samples = parse_samples("jwt a.b.c\nopaque at_x\njwt d.e.f\nclient a=b&c=d\n").unwrap();
        assert_eq!(samples.jwt, ["a.b.c", "d.e.f"]);
        assert_eq!((samples.opaque, samples.clients), (vec!["at_x".to_owned()], vec!["a=b&c=d".to_owned()]));
        assert!(parse_samples("filled 3").is_err());
    }
}

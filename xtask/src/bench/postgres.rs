//! A throw-away PostgreSQL for the bench: durable as a real one, gone with this program however that ends.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::sh;

const USER: &str = "writ";
/// It protects nothing, but the handshake is that of a real database.
const PASSWORD: &str = "throw-away";
const DATABASE: &str = "writ";

/// A running server of its own; it inherits the processor of this program, which is wrk's.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    server: Child,
    /// Stops the server and removes its folder when its standard input closes.
    watchdog: Child,
    /// For the report.
    pub version: String,
}

impl Cluster {
    /// Makes and starts a server with its data below `parent`, on the disk that SQLite has its own on, or below the
    /// system's temporary folder where the server's user cannot get there.
    pub fn start(parent: &Path) -> Result<Self> {
        let binaries = sh::postgresql_binaries()?;
        let folder = own_folder(parent)?;
        let data = folder.join("data");
        let password = folder.join("password");
        fs::write(&password, PASSWORD)?;
        give(&password)?;
        let mut initdb = as_server(&binaries.join("initdb"));
        initdb.arg("--pgdata").arg(&data).arg(format!("--pwfile={}", password.display()));
        initdb.args(["--username", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]);
        sh::output_of(&mut initdb)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = fs::File::create(folder.join("log"))?;
        let server = as_server(&binaries.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", &format!("port={port}")])
            .args(["-c", &format!("unix_socket_directories={}", folder.display())])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("starting PostgreSQL")?;
        let watchdog = watchdog(&binaries, &folder)?;
        let mut cluster = Self { folder, port, server, watchdog, version: String::new() };
        cluster.wait(&binaries)?;
        cluster.query("postgres", &format!("CREATE DATABASE {DATABASE}"))?;
        cluster.version = cluster.query("postgres", "SHOW server_version")?;
        ensure!(cluster.query("postgres", "SHOW fsync")? == "on", "fsync is off");
        Ok(cluster)
    }

    fn wait(&mut self, binaries: &Path) -> Result<()> {
        let begun = Instant::now();
        loop {
            let mut ask = Command::new(binaries.join("pg_isready"));
            ask.args(["--host", "127.0.0.1", "--port", &self.port.to_string(), "--quiet"]);
            if sh::succeeds(&mut ask)? {
                return Ok(());
            }
            if let Some(status) = self.server.try_wait()? {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("PostgreSQL ended with {status}:\n{log}");
            }
            ensure!(begun.elapsed() < Duration::from_mins(1), "PostgreSQL does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The address of the database, over loopback.
    pub fn url(&self) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{DATABASE}", self.port)
    }

    /// What a fill leaves to be done later is done now, so that no measurement has it beside it.
    pub fn settle(&self) -> Result<()> {
        self.query(DATABASE, "VACUUM ANALYZE")?;
        self.query(DATABASE, "CHECKPOINT").map(drop)
    }

    /// Bytes of the database.
    pub fn database_bytes(&self) -> Result<u64> {
        let size = self.query(DATABASE, "SELECT pg_database_size(current_database())")?;
        size.parse().context("the database's size is no number")
    }

    fn query(&self, database: &str, sql: &str) -> Result<String> {
        let mut psql = Command::new(sh::postgresql_binaries()?.join("psql"));
        psql.env("PGPASSWORD", PASSWORD).args(["--host", "127.0.0.1", "--port", &self.port.to_string()]);
        psql.args(["--username", USER, "--dbname", database, "--no-psqlrc", "--quiet", "--tuples-only"]);
        psql.args(["--no-align", "--set=ON_ERROR_STOP=1", "--command", sql]).stdin(Stdio::null());
        Ok(sh::output_of(&mut psql)?.trim().to_owned())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // Both fail when there is nothing left to wait for, which is what is wanted.
        let _ = self.watchdog.wait();
        let _ = self.server.wait();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// PostgreSQL refuses to run as root; Debian's package brings a user for it.
fn as_server(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}

fn give(path: &Path) -> Result<()> {
    if is_root() {
        sh::output_of(Command::new("chown").arg("postgres:postgres").arg(path))?;
    }
    Ok(())
}

/// An empty folder that the server's user can work in.
fn own_folder(parent: &Path) -> Result<PathBuf> {
    let name = format!("writ-bench-postgres-{}", std::process::id());
    for parent in [parent.to_owned(), std::env::temp_dir()] {
        let folder = parent.join(&name);
        fs::create_dir_all(&folder)?;
        give(&folder)?;
        let mut test = as_server(Path::new("test"));
        if sh::succeeds(test.arg("-w").arg(&folder))? {
            return Ok(folder);
        }
        fs::remove_dir(&folder)?;
    }
    bail!("PostgreSQL's user can work neither in the target folder nor in the temporary one")
}

fn watchdog(binaries: &Path, folder: &Path) -> Result<Child> {
    // It outlives an interrupt from the keyboard, which every process of the terminal gets.
    let script = "trap '' INT TERM HUP; read -r _; \"$@\"; rm -rf \"$BENCH_FOLDER\"";
    let stop = as_server(&binaries.join("pg_ctl"));
    Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(stop.get_program())
        .args(stop.get_args())
        .args(["stop", "--mode=immediate", "--silent", "--pgdata"])
        .arg(folder.join("data"))
        .env("BENCH_FOLDER", folder)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("starting what stops PostgreSQL at the end")
}

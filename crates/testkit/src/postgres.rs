//! A throw-away PostgreSQL: a cluster of one's own on a unix socket and a loopback port, gone with
//! the process however that ends.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// The superuser of a cluster.
const USER: &str = "writ";
/// Its password; it protects nothing, but the handshake is that of a real database.
const PASSWORD: &str = "throw-away";

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fsync {
    /// It does: for measurements.
    On,
    /// It does not. What the operating system has is kept when the server is killed.
    Off,
}

/// Why there is no cluster; the text says what to do.
#[derive(Debug, Clone)]
pub struct ClusterError(String);

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ClusterError {}

impl ClusterError {
    fn new(what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self(format!("{what}: {error}"))
    }
}

type Result<T> = std::result::Result<T, ClusterError>;

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    binaries: PathBuf,
    folder: PathBuf,
    port: u16,
    fsync: Fsync,
    databases: AtomicU32,
    /// The server's main process, while it runs.
    server: Mutex<Option<Child>>,
    /// Ends the server and removes the folder when its standard input closes, which happens when
    /// this process ends in whatever way.
    watchdog: Child,
}

static SHARED: OnceLock<Result<Cluster>> = OnceLock::new();

/// The address of a new, empty database in the cluster that all tests of this process share.
///
/// # Errors
/// [`ClusterError`], where PostgreSQL is not installed or does not start.
pub async fn fresh_database() -> Result<String> {
    let made = tokio::task::spawn_blocking(|| Cluster::shared()?.database());
    made.await.map_err(|error| ClusterError(error.to_string()))?
}

impl Cluster {
    /// The cluster of this process, without waits for the disk.
    ///
    /// # Errors
    /// [`ClusterError`]; the first failure is everyone's.
    pub fn shared() -> Result<&'static Self> {
        SHARED.get_or_init(|| Self::start(Fsync::Off)).as_ref().map_err(Clone::clone)
    }

    /// Starts a cluster of its own. Blocks for one to three seconds.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub fn start(fsync: Fsync) -> Result<Self> {
        let binaries = binaries()?;
        let folder = tempfile::Builder::new()
            .prefix("writ-pg-")
            .tempdir()
            .map_err(ClusterError::new("no temporary folder"))?
            .keep();
        let made = Self::make(&binaries, &folder, fsync);
        if made.is_err() {
            // Nothing runs in it.
            let _ = fs::remove_dir_all(&folder);
        }
        made
    }

    fn make(binaries: &Path, folder: &Path, fsync: Fsync) -> Result<Self> {
        let password = folder.join("password");
        fs::write(&password, PASSWORD).map_err(ClusterError::new("the password file"))?;
        give_to_server(folder)?;
        give_to_server(&password)?;
        let initdb = as_server(&binaries.join("initdb"))
            .arg("--pgdata")
            .arg(folder.join("data"))
            .args(["--username", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg("--no-instructions")
            .arg(format!("--pwfile={}", password.display()))
            .output();
        succeeded("initdb", initdb)?;
        let watchdog = watchdog(binaries, folder).map_err(ClusterError::new("the watchdog"))?;
        let mut cluster = Self {
            binaries: binaries.to_path_buf(),
            folder: folder.to_path_buf(),
            port: 0,
            fsync,
            databases: AtomicU32::new(0),
            server: Mutex::new(None),
            watchdog,
        };
        // Somebody else may take a free port before the server does.
        let mut last = ClusterError("no port is free".to_owned());
        for _ in 0..5 {
            cluster.port = free_port().map_err(ClusterError::new("no port is free"))?;
            match cluster.run() {
                Ok(()) => return Ok(cluster),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Starts the server, which must not run: at the beginning, or after [`Cluster::kill`].
    ///
    /// # Errors
    /// [`ClusterError`], with the end of the server's log.
    pub fn run(&self) -> Result<()> {
        let fsync = match self.fsync {
            Fsync::On => "on",
            Fsync::Off => "off",
        };
        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c fsync={fsync} \
             -c max_connections=300 -c shared_buffers=64MB -c deadlock_timeout=50ms -c full_page_writes={fsync} \
             -c autovacuum_naptime=5s -c log_min_messages=warning",
            self.port,
            self.folder.display(),
        );
        let begun = Instant::now();
        loop {
            let log =
                fs::File::create(self.folder.join("log")).map_err(ClusterError::new("the server's log"))?;
            let mut server = as_server(&self.binaries.join("postgres"))
                .arg("-D")
                .arg(self.folder.join("data"))
                .args(settings.split(' '))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .map_err(ClusterError::new("postgres"))?;
            loop {
                if server.try_wait().map_err(ClusterError::new("postgres"))?.is_some() {
                    break;
                }
                if self.is_ready() {
                    *self.server.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
                    return Ok(());
                }
                if begun.elapsed() > Duration::from_mins(1) {
                    // It is of no use, and the watchdog will look for it again.
                    let _ = server.kill();
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            // After a kill, the server's other processes take a moment to notice and leave.
            if !self.log().contains("shared memory block") || begun.elapsed() > Duration::from_secs(10) {
                return Err(ClusterError(format!("PostgreSQL does not start: {}", self.log())));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn is_ready(&self) -> bool {
        let asked = Command::new(self.binaries.join("pg_isready"))
            .arg("--host")
            .arg(&self.folder)
            .args(["--port", &self.port.to_string(), "--quiet", "--timeout=1"])
            .status();
        asked.is_ok_and(|status| status.success())
    }

    /// The last lines of the server's log.
    pub fn log(&self) -> String {
        let mut text = String::new();
        // A log that cannot be read says nothing.
        let _ = fs::File::open(self.folder.join("log")).and_then(|mut file| file.read_to_string(&mut text));
        let lines: Vec<_> = text.lines().rev().take(8).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Ends the server's main process without a word (SIGKILL), as a crash would.
    ///
    /// # Errors
    /// [`ClusterError`], where it does not run.
    pub fn kill(&self) -> Result<()> {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut server = server.ok_or_else(|| ClusterError("PostgreSQL does not run".to_owned()))?;
        server.kill().map_err(ClusterError::new("kill"))?;
        // Reaped: its number must not look like that of a running server.
        server.wait().map(drop).map_err(ClusterError::new("kill"))
    }

    /// Ends the main process (SIGKILL), and waits until the others have noticed: for that moment backends still
    /// answer those that are connected, and rightly so.
    ///
    /// # Errors
    /// [`ClusterError`], where it does not run, or the others stay.
    pub fn kill_and_outlast(&self) -> Result<()> {
        let main = self.main_process()?;
        let children = fs::read_to_string(format!("/proc/{main}/task/{main}/children")).unwrap_or_default();
        self.kill()?;
        // One that has ended, and that nobody has asked about yet, is a zombie.
        let runs = |child: &str| {
            fs::read_to_string(format!("/proc/{child}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
        };
        let begun = Instant::now();
        while children.split_whitespace().any(runs) {
            if begun.elapsed() > Duration::from_secs(30) {
                return Err(ClusterError("the backends of PostgreSQL outlive its main process".to_owned()));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Ends every process of the server at once (SIGKILL): none of them can finish what it was doing
    /// for a client, as backends otherwise do that outlive the main process by a moment.
    ///
    /// # Errors
    /// [`ClusterError`], where it does not run.
    pub fn kill_all(&self) -> Result<()> {
        let children = {
            let main = self.main_process()?;
            fs::read_to_string(format!("/proc/{main}/task/{main}/children")).unwrap_or_default()
        };
        self.kill()?;
        for child in children.split_whitespace() {
            // It may have ended by itself; its number is not used again so soon.
            let _ = Self::signal("KILL", child);
        }
        Ok(())
    }

    /// Stops the server as an operator would (`pg_ctl stop --mode=fast`): sessions are ended, the
    /// data is written out. [`Cluster::run`] starts it again.
    ///
    /// # Errors
    /// [`ClusterError`], where it does not run or does not stop.
    pub fn stop(&self) -> Result<()> {
        let main = self.main_process()?;
        Self::signal("INT", &main.to_string())?;
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut server = server.ok_or_else(|| ClusterError("PostgreSQL does not run".to_owned()))?;
        server.wait().map(drop).map_err(ClusterError::new("stop"))
    }

    /// Stops every process of the server in its tracks, as a machine that hangs: connections stay
    /// open, and nothing answers. [`Cluster::resume`] lets them go on.
    ///
    /// # Errors
    /// [`ClusterError`], where it does not run.
    pub fn hang(&self) -> Result<()> {
        self.signal_all("STOP")
    }

    /// Ends what [`Cluster::hang`] began.
    ///
    /// # Errors
    /// [`ClusterError`], where it does not run.
    pub fn resume(&self) -> Result<()> {
        self.signal_all("CONT")
    }

    fn signal_all(&self, signal: &str) -> Result<()> {
        let main = self.main_process()?;
        // The main process first: it makes no further ones then.
        Self::signal(signal, &main.to_string())?;
        let children = fs::read_to_string(format!("/proc/{main}/task/{main}/children")).unwrap_or_default();
        for child in children.split_whitespace() {
            // It may have ended by itself.
            let _ = Self::signal(signal, child);
        }
        Ok(())
    }

    fn main_process(&self) -> Result<u32> {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        server.as_ref().map(Child::id).ok_or_else(|| ClusterError("PostgreSQL does not run".to_owned()))
    }

    /// The name of the database in an address that this cluster gave out.
    pub fn database_of(url: &str) -> &str {
        url.rsplit('/').next().unwrap_or_default()
    }

    /// Sends a signal (its name without `SIG`) to a process of the server, such as a backend that
    /// `pg_stat_activity` names.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub fn signal(signal: &str, pid: &str) -> Result<()> {
        succeeded("kill", Command::new("/bin/kill").args(["-s", signal, pid]).output()).map(drop)
    }

    /// The address of a new, empty database.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub fn database(&self) -> Result<String> {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.query("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(&name))
    }

    /// The address of a database, over the loopback port.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The folder of the data, where a test may put a certificate.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Runs a command as the superuser, over the unix socket, and gives what it prints.
    ///
    /// # Errors
    /// [`ClusterError`], with what the server said.
    pub fn query(&self, database: &str, sql: &str) -> Result<String> {
        let output = Command::new(self.binaries.join("psql"))
            .env("PGPASSWORD", PASSWORD)
            .arg("--host")
            .arg(&self.folder)
            .args(["--port", &self.port.to_string(), "--username", USER, "--dbname", database])
            .args([
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                "--set=ON_ERROR_STOP=1",
                "--command",
                sql,
            ])
            .stdin(Stdio::null())
            .output();
        succeeded("psql", output).map(|text| text.trim_end().to_owned())
    }

    /// Makes a file or folder the server's own, where it runs as another user.
    ///
    /// # Errors
    /// [`ClusterError`].
    pub fn give(path: &Path) -> Result<()> {
        give_to_server(path)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The watchdog does the rest, and is waited for so that its work is done when this returns.
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
        if let Some(mut server) = self.server.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = server.wait();
        }
    }
}

/// Debian keeps the server's programs out of the path.
fn binaries() -> Result<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|folder| folder.join("initdb").exists() && folder.join("psql").exists())
        .collect();
    found.sort();
    found
        .pop()
        .or_else(|| {
            let others = ["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"];
            others.into_iter().map(PathBuf::from).find(|folder| folder.join("initdb").exists())
        })
        .ok_or_else(|| {
            ClusterError(
                "PostgreSQL is not installed, and these tests need it: apt-get install --yes postgresql \
                 (cargo xtask test does it)"
                    .to_owned(),
            )
        })
}

/// PostgreSQL refuses to run as root; Debian's package brings a user for it.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn as_server(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    // The folder that the tests run in may be closed to that user.
    command.current_dir("/");
    command
}

fn give_to_server(path: &Path) -> Result<()> {
    if !is_root() {
        return Ok(());
    }
    succeeded("chown", Command::new("chown").arg("postgres:postgres").arg(path).output()).map(drop)
}

fn watchdog(binaries: &Path, folder: &Path) -> io::Result<Child> {
    // It outlives an interrupt from the keyboard, which every process of the terminal gets.
    let script = "trap '' INT TERM HUP; read -r _; \"$@\"; rm -rf \"$WRIT_FOLDER\"";
    let stop = as_server(&binaries.join("pg_ctl"));
    Command::new("/bin/sh")
        .args(["-c", script, "sh"])
        .arg(stop.get_program())
        .args(stop.get_args())
        .args(["stop", "--mode=immediate", "--silent", "--pgdata"])
        .arg(folder.join("data"))
        .env("WRIT_FOLDER", folder)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn free_port() -> io::Result<u16> {
    TcpListener::bind(("127.0.0.1", 0))?.local_addr().map(|address| address.port())
}

fn succeeded(what: &str, output: io::Result<Output>) -> Result<String> {
    let output = output.map_err(ClusterError::new(what))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(ClusterError(format!("{what} failed: {}", String::from_utf8_lossy(&output.stderr).trim_end())))
}

//! The real binary as a process: started in a folder of its own on a free port, killed, stopped,
//! started again.

mod http;
mod login;

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

pub use http::{Answer, Http, Request, UNASKED};
pub use login::LoginPage;

/// How long a start or an end may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The binary under test: `WRIT_BINARY` where it is set, else the one built along with the tests.
///
/// # Errors
/// Where there is none.
#[expect(clippy::disallowed_methods, reason = "the test kit is an outermost layer")]
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("WRIT_BINARY") {
        return Ok(path.into());
    }
    // Tests run from target/<profile>/deps; binaries of this package lie one folder up.
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(Path::parent).context("the test binary has no folder")?;
    let path = folder.join("writ-under-test");
    ensure!(path.is_file(), "{} is missing: run `cargo build -p writ-testkit --bins`", path.display());
    Ok(path)
}

/// A server process and the folder it lives in.
#[derive(Debug)]
pub struct Writ {
    home: tempfile::TempDir,
    data_dir: PathBuf,
    wrapper: Vec<OsString>,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    child: Option<Child>,
    listen: Vec<SocketAddr>,
    metrics: Vec<SocketAddr>,
    stdout: Tail,
    stderr: Tail,
}

impl Writ {
    /// A server that has not been started: an empty data folder, `--listen localhost:0`, no
    /// `/metrics`.
    ///
    /// # Errors
    /// Where no folder can be made.
    pub fn new() -> Result<Self> {
        let home = tempfile::tempdir()?;
        let data_dir = home.path().join("data");
        Ok(Self {
            home,
            data_dir,
            wrapper: Vec::new(),
            arguments: ["--listen", "localhost:0", "--metrics-listen", "off"].map(Into::into).to_vec(),
            // Load from one address, and secrets that stop working under it, are what many tests are about.
            environment: vec![("WRIT_RATE_LIMITS".into(), "off".into())],
            child: None,
            listen: Vec::new(),
            metrics: Vec::new(),
            stdout: Tail::default(),
            stderr: Tail::default(),
        })
    }

    /// A server that answers.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn started() -> Result<Self> {
        let mut writ = Self::new()?;
        writ.start()?;
        Ok(writ)
    }

    /// Takes other arguments instead of the usual ones (`--data-dir` is always added).
    pub fn arguments<A: AsRef<OsStr>>(&mut self, arguments: impl IntoIterator<Item = A>) -> &mut Self {
        self.arguments = arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
        self
    }

    /// Adds an argument.
    pub fn argument(&mut self, argument: impl AsRef<OsStr>) -> &mut Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Sets an environment variable of the process.
    pub fn environment(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Forgets the environment variables set so far.
    pub fn clear_environment(&mut self) -> &mut Self {
        self.environment.clear();
        self
    }

    /// Keeps everything in another folder.
    pub fn keep_in(&mut self, data_dir: impl Into<PathBuf>) -> &mut Self {
        self.data_dir = data_dir.into();
        self
    }

    /// Keeps everything but keys and files in a PostgreSQL database. Its address goes through the
    /// environment: arguments are for everyone to read.
    pub fn database(&mut self, url: &str) -> &mut Self {
        self.environment("WRIT_DATABASE_URL", url)
    }

    /// Starts the binary through another program, which gets it and its arguments as its last ones
    /// and becomes it (`exec`).
    pub fn through<A: AsRef<OsStr>>(&mut self, wrapper: impl IntoIterator<Item = A>) -> &mut Self {
        self.wrapper = wrapper.into_iter().map(|word| word.as_ref().to_owned()).collect();
        self
    }

    /// The folder that goes away with this value; its `data` is the data folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The data folder.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The command that would be run, for a test that runs it in its own way.
    ///
    /// # Errors
    /// Where there is no binary.
    pub fn command(&self) -> Result<Command> {
        let mut words = self.wrapper.iter().cloned().chain([binary()?.into_os_string()]);
        let mut command = Command::new(words.next().context("no command")?);
        command.args(words).args(&self.arguments).arg("--data-dir").arg(&self.data_dir);
        command.current_dir(self.home.path()).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("WRIT_") {
                command.env_remove(name);
            }
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// Starts the process and waits for nothing.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn launch(&mut self) -> Result<()> {
        ensure!(self.child.is_none(), "it runs already");
        let mut command = self.command()?;
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        self.stdout.follow(child.stdout.take().context("no stdout")?);
        self.stderr.follow(child.stderr.take().context("no stderr")?);
        self.child = Some(child);
        Ok(())
    }

    /// Starts the server and waits until it is ready.
    ///
    /// # Errors
    /// Where it ends instead: its log.
    pub fn start(&mut self) -> Result<()> {
        let from = self.stderr.len();
        self.launch()?;
        let Some(line) = self.stderr.line(from, &["ready", "listen"]) else {
            let status = self.end()?;
            bail!("writ ended with {status}: {}{}", self.stdout(), self.log());
        };
        self.listen = addresses(&line, "listen");
        self.metrics = addresses(&line, "metrics");
        ensure!(!self.listen.is_empty(), "no address in {line}");
        Ok(())
    }

    /// Starts the server where it has to refuse.
    ///
    /// # Errors
    /// Where it does not end by itself.
    pub fn refusal(&mut self) -> Result<Refusal> {
        let from = self.stderr.len();
        self.launch()?;
        let status = self.end()?;
        Ok(Refusal { status, text: self.log().get(from..).unwrap_or_default().to_owned() })
    }

    /// The process id.
    ///
    /// # Errors
    /// Where nothing runs.
    pub fn pid(&self) -> Result<u32> {
        Ok(self.child.as_ref().context("nothing runs")?.id())
    }

    /// Where it listens.
    pub fn listen(&self) -> &[SocketAddr] {
        &self.listen
    }

    /// Where it serves `/metrics`.
    pub fn metrics(&self) -> &[SocketAddr] {
        &self.metrics
    }

    /// A client of it.
    ///
    /// # Errors
    /// Where it has not been started.
    pub fn http(&self) -> Result<Http> {
        Ok(Http::new(*self.listen.first().context("it has not been started")?))
    }

    /// SIGKILL, and the wait for its end.
    ///
    /// # Errors
    /// Where nothing runs.
    pub fn kill9(&mut self) -> Result<()> {
        self.child.as_mut().context("nothing runs")?.kill()?;
        self.end().map(drop)
    }

    /// Sends SIGTERM and returns at once.
    ///
    /// # Errors
    /// Where nothing runs.
    pub fn ask_to_stop(&self) -> Result<()> {
        signal("TERM", self.pid()?)
    }

    /// SIGTERM, and how the process ended.
    ///
    /// # Errors
    /// Where it does not end.
    pub fn terminate(&mut self) -> Result<ExitStatus> {
        self.ask_to_stop()?;
        self.end()
    }

    /// Waits for the end of the process.
    ///
    /// # Errors
    /// Where it does not end in a minute; it is killed then.
    pub fn end(&mut self) -> Result<ExitStatus> {
        let mut child = self.child.take().context("nothing runs")?;
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if begin.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                bail!("writ did not end in {PATIENCE:?}: {}", self.log());
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        self.stdout.wait_for_end();
        self.stderr.wait_for_end();
        Ok(status)
    }

    /// SIGTERM where it runs, and a new start.
    ///
    /// # Errors
    /// Where either fails.
    pub fn restart(&mut self) -> Result<()> {
        if self.child.is_some() {
            let status = self.terminate()?;
            ensure!(status.success(), "writ ended with {status}: {}", self.log());
        }
        self.start()
    }

    /// All that it has written to standard output, over all starts.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// All that it has written to standard error, over all starts.
    pub fn log(&self) -> String {
        self.stderr.text()
    }

    /// The first line of its log that contains a text; waits for it.
    ///
    /// # Errors
    /// Where none comes: the log.
    pub fn log_line(&self, text: &str) -> Result<String> {
        self.stderr.line(0, &[text]).with_context(|| format!("no {text:?} in {}", self.log()))
    }

    /// What stands in `bootstrap.json`.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn bootstrap(&self) -> Result<serde_json::Value> {
        let path = self.data_dir.join("bootstrap.json");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok(serde_json::from_str(&text)?)
    }

    /// The bootstrap client's id and secret as form parameters.
    ///
    /// # Errors
    /// Where `bootstrap.json` has none.
    pub fn client_form(&self) -> Result<String> {
        let bootstrap = self.bootstrap()?;
        let read = |name| bootstrap.pointer(name).and_then(|value| value.as_str()).context(name);
        Ok(format!(
            "client_id={}&client_secret={}",
            read("/client/client_id")?,
            read("/client/client_secret")?
        ))
    }
}

impl Drop for Writ {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// How a start was refused.
#[derive(Debug)]
pub struct Refusal {
    /// The process's end.
    pub status: ExitStatus,
    /// Its standard error.
    pub text: String,
}

/// Sends a signal, by name, to a process.
///
/// # Errors
/// Where there is no such process.
pub fn signal(name: &str, pid: u32) -> Result<()> {
    // The shell's own `kill`: the program of that name is not everywhere.
    let status = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &pid.to_string()]).status()?;
    ensure!(status.success(), "process {pid} got no {name}");
    Ok(())
}

/// The addresses in the line that says "ready", in JSON or for people.
fn addresses(line: &str, field: &str) -> Vec<SocketAddr> {
    let json: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    let listed = match json.get(field).and_then(|value| value.as_str()) {
        Some(listed) => listed,
        None => line
            .split_whitespace()
            .find_map(|word| word.strip_prefix(field)?.strip_prefix('='))
            .unwrap_or_default(),
    };
    listed.split(',').filter_map(|address| address.parse().ok()).collect()
}

/// What a process writes, read as it comes.
#[derive(Debug, Default, Clone)]
struct Tail(Arc<(Mutex<Written>, Condvar)>);

#[derive(Debug, Default)]
struct Written {
    bytes: Vec<u8>,
    open: bool,
}

impl Tail {
    fn written(&self) -> MutexGuard<'_, Written> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow(&self, mut pipe: impl Read + Send + 'static) {
        self.written().open = true;
        let tail = self.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                tail.written().bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
                tail.0.1.notify_all();
            }
            tail.written().open = false;
            tail.0.1.notify_all();
        });
    }

    /// The first whole line behind `from` that contains all of `texts`; none where the pipe closes first
    /// or it takes too long.
    fn line(&self, from: usize, texts: &[&str]) -> Option<String> {
        let mut written = self.written();
        let begin = Instant::now();
        loop {
            let text = String::from_utf8_lossy(written.bytes.get(from..).unwrap_or_default()).into_owned();
            let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
            if let Some(line) = whole.lines().find(|line| texts.iter().all(|text| line.contains(text))) {
                return Some(line.to_owned());
            }
            if !written.open || begin.elapsed() > PATIENCE {
                return None;
            }
            written = self.0.1.wait_timeout(written, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn wait_for_end(&self) {
        let mut written = self.written();
        while written.open {
            written = self.0.1.wait(written).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn len(&self) -> usize {
        self.written().bytes.len()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.written().bytes).into_owned()
    }
}

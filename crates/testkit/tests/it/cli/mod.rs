//! The command line as operators use it: the real binary, over each of its three ways.

mod commands;
mod destructive;
mod importing;
mod signing_in;
mod table;
mod ways;
mod whole;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use writ_testkit::process::{Writ, binary};

/// The three ways to the management API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// No server runs.
    Offline,
    /// The socket of the one that does.
    Socket,
    /// Its address, with the API key of the first start.
    Server,
}

const WAYS: [Way; 3] = [Way::Offline, Way::Socket, Way::Server];

/// What a command came to.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    #[track_caller]
    fn good(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Refused, with all of these texts in one line for people.
    #[track_caller]
    fn refused(&self, code: i32, texts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.err.contains("writ: ") && !self.err.contains("panicked"), "{self:?}");
        for text in texts {
            assert!(self.err.contains(text), "{text:?} is missing in {self:?}");
        }
        assert_eq!(self.out, "", "what is refused says nothing to a pipe");
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A server's folder, and the way by which commands reach it.
struct Desk {
    writ: Writ,
    way: Way,
}

impl Desk {
    /// A server that has been started once; offline, it has been stopped again.
    fn new(way: Way) -> Self {
        let mut writ = Writ::new().unwrap();
        writ.argument("--issuer").argument("http://localhost:8080").start().unwrap();
        if way == Way::Offline {
            assert!(writ.terminate().unwrap().success());
        }
        Self { writ, way }
    }

    fn folder(&self) -> &Path {
        self.writ.data_dir()
    }

    fn bootstrap(&self) -> PathBuf {
        self.folder().join("bootstrap.json")
    }

    fn api_key(&self) -> String {
        self.writ.bootstrap().unwrap()["api_key"].as_str().unwrap().to_owned()
    }

    fn url(&self) -> String {
        format!("http://{}", self.writ.listen()[0])
    }

    fn run<A: AsRef<str>>(&self, arguments: &[A]) -> Said {
        self.run_with(arguments, "")
    }

    /// Runs a command by the desk's way, with something on its standard input.
    fn run_with<A: AsRef<str>>(&self, arguments: &[A], input: &str) -> Said {
        let mut command = command(arguments);
        match self.way {
            Way::Offline | Way::Socket => command.arg("--data-dir").arg(self.folder()),
            // As a program elsewhere: of the folder it knows nothing.
            Way::Server => command.args(["--server", &self.url()]).env("WRIT_API_KEY", self.api_key()),
        };
        said(command, input)
    }

    /// The audit log, oldest first: action, actor's type, actor's name and target's type of each.
    fn audit(&self) -> Vec<[String; 4]> {
        // Beside the server that has it open: WAL lets both read.
        let database = rusqlite::Connection::open(self.folder().join("writ.db")).unwrap();
        // What is counted is written later than it happened, and not by the command that is looked at.
        let sql = "SELECT action, actor_type, actor_name, target_type FROM audit_logs \
                   WHERE details IS NULL OR details NOT LIKE '%\"count\":%' ORDER BY id";
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| {
            let name: Option<String> = row.get(2)?;
            Ok([row.get(0)?, row.get(1)?, name.unwrap_or_default(), row.get(3)?])
        });
        rows.unwrap().map(Result::unwrap).collect()
    }
}

/// The binary with some arguments, in an environment that says nothing to it.
fn command<A: AsRef<str>>(arguments: &[A]) -> Command {
    let mut command = Command::new(binary().unwrap());
    command.args(arguments.iter().map(AsRef::as_ref)).env_clear();
    command
}

fn said(mut command: Command, input: &str) -> Said {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // Whoever reads nothing closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// The name of the user that these tests run as, as the operating system has it.
fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

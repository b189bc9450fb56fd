//! The server that a suite speaks to, as an operator starts it.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::sh;

/// Under which address a server is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// `http://localhost`.
    Loopback,
    /// The same, and its mail goes to a port of this machine that the suite listens on.
    LoopbackWithMail,
    /// `https://id.example.com`, a name that only a browser is told how to find. Browsers draw the border between sites
    /// at names like this one, and a public client's answer goes in silence to no loopback address.
    Site,
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    issuer: String,
    /// Where it is reached by programs that do not know the issuer's name.
    address: String,
    data: PathBuf,
    /// Where its mail goes.
    mail_port: Option<u16>,
    called: Called,
}

/// The certificate of applications on this machine that the server calls: of keys that it fetches, and of sign-outs that it
/// tells. It trusts this one alone besides those that everybody does.
struct Called {
    certificate: PathBuf,
    key: PathBuf,
}

const OPENSSL: sh::Tool = sh::Tool { program: "openssl", packages: &["openssl"] };
/// What the certificate is to say. It is no authority: whoever verifies it trusts it by itself.
const REQUEST: &str = "[req]
prompt = no
distinguished_name = name
x509_extensions = more
[name]
CN = localhost
[more]
subjectAltName = DNS:localhost
basicConstraints = critical, CA:FALSE
";

impl Called {
    /// Makes it where there is none yet.
    fn in_folder(folder: &Path) -> Result<Self> {
        let called = Self { certificate: folder.join("called.crt"), key: folder.join("called.key") };
        if !called.certificate.is_file() {
            sh::ensure_packages(&[OPENSSL])?;
            let request = folder.join("called.cnf");
            std::fs::write(&request, REQUEST)?;
            let mut openssl = Command::new("openssl");
            openssl
                .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
                .args(["-days", "3650", "-config"])
                .arg(&request)
                .arg("-keyout")
                .arg(&called.key)
                .arg("-out")
                .arg(&called.certificate);
            sh::output_of(&mut openssl).context("making a certificate for applications that are called")?;
        }
        Ok(called)
    }
}

impl Server {
    /// What it calls itself.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What a suite has to know of it.
    pub fn tell(&self, suite: &mut Command) {
        suite
            .env("WRIT_ISSUER", &self.issuer)
            .env("WRIT_ADDRESS", &self.address)
            .env("WRIT_BOOTSTRAP", self.data.join("bootstrap.json"));
        if let Some(port) = self.mail_port {
            suite.env("WRIT_MAIL_PORT", port.to_string());
        }
        suite.env("WRIT_CALLED_CERT", &self.called.certificate).env("WRIT_CALLED_KEY", &self.called.key);
        let certificate = self.data.join("dev-tls.crt");
        if certificate.is_file() {
            suite
                .env("NODE_EXTRA_CA_CERTS", &certificate)
                .env("WRIT_TLS_CERT", certificate)
                .env("WRIT_TLS_KEY", self.data.join("dev-tls.key"));
        }
    }

    /// Starts a server on a free port, with an empty data folder, and waits until it answers.
    pub fn start(binary: &Path, data: &Path, log: &Path, at: At) -> Result<Self> {
        if data.exists() {
            std::fs::remove_dir_all(data).context("removing the data folder of an earlier run")?;
        }
        let port = free_port()?;
        let called = Called::in_folder(data.parent().unwrap_or(data))?;
        let output = File::create(log)?;
        let mut command = Command::new(binary);
        command
            .args(["serve", "--metrics-listen", "off", "--listen"])
            .arg(format!("localhost:{port}"))
            .arg("--data-dir")
            .arg(data)
            .env("WRIT_RATE_LIMITS", "off")
            .env("WRIT_OUTBOUND_ALLOW_LOOPBACK", "true")
            .env("WRIT_OUTBOUND_EXTRA_CA", &called.certificate)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let (issuer, address) = match at {
            At::Loopback | At::LoopbackWithMail => {
                (format!("http://localhost:{port}"), format!("http://localhost:{port}"))
            }
            At::Site => (format!("https://id.example.com:{port}"), format!("https://localhost:{port}")),
        };
        if at == At::Site {
            command.args(["--dev-tls", "--issuer", &issuer]);
        }
        let mail_port = if at == At::LoopbackWithMail { Some(free_port()?) } else { None };
        if let Some(port) = mail_port {
            command
                .args(["--smtp-host", "127.0.0.1", "--smtp-tls", "off", "--smtp-port", &port.to_string()])
                .args(["--smtp-from", "Writ <no-reply@id.example>"]);
        }
        let child = command.spawn().context("starting the server")?;
        let mut server = Self { child, issuer, address, data: data.to_owned(), mail_port, called };
        let started = Instant::now();
        let socket = SocketAddr::from(([127, 0, 0, 1], port));
        // It listens before it makes the first rows and its certificate; it answers after.
        let is_ready = || {
            let is_made = data.join("bootstrap.json").is_file();
            let is_certified = at != At::Site || data.join("dev-tls.crt").is_file();
            is_made && is_certified && TcpStream::connect(socket).is_ok()
        };
        while !is_ready() {
            if server.child.try_wait()?.is_some() || started.elapsed() > Duration::from_mins(1) {
                bail!("the server does not answer; its log: {}", std::fs::read_to_string(log)?);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }
}

/// A port that nobody listens on.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail when it has already ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

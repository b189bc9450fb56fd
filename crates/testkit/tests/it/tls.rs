//! TLS, the way from http to https, and proxies before the server, with the real binary.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use writ_testkit::process::{Answer, Http, Request, Writ, signal};

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// What curl gets from a path: the version of HTTP, the status, the headers and the body.
struct Curled {
    version: String,
    status: String,
    text: String,
}

/// Asks with curl, trusting `certificate`; none where there is no curl that speaks HTTP/2.
fn curl(certificate: &Path, url: &str, arguments: &[&str]) -> Option<Curled> {
    let features = Command::new("curl").arg("--version").output().ok()?;
    if !String::from_utf8_lossy(&features.stdout).contains("HTTP2") {
        return None;
    }
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--include", "--max-time", "30", "--noproxy", "*", "--cacert"]);
    command.arg(certificate).args(["--write-out", "\n%{http_version} %{http_code}"]).args(arguments).arg(url);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{url}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let (text, last) = text.rsplit_once('\n').unwrap();
    let (version, status) = last.split_once(' ').unwrap();
    Some(Curled { version: version.to_owned(), status: status.to_owned(), text: text.to_ascii_lowercase() })
}

/// A server on localhost with a certificate of its own.
fn development() -> Writ {
    let mut writ = Writ::new().unwrap();
    writ.argument("--dev-tls");
    writ
}

fn port(writ: &Writ) -> u16 {
    writ.listen()[0].port()
}

/// Where the server sends plain http on.
fn redirect(writ: &Writ) -> SocketAddr {
    let line: serde_json::Value = serde_json::from_str(&writ.log_line("\"redirect\"").unwrap()).unwrap();
    line["redirect"].as_str().unwrap().parse().unwrap()
}

fn ask(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    Http::new(address).send(&Request { method: "GET", path, headers, form: "" }).unwrap()
}

#[test]
fn dev_tls_speaks_both_versions_of_http_under_an_https_issuer() {
    let mut writ = development();
    writ.start().unwrap();
    let base = format!("https://localhost:{}", port(&writ));
    assert_eq!(writ.bootstrap().unwrap()["issuer"], base);
    let key = std::fs::metadata(writ.data_dir().join("dev-tls.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);

    let certificate = writ.data_dir().join("dev-tls.crt");
    for (flag, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
        let Some(answer) = curl(&certificate, &format!("{base}{DISCOVERY}"), &[flag]) else { return };
        assert_eq!((&*answer.version, &*answer.status), (version, "200"), "{}", answer.text);
        assert!(answer.text.contains(&format!("\"issuer\":\"{base}\"")), "{}", answer.text);
        assert!(!answer.text.contains("strict-transport-security"), "{}", answer.text);
    }
    let address = format!("https://127.0.0.1:{}/health/live", port(&writ));
    assert_eq!(curl(&certificate, &address, &[]).unwrap().status, "200", "by address");
    let form = format!("grant_type=client_credentials&{}", writ.client_form().unwrap());
    let answer = curl(&certificate, &format!("{base}/oauth2/token"), &["--http2", "--data", &form]).unwrap();
    assert_eq!(answer.status, "200", "{}", answer.text);
    assert!(writ.terminate().unwrap().success());
}

#[test]
fn dev_tls_keeps_its_certificate_and_stays_on_this_machine() {
    let mut writ = development();
    writ.start().unwrap();
    let certificate = writ.data_dir().join("dev-tls.crt");
    let first = std::fs::read(&certificate).unwrap();
    writ.restart().unwrap();
    assert_eq!(std::fs::read(&certificate).unwrap(), first);

    let mut open = Writ::new().unwrap();
    open.arguments(["--listen", ":0", "--metrics-listen", "off", "--dev-tls"]);
    let refusal = open.refusal().unwrap();
    assert!(refusal.text.contains("dev_tls") && refusal.text.contains("localhost"), "{}", refusal.text);
    assert!(!open.data_dir().exists());
}

#[test]
fn plain_http_is_sent_on_to_the_issuer_whatever_host_it_names() {
    let mut writ = development();
    writ.argument("--redirect-listen").argument("127.0.0.1:0").start().unwrap();
    let way = redirect(&writ);
    let base = format!("https://localhost:{}", port(&writ));
    for (method, path) in [("GET", "/a/b?c=d"), ("POST", "/oauth2/token"), ("GET", "//evil.example/")] {
        let headers = [("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https")];
        let answer = Http::new(way).send(&Request { method, path, headers: &headers, form: "" }).unwrap();
        assert_eq!(answer.status, 308);
        assert_eq!(answer.header("location"), Some(&*format!("{base}{path}")));
    }
    assert_eq!(ask(way, "/health/live", &[]).status, 200);
    assert!(writ.terminate().unwrap().success());
}

/// A hang-up reads unchanged files too, which a look does not: the line is the hang-up's.
#[test]
fn a_hang_up_reads_the_certificate_again() {
    let mut writ = development();
    writ.start().unwrap();
    signal("HUP", writ.pid().unwrap()).unwrap();
    writ.log_line("was read again").unwrap();
    std::fs::write(writ.data_dir().join("dev-tls.crt"), "nonsense").unwrap();
    signal("HUP", writ.pid().unwrap()).unwrap();
    writ.log_line("stays in use").unwrap();
    assert!(writ.terminate().unwrap().success());
}

#[test]
fn a_public_https_issuer_tells_browsers_to_come_back_over_https() {
    let mut other = development();
    other.start().unwrap();
    assert!(other.terminate().unwrap().success());
    let certificate = other.data_dir().join("dev-tls.crt");

    let mut writ = Writ::new().unwrap();
    writ.argument("--issuer").argument("https://id.example.com");
    writ.argument("--tls-cert").argument(&certificate);
    writ.argument("--tls-key").argument(other.data_dir().join("dev-tls.key"));
    writ.start().unwrap();
    for flag in ["--http2", "--http1.1"] {
        let url = format!("https://localhost:{}{DISCOVERY}", port(&writ));
        let Some(answer) = curl(&certificate, &url, &[flag]) else { return };
        assert!(answer.text.contains("strict-transport-security: max-age=31536000"), "{}", answer.text);
        assert!(answer.text.contains("\"issuer\":\"https://id.example.com\""), "{}", answer.text);
    }
}

#[test]
fn behind_a_proxy_https_is_the_proxys_word_and_the_issuer_is_not() {
    let mut writ = Writ::new().unwrap();
    writ.argument("--issuer").argument("https://id.example.com").start().unwrap();
    let claims = [("x-forwarded-proto", "https"), ("x-forwarded-host", "evil.example")];
    let strict = |writ: &Writ, headers: &[(&str, &str)]| {
        let answer = ask(writ.listen()[0], DISCOVERY, headers);
        assert_eq!(answer.text("issuer"), "https://id.example.com");
        answer.header("strict-transport-security").map(str::to_owned)
    };
    assert_eq!(strict(&writ, &claims), None, "nobody is trusted");
    assert!(writ.terminate().unwrap().success());
    writ.argument("--trusted-proxies").argument("127.0.0.0/8,::1").start().unwrap();
    assert_eq!(strict(&writ, &claims).as_deref(), Some("max-age=31536000"));
    assert_eq!(strict(&writ, &[("forwarded", "for=198.51.100.7;proto=http")]), None);
    assert_eq!(strict(&writ, &[]), None);
}

#[test]
fn the_audit_log_names_the_client_behind_a_trusted_proxy() {
    let mut writ = Writ::new().unwrap();
    writ.argument("--trusted-proxies").argument("127.0.0.0/8,::1").start().unwrap();
    let form = writ.client_form().unwrap();
    let mut http = writ.http().unwrap();
    let answer = http.post("/oauth2/token", &format!("grant_type=client_credentials&{form}")).unwrap();
    let form = format!("token={}&{form}", answer.text("access_token"));
    let headers = [("x-forwarded-for", "203.0.113.66, 198.51.100.7, ::ffff:127.0.0.9")];
    let revoked = http
        .send(&Request { method: "POST", path: "/oauth2/revoke", headers: &headers, form: &form })
        .unwrap();
    assert_eq!(revoked.status, 200);
    assert!(writ.terminate().unwrap().success());
    let database = rusqlite::Connection::open(writ.data_dir().join("writ.db")).unwrap();
    let from: Vec<String> = database
        .prepare("SELECT DISTINCT ip_address FROM audit_logs WHERE ip_address IS NOT NULL")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(from.contains(&"198.51.100.7".to_owned()), "{from:?}");
    assert!(!from.contains(&"203.0.113.66".to_owned()), "{from:?}");
}

#[test]
fn what_does_not_go_together_is_refused_before_anything_is_written() {
    let cases: [(&[&str], &[&str]); 7] = [
        (&["--tls-cert", "a.crt"], &["tls_key"]),
        (&["--tls-key", "a.key"], &["tls_cert"]),
        (&["--tls-cert", "a.crt", "--tls-key", "a.key"], &["a.crt", "cannot be used"]),
        (&["--tls-cert", "a.crt", "--tls-key", "a.key", "--dev-tls"], &["dev_tls"]),
        (&["--dev-tls", "--issuer", "http://localhost:1"], &["issuer", "https://"]),
        (&["--redirect-listen", "localhost:0"], &["redirect_listen", "https"]),
        (&["--trusted-proxies", "0.0.0.0/0"], &["trusted_proxies", "everybody"]),
    ];
    for (arguments, texts) in cases {
        let mut writ = Writ::new().unwrap();
        for argument in arguments {
            writ.argument(argument);
        }
        let refusal = writ.refusal().unwrap();
        assert_eq!(refusal.status.code(), Some(1), "{}", refusal.text);
        for text in texts {
            assert!(refusal.text.contains(text), "{text:?} is missing in: {}", refusal.text);
        }
        assert!(!writ.data_dir().exists(), "{arguments:?}");
    }
}

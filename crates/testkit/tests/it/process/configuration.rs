//! `writ config`, warnings of unknown variables, and SIGHUP, with the real binary.

use std::path::PathBuf;

use serde_json::Value;
use writ_testkit::process::{Http, Request, Writ, signal};

/// A server that reads its settings from a file.
fn with_file(text: &str) -> (Writ, PathBuf) {
    let mut writ = Writ::new().unwrap();
    let file = writ.home().join("writ.toml");
    std::fs::write(&file, text).unwrap();
    writ.argument("--config").argument(&file);
    (writ, file)
}

/// Writes the file anew, hangs up and waits for what the log says.
fn hang_up(writ: &Writ, file: &PathBuf, text: &str, says: &str) -> String {
    std::fs::write(file, text).unwrap();
    signal("HUP", writ.pid().unwrap()).unwrap();
    writ.log_line(says).unwrap()
}

fn believes_proxies(writ: &Writ) -> bool {
    let headers = [("x-forwarded-proto", "https")];
    let request = Request { method: "GET", path: "/health/live", headers: &headers, form: "" };
    let answer = Http::new(writ.listen()[0]).send(&request).unwrap();
    answer.header("strict-transport-security").is_some()
}

#[test]
fn a_hang_up_takes_what_can_change_and_names_what_waits() {
    const ISSUER: &str = "issuer = \"https://id.example.com\"\n";
    let (mut writ, file) = with_file(ISSUER);
    writ.start().unwrap();
    assert!(!believes_proxies(&writ));

    let more = format!(
        "{ISSUER}trusted_proxies = [\"127.0.0.0/8\", \"::1\"]\nmax_connections = 7\nlog_filter = \"debug\"\n"
    );
    let line = hang_up(&writ, &file, &more, "was read again");
    assert!(line.contains("log_filter: info → debug") && line.contains("trusted_proxies"), "{line}");
    let line = writ.log_line("wait for a restart").unwrap();
    assert!(line.contains("max_connections: 10000 → 7") && !line.contains("log_filter"), "{line}");
    assert!(believes_proxies(&writ));
    assert_eq!(writ.http().unwrap().get("/nothing-is-here").unwrap().status, 404);
    writ.log_line("\"level\":\"DEBUG\"").unwrap();

    let line =
        hang_up(&writ, &file, "trusted_proxies = [\"everywhere\"]\nlog_fliter = \"info\"\n", "stays in use");
    assert!(line.contains("did you mean log_filter?") && line.contains("everywhere"), "{line}");
    assert!(believes_proxies(&writ), "nothing of a broken configuration is taken");

    std::fs::remove_file(&file).unwrap();
    signal("HUP", writ.pid().unwrap()).unwrap();
    writ.log_line("cannot be read").unwrap();
    assert!(believes_proxies(&writ));
    assert!(writ.terminate().unwrap().success());
}

#[test]
fn a_hang_up_takes_a_certificate_from_other_files() {
    let mut other = Writ::new().unwrap();
    other.argument("--dev-tls").start().unwrap();
    assert!(other.terminate().unwrap().success());
    let from = |name: &str| other.data_dir().join(name);
    let text = |folder: &std::path::Path| {
        let path = |name: &str| folder.join(name).display().to_string();
        format!("tls_cert = {:?}\ntls_key = {:?}\n", path("dev-tls.crt"), path("dev-tls.key"))
    };
    let (mut writ, file) = with_file(&text(other.data_dir()));
    writ.start().unwrap();
    let copies = writ.home().join("copies");
    std::fs::create_dir(&copies).unwrap();
    for name in ["dev-tls.crt", "dev-tls.key"] {
        std::fs::copy(from(name), copies.join(name)).unwrap();
    }
    let line = hang_up(&writ, &file, &text(&copies), "was read again");
    assert!(line.contains("tls_cert: ") && line.contains("copies") && line.contains("certificate"), "{line}");
    let line = hang_up(&writ, &file, &text(&writ.home().join("gone")), "stays in use");
    assert!(line.contains("gone/dev-tls.crt"), "{line}");
    assert!(writ.terminate().unwrap().success());
}

/// What a command answers: its exit code, standard output and standard error.
pub(crate) fn run(writ: &Writ) -> (i32, String, String) {
    let output = writ.command().unwrap().output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn run_json(writ: &Writ) -> (i32, Value) {
    let (code, out, err) = run(writ);
    (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")))
}

#[test]
fn config_check_says_all_that_is_wrong_and_starts_nothing() {
    let mut writ = Writ::new().unwrap();
    let file = writ.home().join("writ.toml");
    std::fs::write(&file, "isuer = \"https://id.example\"\nmax_connections = \"7\"\n").unwrap();
    writ.arguments(["config", "check", "--config", file.to_str().unwrap(), "--listen", "here"]);
    writ.environment("WRIT_LOGG", "debug").environment("WRIT_DATABASE_URL_FILE", "/gone/url");
    let (code, out, _) = run(&writ);
    assert_eq!(code, 1, "{out}");
    for part in [
        "warning: WRIT_LOGG is not a variable of writ; did you mean WRIT_LOG?",
        "writ.toml, line 1): is not a setting; did you mean issuer?",
        "writ.toml, line 2): is a text, and must be a whole number",
        "error: listen (--listen): ",
        "/gone/url, which cannot be read",
    ] {
        assert!(out.contains(part), "{part:?} is missing in: {out}");
    }
    let (code, json) = run_json(writ.argument("--json"));
    assert_eq!((code, &json["ok"]), (1, &Value::Bool(false)));
    assert_eq!(json["problems"].as_array().unwrap().len(), 4, "{json}");
    assert!(json["problems"].as_array().unwrap().iter().any(|one| one["origin"]["line"] == 2), "{json}");
    assert_eq!(json["warnings"].as_array().unwrap().len(), 1, "{json}");

    writ.clear_environment().arguments(["config", "check"]);
    assert_eq!(run(&writ), (0, "The configuration is correct.\n".to_owned(), String::new()));
    writ.arguments(["config", "check", "--tls-cert", "gone.crt", "--tls-key", "gone.key"]);
    let (code, out, _) = run(&writ);
    assert!(code == 1 && out.contains("gone.crt"), "{out}");
    assert!(!writ.data_dir().exists());
}

#[test]
fn config_show_says_what_holds_and_where_it_comes_from_but_no_secret() {
    let mut writ = Writ::new().unwrap();
    writ.arguments(["config", "show", "--log-format", "json"]);
    writ.environment("WRIT_DATABASE_URL", "postgres://writ:hunter2@db/writ");
    writ.environment("WRIT_MASTER_KEY_COMMAND", "vault read hunter2").environment("WRIT_LOG", "debug");
    let (code, out, err) = run(&writ);
    assert_eq!((code, &*err), (0, ""), "{out}");
    let line = |name: &str| {
        let line = out.lines().find(|line| line.split_whitespace().next() == Some(name)).unwrap();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("log_format"), "json --log-format");
    assert_eq!(line("log_filter"), "debug WRIT_LOG");
    assert_eq!(line("listen"), "localhost:8080 default");
    assert_eq!(line("database_url"), "[redacted] WRIT_DATABASE_URL");
    assert_eq!(line("tls_cert"), "-");
    assert!(!out.contains("hunter2"), "{out}");
    let (code, json) = run_json(writ.argument("--json"));
    assert_eq!(code, 0);
    assert!(!json.to_string().contains("hunter2"), "{json}");
    let listed = json["settings"].as_array().unwrap();
    let log = listed.iter().find(|one| one["name"] == "log_filter").unwrap();
    assert_eq!((&log["value"], &log["origin"]["variable"]), (&"debug".into(), &"WRIT_LOG".into()));
    assert!(!writ.data_dir().exists());
}

#[test]
fn a_server_warns_of_a_variable_that_it_does_not_know() {
    let mut writ = Writ::new().unwrap();
    writ.environment("WRIT_ISUER", "https://id.example.com").environment("WRIT_SERVICE_HOST", "10.0.0.1");
    writ.start().unwrap();
    let line = writ.log_line("WRIT_ISUER").unwrap();
    assert!(line.contains("did you mean WRIT_ISSUER?") && line.contains("WARN"), "{line}");
    assert!(!writ.log().contains("WRIT_SERVICE_HOST"));
}

#[test]
fn the_database_address_may_stand_in_a_file() {
    let mut writ = Writ::new().unwrap();
    let file = writ.home().join("url");
    std::fs::write(&file, "postgres://writ:hunter2@127.0.0.1:1/writ\n").unwrap();
    let refusal = writ.environment("WRIT_DATABASE_URL_FILE", &file).refusal().unwrap();
    assert!(
        refusal.text.contains("postgres://127.0.0.1") && !refusal.text.contains("hunter2"),
        "{}",
        refusal.text
    );
}

/// What `serve` would refuse by its settings, `config check` finds, and says it alike.
#[test]
fn config_check_finds_what_serve_refuses() {
    let home = tempfile::tempdir().unwrap();
    let short = home.path().join("short.key");
    std::fs::write(&short, "abcd\n").unwrap();
    let not_a_folder = home.path().join("file");
    std::fs::write(&not_a_folder, "x").unwrap();
    let path = |path: &PathBuf| path.display().to_string();
    for (arguments, variables, name, why) in [
        (vec!["--database-url", "mysql://writ@db.example/writ"], vec![], "database_url", "postgres://"),
        (
            vec!["--database-url", "postgres://writ@localhost:port/writ"],
            vec![],
            "database_url",
            "cannot be read",
        ),
        (
            vec!["--database-url", "postgres://w@db.example/w?sslmode=disable"],
            vec![],
            "database_url",
            "--allow-plaintext-database",
        ),
        (vec!["--listen", "localhost:99999"], vec![], "listen", "localhost:99999"),
        (vec!["--metrics-listen", "localhost:0x1"], vec![], "metrics_listen", "host:port"),
        (vec!["--issuer", "https://id.example.com:99999"], vec![], "issuer", "1 to 65535"),
        (
            vec!["--smtp-host", "mail.example.com", "--smtp-port", "70000", "--smtp-from", "a@b.example"],
            vec![],
            "smtp.port",
            "65535",
        ),
        (
            vec!["--smtp-host", "mail.example.com:587", "--smtp-from", "a@b.example"],
            vec![],
            "smtp.host",
            "smtp.port = 587",
        ),
        (
            vec!["--smtp-host", "smtp://mail.example.com", "--smtp-from", "a@b.example"],
            vec![],
            "smtp.host",
            "URL",
        ),
        (vec!["--outbound-extra-ca", &path(&short)], vec![], "outbound.extra_ca", "no certificates"),
        (vec!["--dev-tls", "--listen", ":8443"], vec![], "dev_tls", "localhost"),
        (vec![], vec![("WRIT_MASTER_KEY", "abcd")], "master_key", "64 hexadecimal digits"),
        (vec!["--master-key-file", &path(&short)], vec![], "master_key", "64 hexadecimal digits"),
        (vec!["--master-key-command", "echo no key here >&2; false"], vec![], "master_key", "no key here"),
        (vec!["--data-dir", &path(&not_a_folder)], vec![], "data_dir", "folder"),
        (vec![], vec![("WRIT_BOOTSTRAP_API_KEY", "short")], "first start", "WRIT_BOOTSTRAP_API_KEY"),
    ] {
        let both = |check: bool| {
            let mut writ = Writ::new().unwrap();
            let mut words = if check { vec!["config", "check", "--json"] } else { Vec::new() };
            match arguments.as_slice() {
                ["--data-dir", folder] => drop(writ.keep_in(*folder)),
                given => words.extend(given),
            }
            for usual in [["--listen", "localhost:0"], ["--metrics-listen", "off"]] {
                words.extend(usual.iter().filter(|_| !arguments.contains(&usual[0])));
            }
            writ.arguments(&words);
            for (name, value) in &variables {
                writ.environment(name, value);
            }
            writ
        };
        let (code, json) = run_json(&both(true));
        let found = json["problems"].as_array().unwrap();
        let said: Vec<_> = found.iter().filter(|one| one["name"] == name).collect();
        assert_eq!((code, said.len()), (1, 1), "{arguments:?}: {json}");
        assert!(said[0]["message"].as_str().unwrap().contains(why), "{arguments:?}: {json}");
        let refusal = both(false).refusal().unwrap();
        assert!(!refusal.status.success() && refusal.text.contains(why), "{arguments:?}: {}", refusal.text);
    }
}

/// Kubernetes sets these in every container of a namespace that has services called `writ` and `writ-smtp`.
#[test]
fn the_variables_of_kubernetes_services_are_nobodys_settings() {
    let mut writ = Writ::new().unwrap();
    for (name, value) in [
        ("WRIT_SMTP_PORT", "tcp://10.0.0.7:25"),
        ("WRIT_SMTP_PORT_25_TCP", "tcp://10.0.0.7:25"),
        ("WRIT_SMTP_PORT_25_TCP_PROTO", "tcp"),
        ("WRIT_SMTP_PORT_25_TCP_ADDR", "10.0.0.7"),
        ("WRIT_SMTP_SERVICE_HOST", "10.0.0.7"),
        ("WRIT_SMTP_SERVICE_PORT", "25"),
        ("WRIT_SMTP_SERVICE_PORT_SMTP", "25"),
        ("WRIT_PORT", "tcp://10.0.0.8:80"),
        ("WRIT_PORT_80_TCP_PORT", "80"),
    ] {
        writ.environment(name, value);
    }
    writ.environment("WRIT_METRICS_PORT", "9100");
    writ.start().unwrap();
    let line = writ.log_line("WRIT_METRICS_PORT is not a variable").unwrap();
    assert!(line.contains("WARN"), "{line}");
    assert!(!writ.log().contains("WRIT_SMTP") && !writ.log().contains("WRIT_PORT"), "{}", writ.log());
}

/// With `log_format = "json"` every line is JSON, also why the server does not start.
#[test]
fn every_line_is_json_where_that_is_asked_for() {
    let mut writ = Writ::new().unwrap();
    writ.argument("--log-format").argument("json").argument("--access-log").argument("all").start().unwrap();
    let mut http = writ.http().unwrap();
    let path = "/oauth2/authorize?client_id=nobody&state=a-secret";
    assert_eq!(http.get(path).unwrap().status, 400);
    let line: Value = serde_json::from_str(&writ.log_line("\"message\":\"request\"").unwrap()).unwrap();
    assert_eq!(
        (&line["method"], &line["path"], &line["endpoint"], &line["status"], &line["caller"]),
        (&"GET".into(), &"/oauth2/authorize".into(), &"authorize".into(), &400.into(), &"nobody".into())
    );
    let refused: Value = serde_json::from_str(&writ.log_line("\"message\":\"refused\"").unwrap()).unwrap();
    assert_eq!((&refused["level"], &refused["client_id"]), (&"INFO".into(), &"nobody".into()));
    assert!(refused["reason"].as_str().unwrap().starts_with("client_id: "), "{refused}");
    assert!(!writ.log().contains("a-secret"), "{}", writ.log());
    let taken = writ.listen()[0].to_string();
    let mut other = Writ::new().unwrap();
    let refusal =
        other.argument("--log-format=json").argument(format!("--listen={taken}")).refusal().unwrap();
    assert!(refusal.text.contains("already in use"), "{}", refusal.text);
    let refusals = [
        refusal.text,
        Writ::new().unwrap().argument("--log-format=json").argument("--issuer=here").refusal().unwrap().text,
    ];
    assert!(writ.terminate().unwrap().success());
    for text in refusals.iter().chain([&writ.log()]) {
        for line in text.lines() {
            let read: Result<Value, _> = serde_json::from_str(line);
            assert!(read.is_ok_and(|line| line["level"].is_string()), "{line}");
        }
    }
}

/// An address that is taken is said with the flag that gives another one.
#[test]
fn a_taken_address_is_said_with_its_own_flag() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    for arguments in [
        ["--listen", &taken, "--metrics-listen", "off"],
        ["--metrics-listen", &taken, "--listen", "localhost:0"],
    ] {
        let flag = arguments[0];
        let refusal = Writ::new().unwrap().arguments(arguments).refusal().unwrap();
        assert!(refusal.text.contains(&format!("`{flag} localhost:")), "{}", refusal.text);
    }
}

//! The first start: what it makes, what it tells whom, and what an interrupted one leaves behind.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use writ_store::{SqliteOptions, Store};
use writ_testkit::process::{Request, Writ, signal};

use super::{Credential, Seeded, database};

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn secrets(bootstrap: &Value) -> Vec<String> {
    ["/admin/password", "/client/client_secret", "/api_key"]
        .map(|name| bootstrap.pointer(name).and_then(Value::as_str).unwrap().to_owned())
        .to_vec()
}

fn token_works(writ: &Writ) -> String {
    let credential = Credential(writ.client_form().unwrap());
    let mut http = writ.http().unwrap();
    let token = credential.token(&mut http);
    assert!(credential.active(&mut http, &token));
    token
}

#[test]
fn the_file_is_for_its_owner_alone_and_has_exactly_these_keys() {
    let mut writ = Writ::started().unwrap();
    assert!(writ.terminate().unwrap().success());
    let file = writ.data_dir().join("bootstrap.json");
    for name in ["bootstrap.json", "master.key", "writ.db"] {
        let mode = std::fs::metadata(writ.data_dir().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let bootstrap = writ.bootstrap().unwrap();
    let mut keys = names(&bootstrap);
    keys.sort_unstable();
    assert_eq!(keys, ["admin", "api_key", "client", "issuer", "tenant_id"]);
    let mut keys = [names(&bootstrap["admin"]), names(&bootstrap["client"])];
    for keys in &mut keys {
        keys.sort_unstable();
    }
    assert_eq!(keys, [["password", "username"], ["client_id", "client_secret"]]);
    assert_eq!(bootstrap["admin"]["username"], "admin@localhost");
    assert_eq!(bootstrap["issuer"], format!("http://localhost:{}", writ.listen()[0].port()));
    for secret in secrets(&bootstrap) {
        assert!(secret.len() >= 16, "{secret}");
    }
    assert!(!writ.data_dir().join("bootstrap.json.tmp").exists());
    assert_eq!(writ.stdout(), format!("First start: the credentials are in {}\n", file.display()));
}

#[test]
fn no_secret_and_no_token_is_in_any_log() {
    let mut writ = Writ::new().unwrap();
    writ.argument("--log-filter").argument("trace").start().unwrap();
    let bootstrap = writ.bootstrap().unwrap();
    let mut known = secrets(&bootstrap);
    let mut http = writ.http().unwrap();
    let form = writ.client_form().unwrap();
    let client_id = bootstrap["client"]["client_id"].as_str().unwrap().to_owned();

    let token = token_works(&writ);
    let wrong = "csec_WrongWrongWrongWrongWrong";
    let attempts = [
        (
            "/oauth2/token",
            format!("grant_type=client_credentials&client_id={client_id}&client_secret={wrong}"),
        ),
        ("/oauth2/token", format!("grant_type=password&password=hunter2hunter2&{form}")),
        ("/oauth2/introspect", format!("token={token}x&{form}")),
        ("/oauth2/revoke", format!("token={token}&{form}")),
        ("/oauth2/nowhere", form.clone()),
    ];
    for (path, body) in &attempts {
        http.post(path, body).unwrap();
    }
    let api_key = bootstrap["api_key"].as_str().unwrap();
    for bearer in [api_key, "sk_live_WrongWrongWrongWrongWrong", &token] {
        let headers = [("authorization", &*format!("Bearer {bearer}"))];
        let request = Request {
            method: "POST",
            path: "/oauth2/introspect",
            headers: &headers,
            form: &format!("token={token}"),
        };
        http.send(&request).unwrap();
    }
    let headers = [("authorization", "Basic bm90LWEtY2xpZW50Om5vdC1hLXNlY3JldA==")];
    http.send(&Request { method: "POST", path: "/oauth2/token", headers: &headers, form: "grant_type=x" })
        .unwrap();
    assert!(writ.terminate().unwrap().success());

    known.extend([token, wrong.to_owned(), "sk_live_WrongWrongWrongWrongWrong".to_owned()]);
    known.extend(["hunter2hunter2", "bm90LWEtY2xpZW50Om5vdC1hLXNlY3JldA"].map(str::to_owned));
    let everything = writ.stdout() + &writ.log();
    assert!(everything.contains("\"level\":\"DEBUG\""), "all that is ever logged was expected: {everything}");
    for secret in known {
        assert!(!everything.contains(&secret), "{secret} is in the log");
        // Nor its tail, which a cut prefix would leave.
        assert!(!everything.contains(&secret[secret.len() - 12..]), "the end of {secret} is in the log");
    }
}

/// Runs the server on a pseudo-terminal until it is ready; gives what the terminal showed. `while_it_runs`
/// sees the same.
fn on_a_terminal(writ: &Writ, while_it_runs: impl FnOnce(&str)) -> String {
    let inner = writ.command().unwrap();
    let line: Vec<_> = std::iter::once(inner.get_program()).chain(inner.get_args()).collect();
    let line = line.join(std::ffi::OsStr::new(" "));
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command"]).arg(line).arg("/dev/null").current_dir(writ.home());
    for (name, _) in inner.get_envs().filter(|(_, value)| value.is_none()) {
        command.env_remove(name);
    }
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut screen = Vec::new();
    let mut out = child.stdout.take().unwrap();
    let mut buffer = [0; 4096];
    let ready = |screen: &[u8]| String::from_utf8_lossy(screen).lines().any(|line| line.contains("data_dir"));
    while !ready(&screen) {
        let count = out.read(&mut buffer).unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&screen));
        screen.extend_from_slice(&buffer[..count]);
    }
    while_it_runs(&String::from_utf8_lossy(&screen));
    let pid = std::fs::read_to_string(writ.data_dir().join("writ.lock")).unwrap();
    signal("TERM", pid.trim().parse().unwrap()).unwrap();
    out.read_to_end(&mut screen).unwrap();
    assert!(child.wait().unwrap().success(), "{}", String::from_utf8_lossy(&screen));
    String::from_utf8(screen).unwrap()
}

/// Whoever starts the server vouches for their own address: applications that want a verified one let them in.
#[test]
fn the_first_administrator_is_verified() {
    let writ = Writ::started().unwrap();
    let key = writ.bootstrap().unwrap()["api_key"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    let path = "/api/v1/users?username=admin@localhost";
    let request = Request { method: "GET", path, headers: &headers, form: "" };
    let body: Value = serde_json::from_str(&writ.http().unwrap().send(&request).unwrap().body).unwrap();
    let admin = &body["users"][0];
    assert_eq!(
        (&admin["email"], &admin["email_verified"]),
        (&"admin@localhost".into(), &true.into()),
        "{body}"
    );
}

#[test]
fn a_terminal_sees_the_secrets_once_and_a_curl_line_that_answers_with_a_token() {
    let writ = Writ::new().unwrap();
    let screen = on_a_terminal(&writ, |screen| {
        let line = screen.lines().map(str::trim).find(|line| line.starts_with("curl ")).expect(screen);
        let answer = Command::new("sh").args(["-c", line]).output().unwrap();
        let body: Value = serde_json::from_slice(&answer.stdout).expect(line);
        assert!(body["access_token"].as_str().is_some_and(|token| token.len() > 40), "{body}");
    });
    let bootstrap = writ.bootstrap().unwrap();
    for secret in secrets(&bootstrap) {
        assert!(screen.contains(&secret), "{screen}");
    }
    let file = std::fs::read(writ.data_dir().join("bootstrap.json")).unwrap();

    let screen = on_a_terminal(&writ, |_| ());
    for secret in secrets(&bootstrap) {
        assert!(!screen.contains(&secret), "{screen}");
    }
    assert!(screen.contains("Writ is ready at http://localhost:"), "{screen}");
    assert_eq!(std::fs::read(writ.data_dir().join("bootstrap.json")).unwrap(), file);
}

fn row_counts(folder: &Path) -> BTreeMap<String, i64> {
    let database = database(folder);
    let mut tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let count = |table: &str| {
        database.query_row(&format!("SELECT COUNT(*) FROM \"{table}\""), [], |row| row.get(0)).unwrap()
    };
    tables.iter().map(|table| (table.clone(), count(table))).collect()
}

#[test]
fn a_second_start_says_and_changes_nothing() {
    let mut writ = Writ::started().unwrap();
    assert!(writ.terminate().unwrap().success());
    let files = ["bootstrap.json", "master.key"].map(|name| writ.data_dir().join(name));
    let before = files.each_ref().map(|file| std::fs::read(file).unwrap());
    let rows = row_counts(writ.data_dir());
    assert_eq!(rows["clients"], 1, "{rows:?}");
    let said = writ.stdout();

    // Nor does it look at what would have been the values of a first one.
    writ.environment("WRIT_BOOTSTRAP_CLIENT_SECRET", "short")
        .environment("WRIT_BOOTSTRAP_API_KEY_FILE", "/gone");
    writ.start().unwrap();
    assert!(writ.terminate().unwrap().success());
    assert_eq!(writ.stdout(), said, "a second start says nothing on standard output");
    assert_eq!(files.each_ref().map(|file| std::fs::read(file).unwrap()), before);
    assert_eq!(row_counts(writ.data_dir()), rows);
}

#[test]
fn given_values_are_taken_from_variables_and_files() {
    let mut writ = Writ::new().unwrap();
    let key_file = writ.home().join("key");
    std::fs::write(&key_file, "sk_live_0123456789abcdef\n").unwrap();
    writ.environment("WRIT_BOOTSTRAP_ADMIN_USERNAME", "root@example.com")
        .environment("WRIT_BOOTSTRAP_ADMIN_PASSWORD", "correct horse battery")
        .environment("WRIT_BOOTSTRAP_CLIENT_ID", "ops")
        .environment("WRIT_BOOTSTRAP_CLIENT_SECRET", "a-secret-from-elsewhere")
        .environment("WRIT_BOOTSTRAP_API_KEY_FILE", &key_file);
    writ.start().unwrap();
    let bootstrap = writ.bootstrap().unwrap();
    assert_eq!(bootstrap["admin"]["username"], "root@example.com");
    assert_eq!(bootstrap["admin"]["password"], "correct horse battery");
    assert_eq!(writ.client_form().unwrap(), "client_id=ops&client_secret=a-secret-from-elsewhere");
    assert_eq!(bootstrap["api_key"], "sk_live_0123456789abcdef");
    let token = token_works(&writ);
    let request = Request {
        method: "POST",
        path: "/oauth2/introspect",
        headers: &[("authorization", "Bearer sk_live_0123456789abcdef")],
        form: &format!("token={token}"),
    };
    let answer = writ.http().unwrap().send(&request).unwrap();
    assert!(answer.body.contains("\"active\":true"), "{}", answer.body);
    assert!(writ.terminate().unwrap().success());
    for secret in secrets(&bootstrap) {
        assert!(!(writ.stdout() + &writ.log()).contains(&secret), "{secret} is in the log");
    }
}

#[test]
fn weak_values_are_refused_by_name_and_block_nothing() {
    let mut writ = Writ::new().unwrap();
    for (name, value) in [
        ("CLIENT_SECRET", "short"),
        ("API_KEY", "sk_live_short"),
        ("API_KEY", "without-the-prefix-of-a-key"),
        ("ADMIN_PASSWORD", "1234567"),
        ("CLIENT_ID", "with space"),
        ("CLIENT_SECRET_FILE", "/no/such/file"),
    ] {
        let name = format!("WRIT_BOOTSTRAP_{name}");
        let refusal = writ.clear_environment().environment(&name, value).refusal().unwrap();
        assert!(!refusal.status.success());
        assert!(refusal.text.contains(&name), "{name}: {}", refusal.text);
        let shows =
            value.len() > 6 && name != "WRIT_BOOTSTRAP_CLIENT_SECRET_FILE" && refusal.text.contains(value);
        assert!(!shows, "the value itself is shown: {}", refusal.text);
        for left in ["bootstrap.json", "bootstrap.json.tmp"] {
            assert!(!writ.data_dir().join(left).exists(), "{name}: {left}");
        }
    }
    writ.clear_environment().start().unwrap();
    token_works(&writ);
}

#[test]
fn a_leftover_of_a_start_that_never_got_to_its_rows_is_thrown_away() {
    // Killed before the database was made, and after it was made empty.
    for with_database in [false, true] {
        let mut writ = Writ::new().unwrap();
        std::fs::create_dir(writ.data_dir()).unwrap();
        if with_database {
            Store::open_sqlite(&SqliteOptions::new(writ.data_dir())).unwrap().close();
        }
        for name in ["bootstrap.json.tmp", "master.key.tmp"] {
            std::fs::write(writ.data_dir().join(name), "{\"issuer\": \"http://loc").unwrap();
        }
        writ.start().unwrap();
        token_works(&writ);
        assert!(!writ.data_dir().join("bootstrap.json.tmp").exists());
        assert!(!writ.data_dir().join("master.key.tmp").exists());
    }
}

#[test]
fn a_start_that_was_killed_before_it_named_the_file_is_finished_by_the_next() {
    let mut writ = Writ::started().unwrap();
    assert!(writ.terminate().unwrap().success());
    let file = writ.data_dir().join("bootstrap.json");
    let before = std::fs::read(&file).unwrap();
    std::fs::rename(&file, writ.data_dir().join("bootstrap.json.tmp")).unwrap();
    writ.start().unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    token_works(&writ);
}

#[test]
fn a_first_start_may_be_killed_at_any_moment() {
    let mut random = Seeded(0x5EED_0003);
    for round in 0..16 {
        let mut writ = Writ::new().unwrap();
        for kill in 0..3 {
            // Up to about the time that a whole first start takes.
            let moment = Duration::from_micros(random.below(120_000));
            writ.launch().unwrap();
            std::thread::sleep(moment);
            writ.kill9().unwrap();
            let log = writ.log();
            assert!(!log.contains("writ: "), "seed 0x5eed0003, round {round}, kill {kill}: {log}");
        }
        writ.start().unwrap();
        token_works(&writ);
    }
}

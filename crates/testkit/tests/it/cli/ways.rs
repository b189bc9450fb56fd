//! The ways themselves: the socket, the folder of a server that does not run, and an address.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;

use writ_core::ids::UserId;
use writ_core::subject::Subject;
use writ_testkit::postgres;
use writ_testkit::process::Writ;

use super::{Desk, Way, command, said, user};

/// An answer's status at the socket.
fn at_socket(desk: &Desk, headers: &str) -> u16 {
    let mut stream = UnixStream::connect(desk.folder().join("writ.sock")).unwrap();
    let request =
        format!("GET /api/v1/tenants HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn only_the_socket_makes_an_operator() {
    let desk = Desk::new(Way::Socket);
    assert_eq!(at_socket(&desk, ""), 200);
    // A credential counts for more than where it comes from.
    assert_eq!(at_socket(&desk, "authorization: Bearer sk_live_nobodys\r\n"), 401);
    let mut http = desk.writ.http().unwrap();
    for (name, value) in
        [("x-local-operator", "root"), ("x-forwarded-for", "127.0.0.1"), ("forwarded", "for=_local")]
    {
        let request = writ_testkit::process::Request {
            method: "GET",
            path: "/api/v1/tenants",
            headers: &[(name, value)],
            form: "",
        };
        assert_eq!(http.send(&request).unwrap().status, 401, "{name}");
    }
    assert_eq!(http.get("/api/v1/tenants").unwrap().status, 401);
    assert_eq!(http.post("/oauth2/introspect", "token=x").unwrap().status, 401);
}

#[test]
fn the_socket_is_its_users_own_and_goes_with_the_server() {
    let mut desk = Desk::new(Way::Socket);
    let path = desk.folder().join("writ.sock");
    let metadata = std::fs::metadata(&path).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert!(desk.writ.terminate().unwrap().success());
    assert!(!path.exists());

    // One that a killed server left is no server, and the next one takes its place.
    desk.writ.start().unwrap();
    desk.writ.kill9().unwrap();
    assert!(path.exists());
    desk.run(&["tenant", "create", "offline"]).good();
    desk.writ.start().unwrap();
    assert_eq!(at_socket(&desk, ""), 200);
    desk.run(&["tenant", "show", "offline"]).good();
}

/// A small machine, or a container, trusts no authority. The socket and loopback need none.
#[test]
fn a_machine_without_certificates_has_its_commands() {
    let desk = Desk::new(Way::Socket);
    let nothing = tempfile::tempdir().unwrap();
    let bare = |arguments: &[&str]| {
        let mut bare = command(arguments);
        bare.env("SSL_CERT_DIR", nothing.path()).env("SSL_CERT_FILE", nothing.path().join("none"));
        bare.env("WRIT_API_KEY", desk.api_key());
        bare
    };
    let mut here = bare(&["tenant", "list"]);
    here.arg("--data-dir").arg(desk.folder());
    said(here, "").good();
    said(bare(&["tenant", "list", "--server", &desk.url()]), "").good();
    let elsewhere = bare(&["tenant", "list", "--server", "https://127.0.0.1:9"]);
    said(elsewhere, "").refused(1, &["ca-certificates", "--ca-file"]);
}

#[test]
fn what_is_done_offline_the_server_knows() {
    let mut desk = Desk::new(Way::Offline);
    let key = desk.run(&["api-key", "create", "ci", "--permission", "tenants:read", "--json"]).good().json();
    desk.writ.start().unwrap();
    let bearer = format!("Bearer {}", key["api_key"].as_str().unwrap());
    let request = writ_testkit::process::Request {
        method: "GET",
        path: "/api/v1/tenants",
        headers: &[("authorization", &bearer)],
        form: "",
    };
    assert_eq!(desk.writ.http().unwrap().send(&request).unwrap().status, 200);
}

/// Who is in an application's log.
#[test]
fn a_user_is_found_by_what_tokens_call_them() {
    let desk = Desk::new(Way::Socket);
    let made =
        desk.run_with(&["user", "create", "ada", "--json"], "four unrelated words here\n").good().json();
    let id = UserId::parse_uuid(made["id"].as_str().unwrap()).unwrap();
    let found = desk.run(&["user", "list", "--sub", &Subject::of(id).to_string()]).good();
    assert_eq!((found.out.lines().count(), found.out.starts_with("ada\t")), (1, true), "{found:?}");
    desk.run(&["user", "list", "--sub", "ada"]).refused(1, &["sub: "]);
}

/// Commands on one folder wait for one another, and for a server that is just starting.
#[test]
fn commands_at_the_same_time_all_succeed() {
    let desk = Desk::new(Way::Offline);
    let names = ["one", "two", "three", "four"];
    std::thread::scope(|scope| {
        for name in names {
            let desk = &desk;
            scope.spawn(move || desk.run(&["tenant", "create", name]).good());
        }
    });
    assert_eq!(desk.run(&["tenant", "list"]).good().out.lines().count(), names.len() + 1);
}

#[test]
fn a_folder_without_a_server_is_not_made_by_a_slip() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("data");
    let mut slip = command(&["tenant", "list"]);
    slip.arg("--data-dir").arg(&folder);
    said(slip, "").refused(1, &["there is no Writ in", "--data-dir", "writ serve"]);
    assert!(!folder.exists());
}

#[test]
fn lists_are_read_by_their_pages() {
    let desk = Desk::new(Way::Server);
    let mut http = desk.writ.http().unwrap();
    let bearer = format!("Bearer {}", desk.api_key());
    for number in 0..210 {
        let body = format!("{{\"name\":\"role-{number}\",\"permissions\":[]}}");
        let request = writ_testkit::process::Request {
            method: "POST",
            path: "/api/v1/roles",
            headers: &[("authorization", &bearer), ("content-type", "application/json")],
            form: &body,
        };
        assert_eq!(http.send(&request).unwrap().status, 201);
    }
    // The three that are built in.
    let all = desk.run(&["role", "list", "--json"]).good().json();
    assert_eq!((all["roles"].as_array().unwrap().len(), all["total"].as_u64()), (213, Some(213)));
    assert!(all.get("next_cursor").is_none());
    assert_eq!(desk.run(&["role", "list"]).good().out.lines().count(), 213);

    let first = desk.run(&["role", "list", "--limit", "205", "--json"]).good().json();
    assert_eq!(first["roles"].as_array().unwrap().len(), 205);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = desk.run(&["role", "list", "--cursor", cursor, "--json"]).good().json();
    assert_eq!(rest["roles"].as_array().unwrap().len(), 8);
    let said = desk.run(&["role", "list", "--limit", "3"]).good();
    assert_eq!(said.out.lines().count(), 3);
    assert!(said.err.contains("--cursor"), "{said:?}");
}

#[test]
fn a_server_that_cannot_be_used_is_said_with_what_to_do() {
    let desk = Desk::new(Way::Server);
    let ask = |server: &str, key: &str, more: &[&str]| {
        let mut asking = command(&["role", "list", "--server", server]);
        asking.args(more);
        if !key.is_empty() {
            asking.env("WRIT_API_KEY", key);
        }
        said(asking, "")
    };
    let url = desk.url();
    ask(&url, "", &[]).refused(2, &["API key", "WRIT_API_KEY"]);
    ask(&url, "sk_live_nobodys", &[]).refused(1, &["not valid", "writ api-key list"]);
    ask("http://id.example.com", "x", &[]).refused(2, &["plain http", "API key"]);
    ask("https://name.invalid", "x", &[]).refused(1, &["name.invalid", "no address"]);
    ask(&url.replace("http:", "https:"), "x", &[]).refused(1, &["does not speak TLS"]);
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    ask(&format!("http://{gone}"), "x", &[]).refused(1, &["nothing listens there"]);

    // Keys that may less: of one permission, and of another tenant.
    desk.run(&["tenant", "create", "acme"]).good();
    desk.run(&["tenant", "create", "other"]).good();
    let made =
        desk.run(&["api-key", "create", "acme", "--permission", "users:read", "--tenant", "acme", "--json"]);
    let key = made.good().json()["api_key"].as_str().unwrap().to_owned();
    assert_eq!(ask(&url, &key, &[]).good().out.lines().count(), 3);
    assert_eq!(ask(&url, &key, &["--tenant", "acme"]).good().out.lines().count(), 3);
    ask(&url, &key, &["--tenant", "other"]).refused(1, &["other", "operator"]);
    let mut asking = command(&["role", "create", "x", "--server", &url]);
    asking.env("WRIT_API_KEY", &key);
    said(asking, "").refused(1, &["users:write", "writ api-key create"]);
}

#[test]
fn an_api_key_comes_from_a_file_and_a_certificate_from_ones_own_ca() {
    let mut writ = Writ::new().unwrap();
    writ.argument("--dev-tls").start().unwrap();
    let bootstrap = writ.bootstrap().unwrap();
    let file = writ.home().join("key");
    std::fs::write(&file, format!("{}\n", bootstrap["api_key"].as_str().unwrap())).unwrap();
    let server = format!("https://localhost:{}", writ.listen()[0].port());
    let mut asking = command(&["tenant", "list", "--server", &server]);
    asking.arg("--api-key-file").arg(&file);
    said(asking, "").refused(1, &["not trusted", "--ca-file"]);
    let mut asking = command(&["tenant", "list", "--server", &server]);
    asking.arg("--api-key-file").arg(&file).arg("--ca-file").arg(writ.data_dir().join("dev-tls.crt"));
    assert!(said(asking, "").good().out.starts_with("default\t"));
}

/// On PostgreSQL: the socket of a node, and the database itself where no node runs here.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_postgresql_has_a_socket_too() {
    let url = postgres::fresh_database().await.unwrap();
    let mut writ = Writ::new().unwrap();
    writ.database(&url).argument("--issuer=http://localhost:8080").start().unwrap();
    let run = |writ: &Writ, line: &[&str]| {
        let mut asking = command(line);
        asking.arg("--data-dir").arg(writ.data_dir()).env("WRIT_DATABASE_URL", &url);
        said(asking, "")
    };
    run(&writ, &["tenant", "create", "acme"]).good();
    let log = run(&writ, &["tenant", "list"]).good();
    assert_eq!(log.out.lines().count(), 2);
    // A second node on the same folder serves, without one.
    let mut second = Writ::new().unwrap();
    second.keep_in(writ.data_dir()).database(&url).argument("--issuer=http://localhost:8080");
    second.start().unwrap();
    assert!(second.log().contains("no socket"), "{}", second.log());
    assert!(second.terminate().unwrap().success());
    run(&writ, &["tenant", "show", "acme"]).good();
    assert!(writ.terminate().unwrap().success());
    assert!(!writ.data_dir().join("writ.sock").exists());
    run(&writ, &["tenant", "delete", "acme", "--yes"]).good();
    assert!(!user().is_empty());
}

/// Nodes of one database serve one issuer: each would take the other's tokens for forged.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_another_issuer_is_refused() {
    let url = postgres::fresh_database().await.unwrap();
    let node = |issuer: &str| {
        let mut writ = Writ::new().unwrap();
        writ.database(&url).argument(format!("--issuer={issuer}"));
        writ
    };
    let mut first = node("https://id.example.com");
    first.start().unwrap();
    let refusal = node("https://other.example.com").refusal().unwrap();
    for part in ["another issuer", "https://other.example.com", "--issuer"] {
        assert!(refusal.text.contains(part), "{part}: {}", refusal.text);
    }
    let mut second = node("https://id.example.com");
    second.keep_in(first.data_dir()).start().unwrap();
    assert!(first.terminate().unwrap().success());
    let mut other = node("https://other.example.com");
    other.keep_in(second.data_dir());
    assert!(other.refusal().unwrap().text.contains("another issuer"));
    assert!(second.terminate().unwrap().success());
    // Nobody is left who would be contradicted.
    other.start().unwrap();
    assert!(other.terminate().unwrap().success());
}

/// What is nobody's is an error, and what was probably meant is said.
#[test]
fn every_command_takes_a_name_or_an_id() {
    let desk = Desk::new(Way::Socket);
    desk.run(&["api-key", "create", "ci"]).good();
    for key in ["ci", "CI"] {
        assert_eq!(desk.run(&["api-key", "show", key, "--json"]).good().json()["name"], "ci");
    }
    desk.run(&["api-key", "revoke", "ci", "--yes"]).good();
    desk.run(&["api-key", "revoke", "ci", "--yes"]).refused(1, &["no API key ci", "writ api-key list"]);
    for line in [
        &["token", "list", "--user", "nobody"][..],
        &["token", "list", "--client", "nobody"],
        &["token", "revoke-all", "--user", "nobody", "--yes"],
        &["token", "revoke-all", "--client", "nobody", "--yes"],
        &["session", "list", "--user", "nobody"],
        &["audit", "list", "--user", "nobody"],
        &["audit", "list", "--actor", "nobody"],
        &["audit", "list", "--target", "nobody"],
        &["user", "show", "nobody"],
        &["user", "show", "00000000-0000-7000-8000-000000000000"],
        &["user", "disable", "nobody", "--yes"],
        &["client", "show", "nobody"],
        &["role", "show", "nobody"],
        &["scope", "show", "nobody"],
        &["key", "compromised", "nobody", "--yes"],
        &["session", "end", "nobody", "--yes"],
    ] {
        let said = desk.run(line);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{line:?}: {said:?}");
    }
    desk.run(&["tenant", "create", "acme"]).good();
    let said = desk.run(&["token", "revoke-all", "--user", "admin@localhost", "--tenant", "acme", "--yes"]);
    said.refused(1, &["no user admin@localhost"]);
}

#[test]
fn a_slip_in_a_name_is_pointed_out() {
    let desk = Desk::new(Way::Socket);
    let made = desk.run(&["client", "create", "App", "--type", "machine", "--scope", "oauth:raed"]).good();
    assert!(made.err.contains("oauth:raed is new") && made.err.contains("oauth:read?"), "{made:?}");
    let made = desk.run(&["client", "create", "App", "--type", "machine", "--scope", "oauth:read"]).good();
    assert!(!made.err.contains("Did you mean"), "{made:?}");
    desk.run(&["tenant", "update", "default", "--set", "acess_token_alg=ES256"])
        .refused(1, &["settings: unknown: acess_token_alg", "did you mean access_token_alg?"]);
}

/// People are looked for by a part of a name, and their devices are told apart.
#[test]
fn people_and_their_devices_are_found() {
    let desk = Desk::new(Way::Socket);
    let found = desk.run(&["user", "list", "--search", "ADMIN"]).good();
    assert_eq!(found.out.lines().count(), 1, "{found:?}");
    assert!(desk.run(&["user", "list", "--search", "nobody"]).good().out.is_empty());
    let log = desk.run(&["audit", "list", "--outcome", "success", "--address", "192.0.2.0/24"]).good();
    assert!(log.out.is_empty(), "{log:?}");
    assert!(!desk.run(&["audit", "list", "--user", "admin@localhost"]).good().err.contains("nobody"));
    desk.run(&["audit", "list", "--address", "here"]).refused(1, &["ip_address: "]);
}

//! Nodes that start: what the first makes and the others find.

use std::time::{Duration, Instant};

use serde_json::Value;
use writ_core::client::TokenFormat;
use writ_core::time::Seconds;
use writ_testkit::process::Writ;

use super::{Outside, Site, api_key, manage, metric, operator, until};
use crate::process::aloud;

/// How many rows each table has that a start could add to.
const ROWS: &str = "SELECT string_agg(n, ' ') FROM (\
    SELECT 'tenants ' || count(*) AS n FROM tenants UNION ALL SELECT 'clients ' || count(*) FROM clients \
    UNION ALL SELECT 'secrets ' || count(*) FROM client_secrets UNION ALL SELECT 'users ' || count(*) FROM users \
    UNION ALL SELECT 'keys ' || count(*) FROM api_keys UNION ALL SELECT 'signing ' || count(*) FROM signing_keys \
    UNION ALL SELECT 'tokens ' || count(*) FROM access_tokens UNION ALL SELECT 'audit ' || count(*) FROM audit_logs) AS all_of_them";
const INITIALISED: &str = "SELECT count(*) FROM audit_logs WHERE action = 'server.initialised'";

#[test]
fn one_node_does_all_that_it_does_on_sqlite() {
    let site = Site::new();
    let mut writ = site.started();
    let (credential, key) = (operator(&writ), api_key(&writ));
    let mut http = writ.http().unwrap();
    let tokens = [credential.token(&mut http), credential.token(&mut http)];
    assert!(tokens.iter().all(|token| credential.active(&mut http, token)));
    assert_eq!(credential.revoke(&mut http, &tokens[1]).unwrap().status, 200);
    assert!(credential.active(&mut http, &tokens[0]) && !credential.active(&mut http, &tokens[1]));

    for bearer in [&key, &tokens[0]] {
        for path in ["/api/v1/tenants", "/api/v1/roles", "/api/v1/api-keys"] {
            let answer = manage(&mut http, bearer, ("GET", path), "");
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        }
    }
    let body = r#"{"name":"of a test","permissions":["keys:read"]}"#;
    let made = manage(&mut http, &key, ("POST", "/api/v1/api-keys"), body);
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/api/v1/api-keys/{}", made.text("id"));
    assert_eq!(manage(&mut http, &key, ("GET", &path), "").status, 200);
    assert_eq!(manage(&mut http, &key, ("DELETE", &path), "").status, 204);
    assert_eq!(manage(&mut http, &key, ("GET", &path), "").status, 404);

    // A second start finds all and adds nothing.
    assert!(writ.terminate().unwrap().success());
    let (rows, files) = (site.query(ROWS), files(&writ));
    let first = writ.stdout();
    assert!(first.starts_with("First start: "), "{first}");
    writ.start().unwrap();
    let mut http = writ.http().unwrap();
    assert!(credential.active(&mut http, &tokens[0]) && !credential.active(&mut http, &tokens[1]));
    assert_eq!((site.query(ROWS), files), (rows, self::files(&writ)));
    assert_eq!(writ.stdout(), first);
    let log = writ.log();
    assert!(!log.contains("throw-away"), "the database's password is in the log: {log}");
}

/// Names and contents.
fn files(writ: &Writ) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(writ.data_dir())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // Its socket cannot be read.
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn nodes_that_start_at_once_make_one_beginning() {
    const ROUNDS: usize = 4;
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        let site = Site::new();
        let mut nodes = [site.node(), site.node(), site.node()];
        std::thread::scope(|scope| {
            for node in &mut nodes {
                scope.spawn(move || node.start().unwrap());
            }
        });
        assert_eq!(site.query(INITIALISED), "1");
        let announced = nodes.iter().filter(|node| node.stdout().contains("First start")).count();
        assert_eq!(announced, 1, "one node made the first rows and says so");
        assert_eq!(
            files(&nodes[0]).into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
            // One of them holds the lock, and has the socket for commands.
            ["bootstrap.json", "master.key", "writ.lock"]
        );
        for node in &nodes {
            let credential = operator(node);
            let token = credential.token(&mut node.http().unwrap());
            for other in &nodes {
                assert!(credential.active(&mut other.http().unwrap(), &token));
            }
        }
        assert_eq!(site.query("SELECT count(*) FROM signing_keys"), "1");
    }
    aloud(&format!("nodes: {ROUNDS} times 3 nodes at once on an empty database, {:.1?}", begun.elapsed()));
}

#[test]
fn what_one_node_says_holds_on_the_other() {
    let site = Site::new();
    let nodes = [site.started(), site.started()];
    let credential = operator(&nodes[0]);
    let mut http = [nodes[0].http().unwrap(), nodes[1].http().unwrap()];
    for round in 0..50 {
        let (here, there) = (round % 2, (round + 1) % 2);
        let token = credential.token(&mut http[here]);
        assert!(credential.active(&mut http[there], &token));
        assert_eq!(credential.revoke(&mut http[here], &token).unwrap().status, 200);
        assert!(!credential.active(&mut http[there], &token), "at once, on the other node");
    }
    let jwks = |http: &mut writ_testkit::process::Http| {
        let answer = http.get("/.well-known/jwks.json").unwrap();
        let keys: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "{}", answer.body);
        keys
    };
    assert_eq!(jwks(&mut http[0]), jwks(&mut http[1]));
    let metadata =
        http.each_mut().map(|http| http.get("/.well-known/oauth-authorization-server").unwrap().body);
    assert_eq!(metadata[0], metadata[1]);

    // A key made on one works at once on the other, and no longer than it lives.
    let key = api_key(&nodes[0]);
    let body = r#"{"name":"of a test","permissions":["keys:read"]}"#;
    let made = manage(&mut http[0], &key, ("POST", "/api/v1/api-keys"), body);
    let bearer = made.text("api_key");
    assert_eq!(manage(&mut http[1], &bearer, ("GET", "/api/v1/api-keys"), "").status, 200);
    let path = format!("/api/v1/api-keys/{}", made.text("id"));
    assert_eq!(manage(&mut http[0], &key, ("DELETE", &path), "").status, 204);
    assert_eq!(manage(&mut http[1], &bearer, ("GET", "/api/v1/api-keys"), "").status, 401);
}

#[test]
fn a_node_with_a_copy_of_the_key_joins_and_one_without_is_told() {
    let site = Site::new();
    let first = site.started();
    let (credential, mut http) = (operator(&first), first.http().unwrap());
    let mut joining = site.node();
    let folder = joining.home().join("elsewhere");
    joining.keep_in(&folder);
    let refusal = joining.refusal().unwrap();
    assert!(!refusal.status.success() && refusal.text.contains("master.key"), "{}", refusal.text);
    std::fs::copy(first.data_dir().join("master.key"), folder.join("master.key")).unwrap();
    joining.start().unwrap();
    let mut there = joining.http().unwrap();
    let token = credential.token(&mut there);
    assert!(credential.active(&mut http, &token));
    assert!(!folder.join("bootstrap.json").exists());
}

#[test]
fn one_node_sweeps_and_another_takes_over() {
    // The lock's key is the head of a hash of the job's name.
    const HOLDERS: &str = "SELECT string_agg(pid::text, ' ') FROM pg_locks \
         WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32 | objid::bigint) = \
         ('x' || substr(encode(sha256('writ job sweep'), 'hex'), 1, 16))::bit(64)::bigint \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    const EXPIRED: u64 = 40;
    let site = Site::new();
    let mut nodes = [site.started(), site.node()];
    assert!(nodes[0].terminate().unwrap().success());
    let outside = Outside::open(&site);
    let client = outside.client(TokenFormat::Opaque);
    for _ in 0..EXPIRED {
        outside.plant(&client, None, outside.now().minus(Seconds(60)));
    }
    let live = outside.plant(&client, None, outside.in_an_hour());
    for node in &mut nodes {
        node.start().unwrap();
    }
    let removed = |node| metric(node, "writ_store_expired_removed_total");
    until(Duration::from_secs(20), "the expired rows are gone", || {
        site.query("SELECT count(*) FROM access_tokens") == "1"
    });
    let by_node = [removed(&nodes[0]), removed(&nodes[1])];
    assert_eq!(by_node.iter().sum::<u64>(), EXPIRED, "each once");
    assert!(by_node.contains(&0), "one node alone: {by_node:?}");
    let holder = site.query(HOLDERS);
    assert!(holder.parse::<u32>().is_ok(), "one node has the right: {holder:?}");

    // The node that sweeps is killed, and the other one begins within its time.
    let sweeper = usize::from(by_node[0] == 0);
    nodes[sweeper].kill9().unwrap();
    let took = until(Duration::from_secs(20), "the other node has the right", || {
        let now = site.query(HOLDERS);
        !now.is_empty() && now != holder
    });
    let mut http = nodes[1 - sweeper].http().unwrap();
    assert!(client.credential.active(&mut http, &live));
    aloud(&format!("nodes: sweep by one node ({by_node:?} rows); taken over {took:.1?} after its SIGKILL"));
}

//! Addresses, logs, metrics, and an end that answers what it has accepted.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::Value;
use writ_testkit::process::{Http, Writ};

use super::Credential;

#[test]
fn localhost_is_both_loopback_addresses() {
    let writ = Writ::started().unwrap();
    let port = writ.listen()[0].port();
    let mut wanted = vec![format!("127.0.0.1:{port}")];
    // A machine without IPv6 has no ::1 to listen on.
    if TcpListener::bind("[::1]:0").is_ok() {
        wanted.push(format!("[::1]:{port}"));
    }
    assert_eq!(writ.listen().iter().map(ToString::to_string).collect::<Vec<_>>(), wanted);
    for address in writ.listen() {
        assert_eq!(Http::new(*address).get("/health/live").unwrap().status, 200, "{address}");
    }
}

fn metric(http: &mut Http, name: &str) -> u64 {
    let body = http.get("/metrics").unwrap().body;
    let line = body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {body}"))
}

#[test]
fn sigterm_answers_what_was_accepted_and_leaves_a_tidy_folder() {
    const REQUESTS: u64 = 8;
    let mut writ = Writ::new().unwrap();
    // Each commit takes a second, so that the signal comes while all requests wait for theirs.
    writ.arguments([
        "--listen",
        "127.0.0.1:0",
        "--metrics-listen",
        "127.0.0.1:0",
        "--test-fsync-delay-ms",
        "1000",
    ]);
    writ.start().unwrap();
    let credential = Credential(writ.client_form().unwrap());
    let first = credential.token(&mut writ.http().unwrap());
    let mut metrics = Http::new(writ.metrics()[0]);
    let mut seen =
        || metric(&mut metrics, "writ_store_units_total") + metric(&mut metrics, "writ_store_queue_units");
    let before = seen();
    let tokens: Vec<String> = std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..REQUESTS)
            .map(|_| {
                let (mut http, credential) = (writ.http().unwrap(), &credential);
                scope.spawn(move || credential.token(&mut http))
            })
            .collect();
        let begin = Instant::now();
        while seen() < before + REQUESTS {
            assert!(begin.elapsed() < Duration::from_secs(30), "{}", writ.log());
            std::thread::sleep(Duration::from_millis(1));
        }
        writ.ask_to_stop().unwrap();
        waiting.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let status = writ.end().unwrap();
    assert_eq!(status.code(), Some(0), "{}", writ.log());
    let log = writ.log();
    assert!(log.contains("\"stopped\"") && !log.contains("connections_cut"), "{log}");
    let wal = std::fs::metadata(writ.data_dir().join("writ.db-wal")).map_or(0, |file| file.len());
    assert_eq!(wal, 0, "the log is written back at the end");

    writ.arguments(["--listen", "127.0.0.1:0", "--metrics-listen", "off"]);
    let begin = Instant::now();
    writ.start().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    let mut http = writ.http().unwrap();
    for token in tokens.iter().chain([&first]) {
        assert!(credential.active(&mut http, token));
    }
}

#[test]
fn metrics_have_their_own_address() {
    let mut writ = Writ::new().unwrap();
    writ.arguments(["--listen", "localhost:0", "--metrics-listen", "127.0.0.1:0"]).start().unwrap();
    let mut metrics = Http::new(writ.metrics()[0]);
    writ.http().unwrap().get("/health/live").unwrap();
    let answer = metrics.get("/metrics").unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("writ_requests_total"), "{}", answer.body);
    assert_eq!(metrics.get("/health/ready").unwrap().status, 200);
    assert_eq!(metrics.get("/oauth2/token").unwrap().status, 404);
    assert_eq!(writ.http().unwrap().get("/metrics").unwrap().status, 404);
}

#[test]
fn a_log_that_is_no_terminal_is_json_line_by_line_and_human_on_demand() {
    let mut writ = Writ::started().unwrap();
    writ.http().unwrap().get("/nothing").unwrap();
    assert!(writ.terminate().unwrap().success());
    let log = writ.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for name in ["timestamp", "level", "message"] {
        assert!(lines.iter().all(|line| line[name].is_string()), "{log}");
    }
    assert_eq!(lines.iter().filter(|line| line["message"] == "ready").count(), 1, "{log}");
    assert_eq!(lines.last().unwrap()["message"], "stopped");

    writ.argument("--log-format").argument("human").start().unwrap();
    assert!(writ.terminate().unwrap().success());
    let all = writ.log();
    let human = &all[log.len()..];
    assert!(human.contains("INFO ready"), "{human}");
    assert!(human.lines().all(|line| serde_json::from_str::<Value>(line).is_err()), "{human}");
    assert!(!human.contains('\u{1b}'), "colours are for terminals: {human}");
}

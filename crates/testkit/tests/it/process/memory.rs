//! What hashing passwords takes of the memory, and gives back.

use std::time::{Duration, Instant};

use writ_testkit::process::{Request, Writ};

use super::aloud;

/// People made at once, and in a row.
const CALLERS: u64 = 8;
const EACH: u64 = 4;
/// Working memory of one hash, MiB.
const HASH: u64 = 19;
/// Whatever else a server may grow by meanwhile, MiB.
const MORE: u64 = 24;

/// A number of `/proc/…/status`, MiB.
fn memory(writ: &Writ, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", writ.pid().unwrap())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib: u64 = line.unwrap().trim().strip_suffix(" kB").unwrap().parse().unwrap();
    kib / 1024
}

#[test]
fn hashing_takes_memory_for_as_many_as_there_are_cores_and_gives_it_back() {
    let writ = Writ::started().unwrap();
    let key = format!("Bearer {}", writ.bootstrap().unwrap()["api_key"].as_str().unwrap());
    // So that nothing is made for the first time later.
    assert_eq!(writ.http().unwrap().get("/health/ready").unwrap().status, 200);
    let before = memory(&writ, "VmRSS");
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (mut http, key) = (writ.http().unwrap(), &key);
            scope.spawn(move || {
                for number in 0..EACH {
                    let body = format!(
                        "{{\"username\":\"person-{caller}-{number}\",\"password\":\"a long enough password\"}}"
                    );
                    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
                    let request =
                        Request { method: "POST", path: "/api/v1/users", headers: &headers, form: &body };
                    assert_eq!(http.send(&request).unwrap().status, 201);
                }
            });
        }
    });
    let peak = memory(&writ, "VmHWM");
    let cores = u64::try_from(std::thread::available_parallelism().unwrap().get()).unwrap();
    assert!(peak <= before + HASH * cores + MORE, "{before} MiB before, {peak} MiB at the most");
    let begun = Instant::now();
    let mut after = memory(&writ, "VmRSS");
    while after > before + MORE {
        assert!(begun.elapsed() < Duration::from_secs(20), "{before} MiB before, {after} MiB after");
        std::thread::sleep(Duration::from_millis(50));
        after = memory(&writ, "VmRSS");
    }
    aloud(&format!(
        "process: {} hashes by {CALLERS} at once: {before} MiB before, {peak} MiB at the most, {after} MiB \
         {:.1?} later",
        CALLERS * EACH,
        begun.elapsed()
    ));
}

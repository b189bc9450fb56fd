//! The database goes away: said in time and in plain words, and forgotten as soon as it is back.

use std::time::{Duration, Instant};

use writ_testkit::postgres::{Cluster, Fsync};
use writ_testkit::process::Writ;

use super::{Site, api_key, is_unavailable, manage, operator, until};
use crate::process::{Credential, aloud};

/// A 503 comes within this.
const BOUND: Duration = Duration::from_secs(6);

/// Asks everything at once, on connections of their own, while the database is away; gives the slowest.
fn all_are_told(writ: &Writ, credential: &Credential, token: &str) -> Duration {
    let key = api_key(writ);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..32)
            .map(|number| {
                let (mut http, key) = (writ.http().unwrap(), &key);
                scope.spawn(move || {
                    let form = format!("token={token}&{}", credential.0);
                    let begun = Instant::now();
                    let (what, answer) = match number % 4 {
                        0 => ("token", credential.ask(&mut http).unwrap()),
                        1 => ("introspect", http.post("/oauth2/introspect", &form).unwrap()),
                        2 => ("revoke", credential.revoke(&mut http, token).unwrap()),
                        _ => ("manage", manage(&mut http, key, ("GET", "/api/v1/tenants"), "")),
                    };
                    assert!(is_unavailable(&answer), "{what}: {answer:?}");
                    let took = begun.elapsed();
                    let ready = http.get("/health/ready").unwrap();
                    assert_eq!((ready.status, ready.text("status")), (503, "unavailable".to_owned()));
                    assert_eq!(http.get("/health/live").unwrap().status, 200);
                    took
                })
            })
            .collect();
        // This one asks for nothing but life, and never waits for the database.
        let mut http = writ.http().unwrap();
        for _ in 0..20 {
            let asked = Instant::now();
            assert_eq!(http.get("/health/live").unwrap().status, 200);
            assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        }
        asking.into_iter().map(|one| one.join().unwrap()).max().unwrap().min(begun.elapsed())
    })
}

#[test]
fn without_its_database_a_node_says_so_in_time_and_comes_back_by_itself() {
    let cluster = Cluster::start(Fsync::Off).unwrap();
    let site = Site::on(&cluster);
    let writ = site.started();
    let pid = writ.pid().unwrap();
    let credential = operator(&writ);
    let mut told = Vec::new();
    let ways: [(&str, &dyn Fn()); 3] = [
        ("stopped", &|| cluster.stop().unwrap()),
        ("main process killed", &|| cluster.kill_and_outlast().unwrap()),
        ("killed", &|| cluster.kill_all().unwrap()),
    ];
    let mut kept = Vec::new();
    for (way, leave) in ways {
        let mut http = writ.http().unwrap();
        let token = credential.token(&mut http);
        let revoked = credential.token(&mut http);
        assert_eq!(credential.revoke(&mut http, &revoked).unwrap().status, 200);
        assert_eq!(http.get("/health/ready").unwrap().status, 200);
        leave();
        let slowest = all_are_told(&writ, &credential, &token);
        assert!(slowest < BOUND, "{way}: {slowest:?}");
        // By now it is known to be away, and nobody waits any more.
        let again = Instant::now();
        assert!(is_unavailable(&credential.ask(&mut http).unwrap()));
        let again = again.elapsed();
        assert!(again < Duration::from_secs(3), "{way}: {again:?}");

        cluster.run().unwrap();
        let back = until(Duration::from_secs(10), "tokens are issued", || {
            credential.ask(&mut http).unwrap().status == 200
        });
        assert_eq!(http.get("/health/ready").unwrap().status, 200);
        kept.push(token);
        assert!(kept.iter().all(|token| credential.active(&mut http, token)));
        assert!(!credential.active(&mut http, &revoked));
        told.push(format!("{way}: 503 after {slowest:.1?}, later {again:.1?}, back after {back:.1?}"));
    }
    assert_eq!(writ.pid().unwrap(), pid);
    let log = writ.log();
    assert!(!log.contains("panicked") && !log.contains("throw-away"), "{log}");
    aloud(&format!("nodes: the database away: {}", told.join("; ")));
}

#[test]
fn a_database_that_hangs_is_not_waited_for_for_ever() {
    const PATIENCE: Duration = Duration::from_secs(20);
    let cluster = Cluster::start(Fsync::Off).unwrap();
    let site = Site::on(&cluster);
    let writ = site.started();
    let credential = operator(&writ);
    let mut http = writ.http().unwrap();
    let token = credential.token(&mut http);
    cluster.hang().unwrap();
    let slowest = all_are_told(&writ, &credential, &token);
    cluster.resume().unwrap();
    assert!(slowest < PATIENCE, "{slowest:?}");
    let back = until(PATIENCE, "tokens are issued", || credential.ask(&mut http).unwrap().status == 200);
    // Its revocation was asked for and never confirmed: either may have happened.
    let younger = credential.token(&mut http);
    assert!(credential.active(&mut http, &younger));
    assert!(!writ.log().contains("panicked"), "{}", writ.log());
    aloud(&format!(
        "nodes: a database that hangs: 503 after {slowest:.1?} at the latest, back after {back:.1?}"
    ));
}

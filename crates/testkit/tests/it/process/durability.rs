//! Nothing that was answered is lost, however the process ends.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use writ_testkit::process::{Http, Writ};

use super::{Credential, Seeded, aloud, database, opaque_client};

/// Connections that issue and revoke, and later that check.
const CONNECTIONS: usize = 16;

/// A token whose whole answer was received.
#[derive(Debug)]
struct Acknowledged {
    token: String,
    /// Index into the clients.
    client: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Live,
    /// Its revocation was answered.
    Revoked,
    /// Its revocation was sent and not answered: either is right.
    Unknown,
}

struct Run {
    kills: u64,
    at_least: u64,
    seed: u64,
}

#[test]
fn thirty_kills_under_load_lose_nothing() {
    Run { kills: 32, at_least: 20_000, seed: 0x5EED_0001 }.run();
}

#[test]
#[ignore = "takes minutes: part of `cargo xtask check --long`"]
fn three_hundred_kills_under_load_lose_nothing() {
    Run { kills: 300, at_least: 200_000, seed: 0x5EED_0002 }.run();
}

impl Run {
    fn run(&self) {
        let begin = Instant::now();
        let mut writ = Writ::started().unwrap();
        let jwt = Credential(writ.client_form().unwrap());
        assert!(writ.terminate().unwrap().success());
        let clients = [jwt, opaque_client(writ.data_dir())];

        let mut random = Seeded(self.seed);
        let mut all: Vec<Acknowledged> = Vec::new();
        let mut lost = Vec::new();
        for kill in 0..self.kills {
            writ.start().unwrap();
            // A few kills hit a server that has hardly begun; the others share what is left.
            let share = self.at_least.div_ceil(self.kills - self.kills / 8) + 40;
            let after = if kill % 8 == 3 { random.below(12) } else { share + random.below(share / 4) };
            let pause = Duration::from_micros(random.below(5000));
            let fresh = load_and_kill(&mut writ, &clients, (after, pause), random.below(u64::MAX));
            writ.start().unwrap();
            check(&writ, &clients, &fresh, &mut lost);
            writ.kill9().unwrap();
            assert!(
                lost.is_empty(),
                "seed {:#x}, kill {kill}, after {after} + {pause:?}: {lost:?}",
                self.seed
            );
            all.extend(fresh);
        }
        // Once more, all of them, after every kill.
        writ.start().unwrap();
        check(&writ, &clients, &all, &mut lost);
        assert!(writ.terminate().unwrap().success());
        let sound: String =
            database(writ.data_dir()).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        let count = |state| all.iter().filter(|one| one.state == state).count();
        aloud(&format!(
            "durability: {} kills under load and {} at rest, {} tokens acknowledged, {} revocations answered, {} of unknown \
             outcome, {} lost, {:.1?}",
            self.kills,
            self.kills,
            all.len(),
            count(State::Revoked),
            count(State::Unknown),
            lost.len(),
            begin.elapsed()
        ));
        assert!(
            lost.is_empty(),
            "seed {:#x}, at the end: {} lost: {:?}",
            self.seed,
            lost.len(),
            lost.first()
        );
        assert_eq!(sound, "ok");
        assert!(all.len() as u64 >= self.at_least, "only {}", all.len());
        assert!(count(State::Revoked) > all.len() / 20, "hardly anything was revoked");
    }
}

/// Issues and revokes on all connections until enough was acknowledged, then kills in the midst.
fn load_and_kill(
    writ: &mut Writ,
    clients: &[Credential],
    (after, pause): (u64, Duration),
    seed: u64,
) -> Vec<Acknowledged> {
    let (count, killed) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|number| {
                let http = writ.http().unwrap();
                let client = number % clients.len();
                let random = Seeded(seed ^ number as u64);
                let (count, killed) = (&count, &killed);
                scope.spawn(move || worker(http, (client, &clients[client]), random, (count, killed)))
            })
            .collect();
        let begin = Instant::now();
        while count.load(Ordering::Relaxed) < after {
            assert!(begin.elapsed() < Duration::from_mins(1), "too slow: {}", writ.log());
            // A worker that has given up has something to say.
            if workers.iter().any(std::thread::ScopedJoinHandle::is_finished) {
                break;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(pause);
        killed.store(true, Ordering::SeqCst);
        writ.kill9().unwrap();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

fn worker(
    mut http: Http,
    (client, credential): (usize, &Credential),
    mut random: Seeded,
    (count, killed): (&AtomicU64, &AtomicBool),
) -> Vec<Acknowledged> {
    let mut kept: Vec<Acknowledged> = Vec::new();
    loop {
        // One in eight requests revokes a token from earlier on.
        let chosen = (!kept.is_empty() && random.below(8) == 0).then(|| random.below(kept.len() as u64));
        let chosen = chosen.and_then(|at| kept.get_mut(usize::try_from(at).unwrap()));
        let answer = match chosen {
            None => {
                let answer = credential.ask(&mut http);
                if let Ok(answer) = &answer
                    && answer.status == 200
                {
                    let token = answer.text("access_token");
                    assert!(!token.is_empty(), "{}", answer.body);
                    kept.push(Acknowledged { token, client, state: State::Live });
                    count.fetch_add(1, Ordering::Relaxed);
                }
                answer
            }
            Some(token) => {
                let before = token.state;
                let answer = credential.revoke(&mut http, &token.token);
                token.state = match (&answer, before) {
                    (Ok(answer), _) if answer.status == 200 => State::Revoked,
                    (_, State::Live) => State::Unknown,
                    (_, State::Revoked | State::Unknown) => before,
                };
                answer
            }
        };
        match answer {
            Ok(answer) => assert_eq!(answer.status, 200, "{}", answer.body),
            Err(_) if killed.load(Ordering::SeqCst) => return kept,
            Err(error) => panic!("no answer from a server that was not killed: {error}"),
        }
    }
}

/// Introspects all tokens on all connections; those that are not as they were acknowledged go to `lost`.
fn check(writ: &Writ, clients: &[Credential], tokens: &[Acknowledged], lost: &mut Vec<String>) {
    let size = tokens.len().div_ceil(CONNECTIONS).max(1);
    std::thread::scope(|scope| {
        let checks: Vec<_> = tokens
            .chunks(size)
            .map(|chunk| {
                let mut http = writ.http().unwrap();
                scope.spawn(move || {
                    let mut wrong = Vec::new();
                    for one in chunk {
                        let active = clients[one.client].active(&mut http, &one.token);
                        let right = match one.state {
                            State::Live => active,
                            State::Revoked => !active,
                            State::Unknown => true,
                        };
                        if !right {
                            wrong.push(format!("{:?} {}", one.state, one.token));
                        }
                    }
                    wrong
                })
            })
            .collect();
        lost.extend(checks.into_iter().flat_map(|check| check.join().unwrap()));
    });
}

//! SIGKILL, of servers and of the database, under the load of two nodes: nothing that was answered is
//! lost, nothing is answered or done twice, and nobody has to start anything but what was killed.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use writ_core::client::TokenFormat;
use writ_testkit::postgres::{Cluster, Fsync};
use writ_testkit::process::{Http, UNASKED, Writ};

use super::{Outside, Site, is_unavailable, operator, until};
use crate::process::{Credential, Seeded, aloud};

/// Connections to each node.
const CONNECTIONS: usize = 8;
/// How long a node may need to work again once the database is back.
const RECOVERY: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Live,
    /// Its revocation was answered.
    Revoked,
    /// Its revocation was sent, and not answered or answered with a 503: either is right.
    Unknown,
}

#[derive(Debug)]
struct Acknowledged {
    token: String,
    client: usize,
    state: State,
}

/// What one connection, or all, saw.
#[derive(Debug, Default)]
struct Seen {
    kept: Vec<Acknowledged>,
    /// Requests for a token.
    asked: u64,
    /// Of those, the ones without an answer.
    unanswered: u64,
    /// Answers 503.
    unavailable: u64,
    slowest: Duration,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.kept.extend(other.kept);
        self.asked += other.asked;
        self.unanswered += other.unanswered;
        self.unavailable += other.unavailable;
        self.slowest = self.slowest.max(other.slowest);
    }
}

#[derive(Default)]
struct Load {
    over: AtomicBool,
    /// Tokens acknowledged, by node.
    acknowledged: [AtomicU64; 2],
    /// The nodes that were killed.
    killed: [AtomicBool; 2],
    /// Whether the database may be away.
    away: AtomicBool,
}

impl Load {
    fn total(&self) -> u64 {
        self.acknowledged.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

/// Issues and revokes on one connection.
fn worker(
    (node, mut http): (usize, Http),
    (client, credential): (usize, &Credential),
    mut random: Seeded,
    load: &Load,
) -> Seen {
    let mut seen = Seen::default();
    while !load.over.load(Ordering::SeqCst) {
        // One in eight requests revokes a token from earlier on.
        let revoked =
            (!seen.kept.is_empty() && random.below(8) == 0).then(|| random.below(seen.kept.len() as u64));
        let revoked = revoked.map(|at| usize::try_from(at).unwrap());
        let begun = Instant::now();
        let answer = match revoked {
            None => {
                seen.asked += 1;
                credential.ask(&mut http)
            }
            Some(at) => credential.revoke(&mut http, &seen.kept[at].token),
        };
        seen.slowest = seen.slowest.max(begun.elapsed());
        match &answer {
            Ok(answer) if answer.status == 200 => match revoked {
                None => {
                    let token = answer.text("access_token");
                    assert!(!token.is_empty(), "{}", answer.body);
                    seen.kept.push(Acknowledged { token, client, state: State::Live });
                    load.acknowledged[node].fetch_add(1, Ordering::SeqCst);
                }
                Some(at) => seen.kept[at].state = State::Revoked,
            },
            other => {
                if let Some(at) = revoked
                    && seen.kept[at].state == State::Live
                {
                    seen.kept[at].state = State::Unknown;
                }
                match other {
                    Ok(answer) => {
                        assert!(is_unavailable(answer), "{answer:?}");
                        assert!(
                            load.away.load(Ordering::SeqCst),
                            "a 503 while the database is there: {answer:?}"
                        );
                        seen.unavailable += 1;
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    Err(error) => {
                        assert_ne!(error.to_string(), UNASKED, "a request was answered twice");
                        assert!(
                            load.killed[node].load(Ordering::SeqCst),
                            "no answer from node {node}, which was not killed: {error}"
                        );
                        seen.unanswered += u64::from(revoked.is_none());
                        return seen;
                    }
                }
            }
        }
    }
    // What came without a request would be seen by this one.
    match http.get("/health/live") {
        Ok(answer) => assert_eq!(answer.status, 200),
        Err(error) => {
            assert_ne!(error.to_string(), UNASKED, "a request was answered twice");
            assert!(load.killed[node].load(Ordering::SeqCst), "node {node}: {error}");
        }
    }
    seen
}

/// What is killed.
#[derive(Debug, Clone, Copy)]
enum Victim {
    Node(usize),
    /// The main process: the others finish what they are at.
    Main,
    /// All processes of the database.
    Database,
}

struct Run {
    /// Of servers, and as many of the database.
    kills: u64,
    at_least: u64,
    seed: u64,
}

#[test]
fn forty_kills_under_the_load_of_two_nodes_lose_nothing() {
    Run { kills: 20, at_least: 20_000, seed: 0x5EED_0401 }.run();
}

#[test]
#[ignore = "takes minutes: part of `cargo xtask check --long`"]
fn two_hundred_kills_under_the_load_of_two_nodes_lose_nothing() {
    Run { kills: 100, at_least: 100_000, seed: 0x5EED_0402 }.run();
}

impl Run {
    fn run(&self) {
        let begun = Instant::now();
        let cluster = Cluster::start(Fsync::On).unwrap();
        let site = Site::on(&cluster);
        let mut nodes = [site.started(), site.started()];
        let clients = {
            let outside = Outside::open(&site);
            [operator(&nodes[0]), outside.client(TokenFormat::Opaque).credential]
        };
        let mut random = Seeded(self.seed);
        let (mut all, mut recoveries) = (Seen::default(), Vec::new());
        let share = self.at_least.div_ceil(2 * self.kills);
        for kill in 0..2 * self.kills {
            let victim = match kill % 4 {
                0 => Victim::Node(0),
                1 => Victim::Main,
                2 => Victim::Node(1),
                _ => Victim::Database,
            };
            let load = Load::default();
            // A few kills hit nodes that have hardly begun.
            let after =
                if kill % 16 < 2 { random.below(12) } else { share + share / 6 + random.below(share / 6) };
            let pauses = [random.below(5000), random.below(200_000)].map(Duration::from_micros);
            let seed = random.below(u64::MAX);
            let mut round = Seen::default();
            std::thread::scope(|scope| {
                let workers: Vec<_> = (0..2 * CONNECTIONS)
                    .map(|number| {
                        let node = number % 2;
                        let client = number / 2 % 2;
                        let (http, load) = (nodes[node].http().unwrap(), &load);
                        let (credential, random) = (&clients[client], Seeded(seed ^ number as u64));
                        scope.spawn(move || worker((node, http), (client, credential), random, load))
                    })
                    .collect();
                // A worker that fails has something to say: it ends, and this wait with it.
                let wait = |what: &str, holds: &dyn Fn() -> bool| {
                    until(Duration::from_mins(1), what, || {
                        holds() || workers.iter().any(std::thread::ScopedJoinHandle::is_finished)
                    })
                };
                wait("load", &|| load.total() >= after);
                std::thread::sleep(pauses[0]);
                match victim {
                    Victim::Node(node) => {
                        load.killed[node].store(true, Ordering::SeqCst);
                        nodes[node].kill9().unwrap();
                        let other = &load.acknowledged[1 - node];
                        let before = other.load(Ordering::SeqCst);
                        // Its own workers have ended, so all are asked for.
                        until(Duration::from_mins(1), "the other node goes on", || {
                            other.load(Ordering::SeqCst) >= before + 20
                        });
                    }
                    Victim::Main | Victim::Database => {
                        load.away.store(true, Ordering::SeqCst);
                        if matches!(victim, Victim::Main) { cluster.kill() } else { cluster.kill_all() }
                            .unwrap();
                        std::thread::sleep(pauses[1]);
                        cluster.run().unwrap();
                        let before = load.acknowledged.each_ref().map(|count| count.load(Ordering::SeqCst));
                        let back = Instant::now();
                        wait("both nodes work again", &|| {
                            (0..2).all(|node| {
                                load.acknowledged[node].load(Ordering::SeqCst) >= before[node] + 20
                            })
                        });
                        let took = back.elapsed();
                        assert!(took < RECOVERY, "kill {kill}: {took:?}");
                        recoveries.push(took);
                    }
                }
                load.over.store(true, Ordering::SeqCst);
                for worker in workers {
                    round.add(worker.join().unwrap());
                }
            });
            if let Victim::Node(node) = victim {
                nodes[node].start().unwrap();
            }
            let lost = lost(&nodes, &clients, &round.kept);
            assert!(lost.is_empty(), "seed {:#x}, kill {kill} ({victim:?}): {lost:?}", self.seed);
            all.add(round);
        }
        self.verdict(&nodes, (&cluster, &site), (&clients, &all), (recoveries, begun));
    }

    /// Once more, all of them, after every kill; and what the database says.
    fn verdict(
        &self,
        nodes: &[Writ; 2],
        (cluster, site): (&Cluster, &Site),
        (clients, all): (&[Credential; 2], &Seen),
        (recoveries, begun): (Vec<Duration>, Instant),
    ) {
        let lost = lost(nodes, clients, &all.kept);
        let number = |sql: &str| cluster.query(site.database(), sql).unwrap().parse::<u64>().unwrap();
        let rows = number("SELECT count(*) FROM access_tokens");
        let records = number("SELECT count(*) FROM audit_logs WHERE action = 'access_token.issued'");
        let twice = number(
            "SELECT count(*) FROM (SELECT target_id FROM audit_logs WHERE action IN ('access_token.issued', \
             'access_token.revoked') GROUP BY target_id, action HAVING count(*) > 1) AS twice",
        );
        let count = |state| all.kept.iter().filter(|one| one.state == state).count();
        let acknowledged = all.kept.len() as u64;
        aloud(&format!(
            "nodes: {0} SIGKILLs of a server and {0} of PostgreSQL (fsync on) under the load of 2 nodes: {acknowledged} \
             tokens acknowledged, {1} revocations answered, {2} of unknown outcome, {3} lost; {4} requests for a token \
             without an answer, {5} answers 503; {rows} rows ({6} that nobody was told of), {twice} done twice; slowest \
             answer {7:.1?}, both nodes work {8:.1?} after the database at the latest; {9:.1?}",
            self.kills,
            count(State::Revoked),
            count(State::Unknown),
            lost.len(),
            all.unanswered,
            all.unavailable,
            rows.saturating_sub(acknowledged),
            all.slowest,
            recoveries.iter().max().unwrap(),
            begun.elapsed()
        ));
        assert!(lost.is_empty(), "seed {:#x}: {} lost: {:?}", self.seed, lost.len(), lost.first());
        let distinct: HashSet<&str> = all.kept.iter().map(|one| one.token.as_str()).collect();
        assert_eq!(distinct.len(), all.kept.len(), "two requests were answered with one token");
        assert_eq!((twice, rows), (0, records), "every token has its record, and each once");
        assert!((acknowledged..=all.asked).contains(&rows), "{rows} rows for {} requests", all.asked);
        // A 503 says that nothing was written. Where the database stays away for longer than anyone waits for it, it
        // says that nobody knows.
        if all.slowest < Duration::from_secs(4) {
            assert!(rows <= acknowledged + all.unanswered, "a request was refused whose token was written");
        }
        assert!(acknowledged >= self.at_least, "only {acknowledged}");
        assert!(count(State::Revoked) > all.kept.len() / 20, "hardly anything was revoked");
        assert!(all.unavailable > 0, "nobody noticed that the database was away");
        for node in nodes {
            assert!(!node.log().contains("panicked"), "{}", node.log());
        }
    }
}

/// Asks both nodes for all tokens; gives those that are not as they were acknowledged.
fn lost(nodes: &[Writ; 2], clients: &[Credential; 2], tokens: &[Acknowledged]) -> Vec<String> {
    let size = tokens.len().div_ceil(2 * CONNECTIONS).max(1);
    std::thread::scope(|scope| {
        let checks: Vec<_> = tokens
            .chunks(size)
            .enumerate()
            .map(|(number, chunk)| {
                let mut http = nodes[number % 2].http().unwrap();
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
        checks.into_iter().flat_map(|check| check.join().unwrap()).collect()
    })
}

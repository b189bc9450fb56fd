//! Ending what others are just issuing under, through two server processes: no token that was there
//! before the end outlives it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use writ_core::change::{Action, Change, Target};
use writ_core::client::TokenFormat;
use writ_testkit::process::Writ;

use super::{Made, Outside, Site, operator, until};
use crate::process::{Credential, Seeded, aloud};

/// Connections that issue: half of them to each node.
const CONNECTIONS: usize = 64;
/// Of each kind of end.
const ROUNDS: usize = 20;

/// A token whose whole answer was here at a time.
struct Issued {
    token: String,
    asked: Instant,
    answered: Instant,
}

#[derive(Default)]
struct Race {
    issued: AtomicUsize,
    over: AtomicBool,
}

/// What the client may be told once the end has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Tokens,
    Refusals,
}

fn issuing(writ: &Writ, client: &Made, race: &Race, after: After) -> (Vec<Issued>, usize) {
    let mut http = writ.http().unwrap();
    let (mut issued, mut refused) = (Vec::new(), 0);
    while !race.over.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let answer = client.credential.ask(&mut http).unwrap();
        match (answer.status, after) {
            (200, _) => {
                issued.push(Issued { token: answer.text("access_token"), asked, answered: Instant::now() });
                race.issued.fetch_add(1, Ordering::Relaxed);
            }
            (401, After::Refusals) => refused += 1,
            (status, _) => panic!("{status}: {}", answer.body),
        }
    }
    (issued, refused)
}

/// Lets both nodes issue, ends it all in the midst, lets them go on for a while; gives what was issued and
/// refused, and when the end began and was known to be done.
fn race(
    nodes: &[Writ; 2],
    (client, after): (&Made, After),
    before: usize,
    end: impl FnOnce(),
) -> (Vec<Issued>, usize, [Instant; 2]) {
    let race = Race::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|number| {
                let (writ, race) = (&nodes[number % 2], &race);
                scope.spawn(move || issuing(writ, client, race, after))
            })
            .collect();
        let enough = |least| {
            until(Duration::from_mins(1), "tokens are issued", || {
                race.issued.load(Ordering::Relaxed) >= least
                    || workers.iter().any(std::thread::ScopedJoinHandle::is_finished)
            })
        };
        enough(before);
        let begun = Instant::now();
        end();
        let ended = Instant::now();
        match after {
            After::Tokens => drop(enough(race.issued.load(Ordering::Relaxed) + CONNECTIONS)),
            After::Refusals => std::thread::sleep(Duration::from_millis(20)),
        }
        race.over.store(true, Ordering::Relaxed);
        let (mut issued, mut refused) = (Vec::new(), 0);
        for worker in workers {
            let (own, sent_away) = worker.join().unwrap();
            issued.extend(own);
            refused += sent_away;
        }
        (issued, refused, [begun, ended])
    })
}

/// Asks both nodes for all tokens, half each; gives which are live.
fn live(nodes: &[Writ; 2], watcher: &Credential, issued: &[Issued]) -> Vec<bool> {
    let (first, second) = issued.split_at(issued.len() / 2);
    std::thread::scope(|scope| {
        let asking = [(&nodes[0], first), (&nodes[1], second)].map(|(writ, part)| {
            scope.spawn(move || {
                let mut http = writ.http().unwrap();
                part.iter().map(|one| watcher.active(&mut http, &one.token)).collect::<Vec<_>>()
            })
        });
        asking.into_iter().flat_map(|asked| asked.join().unwrap()).collect()
    })
}

#[test]
fn what_was_issued_before_an_end_does_not_outlive_it() {
    let begun = Instant::now();
    let site = Site::new();
    let nodes = [site.started(), site.started()];
    let outside = Outside::open(&site);
    let tenant = outside.tenant;
    let watcher = operator(&nodes[0]);
    let mut random = Seeded(0x5EED_0301);
    let (mut total, mut before, mut amid, mut amid_live, mut sent_away) = (0, 0, 0, 0, 0);
    for round in 0..2 * ROUNDS {
        let format = if round % 4 < 2 { TokenFormat::Opaque } else { TokenFormat::Jwt(None) };
        let client = outside.client(format);
        let (after, action, change) = if round % 2 == 0 {
            let change = Change::EndClientTokens { client: client.id, tenant };
            (After::Tokens, Action::ClientTokensEnded, change)
        } else {
            (
                After::Refusals,
                Action::ClientDeleted,
                Change::DeleteClient { client: client.id, tenant, only: None },
            )
        };
        let least = CONNECTIONS + usize::try_from(random.below(64)).unwrap();
        let (issued, refused, [begun, ended]) = race(&nodes, (&client, after), least, || {
            outside.commit((action, Target::Client(client.id)), [change]);
        });
        assert_eq!(refused > 0, after == After::Refusals, "round {round}");
        for (one, live) in issued.iter().zip(live(&nodes, &watcher, &issued)) {
            let (younger, older) = (one.asked >= ended, one.answered <= begun);
            match after {
                After::Refusals => assert!(!live && !younger, "round {round}: a token without a client"),
                After::Tokens if older => assert!(!live, "round {round}: an older token lives"),
                After::Tokens if younger => assert!(live, "round {round}: a younger token is dead"),
                // Either may be true of one that was asked for before and answered after.
                After::Tokens => amid_live += usize::from(live),
            }
            before += usize::from(older);
            amid += usize::from(!older && !younger);
        }
        total += issued.len();
        sent_away += refused;
    }
    assert!(amid > 0, "nothing was on its way when the end came: no race");
    // What the database itself says: no row that would be live under a client that is not there.
    let stray = site.query(
        "SELECT count(*) FROM access_tokens a JOIN clients c ON c.id = a.client_id WHERE a.client_generation > c.generation",
    );
    assert_eq!(stray, "0");
    aloud(&format!(
        "nodes: {ROUNDS} ends of a client's tokens and {ROUNDS} deletions while {CONNECTIONS} connections issue on 2 nodes: \
         {total} tokens, {before} acknowledged before the end, 0 of them live; {amid} on their way ({amid_live} live, \
         all issued behind the end); {sent_away} refusals; {:.1?}",
        begun.elapsed()
    ));
}

/// Both nodes' part is played by storage of the test's own, which writes far more than flows of people would; what
/// is live the two server processes say.
#[test]
fn what_came_from_a_grant_does_not_outlive_it() {
    let begun = Instant::now();
    let site = Site::new();
    let nodes = [site.started(), site.started()];
    let outsides = [Outside::open(&site), Outside::open(&site)];
    let (tenant, watcher) = (outsides[0].tenant, operator(&nodes[0]));
    let (mut before, mut behind) = (0, 0);
    for round in 0..ROUNDS {
        let client = outsides[0].client(TokenFormat::Opaque);
        let user = outsides[0].user();
        let (grant, other) = (outsides[0].grant(&client, user), outsides[0].grant(&client, user));
        let plant = |outside: &Outside, grant| {
            outside.plant_under(&client, (Some(user), Some(grant)), outside.in_an_hour())
        };
        let kept = plant(&outsides[1], other);
        let race = Race::default();
        let (tokens, older) = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..CONNECTIONS)
                .map(|number| {
                    let (outside, race, plant) = (&outsides[number % 2], &race, &plant);
                    scope.spawn(move || {
                        let mut tokens = Vec::new();
                        while !race.over.load(Ordering::Relaxed) {
                            tokens.push(plant(outside, grant));
                            race.issued.fetch_add(1, Ordering::Relaxed);
                        }
                        tokens
                    })
                })
                .collect();
            let issued = || race.issued.load(Ordering::Relaxed);
            until(Duration::from_mins(1), "tokens are issued", || issued() >= CONNECTIONS);
            let older = issued();
            let end = Change::EndGrant { grant, tenant, at: outsides[round % 2].now() };
            outsides[round % 2].commit((Action::GrantEnded, Target::Grant(grant)), [end]);
            let ended = issued();
            until(Duration::from_mins(1), "some come behind the end", || issued() > ended + CONNECTIONS);
            race.over.store(true, Ordering::Relaxed);
            (workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<_>>(), older)
        });
        let mut http = [nodes[0].http().unwrap(), nodes[1].http().unwrap()];
        for (number, token) in tokens.iter().enumerate() {
            assert!(
                !watcher.active(&mut http[number % 2], token),
                "round {round}: a token outlives its grant"
            );
        }
        assert!(http.iter_mut().all(|http| watcher.active(http, &kept)), "another grant goes on");
        before += older;
        behind += tokens.len() - older;
    }
    aloud(&format!(
        "nodes: {ROUNDS} ends of a grant while {CONNECTIONS} write under it over 2 nodes' storage: {before} tokens before \
         the end, {behind} with it or behind it, 0 live; {:.1?}",
        begun.elapsed()
    ));
}

/// Through the API of either node, while both issue: by client, and by time.
#[test]
fn what_was_issued_before_a_bulk_revocation_does_not_outlive_it() {
    let site = Site::new();
    let nodes = [site.started(), site.started()];
    let outside = Outside::open(&site);
    let watcher = operator(&nodes[0]);
    let key = super::api_key(&nodes[0]);
    let (mut before, mut amid) = (0, 0);
    for round in 0..8 {
        let client = outside.client(TokenFormat::Opaque);
        let by_time = round % 4 >= 2;
        let (issued, _, [begun, ended]) = race(&nodes, (&client, After::Tokens), CONNECTIONS, || {
            let mut http = nodes[round % 2].http().unwrap();
            let mut body = serde_json::json!({ "client_id": client.name });
            if by_time {
                let now = jiff::Timestamp::from_microsecond(outside.now().0).unwrap();
                body["issued_before"] = now.to_string().into();
            }
            let path = ("POST", "/api/v1/oauth/tokens/bulk-revoke");
            let answer = super::manage(&mut http, &key, path, &body.to_string());
            assert_eq!(answer.status, 200, "{}", answer.body);
            let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            let revoked = body["revoked"].as_u64().unwrap();
            assert!(revoked >= CONNECTIONS as u64, "round {round}: {revoked}");
        });
        for (one, live) in issued.iter().zip(live(&nodes, &watcher, &issued)) {
            let older = one.answered <= begun;
            // By time, all that was asked for behind the mark lives; else all behind the act.
            let younger = one.asked >= if by_time { begun + Duration::from_millis(1) } else { ended };
            assert!(!(older && live), "round {round}: an older token lives");
            assert!(!(by_time && one.asked >= ended && !live), "round {round}: a younger token is dead");
            assert!(by_time || !younger || live, "round {round}: a younger token is dead");
            before += usize::from(older);
            amid += usize::from(!older && !younger);
        }
    }
    assert!(before > 0 && amid > 0, "no race");
    aloud(&format!(
        "nodes: 8 bulk revocations while {CONNECTIONS} connections issue on 2 nodes: {before} before, 0 live"
    ));
}

//! Guesses at a password by many at once, over every way in: never more of them than one account has attempts,
//! at one server or at two that share a database.

use std::time::Instant;

use serde_json::{Value, json};
use writ_core::people::sign_in::{BURST, REFILL};
use writ_testkit::process::{Answer, Http, LoginPage, Request, Writ};

use super::people::{CROWD, Stage};
use super::{ISSUER, Site};
use crate::flow::{PASSWORD, request};
use crate::process::{aloud, database};

/// Where the victims sign in from, as a proxy says it.
const HOME: (&str, &str) = ("x-forwarded-for", "203.0.113.5");
/// Where somebody guesses from.
const ELSEWHERE: (&str, &str) = ("x-forwarded-for", "198.51.100.9");

/// A way in for whoever knows a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Page,
    Grant,
    /// `PUT /api/v1/users/profile` with a stolen token.
    Profile,
}

impl Way {
    const ALL: [Self; 3] = [Self::Page, Self::Grant, Self::Profile];
}

/// Where all is kept.
enum Database {
    Sqlite,
    Postgres(Site),
}

impl Database {
    /// As if ten minutes had gone by for every bucket.
    fn turn_back(&self, stage: &Stage) {
        let by = REFILL.as_micros();
        let change = format!("UPDATE sign_in_attempts SET busy_until = busy_until - {by}");
        match self {
            Self::Postgres(site) => {
                let moved = format!("WITH moved AS ({change} RETURNING 1) SELECT count(*) FROM moved");
                assert_ne!(site.query(&moved), "0");
            }
            Self::Sqlite => {
                let database = database(stage.nodes[0].data_dir());
                database.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
                assert_ne!(database.execute(&change, []).unwrap(), 0);
            }
        }
    }
}

/// Somebody whose password is guessed.
struct Victim {
    id: String,
    username: String,
    /// Of theirs, through the tenant's own application.
    token: String,
}

/// One try of somebody's password.
#[derive(Clone, Copy)]
struct Guess<'a> {
    victim: &'a Victim,
    password: &'a str,
    from: (&'a str, &'a str),
}

struct Scene {
    stage: Stage,
    database: Database,
}

impl Scene {
    fn new(nodes: Vec<Writ>, database: Database) -> Self {
        Self { stage: Stage::of(nodes), database }
    }

    /// A sign-in page in a browser of its own: whoever gets in leaves theirs behind.
    fn page(&self) -> LoginPage {
        let authorize = request(&self.stage.third.client_id, &[]);
        LoginPage::open(&mut self.stage.http(0), ISSUER, &authorize).unwrap()
    }

    /// Somebody who has signed in at home.
    fn victim(&self, username: String) -> Victim {
        let id = self.stage.person(&username);
        let answer = self.stage.password_grant(&mut self.stage.http(0), (&username, PASSWORD), &[HOME]);
        assert_eq!(answer.status, 200, "{}", answer.body);
        Victim { id, username, token: answer.text("access_token") }
    }

    /// Whether a password is taken; a refusal is the one that this way has.
    fn takes(&self, http: &mut Http, (way, page): (Way, &LoginPage), guess: Guess<'_>) -> bool {
        let who = (&*guess.victim.username, guess.password);
        let answer = match way {
            Way::Page => page.send(http, who, &[guess.from]).unwrap(),
            Way::Grant => self.stage.password_grant(http, who, &[guess.from]),
            Way::Profile => profile(http, guess),
        };
        let (right, wrong, why) = match way {
            Way::Page => (303, 400, "username or password is incorrect"),
            Way::Grant => (200, 400, "invalid_grant"),
            Way::Profile => (200, 400, "current_password: is not right"),
        };
        if answer.status == right {
            return true;
        }
        assert_eq!(answer.status, wrong, "{way:?}: {}", answer.body);
        assert!(answer.body.contains(why), "{way:?}: {}", answer.body);
        false
    }

    /// How often somebody's password was looked at.
    fn attempts(&self, victim: &Victim) -> usize {
        let path = format!("/api/v1/audit-logs?action=user.sign_in_attempted&target={}&limit=200", victim.id);
        let answer = self.stage.manage(("GET", &path), &Value::Null);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        body["audit_logs"].as_array().unwrap().len()
    }

    /// Whether the right password is taken, by each way and at each node.
    fn all_take(&self, victim: &Victim, from: (&str, &str)) -> Vec<bool> {
        let everywhere = (0..self.stage.nodes.len()).flat_map(|node| Way::ALL.map(|way| (node, way)));
        everywhere
            .map(|(node, way)| {
                let guess = Guess { victim, password: PASSWORD, from };
                self.takes(&mut self.stage.http(node), (way, &self.page()), guess)
            })
            .collect()
    }

    /// Guesses by these ways, all at the same moment.
    fn guess(&self, ways: &[Way]) {
        let name = format!("victim-{}-{:?}", ways.len(), ways[0]);
        let (victim, other) = (self.victim(name.clone()), self.victim(format!("other-than-{name}")));
        let (page, before) = (self.page(), self.attempts(&victim));
        let taken = self.stage.crowd(|http, number| {
            // Each way at each node.
            let way = ways[number / 2 % ways.len()];
            let password = &*format!("guess number {number}");
            self.takes(http, (way, &page), Guess { victim: &victim, password, from: ELSEWHERE })
        });
        assert_eq!(taken, [false; CROWD]);
        let burst = usize::try_from(BURST).unwrap();
        assert_eq!(self.attempts(&victim) - before, burst, "{ways:?}");

        // Nobody gets in from there now, and trying is not even an attempt.
        assert!(!self.all_take(&victim, ELSEWHERE).contains(&true), "{ways:?}");
        assert_eq!(self.attempts(&victim) - before, burst, "{ways:?}");
        // Where the person is at home they do, and so does everybody else from there.
        assert!(!self.all_take(&victim, HOME).contains(&false), "{ways:?}");
        assert!(!self.all_take(&other, ELSEWHERE).contains(&false), "{ways:?}");
        assert!(!self.all_take(&victim, ELSEWHERE).contains(&true), "home is not elsewhere");

        // One comes back after a while, and the right password fills the bucket.
        self.database.turn_back(&self.stage);
        assert!(!self.all_take(&victim, ELSEWHERE).contains(&false), "{ways:?}");
    }

    fn guess_by_every_way(&self) {
        let begun = Instant::now();
        for way in Way::ALL {
            self.guess(&[way]);
        }
        self.guess(&Way::ALL);
        aloud(&format!(
            "nodes: {CROWD} guesses at once at {} node(s), by page, grant, profile and all three: \
             {BURST} attempts each; {:.1?}",
            self.stage.nodes.len(),
            begun.elapsed()
        ));
    }
}

/// Asks for another email address, for which the present password is needed.
fn profile(http: &mut Http, guess: Guess<'_>) -> Answer {
    let Guess { victim, password, from } = guess;
    let bearer = format!("Bearer {}", victim.token);
    let body = json!({ "email": format!("{}@example.org", victim.username), "current_password": password });
    let headers = [("authorization", &*bearer), ("content-type", "application/json"), from];
    let (path, form) = ("/api/v1/users/profile", &*body.to_string());
    http.send(&Request { method: "PUT", path, headers: &headers, form }).unwrap()
}

/// Clients are told apart by what a proxy says of them.
fn behind_a_proxy(mut node: Writ) -> Writ {
    node.argument("--trusted-proxies").argument("127.0.0.1,::1").start().unwrap();
    node
}

#[test]
fn of_many_guesses_at_one_server_no_more_than_a_bucket_is_looked_at() {
    let mut node = Writ::new().unwrap();
    node.argument("--issuer").argument(ISSUER);
    Scene::new(vec![behind_a_proxy(node)], Database::Sqlite).guess_by_every_way();
}

#[test]
fn of_many_guesses_at_two_nodes_no_more_than_a_bucket_is_looked_at() {
    let site = Site::new();
    let nodes = vec![behind_a_proxy(site.node()), behind_a_proxy(site.node())];
    Scene::new(nodes, Database::Postgres(site)).guess_by_every_way();
}

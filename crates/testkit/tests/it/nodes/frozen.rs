//! A node that hears nothing of what the others change: no cached fact decides alone, so that it
//! obeys all the same, at its very next request.

use std::time::{Duration, Instant};

use writ_core::change::{Action, Change, Enabled, Target};
use writ_core::client::TokenFormat;
use writ_testkit::postgres::Cluster;
use writ_testkit::process::{Http, Writ};

use super::{Made, Outside, Site, api_key, credential, manage, operator, until};
use crate::process::{Credential, aloud};

/// Two nodes, a third party that writes, and which process of PostgreSQL speaks to whose listener.
struct Stage {
    site: Site,
    nodes: [Writ; 2],
    outside: Outside,
    /// The processes behind the listeners of everyone but the second node.
    others: Vec<String>,
}

/// A process of PostgreSQL that does nothing, until this is dropped.
struct Stopped(String);

impl Stopped {
    fn new(pid: &str) -> Self {
        Cluster::signal("STOP", pid).unwrap();
        until(Duration::from_secs(5), "the process stops", || state(pid) == Some('T'));
        Self(pid.to_owned())
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // It may have been ended meanwhile.
        let _ = Cluster::signal("CONT", &self.0);
    }
}

/// `R`, `S`, `T` …: the state of a process.
fn state(pid: &str) -> Option<char> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.chars().next()
}

impl Stage {
    fn new() -> Self {
        let site = Site::new();
        let first = site.started();
        let outside = Outside::open(&site);
        until(Duration::from_secs(10), "two listeners", || listeners(&site).len() == 2);
        let others = listeners(&site);
        let second = site.started();
        until(Duration::from_secs(10), "three listeners", || listeners(&site).len() == 3);
        Self { nodes: [first, second], outside, others, site }
    }

    fn deaf_ones(&self) -> Vec<String> {
        listeners(&self.site).into_iter().filter(|pid| !self.others.contains(pid)).collect()
    }

    /// Does something while the second node is deaf, from its first to its last line. A deaf node
    /// gives its listener up after some seconds and begins anew: then it is done once more.
    fn while_deaf(&self, what: &str, mut step: impl FnMut(&mut Http, &mut Http)) -> Duration {
        for _ in 0..8 {
            until(
                Duration::from_secs(20),
                "the second node listens",
                || matches!(&*self.deaf_ones(), [pid] if state(pid) != Some('T')),
            );
            let own = self.deaf_ones().remove(0);
            let stopped = Stopped::new(&own);
            let mut http = [self.nodes[0].http().unwrap(), self.nodes[1].http().unwrap()];
            let begun = Instant::now();
            let [near, deaf] = &mut http;
            step(near, deaf);
            let took = begun.elapsed();
            let was_deaf = self.deaf_ones() == [own.clone()] && state(&own) == Some('T');
            drop(stopped);
            if was_deaf {
                return took;
            }
        }
        panic!("{what}: the second node was never deaf for long enough");
    }
}

/// The processes behind the listeners of a database, the oldest first.
fn listeners(site: &Site) -> Vec<String> {
    let found = site.query(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = 'writ-listener' ORDER BY backend_start",
    );
    found.lines().map(str::to_owned).collect()
}

fn refused(credential: &Credential, http: &mut Http) {
    let answer = credential.ask(http).unwrap();
    assert_eq!((answer.status, answer.text("error")), (401, "invalid_client".to_owned()), "{}", answer.body);
}

/// A new secret in place of the only one.
fn rotated(outside: &Outside, client: &Made) -> Credential {
    let (tenant, at) = (outside.tenant, outside.now());
    let (secret, text) = outside.secret();
    let changes = [
        Change::AddClientSecret { client: client.id, tenant, version: 1, secret: Box::new(secret) },
        Change::RemoveClientSecret { secret: client.secret, client: client.id, tenant, at },
    ];
    outside.commit((Action::ClientSecretAdded, Target::Client(client.id)), changes);
    credential(&client.name, &text)
}

const FORMATS: [TokenFormat; 2] = [TokenFormat::Jwt(None), TokenFormat::Opaque];

/// What was done, and how long it took.
type Log = Vec<(&'static str, Duration)>;

#[test]
fn a_deaf_node_obeys_at_its_next_request() {
    let stage = Stage::new();
    let mut log = Log::new();
    tokens(&stage, &mut log);
    secrets(&stage, &mut log);
    clients(&stage, &mut log);
    people_and_keys(&stage, &mut log);
    let log: Vec<_> = log.iter().map(|(what, took)| format!("{what} {} ms", took.as_millis())).collect();
    aloud(&format!("nodes: obeyed by a node whose listener is stopped: {}", log.join(", ")));
}

fn tokens(stage: &Stage, log: &mut Log) {
    let (outside, tenant) = (&stage.outside, stage.outside.tenant);
    let watcher = operator(&stage.nodes[0]);
    for format in FORMATS {
        let client = outside.client(format);
        let took = stage.while_deaf("revoked", |near, deaf| {
            let token = client.credential.token(deaf);
            assert!(client.credential.active(deaf, &token) && watcher.active(deaf, &token));
            assert_eq!(client.credential.revoke(near, &token).unwrap().status, 200);
            assert!(!watcher.active(deaf, &token) && !client.credential.active(deaf, &token));
        });
        log.push(("token revoked", took));
    }

    let took = stage.while_deaf("tokens ended", |_, deaf| {
        let client = outside.client(TokenFormat::Jwt(None));
        let token = client.credential.token(deaf);
        let end = Change::EndClientTokens { client: client.id, tenant };
        outside.commit((Action::ClientTokensEnded, Target::Client(client.id)), [end]);
        assert!(!client.credential.active(deaf, &token));
        let younger = client.credential.token(deaf);
        assert!(client.credential.active(deaf, &younger));
    });
    log.push(("client's tokens ended", took));

    let took = stage.while_deaf("the tenant's tokens", |_, deaf| {
        let client = outside.client(TokenFormat::Opaque);
        let token = client.credential.token(deaf);
        let end = Change::EndTenantTokens { tenant };
        outside.commit((Action::TenantTokensEnded, Target::Tenant(tenant)), [end]);
        assert!(!client.credential.active(deaf, &token));
        let younger = client.credential.token(deaf);
        assert!(client.credential.active(deaf, &younger));
    });
    log.push(("tenant's tokens ended", took));
}

fn secrets(stage: &Stage, log: &mut Log) {
    let (outside, tenant) = (&stage.outside, stage.outside.tenant);
    // Either one asked for first: what is refused is not for what was accepted before it.
    for old_first in [true, false] {
        let took = stage.while_deaf("rotated", |near, deaf| {
            let client = outside.client(TokenFormat::Opaque);
            let token = client.credential.token(deaf);
            let new = rotated(outside, &client);
            if old_first {
                refused(&client.credential, deaf);
            }
            let younger = new.token(deaf);
            refused(&client.credential, deaf);
            for http in [near, deaf] {
                assert!(new.active(http, &token) && new.active(http, &younger));
                let asked = http
                    .post("/oauth2/introspect", &format!("token={token}&{}", client.credential.0))
                    .unwrap();
                assert_eq!(asked.status, 401, "the old secret does not introspect: {}", asked.body);
                let asked = client.credential.revoke(http, &token).unwrap();
                assert_eq!(asked.status, 401, "nor revoke: {}", asked.body);
            }
        });
        log.push(("secret rotated", took));
    }

    // With an overlap: both work, until the old one's end.
    let took = stage.while_deaf("overlap", |_, deaf| {
        let client = outside.client(TokenFormat::Opaque);
        client.credential.token(deaf);
        let (secret, text) = outside.secret();
        let add = Change::AddClientSecret { client: client.id, tenant, version: 1, secret: Box::new(secret) };
        outside.commit((Action::ClientSecretAdded, Target::Client(client.id)), [add]);
        let new = credential(&client.name, &text);
        new.token(deaf);
        client.credential.token(deaf);
        let at = outside.now();
        let end = Change::EndClientSecret { secret: client.secret, client: client.id, tenant, end: at, at };
        outside.commit((Action::ClientSecretEnded, Target::Client(client.id)), [end]);
        refused(&client.credential, deaf);
        new.token(deaf);
    });
    log.push(("secret ended after an overlap", took));
}

fn clients(stage: &Stage, log: &mut Log) {
    let (outside, tenant) = (&stage.outside, stage.outside.tenant);
    let watcher = operator(&stage.nodes[0]);
    let took = stage.while_deaf("disabled", |_, deaf| {
        let client = outside.client(TokenFormat::Jwt(None));
        client.credential.token(deaf);
        let (id, at) = (client.id, outside.now());
        let change = |enabled| Change::SetClientEnabled { client: id, tenant, enabled, at };
        outside.commit((Action::ClientDisabled, Target::Client(id)), [change(Enabled::No)]);
        let answer = client.credential.ask(deaf).unwrap();
        assert_eq!(answer.status, 401, "{}", answer.body);
        outside.commit((Action::ClientEnabled, Target::Client(id)), [change(Enabled::Yes)]);
        client.credential.token(deaf);
    });
    log.push(("client disabled and enabled", took));

    for format in FORMATS {
        let took = stage.while_deaf("deleted", |_, deaf| {
            let client = outside.client(format);
            let tokens = [client.credential.token(deaf), client.credential.token(deaf)];
            assert!(tokens.iter().all(|token| watcher.active(deaf, token)));
            let delete = Change::DeleteClient { client: client.id, tenant, only: None };
            outside.commit((Action::ClientDeleted, Target::Client(client.id)), [delete]);
            assert!(tokens.iter().all(|token| !watcher.active(deaf, token)));
            refused(&client.credential, deaf);
        });
        log.push(("client deleted", took));
    }
}

fn people_and_keys(stage: &Stage, log: &mut Log) {
    let (outside, tenant) = (&stage.outside, stage.outside.tenant);
    let (watcher, key) = (operator(&stage.nodes[0]), api_key(&stage.nodes[0]));
    for delete in [false, true] {
        let took = stage.while_deaf("user", |_, deaf| {
            let (client, user) = (outside.client(TokenFormat::Opaque), outside.user());
            let token = outside.plant(&client, Some(user), outside.in_an_hour());
            assert!(client.credential.active(deaf, &token) && watcher.active(deaf, &token));
            let at = outside.now();
            let (action, change) = if delete {
                (Action::UserDeleted, Change::DeleteUser { user, tenant, only: None })
            } else {
                (Action::UserDisabled, Change::SetUserEnabled { user, tenant, enabled: Enabled::No, at })
            };
            outside.commit((action, Target::User(user)), [change]);
            assert!(!client.credential.active(deaf, &token) && !watcher.active(deaf, &token));
        });
        log.push((if delete { "user deleted" } else { "user disabled" }, took));
    }

    let took = stage.while_deaf("API key", |near, deaf| {
        let body = r#"{"name":"of a test","permissions":["keys:read"]}"#;
        let made = manage(near, &key, ("POST", "/api/v1/api-keys"), body);
        let bearer = made.text("api_key");
        for _ in 0..2 {
            assert_eq!(manage(deaf, &bearer, ("GET", "/api/v1/api-keys"), "").status, 200);
        }
        let path = format!("/api/v1/api-keys/{}", made.text("id"));
        assert_eq!(manage(near, &key, ("DELETE", &path), "").status, 204);
        let answer = manage(deaf, &bearer, ("GET", "/api/v1/api-keys"), "");
        assert_eq!(answer.status, 401, "{}", answer.body);
    });
    log.push(("API key revoked", took));
}

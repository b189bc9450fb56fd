//! What the time of an answer tells: requests that must not be told apart, one at a time and in turns, against a
//! server that does nothing else.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::api::{self, text};
use super::http::basic;
use super::plan::{Plan, TOKEN_PATH};
use super::server::{Server, Site, Variant};

const PASSWORD: &str = "a bench is no place for secrets 4711";
/// Of [`PASSWORD`]'s length.
const WRONG: &str = "a bench is no place for guesses 4711";
/// A hash that nobody's password has, of the usual cost: an account is made without hashing one.
const IMPORTED: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$hTsnKkTbFCHAKWJmmlXrCZTzyrOF7RxMeSU+7hm6tJ4";
/// Tries with one name: fewer than its bucket holds.
const TRIES: usize = 9;
/// Tries that empty the bucket of a name.
const BUCKET: usize = 10;
/// Where there is no password to be hashed, an answer is short, and as many more are asked for.
const SHORT: usize = 10;

const SIGN_IN: &str = "sign-in";
const LOCKED: &str = "sign-in, no attempt left";
const RESET: &str = "a link for a new password";
const REGISTER: &str = "registration";
const CLIENT: &str = "authentication of a client";
/// The groups whose answers must take the same time. That of a client is only looked at: its identifier is no secret
/// (RFC 6749 section 2.2).
pub const ALIKE: [&str; 4] = [SIGN_IN, LOCKED, RESET, REGISTER];

/// Answers of one endpoint that look the same.
#[derive(Debug)]
pub struct Group {
    name: &'static str,
    kinds: Vec<Kind>,
}

/// One sort of them.
#[derive(Debug)]
struct Kind {
    name: &'static str,
    /// Status that each has.
    status: &'static str,
    /// As they go over the wire, in the order in which they are sent.
    requests: Vec<String>,
    /// How long each took, microseconds.
    times: Vec<f64>,
}

impl Kind {
    fn new(name: &'static str, status: &'static str, requests: Vec<String>) -> Self {
        Self { name, status, requests, times: Vec::new() }
    }

    /// The value below which a share of the times lies; 0 where there is none.
    fn quantile(&self, share: f64) -> f64 {
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index below the number of times"
        )]
        let place = (super::float(times.len() as u64) * share) as usize;
        times.get(place.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

impl Group {
    /// The largest difference of two medians, per cent of the smaller one.
    fn difference(&self) -> f64 {
        let medians = || self.kinds.iter().map(|kind| kind.quantile(0.5));
        let (least, most) = (medians().fold(f64::INFINITY, f64::min), medians().fold(0.0, f64::max));
        100.0 * (most - least) / least
    }
}

/// How far the medians of a group are apart, per cent; none where it was not measured.
pub fn difference(groups: &[Group], name: &str) -> Option<f64> {
    groups.iter().find(|group| group.name == name).map(Group::difference)
}

/// Measures everything, in one life of a server.
pub fn measure(site: &Site, plan: &Plan) -> Result<Vec<Group>> {
    println!("==> times of answers that must look the same");
    let server = site.start(Variant::Plain)?;
    let stage = Stage::new(site, &server).context("preparing people and applications")?;
    let mut groups = stage.groups(plan.rounds)?;
    let mut line = Line::new(server.address)?;
    let mut shuffle = Shuffle(0x5EED_0601);
    for group in &mut groups {
        ask(group, &mut line, &mut shuffle).with_context(|| group.name)?;
        println!("    {:<34} differ by {:.1} %", group.name, group.difference());
    }
    server.stop()?;
    Ok(groups)
}

/// One of each kind in every round, in an order that changes: none always comes behind the same other one.
fn ask(group: &mut Group, line: &mut Line, shuffle: &mut Shuffle) -> Result<()> {
    let rounds = group.kinds.iter().map(|kind| kind.requests.len()).min().unwrap_or_default();
    let mut order: Vec<usize> = (0..group.kinds.len()).collect();
    for round in 0..rounds {
        shuffle.apply(&mut order);
        for &place in &order {
            let Some(kind) = group.kinds.get_mut(place) else { continue };
            let Some(request) = kind.requests.get(round) else { continue };
            let (status, took) = line.ask(request)?;
            ensure!(status == kind.status, "{}: {status} where {} is due", kind.name, kind.status);
            kind.times.push(took.as_secs_f64() * 1e6);
        }
    }
    Ok(())
}

/// A tenant where everything may be asked for, and an application that people give their password to.
struct Stage<'a> {
    site: &'a Site,
    server: &'a Server,
    authorization: String,
    client_id: String,
}

impl<'a> Stage<'a> {
    fn new(site: &'a Site, server: &'a Server) -> Result<Self> {
        let settings = json!({ "settings": {
            "password_grant": true, "self_registration": true, "require_verified_email": true,
        } });
        api::send(site, server, ("PUT", "/api/v1/tenants/default", &settings))?;
        let sent = json!({
            "name": "Bench", "redirect_uris": ["https://app.example/callback"], "scope": "openid read",
            "grant_types": ["authorization_code", "password"],
        });
        let app = api::send(site, server, ("POST", "/api/v1/oauth/clients", &sent))?;
        let client_id = text(&app, "client_id")?.to_owned();
        let authorization = basic(&client_id, text(&app, "client_secret")?);
        Ok(Self { site, server, authorization, client_id })
    }

    fn groups(&self, rounds: usize) -> Result<Vec<Group>> {
        let names = rounds.div_ceil(TRIES);
        self.people("wrong", names, &json!({ "password": PASSWORD, "email_verified": true }))?;
        self.people("maybe", names, &json!({ "password": PASSWORD, "email_verified": false }))?;
        self.people(
            "gone-",
            names,
            &json!({ "password": PASSWORD, "email_verified": true, "enabled": false }),
        )?;
        let sign_in = |kind: &str, password: &str| {
            (0..rounds).map(|round| self.sign_in(&named(kind, round / TRIES), password)).collect()
        };
        let refused = "400";
        let tried = vec![
            Kind::new("unknown", refused, sign_in("nobod", PASSWORD)),
            Kind::new("wrong password", refused, sign_in("wrong", WRONG)),
            Kind::new("disabled", refused, sign_in("gone-", PASSWORD)),
            Kind::new("unverified", refused, sign_in("maybe", PASSWORD)),
        ];
        self.people("spent", 1, &json!({ "password": PASSWORD, "email_verified": true }))?;
        let emptied = |kind: &str| {
            let mut line = Line::new(self.server.address)?;
            let request = self.sign_in(&named(kind, 0), WRONG);
            (0..BUCKET).try_for_each(|_| line.ask(&request).map(drop))?;
            Ok::<_, anyhow::Error>(vec![request; rounds])
        };
        let locked = vec![
            Kind::new("unknown", refused, emptied("nowhe")?),
            Kind::new("somebody's", refused, emptied("spent")?),
        ];
        self.people("known", rounds, &json!({ "password_hash": IMPORTED, "email_verified": true }))?;
        self.people("taken", rounds, &json!({ "password_hash": IMPORTED, "email_verified": true }))?;
        let each = |request: fn(&str) -> String, kind: &str| {
            (0..rounds).map(|round| request(&named(kind, round))).collect()
        };
        let reset = vec![
            Kind::new("unknown", "202", each(reset, "strng")),
            Kind::new("known", "202", each(reset, "known")),
        ];
        let register = vec![
            Kind::new("free", "201", each(register, "freed")),
            Kind::new("taken", "201", each(register, "taken")),
        ];
        let turned: String = self.client_id.chars().rev().collect();
        let client = vec![
            Kind::new("unknown", "401", vec![token(&turned); rounds * SHORT]),
            Kind::new("wrong secret", "401", vec![token(&self.client_id); rounds * SHORT]),
        ];
        Ok(vec![
            Group { name: SIGN_IN, kinds: tried },
            Group { name: LOCKED, kinds: locked },
            Group { name: RESET, kinds: reset },
            Group { name: REGISTER, kinds: register },
            Group { name: CLIENT, kinds: client },
        ])
    }

    /// So many accounts, of whom more is said.
    fn people(&self, kind: &str, count: usize, more: &Value) -> Result<()> {
        for number in 0..count {
            let mut sent = json!({ "username": named(kind, number) });
            for (name, value) in more.as_object().into_iter().flatten() {
                sent.as_object_mut().context("an object")?.insert(name.clone(), value.clone());
            }
            api::send(self.site, self.server, ("POST", "/api/v1/users", &sent))?;
        }
        Ok(())
    }

    fn sign_in(&self, username: &str, password: &str) -> String {
        let password = password.replace(' ', "+");
        let form = format!("grant_type=password&username={username}&password={password}&scope=read");
        post(TOKEN_PATH, (FORM, Some(&self.authorization)), &form)
    }
}

fn token(client_id: &str) -> String {
    let wrong = basic(client_id, "csec_0123456789012345678901234567890123456789012");
    post(TOKEN_PATH, (FORM, Some(&wrong)), "grant_type=client_credentials")
}

fn reset(username: &str) -> String {
    post("/api/v1/users/reset-password", (JSON, None), &json!({ "username": username }).to_string())
}

fn register(username: &str) -> String {
    let body = json!({ "username": username, "password": PASSWORD });
    post("/api/v1/users", (JSON, None), &body.to_string())
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A name that is an address; all are of one length, so that no request is longer than another.
fn named(kind: &str, number: usize) -> String {
    format!("{kind}-{number:06}@example.org")
}

fn post(path: &str, (content_type, authorization): (&str, Option<&str>), body: &str) -> String {
    let authorization = authorization.map(|value| format!("Authorization: {value}\r\n")).unwrap_or_default();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}Content-Type: {content_type}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A connection that stays.
struct Line {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Line {
    fn new(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { stream, answer: Vec::new() })
    }

    /// The status of the answer, and the time from the first byte sent to the last one read.
    fn ask(&mut self, request: &str) -> Result<(String, Duration)> {
        self.answer.clear();
        let begun = Instant::now();
        self.stream.write_all(request.as_bytes())?;
        let mut part = [0; 4096];
        while !is_whole(&self.answer) {
            let count = self.stream.read(&mut part)?;
            ensure!(count > 0, "the server hung up: {}", String::from_utf8_lossy(&self.answer));
            self.answer.extend_from_slice(part.get(..count).unwrap_or_default());
        }
        let took = begun.elapsed();
        let text = String::from_utf8_lossy(&self.answer);
        Ok((text.split(' ').nth(1).context("no status")?.to_owned(), took))
    }
}

/// Whether all of an answer is here, as its `content-length` says.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_none_or(|length| body.len() >= length)
}

/// Orders that repeat from bench to bench (`SplitMix64`).
struct Shuffle(u64);

impl Shuffle {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap_or_default()
    }

    fn apply(&mut self, order: &mut [usize]) {
        for place in (1..order.len()).rev() {
            let other = self.below(place + 1);
            order.swap(place, other);
        }
    }
}

/// The part of the page about the times of answers.
pub fn render(groups: &[Group]) -> String {
    let mut text = String::from(
        "### What the time of an answer tells\n\nOne request at a time over one connection, the kinds in turns and \
         in an order that changes. The identifier of a client is no secret (RFC 6749 section 2.2), so that its row \
         is only looked at.\n\n\
         | | kind | answers | median ms | middle half ms | medians differ by |\n|---|---|--:|--:|--:|--:|\n",
    );
    for group in groups {
        for (place, kind) in group.kinds.iter().enumerate() {
            let of = |share| kind.quantile(share) / 1000.0;
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} | {:.3} | {:.3}–{:.3} | {} |",
                if place == 0 { group.name } else { "" },
                kind.name,
                kind.times.len(),
                of(0.5),
                of(0.25),
                of(0.75),
                if place == 0 { format!("{:.1} %", group.difference()) } else { String::new() },
            );
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_last_byte_is_here() {
        let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}";
        for length in 0..answer.len() {
            assert!(!is_whole(answer.get(..length).unwrap()), "{length}");
        }
        assert!(is_whole(answer));
        assert!(is_whole(b"HTTP/1.1 204 No Content\r\n\r\n"));
    }

    #[test]
    fn medians_are_compared_with_the_smallest() {
        let kind = |times: &[f64]| Kind { times: times.to_vec(), ..Kind::new("", "200", Vec::new()) };
        let kinds = vec![kind(&[100.0, 1.0, 900.0]), kind(&[103.0, 103.0, 0.0]), kind(&[101.0])];
        let group = Group { name: "", kinds };
        assert!((group.difference() - 3.0).abs() < 1e-9, "{}", group.difference());
    }

    #[test]
    fn every_order_comes() {
        let mut shuffle = Shuffle(1);
        let mut order = vec![0, 1, 2];
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            shuffle.apply(&mut order);
            seen.insert(order.clone());
        }
        assert_eq!(seen.len(), 6);
    }
}

//! Honest clients, at a steady pace and from networks of their own: machines that take tokens, people who sign in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::line::{Browser, FORM, Line, form, request};
use crate::bench::float;

/// A machine asks for a token this often, and a person signs in this often.
const TOKEN_PACE: Duration = Duration::from_millis(20);
const SIGN_IN_PACE: Duration = Duration::from_millis(800);
const MACHINES: u8 = 4;
const PEOPLE: u8 = 8;

/// Who asks, for what.
#[derive(Debug, Clone)]
pub struct Honest {
    pub server: SocketAddr,
    pub authorization: String,
    pub authorize: String,
    pub password: String,
    pub people: Vec<String>,
}

/// What honest clients saw, times in milliseconds.
#[derive(Debug, Default)]
pub struct Seen {
    pub tokens: Times,
    pub sign_ins: Times,
}

/// Times of one kind of call, and the calls that were refused or broke off.
#[derive(Debug, Default)]
pub struct Times {
    millis: Vec<f64>,
    pub refused: usize,
    /// One of the refusals, in words.
    pub why: Option<String>,
}

impl Times {
    fn add(&mut self, outcome: &Result<()>, took: Duration) {
        match outcome {
            Ok(()) => self.millis.push(took.as_secs_f64() * 1000.0),
            Err(error) => {
                self.refused += 1;
                self.why.get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }

    pub fn len(&self) -> usize {
        self.millis.len()
    }

    /// The time that a share of the calls stayed below; none where there were none.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let mut sorted = self.millis.clone();
        sorted.sort_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index below the number"
        )]
        let place = (float(sorted.len() as u64) * share) as usize;
        sorted.get(place.min(sorted.len().checked_sub(1)?)).copied()
    }
}

/// Runs all of them for so long.
pub fn watch(honest: &Honest, length: Duration) -> Seen {
    let (tokens, sign_ins) = (Mutex::new(Times::default()), Mutex::new(Times::default()));
    let stop = AtomicBool::new(false);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for number in 1..=MACHINES {
            let mut line = Line::new(network(number), honest.server);
            let (tokens, stop) = (&tokens, &stop);
            scope.spawn(move || paced(TOKEN_PACE, stop, tokens, || token(honest, &mut line)));
        }
        for number in 1..=PEOPLE {
            let (sign_ins, stop, next) = (&sign_ins, &stop, &next);
            // Not all at the same moment.
            std::thread::sleep(SIGN_IN_PACE / u32::from(PEOPLE));
            scope.spawn(move || {
                paced(SIGN_IN_PACE, stop, sign_ins, || {
                    let person = next.fetch_add(1, Ordering::Relaxed) % honest.people.len();
                    let person = honest.people.get(person).context("nobody")?;
                    sign_in(honest, network(100 + number), person)
                });
            });
        }
        std::thread::sleep(length);
        stop.store(true, Ordering::Relaxed);
    });
    let seen = |times: Mutex<Times>| times.into_inner().unwrap_or_default();
    Seen { tokens: seen(tokens), sign_ins: seen(sign_ins) }
}

/// 127.0.1.x: each is a network of its own to the server.
pub fn network(number: u8) -> IpAddr {
    IpAddr::from([127, 0, 1, number])
}

/// Calls at a steady pace; a late one is followed by the next at once, so that waiting is not left out of the times.
fn paced(pace: Duration, stop: &AtomicBool, times: &Mutex<Times>, mut call: impl FnMut() -> Result<()>) {
    let mut due = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let outcome = call();
        let took = due.elapsed();
        if let Ok(mut times) = times.lock() {
            times.add(&outcome, took);
        }
        due += pace;
        let now = Instant::now();
        if due > now {
            std::thread::sleep(due - now);
        } else {
            // What is more than one call behind is not counted over and over.
            due = now;
        }
    }
}

/// One token of a machine.
pub fn token(honest: &Honest, line: &mut Line) -> Result<()> {
    let headers = format!("{FORM}Authorization: {}\r\n", honest.authorization);
    let answer = line.ask(&request("POST", "/oauth2/token", (&headers, "grant_type=client_credentials")))?;
    ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
    Ok(())
}

/// A sign-in in a new browser: the page, and its form.
pub fn sign_in(honest: &Honest, from: IpAddr, person: &str) -> Result<()> {
    let mut browser = Browser::new(from, honest.server);
    let page = browser.open(&format!("{}&state=honest", honest.authorize))?;
    ensure!(page.status == 200, "the page of sign-in is {}: {}", page.status, page.body);
    let answer = browser.sign_in(&form(&page.body)?, (person, &honest.password))?;
    ensure!(
        matches!(answer.status, 302 | 303),
        "signing in is {}{}",
        answer.status,
        retry(answer.retry_after())
    );
    Ok(())
}

fn retry(after: Option<u64>) -> String {
    after.map(|seconds| format!(", come back in {seconds} s")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_and_not_timed() {
        let mut times = Times::default();
        for millis in 1..=100 {
            times.add(&Ok(()), Duration::from_millis(millis));
        }
        times.add(&Err(anyhow::anyhow!("503")), Duration::from_millis(1));
        assert_eq!((times.len(), times.refused, times.why.as_deref()), (100, 1, Some("503")));
        assert_eq!((times.quantile(0.5), times.quantile(0.99)), (Some(51.0), Some(100.0)));
        assert_eq!(Times::default().quantile(0.5), None);
    }
}

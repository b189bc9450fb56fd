//! What strangers send: floods that are each one sort of request, from one network.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::line::{Browser, FORM, Form, JSON, Line, form, request};

/// A flood: what it is called, how many connections it keeps, and what each of them does.
#[derive(Debug, Clone, Copy)]
pub struct Flood {
    pub name: &'static str,
    pub connections: u64,
    pub sort: Sort,
}

/// What a connection of a flood sends, again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// `POST /oauth2/authorize` with a `state` of 60 KB.
    LargeStates,
    /// `GET /oauth2/authorize`, each from a browser that has no cookie.
    Authorize,
    /// A username of a mebibyte whose every character becomes eighteen when it is normalised.
    LongNames,
    /// A password that costs the meter of passwords the most.
    CostlyPasswords,
    /// Guesses at one account.
    OneName,
    /// Guesses at a new account each.
    ManyNames,
    /// A body that is begun and not ended.
    HeldBodies,
    /// Letters to one mailbox, under a new address of it each.
    Letters,
}

/// The floods, in the order of the page.
pub const ALL: [Flood; 8] = [
    Flood { name: "authorize, POST, `state` of 60 KB", connections: 8, sort: Sort::LargeStates },
    Flood { name: "authorize, GET", connections: 16, sort: Sort::Authorize },
    Flood { name: "names of 1 MiB, U+FDFA", connections: 8, sort: Sort::LongNames },
    Flood { name: "passwords that are costly to measure", connections: 66, sort: Sort::CostlyPasswords },
    Flood { name: "guesses at one name", connections: 90, sort: Sort::OneName },
    Flood { name: "guesses at many names", connections: 90, sort: Sort::ManyNames },
    Flood { name: "bodies begun and held", connections: 600, sort: Sort::HeldBodies },
    Flood { name: "letters", connections: 16, sort: Sort::Letters },
];

/// What a flood is directed at.
#[derive(Debug, Clone)]
pub struct Target {
    pub server: SocketAddr,
    /// Where a request for a code begins.
    pub authorize: String,
    /// Somebody's username.
    pub victim: String,
}

/// What a flood has been answered.
#[derive(Debug, Default)]
pub struct Answers {
    /// Below 400.
    pub served: AtomicU64,
    /// From 400 up.
    pub refused: AtomicU64,
    /// Connections that were closed or never answered.
    pub broken: AtomicU64,
}

impl Answers {
    fn count(&self, outcome: &Result<u16>) {
        let counter = match outcome {
            Ok(status) if *status < 400 => &self.served,
            Ok(_) => &self.refused,
            Err(_) => &self.broken,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// One connection of a flood, until it is told to stop.
pub fn one(
    sort: Sort,
    (target, from): (&Target, IpAddr),
    (stop, answers): (&AtomicBool, &Answers),
    number: u64,
) {
    let mut line = Line::new(from, target.server);
    let large = "s".repeat(60_000);
    let long = format!("{{\"username\":\"{}\",\"password\":\"x\"}}", "\u{fdfa}".repeat(349_000));
    let mut guesser = Guesser { browser: Browser::new(from, target.server), form: None };
    for round in number * 1_000_000.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let outcome = match sort {
            Sort::LargeStates => {
                let (path, query) = target.authorize.split_once('?').unwrap_or_default();
                let body = format!("{query}&state={large}");
                line.ask(&request("POST", path, (FORM, &body))).map(|answer| answer.status)
            }
            Sort::Authorize => {
                let path = format!("{}&state={round}", target.authorize);
                line.ask(&request("GET", &path, ("", ""))).map(|answer| answer.status)
            }
            Sort::LongNames => {
                line.ask(&request("POST", "/api/v1/users", (JSON, &long))).map(|answer| answer.status)
            }
            Sort::CostlyPasswords => {
                let body =
                    json!({ "username": format!("stranger{round}@example.net"), "password": costly(round) });
                line.ask(&request("POST", "/api/v1/users", (JSON, &body.to_string())))
                    .map(|answer| answer.status)
            }
            Sort::OneName => guesser.guess(target, &target.victim),
            Sort::ManyNames => guesser.guess(target, &format!("person{round}@example.org")),
            Sort::HeldBodies => hold(&mut line, stop),
            Sort::Letters => {
                let body = json!({ "username": target.victim.replace('@', &format!("+{round}@")) });
                let text = request("POST", "/api/v1/users/reset-password", (JSON, &body.to_string()));
                line.ask(&text).map(|answer| answer.status)
            }
        };
        answers.count(&outcome);
        if outcome.is_err() {
            // What is refused a connection does not spin on it.
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// 200 bytes in which nearly every letter may stand for another one.
fn costly(round: u64) -> String {
    format!("{round}{}", "4@8({[<369&#!1|0$5+7%2".repeat(9)).chars().take(200).collect()
}

/// Guesses as a browser does: one page of sign-in, and its form again and again.
struct Guesser {
    browser: Browser,
    form: Option<Form>,
}

impl Guesser {
    fn guess(&mut self, target: &Target, username: &str) -> Result<u16> {
        let form = match self.form.take() {
            Some(form) => form,
            None => form(&self.browser.open(&format!("{}&state=guess", target.authorize))?.body)?,
        };
        let answer = self.browser.sign_in(&form, (username, "not the password 4711"))?;
        self.form = self::form(&answer.body).ok();
        Ok(answer.status)
    }
}

/// A part of a body, made once: a flood that works itself would be a flood of the honest callers' processor.
static PART: [u8; 64 * 1024] = [b'x'; 64 * 1024];

/// Sends most of a body and keeps the rest, until the server or the flood has had enough.
fn hold(line: &mut Line, stop: &AtomicBool) -> Result<u16> {
    let head =
        format!("POST /api/v1/users HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: 1000000\r\n\r\n");
    let stream = line.stream()?;
    stream.set_read_timeout(Some(Duration::from_millis(500)))?;
    stream.write_all(head.as_bytes())?;
    for _ in 0..14 {
        stream.write_all(&PART)?;
    }
    let mut answer = [0; 64];
    while !stop.load(Ordering::Relaxed) {
        match std::io::Read::read(stream, &mut answer) {
            Ok(0) => break,
            Ok(_) => anyhow::bail!("answered and closed"),
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error.into()),
        }
    }
    anyhow::bail!("closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_costly_password_is_short() {
        assert!((190..=200).contains(&costly(7).len()));
        assert_ne!(costly(7), costly(8));
    }

    #[test]
    fn names_tell_the_floods_apart() {
        let names: std::collections::BTreeSet<&str> = ALL.iter().map(|flood| flood.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}

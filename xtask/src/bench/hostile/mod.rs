//! What strangers can make the server do, and what honest people notice of it: each flood comes from one network at
//! the default limits, and honest clients elsewhere are watched before, meanwhile and after.

mod crowd;
mod floods;
mod honest;
mod line;
mod render;

use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::api::{self, text};
use super::http::basic;
use super::mebibytes;
use super::memory;
use super::plan::Plan;
use super::server::{Server, Site, Variant};
use crowd::Crowd;
use floods::{Answers, Flood, Target};
use honest::{Honest, Seen};

use crate::sh;

pub use render::render;

const CALLBACK: &str = "https://app.example/callback";
const PASSWORD: &str = "a bench is no place for secrets 4711";
/// People who sign in elsewhere while a flood goes on.
const PEOPLE: usize = 32;
/// A flood gets going before anybody is watched.
const HEAD_START: Duration = Duration::from_secs(1);
/// How long the server may take to be as it was.
const PATIENCE: Duration = Duration::from_mins(2);

/// Everything that was seen.
#[derive(Debug)]
pub struct Hostile {
    seconds: u64,
    calm: Seen,
    floods: Vec<Flooded>,
    crowd: Crowd,
}

/// One flood, and what honest clients saw of it.
#[derive(Debug)]
struct Flooded {
    flood: Flood,
    answers: Answers,
    seen: Seen,
    peak_mib: f64,
    grown_mib: f64,
    /// From the end of the flood to a token and a sign-in as quick as before; none: not within [`PATIENCE`].
    recovered: Option<Duration>,
}

impl Hostile {
    /// The worst ratio of a 99th percentile to the calm one, of tokens and of sign-ins.
    pub fn worst_ratio(&self) -> Option<f64> {
        let ratios = self.floods.iter().flat_map(|flooded| {
            let tokens = ratio(&flooded.seen.tokens, &self.calm.tokens);
            [tokens, ratio(&flooded.seen.sign_ins, &self.calm.sign_ins)]
        });
        // Where nobody got through at all, there is no time that could be short enough.
        ratios.map(|ratio| ratio.unwrap_or(f64::INFINITY)).max_by(f64::total_cmp)
    }

    /// Honest calls that were refused, in all floods.
    pub fn refused(&self) -> f64 {
        let refused = |seen: &Seen| seen.tokens.refused + seen.sign_ins.refused;
        super::float(self.floods.iter().map(|flooded| refused(&flooded.seen)).sum::<usize>() as u64)
    }

    /// The most memory that any flood took, MiB.
    pub fn peak(&self) -> f64 {
        self.floods.iter().map(|flooded| flooded.peak_mib).fold(0.0, f64::max)
    }

    /// The most that any flood left on the disk, MiB.
    pub fn growth(&self) -> f64 {
        self.floods.iter().map(|flooded| flooded.grown_mib).fold(0.0, f64::max)
    }

    /// The longest recovery, seconds.
    pub fn recovery(&self) -> f64 {
        let seconds = |flooded: &Flooded| flooded.recovered.map_or(f64::INFINITY, |took| took.as_secs_f64());
        self.floods.iter().map(seconds).fold(0.0, f64::max)
    }

    /// Seconds until all of the crowd were in.
    pub fn crowd_seconds(&self) -> f64 {
        if self.crowd.left_out == 0 { self.crowd.took.as_secs_f64() } else { f64::INFINITY }
    }
}

/// Changes how this thread is scheduled, and those that it starts from now on.
fn scheduled(policy: &str) -> Result<()> {
    let thread = std::fs::read_link("/proc/thread-self")?;
    let thread = thread.file_name().and_then(std::ffi::OsStr::to_str).context("a thread without a number")?;
    sh::output_of(Command::new("chrt").args([policy, "--pid", "0", thread])).map(drop)
}

fn ratio(under: &honest::Times, calm: &honest::Times) -> Option<f64> {
    Some(under.quantile(0.99)? / calm.quantile(0.99)?)
}

/// Measures everything, in one life of a server.
pub fn measure(binary: &Path, folder: &Path, plan: &Plan) -> Result<Hostile> {
    println!("==> strangers at the default limits");
    let site = Site::new(binary.to_owned(), folder.to_owned())?;
    let server = site.start(Variant::Limited)?;
    let (honest, target) = stage(&site, &server, plan).context("preparing people and applications")?;
    // Caches, keys and connections are warm before anything is compared.
    honest::watch(&honest, Duration::from_secs(1));
    let calm = honest::watch(&honest, plan.hostile_length());
    told("calm", &calm);
    let mut floods = Vec::new();
    for (number, flood) in (1..).zip(floods::ALL) {
        // A network of its own: what one flood has used up would shield the server from the next.
        let from = IpAddr::from([127, 0, 2, number]);
        floods.push(flooded(flood, (&site, &server), (&honest, &target, from), (&calm, plan))?);
    }
    let crowd = crowd::come(&honest, &target, plan.crowd());
    println!("    {} people behind one address: {:.1} s", crowd.people, crowd.took.as_secs_f64());
    server.stop()?;
    Ok(Hostile { seconds: plan.hostile_length().as_secs(), calm, floods, crowd })
}

fn flooded(
    flood: Flood,
    (site, server): (&Site, &Server),
    (honest, target, from): (&Honest, &Target, IpAddr),
    (calm, plan): (&Seen, &Plan),
) -> Result<Flooded> {
    memory::forget_peak(server.pid())?;
    let before = stored(site);
    let (stop, answers) = (AtomicBool::new(false), Answers::default());
    let seen = std::thread::scope(|scope| {
        // Threads take over how they are scheduled. Honest clients come first on the processor of those who call, so
        // that what is seen is the server's doing.
        scheduled("--idle")?;
        for number in 0..flood.connections {
            let (stop, answers) = (&stop, &answers);
            // Hundreds of threads that mostly wait need no two megabytes each.
            let thread = std::thread::Builder::new().stack_size(256 * 1024);
            let spawned = thread.spawn_scoped(scope, move || {
                floods::one(flood.sort, (target, from), (stop, answers), number);
            });
            spawned.context("starting a flood")?;
        }
        scheduled("--other")?;
        std::thread::sleep(HEAD_START);
        let seen = honest::watch(honest, plan.hostile_length());
        stop.store(true, Ordering::Relaxed);
        Ok::<_, anyhow::Error>(seen)
    })?;
    let recovered = recovery(honest, calm);
    let flooded = Flooded {
        flood,
        answers,
        seen,
        peak_mib: mebibytes(server.memory()?.peak_kib),
        grown_mib: mebibytes(stored(site).saturating_sub(before) / 1024),
        recovered,
    };
    told(flood.name, &flooded.seen);
    Ok(flooded)
}

fn told(name: &str, seen: &Seen) {
    let (tokens, sign_ins) = (&seen.tokens, &seen.sign_ins);
    let of = |times: &honest::Times, share| times.quantile(share).unwrap_or(f64::NAN);
    println!(
        "    {name:<38} tokens p50 {:>7.2} p99 {:>8.2} ms, sign-ins p50 {:>7.1} p99 {:>8.1} ms, refused {} of {}",
        of(tokens, 0.5),
        of(tokens, 0.99),
        of(sign_ins, 0.5),
        of(sign_ins, 0.99),
        tokens.refused + sign_ins.refused,
        tokens.len() + sign_ins.len() + tokens.refused + sign_ins.refused,
    );
    for why in [&tokens.why, &sign_ins.why].into_iter().flatten() {
        println!("      refused: {}", why.lines().next().unwrap_or_default());
    }
}

/// Bytes on the disk, what has not been moved out of the log included.
fn stored(site: &Site) -> u64 {
    site.database_bytes() + std::fs::metadata(site.wal_file()).map_or(0, |metadata| metadata.len())
}

/// Until a token and a sign-in take no longer than nearly all did before.
fn recovery(honest: &Honest, calm: &Seen) -> Option<Duration> {
    let ended = Instant::now();
    let mut line = line::Line::new(honest::network(99), honest.server);
    let bound = |times: &honest::Times| times.quantile(0.99).unwrap_or(f64::INFINITY) / 1000.0;
    while ended.elapsed() < PATIENCE {
        let begun = Instant::now();
        let has_token =
            honest::token(honest, &mut line).is_ok() && begun.elapsed().as_secs_f64() <= bound(&calm.tokens);
        let after = ended.elapsed();
        let begun = Instant::now();
        let person = honest.people.first()?;
        let is_in = honest::sign_in(honest, honest::network(99), person).is_ok()
            && begun.elapsed().as_secs_f64() <= bound(&calm.sign_ins);
        if has_token && is_in {
            return Some(after);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

/// A tenant with self-registration, an application, and people.
fn stage(site: &Site, server: &Server, plan: &Plan) -> Result<(Honest, Target)> {
    let settings = json!({ "settings": { "self_registration": true } });
    api::send(site, server, ("PUT", "/api/v1/tenants/default", &settings))?;
    let sent = json!({
        "name": "Bench", "redirect_uris": [CALLBACK], "scope": "openid", "grant_types": ["authorization_code"],
    });
    let app = api::send(site, server, ("POST", "/api/v1/oauth/clients", &sent))?;
    let machine = json!({ "name": "Machine", "scope": "read", "grant_types": ["client_credentials"] });
    let machine = api::send(site, server, ("POST", "/api/v1/oauth/clients", &machine))?;
    let authorize = format!(
        "/oauth2/authorize?response_type=code&client_id={}&redirect_uri={}&scope=openid",
        text(&app, "client_id")?,
        line::encoded(CALLBACK)
    );
    let people = people(site, server, PEOPLE.max(plan.crowd()))?;
    let victim = "victim@example.org".to_owned();
    person(site, (&mut line::Line::new(honest::network(98), server.address), &victim))?;
    let honest = Honest {
        server: server.address,
        authorization: basic(text(&machine, "client_id")?, text(&machine, "client_secret")?),
        authorize: authorize.clone(),
        password: PASSWORD.to_owned(),
        people,
    };
    Ok((honest, Target { server: server.address, authorize, victim }))
}

/// So many accounts; each costs a hash, as it does elsewhere.
fn people(site: &Site, server: &Server, count: usize) -> Result<Vec<String>> {
    let mut line = line::Line::new(honest::network(98), server.address);
    let names: Vec<String> = (0..count).map(|number| format!("honest{number:04}@example.org")).collect();
    names.iter().try_for_each(|name| person(site, (&mut line, name)))?;
    Ok(names)
}

fn person(site: &Site, (line, name): (&mut line::Line, &str)) -> Result<()> {
    let body: Value = json!({ "username": name, "password": PASSWORD, "email_verified": true });
    let headers = format!("{}Authorization: Bearer {}\r\n", line::JSON, site.api_key()?);
    let answer = line.ask(&line::request("POST", "/api/v1/users", (&headers, &body.to_string())))?;
    anyhow::ensure!(answer.status == 201, "an account: {} {}", answer.status, answer.body);
    Ok(())
}

//! Flows of people: the code flow with a live session, the same with a pushed request, refresh, tokens bound to a key, and signing in with a password.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::api::{self, curl, text, url};
use super::http::basic;
use super::plan::Plan;
use super::report::{grouped, median};
use super::server::{Credentials, Server, Site, Variant};
use super::wrk::{self, Sample, Traffic};
use crate::sh;

const BOUND: &str = include_str!("../../wrk/bound.lua");
const CODES: &str = include_str!("../../wrk/codes.lua");
const PUSHED: &str = include_str!("../../wrk/pushed.lua");
const REFRESH: &str = include_str!("../../wrk/refresh.lua");

pub const CALLBACK: &str = "https://app.example/callback";
const CONNECTIONS: u32 = 64;
/// More than connections, so that no request waits for a token.
const FAMILIES: usize = 128;
/// Proofs that are made for each second of a measurement: more than can be used.
const PROOFS_A_SECOND: u64 = 25_000;
const PASSWORD: &str = "a bench is no place for secrets 4711";

/// What was seen. A code flow is two requests, a pushed one three; the rate counts flows.
#[derive(Debug, Default)]
pub struct People {
    codes: Vec<Sample>,
    pushed: Vec<Sample>,
    refreshes: Vec<Sample>,
    bound: Vec<Sample>,
    sign_ins: Option<SignIns>,
}

/// Sign-ins with a password, with the server's one processor for themselves and beside tokens.
#[derive(Debug)]
struct SignIns {
    /// Hashes a second of one thread that does nothing else.
    hashes: f64,
    alone: f64,
    beside_tokens: f64,
    tokens_alone: f64,
    tokens_beside: f64,
}

impl People {
    /// The median of refreshes a second.
    pub fn refreshes(&self) -> Option<f64> {
        median(self.refreshes.iter().map(|sample| sample.per_second))
    }

    /// Sign-ins as a share of argon2's own rate, per cent.
    pub fn sign_in_share(&self) -> Option<f64> {
        self.sign_ins.as_ref().map(|seen| 100.0 * seen.alone / seen.hashes)
    }

    /// What sign-ins and tokens reach beside one another, each as a share of what it reaches alone, per cent together:
    /// tokens lose no more than the part of the processor that the sign-ins take.
    pub fn beside_share(&self) -> Option<f64> {
        let seen = self.sign_ins.as_ref()?;
        Some(100.0 * (seen.beside_tokens / seen.alone + seen.tokens_beside / seen.tokens_alone))
    }
}

/// An application, and a person who is signed in to it.
pub struct Given {
    authorization: String,
    authorize: String,
    /// The cookies of the person, as curl keeps them.
    pub jar: PathBuf,
    machine: Credentials,
}

/// Measures what `--only` lets through.
pub fn measure(site: &Site, plan: &Plan) -> Result<People> {
    let mut people = People::default();
    for run in 1..=plan.runs {
        println!("==> run {run} of {}, people", plan.runs);
        let server = site.start(Variant::Plain)?;
        let given = given(site, &server).context("preparing people and applications")?;
        if plan.wants("code-flow") {
            people.codes.push(codes(site, &server, (&given, plan.seconds))?);
        }
        if plan.wants("pushed-flow") {
            people.pushed.push(pushed(site, &server, (&given, plan.seconds))?);
        }
        if plan.wants("refresh") {
            people.refreshes.push(refreshes(site, &server, (&given, plan.seconds))?);
        }
        if plan.wants("bound-token") {
            people.bound.push(bound(site, &server, (&given, plan.seconds))?);
        }
        if plan.wants("sign-in") && run == plan.runs {
            people.sign_ins = Some(sign_ins(site, &server, (&given, plan.seconds))?);
        }
        server.stop()?;
    }
    Ok(people)
}

/// The flows of the speed gate: codes and refreshes, as far as `--only` lets them through.
pub fn flows(site: &Site, server: &Server, plan: &Plan) -> Result<Vec<(&'static str, Sample)>> {
    if !plan.wants("code-flow") && !plan.wants("refresh") {
        return Ok(Vec::new());
    }
    let given = given(site, server).context("preparing people and applications")?;
    let run = (&given, plan.seconds);
    let mut seen = Vec::new();
    if plan.wants("code-flow") {
        seen.push(("code-flow", codes(site, server, run)?));
    }
    if plan.wants("refresh") {
        seen.push(("refresh", refreshes(site, server, run)?));
    }
    Ok(seen)
}

/// A first-party application, whose people are asked nothing, and a person who signs in to it once.
pub fn given(site: &Site, server: &Server) -> Result<Given> {
    // ES256 for both tokens: an RS256 signature would be nearly all that a refresh costs (ADR 0005).
    let settings = json!({ "settings": { "password_grant": true, "id_token_alg": "ES256" } });
    api::send(site, server, ("PUT", "/api/v1/tenants/default", &settings))?;
    let sent = json!({
        "name": "Bench", "redirect_uris": [CALLBACK], "scope": "openid offline_access read",
        "grant_types": ["authorization_code", "refresh_token", "password"],
    });
    let app = api::send(site, server, ("POST", "/api/v1/oauth/clients", &sent))?;
    let (id, client_id) = (text(&app, "id")?, text(&app, "client_id")?);
    let path = format!("/v1/admin/oauth-clients/{id}");
    api::send(site, server, ("PATCH", &path, &json!({ "is_first_party": true })))?;
    let username = person(site, server)?;
    let jar = site.folder().join("cookies.txt");
    // An earlier run's cookies are another database's.
    let _ = std::fs::remove_file(&jar);
    let authorize = authorize(client_id, "openid%20offline_access%20read");
    let given = Given {
        authorization: basic(client_id, text(&app, "client_secret")?),
        authorize,
        jar,
        machine: site.credentials()?,
    };
    sign_in(server, &given, &username)?;
    Ok(given)
}

/// An authorization request for a code, as path and query.
pub fn authorize(client_id: &str, scope: &str) -> String {
    let callback = CALLBACK.replace(':', "%3A").replace('/', "%2F");
    format!(
        "/oauth2/authorize?response_type=code&client_id={client_id}&redirect_uri={callback}&scope={scope}&state=s"
    )
}

fn person(site: &Site, server: &Server) -> Result<String> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let username = format!("bench-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let sent = json!({ "username": username, "password": PASSWORD, "name": "Bench" });
    api::send(site, server, ("POST", "/api/v1/users", &sent))?;
    Ok(username)
}

/// Sends the form of the login page, as a browser would.
fn sign_in(server: &Server, given: &Given, username: &str) -> Result<()> {
    let jar = given.jar.to_string_lossy();
    let page = curl(&[
        "--location",
        "--cookie-jar",
        &jar,
        "--cookie",
        &jar,
        "--write-out",
        "\n%{url_effective}",
        &url(server, &given.authorize),
    ])?;
    let (html, address) = page.rsplit_once('\n').context("the login page is empty")?;
    let mut arguments: Vec<String> = Vec::new();
    for hidden in html.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\"")) {
        let attribute = |name: &str| {
            let (_, rest) = hidden.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        if let (Some(name), Some(value)) = (attribute("name"), attribute("value")) {
            arguments.extend(["--data-urlencode".to_owned(), format!("{name}={value}")]);
        }
    }
    let origin = format!("Origin: {}", url(server, ""));
    let mut command: Vec<&str> = vec!["--cookie-jar", &jar, "--cookie", &jar, "--header", &origin];
    command.extend(arguments.iter().map(String::as_str));
    let (username, password) = (format!("username={username}"), format!("password={PASSWORD}"));
    command.extend(["--data-urlencode", &username, "--data-urlencode", &password]);
    command.extend(["--output", "/dev/null", "--write-out", "%{http_code} %{redirect_url}", address]);
    let answer = curl(&command)?;
    ensure!(answer.starts_with("303 "), "signing in answered {answer}; the page was\n{html}");
    code(server, given).map(drop)
}

/// A code for the person who is signed in.
fn code(server: &Server, given: &Given) -> Result<String> {
    let jar = given.jar.to_string_lossy();
    let target = url(server, &given.authorize);
    let sent = curl(&["--cookie", &jar, "--output", "/dev/null", "--write-out", "%{redirect_url}", &target])?;
    let found = sent.split_once("code=").map(|(_, rest)| rest.split('&').next().unwrap_or(rest).to_owned());
    found.with_context(|| format!("no code for somebody who is signed in, but {sent}"))
}

fn redemption() -> String {
    format!("grant_type=authorization_code&redirect_uri={CALLBACK}&code=")
}

/// The cookies of curl's jar as one header value.
pub fn cookies(jar: &Path) -> Result<String> {
    let text = std::fs::read_to_string(jar)?;
    let mut value = String::new();
    for line in
        text.lines().map(|line| line.trim_start_matches("#HttpOnly_")).filter(|line| !line.starts_with('#'))
    {
        let columns: Vec<_> = line.split('\t').collect();
        if let [_, _, _, _, _, name, content] = columns.as_slice() {
            let _ = write!(value, "{}{name}={content}", if value.is_empty() { "" } else { "; " });
        }
    }
    Ok(value)
}

type Run<'a> = (&'a Given, u64);

fn codes(site: &Site, server: &Server, (given, seconds): Run<'_>) -> Result<Sample> {
    let cookie = cookies(&given.jar)?;
    let form = redemption();
    let arguments = [given.authorize.as_str(), &cookie, &given.authorization, &form];
    let sample = wrk::drive_script(super::drive(site, server, CONNECTIONS, seconds), CODES, &arguments)?;
    println!("    {:<22} {:>9.0}/s", "code-flow", sample.per_second / 2.0);
    Ok(sample)
}

/// The parameters of [`authorize`] are pushed as they are, and the browser brings their `request_uri` alone.
fn pushed(site: &Site, server: &Server, (given, seconds): Run<'_>) -> Result<Sample> {
    let (path, parameters) =
        given.authorize.split_once('?').context("an authorization request has a query")?;
    let client = parameters.split('&').find(|pair| pair.starts_with("client_id="));
    let begin = format!("{path}?{}&request_uri=", client.context("the request names its client")?);
    let (cookie, form) = (cookies(&given.jar)?, redemption());
    let arguments = [parameters, &begin, &cookie, &given.authorization, &form];
    let sample = wrk::drive_script(super::drive(site, server, CONNECTIONS, seconds), PUSHED, &arguments)?;
    println!("    {:<22} {:>9.0}/s", "pushed-flow", sample.per_second / 3.0);
    Ok(sample)
}

fn refreshes(site: &Site, server: &Server, (given, seconds): Run<'_>) -> Result<Sample> {
    let mut tokens = String::new();
    for _ in 0..FAMILIES {
        let form = format!("{}{}", redemption(), code(server, given)?);
        let authorization = format!("Authorization: {}", given.authorization);
        let answer = curl(&["--header", &authorization, "--data", &form, &url(server, "/oauth2/token")])?;
        let answer: Value =
            serde_json::from_str(&answer).with_context(|| format!("redeeming answered {answer}"))?;
        tokens.push_str(text(&answer, "refresh_token")?);
        tokens.push('\n');
    }
    let file = site.folder().join("refresh-tokens.txt");
    std::fs::write(&file, tokens)?;
    let arguments = [given.authorization.as_str(), &file.to_string_lossy()];
    let sample = wrk::drive_script(super::drive(site, server, CONNECTIONS, seconds), REFRESH, &arguments)?;
    println!("    {:<22} {:>9.0}/s", "refresh", sample.per_second);
    Ok(sample)
}

/// Tokens of a machine, each bound to a key by a proof of its own. The proofs are made beforehand.
fn bound(site: &Site, server: &Server, (given, seconds): Run<'_>) -> Result<Sample> {
    let metadata: Value = serde_json::from_str(&curl(&[&url(server, "/.well-known/openid-configuration")])?)?;
    let mut command = Command::new(site.binary());
    // More than a second's worth of requests for each second.
    let count = (seconds * PROOFS_A_SECOND).to_string();
    command.args(["bench-proofs", "--url", text(&metadata, "token_endpoint")?, "--count", &count]);
    let file = site.folder().join("proofs.txt");
    std::fs::write(&file, sh::output_of(&mut command)?)?;
    let arguments = [given.machine.authorization.as_str(), &file.to_string_lossy()];
    let sample = wrk::drive_script(super::drive(site, server, CONNECTIONS, seconds), BOUND, &arguments)?;
    println!("    {:<22} {:>9.0}/s", "bound-token", sample.per_second);
    Ok(sample)
}

/// The password grant stands for the sign-in page: the same check, without the page around it.
fn sign_ins(site: &Site, server: &Server, (given, seconds): Run<'_>) -> Result<SignIns> {
    let hashes = hash_rate(site, seconds)?;
    let people = (0..16).map(|_| person(site, server)).collect::<Result<Vec<_>>>()?;
    let forms = people
        .iter()
        .map(|username| {
            format!(
                "grant_type=password&username={username}&password={}&scope=read",
                PASSWORD.replace(' ', "+")
            )
        })
        .collect();
    let request =
        Credentials { authorization: given.authorization.clone() }.token_request(super::plan::TOKEN_PATH);
    let passwords = Traffic::Rotating { request, forms };
    let tokens = Traffic::Fixed(given.machine.token_request(super::plan::TOKEN_PATH));
    let drive = |connections| super::drive(site, server, connections, seconds);
    let alone = wrk::drive(drive(4), &passwords)?;
    let tokens_alone = wrk::drive(drive(CONNECTIONS), &tokens)?;
    // The script of one must not overwrite that of the other.
    let beside = site.folder().join("beside");
    std::fs::create_dir_all(&beside)?;
    let (signing, issuing) = std::thread::scope(|scope| {
        let signing = scope.spawn(|| wrk::drive(wrk::Drive { scripts: &beside, ..drive(4) }, &passwords));
        let issuing = wrk::drive(drive(CONNECTIONS), &tokens);
        (signing.join(), issuing)
    });
    let Ok(signing) = signing else { bail!("the sign-ins beside tokens broke off") };
    let seen = SignIns {
        hashes,
        alone: alone.per_second,
        beside_tokens: signing?.per_second,
        tokens_alone: tokens_alone.per_second,
        tokens_beside: issuing?.per_second,
    };
    println!("    {:<22} {:>9.1}/s of {:.1} hashes/s", "sign-in", seen.alone, seen.hashes);
    Ok(seen)
}

/// argon2's own rate: one thread on the server's processor, the server idle.
fn hash_rate(site: &Site, seconds: u64) -> Result<f64> {
    let mut command = Command::new("taskset");
    command.args(["-c", super::server::SERVER_CPU]).arg(site.binary());
    command.args(["bench-hash", "--seconds", &seconds.to_string()]);
    sh::output_of(&mut command)?.trim().parse().context("bench-hash prints a number")
}

/// The part of the page about people.
pub fn render(people: &People) -> String {
    let mut text = String::from(
        "### People\n\n| | a second | lowest–highest run | p50 ms | p99 ms |\n|---|--:|--:|--:|--:|\n",
    );
    for (title, samples, requests) in [
        (
            "code flow with a live session: authorize, redeem (two requests; latency of one)",
            &people.codes,
            2.0,
        ),
        (
            "the same with a pushed request: push, authorize, redeem (three requests; latency of one)",
            &people.pushed,
            3.0,
        ),
        ("refresh with rotation, two ES256 signatures where an ID token is due", &people.refreshes, 1.0),
        (
            "a machine's token that is bound to a key (DPoP): a proof verified and used up, a token signed",
            &people.bound,
            1.0,
        ),
    ] {
        let of = |number: fn(&Sample) -> f64| median(samples.iter().map(number));
        let (Some(rate), Some(p50), Some(p99)) = (of(|s| s.per_second), of(|s| s.p50_us), of(|s| s.p99_us))
        else {
            continue;
        };
        let rates = || samples.iter().map(|sample| sample.per_second / requests);
        let _ = writeln!(
            text,
            "| {title} | {} | {}–{} | {:.2} | {:.2} |",
            grouped(rate / requests),
            grouped(rates().fold(f64::INFINITY, f64::min)),
            grouped(rates().fold(0.0, f64::max)),
            p50 / 1000.0,
            p99 / 1000.0,
        );
    }
    if let Some(seen) = &people.sign_ins {
        let _ = writeln!(
            text,
            "\nPasswords, with one processor for the server: argon2id alone {:.1} a second; sign-ins {:.1} a second \
             ({:.0} %). Beside 64 connections that ask for tokens: {:.1} sign-ins and {} tokens a second; \
             without sign-ins {} tokens.",
            seen.hashes,
            seen.alone,
            100.0 * seen.alone / seen.hashes,
            seen.beside_tokens,
            grouped(seen.tokens_beside),
            grouped(seen.tokens_alone),
        );
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jar_becomes_a_header() {
        let folder = std::env::temp_dir().join(format!("writ-bench-jar-{}", std::process::id()));
        std::fs::write(
            &folder,
            "# Netscape HTTP Cookie File\n\nlocalhost\tFALSE\t/\tFALSE\t0\ta\t1\n#HttpOnly_localhost\tFALSE\t/\tTRUE\t0\tb\tx.y\n",
        )
        .unwrap();
        assert_eq!(cookies(&folder).unwrap(), "a=1; b=x.y");
        std::fs::remove_file(folder).unwrap();
    }
}

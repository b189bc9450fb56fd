//! `writ user import`: people from another system, with the hashes of their passwords. Each is a request of the management
//! API, as if somebody had made them one by one. Whoever is there already stays as they are, so that an import that broke
//! off is run again.

mod read;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::task::Poll;
use std::time::Duration;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value, json};

use super::named;
use super::user::PATH;
use crate::cli::api::{Api, Output, query, segment};
use crate::cli::show;
use crate::cli::transport::RequestBody;
use read::{Firebase, ImportedPerson};

/// Requests that are on their way at once.
const AT_ONCE: usize = 32;
/// How often a person is tried again while the server has too much to do.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_secs(1);
/// Refusals that are told one by one; a file has them all.
const TOLD: usize = 20;

/// Which people.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ImportArgs {
    /// CSV with a header, JSON, or one JSON object per line; `-`: standard input
    file: PathBuf,
    /// The password hash parameters of a Firebase project, as a JSON file
    #[arg(long, value_name = "FILE")]
    firebase: Option<PathBuf>,
    /// Write everybody who was refused to this file, with the reason, as one JSON object per line
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
}

/// What became of somebody.
enum ImportOutcome {
    Made,
    /// Was there already, and stays as they are.
    Known,
    Refused(String),
}

/// What became of all of them.
#[derive(Default)]
struct ImportTally {
    made: u64,
    known: u64,
    refused: Vec<(usize, String, Map<String, Value>)>,
}

/// Reads a file and makes its people.
pub(super) async fn run(api: &Api, args: &ImportArgs) -> anyhow::Result<()> {
    let text = text_of(&args.file)?;
    let firebase = args.firebase.as_deref().map(firebase).transpose()?;
    let people = read::people(&text, firebase.as_ref()).with_context(|| args.file.display().to_string())?;
    let groups = groups_of(api, &people).await?;
    let bar = bar(people.len() as u64);
    let mut tally = ImportTally::default();
    for few in people.chunks(AT_ONCE) {
        let outcomes = all(few.iter().map(|person| made(api, person, &groups)).collect()).await;
        for (person, outcome) in few.iter().zip(outcomes) {
            match outcome? {
                ImportOutcome::Made => tally.made += 1,
                ImportOutcome::Known => tally.known += 1,
                ImportOutcome::Refused(why) => tally.refused.push((person.line, why, person.shown())),
            }
        }
        bar.inc(few.len() as u64);
    }
    bar.finish_and_clear();
    if let Some(path) = &args.refused {
        keep(path, &tally)?;
    }
    told(api, &tally)
}

fn text_of(file: &Path) -> anyhow::Result<String> {
    if file.as_os_str() == "-" {
        return std::io::read_to_string(std::io::stdin()).context("standard input could not be read");
    }
    std::fs::read_to_string(file).with_context(|| format!("{} could not be read", file.display()))
}

fn firebase(file: &Path) -> anyhow::Result<Firebase> {
    Firebase::parse(&text_of(file)?).with_context(|| file.display().to_string())
}

/// The groups that are named, each with its id. They have to be there.
async fn groups_of(api: &Api, people: &[ImportedPerson]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut known = BTreeMap::new();
    for name in people.iter().flat_map(|person| &person.groups) {
        if !known.contains_key(name) {
            let id = named::group_id(api, name).await?;
            known.insert(name.clone(), id);
        }
    }
    Ok(known)
}

fn bar(people: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(people), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} people, {eta} left")
    {
        bar.set_style(style);
    }
    bar
}

/// Waits for all of them; each begins at once.
async fn all<F: Future>(running: Vec<F>) -> Vec<F::Output> {
    let mut running: Vec<_> = running.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(move |cx| {
        let mut waits = false;
        for (future, done) in running.iter_mut().zip(&mut done) {
            if done.is_none() {
                match future.as_mut().poll(cx) {
                    Poll::Ready(output) => *done = Some(output),
                    Poll::Pending => waits = true,
                }
            }
        }
        if waits { Poll::Pending } else { Poll::Ready(done.drain(..).flatten().collect()) }
    })
    .await
}

/// Makes somebody, or finds them; then what else is known of them.
async fn made(
    api: &Api,
    person: &ImportedPerson,
    groups: &BTreeMap<String, String>,
) -> anyhow::Result<ImportOutcome> {
    let reply = patiently(api, ("POST", PATH), || person.account.clone()).await?;
    let (id, outcome) = match reply {
        Ok(made) => (text(&made, "id"), ImportOutcome::Made),
        Err(RefusedRow { status: 409, why }) => match known(api, person).await? {
            Some(id) => (id, ImportOutcome::Known),
            None => return Ok(ImportOutcome::Refused(why)),
        },
        Err(refusal) => return refusal.of_one(),
    };
    let path = format!("{PATH}/{}", segment(&id)?);
    if !person.claims.is_empty() {
        let claims = format!("{path}/claims");
        // Who was there already may have said something else since.
        let has_none = match outcome {
            ImportOutcome::Made => true,
            _ => api.get(claims.clone()).await?.value.as_object().is_none_or(Map::is_empty),
        };
        if has_none && let Err(refusal) = patiently(api, ("PUT", &claims), || person.claims.clone()).await? {
            return refusal.of_one();
        }
    }
    for id_of_group in person.groups.iter().filter_map(|name| groups.get(name)) {
        let members = format!("/api/v1/groups/{}/members", segment(id_of_group)?);
        let add = || Map::from_iter([("add".to_owned(), json!([id]))]);
        if let Err(refusal) = patiently(api, ("POST", &members), add).await? {
            return refusal.of_one();
        }
    }
    Ok(outcome)
}

/// A request that was refused.
struct RefusedRow {
    status: u16,
    why: String,
}

impl RefusedRow {
    /// What is wrong with one person is told of them; what would be wrong with all ends the import.
    fn of_one(self) -> anyhow::Result<ImportOutcome> {
        match self.status {
            400 | 404 | 409 | 413 | 422 => Ok(ImportOutcome::Refused(self.why)),
            _ => bail!("{}\n      What was imported stays; run the same command again to go on.", self.why),
        }
    }
}

/// Sends something, and again while the server has too much to do.
async fn patiently(
    api: &Api,
    (method, path): (&'static str, &str),
    body: impl Fn() -> Map<String, Value>,
) -> anyhow::Result<Result<Value, RefusedRow>> {
    for _ in 0..TRIES {
        let reply = api.attempt(method, path, RequestBody::Json(Value::Object(body()))).await?;
        match reply {
            Ok(answer) => return Ok(Ok(answer.value)),
            Err((429 | 503, _)) => tokio::time::sleep(PAUSE).await,
            Err((status, why)) => return Ok(Err(RefusedRow { status, why: why.to_string() })),
        }
    }
    bail!("the server has had too much to do for a minute. Run the same command again to go on")
}

/// Whoever has the same username.
async fn known(api: &Api, person: &ImportedPerson) -> anyhow::Result<Option<String>> {
    let username = person.username();
    let answer = api.get(format!("{PATH}{}", query(&[("username", Some(username.to_owned()))]))).await?;
    let found = answer.value.pointer("/users/0");
    let is_same =
        found.is_some_and(|found| text(found, "username").to_lowercase() == username.to_lowercase());
    Ok(found.filter(|_| is_same).map(|found| text(found, "id")))
}

fn text(value: &Value, member: &str) -> String {
    value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Everybody who was refused, without their secrets.
fn keep(path: &Path, tally: &ImportTally) -> anyhow::Result<()> {
    let mut file = std::fs::File::create(path).with_context(|| path.display().to_string())?;
    for (line, why, person) in &tally.refused {
        let row = json!({ "line": line, "reason": why, "person": person });
        writeln!(file, "{row}").with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn told(api: &Api, tally: &ImportTally) -> anyhow::Result<()> {
    let ImportTally { made, known, refused } = tally;
    match api.output {
        Output::Json => {
            let refused: Vec<_> =
                refused.iter().map(|(line, why, _)| json!({ "line": line, "reason": why })).collect();
            let told = json!({ "imported": made, "already_there": known, "refused": refused });
            show::out(&format!("{told}\n"))?;
        }
        Output::People(_) => {
            for (line, why, _) in refused.iter().take(TOLD) {
                eprintln!("line {line}: {why}");
            }
            if refused.len() > TOLD {
                eprintln!("… and {} more; --refused FILE writes all of them to a file", refused.len() - TOLD);
            }
            eprintln!("{made} imported, {known} already there, {} refused", refused.len());
        }
    }
    if refused.is_empty() { Ok(()) } else { bail!("{} people were refused", refused.len()) }
}

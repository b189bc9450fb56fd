//! The management API as commands use it: one request at a time, lists by their pages, and refusals
//! as texts with a next step. Nothing here knows which way a request goes.

use anyhow::{anyhow, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value};

use super::place::Place;
use super::show::{self, Column, Look};
use super::transport::{Asker, Body, Reply, Request, Transport};
use super::usage::Usage;
use writ_core::form::encode_component;
use writ_core::tenant::DEFAULT_SLUG;

/// Rows of a page: the most that the API gives.
const PAGE: usize = 200;

/// An answer that was not a refusal.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// The body as it came.
    pub text: String,
    /// The body, read; `null` where there was none.
    pub value: Value,
}

/// Whether a command prints the API's answer or something for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    Json,
    People(Look),
}

/// How the tenant is named in requests.
#[derive(Debug, Clone)]
enum Tenant {
    /// Not at all: it is the caller's own.
    Own,
    /// By `X-Tenant-ID`.
    Header(String),
    /// By the path: to a credential of that tenant.
    Path(String),
}

/// A page of a list that is asked for.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Pages {
    /// Rows at the most [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Go on behind a list that said where it ended (`next_cursor`)
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

/// A list of the API.
#[derive(Debug, Clone)]
pub(super) struct List<'a> {
    /// Its path, with the query that filters it.
    pub path: String,
    /// The member of the answer that holds the rows.
    pub member: &'a str,
    /// What a table shows of them.
    pub columns: &'a [Column],
}

/// The management API, reached.
pub(super) struct Api {
    transport: Transport,
    tenant: Tenant,
    output: Output,
}

impl Api {
    /// Opens the way, and finds the tenant that commands are about.
    pub(super) async fn open(place: &Place) -> anyhow::Result<Self> {
        let output = if place.json { Output::Json } else { Output::People(Look::of_stdout()) };
        let transport = Transport::open(place).await?;
        let mut api = Self { transport, tenant: Tenant::Own, output };
        if let Some(slug) = &place.tenant
            && let Err(error) = api.enter(slug).await
        {
            api.close().await;
            return Err(error);
        }
        Ok(api)
    }

    /// Lets go of the server.
    pub(super) async fn close(self) {
        self.transport.close().await;
    }

    /// From here on, requests are about this tenant.
    async fn enter(&mut self, slug: &str) -> anyhow::Result<()> {
        let path = format!("/api/v1/tenants/{}", segment(slug)?);
        let reply = self.ask("GET", path, Body::Empty).await?;
        self.tenant = match reply.status {
            200 => {
                let value: Value = serde_json::from_str(&reply.text)?;
                let id = value.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                Tenant::Header(id)
            }
            // No operator: then it is the credential's own tenant, or none of its business.
            403 if slug == DEFAULT_SLUG => Tenant::Own,
            403 => Tenant::Path(slug.to_owned()),
            404 => bail!("there is no tenant {slug}. `writ tenant list` shows those that there are"),
            _ => return Err(self.refused(&reply)),
        };
        Ok(())
    }

    async fn ask(&self, method: &'static str, path: String, body: Body) -> anyhow::Result<Reply> {
        let (path, tenant) = match &self.tenant {
            Tenant::Own => (path, None),
            Tenant::Header(id) => (path, Some(id.clone())),
            Tenant::Path(slug) => (format!("/t/{slug}{path}"), None),
        };
        self.transport.send(Request { method, path, tenant, asker: Asker::Operator, body }).await
    }

    /// A request, as the operator or with the API key.
    ///
    /// # Errors
    /// A refusal, with a next step; no answer.
    pub(super) async fn send(
        &self,
        method: &'static str,
        path: impl Into<String>,
        body: Body,
    ) -> anyhow::Result<Answer> {
        let reply = self.ask(method, path.into(), body).await?;
        self.answered(reply)
    }

    /// A request whose credential is in itself.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub(super) async fn send_as_itself(&self, path: &str, form: String) -> anyhow::Result<Answer> {
        let path = match &self.tenant {
            Tenant::Own | Tenant::Header(_) => path.to_owned(),
            Tenant::Path(slug) => format!("/t/{slug}{path}"),
        };
        let body = Body::Form(form);
        let request = Request { method: "POST", path, tenant: None, asker: Asker::Request, body };
        let reply = self.transport.send(request).await?;
        self.answered(reply)
    }

    pub(super) async fn get(&self, path: impl Into<String>) -> anyhow::Result<Answer> {
        self.send("GET", path, Body::Empty).await
    }

    fn answered(&self, reply: Reply) -> anyhow::Result<Answer> {
        if reply.status >= 300 {
            return Err(self.refused(&reply));
        }
        if reply.text.is_empty() {
            return Ok(Answer { text: String::new(), value: Value::Null });
        }
        match serde_json::from_str(&reply.text) {
            Ok(value) => Ok(Answer { text: reply.text, value }),
            Err(_) => bail!("what answered is not Writ's management API: its answer is no JSON"),
        }
    }

    /// A refusal as the API says it, and what to do next.
    fn refused(&self, reply: &Reply) -> anyhow::Error {
        let value: Value = serde_json::from_str(&reply.text).unwrap_or_default();
        let said = [("/error_description"), "/message", "/error/message", "/detail"]
            .iter()
            .find_map(|at| value.pointer(at)?.as_str())
            .map_or_else(
                || format!("status {}, and no reason that could be read", reply.status),
                str::to_owned,
            );
        let fields = value.pointer("/error/fields").and_then(Value::as_array);
        let fields: Vec<String> = fields
            .into_iter()
            .flatten()
            .filter_map(|one| {
                Some(format!("{}: {}", one.get("field")?.as_str()?, one.get("message")?.as_str()?))
            })
            .collect();
        let said = if fields.is_empty() { said } else { format!("{said}: {}", fields.join("; ")) };
        let is_remote = matches!(self.transport, Transport::Remote(_));
        let next = match (reply.status, &self.tenant) {
            (401, Tenant::Path(slug)) => Some(format!(
                "the API key is not one of the tenant {slug}, nor an operator's (`tenants:read`)"
            )),
            (401, Tenant::Own | Tenant::Header(_)) if is_remote => Some(
                "is it this server's key, whole, and neither revoked nor expired? `writ api-key list` on the \
                 server's own machine shows its keys"
                    .to_owned(),
            ),
            (403, _) if is_remote => Some(
                "take a key that has it: `writ api-key create NAME --permission PERMISSION` by somebody who does"
                    .to_owned(),
            ),
            (429 | 503, _) => Some("try again in a moment".to_owned()),
            (500.., _) => reply.request_id.as_ref().map(|id| format!("the server's log has more, at id {id}")),
            (_, _) => None,
        };
        match next {
            Some(next) => anyhow!("{said}\n      {next}"),
            None => anyhow!("{said}"),
        }
    }

    /// Prints one object: an answer as it came, or a line a member.
    pub(super) fn show(&self, answer: &Answer, first: &[&str]) -> anyhow::Result<()> {
        match self.output {
            Output::Json if answer.text.is_empty() => Ok(()),
            Output::Json => show::out(&format!("{}\n", answer.text)),
            Output::People(look) => show::out(&show::object(&answer.value, first, look)),
        }
    }

    /// Prints a text of the command's own, which `--json` leaves out, where the answer has no body.
    pub(super) fn done(&self, text: &str) {
        match self.output {
            Output::Json => {}
            // Not on standard output: nobody parses it.
            Output::People(_) => eprintln!("{text}"),
        }
    }

    /// Whether the API's own answer is wanted.
    pub(super) fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    /// Reads a list by its pages and prints it. With `--json` a list of one page is the answer as it
    /// came; one of several has the rows of all of them.
    pub(super) async fn list(&self, list: &List<'_>, pages: &Pages) -> anyhow::Result<()> {
        let mut gathered = Gathered::default();
        let mut cursor = pages.cursor.clone();
        loop {
            let page =
                pages.limit.map_or(PAGE, |limit| limit.saturating_sub(gathered.rows.len()).clamp(1, PAGE));
            let answer = self.get(with_page(&list.path, page, cursor.as_deref())).await?;
            cursor = gathered.add(answer, list.member)?;
            let is_enough = pages.limit.is_some_and(|limit| gathered.rows.len() >= limit);
            if cursor.is_none() || is_enough {
                break;
            }
        }
        gathered.finish();
        match self.output {
            Output::Json => show::out(&gathered.json(list.member, cursor.as_deref())?),
            Output::People(look) => {
                show::out(&show::table(&gathered.rows, list.columns, look))?;
                if let Some(cursor) = cursor {
                    eprintln!("There is more: --cursor {cursor}");
                }
                Ok(())
            }
        }
    }

    /// Prints a list that has no pages.
    pub(super) async fn all(&self, list: (&str, &str), columns: &[Column]) -> anyhow::Result<()> {
        let (path, member) = list;
        let answer = self.get(path).await?;
        let mut gathered = Gathered::default();
        gathered.add(answer, member)?;
        match self.output {
            Output::Json => show::out(&gathered.json(member, None)?),
            Output::People(look) => show::out(&show::table(&gathered.rows, columns, look)),
        }
    }
}

/// The pages of a list so far.
#[derive(Default)]
struct Gathered {
    rows: Vec<Value>,
    answers: usize,
    text: String,
    total: Option<u64>,
    progress: Option<ProgressBar>,
}

impl Gathered {
    /// Adds a page and gives the place of the next.
    fn add(&mut self, answer: Answer, member: &str) -> anyhow::Result<Option<String>> {
        let Some(rows) = answer.value.get(member).and_then(Value::as_array) else {
            bail!("what answered is not Writ's management API: its answer has no {member}");
        };
        self.answers += 1;
        self.rows.extend(rows.iter().cloned());
        self.total = answer.value.get("total").and_then(Value::as_u64).or(self.total);
        let cursor = answer.value.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
        let read = rows.len() as u64;
        self.text = answer.text;
        // One page is no long work.
        if cursor.is_some() || self.progress.is_some() {
            self.progress.get_or_insert_with(|| progress(self.total)).inc(read);
        }
        Ok(cursor)
    }

    fn finish(&self) {
        if let Some(progress) = &self.progress {
            progress.finish_and_clear();
        }
    }

    fn json(&self, member: &str, cursor: Option<&str>) -> anyhow::Result<String> {
        if self.answers == 1 {
            return Ok(format!("{}\n", self.text));
        }
        let mut all = Map::new();
        all.insert(member.to_owned(), Value::Array(self.rows.clone()));
        if let Some(total) = self.total {
            all.insert("total".to_owned(), total.into());
        }
        if let Some(cursor) = cursor {
            all.insert("next_cursor".to_owned(), cursor.into());
        }
        Ok(format!("{}\n", serde_json::to_string(&Value::Object(all))?))
    }
}

/// On a terminal alone; elsewhere nothing is drawn.
fn progress(total: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    let template = if total.is_some() { "{bar:40} {pos}/{len} {eta}" } else { "{spinner} {pos}" };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn with_page(path: &str, limit: usize, cursor: Option<&str>) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    let cursor = cursor.map(|cursor| format!("&cursor={}", encode_component(cursor))).unwrap_or_default();
    format!("{path}{separator}limit={limit}{cursor}")
}

/// A text as a segment of a path.
///
/// # Errors
/// What would be another path, however it is written (RFC 3986 §5.2.4).
pub(super) fn segment(text: &str) -> anyhow::Result<String> {
    if matches!(text, "" | "." | "..") {
        return Err(Usage::new(format!("{text:?} names nothing")).into());
    }
    // A form writes a space as +, which means itself in a path.
    Ok(encode_component(text).replace('+', "%20"))
}

/// The members of a JSON body, as far as they were given.
#[derive(Debug, Default)]
pub(super) struct Members(Map<String, Value>);

impl Members {
    /// Adds a member, where it was given.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Adds a list, where it has entries.
    #[must_use]
    pub(super) fn with_list(self, name: &str, entries: &[String]) -> Self {
        let list = (!entries.is_empty()).then(|| entries.to_vec());
        self.with(name, list)
    }

    /// Whether nothing was given.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_body(self) -> Body {
        Body::Json(Value::Object(self.0))
    }

    /// The body of a change, which says what to change.
    pub(super) fn into_change(self) -> anyhow::Result<Body> {
        if self.is_empty() {
            return Err(Usage::new("nothing to change was given; --help shows what can be").into());
        }
        Ok(self.into_body())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_path_leads_nowhere_else() {
        assert_eq!(segment("../tenants?x#y/z a").unwrap(), "..%2Ftenants%3Fx%23y%2Fz%20a");
        assert!(segment("..").is_err() && segment("").is_err());
        assert_eq!(with_page("/a", 5, None), "/a?limit=5");
        assert_eq!(with_page("/a?x=1", 200, Some("a+b")), "/a?x=1&limit=200&cursor=a%2Bb");
    }

    #[test]
    fn one_page_is_the_answer_as_it_came_and_several_have_the_rows_of_all() {
        let page = |text: &str| Answer { text: text.to_owned(), value: serde_json::from_str(text).unwrap() };
        let mut one = Gathered::default();
        assert_eq!(one.add(page(r#"{"total":1, "x":[1]}"#), "x").unwrap(), None);
        assert_eq!(one.json("x", None).unwrap(), "{\"total\":1, \"x\":[1]}\n");
        let mut two = Gathered::default();
        let next = two.add(page(r#"{"x":[1],"total":2,"next_cursor":"c"}"#), "x").unwrap();
        assert_eq!(next.as_deref(), Some("c"));
        assert_eq!(two.add(page(r#"{"x":[2],"total":2}"#), "x").unwrap(), None);
        let all: Value = serde_json::from_str(&two.json("x", None).unwrap()).unwrap();
        assert_eq!(all, serde_json::json!({ "x": [1, 2], "total": 2 }));
        assert!(two.add(page("{}"), "x").is_err());
    }
}

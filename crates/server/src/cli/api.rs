//! The management API as commands use it: one request at a time, and refusals as texts with a next
//! step. Nothing here knows which way a request goes.

use anyhow::{anyhow, bail};
use serde_json::{Map, Value};

use super::place::ConnectFlags;
use super::show::{self, OutputLook};
use super::transport::{ApiReply, ApiRequest, ApiTransport, Asker, RequestBody};
use super::usage::Usage;
use writ_core::form::encode_component;
use writ_core::ids::TenantId;
use writ_core::tenant::DEFAULT_SLUG;

/// An answer that was not a refusal.
#[derive(Debug, Clone)]
pub(super) struct ApiAnswer {
    /// The body as it came.
    pub text: String,
    /// The body, read; `null` where there was none.
    pub value: Value,
}

/// Whether a command prints the API's answer or something for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Json,
    People(OutputLook),
}

/// How the tenant is named in requests.
#[derive(Debug, Clone)]
enum TenantNaming {
    /// Not at all: it is the caller's own.
    Own,
    /// By `X-Tenant-ID`.
    Header(String),
    /// By the path: to a credential of that tenant.
    Path(String),
}

/// The management API, reached.
pub(super) struct Api {
    transport: ApiTransport,
    tenant: TenantNaming,
    pub(super) output: Output,
}

impl Api {
    /// Opens the way, and finds the tenant that commands are about.
    pub(super) async fn open(place: &ConnectFlags) -> anyhow::Result<Self> {
        let output = if place.json { Output::Json } else { Output::People(OutputLook::of_stdout()) };
        let transport = ApiTransport::open(place).await?;
        let mut api = Self { transport, tenant: TenantNaming::Own, output };
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
        if TenantId::parse_uuid(slug).or_else(|| TenantId::parse_prefixed(slug)).is_some() {
            self.tenant = TenantNaming::Header(slug.to_owned());
            return Ok(());
        }
        let path = format!("/api/v1/tenants/{}", segment(slug)?);
        let reply = self.ask("GET", path, RequestBody::Empty).await?;
        self.tenant = match reply.status {
            200 => {
                let value: Value = serde_json::from_str(&reply.text)?;
                let id = value.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                TenantNaming::Header(id)
            }
            // No operator: then it is the credential's own tenant, or none of its business.
            403 if slug == DEFAULT_SLUG => TenantNaming::Own,
            403 => TenantNaming::Path(slug.to_owned()),
            404 => bail!("there is no tenant {slug}. `writ tenant list` shows those that there are"),
            _ => return Err(self.refused(&reply)),
        };
        Ok(())
    }

    async fn ask(&self, method: &'static str, path: String, body: RequestBody) -> anyhow::Result<ApiReply> {
        let (path, tenant) = match &self.tenant {
            TenantNaming::Own => (path, None),
            TenantNaming::Header(id) => (path, Some(id.clone())),
            TenantNaming::Path(slug) => (format!("/t/{slug}{path}"), None),
        };
        self.transport.send(ApiRequest { method, path, tenant, asker: Asker::Operator, body }).await
    }

    /// A request, as the operator or with the API key.
    ///
    /// # Errors
    /// A refusal, with a next step; no answer.
    pub(super) async fn send(
        &self,
        method: &'static str,
        path: impl Into<String>,
        body: RequestBody,
    ) -> anyhow::Result<ApiAnswer> {
        let reply = self.ask(method, path.into(), body).await?;
        self.answered(reply)
    }

    /// A request whose credential is in itself.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub(super) async fn send_as_itself(&self, path: &str, form: String) -> anyhow::Result<ApiAnswer> {
        let path = match &self.tenant {
            TenantNaming::Own | TenantNaming::Header(_) => path.to_owned(),
            TenantNaming::Path(slug) => format!("/t/{slug}{path}"),
        };
        let body = RequestBody::Form(form);
        let request = ApiRequest { method: "POST", path, tenant: None, asker: Asker::Request, body };
        let reply = self.transport.send(request).await?;
        self.answered(reply)
    }

    /// A request whose refusal the command looks at: its status, and what it says.
    ///
    /// # Errors
    /// No answer.
    pub(super) async fn attempt(
        &self,
        method: &'static str,
        path: &str,
        body: RequestBody,
    ) -> anyhow::Result<Result<ApiAnswer, (u16, anyhow::Error)>> {
        let reply = self.ask(method, path.to_owned(), body).await?;
        let status = reply.status;
        if status >= 300 {
            return Ok(Err((status, self.refused(&reply))));
        }
        self.answered(reply).map(Ok)
    }

    pub(super) async fn get(&self, path: impl Into<String>) -> anyhow::Result<ApiAnswer> {
        self.send("GET", path, RequestBody::Empty).await
    }

    /// What is at a path; nothing where nothing is.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub(super) async fn look(&self, path: impl Into<String>) -> anyhow::Result<Option<ApiAnswer>> {
        let reply = self.ask("GET", path.into(), RequestBody::Empty).await?;
        if reply.status == 404 { Ok(None) } else { self.answered(reply).map(Some) }
    }

    fn answered(&self, reply: ApiReply) -> anyhow::Result<ApiAnswer> {
        if reply.status >= 300 {
            return Err(self.refused(&reply));
        }
        if reply.text.is_empty() {
            return Ok(ApiAnswer { text: String::new(), value: Value::Null });
        }
        match serde_json::from_str(&reply.text) {
            Ok(value) => Ok(ApiAnswer { text: reply.text, value }),
            Err(_) => bail!("what answered is not Writ's management API: its answer is no JSON"),
        }
    }

    /// A refusal as the API says it, and what to do next.
    fn refused(&self, reply: &ApiReply) -> anyhow::Error {
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
        let is_remote = matches!(self.transport, ApiTransport::Remote(_));
        let next = match (reply.status, &self.tenant) {
            (401, TenantNaming::Path(slug)) => Some(format!(
                "the API key is not one of the tenant {slug}, nor an operator's (`tenants:read`)"
            )),
            (401, TenantNaming::Own | TenantNaming::Header(_)) if is_remote => Some(
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
    pub(super) fn show(&self, answer: &ApiAnswer, first: &[&str]) -> anyhow::Result<()> {
        match self.output {
            Output::Json if answer.text.is_empty() => Ok(()),
            Output::Json => show::out(&format!("{}\n", answer.text)),
            Output::People(look) => show::out(&show::object(&answer.value, first, look)),
        }
    }

    /// Prints one member of an answer as it is, for a file.
    pub(super) fn page(&self, answer: &ApiAnswer, member: &str) -> anyhow::Result<()> {
        match self.output {
            Output::Json => self.show(answer, &[]),
            Output::People(_) => {
                show::out(answer.value.get(member).and_then(Value::as_str).unwrap_or_default())
            }
        }
    }

    /// Prints what is essential of something that was made or changed, and what was `given`: `show` has the rest.
    pub(super) fn brief(&self, answer: &ApiAnswer, first: &[&str], given: &[String]) -> anyhow::Result<()> {
        let given = given.iter().map(String::as_str).filter(|name| !first.contains(name));
        let names: Vec<&str> = first.iter().copied().chain(given).collect();
        match self.output {
            Output::Json => self.show(answer, first),
            Output::People(look) => show::out(&show::essentials(&answer.value, &names, look)),
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
}

/// The query of the parameters that were given.
pub(super) fn query(parameters: &[(&str, Option<String>)]) -> String {
    let given = parameters.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let all: Vec<_> = given.map(|(name, value)| format!("{name}={}", encode_component(value))).collect();
    if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) }
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
pub(super) struct BodyMembers(Map<String, Value>);

impl BodyMembers {
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

    /// With the members of another.
    #[must_use]
    pub(super) fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// The names of those that were given.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Whether nothing was given.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_body(self) -> RequestBody {
        RequestBody::Json(Value::Object(self.0))
    }

    /// The body of a change, which says what to change.
    pub(super) fn into_change(self) -> anyhow::Result<RequestBody> {
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
    }
}

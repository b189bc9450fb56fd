//! The management API over HTTP: at the socket of a server of this machine, or at an address.

use std::error::Error as _;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use reqwest::{Certificate, Client, ClientBuilder, redirect};

use super::{ApiReply, ApiRequest, Asker, USER_AGENT};
use crate::boot::local::SOCKET_FILE;
use crate::cli::place::{ConnectFlags, SecretInput};
use crate::cli::usage::Usage;
use crate::config::{Config, is_loopback};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_mins(2);

/// A server to ask.
pub(in crate::cli) struct Http {
    client: Client,
    base: String,
    key: Option<SecretInput>,
    place: Where,
}

/// Where a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    /// At its socket, which knows who asks.
    Here,
    /// At an address, where a key says who asks.
    Elsewhere,
}

impl Http {
    /// The socket of the server that runs on the data folder; none: no server runs there.
    pub(super) async fn to_socket(config: &Config) -> anyhow::Result<Option<Self>> {
        let path = config.data_dir.join(SOCKET_FILE);
        match tokio::net::UnixStream::connect(&path).await {
            Ok(_) => {}
            Err(error) => {
                return match error.kind() {
                    ErrorKind::PermissionDenied => Err(anyhow!(
                        "{} is another user's: run the command as that user or as root, or use --server \
                         with an API key",
                        path.display()
                    )),
                    // None, or left by a server that was killed, or a path that is too long for a socket.
                    _ => Ok(None),
                };
            }
        }
        let client = without_tls(builder().unix_socket(path)).build()?;
        Ok(Some(Self { client, base: "http://localhost".to_owned(), key: None, place: Where::Here }))
    }

    /// A server by its address.
    pub(super) fn to_server(server: &str, place: &ConnectFlags) -> anyhow::Result<Self> {
        let base = checked(server)?;
        let key = place.api_key()?;
        let client = match &place.ca_file {
            // Beside those of the machine, or alone where it has none.
            Some(file) => {
                let own = certificates(file)?;
                let merged = builder().tls_certs_merge(own.clone()).build();
                merged.or_else(|_| builder().tls_certs_only(own).build())
            }
            None if base.starts_with("http://") => without_tls(builder()).build(),
            None => builder().build(),
        };
        let client = client.context(
            "this machine trusts no certificate at all: install the package ca-certificates, or name the server's own \
             with --ca-file",
        )?;
        Ok(Self { client, base, key, place: Where::Elsewhere })
    }

    pub(super) async fn send(&self, request: ApiRequest) -> anyhow::Result<ApiReply> {
        let ApiRequest { method, path, tenant, asker, body } = request;
        let method = reqwest::Method::from_bytes(method.as_bytes())?;
        let mut asked = self.client.request(method, format!("{}{path}", self.base));
        match (asker, &self.key) {
            (Asker::Operator, Some(key)) => asked = asked.bearer_auth(key.expose()),
            (Asker::Operator, None) if self.place == Where::Elsewhere => {
                return Err(Usage::new(
                    "--server needs an API key: --api-key-file FILE, or WRIT_API_KEY in the environment. \
                     `writ api-key create` on the server's own machine makes one",
                )
                .into());
            }
            (Asker::Operator, None) | (Asker::Request, _) => {}
        }
        if let Some(tenant) = tenant {
            asked = asked.header("x-tenant-id", tenant);
        }
        if let Some(content_type) = body.content_type() {
            asked = asked.header("content-type", content_type).body(body.into_bytes());
        }
        let answer = asked.send().await.map_err(|error| self.unreached(&error))?;
        let status = answer.status().as_u16();
        if answer.status().is_redirection() {
            let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
            bail!("{} leads to {to}: name the server itself with --server", self.base);
        }
        let request_id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok());
        let request_id = request_id.map(str::to_owned);
        let text = answer.text().await.map_err(|error| self.unreached(&error))?;
        Ok(ApiReply { status, text, request_id })
    }

    /// What kept an answer from coming, and what to do about it.
    fn unreached(&self, error: &reqwest::Error) -> anyhow::Error {
        let base = &self.base;
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(one) = cause {
            causes.push(one.to_string());
            cause = one.source();
        }
        let said = causes.last().cloned().unwrap_or_else(|| error.to_string());
        let all = causes.join(": ");
        let lower = all.to_ascii_lowercase();
        if lower.contains("certificate") || lower.contains("unknownissuer") {
            anyhow!(
                "{base}: its certificate is not trusted here ({said}). If it is your own CA's, name it with \
                 --ca-file; else somebody may be in between"
            )
        } else if lower.contains("dns error") || lower.contains("failed to lookup") {
            anyhow!("{base}: the name has no address ({said}). Look at the spelling of --server")
        } else if lower.contains("refused") {
            anyhow!("{base}: nothing listens there ({said}). Does the server run, and on this port?")
        } else if lower.contains("corrupt message") || lower.contains("invalidcontenttype") {
            anyhow!("{base}: it does not speak TLS there ({said}). Is it http:// or another port?")
        } else if error.is_timeout() {
            anyhow!("{base}: no answer in time. Whether it was done is unknown: look before you repeat it")
        } else {
            anyhow!(
                "{base}: no answer came ({said}). Whether it was done is unknown: look before you repeat it"
            )
        }
    }
}

fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
}

/// Not every machine has certificates of authorities, and where nothing is encrypted none are needed.
fn without_tls(builder: ClientBuilder) -> ClientBuilder {
    builder.tls_certs_only([])
}

fn certificates(file: &Path) -> anyhow::Result<Vec<Certificate>> {
    let shown = file.display();
    let text = std::fs::read(file).with_context(|| format!("--ca-file {shown} cannot be read"))?;
    let found = Certificate::from_pem_bundle(&text)
        .map_err(|error| anyhow!("--ca-file {shown} has no certificates (PEM): {error}"))?;
    if found.is_empty() {
        bail!("--ca-file {shown} has no certificates (PEM)");
    }
    Ok(found)
}

/// https, or http on loopback: an API key never crosses a network in the clear.
fn checked(server: &str) -> anyhow::Result<String> {
    let wrong = |why: &str| anyhow::Error::new(Usage::new(format!("--server {server} {why}")));
    let uri: http::Uri = server.parse().map_err(|_| wrong("is not a URL"))?;
    let host = uri.host().ok_or_else(|| wrong("has no host; it looks like https://id.example.com"))?;
    if uri.query().is_some() || !matches!(uri.path(), "" | "/") {
        return Err(wrong("must have neither path nor query; name a tenant with --tenant"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(wrong("must not carry a user name; the API key goes by --api-key-file"));
    }
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if is_loopback(host) => {}
        Some("http") => {
            return Err(wrong("is plain http on another machine: the API key could be read on the way"));
        }
        Some(_) | None => return Err(wrong("must begin with https://")),
    }
    Ok(server.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://id.example.com", true)]
    #[case("https://id.example.com/", true)]
    #[case("http://localhost:8080", true)]
    #[case("http://[::1]:8080", true)]
    #[case("http://id.example.com", false)]
    #[case("https://id.example.com/t/acme", false)]
    #[case("https://key@id.example.com", false)]
    #[case("https://id.example.com?x", false)]
    #[case("id.example.com", false)]
    #[case("", false)]
    fn servers(#[case] server: &str, #[case] is_good: bool) {
        assert_eq!(checked(server).is_ok(), is_good, "{server}");
    }
}

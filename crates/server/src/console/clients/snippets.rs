//! What an application is written with: a few lines with the real values of a client.

use writ_core::client::{Client, ClientKind, GrantType, RegisteredClient};

use crate::call::words::say;

/// Lines to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snippet {
    /// For what.
    pub title: String,
    /// Its place among the others, for the page.
    pub at: usize,
    /// The lines.
    pub lines: String,
}

/// What fits a client.
pub(super) fn of(found: &RegisteredClient, issuer: &str) -> Vec<Snippet> {
    let RegisteredClient { client, registration } = found;
    let id = &*client.client_id;
    let scope = client.scope.as_str();
    let redirect =
        registration.redirect_uris.first().map_or("https://app.example/callback", |uri| uri.as_str());
    let mut lines = vec![(say("console-use-settings"), settings(client, issuer, redirect))];
    let has = |grant| client.grant_types.contains(grant);
    if has(GrantType::ClientCredentials) {
        let command = format!(
            "curl -u {id}:$CLIENT_SECRET \\\n  -d grant_type=client_credentials \\\n  {issuer}/oauth2/token"
        );
        lines.push(("curl".to_owned(), command));
        let node = format!(
            "const answer = await fetch('{issuer}/oauth2/token', {{\n  method: 'POST',\n  headers: {{ authorization: 'Basic ' + btoa(`{id}:${{process.env.CLIENT_SECRET}}`) }},\n  body: new URLSearchParams({{ grant_type: 'client_credentials' }}),\n}})\nconst {{ access_token }} = await answer.json()"
        );
        lines.push(("Node".to_owned(), node));
    }
    if has(GrantType::AuthorizationCode) {
        let secret = if client.kind.is_confidential() { "process.env.CLIENT_SECRET" } else { "undefined" };
        let node = format!(
            "import * as client from 'openid-client'\n\nconst config = await client.discovery(new URL('{issuer}'), '{id}', {secret})\nconst verifier = client.randomPKCECodeVerifier()\nconst url = client.buildAuthorizationUrl(config, {{\n  redirect_uri: '{redirect}',\n  scope: '{scope}',\n  code_challenge: await client.calculatePKCECodeChallenge(verifier),\n  code_challenge_method: 'S256',\n}})"
        );
        lines.push(("JavaScript".to_owned(), node));
        if client.kind == ClientKind::Web {
            let python = format!(
                "oauth.register(\n    \"writ\",\n    server_metadata_url=\"{issuer}/.well-known/openid-configuration\",\n    client_id=\"{id}\",\n    client_secret=os.environ[\"CLIENT_SECRET\"],\n    client_kwargs={{\"scope\": \"{scope}\", \"code_challenge_method\": \"S256\"}},\n)"
            );
            lines.push(("Python".to_owned(), python));
        }
    }
    if has(GrantType::DeviceCode) {
        let command = format!(
            "curl -d client_id={id} \\\n  -d 'scope={scope}' \\\n  {issuer}/oauth2/device_authorization"
        );
        lines.push(("curl".to_owned(), command));
    }
    lines.into_iter().enumerate().map(|(at, (title, lines))| Snippet { title, at: at + 1, lines }).collect()
}

/// What every library asks for.
fn settings(client: &Client, issuer: &str, redirect: &str) -> String {
    let mut lines = format!("ISSUER={issuer}\nCLIENT_ID={}\n", client.client_id);
    if client.kind.is_confidential() {
        lines.push_str("CLIENT_SECRET=…\n");
    }
    if client.grant_types.contains(GrantType::AuthorizationCode) {
        lines.extend(["REDIRECT_URI=", redirect, "\n"]);
    }
    lines.extend(["SCOPE=", client.scope.as_str()]);
    lines
}

//! The management API as a bench needs it: curl with the first API key.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::server::{Server, Site};
use crate::sh;

/// Where the server has something.
pub fn url(server: &Server, path: &str) -> String {
    format!("http://{}{path}", server.address)
}

/// What curl prints.
pub fn curl(arguments: &[&str]) -> Result<String> {
    sh::output_of(Command::new("curl").args(["--silent", "--show-error", "--max-time", "20"]).args(arguments))
}

/// A request with a JSON body; an answer that is no success is an error.
pub fn send(site: &Site, server: &Server, request: (&str, &str, &Value)) -> Result<Value> {
    let (method, path, body) = request;
    let body = body.to_string();
    asked(site, server, (method, path), &["--header", "Content-Type: application/json", "--data", &body])
}

/// A read; an answer that is no success is an error.
pub fn get(site: &Site, server: &Server, path: &str) -> Result<Value> {
    asked(site, server, ("GET", path), &[])
}

fn asked(site: &Site, server: &Server, request: (&str, &str), more: &[&str]) -> Result<Value> {
    let (method, path) = request;
    let bearer = format!("Authorization: Bearer {}", site.api_key()?);
    let target = url(server, path);
    let mut arguments = vec!["--fail-with-body", "--request", method, "--header", &bearer];
    arguments.extend(more);
    arguments.push(&target);
    let text = curl(&arguments)?;
    serde_json::from_str(&text).with_context(|| format!("{method} {path} answered {text}"))
}

/// A text of an object.
pub fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in {value}"))
}

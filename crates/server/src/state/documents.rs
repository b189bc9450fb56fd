//! Documents that describe clients, at the addresses that are their ids.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};
use writ_core::client::{ClientPatch, RegisteredClient};

use crate::state::fetched::FetchedDocument;

/// How what a document says becomes what is decided on: the names are those of a registration, whose room stands on a
/// higher floor.
pub type DocumentWords = fn(Map<String, Value>, Option<&RegisteredClient>) -> ClientPatch;

/// A document, as it was fetched.
#[derive(Debug)]
pub(crate) struct ClientDocument {
    /// Its members.
    pub members: Map<String, Value>,
    /// Whether the client is what it says, as far as this node has seen to it.
    settled: AtomicBool,
}

impl ClientDocument {
    /// Whether the client was made what it says.
    pub fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }

    /// The client is what it says from now on.
    pub fn settle(&self) {
        self.settled.store(true, Ordering::Release);
    }
}

impl FetchedDocument for ClientDocument {
    const WHAT: &'static str = "the document of a client";
    const ACCEPT: &'static str = "application/json";
    // draft-ietf-oauth-client-id-metadata-document-01 recommends 5 KiB; keys and translations take more.
    const BYTES: usize = 16 * 1024;

    fn read(body: &str) -> Result<Self, String> {
        match serde_json::from_str(body) {
            Ok(Value::Object(members)) => Ok(Self { members, settled: AtomicBool::new(false) }),
            Ok(_) => Err("the answer is no JSON object".to_owned()),
            Err(error) => Err(format!("the answer is no JSON: {error}")),
        }
    }

    /// `application/json`, or `application/` something `+json`.
    fn takes(media_type: Option<&str>) -> bool {
        let essence = media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        let of_application = essence.strip_prefix("application/").unwrap_or_default();
        of_application == "json" || of_application.strip_suffix("+json").is_some_and(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// draft-ietf-oauth-client-id-metadata-document-01 §4.1.
    #[test]
    fn a_document_is_a_json_object_and_says_to_be_json() {
        for good in ["application/json", "application/json; charset=utf-8", "APPLICATION/client+JSON"] {
            assert!(ClientDocument::takes(Some(good)), "{good}");
        }
        for bad in
            ["", "text/html", "text/json", "application/jsonp", "application/+json", "application/x-json"]
        {
            assert!(!ClientDocument::takes(Some(bad)), "{bad}");
        }
        assert!(!ClientDocument::takes(None));
        for bad in ["", "[]", "null", "<html>", "{", r#""{}""#] {
            assert!(ClientDocument::read(bad).is_err(), "{bad}");
        }
        let read = ClientDocument::read(r#"{"client_id":"https://a.example/c"}"#).unwrap();
        assert!(!read.is_settled());
        read.settle();
        assert!(read.is_settled());
    }
}

//! What copies something on a page, where scripts run.

use askama::Template;
use askama::filters::HtmlSafe;

/// A button that copies.
#[derive(Debug, Clone, Copy, Template)]
#[template(path = "parts/copy.html")]
pub(crate) struct CopyButton {
    /// The id of what is copied: its lines, where it is a list.
    from: &'static str,
    /// The id of its words.
    words: &'static str,
}

impl HtmlSafe for CopyButton {}

impl CopyButton {
    /// Recovery codes.
    pub(crate) const CODES: Self = Self { from: "codes", words: "copy-codes" };
    /// The key of an authenticator app.
    pub(crate) const KEY: Self = Self { from: "key", words: "copy-key" };
    /// The id of a request, for whoever helps.
    pub(crate) const REQUEST: Self = Self { from: "request", words: "copy" };
    /// A secret that is shown once.
    pub(crate) const SECRET: Self = Self { from: "secret", words: "copy" };
    /// The public id of a client.
    pub(crate) const CLIENT_ID: Self = Self { from: "client-id", words: "copy" };
    /// A command.
    pub(crate) const COMMAND: Self = Self { from: "command", words: "copy" };
}

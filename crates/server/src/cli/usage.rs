//! A command line that does not say enough, or says too much: exit code 2, as for an unknown flag.

/// What is wrong with the command line; the text says what to write instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(String);

impl Usage {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

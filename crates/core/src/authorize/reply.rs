//! Where and how the answer to an authorization request goes.

use crate::error::OAuthError;
use crate::form::write_pair;

/// How the answer's parameters travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// Every response mode.
    pub const ALL: [Self; 2] = [Self::Query, Self::FormPost];

    /// The value of `response_mode`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }

    /// Finds a response mode by name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// Where the answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyTo {
    /// The redirect URI as it was presented, with the port that a native application chose.
    pub redirect_uri: Box<str>,
    /// How.
    pub mode: ResponseMode,
    /// What the client gets back word for word.
    pub state: Option<Box<str>>,
}

/// An answer: its parameters, and where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Where.
    pub to: ReplyTo,
    /// The parameters, `state` and `iss` among them.
    pub parameters: Vec<(&'static str, Box<str>)>,
}

impl Answered {
    /// An answer with these parameters, and what every answer carries (RFC 9207).
    pub(super) fn new(to: &ReplyTo, mut parameters: Vec<(&'static str, Box<str>)>, issuer: &str) -> Self {
        if let Some(state) = &to.state {
            parameters.push(("state", state.clone()));
        }
        parameters.push(("iss", issuer.into()));
        Self { to: to.clone(), parameters }
    }

    /// The address that the browser is sent to where the parameters travel in its query.
    pub fn location(&self) -> String {
        let uri = &*self.to.redirect_uri;
        let mut location = String::with_capacity(uri.len() + 256);
        location.push_str(uri);
        let mut separator = match uri.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        for (name, value) in &self.parameters {
            location.push_str(separator);
            write_pair(name, value, &mut location);
            separator = "&";
        }
        location
    }
}

/// The answer that says no (RFC 6749 §4.1.2.1).
pub fn refused(to: &ReplyTo, error: &OAuthError, issuer: &str) -> Answered {
    let parameters = vec![
        ("error", Box::from(error.code().wire())),
        ("error_description", error.public().replace(['"', '\\'], "'").into()),
    ];
    Answered::new(to, parameters, issuer)
}

//! Where and how the answer to an authorization request goes.

use super::front::FrontTokens;
use crate::client::ResponseType;
use crate::error::{OAuthError, Why};
use crate::form::write_pair;
use crate::time::{Micros, Seconds};
use writ_jose::JsonObject;

/// Where the answer's parameters stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Carrier {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// In its fragment, which the browser keeps to itself (OAuth 2.0 Multiple Response Type Encoding Practices §2.1).
    Fragment,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// Whether the answer's parameters are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wrapping {
    /// They stand for themselves.
    #[default]
    None,
    /// They are the claims of a JWT (JWT Secured Authorization Response Mode §2).
    Jwt,
}

/// How the answer's parameters travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResponseMode {
    /// Where they stand.
    pub carrier: Carrier,
    /// Whether they are signed.
    pub wrapping: Wrapping,
}

impl ResponseMode {
    /// Every response mode.
    pub const ALL: [Self; 6] = [
        Self { carrier: Carrier::Query, wrapping: Wrapping::None },
        Self { carrier: Carrier::Fragment, wrapping: Wrapping::None },
        Self { carrier: Carrier::FormPost, wrapping: Wrapping::None },
        Self { carrier: Carrier::Query, wrapping: Wrapping::Jwt },
        Self { carrier: Carrier::Fragment, wrapping: Wrapping::Jwt },
        Self { carrier: Carrier::FormPost, wrapping: Wrapping::Jwt },
    ];

    /// The value of `response_mode`.
    pub const fn name(self) -> &'static str {
        match (self.carrier, self.wrapping) {
            (Carrier::Query, Wrapping::None) => "query",
            (Carrier::Fragment, Wrapping::None) => "fragment",
            (Carrier::FormPost, Wrapping::None) => "form_post",
            (Carrier::Query, Wrapping::Jwt) => "query.jwt",
            (Carrier::Fragment, Wrapping::Jwt) => "fragment.jwt",
            (Carrier::FormPost, Wrapping::Jwt) => "form_post.jwt",
        }
    }

    /// Finds a response mode by name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// The usual one of a response type (Multiple Response Types §2.1, §3, §5).
    pub const fn usual(of: ResponseType) -> Self {
        let carrier = if of.has_any_token() { Carrier::Fragment } else { Carrier::Query };
        Self { carrier, wrapping: Wrapping::None }
    }

    /// What a request wants: the usual one where it does not say, and `jwt` is the usual one, signed (JARM §2.3.4).
    pub fn wanted(sent: Option<&str>, of: ResponseType) -> Option<Self> {
        let usual = Self::usual(of);
        match sent {
            None => Some(usual),
            Some("jwt") => Some(Self { wrapping: Wrapping::Jwt, ..usual }),
            Some(name) => Self::by_name(name),
        }
    }

    /// Whether an answer of this type may go so: what has a token in it is kept from servers and their logs (Multiple
    /// Response Types §3, JARM §2.3.1).
    pub fn may_carry(self, answer: ResponseType) -> bool {
        self.carrier != Carrier::Query || !answer.has_any_token()
    }
}

/// How long a signed answer is good: JARM §2.1 recommends no more.
const SIGNED_LIFETIME: Seconds = Seconds(600);

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
    /// What `error_description` says, until it is put into words.
    pub why: Option<Why>,
    /// The tokens that go with it, as long as nobody has signed them; most answers have none.
    pub front: Option<Box<FrontTokens>>,
}

impl Answered {
    /// An answer with these parameters, and what every answer carries (RFC 9207).
    pub(super) fn new(to: &ReplyTo, mut parameters: Vec<(&'static str, Box<str>)>, issuer: &str) -> Self {
        if let Some(state) = &to.state {
            parameters.push(("state", state.clone()));
        }
        parameters.push(("iss", issuer.into()));
        Self { to: to.clone(), parameters, why: None, front: None }
    }

    /// The same answer with what it says in words, behind `error`.
    #[must_use]
    pub fn worded(mut self, words: impl FnOnce(&Why) -> String) -> Self {
        if let Some(why) = self.why.take() {
            let text = words(&why).replace(['"', '\\'], "'").into();
            let at = self.parameters.iter().position(|(name, _)| *name == "error").map_or(0, |at| at + 1);
            self.parameters.insert(at, ("error_description", text));
        }
        self
    }

    /// The claims of the JWT that the parameters become (JARM §2.1).
    pub fn claims(&self, client_id: &str, now: Micros) -> String {
        let mut json = JsonObject::with_capacity(512);
        json.string("aud", client_id);
        json.number("exp", now.plus(SIGNED_LIFETIME).as_secs());
        for (name, value) in &self.parameters {
            json.string(name, value);
        }
        json.finish()
    }

    /// The same answer with its parameters in a JWT.
    #[must_use]
    pub fn signed(self, jwt: String) -> Self {
        Self { parameters: vec![("response", jwt.into())], ..self }
    }

    /// The address that the browser is sent to where the parameters are a part of it.
    pub fn location(&self) -> String {
        let uri = &*self.to.redirect_uri;
        let mut location = String::with_capacity(uri.len() + 256);
        location.push_str(uri);
        let mut separator = match (self.to.mode.carrier, uri.split_once('?')) {
            // A redirect URI has no fragment of its own.
            (Carrier::Fragment, _) => "#",
            (Carrier::Query | Carrier::FormPost, None) => "?",
            (Carrier::Query | Carrier::FormPost, Some((_, ""))) => "",
            (Carrier::Query | Carrier::FormPost, Some(_)) => "&",
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
    let parameters = vec![("error", Box::from(error.code().wire()))];
    Answered { why: Some(error.why().clone()), ..Answered::new(to, parameters, issuer) }
}
